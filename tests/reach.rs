//! How far an answer reaches: settings out of a control's reach, facts that come from the organisation's block, permissions by name and GUID.

mod common;

use common::page::{rows, text};
use common::program::run;
use common::{HEAD, describe, describe_whole, excluded, finding, findings, ids, json, load, world};
use dpia365::assessment::{Assessment, State, Why, assess};
use dpia365::diagnostic::Diagnostic;
use dpia365::model::{Deployment, Given, Lang, Origin, Value};
use serde_json::Value as Json;

const TODAY: &str = "2026-11-22";

fn assessed(deployment: &Deployment) -> Assessment<'_> {
    let catalog = &world().catalog;
    assess(deployment, catalog, &catalog.methods["dpia365-4"], TODAY.parse().unwrap())
}

/// The value of a fact for a platform, and whether it holds out of the control's reach.
#[track_caller]
fn on(assessment: &Assessment<'_>, fact: &str, platform: &str) -> (Json, bool) {
    let fact = assessment.facts.get(fact);
    let cell = fact.cells.iter().find(|c| c.scope.platform.as_deref() == Some(platform));
    match &cell.unwrap_or_else(|| panic!("{} has no value for {platform}", fact.id)).state {
        State::Known { value, origin } => (value.to_json(), matches!(origin, Origin::OutOfReach { .. })),
        State::Open { .. } => (Json::Null, false),
    }
}

/// The platforms of which the assessment says that a setting does not reach them.
fn warned(assessment: &Assessment<'_>) -> Vec<String> {
    let of = assessment.diagnostics.iter().filter(|d| d.code == "control-out-of-reach");
    of.map(|d| {
        assert!(!d.is_error() && d.labels.len() == 1 && d.labels[0].place.line().is_some(), "{d:?}");
        d.message.split('`').filter(|w| !w.contains(' ')).collect::<Vec<_>>().join(" ").trim().to_owned()
    })
    .collect()
}

// ---- Out of the control's reach

/// Facts with a value that can be stated, the value that holds elsewhere whatever is stated, and where.
const BEYOND: [(&str, &str, &str, &[&str]); 4] = [
    ("diagnostics.level", "\"neither\"", "\"no-setting\"", &["web"]),
    ("connected-experiences.analyse-content", "false", "true", &["web"]),
    ("connected-experiences.download-content", "false", "true", &["web"]),
    ("connected-experiences.all", "false", "true", &["ios", "android", "web"]),
];

const ALL: [&str; 5] = ["windows", "mac", "ios", "android", "web"];

fn platforms(of: &[&str]) -> String {
    format!("services.platforms = {of:?}\n")
}

fn value(written: &str) -> Json {
    serde_json::from_str(written).unwrap()
}

#[test]
fn every_fact_with_such_rows_is_tried_here() {
    let facts = world().catalog.vocabulary.facts.values().filter(|d| !d.out_of_reach.is_empty());
    let mut ids: Vec<&str> = facts.map(|d| d.id.as_str()).collect();
    ids.sort_unstable();
    let mut tried = BEYOND.map(|(fact, ..)| fact);
    tried.sort_unstable();
    assert_eq!(ids, tried);
}

#[test]
fn what_is_stated_where_the_control_does_not_reach_has_no_effect_and_is_warned_of() {
    for (fact, stated, holds, beyond) in BEYOND {
        let all = ALL.map(|p| format!("{p} = {stated}")).join(", ");
        let deployment = describe_whole(&format!("{}{fact} = {{ {all} }}\n{HEAD}", platforms(&ALL)));
        let assessment = assessed(&deployment);
        for platform in ALL {
            let expected = if beyond.contains(&platform) { (value(holds), true) } else { (value(stated), false) };
            assert_eq!(on(&assessment, fact, platform), expected, "{fact} on {platform}");
        }
        let mut expected: Vec<String> = beyond.iter().map(|p| format!("{fact} {p}")).collect();
        expected.sort_unstable();
        let mut warned = warned(&assessment);
        warned.sort_unstable();
        assert_eq!(warned, expected);
    }
}

#[test]
fn one_answer_for_all_platforms_holds_where_the_control_reaches() {
    for (fact, stated, holds, beyond) in BEYOND {
        let deployment = describe_whole(&format!("{}{fact} = {stated}\n{HEAD}", platforms(&ALL)));
        let assessment = assessed(&deployment);
        for platform in ALL {
            let expected = if beyond.contains(&platform) { (value(holds), true) } else { (value(stated), false) };
            assert_eq!(on(&assessment, fact, platform), expected, "{fact} on {platform}");
        }
        assert!(warned(&assessment).is_empty(), "who speaks of all says nothing wrong about one: {:?}", warned(&assessment));
    }
}

