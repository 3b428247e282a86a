//! Facts as known or open on the as-of date: declarations, Microsoft's defaults, vendor rows, derived facts.

use super::evaluate::{Quantifier, Truth, condition, paths};
use super::reconcile::{Candidate, Evidence, Possible, Reconciled, reaches, said, specificity, weigh};
use crate::diagnostic::Place;
use crate::model::{
    Answer, Deployment, FactDef, FactKind, Given, Observation, Origin, Record, Row, RowRef, Scope, Shown, Tag, Type, Value, Vocabulary,
    Weight,
};
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// One fact with its values: one for all, or several by platform and group of people.
#[derive(Clone, Debug)]
pub struct Fact {
    pub id: String,
    pub cells: Vec<Cell>,
    /// The cells are by platform, and nobody has said which platforms are in use.
    pub platforms_open: bool,
    /// A list of records may have more of them than are known.
    pub incomplete: bool,
    /// Fields of records of which several places say different things.
    pub disputes: Vec<Dispute>,
}

/// A field of a record of which several places say different things.
#[derive(Clone, Debug)]
pub struct Dispute {
    /// Key of the record.
    pub record: String,
    pub field: String,
    /// The value that counts, if any does, then the others.
    pub candidates: Vec<Candidate>,
    /// The first candidate counts.
    pub decided: bool,
}

/// A value, or the lack of one, for a part of the deployment.
#[derive(Clone, Debug)]
pub struct Cell {
    pub scope: Scope,
    pub state: State,
    /// Values that were read and do not count: what a description says against an export that shows otherwise, or what an old export said.
    pub others: Vec<Candidate>,
}

#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a deployment has some hundred of these; boxing would only blur every match")]
pub enum State {
    Known {
        value: Value,
        origin: Origin,
    },
    /// Nobody said (`candidates` empty), or several values are possible.
    Open {
        candidates: Vec<(Value, Origin)>,
        why: Why,
    },
}

/// Why a fact is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The description does not say.
    Unstated,
    /// The description says that it is not known.
    Unknown,
    /// Not configured, and no default is known for the date.
    NoDefault,
    /// No dated row fits.
    NoRow,
    /// Several places say different things.
    Conflict,
    /// Files leave several values possible.
    Several,
    /// A set holds at least what was seen in use.
    AtLeast,
    /// Only a file that is old, undated or about a part says something.
    Weak,
    /// A field that may be missing, and is: known not to be set.
    NotSet,
}

impl Cell {
    pub(super) fn new(scope: Scope, state: State) -> Self {
        Self { scope, state, others: Vec::new() }
    }
}

impl Fact {
    pub(super) fn new(id: &str, cells: Vec<Cell>) -> Self {
        Self { id: id.to_owned(), cells, platforms_open: false, incomplete: false, disputes: Vec::new() }
    }

    /// Whether any part is open.
    pub fn is_open(&self) -> bool {
        self.cells.iter().any(|c| matches!(c.state, State::Open { .. }))
    }

    /// The value, where it is the same everywhere and known.
    pub fn single(&self) -> Option<&Value> {
        let mut values = self.cells.iter().map(|c| match &c.state {
            State::Known { value, .. } => Some(value),
            State::Open { .. } => None,
        });
        let first = values.next()??;
        values.all(|v| v == Some(first)).then_some(first)
    }
}

/// All facts of a deployment on a date; resolved when asked for, and remembered.
pub struct Facts<'a> {
    pub vocabulary: &'a Vocabulary,
    pub as_of: Date,
    answers: &'a BTreeMap<String, Answer>,
    pub(super) evidence: Evidence<'a>,
    populations: Vec<String>,
    resolved: RefCell<BTreeMap<String, Rc<Fact>>>,
    running: RefCell<BTreeSet<String>>,
}

impl<'a> Facts<'a> {
    pub fn new(deployment: &'a Deployment, vocabulary: &'a Vocabulary, as_of: Date) -> Self {
        // In an order of their own, so that the order of writing does not matter.
        let populations: BTreeSet<String> = deployment.prose.population.iter().map(|p| p.id.clone()).collect();
        Self {
            vocabulary,
            as_of,
            answers: &deployment.answers,
            evidence: Evidence::new(deployment, as_of),
            populations: populations.into_iter().collect(),
            resolved: RefCell::default(),
            running: RefCell::default(),
        }
    }

