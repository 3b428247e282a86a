//! What readers see: the document of a view as words, tables, cards and gaps.

use serde_json::Value as Json;

/// What is read, in the order in which it stands on the page.
const READ: [&str; 16] = [
    "number", "heading", "caption", "title", "label", "s", "word", "text", "c", "value", "items", "columns", "rows", "blocks", "parts",
    "chapters",
];

/// The words of a part of the document in reading order; a line break is a space.
pub fn text(node: &Json) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn write(node: &Json, out: &mut String) {
    match node {
        Json::Array(items) => items.iter().for_each(|i| write(i, out)),
        Json::Object(parts) => {
            // Pieces of a line follow each other without a space; blocks do not.
            let inline = parts.contains_key("t");
            if !inline || parts["t"] == "break" {
                out.push(' ');
            }
            for key in READ {
                match parts.get(key) {
                    Some(Json::String(s)) => {
                        out.push_str(s);
                        if !inline {
                            out.push(' ');
                        }
                    }
                    Some(Json::Array(items)) => items.iter().for_each(|i| {
                        write(i, out);
                        if !inline && i.is_array() {
                            out.push(' ');
                        }
                    }),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Every block below a node, those inside others included.
pub fn blocks(node: &Json) -> Vec<&Json> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match node {
            Json::Array(items) => open.extend(items.iter().rev()),
            Json::Object(parts) => {
                if parts.contains_key("kind") {
                    found.push(node);
                }
                open.extend(parts.values());
            }
            _ => {}
        }
    }
    found
}

/// The rows of all tables with a caption, as the words of their cells.
pub fn rows(view: &Json, caption: &str) -> Vec<Vec<String>> {
    let tables = blocks(&view["document"]).into_iter().filter(|b| b["kind"] == "table" && b["caption"] == caption);
    let row = |r: &Json| r.as_array().unwrap().iter().map(text).collect();
    tables.flat_map(|t| t["rows"].as_array().unwrap()).map(row).collect()
}

/// The rules whose gaps stand below a node.
pub fn gaps(node: &Json) -> Vec<&str> {
    blocks(node).into_iter().filter(|b| b["kind"] == "gap").map(|b| b["rule"].as_str().unwrap()).collect()
}

/// The card of a finding.
pub fn card<'j>(view: &'j Json, finding: &str) -> &'j Json {
    let id = format!("finding-{finding}");
    let card = blocks(&view["document"]).into_iter().find(|b| b["kind"] == "finding" && b["id"] == id.as_str());
    card.unwrap_or_else(|| panic!("{finding} has no card"))
}

/// A part of a card by its heading.
pub fn part<'j>(card: &'j Json, heading: &str) -> Option<&'j Json> {
    card["parts"].as_array().unwrap().iter().find(|p| p["label"] == heading)
}
