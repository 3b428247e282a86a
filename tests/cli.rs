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

    // The report does not carry evidence: it has to be laid beside the description, or left out on purpose.
    run(town.path(), &words("report opened/description --format json -o -")).refused("file-missing", &["--without-evidence"]);
    let without = run(town.path(), &words("report opened/description --format json -o - --without-evidence")).expect(0);
    assert!(without.stderr.contains("files of evidence were left out"), "{}", without.stderr);
    assert_eq!(without.json()["coverage"]["total"]["shown"], 0);
    copy(&examples("municipality/evidence"), &town.path().join("opened/description/evidence"));
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
    // What is left is for Microsoft to say, not for the organisation.
    let view = run(town.path(), &words("report new --format json -o -")).expect(0).json();
    for question in open_questions(&view) {
        assert!(question["fact"].as_str().unwrap().starts_with("vendor."), "{question}");
    }
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

// ---- Questions

/// The open questions of a report, in its order.
fn open_questions(view: &Json) -> Vec<&Json> {
    view["questions"].as_array().unwrap().iter().filter(|q| q["kind"] == "open").collect()
}

/// A commented line that is an answer once the `#` is gone: key and alternatives.
fn answer(line: &str) -> Option<(&str, &str)> {
    let word = |key: &str| !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    line.strip_prefix("# ")?.split_once(" = ").filter(|(key, _)| word(key))
}

