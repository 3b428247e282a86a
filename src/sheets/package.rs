//! The zip container of a workbook: what it is, and whether its parts stay in bounds when they are unpacked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use memchr::{memchr, memmem, memrchr};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;
use zip::result::ZipError;

use super::guard::{Fuse, Source};
use super::{Format, Limits, Refused};

/// Bytes of the file that the directory of the archive may take: some ninety thousand entries.
const DIRECTORY: u64 = 4 << 20;
/// No part of a workbook but sheets and strings is nearly as large.
const SMALL_PART: u64 = 16 << 20;
/// Unpacked bytes after which the ratio is looked at, and the ratio that no spreadsheet reaches.
const WINDOW: u64 = 64 << 20;
const RATIO: u64 = 200;
/// The longest run of text without a tag; a cell holds at most 32,767 characters.
const RUN: u64 = 4 << 20;
/// The longest record of an xlsb part.
const RECORD: u64 = 1 << 20;
/// Memory that one shared string takes besides its text.
const STRING_COST: u64 = 64;

/// The archive, and the fuse of the file below it.
pub(super) struct Package {
    pub archive: ZipArchive<Source>,
    pub fuse: Arc<Fuse>,
}

/// What a scan found out about one part.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    bytes: u64,
    strings: u64,
    names: u64,
}

impl Package {
    /// A part, unpacked as it is read.
    pub fn part(&mut self, name: &str) -> Result<zip::read::ZipFile<'_, Source>, Refused> {
        match find(self, name) {
            Some(index) => entry(self, index),
            None => Err(Refused::broken(format!("the part \"{name}\" is missing"))),
        }
    }
}

/// Opens the archive.
pub(super) fn open(source: Source) -> Result<Package, Refused> {
    let fuse = source.fuse.clone();
    fuse.allow(DIRECTORY);
    let archive = ZipArchive::new(source);
    fuse.allow(u64::MAX);
    let archive = archive.map_err(|error| {
        fuse.cause().unwrap_or_else(|| match error {
            ZipError::UnsupportedArchive(what) if what == ZipError::PASSWORD_REQUIRED => Refused::encrypted(),
            _ => Refused::broken("the file begins like a workbook, but its end is missing or damaged".to_owned()),
        })
    })?;
    Ok(Package { archive, fuse })
}

/// Says which kind of workbook the archive is.
pub(super) fn recognise(package: &mut Package) -> Result<Format, Refused> {
    if let Some(mimetype) = small(package, "mimetype")? {
        if mimetype.starts_with(b"application/vnd.oasis.opendocument.spreadsheet") {
            if small(package, "META-INF/manifest.xml")?.is_some_and(|part| memmem::find(&part, b"encryption-data").is_some()) {
                return Err(Refused::encrypted());
            }
            return Ok(Format::Ods);
        }
        if mimetype.starts_with(b"application/vnd.oasis.opendocument") {
            return Err(Refused::unknown(
                "the file is an OpenDocument file, but not a spreadsheet".to_owned(),
                "export the table as CSV or xlsx",
            ));
        }
    }
    let Some(types) = small(package, "[Content_Types].xml")? else {
        return Err(Refused::unknown(
            "the file is a zip archive without a workbook in it".to_owned(),
            "unpack the archive and name the files in it one by one",
        ));
    };
    let has = |what: &str| memmem::find(&types, what.as_bytes()).is_some();
    if has("ms-excel.sheet.binary.macroEnabled.main") {
        Ok(Format::Xlsb)
    } else if has("spreadsheetml.sheet.main")
        || has("spreadsheetml.template.main")
        || has("ms-excel.sheet.macroEnabled.main")
        || has("ms-excel.template.macroEnabled.main")
    {
        Ok(Format::Xlsx)
    } else if has("wordprocessingml") || has("presentationml") {
        Err(Refused::unknown("the file is a Word or PowerPoint file, not a workbook".to_owned(), "export the table as CSV or xlsx"))
    } else {
        Err(Refused::unknown("the file is an Office package without a workbook in it".to_owned(), "export the table as CSV or xlsx"))
    }
}

