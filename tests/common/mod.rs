//! What tests share: the embedded catalogue and words, descriptions from text, assessments as JSON.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod page;
pub mod program;
pub mod schema;

use dpia365::assessment::{Assessment, assess};
use dpia365::catalog::{self, Catalog, Layer};
use dpia365::diagnostic::Diagnostic;
use dpia365::input::{self, CatalogueNames};
use dpia365::model::{Deployment, Lang};
use dpia365::render::Templates;
use dpia365::report::{self, Request, Texts, view::View};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Catalogue, templates and words as the program carries them.
pub struct World {
    pub catalog: Catalog,
    pub templates: Templates,
    pub texts: Texts,
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Loaded once for each test binary.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let (catalog, _, diagnostics) = catalog::load(&[Layer::embedded()]);
        assert!(diagnostics.is_empty(), "the catalogue has faults: {diagnostics:#?}");
        let mut files = BTreeMap::new();
        walk(&root().join("templates"), &root().join("templates"), &mut files);
        let templates = Templates::new(files);
        let mut diagnostics = Vec::new();
        let texts = Texts::load(templates.files(), &mut diagnostics);
        assert!(diagnostics.is_empty(), "the templates have faults: {diagnostics:#?}");
        World { catalog, templates, texts }
    })
}

fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            files.insert(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"), std::fs::read(&path).unwrap());
        }
    }
}

pub fn names() -> CatalogueNames {
    names_of(&world().catalog)
}

/// The names that a description may use with a catalogue.
pub fn names_of(catalog: &Catalog) -> CatalogueNames {
    let texts = &world().texts;
    let languages = texts.locales.keys().map(|l| (*l).to_owned()).collect();
    CatalogueNames::new(catalog, texts.structures.keys().cloned().collect(), languages)
}

/// Reads a description from a path with everything that was found wrong.
pub fn load(path: &Path) -> (Option<Deployment>, Vec<Diagnostic>) {
    load_in(&world().catalog, path)
}

fn load_in(catalog: &Catalog, path: &Path) -> (Option<Deployment>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let own_risk = |node: &dpia365::source::Node, sink: &std::cell::RefCell<Vec<Diagnostic>>| catalog::own_risk(node, catalog, sink);
    let names = names_of(catalog);
    let knowledge = input::Knowledge { names: &names, vocabulary: &catalog.vocabulary, evidence: &catalog.evidence, own_risk: &own_risk };
    let loaded = input::load(path, &knowledge, Some(&dpia365::sheets::Limits::default()), &mut diagnostics);
    (loaded.map(|l| l.deployment), diagnostics)
}

/// The shortest description that is no error; facts are added to it.
pub const HEAD: &str = r#"
format = 1
[assessment]
title = "Test"
language = "en"
[organisation]
name = "Test"
country = "NL"
kind = "company"
"#;

/// A description from its facts (and other blocks); panics on any error in it.
pub fn describe(body: &str) -> Deployment {
    describe_whole(&format!("{HEAD}\n{body}"))
}

/// A description from its whole text; panics on any error in it.
pub fn describe_whole(text: &str) -> Deployment {
    describe_in(&world().catalog, text)
}

/// A description from its whole text, read with a catalogue of one's own; panics on any error in it.
pub fn describe_in(catalog: &Catalog, text: &str) -> Deployment {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("deployment.toml"), text).unwrap();
    let (deployment, diagnostics) = load_in(catalog, folder.path());
    no_errors(&diagnostics, text);
    deployment.unwrap()
}

/// A description in a folder of the project; panics on any error in it.
pub fn described(folder: &str) -> Deployment {
    let (deployment, diagnostics) = load(&root().join(folder));
    no_errors(&diagnostics, folder);
    deployment.unwrap()
}

fn no_errors(diagnostics: &[Diagnostic], context: &str) {
    let errors: Vec<_> = diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{context}");
}

/// An example of the project.
pub fn example(name: &str) -> Deployment {
    described(&format!("examples/{name}"))
}

/// Answers facts of a description anew, whatever it said about them; `facts` is written as in a description.
pub fn restate(deployment: &mut Deployment, facts: &str) {
    deployment.answers.extend(describe(facts).answers);
}

/// The view of a deployment.
pub fn view(deployment: &Deployment, as_of: &str, method: &str, lang: Lang) -> View {
    let World { catalog, texts, .. } = world();
    let method = &catalog.methods[method];
    let assessment = assess(deployment, catalog, method, as_of.parse().unwrap());
    let request =
        Request { structure: &texts.structures["edpb-2026"], locale: texts.locale(lang).unwrap(), lang, edition: "full", program: "0.0.0" };
    report::compose(&assessment, deployment, catalog, &request).unwrap()
}

/// The view of an assessment with a catalogue of one's own, as JSON.
pub fn view_in(catalog: &Catalog, deployment: &Deployment, assessment: &Assessment<'_>) -> serde_json::Value {
    let texts = &world().texts;
    let (structure, locale) = (&texts.structures["edpb-2026"], texts.locale(Lang::En).unwrap());
    let request = Request { structure, locale, lang: Lang::En, edition: "full", program: "0.0.0" };
    serde_json::to_value(report::compose(assessment, deployment, catalog, &request).unwrap()).unwrap()
}

/// The view as JSON, as other programs read it.
pub fn json(deployment: &Deployment, as_of: &str, method: &str) -> serde_json::Value {
    serde_json::to_value(view(deployment, as_of, method, Lang::En)).unwrap()
}

/// The findings of a risk.
pub fn findings<'j>(view: &'j serde_json::Value, risk: &str) -> Vec<&'j serde_json::Value> {
    view["findings"].as_array().unwrap().iter().filter(|f| f["risk"] == risk).collect()
}

/// The only finding of a risk.
pub fn finding<'j>(view: &'j serde_json::Value, risk: &str) -> &'j serde_json::Value {
    let all = findings(view, risk);
    assert_eq!(all.len(), 1, "expected one finding of {risk}, found {}: {:?}", all.len(), ids(view));
    all[0]
}

/// The level of the only finding of a risk at a stage: `gross`, `current` or `expected`.
pub fn level<'j>(view: &'j serde_json::Value, risk: &str, stage: &str) -> &'j str {
    finding(view, risk)[stage]["level"].as_str().unwrap()
}

/// The lowest and highest current level of the only finding of a risk.
pub fn range<'j>(view: &'j serde_json::Value, risk: &str) -> (&'j str, &'j str) {
    let range = &finding(view, risk)["range"];
    (range["lowest"].as_str().unwrap(), range["highest"].as_str().unwrap())
}

/// The facts among the reasons of a finding or of an excluded risk.
pub fn facts(entry: &serde_json::Value) -> Vec<&str> {
    entry["reasons"].as_array().unwrap().iter().map(|r| r["fact"].as_str().unwrap()).collect()
}

/// Why a risk is excluded.
pub fn excluded<'j>(view: &'j serde_json::Value, risk: &str) -> &'j serde_json::Value {
    view["excluded"]
        .as_array()
        .unwrap()
        .iter()
        .find(|e| e["risk"] == risk)
        .unwrap_or_else(|| panic!("{risk} is not excluded: {:?}", ids(view)))
}

/// The ids of all findings, for messages.
pub fn ids(view: &serde_json::Value) -> Vec<&str> {
    view["findings"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect()
}
