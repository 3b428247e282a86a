//! The description of a deployment, as read and checked. Prose is kept as written; nothing here judges.

use super::{Answer, EvidenceFile, Observation, Resolution, Risk, Sighting};
use crate::diagnostic::Place;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;

/// All that a description says.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    pub prose: Prose,
    /// What is stated about each fact, by id.
    pub answers: BTreeMap<String, Answer>,
    /// `[[risk]]`: the author's own risks.
    pub own_risks: Vec<Risk>,
    /// The files of `[[evidence]]`, as read.
    pub evidence: Vec<EvidenceFile>,
    /// What those files show, cell by cell.
    pub observations: Vec<Observation>,
    /// Records of lists, such as apps, that those files show.
    pub sightings: Vec<Sighting>,
    /// `[[resolution]]`: decisions between values that contradict each other.
    pub resolutions: Vec<Resolution>,
    /// The place of each value, by path, e.g. `decision[0].finding`.
    pub places: BTreeMap<String, Place>,
    /// Everything as merged from all files, as JSON, for the completeness rules.
    pub raw: serde_json::Value,
    /// The files of the description exactly as read: path relative to its folder, and text.
    pub files: Vec<(String, String)>,
    /// Name of the folder, or of the file without its ending.
    pub name: String,
}

impl Deployment {
    /// The place of a value, or of the nearest enclosing one that is known.
    pub fn place(&self, path: &str) -> Option<&Place> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return Some(place);
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }
}

/// The prose blocks: what people write and no catalogue can.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Prose {
    pub assessment: Assessment,
    pub organisation: Organisation,
    pub population: Vec<Population>,
    pub purpose: Vec<Purpose>,
    pub data_item: Vec<DataItem>,
    pub phase: Vec<Phase>,
    pub asset: Vec<Asset>,
    pub processor: Vec<Processor>,
    pub baseline: Vec<Baseline>,
    pub measure: Vec<DeclaredMeasure>,
    pub rating: Vec<Override>,
    pub context: Vec<Context>,
    pub retention_rule: Vec<RetentionRule>,
    pub confirmation: Vec<Confirmation>,
    pub option: Vec<ExaminedOption>,
    pub decision: Vec<Decision>,
    pub evidence: Vec<EvidenceEntry>,
    pub resolution: Vec<ResolutionEntry>,
}

/// `[[evidence]]`: a file that the tenant exported, or that somebody who was asked has filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct EvidenceEntry {
    pub file: String,
    pub kind: Option<String>,
    /// The day of the export.
    pub as_of: Option<Date>,
    /// The whole file is about this group of people only.
    pub population: Option<String>,
}

/// `[[resolution]]`: who decided between values that contradict each other. Its `value` is read by the vocabulary.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ResolutionEntry {
    pub fact: String,
    pub record: Option<String>,
    pub platform: Option<String>,
    pub population: Option<String>,
    pub function: String,
    pub date: Option<Date>,
    pub how: String,
}

/// `[assessment]`: the DPIA itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Assessment {
    pub title: String,
    /// `en`, `nl` or `de`: the language of the description's prose.
    pub language: String,
    pub structure: Option<String>,
    pub as_of: Option<Date>,
    pub version: Option<String>,
    /// `draft` or `final`.
    pub status: Option<String>,
    pub history: Vec<HistoryEntry>,
    pub authors: Vec<String>,
    pub method: Option<String>,
    pub method_approved_by: Option<String>,
    /// Name of the processing in the record of processing activities.
    pub processing_name: Option<String>,
    /// Version and history of the processing, not of the DPIA.
    pub processing_history: Option<String>,
    pub planned_start: Option<Date>,
    pub running_since: Option<Date>,
    pub planned_end: Option<String>,
    pub publication: Option<String>,
    /// Why a DPIA is made.
    pub reasons: Vec<String>,
    pub always_required: AlwaysRequired,
    /// Which entries of the national list apply, and why.
    pub national_list: Option<String>,
    pub codes_of_conduct: Option<String>,
    /// Guidelines, standards and other references used.
    pub references: Vec<String>,
    pub nature: Option<String>,
    /// Numbers, reach and frequency, as the people concerned see it.
    pub reach: Option<String>,
    pub context: Option<String>,
    pub cross_border: Option<String>,
    pub data_quality: Option<String>,
    pub scope: AssessedScope,
    pub review: Review,
    pub consultation: Consultation,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct HistoryEntry {
    pub version: String,
    pub date: Option<Date>,
    pub change: String,
}

