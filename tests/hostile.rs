//! Any text is printed as it was written, or refused by name; none becomes markup of a template, of Typst or of Markdown.

mod common;

use common::program::{program, run};
use common::{describe_whole, view, world};
use dpia365::model::Lang;
use dpia365::render;
use dpia365::report::view::View;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use pulldown_cmark::{Event, Options, Parser};
use serde_json::Value as Json;
use std::fmt::Write;

/// What has a meaning in TOML, Typst, Markdown, HTML, minijinja, PDF or a shell.
const HOSTILE: [&str; 34] = [
    "#let x = 1",
    "#panic(\"no\")",
    "#eval(\"1\"); #{ 2 }",
    "$a$ and $ a_1 $",
    "\\",
    "C:\\new\\table\\u{41}",
    "]",
    "[x](https://example.org)",
    "![x](y)",
    "*bold* **strong**",
    "_it_ __is__",
    "@ref @@",
    "// not a comment",
    "/* nor this */",
    "<label> <b>bold</b> <script>",
    "&amp; &lt; &#65; &",
    "{{ organisation }}",
    "{{ nothing.there }}",
    "{% raw %} {% endraw %}",
    "{# gone? #}",
    "`code` ``` ~~~",
    "~ -- --- ...",
    "= Heading == too",
    "+ item - item 1. item / term: text",
    "| cell | cell |",
    "'single' \"double\" \"\"\" '''",
    "$(rm -rf) %PDF-1.7 endobj",
    "../../etc/passwd",
    "A\u{30a}ngstro\u{308}m e\u{301}te\u{301}",
    "soft\u{ad}hyphen zero\u{200b}width",
    "null true 2026-01-31 [table] a = 1",
    "https://example.org/?a=b&c=d#e_f*g",
    "1. 2) 3 -",
    "^ super ~ sub H~2~O x^2^",
];

/// A description that has these texts wherever people write, each between marks of its own.
struct Described {
    toml: String,
    /// The texts with their marks.
    texts: Vec<String>,
}

fn described(texts: &[String]) -> Described {
    let mut used = Vec::new();
    let mut toml = String::from("format = 1\n");
    // A key that ends in `[]` takes a list.
    let mut block = |head: &str, fixed: &str, keys: &[&str]| {
        let _ = writeln!(toml, "{head}\n{fixed}");
        for key in keys {
            let n = used.len();
            let text = format!("Q{n}x {} x{n}Q", texts[n % texts.len()]);
            // Escaped as JSON, which TOML reads as well.
            let written = Json::from(text.as_str());
            let _ = match key.strip_suffix("[]") {
                Some(key) => writeln!(toml, "{key} = [{written}]"),
                None => writeln!(toml, "{key} = {written}"),
            };
            used.push(text);
        }
    };
    block(
        "[assessment]",
        "language = \"en\"\nas-of = 2026-01-31",
        &["title", "version", "authors[]", "method-approved-by", "processing-name"],
    );
    block("", "", &["publication", "reasons[]", "national-list", "codes-of-conduct", "references[]", "nature", "reach", "context"]);
    block("", "", &["cross-border", "data-quality"]);
    block("[assessment.always-required]", "", &["evaluation", "special-categories", "public-monitoring"]);
    block("[assessment.scope]", "", &["included", "excluded"]);
    block("[assessment.review]", "date = 2027-01-31", &["owner", "triggers[]"]);
    block("[organisation]", "country = \"NL\"\nkind = \"company\"", &["name"]);
    block("[organisation.controller]", "", &["name", "unit", "contact"]);
    block("[organisation.dpo]", "", &["name", "contact", "advice", "how-followed"]);
    block("[organisation.staff-representation]", "", &["body", "result"]);
    block("[organisation.views]", "", &["sought", "result"]);
    // As many as it takes for each text to stand in several places of different kinds.
    for i in 0..4 {
        let purpose = format!(
            "id = \"p{i}\"\nservices = [\"exchange\"]\ndata = [\"content\"]\nsubjects = [\"employees\"]\nlegal-basis = \"6(1)(f)\""
        );
        block(
            "[[purpose]]",
            &purpose,
            &["title", "description", "why-data", "conditions", "legitimate-interest", "necessity", "alternatives", "proportionality"],
        );
        block(
            "[[data-item]]",
            "category = \"content\"\nsubjects = [\"employees\"]",
            &["item", "explanation", "need", "recipients", "retention"],
        );
        block("[[phase]]", "operation = \"use\"", &["phase", "explanation"]);
        block("[[asset]]", "type = \"software\"", &["name", "explanation"]);
        block("[[processor]]", "role = \"processor\"", &["name", "tasks", "location", "agreement"]);
        block("[[baseline]]", "principle = \"transparency\"", &["measure", "effect"]);
        block(
            "[[third-party-apps]]",
            &format!("id = \"app{i}\"\npermissions = [\"application:Mail.Read\"]"),
            &["name", "vendor", "purpose"],
        );
    }
    block("[[measure]]", "id = \"restrict-user-consent\"\nstatus = \"rejected\"", &["because", "owner"]);
    block("[[confirmation]]", "finding = \"user-consent-open\"", &["function", "because"]);
    block("[[option]]", "finding = \"user-consent-open\"", &["option", "not-feasible-because"]);
    block("[[decision]]", "outcome = \"rejected\"\ndate = 2026-01-31", &["function", "because"]);
    toml.push_str("[services]\nin-use = [\"exchange\"]\n[entra]\nuser-consent = \"all\"\n");
    Described { toml, texts: used }
}

