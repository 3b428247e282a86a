//! The report as tables to work with: risk register, action plan, settings to change, open questions, evidence, sources.

use super::questionnaire::hidden;
use super::{Body, Column, Entry, Level as Fill, Sheet, Table, Value, Workbook};
use crate::assessment::{Assessment, Finding, Stage, Status, Support};
use crate::catalog::Catalog;
use crate::model::{Deployment, Level, Text};
use crate::report::data::text_of;
use crate::report::view::View;
use crate::report::{Request, writer::Writer};
use serde_json::json;

/// Hidden headings by which a filled-in action plan is recognised and read.
const MEASURE: &str = "dpia365-measure";
const OF: &str = "dpia365-of";
const WAS: &str = "dpia365-was";
const WORDS: &str = "dpia365-words";
/// The headings of the columns to be filled in.
const COLUMNS: &str = "dpia365-columns";
/// Statuses that people may declare.
const STATUSES: [&str; 5] = ["open", "planned", "partly", "in-place", "rejected"];

/// The report as a workbook.
///
/// # Errors
/// Texts of the locale or the catalogue that cannot be filled.
pub fn register(
    assessment: &Assessment<'_>,
    deployment: &Deployment,
    catalog: &Catalog,
    request: &Request<'_>,
    view: &View,
) -> Result<Workbook, Vec<String>> {
    let writer = Writer::new(assessment, deployment, catalog, request);
    let book = Book { w: &writer, view };
    let about = &deployment.prose.assessment;
    let date = assessment.as_of;
    let workbook = Workbook {
        title: about.title.clone(),
        subject: about.processing_name.clone().unwrap_or_default(),
        author: deployment.prose.organisation.name.clone(),
        language: request.lang.code().to_owned(),
        date: [i32::from(date.year()), i32::from(date.month()), i32::from(date.day())],
        lists: writer.t("sheet-questions.lists").to_owned(),
        sheets: vec![
            book.cover(),
            book.risks(),
            book.plan(),
            book.settings(),
            book.questions(),
            book.evidence(),
            book.files(),
            book.sources(),
        ],
    };
    let faults = writer.faults.take();
    if faults.is_empty() { Ok(workbook) } else { Err(faults) }
}

struct Book<'w, 'a> {
    w: &'w Writer<'a>,
    view: &'w View,
}

impl Book<'_, '_> {
    fn column(&self, key: &str, width: f64) -> Column {
        Column { heading: self.w.t(key).to_owned(), width, ..Column::default() }
    }

    fn table(&self, name: &str, key: &str, intro: &str, columns: Vec<Column>, rows: Vec<Vec<Value>>) -> Sheet {
        let frozen = columns.iter().position(|c| !c.hidden).map_or(1, |first| u16::try_from(first + 1).unwrap_or(1));
        let heading = self.w.t(key).to_owned();
        Sheet {
            name: heading.clone(),
            heading: heading.clone(),
            intro: vec![self.w.t(intro).to_owned()],
            body: Body::Table(Table { name: name.to_owned(), description: heading, columns, frozen, rows }),
            protected: false,
            hidden: false,
        }
    }

    fn plain(&self, text: &Text) -> String {
        text_of(&self.w.md_inline(text, None))
    }

    fn cover(&self) -> Sheet {
        let w = self.w;
        let mut pairs: Vec<(String, Value)> = w.cover_pairs().into_iter().map(|(label, value)| (label, Value::text(value))).collect();
        let total = w.assessment.coverage.total();
        for (support, number) in Support::ALL.into_iter().zip(total) {
            pairs.push((w.t(&format!("coverage.{}", support.id())).to_owned(), Value::Number(number as f64)));
        }
        for catalog in &w.catalog.infos {
            pairs.push((
                w.t("sheet-register.catalogue").to_owned(),
                Value::text(format!("{} {}, SHA-256 {}", catalog.name, catalog.version, catalog.sha256)),
            ));
        }
        Sheet {
            name: w.t("sheet-register.cover").to_owned(),
            heading: w.deployment.prose.assessment.title.clone(),
            intro: vec![w.t("sheet-register.intro").to_owned()],
            body: Body::Pairs(pairs),
            protected: false,
            hidden: false,
        }
    }

    fn level(&self, stage: Stage, open: bool) -> Value {
        let level = stage.rated.level;
        let word = if open || stage.range.is_open() { self.w.range_words(stage) } else { self.w.level_word(level) };
        match fill(level) {
            Some(fill) => Value::Level(fill, word),
            None => Value::text(word),
        }
    }

