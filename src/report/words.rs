//! How values, dates, articles and levels are printed.

use super::texts::Locale;
use crate::model::{FactDef, Lang, Level, Method, Type, Value};
use jiff::civil::Date;
use minijinja::context;

/// A date as the language writes it.
pub fn date(date: Date, locale: &Locale) -> String {
    let month = usize::try_from(date.month()).ok().and_then(|m| locale.months.get(m - 1)).cloned().unwrap_or_default();
    locale.fill("date.full", context! { day => date.day(), month, year => date.year() })
}

/// A date of a source: a day, a month, a year, or a range of them.
pub fn partial_date(written: &str, locale: &Locale) -> String {
    if let Some((from, until)) = written.split_once('/') {
        return locale.fill("date.range", context! { from => partial_date(from, locale), until => partial_date(until, locale) });
    }
    if let Ok(day) = written.parse::<Date>() {
        return date(day, locale);
    }
    match written.split_once('-').and_then(|(year, month)| Some((year, locale.months.get(month.parse::<usize>().ok()?.checked_sub(1)?)?))) {
        Some((year, month)) => locale.fill("date.month", context! { month, year }),
        None => written.to_owned(),
    }
}

/// A GDPR article such as `5(1)(b)` as the language cites it.
pub fn article(written: &str, locale: &Locale) -> String {
    let mut parts = written.split('(').map(|p| p.trim_end_matches(')').trim());
    let article = parts.next().unwrap_or_default();
    let (mut paragraph, mut letter) = ("", "");
    for part in parts {
        if part.chars().all(|c| c.is_ascii_digit()) { paragraph = part } else { letter = part }
    }
    let key = match (paragraph.is_empty(), letter.is_empty()) {
        (true, true) => "law.article",
        (false, true) => "law.paragraph",
        (true, false) => "law.letter",
        (false, false) => "law.paragraph-letter",
    };
    locale.fill(key, context! { article, paragraph, letter })
}

/// A value in the words of the fact's definition.
pub fn value(value: &Value, ty: &Type, lang: Lang, locale: &Locale) -> String {
    let join = |items: Vec<String>| if items.is_empty() { locale.get("value.none").to_owned() } else { items.join(", ") };
    match value {
        Value::Flag(true) => locale.get("value.yes").to_owned(),
        Value::Flag(false) => locale.get("value.no").to_owned(),
        Value::Choice(id) => ty.word(id, lang).to_owned(),
        // In the order of the questionnaire.
        Value::Choices(set) => join(ty.values().iter().filter(|(id, _)| set.contains(id)).map(|(_, t)| t.get(lang).to_owned()).collect()),
        Value::Number(n) => match ty {
            Type::Number { unit, .. } => format!("{n} {}", unit.get(lang)).trim().to_owned(),
            _ => n.to_string(),
        },
        Value::Date(d) => date(*d, locale),
        Value::Version(v) => v.to_string(),
        Value::Text(s) => s.clone(),
        Value::Permissions(set) => join(set.iter().map(|p| permission(p, locale)).collect()),
        Value::Records(records) => match ty {
            Type::Records { name, .. } => join(
                records
                    .iter()
                    .map(|r| match r.fields.get(name) {
                        Some((crate::model::Given::Value(Value::Text(n)), _)) => n.clone(),
                        _ => r.key.clone(),
                    })
                    .collect(),
            ),
            _ => records.len().to_string(),
        },
    }
}

/// `application:Mail.Read` as "Mail.Read (application)".
pub fn permission(written: &str, locale: &Locale) -> String {
    match written.split_once(':') {
        Some((kind, name)) => format!("{name} ({})", locale.get(&format!("permission.{kind}"))),
        None => written.to_owned(),
    }
}

/// The name of a fact in tables.
pub fn fact_label(def: Option<&FactDef>, id: &str, lang: Lang) -> String {
    def.map_or_else(|| id.to_owned(), |d| d.label.get(lang).to_owned())
}

/// The word of a level in a method.
pub fn level(level: Level, method: &Method, lang: Lang, locale: &Locale) -> String {
    match method.levels.iter().find(|(l, _)| *l == level) {
        Some((_, word)) => word.get(lang).to_owned(),
        None => locale.get(&format!("level.{}", level.id())).to_owned(),
    }
}
