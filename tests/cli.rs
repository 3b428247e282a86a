//! The command line: exit statuses, output files, and every command on the real binary.

mod common;

use common::program::{Run, program, run};
use common::schema::fulfils;
use common::{example, root, world};
use dpia365::diagnostic::CODES;
use dpia365::model::Lang;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// A description with one finding that is high, and the day fixed.
const SMALL: &str = r#"
format = 1
[assessment]
title = "Mail"
language = "en"
as-of = 2026-01-31
[organisation]
name = "Town"
country = "NL"
kind = "municipality"
[services]
in-use = ["exchange"]
[entra]
user-consent = "all"
"#;

fn examples(name: &str) -> PathBuf {
    root().join("examples").join(name)
}

/// A folder with `small/deployment.toml`.
fn small() -> tempfile::TempDir {
    folder(&[("small/deployment.toml", SMALL)])
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"), fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// A report on an example, laid out once for all tests.
fn municipality() -> &'static [u8] {
    static PDF: OnceLock<Vec<u8>> = OnceLock::new();
    PDF.get_or_init(|| run(&root(), &words("report examples/municipality -o -")).expect(0).stdout)
}

// ---- Exit status

#[test]
fn done_gate_failed_or_could_not_be_done() {
    let town = small();
    let report = |more: &str| run(town.path(), &words(&format!("report small --format json -o - {more}")));
    for level in ["low", "medium", "high"] {
        let gate = report(&format!("--fail-on {level}")).expect(1);
        assert_eq!(gate.json()["findings"][0]["current"]["level"], "high", "the report is written all the same");
        assert!(!gate.stderr.contains("error"), "{}", gate.stderr);
    }
    report("--fail-on very-high").expect(0);
    report("--fail-on hihg").refused("choice-unknown", &["`hihg` is no level", "did you mean `high`?"]);
    for (line, status) in
        [("check small", 0), ("questions small", 0), ("--help", 0), ("--version", 0), ("check", 2), ("repot small", 2), ("", 2)]
    {
        let args: Vec<&str> = line.split_whitespace().collect();
        let run = run(town.path(), &args).expect(status);
        assert_eq!(run.stdout.is_empty(), status == 2, "`{line}`: data go to standard output, messages to standard error");
    }
    run(town.path(), &words("report small --as-of 2026-02-30 -o -")).expect(2);
}

#[test]
fn a_risk_that_could_be_high_fails_the_gate() {
    let open = folder(&[("open.toml", &SMALL.replace("\"all\"", "\"unknown\""))]);
    let run = run(open.path(), &words("report open.toml --format json -o - --fail-on high")).expect(1);
    let view = run.json();
    let finding = view["findings"].as_array().unwrap().iter().find(|f| f["risk"] == "user-consent-open").unwrap();
    assert_ne!(finding["range"]["lowest"], "high");
    assert_eq!(finding["range"]["highest"], "high");
}

#[test]
fn what_options_name_must_exist() {
    let town = small();
    for (line, code, help) in [
        ("report small --lang fr", "language-unknown", "known languages: de, en, nl"),
        ("check small --lang fr", "language-unknown", "known languages"),
        ("init new --lang fr", "language-unknown", "known languages"),
        ("report small --structure edbp-2026", "structure-unknown", "did you mean `edpb-2026`?"),
        ("report small --catalog nowhere", "file-missing", "--catalog takes a folder"),
        ("report small --templates nowhere", "file-missing", "--templates takes a folder"),
        ("report smal", "file-missing", "nearby: `small`"),
        ("report small/deployment.tml", "file-missing", "nearby: `small/deployment.toml`"),
    ] {
        run(town.path(), &words(line)).refused(code, &[help]);
    }
    assert_eq!(files(town.path()).len(), 1, "nothing was written");
}

// ---- Input

