//! Kleene evaluation of conditions, with the reasons.

use super::facts::{Cell, Fact, Facts, State, Why};
use crate::diagnostic::Place;
use crate::model::{Condition, FactKind, FactRef, FieldTest, Given, Line, Origin, Record, Scope, Test, Value, VersionRef};

/// Whether something holds. The order makes `min` the conjunction and `max` the disjunction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    No,
    Open,
    Yes,
}

impl Truth {
    /// The word used in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Open => "open",
        }
    }

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Open => Self::Open,
        }
    }

    fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// How a fact with several values answers: exposure asks for any of them, safety for every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    Any,
    Every,
}

/// Why a line came out as it did: one value of one fact against what was wanted.
#[derive(Clone, Debug)]
pub struct Reason {
    /// Id of the fact, or `record.<field>`.
    pub fact: String,
    pub scope: Scope,
    /// `None` where the fact is open.
    pub value: Option<Value>,
    /// Several values that an open fact could have.
    pub candidates: Vec<(Value, Origin)>,
    pub why_open: Option<Why>,
    pub wanted: String,
    pub holds: Truth,
    pub origin: Origin,
    /// The record that decided, in `any` and `every`.
    pub record: Option<String>,
}

/// A truth with its reasons.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub truth: Truth,
    pub reasons: Vec<Reason>,
}

/// Any of several conditions. None at all: does not hold.
pub fn paths(conditions: &[Condition], facts: &Facts<'_>, record: Option<&Record>, quantifier: Quantifier) -> Verdict {
    let verdicts: Vec<Verdict> = conditions.iter().map(|c| condition(c, facts, record, None, quantifier)).collect();
    let truth = verdicts.iter().map(|v| v.truth).max().unwrap_or(Truth::No);
    // What decided: the conditions that came out like the whole.
    Verdict { truth, reasons: verdicts.into_iter().filter(|v| v.truth == truth).flat_map(|v| v.reasons).collect() }
}

/// All lines of a condition.
pub fn condition(
    condition: &Condition,
    facts: &Facts<'_>,
    record: Option<&Record>,
    platform: Option<&str>,
    quantifier: Quantifier,
) -> Verdict {
    let verdicts: Vec<Verdict> = condition.lines.iter().map(|l| line(l, facts, record, platform, quantifier)).collect();
    let truth = verdicts.iter().map(|v| v.truth).min().unwrap_or(Truth::Yes);
    // A condition that fails is explained by the lines that failed; otherwise every line counts.
    let keep = |v: &Verdict| truth != Truth::No || v.truth == Truth::No;
    Verdict { truth, reasons: verdicts.into_iter().filter(keep).flat_map(|v| v.reasons).collect() }
}

fn line(line: &Line, facts: &Facts<'_>, record: Option<&Record>, platform: Option<&str>, quantifier: Quantifier) -> Verdict {
    match &line.fact {
        FactRef::Platform => {
            let truth = match platform {
                Some(p) => test_value(&line.test, &Value::Choice(p.to_owned()), facts, record),
                None => Truth::Open,
            };
            Verdict { truth, reasons: Vec::new() }
        }
        FactRef::Field(field) => {
            let cell = Cell::new(Scope::default(), field_state(record, field));
            let field = Fact::new(&format!("record.{field}"), vec![cell]);
            quantify(&field, line, facts, record, quantifier)
        }
        FactRef::Fact(id) => {
            if let Some(FactKind::Derived { paths: conditions }) = facts.vocabulary.get(id).map(|d| &d.kind) {
                return derived(conditions, line, facts, record, quantifier);
            }
            let fact = match record {
                Some(record) => facts.for_record(id, record),
                None => facts.get(id),
            };
            quantify(&fact, line, facts, record, quantifier)
        }
    }
}

/// A derived fact is opened up: its own conditions give the reasons.
fn derived(conditions: &[Condition], line: &Line, facts: &Facts<'_>, record: Option<&Record>, quantifier: Quantifier) -> Verdict {
    // Asking that a derived fact be false turns the quantifier round: "none" is the denial of "any".
    let denied = matches!(line.test, Test::Equals(Value::Flag(false)) | Test::Not(_));
    let inner = match (quantifier, denied) {
        (Quantifier::Any, false) | (Quantifier::Every, true) => Quantifier::Any,
        _ => Quantifier::Every,
    };
    let verdict = paths(conditions, facts, record, inner);
    let truth = match verdict.truth {
        Truth::Open => Truth::Open,
        t => test_value(&line.test, &Value::Flag(t == Truth::Yes), facts, record),
    };
    Verdict { truth, reasons: verdict.reasons }
}

