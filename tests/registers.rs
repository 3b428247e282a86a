//! The registers: retention against the organisation's own rules, transfers, roles, rights, and the say of staff representatives.

mod common;

use common::page::{blocks, gaps, rows, text};
use common::{HEAD, describe, describe_whole, json, load, world};
use dpia365::assessment::{Assessment, OutcomeReason, RetentionGap, RuleState, Truth, assess};
use dpia365::model::{Deployment, Lang, Value};
use serde_json::Value as Json;

const TODAY: &str = "2026-11-22";

fn assessed<'d>(deployment: &'d Deployment, date: &str) -> Assessment<'d> {
    let catalog = &world().catalog;
    assess(deployment, catalog, &catalog.methods["dpia365-4"], date.parse().unwrap())
}

fn word(key: &'static str) -> &'static str {
    world().texts.locale(Lang::En).unwrap().get(key)
}

/// The rows of a table by its caption's key.
fn table(view: &Json, caption: &'static str) -> Vec<Vec<String>> {
    rows(view, word(caption))
}

#[track_caller]
fn row<'r>(rows: &'r [Vec<String>], label: &str) -> &'r Vec<String> {
    rows.iter()
        .find(|r| r[0].starts_with(label))
        .unwrap_or_else(|| panic!("no row {label}: {:?}", rows.iter().map(|r| &r[0]).collect::<Vec<_>>()))
}

fn view(body: &str) -> Json {
    json(&describe(body), TODAY, "dpia365-4")
}

// ---- Retention

fn rule(kind: &str, period: &str) -> String {
    format!("\n[[retention-rule]]\nkind = \"{kind}\"\n{period}\nbecause = \"Our schedule.\"\n")
}

fn gap(facts: &str, kind: &str, period: Option<&str>, date: &str) -> RetentionGap {
    let rule = period.map_or(String::new(), |p| rule(kind, p));
    let deployment = describe_whole(&format!("{facts}\n{HEAD}{rule}"));
    let rules: Vec<_> = deployment.prose.retention_rule.iter().filter(|r| r.kind == kind).collect();
    assessed(&deployment, date).retention_gap(&world().catalog.retention[kind], &rules)
}

#[test]
fn what_is_kept_is_compared_with_the_organisations_own_rule() {
    use RetentionGap::{Fits, Longer, NoRule, Shorter, Unknown};
    let groups = "[[population]]\nid = \"staff\"\nname = \"Staff\"\n[[population]]\nid = \"council\"\nname = \"Works council\"\n";
    // Microsoft's own period, where nothing can be configured: 21 days for deleted messages.
    for (period, expected) in [
        (Some("days = 21"), Fits),
        (Some("days = 20"), Longer(1)),
        (Some("days = 30"), Shorter(9)),
        (Some("period = \"as long as needed\""), Unknown),
        (None, NoRule),
    ] {
        assert_eq!(gap("", "deleted-teams-messages", period, TODAY), expected, "{period:?}");
    }
    // What is configured wins over Microsoft's 14 days.
    for (facts, expected) in [
        ("retention.deleted-mail-days = 30", Longer(16)),
        ("retention.deleted-mail-days = 7", Shorter(7)),
        ("retention.deleted-mail-days = 14", Fits),
        ("retention.deleted-mail-days = \"not-configured\"", Fits),
        // That nobody knows the setting does not make Microsoft's period the one that holds.
        ("retention.deleted-mail-days = \"unknown\"", Unknown),
        ("", Unknown),
    ] {
        assert_eq!(gap(facts, "deleted-mail", Some("days = 14"), TODAY), expected, "{facts}");
    }
    // The longest of several groups counts, and one that is open leaves all open.
    for (days, expected) in [
        ("{ staff = 60, council = 120 }", Longer(60)),
        ("{ staff = 60, council = 30 }", Fits),
        ("{ staff = 30, council = 10 }", Shorter(30)),
        ("{ staff = 120, council = \"unknown\" }", Unknown),
    ] {
        let facts = format!("teams.recording-expiry-days = {days}\n{HEAD}{groups}{}", rule("meeting-recordings", "days = 60"));
        let deployment = describe_whole(&facts);
        let rule = &deployment.prose.retention_rule[0];
        assert_eq!(
            assessed(&deployment, TODAY).retention_gap(&world().catalog.retention["meeting-recordings"], &[rule]),
            expected,
            "{days}"
        );
    }
    // A period in words, and one that no source names, are for people to compare.
    for (facts, kind) in [("retention.mail-policy = \"delete\"", "mail"), ("", "call-records"), ("", "backups")] {
        assert_eq!(gap(facts, kind, Some("days = 365"), TODAY), Unknown, "{kind}");
    }
}

