//! One risk against the facts: a finding, or the reason why there is none.

use super::evaluate::{Quantifier, Reason, Truth, Verdict, condition};
use super::facts::{Facts, State};
use super::measures::{Standing, Timing, standing};
use crate::catalog::Catalog;
use crate::model::{Deployment, Effect, Level, Method, Override, Range, Rating, Record, Risk, Value};
use std::collections::BTreeMap;

/// A level with the likelihood and severity it comes from; `None` for a removed risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rated {
    pub likelihood: Option<u8>,
    pub severity: Option<u8>,
    pub level: Level,
}

impl Rated {
    const REMOVED: Self = Self { likelihood: None, severity: None, level: Level::None };
}

/// Level and range at one of the three stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    pub rated: Rated,
    pub range: Range,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingState {
    Applies,
    /// Whether it applies depends on open facts.
    Open,
}

/// A risk that applies, or may apply, to this deployment.
#[derive(Clone, Debug)]
pub struct Finding {
    /// `<risk>` or `<risk>@<key>`.
    pub id: String,
    pub risk: Risk,
    /// Key and printed name of the record.
    pub subject: Option<(String, String)>,
    pub record: Option<Record>,
    pub state: FindingState,
    pub gross: Stage,
    pub current: Stage,
    pub expected: Stage,
    pub paths: Vec<PathFinding>,
    /// Reasons of `unless` conditions that are open.
    pub unless: Vec<Reason>,
    pub measures: Vec<Standing>,
    pub overridden: Option<(Override, Rated)>,
    /// The level rests on open facts: a rating or a path that may not hold is the one that counts.
    pub assumed: bool,
    pub fingerprint: String,
}

/// One way in which the risk comes about, rated by itself.
#[derive(Clone, Debug)]
pub struct PathFinding {
    pub id: String,
    pub truth: Truth,
    pub reasons: Vec<Reason>,
    /// The rating that counts.
    pub rating: Rating,
    /// Reasons why this rating was chosen before the next.
    pub rating_reasons: Vec<Reason>,
    pub gross: Stage,
    pub current: Stage,
    pub expected: Stage,
    /// Indices of the treatments of the risk that reach this path.
    pub treatments: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    NotApplicable,
    OutOfScope,
    Mitigated,
    Covered,
    Disabled,
}

impl Because {
    /// The word used in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::OutOfScope => "out-of-scope",
            Self::Mitigated => "mitigated",
            Self::Covered => "covered",
            Self::Disabled => "disabled",
        }
    }
}

/// A risk of the catalogue that is no finding, with the reason.
#[derive(Clone, Debug)]
pub struct Excluded {
    pub id: String,
    pub risk: String,
    pub title: crate::model::Text,
    pub family: String,
    pub subject: Option<(String, String)>,
    pub because: Because,
    pub reasons: Vec<Reason>,
    /// The whole finding, where the risk is only mitigated or covered.
    pub finding: Option<Box<Finding>>,
    /// What covers it, or why it is disabled.
    pub detail: Option<crate::model::Text>,
}

pub enum Result {
    Finding(Box<Finding>),
    Excluded(Box<Excluded>),
}

/// What an assessment of a risk needs to know.
pub struct Inputs<'a> {
    pub catalog: &'a Catalog,
    pub deployment: &'a Deployment,
    pub facts: &'a Facts<'a>,
    pub method: &'a Method,
    pub timing: Timing,
}

/// Assesses one risk: one result, or one for each record of its list.
pub fn assess_risk(risk: &Risk, inputs: &Inputs<'_>) -> Vec<Result> {
    if let Some(result) = out_of_scope(risk, inputs) {
        return vec![result];
    }
    let Some(list) = &risk.for_each else { return vec![one(risk, None, inputs)] };
    let fact = inputs.facts.get(list);
    match fact.single() {
        Some(Value::Records(records)) if records.is_empty() && !fact.incomplete => {
            let reasons = fact.cells.iter().filter_map(|c| record_reason(list, &c.state, Truth::No)).collect();
            vec![exclude(risk, None, Because::NotApplicable, reasons)]
        }
        Some(Value::Records(records)) => {
            let mut results: Vec<Result> = records.iter().map(|r| one(risk, Some(r), inputs)).collect();
            if fact.incomplete {
                // Files show some records, and nobody has said that there are no others.
                results.push(open_list(risk, list, inputs));
            }
            results
        }
        // An open list makes one open finding without a subject: what a record could be, nobody knows.
        _ => vec![open_list(risk, list, inputs)],
    }
}

