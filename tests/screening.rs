//! Whether a DPIA is required: by which list, which item of it and which facts, and what is left to people.

mod common;

use common::page::{rows, text};
use common::program::run;
use common::{HEAD, describe_whole, world};
use dpia365::assessment::{Truth, assess};
use dpia365::model::{Deployment, Lang};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

const TODAY: &str = "2026-11-22";

/// Facts that fit no item of any list: nobody is watched, nothing sensitive, nothing new.
const QUIET: &[(&str, &str)] = &[
    ("services.in-use", "[\"exchange\"]"),
    ("data.special-categories", "false"),
    ("data.professional-secrecy", "false"),
    ("screening.large-scale", "false"),
    ("screening.evaluation", "\"none\""),
    ("screening.significant-decisions", "false"),
    ("screening.staff-monitoring", "\"none\""),
    ("screening.observes-others", "false"),
    ("screening.combines-datasets", "false"),
    ("screening.vulnerable-people", "[]"),
    ("screening.new-technology", "false"),
    ("screening.blocks-right-or-service", "false"),
    ("screening.special-data", "[]"),
    ("screening.special-data-large-scale", "false"),
    ("screening.public-area", "false"),
    ("screening.location-data", "false"),
    ("screening.covert-investigation", "false"),
    ("screening.exchange-with-partners", "false"),
    ("screening.new-legislation", "false"),
    ("screening.prescan-score", "0"),
    // No function that is fit to watch staff.
    ("reports.readers", "0"),
    ("audit.log-readers", "0"),
    ("audit.mailbox-auditing", "false"),
    ("entra.log-readers", "0"),
    ("viva.manager-insights", "false"),
    ("viva.organisation-insights", "false"),
    ("adoption-score.in-use", "false"),
    ("insider-risk.in-use", "false"),
    ("communication-compliance.in-use", "false"),
    ("ediscovery.searchers", "0"),
    ("teams.work-location", "false"),
    ("teams.call-data-readers", "0"),
    ("endpoint.observation", "[]"),
];

/// Who is screened: country, kind, and whether it is a public body where that is said.
type Who = (&'static str, &'static str, Option<bool>);
const DUTCH_COMPANY: Who = ("NL", "company", Some(false));
const DUTCH_BODY: Who = ("NL", "municipality", Some(true));

fn head((country, kind, public): Who) -> String {
    let public = public.map_or(String::new(), |p| format!("public-body = {p}\n"));
    HEAD.replace("country = \"NL\"", &format!("country = \"{country}\"")).replace("kind = \"company\"", &format!("kind = \"{kind}\""))
        + &public
}

fn describe(who: Who, facts: &[(&str, &str)], changes: &[(&str, &str)]) -> Deployment {
    let facts: BTreeMap<&str, &str> = facts.iter().chain(changes).copied().collect();
    let lines: String = facts.iter().filter(|(_, value)| !value.is_empty()).map(|(fact, value)| format!("{fact} = {value}\n")).collect();
    describe_whole(&format!("{lines}{}", head(who)))
}

fn view(who: Who, facts: &[(&str, &str)], changes: &[(&str, &str)]) -> Json {
    common::json(&describe(who, facts, changes), TODAY, "dpia365-4")
}

fn screened(who: Who, changes: &[(&str, &str)]) -> Json {
    view(who, QUIET, changes)["screening"].clone()
}

#[track_caller]
fn list<'j>(screening: &'j Json, id: &str) -> &'j Json {
    let all = screening["lists"].as_array().unwrap();
    all.iter().find(|l| l["id"] == id).unwrap_or_else(|| panic!("{id} is not applied: {:?}", lists(screening)))
}

#[track_caller]
fn item<'j>(screening: &'j Json, id: &str, number: &str) -> &'j Json {
    list(screening, id)["items"].as_array().unwrap().iter().find(|i| i["number"] == number).unwrap()
}

fn lists(screening: &Json) -> Vec<&str> {
    screening["lists"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap()).collect()
}

