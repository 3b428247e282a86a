//! What a catalogue's author should look at: dead conditions, facts that nobody asks, statements without source or long unseen, placeholders.

use super::Catalog;
use super::finite::{Finite, always, possible};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Condition, FactKind, FactRef, Lang, Row, Tag, Test, Type, VersionRef};
use std::collections::BTreeSet;

/// Faults that only a look at the whole catalogue shows. Errors are wrong in any case; warnings may be meant.
pub fn lint(catalog: &Catalog) -> Vec<Diagnostic> {
    let mut lint = Lint { catalog, diagnostics: Vec::new() };
    lint.conditions();
    lint.ratings();
    lint.idle_facts();
    lint.idle_measures();
    lint.unsourced();
    lint.placeholders();
    lint.settings();
    lint.diagnostics
}

/// Statements about Microsoft that were last seen more than so many months before the catalogue's own date.
pub fn aged(catalog: &Catalog, months: u32) -> Vec<Diagnostic> {
    let Some(as_of) = catalog.infos.iter().filter_map(|i| i.as_of).max() else { return Vec::new() };
    let oldest = as_of.checked_sub(jiff::Span::new().months(months)).unwrap_or(as_of);
    let rows = catalog.vocabulary.facts.values().flat_map(|def| {
        let vendor: &[Row] = if let FactKind::Vendor { rows } = &def.kind { rows } else { &[] };
        vendor.iter().chain(&def.defaults).chain(&def.out_of_reach).map(move |row| (def, row))
    });
    // A row that has ended is history: it cannot grow old.
    rows.filter(|(_, row)| row.until.is_none() && row.last_seen < oldest)
        .map(|(def, row)| {
            Diagnostic::warning("catalog-source-aged", format!("a statement of `{}` was last seen on {}", def.id, row.last_seen))
                .at(&row.place, "this row")
                .help(format!(
                    "look it up again: {}",
                    if row.sources.is_empty() { "no source kept".to_owned() } else { row.sources.join(", ") }
                ))
        })
        .collect()
}

