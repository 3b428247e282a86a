//! The open questions as a workbook: one sheet an area, drop-down lists, and hidden columns by which the answers are read back.

use super::{Body, Column, Entry, Sheet, Table, Value, Workbook};
use crate::assessment::{Assessment, QuestionKind, State};
use crate::catalog::Catalog;
use crate::model::{Deployment, FactDef, Scope, Type};
use crate::report::{Request, writer::Writer};
use minijinja::context;
use serde_json::{Map, Value as Json};

/// Hidden headings by which a filled-in workbook is recognised and read.
const FACT: &str = "dpia365-fact";
const SCOPE: &str = "dpia365-scope";
const WORDS: &str = "dpia365-words";
const KEY: &str = "dpia365-key";
/// Its cells hold the heading of the column for answers.
const ANSWER: &str = "dpia365-answer";

/// The open questions to one role, or to everybody.
///
/// # Errors
/// Texts of the locale that cannot be filled.
pub fn questionnaire(
    assessment: &Assessment<'_>,
    deployment: &Deployment,
    catalog: &Catalog,
    request: &Request<'_>,
    role: Option<&str>,
) -> Result<Workbook, Vec<String>> {
    let writer = Writer::new(assessment, deployment, catalog, request);
    let paper = Paper { w: &writer, role };
    let about = &deployment.prose.assessment;
    let whom = role.map_or_else(String::new, |r| catalog.label("asked-of", r, request.lang).to_owned());
    let areas: Vec<Sheet> = catalog
        .taxonomy
        .get("fact-areas")
        .into_iter()
        .flatten()
        .filter_map(|area| {
            let rows = paper.rows(&area.areas);
            (!rows.is_empty()).then(|| paper.sheet(area.label.get(request.lang), &area.id, rows))
        })
        .collect();
    let mut sheets = vec![paper.cover(&whom, areas.is_empty())];
    sheets.extend(areas);
    let date = assessment.as_of;
    let workbook = Workbook {
        title: writer.fill("sheet-questions.title", context! { title => &about.title, whom }),
        subject: about.title.clone(),
        author: deployment.prose.organisation.name.clone(),
        language: request.lang.code().to_owned(),
        date: [i32::from(date.year()), i32::from(date.month()), i32::from(date.day())],
        lists: writer.t("sheet-questions.lists").to_owned(),
        sheets,
    };
    let faults = writer.faults.take();
    if faults.is_empty() { Ok(workbook) } else { Err(faults) }
}

struct Paper<'w, 'a> {
    w: &'w Writer<'a>,
    role: Option<&'w str>,
}

impl Paper<'_, '_> {
    fn cover(&self, whom: &str, nothing: bool) -> Sheet {
        let w = self.w;
        let about = &w.deployment.prose.assessment;
        let values = context! {
            organisation => &w.deployment.prose.organisation.name,
            title => &about.title,
            date => w.date(w.assessment.as_of),
            whom,
        };
        let mut intro = vec![w.fill("sheet-questions.intro", values)];
        let lines = ["sheet-questions.how", "sheet-questions.unknown", "sheet-questions.no-names"];
        intro.extend(lines.map(|key| w.t(key).to_owned()));
        if nothing {
            intro.push(w.t("questions.none").to_owned());
        }
        let lists = w.assessment.questions.iter().filter(|q| q.kind == QuestionKind::Open && self.is_field(&q.fact)).count();
        if lists > 0 {
            intro.push(w.locale().count("sheet-questions.fields", lists));
        }
        let row = |key: &str, entry: Entry| {
            vec![
                Value::text(key),
                Value::text(w.t("letter.answer")),
                Value::text(w.t(&format!("sheet-questions.{key}"))),
                Value::input(None, entry),
            ]
        };
        let rows = vec![row("function", Entry::Text), row("date", Entry::Date)];
        let table = Table {
            name: "Respondent".to_owned(),
            description: w.t("sheet-questions.respondent").to_owned(),
            columns: vec![
                hidden(KEY),
                hidden(ANSWER),
                Column { heading: w.t("sheet-questions.respondent").to_owned(), width: 42.0, ..Column::default() },
                Column { heading: w.t("letter.answer").to_owned(), width: 42.0, ..Column::default() },
            ],
            frozen: 0,
            rows,
        };
        Sheet {
            name: w.t("sheet-questions.cover").to_owned(),
            heading: w.fill("sheet-questions.title", context! { title => &about.title, whom }),
            intro,
            body: Body::Table(table),
            protected: true,
            hidden: false,
        }
    }

    fn is_field(&self, id: &str) -> bool {
        self.w.catalog.vocabulary.get(id).is_none_or(|d| matches!(d.ty, Type::Records { .. } | Type::Permissions))
    }

    fn sheet(&self, name: &str, area: &str, rows: Vec<Vec<Value>>) -> Sheet {
        let w = self.w;
        let column = |key: &str, width: f64| Column { heading: w.t(key).to_owned(), width, ..Column::default() };
        let columns = vec![
            hidden(FACT),
            hidden(SCOPE),
            hidden(WORDS),
            hidden(ANSWER),
            column("questions.question", 56.0),
            column("sheet-questions.for", 26.0),
            Column { entry: Some(Entry::Text), ..column("letter.answer", 28.0) },
            column("letter.where", 44.0),
            column("letter.why", 44.0),
            column("questions.highest", 12.0),
        ];
        let table = Table { name: format!("Questions_{}", area.replace('-', "_")), description: name.to_owned(), columns, frozen: 5, rows };
        Sheet {
            name: name.to_owned(),
            heading: name.to_owned(),
            intro: vec![w.t("sheet-questions.columns").to_owned()],
            body: Body::Table(table),
            protected: true,
            hidden: false,
        }
    }

