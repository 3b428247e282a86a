//! The questionnaire, Microsoft's defaults and what Microsoft does, as dated rows.

use super::Catalog;
use super::conditions::Context;
use super::files::{Item, Nodes};
use crate::diagnostic::Diagnostic;
use crate::model::{Condition, FactDef, FactKind, FieldDef, Row, Tag, Text, Type, Vocabulary};
use crate::source::{Fields, Node, value};
use std::cell::RefCell;

const TYPES: [&str; 9] = ["flag", "choice", "choices", "number", "date", "version", "text", "permissions", "records"];
const ASKED_OF: [&str; 5] = ["administrator", "hr", "dpo", "contract-manager", "management"];
/// The fact that lists the platforms, and says which are in use.
const PLATFORMS: &str = "services.platforms";

/// Definitions first, because conditions refer to them; then rows and derived facts.
pub(super) fn load(catalog: &mut Catalog, nodes: &Nodes, diagnostics: &RefCell<Vec<Diagnostic>>) {
    let mut vocabulary = Vocabulary { platforms_in_use: PLATFORMS.to_owned(), ..Vocabulary::default() };
    vocabulary.permission_guids = catalog
        .permissions
        .values()
        .filter_map(|p| Some((format!("{}:{}", p.id.split(':').next()?, p.guid.as_ref()?.to_lowercase()), p.id.clone())))
        .collect();
    vocabulary.combinations = nodes.of("combinations").iter().filter_map(|i| super::lists::combination(i, diagnostics)).collect();
    vocabulary.permission_classes = catalog.permissions.values().map(|p| (p.id.clone(), p.class)).collect();
    for item in nodes.of("facts").iter().chain(nodes.of("vendor")) {
        if let Some(def) = definition(item, diagnostics) {
            vocabulary.facts.insert(item.id.clone(), def);
        }
    }
    if let Some(def) = vocabulary.get(PLATFORMS) {
        vocabulary.platforms = def.ty.values().iter().map(|(id, _)| id.clone()).collect();
    }
    let mut complete = vocabulary.clone();
    for item in nodes.of("facts").iter().chain(nodes.of("vendor")) {
        let Some(def) = complete.facts.get_mut(&item.id) else { continue };
        // Rows of a vendor fact about versions may depend on the record that asks (`record.app`).
        let records: Vec<&FactDef> = vocabulary.facts.values().filter(|d| matches!(d.ty, Type::Records { .. })).collect();
        let read = |key: &str| rows(item, key, &def.ty, &vocabulary, &records, diagnostics);
        let (defaults, out_of_reach) = (read("not-configured"), read("out-of-reach"));
        let vendor = read("row");
        def.defaults = defaults;
        def.out_of_reach = out_of_reach;
        match &mut def.kind {
            FactKind::Vendor { rows } => *rows = vendor,
            FactKind::Derived { paths } => *paths = derived(item, &vocabulary, diagnostics),
            FactKind::Asked => {}
        }
    }
    catalog.vocabulary = complete;
}

fn definition(item: &Item, diagnostics: &RefCell<Vec<Diagnostic>>) -> Option<FactDef> {
    let fields = Fields::of(&item.node, &format!("the fact `{}`", item.id), diagnostics)?;
    let area = item.id.split('.').next().unwrap_or_default();
    let kind = match area {
        "vendor" => FactKind::Vendor { rows: Vec::new() },
        "derived" => FactKind::Derived { paths: Vec::new() },
        _ => FactKind::Asked,
    };
    let asked = matches!(kind, FactKind::Asked);
    let ty = if area == "derived" { Type::Flag } else { read_type(&fields, &item.id, diagnostics)? };
    let per = fields.strs("per");
    let def = FactDef {
        id: item.id.clone(),
        ty,
        per_platform: per.contains(&"platform"),
        per_population: per.contains(&"population"),
        asked_of: fields.choice("asked-of", &ASKED_OF).unwrap_or_default().to_owned(),
        control: fields.str("control").map(str::to_owned),
        label: fields.required_text("label"),
        question: if asked { fields.required_text("question") } else { fields.text("question").unwrap_or_default() },
        defaults: Vec::new(),
        out_of_reach: Vec::new(),
        only_describes: fields.bool("only-describes").unwrap_or(false),
        place: item.node.place.clone(),
        kind,
    };
    if asked && def.asked_of.is_empty() {
        fields.required("asked-of");
    }
    for key in ["not-configured", "out-of-reach", "row", "when"] {
        let _ = fields.entry(key);
    }
    fields.finish();
    Some(def)
}

