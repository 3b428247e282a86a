//! What every section needs: words, values, levels, citations, gaps, tables.

use super::prose::{self, Filler};
use super::view::{Block, Column, Inline, PairBlock, Table};
use super::{Request, texts::Locale, words};
use crate::assessment::{
    Assessment, Cell, Fact, Finding, FindingState, Freshness, Mark, Reason, Stage, State, Support, Truth, Why, freshness, marks,
};
use crate::catalog::Catalog;
use crate::diagnostic::Place;
use crate::model::{Deployment, EvidenceFile, FactDef, Given, Lang, Level, Origin, Record, RowRef, Scope, Text, Type, Value};
use minijinja::context;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The category of data subjects that stands for everybody with an account of the organisation.
const STAFF: &str = "employees";

pub struct Writer<'a> {
    pub assessment: &'a Assessment<'a>,
    pub deployment: &'a Deployment,
    pub catalog: &'a Catalog,
    pub request: &'a Request<'a>,
    pub lang: Lang,
    /// `R1`, `R2` … by finding.
    pub labels: BTreeMap<String, String>,
    pub filler: Filler,
    /// Sources that the report names.
    pub cited: RefCell<BTreeSet<String>>,
    /// Texts that could not be filled.
    pub faults: RefCell<Vec<String>>,
}

impl<'a> Writer<'a> {
    pub fn new(assessment: &'a Assessment<'a>, deployment: &'a Deployment, catalog: &'a Catalog, request: &'a Request<'a>) -> Self {
        let (lang, locale) = (request.lang, request.locale);
        let facts = catalog
            .vocabulary
            .facts
            .values()
            .map(|def| {
                (
                    def.id.clone(),
                    print_fact(&assessment.facts.get(&def.id), &def.ty, &|s| scope_words(s, deployment, catalog, lang), lang, locale),
                )
            })
            .collect();
        let sources = catalog
            .sources
            .values()
            .map(|s| {
                (
                    s.id.clone(),
                    locale.fill("source.short", context! { publisher => &s.publisher, date => words::partial_date(&s.date, locale) }),
                )
            })
            .collect();
        Self {
            labels: assessment.findings.iter().enumerate().map(|(i, f)| (f.id.clone(), format!("R{}", i + 1))).collect(),
            filler: Filler::new(facts, sources, &deployment.prose.organisation.name),
            cited: RefCell::default(),
            faults: RefCell::default(),
            assessment,
            deployment,
            catalog,
            request,
            lang,
        }
    }

    pub fn locale(&self) -> &Locale {
        self.request.locale
    }

    /// Words of the locale.
    pub fn t<'k>(&'k self, key: &'k str) -> &'k str {
        self.request.locale.get(key)
    }

    /// Words with placeholders.
    pub fn fill(&self, key: &str, values: minijinja::Value) -> String {
        self.request.locale.fill(key, values)
    }

    /// Words of the locale that hold Markdown.
    pub fn locale_blocks(&self, key: &str) -> Vec<Block> {
        softened(prose::blocks(self.t(key)))
    }

    /// Plain words as one paragraph.
    pub fn paragraph(&self, text: impl Into<String>) -> Block {
        Block::Paragraph { text: plain(text) }
    }

    /// A text of the catalogue.
    pub fn md(&self, text: &Text, record: Option<&Record>) -> Vec<Block> {
        softened(prose::blocks(&self.filled(text, record)))
    }

    /// A text of the catalogue as one run, for tables.
    pub fn md_inline(&self, text: &Text, record: Option<&Record>) -> Vec<Inline> {
        prose::soften(prose::inline(&self.filled(text, record)))
    }

    /// A title of the catalogue: plain.
    pub fn title(&self, text: &Text, record: Option<&Record>) -> String {
        // Titles are plain text: filled values need no escaping there.
        let mut title = text.get(self.lang).to_owned();
        for (field, value) in self.record_words(record) {
            title = title.replace(&format!("{{{{ record.{field} }}}}"), &value);
        }
        without_record(&title)
    }