fn verdict<'j>(screening: &'j Json, id: &str) -> &'j str {
    list(screening, id)["verdict"].as_str().unwrap()
}

/// The items of a list that fit.
fn fits<'j>(screening: &'j Json, id: &str) -> Vec<&'j str> {
    let items = list(screening, id)["items"].as_array().unwrap();
    items.iter().filter(|i| i["holds"] == "yes").map(|i| i["number"].as_str().unwrap()).collect()
}

// ---- Thresholds

#[test]
fn where_no_fact_fits_an_item_no_duty_is_shown() {
    for who in [DUTCH_COMPANY, DUTCH_BODY, ("DE", "company", Some(false)), ("BE", "company", Some(false)), ("FR", "clinic", Some(true))] {
        let screening = screened(who, &[]);
        assert_eq!((&screening["verdict"], &screening["required"]), (&Json::from("not-shown"), &Json::from(false)), "{who:?}");
        for id in lists(&screening) {
            assert_eq!((verdict(&screening, id), fits(&screening, id)), ("not-shown", vec![]), "{who:?} {id}");
        }
    }
}

/// Each line: what changes, the verdicts of the Dutch list, of WP248 and of the pre-scan, and the whole.
#[test]
fn a_dutch_public_body_meets_three_thresholds() {
    let combines = ("screening.combines-datasets", "true");
    for (changes, nl, wp248, prescan, whole) in [
        (&[][..], "not-shown", "not-shown", "not-shown", "not-shown"),
        // One item of the authority's list is enough.
        (&[("screening.location-data", "true")], "required", "not-shown", "not-shown", "required"),
        (&[("screening.covert-investigation", "true")], "required", "not-shown", "not-shown", "required"),
        // One criterion recommends, two require.
        (&[combines], "not-shown", "recommended", "not-shown", "recommended"),
        (&[combines, ("screening.new-technology", "true")], "not-shown", "required", "not-shown", "required"),
        (&[combines, ("screening.new-technology", "\"unknown\"")], "not-shown", "open", "not-shown", "open"),
        // The pre-scan asks for more than four points, or for new legislation.
        (&[("screening.prescan-score", "4")], "not-shown", "not-shown", "not-shown", "not-shown"),
        (&[("screening.prescan-score", "5")], "not-shown", "not-shown", "required", "required"),
        (&[("screening.new-legislation", "true")], "not-shown", "not-shown", "required", "required"),
        (&[("screening.prescan-score", "\"unknown\"")], "not-shown", "not-shown", "open", "open"),
        // What requires outweighs what is open elsewhere.
        (&[("screening.prescan-score", "\"unknown\""), ("screening.location-data", "true")], "required", "not-shown", "open", "required"),
    ] {
        let screening = screened(DUTCH_BODY, changes);
        let verdicts = ["nl", "wp248", "nl-prescan"].map(|id| verdict(&screening, id));
        assert_eq!(verdicts, [nl, wp248, prescan], "{changes:?}");
        assert_eq!(screening["verdict"], whole, "{changes:?}");
        assert_eq!(screening["required"], whole == "required", "{changes:?}");
    }
}

#[test]
fn the_law_itself_requires_only_where_all_of_a_case_fits() {
    let systematic = ("screening.evaluation", "\"systematic\"");
    let half = screened(DUTCH_COMPANY, &[systematic]);
    assert_eq!(verdict(&half, "art-35-3"), "not-shown", "without decisions that rest on it");
    let whole = screened(DUTCH_COMPANY, &[systematic, ("screening.significant-decisions", "true")]);
    assert_eq!((verdict(&whole, "art-35-3"), fits(&whole, "art-35-3")), ("required", vec!["a"]));
    let open = screened(DUTCH_COMPANY, &[systematic, ("screening.significant-decisions", "\"unknown\"")]);
    assert_eq!((verdict(&open, "art-35-3"), item(&open, "art-35-3", "a")["holds"].as_str()), ("open", Some("open")));
    let health = [("screening.special-data", "[\"health\"]"), ("screening.special-data-large-scale", "true")];
    assert_eq!(fits(&screened(DUTCH_COMPANY, &health), "art-35-3"), ["b"]);
    assert_eq!(verdict(&screened(DUTCH_COMPANY, &health[..1]), "art-35-3"), "not-shown", "not on a large scale");
}

