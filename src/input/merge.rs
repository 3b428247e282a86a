use crate::diagnostic::Diagnostic;
use crate::source::{Kind, Node, Table};

/// Lays the table of an included file over what was read before: tables key by key, lists of tables one after the other.
///
/// A value that both give is a fault: which of them is meant cannot be decided.
pub(super) fn merge(into: &mut Table, from: Table, diagnostics: &mut Vec<Diagnostic>) {
    for entry in from.entries {
        match into.entries.iter_mut().find(|e| e.key == entry.key) {
            None => into.entries.push(entry),
            Some(before) => match (&mut before.node.kind, entry.node.kind) {
                (Kind::Table(a), Kind::Table(b)) => merge(a, b, diagnostics),
                (Kind::Array(a), Kind::Array(b)) if are_tables(a) && are_tables(&b) && !(a.is_empty() && b.is_empty()) => a.extend(b),
                _ => diagnostics.push(
                    Diagnostic::error("duplicate-key", format!("`{}` is written in two files", entry.key))
                        .at(&entry.key_place, "written again here")
                        .at(&before.key_place, "first written here")
                        .help("which of them is meant cannot be decided: keep one"),
                ),
            },
        }
    }
}

fn are_tables(items: &[Node]) -> bool {
    items.iter().all(|n| n.table().is_some())
}
