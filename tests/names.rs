//! Count and forget: a name that stands in a file of evidence reaches no output, whatever column it stands in.

mod common;

use dpia365::assessment::assess;
use dpia365::diagnostic::Diagnostic;
use dpia365::model::{Deployment, EvidenceKind, Lang, Reader, RuleKind};
use dpia365::{render, report};
use std::collections::BTreeSet;

/// The name of nobody, which no text of the program holds.
const MARK: &str = "Zyxwvut";

/// Everything that leaves the program: view, Markdown, workbook as far as it is text, and what is said on the terminal.
fn outputs(deployment: &Deployment, found: &[Diagnostic]) -> Vec<(&'static str, String)> {
    let world = common::world();
    let assessment = assess(deployment, &world.catalog, &world.catalog.methods["dpia365-4"], "2026-11-22".parse().unwrap());
    let lang = Lang::En;
    let request = report::Request {
        structure: &world.texts.structures["edpb-2026"],
        locale: world.texts.locale(lang).unwrap(),
        lang,
        edition: "full",
        program: "0.0.0",
    };
    let view = report::compose(&assessment, deployment, &world.catalog, &request).unwrap();
    let register = report::book::register(&assessment, deployment, &world.catalog, &request, &view).unwrap();
    let questions = report::book::questionnaire(&assessment, deployment, &world.catalog, &request, None).unwrap();
    let said: Vec<String> = found.iter().chain(&assessment.diagnostics).map(|d| format!("{d:?}")).collect();
    vec![
        ("view", render::json(&view)),
        ("register", format!("{register:?}")),
        ("questions", format!("{questions:?}")),
        ("diagnostics", said.join("\n")),
    ]
}

fn no_mark(what: &str, deployment: &Deployment, found: &[Diagnostic]) {
    for (output, text) in outputs(deployment, found) {
        if let Some(at) = text.to_lowercase().find(&MARK.to_lowercase()) {
            let around: String = text.chars().skip(text[..at].chars().count().saturating_sub(120)).take(260).collect();
            panic!("{what}: a name stands in the {output}: …{around}…");
        }
    }
}

/// Headings of a file of the kind: those that it is recognised by, those that it reads, and some of persons.
fn headings(kind: &EvidenceKind, recognised_by: &[String]) -> Vec<String> {
    let mut all: Vec<String> = recognised_by.to_vec();
    let mut add = |h: &String| {
        if !all.iter().any(|a| a.eq_ignore_ascii_case(h)) && !h.contains(['.', '[']) {
            all.push(h.clone());
        }
    };
    kind.columns.values().flatten().for_each(&mut add);
    for rule in &kind.rules {
        match &rule.what {
            RuleKind::Setting { parameter, .. } => add(parameter),
            RuleKind::Together { when, .. } => when.iter().for_each(|(p, _)| add(p)),
            RuleKind::Shows { columns, .. } => columns.iter().for_each(&mut add),
            RuleKind::Count { column, .. } | RuleKind::Largest { column, .. } | RuleKind::Assigned { column, .. } => add(column),
            RuleKind::Location { column, .. } | RuleKind::Field { column, .. } => add(column),
            _ => {}
        }
    }
    ["DisplayName", "UserPrincipalName", "Mail", "Manager"].iter().for_each(|h| add(&(*h).to_owned()));
    all
}

/// Columns whose texts are names of apps or companies, and are printed as such.
fn not_persons(kind: &EvidenceKind) -> BTreeSet<String> {
    let roles: &[&str] = match kind.reader {
        Reader::Apps => &["name", "app-id", "object-id", "permission", "permissions", "permission-id"],
        Reader::SubProcessors => &["name", "service", "location"],
        _ => &[],
    };
    roles.iter().filter_map(|r| kind.columns.get(*r)).flatten().map(|h| h.to_lowercase()).collect()
}

