//! Reads a description of a deployment: one file or several, checked against the shapes of the prose blocks and the vocabulary of facts.
//!
//! [`load`] collects every fault of every section; it judges no risk.

mod check;
mod depth;
mod evidence;
mod facts;
mod merge;
mod names;
mod raw;
mod read;
mod rules;
mod schema;
mod shape;

pub use names::CatalogueNames;
pub use schema::schema;

use crate::diagnostic::{Diagnostic, Files, Place};
use crate::model::{Deployment, EvidenceKind, Prose, Risk, Vocabulary};
use crate::sheets::Limits;
use crate::source::{Entry, Kind, Node, Table};
use read::{Reading, State};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A description with the texts of its files, so that later diagnostics can show the user's own lines.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub deployment: Deployment,
    pub files: Files,
}

/// Reads one `[[risk]]` table; the catalogue layer provides it.
pub type OwnRisk<'a> = &'a dyn Fn(&Node, &RefCell<Vec<Diagnostic>>) -> Option<Risk>;

/// The catalogue as far as reading a description needs it.
pub struct Knowledge<'a> {
    pub names: &'a CatalogueNames,
    pub vocabulary: &'a Vocabulary,
    pub evidence: &'a BTreeMap<String, EvidenceKind>,
    pub own_risk: OwnRisk<'a>,
}

/// Reads a description: a file, or a folder with `deployment.toml`.
///
/// Files of evidence are read within `limits`; without any, they are left out, and the deployment says so.
///
/// `None` only where no file could be read. Where `diagnostics` then holds an error, the deployment is as much as could be understood, and must
/// not be assessed.
pub fn load(path: &Path, knowledge: &Knowledge<'_>, limits: Option<&Limits>, diagnostics: &mut Vec<Diagnostic>) -> Option<Loaded> {
    let Reading { tree, files, texts, name, state, folder, shown } = read::read(path, diagnostics)?;
    let mut deployment = Deployment { files: texts, name, ..Deployment::default() };
    if state == State::Broken {
        return Some(Loaded { deployment, files });
    }
    let sink = RefCell::new(Vec::new());
    if format_is_known(&tree, &sink) {
        fill(&mut deployment, &tree, knowledge, &sink);
        let inputs = evidence::Inputs {
            vocabulary: knowledge.vocabulary,
            kinds: knowledge.evidence,
            limits,
            folder: &folder,
            shown: &shown,
            sink: &sink,
        };
        let nodes = tree.table().and_then(|t| t.get("evidence")).and_then(Node::array).unwrap_or_default();
        evidence::load(&mut deployment, nodes, &inputs);
        rules::measures(&deployment, &sink);
    }
    let mut found = sink.into_inner();
    if state == State::Partial {
        // What seems to be missing may stand in the file that could not be read.
        found.retain(|d: &Diagnostic| !matches!(d.code, "required-missing" | "reference-unknown" | "format-version"));
    }
    // A day that does not exist was reported as such; that it is no date either says nothing new.
    let place = |d: &Diagnostic| d.labels.first().map(|l| l.place.clone());
    let impossible: Vec<_> = diagnostics.iter().filter(|d| d.code == "date-impossible").map(place).collect();
    found.retain(|d| d.code != "type-mismatch" || !impossible.contains(&place(d)));
    found.sort_by_key(place);
    diagnostics.append(&mut found);
    Some(Loaded { deployment, files })
}

fn fill(deployment: &mut Deployment, tree: &Node, knowledge: &Knowledge<'_>, sink: &RefCell<Vec<Diagnostic>>) {
    let Knowledge { names: catalogue, vocabulary, own_risk, .. } = *knowledge;
    let Some(root) = tree.table() else { return };
    record_places(&mut deployment.places, root, "");
    deployment.raw = raw::raw(tree);
    let check = check::Check { names: catalogue, sink };
    let known = |e: &&Entry| shape::ROOT.iter().any(|f| f.key == e.key);
    let prose = Table { entries: root.entries.iter().filter(known).cloned().collect() };
    let prose = check.table(&prose, &tree.place, shape::ROOT, "the description");
    match serde_json::from_value::<Prose>(serde_json::Value::Object(prose)) {
        Ok(prose) => deployment.prose = prose,
        Err(error) => sink
            .borrow_mut()
            .push(Diagnostic::error("type-mismatch", format!("the description cannot be read: {error}")).at(&tree.place, "here")),
    }

    let populations = deployment.prose.population.iter().map(|p| p.id.clone()).filter(|id| !id.is_empty()).collect::<BTreeSet<_>>();
    let mut facts = facts::Facts::new(vocabulary, &populations, sink);
    for entry in root.entries.iter().filter(|e| !known(e)) {
        if facts::is_area(vocabulary, &entry.key) {
            facts.area(entry, None);
        } else {
            unknown_block(entry, vocabulary, sink);
        }
    }
    if let Some(block) = root.get("organisation") {
        facts.organisation(block);
    }
    for group in root.get("population").and_then(Node::array).unwrap_or_default() {
        facts.population(group);
    }
    for (entry, node) in deployment.prose.resolution.iter().zip(root.get("resolution").and_then(Node::array).unwrap_or_default()) {
        deployment.resolutions.extend(facts.resolution(entry, node));
    }
    deployment.answers = facts.answers();

    for node in root.get("risk").and_then(Node::array).unwrap_or_default() {
        deployment.own_risks.extend(own_risk(node, sink));
    }
    rules::own_risks(&deployment.own_risks, catalogue, sink);
    rules::rules(deployment, vocabulary, sink);
}

fn format_is_known(tree: &Node, sink: &RefCell<Vec<Diagnostic>>) -> bool {
    const CURRENT: i64 = 1;
    let (place, label, go_on) = match tree.table().and_then(|t| t.get("format")) {
        Some(Node { kind: Kind::Integer(CURRENT), .. }) => return true,
        Some(node) => (&node.place, "this version reads format 1", false),
        None => (&tree.place, "write `format = 1` at the top", true),
    };
    sink.borrow_mut().push(Diagnostic::error("format-version", "the description does not say that its format is 1").at(place, label));
    go_on
}

fn unknown_block(entry: &Entry, vocabulary: &Vocabulary, sink: &RefCell<Vec<Diagnostic>>) {
    let mut diagnostic =
        Diagnostic::error("unknown-key", format!("a description has no `{}`", entry.key)).at(&entry.key_place, "not known here");
    if let Some((area, name)) = entry.key.split_once('.').filter(|_| vocabulary.get(&entry.key).is_some()) {
        diagnostic = diagnostic.help(format!("without quotes it is a fact: write `{name}` under [{area}]"));
    } else {
        let asked = vocabulary.facts.values().filter(|f| f.is_asked()).map(|f| facts::area_of(&f.id));
        diagnostic = diagnostic.nearest(&entry.key, shape::ROOT.iter().map(|f| f.key).chain(asked));
    }
    sink.borrow_mut().push(diagnostic);
}

/// Remembers where each value stands, by path.
fn record_places(places: &mut BTreeMap<String, Place>, table: &Table, prefix: &str) {
    for entry in &table.entries {
        record_place(places, &entry.node, format!("{prefix}{}", entry.key));
    }
}

fn record_place(places: &mut BTreeMap<String, Place>, node: &Node, path: String) {
    match &node.kind {
        Kind::Table(table) => record_places(places, table, &format!("{path}.")),
        Kind::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                record_place(places, item, format!("{path}[{i}]"));
            }
        }
        _ => {}
    }
    places.insert(path, node.place.clone());
}