    pub fn finding_title(&self, finding: &Finding) -> String {
        let title = self.title(&finding.risk.title, finding.record.as_ref());
        match &finding.subject {
            Some((_, name)) if !title.contains(name.as_str()) => format!("{title}: {name}"),
            _ => title,
        }
    }

    /// A text of the catalogue with its placeholders filled, still Markdown.
    pub(super) fn filled(&self, text: &Text, record: Option<&Record>) -> String {
        let mut fields = self.record_words(record);
        if record.is_none() && text.get(self.lang).contains("record.") {
            // The list is not known: its fields read as unknown.
            for part in text.get(self.lang).split("record.").skip(1) {
                let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect();
                fields.insert(name, self.t("value.unknown").to_owned());
            }
        }
        // Field names have hyphens, which a template would read as a minus.
        let mut source = text.get(self.lang).to_owned();
        for name in fields.keys().filter(|n| n.contains('-')) {
            source = source.replace(&format!("record.{name}"), &format!("record[\"{name}\"]"));
        }
        match self.filler.fill(&source, &fields) {
            Ok(text) => {
                for cited in text.split("](source:").skip(1).filter_map(|rest| rest.split(')').next()) {
                    self.cited.borrow_mut().insert(cited.to_owned());
                }
                text
            }
            Err(fault) => {
                let start: String = text.get(self.lang).chars().take(60).collect();
                self.faults.borrow_mut().push(format!("{fault}: \"{start}…\""));
                String::new()
            }
        }
    }

    fn record_words(&self, record: Option<&Record>) -> BTreeMap<String, String> {
        let Some(record) = record else { return BTreeMap::new() };
        let Some(Type::Records { fields, .. }) = self.catalog.vocabulary.get(&record.list).map(|d| &d.ty) else { return BTreeMap::new() };
        fields
            .iter()
            .map(|f| {
                let words = match record.fields.get(&f.id) {
                    Some((Given::Value(v), _)) => words::value(v, &f.ty, self.lang, self.locale()),
                    Some((Given::NotConfigured, _)) => self.t("value.not-set").to_owned(),
                    _ => self.t("value.unknown").to_owned(),
                };
                (f.id.clone(), words)
            })
            .collect()
    }

    /// The organisation's own words, tagged with their language where the report is in another.
    pub fn own(&self, text: &str) -> Vec<Block> {
        prose::verbatim(text)
            .into_iter()
            .map(|b| match b {
                Block::Paragraph { text } => Block::Paragraph { text: self.in_own_language(text) },
                Block::List { items } => Block::List { items: items.into_iter().map(|i| self.in_own_language(i)).collect() },
                other => other,
            })
            .collect()
    }

    /// The organisation's own words as one run.
    pub fn own_inline(&self, text: &str) -> Vec<Inline> {
        self.in_own_language(prose::flat(prose::verbatim(text)))
    }

    fn in_own_language(&self, inlines: Vec<Inline>) -> Vec<Inline> {
        let inlines = prose::soften(inlines);
        let own = &self.deployment.prose.assessment.language;
        if inlines.is_empty() || *own == self.lang.code() { inlines } else { vec![Inline::Lang { lang: own.clone(), c: inlines }] }
    }

    /// The organisation's words, or a gap that says what is asked.
    pub fn own_or_gap(&self, text: Option<&str>, rule: &str, ask: &str) -> Vec<Block> {
        match text.filter(|t| !t.trim().is_empty()) {
            Some(text) => self.own(text),
            None => vec![self.gap(rule, ask)],
        }
    }

    /// A gap: something that people must write and have not.
    pub fn gap(&self, rule: &str, ask: &str) -> Block {
        Block::Gap { rule: rule.to_owned(), title: self.t("gap.title").to_owned(), text: prose::inline(self.t(ask)) }
    }

    /// The organisation's words in a cell, or the word for missing.
    pub fn own_cell(&self, text: Option<&str>) -> Vec<Inline> {
        match text.filter(|t| !t.trim().is_empty()) {
            Some(text) => self.own_inline(text),
            None => self.missing(),
        }
    }

