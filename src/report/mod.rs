//! Assessment × texts × structure → view: chapters, order, rows, wording, numbers.

mod annexes;
pub mod book;
mod data;
mod description;
mod evidence;
mod figures;
mod front;
mod grounds;
mod measures;
mod permissions;
mod prose;
mod registers;
mod risks;
mod screening;
mod texts;
pub mod view;
mod words;
mod writer;

pub use texts::{Locale, Section, Structure, Texts};
pub use words::{article, date, level, partial_date};
pub use writer::without_record;

use crate::assessment::Assessment;
use crate::catalog::Catalog;
use crate::model::{Deployment, Lang};
use view::{Attachment, Block, Chapter, Document, Pair, View, Words};
use writer::Writer;

/// What to report besides the assessment itself.
pub struct Request<'a> {
    pub structure: &'a Structure,
    pub locale: &'a Locale,
    pub lang: Lang,
    /// `full` or another edition.
    pub edition: &'a str,
    /// Version of the program, named in the report.
    pub program: &'a str,
}

/// Decides the whole report.
///
/// # Errors
/// Placeholders of texts that cannot be filled, each with the text it stands in.
pub fn compose(
    assessment: &Assessment<'_>,
    deployment: &Deployment,
    catalog: &Catalog,
    request: &Request<'_>,
) -> Result<View, Vec<String>> {
    let writer = Writer::new(assessment, deployment, catalog, request);
    let mut chapters = vec![writer.control(), writer.summary()];
    for section in &request.structure.sections {
        if section.level == 1 {
            chapters.push(Chapter {
                id: format!("section-{}", section.number),
                number: section.number.clone(),
                heading: section.heading.get(request.lang).to_owned(),
                part: "body".to_owned(),
                blocks: Vec::new(),
            });
        }
        let Some(chapter) = chapters.last_mut() else { continue };
        if section.level > 1 {
            chapter.blocks.push(Block::Heading {
                level: section.level,
                number: section.number.clone(),
                text: section.heading.get(request.lang).to_owned(),
                id: format!("section-{}", section.number),
            });
        }
        for name in &section.blocks {
            chapter.blocks.extend(writer.block(name));
        }
    }
    for (i, annex) in request.structure.annexes.iter().enumerate() {
        let letter = char::from(b'A' + u8::try_from(i).unwrap_or(25).min(25));
        chapters.push(Chapter {
            id: format!("annex-{}", annex.number),
            number: letter.to_string(),
            heading: annex.heading.get(request.lang).to_owned(),
            part: "annex".to_owned(),
            blocks: annex.blocks.iter().flat_map(|name| writer.block(name)).collect(),
        });
    }
    // Sources and glossary depend on what the rest says, so they are written last.
    writer.finish(&mut chapters);
    let document = document(&writer, chapters);
    let mut view = data::view(&writer, document);
    let faults = writer.faults.take();
    if !faults.is_empty() {
        return Err(faults);
    }
    if request.edition == "full" {
        attach(&mut view, deployment, &writer);
    }
    Ok(view)
}

fn document(w: &Writer<'_>, chapters: Vec<Chapter>) -> Document {
    let about = &w.deployment.prose.assessment;
    let date = w.assessment.as_of;
    Document {
        title: about.title.clone(),
        subtitle: about.processing_name.clone().unwrap_or_default(),
        organisation: w.deployment.prose.organisation.name.clone(),
        lang: w.lang.code().to_owned(),
        authors: about.authors.clone(),
        keywords: w.t("document.keywords").split(',').map(|k| k.trim().to_owned()).collect(),
        description: w.fill("document.description", minijinja::context! { organisation => &w.deployment.prose.organisation.name }),
        date: [i32::from(date.year()), i32::from(date.month()), i32::from(date.day())],
        ident: format!("dpia365:{}:{}:{}", w.assessment.fingerprint, w.lang, w.request.edition),
        draft_mark: w.assessment.outcome.decided.is_none().then(|| w.t("document.draft").to_owned()),
        cover: w.cover_pairs().into_iter().map(|(label, value)| Pair { label, value }).collect(),
        cover_notice: w.locale_blocks("document.notice"),
        words: Words {
            contents: w.t("document.contents").to_owned(),
            page: w.t("document.page").to_owned(),
            of: w.t("document.of").to_owned(),
            continued: w.t("document.continued").to_owned(),
        },
        chapters,
        attachments: Vec::new(),
    }
}

/// The description as it was read, and the view itself, so that a delivered report can be taken up again.
fn attach(view: &mut View, deployment: &Deployment, w: &Writer<'_>) {
    let json = serde_json::to_string_pretty(view).unwrap_or_default() + "\n";
    let mut attachments: Vec<Attachment> = deployment
        .files
        .iter()
        .map(|(name, text)| Attachment {
            name: format!("description/{name}"),
            mime: "application/toml".to_owned(),
            description: w.t("document.attachment-description").to_owned(),
            relationship: "source".to_owned(),
            bytes: text.clone().into_bytes(),
        })
        .collect();
    attachments.push(Attachment {
        name: "view.json".to_owned(),
        mime: "application/json".to_owned(),
        description: w.t("document.attachment-view").to_owned(),
        relationship: "data".to_owned(),
        bytes: json.into_bytes(),
    });
    view.document.attachments = attachments;
}

/// One text of the catalogue as plain text, for a reader on a terminal.
pub fn catalogue_text(
    assessment: &Assessment<'_>,
    deployment: &Deployment,
    catalog: &Catalog,
    request: &Request<'_>,
    text: &crate::model::Text,
) -> String {
    let writer = Writer::new(assessment, deployment, catalog, request);
    data::text_of(&writer.md_inline(text, None))
}