    fn risks(&self) -> Sheet {
        let w = self.w;
        let rows = w
            .assessment
            .findings
            .iter()
            .map(|f: &Finding| {
                let open = w.is_open(f);
                let reasons: Vec<String> =
                    w.distinct(&f.paths.iter().flat_map(|p| p.reasons.iter().cloned()).collect::<Vec<_>>()).into_iter().take(12).collect();
                let measures: Vec<String> = f.measures.iter().map(|m| w.measure_name(&m.id)).collect();
                let context = w.deployment.prose.context.iter().find(|c| c.finding == f.id || c.finding == f.risk.id);
                vec![
                    Value::text(w.labels.get(&f.id).cloned().unwrap_or_default()),
                    Value::text(w.finding_title(f)),
                    Value::text(w.catalog.label("families", &f.risk.family, w.lang)),
                    self.level(f.gross, open),
                    self.level(f.current, open),
                    self.level(f.expected, open),
                    Value::text(self.plain(&f.risk.affected)),
                    Value::text(reasons.join("\n")),
                    Value::text(context.map(|c| c.text.clone()).unwrap_or_default()),
                    Value::text(measures.join("\n")),
                    Value::text(f.id.clone()),
                ]
            })
            .collect();
        let columns = vec![
            self.column("sheet-register.label", 8.0),
            self.column("common.risk", 48.0),
            self.column("excluded.family", 22.0),
            self.column("stage.gross", 16.0),
            self.column("stage.current", 16.0),
            self.column("stage.expected", 16.0),
            self.column("sheet-register.affected", 40.0),
            self.column("sheet-register.facts", 60.0),
            self.column("sheet-register.context", 50.0),
            self.column("sheet-register.measures", 50.0),
            self.column("sheet-register.id", 32.0),
        ];
        self.table("Risks", "sheet-register.risks", "sheet-register.risks-intro", columns, rows)
    }

    fn plan(&self) -> Sheet {
        let w = self.w;
        let words: Vec<(String, &str)> = STATUSES.iter().map(|s| (w.t(&format!("status.{s}")).to_owned(), *s)).collect();
        let map = words.iter().map(|(word, id)| (word.clone(), json!(id))).collect::<serde_json::Map<_, _>>();
        let options = words.iter().map(|(word, _)| word.clone()).collect::<Vec<_>>();
        let heading = |key: &str| w.t(&format!("measure.{key}")).to_owned();
        let columns = json!({
            "status": heading("status"), "owner": heading("owner"), "due": heading("due"), "evidence": heading("evidence"),
        });
        let mut rows = Vec::new();
        for overall in w.assessment.measures.iter().filter(|m| m.live && m.standing.status != Status::NotAvailable) {
            let Some(measure) = w.catalog.measures.get(&overall.standing.id) else { continue };
            if measure.actor != crate::model::Actor::Organisation {
                continue;
            }
            // A measure may be declared for all, and otherwise for one finding or record.
            let declared = w.deployment.prose.measure.iter().filter(|m| m.id == measure.id).map(Some).collect::<Vec<_>>();
            let general = declared.iter().flatten().any(|m| m.finding.is_none() && m.record.is_none());
            let all = if general { declared } else { std::iter::once(None).chain(declared).collect() };
            for d in all {
                let status = d.and_then(|d| d.status.as_deref()).or_else(|| {
                    let known = overall.standing.status.id();
                    STATUSES.contains(&known).then_some(known).filter(|_| d.is_none() || !general)
                });
                let text = |t: Option<&String>| t.cloned().unwrap_or_default();
                let (owner, evidence) = (text(d.and_then(|d| d.owner.as_ref())), text(d.and_then(|d| d.evidence.as_ref())));
                let due = d.and_then(|d| d.due);
                let of =
                    d.and_then(|d| d.finding.as_ref().map(|f| format!("finding={f}")).or(d.record.as_ref().map(|r| format!("record={r}"))));
                let was = json!({
                    "status": status, "owner": owner, "due": due.map(|d| d.to_string()).unwrap_or_default(), "evidence": evidence,
                });
                let word = status.map(|s| w.t(&format!("status.{s}")).to_owned());
                let name = match &of {
                    Some(of) => format!("{} ({})", w.measure_name(&measure.id), of.split_once('=').map_or(of.as_str(), |(_, of)| of)),
                    None => w.measure_name(&measure.id),
                };
                let treats: Vec<&str> = overall.treats.iter().filter_map(|t| w.labels.get(t)).map(String::as_str).collect();
                rows.push(vec![
                    Value::text(measure.id.clone()),
                    Value::text(of.clone().unwrap_or_default()),
                    Value::text(was.to_string()),
                    Value::text(serde_json::Value::Object(map.clone()).to_string()),
                    Value::text(columns.clone().to_string()),
                    Value::text(name),
                    Value::text(treats.join(", ")),
                    Value::text(w.t(&format!("measure-kind.{}", measure.kind))),
                    Value::input(word.as_deref(), Entry::OneOf(options.clone())),
                    Value::input(Some(&owner).filter(|o| !o.is_empty()).map(String::as_str), Entry::Text),
                    match due {
                        Some(d) => Value::Input(
                            Box::new(Value::Date([i32::from(d.year()), i32::from(d.month()), i32::from(d.day())])),
                            Entry::Date,
                        ),
                        None => Value::input(None, Entry::Date),
                    },
                    Value::input(Some(&evidence).filter(|e| !e.is_empty()).map(String::as_str), Entry::Text),
                    Value::text(self.plain(&measure.what)),
                ]);
            }
        }
        let entered = |key: &str, width: f64, entry: Entry| Column { entry: Some(entry), ..self.column(key, width) };
        let columns = vec![
            hidden(MEASURE),
            hidden(OF),
            hidden(WAS),
            hidden(WORDS),
            hidden(COLUMNS),
            self.column("measure.measure", 50.0),
            self.column("measure.treats", 20.0),
            self.column("sheet-register.kind", 18.0),
            entered("measure.status", 18.0, Entry::OneOf(options)),
            entered("measure.owner", 30.0, Entry::Text),
            entered("measure.due", 14.0, Entry::Date),
            entered("measure.evidence", 40.0, Entry::Text),
            self.column("sheet-register.what", 60.0),
        ];
        self.table("Plan", "sheet-register.plan", "sheet-register.plan-intro", columns, rows)
    }

