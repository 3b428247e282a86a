//! Measures: the baseline of section 2.3, the plan of 4.2, and the annex with the exact settings.

use super::view::{Block, Inline};
use super::writer::{Writer, plain};
use crate::assessment::{Overall, Status};
use crate::model::{Actor, Measure, Setting};

impl Writer<'_> {
    /// Rows of section 2.3: the organisation's own words first, then the baseline measures of the catalogue.
    pub fn baseline(&self, principles: &[&str]) -> Vec<Block> {
        let mut rows = Vec::new();
        for principle in principles {
            let label = self.catalog.label("principles", principle, self.lang);
            let before = rows.len();
            for own in self.deployment.prose.baseline.iter().filter(|b| b.principle == *principle) {
                let status = own.status.as_deref().map_or_else(|| self.missing(), |s| plain(self.t(&format!("status.{s}"))));
                rows.push(vec![plain(label), self.own_inline(&own.measure), self.own_cell(own.effect.as_deref()), status]);
            }
            // What the catalogue knows stands in the annex; here it is named with its status.
            let mut named: Vec<Inline> = Vec::new();
            for overall in &self.assessment.measures {
                let Some(measure) = self.catalog.measures.get(&overall.standing.id) else { continue };
                if measure.baseline
                    && overall.live
                    && matches!(overall.standing.status, Status::InPlace | Status::Partly | Status::Planned)
                    && measure.serves.iter().any(|s| s == principle)
                {
                    if !named.is_empty() {
                        named.push(Inline::Break);
                    }
                    named.extend(plain(format!(
                        "{} ({})",
                        self.measure_name(&measure.id),
                        self.t(&format!("status.{}", overall.standing.status.id()))
                    )));
                }
            }
            if !named.is_empty() {
                rows.push(vec![plain(label), named, plain(self.t("baseline.see-annex")), plain("–")]);
            }
            if rows.len() == before {
                rows.push(vec![plain(label), self.missing(), self.missing(), self.missing()]);
            }
        }
        vec![self.table(
            "baseline.caption",
            &[("baseline.principle", 1.6), ("measure.measure", 3.0), ("baseline.effect", 3.4), ("measure.status", 1.3)],
            rows,
        )]
    }

    pub fn additional_measures(&self) -> Vec<Block> {
        let rows: Vec<_> = self
            .assessment
            .measures
            .iter()
            .filter(|m| m.live && m.standing.status != Status::NotAvailable)
            .filter_map(|overall| Some((overall, self.catalog.measures.get(&overall.standing.id)?)))
            .filter(|(_, m)| !m.baseline)
            .map(|(overall, m)| {
                vec![
                    vec![
                        self.measure_ref(&m.id),
                        Inline::Break,
                        Inline::Emphasis {
                            c: plain(format!(
                                "{}, {}",
                                self.t(&format!("actor.{}", m.actor.id())),
                                self.t(&format!("measure-kind.{}", m.kind))
                            )),
                        },
                    ],
                    self.finding_refs(overall.treats.iter().filter(|t| self.labels.contains_key(*t))),
                    plain(self.t(&format!("status.{}", overall.standing.status.id()))),
                ]
            })
            .collect();
        if rows.is_empty() {
            return vec![self.paragraph(self.t("additional.none").to_owned())];
        }
        vec![
            self.paragraph(self.t("additional.intro").to_owned()),
            self.table("additional.caption", &[("measure.measure", 5.0), ("measure.treats", 2.4), ("measure.status", 1.6)], rows),
        ]
    }

    /// Owners and dates of what is decided; then what could be done and nobody has chosen.
    pub fn action_plan(&self) -> Vec<Block> {
        let todo: Vec<&Overall> = self
            .assessment
            .measures
            .iter()
            .filter(|m| m.live && !matches!(m.standing.status, Status::InPlace | Status::NotAvailable))
            .filter(|m| self.catalog.measures.get(&m.standing.id).is_some_and(|x| x.actor == Actor::Organisation))
            .collect();
        let (decided, undecided): (Vec<&Overall>, Vec<&Overall>) = todo.into_iter().partition(|m| {
            // Somebody has taken it up: decided, or being looked into by a named function.
            m.standing
                .declared
                .as_ref()
                .is_some_and(|d| d.status.as_deref().is_some_and(|s| s != "open") || d.owner.is_some() || d.evidence.is_some())
        });
        let rows: Vec<_> = decided.iter().map(|m| self.plan_row(m)).collect();
        let mut blocks = Vec::new();
        if rows.is_empty() {
            blocks.push(self.paragraph(self.t("plan.none").to_owned()));
        } else {
            blocks.push(self.table(
                "plan.caption",
                &[
                    ("measure.measure", 3.2),
                    ("measure.status", 1.8),
                    ("measure.owner", 1.6),
                    ("measure.due", 1.3),
                    ("measure.evidence", 2.9),
                ],
                rows,
            ));
        }
        let rows: Vec<_> = undecided
            .iter()
            .map(|m| {
                vec![
                    plain(self.measure_name(&m.standing.id)),
                    plain(self.t(&format!("status.{}", m.standing.status.id()))),
                    self.finding_refs(m.treats.iter().filter(|t| self.labels.contains_key(*t))),
                ]
            })
            .collect();
        if !rows.is_empty() {
            blocks.push(self.paragraph(self.t("plan.undecided-intro").to_owned()));
            blocks.push(self.table("plan.undecided", &[("measure.measure", 5.0), ("measure.status", 1.6), ("measure.treats", 2.4)], rows));
        }
        blocks
    }

    fn plan_row(&self, overall: &Overall) -> Vec<Vec<Inline>> {
        let declared = overall.standing.declared.as_ref();
        let open = overall.standing.status != Status::Rejected;
        let cell = |text: Option<&str>| if text.is_some() || open { self.own_cell(text) } else { plain("–") };
        let due = match declared.and_then(|d| d.due) {
            Some(date) => plain(self.date(date)),
            None if open => self.missing(),
            None => plain("–"),
        };
        let mut status = plain(self.t(&format!("status.{}", overall.standing.status.id())));
        if let Some(because) = declared.and_then(|d| d.because.as_deref()) {
            status.extend(plain(": "));
            status.extend(self.own_inline(because));
        }
        let evidence = declared.and_then(|d| d.evidence.as_deref()).map(|e| self.own_inline(e)).unwrap_or_default();
        vec![plain(self.measure_name(&overall.standing.id)), status, cell(declared.and_then(|d| d.owner.as_deref())), due, evidence]
    }

    /// The measures that treat some finding, with their exact settings: first the organisation's, then Microsoft's.
    pub fn settings(&self) -> Vec<Block> {
        let mut blocks = vec![self.paragraph(self.t("settings.intro").to_owned())];
        for (actor, heading) in [(Actor::Organisation, "settings.organisation"), (Actor::Microsoft, "settings.microsoft")] {
            // What Microsoft has done needs nobody here to do anything.
            let of_actor: Vec<_> = self
                .assessment
                .measures
                .iter()
                .filter(|m| {
                    m.live
                        && m.standing.status != Status::NotAvailable
                        && (actor == Actor::Organisation || m.standing.status != Status::InPlace)
                })
                .filter_map(|m| Some((m, self.catalog.measures.get(&m.standing.id).filter(|x| x.actor == actor)?)))
                .collect();
            if of_actor.is_empty() {
                continue;
            }
            blocks.push(Block::Heading {
                level: 2,
                number: String::new(),
                text: self.t(heading).to_owned(),
                id: format!("settings-{}", actor.id()),
            });
            // Explained are those that bear on a risk above low, or that somebody has taken up; of the others the name and the state.
            let (explained, named): (Vec<_>, Vec<_>) = of_actor.into_iter().partition(|(overall, _)| self.is_explained(overall));
            let (done, explained): (Vec<_>, Vec<_>) =
                explained.into_iter().partition(|(overall, _)| overall.standing.status == Status::InPlace);
            blocks.extend(explained.into_iter().flat_map(|(overall, measure)| self.measure_detail(measure, overall)));
            let name = |m: &Measure| {
                let mut name = vec![Inline::Anchor { id: format!("measure-{}", m.id) }];
                name.extend(super::prose::soften(plain(self.title(&m.title, None))));
                name
            };
            let treats = |overall: &Overall| self.finding_refs(overall.treats.iter().filter(|t| self.labels.contains_key(*t)));
            if !done.is_empty() {
                // What is in place needs no change; how to see that it still works is what remains.
                let check = |m: &Measure| m.check.as_ref().map_or_else(|| plain("–"), |text| self.md_inline(text, None));
                let rows = done.into_iter().map(|(overall, m)| vec![name(m), treats(overall), check(m)]).collect();
                blocks.push(self.table(
                    "settings.done",
                    &[("measure.measure", 3.8), ("measure.treats", 1.4), ("measure.check", 5.2)],
                    rows,
                ));
            }
            if named.is_empty() {
                continue;
            }
            blocks.push(self.paragraph(self.t("settings.others-intro").to_owned()));
            let rows = named
                .into_iter()
                .map(|(overall, m)| {
                    vec![
                        name(m),
                        treats(overall),
                        plain(self.t(&format!("status.{}", overall.standing.status.id()))),
                        vec![Inline::Code { s: m.id.clone() }],
                    ]
                })
                .collect();
            blocks.push(self.table(
                "settings.others",
                &[("measure.measure", 4.6), ("measure.treats", 1.6), ("measure.status", 1.5), ("measure.id", 2.6)],
                rows,
            ));
        }
        blocks
    }

    fn is_explained(&self, overall: &Overall) -> bool {
        let taken_up = overall.standing.declared.is_some() && overall.standing.status != Status::InPlace;
        // What is promised may be enough: then further measures need no page each.
        let above_low = |f: &&crate::assessment::Finding| {
            f.expected.range.highest.max(f.expected.rated.level) > crate::model::Level::Low && overall.treats.contains(&f.id)
        };
        taken_up || self.assessment.findings.iter().any(|f| above_low(&f))
    }

    fn measure_detail(&self, measure: &Measure, overall: &Overall) -> Vec<Block> {
        let mut blocks = vec![Block::Heading {
            level: 3,
            number: String::new(),
            text: self.title(&measure.title, None),
            id: format!("measure-{}", measure.id),
        }];
        let mut line = plain(format!(
            "{}: {}. {}: ",
            self.t("measure.status"),
            self.t(&format!("status.{}", overall.standing.status.id())),
            self.t("measure.treats")
        ));
        line.extend(self.finding_refs(overall.treats.iter().filter(|t| self.labels.contains_key(*t))));
        blocks.push(Block::Paragraph { text: line });
        blocks.extend(self.md(&measure.what, None));
        for setting in &measure.settings {
            blocks.extend(self.run_in(self.setting_rows(setting)));
        }
        let mut rows = Vec::new();
        for (key, text) in [
            ("measure.limits", &measure.limits),
            ("measure.cost", &measure.cost),
            ("measure.check", &measure.check),
            ("measure.licence", &measure.licence),
        ] {
            if let Some(text) = text {
                rows.push(self.pair(key, self.md(text, None)));
            }
        }
        let introduced: Vec<_> = measure.introduces.iter().filter_map(|id| self.catalog.risks.get(id)).collect();
        if !introduced.is_empty() {
            let mut text = Vec::new();
            for risk in introduced {
                if !text.is_empty() {
                    text.extend(plain("; "));
                }
                match self.labels.contains_key(&risk.id) {
                    true => text.push(self.finding_ref(&risk.id)),
                    false => text.extend(plain(self.title(&risk.title, None))),
                }
            }
            rows.push(self.pair("measure.introduces", vec![Block::Paragraph { text }]));
        }
        if !measure.sources.is_empty() {
            rows.push(self.pair_text("common.sources", self.named(&measure.sources)));
        }
        blocks.extend(self.run_in(rows));
        blocks
    }

    fn setting_rows(&self, setting: &Setting) -> Vec<super::view::PairBlock> {
        let code = |s: &str| vec![Block::Paragraph { text: vec![Inline::Code { s: s.to_owned() }] }];
        let mut rows = Vec::new();
        if !setting.platforms.is_empty() {
            let def = self.catalog.vocabulary.get(&self.catalog.vocabulary.platforms_in_use);
            let words =
                setting.platforms.iter().map(|p| def.map_or(p.as_str(), |d| d.ty.word(p, self.lang))).collect::<Vec<_>>().join(", ");
            rows.push(self.pair_text("setting.platform", words));
        }
        if let Some(policy) = &setting.policy {
            rows.push(self.pair("setting.policy", vec![self.english(policy)]));
        }
        if let Some(path) = &setting.path {
            rows.push(self.pair("setting.path", vec![self.english(path)]));
        }
        if let Some(r) = &setting.registry {
            rows.push(self.pair("setting.registry", code(&format!("{}\\{} = {}", r.key, r.value, r.data))));
        }
        if let Some(cmdlet) = &setting.cmdlet {
            rows.push(self.pair("setting.cmdlet", code(cmdlet)));
        }
        if let Some(preference) = &setting.preference {
            rows.push(self.pair("setting.preference", code(preference)));
        }
        if let Some(note) = &setting.note {
            rows.push(self.pair("setting.note", self.md(note, None)));
        }
        rows
    }

    /// Names as Microsoft shows them are English in every language.
    fn english(&self, text: &str) -> Block {
        let c = super::prose::soften(plain(text));
        Block::Paragraph { text: if self.lang == crate::model::Lang::En { c } else { vec![Inline::Lang { lang: "en".into(), c }] } }
    }
}