/// The three cases of Art. 35(3) GDPR, each with an answer and its reason.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct AlwaysRequired {
    pub evaluation: Option<String>,
    pub special_categories: Option<String>,
    pub public_monitoring: Option<String>,
}

/// What is examined: services and data categories; empty lists stand for all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct AssessedScope {
    pub services: Vec<String>,
    pub data: Vec<String>,
    /// What is examined, in words.
    pub included: Option<String>,
    /// What is not examined, and why.
    pub excluded: Option<String>,
    /// Why similar operations are assessed together (Art. 35(1), second sentence).
    pub why_one_assessment: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Review {
    pub date: Option<Date>,
    pub owner: Option<String>,
    pub triggers: Vec<String>,
}

/// Prior consultation that national law demands (Art. 36(5) GDPR).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Consultation {
    pub required_by_law: Option<bool>,
    pub law: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Organisation {
    pub name: String,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// An entry of the taxonomy's organisation kinds.
    pub kind: String,
    pub sector: Option<String>,
    /// Whether it is a public authority or body.
    pub public_body: Option<bool>,
    /// `gdpr`; others are refused by name.
    pub legal_regime: Option<String>,
    pub controller: Controller,
    pub joint_controller: Vec<JointController>,
    pub dpo: Dpo,
    pub staff_representation: StaffRepresentation,
    pub views: Views,
    pub people: Vec<People>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Controller {
    pub name: Option<String>,
    pub unit: Option<String>,
    pub contact: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct JointController {
    pub name: String,
    pub tasks: String,
    pub contact: Option<String>,
}

/// The data protection officer and the advice (Art. 35(2)).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Dpo {
    pub name: Option<String>,
    pub contact: Option<String>,
    pub none_because: Option<String>,
    pub advice: Option<String>,
    pub date: Option<Date>,
    pub how_followed: Option<String>,
    /// Fingerprint of the assessment that the advice was given on.
    pub fingerprint: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct StaffRepresentation {
    pub body: Option<String>,
    pub result: Option<String>,
    pub date: Option<Date>,
    pub not_consulted_because: Option<String>,
    pub fingerprint: Option<String>,
}

/// Views of data subjects (Art. 35(9)).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Views {
    /// Who was asked, and how.
    pub sought: Option<String>,
    pub result: Option<String>,
    pub date: Option<Date>,
    pub not_sought_because: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct People {
    /// An entry of the taxonomy's data subjects.
    pub category: String,
    pub number: Option<i64>,
    pub note: Option<String>,
}

/// A group of people for whom some answers differ. Its `facts` are read into the answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Population {
    pub id: String,
    pub name: String,
    pub number: Option<i64>,
    pub category: Option<String>,
    pub note: Option<String>,
}

/// A purpose of the processing with its legal basis and the necessity test.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Purpose {
    pub id: String,
    pub title: String,
    pub description: Option<String>,
    /// Services by which the purpose is served; findings about them link here.
    pub services: Vec<String>,
    /// Data categories (taxonomy).
    pub data: Vec<String>,
    pub why_data: Option<String>,
    pub subjects: Vec<String>,
    /// e.g. `6(1)(e)`.
    pub legal_basis: Option<String>,
    /// How the conditions of the basis are met: law, contract, balancing.
    pub conditions: Option<String>,
    /// The interest pursued, where the basis is 6(1)(f) (Art. 35(7)(a)).
    pub legitimate_interest: Option<String>,
    /// e.g. `9(2)(h)`.
    pub special_condition: Option<String>,
    pub special_conditions_met: Option<String>,
    pub necessity: Option<String>,
    pub alternatives: Option<String>,
    pub proportionality: Option<String>,
    /// A secondary use of data collected for another purpose, with its compatibility test.
    pub secondary: Option<bool>,
    pub compatibility: Option<String>,
}

