//! The files that decide what a report looks like.

use std::collections::BTreeMap;

use typst::foundations::Bytes;
use typst::text::Font;

/// The templates folder: each file's path, with `/` between its parts and none before the first, and its bytes.
///
/// The map is ordered, so fonts are loaded in the same order everywhere and the same input gives the same bytes.
#[derive(Clone, Debug, Default)]
pub struct Templates(BTreeMap<String, Vec<u8>>);

impl Templates {
    /// Templates from the files of a folder, e.g. `report.typ` or `fonts/SourceSans3-Regular.ttf`.
    pub fn new(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self(files)
    }

    /// The bytes of one file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(path).map(Vec::as_slice)
    }

    /// All files in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The fonts in `fonts/`, in the order of their paths. A file that is no font gives none.
    pub(super) fn fonts(&self) -> Vec<Font> {
        self.files()
            .filter(|(path, _)| path.starts_with("fonts/") && has_extension(path, &["ttf", "otf", "ttc", "otc"]))
            .flat_map(|(_, bytes)| Font::iter(Bytes::new(bytes.to_vec())))
            .collect()
    }
}

/// Whether a path ends in one of these extensions, in whatever case.
pub(super) fn has_extension(path: &str, extensions: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| extensions.iter().any(|extension| end.eq_ignore_ascii_case(extension)))
}
