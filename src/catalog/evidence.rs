//! Kinds of evidence: which files a tenant exports, and what their cells show.

use super::Catalog;
use super::files::{Item, Nodes};
use super::lists::{each, owned};
use crate::diagnostic::Diagnostic;
use crate::model::{EvidenceKind, EvidenceRule, FactDef, Reader, RuleKind, Shown, Tag, Type, Vocabulary, Words};
use crate::source::{Entry, Fields, Kind, Node, value};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// In a description and here: Microsoft's default holds.
const NOT_CONFIGURED: &str = "not-configured";

pub(super) fn load(catalog: &mut Catalog, nodes: &Nodes, diagnostics: &RefCell<Vec<Diagnostic>>) {
    let vocabulary = catalog.vocabulary.clone();
    catalog.evidence = each(nodes, "evidence", |i| Loader { vocabulary: &vocabulary, diagnostics }.kind(i));
}

struct Loader<'a> {
    vocabulary: &'a Vocabulary,
    diagnostics: &'a RefCell<Vec<Diagnostic>>,
}

impl<'a> Loader<'a> {
    fn kind(&self, item: &Item) -> Option<EvidenceKind> {
        let fields = self.fields(&item.node, &format!("the kind of evidence `{}`", item.id))?;
        fields.required("reader");
        let words: Vec<&str> = Reader::ALL.iter().map(|(_, w)| *w).collect();
        let word = fields.choice("reader", &words);
        let reader = Reader::ALL.iter().find(|(_, w)| Some(*w) == word).map(|(r, _)| *r)?;
        fields.required("tag");
        let tag = self.tag(&fields);
        let mut columns: BTreeMap<String, Vec<String>> =
            fields.entries("columns").iter().map(|e| (e.key.clone(), self.texts(&e.node))).collect();
        let base = columns.remove("base").unwrap_or_default();
        let built_in = columns.remove("built-in").unwrap_or_default();
        let _ = fields.str("dialect");
        let headings = fields.nodes("headings").iter().map(|n| self.texts(n)).collect();
        let lower = |e: &Entry| Some((e.key.trim().to_lowercase(), e.node.str()?.to_owned()));
        let words = fields
            .entries("words")
            .iter()
            .map(|e| (e.key.clone(), e.node.table().map(|t| t.entries.iter().filter_map(lower).collect()).unwrap_or_default()))
            .collect();
        let text_pairs = |key: &str| -> BTreeMap<String, String> {
            fields.entries(key).iter().filter_map(|e| Some((e.key.clone(), e.node.str()?.to_owned()))).collect()
        };
        let list = fields.str("list").map(str::to_owned);
        let kind = EvidenceKind {
            id: item.id.clone(),
            reader,
            label: fields.required_text("label"),
            covers: fields.required_text("covers"),
            complete: fields.bool("complete").unwrap_or(false),
            persons: fields.bool("persons").unwrap_or(false),
            obtain: fields.required_text("obtain"),
            command: fields.str("command").map(str::to_owned),
            role: fields.str("role").map(str::to_owned),
            remove: fields.text("remove"),
            sources: owned(fields.strs("sources")),
            tag: tag.unwrap_or(Tag::Recalled),
            last_seen: fields.required("last-seen").and_then(|_| fields.date("last-seen"))?,
            headings,
            sheet: fields.str("sheet").map(str::to_owned),
            aliases: fields.entries("aliases").iter().map(|e| (e.key.clone(), self.texts(&e.node))).collect(),
            columns,
            words,
            base,
            built_in,
            microsoft_tenants: owned(fields.strs("microsoft-tenants")),
            speaks_for: owned(fields.strs("speaks-for")),
            json: fields.entries("json").iter().map(|e| (e.key.clone(), self.texts(&e.node))).collect(),
            renamed: text_pairs("renamed"),
            rules: self.rules(&fields, tag.unwrap_or(Tag::Recalled), list.as_deref()),
            list,
            place: item.node.place.clone(),
        };
        fields.finish();
        Some(kind)
    }

