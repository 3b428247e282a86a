//! Rows of tables and objects of lists as lines with named columns.

use super::paths::Flat;
use crate::diagnostic::Place;
use crate::model::EvidenceKind;
use crate::sheets::{Kind, Row, cell_name};
use std::sync::Arc;

/// The headings of a table: the text of each, in lower case, with its column.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    columns: Vec<(String, u32)>,
    /// Headings that stand twice.
    pub(super) twice: Vec<(String, u32)>,
    /// Row in which they stand.
    pub(super) row: u32,
}

/// How headings are compared: without case, marks and doubled spaces.
pub(super) fn plain(heading: &str) -> String {
    heading.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Head {
    pub(super) fn of_row(row: &Row) -> Self {
        let mut head = Self { row: row.number(), ..Self::default() };
        for cell in row.cells() {
            let name = plain(cell.text);
            if name.is_empty() {
                continue;
            }
            match head.columns.iter().any(|(n, _)| *n == name) {
                true => head.twice.push((name, cell.column)),
                false => head.columns.push((name, cell.column)),
            }
        }
        head
    }

    /// Names that are compared as headings, in the order of their columns.
    pub(super) fn named(names: Vec<String>) -> Self {
        let columns = names.into_iter().enumerate().map(|(i, name)| (name, u32::try_from(i).unwrap_or(u32::MAX))).collect();
        Self { columns, twice: Vec::new(), row: 0 }
    }

    #[cfg(test)]
    pub(super) fn named_column(&self, name: &str) -> Option<u32> {
        self.spelt(name)
    }

    pub(super) fn len(&self) -> usize {
        self.columns.iter().filter(|(name, _)| !name.is_empty()).count()
    }

    /// The columns under a heading and under its other spellings.
    pub(super) fn spellings(&self, kind: &EvidenceKind, heading: &str) -> Vec<u32> {
        let aliases = kind.aliases.iter().find(|(name, _)| plain(name) == plain(heading)).map(|(_, a)| a);
        let mut found: Vec<u32> =
            std::iter::once(heading).chain(aliases.into_iter().flatten().map(String::as_str)).filter_map(|h| self.spelt(h)).collect();
        found.dedup();
        found
    }

    /// The column under a heading, or under another spelling of it that the kind knows.
    pub(super) fn column(&self, kind: &EvidenceKind, heading: &str) -> Option<u32> {
        self.spelt(heading).or_else(|| {
            let aliases = kind.aliases.iter().find(|(name, _)| plain(name) == plain(heading)).map(|(_, a)| a);
            aliases.into_iter().flatten().find_map(|a| self.spelt(a))
        })
    }

    fn spelt(&self, heading: &str) -> Option<u32> {
        let heading = plain(heading);
        self.columns.iter().find(|(name, _)| *name == heading && !name.is_empty()).map(|(_, column)| *column)
    }

    /// The first of a role's headings that is there.
    pub(super) fn role(&self, kind: &EvidenceKind, role: &str) -> Option<u32> {
        kind.columns.get(role)?.iter().find_map(|h| self.column(kind, h))
    }

    /// All of a role's headings that are there.
    pub(super) fn roles(&self, kind: &EvidenceKind, role: &str) -> Vec<u32> {
        kind.columns.get(role).into_iter().flatten().filter_map(|h| self.column(kind, h)).collect()
    }

    /// How many of the headings that make up one of the kind's lists are there: 0, or all of the longest list that is there in full.
    pub(super) fn likeness(&self, kind: &EvidenceKind) -> usize {
        let whole = |list: &&Vec<String>| !list.is_empty() && list.iter().all(|h| self.column(kind, h).is_some());
        kind.headings.iter().filter(whole).map(Vec::len).max().unwrap_or(0)
    }
}

/// One row, or one object, with its place.
#[derive(Clone, Copy)]
pub(super) struct Line<'l> {
    pub(super) of: Of<'l>,
    pub(super) file: &'l Arc<str>,
    pub(super) sheet: &'l str,
}

/// What a line is made of.
#[derive(Clone, Copy)]
pub(super) enum Of<'l> {
    Row(&'l Row),
    Object(&'l Flat),
}

/// A text that stands for nothing.
fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "{}" | "[]" | "$null" | "null" | "{$null}")
}

/// PowerShell's name of a type where the value should be: the export did not join the list.
fn is_type_name(text: &str) -> bool {
    let known = ["System.", "Microsoft.", "Deserialized."].iter().any(|p| text.starts_with(p));
    let shape = text.ends_with("[]") || text.contains("Collections.") || text.contains('`') || text.matches('.').count() > 2;
    known && !text.contains(char::is_whitespace) && shape
}

