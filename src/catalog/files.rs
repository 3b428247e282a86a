use super::Info;
use crate::diagnostic::{Diagnostic, Files};
use crate::source::{Fields, Kind, Node, parse};
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/risk-catalog");

/// A file of a catalogue is never larger than this.
const LARGEST: u64 = 4 << 20;

/// One catalogue folder as texts, by path inside the folder with forward slashes.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// How places name the folder.
    pub name: String,
    pub files: BTreeMap<String, String>,
}

impl Layer {
    /// The catalogue that the program carries.
    pub fn embedded() -> Self {
        let mut layer = Self { name: "risk-catalog".to_owned(), files: BTreeMap::new() };
        collect(&EMBEDDED, &mut layer.files);
        layer
    }

    /// A catalogue folder on disk.
    ///
    /// # Errors
    /// A diagnostic for a folder that is missing, or a file that is too large or not UTF-8.
    pub fn folder(path: &Path) -> Result<Self, Diagnostic> {
        let name = path.display().to_string();
        if !path.is_dir() {
            return Err(Diagnostic::error("file-missing", format!("there is no catalogue folder `{name}`"))
                .help("--catalog takes a folder laid out like risk-catalog/"));
        }
        let mut files = BTreeMap::new();
        walk(path, path, &mut files)?;
        Ok(Self { name, files })
    }
}

fn collect(dir: &Dir<'_>, files: &mut BTreeMap<String, String>) {
    for file in dir.files() {
        if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            files.insert(path.replace('\\', "/"), text.to_owned());
        }
    }
    for dir in dir.dirs() {
        collect(dir, files);
    }
}

fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) -> Result<(), Diagnostic> {
    let unreadable = |path: &Path, e: std::io::Error| Diagnostic::error("file-missing", format!("cannot read `{}`: {e}", path.display()));
    for entry in std::fs::read_dir(folder).map_err(|e| unreadable(folder, e))? {
        let entry = entry.map_err(|e| unreadable(folder, e))?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(|e| unreadable(folder, e))?);
        if kind.is_dir() {
            walk(root, &path, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|e| e == "toml") {
            if entry.metadata().map_err(|e| unreadable(&path, e))?.len() > LARGEST {
                return Err(Diagnostic::error("file-too-large", format!("`{}` is larger than 4 MiB", path.display())));
            }
            let bytes = std::fs::read(&path).map_err(|e| unreadable(&path, e))?;
            let text = String::from_utf8(bytes)
                .map_err(|_| Diagnostic::error("file-encoding", format!("`{}` is not UTF-8 text", path.display())))?;
            let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.insert(relative, text);
        }
    }
    Ok(())
}

/// All layers in one: later ids over earlier ones.
pub(super) struct Merged {
    pub infos: Vec<Info>,
    /// Nodes by kind of file, then by id. Files that hold several entries are split.
    pub nodes: Nodes,
}

