//! The registers: retention, transfers, roles, rights, staff representation.

use super::view::{Block, Inline, RegisterView};
use super::words;
use super::writer::{Writer, plain};
use crate::assessment::{RegisterEntry, RetentionGap, State, Truth};
use crate::model::{Flow, Tag};
use minijinja::context;

impl Writer<'_> {
    /// Every kind of data that the deployment creates: Microsoft's period, the one configured, the organisation's own rule, the gap.
    pub fn retention_register(&self) -> Vec<Block> {
        let rows: Vec<_> = self
            .assessment
            .registers
            .retention
            .iter()
            .filter_map(|e| Some((e, self.catalog.retention.get(&e.id)?)))
            .map(|(entry, kind)| {
                let mut label = self.maybe(entry, kind.label.get(self.lang));
                label.push(Inline::Break);
                label.push(Inline::Emphasis { c: plain(self.t(&format!("retention.by-{}", kind.controlled_by))) });
                let configured = match &kind.configured {
                    Some(id) => plain(self.fact_words(id)),
                    None => plain("–"),
                };
                let rules: Vec<_> = self.deployment.prose.retention_rule.iter().filter(|r| r.kind == kind.id).collect();
                // What nobody here can change, and nobody has a rule for, asks for nothing.
                let idle = rules.is_empty() && kind.controlled_by == "microsoft";
                let mut own = Vec::new();
                for rule in &rules {
                    if !own.is_empty() {
                        own.push(Inline::Break);
                    }
                    own.extend(match (rule.days, &rule.period) {
                        (Some(days), _) => plain(self.fill("retention.days", context! { n => days })),
                        (None, period) => self.own_cell(period.as_deref()),
                    });
                    own.push(Inline::Break);
                    own.push(Inline::Emphasis { c: self.own_inline(&rule.because) });
                }
                if rules.is_empty() {
                    own = plain(if idle { "–" } else { self.t("retention.no-rule") });
                }
                let gap = match self.assessment.retention_gap(kind, &rules) {
                    RetentionGap::NoRule if idle => "–".to_owned(),
                    RetentionGap::Endless => self.t("retention.gap-endless").to_owned(),
                    RetentionGap::NoRule => self.t("retention.gap-no-rule").to_owned(),
                    RetentionGap::Longer(days) => self.fill("retention.gap-longer", context! { n => days }),
                    RetentionGap::Shorter(days) => self.fill("retention.gap-shorter", context! { n => days }),
                    RetentionGap::Fits => self.t("retention.gap-none").to_owned(),
                    RetentionGap::Unknown => self.t("retention.gap-compare").to_owned(),
                };
                let default = kind.default.as_ref().map_or_else(|| plain("–"), |id| self.dated(id));
                vec![label, default, configured, own, plain(gap)]
            })
            .collect();
        if rows.is_empty() {
            return vec![self.paragraph(self.t("retention.none").to_owned())];
        }
        vec![
            self.paragraph(self.t("retention.register-intro").to_owned()),
            self.table(
                "retention.register",
                &[
                    ("retention.kind", 2.2),
                    ("retention.default", 2.4),
                    ("retention.configured", 1.8),
                    ("retention.own-rule", 2.2),
                    ("retention.gap", 1.5),
                ],
                rows,
            ),
        ]
    }

    /// What the periods count from and what they do not delete.
    pub fn retention_notes(&self) -> Vec<Block> {
        let kinds = self.assessment.registers.retention.iter().filter_map(|e| self.catalog.retention.get(&e.id));
        let items: Vec<Vec<Inline>> = kinds
            .map(|kind| {
                let mut item = vec![Inline::Strong { c: plain(kind.label.get(self.lang)) }];
                item.extend(plain(": "));
                item.extend(self.md_inline(&kind.note, None));
                item
            })
            .collect();
        if items.is_empty() {
            return vec![self.paragraph(self.t("retention.none").to_owned())];
        }
        vec![self.paragraph(self.t("retention.notes-intro").to_owned()), Block::List { items }]
    }

    /// The flows in the six steps of EDPB Recommendations 01/2020.
    pub fn flows(&self) -> Vec<Block> {
        let mut blocks = vec![self.paragraph(self.fill(
            "flows.intro",
            context! { organisation => &self.deployment.prose.organisation.name, date => self.date(self.assessment.as_of) },
        ))];
        let flows: Vec<_> = self.assessment.registers.flows.iter().filter_map(|e| Some((e, self.catalog.flows.get(&e.id)?))).collect();
        if flows.is_empty() {
            blocks.push(self.paragraph(self.t("flows.none").to_owned()));
            return blocks;
        }
        let rows = flows
            .iter()
            .enumerate()
            .map(|(i, (entry, flow))| {
                vec![
                    plain(format!("T{}", i + 1)),
                    self.maybe(entry, flow.label.get(self.lang)),
                    self.md_inline(&flow.recipient, None),
                    plain(self.fact_words(&flow.tool)),
                ]
            })
            .collect();
        blocks.push(self.table(
            "flows.caption",
            &[("common.number", 0.6), ("flows.flow", 3.2), ("flows.recipient", 3.2), ("flows.tool", 2.4)],
            rows,
        ));
        for (i, (entry, flow)) in flows.into_iter().enumerate() {
            blocks.push(Block::Heading {
                level: 2,
                number: format!("T{}", i + 1),
                text: flow.label.get(self.lang).to_owned(),
                id: format!("flow-{}", flow.id),
            });
            blocks.push(self.flow(entry, flow));
        }
        blocks
    }

    fn flow(&self, entry: &RegisterEntry, flow: &Flow) -> Block {
        let mut know = self.md(&flow.what, None);
        let about = [self.labels_of("data", &flow.data), self.subjects_of(&flow.subjects)];
        know.push(self.paragraph(about.iter().filter(|w| !w.is_empty()).cloned().collect::<Vec<_>>().join(" · ")));
        if entry.truth == Truth::Open {
            know.push(self.paragraph(self.t("registers.open").to_owned()));
        }
        let measures: Vec<Vec<Inline>> = flow
            .measures
            .iter()
            .map(|id| {
                plain(format!(
                    "{} ({})",
                    self.measure_name(id),
                    self.t(&format!("status.{}", self.assessment.measure_status(self.catalog, id).id()))
                ))
            })
            .collect();
        let measures = if measures.is_empty() {
            vec![self.paragraph(self.t("flows.no-measures").to_owned())]
        } else {
            vec![Block::List { items: measures }]
        };
        Block::Pairs {
            rows: vec![
                self.pair("flows.step-1", know),
                self.pair("flows.step-2", vec![Block::Paragraph { text: self.dated(&flow.tool) }]),
                self.pair("flows.step-3", self.md(&flow.law, None)),
                self.pair("flows.step-4", measures),
                self.pair("flows.step-5", self.md(&flow.procedure, None)),
                self.pair("flows.step-6", self.md(&flow.triggers, None)),
                self.pair("flows.residual", self.md(&flow.residual, None)),
                self.pair_text("common.sources", self.named(&flow.sources)),
            ],
        }
    }

    /// Who is controller and who processor, by purpose, on the as-of date and under the contract.
    pub fn roles(&self) -> Vec<Block> {
        let rows: Vec<_> = self
            .assessment
            .registers
            .roles
            .iter()
            .filter_map(|e| Some((e, self.catalog.roles.get(&e.id)?)))
            .map(|(entry, role)| {
                let mut purpose = self.maybe(entry, role.purpose.get(self.lang));
                purpose.push(Inline::Break);
                purpose.push(Inline::Emphasis { c: plain(self.labels_of("data", &role.data)) });
                vec![purpose, self.dated(&role.role), self.md_inline(&role.text, None)]
            })
            .collect();
        if rows.is_empty() {
            return vec![self.paragraph(self.t("roles.none").to_owned())];
        }
        vec![
            self.paragraph(self.t("roles.intro").to_owned()),
            self.table("roles.caption", &[("roles.purpose", 2.4), ("roles.role", 2.6), ("roles.basis", 4.4)], rows),
        ]
    }

    /// How each right is exercised for each group of data, and what cannot be done.
    pub fn rights(&self) -> Vec<Block> {
        let entries = self.assessment.registers.rights.iter().filter_map(|e| Some((e, self.catalog.rights.get(&e.id)?)));
        let mut entries: Vec<_> = entries.collect();
        let rank = |article: &str| article.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u32>().unwrap_or(0);
        entries.sort_by_key(|(_, r)| (rank(&r.article), r.group.clone(), r.id.clone()));
        let rows: Vec<_> = entries
            .into_iter()
            .map(|(entry, right)| {
                let mut name = self.maybe(entry, &words::article(&right.article, self.locale()));
                name.push(Inline::Break);
                name.push(Inline::Emphasis { c: plain(self.t(&format!("rights.{}", right.group))) });
                let mut how = self.md_inline(&right.how, None);
                if right.tag == Tag::Recalled {
                    how.extend(plain(format!(" [{}]", self.t("mark.recalled"))));
                }
                vec![name, how, self.md_inline(&right.cannot, None)]
            })
            .collect();
        if rows.is_empty() {
            return vec![self.paragraph(self.t("rights.none").to_owned())];
        }
        vec![
            self.paragraph(self.t("rights.intro").to_owned()),
            self.table("rights.caption", &[("rights.right", 1.8), ("rights.how", 4.4), ("rights.cannot", 3.4)], rows),
        ]
    }

    /// Where the law gives the staff representation a say.
    pub fn staff_laws(&self) -> Vec<Block> {
        let laws = self.assessment.registers.staff_laws.iter().filter_map(|e| Some((e, self.catalog.staff_laws.get(&e.id)?)));
        let rows: Vec<_> = laws
            .map(|(entry, law)| {
                let mut name = self.maybe(entry, &law.law);
                if law.tag == Tag::Recalled {
                    name.extend(plain(format!(" [{}]", self.t("mark.recalled"))));
                }
                name.push(Inline::Break);
                name.push(Inline::Emphasis { c: plain(self.t(&format!("staff.right-{}", law.right))) });
                let facts = self.distinct(&entry.reasons);
                vec![name, self.md_inline(&law.text, None), super::prose::soften(plain(facts.join("; ")))]
            })
            .collect();
        if rows.is_empty() {
            return Vec::new();
        }
        let mut blocks = vec![
            self.paragraph(self.t("staff.laws-intro").to_owned()),
            self.table("staff.laws", &[("staff.law", 1.8), ("staff.asks", 4.2), ("staff.because", 3.2)], rows),
        ];
        let staff = &self.deployment.prose.organisation.staff_representation;
        let called = self.assessment.registers.staff_laws.iter().any(|l| l.truth == Truth::Yes);
        if called && staff.result.is_none() && staff.not_consulted_because.is_none() {
            blocks.push(self.gap("A35-9-staff", "gap.staff-laws"));
        }
        blocks
    }

    /// A label, with a mark where facts that are open decide whether the entry is about this deployment.
    fn maybe(&self, entry: &RegisterEntry, label: &str) -> Vec<Inline> {
        let mut out = super::prose::soften(plain(label));
        if entry.truth == Truth::Open {
            out.extend(plain(format!(" [{}]", self.t("flag.open"))));
        }
        out
    }

    /// The value of a fact with its source and date.
    fn dated(&self, id: &str) -> Vec<Inline> {
        let fact = self.assessment.facts.get(id);
        let mut out = plain(self.fact_words(id));
        let known = fact.cells.iter().find_map(|c| match &c.state {
            State::Known { origin, .. } => Some(origin),
            State::Open { .. } => None,
        });
        if let Some(origin) = known {
            out.push(Inline::Break);
            let mut from = self.origin(origin);
            for mark in self.marks(origin) {
                from.extend(plain(format!(" [{}]", self.t(mark))));
            }
            out.push(Inline::Emphasis { c: from });
        }
        super::prose::soften(out)
    }

    /// The registers for other programs.
    pub fn registers_view(&self) -> RegisterView {
        let ids = |entries: &[RegisterEntry]| entries.iter().map(|e| (e.id.clone(), e.truth.id().to_owned())).collect();
        let r = &self.assessment.registers;
        RegisterView {
            retention: ids(&r.retention),
            transfers: ids(&r.flows),
            roles: ids(&r.roles),
            rights: ids(&r.rights),
            staff_representation: ids(&r.staff_laws),
        }
    }
}
