//! Files about persons or products: presence, counts and licences. Rows are counted and forgotten.

use super::kit::{Kit, Reads, matches_any, number_in};
use super::lines::{Head, Line, Said};
use super::settings::policy_name;
use crate::diagnostic::Place;
use crate::model::{EvidenceKind, RuleKind, Scope, Shown, Value, Weight};
use crate::sheets::Kind;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Different values of a column that are counted; more of them are not a classification, and could be names.
const MOST_VALUES: usize = 260;
/// Words for yes in the languages that portals are exported in.
const YES: [&str; 5] = ["true", "yes", "ja", "oui", "wahr"];

/// The reader for usage reports: use is shown, its absence never.
#[derive(Default)]
pub(super) struct Usage {
    /// Columns of each rule that has not fired yet.
    waiting: Vec<(usize, Vec<u32>)>,
    persons: Vec<u32>,
    date: Option<u32>,
    concealed: u64,
    named: u64,
    person_place: Option<Place>,
}

impl Reads for Usage {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        let (mut missing, mut used) = (BTreeSet::new(), BTreeSet::new());
        self.waiting.clear();
        for (index, rule) in kind.rules.iter().enumerate() {
            let RuleKind::Shows { columns, .. } = &rule.what else { continue };
            let found: Vec<u32> = columns.iter().filter_map(|c| head.column(kind, c)).collect();
            missing.extend(columns.iter().filter(|c| head.column(kind, c).is_none()).cloned());
            used.extend(found.iter().copied());
            self.waiting.push((index, found));
        }
        self.persons = head.roles(kind, "person");
        self.date = head.role(kind, "date");
        used.extend(self.persons.iter().copied().chain(self.date));
        kit.columns(head.len(), used.len(), missing.into_iter().collect());
    }

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        kit.dated(line.text(self.date));
        for column in &self.persons {
            if let Some(Said::Text(text)) = line.said(*column) {
                let hidden = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
                *(if hidden { &mut self.concealed } else { &mut self.named }) += 1;
                self.person_place.get_or_insert_with(|| line.place(*column));
            }
        }
        let (kind, refreshed) = (kit.kind, kit.file.as_of);
        self.waiting.retain(|(index, columns)| {
            let RuleKind::Shows { fact, shown, .. } = &kind.rules[*index].what else { return false };
            let Some(column) = columns.iter().copied().find(|c| is_use(line, *c, refreshed)) else { return true };
            let scope = Scope { population: kit.population_for(fact), platform: None };
            kit.observe(fact, scope, shown.clone(), line.place(column), Weight::Presence);
            false
        });
    }

    fn finish(&mut self, kit: &mut Kit<'_>) {
        let Some(place) = self.person_place.clone() else { return };
        for rule in &kit.kind.rules {
            let RuleKind::Concealed { fact } = &rule.what else { continue };
            // The export is made with the setting of its day: it shows all names or none.
            let shown = match (self.concealed, self.named) {
                (_, 0) => true,
                (0, _) => false,
                _ => continue,
            };
            kit.observe(fact, Scope::default(), Shown::Is(Value::Flag(shown)), place.clone(), Weight::Complete);
        }
    }
}

/// Whether a cell shows use: yes, a number above zero, or a date within half a year before the report.
fn is_use(line: &Line<'_>, column: u32, refreshed: Option<Date>) -> bool {
    let Some(Said::Text(text)) = line.said(column) else { return false };
    if YES.iter().any(|y| text.eq_ignore_ascii_case(y)) {
        return true;
    }
    if let Some(date) = text.get(..10).and_then(|d| d.parse::<Date>().ok()) {
        // The longest period of a report is 180 days: an older date says nothing of the present.
        return refreshed.is_none_or(|r| (r - date).get_days() <= 180);
    }
    if line.kind(column) == Some(Kind::Date) {
        return true;
    }
    if number_in(text).is_some_and(|n| n > 0) || text.parse::<f64>().is_ok_and(|n| n > 0.0) {
        return true;
    }
    let parts: Vec<i16> = text.split(['T', ' ']).next().unwrap_or_default().split(['-', '/', '.']).filter_map(|p| p.parse().ok()).collect();
    let [a, b, year] = parts[..] else { return false };
    // Day and month may stand in either order: the later day counts.
    let day = |month: i16, day: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    let latest = [day(a, b), day(b, a)].into_iter().flatten().max();
    latest.is_some_and(|d| refreshed.is_none_or(|r| (r - d).get_days() <= 180))
}

