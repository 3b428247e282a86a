//! Reading descriptions: files and folders, merging, shapes, facts, and the schema.

mod common;

use common::schema::fulfils;
use dpia365::diagnostic::{Diagnostic, Place};
use dpia365::input::{CatalogueNames, Knowledge, Loaded, load, schema};
use dpia365::model::{Answer, FactDef, FactKind, FieldDef, Given, Row, Tag, Text, Type, Value, Vocabulary};
use dpia365::sheets::Limits;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const HEAD: &str = "format = 1\n[assessment]\ntitle = \"Title\"\nlanguage = \"en\"\nas-of = 2024-06-01\n\
    [organisation]\nname = \"Example\"\ncountry = \"NL\"\nkind = \"municipality\"\n";

// ---- Reading

#[test]
fn a_folder_and_its_file_are_the_same_description() {
    let folder = folder(&[("town/deployment.toml", HEAD)]);
    let (by_folder, a) = read(&folder.path().join("town"));
    let (by_file, b) = read(&folder.path().join("town/deployment.toml"));
    assert_eq!((codes(&a), codes(&b)), (vec![], vec![]));
    let (by_folder, by_file) = (by_folder.expect("read").deployment, by_file.expect("read").deployment);
    assert_eq!(by_folder.name, "town");
    assert_eq!(by_file.name, "town");
    assert_eq!(by_folder.files, [("deployment.toml".to_owned(), HEAD.to_owned())]);
    assert_eq!(by_folder.places, by_file.places);
    assert_eq!(by_folder.prose.organisation.name, "Example");
    let place = by_folder.place("organisation.country").expect("place");
    assert_eq!(place.line(), Some(8));
    assert!(place.file().ends_with("town/deployment.toml"), "{place:?}");
}

#[test]
fn another_file_gives_its_own_name() {
    let folder = folder(&[("pilot.toml", HEAD)]);
    let (loaded, diagnostics) = read(&folder.path().join("pilot.toml"));
    assert_eq!(codes(&diagnostics), [""; 0]);
    assert_eq!(loaded.expect("read").deployment.name, "pilot");
}

#[test]
fn missing_files_name_what_is_near() {
    let folder = folder(&[("other.toml", HEAD), ("empty/readme.txt", "")]);
    for missing in ["", "absent.toml", "absent/deployment.toml", "empty"] {
        let (loaded, diagnostics) = read(&folder.path().join(missing));
        assert!(loaded.is_none());
        assert_eq!(codes(&diagnostics), ["file-missing"], "{missing}");
        let near = missing.is_empty() || missing == "absent.toml";
        assert_eq!(diagnostics[0].help.join(" ").contains("other.toml"), near, "{:?}", diagnostics[0].help);
    }
}

#[test]
fn a_mark_and_windows_line_ends_are_accepted() {
    let text = format!("\u{feff}{}", HEAD.replace('\n', "\r\n"));
    let (loaded, diagnostics) = description(&text);
    assert_eq!(codes(&diagnostics), [""; 0]);
    let loaded = loaded.expect("read");
    assert_eq!(loaded.deployment.files[0].1, text, "the text is kept exactly");
    assert_eq!(text_at(&loaded, "organisation.name"), "\"Example\"");
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let folder = folder(&[]);
    let path = folder.path().join("deployment.toml");
    for (bytes, line) in [(&b"format = 1\n# caf\xe9\n"[..], 2), (&b"\xff\xfef\0o\0"[..], 1), (&b"\xef\xbb\xbf\xff"[..], 1)] {
        fs::write(&path, bytes).expect("write");
        let (loaded, diagnostics) = read(&path);
        assert_eq!(codes(&diagnostics), ["file-encoding"]);
        assert_eq!(diagnostics[0].labels[0].place.line(), Some(line));
        let loaded = loaded.expect("the text can be shown");
        let Place::Bytes { file, start, end, .. } = &diagnostics[0].labels[0].place else { panic!("{diagnostics:?}") };
        assert_eq!(&loaded.files.text(file).expect("text")[*start..*end], "\u{fffd}");
    }
}

