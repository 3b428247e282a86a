use super::args::{Format, ReportArgs};
use super::session::{Session, with_assessment};
use super::{Done, Failed, Outcome, output, print, progress};
use crate::diagnostic::{Diagnostic, Files, Place};
use crate::model::{Deployment, Level};
use crate::render;
use crate::report;
use crate::report::view::View;
use std::path::{Path, PathBuf};

/// `dpia365 report`.
pub fn report(args: &ReportArgs) -> Outcome {
    let gate = match args.fail_on.as_deref().map(|l| (l, Level::from_id(l))) {
        None => None,
        Some((_, Some(level))) if level > Level::None => Some(level),
        Some((word, _)) => {
            let levels = Level::ALL.iter().skip(1).map(|l| l.id());
            print::diagnostics(
                &[Diagnostic::error("choice-unknown", format!("`{word}` is no level")).nearest(word, levels)],
                &Files::default(),
            );
            return Err(Failed);
        }
    };
    with_assessment(&args.input, |session, deployment, assessment| {
        let about = &deployment.prose.assessment;
        let lang = args.input.common.lang.as_deref().unwrap_or(&about.language);
        let structure = args.structure.as_deref().or(about.structure.as_deref()).unwrap_or("edpb-2026");
        let view = session.compose(assessment, deployment, lang, structure)?;
        let fail = |diagnostics: Vec<Diagnostic>| {
            print::diagnostics(&diagnostics, &session.files);
            Failed
        };
        let bytes = match args.format {
            Format::Json => render::json(&view).into_bytes(),
            Format::Md => render::markdown(&view, &session.templates).map_err(fail)?.into_bytes(),
            Format::Xlsx => {
                session.book(structure, lang, |request| report::book::register(assessment, deployment, &session.catalog, request, &view))?
            }
            Format::Pdf => {
                let missing = glyphs(session, deployment, &view);
                if !missing.is_empty() {
                    return Err(fail(missing));
                }
                progress::while_doing("laying out the report", || render::pdf(&view, &session.templates)).map_err(fail)?
            }
        };
        let path = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.{}", deployment.name, args.format.extension())));
        if is_part_of_description(&path, &args.input.deployment, deployment) {
            let fault = Diagnostic::error("output-not-writable", format!("`{}` belongs to the description", path.display()));
            return Err(fail(vec![fault.help("name another file with -o")]));
        }
        output::write(&path, &bytes)?;
        let highest = assessment.findings.iter().map(|f| f.current.range.highest).max().unwrap_or_default();
        Ok(if gate.is_some_and(|g| highest >= g) { Done::GateFailed } else { Done::Yes })
    })
}

/// Whether a file is one of those that the description was read from: a report over it would destroy it.
pub(super) fn is_part_of_description(file: &Path, given: &Path, deployment: &Deployment) -> bool {
    let folder = if given.is_dir() { given } else { given.parent().unwrap_or(Path::new("")) };
    let Ok(file) = file.canonicalize() else { return false };
    let evidence = deployment.evidence.iter().map(|e| &e.file);
    deployment.files.iter().map(|(name, _)| name).chain(evidence).any(|name| folder.join(name).canonicalize().is_ok_and(|f| f == file))
}

/// Characters of the report that no font can show, with the places where the description has them.
fn glyphs(session: &Session, deployment: &Deployment, view: &View) -> Vec<Diagnostic> {
    let mut all = String::new();
    texts(&deployment.raw, &mut all);
    texts(&serde_json::to_value(view).unwrap_or_default(), &mut all);
    let missing = render::missing_glyphs(&all, &session.templates);
    missing
        .into_iter()
        .map(|c| {
            let code = format!("U+{:04X}", u32::from(c));
            let shown = if c.is_control() { String::new() } else { format!(" ({c})") };
            let diagnostic = Diagnostic::error("glyph-missing", format!("the fonts have no glyph for {code}{shown}"))
                .help("replace the character, or add a font that has it in the `fonts` folder of --templates");
            let holds = |path: &str| at(&deployment.raw, path).is_some_and(|t| t.contains(c));
            match deployment.places.iter().filter(|(path, _)| holds(path)).map(|(_, place)| place).min() {
                Some(place) => diagnostic.at(&character(place, c, &session.files), "in this text"),
                None => diagnostic.help("it is in the name of a file, in a catalogue, or in the templates"),
            }
        })
        .collect()
}

/// The place of a character in a text, where it is not written as an escape.
fn character(text: &Place, c: char, files: &Files) -> Place {
    let Place::Bytes { file, start, end, line } = text else { return text.clone() };
    let Some((before, _)) = files.text(file).and_then(|t| t.get(*start..*end)).and_then(|t| t.split_once(c)) else { return text.clone() };
    let at = start + before.len();
    Place::Bytes { file: file.clone(), start: at, end: at + c.len_utf8(), line: line + before.matches('\n').count() }
}

fn texts(node: &serde_json::Value, out: &mut String) {
    match node {
        serde_json::Value::String(s) => {
            out.push_str(s);
            out.push('\n');
        }
        serde_json::Value::Array(items) => items.iter().for_each(|i| texts(i, out)),
        serde_json::Value::Object(map) => map.iter().for_each(|(key, value)| {
            out.push_str(key);
            out.push('\n');
            texts(value, out);
        }),
        _ => {}
    }
}

/// The text at a path like `purpose[1].title`.
fn at<'j>(raw: &'j serde_json::Value, path: &str) -> Option<&'j str> {
    path.split(['.', '[', ']'])
        .filter(|p| !p.is_empty())
        .try_fold(raw, |node, key| key.parse::<usize>().ok().and_then(|i| node.get(i)).or_else(|| node.get(key)))?
        .as_str()
}
