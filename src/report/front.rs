//! Cover, document control, management summary, and the parts on method, advice and decision.

use super::prose;
use super::view::{Block, Chapter, Inline};
use super::writer::{Writer, plain};
use crate::assessment::{Finding, OutcomeReason, Proposal, QuestionKind, RuleState, Status};
use crate::model::{Actor, Level};
use minijinja::context;

/// More rows than this would push the summary over its two pages.
const SUMMARY_ROWS: usize = 14;
const SUMMARY_ITEMS: usize = 6;

impl Writer<'_> {
    pub fn cover_pairs(&self) -> Vec<(String, String)> {
        let about = &self.deployment.prose.assessment;
        let mut pairs = vec![
            (self.t("cover.organisation").to_owned(), self.deployment.prose.organisation.name.clone()),
            (self.t("cover.as-of").to_owned(), self.date(self.assessment.as_of)),
        ];
        if let Some(version) = &about.version {
            pairs.push((self.t("cover.version").to_owned(), version.clone()));
        }
        pairs.push((self.t("cover.status").to_owned(), self.status_words()));
        if !about.authors.is_empty() {
            pairs.push((self.t("cover.authors").to_owned(), about.authors.join("; ")));
        }
        pairs.push((self.t("cover.structure").to_owned(), self.request.structure.title.get(self.lang).to_owned()));
        pairs.push((self.t("cover.method").to_owned(), self.assessment.method.name.get(self.lang).to_owned()));
        pairs
    }

    fn status_words(&self) -> String {
        let outcome = &self.assessment.outcome;
        match &outcome.decided {
            Some(decided) => self.fill("cover.decided", context! { outcome => self.t(&format!("outcome.{}", decided.outcome)) }),
            None => self.fill("cover.undecided", context! { outcome => self.t(&format!("outcome.{}", outcome.proposed.id())) }),
        }
    }

    pub fn control(&self) -> Chapter {
        let about = &self.deployment.prose.assessment;
        let mut rows = vec![
            self.pair_text("control.title", about.title.clone()),
            self.pair_text("control.as-of", self.date(self.assessment.as_of)),
            self.pair("control.version", self.own_or_gap(about.version.as_deref(), "A36-3e", "gap.version")),
            self.pair("control.authors", self.own_or_gap(Some(&about.authors.join("; ")), "A36-3e", "gap.authors")),
            self.pair_text("control.status", self.status_words()),
            self.pair_text("control.program", self.fill("control.program-value", context! { version => self.request.program })),
            self.pair_text(
                "control.catalogues",
                self.catalog.infos.iter().map(|i| format!("{} {}", i.name, i.version)).collect::<Vec<_>>().join("; "),
            ),
            self.pair(
                "control.fingerprint",
                vec![Block::Paragraph { text: vec![Inline::Code { s: self.assessment.fingerprint.clone() }] }],
            ),
        ];
        if about.language != self.lang.code() {
            rows.push(self.pair_text(
                "control.language",
                self.fill("control.language-value", context! { language => self.t(&format!("language.{}", about.language)) }),
            ));
        }
        let mut blocks = vec![Block::Pairs { rows }];
        if !about.history.is_empty() {
            let rows =
                about.history.iter().map(|h| vec![plain(h.version.clone()), self.date_cell(h.date), self.own_inline(&h.change)]).collect();
            blocks.push(self.table("control.history", &[("control.version", 1.0), ("common.date", 1.5), ("control.change", 5.0)], rows));
        }
        blocks.push(Block::Callout {
            tone: "note".into(),
            title: self.t("control.reading-title").to_owned(),
            blocks: self.locale_blocks("control.reading"),
        });
        Chapter {
            id: "document-control".into(),
            number: String::new(),
            heading: self.t("control.heading").to_owned(),
            part: "front".into(),
            blocks,
        }
    }

    pub fn summary(&self) -> Chapter {
        let mut blocks = vec![self.paragraph(self.summary_subject())];
        blocks.push(self.outcome_callout());
        blocks.extend(self.summary_table());
        blocks.extend(self.summary_measures());
        blocks.extend(self.summary_questions());
        Chapter { id: "summary".into(), number: String::new(), heading: self.t("summary.heading").to_owned(), part: "front".into(), blocks }
    }

    fn summary_subject(&self) -> String {
        let prose = &self.deployment.prose;
        let services = match prose.assessment.scope.services.as_slice() {
            [] => self.fact_words("services.in-use"),
            some => self.services(some),
        };
        // Groups overlap, so they are named, not added up.
        let mut groups: Vec<(i64, String)> = prose
            .organisation
            .people
            .iter()
            .filter_map(|p| Some((p.number?, self.catalog.label("subjects", &p.category, self.lang).to_owned())))
            .collect();
        groups.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let people = groups.iter().take(3).map(|(n, label)| format!("{label} ({})", self.number(*n))).collect::<Vec<_>>().join(", ");
        let key = if people.is_empty() { "summary.subject" } else { "summary.subject-people" };
        self.fill(key, context! { organisation => &prose.organisation.name, services, people, as_of => self.date(self.assessment.as_of) })
    }

    pub fn outcome_callout(&self) -> Block {
        let outcome = &self.assessment.outcome;
        let decided = outcome.decided.as_ref().and_then(|d| self.deployment.prose.decision.get(d.index));
        let title = match decided {
            Some(d) => self.fill(
                "summary.decided",
                context! { outcome => self.t(&format!("outcome.{}", d.outcome.as_deref().unwrap_or_default())), function => &d.function, date => d.date.map(|x| self.date(x)).unwrap_or_default() },
            ),
            None => self.fill("summary.proposed", context! { outcome => self.t(&format!("outcome.{}", outcome.proposed.id())) }),
        };
        let mut blocks = vec![self.paragraph(self.t(&format!("outcome-means.{}", outcome.proposed.id())).to_owned())];
        let items = self.outcome_reasons();
        if !items.is_empty() {
            blocks.push(Block::List { items });
        }
        for other in &outcome.others {
            let name = self.catalog.methods.get(&other.method).map_or(other.method.clone(), |m| m.name.get(self.lang).to_owned());
            let key = if other.consults { "summary.other-method-consults" } else { "summary.other-method-not" };
            let mut text = plain(self.fill(key, context! { method => name }));
            text.extend(plain(" "));
            text.extend(self.finding_refs(&other.differing));
            text.extend(plain("."));
            blocks.push(Block::Paragraph { text });
        }
        let tone = if decided.is_some() {
            "decision"
        } else if outcome.proposed == Proposal::Consultation {
            "warning"
        } else {
            "note"
        };
        Block::Callout { tone: tone.into(), title, blocks }
    }

    /// The reasons of the outcome; findings that share a reason stand in one line.
    pub fn outcome_reasons(&self) -> Vec<Vec<Inline>> {
        let mut lines: Vec<(&str, Vec<&String>, Vec<Inline>)> = Vec::new();
        for reason in &self.assessment.outcome.because {
            let (key, id) = match reason {
                OutcomeReason::StaysHigh(id) => ("because.stays-high", id),
                OutcomeReason::OptionsMissing(id) => ("because.options-missing", id),
                OutcomeReason::CouldReach(id) => ("because.could-reach", id),
                OutcomeReason::SevereNotAccepted(id) => ("because.severe-not-accepted", id),
                OutcomeReason::HighUntilMeasures(id) => ("because.high-until-measures", id),
                other => {
                    lines.push(("", Vec::new(), self.plain_reason(other)));
                    continue;
                }
            };
            match lines.iter_mut().find(|(k, _, _)| *k == key) {
                Some((_, ids, _)) => ids.push(id),
                None => lines.push((key, vec![id], Vec::new())),
            }
        }
        lines
            .into_iter()
            .map(|(key, ids, text)| {
                if ids.is_empty() {
                    return text;
                }
                let mut out = plain(format!("{} ", self.t(key)));
                out.extend(self.finding_refs(ids));
                out
            })
            .collect()
    }

    fn plain_reason(&self, reason: &OutcomeReason) -> Vec<Inline> {
        plain(match reason {
            OutcomeReason::NotConfirmed(ids) => self.locale().count("because.not-confirmed", ids.len()),
            OutcomeReason::Incomplete(rules) => self.fill("because.incomplete", context! { rules => rules.join(", ") }),
            OutcomeReason::RejectedByUser => self.t("because.rejected").to_owned(),
            OutcomeReason::NationalLaw => self.t("because.national-law").to_owned(),
            OutcomeReason::UnverifiedMatrix => self.t("because.unverified-matrix").to_owned(),
            OutcomeReason::RunsWithHighRisk => self.t("because.runs-with-high-risk").to_owned(),
            _ => self.t("because.nothing-stays-high").to_owned(),
        })
    }

    fn summary_table(&self) -> Vec<Block> {
        let findings = &self.assessment.findings;
        if findings.is_empty() {
            return vec![self.paragraph(self.t("summary.no-findings").to_owned())];
        }
        // They stand in order of level: what is left out is no higher, and is named with its number.
        let shown = &findings[..findings.len().min(SUMMARY_ROWS)];
        let rows = shown
            .iter()
            .map(|f| {
                let open = self.is_open(f);
                let mut title = prose::soften(plain(self.finding_title(f)));
                if open {
                    title.extend(plain(format!(" ({})", self.t("flag.open"))));
                }
                vec![
                    vec![self.finding_ref(&f.id)],
                    title,
                    vec![self.chip(f.gross.rated.level)],
                    vec![self.chip(f.current.rated.level)],
                    vec![self.chip(f.expected.rated.level)],
                ]
            })
            .collect();
        let mut table = self.table(
            "summary.risks",
            &[("common.number", 0.7), ("common.risk", 6.0), ("stage.gross", 1.5), ("stage.current", 1.5), ("stage.expected", 1.5)],
            rows,
        );
        if let Block::Table(t) = &mut table {
            t.dense = true;
        }
        let mut blocks = vec![table];
        if shown.len() < findings.len() {
            blocks.push(self.paragraph(self.locale().count("summary.more-risks", findings.len() - shown.len())));
        }
        blocks
    }

    fn summary_measures(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for (actor, heading) in [(Actor::Organisation, "summary.measures-organisation"), (Actor::Microsoft, "summary.measures-microsoft")] {
            let mut todo: Vec<_> = self
                .assessment
                .measures
                .iter()
                .filter(|m| m.live && self.catalog.measures.get(&m.standing.id).is_some_and(|x| x.actor == actor))
                .filter(|m| !matches!(m.standing.status, Status::InPlace | Status::NotAvailable | Status::Rejected))
                .map(|m| {
                    let level = m
                        .treats
                        .iter()
                        .filter_map(|id| self.assessment.findings.iter().find(|f| f.id == *id))
                        .filter(|f| self.changes(f, &m.standing.id))
                        .map(|f| f.current.rated.level)
                        .max()
                        .unwrap_or(Level::None);
                    // First what lowers the highest levels; what only supports comes last.
                    (std::cmp::Reverse((level, m.standing.committed, m.treats.len())), m.standing.id.clone(), m)
                })
                .collect();
            todo.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
            if todo.is_empty() {
                continue;
            }
            blocks.push(Block::Paragraph { text: vec![Inline::Strong { c: plain(self.t(heading)) }] });
            let more = todo.len().saturating_sub(SUMMARY_ITEMS);
            let mut items: Vec<Vec<Inline>> = todo
                .iter()
                .take(SUMMARY_ITEMS)
                .map(|(_, id, overall)| {
                    let title = self.catalog.measures.get(id).map(|m| self.title(&m.title, None)).unwrap_or_default();
                    let mut item = vec![Inline::Ref { id: format!("measure-{id}"), c: plain(title) }];
                    item.extend(plain(format!(" ({}) ", self.t(&format!("status.{}", overall.standing.status.id())))));
                    item.extend(self.finding_refs(overall.treats.iter().filter(|t| self.labels.contains_key(*t))));
                    item
                })
                .collect();
            if more > 0 {
                items.push(plain(self.locale().count("summary.more-measures", more)));
            }
            blocks.push(Block::List { items });
        }
        blocks
    }

    fn summary_questions(&self) -> Vec<Block> {
        let open = self.assessment.questions.iter().filter(|q| q.kind == QuestionKind::Open).count();
        let verify = self.assessment.questions.len() - open;
        let gaps: Vec<&str> = self
            .assessment
            .completeness
            .iter()
            .filter(|r| r.state != RuleState::Met && r.rule.mandatory)
            .map(|r| r.rule.id.as_str())
            .collect();
        let mut items = vec![plain(self.fill("summary.open-facts", context! { open, verify }))];
        if gaps.is_empty() {
            items.push(plain(self.t("summary.no-gaps")));
        } else {
            items.push(plain(self.fill("summary.gaps", context! { n => gaps.len(), rules => gaps.join(", ") })));
        }
        vec![Block::Paragraph { text: vec![Inline::Strong { c: plain(self.t("summary.open")) }] }, Block::List { items }]
    }

    pub fn method_blocks(&self) -> Vec<Block> {
        let method = self.assessment.method;
        let mut blocks = vec![Block::Paragraph { text: vec![Inline::Strong { c: plain(method.name.get(self.lang)) }] }];
        blocks.extend(self.md(&method.about, None));
        let approved = self.deployment.prose.assessment.method_approved_by.as_deref();
        blocks.push(Block::Pairs {
            rows: vec![
                self.pair("method.approved-by", self.own_or_gap(approved, "A35-7c", "gap.method-approved-by")),
                self.pair_text("method.consult-from", self.level_word(method.consult_from)),
                self.pair("common.sources", vec![Block::Paragraph { text: self.cites(&method.sources) }]),
            ],
        });
        for (caption, scale) in [("method.likelihood", &method.likelihood), ("method.severity", &method.severity)] {
            let rows = scale.iter().map(|s| vec![plain(s.label.get(self.lang)), self.md_inline(&s.meaning, None)]).collect();
            blocks.push(self.table(caption, &[("method.step", 1.5), ("method.meaning", 6.0)], rows));
        }
        let columns: Vec<(String, f32)> = std::iter::once((self.t("method.matrix-corner").to_owned(), 1.6))
            .chain(method.likelihood.iter().map(|s| (s.label.get(self.lang).to_owned(), 1.0)))
            .collect();
        let rows = method
            .severity
            .iter()
            .rev()
            .map(|s| {
                std::iter::once(plain(s.label.get(self.lang)))
                    .chain(method.likelihood.iter().map(|l| {
                        method.cells.get(&(l.id.clone(), s.id.clone())).map_or_else(Vec::new, |c| {
                            let tag = match c.tag {
                                crate::model::CellTag::Verified => "method.verified",
                                crate::model::CellTag::Recalled => "method.recalled",
                                crate::model::CellTag::Ours => "method.ours",
                            };
                            vec![self.chip(c.level), Inline::Break, Inline::Emphasis { c: plain(self.t(tag)) }]
                        })
                    }))
                    .collect()
            })
            .collect();
        blocks.push(Block::Table(super::view::Table {
            caption: self.t("method.matrix").to_owned(),
            columns: columns.into_iter().map(|(label, width)| super::view::Column { label, width }).collect(),
            rows,
            dense: false,
        }));
        if let Some(note) = &method.note {
            blocks.push(Block::Callout { tone: "note".into(), title: self.t("method.note").to_owned(), blocks: self.md(note, None) });
        }
        blocks.extend(self.locale_blocks("method.stages"));
        blocks
    }

    pub fn dpo_advice(&self) -> Vec<Block> {
        let dpo = &self.deployment.prose.organisation.dpo;
        let mut rows = Vec::new();
        match (&dpo.name, &dpo.none_because) {
            (None, Some(why)) => rows.push(self.pair("dpo.none", self.own(why))),
            (name, _) => {
                rows.push(self.pair("dpo.name", self.own_or_gap(name.as_deref(), "A35-2", "gap.dpo-name")));
                rows.push(self.pair("dpo.contact", self.own_or_gap(dpo.contact.as_deref(), "A36-3d", "gap.dpo-contact")));
                rows.push(self.pair("dpo.advice", self.own_or_gap(dpo.advice.as_deref(), "A35-2", "gap.dpo-advice")));
                rows.push(match dpo.date {
                    Some(date) => self.pair_text("common.date", self.date(date)),
                    None => self.pair("common.date", vec![self.gap("A35-2", "gap.dpo-date")]),
                });
                rows.push(self.pair("dpo.how-followed", self.own_or_gap(dpo.how_followed.as_deref(), "A35-2", "gap.dpo-how-followed")));
                if dpo.fingerprint.as_deref().is_some_and(|f| f != self.assessment.fingerprint) {
                    rows.push(self.pair_text("dpo.fingerprint", self.t("dpo.changed").to_owned()));
                }
            }
        }
        vec![Block::Pairs { rows }]
    }

    pub fn views(&self) -> Vec<Block> {
        let organisation = &self.deployment.prose.organisation;
        let (views, staff) = (&organisation.views, &organisation.staff_representation);
        let mut rows = Vec::new();
        match (&views.sought, &views.not_sought_because) {
            (None, Some(why)) => rows.push(self.pair("views.not-sought", self.own(why))),
            (sought, _) => {
                rows.push(self.pair("views.sought", self.own_or_gap(sought.as_deref(), "A35-9", "gap.views")));
                if sought.is_some() {
                    rows.push(self.pair("views.result", self.own_or_gap(views.result.as_deref(), "A35-9", "gap.views-result")));
                }
                if let Some(date) = views.date {
                    rows.push(self.pair_text("common.date", self.date(date)));
                }
            }
        }
        match (&staff.body, &staff.not_consulted_because) {
            (None, Some(why)) => rows.push(self.pair("staff.not-consulted", self.own(why))),
            (body, _) => {
                rows.push(self.pair("staff.body", self.own_or_gap(body.as_deref(), "A35-9", "gap.staff")));
                if body.is_some() {
                    rows.push(self.pair("staff.result", self.own_or_gap(staff.result.as_deref(), "A35-9", "gap.staff-result")));
                }
                if let Some(date) = staff.date {
                    rows.push(self.pair_text("common.date", self.date(date)));
                }
                if staff.fingerprint.as_deref().is_some_and(|f| f != self.assessment.fingerprint) {
                    rows.push(self.pair_text("dpo.fingerprint", self.t("dpo.changed").to_owned()));
                }
            }
        }
        vec![Block::Pairs { rows }]
    }

    pub fn decision(&self) -> Vec<Block> {
        let outcome = &self.assessment.outcome;
        let mut blocks = vec![self.outcome_callout()];
        let options = ["rejected", "consultation", "approved", "conditional"];
        let chosen = outcome.decided.as_ref().map_or(outcome.proposed.id(), |d| d.outcome.as_str());
        let rows = options
            .iter()
            .map(|o| {
                let mark = match (*o == chosen, outcome.decided.is_some()) {
                    (true, true) => "decision.decided",
                    (true, false) => "decision.proposed",
                    _ => "decision.not-chosen",
                };
                vec![plain(self.t(&format!("outcome.{o}"))), plain(self.t(&format!("outcome-means.{o}"))), plain(self.t(mark))]
            })
            .map(|mut row| {
                // A draft is none of the four outcomes yet.
                row.truncate(if options.contains(&chosen) { 3 } else { 2 });
                row
            })
            .collect();
        let columns = [("decision.outcome", 2.0), ("decision.meaning", 5.0), ("decision.state", 1.6)];
        blocks.push(self.table("decision.options", if options.contains(&chosen) { &columns } else { &columns[..2] }, rows));
        match outcome.decided.as_ref().and_then(|d| self.deployment.prose.decision.get(d.index)) {
            Some(d) => {
                let mut rows = vec![
                    self.pair(
                        "decision.by",
                        self.own(&format!("{}{}", d.name.as_deref().map(|n| format!("{n}, ")).unwrap_or_default(), d.function)),
                    ),
                    self.pair_text("common.date", d.date.map(|x| self.date(x)).unwrap_or_default()),
                    self.pair("decision.because", self.own_or_gap(d.because.as_deref(), "A36-1", "gap.decision-because")),
                ];
                if !d.conditions.is_empty() {
                    rows.push(self.pair(
                        "decision.conditions",
                        vec![Block::List { items: d.conditions.iter().map(|c| self.own_inline(c)).collect() }],
                    ));
                }
                blocks.push(Block::Pairs { rows });
            }
            None => {
                let ineffective = self.deployment.prose.decision.iter().rfind(|d| d.finding.is_none() && d.outcome.is_some());
                if let Some(d) = ineffective {
                    let text = self.fill("decision.ineffective", context! { outcome => self.t(&format!("outcome.{}", d.outcome.as_deref().unwrap_or_default())), function => &d.function });
                    blocks.push(Block::Callout {
                        tone: "warning".into(),
                        title: self.t("decision.ineffective-title").to_owned(),
                        blocks: vec![self.paragraph(text)],
                    });
                }
                blocks.push(self.gap("A36-1", "gap.decision"));
            }
        }
        blocks
    }

    pub fn consultation_options(&self) -> Vec<Block> {
        let from = self.assessment.method.consult_from;
        let high: Vec<&Finding> = self.assessment.findings.iter().filter(|f| f.expected.range.lowest >= from).collect();
        let law = &self.deployment.prose.assessment.consultation;
        let mut blocks = Vec::new();
        if let Some(required) = law.required_by_law {
            let text = self.t(if required { "consultation.by-law" } else { "consultation.not-by-law" }).to_owned();
            blocks.push(self.paragraph(text));
            if let Some(law) = &law.law {
                blocks.extend(self.own(law));
            }
        }
        if high.is_empty() {
            blocks.push(self.paragraph(self.t("consultation.none").to_owned()));
            return blocks;
        }
        blocks.extend(self.locale_blocks("consultation.intro"));
        let mut rows = Vec::new();
        for finding in high {
            let mut options: Vec<_> = self
                .deployment
                .prose
                .option
                .iter()
                .filter(|o| o.finding == finding.id)
                .map(|o| (self.own_inline(&o.option), self.own_inline(&o.not_feasible_because)))
                .collect();
            if options.is_empty() {
                options.push((self.missing(), self.missing()));
            }
            for (option, why) in options {
                rows.push(vec![vec![self.finding_ref(&finding.id)], option, why]);
            }
        }
        blocks.push(self.table(
            "consultation.options",
            &[("common.number", 0.8), ("consultation.option", 3.0), ("consultation.why-not", 4.0)],
            rows,
        ));
        blocks.extend(self.locale_blocks("consultation.timetable"));
        blocks
    }

    /// A fact in words, with all its values.
    pub fn fact_words(&self, id: &str) -> String {
        let fact = self.assessment.facts.get(id);
        let Some(def) = self.catalog.vocabulary.get(id) else { return id.to_owned() };
        super::writer::print_fact(&fact, &def.ty, &|s| self.scope(s), self.lang, self.locale())
    }
}
