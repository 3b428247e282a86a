//! The outcome: what is proposed and why, and what was decided.

use super::completeness::{RuleState, Ruling};
use super::findings::{Finding, FindingState};
use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::model::{CellTag, Decision, Deployment, Level, Method};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What the assessment proposes. The order is that of the questions: the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposal {
    Rejected,
    Consultation,
    Draft,
    Conditional,
    Approved,
}

impl Proposal {
    /// The word used in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Consultation => "consultation",
            Self::Draft => "draft",
            Self::Conditional => "conditional",
            Self::Approved => "approved",
        }
    }
}

/// One reason for the proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutcomeReason {
    RejectedByUser,
    /// The finding stays at or above the consultation level with all committed measures.
    StaysHigh(String),
    /// No examined options are given for a risk that stays high.
    OptionsMissing(String),
    NationalLaw,
    /// An open finding could reach the consultation level.
    CouldReach(String),
    NotConfirmed(Vec<String>),
    /// Mandatory rules without an answer.
    Incomplete(Vec<String>),
    /// A level rests on a matrix cell that is not verified.
    UnverifiedMatrix,
    /// A very severe risk that the matrix calls low has no acceptance of its own.
    SevereNotAccepted(String),
    /// High now; committed measures bring it down.
    HighUntilMeasures(String),
    /// It runs already with a high risk.
    RunsWithHighRisk,
    NothingStaysHigh,
}

/// What another method would propose.
#[derive(Clone, Debug)]
pub struct Other {
    pub method: String,
    /// Findings that would reach its consultation level, or no longer would.
    pub differing: Vec<String>,
    pub consults: bool,
}

/// A decision by a named function on a date.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Index of the `[[decision]]`.
    pub index: usize,
    pub outcome: String,
}

#[derive(Clone, Debug)]
pub struct Outcome {
    pub proposed: Proposal,
    pub because: Vec<OutcomeReason>,
    pub decided: Option<Decided>,
    /// Methods under which the risks would lead elsewhere.
    pub others: Vec<Other>,
    /// Very severe findings that the matrix calls low.
    pub severe_but_low: Vec<String>,
}

pub(super) struct Inputs<'a> {
    pub deployment: &'a Deployment,
    pub catalog: &'a Catalog,
    pub method: &'a Method,
    pub findings: &'a [Finding],
    pub confirmed: &'a BTreeMap<String, usize>,
    pub accepted: &'a BTreeMap<String, usize>,
    pub completeness: &'a [Ruling],
    pub fingerprint: &'a str,
    pub as_of: Date,
}

pub(super) fn outcome(inputs: &Inputs<'_>, diagnostics: &mut Vec<Diagnostic>) -> Outcome {
    let severe_but_low = severe_but_low(inputs);
    let (proposed, because) = propose(inputs, &severe_but_low);
    Outcome { decided: decided(inputs, proposed, diagnostics), proposed, because, others: others(inputs), severe_but_low }
}

fn propose(inputs: &Inputs<'_>, severe: &[String]) -> (Proposal, Vec<OutcomeReason>) {
    let prose = &inputs.deployment.prose;
    let from = inputs.method.consult_from;
    if prose.decision.iter().any(|d| d.finding.is_none() && d.outcome.as_deref() == Some("rejected")) {
        return (Proposal::Rejected, vec![OutcomeReason::RejectedByUser]);
    }
    let mut consult: Vec<OutcomeReason> = Vec::new();
    for finding in inputs.findings.iter().filter(|f| f.state == FindingState::Applies && f.expected.range.lowest >= from) {
        consult.push(OutcomeReason::StaysHigh(finding.id.clone()));
        if !prose.option.iter().any(|o| o.finding == finding.id) {
            consult.push(OutcomeReason::OptionsMissing(finding.id.clone()));
        }
    }
    if prose.assessment.consultation.required_by_law == Some(true) {
        consult.push(OutcomeReason::NationalLaw);
    }
    if !consult.is_empty() {
        return (Proposal::Consultation, consult);
    }
    let mut draft: Vec<OutcomeReason> =
        inputs.findings.iter().filter(|f| f.expected.range.highest >= from).map(|f| OutcomeReason::CouldReach(f.id.clone())).collect();
    let unconfirmed: Vec<String> = inputs.findings.iter().filter(|f| !inputs.confirmed.contains_key(&f.id)).map(|f| f.id.clone()).collect();
    if !unconfirmed.is_empty() {
        draft.push(OutcomeReason::NotConfirmed(unconfirmed));
    }
    let missing: Vec<String> =
        inputs.completeness.iter().filter(|r| r.rule.mandatory && r.state != RuleState::Met).map(|r| r.rule.id.clone()).collect();
    if !missing.is_empty() {
        draft.push(OutcomeReason::Incomplete(missing));
    }
    draft.extend(severe.iter().filter(|id| !inputs.accepted.contains_key(*id)).map(|id| OutcomeReason::SevereNotAccepted(id.clone())));
    if inputs.findings.iter().any(|f| unverified(f, inputs.method)) {
        draft.push(OutcomeReason::UnverifiedMatrix);
    }
    if !draft.is_empty() {
        return (Proposal::Draft, draft);
    }
    let high: Vec<&Finding> = inputs.findings.iter().filter(|f| f.current.range.highest >= from).collect();
    if high.is_empty() {
        return (Proposal::Approved, vec![OutcomeReason::NothingStaysHigh]);
    }
    let mut because: Vec<OutcomeReason> = high.iter().map(|f| OutcomeReason::HighUntilMeasures(f.id.clone())).collect();
    if prose.assessment.running_since.is_some_and(|d| d <= inputs.as_of) {
        because.push(OutcomeReason::RunsWithHighRisk);
    }
    (Proposal::Conditional, because)
}

