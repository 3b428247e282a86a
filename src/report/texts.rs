//! The words of a report: locale files and structures, as data.

use crate::diagnostic::{Diagnostic, Files};
use crate::model::{Lang, Text};
use crate::source::{Fields, Kind, Node, parse};
use minijinja::{Environment, UndefinedBehavior, Value, context};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The words of one language, by dotted key. Each may hold placeholders.
#[derive(Clone, Debug, Default)]
pub struct Locale {
    pub words: BTreeMap<String, String>,
    pub months: Vec<String>,
}

impl Locale {
    /// Reads a locale file: tables of texts, and `date.months` as a list of twelve.
    pub fn parse(name: &str, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let node = parse(name, text, &mut Files::default(), diagnostics);
        let mut locale = Self::default();
        collect(&node, "", &mut locale);
        locale
    }

    /// The words under a key. A key that is missing is shown as itself, so that a test finds it.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.get(key).map_or(key, String::as_str)
    }

    /// Whether there are words under a key.
    pub fn has(&self, key: &str) -> bool {
        self.words.contains_key(key)
    }

    /// The words under a key that is made while composing; empty where there are none.
    pub fn get_owned(&self, key: &str) -> &str {
        self.words.get(key).map_or("", String::as_str)
    }

    /// The words under a key with placeholders filled; an undefined name is shown as an error, never as a gap.
    pub fn fill(&self, key: &str, values: Value) -> String {
        let mut env = Environment::empty();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        match env.render_str(self.get(key), values) {
            Ok(text) => text,
            Err(error) => format!("{key}: {error}"),
        }
    }

    /// The words for a number of things: `key.one` or `key.other`, with `n`.
    pub fn count(&self, key: &str, n: usize) -> String {
        let form = if n == 1 { "one" } else { "other" };
        self.fill(&format!("{key}.{form}"), context! { n })
    }
}

fn collect(node: &Node, prefix: &str, locale: &mut Locale) {
    let Kind::Table(table) = &node.kind else { return };
    for entry in &table.entries {
        let key = if prefix.is_empty() { entry.key.clone() } else { format!("{prefix}.{}", entry.key) };
        match &entry.node.kind {
            Kind::String(s) => {
                locale.words.insert(key, s.trim().to_owned());
            }
            Kind::Array(items) if key == "date.months" => locale.months = items.iter().filter_map(|n| n.str().map(str::to_owned)).collect(),
            _ => collect(&entry.node, &key, locale),
        }
    }
}

/// Which sections a report has, in which order, under which headings.
#[derive(Clone, Debug)]
pub struct Structure {
    pub id: String,
    pub title: Text,
    pub source: String,
    pub version: String,
    pub sections: Vec<Section>,
    pub annexes: Vec<Section>,
}

/// A section with the blocks that it is made of.
#[derive(Clone, Debug)]
pub struct Section {
    /// Printed number; for annexes the id.
    pub number: String,
    /// 1 begins a chapter.
    pub level: u8,
    pub heading: Text,
    pub blocks: Vec<String>,
}

impl Structure {
    /// Reads a structure file.
    pub fn parse(name: &str, text: &str, files: &mut Files, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let node = parse(name, text, files, diagnostics);
        let sink = RefCell::new(Vec::new());
        let structure = read(&node, &sink);
        diagnostics.append(&mut sink.into_inner());
        structure
    }
}

fn read(node: &Node, sink: &RefCell<Vec<Diagnostic>>) -> Option<Structure> {
    let fields = Fields::of(node, "a structure", sink)?;
    let section = |node: &Node, annex: bool| -> Option<Section> {
        let fields = Fields::of(node, "a section", sink)?;
        let section = Section {
            number: fields.required_str(if annex { "id" } else { "number" })?.to_owned(),
            level: if annex { 1 } else { fields.int_in("level", 1..=3).and_then(|l| u8::try_from(l).ok()).unwrap_or(1) },
            heading: fields.required_text("heading"),
            blocks: fields.strs("blocks").into_iter().map(str::to_owned).collect(),
        };
        fields.finish();
        Some(section)
    };
    let structure = Structure {
        id: fields.required_str("id")?.to_owned(),
        title: fields.required_text("title"),
        source: fields.required_str("source")?.to_owned(),
        version: fields.required_str("version")?.to_owned(),
        sections: fields.nodes("section").iter().filter_map(|n| section(n, false)).collect(),
        annexes: fields.nodes("annex").iter().filter_map(|n| section(n, true)).collect(),
    };
    fields.finish();
    Some(structure)
}

/// All words and structures, as loaded from the templates.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    pub locales: BTreeMap<&'static str, Locale>,
    pub structures: BTreeMap<String, Structure>,
}

impl Texts {
    /// Reads every `locale/*.toml` and `structures/*.toml` among template files.
    pub fn load<'t>(files: impl IntoIterator<Item = (&'t str, &'t [u8])>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut texts = Self::default();
        for (path, bytes) in files {
            let Ok(text) = std::str::from_utf8(bytes) else { continue };
            if let Some(lang) = path.strip_prefix("locale/").and_then(|p| p.strip_suffix(".toml")).and_then(Lang::from_code) {
                texts.locales.insert(lang.code(), Locale::parse(&format!("templates/{path}"), text, diagnostics));
            } else if path.starts_with("structures/")
                && path.ends_with(".toml")
                && let Some(structure) = Structure::parse(&format!("templates/{path}"), text, &mut Files::default(), diagnostics)
            {
                texts.structures.insert(structure.id.clone(), structure);
            }
        }
        texts
    }

    /// The words of a language.
    pub fn locale(&self, lang: Lang) -> Option<&Locale> {
        self.locales.get(lang.code())
    }
}
