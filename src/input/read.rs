use super::depth::too_deep;
use super::merge::merge;
use crate::diagnostic::{Diagnostic, Files, Place};
use crate::source::{self, Kind, Node, Table};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// The file that a folder must hold.
const MAIN: &str = "deployment.toml";
/// The largest file in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// The largest number of files of one description.
const MAX_FILES: usize = 64;

/// All files of a description, merged.
pub(super) struct Reading {
    pub(super) tree: Node,
    pub(super) files: Files,
    /// Path relative to the description's folder, and text exactly as read.
    pub(super) texts: Vec<(String, String)>,
    pub(super) name: String,
    pub(super) state: State,
    /// Folder of the main file, to open files in.
    pub(super) folder: PathBuf,
    /// The same folder, as it is to be shown.
    pub(super) shown: PathBuf,
}

/// How much of the description could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Whole,
    /// An included file could not be read.
    Partial,
    /// A file is not TOML: what it says is a guess.
    Broken,
}

/// Reads the main file and everything that it includes.
pub(super) fn read(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Option<Reading> {
    let main = match main_file(path) {
        Ok(main) => main,
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            return None;
        }
    };
    let folder = main.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let mut reader = Reader {
        shown: main.parent().map(|p| p.strip_prefix(".").unwrap_or(p).to_owned()).unwrap_or_default(),
        root: folder.canonicalize().unwrap_or_else(|_| folder.clone()),
        folder,
        files: Files::default(),
        texts: Vec::new(),
        open: Vec::new(),
        seen: BTreeSet::new(),
        full: false,
        state: State::Whole,
        diagnostics,
    };
    let relative = main.file_name()?.to_string_lossy().into_owned();
    let tree = reader.file(&relative, None);
    let (files, texts, state, folder, shown) = (reader.files, reader.texts, reader.state, reader.folder, reader.shown);
    let place = || Place::File { file: main.to_string_lossy().into() };
    let tree = match tree {
        Some(tree) => tree,
        // The text is there to be shown, though it could not be parsed.
        None if files.iter().next().is_some() => Node { kind: Kind::Table(Table::default()), place: place() },
        None => return None,
    };
    Some(Reading { tree, files, texts, name: name(path, &main), state, folder, shown })
}

/// The description's folder by name; for a file under another name than usual, the file's.
fn name(given: &Path, main: &Path) -> String {
    let stem = || main.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    if main.file_name().is_none_or(|n| n != MAIN) {
        return stem();
    }
    let folder = if given.is_dir() { given } else { main.parent().unwrap_or(Path::new("")) };
    let folder_name = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned());
    folder_name(folder)
        .or_else(|| {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            folder.canonicalize().ok().and_then(|p| folder_name(&p))
        })
        .unwrap_or_else(stem)
}

fn main_file(path: &Path) -> Result<PathBuf, Box<Diagnostic>> {
    let place = Place::File { file: path.to_string_lossy().into() };
    let missing = |message: String, label: &str, folder: &Path| {
        Box::new(descriptions_in(folder, Diagnostic::error("file-missing", message).at(&place, label)))
    };
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            let main = path.join(MAIN);
            // Not `exists`: a file that is there but cannot be read is reported as such when it is opened.
            if fs::symlink_metadata(&main).is_err() {
                return Err(missing(format!("the folder `{}` has no `{MAIN}`", path.display()), "looked for it here", path));
            }
            Ok(main)
        }
        Ok(_) => Ok(path.to_owned()),
        Err(error) => {
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            Err(missing(
                format!("`{}` {}", path.display(), reason(&error)),
                "looked for a file, or a folder with `deployment.toml`",
                folder,
            ))
        }
    }
}

/// Adds the TOML files of a folder as help, as what may have been meant.
fn descriptions_in(folder: &Path, diagnostic: Diagnostic) -> Diagnostic {
    let Ok(entries) = fs::read_dir(folder) else { return diagnostic };
    let mut found = entries
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml") || p.join(MAIN).is_file())
        .map(|p| format!("`{}`", p.strip_prefix(".").unwrap_or(&p).display()))
        .collect::<Vec<_>>();
    found.sort();
    if found.is_empty() {
        return diagnostic.help("`dpia365 init DIR` writes a description to start from");
    }
    let more = found.len().saturating_sub(5);
    found.truncate(5);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    diagnostic.help(format!("nearby: {}{more}", found.join(", ")))
}

