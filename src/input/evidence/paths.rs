//! JSON as lines: objects flattened to named values, and lists found by a path.

use super::lines::{Head, plain};
use serde_json::Value;
use std::fmt::Write;

/// Names of one object that are kept; a settings object has some hundred.
const MOST_FIELDS: usize = 4_000;
/// How deep objects within objects are opened.
const DEPTH: usize = 4;
/// What stands for a list of objects, which is no value: as PowerShell would write it.
const OBJECTS: &str = "System.Object[]";

/// Values under a path, each with its JSON pointer. Segments are joined by `.`; `*` stands for every key, `[]` for every element, and for the
/// value itself where it is no list, since PowerShell writes a list of one without brackets.
pub(super) fn under<'v>(value: &'v Value, path: &str) -> Vec<(String, &'v Value)> {
    let mut found = vec![(String::new(), value)];
    for segment in path.split('.') {
        let name = segment.trim_end_matches("[]");
        let lists = (segment.len() - name.len()) / 2;
        if name == "*" {
            found = found.into_iter().flat_map(|(p, v)| children(&p, v)).collect();
        } else if !name.is_empty() {
            found = found.into_iter().filter_map(|(p, v)| key(v, name).map(|(k, v)| (pointer(&p, k), v))).collect();
        }
        for _ in 0..lists {
            found = found
                .into_iter()
                .flat_map(|(p, v)| match v {
                    Value::Array(items) => items.iter().enumerate().map(|(i, v)| (format!("{p}/{i}"), v)).collect(),
                    Value::Null => Vec::new(),
                    other => vec![(p, other)],
                })
                .collect();
        }
    }
    found
}

/// A key by its name, without regard to case where there is none of exactly that name.
fn key<'v>(value: &'v Value, name: &str) -> Option<(&'v str, &'v Value)> {
    let Value::Object(map) = value else { return None };
    map.get_key_value(name).or_else(|| map.iter().find(|(k, _)| k.eq_ignore_ascii_case(name))).map(|(k, v)| (k.as_str(), v))
}

fn children<'v>(at: &str, value: &'v Value) -> Vec<(String, &'v Value)> {
    match value {
        Value::Object(map) => map.iter().map(|(k, v)| (pointer(at, k), v)).collect(),
        _ => Vec::new(),
    }
}

fn pointer(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// A value as the text of a cell; lists of plain values are joined, lists of objects are no value.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(s) => s.clone(),
        Value::Number(n) => n.to_string(),
        Value::Array(items) if items.iter().all(|i| !i.is_array() && !i.is_object()) => {
            items.iter().map(text).collect::<Vec<_>>().join(" ")
        }
        Value::Object(map) if map.is_empty() => String::new(),
        Value::Array(_) | Value::Object(_) => OBJECTS.to_owned(),
    }
}

/// An object as cells under a head, each with its pointer.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat {
    /// In ascending order of their columns.
    pub(super) cells: Vec<FlatCell>,
}

/// One named value of an object.
#[derive(Clone, Debug)]
pub(super) struct FlatCell {
    pub(super) column: u32,
    pub(super) place: String,
    pub(super) text: String,
}

impl Flat {
    /// From column, place and text in any order.
    pub(super) fn new(cells: impl IntoIterator<Item = (u32, String, String)>) -> Self {
        let mut cells: Vec<FlatCell> = cells.into_iter().map(|(column, place, text)| FlatCell { column, place, text }).collect();
        cells.sort_by_key(|c| c.column);
        Self { cells }
    }

    pub(super) fn get(&self, column: u32) -> Option<&FlatCell> {
        self.cells.binary_search_by_key(&column, |c| c.column).ok().map(|at| &self.cells[at])
    }
}

/// Objects with all their names; an object within an object is opened, its names joined by a dot.
pub(super) fn flatten(objects: &[(String, &Value)]) -> (Head, Vec<Flat>) {
    let mut names: Vec<String> = Vec::new();
    let mut known = std::collections::BTreeMap::new();
    let mut rows = Vec::new();
    for (at, object) in objects {
        let mut fields = Vec::new();
        open("", at, object, 0, &mut fields);
        let mut flat: Vec<(u32, String, String)> = Vec::new();
        for (name, place, value) in fields {
            let name = plain(&name);
            let column = *known.entry(name.clone()).or_insert_with(|| {
                names.push(name);
                names.len() - 1
            });
            let column = u32::try_from(column).unwrap_or(u32::MAX);
            if !flat.iter().any(|(c, ..)| *c == column) {
                flat.push((column, place, value));
            }
        }
        rows.push(flat);
    }
    (Head::named(names), rows.into_iter().map(Flat::new).collect())
}

