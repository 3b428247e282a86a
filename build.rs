//! Rebuilds the crate when a catalogue or template file is added or removed: the folders are embedded.

fn main() {
    for folder in ["risk-catalog", "templates"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
