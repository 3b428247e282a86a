//! Observed against declared: what counts, what stands beside it, and what clears no risk.

mod common;

use dpia365::assessment::{Assessment, State, assess};
use dpia365::model::{Deployment, Value};

const TODAY: &str = "2026-11-22";
const MEETINGS: &str = "Identity,AllowCloudRecording,AutoAdmittedUsers,AllowTranscription\n";

fn read(files: &[(&str, &str)], body: &str) -> Deployment {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    std::fs::write(folder.path().join("deployment.toml"), format!("{}\n{body}", common::HEAD)).unwrap();
    let (deployment, diagnostics) = common::load(folder.path());
    let errors: Vec<_> = diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    deployment.unwrap()
}

fn assessed<T>(deployment: &Deployment, then: impl FnOnce(&Assessment<'_>) -> T) -> T {
    let catalog = &common::world().catalog;
    then(&assess(deployment, catalog, &catalog.methods["dpia365-4"], TODAY.parse().unwrap()))
}

/// The values of a fact, part by part: `group: value`, `?` where it is open, with the possible ones.
fn values(deployment: &Deployment, fact: &str) -> Vec<String> {
    assessed(deployment, |a| {
        a.facts
            .get(fact)
            .cells
            .iter()
            .map(|c| {
                let who = c.scope.population.as_deref().unwrap_or("all");
                match &c.state {
                    State::Known { value, .. } => format!("{who}: {}", value.to_json()),
                    State::Open { candidates, why } => {
                        let all: Vec<String> = candidates.iter().map(|(v, _)| v.to_json().to_string()).collect();
                        format!("{who}: ? {why:?} {}", all.join(" "))
                    }
                }
            })
            .collect()
    })
}

fn codes(deployment: &Deployment) -> Vec<&'static str> {
    assessed(deployment, |a| {
        let mut codes: Vec<&str> =
            a.diagnostics.iter().map(|d| d.code).filter(|c| c.starts_with("evidence") || c.starts_with("resolution")).collect();
        codes.dedup();
        codes
    })
}

fn evidence(file: &str, date: &str, more: &str) -> String {
    format!("[[evidence]]\nfile = \"{file}\"\nas-of = {date}\n{more}\n")
}

/// All policies of a tenant: the global one and one that every tenant has.
fn whole(recording: &str) -> String {
    format!("{MEETINGS}Global,{recording},EveryoneInCompany,False\nTag:AllOn,True,Everyone,True\n")
}

#[test]
fn a_fresh_and_whole_export_counts_against_the_description() {
    let off = whole("False");
    let none = read(&[("m.csv", &off)], &evidence("m.csv", "2026-11-01", ""));
    assert_eq!((values(&none, "teams.recording"), codes(&none)), (vec!["all: false".to_owned()], vec![]));
    let same = read(&[("m.csv", &off)], &format!("[teams]\nrecording = false\n{}", evidence("m.csv", "2026-11-01", "")));
    assert_eq!((values(&same, "teams.recording"), codes(&same)), (vec!["all: false".to_owned()], vec![]));
    let other = read(&[("m.csv", &off)], &format!("[teams]\nrecording = true\n{}", evidence("m.csv", "2026-11-01", "")));
    assert_eq!((values(&other, "teams.recording"), codes(&other)), (vec!["all: false".to_owned()], vec!["evidence-contradicts"]));
    let shown = |d: &Deployment| {
        assessed(d, |a| a.contradictions.iter().map(|c| (c.fact.clone(), c.decided, c.candidates.len())).collect::<Vec<_>>())
    };
    assert_eq!(shown(&other), [("teams.recording".to_owned(), true, 2)]);
}