#[test]
fn large_files_and_what_is_no_file_are_refused() {
    let folder = folder(&[("deployment.toml", &"#".repeat(4 * 1024 * 1024 + 1)), ("folder/deployment.toml/x", "")]);
    assert_eq!(codes(&read(folder.path()).1), ["file-too-large"]);
    assert_eq!(codes(&read(&folder.path().join("folder")).1), ["file-missing"]);
    #[cfg(unix)]
    assert_eq!(codes(&read(Path::new("/dev/zero")).1), ["file-missing"]);
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let dotted = vec!["a"; 79].join(".");
    for text in [
        format!("{HEAD}x = {}{}", "[".repeat(10_000), "]".repeat(10_000)),
        format!("{HEAD}x = {}1{}", "{ a = ".repeat(10_000), "}".repeat(10_000)),
        format!("{HEAD}x = {}1{}", format!("{{ {dotted} = ").repeat(75), "}".repeat(75)),
        format!("{HEAD}x = {}1{}", format!("[{{ {dotted} = ").repeat(75), "}]".repeat(75)),
        format!("{HEAD}x = {}", "[".repeat(100_000)),
        format!("{HEAD}x = {}", "{]".repeat(100_000)),
    ] {
        let (loaded, diagnostics) = description(&text);
        assert!(loaded.is_some());
        assert_eq!(codes(&diagnostics), ["toml-syntax"]);
    }
    for text in [format!("{HEAD}[{dotted}]\n{dotted} = 1"), format!("{HEAD}{} = 1", vec!["a"; 10_000].join("."))] {
        let (_, diagnostics) = description(&text);
        assert!(!diagnostics.is_empty());
    }
}

#[test]
fn faults_of_syntax_are_reported_alone() {
    assert_eq!(codes(&description("format = 1\n[assessment\ntitle = \n").1).first(), Some(&"toml-syntax"));
    assert_eq!(codes(&description(&format!("{HEAD}kind = \"school\"\n")).1), ["duplicate-key"]);
}

// ---- Includes

#[test]
fn included_files_are_merged() {
    let purpose = |id: &str| format!("[[purpose]]\nid = \"{id}\"\ntitle = \"{id}\"\n");
    let folder = folder(&[
        ("deployment.toml", &format!("include = [\"./parts/a.toml\", \"b.toml\"]\n{HEAD}[teams]\nrecording = true\n{}", purpose("one"))),
        ("parts/a.toml", &format!("include = [\"../b.toml\", \"c.toml\"]\n{}[teams]\nseats = 5\n", purpose("two"))),
        ("parts/c.toml", &purpose("four")),
        ("b.toml", &purpose("three")),
    ]);
    let (loaded, diagnostics) = read(folder.path());
    assert_eq!(codes(&diagnostics), [""; 0]);
    let deployment = loaded.expect("read").deployment;
    let ids = deployment.prose.purpose.iter().map(|p| p.id.as_str()).collect::<Vec<_>>();
    assert_eq!(ids, ["one", "two", "three", "four"]);
    assert_eq!(deployment.answers.keys().collect::<Vec<_>>(), ["teams.recording", "teams.seats"]);
    let names = deployment.files.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>();
    assert_eq!(names, ["deployment.toml", "parts/a.toml", "b.toml", "parts/c.toml"]);
    let place = deployment.place("purpose[3].id").expect("place");
    assert_eq!(Path::new(place.file()), folder.path().join("parts/c.toml"));
    assert_eq!(place.line(), Some(2));
    assert!(deployment.raw.get("include").is_none());
}

#[test]
fn a_value_in_two_files_is_a_fault_in_both() {
    let folder = folder(&[
        ("deployment.toml", &format!("include = [\"a.toml\"]\n{HEAD}")),
        ("a.toml", "[organisation]\nname = \"Other\"\nsector = \"Care\"\n"),
    ]);
    let (_, diagnostics) = read(folder.path());
    assert_eq!(codes(&diagnostics), ["duplicate-key"]);
    let places = diagnostics[0].labels.iter().map(|l| (l.place.file().rsplit('/').next(), l.place.line())).collect::<Vec<_>>();
    assert_eq!(places, [(Some("a.toml"), Some(2)), (Some("deployment.toml"), Some(8))]);
}

