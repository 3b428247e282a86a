//! How well the facts that decide are supported: shown by files, stated by people, left at Microsoft's default, or open.

use super::facts::{Facts, State};
use super::findings::{Excluded, Finding};
use super::questions::every_reason;
use crate::catalog::Catalog;
use crate::model::Origin;
use std::collections::BTreeSet;

/// How a fact is supported; the weakest of its values counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    Shown,
    Stated,
    Default,
    Open,
}

impl Support {
    /// From best to worst.
    pub const ALL: [Self; 4] = [Self::Shown, Self::Stated, Self::Default, Self::Open];

    /// The word used in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Stated => "stated",
            Self::Default => "default",
            Self::Open => "open",
        }
    }
}

/// The facts on which the results of an assessment rest, by area.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Id of the area, and the number of facts by support, in the order of [`Support::ALL`]. Areas without facts are left out.
    pub areas: Vec<(String, [usize; 4])>,
    /// The facts themselves.
    pub facts: Vec<(String, Support)>,
}

impl Coverage {
    /// Numbers over all areas.
    pub fn total(&self) -> [usize; 4] {
        self.areas.iter().fold([0; 4], |sum, (_, counts)| std::array::from_fn(|i| sum[i] + counts[i]))
    }
}

pub(super) fn coverage(catalog: &Catalog, facts: &Facts<'_>, findings: &[Finding], excluded: &[Excluded]) -> Coverage {
    let of_excluded = excluded.iter().flat_map(|e| e.reasons.iter().chain(e.finding.as_deref().into_iter().flat_map(every_reason)));
    let asked: BTreeSet<&str> = findings
        .iter()
        .flat_map(every_reason)
        .chain(of_excluded)
        .map(|r| r.fact.as_str())
        .filter(|id| catalog.vocabulary.get(id).is_some_and(|d| d.is_asked()))
        .collect();
    let supported: Vec<(String, Support)> = asked.into_iter().map(|id| (id.to_owned(), support(facts, id))).collect();
    let areas = catalog.taxonomy.get("fact-areas").map(Vec::as_slice).unwrap_or_default();
    let counted = areas.iter().filter_map(|area| {
        let mine = |id: &str| area.areas.iter().any(|a| Some(a.as_str()) == id.split('.').next());
        let mut counts = [0; 4];
        for (_, support) in supported.iter().filter(|(id, _)| mine(id)) {
            counts[*support as usize] += 1;
        }
        (counts != [0; 4]).then(|| (area.id.clone(), counts))
    });
    Coverage { areas: counted.collect(), facts: supported }
}

fn support(facts: &Facts<'_>, id: &str) -> Support {
    let fact = facts.get(id);
    let of_cell = |state: &State| match state {
        State::Open { .. } => Support::Open,
        State::Known { origin, .. } => match origin {
            Origin::Observed(_) => Support::Shown,
            Origin::Default { .. } | Origin::OutOfReach { .. } => Support::Default,
            _ => Support::Stated,
        },
    };
    let worst = fact.cells.iter().map(|c| of_cell(&c.state)).max().unwrap_or(Support::Open);
    if fact.incomplete { Support::Open } else { worst }
}