#[test]
fn large_files_are_refused_quickly() {
    let town = folder(&[
        ("main/deployment.toml", ""),
        ("part/deployment.toml", &format!("include = [\"large.toml\"]\n{SMALL}")),
        ("part/large.toml", ""),
        ("catalog/risks/control/large.toml", ""),
        ("templates/large.typ", ""),
        ("large.pdf", ""),
        ("small/deployment.toml", SMALL),
    ]);
    for large in ["main/deployment.toml", "part/large.toml", "catalog/risks/control/large.toml", "templates/large.typ"] {
        fs::File::options().write(true).open(town.path().join(large)).unwrap().set_len(50 << 20).unwrap();
    }
    fs::File::options().write(true).open(town.path().join("large.pdf")).unwrap().set_len(1 << 30).unwrap();
    for (line, code, words_of) in [
        ("report main", "file-too-large", "`main/deployment.toml` is larger than 4 MiB"),
        ("report part", "file-too-large", "`part/large.toml` is larger than 4 MiB"),
        ("report small --catalog catalog", "file-too-large", "larger than 4 MiB"),
        ("report small --templates templates", "file-too-large", "larger than 32 MiB"),
        ("open large.pdf -o out", "pdf-unreadable", "larger than 64 MB"),
    ] {
        run(town.path(), &words(line)).refused(code, &[words_of]);
    }
    #[cfg(unix)]
    for line in ["report /dev/zero", "open /dev/zero -o out"] {
        run(town.path(), &words(line)).refused("file-missing", &["not a file"]);
    }
}

#[test]
fn marks_and_line_ends_of_other_editors_change_nothing() {
    let text = format!(
        "{SMALL}[[purpose]]\nid = \"mail\"\ntitle = \"Mail\"\nnecessity = \"\"\"\nFirst line.\nSecond line.\n\nAnother paragraph.\n\"\"\"\n"
    );
    let town = folder(&[("a/unix.toml", &text), ("b/unix.toml", &format!("\u{feff}{}", text.replace('\n', "\r\n")))]);
    let report = |folder: &str, format: &str| {
        run(town.path(), &words(&format!("report {folder}/unix.toml --format {format} -o -"))).expect(0).stdout
    };
    assert_eq!(report("a", "json"), report("b", "json"));
    assert_eq!(report("a", "md"), report("b", "md"));
    assert!(!String::from_utf8(report("b", "json")).unwrap().contains("\\r"), "no font could show it");
}

// ---- Output

#[test]
fn without_a_name_the_report_is_named_after_the_description() {
    let town = folder(&[("small/deployment.toml", SMALL), ("other.toml", SMALL), ("in/x", "")]);
    run(town.path(), &words("report small --format md")).expect(0);
    run(town.path(), &words("report small/deployment.toml --format json")).expect(0);
    run(town.path(), &words("report other.toml --format json")).expect(0);
    run(&town.path().join("in"), &words("report ../small/ --format json")).expect(0);
    run(&town.path().join("small"), &words("report . --format md -o ../named.md")).expect(0);
    let names: Vec<String> = files(town.path()).into_keys().collect();
    let expected = ["in/small.json", "in/x", "named.md", "other.json", "other.toml", "small.json", "small.md", "small/deployment.toml"];
    assert_eq!(names, expected);
    run(town.path(), &words("report small --format json -o named.md")).expect(0);
    assert!(fs::read(town.path().join("named.md")).unwrap().starts_with(b"{"), "an older report is replaced");
}

#[test]
fn what_cannot_be_written_is_said_and_leaves_nothing() {
    let town = folder(&[("small/deployment.toml", SMALL), ("file", ""), ("busy/deployment.toml", "# mine")]);
    fs::write(town.path().join("report.pdf"), municipality()).unwrap();
    let before = files(town.path());
    let (cannot, code) = ("cannot write `", "output-not-writable");
    for (line, cure) in [
        ("report small --format md -o nowhere/x.md", "its folder does not exist"),
        ("report small --format md -o small", "it is a folder"),
        ("report small --format md -o file/x.md", "its folder does not exist"),
        ("report small --format md -o small/", "it is a folder"),
        ("report small --format md -o ./small/deployment.toml", "belongs to the description"),
        ("init busy", "exists already"),
        ("init file/new", "cannot make the folder"),
        ("open report.pdf -o file", "cannot make the folder"),
    ] {
        run(town.path(), &words(line)).refused(code, &[cure, "help:"]);
        assert_eq!(files(town.path()), before, "{line}");
    }
    #[cfg(target_os = "linux")]
    for (line, cure) in
        [("report small --format md -o /proc/x.md", "another place with -o"), ("report small --format md -o /dev/full", "the disk is full")]
    {
        run(town.path(), &words(line)).refused(code, &[cannot, cure]);
    }
}

