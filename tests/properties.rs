//! What must hold for any description: random small ones over the whole catalogue, always the same ones.

mod common;

use common::{describe_whole, view_in, world};
use dpia365::assessment::{Assessment, Because, Finding, Stage, Standing, Truth, assess};
use dpia365::model::{Condition, Deployment, FactRef, Level, Measure, Range, Test, Type, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

// ---- Random descriptions

/// What is said about one fact: one value, or one for each of some platforms. Values are written as in TOML.
#[derive(Clone, Debug, PartialEq)]
enum Said {
    One(String),
    Platforms(BTreeMap<String, String>),
}

/// Records of a list without their keys: values by field.
type Records = Vec<BTreeMap<String, String>>;

/// A small description that can be written in several orders.
#[derive(Clone, Debug)]
struct Sheet {
    as_of: &'static str,
    method: &'static str,
    facts: BTreeMap<String, Said>,
    /// Groups of people with their own answers.
    groups: BTreeMap<String, BTreeMap<String, String>>,
    /// Lists of records; a list that is absent is open.
    lists: BTreeMap<String, Records>,
    /// Measures planned with owner and date.
    plans: BTreeSet<String>,
}

const UNKNOWN: &str = "\"unknown\"";
const NOT_CONFIGURED: &str = "\"not-configured\"";
const GROUPS: [&str; 2] = ["board", "staff"];

/// Dates at which different rows hold.
const DATES: [&str; 7] = ["2018-05-01", "2020-03-31", "2021-11-01", "2022-02-16", "2024-12-01", "2026-11-22", "2027-05-01"];

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

/// Answers worth trying for a type: all of them where there are few.
fn answers(ty: &Type) -> Vec<String> {
    match ty {
        Type::Flag => vec!["true".into(), "false".into()],
        Type::Choice(values) => values.iter().map(|(id, _)| quoted(id)).collect(),
        Type::Choices(values) => {
            let ids: Vec<&str> = values.iter().map(|(id, _)| id.as_str()).collect();
            let mut sets = vec!["[]".to_owned(), format!("{ids:?}")];
            sets.extend(ids.iter().map(|id| format!("{:?}", [id])));
            sets.extend(ids.windows(2).map(|two| format!("{two:?}")));
            sets
        }
        Type::Number { min, max, .. } => {
            let fits = |n: &i64| min.is_none_or(|m| m <= *n) && max.is_none_or(|m| *n <= m);
            [0, 1, 7, 90, 180, 365].iter().filter(|n| fits(n)).map(i64::to_string).collect()
        }
        Type::Date => vec!["2023-01-01".into()],
        Type::Version => vec![quoted("1.0"), quoted("16.0.12430"), quoted("99999.0")],
        Type::Text => vec![quoted("words")],
        Type::Permissions => [
            "[]",
            "[\"delegated:User.Read\"]",
            "[\"application:User.Read.All\"]",
            "[\"application:Directory.Read.All\"]",
            "[\"application:Mail.ReadWrite\", \"application:User.Read.All\"]",
            "[\"role:ApplicationImpersonation\", \"delegated:EWS.AccessAsUser.All\"]",
            "[\"application:Application.ReadWrite.All\"]",
            "[\"application:Nobody.Classed.This\"]",
        ]
        .map(str::to_owned)
        .to_vec(),
        Type::Records { .. } => Vec::new(),
    }
}

/// A value of these, with a fair share of "unknown"; the simplest comes first.
fn one_of(values: Vec<String>) -> BoxedStrategy<String> {
    let known = prop::sample::select(values);
    prop_oneof![1 => Just(UNKNOWN.to_owned()), 4 => known].boxed()
}

fn said(id: &str) -> BoxedStrategy<Option<Said>> {
    let def = world().catalog.vocabulary.get(id).unwrap();
    let mut values = answers(&def.ty);
    if !def.defaults.is_empty() {
        values.push(NOT_CONFIGURED.to_owned());
    }
    // Most organisations use most services: a set is often the whole one.
    let whole = matches!(def.ty, Type::Choices(_)).then(|| answers(&def.ty).swap_remove(1));
    let one = match whole {
        Some(whole) => prop_oneof![2 => one_of(values.clone()), 3 => Just(whole)].boxed(),
        None => one_of(values.clone()),
    };
    let one = one.prop_map(Said::One);
    let strategy = if def.per_platform {
        let platforms = world().catalog.vocabulary.platforms.clone();
        let some = prop::collection::btree_map(prop::sample::select(platforms), one_of(values), 1..4).prop_map(Said::Platforms);
        prop_oneof![one, some].boxed()
    } else {
        one.boxed()
    };
    prop::option::weighted(0.7, strategy).boxed()
}

/// The asked facts that are no lists.
fn asked() -> Vec<String> {
    let facts = &world().catalog.vocabulary.facts;
    facts.values().filter(|d| d.is_asked() && !matches!(d.ty, Type::Records { .. })).map(|d| d.id.clone()).collect()
}

fn per_population() -> Vec<String> {
    asked().into_iter().filter(|id| world().catalog.vocabulary.get(id).unwrap().per_population).collect()
}

fn lists() -> Vec<String> {
    world().catalog.vocabulary.facts.values().filter(|d| matches!(d.ty, Type::Records { .. })).map(|d| d.id.clone()).collect()
}

/// A record without its key: some fields missing, some unknown.
fn record(list: &str) -> BoxedStrategy<BTreeMap<String, String>> {
    let Type::Records { key, fields, .. } = &world().catalog.vocabulary.get(list).unwrap().ty else { unreachable!() };
    let fields: Vec<BoxedStrategy<(String, Option<String>)>> = fields
        .iter()
        .filter(|f| f.id != *key)
        .map(|f| (Just(f.id.clone()), prop::option::weighted(0.8, one_of(answers(&f.ty)))).boxed())
        .collect();
    fields.prop_map(|fields| fields.into_iter().filter_map(|(id, value)| Some((id, value?))).collect()).boxed()
}

fn sheet() -> BoxedStrategy<Sheet> {
    let facts: Vec<BoxedStrategy<(String, Option<Said>)>> = asked().into_iter().map(|id| (Just(id.clone()), said(&id)).boxed()).collect();
    let own: Vec<BoxedStrategy<(String, String)>> = per_population()
        .into_iter()
        .map(|id| {
            let values = answers(&world().catalog.vocabulary.get(&id).unwrap().ty);
            (Just(id), one_of(values)).boxed()
        })
        .collect();
    let own = prop::collection::vec(prop::sample::select((0..own.len()).collect::<Vec<_>>()).prop_flat_map(move |i| own[i].clone()), 0..6);
    let groups =
        prop::collection::btree_map(prop::sample::select(GROUPS.map(str::to_owned).to_vec()), own.prop_map(BTreeMap::from_iter), 0..3);
    let records: Vec<BoxedStrategy<(String, Option<Records>)>> = lists()
        .into_iter()
        .map(|l| (Just(l.clone()), prop::option::weighted(0.7, prop::collection::vec(record(&l), 0..3))).boxed())
        .collect();
    let measures: Vec<String> = world().catalog.measures.keys().cloned().collect();
    let plans = prop::collection::btree_set(prop::sample::select(measures), 0..12);
    let methods: Vec<&'static str> = world().catalog.methods.keys().map(String::as_str).collect();
    (prop::sample::select(DATES.to_vec()), prop::sample::select(methods), facts, groups, records, plans)
        .prop_map(|(as_of, method, facts, groups, records, plans)| Sheet {
            as_of,
            method,
            facts: facts.into_iter().filter_map(|(id, said)| Some((id, said?))).collect(),
            groups,
            lists: records.into_iter().filter_map(|(id, records)| Some((id, records?))).collect(),
            plans,
        })
        .boxed()
}

impl Sheet {
    /// As a description. `turn` writes everything in another order, which must not matter.
    fn text(&self, turn: usize) -> String {
        let day: jiff::civil::Date = self.as_of.parse().unwrap();
        let after = |days: i32| day.checked_add(jiff::Span::new().days(days)).unwrap();
        let mut out = format!(
            "format = 1\n[assessment]\ntitle = \"T\"\nlanguage = \"en\"\nas-of = {day}\nplanned-start = {}\n\
             [organisation]\nname = \"O\"\ncountry = \"NL\"\nkind = \"company\"\n",
            after(60)
        );
        let empty: String = self.lists.iter().filter(|(_, r)| r.is_empty()).map(|(l, _)| format!("{l} = []\n")).collect();
        out.insert_str(0, &empty);
        let mut areas: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (id, said) in &self.facts {
            let (area, name) = id.split_once('.').unwrap();
            let value = match said {
                Said::One(value) => value.clone(),
                Said::Platforms(by) => {
                    let pairs: Vec<String> = by.iter().map(|(p, v)| format!("{p} = {v}")).collect();
                    format!("{{ {} }}", turned(pairs, turn).join(", "))
                }
            };
            areas.entry(area).or_default().push(format!("{name} = {value}\n"));
        }
        let mut blocks: Vec<String> =
            areas.into_iter().map(|(area, lines)| format!("[{area}]\n{}", turned(lines, turn).concat())).collect();
        for (group, own) in &self.groups {
            let lines: Vec<String> = own.iter().map(|(id, value)| format!("facts.{id} = {value}\n")).collect();
            blocks.push(format!("[[population]]\nid = \"{group}\"\nname = \"{group}\"\n{}", turned(lines, turn).concat()));
        }
        for (list, records) in &self.lists {
            for (i, fields) in records.iter().enumerate() {
                let mut lines: Vec<String> = fields.iter().map(|(f, v)| format!("{f} = {v}\n")).collect();
                lines.push(format!("id = \"r{i}\"\n"));
                blocks.push(format!("[[{list}]]\n{}", turned(lines, turn).concat()));
            }
        }
        for plan in &self.plans {
            blocks.push(format!("[[measure]]\nid = \"{plan}\"\nstatus = \"planned\"\nowner = \"O\"\ndue = {}\n", after(30)));
        }
        out.write_str(&turned(blocks, turn).concat()).unwrap();
        out
    }

    fn read(&self) -> Deployment {
        describe_whole(&self.text(0))
    }

    fn assess<'d>(&self, deployment: &'d Deployment) -> Assessment<'d> {
        let catalog = &world().catalog;
        assess(deployment, catalog, &catalog.methods[self.method], self.as_of.parse().unwrap())
    }

    /// States one value of a fact for everybody and everywhere.
    fn state(&mut self, id: &str, value: &str) {
        self.facts.insert(id.to_owned(), Said::One(value.to_owned()));
        for own in self.groups.values_mut() {
            own.remove(id);
        }
    }
}

