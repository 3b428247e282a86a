//! Hostile files named as evidence: the program says what is wrong with them, and writes nothing. Time and memory are held by `sheets/hostile.rs`.

mod common;
#[path = "sheets/files.rs"]
mod files;

use common::program::run;
use files::{ole, sheet, xlsx, zip};
use std::path::Path;

fn description(folder: &Path, file: &str, bytes: &[u8]) {
    std::fs::write(folder.join(file), bytes).unwrap();
    let text = format!("{}\n[[evidence]]\nfile = \"{file}\"\nas-of = 2026-11-01\n", common::HEAD);
    std::fs::write(folder.join("deployment.toml"), text).unwrap();
}

fn args(folder: &Path, more: &[&str]) -> Vec<std::path::PathBuf> {
    let mut args = vec!["check".into(), folder.to_owned()];
    args.extend(more.iter().map(std::path::PathBuf::from));
    args
}

#[test]
fn hostile_files_end_in_a_diagnostic() {
    let bomb = sheet(&" ".repeat(80 << 20));
    let entities = r#"<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet><sheetData/></worksheet>"#;
    let whole = xlsx(sheet("<row r='1'><c r='A1'><v>1</v></c></row>").as_bytes(), &[]);
    let mixed = [b"\xef\xbb\xbfIdentity,AllowCloudRecording,AutoAdmittedUsers\n".as_slice(), &b"Global,\xff\xfe,x\n".repeat(40)].concat();
    let json = format!("[{}]", "0,".repeat(3_000_000).trim_end_matches(','));
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("sheet-encrypted", "a.xlsx", ole(&[("EncryptionInfo", &[0; 100]), ("EncryptedPackage", &[7; 5000])])),
        ("sheet-expands", "a.xlsx", xlsx(bomb.as_bytes(), &[])),
        ("sheet-entities", "a.xlsx", xlsx(entities.as_bytes(), &[])),
        ("sheet-broken", "a.xlsx", whole[..whole.len() / 2].to_vec()),
        ("sheet-broken", "a.json", b"{\"value\": [".to_vec()),
        ("sheet-encoding", "a.csv", mixed),
        ("sheet-unknown", "a.pdf", b"%PDF-1.7\n".to_vec()),
        ("sheet-unknown", "a.zip", zip(&[("readme.txt", b"hello")])),
        ("sheet-too-large", "a.json", json.into_bytes()),
    ];
    for (code, file, bytes) in cases {
        let folder = tempfile::tempdir().unwrap();
        description(folder.path(), file, &bytes);
        run(folder.path(), &args(folder.path(), &[])).refused(code, &[file]);
    }
}

/// A workbook whose data are on a hidden sheet: it may be that nobody meant to share them.
#[test]
fn data_on_a_hidden_sheet_are_not_read() {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("Notes").unwrap().write(0, 0, "nothing here").unwrap();
    let hidden = book.add_worksheet();
    hidden.set_name("Data").unwrap().set_hidden(true);
    for (column, heading) in ["Identity", "AllowCloudRecording", "AutoAdmittedUsers"].into_iter().enumerate() {
        hidden.write(0, u16::try_from(column).unwrap(), heading).unwrap();
    }
    hidden.write(1, 0, "Global").unwrap();
    let folder = tempfile::tempdir().unwrap();
    description(folder.path(), "a.xlsx", &book.save_to_buffer().unwrap());
    run(folder.path(), &args(folder.path(), &[])).refused("evidence-hidden", &["unhide"]);
}

#[test]
fn limits_are_configurable() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..2_000).map(|n| format!("Tag:P{n},True,Everyone\n")).collect();
    description(folder.path(), "a.csv", format!("Identity,AllowCloudRecording,AutoAdmittedUsers\nGlobal,True,Everyone\n{rows}").as_bytes());
    run(folder.path(), &args(folder.path(), &["--limit", "rows=1000"])).refused("sheet-too-large", &["--limit rows=N"]);
    run(folder.path(), &args(folder.path(), &["--limit", "cells=1000"])).refused("sheet-too-large", &["--limit cells=N"]);
    let read = run(folder.path(), &args(folder.path(), &["--limit", "rows=3000"]));
    assert!(read.stderr.contains("evidence-policy-unmapped"), "{}", read.stderr);
    for wrong in ["rows", "rows=none", "lines=5"] {
        let refused = run(folder.path(), &args(folder.path(), &["--limit", wrong]));
        assert_eq!(refused.status, 2, "{}", refused.stderr);
    }
    // Time runs out while a file is read, not after it.
    let mut json = String::from("{\"value\": [");
    json.push_str(&"{\"a\":1},".repeat(200_000));
    json.push_str("{}]}");
    description(folder.path(), "b.json", json.as_bytes());
    let slow = dpia365::sheets::open(&folder.path().join("b.json"), &dpia365::sheets::Limits { seconds: 0, ..Default::default() });
    assert_eq!(slow.unwrap_err().code, "sheet-too-slow");
}

/// Links and paths that leave the folder of the description are not followed.
#[cfg(unix)]
#[test]
fn links_out_of_the_folder_are_not_followed() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let secret = elsewhere.path().join("secret.csv");
    std::fs::write(&secret, "Identity,AllowCloudRecording,AutoAdmittedUsers\nGlobal,True,Everyone\n").unwrap();
    std::os::unix::fs::symlink(&secret, folder.path().join("link.csv")).unwrap();
    std::fs::create_dir(folder.path().join("folder.csv")).unwrap();
    for (file, code) in
        [("link.csv", "file-outside"), ("../secret.csv", "file-outside"), (".hidden.csv", "file-outside"), ("folder.csv", "file-missing")]
    {
        let text = format!("{}\n[[evidence]]\nfile = \"{file}\"\nas-of = 2026-11-01\n", common::HEAD);
        std::fs::write(folder.path().join("deployment.toml"), text).unwrap();
        run(folder.path(), &args(folder.path(), &[])).refused(code, &[]);
    }
}
