use super::{Kind, Node};
use crate::diagnostic::Diagnostic;
use crate::model::{Text, Type, Value, Version};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Kinds of permission, as their prefix.
pub const PREFIXES: [&str; 3] = ["application", "delegated", "role"];

/// Reads a value of a fact's type; `name` names the fact or field in messages. Lists of records are read where they are given.
pub fn value(ty: &Type, node: &Node, name: &str, sink: &RefCell<Vec<Diagnostic>>) -> Option<Value> {
    let reader = Reader { name, sink };
    match (ty, &node.kind) {
        (Type::Flag, Kind::Bool(flag)) => Some(Value::Flag(*flag)),
        (Type::Choice(values), Kind::String(word)) => reader.word(word, node, values).map(Value::Choice),
        (Type::Choices(values), Kind::Array(items)) => reader.set(items, |word, item| reader.word(word, item, values)).map(Value::Choices),
        (Type::Number { min, max, .. }, Kind::Integer(number)) => reader.number(*number, *min, *max, node).map(Value::Number),
        (Type::Date, Kind::Date(date)) => Some(Value::Date(*date)),
        (Type::Version, Kind::String(written)) => reader.version(written, node).map(Value::Version),
        (Type::Text, Kind::String(text)) => Some(Value::Text(text.clone())),
        (Type::Permissions, Kind::Array(items)) => {
            reader.set(items, |permission, item| reader.permission(permission, item)).map(Value::Permissions)
        }
        _ => {
            reader.push(mismatch(node, name, &expected(ty)));
            None
        }
    }
}

/// What a type takes, in words for messages.
pub fn expected(ty: &Type) -> String {
    match ty {
        Type::Flag => "true or false".to_owned(),
        Type::Choice(values) => format!("one of {}", quoted(values)),
        Type::Choices(values) => format!("a list of some of {}", quoted(values)),
        Type::Number { unit, .. } => match unit.get(crate::model::Lang::En) {
            "" => "a whole number".to_owned(),
            unit => format!("a whole number ({unit})"),
        },
        Type::Date => "a date like 2026-01-31".to_owned(),
        Type::Version => "a version in quotes, e.g. \"16.0.1\"".to_owned(),
        Type::Text => "a text in quotes".to_owned(),
        Type::Permissions => "a list of permissions, e.g. [\"application:Mail.Read\"]".to_owned(),
        Type::Records { .. } => "a list of tables".to_owned(),
    }
}

fn quoted(values: &[(String, Text)]) -> String {
    values.iter().map(|(id, _)| format!("\"{id}\"")).collect::<Vec<_>>().join(", ")
}

struct Reader<'a> {
    name: &'a str,
    sink: &'a RefCell<Vec<Diagnostic>>,
}

impl Reader<'_> {
    fn word(&self, word: &str, node: &Node, values: &[(String, Text)]) -> Option<String> {
        if values.iter().any(|(id, _)| id == word) {
            return Some(word.to_owned());
        }
        let mut diagnostic = Diagnostic::error("choice-unknown", format!("`{word}` is not a value of `{}`", self.name))
            .at(&node.place, format!("expected one of: {}", values.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", ")));
        diagnostic = match word {
            "unknown" | "not-configured" => diagnostic.help(format!("\"{word}\" stands alone, not in a list")),
            _ => diagnostic.nearest(word, values.iter().map(|(id, _)| id.as_str())),
        };
        self.push(diagnostic);
        None
    }

    fn number(&self, number: i64, min: Option<i64>, max: Option<i64>, node: &Node) -> Option<i64> {
        if min.is_none_or(|min| min <= number) && max.is_none_or(|max| number <= max) {
            return Some(number);
        }
        let range = match (min, max) {
            (Some(min), Some(max)) => format!("from {min} to {max}"),
            (Some(min), None) => format!("from {min}"),
            (_, max) => format!("up to {}", max.unwrap_or(i64::MAX)),
        };
        self.push(
            Diagnostic::error("range-exceeded", format!("`{}` is {number}", self.name))
                .at(&node.place, format!("expected a whole number {range}")),
        );
        None
    }

    fn version(&self, written: &str, node: &Node) -> Option<Version> {
        let version = Version::parse(written);
        if version.is_none() {
            let expected = "expected numbers joined by dots, e.g. \"16.0.12228.20260\"";
            self.push(Diagnostic::error("type-mismatch", format!("`{written}` is not a version")).at(&node.place, expected));
        }
        version
    }

    fn permission(&self, permission: &str, node: &Node) -> Option<String> {
        let (prefix, name) = permission.split_once(':').unwrap_or(("", permission));
        if PREFIXES.contains(&prefix) && !name.trim().is_empty() {
            return Some(permission.to_owned());
        }
        let mut diagnostic = Diagnostic::error("type-mismatch", format!("`{permission}` does not say what kind of permission it is"))
            .at(&node.place, "expected \"application:…\", \"delegated:…\" or \"role:…\"");
        if let Some(near) = crate::diagnostic::nearest(&prefix.to_ascii_lowercase(), PREFIXES) {
            diagnostic = diagnostic.help(format!("did you mean `{near}:{name}`?"));
            diagnostic.replacement = Some(format!("{near}:{name}"));
        }
        self.push(diagnostic);
        None
    }

    /// A set of texts; where one of them is wrong, the set is not known, since a smaller one would be another answer.
    fn set(&self, items: &[Node], read: impl Fn(&str, &Node) -> Option<String>) -> Option<BTreeSet<String>> {
        let mut set = Some(BTreeSet::new());
        for item in items {
            let member = match &item.kind {
                Kind::String(text) => read(text, item),
                _ => {
                    self.push(mismatch(item, self.name, "texts in quotes"));
                    None
                }
            };
            set = set.zip(member).map(|(mut set, member)| {
                set.insert(member);
                set
            });
        }
        set
    }

    fn push(&self, diagnostic: Diagnostic) {
        self.sink.borrow_mut().push(diagnostic);
    }
}

/// A value of the wrong type, with the cure where it is plain to see.
pub fn mismatch(node: &Node, key: &str, expected: &str) -> Diagnostic {
    let message = format!("`{key}` takes {expected}, not {}", node.type_name());
    let mut diagnostic = Diagnostic::error("type-mismatch", message).at(&node.place, format!("expected {expected}"));
    let Kind::String(text) = &node.kind else { return diagnostic };
    let mended = if expected.starts_with("a list") {
        Some(serde_json::Value::from(vec![text.as_str()]).to_string())
    } else if (expected.starts_with("a date") && text.parse::<jiff::civil::Date>().is_ok())
        || (expected.starts_with("a whole number") && text.parse::<i64>().is_ok())
    {
        Some(text.clone())
    } else if expected.starts_with("true or false") {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" => Some("true".to_owned()),
            "false" | "no" => Some("false".to_owned()),
            _ => None,
        }
    } else {
        None
    };
    if let Some(mended) = mended {
        let quotes = if mended.starts_with('[') { "" } else { ", without quotes" };
        diagnostic = diagnostic.help(format!("write {mended}{quotes}"));
        diagnostic.replacement = Some(mended);
    }
    diagnostic
}