/// A file of every kind with a name in each cell that is not the name of an app or a company, in tables, lists and JSON.
#[test]
fn names_in_any_cell_reach_no_output() {
    let kinds = &common::world().catalog.evidence;
    let most = kinds.values().map(|k| k.headings.len()).max().unwrap_or_default();
    let mut read_files = 0;
    for (ending, number) in ["csv", "txt", "json"].into_iter().flat_map(|e| (0..most).map(move |n| (e, n))) {
        let folder = tempfile::tempdir().unwrap();
        let mut blocks = String::new();
        for kind in kinds.values() {
            let Some(list) = kind.headings.get(number) else { continue };
            let (columns, free) = (headings(kind, list), not_persons(kind));
            let cell = |h: &str| {
                if free.contains(&h.to_lowercase()) { "Contoso".to_owned() } else { format!("{MARK} Marker <{MARK}@contoso.example>") }
            };
            let line = |cells: Vec<String>| cells.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(",");
            let text = match ending {
                "csv" => {
                    let row = line(columns.iter().map(|h| cell(h)).collect());
                    [line(columns.clone()), row.clone(), row].join("\r\n")
                }
                "txt" => columns.iter().map(|h| format!("{h} : {}\n", cell(h))).collect(),
                _ => {
                    let object: serde_json::Map<_, _> = columns.iter().map(|h| (h.clone(), serde_json::Value::from(cell(h)))).collect();
                    serde_json::Value::Object(object).to_string()
                }
            };
            let name = format!("{}.{ending}", kind.id);
            std::fs::write(folder.path().join(&name), text).unwrap();
            blocks += &format!("[[evidence]]\nfile = \"{name}\"\nkind = \"{}\"\nas-of = 2026-11-01\n", kind.id);
        }
        std::fs::write(folder.path().join("deployment.toml"), format!("{}\n{blocks}", common::HEAD)).unwrap();
        let (deployment, found) = common::load(folder.path());
        let deployment = deployment.unwrap();
        read_files += deployment.evidence.iter().filter(|f| f.kind.is_some()).count();
        no_mark(&format!("{ending} {number}"), &deployment, &found);
    }
    assert!(read_files > 150, "only {read_files} files were read");
}

/// The cases of evidence have marked persons where such exports have them.
#[test]
fn names_in_the_cases_reach_no_output() {
    let mut marked = 0;
    let root = common::root().join("tests/evidence");
    for kind in std::fs::read_dir(root).unwrap().flatten().filter(|e| e.path().is_dir()) {
        for case in std::fs::read_dir(kind.path()).unwrap().flatten().map(|e| e.path()).filter(|p| p.join("evidence.toml").exists()) {
            let folder = tempfile::tempdir().unwrap();
            for entry in std::fs::read_dir(&case).unwrap().flatten() {
                let bytes = std::fs::read(entry.path()).unwrap();
                // In UTF-16 and UTF-8; inside workbooks the texts are packed.
                let wide: Vec<u8> = MARK.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let has = |needle: &[u8]| bytes.windows(needle.len()).any(|w| w.eq_ignore_ascii_case(needle));
                marked += usize::from(has(MARK.as_bytes()) || has(&wide));
                std::fs::write(folder.path().join(entry.file_name()), bytes).unwrap();
            }
            let blocks = std::fs::read_to_string(case.join("evidence.toml")).unwrap();
            std::fs::write(folder.path().join("deployment.toml"), format!("{}\n{blocks}", common::HEAD)).unwrap();
            let (deployment, found) = common::load(folder.path());
            // All outputs are made of these; that nothing else comes in, the other test shows.
            let kept = deployment.map(|d| format!("{:?}{:?}{:?}{:?}", d.evidence, d.observations, d.sightings, d.prose.measure));
            let text = format!("{kept:?}{found:?}").to_lowercase();
            assert!(!text.contains(&MARK.to_lowercase()), "{}: a name was kept", case.display());
        }
    }
    assert!(marked > 10, "only {marked} files hold a marked name");
}