struct Reader<'d> {
    /// Folder of the main file, as it is to be shown; empty for the current one.
    shown: PathBuf,
    /// The same folder, to open files in.
    folder: PathBuf,
    /// The same folder without symbolic links; nothing outside of it is read.
    root: PathBuf,
    files: Files,
    texts: Vec<(String, String)>,
    /// The files being read, outermost first: real path, and path relative to the folder.
    open: Vec<(PathBuf, String)>,
    seen: BTreeSet<PathBuf>,
    /// There are more files than may be read; said once.
    full: bool,
    state: State,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Reads one file with its includes; `relative` is its path from the folder of the main file, `from` the entry that includes it.
    fn file(&mut self, relative: &str, from: Option<&Place>) -> Option<Node> {
        let path = self.folder.join(relative);
        let shown = self.shown.join(relative).to_string_lossy().into_owned();
        let whole = Place::File { file: shown.as_str().into() };
        let place = from.unwrap_or(&whole);

        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(error) => {
                return self.unreadable(Diagnostic::error("file-missing", format!("`{shown}` {}", reason(&error))).at(place, "read here"));
            }
        };
        if let Some(first) = self.open.iter().position(|(open, _)| *open == real) {
            let chain = self.open[first..].iter().map(|(_, r)| r.as_str()).chain([relative]).collect::<Vec<_>>().join(" → ");
            return self.unreadable(
                Diagnostic::error("include-cycle", format!("`{relative}` includes itself: {chain}")).at(place, "included again here"),
            );
        }
        if from.is_some() && !real.starts_with(&self.root) {
            return self.unreadable(outside(relative, place).help("the path leads out of the folder through a symbolic link"));
        }
        if self.seen.contains(&real) {
            // Included by two files: read once.
            return None;
        }
        if self.seen.len() >= MAX_FILES {
            if std::mem::replace(&mut self.full, true) {
                return None;
            }
            let message = format!("the description has more than {MAX_FILES} files");
            return self.unreadable(Diagnostic::error("file-too-large", message).at(place, "one too many"));
        }
        self.seen.insert(real.clone());

        let bytes = match contents(&real) {
            Ok(bytes) => bytes,
            Err(Refused::Unreadable(error)) => {
                return self.unreadable(Diagnostic::error("file-missing", format!("`{shown}` {}", reason(&error))).at(place, "read here"));
            }
            Err(Refused::NoFile) => {
                return self.unreadable(
                    Diagnostic::error("file-missing", format!("`{shown}` is not a file")).at(place, "expected a file of text"),
                );
            }
            Err(Refused::TooLarge) => {
                let message = format!("`{shown}` is larger than {} MiB", MAX_BYTES / 1024 / 1024);
                return self.unreadable(Diagnostic::error("file-too-large", message).at(place, "a description is text, and much smaller"));
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => return self.not_utf8(&shown, error.as_bytes(), error.utf8_error()),
        };
        self.texts.push((relative.to_owned(), text.clone()));
        if let Some(span) = too_deep(&text) {
            let line = line_of(text.as_bytes(), span.start);
            // Places count from behind a byte-order mark, as everywhere else.
            let skipped = text.len() - without_mark(&text).len();
            let file = self.files.add(&shown, without_mark(&text));
            let place = Place::Bytes { file, start: span.start - skipped, end: span.end - skipped, line };
            self.diagnostics.push(Diagnostic::error("toml-syntax", "values are nested too deeply").at(&place, "one level too many"));
            self.state = State::Broken;
            return None;
        }
        let before = self.diagnostics.len();
        let mut tree = source::parse(&shown, &text, &mut self.files, self.diagnostics);
        if self.diagnostics[before..].iter().any(|d| d.code == "toml-syntax") {
            self.state = State::Broken;
        }

        self.open.push((real, relative.to_owned()));
        for include in take_includes(&mut tree, self.diagnostics) {
            let Kind::String(written) = &include.kind else { continue };
            let Some(target) = join(relative, written) else {
                self.unreadable::<()>(outside(written, &include.place));
                continue;
            };
            let included = self.file(&target, Some(&include.place));
            if let (Kind::Table(into), Some(Node { kind: Kind::Table(table), .. })) = (&mut tree.kind, included) {
                merge(into, table, self.diagnostics);
            }
        }
        self.open.pop();
        Some(tree)
    }

    fn unreadable<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.diagnostics.push(diagnostic);
        self.state = self.state.max(State::Partial);
        None
    }

    fn not_utf8(&mut self, shown: &str, bytes: &[u8], error: std::str::Utf8Error) -> Option<Node> {
        let at = error.valid_up_to();
        let line = line_of(bytes, at);
        let lossy = String::from_utf8_lossy(bytes);
        let skipped = lossy.len() - without_mark(&lossy).len();
        let file = self.files.add(shown, without_mark(&lossy));
        let start = at - skipped.min(at);
        let place = Place::Bytes { file, start, end: start + char::REPLACEMENT_CHARACTER.len_utf8(), line };
        let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        let help = if wide { "the file seems to be UTF-16; save it as UTF-8" } else { "save the file as UTF-8" };
        self.diagnostics.push(
            Diagnostic::error("file-encoding", format!("`{shown}` is not UTF-8: byte {at}, in line {line}"))
                .at(&place, "this is not a character in UTF-8")
                .help(help),
        );
        self.state = State::Broken;
        None
    }
}