/// The sheet with the `#` taken from every answer, and the first of its values kept.
fn answered(sheet: &str) -> String {
    let lines = sheet.lines().map(|line| match answer(line) {
        Some((key, values)) => format!("{key} = {}", values.split(" | ").next().unwrap()),
        None => line.strip_prefix("# [[").map_or_else(|| line.to_owned(), |list| format!("[[{list}")),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sheet_of_questions_holds_every_open_fact_and_is_toml_once_answered() {
    let town = small();
    let view = run(town.path(), &words("report small --format json -o -")).expect(0).json();
    let sheet = run(town.path(), &words("questions small --format toml")).expect(0);
    assert_eq!(
        sheet.text().parse::<toml::Table>().unwrap().values().filter(|v| v.as_table().is_none_or(|t| !t.is_empty())).count(),
        0,
        "nothing is answered yet"
    );
    let table: toml::Table = answered(sheet.text()).parse().unwrap_or_else(|e| panic!("{e}\n{}", answered(sheet.text())));
    assert!(!table.contains_key("organisation"), "the block is no area of facts");

    let vocabulary = &world().catalog.vocabulary;
    let questions = open_questions(&view);
    assert!(questions.len() > 100, "{}", questions.len());
    let mut asked = 0;
    for question in &questions {
        let id = question["fact"].as_str().unwrap();
        let in_sheet = match vocabulary.get(id) {
            // What Microsoft does is not for the organisation to state.
            Some(def) if !def.is_asked() => continue,
            Some(def) => match def.id.split_once('.') {
                Some((area, fact)) => table.get(area).is_some_and(|area| area.get(fact).is_some()),
                None => table.get(id).is_some_and(toml::Value::is_array),
            },
            // A field stands in an entry of its list.
            None => {
                let (list, field) = id.rsplit_once('.').unwrap();
                table.get(list).and_then(|l| l.get(0)).is_some_and(|entry| entry.get(field).is_some())
            }
        };
        assert!(in_sheet, "{id} is not in the sheet");
        asked += 1;
    }
    assert!(asked > 100 && asked < questions.len(), "{asked} of {}", questions.len());
    let stated = table["services"].as_table().unwrap();
    assert!(!stated.contains_key("in-use"), "what is answered is not asked again: {stated:?}");
}

#[test]
fn one_line_of_the_sheet_answers_one_question() {
    let town = small();
    run(town.path(), &words("questions small --format toml -o sheet.toml")).expect(0);
    let sheet = fs::read_to_string(town.path().join("sheet.toml")).unwrap();
    let line = sheet.lines().find(|l| l.starts_with("# new-in-use = ")).expect("asks for the new Outlook");
    assert_eq!(line, "# new-in-use = true | false | \"unknown\"");
    fs::write(town.path().join("small/answers.toml"), sheet.replace(line, "new-in-use = false")).unwrap();
    fs::write(town.path().join("small/deployment.toml"), format!("include = [\"answers.toml\"]\n{SMALL}")).unwrap();
    let view = run(town.path(), &words("report small --format json -o -")).expect(0).json();
    let questions: Vec<&str> = open_questions(&view).iter().map(|q| q["fact"].as_str().unwrap()).collect();
    assert!(!questions.contains(&"outlook.new-in-use") && questions.contains(&"data.special-categories"), "{questions:?}");
    let again = run(town.path(), &words("questions small --format toml")).expect(0);
    assert!(!again.text().contains("# new-in-use = "));
}

/// As the sheet says of itself: take the `#` away, keep one value, include the file.
#[test]
fn a_whole_sheet_of_answers_is_a_part_of_the_description() {
    let town = small();
    let mut left = usize::MAX;
    // Answers call for further questions; each sheet is taken up in turn.
    for round in 0..6 {
        let sheet = run(town.path(), &words("questions small --format toml")).expect(0);
        let answers = answered(sheet.text());
        if !answers.contains(" = ") {
            break;
        }
        let name = format!("answers-{round}.toml");
        fs::write(town.path().join("small").join(&name), answers).unwrap();
        let names: Vec<String> = (0..=round).map(|r| format!("\"answers-{r}.toml\"")).collect();
        fs::write(town.path().join("small/deployment.toml"), format!("include = [{}]\n{SMALL}", names.join(", "))).unwrap();
        let view = run(town.path(), &words("report small --format json -o -")).expect(0).json();
        let asked = open_questions(&view)
            .iter()
            .filter(|q| world().catalog.vocabulary.get(q["fact"].as_str().unwrap()).is_some_and(|d| d.is_asked()))
            .count();
        assert!(asked < left, "round {round}: {asked} questions are left of {left}");
        left = asked;
    }
    assert_eq!(left, 0);
}

#[test]
fn the_letter_is_written_in_the_language_of_the_description_and_grouped_by_role() {
    let town = folder(&[("nl/deployment.toml", &SMALL.replace("language = \"en\"", "language = \"nl\""))]);
    let catalog = &world().catalog;
    for (line, lang) in [("questions nl --format md", Lang::Nl), ("questions nl --format md --lang de", Lang::De)] {
        let letter = run(town.path(), &words(line)).expect(0);
        let locale = world().texts.locale(lang).unwrap();
        let lines: Vec<&str> = letter.text().lines().collect();
        assert_eq!(lines[0], format!("# {}", locale.fill("letter.title", minijinja::context! { title => "Mail" })));
        assert!(lines[2].starts_with("Town ") && lines.last() == Some(&locale.get("letter.close")), "{line}");
        let roles = catalog.ids("asked-of");
        let known: Vec<&str> = roles.iter().map(|r| catalog.label("asked-of", r, lang)).chain([locale.get("questions.vendor")]).collect();
        let headings: Vec<&str> = lines.iter().filter_map(|l| l.strip_prefix("## ")).collect();
        assert!(headings.len() > 3 && headings.iter().all(|h| known.contains(h)), "{headings:?}");
        let mut once = headings.clone();
        once.dedup();
        assert_eq!(once, headings, "each role once");

        // Every question with its number, under whom it is for, with why, where and the possible answers.
        let numbers = lines.iter().filter(|l| l.split_once(". **").is_some_and(|(n, _)| n.parse::<usize>().is_ok())).count();
        let view = run(town.path(), &words(&format!("report nl --lang {lang} --format json -o -"))).expect(0).json();
        assert_eq!(numbers, open_questions(&view).len());
        let def = catalog.vocabulary.get("outlook.third-party-accounts").unwrap();
        let at = lines.iter().position(|l| l.ends_with("(`outlook.third-party-accounts`)")).unwrap();
        assert!(lines[at].contains(def.question.get(lang)), "{}", lines[at]);
        let heading = lines[..at].iter().rev().find_map(|l| l.strip_prefix("## ")).unwrap();
        assert_eq!(heading, catalog.label("asked-of", &def.asked_of, lang));
        let told = &lines[at + 2..at + 6];
        let why = told.iter().find_map(|l| l.strip_prefix(&format!("   - {}: ", locale.get("letter.why")))).unwrap();
        assert!(why.contains(catalog.risks["new-outlook-copies-credentials-and-mail"].title.get(lang)), "{why}");
        let answers = told.iter().find_map(|l| l.strip_prefix(&format!("   - {}: ", locale.get("letter.answers")))).unwrap();
        assert!(def.ty.values().iter().all(|(_, word)| answers.contains(word.get(lang))), "{answers}");
        let with_place = catalog.vocabulary.get("audit.mailbox-auditing").unwrap();
        let place = format!("   - {}: {}", locale.get("letter.where"), with_place.control.as_deref().unwrap());
        assert!(lines.contains(&place.as_str()), "{place}");
    }
}

#[test]
fn questions_to_one_role_are_those_and_no_others() {
    let town = small();
    let view = run(town.path(), &words("report small --format json -o -")).expect(0).json();
    let roles = world().catalog.ids("asked-of");
    let mut seen = 0;
    for role in &roles {
        let text = run(town.path(), &words(&format!("questions small --asked-of {role}"))).expect(0);
        for question in view["questions"].as_array().unwrap() {
            let listed = text.text().lines().any(|l| l.starts_with(&format!("  {} [", question["fact"].as_str().unwrap())));
            assert_eq!(listed, question["asked_of"] == role.as_str(), "{} to {role}", question["fact"]);
            seen += usize::from(listed);
        }
        let letter = run(town.path(), &words(&format!("questions small --format md --asked-of {role}"))).expect(0);
        let headings: Vec<&str> = letter.text().lines().filter_map(|l| l.strip_prefix("## ")).collect();
        let none = world().texts.locale(Lang::En).unwrap().get("questions.none");
        assert_eq!(headings.is_empty(), letter.text().contains(none), "{role}");
        assert!(headings.iter().all(|h| *h == world().catalog.label("asked-of", role, Lang::En)), "{role}: {headings:?}");
    }
    assert!(seen > 100, "{seen}");
    run(town.path(), &words("questions small --asked-of administratr"))
        .refused("choice-unknown", &["nobody is asked as `administratr`", "did you mean `administrator`?", "roles: "]);
}

#[test]
fn questions_are_written_where_they_are_wanted() {
    let town = small();
    for format in ["text", "toml", "md"] {
        let printed = run(town.path(), &words(&format!("questions small --format {format}"))).expect(0);
        let written = run(town.path(), &words(&format!("questions small --format {format} -o out.{format}"))).expect(0);
        assert!(written.stdout.is_empty(), "{format}");
        assert_eq!(fs::read(town.path().join(format!("out.{format}"))).unwrap(), printed.stdout, "{format}");
    }
    let before = files(town.path());
    run(town.path(), &words("questions small --format toml -o nowhere/x.toml"))
        .refused("output-not-writable", &["its folder does not exist"]);
    run(town.path(), &words("questions small --format toml -o small")).refused("output-not-writable", &["it is a folder"]);
    assert_eq!(files(town.path()), before);
}

#[test]
fn a_field_of_a_record_is_asked_with_the_name_of_the_record() {
    let app = "[[third-party-apps]]\nid = \"sig\"\nname = \"Signature app\"\npermissions = [\"application:Mail.Read\"]\n";
    let town = folder(&[("small/deployment.toml", &format!("{SMALL}{app}"))]);
    let sheet = run(town.path(), &words("questions small --format toml")).expect(0);
    let entry = sheet.text().split("[[third-party-apps]]").nth(1).expect("asks for the fields that are open");
    assert!(entry.contains("→ processor-agreement = true | false") && !entry.contains("permissions = "), "{entry}");
    // An included file cannot add to an entry: the sheet says where the answer goes.
    assert!(entry.contains("where they stand: sig"), "{entry}");
    assert!(!sheet.text().contains("# [[third-party-apps]]"), "{}", sheet.text());
}

#[test]
fn questions_do_not_overwrite_the_description() {
    let town = small();
    run(town.path(), &words("questions small --format toml -o small/deployment.toml"))
        .refused("output-not-writable", &["belongs to the description"]);
}

#[test]
fn the_letter_holds_no_placeholder() {
    let letter = run(small().path(), &words("questions small --format md")).expect(0);
    assert!(!letter.text().contains("{{"), "{}", letter.text());
}

// ---- Knowledge

#[test]
fn the_schema_fits_the_examples() {
    let schema = run(&root(), &["schema"]).expect(0).json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        // Beside the descriptions lies a catalogue of somebody's own.
        if !path.join("deployment.toml").exists() {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
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
    let opens = world().catalog.permissions["application:Mail.Read"].opens.get(Lang::Nl).to_owned();
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
        // Permissions, by name and by the GUID that Entra shows.
        ("explain application:Mail.Read", &["application:Mail.Read — privacy class 4 of 4 (", "GUID: 810c84a8-", "sources: graph-01"]),
        ("explain application:810C84A8-4A9E-49E6-BF7D-12D183F40D01", &["application:Mail.Read — privacy class 4 of 4 ("]),
        ("explain delegated:570282fd-fa5c-430d-a7fd-fc8dc98a9dca", &["delegated:Mail.Read — privacy class 3 of 4 ("]),
        ("explain role:ApplicationImpersonation", &["privacy class 4 of 4", "GUID: not known"]),
        ("explain application:Nothing.Known", &["application:Nothing.Known — not assessed\n", "able to open everything"]),
        // As an application permission this GUID is another one.
        ("explain application:570282fd-fa5c-430d-a7fd-fc8dc98a9dca", &["— not assessed\n"]),
        ("explain application:Mail.Read --lang nl", &[opens.as_str()]),
        (
            "explain connected-experiences.analyse-content",
            &["where the control does not reach:\n  ever to now: true (verified, last seen "],
        ),
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
        // A GUID without the kind of permission names nothing.
        ("explain 810c84a8-4a9e-49e6-bf7d-12d183f40d01", "nothing is called `810c84a8-"),
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

/// What can be listed: the ids that have to occur, and the columns of the JSON.
#[test]
fn everything_that_can_be_listed_is_listed_in_each_format() {
    let c = &world().catalog;
    let ids = |ids: Vec<&String>| ids.into_iter().cloned().collect::<Vec<_>>();
    let vendor = c.vocabulary.facts.values().filter(|f| f.id.starts_with("vendor."));
    let items = c.lists.values().flat_map(|l| l.items.iter().map(|i| i.number.clone()));
    let title = |id: &str, lang: Lang| match id {
        "risks" => c.risks["user-consent-open"].title.get(lang).to_owned(),
        "measures" => c.measures["double-key-encryption"].title.get(lang).to_owned(),
        "facts" => c.vocabulary.facts["diagnostics.level"].question.get(lang).to_owned(),
        "vendor" => c.vocabulary.facts["vendor.transfer-tool"].label.get(lang).to_owned(),
        "permissions" => c.permissions["application:Mail.Read"].opens.get(lang).to_owned(),
        "lists" => c.lists["nl"].title.get(lang).to_owned(),
        _ => c.sources["pc-2020"].title.clone(),
    };
    for (what, key, expected, columns) in [
        ("risks", "id", ids(c.risks.keys().collect()), &["family", "id", "title"][..]),
        ("measures", "id", ids(c.measures.keys().collect()), &["actor", "kind", "id", "title"]),
        ("facts", "id", ids(c.vocabulary.facts.keys().collect()), &["id", "type", "asked-of", "label"]),
        ("vendor", "id", vendor.map(|f| f.id.clone()).collect(), &["id", "from", "until", "tag", "last-seen", "value"]),
        ("permissions", "id", ids(c.permissions.keys().collect()), &["class", "id", "opens"]),
        ("lists", "number", items.collect(), &["list", "number", "tag", "title"]),
        ("sources", "id", ids(c.sources.keys().collect()), &["id", "date", "publisher", "title"]),
    ] {
        assert!(expected.len() > 20, "{what}");
        let json = run(&root(), &words(&format!("catalog list {what} --format json"))).expect(0).json();
        let rows = json.as_array().unwrap();
        let mut listed: Vec<String> = rows.iter().map(|r| r[key].as_str().unwrap().to_owned()).collect();
        for row in rows {
            let mut keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
            keys.sort_unstable();
            let mut columns = columns.to_vec();
            columns.sort_unstable();
            assert_eq!(keys, columns, "{what}");
        }
        // A fact of Microsoft has as many rows as dated statements.
        if what == "vendor" {
            listed.dedup();
        }
        let mut wanted = expected.clone();
        wanted.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, wanted, "{what}");

        let table = run(&root(), &words(&format!("catalog list {what} --format table"))).expect(0);
        assert_eq!(table.text().lines().count(), rows.len(), "{what}: a line for each row");
        for (line, row) in table.text().lines().zip(rows) {
            assert!(columns.iter().all(|c| line.contains(row[*c].as_str().unwrap())), "{what}: {line}");
        }
        let bare = run(&root(), &words(&format!("catalog list {what}"))).expect(0);
        assert_eq!(bare.stdout, table.stdout, "the table is what one gets");

        for lang in Lang::ALL {
            let md = run(&root(), &words(&format!("catalog list {what} --format md --lang {lang}"))).expect(0);
            let md = md.text();
            assert!(md.starts_with("<!-- Written by") && md.matches("\n# ").count() == 1, "{what}");
            assert!(md.contains(&title(what, lang)), "{what} in {lang}: {}", title(what, lang));
            if key != "number" {
                // Derived facts and those of Microsoft have lists of their own.
                let own = expected.iter().filter(|id| what != "facts" || !id.starts_with("vendor."));
                for id in own {
                    assert!(md.contains(&format!("`{id}`")), "{what}: {id} is missing");
                }
            }
            // Tables stay tables: as many cells in each row as in the head.
            let mut width = 0;
            for line in md.lines() {
                let cells = line.replace("\\|", "").matches('|').count();
                if !line.starts_with('|') {
                    width = 0;
                } else if width == 0 {
                    width = cells;
                }
                assert!(width == 0 || cells == width, "{what}: {line}");
            }
        }
    }
    run(&root(), &words("catalog list rights")).expect(2);
    run(&root(), &words("catalog list risks --format csv")).expect(2);
}

#[test]
fn the_reference_of_lists_and_permissions_says_what_people_judge_and_what_adds_up() {
    let lists = run(&root(), &words("catalog list lists --format md")).expect(0);
    let catalog = &world().catalog;
    let judged = catalog.lists.values().flat_map(|l| &l.items).filter(|i| i.when.is_empty()).count();
    assert_eq!(lists.text().lines().filter(|l| l.contains("| people judge |")).count(), judged);
    for law in catalog.staff_laws.values() {
        assert!(lists.text().contains(&law.law), "{}", law.id);
    }
    let permissions = run(&root(), &words("catalog list permissions --format md")).expect(0);
    for combination in &catalog.vocabulary.combinations {
        assert!(permissions.text().contains(combination.because.get(Lang::En)), "{}", combination.id);
    }
    let classes: Vec<u32> = permissions
        .text()
        .lines()
        .filter_map(|l| l.strip_prefix("| ")?.chars().next()?.to_digit(10))
        .take(catalog.permissions.len())
        .collect();
    assert!(classes.is_sorted_by(|a, b| a >= b) && classes.len() == catalog.permissions.len(), "those that open most come first");
}

#[test]
fn what_is_laid_over_the_catalogue_counts_and_is_named() {
    let risk = |title: &str| {
        format!(
            "services = [\"exchange\"]\ndata = [\"content\"]\nsubjects = [\"employees\"]\nsources = [\"entra-01\"]\ntitle = \"{title}\"\n\
             affected = \"Everybody.\"\nwhat = \"Here.\"\nlimits = \"Never.\"\n[[rating]]\nlikelihood = 2\nseverity = 2\nlikelihood-because = \"So.\"\nseverity-because = \"So.\"\n"
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
