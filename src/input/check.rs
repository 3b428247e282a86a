use super::names::{CatalogueNames, List};
use super::shape::{Field, Shape};
use crate::diagnostic::{Diagnostic, Place};
use crate::source::{Kind, Node, Table, mismatch};
use serde_json::{Map, Value};
use std::cell::RefCell;

/// Lists up to this length are shown in messages.
const SHOWN: usize = 24;

/// Whether a text says nothing.
pub(super) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Whether the whole text is one prompt of a starter description: `‹why is this needed?›`.
pub(super) fn is_prompt(text: &str) -> bool {
    text.trim().strip_prefix('‹').and_then(|t| t.strip_suffix('›')).is_some_and(|t| !t.contains(['‹', '›']))
}

/// Whether a prompt of a starter description stands somewhere in the text.
fn holds_prompt(text: &str) -> bool {
    text.find('‹').is_some_and(|start| text[start..].contains('›'))
}

/// Walks nodes against shapes.
///
/// Gives JSON that holds only values of the right type, so that what is wrong is reported once and does not stop the rest from being read.
pub(super) struct Check<'a> {
    pub(super) names: &'a CatalogueNames,
    pub(super) sink: &'a RefCell<Vec<Diagnostic>>,
}

impl Check<'_> {
    /// The values of a table; `what` names it in messages.
    pub(super) fn table(&self, table: &Table, place: &Place, fields: &[Field], what: &str) -> Map<String, Value> {
        for entry in &table.entries {
            if !fields.iter().any(|f| f.key == entry.key) {
                self.push(
                    Diagnostic::error("unknown-key", format!("{what} has no key `{}`", entry.key))
                        .at(&entry.key_place, "not known here")
                        .help(format!("known keys: {}", fields.iter().map(|f| f.key).collect::<Vec<_>>().join(", ")))
                        .nearest(&entry.key, fields.iter().map(|f| f.key)),
                );
            }
        }
        let mut values = Map::new();
        for field in fields {
            match table.get(field.key) {
                Some(node) => values.extend(self.value(node, field, what).map(|v| (field.key.to_owned(), v))),
                // `format` has a diagnostic of its own.
                None if field.required && field.key != "format" => self.push(
                    Diagnostic::error("required-missing", format!("{what} has no `{}`", field.key))
                        .at(place, format!("`{}` is missing here: {}", field.key, lower_first(field.doc))),
                ),
                None => {}
            }
        }
        values
    }

    fn value(&self, node: &Node, field: &Field, what: &str) -> Option<Value> {
        let key = field.key;
        match (field.shape, &node.kind) {
            (Shape::Text | Shape::Prose, Kind::String(text)) => self.text(text, node, field, what),
            (Shape::Texts, Kind::Array(items)) => self.list(items, |item| match &item.kind {
                Kind::String(text) => self.text(text, item, &Field { required: false, ..*field }, what),
                _ => self.mismatch(item, key, "texts in quotes"),
            }),
            (Shape::Date, Kind::Date(_)) | (Shape::Flag, Kind::Bool(_)) => Some(node.to_json()),
            (Shape::Number(low, high), Kind::Integer(number)) => self.number(*number, low, high, node, key),
            (Shape::Id, Kind::String(id)) => self.id(id, node, key),
            (Shape::Country, Kind::String(code)) => self.country(code, node, key),
            (Shape::Regime, Kind::String(regime)) => self.regime(regime, node, key),
            (Shape::Word(words), Kind::String(word)) => {
                let known = words.contains(&word.as_str());
                known.then(|| Value::from(word.as_str())).or_else(|| self.unknown_word(word, node, key, words))
            }
            (Shape::From(list), Kind::String(entry)) => self.entry(entry, node, list),
            (Shape::AllFrom(list), Kind::Array(items)) => self.list(items, |item| match &item.kind {
                Kind::String(entry) => self.entry(entry, item, list),
                _ => self.mismatch(item, key, "texts in quotes"),
            }),
            (Shape::Table(fields), Kind::Table(table)) => {
                let what = heading(what, key, false);
                Some(Value::Object(self.table(table, &node.place, fields, &what)))
            }
            (Shape::Tables(fields), Kind::Array(items)) => {
                let what = heading(what, key, true);
                self.list(items, |item| match &item.kind {
                    Kind::Table(table) => Some(Value::Object(self.table(table, &item.place, fields, &what))),
                    _ => self.mismatch(item, key, "tables"),
                })
            }
            // Read by other layers, or by the vocabulary.
            (Shape::Facts, Kind::Table(_)) | (Shape::Value, _) => None,
            (Shape::Names, Kind::Table(table)) => {
                for entry in table.entries.iter().filter(|e| e.node.str().is_none()) {
                    self.mismatch::<()>(&entry.node, &entry.key, "a text in quotes");
                }
                None
            }
            (Shape::Risks, Kind::Array(items)) => {
                for item in items.iter().filter(|i| i.table().is_none()) {
                    self.mismatch::<()>(item, key, "tables");
                }
                None
            }
            (shape, _) => self.mismatch(node, key, &expected(shape, key)),
        }
    }

    fn text(&self, text: &str, node: &Node, field: &Field, what: &str) -> Option<Value> {
        if is_blank(text) {
            if field.required {
                let message = format!("`{}` of {what} is empty", field.key);
                self.push(Diagnostic::error("required-missing", message).at(&node.place, lower_first(field.doc)));
            }
            return None;
        }
        if is_prompt(text) && !field.required {
            self.push(
                Diagnostic::warning("prose-starter", format!("`{}` is still the prompt of the starter description", field.key))
                    .at(&node.place, "the report shows a gap here")
                    .help("replace it by your own words, or delete the line"),
            );
            return None;
        }
        if holds_prompt(text) {
            self.push(
                Diagnostic::error("prose-starter", format!("`{}` holds a prompt of the starter description", field.key))
                    .at(&node.place, "the text between ‹ and › is a prompt")
                    .help("replace it by your own words; where ‹ and › are meant as quotation marks, use others"),
            );
        }
        Some(Value::from(text))
    }

    fn number(&self, number: i64, low: i64, high: i64, node: &Node, key: &str) -> Option<Value> {
        if (low..=high).contains(&number) {
            return Some(Value::from(number));
        }
        self.push(
            Diagnostic::error("range-exceeded", format!("`{key}` is {number}"))
                .at(&node.place, format!("expected a whole number from {low} to {high}")),
        );
        None
    }

    fn id(&self, id: &str, node: &Node, key: &str) -> Option<Value> {
        if is_id(id) {
            return Some(Value::from(id));
        }
        let mut diagnostic = Diagnostic::error("type-mismatch", format!("`{id}` cannot be an `{key}`"))
            .at(&node.place, "expected lower-case words joined by hyphens, e.g. \"city-council\"");
        let words = id.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
        let mended = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
        if is_id(&mended) {
            diagnostic = diagnostic.help(format!("`{mended}` would do"));
            diagnostic.replacement = Some(mended);
        }
        self.push(diagnostic);
        None
    }

    fn country(&self, code: &str, node: &Node, key: &str) -> Option<Value> {
        let two_letters = |c: &str| c.len() == 2 && c.bytes().all(|b| b.is_ascii_uppercase());
        if two_letters(code) {
            return Some(Value::from(code));
        }
        let mut diagnostic = Diagnostic::error("choice-unknown", format!("`{code}` is not a value of `{key}`"))
            .at(&node.place, "expected the two capitals of ISO 3166, e.g. \"NL\" or \"DE\"");
        let mended = code.to_ascii_uppercase();
        if two_letters(&mended) {
            diagnostic = diagnostic.help(format!("did you mean `{mended}`?"));
            diagnostic.replacement = Some(mended);
        }
        self.push(diagnostic);
        None
    }

    fn regime(&self, regime: &str, node: &Node, key: &str) -> Option<Value> {
        let law = match regime {
            "gdpr" => return Some(Value::from(regime)),
            "eudpr" => "Regulation (EU) 2018/1725",
            "led" => "Directive (EU) 2016/680",
            _ => return self.unknown_word(regime, node, key, &["gdpr"]),
        };
        self.push(
            Diagnostic::error("legal-regime", format!("{law} is not supported"))
                .at(&node.place, "only \"gdpr\" is supported")
                .help("it has other articles, time limits and elements; a report under it would be wrong"),
        );
        None
    }

    fn entry(&self, entry: &str, node: &Node, list: List) -> Option<Value> {
        let known = self.names.list(list);
        if known.iter().any(|k| k == entry) {
            return Some(Value::from(entry));
        }
        let label = if known.len() <= SHOWN { format!("expected one of: {}", known.join(", ")) } else { format!("not {}", list.noun()) };
        self.push(
            Diagnostic::error(list.code(), format!("`{entry}` is not {}", list.noun()))
                .at(&node.place, label)
                .nearest(entry, known.iter().map(String::as_str)),
        );
        None
    }

    fn unknown_word<T>(&self, word: &str, node: &Node, key: &str, words: &[&str]) -> Option<T> {
        self.push(
            Diagnostic::error("choice-unknown", format!("`{word}` is not a value of `{key}`"))
                .at(&node.place, format!("expected one of: {}", words.join(", ")))
                .nearest(word, words.iter().copied()),
        );
        None
    }

    fn list(&self, items: &[Node], read: impl Fn(&Node) -> Option<Value>) -> Option<Value> {
        Some(Value::Array(items.iter().filter_map(read).collect()))
    }

    fn mismatch<T>(&self, node: &Node, key: &str, expected: &str) -> Option<T> {
        self.push(mismatch(node, key, expected));
        None
    }

    fn push(&self, diagnostic: Diagnostic) {
        self.sink.borrow_mut().push(diagnostic);
    }
}

