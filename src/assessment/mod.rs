//! Deployment × catalogue → assessment. Pure: no files, no clock, no language.

mod completeness;
mod contradictions;
mod coverage;
mod evaluate;
mod facts;
mod findings;
mod fingerprint;
mod measures;
mod outcome;
mod questions;
mod reconcile;
mod records;
mod registers;
mod screening;

pub use completeness::{RuleState, Ruling};
pub use contradictions::Contradiction;
pub use coverage::{Coverage, Support};
pub use evaluate::{Quantifier, Reason, Truth, Verdict, by as origin_of};
pub use facts::{Cell, Dispute, Fact, Facts, Mark, State, Why, marks};
pub use findings::{Because, Excluded, Finding, FindingState, PathFinding, Rated, Stage};
pub use measures::{Standing, Status, Timing};
pub use outcome::{Decided, Other, Outcome, OutcomeReason, Proposal};
pub use questions::{Question, QuestionKind};
pub use reconcile::{Candidate, FRESH_DAYS, Freshness, freshness};
pub use registers::{Entry as RegisterEntry, Registers, RetentionGap};
pub use screening::{Screened, ScreenedItem, ScreenedList, Screening};

use crate::catalog::Catalog;
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::{Deployment, Given, Method, Origin, Type, Value};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The result: everything that a report says, before any wording.
pub struct Assessment<'a> {
    pub as_of: Date,
    pub method: &'a Method,
    pub facts: Facts<'a>,
    /// In the order of the report: level, family, rank, id.
    pub findings: Vec<Finding>,
    pub excluded: Vec<Excluded>,
    /// Each measure of some finding or mitigated risk, with its standing over all of them.
    pub measures: Vec<Overall>,
    pub questions: Vec<Question>,
    pub completeness: Vec<Ruling>,
    pub outcome: Outcome,
    /// Fingerprint over all findings.
    pub fingerprint: String,
    /// Whether a DPIA is required, and by what.
    pub screening: Screening,
    /// Staff representation, retention, transfers, roles and rights.
    pub registers: Registers,
    /// How well the facts that decide are supported.
    pub coverage: Coverage,
    /// Facts with several values.
    pub contradictions: Vec<Contradiction>,
    /// Confirmations that still stand, by finding.
    pub confirmed: BTreeMap<String, usize>,
    /// Accepted findings: index of the decision.
    pub accepted: BTreeMap<String, usize>,
    pub diagnostics: Vec<Diagnostic>,
}

/// A measure over all findings it treats.
#[derive(Clone, Debug)]
pub struct Overall {
    pub standing: Standing,
    pub treats: Vec<String>,
    /// Treats a finding, not only risks already mitigated.
    pub live: bool,
}

/// Assesses a deployment on a date.
///
/// Diagnostics speak of references and declarations that only the findings can judge.
pub fn assess<'a>(deployment: &'a Deployment, catalog: &'a Catalog, method: &'a Method, as_of: Date) -> Assessment<'a> {
    let about = &deployment.prose.assessment;
    let timing = Timing { as_of, start: about.planned_start.or(about.running_since), review: about.review.date };
    let facts = Facts::new(deployment, &catalog.vocabulary, as_of);
    let (mut findings, mut excluded) = (Vec::new(), Vec::new());
    {
        let inputs = findings::Inputs { catalog, deployment, facts: &facts, method, timing };
        for risk in catalog.risks.values().chain(&deployment.own_risks) {
            for result in findings::assess_risk(risk, &inputs) {
                match result {
                    findings::Result::Finding(f) => findings.push(*f),
                    findings::Result::Excluded(e) => excluded.push(*e),
                }
            }
        }
    }
    absorb(&mut findings, &mut excluded);
    excluded.extend(catalog.disabled.iter().map(|d| Excluded {
        id: d.id.clone(),
        risk: d.id.clone(),
        title: d.title.clone(),
        family: String::new(),
        subject: None,
        because: Because::Disabled,
        reasons: Vec::new(),
        finding: None,
        detail: Some(d.reason.clone()),
    }));
    findings.sort_by_key(|f| {
        let level = f.gross.range.highest.max(f.gross.rated.level);
        (std::cmp::Reverse((f.current.rated.level, level)), catalog.family_rank(&f.risk.family), f.risk.rank, f.id.clone())
    });
    excluded.sort_by_key(|e| (e.because, catalog.family_rank(&e.family), e.id.clone()));
    let mut diagnostics = references(deployment, &facts, &findings, &excluded);
    let measures = overall(&findings, &excluded);
    diagnostics.extend(declarations(deployment, &findings, &excluded));
    let fingerprint = fingerprint::all(&findings);
    let (confirmed, accepted) = standing_words(deployment, &findings, &mut diagnostics);
    let questions = questions::questions(&findings, as_of);
    let screening = screening::screen(catalog, deployment, &facts);
    let registers = registers::registers(catalog, deployment, &facts);
    let completeness = completeness::check(catalog, deployment, &findings, &registers);
    diagnostics.extend(out_of_reach(deployment, &facts));
    let coverage = coverage::coverage(catalog, &facts, &findings, &excluded);
    let contradictions = contradictions::contradictions(&facts);
    diagnostics.extend(contradictions::diagnostics(deployment, &facts, &contradictions));
    let inputs = outcome::Inputs {
        deployment,
        catalog,
        method,
        findings: &findings,
        confirmed: &confirmed,
        accepted: &accepted,
        completeness: &completeness,
        fingerprint: &fingerprint,
        as_of,
    };
    let outcome = outcome::outcome(&inputs, &mut diagnostics);
    Assessment {
        as_of,
        method,
        findings,
        excluded,
        measures,
        questions,
        completeness,
        outcome,
        fingerprint,
        screening,
        registers,
        coverage,
        contradictions,
        confirmed,
        accepted,
        diagnostics,
        facts,
    }
}

