//! Diagnostics as rustc prints them, with the user's own lines.

use crate::diagnostic::{Diagnostic, Files, Place, Severity};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::io::Write;

/// So many prompts of a starter description are shown one by one.
const PROMPTS_SHOWN: usize = 3;

/// Prints diagnostics to standard error, in colour where the terminal wants it.
pub fn diagnostics(diagnostics: &[Diagnostic], files: &Files) {
    if diagnostics.is_empty() {
        return;
    }
    let renderer = Renderer::styled();
    // A fresh starter holds dozens of prompts: the first few show what is meant, the number says the rest.
    let is_prompt = |d: &&Diagnostic| d.code == "prose-starter" && !d.is_error();
    let prompts = diagnostics.iter().filter(is_prompt).count();
    let mut shown = 0;
    for diagnostic in diagnostics {
        if is_prompt(&diagnostic) {
            shown += 1;
            if shown > PROMPTS_SHOWN {
                continue;
            }
        }
        line(format_args!("{}\n", renderer.render(&[group(diagnostic, files)])));
    }
    if prompts > PROMPTS_SHOWN {
        line(format_args!(
            "warning: {} more texts are still prompts of the starter description; the report shows gaps there\n",
            prompts - PROMPTS_SHOWN
        ));
    }
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    if errors > 0 {
        let faults = if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
        line(format_args!("{faults}; nothing was written. `dpia365 explain CODE` says more about a code."));
    }
}

/// Where standard error is closed or full, there is nobody to tell.
fn line(text: std::fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

fn group<'a>(diagnostic: &'a Diagnostic, files: &'a Files) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code).elements(Vec::<Origin<'_>>::new());
    let mut first = true;
    for label in &diagnostic.labels {
        let kind = if first { AnnotationKind::Primary } else { AnnotationKind::Context };
        first = false;
        match &label.place {
            Place::Bytes { file, start, end, line } => match files.text(file).and_then(|t| Some((t, t.get(*start..*end)?))) {
                Some((text, marked)) => {
                    // A long block is shown by its first line.
                    let end = marked.find('\n').map_or(*end, |i| start + i);
                    group = group
                        .element(Snippet::source(text).path(file.as_ref()).annotation(kind.span(*start..end).label(label.text.as_str())));
                }
                None => group = group.element(Origin::path(file.as_ref()).line(*line)),
            },
            Place::Cell { file, sheet, cell } => {
                // A row number and a column, a line, or a JSON pointer.
                let at = if sheet.is_empty() { cell.clone() } else { format!("sheet {sheet}, {cell}") };
                group = group.element(Level::NOTE.message(format!("{file}, {at}: {}", label.text)))
            }
            Place::File { file } => group = group.element(Origin::path(file.as_ref())),
        }
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}