    fn rules(&self, fields: &Fields<'_, '_>, tag: Tag, list: Option<&str>) -> Vec<EvidenceRule> {
        type Read<'l, 'a> = fn(&Loader<'a>, &Fields<'_, '_>) -> Option<RuleKind>;
        let readers: [(&str, Read<'_, 'a>); 14] = [
            ("setting", Self::setting),
            ("rule", Self::together),
            ("policy", Self::policy),
            ("check", Self::check),
            ("shows", Self::shows),
            ("licence", Self::licence),
            ("count", Self::count),
            ("largest", Self::largest),
            ("assigned", Self::assigned),
            ("grants", Self::grants),
            ("location", Self::location),
            ("workload", Self::workload),
            ("embedded", Self::embedded),
            ("concealed", Self::concealed),
        ];
        let mut rules = Vec::new();
        for (key, read) in readers {
            // `[concealed]` is one table, the others are lists of them.
            let nodes: Vec<&Node> = match fields.node(key) {
                Some(node @ Node { kind: Kind::Table(_), .. }) => vec![node],
                Some(node) => node.array().map(|a| a.iter().collect()).unwrap_or_default(),
                None => Vec::new(),
            };
            rules.extend(nodes.into_iter().filter_map(|n| self.rule(n, key, tag, |f| read(self, f))));
        }
        let def = list.and_then(|l| self.vocabulary.get(l));
        rules.extend(fields.nodes("field").iter().filter_map(|n| self.rule(n, "field", tag, |f| self.field(f, def))));
        rules
    }

    fn rule(&self, node: &Node, key: &str, tag: Tag, read: impl Fn(&Fields<'_, '_>) -> Option<RuleKind>) -> Option<EvidenceRule> {
        let fields = self.fields(node, &format!("a rule [[{key}]]"))?;
        let what = read(&fields);
        let rule = EvidenceRule {
            what: what?,
            sources: owned(fields.strs("sources")),
            tag: self.tag(&fields).unwrap_or(tag),
            note: fields.text("note"),
            place: node.place.clone(),
        };
        let _ = fields.date("last-seen");
        fields.finish();
        Some(rule)
    }

    fn setting(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let (fact, def) = self.fact(fields)?;
        let steps = fields
            .nodes("steps")
            .iter()
            .filter_map(|n| {
                let step = self.fields(n, "a step")?;
                let result = (step.int("at-most"), self.shown_in(&step, "value", def)?);
                step.finish();
                Some(result)
            })
            .collect();
        Some(RuleKind::Setting {
            parameter: fields.required_str("parameter")?.to_owned(),
            fact,
            values: self.words(fields, "values", def),
            number: fields.bool("number").unwrap_or(false),
            steps,
        })
    }

    fn together(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let (fact, def) = self.fact(fields)?;
        fields.required("when");
        let when = fields.entries("when").iter().map(|e| (e.key.clone(), self.texts(&e.node))).collect();
        Some(RuleKind::Together { when, fact, shown: self.shown_in(fields, "value", def)? })
    }

    fn policy(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let (fact, def) = self.fact(fields)?;
        fields.required("names");
        Some(RuleKind::Policy { names: owned(fields.strs("names")), fact, values: self.words(fields, "values", def) })
    }

    fn check(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let (fact, def) = self.fact(fields)?;
        let shown = |key: &str| fields.node(key).and_then(|n| self.shown(n, def));
        Some(RuleKind::Check { id: fields.required_str("id")?.to_owned(), fact, pass: shown("pass"), fail: shown("fail") })
    }

    fn shows(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let (fact, def) = self.fact(fields)?;
        fields.required("columns");
        Some(RuleKind::Shows { columns: owned(fields.strs("columns")), fact, shown: self.member_in(fields, "value", def)? })
    }

    fn concealed(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        Some(RuleKind::Concealed { fact: self.fact(fields)?.0 })
    }

    fn licence(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let (fact, def) = self.fact(fields)?;
        fields.required("products");
        let none = fields.node("none").and_then(|n| self.shown(n, def));
        Some(RuleKind::Licence { products: owned(fields.strs("products")), fact, shown: self.member_in(fields, "value", def)?, none })
    }

    fn count(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let (fact, def) = self.fact(fields)?;
        let shown = |key: &str| fields.node(key).and_then(|n| self.shown(n, def));
        Some(RuleKind::Count {
            column: fields.required_str("column")?.to_owned(),
            values: owned(fields.strs("values")),
            fact,
            some: shown("some"),
            none: shown("none"),
            all: shown("all"),
            number: fields.bool("number").unwrap_or(false),
        })
    }

    fn largest(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let (fact, _) = self.fact(fields)?;
        Some(RuleKind::Largest { column: fields.required_str("column")?.to_owned(), fact })
    }

    fn assigned(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let (column, kind) = (fields.required_str("column")?, fields.required_str("kind")?);
        Some(RuleKind::Assigned { column: column.to_owned(), kind: kind.to_owned() })
    }

    fn grants(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let (fact, def) = self.fact(fields)?;
        let shown = |key: &str| fields.node(key).and_then(|n| self.shown(n, def));
        let consent = fields.required_str("consent")?.to_owned();
        Some(RuleKind::Grants { consent, fact, some: shown("some"), none: shown("none") })
    }

    fn field(&self, fields: &Fields<'_, '_>, list: Option<&FactDef>) -> Option<RuleKind> {
        let id = fields.required_str("field")?;
        let field = list.and_then(|d| match &d.ty {
            Type::Records { fields, .. } => fields.iter().find(|f| f.id == id),
            _ => None,
        });
        let Some(field) = field else {
            fields.push(
                Diagnostic::error("catalog-reference", format!("there is no field `{id}` in the list of this kind"))
                    .at(fields.place(), "not a field of `list`"),
            );
            return None;
        };
        let values = fields.entries("values").iter().filter_map(|e| {
            let value = value(&field.ty, &e.node, id, self.diagnostics)?;
            Some((e.key.trim().to_lowercase(), Shown::Is(value)))
        });
        Some(RuleKind::Field { column: fields.required_str("column")?.to_owned(), field: id.to_owned(), values: values.collect() })
    }

    fn location(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let workload = fields.required_str("workload")?.to_owned();
        Some(RuleKind::Location { column: fields.required_str("column")?.to_owned(), words: owned(fields.strs("words")), workload })
    }

    fn workload(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        let (fact, def) = self.fact(fields)?;
        Some(RuleKind::Workload { id: fields.required_str("id")?.to_owned(), fact, values: self.words(fields, "values", def) })
    }

    fn embedded(&self, fields: &Fields<'_, '_>) -> Option<RuleKind> {
        Some(RuleKind::Embedded { path: fields.required_str("path")?.to_owned(), kind: fields.required_str("kind")?.to_owned() })
    }

    fn fact(&self, fields: &Fields<'_, '_>) -> Option<(String, &'a FactDef)> {
        let id = fields.required_str("fact")?;
        let def = self.vocabulary.get(id).filter(|d| d.is_asked());
        if def.is_none() {
            let asked = self.vocabulary.facts.values().filter(|d| d.is_asked()).map(|d| d.id.as_str());
            fields.push(
                Diagnostic::error("catalog-reference", format!("there is no fact `{id}` that evidence could show"))
                    .at(fields.place(), "expected an asked fact")
                    .nearest(id, asked),
            );
        }
        Some((id.to_owned(), def?))
    }

    /// `value = …` or `one-of = [...]` beside it.
    fn shown_in(&self, fields: &Fields<'_, '_>, key: &str, def: &FactDef) -> Option<Shown> {
        match (fields.node(key), fields.node("one-of")) {
            (Some(node), None) => self.shown(node, def),
            (None, Some(node)) => self.one_of(node, def),
            _ => {
                fields.push(
                    Diagnostic::error("catalog-format", format!("a rule says `{key}` or `one-of`"))
                        .at(fields.place(), "expected one of the two"),
                );
                None
            }
        }
    }

    /// What a member of a set, or a value, shows by being there.
    fn member_in(&self, fields: &Fields<'_, '_>, key: &str, def: &FactDef) -> Option<Shown> {
        match (&def.ty, fields.node(key)) {
            (Type::Choices(values), Some(node)) => {
                let listed = match &node.kind {
                    Kind::Array(_) => self.texts(node),
                    _ => node.str().map(str::to_owned).into_iter().collect(),
                };
                let unknown = listed.iter().find(|w| !values.iter().any(|(id, _)| id == *w));
                if let Some(word) = unknown {
                    fields.push(
                        Diagnostic::error("choice-unknown", format!("`{word}` is not a value of `{}`", def.id))
                            .at(&node.place, "not in the fact's values"),
                    );
                    return None;
                }
                Some(Shown::Includes(listed.into_iter().collect()))
            }
            _ => self.shown_in(fields, key, def),
        }
    }

    fn shown(&self, node: &Node, def: &FactDef) -> Option<Shown> {
        if let Kind::Table(table) = &node.kind {
            let fields = self.fields(node, "what a cell shows")?;
            let shown = table.get("one-of").and_then(|n| self.one_of(n, def));
            fields.required("one-of");
            fields.finish();
            return shown;
        }
        if node.str() == Some(NOT_CONFIGURED) && !def.ty.values().iter().any(|(id, _)| id == NOT_CONFIGURED) {
            if def.defaults.is_empty() {
                self.diagnostics.borrow_mut().push(
                    Diagnostic::error("fact-not-configurable", format!("the catalogue knows no default for `{}`", def.id))
                        .at(&node.place, "a cell cannot show the default"),
                );
                return None;
            }
            return Some(Shown::NotConfigured);
        }
        value(&def.ty, node, &def.id, self.diagnostics).map(Shown::Is)
    }

    fn one_of(&self, node: &Node, def: &FactDef) -> Option<Shown> {
        let values: Vec<_> = node.array()?.iter().filter_map(|n| value(&def.ty, n, &def.id, self.diagnostics)).collect();
        Some(Shown::OneOf(values))
    }

    fn words(&self, fields: &Fields<'_, '_>, key: &str, def: &FactDef) -> Words {
        fields.entries(key).iter().filter_map(|e| Some((e.key.trim().to_lowercase(), self.shown(&e.node, def)?))).collect()
    }

    /// A text, or a list of texts.
    fn texts(&self, node: &Node) -> Vec<String> {
        match &node.kind {
            Kind::String(text) => vec![text.clone()],
            Kind::Array(items) => items.iter().filter_map(Node::str).map(str::to_owned).collect(),
            _ => {
                self.diagnostics.borrow_mut().push(
                    Diagnostic::error("type-mismatch", format!("expected a text or a list of texts, found {}", node.type_name()))
                        .at(&node.place, "expected a text or a list of texts"),
                );
                Vec::new()
            }
        }
    }

    fn tag(&self, fields: &Fields<'_, '_>) -> Option<Tag> {
        let word = fields.choice("tag", &["verified", "secondary", "recalled"])?;
        Tag::ALL.into_iter().find(|t| t.id() == word)
    }

    fn fields<'n>(&self, node: &'n Node, what: &str) -> Option<Fields<'n, 'a>> {
        Fields::of(node, what, self.diagnostics)
    }
}
