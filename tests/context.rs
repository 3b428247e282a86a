//! What a risk means in the place itself: `[[context]]` in cards, in the completeness check, and as a reference.

mod common;

use common::page::{card, gaps, part, text};
use common::{HEAD, describe, describe_whole, finding, findings, ids, json, world};
use dpia365::assessment::{RuleState, assess};
use dpia365::diagnostic::Diagnostic;
use dpia365::model::{Deployment, Lang};
use serde_json::Value as Json;

const TODAY: &str = "2026-11-22";
const ALL_CONTENT: &str = "app-with-access-to-all-content";

/// Two apps that open all mail, and one question to spare: who may consent.
const TOWN: &str = r#"
[services]
in-use = ["exchange"]
[data]
special-categories = false
professional-secrecy = false
[entra]
user-consent = "all"
[[third-party-apps]]
id = "sig"
name = "Signature app"
permissions = ["application:Mail.ReadWrite"]
removed = false
[[third-party-apps]]
id = "crm"
name = "Client register"
permissions = ["application:Mail.Read"]
removed = false
"#;

fn town(contexts: &[(&str, &str)]) -> Deployment {
    let contexts: String =
        contexts.iter().map(|(finding, text)| format!("[[context]]\nfinding = \"{finding}\"\ntext = \"{text}\"\n")).collect();
    describe(&format!("{TOWN}{contexts}"))
}

fn view(contexts: &[(&str, &str)]) -> Json {
    json(&town(contexts), TODAY, "dpia365-4")
}

fn here() -> &'static str {
    world().texts.locale(Lang::En).unwrap().get("card.here")
}

/// The words from the place itself in the card of a finding, or that they are missing.
#[track_caller]
fn told(view: &Json, finding: &str) -> Result<String, Vec<String>> {
    let Some(part) = part(card(view, finding), here()) else { return Err(Vec::new()) };
    match gaps(part).as_slice() {
        [] => Ok(text(&part["blocks"])),
        gaps => Err(gaps.iter().map(|g| (*g).to_owned()).collect()),
    }
}

/// The references that the assessment found wrong.
fn faults(deployment: &Deployment) -> Vec<Diagnostic> {
    let catalog = &world().catalog;
    let assessment = assess(deployment, catalog, &catalog.methods["dpia365-4"], TODAY.parse().unwrap());
    assessment.diagnostics
}

fn levels(view: &Json, low: bool) -> Vec<&str> {
    let low_now = |f: &&Json| {
        ["none", "low"].contains(&f["range"]["highest"].as_str().unwrap())
            && ["none", "low"].contains(&f["current"]["level"].as_str().unwrap())
    };
    view["findings"].as_array().unwrap().iter().filter(|f| low_now(f) == low).map(|f| f["id"].as_str().unwrap()).collect()
}

#[test]
fn a_medium_or_high_finding_without_words_from_the_place_shows_a_gap_and_a_low_one_none() {
    let view = view(&[]);
    let (above, low) = (levels(&view, false), levels(&view, true));
    assert!(above.len() > 3 && !low.is_empty(), "{above:?} {low:?}");
    for id in &above {
        assert_eq!(told(&view, id), Err(vec!["A35-7c-here".to_owned()]), "{id}");
    }
    for id in &low {
        assert_eq!(told(&view, id), Err(Vec::new()), "{id} is low");
    }
    assert_eq!(gaps(&view["document"]).iter().filter(|g| **g == "A35-7c-here").count(), above.len());
    // What could be medium is argued as if it were.
    let open = view["findings"].as_array().unwrap().iter().any(|f| f["state"] == "open" && above.contains(&f["id"].as_str().unwrap()));
    assert!(open, "{above:?}");
}

#[test]
fn with_the_words_they_stand_in_the_card_and_the_gap_is_gone() {
    let words = "Everybody in the town hall may let in any app; *last year* eleven did.";
    let view = view(&[("user-consent-open", words)]);
    assert_eq!(finding(&view, "user-consent-open")["current"]["level"], "high");
    let told = told(&view, "user-consent-open").unwrap();
    assert!(told.starts_with("Everybody in the town hall may let in any app;") && told.contains("eleven did"), "{told}");
    assert!(text(&view["document"]).matches("Everybody in the town hall").count() > 1, "and where impacts are told");
    // A low finding may have words, too.
    let low = self::view(&[]);
    let low = levels(&low, true)[0].to_owned();
    assert_eq!(self::told(&self::view(&[(&low, "Seen twice.")]), &low).as_deref(), Ok("Seen twice."));
}

