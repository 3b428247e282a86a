//! What every command needs loaded: catalogue, templates, words, description.

use super::Failed;
use super::args::{Common, DeploymentArgs};
use super::print;
use crate::assessment::{Assessment, assess};
use crate::catalog::{self, Catalog, Layer};
use crate::diagnostic::{Diagnostic, Files, Place, Severity};
use crate::input::{self, CatalogueNames, Knowledge};
use crate::model::{Deployment, Lang, Method};
use crate::render::{self, Templates};
use crate::report::{self, Locale, Request, Structure, Texts, book::Workbook, view::View};
use crate::sheets::Limits;
use include_dir::{Dir, include_dir};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// A template or font is never larger than this.
const LARGEST: u64 = 32 << 20;

/// Catalogue, templates and words.
pub struct Session {
    pub catalog: Catalog,
    pub templates: Templates,
    pub texts: Texts,
    pub files: Files,
    pub diagnostics: Vec<Diagnostic>,
}

impl Session {
    /// Loads the embedded catalogue and templates with what is laid over them.
    pub fn load(common: &Common) -> Result<Self, Failed> {
        let mut diagnostics = Vec::new();
        let mut layers = vec![Layer::embedded()];
        for folder in &common.catalog {
            match Layer::folder(folder) {
                Ok(layer) => layers.push(layer),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        let (catalog, files, mut found) = catalog::load(&layers);
        diagnostics.append(&mut found);
        if layers.len() > 1 {
            // What dpia365 carries is checked when it is built; what is laid over it, here.
            diagnostics.extend(catalog::check(&catalog).into_iter().filter(Diagnostic::is_error));
        }
        let templates = templates(common.templates.as_deref(), &mut diagnostics);
        let texts = Texts::load(templates.files(), &mut diagnostics);
        let session = Self { catalog, templates, texts, files, diagnostics };
        session.stop_on_errors()?;
        Ok(session)
    }

    /// Prints what was collected; an error ends the command.
    pub fn stop_on_errors(&self) -> Result<(), Failed> {
        if self.diagnostics.iter().any(Diagnostic::is_error) {
            print::diagnostics(&self.diagnostics, &self.files);
            return Err(Failed);
        }
        Ok(())
    }

    /// The lists that descriptions choose from.
    pub fn names(&self) -> CatalogueNames {
        let languages = self.texts.locales.keys().map(|l| (*l).to_owned()).collect();
        CatalogueNames::new(&self.catalog, self.texts.structures.keys().cloned().collect(), languages)
    }

    /// Reads a description; what is wrong with it is added to the diagnostics.
    pub fn describe(&mut self, path: &Path, limits: Option<&Limits>) -> Result<Deployment, Failed> {
        let own_risk =
            |node: &crate::source::Node, sink: &std::cell::RefCell<Vec<Diagnostic>>| catalog::own_risk(node, &self.catalog, sink);
        let mut found = Vec::new();
        let names = self.names();
        let knowledge =
            Knowledge { names: &names, vocabulary: &self.catalog.vocabulary, evidence: &self.catalog.evidence, own_risk: &own_risk };
        let loaded = input::load(path, &knowledge, limits, &mut found);
        self.diagnostics.append(&mut found);
        let deployment = loaded.map(|l| {
            self.files.extend(l.files);
            l.deployment
        });
        self.stop_on_errors()?;
        deployment.ok_or(Failed)
    }

    /// The method that the description names, or the default.
    pub fn method(&self, deployment: &Deployment) -> Result<&Method, Failed> {
        let id = deployment.prose.assessment.method.as_deref().unwrap_or("dpia365-4");
        self.catalog.methods.get(id).ok_or_else(|| {
            print::diagnostics(
                &[Diagnostic::error("choice-unknown", format!("there is no method `{id}`"))
                    .nearest(id, self.catalog.methods.keys().map(String::as_str))],
                &self.files,
            );
            Failed
        })
    }

    /// A language, if the templates have it.
    pub fn language(&self, wanted: &str) -> Result<(Lang, &Locale), Failed> {
        let lang = Lang::from_code(wanted);
        lang.and_then(|l| Some((l, self.texts.locale(l)?))).ok_or_else(|| {
            let known = self.texts.locales.keys().copied().collect::<Vec<_>>().join(", ");
            print::diagnostics(
                &[Diagnostic::error("language-unknown", format!("there is no language `{wanted}`"))
                    .help(format!("known languages: {known}"))],
                &self.files,
            );
            Failed
        })
    }

    /// A structure, if the templates have it.
    pub fn structure(&self, wanted: &str) -> Result<&Structure, Failed> {
        self.texts.structures.get(wanted).ok_or_else(|| {
            let known = self.texts.structures.keys().map(String::as_str);
            print::diagnostics(
                &[Diagnostic::error("structure-unknown", format!("there is no structure `{wanted}`"))
                    .nearest(wanted, known.clone())
                    .help(format!("known structures: {}", known.collect::<Vec<_>>().join(", ")))],
                &self.files,
            );
            Failed
        })
    }

    /// Composes the view of an assessment.
    pub fn compose(&self, assessment: &Assessment<'_>, deployment: &Deployment, lang: &str, structure: &str) -> Result<View, Failed> {
        let (lang, locale) = self.language(lang)?;
        let request = Request { structure: self.structure(structure)?, locale, lang, edition: "full", program: env!("CARGO_PKG_VERSION") };
        report::compose(assessment, deployment, &self.catalog, &request).map_err(|faults| {
            // A text may stand in several places of the report.
            let faults: BTreeSet<_> = faults.into_iter().collect();
            let diagnostics: Vec<_> = faults
                .into_iter()
                .map(|fault| {
                    let place = self.quoted(&fault);
                    let diagnostic =
                        Diagnostic::error("catalog-text", fault).help("docs/catalogue.md lists the placeholders that such texts may hold");
                    if let Some(place) = place { diagnostic.at(&place, "in this text") } else { diagnostic }
                })
                .collect();
            print::diagnostics(&diagnostics, &self.files);
            Failed
        })
    }

    /// Composes a workbook, and writes it to bytes.
    pub fn book(
        &self,
        structure: &str,
        lang: &str,
        compose: impl FnOnce(&Request<'_>) -> Result<Workbook, Vec<String>>,
    ) -> Result<Vec<u8>, Failed> {
        let (lang, locale) = self.language(lang)?;
        let request = Request { structure: self.structure(structure)?, locale, lang, edition: "full", program: env!("CARGO_PKG_VERSION") };
        let failed = |faults: Vec<String>| {
            let diagnostics: Vec<_> = faults.into_iter().map(|fault| Diagnostic::error("catalog-text", fault)).collect();
            print::diagnostics(&diagnostics, &self.files);
            Failed
        };
        let book = compose(&request).map_err(failed)?;
        render::workbook(&book).map_err(|fault| failed(vec![fault]))
    }

    /// Where the text stands that a fault quotes at its end by its first words.
    fn quoted(&self, fault: &str) -> Option<Place> {
        let start = fault.split_once(": \"")?.1.strip_suffix("…\"")?;
        self.files.iter().find_map(|(name, text)| {
            let at = text.find(start)?;
            let line = 1 + text[..at].matches('\n').count();
            Some(Place::Bytes { file: name.into(), start: at, end: at + start.len(), line })
        })
    }
}

/// The day an assessment speaks of: the option, the description, or today.
pub fn as_of(option: Option<Date>, deployment: &Deployment) -> Date {
    option.or(deployment.prose.assessment.as_of).unwrap_or_else(|| jiff::Zoned::now().date())
}

/// Reads and assesses, prints warnings, and hands everything to `then`.
pub fn with_assessment<T>(
    args: &DeploymentArgs,
    then: impl FnOnce(&Session, &Deployment, &Assessment<'_>) -> Result<T, Failed>,
) -> Result<T, Failed> {
    let mut session = Session::load(&args.common)?;
    let deployment = session.describe(&args.deployment, args.limits().as_ref())?;
    let method = session.method(&deployment)?.clone();
    let catalog = session.catalog.clone();
    let assessment = assess(&deployment, &catalog, &method, as_of(args.as_of, &deployment));
    session.diagnostics.extend(assessment.diagnostics.iter().cloned());
    session.stop_on_errors()?;
    let warnings: Vec<_> = session.diagnostics.iter().filter(|d| d.severity != Severity::Error).cloned().collect();
    print::diagnostics(&warnings, &session.files);
    then(&session, &deployment, &assessment)
}

fn templates(overlay: Option<&Path>, diagnostics: &mut Vec<Diagnostic>) -> Templates {
    let mut files = BTreeMap::new();
    embedded(&TEMPLATES, &mut files);
    if let Some(folder) = overlay {
        if folder.is_dir() {
            walk(folder, folder, &mut files, diagnostics);
        } else {
            diagnostics.push(
                Diagnostic::error("file-missing", format!("there is no templates folder `{}`", folder.display()))
                    .help("--templates takes a folder laid out like templates/"),
            );
        }
    }
    Templates::new(files)
}

fn embedded(dir: &Dir<'_>, files: &mut BTreeMap<String, Vec<u8>>) {
    for file in dir.files() {
        files.insert(file.path().to_string_lossy().replace('\\', "/"), file.contents().to_vec());
    }
    for dir in dir.dirs() {
        embedded(dir, files);
    }
}

fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>, diagnostics: &mut Vec<Diagnostic>) {
    let unreadable = |path: &Path, e: &std::io::Error| Diagnostic::error("file-missing", format!("cannot read `{}`: {e}", path.display()));
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) => return diagnostics.push(unreadable(folder, &e)),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            walk(root, &path, files, diagnostics);
        } else if kind.is_file() {
            if entry.metadata().is_ok_and(|m| m.len() > LARGEST) {
                diagnostics.push(Diagnostic::error("file-too-large", format!("`{}` is larger than 32 MiB", path.display())));
                continue;
            }
            match std::fs::read(&path) {
                Ok(bytes) => {
                    files.insert(path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/"), bytes);
                }
                Err(e) => diagnostics.push(unreadable(&path, &e)),
            }
        }
    }
}
