//! Mailboxes, the new Outlook, Teams and third-party apps: each system is recognised from facts and settled by facts.
//!
//! For every risk: it appears, a measure changes its level, an unknown fact opens it within a stated range, and where it does not apply the
//! reason stands among the excluded.

mod common;

use common::{HEAD, describe_whole, excluded, facts, finding, findings, ids, level, range, root};
use dpia365::model::Deployment;
use serde_json::Value as Json;
use std::collections::BTreeMap;

const TODAY: &str = "2026-11-22";

/// A description of these facts, `area.fact` and value as in TOML; later ones replace earlier ones.
fn describe(base: &[(&str, &str)], changes: &[(&str, &str)], rest: &str) -> Deployment {
    let facts: BTreeMap<&str, &str> = base.iter().chain(changes).copied().collect();
    let lines: String = facts.iter().map(|(fact, value)| format!("{fact} = {value}\n")).collect();
    describe_whole(&format!("{lines}{HEAD}{rest}"))
}

fn view(date: &str, base: &[(&str, &str)], changes: &[(&str, &str)]) -> Json {
    common::json(&describe(base, changes, ""), date, "dpia365-4")
}

fn current<'j>(view: &'j Json, risk: &str) -> &'j str {
    level(view, risk, "current")
}

/// The status of a measure.
fn status<'j>(view: &'j Json, measure: &str) -> &'j str {
    let all = view["measures"].as_array().unwrap();
    let found = all.iter().find(|m| m["id"] == measure).unwrap_or_else(|| panic!("{measure} is no measure here"));
    found["status"].as_str().unwrap()
}

/// Asserts why a risk is no finding: the word, and a fact among the reasons.
#[track_caller]
fn gone(view: &Json, risk: &str, because: &str, fact: &str) {
    let entry = excluded(view, risk);
    assert_eq!(entry["because"], because, "{risk}");
    assert!(facts(entry).contains(&fact), "{risk}: {fact} is not among {:?}", facts(entry));
    assert!(findings(view, risk).is_empty());
}

/// Asserts an open finding that could be anything up to a level.
#[track_caller]
fn open_up_to(view: &Json, risk: &str, highest: &str, fact: &str) {
    let found = finding(view, risk);
    assert_eq!((found["state"].as_str(), range(view, risk)), (Some("open"), ("none", highest)), "{risk}");
    let question = view["questions"].as_array().unwrap().iter().find(|q| q["fact"] == fact);
    let question = question.unwrap_or_else(|| panic!("{fact} is not asked: {}", view["questions"]));
    assert!(question["could_settle"].as_array().unwrap().contains(&Json::from(risk)));
}

// ---- Activities in mailboxes

const MAILBOXES: &[(&str, &str)] = &[
    ("services.in-use", "[\"exchange\", \"purview\"]"),
    ("data.special-categories", "false"),
    ("data.professional-secrecy", "false"),
    ("mailbox.reachable-by", "4"),
    ("mailbox.confidential-functions", "false"),
    ("mailbox.access-limited", "false"),
    ("audit.mailbox-auditing", "true"),
    ("audit.edition", "\"standard\""),
    ("audit.mail-items-accessed", "true"),
    ("audit.log-readers", "3"),
    ("audit.roles-limited", "false"),
    ("audit.four-eyes", "false"),
    ("audit.purpose-limits", "false"),
    ("audit.works-agreement", "\"none\""),
    ("audit.access-reviewed", "false"),
    ("audit.bypass-set", "false"),
];

