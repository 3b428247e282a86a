//! Faulty descriptions, catalogues and templates: each yields exactly the code in its name.
//!
//! `tests/invalid/<code>_<what>` is a description, or a folder with one. A folder may hold a `catalog` or `templates` that are laid over those of
//! the program. What the program prints about it lies beside it; `SNAPSHOTS=overwrite cargo test --test invalid` writes it anew.

mod common;

use common::program::{Run, run};
use common::{load, root, world};
use dpia365::assessment::assess;
use dpia365::catalog::{self, Layer};
use dpia365::diagnostic::{CODES, Diagnostic, Severity};
use dpia365::model::Lang;
use dpia365::render::{self, Templates};
use dpia365::report::{self, Request};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Codes that no file can provoke, or only a large one, with the tests that do.
const ELSEWHERE: [(&str, &str, &str); 14] = [
    ("file-too-large", "cli.rs", "large_files_are_refused_quickly"),
    ("glyph-missing", "hostile.rs", "what_the_fonts_cannot_show_is_refused_by_name"),
    ("output-not-writable", "cli.rs", "what_cannot_be_written_is_said_and_leaves_nothing"),
    ("pdf-unreadable", "cli.rs", "only_our_own_reports_are_opened"),
    ("unknown-id", "cli.rs", "unknown_ids_get_the_nearest"),
    ("evidence-hidden", "hostile_evidence.rs", "data_on_a_hidden_sheet_are_not_read"),
    ("sheet-broken", "hostile_evidence.rs", "hostile_files_end_in_a_diagnostic"),
    ("sheet-encoding", "hostile_evidence.rs", "hostile_files_end_in_a_diagnostic"),
    ("sheet-encrypted", "hostile_evidence.rs", "hostile_files_end_in_a_diagnostic"),
    ("sheet-entities", "hostile_evidence.rs", "hostile_files_end_in_a_diagnostic"),
    ("sheet-expands", "hostile_evidence.rs", "hostile_files_end_in_a_diagnostic"),
    ("sheet-too-large", "hostile_evidence.rs", "hostile_files_end_in_a_diagnostic"),
    ("sheet-too-slow", "hostile_evidence.rs", "limits_are_configurable"),
    ("sheet-unknown", "hostile_evidence.rs", "hostile_files_end_in_a_diagnostic"),
];

struct Case {
    name: String,
    code: String,
    path: PathBuf,
}

impl Case {
    /// The folder of a kind inside the case, if it has one.
    fn overlay(&self, kind: &str) -> Option<PathBuf> {
        Some(self.path.join(kind)).filter(|p| p.is_dir())
    }

    /// Whether only a catalogue is at fault.
    fn is_catalogue(&self) -> bool {
        self.overlay("catalog").is_some() && !self.path.join("deployment.toml").exists()
    }

    /// The shortest command that meets the fault.
    fn command(&self) -> Vec<String> {
        let name = self.path.file_name().unwrap().to_str().unwrap();
        let line = match (self.overlay("catalog"), self.overlay("templates")) {
            (Some(_), _) if self.is_catalogue() => format!("catalog check --catalog {name}/catalog"),
            (Some(_), _) => format!("check {name} --catalog {name}/catalog"),
            (_, Some(_)) => format!("report {name} --templates {name}/templates --format md -o -"),
            _ => format!("check {name}"),
        };
        line.split(' ').map(str::to_owned).collect()
    }

    fn run(&self) -> Run {
        run(&folder(), &self.command())
    }
}

fn folder() -> PathBuf {
    root().join("tests/invalid")
}

fn cases() -> Vec<Case> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|p| p.extension().is_none_or(|e| e != "stderr"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let (code, _) = name.split_once('_').expect("named <code>_<what>");
            Case { code: code.to_owned(), path, name }
        })
        .collect()
}

/// Everything that is found wrong, without the command line.
fn diagnose(case: &Case) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let catalog = match case.overlay("catalog") {
        None => Cow::Borrowed(&world().catalog),
        Some(folder) => {
            let (catalog, _, loaded) = catalog::load(&[Layer::embedded(), Layer::folder(&folder).unwrap()]);
            found.extend(loaded.into_iter().chain(catalog::check(&catalog)));
            Cow::Owned(catalog)
        }
    };
    if case.is_catalogue() || found.iter().any(Diagnostic::is_error) {
        return found;
    }
    let (deployment, read) = load(&case.path);
    found.extend(read);
    if found.iter().any(Diagnostic::is_error) {
        return found;
    }
    let deployment = deployment.unwrap();
    let about = &deployment.prose.assessment;
    let method = &catalog.methods[about.method.as_deref().unwrap_or("dpia365-4")];
    let assessment = assess(&deployment, &catalog, method, about.as_of.expect("a fixed day"));
    found.extend(assessment.diagnostics.iter().cloned());
    let (texts, lang) = (&world().texts, Lang::En);
    let request =
        Request { structure: &texts.structures["edpb-2026"], locale: texts.locale(lang).unwrap(), lang, edition: "full", program: "" };
    match report::compose(&assessment, &deployment, &catalog, &request) {
        Err(faults) => found.extend(faults.into_iter().map(|fault| Diagnostic::error("catalog-text", fault))),
        Ok(view) => found.extend(render::markdown(&view, &templates(case)).err().into_iter().flatten()),
    }
    found
}

