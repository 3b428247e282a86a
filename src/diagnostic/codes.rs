//! Every diagnostic code with its explanation, for `dpia365 explain CODE`.

/// A code and what it means to somebody who has just met it.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    pub id: &'static str,
    pub explanation: &'static str,
}

/// The code with this id.
pub fn code(id: &str) -> Option<&'static Code> {
    CODES.iter().find(|c| c.id == id)
}

macro_rules! codes {
    ($($id:literal: $text:literal),* $(,)?) => {
        /// All codes, in order of their names.
        pub const CODES: &[Code] = &[$(Code { id: $id, explanation: $text }),*];
    };
}

codes! {
    "acceptance-wildcard": "An acceptance of a risk names exactly one finding. Accepting \"all\" risks at once would hide the reasons that each acceptance needs. Write one [[decision]] with `finding = \"…\"` for each.",
    "catalog-condition": "A condition in a catalogue file asks for something that its fact cannot answer: an operator that does not fit the fact's type, a value outside its list, or an unknown fact. `docs/catalogue.md` lists the operators.",
    "catalog-condition-dead": "A condition of a catalogue can never hold, or always holds, whatever a description says; or a rating can never count because an earlier one always does. The risk would be silently missing, or the question idle.",
    "catalog-fact-idle": "A fact is asked in the questionnaire, but no condition of the catalogue rests on it. Drop it, or mark it with `only-describes = true` where it describes the deployment to readers.",
    "catalog-measure-idle": "No risk uses the measure, so no report will ever name it. Use it in a treatment, or drop it. A catalogue that switches a risk off may leave its measures idle; that is no fault.",
    "catalog-setting-unknown": "The setting of a measure names a policy, cmdlet or parameter that `policies.toml` does not list. Most often it is misspelt; if it is new, add it there with its source.",
    "catalog-source-aged": "A statement about Microsoft was last seen longer ago than the given age. Look it up again, and give it a new `last-seen`, or end it with `until`.",
    "catalog-unsourced": "A risk, a measure or an entry of a register says something about Microsoft and names no source, or a source has no date.",
    "catalog-format": "A catalogue file does not have the shape that `docs/catalogue.md` describes.",
    "catalog-reference": "A catalogue file names a risk, measure, fact, source or taxonomy entry that does not exist.",
    "catalog-rows-overlap": "Two dated rows of one fact hold at the same time and say different things. End the older row with `until` where the newer one begins.",
    "catalog-text": "A text of the catalogue or of a locale file is missing in one language, or has a placeholder that cannot be filled.",
    "choice-unknown": "The value is not in the list of values that this key allows.",
    "confirmation-void": "A confirmation, advice or decision recorded the fingerprint of what it saw, and the finding has changed since. It no longer counts. Look at the finding again and confirm it anew.",
    "control-out-of-reach": "The description states a setting for a platform which Microsoft's control does not reach. The setting has no effect there, and the assessment takes what holds there anyway. See the fact's `out-of-reach` rows with `dpia365 explain`.",
    "date-impossible": "The date does not exist, or stands in an order that cannot be: an end before its beginning, a decision before the assessment.",
    "decision-blocked": "The decision does not fit the assessment: for example an approval although a risk stays so high that the supervisory authority must be consulted first (Art. 36(1) GDPR), or while mandatory parts are missing. The report shows it as not effective.",
    "duplicate-id": "Two entries have the same id. Findings, purposes and groups of people are referred to by id, so ids must be unique.",
    "duplicate-key": "The same key is written twice, in one file or in two files that are included together. Which one is meant cannot be decided.",
    "evidence-apps-unjoined": "Apps hold permissions, but no file says whose they are or what they are called: lists of grants name apps by identifiers only. Add the list of enterprise applications or of service principals. Until then Microsoft's own apps may be among them.",
    "evidence-column-missing": "A file of evidence lacks columns without which it cannot be read. Export it again as docs/evidence.md says; for a questionnaire or an action plan, do not delete hidden columns.",
    "evidence-conflict": "Several places say different things about a fact, and none of them is known to be right: for example the description and an export that is old or about a part. The worse one counts. Find out which holds, and write a [[resolution]].",
    "evidence-contradicts": "An export that speaks for all that the fact is about, and is of a date near the assessment's, shows another value than the description states. The export counts. Correct the description, or write a [[resolution]].",
    "evidence-half": "Retention is exported in two files: the policies say where, the rules say what happens and when. One of them, or one of its entries, is missing.",
    "evidence-heading-twice": "A heading that dpia365 reads stands twice in a table. Which column is meant cannot be decided.",
    "evidence-hidden": "The data are on a hidden sheet. Hidden sheets are not read, because nobody who shared the workbook may have meant them.",
    "evidence-kind-unknown": "The headings of a file do not tell which export it is, or fit several. Say it with `kind`; docs/evidence.md lists the kinds.",
    "evidence-partial": "The file holds a part only, such as the policy for everybody without those for groups. It supports what the description states, and clears no risk.",
    "evidence-policy-missing": "The description assigns a policy that the file does not have. Policies are named as the export names them.",
    "evidence-policy-unmapped": "The file has a policy of the organisation's own, and nobody says to whom it is assigned. Name the group with `policies` in the [[evidence]], or add an export of the assignments.",
    "evidence-remark": "Something about a file that does not stop it from being read: an ending that does not fit its content, or a guessed encoding.",
    "evidence-stale": "The file is of a day more than 90 days from the assessment's. It supports what the description states, shows nothing by itself and clears no risk.",
    "evidence-unanswered": "A question that asks for several parts was answered in part. Nothing was taken from it.",
    "evidence-undated": "Nobody says of what day a file is. Write `as-of`, the day of the export.",
    "evidence-unreadable": "A cell holds no value: the name of a type because the export did not join a list, an error, or a formula without a stored value. Nothing was taken from it.",
    "evidence-unsigned": "A questionnaire came back without the function of who answered it.",
    "evidence-value-unknown": "A cell holds a value that the catalogue does not know for the fact, or an answer that is none of those offered. Nothing was taken from it.",
    "fact-not-configurable": "`not-configured` asks for Microsoft's default, and the catalogue knows no default for this fact. State the value itself, or `unknown`.",
    "file-encoding": "The file is not UTF-8 text. Save it as UTF-8.",
    "file-missing": "The file or folder does not exist or cannot be read. A folder must hold `deployment.toml`.",
    "file-outside": "A description may only include files from its own folder or below, so that a description from elsewhere cannot read other files of this computer.",
    "file-too-large": "The file is larger than any description or template needs to be. The limit keeps a wrong or hostile file from filling memory.",
    "format-version": "The description names no format, or one that this version does not read. The current format is 1.",
    "glyph-missing": "A character has no glyph in the embedded fonts. A PDF/A and PDF/UA file must not contain characters that cannot be shown, so the report is refused rather than printed with gaps. Replace the character, or add a font with --templates.",
    "include-cycle": "The file includes itself, directly or through another file.",
    "language-unknown": "Reports can be written in the languages of the catalogue and the locale files.",
    "legal-basis-public-task": "Art. 6(1) GDPR, second sentence: point (f), legitimate interests, does not apply to processing by public authorities in the performance of their tasks. Name the public task and its law (point (e)) or the legal obligation (point (c)).",
    "legal-regime": "Only the GDPR is supported so far. Regulation (EU) 2018/1725 (`eudpr`) and Directive (EU) 2016/680 (`led`) have other articles, time limits and elements; a report under them would be wrong.",
    "measure-contradicted": "The description declares a measure as in place, but the facts do not show it. The facts count. State the facts that the measure asks about, or correct the status.",
    "measure-not-counted": "A measure that is partly in place lowers no level: nobody can say for whom it works. If the rest is planned with an owner and a date, declare it as planned; then it counts for the expected level.",
    "measure-overdue": "A planned measure's due date lies before the as-of date of the assessment. It is not counted for the expected level until it has a new date or is in place.",
    "output-not-writable": "The report could not be written: the folder does not exist, is not writable, or the disk is full. Nothing was left half written.",
    "pdf-unreadable": "The file is not a PDF that this program wrote, or it carries no description and view.",
    "plan-outdated": "A line of an action plan was changed in the workbook, and in the description since the workbook was written. Which one holds cannot be decided.",
    "prose-starter": "The text is still the one that `dpia365 init` wrote as a prompt. Replace it by the organisation's own words, or delete the line: then the report shows a gap.",
    "range-exceeded": "The number lies outside the range that this key allows.",
    "reference-unknown": "The text refers to something that does not exist in the description or the catalogue.",
    "required-missing": "A key that the program cannot do without is missing.",
    "resolution-idle": "A [[resolution]] decides between values that contradict each other. For this fact nothing does any more.",
    "sheet-broken": "The file is damaged or was not copied whole.",
    "sheet-encoding": "The text of the file is not of one encoding. Save it as UTF-8.",
    "sheet-encrypted": "The workbook is protected with a password. Open it and save it without one.",
    "sheet-entities": "The workbook declares XML entities, which no spreadsheet program does. It is not read.",
    "sheet-expands": "The workbook unpacks to far more than its size. No export does that.",
    "sheet-too-large": "A file of evidence goes beyond a limit of size, rows, cells or values. Split the export, delete the columns that are not needed, or raise the limit with --limit.",
    "sheet-too-slow": "Reading the file took longer than the limit. Split it, or raise the limit with --limit seconds=N.",
    "sheet-unknown": "The file is of a format that dpia365 does not read. It reads xlsx, xlsm, xlsb, xls, ods, CSV, JSON and `Name : Value` text.",
    "structure-unknown": "The report structure is not among the structures of the templates.",
    "template-error": "A template could not be laid out. With the templates that dpia365 carries this is a bug; with --templates, look at the place that is named.",
    "toml-syntax": "The file is not valid TOML.",
    "type-mismatch": "The value has another type than this key takes.",
    "unknown-key": "The key is not known here. Keys are checked strictly, because a misspelt key would silently lose a fact.",
    "unknown-id": "There is no risk, measure, fact, source, diagnostic code or finding of this name.",
}