#[test]
fn cycles_are_named() {
    let main = format!("include = [\"a.toml\"]\n{HEAD}");
    let folder = folder(&[("deployment.toml", &main), ("a.toml", "include = [\"./deployment.toml\"]")]);
    let (loaded, diagnostics) = read(folder.path());
    assert!(loaded.is_some());
    assert_eq!(codes(&diagnostics), ["include-cycle"]);
    assert!(diagnostics[0].message.contains("deployment.toml → a.toml → deployment.toml"), "{}", diagnostics[0].message);
}

#[test]
fn nothing_outside_the_folder_is_read() {
    let folder = folder(&[("secret.toml", "[teams]\nrecording = true"), ("in/deployment.toml", "")]);
    let absolute = folder.path().join("secret.toml").display().to_string();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../secret.toml", folder.path().join("in/link.toml")).expect("symlink");
    for include in ["../secret.toml", "a/../../secret.toml", "../in/x.toml", &absolute, "link.toml"] {
        if include == "link.toml" && cfg!(not(unix)) {
            continue;
        }
        fs::write(folder.path().join("in/deployment.toml"), format!("include = [{include:?}]\n{HEAD}")).expect("write");
        let (loaded, diagnostics) = read(&folder.path().join("in"));
        assert_eq!(codes(&diagnostics), ["file-outside"], "{include}");
        assert!(loaded.expect("read").deployment.answers.is_empty());
    }
}

#[test]
fn a_missing_include_hides_no_other_fault_and_makes_none() {
    let (loaded, diagnostics) =
        description("include = [\"absent.toml\", 5]\nformat = 1\n[teams]\nrecordin = true\nlevel = { pupils = \"low\" }\n");
    assert!(loaded.is_some());
    assert_eq!(codes(&diagnostics), ["type-mismatch", "file-missing", "unknown-key"]);
}

#[test]
fn the_number_of_files_is_limited() {
    let includes = (0..70).map(|i| format!("\"f{i}.toml\"")).collect::<Vec<_>>().join(", ");
    let mut files = vec![("deployment.toml".to_owned(), format!("include = [{includes}]\n{HEAD}"))];
    files.extend((0..70).map(|i| (format!("f{i}.toml"), String::new())));
    let files = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect::<Vec<_>>();
    let (_, diagnostics) = read(folder(&files).path());
    assert!(codes(&diagnostics).iter().all(|c| *c == "file-too-large"), "{diagnostics:?}");
    assert_eq!(diagnostics.len(), 1, "reported once");
}

// ---- Prose blocks

