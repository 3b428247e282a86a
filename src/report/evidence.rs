//! What the facts rest on: coverage, files of evidence, contradictions, and each fact with its origin.

use super::view::{Bar, BarLegend, Bars, Block, Column, Inline, Table};
use super::words;
use super::writer::{Writer, plain};
use crate::assessment::{Freshness, State, Support, freshness};
use crate::model::{FactKind, Given, Origin, Type};
use minijinja::context;

impl Writer<'_> {
    /// How well the facts that decide are supported, by area: bars, and the same numbers as a table.
    pub fn coverage(&self) -> Vec<Block> {
        let coverage = &self.assessment.coverage;
        let total = coverage.total();
        let sum: usize = total.iter().sum();
        if sum == 0 {
            return Vec::new();
        }
        let [shown, stated, default, open] = total;
        let label = |id: &str| self.catalog.label("fact-areas", id, self.lang).to_owned();
        let legend = Support::ALL
            .iter()
            .map(|s| BarLegend { level: s.id().to_owned(), word: self.t(&format!("coverage.{}", s.id())).to_owned() })
            .collect();
        let bars = coverage.areas.iter().map(|(id, counts)| Bar { label: label(id), counts: counts.to_vec() }).collect();
        let row = |name: String, counts: &[usize; 4]| {
            let mut row = vec![plain(name)];
            row.extend(counts.iter().map(|n| plain(n.to_string())));
            row
        };
        let mut rows: Vec<_> = coverage.areas.iter().map(|(id, counts)| row(label(id), counts)).collect();
        rows.push(row(self.t("coverage.all").to_owned(), &total));
        let column = |label: &str, width: f32| Column { label: label.to_owned(), width };
        let mut columns = vec![column(self.t("coverage.area"), 3.0)];
        columns.extend(Support::ALL.iter().map(|s| column(self.t(&format!("coverage.{}", s.id())), 1.6)));
        vec![
            self.paragraph(self.fill("coverage.intro", context! { total => sum, shown, stated, default, open })),
            Block::Bars(Bars { caption: self.t("coverage.caption").to_owned(), alt: self.t("coverage.alt").to_owned(), legend, bars }),
            Block::Table(Table { caption: self.t("coverage.caption").to_owned(), columns, rows, dense: true }),
        ]
    }

    /// The files that were read, what they bear, and the counts in them that are about nobody in particular.
    pub fn files(&self) -> Vec<Block> {
        let files = &self.deployment.evidence;
        if files.is_empty() {
            return vec![self.paragraph(self.t("files.none").to_owned())];
        }
        let rows = files
            .iter()
            .map(|f| {
                let kind = f.kind.as_ref().and_then(|k| self.catalog.evidence.get(k));
                let mut name = plain(f.file.clone());
                name.push(Inline::Break);
                name.push(Inline::Code { s: format!("{}…", f.sha256.get(..16).unwrap_or_default()) });
                let mut bears = plain(self.bearing(f));
                if f.assumed_unassigned > 0 {
                    bears.push(Inline::Break);
                    bears.extend(plain(self.locale().count("files.assumed", f.assumed_unassigned)));
                }
                if !f.missing.is_empty() {
                    bears.push(Inline::Break);
                    bears.extend(plain(self.fill("files.unread", context! { names => f.missing.join(", ") })));
                }
                vec![
                    super::prose::soften(name),
                    plain(kind.map(|k| k.label.get(self.lang)).unwrap_or_default()),
                    self.date_cell(f.as_of),
                    super::prose::soften(bears),
                    plain(self.number(i64::try_from(f.rows).unwrap_or(i64::MAX))),
                    plain(f.facts.to_string()),
                    plain(f.ignored_columns.to_string()),
                ]
            })
            .collect();
        let mut blocks = vec![
            self.paragraph(self.t("files.intro").to_owned()),
            dense(self.table(
                "files.caption",
                &[
                    ("files.file", 2.6),
                    ("files.kind", 2.0),
                    ("files.date", 1.3),
                    ("files.bears", 3.4),
                    ("files.rows", 0.8),
                    ("files.facts", 0.9),
                    ("files.ignored", 1.1),
                ],
                rows,
            )),
        ];
        blocks.extend(self.tallies());
        blocks.extend(self.tenant_retention());
        blocks.extend(self.listed_parties());
        blocks
    }

    fn tallies(&self) -> Option<Block> {
        let mut rows = Vec::new();
        for file in &self.deployment.evidence {
            for (column, counts) in &file.tallies {
                for (value, number) in counts {
                    let value = match value.as_str() {
                        "–" => self.t("files.blank"),
                        "…" => self.t("files.rest"),
                        value => value,
                    };
                    let number = self.number(i64::try_from(*number).unwrap_or(i64::MAX));
                    rows.push(vec![plain(file.file.clone()), plain(column.clone()), plain(value), plain(number)]);
                }
            }
        }
        let columns = [("files.file", 3.0), ("files.column", 2.0), ("files.value", 2.0), ("files.number", 1.0)];
        (!rows.is_empty()).then(|| dense(self.table("files.tallies", &columns, rows)))
    }

    /// The tenant's retention rules, without the names of their policies, which may name persons.
    fn tenant_retention(&self) -> Option<Block> {
        let rows: Vec<_> = self
            .deployment
            .evidence
            .iter()
            .flat_map(|f| &f.retention)
            .map(|r| {
                let places: Vec<&str> = r.workloads.iter().map(|w| self.t_or("workload", w)).collect();
                vec![
                    plain(places.join(", ")),
                    plain(self.t_or("retention-action", &r.action)),
                    plain(r.days.map_or_else(|| self.t("files.endless").to_owned(), |d| self.number(d))),
                    plain(self.t(if r.everywhere { "files.all" } else { "files.part" })),
                    plain(self.place(&r.place)),
                ]
            })
            .collect();
        let columns =
            [("files.where", 2.4), ("files.action", 2.0), ("files.days", 1.0), ("files.everywhere", 1.0), ("evidence.origin", 3.0)];
        (!rows.is_empty()).then(|| dense(self.table("files.retention", &columns, rows)))
    }

    fn listed_parties(&self) -> Option<Block> {
        let rows: Vec<_> = self
            .deployment
            .evidence
            .iter()
            .flat_map(|f| f.parties.iter().map(move |party| (f, party)))
            .map(|(f, party)| {
                let texts = party.iter().chain([&f.file]);
                texts.map(|text| super::prose::soften(plain(text.clone()))).collect()
            })
            .collect();
        let columns = [("files.name", 3.0), ("files.service", 3.0), ("files.location", 2.0), ("files.file", 2.2)];
        (!rows.is_empty()).then(|| dense(self.table("files.parties", &columns, rows)))
    }

    /// The words under `<section>.<key>`, or the key itself where a catalogue brings one of its own.
    fn t_or<'k>(&'k self, section: &str, key: &'k str) -> &'k str {
        let full = format!("{section}.{key}");
        if self.locale().has(&full) { self.locale().get_owned(&full) } else { key }
    }

    pub fn conflicts(&self) -> Vec<Block> {
        let rows: Vec<_> = self
            .assessment
            .contradictions
            .iter()
            .flat_map(|c| {
                let (label, ty) = self.named_fact(&c.fact);
                let scope = self.scope(&c.scope);
                let whose = c.record.as_deref().or((!scope.is_empty()).then_some(scope.as_str()));
                let label = whose.map_or(label.clone(), |w| format!("{label} ({w})"));
                c.candidates
                    .iter()
                    .enumerate()
                    .map(|(i, (value, origin))| {
                        let words = ty.map(|t| words::value(value, t, self.lang, self.locale())).unwrap_or_default();
                        let state = match (c.decided, i) {
                            (true, 0) => "conflicts.counts",
                            (true, _) => "conflicts.counts-not",
                            (false, _) => "conflicts.possible",
                        };
                        vec![
                            super::prose::soften(plain(label.clone())),
                            super::prose::soften(plain(words)),
                            plain(self.t(state)),
                            self.origin_with_kind(origin),
                        ]
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        if rows.is_empty() {
            return vec![self.paragraph(self.t("conflicts.none").to_owned())];
        }
        let mut blocks = vec![
            self.paragraph(self.t("conflicts.intro").to_owned()),
            self.table(
                "conflicts.caption",
                &[("evidence.fact", 3.0), ("evidence.value", 2.0), ("conflicts.state", 1.3), ("evidence.origin", 3.4)],
                rows,
            ),
        ];
        for resolution in &self.deployment.resolutions {
            let (label, _) = self.named_fact(&resolution.fact);
            blocks.push(self.paragraph(self.fill(
                "conflicts.resolved",
                context! { fact => label, function => &resolution.function, date => resolution.date.map(|d| self.date(d)) },
            )));
            blocks.extend(self.own(&resolution.how));
        }
        blocks
    }

    /// Label and type of a fact, or of a field of a list.
    fn named_fact(&self, id: &str) -> (String, Option<&Type>) {
        if let Some(def) = self.catalog.vocabulary.get(id) {
            return (def.label.get(self.lang).to_owned(), Some(&def.ty));
        }
        let field = id.split_once('.').and_then(|(list, field)| match self.catalog.vocabulary.get(list).map(|d| (d, &d.ty)) {
            Some((def, Type::Records { fields, .. })) => fields.iter().find(|f| f.id == field).map(|f| (def, f)),
            _ => None,
        });
        match field {
            Some((def, field)) => (format!("{}: {}", def.label.get(self.lang), field.label.get(self.lang)), Some(&field.ty)),
            None => (id.to_owned(), None),
        }
    }

    /// Each fact that is stated, with its origin; records field by field.
    pub fn evidence(&self) -> Vec<Block> {
        let mut blocks = self.locale_blocks("evidence.intro");
        blocks.extend(self.coverage());
        blocks.extend(self.files());
        let mut rows = Vec::new();
        for def in self.catalog.vocabulary.facts.values().filter(|d| matches!(d.kind, FactKind::Asked)) {
            let known = self.deployment.answers.contains_key(&def.id)
                || self.deployment.observations.iter().any(|o| o.fact == def.id)
                || self.deployment.sightings.iter().any(|s| s.list == def.id)
                || self.deployment.resolutions.iter().any(|r| r.fact == def.id);
            if !known {
                continue;
            }
            if let Type::Records { .. } = def.ty {
                rows.extend(self.record_rows(&def.id));
                continue;
            }
            let fact = self.assessment.facts.get(&def.id);
            let mut seen: Vec<Vec<Inline>> = Vec::new();
            for cell in &fact.cells {
                let scope = self.scope(&cell.scope);
                let label =
                    if scope.is_empty() { def.label.get(self.lang).to_owned() } else { format!("{} ({scope})", def.label.get(self.lang)) };
                let (value, origin) = match &cell.state {
                    State::Known { value, origin } => {
                        (words::value(value, &def.ty, self.lang, self.locale()), self.origin_with_kind(origin))
                    }
                    State::Open { .. } => {
                        let (words, _, places) = self.cell_words(def, cell);
                        (words, if places.is_empty() { plain("–") } else { plain(places) })
                    }
                };
                let row = plain(format!("{label}{value}"));
                if seen.contains(&row) {
                    continue;
                }
                seen.push(row);
                rows.push(vec![super::prose::soften(plain(label)), super::prose::soften(plain(value)), origin]);
            }
        }
        if rows.is_empty() {
            blocks.push(self.gap("A35-7a", "gap.settings"));
        } else {
            blocks.push(dense(self.table(
                "evidence.caption",
                &[("evidence.fact", 3.2), ("evidence.value", 3.4), ("evidence.origin", 2.8)],
                rows,
            )));
        }
        blocks.extend(self.vendor_rows());
        blocks
    }

    fn record_rows(&self, list: &str) -> Vec<Vec<Vec<Inline>>> {
        let fact = self.assessment.facts.get(list);
        let Some(def) = self.catalog.vocabulary.get(list) else { return Vec::new() };
        let (Some(crate::model::Value::Records(records)), Type::Records { fields, .. }) = (fact.single(), &def.ty) else {
            return Vec::new();
        };
        if records.is_empty() {
            return vec![vec![plain(def.label.get(self.lang)), plain(self.t("value.none")), plain(self.t("evidence.stated"))]];
        }
        records
            .iter()
            .map(|r| {
                let mut value = Vec::new();
                for field in fields {
                    let words = match r.fields.get(&field.id) {
                        Some((Given::Value(v), _)) => words::value(v, &field.ty, self.lang, self.locale()),
                        Some((Given::Unknown, _)) => self.t("open.unknown").to_owned(),
                        Some((Given::Disputed(_), _)) => self.t("open.conflict").to_owned(),
                        _ => continue,
                    };
                    if !value.is_empty() {
                        value.extend(plain("; "));
                    }
                    value.extend(super::prose::soften(plain(format!("{}: {words}", field.label.get(self.lang)))));
                }
                vec![
                    plain(format!("{}: {}", def.label.get(self.lang), r.key)),
                    value,
                    self.origin_with_kind(&crate::assessment::origin_of(&r.place)),
                ]
            })
            .collect()
    }

    pub fn origin_with_kind(&self, origin: &Origin) -> Vec<Inline> {
        let mut out = match origin {
            Origin::Declared(_) => plain(format!("{}: ", self.t("evidence.stated"))),
            Origin::Observed(place) if self.evidence_of(place).is_some_and(|f| freshness(f, self.assessment.as_of) == Freshness::Fresh) => {
                plain(format!("{}: ", self.t("evidence.shown")))
            }
            _ => Vec::new(),
        };
        out.extend(self.origin(origin));
        for mark in self.marks(origin) {
            out.extend(plain(" "));
            out.push(Inline::Strong { c: plain(format!("[{}]", self.t(mark))) });
        }
        out
    }
}

fn dense(block: Block) -> Block {
    match block {
        Block::Table(table) => Block::Table(Table { dense: true, ..table }),
        other => other,
    }
}