/// Counted anew from the items, on descriptions from nothing stated to everything fitting.
#[test]
fn the_verdict_of_every_list_follows_from_its_count_and_thresholds() {
    let loud: Vec<(&str, &str)> = QUIET
        .iter()
        .map(|(fact, value)| match *value {
            "false" => (*fact, "true"),
            "0" => (*fact, "9"),
            value => (*fact, value),
        })
        .collect();
    let mut met = BTreeSet::new();
    for country in ["NL", "BE", "DE", "FR", "IE", "AT"] {
        for (kind, public) in [("company", false), ("municipality", true), ("eu-institution", true)] {
            let who = (country, kind, Some(public));
            let half = [("screening.large-scale", ""), ("screening.new-technology", "true"), ("screening.evaluation", "\"some\"")];
            let one = [("screening.combines-datasets", "true")];
            for (facts, changes) in [(&[][..], &[][..]), (&loud, &[]), (QUIET, &half), (QUIET, &one)] {
                let deployment = describe(who, facts, changes);
                let catalog = &world().catalog;
                // Without the report, which takes longer than everything else.
                let assessment = assess(&deployment, catalog, &catalog.methods["dpia365-4"], TODAY.parse().unwrap());
                for screened in &assessment.screening.lists {
                    let list = &catalog.lists[&screened.id];
                    let count = |truth: Truth| screened.items.iter().filter(|i| i.truth == Some(truth)).count();
                    let expected = match (count(Truth::Yes), count(Truth::Yes) + count(Truth::Open)) {
                        (fit, _) if fit >= list.required_from => "required",
                        (_, possible) if possible >= list.required_from => "open",
                        (fit, _) if list.recommended_from.is_some_and(|from| fit >= from) => "recommended",
                        _ => "not-shown",
                    };
                    assert_eq!(screened.verdict.id(), expected, "{who:?} {}", list.id);
                    met.insert((list.id.clone(), expected));
                }
                let strictest = ["required", "open", "recommended", "not-shown"];
                let rank = |id: &str| strictest.iter().position(|s| *s == id);
                let lists = assessment.screening.lists.iter().map(|l| l.verdict.id());
                assert_eq!(Some(assessment.screening.verdict.id()), lists.min_by_key(|v| rank(v)), "{who:?}");
            }
        }
    }
    for id in world().catalog.lists.keys().filter(|id| *id != "de-public-bodies") {
        for verdict in ["required", "open"] {
            assert!(met.contains(&(id.clone(), verdict)), "{id} was never {verdict}, so this shows too little");
        }
    }
    assert!(met.iter().any(|(_, verdict)| *verdict == "recommended"));
}

// ---- Which lists there are

#[test]
fn country_kind_and_public_body_select_the_lists() {
    for (who, expected) in [
        (("NL", "company", Some(false)), &["nl", "wp248"][..]),
        (("NL", "municipality", Some(true)), &["nl", "nl-prescan", "wp248"]),
        // Nobody said whether it is a public body: what may be for it is shown.
        (("NL", "foundation", None), &["nl", "nl-prescan", "wp248"]),
        (("DE", "company", Some(false)), &["de", "wp248"]),
        (("DE", "municipality", Some(true)), &["de-public-bodies", "wp248"]),
        (("DE", "clinic", None), &["de", "de-public-bodies", "wp248"]),
        (("BE", "company", None), &["be", "wp248"]),
        (("FR", "ministry", Some(true)), &["fr", "wp248"]),
        (("IE", "company", Some(false)), &["ie", "wp248"]),
        // A country of which the catalogue has no list keeps the law and the criteria.
        (("AT", "company", Some(false)), &["wp248"]),
        (("JP", "company", Some(false)), &["wp248"]),
        // An institution of the Union is in a country, but not under its list.
        (("NL", "eu-institution", Some(true)), &["eu-institutions", "wp248"]),
        (("DE", "eu-institution", Some(true)), &["eu-institutions", "wp248"]),
        (("BE", "eu-institution", None), &["eu-institutions", "wp248"]),
    ] {
        let found = screened(who, &[]);
        let all: Vec<&str> = std::iter::once("art-35-3").chain(expected.iter().copied()).collect();
        assert_eq!(lists(&found), all, "{who:?}");
    }
}

