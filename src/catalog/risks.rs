//! Risks and measures.

use super::conditions::Context;
use super::files::{Item, Nodes};
use super::{Catalog, Disabled};
use crate::diagnostic::Diagnostic;
use crate::model::{
    Actor, Condition, Effect, FactDef, Level, Measure, OtherLaw, Path, Rating, Registry, Risk, Setting, Track, Treatment, Type, Vocabulary,
};
use crate::source::{Fields, Node};
use std::cell::RefCell;
use std::collections::BTreeMap;

type Sink = RefCell<Vec<Diagnostic>>;

pub(super) fn load(catalog: &mut Catalog, nodes: &Nodes, diagnostics: &Sink) {
    let vocabulary = catalog.vocabulary.clone();
    for item in nodes.of("risks") {
        if let Some(disabled) = disabled(item, diagnostics) {
            catalog.disabled.push(disabled);
        } else if let Some(risk) = risk(&item.node, &item.id, &item.group, &vocabulary, diagnostics) {
            catalog.risks.insert(item.id.clone(), risk);
        }
    }
    // A measure may ask about the record of the risk that uses it.
    let mut records: BTreeMap<String, String> = BTreeMap::new();
    for risk in catalog.risks.values() {
        if let Some(list) = &risk.for_each {
            records.extend(risk.treatments.iter().flat_map(|t| &t.measures).map(|m| (m.clone(), list.clone())));
        }
    }
    for item in nodes.of("measures") {
        let record = records.get(&item.id).and_then(|r| vocabulary.get(r));
        if let Some(measure) = measure(item, record, &vocabulary, diagnostics) {
            catalog.measures.insert(item.id.clone(), measure);
        }
    }
}

pub(super) fn own(node: &Node, vocabulary: &Vocabulary, diagnostics: &Sink) -> Option<Risk> {
    let id = node.table()?.get("id").and_then(Node::str);
    let family = node.table()?.get("family").and_then(Node::str);
    let (Some(id), Some(family)) = (id, family) else {
        diagnostics
            .borrow_mut()
            .push(Diagnostic::error("required-missing", "a risk of one's own needs `id` and `family`").at(&node.place, "missing here"));
        return None;
    };
    risk(node, id, family, vocabulary, diagnostics)
}

fn disabled(item: &Item, diagnostics: &Sink) -> Option<Disabled> {
    let table = item.node.table()?;
    table.get("disabled")?;
    let fields = Fields::of(&item.node, "a disabled risk", diagnostics)?;
    let (off, title, reason) = (fields.bool("disabled")?, fields.text("title"), fields.required_text("reason"));
    fields.finish();
    off.then(|| Disabled { id: item.id.clone(), title: title.unwrap_or_else(|| crate::model::Text::same(&item.id)), reason })
}

fn owned(list: Vec<&str>) -> Vec<String> {
    list.into_iter().map(str::to_owned).collect()
}

fn risk(node: &Node, id: &str, family: &str, vocabulary: &Vocabulary, diagnostics: &Sink) -> Option<Risk> {
    let fields = Fields::of(node, &format!("the risk `{id}`"), diagnostics)?;
    let _ = (fields.entry("id"), fields.entry("family"));
    let for_each = fields.str("for-each").map(str::to_owned);
    let record = match &for_each {
        Some(list) => match vocabulary.get(list) {
            Some(def @ FactDef { ty: Type::Records { .. }, .. }) => Some(def),
            _ => {
                fields.push(
                    Diagnostic::error("catalog-reference", format!("there is no record list `{list}`"))
                        .at(fields.place(), "named by `for-each`"),
                );
                None
            }
        },
        None => None,
    };
    let context = Context { vocabulary, record, platform: false, diagnostics };
    let paths: Vec<Path> = fields
        .nodes("when")
        .iter()
        .enumerate()
        .map(|(i, n)| Path {
            id: n.table().and_then(|t| t.get("id")).and_then(Node::str).map_or_else(|| (i + 1).to_string(), str::to_owned),
            when: context.condition(n, &["id"]),
        })
        .collect();
    let ratings: Vec<Rating> = fields.nodes("rating").iter().filter_map(|n| rating(n, &context)).collect();
    if ratings.is_empty() {
        fields.required("rating");
    }
    let risk = Risk {
        id: id.to_owned(),
        family: family.to_owned(),
        services: owned(fields.strs("services")),
        data: owned(fields.strs("data")),
        subjects: owned(fields.strs("subjects")),
        harms: owned(fields.strs("harms")),
        track: if fields.choice("track", &["design", "event"]) == Some("event") { Track::Event } else { Track::Design },
        events: owned(fields.strs("events")),
        rank: fields.int("rank").unwrap_or(100),
        law: owned(fields.strs("law")),
        other_law: other_law(&fields, diagnostics),
        sources: owned(fields.strs("sources")),
        covers: owned(fields.strs("covers")),
        for_each,
        title: fields.required_text("title"),
        affected: fields.required_text("affected"),
        what: fields.required_text("what"),
        limits: fields.text("limits"),
        paths,
        unless: fields.nodes("unless").iter().map(|n| context.condition(n, &["id"])).collect(),
        ratings,
        treatments: fields.nodes("treatment").iter().filter_map(|n| treatment(n, diagnostics)).collect(),
        place: node.place.clone(),
    };
    fields.finish();
    Some(risk)
}