#[test]
fn months_hours_and_numbers_of_versions_are_no_days() {
    // 18 months, some hours, 500 versions: with as many days as that number they do not fit.
    for kind in ["diagnostic-data", "copilot-metadata", "copilot-web-queries", "file-versions"] {
        let deployment = describe("");
        let assessment = assessed(&deployment, TODAY);
        let id = world().catalog.retention[kind].default.as_ref().unwrap();
        let Some(Value::Number(n)) = assessment.facts.get(id).single().cloned() else { panic!("{id} is no number") };
        assert_ne!(gap("", kind, Some(&format!("days = {n}")), TODAY), RetentionGap::Fits, "{kind}: {n}");
    }
}

#[test]
fn a_policy_that_never_deletes_is_longer_than_every_rule() {
    // Which values of a choice these are, the catalogue says.
    let kinds: Vec<_> = world().catalog.retention.values().filter(|k| !k.endless.is_empty()).collect();
    assert!(kinds.len() > 2, "the catalogue names too few to show anything");
    for kind in kinds {
        for value in &kind.endless {
            // A flag stands bare, a word of a choice in quotes.
            let written = if matches!(value.as_str(), "true" | "false") { value.clone() } else { format!("\"{value}\"") };
            let facts = format!("{} = {written}", kind.configured.as_ref().unwrap());
            assert_eq!(gap(&facts, &kind.id, Some("days = 365"), TODAY), RetentionGap::Endless, "{} = {value}", kind.id);
            assert_eq!(gap(&facts, &kind.id, None, TODAY), RetentionGap::NoRule, "{} = {value}", kind.id);
        }
    }
}

#[test]
fn microsofts_period_is_that_of_the_day() {
    let facts = "teams.recording-expiry-days = \"not-configured\"";
    let on = |date| gap(facts, "meeting-recordings", Some("days = 120"), date);
    assert_eq!(on(TODAY), RetentionGap::Fits);
    assert_eq!(on("2021-01-01"), RetentionGap::Longer(99_879), "recordings did not expire");
    assert_eq!(on("2022-05-01"), RetentionGap::Unknown, "during the roll-out no default is known");
}

#[test]
fn the_register_prints_period_setting_rule_and_gap() {
    let facts = "[services]\nin-use = [\"exchange\", \"teams\"]\n[retention]\ndeleted-mail-days = 30\n";
    let view = view(&format!("{facts}{}{}", rule("deleted-mail", "days = 14"), rule("deleted-teams-messages", "period = \"Three weeks\"")));
    let register = table(&view, "retention.register");
    let mail = row(&register, "Deleted mail");
    assert!(mail[0].contains(word("retention.by-organisation")), "{mail:?}");
    assert!(mail[1].starts_with("14 days") && mail[2].starts_with("30 days") && mail[3].starts_with("14 days"), "{mail:?}");
    assert!(mail[3].contains("Our schedule."), "with its reason: {mail:?}");
    assert_eq!(mail[4], "kept 16 days longer than the rule");
    let messages = row(&register, "Deleted or edited Teams messages");
    assert!(messages[0].contains(word("retention.by-microsoft")), "{messages:?}");
    assert_eq!((messages[2].as_str(), messages[4].as_str()), ("–", word("retention.gap-compare")));
    assert!(messages[3].starts_with("Three weeks"), "{messages:?}");
    // Without a rule: a gap where the organisation could act, nothing to ask where only Microsoft can.
    let sites = row(&register, "Recordings and transcripts");
    assert_eq!((sites[3].as_str(), sites[4].as_str()), (word("retention.no-rule"), word("retention.gap-no-rule")));
    assert_eq!(row(&register, "Deleted teams and groups")[3..], ["–", "–"]);
    // What the period counts from stands in the annex, once for each kind.
    let notes = view["document"]["chapters"].as_array().unwrap().iter().find(|c| c["id"] == "annex-retention").unwrap();
    let items = blocks(notes).into_iter().find(|b| b["kind"] == "list").unwrap()["items"].as_array().unwrap().len();
    assert_eq!(items, register.len());
}

