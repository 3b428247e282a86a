//! Open facts, those that could change most first; and statements that should be looked at again.

use super::evaluate::{Reason, Truth};
use super::facts::{Mark, Why, marks};
use super::findings::{Finding, FindingState};
use crate::model::Level;
use jiff::civil::Date;
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuestionKind {
    /// Nobody said, or several values are possible.
    Open,
    /// Known from memory only, or last seen long ago: to be looked at in the tenant.
    Verify,
}

/// A question to somebody.
#[derive(Clone, Debug)]
pub struct Question {
    /// The fact, or `<list>.<field>` of a record.
    pub fact: String,
    pub kind: QuestionKind,
    /// Findings that the answer could settle or change.
    pub could_settle: Vec<String>,
    /// The highest level that one of them could have.
    pub highest: Level,
    pub marks: Vec<Mark>,
}

/// The questions that could settle something.
pub fn questions(findings: &[Finding], as_of: Date) -> Vec<Question> {
    let mut found: BTreeMap<(QuestionKind, String), Question> = BTreeMap::new();
    for finding in findings {
        let highest = finding.current.range.highest.max(finding.current.rated.level);
        let undecided =
            finding.state == FindingState::Open || [finding.gross, finding.current, finding.expected].iter().any(|s| s.range.is_open());
        for reason in every_reason(finding) {
            let id = question_id(finding, &reason.fact);
            let marks = marks(&reason.origin, as_of);
            let kind = match reason.holds {
                Truth::Open if undecided && reason.why_open != Some(Why::NotSet) => QuestionKind::Open,
                Truth::Open => continue,
                _ if marks.is_empty() => continue,
                _ => QuestionKind::Verify,
            };
            // A vendor fact that is open is nothing the organisation can answer from its own knowledge, but it can look it up.
            let question = found.entry((kind, id.clone())).or_insert_with(|| Question {
                fact: id,
                kind,
                could_settle: Vec::new(),
                highest: Level::None,
                marks,
            });
            if !question.could_settle.contains(&finding.id) {
                question.could_settle.push(finding.id.clone());
            }
            question.highest = question.highest.max(highest);
        }
    }
    let mut questions: Vec<Question> = found.into_values().collect();
    questions.sort_by_key(|q| (q.kind, std::cmp::Reverse((q.highest, q.could_settle.len())), q.fact.clone()));
    questions
}

/// All reasons that bear on a finding: paths, `unless`, ratings, measures that change a level.
pub fn every_reason(finding: &Finding) -> impl Iterator<Item = &Reason> {
    let effective = move |id: &str| finding.risk.treatments.iter().any(|t| t.effect.changes_level() && t.measures.iter().any(|m| m == id));
    finding
        .paths
        .iter()
        .flat_map(|p| p.reasons.iter().chain(&p.rating_reasons))
        .chain(&finding.unless)
        .chain(finding.measures.iter().filter(move |m| effective(&m.id)).flat_map(|m| &m.reasons))
}

/// A field of a record is asked as `<list>.<field>`.
fn question_id(finding: &Finding, fact: &str) -> String {
    match (fact.strip_prefix("record."), &finding.risk.for_each) {
        (Some(field), Some(list)) => format!("{list}.{field}"),
        _ => fact.to_owned(),
    }
}
