//! Facts as known or open on the as-of date: declarations, Microsoft's defaults, vendor rows, derived facts.

use super::evaluate::{Quantifier, Truth, condition, paths};
use crate::diagnostic::Place;
use crate::model::{Answer, Deployment, FactDef, FactKind, Given, Origin, Record, Row, RowRef, Scope, Tag, Type, Value, Vocabulary};
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
}

/// A value, or the lack of one, for a part of the deployment.
#[derive(Clone, Debug)]
pub struct Cell {
    pub scope: Scope,
    pub state: State,
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
    /// Several values are possible.
    Conflict,
    /// A field that may be missing, and is: known not to be set.
    NotSet,
}

impl Fact {
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
            FactKind::Asked => {
                let (cells, open) = self.asked(def);
                platforms_open = open;
                cells
            }
            FactKind::Vendor { rows } => {
                let state = |platform: Option<&str>| self.row(rows, platform, record, Why::NoRow, &|row| Origin::Vendor { row });
                let (platforms, open) = if def.per_platform { self.platforms() } else { (vec![None], false) };
                platforms_open = open;
                platforms.into_iter().map(|p| Cell { state: state(p.as_deref()), scope: Scope { platform: p, population: None } }).collect()
            }
            FactKind::Derived { paths: conditions } => {
                let truth = paths(conditions, self, record, Quantifier::Any).truth;
                vec![Cell {
                    scope: Scope::default(),
                    state: match truth {
                        Truth::Open => State::Open { candidates: Vec::new(), why: Why::Unstated },
                        truth => State::Known { value: Value::Flag(truth == Truth::Yes), origin: Origin::Derived },
                    },
                }]
            }
        };
        Fact { id: def.id.clone(), cells, platforms_open }
    }

    /// Spreads an answer over the platforms in use and the groups of people; `true` where it is open which platforms those are.
    fn asked(&self, def: &FactDef) -> (Vec<Cell>, bool) {
        let unstated = || Cell { scope: Scope::default(), state: open(Why::Unstated) };
        let Some(answer) = self.answers.get(&def.id) else {
            return if def.per_platform && !def.out_of_reach.is_empty() { self.unreached(def) } else { (vec![unstated()], false) };
        };
        let has_base = answer.slots.iter().any(|s| s.scope.population.is_none());
        let mut populations: Vec<Option<String>> = if has_base { vec![None] } else { Vec::new() };
        for id in &self.populations {
            // A group without an answer of its own follows the general one; without a general one it is open.
            if !has_base || answer.slots.iter().any(|s| s.scope.population.as_ref() == Some(id)) {
                populations.push(Some(id.clone()));
            }
        }
        let by_platform = def.per_platform
            && (!def.out_of_reach.is_empty() || answer.slots.iter().any(|s| s.scope.platform.is_some() || s.given == Given::NotConfigured));
        let (platforms, platforms_open) = if by_platform { self.platforms() } else { (vec![None], false) };
        let mut cells = Vec::new();
        for population in &populations {
            for platform in &platforms {
                let scope = Scope { platform: platform.clone(), population: population.clone() };
                cells.push(Cell { state: self.given(def, answer, &scope), scope });
            }
        }
        if cells.is_empty() {
            cells.push(unstated());
        }
        (cells, platforms_open)
    }

    /// The most specific slot for a scope: own group before all, own platform before all.
    fn given(&self, def: &FactDef, answer: &Answer, scope: &Scope) -> State {
        let fits = |own: &Option<String>, wanted: &Option<String>| own.is_none() || own == wanted;
        let slot = answer
            .slots
            .iter()
            .filter(|s| fits(&s.scope.platform, &scope.platform) && fits(&s.scope.population, &scope.population))
            .max_by_key(|s| (s.scope.population.is_some(), s.scope.platform.is_some()));
        if let Some(state) = self.out_of_reach(def, scope.platform.as_deref(), slot.map(|s| s.place.clone())) {
            return state;
        }
        match slot {
            None => open(Why::Unstated),
            Some(slot) => match &slot.given {
                Given::Value(value) => State::Known { value: complete(value, &def.ty), origin: Origin::Declared(slot.place.clone()) },
                Given::Unknown => open(Why::Unknown),
                Given::NotConfigured => {
                    let place = slot.place.clone();
                    self.row(&def.defaults, scope.platform.as_deref(), None, Why::NoDefault, &|row| Origin::Default {
                        row,
                        place: place.clone(),
                    })
                }
            },
        }
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
            .map(|platform| Cell {
                state: self.out_of_reach(def, platform.as_deref(), None).unwrap_or_else(|| open(Why::Unstated)),
                scope: Scope { platform, population: None },
            })
            .collect();
        match cells.iter().any(|c| matches!(c.state, State::Known { .. })) {
            true => (cells, platforms_open),
            false => (vec![Cell { scope: Scope::default(), state: open(Why::Unstated) }], false),
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

/// Records with every optional field that is missing marked as not set.
fn complete(value: &Value, ty: &Type) -> Value {
    let (Value::Records(records), Type::Records { fields, .. }) = (value, ty) else { return value.clone() };
    let mut records = records.clone();
    for record in &mut records {
        for field in fields.iter().filter(|f| f.optional) {
            let place = record.place.clone();
            record.fields.entry(field.id.clone()).or_insert((Given::NotConfigured, place));
        }
    }
    Value::Records(records)
}

fn open(why: Why) -> State {
    State::Open { candidates: Vec::new(), why }
}

fn open_fact(id: &str, why: Why) -> Fact {
    Fact { id: id.to_owned(), cells: vec![Cell { scope: Scope::default(), state: open(why) }], platforms_open: false }
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