/// Spaces and breaks are the layout's.
fn packed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn strings<'j>(json: &'j Json, found: &mut Vec<&'j str>) {
    match json {
        Json::String(s) => found.push(s),
        Json::Array(items) => items.iter().for_each(|i| strings(i, found)),
        // Tags would stand between the pieces of a long word.
        Json::Object(map) => map.iter().filter(|(key, _)| !matches!(key.as_str(), "kind" | "k" | "t")).for_each(|(_, v)| strings(v, found)),
        _ => {}
    }
}

/// All strings of the view's document in order, without anything between them.
fn of_view(view: &View) -> String {
    let json = serde_json::to_value(&view.document).unwrap();
    let mut found = Vec::new();
    strings(&json, &mut found);
    packed(&found.concat())
}

/// What a reader of the Markdown sees.
fn of_markdown(markdown: &str) -> String {
    let known = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH;
    let mut out = String::new();
    for event in Parser::new_ext(markdown, known) {
        match event {
            Event::Text(s) | Event::Code(s) => out.push_str(&s),
            Event::InlineMath(s) | Event::DisplayMath(s) => panic!("became a formula: {s}"),
            _ => {}
        }
    }
    packed(&out)
}

/// The text of a PDF as a reader would copy it; `None` where poppler is not installed.
fn of_pdf(pdf: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, pdf).unwrap();
    let output = std::process::Command::new("pdftotext").arg(&path).arg("-").output().ok().filter(|o| o.status.success())?;
    Some(packed(&String::from_utf8(output.stdout).unwrap()))
}

/// Composes a description with these texts, and finds all of them in the view and in the Markdown.
fn survives(texts: &[String]) -> (Described, View) {
    let described = described(texts);
    let view = view(&describe_whole(&described.toml), "2026-01-31", "dpia365-4", Lang::En);
    let markdown = render::markdown(&view, &world().templates).unwrap();
    let (in_view, in_markdown) = (of_view(&view), of_markdown(&markdown));
    for text in &described.texts {
        let wanted = packed(text);
        assert!(in_view.contains(&wanted), "lost in the view: {text}");
        assert!(in_markdown.contains(&wanted), "lost in Markdown: {text}\n{}", near(&markdown, text));
    }
    (described, view)
}

/// The line of the Markdown with a text's mark, for messages.
fn near<'t>(markdown: &'t str, text: &str) -> &'t str {
    let mark = text.split(' ').next().unwrap_or_default();
    markdown.lines().find(|l| l.contains(mark)).unwrap_or("(the mark itself is not there)")
}