    /// The word for something missing, in a cell.
    pub fn missing(&self) -> Vec<Inline> {
        vec![Inline::Strong { c: plain(format!("[{}]", self.t("gap.cell"))) }]
    }

    pub fn date(&self, date: jiff::civil::Date) -> String {
        words::date(date, self.locale())
    }

    pub fn date_cell(&self, date: Option<jiff::civil::Date>) -> Vec<Inline> {
        date.map_or_else(|| self.missing(), |d| plain(self.date(d)))
    }

    /// A table; columns as (key of the heading, width).
    pub fn table(&self, caption: &str, columns: &[(&str, f32)], rows: Vec<Vec<Vec<Inline>>>) -> Block {
        Block::Table(Table {
            caption: self.t(caption).to_owned(),
            columns: columns.iter().map(|(key, width)| Column { label: self.t(key).to_owned(), width: *width }).collect(),
            rows,
            dense: columns.len() > 4,
        })
    }

    pub fn pair(&self, key: &str, value: Vec<Block>) -> PairBlock {
        PairBlock { label: self.t(key).to_owned(), value }
    }

    /// Pairs as running text, each beginning with its label: half the space of a table, for the long texts of annexes.
    pub fn run_in(&self, rows: Vec<PairBlock>) -> Vec<Block> {
        let mut blocks = Vec::new();
        for PairBlock { label, value } in rows {
            let head = || vec![Inline::Strong { c: plain(format!("{label}:")) }, Inline::Text { s: " ".to_owned() }];
            let mut value = value.into_iter();
            match value.next() {
                Some(Block::Paragraph { mut text }) => {
                    let mut first = head();
                    first.append(&mut text);
                    blocks.push(Block::Paragraph { text: first });
                }
                Some(other) => {
                    blocks.push(Block::Paragraph { text: head() });
                    blocks.push(other);
                }
                None => continue,
            }
            blocks.extend(value);
        }
        blocks
    }

    pub fn pair_text(&self, key: &str, value: impl Into<String>) -> PairBlock {
        self.pair(key, vec![self.paragraph(value)])
    }

    pub fn level_word(&self, level: Level) -> String {
        words::level(level, self.assessment.method, self.lang, self.locale())
    }

    pub fn chip(&self, level: Level) -> Inline {
        Inline::Level { level: level.id().to_owned(), word: self.level_word(level) }
    }

    /// The level of a stage, with what it could become where questions are open.
    pub fn stage_cell(&self, stage: Stage, open: bool) -> Vec<Inline> {
        let mut cell = vec![self.chip(stage.rated.level)];
        if open || stage.range.is_open() {
            cell.push(Inline::Break);
            cell.extend(plain(self.range_words(stage)));
        }
        cell
    }

    pub fn range_words(&self, stage: Stage) -> String {
        if stage.range.is_open() {
            self.fill(
                "level.range",
                context! { lowest => self.level_word(stage.range.lowest), highest => self.level_word(stage.range.highest) },
            )
        } else {
            String::new()
        }
    }

    pub fn is_open(&self, finding: &Finding) -> bool {
        finding.state == FindingState::Open
    }

    /// A link to a finding: `R3`.
    pub fn finding_ref(&self, id: &str) -> Inline {
        let label = self.labels.get(id).cloned().unwrap_or_else(|| id.to_owned());
        Inline::Ref { id: format!("finding-{id}"), c: plain(label) }
    }

