//! Held to history: the deployments that published DPIAs examined, on their dates, come to the published risks and levels.
//!
//! `tests/published/<name>/published.toml` says what was published and how our findings map to it. Whatever else we find stands there with its reason.

mod common;

use common::{describe_in, described, facts, finding, ids, restate, root, view_in, world};
use dpia365::assessment::{Assessment, assess};
use dpia365::model::{Answer, Deployment, Given, Value};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// A published DPIA.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Published {
    name: String,
    source: String,
    as_of: toml::value::Datetime,
    #[serde(rename = "published")]
    published_on: toml::value::Datetime,
    /// Folder of the description, from the root of the project.
    deployment: String,
    method: String,
    scope_data: Vec<String>,
    /// Which of the three levels the publication speaks of.
    compares: String,
    /// Published risks by level.
    count: BTreeMap<String, usize>,
    risk: Vec<Risk>,
    /// Findings of ours that the publication does not name.
    #[serde(default)]
    beyond: Vec<Beyond>,
    /// Findings of ours about things that the publication does not speak of, so that its facts leave them open.
    #[serde(default)]
    unexamined: Vec<Unexamined>,
    #[serde(default)]
    measure: Vec<Measure>,
    #[serde(default)]
    circumstance: Vec<Circumstance>,
    #[serde(default)]
    later: Vec<Later>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Risk {
    number: String,
    level: String,
    title: String,
    /// Our finding. Absent where the catalogue does not hold the risk; then `because` says so.
    finding: Option<String>,
    because: Option<String>,
    /// The numbers of the circumstances it was attributed to.
    #[serde(default)]
    circumstances: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Beyond {
    finding: String,
    level: String,
    /// `open` where facts that the publication does not give could settle it.
    #[serde(default)]
    open: bool,
    /// Certain, and higher than published: a deviation that is documented, not tuned away.
    #[serde(default)]
    deviates: bool,
    because: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unexamined {
    findings: Vec<String>,
    because: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Measure {
    number: String,
    title: String,
    measures: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Circumstance {
    number: String,
    facts: BTreeMap<String, toml::Value>,
}

/// The same deployment in another state: what follows from the publication for it. Levels are current; a list that is given names every
/// finding that is settled at this level.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Later {
    name: String,
    as_of: toml::value::Datetime,
    /// Facts that are answered anew.
    set: BTreeMap<String, toml::Value>,
    /// `lowest-obeying`: every app has exactly the lowest version that obeys the policies.
    versions: Option<String>,
    /// No finding has a higher level.
    highest: Option<String>,
    high: Option<Vec<String>>,
    medium: Option<Vec<String>>,
    low: Option<Vec<String>>,
    #[serde(default)]
    mitigated: Vec<String>,
    #[serde(default)]
    not_applicable: Vec<String>,
}

/// The level of a risk whose publication gives none.
const UNRATED: &str = "none-published";

const LEVELS: [&str; 4] = ["none", "low", "medium", "high"];

fn published() -> Vec<Published> {
    let folders = std::fs::read_dir(root().join("tests/published")).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<_> = folders.map(|f| f.join("published.toml")).collect();
    // The oldest first: tests below take it by its place.
    files.sort_by_key(|f| !f.to_str().unwrap().contains("rijk-2020"));
    assert!(files.len() > 5, "the published tables were not found");
    files.iter().map(|p| toml::from_str(&std::fs::read_to_string(p).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", p.display()))).collect()
}

fn assessed<'d>(deployment: &'d Deployment, published: &Published, as_of: &toml::value::Datetime) -> Assessment<'d> {
    let catalog = &world().catalog;
    assess(deployment, catalog, &catalog.methods[&published.method], as_of.to_string().parse().unwrap())
}

fn view(published: &Published) -> (Deployment, Json) {
    let deployment = described(&published.deployment);
    let assessment = assessed(&deployment, published, &published.as_of);
    let view = view_in(&world().catalog, &deployment, &assessment);
    (deployment, view)
}

fn level<'j>(finding: &'j Json, stage: &str) -> &'j str {
    finding[stage]["level"].as_str().unwrap()
}

/// Whether open facts could still change the current level.
fn is_open(finding: &Json) -> bool {
    finding["state"] == "open" || finding["range"]["lowest"] != finding["range"]["highest"]
}

#[test]
fn every_published_risk_is_met_by_one_finding_at_its_level() {
    for published in published() {
        let (deployment, view) = view(&published);
        assert_eq!(deployment.prose.assessment.as_of.unwrap().to_string(), published.as_of.to_string(), "{}", published.name);
        assert_eq!(deployment.prose.assessment.method.as_deref(), Some(published.method.as_str()), "{}", published.name);
        assert_eq!(deployment.prose.assessment.scope.data, published.scope_data, "{}", published.name);
        let source = &world().catalog.sources[&published.source];
        assert_eq!(source.date, published.published_on.to_string(), "the source is the publication");

        let mut found: BTreeMap<&str, usize> = LEVELS.iter().skip(1).chain(&[UNRATED]).map(|l| (*l, 0)).collect();
        let mut used = BTreeSet::new();
        for risk in &published.risk {
            // Not every publication gives levels.
            let rated = risk.level != UNRATED;
            *found.get_mut(risk.level.as_str()).unwrap() += 1;
            let Some(id) = &risk.finding else {
                assert!(risk.because.is_some(), "{}: {} has neither a finding nor a reason", published.name, risk.title);
                continue;
            };
            assert!(used.insert(id) || !rated, "two published risks map to {id}");
            let finding = finding(&view, id);
            if !rated {
                assert_eq!(finding["state"], "applies", "{} {}: {}", published.name, risk.number, risk.title);
                continue;
            }
            assert_eq!(level(finding, &published.compares), risk.level, "{} {}: {}", published.name, risk.number, risk.title);
            assert!(!is_open(finding), "{} {} rests on open facts: {}", published.name, risk.number, risk.title);
        }
        found.retain(|level, n| *n > 0 || published.count.contains_key(*level));
        let counts: BTreeMap<&str, usize> = published.count.iter().map(|(l, n)| (l.as_str(), *n)).collect();
        assert_eq!(found, counts, "{}: the table has as many risks as were published", published.name);
    }
}

#[test]
fn whatever_else_is_found_is_listed_with_its_reason() {
    for published in published() {
        let (_, view) = view(&published);
        let mapped: BTreeSet<&str> = published.risk.iter().filter_map(|r| r.finding.as_deref()).collect();
        let beyond: BTreeMap<&str, &Beyond> = published.beyond.iter().map(|b| (b.finding.as_str(), b)).collect();
        let unexamined: BTreeSet<&str> = published.unexamined.iter().flat_map(|u| &u.findings).map(String::as_str).collect();
        assert!(published.unexamined.iter().all(|u| u.because.len() > 20), "{}: a reason, not a word", published.name);
        let (mut seen, mut unlisted) = (BTreeSet::new(), Vec::new());
        for finding in view["findings"].as_array().unwrap() {
            let id = finding["id"].as_str().unwrap();
            if mapped.contains(id) {
                continue;
            }
            if is_open(finding) && unexamined.contains(id) {
                seen.insert(id);
                continue;
            }
            let level = level(finding, &published.compares);
            let Some(listed) = beyond.get(id) else {
                unlisted.push(format!("{id} ({level}, {})", if is_open(finding) { "open" } else { "settled" }));
                continue;
            };
            assert_eq!(listed.level, level, "{}: {id}", published.name);
            assert_eq!(listed.open, is_open(finding), "{}: {id}", published.name);
            assert!(listed.because.len() > 20, "{id}: a reason, not a word");
            // A certain finding of ours above low contradicts the publication.
            assert_eq!(listed.deviates, !listed.open && level != "low", "{}: {id} is {level}", published.name);
            seen.insert(id);
        }
        assert!(unlisted.is_empty(), "{}: in no list: {unlisted:?}", published.name);
        let stale: Vec<_> = beyond.keys().chain(&unexamined).filter(|id| !seen.contains(*id)).collect();
        assert!(stale.is_empty(), "{}: listed, but found no more: {stale:?}", published.name);
    }
}

#[test]
fn the_recommended_measures_are_among_ours() {
    for published in published() {
        let (_, view) = view(&published);
        let ours: BTreeSet<&str> = view["measures"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
        for measure in &published.measure {
            for id in &measure.measures {
                assert!(
                    ours.contains(id.as_str()),
                    "{} {} ({}): {id} is no measure of the report",
                    published.name,
                    measure.number,
                    measure.title
                );
            }
        }
    }
}

#[test]
fn the_risks_rest_on_the_circumstances_they_were_attributed_to() {
    for published in published() {
        let deployment = described(&published.deployment);
        let assessment = assessed(&deployment, &published, &published.as_of);
        for circumstance in &published.circumstance {
            for (fact, value) in &circumstance.facts {
                let fact_now = assessment.facts.get(fact);
                let single = fact_now.single().unwrap_or_else(|| panic!("{}: {fact} is open", circumstance.number));
                assert_eq!(single.to_json(), serde_json::to_value(value).unwrap(), "{}: {fact}", circumstance.number);
            }
        }
        for risk in &published.risk {
            let Some(finding) = assessment.findings.iter().find(|f| Some(&f.id) == risk.finding.as_ref()) else { continue };
            let measures = finding.measures.iter().flat_map(|m| &m.reasons);
            let reasons: BTreeSet<&str> = finding.paths.iter().flat_map(|p| &p.reasons).chain(measures).map(|r| r.fact.as_str()).collect();
            for number in &risk.circumstances {
                let circumstance = published.circumstance.iter().find(|c| c.number == *number).unwrap();
                let carried = circumstance.facts.keys().any(|f| reasons.contains(f.as_str()));
                assert!(carried, "{}: {} does not rest on {number}, only on {reasons:?}", published.name, risk.number);
            }
        }
    }
}

#[test]
fn later_states_of_the_same_deployment_have_the_levels_that_follow() {
    for published in published() {
        assert!(!published.later.is_empty(), "{}: no later state", published.name);
        for later in &published.later {
            let mut deployment = described(&published.deployment);
            restate(&mut deployment, &statements(&later.set));
            if let Some(versions) = &later.versions {
                assert_eq!(versions, "lowest-obeying");
                run_lowest_obeying_versions(&mut deployment, &published, &later.as_of);
            }
            let assessment = assessed(&deployment, &published, &later.as_of);
            let view = view_in(&world().catalog, &deployment, &assessment);
            check_later(&view, &format!("{}: {}", published.name, later.name), later);
        }
    }
}

fn check_later(view: &Json, name: &str, later: &Later) {
    let rank = |level: &str| LEVELS.iter().position(|l| *l == level).unwrap();
    if let Some(highest) = &later.highest {
        for finding in view["findings"].as_array().unwrap() {
            assert!(rank(level(finding, "current")) <= rank(highest), "{name}: {} is {}", finding["id"], level(finding, "current"));
        }
    }
    for (wanted, list) in [("high", &later.high), ("medium", &later.medium), ("low", &later.low)] {
        let Some(list) = list else { continue };
        let settled = view["findings"].as_array().unwrap().iter().filter(|f| !is_open(f));
        let at: BTreeSet<&str> = settled.filter(|f| level(f, "current") == wanted).map(|f| f["id"].as_str().unwrap()).collect();
        assert_eq!(at, list.iter().map(String::as_str).collect(), "{name}: {wanted}");
    }
    let excluded = |because: &str| -> BTreeSet<&str> {
        view["excluded"].as_array().unwrap().iter().filter(|e| e["because"] == because).map(|e| e["risk"].as_str().unwrap()).collect()
    };
    for (because, list) in [("mitigated", &later.mitigated), ("not-applicable", &later.not_applicable)] {
        for risk in list {
            assert!(excluded(because).contains(risk.as_str()), "{name}: {risk} should be {because}; findings: {:?}", ids(view));
        }
    }
}

/// Facts as written in a description: `[area]` and its lines.
fn statements(facts: &BTreeMap<String, toml::Value>) -> String {
    let mut areas: BTreeMap<&str, String> = BTreeMap::new();
    for (id, value) in facts {
        let (area, name) = id.split_once('.').unwrap();
        areas.entry(area).or_default().push_str(&format!("{name} = {value}\n"));
    }
    areas.iter().map(|(area, lines)| format!("[{area}]\n{lines}")).collect()
}

/// Gives every app the version that the catalogue names as the lowest which obeys the policies.
fn run_lowest_obeying_versions(deployment: &mut Deployment, published: &Published, as_of: &toml::value::Datetime) {
    let current = deployment.clone();
    let assessment = assessed(&current, published, as_of);
    let Some(Answer { slots }) = deployment.answers.get_mut("apps") else { panic!("the description lists no apps") };
    let Given::Value(Value::Records(records)) = &mut slots[0].given else { panic!("the apps are not known") };
    assert!(records.len() > 3);
    for record in records {
        let lowest = assessment.facts.for_record("vendor.lowest-obeying-version", record);
        let version = lowest.single().unwrap_or_else(|| panic!("no lowest version for {}", record.key)).clone();
        let place = record.place.clone();
        record.fields.insert("version".to_owned(), (Given::Value(version), place));
    }
}

/// Without a version nobody can say whether an app obeys, so the level stays open: the later states above would show nothing otherwise.
#[test]
fn unknown_versions_leave_the_later_state_open() {
    let published = &published()[0];
    let later = &published.later[0];
    let mut deployment = described(&published.deployment);
    restate(&mut deployment, &statements(&later.set));
    let assessment = assessed(&deployment, published, &later.as_of);
    let view = view_in(&world().catalog, &deployment, &assessment);
    let finding = finding(&view, "mobile-data-to-third-parties");
    assert_eq!((&finding["range"]["lowest"], &finding["range"]["highest"]), (&Json::from("none"), &Json::from("medium")));
    let asked: BTreeSet<&str> = view["questions"].as_array().unwrap().iter().map(|q| q["fact"].as_str().unwrap()).collect();
    assert!(asked.contains("apps"), "{asked:?}");
    assert!(!facts(finding).is_empty());
}

/// The tables are no tautology: on another date the same description comes to something else.
#[test]
fn the_date_matters() {
    let published = &published()[0];
    let deployment = described(&published.deployment);
    let text = deployment.files.iter().map(|(_, t)| t.as_str()).find(|t| t.contains("[assessment]")).unwrap();
    assert!(text.contains("as-of = 2020-03-31"));
    let catalog = &world().catalog;
    let at = |date: &str| {
        let assessment = assess(&deployment, catalog, &catalog.methods["ico-3"], date.parse().unwrap());
        assessment.findings.iter().filter(|f| f.current.rated.level == dpia365::model::Level::High).count()
    };
    assert!(at("2020-03-31") > at("2021-01-01"));
    // Nothing of this is about the words of the description.
    let bare = describe_in(catalog, common::HEAD);
    assert!(!assess(&bare, catalog, &catalog.methods["ico-3"], "2020-03-31".parse().unwrap()).findings.is_empty());
}
