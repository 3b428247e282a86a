//! The catalogue as Markdown, for the reference under `docs/reference/`.

use super::args::Listed;
use crate::catalog::Catalog;
use crate::model::{Condition, FactDef, FactKind, Lang, Measure, Risk, Row, Track, Type};
use std::fmt::Write;

pub fn reference(c: &Catalog, what: Listed, lang: Lang) -> String {
    let mut out = String::from("<!-- Written by `dpia365 catalog list --format md`. Do not edit; a test keeps it fresh. -->\n\n");
    match what {
        Listed::Risks => risks(&mut out, c, lang),
        Listed::Measures => measures(&mut out, c, lang),
        Listed::Facts => facts(&mut out, c, lang),
        Listed::Vendor => vendor(&mut out, c, lang),
        Listed::Permissions => permissions(&mut out, c, lang),
        Listed::Lists => lists(&mut out, c, lang),
        Listed::Sources => sources(&mut out, c),
    }
    out
}

fn heading(out: &mut String, title: &str, about: &str) {
    let _ = writeln!(out, "# {title}\n\n{about}\n");
}

fn row(out: &mut String, cells: &[&str]) {
    let clean = |c: &&str| c.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(out, "| {} |", cells.iter().map(clean).collect::<Vec<_>>().join(" | "));
}

fn head(out: &mut String, cells: &[&str]) {
    row(out, cells);
    row(out, &vec!["---"; cells.len()]);
}

fn condition(condition: &Condition) -> String {
    match condition.lines.as_slice() {
        [] => "always".to_owned(),
        lines => lines.iter().map(|l| format!("`{}` = `{}`", l.fact.name(), l.wanted)).collect::<Vec<_>>().join(" and "),
    }
}

fn code(ids: &[String]) -> String {
    ids.iter().map(|i| format!("`{i}`")).collect::<Vec<_>>().join(", ")
}

fn risks(out: &mut String, c: &Catalog, lang: Lang) {
    heading(out, "Risks", "By family. Likelihood (L) and severity (S) are steps from 1 to 4, without any measure.");
    for family in c.ids("families") {
        let mut of: Vec<&Risk> = c.risks.values().filter(|r| r.family == family).collect();
        of.sort_by_key(|r| (r.rank, r.id.clone()));
        if of.is_empty() {
            continue;
        }
        let _ = writeln!(out, "## {}\n", c.label("families", &family, lang));
        for r in of {
            let _ = writeln!(out, "### {}\n\n`{}`\n", r.title.get(lang).replace("{{", "‹").replace("}}", "›"), r.id);
            let track = if r.track == Track::Design { "by design".to_owned() } else { format!("by event: {}", r.events.join(", ")) };
            let _ = writeln!(out, "- comes about {track}");
            if let Some(list) = &r.for_each {
                let _ = writeln!(out, "- one finding for each of `{list}`");
            }
            let _ = writeln!(out, "- people: {}; data: {}; harm: {}", r.subjects.join(", "), r.data.join(", "), r.harms.join(", "));
            for path in &r.paths {
                let _ = writeln!(out, "- applies (`{}`) when {}", path.id, condition(&path.when));
            }
            for unless in &r.unless {
                let _ = writeln!(out, "- unless {}", condition(unless));
            }
            for rating in &r.ratings {
                let paths = if rating.paths.is_empty() { String::new() } else { format!(" (paths {})", rating.paths.join(", ")) };
                let _ = writeln!(out, "- L {} × S {}{paths} when {}", rating.likelihood, rating.severity, condition(&rating.when));
            }
            for t in &r.treatments {
                let e = t.effect;
                let mut effect = Vec::new();
                if e.removes {
                    effect.push("removes the risk".to_owned());
                }
                effect.extend(e.likelihood_at_most.map(|n| format!("L at most {n}")));
                effect.extend(e.severity_at_most.map(|n| format!("S at most {n}")));
                if effect.is_empty() {
                    effect.push("supports".to_owned());
                }
                let _ = writeln!(out, "- {}: {}", code(&t.measures), effect.join(", "));
            }
            let _ = writeln!(out, "- law: {}; sources: {}\n", r.law.join(", "), code(&r.sources));
        }
    }
}

