//! Builds the files of the tests, and measures what reading them takes.
#![allow(dead_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write as _;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use dpia365::sheets::{self, Document, Kind, Limits, Refused};
use zip::write::SimpleFileOptions;

/// Counts the bytes that are allocated.
pub struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(now, Relaxed);
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let now = NOW.fetch_add(size, Relaxed) + size;
        PEAK.fetch_max(now.saturating_sub(layout.size()), Relaxed);
        NOW.fetch_sub(layout.size(), Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static TURN: Mutex<()> = Mutex::new(());

/// One measured test at a time: the allocations of another would count, too.
pub fn turn() -> std::sync::MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(|e| e.into_inner())
}

/// Runs `work` and asserts that it takes less than two seconds and 300 MB.
pub fn bounded<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    let start = Instant::now();
    let result = work();
    let (seconds, bytes) = (start.elapsed().as_secs_f64(), PEAK.load(Relaxed) - before);
    eprintln!("{what}: {seconds:.3} s, {:.1} MB", bytes as f64 / 1e6);
    assert!(seconds < 2.0, "{what} took {seconds:.2} s");
    assert!(bytes < 300_000_000, "{what} took {bytes} bytes");
    result
}

pub struct Temp(pub tempfile::TempDir);

impl Temp {
    pub fn new() -> Temp {
        Temp(tempfile::tempdir().unwrap())
    }
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

pub type Found = Vec<(u32, Vec<(u32, Kind, String)>)>;

/// Reads one sheet whole.
pub fn rows(document: &mut Document, index: usize) -> Result<Found, Refused> {
    let Document::Tables(tables) = document else { panic!("no tables: {document:?}") };
    let mut rows = tables.rows(index)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next_row()? {
        found.push((row.number(), row.cells().map(|c| (c.column, c.kind, c.text.to_owned())).collect()));
    }
    Ok(found)
}

/// Reads a file to its end; the number of cells.
pub fn drain(path: &Path, limits: &Limits) -> Result<u64, Refused> {
    let mut document = sheets::open(path, limits)?;
    let mut cells = 0;
    match &mut document {
        Document::Tables(tables) => {
            for index in 0..tables.sheets().len() {
                let mut rows = tables.rows(index)?;
                let mut last = 0;
                while let Some(row) = rows.next_row()? {
                    assert!(row.number() > last, "rows ascend");
                    last = row.number();
                    assert_ne!(row.len(), 0);
                    assert!(row.cells().zip(row.cells().skip(1)).all(|(a, b)| a.column < b.column));
                    assert!(row.cells().all(|c| !c.text.is_empty()));
                    cells += row.len() as u64;
                }
            }
        }
        Document::Objects(objects) => cells += objects.objects().iter().map(|o| o.fields.len() as u64).sum::<u64>(),
        Document::Json(json) => cells += json.objects().map(|o| o.fields.len() as u64).sum::<u64>(),
    }
    Ok(cells)
}

pub fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated).compression_level(Some(1));
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
pub const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
pub const WORKBOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
pub const WORKBOOK_RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A sheet of xlsx with these rows.
pub fn sheet(data: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{data}</sheetData></worksheet>"#
    )
}

/// An xlsx with this sheet and these further parts, which also replace the usual ones.
pub fn xlsx(sheet: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    for &(name, bytes) in more {
        parts.retain(|(other, _)| *other != name);
        parts.push((name, bytes));
    }
    zip(&parts)
}

/// An ods with this content of `office:spreadsheet`.
pub fn ods(body: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s" xmlns:calcext="c"><office:automatic-styles><style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"#
    );
    zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.as_bytes())])
}

/// The OLE container with these streams.
pub fn ole(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, bytes) in streams {
        file.create_stream(name).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

pub fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut out = kind.to_le_bytes().to_vec();
    out.extend((data.len() as u16).to_le_bytes());
    out.extend(data);
    out
}

