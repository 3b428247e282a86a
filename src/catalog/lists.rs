//! The lists: taxonomy, sources, permissions, methods, completeness rules, glossary, screening lists.

use super::Catalog;
use super::conditions::Context;
use super::files::{Item, Nodes};
use crate::diagnostic::Diagnostic;
use crate::model::{
    Cell, CellTag, Combination, Entry, Lang, Level, ListItem, Method, Permission, Rule, ScreeningList, Source, Step, Tag, Term, Text,
};
use crate::source::{Fields, Kind, Node};
use std::cell::RefCell;
use std::collections::BTreeMap;

type Sink = RefCell<Vec<Diagnostic>>;

pub(super) fn load(catalog: &mut Catalog, nodes: &Nodes, diagnostics: &Sink) {
    for item in nodes.of("taxonomy") {
        if let Some(entry) = entry(item, diagnostics) {
            catalog.taxonomy.entry(item.group.clone()).or_default().push(entry);
        }
    }
    catalog.sources = each(nodes, "sources", |i| source(i, diagnostics));
    catalog.permissions = each(nodes, "permissions", |i| permission(i, diagnostics));
    catalog.methods = each(nodes, "methods", |i| method(i, diagnostics));
    catalog.rules = nodes.of("completeness").iter().filter_map(|i| rule(i, diagnostics)).collect();
    catalog.terms = nodes.of("glossary").iter().filter_map(|i| term(i, diagnostics)).collect();
}

/// Screening lists have conditions, so they come after the facts.
pub(super) fn load_screening(catalog: &mut Catalog, nodes: &Nodes, diagnostics: &Sink) {
    let vocabulary = catalog.vocabulary.clone();
    let context = Context { vocabulary: &vocabulary, record: None, platform: false, diagnostics };
    catalog.lists = each(nodes, "lists", |i| screening(i, &context));
}

pub(super) fn each<T>(nodes: &Nodes, kind: &str, read: impl Fn(&Item) -> Option<T>) -> BTreeMap<String, T> {
    nodes.of(kind).iter().filter_map(|i| Some((i.id.clone(), read(i)?))).collect()
}

pub(super) fn owned(list: Vec<&str>) -> Vec<String> {
    list.into_iter().map(str::to_owned).collect()
}

pub(super) fn tag(fields: &Fields<'_, '_>) -> Option<Tag> {
    fields.required("tag")?;
    let word = fields.choice("tag", &["verified", "secondary", "recalled"])?;
    Tag::ALL.into_iter().find(|t| t.id() == word)
}

fn entry(item: &Item, diagnostics: &Sink) -> Option<Entry> {
    let fields = Fields::of(&item.node, &format!("the entry `{}`", item.id), diagnostics)?;
    let id = item.id.split_once('/').map_or(item.id.as_str(), |(_, id)| id);
    let uses = fields.choice("uses", &["inside", "outside"]).map(str::to_owned);
    let if_declared = fields.bool("if-declared").unwrap_or(false);
    let areas = owned(fields.strs("areas"));
    let entry =
        Entry { id: id.to_owned(), uses, if_declared, areas, label: fields.required_text("label"), explain: fields.text("explain") };
    fields.finish();
    Some(entry)
}

fn source(item: &Item, diagnostics: &Sink) -> Option<Source> {
    let fields = Fields::of(&item.node, &format!("the source `{}`", item.id), diagnostics)?;
    let source = Source {
        id: item.id.clone(),
        title: fields.required_str("title")?.to_owned(),
        publisher: fields.required_str("publisher")?.to_owned(),
        date: fields.required_str("date")?.to_owned(),
        address: fields.str("address").map(str::to_owned),
        kind: fields.required_str("kind")?.to_owned(),
        lang: fields.str("lang").map(str::to_owned),
    };
    let _ = fields.text("note");
    fields.finish();
    Some(source)
}

fn permission(item: &Item, diagnostics: &Sink) -> Option<Permission> {
    let fields = Fields::of(&item.node, &format!("the permission `{}`", item.id), diagnostics)?;
    let permission = Permission {
        id: item.id.clone(),
        class: u8::try_from(fields.required("class").and_then(|_| fields.int_in("class", 1..=4))?).ok()?,
        resource: fields.required_str("resource")?.to_owned(),
        guid: fields.str("id").map(str::to_owned),
        user_consent: fields.choice("user-consent", &["allowed", "blocked", "admin"]).map(str::to_owned),
        opens: fields.required_text("opens"),
        sources: owned(fields.strs("sources")),
        tag: tag(&fields)?,
    };
    fields.finish();
    Some(permission)
}

fn method(item: &Item, diagnostics: &Sink) -> Option<Method> {
    let fields = Fields::of(&item.node, &format!("the method `{}`", item.id), diagnostics)?;
    let words = fields.node("level").and_then(|n| Fields::of(n, "the words for levels", diagnostics))?;
    let levels: Vec<(Level, Text)> =
        fields.strs("levels").into_iter().filter_map(|id| Some((Level::from_id(id)?, words.required_text(id)))).collect();
    words.finish();
    let method = Method {
        id: item.id.clone(),
        name: fields.required_text("name"),
        about: fields.required_text("about"),
        note: fields.text("note"),
        sources: owned(fields.strs("sources")),
        levels,
        likelihood: steps(fields.nodes("likelihood"), diagnostics),
        severity: steps(fields.nodes("severity"), diagnostics),
        cells: fields.nodes("cell").iter().filter_map(|n| cell(n, diagnostics)).collect(),
        consult_from: Level::from_id(fields.required_str("consult-from")?)?,
        countries: owned(fields.strs("countries")),
    };
    for l in 1..=4 {
        for s in 1..=4 {
            if method.cell(l, s).is_none() {
                fields.push(
                    Diagnostic::error("catalog-format", format!("the matrix has no cell for likelihood {l}, severity {s}"))
                        .at(&item.node.place, "every combination needs a cell"),
                );
            }
        }
    }
    fields.finish();
    Some(method)
}

