//! The prose blocks as a table: which keys each has, of what kind, and what they mean. The checker and the JSON Schema both read it.

use super::names::List;

/// One key of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
    /// One line for readers of the schema and of messages.
    pub(super) doc: &'static str,
}

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A name or a few words.
    Text,
    /// Paragraphs in a small Markdown.
    Prose,
    /// A list of texts.
    Texts,
    Date,
    Flag,
    /// A whole number in a range.
    Number(i64, i64),
    /// Lower-case words joined by hyphens.
    Id,
    /// Two capitals of ISO 3166.
    Country,
    /// The legal regime: the GDPR, or one that is refused by name.
    Regime,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// One entry of a list of the catalogue.
    From(List),
    /// Some entries of a list of the catalogue.
    AllFrom(List),
    Table(&'static [Field]),
    Tables(&'static [Field]),
    /// Areas of facts, as at the top of a description.
    Facts,
    /// The author's own risks, in the shape of the catalogue.
    Risks,
    /// Texts by names of the author's choice.
    Names,
    /// A value of a fact, read by the vocabulary.
    Value,
}

use Shape::{AllFrom, Country, Date, Facts, Flag, From, Id, Names, Number, Prose, Regime, Risks, Table, Tables, Text, Texts, Value, Word};

const fn may(key: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { key, shape, required: false, doc }
}

const fn must(key: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { key, shape, required: true, doc }
}

/// How many people a number of people may count.
const PEOPLE: Shape = Number(0, 1_000_000_000);

/// The top of a description, without the areas of facts.
pub(super) const ROOT: &[Field] = &[
    must("format", Number(1, 1), "Format of the description"),
    may("include", Texts, "Other files of the description, by their path from this file"),
    must("assessment", Table(ASSESSMENT), "The DPIA itself"),
    must("organisation", Table(ORGANISATION), "The controller and who speaks for the people concerned"),
    may("population", Tables(POPULATION), "Groups of people for whom some answers differ"),
    may("purpose", Tables(PURPOSE), "Purposes of the processing, each with legal basis and necessity (Art. 35(7)(a) and (b) GDPR)"),
    may("data-item", Tables(DATA_ITEM), "Kinds of personal data: about whom, why, for whom, how long"),
    may("phase", Tables(PHASE), "Phases of the processing"),
    may("asset", Tables(ASSET), "Supporting assets"),
    may("processor", Tables(PROCESSOR), "Processors and other parties that receive data"),
    may("baseline", Tables(BASELINE), "Measures of compliance that the organisation describes itself"),
    may("measure", Tables(MEASURE), "Measures of the catalogue: status, owner, date"),
    may("rating", Tables(RATING), "The author's own ratings of findings, each with its reason"),
    may("context", Tables(CONTEXT), "What a finding means in this organisation, in its own words"),
    may("retention-rule", Tables(RETENTION_RULE), "The organisation's own retention periods, by kind of data"),
    may("confirmation", Tables(CONFIRMATION), "Who confirms the level of a finding, and why it is right here"),
    may("option", Tables(OPTION), "Options examined for risks that stay high"),
    may("decision", Tables(DECISION), "The outcome, or the acceptance of one risk"),
    may("evidence", Tables(EVIDENCE), "Files exported from the tenant, and questionnaires that were filled in"),
    may("resolution", Tables(RESOLUTION), "Who decided between values that contradict each other"),
    may("risk", Risks, "The author's own risks, in the shape of the catalogue's"),
];

const ASSESSMENT: &[Field] = &[
    must("title", Text, "Title of the report"),
    must("language", From(List::Languages), "Language in which this description is written"),
    may("structure", From(List::Structures), "Which chapters the report has, in which order"),
    may("as-of", Date, "The day for which the assessment holds"),
    may("version", Text, "Version of the DPIA"),
    may("status", Word(&["draft", "final"]), "Whether the authors still work on it"),
    may("history", Tables(HISTORY), "Earlier versions of the DPIA"),
    may("authors", Texts, "Who wrote the DPIA"),
    may("method", From(List::Methods), "Method of rating"),
    may("method-approved-by", Text, "Who approved the method, with function"),
    may("processing-name", Text, "Name in the record of processing activities"),
    may("processing-history", Prose, "Versions and history of the processing, not of the DPIA"),
    may("planned-start", Date, "The day on which the processing is to begin"),
    may("running-since", Date, "The day since which the processing runs"),
    may("planned-end", Text, "When, or on what occasion, the processing ends"),
    may("publication", Prose, "Whether and where the DPIA is published"),
    may("reasons", Texts, "Why a DPIA is made"),
    may("always-required", Table(ALWAYS_REQUIRED), "The three cases of Art. 35(3) GDPR, each with answer and reason"),
    may("national-list", Prose, "Which entries of the national list apply, and why"),
    may("codes-of-conduct", Prose, "Approved codes of conduct that apply (Art. 35(8) GDPR)"),
    may("references", Texts, "Guidelines, standards and other references used"),
    may("nature", Prose, "Nature of the processing: what is done with the data"),
    may("reach", Prose, "Numbers, reach and frequency, as the people concerned see it"),
    may("context", Prose, "Context: relation to the people concerned, their expectations"),
    may("cross-border", Prose, "Processing in several countries, and the lead authority"),
    may("data-quality", Prose, "How data are kept accurate and up to date"),
    may("scope", Table(SCOPE), "What is examined and what is not"),
    may("review", Table(REVIEW), "When and by whom the DPIA is looked at again (Art. 35(11) GDPR)"),
    may("consultation", Table(CONSULTATION), "Prior consultation that national law demands (Art. 36(5) GDPR)"),
];

const HISTORY: &[Field] =
    &[must("version", Text, "Version of the DPIA"), may("date", Date, "Date of the version"), must("change", Text, "What changed")];

const ALWAYS_REQUIRED: &[Field] = &[
    may("evaluation", Prose, "Systematic and extensive evaluation with decisions that affect people: whether, and why"),
    may("special-categories", Prose, "Special categories or criminal data on a large scale: whether, and why"),
    may("public-monitoring", Prose, "Systematic monitoring of a publicly accessible area on a large scale: whether, and why"),
];

const SCOPE: &[Field] = &[
    may("services", AllFrom(List::Services), "Services examined; absent: all in use"),
    may("data", AllFrom(List::Data), "Kinds of personal data examined; absent: all"),
    may("included", Prose, "What is examined, in words"),
    may("excluded", Prose, "What is not examined, and why"),
    may("why-one-assessment", Prose, "Why similar operations are assessed together (Art. 35(1) GDPR)"),
];

const REVIEW: &[Field] = &[
    may("date", Date, "The day of the next review"),
    may("owner", Text, "Who sees to it"),
    may("triggers", Texts, "Changes that call for an earlier review"),
];

const CONSULTATION: &[Field] = &[
    may("required-by-law", Flag, "Whether national law demands prior consultation"),
    may("law", Text, "The law and article that demand it"),
];

const ORGANISATION: &[Field] = &[
    must("name", Text, "Name of the organisation"),
    must("country", Country, "Country by its two letters of ISO 3166"),
    must("kind", From(List::OrganisationKinds), "Kind of organisation"),
    may("sector", Text, "Sector, in a few words"),
    may("public-body", Flag, "Whether it is a public authority or body"),
    may("legal-regime", Regime, "The law that applies; only the GDPR is supported"),
    may("controller", Table(CONTROLLER), "The controller, where it is not the organisation as such"),
    may("joint-controller", Tables(JOINT_CONTROLLER), "Joint controllers (Art. 26 GDPR)"),
    may("dpo", Table(DPO), "The data protection officer and the advice (Art. 35(2) GDPR)"),
    may("staff-representation", Table(STAFF_REPRESENTATION), "Works council or other staff representation"),
    may("views", Table(VIEWS), "Views of data subjects or their representatives (Art. 35(9) GDPR)"),
    may("people", Tables(PEOPLE_FIELDS), "Whose data are processed, with numbers"),
];

const CONTROLLER: &[Field] =
    &[may("name", Text, "Name of the controller"), may("unit", Text, "Responsible unit"), may("contact", Text, "Address for questions")];

const JOINT_CONTROLLER: &[Field] = &[
    must("name", Text, "Name of the joint controller"),
    must("tasks", Prose, "Who does what under the arrangement"),
    may("contact", Text, "Address for questions"),
];

const DPO: &[Field] = &[
    may("name", Text, "Name of the data protection officer"),
    may("contact", Text, "Address of the data protection officer"),
    may("none-because", Prose, "Why there is none"),
    may("advice", Prose, "The advice, as given"),
    may("date", Date, "The day of the advice"),
    may("how-followed", Prose, "How the advice was followed, or why not"),
    may("fingerprint", Text, "Fingerprint of the assessment that the advice was given on"),
];

const STAFF_REPRESENTATION: &[Field] = &[
    may("body", Text, "Which body"),
    may("result", Prose, "Result of the consultation"),
    may("date", Date, "The day of the result"),
    may("not-consulted-because", Prose, "Why it was not consulted"),
    may("fingerprint", Text, "Fingerprint of the assessment that was consulted on"),
];

const VIEWS: &[Field] = &[
    may("sought", Prose, "Who was asked, and how"),
    may("result", Prose, "What they said, and what was done with it"),
    may("date", Date, "The day of the result"),
    may("not-sought-because", Prose, "Why nobody was asked"),
];

const PEOPLE_FIELDS: &[Field] = &[
    must("category", From(List::Subjects), "Group of data subjects"),
    may("number", PEOPLE, "How many"),
    may("note", Prose, "What should be known about them"),
];

const POPULATION: &[Field] = &[
    must("id", Id, "Name by which answers refer to the group"),
    must("name", Text, "Name of the group for readers"),
    may("number", PEOPLE, "How many"),
    may("category", From(List::Subjects), "Group of data subjects that it belongs to"),
    may("note", Prose, "What should be known about them"),
    may("facts", Facts, "Answers that differ for this group"),
];

const PURPOSE: &[Field] = &[
    must("id", Id, "Name by which the purpose is referred to"),
    must("title", Text, "The purpose in a few words"),
    may("description", Prose, "The purpose, specific and explicit"),
    may("services", AllFrom(List::Services), "Services by which the purpose is served"),
    may("data", AllFrom(List::Data), "Kinds of personal data"),
    may("why-data", Prose, "Why these data are needed"),
    may("subjects", AllFrom(List::Subjects), "Groups of data subjects"),
    may("legal-basis", From(List::LegalBases), "Legal basis (Art. 6(1) GDPR)"),
    may("conditions", Prose, "How the conditions of the basis are met: law, contract, balancing"),
    may("legitimate-interest", Prose, "The interest pursued, where the basis is 6(1)(f) (Art. 35(7)(a) GDPR)"),
    may("special-condition", From(List::SpecialConditions), "Condition for special categories (Art. 9(2) GDPR)"),
    may("special-conditions-met", Prose, "How that condition is met"),
    may("necessity", Prose, "Why the processing is necessary for the purpose"),
    may("alternatives", Prose, "Less intrusive ways that were examined"),
    may("proportionality", Prose, "Why the intrusion stands in proportion to the purpose"),
    may("secondary", Flag, "Whether data collected for another purpose are used"),
    may("compatibility", Prose, "Why that use is compatible (Art. 6(4) GDPR)"),
];

const DATA_ITEM: &[Field] = &[
    must("item", Text, "The data, in a few words"),
    must("category", From(List::Data), "Kind of personal data"),
    may("subjects", AllFrom(List::Subjects), "Groups of data subjects"),
    may("explanation", Prose, "What the data are"),
    may("special", Text, "Which special category, if any"),
    may("need", Prose, "Why the data are needed"),
    may("recipients", Text, "Who gets them"),
    may("retention", Text, "How long they are kept"),
];

const PHASE: &[Field] = &[
    must("phase", Text, "The phase in a few words"),
    must("operation", Word(&["collection", "use", "storage", "sharing", "deletion"]), "What is done with the data"),
    must("explanation", Prose, "How it is done"),
];

const ASSET: &[Field] = &[
    must("name", Text, "Name of the asset"),
    must("type", Word(&["hardware", "software", "interface", "personnel", "site", "organisation"]), "Kind of asset"),
    may("explanation", Prose, "What it is used for"),
];

const PROCESSOR: &[Field] = &[
    must("name", Text, "Name of the party"),
    must("role", From(List::Roles), "Role under data protection law"),
    may("tasks", Prose, "What the party does"),
    may("data", AllFrom(List::Data), "Kinds of personal data that it receives"),
    may("location", Text, "Where it processes them"),
    may("agreement", Text, "The agreement or other act that binds it"),
];

const BASELINE: &[Field] = &[
    must("principle", From(List::Principles), "Principle or right that the measure serves"),
    must("measure", Prose, "The measure"),
    may("effect", Prose, "What it brings about"),
    may("status", Word(&["planned", "partly", "in-place"]), "How far it is"),
];

const MEASURE: &[Field] = &[
    must("id", From(List::Measures), "A measure of the catalogue"),
    may("finding", Text, "Only for this finding, where a measure is taken for each record"),
    may("record", Text, "Only for this record, such as one app: for every finding about it"),
    may("status", Word(&["in-place", "partly", "planned", "rejected", "open"]), "How far it is"),
    may("owner", Text, "Who sees to it, by function"),
    may("due", Date, "The day by which it is done"),
    may("evidence", Prose, "What shows that it is done"),
    may("because", Prose, "Why it is rejected"),
    may("off-until-done", Flag, "The function stays off until the measure is done"),
];

const STEP: Shape = Number(1, 4);

const RATING: &[Field] = &[
    must("finding", Text, "The finding"),
    must("likelihood", STEP, "Likelihood from 1 to 4"),
    must("severity", STEP, "Severity from 1 to 4"),
    must("because", Prose, "Why the catalogue's rating is not right here"),
];

const CONFIRMATION: &[Field] = &[
    must("finding", Text, "The finding"),
    must("function", Text, "Function of who confirms"),
    may("name", Text, "Name of who confirms"),
    may("date", Date, "The day of the confirmation"),
    must("because", Prose, "Why the level is right here"),
    may("fingerprint", Text, "Fingerprint of the finding as it was seen"),
];

const CONTEXT: &[Field] = &[
    must("finding", Text, "The finding; or the risk, for all its findings"),
    must("text", Prose, "What it means here: which work, which people, which data, what was seen"),
];

const RETENTION_RULE: &[Field] = &[
    must("kind", From(List::RetentionKinds), "Kind of data, an entry of the catalogue's retention.toml"),
    may("days", Number(0, 36_525), "Longest period in days"),
    may("period", Text, "The period in words, where it is no number of days"),
    must("because", Prose, "The law, rule or need that the period follows from"),
];

const OPTION: &[Field] = &[
    must("finding", Text, "The finding"),
    must("option", Prose, "The option that was examined"),
    must("not-feasible-because", Prose, "Why it is not feasible"),
];

const DECISION: &[Field] = &[
    may("finding", Text, "Acceptance of this one finding"),
    may("outcome", Word(&["approved", "conditional", "consultation", "rejected"]), "The outcome; absent for an acceptance"),
    must("function", Text, "Function of who decides"),
    may("name", Text, "Name of who decides"),
    may("date", Date, "The day of the decision"),
    may("because", Prose, "Why"),
    may("conditions", Texts, "Conditions on which the approval depends"),
    may("fingerprint", Text, "Fingerprint of the assessment or finding as it was seen"),
];

const EVIDENCE: &[Field] = &[
    must("file", Text, "Path of the file, from the folder of this file"),
    may("kind", From(List::EvidenceKinds), "Kind of file; without it, recognised by its headings"),
    may("as-of", Date, "The day of the export"),
    may("population", Text, "The whole file is about this group of people only"),
    may("policies", Names, "Which policy of the file applies to which group of people; \"nobody\" for one that is not assigned"),
    may("columns", Names, "Which column of the file is which"),
];

const RESOLUTION: &[Field] = &[
    must("fact", Text, "The fact, or a field of a list such as third-party-apps.permissions"),
    may("record", Text, "The record, where the fact is a field of a list"),
    may("platform", Text, "Only for this platform"),
    may("population", Text, "Only for this group of people"),
    must("value", Value, "The value that holds"),
    must("function", Text, "Function of who decided"),
    must("date", Date, "The day of the decision"),
    must("how", Prose, "How it was found out"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model;
    use serde_json::{Map, Value as Json};

    /// A value for every key, so that nothing is left at its default.
    fn filled(fields: &[Field]) -> Json {
        Json::Object(fields.iter().map(|f| (f.key.to_owned(), sample(f))).collect::<Map<_, _>>())
    }

    fn sample(field: &Field) -> Json {
        match field.shape {
            Date => Json::from("2020-03-31"),
            Flag => Json::from(true),
            Number(low, _) => Json::from(low),
            Texts | AllFrom(_) => Json::from(vec![marker(field)]),
            Table(fields) => filled(fields),
            Tables(fields) => Json::Array(vec![filled(fields)]),
            _ => Json::from(marker(field)),
        }
    }

    fn marker(field: &Field) -> String {
        format!("<{}>", field.key)
    }

    fn texts(fields: &[Field], into: &mut Vec<String>) {
        for field in fields {
            match field.shape {
                Table(fields) | Tables(fields) => texts(fields, into),
                // Read by other means than serde.
                Date | Flag | Number(..) | Facts | Risks | Names | Value => {}
                _ => into.push(marker(field)),
            }
        }
    }

    #[test]
    fn shapes_and_structs_have_the_same_keys() {
        let blocks = ROOT.iter().filter(|f| !matches!(f.key, "format" | "include" | "risk")).copied().collect::<Vec<_>>();
        let prose: model::Prose = serde_json::from_value(filled(&blocks)).expect("shapes fit the structs");
        let debug = format!("{prose:#?}");
        for empty in ["None", "\"\"", "[]"] {
            assert!(!debug.contains(empty), "a struct has a field without a shape:\n{debug}");
        }
        let mut markers = Vec::new();
        texts(&blocks, &mut markers);
        for marker in markers {
            assert!(debug.contains(&marker), "no struct has the field of {marker}");
        }
    }

    #[test]
    fn keys_are_unique_and_explained() {
        fn visit(fields: &[Field]) {
            for (i, field) in fields.iter().enumerate() {
                assert!(!field.doc.is_empty() && !field.doc.ends_with('.'), "{}", field.key);
                assert!(fields[..i].iter().all(|f| f.key != field.key), "{}", field.key);
                if let Table(fields) | Tables(fields) = field.shape {
                    visit(fields);
                }
            }
        }
        visit(ROOT);
    }
}
