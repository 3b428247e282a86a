//! Observed against declared: which of several values counts, and which stand beside it.
//!
//! An observation wins only where its file speaks for all that the fact is about and is of a date near the assessment's. Otherwise both values
//! stand as candidates and the worse outcome counts, until a `[[resolution]]` says who decided.

use super::facts::{State, Why};
use crate::diagnostic::Place;
use crate::model::{Deployment, EvidenceFile, Observation, Origin, Resolution, Scope, Sighting, Type, Value, Weight};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// An export older than this, in days before the assessment, flags its facts and clears no risk.
pub const FRESH_DAYS: i32 = 90;

/// A value with where it was read.
pub type Candidate = (Value, Origin);

/// How near the date of a file is to the assessment's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Fresh,
    Stale,
    /// Nobody said of what day it is.
    Undated,
}

impl Freshness {
    /// The word used in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Undated => "undated",
        }
    }
}

/// Whether a file's date is near enough to the day the assessment speaks of.
pub fn freshness(file: &EvidenceFile, as_of: Date) -> Freshness {
    match file.as_of {
        None => Freshness::Undated,
        Some(date) if (as_of - date).get_days().abs() <= FRESH_DAYS => Freshness::Fresh,
        Some(_) => Freshness::Stale,
    }
}

/// What the files of a description show, ready to be asked by fact.
pub(super) struct Evidence<'a> {
    by_fact: BTreeMap<&'a str, Vec<&'a Observation>>,
    fresh: Vec<bool>,
    pub(super) resolutions: &'a [Resolution],
    pub(super) sightings: Vec<&'a Sighting>,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(deployment: &'a Deployment, as_of: Date) -> Self {
        let fresh: Vec<bool> = deployment.evidence.iter().map(|f| freshness(f, as_of) == Freshness::Fresh).collect();
        let mut by_fact: BTreeMap<&str, Vec<&Observation>> = BTreeMap::new();
        for observation in deployment.observations.iter().filter(|o| !refuted(&o.unless_fresh, &fresh)) {
            by_fact.entry(&observation.fact).or_default().push(observation);
        }
        Self {
            by_fact,
            resolutions: &deployment.resolutions,
            sightings: deployment.sightings.iter().filter(|s| !refuted(&s.unless_fresh, &fresh)).collect(),
            fresh,
        }
    }

    pub(super) fn of(&self, fact: &str) -> &[&'a Observation] {
        self.by_fact.get(fact).map_or(&[], Vec::as_slice)
    }

    /// Whether an observation's file, and every other file that it rests on, is of the right date.
    pub(super) fn counts(&self, observation: &Observation) -> bool {
        self.is_fresh(observation.evidence) && observation.needs.iter().all(|n| self.is_fresh(*n))
    }

    pub(super) fn is_fresh(&self, evidence: usize) -> bool {
        self.fresh.get(evidence).copied().unwrap_or(false)
    }

    /// The decision about a fact for a part of the deployment: the most special one.
    pub(super) fn resolution(&self, fact: &str, record: Option<&str>, scope: &Scope) -> Option<&'a Resolution> {
        self.resolutions
            .iter()
            .filter(|r| r.fact == fact && r.record.as_deref() == record && reaches(&r.scope, scope))
            .max_by_key(|r| specificity(&r.scope))
    }
}

/// A file of the right date shows otherwise.
fn refuted(by: &[usize], fresh: &[bool]) -> bool {
    by.iter().any(|i| fresh.get(*i).copied().unwrap_or(false))
}

/// Whether what holds for one part of the deployment holds for another part of it.
pub(super) fn reaches(own: &Scope, wanted: &Scope) -> bool {
    let fits = |own: &Option<String>, wanted: &Option<String>| own.is_none() || own == wanted;
    fits(&own.platform, &wanted.platform) && fits(&own.population, &wanted.population)
}

/// Own group before all, own platform before all.
pub(super) fn specificity(scope: &Scope) -> (bool, bool) {
    (scope.population.is_some(), scope.platform.is_some())
}

/// What people say about a cell, before any file is looked at.
pub(super) enum Said {
    Nothing(Why),
    One(Box<Candidate>),
    /// They contradict each other.
    Several(Vec<Candidate>),
}