/// Unpacks every part once into nothing, and refuses what no spreadsheet has. The sizes that the archive declares may lie,
/// so only counted bytes are believed. The result says whether there may be formulas in an xlsx. Afterwards the libraries may unpack the parts without being watched byte by byte.
pub(super) fn scan(package: &mut Package, format: Format, limits: &Limits) -> Result<bool, Refused> {
    let fuse = package.fuse.clone();
    let mut formulas = false;
    let mut parts: BTreeMap<String, Part> = BTreeMap::new();
    let mut total = 0u64;
    let mut buf = vec![0u8; 64 * 1024];
    let bang = memmem::Finder::new(b"<!");
    for index in 0..package.archive.len() {
        fuse.check()?;
        let mut file = entry(package, index)?;
        let name = file.name().map(|name| name.replace('\\', "/").to_ascii_lowercase()).unwrap_or_default();
        let (declared, packed) = (file.size(), file.compressed_size());
        if declared > limits.expanded || (declared > WINDOW && declared / RATIO > packed) {
            return Err(too_much(&name, declared, limits));
        }
        let xml = name.ends_with(".xml") || name.ends_with(".rels") || name.ends_with(".vml");
        let strings = name.ends_with("sharedstrings.xml");
        let mut records = (format == Format::Xlsb && is_records(&name)).then(Records::default);
        let mut part = Part::default();
        let (mut run, mut window, mut window_start) = (0u64, 0u64, fuse.taken());
        // The last bytes of one piece come before the next one, so that nothing is missed at the seam.
        const SEAM: usize = 4;
        let mut kept = 0;
        loop {
            let n = match file.read(&mut buf[kept..]) {
                Ok(0) => break,
                Ok(n) => n,
                Err(_) if fuse.cause().is_some() => return Err(fuse.cause().unwrap_or_else(Refused::encrypted)),
                Err(_) => return Err(Refused::broken(format!("the part \"{}\" of the workbook is damaged or cut off", printable(&name)))),
            };
            if part.bytes == 0 && n >= 2 && (buf.starts_with(&[0xFF, 0xFE]) || buf.starts_with(&[0xFE, 0xFF])) && xml {
                return Err(Refused::broken(format!("the part \"{}\" of the workbook is not in UTF-8", printable(&name))));
            }
            part.bytes += n as u64;
            total += n as u64;
            window += n as u64;
            if total > limits.expanded {
                return Err(too_much(&name, total, limits));
            }
            if window > WINDOW {
                if window / RATIO > fuse.taken() - window_start {
                    return Err(Refused::expands(format!("the part \"{}\" expands to more than {RATIO} times its size", printable(&name))));
                }
                (window, window_start) = (0, fuse.taken());
                fuse.check()?;
            }
            let fresh = &buf[kept..kept + n];
            if let Some(records) = &mut records {
                part.names += records.feed(fresh).map_err(|()| Refused::broken(format!("the part \"{}\" is damaged", printable(&name))))?;
            }
            if xml {
                match (memchr(b'<', fresh), memrchr(b'<', fresh)) {
                    (Some(first), Some(last)) => {
                        run += first as u64;
                        if run > RUN {
                            return Err(Refused::expands(format!(
                                "a text in the part \"{}\" has more than {} MB",
                                printable(&name),
                                RUN >> 20
                            )));
                        }
                        run = (n - last) as u64;
                    }
                    _ => run += n as u64,
                }
                if run > RUN {
                    return Err(Refused::expands(format!("a text in the part \"{}\" has more than {} MB", printable(&name), RUN >> 20)));
                }
                let piece = &buf[..kept + n];
                let doctype = |at: usize| piece.get(at + 2).is_some_and(|c| c.eq_ignore_ascii_case(&b'd'));
                if bang.find_iter(piece).any(doctype) {
                    return Err(Refused::entities());
                }
                // Reading formulas costs time, which nearly all exports can do without.
                formulas = formulas || memmem::find_iter(piece, b"f>").any(|at| at > 0 && matches!(piece[at - 1], b'<' | b'/' | b':'));
                if strings {
                    part.strings += memmem::find_iter(piece, b"si")
                        // One that ends within the seam was counted with the piece before.
                        .filter(|&at| at > 0 && at + 2 < piece.len() && at + 2 >= kept)
                        .filter(|&at| {
                            matches!(piece[at - 1], b'<' | b':') && matches!(piece[at + 2], b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n')
                        })
                        .count() as u64;
                }
                let keep = SEAM.min(kept + n);
                let end = kept + n;
                buf.copy_within(end - keep..end, 0);
                kept = keep;
            }
        }
        if strings && (part.bytes > limits.strings || part.bytes + part.strings * STRING_COST > 2 * limits.strings) {
            return Err(Refused::expands(format!("the shared texts of the workbook take more than {} MB", limits.strings >> 20)));
        }
        if name == "xl/sharedstrings.bin" && part.bytes > limits.strings / 2 {
            return Err(Refused::expands(format!("the shared texts of the workbook take more than {} MB", limits.strings >> 21)));
        }
        // Two entries may differ in case only; which one a library takes is its affair, so the worse one counts.
        let known = parts.entry(name).or_default();
        *known = Part { bytes: known.bytes.max(part.bytes), strings: known.strings.max(part.strings), names: known.names.max(part.names) };
    }
    match format {
        Format::Xlsx => check_xlsx(package, &parts, limits)?,
        Format::Xlsb => check_xlsb(&parts)?,
        _ => {}
    }
    Ok(formulas)
}

/// The parts that calamine keeps in memory, wherever the package says they are.
fn check_xlsx(package: &mut Package, parts: &BTreeMap<String, Part>, limits: &Limits) -> Result<(), Refused> {
    let rels = small(package, "_rels/.rels")?.unwrap_or_default();
    let mut main = "xl/workbook.xml".to_owned();
    events(&rels, |element| {
        if local(element) == "Relationship"
            && attribute(element, "Type").is_some_and(|kind| kind.ends_with("/relationships/officeDocument"))
        {
            main = attribute(element, "Target").unwrap_or_default().trim_start_matches('/').to_ascii_lowercase();
        }
        Ok(())
    })?;
    let (folder, name) =
        main.rsplit_once('/').map_or(("".to_owned(), main.clone()), |(folder, name)| (format!("{folder}/"), name.to_owned()));
    for part in [
        main.clone(),
        format!("{folder}_rels/{name}.rels"),
        format!("{folder}styles.xml"),
        format!("{folder}theme/theme1.xml"),
        "_rels/.rels".to_owned(),
    ] {
        if parts.get(&part).is_some_and(|part| part.bytes > SMALL_PART) {
            return Err(Refused::expands(format!("the part \"{}\" has more than {} MB", printable(&part), SMALL_PART >> 20)));
        }
    }
    if let Some(styles) = small(package, &format!("{folder}styles.xml"))? {
        // calamine gives every cell format its own copy of the font's name and the number format.
        let (mut formats, mut longest) = (0u64, 0u64);
        events(&styles, |element| {
            formats += u64::from(local(element) == "xf");
            longest = longest.max(element.len() as u64);
            Ok(())
        })?;
        if formats > 70_000 || formats * longest > WINDOW {
            return Err(Refused::expands("the cell formats of the workbook take more room than Excel allows".to_owned()));
        }
    }
    let strings = format!("{folder}sharedstrings.xml");
    if let Some(part) = parts.get(&strings)
        && let Some(index) = find(package, &strings)
    {
        // calamine makes room for as many strings as the part declares.
        let file = entry(package, index)?;
        let mut declared = 0u64;
        stream_events(BufReader::new(file).take(1 << 20), |element| {
            if local(element) != "sst" {
                return Ok(true);
            }
            declared = attribute(element, "uniqueCount").and_then(|count| count.trim().parse().ok()).unwrap_or(0);
            Ok(false)
        })?;
        let most = part.strings.saturating_mul(4).saturating_add(1 << 20).min(2 * limits.strings / 24);
        if declared > most {
            return Err(Refused::broken(format!("the workbook declares {declared} shared texts, but holds {}", part.strings)));
        }
    }
    Ok(())
}

fn check_xlsb(parts: &BTreeMap<String, Part>) -> Result<(), Refused> {
    for name in ["xl/workbook.bin", "xl/styles.bin", "xl/_rels/workbook.bin.rels"] {
        if parts.get(name).is_some_and(|part| part.bytes > SMALL_PART) {
            return Err(Refused::expands(format!("the part \"{name}\" has more than {} MB", SMALL_PART >> 20)));
        }
    }
    // calamine spells out the formulas of defined names, and a few bytes may stand for a long name again and again.
    if parts.get("xl/workbook.bin").is_some_and(|part| part.names > 256 * 1024) {
        return Err(Refused::expands("the defined names of the workbook take more than 256 kB".to_owned()));
    }
    Ok(())
}

/// Whether a part of an xlsb is a row of records that calamine reads.
fn is_records(name: &str) -> bool {
    matches!(name, "xl/workbook.bin" | "xl/styles.bin" | "xl/sharedstrings.bin")
        || (name.starts_with("xl/worksheets/") && name.ends_with(".bin"))
}

/// Walks the records of an xlsb part across pieces.
#[derive(Default)]
struct Records {
    kind: u32,
    kind_bytes: u8,
    kind_done: bool,
    size: u64,
    size_bytes: u8,
    skip: u64,
}

impl Records {
    /// The bytes of defined names in this piece, or `Err` for a record longer than any real one.
    fn feed(&mut self, mut piece: &[u8]) -> Result<u64, ()> {
        let mut names = 0;
        while !piece.is_empty() {
            if self.skip > 0 {
                let n = self.skip.min(piece.len() as u64);
                piece = &piece[n as usize..];
                self.skip -= n;
                continue;
            }
            let byte = piece[0];
            piece = &piece[1..];
            if !self.kind_done {
                self.kind |= u32::from(byte & 0x7F) << (7 * self.kind_bytes);
                self.kind_bytes += 1;
                self.kind_done = byte & 0x80 == 0 || self.kind_bytes == 2;
                continue;
            }
            self.size |= u64::from(byte & 0x7F) << (7 * self.size_bytes);
            self.size_bytes += 1;
            if byte & 0x80 == 0 || self.size_bytes == 4 {
                if self.size > RECORD {
                    return Err(());
                }
                if self.kind == 0x27 {
                    names += self.size;
                }
                *self = Records { skip: self.size, ..Records::default() };
            }
        }
        Ok(names)
    }
}

/// The whole of a small part; `None` if there is none of this name, whatever its case.
fn small(package: &mut Package, name: &str) -> Result<Option<Vec<u8>>, Refused> {
    let Some(index) = find(package, name) else { return Ok(None) };
    let fuse = package.fuse.clone();
    let file = entry(package, index)?;
    let mut part = Vec::new();
    file.take(SMALL_PART + 1)
        .read_to_end(&mut part)
        .map_err(|_| fuse.cause().unwrap_or_else(|| Refused::broken(format!("the part \"{name}\" of the file is damaged or cut off"))))?;
    if part.len() as u64 > SMALL_PART {
        return Err(Refused::expands(format!("the part \"{name}\" has more than {} MB", SMALL_PART >> 20)));
    }
    Ok(Some(part))
}

fn find(package: &Package, name: &str) -> Option<usize> {
    (0..package.archive.len()).find(|&index| {
        package.archive.name_for_index(index).and_then(Result::ok).is_some_and(|other| other.replace('\\', "/").eq_ignore_ascii_case(name))
    })
}

fn entry<'a>(package: &'a mut Package, index: usize) -> Result<zip::read::ZipFile<'a, Source>, Refused> {
    let fuse = package.fuse.clone();
    package.archive.by_index(index).map_err(|error| {
        fuse.cause().unwrap_or_else(|| match error {
            ZipError::UnsupportedArchive(what) if what == ZipError::PASSWORD_REQUIRED => Refused::encrypted(),
            ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
                Refused::broken("the workbook is packed in a way that spreadsheets do not use".to_owned())
            }
            _ => Refused::broken("the zip container of the workbook is damaged".to_owned()),
        })
    })
}