/// Another order of the same things, a different one for each turn.
fn turned<T>(mut things: Vec<T>, turn: usize) -> Vec<T> {
    if turn > 0 {
        things.reverse();
        let middle = turn % things.len().max(1);
        things.rotate_left(middle);
    }
    things
}

/// Where nothing is known yet, and what could be said there.
#[derive(Clone, Debug)]
enum Gap {
    Fact(String),
    Platform(String, String),
    Group(String, String),
    Field(String, usize, String),
    List(String),
}

impl Sheet {
    fn gaps(&self) -> Vec<Gap> {
        let vocabulary = &world().catalog.vocabulary;
        let mut gaps = Vec::new();
        for id in asked() {
            let per_population = vocabulary.get(&id).unwrap().per_population;
            match self.facts.get(&id) {
                Some(Said::One(value)) if value == UNKNOWN => gaps.push(Gap::Fact(id)),
                // Where every group has its own answer, a general one would be about further people.
                None if !per_population || self.groups.is_empty() || self.groups.values().any(|own| !own.contains_key(&id)) => {
                    gaps.push(Gap::Fact(id));
                }
                Some(Said::Platforms(by)) => {
                    let open = |p: &&String| by.get(*p).is_none_or(|v| v == UNKNOWN);
                    gaps.extend(vocabulary.platforms.iter().filter(open).map(|p| Gap::Platform(id.clone(), p.clone())));
                }
                _ => {}
            }
        }
        for (group, own) in &self.groups {
            gaps.extend(own.iter().filter(|(_, v)| *v == UNKNOWN).map(|(id, _)| Gap::Group(group.clone(), id.clone())));
        }
        for list in lists() {
            let Type::Records { key, fields, .. } = &vocabulary.get(&list).unwrap().ty else { unreachable!() };
            let Some(records) = self.lists.get(&list) else {
                gaps.push(Gap::List(list));
                continue;
            };
            for (i, record) in records.iter().enumerate() {
                let open = |f: &&dpia365::model::FieldDef| match record.get(&f.id) {
                    Some(value) => value == UNKNOWN,
                    None => !f.optional,
                };
                gaps.extend(fields.iter().filter(|f| f.id != *key).filter(open).map(|f| Gap::Field(list.clone(), i, f.id.clone())));
            }
        }
        gaps
    }