#[test]
fn a_list_that_may_be_for_somebody_else_cannot_require() {
    // Comprehensive profiles are on the German list for private bodies.
    let profiles = [("screening.evaluation", "\"systematic\"")];
    for (public, german, whole) in [(Some(false), "required", "required"), (None, "open", "open")] {
        let screening = screened(("DE", "clinic", public), &profiles);
        assert_eq!((verdict(&screening, "de"), fits(&screening, "de")), (german, vec!["9"]), "{public:?}");
        assert_eq!(screening["verdict"], whole, "{public:?}");
    }
    // For a public body that list is no list at all; one criterion of WP248 is left.
    let public = screened(("DE", "clinic", Some(true)), &profiles);
    assert_eq!((lists(&public), &public["verdict"]), (vec!["art-35-3", "de-public-bodies", "wp248"], &Json::from("recommended")));
}

#[test]
fn an_institution_of_the_union_needs_two_criteria_of_its_own_list() {
    let who = ("BE", "eu-institution", Some(true));
    let one = ("screening.observes-others", "true");
    for (changes, expected) in [
        (&[][..], "not-shown"),
        (&[one], "recommended"),
        (&[one, ("screening.large-scale", "\"unknown\"")], "open"),
        (&[one, ("screening.large-scale", "true")], "required"),
    ] {
        let screening = screened(who, changes);
        assert_eq!((verdict(&screening, "eu-institutions"), screening["verdict"].as_str()), (expected, Some(expected)), "{changes:?}");
    }
}

// ---- What decides an item

#[test]
fn what_is_not_known_keeps_an_item_open() {
    // Said openly, and left out: the same.
    for value in ["\"unknown\"", ""] {
        let screening = screened(DUTCH_COMPANY, &[("screening.location-data", value)]);
        let item = item(&screening, "nl", "12");
        assert_eq!((&item["holds"], &item["facts"]), (&Json::from("open"), &Json::from(vec!["screening.location-data"])), "{value}");
        assert_eq!((verdict(&screening, "nl"), screening["verdict"].as_str()), ("open", Some("open")), "{value}");
    }
    // A second path that holds settles the item, whatever is open beside it.
    let settled = [("screening.large-scale", "\"unknown\""), ("screening.staff-monitoring", "\"systematic\"")];
    let settled = screened(DUTCH_COMPANY, &settled);
    let monitoring = item(&settled, "nl", "11");
    assert_eq!((&monitoring["holds"], &monitoring["facts"]), (&Json::from("yes"), &Json::from(vec!["screening.staff-monitoring"])));
    // One open criterion of WP248 alone cannot reach two.
    let one = screened(DUTCH_COMPANY, &[("screening.blocks-right-or-service", "\"unknown\"")]);
    assert_eq!((item(&one, "wp248", "9")["holds"].as_str(), one["required"].as_bool()), (Some("open"), Some(false)));
    assert!(!["open", "required"].contains(&verdict(&one, "wp248")), "{one}");
}

