//! Evidence: each case in `tests/evidence/<kind>/<case>/` is a description with files; what was read from them lies beside it.
//!
//! `SNAPSHOTS=overwrite cargo test --test evidence` rewrites what is expected.

mod common;

use dpia365::diagnostic::{Diagnostic, Place};
use dpia365::model::{Deployment, Shown};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn cases() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let folders = |path: &Path| -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = std::fs::read_dir(path).unwrap().flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
        all.sort();
        all
    };
    for kind in folders(&common::root().join("tests/evidence")) {
        found.extend(folders(&kind).into_iter().filter(|c| c.join("facts.toml").exists() || c.join("evidence.toml").exists()));
    }
    found
}

/// The shortest description, with the case's own blocks.
fn read(case: &Path) -> (Deployment, Vec<Diagnostic>) {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(case).unwrap().flatten() {
        if entry.path().is_file() {
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
    }
    let own =
        ["facts.toml", "evidence.toml"].iter().filter_map(|f| std::fs::read_to_string(case.join(f)).ok()).collect::<Vec<_>>().join("\n");
    std::fs::write(folder.path().join("deployment.toml"), format!("{}\n{own}", common::HEAD)).unwrap();
    let (deployment, diagnostics) = common::load(folder.path());
    (deployment.expect("the case can be read"), diagnostics)
}

fn place(place: &Place) -> String {
    let file = place.file().rsplit('/').next().unwrap_or_default();
    match place {
        Place::Cell { sheet, cell, .. } if sheet.is_empty() => format!("{file} {cell}"),
        Place::Cell { sheet, cell, .. } => format!("{file} [{sheet}] {cell}"),
        Place::Bytes { line, .. } => format!("{file}:{line}"),
        Place::File { .. } => file.to_owned(),
    }
}

fn shown(shown: &Shown) -> String {
    match shown {
        Shown::Is(value) => format!("= {}", value.to_json()),
        Shown::NotConfigured => "not configured".to_owned(),
        Shown::OneOf(values) => format!("one of {}", values.iter().map(|v| v.to_json().to_string()).collect::<Vec<_>>().join(", ")),
        Shown::Includes(set) => format!("includes {}", set.iter().cloned().collect::<Vec<_>>().join(", ")),
    }
}

/// Everything that was taken from the files, and what was said about them.
fn outcome(deployment: &Deployment, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for file in &deployment.evidence {
        let date = file.as_of.map(|d| d.to_string()).unwrap_or_default();
        let _ = writeln!(out, "file {}: {} {date}", file.file, file.kind.as_deref().unwrap_or("not read"));
        let _ = writeln!(out, "  rows {}, columns not read {}, facts {}", file.rows, file.ignored_columns, file.facts);
        if !file.missing.is_empty() {
            let _ = writeln!(out, "  not there: {}", file.missing.join(", "));
        }
        for (column, counts) in &file.tallies {
            let counts: Vec<String> = counts.iter().map(|(value, n)| format!("{value} {n}")).collect();
            let _ = writeln!(out, "  {column}: {}", counts.join(", "));
        }
        for [name, service, location] in &file.parties {
            let _ = writeln!(out, "  party: {name} | {service} | {location}");
        }
        for row in &file.retention {
            let days = row.days.map_or("-".to_owned(), |d| d.to_string());
            let _ = writeln!(out, "  retention: {} {} {days} everywhere={}", row.workloads.join("+"), row.action, row.everywhere);
        }
        if let Some(who) = &file.respondent {
            let _ = writeln!(out, "  answered by: {who}");
        }
    }
    for o in &deployment.observations {
        let scope = [o.scope.population.as_deref(), o.scope.platform.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let scope = if scope.is_empty() { scope } else { format!(" ({scope})") };
        let _ = writeln!(out, "{}{scope} {} [{:?}] {}", o.fact, shown(&o.shown), o.weight, place(&o.place));
    }
    for s in &deployment.sightings {
        let _ = writeln!(out, "app {} {} [{:?}] complete for {:?}", s.name, s.app_id, s.weight, s.speaks_for);
        for (field, value, at) in &s.fields {
            let _ = writeln!(out, "  {field} = {} {}", value.to_json(), place(at));
        }
    }
    for m in &deployment.prose.measure {
        let _ = writeln!(
            out,
            "measure {} {:?} status={:?} owner={:?} due={:?} evidence={:?}",
            m.id,
            m.record.as_ref().or(m.finding.as_ref()),
            m.status,
            m.owner,
            m.due.map(|d| d.to_string()),
            m.evidence
        );
    }
    for d in diagnostics {
        let at: Vec<String> = d.labels.iter().map(|l| place(&l.place)).collect();
        let _ = writeln!(out, "{:?} {}: {} @ {}", d.severity, d.code, d.message, at.join(", "));
    }
    out
}

#[test]
fn files_are_read_as_expected() {
    let cases = cases();
    assert!(cases.len() > 20, "the cases were not found");
    for case in cases {
        let (deployment, diagnostics) = read(&case);
        let actual = outcome(&deployment, &diagnostics);
        snapbox::Assert::new().action_env("SNAPSHOTS").eq(actual, snapbox::Data::read_from(&case.join("expected.txt"), None));
    }
}

/// Every kind of the catalogue is read from at least one file of its documented shape, and yields something.
#[test]
fn every_kind_has_a_case() {
    let mut read_kinds = std::collections::BTreeSet::new();
    for case in cases() {
        let (deployment, _) = read(&case);
        for (index, file) in deployment.evidence.iter().enumerate() {
            let facts = deployment.observations.iter().any(|o| o.evidence == index);
            let apps = deployment.sightings.iter().any(|s| s.evidence == index);
            let measures = deployment.prose.measure.iter().any(|m| m.status.is_some());
            let counted = !file.tallies.is_empty() || !file.parties.is_empty() || !file.retention.is_empty();
            if facts || apps || counted || file.kind.as_deref() == Some("action-plan") && measures {
                read_kinds.extend(file.kind.clone());
            }
        }
    }
    // Kinds that only help others: they join, and show nothing by themselves.
    let helping =
        ["teams-policy-assignments", "mailbox-policy-assignments", "entra-enterprise-apps", "retention-policies", "scubagear-apps"];
    let missing: Vec<&String> =
        common::world().catalog.evidence.keys().filter(|k| !read_kinds.contains(*k) && !helping.contains(&k.as_str())).collect();
    assert!(missing.is_empty(), "kinds without a case that reads something: {missing:?}");
}