#[test]
fn the_undocumented_interface_is_a_risk_until_it_was_withdrawn() {
    let risk = "mailbox-activity-undocumented-interface";
    let before = "2018-05-01";
    assert_eq!(current(&view(before, MAILBOXES, &[]), risk), "high");
    let done = view(before, MAILBOXES, &[("mailbox.access-limited", "true"), ("audit.four-eyes", "true")]);
    assert_eq!((level(&done, risk, "gross"), current(&done, risk)), ("high", "medium"));
    // Half of the treatment is none, and half known leaves the range open.
    assert_eq!(current(&view(before, MAILBOXES, &[("mailbox.access-limited", "true")]), risk), "high");
    let half = view(before, MAILBOXES, &[("mailbox.access-limited", "true"), ("audit.four-eyes", "\"unknown\"")]);
    assert_eq!(range(&half, risk), ("medium", "high"));
    open_up_to(&view(before, MAILBOXES, &[("mailbox.reachable-by", "\"unknown\"")]), risk, "high", "mailbox.reachable-by");
    gone(&view(before, MAILBOXES, &[("mailbox.reachable-by", "0")]), risk, "not-applicable", "mailbox.reachable-by");

    // Withdrawn on 6 July 2018: the same description, another date.
    assert_eq!(current(&view("2018-07-05", MAILBOXES, &[]), risk), "high");
    for after in ["2018-07-06", "2018-08-01", TODAY] {
        let view = view(after, MAILBOXES, &[]);
        gone(&view, risk, "not-applicable", "vendor.activities-interface");
        let reason = &excluded(&view, risk)["reasons"][0];
        assert_eq!((&reason["origin"]["kind"], &reason["origin"]["from"]), (&Json::from("vendor"), &Json::from("2018-07-06")));
    }
}

#[test]
fn administrators_can_read_mailboxes_today() {
    let risk = "mailbox-reading-by-administrators";
    assert_eq!(current(&view(TODAY, MAILBOXES, &[]), risk), "medium");
    // A works council or a profession under secrecy makes it severe.
    assert_eq!(current(&view(TODAY, MAILBOXES, &[("mailbox.confidential-functions", "true")]), risk), "high");
    assert_eq!(current(&view(TODAY, MAILBOXES, &[("data.professional-secrecy", "true")]), risk), "high");
    for measures in [
        [("mailbox.access-limited", "true"), ("audit.four-eyes", "true")],
        [("audit.mailbox-auditing", "\"not-configured\""), ("audit.access-reviewed", "true")],
    ] {
        assert_eq!(current(&view(TODAY, MAILBOXES, &measures), risk), "low", "{measures:?}");
        let severe = [measures[0], measures[1], ("mailbox.confidential-functions", "true")];
        assert_eq!(current(&view(TODAY, MAILBOXES, &severe), risk), "medium", "{measures:?}");
    }
    let unknown = view(TODAY, MAILBOXES, &[("mailbox.confidential-functions", "\"unknown\"")]);
    assert_eq!((current(&unknown, risk), range(&unknown, risk)), ("high", ("medium", "high")));
    assert!(finding(&unknown, risk)["flags"].as_array().unwrap().contains(&Json::from("assumption")));
    open_up_to(&view(TODAY, MAILBOXES, &[("mailbox.reachable-by", "\"unknown\"")]), risk, "medium", "mailbox.reachable-by");
    gone(&view(TODAY, MAILBOXES, &[("services.in-use", "[\"teams\"]")]), risk, "not-applicable", "services.in-use");
}

#[test]
fn the_audit_log_shows_who_opened_which_mail() {
    let risk = "mailbox-activity-in-audit-log";
    assert_eq!(current(&view(TODAY, MAILBOXES, &[]), risk), "medium");
    assert_eq!(current(&view(TODAY, MAILBOXES, &[("mailbox.confidential-functions", "true")]), risk), "high");
    assert_eq!(current(&view(TODAY, MAILBOXES, &[("audit.mail-items-accessed", "false")]), risk), "low");
    let limited = view(TODAY, MAILBOXES, &[("audit.roles-limited", "true"), ("audit.four-eyes", "true")]);
    assert_eq!((level(&limited, risk, "gross"), current(&limited, risk)), ("medium", "low"));
    // Exempting the works council from the log lowers what the log can show, not the chance.
    let exempt = view(TODAY, MAILBOXES, &[("mailbox.confidential-functions", "true"), ("audit.bypass-set", "true")]);
    assert_eq!(current(&exempt, risk), "medium");
    open_up_to(&view(TODAY, MAILBOXES, &[("audit.log-readers", "\"unknown\"")]), risk, "medium", "audit.log-readers");
    gone(&view(TODAY, MAILBOXES, &[("audit.log-readers", "0")]), risk, "not-applicable", "audit.log-readers");
    gone(&view(TODAY, MAILBOXES, &[("audit.mailbox-auditing", "false")]), risk, "not-applicable", "audit.mailbox-auditing");
}