    /// A fact by id. An unknown id, or one that depends on itself, is open.
    pub fn get(&self, id: &str) -> Rc<Fact> {
        if let Some(fact) = self.resolved.borrow().get(id) {
            return fact.clone();
        }
        if !self.running.borrow_mut().insert(id.to_owned()) {
            return Rc::new(open_fact(id, Why::NoRow));
        }
        let fact = Rc::new(match self.vocabulary.get(id) {
            Some(def) => self.resolve(def, None),
            None => open_fact(id, Why::Unstated),
        });
        self.running.borrow_mut().remove(id);
        self.resolved.borrow_mut().insert(id.to_owned(), fact.clone());
        fact
    }

    /// A vendor fact in the light of one record: its rows may ask about `record.<field>`.
    pub fn for_record(&self, id: &str, record: &Record) -> Rc<Fact> {
        match self.vocabulary.get(id) {
            Some(def @ FactDef { kind: FactKind::Vendor { .. }, .. }) => Rc::new(self.resolve(def, Some(record))),
            _ => self.get(id),
        }
    }

    /// The platforms in use; where that is open, all there are, and `true`.
    fn platforms(&self) -> (Vec<Option<String>>, bool) {
        let all = &self.vocabulary.platforms;
        let in_use = self.get(&self.vocabulary.platforms_in_use);
        match in_use.single() {
            Some(Value::Choices(set)) => (all.iter().filter(|p| set.contains(*p)).cloned().map(Some).collect(), false),
            _ => (all.iter().cloned().map(Some).collect(), true),
        }
    }

    fn resolve(&self, def: &FactDef, record: Option<&Record>) -> Fact {
        let mut platforms_open = false;
        let cells = match &def.kind {
            FactKind::Asked if matches!(def.ty, Type::Records { .. }) => {
                return super::records::list(self, def, self.answers.get(&def.id));
            }
            FactKind::Asked => {
                let (cells, open) = self.asked(def);
                platforms_open = open;
                cells
            }
            FactKind::Vendor { rows } => {
                let state = |platform: Option<&str>| self.row(rows, platform, record, Why::NoRow, &|row| Origin::Vendor { row });
                let (platforms, open) = if def.per_platform { self.platforms() } else { (vec![None], false) };
                platforms_open = open;
                platforms.into_iter().map(|p| Cell::new(Scope { platform: p.clone(), population: None }, state(p.as_deref()))).collect()
            }
            FactKind::Derived { paths: conditions } => {
                let truth = paths(conditions, self, record, Quantifier::Any).truth;
                let state = match truth {
                    Truth::Open => State::Open { candidates: Vec::new(), why: Why::Unstated },
                    truth => State::Known { value: Value::Flag(truth == Truth::Yes), origin: Origin::Derived },
                };
                vec![Cell::new(Scope::default(), state)]
            }
        };
        Fact { platforms_open, ..Fact::new(&def.id, cells) }
    }

    /// Spreads what is said and shown over the platforms in use and the groups of people; `true` where it is open which platforms those are.
    fn asked(&self, def: &FactDef) -> (Vec<Cell>, bool) {
        let unstated = || Cell::new(Scope::default(), open(Why::Unstated));
        let slots = self.answers.get(&def.id).map_or(&[][..], |a| &a.slots);
        let seen: Vec<&Observation> = self.evidence.of(&def.id).iter().copied().filter(|o| !is_explained(o, def, slots)).collect();
        let decided = self.evidence.resolutions.iter().filter(|r| r.fact == def.id && r.record.is_none());
        let scopes: Vec<&Scope> =
            slots.iter().map(|s| &s.scope).chain(seen.iter().map(|o| &o.scope)).chain(decided.map(|r| &r.scope)).collect();
        if scopes.is_empty() {
            return if def.per_platform && !def.out_of_reach.is_empty() { self.unreached(def) } else { (vec![unstated()], false) };
        }
        let has_base = scopes.iter().any(|s| s.population.is_none());
        let mut populations: Vec<Option<String>> = if has_base { vec![None] } else { Vec::new() };
        for id in &self.populations {
            // A group without an answer of its own follows the general one; without a general one it is open.
            if !has_base || scopes.iter().any(|s| s.population.as_ref() == Some(id)) {
                populations.push(Some(id.clone()));
            }
        }
        let by_default = slots.iter().any(|s| s.given == Given::NotConfigured) || seen.iter().any(|o| o.shown == Shown::NotConfigured);
        let by_platform = def.per_platform && (!def.out_of_reach.is_empty() || by_default || scopes.iter().any(|s| s.platform.is_some()));
        let (platforms, platforms_open) = if by_platform { self.platforms() } else { (vec![None], false) };
        let mut cells = Vec::new();
        for population in &populations {
            for platform in &platforms {
                let scope = Scope { platform: platform.clone(), population: population.clone() };
                let Reconciled { state, others } = self.given(def, slots, &seen, &scope);
                cells.push(Cell { scope, state, others });
            }
        }
        if cells.is_empty() {
            cells.push(unstated());
        }
        (cells, platforms_open)
    }

