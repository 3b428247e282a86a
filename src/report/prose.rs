//! Prose into nodes: Markdown of the catalogue with placeholders, and people's own words as they are.

use super::view::{Block, Inline};
use minijinja::{Environment, Output, State, UndefinedBehavior, Value};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Fills placeholders of catalogue texts.
pub struct Filler {
    env: Environment<'static>,
}

impl Filler {
    /// `facts` holds the printed value of each fact, `sources` the printed citation of each source.
    pub fn new(facts: BTreeMap<String, String>, sources: BTreeMap<String, String>, organisation: &str) -> Self {
        let mut env = Environment::empty();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_formatter(escape);
        let (facts, sources) = (Arc::new(facts), Arc::new(sources));
        env.add_function("fact", move |id: String| {
            facts
                .get(&id)
                .cloned()
                .ok_or_else(|| minijinja::Error::new(minijinja::ErrorKind::UndefinedError, format!("there is no fact `{id}`")))
        });
        env.add_function("cite", move |id: String| {
            let words = sources
                .get(&id)
                .ok_or_else(|| minijinja::Error::new(minijinja::ErrorKind::UndefinedError, format!("there is no source `{id}`")))?;
            Ok(Value::from_safe_string(format!("[{}](source:{id})", escaped(words))))
        });
        env.add_global("organisation", organisation.to_owned());
        Self { env }
    }

    /// A text with its placeholders filled; `record` holds the printed fields of the record at hand.
    ///
    /// # Errors
    /// The name that is not defined.
    pub fn fill(&self, text: &str, record: &BTreeMap<String, String>) -> Result<String, String> {
        if !text.contains("{{") {
            return Ok(text.to_owned());
        }
        self.env.render_str(text, minijinja::context! { record => record }).map_err(|e| e.to_string())
    }
}

/// Values are text, not Markdown: what would be markup in them is escaped.
fn escape(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), minijinja::Error> {
    if value.is_safe() {
        return minijinja::escape_formatter(out, state, value);
    }
    if value.is_undefined() {
        return Err(minijinja::Error::from(minijinja::ErrorKind::UndefinedError));
    }
    out.write_str(&escaped(&value.to_string())).map_err(|_| minijinja::Error::from(minijinja::ErrorKind::BadEscape))
}

fn escaped(text: &str) -> String {
    text.chars().flat_map(|c| c.is_ascii_punctuation().then_some('\\').into_iter().chain(Some(c))).collect()
}

/// Markdown as blocks: paragraphs and lists. Anything else that Markdown knows is shown as text.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut stack: Vec<(Option<Wrap>, Vec<Inline>)> = vec![(None, Vec::new())];
    let mut items: Vec<Vec<Inline>> = Vec::new();
    let mut depth = 0usize;
    for event in Parser::new_ext(markdown, Options::empty()) {
        match event {
            Event::Start(Tag::List(_)) => {
                flush(&mut stack, &mut blocks, depth, &mut items);
                depth += 1;
            }
            Event::End(TagEnd::List(_)) => {
                depth -= 1;
                if depth == 0 {
                    blocks.push(Block::List { items: std::mem::take(&mut items) });
                }
            }
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_) | TagEnd::CodeBlock) => {
                flush(&mut stack, &mut blocks, depth, &mut items)
            }
            Event::Start(Tag::Emphasis) => stack.push((Some(Wrap::Emphasis), Vec::new())),
            Event::Start(Tag::Strong) => stack.push((Some(Wrap::Strong), Vec::new())),
            Event::Start(Tag::Link { dest_url, .. }) => stack.push((Some(Wrap::Link(dest_url.to_string())), Vec::new())),
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link) => {
                if let Some((Some(wrap), children)) = stack.pop() {
                    push(&mut stack, wrap.around(children));
                }
            }
            Event::Text(s) | Event::Html(s) | Event::InlineHtml(s) => push(&mut stack, Inline::Text { s: s.to_string() }),
            Event::Code(s) => push(&mut stack, Inline::Code { s: s.to_string() }),
            Event::SoftBreak => push(&mut stack, Inline::Text { s: " ".to_owned() }),
            Event::HardBreak => push(&mut stack, Inline::Break),
            _ => {}
        }
    }
    flush(&mut stack, &mut blocks, depth, &mut items);
    blocks
}

/// Markdown as one run of text: paragraphs are separated by line breaks, list items by a dash.
pub fn inline(markdown: &str) -> Vec<Inline> {
    flat(blocks(markdown))
}

