//! Sections 3.1, 4.1 and 4.2.b: impacts, findings, levels.

use super::view::{Block, Card, CardLevel, CardPart, Inline, PairBlock};
use super::words;
use super::writer::{Writer, plain};
use crate::assessment::{Finding, Reason, Stage, Truth};
use crate::model::{Level, Method, Track};
use minijinja::context;

/// The fact that says which services are in use.
const SERVICES: &str = "services.in-use";

impl Writer<'_> {
    pub fn impacts(&self, track: Track) -> Vec<Block> {
        // One row for each risk: the findings of a list differ by their record only.
        let mut by_risk: Vec<Vec<&Finding>> = Vec::new();
        for finding in self.assessment.findings.iter().filter(|f| f.risk.track == track) {
            match by_risk.iter_mut().find(|g| g[0].risk.id == finding.risk.id) {
                Some(group) => group.push(finding),
                None => by_risk.push(vec![finding]),
            }
        }
        let rows: Vec<_> = by_risk
            .into_iter()
            .map(|group| {
                let f = group[0];
                let how = self.here(&group);
                vec![
                    self.finding_refs(group.iter().map(|f| &f.id)),
                    super::prose::soften(plain(self.finding_title(f))),
                    how,
                    plain(self.catalog.label("families", &f.risk.family, self.lang)),
                    plain(self.labels_of("harms", &f.risk.harms)),
                ]
            })
            .collect();
        if rows.is_empty() {
            return vec![
                self.paragraph(self.t(if track == Track::Design { "impacts.none-design" } else { "impacts.none-event" }).to_owned()),
            ];
        }
        let caption = if track == Track::Design { "impacts.design" } else { "impacts.event" };
        vec![self.table(
            caption,
            &[("common.number", 0.7), ("impacts.threat", 2.2), ("impacts.how", 4.2), ("impacts.source", 1.5), ("impacts.harm", 2.0)],
            rows,
        )]
    }

    pub fn inherent_table(&self) -> Vec<Block> {
        let findings = &self.assessment.findings;
        if findings.is_empty() {
            return vec![self.paragraph(self.t("summary.no-findings").to_owned())];
        }
        let rows = findings
            .iter()
            .map(|f| {
                let acceptable = if f.current.rated.level >= self.assessment.method.consult_from {
                    "inherent.not-acceptable"
                } else if self.assessment.confirmed.contains_key(&f.id) && f.current.range.highest <= Level::Low {
                    "inherent.acceptable-low"
                } else {
                    "inherent.to-weigh"
                };
                vec![
                    vec![self.finding_ref(&f.id)],
                    super::prose::soften(plain(self.finding_title(f))),
                    plain(self.step_words(f.gross, true)),
                    plain(self.step_words(f.gross, false)),
                    self.stage_cell(f.gross, self.is_open(f)),
                    self.stage_cell(f.current, self.is_open(f)),
                    plain(self.t(acceptable)),
                ]
            })
            .collect();
        vec![
            self.paragraph(self.t("inherent.intro").to_owned()),
            self.table(
                "inherent.caption",
                &[
                    ("common.number", 0.7),
                    ("common.risk", 3.4),
                    ("method.likelihood", 1.6),
                    ("method.severity", 1.6),
                    ("stage.gross", 1.4),
                    ("stage.current", 1.4),
                    ("inherent.acceptable", 1.7),
                ],
                rows,
            ),
        ]
    }

    /// The method's word for the likelihood or severity of a stage.
    fn step_words(&self, stage: Stage, likelihood: bool) -> String {
        let method = self.assessment.method;
        let (value, scale) =
            if likelihood { (stage.rated.likelihood, &method.likelihood) } else { (stage.rated.severity, &method.severity) };
        match value.and_then(|v| Method::step(scale, v)) {
            Some(step) => step.label.get(self.lang).to_owned(),
            None => self.t("level.none").to_owned(),
        }
    }

    pub fn residual_table(&self) -> Vec<Block> {
        let findings = &self.assessment.findings;
        if findings.is_empty() {
            return vec![self.paragraph(self.t("summary.no-findings").to_owned())];
        }
        let rows = findings
            .iter()
            .map(|f| {
                // Those of treatments that are whole: one measure of a combination alone changes nothing.
                let stands = |id: &String| f.measures.iter().any(|m| m.id == *id && (m.in_place == Truth::Yes || m.committed));
                let mut counted: Vec<&str> = Vec::new();
                let whole = f.risk.treatments.iter().enumerate().filter(|(i, t)| {
                    t.effect.changes_level() && f.paths.iter().any(|p| p.treatments.contains(i)) && t.measures.iter().all(stands)
                });
                for id in whole.flat_map(|(_, t)| &t.measures) {
                    if !counted.contains(&id.as_str()) {
                        counted.push(id);
                    }
                }
                let mut measures = Vec::new();
                for id in counted {
                    if !measures.is_empty() {
                        measures.extend(plain("; "));
                    }
                    measures.extend(plain(self.measure_name(id)));
                }
                if measures.is_empty() {
                    measures = plain(self.t("residual.no-measures"));
                }
                let verdict = if f.expected.range.highest == Level::None {
                    "level.removed"
                } else if f.expected.range.highest >= self.assessment.method.consult_from {
                    "residual.consult"
                } else if self.assessment.accepted.contains_key(&f.id) {
                    "residual.accepted"
                } else if self.assessment.confirmed.contains_key(&f.id) && f.expected.range.highest <= Level::Low {
                    "residual.confirmed"
                } else {
                    "residual.to-accept"
                };
                vec![
                    vec![self.finding_ref(&f.id)],
                    measures,
                    plain(self.step_words(f.expected, true)),
                    plain(self.step_words(f.expected, false)),
                    self.stage_cell(f.expected, self.is_open(f)),
                    plain(self.t(verdict)),
                ]
            })
            .collect();
        let mut blocks = vec![
            self.paragraph(self.t("residual.intro").to_owned()),
            self.table(
                "residual.caption",
                &[
                    ("common.number", 0.7),
                    ("residual.measures", 3.6),
                    ("method.likelihood", 1.6),
                    ("method.severity", 1.6),
                    ("stage.expected", 1.4),
                    ("inherent.acceptable", 1.9),
                ],
                rows,
            ),
        ];
        blocks.extend(self.acceptances());
        blocks
    }

    fn acceptances(&self) -> Vec<Block> {
        let decisions = &self.deployment.prose.decision;
        let rows: Vec<_> = self
            .assessment
            .accepted
            .iter()
            .filter_map(|(id, i)| Some((id, decisions.get(*i)?)))
            .map(|(id, d)| {
                vec![vec![self.finding_ref(id)], self.own_inline(&d.function), self.date_cell(d.date), self.own_cell(d.because.as_deref())]
            })
            .collect();
        let mut blocks = Vec::new();
        if !rows.is_empty() {
            blocks.push(self.table(
                "residual.acceptances",
                &[("common.number", 0.8), ("decision.by", 2.0), ("common.date", 1.6), ("decision.because", 5.0)],
                rows,
            ));
        }
        for id in self.assessment.outcome.severe_but_low.iter().filter(|id| !self.assessment.accepted.contains_key(*id)) {
            let mut text = vec![self.finding_ref(id)];
            text.extend(plain(format!(": {}", self.t("gap.severe-acceptance"))));
            blocks.push(Block::Gap { rule: "A36-1".into(), title: self.t("gap.title").to_owned(), text });
        }
        blocks
    }

    pub fn findings(&self) -> Vec<Block> {
        self.assessment.findings.iter().map(|f| Block::Finding(self.card(f))).collect()
    }

    fn card(&self, f: &Finding) -> Card {
        let mut flags = Vec::new();
        if self.is_open(f) {
            flags.push(self.t("flag.open").to_owned());
        }
        if f.assumed {
            flags.push(self.t("flag.assumption").to_owned());
        }
        if f.overridden.is_some() {
            flags.push(self.t("flag.override").to_owned());
        }
        if self.assessment.outcome.severe_but_low.contains(&f.id) {
            flags.push(self.t("flag.severe").to_owned());
        }
        let level = |key: &str, stage: Stage| CardLevel {
            label: self.t(key).to_owned(),
            level: stage.rated.level.id().to_owned(),
            word: self.level_word(stage.rated.level),
            detail: if stage.range.is_open() { self.range_words(stage) } else { self.detail(stage) },
        };
        Card {
            id: format!("finding-{}", f.id),
            label: self.labels.get(&f.id).cloned().unwrap_or_default(),
            title: self.finding_title(f),
            family: self.catalog.label("families", &f.risk.family, self.lang).to_owned(),
            flags,
            brief: self.is_brief(f),
            levels: vec![level("stage.gross", f.gross), level("stage.current", f.current), level("stage.expected", f.expected)],
            parts: self.card_parts(f),
        }
    }

    fn detail(&self, stage: Stage) -> String {
        if stage.rated.level == Level::None {
            return self.t("level.removed").to_owned();
        }
        self.fill("level.detail", context! { likelihood => self.step_words(stage, true), severity => self.step_words(stage, false) })
    }

    /// A finding that is low now, settled, and rated as the catalogue proposes: its card says only what is local.
    pub fn is_brief(&self, f: &Finding) -> bool {
        let low = f.current.range.highest.max(f.current.rated.level) <= Level::Low;
        low && !self.is_open(f) && f.overridden.is_none() && !self.assessment.outcome.severe_but_low.contains(&f.id)
    }

    fn brief_parts(&self, f: &Finding) -> Vec<CardPart> {
        let part = |key: &str, blocks: Vec<Block>| self.pair(key, blocks);
        let mut parts = Vec::new();
        parts.extend(self.context(f).map(|text| part("card.here", self.own(text))));
        // Where each value comes from stands in the annex on evidence.
        let mut facts: Vec<String> = Vec::new();
        let reasons: Vec<&Reason> = f.paths.iter().flat_map(|p| p.reasons.iter().chain(&p.rating_reasons)).collect();
        for reason in self.gathered(&reasons) {
            let words = self.reason_words_of(&reason, f.risk.for_each.as_deref());
            if !facts.contains(&words) {
                facts.push(words);
            }
        }
        let facts = if facts.is_empty() { self.t("card.always").to_owned() } else { facts.join("; ") };
        parts.push(part("card.facts", vec![Block::Paragraph { text: super::prose::soften(plain(facts)) }]));
        // What stands or is promised; what else could be done is in the action plan.
        let counts = |s: &&crate::assessment::Standing| s.in_place == Truth::Yes || s.declared.is_some();
        let measures: Vec<String> = f
            .measures
            .iter()
            .filter(counts)
            .map(|s| format!("{} ({})", self.measure_name(&s.id), self.t(&format!("status.{}", s.status.id()))))
            .collect();
        if !measures.is_empty() {
            parts.push(part("card.measures", vec![self.paragraph(measures.join("; "))]));
        }
        let confirmation = match self.assessment.confirmed.contains_key(&f.id) {
            true => self.card_confirmation(f),
            false => vec![self.paragraph(self.t("card.unconfirmed").to_owned())],
        };
        parts.push(part("card.confirmation", confirmation));
        let fingerprint = self.fingerprint_part(f);
        parts.push(PairBlock { label: fingerprint.label, value: fingerprint.blocks });
        // Running text: a page holds several of these.
        vec![CardPart { label: String::new(), blocks: self.run_in(parts) }]
    }

    fn fingerprint_part(&self, f: &Finding) -> CardPart {
        let code = Inline::Code { s: format!("{} · {}", f.id, f.fingerprint) };
        CardPart { label: self.t("card.fingerprint").to_owned(), blocks: vec![Block::Paragraph { text: vec![code] }] }
    }

    fn card_parts(&self, f: &Finding) -> Vec<CardPart> {
        if self.is_brief(f) {
            return self.brief_parts(f);
        }
        let part = |key: &str, blocks: Vec<Block>| CardPart { label: self.t(key).to_owned(), blocks };
        let list = f.risk.for_each.as_deref();
        let mut parts = vec![part("card.affected", vec![self.paragraph(self.subjects_of(&f.risk.subjects))])];
        match self.context(f) {
            Some(text) => parts.push(part("card.here", self.own(text))),
            // A level that people have to answer for is argued from the place itself.
            None if self.needs_context(f) => parts.push(part("card.here", vec![self.gap("A35-7c-here", "gap.finding-context")])),
            None => {}
        }
        parts.push(part("card.facts", self.card_facts(f, list)));
        if let Some((own, before)) = &f.overridden {
            let mut blocks = vec![self.paragraph(self.fill(
                "card.override-text",
                context! { before => self.level_word(before.level), after => self.level_word(f.gross.rated.level), likelihood => own.likelihood, severity => own.severity },
            ))];
            blocks.extend(self.own(&own.because));
            parts.push(part("card.override", blocks));
        }
        parts.push(part("card.confirmation", self.card_confirmation(f)));
        parts.push(part("card.measures", self.card_measures(f)));
        let purposes: Vec<_> = self.deployment.prose.purpose.iter().enumerate().filter(|(_, p)| self.serves(f, p)).collect();
        if !purposes.is_empty() {
            let mut text = Vec::new();
            for (i, p) in purposes {
                if !text.is_empty() {
                    text.extend(plain("; "));
                }
                text.extend(self.own_inline(&format!("P{} {}", i + 1, p.title)));
            }
            parts.push(part("card.purposes", vec![Block::Paragraph { text }]));
        }
        let law = f.risk.law.iter().map(|l| words::article(l, self.locale())).collect::<Vec<_>>().join("; ");
        parts.push(part("card.law", vec![self.paragraph(format!("{law}. {}", self.t("card.see-grounds")))]));
        parts.push(self.fingerprint_part(f));
        parts
    }

    fn card_facts(&self, f: &Finding, list: Option<&str>) -> Vec<Block> {
        let mut items: Vec<Vec<Inline>> = Vec::new();
        let reasons: Vec<&Reason> = f.paths.iter().flat_map(|p| p.reasons.iter().chain(&p.rating_reasons)).chain(&f.unless).collect();
        for reason in self.gathered(&reasons) {
            let item = self.reason(&reason, list);
            if !items.contains(&item) {
                items.push(item);
            }
        }
        if items.is_empty() {
            return vec![self.paragraph(self.t("card.always").to_owned())];
        }
        let mut blocks = vec![Block::List { items }];
        if self.is_open(f) {
            blocks.push(self.paragraph(self.t("card.open").to_owned()));
        } else if f.assumed {
            blocks.push(self.paragraph(self.t("card.assumed").to_owned()));
        }
        blocks
    }

    /// The organisation's own words on a finding: those for the finding before those for its risk.
    pub fn context(&self, f: &Finding) -> Option<&str> {
        let contexts = &self.deployment.prose.context;
        let of = |id: &str| contexts.iter().find(|c| c.finding == id).map(|c| c.text.as_str());
        of(&f.id).or_else(|| of(&f.risk.id)).filter(|t| !t.trim().is_empty())
    }

    /// Medium and high findings need words from the place itself.
    pub fn needs_context(&self, f: &Finding) -> bool {
        f.current.range.highest.max(f.current.rated.level) > Level::Low
    }

    /// How a risk comes about here: the organisation's words, or the facts that decided.
    fn here(&self, group: &[&Finding]) -> Vec<Inline> {
        if let Some(text) = group.iter().find_map(|f| self.context(f)) {
            return self.own_inline(text);
        }
        let mut facts: Vec<String> = Vec::new();
        let reasons: Vec<&Reason> = group.iter().flat_map(|f| f.paths.iter().flat_map(|p| &p.reasons)).collect();
        for reason in self.gathered(&reasons) {
            let words = self.reason_words_of(&reason, group[0].risk.for_each.as_deref());
            if !facts.contains(&words) {
                facts.push(words);
            }
        }
        if facts.is_empty() {
            return plain(self.t("card.always"));
        }
        // That a service is in use says little beside other facts, and as the only one it is a sentence.
        let label = words::fact_label(self.catalog.vocabulary.get(SERVICES), SERVICES, self.lang);
        let (services, others): (Vec<String>, Vec<String>) = facts.into_iter().partition(|f| f.starts_with(&format!("{label}: ")));
        let text = match (others.is_empty(), services.first().and_then(|s| s.split_once(": "))) {
            (true, Some((_, services))) => self.fill("impacts.with-use", context! { services }),
            _ => others.join("; "),
        };
        super::prose::soften(plain(text))
    }

    fn card_confirmation(&self, f: &Finding) -> Vec<Block> {
        match self.assessment.confirmed.get(&f.id).and_then(|i| self.deployment.prose.confirmation.get(*i)) {
            Some(c) => {
                let who = c.name.as_deref().map(|n| format!("{n}, ")).unwrap_or_default() + &c.function;
                let mut blocks =
                    vec![self.paragraph(
                        self.fill("card.confirmed", context! { who, date => c.date.map(|d| self.date(d)).unwrap_or_default() }),
                    )];
                blocks.extend(self.own(&c.because));
                blocks
            }
            None => vec![self.gap("A35-7c", "gap.confirmation")],
        }
    }

    /// One row for each treatment: the measures that it needs, as they stand, and what they do together.
    fn card_measures(&self, f: &Finding) -> Vec<Block> {
        let standings = |t: &crate::model::Treatment| -> Vec<&crate::assessment::Standing> {
            t.measures.iter().filter_map(|m| f.measures.iter().find(|s| s.id == *m)).collect()
        };
        // Only what can be done here: treatments of the paths that apply, with measures that exist at this date.
        let mut possible: Vec<&crate::model::Treatment> = f
            .risk
            .treatments
            .iter()
            .enumerate()
            .filter(|(i, _)| f.paths.iter().any(|p| p.treatments.contains(i)))
            .map(|(_, t)| t)
            .filter(|t| standings(t).iter().all(|s| s.status != crate::assessment::Status::NotAvailable))
            .collect();
        // First what stands, then what is committed, then what could be done.
        possible.sort_by_key(|t| {
            standings(t)
                .iter()
                .map(|s| {
                    if s.in_place == Truth::Yes {
                        0
                    } else if s.committed {
                        1
                    } else {
                        2
                    }
                })
                .max()
        });
        // Treatments with the same effect for the same reason are alternatives: they share a row. The reason stands in the annex.
        let mut groups: Vec<Vec<&crate::model::Treatment>> = Vec::new();
        for treatment in possible {
            match groups.iter_mut().find(|g| g[0].effect == treatment.effect && g[0].because == treatment.because) {
                Some(group) => group.push(treatment),
                None => groups.push(vec![treatment]),
            }
        }
        let rows: Vec<_> = groups
            .into_iter()
            .map(|group| {
                let mut measures = Vec::new();
                let mut told: Vec<&Vec<String>> = Vec::new();
                for treatment in &group {
                    // The same measures may reach several paths.
                    if told.contains(&&treatment.measures) {
                        continue;
                    }
                    if told.is_empty() {
                        for standing in standings(treatment) {
                            if !measures.is_empty() {
                                measures.push(Inline::Break);
                            }
                            measures.extend(self.measure_line(standing));
                        }
                    } else {
                        // Alternatives by name: how they stand is said where they stand first.
                        let names = treatment.measures.iter().map(|m| self.measure_name(m)).collect::<Vec<_>>().join(" + ");
                        measures.push(Inline::Break);
                        measures.push(Inline::Emphasis { c: plain(format!("{} ", self.t("card.or"))) });
                        measures.extend(plain(names));
                    }
                    told.push(&treatment.measures);
                }
                vec![measures, self.effect(group[0])]
            })
            .collect();
        if rows.is_empty() {
            return vec![self.paragraph(self.t("card.no-measures").to_owned())];
        }
        let mut table = self.table("card.measures", &[("measure.measure", 6.4), ("measure.effect", 3.0)], rows);
        if let Block::Table(t) = &mut table {
            t.dense = true;
            t.caption = String::new();
        }
        vec![table]
    }

    /// A measure with actor, status, owner, date and reason.
    fn measure_line(&self, standing: &crate::assessment::Standing) -> Vec<Inline> {
        let declared = standing.declared.as_ref();
        // No links inside cards: each would have the engine lay out the card twice.
        let mut out = vec![Inline::Strong { c: plain(self.measure_name(&standing.id)) }];
        let mut words = Vec::new();
        if let Some(m) = self.catalog.measures.get(&standing.id) {
            words.push(self.t(&format!("actor.{}", m.actor.id())).to_owned());
        }
        words.push(self.t(&format!("status.{}", standing.status.id())).to_owned());
        if standing.overdue {
            words.push(self.t("status.overdue").to_owned());
        }
        out.extend(plain(format!(" ({}", words.join(", "))));
        let who = [declared.and_then(|d| d.owner.clone()), declared.and_then(|d| d.due).map(|d| self.date(d))]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ");
        if !who.is_empty() {
            out.extend(plain(", "));
            out.extend(self.own_inline(&who));
        }
        if let Some(because) = declared.and_then(|d| d.because.as_deref()) {
            out.extend(plain(": "));
            out.extend(self.own_inline(because));
        }
        out.extend(plain(")"));
        out
    }

    /// What a treatment does to the level.
    fn effect(&self, treatment: &crate::model::Treatment) -> Vec<Inline> {
        let step =
            |scale: &[crate::model::Step], n: u8| Method::step(scale, n).map(|s| s.label.get(self.lang).to_owned()).unwrap_or_default();
        let effect = treatment.effect;
        let mut parts = Vec::new();
        if effect.removes {
            parts.push(self.t("effect.removes").to_owned());
        }
        if let Some(n) = effect.likelihood_at_most {
            parts.push(self.fill("effect.likelihood", context! { step => step(&self.assessment.method.likelihood, n) }));
        }
        if let Some(n) = effect.severity_at_most {
            parts.push(self.fill("effect.severity", context! { step => step(&self.assessment.method.severity, n) }));
        }
        if parts.is_empty() {
            parts.push(self.t("effect.supports").to_owned());
        }
        if treatment.measures.len() > 1 {
            parts.push(self.t("effect.together").to_owned());
        }
        plain(parts.join(", "))
    }

    /// Whether a measure changes the level of a finding, alone or with others.
    pub fn changes(&self, f: &Finding, id: &str) -> bool {
        f.risk.treatments.iter().any(|t| t.effect.changes_level() && t.measures.iter().any(|m| m == id))
    }

    pub fn measure_name(&self, id: &str) -> String {
        self.catalog.measures.get(id).map_or_else(|| id.to_owned(), |m| self.title(&m.title, None))
    }

    /// A link to where a measure is explained.
    pub fn measure_ref(&self, id: &str) -> Inline {
        Inline::Ref { id: format!("measure-{id}"), c: plain(self.measure_name(id)) }
    }
}
