//! Holds a catalogue against itself: references, the exposure rule, overlapping rows, unused measures.

use super::Catalog;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Condition, FactDef, FactKind, FactRef, Reader, Risk, Row, RuleKind, Test, Track, VersionRef};
use std::collections::BTreeSet;

/// All faults of a catalogue that single files cannot show.
pub fn check(catalog: &Catalog) -> Vec<Diagnostic> {
    let mut check = Check { catalog, diagnostics: Vec::new() };
    check.risks();
    check.measures();
    check.facts();
    check.lists();
    check.registers();
    check.evidence();
    check.diagnostics
}

/// The faults of a risk that a description brings along. What it names belongs to the catalogue, so the description is at fault.
pub(super) fn own_risk(risk: &Risk, catalog: &Catalog) -> Vec<Diagnostic> {
    let mut check = Check { catalog, diagnostics: Vec::new() };
    check.one(risk, true);
    let as_reference = |d: Diagnostic| if d.code == "catalog-reference" { Diagnostic { code: "reference-unknown", ..d } } else { d };
    check.diagnostics.into_iter().map(as_reference).collect()
}

/// What can go wrong with data: the three events of the EDPB template's section 4.1.a.
const EVENTS: [&str; 3] = ["unlawful-access", "unwanted-change", "loss"];

struct Check<'a> {
    catalog: &'a Catalog,
    diagnostics: Vec<Diagnostic>,
}

