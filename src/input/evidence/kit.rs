//! What every reader is given, and where it puts what it found.

use super::lines::{Head, Line};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{EvidenceFile, EvidenceKind, Observation, Scope, Shown, Type, Value, Vocabulary, Weight};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A reader of one kind's files. It is shown each table's headings and then its lines, one by one.
pub(super) trait Reads {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>);
    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>);
    fn finish(&mut self, kit: &mut Kit<'_>);
}

/// Days by which a report may lag behind the day on which it was downloaded.
const LAG: i32 = 7;

/// How many people have each policy of a kind, by the policy's name in lower case, and the files that say so.
pub(super) type Assigned = BTreeMap<String, (BTreeMap<String, u64>, Vec<usize>)>;

/// What a reader may look at, and its results. Nothing here holds a name of a person: texts of cells stay with the reader.
pub(super) struct Kit<'a> {
    pub(super) vocabulary: &'a Vocabulary,
    pub(super) kind: &'a EvidenceKind,
    pub(super) index: usize,
    pub(super) path: Arc<str>,
    /// The whole file is about this group of people.
    pub(super) population: Option<String>,
    /// Which policy applies to which group, as the description says.
    pub(super) policies: Vec<(String, String)>,
    /// Which column is which, as the description says.
    pub(super) given_columns: Vec<(String, String)>,
    pub(super) assigned: Assigned,
    /// Part of a file of another kind.
    pub(super) embedded: bool,
    /// The day that the file itself gives.
    pub(super) own_date: Option<jiff::civil::Date>,
    pub(super) used_policies: BTreeSet<String>,
    pub(super) file: EvidenceFile,
    pub(super) observations: Vec<Observation>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Cells that say nothing that is known, and policies that nobody mapped: counted, and the first of each named.
    unknown: Counted,
    bad: BTreeMap<&'static str, Counted>,
    strangers: Counted,
}

#[derive(Default)]
struct Counted {
    number: usize,
    first: Option<Place>,
    last: Option<Place>,
}

impl Counted {
    fn add(&mut self, place: &Place) {
        // Several rules may look at one cell.
        if self.last.as_ref() == Some(place) {
            return;
        }
        self.last = Some(place.clone());
        self.number += 1;
        self.first.get_or_insert_with(|| place.clone());
    }
}

impl<'a> Kit<'a> {
    pub(super) fn new(vocabulary: &'a Vocabulary, kind: &'a EvidenceKind, index: usize, path: Arc<str>) -> Self {
        Self {
            vocabulary,
            kind,
            index,
            path,
            population: None,
            policies: Vec::new(),
            given_columns: Vec::new(),
            embedded: false,
            own_date: None,
            assigned: Assigned::new(),
            used_policies: BTreeSet::new(),
            file: EvidenceFile::default(),
            observations: Vec::new(),
            diagnostics: Vec::new(),
            unknown: Counted::default(),
            bad: BTreeMap::new(),
            strangers: Counted::default(),
        }
    }

    /// How much a value of this file can bear.
    pub(super) fn weight(&self) -> Weight {
        if self.kind.complete { Weight::Complete } else { Weight::Presence }
    }

    /// The group that the whole file is about, for a fact that may differ by group.
    pub(super) fn population_for(&self, fact: &str) -> Option<String> {
        self.vocabulary.get(fact).filter(|d| d.per_population).and(self.population.clone())
    }

    pub(super) fn observe(&mut self, fact: &str, scope: Scope, shown: Shown, place: Place, weight: Weight) {
        // A file about one group says nothing certain of a fact that cannot differ by group.
        let weight = if self.population.is_some() && scope.population.is_none() { weight.max(Weight::Partial) } else { weight };
        let evidence = self.index;
        self.observations.push(Observation {
            fact: fact.to_owned(),
            scope,
            shown,
            place,
            evidence,
            needs: Vec::new(),
            unless_fresh: Vec::new(),
            weight,
        });
    }

    /// The day of the export, as the file says it; the first one counts.
    pub(super) fn dated(&mut self, text: &str) {
        if self.own_date.is_none() {
            self.own_date = text.get(..10).and_then(|d| d.parse().ok());
            self.file.dated_by_file = self.own_date.is_some();
        }
    }

    /// The file's own date counts before the one that the description gives it.
    pub(super) fn date(&mut self) {
        let Some(own) = self.own_date else { return };
        if let Some(stated) = self.file.as_of
            && (stated - own).get_days().abs() > LAG
        {
            let message = format!("the file says that it is of {own}, and the description that it is of {stated}: its own date counts");
            self.remark("evidence-remark", &message, None);
        }
        self.file.as_of = Some(own);
    }

    /// A number as a value of a fact, if the fact takes it.
    pub(super) fn number(&self, fact: &str, number: i64) -> Option<Shown> {
        match &self.vocabulary.get(fact)?.ty {
            Type::Number { min, max, .. } if min.is_none_or(|m| m <= number) && max.is_none_or(|m| number <= m) => {
                Some(Shown::Is(Value::Number(number)))
            }
            _ => None,
        }
    }

    /// A cell whose text the catalogue does not know.
    pub(super) fn unknown_value(&mut self, place: &Place) {
        self.unknown.add(place);
    }

    /// A cell that nobody can read.
    pub(super) fn unreadable(&mut self, what: &'static str, place: &Place) {
        self.bad.entry(what).or_default().add(place);
    }

    /// A policy that the description assigns to nobody.
    pub(super) fn unmapped(&mut self, place: &Place) {
        self.strangers.add(place);
    }

    pub(super) fn remark(&mut self, code: &'static str, message: &str, place: Option<&Place>) {
        let whole = Place::File { file: self.path.clone() };
        self.diagnostics.push(Diagnostic::warning(code, message).at(place.unwrap_or(&whole), "in this file"));
    }

