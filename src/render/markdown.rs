//! The report as Markdown, from the same blocks as the PDF.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value};
use serde_json::Value as Json;

use super::templates::Templates;
use crate::diagnostic::{Diagnostic, Place};
use crate::report::view::{Block, View};

const MAIN: &str = "report.md.jinja";

/// The report as Markdown (CommonMark with tables), laid out by `report.md.jinja`.
///
/// # Errors
///
/// The template is missing, or minijinja refuses it; with file and line.
pub fn markdown(view: &View, templates: &Templates) -> Result<String, Vec<Diagnostic>> {
    let source = templates
        .get(MAIN)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .ok_or_else(|| vec![Diagnostic::error("template-error", format!("the templates have no `{MAIN}` in UTF-8"))])?;
    let fault = |error: minijinja::Error| vec![diagnostic(&error, source)];
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(fault)?);
    environment.add_filter("md", escape);
    environment.add_filter("attr", attribute);
    environment.add_filter("url", address);
    environment.add_filter("code", code);
    environment.add_filter("cell", cell);
    environment.add_filter("quote", quote);
    environment.add_filter("hang", hang);
    let template = environment.template_from_named_str(MAIN, source).map_err(fault)?;
    let context = minijinja::context! {
        view => value(serde_json::to_value(view).unwrap_or_default()),
        targets => targets(view),
    };
    template.render(context).map(|text| tidy(&text)).map_err(fault)
}

/// JSON as the template engine sees it. The view comes to the PDF's templates as JSON too, so both have the same names.
fn value(json: Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(flag) => flag.into(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().into(),
        },
        Json::String(text) => text.into(),
        Json::Array(items) => items.into_iter().map(value).collect(),
        Json::Object(entries) => Value::from(entries.into_iter().map(|(key, one)| (key, value(one))).collect::<BTreeMap<String, Value>>()),
    }
}

/// What to call the places that a page number would point to: their printed number or label, for Markdown has no pages.
fn targets(view: &View) -> BTreeMap<String, String> {
    fn visit(blocks: &[Block], found: &mut BTreeMap<String, String>) {
        for block in blocks {
            match block {
                Block::Heading { number, text, id, .. } => {
                    found.insert(id.clone(), if number.is_empty() { text.clone() } else { number.clone() });
                }
                Block::Finding(card) => {
                    found.insert(card.id.clone(), card.label.clone());
                    card.parts.iter().for_each(|part| visit(&part.blocks, found));
                }
                Block::Callout { blocks, .. } => visit(blocks, found),
                Block::Pairs { rows } => rows.iter().for_each(|row| visit(&row.value, found)),
                _ => {}
            }
        }
    }
    let mut found = BTreeMap::new();
    for chapter in &view.document.chapters {
        let name = if chapter.number.is_empty() { &chapter.heading } else { &chapter.number };
        found.insert(chapter.id.clone(), name.clone());
        visit(&chapter.blocks, &mut found);
    }
    found
}

/// Text that Markdown shall show as it is.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '$' => escaped.extend(['\\', c]),
            // An ampersand could begin an entity.
            '&' => escaped.push_str("&amp;"),
            '\n' | '\t' | '\r' => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    // Before a link this would make an image of it.
    if escaped.ends_with('!') {
        escaped.insert(escaped.len() - 1, '\\');
    }
    // A piece can stand at the start of a line, where a bullet, a rule or a number would begin something else.
    let start = escaped.len() - escaped.trim_start().len();
    let first = escaped[start..].split(' ').next().unwrap_or_default();
    let digits = first.bytes().take_while(u8::is_ascii_digit).count();
    if !first.is_empty() && first.bytes().all(|b| matches!(b, b'-' | b'+')) {
        escaped.insert(start, '\\');
    } else if digits > 0 && matches!(&first[digits..], "." | ")") {
        escaped.insert(start + digits, '\\');
    }
    escaped
}

/// The value of an HTML attribute in double quotes.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;").replace(['\n', '\r'], " ")
}

/// The target of a link; the template writes it between `(<` and `>)`.
fn address(text: &str) -> String {
    text.replace('\\', "%5C").replace('<', "%3C").replace('>', "%3E").replace('|', "%7C").replace(char::is_whitespace, "%20")
}

/// Code in a fence longer than any run of backticks inside.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", text.replace(['\n', '\r', '\t'], " "))
}

/// Contents of a table's cell: one line, and no bar that is not escaped yet (code and link targets may hold some).
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.trim().chars() {
        match c {
            '\n' => out.push_str("<br>"),
            '|' if !escaped => out.push_str("\\|"),
            _ => out.push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    // A forced line break leaves its backslash before the tag.
    out.replace("\\<br>", "<br>")
}

/// A block quotation.
fn quote(text: &str) -> String {
    let lines: Vec<String> = tidy(text).lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
    lines.join("\n")
}

/// The second and further lines of a list item.
fn hang(text: &str) -> String {
    let tidied = tidy(text);
    let mut lines = tidied.lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        out.push('\n');
        if !line.is_empty() {
            out.push_str("  ");
            out.push_str(line);
        }
    }
    out
}

/// No blank lines at the start, never two in a row, none but one newline at the end.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            if !blank {
                out.push('\n');
            }
            blank = true;
        } else {
            out.push_str(line);
            out.push('\n');
            blank = false;
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn diagnostic(error: &minijinja::Error, source: &str) -> Diagnostic {
    let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let diagnostic = Diagnostic::error("template-error", message);
    let file: Arc<str> = format!("templates/{MAIN}").into();
    let place = match (error.line(), error.range()) {
        (Some(line), Some(range)) => Place::Bytes { file, start: range.start, end: range.end, line },
        (Some(line), None) => {
            let start = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
            Place::Bytes { file, start, end: start, line }
        }
        (None, _) => Place::File { file },
    };
    diagnostic.at(&place, "")
}