fn out_of_scope(risk: &Risk, inputs: &Inputs<'_>) -> Option<Result> {
    let scope = &inputs.deployment.prose.assessment.scope;
    let outside = |scope: &[String], about: &[String]| !scope.is_empty() && !about.is_empty() && !about.iter().any(|x| scope.contains(x));
    (outside(&scope.services, &risk.services) || outside(&scope.data, &risk.data))
        .then(|| exclude(risk, None, Because::OutOfScope, Vec::new()))
}

fn exclude(risk: &Risk, record: Option<&Record>, because: Because, reasons: Vec<Reason>) -> Result {
    let subject = record.map(|r| (r.key.clone(), r.key.clone()));
    Result::Excluded(Box::new(Excluded {
        id: finding_id(risk, record),
        risk: risk.id.clone(),
        title: risk.title.clone(),
        family: risk.family.clone(),
        subject,
        because,
        reasons,
        finding: None,
        detail: None,
    }))
}

fn finding_id(risk: &Risk, record: Option<&Record>) -> String {
    record.map_or_else(|| risk.id.clone(), |r| format!("{}@{}", risk.id, r.key))
}

fn record_reason(list: &str, state: &State, holds: Truth) -> Option<Reason> {
    let (value, origin, why) = match state {
        State::Known { value, origin } => (Some(value.clone()), origin.clone(), None),
        State::Open { why, .. } => (None, crate::model::Origin::Nobody, Some(*why)),
    };
    Some(Reason {
        fact: list.to_owned(),
        scope: crate::model::Scope::default(),
        value,
        candidates: Vec::new(),
        why_open: why,
        wanted: "{\"is-set\":true}".to_owned(),
        holds,
        origin,
        record: None,
    })
}

/// The finding for a list that nobody has given: open, as far as some record could make it apply.
fn open_list(risk: &Risk, list: &str, inputs: &Inputs<'_>) -> Result {
    let reasons: Vec<Reason> = inputs.facts.get(list).cells.iter().filter_map(|c| record_reason(list, &c.state, Truth::Open)).collect();
    let open = |(path, verdict): (String, Verdict)| match verdict.truth {
        Truth::No => (path, verdict),
        _ => (path, Verdict { truth: Truth::Open, reasons: reasons.clone() }),
    };
    rest(risk, None, verdicts(risk, None, inputs).into_iter().map(open).collect(), inputs)
}

fn one(risk: &Risk, record: Option<&Record>, inputs: &Inputs<'_>) -> Result {
    rest(risk, record, verdicts(risk, record, inputs), inputs)
}

/// Each path with its verdict; a risk without paths always applies.
fn verdicts(risk: &Risk, record: Option<&Record>, inputs: &Inputs<'_>) -> Vec<(String, Verdict)> {
    let mut verdicts: Vec<(String, Verdict)> =
        risk.paths.iter().map(|p| (p.id.clone(), condition(&p.when, inputs.facts, record, None, Quantifier::Any))).collect();
    if verdicts.is_empty() {
        verdicts.push((String::new(), Verdict { truth: Truth::Yes, reasons: Vec::new() }));
    }
    verdicts
}

/// What follows from the verdicts: refuted, absent, or a finding.
fn rest(risk: &Risk, record: Option<&Record>, verdicts: Vec<(String, Verdict)>, inputs: &Inputs<'_>) -> Result {
    if verdicts.iter().all(|(_, v)| v.truth == Truth::No) {
        return exclude(risk, record, Because::NotApplicable, verdicts.into_iter().flat_map(|(_, v)| v.reasons).collect());
    }
    let unless = super::evaluate::paths(&risk.unless, inputs.facts, record, Quantifier::Every);
    if unless.truth == Truth::Yes {
        return exclude(risk, record, Because::NotApplicable, unless.reasons);
    }
    let open = if unless.truth == Truth::Open { unless.reasons } else { Vec::new() };
    build(risk, record, verdicts, (unless.truth, open), inputs)
}