    /// The labels of several findings. They are words, not links: in long tables each link would have its page laid out twice.
    pub fn finding_refs<'i>(&self, ids: impl IntoIterator<Item = &'i String>) -> Vec<Inline> {
        plain(ids.into_iter().map(|id| self.labels.get(id).cloned().unwrap_or_else(|| id.clone())).collect::<Vec<_>>().join(", "))
    }

    /// Citations as plain words, short.
    pub fn named(&self, ids: &[String]) -> String {
        let mut names: Vec<String> = ids
            .iter()
            .filter_map(|id| self.catalog.sources.get(id))
            .map(|s| {
                self.cited.borrow_mut().insert(s.id.clone());
                self.fill("source.short", context! { publisher => &s.publisher, date => words::partial_date(&s.date, self.locale()) })
            })
            .collect();
        // Several pages of one publisher and date read alike; the annex tells them apart.
        names.dedup();
        names.join("; ")
    }

    /// Citations with titles; where each source can be found stands in the annex.
    pub fn cites(&self, ids: &[String]) -> Vec<Inline> {
        let names: Vec<String> = ids
            .iter()
            .filter_map(|id| self.catalog.sources.get(id))
            .map(|s| {
                self.cited.borrow_mut().insert(s.id.clone());
                self.fill(
                    "source.cite",
                    context! { publisher => &s.publisher, title => &s.title, date => words::partial_date(&s.date, self.locale()) },
                )
            })
            .collect();
        prose::soften(plain(names.join("; ")))
    }

    /// A number of people as the language writes it.
    pub fn number(&self, n: i64) -> String {
        let digits = n.to_string();
        let mut out = String::new();
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push_str(self.t("number.group"));
            }
            out.push(c);
        }
        out
    }

    /// The data subjects of a risk: those whom every deployment knows, and the others where the description names them.
    pub fn subjects_of(&self, ids: &[String]) -> String {
        let declared = &self.deployment.prose.organisation.people;
        let entry = |id: &str| self.catalog.entry("subjects", id);
        let named = |id: &String| !entry(id).is_some_and(|e| e.if_declared) || declared.iter().any(|p| p.category == *id);
        let mut shown: Vec<String> = ids.iter().filter(|id| named(id)).cloned().collect();
        // What meets the staff meets everybody else who works with an account of the organisation, such as pupils.
        if ids.iter().any(|id| id == STAFF) {
            let inside = declared.iter().map(|p| &p.category).filter(|c| entry(c).is_some_and(|e| e.uses.as_deref() == Some("inside")));
            for category in inside {
                if !shown.contains(category) {
                    shown.push(category.clone());
                }
            }
        }
        self.labels_of("subjects", if shown.is_empty() { ids } else { &shown })
    }

    /// Labels of a list of the taxonomy, joined.
    pub fn labels_of(&self, list: &str, ids: &[String]) -> String {
        ids.iter().map(|id| self.catalog.label(list, id, self.lang)).collect::<Vec<_>>().join(", ")
    }

    /// Words for services.
    pub fn services(&self, ids: &[String]) -> String {
        let def = self.catalog.vocabulary.get("services.in-use");
        ids.iter().map(|id| def.map_or(id.as_str(), |d| d.ty.word(id, self.lang))).collect::<Vec<_>>().join(", ")
    }

    /// For what part of the deployment a value holds; empty for all.
    pub fn scope(&self, scope: &Scope) -> String {
        scope_words(scope, self.deployment, self.catalog, self.lang)
    }

    /// Where a value comes from, in words.
    pub fn origin(&self, origin: &Origin) -> Vec<Inline> {
        match origin {
            Origin::Declared(place) => plain(self.place(place)),
            Origin::Observed(place) => {
                let file = self.evidence_of(place);
                let what = file.and_then(|f| f.kind.as_ref()).and_then(|k| self.catalog.evidence.get(k)).map(|k| k.label.get(self.lang));
                let date = file.and_then(|f| f.as_of).map(|d| self.date(d));
                plain(self.fill("origin.observed", context! { place => self.place(place), what, date }))
            }
            Origin::Resolved(place) => {
                let by = self.deployment.resolutions.iter().find(|r| r.place == *place);
                let date = by.and_then(|r| r.date).map(|d| self.date(d));
                plain(self.fill("origin.resolved", context! { place => self.place(place), function => by.map(|r| &r.function), date }))
            }
            Origin::Default { row, .. } => self.row(row, "origin.default"),
            Origin::OutOfReach { row, .. } => self.row(row, "origin.out-of-reach"),
            Origin::Vendor { row } => self.row(row, "origin.vendor"),
            Origin::Derived => plain(self.t("origin.derived")),
            Origin::Nobody => plain(self.t("origin.nobody")),
        }
    }

    fn row(&self, row: &RowRef, key: &str) -> Vec<Inline> {
        let mut out = plain(format!("{} ", self.t(key)));
        out.extend(plain(if row.sources.is_empty() { self.t("origin.memory").to_owned() } else { self.named(&row.sources) }));
        let until = row.until.map(|d| self.fill("origin.until", context! { date => self.date(d) })).unwrap_or_default();
        out.extend(plain(format!("; {}{until}", self.fill("origin.last-seen", context! { date => self.date(row.last_seen) }))));
        out
    }

    /// File and line, or file, sheet and cell.
    pub fn place(&self, place: &Place) -> String {
        match place {
            Place::Cell { cell, .. } if cell.starts_with("line ") => {
                self.fill("origin.declared", context! { file => self.file(place), line => cell.trim_start_matches("line ") })
            }
            Place::Cell { sheet, cell, .. } if sheet.is_empty() => format!("{}, {cell}", self.file(place)),
            Place::Cell { sheet, cell, .. } => format!("{}, {sheet}, {cell}", self.file(place)),
            place => self.fill("origin.declared", context! { file => self.file(place), line => place.line().unwrap_or(0) }),
        }
    }

    /// The evidence that a place is in.
    pub fn evidence_of(&self, place: &Place) -> Option<&'_ crate::model::EvidenceFile> {
        let file = self.file(place);
        self.deployment.evidence.iter().find(|e| e.file == file)
    }

    /// Value, support and origin of a part of a fact, in words.
    pub fn cell_words(&self, def: &FactDef, cell: &Cell) -> (String, Support, String) {
        match &cell.state {
            State::Known { value, origin } => {
                let support = match origin {
                    Origin::Observed(_) => Support::Shown,
                    Origin::Default { .. } | Origin::OutOfReach { .. } => Support::Default,
                    _ => Support::Stated,
                };
                (words::value(value, &def.ty, self.lang, self.locale()), support, super::data::text_of(&self.origin(origin)))
            }
            State::Open { why, .. } => {
                let others: Vec<String> = cell
                    .others
                    .iter()
                    .map(|(v, o)| {
                        let value = words::value(v, &def.ty, self.lang, self.locale());
                        format!("{value} ({})", super::data::text_of(&self.origin(o)))
                    })
                    .collect();
                (self.why_open(Some(*why)).to_owned(), Support::Open, others.join("; "))
            }
        }
    }

    /// For what a file of evidence speaks, and whether its date still lets it.
    pub fn bearing(&self, file: &EvidenceFile) -> String {
        let Some(kind) = file.kind.as_ref().and_then(|k| self.catalog.evidence.get(k)) else { return self.t("files.not-read").to_owned() };
        let covers = kind.covers.get(self.lang);
        let key = match freshness(file, self.assessment.as_of) {
            Freshness::Stale => "files.stale",
            Freshness::Undated => "files.undated",
            Freshness::Fresh if kind.complete => "files.complete",
            Freshness::Fresh => "files.shows",
        };
        self.fill(key, context! { covers, function => &file.respondent })
    }

    /// The file of a place as the description knows it: reports name no folders of the author's computer.
    pub fn file(&self, place: &Place) -> String {
        let path = place.file().replace('\\', "/");
        let known = self
            .deployment
            .files
            .iter()
            .map(|(name, _)| name)
            .chain(self.deployment.evidence.iter().map(|e| &e.file))
            .filter(|name| path == **name || path.ends_with(&format!("/{name}")));
        known.max_by_key(|name| name.len()).cloned().unwrap_or_else(|| path.rsplit('/').next().unwrap_or_default().to_owned())
    }

    /// The marks of a value, in words.
    pub fn marks(&self, origin: &Origin) -> Vec<&'static str> {
        marks(origin, self.assessment.as_of)
            .into_iter()
            .map(|m| match m {
                Mark::Recalled => "mark.recalled",
                Mark::Aged => "mark.aged",
            })
            .collect()
    }

    /// A reason as plain words: what and value.
    pub fn reason_words(&self, reason: &Reason) -> String {
        self.reason_words_of(reason, None)
    }

    /// Reasons with those about one set in one: what one path asks of it beside what another asks.
    pub fn gathered(&self, reasons: &[&Reason]) -> Vec<Reason> {
        let mut all: Vec<Reason> = Vec::new();
        for reason in reasons {
            let mut reason = (*reason).clone();
            if let (Some(value @ Value::Choices(_)), Truth::Yes) = (&reason.value, reason.holds) {
                reason.value = Some(matched(value, &reason.wanted));
                // The value is cut to what was asked for: it is not cut again.
                reason.wanted.clear();
                let same = |r: &&mut Reason| r.fact == reason.fact && r.scope == reason.scope && r.holds == Truth::Yes;
                if let (Some(Value::Choices(set)), Some(Value::Choices(more))) =
                    (all.iter_mut().find(same).and_then(|first| first.value.as_mut()), &reason.value)
                {
                    set.extend(more.iter().cloned());
                    continue;
                }
            }
            all.push(reason);
        }
        all
    }

    /// Several reasons as plain words, each once.
    pub fn distinct(&self, reasons: &[Reason]) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for reason in self.gathered(&reasons.iter().collect::<Vec<_>>()) {
            let one = self.reason_words(&reason);
            if !words.contains(&one) {
                words.push(one);
            }
        }
        words
    }

    /// The same for a finding about one record of a list.
    pub fn reason_words_of(&self, reason: &Reason, list: Option<&str>) -> String {
        let (label, value) = self.reason_parts(reason, list);
        format!("{label}: {value}")
    }

    /// A reason as a list item: what, value, where from, what it means.
    pub fn reason(&self, reason: &Reason, list: Option<&str>) -> Vec<Inline> {
        let (label, value) = self.reason_parts(reason, list);
        let mut out = vec![Inline::Strong { c: plain(label) }];
        out.extend(plain(format!(": {value}")));
        if let Some(record) = &reason.record {
            out.extend(plain(format!(" ({record})")));
        }
        if reason.why_open.is_none() {
            out.extend(plain(" — "));
            out.extend(self.origin(&reason.origin));
            for mark in self.marks(&reason.origin) {
                out.extend(plain(" "));
                out.push(Inline::Strong { c: plain(format!("[{}]", self.t(mark))) });
            }
        }
        prose::soften(out)
    }

    /// Label and value of a reason.
    fn reason_parts(&self, reason: &Reason, list: Option<&str>) -> (String, String) {
        let field = reason.fact.strip_prefix("record.");
        let (label, ty) = match (field, list) {
            (Some(field), Some(list)) => {
                let def = self.catalog.vocabulary.get(list).and_then(|d| match &d.ty {
                    Type::Records { fields, .. } => fields.iter().find(|f| f.id == field),
                    _ => None,
                });
                (def.map_or_else(|| field.to_owned(), |d| d.label.get(self.lang).to_owned()), def.map(|d| &d.ty))
            }
            _ => {
                let def = self.catalog.vocabulary.get(&reason.fact);
                (words::fact_label(def, &reason.fact, self.lang), def.map(|d| &d.ty))
            }
        };
        let scope = self.scope(&reason.scope);
        let label = if scope.is_empty() { label } else { format!("{label} ({scope})") };
        let value = match (&reason.value, ty) {
            (Some(v), Some(ty)) if reason.holds == Truth::Yes => words::value(&matched(v, &reason.wanted), ty, self.lang, self.locale()),
            (Some(v), Some(ty)) => words::value(v, ty, self.lang, self.locale()),
            _ if reason.why_open == Some(Why::NotSet) => self.t("value.not-set").to_owned(),
            _ => self.why_open(reason.why_open).to_owned(),
        };
        (label, value)
    }

    /// Why a fact has no value, in words.
    pub fn why_open(&self, why: Option<Why>) -> &str {
        self.request.locale.get(match why {
            Some(Why::Unknown) => "open.unknown",
            Some(Why::NoDefault) => "open.no-default",
            Some(Why::NoRow) => "open.no-row",
            Some(Why::Conflict) => "open.conflict",
            Some(Why::Several) => "open.several",
            Some(Why::AtLeast) => "open.at-least",
            Some(Why::Weak) => "open.weak",
            Some(Why::NotSet) => "value.not-set",
            Some(Why::Unstated) | None => "open.unstated",
        })
    }
}

