//! The annex that explains the risks found: whom each affects, what may happen, why it is rated so, what each measure does, when it is a false alarm.

use super::view::{Block, Inline, PairBlock};
use super::writer::{Writer, plain};
use crate::assessment::{Finding, PathFinding};
use crate::model::Method;

impl Writer<'_> {
    /// One part for each risk, however many findings it has.
    pub fn grounds(&self) -> Vec<Block> {
        let mut groups: Vec<Vec<&Finding>> = Vec::new();
        for finding in &self.assessment.findings {
            match groups.iter_mut().find(|g| g[0].risk.id == finding.risk.id) {
                Some(group) => group.push(finding),
                None => groups.push(vec![finding]),
            }
        }
        if groups.is_empty() {
            return vec![self.paragraph(self.t("summary.no-findings").to_owned())];
        }
        let mut blocks = vec![self.paragraph(self.t("grounds.intro").to_owned())];
        for group in groups {
            let risk = &group[0].risk;
            let labels: Vec<&str> = group.iter().filter_map(|f| self.labels.get(&f.id)).map(String::as_str).collect();
            blocks.push(Block::Heading {
                level: 2,
                number: labels.join(", "),
                text: self.title(&risk.title, group[0].record.as_ref().filter(|_| group.len() == 1)),
                id: format!("grounds-{}", risk.id),
            });
            blocks.extend(self.run_in(self.ground_rows(&group)));
        }
        blocks
    }

    fn ground_rows(&self, group: &[&Finding]) -> Vec<PairBlock> {
        let (first, risk) = (group[0], &group[0].risk);
        let record = first.record.as_ref();
        // A risk that is low here whatever is done is explained in short.
        let brief = group.iter().all(|f| self.is_brief(f));
        let mut what = self.md(&risk.what, record);
        if brief {
            what.truncate(1);
        }
        what.push(self.paragraph(format!("{}: {}", self.t("card.harms"), self.labels_of("harms", &risk.harms))));
        if !risk.events.is_empty() {
            let events = risk.events.iter().map(|e| self.t(&format!("event.{e}")).to_owned()).collect::<Vec<_>>().join(", ");
            what.push(self.paragraph(format!("{}: {events}", self.t("card.events"))));
        }
        let mut rows = vec![
            self.pair("card.what", what),
            self.pair("card.likelihood", self.rating_reasons(group, true)),
            self.pair("card.severity", self.rating_reasons(group, false)),
        ];
        if brief {
            rows.push(self.pair_text("common.sources", self.named(&risk.sources)));
            return rows;
        }
        rows.insert(0, self.pair("card.affected", self.md(&risk.affected, record)));
        let treatments = self.treatment_reasons(group);
        if !treatments.is_empty() {
            rows.push(self.pair("card.treatments", vec![Block::List { items: treatments }]));
        }
        if let Some(limits) = &risk.limits {
            rows.push(self.pair("card.limits", self.md(limits, record)));
        }
        let country = &self.deployment.prose.organisation.country;
        let mut law = Vec::new();
        for other in risk.other_law.iter().filter(|o| o.country.as_ref().is_none_or(|c| c == country)) {
            if !law.is_empty() {
                law.extend(plain("; "));
            }
            law.extend(self.md_inline(&other.text, record));
        }
        if !law.is_empty() {
            rows.push(self.pair("card.law", vec![Block::Paragraph { text: law }]));
        }
        rows.push(self.pair_text("common.sources", self.named(&risk.sources)));
        rows
    }

    /// The reasons of the ratings that count, each once with the findings and steps that it is for; the deciding path of a finding first.
    fn rating_reasons(&self, group: &[&Finding], likelihood: bool) -> Vec<Block> {
        let mut told: Vec<(Vec<Inline>, String, Vec<&str>)> = Vec::new();
        for f in group {
            let label = self.labels.get(&f.id).map_or("", String::as_str);
            let mut ordered: Vec<&PathFinding> = f.paths.iter().collect();
            ordered.sort_by_key(|p| p.gross.rated != f.gross.rated);
            let decisive = ordered.first().map(|p| if likelihood { p.rating.likelihood } else { p.rating.severity });
            for path in ordered {
                let rating = &path.rating;
                let (text, value) =
                    if likelihood { (&rating.likelihood_because, rating.likelihood) } else { (&rating.severity_because, rating.severity) };
                let scale = if likelihood { &self.assessment.method.likelihood } else { &self.assessment.method.severity };
                let step = Method::step(scale, value).map_or("", |s| s.label.get(self.lang));
                let mut head = if decisive == Some(value) { Vec::new() } else { plain(format!("{} ", self.t("card.other-path"))) };
                head.push(Inline::Strong { c: plain(step) });
                let reasons = self.filled(text, f.record.as_ref());
                match told.iter_mut().find(|(h, r, _)| *h == head && *r == reasons) {
                    Some((.., labels)) if labels.contains(&label) => {}
                    Some((.., labels)) => labels.push(label),
                    None => told.push((head, reasons, vec![label])),
                }
            }
        }
        let several = group.len() > 1;
        told.into_iter()
            .flat_map(|(mut head, reasons, labels)| {
                let mut reasons = super::writer::softened(super::prose::blocks(&reasons));
                if let Some(Block::Paragraph { text }) = reasons.first_mut() {
                    if several {
                        head.extend(plain(format!(" ({})", labels.join(", "))));
                    }
                    head.extend(plain(": "));
                    head.append(text);
                    *text = head;
                }
                reasons
            })
            .collect()
    }

    /// Why each treatment that can be used here does what it does.
    fn treatment_reasons(&self, group: &[&Finding]) -> Vec<Vec<Inline>> {
        let mut items: Vec<(Vec<Inline>, Vec<String>)> = Vec::new();
        for f in group {
            for (i, treatment) in f.risk.treatments.iter().enumerate() {
                if !f.paths.iter().any(|p| p.treatments.contains(&i)) {
                    continue;
                }
                let because = self.md_inline(&treatment.because, f.record.as_ref());
                let names = treatment.measures.iter().map(|m| self.measure_name(m)).collect::<Vec<_>>().join(" + ");
                match items.iter_mut().find(|(b, _)| *b == because) {
                    Some((_, all)) if all.contains(&names) => {}
                    Some((_, all)) => all.push(names),
                    None => items.push((because, vec![names])),
                }
            }
        }
        let or = format!(" {} ", self.t("card.or"));
        items
            .into_iter()
            .map(|(because, names)| {
                let mut item = vec![Inline::Strong { c: super::prose::soften(plain(names.join(&or))) }];
                item.extend(plain(": "));
                item.extend(because);
                item
            })
            .collect()
    }
}