    /// The same description with each possible answer in a gap.
    fn filled(&self, gap: &Gap) -> Vec<(String, Self)> {
        let vocabulary = &world().catalog.vocabulary;
        let values = |id: &str| {
            let def = vocabulary.get(id).unwrap();
            let default = (!def.defaults.is_empty()).then(|| NOT_CONFIGURED.to_owned());
            answers(&def.ty).into_iter().chain(default).collect::<Vec<_>>()
        };
        let with = |value: &String, set: &dyn Fn(&mut Self, String)| {
            let mut sheet = self.clone();
            set(&mut sheet, value.clone());
            (value.clone(), sheet)
        };
        match gap {
            Gap::Fact(id) => values(id).iter().map(|v| with(v, &|s, v| drop(s.facts.insert(id.clone(), Said::One(v))))).collect(),
            Gap::Platform(id, platform) => values(id)
                .iter()
                .map(|v| {
                    with(v, &|s, v| {
                        if let Some(Said::Platforms(by)) = s.facts.get_mut(id) {
                            by.insert(platform.clone(), v);
                        }
                    })
                })
                .collect(),
            Gap::Group(group, id) => {
                values(id).iter().map(|v| with(v, &|s, v| drop(s.groups.get_mut(group).unwrap().insert(id.clone(), v)))).collect()
            }
            Gap::Field(list, i, field) => {
                let Type::Records { fields, .. } = &vocabulary.get(list).unwrap().ty else { unreachable!() };
                let ty = &fields.iter().find(|f| f.id == *field).unwrap().ty;
                answers(ty).iter().map(|v| with(v, &|s, v| drop(s.lists.get_mut(list).unwrap()[*i].insert(field.clone(), v)))).collect()
            }
            Gap::List(list) => {
                let Type::Records { key, fields, .. } = &vocabulary.get(list).unwrap().ty else { unreachable!() };
                let all = |pick: fn(Vec<String>) -> Option<String>| -> BTreeMap<String, String> {
                    fields.iter().filter(|f| f.id != *key).filter_map(|f| Some((f.id.clone(), pick(answers(&f.ty))?))).collect()
                };
                let first = all(|values| values.into_iter().next());
                let last = all(|values| values.into_iter().next_back());
                let middle = all(|values| values.get(values.len() / 2).cloned());
                [("empty", vec![]), ("first", vec![first.clone()]), ("last", vec![last.clone()]), ("all", vec![first, middle, last])]
                    .into_iter()
                    .map(|(name, records)| {
                        let mut sheet = self.clone();
                        sheet.lists.insert(list.clone(), records);
                        (name.to_owned(), sheet)
                    })
                    .collect()
            }
        }
    }
}

