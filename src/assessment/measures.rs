//! What stands in place, what is committed, what is open.

use super::evaluate::{Quantifier, Reason, Truth, Verdict, paths};
use super::facts::Facts;
use crate::model::{DeclaredMeasure, Deployment, Measure, Origin, Record};
use jiff::civil::Date;

/// The printed status of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    InPlace,
    Partly,
    Planned,
    /// Not in place, and nobody has said what is to become of it.
    NotInPlace,
    Open,
    Rejected,
    /// Does not exist at the as-of date.
    NotAvailable,
}

impl Status {
    /// The word used in files and JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::InPlace => "in-place",
            Self::Partly => "partly",
            Self::Planned => "planned",
            Self::NotInPlace => "not-in-place",
            Self::Open => "open",
            Self::Rejected => "rejected",
            Self::NotAvailable => "not-available",
        }
    }
}

/// A measure as it stands for one finding.
#[derive(Clone, Debug)]
pub struct Standing {
    pub id: String,
    pub status: Status,
    /// Whether it exists at all on the as-of date.
    pub available: Truth,
    /// Whether it is in place: `Open` where facts could still show it.
    pub in_place: Truth,
    /// Promised with owner and date; counts for the expected level as far as the measure is available.
    pub committed: bool,
    pub declared: Option<DeclaredMeasure>,
    pub reasons: Vec<Reason>,
    /// The facts do not show what the description declares.
    pub contradicted: bool,
    /// Its due date has passed.
    pub overdue: bool,
}

/// When a commitment counts.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    pub as_of: Date,
    pub start: Option<Date>,
    pub review: Option<Date>,
}

/// How a measure stands, for one record where the risk has one finding per record.
pub fn standing(
    measure: &Measure,
    finding: &str,
    facts: &Facts<'_>,
    record: Option<&Record>,
    deployment: &Deployment,
    timing: Timing,
) -> Standing {
    let mine = |d: &&DeclaredMeasure| {
        d.id == measure.id
            && d.finding.as_deref().is_none_or(|f| f == finding)
            && d.record.as_deref().is_none_or(|key| record.is_some_and(|r| r.key == key))
    };
    // A declaration for this very finding counts before a general one.
    let declared = deployment.prose.measure.iter().filter(mine).max_by_key(|d| (d.finding.is_some(), d.record.is_some())).cloned();
    let word = declared.as_ref().and_then(|d| d.status.as_deref());
    let exists = match measure.available.as_slice() {
        [] => Verdict { truth: Truth::Yes, reasons: Vec::new() },
        conditions => paths(conditions, facts, record, Quantifier::Any),
    };
    let (in_place, mut reasons) = if exists.truth == Truth::No {
        (Truth::No, exists.reasons)
    } else {
        let shown = match measure.in_place.as_slice() {
            [] => Verdict { truth: if word == Some("in-place") { Truth::Yes } else { Truth::No }, reasons: Vec::new() },
            conditions => paths(conditions, facts, record, Quantifier::Every),
        };
        // What may not exist is in place for certain nowhere.
        let doubt = if exists.truth == Truth::Open && shown.truth != Truth::No { exists.reasons } else { Vec::new() };
        (shown.truth.min(exists.truth), shown.reasons.into_iter().chain(doubt).collect())
    };
    let available = exists.truth;
    let partly = in_place == Truth::No
        && available != Truth::No
        && !measure.in_place.is_empty()
        && paths(&measure.in_place, facts, record, Quantifier::Any).truth == Truth::Yes;
    let status = match (in_place, word) {
        _ if available == Truth::No => Status::NotAvailable,
        (Truth::Yes, _) => Status::InPlace,
        (_, Some("rejected")) => Status::Rejected,
        (_, Some("planned")) => Status::Planned,
        (_, Some("partly")) => Status::Partly,
        (_, _) if partly => Status::Partly,
        (Truth::Open, _) => Status::Open,
        (Truth::No, Some("open") | None) if measure.in_place.is_empty() => Status::Open,
        (Truth::No, _) => Status::NotInPlace,
    };
    if status == Status::Open {
        reasons.retain(|r| r.holds == Truth::Open);
    }
    let overdue = status == Status::Planned && declared.as_ref().and_then(|d| d.due).is_some_and(|d| d < timing.as_of);
    // A setting that does not reach a platform in use cannot be carried out there.
    let reachable = reasons.iter().all(|r| r.holds != Truth::No || !matches!(r.origin, Origin::OutOfReach { .. }));
    Standing {
        id: measure.id.clone(),
        committed: status == Status::Planned && !overdue && reachable && declared.as_ref().is_some_and(|d| commits(d, timing)),
        contradicted: word == Some("in-place") && in_place != Truth::Yes,
        available,
        overdue,
        status,
        in_place,
        declared,
        reasons,
    }
}

/// A commitment has an owner and a due date, and people are not exposed before it is carried out.
fn commits(declared: &DeclaredMeasure, timing: Timing) -> bool {
    let (Some(_), Some(due)) = (declared.owner.as_ref().filter(|o| !o.trim().is_empty()), declared.due) else { return false };
    if declared.off_until_done == Some(true) {
        return true;
    }
    match timing.start {
        // Not started yet: the measure must come first.
        Some(start) if start > timing.as_of => due <= start,
        // Already running: it must come before the assessment is looked at again.
        _ => timing.review.is_none_or(|review| due <= review),
    }
}