/// True and false as spreadsheet programs write them in German, Dutch and French when they save a file again.
fn flag(text: &str) -> &str {
    match text {
        "WAHR" | "Wahr" | "WAAR" | "Waar" | "VRAI" | "Vrai" => "True",
        "FALSCH" | "Falsch" | "ONWAAR" | "Onwaar" | "FAUX" | "Faux" => "False",
        text => text,
    }
}

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said<'l> {
    Text(&'l str),
    /// The column is there, and the cell is empty.
    Empty,
    /// A name of a type, an error or a formula without a value: nobody can say what it would be.
    Unreadable(&'static str),
}

impl<'l> Line<'l> {
    fn get(&self, column: u32) -> Option<(Kind, &'l str)> {
        match self.of {
            Of::Row(row) => row.get(column).map(|c| (c.kind, c.text)),
            Of::Object(flat) => flat.get(column).map(|cell| (Kind::Text, cell.text.as_str())),
        }
    }

    /// The cell in a column; `None` where the object has no such name.
    pub(super) fn said(&self, column: u32) -> Option<Said<'l>> {
        let Some((kind, text)) = self.get(column) else {
            return matches!(self.of, Of::Row(_)).then_some(Said::Empty);
        };
        let text = text.trim();
        Some(match kind {
            Kind::Error => Said::Unreadable("an error value"),
            Kind::Formula => match shown_by_link(text) {
                Some(shown) => Said::Text(shown),
                None => Said::Unreadable("a formula without a stored value"),
            },
            _ if is_type_name(text) => Said::Unreadable("the name of a type instead of its values"),
            _ if is_nothing(text) => Said::Empty,
            _ => Said::Text(flag(text)),
        })
    }

    /// The first of some columns in which something stands; the first of them at all, where none has anything.
    pub(super) fn first(&self, columns: &[u32]) -> Option<(u32, Said<'l>)> {
        let mut said = columns.iter().filter_map(|c| Some((*c, self.said(*c)?)));
        let first = said.clone().next();
        said.find(|(_, s)| *s != Said::Empty).or(first)
    }

    /// The text in a column; empty where there is none, or none that can be read.
    pub(super) fn text(&self, column: Option<u32>) -> &'l str {
        match column.and_then(|c| self.said(c)) {
            Some(Said::Text(text)) => text,
            _ => "",
        }
    }

    /// The kind of the cell in a column.
    pub(super) fn kind(&self, column: u32) -> Option<Kind> {
        self.get(column).map(|(kind, _)| kind)
    }

    /// Where the cell of a column stands.
    pub(super) fn place(&self, column: u32) -> Place {
        let cell = match self.of {
            Of::Object(flat) => flat.get(column).or(flat.cells.first()).map(|c| c.place.clone()).unwrap_or_default(),
            Of::Row(row) => cell_name(column, row.number()),
        };
        Place::Cell { file: self.file.clone(), sheet: self.sheet.to_owned(), cell }
    }

    /// Every cell that can be read, with its column.
    pub(super) fn texts(&self) -> impl Iterator<Item = (u32, &'l str)> + '_ {
        let columns: Vec<u32> = match self.of {
            Of::Row(row) => row.cells().map(|c| c.column).collect(),
            Of::Object(flat) => flat.cells.iter().map(|c| c.column).collect(),
        };
        columns.into_iter().filter_map(|column| match self.said(column) {
            Some(Said::Text(text)) => Some((column, text)),
            _ => None,
        })
    }
}

/// The text that `=HYPERLINK("address","text")` shows.
fn shown_by_link(formula: &str) -> Option<&str> {
    let call = formula.trim_start_matches(['=', ' ']);
    let inner = call.get(..10).filter(|f| f.eq_ignore_ascii_case("HYPERLINK(")).and_then(|_| call[10..].trim_end().strip_suffix(')'))?;
    let shown = inner.trim().strip_suffix('"')?;
    let start = shown.rfind('"')?;
    // The text has no quotes of its own, or it cannot be told where it begins.
    let before = shown[..start].trim_end();
    (before.ends_with(',') || before.ends_with(';')).then(|| &shown[start + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_show_their_text() {
        assert_eq!(shown_by_link("=HYPERLINK(\"https://x.example/a?b=(c)\",\"Mail.Read\")"), Some("Mail.Read"));
        assert_eq!(shown_by_link("HYPERLINK(\"https://x.example\"; \"A, b\")"), Some("A, b"));
        assert_eq!(shown_by_link("=HYPERLINK(\"https://x.example\")"), None);
        assert_eq!(shown_by_link("=SUM(A1:A2)"), None);
    }

    #[test]
    fn names_of_types_are_told_from_values() {
        for text in [
            "System.Object[]",
            "Microsoft.Graph.PowerShell.Models.MicrosoftGraphAppRole[]",
            "System.Collections.Generic.List`1[System.String]",
        ] {
            assert!(is_type_name(text), "{text}");
        }
        for text in ["Microsoft Teams", "Microsoft.Outlook", "System", "EnabledUserOverride"] {
            assert!(!is_type_name(text), "{text}");
        }
    }
}