#[test]
fn data_that_a_deployment_does_not_create_stays_out_and_what_is_open_is_marked() {
    let mark = word("flag.open");
    for (facts, state) in [
        ("call-recording = true", Some("yes")),
        ("call-recording = false", None),
        ("call-recording = \"unknown\"", Some("open")),
        ("", Some("open")),
    ] {
        let view = view(&format!("[services]\nin-use = [\"teams\"]\n[teams]\n{facts}\n"));
        let register = &view["registers"]["retention"];
        assert_eq!(register["call-recordings"].as_str(), state, "{facts}");
        let rows = table(&view, "retention.register");
        let printed = rows.iter().find(|r| r[0].starts_with("Recordings of one-to-one calls"));
        assert_eq!(printed.map(|r| r[0].contains(&format!("[{mark}]"))), state.map(|s| s == "open"), "{facts}");
        assert_eq!(rows.len(), register.as_object().unwrap().len(), "as many rows as entries");
        // Services that nobody uses create nothing.
        assert!(register.get("mail").is_none() && register.get("leavers-onedrive").is_none(), "{register}");
        assert_eq!(register["deleted-teams"], "yes");
    }
}

#[test]
fn where_the_services_are_open_their_data_are_open_too() {
    for facts in ["", "[services]\nin-use = \"unknown\"\n"] {
        let view = view(facts);
        assert_eq!(view["registers"]["retention"]["deleted-teams"], "open", "nobody has said that Teams is in use");
        assert_eq!(view["registers"]["retention"]["mail"], "open");
        assert_eq!(view["registers"]["retention"]["deleted-accounts"], "yes", "accounts there are with any service");
    }
}

#[test]
fn a_rule_for_a_kind_that_the_catalogue_lacks_or_without_a_period_is_refused() {
    let faults = |rule: &str| -> Vec<_> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("deployment.toml"), format!("{HEAD}{rule}")).unwrap();
        load(folder.path()).1.into_iter().filter(|d| d.is_error()).collect()
    };
    let unknown = faults(&rule("deleted-mails", "days = 14"));
    assert_eq!((unknown.len(), unknown[0].code), (1, "reference-unknown"), "{unknown:#?}");
    assert!(unknown[0].help.iter().any(|h| h.contains("`deleted-mail`")), "{:?}", unknown[0].help);
    let empty = faults(&rule("deleted-mail", ""));
    assert_eq!((empty.len(), empty[0].code), (1, "required-missing"), "{empty:#?}");
    // Parts of a kind may have rules of their own; which of them a setting must be compared with, people know.
    let twice = rule("deleted-mail", "days = 14") + &rule("deleted-mail", "days = 30");
    assert!(faults(&twice).is_empty());
    let deployment = describe_whole(&format!("retention.deleted-mail-days = 14\n{HEAD}{twice}"));
    let rules: Vec<_> = deployment.prose.retention_rule.iter().collect();
    assert_eq!(assessed(&deployment, TODAY).retention_gap(&world().catalog.retention["deleted-mail"], &rules), RetentionGap::Unknown);
    let register = table(&json(&deployment, TODAY, "dpia365-4"), "retention.register");
    let own = &row(&register, "Deleted mail")[3];
    assert!(own.contains("14 days") && own.contains("30 days"), "{own}");
}