/// Blocks as one run of text, for table cells.
pub fn flat(blocks: Vec<Block>) -> Vec<Inline> {
    let mut all = Vec::new();
    for block in blocks {
        match block {
            Block::Paragraph { text } => {
                if !all.is_empty() {
                    all.push(Inline::Break);
                }
                all.extend(text);
            }
            Block::List { items } => {
                for item in items {
                    if !all.is_empty() {
                        all.push(Inline::Break);
                    }
                    all.push(Inline::Text { s: "– ".to_owned() });
                    all.extend(item);
                }
            }
            _ => {}
        }
    }
    all
}

enum Wrap {
    Emphasis,
    Strong,
    Link(String),
}

impl Wrap {
    fn around(self, c: Vec<Inline>) -> Inline {
        match self {
            Self::Emphasis => Inline::Emphasis { c },
            Self::Strong => Inline::Strong { c },
            Self::Link(url) => match url.strip_prefix("source:") {
                // Citations in running text are words: the sources stand, linked, at the end of each card. Thousands of links
                // would make the engine lay out every paragraph twice.
                Some(_) => c.into_iter().next().unwrap_or(Inline::Text { s: String::new() }),
                None if url.starts_with("https://") || url.starts_with("http://") => Inline::Link { url, c },
                None => Inline::Strong { c },
            },
        }
    }
}

fn push(stack: &mut [(Option<Wrap>, Vec<Inline>)], inline: Inline) {
    let Some((_, top)) = stack.last_mut() else { return };
    match (top.last_mut(), &inline) {
        (Some(Inline::Text { s: before }), Inline::Text { s }) => before.push_str(s),
        _ => top.push(inline),
    }
}

fn flush(stack: &mut Vec<(Option<Wrap>, Vec<Inline>)>, blocks: &mut Vec<Block>, depth: usize, items: &mut Vec<Vec<Inline>>) {
    while stack.len() > 1 {
        if let Some((Some(wrap), children)) = stack.pop() {
            push(stack, wrap.around(children));
        }
    }
    let text = std::mem::take(&mut stack[0].1);
    if text.is_empty() {
        return;
    }
    if depth > 0 { items.push(text) } else { blocks.push(Block::Paragraph { text }) }
}

/// People's own words: paragraphs by empty lines, lists where every line begins with a dash; nothing else is markup.
pub fn verbatim(text: &str) -> Vec<Block> {
    text.replace("\r\n", "\n")
        .split("\n\n")
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .map(|p| {
            let lines: Vec<&str> = p.lines().map(str::trim).collect();
            if lines.iter().all(|l| l.starts_with("- ")) {
                return Block::List { items: lines.iter().map(|l| vec![Inline::Text { s: l[2..].trim().to_owned() }]).collect() };
            }
            Block::Paragraph { text: vec![Inline::Text { s: lines.join(" ") }] }
        })
        .collect()
}

/// Words longer than this get break opportunities, so that no line runs out of the page.
const LONGEST_WORD: usize = 30;

/// Splits long words into consecutive pieces, everywhere in some inlines.
pub fn soften(inlines: Vec<Inline>) -> Vec<Inline> {
    inlines
        .into_iter()
        .flat_map(|inline| match inline {
            Inline::Text { s } => pieces(&s),
            Inline::Emphasis { c } => vec![Inline::Emphasis { c: soften(c) }],
            Inline::Strong { c } => vec![Inline::Strong { c: soften(c) }],
            Inline::Link { url, c } => vec![Inline::Link { url, c: soften(c) }],
            Inline::Ref { id, c } => vec![Inline::Ref { id, c: soften(c) }],
            Inline::Lang { lang, c } => vec![Inline::Lang { lang, c: soften(c) }],
            other => vec![other],
        })
        .collect()
}

fn pieces(s: &str) -> Vec<Inline> {
    let (mut out, mut piece, mut run) = (Vec::new(), String::new(), 0usize);
    for c in s.chars() {
        // Combining marks stay with their letter.
        let combining = ('\u{300}'..='\u{36f}').contains(&c) || c == '\u{200d}';
        if run >= LONGEST_WORD && !combining && !c.is_whitespace() {
            out.push(Inline::Text { s: std::mem::take(&mut piece) });
            run = 0;
        }
        run = if c.is_whitespace() || c == '-' { 0 } else { run + usize::from(!combining) };
        piece.push(c);
    }
    out.push(Inline::Text { s: piece });
    out
}
