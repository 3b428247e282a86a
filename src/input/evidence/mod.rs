//! Evidence: files that the tenant exported, and questionnaires that were filled in, read into facts with the cell that each came from.
//!
//! Files are untrusted. From files about persons only counts and settings are taken: no text of a person's cell leaves its reader.

mod apps;
mod checks;
mod forms;
mod kit;
mod lines;
mod parties;
mod paths;
mod plan;
mod recognise;
mod retention;
mod settings;
mod tally;

use crate::catalog::hex;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Deployment, EvidenceKind, Given, Reader, RuleKind, Value, Vocabulary};
use crate::sheets::{self, Document, Limits, Refused, Row, Rows, Tables};
use crate::source::Node;
use kit::{Assigned, Kit, Reads};
use lines::{Head, Line, Of};
use recognise::{Kinds, Recognised};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// So many files may be named.
const MOST_FILES: usize = 200;
/// Rows in which headings are looked for.
const HEAD_ROWS: usize = 25;
/// Rows of a list of names and values.
const MOST_NAMES: usize = 5_000;

/// What reading evidence needs besides the description.
pub(super) struct Inputs<'a> {
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) kinds: &'a BTreeMap<String, EvidenceKind>,
    /// Absent: the files are not to be read.
    pub(super) limits: Option<&'a Limits>,
    /// Folder of the description, to open files in, and as it is to be shown.
    pub(super) folder: &'a Path,
    pub(super) shown: &'a Path,
    pub(super) sink: &'a RefCell<Vec<Diagnostic>>,
}

/// Texts by names of the author's choice, as a table of an `[[evidence]]` has them.
type Names = Vec<(String, String)>;

/// Reads every file of `[[evidence]]` into the deployment.
pub(super) fn load(deployment: &mut Deployment, nodes: &[Node], inputs: &Inputs<'_>) {
    let Some(limits) = inputs.limits else {
        leave_out(deployment, inputs);
        return;
    };
    let mut run =
        Run { inputs, limits, jobs: Vec::new(), apps: apps::Store::default(), retention: retention::Store::default(), plans: Vec::new() };
    let entries = deployment.prose.evidence.clone();
    let tables: Vec<(Names, Names)> = nodes.iter().map(|n| (names(n, "policies"), names(n, "columns"))).collect();
    let nothing = (Names::new(), Names::new());
    let populations: BTreeSet<&str> = deployment.prose.population.iter().map(|p| p.id.as_str()).collect();
    let mut seen: BTreeMap<PathBuf, String> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let at = |key: &str| place(deployment, &format!("evidence[{index}].{key}"));
        let file = at("file");
        if entry.file.is_empty() {
            continue;
        }
        if index >= MOST_FILES {
            inputs.push(
                Diagnostic::error("file-too-large", format!("the description names more than {MOST_FILES} files"))
                    .at(&file, "one too many"),
            );
            break;
        }
        let (policies, columns) = tables.get(index).unwrap_or(&nothing);
        let mut whole = true;
        for id in entry.population.iter().chain(policies.iter().map(|(_, id)| id).filter(|id| *id != "nobody")) {
            if !populations.contains(id.as_str()) {
                whole = false;
                inputs.push(
                    Diagnostic::error("reference-unknown", format!("there is no group of people `{id}`"))
                        .at(&place(deployment, &format!("evidence[{index}]")), "named here")
                        .help("groups are the ids of [[population]]; \"nobody\" for a policy that is not assigned")
                        .nearest(id, populations.iter().copied()),
                );
            }
        }
        let Some(path) = inputs.find(&entry.file, &file) else { continue };
        if let Some(first) = seen.insert(path.clone(), entry.file.clone()) {
            inputs.push(
                Diagnostic::error("duplicate-id", format!("`{}` is the same file as `{first}`", entry.file)).at(&file, "named again here"),
            );
            continue;
        }
        let number = deployment.evidence.len();
        let mut record = crate::model::EvidenceFile {
            file: entry.file.replace('\\', "/"),
            as_of: entry.as_of,
            place: Some(file.clone()),
            ..crate::model::EvidenceFile::default()
        };
        if whole {
            let job = Job { entry, policies, columns, path: &path, place: &file, index: number };
            run.file(&job, &mut record);
        }
        deployment.evidence.push(record);
    }
    run.close(deployment);
}