#[test]
fn microsofts_defaults_for_the_audit_log_have_dates() {
    let risk = "mailbox-activity-in-audit-log";
    let untouched = [("audit.mailbox-auditing", "\"not-configured\""), ("audit.mail-items-accessed", "\"not-configured\"")];
    // Before February 2019 the catalogue knows no default for auditing, so nobody can tell.
    open_up_to(&view("2018-05-01", MAILBOXES, &untouched), risk, "low", "audit.mailbox-auditing");
    assert_eq!(current(&view("2019-06-01", MAILBOXES, &untouched), risk), "low", "on by default; opened mails are not logged yet");
    assert_eq!(current(&view("2023-01-01", MAILBOXES, &untouched), risk), "low", "only with the premium edition");
    let premium = [untouched[0], untouched[1], ("audit.edition", "\"premium\"")];
    assert_eq!(current(&view("2023-01-01", MAILBOXES, &premium), risk), "medium");
    assert_eq!(current(&view(TODAY, MAILBOXES, &untouched), risk), "medium");
    // Between September 2023 and June 2024 the catalogue does not know when the standard edition got it.
    let gap = view("2024-01-01", MAILBOXES, &untouched);
    assert_eq!((finding(&gap, risk)["state"].as_str(), range(&gap, risk)), (Some("applies"), ("low", "medium")));
}

// ---- The new Outlook

const OUTLOOK: &[(&str, &str)] = &[
    ("services.in-use", "[\"exchange\", \"office-desktop\", \"office-mobile\"]"),
    ("services.platforms", "[\"windows\", \"ios\"]"),
    ("data.professional-secrecy", "false"),
    ("data.special-categories", "false"),
    ("outlook.new-in-use", "true"),
    ("outlook.third-party-accounts", "\"basic\""),
    ("outlook.without-work-account", "false"),
    ("outlook.personal-accounts-enabled", "true"),
    ("outlook.new-enabled", "true"),
    ("outlook.toggle-hidden", "false"),
    ("outlook.migration-stopped", "false"),
    ("outlook.app-removed", "false"),
    ("outlook.people-informed", "false"),
    ("outlook.added-accounts-cleaned-up", "false"),
    ("outlook.mobile-in-use", "true"),
    ("outlook.mobile-third-party-accounts", "\"none\""),
    ("outlook.mobile-enabled", "true"),
    ("outlook.mobile-work-accounts-only", "false"),
];

#[test]
fn the_new_outlook_hands_passwords_over_where_the_provider_takes_passwords() {
    let risk = "new-outlook-copies-credentials-and-mail";
    let basic = view(TODAY, OUTLOOK, &[]);
    assert_eq!((current(&basic, risk), &finding(&basic, risk)["paths"]), ("high", &Json::from(vec!["password"])));
    // With OAuth no password leaves; the mail is copied all the same.
    let oauth = view(TODAY, OUTLOOK, &[("outlook.third-party-accounts", "\"oauth\"")]);
    assert_eq!((current(&oauth, risk), &finding(&oauth, risk)["paths"]), ("medium", &Json::from(vec!["token"])));
    let secret = [("outlook.third-party-accounts", "\"oauth\""), ("data.professional-secrecy", "true")];
    assert_eq!(current(&view(TODAY, OUTLOOK, &secret), risk), "high");

    gone(&view(TODAY, OUTLOOK, &[("outlook.third-party-accounts", "\"none\"")]), risk, "not-applicable", "outlook.third-party-accounts");
    gone(&view(TODAY, OUTLOOK, &[("outlook.new-in-use", "false")]), risk, "not-applicable", "outlook.new-in-use");
    let unknown = view(TODAY, OUTLOOK, &[("outlook.third-party-accounts", "\"unknown\"")]);
    open_up_to(&unknown, risk, "high", "outlook.third-party-accounts");
    // Without the work account it is a path of its own.
    let alone = view(TODAY, OUTLOOK, &[("outlook.new-in-use", "false"), ("outlook.without-work-account", "true")]);
    assert_eq!(finding(&alone, risk)["paths"], Json::from(vec!["without-work-account"]));
}

