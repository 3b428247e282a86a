//! Faulty catalogues: `catalog check` finds each kind of fault, and nothing else.
//!
//! `tests/invalid-catalogs/<code>_<what>` is a catalogue that is laid over the program's. What is printed lies beside it as `.stderr`;
//! `SNAPSHOTS=overwrite cargo test --test invalid_catalogs` writes it anew. A file `arguments` holds further arguments.

mod common;

use common::program::{Run, run};
use common::root;
use dpia365::diagnostic::code;
use std::collections::BTreeSet;
use std::path::PathBuf;

fn cases() -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(root().join("tests/invalid-catalogs")).unwrap().map(|e| e.unwrap().path());
    let mut cases: Vec<_> = entries.filter(|p| p.is_dir()).map(|p| (p.file_name().unwrap().to_str().unwrap().to_owned(), p)).collect();
    cases.sort();
    assert!(cases.len() > 20, "the faulty catalogues were not found");
    cases
}

fn check(name: &str, path: &std::path::Path) -> Run {
    let more = std::fs::read_to_string(path.join("arguments")).unwrap_or_default();
    let line = format!("catalog check --strict --catalog {name} {more}");
    run(&root().join("tests/invalid-catalogs"), &line.split_whitespace().collect::<Vec<_>>())
}

#[test]
fn each_fault_is_found_by_its_code() {
    for (name, path) in cases() {
        let run = check(&name, &path).expect(2);
        let (wanted, _) = name.split_once('_').expect("named <code>_<what>");
        assert!(code(wanted).is_some(), "{name}: no such code");
        let found: BTreeSet<&str> =
            run.stderr.lines().filter_map(|l| l.strip_prefix("error[").or_else(|| l.strip_prefix("warning["))?.split(']').next()).collect();
        assert_eq!(found, BTreeSet::from([wanted]), "{name}:\n{}", run.stderr);
        let golden = path.with_extension("stderr");
        if std::env::var_os("SNAPSHOTS").is_some_and(|v| v == "overwrite") {
            std::fs::write(&golden, &run.stderr).unwrap();
        }
        let kept = std::fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(run.stderr, kept, "{name}: SNAPSHOTS=overwrite writes it anew");
    }
}

#[test]
fn the_catalogue_of_the_program_has_nothing_to_look_at() {
    run(&root(), &["catalog", "check", "--strict"]).expect(0);
}
