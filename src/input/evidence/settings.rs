//! Settings: policies with parameters, one object a row, and policies by name anywhere in a row.

use super::kit::{Kit, Reads, matches_any, number_in};
use super::lines::{Head, Line, Said, plain};
use crate::diagnostic::Place;
use crate::model::{RuleKind, Scope, Shown, Weight, Words};
use std::collections::{BTreeMap, BTreeSet};

/// For whom a policy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Whom {
    Everybody,
    Group(String),
    /// The description does not say to whom it is assigned.
    Somebody,
    /// Files show that nobody has it, if they are of the right date.
    NobodyBy(Vec<usize>),
    Nobody,
}

/// The reader for kinds with `[[setting]]` and `[[rule]]`.
#[derive(Default)]
pub(super) struct Settings {
    head: Head,
    identity: Option<u32>,
    /// Columns of each `[[setting]]`'s parameter, by index of the rule: several where it has several spellings.
    parameters: Vec<Vec<u32>>,
    /// Columns of each `[[rule]]`'s parameters, by index of the rule.
    together: Vec<Vec<Vec<u32>>>,
    /// Fact, name of the policy in lower case, what it shows, and where.
    found: Vec<(String, String, Shown, Place)>,
    /// Where each policy is named; without a name: the only object.
    names: BTreeMap<String, Option<Place>>,
}

impl Reads for Settings {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>) {
        self.head = head.clone();
        let kind = kit.kind;
        self.identity = head.role(kind, "identity");
        let mut missing = BTreeSet::new();
        let mut used = BTreeSet::new();
        let mut find = |parameter: &str| {
            let columns = head.spellings(kind, parameter);
            used.extend(columns.iter().copied());
            if columns.is_empty() {
                missing.insert(parameter.to_owned());
            }
            columns
        };
        let rules = &kind.rules;
        self.parameters =
            rules.iter().map(|r| if let RuleKind::Setting { parameter, .. } = &r.what { find(parameter) } else { Vec::new() }).collect();
        self.together = rules
            .iter()
            .map(|r| match &r.what {
                RuleKind::Together { when, .. } => when.iter().map(|(p, _)| find(p)).collect(),
                _ => Vec::new(),
            })
            .collect();
        used.extend(self.identity);
        kit.columns(head.len(), used.len(), missing.into_iter().collect());
    }

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        let policy = policy_name(line.text(self.identity));
        self.names.entry(policy.clone()).or_insert_with(|| self.identity.map(|c| line.place(c)));
        let kind = kit.kind;
        for (index, rule) in kind.rules.iter().enumerate() {
            let RuleKind::Setting { fact, values, number, steps, .. } = &rule.what else { continue };
            let Some((column, said)) = self.parameters.get(index).and_then(|c| line.first(c)) else { continue };
            // What stands there and cannot be understood must not be taken for what holds for everybody.
            let not_understood =
                |found: &mut Vec<_>| found.push((fact.clone(), policy.clone(), Shown::OneOf(Vec::new()), line.place(column)));
            let text = match said {
                Said::Text(text) => text,
                Said::Empty => "",
                Said::Unreadable(what) => {
                    kit.unreadable(what, &line.place(column));
                    not_understood(&mut self.found);
                    continue;
                }
            };
            match shown_by(text, values, *number, steps, kit, fact) {
                Some(shown) => self.found.push((fact.clone(), policy.clone(), shown, line.place(column))),
                // An empty cell is the export's way to leave out what it does not know.
                None if text.is_empty() => not_understood(&mut self.found),
                None => {
                    kit.unknown_value(&line.place(column));
                    not_understood(&mut self.found);
                }
            }
        }
        self.combinations(line, &policy, kit);
    }

    fn finish(&mut self, kit: &mut Kit<'_>) {
        // Every tenant has the built-in policies: where they are not in the file, it holds the global one only.
        let is_base = |name: &str| kit.kind.base.iter().any(|n| policy_name(n) == name);
        let only_global =
            self.identity.is_some() && self.names.len() == 1 && self.names.keys().all(|n| is_base(n)) && !kit.kind.built_in.is_empty();
        let names: BTreeSet<String> = self.names.keys().cloned().collect();
        let whom: BTreeMap<String, Whom> = std::mem::take(&mut self.names)
            .into_iter()
            .map(|(name, place)| {
                let whom = self.whom(&name, place.as_ref(), &names, kit);
                (name, whom)
            })
            .collect();
        if only_global {
            kit.remark("evidence-partial", "the file holds only the policy for everybody, not those for groups", None);
        }
        for (fact, policy, shown, place) in std::mem::take(&mut self.found) {
            let whom = whom.get(&policy).cloned().unwrap_or(Whom::Somebody);
            let differs = kit.vocabulary.get(&fact).is_some_and(|d| d.per_population);
            if shown == Shown::OneOf(Vec::new()) && whom == Whom::Everybody {
                continue;
            }
            let unless = if let Whom::NobodyBy(files) = &whom { files.clone() } else { Vec::new() };
            let (population, weight) = match whom {
                Whom::Everybody => (None, if only_global && differs { Weight::Partial } else { kit.weight() }),
                Whom::Group(id) if differs => (Some(id), kit.weight()),
                // What does not differ by group holds for somebody at least.
                Whom::Group(_) | Whom::Somebody | Whom::NobodyBy(_) => (None, Weight::Partial),
                Whom::Nobody => continue,
            };
            let scope = Scope { population: population.or_else(|| kit.population_for(&fact)), platform: None };
            kit.observe(&fact, scope, shown, place, weight);
            if let Some(last) = kit.observations.last_mut() {
                last.unless_fresh = unless;
            }
        }
    }
}

