use super::args::{Common, DeploymentArgs, ExplainArgs};
use super::session::{Session, with_assessment};
use super::{Done, Failed, Outcome, output, print};
use crate::assessment::{Assessment, assess, nearest_id};
use crate::diagnostic::{CODES, Diagnostic, code, nearest};
use crate::model::{Deployment, FactKind, Lang, Row, Text};
use crate::report::view::{Block, Card, Inline, View};
use crate::source::PREFIXES;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

/// `dpia365 explain`.
pub fn explain(args: &ExplainArgs) -> Outcome {
    let text = match &args.deployment {
        Some(path) => in_deployment(args, path)?,
        None => in_catalogue(&args.id, &args.common, None)?,
    };
    output::write(Path::new("-"), text.as_bytes())?;
    Ok(Done::Yes)
}

/// Why something is a finding in a deployment, or why not; anything else as the catalogue explains it.
fn in_deployment(args: &ExplainArgs, path: &Path) -> Result<String, Failed> {
    let input = DeploymentArgs {
        deployment: path.to_owned(),
        as_of: args.as_of,
        limits: Vec::new(),
        without_evidence: false,
        common: args.common.clone(),
    };
    with_assessment(&input, |session, deployment, assessment| {
        let lang = args.common.lang.as_deref().unwrap_or(&deployment.prose.assessment.language);
        let view = session.compose(assessment, deployment, lang, "edpb-2026")?;
        let mut out = String::new();
        for finding in view.findings.iter().filter(|f| f.id == args.id || f.risk == args.id) {
            if let Some(card) = card(&view, &finding.id) {
                write_card(&mut out, &finding.id, card);
            }
        }
        for excluded in
            view.excluded.iter().filter(|e| e.risk == args.id || e.subject.as_ref().is_some_and(|s| format!("{}@{s}", e.risk) == args.id))
        {
            let _ = writeln!(out, "{} — {}\n{}: {}\n", excluded.risk, excluded.title, excluded.because, excluded.detail);
        }
        if let Some(def) = session.catalog.vocabulary.get(&args.id) {
            let fact = assessment.facts.get(&def.id);
            for cell in &fact.cells {
                let scope =
                    [cell.scope.platform.as_deref(), cell.scope.population.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ");
                let value = match &cell.state {
                    crate::assessment::State::Known { value, .. } => value.to_json().to_string(),
                    crate::assessment::State::Open { .. } => "open".to_owned(),
                };
                let _ = writeln!(out, "{} {scope} = {value}", def.id);
            }
        }
        if out.is_empty() { in_catalogue(&args.id, &args.common, Some(assessment)) } else { Ok(out) }
    })
}

fn card<'v>(view: &'v View, id: &str) -> Option<&'v Card> {
    let wanted = format!("finding-{id}");
    view.document.chapters.iter().flat_map(|c| &c.blocks).find_map(|b| match b {
        Block::Finding(card) if card.id == wanted => Some(card),
        _ => None,
    })
}

fn write_card(out: &mut String, id: &str, card: &Card) {
    let _ = writeln!(out, "{} {} [{id}]", card.label, card.title);
    for level in &card.levels {
        let _ = writeln!(out, "  {}: {} ({})", level.label, level.word, level.detail);
    }
    for part in &card.parts {
        let _ = writeln!(out, "\n{}", part.label);
        for block in &part.blocks {
            write_block(out, block);
        }
    }
    out.push('\n');
}

fn write_block(out: &mut String, block: &Block) {
    match block {
        Block::Paragraph { text } => {
            let _ = writeln!(out, "  {}", plain(text));
        }
        Block::List { items } => items.iter().for_each(|i| {
            let _ = writeln!(out, "  - {}", plain(i));
        }),
        Block::Gap { title, text, .. } => {
            let _ = writeln!(out, "  [{title}] {}", plain(text));
        }
        Block::Table(table) => table.rows.iter().for_each(|row| {
            let _ = writeln!(out, "  - {}", row.iter().map(|c| plain(c)).collect::<Vec<_>>().join(" | "));
        }),
        _ => {}
    }
}

fn plain(inlines: &[Inline]) -> String {
    inlines
        .iter()
        .map(|i| match i {
            Inline::Text { s } | Inline::Code { s } => s.clone(),
            Inline::Emphasis { c } | Inline::Strong { c } | Inline::Link { c, .. } | Inline::Ref { c, .. } | Inline::Lang { c, .. } => {
                plain(c)
            }
            Inline::Level { word, .. } => word.clone(),
            Inline::Break => " / ".to_owned(),
            Inline::Page { .. } | Inline::Anchor { .. } => String::new(),
        })
        .collect()
}

