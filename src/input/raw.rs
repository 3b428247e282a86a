use super::check::{is_blank, is_prompt};
use crate::source::{Kind, Node};
use serde_json::{Map, Value};

/// The merged description as JSON, with keys in order of their names, so that the order of writing does not matter.
///
/// Empty texts and starter texts are left out: they say nothing.
pub(super) fn raw(node: &Node) -> Value {
    match &node.kind {
        Kind::Table(table) => {
            let mut entries = table.entries.iter().filter(|e| says_something(&e.node)).collect::<Vec<_>>();
            entries.sort_by(|a, b| a.key.cmp(&b.key));
            Value::Object(entries.into_iter().map(|e| (e.key.clone(), raw(&e.node))).collect::<Map<_, _>>())
        }
        Kind::Array(items) => Value::Array(items.iter().filter(|n| says_something(n)).map(raw).collect()),
        _ => node.to_json(),
    }
}

fn says_something(node: &Node) -> bool {
    node.str().is_none_or(|s| !is_blank(s) && !is_prompt(s))
}