/// Of a set, what was asked for: that among eleven services Teams is in use says enough where Teams is what counts.
fn matched(value: &Value, wanted: &str) -> Value {
    let Value::Choices(set) = value else { return value.clone() };
    let Ok(serde_json::Value::Object(operators)) = serde_json::from_str(wanted) else { return value.clone() };
    let mut asked = BTreeSet::new();
    for (operator, members) in &operators {
        match (operator.as_str(), members) {
            ("includes", serde_json::Value::String(s)) => drop(asked.insert(s.clone())),
            ("includes-any" | "includes-all", serde_json::Value::Array(all)) => {
                asked.extend(all.iter().filter_map(|m| m.as_str()).map(str::to_owned))
            }
            _ => return value.clone(),
        }
    }
    let both: BTreeSet<String> = set.intersection(&asked).cloned().collect();
    if both.is_empty() { value.clone() } else { Value::Choices(both) }
}

/// A title about a list of which no entry is at hand.
pub fn without_record(title: &str) -> String {
    let mut parts = title.split("{{ record.");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| format!("{out}[app]{}", part.split_once("}}").map_or("", |(_, rest)| rest)))
}

/// Plain text as inlines.
pub fn plain(text: impl Into<String>) -> Vec<Inline> {
    vec![Inline::Text { s: text.into() }]
}

