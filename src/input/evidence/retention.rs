//! Retention policies and their rules, joined by the policy: what happens to which content, and after how long.

use super::kit::{Kit, Reads, number_in};
use super::lines::{Head, Line, Said, plain};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{EvidenceKind, Observation, RetentionRow, RuleKind, Scope, Weight};
use std::collections::{BTreeMap, BTreeSet};

/// An action that holds for a part only, or of which nobody knows whether it holds.
const UNCERTAIN: &str = "conditional";

/// Where a policy holds: all of a workload, or a part of it.
#[derive(Clone, Debug, Default)]
struct Policy {
    off: bool,
    /// Whether it is on is not known.
    uncertain: bool,
    /// Workload, and whether all of it is covered.
    workloads: BTreeMap<String, bool>,
}

#[derive(Clone, Debug)]
struct Rule {
    policy: String,
    off: bool,
    action: String,
    days: Option<i64>,
    place: Place,
}

/// The reader for one file of policies or of rules, or of both.
#[derive(Default)]
pub(super) struct Retention {
    name: Option<u32>,
    enabled: Option<u32>,
    mode: Option<u32>,
    action: Option<u32>,
    duration: Option<u32>,
    locations: Vec<(usize, u32)>,
    policies: BTreeMap<String, Policy>,
    rules: Vec<Rule>,
    has_policies: bool,
    has_rules: bool,
}

impl Reads for Retention {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        self.name = head.role(kind, "policy-name");
        self.enabled = head.role(kind, "enabled");
        self.mode = head.role(kind, "mode");
        self.action = head.role(kind, "action");
        self.duration = head.role(kind, "duration");
        let mut missing = Vec::new();
        self.locations.clear();
        for (index, rule) in kind.rules.iter().enumerate() {
            let RuleKind::Location { column, .. } = &rule.what else { continue };
            match head.column(kind, column) {
                Some(at) => self.locations.push((index, at)),
                None => missing.push(column.clone()),
            }
        }
        self.has_policies |= !self.locations.is_empty();
        self.has_rules |= self.action.is_some();
        let used = [self.name, self.enabled, self.mode, self.action, self.duration].into_iter().flatten().count() + self.locations.len();
        kit.columns(head.len(), used, missing);
    }

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        // Names of policies may name persons: they join, and go no further.
        let policy = plain(line.text(self.name));
        let word = |role: &str, column: Option<u32>| kind.words.get(role).and_then(|w| w.get(&line.text(column).to_lowercase())).cloned();
        let off = word("enabled", self.enabled).as_deref() == Some("no") || word("mode", self.mode).is_some_and(|m| m != "enforced");
        // A state that is not known may be on or off: what follows from it is not certain.
        let unknown =
            |role: &str, column: Option<u32>| column.filter(|c| !line.text(Some(*c)).is_empty() && word(role, Some(*c)).is_none());
        let uncertain = unknown("enabled", self.enabled).or_else(|| unknown("mode", self.mode));
        if let Some(column) = uncertain {
            kit.unknown_value(&line.place(column));
        }
        let uncertain = uncertain.is_some();
        if !self.locations.is_empty() {
            let entry = self.policies.entry(policy.clone()).or_default();
            entry.off |= off;
            entry.uncertain |= uncertain;
            for (index, column) in &self.locations {
                let RuleKind::Location { words, workload, .. } = &kind.rules[*index].what else { continue };
                match line.said(*column) {
                    Some(Said::Text(text)) => {
                        let all = words.iter().any(|w| plain(w) == plain(text));
                        let known = entry.workloads.entry(workload.clone()).or_insert(all);
                        *known &= all;
                    }
                    Some(Said::Unreadable(what)) => {
                        kit.unreadable(what, &line.place(*column));
                        entry.workloads.insert(workload.clone(), false);
                    }
                    Some(Said::Empty) | None => {}
                }
            }
        }
        if let Some(column) = self.action {
            match word("action", Some(column)) {
                Some(action) => {
                    self.rules.push(Rule { policy, off, action, days: number_in(line.text(self.duration)), place: line.place(column) })
                }
                None => kit.unknown_value(&line.place(column)),
            }
        }
    }

    fn finish(&mut self, _: &mut Kit<'_>) {}
}