/// The reader for lists of licences.
#[derive(Default)]
pub(super) struct Licences {
    products: Vec<u32>,
    assigned: Option<u32>,
    total: Option<u32>,
    status: Option<u32>,
    /// Where each rule's product was found, given to at least one person.
    found: BTreeMap<usize, Place>,
    /// Rules whose product is in the list, given to people or not.
    listed: BTreeSet<usize>,
    first: Option<Place>,
}

impl Reads for Licences {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        self.products = head.roles(kind, "product");
        self.assigned = head.role(kind, "assigned");
        self.total = head.role(kind, "total");
        self.status = head.role(kind, "status");
        let used = self.products.len() + usize::from(self.assigned.is_some()) + usize::from(self.total.is_some());
        let missing = if self.assigned.or(self.total).is_none() { kit.kind.columns.get("assigned").cloned() } else { None };
        kit.columns(head.len(), used, missing.into_iter().flatten().collect());
    }

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        let count = |c: Option<u32>| c.and_then(|c| number_in(&line.text(Some(c)).replace([' ', '\u{a0}'], "")));
        // Where nobody has a licence that was bought, nobody uses what it opens.
        let has = count(self.assigned).or_else(|| count(self.total)).is_none_or(|n| n > 0);
        let kind = kit.kind;
        let status = line.text(self.status).to_lowercase();
        let ended = kind.words.get("status").and_then(|w| w.get(&status)).is_some_and(|w| w == "ended");
        for column in &self.products {
            let name = line.text(Some(*column));
            if name.is_empty() {
                continue;
            }
            self.first.get_or_insert_with(|| line.place(*column));
            for (index, rule) in kind.rules.iter().enumerate() {
                let RuleKind::Licence { products, .. } = &rule.what else { continue };
                if !matches_any(name, products) {
                    continue;
                }
                self.listed.insert(index);
                if has && !ended {
                    self.found.entry(index).or_insert_with(|| line.place(*column));
                }
            }
        }
    }

    fn finish(&mut self, kit: &mut Kit<'_>) {
        let Some(first) = self.first.clone() else { return };
        let kind = kit.kind;
        let mut sets: BTreeMap<&str, (BTreeSet<String>, Place)> = BTreeMap::new();
        let mut done: BTreeSet<&str> = BTreeSet::new();
        for (index, rule) in kind.rules.iter().enumerate() {
            let RuleKind::Licence { fact, shown, .. } = &rule.what else { continue };
            match (shown, self.found.get(&index)) {
                (Shown::Includes(set), found) => {
                    let entry = sets.entry(fact).or_insert_with(|| (BTreeSet::new(), first.clone()));
                    if let Some(place) = found {
                        if entry.0.is_empty() {
                            entry.1 = place.clone();
                        }
                        entry.0.extend(set.iter().cloned());
                    }
                }
                (shown, Some(place)) if done.insert(fact) => {
                    let weight = if matches!(shown, Shown::OneOf(_)) { kit.weight() } else { Weight::Presence };
                    kit.observe(fact, Scope::default(), shown.clone(), place.clone(), weight);
                }
                _ => {}
            }
        }
        for (fact, (set, place)) in sets.into_iter().filter(|(_, (set, _))| !set.is_empty()) {
            kit.observe(fact, Scope::default(), Shown::Includes(set), place, Weight::Presence);
        }
        // A list of all licences shows what is not in it, too.
        let listed: BTreeSet<&str> = self
            .listed
            .iter()
            .filter_map(|i| if let RuleKind::Licence { fact, .. } = &kind.rules[*i].what { Some(fact.as_str()) } else { None })
            .collect();
        for rule in &kind.rules {
            if let RuleKind::Licence { fact, none: Some(none), .. } = &rule.what
                && kind.complete
                && !listed.contains(fact.as_str())
                && done.insert(fact)
            {
                kit.observe(fact, Scope::default(), none.clone(), first.clone(), Weight::Complete);
            }
        }
    }
}