    /// Counts the columns that no rule reads, and names those that a rule would read and that are not there.
    pub(super) fn columns(&mut self, there: usize, used: usize, missing: Vec<String>) {
        self.file.ignored_columns += there.saturating_sub(used);
        for name in missing {
            if !self.file.missing.contains(&name) {
                self.file.missing.push(name);
            }
        }
    }

    /// Says what was counted while reading.
    pub(super) fn close(&mut self) {
        let more = |n: usize| if n > 1 { format!(" and {} more", n - 1) } else { String::new() };
        for (what, counted) in std::mem::take(&mut self.bad) {
            let Some(place) = counted.first else { continue };
            let mut diagnostic = Diagnostic::warning("evidence-unreadable", format!("a cell holds {what}{}", more(counted.number)))
                .at(&place, "nothing was taken from here");
            diagnostic = match what {
                "the name of a type instead of its values" => {
                    diagnostic.help("export again with the list joined, e.g. Select-Object …,@{n='Name';e={$_.Name -join ';'}}")
                }
                "a formula without a stored value" => {
                    diagnostic.help("open the workbook in a spreadsheet program and save it, so that values are stored; or export as CSV")
                }
                _ => diagnostic,
            };
            self.diagnostics.push(diagnostic);
        }
        let unknown = std::mem::take(&mut self.unknown);
        if let Some(place) = unknown.first {
            self.diagnostics.push(
                Diagnostic::warning(
                    "evidence-value-unknown",
                    format!("a cell holds a value that the catalogue does not know{}", more(unknown.number)),
                )
                .at(&place, "nothing was taken from here")
                .help("state the fact in the description; a newer catalogue may know the value"),
            );
        }
        let strangers = std::mem::take(&mut self.strangers);
        if let Some(place) = strangers.first {
            self.diagnostics.push(
                Diagnostic::warning(
                    "evidence-policy-unmapped",
                    format!("nobody says to whom a policy of the file is assigned{}", more(strangers.number)),
                )
                .at(&place, "this policy")
                .help("add `policies = { \"name of the policy\" = \"id of a [[population]]\" }` to the [[evidence]], or \"nobody\" where it is not assigned")
                .help("until then, what it sets counts as possible for everybody"),
            );
        }
        for (policy, _) in &self.policies {
            if matches!(self.kind.reader, crate::model::Reader::Settings)
                && !self.embedded
                && !self.used_policies.contains(&super::settings::policy_name(policy))
                && !self.kind.base.iter().any(|b| super::settings::policy_name(b) == super::settings::policy_name(policy))
            {
                self.diagnostics.push(
                    Diagnostic::warning("evidence-policy-missing", format!("the file has no policy `{policy}`"))
                        .at(&Place::File { file: self.path.clone() }, "looked for it here")
                        .help("write the policy's name as the file has it, or delete the line"),
                );
            }
        }
    }
}

/// Whether a text is one of several, where `*` at an end stands for anything and `*` alone for anything but nothing.
pub(super) fn matches_any(text: &str, wanted: &[String]) -> bool {
    let text = text.trim().to_lowercase();
    wanted.iter().any(|w| {
        let w = w.trim().to_lowercase();
        match (w.strip_prefix('*'), w.strip_suffix('*')) {
            _ if w == "*" => !text.is_empty(),
            (Some(_), Some(_)) => text.contains(w.trim_matches('*')),
            (Some(end), None) => text.ends_with(end),
            (None, Some(start)) => text.starts_with(start),
            (None, None) => text == w,
        }
    })
}

/// The whole number that a text begins with: `30`, `30 days`, `30.00:00:00`, `30.0`.
pub(super) fn number_in(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.char_indices().find(|(i, c)| !(c.is_ascii_digit() || *i == 0 && *c == '-')).map_or(text.len(), |(i, _)| i);
    let number = text.get(..digits)?.parse().ok()?;
    let rest = &text[digits..];
    let span = |r: &str| r.len() >= 8 && r.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.')) && r.contains(':');
    // A span of time below a day.
    if text.len() >= 8
        && text.bytes().filter(|b| *b == b':').count() == 2
        && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'))
        && !text.contains('.')
    {
        return Some(0);
    }
    let zeros = |r: &str| !r.is_empty() && r.chars().all(|c| c == '0');
    let unit = |r: &str| ["day", "days", "d", "tag", "tage", "dag", "dagen"].contains(&r.trim().to_lowercase().as_str());
    let whole = rest.is_empty() || rest.strip_prefix('.').is_some_and(|r| span(r) || zeros(r)) || rest.starts_with(' ') && unit(rest);
    whole.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_days_are_read_in_every_spelling() {
        for text in ["30", "30 days", "30.00:00:00", "30.0", " 30 "] {
            assert_eq!(number_in(text), Some(30), "{text}");
        }
        assert_eq!(number_in("-1"), Some(-1));
        assert_eq!(number_in("12:00:00"), Some(0));
        for text in ["", "thirty", "30.5", "30 months", "30x"] {
            assert_eq!(number_in(text), None, "{text}");
        }
    }

    #[test]
    fn wildcards_stand_at_the_ends() {
        let any = |text: &str, wanted: &str| matches_any(text, &[wanted.to_owned()]);
        assert!(any("Microsoft 365 Copilot", "microsoft 365 copilot"));
        assert!(any("Microsoft 365 Copilot (EEA)", "Microsoft 365 Copilot*"));
        assert!(any("x Copilot y", "*copilot*"));
        assert!(any("", "") && !any("", "*") && any("x", "*"));
        assert!(!any("Copilot Studio", "*Copilot"));
    }
}
