//! The annexes: questions, excluded risks, evidence, completeness, sources, catalogue, glossary.

use super::view::{Block, Chapter, Inline};
use super::words;
use super::writer::{Writer, plain};
use crate::assessment::{Because, QuestionKind, RuleState, State};
use crate::model::{FactKind, Origin, Type};
use minijinja::context;
use std::collections::BTreeMap;

impl Writer<'_> {
    /// Open questions by the person they are asked of, then what should be looked at again.
    pub fn questions(&self) -> Vec<Block> {
        let mut by: BTreeMap<(usize, String), Vec<Vec<Vec<Inline>>>> = BTreeMap::new();
        let order = self.catalog.ids("asked-of");
        for q in self.assessment.questions.iter().filter(|q| q.kind == QuestionKind::Open) {
            let (question, asked) = self.question_words(&q.fact);
            let rank = order.iter().position(|o| *o == asked).unwrap_or(order.len());
            let mut text = super::prose::soften(plain(question));
            if let Some(control) = self.catalog.vocabulary.get(&q.fact).and_then(|d| d.control.as_ref()) {
                text.push(Inline::Break);
                let control = super::prose::soften(plain(control.clone()));
                text.push(if self.lang == crate::model::Lang::En {
                    Inline::Emphasis { c: control }
                } else {
                    Inline::Lang { lang: "en".into(), c: control }
                });
            }
            by.entry((rank, asked)).or_default().push(vec![text, self.finding_refs(&q.could_settle), vec![self.chip(q.highest)]]);
        }
        let intro = if by.is_empty() { "questions.none" } else { "questions.intro" };
        let mut blocks = vec![self.paragraph(self.t(intro).to_owned())];
        for ((_, asked), rows) in by {
            let id = format!("questions-{}", if asked.is_empty() { "microsoft" } else { &asked });
            let heading = if asked.is_empty() {
                self.t("questions.vendor").to_owned()
            } else {
                self.catalog.label("asked-of", &asked, self.lang).to_owned()
            };
            blocks.push(Block::Heading { level: 2, number: String::new(), text: heading, id });
            blocks.push(self.table(
                "questions.caption",
                &[("questions.question", 6.0), ("questions.settles", 1.8), ("questions.highest", 1.4)],
                rows,
            ));
        }
        let rows: Vec<_> = self
            .assessment
            .questions
            .iter()
            .filter(|q| q.kind == QuestionKind::Verify)
            .map(|q| {
                let label = words::fact_label(self.catalog.vocabulary.get(&q.fact), &q.fact, self.lang);
                let marks = q
                    .marks
                    .iter()
                    .map(|m| self.t(if *m == crate::assessment::Mark::Recalled { "mark.recalled" } else { "mark.aged" }))
                    .collect::<Vec<_>>()
                    .join(", ");
                vec![super::prose::soften(plain(label)), plain(marks), self.finding_refs(&q.could_settle)]
            })
            .collect();
        if !rows.is_empty() {
            blocks.push(Block::Heading {
                level: 2,
                number: String::new(),
                text: self.t("questions.verify").to_owned(),
                id: "questions-verify".into(),
            });
            blocks.push(self.paragraph(self.t("questions.verify-intro").to_owned()));
            blocks.push(self.table(
                "questions.verify",
                &[("questions.statement", 5.0), ("questions.why", 2.6), ("questions.concerns", 1.8)],
                rows,
            ));
        }
        blocks
    }

    /// The question of a fact or of a field of a record, and whom it is asked of.
    pub fn question_words(&self, id: &str) -> (String, String) {
        if let Some(def) = self.catalog.vocabulary.get(id) {
            let question = match def.kind {
                FactKind::Asked => def.question.get(self.lang).to_owned(),
                _ => self.fill("questions.vendor-fact", context! { label => def.label.get(self.lang) }),
            };
            return (question, def.asked_of.clone());
        }
        if let Some((list, field)) = id.rsplit_once('.')
            && let Some(def) = self.catalog.vocabulary.get(list)
            && let Type::Records { fields, .. } = &def.ty
            && let Some(field) = fields.iter().find(|f| f.id == field)
        {
            let words = if field.question.is_empty() { field.label.get(self.lang) } else { field.question.get(self.lang) };
            return (format!("{}: {words}", def.label.get(self.lang)), def.asked_of.clone());
        }
        (id.to_owned(), String::new())
    }

    pub fn excluded(&self) -> Vec<Block> {
        let mut blocks = vec![self.paragraph(self.t("excluded.intro").to_owned())];
        for because in [Because::NotApplicable, Because::Mitigated, Because::Covered, Because::OutOfScope, Because::Disabled] {
            // The entries of a list, such as several apps, share a row where they are excluded for the same reason.
            let mut groups: Vec<(Vec<&crate::assessment::Excluded>, Vec<Inline>)> = Vec::new();
            for e in self.assessment.excluded.iter().filter(|e| e.because == because) {
                let why = self.excluded_reason(e);
                match groups.iter_mut().find(|(g, w)| g[0].risk == e.risk && *w == why) {
                    Some((group, _)) => group.push(e),
                    None => groups.push((vec![e], why)),
                }
            }
            let rows: Vec<_> = groups
                .into_iter()
                .map(|(group, why)| {
                    let e = group[0];
                    let names: Vec<&str> = group.iter().filter_map(|e| e.subject.as_ref()).map(|(_, name)| name.as_str()).collect();
                    let title = match group.len() {
                        1 => self.excluded_title(e),
                        _ => format!("{} ({})", self.title(&e.title, None), names.join("; ")),
                    };
                    let mut title = super::prose::soften(plain(title));
                    if let Some(finding) = e.finding.as_deref() {
                        title.push(Inline::Break);
                        title.extend(plain(format!("{}: ", self.t("stage.gross"))));
                        title.push(self.chip(finding.gross.rated.level));
                    }
                    vec![title, plain(self.catalog.label("families", &e.family, self.lang)), why]
                })
                .collect();
            if rows.is_empty() {
                continue;
            }
            let key = format!("excluded.{}", because.id());
            blocks.push(Block::Heading {
                level: 2,
                number: String::new(),
                text: self.t(&key).to_owned(),
                id: format!("excluded-{}", because.id()),
            });
            blocks.push(self.table(&key, &[("common.risk", 3.2), ("excluded.family", 1.5), ("excluded.why", 5.0)], rows));
        }
        blocks
    }

    pub fn excluded_title(&self, e: &crate::assessment::Excluded) -> String {
        let record = e.finding.as_deref().and_then(|f| f.record.clone()).or_else(|| {
            let (key, _) = e.subject.as_ref()?;
            let list = self.catalog.risks.get(&e.risk)?.for_each.clone()?;
            match self.assessment.facts.get(&list).single() {
                Some(crate::model::Value::Records(records)) => records.iter().find(|r| r.key == *key).cloned(),
                _ => None,
            }
        });
        let title = self.title(&e.title, record.as_ref());
        let title = super::writer::without_record(&title);
        match &e.subject {
            Some((_, name)) if !title.contains(name.as_str()) => format!("{title} ({name})"),
            _ => title,
        }
    }

    /// Why a risk is no finding, in words.
    pub fn excluded_reason(&self, e: &crate::assessment::Excluded) -> Vec<Inline> {
        let mut out = match e.because {
            Because::OutOfScope => plain(self.t("excluded.out-of-scope-why")),
            Because::Covered => plain(self.fill(
                "excluded.covered-why",
                context! { by => e.detail.as_ref().map(|d| super::writer::without_record(d.get(self.lang))).unwrap_or_default() },
            )),
            Because::Disabled => e.detail.as_ref().map(|d| plain(d.get(self.lang))).unwrap_or_default(),
            Because::Mitigated => {
                let mut out = plain(format!("{} ", self.t("excluded.mitigated-why")));
                let by: Vec<&str> = e
                    .finding
                    .as_deref()
                    .map(|f| {
                        f.risk
                            .treatments
                            .iter()
                            .filter(|t| {
                                t.effect.removes
                                    && t.measures
                                        .iter()
                                        .all(|m| f.measures.iter().any(|s| s.id == *m && s.in_place == crate::assessment::Truth::Yes))
                            })
                            .flat_map(|t| t.measures.iter().map(String::as_str))
                            .collect()
                    })
                    .unwrap_or_default();
                for (i, id) in by.into_iter().enumerate() {
                    if i > 0 {
                        out.extend(plain("; "));
                    }
                    out.extend(plain(self.measure_name(id)));
                }
                out.extend(plain("."));
                out
            }
            Because::NotApplicable => Vec::new(),
        };
        let list = self.catalog.risks.get(&e.risk).and_then(|r| r.for_each.clone());
        let mut seen = Vec::new();
        for reason in &e.reasons {
            let item = self.reason(reason, list.as_deref());
            if seen.contains(&item) || seen.len() >= 6 {
                continue;
            }
            if !out.is_empty() {
                out.push(Inline::Break);
            }
            out.extend(item.clone());
            seen.push(item);
        }
        out
    }

    /// Statements about Microsoft that findings or excluded risks rest on.
    pub fn vendor_rows(&self) -> Vec<Block> {
        let used: std::collections::BTreeSet<String> = self
            .assessment
            .findings
            .iter()
            .flat_map(|f| {
                f.paths.iter().flat_map(|p| p.reasons.iter().chain(&p.rating_reasons)).chain(f.measures.iter().flat_map(|m| &m.reasons))
            })
            .chain(self.assessment.excluded.iter().flat_map(|e| &e.reasons))
            .map(|r| r.fact.clone())
            .filter(|f| f.starts_with("vendor."))
            .collect();
        let rows: Vec<_> = used
            .iter()
            .filter_map(|id| Some((self.catalog.vocabulary.get(id)?, self.assessment.facts.get(id))))
            .flat_map(|(def, fact)| {
                fact.cells
                    .iter()
                    .map(|cell| {
                        let scope = self.scope(&cell.scope);
                        let label = if scope.is_empty() {
                            def.label.get(self.lang).to_owned()
                        } else {
                            format!("{} ({scope})", def.label.get(self.lang))
                        };
                        let (value, mut origin) = match &cell.state {
                            State::Known { value, origin } => {
                                (words::value(value, &def.ty, self.lang, self.locale()), self.origin_with_kind(origin))
                            }
                            State::Open { why, .. } => (self.why_open(Some(*why)).to_owned(), Vec::new()),
                        };
                        if let State::Known { origin: Origin::Vendor { row }, .. } = &cell.state
                            && let Some(note) = &row.note
                        {
                            origin.push(Inline::Break);
                            origin.extend(self.md_inline(note, None));
                        }
                        vec![super::prose::soften(plain(label)), super::prose::soften(plain(value)), origin]
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        if rows.is_empty() {
            return Vec::new();
        }
        vec![
            Block::Heading { level: 2, number: String::new(), text: self.t("evidence.vendor").to_owned(), id: "evidence-vendor".into() },
            self.paragraph(self.t("evidence.vendor-intro").to_owned()),
            dense(self.table("evidence.vendor", &[("evidence.statement", 3.0), ("evidence.value", 1.8), ("evidence.origin", 4.6)], rows)),
        ]
    }

    pub fn completeness(&self) -> Vec<Block> {
        let sections: std::collections::BTreeSet<&str> = self.request.structure.sections.iter().map(|s| s.number.as_str()).collect();
        let rows = self
            .assessment
            .completeness
            .iter()
            .map(|r| {
                let state = match r.state {
                    RuleState::Met => "completeness.met",
                    RuleState::Partial => "completeness.partial",
                    RuleState::Missing => "completeness.missing",
                };
                let mut place = Vec::new();
                if sections.contains(r.rule.section.as_str()) {
                    let id = format!("section-{}", r.rule.section);
                    place.push(Inline::Ref { id: id.clone(), c: plain(r.rule.section.clone()) });
                    place.push(Inline::Page { id, before: format!(", {} ", self.t("document.page-short")) });
                }
                let mut state = vec![Inline::Strong { c: plain(self.t(state)) }];
                if !r.rule.mandatory {
                    state.push(Inline::Break);
                    state.extend(plain(self.t("completeness.advisory")));
                }
                vec![plain(r.rule.id.clone()), self.md_inline(&r.rule.title, None), state, place]
            })
            .collect();
        vec![
            self.paragraph(self.t("completeness.intro").to_owned()),
            self.table(
                "completeness.caption",
                &[("completeness.rule", 1.0), ("completeness.asks", 5.6), ("completeness.state", 1.4), ("completeness.where", 1.6)],
                rows,
            ),
        ]
    }

    pub fn catalogue(&self) -> Vec<Block> {
        let mut blocks = vec![self.paragraph(self.t("catalogue.intro").to_owned())];
        let rows = self
            .catalog
            .infos
            .iter()
            .map(|i| {
                vec![
                    plain(i.name.clone()),
                    plain(i.version.clone()),
                    i.as_of.map(|d| plain(self.date(d))).unwrap_or_default(),
                    plain(i.licence.clone()),
                    vec![Inline::Code { s: i.sha256.clone() }],
                ]
            })
            .collect();
        blocks.push(self.table(
            "catalogue.caption",
            &[
                ("common.name", 1.2),
                ("control.version", 1.0),
                ("catalogue.as-of", 1.6),
                ("catalogue.licence", 1.2),
                ("catalogue.hash", 4.4),
            ],
            rows,
        ));
        blocks.push(self.paragraph(self.fill(
            "catalogue.numbers",
            context! { risks => self.catalog.risks.len(), measures => self.catalog.measures.len(), facts => self.catalog.vocabulary.facts.len(), sources => self.catalog.sources.len() },
        )));
        blocks
    }

    /// Sources and glossary: what the rest of the report names.
    pub fn finish(&self, chapters: &mut [Chapter]) {
        self.cited.borrow_mut().insert(self.request.structure.source.clone());
        let said: String =
            chapters.iter().flat_map(|c| &c.blocks).map(|b| serde_json::to_string(b).unwrap_or_default()).collect::<Vec<_>>().join("\n");
        collect_sources(&said, &mut self.cited.borrow_mut());
        let blocks = [("annex-sources", self.sources()), ("annex-glossary", self.glossary(&said.to_lowercase()))];
        for (id, blocks) in blocks {
            if let Some(chapter) = chapters.iter_mut().find(|c| c.id == id) {
                chapter.blocks.extend(blocks);
            }
        }
    }

    fn sources(&self) -> Vec<Block> {
        let cited = self.cited.borrow();
        let rows = cited
            .iter()
            .filter_map(|id| self.catalog.sources.get(id))
            .map(|s| {
                let mut title = vec![Inline::Anchor { id: format!("source-{}", s.id) }];
                let words = super::prose::soften(plain(s.title.clone()));
                match s.lang.as_deref().filter(|l| *l != self.lang.code()) {
                    Some(lang) => title.push(Inline::Lang { lang: lang.to_owned(), c: words }),
                    None => title.extend(words),
                }
                let address = match &s.address {
                    Some(url) => vec![Inline::Link { url: url.clone(), c: super::prose::soften(plain(url.clone())) }],
                    None => plain(self.t("source.no-address")),
                };
                vec![
                    title,
                    plain(s.publisher.clone()),
                    plain(words::partial_date(&s.date, self.locale())),
                    plain(self.t(&format!("source-kind.{}", s.kind))),
                    address,
                ]
            })
            .collect();
        vec![
            self.paragraph(self.t("source.intro").to_owned()),
            self.table(
                "source.caption",
                &[("source.title", 3.2), ("source.publisher", 1.6), ("common.date", 1.4), ("source.kind", 1.4), ("source.address", 3.0)],
                rows,
            ),
        ]
    }

    fn glossary(&self, said: &str) -> Vec<Block> {
        let mut terms: Vec<_> = self
            .catalog
            .terms
            .iter()
            .filter(|t| {
                let aliases = &t.aliases[self.lang as usize];
                std::iter::once(t.term.get(self.lang)).chain(aliases.iter().map(String::as_str)).any(|w| said.contains(&w.to_lowercase()))
            })
            .collect();
        terms.sort_by_key(|t| sort_key(t.term.get(self.lang)));
        let rows = terms.iter().map(|t| vec![plain(t.term.get(self.lang)), self.md_inline(&t.meaning, None)]).collect();
        vec![self.table("glossary.caption", &[("glossary.term", 2.0), ("glossary.meaning", 6.5)], rows)]
    }
}

/// Letters as dictionaries sort them: without marks.
fn sort_key(word: &str) -> String {
    word.to_lowercase()
        .chars()
        .map(|c| match c {
            'ä' | 'à' | 'á' | 'â' => 'a',
            'ö' | 'ó' | 'ô' => 'o',
            'ü' | 'ú' => 'u',
            'é' | 'è' | 'ë' | 'ê' => 'e',
            'ï' | 'í' => 'i',
            other => other,
        })
        .collect()
}

/// A long table in smaller type.
fn dense(mut block: Block) -> Block {
    if let Block::Table(table) = &mut block {
        table.dense = true;
    }
    block
}

/// Sources that are linked in what was said.
fn collect_sources(said: &str, cited: &mut std::collections::BTreeSet<String>) {
    for part in said.split("\"id\":\"source-").skip(1) {
        if let Some(end) = part.find('"') {
            cited.insert(part[..end].to_owned());
        }
    }
}
