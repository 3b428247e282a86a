use super::{Entry, Kind, Node, Table};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::Text;
use jiff::civil::Date;
use std::cell::RefCell;

/// Reads the keys of one table, and reports what is missing, mistyped or left over.
///
/// Each getter marks its key as known; [`Fields::finish`] reports every other key, with the nearest known name.
pub struct Fields<'a, 'd> {
    table: &'a Table,
    place: &'a Place,
    what: String,
    known: RefCell<Vec<String>>,
    diagnostics: &'d RefCell<Vec<Diagnostic>>,
}

impl<'a, 'd> Fields<'a, 'd> {
    /// Begins reading a node that must be a table; `what` names it in messages, e.g. "a risk".
    pub fn of(node: &'a Node, what: &str, diagnostics: &'d RefCell<Vec<Diagnostic>>) -> Option<Self> {
        match &node.kind {
            Kind::Table(table) => Some(Self { table, place: &node.place, what: what.to_owned(), known: RefCell::default(), diagnostics }),
            _ => {
                diagnostics.borrow_mut().push(mismatch(node, &format!("{what} (a table)")));
                None
            }
        }
    }

    /// Where the table stands.
    pub fn place(&self) -> &'a Place {
        self.place
    }

    /// The entry under a key, whatever its type.
    pub fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.known.borrow_mut().push(key.to_owned());
        self.table.entry(key)
    }

    /// The node under a key, whatever its type.
    pub fn node(&self, key: &str) -> Option<&'a Node> {
        self.entry(key).map(|e| &e.node)
    }

    /// The node under a key that must be there.
    pub fn required(&self, key: &str) -> Option<&'a Node> {
        let node = self.node(key);
        if node.is_none() {
            self.push(
                Diagnostic::error("required-missing", format!("{} has no `{key}`", self.what))
                    .at(self.place, format!("`{key}` is missing here")),
            );
        }
        node
    }

    /// A text, if the key is there.
    pub fn str(&self, key: &str) -> Option<&'a str> {
        self.node(key).and_then(|n| self.as_str(n))
    }

    /// A text that must be there.
    pub fn required_str(&self, key: &str) -> Option<&'a str> {
        self.required(key).and_then(|n| self.as_str(n))
    }

    /// One of a few words.
    pub fn choice(&self, key: &str, allowed: &[&str]) -> Option<&'a str> {
        let node = self.node(key)?;
        let value = self.as_str(node)?;
        if allowed.contains(&value) {
            return Some(value);
        }
        self.push(
            Diagnostic::error("choice-unknown", format!("`{value}` is not a value of `{key}`"))
                .at(&node.place, format!("expected one of: {}", allowed.join(", ")))
                .nearest(value, allowed.iter().copied()),
        );
        None
    }

    /// A whole number, if the key is there.
    pub fn int(&self, key: &str) -> Option<i64> {
        let node = self.node(key)?;
        match node.kind {
            Kind::Integer(i) => Some(i),
            _ => self.mismatch(node, "a whole number"),
        }
    }

    /// A whole number in a range, if the key is there.
    pub fn int_in(&self, key: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let value = self.int(key)?;
        if range.contains(&value) {
            return Some(value);
        }
        let node = self.node(key)?;
        self.push(
            Diagnostic::error("range-exceeded", format!("`{key}` is {value}"))
                .at(&node.place, format!("expected a number from {} to {}", range.start(), range.end())),
        );
        None
    }

    /// True or false, if the key is there.
    pub fn bool(&self, key: &str) -> Option<bool> {
        let node = self.node(key)?;
        match node.kind {
            Kind::Bool(b) => Some(b),
            _ => self.mismatch(node, "true or false"),
        }
    }

    /// A date, if the key is there.
    pub fn date(&self, key: &str) -> Option<Date> {
        let node = self.node(key)?;
        match node.kind {
            Kind::Date(d) => Some(d),
            _ => self.mismatch(node, "a date like 2026-01-31"),
        }
    }

    /// A list of texts; empty if the key is not there.
    pub fn strs(&self, key: &str) -> Vec<&'a str> {
        self.nodes(key).iter().filter_map(|n| self.as_str(n)).collect()
    }

    /// A list of nodes; empty if the key is not there.
    pub fn nodes(&self, key: &str) -> &'a [Node] {
        let Some(node) = self.node(key) else { return &[] };
        match &node.kind {
            Kind::Array(a) => a,
            _ => {
                self.push(mismatch(node, "a list"));
                &[]
            }
        }
    }

    /// A table under a key, as entries; empty if the key is not there.
    pub fn entries(&self, key: &str) -> &'a [Entry] {
        let Some(node) = self.node(key) else { return &[] };
        match &node.kind {
            Kind::Table(t) => &t.entries,
            _ => {
                self.push(mismatch(node, "a table"));
                &[]
            }
        }
    }

    /// A text in all languages, if the key is there.
    pub fn text(&self, key: &str) -> Option<Text> {
        self.node(key).map(|node| self.as_text(node, key))
    }

    /// A text in all languages that must be there.
    pub fn required_text(&self, key: &str) -> Text {
        self.required(key).map(|node| self.as_text(node, key)).unwrap_or_default()
    }

    /// A text table, or in the user's own files a plain text that stands for every language.
    pub fn as_text(&self, node: &'a Node, key: &str) -> Text {
        if let Kind::String(s) = &node.kind {
            return Text::same(s);
        }
        let Some(fields) = Fields::of(node, &format!("the text `{key}`"), self.diagnostics) else { return Text::default() };
        let text = Text::from_fn(|lang| {
            let value = fields.str(lang.code());
            if value.is_none_or(|v| v.trim().is_empty()) {
                self.push(
                    Diagnostic::error("catalog-text", format!("the text `{key}` is missing in language `{lang}`"))
                        .at(&node.place, "texts are given in every language: en, nl, de"),
                );
            }
            value.unwrap_or_default().trim().to_owned()
        });
        fields.finish();
        text
    }

    /// Reports every key that no getter asked for.
    pub fn finish(self) {
        let known = self.known.borrow();
        for entry in &self.table.entries {
            if !known.contains(&entry.key) {
                let listed = known.iter().map(String::as_str).collect::<Vec<_>>();
                self.push(
                    Diagnostic::error("unknown-key", format!("{} has no key `{}`", self.what, entry.key))
                        .at(&entry.key_place, "not known here")
                        .help(format!("known keys: {}", dedup(&listed).join(", ")))
                        .nearest(&entry.key, listed.iter().copied()),
                );
            }
        }
    }

    /// Adds a diagnostic.
    pub fn push(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    fn as_str(&self, node: &'a Node) -> Option<&'a str> {
        match &node.kind {
            Kind::String(s) => Some(s),
            _ => self.mismatch(node, "a text in quotes"),
        }
    }

    fn mismatch<T>(&self, node: &Node, expected: &str) -> Option<T> {
        self.push(mismatch(node, expected));
        None
    }
}

fn dedup<'s>(names: &[&'s str]) -> Vec<&'s str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

fn mismatch(node: &Node, expected: &str) -> Diagnostic {
    Diagnostic::error("type-mismatch", format!("expected {expected}, found {}", node.type_name()))
        .at(&node.place, format!("expected {expected}"))
}
