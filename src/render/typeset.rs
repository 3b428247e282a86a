//! The PDF, laid out by Typst: PDF/UA-1 and PDF/A-3a in one file.

use std::sync::Arc;

use typst::diag::{FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{DiagSpan, FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World, WorldExt};
use typst_as_lib::{TypstEngine, TypstWorld};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::templates::{Templates, has_extension};
use crate::diagnostic::{Diagnostic, Place};
use crate::report::view::View;

/// The template that lays out the whole report.
const MAIN: &str = "report.typ";

/// Renders kept in the engine's cache. More than one run in a process happens in tests and benchmarks only; without a limit the
/// cache would grow with each of them.
const CACHE_AGE: usize = 2;

/// The report as a PDF that is PDF/UA-1 and PDF/A-3a at once, with the view's attachments inside.
///
/// # Errors
///
/// What Typst says about the templates, with file and line, and what the two standards forbid. With the templates that dpia365
/// carries neither occurs, unless a text has characters that no font covers; [`super::missing_glyphs`] finds those beforehand.
pub fn pdf(view: &View, templates: &Templates) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let main = file_id(MAIN)?;
    let mut sources = Vec::new();
    let mut files = Vec::new();
    for (path, bytes) in templates.files() {
        if has_extension(path, &["typ"]) {
            let text = std::str::from_utf8(bytes).map_err(|_| {
                vec![
                    Diagnostic::error("file-encoding", "the template is not UTF-8 text")
                        .at(&Place::File { file: named(path) }, "")
                        .help("save it as UTF-8"),
                ]
            })?;
            sources.push((file_id(path)?, text.trim_start_matches('\u{feff}').to_owned()));
        } else if !path.starts_with("fonts/") {
            files.push((file_id(path)?, bytes.to_vec()));
        }
    }
    // After the templates, so that no file of an overlay can stand in for the data.
    // Pages need the document only; the rest of the view is for programs.
    let data = serde_json::to_vec(&serde_json::json!({ "document": &view.document })).unwrap_or_default();
    files.push((file_id("view.json")?, data));
    for attachment in &view.document.attachments {
        files.push((file_id(&format!("attachments/{}", attachment.name))?, attachment.bytes.clone()));
    }

    let fonts = templates.fonts();
    let font_count = fonts.len();
    let engine = TypstEngine::builder()
        .comemo_evict_max_age(Some(CACHE_AGE))
        .with_static_source_file_resolver(sources)
        .with_static_file_resolver(files)
        .fonts(fonts)
        .build();
    let library = Library::builder().with_features([Feature::A11yExtras].into_iter().collect()).build();
    let today = date(view);
    engine
        .with_world(main, |inner| {
            let world = FixedWorld { inner, library: LazyHash::new(library), font_count, today };
            let document = typst::compile::<PagedDocument>(&world).output.map_err(|errors| diagnostics(&world, &errors))?;
            // The pages are laid out: what the engine remembered of that makes room for the export.
            typst::comemo::evict(0);
            typst_pdf::pdf(&document, &options(view)?).map_err(|errors| diagnostics(&world, &errors))
        })
        .unwrap_or_else(|error| Err(vec![Diagnostic::error("template-error", format!("failed to start the layout ({error})"))]))
}

fn options(view: &View) -> Result<PdfOptions, Vec<Diagnostic>> {
    let standards = PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_3a])
        .map_err(|error| vec![Diagnostic::error("template-error", error.message().to_string())])?;
    Ok(PdfOptions {
        ident: Smart::Custom(view.document.ident.clone()),
        creator: Smart::Custom(Some(concat!("dpia365 ", env!("CARGO_PKG_VERSION")).to_owned())),
        // The date in the metadata is the document's own, set by the template.
        timestamp: None,
        standards,
        ..PdfOptions::default()
    })
}

/// The document's date, where it is one.
fn date(view: &View) -> Option<Datetime> {
    let [year, month, day] = view.document.date;
    Datetime::from_ymd(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

/// What Typst sees: the engine's files and fonts, but today is the document's date, and cells may head their rows.
struct FixedWorld<'a> {
    inner: &'a TypstWorld<'a>,
    library: LazyHash<Library>,
    font_count: usize,
    today: Option<Datetime>,
}

impl World for FixedWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.inner.book()
    }

    fn main(&self) -> FileId {
        self.inner.main()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.inner.source(id)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.inner.file(id)
    }

    fn font(&self, index: usize) -> Option<Font> {
        // Typst may ask with an index from an earlier render's fonts; the engine would panic.
        (index < self.font_count).then(|| self.inner.font(index)).flatten()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

/// The engine's id of a file. Refuses paths that lead out of the folder.
fn file_id(path: &str) -> Result<FileId, Vec<Diagnostic>> {
    match VirtualPath::new(path) {
        Ok(path) => Ok(RootedPath::new(VirtualRoot::Project, path).intern()),
        Err(_) => Err(vec![Diagnostic::error("template-error", format!("`{path}` is not a path inside the templates folder"))]),
    }
}

/// How a file of the templates is named to people.
fn named(path: &str) -> Arc<str> {
    format!("templates/{path}").into()
}

fn diagnostics(world: &dyn World, errors: &[SourceDiagnostic]) -> Vec<Diagnostic> {
    errors.iter().map(|error| diagnostic(world, error)).collect()
}

/// One of Typst's diagnostics as one of ours.
fn diagnostic(world: &dyn World, error: &SourceDiagnostic) -> Diagnostic {
    let mut diagnostic = Diagnostic::error("template-error", error.message.to_string());
    if let Some(place) = place(world, error.span) {
        diagnostic = diagnostic.at(&place, "");
    }
    for hint in &error.hints {
        diagnostic = diagnostic.help(hint.v.to_string());
    }
    diagnostic
}

fn place(world: &dyn World, span: DiagSpan) -> Option<Place> {
    let id = span.id()?;
    let file = named(id.vpath().get_without_slash());
    let Some(range) = world.range(span) else { return Some(Place::File { file }) };
    let line = world.source(id).ok().and_then(|source| source.lines().byte_to_line(range.start));
    Some(match line {
        Some(line) => Place::Bytes { file, start: range.start, end: range.end, line: line + 1 },
        None => Place::File { file },
    })
}
