//! The file as a package of parts.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

const PROPERTIES: &str = "docProps/core.xml";
const END: &str = "</cp:coreProperties>";

/// Adds the language to the properties of the document. The library that wrote the package has no place for it.
pub fn with_language(package: Vec<u8>, language: &str) -> Result<Vec<u8>, String> {
    // A tag of a language is made of letters, digits and hyphens: nothing here needs to be escaped.
    let language: String = language.chars().map(|c| if c == '_' { '-' } else { c }).collect();
    if language.is_empty() || !language.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Ok(package);
    }
    added(package, &language).map_err(|error| format!("the language cannot be written: {error}"))
}

fn added(package: Vec<u8>, language: &str) -> zip::result::ZipResult<Vec<u8>> {
    let room = package.len() + 256;
    let mut from = ZipArchive::new(Cursor::new(package))?;
    let mut into = ZipWriter::new(Cursor::new(Vec::with_capacity(room)));
    for place in 0..from.len() {
        let part = from.by_index_raw(place)?;
        if part.name()? != PROPERTIES {
            into.raw_copy_file(part)?;
            continue;
        }
        drop(part);
        let mut properties = String::new();
        let mut part = from.by_index(place)?;
        part.read_to_string(&mut properties)?;
        let properties = properties.replace(END, &format!("<dc:language>{language}</dc:language>{END}"));
        // The time of the other parts, which is not that of the clock.
        let options = SimpleFileOptions::default()
            .compression_method(part.compression())
            .last_modified_time(part.last_modified().unwrap_or_default())
            .unix_permissions(part.unix_mode().unwrap_or(0o600));
        into.start_file(PROPERTIES, options)?;
        into.write_all(properties.as_bytes())?;
    }
    Ok(into.finish()?.into_inner())
}
