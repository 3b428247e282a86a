//! A filled-in action plan back into the description's measures: only what was changed, and never over a change made meanwhile.

use super::forms::PlanChange;
use crate::diagnostic::Diagnostic;
use crate::model::{DeclaredMeasure, Deployment};
use std::cell::RefCell;

/// Statuses that a plan may hold.
const STATUSES: [&str; 5] = ["in-place", "partly", "planned", "rejected", "open"];

pub(super) fn apply(deployment: &mut Deployment, plans: Vec<PlanChange>, sink: &RefCell<Vec<Diagnostic>>) {
    for plan in plans {
        let same = |m: &DeclaredMeasure| m.id == plan.measure && m.finding == plan.finding && m.record == plan.record;
        let at = deployment.prose.measure.iter().position(same);
        let mut measure = match at {
            Some(at) => deployment.prose.measure[at].clone(),
            None => DeclaredMeasure {
                id: plan.measure.clone(),
                finding: plan.finding.clone(),
                record: plan.record.clone(),
                ..DeclaredMeasure::default()
            },
        };
        let mut fits = true;
        for (key, before, now, place) in &plan.changes {
            let written = match *key {
                "status" => measure.status.clone().unwrap_or_default(),
                "owner" => measure.owner.clone().unwrap_or_default(),
                "due" => measure.due.map(|d| d.to_string()).unwrap_or_default(),
                _ => measure.evidence.clone().unwrap_or_default(),
            };
            // The plan shows a status that follows from facts; the description need not have said it.
            let unwritten = *key == "status" && written.is_empty();
            if written == *now {
                continue;
            }
            if written != *before && !unwritten {
                let mut diagnostic = Diagnostic::error(
                    "plan-outdated",
                    format!("`{key}` of `{}` was changed in the action plan and in the description", plan.measure),
                )
                .at(place, "the plan was written from another value");
                let block = at.and_then(|at| deployment.place(&format!("measure[{at}].{key}")));
                if let Some(block) = block {
                    diagnostic = diagnostic.at(block, "changed here meanwhile");
                }
                sink.borrow_mut().push(diagnostic.help("write the value that holds into the description, and the same into the plan"));
                fits = false;
                continue;
            }
            let some = Some(now.clone()).filter(|n| !n.is_empty());
            match *key {
                "status" if STATUSES.contains(&now.as_str()) || now.is_empty() => measure.status = some,
                "owner" => measure.owner = some,
                "due" => measure.due = some.and_then(|d| d.parse().ok()),
                "evidence" => measure.evidence = some,
                _ => {}
            }
        }
        if measure.status.as_deref() == Some("rejected") && measure.because.is_none() {
            // The column for evidence holds the reason of a rejection.
            measure.because.clone_from(&measure.evidence);
        }
        if !fits {
            continue;
        }
        match at {
            Some(at) => deployment.prose.measure[at] = measure,
            None => {
                let index = deployment.prose.measure.len();
                deployment.places.insert(format!("measure[{index}]"), plan.place.clone());
                deployment.prose.measure.push(measure);
            }
        }
    }
}