fn quantify(fact: &Fact, line: &Line, facts: &Facts<'_>, record: Option<&Record>, quantifier: Quantifier) -> Verdict {
    let mut reasons: Vec<Reason> = fact.cells.iter().map(|cell| reason(cell, &fact.id, line, facts, record)).collect();
    let truths = reasons.iter().map(|r| r.holds);
    if fact.platforms_open && truths.clone().min() != truths.clone().max() {
        // The answer differs by platform, and nobody has said which of them count.
        reasons.extend(platforms_reason(facts));
        return Verdict { truth: Truth::Open, reasons };
    }
    let truth = match quantifier {
        Quantifier::Any => truths.max(),
        Quantifier::Every => truths.min(),
    }
    .unwrap_or(Truth::Open);
    Verdict { truth, reasons: reasons.into_iter().filter(|r| r.holds == truth).collect() }
}

/// That it is open which platforms are in use.
fn platforms_reason(facts: &Facts<'_>) -> Option<Reason> {
    let in_use = facts.get(&facts.vocabulary.platforms_in_use);
    let cell = in_use.cells.first()?;
    let State::Open { why, .. } = &cell.state else { return None };
    Some(Reason {
        fact: in_use.id.clone(),
        scope: cell.scope.clone(),
        value: None,
        candidates: Vec::new(),
        why_open: Some(*why),
        wanted: "{\"is-set\":true}".to_owned(),
        holds: Truth::Open,
        origin: Origin::Nobody,
        record: None,
    })
}

fn reason(cell: &Cell, fact: &str, line: &Line, facts: &Facts<'_>, record: Option<&Record>) -> Reason {
    let base = Reason {
        fact: fact.to_owned(),
        scope: cell.scope.clone(),
        value: None,
        candidates: Vec::new(),
        why_open: None,
        wanted: line.wanted.clone(),
        holds: Truth::Open,
        origin: Origin::Nobody,
        record: None,
    };
    match &cell.state {
        State::Known { value, origin } => {
            let (holds, decider) = test_records(&line.test, value, facts, record);
            Reason { value: Some(value.clone()), holds, origin: origin.clone(), record: decider, ..base }
        }
        State::Open { why: Why::NotSet, .. } => Reason { why_open: Some(Why::NotSet), holds: absent(&line.test), ..base },
        State::Open { candidates, why } => {
            // Where every possible value gives the same answer, the answer stands.
            let mut truths = candidates.iter().map(|(v, _)| test_value(&line.test, v, facts, record));
            let holds = truths.next().filter(|first| truths.all(|t| t == *first)).unwrap_or(Truth::Open);
            Reason { candidates: candidates.clone(), why_open: Some(*why), holds, ..base }
        }
    }
}

/// A test on a list of records, with the record that decided.
fn test_records(test: &Test, value: &Value, facts: &Facts<'_>, record: Option<&Record>) -> (Truth, Option<String>) {
    if let (Test::Any(_) | Test::Every(_), Value::Records(records)) = (test, value) {
        let truth = test_value(test, value, facts, record);
        let (Test::Any(tests) | Test::Every(tests)) = test else { return (truth, None) };
        let decider = records.iter().find(|r| fields(tests, r, facts) == truth).map(|r| r.key.clone());
        return (truth, decider);
    }
    (test_value(test, value, facts, record), None)
}