fn read_type(fields: &Fields<'_, '_>, id: &str, diagnostics: &RefCell<Vec<Diagnostic>>) -> Option<Type> {
    fields.required("type")?;
    let words = |fields: &Fields<'_, '_>| -> Vec<(String, Text)> {
        let texts = fields.node("value").and_then(|n| Fields::of(n, &format!("the words for values of `{id}`"), diagnostics));
        let values = fields
            .strs("values")
            .into_iter()
            .map(|v| (v.to_owned(), texts.as_ref().map(|t| t.required_text(v)).unwrap_or_default()))
            .collect();
        if let Some(texts) = texts {
            texts.finish();
        } else {
            fields.required("value");
        }
        values
    };
    Some(match fields.choice("type", &TYPES)? {
        "flag" => Type::Flag,
        "choice" => Type::Choice(words(fields)),
        "choices" => Type::Choices(words(fields)),
        "number" => Type::Number { unit: fields.required_text("unit"), min: fields.int("min"), max: fields.int("max") },
        "date" => Type::Date,
        "version" => Type::Version,
        "text" => Type::Text,
        "permissions" => Type::Permissions,
        _ => Type::Records {
            key: fields.required_str("key")?.to_owned(),
            name: fields.required_str("name")?.to_owned(),
            fields: fields.entries("field").iter().filter_map(|e| field(&e.key, &e.node, diagnostics)).collect(),
        },
    })
}

fn field(id: &str, node: &Node, diagnostics: &RefCell<Vec<Diagnostic>>) -> Option<FieldDef> {
    let fields = Fields::of(node, &format!("the field `{id}`"), diagnostics)?;
    let ty = read_type(&fields, id, diagnostics)?;
    let def = FieldDef {
        id: id.to_owned(),
        ty,
        optional: fields.bool("optional").unwrap_or(false),
        only_describes: fields.bool("only-describes").unwrap_or(false),
        label: fields.required_text("label"),
        question: fields.text("question").unwrap_or_default(),
    };
    fields.finish();
    Some(def)
}

fn rows(
    item: &Item,
    key: &str,
    ty: &Type,
    vocabulary: &Vocabulary,
    records: &[&FactDef],
    diagnostics: &RefCell<Vec<Diagnostic>>,
) -> Vec<Row> {
    let Some(node) = item.node.table().and_then(|t| t.get(key)) else { return Vec::new() };
    let Some(nodes) = node.array() else {
        diagnostics.borrow_mut().push(
            Diagnostic::error("catalog-format", format!("`{key}` is a list of rows: [[{}.{key}]]", item.id))
                .at(&node.place, "expected a list"),
        );
        return Vec::new();
    };
    nodes.iter().filter_map(|n| row(n, &item.id, ty, vocabulary, records, diagnostics)).collect()
}

fn row(
    node: &Node,
    id: &str,
    ty: &Type,
    vocabulary: &Vocabulary,
    records: &[&FactDef],
    diagnostics: &RefCell<Vec<Diagnostic>>,
) -> Option<Row> {
    let fields = Fields::of(node, &format!("a row of `{id}`"), diagnostics)?;
    let when = fields.node("when").map(|n| {
        let mentions = |field: &str| n.table().is_some_and(|t| t.keys().any(|k| k.strip_prefix("record.") == Some(field)));
        let record = records.iter().copied().find(|r| match &r.ty {
            Type::Records { fields, .. } => fields.iter().any(|f| mentions(&f.id)),
            _ => false,
        });
        Context { vocabulary, record, platform: true, diagnostics }.condition(n, &[])
    });
    let value = fields.required("value").and_then(|n| value(ty, n, id, diagnostics));
    let (from, until) = (fields.date("from"), fields.date("until"));
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        fields.push(Diagnostic::error("date-impossible", "the row ends before it begins").at(&node.place, "`until` must lie after `from`"));
    }
    fields.required("tag");
    let row = Row {
        from,
        until,
        when: when.unwrap_or_default(),
        value: value?,
        sources: fields.strs("sources").into_iter().map(str::to_owned).collect(),
        tag: fields.choice("tag", &["verified", "secondary", "recalled"]).and_then(|t| Tag::ALL.into_iter().find(|x| x.id() == t))?,
        last_seen: fields.required("last-seen").and_then(|_| fields.date("last-seen"))?,
        note: fields.text("note"),
        place: node.place.clone(),
    };
    if row.sources.is_empty() && row.tag != Tag::Recalled {
        fields.push(Diagnostic::error("catalog-reference", "a statement about Microsoft needs a source").at(&node.place, "add `sources`"));
    }
    fields.finish();
    Some(row)
}

fn derived(item: &Item, vocabulary: &Vocabulary, diagnostics: &RefCell<Vec<Diagnostic>>) -> Vec<Condition> {
    let context = Context { vocabulary, record: None, platform: false, diagnostics };
    let paths: Vec<Condition> = item
        .node
        .table()
        .and_then(|t| t.get("when"))
        .and_then(Node::array)
        .unwrap_or_default()
        .iter()
        .map(|n| context.condition(n, &["id"]))
        .collect();
    if paths.is_empty() {
        diagnostics.borrow_mut().push(
            Diagnostic::error("catalog-format", format!("`{}` has no [[{}.when]]", item.id, item.id))
                .at(&item.node.place, "a derived fact is a condition"),
        );
    }
    paths
}
