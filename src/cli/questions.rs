use super::args::{QuestionsArgs, QuestionsFormat};
use super::init::{comment, example, sample};
use super::session::{Session, with_assessment};
use super::{Done, Failed, Outcome, output, print};
use crate::diagnostic::Diagnostic;
use crate::model::{Deployment, FactDef, Lang, Type};
use crate::report::view::{QuestionView, View};
use crate::report::{Locale, book};
use minijinja::context;
use std::collections::BTreeMap;
use std::fmt::Write;

/// `dpia365 questions`.
pub fn questions(args: &QuestionsArgs) -> Outcome {
    with_assessment(&args.input, |session, deployment, assessment| {
        let wanted = args.input.common.lang.as_deref().unwrap_or(&deployment.prose.assessment.language);
        let view = session.compose(assessment, deployment, wanted, "edpb-2026")?;
        let (lang, locale) = session.language(wanted)?;
        let roles = session.catalog.ids("asked-of");
        if let Some(role) = args.asked_of.as_deref().filter(|r| !roles.iter().any(|known| known == r)) {
            let diagnostic = Diagnostic::error("choice-unknown", format!("nobody is asked as `{role}`"))
                .nearest(role, roles.iter().map(String::as_str))
                .help(format!("roles: {}", roles.join(", ")));
            print::diagnostics(&[diagnostic], &session.files);
            return Err(Failed);
        }
        let of_role = |q: &&QuestionView| args.asked_of.as_ref().is_none_or(|role| q.asked_of == *role);
        let asked: Vec<&QuestionView> = view.questions.iter().filter(of_role).collect();
        if args.format == QuestionsFormat::Xlsx {
            let role = args.asked_of.as_deref();
            let book = session
                .book("edpb-2026", wanted, |request| book::questionnaire(assessment, deployment, &session.catalog, request, role))?;
            return write(args, deployment, session, &book);
        }
        let sheet = Sheet { session, deployment, view: &view, lang, locale, asked };
        let text = match args.format {
            QuestionsFormat::Text => sheet.text(),
            QuestionsFormat::Toml => sheet.toml(),
            QuestionsFormat::Md | QuestionsFormat::Xlsx => sheet.letter(),
        };
        write(args, deployment, session, text.as_bytes())
    })
}

fn write(args: &QuestionsArgs, deployment: &Deployment, session: &Session, bytes: &[u8]) -> Outcome {
    if super::report::is_part_of_description(&args.output, &args.input.deployment, deployment) {
        let fault = Diagnostic::error("output-not-writable", format!("`{}` belongs to the description", args.output.display()));
        print::diagnostics(&[fault.help("name another file with -o")], &session.files);
        return Err(Failed);
    }
    output::write(&args.output, bytes)?;
    Ok(Done::Yes)
}

struct Sheet<'a> {
    session: &'a Session,
    deployment: &'a Deployment,
    view: &'a View,
    lang: Lang,
    locale: &'a Locale,
    asked: Vec<&'a QuestionView>,
}

