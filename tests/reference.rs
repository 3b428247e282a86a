//! The reference of the catalogue under `docs/reference/` is what the program writes. `SNAPSHOTS=overwrite cargo test --test reference` writes it anew.

mod common;

use common::program::run;
use common::root;

const PARTS: [&str; 7] = ["risks", "measures", "facts", "vendor", "permissions", "lists", "sources"];

#[test]
fn the_reference_is_fresh() {
    for part in PARTS {
        let written = run(&root(), &["catalog", "list", part, "--format", "md"]).expect(0);
        let path = root().join(format!("docs/reference/{part}.md"));
        if std::env::var_os("SNAPSHOTS").is_some_and(|v| v == "overwrite") {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, written.text()).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written.text().len() > 2_000, "{part} says nothing");
        assert!(written.text() == kept, "docs/reference/{part}.md is stale: SNAPSHOTS=overwrite writes it anew");
    }
}

/// A catalogue of one's own, laid over the program's: two more risks, one rated otherwise, and named with its hash.
#[test]
fn the_consultancys_catalogue_lies_over_ours() {
    run(&root(), &["catalog", "check", "--strict", "--catalog", "examples/consultancy-catalog"]).expect(0);
    let report = |args: &[&str]| {
        let all = [&["report", "examples/municipality", "--lang", "en", "--format", "json", "-o", "-"], args].concat();
        run(&root(), &all).expect(0).json()
    };
    let (plain, laid_over) = (report(&[]), report(&["--catalog", "examples/consultancy-catalog"]));
    let level = |view: &serde_json::Value, risk: &str| {
        let found = view["findings"].as_array().unwrap().iter().find(|f| f["risk"] == risk)?;
        Some(found["gross"]["level"].as_str().unwrap().to_owned())
    };
    for new in ["cases-in-shared-mailboxes", "minutes-from-transcripts"] {
        assert_eq!(level(&plain, new), None);
        assert!(level(&laid_over, new).is_some(), "{new} is not found");
    }
    assert_eq!(level(&plain, "presence-and-read-receipts").as_deref(), Some("low"));
    assert_eq!(level(&laid_over, "presence-and-read-receipts").as_deref(), Some("medium"));
    let catalogs = laid_over["catalogs"].as_array().unwrap();
    assert_eq!(catalogs.len(), 2);
    assert_eq!((&catalogs[1]["name"], &catalogs[1]["version"]), (&"Voorbeeld & Partners".into(), &"2026.2".into()));
    assert_eq!(catalogs[1]["sha256"].as_str().unwrap().len(), 64);
}