#[test]
fn blocking_private_accounts_helps_and_cleaning_up_settles_it() {
    let risk = "new-outlook-copies-credentials-and-mail";
    let blocked = ("outlook.personal-accounts-enabled", "false");
    let view_blocked = view(TODAY, OUTLOOK, &[blocked]);
    assert_eq!((level(&view_blocked, risk, "gross"), current(&view_blocked, risk)), ("high", "medium"));
    let clean = view(TODAY, OUTLOOK, &[blocked, ("outlook.added-accounts-cleaned-up", "true")]);
    gone(&clean, risk, "mitigated", "outlook.personal-accounts-enabled");
    assert_eq!(excluded(&clean, risk)["gross"]["level"], "high", "its level without measures is kept");
    let unsure = view(TODAY, OUTLOOK, &[blocked, ("outlook.added-accounts-cleaned-up", "\"unknown\"")]);
    assert_eq!(range(&unsure, risk), ("none", "medium"));
    assert_eq!(current(&view(TODAY, OUTLOOK, &[("outlook.personal-accounts-enabled", "\"not-configured\"")]), risk), "high");
    assert_eq!(current(&view(TODAY, OUTLOOK, &[("outlook.people-informed", "true")]), risk), "medium");
}

#[test]
fn two_groups_of_people_are_each_looked_at() {
    let risk = "new-outlook-copies-credentials-and-mail";
    let groups = "[[population]]\nid = \"staff\"\nname = \"Staff\"\n[[population]]\nid = \"council\"\nname = \"Works council\"\n";
    let both = |changes: &[(&str, &str)]| common::json(&describe(OUTLOOK, changes, groups), TODAY, "dpia365-4");
    let kinds = ("outlook.third-party-accounts", "{ staff = \"oauth\", council = \"basic\" }");
    let found = both(&[kinds]);
    assert_eq!((current(&found, risk), &finding(&found, risk)["paths"]), ("high", &Json::from(vec!["password", "token"])));
    // A setting that holds for one group only protects nobody in the sum.
    let half = both(&[kinds, ("outlook.personal-accounts-enabled", "{ staff = false, council = true }")]);
    assert_eq!((current(&half, risk), status(&half, "block-personal-accounts-in-new-outlook")), ("high", "partly"));
    let whole = both(&[kinds, ("outlook.personal-accounts-enabled", "{ staff = false, council = false }")]);
    assert_eq!((current(&whole, risk), status(&whole, "block-personal-accounts-in-new-outlook")), ("medium", "in-place"));
    // One group without such accounts, the other unknown: open, and no worse than what that group could have.
    let open = both(&[("outlook.third-party-accounts", "{ staff = \"none\", council = \"unknown\" }")]);
    open_up_to(&open, risk, "high", "outlook.third-party-accounts");
}

#[test]
fn outlook_on_phones_is_a_system_of_its_own() {
    let risk = "outlook-mobile-copies-credentials-and-mail";
    gone(&view(TODAY, OUTLOOK, &[]), risk, "not-applicable", "outlook.mobile-third-party-accounts");
    let basic = ("outlook.mobile-third-party-accounts", "\"basic\"");
    assert_eq!(current(&view(TODAY, OUTLOOK, &[basic]), risk), "medium");
    assert_eq!(current(&view(TODAY, OUTLOOK, &[("outlook.mobile-third-party-accounts", "\"oauth\"")]), risk), "low");
    assert_eq!(current(&view(TODAY, OUTLOOK, &[basic, ("outlook.mobile-work-accounts-only", "true")]), risk), "low");
    let clean = [basic, ("outlook.mobile-work-accounts-only", "true"), ("outlook.added-accounts-cleaned-up", "true")];
    gone(&view(TODAY, OUTLOOK, &clean), risk, "mitigated", "outlook.mobile-work-accounts-only");
    open_up_to(&view(TODAY, OUTLOOK, &[basic, ("outlook.mobile-in-use", "\"unknown\"")]), risk, "medium", "outlook.mobile-in-use");
}

// ---- Teams

const TEAMS: &[(&str, &str)] = &[
    ("services.in-use", "[\"teams\"]"),
    ("data.special-categories", "true"),
    ("data.professional-secrecy", "true"),
    ("teams.used-for", "[\"calls\"]"),
    ("teams.e2ee-calls", "\"disabled\""),
    ("teams.e2ee-instructed", "false"),
    ("teams.e2ee-meetings", "\"disabled\""),
    ("teams.premium", "false"),
    ("teams.meeting-label", "false"),
    ("teams.consultation-service", "false"),
    ("encryption.sensitive-data-rule", "false"),
];