/// Entries by kind (`facts`, `vendor`, `risks`, `measures`, …) in order of first appearance.
#[derive(Default)]
pub(super) struct Nodes(BTreeMap<&'static str, Vec<Item>>);

/// One entry: its id, its family (for risks) or file stem, and its node.
pub(super) struct Item {
    pub id: String,
    pub group: String,
    pub node: Node,
    layer: usize,
}

impl Nodes {
    pub fn of(&self, kind: &str) -> &[Item] {
        self.0.get(kind).map_or(&[], Vec::as_slice)
    }

    fn put(&mut self, kind: &'static str, id: String, group: &str, node: Node, layer: usize, diagnostics: &RefCell<Vec<Diagnostic>>) {
        let list = self.0.entry(kind).or_default();
        match list.iter_mut().find(|i| i.id == id) {
            Some(item) if item.layer == layer => diagnostics.borrow_mut().push(
                Diagnostic::error("duplicate-id", format!("`{id}` is defined twice"))
                    .at(&node.place, "again here")
                    .at(&item.node.place, "first here"),
            ),
            Some(item) => *item = Item { id, group: group.to_owned(), node, layer },
            None => list.push(Item { id, group: group.to_owned(), node, layer }),
        }
    }
}

pub(super) fn read(layers: &[Layer], files: &mut Files, diagnostics: &RefCell<Vec<Diagnostic>>) -> Merged {
    let mut merged = Merged { infos: Vec::new(), nodes: Nodes::default() };
    for (index, layer) in layers.iter().enumerate() {
        let mut info =
            Info { name: layer.name.clone(), version: String::new(), as_of: None, licence: String::new(), sha256: hash(&layer.files) };
        for (path, text) in &layer.files {
            let mut found = Vec::new();
            let node = parse(&format!("{}/{path}", layer.name), text, files, &mut found);
            diagnostics.borrow_mut().append(&mut found);
            place(path, node, index, &mut merged.nodes, &mut info, diagnostics);
        }
        merged.infos.push(info);
    }
    merged
}

/// Sorts a file's entries under their kinds by the path of the file.
fn place(path: &str, node: Node, layer: usize, nodes: &mut Nodes, info: &mut Info, diagnostics: &RefCell<Vec<Diagnostic>>) {
    let parts: Vec<&str> = path.trim_end_matches(".toml").split('/').collect();
    let Kind::Table(table) = &node.kind else { return };
    match parts.as_slice() {
        ["catalog"] => read_info(&node, info, diagnostics),
        ["facts", _] => {
            for entry in &table.entries {
                // `[area.name]` is a table of tables; `[third-party-apps]` is a fact itself, told by its `type`.
                match &entry.node.kind {
                    Kind::Table(inner) if inner.get("type").is_none_or(|t| t.str().is_none()) => {
                        for fact in &inner.entries {
                            let id = format!("{}.{}", entry.key, fact.key);
                            nodes.put("facts", id, &entry.key, fact.node.clone(), layer, diagnostics);
                        }
                    }
                    _ => nodes.put("facts", entry.key.clone(), &entry.key, entry.node.clone(), layer, diagnostics),
                }
            }
        }
        ["vendor", _] => {
            for entry in table.get("vendor").and_then(Node::table).map(|t| t.entries.as_slice()).unwrap_or_default() {
                nodes.put("vendor", format!("vendor.{}", entry.key), "vendor", entry.node.clone(), layer, diagnostics);
            }
            for stray in table.entries.iter().filter(|e| e.key != "vendor") {
                diagnostics.borrow_mut().push(
                    Diagnostic::error("catalog-format", format!("`{}` does not belong in a vendor file", stray.key))
                        .at(&stray.key_place, "vendor facts are [vendor.<name>]"),
                );
            }
        }
        ["risks", family, id] => nodes.put("risks", (*id).to_owned(), family, node, layer, diagnostics),
        ["measures", id] => nodes.put("measures", (*id).to_owned(), "", node, layer, diagnostics),
        ["methods", id] => nodes.put("methods", (*id).to_owned(), "", node, layer, diagnostics),
        ["evidence", id] => nodes.put("evidence", (*id).to_owned(), "", node, layer, diagnostics),
        ["lists", id] => nodes.put("lists", (*id).to_owned(), "", node, layer, diagnostics),
        ["taxonomy"] => {
            for list in &table.entries {
                for entry in list.node.table().map(|t| t.entries.as_slice()).unwrap_or_default() {
                    nodes.put("taxonomy", format!("{}/{}", list.key, entry.key), &list.key, entry.node.clone(), layer, diagnostics);
                }
            }
        }
        ["completeness"] => {
            for rule in table.get("rule").and_then(Node::array).unwrap_or_default() {
                let id = rule.table().and_then(|t| t.get("id")).and_then(Node::str).unwrap_or_default();
                nodes.put("completeness", id.to_owned(), "", rule.clone(), layer, diagnostics);
            }
        }
        [list, ..] if parts.len() == 1 || parts.len() == 2 && *list == "sources" => {
            let Some(kind) = TABLES.into_iter().find(|t| t == list) else {
                stray(path, &node, diagnostics);
                return;
            };
            for entry in &table.entries {
                nodes.put(kind, entry.key.clone(), "", entry.node.clone(), layer, diagnostics);
            }
        }
        _ => stray(path, &node, diagnostics),
    }
}

/// Files that are a table of entries.
const TABLES: [&str; 10] =
    ["permissions", "combinations", "sources", "glossary", "staff-representation", "retention", "transfers", "roles", "rights", "policies"];

fn stray(path: &str, node: &Node, diagnostics: &RefCell<Vec<Diagnostic>>) {
    diagnostics.borrow_mut().push(
        Diagnostic::error("catalog-format", format!("`{path}` is not a file of a catalogue"))
            .at(&node.place, "see docs/catalogue.md for the folder's layout"),
    );
}

fn read_info(node: &Node, info: &mut Info, diagnostics: &RefCell<Vec<Diagnostic>>) {
    let Some(fields) = Fields::of(node, "catalog.toml", diagnostics) else { return };
    info.name = fields.required_str("name").unwrap_or_default().to_owned();
    info.version = fields.required_str("version").unwrap_or_default().to_owned();
    info.as_of = fields.date("as-of");
    info.licence = fields.required_str("licence").unwrap_or_default().to_owned();
    let _ = fields.strs("languages");
    fields.finish();
}

fn hash(files: &BTreeMap<String, String>) -> String {
    let mut hasher = Sha256::new();
    for (path, text) in files {
        hasher.update(path.as_bytes());
        hasher.update([0]);
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    hex(&hasher.finalize())
}

/// Bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
