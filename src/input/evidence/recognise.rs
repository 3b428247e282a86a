//! Which kind a file is of: by its headings, or by the names that stand in it.

use super::lines::{Head, plain};
use super::paths::Flat;
use crate::model::{EvidenceKind, Reader, RuleKind};
use crate::sheets::{Object, Refused, Row, Tables};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The kinds that a file may be of.
pub(super) struct Kinds<'a> {
    pub(super) all: &'a BTreeMap<String, EvidenceKind>,
    /// The kind that the description names.
    pub(super) only: Option<&'a EvidenceKind>,
    /// Which column is which, as the description says.
    pub(super) columns: Vec<(String, String)>,
}

pub(super) enum Recognised<'a> {
    /// The kind, and the row with its headings among those looked at; `None` where it has none.
    Kind(&'a EvidenceKind, Option<usize>),
    /// Several fit equally well.
    Several(Vec<String>),
    Nothing,
}

impl<'a> Kinds<'a> {
    /// By the first rows of a sheet.
    pub(super) fn of_rows(&self, rows: &VecDeque<Row>, sheet: &str, text: bool) -> Recognised<'a> {
        let mut best: Vec<(usize, &'a EvidenceKind, usize)> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let head = Head::of_row(row);
            for kind in self.candidates() {
                if !text && kind.sheet.as_ref().is_some_and(|s| !s.eq_ignore_ascii_case(sheet)) {
                    continue;
                }
                best.push((self.likeness(&head, kind), kind, at));
            }
        }
        best.retain(|(likeness, ..)| *likeness > 0);
        let most = best.iter().map(|(likeness, ..)| *likeness).max();
        best.retain(|(likeness, ..)| Some(*likeness) == most);
        let mut ids: Vec<&str> = best.iter().map(|(_, kind, _)| kind.id.as_str()).collect();
        ids.dedup();
        match (ids.len(), best.first()) {
            (1, Some((_, kind, at))) => Recognised::Kind(kind, Some(*at)),
            (0, _) => self.by_names(rows),
            _ => Recognised::Several(ids.into_iter().map(str::to_owned).collect()),
        }
    }

    /// By names of policies, where headings are not known.
    fn by_names(&self, rows: &VecDeque<Row>) -> Recognised<'a> {
        let texts: BTreeSet<String> = rows.iter().flat_map(|r| r.cells()).map(|c| plain(c.text)).collect();
        let named = |kind: &&EvidenceKind| {
            kind.reader == Reader::Policies
                && kind.rules.iter().any(|r| match &r.what {
                    RuleKind::Policy { names, .. } => names.iter().any(|n| texts.contains(&plain(n))),
                    _ => false,
                })
        };
        // A kind that the description names needs no known policy among the first rows.
        match self.candidates().find(named).or(self.only.filter(|k| k.reader == Reader::Policies)) {
            Some(kind) => Recognised::Kind(kind, None),
            None => Recognised::Nothing,
        }
    }

    /// By the names of objects.
    pub(super) fn of_head(&self, head: &Head) -> Recognised<'a> {
        let mut best: Vec<(usize, &'a EvidenceKind)> =
            self.candidates().map(|k| (self.likeness(head, k), k)).filter(|(l, _)| *l > 0).collect();
        let most = best.iter().map(|(l, _)| *l).max();
        best.retain(|(l, _)| Some(*l) == most);
        match best.as_slice() {
            [] => Recognised::Nothing,
            [(_, kind)] => Recognised::Kind(kind, None),
            several => Recognised::Several(several.iter().map(|(_, k)| k.id.clone()).collect()),
        }
    }

    fn candidates(&self) -> impl Iterator<Item = &'a EvidenceKind> {
        let only = self.only;
        self.all.values().filter(move |k| only.is_none_or(|o| o.id == k.id))
    }

    fn likeness(&self, head: &Head, kind: &EvidenceKind) -> usize {
        let given = self.only.is_some() && !self.columns.is_empty() && self.columns.iter().all(|(_, h)| head.column(kind, h).is_some());
        // A mapping in the description stands for the headings that the kind knows.
        if given { self.columns.len() } else { head.likeness(kind) }
    }
}

