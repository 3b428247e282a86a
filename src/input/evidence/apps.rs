//! Third-party apps: what several exports say about the same app is put together by its identifiers.

use super::kit::{Kit, Reads};
use super::lines::{Head, Line, Said};
use crate::diagnostic::{Diagnostic, Place};
use crate::model::{EvidenceKind, Record, RuleKind, Scope, Shown, Sighting, Value, Vocabulary, Weight};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An app as one file shows it.
#[derive(Clone, Debug, Default)]
struct Seen {
    object_id: String,
    app_id: String,
    name: String,
    owner: String,
    /// Microsoft's own, or no app at all.
    foreign: Option<bool>,
    permissions: BTreeSet<String>,
    for_all: bool,
    by_users: bool,
    fields: Vec<(String, Value, Place)>,
    place: Option<Place>,
    permission_place: Option<Place>,
}

/// The reader for kinds about apps: one file.
#[derive(Default)]
pub(super) struct Apps {
    columns: BTreeMap<&'static str, u32>,
    fields: Vec<(usize, u32)>,
    apps: BTreeMap<String, Seen>,
    grants: BTreeMap<String, Place>,
    first: Option<Place>,
}

const ROLES: [&str; 13] = [
    "object-id",
    "app-id",
    "name",
    "permission",
    "permissions",
    "permission-id",
    "permission-type",
    "consent",
    "resource",
    "owner-tenant",
    "microsoft",
    "kind",
    "enabled",
];

impl Reads for Apps {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        self.columns = ROLES.iter().filter_map(|r| Some((*r, head.role(kind, r)?))).collect();
        let mut missing = BTreeSet::new();
        self.fields.clear();
        for (index, rule) in kind.rules.iter().enumerate() {
            let RuleKind::Field { column, .. } = &rule.what else { continue };
            match head.column(kind, column) {
                Some(at) => self.fields.push((index, at)),
                None => _ = missing.insert(column.clone()),
            }
        }
        for (role, headings) in &kind.columns {
            if ROLES.contains(&role.as_str()) && head.role(kind, role).is_none() {
                missing.extend(headings.first().cloned());
            }
        }
        kit.columns(head.len(), self.columns.len() + self.fields.len(), missing.into_iter().collect());
    }

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        let at = |role: &str| self.columns.get(role).copied();
        // Of several headings of one role, the first that says something.
        let text = |role: &str| line.text(at(role));
        let word = |role: &str| kind.words.get(role).and_then(|w| w.get(&text(role).to_lowercase())).map(String::as_str);
        let what = word("kind");
        if let Some(column) = at("kind") {
            // A user or a group that may use an app is no app, and its name is not read; nor is what nobody knows.
            let blank = text("kind").is_empty() && at("permission-id").is_none();
            if !matches!(what, Some("application" | "microsoft" | "managed-identity")) && !blank {
                if what.is_none() {
                    kit.unknown_value(&line.place(column));
                }
                return;
            }
        }
        let (object_id, app_id, name) = (text("object-id"), text("app-id"), text("name"));
        let key = [object_id, app_id, name].into_iter().find(|k| !k.is_empty()).unwrap_or_default().to_lowercase();
        if key.is_empty() {
            return;
        }
        let place = line.place(at("name").or(at("app-id")).or(at("object-id")).unwrap_or(0));
        self.first.get_or_insert_with(|| place.clone());
        let app = self.apps.entry(key).or_default();
        let fill = |into: &mut String, from: &str| {
            if into.is_empty() {
                from.trim().clone_into(into);
            }
        };
        fill(&mut app.object_id, object_id);
        fill(&mut app.app_id, app_id);
        fill(&mut app.name, name);
        fill(&mut app.owner, text("owner-tenant"));
        app.place.get_or_insert(place);
        if matches!(what, Some("microsoft" | "managed-identity")) || word("microsoft") == Some("yes") {
            app.foreign = Some(true);
        } else if what == Some("application") && at("owner-tenant").is_none() && at("permission-id").is_none()
            || word("microsoft") == Some("no")
        {
            app.foreign = app.foreign.or(Some(false));
        }
        let kind_of = word("permission-type").or(if at("permission-id").is_some() { Some("application") } else { None });
        let prefix = kind_of.map(|k| if k.starts_with("delegated") { "delegated" } else { "application" });
        for role in ["permission", "permissions", "permission-id"] {
            let Some(column) = at(role) else { continue };
            if role == "permission-id" && at("permission").is_some_and(|c| !line.text(Some(c)).is_empty()) {
                continue;
            }
            if let Some(Said::Unreadable(what)) = line.said(column) {
                kit.unreadable(what, &line.place(column));
                continue;
            }
            let Some(prefix) = prefix else { continue };
            for permission in line.text(Some(column)).split_whitespace() {
                if permission.bytes().all(|b| matches!(b, b'0' | b'-')) {
                    // Access without any role.
                    continue;
                }
                // Some exports write the identifier where they find no name.
                let named = kit.vocabulary.permission_guids.get(&format!("{prefix}:{}", permission.to_lowercase())).cloned();
                let plain = permission.len() <= 200 && permission.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/-@".contains(&b));
                if !plain {
                    kit.unknown_value(&line.place(column));
                    continue;
                }
                app.permissions.insert(named.unwrap_or_else(|| format!("{prefix}:{permission}")));
                app.permission_place.get_or_insert_with(|| line.place(column));
            }
        }
        let consent = word("consent").or(match kind_of {
            Some("application" | "delegated-all") => Some("all"),
            Some("delegated-one") => Some("one"),
            _ => None,
        });
        app.for_all |= consent == Some("all");
        app.by_users |= consent == Some("one");
        if let Some(consent) = consent {
            let column = at("consent").or(at("permission-type")).unwrap_or(0);
            self.grants.entry(consent.to_owned()).or_insert_with(|| line.place(column));
        }
        for (index, column) in &self.fields {
            let RuleKind::Field { field, values, .. } = &kind.rules[*index].what else { continue };
            let Some(Said::Text(text)) = line.said(*column) else { continue };
            let lower = text.to_lowercase();
            let shown = values.iter().find(|(w, _)| *w == lower).or_else(|| values.iter().find(|(w, _)| w == "*"));
            if let Some((_, Shown::Is(value))) = shown
                && !app.fields.iter().any(|(f, ..)| f == field)
            {
                app.fields.push((field.clone(), value.clone(), line.place(*column)));
            }
        }
    }

    fn finish(&mut self, kit: &mut Kit<'_>) {
        let Some(first) = self.first.clone() else { return };
        for rule in &kit.kind.rules {
            let RuleKind::Grants { consent, fact, some, none } = &rule.what else { continue };
            let (shown, place) = match self.grants.get(consent) {
                Some(place) => (some, place),
                None => (none, &first),
            };
            if let Some(shown) = shown {
                let weight = kit.weight();
                kit.observe(fact, Scope::default(), shown.clone(), place.clone(), weight);
            }
        }
    }
}