#[test]
fn an_item_names_the_facts_that_point_to_it_through_what_follows_from_them() {
    let answers = [("services.in-use", "[\"teams\"]"), ("screening.large-scale", "true"), ("screening.staff-monitoring", "\"occasional\"")];
    let teams = screened(DUTCH_COMPANY, &answers);
    // "A function fit for monitoring" is derived: the fact behind it is named.
    let facts: Vec<&str> = item(&teams, "nl", "11")["facts"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
    assert_eq!(facts, ["services.in-use", "screening.large-scale", "screening.staff-monitoring"]);
    assert_eq!(fits(&teams, "wp248"), ["3", "5"]);
}

#[test]
fn items_that_people_judge_are_never_counted() {
    // The lists of the German Länder hold nothing that a fact decides; one item would be enough.
    let who = ("DE", "municipality", Some(true));
    let list_of = &world().catalog.lists["de-public-bodies"];
    assert!(list_of.items.len() >= list_of.required_from && list_of.items.iter().all(|i| i.when.is_empty()));
    for facts in [&[][..], QUIET] {
        assert_eq!(verdict(&view(who, facts, &[])["screening"], "de-public-bodies"), "not-shown");
    }
    for (country, id) in [("NL", "nl"), ("BE", "be"), ("FR", "fr"), ("IE", "ie"), ("DE", "de")] {
        let screening = view((country, "company", Some(false)), &[], &[])["screening"].clone();
        let listed = list(&screening, id)["items"].as_array().unwrap();
        let items = &world().catalog.lists[id].items;
        assert_eq!(listed.len(), items.len(), "{id}");
        assert_eq!(list(&screening, id)["required_from"], world().catalog.lists[id].required_from, "{id}");
        for (listed, item) in listed.iter().zip(items) {
            assert_eq!(listed["number"], item.number.as_str());
            assert_eq!(listed["holds"] == "people-judge", item.when.is_empty(), "{id} {}", item.number);
            assert_eq!(listed["facts"].as_array().unwrap().is_empty(), item.when.is_empty(), "{id} {}", item.number);
        }
    }
}

#[test]
fn an_item_names_each_fact_once() {
    for facts in [&[][..], QUIET] {
        for screened in view(DUTCH_BODY, facts, &[])["screening"]["lists"].as_array().unwrap() {
            for item in screened["items"].as_array().unwrap() {
                let facts: Vec<&str> = item["facts"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
                let once: BTreeSet<&str> = facts.iter().copied().collect();
                assert_eq!(facts.len(), once.len(), "{} {}: {facts:?}", screened["id"], item["number"]);
            }
        }
    }
}

// ---- The report and the command

#[test]
fn the_report_shows_verdict_lists_items_and_what_is_left_to_people() {
    let locale = world().texts.locale(Lang::En).unwrap();
    let changes = [("screening.location-data", "true"), ("screening.covert-investigation", "\"unknown\"")];
    let view = view(DUTCH_BODY, QUIET, &changes);
    let applied = rows(&view, locale.get("screening.lists"));
    assert_eq!(applied.len(), 4);
    let dutch = applied.iter().find(|r| r[0].contains("17 types")).unwrap();
    assert_eq!((dutch[1].as_str(), dutch[2].as_str()), ("required from 1 item(s) that fit", locale.get("screening.required")));
    let wp248 = applied.iter().find(|r| r[0].contains("WP248")).unwrap();
    assert_eq!(
        (wp248[1].as_str(), wp248[2].as_str()),
        ("required from 2 item(s) that fit; recommended from 1", locale.get("screening.not-shown"))
    );
    assert!(dutch[0].contains("Autoriteit Persoonsgegevens"), "with its source: {}", dutch[0]);

    // Items that fit and open ones, with their facts; others do not take space.
    let items = rows(&view, locale.get("reasons.list"));
    let numbers: Vec<&str> = items.iter().map(|r| r[0].as_str()).collect();
    assert_eq!(numbers, ["1", "12"]);
    assert!(items[0][2].starts_with(locale.get("reasons.item-open")), "{}", items[0][2]);
    let label = world().catalog.vocabulary.get("screening.location-data").unwrap().label.get(Lang::En);
    assert!(items[1][2].starts_with(locale.get("reasons.item-fits")) && items[1][2].contains(label), "{}", items[1][2]);
    let page = text(&view["document"]["chapters"]);
    assert!(page.contains(locale.get("screening.verdict-required")) && !page.contains(locale.get("screening.verdict-open")));
    assert!(page.contains("people have to judge them: 2, 3, 4, 5, 9, 10, 14."), "{page}");
}

#[test]
fn a_country_without_a_list_of_its_own_is_screened_by_the_law_and_the_criteria() {
    let locale = world().texts.locale(Lang::En).unwrap();
    let view = view(("AT", "company", Some(false)), QUIET, &[]);
    assert_eq!(rows(&view, locale.get("screening.lists")).len(), 2);
    assert!(text(&view["document"]["chapters"]).contains(locale.get("screening.verdict-not-shown")));
}

/// A folder with a description of these facts.
fn folder(who: Who, facts: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let lines: String = facts.iter().map(|(fact, value)| format!("{fact} = {value}\n")).collect();
    std::fs::write(folder.path().join("deployment.toml"), format!("{lines}{}", head(who))).unwrap();
    folder
}

#[test]
fn the_command_says_by_which_list_number_and_fact() {
    let mut facts: BTreeMap<&str, &str> = QUIET.iter().copied().collect();
    facts.insert("screening.exchange-with-partners", "true");
    let here = folder(DUTCH_BODY, &facts.into_iter().collect::<Vec<_>>());
    let printed = run(here.path(), &["screen", "."]).expect(0);
    let lines: Vec<&str> = printed.text().lines().collect();
    let locale = world().texts.locale(Lang::En).unwrap();
    assert_eq!(lines[0], locale.get("screening.verdict-required"));
    let at = lines.iter().position(|l| l.ends_with("[nl]")).expect("names the list with its id");
    assert_eq!(lines[at + 1], format!("  → {}", locale.get("screening.required")));
    assert!(lines[at + 2].trim_start().starts_with("8  Partnerships"), "{}", lines[at + 2]);
    assert_eq!(lines[at + 3].trim(), locale.get("reasons.item-fits"));
    assert_eq!(lines[at + 4].trim(), "screening.exchange-with-partners");
    assert!(lines[at + 5].ends_with("2, 3, 4, 5, 9, 10, 14."), "{}", lines[at + 5]);
    assert_eq!(lines.iter().filter(|l| l.contains("points to this item")).count(), 1);

    let json = run(here.path(), &["screen", ".", "--format", "json"]).expect(0).json();
    let item = item(&json, "nl", "8");
    assert_eq!((&item["holds"], &item["facts"]), (&Json::from("yes"), &Json::from(vec!["screening.exchange-with-partners"])));
    assert!(item["title"].as_str().unwrap().starts_with("Partnerships"));
    assert_eq!(json["verdict"], "required");
    let report = run(here.path(), &["report", ".", "--format", "json", "-o", "-"]).expect(0).json();
    assert_eq!(report["screening"], json, "the report and the command say the same");
}

#[test]
fn the_command_speaks_the_language_asked_for_and_refuses_a_faulty_description() {
    let here = folder(DUTCH_COMPANY, &[("screening.large-scale", "\"unknown\"")]);
    for lang in Lang::ALL {
        let printed = run(here.path(), &["screen", ".", "--lang", lang.code()]).expect(0);
        let verdict = world().texts.locale(lang).unwrap().get("screening.verdict-open");
        assert_eq!(printed.text().lines().next(), Some(verdict));
        assert!(printed.text().contains(world().catalog.lists["nl"].title.get(lang)));
    }
    run(here.path(), &["screen", "nowhere"]).refused("file-missing", &["nowhere"]);
    let faulty = folder(DUTCH_COMPANY, &[("screening.large-scale", "\"yes\"")]);
    run(faulty.path(), &["screen", "."]).refused("type-mismatch", &["screening.large-scale"]);
}
