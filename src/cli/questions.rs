use super::args::DeploymentArgs;
use super::session::with_assessment;
use super::{Done, Outcome, output};
use std::fmt::Write;
use std::path::Path;

/// `dpia365 questions`.
pub fn questions(args: &DeploymentArgs) -> Outcome {
    with_assessment(args, |session, deployment, assessment| {
        let lang = args.common.lang.as_deref().unwrap_or(&deployment.prose.assessment.language);
        let view = session.compose(assessment, deployment, lang, "edpb-2026")?;
        let mut out = String::new();
        for (kind, heading) in [
            ("open", "Open facts, those that could change most first"),
            ("verify", "Statements to look at again: from memory, or last seen long ago"),
        ] {
            let of_kind: Vec<_> = view.questions.iter().filter(|q| q.kind == kind).collect();
            if of_kind.is_empty() {
                continue;
            }
            let _ = writeln!(out, "{heading}\n");
            for q in of_kind {
                let _ = writeln!(out, "  {} [{}]", q.fact, q.highest);
                let _ = writeln!(out, "      {}", q.question);
                if let Some(control) = session.catalog.vocabulary.get(&q.fact).and_then(|d| d.control.as_ref()) {
                    let _ = writeln!(out, "      where to look: {control}");
                }
                let _ = writeln!(out, "      could settle: {}\n", q.could_settle.join(", "));
            }
        }
        if out.is_empty() {
            out.push_str("No question is open.\n");
        }
        output::write(Path::new("-"), out.as_bytes())?;
        Ok(Done::Yes)
    })
}