/// Names the files that were not read, as asked.
fn leave_out(deployment: &mut Deployment, inputs: &Inputs<'_>) {
    for (index, entry) in deployment.prose.evidence.iter().enumerate() {
        let place = place(deployment, &format!("evidence[{index}].file"));
        deployment.evidence.push(crate::model::EvidenceFile {
            file: entry.file.replace('\\', "/"),
            as_of: entry.as_of,
            place: Some(place),
            ..crate::model::EvidenceFile::default()
        });
    }
    if let Some(place) = deployment.evidence.first().and_then(|f| f.place.clone()) {
        let message = format!("{} files of evidence were left out, as asked", deployment.evidence.len());
        inputs.push(
            Diagnostic::warning("evidence-remark", message)
                .at(&place, "the first of them")
                .help("the assessment rests on the description alone; what the files contradict does not show"),
        );
    }
}

/// One `[[evidence]]`.
struct Job<'j> {
    entry: &'j crate::model::EvidenceEntry,
    policies: &'j Names,
    columns: &'j Names,
    path: &'j Path,
    place: &'j Place,
    index: usize,
}

impl Inputs<'_> {
    fn push(&self, diagnostic: Diagnostic) {
        self.sink.borrow_mut().push(diagnostic);
    }

    /// The path of a file inside the description's folder, without symbolic links out of it.
    fn find(&self, written: &str, place: &Place) -> Option<PathBuf> {
        let outside = || {
            Diagnostic::error("file-outside", format!("`{written}` lies outside the folder of the description"))
                .at(place, "not read")
                .help("evidence is named by its path from the description's folder, lies in it or below, and is not hidden")
        };
        let relative = written.replace('\\', "/");
        let plain = Path::new(&relative).components().all(|c| match c {
            Component::Normal(part) => part.to_str().is_some_and(|p| !p.starts_with('.')),
            Component::CurDir => true,
            _ => false,
        });
        if !plain {
            self.push(outside());
            return None;
        }
        let path = self.folder.join(&relative);
        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(error) => {
                let why = super::read::reason(&error);
                self.push(
                    Diagnostic::error("file-missing", format!("`{}` {why}", self.shown.join(&relative).display()))
                        .at(place, "read here")
                        .help("a delivered report does not carry evidence: lay the file there, or add --without-evidence"),
                );
                return None;
            }
        };
        let root = self.folder.canonicalize().unwrap_or_else(|_| self.folder.to_owned());
        if !real.starts_with(&root) {
            self.push(outside().help("the path leads out of the folder through a symbolic link"));
            return None;
        }
        if !real.is_file() {
            self.push(Diagnostic::error("file-missing", format!("`{written}` is not a file")).at(place, "expected a file of the tenant's"));
            return None;
        }
        Some(real)
    }
}

/// A reader that has been shown a file and waits for the others.
struct Pending<'a> {
    kit: Kit<'a>,
    reader: Any,
}

/// The readers, each with what it has gathered.
enum Any {
    Settings(settings::Settings),
    Policies(settings::Policies),
    Checks(checks::Checks),
    Usage(tally::Usage),
    Licences(tally::Licences),
    Count(tally::Count),
    Assignments(tally::Assignments),
    Apps(apps::Apps),
    Retention(retention::Retention),
    Parties(parties::Parties),
    Questionnaire(forms::Questionnaire),
    Plan(forms::Plan),
}

impl Any {
    fn new(reader: Reader) -> Self {
        match reader {
            Reader::Settings => Self::Settings(settings::Settings::default()),
            Reader::Policies => Self::Policies(settings::Policies::default()),
            Reader::Checks => Self::Checks(checks::Checks::default()),
            Reader::Usage => Self::Usage(tally::Usage::default()),
            Reader::Licences => Self::Licences(tally::Licences::default()),
            Reader::Count => Self::Count(tally::Count::default()),
            Reader::Assignments => Self::Assignments(tally::Assignments::default()),
            Reader::Apps => Self::Apps(apps::Apps::default()),
            Reader::Retention => Self::Retention(retention::Retention::default()),
            Reader::SubProcessors => Self::Parties(parties::Parties::default()),
            Reader::Questionnaire => Self::Questionnaire(forms::Questionnaire::default()),
            Reader::ActionPlan => Self::Plan(forms::Plan::default()),
        }
    }