#[test]
fn every_entry_with_conditions_can_go_and_can_be_open() {
    // With nothing stated nothing is refuted: every entry for this country is there, and those with conditions are open.
    let deployment = describe("");
    let assessment = assessed(&deployment, TODAY);
    let catalog = &world().catalog;
    let r = &assessment.registers;
    for (name, entries, conditions) in [
        ("retention", &r.retention, catalog.retention.values().map(|e| (&e.id, &e.when)).collect::<Vec<_>>()),
        ("transfers", &r.flows, catalog.flows.values().map(|e| (&e.id, &e.when)).collect()),
        ("roles", &r.roles, catalog.roles.values().map(|e| (&e.id, &e.when)).collect()),
        ("rights", &r.rights, catalog.rights.values().map(|e| (&e.id, &e.when)).collect()),
    ] {
        assert!(conditions.len() > 5, "{name}");
        for (id, when) in conditions.into_iter().filter(|(_, when)| !when.is_empty()) {
            // A condition on Microsoft alone may be refuted by the date.
            let Some(entry) = entries.iter().find(|e| e.id == *id) else { panic!("{name}: {id} is gone, though nothing is stated") };
            assert_eq!(entry.truth, Truth::Open, "{name}: {id} with {when:?}");
            assert!(!entry.reasons.is_empty(), "{name}: {id} is open without a reason");
        }
    }
}

// ---- Transfers

#[test]
fn a_flow_follows_from_what_is_switched_on() {
    for (facts, state) in [("optional = true", Some("yes")), ("optional = false", None), ("", Some("open"))] {
        let view = view(&format!("[services]\nin-use = [\"office-desktop\"]\n[connected-experiences]\n{facts}\n"));
        assert_eq!(view["registers"]["transfers"]["optional-experiences"].as_str(), state, "{facts}");
        let flows = table(&view, "flows.caption");
        let printed = flows.iter().find(|r| r[1].starts_with("Optional connected experiences"));
        assert_eq!(printed.map(|r| r[1].contains("[open]")), state.map(|s| s == "open"), "{facts}");
        assert_eq!(
            text(&view["document"]).contains(word("registers.open")),
            table(&view, "flows.caption").iter().any(|r| r[1].contains("[open]"))
        );
    }
    // Only for the services that it is about.
    let mail = view("[services]\nin-use = [\"sharepoint\"]\n[connected-experiences]\noptional = true\n");
    assert!(mail["registers"]["transfers"].get("optional-experiences").is_none());
}

#[test]
fn each_flow_is_told_in_six_steps_with_the_standing_of_its_measures() {
    let facts = "[services]\nin-use = [\"exchange\", \"office-desktop\"]\n[connected-experiences]\noptional = true\n";
    let view = view(facts);
    let flows = table(&view, "flows.caption");
    let count = view["registers"]["transfers"].as_object().unwrap().len();
    assert_eq!(flows.len(), count);
    let numbers: Vec<String> = (1..=count).map(|i| format!("T{i}")).collect();
    assert_eq!(flows.iter().map(|r| r[0].clone()).collect::<Vec<_>>(), numbers);

    let annex = view["document"]["chapters"].as_array().unwrap().iter().find(|c| c["id"] == "annex-transfers").unwrap();
    let told = annex["blocks"].as_array().unwrap();
    let at = told.iter().position(|b| b["id"] == "flow-optional-experiences").unwrap();
    let pairs = told[at + 1]["rows"].as_array().unwrap();
    let labels: Vec<&str> = pairs.iter().map(|p| p["label"].as_str().unwrap()).collect();
    let locale = world().texts.locale(Lang::En).unwrap();
    let steps: Vec<String> = (1..=6).map(|step| locale.get(&format!("flows.step-{step}")).to_owned()).collect();
    for step in &steps {
        assert!(labels.contains(&step.as_str()), "{step}: {labels:?}");
    }
    let measures = text(&pairs.iter().find(|p| p["label"] == word("flows.step-4")).unwrap()["value"]);
    let title = world().catalog.measures["switch-off-optional-connected-experiences"].title.get(Lang::En);
    assert!(measures.contains(&format!("{title} ({})", word("status.not-in-place"))), "{measures}");
}

#[test]
fn the_transfer_tool_is_that_of_the_day() {
    let deployment = describe("[services]\nin-use = [\"exchange\"]\n");
    let tool = world().catalog.vocabulary.get("vendor.transfer-tool").unwrap();
    let label = |value: &str| tool.ty.values().iter().find(|(id, _)| id == value).unwrap().1.get(Lang::En);
    for (date, value) in [
        ("2020-07-15", "privacy-shield-and-clauses"),
        // Schrems II: the judgment of 16 July 2020.
        ("2020-07-16", "clauses-of-2010"),
        ("2021-09-01", "clauses-of-2021"),
        ("2023-07-10", "adequacy-and-clauses"),
        (TODAY, "adequacy-and-clauses"),
    ] {
        let flows = table(&json(&deployment, date, "dpia365-4"), "flows.caption");
        assert_eq!(flows.iter().find(|r| r[1].starts_with("Log and diagnostic data")).unwrap()[3], label(value), "{date}");
    }
}

