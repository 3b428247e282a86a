//! The entries of the catalogue's registers that are about this deployment.

use super::Assessment;
use super::evaluate::{Quantifier, Reason, Truth, paths};
use super::facts::{Facts, State};
use super::measures::Status;
use super::screening::{entry_holds, for_country};
use crate::catalog::Catalog;
use crate::diagnostic::Place;
use crate::model::{Condition, Deployment, Lang, RetentionKind, RetentionRule, Type, Value};

/// The English unit of a period that can be compared with a rule.
const DAYS: &str = "day";

/// The fact from which the `services` of an entry choose.
const SERVICES: &str = "services.in-use";

/// Ids of the entries that hold or could hold, with the reasons.
#[derive(Clone, Debug, Default)]
pub struct Registers {
    pub staff_laws: Vec<Entry>,
    pub retention: Vec<Entry>,
    pub flows: Vec<Entry>,
    pub roles: Vec<Entry>,
    pub rights: Vec<Entry>,
}

/// An entry of a register that is about this deployment, or may be.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: String,
    /// `Yes` or `Open`.
    pub truth: Truth,
    pub reasons: Vec<Reason>,
}

pub(super) fn registers(catalog: &Catalog, deployment: &Deployment, facts: &Facts<'_>) -> Registers {
    let country = deployment.prose.organisation.country.as_str();
    let in_use = match facts.get(SERVICES).single() {
        Some(Value::Choices(set)) => Some(set.clone()),
        _ => None,
    };
    // Where it is open which services are in use, all of them may be.
    let uses = |services: &[String]| match &in_use {
        _ if services.is_empty() => Truth::Yes,
        None => Truth::Open,
        Some(all) if services.iter().any(|s| all.contains(s)) => Truth::Yes,
        Some(_) => Truth::No,
    };
    let entry = |id: &String, when: &[Condition], used: Truth| -> Option<Entry> {
        let (truth, reasons) = entry_holds(when, facts);
        let truth = truth.min(used);
        (truth != Truth::No).then(|| Entry { id: id.clone(), truth, reasons })
    };
    let staff_laws = catalog.staff_laws.iter().filter(|(_, l)| for_country(&l.countries, country));
    Registers {
        staff_laws: in_order(staff_laws.filter_map(|(id, l)| Some((&l.place, entry(id, &l.when, Truth::Yes)?)))),
        retention: in_order(catalog.retention.iter().filter_map(|(id, k)| Some((&k.place, entry(id, &k.when, uses(&k.services))?)))),
        flows: in_order(catalog.flows.iter().filter_map(|(id, f)| Some((&f.place, entry(id, &f.when, uses(&f.services))?)))),
        roles: in_order(catalog.roles.iter().filter_map(|(id, r)| Some((&r.place, entry(id, &r.when, Truth::Yes)?)))),
        rights: in_order(catalog.rights.iter().filter_map(|(id, r)| Some((&r.place, entry(id, &r.when, Truth::Yes)?)))),
    }
}

/// Entries as the catalogue's file has them: its author put together what belongs together.
fn in_order<'p>(entries: impl Iterator<Item = (&'p Place, Entry)>) -> Vec<Entry> {
    let mut all: Vec<_> = entries.collect();
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, entry)| entry).collect()
}

/// How long a kind of data stays against the organisation's own rule, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionGap {
    /// The organisation has no rule for it.
    NoRule,
    /// Nothing is ever deleted, though the rule has an end.
    Endless,
    /// Kept so many days longer than the rule allows.
    Longer(i64),
    /// Gone so many days before the rule's period ends.
    Shorter(i64),
    Fits,
    /// A period that is open, or is no number of days.
    Unknown,
}

impl Assessment<'_> {
    /// The configured period against the rule; Microsoft's own period where nothing is configured or can be.
    pub fn retention_gap(&self, kind: &RetentionKind, rules: &[&RetentionRule]) -> RetentionGap {
        let rule = match rules {
            [] => return RetentionGap::NoRule,
            [rule] => rule,
            // Several rules for parts of the data: which part is meant, people know.
            _ => return RetentionGap::Unknown,
        };
        let endless = kind.configured.as_ref().is_some_and(|id| {
            let fact = self.facts.get(id);
            fact.cells.iter().any(|c| {
                matches!(&c.state, State::Known { value, .. } if match value {
                    Value::Choice(v) => kind.endless.contains(v),
                    Value::Flag(flag) => kind.endless.contains(&flag.to_string()),
                    _ => false,
                })
            })
        });
        if endless {
            return RetentionGap::Endless;
        }
        let Some(allowed) = rule.days else { return RetentionGap::Unknown };
        let longest = |id: &String| -> Option<i64> {
            let fact = self.facts.get(id);
            // Months, hours and numbers of versions are no days.
            let in_days = match self.facts.vocabulary.get(id).map(|d| &d.ty) {
                Some(Type::Number { unit, .. }) => unit.get(Lang::En).starts_with(DAYS),
                _ => false,
            };
            if !in_days {
                return None;
            }
            let days = fact.cells.iter().map(|c| match &c.state {
                State::Known { value: Value::Number(n), .. } => Some(*n),
                _ => None,
            });
            days.collect::<Option<Vec<_>>>()?.into_iter().max()
        };
        // Where there is a setting, its value counts; that it is open is not Microsoft's period.
        let kept = match (&kind.configured, &kind.default) {
            (Some(configured), _) => longest(configured),
            (None, Some(default)) => longest(default),
            (None, None) => None,
        };
        match kept {
            None => RetentionGap::Unknown,
            Some(kept) if kept > allowed => RetentionGap::Longer(kept - allowed),
            Some(kept) if kept < allowed => RetentionGap::Shorter(allowed - kept),
            Some(_) => RetentionGap::Fits,
        }
    }

    /// The status of a measure, also of one that treats no finding here.
    pub fn measure_status(&self, catalog: &Catalog, id: &str) -> Status {
        if let Some(overall) = self.measures.iter().find(|m| m.standing.id == id) {
            return overall.standing.status;
        }
        let in_place = catalog.measures.get(id).map(|m| paths(&m.in_place, &self.facts, None, Quantifier::Every).truth);
        match in_place {
            Some(Truth::Yes) => Status::InPlace,
            Some(Truth::No) if catalog.measures.get(id).is_some_and(|m| !m.in_place.is_empty()) => Status::NotInPlace,
            _ => Status::Open,
        }
    }
}
