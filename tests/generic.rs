//! Generic text: what is the same in the municipality, the clinic and the school stands in annexes, not in the findings.
//!
//! The three are rendered in English, names and values masked; sentences that all three share are counted by chapter.
//! `cargo test --test generic -- --nocapture` prints the shares.

mod common;

use common::program::run;
use common::root;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

const EXAMPLES: [&str; 3] = ["municipality", "clinic", "school"];

/// The text of blocks, one entry a paragraph, cell or item.
fn texts(node: &Json, out: &mut Vec<String>) {
    match node {
        Json::Array(items) if items.iter().any(|i| i.get("t").is_some()) => out.push(line(node)),
        Json::Array(items) => items.iter().for_each(|i| texts(i, out)),
        Json::Object(map) => {
            map.iter().filter(|(key, _)| !matches!(key.as_str(), "kind" | "id" | "label")).for_each(|(_, v)| texts(v, out))
        }
        _ => {}
    }
}

fn line(node: &Json) -> String {
    match node {
        Json::Array(items) => items.iter().map(line).collect(),
        Json::Object(map) => {
            let own = ["s", "word"].iter().filter_map(|k| map.get(*k)?.as_str()).collect::<String>();
            own + &map.get("c").map(line).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// Sentences of more than a few words, with numbers, names in code and the organisation masked.
fn sentences(text: &str, organisation: &str) -> Vec<String> {
    let masked: String = text.replace(organisation, "§").chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect();
    masked
        .split_inclusive(['.', '!', '?', ':', ';'])
        .map(|s| s.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|s| s.split(' ').count() > 5)
        .collect()
}

#[test]
fn what_all_three_share_stands_in_annexes() {
    let mut chapters: Vec<BTreeMap<String, BTreeSet<String>>> = Vec::new();
    let mut cards: Vec<BTreeSet<String>> = Vec::new();
    for name in EXAMPLES {
        let view = run(&root(), &["report", &format!("examples/{name}"), "--lang", "en", "--format", "json", "-o", "-"]).expect(0).json();
        let organisation = view["document"]["organisation"].as_str().unwrap().to_owned();
        let (mut by_chapter, mut in_cards) = (BTreeMap::new(), BTreeSet::new());
        for chapter in view["document"]["chapters"].as_array().unwrap() {
            let key = match chapter["part"].as_str().unwrap() {
                "annex" => format!("annex {}", chapter["heading"].as_str().unwrap()),
                _ => format!("{} {}", chapter["number"].as_str().unwrap(), chapter["heading"].as_str().unwrap()),
            };
            let mut all = Vec::new();
            texts(&chapter["blocks"], &mut all);
            by_chapter.insert(key, all.iter().flat_map(|t| sentences(t, &organisation)).collect::<BTreeSet<_>>());
            for block in chapter["blocks"].as_array().unwrap().iter().filter(|b| b["kind"] == "finding") {
                let mut all = Vec::new();
                texts(&block["parts"], &mut all);
                in_cards.extend(all.iter().flat_map(|t| sentences(t, &organisation)));
            }
        }
        chapters.push(by_chapter);
        cards.push(in_cards);
    }
    for (chapter, own) in &chapters[0] {
        let (Some(second), Some(third)) = (chapters[1].get(chapter), chapters[2].get(chapter)) else { continue };
        let shared = own.iter().filter(|s| second.contains(*s) && third.contains(*s)).count();
        if own.len() > 5 {
            println!("{:>3} % of {:>4} sentences  {chapter}", 100 * shared / own.len(), own.len());
        }
    }
    let shared: BTreeSet<&String> = cards[0].iter().filter(|s| cards[1].contains(*s) && cards[2].contains(*s)).collect();
    println!("{} of {} sentences in the findings of the municipality are in all three: {shared:#?}", shared.len(), cards[0].len());
    // What is left names a statement about Microsoft with its source and date, or says that somebody has yet to confirm.
    assert!(cards[0].len() > 200, "{} sentences in findings: too few to measure", cards[0].len());
    assert!(shared.len() * 100 < cards[0].len() * 15, "{} of {} sentences: {shared:#?}", shared.len(), cards[0].len());
}
