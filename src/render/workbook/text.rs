//! Texts and names as the format can hold them.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The length of a cell's text in UTF-16 units, which is how Excel counts.
const LONGEST_TEXT: usize = 32_767;
/// The length of a sheet's name in UTF-16 units.
const LONGEST_SHEET_NAME: usize = 31;
/// The length of a heading or a table's name in UTF-16 units; the format has room for 255.
const LONGEST_NAME: usize = 200;

/// The text as a cell can hold it: no character that XML forbids, one kind of line end, not too long.
pub fn cell(text: &str) -> Cow<'_, str> {
    let cleaned = if text.contains(is_replaced) { Cow::Owned(clean(text)) } else { Cow::Borrowed(text) };
    let text = cut(cleaned, LONGEST_TEXT);
    // The library takes a text that begins and ends like this for rich text of its own making and writes it as XML. A space at
    // its end makes it text again.
    if text.starts_with("<r>") && text.ends_with("</r>") { Cow::Owned(format!("{} ", cut(text, LONGEST_TEXT - 1))) } else { text }
}

/// The text on one line, without spaces around it.
pub fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    cell(&words.join(" ")).into_owned()
}

/// Whether a program might take the text for a formula once somebody edits the cell, or lose an apostrophe at its beginning.
pub fn needs_quote(text: &str) -> bool {
    // The wide forms are what East Asian keyboards give; Excel takes them for the narrow ones.
    let formula = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\''];
    text.starts_with(['\t', '\n']) || text.trim_start().starts_with(formula)
}

/// Whether the language is written from right to left.
pub fn is_right_to_left(language: &str) -> bool {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    ["ar", "fa", "he", "ur", "yi"].iter().any(|known| primary.eq_ignore_ascii_case(known))
}

/// The length in UTF-16 units.
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Lines of at most so many characters. A word that is longer stays whole.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut room = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if length < room => {
                line.push(' ');
                line.push_str(word);
                room -= length + 1;
            }
            _ => {
                lines.push(word.to_owned());
                room = width.saturating_sub(length);
            }
        }
    }
    lines
}

/// Names of one kind, of which no two may differ only by case, each with the number to try first when it comes again.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<String, usize>);

impl Names {
    /// A name for the tab of a sheet.
    pub fn sheet(&mut self, wanted: &str) -> String {
        let allowed: String = line(wanted).chars().map(|c| if "[]:*?/\\".contains(c) { '-' } else { c }).collect();
        // What is cut may leave a space or an apostrophe at the end, so this comes last.
        let name = cut(Cow::Owned(plain(&allowed)), LONGEST_SHEET_NAME);
        let name = name.trim_matches(|c: char| c == '\'' || c.is_whitespace());
        // Excel keeps this name for itself.
        let name = if name.eq_ignore_ascii_case("history") { "History-" } else { name };
        let name = if name.is_empty() { "Sheet" } else { name };
        self.unique(name, LONGEST_SHEET_NAME, |number| format!(" ({number})"))
    }

    /// A heading for a column. The column at this place, counted from one, may have none.
    pub fn heading(&mut self, wanted: &str, place: usize) -> String {
        let name = cut(Cow::Owned(plain(&line(wanted))), LONGEST_NAME);
        let name = if name.is_empty() { Cow::Owned(format!("#{place}")) } else { name };
        self.unique(&name, LONGEST_NAME + 10, |number| format!(" ({number})"))
    }

    /// A name for a table, as formulas could use it.
    pub fn table(&mut self, wanted: &str) -> String {
        let allowed: String = wanted.trim().chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect();
        let mut name: String = allowed.chars().take(LONGEST_NAME / 2).collect();
        // A digit at the beginning, or a name like that of a cell: A1, R1C1.
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') || rust_xlsxwriter::utility::check_name(&name).is_err() {
            name = if name.is_empty() { "Table".to_owned() } else { format!("_{name}") };
        }
        self.unique(&name, LONGEST_NAME + 10, |number| format!("_{number}"))
    }

    fn unique(&mut self, name: &str, longest: usize, suffix: impl Fn(usize) -> String) -> String {
        let key = name.to_lowercase();
        let Some(next) = self.0.get(&key).copied() else {
            self.0.insert(key, 2);
            return name.to_owned();
        };
        for number in next.. {
            let suffix = suffix(number);
            let mut room = longest - length(&suffix);
            let fits = |c: &char| room.checked_sub(c.len_utf16()).map(|left| room = left).is_some();
            let candidate: String = name.chars().take_while(fits).chain(suffix.chars()).collect();
            if !self.0.contains_key(&candidate.to_lowercase()) {
                self.0.insert(candidate.to_lowercase(), 2);
                self.0.insert(key, number + 1);
                return candidate;
            }
        }
        unreachable!("there is always a higher number")
    }
}

/// What XML cannot hold, and the line ends of other systems.
fn is_replaced(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

fn clean(text: &str) -> String {
    let unix = text.replace("\r\n", "\n");
    unix.chars()
        .map(|c| match c {
            '\r' => '\n',
            c if is_replaced(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// The text in so many UTF-16 units, with an ellipsis where something is missing.
fn cut(text: Cow<'_, str>, longest: usize) -> Cow<'_, str> {
    // No text has more UTF-16 units than bytes.
    if text.len() <= longest || length(&text) <= longest {
        return text;
    }
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units < longest
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.push('…');
    Cow::Owned(short)
}

/// A name in which nothing looks like `_x0041_`, with which the format writes characters in some places and not in others.
fn plain(name: &str) -> String {
    let is_escape = |rest: &str| rest.as_bytes().get(..7).is_some_and(|b| b[6] == b'_' && b[2..6].iter().all(u8::is_ascii_hexdigit));
    let mut plain = String::with_capacity(name.len());
    let mut last = 0;
    for (at, _) in name.match_indices("_x") {
        if is_escape(&name[at..]) {
            plain.push_str(&name[last..at]);
            plain.push('-');
            last = at + 1;
        }
    }
    plain.push_str(&name[last..]);
    plain
}