/// What the catalogue knows under an id, or what a diagnostic code means.
fn in_catalogue(id: &str, common: &Common, assessment: Option<&Assessment<'_>>) -> Result<String, Failed> {
    if let Some(code) = code(id) {
        return Ok(format!("{}\n\n{}\n", code.id, code.explanation));
    }
    let session = Session::load(common)?;
    let (lang, _) = session.language(common.lang.as_deref().unwrap_or("en"))?;
    let catalog = &session.catalog;
    let mut out = String::new();
    if let Some(risk) = catalog.risks.get(id) {
        let _ = writeln!(
            out,
            "{id} — {}\nfamily: {}\n\n{}\n\n{}",
            crate::report::without_record(risk.title.get(lang)),
            catalog.label("families", &risk.family, lang),
            filled(&session, &risk.what, lang)?,
            filled(&session, &risk.affected, lang)?
        );
        for path in &risk.paths {
            let lines: Vec<String> = path.when.lines.iter().map(|l| format!("{} = {}", l.fact.name(), l.wanted)).collect();
            let _ = writeln!(out, "\napplies when ({}): {}", path.id, lines.join(" and "));
        }
        for unless in &risk.unless {
            let lines: Vec<String> = unless.lines.iter().map(|l| format!("{} = {}", l.fact.name(), l.wanted)).collect();
            let _ = writeln!(out, "unless: {}", lines.join(" and "));
        }
        for rating in &risk.ratings {
            let lines: Vec<String> = rating.when.lines.iter().map(|l| format!("{} = {}", l.fact.name(), l.wanted)).collect();
            let when = if lines.is_empty() { "otherwise".to_owned() } else { lines.join(" and ") };
            let _ = writeln!(out, "likelihood {}, severity {}: {when}", rating.likelihood, rating.severity);
        }
        for treatment in &risk.treatments {
            let _ = writeln!(out, "treated by: {}", treatment.measures.join(" and "));
        }
        if let Some(limits) = &risk.limits {
            let _ = writeln!(out, "\nwhen this is a false alarm: {}\n", filled(&session, limits, lang)?);
        }
        let _ = writeln!(out, "law: {}\nsources: {}", risk.law.join(", "), risk.sources.join(", "));
    } else if let Some(measure) = catalog.measures.get(id) {
        let _ = writeln!(
            out,
            "{id} — {}\nactor: {}, kind: {}\n\n{}",
            crate::report::without_record(measure.title.get(lang)),
            measure.actor.id(),
            measure.kind,
            filled(&session, &measure.what, lang)?
        );
        for s in &measure.settings {
            let registry = s.registry.as_ref().map(|r| format!("{}\\{} = {}", r.key, r.value, r.data));
            for line in [s.policy.clone(), s.path.clone(), registry, s.cmdlet.clone(), s.preference.clone()].into_iter().flatten() {
                let _ = writeln!(out, "\n  {line}");
            }
        }
        for (name, text) in [
            ("does not reach", &measure.limits),
            ("what users lose", &measure.cost),
            ("how to check", &measure.check),
            ("licence", &measure.licence),
        ] {
            if let Some(text) = text {
                let _ = writeln!(out, "\n{name}: {}", filled(&session, text, lang)?);
            }
        }
        let treats: Vec<&str> = catalog
            .risks
            .values()
            .filter(|r| r.treatments.iter().any(|t| t.measures.iter().any(|m| m == id)))
            .map(|r| r.id.as_str())
            .collect();
        let _ = writeln!(out, "\ntreats: {}\nsources: {}", treats.join(", "), measure.sources.join(", "));
    } else if let Some(def) = catalog.vocabulary.get(id) {
        let _ = writeln!(out, "{id} — {} ({})\n{}", def.label.get(lang), def.ty.id(), def.question.get(lang));
        for (value, word) in def.ty.values() {
            let _ = writeln!(out, "  {value}: {}", word.get(lang));
        }
        if let Some(control) = &def.control {
            let _ = writeln!(out, "where to look: {control}");
        }
        let rows = match &def.kind {
            FactKind::Vendor { rows } => rows,
            _ => &def.defaults,
        };
        rows.iter().for_each(|r| write_row(&mut out, r));
        if !def.out_of_reach.is_empty() {
            let _ = writeln!(out, "where the control does not reach:");
            def.out_of_reach.iter().for_each(|r| write_row(&mut out, r));
        }
    } else if let Some(kind) = catalog.evidence.get(id) {
        let bears = if kind.complete { "complete for" } else { "shows only" };
        let _ = writeln!(out, "{id} — {}\n{bears}: {}\n\n{}", kind.label.get(lang), kind.covers.get(lang), kind.obtain.get(lang));
        if let Some(command) = &kind.command {
            let _ = writeln!(out, "\n{}", command.trim().lines().map(|l| format!("  {l}")).collect::<Vec<_>>().join("\n"));
        }
        if let Some(role) = &kind.role {
            let _ = writeln!(out, "\nleast role: {role}");
        }
        if let Some(remove) = &kind.remove {
            let _ = writeln!(out, "delete before sharing: {}", remove.get(lang));
        }
        for headings in &kind.headings {
            let _ = writeln!(out, "recognised by: {}", headings.join(", "));
        }
        let facts: BTreeSet<&str> = kind.rules.iter().filter_map(|r| r.what.fact()).collect();
        let _ = writeln!(out, "facts: {}", facts.into_iter().collect::<Vec<_>>().join(", "));
        let _ = writeln!(out, "shape {} (last seen {}), sources: {}", kind.tag.id(), kind.last_seen, kind.sources.join(", "));
    } else if let Some(s) = catalog.sources.get(id) {
        let _ = writeln!(
            out,
            "{id} — {}\n{}, {} ({})\n{}",
            s.title,
            s.publisher,
            s.date,
            s.kind,
            s.address.as_deref().unwrap_or("no address kept")
        );
    } else if let Some(p) = catalog.permissions.get(catalog.vocabulary.permission_guids.get(&id.to_lowercase()).map_or(id, String::as_str))
    {
        let _ = writeln!(out, "{} — privacy class {} of 4 ({})\n{}", p.id, p.class, p.tag.id(), p.opens.get(lang));
        let (guid, consent) = (p.guid.as_deref().unwrap_or("not known"), p.user_consent.as_deref().unwrap_or("not known"));
        let _ = writeln!(out, "resource: {}, GUID: {guid}, a user may consent: {consent}\nsources: {}", p.resource, p.sources.join(", "));
    } else if PREFIXES.iter().any(|prefix| id.starts_with(&format!("{prefix}:"))) {
        let _ = writeln!(
            out,
            "{id} — not assessed\nThe catalogue does not know this permission. Treat it as able to open everything until somebody has looked."
        );
    } else {
        let known = catalog
            .risks
            .keys()
            .chain(catalog.measures.keys())
            .chain(catalog.vocabulary.facts.keys())
            .chain(catalog.sources.keys())
            .chain(catalog.evidence.keys())
            .map(String::as_str);
        let found = assessment.and_then(|a| nearest_id(a, id));
        let mut diagnostic = Diagnostic::error("unknown-id", format!("nothing is called `{id}`"));
        if let Some(near) = nearest(id, known.chain(CODES.iter().map(|c| c.id)).chain(found)) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        if assessment.is_none() {
            diagnostic = diagnostic.help("findings are explained with their description: dpia365 explain FINDING DEPLOYMENT");
        }
        print::diagnostics(&[diagnostic], &session.files);
        return Err(Failed);
    }
    Ok(out)
}

fn write_row(out: &mut String, row: &Row) {
    let from = row.from.map_or("ever".to_owned(), |d| d.to_string());
    let until = row.until.map_or("now".to_owned(), |d| d.to_string());
    let _ = writeln!(
        out,
        "  {from} to {until}: {} ({}, last seen {}; {})",
        row.value.to_json(),
        row.tag.id(),
        row.last_seen,
        row.sources.join(", ")
    );
}

/// A catalogue text with its placeholders filled for a deployment of which nothing is known.
fn filled(session: &Session, text: &Text, lang: Lang) -> Result<String, Failed> {
    let nothing = Deployment::default();
    let as_of = session.catalog.infos.first().and_then(|i| i.as_of).unwrap_or_default();
    let method = session.catalog.methods.values().next().ok_or(Failed)?;
    let assessment = assess(&nothing, &session.catalog, method, as_of);
    let (_, locale) = session.language(lang.code())?;
    let structure = session.texts.structures.values().next().ok_or(Failed)?;
    let request = crate::report::Request { structure, locale, lang, edition: "full", program: "" };
    Ok(crate::report::catalogue_text(&assessment, &nothing, &session.catalog, &request, text))
}
