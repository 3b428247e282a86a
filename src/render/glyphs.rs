//! Characters that the fonts cannot show.

use typst::text::Font;

use super::templates::Templates;

/// The characters of a text that no font among the templates covers, each once, in the order in which they first occur.
///
/// A PDF/A and PDF/UA file must not contain them, so they are better named before the layout, with the place where they were
/// written. Characters that are never shown (joiners, soft hyphens, marks of direction) and spaces need no glyph.
pub fn missing_glyphs(text: &str, templates: &Templates) -> Vec<char> {
    let fonts = templates.fonts();
    let mut missing = Vec::new();
    for c in text.chars() {
        if !is_shown(c, &fonts) && !missing.contains(&c) {
            missing.push(c);
        }
    }
    missing
}

fn is_shown(c: char, fonts: &[Font]) -> bool {
    match c {
        '\n' | '\t' => true,
        _ if c.is_control() => false,
        // What these stand for depends on who looks; archives refuse them even where a font has a glyph.
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => false,
        // Refused by PDF/A and PDF/UA inside a text.
        '\u{feff}' | '\u{fffe}' => false,
        _ if needs_no_glyph(c) => true,
        _ => fonts.iter().any(|font| font.info().coverage.contains(u32::from(c))),
    }
}

/// Characters that leave no ink: Unicode's `Default_Ignorable_Code_Point`, separators of lines, and spaces, which are set as gaps.
fn needs_no_glyph(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}