/// Headings that a reader of the kind needs, as they are compared.
pub(super) fn needed(kind: &EvidenceKind) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = kind.columns.values().flatten().chain(kind.headings.iter().flatten()).map(|h| plain(h)).collect();
    for rule in &kind.rules {
        match &rule.what {
            RuleKind::Setting { parameter, .. } => _ = names.insert(plain(parameter)),
            RuleKind::Together { when, .. } => names.extend(when.iter().map(|(p, _)| plain(p))),
            RuleKind::Shows { columns, .. } => names.extend(columns.iter().map(|c| plain(c))),
            RuleKind::Count { column, .. }
            | RuleKind::Largest { column, .. }
            | RuleKind::Assigned { column, .. }
            | RuleKind::Location { column, .. }
            | RuleKind::Field { column, .. } => _ = names.insert(plain(column)),
            _ => {}
        }
    }
    names
}

/// The paths that a kind reads from each element of its list.
pub(super) fn json_columns(kind: &EvidenceKind) -> Vec<String> {
    let mut paths: Vec<String> = kind.columns.values().flatten().cloned().collect();
    for rule in &kind.rules {
        if let RuleKind::Field { column, .. } = &rule.what {
            paths.push(column.clone());
        }
    }
    paths.sort();
    paths.dedup();
    paths
}

/// Objects of `Name : Value` text under one head.
pub(super) fn listed(objects: &[Object]) -> (Head, Vec<Flat>) {
    let (mut names, mut known): (Vec<String>, BTreeMap<String, u32>) = (Vec::new(), BTreeMap::new());
    let mut all = Vec::new();
    for object in objects {
        let mut cells: Vec<(u32, String, String)> = Vec::new();
        for field in &object.fields {
            let name = plain(&field.name);
            let next = u32::try_from(names.len()).unwrap_or(u32::MAX);
            let column = *known.entry(name.clone()).or_insert_with(|| {
                names.push(name);
                next
            });
            if !cells.iter().any(|(c, ..)| *c == column) {
                cells.push((column, field.place.to_string(), field.value.clone()));
            }
        }
        all.push(Flat::new(cells));
    }
    (Head::named(names), all)
}

/// The texts of a sheet's first row, and the whole of it as one object under its head.
pub(super) type TwoColumns = (Vec<String>, Head, Vec<Flat>);

/// A sheet whose rows are a name and a value each, as one object; with the texts of its first row, which may be headings after all.
pub(super) fn two_columns(tables: &mut Tables, sheets: &[(usize, String, bool)], most: usize) -> Result<Option<TwoColumns>, Refused> {
    for (index, _, hidden) in sheets {
        if *hidden {
            continue;
        }
        let (mut names, mut cells, mut number, mut valued) = (Vec::new(), Vec::new(), 0, 0);
        let mut rows = tables.rows(*index)?;
        let (mut fits, mut first) = (true, Vec::new());
        while let Some(row) = rows.next_row()? {
            number += 1;
            let pair = row.cells().next().is_some_and(|c| c.column == 0) && row.cells().all(|c| c.column <= 1);
            if number > most || !pair {
                fits = false;
                break;
            }
            if number == 1 {
                first = row.cells().map(|c| plain(c.text)).collect();
            }
            valued += usize::from(!row.text(1).is_empty());
            let name = plain(row.text(0));
            let heading = ["value", "wert", "waarde"].contains(&plain(row.text(1)).as_str());
            if names.contains(&name) || number == 1 && heading {
                continue;
            }
            let column = u32::try_from(names.len()).unwrap_or(u32::MAX);
            names.push(name);
            cells.push((column, crate::sheets::cell_name(1, row.number()), row.text(1).to_owned()));
        }
        // A list in one column is no list of names and values.
        if fits && names.len() > 1 && valued * 2 > number {
            return Ok(Some((first, Head::named(names), vec![Flat::new(cells)])));
        }
    }
    Ok(None)
}
