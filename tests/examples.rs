//! The examples: golden text and view beside their input, every language, both PDF standards, the same bytes twice.
//! `SNAPSHOTS=overwrite cargo test --test examples` rewrites the goldens.

mod common;

use dpia365::model::{Deployment, Lang};
use dpia365::render;
use dpia365::report::view::View;
use snapbox::assert_data_eq;

const EXAMPLES: [&str; 4] = ["rijk-2020", "municipality", "clinic", "school"];

fn view(deployment: &Deployment, lang: Lang) -> View {
    let about = &deployment.prose.assessment;
    common::view(deployment, &about.as_of.unwrap().to_string(), about.method.as_deref().unwrap(), lang)
}

fn own_language(deployment: &Deployment) -> Lang {
    Lang::from_code(&deployment.prose.assessment.language).unwrap()
}

#[test]
fn text_and_view_are_golden() {
    let world = common::world();
    for name in EXAMPLES {
        let deployment = common::example(name);
        let view = view(&deployment, own_language(&deployment));
        let folder = common::root().join("examples").join(name);
        let text = render::markdown(&view, &world.templates).unwrap();
        // The version of the catalogue's hash changes with every comma in it: the goldens hold what readers see.
        let hash = &view.catalogs[0].sha256;
        assert_data_eq!(text.replace(hash, "<sha256>"), snapbox::Data::read_from(&folder.join("report.md"), None).raw());
        let mut json = serde_json::to_value(&view).unwrap();
        // The document is the text golden; here is what other programs read.
        json.as_object_mut().unwrap().remove("document");
        let json = serde_json::to_string_pretty(&json).unwrap().replace(hash.as_str(), "<sha256>") + "\n";
        assert_data_eq!(json, snapbox::Data::read_from(&folder.join("view.json"), None).raw());
    }
}

#[test]
fn every_example_exports_in_every_language() {
    let world = common::world();
    for name in EXAMPLES {
        let deployment = common::example(name);
        for lang in Lang::ALL {
            // Export fails where PDF/UA-1 or PDF/A-3a is not met.
            let pdf = render::pdf(&view(&deployment, lang), &world.templates).unwrap_or_else(|e| panic!("{name} in {lang}: {e:#?}"));
            let text = String::from_utf8_lossy(&pdf);
            for mark in ["pdfuaid:part", "pdfaid:part"] {
                assert!(text.contains(mark), "{name} in {lang} does not declare {mark}");
            }
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let world = common::world();
    let first = render::pdf(&view(&common::example("rijk-2020"), Lang::En), &world.templates).unwrap();
    let second = render::pdf(&view(&common::example("rijk-2020"), Lang::En), &world.templates).unwrap();
    assert!(first == second, "two runs over the same description differ");
}

/// A description that is written in no language at all, so that whatever words a report has are the catalogue's or the locale's.
fn words_of(view: &View) -> String {
    fn collect(node: &serde_json::Value, out: &mut String) {
        match node {
            serde_json::Value::String(s) => {
                out.push_str(s);
                out.push('\n');
            }
            serde_json::Value::Array(items) => items.iter().for_each(|i| collect(i, out)),
            // What the organisation wrote in its own language is marked with it.
            serde_json::Value::Object(map) if map.get("t").is_some_and(|t| t == "lang") => {}
            serde_json::Value::Object(map) => map.values().for_each(|v| collect(v, out)),
            _ => {}
        }
    }
    let mut out = String::new();
    collect(&serde_json::to_value(&view.document).unwrap(), &mut out);
    out
}

#[test]
fn no_text_is_missing_or_in_another_language() {
    let world = common::world();
    for name in EXAMPLES {
        let deployment = common::example(name);
        let own = own_language(&deployment);
        for lang in Lang::ALL {
            let said = words_of(&view(&deployment, lang));
            let mine = &world.texts.locale(lang).unwrap().words;
            for other in Lang::ALL.into_iter().filter(|o| *o != lang && *o != own) {
                for (key, word) in &world.texts.locale(other).unwrap().words {
                    // Short words and words with placeholders may coincide by chance.
                    if word.len() > 24 && !word.contains("{{") && mine.get(key) != Some(word) {
                        assert!(!said.contains(word.as_str()), "{name} in {lang} says in {other}: {word}");
                    }
                }
                for risk in world.catalog.risks.values() {
                    let title = risk.title.get(other);
                    assert!(
                        title.contains("{{") || title == risk.title.get(lang) || !said.contains(title),
                        "{name} in {lang} has the {other} title: {title}"
                    );
                }
                for measure in world.catalog.measures.values() {
                    let title = measure.title.get(other);
                    assert!(title == measure.title.get(lang) || !said.contains(title), "{name} in {lang} has the {other} title: {title}");
                }
            }
            // A key that the locale does not have is shown as itself.
            for line in said.lines() {
                let key_like = line.split_once('.').is_some_and(|(area, rest)| {
                    world.texts.locale(lang).unwrap().words.keys().any(|k| k.starts_with(&format!("{area}.")))
                        && !rest.is_empty()
                        && rest.chars().all(|c| c.is_ascii_lowercase() || c == '-')
                });
                assert!(!key_like || line.ends_with(".toml") || line.ends_with(".json"), "{name} in {lang} shows the key {line}");
            }
            assert!(!said.contains("{{"), "{name} in {lang} has a placeholder left");
        }
    }
}

#[test]
fn the_summary_fits_two_pages_worth_of_text() {
    for name in EXAMPLES {
        let deployment = common::example(name);
        for lang in Lang::ALL {
            let view = view(&deployment, lang);
            let summary = view.document.chapters.iter().find(|c| c.id == "summary").unwrap();
            let mut text = String::new();
            let json = serde_json::to_value(&summary.blocks).unwrap();
            fn strings(node: &serde_json::Value, out: &mut String) {
                match node {
                    serde_json::Value::Object(map) => {
                        for (key, value) in map {
                            if matches!(key.as_str(), "s" | "word" | "title" | "label") && value.is_string() {
                                out.push_str(value.as_str().unwrap());
                            } else {
                                strings(value, out);
                            }
                        }
                    }
                    serde_json::Value::Array(items) => items.iter().for_each(|i| strings(i, out)),
                    _ => {}
                }
            }
            strings(&json, &mut text);
            // Measured on the pages: about 3,600 characters of this mixture fill one.
            assert!(text.chars().count() < 7000, "{name} in {lang}: the summary has {} characters", text.chars().count());
        }
    }
}
