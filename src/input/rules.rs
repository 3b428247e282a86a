//! What must hold between values: names are unique, dates are possible, reasons are given.

use super::names::CatalogueNames;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{Decision, Deployment, Risk, Vocabulary};
use jiff::civil::Date;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The author's own risks have names of their own.
pub(super) fn own_risks(risks: &[Risk], names: &CatalogueNames, sink: &RefCell<Vec<Diagnostic>>) {
    unique("[[risk]]", "id", risks.iter().map(|r| (r.id.clone(), Some(r.place.clone()))), sink);
    for risk in risks.iter().filter(|r| names.risks.contains(&r.id)) {
        sink.borrow_mut().push(
            Diagnostic::error("duplicate-id", format!("the catalogue has a risk `{}` already", risk.id))
                .at(&risk.place, "choose another id")
                .help("to rate a risk of the catalogue otherwise, write a [[rating]] with its reason"),
        );
    }
}

/// Checks what has been read as a whole.
pub(super) fn rules(deployment: &Deployment, vocabulary: &Vocabulary, sink: &RefCell<Vec<Diagnostic>>) {
    let rules = Rules { deployment, sink };
    rules.names(vocabulary);
    rules.dates();
    rules.legal_bases();
    rules.retention_rules();
    rules.decisions();
}

/// What declarations of measures need; after the action plan has been read.
pub(super) fn measures(deployment: &Deployment, sink: &RefCell<Vec<Diagnostic>>) {
    Rules { deployment, sink }.measures();
}

struct Rules<'a> {
    deployment: &'a Deployment,
    sink: &'a RefCell<Vec<Diagnostic>>,
}