    /// The rows of the areas whose facts begin with one of these names, those that could change most first.
    fn rows(&self, areas: &[String]) -> Vec<Vec<Value>> {
        let w = self.w;
        let mut rows = Vec::new();
        for q in w.assessment.questions.iter().filter(|q| q.kind == QuestionKind::Open) {
            let Some(def) = w.catalog.vocabulary.get(&q.fact).filter(|d| d.is_asked() && !self.is_field(&d.id)) else { continue };
            let mine = areas.iter().any(|a| Some(a.as_str()) == def.id.split('.').next());
            if !mine || self.role.is_some_and(|role| role != def.asked_of) {
                continue;
            }
            let mut stake: Vec<String> = Vec::new();
            for finding in w.assessment.findings.iter().filter(|f| q.could_settle.contains(&f.id)) {
                let title = super::super::writer::without_record(&w.title(&finding.risk.title, None));
                if !stake.contains(&title) {
                    stake.push(title);
                }
            }
            let question = def.question.get(w.lang);
            let open = self.open_scopes(&def.id);
            for scope in open {
                let words = w.scope(&scope);
                let base = |scope_id: String, words_of: String, whom: String, entry: Entry| {
                    vec![
                        Value::text(def.id.clone()),
                        Value::text(scope_id),
                        Value::text(words_of),
                        Value::text(w.t("letter.answer")),
                        Value::text(question),
                        Value::text(whom),
                        Value::input(None, entry),
                        Value::text(def.control.clone().unwrap_or_default()),
                        Value::text(stake.join("; ")),
                        Value::text(w.level_word(q.highest)),
                    ]
                };
                if let Type::Choices(values) = &def.ty {
                    // A list that may hold several of its values: each is asked by itself.
                    for (id, word) in values {
                        let (map, answers) = self.yes_or_no();
                        let whom = [words.as_str(), word.get(w.lang)].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(": ");
                        rows.push(base(scope_id(&scope, Some(id)), map, whom, Entry::OneOf(answers)));
                    }
                    continue;
                }
                let (map, entry) = self.entry(def);
                rows.push(base(scope_id(&scope, None), map, words, entry));
            }
        }
        rows
    }

    /// The parts of the deployment for which the fact is open.
    fn open_scopes(&self, id: &str) -> Vec<Scope> {
        let fact = self.w.assessment.facts.get(id);
        let open = |c: &&crate::assessment::Cell| matches!(c.state, State::Open { .. });
        let mut scopes: Vec<Scope> = fact.cells.iter().filter(open).map(|c| c.scope.clone()).collect();
        if scopes.len() == fact.cells.len() && scopes.iter().all(|s| s.population.is_none()) {
            // Open everywhere: one answer for all.
            scopes = vec![Scope::default()];
        }
        scopes
    }

    fn yes_or_no(&self) -> (String, Vec<String>) {
        let words = [("value.yes", Json::Bool(true)), ("value.no", Json::Bool(false)), ("value.unknown", Json::from("unknown"))];
        self.answers(words.into_iter().map(|(key, value)| (self.w.t(key).to_owned(), value)).collect())
    }

    fn entry(&self, def: &FactDef) -> (String, Entry) {
        let w = self.w;
        let mut words: Vec<(String, Json)> = match &def.ty {
            Type::Flag => vec![(w.t("value.yes").to_owned(), Json::Bool(true)), (w.t("value.no").to_owned(), Json::Bool(false))],
            Type::Choice(values) => values.iter().map(|(id, word)| (word.get(w.lang).to_owned(), Json::from(id.as_str()))).collect(),
            _ => Vec::new(),
        };
        if !def.defaults.is_empty() {
            words.push((w.t("sheet-questions.not-configured").to_owned(), Json::from("not-configured")));
        }
        words.push((w.t("value.unknown").to_owned(), Json::from("unknown")));
        let (map, answers) = self.answers(words);
        let entry = match &def.ty {
            Type::Flag | Type::Choice(_) => Entry::OneOf(answers),
            _ => Entry::Suggested(answers),
        };
        (map, entry)
    }

    /// Words with what they stand for, as the hidden column holds them, and as the drop-down list shows them.
    fn answers(&self, words: Vec<(String, Json)>) -> (String, Vec<String>) {
        let shown = words.iter().map(|(word, _)| word.clone()).collect();
        let map: Map<String, Json> = words.into_iter().collect();
        (Json::Object(map).to_string(), shown)
    }
}

/// `population=…;platform=…;member=…`, only what there is.
fn scope_id(scope: &Scope, member: Option<&str>) -> String {
    let parts = [("population", scope.population.as_deref()), ("platform", scope.platform.as_deref()), ("member", member)];
    parts.into_iter().filter_map(|(key, value)| Some(format!("{key}={}", value?))).collect::<Vec<_>>().join(";")
}

/// A column for programs.
pub(super) fn hidden(heading: &str) -> Column {
    Column { heading: heading.to_owned(), width: 4.0, hidden: true, entry: None }
}
