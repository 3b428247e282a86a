//! The part of the view that other programs read.

use super::view::{
    CandidateView, CatalogView, CompletenessView, ConflictView, CoverageView, Document, EvidenceView, ExcludedView, FindingView, LevelView,
    MeasureView, OriginView, OutcomeView, QuestionView, RangeView, ReasonView, SupportView, View,
};
use super::writer::Writer;
use crate::assessment::{Finding, QuestionKind, Reason, Stage, freshness};
use crate::diagnostic::Place;
use crate::model::{Origin, RowRef, Value};
use serde_json::{Value as Json, json};

pub fn view(w: &Writer<'_>, document: Document) -> View {
    let a = w.assessment;
    View {
        schema: 1,
        as_of: a.as_of.to_string(),
        language: w.lang.code().to_owned(),
        method: a.method.id.clone(),
        edition: w.request.edition.to_owned(),
        structure: w.request.structure.id.clone(),
        outcome: OutcomeView {
            proposed: a.outcome.proposed.id().to_owned(),
            decided: a.outcome.decided.as_ref().map(|d| d.outcome.clone()),
            because: w.outcome_reasons().iter().map(|b| text_of(b)).collect(),
        },
        catalogs: w
            .catalog
            .infos
            .iter()
            .map(|i| CatalogView { name: i.name.clone(), version: i.version.clone(), sha256: i.sha256.clone() })
            .collect(),
        findings: a.findings.iter().map(|f| finding(w, f)).collect(),
        excluded: a
            .excluded
            .iter()
            .map(|e| ExcludedView {
                risk: e.risk.clone(),
                subject: e.subject.as_ref().map(|(key, _)| key.clone()),
                title: w.excluded_title(e),
                because: e.because.id().to_owned(),
                gross: e.finding.as_deref().map(|f| level(f.gross)),
                reasons: e.reasons.iter().map(|r| reason(w, r)).collect(),
                detail: text_of(&w.excluded_reason(e)),
            })
            .collect(),
        measures: a
            .measures
            .iter()
            .filter_map(|m| {
                let measure = w.catalog.measures.get(&m.standing.id)?;
                Some(MeasureView {
                    id: measure.id.clone(),
                    title: w.title(&measure.title, None),
                    actor: measure.actor.id().to_owned(),
                    status: m.standing.status.id().to_owned(),
                    owner: m.standing.declared.as_ref().and_then(|d| d.owner.clone()),
                    due: m.standing.declared.as_ref().and_then(|d| d.due).map(|d| d.to_string()),
                    treats: m.treats.clone(),
                })
            })
            .collect(),
        conflicts: a
            .contradictions
            .iter()
            .map(|c| ConflictView {
                fact: c.fact.clone(),
                record: c.record.clone(),
                scope: w.scope(&c.scope),
                decided: c.decided,
                candidates: c.candidates.iter().map(|(v, o)| CandidateView { value: v.to_json(), origin: origin(w, o) }).collect(),
            })
            .collect(),
        coverage: CoverageView {
            total: SupportView::of(a.coverage.total()),
            areas: a.coverage.areas.iter().map(|(id, counts)| (id.clone(), SupportView::of(*counts))).collect(),
        },
        evidence: w
            .deployment
            .evidence
            .iter()
            .map(|f| EvidenceView {
                file: f.file.clone(),
                kind: f.kind.clone(),
                as_of: f.as_of.map(|d| d.to_string()),
                freshness: freshness(f, a.as_of).id().to_owned(),
                complete: f.complete,
                sha256: f.sha256.clone(),
                bytes: f.bytes,
                rows: f.rows,
                facts: f.facts,
                columns_not_read: f.ignored_columns,
                columns_missing: f.missing.clone(),
                answered_by: f.respondent.clone(),
            })
            .collect(),
        questions: a
            .questions
            .iter()
            .map(|q| {
                let (question, asked_of) = w.question_words(&q.fact);
                QuestionView {
                    fact: q.fact.clone(),
                    question,
                    asked_of,
                    kind: if q.kind == QuestionKind::Open { "open" } else { "verify" }.to_owned(),
                    could_settle: q.could_settle.clone(),
                    highest: q.highest.id().to_owned(),
                }
            })
            .collect(),
        completeness: a
            .completeness
            .iter()
            .map(|r| CompletenessView {
                rule: r.rule.id.clone(),
                title: text_of(&w.md_inline(&r.rule.title, None)),
                state: r.state.id().to_owned(),
                r#where: r.rule.section.clone(),
            })
            .collect(),
        screening: w.screening_view(),
        registers: w.registers_view(),
        document,
    }
}

