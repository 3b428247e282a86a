use super::{Condition, Level, Text};
use crate::diagnostic::Place;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// One risk of the catalogue, or the author's own.
#[derive(Clone, Debug)]
pub struct Risk {
    pub id: String,
    pub family: String,
    /// Services the risk is about; empty: all.
    pub services: Vec<String>,
    /// Data categories the risk is about; empty: all.
    pub data: Vec<String>,
    pub subjects: Vec<String>,
    pub harms: Vec<String>,
    pub track: Track,
    /// What goes wrong, where something does: `unlawful-access`, `unwanted-change`, `loss`.
    pub events: Vec<String>,
    pub rank: i64,
    /// GDPR articles, e.g. `5(1)(b)`.
    pub law: Vec<String>,
    /// Other provisions; by country, where they are national.
    pub other_law: Vec<OtherLaw>,
    pub sources: Vec<String>,
    pub covers: Vec<String>,
    /// One finding for each record of this fact.
    pub for_each: Option<String>,
    pub title: Text,
    pub affected: Text,
    pub what: Text,
    /// When it is a false alarm.
    pub limits: Option<Text>,
    pub paths: Vec<Path>,
    pub unless: Vec<Condition>,
    pub ratings: Vec<Rating>,
    pub treatments: Vec<Treatment>,
    pub place: Place,
}

/// A provision beside the GDPR.
#[derive(Clone, Debug)]
pub struct OtherLaw {
    /// ISO 3166 alpha-2; `None`: everywhere.
    pub country: Option<String>,
    pub text: Text,
}

/// Whether the risk lies in the processing as it is meant, or in something going wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// EDPB template 3.1.
    Design,
    /// EDPB template 4.1.a.
    Event,
}

/// One way in which the risk comes about.
#[derive(Clone, Debug)]
pub struct Path {
    pub id: String,
    pub when: Condition,
}

/// Likelihood and severity without measures.
#[derive(Clone, Debug)]
pub struct Rating {
    /// Empty: all paths.
    pub paths: Vec<String>,
    pub when: Condition,
    /// 1 to 4.
    pub likelihood: u8,
    /// 1 to 4.
    pub severity: u8,
    /// Level by method, where a published method reads it otherwise.
    pub by_method: BTreeMap<String, Level>,
    pub likelihood_because: Text,
    pub severity_because: Text,
}

/// What measures do to the risk.
#[derive(Clone, Debug)]
pub struct Treatment {
    /// Empty: all paths.
    pub paths: Vec<String>,
    /// All of them are needed.
    pub measures: Vec<String>,
    pub effect: Effect,
    pub because: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    pub removes: bool,
    pub likelihood_at_most: Option<u8>,
    pub severity_at_most: Option<u8>,
}

impl Effect {
    /// Whether the treatment changes a level at all.
    pub fn changes_level(self) -> bool {
        self.removes || self.likelihood_at_most.is_some() || self.severity_at_most.is_some()
    }
}

/// One measure.
#[derive(Clone, Debug)]
pub struct Measure {
    pub id: String,
    pub actor: Actor,
    /// `technical`, `organisational` or `contractual`.
    pub kind: String,
    /// Belongs to the baseline (EDPB 2.3) rather than the additional measures (EDPB 4.2).
    pub baseline: bool,
    pub serves: Vec<String>,
    pub title: Text,
    pub what: Text,
    pub limits: Option<Text>,
    pub cost: Option<Text>,
    pub check: Option<Text>,
    pub licence: Option<Text>,
    pub sources: Vec<String>,
    pub introduces: Vec<String>,
    pub settings: Vec<Setting>,
    /// Paths under which the measure exists at all; empty: always.
    pub available: Vec<Condition>,
    /// Paths that show it in place; empty: the description declares it.
    pub in_place: Vec<Condition>,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    Organisation,
    Microsoft,
}

impl Actor {
    /// The word used in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Microsoft => "microsoft",
        }
    }
}

/// An exact setting that carries a measure out.
#[derive(Clone, Debug)]
pub struct Setting {
    pub platforms: Vec<String>,
    pub policy: Option<String>,
    pub path: Option<String>,
    pub registry: Option<Registry>,
    pub cmdlet: Option<String>,
    pub preference: Option<String>,
    pub note: Option<Text>,
}

#[derive(Clone, Debug)]
pub struct Registry {
    pub key: String,
    pub value: String,
    pub data: String,
}

