//! How open facts, measures and decisions count, each on a catalogue made for the question: never rounded, never lost.

mod common;

use common::{HEAD, describe_in, view_in};
use dpia365::assessment::{Assessment, Because, Excluded, Finding, FindingState, OutcomeReason, Proposal, Status, assess};
use dpia365::catalog::{self, Catalog, Layer};
use dpia365::model::{Deployment, Level};
use std::collections::BTreeMap;
use std::fmt::Write as _;

// ---- Small catalogues

/// A word in every language.
const WORD: &str = r#"{ en = "w", nl = "w", de = "w" }"#;

/// Writes out what every entry needs and no test is about:
/// `flag a.x`, `choice a.x = p q r`, `number a.x` (questions); `asked` (the words of a question); `row` (the support of a dated row);
/// `rate 2 3` (likelihood, severity); `treat a b` (a treatment by these measures).
fn expand(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["flag", id] => writeln!(out, "[{id}]\ntype = \"flag\"\nasked-of = \"dpo\"\nlabel = {WORD}\nquestion = {WORD}"),
            ["number", id] => {
                writeln!(out, "[{id}]\ntype = \"number\"\nunit = {WORD}\nasked-of = \"dpo\"\nlabel = {WORD}\nquestion = {WORD}")
            }
            ["choice", id, "=", values @ ..] => {
                let printed: String = values.iter().map(|v| format!("value.{v} = {WORD}\n")).collect();
                writeln!(
                    out,
                    "[{id}]\ntype = \"choice\"\nvalues = {values:?}\n{printed}asked-of = \"dpo\"\nlabel = {WORD}\nquestion = {WORD}"
                )
            }
            ["asked"] => writeln!(out, "asked-of = \"dpo\"\nlabel = {WORD}\nquestion = {WORD}"),
            ["row"] => writeln!(out, "sources = [\"s\"]\ntag = \"verified\"\nlast-seen = 2025-01-01"),
            ["rate", l, s] => writeln!(out, "likelihood = {l}\nseverity = {s}\nlikelihood-because = {WORD}\nseverity-because = {WORD}"),
            ["treat", measures @ ..] => writeln!(out, "[[treatment]]\nmeasures = {measures:?}\nbecause = {WORD}"),
            _ => writeln!(out, "{line}"),
        }
        .unwrap();
    }
    out
}

/// Four steps each way. The lowest step of either is low; from the product 6 on it is high; the rest is medium.
fn method(tag: &str) -> String {
    let mut out = format!(
        "name = {WORD}\nabout = {WORD}\nsources = []\nlevels = [\"low\", \"medium\", \"high\"]\nconsult-from = \"high\"\n\
         level.low = {WORD}\nlevel.medium = {WORD}\nlevel.high = {WORD}\n"
    );
    for scale in ["likelihood", "severity"] {
        for step in 1..=4 {
            writeln!(out, "[[{scale}]]\nid = \"{step}\"\nfrom = [{step}]\nlabel = {WORD}\nmeaning = {WORD}").unwrap();
        }
    }
    for l in 1..=4 {
        for s in 1..=4 {
            let level = if l == 1 || s == 1 {
                "low"
            } else if l * s >= 6 {
                "high"
            } else {
                "medium"
            };
            writeln!(out, "[[cell]]\nlikelihood = \"{l}\"\nseverity = \"{s}\"\nlevel = \"{level}\"\ntag = \"{tag}\"").unwrap();
        }
    }
    out
}

/// The facts that tests ask about unless they bring their own.
const FACTS: &str = "flag a.one\nflag a.two\nflag a.three\nflag a.done\nflag a.more\n";

/// A layer of files, written short.
fn layer(name: &str, files: &[(&str, &str)]) -> Layer {
    let mut all = BTreeMap::new();
    for (path, text) in files {
        let mut text = expand(text);
        if path.starts_with("risks/") && !text.contains("disabled") {
            text = format!("title = {WORD}\naffected = {WORD}\nwhat = {WORD}\n{text}");
        } else if path.starts_with("measures/") {
            text = format!("actor = \"organisation\"\nkind = \"technical\"\nlevel = \"baseline\"\ntitle = {WORD}\nwhat = {WORD}\n{text}");
        }
        all.insert((*path).to_owned(), text);
    }
    Layer { name: name.to_owned(), files: all }
}

/// A catalogue of these files; panics on any fault in it.
fn small(files: &[(&str, &str)]) -> Catalog {
    let platforms = format!(
        "[services.platforms]\ntype = \"choices\"\nvalues = [\"windows\", \"ios\"]\nvalue.windows = {WORD}\nvalue.ios = {WORD}\nasked\n\
         [services.in-use]\ntype = \"choices\"\nvalues = [\"mail\", \"chat\"]\nvalue.mail = {WORD}\nvalue.chat = {WORD}\nasked"
    );
    let taxonomy = format!(
        "[families.f]\nlabel = {WORD}\n[data.content]\nlabel = {WORD}\n[data.diagnostic]\nlabel = {WORD}\n[organisation-kinds.company]\nlabel = {WORD}"
    );
    let mut base = vec![
        ("catalog.toml", "name = \"small\"\nversion = \"1\"\nlicence = \"none\"".to_owned()),
        ("taxonomy.toml", taxonomy),
        ("facts/services.toml", platforms),
        ("methods/ours.toml", method("ours")),
        ("methods/recalled.toml", method("recalled")),
    ];
    if !files.iter().any(|(path, _)| *path == "facts/a.toml") {
        base.push(("facts/a.toml", FACTS.to_owned()));
    }
    let base: Vec<(&str, &str)> = base.iter().map(|(p, t)| (*p, t.as_str())).chain(files.iter().copied()).collect();
    let (catalog, _, diagnostics) = catalog::load(&[layer("small", &base)]);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    catalog
}

fn describe(catalog: &Catalog, body: &str) -> Deployment {
    describe_in(catalog, &format!("{HEAD}\n{body}"))
}

/// Assesses on 1 June 2025 with the small method.
fn run<'a>(catalog: &'a Catalog, deployment: &'a Deployment) -> Assessment<'a> {
    on(catalog, deployment, "ours", "2025-06-01")
}

fn on<'a>(catalog: &'a Catalog, deployment: &'a Deployment, method: &str, date: &str) -> Assessment<'a> {
    assess(deployment, catalog, &catalog.methods[method], date.parse().unwrap())
}

fn found<'f>(assessment: &'f Assessment<'_>, id: &str) -> &'f Finding {
    let ids = || assessment.findings.iter().map(|f| f.id.as_str()).collect::<Vec<_>>();
    assessment.findings.iter().find(|f| f.id == id).unwrap_or_else(|| panic!("no finding {id}, only {:?}", ids()))
}

fn excluded<'f>(assessment: &'f Assessment<'_>, id: &str) -> &'f Excluded {
    let ids = || assessment.excluded.iter().map(|e| e.id.as_str()).collect::<Vec<_>>();
    assessment.excluded.iter().find(|e| e.id == id).unwrap_or_else(|| panic!("{id} is not excluded, only {:?}", ids()))
}

/// Rated level, lowest and highest of the current stage.
fn current(finding: &Finding) -> (Level, Level, Level) {
    (finding.current.rated.level, finding.current.range.lowest, finding.current.range.highest)
}

fn expected(finding: &Finding) -> (Level, Level, Level) {
    (finding.expected.rated.level, finding.expected.range.lowest, finding.expected.range.highest)
}