fn build(
    risk: &Risk,
    record: Option<&Record>,
    verdicts: Vec<(String, Verdict)>,
    unless: (Truth, Vec<Reason>),
    inputs: &Inputs<'_>,
) -> Result {
    let id = finding_id(risk, record);
    let standings: BTreeMap<&str, Standing> = risk
        .treatments
        .iter()
        .flat_map(|t| &t.measures)
        .filter_map(|m| inputs.catalog.measures.get(m))
        .map(|m| (m.id.as_str(), standing(m, &id, inputs.facts, record, inputs.deployment, inputs.timing)))
        .collect();
    let overridden = inputs.deployment.prose.rating.iter().find(|o| o.finding == id).cloned();
    let mut assumed = false;
    let paths: Vec<PathFinding> = verdicts
        .into_iter()
        .filter(|(_, v)| v.truth != Truth::No)
        .map(|(path, verdict)| {
            let candidates = candidates(risk, &path, record, inputs);
            assumed |= candidates.len() > 1 && overridden.is_none();
            rate_path(risk, path, verdict, candidates, overridden.as_ref(), &standings, unless.0 == Truth::Open, inputs.method)
        })
        .collect();
    // What can still raise the level: a path that treatments in place have removed for certain does not.
    let live: Vec<&PathFinding> = paths.iter().filter(|p| p.current.range.highest != Level::None).collect();
    let settled = unless.0 != Truth::Open && live.iter().any(|p| p.truth == Truth::Yes);
    let state = if settled { FindingState::Applies } else { FindingState::Open };
    let mitigated = live.is_empty();
    // An open path counts like any other until it is refuted: removing a path that holds must never let the level rise.
    let stage = |of: fn(&PathFinding) -> Stage| Stage {
        rated: paths.iter().map(|p| of(p).rated).max_by_key(|r| (r.level, r.severity, r.likelihood)).unwrap_or(Rated::REMOVED),
        range: Range {
            lowest: paths.iter().map(|p| of(p).range.lowest).max().unwrap_or_default(),
            highest: paths.iter().map(|p| of(p).range.highest).max().unwrap_or_default(),
        },
    };
    let certain = live.iter().filter(|p| p.truth == Truth::Yes).map(|p| p.current.rated.level).max();
    assumed |= settled && certain < live.iter().map(|p| p.current.rated.level).max();
    let mut finding = Finding {
        subject: record.map(|r| (r.key.clone(), subject_name(risk, r, inputs))),
        record: record.cloned(),
        state,
        gross: stage(|p| p.gross),
        current: stage(|p| p.current),
        expected: stage(|p| p.expected),
        unless: unless.1,
        measures: standings.into_values().collect(),
        overridden: None,
        assumed,
        fingerprint: String::new(),
        risk: risk.clone(),
        paths,
        id,
    };
    if let Some(own) = overridden {
        let before =
            finding.paths.iter().map(|p| catalogue_rating(&p.rating, inputs.method)).max_by_key(|r| r.level).unwrap_or(Rated::REMOVED);
        finding.overridden = Some((own, before));
    }
    finding.fingerprint = super::fingerprint::finding(&finding);
    if mitigated {
        let reasons = finding.measures.iter().filter(|m| m.in_place == Truth::Yes).flat_map(|m| m.reasons.clone()).collect();
        return Result::Excluded(Box::new(Excluded {
            id: finding.id.clone(),
            risk: risk.id.clone(),
            title: risk.title.clone(),
            family: risk.family.clone(),
            subject: finding.subject.clone(),
            because: Because::Mitigated,
            reasons,
            finding: Some(Box::new(finding)),
            detail: None,
        }));
    }
    Result::Finding(Box::new(finding))
}

/// How readers know the record: its name field.
fn subject_name(risk: &Risk, record: &Record, inputs: &Inputs<'_>) -> String {
    let name = risk.for_each.as_ref().and_then(|l| inputs.catalog.vocabulary.get(l)).and_then(|d| match &d.ty {
        crate::model::Type::Records { name, .. } => Some(name),
        _ => None,
    });
    match name.and_then(|n| record.fields.get(n)) {
        Some((crate::model::Given::Value(Value::Text(name)), _)) => name.clone(),
        _ => record.key.clone(),
    }
}