/// Whether this is lower-case words joined by hyphens.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.split('-').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

fn expected(shape: Shape, key: &str) -> String {
    match shape {
        Shape::Text | Shape::Prose | Shape::Id | Shape::Country | Shape::Regime | Shape::Word(_) | Shape::From(_) => {
            "a text in quotes".to_owned()
        }
        Shape::Texts | Shape::AllFrom(_) => "a list of texts".to_owned(),
        Shape::Date => "a date like 2026-01-31".to_owned(),
        Shape::Flag => "true or false".to_owned(),
        Shape::Number(..) => "a whole number".to_owned(),
        Shape::Table(_) | Shape::Facts | Shape::Names => "a table".to_owned(),
        Shape::Value => "a value of the fact".to_owned(),
        Shape::Tables(_) | Shape::Risks => format!("tables, each headed [[{key}]]"),
    }
}

/// How a block is called: `[organisation.dpo]`, `[[purpose]]`.
fn heading(parent: &str, key: &str, list: bool) -> String {
    let path = match parent.trim_matches(['[', ']']) {
        "the description" => key.to_owned(),
        parent => format!("{parent}.{key}"),
    };
    if list { format!("[[{path}]]") } else { format!("[{path}]") }
}

fn lower_first(text: &str) -> String {
    // Abbreviations stay as they are.
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(a), Some(b)) if b.is_lowercase() || b == ' ' => a.to_lowercase().chain(text.chars().skip(1)).collect(),
        _ => text.to_owned(),
    }
}
