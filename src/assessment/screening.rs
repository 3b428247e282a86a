//! Whether a DPIA is required, and by which criterion, list and fact.

use super::evaluate::{Quantifier, Reason, Truth, paths};
use super::facts::Facts;
use crate::catalog::Catalog;
use crate::model::{Condition, Deployment};

/// What the lists say together.
#[derive(Clone, Debug)]
pub struct Screening {
    pub verdict: Screened,
    /// The lists for this country and kind of organisation, in order of their ids.
    pub lists: Vec<ScreenedList>,
}

/// The order makes `max` the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Screened {
    /// No list points to a DPIA on the facts as stated.
    NotShown,
    Recommended,
    /// Facts that are open could make it required.
    Open,
    Required,
}

impl Screened {
    /// The word used in JSON and in locale keys.
    pub fn id(self) -> &'static str {
        match self {
            Self::NotShown => "not-shown",
            Self::Recommended => "recommended",
            Self::Open => "open",
            Self::Required => "required",
        }
    }
}

/// One list on the facts of a deployment.
#[derive(Clone, Debug)]
pub struct ScreenedList {
    pub id: String,
    pub verdict: Screened,
    pub items: Vec<ScreenedItem>,
}

#[derive(Clone, Debug)]
pub struct ScreenedItem {
    pub number: String,
    /// `None`: no fact decides; people have to judge.
    pub truth: Option<Truth>,
    pub reasons: Vec<Reason>,
}

/// Whether an entry that names countries is for this one.
pub(super) fn for_country(countries: &[String], country: &str) -> bool {
    countries.is_empty() || countries.iter().any(|c| c == country)
}

/// Conditions of an entry of a register: without any, it always holds.
pub(super) fn entry_holds(when: &[Condition], facts: &Facts<'_>) -> (Truth, Vec<Reason>) {
    if when.is_empty() {
        return (Truth::Yes, Vec::new());
    }
    let verdict = paths(when, facts, None, Quantifier::Any);
    (verdict.truth, verdict.reasons)
}

pub(super) fn screen(catalog: &Catalog, deployment: &Deployment, facts: &Facts<'_>) -> Screening {
    let country = deployment.prose.organisation.country.as_str();
    let mut lists = Vec::new();
    for list in catalog.lists.values().filter(|l| for_country(&l.countries, country)) {
        let (is_for, _) = entry_holds(&list.when, facts);
        if is_for == Truth::No {
            continue;
        }
        let items: Vec<ScreenedItem> = list
            .items
            .iter()
            .map(|item| {
                let verdict = paths(&item.when, facts, None, Quantifier::Any);
                let truth = (!item.when.is_empty()).then_some(verdict.truth);
                ScreenedItem { number: item.number.clone(), truth, reasons: verdict.reasons }
            })
            .collect();
        let count = |truth: Truth| items.iter().filter(|i| i.truth == Some(truth)).count();
        let (fit, open) = (count(Truth::Yes), count(Truth::Open));
        let verdict = if fit >= list.required_from {
            Screened::Required
        } else if fit + open >= list.required_from {
            Screened::Open
        } else if list.recommended_from.is_some_and(|from| fit >= from) {
            Screened::Recommended
        } else {
            Screened::NotShown
        };
        // Whether the list is for this organisation at all is open: it cannot say more than that.
        let verdict = if is_for == Truth::Open && verdict == Screened::Required { Screened::Open } else { verdict };
        lists.push(ScreenedList { id: list.id.clone(), verdict, items });
    }
    Screening { verdict: lists.iter().map(|l| l.verdict).max().unwrap_or(Screened::NotShown), lists }
}
