//! The view: everything a report says, decided, ordered and translated, as plain data.
//!
//! The first part (`findings`, `excluded`, …) is what other programs read; its names are fixed. The second part, `document`, is
//! the report itself as chapters of blocks. Renderers lay blocks out; they compute nothing and know no word of any language.

use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A whole report as data. Written by `--format json`, read by the templates, attached to the PDF.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// Version of this shape.
    pub schema: u32,
    /// The day the assessment speaks of, ISO 8601.
    pub as_of: String,
    /// Language of the report: `en`, `nl` or `de`.
    pub language: String,
    /// Id of the method.
    pub method: String,
    pub edition: String,
    pub structure: String,
    pub outcome: OutcomeView,
    pub catalogs: Vec<CatalogView>,
    pub findings: Vec<FindingView>,
    pub excluded: Vec<ExcludedView>,
    pub measures: Vec<MeasureView>,
    pub conflicts: Vec<ConflictView>,
    pub questions: Vec<QuestionView>,
    pub completeness: Vec<CompletenessView>,
    pub coverage: CoverageView,
    pub evidence: Vec<EvidenceView>,
    pub screening: ScreeningView,
    pub registers: RegisterView,
    pub document: Document,
}

/// How well the facts that decide are supported.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageView {
    pub total: SupportView,
    /// By area of facts.
    pub areas: BTreeMap<String, SupportView>,
}

/// Numbers of facts.
#[derive(Clone, Debug, Serialize)]
pub struct SupportView {
    pub shown: usize,
    pub stated: usize,
    pub default: usize,
    pub open: usize,
}

impl SupportView {
    /// From the numbers in the order of [`crate::assessment::Support::ALL`].
    pub fn of([shown, stated, default, open]: [usize; 4]) -> Self {
        Self { shown, stated, default, open }
    }
}

/// A file of evidence; nothing here is about a single person.
#[derive(Clone, Debug, Serialize)]
pub struct EvidenceView {
    pub file: String,
    pub kind: Option<String>,
    pub as_of: Option<String>,
    /// `fresh`, `stale` or `undated`.
    pub freshness: String,
    /// Speaks for all that it is about.
    pub complete: bool,
    pub sha256: String,
    pub bytes: u64,
    pub rows: u64,
    pub facts: usize,
    pub columns_not_read: usize,
    pub columns_missing: Vec<String>,
    pub answered_by: Option<String>,
}

