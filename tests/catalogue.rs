//! The catalogue that the program carries, held against docs/catalogue.md: references, texts, sources, and that nothing in it is idle.

mod common;

use common::{described, root, world};
use dpia365::assessment::{Because, FindingState, assess};
use dpia365::catalog::{self, Catalog, Layer};
use dpia365::model::{FactKind, Lang, Row, Tag};
use dpia365::report::{Request, catalogue_text};
use std::collections::{BTreeMap, BTreeSet};
use toml::Value as Toml;

fn catalogue() -> &'static Catalog {
    &world().catalog
}

/// Every file of the catalogue as TOML, by path.
fn files() -> BTreeMap<String, toml::Table> {
    let files = Layer::embedded().files;
    assert!(files.len() > 100, "the catalogue was not found");
    files.into_iter().map(|(path, text)| (path.clone(), text.parse().unwrap_or_else(|e| panic!("{path}: {e}")))).collect()
}

/// Every table in a value, with its path.
fn tables(path: &str, value: &Toml, found: &mut Vec<(String, toml::Table)>) {
    match value {
        Toml::Table(table) => {
            found.push((path.to_owned(), table.clone()));
            table.iter().for_each(|(key, inner)| tables(&format!("{path} > {key}"), inner, found));
        }
        Toml::Array(items) => items.iter().for_each(|inner| tables(path, inner, found)),
        _ => {}
    }
}

fn every_table() -> Vec<(String, toml::Table)> {
    let mut found = Vec::new();
    for (path, table) in files() {
        tables(&path, &Toml::Table(table), &mut found);
    }
    found
}

/// Texts: tables that hold strings under the codes of languages.
fn every_text() -> Vec<(String, BTreeMap<String, String>)> {
    let codes: BTreeSet<&str> = Lang::ALL.iter().map(|l| l.code()).collect();
    let found: Vec<_> = every_table()
        .into_iter()
        .filter(|(_, table)| table.keys().any(|k| codes.contains(k.as_str())) && table.values().all(Toml::is_str))
        .map(|(path, table)| (path, table.into_iter().map(|(k, v)| (k, v.as_str().unwrap().to_owned())).collect()))
        .collect();
    assert!(found.len() > 1000, "only {} texts were found", found.len());
    found
}

// ---- Structure

