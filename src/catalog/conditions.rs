//! Conditions: tables of `fact = expected` lines, type-checked against the vocabulary.

use crate::diagnostic::Diagnostic;
use crate::model::{Condition, FactDef, FactKind, FactRef, FieldDef, FieldTest, Line, Test, Type, Value, Version, VersionRef, Vocabulary};
use crate::source::{Entry, Fields, Kind, Node, value};
use std::cell::RefCell;

/// What a condition may refer to.
pub(super) struct Context<'a> {
    pub vocabulary: &'a Vocabulary,
    /// The record list at hand in a `for-each`.
    pub record: Option<&'a FactDef>,
    /// Whether `platform` may be asked: in dated rows only.
    pub platform: bool,
    pub diagnostics: &'a RefCell<Vec<Diagnostic>>,
}

impl Context<'_> {
    /// Reads a condition; keys in `skip` belong to the surrounding table.
    pub fn condition(&self, node: &Node, skip: &[&str]) -> Condition {
        let Kind::Table(table) = &node.kind else {
            self.push(Diagnostic::error("catalog-condition", "a condition is a table of lines").at(&node.place, "expected a table"));
            return Condition::default();
        };
        Condition { lines: table.entries.iter().filter(|e| !skip.contains(&e.key.as_str())).filter_map(|e| self.line(e)).collect() }
    }

    /// The `[[when]]` of a table: any of its conditions is enough.
    pub fn paths(&self, fields: &Fields<'_, '_>) -> Vec<Condition> {
        fields.nodes("when").iter().map(|n| self.condition(n, &["id"])).collect()
    }

    fn line(&self, entry: &Entry) -> Option<Line> {
        let (fact, ty) = self.fact(entry)?;
        let test = self.test(&entry.node, &ty)?;
        Some(Line { fact, test, wanted: written(&entry.node), place: entry.node.place.clone() })
    }

    fn fact(&self, entry: &Entry) -> Option<(FactRef, Type)> {
        let key = entry.key.as_str();
        if key == "platform" && self.platform {
            let values = self.vocabulary.platforms.iter().map(|p| (p.clone(), crate::model::Text::same(p))).collect();
            return Some((FactRef::Platform, Type::Choice(values)));
        }
        if let Some(field) = key.strip_prefix("record.") {
            let def = self.record.and_then(|r| field_of(&r.ty, field));
            if def.is_none() {
                self.push(
                    Diagnostic::error("catalog-condition", format!("there is no field `{field}` of a record here"))
                        .at(&entry.key_place, "needs `for-each` and a field of that list"),
                );
            }
            return def.map(|d| (FactRef::Field(field.to_owned()), d.ty.clone()));
        }
        match self.vocabulary.get(key) {
            Some(def) => Some((FactRef::Fact(key.to_owned()), def.ty.clone())),
            None => {
                self.push(
                    Diagnostic::error("catalog-condition", format!("there is no fact `{key}`"))
                        .at(&entry.key_place, "not in facts/ or vendor/")
                        .nearest(key, self.vocabulary.facts.keys().map(String::as_str)),
                );
                None
            }
        }
    }

    fn test(&self, node: &Node, ty: &Type) -> Option<Test> {
        match &node.kind {
            Kind::Array(items) if !matches!(ty, Type::Choices(_) | Type::Permissions) => {
                Some(Test::OneOf(items.iter().filter_map(|n| self.value(n, ty)).collect()))
            }
            Kind::Table(table) => {
                let mut tests: Vec<Test> = table.entries.iter().map(|e| self.operator(e, ty)).collect::<Option<_>>()?;
                if tests.len() == 1 { tests.pop() } else { Some(Test::All(tests)) }
            }
            _ => self.value(node, ty).map(Test::Equals),
        }
    }

    fn operator(&self, entry: &Entry, ty: &Type) -> Option<Test> {
        let node = &entry.node;
        match (entry.key.as_str(), ty) {
            ("not", _) => self.test(node, ty).map(|t| Test::Not(Box::new(t))),
            (
                "is-set",
                Type::Text
                | Type::Records { .. }
                | Type::Date
                | Type::Permissions
                | Type::Choices(_)
                | Type::Version
                | Type::Number { .. }
                | Type::Choice(_)
                | Type::Flag,
            ) => match node.kind {
                Kind::Bool(b) => Some(Test::IsSet(b)),
                _ => self.fault(node, "`is-set` takes true or false"),
            },
            ("includes", Type::Choices(_) | Type::Permissions) => Some(Test::IncludesAny(vec![self.member(node, ty)?])),
            ("includes-any", Type::Choices(_) | Type::Permissions) => Some(Test::IncludesAny(self.members(node, ty)?)),
            ("includes-all", Type::Choices(_) | Type::Permissions) => Some(Test::IncludesAll(self.members(node, ty)?)),
            (op @ ("at-least" | "at-most"), Type::Number { .. }) => match node.kind {
                Kind::Integer(i) if op == "at-least" => Some(Test::AtLeast(i)),
                Kind::Integer(i) => Some(Test::AtMost(i)),
                _ => self.fault(node, "expected a whole number"),
            },
            (op @ ("at-least" | "at-most"), Type::Choice(values)) => {
                let written = self.member(node, ty)?;
                let ids: Vec<String> = values.iter().map(|(id, _)| id.clone()).collect();
                let index = ids.iter().position(|id| *id == written)?;
                Some(if op == "at-least" { Test::ChoiceAtLeast(index, ids) } else { Test::ChoiceAtMost(index, ids) })
            }
            (op @ ("before" | "after"), Type::Date) => match node.kind {
                Kind::Date(d) if op == "before" => Some(Test::Before(d)),
                Kind::Date(d) => Some(Test::After(d)),
                _ => self.fault(node, "expected a date"),
            },
            ("older-than", Type::Version) => self.older_than(node),
            ("class-at-least", Type::Permissions) => match node.kind {
                Kind::Integer(i @ 1..=4) => Some(Test::ClassAtLeast(i as u8)),
                _ => self.fault(node, "expected a privacy class from 1 to 4"),
            },
            (op @ ("any" | "every"), Type::Records { fields, .. }) => {
                let tests = self.field_tests(node, fields)?;
                Some(if op == "any" { Test::Any(tests) } else { Test::Every(tests) })
            }
            (op, ty) => {
                self.push(
                    Diagnostic::error("catalog-condition", format!("`{op}` does not fit a fact of type {}", ty.id()))
                        .at(&entry.key_place, "docs/catalogue.md lists the operators"),
                );
                None
            }
        }
    }

    fn older_than(&self, node: &Node) -> Option<Test> {
        let written = node.str().or_else(|| self.fault(node, "expected a version or a vendor fact"))?;
        if written.starts_with("vendor.") {
            return match self.vocabulary.get(written) {
                Some(FactDef { ty: Type::Version, kind: FactKind::Vendor { .. }, .. }) => {
                    Some(Test::OlderThan(VersionRef::Fact(written.to_owned())))
                }
                _ => self.fault(node, "there is no such vendor fact of type version"),
            };
        }
        match Version::parse(written) {
            Some(version) => Some(Test::OlderThan(VersionRef::Literal(version))),
            None => self.fault(node, "expected a version like \"4.30.0\""),
        }
    }

    fn field_tests(&self, node: &Node, fields: &[FieldDef]) -> Option<Vec<FieldTest>> {
        let table = node.table().or_else(|| self.fault(node, "expected a table of fields"))?;
        table
            .entries
            .iter()
            .map(|e| match fields.iter().find(|f| f.id == e.key) {
                Some(field) => self.test(&e.node, &field.ty).map(|test| FieldTest { field: e.key.clone(), test }),
                None => self.fault(&e.node, "there is no such field of the record"),
            })
            .collect()
    }

    fn members(&self, node: &Node, ty: &Type) -> Option<Vec<String>> {
        let items = node.array().or_else(|| self.fault(node, "expected a list"))?;
        items.iter().map(|n| self.member(n, ty)).collect()
    }

    /// A text that is a value of the type, where the type lists its values.
    fn member(&self, node: &Node, ty: &Type) -> Option<String> {
        let written = node.str().or_else(|| self.fault(node, "expected a text in quotes"))?;
        if matches!(ty, Type::Permissions) || ty.values().iter().any(|(id, _)| id == written) {
            return Some(written.to_owned());
        }
        self.fault(node, "not among the values of the fact")
    }

    fn value(&self, node: &Node, ty: &Type) -> Option<Value> {
        let faults = RefCell::default();
        let value = value(ty, node, "the fact", &faults);
        for mut diagnostic in faults.into_inner() {
            diagnostic.code = "catalog-condition";
            diagnostic.message = diagnostic.message.replace("`the fact`", "the fact");
            self.push(diagnostic);
        }
        value
    }

    fn fault<T>(&self, node: &Node, what: &str) -> Option<T> {
        self.push(Diagnostic::error("catalog-condition", what).at(&node.place, "here"));
        None
    }

    fn push(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }
}

/// The definition of a field; the key field is a text.
pub(super) fn field_of<'a>(ty: &'a Type, field: &str) -> Option<&'a FieldDef> {
    match ty {
        Type::Records { fields, .. } => fields.iter().find(|f| f.id == field),
        _ => None,
    }
}

/// The expectation as an author would write it.
fn written(node: &Node) -> String {
    let text = node.to_json().to_string();
    text.trim_start_matches('"').trim_end_matches('"').to_owned()
}