fn codes(assessment: &Assessment<'_>) -> Vec<&'static str> {
    assessment.diagnostics.iter().map(|d| d.code).collect()
}

const NONE: Level = Level::None;
const LOW: Level = Level::Low;
const MEDIUM: Level = Level::Medium;
const HIGH: Level = Level::High;

// ---- Paths, `unless`, ratings

const TWO_PATHS: &str = "[[when]]\nid = \"one\"\n\"a.one\" = true\n[[when]]\nid = \"two\"\n\"a.two\" = true\n\
    [[unless]]\n\"a.three\" = true\n\
    [[rating]]\npaths = [\"one\"]\nrate 2 2\n[[rating]]\nrate 3 3\n";

#[test]
fn an_open_path_leaves_the_whole_range_open() {
    let catalog = small(&[("risks/f/r.toml", TWO_PATHS)]);
    let deployment = describe(&catalog, "[a]\nthree = false\ntwo = \"unknown\"");
    let assessment = run(&catalog, &deployment);
    let finding = found(&assessment, "r");
    assert_eq!(finding.state, FindingState::Open);
    // Nobody has said either: the worse of the two counts until somebody does.
    assert_eq!(current(finding), (HIGH, NONE, HIGH));
    assert_eq!(assessment.questions.iter().map(|q| q.fact.as_str()).collect::<Vec<_>>(), ["a.one", "a.two"]);
    assert!(assessment.questions.iter().all(|q| q.could_settle == ["r"] && q.highest == HIGH));
}

#[test]
fn a_path_that_holds_settles_the_finding_while_another_can_still_raise_it() {
    let catalog = small(&[("risks/f/r.toml", TWO_PATHS)]);
    let deployment = describe(&catalog, "[a]\none = true\nthree = false");
    let assessment = run(&catalog, &deployment);
    let finding = found(&assessment, "r");
    assert_eq!(finding.state, FindingState::Applies);
    // At least medium; until somebody answers, the worse counts, and is marked.
    assert_eq!((current(finding), finding.assumed), ((HIGH, MEDIUM, HIGH), true));
    assert_eq!(assessment.questions.iter().map(|q| q.fact.as_str()).collect::<Vec<_>>(), ["a.two"]);
    assert!(assessment.outcome.because.contains(&OutcomeReason::CouldReach("r".into())));

    let deployment = describe(&catalog, "[a]\none = true\ntwo = true\nthree = false");
    assert_eq!(current(found(&run(&catalog, &deployment), "r")), (HIGH, HIGH, HIGH));
    let deployment = describe(&catalog, "[a]\none = true\ntwo = false\nthree = false");
    assert_eq!(current(found(&run(&catalog, &deployment), "r")), (MEDIUM, MEDIUM, MEDIUM));
}

#[test]
fn removing_one_path_never_lets_an_open_one_raise_the_level() {
    let risk = "[[when]]\nid = \"one\"\n\"a.one\" = true\n[[when]]\nid = \"two\"\n\"a.two\" = true\n\
        [[rating]]\npaths = [\"one\"]\nrate 2 2\n[[rating]]\nrate 3 3\ntreat m\npaths = [\"one\"]\nremoves = true\n";
    let catalog = small(&[("risks/f/r.toml", risk), ("measures/m.toml", M)]);
    let assessed = |body: &str| {
        let deployment = describe(&catalog, &format!("{body}{PLANNED}"));
        let assessment = run(&catalog, &deployment);
        let finding = found(&assessment, "r");
        (current(finding), expected(finding), finding.gross.rated.level)
    };
    assert_eq!(assessed("[a]\none = true\ndone = false\n"), ((HIGH, MEDIUM, HIGH), (HIGH, NONE, HIGH), HIGH));
    assert_eq!(assessed("[a]\none = true\ndone = true\n"), ((HIGH, NONE, HIGH), (HIGH, NONE, HIGH), HIGH));
}

#[test]
fn an_open_unless_keeps_the_risk_open_and_names_its_reason() {
    let catalog = small(&[("risks/f/r.toml", TWO_PATHS)]);
    let deployment = describe(&catalog, "[a]\none = true\ntwo = true");
    let assessment = run(&catalog, &deployment);
    let finding = found(&assessment, "r");
    assert_eq!(finding.state, FindingState::Open);
    assert_eq!(current(finding), (HIGH, NONE, HIGH));
    assert_eq!(finding.unless.iter().map(|r| r.fact.as_str()).collect::<Vec<_>>(), ["a.three"]);
    assert_eq!(assessment.questions.iter().map(|q| q.fact.as_str()).collect::<Vec<_>>(), ["a.three"]);

    let deployment = describe(&catalog, "[a]\none = true\nthree = true");
    let assessment = run(&catalog, &deployment);
    let gone = excluded(&assessment, "r");
    assert_eq!(gone.because, Because::NotApplicable);
    assert_eq!(gone.reasons.iter().map(|r| r.fact.as_str()).collect::<Vec<_>>(), ["a.three"]);
}

#[test]
fn a_risk_that_does_not_apply_says_which_facts_refute_every_path() {
    let catalog = small(&[("risks/f/r.toml", TWO_PATHS)]);
    let deployment = describe(&catalog, "[a]\none = false\ntwo = false");
    let assessment = run(&catalog, &deployment);
    let gone = excluded(&assessment, "r");
    assert_eq!(gone.because, Because::NotApplicable);
    assert_eq!(gone.reasons.iter().map(|r| r.fact.as_str()).collect::<Vec<_>>(), ["a.one", "a.two"]);
    assert!(assessment.findings.is_empty() && assessment.questions.is_empty());
}

#[test]
fn ratings_that_could_come_first_count_and_mark_an_assumption() {
    let catalog = small(&[(
        "risks/f/r.toml",
        "[[rating]]\nwhen = { \"a.one\" = true }\nrate 3 3\n[[rating]]\nwhen = { \"a.two\" = true }\nrate 2 2\n[[rating]]\nrate 1 1\n",
    )]);
    let assessed = |body: &str| {
        let deployment = describe(&catalog, body);
        let assessment = run(&catalog, &deployment);
        let finding = found(&assessment, "r");
        (current(finding), finding.assumed, finding.state)
    };
    let applies = FindingState::Applies;
    // The second holds, so the third is no candidate; the first may still hold.
    assert_eq!(assessed("[a]\ntwo = true"), ((HIGH, MEDIUM, HIGH), true, applies));
    assert_eq!(assessed("[a]\none = false\ntwo = true"), ((MEDIUM, MEDIUM, MEDIUM), false, applies));
    assert_eq!(assessed("[a]\none = true"), ((HIGH, HIGH, HIGH), false, applies));
    assert_eq!(assessed("[a]\none = false"), ((MEDIUM, LOW, MEDIUM), true, applies));
    assert_eq!(assessed(""), ((HIGH, LOW, HIGH), true, applies));
}

#[test]
fn an_override_replaces_every_candidate_and_keeps_the_catalogues_own() {
    let catalog = small(&[("risks/f/r.toml", "[[rating]]\nwhen = { \"a.one\" = true }\nrate 3 3\n[[rating]]\nrate 1 1\n")]);
    let deployment = describe(&catalog, "[[rating]]\nfinding = \"r\"\nlikelihood = 2\nseverity = 2\nbecause = \"seen here\"");
    let assessment = run(&catalog, &deployment);
    let finding = found(&assessment, "r");
    assert_eq!((current(finding), finding.assumed), ((MEDIUM, MEDIUM, MEDIUM), false));
    let (own, catalogues) = finding.overridden.as_ref().unwrap();
    assert_eq!((own.because.as_str(), catalogues.level), ("seen here", HIGH));
}

// ---- Lists of records

const APPS: &str = "[apps]\ntype = \"records\"\nkey = \"id\"\nname = \"name\"\nasked\n\
    [apps.field.id]\ntype = \"text\"\nlabel = W\n[apps.field.name]\ntype = \"text\"\nlabel = W\n\
    [apps.field.bad]\ntype = \"flag\"\nlabel = W\n[apps.field.fixed]\ntype = \"flag\"\noptional = true\nlabel = W\n\
    [apps.field.rights]\ntype = \"permissions\"\noptional = true\nlabel = W\n";

fn apps() -> String {
    APPS.replace("= W\n", &format!("= {WORD}\n")) + FACTS
}

const EACH: &str = "for-each = \"apps\"\n[[when]]\nid = \"bad\"\n\"record.bad\" = true\n\"a.one\" = true\n[[rating]]\nrate 3 3\n";

#[test]
fn an_open_list_makes_one_open_finding_without_a_subject() {
    let facts = apps();
    let catalog = small(&[("facts/a.toml", &facts), ("risks/f/r.toml", EACH)]);
    let deployment = describe(&catalog, "[a]\none = true");
    let assessment = run(&catalog, &deployment);
    assert_eq!(assessment.findings.len(), 1);
    let finding = found(&assessment, "r");
    assert_eq!((finding.state, finding.subject.clone()), (FindingState::Open, None));
    assert_eq!(current(finding), (HIGH, NONE, HIGH));
    assert!(assessment.questions.iter().any(|q| q.fact == "apps"));
}

#[test]
fn an_open_list_matters_only_while_some_entry_could_make_the_risk_apply() {
    let facts = apps();
    let with_unless = format!("{}[[unless]]\n\"a.two\" = true\n", EACH.replace("[[rating]]\nrate 3 3\n", "")) + "[[rating]]\nrate 3 3\n";
    let catalog = small(&[("facts/a.toml", &facts), ("risks/f/r.toml", &with_unless)]);
    // Whatever stands on the list, `a.one` is refuted: to ask for the list would settle nothing.
    for (body, fact) in [("[a]\none = false", "a.one"), ("[a]\none = true\ntwo = true", "a.two")] {
        let deployment = describe(&catalog, body);
        let assessment = run(&catalog, &deployment);
        let gone = excluded(&assessment, "r");
        assert_eq!(gone.because, Because::NotApplicable, "{body}");
        assert!(gone.reasons.iter().all(|r| r.fact == fact), "{body}: {:?}", gone.reasons);
        assert!(assessment.questions.is_empty(), "{body}: {:?}", assessment.questions);
    }
}

#[test]
fn each_record_is_a_finding_of_its_own() {
    let facts = apps();
    let catalog = small(&[("facts/a.toml", &facts), ("risks/f/r.toml", EACH)]);
    let deployment = describe(
        &catalog,
        "[a]\none = true\n[[apps]]\nid = \"x\"\nname = \"X\"\nbad = true\n[[apps]]\nid = \"y\"\nname = \"Y\"\nbad = false\n[[apps]]\nid = \"z\"\nname = \"Z\"",
    );
    let assessment = run(&catalog, &deployment);
    assert_eq!(found(&assessment, "r@x").state, FindingState::Applies);
    assert_eq!(found(&assessment, "r@x").subject, Some(("x".to_owned(), "X".to_owned())));
    assert_eq!(excluded(&assessment, "r@y").because, Because::NotApplicable);
    // A field that nobody filled in is open, and asked by the name of the list.
    assert_eq!(found(&assessment, "r@z").state, FindingState::Open);
    assert_eq!(assessment.questions.iter().map(|q| (q.fact.as_str(), q.could_settle.len())).collect::<Vec<_>>(), [("apps.bad", 1)]);
}

#[test]
fn an_empty_list_is_an_answer() {
    let facts = apps();
    let catalog = small(&[("facts/a.toml", &facts), ("risks/f/r.toml", EACH)]);
    let deployment = describe_in(&catalog, &format!("apps = []\n{HEAD}[a]\none = true"));
    let assessment = run(&catalog, &deployment);
    assert_eq!(excluded(&assessment, "r").because, Because::NotApplicable);
    assert!(assessment.findings.is_empty());
}

#[test]
fn an_optional_field_that_is_missing_is_known_not_to_be_set() {
    let facts = apps();
    let catalog = small(&[
        ("facts/a.toml", &facts),
        ("risks/f/fixed.toml", "for-each = \"apps\"\n[[when]]\n\"record.fixed\" = { not = true }\n[[rating]]\nrate 3 3\n"),
        ("risks/f/rights.toml", "for-each = \"apps\"\n[[when]]\n\"record.rights\" = { class-at-least = 4 }\n[[rating]]\nrate 3 3\n"),
    ]);
    let deployment = describe(
        &catalog,
        "[[apps]]\nid = \"x\"\nname = \"X\"\n[[apps]]\nid = \"y\"\nname = \"Y\"\nfixed = \"unknown\"\nrights = [\"application:Nobody.Classed.This\"]",
    );
    let assessment = run(&catalog, &deployment);
    assert_eq!(found(&assessment, "fixed@x").state, FindingState::Applies);
    assert_eq!(excluded(&assessment, "rights@x").because, Because::NotApplicable);
    assert_eq!(found(&assessment, "fixed@y").state, FindingState::Open);
    // A permission that nobody has classed is never taken for harmless.
    assert_eq!(found(&assessment, "rights@y").state, FindingState::Open);
}

// ---- Conflicts

const ROWS: &str = "[vendor.level]\ntype = \"choice\"\nvalues = [\"little\", \"some\", \"much\"]\nlabel = W\n\
    value.little = W\nvalue.some = W\nvalue.much = W\n\
    [[vendor.level.row]]\nvalue = \"little\"\nrow\n\
    [[vendor.level.row]]\nwhen = { \"a.one\" = true }\nvalue = \"some\"\nrow\n\
    [[vendor.level.row]]\nwhen = { \"a.two\" = true }\nvalue = \"much\"\nfrom = 2026-01-01\nrow\n";

#[test]
fn rows_that_may_disagree_are_candidates_and_the_worse_counts() {
    let rows = ROWS.replace("= W\n", &format!("= {WORD}\n"));
    let catalog = small(&[
        ("vendor/v.toml", &rows),
        ("risks/f/some.toml", "[[when]]\n\"vendor.level\" = { at-least = \"some\" }\n[[rating]]\nrate 3 3\n"),
        ("risks/f/any.toml", "[[when]]\n\"vendor.level\" = { at-least = \"little\" }\n[[rating]]\nrate 2 2\n"),
        ("risks/f/much.toml", "[[when]]\n\"vendor.level\" = \"much\"\n[[rating]]\nrate 2 2\n"),
        ("risks/f/rated.toml", "[[rating]]\nwhen = { \"vendor.level\" = \"some\" }\nrate 3 3\n[[rating]]\nrate 1 1\n"),
    ]);
    let deployment = describe(&catalog, "");
    let assessment = run(&catalog, &deployment);
    // One row holds for certain, another holds if `a.one` does.
    assert_eq!(found(&assessment, "some").state, FindingState::Open);
    assert_eq!(current(found(&assessment, "some")), (HIGH, NONE, HIGH));
    assert_eq!(current(found(&assessment, "rated")), (HIGH, LOW, HIGH));
    // Both candidates fulfil the one and refute the other: there the conflict does not matter.
    assert_eq!(found(&assessment, "any").state, FindingState::Applies);
    assert_eq!(excluded(&assessment, "much").because, Because::NotApplicable);

    let view = view_in(&catalog, &deployment, &assessment);
    let conflicts = view["conflicts"].as_array().unwrap();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0]["fact"], "vendor.level");
    let values: Vec<&str> = conflicts[0]["candidates"].as_array().unwrap().iter().map(|c| c["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["little", "some"]);

    // Settled by the fact that the row depends on.
    let deployment = describe(&catalog, "[a]\none = false");
    let assessment = run(&catalog, &deployment);
    assert_eq!(excluded(&assessment, "some").because, Because::NotApplicable);
    assert!(view_in(&catalog, &deployment, &assessment)["conflicts"].as_array().unwrap().is_empty());
}

#[test]
fn where_only_possible_rows_are_left_the_fact_is_open_without_candidates() {
    let rows = "[vendor.level]\ntype = \"flag\"\nlabel = W\n[[vendor.level.row]]\nwhen = { \"a.one\" = true }\nvalue = true\nrow\n"
        .replace("= W\n", &format!("= {WORD}\n"));
    let catalog = small(&[("vendor/v.toml", &rows), ("risks/f/r.toml", "[[when]]\n\"vendor.level\" = false\n[[rating]]\nrate 3 3\n")]);
    for body in ["", "[a]\none = false"] {
        let deployment = describe(&catalog, body);
        assert_eq!(found(&run(&catalog, &deployment), "r").state, FindingState::Open, "{body}: no row fits, so nobody knows");
    }
    let deployment = describe(&catalog, "[a]\none = true");
    assert_eq!(excluded(&run(&catalog, &deployment), "r").because, Because::NotApplicable);
}

// ---- Values by platform and by group of people

const PER: &str = "[a.level]\ntype = \"choice\"\nvalues = [\"low\", \"high\"]\nper = [\"platform\", \"population\"]\nvalue.low = W\nvalue.high = W\nasked\n";

fn per() -> String {
    PER.replace("= W\n", &format!("= {WORD}\n")) + FACTS
}

const PER_RISK: &str = "[[when]]\n\"a.level\" = \"high\"\n[[rating]]\nrate 3 3\n";
const PER_TREATED: &str = "[[rating]]\nrate 3 3\ntreat m\nseverity-at-most = 1\n";
const PER_MEASURE: &str = "[[in-place]]\n\"a.level\" = \"low\"\n";

/// The state of the risk that asks `any` (`None`: does not apply), and the status of the measure that asks `every`.
fn any_and_every(body: &str) -> (Option<FindingState>, Status) {
    let facts = per();
    let catalog = small(&[
        ("facts/a.toml", &facts),
        ("risks/f/asks.toml", PER_RISK),
        ("risks/f/treated.toml", PER_TREATED),
        ("measures/m.toml", PER_MEASURE),
    ]);
    let deployment = describe(&catalog, body);
    let assessment = run(&catalog, &deployment);
    let state = assessment.findings.iter().find(|f| f.id == "asks").map(|f| f.state);
    (state, assessment.measures.iter().find(|m| m.standing.id == "m").unwrap().standing.status)
}

#[test]
fn exposure_asks_any_value_and_safety_asks_every_one() {
    let both = "[services]\nplatforms = [\"windows\", \"ios\"]\n";
    let one = "[services]\nplatforms = [\"ios\"]\n";
    let (applies, open) = (Some(FindingState::Applies), Some(FindingState::Open));
    for (body, expected) in [
        (format!("{both}[a]\nlevel = \"low\""), (None, Status::InPlace)),
        (format!("{both}[a]\nlevel = {{ windows = \"low\", ios = \"high\" }}"), (applies, Status::Partly)),
        (format!("{both}[a]\nlevel = {{ windows = \"high\", ios = \"high\" }}"), (applies, Status::NotInPlace)),
        // A platform in use that nobody answered for is open: it neither exposes nor protects for certain.
        (format!("{both}[a]\nlevel = {{ windows = \"low\" }}"), (open, Status::Open)),
        (format!("{both}[a]\nlevel = {{ windows = \"high\" }}"), (applies, Status::NotInPlace)),
        // A platform that is not in use does not count.
        (format!("{one}[a]\nlevel = {{ windows = \"high\", ios = \"low\" }}"), (None, Status::InPlace)),
    ] {
        assert_eq!(any_and_every(&body), expected, "{body}");
    }
}

#[test]
fn which_platform_is_in_use_may_itself_be_open() {
    let (applies, open) = (Some(FindingState::Applies), Some(FindingState::Open));
    for (body, expected) in [
        // If only iOS is in use, this is harmless; if Windows is, it is not.
        ("[a]\nlevel = { windows = \"high\", ios = \"low\" }", (open, Status::Open)),
        ("[a]\nlevel = { windows = \"high\", ios = \"high\" }", (applies, Status::NotInPlace)),
        ("[a]\nlevel = { windows = \"low\", ios = \"low\" }", (None, Status::InPlace)),
        // iOS may be in use, and nobody has answered for it.
        ("[a]\nlevel = { windows = \"low\" }", (open, Status::Open)),
    ] {
        assert_eq!(any_and_every(body), expected, "{body}");
    }
}

#[test]
fn groups_of_people_follow_the_general_answer_unless_they_have_their_own() {
    let groups = "[[population]]\nid = \"staff\"\nname = \"Staff\"\n[[population]]\nid = \"board\"\nname = \"Board\"\n";
    let (applies, open) = (Some(FindingState::Applies), Some(FindingState::Open));
    for (body, expected) in [
        (format!("[a]\nlevel = \"low\"\n{groups}"), (None, Status::InPlace)),
        (format!("[a]\nlevel = \"low\"\n{groups}facts.a.level = \"high\""), (applies, Status::Partly)),
        // Only one group has an answer, and nothing is said for the rest.
        (format!("{groups}facts.a.level = \"low\""), (open, Status::Open)),
        (format!("[a]\nlevel = {{ staff = \"low\", board = \"low\" }}\n{groups}"), (None, Status::InPlace)),
    ] {
        assert_eq!(any_and_every(&body), expected, "{body}");
    }
}

// ---- Measures

const TREATED: &str = "[[rating]]\nrate 3 3\ntreat m n\nlikelihood-at-most = 1\ntreat m\nseverity-at-most = 2\n";
const M: &str = "[[in-place]]\n\"a.done\" = true\n";
const N: &str = "[[in-place]]\n\"a.more\" = true\n";

fn treated() -> Catalog {
    small(&[("risks/f/r.toml", TREATED), ("measures/m.toml", M), ("measures/n.toml", N)])
}

#[test]
fn a_treatment_needs_all_its_measures_and_open_ones_cap_nothing() {
    let catalog = treated();
    for (body, level) in [
        ("[a]\ndone = false\nmore = true", (HIGH, HIGH, HIGH)),
        ("[a]\ndone = true\nmore = false", (HIGH, HIGH, HIGH)),
        ("[a]\ndone = true\nmore = true", (LOW, LOW, LOW)),
        ("[a]\ndone = true", (HIGH, LOW, HIGH)),
        ("[a]\nmore = true", (HIGH, LOW, HIGH)),
    ] {
        let deployment = describe(&catalog, body);
        let assessment = run(&catalog, &deployment);
        let finding = found(&assessment, "r");
        assert_eq!(current(finding), level, "{body}");
        // Without any measure it stays as it was.
        assert_eq!(finding.gross.rated.level, HIGH, "{body}");
        assert_eq!(finding.state, FindingState::Applies, "{body}");
    }
}

#[test]
fn words_alone_put_no_measure_in_place() {
    let catalog = treated();
    let deployment = describe(&catalog, "[a]\ndone = false\nmore = true\n[[measure]]\nid = \"m\"\nstatus = \"in-place\"");
    let assessment = run(&catalog, &deployment);
    assert_eq!(current(found(&assessment, "r")), (HIGH, HIGH, HIGH));
    assert_eq!(codes(&assessment), ["measure-contradicted"]);
}

#[test]
fn a_measure_that_shows_itself_nowhere_is_declared() {
    let catalog = small(&[("risks/f/r.toml", "[[rating]]\nrate 3 3\ntreat m\nremoves = true\n"), ("measures/m.toml", "")]);
    for (status, gone) in [("in-place", true), ("partly", false), ("planned", false), ("open", false)] {
        let deployment = describe(&catalog, &format!("[[measure]]\nid = \"m\"\nstatus = \"{status}\""));
        let assessment = run(&catalog, &deployment);
        assert_eq!(assessment.findings.is_empty(), gone, "{status}");
        if gone {
            let mitigated = excluded(&assessment, "r");
            assert_eq!(mitigated.because, Because::Mitigated);
            assert_eq!(mitigated.finding.as_ref().unwrap().gross.rated.level, HIGH, "its gross level is kept");
        }
    }
}

#[test]
fn a_measure_whose_existence_is_open_protects_nobody_for_certain() {
    let rows = format!(
        "[vendor.exists]\ntype = \"flag\"\nlabel = {WORD}\n[[vendor.exists.row]]\nwhen = {{ \"a.one\" = true }}\nvalue = true\nrow\n\
         [[vendor.exists.row]]\nwhen = {{ \"a.one\" = false }}\nvalue = false\nrow\n"
    );
    let catalog = small(&[
        ("vendor/v.toml", &rows),
        ("risks/f/r.toml", "[[rating]]\nrate 3 3\ntreat m\nlikelihood-at-most = 1\n"),
        ("measures/m.toml", "[[available]]\n\"vendor.exists\" = true\n[[in-place]]\n\"a.done\" = true\n"),
    ]);
    let plan = "[[measure]]\nid = \"m\"\nstatus = \"planned\"\nowner = \"O\"\ndue = 2025-07-01\n";
    for (body, now, then, status) in [
        ("[a]\none = true\ndone = true\n".to_owned(), (LOW, LOW, LOW), (LOW, LOW, LOW), Status::InPlace),
        ("[a]\none = false\ndone = true\n".to_owned(), (HIGH, HIGH, HIGH), (HIGH, HIGH, HIGH), Status::NotAvailable),
        ("[a]\ndone = true\n".to_owned(), (HIGH, LOW, HIGH), (HIGH, LOW, HIGH), Status::Open),
        (format!("[a]\none = true\ndone = false\n{plan}"), (HIGH, HIGH, HIGH), (LOW, LOW, LOW), Status::Planned),
        (format!("[a]\none = false\ndone = false\n{plan}"), (HIGH, HIGH, HIGH), (HIGH, HIGH, HIGH), Status::NotAvailable),
        (format!("[a]\ndone = false\n{plan}"), (HIGH, HIGH, HIGH), (HIGH, LOW, HIGH), Status::Planned),
    ] {
        let deployment = describe(&catalog, &body);
        let assessment = run(&catalog, &deployment);
        let finding = found(&assessment, "r");
        assert_eq!((current(finding), expected(finding), finding.measures[0].status), (now, then, status), "{body}");
    }
}

#[test]
fn only_committed_measures_count_for_the_expected_level() {
    let catalog = small(&[("risks/f/r.toml", "[[rating]]\nrate 3 3\ntreat m\nlikelihood-at-most = 1\n"), ("measures/m.toml", M)]);
    // When the processing starts or is looked at again; the plan; whether it counts.
    for (when, plan, counts) in [
        ("planned-start = 2025-09-01", "status = \"planned\"\nowner = \"O\"\ndue = 2025-08-31", true),
        ("planned-start = 2025-09-01", "status = \"planned\"\nowner = \"O\"\ndue = 2025-09-01", true),
        ("planned-start = 2025-09-01", "status = \"planned\"\nowner = \"O\"\ndue = 2025-09-02", false),
        ("planned-start = 2025-09-01", "status = \"planned\"\nowner = \"O\"\ndue = 2025-09-02\noff-until-done = true", true),
        ("planned-start = 2025-09-01", "status = \"planned\"\ndue = 2025-08-31", false),
        ("planned-start = 2025-09-01", "status = \"planned\"\nowner = \" \"\ndue = 2025-08-31", false),
        ("planned-start = 2025-09-01", "status = \"planned\"\nowner = \"O\"", false),
        ("planned-start = 2025-09-01", "status = \"partly\"\nowner = \"O\"\ndue = 2025-08-31", false),
        ("planned-start = 2025-09-01", "status = \"open\"\nowner = \"O\"\ndue = 2025-08-31", false),
        ("planned-start = 2025-09-01", "status = \"rejected\"\nbecause = \"no\"\nowner = \"O\"\ndue = 2025-08-31", false),
        ("running-since = 2024-01-01", "status = \"planned\"\nowner = \"O\"\ndue = 2025-12-01", true),
        ("running-since = 2024-01-01\nreview.date = 2025-11-30", "status = \"planned\"\nowner = \"O\"\ndue = 2025-12-01", false),
        ("running-since = 2024-01-01\nreview.date = 2025-12-01", "status = \"planned\"\nowner = \"O\"\ndue = 2025-12-01", true),
        // The due date has passed.
        ("running-since = 2024-01-01", "status = \"planned\"\nowner = \"O\"\ndue = 2025-05-31", false),
    ] {
        let head = HEAD.replace("[organisation]", &format!("{when}\n[organisation]"));
        let deployment = describe_in(&catalog, &format!("{head}[a]\ndone = false\n[[measure]]\nid = \"m\"\n{plan}"));
        let assessment = run(&catalog, &deployment);
        let finding = found(&assessment, "r");
        assert_eq!(finding.current.rated.level, HIGH);
        assert_eq!(finding.expected.rated.level, if counts { LOW } else { HIGH }, "{when}, {plan}");
        assert_eq!(codes(&assessment).contains(&"measure-overdue"), plan.contains("2025-05-31"), "{plan}");
    }
}

#[test]
fn a_plan_for_one_finding_says_nothing_about_another() {
    let facts = apps();
    let catalog = small(&[
        ("facts/a.toml", &facts),
        ("risks/f/r.toml", "for-each = \"apps\"\n[[rating]]\nrate 3 3\ntreat m\nremoves = true\n"),
        ("measures/m.toml", "[[in-place]]\n\"record.fixed\" = true\n"),
    ]);
    let deployment = describe(
        &catalog,
        "[[apps]]\nid = \"x\"\nname = \"X\"\n[[apps]]\nid = \"y\"\nname = \"Y\"\n[[apps]]\nid = \"z\"\nname = \"Z\"\nfixed = true\n\
         [[measure]]\nid = \"m\"\nfinding = \"r@x\"\nstatus = \"planned\"\nowner = \"O\"\ndue = 2025-07-01\n\
         [[measure]]\nid = \"m\"\nfinding = \"r@y\"\nstatus = \"in-place\"",
    );
    let assessment = run(&catalog, &deployment);
    assert_eq!(found(&assessment, "r@x").expected.rated.level, NONE);
    assert_eq!(found(&assessment, "r@y").expected.rated.level, HIGH);
    assert_eq!(excluded(&assessment, "r@z").because, Because::Mitigated);
    // In place for one record only.
    assert_eq!(assessment.measures[0].standing.status, Status::Partly);
    // Declared in place for `y`, which its own fact denies, whatever is true of the others.
    assert_eq!(codes(&assessment), ["measure-contradicted"]);
}

#[test]
fn a_plan_for_one_record_counts_for_every_finding_about_it() {
    let facts = apps();
    let each = "for-each = \"apps\"\n[[rating]]\nrate 3 3\ntreat m\nremoves = true\n";
    let catalog = small(&[
        ("facts/a.toml", &facts),
        ("risks/f/r.toml", each),
        ("risks/f/s.toml", each),
        ("measures/m.toml", "[[in-place]]\n\"record.fixed\" = true\n"),
    ]);
    let plan = "[[measure]]\nid = \"m\"\nrecord = \"x\"\nstatus = \"planned\"\nowner = \"O\"\ndue = 2025-07-01\n";
    let deployment = describe(&catalog, &format!("[[apps]]\nid = \"x\"\nname = \"X\"\n[[apps]]\nid = \"y\"\nname = \"Y\"\n{plan}"));
    let assessment = run(&catalog, &deployment);
    let then: Vec<(&str, Level)> = assessment.findings.iter().map(|f| (f.id.as_str(), f.expected.rated.level)).collect();
    assert_eq!(then, [("r@x", NONE), ("r@y", HIGH), ("s@x", NONE), ("s@y", HIGH)]);
}

// ---- Published levels

#[test]
fn a_published_level_wins_over_the_matrix_and_caps_lower_it() {
    let risk = "[[rating]]\nrate 1 4\nby-method = { ours = \"high\" }\ntreat m\nseverity-at-most = 3\ntreat n\nremoves = true\n";
    let catalog = small(&[("risks/f/r.toml", risk), ("measures/m.toml", M), ("measures/n.toml", N)]);
    let level = |body: &str, method: &str| {
        let deployment = describe(&catalog, body);
        let assessment = on(&catalog, &deployment, method, "2025-06-01");
        found(&assessment, "r").current.rated.level
    };
    assert_eq!(level("[a]\ndone = false\nmore = false", "ours"), HIGH, "published, although the matrix says low");
    assert_eq!(level("[a]\ndone = false\nmore = false", "recalled"), LOW, "the other method reads its matrix");
    // The cap moves the rating, so it is read in the matrix again.
    assert_eq!(level("[a]\ndone = true\nmore = false", "ours"), LOW);

    // A published level below the matrix is never raised by a cap.
    let risk = "[[rating]]\nrate 3 4\nby-method = { ours = \"low\" }\ntreat m\nseverity-at-most = 3\n";
    let catalog = small(&[("risks/f/r.toml", risk), ("measures/m.toml", M)]);
    for done in [true, false] {
        let deployment = describe(&catalog, &format!("[a]\ndone = {done}"));
        assert_eq!(found(&run(&catalog, &deployment), "r").current.rated.level, LOW);
    }
}

// ---- Covered, out of scope, disabled

const BROAD: &str = "covers = [\"narrow\"]\n[[when]]\n\"a.one\" = true\n";

#[test]
fn a_broader_finding_takes_a_narrower_one_in() {
    let narrow = "[[rating]]\nrate 2 2\n";
    let catalog = small(&[("risks/f/broad.toml", &format!("{BROAD}[[rating]]\nrate 3 3\n")), ("risks/f/narrow.toml", narrow)]);
    let deployment = describe(&catalog, "[a]\none = true");
    let assessment = run(&catalog, &deployment);
    assert_eq!(assessment.findings.len(), 1);
    let covered = excluded(&assessment, "narrow");
    assert_eq!((covered.because, covered.finding.as_ref().unwrap().gross.rated.level), (Because::Covered, MEDIUM));
    // A broader risk that may not apply covers nothing.
    for body in ["", "[a]\none = false"] {
        let deployment = describe(&catalog, body);
        assert!(run(&catalog, &deployment).findings.iter().any(|f| f.id == "narrow"), "{body}");
    }
}

#[test]
fn nothing_is_covered_by_a_lower_level() {
    // Lower without measures; lower today; lower once the plans are carried out.
    for (broad, narrow, body) in [
        ("rate 2 2\n", "rate 3 3\n", ""),
        ("rate 3 3\ntreat m\nseverity-at-most = 1\n", "rate 2 2\n", "done = true\n"),
        (
            "rate 3 3\ntreat m\nremoves = true\n",
            "rate 3 3\n",
            "done = false\n[[measure]]\nid = \"m\"\nstatus = \"planned\"\nowner = \"O\"\ndue = 2025-07-01\n",
        ),
    ] {
        let catalog = small(&[
            ("risks/f/broad.toml", &format!("{BROAD}[[rating]]\n{broad}")),
            ("risks/f/narrow.toml", &format!("[[rating]]\n{narrow}")),
            ("measures/m.toml", M),
        ]);
        let deployment = describe(&catalog, &format!("[a]\none = true\n{body}"));
        let assessment = run(&catalog, &deployment);
        assert!(assessment.findings.iter().any(|f| f.id == "narrow"), "hidden: {broad}");
    }
}

#[test]
fn a_finding_covers_only_those_about_the_same_record() {
    let facts = apps();
    let catalog = small(&[
        ("facts/a.toml", &facts),
        (
            "risks/f/broad.toml",
            "for-each = \"apps\"\ncovers = [\"narrow\", \"general\"]\n[[when]]\n\"record.bad\" = true\n[[rating]]\nrate 3 3\n",
        ),
        ("risks/f/narrow.toml", "for-each = \"apps\"\n[[rating]]\nrate 2 2\n"),
        ("risks/f/general.toml", "[[rating]]\nrate 2 2\n"),
    ]);
    let deployment = describe(&catalog, "[[apps]]\nid = \"x\"\nname = \"X\"\nbad = true\n[[apps]]\nid = \"y\"\nname = \"Y\"\nbad = false");
    let assessment = run(&catalog, &deployment);
    assert_eq!(excluded(&assessment, "narrow@x").because, Because::Covered);
    assert_eq!(found(&assessment, "narrow@y").current.rated.level, MEDIUM, "the broad finding is about another app");
    assert_eq!(found(&assessment, "general").current.rated.level, MEDIUM, "one app does not stand for everything");
}

#[test]
fn risks_that_cover_each_other_are_not_both_lost() {
    let covering = |id: &str| format!("covers = [\"{id}\"]\n[[rating]]\nrate 3 3\n");
    let files = [("risks/f/a.toml", covering("b")), ("risks/f/b.toml", covering("c")), ("risks/f/c.toml", covering("a"))];
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (*p, t.as_str())).collect();
    let catalog = small(&files);
    let deployment = describe(&catalog, "");
    assert_eq!(run(&catalog, &deployment).findings.len(), 3);
    // A chain without a ring is taken in by its first link.
    let chain = [files[0], files[1], ("risks/f/c.toml", "[[rating]]\nrate 3 3\n")];
    let catalog = small(&chain);
    let deployment = describe(&catalog, "");
    let assessment = run(&catalog, &deployment);
    assert_eq!(assessment.findings.iter().map(|f| f.id.as_str()).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn what_is_outside_the_scope_is_listed_as_such() {
    let catalog = small(&[
        ("risks/f/mail.toml", "services = [\"mail\"]\n[[rating]]\nrate 3 3\n"),
        ("risks/f/content.toml", "data = [\"content\"]\n[[rating]]\nrate 3 3\n"),
        ("risks/f/both.toml", "services = [\"mail\", \"chat\"]\ndata = [\"content\", \"diagnostic\"]\n[[rating]]\nrate 3 3\n"),
        ("risks/f/all.toml", "[[rating]]\nrate 3 3\n"),
    ]);
    let kept = |scope: &str| {
        let head = HEAD.replace("[organisation]", &format!("[assessment.scope]\n{scope}\n[organisation]"));
        let deployment = describe_in(&catalog, &head);
        let assessment = run(&catalog, &deployment);
        assert!(assessment.excluded.iter().all(|e| e.because == Because::OutOfScope));
        assessment.findings.iter().map(|f| f.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(kept(""), ["all", "both", "content", "mail"]);
    assert_eq!(kept("services = [\"chat\"]"), ["all", "both", "content"]);
    assert_eq!(kept("data = [\"diagnostic\"]"), ["all", "both", "mail"]);
    assert_eq!(kept("services = [\"chat\"]\ndata = [\"diagnostic\"]"), ["all", "both"]);
}

#[test]
fn a_later_layer_replaces_adds_and_disables() {
    let base = layer(
        "base",
        &[
            ("catalog.toml", "name = \"base\"\nversion = \"1\"\nlicence = \"none\""),
            ("taxonomy.toml", &format!("[families.f]\nlabel = {WORD}\n[organisation-kinds.company]\nlabel = {WORD}")),
            ("facts/a.toml", FACTS),
            ("methods/ours.toml", &method("ours")),
            ("risks/f/kept.toml", "[[rating]]\nrate 3 3\n"),
            ("risks/f/changed.toml", "[[rating]]\nrate 3 3\n"),
            ("risks/f/dropped.toml", "[[rating]]\nrate 3 3\n"),
        ],
    );
    let over = layer(
        "over",
        &[
            ("catalog.toml", "name = \"over\"\nversion = \"2\"\nlicence = \"none\""),
            ("risks/f/changed.toml", "[[rating]]\nrate 2 2\n"),
            ("risks/f/added.toml", "[[rating]]\nrate 2 2\n"),
            (
                "risks/f/dropped.toml",
                &format!("disabled = true\ntitle = {WORD}\nreason = {{ en = \"why\", nl = \"waarom\", de = \"warum\" }}"),
            ),
        ],
    );
    let (catalog, _, diagnostics) = catalog::load(&[base, over]);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    assert_eq!(catalog.infos.iter().map(|i| i.name.as_str()).collect::<Vec<_>>(), ["base", "over"]);
    let deployment = describe(&catalog, "");
    let assessment = run(&catalog, &deployment);
    let levels: Vec<(&str, Level)> = assessment.findings.iter().map(|f| (f.id.as_str(), f.current.rated.level)).collect();
    assert_eq!(levels, [("kept", HIGH), ("added", MEDIUM), ("changed", MEDIUM)]);
    let gone = excluded(&assessment, "dropped");
    assert_eq!(gone.because, Because::Disabled);
    assert_eq!(gone.detail.as_ref().unwrap().get(dpia365::model::Lang::En), "why");
}

// ---- Confirmations and fingerprints

fn fingerprint(catalog: &Catalog, body: &str) -> (String, String) {
    let deployment = describe(catalog, body);
    let assessment = run(catalog, &deployment);
    (found(&assessment, "r").fingerprint.clone(), assessment.fingerprint.clone())
}

#[test]
fn a_fingerprint_changes_with_what_the_finding_rests_on_and_with_nothing_else() {
    let risk = format!("[[when]]\n\"a.one\" = {{ not = false }}\n[[unless]]\n\"a.three\" = true\n{TREATED}");
    let catalog = small(&[("risks/f/r.toml", &risk), ("measures/m.toml", M), ("measures/n.toml", N)]);
    let base = "[a]\none = true\nthree = false\ndone = false\nmore = false\n";
    let (seen, whole) = fingerprint(&catalog, base);
    assert_eq!(fingerprint(&catalog, &format!("{base}two = true")), (seen.clone(), whole), "a fact that nobody asks about");
    let same = "\n\n# moved\n[a]\nmore = false\ndone = false\nthree = false\none = true\n";
    assert_eq!(fingerprint(&catalog, same).0, seen, "only the place has changed");
    for changed in [
        base.replace("one = true", "one = \"unknown\""),
        base.replace("three = false", "three = \"unknown\""),
        base.replace("done = false", "done = true"),
        base.replace("more = false", "more = \"unknown\""),
        format!("{base}[[measure]]\nid = \"m\"\nstatus = \"planned\""),
        format!("{base}[[rating]]\nfinding = \"r\"\nlikelihood = 4\nseverity = 3\nbecause = \"x\""),
    ] {
        assert_ne!(fingerprint(&catalog, &changed).0, seen, "{changed}");
    }
}

#[test]
fn a_confirmation_is_void_once_its_finding_has_changed() {
    let catalog = treated();
    let facts = "[a]\ndone = false\nmore = false\n";
    let (seen, _) = fingerprint(&catalog, facts);
    let confirm = |facts: &str, fingerprint: &str| {
        let words = format!("[[confirmation]]\nfinding = \"r\"\nfunction = \"CISO\"\nbecause = \"so it is\"\n{fingerprint}");
        let deployment = describe(&catalog, &format!("{facts}{words}"));
        let assessment = run(&catalog, &deployment);
        (assessment.confirmed.contains_key("r"), codes(&assessment))
    };
    let recorded = format!("fingerprint = \"{seen}\"");
    assert_eq!(confirm(facts, &recorded), (true, vec![]));
    assert_eq!(confirm("[a]\ndone = true\nmore = false\n", &recorded), (false, vec!["confirmation-void"]));
    // Without a fingerprint it says nothing about what was seen, and stands.
    assert_eq!(confirm("[a]\ndone = true\nmore = false\n", ""), (true, vec![]));
}

#[test]
fn words_about_no_finding_are_named() {
    let catalog = small(&[("risks/f/some-risk.toml", "[[when]]\n\"a.one\" = true\n[[rating]]\nrate 3 3\n")]);
    let about = |facts: &str, id: &str| {
        let deployment = describe(&catalog, &format!("{facts}[[confirmation]]\nfinding = \"{id}\"\nfunction = \"DPO\"\nbecause = \"x\""));
        let assessment = run(&catalog, &deployment);
        assessment.diagnostics.iter().map(|d| (d.code, d.is_error())).collect::<Vec<_>>()
    };
    assert_eq!(about("[a]\none = true\n", "some-risk"), []);
    assert_eq!(about("[a]\none = true\n", "some-rsik"), [("reference-unknown", true)]);
    assert_eq!(about("[a]\none = false\n", "some-risk"), [("confirmation-void", false)]);
}

// ---- The outcome

const CONFIRMED: &str = "[[confirmation]]\nfinding = \"r\"\nfunction = \"CISO\"\nbecause = \"x\"\n";
const PLANNED: &str = "[[measure]]\nid = \"m\"\nstatus = \"planned\"\nowner = \"O\"\ndue = 2025-07-01\n";
const RULE: &str = "[[rule]]\nid = \"R1\"\nseverity = \"mandatory\"\nsection = \"1\"\nneeds = [\"assessment.reasons\"]\n";

fn ruled() -> Catalog {
    small(&[
        ("risks/f/r.toml", "[[when]]\n\"a.one\" = true\n[[rating]]\nrate 3 3\ntreat m\nlikelihood-at-most = 1\n"),
        ("measures/m.toml", M),
        ("completeness.toml", &format!("{RULE}title = {WORD}")),
    ])
}

/// The proposal for a description whose head has more lines.
fn proposed(catalog: &Catalog, method: &str, head: &str, body: &str) -> (Proposal, Vec<OutcomeReason>, Option<String>) {
    let head = HEAD.replace("[organisation]", &format!("{head}\n[organisation]"));
    let deployment = describe_in(catalog, &format!("{head}{body}"));
    let assessment = on(catalog, &deployment, method, "2025-06-01");
    let decided = assessment.outcome.decided.as_ref().map(|d| d.outcome.clone());
    (assessment.outcome.proposed, assessment.outcome.because.clone(), decided)
}

#[test]
fn the_outcome_is_the_first_that_fits() {
    let catalog = ruled();
    let reasons = "reasons = [\"because\"]";
    let exposed = "[a]\none = true\ndone = false\n";
    let safe = "[a]\none = true\ndone = true\n";
    let rejected = "[[decision]]\noutcome = \"rejected\"\nfunction = \"Board\"\ndate = 2025-06-02\n";
    for (head, body, proposal) in [
        // Everything at once: rejection comes first.
        ("", format!("{exposed}{rejected}"), Proposal::Rejected),
        // A level that stays high is consulted on, although the rest is incomplete.
        ("", exposed.to_owned(), Proposal::Consultation),
        (reasons, format!("{exposed}{CONFIRMED}"), Proposal::Consultation),
        ("reasons = [\"because\"]\nconsultation.required-by-law = true", format!("{safe}{CONFIRMED}"), Proposal::Consultation),
        // A plan brings it down, but something is missing.
        ("", format!("{exposed}{PLANNED}{CONFIRMED}"), Proposal::Draft),
        (reasons, format!("{exposed}{PLANNED}"), Proposal::Draft),
        ("", format!("{safe}{CONFIRMED}"), Proposal::Draft),
        (reasons, safe.to_owned(), Proposal::Draft),
        // An open fact could bring it up.
        (reasons, format!("[a]\none = true\n{CONFIRMED}"), Proposal::Draft),
        (reasons, format!("[a]\ndone = false\n{CONFIRMED}"), Proposal::Draft),
        // Complete and confirmed.
        (reasons, format!("{exposed}{PLANNED}{CONFIRMED}"), Proposal::Conditional),
        (reasons, format!("{safe}{CONFIRMED}"), Proposal::Approved),
        (reasons, "[a]\none = false\n".to_owned(), Proposal::Approved),
    ] {
        assert_eq!(proposed(&catalog, "ours", head, &body).0, proposal, "{head}\n{body}");
    }
    // A matrix from memory decides nothing.
    let (proposal, because, _) = proposed(&catalog, "recalled", reasons, &format!("{safe}{CONFIRMED}"));
    assert_eq!((proposal, because), (Proposal::Draft, vec![OutcomeReason::UnverifiedMatrix]));
}

#[test]
fn consultation_asks_for_the_options_examined() {
    let catalog = ruled();
    let exposed = "[a]\none = true\ndone = false\n";
    let (_, because, _) = proposed(&catalog, "ours", "", exposed);
    assert_eq!(because, [OutcomeReason::StaysHigh("r".into()), OutcomeReason::OptionsMissing("r".into())]);
    let option = "[[option]]\nfinding = \"r\"\noption = \"another way\"\nnot-feasible-because = \"none\"\n";
    let (_, because, _) = proposed(&catalog, "ours", "", &format!("{exposed}{option}"));
    assert_eq!(because, [OutcomeReason::StaysHigh("r".into())]);
}

#[test]
fn what_runs_with_a_high_risk_is_never_approved() {
    let catalog = ruled();
    let body = format!("[a]\none = true\ndone = false\n{PLANNED}{CONFIRMED}");
    let approve = "[[decision]]\noutcome = \"approved\"\nfunction = \"Board\"\ndate = 2025-06-02\n";
    let conditional = approve.replace("approved", "conditional");
    let running = "reasons = [\"because\"]\nrunning-since = 2024-01-01";
    let (proposal, because, decided) = proposed(&catalog, "ours", running, &format!("{body}{approve}"));
    assert_eq!((proposal, decided), (Proposal::Conditional, None), "the approval has no effect");
    assert!(because.contains(&OutcomeReason::RunsWithHighRisk));
    let (_, _, decided) = proposed(&catalog, "ours", running, &format!("{body}{conditional}"));
    assert_eq!(decided.as_deref(), Some("conditional"));
    // Not running yet: still conditional, but without that reason.
    let (proposal, because, _) = proposed(&catalog, "ours", "reasons = [\"because\"]\nplanned-start = 2025-08-01", &body);
    assert_eq!((proposal, because), (Proposal::Conditional, vec![OutcomeReason::HighUntilMeasures("r".into())]));
}

#[test]
fn a_decision_may_be_stricter_than_the_proposal_but_not_more_lenient() {
    let catalog = ruled();
    let reasons = "reasons = [\"because\"]";
    let draft = "[a]\none = true\n".to_owned();
    let approved = format!("[a]\none = true\ndone = true\n{CONFIRMED}");
    let consultation = "[a]\none = true\ndone = false\n".to_owned();
    for (body, decision, takes) in [
        (&approved, "approved", true),
        (&approved, "conditional", true),
        (&approved, "consultation", true),
        (&draft, "approved", false),
        (&draft, "conditional", false),
        (&draft, "consultation", true),
        (&consultation, "approved", false),
        (&consultation, "conditional", false),
        (&consultation, "consultation", true),
    ] {
        let words = format!("[[decision]]\noutcome = \"{decision}\"\nfunction = \"Board\"\ndate = 2025-06-02\n");
        let (_, _, decided) = proposed(&catalog, "ours", reasons, &format!("{body}{words}"));
        assert_eq!(decided.is_some(), takes, "{decision}: {body}");
    }
    // A decision without a date is none.
    let undated = "[[decision]]\noutcome = \"approved\"\nfunction = \"Board\"\n";
    assert_eq!(proposed(&catalog, "ours", reasons, &format!("{approved}{undated}")).2, None);
    // What was decided on other findings does not count any more.
    let stale = "[[decision]]\noutcome = \"approved\"\nfunction = \"Board\"\ndate = 2025-06-02\nfingerprint = \"000000000000\"\n";
    assert_eq!(proposed(&catalog, "ours", reasons, &format!("{approved}{stale}")).2, None);
}

#[test]
fn a_severe_risk_that_the_matrix_calls_low_needs_its_own_acceptance() {
    let catalog = small(&[("risks/f/r.toml", "[[rating]]\nrate 1 4\n"), ("risks/f/s.toml", "[[rating]]\nrate 1 3\n")]);
    let confirmed = format!("{CONFIRMED}{}", CONFIRMED.replace("\"r\"", "\"s\""));
    let (proposal, because, _) = proposed(&catalog, "ours", "", &confirmed);
    assert_eq!((proposal, because), (Proposal::Draft, vec![OutcomeReason::SevereNotAccepted("r".into())]));
    let deployment = describe(&catalog, &confirmed);
    let assessment = run(&catalog, &deployment);
    assert_eq!(assessment.outcome.severe_but_low, ["r"]);
    let flags = |id: &str| {
        let view = view_in(&catalog, &deployment, &assessment);
        let finding = view["findings"].as_array().unwrap().iter().find(|f| f["id"] == id).unwrap().clone();
        finding["flags"].as_array().unwrap().iter().any(|f| f == "severe-but-low")
    };
    assert!(flags("r") && !flags("s"));

    let accept = |fingerprint: &str| {
        let words = format!("[[decision]]\nfinding = \"r\"\nfunction = \"Board\"\ndate = 2025-06-02\nbecause = \"borne\"\n{fingerprint}");
        proposed(&catalog, "ours", "", &format!("{confirmed}{words}")).0
    };
    assert_eq!(accept(""), Proposal::Approved);
    assert_eq!(accept(&format!("fingerprint = \"{}\"", found(&assessment, "r").fingerprint)), Proposal::Approved);
    assert_eq!(accept("fingerprint = \"000000000000\""), Proposal::Draft, "accepted on other facts");
}

#[test]
fn another_checked_method_that_leads_elsewhere_is_named() {
    let stricter = method("ours").replace("consult-from = \"high\"", "consult-from = \"low\"");
    let from_memory = method("recalled").replace("consult-from = \"high\"", "consult-from = \"low\"");
    let catalog =
        small(&[("methods/stricter.toml", &stricter), ("methods/memory.toml", &from_memory), ("risks/f/r.toml", "[[rating]]\nrate 2 2\n")]);
    let deployment = describe(&catalog, "");
    let assessment = run(&catalog, &deployment);
    let others: Vec<(&str, bool)> = assessment.outcome.others.iter().map(|o| (o.method.as_str(), o.consults)).collect();
    assert_eq!(others, [("stricter", true)], "a matrix from memory is no ground to differ");
}