/// However good its news, an old, undated or partial export settles nothing by itself, and leaves a contradiction open.
#[test]
fn what_is_old_undated_or_partial_clears_nothing() {
    let off = whole("False");
    let global_only = format!("{MEETINGS}Global,False,EveryoneInCompany,False\n");
    let undated = "[[evidence]]\nfile = \"m.csv\"\n".to_owned();
    let cases = [
        (off.as_str(), evidence("m.csv", "2026-08-01", ""), "evidence-stale"),
        (off.as_str(), undated, "evidence-undated"),
        (global_only.as_str(), evidence("m.csv", "2026-11-01", ""), ""),
    ];
    for (file, block, code) in cases {
        let alone = read(&[("m.csv", file)], &block);
        assert_eq!(values(&alone, "teams.recording"), ["all: ? Weak "], "{block}");
        let same = read(&[("m.csv", file)], &format!("[teams]\nrecording = false\n{block}"));
        assert_eq!(values(&same, "teams.recording"), ["all: false"], "{block}");
        let other = read(&[("m.csv", file)], &format!("[teams]\nrecording = true\n{block}"));
        assert_eq!(values(&other, "teams.recording"), ["all: ? Conflict true false"], "{block}");
        assert!(codes(&other).contains(&"evidence-conflict"), "{block}");
        assert!(code.is_empty() || codes(&alone).contains(&code), "{block}: {:?}", codes(&alone));
    }
}

/// Ninety days are near enough, ninety-one are not; on either side of the assessment.
#[test]
fn ninety_days_are_near_enough() {
    for (date, fresh) in [("2026-08-24", true), ("2026-08-23", false), ("2027-02-20", true), ("2027-02-21", false)] {
        let deployment = read(&[("m.csv", &whole("False"))], &evidence("m.csv", date, ""));
        let wanted = if fresh { "all: false" } else { "all: ? Weak " };
        assert_eq!(values(&deployment, "teams.recording"), [wanted], "{date}");
    }
}

#[test]
fn policies_for_groups_become_values_by_group() {
    const GROUPS: &str = "[[population]]\nid = \"pupils\"\nname = \"Pupils\"\n";
    let file = format!("{MEETINGS}Global,True,EveryoneInCompany,False\nTag:Pupils,False,InvitedUsers,False\nTag:Test,True,Everyone,True\n");
    let mapped = "policies = { \"Tag:Pupils\" = \"pupils\", \"test\" = \"nobody\" }";
    let deployment = read(&[("m.csv", &file)], &format!("{GROUPS}{}", evidence("m.csv", "2026-11-01", mapped)));
    assert_eq!(values(&deployment, "teams.recording"), ["all: true", "pupils: false"]);
    assert_eq!(values(&deployment, "teams.transcription"), ["all: false", "pupils: false"]);
    // A policy that nobody has mapped may be anybody's.
    let some = "policies = { \"Tag:Pupils\" = \"pupils\" }";
    let deployment = read(&[("m.csv", &file)], &format!("{GROUPS}{}", evidence("m.csv", "2026-11-01", some)));
    assert_eq!(values(&deployment, "teams.transcription")[0], "all: ? Conflict false true");
    // A list of assignments shows that nobody has it.
    let assigned = "TeamsMeetingPolicy,TeamsMessagingPolicy,TeamsCallingPolicy\n,,\nPupils,,\n";
    let blocks = format!("{GROUPS}{}{}", evidence("m.csv", "2026-11-01", some), evidence("a.csv", "2026-11-01", ""));
    let deployment = read(&[("m.csv", &file), ("a.csv", assigned)], &blocks);
    assert_eq!(values(&deployment, "teams.transcription"), ["all: false", "pupils: false"]);
}

#[test]
fn a_resolution_decides_and_both_places_stay() {
    let resolution =
        "[[resolution]]\nfact = \"teams.recording\"\nvalue = true\nfunction = \"CISO\"\ndate = 2026-11-20\nhow = \"Looked it up.\"\n";
    let block = evidence("m.csv", "2026-08-01", "");
    let deployment = read(&[("m.csv", &whole("False"))], &format!("[teams]\nrecording = true\n{block}{resolution}"));
    assert_eq!(values(&deployment, "teams.recording"), ["all: true"]);
    assert!(!codes(&deployment).contains(&"evidence-conflict"));
    let candidates = assessed(&deployment, |a| {
        a.contradictions
            .iter()
            .map(|c| (c.decided, c.candidates.iter().map(|(v, _)| v.to_json().to_string()).collect::<Vec<_>>()))
            .collect::<Vec<_>>()
    });
    assert_eq!(candidates, [(true, vec!["true".to_owned(), "false".to_owned()])]);
    let idle =
        read(&[("m.csv", &whole("True"))], &format!("[teams]\nrecording = true\n{}{resolution}", evidence("m.csv", "2026-11-01", "")));
    assert_eq!(codes(&idle), ["resolution-idle"]);
}