/// Runs a property on always the same random descriptions. `PROPTEST_CASES` asks for more of them.
fn holds<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(cases);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4096, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    if let Err(error) = runner.run(strategy, test) {
        panic!("{error}");
    }
}

// ---- Answers stay within the stated ranges

/// The three stages of everything that is a finding, or was taken off the list.
fn stages(assessment: &Assessment<'_>) -> BTreeMap<String, [Stage; 3]> {
    let of = |f: &Finding| [f.gross, f.current, f.expected];
    let none = Stage {
        rated: dpia365::assessment::Rated { likelihood: None, severity: None, level: Level::None },
        range: Range { lowest: Level::None, highest: Level::None },
    };
    let excluded = assessment.excluded.iter().map(|e| (e.id.clone(), e.finding.as_deref().map_or([none; 3], of)));
    assessment.findings.iter().map(|f| (f.id.clone(), of(f))).chain(excluded).collect()
}

#[test]
fn answering_an_open_fact_never_leaves_the_stated_range() {
    holds(64, &(sheet(), any::<prop::sample::Index>()), |(sheet, which)| {
        let deployment = sheet.read();
        let before = sheet.assess(&deployment);
        let stated = stages(&before);
        let gaps = sheet.gaps();
        if gaps.is_empty() {
            return Ok(());
        }
        let gap = which.get(&gaps);
        for (answer, sheet) in sheet.filled(gap) {
            let deployment = sheet.read();
            let after = sheet.assess(&deployment);
            for (id, stages) in stages(&after) {
                // A list that was open had one finding for all of its records.
                let of = stated.get(&id).or_else(|| stated.get(id.split('@').next().unwrap_or_default()));
                let Some(before) = of else { return Err(TestCaseError::fail(format!("{id} appears from nowhere: {gap:?} = {answer}"))) };
                for ((name, before), after) in ["gross", "current", "expected"].iter().zip(before).zip(stages) {
                    let within = [after.rated.level, after.range.lowest, after.range.highest].iter().all(|l| before.range.contains(*l));
                    prop_assert!(within, "{id}, {name}: stated {before:?}, now {after:?}, by {gap:?} = {answer}");
                    prop_assert!(after.range.contains(after.rated.level), "{id}, {name}: {after:?}");
                }
            }
        }
        Ok(())
    });
}

