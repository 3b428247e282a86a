use super::args::{Format, ReportArgs};
use super::session::{Session, with_assessment};
use super::{Done, Failed, Outcome, output, print, progress};
use crate::diagnostic::Diagnostic;
use crate::model::{Deployment, Level};
use crate::render;
use std::path::PathBuf;

/// `dpia365 report`.
pub fn report(args: &ReportArgs) -> Outcome {
    let gate = match args.fail_on.as_deref().map(|l| (l, Level::from_id(l))) {
        None => None,
        Some((_, Some(level))) if level > Level::None => Some(level),
        Some((word, _)) => {
            let levels = Level::ALL.iter().skip(1).map(|l| l.id());
            print::diagnostics(&[Diagnostic::error("choice-unknown", format!("`{word}` is no level")).nearest(word, levels)], &crate::diagnostic::Files::default());
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
            Format::Pdf => {
                let missing = glyphs(session, deployment);
                if !missing.is_empty() {
                    return Err(fail(missing));
                }
                progress::while_doing("laying out the report", || render::pdf(&view, &session.templates)).map_err(fail)?
            }
        };
        let path = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.{}", deployment.name, args.format.extension())));
        output::write(&path, &bytes)?;
        let highest = assessment.findings.iter().map(|f| f.current.range.highest).max().unwrap_or_default();
        Ok(if gate.is_some_and(|g| highest >= g) { Done::GateFailed } else { Done::Yes })
    })
}

/// Characters of the description that no font can show, with the places where they stand.
fn glyphs(session: &Session, deployment: &Deployment) -> Vec<Diagnostic> {
    let mut all = String::new();
    texts(&deployment.raw, &mut all);
    let missing = render::missing_glyphs(&all, &session.templates);
    missing
        .into_iter()
        .map(|c| {
            let code = format!("U+{:04X}", u32::from(c));
            let shown = if c.is_control() { String::new() } else { format!(" ({c})") };
            let diagnostic = Diagnostic::error("glyph-missing", format!("the fonts have no glyph for {code}{shown}"))
                .help("replace the character, or add a font that has it in the `fonts` folder of --templates");
            match deployment.places.iter().find(|(path, _)| at(&deployment.raw, path).is_some_and(|t| t.contains(c))) {
                Some((_, place)) => diagnostic.at(place, "in this text"),
                None => diagnostic,
            }
        })
        .collect()
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
    path.split(['.', '[', ']']).filter(|p| !p.is_empty()).try_fold(raw, |node, key| key.parse::<usize>().ok().and_then(|i| node.get(i)).or_else(|| node.get(key)))?.as_str()
}