/// A broader finding takes narrower ones in, unless that would hide a higher level.
fn absorb(findings: &mut Vec<Finding>, excluded: &mut Vec<Excluded>) {
    let covering: Vec<Finding> =
        findings.iter().filter(|f| f.state == FindingState::Applies && !f.risk.covers.is_empty()).cloned().collect();
    let hides = |broad: &Finding, narrow: &Finding| {
        [(narrow.gross, broad.gross), (narrow.current, broad.current), (narrow.expected, broad.expected)]
            .iter()
            .any(|(narrow, broad)| narrow.range.highest > broad.rated.level)
    };
    // A finding about one record says nothing about another, nor about all.
    let reaches = |broad: &Finding, narrow: &Finding| match &broad.subject {
        Some((key, _)) => narrow.subject.as_ref().is_some_and(|(other, _)| other == key) && broad.risk.for_each == narrow.risk.for_each,
        None => true,
    };
    let covers = |broad: &Finding, narrow: &Finding| {
        broad.risk.covers.contains(&narrow.risk.id)
            && reaches(broad, narrow)
            && !hides(broad, narrow)
            && !leads(&narrow.risk.id, &broad.risk.id, &covering, &mut BTreeSet::new())
    };
    let (mut kept, mut moved) = (Vec::new(), Vec::new());
    for finding in findings.drain(..) {
        match covering.iter().find(|broad| covers(broad, &finding)) {
            Some(broad) => moved.push((broad.risk.title.clone(), finding)),
            None => kept.push(finding),
        }
    }
    *findings = kept;
    excluded.extend(moved.into_iter().map(|(by, f)| Excluded {
        id: f.id.clone(),
        risk: f.risk.id.clone(),
        title: f.risk.title.clone(),
        family: f.risk.family.clone(),
        subject: f.subject.clone(),
        because: Because::Covered,
        reasons: f.paths.iter().flat_map(|p| p.reasons.clone()).collect(),
        finding: Some(Box::new(f)),
        detail: Some(by),
    }));
}

/// Whether a chain of `covers` leads from one risk to another. Risks that cover each other cover nothing: one of them has to stay.
fn leads(from: &str, to: &str, covering: &[Finding], seen: &mut BTreeSet<String>) -> bool {
    from == to
        || (seen.insert(from.to_owned())
            && covering.iter().filter(|f| f.risk.id == from).flat_map(|f| &f.risk.covers).any(|next| leads(next, to, covering, seen)))
}

/// Standing of each measure over all findings.
fn overall(findings: &[Finding], excluded: &[Excluded]) -> Vec<Overall> {
    let mut all: BTreeMap<String, Overall> = BTreeMap::new();
    let mitigated = excluded.iter().filter_map(|e| e.finding.as_deref().map(|f| (f, false)));
    for (finding, live) in findings.iter().map(|f| (f, true)).chain(mitigated) {
        for standing in &finding.measures {
            let entry =
                all.entry(standing.id.clone()).or_insert_with(|| Overall { standing: standing.clone(), treats: Vec::new(), live: false });
            if standing.status != entry.standing.status {
                let both = [standing.status, entry.standing.status];
                // In place for one record and not for another is partly in place; otherwise what is further on speaks for the measure.
                let status = if both.contains(&Status::InPlace) && !both.contains(&Status::NotAvailable) {
                    Status::Partly
                } else {
                    both[0].min(both[1])
                };
                let speaking = if standing.status < entry.standing.status { standing } else { &entry.standing };
                entry.standing = Standing { status, ..speaking.clone() };
            }
            entry.treats.push(finding.id.clone());
            entry.live |= live;
        }
    }
    all.into_values().collect()
}