// ---- The order of writing

#[test]
fn the_order_of_writing_does_not_matter() {
    holds(24, &(sheet(), 1..5usize), |(sheet, turn)| {
        let read = |turn: usize| {
            let deployment = describe_whole(&sheet.text(turn));
            let assessment = sheet.assess(&deployment);
            let mut view = view_in(&world().catalog, &deployment, &assessment);
            // Where it was written is all that may differ.
            view["document"].take();
            forget_places(&mut view);
            (assessment.fingerprint.clone(), view)
        };
        let (one, other) = (read(0), read(turn));
        prop_assert_eq!(&one.0, &other.0);
        for part in ["findings", "excluded", "measures", "questions", "outcome", "conflicts", "completeness"] {
            prop_assert_eq!(&one.1[part], &other.1[part], "{}", part);
        }
        Ok(())
    });
}

fn forget_places(node: &mut serde_json::Value) {
    match node {
        serde_json::Value::Object(map) => {
            if map.contains_key("kind") {
                map.remove("line");
            }
            map.values_mut().for_each(forget_places);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(forget_places),
        serde_json::Value::String(text) if text.contains(", line ") => {
            let pieces = text.split(", line ").enumerate();
            *text = pieces.map(|(i, piece)| if i == 0 { piece } else { piece.trim_start_matches(|c: char| c.is_ascii_digit()) }).collect();
        }
        _ => {}
    }
}

// ---- Measures

/// The statements that put a measure in place, where facts of the description alone do so: `(fact or record.field, value)`.
fn settings(measure: &Measure) -> Option<Vec<(FactRef, String)>> {
    let written = |value: &Value| match value {
        Value::Flag(b) => Some(b.to_string()),
        Value::Choice(s) => Some(quoted(s)),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    };
    let of = |condition: &Condition| -> Option<Vec<(FactRef, String)>> {
        condition
            .lines
            .iter()
            .map(|line| {
                let value = match &line.test {
                    Test::Equals(value) => written(value)?,
                    Test::OneOf(values) => written(values.last()?)?,
                    Test::AtMost(n) | Test::AtLeast(n) => n.to_string(),
                    Test::ChoiceAtMost(i, values) | Test::ChoiceAtLeast(i, values) => quoted(&values[*i]),
                    _ => return None,
                };
                let settable = match &line.fact {
                    FactRef::Fact(id) => world().catalog.vocabulary.get(id)?.is_asked(),
                    FactRef::Field(_) => true,
                    FactRef::Platform => false,
                };
                settable.then(|| (line.fact.clone(), value))
            })
            .collect()
    };
    measure.in_place.iter().find_map(of).filter(|lines| !lines.is_empty())
}

/// Measures that a description can carry out by its statements.
fn settable() -> Vec<&'static str> {
    world().catalog.measures.values().filter(|m| settings(m).is_some()).map(|m| m.id.as_str()).collect()
}

/// Carries a measure out, for every record of the list where it is about records.
fn carry_out(sheet: &mut Sheet, measure: &str) {
    let measure = &world().catalog.measures[measure];
    for (fact, value) in settings(measure).unwrap() {
        match fact {
            FactRef::Fact(id) => sheet.state(&id, &value),
            FactRef::Field(field) => {
                let list = world()
                    .catalog
                    .risks
                    .values()
                    .find(|r| r.for_each.is_some() && r.treatments.iter().any(|t| t.measures.contains(&measure.id)));
                for record in sheet.lists.get_mut(list.unwrap().for_each.as_ref().unwrap()).into_iter().flatten() {
                    record.insert(field.clone(), value.clone());
                }
            }
            FactRef::Platform => {}
        }
    }
}

/// Findings, and those taken off the list because they are mitigated or covered.
fn every<'a>(assessment: &'a Assessment<'_>) -> BTreeMap<&'a str, &'a Finding> {
    let off = assessment.excluded.iter().filter_map(|e| e.finding.as_deref());
    assessment.findings.iter().chain(off).map(|f| (f.id.as_str(), f)).collect()
}