#[test]
fn saying_what_holds_there_or_nothing_in_particular_is_no_mistake() {
    for (fact, stated, holds, _) in BEYOND {
        for web in [holds, "\"unknown\"", "\"not-configured\""] {
            let deployment =
                describe_whole(&format!("{}{fact} = {{ windows = {stated}, web = {web} }}\n{HEAD}", platforms(&["windows", "web"])));
            let assessment = assessed(&deployment);
            assert_eq!(on(&assessment, fact, "web"), (value(holds), true), "{fact} = {web}");
            assert!(warned(&assessment).is_empty(), "{fact} = {web}");
        }
        // A platform that nobody uses is no place for a warning.
        let deployment = describe_whole(&format!("{}{fact} = {{ windows = {stated}, web = {stated} }}\n{HEAD}", platforms(&["windows"])));
        let assessment = assessed(&deployment);
        assert_eq!(assessment.facts.get(fact).single().map(Value::to_json), Some(value(stated)), "{fact}");
        assert!(warned(&assessment).is_empty(), "{fact}");
    }
}

#[test]
fn the_warning_stands_at_the_line_for_each_group_of_people() {
    let groups = "[[population]]\nid = \"staff\"\nname = \"Staff\"\n[[population]]\nid = \"council\"\nname = \"Works council\"\n";
    let stated = "{ staff = { windows = false, web = false }, council = { windows = false, web = true } }";
    let text = format!("services.platforms = [\"windows\", \"web\"]\nconnected-experiences.analyse-content = {stated}\n{HEAD}{groups}");
    let deployment = describe_whole(&text);
    let assessment = assessed(&deployment);
    let warnings: Vec<&Diagnostic> = assessment.diagnostics.iter().filter(|d| d.code == "control-out-of-reach").collect();
    assert_eq!(warnings.len(), 1, "only what was stated for the staff is of no use: {warnings:#?}");
    assert_eq!(warnings[0].labels[0].place.line(), Some(2));
    assert!(warnings[0].help[0].contains("2024-10-21"), "{:?}", warnings[0].help);
    let web = assessment.facts.get("connected-experiences.analyse-content");
    assert_eq!(web.cells.iter().filter(|c| c.scope.platform.as_deref() == Some("web")).count(), 2);
}

const OFFICE: &str = "services.in-use = [\"office-desktop\", \"office-web\"]\nservices.platforms = [\"windows\", \"web\"]\ndata.professional-secrecy = true\nconnected-experiences.all = true\n";

#[test]
fn a_setting_out_of_reach_settles_no_risk() {
    let risk = "content-analysed-on-microsofts-servers";
    let with = |stated: &str| {
        json(&describe_whole(&format!("{OFFICE}connected-experiences.analyse-content = {stated}\n{HEAD}")), TODAY, "dpia365-4")
    };
    let status = |view: &Json| {
        let measures = view["measures"].as_array().unwrap();
        measures.iter().find(|m| m["id"] == "switch-off-content-analysing-experiences").unwrap()["status"].as_str().unwrap().to_owned()
    };
    // Off everywhere as far as the description goes: the browser keeps analysing.
    let off = with("false");
    assert_eq!((finding(&off, risk)["current"]["level"].as_str(), status(&off).as_str()), (Some("medium"), "partly"));
    let web = with("{ windows = false, web = false }");
    assert_eq!((&finding(&web, risk)["current"], status(&web)), (&finding(&off, risk)["current"], status(&off)));
    assert_eq!(status(&with("true")), "not-in-place");
    // Where nobody uses the browser the same answer removes the risk.
    let desktop = OFFICE.replace(", \"office-web\"", "").replace(", \"web\"", "");
    let gone = json(&describe_whole(&format!("{desktop}connected-experiences.analyse-content = false\n{HEAD}")), TODAY, "dpia365-4");
    assert_eq!(excluded(&gone, risk)["because"], "mitigated", "{:?}", ids(&gone));
}