/// Use that was seen is in the set, whoever left it out; that something was not seen shows nothing.
#[test]
fn usage_proves_presence_never_absence() {
    let usage = "Report Refresh Date,User Principal Name,Last Activation Date,Last Activity Date,Report Period,Windows,Mac,Mobile,Web,Outlook,Word,Excel,PowerPoint,OneNote,Teams,Outlook (Windows),Outlook (Mobile)\n\
                 2026-11-01,x@contoso.example,2026-01-01,2026-10-30,30,No,Yes,No,No,Yes,No,No,No,No,No,No,No\n";
    let block = "[[evidence]]\nfile = \"u.csv\"\nkind = \"usage-apps-platforms\"\n";
    let without = read(&[("u.csv", usage)], &format!("[services]\nplatforms = [\"windows\", \"web\"]\n{block}"));
    assert_eq!(values(&without, "services.platforms"), ["all: [\"mac\",\"web\",\"windows\"]"]);
    assert!(codes(&without).contains(&"evidence-contradicts"));
    let with = read(&[("u.csv", usage)], &format!("[services]\nplatforms = [\"windows\", \"mac\"]\n{block}"));
    assert_eq!(values(&with, "services.platforms"), ["all: [\"mac\",\"windows\"]"]);
    let alone = read(&[("u.csv", usage)], block);
    assert!(values(&alone, "services.platforms")[0].starts_with("all: ? AtLeast [\"mac\"]"));
}

/// An app that nobody described is found; permissions that were left out count.
#[test]
fn apps_and_permissions_of_the_tenant_count() {
    let principals = "Id,AppId,DisplayName,AppOwnerOrganizationId,ServicePrincipalType,AccountEnabled\n\
        11111111-0000-0000-0000-000000000001,21111111-0000-0000-0000-000000000001,Fabrikam Notes,31111111-0000-0000-0000-000000000001,Application,True\n\
        11111111-0000-0000-0000-000000000002,21111111-0000-0000-0000-000000000002,Graph Explorer,72f988bf-86f1-41af-91ab-2d7cd011db47,Application,True\n";
    let grants = "ClientId,ConsentType,ResourceId,Scope\n\
        11111111-0000-0000-0000-000000000001,AllPrincipals,41111111-0000-0000-0000-000000000001, Mail.Read User.Read\n\
        11111111-0000-0000-0000-000000000002,AllPrincipals,41111111-0000-0000-0000-000000000001,User.Read\n";
    let roles = "AppRoleId,PrincipalId,PrincipalDisplayName,PrincipalType,ResourceDisplayName,ResourceId\n\
        810c84a8-4a9e-49e6-bf7d-12d183f40d01,11111111-0000-0000-0000-000000000001,Fabrikam Notes,ServicePrincipal,Microsoft Graph,41111111-0000-0000-0000-000000000001\n";
    let files = [("p.csv", principals), ("g.csv", grants), ("r.csv", roles)];
    let blocks: String = ["p.csv", "g.csv", "r.csv"].iter().map(|f| evidence(f, "2026-11-01", "")).collect();
    let apps = |d: &Deployment| {
        assessed(d, |a| match a.facts.get("third-party-apps").single() {
            Some(Value::Records(records)) => records
                .iter()
                .map(|r| (r.key.clone(), r.fields.get("permissions").map(|(g, _)| format!("{g:?}")).unwrap_or_default()))
                .collect::<Vec<_>>(),
            _ => Vec::new(),
        })
    };
    let whole = "Value(Permissions({\"application:Mail.Read\", \"delegated:Mail.Read\", \"delegated:User.Read\"}))".to_owned();
    let found = read(&files, &blocks);
    assert_eq!(apps(&found), [("fabrikam-notes".to_owned(), whole.clone())]);
    // What the description leaves out counts, and both places are shown.
    let described = "[[third-party-apps]]\nid = \"notes\"\nname = \"Notes\"\napp-id = \"21111111-0000-0000-0000-000000000001\"\n\
        permissions = [\"delegated:User.Read\"]\n";
    let other = read(&files, &format!("{described}{blocks}"));
    assert_eq!(apps(&other), [("notes".to_owned(), whole)]);
    assert!(codes(&other).contains(&"evidence-contradicts"));
    let facts = assessed(&other, |a| a.contradictions.iter().map(|c| (c.fact.clone(), c.record.clone())).collect::<Vec<_>>());
    assert!(facts.contains(&("third-party-apps.permissions".to_owned(), Some("notes".to_owned()))), "{facts:?}");
    // One half of the grants alone leaves the rest open.
    let half = read(&files[..2], &["p.csv", "g.csv"].iter().map(|f| evidence(f, "2026-11-01", "")).collect::<String>());
    assert!(apps(&half)[0].1.starts_with("Disputed"), "{:?}", apps(&half));
}