impl Check<'_> {
    fn reference<'b>(&mut self, kind: &str, id: &str, known: impl IntoIterator<Item = &'b str>, place: &Place) {
        let known: Vec<&str> = known.into_iter().collect();
        if !known.contains(&id) {
            self.diagnostics.push(
                Diagnostic::error("catalog-reference", format!("there is no {kind} `{id}`")).at(place, "named here").nearest(id, known),
            );
        }
    }

    /// A risk that is known, be it switched off.
    fn risk(&mut self, id: &str, place: &Place) {
        let catalog = self.catalog;
        self.reference("risk", id, catalog.risks.keys().chain(catalog.disabled.iter().map(|d| &d.id)).map(String::as_str), place);
    }

    fn sources(&mut self, ids: &[String], place: &Place) {
        let catalog = self.catalog;
        for id in ids {
            self.reference("source", id, catalog.sources.keys().map(String::as_str), place);
        }
    }

    fn listed(&mut self, list: &str, ids: &[String], place: &Place) {
        let known = self.catalog.ids(list);
        for id in ids {
            self.reference(&format!("entry of {list}"), id, known.iter().map(String::as_str), place);
        }
    }

    /// Kinds of evidence name sources and each other; words of columns belong to columns.
    fn evidence(&mut self) {
        let catalog = self.catalog;
        for kind in catalog.evidence.values() {
            self.sources(&kind.sources, &kind.place);
            for rule in &kind.rules {
                self.sources(&rule.sources, &rule.place);
                if let RuleKind::Assigned { kind: other, .. } | RuleKind::Embedded { kind: other, .. } = &rule.what {
                    self.reference("kind of evidence", other, catalog.evidence.keys().map(String::as_str), &rule.place);
                }
            }
            let by_names = kind.reader == Reader::Policies;
            if kind.headings.iter().all(Vec::is_empty) && !by_names {
                self.diagnostics.push(
                    Diagnostic::error("catalog-format", format!("nothing tells a file of the kind `{}`", kind.id))
                        .at(&kind.place, "add `headings`"),
                );
            }
        }
    }

    fn risks(&mut self) {
        let catalog = self.catalog;
        catalog.risks.values().for_each(|risk| self.one(risk, false));
    }

    fn one(&mut self, risk: &Risk, own: bool) {
        let catalog = self.catalog;
        let services = self.services();
        let place = &risk.place;
        self.sources(&risk.sources, place);
        self.listed("data", &risk.data, place);
        self.listed("subjects", &risk.subjects, place);
        self.listed("harms", &risk.harms, place);
        if risk.limits.is_none() && !own {
            self.diagnostics.push(
                Diagnostic::error("catalog-format", format!("`{}` does not say when it is a false alarm", risk.id))
                    .at(place, "add `limits`"),
            );
        }
        if (risk.track == Track::Event) == risk.events.is_empty() && !own {
            let what = if risk.events.is_empty() { "does not say what goes wrong" } else { "is about no event" };
            self.diagnostics.push(
                Diagnostic::error("catalog-format", format!("`{}` {what}", risk.id))
                    .at(place, "`events` goes with `track = \"event\"`: unlawful-access, unwanted-change, loss"),
            );
        }
        for event in &risk.events {
            self.reference("event", event, EVENTS, place);
        }
        self.listed("families", std::slice::from_ref(&risk.family), place);
        for service in &risk.services {
            self.reference("service", service, services.iter().map(String::as_str), place);
        }
        for id in &risk.covers {
            self.risk(id, place);
        }
        let paths: BTreeSet<&str> = risk.paths.iter().map(|p| p.id.as_str()).collect();
        if paths.len() < risk.paths.len() {
            self.diagnostics.push(Diagnostic::error("duplicate-id", "two paths have the same id").at(place, "in this risk"));
        }
        for named in risk.ratings.iter().flat_map(|r| &r.paths).chain(risk.treatments.iter().flat_map(|t| &t.paths)) {
            self.reference("path", named, paths.iter().copied(), place);
        }
        for method in risk.ratings.iter().flat_map(|r| r.by_method.keys()) {
            self.reference("method", method, catalog.methods.keys().map(String::as_str), place);
        }
        if risk.ratings.last().is_some_and(|r| !r.when.lines.is_empty()) {
            self.diagnostics
                .push(Diagnostic::error("catalog-format", "the last rating has a `when`").at(place, "the last rating must always hold"));
        }
        self.exposure(risk);
    }

    /// What a measure changes must not decide whether the risk exists or how it is rated.
    fn exposure(&mut self, risk: &Risk) {
        let catalog = self.catalog;
        let mut asked = BTreeSet::new();
        for condition in risk.paths.iter().map(|p| &p.when).chain(&risk.unless).chain(risk.ratings.iter().map(|r| &r.when)) {
            self.mentioned(condition, &mut asked);
        }
        for id in risk.treatments.iter().flat_map(|t| &t.measures) {
            let Some(measure) = catalog.measures.get(id) else {
                self.reference("measure", id, catalog.measures.keys().map(String::as_str), &risk.place);
                continue;
            };
            let mut changed = BTreeSet::new();
            for condition in &measure.in_place {
                self.mentioned(condition, &mut changed);
            }
            for fact in asked.intersection(&changed) {
                self.diagnostics.push(
                    Diagnostic::error(
                        "catalog-condition",
                        format!("`{}` decides the exposure in `{}` and whether `{id}` is in place", fact, risk.id),
                    )
                    .at(&risk.place, "exposure must not ask what a measure changes"),
                );
            }
        }
    }

    /// The facts that a condition rests on, derived facts opened up. Record lists count by field.
    fn mentioned(&self, condition: &Condition, into: &mut BTreeSet<String>) {
        for line in &condition.lines {
            match (&line.fact, &line.test) {
                (FactRef::Fact(id), Test::Any(tests) | Test::Every(tests)) => {
                    into.extend(tests.iter().map(|t| format!("{id}.{}", t.field)))
                }
                (FactRef::Fact(id), _) => match self.catalog.vocabulary.get(id).map(|d| &d.kind) {
                    Some(FactKind::Derived { paths }) => paths.iter().for_each(|p| self.mentioned(p, into)),
                    _ => {
                        into.insert(id.clone());
                    }
                },
                (fact, _) => {
                    into.insert(fact.name());
                }
            }
            if let Test::OlderThan(VersionRef::Fact(id)) = &line.test {
                into.insert(id.clone());
            }
        }
    }

    fn measures(&mut self) {
        let catalog = self.catalog;
        for measure in catalog.measures.values() {
            self.sources(&measure.sources, &measure.place);
            self.listed("principles", &measure.serves, &measure.place);
            for id in &measure.introduces {
                self.risk(id, &measure.place);
            }
        }
        for permission in catalog.permissions.values() {
            let place = Place::File { file: "risk-catalog/permissions.toml".into() };
            self.sources(&permission.sources, &place);
        }
        for method in catalog.methods.values() {
            let place = Place::File { file: format!("risk-catalog/methods/{}.toml", method.id).into() };
            self.sources(&method.sources, &place);
        }
    }

    fn lists(&mut self) {
        let catalog = self.catalog;
        for list in catalog.lists.values() {
            self.sources(&list.sources, &list.place);
            let mut numbers = BTreeSet::new();
            for item in &list.items {
                self.sources(&item.sources, &list.place);
                if !numbers.insert(&item.number) {
                    self.diagnostics.push(
                        Diagnostic::error("duplicate-id", format!("two items of `{}` have the number {}", list.id, item.number))
                            .at(&list.place, "in this list"),
                    );
                }
            }
        }
        let place = Place::File { file: "risk-catalog/combinations.toml".into() };
        for combination in &catalog.vocabulary.combinations {
            for permission in combination.all.iter().flatten() {
                self.reference("permission", permission, catalog.permissions.keys().map(String::as_str), &place);
            }
        }
    }

    fn registers(&mut self) {
        let catalog = self.catalog;
        for law in catalog.staff_laws.values() {
            self.sources(&law.sources, &law.place);
        }
        for kind in catalog.retention.values() {
            self.sources(&kind.sources, &kind.place);
            self.listed("data", std::slice::from_ref(&kind.data), &kind.place);
            self.known_measures(&kind.measures, &kind.place);
            for id in kind.default.iter().chain(&kind.configured) {
                self.fact(id, &kind.place);
            }
            self.known_services(&kind.services, &kind.place);
        }
        for flow in catalog.flows.values() {
            self.sources(&flow.sources, &flow.place);
            self.listed("data", &flow.data, &flow.place);
            self.listed("subjects", &flow.subjects, &flow.place);
            self.known_measures(&flow.measures, &flow.place);
            self.fact(&flow.tool, &flow.place);
            self.known_services(&flow.services, &flow.place);
        }
        for role in catalog.roles.values() {
            self.sources(&role.sources, &role.place);
            self.listed("data", &role.data, &role.place);
            self.fact(&role.role, &role.place);
        }
        for right in catalog.rights.values() {
            self.sources(&right.sources, &right.place);
            self.known_measures(&right.measures, &right.place);
        }
    }

    fn fact(&mut self, id: &str, place: &Place) {
        let catalog = self.catalog;
        self.reference("fact", id, catalog.vocabulary.facts.values().map(|d: &FactDef| d.id.as_str()), place);
    }

    fn known_measures(&mut self, ids: &[String], place: &Place) {
        let catalog = self.catalog;
        for id in ids {
            self.reference("measure", id, catalog.measures.keys().map(String::as_str), place);
        }
    }

    fn known_services(&mut self, ids: &[String], place: &Place) {
        let services = self.services();
        for id in ids {
            self.reference("service", id, services.iter().map(String::as_str), place);
        }
    }

    fn services(&self) -> Vec<String> {
        let def = self.catalog.vocabulary.get("services.in-use");
        def.map(|f| f.ty.values().iter().map(|(id, _)| id.clone()).collect()).unwrap_or_default()
    }

    fn facts(&mut self) {
        for def in self.catalog.vocabulary.facts.values() {
            let rows: &[Row] = match &def.kind {
                FactKind::Vendor { rows } => rows,
                _ => &def.defaults,
            };
            for row in &def.out_of_reach {
                self.sources(&row.sources, &row.place);
            }
            for row in rows {
                self.sources(&row.sources, &row.place);
            }
            for (i, a) in rows.iter().enumerate() {
                for b in &rows[i + 1..] {
                    // Rows with conditions of their own may be alternatives; they are compared when they meet in a deployment.
                    if a.value != b.value && alike(&a.when, &b.when) && overlap(a, b) {
                        self.diagnostics.push(
                            Diagnostic::error(
                                "catalog-rows-overlap",
                                format!("two rows of `{}` hold at the same time and disagree", def.id),
                            )
                            .at(&b.place, "this row")
                            .at(&a.place, "and this one"),
                        );
                    }
                }
            }
        }
    }
}

/// Whether two conditions are the same, line by line.
fn alike(a: &Condition, b: &Condition) -> bool {
    let lines = |c: &Condition| c.lines.iter().map(|l| (l.fact.clone(), l.wanted.clone())).collect::<BTreeSet<_>>();
    lines(a) == lines(b)
}

fn overlap(a: &Row, b: &Row) -> bool {
    let starts_before_end = |x: &Row, y: &Row| match (x.from, y.until) {
        (Some(from), Some(until)) => from < until,
        _ => true,
    };
    starts_before_end(a, b) && starts_before_end(b, a)
}