/// A method: scales, matrix, acceptance.
#[derive(Clone, Debug)]
pub struct Method {
    pub id: String,
    pub name: Text,
    pub about: Text,
    pub note: Option<Text>,
    pub sources: Vec<String>,
    /// Lowest first, with the printed word.
    pub levels: Vec<(Level, Text)>,
    pub likelihood: Vec<Step>,
    pub severity: Vec<Step>,
    /// By (likelihood step, severity step).
    pub cells: BTreeMap<(String, String), Cell>,
    pub consult_from: Level,
    /// Where the method is in use, ISO 3166 alpha-2; empty: everywhere.
    pub countries: Vec<String>,
}

/// A step of a method's scale.
#[derive(Clone, Debug)]
pub struct Step {
    pub id: String,
    pub label: Text,
    pub meaning: Text,
    /// Which of the internal steps 1 to 4 map here.
    pub from: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct Cell {
    pub level: Level,
    pub tag: CellTag,
    pub sources: Vec<String>,
}

/// How well a cell of a matrix is supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellTag {
    Verified,
    Recalled,
    Ours,
}

impl Method {
    /// The step to which an internal step belongs.
    pub fn step(scale: &[Step], internal: u8) -> Option<&Step> {
        scale.iter().find(|s| s.from.contains(&internal))
    }

    /// The matrix cell for internal likelihood and severity.
    pub fn cell(&self, likelihood: u8, severity: u8) -> Option<&Cell> {
        let l = Self::step(&self.likelihood, likelihood)?;
        let s = Self::step(&self.severity, severity)?;
        self.cells.get(&(l.id.clone(), s.id.clone()))
    }

    /// The level for internal likelihood and severity; a matrix is complete once loaded.
    pub fn level(&self, likelihood: u8, severity: u8) -> Level {
        self.cell(likelihood, severity).map_or(Level::High, |c| c.level)
    }
}

/// A source of a statement.
#[derive(Clone, Debug)]
pub struct Source {
    pub id: String,
    pub title: String,
    pub publisher: String,
    /// ISO 8601, as precise as known: `2024-10-01`, `2024-10`, `2023`, `2023/2025`.
    pub date: String,
    pub address: Option<String>,
    pub kind: String,
    pub lang: Option<String>,
}

/// A permission of Microsoft Graph or Exchange.
#[derive(Clone, Debug)]
pub struct Permission {
    pub id: String,
    pub class: u8,
    pub resource: String,
    pub guid: Option<String>,
    pub user_consent: Option<String>,
    pub opens: Text,
    pub sources: Vec<String>,
    pub tag: super::Tag,
}

/// A list of processing that requires a DPIA: a national one, the criteria of the authorities, a pre-scan.
#[derive(Clone, Debug)]
pub struct ScreeningList {
    pub id: String,
    /// ISO 3166 alpha-2; empty: everywhere.
    pub countries: Vec<String>,
    pub title: Text,
    pub authority: String,
    pub date: Option<Date>,
    /// So many items that hold make a DPIA required.
    pub required_from: usize,
    /// From here a DPIA is recommended.
    pub recommended_from: Option<usize>,
    pub sources: Vec<String>,
    pub about: Option<Text>,
    /// For whom the list is at all; empty: for everybody.
    pub when: Vec<Condition>,
    pub items: Vec<ListItem>,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub struct ListItem {
    pub number: String,
    pub title: Text,
    /// What it means for Microsoft 365, and what people have to judge.
    pub reading: Option<Text>,
    pub tag: super::Tag,
    pub sources: Vec<String>,
    /// Facts that point to the item; empty: people have to judge.
    pub when: Vec<Condition>,
}

/// A rule of Art. 35 or 36 GDPR that a DPIA must answer.
#[derive(Clone, Debug)]
pub struct Rule {
    pub id: String,
    pub title: Text,
    pub mandatory: bool,
    /// Section number of the default structure that answers it.
    pub section: String,
    /// Paths into the description that must be there; `a|b` are alternatives, `x[*].y` asks every entry.
    pub needs: Vec<String>,
    /// A check of the assessment itself.
    pub check: Option<String>,
}

/// A term for the glossary.
#[derive(Clone, Debug)]
pub struct Term {
    pub id: String,
    pub term: Text,
    pub meaning: Text,
    /// Words in a text that call for the entry.
    pub aliases: [Vec<String>; 3],
}

/// A labelled entry of a list in the taxonomy.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: String,
    /// Data subjects only: `inside` people use the organisation's devices, `outside` people their own; others use none.
    pub uses: Option<String>,
    /// Data subjects only: named in a report only where the description says that there are such people.
    pub if_declared: bool,
    /// Areas of facts only: the first parts of the ids of its facts.
    pub areas: Vec<String>,
    pub label: Text,
    pub explain: Option<Text>,
}