    fn reads(&mut self) -> &mut dyn Reads {
        match self {
            Self::Settings(r) => r,
            Self::Policies(r) => r,
            Self::Checks(r) => r,
            Self::Usage(r) => r,
            Self::Licences(r) => r,
            Self::Count(r) => r,
            Self::Assignments(r) => r,
            Self::Apps(r) => r,
            Self::Retention(r) => r,
            Self::Parties(r) => r,
            Self::Questionnaire(r) => r,
            Self::Plan(r) => r,
        }
    }
}

struct Run<'a, 'i> {
    inputs: &'i Inputs<'a>,
    limits: &'a Limits,
    jobs: Vec<Pending<'a>>,
    apps: apps::Store<'a>,
    retention: retention::Store<'a>,
    plans: Vec<forms::PlanChange>,
}

impl<'a> Run<'a, '_> {
    fn file(&mut self, job: &Job<'_>, record: &mut crate::model::EvidenceFile) {
        let refuse = |refused: Refused| {
            let mut place = job.place.clone();
            if let Some(cell) = refused.cell {
                // Names of sheets are the client's, and may name somebody.
                place = Place::Cell { file: self.inputs.shown.join(&job.entry.file).to_string_lossy().into(), sheet: String::new(), cell };
            }
            let message = format!("`{}`: {}", job.entry.file, refused.message);
            self.inputs.push(Diagnostic::error(refused.code, message).at(&place, "the evidence was not read").help(refused.help));
        };
        let document = match sheets::open(job.path, self.limits) {
            Ok(document) => document,
            Err(refused) => return refuse(refused),
        };
        match fingerprint(job.path) {
            Ok((sha256, bytes)) => (record.sha256, record.bytes) = (sha256, bytes),
            Err(error) => {
                let why = super::read::reason(&error);
                self.inputs.push(Diagnostic::error("file-missing", format!("`{}` {why}", job.entry.file)).at(job.place, "read here"));
                return;
            }
        }
        for note in document.notes() {
            self.inputs.push(Diagnostic::warning("evidence-remark", format!("`{}`: {note}", job.entry.file)).at(job.place, "named here"));
        }
        let read = match document {
            Document::Tables(tables) => self.tables(tables, job, record),
            Document::Objects(objects) => {
                let (head, flat) = recognise::listed(objects.objects());
                self.objects(&head, &flat, job, record)
            }
            Document::Json(json) => self.json(json.value(), job, record),
        };
        if let Err(refused) = read {
            refuse(refused);
        }
    }

    fn kinds(&self, job: &Job<'_>) -> Kinds<'a> {
        Kinds {
            all: self.inputs.kinds,
            only: job.entry.kind.as_deref().and_then(|id| self.inputs.kinds.get(id)),
            columns: job.columns.clone(),
        }
    }

    fn kit(&self, kind: &'a EvidenceKind, job: &Job<'_>, record: &crate::model::EvidenceFile) -> Kit<'a> {
        let path: Arc<str> = self.inputs.shown.join(&job.entry.file).to_string_lossy().replace('\\', "/").into();
        let mut kit = Kit::new(self.inputs.vocabulary, kind, job.index, path);
        kit.population.clone_from(&job.entry.population);
        kit.policies.clone_from(job.policies);
        kit.given_columns.clone_from(job.columns);
        kit.file = crate::model::EvidenceFile { as_of: record.as_of, ..crate::model::EvidenceFile::default() };
        kit
    }

    /// Sheets, row by row. Every sheet that is of the kind is read; hidden ones are not.
    fn tables(&mut self, mut tables: Tables, job: &Job<'_>, record: &mut crate::model::EvidenceFile) -> Result<(), Refused> {
        let kinds = self.kinds(job);
        let list: Vec<(usize, String, bool)> = tables.sheets().iter().map(|s| (s.index, s.name.clone(), s.hidden)).collect();
        let text = tables.format() == sheets::Format::Csv;
        // `Name, Value` in two columns: one object, whatever its first row looks like.
        if let Some((first, head, flat)) = recognise::two_columns(&mut tables, &list, MOST_NAMES)?
            && let Recognised::Kind(kind, _) = kinds.of_head(&head)
            && !first.iter().all(|h| recognise::needed(kind).contains(h))
        {
            return self.objects(&head, &flat, job, record);
        }
        let mut pending: Option<Pending<'a>> = None;
        let (mut hidden_kind, mut ambiguous) = (None, None);
        for (index, name, hidden) in &list {
            let mut rows = Peeked::new(tables.rows(*index)?);
            let recognised = match &pending {
                Some(p) => Kinds { all: kinds.all, only: Some(p.kit.kind), columns: kinds.columns.clone() }.of_rows(
                    rows.peek(HEAD_ROWS)?,
                    name,
                    text,
                ),
                None => kinds.of_rows(rows.peek(HEAD_ROWS)?, name, text),
            };
            let (kind, at) = match recognised {
                Recognised::Kind(kind, at) => (kind, at),
                Recognised::Several(ids) => {
                    ambiguous = Some(ids);
                    continue;
                }
                Recognised::Nothing => continue,
            };
            if *hidden {
                hidden_kind = Some(kind.id.clone());
                continue;
            }
            let shown_name = if text || kind.persons && kind.sheet.is_none() { String::new() } else { name.clone() };
            let p = pending.get_or_insert_with(|| Pending { kit: self.kit(kind, job, record), reader: Any::new(kind.reader) });
            let head = match at {
                Some(at) => {
                    let head = rows.take(at).map(|r| Head::of_row(&r)).unwrap_or_default();
                    if !self.inputs.twice(&head, kind, &p.kit, &shown_name) {
                        return Ok(());
                    }
                    head
                }
                None => Head::default(),
            };
            p.reader.reads().start(&head, &mut p.kit);
            let file = p.kit.path.clone();
            while let Some(row) = rows.next()? {
                if at.is_some() && row.number() <= head.row {
                    continue;
                }
                record.rows += 1;
                let line = Line { of: Of::Row(row), file: &file, sheet: &shown_name };
                p.reader.reads().line(&line, &mut p.kit);
            }
        }
        if let Some(p) = pending {
            self.done(p, record);
            return Ok(());
        }
        self.unrecognised(job, &kinds, ambiguous, hidden_kind);
        Ok(())
    }

    /// Objects that were read whole.
    fn objects(
        &mut self,
        head: &Head,
        flat: &[paths::Flat],
        job: &Job<'_>,
        record: &mut crate::model::EvidenceFile,
    ) -> Result<(), Refused> {
        let kinds = self.kinds(job);
        match kinds.of_head(head) {
            Recognised::Kind(kind, _) => {
                let mut p = Pending { kit: self.kit(kind, job, record), reader: Any::new(kind.reader) };
                feed(&mut p, head, flat, record);
                self.done(p, record);
            }
            Recognised::Several(ids) => self.unrecognised(job, &kinds, Some(ids), None),
            Recognised::Nothing => self.unrecognised(job, &kinds, None, None),
        }
        Ok(())
    }

    fn json(&mut self, value: &serde_json::Value, job: &Job<'_>, record: &mut crate::model::EvidenceFile) -> Result<(), Refused> {
        let kinds = self.kinds(job);
        // The whole file as one object, or as a list of objects.
        let whole = paths::flatten(&[(String::new(), value)]);
        let list: Vec<(String, &serde_json::Value)> = match value {
            serde_json::Value::Array(_) => paths::under(value, "[]"),
            _ => paths::under(value, "value[]"),
        };
        let sample = paths::flatten(&list.iter().take(HEAD_ROWS).cloned().collect::<Vec<_>>());
        let (as_whole, as_list) = (kinds.of_head(&whole.0), kinds.of_head(&sample.0));
        let kind = match (&as_whole, &as_list) {
            (Recognised::Kind(a, _), Recognised::Kind(b, _)) if whole.0.likeness(a) < sample.0.likeness(b) => Some(*b),
            (Recognised::Kind(kind, _), _) | (_, Recognised::Kind(kind, _)) => Some(*kind),
            _ => None,
        };
        let Some(kind) = kind else {
            let several = [as_whole, as_list].into_iter().find_map(|r| if let Recognised::Several(ids) = r { Some(ids) } else { None });
            self.unrecognised(job, &kinds, several, None);
            return Ok(());
        };
        let mut p = Pending { kit: self.kit(kind, job, record), reader: Any::new(kind.reader) };
        let paths_of = |key: &str| kind.json.get(key).map(Vec::as_slice).unwrap_or_default();
        for path in paths_of("date") {
            if let Some((_, date)) = paths::under(value, path).first() {
                p.kit.dated(&paths::text(date));
            }
        }
        if paths_of("list").is_empty() {
            let objects = if list.is_empty() { vec![(String::new(), value)] } else { list };
            let (head, flat) = paths::flatten(&objects);
            feed(&mut p, &head, &flat, record);
        } else {
            let found = paths_of("list").iter().map(|path| paths::under(value, path)).find(|f| !f.is_empty()).unwrap_or_default();
            let columns = recognise::json_columns(kind);
            let (head, flat) = paths::picked(&found, &columns, paths_of("rows").first().map(String::as_str));
            feed(&mut p, &head, &flat, record);
        }
        let embedded: Vec<(String, String)> = kind
            .rules
            .iter()
            .filter_map(|r| if let RuleKind::Embedded { path, kind } = &r.what { Some((path.clone(), kind.clone())) } else { None })
            .collect();
        self.done(p, record);
        let day = record.as_of;
        for (path, id) in embedded {
            let Some(inner) = self.inputs.kinds.get(&id) else { continue };
            let found = paths::under(value, &path);
            if found.is_empty() {
                continue;
            }
            let rows = inner.json.get("rows").and_then(|r| r.first());
            let (head, flat) = match rows {
                Some(rows) => paths::picked(&found, &recognise::json_columns(inner), Some(rows)),
                None => paths::flatten(&found),
            };
            if head.likeness(inner) == 0 && rows.is_none() {
                continue;
            }
            let mut p = Pending { kit: self.kit(inner, job, record), reader: Any::new(inner.reader) };
            p.kit.file.as_of = day;
            p.kit.embedded = true;
            feed(&mut p, &head, &flat, record);
            self.done(p, record);
        }
        Ok(())
    }

    /// Takes over what a file says of itself, and keeps the reader until all files are read.
    fn done(&mut self, mut p: Pending<'a>, record: &mut crate::model::EvidenceFile) {
        if !p.kit.embedded {
            record.kind = Some(p.kit.kind.id.clone());
            record.complete = p.kit.kind.complete;
            record.lasting = p.kit.kind.reader == Reader::ActionPlan;
        }
        if !p.kit.embedded {
            p.kit.date();
            (record.as_of, record.dated_by_file) = (p.kit.file.as_of, p.kit.file.dated_by_file);
        }
        if let Any::Plan(plan) = &mut p.reader {
            self.plans.append(&mut plan.changes);
        }
        self.jobs.push(p);
    }

    fn unrecognised(&self, job: &Job<'_>, kinds: &Kinds<'_>, ambiguous: Option<Vec<String>>, hidden: Option<String>) {
        let file = &job.entry.file;
        let diagnostic = match (ambiguous, hidden, kinds.only) {
            (Some(ids), ..) => Diagnostic::error("evidence-kind-unknown", format!("`{file}` may be of several kinds"))
                .at(job.place, "cannot be told apart by its headings")
                .help(format!("say which: kind = {}", ids.iter().map(|i| format!("\"{i}\"")).collect::<Vec<_>>().join(" or "))),
            (_, Some(kind), _) => Diagnostic::error("evidence-hidden", format!("`{file}` has its data on a hidden sheet"))
                .at(job.place, format!("it looks like `{kind}`"))
                .help("hidden sheets are not read: unhide the sheet, and save the workbook"),
            (_, _, Some(kind)) => {
                let wanted: Vec<String> = kind.headings.iter().map(|h| h.join(", ")).collect();
                let mut d = Diagnostic::error("evidence-column-missing", format!("`{file}` does not have the headings of `{}`", kind.id))
                    .at(job.place, "not of this kind, or exported in another way");
                if let Some(sheet) = &kind.sheet {
                    d = d.help(format!("of a workbook, only the sheet `{sheet}` is read"));
                }
                d.help(format!("expected: {}", wanted.join("; or ")))
            }
            _ => Diagnostic::error("evidence-kind-unknown", format!("`{file}` has no headings that dpia365 knows"))
                .at(job.place, "which export is this?")
                .help("docs/evidence.md lists the kinds of files, and how each is exported; `kind = \"…\"` says which it is meant to be"),
        };
        self.inputs.push(diagnostic);
    }

    /// Lets every reader say what it found, now that all files have been seen.
    fn close(mut self, deployment: &mut Deployment) {
        let mut assigned = Assigned::new();
        for p in &self.jobs {
            if let Any::Assignments(reader) = &p.reader {
                for (kind, counts) in reader.reliable(&p.kit) {
                    let (all, files) = assigned.entry(kind.clone()).or_default();
                    for (name, count) in counts {
                        *all.entry(name.clone()).or_insert(0) += count;
                    }
                    files.push(p.kit.index);
                }
            }
        }
        for mut p in std::mem::take(&mut self.jobs) {
            p.kit.assigned.clone_from(&assigned);
            p.reader.reads().finish(&mut p.kit);
            p.kit.close();
            let Some(record) = deployment.evidence.get_mut(p.kit.index) else { continue };
            let file = std::mem::take(&mut p.kit.file);
            record.ignored_columns += file.ignored_columns;
            record.missing.extend(file.missing);
            record.tallies.extend(file.tallies);
            record.parties.extend(file.parties);
            record.assumed_unassigned += file.assumed_unassigned;
            record.respondent = record.respondent.take().or(file.respondent);
            if matches!(p.reader, Any::Questionnaire(_)) {
                (record.as_of, record.dated_by_file) = (file.as_of, file.dated_by_file);
            }
            deployment.observations.append(&mut p.kit.observations);
            for diagnostic in p.kit.diagnostics.drain(..) {
                self.inputs.push(diagnostic);
            }
            match p.reader {
                Any::Apps(reader) => self.apps.add(reader, &p.kit),
                Any::Retention(reader) => self.retention.add(reader, &p.kit),
                _ => {}
            }
        }
        let mut diagnostics = Vec::new();
        let declared = deployment.answers.values().flat_map(|a| &a.slots).filter_map(|s| match &s.given {
            Given::Value(Value::Records(records)) => Some(records.clone()),
            _ => None,
        });
        let declared: Vec<_> = declared.flatten().collect();
        deployment.sightings = self.apps.sightings(&declared, self.inputs.vocabulary, &mut diagnostics);
        let (observations, rules) = self.retention.close(&mut diagnostics);
        deployment.observations.extend(observations);
        for (index, row) in rules {
            if let Some(file) = deployment.evidence.get_mut(index) {
                file.retention.push(row);
            }
        }
        // Answers about groups or platforms that the description does not have go to nobody.
        let groups: BTreeSet<&str> = deployment.prose.population.iter().map(|p| p.id.as_str()).collect();
        let platforms = &self.inputs.vocabulary.platforms;
        deployment.observations.retain(|o| {
            let known = o.scope.population.as_deref().is_none_or(|p| groups.contains(p))
                && o.scope.platform.as_ref().is_none_or(|p| platforms.contains(p));
            if !known {
                diagnostics.push(
                    Diagnostic::warning(
                        "evidence-value-unknown",
                        format!("an answer to `{}` is about a group that the description does not have", o.fact),
                    )
                    .at(&o.place, "nothing was taken from here"),
                );
            }
            known
        });
        for (index, file) in deployment.evidence.iter_mut().enumerate() {
            let facts: BTreeSet<&str> = deployment.observations.iter().filter(|o| o.evidence == index).map(|o| o.fact.as_str()).collect();
            file.facts = facts.len() + deployment.sightings.iter().filter(|s| s.evidence == index).count();
            file.missing.sort();
            file.missing.dedup();
        }
        plan::apply(deployment, std::mem::take(&mut self.plans), self.inputs.sink);
        for diagnostic in diagnostics {
            self.inputs.push(diagnostic);
        }
    }
}