#[test]
fn nothing_is_wrong_with_it() {
    let faults = catalog::check(catalogue());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn file_names_are_ids_and_folders_are_families() {
    let files = files();
    let stems = |folder: &str| -> BTreeSet<String> {
        files
            .keys()
            .filter_map(|p| p.strip_prefix(folder)?.strip_suffix(".toml"))
            .map(|p| p.rsplit('/').next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(stems("risks/"), catalogue().risks.keys().cloned().collect());
    assert_eq!(stems("measures/"), catalogue().measures.keys().cloned().collect());
    assert_eq!(stems("methods/"), catalogue().methods.keys().cloned().collect());
    let families: BTreeSet<String> = catalogue().ids("families").into_iter().collect();
    for path in files.keys().filter(|p| p.starts_with("risks/")) {
        let [_, family, _] = path.split('/').collect::<Vec<_>>()[..] else { panic!("{path} lies too deep or too high") };
        assert!(families.contains(family), "{path}: {family} is no family");
    }
    // Ids are lower-case words joined by hyphens.
    for id in catalogue().risks.keys().chain(catalogue().measures.keys()).chain(catalogue().sources.keys()) {
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{id}");
    }
}

#[test]
fn every_named_source_exists_and_has_a_date() {
    let sources = &catalogue().sources;
    let mut named = BTreeSet::new();
    for (path, table) in every_table() {
        for id in table.get("sources").and_then(Toml::as_array).into_iter().flatten().filter_map(Toml::as_str) {
            assert!(sources.contains_key(id), "{path}: there is no source {id}");
            named.insert(id.to_owned());
        }
    }
    for (path, text) in every_text() {
        for id in text.values().flat_map(|t| cited(t)) {
            assert!(sources.contains_key(&id), "{path}: there is no source {id}");
            named.insert(id);
        }
    }
    for source in sources.values() {
        let year = source.date.get(..4).and_then(|y| y.parse::<u16>().ok());
        assert!(year.is_some_and(|y| (1990..=2027).contains(&y)), "{}: {}", source.id, source.date);
    }
    assert!(named.len() > 50, "only {} sources are named", named.len());
}

/// The sources that a text cites.
fn cited(text: &str) -> Vec<String> {
    placeholders(text).iter().filter_map(|p| p.strip_prefix("cite(\"")?.strip_suffix("\")").map(str::to_owned)).collect()
}

/// What stands between `{{` and `}}`, in order of the alphabet.
fn placeholders(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .split("{{")
        .skip(1)
        .map(|rest| rest.split("}}").next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    found.sort();
    found
}

// ---- Texts

#[test]
fn every_text_is_written_in_every_language() {
    for (path, text) in every_text() {
        for lang in Lang::ALL {
            assert!(text.get(lang.code()).is_some_and(|t| !t.trim().is_empty()), "{path}: nothing in {lang}");
        }
        assert_eq!(text.len(), Lang::ALL.len(), "{path}: another key beside the languages");
    }
}

#[test]
fn placeholders_are_the_same_in_every_language() {
    let differing: Vec<String> = every_text()
        .iter()
        .filter(|(_, text)| text.values().map(|t| placeholders(t)).collect::<BTreeSet<_>>().len() > 1)
        .map(|(path, text)| format!("{path}: {:?}", text.iter().map(|(l, t)| (l, placeholders(t))).collect::<Vec<_>>()))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn translations_are_no_copies() {
    // Names, products and single words may be the same; whole sentences are not.
    for (path, text) in every_text() {
        let sentence = |t: &str| t.split_whitespace().count() > 8;
        for (a, b) in [("en", "nl"), ("en", "de"), ("nl", "de")] {
            assert!(!sentence(&text[a]) || text[a] != text[b], "{path}: {a} and {b} are the same");
        }
    }
}

#[test]
fn titles_are_short_and_plain() {
    for (path, table) in every_table() {
        let Some(title) = table.get("title").and_then(Toml::as_table) else { continue };
        for (lang, text) in title.iter().filter_map(|(l, t)| Some((l, t.as_str()?))) {
            assert!(cited(text).is_empty(), "{path}: the title cites, in {lang}");
            if path.starts_with("risks/") && !path.contains('>') {
                // A placeholder is as long as what it stands for, roughly.
                let length = text.replace("{{ record.name }}", "An app").chars().count();
                assert!(length <= 100, "{path}: {length} characters in {lang}: {text}");
            }
        }
    }
}

/// The numbers of a text, without the marks between their digits.
fn numbers(text: &str) -> Vec<String> {
    // Dutch statutes name their paragraphs by ordinals.
    let text = [
        ("eerste lid", "lid 1"),
        ("tweede lid", "lid 2"),
        ("derde lid", "lid 3"),
        ("second subparagraph", "subparagraph 2"),
        ("tweede alinea", "alinea 2"),
    ]
    .iter()
    .fold(text.to_owned(), |t, (a, b)| t.replace(a, b));
    let plain: String = text.split("{{").map(|part| part.split_once("}}").map_or(part, |(_, rest)| rest)).collect();
    let chars: Vec<char> = plain.chars().collect();
    let mut joined = String::new();
    for (i, c) in chars.iter().enumerate() {
        let between = i > 0 && chars[i - 1].is_ascii_digit() && chars.get(i + 1).is_some_and(char::is_ascii_digit);
        if c.is_ascii_digit() || !(between && matches!(c, '.' | ',' | '\u{202f}' | '\u{a0}')) {
            joined.push(*c);
        }
    }
    let mut found: Vec<String> = joined.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty()).map(str::to_owned).collect();
    found.sort();
    found
}

#[test]
fn numbers_are_the_same_in_every_language() {
    let mut differing = Vec::new();
    for located in catalogue().texts() {
        let of = Lang::ALL.map(|l| numbers(located.text.get(l)));
        if of.iter().any(|n| *n != of[0]) {
            differing.push(format!("{}: {:?} in \"{}\"", located.of, of, located.text.get(Lang::En).chars().take(60).collect::<String>()));
        }
    }
    assert!(differing.is_empty(), "{} texts\n{}", differing.len(), differing.join("\n"));
}

#[test]
fn every_text_can_be_filled() {
    let world = world();
    let catalog = catalogue();
    let deployment = described("examples/municipality");
    let assessment = assess(&deployment, catalog, &catalog.methods["dpia365-4"], "2026-11-22".parse().unwrap());
    let mut texts = Vec::new();
    for risk in catalog.risks.values() {
        texts.extend([&risk.title, &risk.affected, &risk.what].map(|t| (&risk.id, t)));
        texts.extend(risk.ratings.iter().flat_map(|r| [&r.likelihood_because, &r.severity_because]).map(|t| (&risk.id, t)));
        texts.extend(risk.treatments.iter().map(|t| (&risk.id, &t.because)));
    }
    for measure in catalog.measures.values() {
        let optional = [&measure.limits, &measure.cost, &measure.check, &measure.licence];
        texts.extend([&measure.title, &measure.what].into_iter().chain(optional.into_iter().flatten()).map(|t| (&measure.id, t)));
        texts.extend(measure.settings.iter().filter_map(|s| s.note.as_ref()).map(|t| (&measure.id, t)));
    }
    for def in catalog.vocabulary.facts.values() {
        let rows = vendor_rows(&def.kind).iter().chain(&def.defaults);
        texts.extend(rows.filter_map(|r| r.note.as_ref()).chain([&def.label]).map(|t| (&def.id, t)));
    }
    texts.extend(catalog.methods.values().flat_map(|m| [Some(&m.about), m.note.as_ref()].into_iter().flatten().map(move |t| (&m.id, t))));
    texts.extend(catalog.terms.iter().flat_map(|t| [&t.term, &t.meaning].map(|x| (&t.id, x))));
    for lang in Lang::ALL {
        let locale = world.texts.locale(lang).unwrap_or_else(|| panic!("no words in {lang}"));
        let request = Request { structure: &world.texts.structures["edpb-2026"], locale, lang, edition: "full", program: "0.0.0" };
        // One assessment serves all texts of a language: only the words differ.
        let joined: BTreeMap<&String, Vec<&dpia365::model::Text>> = texts.iter().fold(BTreeMap::new(), |mut all, (id, text)| {
            all.entry(*id).or_insert_with(Vec::new).push(*text);
            all
        });
        for (id, texts) in joined {
            let whole = dpia365::model::Text::from_fn(|l| texts.iter().map(|t| t.get(l)).collect::<Vec<_>>().join("\n\n"));
            let filled = catalogue_text(&assessment, &deployment, catalog, &request, &whole);
            // A placeholder that cannot be filled leaves nothing at all.
            assert!(!filled.is_empty() && !filled.contains("{{"), "{id} in {lang}: a placeholder cannot be filled");
        }
    }
}

// ---- Rows

fn vendor_rows(kind: &FactKind) -> &[Row] {
    match kind {
        FactKind::Vendor { rows } => rows,
        _ => &[],
    }
}

#[test]
fn every_statement_about_microsoft_has_a_source_and_a_date() {
    let as_of = catalogue().infos[0].as_of.expect("the catalogue has a date");
    let mut seen = 0;
    for def in catalogue().vocabulary.facts.values() {
        assert!(!matches!(def.kind, FactKind::Vendor { .. }) || !vendor_rows(&def.kind).is_empty(), "{} has no row", def.id);
        for row in vendor_rows(&def.kind).iter().chain(&def.defaults) {
            seen += 1;
            assert!(!row.sources.is_empty(), "{}: a row without source", def.id);
            assert!(row.last_seen <= as_of, "{}: last seen on {}, after the catalogue of {as_of}", def.id, row.last_seen);
            assert!(row.from.is_none_or(|from| row.until.is_none_or(|until| from < until)), "{}: the row ends before it begins", def.id);
        }
    }
    assert!(seen > 100, "only {seen} rows");
}

#[test]
fn a_row_that_is_only_recalled_is_the_weakest_of_its_fact() {
    // Where the same statement is also supported by a source that was seen, nobody needs the memory.
    for def in catalogue().vocabulary.facts.values() {
        let rows: Vec<&Row> = vendor_rows(&def.kind).iter().chain(&def.defaults).collect();
        for recalled in rows.iter().filter(|r| r.tag == Tag::Recalled) {
            let same = |r: &&&Row| {
                r.tag == Tag::Verified
                    && r.value == recalled.value
                    && (r.from, r.until) == (recalled.from, recalled.until)
                    && r.when.lines.is_empty()
            };
            assert!(!rows.iter().any(|r| same(&r)), "{}: a recalled row repeats a verified one", def.id);
        }
    }
}

// ---- Nothing is idle

/// Risks that no measure lowers: only Microsoft could, and the catalogue knows of nothing that it has done. Their level falls with the date alone.
const NOTHING_LOWERS: &[&str] = &["copilot-opaque-workplace-filter", "sharepoint-linked-with-bing"];

#[test]
fn every_measure_and_every_method_is_of_use() {
    let catalog = catalogue();
    let used: BTreeSet<&String> = catalog.risks.values().flat_map(|r| &r.treatments).flat_map(|t| &t.measures).collect();
    for measure in catalog.measures.keys() {
        assert!(used.contains(measure), "no risk uses {measure}");
    }
    for risk in catalog.risks.values() {
        let lowered = risk.treatments.iter().any(|t| t.effect.changes_level());
        assert_ne!(lowered, NOTHING_LOWERS.contains(&risk.id.as_str()), "what lowers {}?", risk.id);
        for treatment in &risk.treatments {
            let mut once = BTreeSet::new();
            assert!(treatment.measures.iter().all(|m| once.insert(m)), "{}: a treatment names a measure twice", risk.id);
        }
    }
    // A treatment that a weaker set of measures already achieves on the same paths would never show.
    for risk in catalog.risks.values() {
        for (i, t) in risk.treatments.iter().enumerate().filter(|(_, t)| t.effect.changes_level()) {
            let dead = risk.treatments.iter().enumerate().any(|(j, other)| {
                let subset = other.measures.iter().all(|m| t.measures.contains(m)) && other.measures.len() < t.measures.len();
                let reaches = other.paths.is_empty() || (!t.paths.is_empty() && t.paths.iter().all(|p| other.paths.contains(p)));
                let at_most = |mine: Option<u8>, others: Option<u8>| mine.is_none() || others.is_some_and(|o| o <= mine.unwrap_or(4));
                let stronger = other.effect.removes
                    || (!t.effect.removes
                        && at_most(t.effect.likelihood_at_most, other.effect.likelihood_at_most)
                        && at_most(t.effect.severity_at_most, other.effect.severity_at_most));
                i != j && subset && reaches && stronger
            });
            assert!(!dead, "{}: the treatment by {:?} changes nothing", risk.id, t.measures);
        }
    }
}

// ---- Every risk in a case

/// Descriptions that assess something: the examples and the cases of the tests.
fn cases() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["examples", "tests/cases", "tests/published"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.join("deployment.toml").is_file() {
                found.push(format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 3, "the cases were not found");
    found
}

/// Risks that apply whatever a description says: they rest on what Microsoft does alone, and the catalogue knows no end of it.
const ALWAYS: &[&str] = &["diagnostic-data-in-the-united-states", "long-retention-of-diagnostic-data"];

#[test]
fn every_risk_applies_in_one_case_and_is_refuted_in_another() {
    let catalog = catalogue();
    let (mut applies, mut refuted) = (BTreeSet::new(), BTreeSet::new());
    for case in cases() {
        let deployment = described(&case);
        let about = &deployment.prose.assessment;
        let method = &catalog.methods[about.method.as_deref().unwrap_or("dpia365-4")];
        let assessment = assess(&deployment, catalog, method, about.as_of.unwrap_or_else(|| panic!("{case} has no date")));
        applies.extend(assessment.findings.iter().filter(|f| f.state == FindingState::Applies).map(|f| f.risk.id.clone()));
        refuted.extend(assessment.excluded.iter().filter(|e| e.because == Because::NotApplicable).map(|e| e.risk.clone()));
    }
    let never: Vec<_> = catalog.risks.keys().filter(|r| !applies.contains(*r)).collect();
    let always: Vec<_> = catalog.risks.keys().filter(|r| !refuted.contains(*r)).map(String::as_str).collect();
    assert!(never.is_empty(), "no case has these: {never:?}");
    assert_eq!(always, ALWAYS, "no case is without these");
}

// ---- Broken catalogues

/// The codes of what is wrong when a file is laid over the catalogue.
fn laid_over(files: &[(&str, &str)]) -> BTreeSet<&'static str> {
    let info = ("catalog.toml", "name = \"over\"\nversion = \"1\"\nlicence = \"none\"");
    let files = files.iter().chain([&info]).map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect();
    let (catalog, _, mut diagnostics) = catalog::load(&[Layer::embedded(), Layer { name: "over".to_owned(), files }]);
    if diagnostics.is_empty() {
        diagnostics = catalog::check(&catalog);
    }
    diagnostics.iter().map(|d| d.code).collect()
}

const T: &str = "{ en = \"w\", nl = \"w\", de = \"w\" }";

fn risk(body: &str) -> String {
    format!(
        "title = {T}\naffected = {T}\nwhat = {T}\nlimits = {T}\nsources = [\"pc-2020\"]\n{body}\n\
         [[rating]]\nlikelihood = 1\nseverity = 1\nlikelihood-because = {T}\nseverity-because = {T}\n"
    )
}

fn vendor(rows: &str) -> String {
    let row = "sources = [\"pc-2020\"]\ntag = \"verified\"\nlast-seen = 2020-07-09";
    format!("[vendor.x]\ntype = \"flag\"\nlabel = {T}\n{}", rows.replace("ROW", row))
}

#[test]
fn a_layer_without_faults_is_accepted() {
    assert_eq!(laid_over(&[("risks/transfers/x.toml", &risk(""))]), BTreeSet::new());
    let rows = "[[vendor.x.row]]\nuntil = 2020-01-01\nvalue = true\nROW\n[[vendor.x.row]]\nfrom = 2020-01-01\nvalue = false\nROW";
    assert_eq!(laid_over(&[("vendor/x.toml", &vendor(rows))]), BTreeSet::new());
}

#[test]
fn each_fault_of_a_layer_has_its_code() {
    let overlapping = vendor("[[vendor.x.row]]\nvalue = true\nROW\n[[vendor.x.row]]\nfrom = 2020-01-01\nvalue = false\nROW");
    let exposure =
        "[[when]]\n\"encryption.double-key\" = false\n[[treatment]]\nmeasures = [\"double-key-encryption\"]\nremoves = true\nbecause = ";
    let exposure = format!("{exposure}{T}");
    let no_effect = format!("[[treatment]]\nmeasures = [\"double-key-encryption\"]\nbecause = {T}");
    let always = risk("").replace("[[rating]]", "[[rating]]\nwhen = { \"data.special-categories\" = true }");
    for (code, path, text) in [
        ("catalog-condition", "risks/transfers/x.toml", risk("[[when]]\n\"no.such-fact\" = true")),
        ("catalog-condition", "risks/transfers/x.toml", risk("[[when]]\n\"data.special-categories\" = \"yes\"")),
        ("catalog-condition", "risks/transfers/x.toml", risk("[[when]]\n\"data.special-categories\" = { at-least = 1 }")),
        ("catalog-condition", "risks/transfers/x.toml", risk("[[when]]\n\"teams.used-for\" = { includes = \"singing\" }")),
        ("catalog-condition", "risks/transfers/x.toml", risk("[[when]]\n\"record.permissions\" = { class-at-least = 4 }")),
        // What a measure changes must not decide whether the risk exists.
        ("catalog-condition", "risks/transfers/x.toml", risk(&exposure)),
        ("catalog-reference", "risks/transfers/x.toml", risk("covers = [\"no-such-risk\"]")),
        ("catalog-reference", "risks/transfers/x.toml", risk("data = [\"no-such-data\"]")),
        ("catalog-reference", "risks/transfers/x.toml", risk("services = [\"no-such-service\"]")),
        ("catalog-reference", "risks/transfers/x.toml", risk("for-each = \"data.special-categories\"")),
        ("catalog-reference", "risks/no-such-family/x.toml", risk("")),
        ("catalog-reference", "risks/transfers/x.toml", risk("").replace("pc-2020", "no-such-source")),
        ("catalog-rows-overlap", "vendor/x.toml", overlapping),
        ("catalog-text", "risks/transfers/x.toml", risk("").replace(", de = \"w\"", "")),
        ("catalog-text", "risks/transfers/x.toml", risk("").replace("de = \"w\"", "de = \"\"")),
        ("catalog-format", "risks/transfers/x.toml", risk(&no_effect)),
        ("catalog-format", "risks/transfers/x.toml", always),
        ("catalog-format", "notes/x.toml", "a = 1".to_owned()),
        ("duplicate-id", "risks/transfers/x.toml", risk("[[when]]\nid = \"a\"\n[[when]]\nid = \"a\"")),
    ] {
        assert_eq!(laid_over(&[(path, &text)]), BTreeSet::from([code]), "{text}");
    }
    // The same id twice in one layer.
    let twice = [("risks/transfers/x.toml", risk("")), ("risks/rights/x.toml", risk(""))];
    assert_eq!(laid_over(&[(twice[0].0, &twice[0].1), (twice[1].0, &twice[1].1)]), BTreeSet::from(["duplicate-id"]));
    // In another layer it replaces.
    assert_eq!(laid_over(&[("risks/rights/incomplete-access-to-diagnostic-data.toml", &risk(""))]), BTreeSet::new());
}