/// A row of EDPB 1.1.a and 2.2.a: a kind of personal data, who it is about, why it is needed, who gets it, how long it is kept.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct DataItem {
    pub item: String,
    pub category: String,
    pub subjects: Vec<String>,
    pub explanation: Option<String>,
    /// Which special category, if any.
    pub special: Option<String>,
    pub need: Option<String>,
    pub recipients: Option<String>,
    pub retention: Option<String>,
}

/// A phase of the processing (EDPB 1.2).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Phase {
    pub phase: String,
    /// `collection`, `use`, `storage`, `sharing` or `deletion`.
    pub operation: String,
    pub explanation: String,
}

/// A supporting asset (EDPB 1.3).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Asset {
    pub name: String,
    /// `hardware`, `software`, `interface`, `personnel`, `site` or `organisation`.
    pub r#type: String,
    pub explanation: Option<String>,
}

/// A processor, or another party that receives data.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Processor {
    pub name: String,
    /// `processor`, `sub-processor`, `independent-controller` or `joint-controller`.
    pub role: String,
    pub tasks: Option<String>,
    pub data: Vec<String>,
    pub location: Option<String>,
    pub agreement: Option<String>,
}

/// A measure of compliance that the organisation describes itself (EDPB 2.3).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Baseline {
    /// An entry of the taxonomy's principles.
    pub principle: String,
    pub measure: String,
    pub effect: Option<String>,
    /// `planned`, `partly` or `in-place`.
    pub status: Option<String>,
}

/// What the description says about a measure of the catalogue.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct DeclaredMeasure {
    pub id: String,
    /// Only for this finding, where a measure is taken per record.
    pub finding: Option<String>,
    /// Only for this record, e.g. one app: for every finding about it.
    pub record: Option<String>,
    /// `in-place`, `partly`, `planned`, `rejected` or `open`.
    pub status: Option<String>,
    pub owner: Option<String>,
    pub due: Option<Date>,
    pub evidence: Option<String>,
    /// Why a measure is rejected.
    pub because: Option<String>,
    /// The function stays off until the measure is done.
    pub off_until_done: Option<bool>,
}

/// `[[rating]]`: the author's own rating of a finding.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Override {
    pub finding: String,
    pub likelihood: u8,
    pub severity: u8,
    pub because: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Confirmation {
    pub finding: String,
    pub function: String,
    pub name: Option<String>,
    pub date: Option<Date>,
    pub because: String,
    pub fingerprint: Option<String>,
}

/// `[[context]]`: what a finding means in this organisation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Context {
    /// A finding, or a risk for all its findings.
    pub finding: String,
    pub text: String,
}

/// `[[retention-rule]]`: how long the organisation means to keep a kind of data.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct RetentionRule {
    /// An entry of the catalogue's retention register.
    pub kind: String,
    pub days: Option<i64>,
    /// In words, where it is no number of days.
    pub period: Option<String>,
    pub because: String,
}

/// An option examined for a risk that stays high, and why it is not feasible.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ExaminedOption {
    pub finding: String,
    pub option: String,
    pub not_feasible_because: String,
}

/// `[[decision]]`: the outcome, or with `finding` the acceptance of one risk.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Decision {
    /// Acceptance of this finding.
    pub finding: Option<String>,
    /// `approved`, `conditional`, `consultation` or `rejected`; absent for an acceptance.
    pub outcome: Option<String>,
    pub function: String,
    pub name: Option<String>,
    pub date: Option<Date>,
    pub because: Option<String>,
    pub conditions: Vec<String>,
    pub fingerprint: Option<String>,
}