// ---- Printed as it is

#[test]
fn markup_of_any_kind_is_text() {
    // With a handful of random strings.
    let mut runner = TestRunner::deterministic();
    let random = (0..12).map(|_| latin().new_tree(&mut runner).unwrap().current());
    let texts: Vec<String> = HOSTILE.map(str::to_owned).into_iter().chain(random).collect();
    let (described, view) = survives(&texts);
    let pdf = render::pdf(&view, &world().templates).unwrap();
    let carried = render::attachments(&pdf).unwrap();
    let attached = carried.iter().find(|(name, _)| name == "description/deployment.toml").map(|(_, bytes)| bytes.as_slice());
    assert_eq!(attached, Some(described.toml.as_bytes()));
    let Some(text) = of_pdf(&pdf) else { return };
    for (i, hostile) in HOSTILE.iter().enumerate() {
        // What has no width of its own, and letters that the font has with their marks, may be copied in another form.
        if hostile.contains(['\u{ad}', '\u{30a}']) {
            continue;
        }
        // A page may end within one of the places, not within all of them.
        let places: Vec<&String> = described.texts.iter().skip(i).step_by(texts.len()).collect();
        let whole = places.iter().filter(|t| text.contains(&packed(t))).count();
        assert!(2 * whole >= places.len(), "lost in the PDF: {hostile} ({whole} of {} places)", places.len());
    }
}

#[test]
fn a_word_of_ten_thousand_letters_is_printed_whole() {
    let word = "ŵ".repeat(10_000);
    let text = common::HEAD.replace("[organisation]", &format!("nature = \"{word}\"\n[organisation]"));
    let text = format!("{text}[[data-item]]\nitem = \"{word}\"\ncategory = \"content\"\n");
    let view = view(&describe_whole(&text), "2026-01-31", "dpia365-4", Lang::En);
    let markdown = render::markdown(&view, &world().templates).unwrap();
    assert!(of_view(&view).matches(&word).count() >= 2);
    assert!(of_markdown(&markdown).matches(&word).count() >= 2);
    let pdf = render::pdf(&view, &world().templates).unwrap();
    if let Some(text) = of_pdf(&pdf) {
        let letters = text.matches('ŵ').count();
        assert!(letters >= 20_000, "{letters}");
    }
}

#[test]
fn the_name_of_a_file_is_text_too() {
    let folder = tempfile::tempdir().unwrap();
    let name = "#let $x$ & [y].toml";
    std::fs::write(folder.path().join("main.toml"), format!("include = [{name:?}]\n{}", common::HEAD)).unwrap();
    std::fs::write(folder.path().join(name), "[services]\nin-use = [\"exchange\"]\n[entra]\nuser-consent = \"all\"\n").unwrap();
    let report = run(folder.path(), &["report", "main.toml", "--as-of", "2026-01-31", "--format", "md", "-o", "-"]).expect(0);
    assert!(of_markdown(report.text()).contains(&packed(name)));
    run(folder.path(), &["report", "main.toml", "--as-of", "2026-01-31", "-o", "report.pdf"]).expect(0);
    run(folder.path(), &["open", "report.pdf", "-o", "out"]).expect(0);
    assert!(folder.path().join("out/description").join(name).is_file());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 16, failure_persistence: None, ..Default::default() })]

    #[test]
    fn latin_text_survives(texts in proptest::collection::vec(latin(), 1..12)) {
        survives(&texts);
    }
}

/// Printable Latin text, with more of what has a meaning somewhere.
fn latin() -> impl Strategy<Value = String> {
    proptest::string::string_regex("([ -~\u{a1}-\u{17f}]|[#$*_`\\[\\]<>{}|~^@!&\\\\/-]){1,40}").unwrap()
}

// ---- Refused by name