fn steps(nodes: &[Node], diagnostics: &Sink) -> Vec<Step> {
    nodes
        .iter()
        .filter_map(|n| {
            let fields = Fields::of(n, "a step of a scale", diagnostics)?;
            let from = fields
                .nodes("from")
                .iter()
                .filter_map(|n| if let Kind::Integer(i) = n.kind { u8::try_from(i).ok() } else { None })
                .collect();
            let step = Step {
                id: fields.required_str("id")?.to_owned(),
                label: fields.required_text("label"),
                meaning: fields.required_text("meaning"),
                from,
            };
            fields.finish();
            Some(step)
        })
        .collect()
}

fn cell(node: &Node, diagnostics: &Sink) -> Option<((String, String), Cell)> {
    let fields = Fields::of(node, "a cell of the matrix", diagnostics)?;
    let key = (fields.required_str("likelihood")?.to_owned(), fields.required_str("severity")?.to_owned());
    let tag = match fields.choice("tag", &["verified", "recalled", "ours"])? {
        "verified" => CellTag::Verified,
        "recalled" => CellTag::Recalled,
        _ => CellTag::Ours,
    };
    let cell = Cell { level: Level::from_id(fields.required_str("level")?)?, tag, sources: owned(fields.strs("sources")) };
    fields.finish();
    Some((key, cell))
}

fn rule(item: &Item, diagnostics: &Sink) -> Option<Rule> {
    let fields = Fields::of(&item.node, &format!("the rule `{}`", item.id), diagnostics)?;
    fields.required("id");
    let rule = Rule {
        id: item.id.clone(),
        title: fields.required_text("title"),
        mandatory: fields.choice("severity", &["mandatory", "advisory"])? == "mandatory",
        section: fields.required_str("section")?.to_owned(),
        needs: owned(fields.strs("needs")),
        check: fields.str("check").map(str::to_owned),
    };
    fields.finish();
    Some(rule)
}

fn term(item: &Item, diagnostics: &Sink) -> Option<Term> {
    let fields = Fields::of(&item.node, &format!("the term `{}`", item.id), diagnostics)?;
    let aliases = fields.node("aliases").and_then(|n| Fields::of(n, "the aliases", diagnostics));
    let term = Term {
        id: item.id.clone(),
        term: fields.required_text("term"),
        meaning: fields.required_text("meaning"),
        aliases: Lang::ALL.map(|l| aliases.as_ref().map(|a| owned(a.strs(l.code()))).unwrap_or_default()),
    };
    if let Some(aliases) = aliases {
        aliases.finish();
    }
    let _ = fields.strs("sources");
    fields.finish();
    Some(term)
}

fn screening(item: &Item, context: &Context<'_>) -> Option<ScreeningList> {
    let fields = Fields::of(&item.node, &format!("the list `{}`", item.id), context.diagnostics)?;
    let items = fields.nodes("item").iter().filter_map(|n| list_item(n, context)).collect();
    let count = |key: &str| fields.int_in(key, 1..=99).and_then(|i| usize::try_from(i).ok());
    let list = ScreeningList {
        id: item.id.clone(),
        countries: owned(fields.strs("countries")),
        title: fields.required_text("title"),
        authority: fields.required_str("authority")?.to_owned(),
        date: fields.date("date"),
        required_from: fields.required("required-from").and_then(|_| count("required-from"))?,
        recommended_from: count("recommended-from"),
        sources: owned(fields.strs("sources")),
        about: fields.text("about"),
        when: context.paths(&fields),
        items,
        place: item.node.place.clone(),
    };
    fields.finish();
    Some(list)
}

fn list_item(node: &Node, context: &Context<'_>) -> Option<ListItem> {
    let fields = Fields::of(node, "an item of a list", context.diagnostics)?;
    let item = ListItem {
        number: fields.required("number").map(|n| n.str().map_or_else(|| n.to_json().to_string(), str::to_owned))?,
        title: fields.required_text("title"),
        reading: fields.text("reading"),
        tag: tag(&fields)?,
        sources: owned(fields.strs("sources")),
        when: context.paths(&fields),
    };
    fields.finish();
    Some(item)
}

pub(super) fn combination(item: &Item, diagnostics: &Sink) -> Option<Combination> {
    let fields = Fields::of(&item.node, &format!("the combination `{}`", item.id), diagnostics)?;
    fields.required("all");
    let lists = fields.node("all").and_then(Node::array).unwrap_or_default();
    let combination = Combination {
        id: item.id.clone(),
        all: lists.iter().map(|n| n.array().unwrap_or_default().iter().filter_map(Node::str).map(str::to_owned).collect()).collect(),
        class: u8::try_from(fields.required("class").and_then(|_| fields.int_in("class", 1..=4))?).ok()?,
        label: fields.required_text("label"),
        because: fields.required_text("because"),
    };
    let _ = fields.strs("sources");
    fields.finish();
    Some(combination)
}
