//! Lists of records, such as third-party apps: what the description says of each, and what files show.

use super::facts::{Cell, Dispute, Fact, Facts, State, Why};
use super::reconcile::Candidate;
use crate::diagnostic::Place;
use crate::model::{Answer, FactDef, FieldDef, Given, Origin, Record, Scope, Sighting, Type, Value, Weight};
use std::collections::{BTreeMap, BTreeSet};

/// A permission nobody has named: a list that holds it may hold anything.
const ANYTHING: &str = "unknown";

/// The state of a list: its records with every field that files show, and whether there may be more of them.
pub(super) fn list(facts: &Facts<'_>, def: &FactDef, answer: Option<&Answer>) -> Fact {
    let Type::Records { key, name, fields } = &def.ty else { return Fact::new(&def.id, Vec::new()) };
    let slot = answer.and_then(|a| a.slots.first());
    let mut records: Vec<Record> = match slot.map(|s| &s.given) {
        Some(Given::Value(Value::Records(records))) => records.clone(),
        _ => Vec::new(),
    };
    let sightings: Vec<&Sighting> = facts.evidence.sightings.iter().copied().filter(|s| s.list == def.id).collect();
    let declared = matches!(slot.map(|s| &s.given), Some(Given::Value(_)));
    let (mut disputes, mut keys) = (Vec::new(), records.iter().map(|r| r.key.clone()).collect::<BTreeSet<_>>());
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for group in grouped(&sightings) {
        // Two apps of one name are two apps, be it that the description knows only one of them.
        let at = match (0..records.len()).find(|i| !taken.contains(i) && is_about(&records[*i], &group)) {
            Some(at) => at,
            None => {
                let id = free_key(group[0], &mut keys);
                let place = group[0].place.clone();
                let text = |t: &str| (Given::Value(Value::Text(t.to_owned())), place.clone());
                let mut known = BTreeMap::from([(key.clone(), text(&id)), (name.clone(), text(&group[0].name))]);
                if !group[0].app_id.is_empty() && fields.iter().any(|f| f.id == "app-id") {
                    known.insert("app-id".to_owned(), text(&group[0].app_id));
                }
                records.push(Record { list: def.id.clone(), key: id, fields: known, place });
                records.len() - 1
            }
        };
        taken.insert(at);
        let merge = Merge { facts, list: &def.id, fields, disputes: &mut disputes };
        merge.into(&mut records[at], &group);
    }
    for record in &mut records {
        // An optional field that nobody and nothing fills is known not to be set.
        for field in fields.iter().filter(|f| f.optional) {
            let place = record.place.clone();
            record.fields.entry(field.id.clone()).or_insert((Given::NotConfigured, place));
        }
    }
    records.sort_by(|a, b| a.key.cmp(&b.key));
    let origin = match (slot, sightings.first()) {
        (Some(slot), _) if declared => Origin::Declared(slot.place.clone()),
        (_, Some(sighting)) => Origin::Observed(sighting.place.clone()),
        (Some(slot), None) => {
            let why = if slot.given == Given::Unknown { Why::Unknown } else { Why::Unstated };
            return Fact::new(&def.id, vec![Cell::new(Scope::default(), State::Open { candidates: Vec::new(), why })]);
        }
        (None, None) => {
            let state = State::Open { candidates: Vec::new(), why: Why::Unstated };
            return Fact::new(&def.id, vec![Cell::new(Scope::default(), state)]);
        }
    };
    let state = State::Known { value: Value::Records(records), origin };
    // No export shows every vendor: some only carry mail, and have no permission in the directory.
    Fact { incomplete: !declared, disputes, ..Fact::new(&def.id, vec![Cell::new(Scope::default(), state)]) }
}

/// Sightings of the same record, in the order of the first of each.
fn grouped<'s>(sightings: &[&'s Sighting]) -> Vec<Vec<&'s Sighting>> {
    let mut groups: Vec<Vec<&Sighting>> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
    for sighting in sightings {
        let (id, name) = (sighting.app_id.to_lowercase(), sighting.name.trim().to_lowercase());
        let known = (!id.is_empty()).then(|| by_id.get(&id)).flatten();
        // Names are not unique: they tell apps apart only where a file gives nothing better.
        let at = known.or_else(|| by_name.get(&name).filter(|at| id.is_empty() || groups[**at].iter().all(|s| s.app_id.is_empty())));
        let at = at.copied().unwrap_or_else(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[at].push(sighting);
        if !id.is_empty() {
            by_id.entry(id).or_insert(at);
        }
        if !name.is_empty() {
            by_name.entry(name).or_insert(at);
        }
    }
    groups
}

