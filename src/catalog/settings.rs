//! Names of policies, cmdlets and parameters as the catalogue lists them, so that a misspelt setting is found.

use super::Catalog;
use super::files::Nodes;
use crate::diagnostic::Diagnostic;
use crate::source::Fields;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Commands of PowerShell itself.
const SHELL: [&str; 6] = ["Where-Object", "ForEach-Object", "Select-Object", "Sort-Object", "Format-Table", "Format-List"];

/// Parameters that every cmdlet has.
const COMMON: [&str; 8] = ["Identity", "Confirm", "WhatIf", "ErrorAction", "Verbose", "Filter", "ResultSize", "Property"];

pub(super) fn load(catalog: &mut Catalog, nodes: &Nodes, diagnostics: &RefCell<Vec<Diagnostic>>) {
    for item in nodes.of("policies") {
        let Some(fields) = Fields::of(&item.node, &format!("the policy or cmdlet `{}`", item.id), diagnostics) else { continue };
        fields.required("kind");
        match fields.choice("kind", &["policy", "cmdlet"]) {
            Some("policy") => {
                catalog.policies.insert(item.id.clone());
            }
            Some(_) => {
                let parameters = fields.strs("parameters").into_iter().map(str::to_owned).collect();
                catalog.cmdlets.insert(item.id.clone(), parameters);
            }
            None => {}
        }
        let _ = (fields.strs("sources"), fields.choice("tag", &["verified", "secondary", "recalled"]));
        fields.finish();
    }
}

/// A name in a command that the list does not hold.
pub(super) struct Unknown {
    pub kind: &'static str,
    pub name: String,
    pub known: Vec<String>,
}

/// Cmdlets (`Verb-Noun`) and parameters (`-Name`) of a command line that are not listed.
pub(super) fn unknown(line: &str, cmdlets: &BTreeMap<String, BTreeSet<String>>) -> Vec<Unknown> {
    let mut found = Vec::new();
    // Each command of a pipeline or a block has parameters of its own.
    for command in line.split(['|', ';', '{', '}', '\n', '(', ')']) {
        let mut current: Option<(&String, &BTreeSet<String>)> = None;
        let mut met = false;
        for word in unquoted(command) {
            if let Some(parameter) = word.strip_prefix('-').map(|p| p.split(':').next().unwrap_or(p)) {
                let named = parameter.chars().next().is_some_and(|c| c.is_ascii_uppercase());
                if let Some((cmdlet, parameters)) = current
                    && named
                    && !parameters.contains(parameter)
                    && !COMMON.contains(&parameter)
                {
                    found.push(Unknown {
                        kind: "parameter",
                        name: format!("{cmdlet} -{parameter}"),
                        known: parameters.iter().map(|p| format!("{cmdlet} -{p}")).collect(),
                    });
                }
            } else if SHELL.contains(&word.as_str()) {
                met = true;
            } else if !met && is_cmdlet(&word) {
                // What looks like one later on is a value.
                met = true;
                match cmdlets.get_key_value(&word) {
                    Some(known) => current = Some(known),
                    None => found.push(Unknown { kind: "cmdlet", name: word, known: cmdlets.keys().cloned().collect() }),
                }
            }
        }
    }
    found
}

/// The words of a command without what stands in quotes.
fn unquoted(command: &str) -> Vec<String> {
    let mut out = String::new();
    let mut quote = None;
    for c in command.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None => out.push(c),
        }
    }
    out.split_whitespace().map(str::to_owned).collect()
}

/// `Verb-Noun` with both parts capitalised, as PowerShell names its cmdlets; any capitalised verb, so that a misspelt one is found.
fn is_cmdlet(word: &str) -> bool {
    word.split_once('-').is_some_and(|(verb, noun)| {
        verb.chars().next().is_some_and(|c| c.is_ascii_uppercase())
            && verb.chars().all(|c| c.is_ascii_alphabetic())
            && noun.chars().next().is_some_and(|c| c.is_ascii_uppercase())
            && noun.chars().all(|c| c.is_ascii_alphanumeric())
    })
}
