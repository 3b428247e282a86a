use super::args::{ScreenArgs, ScreenFormat};
use super::session::with_assessment;
use super::{Done, Outcome, output};
use std::fmt::Write;
use std::path::Path;

/// `dpia365 screen`.
pub fn screen(args: &ScreenArgs) -> Outcome {
    with_assessment(&args.input, |session, deployment, assessment| {
        let lang = args.input.common.lang.as_deref().unwrap_or(&deployment.prose.assessment.language);
        let view = session.compose(assessment, deployment, lang, "edpb-2026")?;
        let text = match args.format {
            ScreenFormat::Json => serde_json::to_string_pretty(&view.screening).unwrap_or_default() + "\n",
            ScreenFormat::Text => {
                let (_, locale) = session.language(lang)?;
                let mut out = format!("{}\n", locale.get(&format!("screening.verdict-{}", view.screening.verdict)));
                for list in &view.screening.lists {
                    let _ = writeln!(out, "\n{} [{}]", list.title, list.id);
                    let _ = writeln!(out, "  → {}", locale.get(&format!("screening.{}", list.verdict)));
                    for item in &list.items {
                        let holds = match item.holds.as_str() {
                            "yes" => locale.get("reasons.item-fits"),
                            "open" => locale.get("reasons.item-open"),
                            _ => continue,
                        };
                        let _ = writeln!(out, "  {:>4}  {}\n        {holds}", item.number, item.title);
                        let facts = &item.facts;
                        if !facts.is_empty() {
                            let _ = writeln!(out, "        {}", facts.join(", "));
                        }
                    }
                    let judged: Vec<&str> = list.items.iter().filter(|i| i.holds == "people-judge").map(|i| i.number.as_str()).collect();
                    if !judged.is_empty() {
                        let words = locale.fill("screening.judged", minijinja::context! { numbers => judged.join(", ") });
                        let _ = writeln!(out, "  {words}");
                    }
                }
                out
            }
        };
        output::write(Path::new("-"), text.as_bytes())?;
        Ok(Done::Yes)
    })
}