#[test]
fn words_on_a_risk_count_for_all_its_records_and_words_on_one_finding_before_them() {
    let (sig, crm) = (format!("{ALL_CONTENT}@sig"), format!("{ALL_CONTENT}@crm"));
    let both = view(&[(ALL_CONTENT, "Both came with a framework contract.")]);
    assert_eq!(findings(&both, ALL_CONTENT).len(), 2, "{:?}", ids(&both));
    for id in [&sig, &crm] {
        assert_eq!(told(&both, id).as_deref(), Ok("Both came with a framework contract."), "{id}");
    }
    let one = view(&[(&sig, "It only adds a signature.")]);
    assert_eq!(told(&one, &sig).as_deref(), Ok("It only adds a signature."));
    assert_eq!(told(&one, &crm), Err(vec!["A35-7c-here".to_owned()]), "words on one app say nothing of another");
    let special = view(&[(ALL_CONTENT, "Both came with a framework contract."), (&sig, "It only adds a signature.")]);
    assert_eq!(
        (told(&special, &sig).as_deref(), told(&special, &crm).as_deref()),
        (Ok("It only adds a signature."), Ok("Both came with a framework contract."))
    );
    assert!(faults(&town(&[(ALL_CONTENT, "x y"), (&sig, "x y")])).iter().all(|d| !d.is_error()));
}

#[test]
fn the_completeness_check_counts_the_findings_above_low() {
    let state = |contexts: &[(&str, &str)]| {
        let deployment = town(contexts);
        let catalog = &world().catalog;
        let assessment = assess(&deployment, catalog, &catalog.methods["dpia365-4"], TODAY.parse().unwrap());
        assessment.completeness.iter().find(|r| r.rule.id == "A35-7c-here").unwrap().state
    };
    assert_eq!(state(&[]), RuleState::Missing);
    assert_eq!(state(&[(ALL_CONTENT, "Both came with a framework contract.")]), RuleState::Partial);
    // Words on low findings do not count, and are not needed.
    let bare = view(&[]);
    let low = levels(&bare, true);
    assert_eq!(state(&[(low[0], "Seen twice.")]), RuleState::Missing);
    let mut risks: Vec<&str> = levels(&bare, false).into_iter().map(|id| id.split('@').next().unwrap()).collect();
    risks.sort_unstable();
    risks.dedup();
    let all: Vec<(&str, &str)> = risks.iter().map(|r| (*r, "As it is here.")).collect();
    assert_eq!(state(&all), RuleState::Met);
    assert_eq!(state(&all[1..]), RuleState::Partial);
}

#[test]
fn words_on_nothing_are_an_error_with_the_nearest_name() {
    for (wrong, nearest) in
        [("user-consent-opened", "user-consent-open"), ("app-with-access-to-all-content@sigg", "app-with-access-to-all-content@sig")]
    {
        let faults: Vec<Diagnostic> = faults(&town(&[(wrong, "As it is here.")])).into_iter().filter(Diagnostic::is_error).collect();
        assert_eq!(faults.len(), 1, "{faults:#?}");
        assert_eq!(faults[0].code, "reference-unknown");
        assert!(faults[0].message.contains(wrong) && faults[0].labels[0].place.line().is_some(), "{:?}", faults[0]);
        assert!(faults[0].help.iter().any(|h| h.contains(&format!("`{nearest}`"))), "{:?}", faults[0].help);
    }
}

#[test]
fn a_misspelt_risk_with_records_is_set_right() {
    let faults: Vec<Diagnostic> =
        faults(&town(&[("app-with-access-to-all-contents", "As it is here.")])).into_iter().filter(Diagnostic::is_error).collect();
    assert!(faults[0].help.iter().any(|h| h.contains("`app-with-access-to-all-content`")), "{:?}", faults[0].help);
}

#[test]
fn words_on_a_risk_that_has_gone_are_kept_without_a_word() {
    // The new Outlook is not in use: the risk is examined and set aside. Words on it wait for the day it comes back.
    let facts = "[outlook]\nnew-in-use = false\nwithout-work-account = false\n";
    let risk = "new-outlook-copies-credentials-and-mail";
    let with = |what: &str| describe(&format!("{TOWN}{facts}{what}\n"));
    let kept = with(&format!("[[context]]\nfinding = \"{risk}\"\ntext = \"Only three people use it.\""));
    let about = |d: &Deployment| faults(d).into_iter().filter(|d| d.message.contains(risk)).collect::<Vec<_>>();
    assert!(about(&kept).is_empty(), "{:#?}", about(&kept));
    let view = json(&kept, TODAY, "dpia365-4");
    assert!(findings(&view, risk).is_empty() && !text(&view["document"]).contains("Only three people"));
    // What has an effect of its own is warned of.
    let rated = with(&format!("[[confirmation]]\nfinding = \"{risk}\"\nfunction = \"CISO\"\ndate = 2026-11-01\nbecause = \"So.\""));
    assert_eq!(about(&rated).iter().map(|d| d.code).collect::<Vec<_>>(), ["confirmation-void"]);
    // A risk of records that there are none of has gone as well.
    let none = describe_whole(&format!("third-party-apps = []\n{HEAD}\n[[context]]\nfinding = \"{ALL_CONTENT}\"\ntext = \"None yet.\"\n"));
    assert!(faults(&none).iter().all(|d| !d.is_error()), "{:#?}", faults(&none));
}