/// The ratings that could be the first to hold: all lines not refuted, up to the first that holds.
fn candidates<'r>(risk: &'r Risk, path: &str, record: Option<&Record>, inputs: &Inputs<'_>) -> Vec<(&'r Rating, Vec<Reason>)> {
    let mut found = Vec::new();
    for rating in risk.ratings.iter().filter(|r| r.paths.is_empty() || r.paths.iter().any(|p| p == path)) {
        let verdict = condition(&rating.when, inputs.facts, record, None, Quantifier::Any);
        if verdict.truth != Truth::No {
            found.push((rating, verdict.reasons));
        }
        if verdict.truth == Truth::Yes {
            break;
        }
    }
    found
}

#[expect(clippy::too_many_arguments, reason = "one rating needs all of them, and a struct would only name them twice")]
fn rate_path(
    risk: &Risk,
    path: String,
    verdict: Verdict,
    candidates: Vec<(&Rating, Vec<Reason>)>,
    overridden: Option<&Override>,
    standings: &BTreeMap<&str, Standing>,
    may_vanish: bool,
    method: &Method,
) -> PathFinding {
    let reaches = |paths: &[String]| paths.is_empty() || paths.contains(&path);
    let treatments: Vec<usize> = (0..risk.treatments.len()).filter(|i| reaches(&risk.treatments[*i].paths)).collect();
    let effects = |counts: &dyn Fn(&Standing) -> bool| -> Vec<Effect> {
        treatments
            .iter()
            .map(|i| &risk.treatments[*i])
            .filter(|t| t.measures.iter().all(|m| standings.get(m.as_str()).is_some_and(counts)))
            .map(|t| t.effect)
            .collect()
    };
    let none = Vec::new();
    let now = effects(&|s| s.in_place == Truth::Yes);
    let now_best = effects(&|s| s.in_place != Truth::No);
    let then = effects(&|s| s.in_place == Truth::Yes || (s.committed && s.available == Truth::Yes));
    let then_best = effects(&|s| s.in_place != Truth::No || s.committed);
    let rated = |rating: &Rating, effects: &[Effect]| match overridden {
        Some(own) => apply(own.likelihood, own.severity, None, effects, method),
        None => apply(rating.likelihood, rating.severity, rating.by_method.get(&method.id).copied(), effects, method),
    };
    let vanish = may_vanish || verdict.truth == Truth::Open;
    let stage = |certain: &[Effect], best: &[Effect]| {
        let all = candidates.iter().map(|(r, _)| rated(r, certain));
        let lowest = candidates.iter().map(|(r, _)| rated(r, best).level).min().unwrap_or_default();
        let highest = all.max_by_key(|r| (r.level, r.severity, r.likelihood)).unwrap_or(Rated::REMOVED);
        Stage { rated: highest, range: Range { lowest: if vanish { Level::None } else { lowest }, highest: highest.level } }
    };
    let (gross, current, expected) = (stage(&none, &none), stage(&now, &now_best), stage(&then, &then_best));
    let counting = candidates.iter().position(|(r, _)| rated(r, &none) == gross.rated).unwrap_or(0);
    let (rating, rating_reasons) =
        candidates.into_iter().nth(counting).map(|(r, reasons)| (r.clone(), reasons)).expect("the last rating always holds");
    PathFinding { id: path, truth: verdict.truth, reasons: verdict.reasons, rating, rating_reasons, gross, current, expected, treatments }
}

/// Likelihood and severity after caps, read in the matrix. Caps only lower, also against a published level.
fn apply(likelihood: u8, severity: u8, published: Option<Level>, effects: &[Effect], method: &Method) -> Rated {
    if effects.iter().any(|e| e.removes) {
        return Rated::REMOVED;
    }
    let before = published.unwrap_or_else(|| method.level(likelihood, severity));
    let l = effects.iter().filter_map(|e| e.likelihood_at_most).fold(likelihood, u8::min);
    let s = effects.iter().filter_map(|e| e.severity_at_most).fold(severity, u8::min);
    let level = if (l, s) == (likelihood, severity) { before } else { method.level(l, s).min(before) };
    Rated { likelihood: Some(l), severity: Some(s), level }
}

/// What the catalogue proposes without the author's override.
fn catalogue_rating(rating: &Rating, method: &Method) -> Rated {
    apply(rating.likelihood, rating.severity, rating.by_method.get(&method.id).copied(), &[], method)
}