#[test]
fn the_view_names_the_origin_with_row_and_line() {
    // A risk of the author's own may ask the setting itself.
    let own = "[[risk]]\nid = \"own-risk\"\nfamily = \"confidentiality\"\ntitle = \"Own\"\naffected = \"Staff.\"\nwhat = \"So.\"\n\
        data = [\"content\"]\nsubjects = [\"employees\"]\n[[risk.when]]\n\"connected-experiences.analyse-content\" = true\n\
        [[risk.rating]]\nlikelihood = 2\nseverity = 2\nlikelihood-because = \"So.\"\nseverity-because = \"So.\"\n";
    let deployment = describe_whole(&format!("{OFFICE}connected-experiences.analyse-content = false\n{HEAD}{own}"));
    let view = json(&deployment, TODAY, "dpia365-4");
    let found = finding(&view, "own-risk");
    let reasons = found["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    let origin = &reasons[0]["origin"];
    assert_eq!((&reasons[0]["value"], &origin["kind"]), (&Json::from(true), &Json::from("out-of-reach")));
    assert_eq!((&origin["file"], &origin["line"]), (&Json::from("deployment.toml"), &Json::from(5)));
    assert!(origin["source"].is_string(), "{origin}");
    assert!(found["sources"].as_array().unwrap().contains(&Json::from("dep-06")), "the sources of the row are those of the finding");
    let words = world().texts.locale(Lang::En).unwrap().get("origin.out-of-reach");
    assert!(text(&view["document"]).contains(words), "the report says so, too");
}

#[test]
fn check_prints_the_warning_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{OFFICE}diagnostics.level = {{ windows = \"required\", web = \"required\" }}\n{HEAD}");
    std::fs::write(folder.path().join("deployment.toml"), text).unwrap();
    let checked = run(folder.path(), &["check", "."]).expect(0);
    assert_eq!(checked.stderr.matches("warning[control-out-of-reach]").count(), 1, "{}", checked.stderr);
    assert!(checked.stderr.contains("does not reach the platform `web`"), "{}", checked.stderr);
}

// ---- The organisation's own block

fn organisation(country: &str, more: &str) -> Deployment {
    describe_whole(&format!("{}{more}", HEAD.replace("country = \"NL\"", &format!("country = \"{country}\""))))
}

#[test]
fn country_kind_and_public_body_come_from_the_block() {
    for (country, fact) in [("NL", "nl"), ("DE", "de"), ("GB", "gb"), ("JP", "other"), ("ZZ", "other")] {
        let deployment = organisation(country, "public-body = false\n");
        let assessment = assessed(&deployment);
        let single = |id: &str| assessment.facts.get(id).single().cloned();
        assert_eq!(single("organisation.country"), Some(Value::Choice(fact.to_owned())), "{country}");
        assert_eq!(single("organisation.kind"), Some(Value::Choice("company".to_owned())));
        assert_eq!(single("organisation.public-body"), Some(Value::Flag(false)));
        let State::Known { origin: Origin::Declared(place), .. } = &assessment.facts.get("organisation.country").cells[0].state else {
            panic!("not stated by the description")
        };
        assert_eq!(place.line(), Some(8), "where the block says so");
    }
    let deployment = organisation("NL", "");
    let fact = assessed(&deployment).facts.get("organisation.public-body");
    assert!(fact.is_open() && matches!(fact.cells[0].state, State::Open { why: Why::Unstated, .. }), "{fact:?}");
}

#[test]
fn every_kind_of_organisation_is_a_value_of_the_fact() {
    for kind in world().catalog.ids("organisation-kinds") {
        let deployment = describe_whole(&HEAD.replace("kind = \"company\"", &format!("kind = \"{kind}\"")));
        assert_eq!(assessed(&deployment).facts.get("organisation.kind").single(), Some(&Value::Choice(kind)));
    }
}

#[test]
fn conditions_read_the_country_of_the_block() {
    // According to Microsoft, connections to LinkedIn are off by default in Germany and France.
    for (country, default) in [("DE", "off"), ("FR", "off"), ("NL", "on"), ("JP", "on")] {
        let deployment = organisation(country, "[linkedin]\naccount-connections = \"not-configured\"\n");
        let value = assessed(&deployment).facts.get("linkedin.account-connections").single().cloned();
        assert_eq!(value, Some(Value::Choice(default.to_owned())), "{country}");
    }
}

/// What was found wrong with a description.
fn faults(text: &str) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("deployment.toml"), text).unwrap();
    load(folder.path()).1.into_iter().filter(Diagnostic::is_error).collect()
}