#[test]
fn each_fault_has_its_code_and_line() {
    for (extra, expected) in [
        ("[assesment]", &[("unknown-key", 10)][..]),
        ("[teams]\nrecordng = true", &[("unknown-key", 11)]),
        ("sectr = \"x\"", &[("unknown-key", 10)]),
        ("sector = 5", &[("type-mismatch", 10)]),
        ("sector = \"‹which?›\"", &[("prose-starter", 10)]),
        ("sector = \"Care ‹which?›\"", &[("prose-starter", 10)]),
        ("legal-regime = \"led\"", &[("legal-regime", 10)]),
        ("legal-regime = \"none\"", &[("choice-unknown", 10)]),
        ("[[purpose]]\ntitle = \"\"", &[("required-missing", 10), ("required-missing", 11)]),
        ("[[purpose]]\nid = \"Our Task\"\ntitle = \"x\"", &[("type-mismatch", 11)]),
        ("[[purpose]]\nid = \"a\"\ntitle = \"x\"\n[[purpose]]\nid = \"a\"\ntitle = \"y\"", &[("duplicate-id", 14)]),
        ("[[purpose]]\nid = \"a\"\ntitle = \"x\"\nservices = [\"team\", 3]", &[("choice-unknown", 13), ("type-mismatch", 13)]),
        ("public-body = true\n[[purpose]]\nid = \"a\"\ntitle = \"x\"\nlegal-basis = \"6(1)(f)\"", &[("legal-basis-public-task", 14)]),
        ("[[population]]\nid = \"windows\"\nname = \"W\"", &[("duplicate-id", 11)]),
        ("[[measure]]\nid = \"double-key\"", &[("reference-unknown", 11)]),
        ("[[measure]]\nid = \"double-key-encryption\"\nstatus = \"rejected\"", &[("required-missing", 12)]),
        ("[[measure]]\nid = \"double-key-encryption\"\nstatus = \"rejected\"\nbecause = 5", &[("type-mismatch", 13)]),
        ("[[measure]]\nid = \"double-key-encryption\"\nstatus = \"done\"", &[("choice-unknown", 12)]),
        (
            "[[rating]]\nfinding = \"x\"\nlikelihood = 5\nseverity = 0\nbecause = \" \"",
            &[("range-exceeded", 12), ("range-exceeded", 13), ("required-missing", 14)],
        ),
        ("[[decision]]\nfinding = \"*\"\nfunction = \"CEO\"\nbecause = \"x\"", &[("acceptance-wildcard", 11)]),
        ("[[decision]]\nfinding = \"All risks\"\nfunction = \"CEO\"\nbecause = \"x\"", &[("acceptance-wildcard", 11)]),
        ("[[decision]]\nfinding = \"all-mail\"\nfunction = \"CEO\"", &[("required-missing", 11)]),
        ("[[decision]]\nfinding = \"x\"\noutcome = \"approved\"\nfunction = \"CEO\"\nbecause = \"x\"", &[("unknown-key", 12)]),
        ("[[decision]]\nfunction = \"CEO\"", &[("required-missing", 10)]),
        ("[[decision]]\noutcome = \"approved\"\nfunction = \"CEO\"\ndate = 2024-05-01", &[("date-impossible", 13)]),
        ("[[decision]]\noutcome = \"approved\"\nfunction = \"CEO\"\ndate = \"2024-07-01\"", &[("type-mismatch", 13)]),
        ("[assessment.review]\ndate = 2024-05-31", &[("date-impossible", 11)]),
        ("[[third-party-apps]]\nvendor = \"x\"", &[("required-missing", 10)]),
        ("[[third-party-apps]]\nid = \"a\"\n[[third-party-apps]]\nid = \"a\"", &[("duplicate-id", 13)]),
        ("[[third-party-apps]]\nid = \"a\"\nvendr = \"x\"", &[("unknown-key", 12)]),
        ("[[third-party-apps]]\nid = \"a\"\nvendor = \"not-configured\"", &[("fact-not-configurable", 12)]),
        ("[third-party-apps]\nid = \"a\"", &[("type-mismatch", 10)]),
        ("[vendor]\nweb-telemetry = true", &[("unknown-key", 11)]),
        ("[derived]\nx = true\ny = true", &[("unknown-key", 11), ("unknown-key", 12)]),
    ] {
        let (loaded, diagnostics) = description(&format!("{HEAD}{extra}\n"));
        assert!(loaded.is_some());
        let found = diagnostics.iter().map(|d| (d.code, d.labels[0].place.line().unwrap_or(0))).collect::<Vec<_>>();
        assert_eq!(found, expected, "{extra}\n{diagnostics:#?}");
    }
}

#[test]
fn replacements_are_proposed() {
    for (extra, replacement) in [
        ("[assesment]", "assessment"),
        ("sectr = \"x\"", "sector"),
        ("public-body = \"yes\"", "true"),
        ("[[measure]]\nid = \"double-key-encrypton\"", "double-key-encryption"),
        ("[[population]]\nid = \"City Council\"\nname = \"x\"", "city-council"),
        ("[teams]\nlevel = \"lo\"", "low"),
        ("[teams]\nused-for = \"chat\"", "[\"chat\"]"),
        ("[teams]\nsince = \"2020-01-01\"", "2020-01-01"),
        ("[[third-party-apps]]\nid = \"a\"\npermissions = [\"Application:Mail.Read\"]", "application:Mail.Read"),
    ] {
        let (_, diagnostics) = description(&format!("{HEAD}{extra}\n"));
        assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
        assert_eq!(diagnostics[0].replacement.as_deref(), Some(replacement), "{diagnostics:?}");
    }
}

