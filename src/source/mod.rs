//! TOML text as nodes that know their place. Knows texts, not files: names of files are given.

mod fields;
mod value;

pub use fields::Fields;
pub use value::{PREFIXES, expected, mismatch, value};

use crate::diagnostic::{Diagnostic, Files, Place};
use jiff::civil::Date;
use std::sync::Arc;
use toml::de::{DeTable, DeValue};

/// A value of a TOML file with its place.
#[derive(Clone, Debug)]
pub struct Node {
    pub kind: Kind,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub enum Kind {
    String(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Date(Date),
    /// A time, or a date with a time: nothing here takes one.
    Time,
    Array(Vec<Node>),
    Table(Table),
}

/// A table in the order in which it was written.
#[derive(Clone, Debug, Default)]
pub struct Table {
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: String,
    pub key_place: Place,
    pub node: Node,
}

impl Table {
    /// The node under a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.node)
    }

    /// Key and node under a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    /// The keys in order of writing.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|e| e.key.as_str())
    }
}

impl Node {
    /// The table, if it is one.
    pub fn table(&self) -> Option<&Table> {
        match &self.kind {
            Kind::Table(t) => Some(t),
            _ => None,
        }
    }

    /// The array, if it is one.
    pub fn array(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Array(a) => Some(a),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(s) => Some(s),
            _ => None,
        }
    }

    /// What kind of value this is, in words for messages.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::String(_) => "a text",
            Kind::Integer(_) => "a whole number",
            Kind::Float(_) => "a number",
            Kind::Bool(_) => "true or false",
            Kind::Date(_) => "a date",
            Kind::Time => "a time",
            Kind::Array(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }

    /// The value as JSON; dates become ISO 8601 strings.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as J;
        match &self.kind {
            Kind::String(s) => J::from(s.as_str()),
            Kind::Integer(i) => J::from(*i),
            Kind::Float(f) => J::from(*f),
            Kind::Bool(b) => J::from(*b),
            Kind::Date(d) => J::from(d.to_string()),
            Kind::Time => J::Null,
            Kind::Array(a) => J::Array(a.iter().map(Node::to_json).collect()),
            Kind::Table(t) => J::Object(t.entries.iter().map(|e| (e.key.clone(), e.node.to_json())).collect()),
        }
    }
}

/// Parses a file's text, remembers it in `files`, and collects every fault that the parser finds. A byte-order mark is accepted.
pub fn parse(name: &str, text: &str, files: &mut Files, diagnostics: &mut Vec<Diagnostic>) -> Node {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file = files.add(name, text);
    let lines = Lines::new(&file, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let place = lines.place(error.span().unwrap_or(0..0));
        let message = error.message().trim().replace('\n', ", ");
        let (code, message) = match message.as_str() {
            m if m.contains("duplicate key") => ("duplicate-key", "the key is written twice".to_owned()),
            m if m.contains("date") || m.contains("day") || m.contains("month") => ("date-impossible", m.to_owned()),
            m => ("toml-syntax", m.to_owned()),
        };
        diagnostics.push(Diagnostic::error(code, message).at(&place, "here"));
    }
    let span = table.span();
    Node { kind: Kind::Table(lines.table(table.into_inner(), diagnostics)), place: lines.place(span.start..span.start) }
}

/// Offsets of lines, to turn bytes into line numbers.
struct Lines<'a> {
    file: &'a Arc<str>,
    starts: Vec<usize>,
    len: usize,
}

impl<'a> Lines<'a> {
    fn new(file: &'a Arc<str>, text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self { file, starts, len: text.len() }
    }

    fn place(&self, span: std::ops::Range<usize>) -> Place {
        let start = span.start.min(self.len);
        let line = self.starts.partition_point(|s| *s <= start);
        Place::Bytes { file: self.file.clone(), start, end: span.end.clamp(start, self.len), line }
    }

    fn table(&self, table: DeTable<'_>, diagnostics: &mut Vec<Diagnostic>) -> Table {
        let mut entries: Vec<Entry> = table
            .into_iter()
            .map(|(key, value)| {
                let key_place = self.place(key.span());
                let span = value.span();
                Entry { key: key.into_inner().into_owned(), key_place, node: self.node(value.into_inner(), span, diagnostics) }
            })
            .collect();
        entries.sort_by(|a, b| a.key_place.cmp(&b.key_place));
        Table { entries }
    }

    fn node(&self, value: DeValue<'_>, span: std::ops::Range<usize>, diagnostics: &mut Vec<Diagnostic>) -> Node {
        let place = self.place(span);
        let kind = match value {
            // How an editor ends its lines is no part of a text.
            DeValue::String(s) => Kind::String(s.replace("\r\n", "\n")),
            DeValue::Integer(i) => match i64::from_str_radix(i.as_str(), i.radix()) {
                Ok(i) => Kind::Integer(i),
                Err(_) => {
                    diagnostics.push(Diagnostic::error("range-exceeded", "the number is too large").at(&place, "here"));
                    Kind::Integer(0)
                }
            },
            DeValue::Float(f) => Kind::Float(f.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(b) => Kind::Bool(b),
            DeValue::Datetime(d) => match (d.date, d.time) {
                (Some(date), None) => match Date::new(date.year as i16, date.month as i8, date.day as i8) {
                    Ok(date) => Kind::Date(date),
                    Err(_) => {
                        diagnostics
                            .push(Diagnostic::error("date-impossible", format!("there is no {d}")).at(&place, "this day does not exist"));
                        Kind::Time
                    }
                },
                _ => Kind::Time,
            },
            DeValue::Array(a) => Kind::Array(
                a.into_iter()
                    .map(|v| {
                        let span = v.span();
                        self.node(v.into_inner(), span, diagnostics)
                    })
                    .collect(),
            ),
            DeValue::Table(t) => Kind::Table(self.table(t, diagnostics)),
        };
        Node { kind, place }
    }
}
