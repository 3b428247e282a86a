use super::args::{DeploymentArgs, SchemaArgs};
use super::session::{Session, with_assessment};
use super::{Done, Outcome, output};
use crate::assessment::FindingState;
use crate::input;
use std::fmt::Write;
use std::path::Path;

/// `dpia365 check`.
pub fn check(args: &DeploymentArgs) -> Outcome {
    with_assessment(args, |session, deployment, assessment| {
        let lang = args.common.lang.as_deref().unwrap_or(&deployment.prose.assessment.language);
        let view = session.compose(assessment, deployment, lang, "edpb-2026")?;
        let mut out = String::new();
        let _ = writeln!(out, "Proposed outcome: {}", view.outcome.proposed);
        for because in &view.outcome.because {
            let _ = writeln!(out, "  - {because}");
        }
        let _ = writeln!(out, "\nFindings (without measures / now / expected)");
        for (finding, f) in view.findings.iter().zip(&assessment.findings) {
            let open = if f.state == FindingState::Open { " open" } else { "" };
            let range =
                if f.current.range.is_open() { format!(" ({} to {})", finding.range.lowest, finding.range.highest) } else { String::new() };
            let _ = writeln!(
                out,
                "  {:<7}{:<7}{:<7}{}{open}{range} {}",
                finding.gross.level, finding.current.level, finding.expected.level, finding.id, finding.fingerprint
            );
        }
        let _ = writeln!(out, "\nFingerprint of all findings: {}", assessment.fingerprint);
        let _ = writeln!(out, "\nWhat GDPR Art. 35 and 36 ask");
        for rule in &view.completeness {
            let _ = writeln!(out, "  {:<8}{:<13}{}", rule.state, rule.rule, rule.title);
        }
        let open = view.questions.iter().filter(|q| q.kind == "open").count();
        let _ = writeln!(out, "\n{open} open facts; `dpia365 questions` lists them");
        output::write(Path::new("-"), out.as_bytes())?;
        Ok(Done::Yes)
    })
}

/// `dpia365 schema`.
pub fn schema(args: &SchemaArgs) -> Outcome {
    let session = Session::load(&args.common)?;
    let schema = input::schema(&session.names(), &session.catalog.vocabulary);
    let text = serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n";
    output::write(Path::new("-"), text.as_bytes())?;
    Ok(Done::Yes)
}