#[test]
fn all_faults_are_reported_in_one_run() {
    let text = "[assessment]\nlanguage = \"fr\"\nstructure = \"edbp-2026\"\nplanned-start = 2024-01-01\nrunning-since = 2024-01-01\n\
        [organisation]\ncountry = \"nl\"\nkind = 3\n[teams]\nlevel = \"lowest\"\n[[risk]]\nid = \"mine\"\n";
    let (_, diagnostics) = description(text);
    let mut found = codes(&diagnostics);
    found.sort_unstable();
    let expected = [
        "choice-unknown",
        "choice-unknown",
        "date-impossible",
        "format-version",
        "language-unknown",
        "required-missing",
        "required-missing",
        "structure-unknown",
        "type-mismatch",
    ];
    assert_eq!(found, expected, "{diagnostics:#?}");
}

#[test]
fn another_format_is_not_guessed_at() {
    let (_, diagnostics) = description("format = 2\n[anything]\n");
    assert_eq!(codes(&diagnostics), ["format-version"]);
}

#[test]
fn prompts_and_empty_texts_leave_gaps() {
    let text = format!("{HEAD}sector = \"\"\n[[purpose]]\nid = \"a\"\ntitle = \"x\"\nnecessity = \"‹why is this needed?›\"\n");
    let (loaded, diagnostics) = description(&text);
    assert_eq!(codes(&diagnostics), ["prose-starter"]);
    assert!(!diagnostics[0].is_error());
    let deployment = loaded.expect("read").deployment;
    assert_eq!(deployment.prose.purpose[0].necessity, None);
    assert_eq!(deployment.prose.organisation.sector, None);
    assert_eq!(deployment.raw.pointer("/purpose/0/necessity"), None);
    assert_eq!(deployment.raw.pointer("/organisation/sector"), None);
}

// ---- Facts

#[test]
fn facts_are_read_by_platform_and_group() {
    let text = format!(
        "{HEAD}[[population]]\nid = \"pupils\"\nname = \"Pupils\"\n[population.facts]\nteams.since = 2020-01-01\n\
         teams.recording = {{ windows = \"unknown\" }}\n\
         [teams]\nlevel = {{ windows = \"low\", pupils = {{ mac = \"high\" }}, mac = \"not-configured\" }}\n\
         used-for = [\"chat\", \"calls\"]\nseats = 7\nclient = \"16.0.1\"\nrecording = {{ mac = true }}\n"
    );
    let (loaded, diagnostics) = description(&text);
    assert_eq!(codes(&diagnostics), [""; 0], "{diagnostics:#?}");
    let answers = loaded.expect("read").deployment.answers;
    assert_eq!(shown(&answers["teams.level"]), ["mac -: not-configured", "mac pupils: Choice(\"high\")", "windows -: Choice(\"low\")"]);
    assert_eq!(shown(&answers["teams.recording"]), ["mac -: Flag(true)", "windows pupils: unknown"]);
    assert_eq!(shown(&answers["teams.since"]), ["- pupils: Date(2020-01-01)"]);
    assert_eq!(shown(&answers["teams.seats"]), ["- -: Number(7)"]);
    assert_eq!(shown(&answers["teams.used-for"]), ["- -: Choices({\"calls\", \"chat\"})"]);
    assert_eq!(answers["teams.seats"].slots[0].place.line(), Some(19));
}

#[test]
fn facts_that_do_not_fit_say_why() {
    for (extra, code) in [
        ("seats = { windows = 5 }", "type-mismatch"),
        ("seats = 101", "range-exceeded"),
        ("seats = \"not-configured\"", "fact-not-configurable"),
        ("seats = 5.0", "type-mismatch"),
        ("level = { linux = \"low\" }", "reference-unknown"),
        ("level = { windows = { pupils = \"low\" } }", "type-mismatch"),
        ("since = { windows = 2020-01-01 }", "reference-unknown"),
        ("recording = \"yes\"", "type-mismatch"),
        ("recording = { pupils = true }", "reference-unknown"),
        ("client = \"new\"", "type-mismatch"),
        ("used-for = [\"chat\", \"unknown\"]", "choice-unknown"),
        ("since = 2020-01-01T10:00:00", "type-mismatch"),
        ("web = { pupils = true }", "choice-unknown"),
        ("note = \" \"", "type-mismatch"),
    ] {
        let (loaded, diagnostics) = description(&format!("{HEAD}[teams]\n{extra}\n"));
        assert_eq!(codes(&diagnostics), [code], "{extra}\n{diagnostics:#?}");
        assert!(loaded.expect("read").deployment.answers.is_empty(), "{extra}");
    }
    let group = format!("{HEAD}[[population]]\nid = \"pupils\"\nname = \"P\"\n[population.facts]\n");
    for (extra, code) in [
        ("teams.seats = 5", "type-mismatch"),
        ("third-party-apps = []", "type-mismatch"),
        ("teams.nothing = 5", "unknown-key"),
        ("team.level = 5", "unknown-key"),
        ("teams.level.pupils = \"low\"", "choice-unknown"),
        ("teams.since = 2020-01-01\n[teams]\nsince = { pupils = 2020-01-01 }", "duplicate-key"),
    ] {
        let (_, diagnostics) = description(&format!("{group}{extra}\n"));
        assert_eq!(diagnostics.iter().map(|d| d.code).next(), Some(code), "{extra}\n{diagnostics:#?}");
    }
}