impl Settings {
    fn combinations(&mut self, line: &Line<'_>, policy: &str, kit: &mut Kit<'_>) {
        let mut done: BTreeSet<&str> = BTreeSet::new();
        let kind = kit.kind;
        for (index, rule) in kind.rules.iter().enumerate() {
            let RuleKind::Together { when, fact, shown } = &rule.what else { continue };
            if done.contains(fact.as_str()) {
                continue;
            }
            let columns = &self.together[index];
            let holds = |(wanted, columns): (&(String, Vec<String>), &Vec<u32>)| {
                let text = match line.first(columns) {
                    Some((_, Said::Text(text))) => text,
                    Some((_, Said::Empty)) => "",
                    Some((_, Said::Unreadable(_))) | None => return false,
                };
                matches_any(text, &wanted.1)
            };
            if when.iter().zip(columns).all(holds) {
                done.insert(fact);
                let place = columns.iter().find_map(|c| line.first(c)).map_or_else(|| line.place(0), |(c, _)| line.place(c));
                self.found.push((fact.clone(), policy.to_owned(), shown.clone(), place));
            } else {
                for column in columns.iter().flatten() {
                    if let Some(Said::Unreadable(what)) = line.said(*column) {
                        kit.unreadable(what, &line.place(*column));
                    }
                }
            }
        }
        for (index, rule) in kind.rules.iter().enumerate() {
            let RuleKind::Together { fact, .. } = &rule.what else { continue };
            if self.together[index].iter().all(|c| !c.is_empty()) && done.insert(fact) {
                // No rule speaks of these values together.
                let place = line.place(self.identity.unwrap_or(0));
                self.found.push((fact.clone(), policy.to_owned(), Shown::OneOf(Vec::new()), place));
            }
        }
    }