/// Whether a described record is the one that files show: by its app id, or by its name where it has no id.
fn is_about(record: &Record, group: &[&Sighting]) -> bool {
    let text = |field: &str| match record.fields.get(field) {
        Some((Given::Value(Value::Text(text)), _)) => Some(text.trim().to_lowercase()),
        _ => None,
    };
    let seen = group.iter().map(|s| s.app_id.to_lowercase()).find(|id| !id.is_empty());
    match (text("app-id"), seen) {
        (Some(own), Some(seen)) => own == seen,
        _ => {
            let names: Vec<String> = [text("name"), Some(record.key.to_lowercase())].into_iter().flatten().collect();
            group.iter().any(|s| !s.name.trim().is_empty() && names.contains(&s.name.trim().to_lowercase()))
        }
    }
}

/// A name for a record that the description does not have: from its name in the tenant, or its id.
fn free_key(sighting: &Sighting, keys: &mut BTreeSet<String>) -> String {
    let words = sighting.name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_ascii_lowercase);
    let mut base = words.collect::<Vec<_>>().join("-");
    if base.is_empty() {
        base = if sighting.app_id.is_empty() { "app".to_owned() } else { sighting.app_id.to_lowercase() };
    }
    let mut key = base.clone();
    let mut number = 2;
    while !keys.insert(key.clone()) {
        key = format!("{base}-{number}");
        number += 1;
    }
    key
}

struct Merge<'m, 'a> {
    facts: &'m Facts<'a>,
    list: &'m str,
    fields: &'m [FieldDef],
    disputes: &'m mut Vec<Dispute>,
}

impl Merge<'_, '_> {
    fn into(self, record: &mut Record, group: &[&Sighting]) {
        for field in self.fields {
            let seen: Vec<(&Sighting, &Value, &Place)> =
                group.iter().flat_map(|s| s.fields.iter().filter(|(id, ..)| *id == field.id).map(|(_, v, p)| (*s, v, p))).collect();
            if seen.is_empty() {
                continue;
            }
            let own = record.fields.get(&field.id).cloned();
            let (given, mut others) = match field.ty {
                Type::Permissions => self.permissions(own.as_ref(), &seen),
                _ => self.field(own.as_ref(), &seen),
            };
            let resolution = self.facts.evidence.resolution(&format!("{}.{}", self.list, field.id), Some(&record.key), &Scope::default());
            let (given, decided) = match resolution {
                Some(r) => {
                    match &given.0 {
                        Given::Value(value) => others.insert(0, (value.clone(), super::evaluate::by(&given.1))),
                        Given::Disputed(values) => others.extend(values.iter().map(|(v, p)| (v.clone(), super::evaluate::by(p)))),
                        _ => {}
                    }
                    ((r.given.clone(), r.place.clone()), true)
                }
                None => {
                    let decided = !matches!(given.0, Given::Disputed(_));
                    (given, decided)
                }
            };
            let mut candidates: Vec<Candidate> = match &given.0 {
                Given::Value(value) if resolution.is_some() => vec![(value.clone(), Origin::Resolved(given.1.clone()))],
                Given::Value(value) if !others.is_empty() => vec![(value.clone(), super::evaluate::by(&given.1))],
                Given::Disputed(values) => values.iter().map(|(v, p)| (v.clone(), super::evaluate::by(p))).collect(),
                _ => Vec::new(),
            };
            candidates.extend(others);
            if candidates.len() > 1 && !is_lower_bound(&given.0) {
                self.disputes.push(Dispute { record: record.key.clone(), field: field.id.clone(), candidates, decided });
            }
            record.fields.insert(field.id.clone(), given);
        }
    }

    /// A field that is one value: what a file of the right date shows counts, otherwise both stand.
    fn field(&self, own: Option<&(Given, Place)>, seen: &[(&Sighting, &Value, &Place)]) -> ((Given, Place), Vec<Candidate>) {
        let strong: Vec<_> = seen.iter().filter(|(s, ..)| self.facts.evidence.is_fresh(s.evidence)).collect();
        let declared = own.and_then(|(g, p)| match g {
            Given::Value(v) => Some((v.clone(), p.clone())),
            _ => None,
        });
        let (_, first, place) = strong.first().copied().unwrap_or(&seen[0]);
        let all: Vec<(Value, Place)> = seen.iter().map(|(_, v, p)| ((*v).clone(), (*p).clone())).collect();
        let agree = |values: &[(Value, Place)]| values.iter().all(|(v, _)| *v == values[0].0);
        match (strong.is_empty(), declared) {
            (false, declared) if strong.iter().all(|(_, v, _)| v == first) => {
                let others = declared.filter(|(v, _)| v != *first).map(|(v, p)| (v, Origin::Declared(p)));
                ((Given::Value((*first).clone()), (*place).clone()), others.into_iter().collect())
            }
            (true, Some((value, place))) if all.iter().all(|(v, _)| *v == value) => ((Given::Value(value), place), Vec::new()),
            (true, None) if agree(&all) => {
                // What an old file shows is a hint, and no answer.
                ((Given::Unknown, (*place).clone()), vec![((*first).clone(), Origin::Observed((*place).clone()))])
            }
            (_, declared) => {
                let values = declared.into_iter().chain(all).fold(Vec::new(), |mut kept: Vec<(Value, Place)>, (v, p)| {
                    if !kept.iter().any(|(k, _)| *k == v) {
                        kept.push((v, p));
                    }
                    kept
                });
                ((Given::Disputed(values), (*place).clone()), Vec::new())
            }
        }
    }

