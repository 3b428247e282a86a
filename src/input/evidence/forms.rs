//! Our own workbooks, filled in: questionnaires and action plans. What was filled in is found by hidden columns, never by wording.

use super::kit::{Kit, Reads};
use super::lines::{Head, Line};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Scope, Shown, Type, Value, Version, Weight};
use jiff::civil::Date;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

const FACT: &str = "dpia365-fact";
const SCOPE: &str = "dpia365-scope";
const WORDS: &str = "dpia365-words";
const KEY: &str = "dpia365-key";
/// Its cells hold the heading of the column for answers.
const ANSWER: &str = "dpia365-answer";
/// The longest answer in words.
const LONGEST: usize = 4_000;

/// The reader for questionnaires.
#[derive(Default)]
pub(super) struct Questionnaire {
    head: Head,
    columns: BTreeMap<&'static str, u32>,
    function: String,
    date: Option<Date>,
    dated: bool,
    /// Answers to the members of a set, by fact and scope.
    sets: BTreeMap<(String, Scope), Members>,
    answers: Vec<(String, Scope, Shown, Place)>,
}

/// What was answered about the members of a set.
struct Members {
    yes: BTreeSet<String>,
    answered: BTreeSet<String>,
    unknown: bool,
    /// Place of the first answer.
    place: Place,
}

impl Reads for Questionnaire {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>) {
        self.head = head.clone();
        let names = [FACT, SCOPE, WORDS, KEY, ANSWER];
        self.columns = names.iter().filter_map(|n| Some((*n, head.column(kit.kind, n)?))).collect();
        let wanted: &[&str] = if self.columns.contains_key(KEY) { &[KEY, ANSWER] } else { &[FACT, SCOPE, WORDS, ANSWER] };
        let missing: Vec<String> = wanted.iter().filter(|n| !self.columns.contains_key(*n)).map(|n| (*n).to_owned()).collect();
        if !missing.is_empty() {
            let message = format!("the questionnaire has lost its columns {}", missing.join(", "));
            kit.remark("evidence-column-missing", &message, None);
            self.columns.clear();
        }
    }

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        let at = |name: &str| self.columns.get(name).copied();
        let Some(answer_column) = self.head.column(kit.kind, line.text(at(ANSWER))) else { return };
        let answer = line.text(Some(answer_column));
        if at(KEY).is_some() {
            match line.text(at(KEY)) {
                "function" => answer.chars().take(200).collect::<String>().trim().clone_into(&mut self.function),
                "date" if !answer.is_empty() => {
                    self.dated = true;
                    match answer.get(..10).and_then(|d| d.parse().ok()) {
                        Some(date) => self.date = Some(date),
                        None => kit.unknown_value(&line.place(answer_column)),
                    }
                }
                _ => {}
            }
            return;
        }
        if answer.is_empty() {
            return;
        }
        let id = line.text(at(FACT));
        let place = line.place(answer_column);
        let Some(def) = kit.vocabulary.get(id).filter(|d| d.is_asked()) else {
            kit.unknown_value(&place);
            return;
        };
        let (scope, member) = scope_of(line.text(at(SCOPE)));
        let words: BTreeMap<String, Json> = serde_json::from_str(line.text(at(WORDS))).unwrap_or_default();
        let meant = words.iter().find(|(word, _)| word.trim().to_lowercase() == answer.trim().to_lowercase()).map(|(_, v)| v.clone());
        if let Some(member) = member {
            let entry = self.sets.entry((id.to_owned(), scope)).or_insert_with(|| Members {
                yes: BTreeSet::new(),
                answered: BTreeSet::new(),
                unknown: false,
                place: place.clone(),
            });
            match meant {
                Some(Json::Bool(yes)) => {
                    entry.answered.insert(member.clone());
                    if yes {
                        entry.yes.insert(member);
                    }
                }
                Some(_) => entry.unknown = true,
                None => kit.unknown_value(&place),
            }
            return;
        }
        match shown(meant, answer, &def.ty, !def.defaults.is_empty(), kit, id) {
            Some(shown) => self.answers.push((id.to_owned(), scope, shown, place)),
            None => kit.unknown_value(&place),
        }
    }

    fn finish(&mut self, kit: &mut Kit<'_>) {
        for ((id, scope), Members { yes, answered, unknown, place }) in std::mem::take(&mut self.sets) {
            let Some(Type::Choices(values)) = kit.vocabulary.get(&id).map(|d| &d.ty) else { continue };
            if unknown {
                self.answers.push((id, scope, Shown::OneOf(Vec::new()), place));
            } else if values.iter().all(|(v, _)| answered.contains(v)) {
                self.answers.push((id, scope, Shown::Is(Value::Choices(yes)), place));
            } else {
                kit.diagnostics.push(
                    Diagnostic::warning("evidence-unanswered", format!("the answer to `{id}` is not complete"))
                        .at(&place, "some of its parts have no answer")
                        .help("answer each part with yes or no, or one of them with unknown"),
                );
            }
        }
        let answers = std::mem::take(&mut self.answers);
        if !answers.is_empty() && self.function.is_empty() {
            kit.remark("evidence-unsigned", "nobody says who answered the questionnaire, by function", None);
        }
        if self.date.is_some() {
            kit.own_date = self.date;
            kit.file.dated_by_file = true;
        }
        kit.date();
        kit.file.respondent = Some(std::mem::take(&mut self.function)).filter(|f| !f.is_empty());
        for (id, scope, shown, place) in answers {
            kit.observe(&id, scope, shown, place, Weight::Statement);
        }
    }
}