    /// What holds for a scope: by decision, by what files show, or by what people say.
    fn given(&self, def: &FactDef, slots: &[crate::model::Slot], seen: &[&Observation], scope: &Scope) -> Reconciled {
        let slot = slots.iter().filter(|s| reaches(&s.scope, scope)).max_by_key(|s| specificity(&s.scope));
        // Use that is stated for everybody, and was seen for nobody in particular, says nothing of a group that is stated to differ.
        let elsewhere = |o: &Observation| {
            o.weight == Weight::Presence
                && o.scope.population.is_none()
                && scope.population.is_some()
                && slot.is_some_and(|s| s.scope.population.is_some())
                && slots.iter().any(|s| s.scope.population.is_none() && fits(&s.given, &o.shown))
        };
        let fitting: Vec<&Observation> = seen.iter().copied().filter(|o| reaches(&o.scope, scope) && !elsewhere(o)).collect();
        let place = slot.map(|s| &s.place).or_else(|| fitting.first().map(|o| &o.place)).cloned();
        if let Some(state) = self.out_of_reach(def, scope.platform.as_deref(), place) {
            return state.into();
        }
        let platform = scope.platform.as_deref();
        let (answers, shown): (Vec<&Observation>, Vec<&Observation>) =
            fitting.into_iter().partition(|o| o.weight == Weight::Statement && self.evidence.counts(o));
        // The most special answer of each file.
        let best = |o: &&Observation| {
            answers.iter().filter(|p| p.evidence == o.evidence).map(|p| specificity(&p.scope)).max() == Some(specificity(&o.scope))
        };
        let claims = slot
            .map(|s| self.claim(def, &s.given, &s.place, platform))
            .into_iter()
            .chain(answers.iter().copied().filter(best).map(|o| match &o.shown {
                Shown::Is(value) => self.claim(def, &Given::Value(value.clone()), &o.place, platform),
                Shown::NotConfigured => self.claim(def, &Given::NotConfigured, &o.place, platform),
                Shown::OneOf(_) | Shown::Includes(_) => open(Why::Unknown),
            }))
            .collect();
        let possible = shown.into_iter().filter_map(|o| self.possible(def, o, platform)).collect();
        let weighed = weigh(said(claims), possible, &def.ty);
        match self.evidence.resolution(&def.id, None, scope) {
            None => weighed,
            // Nobody decided anything by saying that it is not known.
            Some(resolution) if resolution.given == Given::Unknown => weighed,
            Some(resolution) => {
                let mut others = weighed.others;
                match weighed.state {
                    State::Known { value, origin } => others.push((value, origin)),
                    State::Open { candidates, .. } => others.extend(candidates),
                }
                let state = match self.claim(def, &resolution.given, &resolution.place, platform) {
                    State::Known { value, .. } => State::Known { value, origin: Origin::Resolved(resolution.place.clone()) },
                    state => state,
                };
                if let State::Known { value, .. } = &state {
                    others.retain(|(v, _)| v != value);
                }
                Reconciled { state, others }
            }
        }
    }

    /// What somebody says, with Microsoft's default where they say that nobody configured it.
    fn claim(&self, def: &FactDef, given: &Given, place: &Place, platform: Option<&str>) -> State {
        match given {
            Given::Value(value) => State::Known { value: value.clone(), origin: Origin::Declared(place.clone()) },
            Given::Unknown => open(Why::Unknown),
            Given::NotConfigured => {
                self.row(&def.defaults, platform, None, Why::NoDefault, &|row| Origin::Default { row, place: place.clone() })
            }
            Given::Disputed(values) => State::Open {
                candidates: values.iter().map(|(v, p)| (v.clone(), Origin::Declared(p.clone()))).collect(),
                why: Why::Conflict,
            },
        }
    }

    /// The values that an observation leaves possible; none where it says nothing.
    fn possible(&self, def: &FactDef, observation: &Observation, platform: Option<&str>) -> Option<Possible> {
        let place = &observation.place;
        let observed = |v: &Value| (v.clone(), Origin::Observed(place.clone()));
        let (values, includes) = match &observation.shown {
            Shown::Is(value) => (vec![observed(value)], None),
            Shown::OneOf(values) => (values.iter().map(observed).collect(), None),
            Shown::Includes(set) => (Vec::new(), Some(set.clone())),
            Shown::NotConfigured => match self.claim(def, &Given::NotConfigured, place, platform) {
                State::Known { value, origin } => (vec![(value, origin)], None),
                State::Open { .. } => return None,
            },
        };
        Some(Possible {
            values,
            place: place.clone(),
            weight: observation.weight,
            fresh: self.evidence.counts(observation),
            scope: observation.scope.clone(),
            includes,
        })
    }