/// What all files about apps show, waiting to be put together.
#[derive(Default)]
pub(super) struct Store<'a> {
    files: Vec<File<'a>>,
}

struct File<'a> {
    kind: &'a EvidenceKind,
    index: usize,
    path: Arc<str>,
    apps: Vec<Seen>,
    first: Option<Place>,
}

impl<'a> Store<'a> {
    pub(super) fn add(&mut self, reader: Apps, kit: &Kit<'a>) {
        let Apps { apps, first, .. } = reader;
        self.files.push(File { kind: kit.kind, index: kit.index, path: kit.path.clone(), apps: apps.into_values().collect(), first });
    }

    /// Apps of others that hold permissions, or that the description has, one sighting for each file.
    pub(super) fn sightings(self, declared: &[Record], vocabulary: &Vocabulary, diagnostics: &mut Vec<Diagnostic>) -> Vec<Sighting> {
        let mut groups: Vec<Vec<(usize, &Seen)>> = Vec::new();
        let (mut by_object, mut by_app): (BTreeMap<String, usize>, BTreeMap<String, usize>) = (BTreeMap::new(), BTreeMap::new());
        // Files that know both identifiers come first, so that the others find their apps.
        let mut order: Vec<usize> = (0..self.files.len()).collect();
        let both = |f: &File<'_>| f.apps.iter().any(|a| !a.object_id.is_empty() && !a.app_id.is_empty());
        order.sort_by_key(|i| !both(&self.files[*i]));
        for file in order {
            for app in &self.files[file].apps {
                let (object, id) = (app.object_id.to_lowercase(), app.app_id.to_lowercase());
                let known = by_object.get(&object).filter(|_| !object.is_empty()).or_else(|| by_app.get(&id).filter(|_| !id.is_empty()));
                let at = known.copied().unwrap_or_else(|| {
                    groups.push(Vec::new());
                    groups.len() - 1
                });
                groups[at].push((file, app));
                if !object.is_empty() {
                    by_object.entry(object).or_insert(at);
                }
                if !id.is_empty() {
                    by_app.entry(id).or_insert(at);
                }
            }
        }
        let microsoft: BTreeSet<String> =
            self.files.iter().flat_map(|f| f.kind.microsoft_tenants.iter().map(|t| t.to_lowercase())).collect();
        let (mut sightings, mut nameless) = (Vec::new(), Vec::new());
        for group in &groups {
            let first = |of: fn(&Seen) -> &String| group.iter().map(|(_, a)| of(a)).find(|t| !t.is_empty()).cloned().unwrap_or_default();
            let (app_id, owner) = (first(|a| &a.app_id), first(|a| &a.owner));
            // Microsoft's own apps are none of others: as far as the files that say so are of the right date.
            let own = |a: &Seen| microsoft.contains(&a.owner.to_lowercase()) || a.foreign == Some(true);
            let unless: Vec<usize> = group.iter().filter(|(_, a)| own(a)).map(|(f, _)| self.files[*f].index).collect();
            // Of several names one that does not depend on the order of the files.
            let mut name = group.iter().map(|(_, a)| &a.name).filter(|n| !n.is_empty()).min().cloned().unwrap_or_default();
            let described = declared.iter().any(|r| is_described(r, &app_id, &name));
            if group.iter().all(|(_, a)| a.permissions.is_empty()) && !described {
                // An account in the tenant without a permission opens no data.
                continue;
            }
            let unknown = owner.is_empty() && group.iter().all(|(_, a)| a.foreign.is_none());
            if unless.is_empty() && (name.is_empty() || unknown && !described) {
                nameless.push(group[0].1.place.clone().unwrap_or(Place::File { file: self.files[group[0].0].path.clone() }));
            }
            if name.is_empty() {
                name = if app_id.is_empty() { first(|a| &a.object_id) } else { app_id.clone() };
            }
            self.of_app(group, &app_id, &name, &unless, vocabulary, &mut sightings);
        }
        if let Some(place) = nameless.first() {
            diagnostics.push(
                Diagnostic::warning(
                    "evidence-apps-unjoined",
                    format!("no file says whose {} apps with permissions are, or what they are called", nameless.len()),
                )
                .at(place, "the first of them")
                .help("add the list of enterprise applications or of service principals; Microsoft's own apps then fall away"),
            );
        }
        sightings
    }