/// A file that helps another one has to be of the right date as well.
#[test]
fn old_files_do_not_help_fresh_ones_to_clear_a_risk() {
    let file = format!("{MEETINGS}Global,False,EveryoneInCompany,False\nTag:Trial,True,Everyone,True\n");
    let assigned = "TeamsMeetingPolicy,TeamsMessagingPolicy,TeamsCallingPolicy\n\"\",\"\",\"\"\n";
    for (date, wanted) in [("2026-11-01", "all: false"), ("2026-05-01", "all: ? Conflict false true")] {
        let blocks = format!("{}{}", evidence("m.csv", "2026-11-01", ""), evidence("a.csv", date, ""));
        let deployment = read(&[("m.csv", &file), ("a.csv", assigned)], &blocks);
        assert_eq!(values(&deployment, "teams.recording"), [wanted], "assignments of {date}");
    }
    let policies = "Guid,Enabled,Mode,ExchangeLocation,TeamsChatLocation,TeamsChannelLocation,FilesLocation,CopilotLocation\np1,True,Enforce,All,,,,\n";
    let rules = "Policy,Disabled,Mode,RetentionDuration,ExpirationDateOption,HasQuery,RetentionComplianceAction\np1,False,Enforce,365,CreationAgeInDays,False,Delete\n";
    for (date, wanted) in [("2026-11-01", "all: \"delete\""), ("2026-05-01", "all: ? Weak ")] {
        let blocks = format!("{}{}", evidence("p.csv", date, ""), evidence("r.csv", "2026-11-01", ""));
        let deployment = read(&[("p.csv", policies), ("r.csv", rules)], &blocks);
        assert_eq!(values(&deployment, "retention.mail-policy"), [wanted], "policies of {date}");
    }
}