enum Refused {
    Unreadable(io::Error),
    NoFile,
    TooLarge,
}

/// The bytes of a plain file of bearable size. What kind of file it is, is asked before it is opened: opening a pipe would wait for ever.
fn contents(path: &Path) -> Result<Vec<u8>, Refused> {
    let metadata = fs::metadata(path).map_err(Refused::Unreadable)?;
    if !metadata.is_file() {
        return Err(Refused::NoFile);
    }
    if metadata.len() > MAX_BYTES {
        return Err(Refused::TooLarge);
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|f| f.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(Refused::Unreadable)?;
    // It may have grown meanwhile, or not have known its size.
    if bytes.len() as u64 > MAX_BYTES { Err(Refused::TooLarge) } else { Ok(bytes) }
}

/// Takes `include` out of a file's table, as texts with their places.
fn take_includes(tree: &mut Node, diagnostics: &mut Vec<Diagnostic>) -> Vec<Node> {
    let Kind::Table(table) = &mut tree.kind else { return Vec::new() };
    let Some(index) = table.entries.iter().position(|e| e.key == "include") else { return Vec::new() };
    let node = table.entries.remove(index).node;
    let mismatch = |node: &Node| {
        Diagnostic::error("type-mismatch", format!("`include` is a list of files, not {}", node.type_name()))
            .at(&node.place, "expected file names, e.g. [\"purposes.toml\"]")
    };
    let Kind::Array(items) = node.kind else {
        diagnostics.push(mismatch(&node));
        return Vec::new();
    };
    for item in items.iter().filter(|i| i.str().is_none()) {
        diagnostics.push(mismatch(item));
    }
    items
}

/// The path of an included file from the folder of the main file, or `None` where it leads out of it.
fn join(including: &str, written: &str) -> Option<String> {
    let mut parts: Vec<&str> = including.split('/').collect();
    parts.pop();
    for component in Path::new(written).components() {
        match component {
            // A delivered report carries its files, and takes no hidden ones.
            Component::Normal(part) => parts.push(part.to_str().filter(|p| !p.starts_with('.'))?),
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop()?;
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

fn outside(written: &str, place: &Place) -> Diagnostic {
    Diagnostic::error("file-outside", format!("`{written}` lies outside the folder of the description")).at(place, "not read").help(
        "included files are named by their path from the including file, lie in the description's folder or below, and are not hidden",
    )
}

pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "cannot be read: permission denied".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}

fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at].iter().filter(|b| **b == b'\n').count()
}