impl Rules<'_> {
    fn names(&self, vocabulary: &Vocabulary) {
        let prose = &self.deployment.prose;
        self.unique("[[population]]", "id", prose.population.iter().map(|p| p.id.clone()), "population");
        self.unique("[[purpose]]", "id", prose.purpose.iter().map(|p| p.id.clone()), "purpose");
        self.unique("[[rating]]", "finding", prose.rating.iter().map(|r| r.finding.clone()), "rating");
        self.unique("[[context]]", "finding", prose.context.iter().map(|c| c.finding.clone()), "context");
        let measures = prose.measure.iter().map(|m| match m.finding.as_ref().or(m.record.as_ref()) {
            Some(only) if !m.id.is_empty() => format!("{} for {only}", m.id),
            _ => m.id.clone(),
        });
        self.unique("[[measure]]", "id", measures, "measure");
        let part = |t: &Option<String>| t.clone().unwrap_or_default();
        let decided = prose.resolution.iter().map(|r| {
            let of = [part(&r.record), part(&r.population), part(&r.platform)].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>();
            if of.is_empty() { r.fact.clone() } else { format!("{} for {}", r.fact, of.join(", ")) }
        });
        self.unique("[[resolution]]", "fact", decided, "resolution");
        for (i, group) in prose.population.iter().enumerate().filter(|(_, p)| vocabulary.platforms.contains(&p.id)) {
            self.push(
                Diagnostic::error("duplicate-id", format!("`{}` is the name of a platform", group.id))
                    .at(&self.place(&format!("population[{i}].id")), "choose another id")
                    .help("answers are given by platform or by group of people, so the two must not share a name"),
            );
        }
    }

    fn unique(&self, what: &str, key: &str, ids: impl Iterator<Item = String>, block: &str) {
        let places = ids.enumerate().map(|(i, id)| (id, Some(self.place(&format!("{block}[{i}].{key}")))));
        unique(what, key, places, self.sink);
    }

    fn dates(&self) {
        let assessment = &self.deployment.prose.assessment;
        if assessment.planned_start.is_some() && assessment.running_since.is_some() {
            self.push(
                Diagnostic::error("date-impossible", "the processing cannot both run and be planned to start")
                    .at(&self.place("assessment.planned-start"), "it is to begin")
                    .at(&self.place("assessment.running-since"), "it runs already")
                    .help("keep the one that holds on the as-of date"),
            );
        }
        let Some(as_of) = assessment.as_of else { return };
        let as_of_place = self.place("assessment.as-of");
        let impossible = |date: Option<Date>, path: &str, wrong: fn(Date, Date) -> bool, message: &str| {
            if let Some(date) = date.filter(|d| wrong(*d, as_of)) {
                self.push(
                    Diagnostic::error("date-impossible", message.to_owned())
                        .at(&self.place(path), format!("{date}"))
                        .at(&as_of_place, "the assessment holds for this day"),
                );
            }
        };
        let before = |date: Date, as_of: Date| date < as_of;
        let after = |date: Date, as_of: Date| date > as_of;
        impossible(assessment.review.date, "assessment.review.date", before, "the next review lies before the assessment");
        impossible(assessment.running_since, "assessment.running-since", after, "on the as-of date the processing does not run yet");
        for (i, decision) in self.deployment.prose.decision.iter().enumerate() {
            impossible(decision.date, &format!("decision[{i}].date"), before, "the decision lies before the assessment that it is about");
        }
    }

    fn legal_bases(&self) {
        let prose = &self.deployment.prose;
        if prose.organisation.public_body != Some(true) {
            return;
        }
        for (i, _) in prose.purpose.iter().enumerate().filter(|(_, p)| p.legal_basis.as_deref() == Some("6(1)(f)")) {
            self.push(
                Diagnostic::error("legal-basis-public-task", "a public body cannot rest its tasks on legitimate interests")
                    .at(&self.place(&format!("purpose[{i}].legal-basis")), "Art. 6(1), second sentence, excludes it")
                    .at(&self.place("organisation.public-body"), "a public authority or body")
                    .help("name the public task and its law, 6(1)(e), or the legal obligation, 6(1)(c)"),
            );
        }
    }

    fn measures(&self) {
        for (i, measure) in self.deployment.prose.measure.iter().enumerate() {
            if measure.status.as_deref() == Some("rejected") && measure.because.is_none() && !self.written(&format!("measure[{i}].because"))
            {
                self.push(
                    Diagnostic::error("required-missing", format!("the measure `{}` is rejected without a reason", measure.id))
                        .at(&self.place(&format!("measure[{i}].status")), "add `because`"),
                );
            }
        }
    }

    fn retention_rules(&self) {
        for (i, rule) in self.deployment.prose.retention_rule.iter().enumerate() {
            let path = format!("retention-rule[{i}]");
            let written = ["days", "period"].iter().any(|key| self.written(&format!("{path}.{key}")));
            if rule.days.is_none() && rule.period.is_none() && !written {
                self.push(
                    Diagnostic::error("required-missing", format!("the rule for `{}` has no period", rule.kind))
                        .at(&self.place(&path), "add `days`, or `period` in words"),
                );
            }
        }
    }

    fn decisions(&self) {
        for (i, decision) in self.deployment.prose.decision.iter().enumerate() {
            self.decision(decision, &format!("decision[{i}]"));
        }
    }

    fn decision(&self, decision: &Decision, path: &str) {
        let Some(finding) = &decision.finding else {
            if decision.outcome.is_none() && !self.written(&format!("{path}.outcome")) && !self.written(&format!("{path}.finding")) {
                self.push(
                    Diagnostic::error("required-missing", "the decision names neither an outcome nor a finding")
                        .at(&self.place(path), "add `outcome`, or `finding` for the acceptance of one risk"),
                );
            }
            return;
        };
        if finding.contains('*') || finding.split_whitespace().any(|w| w.eq_ignore_ascii_case("all")) {
            self.push(
                Diagnostic::error("acceptance-wildcard", format!("`{finding}` would accept several risks at once"))
                    .at(&self.place(&format!("{path}.finding")), "expected the id of one finding")
                    .help("write one [[decision]] for each finding, each with its reason"),
            );
        }
        if decision.outcome.is_some() {
            self.push(
                Diagnostic::error("unknown-key", "the acceptance of a risk has no `outcome`")
                    .at(&self.place(&format!("{path}.outcome")), "not known beside `finding`")
                    .help("accept the risk here without `outcome`, and decide on the whole in another [[decision]] without `finding`"),
            );
        }
        if decision.because.is_none() && !self.written(&format!("{path}.because")) {
            self.push(
                Diagnostic::error("required-missing", format!("the acceptance of `{finding}` has no reason"))
                    .at(&self.place(&format!("{path}.finding")), "add `because`"),
            );
        }
    }

    /// Whether something stands there that is no mere prompt, though it may have been of the wrong type; that is reported once.
    fn written(&self, path: &str) -> bool {
        let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
        self.deployment.raw.pointer(&pointer).is_some()
    }

    fn place(&self, path: &str) -> Place {
        let whole = || Place::File { file: self.deployment.name.as_str().into() };
        self.deployment.place(path).cloned().unwrap_or_else(whole)
    }

    fn push(&self, diagnostic: Diagnostic) {
        self.sink.borrow_mut().push(diagnostic);
    }
}

fn unique(what: &str, key: &str, ids: impl Iterator<Item = (String, Option<Place>)>, sink: &RefCell<Vec<Diagnostic>>) {
    let mut seen: BTreeMap<String, Option<Place>> = BTreeMap::new();
    for (id, place) in ids.filter(|(id, _)| !id.is_empty()) {
        let Some(first) = seen.get(&id) else {
            seen.insert(id, place);
            continue;
        };
        let mut diagnostic = Diagnostic::error("duplicate-id", format!("two {what} have the {key} `{id}`"));
        for (place, label) in [(&place, "used again here"), (first, "first used here")] {
            if let Some(place) = place {
                diagnostic = diagnostic.at(place, label);
            }
        }
        sink.borrow_mut().push(diagnostic);
    }
}