fn measures(out: &mut String, c: &Catalog, lang: Lang) {
    heading(out, "Measures", "With their exact settings, and the facts that show them in place.");
    for m in c.measures.values() {
        measure(out, m, c, lang);
    }
}

fn measure(out: &mut String, m: &Measure, c: &Catalog, lang: Lang) {
    let level = if m.baseline { "baseline" } else { "additional" };
    let _ = writeln!(out, "## {}\n\n`{}` · {} · {} · {level}\n", m.title.get(lang), m.id, m.actor.id(), m.kind);
    for s in &m.settings {
        let registry = s.registry.as_ref().map(|r| format!("{}\\{} = {}", r.key, r.value, r.data));
        let parts = [s.policy.clone(), s.path.clone(), registry, s.cmdlet.clone(), s.preference.clone()];
        let parts: Vec<String> = parts
            .into_iter()
            .flatten()
            .map(|p| format!("`{}`", p.replace('`', "'").split_whitespace().collect::<Vec<_>>().join(" ")))
            .collect();
        let platforms = if s.platforms.is_empty() { String::new() } else { format!("{}: ", s.platforms.join(", ")) };
        let _ = writeln!(out, "- {platforms}{}", parts.join("; "));
    }
    for w in &m.in_place {
        let _ = writeln!(out, "- in place when {}", condition(w));
    }
    if m.in_place.is_empty() {
        let _ = writeln!(out, "- its status is declared");
    }
    let treats: Vec<String> =
        c.risks.values().filter(|r| r.treatments.iter().any(|t| t.measures.contains(&m.id))).map(|r| r.id.clone()).collect();
    let _ = writeln!(out, "- treats: {}", code(&treats));
    if !m.introduces.is_empty() {
        let _ = writeln!(out, "- introduces: {}", code(&m.introduces));
    }
    let _ = writeln!(out, "- sources: {}\n", code(&m.sources));
}

fn facts(out: &mut String, c: &Catalog, lang: Lang) {
    heading(out, "Facts", "The questionnaire. What holds where nobody configured anything stands below each fact, as dated rows.");
    let mut area = "";
    for def in c.vocabulary.facts.values().filter(|d| matches!(d.kind, FactKind::Asked)) {
        let of = def.id.split('.').next().unwrap_or_default();
        if of != area {
            area = of;
            let _ = writeln!(out, "## {area}\n");
        }
        fact(out, def, lang);
    }
    let _ = writeln!(out, "## derived\n");
    for def in c.vocabulary.facts.values() {
        if let FactKind::Derived { paths } = &def.kind {
            let any: Vec<String> = paths.iter().map(condition).collect();
            let _ = writeln!(out, "- `{}` — {}: {}", def.id, def.label.get(lang), any.join("; or "));
        }
    }
}

fn fact(out: &mut String, def: &FactDef, lang: Lang) {
    let _ = writeln!(out, "### `{}`\n\n{}\n", def.id, def.question.get(lang));
    let mut about = vec![def.ty.id().to_owned(), format!("asked of {}", def.asked_of)];
    if def.per_platform {
        about.push("by platform".to_owned());
    }
    if def.per_population {
        about.push("by group of people".to_owned());
    }
    let _ = writeln!(out, "- {}", about.join(", "));
    for (value, word) in def.ty.values() {
        let _ = writeln!(out, "- `{value}`: {}", word.get(lang));
    }
    if let Type::Records { fields, .. } = &def.ty {
        for field in fields {
            let _ = writeln!(out, "- field `{}` ({}): {}", field.id, field.ty.id(), field.label.get(lang));
        }
    }
    if let Some(control) = &def.control {
        let _ = writeln!(out, "- where to look: {control}");
    }
    out.push('\n');
    for (rows, name) in [(&def.defaults, "Not configured"), (&def.out_of_reach, "Out of the control's reach")] {
        if !rows.is_empty() {
            let _ = writeln!(out, "{name}:\n");
            table(out, rows);
        }
    }
}