/// The reader for lists of persons of which only counts are taken.
#[derive(Default)]
pub(super) struct Count {
    /// Per rule: its column, rows with one of its values, rows with another or none, and the largest number.
    rules: Vec<(usize, u32)>,
    hits: BTreeMap<usize, (u64, Place)>,
    misses: BTreeMap<usize, (u64, Place)>,
    largest: BTreeMap<usize, (i64, Place)>,
    /// Rules of which a cell could not be understood: the others may be smaller or larger.
    partial: BTreeSet<usize>,
    tallied: Vec<(String, u32)>,
    tallies: BTreeMap<String, BTreeMap<String, u64>>,
    date: Option<u32>,
}

impl Reads for Count {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        let (mut missing, mut used) = (BTreeSet::new(), BTreeSet::new());
        self.rules.clear();
        for (index, rule) in kind.rules.iter().enumerate() {
            let (RuleKind::Count { column, .. } | RuleKind::Largest { column, .. }) = &rule.what else { continue };
            match head.column(kind, column) {
                Some(at) => {
                    used.insert(at);
                    self.rules.push((index, at));
                }
                None => {
                    missing.insert(column.clone());
                }
            }
        }
        self.date = head.role(kind, "date");
        self.tallied = kind.columns.get("tally").into_iter().flatten().filter_map(|h| Some((h.clone(), head.column(kind, h)?))).collect();
        used.extend(self.tallied.iter().map(|(_, c)| *c).chain(self.date));
        kit.columns(head.len(), used.len(), missing.into_iter().collect());
    }

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        kit.dated(line.text(self.date));
        let kind = kit.kind;
        for (index, column) in &self.rules {
            let text = match line.said(*column) {
                Some(Said::Text(text)) => text,
                Some(Said::Empty) => "",
                Some(Said::Unreadable(what)) => {
                    kit.unreadable(what, &line.place(*column));
                    self.partial.insert(*index);
                    continue;
                }
                None => continue,
            };
            match &kind.rules[*index].what {
                RuleKind::Count { values, .. } => {
                    let side = if matches_any(text, values) { &mut self.hits } else { &mut self.misses };
                    side.entry(*index).or_insert_with(|| (0, line.place(*column))).0 += 1;
                }
                RuleKind::Largest { .. } => match number_in(text) {
                    Some(number) if self.largest.get(index).is_none_or(|(n, _)| *n < number) => {
                        self.largest.insert(*index, (number, line.place(*column)));
                    }
                    Some(_) => {}
                    None if text.is_empty() => {}
                    None => {
                        kit.unknown_value(&line.place(*column));
                        self.partial.insert(*index);
                    }
                },
                _ => {}
            }
        }
        for (heading, column) in &self.tallied {
            let text = line.text(Some(*column));
            let counts = self.tallies.entry(heading.clone()).or_default();
            let key = if text.is_empty() { "–" } else { kept(text, kind, heading) };
            if counts.len() < MOST_VALUES || counts.contains_key(key) {
                *counts.entry(key.to_owned()).or_insert(0) += 1;
            }
        }
    }

    fn finish(&mut self, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        for (index, rule) in kind.rules.iter().enumerate() {
            match &rule.what {
                RuleKind::Count { fact, some, none, all, number, .. } => {
                    let (hit, miss) = (self.hits.get(&index), self.misses.get(&index));
                    let Some(place) = hit.or(miss).map(|(_, p)| p.clone()) else { continue };
                    let hits = hit.map_or(0, |(n, _)| *n);
                    let shown = if *number {
                        i64::try_from(hits).ok().and_then(|n| kit.number(fact, n))
                    } else if hits == 0 {
                        none.clone()
                    } else if miss.is_none() && all.is_some() {
                        all.clone()
                    } else {
                        some.clone()
                    };
                    // A list of some persons proves that there is one with a value, not that there is none.
                    let weight = match kit.weight() {
                        _ if self.partial.contains(&index) => Weight::Partial,
                        Weight::Presence if hits == 0 || *number => Weight::Partial,
                        weight => weight,
                    };
                    if let Some(shown) = shown {
                        let scope = Scope { population: kit.population_for(fact), platform: None };
                        kit.observe(fact, scope, shown, place, weight);
                    }
                }
                RuleKind::Largest { fact, .. } => {
                    let Some((number, place)) = self.largest.get(&index).cloned() else { continue };
                    match kit.number(fact, number) {
                        Some(shown) => {
                            let weight = if self.partial.contains(&index) { Weight::Partial } else { kit.weight() };
                            kit.observe(fact, Scope::default(), shown, place, weight);
                        }
                        None => kit.unknown_value(&place),
                    }
                }
                _ => {}
            }
        }
        kit.file.tallies.extend(std::mem::take(&mut self.tallies));
    }
}