    fn settings(&self) -> Sheet {
        let w = self.w;
        let mut rows = Vec::new();
        let todo = |s: Status| !matches!(s, Status::InPlace | Status::NotAvailable | Status::Rejected);
        for overall in w.assessment.measures.iter().filter(|m| m.live && todo(m.standing.status)) {
            let Some(measure) = w.catalog.measures.get(&overall.standing.id) else { continue };
            for setting in &measure.settings {
                let registry = setting.registry.as_ref().map(|r| format!("{}: {} = {}", r.key, r.value, r.data));
                let text = |t: Option<&String>| Value::text(t.cloned().unwrap_or_default());
                rows.push(vec![
                    Value::text(w.measure_name(&measure.id)),
                    Value::text(setting.platforms.join(", ")),
                    text(setting.policy.as_ref()),
                    text(setting.path.as_ref()),
                    Value::text(registry.unwrap_or_default()),
                    text(setting.cmdlet.as_ref()),
                    text(setting.preference.as_ref()),
                    Value::text(setting.note.as_ref().map(|n| self.plain(n)).unwrap_or_default()),
                    Value::text(w.t(&format!("status.{}", overall.standing.status.id()))),
                ]);
            }
        }
        let columns = vec![
            self.column("measure.measure", 46.0),
            self.column("sheet-register.platform", 14.0),
            self.column("sheet-register.policy", 44.0),
            self.column("sheet-register.path", 44.0),
            self.column("sheet-register.registry", 44.0),
            self.column("sheet-register.cmdlet", 44.0),
            self.column("sheet-register.preference", 30.0),
            self.column("sheet-register.note", 40.0),
            self.column("measure.status", 16.0),
        ];
        self.table("Settings", "sheet-register.settings", "sheet-register.settings-intro", columns, rows)
    }

    fn questions(&self) -> Sheet {
        let w = self.w;
        let rows = self
            .view
            .questions
            .iter()
            .map(|q| {
                let control = w.catalog.vocabulary.get(&q.fact).and_then(|d| d.control.clone()).unwrap_or_default();
                let labels: Vec<&str> = q.could_settle.iter().filter_map(|f| w.labels.get(f)).map(String::as_str).collect();
                let asked = if q.asked_of.is_empty() { w.t("questions.vendor") } else { w.catalog.label("asked-of", &q.asked_of, w.lang) };
                let kind = if q.kind == "open" { w.t("questions.caption") } else { w.t("questions.verify") };
                vec![
                    Value::text(q.question.clone()),
                    Value::text(asked),
                    Value::text(kind),
                    Value::text(control),
                    Value::text(labels.join(", ")),
                    Value::text(Level::from_id(&q.highest).map(|l| w.level_word(l)).unwrap_or_default()),
                    Value::text(q.fact.clone()),
                ]
            })
            .collect();
        let columns = vec![
            self.column("questions.question", 60.0),
            self.column("sheet-register.asked-of", 24.0),
            self.column("sheet-register.kind", 24.0),
            self.column("letter.where", 50.0),
            self.column("questions.settles", 24.0),
            self.column("questions.highest", 14.0),
            self.column("sheet-register.id", 34.0),
        ];
        self.table("Questions", "questions.caption", "sheet-register.questions-intro", columns, rows)
    }