fn vendor(out: &mut String, c: &Catalog, lang: Lang) {
    heading(out, "What Microsoft does", "As dated rows. `until` is exclusive; a row without it was still so when last seen.");
    for def in c.vocabulary.facts.values() {
        if let FactKind::Vendor { rows } = &def.kind {
            let _ = writeln!(out, "## {}\n\n`{}`\n", def.label.get(lang), def.id);
            table(out, rows);
        }
    }
}

fn table(out: &mut String, rows: &[Row]) {
    head(out, &["from", "until", "when", "value", "tag", "last seen", "sources"]);
    for r in rows {
        let date = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string()).unwrap_or_default();
        let when = if r.when.lines.is_empty() { String::new() } else { condition(&r.when) };
        let value = r.value.to_json().to_string();
        row(out, &[&date(r.from), &date(r.until), &when, &format!("`{value}`"), r.tag.id(), &r.last_seen.to_string(), &code(&r.sources)]);
    }
    out.push('\n');
}

fn permissions(out: &mut String, c: &Catalog, lang: Lang) {
    heading(
        out,
        "Permissions",
        "The class is our judgement: 1 needed to sign in, or harmless; 2 limited personal data; 3 personal data of many, content of one person, or traffic data of all; 4 content of everybody, or a way to such access. A permission that is not listed has no class and is never taken for harmless.",
    );
    head(out, &["class", "permission", "GUID", "a user may consent", "opens", "tag"]);
    let mut all: Vec<_> = c.permissions.values().collect();
    all.sort_by_key(|p| (std::cmp::Reverse(p.class), p.id.clone()));
    for p in all {
        row(
            out,
            &[
                &p.class.to_string(),
                &format!("`{}`", p.id),
                p.guid.as_deref().unwrap_or_default(),
                p.user_consent.as_deref().unwrap_or_default(),
                p.opens.get(lang),
                p.tag.id(),
            ],
        );
    }
    if !c.vocabulary.combinations.is_empty() {
        let _ = writeln!(out, "\n## Combinations\n");
        head(out, &["class", "together", "why"]);
        for x in &c.vocabulary.combinations {
            let parts = x.all.iter().map(|any| any.iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(" or ")).collect::<Vec<_>>();
            row(out, &[&x.class.to_string(), &parts.join(" with "), x.because.get(lang)]);
        }
    }
}

fn lists(out: &mut String, c: &Catalog, lang: Lang) {
    heading(
        out,
        "Lists of processing that requires a DPIA",
        "With the facts that point to an item. Items without are for people to judge.",
    );
    for l in c.lists.values() {
        let date = l.date.map(|d| format!(", {d}")).unwrap_or_default();
        let _ = writeln!(out, "## {}\n\n`{}` · {}{date} · required from {} items\n", l.title.get(lang), l.id, l.authority, l.required_from);
        head(out, &["no.", "item", "facts that point to it", "tag"]);
        for i in &l.items {
            let when = i.when.iter().map(condition).collect::<Vec<_>>().join("; or ");
            row(out, &[&i.number, i.title.get(lang), if when.is_empty() { "people judge" } else { &when }, i.tag.id()]);
        }
        out.push('\n');
    }
    let _ = writeln!(out, "## Staff representation\n");
    head(out, &["country", "provision", "right", "when", "tag"]);
    for l in c.staff_laws.values() {
        let when = l.when.iter().map(condition).collect::<Vec<_>>().join("; or ");
        row(out, &[&l.countries.join(", "), &l.law, &l.right, &when, l.tag.id()]);
    }
}

fn sources(out: &mut String, c: &Catalog) {
    heading(out, "Sources", "Every source that the catalogue names.");
    head(out, &["id", "date", "publisher", "title", "address"]);
    for s in c.sources.values() {
        row(out, &[&format!("`{}`", s.id), &s.date, &s.publisher, &s.title, s.address.as_deref().unwrap_or("not kept")]);
    }
}
