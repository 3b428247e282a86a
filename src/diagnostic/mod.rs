//! What went wrong, and where. Every layer returns diagnostics; only the command line prints them.

mod codes;

pub use codes::{CODES, Code, code};

use std::collections::BTreeMap;
use std::sync::Arc;

/// How bad it is. Errors stop the run before anything is written; warnings and notes do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

/// Where something stands in the user's or the catalogue's files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Bytes `start..end` of a text file; `line` counts from 1.
    Bytes { file: Arc<str>, start: usize, end: usize, line: usize },
    /// A cell of a spreadsheet, e.g. `B12`.
    Cell { file: Arc<str>, sheet: String, cell: String },
    /// A file as a whole.
    File { file: Arc<str> },
}

impl Place {
    /// The file that the place is in, as the user named it.
    pub fn file(&self) -> &str {
        match self {
            Self::Bytes { file, .. } | Self::Cell { file, .. } | Self::File { file } => file,
        }
    }

    /// Line number counted from 1, where the place is in a text file.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Bytes { line, .. } => Some(*line),
            _ => None,
        }
    }
}

/// A place with a few words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub place: Place,
    pub text: String,
}

/// One fault: what, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Stable kebab-case code, listed in [`CODES`].
    pub code: &'static str,
    /// One line, lower case, no final stop.
    pub message: String,
    /// The first label is the primary place.
    pub labels: Vec<Label>,
    /// What was expected, and the cure.
    pub help: Vec<String>,
    /// Text that would mend the primary place.
    pub replacement: Option<String>,
}

impl Diagnostic {
    fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        debug_assert!(codes::code(code).is_some(), "unregistered diagnostic code {code}");
        Self { severity, code, message: message.into(), labels: Vec::new(), help: Vec::new(), replacement: None }
    }

    /// A fault that stops the run.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// Something that the reader must know but that does not stop the run.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, place: &Place, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: place.clone(), text: text.into() });
        self
    }

    /// Adds an explanation or a cure.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Proposes `candidates`' nearest name to `wrong`, if one is near, as help and replacement.
    #[must_use]
    pub fn nearest<'a>(mut self, wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        if let Some(near) = nearest(wrong, candidates) {
            self.help.push(format!("did you mean `{near}`?"));
            self.replacement = Some(near.to_owned());
        }
        self
    }

    /// Whether this stops the run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The candidate most like `wrong`, if any is alike enough to be meant.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|c| (strsim::jaro_winkler(wrong, c), c))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, c)| c)
}

/// The texts of all files read, so that the command line can show the user's own lines.
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<Arc<str>, Arc<str>>);

impl Files {
    /// Remembers a file's text under the name that places use.
    pub fn add(&mut self, name: &str, text: &str) -> Arc<str> {
        let name: Arc<str> = name.into();
        self.0.insert(name.clone(), text.into());
        name
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(AsRef::as_ref)
    }

    /// Takes over all files of another set.
    pub fn extend(&mut self, other: Files) {
        self.0.extend(other.0);
    }

    /// Names and texts in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, t)| (n.as_ref(), t.as_ref()))
    }
}
