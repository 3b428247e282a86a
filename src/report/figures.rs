//! Matrix, bars and data flow, as data that templates draw.

use super::view::{Bar, BarLegend, Bars, Block, Flow, FlowArrow, FlowBox, FlowColumn, Matrix, MatrixCell};
use super::writer::{Writer, plain};
use crate::assessment::{Finding, Stage};
use crate::model::{Given, Level, Step, Type, Value};
use minijinja::context;
use std::collections::BTreeMap;

impl Writer<'_> {
    pub fn matrix(&self) -> Vec<Block> {
        let method = self.assessment.method;
        let at = |stage: fn(&Finding) -> Stage, l: &Step, s: &Step| -> Vec<String> {
            self.assessment
                .findings
                .iter()
                .filter(|f| {
                    let rated = stage(f).rated;
                    rated.likelihood.is_some_and(|x| l.from.contains(&x)) && rated.severity.is_some_and(|x| s.from.contains(&x))
                })
                .filter_map(|f| self.labels.get(&f.id).cloned())
                .collect()
        };
        let cells: Vec<Vec<MatrixCell>> = method
            .severity
            .iter()
            .map(|s| {
                method
                    .likelihood
                    .iter()
                    .map(|l| {
                        let level = method.cells.get(&(l.id.clone(), s.id.clone())).map_or(Level::None, |c| c.level);
                        MatrixCell {
                            level: level.id().to_owned(),
                            word: self.level_word(level),
                            before: at(|f| f.gross, l, s),
                            expected: at(|f| f.expected, l, s),
                        }
                    })
                    .collect()
            })
            .collect();
        let mut lines = Vec::new();
        for (s, row) in method.severity.iter().zip(&cells) {
            for (l, cell) in method.likelihood.iter().zip(row) {
                if !cell.before.is_empty() || !cell.expected.is_empty() {
                    lines.push(self.fill(
                        "matrix.alt-cell",
                        context! { likelihood => l.label.get(self.lang), severity => s.label.get(self.lang), level => &cell.word, before => or_dash(&cell.before), expected => or_dash(&cell.expected) },
                    ));
                }
            }
        }
        vec![Block::Matrix(Matrix {
            caption: self.t("matrix.caption").to_owned(),
            alt: format!("{} {}", self.t("matrix.alt"), lines.join(" ")),
            x_label: self.t("method.likelihood").to_owned(),
            y_label: self.t("method.severity").to_owned(),
            x_steps: method.likelihood.iter().map(|s| s.label.get(self.lang).to_owned()).collect(),
            y_steps: method.severity.iter().map(|s| s.label.get(self.lang).to_owned()).collect(),
            cells,
            before_label: self.t("matrix.before").to_owned(),
            expected_label: self.t("matrix.expected").to_owned(),
        })]
    }

    pub fn bars(&self) -> Vec<Block> {
        let levels: Vec<Level> = self.assessment.method.levels.iter().map(|(l, _)| *l).rev().collect();
        let mut by_family: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
        for finding in &self.assessment.findings {
            let family = finding.risk.family.as_str();
            let counts = by_family.entry((self.catalog.family_rank(family), family)).or_insert_with(|| vec![0; levels.len() + 1]);
            match levels.iter().position(|l| !self.is_open(finding) && *l == finding.current.rated.level) {
                Some(i) => counts[i] += 1,
                // Open findings, and paths that are removed but for an open one.
                None => counts[levels.len()] += 1,
            }
        }
        if by_family.is_empty() {
            return Vec::new();
        }
        let mut legend: Vec<BarLegend> = levels.iter().map(|l| BarLegend { level: l.id().to_owned(), word: self.level_word(*l) }).collect();
        legend.push(BarLegend { level: "open".to_owned(), word: self.t("flag.open").to_owned() });
        let bars: Vec<Bar> = by_family
            .into_iter()
            .map(|((_, family), counts)| Bar { label: self.catalog.label("families", family, self.lang).to_owned(), counts })
            .collect();
        let alt: Vec<String> = bars
            .iter()
            .map(|b| {
                let parts: Vec<String> =
                    b.counts.iter().zip(&legend).filter(|(n, _)| **n > 0).map(|(n, l)| format!("{n} {}", l.word)).collect();
                format!("{}: {}.", b.label, parts.join(", "))
            })
            .collect();
        vec![Block::Bars(Bars {
            caption: self.t("bars.caption").to_owned(),
            alt: format!("{} {}", self.t("bars.alt"), alt.join(" ")),
            legend,
            bars,
        })]
    }

    /// People, clients, Microsoft's services and other parties, with numbered flows and a table that explains them.
    pub fn data_flow(&self) -> Vec<Block> {
        let mut columns = vec![self.people_column(), self.client_column(), self.service_column(), self.party_column()];
        let arrows = self.arrows(&columns);
        columns.retain(|c| !c.boxes.is_empty());
        if arrows.is_empty() {
            return Vec::new();
        }
        let name = |id: &str| columns.iter().flat_map(|c| &c.boxes).find(|b| b.id == id).map(|b| b.title.clone()).unwrap_or_default();
        let rows = arrows
            .iter()
            .map(|a| vec![plain(a.number.to_string()), plain(name(&a.from)), plain(name(&a.to)), plain(a.label.clone())])
            .collect();
        let alt = arrows
            .iter()
            .map(|a| {
                self.fill("flow.alt-arrow", context! { number => a.number, from => name(&a.from), to => name(&a.to), label => &a.label })
            })
            .collect::<Vec<_>>()
            .join(" ");
        let flow = Flow { caption: self.t("flow.caption").to_owned(), alt: format!("{} {alt}", self.t("flow.alt")), columns, arrows };
        vec![
            Block::Flow(flow),
            self.table("flow.table", &[("common.number", 0.6), ("flow.from", 2.2), ("flow.to", 2.4), ("flow.what", 4.0)], rows),
        ]
    }

    /// The people who send data: by the organisation's devices or their own. Who is only spoken of has no arrow and no box.
    fn people_column(&self) -> FlowColumn {
        let boxes = self
            .deployment
            .prose
            .organisation
            .people
            .iter()
            .filter(|p| self.uses(&p.category).is_some())
            .take(9)
            .map(|p| FlowBox {
                id: format!("people-{}", p.category),
                title: self.catalog.label("subjects", &p.category, self.lang).to_owned(),
                lines: p.number.map(|n| self.number(n)).into_iter().collect(),
                tone: "people".into(),
            })
            .collect();
        FlowColumn { title: self.t("flow.people").to_owned(), boxes }
    }

    fn uses(&self, category: &str) -> Option<&str> {
        self.catalog.entry("subjects", category)?.uses.as_deref()
    }

    /// The organisation's devices with their platforms, and the devices of others where people outside take part.
    fn client_column(&self) -> FlowColumn {
        let platforms = self.fact_words("services.platforms");
        let mut boxes = vec![FlowBox {
            id: "client-own".into(),
            title: self.t("flow.own-devices").to_owned(),
            lines: vec![platforms],
            tone: "client".into(),
        }];
        if self.deployment.prose.organisation.people.iter().any(|p| self.uses(&p.category) == Some("outside")) {
            boxes.push(FlowBox {
                id: "client-others".into(),
                title: self.t("flow.others-devices").to_owned(),
                lines: Vec::new(),
                tone: "client".into(),
            });
        }
        FlowColumn { title: self.t("flow.clients").to_owned(), boxes }
    }

    /// Microsoft in the roles that the description names.
    fn service_column(&self) -> FlowColumn {
        let mut boxes = self.party_boxes(true);
        if boxes.is_empty() {
            boxes.push(FlowBox {
                id: "party-microsoft".into(),
                title: "Microsoft".into(),
                lines: vec![self.t("flow.role-missing").to_owned()],
                tone: "processor".into(),
            });
        }
        FlowColumn { title: self.t("flow.microsoft").to_owned(), boxes }
    }

    /// The parties that the description names: Microsoft's companies, or the others.
    fn party_boxes(&self, microsoft: bool) -> Vec<FlowBox> {
        let tone = |role: &str| match (microsoft, role) {
            (false, _) => "third-party",
            (true, "independent-controller") => "controller",
            (true, _) => "processor",
        };
        self.deployment
            .prose
            .processor
            .iter()
            .enumerate()
            .filter(|(_, p)| p.name.contains("Microsoft") == microsoft)
            .map(|(i, p)| FlowBox {
                id: format!("party-{i}"),
                title: p.name.clone(),
                lines: std::iter::once(self.catalog.label("roles", &p.role, self.lang).to_owned())
                    .chain(p.location.as_deref().map(short))
                    .collect(),
                tone: tone(&p.role).into(),
            })
            .collect()
    }

    fn party_column(&self) -> FlowColumn {
        let mut boxes = self.party_boxes(false);
        let apps = self.assessment.facts.get("third-party-apps");
        if let (Some(Value::Records(records)), Some(Type::Records { name, .. })) =
            (apps.single(), self.catalog.vocabulary.get("third-party-apps").map(|d| &d.ty))
        {
            let text = |r: &crate::model::Record, field: &str| match r.fields.get(field) {
                Some((Given::Value(Value::Text(s)), _)) => Some(s.clone()),
                _ => None,
            };
            for record in records.iter().take(6) {
                boxes.push(FlowBox {
                    id: format!("app-{}", record.key),
                    title: text(record, name).unwrap_or_else(|| record.key.clone()),
                    lines: [text(record, "vendor"), text(record, "vendor-country")].into_iter().flatten().map(|l| short(&l)).collect(),
                    tone: "third-party".into(),
                });
            }
        }
        FlowColumn { title: self.t("flow.parties").to_owned(), boxes }
    }

    fn arrows(&self, columns: &[FlowColumn]) -> Vec<FlowArrow> {
        let [people, clients, services, parties] = columns else { return Vec::new() };
        let mut arrows = Vec::new();
        let mut add = |from: &FlowBox, to: &FlowBox, label: String| {
            let number = arrows.len() + 1;
            arrows.push(FlowArrow { from: from.id.clone(), to: to.id.clone(), number, label });
        };
        for person in &people.boxes {
            let outside = person.id.strip_prefix("people-").and_then(|c| self.uses(c)) == Some("outside");
            let client = clients.boxes.iter().find(|c| (c.id == "client-others") == outside);
            if let Some(client) = client {
                add(person, client, self.t(if outside { "flow.takes-part" } else { "flow.uses" }).to_owned());
            }
        }
        for client in &clients.boxes {
            for service in &services.boxes {
                let key = if service.tone == "controller" { "flow.diagnostics" } else { "flow.content" };
                add(client, service, self.t(key).to_owned());
            }
        }
        let processor = services.boxes.iter().find(|b| b.tone == "processor").or_else(|| services.boxes.first());
        if let Some(processor) = processor {
            for party in &parties.boxes {
                let data = party
                    .id
                    .strip_prefix("party-")
                    .and_then(|i| i.parse::<usize>().ok())
                    .and_then(|i| self.deployment.prose.processor.get(i))
                    .map(|p| self.labels_of("data", &p.data))
                    .filter(|d| !d.is_empty());
                add(processor, party, data.unwrap_or_else(|| self.t("flow.app").to_owned()));
            }
        }
        arrows
    }
}

/// A place in a box: its first words.
fn short(text: &str) -> String {
    let line = text.split(['.', ';', '\n']).next().unwrap_or_default().trim();
    if line.chars().count() <= 34 {
        return line.to_owned();
    }
    let mut cut: String = String::new();
    for word in line.split(' ') {
        if cut.chars().count() + word.chars().count() > 32 {
            break;
        }
        if !cut.is_empty() {
            cut.push(' ');
        }
        cut.push_str(word);
    }
    format!("{cut} …")
}

fn or_dash(labels: &[String]) -> String {
    if labels.is_empty() { "–".to_owned() } else { labels.join(", ") }
}
