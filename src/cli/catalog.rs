use super::args::{CatalogCheckArgs, CatalogListArgs, ListFormat, Listed};
use super::session::Session;
use super::{Done, Failed, Outcome, output, print};
use crate::catalog::{self, Catalog};
use crate::model::{FactKind, Lang};
use serde_json::{Map, Value};
use std::fmt::Write;
use std::path::Path;

/// `dpia365 catalog check`.
pub fn check(args: &CatalogCheckArgs) -> Outcome {
    let session = Session::load(&args.common)?;
    let mut diagnostics = catalog::check(&session.catalog);
    diagnostics.extend(catalog::lint(&session.catalog));
    if let Some(months) = args.max_age {
        diagnostics.extend(catalog::aged(&session.catalog, months));
    }
    print::diagnostics(&diagnostics, &session.files);
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    if errors > 0 || args.strict && !diagnostics.is_empty() {
        return Err(Failed);
    }
    let c = &session.catalog;
    let found = match diagnostics.len() {
        0 => "no fault found".to_owned(),
        n => format!("no error, {n} to look at"),
    };
    let text = format!(
        "{} risks, {} measures, {} facts, {} sources: {found}\n",
        c.risks.len(),
        c.measures.len(),
        c.vocabulary.facts.len(),
        c.sources.len()
    );
    output::write(Path::new("-"), text.as_bytes())?;
    Ok(Done::Yes)
}

/// `dpia365 catalog list`.
pub fn list(args: &CatalogListArgs) -> Outcome {
    let session = Session::load(&args.common)?;
    let (lang, _) = session.language(args.common.lang.as_deref().unwrap_or("en"))?;
    let (columns, rows) = rows(&session.catalog, args.what, lang);
    let text = match args.format {
        ListFormat::Table => table(&rows),
        ListFormat::Md => super::reference::reference(&session.catalog, args.what, lang),
        ListFormat::Json => json(columns, &rows),
    };
    output::write(Path::new("-"), text.as_bytes())?;
    Ok(Done::Yes)
}

type Rows = Vec<Vec<String>>;

fn rows(c: &Catalog, what: Listed, lang: Lang) -> (&'static [&'static str], Rows) {
    match what {
        Listed::Risks => {
            let mut risks: Vec<_> = c.risks.values().collect();
            risks.sort_by_key(|r| (c.family_rank(&r.family), r.rank, r.id.clone()));
            let row = |r: &&crate::model::Risk| vec![r.family.clone(), r.id.clone(), r.title.get(lang).to_owned()];
            (&["family", "id", "title"], risks.iter().map(row).collect())
        }
        Listed::Measures => {
            let row = |m: &crate::model::Measure| vec![m.actor.id().to_owned(), m.kind.clone(), m.id.clone(), m.title.get(lang).to_owned()];
            (&["actor", "kind", "id", "title"], c.measures.values().map(row).collect())
        }
        Listed::Facts => {
            let row =
                |f: &crate::model::FactDef| vec![f.id.clone(), f.ty.id().to_owned(), f.asked_of.clone(), f.label.get(lang).to_owned()];
            (&["id", "type", "asked-of", "label"], c.vocabulary.facts.values().map(row).collect())
        }
        Listed::Sources => {
            let row = |s: &crate::model::Source| vec![s.id.clone(), s.date.clone(), s.publisher.clone(), s.title.clone()];
            (&["id", "date", "publisher", "title"], c.sources.values().map(row).collect())
        }
        Listed::Vendor => {
            let rows =
                c.vocabulary.facts.values().filter_map(|f| if let FactKind::Vendor { rows } = &f.kind { Some((f, rows)) } else { None });
            let row = |f: &crate::model::FactDef, r: &crate::model::Row| {
                let date = |d: Option<jiff::civil::Date>| d.map_or_else(|| "-".to_owned(), |d| d.to_string());
                vec![
                    f.id.clone(),
                    date(r.from),
                    date(r.until),
                    r.tag.id().to_owned(),
                    r.last_seen.to_string(),
                    r.value.to_json().to_string(),
                ]
            };
            (
                &["id", "from", "until", "tag", "last-seen", "value"],
                rows.flat_map(|(f, rows)| rows.iter().map(move |r| row(f, r))).collect(),
            )
        }
        Listed::Lists => {
            let row = |l: &crate::model::ScreeningList, i: &crate::model::ListItem| {
                vec![l.id.clone(), i.number.clone(), i.tag.id().to_owned(), i.title.get(lang).to_owned()]
            };
            (&["list", "number", "tag", "title"], c.lists.values().flat_map(|l| l.items.iter().map(move |i| row(l, i))).collect())
        }
        Listed::Permissions => {
            let row = |p: &crate::model::Permission| vec![p.class.to_string(), p.id.clone(), p.opens.get(lang).to_owned()];
            (&["class", "id", "opens"], c.permissions.values().map(row).collect())
        }
    }
}

/// Columns as wide as their longest entry; the last one is not padded.
fn table(rows: &Rows) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns).map(|i| rows.iter().map(|r| r[i].chars().count()).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        for (i, cell) in row.iter().enumerate() {
            let _ = if i + 1 == columns { writeln!(out, "{cell}") } else { write!(out, "{cell:<width$} ", width = widths[i]) };
        }
    }
    out
}

fn json(columns: &[&str], rows: &Rows) -> String {
    let object = |row: &Vec<String>| -> Value {
        Value::Object(columns.iter().zip(row).map(|(c, v)| ((*c).to_owned(), Value::from(v.as_str()))).collect::<Map<_, _>>())
    };
    serde_json::to_string_pretty(&rows.iter().map(object).collect::<Vec<_>>()).unwrap_or_default() + "\n"
}
