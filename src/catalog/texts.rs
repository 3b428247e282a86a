//! Every text of a catalogue with the place of its entry, for checks that read them all.

use super::Catalog;
use crate::diagnostic::Place;
use crate::model::{FactKind, Row, Text, Type};

/// A text with what it belongs to.
pub struct Located<'a> {
    /// Id of the entry.
    pub of: &'a str,
    pub text: &'a Text,
    pub place: &'a Place,
    /// The record list whose fields the text may name.
    pub record: Option<&'a str>,
}

impl Catalog {
    /// Texts that may hold placeholders, in order of kind and id.
    pub fn texts(&self) -> Vec<Located<'_>> {
        let mut all = Vec::new();
        for risk in self.risks.values() {
            let record = risk.for_each.as_deref();
            let mut add = |text| all.push(Located { of: &risk.id, text, place: &risk.place, record });
            [&risk.title, &risk.affected, &risk.what].into_iter().chain(&risk.limits).for_each(&mut add);
            risk.ratings.iter().flat_map(|r| [&r.likelihood_because, &r.severity_because]).for_each(&mut add);
            risk.treatments.iter().map(|t| &t.because).for_each(&mut add);
            risk.other_law.iter().map(|l| &l.text).for_each(&mut add);
        }
        for measure in self.measures.values() {
            // A measure may be about the record of the risk that uses it.
            let uses = |r: &&crate::model::Risk| r.treatments.iter().any(|t| t.measures.contains(&measure.id));
            let record = self.risks.values().find(|r| r.for_each.is_some() && uses(r)).and_then(|r| r.for_each.as_deref());
            let mut add = |text| all.push(Located { of: &measure.id, text, place: &measure.place, record });
            [&measure.title, &measure.what].into_iter().for_each(&mut add);
            [&measure.limits, &measure.cost, &measure.check, &measure.licence].into_iter().flatten().for_each(&mut add);
            measure.settings.iter().filter_map(|s| s.note.as_ref()).for_each(&mut add);
        }
        for def in self.vocabulary.facts.values() {
            let vendor: &[Row] = if let FactKind::Vendor { rows } = &def.kind { rows } else { &[] };
            let rows = vendor.iter().chain(&def.defaults).chain(&def.out_of_reach);
            all.extend(rows.filter_map(|r| Some(Located { of: &def.id, text: r.note.as_ref()?, place: &r.place, record: None })));
            let mut add = |text| all.push(Located { of: &def.id, text, place: &def.place, record: None });
            [&def.label, &def.question].into_iter().for_each(&mut add);
            def.ty.values().iter().map(|(_, word)| word).for_each(&mut add);
            if let Type::Records { fields, .. } = &def.ty {
                fields.iter().flat_map(|f| [&f.label, &f.question]).for_each(&mut add);
            }
        }
        for list in self.lists.values() {
            let mut add = |text| all.push(Located { of: &list.id, text, place: &list.place, record: None });
            [&list.title].into_iter().chain(&list.about).for_each(&mut add);
            list.items.iter().flat_map(|i| [Some(&i.title), i.reading.as_ref()]).flatten().for_each(&mut add);
        }
        all.extend(self.staff_laws.values().map(|l| Located { of: &l.id, text: &l.text, place: &l.place, record: None }));
        for kind in self.retention.values() {
            all.extend([&kind.label, &kind.note].map(|text| Located { of: &kind.id, text, place: &kind.place, record: None }));
        }
        for flow in self.flows.values() {
            let texts = [&flow.label, &flow.recipient, &flow.what, &flow.law, &flow.procedure, &flow.residual, &flow.triggers];
            all.extend(texts.map(|text| Located { of: &flow.id, text, place: &flow.place, record: None }));
        }
        for kind in self.evidence.values() {
            let texts = [Some(&kind.label), Some(&kind.covers), Some(&kind.obtain), kind.remove.as_ref()];
            all.extend(texts.into_iter().flatten().map(|text| Located { of: &kind.id, text, place: &kind.place, record: None }));
        }
        for role in self.roles.values() {
            all.extend([&role.purpose, &role.text].map(|text| Located { of: &role.id, text, place: &role.place, record: None }));
        }
        for right in self.rights.values() {
            all.extend([&right.how, &right.cannot].map(|text| Located { of: &right.id, text, place: &right.place, record: None }));
        }
        all
    }
}