/// Puts together what several people say.
pub(super) fn said(claims: Vec<State>) -> Said {
    let mut values: Vec<Candidate> = Vec::new();
    let mut why = Why::Unstated;
    for claim in claims {
        match claim {
            State::Known { value, origin } => {
                if !values.iter().any(|(v, _)| *v == value) {
                    values.push((value, origin));
                }
            }
            State::Open { candidates, why: reason } => {
                values.extend(candidates);
                why = reason;
            }
        }
    }
    match values.len() {
        0 => Said::Nothing(why),
        1 => Said::One(Box::new(values.remove(0))),
        _ => Said::Several(values),
    }
}

/// What a file shows about a cell: the values that are possible by it.
pub(super) struct Possible {
    pub(super) values: Vec<Candidate>,
    pub(super) place: Place,
    pub(super) weight: Weight,
    pub(super) fresh: bool,
    pub(super) scope: Scope,
    /// A set that holds at least these.
    pub(super) includes: Option<BTreeSet<String>>,
}

/// The state of a cell, and values that were read and do not count.
pub(super) struct Reconciled {
    pub(super) state: State,
    pub(super) others: Vec<Candidate>,
}

impl From<State> for Reconciled {
    fn from(state: State) -> Self {
        Self { state, others: Vec::new() }
    }
}

/// Weighs what files show against what people say.
pub(super) fn weigh(said: Said, shown: Vec<Possible>, ty: &Type) -> Reconciled {
    let (sets, values): (Vec<Possible>, Vec<Possible>) = shown.into_iter().partition(|p| p.includes.is_some());
    // A group's own policy counts before the one for everybody.
    let best = values.iter().filter(|p| p.weight == Weight::Complete && p.fresh).map(|p| specificity(&p.scope)).max();
    let decisive = |p: &Possible| match p.weight {
        Weight::Complete => p.fresh && Some(specificity(&p.scope)) == best,
        Weight::Presence => p.fresh,
        Weight::Partial | Weight::Statement => false,
    };
    // What is known of a group's own policy is not shaken by what holds for somebody.
    let superseded = |p: &Possible| match p.weight {
        Weight::Complete => p.fresh && Some(specificity(&p.scope)) != best,
        Weight::Partial => best.is_some_and(|(group, _)| group) && p.scope.population.is_none(),
        Weight::Presence | Weight::Statement => false,
    };
    // A file that has something for this part and cannot be understood shows nothing; but what holds for all does not hold here.
    let (strong, weak): (Vec<&Possible>, Vec<&Possible>) =
        values.iter().filter(|p| !superseded(p) && !p.values.is_empty()).partition(|p| decisive(p));
    let decided = by_files(said, &strong, &weak);
    with_sets(decided, &sets, ty)
}

fn by_files(said: Said, strong: &[&Possible], weak: &[&Possible]) -> Reconciled {
    let Some((first, rest)) = strong.split_first() else { return by_people(said, weak) };
    // What all files allow together.
    let mut common = first.values.clone();
    for possible in rest {
        common.retain(|(v, _)| possible.values.iter().any(|(w, _)| w == v));
    }
    let (declared, mut others) = match said {
        Said::Nothing(_) => (None, Vec::new()),
        Said::One(one) => (Some((*one).clone()), vec![*one]),
        Said::Several(values) => (None, values),
    };
    if common.is_empty() {
        let all = strong.iter().flat_map(|p| p.values.clone()).collect();
        return Reconciled { state: conflict(all), others };
    }
    // A part that was seen to be otherwise, on a day near the assessment's, contradicts what speaks for all.
    let against: Vec<Candidate> = weak
        .iter()
        .filter(|p| p.fresh && p.values.iter().all(|(v, _)| !common.iter().any(|(c, _)| c == v)))
        .flat_map(|p| p.values.clone())
        .collect();
    if !against.is_empty() {
        common.extend(against);
        return Reconciled { state: conflict(common), others };
    }
    let state = match (common.len(), declared) {
        (1, _) => {
            // The most telling file speaks: one that shows the value itself.
            let value = common.remove(0).0;
            let plain = |p: &&&Possible| p.values.len() == 1;
            let seen = |p: &&&Possible| matches!(p.values[0].1, Origin::Observed(_));
            let best = strong.iter().filter(plain).find(seen).or_else(|| strong.iter().find(plain)).unwrap_or(first);
            let origin = best.values.iter().find(|(v, _)| *v == value).map(|(_, o)| o.clone());
            State::Known { value, origin: origin.unwrap_or_else(|| Origin::Observed(best.place.clone())) }
        }
        (_, Some((value, origin))) if common.iter().any(|(v, _)| *v == value) => State::Known { value, origin },
        _ => State::Open { candidates: common, why: Why::Several },
    };
    let counts = |value: &Value| match &state {
        State::Known { value: known, .. } => known == value,
        State::Open { .. } => false,
    };
    others.retain(|(v, _)| !counts(v));
    Reconciled { state, others }
}

