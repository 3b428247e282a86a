//! The layers of the house: each module uses those above it, never those below.

use std::path::Path;

/// From top to bottom; the number of a module is its height.
const ORDER: [&str; 10] = ["diagnostic", "model", "source", "sheets", "catalog", "input", "assessment", "report", "render", "cli"];

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn layer_of(path: &Path, root: &Path) -> Option<usize> {
    let first =
        path.strip_prefix(root).unwrap().components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
    ORDER.iter().position(|l| *l == first)
}

#[test]
fn arrows_point_upwards() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 30, "the sources were not found");
    let mut wrong = Vec::new();
    for file in files {
        let Some(layer) = layer_of(&file, &root) else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        for (below, name) in ORDER.iter().enumerate().skip(layer + 1) {
            if text.contains(&format!("crate::{name}::")) || text.contains(&format!("use crate::{name};")) {
                wrong.push(format!("{} ({}) uses {} ({below})", file.display(), ORDER[layer], name));
            }
        }
        // Grouped imports: `use crate::{a, b}`.
        for group in text.split("use crate::{").skip(1) {
            let group = &group[..group.find("};").unwrap_or(group.len())];
            for name in ORDER.iter().skip(layer + 1) {
                if group.split([',', '{', ':', ' ', '\n']).any(|w| w == *name) {
                    wrong.push(format!("{} uses {name} in a group", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point down:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_is_a_layer() {
    let lib = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let modules: Vec<&str> = lib.lines().filter_map(|l| l.strip_prefix("pub mod ")).map(|l| l.trim_end_matches(';')).collect();
    for module in &modules {
        assert!(ORDER.contains(module), "`{module}` has no place among the layers");
    }
    assert_eq!(modules.len(), ORDER.len());
}

#[test]
fn only_the_command_line_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        let inside = file.strip_prefix(&root).unwrap();
        if inside.starts_with("cli") || inside == Path::new("main.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for word in ["println!", "eprintln!", "print!(", "eprint!(", "dbg!("] {
            assert!(!text.contains(word), "{} prints with {word}", file.display());
        }
    }
}

/// The core touches neither files, clock nor environment.
#[test]
fn the_core_is_pure() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for layer in ["model", "assessment", "report"] {
        let mut files = Vec::new();
        sources(&root.join(layer), &mut files);
        assert!(!files.is_empty());
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            for word in ["std::fs", "std::env::", "std::time", "Zoned::now", "HashMap"] {
                assert!(!text.contains(word), "{} uses {word}", file.display());
            }
        }
    }
}

/// Typst's types stay in `render`, `calamine` and the terminal in their own layers.
#[test]
fn typst_stays_in_render() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        if file.strip_prefix(&root).unwrap().starts_with("render") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("typst::") && !text.contains("typst_"), "{} knows Typst", file.display());
    }
}