#[test]
fn the_standing_of_a_measure_is_told_even_where_it_treats_no_finding() {
    let catalog = &world().catalog;
    for (facts, status) in [
        ("[connected-experiences]\noptional = false\n", "in-place"),
        ("[connected-experiences]\noptional = true\n", "not-in-place"),
        ("", "open"),
    ] {
        // A scope without any service of the risks leaves no findings.
        let deployment = describe(&format!("[assessment.scope]\nservices = [\"viva\"]\n{facts}"));
        let assessment = assessed(&deployment, TODAY);
        assert_eq!(assessment.measure_status(catalog, "switch-off-optional-connected-experiences").id(), status, "{facts}");
    }
}

// ---- Roles

const ROLES: &str = "[services]\nin-use = [\"exchange\", \"office-desktop\"]\nplatforms = [\"windows\"]\n";

/// The printed role for a purpose.
fn role(contract: &str, date: &str, purpose: &str) -> String {
    let deployment = describe(&format!("{ROLES}{contract}\n[connected-experiences]\noptional = true\n"));
    let rows = table(&json(&deployment, date, "dpia365-4"), "roles.caption");
    row(&rows, purpose)[1].clone()
}

#[test]
fn microsofts_role_follows_contract_and_date() {
    let (services, own) = ("Provide, repair and improve the services", "Microsoft’s own business operations");
    let terms = |t: &str| format!("[contract]\nterms = \"{t}\"");
    for (contract, date, purpose, role_of) in [
        (terms("dutch-central-government"), TODAY, services, "processor "),
        (terms("standard"), TODAY, services, "processor; part of the data also used as controller"),
        (terms("public-sector-amendment"), TODAY, services, "processor; part of the data also used as controller"),
        (terms("dutch-central-government"), TODAY, own, "not allowed: processor only"),
        (terms("standard"), "2025-11-14", own, "independent controller "),
        (terms("public-sector-amendment"), "2025-11-14", own, "independent controller "),
        // The day of the new assessment of the terms.
        (terms("standard"), "2025-11-15", own, "independent controller, reportedly with aggregated or anonymised data"),
        (terms("public-sector-amendment"), TODAY, own, "independent controller, reportedly with aggregated or anonymised data"),
    ] {
        let printed = role(&contract, date, purpose);
        assert!(printed.starts_with(role_of), "{contract} on {date}, {purpose}: {printed}");
    }
    // Without a word on the contract nobody can tell, and the report does not guess.
    for contract in ["", "[contract]\nterms = \"unknown\""] {
        let printed = role(contract, TODAY, services);
        assert!(!printed.contains("processor") && !printed.contains("controller"), "{printed}");
    }
    // The optional experiences stand outside every contract.
    for contract in [terms("standard"), terms("dutch-central-government"), String::new()] {
        let printed = role(&contract, TODAY, "Optional connected experiences");
        assert!(printed.starts_with("independent controller"), "{contract}: {printed}");
        assert!(printed.contains("2020") && printed.contains("[over a year old]"), "with source, date and mark: {printed}");
    }
}

#[test]
fn a_role_stands_only_for_what_is_done() {
    for (facts, state) in [("optional = true", Some("yes")), ("optional = false", None), ("optional = \"unknown\"", Some("open"))] {
        let view = view(&format!("{ROLES}[connected-experiences]\n{facts}\n"));
        assert_eq!(view["registers"]["roles"]["optional-connected-experiences"].as_str(), state, "{facts}");
        assert_eq!(view["registers"]["roles"].get("copilot"), None, "nobody uses Copilot");
        assert_eq!(table(&view, "roles.caption").len(), view["registers"]["roles"].as_object().unwrap().len());
    }
    let copilot = view("[services]\nin-use = [\"copilot\"]\n[copilot]\nweb-search = \"off\"\n");
    assert!(copilot["registers"]["roles"].get("copilot-web-search").is_none(), "{}", copilot["registers"]["roles"]);
}

