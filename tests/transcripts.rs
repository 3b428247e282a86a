//! What README.md and tests/cli/*.md show is what happens. `TRYCMD=overwrite cargo test --test transcripts` writes it anew.

mod common;

use std::path::Path;

#[test]
fn transcripts_are_true() {
    // Reports land in a folder of their own, beside the examples that the transcripts name.
    let folder = tempfile::tempdir().unwrap();
    let root = common::root();
    copy(&root.join("examples"), &folder.path().join("examples"));
    std::env::set_current_dir(folder.path()).unwrap();

    let cases = trycmd::TestCases::new();
    cases.register_bin("dpia365", Path::new(env!("CARGO_BIN_EXE_dpia365")));
    cases.env("COLUMNS", "100").env("NO_COLOR", "1");
    cases.case(root.join("tests/cli/*.md"));
    let readme = root.join("README.md");
    if readme.exists() {
        cases.case(readme);
    }
    cases.run();
    std::env::set_current_dir(root).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target);
        } else {
            std::fs::copy(source, target).unwrap();
        }
    }
}