/// A limit on file sizes meets a program where a full disk would: in the middle of writing.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_half_file() {
    let town = small();
    fs::write(town.path().join("report.pdf"), municipality()).unwrap();
    let before = files(town.path());
    let limited = |line: &str| shell(town.path(), &format!("trap '' XFSZ; ulimit -f 8; exec \"$BIN\" {line}"));
    for line in [
        "report small --format md -o report.md",
        "report small --format json",
        "report small --format md -o report.pdf",
        "init new/folder",
        "open report.pdf -o new/folder",
    ] {
        limited(line).refused("output-not-writable", &["cannot write `", "it would be larger than is allowed here", "help: "]);
        assert_eq!(files(town.path()), before, "{line}: neither a half file nor a temporary one, and the older file as it was");
        assert!(!town.path().join("new").exists(), "{line}");
    }
    if Path::new("/dev/full").exists() {
        for line in ["report small --format md -o -", "check small", "schema", "explain double-key-encryption"] {
            let run = shell(town.path(), &format!("exec \"$BIN\" {line} > /dev/full")).expect(2);
            assert!(run.stderr.contains("cannot write standard output: the disk is full"), "{line}\n{}", run.stderr);
        }
        // Messages that nobody can read change nothing.
        shell(town.path(), "exec \"$BIN\" check nowhere 2> /dev/full").expect(2);
        shell(town.path(), "exec \"$BIN\" init new > /dev/full").expect(0);
        shell(town.path(), "exec \"$BIN\" check new 2> /dev/full").expect(0);
    }
}

#[cfg(unix)]
#[test]
fn pipes_are_written_to_and_may_end_early() {
    let town = small();
    let run = shell(
        town.path(),
        "mkfifo pipe; cat pipe & \"$BIN\" report small --format json -o pipe; status=$?; wait; test -p pipe && exit $status",
    )
    .expect(0);
    assert_eq!(run.json()["schema"], 1);
    let run = shell(town.path(), "{ \"$BIN\" schema; echo \"$?\" >&2; } | head -c 10").expect(0);
    assert_eq!((run.stdout.len(), run.stderr.as_str()), (10, "0\n"));
}

/// Runs a line of shell with the program as `$BIN`.
#[cfg(unix)]
fn shell(folder: &Path, line: &str) -> Run {
    let path = std::env::var_os("PATH").unwrap();
    let output = std::process::Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env_clear()
        .env("PATH", path)
        .env("BIN", env!("CARGO_BIN_EXE_dpia365"))
        .output();
    Run::of(output.unwrap())
}

#[test]
fn colour_only_where_it_is_wanted() {
    let town = small();
    let run_with = |variables: &[(&str, &str)], args: &[&str]| {
        let output = program(town.path()).envs(variables.iter().copied()).args(args).output().unwrap();
        [output.stdout, output.stderr].concat().contains(&0x1b)
    };
    let fault = ["check", "nowhere"];
    assert!(run_with(&[("CLICOLOR_FORCE", "1")], &fault), "there is colour to suppress");
    assert!(!run_with(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], &fault), "a pipe is no terminal");
    assert!(!run_with(&[("TERM", "xterm"), ("NO_COLOR", "1")], &fault));
    for line in
        ["check small", "questions small", "explain user-consent-open small", "catalog list", "--help", "report small --format md -o -"]
    {
        assert!(!run_with(&[("NO_COLOR", "1")], &words(line)), "{line}");
    }
}

// ---- A report taken up again