/// Long words broken up in all blocks that hold text.
pub fn softened(blocks: Vec<Block>) -> Vec<Block> {
    blocks
        .into_iter()
        .map(|b| match b {
            Block::Paragraph { text } => Block::Paragraph { text: prose::soften(text) },
            Block::List { items } => Block::List { items: items.into_iter().map(prose::soften).collect() },
            other => other,
        })
        .collect()
}

/// A fact's value for placeholders: one value, or several, each with the part of the deployment that it holds for.
pub(super) fn print_fact(fact: &Fact, ty: &Type, scope: &dyn Fn(&Scope) -> String, lang: Lang, locale: &Locale) -> String {
    let mut values: Vec<(String, Vec<String>)> = Vec::new();
    for cell in &fact.cells {
        let word = match &cell.state {
            State::Known { value, .. } => words::value(value, ty, lang, locale),
            State::Open { .. } => locale.get("value.unknown").to_owned(),
        };
        match values.iter_mut().find(|(w, _)| *w == word) {
            Some((_, scopes)) => scopes.push(scope(&cell.scope)),
            None => values.push((word, vec![scope(&cell.scope)])),
        }
    }
    if values.len() == 1 {
        return values.remove(0).0;
    }
    let part = |(word, scopes): (String, Vec<String>)| {
        let scopes: Vec<String> =
            scopes.into_iter().map(|s| if s.is_empty() { locale.get("scope.others").to_owned() } else { s }).collect();
        // Names of groups may hold commas.
        format!("{word} ({})", scopes.join("; "))
    };
    values.into_iter().map(part).collect::<Vec<_>>().join(" · ")
}

fn scope_words(scope: &Scope, deployment: &Deployment, catalog: &Catalog, lang: Lang) -> String {
    let mut parts = Vec::new();
    if let Some(p) = &scope.platform {
        let def = catalog.vocabulary.get(&catalog.vocabulary.platforms_in_use);
        parts.push(def.map_or(p.as_str(), |d| d.ty.word(p, lang)).to_owned());
    }
    if let Some(p) = &scope.population {
        parts.push(deployment.prose.population.iter().find(|x| x.id == *p).map_or(p.clone(), |x| x.name.clone()));
    }
    parts.join(", ")
}