/// Every operator is total over its type; a value of another type does not fulfil it.
fn test_value(test: &Test, value: &Value, facts: &Facts<'_>, record: Option<&Record>) -> Truth {
    match (test, value) {
        (Test::Not(inner), v) => test_value(inner, v, facts, record).not(),
        (Test::All(tests), v) => tests.iter().map(|t| test_value(t, v, facts, record)).min().unwrap_or(Truth::Yes),
        (Test::Equals(wanted), v) => Truth::of(v == wanted),
        (Test::OneOf(wanted), v) => Truth::of(wanted.contains(v)),
        (Test::IncludesAny(wanted), Value::Choices(set) | Value::Permissions(set)) => Truth::of(wanted.iter().any(|w| set.contains(w))),
        (Test::IncludesAll(wanted), Value::Choices(set) | Value::Permissions(set)) => Truth::of(wanted.iter().all(|w| set.contains(w))),
        (Test::AtLeast(n), Value::Number(v)) => Truth::of(v >= n),
        (Test::AtMost(n), Value::Number(v)) => Truth::of(v <= n),
        (Test::ChoiceAtLeast(n, order), Value::Choice(v)) => Truth::of(order.iter().position(|o| o == v).is_some_and(|i| i >= *n)),
        (Test::ChoiceAtMost(n, order), Value::Choice(v)) => Truth::of(order.iter().position(|o| o == v).is_some_and(|i| i <= *n)),
        (Test::Before(d), Value::Date(v)) => Truth::of(v < d),
        (Test::After(d), Value::Date(v)) => Truth::of(v > d),
        (Test::OlderThan(reference), Value::Version(v)) => match reference {
            VersionRef::Literal(wanted) => Truth::of(v < wanted),
            VersionRef::Fact(id) => older_than_fact(v, id, facts, record),
        },
        (Test::ClassAtLeast(class), Value::Permissions(set)) => {
            // A permission that nobody has classed is never taken for harmless.
            let combined = facts.vocabulary.combinations.iter().filter(|c| c.is_in(set)).map(|c| Truth::of(c.class >= *class));
            set.iter()
                .map(|p| facts.vocabulary.permission_classes.get(p).map_or(Truth::Open, |c| Truth::of(c >= class)))
                .chain(combined)
                .max()
                .unwrap_or(Truth::No)
        }
        (Test::IsSet(wanted), v) => Truth::of(is_set(v) == *wanted),
        (Test::Any(tests), Value::Records(records)) => records.iter().map(|r| fields(tests, r, facts)).max().unwrap_or(Truth::No),
        (Test::Every(tests), Value::Records(records)) => records.iter().map(|r| fields(tests, r, facts)).min().unwrap_or(Truth::Yes),
        _ => Truth::No,
    }
}

fn older_than_fact(version: &crate::model::Version, id: &str, facts: &Facts<'_>, record: Option<&Record>) -> Truth {
    let fact = match record {
        Some(record) => facts.for_record(id, record),
        None => facts.get(id),
    };
    fact.cells
        .iter()
        .map(|cell| match &cell.state {
            State::Known { value: Value::Version(wanted), .. } => Truth::of(version < wanted),
            _ => Truth::Open,
        })
        .max()
        .unwrap_or(Truth::Open)
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::Text(s) => !s.trim().is_empty(),
        Value::Choices(s) | Value::Permissions(s) => !s.is_empty(),
        Value::Records(r) => !r.is_empty(),
        _ => true,
    }
}

/// All tests on one record.
fn fields(tests: &[FieldTest], record: &Record, facts: &Facts<'_>) -> Truth {
    tests
        .iter()
        .map(|t| match field_state(Some(record), &t.field) {
            State::Known { value, .. } => test_value(&t.test, &value, facts, Some(record)),
            State::Open { why: Why::NotSet, .. } => absent(&t.test),
            State::Open { candidates, .. } => {
                let mut truths = candidates.iter().map(|(v, _)| test_value(&t.test, v, facts, Some(record)));
                truths.next().filter(|first| truths.all(|t| t == *first)).unwrap_or(Truth::Open)
            }
        })
        .min()
        .unwrap_or(Truth::Yes)
}

/// A field that may be missing and is: known not to be set.
fn absent(test: &Test) -> Truth {
    match test {
        Test::IsSet(wanted) => Truth::of(!wanted),
        Test::Not(inner) => absent(inner).not(),
        _ => Truth::No,
    }
}

/// Where a field of a record comes from: a cell of evidence shows it, or the description says so.
pub fn by(place: &Place) -> Origin {
    match place {
        Place::Cell { .. } => Origin::Observed(place.clone()),
        place => Origin::Declared(place.clone()),
    }
}

fn field_state(record: Option<&Record>, field: &str) -> State {
    match record.and_then(|r| r.fields.get(field)) {
        Some((Given::Value(value), place)) => State::Known { value: value.clone(), origin: by(place) },
        Some((Given::Disputed(values), _)) => {
            State::Open { candidates: values.iter().map(|(v, p)| (v.clone(), by(p))).collect(), why: Why::Conflict }
        }
        Some((Given::Unknown, _)) => State::Open { candidates: Vec::new(), why: Why::Unknown },
        Some((Given::NotConfigured, _)) => State::Open { candidates: Vec::new(), why: Why::NotSet },
        None => State::Open { candidates: Vec::new(), why: Why::Unstated },
    }
}