#[test]
fn records_come_in_order_of_their_keys() {
    let text = format!(
        "{HEAD}[[third-party-apps]]\nid = \"b\"\nvendor = \"unknown\"\n\
         [[third-party-apps]]\nid = \"a\"\npermissions = [\"application:New.Thing\"]\n"
    );
    let (loaded, diagnostics) = description(&text);
    assert_eq!(codes(&diagnostics), [""; 0]);
    let deployment = loaded.expect("read").deployment;
    let Given::Value(Value::Records(records)) = &deployment.answers["third-party-apps"].slots[0].given else { panic!("no records") };
    assert_eq!(records.iter().map(|r| r.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(records[1].fields["vendor"].0, Given::Unknown);
    assert_eq!(records[0].fields.keys().collect::<Vec<_>>(), ["id", "permissions"]);
    assert_eq!(records[0].place.line(), Some(13));
    for (stated, given) in [("[]", Given::Value(Value::Records(vec![]))), ("\"unknown\"", Given::Unknown)] {
        let (loaded, _) = description(&format!("third-party-apps = {stated}\n{HEAD}"));
        assert_eq!(loaded.expect("read").deployment.answers["third-party-apps"].slots[0].given, given);
    }
}

#[test]
fn the_order_of_writing_does_not_matter() {
    let (head, organisation) = HEAD.split_at(HEAD.find("[organisation]").expect("split"));
    let (a, x) = description(&format!("{head}{organisation}[teams]\nseats = 1\nlevel = {{ mac = \"low\", windows = \"high\" }}\n"));
    let (b, y) = description(&format!("{head}[teams]\nlevel = {{ windows = \"high\", mac = \"low\" }}\nseats = 1\n{organisation}"));
    assert_eq!((codes(&x), codes(&y)), (vec![], vec![]));
    let (a, b) = (a.expect("read").deployment, b.expect("read").deployment);
    assert_eq!(a.raw.to_string(), b.raw.to_string());
    assert_eq!(shown(&a.answers["teams.level"]), shown(&b.answers["teams.level"]));
}

// ---- Schema

#[test]
fn the_schema_agrees_with_the_checker() {
    let schema = schema(&names(), &vocabulary());
    let group = "[[population]]\nid = \"pupils\"\nname = \"Pupils\"\n[population.facts]\n";
    for (extra, fits) in [
        ("[teams]\nlevel = \"low\"\nseats = \"unknown\"\nused-for = [\"chat\"]\nclient = \"1.2\"", true),
        ("[teams]\nlevel = { windows = \"not-configured\" }", true),
        ("[teams]\nlevel = { pupils = { windows = \"low\" } }\n[[population]]\nid = \"pupils\"\nname = \"P\"", true),
        ("[[third-party-apps]]\nid = \"a\"\npermissions = [\"role:X\"]", true),
        ("[[purpose]]\nid = \"a\"\ntitle = \"x\"\nservices = [\"teams\"]", true),
        ("[assessment.review]\ndate = 2025-01-01", true),
        (&format!("{group}teams.level = \"low\""), true),
        (&format!("{group}teams.level.windows = \"low\""), true),
        (&format!("{group}teams.seats = 1"), false),
        ("[teams]\nlevel = \"lowest\"", false),
        ("[teams]\nlevels = \"low\"", false),
        ("[teams]\nseats = \"not-configured\"", false),
        ("[teams]\nseats = { windows = 1 }", false),
        ("[teams]\nseats = 1000", false),
        ("[teams]\nweb = { mac = true }", true),
        ("[teams]\nweb = { linux = true }", false),
        ("[[third-party-apps]]\nvendor = \"a\"", false),
        ("[vendor]\nweb-telemetry = true", false),
        ("legal-regime = \"led\"", false),
    ] {
        let (loaded, diagnostics) = description(&format!("{HEAD}{extra}\n"));
        let raw = loaded.expect("read").deployment.raw;
        assert_eq!(diagnostics.is_empty(), fits, "{extra}\n{diagnostics:#?}");
        assert_eq!(fulfils(&raw, &schema), fits, "{extra}");
    }
}

// ---- Hostile input

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_description_makes_it_panic_or_is_read_in_part(lines in proptest::collection::vec(line(), 0..14)) {
        let text = format!("{HEAD}{}", lines.join("\n"));
        let (loaded, diagnostics) = description(&text);
        assert!(loaded.is_some());
        // What is not known is never silently dropped.
        assert!(diagnostics.iter().any(Diagnostic::is_error) || !text.contains("xyz = "), "{text}\n{diagnostics:#?}");
    }

    #[test]
    fn no_text_makes_it_panic(lines in proptest::collection::vec("(\u{feff}|[a-z]{1,3}|include|population|facts|teams|level|purpose|measure|decision|rating|risk|[0-9=., \"'\\[\\]{}#\r\n:-]){0,12}", 0..12)) {
        let text = format!("{HEAD}{}", lines.join("\n"));
        let (loaded, diagnostics) = description(&text);
        let loaded = loaded.expect("the file is there");
        for place in diagnostics.iter().flat_map(|d| &d.labels).map(|l| &l.place) {
            if let Place::Bytes { file, start, end, .. } = place {
                assert!(loaded.files.text(file).is_some_and(|t| t.get(*start..*end).is_some()), "{place:?}");
            }
        }
    }
}

/// A header, or a key with a value, that may or may not fit where it lands.
fn line() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::sample::select;
    let header = select(vec![
        "[[purpose]]",
        "[[population]]",
        "[population.facts]",
        "[teams]",
        "[[third-party-apps]]",
        "[[decision]]",
        "[[measure]]",
    ]);
    let key = select(vec![
        "id",
        "title",
        "name",
        "facts",
        "facts.teams",
        "level",
        "level.mac",
        "level.a",
        "seats",
        "used-for",
        "vendor",
        "finding",
        "because",
        "date",
        "status",
        "services",
        "xyz",
        "teams.level",
    ]);
    let value = select(vec![
        "\"a\"",
        "\"b\"",
        "\"\"",
        "\"low\"",
        "\"unknown\"",
        "\"not-configured\"",
        "\"‹why?›\"",
        "5",
        "-1",
        "true",
        "2020-01-01",
        "2020-01-01T00:00:00",
        "[]",
        "[\"chat\"]",
        "[1, {}]",
        "{}",
        "{ mac = \"low\" }",
        "{ a = { mac = true } }",
        "{ xyz = 1 }",
        "1.5",
        "\"rejected\"",
        "\"*\"",
    ]);
    proptest::prop_oneof![
        proptest::strategy::Strategy::prop_map(header, str::to_owned),
        proptest::strategy::Strategy::prop_map((key, value), |(key, value)| format!("{key} = {value}")),
    ]
}