fn finding(w: &Writer<'_>, f: &Finding) -> FindingView {
    let mut flags = Vec::new();
    if w.is_open(f) {
        flags.push("open".to_owned());
    }
    if f.assumed {
        flags.push("assumption".to_owned());
    }
    if w.assessment.outcome.severe_but_low.contains(&f.id) {
        flags.push("severe-but-low".to_owned());
    }
    if f.paths.iter().flat_map(|p| &p.reasons).any(|r| !w.marks(&r.origin).is_empty()) {
        flags.push("rests-on-unverified".to_owned());
    }
    let mut sources = f.risk.sources.clone();
    for reason in f.paths.iter().flat_map(|p| p.reasons.iter().chain(&p.rating_reasons)) {
        if let Origin::Vendor { row } | Origin::Default { row, .. } | Origin::OutOfReach { row, .. } = &reason.origin {
            sources.extend(row.sources.iter().cloned());
        }
    }
    sources.sort();
    sources.dedup();
    FindingView {
        id: f.id.clone(),
        risk: f.risk.id.clone(),
        subject: f.subject.as_ref().map(|(key, _)| key.clone()),
        family: f.risk.family.clone(),
        state: if w.is_open(f) { "open" } else { "applies" }.to_owned(),
        title: w.finding_title(f),
        flags,
        fingerprint: f.fingerprint.clone(),
        gross: level(f.gross),
        current: level(f.current),
        expected: level(f.expected),
        range: range(f.current),
        gross_range: range(f.gross),
        expected_range: range(f.expected),
        paths: f.paths.iter().map(|p| p.id.clone()).filter(|p| !p.is_empty()).collect(),
        reasons: f.paths.iter().flat_map(|p| p.reasons.iter().chain(&p.rating_reasons)).chain(&f.unless).map(|r| reason(w, r)).collect(),
        measures: f.measures.iter().map(|m| m.id.clone()).collect(),
        sources,
        overridden: f.overridden.as_ref().map(|(own, before)| {
            json!({ "likelihood": own.likelihood, "severity": own.severity, "because": own.because, "catalogue": { "likelihood": before.likelihood, "severity": before.severity, "level": before.level.id() } })
        }),
        confirmed: w.assessment.confirmed.contains_key(&f.id),
        purposes: w.deployment.prose.purpose.iter().filter(|p| w.serves(f, p)).map(|p| p.id.clone()).collect(),
    }
}

fn level(stage: Stage) -> LevelView {
    LevelView { likelihood: stage.rated.likelihood, severity: stage.rated.severity, level: stage.rated.level.id().to_owned() }
}

fn range(stage: Stage) -> RangeView {
    RangeView { lowest: stage.range.lowest.id().to_owned(), highest: stage.range.highest.id().to_owned() }
}

fn reason(w: &Writer<'_>, r: &Reason) -> ReasonView {
    ReasonView {
        fact: r.fact.clone(),
        value: r.value.as_ref().map_or(Json::Null, Value::to_json),
        wanted: r.wanted.clone(),
        holds: r.holds.id().to_owned(),
        origin: origin(w, &r.origin),
    }
}

fn origin(w: &Writer<'_>, origin: &Origin) -> OriginView {
    let row = |kind: &str, row: &RowRef| OriginView {
        kind: kind.to_owned(),
        from: row.from.map(|d| d.to_string()),
        until: row.until.map(|d| d.to_string()),
        source: row.sources.first().cloned(),
        ..OriginView::default()
    };
    match origin {
        Origin::Declared(place) => placed(w, "declared", place),
        Origin::Observed(place) => placed(w, "observed", place),
        Origin::Resolved(place) => placed(w, "resolved", place),
        Origin::OutOfReach { row: r, place } => {
            OriginView { file: place.as_ref().map(|p| w.file(p)), line: place.as_ref().and_then(|p| p.line()), ..row("out-of-reach", r) }
        }
        Origin::Default { row: r, place } => {
            let OriginView { file, line, sheet, cell, .. } = placed(w, "default", place);
            OriginView { file, line, sheet, cell, ..row("default", r) }
        }
        Origin::Vendor { row: r } => row("vendor", r),
        Origin::Derived => OriginView { kind: "derived".into(), ..OriginView::default() },
        Origin::Nobody => OriginView { kind: "none".into(), ..OriginView::default() },
    }
}

/// A place in a file of the description, or in a cell of its evidence.
fn placed(w: &Writer<'_>, kind: &str, place: &Place) -> OriginView {
    let (sheet, cell) = match place {
        Place::Cell { sheet, cell, .. } => (Some(sheet.clone()).filter(|s| !s.is_empty()), Some(cell.clone())),
        _ => (None, None),
    };
    OriginView { kind: kind.to_owned(), file: Some(w.file(place)), line: place.line(), sheet, cell, ..OriginView::default() }
}

/// Inlines as plain text.
pub fn text_of(inlines: &[super::view::Inline]) -> String {
    use super::view::Inline as I;
    inlines
        .iter()
        .map(|i| match i {
            I::Text { s } | I::Code { s } => s.clone(),
            I::Emphasis { c } | I::Strong { c } | I::Link { c, .. } | I::Ref { c, .. } | I::Lang { c, .. } => text_of(c),
            I::Level { word, .. } => word.clone(),
            I::Break => " ".to_owned(),
            I::Page { .. } | I::Anchor { .. } => String::new(),
        })
        .collect()
}