    /// Permissions by kind: those of a kind for which a file of the right date is complete are as it shows, the others as stated and seen.
    fn permissions(&self, own: Option<&(Given, Place)>, seen: &[(&Sighting, &Value, &Place)]) -> ((Given, Place), Vec<Candidate>) {
        let declared = own.and_then(|(g, p)| match g {
            Given::Value(Value::Permissions(set)) => Some((set.clone(), p.clone())),
            _ => None,
        });
        let sets = || seen.iter().filter_map(|(s, v, p)| if let Value::Permissions(set) = v { Some((*s, set, *p)) } else { None });
        let prefix = |p: &str| p.split(':').next().unwrap_or_default().to_owned();
        // Which kinds the files speak for, where they are of the right date.
        let covered: BTreeSet<String> = sets()
            .filter(|(s, ..)| s.all_permissions && s.weight == Weight::Complete && self.facts.evidence.is_fresh(s.evidence))
            .flat_map(|(s, ..)| s.speaks_for.iter().cloned())
            .collect();
        let shown: BTreeSet<String> = sets().flat_map(|(.., set, _)| set.iter().cloned()).collect();
        let fresh: BTreeSet<String> =
            sets().filter(|(s, ..)| self.facts.evidence.is_fresh(s.evidence)).flat_map(|(.., set, _)| set.iter().cloned()).collect();
        let place = sets().find(|(.., set, _)| !set.is_empty()).map_or(seen[0].2, |(.., p)| p).clone();
        let result: BTreeSet<String> = match &declared {
            Some((own, _)) => own.iter().filter(|p| !covered.contains(&prefix(p))).chain(&fresh).cloned().collect(),
            None => fresh.clone(),
        };
        let stale: BTreeSet<String> = shown.difference(&fresh).filter(|p| !covered.contains(&prefix(p))).cloned().collect();
        let old: Vec<Candidate> = declared
            .iter()
            .filter(|(set, _)| *set != result)
            .map(|(s, p)| (Value::Permissions(s.clone()), Origin::Declared(p.clone())))
            .collect();
        if !stale.is_subset(&result) {
            let mut more: BTreeSet<String> = result.union(&stale).cloned().collect();
            if declared.is_none() {
                more.insert(format!("application:{ANYTHING}"));
            }
            let place = sets().find(|(_, set, _)| !set.is_disjoint(&stale)).map_or(place, |(.., p)| p.clone());
            let least = (Value::Permissions(result), declared.map_or(place.clone(), |(_, p)| p));
            return ((Given::Disputed(vec![least, (Value::Permissions(more), place.clone())]), place), old);
        }
        // Kinds of permission that a tenant's lists of grants can show.
        let whole = ["application", "delegated"].iter().all(|k| covered.contains(*k));
        match declared {
            Some((set, own)) if set == result => {
                // Where no file could show some of them, such as roles of Exchange, the description stands for the list.
                let shown = whole && set.iter().all(|p| covered.contains(&prefix(p)));
                ((Given::Value(Value::Permissions(set)), if shown { place } else { own }), Vec::new())
            }
            Some(_) => ((Given::Value(Value::Permissions(result)), place), old),
            None if whole => ((Given::Value(Value::Permissions(result)), place), Vec::new()),
            None => {
                // At least these: a test that they do not fulfil stays open.
                let more = result.iter().cloned().chain([format!("application:{ANYTHING}")]).collect();
                let least = (Value::Permissions(result), place.clone());
                ((Given::Disputed(vec![least, (Value::Permissions(more), place.clone())]), place), Vec::new())
            }
        }
    }
}

/// Candidates that only say "at least these" are no contradiction.
fn is_lower_bound(given: &Given) -> bool {
    let anything = format!("application:{ANYTHING}");
    matches!(given, Given::Disputed(values) if values.iter().any(|(v, _)| matches!(v, Value::Permissions(set) if set.contains(&anything))))
}
