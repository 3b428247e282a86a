//! What Art. 35 and 36 GDPR ask, against what the description says. The rules are data.

use super::evaluate::Truth;
use super::findings::{Finding, FindingState};
use super::registers::Registers;
use crate::catalog::Catalog;
use crate::model::{Deployment, Level, Rule};
use serde_json::Value as Json;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleState {
    Missing,
    Partial,
    Met,
}

impl RuleState {
    /// The word used in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Partial => "partial",
            Self::Missing => "missing",
        }
    }
}

/// A rule with its state.
#[derive(Clone, Debug)]
pub struct Ruling {
    pub rule: Rule,
    pub state: RuleState,
    /// The paths into the description that are still empty.
    pub missing: Vec<String>,
}

/// Every rule of the catalogue.
pub fn check(catalog: &Catalog, deployment: &Deployment, findings: &[Finding], registers: &Registers) -> Vec<Ruling> {
    let known = Known { catalog, deployment, findings, registers };
    catalog.rules.iter().map(|r| ruling(r, &known)).collect()
}

/// What a rule may look at.
struct Known<'a> {
    catalog: &'a Catalog,
    deployment: &'a Deployment,
    findings: &'a [Finding],
    registers: &'a Registers,
}

fn ruling(rule: &Rule, known: &Known<'_>) -> Ruling {
    let mut states: Vec<(RuleState, String)> = rule.needs.iter().map(|n| (need(&known.deployment.raw, n), n.clone())).collect();
    if let Some(check) = &rule.check {
        states.push((named(check, known), check.clone()));
    }
    let missing = states.iter().filter(|(s, _)| *s != RuleState::Met).map(|(_, n)| n.clone()).collect();
    let state = if states.iter().all(|(s, _)| *s == RuleState::Met) {
        RuleState::Met
    } else if states.iter().all(|(s, _)| *s == RuleState::Missing) {
        RuleState::Missing
    } else {
        RuleState::Partial
    };
    Ruling { rule: rule.clone(), state, missing }
}

/// A path into the description: alternatives by `|`, every entry of a list by `[*]`.
fn need(raw: &Json, need: &str) -> RuleState {
    need.split('|').map(|path| present(raw, path.trim())).max().unwrap_or(RuleState::Missing)
}

fn present(node: &Json, path: &str) -> RuleState {
    if let Some((list, rest)) = path.split_once("[*]") {
        let Some(Json::Array(items)) = lookup(node, list) else { return RuleState::Missing };
        let rest = rest.trim_start_matches('.');
        let states: Vec<RuleState> = items.iter().map(|i| if rest.is_empty() { filled(i) } else { present(i, rest) }).collect();
        return match (states.iter().min(), states.iter().max()) {
            (Some(RuleState::Met), _) => RuleState::Met,
            (_, Some(RuleState::Met | RuleState::Partial)) => RuleState::Partial,
            _ => RuleState::Missing,
        };
    }
    lookup(node, path).map_or(RuleState::Missing, filled)
}

fn lookup<'j>(node: &'j Json, path: &str) -> Option<&'j Json> {
    path.split('.').filter(|p| !p.is_empty()).try_fold(node, |n, key| n.get(key))
}

fn filled(node: &Json) -> RuleState {
    let met = match node {
        Json::Null => false,
        Json::String(s) => !s.trim().is_empty(),
        Json::Array(a) => !a.is_empty(),
        Json::Object(o) => !o.is_empty(),
        _ => true,
    };
    if met { RuleState::Met } else { RuleState::Missing }
}

/// Checks that only the assessment can make. An unknown name is never met, so that a misspelt rule shows.
fn named(check: &str, known: &Known<'_>) -> RuleState {
    let Known { catalog, deployment, findings, registers } = *known;
    let of = |met: usize, all: usize| match met {
        _ if met == all => RuleState::Met,
        0 => RuleState::Missing,
        _ => RuleState::Partial,
    };
    let prose = &deployment.prose;
    match check {
        "findings-rated" => {
            // An open finding that cannot reach the level of consultation may be confirmed as it is: some facts only Microsoft could state.
            let method = prose.assessment.method.as_deref().and_then(|m| catalog.methods.get(m));
            let from = method.map_or(Level::High, |m| m.consult_from);
            let confirmed = |f: &Finding| prose.confirmation.iter().any(|c| c.finding == f.id);
            let settled = |f: &&Finding| {
                f.state == FindingState::Applies && !f.current.range.is_open() || f.current.range.highest < from && confirmed(f)
            };
            let settled = findings.iter().filter(settled).count();
            of(settled, findings.len())
        }
        "measures-planned" => {
            let planned = |f: &&Finding| {
                f.current.rated.level <= Level::Low
                    || f.measures.iter().any(|m| m.committed || m.status == super::Status::InPlace)
                    || prose.decision.iter().any(|d| d.finding.as_deref() == Some(f.id.as_str()))
            };
            of(findings.iter().filter(planned).count(), findings.len())
        }
        "consultation-consistent" => {
            let method = prose.assessment.method.as_deref().and_then(|m| catalog.methods.get(m));
            let from = method.map_or(Level::High, |m| m.consult_from);
            let high: Vec<&Finding> = findings.iter().filter(|f| f.expected.range.lowest >= from).collect();
            of(high.iter().filter(|f| prose.option.iter().any(|o| o.finding == f.id)).count(), high.len())
        }
        // Where the law gives the staff representation a say: its result, or why it has none here.
        "staff-representation" => {
            let called = registers.staff_laws.iter().any(|l| l.truth == Truth::Yes);
            let staff = &prose.organisation.staff_representation;
            let said = |t: &Option<String>| t.as_deref().is_some_and(|t| !t.trim().is_empty());
            if !called || said(&staff.result) || said(&staff.not_consulted_because) { RuleState::Met } else { RuleState::Missing }
        }
        // Levels above low are argued from the place itself.
        "findings-in-context" => {
            let telling: Vec<&Finding> =
                findings.iter().filter(|f| f.current.range.highest.max(f.current.rated.level) > Level::Low).collect();
            let told =
                |f: &&&Finding| prose.context.iter().any(|c| (c.finding == f.id || c.finding == f.risk.id) && !c.text.trim().is_empty());
            of(telling.iter().filter(told).count(), telling.len())
        }
        "legitimate-interests-named" => {
            let based: Vec<_> = prose.purpose.iter().filter(|p| p.legal_basis.as_deref() == Some("6(1)(f)")).collect();
            of(based.iter().filter(|p| p.legitimate_interest.as_deref().is_some_and(|i| !i.trim().is_empty())).count(), based.len())
        }
        _ => RuleState::Missing,
    }
}