// ---- Helpers

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(path, text).expect("write");
    }
    folder
}

fn description(text: &str) -> (Option<Loaded>, Vec<Diagnostic>) {
    read(folder(&[("deployment.toml", text)]).path())
}

fn read(path: &Path) -> (Option<Loaded>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let (names, vocabulary, evidence) = (names(), vocabulary(), BTreeMap::new());
    let knowledge = Knowledge { names: &names, vocabulary: &vocabulary, evidence: &evidence, own_risk: &|_, _| None };
    let loaded = load(path, &knowledge, Some(&Limits::default()), &mut diagnostics);
    (loaded, diagnostics)
}

fn codes(diagnostics: &[Diagnostic]) -> Vec<&'static str> {
    diagnostics.iter().map(|d| d.code).collect()
}

fn text_at<'a>(loaded: &'a Loaded, path: &str) -> &'a str {
    match loaded.deployment.place(path) {
        Some(Place::Bytes { file, start, end, .. }) => &loaded.files.text(file).expect("text")[*start..*end],
        place => panic!("{place:?}"),
    }
}

fn shown(answer: &Answer) -> Vec<String> {
    let slot = |slot: &dpia365::model::Slot| {
        let given = match &slot.given {
            Given::Value(value) => format!("{value:?}"),
            Given::NotConfigured => "not-configured".to_owned(),
            Given::Disputed(_) => unreachable!("a description alone is not disputed"),
            Given::Unknown => "unknown".to_owned(),
        };
        let name = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
        format!("{} {}: {given}", name(&slot.scope.platform), name(&slot.scope.population))
    };
    answer.slots.iter().map(slot).collect()
}