fn by_people(said: Said, weak: &[&Possible]) -> Reconciled {
    let hints: Vec<Candidate> = weak.iter().flat_map(|p| p.values.clone()).collect();
    match said {
        Said::Nothing(why) if hints.is_empty() => open(why).into(),
        Said::Nothing(_) => Reconciled { state: open(Why::Weak), others: distinct(hints) },
        Said::One(one) => {
            let (value, origin) = *one;
            let against: Vec<Candidate> =
                weak.iter().filter(|p| !p.values.iter().any(|(v, _)| *v == value)).flat_map(|p| p.values.clone()).collect();
            if against.is_empty() {
                return State::Known { value, origin }.into();
            }
            let mut all = vec![(value, origin)];
            all.extend(against);
            conflict(all).into()
        }
        Said::Several(mut values) => {
            values.extend(hints);
            conflict(values).into()
        }
    }
}

/// What is shown to be in a set is in it, whoever left it out.
fn with_sets(decided: Reconciled, sets: &[Possible], ty: &Type) -> Reconciled {
    let seen = |fresh: bool| -> BTreeSet<String> {
        sets.iter().filter(|p| p.fresh == fresh).flat_map(|p| p.includes.iter().flatten().cloned()).collect()
    };
    let (fresh, stale) = (seen(true), seen(false));
    let Some(first) = sets.iter().find(|p| p.fresh).or_else(|| sets.first()) else { return decided };
    let origin = Origin::Observed(first.place.clone());
    let Reconciled { state, mut others } = decided;
    match state {
        State::Known { value: Value::Choices(known), origin: by } => {
            let all: BTreeSet<String> = known.union(&fresh).cloned().collect();
            let older: BTreeSet<String> = all.union(&stale).cloned().collect();
            let now = if all == known {
                State::Known { value: Value::Choices(known), origin: by.clone() }
            } else {
                others.push((Value::Choices(known), by.clone()));
                State::Known { value: Value::Choices(all.clone()), origin: origin.clone() }
            };
            if older == all {
                return Reconciled { state: now, others };
            }
            let by = if matches!(&now, State::Known { origin: Origin::Observed(_), .. }) { origin.clone() } else { by };
            Reconciled { state: conflict(vec![(Value::Choices(all), by), (Value::Choices(older), origin)]), others }
        }
        State::Open { candidates, why } if candidates.is_empty() => {
            if fresh.is_empty() {
                others.push((Value::Choices(stale), origin));
                return Reconciled { state: open(Why::Weak), others };
            }
            let _ = why;
            // Every test on a set comes out alike for all sets between the least and the most, or is open.
            let most = ty.values().iter().map(|(id, _)| id.clone()).collect();
            let candidates = vec![(Value::Choices(fresh), origin.clone()), (Value::Choices(most), origin)];
            Reconciled { state: State::Open { candidates, why: Why::AtLeast }, others }
        }
        State::Open { candidates, why } => {
            let add = |(value, by): Candidate| match value {
                Value::Choices(set) => (Value::Choices(set.union(&fresh).cloned().collect()), by),
                other => (other, by),
            };
            Reconciled { state: State::Open { candidates: candidates.into_iter().map(add).collect(), why }, others }
        }
        known => Reconciled { state: known, others },
    }
}

fn open(why: Why) -> State {
    State::Open { candidates: Vec::new(), why }
}

fn conflict(candidates: Vec<Candidate>) -> State {
    State::Open { candidates: distinct(candidates), why: Why::Conflict }
}

/// Each value once, with the first place that has it.
fn distinct(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    for (value, origin) in candidates {
        if !kept.iter().any(|(v, _)| *v == value) {
            kept.push((value, origin));
        }
    }
    kept
}
