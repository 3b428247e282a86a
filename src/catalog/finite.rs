//! Whether a condition can hold at all, by trying the values that its facts can have.

use crate::model::{Condition, FactDef, FactKind, FactRef, Test, Type, Value, Vocabulary};
use std::collections::BTreeMap;

/// Above so many combinations a condition is taken to be possible.
const MOST: usize = 20_000;

/// Facts with few values, by id.
pub(super) struct Finite<'a> {
    vocabulary: &'a Vocabulary,
}

type Assignment<'a> = BTreeMap<&'a str, Value>;

impl<'a> Finite<'a> {
    pub fn new(vocabulary: &'a Vocabulary) -> Self {
        Self { vocabulary }
    }

    /// The values that a fact can have, where they are few. For a set and a number: enough to tell the tests on it apart.
    fn domain(&self, def: &FactDef) -> Option<Vec<Value>> {
        if let FactKind::Vendor { rows } = &def.kind {
            // What no row says, no date makes true.
            let mut values: Vec<Value> = Vec::new();
            for row in rows {
                if !values.contains(&row.value) {
                    values.push(row.value.clone());
                }
            }
            return Some(values);
        }
        match &def.ty {
            Type::Flag => Some(vec![Value::Flag(false), Value::Flag(true)]),
            Type::Choice(values) => Some(values.iter().map(|(id, _)| Value::Choice(id.clone())).collect()),
            _ => None,
        }
    }

    fn is_derived(&self, id: &str) -> Option<&'a [Condition]> {
        match self.vocabulary.get(id).map(|d| &d.kind) {
            Some(FactKind::Derived { paths }) => Some(paths),
            _ => None,
        }
    }

    /// The facts with few values on which a condition rests, derived ones opened up.
    fn facts<'c>(&self, condition: &'c Condition, into: &mut BTreeMap<&'c str, Vec<Value>>)
    where
        'a: 'c,
    {
        for line in &condition.lines {
            let FactRef::Fact(id) = &line.fact else { continue };
            if let Some(paths) = self.is_derived(id) {
                for path in paths {
                    self.facts(path, into);
                }
            } else if let Some(values) = self.vocabulary.get(id).and_then(|d| self.domain(d)) {
                into.insert(id, values);
            }
        }
    }

    /// `None`: cannot be told from facts with few values.
    fn holds(&self, condition: &Condition, given: &Assignment<'_>) -> Option<bool> {
        let mut certain = true;
        for line in &condition.lines {
            let FactRef::Fact(id) = &line.fact else {
                certain = false;
                continue;
            };
            let truth = match self.is_derived(id) {
                Some(paths) => self.any(paths, given).and_then(|t| test(&line.test, &Value::Flag(t))),
                None => given.get(id.as_str()).and_then(|value| test(&line.test, value)),
            };
            match truth {
                Some(false) => return Some(false),
                Some(true) => {}
                None => certain = false,
            }
        }
        certain.then_some(true)
    }

    fn any(&self, paths: &[Condition], given: &Assignment<'_>) -> Option<bool> {
        let truths: Vec<Option<bool>> = paths.iter().map(|p| self.holds(p, given)).collect();
        if truths.contains(&Some(true)) {
            Some(true)
        } else if truths.contains(&None) {
            None
        } else {
            Some(false)
        }
    }

    /// Calls `visit` with every combination of values until it says that it has seen enough.
    fn each(&self, conditions: &[&Condition], mut visit: impl FnMut(&Assignment<'_>) -> bool) -> bool {
        let mut domains = BTreeMap::new();
        for condition in conditions {
            self.facts(condition, &mut domains);
        }
        let count = domains.values().try_fold(1usize, |n, values| n.checked_mul(values.len())).unwrap_or(usize::MAX);
        if count > MOST {
            return false;
        }
        for number in 0..count {
            let (mut rest, mut given) = (number, Assignment::new());
            for (id, values) in &domains {
                given.insert(id, values[rest % values.len()].clone());
                rest /= values.len();
            }
            if visit(&given) {
                return true;
            }
        }
        true
    }
}

/// Whether some values fulfil a condition, and do not fulfil the other one.
pub(super) fn possible(condition: &Condition, unless: Option<&Condition>, finite: &Finite<'_>) -> bool {
    let mut found = false;
    let conditions: Vec<&Condition> = [Some(condition), unless].into_iter().flatten().collect();
    let tried = finite.each(&conditions, |given| {
        let holds = finite.holds(condition, given) != Some(false);
        let absent = unless.is_none_or(|u| finite.holds(u, given) != Some(true));
        found = holds && absent;
        found
    });
    found || !tried
}

/// Whether every value of its facts fulfils a condition.
pub(super) fn always(condition: &Condition, finite: &Finite<'_>) -> bool {
    // A vendor fact always says what its rows say; that is knowledge, no fault.
    let vendor = |c: &Condition| {
        c.lines.iter().any(|l| match &l.fact {
            FactRef::Fact(id) => matches!(finite.vocabulary.get(id).map(|d| &d.kind), Some(FactKind::Vendor { .. })),
            _ => false,
        })
    };
    if condition.lines.is_empty() || vendor(condition) {
        return false;
    }
    let mut holds = true;
    let tried = finite.each(&[condition], |given| {
        holds = finite.holds(condition, given) == Some(true);
        !holds
    });
    tried && holds
}

/// A test on one value; `None` where it rests on more than the value.
fn test(test_: &Test, value: &Value) -> Option<bool> {
    Some(match (test_, value) {
        (Test::Not(inner), v) => !test(inner, v)?,
        (Test::All(tests), v) => {
            let truths: Option<Vec<bool>> = tests.iter().map(|t| test(t, v)).collect();
            truths?.into_iter().all(|t| t)
        }
        (Test::Equals(wanted), v) => v == wanted,
        (Test::OneOf(wanted), v) => wanted.contains(v),
        (Test::IncludesAny(wanted), Value::Choices(set) | Value::Permissions(set)) => wanted.iter().any(|w| set.contains(w)),
        (Test::IncludesAll(wanted), Value::Choices(set) | Value::Permissions(set)) => wanted.iter().all(|w| set.contains(w)),
        (Test::AtLeast(n), Value::Number(v)) => v >= n,
        (Test::AtMost(n), Value::Number(v)) => v <= n,
        (Test::ChoiceAtLeast(n, order), Value::Choice(v)) => order.iter().position(|o| o == v)? >= *n,
        (Test::ChoiceAtMost(n, order), Value::Choice(v)) => order.iter().position(|o| o == v)? <= *n,
        (Test::Before(d), Value::Date(v)) => v < d,
        (Test::After(d), Value::Date(v)) => v > d,
        _ => return None,
    })
}