fn standing<'f>(finding: &'f Finding, measure: &str) -> &'f Standing {
    finding.measures.iter().find(|m| m.id == measure).unwrap()
}

#[test]
fn a_measure_in_place_never_raises_the_level_of_a_risk_it_treats() {
    let looked_at = std::cell::Cell::new(0);
    holds(64, &(sheet(), prop::sample::select(settable())), |(sheet, measure)| {
        let deployment = sheet.read();
        let before = sheet.assess(&deployment);
        let mut done = sheet.clone();
        carry_out(&mut done, measure);
        let deployment = done.read();
        let after = done.assess(&deployment);
        let after = every(&after);
        for (id, before) in every(&before) {
            if !before.measures.iter().any(|m| m.id == measure) {
                continue;
            }
            let after = after.get(id).unwrap_or_else(|| panic!("{id} vanished by {measure}"));
            // A setting has one value: choosing this measure may give another one up. That is an exchange, no addition.
            if before.measures.iter().any(|m| standing(after, &m.id).in_place < m.in_place) {
                continue;
            }
            looked_at.set(looked_at.get() + 1);
            prop_assert_eq!(before.gross, after.gross, "{}: the level without measures, by {}", id, measure);
            for (before, after) in [(before.current, after.current), (before.expected, after.expected)] {
                prop_assert!(after.rated.level <= before.rated.level, "{id} by {measure}: {before:?} became {after:?}");
                prop_assert!(after.range.highest <= before.range.highest, "{id} by {measure}: {before:?} became {after:?}");
            }
        }
        Ok(())
    });
    assert!(looked_at.get() > 30, "only {} findings were looked at", looked_at.get());
}

#[test]
fn plans_carried_out_give_the_expected_level() {
    let looked_at = std::cell::Cell::new(0);
    let plans = prop::sample::subsequence(settable(), 1..8);
    holds(64, &(sheet(), plans), |(mut sheet, plans)| {
        sheet.plans = plans.iter().map(|m| (*m).to_owned()).collect();
        let deployment = sheet.read();
        let before = sheet.assess(&deployment);
        let mut done = sheet.clone();
        for measure in plans {
            carry_out(&mut done, measure);
        }
        let deployment = done.read();
        let after = done.assess(&deployment);
        let after_all = every(&after);
        for (id, before) in every(&before) {
            if !before.measures.iter().any(|m| m.committed) {
                continue;
            }
            let Some(after) = after_all.get(id) else {
                // A measure may bring a risk of its own, or take one away, by the facts that another risk is about.
                let gone = after.excluded.iter().find(|e| e.id == id).map(|e| e.because);
                prop_assert_eq!(gone, Some(Because::NotApplicable), "{}", id);
                continue;
            };
            // Exactly the promised measures were added: settings that are shared between measures can bring more, or less.
            let promised = |m: &Standing| if m.committed && m.available == Truth::Yes { Truth::Yes } else { m.in_place };
            let same = before.measures.iter().all(|m| standing(after, &m.id).in_place == promised(m));
            if !same || before.gross != after.gross {
                continue;
            }
            looked_at.set(looked_at.get() + 1);
            prop_assert_eq!(before.expected, after.current, "{}: planned {:?}", id, &sheet.plans);
        }
        Ok(())
    });
    assert!(looked_at.get() > 30, "only {} findings were looked at", looked_at.get());
}

/// The generator is worth something only if it reaches the whole catalogue; and a path that nothing reaches would be dead.
#[test]
fn random_descriptions_reach_every_path_of_every_risk() {
    let seen = std::cell::RefCell::new(BTreeSet::new());
    holds(400, &sheet(), |sheet| {
        let deployment = sheet.read();
        let assessment = sheet.assess(&deployment);
        for finding in every(&assessment).values() {
            let certain = finding.paths.iter().filter(|p| p.truth == Truth::Yes).map(|p| (finding.risk.id.clone(), p.id.clone()));
            seen.borrow_mut().extend(certain);
        }
        // No answer is lost on the way from the text.
        prop_assert!(sheet.facts.keys().all(|id| deployment.answers.get(id).is_some_and(|a| !a.slots.is_empty())));
        Ok(())
    });
    let seen = seen.into_inner();
    let all = world().catalog.risks.values().flat_map(|r| r.paths.iter().map(move |p| (r.id.clone(), p.id.clone())));
    let missed: Vec<_> = all.filter(|path| !seen.contains(path)).collect();
    assert!(missed.is_empty(), "never reached: {missed:?}");
}
