//! Rendering: hostile text survives, the same view gives the same bytes, and a PDF gives back what it carries.

use std::collections::BTreeMap;
use std::path::Path;

use dpia365::render::{self, Templates};
use dpia365::report::view::{
    Attachment, Block, Card, CardLevel, CardPart, Chapter, Column, CoverageView, Document, Inline, OutcomeView, Pair, RegisterView,
    ScreeningView, SupportView, Table, View, Words,
};

const HOSTILE: &str = "#eval(\"1\") $x$ *b* _i_ `c` @ref <label> ~ \\ // /* #panic() */ [x](y) | {{ view }} {% raw %} \u{200d}\u{ad}\ttab";

fn templates() -> Templates {
    fn collect(folder: &Path, root: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, root, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut files = BTreeMap::new();
    collect(&root, &root, &mut files);
    Templates::new(files)
}

fn text(s: &str) -> Vec<Inline> {
    vec![Inline::Text { s: s.to_owned() }]
}

/// A small report in which every string is `s`, down to the ids.
fn view(s: &str) -> View {
    let string = || s.to_owned();
    let level = CardLevel { label: string(), level: "high".to_owned(), word: string(), detail: string() };
    let blocks = vec![
        Block::Paragraph { text: text(s) },
        Block::Paragraph {
            text: vec![
                Inline::Code { s: string() },
                Inline::Ref { id: string(), c: text(s) },
                Inline::Ref { id: "nowhere".to_owned(), c: text(s) },
                Inline::Page { id: "nowhere".to_owned(), before: ", p. ".to_owned() },
                Inline::Link { url: string(), c: text(s) },
                Inline::Anchor { id: string() },
                Inline::Level { level: string(), word: string() },
            ],
        },
        // Jumps over levels, and says its id twice.
        Block::Heading { level: 4, number: string(), text: string(), id: string() },
        Block::Gap { rule: string(), title: string(), text: text(s) },
        Block::Table(Table {
            caption: string(),
            columns: vec![Column { label: string(), width: 1.0 }, Column { label: string(), width: 2.0 }],
            rows: vec![vec![text(s), text(s)]],
            dense: true,
        }),
        Block::Finding(Card {
            id: string(),
            label: string(),
            title: string(),
            family: string(),
            flags: vec![string()],
            brief: false,
            levels: vec![level.clone(), level.clone(), level.clone()],
            parts: vec![CardPart { label: string(), blocks: vec![Block::Paragraph { text: text(s) }] }],
        }),
        Block::Finding(Card {
            id: format!("{s} brief"),
            label: string(),
            title: string(),
            family: string(),
            flags: vec![string()],
            brief: true,
            levels: vec![level.clone(), level.clone(), level],
            parts: vec![CardPart { label: string(), blocks: vec![Block::Paragraph { text: text(s) }] }],
        }),
    ];
    let attachment = |name: &str, bytes: &[u8]| Attachment {
        name: name.to_owned(),
        mime: "application/toml".to_owned(),
        description: string(),
        relationship: "source".to_owned(),
        bytes: bytes.to_vec(),
    };
    View {
        schema: 1,
        as_of: "2026-03-31".to_owned(),
        language: "en".to_owned(),
        method: "dpia365-4".to_owned(),
        edition: "full".to_owned(),
        structure: "edpb-2026".to_owned(),
        outcome: OutcomeView { proposed: "draft".to_owned(), decided: None, because: Vec::new() },
        catalogs: Vec::new(),
        findings: Vec::new(),
        excluded: Vec::new(),
        measures: Vec::new(),
        conflicts: Vec::new(),
        questions: Vec::new(),
        coverage: CoverageView { total: SupportView::of([0; 4]), areas: BTreeMap::new() },
        evidence: Vec::new(),
        completeness: Vec::new(),
        screening: ScreeningView { verdict: "required".to_owned(), required: true, lists: Vec::new() },
        registers: RegisterView::default(),
        document: Document {
            title: string(),
            subtitle: string(),
            organisation: string(),
            lang: "en".to_owned(),
            authors: vec![string()],
            keywords: vec![string()],
            description: string(),
            date: [2026, 3, 31],
            ident: "test".to_owned(),
            draft_mark: Some(string()),
            cover: vec![Pair { label: string(), value: string() }],
            cover_notice: vec![Block::Paragraph { text: text(s) }],
            words: Words { contents: string(), page: string(), of: string(), continued: string() },
            chapters: ["front", "body", "annex"]
                .map(|part| Chapter {
                    id: part.to_owned(),
                    number: string(),
                    heading: string(),
                    part: part.to_owned(),
                    blocks: blocks.clone(),
                })
                .to_vec(),
            attachments: vec![attachment("deployment.toml", b"format = 1\n"), attachment("data/other.toml", b"")],
        },
    }
}

#[test]
fn hostile_text_never_becomes_template_source() {
    let templates = templates();
    let view = view(HOSTILE);
    // Both standards are checked by the engine as it exports.
    let pdf = render::pdf(&view, &templates).unwrap();
    assert_eq!(pdf, render::pdf(&view, &templates).unwrap(), "the same view must give the same bytes");
    let carried = render::attachments(&pdf).unwrap();
    assert_eq!(carried, [("data/other.toml".to_owned(), Vec::new()), ("deployment.toml".to_owned(), b"format = 1\n".to_vec())]);
    let markdown = render::markdown(&view, &templates).unwrap();
    assert!(markdown.contains(r#"\#eval("1") \$x\$ \*b\* \_i\_"#), "{markdown}");
    assert!(markdown.contains("{{ view }} {% raw %}"), "{markdown}");
}

#[test]
fn empty_text_renders() {
    let mut view = view("");
    // PDF/UA wants a title and words in headings; the rest may be empty.
    view.document.title = "Title".to_owned();
    for chapter in &mut view.document.chapters {
        chapter.heading = "Chapter".to_owned();
        chapter.blocks.retain(|block| !matches!(block, Block::Heading { .. } | Block::Finding(_)));
    }
    view.document.words.contents = "Contents".to_owned();
    for attachment in &mut view.document.attachments {
        attachment.description = "Description".to_owned();
    }
    render::pdf(&view, &templates()).unwrap();
    render::markdown(&view, &templates()).unwrap();
}

#[test]
fn faults_of_templates_name_file_and_line() {
    let mut files: BTreeMap<String, Vec<u8>> = templates().files().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    files.insert("theme.typ".to_owned(), b"\n#let x = y".to_vec());
    files.insert("report.md.jinja".to_owned(), b"a\n{{ nothing.there }}".to_vec());
    let templates = Templates::new(files);
    let errors = render::pdf(&view("x"), &templates).unwrap_err();
    let place = &errors[0].labels[0].place;
    assert_eq!((place.file(), place.line()), ("templates/theme.typ", Some(2)), "{errors:?}");
    let errors = render::markdown(&view("x"), &templates).unwrap_err();
    let place = &errors[0].labels[0].place;
    assert_eq!((place.file(), place.line()), ("templates/report.md.jinja", Some(2)), "{errors:?}");
}

#[test]
fn missing_glyphs_are_named_once() {
    let text = "é ß Ж → \u{200d}\u{ad}\n\t 漢 漢 \u{1} \u{e000} \u{feff}";
    assert_eq!(render::missing_glyphs(text, &templates()), ['漢', '\u{1}', '\u{e000}', '\u{feff}']);
}

/// A PDF, uncompressed and without a table of contents, that carries one file.
fn carrying(name: &str, stream: &str) -> Vec<u8> {
    format!(
        "%PDF-1.7\n1 0 obj <</Type/Catalog /Pages 2 0 R /Names <</EmbeddedFiles <</Names [(k) 3 0 R]>>>>>> endobj\n\
         2 0 obj <</Type/Pages /Kids [4 0 R] /Count 1>> endobj\n\
         3 0 obj <</Type/Filespec /UF ({name}) /EF <</F 5 0 R>>>> endobj\n\
         4 0 obj <</Type/Page /Parent 2 0 R /MediaBox [0 0 9 9]>> endobj\n\
         5 0 obj {stream} endobj\ntrailer <</Root 1 0 R /Size 6>>\n%%EOF\n"
    )
    .into_bytes()
}

#[test]
fn carried_names_stay_in_their_folder() {
    let stream = "<</Length 2>> stream\nhi\nendstream";
    let fine = render::attachments(&carrying("sub/file.toml", stream)).unwrap();
    assert_eq!(fine, [("sub/file.toml".to_owned(), b"hi".to_vec())]);
    for name in ["../x", "/etc/passwd", "a/../../x", "C:/x", "a\\\\b", ".hidden", "", "a//b", "a\\000b", "nul. "] {
        let errors = render::attachments(&carrying(name, stream)).unwrap_err();
        assert_eq!(errors[0].code, "pdf-unreadable", "{name}");
    }
}

#[test]
fn damaged_files_are_refused() {
    for bytes in [&b""[..], b"nonsense", b"%PDF-1.7\n%%EOF"] {
        assert_eq!(render::attachments(bytes).unwrap_err()[0].code, "pdf-unreadable");
    }
    let unknown = carrying("x", "<</Length 2 /Filter /LZWDecode>> stream\nhi\nendstream");
    assert!(render::attachments(&unknown).is_err());
    let nested = carrying("x", &"[".repeat(200_000));
    assert!(render::attachments(&nested).is_err());
}
