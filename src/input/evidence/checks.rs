//! Results of posture tools: what a pass or a failure of a check shows. Totals of the tools are never read.

use super::kit::{Kit, Reads, matches_any};
use super::lines::{Head, Line, plain};
use crate::diagnostic::Place;
use crate::model::{RuleKind, Scope, Weight};
use std::collections::{BTreeMap, BTreeSet};

/// What was found of one check over all its rows.
#[derive(Default)]
struct Results {
    passed: Option<Place>,
    failed: Option<Place>,
    /// A row that is neither: skipped, muted, an error.
    undecided: bool,
}

/// The reader for kinds with `[[check]]`.
#[derive(Default)]
pub(super) struct Checks {
    id: Option<u32>,
    result: Option<u32>,
    /// Columns that must say a word that lets the row count.
    gates: Vec<(String, u32)>,
    error: Option<u32>,
    date: Option<u32>,
    results: BTreeMap<String, Results>,
}

/// Words by which a row counts, by role of the column.
const GATES: [(&str, &str); 2] = [("muted", "no"), ("provider", "read")];

impl Reads for Checks {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        self.id = head.role(kind, "id");
        self.result = head.role(kind, "result");
        self.error = head.role(kind, "error");
        self.date = head.role(kind, "date");
        self.gates = GATES.iter().filter_map(|(role, _)| Some(((*role).to_owned(), head.role(kind, role)?))).collect();
        let missing = [("id", self.id), ("result", self.result)].into_iter().filter(|(_, c)| c.is_none());
        let missing = missing.flat_map(|(role, _)| kind.columns.get(role).cloned().unwrap_or_default()).collect();
        kit.columns(head.len(), 2 + self.gates.len(), missing);
    }

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        let (Some(id), Some(result)) = (self.id, self.result) else { return };
        kit.dated(line.text(self.date));
        let kind = kit.kind;
        let word = |role: &str, text: &str| kind.words.get(role).and_then(|w| w.get(&text.trim().to_lowercase())).cloned();
        let name = present(line.text(Some(id)), &kind.renamed);
        if name.is_empty() {
            return;
        }
        let counts = self.gates.iter().all(|(role, column)| {
            let wanted = GATES.iter().find(|(r, _)| r == role).map(|(_, w)| *w);
            let text = line.text(Some(*column));
            word(role, text).as_deref() == wanted
        });
        let mut outcome = word("result", line.text(Some(result)));
        if outcome.as_deref() == Some("fail")
            && let Some(error) = self.error.map(|c| line.text(Some(c))).filter(|e| !e.is_empty())
        {
            // Older versions call any fault of the tool itself a failure of the check.
            let words = kind.words.get("error");
            let asserted = words.is_some_and(|w| w.keys().any(|k| matches_any(error, std::slice::from_ref(k))));
            if !asserted {
                outcome = None;
            }
        }
        let entry = self.results.entry(name).or_default();
        match outcome.as_deref().filter(|_| counts) {
            Some("pass") => _ = entry.passed.get_or_insert_with(|| line.place(result)),
            Some("fail") => _ = entry.failed.get_or_insert_with(|| line.place(result)),
            _ => entry.undecided = true,
        }
    }

    fn finish(&mut self, kit: &mut Kit<'_>) {
        let mut known = BTreeSet::new();
        for rule in &kit.kind.rules {
            let RuleKind::Check { id, fact, pass, fail } = &rule.what else { continue };
            let id = present(id, &kit.kind.renamed);
            let Some(results) = self.results.get(&id) else { continue };
            known.insert(id);
            let differs = kit.vocabulary.get(fact).is_some_and(|d| d.per_population);
            // One row that fails is enough; a pass needs all of them.
            let (shown, place) = match (&results.failed, &results.passed) {
                (Some(place), _) => (fail, place),
                (None, Some(place)) if !results.undecided => (pass, place),
                _ => continue,
            };
            // Most checks look at the policy for everybody, or find one policy that fails: for groups they show nothing certain.
            let weight = if differs { Weight::Partial } else { Weight::Complete };
            if let Some(shown) = shown {
                let scope = Scope { population: kit.population_for(fact), platform: None };
                kit.observe(fact, scope, shown.clone(), place.clone(), weight);
            }
        }
    }
}

/// A check's present id, without the version at its end, in lower case.
fn present(id: &str, renamed: &BTreeMap<String, String>) -> String {
    let bare = |id: &str| {
        let id = plain(id);
        match id.rfind('v') {
            Some(at) if at > 0 && id.len() > at + 1 && id[at + 1..].bytes().all(|b| b.is_ascii_digit()) => {
                if id[..at].ends_with(|c: char| c.is_ascii_digit()) { id[..at].to_owned() } else { id }
            }
            _ => id,
        }
    };
    let name = bare(id);
    renamed.iter().find(|(old, _)| bare(old) == name).map_or(name, |(_, new)| bare(new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_former_names_fall_away() {
        let renamed = BTreeMap::from([("MS.DEFENDER.4.1".to_owned(), "MS.SECURITYSUITE.4.1".to_owned())]);
        assert_eq!(present("MS.TEAMS.1.6v1", &renamed), "ms.teams.1.6");
        assert_eq!(present("ms.defender.4.1v2", &renamed), "ms.securitysuite.4.1");
        assert_eq!(present("entra_policy_v", &renamed), "entra_policy_v");
    }
}