#[test]
fn calls_under_secrecy_need_end_to_end_encryption() {
    let risk = "calls-not-end-to-end-encrypted";
    assert_eq!(current(&view(TODAY, TEAMS, &[]), risk), "high");
    let encrypted = [("teams.e2ee-calls", "\"user-may-enable\""), ("teams.e2ee-instructed", "true")];
    let done = view(TODAY, TEAMS, &encrypted);
    assert_eq!((level(&done, risk, "gross"), current(&done, risk)), ("high", "medium"));
    // Allowed, but nobody was told: both callers have to switch it on.
    assert_eq!(current(&view(TODAY, TEAMS, &encrypted[..1]), risk), "high");
    let told = view(TODAY, TEAMS, &[encrypted[0], ("teams.e2ee-instructed", "\"unknown\"")]);
    assert_eq!(range(&told, risk), ("medium", "high"));
    open_up_to(&view(TODAY, TEAMS, &[("data.professional-secrecy", "\"unknown\"")]), risk, "high", "data.professional-secrecy");
    gone(&view(TODAY, TEAMS, &[("data.professional-secrecy", "false")]), risk, "not-applicable", "data.professional-secrecy");
    gone(&view(TODAY, TEAMS, &[("teams.used-for", "[\"chat\"]")]), risk, "not-applicable", "teams.used-for");
    gone(&view(TODAY, TEAMS, &[("services.in-use", "[\"exchange\"]")]), risk, "not-applicable", "services.in-use");
}

#[test]
fn encryption_of_calls_counts_from_the_day_it_exists() {
    let risk = "calls-not-end-to-end-encrypted";
    let encrypted = [("teams.e2ee-calls", "\"user-may-enable\""), ("teams.e2ee-instructed", "true")];
    for (date, level, in_place) in
        [("2021-09-30", "high", "not-available"), ("2021-10-01", "medium", "in-place"), (TODAY, "medium", "in-place")]
    {
        let view = view(date, TEAMS, &encrypted);
        assert_eq!((current(&view, risk), status(&view, "enable-e2ee-calls")), (level, in_place), "{date}");
    }
    let meetings = "meetings-not-end-to-end-encrypted";
    let label = [("teams.used-for", "[\"scheduled-meetings\"]"), ("teams.meeting-label", "true"), ("teams.premium", "true")];
    for (date, level) in [("2022-02-16", "high"), ("2023-01-31", "high"), ("2023-02-01", "low"), (TODAY, "low")] {
        assert_eq!(current(&view(date, TEAMS, &label), meetings), level, "{date}");
    }
}

#[test]
fn consultations_leave_the_risk_when_they_leave_teams() {
    let risk = "calls-not-end-to-end-encrypted";
    let only = ("teams.used-for", "[\"consultations\"]");
    let moved = ("teams.consultation-service", "true");
    assert_eq!(current(&view(TODAY, TEAMS, &[only]), risk), "high");
    gone(&view(TODAY, TEAMS, &[only, moved]), risk, "mitigated", "teams.consultation-service");
    // Other confidential calls stay where they are.
    assert_eq!(current(&view(TODAY, TEAMS, &[("teams.used-for", "[\"calls\", \"consultations\"]"), moved]), risk), "high");
}

#[test]
fn confidential_meetings_have_measures_of_their_own() {
    let risk = "meetings-not-end-to-end-encrypted";
    let meetings = ("teams.used-for", "[\"group-meetings\"]");
    assert_eq!(current(&view(TODAY, TEAMS, &[meetings]), risk), "high");
    assert_eq!(current(&view(TODAY, TEAMS, &[meetings, ("encryption.sensitive-data-rule", "true")]), risk), "medium");
    assert_eq!(current(&view(TODAY, TEAMS, &[meetings, ("data.special-categories", "false")]), risk), "medium");
    open_up_to(&view(TODAY, TEAMS, &[("teams.used-for", "\"unknown\"")]), risk, "high", "teams.used-for");
    gone(&view(TODAY, TEAMS, &[]), risk, "not-applicable", "teams.used-for");
}

// ---- Third-party apps: the records of the example

const APPS: &[(&str, &str)] = &[
    ("services.in-use", "[\"exchange\", \"teams\", \"sharepoint\", \"onedrive\", \"entra\"]"),
    ("data.special-categories", "true"),
    ("data.professional-secrecy", "false"),
    ("entra.user-consent", "\"none\""),
    ("entra.app-review", "\"less-often\""),
    ("ews.enabled", "true"),
    ("ews.allow-list", "false"),
];