fn templates(case: &Case) -> Templates {
    let mut files: BTreeMap<String, Vec<u8>> = world().templates.files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    if let Some(folder) = case.overlay("templates") {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            files.insert(entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap());
        }
    }
    Templates::new(files)
}

#[test]
fn each_yields_exactly_its_code() {
    for case in cases() {
        let found = diagnose(&case);
        let codes: BTreeSet<&str> = found.iter().map(|d| d.code).collect();
        assert_eq!(codes.into_iter().collect::<Vec<_>>(), [case.code.as_str()], "{}: {found:#?}", case.name);
        for diagnostic in &found {
            assert_ne!(diagnostic.severity, Severity::Note, "{}", case.name);
            assert!(!diagnostic.message.ends_with('.') && !diagnostic.message.contains('\n'), "{}: {}", case.name, diagnostic.message);
        }
    }
}

#[test]
fn each_is_printed_as_before() {
    for case in cases() {
        let run = case.run();
        let fails = run.stderr.contains("error[");
        assert_eq!(run.status, if fails { 2 } else { 0 }, "{}\n{}", case.name, run.stderr);
        assert_eq!(run.stdout.is_empty(), fails, "{}\n{}", case.name, run.text());
        assert!(!run.stderr.contains('\u{1b}'), "{}: no colour without a terminal", case.name);
        let expected = snapbox::Data::read_from(&folder().join(format!("{}.stderr", case.name)), None);
        snapbox::Assert::new().action_env("SNAPSHOTS").eq(without_fingerprints(&run.stderr), expected.raw());
    }
}

/// Fingerprints change with the catalogue.
fn without_fingerprints(text: &str) -> String {
    let mut parts = text.split("is now ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "is now …" + part.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

#[test]
fn nothing_is_written_about_errors() {
    let empty = tempfile::tempdir().unwrap();
    let mut seen = BTreeSet::new();
    for case in cases() {
        let faulty = diagnose(&case).iter().any(Diagnostic::is_error);
        if !faulty || !seen.insert(case.code.clone()) {
            continue;
        }
        let description = if case.is_catalogue() { root().join("examples/rijk-2020") } else { case.path.clone() };
        let mut args = vec!["report".into(), description, "--format".into(), "md".into()];
        for (option, kind) in [("--catalog", "catalog"), ("--templates", "templates")] {
            args.extend(case.overlay(kind).into_iter().flat_map(|folder| [option.into(), folder]));
        }
        run(empty.path(), &args).refused(&case.code, &[]);
        assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "{}", case.name);
    }
}

#[test]
fn every_code_is_provoked() {
    let here: BTreeSet<String> = cases().into_iter().map(|c| c.code).collect();
    let all: BTreeSet<String> = CODES.iter().map(|c| c.id.to_owned()).collect();
    for (code, file, test) in ELSEWHERE {
        assert!(!here.contains(code), "{code} is provoked here as well");
        let text = std::fs::read_to_string(root().join("tests").join(file)).unwrap();
        assert!(text.contains(&format!("fn {test}()")), "tests/{file} has no test `{test}`");
    }
    // Those of a catalogue's author are provoked by `invalid_catalogs.rs`.
    let entries = std::fs::read_dir(root().join("tests/invalid-catalogs")).unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    let catalogs: Vec<String> = names.filter_map(|n| n.split_once('_').map(|(code, _)| code.to_owned())).collect();
    let provoked: BTreeSet<String> =
        here.into_iter().chain(catalogs).chain(ELSEWHERE.iter().map(|(code, ..)| (*code).to_owned())).collect();
    assert_eq!(provoked, all);
}

#[test]
fn no_golden_is_left_over() {
    let cases = cases();
    for entry in std::fs::read_dir(folder()).unwrap().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|e| e == "stderr") {
            assert!(
                cases.iter().any(|c| Some(c.name.as_ref()) == path.file_stem().map(Path::new).map(Path::as_os_str)),
                "{}",
                path.display()
            );
        }
    }
}