    /// What holds on a platform that the control does not reach.
    fn out_of_reach(&self, def: &FactDef, platform: Option<&str>, place: Option<Place>) -> Option<State> {
        let origin = |row| Origin::OutOfReach { row, place: place.clone() };
        let state = self.row(&def.out_of_reach, platform, None, Why::NoRow, &origin);
        matches!(state, State::Known { .. }).then_some(state)
    }

    /// A fact of which nobody said anything: known where the control does not reach, open elsewhere.
    fn unreached(&self, def: &FactDef) -> (Vec<Cell>, bool) {
        let (platforms, platforms_open) = self.platforms();
        let cells: Vec<Cell> = platforms
            .into_iter()
            .map(|platform| {
                let state = self.out_of_reach(def, platform.as_deref(), None).unwrap_or_else(|| open(Why::Unstated));
                Cell::new(Scope { platform, population: None }, state)
            })
            .collect();
        match cells.iter().any(|c| matches!(c.state, State::Known { .. })) {
            true => (cells, platforms_open),
            false => (vec![Cell::new(Scope::default(), open(Why::Unstated))], false),
        }
    }

    /// The value of the rows that hold on the as-of date.
    fn row(&self, rows: &[Row], platform: Option<&str>, record: Option<&Record>, none: Why, origin: &dyn Fn(RowRef) -> Origin) -> State {
        let in_time = |r: &&Row| r.from.is_none_or(|d| d <= self.as_of) && r.until.is_none_or(|d| self.as_of < d);
        let (mut certain, mut possible): (Vec<&Row>, Vec<&Row>) = (Vec::new(), Vec::new());
        for row in rows.iter().filter(in_time) {
            match condition(&row.when, self, record, platform, Quantifier::Any).truth {
                Truth::Yes => certain.push(row),
                Truth::Open => possible.push(row),
                Truth::No => {}
            }
        }
        let candidate = |r: &&Row| (r.value.clone(), origin(RowRef::from(*r)));
        // The best supported row speaks for all that say the same.
        certain.sort_by_key(|r| (r.tag, std::cmp::Reverse(r.last_seen)));
        match certain.first() {
            Some(best) if certain.iter().chain(&possible).all(|r| r.value == best.value) => {
                State::Known { value: best.value.clone(), origin: origin(RowRef::from(*best)) }
            }
            Some(_) => State::Open { candidates: certain.iter().chain(&possible).map(candidate).collect(), why: Why::Conflict },
            // Possible rows only: none of them may fit, so they are no complete list of candidates.
            None => open(none),
        }
    }
}

/// Whether what is stated agrees with what was seen.
fn fits(given: &Given, shown: &Shown) -> bool {
    match (given, shown) {
        (Given::Value(value), Shown::Is(seen)) => value == seen,
        (Given::Value(Value::Choices(set)), Shown::Includes(seen)) => seen.is_subset(set),
        _ => false,
    }
}

/// Use that was seen, and that the description states for a group of people only: the file does not say for whom.
fn is_explained(observation: &Observation, def: &FactDef, slots: &[crate::model::Slot]) -> bool {
    if observation.weight != Weight::Presence || !def.per_population || observation.scope.population.is_some() {
        return false;
    }
    let fits = |given: &Given| fits(given, &observation.shown);
    let (groups, all): (Vec<_>, Vec<_>) = slots.iter().partition(|s| s.scope.population.is_some());
    !all.iter().any(|s| fits(&s.given)) && groups.iter().any(|s| fits(&s.given))
}

fn open(why: Why) -> State {
    State::Open { candidates: Vec::new(), why }
}

fn open_fact(id: &str, why: Why) -> Fact {
    Fact::new(id, vec![Cell::new(Scope::default(), open(why))])
}

/// Why a value should be looked at again before it is relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// From memory only.
    Recalled,
    /// Last seen more than a year before the as-of date.
    Aged,
}

/// The marks of a value's origin on a date.
pub fn marks(origin: &Origin, as_of: Date) -> Vec<Mark> {
    let (Origin::Default { row, .. } | Origin::OutOfReach { row, .. } | Origin::Vendor { row }) = origin else { return Vec::new() };
    let mut marks = Vec::new();
    if row.tag == Tag::Recalled {
        marks.push(Mark::Recalled);
    }
    // A row that has ended is history: it cannot grow old.
    let year_before = as_of.checked_sub(jiff::Span::new().years(1)).unwrap_or(as_of);
    if row.until.is_none() && row.last_seen < year_before {
        marks.push(Mark::Aged);
    }
    marks
}