/// The apps of the municipality, with fields of some of them changed: app, field, value (`""` takes the field away).
fn apps_on(date: &str, base: &[(&str, &str)], changes: &[(&str, &str, &str)]) -> Json {
    let text = std::fs::read_to_string(root().join("examples/municipality/third-party-apps.toml")).unwrap();
    let mut table: toml::Table = text.parse().unwrap();
    for (app, field, value) in changes {
        let apps = table["third-party-apps"].as_array_mut().unwrap();
        let app = apps.iter_mut().filter_map(toml::Value::as_table_mut).find(|a| a["id"].as_str() == Some(app)).unwrap();
        match *value {
            "" => app.remove(*field),
            value => app.insert((*field).to_owned(), format!("x = {value}").parse::<toml::Table>().unwrap()["x"].clone()),
        };
    }
    common::json(&describe(APPS, base, &toml::to_string(&table).unwrap()), date, "dpia365-4")
}

fn apps(changes: &[(&str, &str, &str)]) -> Json {
    apps_on(TODAY, &[], changes)
}

/// The finding about one app.
#[track_caller]
fn about<'j>(view: &'j Json, risk: &str, app: &str) -> &'j Json {
    let found = findings(view, risk).into_iter().find(|f| f["subject"] == app);
    found.unwrap_or_else(|| panic!("no {risk}@{app} among {:?}", ids(view)))
}

/// Current level, lowest and highest of the finding about one app.
#[track_caller]
fn levels<'j>(view: &'j Json, risk: &str, app: &str) -> (&'j str, &'j str, &'j str) {
    let found = about(view, risk, app);
    let text = |v: &'j Json| v.as_str().unwrap();
    (text(&found["current"]["level"]), text(&found["range"]["lowest"]), text(&found["range"]["highest"]))
}

#[track_caller]
fn app_gone(view: &Json, risk: &str, app: &str, because: &str, fact: &str) {
    let entry = view["excluded"].as_array().unwrap().iter().find(|e| e["risk"] == risk && e["subject"] == app);
    let entry = entry.unwrap_or_else(|| panic!("{risk}@{app} is not excluded: {:?}", ids(view)));
    assert_eq!(entry["because"], because, "{risk}@{app}");
    assert!(facts(entry).contains(&fact), "{risk}@{app}: {:?}", facts(entry));
}

#[test]
fn an_app_that_can_read_everything_is_found_by_its_permissions() {
    let risk = "app-with-access-to-all-content";
    let updater = "ci-cloud-msg-updater";
    let found = apps(&[]);
    assert_eq!(levels(&found, risk, updater), ("high", "high", "high"));
    assert_eq!(levels(&found, risk, "ci-cloud-updater"), ("high", "high", "high"));
    assert_eq!(findings(&found, risk).len(), 2);
    app_gone(&found, risk, "ci-cloud-msg", "not-applicable", "record.permissions");
    // An app that only handles mail in transit has no permissions at all, which is an answer.
    app_gone(&found, risk, "ci-disclaimer-mail-flow", "not-applicable", "record.permissions");

    assert_eq!(levels(&apps(&[(updater, "content-scope", "\"selected\"")]), risk, updater), ("medium", "medium", "medium"));
    assert_eq!(levels(&apps(&[(updater, "content-scope", "\"unknown\"")]), risk, updater), ("high", "medium", "high"));
    assert_eq!(levels(&apps(&[(updater, "permissions", "\"unknown\"")]), risk, updater), ("high", "none", "high"));
    let unclassed = apps(&[(updater, "permissions", "[\"application:Brand.New.Permission\"]")]);
    assert_eq!(levels(&unclassed, risk, updater), ("high", "none", "high"), "a permission that nobody has classed");
    app_gone(&apps(&[(updater, "removed", "true")]), risk, updater, "mitigated", "record.removed");
    let less = apps_on(TODAY, &[("data.special-categories", "false")], &[]);
    assert_eq!(levels(&less, risk, updater), ("medium", "medium", "medium"));
}

