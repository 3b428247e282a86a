//! The files inside a delivered PDF.
//!
//! A PDF comes from outside: it may be damaged, or made to harm. Nothing in it decides where a file is written or how much memory
//! is used for its contents.

use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro_syntax::object::{Array, Dict, Stream, String as PdfString};
use hayro_syntax::{Filter, Pdf};

use crate::diagnostic::Diagnostic;

/// A PDF of ours is never longer than this.
pub const LARGEST_PDF: u64 = MOST_BYTES as u64;
/// All attachments of a PDF together are at most this long, unpacked; so is the PDF itself.
const MOST_BYTES: usize = 64 << 20;
/// Attachments in one PDF. A report carries two or three.
const MOST_FILES: usize = 256;
/// Nodes of the tree of names, which may be made to lead back into itself. Our reports have a single one.
const MOST_NODES: usize = 256;

/// The files that a PDF carries, with their names, in the order of the PDF.
///
/// Names come out as relative paths with `/` between their parts: what is absolute, leads upwards, or is no name at all is refused.
///
/// # Errors
///
/// The file is no PDF, carries a file that it cannot give back, or one under a name or of a size that is not allowed.
pub fn attachments(pdf: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Vec<Diagnostic>> {
    read(pdf)
        .map_err(|message| vec![Diagnostic::error("pdf-unreadable", message).help("give the PDF that `dpia365 report` wrote, unchanged")])
}

fn read(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, String> {
    if bytes.len() > MOST_BYTES {
        return Err(format!("the PDF is larger than {} MB", MOST_BYTES >> 20));
    }
    let pdf = Pdf::new(bytes.to_vec()).map_err(|_| "the file cannot be read as a PDF".to_owned())?;
    let xref = pdf.xref();
    let tree =
        xref.get::<Dict>(xref.root_id()).and_then(|root| root.get::<Dict>("Names")).and_then(|names| names.get::<Dict>("EmbeddedFiles"));
    let mut found = Found { files: Vec::new(), room: MOST_BYTES, nodes: MOST_NODES };
    if let Some(tree) = tree {
        found.collect(&tree)?;
    }
    Ok(found.files)
}

/// What has been read so far, and how much more may be.
struct Found {
    files: Vec<(String, Vec<u8>)>,
    room: usize,
    nodes: usize,
}

impl Found {
    /// Reads one node of the tree of names and those below it.
    fn collect(&mut self, node: &Dict) -> Result<(), String> {
        self.nodes = self.nodes.checked_sub(1).ok_or_else(|| "the PDF's list of attachments is too long".to_owned())?;
        if let Some(pairs) = node.get::<Array>("Names") {
            let mut pairs = pairs.flex_iter();
            // A pair is a key, which the file's own name repeats, and the file.
            while pairs.next::<PdfString>().is_some() {
                let Some(spec) = pairs.next::<Dict>() else { break };
                self.add(&spec)?;
            }
        }
        if let Some(kids) = node.get::<Array>("Kids") {
            for kid in kids.iter::<Dict>() {
                self.collect(&kid)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, spec: &Dict) -> Result<(), String> {
        if self.files.len() == MOST_FILES {
            return Err(format!("the PDF carries more than {MOST_FILES} files"));
        }
        let name = safe_name(spec)?;
        if self.files.iter().any(|(other, _)| *other == name) {
            return Err(format!("the PDF carries two files named `{name}`"));
        }
        let contents = contents(spec, self.room).map_err(|problem| format!("the attachment `{name}` {problem}"))?;
        self.room -= contents.len();
        self.files.push((name, contents));
        Ok(())
    }
}

fn contents(spec: &Dict, room: usize) -> Result<Vec<u8>, String> {
    let missing = || "has no contents".to_owned();
    let embedded = spec.get::<Dict>("EF").ok_or_else(missing)?;
    let stream = embedded.get::<Stream>("UF").or_else(|| embedded.get::<Stream>("F")).ok_or_else(missing)?;
    let packed = stream.raw_data();
    let filters: Vec<_> = stream.filters().into_iter().collect();
    // One byte more than there is room for tells that there is too much.
    let limit = room + 1;
    let mut unpacked = Vec::new();
    match filters.as_slice() {
        [] => unpacked.extend(packed.iter().take(limit)),
        // Unpacked here and not by the PDF library, which knows no limit: a few bytes can stand for gigabytes.
        [Filter::FlateDecode] => {
            ZlibDecoder::new(&packed[..]).take(limit as u64).read_to_end(&mut unpacked).map_err(|_| "is damaged".to_owned())?;
        }
        _ => return Err("is packed in a way that our reports do not use".to_owned()),
    }
    if unpacked.len() > room {
        return Err(format!("does not fit into {} MB together with the others", MOST_BYTES >> 20));
    }
    Ok(unpacked)
}

/// The file's name as a relative path that stays in its folder, on any system.
fn safe_name(spec: &Dict) -> Result<String, String> {
    let raw = spec
        .get::<PdfString>("UF")
        .or_else(|| spec.get::<PdfString>("F"))
        .ok_or_else(|| "the PDF carries a file without a name".to_owned())?;
    let name = text(raw.as_bytes());
    let fine = |part: &str| {
        !part.is_empty()
            && part.len() <= 200
            && !part.starts_with('.')
            && !part.ends_with(['.', ' '])
            && !part.chars().any(|c| c.is_control() || matches!(c, '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'))
    };
    if name.len() <= 1000 && name.split('/').count() <= 8 && name.split('/').all(fine) {
        Ok(name)
    } else {
        Err(format!("the PDF carries a file under a name that is not allowed: `{}`", name.escape_debug().take(120).collect::<String>()))
    }
}

/// A text string of a PDF: UTF-16 or UTF-8 where its mark says so, else taken as UTF-8 as far as it is.
fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