struct Lint<'a> {
    catalog: &'a Catalog,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Lint<'a> {
    fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Every condition of the catalogue with what it decides, and whether that it always holds is a fault.
    fn all_conditions(&self) -> Vec<(String, &'a Condition, &'a Place, bool)> {
        let c = self.catalog;
        let mut all = Vec::new();
        for risk in c.risks.values() {
            all.extend(risk.paths.iter().map(|p| (format!("path `{}` of `{}`", p.id, risk.id), &p.when, &risk.place, true)));
            all.extend(risk.unless.iter().map(|u| (format!("`unless` of `{}`", risk.id), u, &risk.place, true)));
            let ratings = risk.ratings.iter().filter(|r| !r.when.lines.is_empty());
            all.extend(ratings.map(|r| (format!("a rating of `{}`", risk.id), &r.when, &risk.place, true)));
        }
        for measure in c.measures.values() {
            all.extend(measure.in_place.iter().map(|w| (format!("`in-place` of `{}`", measure.id), w, &measure.place, true)));
            all.extend(measure.available.iter().map(|w| (format!("`available` of `{}`", measure.id), w, &measure.place, false)));
        }
        for def in c.vocabulary.facts.values() {
            if let FactKind::Derived { paths } = &def.kind {
                all.extend(paths.iter().map(|w| (format!("`{}`", def.id), w, &def.place, true)));
            }
        }
        for list in c.lists.values() {
            all.extend(
                list.items
                    .iter()
                    .flat_map(|i| i.when.iter().map(move |w| (format!("item {} of `{}`", i.number, list.id), w, &list.place, false))),
            );
        }
        let registers = c.staff_laws.values().map(|e| (&e.id, &e.when, &e.place));
        let registers = registers.chain(c.retention.values().map(|e| (&e.id, &e.when, &e.place)));
        let registers = registers.chain(c.flows.values().map(|e| (&e.id, &e.when, &e.place)));
        let registers = registers.chain(c.roles.values().map(|e| (&e.id, &e.when, &e.place)));
        let registers = registers.chain(c.rights.values().map(|e| (&e.id, &e.when, &e.place)));
        for (id, when, place) in registers {
            all.extend(when.iter().map(|w| (format!("`{id}`"), w, place, false)));
        }
        all
    }

    fn conditions(&mut self) {
        let finite = Finite::new(&self.catalog.vocabulary);
        for (what, condition, place, always_is_fault) in self.all_conditions() {
            // An `unless` about Microsoft says what would end the exposure, though it has not happened yet.
            let awaited = what.starts_with("`unless`") && condition.lines.iter().all(|l| l.fact.name().starts_with("vendor."));
            if !awaited && !possible(condition, None, &finite) {
                self.push(
                    Diagnostic::error("catalog-condition-dead", format!("{what} can never hold"))
                        .at(condition.lines.first().map_or(place, |l| &l.place), "this condition")
                        .help("no value of its facts fulfils all lines at once"),
                );
            } else if always_is_fault && always(condition, &finite) {
                self.push(
                    Diagnostic::error("catalog-condition-dead", format!("{what} always holds"))
                        .at(condition.lines.first().map_or(place, |l| &l.place), "this condition")
                        .help("every value of its facts fulfils it; drop it, or ask for less"),
                );
            }
        }
        for risk in self.catalog.risks.values() {
            for path in &risk.paths {
                for unless in &risk.unless {
                    if possible(&path.when, None, &finite) && !possible(&path.when, Some(unless), &finite) {
                        self.push(
                            Diagnostic::error("catalog-condition-dead", format!("path `{}` of `{}` can never count", path.id, risk.id))
                                .at(&risk.place, "in this risk")
                                .help("whenever the path holds, an `unless` of the risk holds as well"),
                        );
                    }
                }
            }
        }
    }

    /// The first rating that holds counts: one without `when` hides those after it.
    fn ratings(&mut self) {
        for risk in self.catalog.risks.values() {
            for (i, first) in risk.ratings.iter().enumerate().filter(|(_, r)| r.when.lines.is_empty()) {
                let hides = |later: &&crate::model::Rating| {
                    first.paths.is_empty() || !later.paths.is_empty() && later.paths.iter().all(|p| first.paths.contains(p))
                };
                if risk.ratings[i + 1..].iter().any(|later| hides(&later)) {
                    self.push(
                        Diagnostic::error("catalog-condition-dead", format!("a rating of `{}` can never count", risk.id))
                            .at(&risk.place, "in this risk")
                            .help("an earlier rating without `when` holds for the same paths"),
                    );
                }
            }
        }
    }

    /// Facts that no condition asks, unless they say that they only describe.
    fn idle_facts(&mut self) {
        let c = self.catalog;
        let mut asked = BTreeSet::new();
        for (_, condition, ..) in self.all_conditions() {
            mentioned(condition, None, &mut asked);
        }
        // Conditions of lists, of rows, and of risks about records name facts as well.
        for risk in c.risks.values().filter(|r| r.for_each.is_some()) {
            let list = risk.for_each.as_deref();
            asked.extend(list.map(str::to_owned));
            let measures = risk.treatments.iter().flat_map(|t| &t.measures).filter_map(|m| c.measures.get(m));
            let conditions = risk.paths.iter().map(|p| &p.when).chain(&risk.unless).chain(risk.ratings.iter().map(|r| &r.when));
            for condition in conditions.chain(measures.flat_map(|m| m.in_place.iter().chain(&m.available))) {
                mentioned(condition, list, &mut asked);
            }
        }
        for def in c.vocabulary.facts.values() {
            let vendor: &[Row] = if let FactKind::Vendor { rows } = &def.kind { rows } else { &[] };
            for row in vendor.iter().chain(&def.defaults).chain(&def.out_of_reach) {
                mentioned(&row.when, None, &mut asked);
                // Rows about versions may ask the record at hand, whichever list it is in.
                let fields = row.when.lines.iter().filter_map(|l| if let FactRef::Field(f) = &l.fact { Some(f) } else { None });
                for field in fields {
                    let lists = c.vocabulary.facts.values().filter(|d| matches!(d.ty, Type::Records { .. }));
                    asked.extend(lists.map(|d| format!("{}.{field}", d.id)));
                }
            }
        }
        asked.extend(c.lists.values().flat_map(|l| &l.when).flat_map(names));
        // Registers and texts print facts as values: such a fact is of use, whether or not it says that it only describes.
        let mut printed: BTreeSet<String> = c.retention.values().flat_map(|k| k.default.iter().chain(&k.configured)).cloned().collect();
        printed.extend(c.flows.values().map(|f| f.tool.clone()));
        printed.extend(c.roles.values().map(|r| r.role.clone()));
        for located in c.texts() {
            let quoted = placeholders(located.text.get(Lang::En))
                .into_iter()
                .filter_map(|p| Some(p.split_once("(\"")?.1.strip_suffix("\")")?.to_owned()));
            printed.extend(quoted);
        }
        for def in c.vocabulary.facts.values() {
            let mut of: Vec<(String, bool)> = vec![(def.id.clone(), def.only_describes)];
            if let Type::Records { key, fields, .. } = &def.ty {
                of.extend(fields.iter().filter(|f| f.id != *key).map(|f| (format!("{}.{}", def.id, f.id), f.only_describes)));
            }
            for (id, describes) in of {
                match (asked.contains(&id), describes) {
                    (false, false) if !printed.contains(&id) => self.push(
                        Diagnostic::warning("catalog-fact-idle", format!("no condition asks `{id}`"))
                            .at(&def.place, "this fact")
                            .help("drop it, or say `only-describes = true`"),
                    ),
                    (true, true) => self.push(
                        Diagnostic::warning("catalog-fact-idle", format!("`{id}` says that it only describes, but a condition asks it"))
                            .at(&def.place, "this fact"),
                    ),
                    _ => {}
                }
            }
        }
    }

    fn idle_measures(&mut self) {
        let c = self.catalog;
        let used: BTreeSet<&String> = c.risks.values().flat_map(|r| &r.treatments).flat_map(|t| &t.measures).collect();
        for measure in c.measures.values().filter(|m| !used.contains(&m.id)) {
            self.push(
                Diagnostic::warning("catalog-measure-idle", format!("no risk uses the measure `{}`", measure.id))
                    .at(&measure.place, "unused"),
            );
        }
    }

    fn unsourced(&mut self) {
        let c = self.catalog;
        let mut missing: Vec<(String, &Place)> = Vec::new();
        missing.extend(c.risks.values().filter(|r| r.sources.is_empty()).map(|r| (format!("the risk `{}`", r.id), &r.place)));
        let technical = |m: &&crate::model::Measure| !m.settings.is_empty() || m.actor == crate::model::Actor::Microsoft;
        missing.extend(
            c.measures.values().filter(technical).filter(|m| m.sources.is_empty()).map(|m| (format!("the measure `{}`", m.id), &m.place)),
        );
        missing.extend(
            c.retention
                .values()
                .filter(|e| e.sources.is_empty() && (e.default.is_some() || e.controlled_by != "organisation"))
                .map(|e| (format!("`{}` in retention.toml", e.id), &e.place)),
        );
        missing.extend(c.flows.values().filter(|e| e.sources.is_empty()).map(|e| (format!("`{}` in transfers.toml", e.id), &e.place)));
        missing.extend(c.roles.values().filter(|e| e.sources.is_empty()).map(|e| (format!("`{}` in roles.toml", e.id), &e.place)));
        missing.extend(
            c.rights
                .values()
                .filter(|e| e.sources.is_empty() && e.tag != Tag::Recalled)
                .map(|e| (format!("`{}` in rights.toml", e.id), &e.place)),
        );
        // Our own workbooks are nobody's export.
        let own =
            |k: &&crate::model::EvidenceKind| matches!(k.reader, crate::model::Reader::Questionnaire | crate::model::Reader::ActionPlan);
        missing.extend(
            c.evidence.values().filter(|k| k.sources.is_empty() && !own(k)).map(|k| (format!("the kind of evidence `{}`", k.id), &k.place)),
        );
        for (what, place) in missing {
            self.push(Diagnostic::warning("catalog-unsourced", format!("{what} names no source")).at(place, "add `sources`"));
        }
        for source in c.sources.values().filter(|s| !s.date.chars().any(|ch| ch.is_ascii_digit())) {
            let place = Place::File { file: "sources.toml".into() };
            self.push(Diagnostic::error("catalog-unsourced", format!("the source `{}` has no date", source.id)).at(&place, "add `date`"));
        }
    }

    /// Placeholders are known, and the same in every language.
    fn placeholders(&mut self) {
        let c = self.catalog;
        for located in c.texts() {
            let of: Vec<BTreeSet<String>> = Lang::ALL.iter().map(|l| placeholders(located.text.get(*l))).collect();
            if of.iter().any(|p| *p != of[0]) {
                self.push(
                    Diagnostic::error("catalog-text", format!("a text of `{}` has other placeholders in another language", located.of))
                        .at(located.place, "in this entry")
                        .help(format!("it begins: \"{}…\"", located.text.get(Lang::En).chars().take(50).collect::<String>())),
                );
            }
            for placeholder in of.iter().flatten() {
                let name = |function: &str| placeholder.strip_prefix(function)?.trim().strip_prefix("(\"")?.strip_suffix("\")");
                let known = match (name("fact"), name("cite"), placeholder.strip_prefix("record.")) {
                    (Some(fact), ..) => c.vocabulary.get(fact).is_some(),
                    (_, Some(source), _) => c.sources.contains_key(source),
                    (.., Some(field)) => located.record.and_then(|l| c.vocabulary.get(l)).is_some_and(|d| match &d.ty {
                        Type::Records { fields, .. } => fields.iter().any(|f| f.id == field),
                        _ => false,
                    }),
                    _ => placeholder == "organisation",
                };
                if !known {
                    self.push(
                        Diagnostic::error(
                            "catalog-text",
                            format!("a text of `{}` has a placeholder that cannot be filled: {placeholder}", located.of),
                        )
                        .at(located.place, "in this entry"),
                    );
                }
            }
        }
    }

    /// Policies and cmdlets that the catalogue's own list does not know: most often misspelt.
    fn settings(&mut self) {
        let c = self.catalog;
        if c.policies.is_empty() && c.cmdlets.is_empty() {
            return;
        }
        for measure in c.measures.values() {
            for setting in &measure.settings {
                // `name`, or `name: value; name: value`. A name may hold a colon itself.
                let names = setting.policy.iter().flat_map(|p| p.split("; "));
                let named = |p: &&str| c.policies.contains(*p) || p.split_once(": ").is_some_and(|(name, _)| c.policies.contains(name));
                for policy in names.filter(|p| !named(p)) {
                    self.push(
                        Diagnostic::error("catalog-setting-unknown", format!("`{}` names an unknown policy", measure.id))
                            .at(&measure.place, format!("\"{policy}\" is not in policies.toml"))
                            .nearest(policy, c.policies.iter().map(String::as_str)),
                    );
                }
                for fault in setting.cmdlet.iter().flat_map(|line| super::settings::unknown(line, &c.cmdlets)) {
                    self.push(
                        Diagnostic::error("catalog-setting-unknown", format!("`{}` names an unknown {}", measure.id, fault.kind))
                            .at(&measure.place, format!("`{}` is not in policies.toml", fault.name))
                            .nearest(&fault.name, fault.known.iter().map(String::as_str)),
                    );
                }
            }
        }
    }
}