/// Two apps of one name are two apps; an old list that calls one Microsoft's own does not make it vanish.
#[test]
fn apps_are_told_apart_and_do_not_vanish() {
    let principals = |owner: &str| {
        format!(
            "Id,AppId,DisplayName,AppOwnerOrganizationId,ServicePrincipalType,AccountEnabled\n\
             11111111-0000-0000-0000-000000000001,21111111-0000-0000-0000-000000000001,Foo,{owner},Application,True\n\
             11111111-0000-0000-0000-000000000002,21111111-0000-0000-0000-000000000002,Foo,31111111-0000-0000-0000-000000000001,Application,True\n"
        )
    };
    let roles = "AppRoleId,PrincipalId,PrincipalDisplayName,PrincipalType,ResourceDisplayName,ResourceId\n\
        810c84a8-4a9e-49e6-bf7d-12d183f40d01,11111111-0000-0000-0000-000000000001,Foo,ServicePrincipal,Microsoft Graph,4\n\
        df021288-bdef-4463-88db-98f22de89214,11111111-0000-0000-0000-000000000002,Foo,ServicePrincipal,Microsoft Graph,4\n";
    let keys = |d: &Deployment| {
        assessed(d, |a| match a.facts.get("third-party-apps").single() {
            Some(Value::Records(records)) => records.iter().map(|r| r.key.clone()).collect::<Vec<_>>(),
            _ => Vec::new(),
        })
    };
    let described = "[[third-party-apps]]\nid = \"foo\"\nname = \"Foo\"\npermissions = [\"application:Mail.Read\"]\n";
    let others = principals("31111111-0000-0000-0000-000000000001");
    let both = read(
        &[("p.csv", &others), ("r.csv", roles)],
        &format!("{described}{}{}", evidence("p.csv", "2026-11-01", ""), evidence("r.csv", "2026-11-01", "")),
    );
    assert_eq!(keys(&both), ["foo", "foo-2"]);
    let microsoft = principals("72f988bf-86f1-41af-91ab-2d7cd011db47");
    for (date, wanted) in [("2026-11-01", vec!["foo"]), ("2026-05-01", vec!["foo", "foo-2"])] {
        let blocks = format!("{}{}", evidence("p.csv", date, ""), evidence("r.csv", "2026-11-01", ""));
        let deployment = read(&[("p.csv", &microsoft), ("r.csv", roles)], &blocks);
        assert_eq!(keys(&deployment), wanted, "list of {date}");
    }
}

/// Answers of long ago support what is stated, and settle nothing; "unknown" is no decision.
#[test]
fn old_answers_and_unknown_decide_nothing() {
    let words = "\"{\"\"yes\"\": true, \"\"no\"\": false}\"";
    let sheet = |date: &str| {
        (
            format!(
                "dpia365-fact,dpia365-scope,dpia365-words,dpia365-answer,Question,Answer\nteams.recording,,{words},Answer,Recorded?,no\n"
            ),
            evidence("q.csv", date, ""),
        )
    };
    for (date, wanted) in [("2026-11-01", "all: false"), ("2025-01-01", "all: ? Weak ")] {
        let (text, block) = sheet(date);
        assert_eq!(values(&read(&[("q.csv", &text)], &block), "teams.recording"), [wanted], "{date}");
    }
    let resolution =
        "[[resolution]]\nfact = \"teams.recording\"\nvalue = \"unknown\"\nfunction = \"CISO\"\ndate = 2026-11-20\nhow = \"Asked.\"\n";
    let block = evidence("m.csv", "2026-08-01", "");
    let deployment = read(&[("m.csv", &whole("False"))], &format!("[teams]\nrecording = true\n{block}{resolution}"));
    assert_eq!(values(&deployment, "teams.recording"), ["all: ? Conflict true false"]);
}

/// The evidence of the municipality, without anything that its description states, settles most of the facts that its risks ask.
#[test]
fn the_municipality_is_settled_by_its_evidence() {
    let mut deployment = common::example("municipality");
    let coverage = |d: &Deployment| {
        let catalog = &common::world().catalog;
        let assessment = assess(d, catalog, &catalog.methods["dpia365-4"], TODAY.parse().unwrap());
        assessment.coverage.total()
    };
    let [shown, stated, default, open] = coverage(&deployment);
    assert!(shown > 45, "with the description: {shown} shown, {stated} stated, {default} default, {open} open");
    // Facts of the block [organisation] are no settings of the tenant.
    deployment.answers.retain(|id, _| id.starts_with("organisation."));
    deployment.resolutions.clear();
    let [shown, stated, default, open] = coverage(&deployment);
    let (settled, all) = (shown + stated + default, shown + stated + default + open);
    assert!(settled * 100 >= all * 60, "evidence alone settles {settled} of {all}: {shown} shown, {stated} answered, {default} default");
    assert!(shown * 100 >= all * 28, "exports alone show {shown} of {all}");
}