    fn of_app(
        &self,
        group: &[(usize, &Seen)],
        app_id: &str,
        name: &str,
        unless: &[usize],
        vocabulary: &Vocabulary,
        out: &mut Vec<Sighting>,
    ) {
        let Some(fallback) = group.iter().find_map(|(_, a)| a.place.clone()) else { return };
        // Consent for everybody outweighs that of single users; each file says it for itself.
        let for_all = |a: &Seen| a.for_all || a.permissions.iter().any(|p| p.starts_with("application:"));
        let everybody = group.iter().any(|(_, a)| for_all(a));
        for (index, file) in self.files.iter().enumerate() {
            let Some(list) = file.kind.list.clone() else { continue };
            let Some(crate::model::Type::Records { fields: known, .. }) = vocabulary.get(&list).map(|d| &d.ty) else { continue };
            let seen = group.iter().find(|(f, _)| *f == index).map(|(_, a)| *a);
            let speaks = !file.kind.speaks_for.is_empty();
            if seen.is_none() && !(speaks && file.kind.complete) {
                continue;
            }
            let place =
                seen.and_then(|a| a.permission_place.clone().or(a.place.clone())).or(file.first.clone()).unwrap_or(fallback.clone());
            let mut fields = seen.map(|a| a.fields.clone()).unwrap_or_default();
            if speaks || seen.is_some_and(|a| !a.permissions.is_empty()) {
                let permissions = seen.map(|a| a.permissions.clone()).unwrap_or_default();
                fields.push(("permissions".to_owned(), Value::Permissions(permissions), place.clone()));
            }
            let consent = seen.filter(|a| !a.permissions.is_empty()).and_then(|a| match (for_all(a), everybody) {
                (true, _) => Some("administrator-for-all"),
                (false, false) if a.by_users => Some("single-users"),
                _ => None,
            });
            if let Some(word) = consent {
                fields.push(("consent".to_owned(), Value::Choice(word.to_owned()), place.clone()));
            }
            fields.retain(|(id, ..)| known.iter().any(|f| f.id == *id));
            out.push(Sighting {
                list,
                app_id: app_id.to_owned(),
                name: name.to_owned(),
                fields,
                place,
                evidence: file.index,
                unless_fresh: unless.to_vec(),
                weight: if file.kind.complete { Weight::Complete } else { Weight::Presence },
                all_permissions: file.kind.complete,
                speaks_for: file.kind.speaks_for.clone(),
            });
        }
    }
}

fn is_described(record: &Record, app_id: &str, name: &str) -> bool {
    let text = |field: &str| match record.fields.get(field) {
        Some((crate::model::Given::Value(Value::Text(text)), _)) => text.trim().to_lowercase(),
        _ => String::new(),
    };
    let same = |own: String, seen: &str| !own.is_empty() && own == seen.trim().to_lowercase();
    // Names tell apps apart only where one of the two has no identifier.
    let by_name = text("app-id").is_empty() || app_id.is_empty();
    same(text("app-id"), app_id) || by_name && (same(text("name"), name) || same(record.key.to_lowercase(), name))
}
