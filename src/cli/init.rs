use super::args::InitArgs;
use super::session::Session;
use super::{Done, Failed, Outcome, output, print};
use crate::diagnostic::{Diagnostic, Files};
use crate::model::{FactDef, Lang, Type};
use std::fmt::Write;

/// Comments in a starter are about this wide.
const WIDTH: usize = 140;

/// `dpia365 init`.
pub fn init(args: &InitArgs) -> Outcome {
    let session = Session::load(&args.common)?;
    let (lang, _) = session.language(args.common.lang.as_deref().unwrap_or("en"))?;
    let path = args.folder.join("deployment.toml");
    let fail = |diagnostic: Diagnostic| {
        print::diagnostics(&[diagnostic], &Files::default());
        Failed
    };
    if path.exists() {
        return Err(fail(
            Diagnostic::error("output-not-writable", format!("`{}` exists already", path.display())).help("choose another folder"),
        ));
    }
    let prose = session.templates.get(&format!("starter/{lang}.toml")).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default();
    output::write_all(&[(path.clone(), (prose.to_owned() + &facts(&session, lang)).as_bytes())])?;
    output::say(path.display());
    Ok(Done::Yes)
}

/// The questionnaire as commented lines: an answer is given by taking the `#` away.
fn facts(session: &Session, lang: Lang) -> String {
    let mut out = String::new();
    let mut area = "";
    // Single facts first: a list of records would take in every key below it.
    let asked = |records: bool| {
        session.catalog.vocabulary.facts.values().filter(move |d| d.is_asked() && matches!(d.ty, Type::Records { .. }) == records)
    };
    for def in asked(false) {
        let (of, name) = def.id.split_once('.').unwrap_or(("", &def.id));
        if of != area {
            area = of;
            let _ = writeln!(out, "\n[{area}]");
        }
        comment(&mut out, def.question.get(lang));
        if let Some(control) = &def.control {
            comment(&mut out, &format!("→ {control}"));
        }
        let _ = writeln!(out, "# {name} = {}\n", example(def));
    }
    for def in asked(true) {
        let Type::Records { fields, .. } = &def.ty else { continue };
        out.push('\n');
        comment(&mut out, def.question.get(lang));
        let _ = writeln!(out, "# [[{}]]", def.id);
        for field in fields {
            let _ = writeln!(out, "# {} = {}    # {}", field.id, sample(&field.ty), field.label.get(lang).replace('\n', " "));
        }
    }
    out
}

/// A text as commented lines, however it is broken in the catalogue.
pub(super) fn comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() > WIDTH {
            let _ = writeln!(out, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
}

pub(super) fn example(def: &FactDef) -> String {
    let mut text = sample(&def.ty);
    if !def.defaults.is_empty() {
        text.push_str(" | \"not-configured\"");
    }
    text + " | \"unknown\""
}

pub(super) fn sample(ty: &Type) -> String {
    match ty {
        Type::Flag => "true | false".to_owned(),
        Type::Choice(values) => values.iter().map(|(id, _)| format!("\"{id}\"")).collect::<Vec<_>>().join(" | "),
        Type::Choices(values) => format!("[{}]", values.iter().map(|(id, _)| format!("\"{id}\"")).collect::<Vec<_>>().join(", ")),
        Type::Number { min, .. } => min.unwrap_or(0).to_string(),
        Type::Date => "2026-01-31".to_owned(),
        Type::Version => "\"1.0\"".to_owned(),
        Type::Text => "\"…\"".to_owned(),
        Type::Permissions => "[\"application:Mail.Read\", \"delegated:User.Read\"]".to_owned(),
        Type::Records { .. } => "[]".to_owned(),
    }
}
