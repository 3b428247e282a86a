//! The annex on apps and their permissions.

use super::view::{Block, Inline};
use super::words;
use super::writer::{Writer, plain};
use crate::model::{Given, Tag, Type, Value};
use minijinja::context;
use std::collections::BTreeSet;

impl Writer<'_> {
    /// What each app of a list may do: its permissions with their privacy class, and what some of them open together.
    pub fn permissions(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for def in self.catalog.vocabulary.facts.values() {
            let Type::Records { name, fields, .. } = &def.ty else { continue };
            let Some(field) = fields.iter().find(|f| matches!(f.ty, Type::Permissions)) else { continue };
            let Some(Value::Records(records)) = self.assessment.facts.get(&def.id).single().cloned() else { continue };
            for record in &records {
                let Some((Given::Value(Value::Permissions(held)), _)) = record.fields.get(&field.id) else { continue };
                let title = match record.fields.get(name) {
                    Some((Given::Value(Value::Text(title)), _)) => title.clone(),
                    _ => record.key.clone(),
                };
                blocks.push(Block::Heading {
                    level: 2,
                    number: String::new(),
                    text: title,
                    id: format!("permissions-{}-{}", def.id, record.key),
                });
                blocks.extend(self.held(held));
            }
        }
        if blocks.is_empty() {
            return vec![self.paragraph(self.t("permission.none").to_owned())];
        }
        blocks.insert(0, self.paragraph(self.t("permission.intro").to_owned()));
        blocks
    }

    fn held(&self, held: &BTreeSet<String>) -> Vec<Block> {
        let class_of = |id: &String| self.catalog.permissions.get(id).map(|p| p.class);
        let combined: Vec<_> = self.catalog.vocabulary.combinations.iter().filter(|c| c.is_in(held)).collect();
        let worst = held.iter().filter_map(class_of).chain(combined.iter().map(|c| c.class)).max();
        let unknown = held.iter().any(|id| class_of(id).is_none());
        let mut verdict =
            worst.map_or_else(|| self.t("permission.not-assessed").to_owned(), |n| self.fill("permission.class-of-app", context! { n }));
        if unknown && worst.is_some() {
            verdict = format!("{verdict} {}", self.t("permission.some-unknown"));
        }
        let mut sorted: Vec<&String> = held.iter().collect();
        // What nobody has assessed stands first: it must not be overlooked.
        sorted.sort_by_key(|id| (class_of(id).map_or(0, |c| 5 - c), (*id).clone()));
        let mut rows: Vec<_> = combined
            .iter()
            .map(|c| {
                let mut name = vec![Inline::Strong { c: plain(c.label.get(self.lang)) }];
                name.push(Inline::Break);
                name.push(Inline::Emphasis { c: plain(self.t("permission.combination")) });
                vec![name, plain(c.class.to_string()), self.md_inline(&c.because, None)]
            })
            .collect();
        rows.extend(sorted.into_iter().map(|id| {
            let name = super::prose::soften(plain(words::permission(id, self.locale())));
            match self.catalog.permissions.get(id) {
                Some(p) => {
                    let mut opens = self.md_inline(&p.opens, None);
                    if p.tag == Tag::Recalled {
                        opens.extend(plain(format!(" [{}]", self.t("mark.recalled"))));
                    }
                    vec![name, plain(p.class.to_string()), opens]
                }
                None => vec![name, plain("–"), vec![Inline::Strong { c: plain(self.t("permission.not-assessed")) }]],
            }
        }));
        vec![
            Block::Paragraph { text: vec![Inline::Strong { c: plain(verdict) }] },
            self.table("permission.caption", &[("permission.name", 3.6), ("permission.class", 0.8), ("permission.opens", 5.0)], rows),
        ]
    }
}