#[test]
fn what_the_fonts_cannot_show_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (written, c, name) in [
        ("shalom \u{5e9}\u{5dc}\u{5d5}\u{5dd}", '\u{5e9}', "U+05E9 (\u{5e9})"),
        ("\u{645}\u{631}\u{62d}\u{628}\u{627}", '\u{645}', "U+0645 (\u{645})"),
        ("fine 😀", '😀', "U+1F600 (😀)"),
        ("漢字", '漢', "U+6F22 (漢)"),
        ("bell \\u0007", '\u{7}', "U+0007\n"),
        ("\\u001b[31mred", '\u{1b}', "U+001B\n"),
        ("back\\u0008space", '\u{8}', "U+0008\n"),
        ("a lone \\r return", '\r', "U+000D\n"),
        ("private \u{e000}", '\u{e000}', "U+E000"),
    ] {
        let text = format!(
            "{}[[purpose]]\nid = \"a\"\ntitle = \"A\"\nnecessity = \"\"\"\nFirst line.\n{written}\n\"\"\"\n",
            common::HEAD.trim_start()
        );
        std::fs::write(folder.path().join("main.toml"), &text).unwrap();
        // An escape has no place of its own: its text is named by the first line.
        let place = if written.contains('\\') { "necessity" } else { written };
        let line = 1 + text.lines().position(|l| l.contains(place)).unwrap();
        let report = |format: &str| run(folder.path(), &["report", "main.toml", "--as-of", "2026-01-31", "--format", format, "-o", "-"]);
        let parts = [format!("the fonts have no glyph for {name}"), format!("main.toml:{line}:"), "help: replace the character".to_owned()];
        let refused = report("pdf").refused("glyph-missing", &parts.each_ref().map(String::as_str));
        assert!(!refused.stderr.contains(['\u{1b}', '\u{7}', '\u{8}', '\r']), "{:?}", refused.stderr);
        // Other programs may be able to show it; to Markdown a lone return is a space.
        assert!(report("md").expect(0).text().contains(c) || c == '\r', "{name}");
        let json = report("json").expect(0).json();
        let mut found = Vec::new();
        strings(&json, &mut found);
        assert!(found.iter().any(|s| s.contains(c)), "{name}");
    }
}

#[test]
fn each_missing_character_is_named_once_with_its_first_place() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{}[[purpose]]\nid = \"a\"\ntitle = \"漢 😀\"\nnecessity = \"漢字\"\n", common::HEAD.trim_start());
    std::fs::write(folder.path().join("main.toml"), &text).unwrap();
    let args = ["report", "main.toml", "--as-of", "2026-01-31"];
    let title = 1 + text.lines().position(|l| l.starts_with("title = \"漢")).unwrap();
    let places = [format!("main.toml:{title}:10"), format!("main.toml:{title}:12"), format!("main.toml:{}:15", title + 1)];
    let refused = run(folder.path(), &args)
        .refused("glyph-missing", &["U+6F22", "U+1F600", "U+5B57", "3 errors", &places[0], &places[1], &places[2]]);
    assert_eq!(refused.stderr.matches("error[").count(), 3, "{}", refused.stderr);
}

#[test]
fn a_character_in_the_name_of_a_file_is_refused_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.toml"), format!("include = [\"漢.toml\"]\n{}", common::HEAD)).unwrap();
    std::fs::write(folder.path().join("漢.toml"), "[services]\nin-use = [\"exchange\"]\n").unwrap();
    run(folder.path(), &["report", "main.toml", "--as-of", "2026-01-31"]).refused("glyph-missing", &["U+6F22", "the name of a file"]);
}

/// A description can come from anywhere; its words must not steer the terminal of who checks it.
#[test]
fn messages_pass_no_control_characters_on() {
    let folder = tempfile::tempdir().unwrap();
    let text = common::HEAD.replace("kind = \"company\"", "kind = \"\\u001b[31mred\\u0007\\u202e\"");
    std::fs::write(folder.path().join("main.toml"), text).unwrap();
    for variables in [&[][..], &[("CLICOLOR_FORCE", "1")]] {
        let output = program(folder.path()).args(["check", "main.toml"]).envs(variables.iter().copied()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("choice-unknown"), "{stderr}");
        assert!(!stderr.contains("\u{1b}[31mred") && !stderr.contains(['\u{7}', '\u{202e}']), "{stderr:?}");
    }
}
