//! No answer makes a risk vanish without a word: every fact of the municipality, from open to each of its values.

mod common;

use common::{example, world};
use dpia365::assessment::{Assessment, FindingState, assess};
use dpia365::model::{Answer, Deployment, FactDef, Given, Scope, Slot, Type, Value};
use std::collections::BTreeMap;

/// What a fact can be answered with: all values of a few; for the others the ends of what they can be.
fn values(ty: &Type) -> Vec<Value> {
    match ty {
        Type::Flag => vec![Value::Flag(false), Value::Flag(true)],
        Type::Choice(values) => values.iter().map(|(id, _)| Value::Choice(id.clone())).collect(),
        Type::Choices(values) => {
            let one = values.iter().map(|(id, _)| Value::Choices([id.clone()].into()));
            let all = values.iter().map(|(id, _)| id.clone()).collect();
            one.chain([Value::Choices(all), Value::Choices([].into())]).collect()
        }
        Type::Number { min, max, .. } => {
            [min.unwrap_or(0), 1, 30, 90, 180, 365, 3650, max.unwrap_or(100_000)].into_iter().map(Value::Number).collect()
        }
        Type::Date => vec![Value::Date("2018-01-01".parse().unwrap()), Value::Date("2026-11-01".parse().unwrap())],
        Type::Version => ["1.0", "9999.0"].map(|v| Value::Version(dpia365::model::Version::parse(v).unwrap())).to_vec(),
        Type::Text => vec![Value::Text("stated".into())],
        Type::Permissions => vec![],
        Type::Records { .. } => vec![Value::Records(Vec::new())],
    }
}

fn with(deployment: &mut Deployment, def: &FactDef, given: Given) {
    let slot = Slot { scope: Scope::default(), given, place: def.place.clone() };
    deployment.answers.insert(def.id.clone(), Answer { slots: vec![slot] });
}

fn assessed<'d>(deployment: &'d Deployment) -> Assessment<'d> {
    let catalog = &world().catalog;
    assess(deployment, catalog, &catalog.methods["dpia365-4"], "2026-11-22".parse().unwrap())
}

fn settled(assessment: &Assessment<'_>) -> Vec<String> {
    let applies = assessment.findings.iter().filter(|f| f.state == FindingState::Applies);
    applies.map(|f| f.id.clone()).collect()
}

#[test]
fn no_answer_makes_a_settled_risk_disappear_without_a_reason() {
    let mut deployment = example("municipality");
    // What files show stands against any answer: here the answers alone are asked.
    deployment.observations.clear();
    deployment.sightings.clear();
    let (mut tried, mut gone) = (0, 0);
    for def in world().catalog.vocabulary.facts.values().filter(|d| d.is_asked()) {
        let stated = deployment.answers.get(&def.id).cloned();
        with(&mut deployment, def, Given::Unknown);
        let before = settled(&assessed(&deployment));
        for value in values(&def.ty) {
            with(&mut deployment, def, Given::Value(value.clone()));
            let after = assessed(&deployment);
            let excluded: BTreeMap<&str, _> = after.excluded.iter().map(|e| (e.id.as_str(), e)).collect();
            tried += 1;
            for id in &before {
                if after.findings.iter().any(|f| f.id == *id) {
                    continue;
                }
                gone += 1;
                // Findings about one record go with their list: then the risk itself says why.
                let risk = id.split('@').next().unwrap();
                let Some(excluded) = excluded.get(id.as_str()).or_else(|| excluded.get(risk)) else {
                    panic!("{} = {}: {id} is neither found nor excluded", def.id, value.to_json());
                };
                let reasons = excluded.reasons.len() + usize::from(excluded.detail.is_some());
                let standing = excluded.finding.iter().flat_map(|f| &f.measures).flat_map(|m| &m.reasons).count();
                assert!(reasons + standing > 0, "{} = {}: {id} is excluded without a reason", def.id, value.to_json());
            }
        }
        match stated {
            Some(answer) => deployment.answers.insert(def.id.clone(), answer),
            None => deployment.answers.remove(&def.id),
        };
    }
    assert!(tried > 300 && gone > 5, "{tried} answers, {gone} risks that went: too few to show anything");
}