/// Settings that are stated for a platform which the control does not reach.
fn out_of_reach(deployment: &Deployment, facts: &Facts<'_>) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for (id, answer) in &deployment.answers {
        if facts.vocabulary.get(id).is_none_or(|d| d.out_of_reach.is_empty()) {
            continue;
        }
        let fact = facts.get(id);
        for slot in answer.slots.iter().filter(|s| s.scope.platform.is_some()) {
            let Some(cell) = fact.cells.iter().find(|c| c.scope == slot.scope) else { continue };
            let State::Known { value, origin: Origin::OutOfReach { row, .. } } = &cell.state else { continue };
            let Given::Value(stated) = &slot.given else { continue };
            if stated != value {
                let platform = slot.scope.platform.as_deref().unwrap_or_default();
                diagnostics.push(
                    Diagnostic::warning(
                        "control-out-of-reach",
                        format!("the control behind `{id}` does not reach the platform `{platform}`"),
                    )
                    .at(&slot.place, "stated here, but without effect")
                    .help(format!("the assessment takes what holds there anyway, as last seen on {}", row.last_seen)),
                );
            }
        }
    }
    diagnostics
}

/// References to findings that do not exist.
fn references(deployment: &Deployment, facts: &Facts<'_>, findings: &[Finding], excluded: &[Excluded]) -> Vec<Diagnostic> {
    let prose = &deployment.prose;
    let named = prose
        .rating
        .iter()
        .enumerate()
        .map(|(i, r)| (format!("rating[{i}].finding"), r.finding.as_str()))
        .chain(prose.confirmation.iter().enumerate().map(|(i, c)| (format!("confirmation[{i}].finding"), c.finding.as_str())))
        .chain(prose.context.iter().enumerate().map(|(i, c)| (format!("context[{i}].finding"), c.finding.as_str())))
        .chain(prose.option.iter().enumerate().map(|(i, o)| (format!("option[{i}].finding"), o.finding.as_str())))
        .chain(prose.decision.iter().enumerate().filter_map(|(i, d)| Some((format!("decision[{i}].finding"), d.finding.as_deref()?))))
        .chain(prose.measure.iter().enumerate().filter_map(|(i, m)| Some((format!("measure[{i}].finding"), m.finding.as_deref()?))));
    let live: BTreeSet<&str> = findings.iter().map(|f| f.id.as_str()).collect();
    let mut diagnostics = Vec::new();
    for (path, id) in named {
        // A context may be about a risk, for all its findings.
        let of_risk = path.starts_with("context[") && findings.iter().any(|f| f.risk.id == id);
        if live.contains(id) || of_risk {
            continue;
        }
        let place = deployment.place(&path);
        let diagnostic = match excluded.iter().find(|e| e.id == id || e.risk == id) {
            // What was written about a risk that has gone is kept for the day it comes back.
            Some(_) if path.starts_with("context[") => continue,
            Some(e) => Diagnostic::warning("confirmation-void", format!("`{id}` is no finding any more"))
                .help(format!("the report lists it as {}; what is said about it has no effect", e.because.id())),
            None => Diagnostic::error("reference-unknown", format!("there is no finding `{id}`"))
                .nearest(
                    id,
                    live.iter().copied().chain(findings.iter().map(|f| f.risk.id.as_str()).filter(|_| path.starts_with("context["))),
                )
                .help("`dpia365 check` lists the findings with their ids"),
        };
        diagnostics.push(match place {
            Some(place) => diagnostic.at(place, "named here"),
            None => diagnostic,
        });
    }
    let lists = facts.vocabulary.facts.values().filter(|d| matches!(d.ty, Type::Records { .. })).map(|d| facts.get(&d.id));
    let records: BTreeSet<String> = lists
        .filter_map(|f| match f.single() {
            Some(Value::Records(records)) => Some(records.iter().map(|r| r.key.clone()).collect::<Vec<_>>()),
            _ => None,
        })
        .flatten()
        .collect();
    for (resolution, key) in deployment.resolutions.iter().filter_map(|r| Some((r, r.record.as_deref()?))) {
        if !records.contains(key) {
            diagnostics.push(
                Diagnostic::error("reference-unknown", format!("there is no record `{key}`"))
                    .at(&resolution.place, "decided for it here")
                    .nearest(key, records.iter().map(String::as_str)),
            );
        }
    }
    for (i, key) in prose.measure.iter().enumerate().filter_map(|(i, m)| Some((i, m.record.as_deref()?))) {
        if !records.contains(key) {
            let diagnostic = Diagnostic::error("reference-unknown", format!("there is no record `{key}`"))
                .nearest(key, records.iter().map(String::as_str));
            diagnostics.push(match deployment.place(&format!("measure[{i}].record")) {
                Some(place) => diagnostic.at(place, "named here"),
                None => diagnostic,
            });
        }
    }
    diagnostics
}