fn names() -> CatalogueNames {
    let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    CatalogueNames {
        evidence_kinds: vec!["export".to_owned()],
        services: list(&["teams", "exchange"]),
        data: list(&["content", "diagnostic"]),
        subjects: list(&["employees", "pupils"]),
        principles: list(&["transparency"]),
        legal_bases: list(&["6(1)(e)", "6(1)(f)"]),
        special_conditions: list(&["9(2)(g)"]),
        organisation_kinds: list(&["municipality", "school"]),
        roles: list(&["processor"]),
        methods: list(&["dpia365-4"]),
        structures: list(&["edpb-2026"]),
        languages: list(&["en", "nl", "de"]),
        retention_kinds: Vec::new(),
        measures: list(&["double-key-encryption"]),
        risks: list(&["access-by-us-authorities"]),
    }
}

fn vocabulary() -> Vocabulary {
    let words = |ids: &[&str]| ids.iter().map(|id| ((*id).to_owned(), Text::same(id))).collect::<Vec<_>>();
    let field = |id: &str, ty: Type| FieldDef {
        id: id.to_owned(),
        ty,
        only_describes: false,
        optional: false,
        label: Text::same(id),
        question: Text::same(id),
    };
    let number = Type::Number { unit: Text::same("people"), min: Some(0), max: Some(100) };
    let apps = Type::Records {
        key: "id".to_owned(),
        name: "name".to_owned(),
        fields: vec![field("vendor", Type::Text), field("permissions", Type::Permissions)],
    };
    let facts = [
        fact("teams.level", Type::Choice(words(&["low", "high"])), "pg", true),
        fact("teams.used-for", Type::Choices(words(&["chat", "calls", "meetings"])), "", false),
        fact("teams.seats", number, "", false),
        fact("teams.since", Type::Date, "g", false),
        fact("teams.client", Type::Version, "", false),
        fact("teams.recording", Type::Flag, "pg", false),
        fact("teams.web", Type::Flag, "p", false),
        fact("teams.note", Type::Text, "", false),
        fact("third-party-apps", apps, "", false),
        FactDef { kind: FactKind::Vendor { rows: Vec::new() }, ..fact("vendor.web-telemetry", Type::Flag, "", false) },
    ];
    Vocabulary {
        facts: facts.into_iter().map(|f| (f.id.clone(), f)).collect::<BTreeMap<_, _>>(),
        platforms: ["windows", "mac"].map(str::to_owned).to_vec(),
        ..Vocabulary::default()
    }
}

/// A fact; `per` holds `p` where it differs by platform and `g` where it differs by group of people.
fn fact(id: &str, ty: Type, per: &str, configurable: bool) -> FactDef {
    let place = Place::File { file: "facts.toml".into() };
    let default = Row {
        from: None,
        until: None,
        when: Default::default(),
        value: Value::Choice("high".to_owned()),
        sources: vec!["source".to_owned()],
        tag: Tag::Verified,
        last_seen: jiff::civil::date(2024, 1, 1),
        note: None,
        place: place.clone(),
    };
    FactDef {
        id: id.to_owned(),
        kind: FactKind::Asked,
        ty,
        per_platform: per.contains('p'),
        per_population: per.contains('g'),
        asked_of: "administrator".to_owned(),
        control: None,
        label: Text::same(id),
        question: Text::same("Which?"),
        defaults: if configurable { vec![default] } else { Vec::new() },
        out_of_reach: Vec::new(),
        only_describes: false,
        place,
    }
}
