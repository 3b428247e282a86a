use super::check::{is_blank, is_prompt};
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::{Answer, FactDef, FieldDef, Given, Record, Resolution, ResolutionEntry, Scope, Slot, Type, Value, Vocabulary};
use crate::source::{Entry, Kind, Node, Table, expected, value};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Said openly that the answer is not known.
pub(super) const UNKNOWN: &str = "unknown";
/// Microsoft's default holds.
pub(super) const NOT_CONFIGURED: &str = "not-configured";

/// The area of a fact: the first part of its id.
pub(super) fn area_of(id: &str) -> &str {
    id.split('.').next().unwrap_or(id)
}

/// Whether the name is that of an area of facts, or of a list of records.
pub(super) fn is_area(vocabulary: &Vocabulary, name: &str) -> bool {
    matches!(name, "derived" | "vendor") || vocabulary.facts.keys().any(|id| area_of(id) == name)
}

/// Reads the areas of a description by the vocabulary.
pub(super) struct Facts<'a> {
    vocabulary: &'a Vocabulary,
    /// Ids of the groups of people.
    populations: &'a BTreeSet<String>,
    sink: &'a RefCell<Vec<Diagnostic>>,
    slots: BTreeMap<String, Vec<Slot>>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(vocabulary: &'a Vocabulary, populations: &'a BTreeSet<String>, sink: &'a RefCell<Vec<Diagnostic>>) -> Self {
        Self { vocabulary, populations, sink, slots: BTreeMap::new() }
    }

    /// What was read, by fact, with the slots in order of their scopes.
    pub(super) fn answers(self) -> BTreeMap<String, Answer> {
        let sorted = |mut slots: Vec<Slot>| {
            slots.sort_by(|a, b| a.scope.cmp(&b.scope));
            Answer { slots }
        };
        self.slots.into_iter().map(|(id, slots)| (id, sorted(slots))).collect()
    }

    /// Reads `[area]` or `[[records]]`, for everybody or for one group of people.
    pub(super) fn area(&mut self, entry: &Entry, population: Option<&str>) {
        let vocabulary = self.vocabulary;
        if let Some(def) = vocabulary.get(&entry.key).filter(|d| d.is_asked()) {
            return self.fact(def, &entry.node, population);
        }
        let Kind::Table(table) = &entry.node.kind else {
            let message = format!("`{}` is an area of facts and takes a table, not {}", entry.key, entry.node.type_name());
            self.push(
                Diagnostic::error("type-mismatch", message).at(&entry.node.place, format!("expected a table headed [{}]", entry.key)),
            );
            return;
        };
        for fact in &table.entries {
            let id = format!("{}.{}", entry.key, fact.key);
            match vocabulary.get(&id) {
                Some(def) if def.is_asked() => self.fact(def, &fact.node, population),
                _ => self.unknown_fact(&entry.key, fact, &id),
            }
        }
    }

    /// The facts of the area `organisation` follow from the block of that name: nobody is asked twice.
    pub(super) fn organisation(&mut self, block: &Node) {
        let Some(table) = block.table() else { return };
        for def in self.vocabulary.facts.values().filter(|d| d.follows_from_block()) {
            let Some(node) = def.id.strip_prefix("organisation.").and_then(|key| table.get(key)) else { continue };
            let value = match (&def.ty, &node.kind) {
                (Type::Flag, Kind::Bool(flag)) => Value::Flag(*flag),
                (Type::Choice(values), Kind::String(written)) => {
                    let written = written.to_lowercase();
                    let known = |id: &str| values.iter().any(|(v, _)| v == id);
                    match written.as_str() {
                        word if known(word) => Value::Choice(written),
                        _ if known("other") => Value::Choice("other".to_owned()),
                        _ => continue,
                    }
                }
                (Type::Text, Kind::String(written)) => Value::Text(written.clone()),
                _ => continue,
            };
            let slot = Slot { scope: Scope::default(), given: Given::Value(value), place: node.place.clone() };
            self.slots.insert(def.id.clone(), vec![slot]);
        }
    }

    /// Reads a `[[resolution]]`: the value that somebody decided on, for a fact or for a field of a record.
    pub(super) fn resolution(&self, entry: &ResolutionEntry, node: &Node) -> Option<Resolution> {
        let written = node.table()?.get("value")?;
        let at = |key: &str| node.table().and_then(|t| t.get(key)).map_or(&node.place, |n| &n.place);
        let field = entry.fact.split_once('.').and_then(|(list, field)| match self.vocabulary.get(list).map(|d| &d.ty) {
            Some(Type::Records { fields, .. }) => fields.iter().find(|f| f.id == field),
            _ => None,
        });
        let (ty, configurable, def) = match (field, self.vocabulary.get(&entry.fact).filter(|d| d.is_asked())) {
            (Some(field), _) => (&field.ty, false, None),
            (None, Some(def)) if !matches!(def.ty, Type::Records { .. }) => (&def.ty, !def.defaults.is_empty(), Some(def)),
            (None, Some(def)) => {
                self.push(
                    Diagnostic::error("type-mismatch", format!("`{}` is a list: one of its fields is decided, for one record", def.id))
                        .at(at("fact"), format!("write `{}.<field>`, and add `record`", def.id)),
                );
                return None;
            }
            _ => {
                let asked = self.vocabulary.facts.values().filter(|d| d.is_asked()).map(|d| d.id.as_str());
                self.push(
                    Diagnostic::error("reference-unknown", format!("there is no fact `{}` to be decided", entry.fact))
                        .at(at("fact"), "expected a fact, or a field of a list")
                        .nearest(&entry.fact, asked),
                );
                return None;
            }
        };
        if field.is_some() != entry.record.is_some() {
            let (message, label) = match field {
                Some(_) => ("a field of a list is decided for one record", "add `record`, the key of the entry"),
                None => ("the fact has no records", "delete `record`"),
            };
            self.push(Diagnostic::error("required-missing", message).at(at("fact"), label));
            return None;
        }
        let known = |key: &str, id: &Option<String>, list: &dyn Fn(&str) -> bool, differs: bool| -> bool {
            let Some(id) = id else { return true };
            if !list(id) {
                self.push(Diagnostic::error("reference-unknown", format!("there is no {key} `{id}`")).at(at(key), "not known here"));
            } else if !differs {
                self.push(
                    Diagnostic::error("type-mismatch", format!("`{}` does not differ by {key}", entry.fact)).at(at(key), "leave it out"),
                );
            }
            list(id) && differs
        };
        let group = |id: &str| self.populations.contains(id);
        let platform = |id: &str| self.vocabulary.platforms.iter().any(|p| p == id);
        let fits = known("population", &entry.population, &group, def.is_some_and(|d| d.per_population))
            & known("platform", &entry.platform, &platform, def.is_some_and(|d| d.per_platform));
        let given = self.given(ty, configurable, written, &entry.fact)?;
        fits.then(|| Resolution {
            fact: entry.fact.clone(),
            scope: Scope { platform: entry.platform.clone(), population: entry.population.clone() },
            record: entry.record.clone(),
            given,
            function: entry.function.clone(),
            date: entry.date,
            how: entry.how.clone(),
            place: written.place.clone(),
        })
    }

    /// Reads `facts` of a group of people.
    pub(super) fn population(&mut self, group: &Node) {
        let Some(table) = group.table() else { return };
        let Some(id) = table.get("id").and_then(Node::str).filter(|id| self.populations.contains(*id)) else { return };
        for area in table.get("facts").and_then(Node::table).into_iter().flat_map(|t| &t.entries) {
            if is_area(self.vocabulary, &area.key) {
                self.area(area, Some(id));
            } else {
                let asked = self.vocabulary.facts.values().filter(|d| d.is_asked()).map(|d| area_of(&d.id));
                self.push(
                    Diagnostic::error("unknown-key", format!("there is no area of facts `{}`", area.key))
                        .at(&area.key_place, "not known here")
                        .nearest(&area.key, asked),
                );
            }
        }
    }

    fn unknown_fact(&self, area: &str, fact: &Entry, id: &str) {
        let mut diagnostic = Diagnostic::error("unknown-key", format!("there is no fact `{id}`"));
        if matches!(area, "derived" | "vendor") {
            let why = match area {
                "vendor" => "what Microsoft does comes from the catalogue, with its sources; a description cannot state it",
                _ => "derived facts follow from others by the catalogue; state those others",
            };
            self.push(diagnostic.at(&fact.key_place, "not for a description to state").help(why));
            return;
        }
        let prefix = format!("{area}.");
        let asked = || self.vocabulary.facts.values().filter(|d| d.is_asked()).map(|d| d.id.as_str());
        let names = asked().filter_map(|id| id.strip_prefix(&prefix)).collect::<Vec<_>>();
        diagnostic = diagnostic.at(&fact.key_place, "not known here").help(format!("facts in [{area}]: {}", names.join(", ")));
        let suffix = format!(".{}", fact.key);
        if let Some(near) = nearest(&fact.key, names.iter().copied()) {
            diagnostic = diagnostic.nearest(&fact.key, [near]);
        } else if let Some(elsewhere) = asked().find(|id| id.ends_with(&suffix)) {
            diagnostic = diagnostic.help(format!("did you mean `{elsewhere}`?"));
        }
        self.push(diagnostic);
    }

    fn fact(&mut self, def: &FactDef, node: &Node, population: Option<&str>) {
        if population.is_some() && (!def.per_population || matches!(def.ty, Type::Records { .. })) {
            self.push(
                Diagnostic::error("type-mismatch", format!("`{}` cannot differ by group of people", def.id))
                    .at(&node.place, "stated for one group of people")
                    .help("state it once for all, at the top of the description"),
            );
            return;
        }
        let scope = Scope { platform: None, population: population.map(str::to_owned) };
        match (&def.ty, &node.kind) {
            (Type::Records { key, fields, .. }, Kind::Array(items)) => {
                let records = self.records(def, key, fields, items);
                self.slot(def, scope, Given::Value(Value::Records(records)), node);
            }
            (Type::Records { .. }, Kind::Table(_)) => self.push(
                Diagnostic::error("type-mismatch", format!("`{}` is a list, and takes one table for each entry", def.id))
                    .at(&node.place, "a single table")
                    .help(format!("write [[{}]], with double brackets", def.id)),
            ),
            (_, Kind::Table(table)) => self.scoped(def, table, node, &scope),
            _ => self.single(def, scope, node),
        }
    }

    /// Values by platform, by group of people, or by group of people and platform.
    fn scoped(&mut self, def: &FactDef, table: &Table, node: &Node, outer: &Scope) {
        let by_platform = def.per_platform && outer.platform.is_none();
        let by_population = def.per_population && outer.population.is_none();
        if !by_platform && !by_population {
            let whom = if outer.population.is_some() { " within a group of people" } else { "" };
            self.push(
                Diagnostic::error("type-mismatch", format!("`{}` takes one value{whom}, not a table", def.id))
                    .at(&node.place, format!("expected {}", expected(&def.ty))),
            );
            return;
        }
        for entry in &table.entries {
            let key = entry.key.as_str();
            if by_platform && self.vocabulary.platforms.iter().any(|p| p == key) {
                let scope = Scope { platform: Some(key.to_owned()), ..outer.clone() };
                match &entry.node.kind {
                    Kind::Table(_) => self.push(
                        Diagnostic::error("type-mismatch", format!("`{}` takes one value for each platform, not a table", def.id))
                            .at(&entry.node.place, format!("expected {}", expected(&def.ty)))
                            .help("where it differs by both, write the group of people first, and the platform within"),
                    ),
                    _ => self.single(def, scope, &entry.node),
                }
            } else if by_population && self.populations.contains(key) {
                let scope = Scope { population: Some(key.to_owned()), ..outer.clone() };
                match &entry.node.kind {
                    Kind::Table(inner) => self.scoped(def, inner, &entry.node, &scope),
                    _ => self.single(def, scope, &entry.node),
                }
            } else {
                self.unknown_scope(def, entry, by_platform, by_population);
            }
        }
    }

    fn unknown_scope(&self, def: &FactDef, entry: &Entry, by_platform: bool, by_population: bool) {
        let platforms = self.vocabulary.platforms.iter().filter(|_| by_platform).map(String::as_str);
        let populations = self.populations.iter().filter(|_| by_population).map(String::as_str);
        let allowed = platforms.chain(populations).collect::<Vec<_>>();
        let (code, what) = match (by_platform, by_population) {
            (true, false) => ("choice-unknown", "platform"),
            (false, _) => ("reference-unknown", "group of people"),
            (true, true) => ("reference-unknown", "platform or group of people"),
        };
        let mut diagnostic = Diagnostic::error(code, format!("`{}` is no {what}", entry.key)).at(
            &entry.key_place,
            match allowed.as_slice() {
                [] => "the description has no [[population]]".to_owned(),
                allowed => format!("expected one of: {}", allowed.join(", ")),
            },
        );
        if self.vocabulary.platforms.contains(&entry.key) {
            diagnostic = diagnostic.help(format!("`{}` does not differ by platform", def.id));
        } else if self.populations.contains(&entry.key) {
            diagnostic = diagnostic.help(format!("`{}` does not differ by group of people", def.id));
        }
        self.push(diagnostic.nearest(&entry.key, allowed.iter().copied()));
    }

    fn single(&mut self, def: &FactDef, scope: Scope, node: &Node) {
        if let Some(given) = self.given(&def.ty, !def.defaults.is_empty(), node, &def.id) {
            self.slot(def, scope, given, node);
        }
    }

    /// A value; a text must say something, and something of the author's own.
    fn value(&self, ty: &Type, node: &Node, name: &str) -> Option<Value> {
        if let (Type::Text, Some(text)) = (ty, node.str()) {
            if is_prompt(text) {
                self.push(
                    Diagnostic::error("prose-starter", format!("`{name}` is still the prompt of the starter description"))
                        .at(&node.place, "this is a prompt")
                        .help("replace it, write \"unknown\", or delete the line"),
                );
                return None;
            }
            if is_blank(text) {
                self.push(
                    Diagnostic::error("type-mismatch", format!("`{name}` is empty"))
                        .at(&node.place, "expected a text")
                        .help("write \"unknown\" where the answer is not known"),
                );
                return None;
            }
        }
        match value(ty, node, name, self.sink)? {
            Value::Permissions(set) => Some(Value::Permissions(set.into_iter().map(|p| self.named(p)).collect())),
            value => Some(value),
        }
    }

    /// A permission given by its GUID is the one that the catalogue knows by it.
    fn named(&self, permission: String) -> String {
        self.vocabulary.permission_guids.get(&permission.to_lowercase()).cloned().unwrap_or(permission)
    }

    fn given(&self, ty: &Type, configurable: bool, node: &Node, name: &str) -> Option<Given> {
        match node.str() {
            Some(UNKNOWN) => Some(Given::Unknown),
            Some(NOT_CONFIGURED) if ty.values().iter().any(|(id, _)| id == NOT_CONFIGURED) => self.value(ty, node, name).map(Given::Value),
            Some(NOT_CONFIGURED) if configurable => Some(Given::NotConfigured),
            Some(NOT_CONFIGURED) => {
                self.push(
                    Diagnostic::error("fact-not-configurable", format!("the catalogue knows no default for `{name}`"))
                        .at(&node.place, format!("expected {}, or \"unknown\"", expected(ty))),
                );
                None
            }
            _ => self.value(ty, node, name).map(Given::Value),
        }
    }

    fn slot(&mut self, def: &FactDef, scope: Scope, given: Given, node: &Node) {
        let slots = self.slots.entry(def.id.clone()).or_default();
        match slots.iter().find(|s| s.scope == scope) {
            None => slots.push(Slot { scope, given, place: node.place.clone() }),
            Some(first) => self.sink.borrow_mut().push(
                Diagnostic::error("duplicate-key", format!("`{}` is stated twice for the same people and platform", def.id))
                    .at(&node.place, "stated again here")
                    .at(&first.place, "first stated here")
                    .help("which of them is meant cannot be decided: keep one"),
            ),
        }
    }

    /// Records in order of their keys, so that the order of writing does not matter.
    fn records(&self, def: &FactDef, key: &str, fields: &[FieldDef], items: &[Node]) -> Vec<Record> {
        let mut records: BTreeMap<String, Record> = BTreeMap::new();
        for item in items {
            let Some(record) = self.record(def, key, fields, item) else { continue };
            match records.get(&record.key) {
                None => {
                    records.insert(record.key.clone(), record);
                }
                Some(first) => {
                    let place = |r: &Record| r.fields.get(key).map_or(&r.place, |(_, p)| p).clone();
                    self.push(
                        Diagnostic::error("duplicate-id", format!("two entries of `{}` have the {key} `{}`", def.id, record.key))
                            .at(&place(&record), "used again here")
                            .at(&place(first), "first used here"),
                    );
                }
            }
        }
        records.into_values().collect()
    }

    fn record(&self, def: &FactDef, key: &str, fields: &[FieldDef], node: &Node) -> Option<Record> {
        let Kind::Table(table) = &node.kind else {
            self.push(
                Diagnostic::error("type-mismatch", format!("`{}` is a list of tables, not of {}", def.id, plural(node)))
                    .at(&node.place, format!("expected a table, headed [[{}]]", def.id)),
            );
            return None;
        };
        let mut read = BTreeMap::new();
        for entry in &table.entries {
            if entry.key == key {
                continue;
            }
            let Some(field) = fields.iter().find(|f| f.id == entry.key) else {
                let known = std::iter::once(key).chain(fields.iter().map(|f| f.id.as_str()).filter(|id| *id != key)).collect::<Vec<_>>();
                self.push(
                    Diagnostic::error("unknown-key", format!("an entry of `{}` has no `{}`", def.id, entry.key))
                        .at(&entry.key_place, "not known here")
                        .help(format!("known keys: {}", known.join(", ")))
                        .nearest(&entry.key, known.iter().copied()),
                );
                continue;
            };
            let name = format!("{}.{}", def.id, field.id);
            if let Kind::Table(_) = entry.node.kind {
                let message = format!("`{name}` takes one value, not a table");
                let wanted = format!("expected {}", expected(&field.ty));
                self.push(Diagnostic::error("type-mismatch", message).at(&entry.node.place, wanted));
            } else if let Some(given) = self.given(&field.ty, false, &entry.node, &name) {
                read.insert(field.id.clone(), (given, entry.node.place.clone()));
            }
        }
        let Some(id) = table.get(key) else {
            self.push(
                Diagnostic::error("required-missing", format!("an entry of `{}` has no `{key}`", def.id))
                    .at(&node.place, format!("`{key}` is missing here: the name by which findings refer to the entry")),
            );
            return None;
        };
        match self.value(&Type::Text, id, &format!("{}.{key}", def.id))? {
            Value::Text(text) => {
                read.insert(key.to_owned(), (Given::Value(Value::Text(text.clone())), id.place.clone()));
                Some(Record { list: def.id.clone(), key: text, fields: read, place: node.place.clone() })
            }
            _ => None,
        }
    }

    fn push(&self, diagnostic: Diagnostic) {
        self.sink.borrow_mut().push(diagnostic);
    }
}

fn plural(node: &Node) -> &'static str {
    match node.kind {
        Kind::String(_) => "texts",
        Kind::Array(_) => "lists",
        Kind::Integer(_) | Kind::Float(_) => "numbers",
        _ => "values",
    }
}