impl Sheet<'_> {
    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &QuestionView> {
        self.asked.iter().copied().filter(move |q| q.kind == kind)
    }

    /// The fact of a question; for a field of a record the list it stands in.
    fn fact(&self, id: &str) -> Option<&FactDef> {
        let vocabulary = &self.session.catalog.vocabulary;
        vocabulary.get(id).or_else(|| vocabulary.get(id.rsplit_once('.')?.0))
    }

    fn control(&self, question: &QuestionView) -> Option<&str> {
        self.fact(&question.fact)?.control.as_deref()
    }

    /// The risks that the answer could settle, each once, by their titles.
    fn at_stake(&self, question: &QuestionView) -> Vec<&str> {
        let mut titles: Vec<&str> = Vec::new();
        for finding in self.view.findings.iter().filter(|f| question.could_settle.contains(&f.id)) {
            if !titles.contains(&finding.title.as_str()) {
                titles.push(&finding.title);
            }
        }
        titles
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for (kind, heading) in [
            ("open", "Open facts, those that could change most first"),
            ("verify", "Statements to look at again: from memory, or last seen long ago"),
        ] {
            if self.of_kind(kind).next().is_none() {
                continue;
            }
            let _ = writeln!(out, "{heading}\n");
            for q in self.of_kind(kind) {
                let _ = writeln!(out, "  {} [{}]", q.fact, q.highest);
                let _ = writeln!(out, "      {}", q.question);
                if let Some(control) = self.control(q) {
                    let _ = writeln!(out, "      where to look: {control}");
                }
                let _ = writeln!(out, "      could settle: {}\n", q.could_settle.join(", "));
            }
        }
        if out.is_empty() {
            out.push_str("No question is open.\n");
        }
        out
    }

    /// A fragment of a description: each answer is given by taking the `#` away.
    fn toml(&self) -> String {
        let mut areas: BTreeMap<&str, Vec<(&QuestionView, &FactDef)>> = BTreeMap::new();
        let (mut lists, mut blocks): (BTreeMap<&str, Vec<&QuestionView>>, Vec<&QuestionView>) = (BTreeMap::new(), Vec::new());
        for q in self.of_kind("open") {
            match self.fact(&q.fact) {
                Some(def) if matches!(def.ty, Type::Records { .. }) => lists.entry(&def.id).or_default().push(q),
                Some(def) if def.is_asked() => {
                    areas.entry(def.id.split('.').next().unwrap_or_default()).or_default().push((q, def));
                }
                Some(def) if def.follows_from_block() => blocks.push(q),
                _ => {}
            }
        }
        let mut out = String::new();
        if areas.is_empty() && lists.is_empty() && blocks.is_empty() {
            return "# No question is open.\n".to_owned();
        }
        comment(&mut out, self.locale.get("letter.toml"));
        for (area, questions) in areas {
            let _ = writeln!(out, "\n[{area}]");
            for (q, def) in questions {
                out.push('\n');
                self.comments(&mut out, q);
                let _ = writeln!(out, "# {} = {}", def.id.split_once('.').map_or(def.id.as_str(), |(_, name)| name), example(def));
            }
        }
        for q in blocks {
            out.push('\n');
            self.comments(&mut out, q);
            let _ = writeln!(out, "# → [organisation]");
        }
        for (list, questions) in lists {
            out.push('\n');
            for q in &questions {
                self.comments(&mut out, q);
            }
            let Some(FactDef { ty: Type::Records { fields, key, .. }, .. }) = self.fact(list) else { continue };
            // Entries that stand already are completed where they stand: an included file cannot add to them.
            let open: Vec<String> = self.open_records(list, &questions);
            if open.is_empty() {
                let _ = writeln!(out, "# [[{list}]]\n# {key} = \"…\"");
            } else {
                comment(&mut out, &self.locale.fill("letter.records", context! { list, records => open.join(", ") }));
            }
            let asked = |id: &str| questions.iter().any(|q| q.fact == list || q.fact == format!("{list}.{id}"));
            for field in fields.iter().filter(|f| f.id != *key && asked(&f.id)) {
                let label = field.label.get(self.lang).replace('\n', " ");
                // Not a line of this fragment, where the entry stands elsewhere.
                let mark = if open.is_empty() { "#" } else { "#   →" };
                let _ = writeln!(out, "{mark} {} = {}    # {label}", field.id, sample(&field.ty));
            }
        }
        out
    }

    /// The entries of a list that lack one of the fields asked for, by their names in findings (`<risk>@<entry>`).
    fn open_records(&self, list: &str, questions: &[&QuestionView]) -> Vec<String> {
        let risks = &self.session.catalog.risks;
        let mut keys: Vec<String> = Vec::new();
        for id in questions.iter().flat_map(|q| &q.could_settle) {
            if let Some((risk, key)) = id.split_once('@')
                && risks.get(risk).is_some_and(|r| r.for_each.as_deref() == Some(list))
                && !keys.iter().any(|k| k == key)
            {
                keys.push(key.to_owned());
            }
        }
        keys
    }

    fn comments(&self, out: &mut String, q: &QuestionView) {
        comment(out, &q.question);
        if let Some(control) = self.control(q) {
            comment(out, &format!("→ {control}"));
        }
        comment(out, &format!("[{}] {}", q.highest, q.could_settle.join(", ")));
    }

    /// A letter to those who know, grouped by whom the questions are for.
    fn letter(&self) -> String {
        let about = &self.deployment.prose.assessment;
        let organisation = &self.deployment.prose.organisation.name;
        let mut out = format!("# {}\n\n", self.locale.fill("letter.title", context! { title => &about.title }));
        let _ = writeln!(
            out,
            "{}\n",
            self.locale.fill("letter.intro", context! { organisation, title => &about.title, date => &self.view.as_of })
        );
        if self.of_kind("open").next().is_none() {
            let _ = writeln!(out, "{}\n", self.locale.get("questions.none"));
        }
        let mut roles = self.session.catalog.ids("asked-of");
        roles.push(String::new());
        let mut number = 0;
        for role in roles {
            let questions: Vec<&QuestionView> = self.of_kind("open").filter(|q| q.asked_of == role).collect();
            if questions.is_empty() {
                continue;
            }
            let heading = if role.is_empty() {
                self.locale.get("questions.vendor").to_owned()
            } else {
                self.session.catalog.label("asked-of", &role, self.lang).to_owned()
            };
            let _ = writeln!(out, "## {heading}\n");
            for q in questions {
                number += 1;
                let _ = writeln!(out, "{number}. **{}** (`{}`)\n", q.question, q.fact);
                let stake = self.at_stake(q).join("; ");
                let _ = writeln!(out, "   - {}: {stake}", self.locale.get("letter.why"));
                if let Some(control) = self.control(q) {
                    let _ = writeln!(out, "   - {}: {control}", self.locale.get("letter.where"));
                }
                let values = self.session.catalog.vocabulary.get(&q.fact).map(|d| &d.ty);
                if let Some(ty) = values.filter(|t| !t.values().is_empty()) {
                    let words: Vec<&str> = ty.values().iter().map(|(_, word)| word.get(self.lang)).collect();
                    let _ = writeln!(out, "   - {}: {}", self.locale.get("letter.answers"), words.join("; "));
                }
                let _ = writeln!(out, "   - {}:\n", self.locale.get("letter.answer"));
            }
        }
        let _ = writeln!(out, "{}", self.locale.get("letter.close"));
        out
    }
}