// ---- Rights

#[test]
fn rights_stand_in_the_order_of_the_law_for_the_data_there_are() {
    let none = view("[services]\nin-use = [\"exchange\"]\n[connected-experiences]\noptional = false\n");
    let rights = none["registers"]["rights"].as_object().unwrap();
    assert!(!rights.keys().any(|id| id.ends_with("controller-data") || id == "access-copilot"), "{rights:?}");
    assert_eq!(rights["access-system-generated-logs"], "yes");
    let rows = table(&none, "rights.caption");
    assert_eq!(rows.len(), rights.len());
    let articles: Vec<u32> =
        rows.iter().map(|r| r[0].chars().filter(char::is_ascii_digit).take(2).collect::<String>().parse().unwrap()).collect();
    assert!(articles.is_sorted() && articles.first() == Some(&13) && articles.last() == Some(&22), "{articles:?}");
    assert!(rows.iter().all(|r| !r[1].is_empty() && !r[2].is_empty()), "how, and what cannot be done");
    assert!(rows.iter().any(|r| r[0].contains(word("rights.system-generated-logs"))));
    assert!(rows.iter().any(|r| r[1].contains(&format!("[{}]", word("mark.recalled")))), "what is from memory says so");

    let on = view("[services]\nin-use = [\"exchange\"]\n[connected-experiences]\noptional = true\n");
    assert_eq!(on["registers"]["rights"]["objection-controller-data"], "yes");
    let open = view("[services]\nin-use = [\"exchange\"]\n");
    assert_eq!(open["registers"]["rights"]["objection-controller-data"], "open");
    let marked = table(&open, "rights.caption").into_iter().filter(|r| r[0].contains("[open]")).count();
    assert_eq!(marked, open["registers"]["rights"].as_object().unwrap().values().filter(|v| *v == "open").count());
    assert!(marked > 0);
    let copilot = view("[services]\nin-use = [\"copilot\"]\n[connected-experiences]\noptional = false\n");
    assert_eq!(copilot["registers"]["rights"]["access-copilot"], "yes");
    assert_eq!(copilot["registers"]["rights"]["objection-controller-data"], "yes", "web search of Copilot is Microsoft's own");
}

// ---- Staff representation

/// Facts under which no function is fit to watch staff.
const NOTHING_WATCHES: &str = "services.in-use = [\"office-desktop\"]\nreports.readers = 0\naudit.log-readers = 0\nentra.log-readers = 0\n\
    viva.manager-insights = false\nviva.organisation-insights = false\nadoption-score.in-use = false\ninsider-risk.in-use = false\n\
    communication-compliance.in-use = false\nediscovery.searchers = 0\nteams.work-location = false\nteams.call-data-readers = 0\n\
    endpoint.observation = []\n";
const TEAMS: &str = "services.in-use = [\"teams\"]\n";

fn staff(facts: &str, country: &str, more: &str) -> Deployment {
    describe_whole(&format!("{facts}{}{more}", HEAD.replace("country = \"NL\"", &format!("country = \"{country}\""))))
}

fn laws(assessment: &Assessment<'_>) -> Vec<(String, bool)> {
    let mut laws: Vec<_> = assessment.registers.staff_laws.iter().map(|l| (l.id.clone(), l.truth == Truth::Yes)).collect();
    // The report has them in the order of the catalogue's file.
    laws.sort();
    laws
}

#[test]
fn each_country_has_provisions_of_its_own() {
    for (country, more, expected) in [
        ("NL", "", &["nl-wor-25-1-k", "nl-wor-27-1-k", "nl-wor-27-1-l"][..]),
        ("DE", "public-body = false\n", &["de-betrvg-87-1-6"]),
        ("DE", "public-body = true\n", &["de-bpersvg-80-1-21"]),
        ("AT", "", &["at-arbvg-96-1-3", "at-arbvg-96a"]),
        ("BE", "", &["be-cao-39", "be-cao-81"]),
        ("FR", "", &["fr-l1222-4", "fr-l2312-38"]),
        ("IE", "", &["eu-directive-2002-14"]),
        ("JP", "", &[]),
    ] {
        let deployment = staff(TEAMS, country, more);
        let assessment = assessed(&deployment, TODAY);
        let expected: Vec<_> = expected.iter().map(|id| ((*id).to_owned(), true)).collect();
        assert_eq!(laws(&assessment), expected, "{country} {more}");
        assert!(assessment.registers.staff_laws.iter().all(|l| !l.reasons.is_empty()), "{country}: with the function that calls for it");
    }
    // Whether the works constitution act or the staff representation act holds, nobody has said.
    let unsaid = staff(TEAMS, "DE", "");
    assert_eq!(laws(&assessed(&unsaid, TODAY)), [("de-betrvg-87-1-6".to_owned(), false), ("de-bpersvg-80-1-21".to_owned(), false)]);
}