#[test]
fn the_block_takes_its_own_keys_only_and_facts_of_it_cannot_be_stated_elsewhere() {
    let unknown = faults(&format!("{HEAD}public-boddy = true\n"));
    assert_eq!(unknown.len(), 1, "{unknown:#?}");
    assert_eq!(unknown[0].code, "unknown-key");
    assert!(unknown[0].help.iter().any(|h| h.contains("public-body")), "{:?}", unknown[0].help);
    // The country is checked as it always was.
    assert_eq!(faults(&HEAD.replace("\"NL\"", "\"nl\""))[0].code, "choice-unknown");
    for fact in ["country = \"de\"", "public-body = true", "kind = \"school\""] {
        let group = format!("{HEAD}[[population]]\nid = \"staff\"\nname = \"Staff\"\n[population.facts.organisation]\n{fact}\n");
        let faults = faults(&group);
        assert_eq!(faults.len(), 1, "{fact}: {faults:#?}");
        assert_eq!(faults[0].code, "unknown-key", "{fact}");
        assert_eq!(faults[0].labels[0].place.line(), Some(group.lines().count()), "{fact}");
    }
}

#[test]
fn nobody_is_asked_for_a_fact_of_the_block() {
    let catalog = &world().catalog;
    let block: Vec<&str> = catalog.vocabulary.facts.keys().map(String::as_str).filter(|id| id.starts_with("organisation.")).collect();
    assert_eq!(block, ["organisation.country", "organisation.kind", "organisation.public-body"]);
    for id in block {
        assert!(catalog.vocabulary.facts[id].follows_from_block() && !catalog.vocabulary.facts[id].is_asked(), "{id}");
    }
    let schema = run(&common::root(), &["schema"]).expect(0).json();
    let properties = schema["properties"]["organisation"].as_object().unwrap();
    assert!(!serde_json::to_string(properties).unwrap().contains("not-configured"), "the block keeps its own shape");
}

// ---- Permissions

const ALL_CONTENT: &str = "app-with-access-to-all-content";
const WIDE: &str = "app-with-wide-personal-data";

/// One app with these permissions.
fn app(permissions: &[&str]) -> Deployment {
    describe(&format!(
        "[services]\nin-use = [\"exchange\"]\n[data]\nspecial-categories = false\nprofessional-secrecy = false\n\
         [[third-party-apps]]\nid = \"sig\"\nname = \"Signature app\"\nvendor = \"Vendor\"\npermissions = {permissions:?}\n"
    ))
}

fn held(deployment: &Deployment) -> Vec<String> {
    let Given::Value(Value::Records(records)) = &deployment.answers["third-party-apps"].slots[0].given else { panic!("no records") };
    let Given::Value(Value::Permissions(held)) = &records[0].fields["permissions"].0 else { panic!("no permissions") };
    held.iter().cloned().collect()
}

#[test]
fn a_permission_given_by_its_guid_is_the_one_the_catalogue_knows() {
    let named = app(&["application:Mail.Read", "delegated:Mail.Read"]);
    let guids = app(&["application:810c84a8-4a9e-49e6-bf7d-12d183f40d01", "delegated:570282FD-FA5C-430D-A7FD-FC8DC98A9DCA"]);
    assert_eq!(held(&guids), held(&named));
    assert_eq!(json(&guids, TODAY, "dpia365-4")["findings"], json(&named, TODAY, "dpia365-4")["findings"]);
    // The kind belongs to it: the same GUID as an application permission is another one, which nobody knows.
    let mixed = "application:570282fd-fa5c-430d-a7fd-fc8dc98a9dca";
    assert_eq!(held(&app(&[mixed])), [mixed]);
    // Every GUID of the catalogue leads back to its permission.
    let known: Vec<_> = world().catalog.permissions.values().filter_map(|p| Some((p, p.guid.as_ref()?))).collect();
    assert!(known.len() > 50, "{}", known.len());
    let written: Vec<String> = known.iter().map(|(p, guid)| format!("{}:{guid}", p.id.split(':').next().unwrap())).collect();
    let mut names: Vec<&str> = known.iter().map(|(p, _)| p.id.as_str()).collect();
    names.sort_unstable();
    assert_eq!(held(&app(&written.iter().map(String::as_str).collect::<Vec<_>>())), names);
}

/// The rows about permissions, and the sentence about the app's class.
fn annex(view: &Json) -> (Vec<Vec<String>>, String) {
    let locale = world().texts.locale(Lang::En).unwrap();
    let chapters = view["document"]["chapters"].as_array().unwrap();
    let annex = chapters.iter().find(|c| c["id"] == "annex-permissions").expect("an annex on permissions");
    (rows(view, locale.get("permission.caption")), text(annex))
}