/// Declarations about measures that the facts contradict, or that are overdue.
fn declarations(deployment: &Deployment, findings: &[Finding], excluded: &[Excluded]) -> Vec<Diagnostic> {
    let standings: Vec<&Standing> =
        findings.iter().chain(excluded.iter().filter_map(|e| e.finding.as_deref())).flat_map(|f| &f.measures).collect();
    let mut diagnostics = Vec::new();
    for (i, declared) in deployment.prose.measure.iter().enumerate() {
        // The findings for which this declaration counts, not a more special one.
        let mine = |s: &&&Standing| {
            s.id == declared.id && s.declared.as_ref().is_some_and(|d| (&d.finding, &d.record) == (&declared.finding, &declared.record))
        };
        let place = deployment.place(&format!("measure[{i}]"));
        let add = |d: Diagnostic, text: &str| match place {
            Some(place) => d.at(place, text),
            None => d,
        };
        if let Some(standing) = standings.iter().filter(mine).find(|s| s.contradicted) {
            let facts: BTreeSet<&str> = standing.reasons.iter().map(|r| r.fact.as_str()).collect();
            let list = facts.into_iter().collect::<Vec<_>>().join(", ");
            diagnostics.push(
                add(
                    Diagnostic::warning("measure-contradicted", format!("the facts do not show `{}` as in place", declared.id)),
                    "declared as in place",
                )
                .help(format!("the status follows from: {list}")),
            );
        }
        let dated = declared.owner.is_some() && declared.due.is_some();
        if dated && standings.iter().filter(mine).any(|s| s.status == Status::Partly && declared.status.as_deref() == Some("partly")) {
            diagnostics.push(
                add(
                    Diagnostic::warning("measure-not-counted", format!("`{}` is partly in place: it lowers no level", declared.id)),
                    "declared as partly in place",
                )
                .help(
                    "if the rest is planned with this owner and date, write `status = \"planned\"`: then it counts for the expected level",
                ),
            );
        }
        if standings.iter().filter(mine).any(|s| s.overdue) {
            diagnostics.push(
                add(
                    Diagnostic::warning(
                        "measure-overdue",
                        format!("`{}` should have been done by {}", declared.id, declared.due.map(|d| d.to_string()).unwrap_or_default()),
                    ),
                    "the due date has passed",
                )
                .help("give a new date, or state that it is in place"),
            );
        }
    }
    diagnostics
}

type Words = (BTreeMap<String, usize>, BTreeMap<String, usize>);

/// Confirmations and acceptances that still stand: those whose fingerprint has not changed.
fn standing_words(deployment: &Deployment, findings: &[Finding], diagnostics: &mut Vec<Diagnostic>) -> Words {
    let (mut confirmed, mut accepted) = (BTreeMap::new(), BTreeMap::new());
    let mut current = |path: String, id: &str, seen: Option<&str>| -> bool {
        let Some(finding) = findings.iter().find(|f| f.id == id) else { return false };
        match seen {
            Some(seen) if seen != finding.fingerprint => {
                let diagnostic = Diagnostic::warning("confirmation-void", format!("`{id}` has changed since it was looked at"))
                    .help(format!("look at it again; its fingerprint is now {}", finding.fingerprint));
                diagnostics.push(match deployment.place(&path) {
                    Some(place) => diagnostic.at(place, "no longer counts"),
                    None => diagnostic,
                });
                false
            }
            _ => true,
        }
    };
    for (i, c) in deployment.prose.confirmation.iter().enumerate() {
        if current(format!("confirmation[{i}]"), &c.finding, c.fingerprint.as_deref()) {
            confirmed.insert(c.finding.clone(), i);
        }
    }
    for (i, d) in deployment.prose.decision.iter().enumerate() {
        if let Some(id) = &d.finding
            && current(format!("decision[{i}]"), id, d.fingerprint.as_deref())
        {
            accepted.insert(id.clone(), i);
        }
    }
    (confirmed, accepted)
}

/// The finding, excluded risk or measure id nearest to a wrong one.
pub fn nearest_id<'s>(assessment: &'s Assessment<'_>, wrong: &str) -> Option<&'s str> {
    nearest(wrong, assessment.findings.iter().map(|f| f.id.as_str()).chain(assessment.excluded.iter().map(|e| e.id.as_str())))
}