#[test]
fn a_delivered_report_can_be_taken_up_again() {
    let town = tempfile::tempdir().unwrap();
    fs::write(town.path().join("report.pdf"), municipality()).unwrap();
    let listed = run(town.path(), &words("open report.pdf -o opened")).expect(0);
    let mut opened = files(&town.path().join("opened"));
    assert_eq!(listed.text().lines().count(), opened.len());

    let view = opened.remove("view.json").unwrap();
    // Beside the description lie the reports on it, for other tests.
    let original: BTreeMap<_, _> = files(&examples("municipality"))
        .into_iter()
        .filter(|(name, _)| name.ends_with(".toml"))
        .map(|(name, bytes)| (format!("description/{name}"), bytes))
        .collect();
    assert!(original.len() > 1, "a description of several files");
    assert_eq!(opened, original, "byte by byte");

    // The view inside the PDF is the view of `--format json`, except that it does not list the attachments, of which it is one.
    let json = run(&root(), &words("report examples/municipality --format json -o -")).expect(0);
    let mut outside = json.json();
    let attachments = std::mem::replace(&mut outside["document"]["attachments"], Json::Array(Vec::new()));
    assert_eq!(serde_json::from_slice::<Json>(&view).unwrap(), outside);
    let names: Vec<&str> = attachments.as_array().unwrap().iter().map(|a| a["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), original.len() + 1);
    assert!(original.keys().all(|name| names.contains(&name.as_str())) && names.contains(&"view.json"), "{names:?}");

    let again = run(town.path(), &words("report opened/description --format json -o -")).expect(0);
    assert_eq!(again.stdout, json.stdout, "the opened description gives the same findings, and everything else");
}

#[test]
fn the_same_description_gives_the_same_bytes_everywhere() {
    let elsewhere = tempfile::tempdir().unwrap();
    copy(&examples("municipality"), &elsewhere.path().join("a b/copy"));
    let cwd = elsewhere.path().join("a b");
    let pdf = run(&cwd, &words("report ./copy/deployment.toml -o -")).expect(0).stdout;
    assert!(pdf == municipality(), "the PDF differs");
    for format in ["json", "md"] {
        let here = run(&root(), &words(&format!("report examples/municipality --format {format} -o -"))).expect(0).stdout;
        let there = run(&cwd, &words(&format!("report copy --format {format} -o -"))).expect(0).stdout;
        let absolute =
            run(elsewhere.path(), &["report", examples("municipality").to_str().unwrap(), "--format", format, "-o", "-"]).expect(0).stdout;
        assert!(here == there && here == absolute, "{format} differs");
        for report in [there, absolute] {
            let text = String::from_utf8(report).unwrap();
            assert!(
                ![root().as_path(), elsewhere.path()].iter().any(|p| text.contains(p.to_str().unwrap())),
                "{format} names a path of this computer"
            );
        }
    }
}

#[test]
fn only_our_own_reports_are_opened() {
    let bare = "%PDF-1.7\n1 0 obj <</Type/Catalog /Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages /Kids [3 0 R] /Count 1>> endobj\n\
        3 0 obj <</Type/Page /Parent 2 0 R /MediaBox [0 0 9 9]>> endobj\ntrailer <</Root 1 0 R /Size 4>>\n%%EOF\n";
    let town = folder(&[
        ("small/deployment.toml", SMALL),
        ("text.pdf", "nonsense"),
        ("empty.pdf", ""),
        ("bare.pdf", bare),
        ("out/description/deployment.toml", "# newer"),
    ]);
    fs::write(town.path().join("whole.pdf"), municipality()).unwrap();
    for (name, part) in [("half.pdf", 2), ("tenth.pdf", 10)] {
        fs::write(town.path().join(name), &municipality()[..municipality().len() / part]).unwrap();
    }
    let before = files(town.path());
    for (line, code, cure) in [
        ("open text.pdf -o new", "pdf-unreadable", "cannot be read as a PDF"),
        ("open empty.pdf -o new", "pdf-unreadable", "cannot be read as a PDF"),
        ("open bare.pdf -o new", "pdf-unreadable", "only reports written by dpia365 can be opened"),
        ("open half.pdf -o new", "pdf-unreadable", "half.pdf"),
        ("open tenth.pdf -o new", "pdf-unreadable", "tenth.pdf"),
        ("open missing.pdf -o new", "file-missing", "missing.pdf"),
        ("open small -o new", "file-missing", "it is not a file"),
        ("open whole.pdf -o out", "output-not-writable", "choose an empty folder with -o"),
    ] {
        run(town.path(), &words(line)).refused(code, &[cure, "help: "]);
        assert_eq!(files(town.path()), before, "{line}");
        assert!(!town.path().join("new").exists(), "{line}");
    }
}

// ---- Starters

#[test]
fn starters_are_accepted_and_never_overwritten() {
    let town = tempfile::tempdir().unwrap();
    for lang in Lang::ALL {
        let made = run(town.path(), &words(&format!("init {lang} --lang {lang}"))).expect(0);
        assert_eq!(made.text(), format!("{lang}/deployment.toml\n"));
        let path = town.path().join(format!("{lang}/deployment.toml"));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(&format!("\nlanguage = \"{lang}\" ")), "{text}");

        let checked = run(town.path(), &words(&format!("check {lang}"))).expect(0);
        let prompts = text.lines().filter(|l| l.contains('‹') && !l.starts_with('#')).count();
        // The first few are shown, the rest counted.
        let shown = checked.stderr.matches("warning[prose-starter]").count();
        assert!(shown > 0 && checked.stderr.contains(&format!("\nwarning: {} more texts", prompts - shown)), "{}", checked.stderr);
        assert_eq!(checked.stderr.matches("warning[").count(), shown, "{}", checked.stderr);

        fs::write(&path, "# mine").unwrap();
        run(town.path(), &words(&format!("init {lang} --lang {lang}")))
            .refused("output-not-writable", &["exists already", "choose another folder"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "# mine");
    }
}

/// The lines that a starter holds as comments are answers once the `#` and all but one alternative are taken away.
#[test]
fn every_commented_answer_of_a_starter_can_be_given() {
    let town = tempfile::tempdir().unwrap();
    run(town.path(), &words("init new")).expect(0);
    let path = town.path().join("new/deployment.toml");
    let text = fs::read_to_string(&path).unwrap();
    let (head, facts) = text.split_once("# ---- Facts").unwrap();
    let answer = |line: &str| {
        let line = line.strip_prefix("# ")?;
        let (key, values) =
            line.split_once(" = ").filter(|(key, _)| key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'))?;
        Some(format!("{key} = {}", values.split(" | ").next()?))
    };
    let records = |line: &str| line.strip_prefix("# [[").map(|rest| format!("[[{rest}"));
    let answered: Vec<String> = facts.lines().map(|l| answer(l).or_else(|| records(l)).unwrap_or_else(|| l.to_owned())).collect();
    fs::write(&path, format!("{head}#{}", answered.join("\n"))).unwrap();
    let asked = world().catalog.vocabulary.facts.values().filter(|d| d.is_asked()).count();
    assert!(answered.iter().filter(|l| !l.starts_with('#') && l.contains(" = ")).count() >= asked);
    let checked = run(town.path(), &words("check new")).expect(0);
    assert!(!checked.stderr.contains("error["), "{}", checked.stderr);
    assert!(checked.text().contains("\n0 open facts"), "{}", checked.text());
}

#[test]
fn starters_differ_in_words_only() {
    fn shape(value: &toml::Value) -> String {
        match value {
            toml::Value::Table(table) => table.iter().map(|(key, value)| format!("{key}({}) ", shape(value))).collect(),
            toml::Value::Array(items) => items.iter().map(|i| shape(i) + ",").collect(),
            toml::Value::String(text) if text.starts_with('‹') => "prompt".to_owned(),
            toml::Value::String(text) if text.contains(' ') => "words".to_owned(),
            other => other.to_string(),
        }
    }
    let starter = |lang: &str| {
        let text = fs::read_to_string(root().join(format!("templates/starter/{lang}.toml"))).unwrap();
        let comments = text
            .lines()
            .filter(|l| l.starts_with("# ") && l.contains(" = "))
            .map(|l| l.split(" = ").next().unwrap().to_owned())
            .collect::<Vec<_>>();
        let mut table: toml::Table = text.parse().unwrap();
        for (block, key) in [("assessment", "language"), ("organisation", "country")] {
            assert!(table[block].as_table_mut().unwrap().remove(key).is_some());
        }
        (shape(&toml::Value::Table(table)), comments)
    };
    assert_eq!(starter("en"), starter("nl"));
    assert_eq!(starter("en"), starter("de"));
}

// ---- Knowledge

#[test]
fn the_schema_fits_the_examples() {
    let schema = run(&root(), &["schema"]).expect(0).json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(fulfils(&example(&name).raw, &schema), "{name}");
    }
    let wrong = serde_json::json!({ "format": 1, "assessment": { "title": "x", "language": "fr" }, "organisation": { "name": "x", "country": "NL", "kind": "other" } });
    assert!(!fulfils(&wrong, &schema));
}

#[test]
fn every_code_is_explained() {
    for code in CODES {
        let run = run(&root(), &["explain", code.id]).expect(0);
        assert_eq!(run.text(), format!("{}\n\n{}\n", code.id, code.explanation));
        assert!(code.explanation.len() > 20 && code.explanation.ends_with('.'), "{}", code.id);
    }
    assert!(CODES.is_sorted_by_key(|c| c.id) || CODES.iter().filter(|c| c.id.starts_with("unknown")).count() == 2);
}

#[test]
fn everything_with_an_id_is_explained() {
    let town = small();
    let title = |lang| world().catalog.risks["user-consent-open"].title.get(lang).to_owned();
    for (line, parts) in [
        (
            "explain user-consent-open",
            &[title(Lang::En).as_str(), "family: ", "likelihood 3, severity 3: otherwise", "treated by: restrict-user-consent"][..],
        ),
        ("explain user-consent-open --lang nl", &[&title(Lang::Nl)]),
        ("explain double-key-encryption", &["actor: organisation", "does not reach: ", "treats: ", "sources: "]),
        ("explain diagnostics.level", &["(choice)", "where to look: ", "last seen "]),
        ("explain vendor.provider-under-us-law", &["ever to now: true (secondary, last seen 2025-06-10"]),
        ("explain pc-2020", &["Privacy Company"]),
        ("explain user-consent-open small", &["R", "[user-consent-open]", "\n  now: high ("]),
        ("explain calls-not-end-to-end-encrypted small", &["not-applicable: "]),
        ("explain entra.user-consent small", &["entra.user-consent  = \"all\""]),
        ("explain diagnostics.level small", &["diagnostics.level", " = open"]),
        ("explain double-key-encryption small", &["actor: organisation"]),
        ("explain file-outside small", &["A description may only include files"]),
    ] {
        let run = run(town.path(), &words(line)).expect(0);
        for part in parts {
            assert!(run.text().contains(part), "{line}: `{part}` is missing:\n{}", run.text());
        }
    }
}

#[test]
fn all_of_the_catalogue_can_be_explained() {
    let catalog = &world().catalog;
    // One of each kind in each language; texts with placeholders fill for a deployment of which nothing is known.
    let ids = catalog.risks.keys().chain(catalog.measures.keys()).enumerate().filter(|(i, _)| i % 7 == 0);
    for ((_, id), lang) in ids.zip(Lang::ALL.iter().cycle()) {
        let run = run(&root(), &["explain", id, "--lang", lang.code()]).expect(0);
        assert!(!run.text().contains("{{") && run.text().lines().count() > 4, "{id}: {}", run.text());
    }
}

#[test]
fn unknown_ids_get_the_nearest() {
    let town = small();
    for (line, near) in [
        ("explain double-key-encrypton", "did you mean `double-key-encryption`?"),
        ("explain user-consent-opened", "did you mean `user-consent-open`?"),
        ("explain diagnostics.levels", "did you mean `diagnostics.level`?"),
        ("explain file-mising", "did you mean `file-missing`?"),
        ("explain pc-2021", "did you mean `pc-2020`?"),
        ("explain xyzzy", "dpia365 explain FINDING DEPLOYMENT"),
        ("explain user-consent-opened small", "did you mean `user-consent-open`?"),
    ] {
        run(town.path(), &words(line)).refused("unknown-id", &[near]);
    }
}

#[test]
fn the_catalogue_is_checked_and_listed() {
    let catalog = &world().catalog;
    let checked = run(&root(), &words("catalog check")).expect(0);
    assert_eq!(checked.stderr, "");
    assert!(
        checked.text().starts_with(&format!("{} risks, {} measures, ", catalog.risks.len(), catalog.measures.len())),
        "{}",
        checked.text()
    );
    for lang in Lang::ALL {
        let listed = run(&root(), &words(&format!("catalog list --lang {lang}"))).expect(0);
        let lines: Vec<&str> = listed.text().lines().collect();
        assert_eq!(lines.len(), catalog.risks.len());
        for risk in catalog.risks.values() {
            assert!(
                lines.iter().any(|l| l.starts_with(&risk.family) && l.contains(&risk.id) && l.ends_with(risk.title.get(lang))),
                "{}",
                risk.id
            );
        }
    }
}

#[test]
fn what_is_laid_over_the_catalogue_counts_and_is_named() {
    let risk = |title: &str| {
        format!(
            "services = [\"exchange\"]\ndata = [\"content\"]\nsubjects = [\"employees\"]\nsources = [\"entra-01\"]\ntitle = \"{title}\"\n\
             affected = \"Everybody.\"\nwhat = \"Here.\"\n[[rating]]\nlikelihood = 2\nseverity = 2\nlikelihood-because = \"So.\"\nseverity-because = \"So.\"\n"
        )
    };
    let town = folder(&[
        ("small/deployment.toml", SMALL),
        ("house/catalog.toml", "name = \"House rules\"\nversion = \"7.1\"\nas-of = 2026-01-31\nlicence = \"MIT\"\n"),
        ("house/risks/confidentiality/open-plan-offices.toml", &risk("Open-plan offices")),
        ("house/risks/third-party-apps/user-consent-open.toml", &risk("Our own words about consent")),
        ("house/risks/monitoring/usage-reports-by-name.toml", "disabled = true\nreason = \"Nobody here may open these reports.\"\n"),
    ]);
    let view = run(town.path(), &words("report small --catalog house --format json -o -")).expect(0).json();
    let catalogs = view["catalogs"].as_array().unwrap();
    assert_eq!(catalogs.len(), 2);
    assert_eq!(
        (&catalogs[0]["name"], &catalogs[1]["name"], &catalogs[1]["version"]),
        (&Json::from("dpia365"), &Json::from("House rules"), &Json::from("7.1"))
    );
    let titles: BTreeMap<&str, &str> =
        view["findings"].as_array().unwrap().iter().map(|f| (f["risk"].as_str().unwrap(), f["title"].as_str().unwrap())).collect();
    assert_eq!(titles.get("open-plan-offices"), Some(&"Open-plan offices"), "added");
    assert_eq!(titles.get("user-consent-open"), Some(&"Our own words about consent"), "replaced");
    assert!(!titles.contains_key("usage-reports-by-name"));
    let disabled = view["excluded"].as_array().unwrap().iter().find(|e| e["risk"] == "usage-reports-by-name").unwrap();
    assert_eq!(disabled["because"], "disabled");
    assert!(disabled["detail"].as_str().unwrap().contains("Nobody here may open these reports."), "{disabled}");

    let report = run(town.path(), &words("report small --catalog house --format md -o -")).expect(0);
    for part in ["House rules", "7.1", "Nobody here may open these reports."] {
        assert!(report.text().contains(part), "`{part}` is missing");
    }
    for catalog in catalogs {
        let hash = catalog["sha256"].as_str().unwrap();
        assert!(hash.len() == 64 && report.text().contains(hash), "{hash}");
    }
    let listed = run(town.path(), &words("catalog list --catalog house")).expect(0);
    assert!(listed.text().contains("open-plan-offices") && !listed.text().contains("usage-reports-by-name"), "{}", listed.text());

    fs::write(town.path().join("house/risks/confidentiality/open-plan-offices.toml"), risk("Open-plan offices!")).unwrap();
    let changed = run(town.path(), &words("report small --catalog house --format json -o -")).expect(0).json();
    assert_ne!(changed["catalogs"][1]["sha256"], catalogs[1]["sha256"], "another text is another catalogue");
    assert_eq!(changed["catalogs"][0], catalogs[0]);
}

#[test]
fn templates_laid_over_ours_change_words_and_layout() {
    let words_of = fs::read_to_string(root().join("templates/locale/en.toml")).unwrap();
    let changed = words_of.replace("\ndraft = \"Draft\"\n", "\ndraft = \"Preliminary\"\n");
    assert_ne!(words_of, changed);
    let town = folder(&[
        ("small/deployment.toml", SMALL),
        ("house/locale/en.toml", &changed),
        ("layout/report.md.jinja", "{{ view.document.title }}, {{ view.outcome.proposed }}\n"),
    ]);
    let view = run(town.path(), &words("report small --templates house --format json -o -")).expect(0).json();
    assert_eq!(view["document"]["draft_mark"], "Preliminary");
    let report = run(town.path(), &words("report small --templates layout --format md -o -")).expect(0);
    assert!(report.text().starts_with("Mail, "), "{}", report.text());
}

#[test]
fn the_day_can_be_chosen() {
    let town = small();
    let view = run(town.path(), &words("report small --as-of 2024-05-01 --format json -o -")).expect(0).json();
    assert_eq!(view["as_of"], "2024-05-01");
}