#[test]
fn an_app_with_wide_data_is_covered_only_by_what_is_known_of_the_same_app() {
    let risk = "app-with-wide-personal-data";
    let found = apps(&[]);
    assert_eq!(levels(&found, risk, "ci-cloud-msg"), ("medium", "medium", "medium"));
    assert_eq!(levels(&found, risk, "ci-out-of-office-manager"), ("medium", "medium", "medium"));
    app_gone(&found, risk, "ci-cloud-msg-updater", "covered", "record.permissions");
    app_gone(&found, risk, "ci-disclaimer-mail-flow", "not-applicable", "record.permissions");
    let msg = "ci-cloud-msg";
    let reviewed = apps_on(TODAY, &[("entra.app-review", "\"yearly\"")], &[(msg, "permissions-reviewed", "true")]);
    assert_eq!(levels(&reviewed, risk, msg), ("low", "low", "low"));
    assert_eq!(
        levels(&apps_on(TODAY, &[("entra.app-review", "\"unknown\"")], &[(msg, "permissions-reviewed", "true")]), risk, msg),
        ("medium", "low", "medium")
    );
    app_gone(&apps(&[(msg, "permissions", "[\"delegated:User.Read\"]")]), risk, msg, "not-applicable", "record.permissions");
}

#[test]
fn an_app_without_an_agreement_is_found_unless_the_organisation_runs_it() {
    let risk = "app-without-processor-agreement";
    let app = "ci-cloud-msg-updater";
    assert_eq!(levels(&apps(&[]), risk, app).0, "low", "an agreement is in place");
    assert_eq!(levels(&apps(&[(app, "processor-agreement", "false")]), risk, app), ("high", "high", "high"));
    assert_eq!(levels(&apps(&[(app, "processor-agreement", "\"unknown\"")]), risk, app), ("high", "low", "high"));
    assert_eq!(levels(&apps(&[(app, "operated-by", "\"unknown\"")]), risk, app).1, "none", "an open `unless`");
    app_gone(&apps(&[(app, "operated-by", "\"organisation\"")]), risk, app, "not-applicable", "record.operated-by");
    // Without knowing where the vendor processes the data, the worse rating counts.
    let msg = "ci-cloud-msg";
    assert_eq!(levels(&apps(&[(msg, "processor-agreement", "false")]), risk, msg), ("high", "medium", "high"));
    let here = apps(&[(msg, "processor-agreement", "false"), (msg, "processing-place", "\"eea\"")]);
    assert_eq!(levels(&here, risk, msg), ("medium", "medium", "medium"));
}

#[test]
fn mail_through_a_vendors_servers_is_found_without_any_permission() {
    let (risk, app) = ("mail-flow-through-app-vendor", "ci-disclaimer-mail-flow");
    let found = apps(&[]);
    assert_eq!(levels(&found, risk, app), ("high", "medium", "high"), "whether the connectors are restricted is unknown");
    assert_eq!(findings(&found, risk).len(), 1);
    assert_eq!(levels(&apps(&[(app, "connectors-restricted", "true")]), risk, app), ("medium", "medium", "medium"));
    assert_eq!(levels(&apps(&[(app, "connectors-restricted", "false")]), risk, app), ("high", "high", "high"));
    assert_eq!(levels(&apps(&[(app, "connectors-restricted", "")]), risk, app), ("high", "high", "high"), "not set is an answer");
    assert_eq!(levels(&apps(&[(app, "mail-flow", "\"unknown\"")]), risk, app).1, "none");
    app_gone(&apps(&[(app, "mail-flow", "false")]), risk, app, "not-applicable", "record.mail-flow");
}

#[test]
fn neglected_access_is_found_by_what_is_known_of_use_and_publisher() {
    let (risk, app) = ("neglected-app-access", "ci-cloud-updater");
    let found = apps(&[]);
    assert_eq!(levels(&found, risk, app), ("high", "none", "high"), "use and publisher are unknown");
    app_gone(&found, risk, "ci-cloud-msg", "not-applicable", "record.still-used");
    assert_eq!(levels(&apps(&[(app, "still-used", "false")]), risk, app), ("high", "high", "high"));
    let reviewed = apps_on(TODAY, &[("entra.app-review", "\"yearly\"")], &[(app, "still-used", "false")]);
    assert_eq!(levels(&reviewed, risk, app), ("medium", "medium", "medium"));
    let fine = apps(&[(app, "still-used", "true"), (app, "publisher-verified", "true")]);
    app_gone(&fine, risk, app, "not-applicable", "record.still-used");
}

