//! What files and descriptions say against each other, and files that are too old to count.

use super::facts::{Facts, State, Why};
use super::reconcile::{Candidate, FRESH_DAYS, Freshness, freshness};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Deployment, FactKind, Origin, Scope, Value};

/// Several values for one part of one fact.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// Id of the fact, or `<list>.<field>`.
    pub fact: String,
    pub scope: Scope,
    /// Key of the record, where the fact is a field of one.
    pub record: Option<String>,
    /// The first counts, where it is decided.
    pub candidates: Vec<Candidate>,
    pub decided: bool,
}

/// All facts with several values, decided or not.
pub(super) fn contradictions(facts: &Facts<'_>) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for def in facts.vocabulary.facts.values() {
        // Vendor rows that contradict each other are candidates, too.
        if matches!(def.kind, FactKind::Derived { .. }) {
            continue;
        }
        let fact = facts.get(&def.id);
        for cell in &fact.cells {
            let (candidates, decided) = match &cell.state {
                State::Open { candidates, why: Why::Conflict } => (candidates.iter().chain(&cell.others).cloned().collect(), false),
                State::Known { value, origin } if !cell.others.is_empty() => {
                    let mut all = vec![(value.clone(), origin.clone())];
                    all.extend(cell.others.iter().cloned());
                    (all, true)
                }
                State::Open { candidates, why: Why::Several } if !cell.others.is_empty() => {
                    (candidates.iter().chain(&cell.others).cloned().collect::<Vec<_>>(), false)
                }
                _ => continue,
            };
            let same = |c: &&Contradiction| c.fact == def.id && c.candidates == candidates;
            if !found.iter().any(|c| same(&c)) {
                found.push(Contradiction { fact: def.id.clone(), scope: cell.scope.clone(), record: None, candidates, decided });
            }
        }
        found.extend(fact.disputes.iter().map(|d| Contradiction {
            fact: format!("{}.{}", def.id, d.field),
            scope: Scope::default(),
            record: Some(d.record.clone()),
            candidates: d.candidates.clone(),
            decided: d.decided,
        }));
    }
    found
}

pub(super) fn diagnostics(deployment: &Deployment, facts: &Facts<'_>, contradictions: &[Contradiction]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for file in &deployment.evidence {
        let Some(place) = file.place.as_ref().filter(|_| !file.lasting && file.kind.is_some()) else { continue };
        match freshness(file, facts.as_of) {
            Freshness::Fresh => {}
            Freshness::Undated => found.push(
                Diagnostic::warning("evidence-undated", format!("nobody says of what day `{}` is", file.file))
                    .at(place, "add `as-of`, the day of the export")
                    .help("until then it supports what the description states, and settles nothing"),
            ),
            Freshness::Stale => found.push(
                Diagnostic::warning(
                    "evidence-stale",
                    format!("`{}` is of {}, more than {FRESH_DAYS} days from the assessment's date", file.file, date(file.as_of)),
                )
                .at(place, format!("the assessment is of {}", facts.as_of))
                .help("export it again; until then it supports what the description states, and settles nothing"),
            ),
        }
    }
    for contradiction in contradictions {
        // Rows of the catalogue that disagree are no fault of the description.
        let from_catalogue = |o: &Origin| matches!(o, Origin::Vendor { .. });
        if contradiction.candidates.iter().any(|(_, o)| from_catalogue(o)) {
            continue;
        }
        if let Some((_, Origin::Resolved(_))) = contradiction.candidates.first() {
            continue;
        }
        let name = match &contradiction.record {
            Some(record) => format!("`{}` of `{record}`", contradiction.fact),
            None => format!("`{}`", contradiction.fact),
        };
        let mut diagnostic = if contradiction.decided {
            Diagnostic::warning("evidence-contradicts", format!("the evidence shows {name} otherwise than it is stated"))
                .help("the evidence counts; correct the description, or write a [[resolution]] that says who looked, when and how")
        } else {
            Diagnostic::warning("evidence-conflict", format!("several values are possible for {name}"))
                .help("the worse one counts until a [[resolution]] says who looked, when and how")
        };
        for (index, (value, origin)) in contradiction.candidates.iter().enumerate() {
            if let Some(place) = place(origin) {
                let counts = if index == 0 && contradiction.decided { " (counts)" } else { "" };
                diagnostic = diagnostic.at(place, format!("{}{counts}", value.to_json()));
            }
        }
        found.push(diagnostic);
    }
    found.extend(idle(deployment, facts, contradictions));
    found
}

/// Resolutions that decide nothing.
fn idle(deployment: &Deployment, facts: &Facts<'_>, contradictions: &[Contradiction]) -> Vec<Diagnostic> {
    // A record that does not exist is reported as such.
    let exists = |r: &crate::model::Resolution| {
        let Some((record, (list, _))) = r.record.as_ref().zip(r.fact.split_once('.')) else { return true };
        matches!(facts.get(list).single(), Some(Value::Records(all)) if all.iter().any(|x| x.key == *record))
    };
    let decides = |r: &crate::model::Resolution| {
        contradictions.iter().any(|c| {
            c.fact == r.fact && c.record == r.record && c.candidates.iter().any(|(_, o)| matches!(o, Origin::Resolved(p) if *p == r.place))
        })
    };
    deployment
        .resolutions
        .iter()
        .filter(|r| !decides(r) && exists(r))
        .map(|r| {
            Diagnostic::warning("resolution-idle", format!("nothing contradicts the value of `{}`", r.fact))
                .at(&r.place, "decides nothing")
                .help("state the fact in its area, and delete the [[resolution]]")
        })
        .collect()
}

fn place(origin: &Origin) -> Option<&Place> {
    match origin {
        Origin::Declared(place) | Origin::Observed(place) | Origin::Resolved(place) | Origin::Default { place, .. } => Some(place),
        Origin::OutOfReach { place, .. } => place.as_ref(),
        Origin::Vendor { .. } | Origin::Derived | Origin::Nobody => None,
    }
}

fn date(date: Option<jiff::civil::Date>) -> String {
    date.map(|d| d.to_string()).unwrap_or_default()
}
