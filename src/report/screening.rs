//! Section 0.5: whether a DPIA is required, by which list, number and fact.

use super::view::{Block, Inline, ScreeningItemView, ScreeningListView, ScreeningView};
use super::writer::{Writer, plain};
use crate::assessment::{Screened, ScreenedItem, ScreenedList, Truth};
use crate::model::{ListItem, ScreeningList, Tag};
use minijinja::context;

impl Writer<'_> {
    pub fn screening(&self) -> Vec<Block> {
        let screening = &self.assessment.screening;
        if screening.lists.is_empty() {
            return vec![self.paragraph(self.t("screening.no-lists").to_owned())];
        }
        let mut blocks = vec![Block::Paragraph {
            text: vec![Inline::Strong { c: plain(self.t(&format!("screening.verdict-{}", screening.verdict.id()))) }],
        }];
        let rows = self
            .lists()
            .map(|(screened, list)| {
                let mut title = super::prose::soften(plain(list.title.get(self.lang)));
                title.push(Inline::Break);
                title.push(Inline::Emphasis { c: plain(self.named(&list.sources)) });
                vec![title, plain(self.threshold(list)), plain(self.t(&format!("screening.{}", screened.verdict.id())))]
            })
            .collect();
        blocks.push(self.table(
            "screening.lists",
            &[("screening.list", 5.2), ("screening.threshold", 2.6), ("screening.result", 1.8)],
            rows,
        ));
        for (screened, list) in self.lists() {
            blocks.extend(self.screened_list(screened, list));
        }
        blocks
    }

    fn lists(&self) -> impl Iterator<Item = (&ScreenedList, &ScreeningList)> {
        self.assessment.screening.lists.iter().filter_map(|l| Some((l, self.catalog.lists.get(&l.id)?)))
    }

    fn threshold(&self, list: &ScreeningList) -> String {
        let required = self.fill("screening.required-from", context! { n => list.required_from });
        match list.recommended_from {
            Some(n) if n < list.required_from => format!("{required}; {}", self.fill("screening.recommended-from", context! { n })),
            _ => required,
        }
    }

    fn screened_list(&self, screened: &ScreenedList, list: &ScreeningList) -> Vec<Block> {
        let mut blocks = Vec::new();
        let rows: Vec<_> = items(screened, list)
            .filter(|(s, _)| matches!(s.truth, Some(Truth::Yes | Truth::Open)))
            .map(|(s, item)| {
                let mut title = self.item_title(item);
                if let Some(reading) = &item.reading {
                    title.push(Inline::Break);
                    title.push(Inline::Emphasis { c: self.md_inline(reading, None) });
                }
                let mut says = plain(self.t(if s.truth == Some(Truth::Yes) { "reasons.item-fits" } else { "reasons.item-open" }));
                let facts = self.distinct(&s.reasons);
                if !facts.is_empty() {
                    says.extend(plain(format!(": {}", facts.join("; "))));
                }
                vec![plain(item.number.clone()), title, super::prose::soften(says)]
            })
            .collect();
        let judged: Vec<String> = items(screened, list).filter(|(s, _)| s.truth.is_none()).map(|(_, i)| i.number.clone()).collect();
        if rows.is_empty() && judged.is_empty() {
            return blocks;
        }
        blocks.push(Block::Paragraph { text: vec![Inline::Strong { c: super::prose::soften(plain(list.title.get(self.lang))) }] });
        if let Some(about) = &list.about {
            blocks.extend(self.md(about, None));
        }
        if !rows.is_empty() {
            blocks.push(self.table("reasons.list", &[("common.number", 0.6), ("reasons.item", 4.6), ("reasons.hint", 3.0)], rows));
        }
        if !judged.is_empty() {
            blocks.push(self.paragraph(self.fill("screening.judged", context! { numbers => judged.join(", ") })));
        }
        blocks
    }

    fn item_title(&self, item: &ListItem) -> Vec<Inline> {
        let mut title = self.md_inline(&item.title, None);
        if item.tag == Tag::Recalled {
            title.extend(plain(format!(" [{}]", self.t("mark.recalled"))));
        }
        title
    }

    pub fn screening_view(&self) -> ScreeningView {
        let screening = &self.assessment.screening;
        let lists = self
            .lists()
            .map(|(screened, list)| ScreeningListView {
                id: list.id.clone(),
                title: list.title.get(self.lang).to_owned(),
                required_from: list.required_from,
                verdict: screened.verdict.id().to_owned(),
                items: items(screened, list)
                    .map(|(s, i)| ScreeningItemView {
                        number: i.number.clone(),
                        title: i.title.get(self.lang).to_owned(),
                        holds: s.truth.map_or("people-judge", Truth::id).to_owned(),
                        facts: facts_of(&s.reasons),
                    })
                    .collect(),
            })
            .collect();
        ScreeningView { verdict: screening.verdict.id().to_owned(), required: screening.verdict == Screened::Required, lists }
    }
}

fn items<'a>(screened: &'a ScreenedList, list: &'a ScreeningList) -> impl Iterator<Item = (&'a ScreenedItem, &'a ListItem)> {
    screened.items.iter().zip(&list.items)
}

/// The facts of several reasons, each once.
fn facts_of(reasons: &[crate::assessment::Reason]) -> Vec<String> {
    let mut facts: Vec<String> = Vec::new();
    for reason in reasons {
        if !facts.contains(&reason.fact) {
            facts.push(reason.fact.clone());
        }
    }
    facts
}