pub fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A cell record of xls: row, column, format, then the rest.
pub fn cell(kind: u16, row: u16, column: u16, format: u16, rest: &[u8]) -> Vec<u8> {
    record(kind, &join(&[&row.to_le_bytes(), &column.to_le_bytes(), &format.to_le_bytes(), rest]))
}

/// The stream of an xls workbook: sheets as name, state, records; `sst` are the records of shared strings.
pub fn biff(sheets: &[(&str, u8, Vec<u8>)], sst: &[u8]) -> Vec<u8> {
    let bof = record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let build = |starts: &[u32]| {
        let mut out = bof.clone();
        out.extend(record(0x041E, &join(&[&164u16.to_le_bytes(), &10u16.to_le_bytes(), &[0], b"dd/mm/yyyy"])));
        for format in [0u16, 14, 164] {
            out.extend(record(0x00E0, &join(&[&[0, 0], &format.to_le_bytes(), &[0; 16]])));
        }
        for ((name, state, _), start) in sheets.iter().zip(starts) {
            out.extend(record(0x0085, &join(&[&start.to_le_bytes(), &[*state, 0, name.len() as u8, 0], name.as_bytes()])));
        }
        out.extend(sst);
        out.extend(record(0x000A, &[]));
        out
    };
    let mut starts = vec![0u32; sheets.len()];
    let mut at = build(&starts).len() as u32;
    for (start, (_, _, records)) in starts.iter_mut().zip(sheets) {
        *start = at;
        at += (bof.len() + records.len() + 4) as u32;
    }
    let mut out = build(&starts);
    for (_, _, records) in sheets {
        out.extend(&bof);
        out.extend(records);
        out.extend(record(0x000A, &[]));
    }
    out
}

/// A record of xlsb.
pub fn brt(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if kind < 128 {
        out.push(kind as u8);
    } else {
        out.extend([(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8]);
    }
    let mut len = data.len();
    while len >= 128 {
        out.push((len & 0x7F) as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
    out.extend(data);
    out
}

pub fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = (units.len() as u32).to_le_bytes().to_vec();
    out.extend(units.iter().flat_map(|u| u.to_le_bytes()));
    out
}

/// An xlsb whose sheet has these records of rows and cells.
pub fn xlsb(data: &[u8], strings: &[&str]) -> Vec<u8> {
    let types =
        br#"<Types><Override PartName="/xl/workbook.bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>"#;
    let rels = br#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.bin"/></Relationships>"#;
    let workbook = join(&[
        &brt(0x83, &[]),
        &brt(0x9C, &join(&[&0u32.to_le_bytes(), &1u32.to_le_bytes(), &wide("rId1"), &wide("Bin")])),
        &brt(0x90, &[]),
        &brt(0x9D, &[]),
        &brt(0x84, &[]),
    ]);
    let mut sst = brt(0x9F, &join(&[&(strings.len() as u32).to_le_bytes(), &(strings.len() as u32).to_le_bytes()]));
    for text in strings {
        sst.extend(brt(0x13, &join(&[&[0], &wide(text)])));
    }
    let sheet = join(&[&brt(0x81, &[]), &brt(0x94, &[0; 16]), &brt(0x91, &[]), data, &brt(0x92, &[]), &brt(0x82, &[])]);
    zip(&[
        ("[Content_Types].xml", types),
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.bin", &workbook),
        ("xl/_rels/workbook.bin.rels", rels),
        ("xl/sharedStrings.bin", &sst),
        ("xl/worksheets/sheet1.bin", &sheet),
    ])
}

/// A small mixed xlsx of a real writer.
pub fn real_xlsx(rows: u32, columns: u16) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let mut text = String::new();
    for row in 0..rows {
        for column in 0..columns {
            if column % 2 == 0 {
                text.clear();
                let _ = write!(text, "user{}@contoso.com", (row * 7 + u32::from(column)) % 5000);
                sheet.write_string(row, column, &text).unwrap();
            } else {
                sheet.write_number(row, column, f64::from(row) * 1.25 + f64::from(column)).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}