/// All files about retention, waiting to be put together.
#[derive(Default)]
pub(super) struct Store<'a> {
    files: Vec<(Retention, &'a EvidenceKind, usize, Option<String>, Place)>,
}

impl<'a> Store<'a> {
    pub(super) fn add(&mut self, reader: Retention, kit: &Kit<'a>) {
        let place = Place::File { file: kit.path.clone() };
        self.files.push((reader, kit.kind, kit.index, kit.population.clone(), place));
    }

    /// Facts by workload, and the table of rules for the file that has them.
    pub(super) fn close(self, diagnostics: &mut Vec<Diagnostic>) -> (Vec<Observation>, Vec<(usize, RetentionRow)>) {
        let mut policies: BTreeMap<String, Policy> = BTreeMap::new();
        for (reader, ..) in &self.files {
            policies.extend(reader.policies.iter().map(|(n, p)| (n.clone(), p.clone())));
        }
        let (has_policies, has_rules) = (self.files.iter().any(|f| f.0.has_policies), self.files.iter().any(|f| f.0.has_rules));
        if let Some((.., place)) = self.files.first()
            && has_policies != has_rules
        {
            let missing = if has_policies { "the rules, which say what happens and when" } else { "the policies, which say where" };
            diagnostics.push(
                Diagnostic::warning("evidence-half", format!("of retention, the evidence lacks {missing}"))
                    .at(place, "nothing was taken from here")
                    .help("docs/evidence.md says how to export both"),
            );
        }
        let needs: Vec<usize> = self.files.iter().filter(|f| f.0.has_policies).map(|f| f.2).collect();
        let (mut observations, mut table) = (Vec::new(), Vec::new());
        for (reader, kind, index, population, _) in &self.files {
            let mut unjoined = None;
            for rule in &kind.rules {
                let RuleKind::Workload { id, fact, values } = &rule.what else { continue };
                let (mut actions, mut part, mut place) = (BTreeSet::new(), false, None);
                for r in reader.rules.iter().filter(|r| !r.off) {
                    let Some(policy) = policies.get(&r.policy) else {
                        // Where it holds, nobody knows: perhaps here.
                        unjoined.get_or_insert_with(|| r.place.clone());
                        part = true;
                        continue;
                    };
                    match policy.workloads.get(id).filter(|_| !policy.off) {
                        Some(true) if r.action != UNCERTAIN && !policy.uncertain => {
                            actions.insert(r.action.clone());
                            place.get_or_insert_with(|| r.place.clone());
                        }
                        // What holds for a part, or under a condition, makes the rest uncertain.
                        Some(_) => part = true,
                        None => {}
                    }
                }
                let key = actions.into_iter().collect::<Vec<_>>().join("+");
                let Some(((_, shown), place)) = values.iter().find(|(w, _)| *w == key).zip(place) else { continue };
                let weight = if part || !kind.complete { Weight::Partial } else { Weight::Complete };
                let scope = Scope { population: population.clone(), platform: None };
                observations.push(Observation {
                    fact: fact.clone(),
                    scope,
                    shown: shown.clone(),
                    place,
                    evidence: *index,
                    needs: needs.clone(),
                    unless_fresh: Vec::new(),
                    weight,
                });
            }
            if let Some(place) = unjoined.filter(|_| has_policies) {
                diagnostics.push(
                    Diagnostic::warning("evidence-half", "a rule belongs to a policy that is not in the evidence")
                        .at(&place, "nothing was taken from here")
                        .help("export policies and rules on the same day"),
                );
            }
            for r in reader.rules.iter().filter(|r| !r.off) {
                let policy = policies.get(&r.policy).filter(|p| !p.off);
                let Some(policy) = policy.filter(|p| !p.workloads.is_empty()) else { continue };
                let row = RetentionRow {
                    workloads: policy.workloads.keys().cloned().collect(),
                    action: r.action.clone(),
                    days: r.days,
                    everywhere: policy.workloads.values().all(|all| *all),
                    place: r.place.clone(),
                };
                table.push((*index, row));
            }
        }
        (observations, table)
    }
}