impl Inputs<'_> {
    /// A heading that stands twice and that a reader needs: which column counts cannot be decided.
    fn twice(&self, head: &Head, kind: &EvidenceKind, kit: &Kit<'_>, sheet: &str) -> bool {
        let needed = recognise::needed(kind);
        let Some((name, column)) = head.twice.iter().find(|(name, _)| needed.contains(name)) else { return true };
        let place =
            |column: u32| Place::Cell { file: kit.path.clone(), sheet: sheet.to_owned(), cell: sheets::cell_name(column, head.row) };
        let first = head.column(kind, name).map(place);
        let mut diagnostic = Diagnostic::error("evidence-heading-twice", "a heading stands twice").at(&place(*column), "again here");
        if let Some(first) = first {
            diagnostic = diagnostic.at(&first, "first here");
        }
        self.push(diagnostic.help("which column is meant cannot be decided: delete one of them"));
        false
    }
}

fn feed(p: &mut Pending<'_>, head: &Head, flat: &[paths::Flat], record: &mut crate::model::EvidenceFile) {
    p.reader.reads().start(head, &mut p.kit);
    let file = p.kit.path.clone();
    for object in flat {
        if !p.kit.embedded {
            record.rows += 1;
        }
        let line = Line { of: Of::Object(object), file: &file, sheet: "" };
        p.reader.reads().line(&line, &mut p.kit);
    }
}