#[test]
fn a_permission_that_nobody_knows_is_never_taken_for_harmless() {
    let view = json(&app(&["application:Brand.New", "delegated:User.Read"]), TODAY, "dpia365-4");
    for risk in [ALL_CONTENT, WIDE] {
        let found = finding(&view, risk);
        assert_eq!((found["state"].as_str(), found["range"]["lowest"].as_str()), (Some("open"), Some("none")), "{risk}");
    }
    let (table, page) = annex(&view);
    let locale = world().texts.locale(Lang::En).unwrap();
    assert_eq!(table.len(), 2);
    assert!(table[0][0].contains("Brand.New"), "what nobody has assessed stands first: {table:?}");
    assert_eq!((table[0][1].as_str(), table[0][2].as_str()), ("–", locale.get("permission.not-assessed")));
    assert_eq!(table[1][1], "1");
    assert!(page.contains(locale.get("permission.some-unknown")), "{page}");
    assert!(page.contains("Class of the app: 1."), "{page}");
    // Alone it leaves nothing to say about the class.
    let (_, alone) = annex(&json(&app(&["application:Brand.New"]), TODAY, "dpia365-4"));
    assert!(!alone.contains("Class of the app: ") && alone.contains(locale.get("permission.not-assessed")), "{alone}");
    // Beside a permission that opens everything it changes nothing.
    let worst = json(&app(&["application:Brand.New", "application:Mail.Read"]), TODAY, "dpia365-4");
    assert_eq!(finding(&worst, ALL_CONTENT)["state"], "applies");
    // Known and harmless: nothing is open.
    assert!(findings(&json(&app(&["delegated:User.Read"]), TODAY, "dpia365-4"), WIDE).is_empty());
}

#[test]
fn permissions_that_are_lesser_each_open_everything_together() {
    let (read, forward) = ("application:Mail.ReadBasic.All", "application:MailboxSettings.ReadWrite");
    for one in [read, forward] {
        let view = json(&app(&[one]), TODAY, "dpia365-4");
        assert_eq!(world().catalog.permissions[one].class, 3);
        assert!(findings(&view, ALL_CONTENT).is_empty() && !findings(&view, WIDE).is_empty(), "{one}: {:?}", ids(&view));
        assert!(annex(&view).1.contains("Class of the app: 3."), "{one}");
    }
    let view = json(&app(&[read, forward]), TODAY, "dpia365-4");
    assert_eq!(finding(&view, ALL_CONTENT)["state"], "applies");
    let (table, page) = annex(&view);
    assert!(page.contains("Class of the app: 4."), "{page}");
    let combination = &world().catalog.vocabulary.combinations.iter().find(|c| c.id == "read-all-mail-and-forward-it").unwrap();
    assert!(table[0][0].starts_with(combination.label.get(Lang::En)), "{table:?}");
    assert_eq!((table[0][1].as_str(), table.len()), ("4", 3));
}

#[test]
fn each_combination_of_the_catalogue_gives_its_class_and_needs_all_its_parts() {
    let catalog = &world().catalog;
    assert!(catalog.vocabulary.combinations.len() > 5);
    let mut lifted = 0;
    for combination in &catalog.vocabulary.combinations {
        let parts: Vec<&str> = combination.all.iter().map(|any| any[0].as_str()).collect();
        let all = parts.iter().map(|p| (*p).to_owned()).collect();
        assert!(combination.is_in(&all), "{}", combination.id);
        for part in &parts {
            let fewer = parts.iter().filter(|p| *p != part).map(|p| (*p).to_owned()).collect();
            assert!(!combination.is_in(&fewer), "{} without {part}", combination.id);
        }
        if parts.iter().any(|p| catalog.permissions[*p].class >= combination.class) || combination.class < 3 {
            continue;
        }
        // What each part alone does not show, all of them together do.
        lifted += 1;
        let risk = if combination.class == 4 { ALL_CONTENT } else { WIDE };
        for part in &parts {
            assert!(findings(&json(&app(&[part]), TODAY, "dpia365-4"), risk).is_empty(), "{} from {part} alone", combination.id);
        }
        assert_eq!(finding(&json(&app(&parts), TODAY, "dpia365-4"), risk)["state"], "applies", "{}", combination.id);
    }
    assert!(lifted > 2, "{lifted} combinations lift a class: too few to show anything");
}

#[test]
fn titles_about_an_open_list_hold_no_placeholder() {
    let view = json(&describe("[services]\nin-use = [\"exchange\"]\n"), TODAY, "dpia365-4");
    assert!(finding(&view, ALL_CONTENT)["subject"].is_null());
    assert!(!text(&view["document"]).contains("{{"));
    for found in view["findings"].as_array().unwrap() {
        assert!(!found["title"].as_str().unwrap().contains("{{"), "{}", found["title"]);
    }
}
