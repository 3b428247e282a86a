//! How cells look.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, FormatUnderline};

use crate::report::book::Level;

/// White on this: 12 to 1.
const HEADING_FILL: Color = Color::RGB(0x1F3864);
/// What is to be filled in. Black on this: 17 to 1.
const INPUT_FILL: Color = Color::RGB(0xDDEBF7);
const LINE: Color = Color::RGB(0xBFBFBF);
const LINK: Color = Color::RGB(0x0563C1);

/// The looks used so far. Formats are large: each is built once.
#[derive(Default)]
pub struct Looks(BTreeMap<Look, Format>);

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    /// What the cell is for.
    pub role: Role,
    /// How what is in the cell is shown, and understood once somebody types into it.
    pub kind: Kind,
    /// A text that a program might take for a formula once somebody edits it.
    pub quoted: bool,
}

/// What a cell is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Title,
    Intro,
    Heading,
    Label,
    Fixed,
    Link,
    Level(Level),
    Input,
}

/// How what is in a cell is shown and understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    General,
    Text,
    Date,
    Whole,
}

impl Look {
    /// A look for text that is not to be filled in.
    pub fn of(role: Role, text: &str) -> Look {
        let quoted = super::text::needs_quote(text);
        // Not every program knows the mark for quoted text; that a cell holds text is known to all.
        Look { role, kind: if quoted { Kind::Text } else { Kind::General }, quoted }
    }
}

impl Looks {
    /// The format for a look.
    pub fn format(&mut self, look: Look) -> &Format {
        self.0.entry(look).or_insert_with(|| build(look))
    }
}

/// The fill of a level. The darkest has 11 to 1 below black text.
pub fn fill(level: Level) -> Color {
    match level {
        Level::Low => Color::RGB(0xE2EFDA),
        Level::Medium => Color::RGB(0xFFF2CC),
        Level::High => Color::RGB(0xF8CBAD),
        Level::VeryHigh => Color::RGB(0xF4B0B0),
    }
}

fn build(look: Look) -> Format {
    let format = Format::new().set_align(FormatAlign::Top);
    let format = match look.kind {
        Kind::General => format,
        Kind::Text => format.set_num_format("@"),
        Kind::Date => format.set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
        Kind::Whole => format.set_num_format("0"),
    };
    let format = if look.quoted { format.set_quote_prefix() } else { format };
    let boxed = |format: Format| format.set_text_wrap().set_border(FormatBorder::Thin).set_border_color(LINE);
    match look.role {
        Role::Title => format.set_bold().set_font_size(14),
        // Not wrapped, so that it runs on over the empty cells beside it.
        Role::Intro => format,
        Role::Heading => boxed(format).set_bold().set_font_color(Color::White).set_background_color(HEADING_FILL),
        Role::Label => boxed(format).set_bold(),
        Role::Fixed => boxed(format),
        Role::Link => boxed(format).set_font_color(LINK).set_underline(FormatUnderline::Single),
        Role::Level(level) => boxed(format).set_background_color(fill(level)),
        Role::Input => boxed(format).set_background_color(INPUT_FILL).set_unlocked(),
    }
}