fn staff_rule(assessment: &Assessment<'_>) -> RuleState {
    assessment.completeness.iter().find(|r| r.rule.id == "A35-9-staff").unwrap().state
}

#[test]
fn a_provision_that_applies_asks_for_a_result_or_a_reason() {
    let block = |key: &str| format!("[organisation.staff-representation]\n{key} = \"The works council agreed on 1 September 2026.\"\n");
    for (facts, country, more, state) in [
        (TEAMS, "NL", String::new(), RuleState::Missing),
        (TEAMS, "NL", block("body"), RuleState::Missing),
        (TEAMS, "NL", block("result"), RuleState::Met),
        (TEAMS, "NL", block("not-consulted-because"), RuleState::Met),
        (TEAMS, "AT", String::new(), RuleState::Missing),
        // No provision of the catalogue, no function that calls for it, or not known whether: nothing is owed yet.
        (TEAMS, "JP", String::new(), RuleState::Met),
        (NOTHING_WATCHES, "AT", String::new(), RuleState::Missing),
        (NOTHING_WATCHES, "FR", String::new(), RuleState::Met),
        ("", "FR", String::new(), RuleState::Met),
    ] {
        let deployment = staff(facts, country, &more);
        let assessment = assessed(&deployment, TODAY);
        assert_eq!(staff_rule(&assessment), state, "{country} {facts} {more}");
        let asked: Vec<&String> = assessment
            .outcome
            .because
            .iter()
            .filter_map(|b| if let OutcomeReason::Incomplete(rules) = b { Some(rules) } else { None })
            .flatten()
            .collect();
        assert_eq!(assessment.outcome.proposed.id(), "draft", "{country}: nothing here reaches the level of a consultation");
        assert_eq!(asked.contains(&&"A35-9-staff".to_owned()), state == RuleState::Missing, "the draft says what is missing");
    }
}

#[test]
fn the_report_names_the_provisions_and_shows_the_gap() {
    let missing = json(&staff(TEAMS, "NL", ""), TODAY, "dpia365-4");
    let laws = table(&missing, "staff.laws");
    assert_eq!(laws.len(), 3);
    let watching = row(&laws, "Art. 27(1)(l) WOR");
    assert!(watching[0].ends_with(word("staff.right-consent")) && watching[1].contains("works council"), "{watching:?}");
    assert!(watching[2].contains("Teams"), "because of: {watching:?}");
    assert!(row(&laws, "Art. 25(1)(k) WOR")[0].contains(&format!("[{}]", word("mark.recalled"))));
    assert!(gaps(&missing["document"]).contains(&"A35-9-staff"));
    let rule = |view: &Json| view["completeness"].as_array().unwrap().iter().find(|r| r["rule"] == "A35-9-staff").unwrap()["state"].clone();
    assert_eq!(rule(&missing), "missing");

    let said =
        "[organisation.staff-representation]\nbody = \"Works council\"\nresult = \"It consented with conditions.\"\ndate = 2026-09-01\n";
    let met = json(&staff(TEAMS, "NL", said), TODAY, "dpia365-4");
    assert_eq!((table(&met, "staff.laws").len(), rule(&met)), (3, Json::from("met")));
    assert!(!gaps(&met["document"]).contains(&"A35-9-staff"));
    // Without a provision there is no table, and no gap.
    let none = json(&staff(NOTHING_WATCHES, "FR", ""), TODAY, "dpia365-4");
    assert!(table(&none, "staff.laws").is_empty() && !gaps(&none["document"]).contains(&"A35-9-staff"));
    assert_eq!(none["registers"]["staff_representation"], serde_json::json!({}));
}