fn too_much(name: &str, bytes: u64, limits: &Limits) -> Refused {
    Refused::expands(format!(
        "the part \"{}\" expands to {} MB or more; the limit is {} MB in total and {RATIO} times its size",
        printable(name),
        bytes >> 20,
        limits.expanded >> 20
    ))
}

/// A name out of the file, safe to show.
pub(super) fn printable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}

pub(super) fn local(element: &BytesStart<'_>) -> String {
    element.local_name().as_ref().to_owned()
}

/// The value of an attribute by its name without prefix.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .map(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).map(|value| value.into_owned()).unwrap_or_default())
}

fn events(part: &[u8], mut each: impl FnMut(&BytesStart<'_>) -> Result<(), Refused>) -> Result<(), Refused> {
    stream_events(part, |element| each(element).map(|()| true))
}

/// Calls `each` with every element until it says `false`. Bad XML ends the pass: the library that reads the part will say so.
fn stream_events(part: impl BufRead, mut each: impl FnMut(&BytesStart<'_>) -> Result<bool, Refused>) -> Result<(), Refused> {
    let mut reader = Reader::from_reader(part);
    reader.config_mut().check_end_names = false;
    let mut buf = Vec::new();
    loop {
        buf.clear();
        match reader.read_event_into(&mut buf) {
            Ok(Event::Start(element) | Event::Empty(element)) => {
                if !each(&element)? {
                    return Ok(());
                }
            }
            Ok(Event::DocType(_)) => return Err(Refused::entities()),
            Ok(Event::Eof) | Err(_) => return Ok(()),
            Ok(_) => {}
        }
    }
}