/// A word of a classification that the catalogue knows, or the two letters of a country; whatever else stands there could name somebody.
fn kept<'t>(text: &'t str, kind: &EvidenceKind, heading: &str) -> &'t str {
    let country = text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
    let word = kind.words.get("tally").is_some_and(|w| w.contains_key(&text.to_lowercase()));
    let ruled = kind.rules.iter().any(|r| match &r.what {
        RuleKind::Count { column, values, .. } => column == heading && matches_any(text, values),
        _ => false,
    });
    if country || word || ruled { text } else { "…" }
}

/// The reader for lists of persons with the names of their policies.
#[derive(Default)]
pub(super) struct Assignments {
    columns: Vec<(String, u32)>,
    pub(super) counts: BTreeMap<String, BTreeMap<String, u64>>,
    /// Kinds of which a cell could not be read: their counts show nothing.
    unreadable: BTreeSet<String>,
}

impl Reads for Assignments {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        let mut missing = Vec::new();
        self.columns.clear();
        for rule in &kind.rules {
            let RuleKind::Assigned { column, kind: about } = &rule.what else { continue };
            match head.column(kind, column) {
                Some(at) => {
                    // A row without any name is one of people with the policy for everybody; it may not even be seen.
                    self.counts.entry(about.clone()).or_default();
                    self.columns.push((about.clone(), at));
                }
                None => missing.push(column.clone()),
            }
        }
        kit.columns(head.len(), self.columns.len(), missing);
    }

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        for (about, column) in &self.columns {
            let name = match line.said(*column) {
                Some(Said::Text(text)) => policy_name(text),
                Some(Said::Empty) => String::new(),
                Some(Said::Unreadable(what)) => {
                    kit.unreadable(what, &line.place(*column));
                    self.unreadable.insert(about.clone());
                    continue;
                }
                None => continue,
            };
            *self.counts.entry(about.clone()).or_default().entry(name).or_insert(0) += 1;
        }
    }

    fn finish(&mut self, _: &mut Kit<'_>) {}
}

impl Assignments {
    /// What the file shows of the whole tenant: nothing, where it is about one group, or where cells could not be read.
    pub(super) fn reliable(&self, kit: &Kit<'_>) -> impl Iterator<Item = (&String, &BTreeMap<String, u64>)> {
        let whole = kit.population.is_none();
        self.counts.iter().filter(move |(kind, _)| whole && !self.unreadable.contains(*kind))
    }
}