    /// For whom a policy holds: as the description says, as a list of assignments shows, or by what every tenant has.
    fn whom(&self, name: &str, place: Option<&Place>, names: &BTreeSet<String>, kit: &mut Kit<'_>) -> Whom {
        if self.identity.is_none() || kit.kind.base.is_empty() {
            return Whom::Everybody;
        }
        let listed = |list: &[String]| list.iter().any(|n| policy_name(n) == name);
        if listed(&kit.kind.base) {
            return Whom::Everybody;
        }
        if let Some(group) = kit.policies.iter().find(|(policy, _)| policy_name(policy) == name).map(|(_, g)| g.clone()) {
            kit.used_policies.insert(name.to_owned());
            return match group.as_str() {
                "nobody" => Whom::Nobody,
                _ => Whom::Group(group),
            };
        }
        let somebody = |kit: &mut Kit<'_>| {
            if let Some(place) = place {
                kit.unmapped(place);
            }
            Whom::Somebody
        };
        // Assignments under names that this file does not have were printed in another way: they show nothing.
        let counts = kit.assigned.get(&kit.kind.id).filter(|(c, _)| c.keys().all(|n| n.is_empty() || names.contains(n)));
        match counts.map(|(counts, files)| (counts.get(name).copied().unwrap_or(0), files.clone())) {
            Some((0, files)) => Whom::NobodyBy(files),
            Some(_) => somebody(kit),
            // A built-in policy is there in every tenant, and most often nobody has it; the report says that this is assumed.
            None if listed(&kit.kind.built_in) => {
                kit.file.assumed_unassigned += 1;
                Whom::Nobody
            }
            None => somebody(kit),
        }
    }
}

/// A policy's name as it is compared: without `Tag:` and case.
pub(super) fn policy_name(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    lower.strip_prefix("tag:").unwrap_or(&lower).trim().to_owned()
}

/// What a cell's text shows of a fact.
pub(super) fn shown_by(
    text: &str,
    values: &Words,
    number: bool,
    steps: &[(Option<i64>, Shown)],
    kit: &Kit<'_>,
    fact: &str,
) -> Option<Shown> {
    let lower = text.trim().to_lowercase();
    if let Some((_, shown)) = values.iter().find(|(word, _)| *word == lower) {
        return Some(shown.clone());
    }
    if (number || !steps.is_empty())
        && let Some(count) = number_in(text)
    {
        if let Some((_, shown)) = steps.iter().find(|(most, _)| most.is_none_or(|m| count <= m)) {
            return Some(shown.clone());
        }
        if number {
            return kit.number(fact, count);
        }
    }
    if lower.is_empty() { None } else { values.iter().find(|(word, _)| word == "*").map(|(_, shown)| shown.clone()) }
}

/// The reader for kinds with `[[policy]]`: names of policies anywhere in a row, their state beside them.
#[derive(Default)]
pub(super) struct Policies {
    seen: BTreeSet<usize>,
}

impl Reads for Policies {
    fn start(&mut self, _: &Head, _: &mut Kit<'_>) {}

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        for (index, rule) in kind.rules.iter().enumerate() {
            let RuleKind::Policy { names, fact, values } = &rule.what else { continue };
            let Some((at, _)) = line.texts().find(|(_, t)| names.iter().any(|n| plain(n) == plain(t))) else { continue };
            self.seen.insert(index);
            let others = || line.texts().filter(|(column, _)| *column != at);
            let states: Vec<(u32, Shown)> = others()
                .filter_map(|(column, text)| {
                    let lower = text.to_lowercase();
                    values.iter().find(|(word, _)| *word == lower).map(|(_, shown)| (column, shown.clone()))
                })
                .collect();
            // A recommendation may stand beside the state: where they differ, nobody can tell which is which.
            let Some((column, shown)) = states.first().filter(|(_, first)| states.iter().all(|(_, s)| s == first)).cloned() else {
                kit.unknown_value(&line.place(at));
                continue;
            };
            let words = kind.words.get("platform");
            let mut platforms: Vec<String> = others()
                .flat_map(|(_, text)| text.split([',', ';', '/']).map(|t| t.trim().to_lowercase()))
                .filter_map(|word| words?.get(&word).cloned())
                .collect();
            platforms.dedup();
            let by_platform = kit.vocabulary.get(fact).is_some_and(|d| d.per_platform);
            let platforms: Vec<Option<String>> =
                if platforms.is_empty() || !by_platform { vec![None] } else { platforms.into_iter().map(Some).collect() };
            for platform in platforms {
                let scope = Scope { platform, population: kit.population_for(fact) };
                let weight = kit.weight();
                kit.observe(fact, scope, shown.clone(), line.place(column), weight);
            }
        }
    }

    fn finish(&mut self, _: &mut Kit<'_>) {}
}