/// Whether the expected level was read from a cell that nobody has checked.
fn unverified(finding: &Finding, method: &Method) -> bool {
    let rated = finding.expected.rated;
    match (rated.likelihood, rated.severity) {
        (Some(l), Some(s)) => method.cell(l, s).is_some_and(|c| c.tag == CellTag::Recalled),
        _ => false,
    }
}

fn severe_but_low(inputs: &Inputs<'_>) -> Vec<String> {
    inputs
        .findings
        .iter()
        .filter(|f| f.expected.rated.severity == Some(4) && f.expected.rated.level <= Level::Low && f.expected.rated.level > Level::None)
        .map(|f| f.id.clone())
        .collect()
}

/// The other methods whose matrix is not from memory, where they would lead elsewhere.
fn others(inputs: &Inputs<'_>) -> Vec<Other> {
    let level = |f: &Finding, m: &Method| match (f.expected.rated.likelihood, f.expected.rated.severity) {
        (Some(l), Some(s)) => m.level(l, s),
        _ => Level::None,
    };
    let country = &inputs.deployment.prose.organisation.country;
    let here = |m: &Method| m.countries.is_empty() || m.countries.contains(country);
    let usable = |m: &&Method| m.id != inputs.method.id && here(m) && m.cells.values().all(|c| c.tag != CellTag::Recalled);
    inputs
        .catalog
        .methods
        .values()
        .filter(usable)
        .map(|m| {
            let differs = |f: &&Finding| (level(f, m) >= m.consult_from) != (f.expected.rated.level >= inputs.method.consult_from);
            Other {
                method: m.id.clone(),
                differing: inputs.findings.iter().filter(differs).map(|f| f.id.clone()).collect(),
                consults: inputs.findings.iter().any(|f| level(f, m) >= m.consult_from),
            }
        })
        .filter(|o| !o.differing.is_empty())
        .collect()
}

/// The decision, if it is by a named function on a date and fits the proposal.
fn decided(inputs: &Inputs<'_>, proposed: Proposal, diagnostics: &mut Vec<Diagnostic>) -> Option<Decided> {
    let (index, decision) =
        inputs.deployment.prose.decision.iter().enumerate().rfind(|(_, d)| d.finding.is_none() && d.outcome.is_some())?;
    let outcome = decision.outcome.clone()?;
    let place = inputs.deployment.place(&format!("decision[{index}]"));
    let mut report = |diagnostic: Diagnostic| {
        diagnostics.push(match place {
            Some(place) => diagnostic.at(place, "this decision"),
            None => diagnostic,
        });
    };
    if decision.fingerprint.as_deref().is_some_and(|f| f != inputs.fingerprint) {
        report(
            Diagnostic::warning("confirmation-void", "the findings have changed since this decision")
                .help(format!("decide anew; the fingerprint of all findings is now {}", inputs.fingerprint)),
        );
        return None;
    }
    if !allowed(decision, proposed) {
        report(
            Diagnostic::warning("decision-blocked", format!("`{outcome}` does not fit the proposed outcome `{}`", proposed.id()))
                .help("the report shows the decision as not effective; `dpia365 explain decision-blocked` says why"),
        );
        return None;
    }
    Some(Decided { index, outcome })
}

/// One may always be stricter than the proposal, never more lenient.
fn allowed(decision: &Decision, proposed: Proposal) -> bool {
    if decision.function.trim().is_empty() || decision.date.is_none() {
        return false;
    }
    match decision.outcome.as_deref() {
        Some("rejected" | "consultation") => true,
        Some("conditional") => matches!(proposed, Proposal::Conditional | Proposal::Approved),
        Some("approved") => proposed == Proposal::Approved,
        _ => false,
    }
}