/// What stands between double braces.
fn placeholders(text: &str) -> BTreeSet<String> {
    text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()).map(|p| p.trim().to_owned()).collect()
}

fn names(condition: &Condition) -> Vec<String> {
    let mut found = BTreeSet::new();
    mentioned(condition, None, &mut found);
    found.into_iter().collect()
}

/// The facts that a condition names; fields of records as `<list>.<field>`.
fn mentioned(condition: &Condition, list: Option<&str>, into: &mut BTreeSet<String>) {
    for line in &condition.lines {
        match (&line.fact, list) {
            (FactRef::Fact(id), _) => {
                into.insert(id.clone());
                tested(&line.test, id, into);
            }
            (FactRef::Field(field), Some(list)) => {
                into.insert(format!("{list}.{field}"));
                tested(&line.test, list, into);
            }
            _ => {}
        }
    }
}

fn tested(test: &Test, list: &str, into: &mut BTreeSet<String>) {
    match test {
        Test::Not(inner) => tested(inner, list, into),
        Test::All(tests) => tests.iter().for_each(|t| tested(t, list, into)),
        Test::Any(fields) | Test::Every(fields) => {
            for field in fields {
                into.insert(format!("{list}.{}", field.field));
                tested(&field.test, list, into);
            }
        }
        Test::OlderThan(VersionRef::Fact(id)) => {
            into.insert(id.clone());
        }
        _ => {}
    }
}