fn scope_of(text: &str) -> (Scope, Option<String>) {
    let (mut scope, mut member) = (Scope::default(), None);
    for (key, value) in text.split(';').filter_map(|p| p.split_once('=')) {
        match key.trim() {
            "population" => scope.population = Some(value.trim().to_owned()),
            "platform" => scope.platform = Some(value.trim().to_owned()),
            "member" => member = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    (scope, member)
}

fn shown(meant: Option<Json>, answer: &str, ty: &Type, has_default: bool, kit: &Kit<'_>, id: &str) -> Option<Shown> {
    match meant {
        Some(Json::Bool(flag)) if matches!(ty, Type::Flag) => return Some(Shown::Is(Value::Flag(flag))),
        Some(Json::String(word)) => match (word.as_str(), ty) {
            ("unknown", _) => return Some(Shown::OneOf(Vec::new())),
            (w, Type::Choice(values)) if values.iter().any(|(v, _)| v == w) => return Some(Shown::Is(Value::Choice(word))),
            ("not-configured", _) if has_default => return Some(Shown::NotConfigured),
            _ => {}
        },
        _ => {}
    }
    match ty {
        Type::Number { .. } => answer.trim().parse().ok().and_then(|n| kit.number(id, n)),
        Type::Date => answer.get(..10).and_then(|d| d.parse().ok()).map(|d| Shown::Is(Value::Date(d))),
        Type::Version => Version::parse(answer.trim()).map(|v| Shown::Is(Value::Version(v))),
        Type::Text if answer.chars().count() <= LONGEST => Some(Shown::Is(Value::Text(answer.to_owned()))),
        _ => None,
    }
}

/// One changed line of an action plan: the values that were filled in, against those that it was written with.
#[derive(Clone, Debug)]
pub(super) struct PlanChange {
    pub(super) measure: String,
    pub(super) finding: Option<String>,
    pub(super) record: Option<String>,
    /// Key of `[[measure]]`, value before, value now, and its place.
    pub(super) changes: Vec<(&'static str, String, String, Place)>,
    pub(super) place: Place,
}

/// The reader for action plans.
#[derive(Default)]
pub(super) struct Plan {
    head: Head,
    columns: BTreeMap<&'static str, u32>,
    pub(super) changes: Vec<PlanChange>,
}

const MEASURE: &str = "dpia365-measure";
const OF: &str = "dpia365-of";
const WAS: &str = "dpia365-was";
const COLUMNS: &str = "dpia365-columns";

impl Reads for Plan {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>) {
        self.head = head.clone();
        let names = [MEASURE, OF, WAS, WORDS, COLUMNS];
        self.columns = names.iter().filter_map(|n| Some((*n, head.column(kit.kind, n)?))).collect();
        let missing: Vec<String> = names.iter().filter(|n| !self.columns.contains_key(*n)).map(|n| (*n).to_owned()).collect();
        if !missing.is_empty() {
            let message = format!("the action plan has lost its columns {}", missing.join(", "));
            kit.remark("evidence-column-missing", &message, None);
            self.columns.clear();
        }
    }

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        let at = |name: &str| self.columns.get(name).copied();
        let measure = line.text(at(MEASURE));
        if measure.is_empty() {
            return;
        }
        let json = |name: &str| -> BTreeMap<String, Json> { serde_json::from_str(line.text(at(name))).unwrap_or_default() };
        let (was, words, columns) = (json(WAS), json(WORDS), json(COLUMNS));
        let mut changes = Vec::new();
        for key in ["status", "owner", "due", "evidence"] {
            let Some(column) = columns.get(key).and_then(Json::as_str).and_then(|h| self.head.column(kit.kind, h)) else { continue };
            let text = line.text(Some(column));
            let place = line.place(column);
            let before = was.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
            let now = match key {
                "status" if !text.is_empty() => {
                    match words.iter().find(|(w, _)| w.to_lowercase() == text.to_lowercase()).and_then(|(_, v)| v.as_str()) {
                        Some(id) => id.to_owned(),
                        None => {
                            kit.unknown_value(&place);
                            continue;
                        }
                    }
                }
                "due" if !text.is_empty() => match text.get(..10).and_then(|d| d.parse::<Date>().ok()) {
                    Some(date) => date.to_string(),
                    None => {
                        kit.unknown_value(&place);
                        continue;
                    }
                },
                _ => text.chars().take(LONGEST).collect::<String>().trim().to_owned(),
            };
            if now != before {
                changes.push((key, before, now, place));
            }
        }
        if changes.is_empty() {
            return;
        }
        let of = line.text(at(OF));
        let only = |key: &str| of.strip_prefix(key).and_then(|o| o.strip_prefix('=')).map(str::to_owned);
        self.changes.push(PlanChange {
            measure: measure.to_owned(),
            finding: only("finding"),
            record: only("record"),
            changes,
            place: line.place(at(MEASURE).unwrap_or(0)),
        });
    }

    fn finish(&mut self, _: &mut Kit<'_>) {}
}
