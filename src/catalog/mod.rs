//! The risk catalogue: TOML files to typed knowledge. Knows no deployment.

mod check;
mod conditions;
mod evidence;
mod facts;
mod files;
mod finite;
mod lint;
mod lists;
mod registers;
mod risks;
mod settings;
mod texts;

pub use check::check;
pub use files::Layer;
pub(crate) use files::hex;
pub use lint::{aged, lint};
pub use texts::Located;

use crate::diagnostic::{Diagnostic, Files};
use crate::model::{
    Entry, EvidenceKind, Flow, Lang, Measure, Method, Permission, RetentionKind, Right, Risk, Role, Rule, ScreeningList, Source, StaffLaw,
    Term, Text, Vocabulary,
};
use crate::source::Node;
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is known, from one catalogue or from several laid over each other.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub infos: Vec<Info>,
    pub vocabulary: Vocabulary,
    pub risks: BTreeMap<String, Risk>,
    pub measures: BTreeMap<String, Measure>,
    pub methods: BTreeMap<String, Method>,
    /// Lists of processing that requires a DPIA.
    pub lists: BTreeMap<String, ScreeningList>,
    pub staff_laws: BTreeMap<String, StaffLaw>,
    pub retention: BTreeMap<String, RetentionKind>,
    pub flows: BTreeMap<String, Flow>,
    pub roles: BTreeMap<String, Role>,
    pub rights: BTreeMap<String, Right>,
    /// Kinds of files that a tenant exports.
    pub evidence: BTreeMap<String, EvidenceKind>,
    pub sources: BTreeMap<String, Source>,
    pub permissions: BTreeMap<String, Permission>,
    /// Names of policies that settings may use.
    pub policies: BTreeSet<String>,
    /// Cmdlets that settings may use, with their parameters.
    pub cmdlets: BTreeMap<String, BTreeSet<String>>,
    pub rules: Vec<Rule>,
    pub terms: Vec<Term>,
    /// Lists by name (`data`, `subjects`, `families`, …), each in its order.
    pub taxonomy: BTreeMap<String, Vec<Entry>>,
    /// Risks switched off by a later layer, with the reason.
    pub disabled: Vec<Disabled>,
}

/// Name and state of one catalogue.
#[derive(Clone, Debug)]
pub struct Info {
    pub name: String,
    pub version: String,
    pub as_of: Option<Date>,
    pub licence: String,
    /// SHA-256 over names and contents of all files, in hexadecimal.
    pub sha256: String,
}

/// A risk that a layer removed.
#[derive(Clone, Debug)]
pub struct Disabled {
    pub id: String,
    pub title: Text,
    pub reason: Text,
}

impl Catalog {
    /// A label of the taxonomy, or the id itself where there is none.
    pub fn label<'a>(&'a self, list: &str, id: &'a str, lang: Lang) -> &'a str {
        self.entry(list, id).map_or(id, |e| e.label.get(lang))
    }

    /// An entry of the taxonomy.
    pub fn entry(&self, list: &str, id: &str) -> Option<&Entry> {
        self.taxonomy.get(list)?.iter().find(|e| e.id == id)
    }

    /// The ids of a list of the taxonomy, in its order.
    pub fn ids(&self, list: &str) -> Vec<String> {
        self.taxonomy.get(list).map(|l| l.iter().map(|e| e.id.clone()).collect()).unwrap_or_default()
    }

    /// Position of a family, for ordering.
    pub fn family_rank(&self, family: &str) -> usize {
        self.taxonomy.get("families").and_then(|l| l.iter().position(|e| e.id == family)).unwrap_or(usize::MAX)
    }
}

/// Loads catalogues, the later ones over the earlier ones: the same id replaces, a new id adds, `disabled = true` removes.
///
/// Returns what could be read, with all faults found.
pub fn load(layers: &[Layer]) -> (Catalog, Files, Vec<Diagnostic>) {
    let diagnostics = RefCell::new(Vec::new());
    let (mut catalog, mut files) = (Catalog::default(), Files::default());
    let merged = files::read(layers, &mut files, &diagnostics);
    catalog.infos = merged.infos;
    lists::load(&mut catalog, &merged.nodes, &diagnostics);
    facts::load(&mut catalog, &merged.nodes, &diagnostics);
    lists::load_screening(&mut catalog, &merged.nodes, &diagnostics);
    registers::load(&mut catalog, &merged.nodes, &diagnostics);
    settings::load(&mut catalog, &merged.nodes, &diagnostics);
    risks::load(&mut catalog, &merged.nodes, &diagnostics);
    evidence::load(&mut catalog, &merged.nodes, &diagnostics);
    (catalog, files, diagnostics.into_inner())
}

/// Reads a `[[risk]]` of a description: the same shape as a file of the catalogue, with `id` and `family` as keys.
pub fn own_risk(node: &Node, catalog: &Catalog, diagnostics: &RefCell<Vec<Diagnostic>>) -> Option<Risk> {
    let risk = risks::own(node, &catalog.vocabulary, diagnostics)?;
    diagnostics.borrow_mut().extend(check::own_risk(&risk, catalog));
    Some(risk)
}