/// Rows of which the first ones can be looked at before they are read.
struct Peeked<'r> {
    rows: Box<dyn Rows + 'r>,
    ahead: VecDeque<Row>,
    current: Option<Row>,
}

impl<'r> Peeked<'r> {
    fn new(rows: Box<dyn Rows + 'r>) -> Self {
        Self { rows, ahead: VecDeque::new(), current: None }
    }

    fn peek(&mut self, most: usize) -> Result<&VecDeque<Row>, Refused> {
        while self.ahead.len() < most {
            match self.rows.next_row()? {
                Some(row) => self.ahead.push_back(row.clone()),
                None => break,
            }
        }
        Ok(&self.ahead)
    }

    /// A row among those looked at.
    fn take(&self, at: usize) -> Option<Row> {
        self.ahead.get(at).cloned()
    }

    fn next(&mut self) -> Result<Option<&Row>, Refused> {
        match self.ahead.pop_front() {
            Some(row) => {
                self.current = Some(row);
                Ok(self.current.as_ref())
            }
            None => self.rows.next_row(),
        }
    }
}

/// SHA-256 and size of a file.
fn fingerprint(path: &Path) -> std::io::Result<(String, u64)> {
    let mut file = std::fs::File::open(path)?;
    let (mut hasher, mut buffer, mut size) = (Sha256::new(), vec![0; 1 << 16], 0);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((hex(&hasher.finalize()), size));
        }
        hasher.update(&buffer[..read]);
        size += read as u64;
    }
}

/// Texts of a table in an `[[evidence]]`.
fn names(node: &Node, key: &str) -> Names {
    let table = node.table().and_then(|t| t.get(key)).and_then(Node::table);
    table.map(|t| t.entries.iter().filter_map(|e| Some((e.key.clone(), e.node.str()?.to_owned()))).collect()).unwrap_or_default()
}

fn place(deployment: &Deployment, path: &str) -> Place {
    deployment.place(path).cloned().unwrap_or(Place::File { file: deployment.name.as_str().into() })
}