#[test]
fn rights_that_should_no_longer_exist_follow_microsofts_dates() {
    let (risk, app) = ("implausible-app-permission", "ci-cloud-updater");
    // The role ApplicationImpersonation: to existing apps only since September 2024, gone since February 2025.
    for date in ["2024-02-20", "2024-12-01", "2025-01-31"] {
        let view = apps_on(date, &[], &[]);
        app_gone(&view, risk, app, "not-applicable", "vendor.application-impersonation");
    }
    let paths = |date: &str, changes: &[(&str, &str, &str)]| {
        let view = apps_on(date, &[], changes);
        about(&view, risk, app)["paths"].as_array().unwrap().iter().map(|p| p.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths("2025-02-01", &[]), ["impersonation"]);
    // Exchange Web Services: blocked without preparation since October 2026, ended from April 2027.
    assert_eq!(paths("2026-09-30", &[]), ["impersonation"]);
    assert_eq!(paths("2026-10-01", &[]), ["impersonation", "ews-blocked"], "whether it is on the allow list is unknown");
    assert_eq!(paths("2026-10-01", &[(app, "on-ews-allow-list", "true")]), ["impersonation"]);
    assert_eq!(paths("2027-04-01", &[(app, "on-ews-allow-list", "true")]), ["impersonation", "ews-ended"]);
    // No other app of the list has such rights.
    assert_eq!(findings(&apps(&[]), risk).len(), 1);
}

#[test]
fn old_rights_are_settled_by_looking_and_clearing() {
    let (risk, app) = ("implausible-app-permission", "ci-cloud-updater");
    let ews = [(app, "permissions", "[\"delegated:EWS.AccessAsUser.All\"]"), (app, "on-ews-allow-list", "false")];
    assert_eq!(levels(&apps(&ews), risk, app), ("medium", "medium", "medium"));
    let blocked = apps_on(TODAY, &[("ews.enabled", "false")], &ews);
    assert_eq!(levels(&blocked, risk, app), ("low", "low", "low"));
    let unknown = apps_on(TODAY, &[("ews.enabled", "\"unknown\"")], &ews);
    assert_eq!(levels(&unknown, risk, app), ("medium", "low", "medium"));
    app_gone(&apps(&[(app, "legacy-access-checked", "true")]), risk, app, "mitigated", "record.legacy-access-checked");
    assert_eq!(levels(&apps(&[(app, "permissions", "\"unknown\"")]), risk, app).1, "none");
}

#[test]
fn an_unknown_list_of_apps_is_one_open_finding_and_an_empty_one_is_none() {
    let risk = "app-with-access-to-all-content";
    let none = common::json(&describe(APPS, &[], ""), TODAY, "dpia365-4");
    open_up_to(&none, risk, "high", "third-party-apps");
    let empty = common::json(&describe(APPS, &[("third-party-apps", "[]")], ""), TODAY, "dpia365-4");
    gone(&empty, risk, "not-applicable", "third-party-apps");
    // Before February 2025 no app can hold rights that should be gone: whatever the list says.
    let early = common::json(&describe(APPS, &[], ""), "2024-02-20", "dpia365-4");
    gone(&early, "implausible-app-permission", "not-applicable", "vendor.application-impersonation");
}

#[test]
fn what_employees_may_consent_to_depends_on_microsofts_default_of_the_day() {
    let risk = "user-consent-open";
    let at = |date: &str, consent: &str| {
        let view = common::json(&describe(APPS, &[("entra.user-consent", consent), ("third-party-apps", "[]")], ""), date, "dpia365-4");
        (current(&view, risk).to_owned(), range(&view, risk).0.to_owned())
    };
    let same = |level: &str| (level.to_owned(), level.to_owned());
    assert_eq!(at(TODAY, "\"all\""), same("high"));
    assert_eq!(at(TODAY, "\"none\""), same("low"));
    assert_eq!(at(TODAY, "\"verified-publishers\""), same("low"));
    assert_eq!(at(TODAY, "\"unknown\""), ("high".to_owned(), "low".to_owned()));
    // Nobody configured it: everything was allowed until August 2025; mail and chat are blocked since December 2025.
    assert_eq!(at("2025-08-14", "\"not-configured\""), same("high"));
    assert_eq!(at("2025-09-01", "\"not-configured\""), same("high"));
    assert_eq!(at("2025-12-01", "\"not-configured\""), same("medium"));
    let elsewhere = view(TODAY, APPS, &[("services.in-use", "[\"entra\"]")]);
    gone(&elsewhere, risk, "not-applicable", "services.in-use");
}