fn open(prefix: &str, at: &str, value: &Value, depth: usize, fields: &mut Vec<(String, String, String)>) {
    let Value::Object(map) = value else { return };
    for (key, value) in map {
        if fields.len() >= MOST_FIELDS {
            return;
        }
        let mut name = prefix.to_owned();
        let _ = write!(name, "{}{key}", if prefix.is_empty() { "" } else { "." });
        let place = pointer(at, key);
        fields.push((name.clone(), place.clone(), text(value)));
        if depth < DEPTH {
            open(&name, &place, value, depth + 1, fields);
        }
    }
}

/// Elements as cells under given paths: a column for each path. With `rows`, each element below that path is a line of its own.
pub(super) fn picked(elements: &[(String, &Value)], paths: &[String], rows: Option<&str>) -> (Head, Vec<Flat>) {
    let mut lines = Vec::new();
    for (at, element) in elements {
        let inner = rows.map(|r| (r.trim_end_matches("[]"), under(element, r)));
        let Some((prefix, inner)) = inner else {
            lines.push(pick(at, element, None, paths));
            continue;
        };
        for (sub, value) in inner {
            lines.push(pick(at, element, Some((prefix, &sub, value)), paths));
        }
    }
    // A path that leads nowhere is no heading: another spelling of it may.
    let there = |column: usize| lines.iter().any(|l: &Flat| l.cells.iter().any(|c| c.column as usize == column));
    let names = paths.iter().enumerate().map(|(i, p)| if there(i) { plain(p) } else { String::new() }).collect();
    (Head::named(names), lines)
}

fn pick(at: &str, element: &Value, row: Option<(&str, &String, &Value)>, paths: &[String]) -> Flat {
    let mut cells = Vec::new();
    for (column, path) in paths.iter().enumerate() {
        let inner = row.and_then(|(prefix, sub, value)| Some((path.strip_prefix(prefix)?.strip_prefix('.')?, sub, value)));
        let found = match inner {
            Some((rest, sub, value)) => under(value, rest).into_iter().map(|(p, v)| (format!("{sub}{p}"), v)).collect(),
            None => under(element, path),
        };
        if let Some((place, _)) = found.first() {
            let joined = found.iter().map(|(_, v)| text(v)).collect::<Vec<_>>().join(" ");
            cells.push((u32::try_from(column).unwrap_or(u32::MAX), format!("{at}{place}"), joined));
        }
    }
    Flat::new(cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_reach_through_lists_and_keys() {
        let value = json!({"Results": {"AAD": [{"Controls": [{"Id": "a"}, {"Id": "b"}]}], "EXO": [{"Controls": {"Id": "c"}}]}});
        let found: Vec<String> = under(&value, "Results.*[].Controls[]").into_iter().map(|(p, _)| p).collect();
        assert_eq!(found, ["/Results/AAD/0/Controls/0", "/Results/AAD/0/Controls/1", "/Results/EXO/0/Controls"]);
        assert!(under(&value, "Results.None[]").is_empty());
    }

    #[test]
    fn objects_are_flattened_with_dots() {
        let value = json!({"a": {"b": true, "c": [{"d": 1}]}, "e": ["x", "y"], "f": null, "g": {}});
        let (head, flat) = flatten(&[(String::new(), &value)]);
        assert_eq!(head.len(), 6);
        let cell = |name: &str| head.named_column(name).and_then(|c| flat[0].cells.iter().find(|x| x.column == c)).map(|c| c.text.as_str());
        assert_eq!(cell("a.b"), Some("True"));
        assert_eq!(cell("a.c"), Some(OBJECTS));
        assert_eq!((cell("e"), cell("f"), cell("g")), (Some("x y"), Some(""), Some("")));
    }
}