    /// Each fact on which a result rests, with its value, its support and its place.
    fn evidence(&self) -> Sheet {
        let w = self.w;
        let mut rows = Vec::new();
        for (id, _) in &w.assessment.coverage.facts {
            let Some(def) = w.catalog.vocabulary.get(id) else { continue };
            for cell in &w.assessment.facts.get(id).cells {
                let (value, support, origin) = w.cell_words(def, cell);
                rows.push(vec![
                    Value::text(def.label.get(w.lang)),
                    Value::text(w.scope(&cell.scope)),
                    Value::text(value),
                    Value::text(w.t(&format!("coverage.{}", support.id()))),
                    Value::text(origin),
                    Value::text(id.clone()),
                ]);
            }
        }
        let columns = vec![
            self.column("evidence.fact", 50.0),
            self.column("sheet-questions.for", 24.0),
            self.column("evidence.value", 40.0),
            self.column("coverage.support", 16.0),
            self.column("evidence.origin", 60.0),
            self.column("sheet-register.id", 34.0),
        ];
        self.table("Evidence", "evidence.caption", "sheet-register.evidence-intro", columns, rows)
    }

    fn files(&self) -> Sheet {
        let w = self.w;
        let rows = w
            .deployment
            .evidence
            .iter()
            .map(|file| {
                let kind = file.kind.as_ref().and_then(|k| w.catalog.evidence.get(k));
                let date =
                    file.as_of.map_or(Value::Empty, |d| Value::Date([i32::from(d.year()), i32::from(d.month()), i32::from(d.day())]));
                vec![
                    Value::text(file.file.clone()),
                    Value::text(kind.map(|k| k.label.get(w.lang)).unwrap_or_default()),
                    date,
                    Value::text(w.bearing(file)),
                    Value::Number(file.rows as f64),
                    Value::Number(file.facts as f64),
                    Value::Number(file.ignored_columns as f64),
                    Value::text(file.sha256.clone()),
                ]
            })
            .collect();
        let columns = vec![
            self.column("files.file", 44.0),
            self.column("files.kind", 36.0),
            self.column("files.date", 14.0),
            self.column("files.bears", 44.0),
            self.column("files.rows", 12.0),
            self.column("files.facts", 12.0),
            self.column("files.ignored", 14.0),
            self.column("files.sha256", 68.0),
        ];
        self.table("Files", "files.caption", "sheet-register.files-intro", columns, rows)
    }

    fn sources(&self) -> Sheet {
        let w = self.w;
        let used: std::collections::BTreeSet<String> = self.view.findings.iter().flat_map(|f| f.sources.iter().cloned()).collect();
        let rows = used
            .into_iter()
            .filter_map(|id| w.catalog.sources.get(&id))
            .map(|s| {
                let address = match &s.address {
                    Some(url) if url.starts_with("http") => Value::Link { text: String::new(), url: url.clone() },
                    Some(other) => Value::text(other.clone()),
                    None => Value::Empty,
                };
                vec![
                    Value::text(s.title.clone()),
                    Value::text(s.publisher.clone()),
                    Value::text(s.date.clone()),
                    Value::text(w.t(&format!("source-kind.{}", s.kind))),
                    address,
                    Value::text(s.id.clone()),
                ]
            })
            .collect();
        let columns = vec![
            self.column("source.title", 60.0),
            self.column("source.publisher", 28.0),
            self.column("common.date", 14.0),
            self.column("source.kind", 24.0),
            self.column("source.address", 60.0),
            self.column("sheet-register.id", 24.0),
        ];
        self.table("Sources", "source.caption", "sheet-register.sources-intro", columns, rows)
    }
}

fn fill(level: Level) -> Option<Fill> {
    match level {
        Level::None => None,
        Level::Low => Some(Fill::Low),
        Level::Medium => Some(Fill::Medium),
        Level::High => Some(Fill::High),
        Level::VeryHigh => Some(Fill::VeryHigh),
    }
}