/// One text for everywhere, or a list of texts by country.
fn other_law(fields: &Fields<'_, '_>, diagnostics: &Sink) -> Vec<OtherLaw> {
    let Some(node) = fields.node("other-law") else { return Vec::new() };
    let Some(items) = node.array() else { return vec![OtherLaw { country: None, text: fields.as_text(node, "other-law") }] };
    items
        .iter()
        .filter_map(|n| {
            let fields = Fields::of(n, "a provision", diagnostics)?;
            let law = OtherLaw { country: fields.str("country").map(str::to_owned), text: fields.required_text("text") };
            fields.finish();
            Some(law)
        })
        .collect()
}

fn rating(node: &Node, context: &Context<'_>) -> Option<Rating> {
    let fields = Fields::of(node, "a rating", context.diagnostics)?;
    let step = |key: &str| fields.required(key).and_then(|_| fields.int_in(key, 1..=4)).and_then(|i| u8::try_from(i).ok());
    let by_method = fields.entries("by-method").iter().filter_map(|e| Some((e.key.clone(), Level::from_id(e.node.str()?)?))).collect();
    let rating = Rating {
        paths: owned(fields.strs("paths")),
        when: fields.node("when").map(|n| context.condition(n, &[])).unwrap_or_default(),
        likelihood: step("likelihood")?,
        severity: step("severity")?,
        by_method,
        likelihood_because: fields.required_text("likelihood-because"),
        severity_because: fields.required_text("severity-because"),
    };
    fields.finish();
    Some(rating)
}

fn treatment(node: &Node, diagnostics: &Sink) -> Option<Treatment> {
    let fields = Fields::of(node, "a treatment", diagnostics)?;
    let cap = |key: &str| fields.int_in(key, 1..=4).and_then(|i| u8::try_from(i).ok());
    let effect = Effect {
        removes: fields.bool("removes").unwrap_or(false),
        likelihood_at_most: cap("likelihood-at-most"),
        severity_at_most: cap("severity-at-most"),
    };
    let supports = fields.bool("supports").unwrap_or(false);
    if effect.changes_level() == supports {
        fields.push(
            Diagnostic::error("catalog-format", "a treatment either changes the level or says `supports = true`")
                .at(&node.place, "add likelihood-at-most, severity-at-most or removes, or `supports = true`"),
        );
    }
    let treatment = Treatment {
        paths: owned(fields.strs("paths")),
        measures: owned(fields.strs("measures")),
        effect,
        because: fields.required_text("because"),
    };
    if treatment.measures.is_empty() {
        fields.required("measures");
    }
    fields.finish();
    Some(treatment)
}

fn measure(item: &Item, record: Option<&FactDef>, vocabulary: &Vocabulary, diagnostics: &Sink) -> Option<Measure> {
    let fields = Fields::of(&item.node, &format!("the measure `{}`", item.id), diagnostics)?;
    let context = Context { vocabulary, record, platform: false, diagnostics };
    let conditions = |key: &str| -> Vec<Condition> { fields.nodes(key).iter().map(|n| context.condition(n, &["id"])).collect() };
    fields.required("actor");
    fields.required("kind");
    fields.required("level");
    let measure = Measure {
        id: item.id.clone(),
        actor: if fields.choice("actor", &["organisation", "microsoft"]) == Some("microsoft") {
            Actor::Microsoft
        } else {
            Actor::Organisation
        },
        kind: fields.choice("kind", &["technical", "organisational", "contractual"]).unwrap_or("organisational").to_owned(),
        baseline: fields.choice("level", &["baseline", "additional"]) == Some("baseline"),
        serves: owned(fields.strs("serves")),
        title: fields.required_text("title"),
        what: fields.required_text("what"),
        limits: fields.text("limits"),
        cost: fields.text("cost"),
        check: fields.text("check"),
        licence: fields.text("licence"),
        sources: owned(fields.strs("sources")),
        introduces: owned(fields.strs("introduces")),
        settings: fields.nodes("setting").iter().filter_map(|n| setting(n, diagnostics)).collect(),
        available: conditions("available"),
        in_place: conditions("in-place"),
        place: item.node.place.clone(),
    };
    fields.finish();
    Some(measure)
}

fn setting(node: &Node, diagnostics: &Sink) -> Option<Setting> {
    let fields = Fields::of(node, "a setting", diagnostics)?;
    let registry = fields.node("registry").and_then(|n| {
        let fields = Fields::of(n, "a registry value", diagnostics)?;
        let registry = Registry {
            key: fields.required_str("key")?.to_owned(),
            value: fields.required_str("value")?.to_owned(),
            data: fields.required_str("data")?.to_owned(),
        };
        fields.finish();
        Some(registry)
    });
    let get = |key: &str| fields.str(key).map(str::to_owned);
    let setting = Setting {
        platforms: owned(fields.strs("platform")),
        policy: get("policy"),
        path: get("path"),
        registry,
        cmdlet: get("cmdlet"),
        preference: get("preference"),
        note: fields.text("note"),
    };
    fields.finish();
    Some(setting)
}
