//! From the view to bytes: PDF, Markdown, JSON; and from a delivered PDF back to the files it carries.
//!
//! This is the only layer with a Typst type in it. It lays out what the view says and decides nothing: order, wording and numbers
//! come from [`View`], the look from the [`Templates`]. The same view and templates give the same bytes: there is no clock, no
//! network, no package and no font but those among the templates.
//!
//! The templates read the view as data, at `/view.json`, and the files to attach at `/attachments/<name>`. Text from a description,
//! a spreadsheet or a catalogue therefore never becomes template source, whatever it contains.

mod attachments;
mod glyphs;
mod markdown;
mod templates;
mod typeset;
mod workbook;

pub use self::attachments::{LARGEST_PDF, attachments};
pub use self::glyphs::missing_glyphs;
pub use self::markdown::markdown;
pub use self::templates::Templates;
pub use self::typeset::pdf;
pub use self::workbook::write as workbook;

use crate::report::view::View;

/// The view as JSON, indented, with a newline at its end.
pub fn json(view: &View) -> String {
    // The view holds no map with keys other than strings and no type that can refuse to be written.
    let mut text = serde_json::to_string_pretty(view).unwrap_or_default();
    text.push('\n');
    text
}
