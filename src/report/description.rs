//! Sections 0 to 3 of the EDPB template: who, what, why, on which ground.

use super::view::{Block, Inline};
use super::words;
use super::writer::{Writer, plain};
use crate::model::Purpose;

impl Writer<'_> {
    /// A named block of a structure. A name that is not known is a fault of the structure.
    pub fn block(&self, name: &str) -> Vec<Block> {
        match name {
            "controllers" => self.controllers(),
            "processors" => self.processors(),
            "processing-name" => self.processing_name(),
            "planning" => self.planning(),
            "technical-sheet" => self.technical_sheet(),
            "reasons" => self.reasons(),
            "scope" => self.scope_blocks(),
            "limits-of-study" => vec![Block::Callout {
                tone: "warning".into(),
                title: self.t("limits.title").to_owned(),
                blocks: self.locale_blocks("limits.text"),
            }],
            "personal-data" => self.personal_data(),
            "purposes" => self.purposes(),
            "secondary-uses" => self.secondary_uses(),
            "nature-scope-context" => self.nature_scope_context(),
            "people" => self.people(),
            "transfers" => self.transfers(),
            "functional-description" => self.functional_description(),
            "data-flow" => self.data_flow(),
            "assets" => self.assets(),
            "settings-in-use" => self.settings_in_use(),
            "codes-of-conduct" => {
                self.own_or_gap(self.deployment.prose.assessment.codes_of_conduct.as_deref(), "A35-8", "gap.codes-of-conduct")
            }
            "legal-bases" => self.legal_bases(),
            "special-conditions" => self.special_conditions(),
            "minimisation" => self.minimisation(),
            "retention-register" => self.retention_register(),
            "retention-notes" => self.retention_notes(),
            "flows" => self.flows(),
            "roles" => self.roles(),
            "rights" => self.rights(),
            "permissions" => self.permissions(),
            "staff-laws" => self.staff_laws(),
            "data-quality" => self.own_or_gap(self.deployment.prose.assessment.data_quality.as_deref(), "A35-7a", "gap.data-quality"),
            "baseline-principles" => self.baseline(&[
                "fairness",
                "transparency",
                "purpose-limitation",
                "minimisation",
                "accuracy",
                "storage-limitation",
                "integrity-confidentiality",
                "accountability",
            ]),
            "baseline-rights" => {
                self.baseline(&["right-information", "right-access", "right-erasure", "right-objection", "automated-decisions"])
            }
            "baseline-other" => self.baseline(&["consent", "processors", "transfers"]),
            "baseline-by-design" => self.baseline(&["by-design"]),
            "baseline-security" => self.baseline(&["security"]),
            "impacts-by-design" => self.impacts(crate::model::Track::Design),
            "impacts-by-event" => self.impacts(crate::model::Track::Event),
            "necessity" => self.necessity(),
            "proportionality" => self.proportionality(),
            "method" => self.method_blocks(),
            "matrix" => self.matrix(),
            "family-bars" => self.bars(),
            "inherent-table" => self.inherent_table(),
            "findings" => self.findings(),
            "grounds" => self.grounds(),
            "additional-measures" => self.additional_measures(),
            "residual-table" => self.residual_table(),
            "action-plan" => self.action_plan(),
            "review" => self.review(),
            "dpo-advice" => self.dpo_advice(),
            "views" => self.views(),
            "decision" => self.decision(),
            "consultation-options" => self.consultation_options(),
            "settings" => self.settings(),
            "questions" => self.questions(),
            "excluded" => self.excluded(),
            "conflicts" => self.conflicts(),
            "evidence" => self.evidence(),
            "completeness" => self.completeness(),
            "catalogue" => self.catalogue(),
            // Written at the end, when all is said.
            "sources" | "glossary" => Vec::new(),
            other => {
                self.faults.borrow_mut().push(format!("the structure names an unknown block `{other}`"));
                Vec::new()
            }
        }
    }

    fn controllers(&self) -> Vec<Block> {
        let organisation = &self.deployment.prose.organisation;
        let controller = &organisation.controller;
        let name = controller.name.clone().unwrap_or_else(|| organisation.name.clone());
        let mut rows = vec![
            self.pair_text("controller.name", name),
            self.pair("controller.unit", self.own_or_gap(controller.unit.as_deref(), "A36-3a", "gap.controller-unit")),
            self.pair("controller.contact", self.own_or_gap(controller.contact.as_deref(), "A36-3a", "gap.controller-contact")),
            self.pair_text("controller.kind", self.catalog.label("organisation-kinds", &organisation.kind, self.lang).to_owned()),
        ];
        if let Some(sector) = &organisation.sector {
            rows.push(self.pair("controller.sector", self.own(sector)));
        }
        let dpo = &organisation.dpo;
        rows.push(match (&dpo.name, &dpo.none_because) {
            (None, Some(why)) => self.pair("dpo.none", self.own(why)),
            (name, _) => {
                let words = [name.as_deref(), dpo.contact.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
                self.pair("dpo.name", self.own_or_gap(Some(&words), "A35-2", "gap.dpo-name"))
            }
        });
        let mut blocks = vec![Block::Pairs { rows }];
        if !organisation.joint_controller.is_empty() {
            let rows = organisation
                .joint_controller
                .iter()
                .map(|j| vec![plain(j.name.clone()), self.own_inline(&j.tasks), self.own_cell(j.contact.as_deref())])
                .collect();
            blocks.push(self.table("controller.joint", &[("common.name", 2.0), ("common.tasks", 4.0), ("controller.contact", 2.0)], rows));
        }
        blocks
    }

    fn processors(&self) -> Vec<Block> {
        let processors = &self.deployment.prose.processor;
        if processors.is_empty() {
            return vec![self.gap("A36-3a", "gap.processors")];
        }
        let rows = processors
            .iter()
            .map(|p| {
                vec![
                    plain(p.name.clone()),
                    plain(self.catalog.label("roles", &p.role, self.lang)),
                    self.own_cell(p.tasks.as_deref()),
                    self.own_cell(p.location.as_deref()),
                    self.own_cell(p.agreement.as_deref()),
                ]
            })
            .collect();
        vec![self.table(
            "processors.caption",
            &[
                ("common.name", 1.6),
                ("processors.role", 1.3),
                ("common.tasks", 2.6),
                ("processors.location", 1.3),
                ("processors.agreement", 2.2),
            ],
            rows,
        )]
    }

    fn processing_name(&self) -> Vec<Block> {
        let about = &self.deployment.prose.assessment;
        let mut blocks = self.own_or_gap(about.processing_name.as_deref(), "A35-1a", "gap.processing-name");
        if let Some(history) = &about.processing_history {
            blocks.extend(self.own(history));
        }
        blocks
    }

    fn planning(&self) -> Vec<Block> {
        let about = &self.deployment.prose.assessment;
        let mut rows = Vec::new();
        match (about.running_since, about.planned_start) {
            (Some(date), _) => rows.push(self.pair_text("planning.running-since", self.date(date))),
            (None, Some(date)) => rows.push(self.pair_text("planning.planned-start", self.date(date))),
            (None, None) => rows.push(self.pair("planning.planned-start", vec![self.gap("A35-1a", "gap.start")])),
        }
        if let Some(end) = &about.planned_end {
            rows.push(self.pair("planning.end", self.own(end)));
        }
        let mut blocks = vec![Block::Pairs { rows }];
        if about.running_since.is_some_and(|d| d < self.assessment.as_of) {
            blocks.push(Block::Callout {
                tone: "warning".into(),
                title: self.t("planning.retroactive-title").to_owned(),
                blocks: self.locale_blocks("planning.retroactive"),
            });
        }
        blocks
    }

    fn technical_sheet(&self) -> Vec<Block> {
        let about = &self.deployment.prose.assessment;
        let mut rows = vec![
            self.pair("control.version", self.own_or_gap(about.version.as_deref(), "A36-3e", "gap.version")),
            self.pair("control.authors", self.own_or_gap(Some(&about.authors.join("; ")), "A36-3e", "gap.authors")),
            self.pair_text("sheet.completed", self.date(self.assessment.as_of)),
            self.pair("sheet.publication", self.own_or_gap(about.publication.as_deref(), "A35-11", "gap.publication")),
        ];
        if !about.references.is_empty() {
            rows.push(
                self.pair("sheet.references", vec![Block::List { items: about.references.iter().map(|r| self.own_inline(r)).collect() }]),
            );
        }
        vec![Block::Pairs { rows }]
    }

    fn reasons(&self) -> Vec<Block> {
        let about = &self.deployment.prose.assessment;
        let mut blocks = vec![Block::Paragraph { text: vec![Inline::Strong { c: plain(self.t("reasons.heading")) }] }];
        if about.reasons.is_empty() {
            blocks.push(self.gap("A35-1a", "gap.reasons"));
        } else {
            blocks.push(Block::List { items: about.reasons.iter().map(|r| self.own_inline(r)).collect() });
        }
        let always = &about.always_required;
        blocks.push(Block::Pairs {
            rows: vec![
                self.pair("reasons.evaluation", self.own_or_gap(always.evaluation.as_deref(), "A35-3a", "gap.always-evaluation")),
                self.pair("reasons.special", self.own_or_gap(always.special_categories.as_deref(), "A35-3b", "gap.always-special")),
                self.pair("reasons.monitoring", self.own_or_gap(always.public_monitoring.as_deref(), "A35-3c", "gap.always-monitoring")),
                self.pair("reasons.national-list", self.own_or_gap(about.national_list.as_deref(), "A35-4", "gap.national-list")),
            ],
        });
        blocks.extend(self.screening());
        blocks
    }

    fn scope_blocks(&self) -> Vec<Block> {
        let scope = &self.deployment.prose.assessment.scope;
        let all = || self.t("scope.all").to_owned();
        let services = if scope.services.is_empty() { all() } else { self.services(&scope.services) };
        let data = if scope.data.is_empty() { all() } else { self.labels_of("data", &scope.data) };
        let mut rows = vec![self.pair_text("scope.services", services), self.pair_text("scope.data", data)];
        rows.push(self.pair("scope.included", self.own_or_gap(scope.included.as_deref(), "A35-1b", "gap.scope-included")));
        rows.push(self.pair("scope.excluded", self.own_or_gap(scope.excluded.as_deref(), "A35-1b", "gap.scope-excluded")));
        if let Some(why) = &scope.why_one_assessment {
            rows.push(self.pair("scope.why-one", self.own(why)));
        }
        vec![Block::Pairs { rows }]
    }

    fn personal_data(&self) -> Vec<Block> {
        let items = &self.deployment.prose.data_item;
        if items.is_empty() {
            return vec![self.gap("A35-7a", "gap.data-items")];
        }
        let rows = items
            .iter()
            .enumerate()
            .map(|(i, d)| {
                let mut explanation = d.explanation.as_deref().map(|e| self.own_inline(e)).unwrap_or_default();
                if !explanation.is_empty() {
                    explanation.push(Inline::Break);
                }
                explanation.extend(plain(self.labels_of("subjects", &d.subjects)));
                vec![
                    plain(format!("D{}", i + 1)),
                    self.own_inline(&d.item),
                    plain(self.catalog.label("data", &d.category, self.lang)),
                    explanation,
                    d.special.as_deref().map_or_else(|| plain(self.t("value.no")), |s| self.own_inline(s)),
                ]
            })
            .collect();
        vec![self.table(
            "data.caption",
            &[("common.number", 0.6), ("data.item", 2.0), ("data.category", 1.6), ("data.explanation", 3.4), ("data.special", 1.8)],
            rows,
        )]
    }

    fn purposes(&self) -> Vec<Block> {
        let all = &self.deployment.prose.purpose;
        if all.is_empty() {
            return vec![self.gap("A35-7a", "gap.purposes")];
        }
        all.iter().enumerate().filter(|(_, p)| p.secondary != Some(true)).flat_map(|(i, p)| self.purpose(i, p)).collect()
    }

    fn purpose(&self, index: usize, purpose: &Purpose) -> Vec<Block> {
        let mut rows = Vec::new();
        if let Some(text) = &purpose.description {
            rows.push(self.pair("purpose.description", self.own(text)));
        }
        rows.push(self.pair_text("purpose.services", self.services(&purpose.services)));
        rows.push(self.pair_text("purpose.data", self.labels_of("data", &purpose.data)));
        rows.push(self.pair("purpose.why-data", self.own_or_gap(purpose.why_data.as_deref(), "A35-7a", "gap.why-data")));
        rows.push(self.pair_text("purpose.subjects", self.labels_of("subjects", &purpose.subjects)));
        let linked: Vec<&String> = self.assessment.findings.iter().filter(|f| self.serves(f, purpose)).map(|f| &f.id).collect();
        if !linked.is_empty() {
            rows.push(self.pair("purpose.findings", vec![Block::Paragraph { text: self.finding_refs(linked) }]));
        }
        vec![
            Block::Heading {
                level: 4,
                number: format!("P{}", index + 1),
                text: purpose.title.clone(),
                id: format!("purpose-{}", purpose.id),
            },
            Block::Pairs { rows },
        ]
    }

    /// A finding concerns a purpose where it is about a service and a kind of data of that purpose.
    pub fn serves(&self, finding: &crate::assessment::Finding, purpose: &Purpose) -> bool {
        let meets = |a: &[String], b: &[String]| a.is_empty() || b.is_empty() || a.iter().any(|x| b.contains(x));
        meets(&finding.risk.services, &purpose.services) && meets(&finding.risk.data, &purpose.data)
    }

    fn secondary_uses(&self) -> Vec<Block> {
        let rows: Vec<_> = self
            .deployment
            .prose
            .purpose
            .iter()
            .filter(|p| p.secondary == Some(true))
            .map(|p| vec![self.own_inline(&p.title), self.own_cell(p.description.as_deref()), self.own_cell(p.compatibility.as_deref())])
            .collect();
        if rows.is_empty() {
            return vec![self.paragraph(self.t("secondary.none").to_owned())];
        }
        vec![self.table(
            "secondary.caption",
            &[("secondary.use", 2.0), ("secondary.conditions", 3.0), ("secondary.compatibility", 3.0)],
            rows,
        )]
    }

    fn nature_scope_context(&self) -> Vec<Block> {
        let about = &self.deployment.prose.assessment;
        vec![Block::Pairs {
            rows: vec![
                self.pair("nature.nature", self.own_or_gap(about.nature.as_deref(), "A35-7a", "gap.nature")),
                self.pair("nature.reach", self.own_or_gap(about.reach.as_deref(), "A35-7a", "gap.reach")),
                self.pair("nature.context", self.own_or_gap(about.context.as_deref(), "A35-7a", "gap.context")),
                self.pair("nature.cross-border", self.own_or_gap(about.cross_border.as_deref(), "A35-7a", "gap.cross-border")),
            ],
        }]
    }

    fn people(&self) -> Vec<Block> {
        let prose = &self.deployment.prose;
        if prose.organisation.people.is_empty() {
            return vec![self.gap("A35-7a", "gap.people")];
        }
        let number = |n: Option<i64>| n.map_or_else(|| plain(self.t("value.unknown")), |n| plain(self.number(n)));
        let rows = prose
            .organisation
            .people
            .iter()
            .map(|p| {
                vec![
                    plain(self.catalog.label("subjects", &p.category, self.lang)),
                    number(p.number),
                    p.note.as_deref().map(|n| self.own_inline(n)).unwrap_or_default(),
                ]
            })
            .collect();
        let mut blocks =
            vec![self.table("people.caption", &[("people.category", 2.4), ("people.number", 1.0), ("people.note", 5.0)], rows)];
        if !prose.population.is_empty() {
            let rows = prose
                .population
                .iter()
                .map(|p| {
                    vec![self.own_inline(&p.name), number(p.number), p.note.as_deref().map(|n| self.own_inline(n)).unwrap_or_default()]
                })
                .collect();
            blocks.push(self.table("people.groups", &[("people.group", 2.4), ("people.number", 1.0), ("people.note", 5.0)], rows));
        }
        blocks
    }

    fn transfers(&self) -> Vec<Block> {
        let findings: Vec<&String> = self.assessment.findings.iter().filter(|f| f.risk.family == "transfers").map(|f| &f.id).collect();
        if findings.is_empty() {
            return vec![self.paragraph(self.t("transfers.none").to_owned())];
        }
        let mut text = plain(self.t("transfers.some"));
        text.extend(plain(" "));
        text.extend(self.finding_refs(findings));
        text.extend(plain("."));
        vec![Block::Paragraph { text }]
    }

    fn functional_description(&self) -> Vec<Block> {
        let phases = &self.deployment.prose.phase;
        if phases.is_empty() {
            return vec![self.gap("A35-7a", "gap.phases")];
        }
        let rows = phases
            .iter()
            .map(|p| vec![self.own_inline(&p.phase), plain(self.t(&format!("operation.{}", p.operation))), self.own_inline(&p.explanation)])
            .collect();
        vec![self.table("phases.caption", &[("phases.phase", 1.8), ("phases.operation", 1.5), ("phases.explanation", 5.0)], rows)]
    }

    fn assets(&self) -> Vec<Block> {
        let assets = &self.deployment.prose.asset;
        if assets.is_empty() {
            return vec![self.gap("A35-7a", "gap.assets")];
        }
        let rows = assets
            .iter()
            .map(|a| {
                vec![
                    self.own_inline(&a.name),
                    plain(self.t(&format!("asset.{}", a.r#type))),
                    a.explanation.as_deref().map(|e| self.own_inline(e)).unwrap_or_default(),
                ]
            })
            .collect();
        vec![self.table("assets.caption", &[("common.name", 2.2), ("assets.type", 1.5), ("assets.explanation", 4.8)], rows)]
    }

    /// Where the settings stand: the annex on evidence lists each with its value and origin.
    fn settings_in_use(&self) -> Vec<Block> {
        if self.deployment.answers.is_empty() {
            return vec![self.gap("A35-7a", "gap.settings")];
        }
        vec![self.paragraph(self.t("settings-in-use.intro").to_owned())]
    }

    fn legal_bases(&self) -> Vec<Block> {
        let purposes = &self.deployment.prose.purpose;
        if purposes.is_empty() {
            return vec![self.gap("A35-7a", "gap.purposes")];
        }
        let rows = purposes
            .iter()
            .map(|p| {
                let basis = match &p.legal_basis {
                    Some(b) => plain(format!("{}: {}", words::article(b, self.locale()), self.catalog.label("legal-bases", b, self.lang))),
                    None => self.missing(),
                };
                let mut conditions = self.own_cell(p.conditions.as_deref());
                if let Some(interest) = &p.legitimate_interest {
                    conditions.push(Inline::Break);
                    conditions.extend(plain(format!("{}: ", self.t("legal.interest"))));
                    conditions.extend(self.own_inline(interest));
                } else if p.legal_basis.as_deref() == Some("6(1)(f)") {
                    conditions.push(Inline::Break);
                    conditions.extend(plain(format!("{}: ", self.t("legal.interest"))));
                    conditions.extend(self.missing());
                }
                vec![self.own_inline(&p.title), basis, conditions]
            })
            .collect();
        vec![self.table("legal.caption", &[("legal.purpose", 2.0), ("legal.basis", 2.4), ("legal.conditions", 4.4)], rows)]
    }

    fn special_conditions(&self) -> Vec<Block> {
        let rows: Vec<_> = self
            .deployment
            .prose
            .purpose
            .iter()
            .filter_map(|p| {
                let condition = p.special_condition.as_ref()?;
                Some(vec![
                    self.own_inline(&p.title),
                    plain(format!(
                        "{}: {}",
                        words::article(condition, self.locale()),
                        self.catalog.label("special-conditions", condition, self.lang)
                    )),
                    self.own_cell(p.special_conditions_met.as_deref()),
                ])
            })
            .collect();
        if rows.is_empty() {
            // Whether there are such data is a fact; whether an exception is named is prose.
            let special = self.assessment.facts.get("data.special-categories");
            return match special.single() {
                Some(crate::model::Value::Flag(false)) => vec![self.paragraph(self.t("special.none").to_owned())],
                _ => vec![self.gap("A35-7a", "gap.special-conditions")],
            };
        }
        vec![self.table("special.caption", &[("legal.purpose", 2.0), ("special.condition", 2.4), ("legal.conditions", 4.4)], rows)]
    }

    fn minimisation(&self) -> Vec<Block> {
        let items = &self.deployment.prose.data_item;
        if items.is_empty() {
            return vec![self.gap("A35-7a", "gap.data-items")];
        }
        let rows = items
            .iter()
            .map(|d| {
                vec![
                    self.own_inline(&d.item),
                    self.own_cell(d.need.as_deref()),
                    self.own_cell(d.recipients.as_deref()),
                    self.own_cell(d.retention.as_deref()),
                ]
            })
            .collect();
        vec![self.table(
            "minimisation.caption",
            &[("data.item", 1.8), ("minimisation.need", 2.8), ("minimisation.recipients", 2.0), ("minimisation.retention", 2.2)],
            rows,
        )]
    }

    fn necessity(&self) -> Vec<Block> {
        let purposes = &self.deployment.prose.purpose;
        if purposes.is_empty() {
            return vec![self.gap("A35-7b", "gap.necessity")];
        }
        purposes
            .iter()
            .enumerate()
            .flat_map(|(i, p)| {
                let rows = vec![
                    self.pair("necessity.necessity", self.own_or_gap(p.necessity.as_deref(), "A35-7b", "gap.necessity")),
                    self.pair("necessity.alternatives", self.own_or_gap(p.alternatives.as_deref(), "A35-7b", "gap.alternatives")),
                ];
                [self.purpose_line("necessity", i, p), Block::Pairs { rows }]
            })
            .collect()
    }

    fn proportionality(&self) -> Vec<Block> {
        let purposes = &self.deployment.prose.purpose;
        if purposes.is_empty() {
            return vec![self.gap("A35-7b", "gap.proportionality")];
        }
        purposes
            .iter()
            .enumerate()
            .flat_map(|(i, p)| {
                std::iter::once(self.purpose_line("proportionality", i, p)).chain(self.own_or_gap(
                    p.proportionality.as_deref(),
                    "A35-7b",
                    "gap.proportionality",
                ))
            })
            .collect()
    }

    /// A heading, so that it never stands alone at the foot of a page.
    fn purpose_line(&self, section: &str, index: usize, purpose: &Purpose) -> Block {
        let id = format!("{section}-{}", purpose.id);
        Block::Heading { level: 3, number: format!("P{}", index + 1), text: purpose.title.clone(), id }
    }

    fn review(&self) -> Vec<Block> {
        let review = &self.deployment.prose.assessment.review;
        let triggers = if review.triggers.is_empty() {
            vec![self.gap("A35-11", "gap.review-triggers")]
        } else {
            vec![Block::List { items: review.triggers.iter().map(|t| self.own_inline(t)).collect() }]
        };
        vec![
            Block::Paragraph { text: vec![Inline::Strong { c: plain(self.t("review.heading")) }] },
            Block::Pairs {
                rows: vec![
                    match review.date {
                        Some(date) => self.pair_text("review.date", self.date(date)),
                        None => self.pair("review.date", vec![self.gap("A35-11", "gap.review-date")]),
                    },
                    self.pair("review.owner", self.own_or_gap(review.owner.as_deref(), "A35-11", "gap.review-owner")),
                    self.pair("review.triggers", triggers),
                ],
            },
        ]
    }
}