/// Whether a DPIA is required, and by what.
#[derive(Clone, Debug, Serialize)]
pub struct ScreeningView {
    /// `required`, `open`, `recommended` or `not-shown`.
    pub verdict: String,
    pub required: bool,
    pub lists: Vec<ScreeningListView>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ScreeningListView {
    pub id: String,
    pub title: String,
    pub required_from: usize,
    pub verdict: String,
    pub items: Vec<ScreeningItemView>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ScreeningItemView {
    pub number: String,
    pub title: String,
    /// `yes`, `no`, `open` or `people-judge`.
    pub holds: String,
    pub facts: Vec<String>,
}

/// Entries of the catalogue's registers that are about this deployment: id and `yes` or `open`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RegisterView {
    pub retention: BTreeMap<String, String>,
    pub transfers: BTreeMap<String, String>,
    pub roles: BTreeMap<String, String>,
    pub rights: BTreeMap<String, String>,
    pub staff_representation: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct OutcomeView {
    pub proposed: String,
    pub decided: Option<String>,
    pub because: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct CatalogView {
    pub name: String,
    pub version: String,
    pub sha256: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct LevelView {
    pub likelihood: Option<u8>,
    pub severity: Option<u8>,
    pub level: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct RangeView {
    pub lowest: String,
    pub highest: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct FindingView {
    pub id: String,
    pub risk: String,
    pub subject: Option<String>,
    pub family: String,
    pub state: String,
    pub title: String,
    pub flags: Vec<String>,
    pub fingerprint: String,
    pub gross: LevelView,
    pub current: LevelView,
    pub expected: LevelView,
    /// What the current level could be, whatever the answers to open questions.
    pub range: RangeView,
    pub gross_range: RangeView,
    pub expected_range: RangeView,
    pub paths: Vec<String>,
    pub reasons: Vec<ReasonView>,
    pub measures: Vec<String>,
    pub sources: Vec<String>,
    #[serde(rename = "override")]
    pub overridden: Option<Json>,
    pub confirmed: bool,
    pub purposes: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ReasonView {
    pub fact: String,
    pub value: Json,
    pub wanted: String,
    pub holds: String,
    pub origin: OriginView,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct OriginView {
    /// `declared`, `observed`, `resolved`, `default`, `out-of-reach`, `vendor`, `derived` or `none`.
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ExcludedView {
    pub risk: String,
    pub subject: Option<String>,
    pub title: String,
    /// `not-applicable`, `out-of-scope`, `mitigated`, `covered` or `disabled`.
    pub because: String,
    /// Level without measures, where the risk is only mitigated or covered.
    pub gross: Option<LevelView>,
    pub reasons: Vec<ReasonView>,
    pub detail: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct MeasureView {
    pub id: String,
    pub title: String,
    pub actor: String,
    pub status: String,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub treats: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ConflictView {
    /// The fact, or `<list>.<field>`.
    pub fact: String,
    /// Key of the record, where the fact is a field of one.
    pub record: Option<String>,
    /// For what part of the deployment; empty for all.
    pub scope: String,
    /// The first candidate counts; otherwise the fact is open, and the worse counts.
    pub decided: bool,
    pub candidates: Vec<CandidateView>,
}

#[derive(Clone, Debug, Serialize)]
pub struct CandidateView {
    pub value: Json,
    pub origin: OriginView,
}

#[derive(Clone, Debug, Serialize)]
pub struct QuestionView {
    pub fact: String,
    pub question: String,
    pub asked_of: String,
    /// `open` (nobody said) or `verify` (recalled or long unseen).
    pub kind: String,
    pub could_settle: Vec<String>,
    pub highest: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct CompletenessView {
    pub rule: String,
    pub title: String,
    /// `met`, `partial` or `missing`.
    pub state: String,
    pub r#where: String,
}

/// The report as pages see it.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    pub title: String,
    pub subtitle: String,
    pub organisation: String,
    /// ISO 639 code of the report's language.
    pub lang: String,
    pub authors: Vec<String>,
    pub keywords: Vec<String>,
    pub description: String,
    /// Date of the document, for its metadata: year, month, day.
    pub date: [i32; 3],
    /// Stable identifier of the document.
    pub ident: String,
    /// The mark on every page until the assessment is decided, e.g. "Draft"; absent when decided.
    pub draft_mark: Option<String>,
    /// The cover's lines: label and value.
    pub cover: Vec<Pair>,
    /// The sentence on the cover that says what the report is not (no test in the tenant, no legal advice).
    pub cover_notice: Vec<Block>,
    /// Words that the layout itself prints.
    pub words: Words,
    pub chapters: Vec<Chapter>,
    pub attachments: Vec<Attachment>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Words {
    pub contents: String,
    pub page: String,
    pub of: String,
    pub continued: String,
}

/// A file that the PDF carries.
#[derive(Clone, Debug, Serialize)]
pub struct Attachment {
    /// Path inside the PDF, e.g. `deployment.toml`.
    pub name: String,
    pub mime: String,
    pub description: String,
    /// PDF's AFRelationship: `source`, `data`, `alternative` or `supplement`.
    pub relationship: String,
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// A part that starts on a page of its own: document control, summary, sections 0 to 6, each annex.
#[derive(Clone, Debug, Serialize)]
pub struct Chapter {
    pub id: String,
    /// Printed number, e.g. `4`; empty for unnumbered parts.
    pub number: String,
    pub heading: String,
    /// `front` (before the contents), `body` or `annex`.
    pub part: String,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Block {
    /// A heading below the chapter's: level 2, 3 or 4.
    Heading {
        level: u8,
        number: String,
        text: String,
        id: String,
    },
    Paragraph {
        text: Vec<Inline>,
    },
    List {
        items: Vec<Vec<Inline>>,
    },
    /// Something people must write and have not; `rule` is the id of the rule that asks, may be empty.
    Gap {
        rule: String,
        title: String,
        text: Vec<Inline>,
    },
    /// `tone`: `note`, `warning` or `decision`.
    Callout {
        tone: String,
        title: String,
        blocks: Vec<Block>,
    },
    /// Label and value, one below the other.
    Pairs {
        rows: Vec<PairBlock>,
    },
    Table(Table),
    /// One finding: a card that may break across pages.
    Finding(Card),
    Matrix(Matrix),
    Flow(Flow),
    Bars(Bars),
}

#[derive(Clone, Debug, Serialize)]
pub struct Pair {
    pub label: String,
    pub value: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct PairBlock {
    pub label: String,
    pub value: Vec<Block>,
}

/// A real table: the header repeats on every page, the first column is the row's header.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    pub caption: String,
    pub columns: Vec<Column>,
    /// Each row has as many cells as there are columns.
    pub rows: Vec<Vec<Vec<Inline>>>,
    /// Smaller type for wide tables.
    pub dense: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Column {
    pub label: String,
    /// Share of the width; the shares of a table are relative.
    pub width: f32,
}

/// A finding as a card: a head with the three levels, then blocks under small headings.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    pub id: String,
    /// Running number in the report, e.g. `R3`.
    pub label: String,
    pub title: String,
    pub family: String,
    /// Chips beside the title, e.g. "open", "assumption".
    pub flags: Vec<String>,
    /// Low now: laid out in a few lines.
    pub brief: bool,
    /// Before / now / expected.
    pub levels: Vec<CardLevel>,
    pub parts: Vec<CardPart>,
}

#[derive(Clone, Debug, Serialize)]
pub struct CardLevel {
    pub label: String,
    /// Stable id for colour and symbol: `none`, `low`, `medium`, `high`, `very-high`, `open`.
    pub level: String,
    /// The printed word.
    pub word: String,
    /// Small print, e.g. "likelihood 2, severity 3" or "could be high".
    pub detail: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct CardPart {
    pub label: String,
    pub blocks: Vec<Block>,
}

/// Risk matrix with findings before measures and as expected.
#[derive(Clone, Debug, Serialize)]
pub struct Matrix {
    pub caption: String,
    pub alt: String,
    pub x_label: String,
    pub y_label: String,
    /// Likelihood steps, lowest first.
    pub x_steps: Vec<String>,
    /// Severity steps, lowest first.
    pub y_steps: Vec<String>,
    /// `cells[y][x]`, both from the lowest.
    pub cells: Vec<Vec<MatrixCell>>,
    pub before_label: String,
    pub expected_label: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct MatrixCell {
    pub level: String,
    pub word: String,
    /// Labels of findings without measures (`R1`, …), drawn filled.
    pub before: Vec<String>,
    /// Labels of findings as expected, drawn in outline.
    pub expected: Vec<String>,
}

/// Data-flow diagram: columns of boxes from left to right, arrows between boxes.
#[derive(Clone, Debug, Serialize)]
pub struct Flow {
    pub caption: String,
    pub alt: String,
    /// At most four columns: people and clients, organisation, Microsoft, third parties.
    pub columns: Vec<FlowColumn>,
    pub arrows: Vec<FlowArrow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct FlowColumn {
    pub title: String,
    pub boxes: Vec<FlowBox>,
}

#[derive(Clone, Debug, Serialize)]
pub struct FlowBox {
    pub id: String,
    pub title: String,
    /// One or two short lines: role, place.
    pub lines: Vec<String>,
    /// `people`, `client`, `organisation`, `processor`, `controller`, `third-party`.
    pub tone: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct FlowArrow {
    pub from: String,
    pub to: String,
    /// Number printed on the arrow; the table of flows below the figure explains it.
    pub number: usize,
    pub label: String,
}

/// Stacked bars: findings by family, split by level.
#[derive(Clone, Debug, Serialize)]
pub struct Bars {
    pub caption: String,
    pub alt: String,
    pub legend: Vec<BarLegend>,
    pub bars: Vec<Bar>,
}

#[derive(Clone, Debug, Serialize)]
pub struct BarLegend {
    pub level: String,
    pub word: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    pub label: String,
    /// In the order of the legend.
    pub counts: Vec<usize>,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "t", rename_all = "kebab-case")]
pub enum Inline {
    /// Plain text, shown as it is.
    Text {
        s: String,
    },
    Emphasis {
        c: Vec<Inline>,
    },
    Strong {
        c: Vec<Inline>,
    },
    Code {
        s: String,
    },
    /// A web link.
    Link {
        url: String,
        c: Vec<Inline>,
    },
    /// A link to the heading, card or source with this id in the same document.
    Ref {
        id: String,
        c: Vec<Inline>,
    },
    /// The number of the page on which the part with this id stands, with the words before it. Only pages have it.
    Page {
        id: String,
        before: String,
    },
    /// A level as a chip: symbol and word, never colour alone.
    Level {
        level: String,
        word: String,
    },
    /// Text in another language than the report's.
    Lang {
        lang: String,
        c: Vec<Inline>,
    },
    /// An anchor that `Ref` and `Page` can point to.
    Anchor {
        id: String,
    },
    /// A line break.
    Break,
}
