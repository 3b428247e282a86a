use super::{Kind, Node};
use crate::diagnostic::Diagnostic;
use crate::model::{Type, Value, Version};

/// Reads a node as a value of the given type.
///
/// # Errors
/// A diagnostic that names the place and what was expected. Lists of records are not read here.
pub fn value(node: &Node, ty: &Type) -> Result<Value, Diagnostic> {
    match (ty, &node.kind) {
        (Type::Flag, Kind::Bool(b)) => Ok(Value::Flag(*b)),
        (Type::Flag, _) => Err(expected(node, "true or false")),
        (Type::Choice(_), Kind::String(s)) => member(node, s, ty).map(Value::Choice),
        (Type::Choice(_), _) => Err(expected(node, &one_of(ty))),
        (Type::Choices(_), Kind::Array(items)) => {
            strings(items)?.into_iter().map(|(n, s)| member(n, s, ty)).collect::<Result<_, _>>().map(Value::Choices)
        }
        (Type::Choices(_), _) => Err(expected(node, &format!("a list of {}", one_of(ty)))),
        (Type::Number { min, max, .. }, Kind::Integer(i)) => {
            if min.is_some_and(|m| *i < m) || max.is_some_and(|m| *i > m) {
                let (min, max) = (min.map_or("…".to_owned(), |m| m.to_string()), max.map_or("…".to_owned(), |m| m.to_string()));
                return Err(Diagnostic::error("range-exceeded", format!("the number is {i}"))
                    .at(&node.place, format!("expected a number from {min} to {max}")));
            }
            Ok(Value::Number(*i))
        }
        (Type::Number { .. }, _) => Err(expected(node, "a whole number")),
        (Type::Date, Kind::Date(d)) => Ok(Value::Date(*d)),
        (Type::Date, _) => Err(expected(node, "a date like 2026-01-31")),
        (Type::Version, Kind::String(s)) => match Version::parse(s) {
            Some(v) => Ok(Value::Version(v)),
            None => Err(expected(node, "a version like \"4.30.0\"")),
        },
        (Type::Version, _) => Err(expected(node, "a version in quotes, like \"4.30.0\"")),
        (Type::Text, Kind::String(s)) => Ok(Value::Text(s.clone())),
        (Type::Text, _) => Err(expected(node, "a text in quotes")),
        (Type::Permissions, Kind::Array(items)) => {
            strings(items)?.into_iter().map(|(n, s)| permission(n, s)).collect::<Result<_, _>>().map(Value::Permissions)
        }
        (Type::Permissions, _) => Err(expected(node, "a list of permissions like \"application:Mail.Read\"")),
        (Type::Records { .. }, _) => Err(expected(node, "records are given as [[…]] tables")),
    }
}

fn strings(items: &[Node]) -> Result<Vec<(&Node, &str)>, Diagnostic> {
    items.iter().map(|n| n.str().map(|s| (n, s)).ok_or_else(|| expected(n, "a text in quotes"))).collect()
}

fn permission(node: &Node, written: &str) -> Result<String, Diagnostic> {
    match written.split_once(':') {
        Some(("application" | "delegated" | "role", name)) if !name.trim().is_empty() => Ok(written.to_owned()),
        _ => Err(expected(node, "a permission with its kind: \"application:…\", \"delegated:…\" or \"role:…\"")),
    }
}

fn member(node: &Node, written: &str, ty: &Type) -> Result<String, Diagnostic> {
    if ty.values().iter().any(|(id, _)| id == written) {
        return Ok(written.to_owned());
    }
    Err(Diagnostic::error("choice-unknown", format!("`{written}` is not among the values"))
        .at(&node.place, format!("expected {}", one_of(ty)))
        .nearest(written, ty.values().iter().map(|(id, _)| id.as_str())))
}

/// "one of: a, b, c".
fn one_of(ty: &Type) -> String {
    format!("one of: {}", ty.values().iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", "))
}

fn expected(node: &Node, what: &str) -> Diagnostic {
    Diagnostic::error("type-mismatch", format!("expected {what}, found {}", node.type_name())).at(&node.place, format!("expected {what}"))
}
