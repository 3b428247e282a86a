//! Reads exports of a tenant — workbooks, CSV, lists, JSON — row by row, with bounded memory and time.
//!
//! The files come from elsewhere and are not trusted: each is recognised by its content, never by its name alone, and is held to
//! [`Limits`]. Whatever is in a file, the outcome is rows or a [`Refused`] that says what to do, never a panic. Nothing is written
//! to the terminal, macros are never looked at, and links to other files are never followed.
//!
//! In a merged range only the cell at the top left has the value, as the file formats have it.
//!
//! ```ignore
//! let limits = sheets::Limits::default();
//! if let sheets::Document::Tables(mut tables) = sheets::open("users.csv".as_ref(), &limits)? {
//!     for index in 0..tables.sheets().len() {
//!         let mut rows = tables.rows(index)?;
//!         while let Some(row) = rows.next_row()? {
//!             let _first_column = (row.number(), row.text(0));
//!         }
//!     }
//! }
//! ```

mod cells;
mod delimited;
mod excel;
mod guard;
mod json;
mod list;
mod ods;
mod package;
mod text;
mod xls;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

pub use cells::{Cell, Kind, Row, cell_name};
use guard::{Deadline, Fuse, Meter, Notes, Source};
use text::Text;

/// Limits for one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file. Default: 256 MiB.
    pub bytes: u64,
    /// Bytes of a workbook after unpacking, all parts together, and bytes of text that one pass over a sheet may deliver.
    /// Default: 1 GiB. Apart from this, no 64 MiB of a part may come from less than a two hundredth.
    pub expanded: u64,
    /// Bytes of the shared texts of a workbook, which are held in memory. Default: 96 MiB; half of it for xls and xlsb.
    pub strings: u64,
    /// Rows that are not empty, for each pass over a sheet. Default: 1,000,000.
    pub rows: u64,
    /// Cells that are not empty, for each pass over a sheet. Default: 20,000,000.
    pub cells: u64,
    /// Seconds from [`open`] to the last row. Default: 60.
    pub seconds: u64,
    /// Values of JSON and entries of a list. So that this also bounds the memory (to about 128 bytes for each), an array counts
    /// five, an object seven, and every 64 bytes of text one more. Default: 2,000,000.
    pub values: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            bytes: 256 << 20,
            expanded: 1 << 30,
            strings: 96 << 20,
            rows: 1_000_000,
            cells: 20_000_000,
            seconds: 60,
            values: 2_000_000,
        }
    }
}

/// Why a file, or the rest of it, was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// One of `sheet-encrypted`, `sheet-expands`, `sheet-too-large`, `sheet-too-slow`, `sheet-broken`, `sheet-entities`,
    /// `sheet-encoding` and `sheet-unknown`.
    pub code: &'static str,
    /// What is wrong: one line in lower case without final stop.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
    /// The last cell that was read, such as `B12`, or near it.
    pub cell: Option<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for Refused {}

impl Refused {
    fn new(code: &'static str, message: String, help: &str) -> Refused {
        Refused { code, message, help: help.to_owned(), sheet: None, cell: None }
    }

    fn broken(message: String) -> Refused {
        Refused::new("sheet-broken", message, "export the file again, and check that it was copied whole")
    }

    fn unknown(message: String, help: &str) -> Refused {
        Refused::new("sheet-unknown", message, help)
    }

    fn encrypted() -> Refused {
        Refused::new(
            "sheet-encrypted",
            "the file is protected with a password".to_owned(),
            "open it with its password and save it without one",
        )
    }

    fn expands(message: String) -> Refused {
        Refused::new("sheet-expands", message, "no export looks like this; if you trust the file, save it as CSV and use that")
    }

    fn entities() -> Refused {
        Refused::new(
            "sheet-entities",
            "the workbook declares XML entities, which no spreadsheet does".to_owned(),
            "save the file anew with Excel",
        )
    }

    fn too_large(what: &'static str, limit: u64, found: u64) -> Refused {
        let help = format!("split the export, delete the columns that are not needed, or raise the limit with --limit {what}=N");
        let weighed = if what == "values" { " (an array, an object or a long text counts several)" } else { "" };
        let message = format!("the file has more {what} than the limit of {limit}: {found} or more{weighed}");
        Refused { help, ..Refused::new("sheet-too-large", message, "") }
    }

    fn at(mut self, sheet: Option<&str>, cell: Option<String>) -> Refused {
        self.sheet = self.sheet.or_else(|| sheet.map(str::to_owned));
        self.cell = self.cell.or(cell);
        self
    }
}

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A workbook of Excel 2007 or later, with or without macros.
    Xlsx,
    /// A binary workbook of Excel 2007 or later.
    Xlsb,
    /// A workbook of Excel 97 to 2003.
    Xls,
    /// An OpenDocument spreadsheet.
    Ods,
    /// Text with a separator.
    Csv,
    /// Text of the form `Name : Value`.
    List,
    /// JSON.
    Json,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Xlsx => "an xlsx workbook",
            Format::Xlsb => "an xlsb workbook",
            Format::Xls => "an xls workbook",
            Format::Ods => "an ods workbook",
            Format::Csv => "CSV text",
            Format::List => "\"Name : Value\" text",
            Format::Json => "JSON",
        })
    }
}

/// An opened file.
#[derive(Debug)]
pub enum Document {
    /// A workbook or CSV text.
    Tables(Tables),
    /// Text of the form `Name : Value`.
    Objects(Objects),
    /// JSON.
    Json(Json),
}

impl Document {
    /// What the file turned out to be.
    pub fn format(&self) -> Format {
        match self {
            Document::Tables(tables) => tables.format,
            Document::Objects(_) => Format::List,
            Document::Json(_) => Format::Json,
        }
    }

    /// Remarks about the file, which is read all the same: an ending that does not fit, a guessed encoding.
    pub fn notes(&self) -> Vec<String> {
        match self {
            Document::Tables(tables) => tables.notes(),
            Document::Objects(objects) => objects.notes.list(),
            Document::Json(json) => json.notes.list(),
        }
    }
}

/// One sheet of a workbook, or the only one of CSV text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its place among the sheets, from 0.
    pub index: usize,
    /// Its name; for CSV text the name of the file without ending.
    pub name: String,
    /// Whether Excel does not show it.
    pub hidden: bool,
}

/// The sheets of a file.
pub struct Tables {
    format: Format,
    notes: Notes,
    sheets: Vec<Sheet>,
    limits: Limits,
    reader: Reader,
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("format", &self.format).field("sheets", &self.sheets).finish_non_exhaustive()
    }
}

enum Reader {
    Excel(Box<excel::Excel>),
    Xls(Box<xls::Xls>),
    Ods(Box<ods::Ods>),
    Csv { path: std::path::PathBuf, written: text::Written, layout: delimited::Layout, deadline: Deadline },
}

impl Tables {
    /// What the file turned out to be.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The sheets, hidden ones too; charts and macros are none.
    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// Remarks about the file; more may come up while rows are read.
    pub fn notes(&self) -> Vec<String> {
        self.notes.list()
    }

    /// The rows of the sheet at this place. A sheet may be read more than once.
    pub fn rows(&mut self, index: usize) -> Result<Box<dyn Rows + '_>, Refused> {
        let Some(sheet) = self.sheets.get(index) else {
            return Err(Refused::broken(format!("the file has no sheet {}", index + 1)));
        };
        match &mut self.reader {
            Reader::Excel(excel) => excel.rows(sheet, &self.limits),
            Reader::Xls(xls) => xls.rows(sheet, &self.limits),
            Reader::Ods(ods) => ods.rows(sheet, &self.limits),
            Reader::Csv { path, written, layout, deadline } => {
                let text = Text::open(path, *written, *deadline, &self.notes)?;
                Ok(Box::new(delimited::TextRows::new(text, *layout, Meter::new(&self.limits, *deadline))))
            }
        }
    }
}

/// Rows, one after the other.
pub trait Rows {
    /// The next row that is not empty. After an error or the end there are no more.
    fn next_row(&mut self) -> Result<Option<&Row>, Refused>;
}

/// The objects of `Name : Value` text.
#[derive(Debug)]
pub struct Objects {
    notes: Notes,
    objects: Vec<Object>,
}

impl Objects {
    /// The objects, in the order of the file.
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }
}

/// A JSON value that was read whole.
#[derive(Debug)]
pub struct Json {
    notes: Notes,
    value: Value,
}

impl Json {
    /// The value as it is in the file; JSON lines are an array.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The value itself.
    pub fn into_value(self) -> Value {
        self.value
    }

    /// The objects of an array, of the array `value` of an object, or the one object; made one by one. Values that are arrays or
    /// objects themselves are JSON text here.
    pub fn objects(&self) -> impl Iterator<Item = Object> + '_ {
        json::objects(&self.value)
    }
}

/// A named list of values: the common shape of list text and JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Where it begins.
    pub place: Place,
    /// Its values, in the order of the file.
    pub fields: Vec<Field>,
}

impl Object {
    /// The value of this name, if there is one; the first of several.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| &*field.name == name).map(|field| field.value.as_str())
    }
}

/// One value of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: Arc<str>,
    /// Its value as text; lines are joined with a line feed.
    pub value: String,
    /// Where it stands.
    pub place: Place,
}

/// Where a value stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The line, from 1.
    Line(u64),
    /// A JSON pointer.
    Pointer(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, "line {line}"),
            Place::Pointer(pointer) => f.write_str(pointer),
        }
    }
}

/// Opens a file: recognises it by its content, and reads what does not grow with its rows.
pub fn open(path: &Path, limits: &Limits) -> Result<Document, Refused> {
    let deadline = Deadline::new(limits.seconds);
    let notes = Notes::default();
    let meta = std::fs::metadata(path).map_err(text::carried)?;
    // A pipe or device may never end.
    if !meta.is_file() {
        return Err(Refused::unknown("this is not a file".to_owned(), "name the files of the export"));
    }
    let size = meta.len();
    if size > limits.bytes {
        return Err(Refused::too_large("megabytes", limits.bytes >> 20, size.div_ceil(1 << 20)));
    }
    if size == 0 {
        return Err(Refused::broken("the file is empty".to_owned()));
    }
    let mut head = Vec::with_capacity(text::PIECE);
    let file = File::open(path).map_err(text::carried)?;
    (&file).take(text::PIECE as u64).read_to_end(&mut head).map_err(text::carried)?;
    let limits = limits.clone();
    let tables = |format, sheets, reader, notes: Notes| Document::Tables(Tables { format, notes, sheets, limits: limits.clone(), reader });
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        let mut package = package::open(Source::new(file, Fuse::new(deadline)))?;
        let (format, formulas) = guard::guarded(|| {
            let format = package::recognise(&mut package)?;
            let formulas = package::scan(&mut package, format, &limits)?;
            Ok((format, formulas))
        })?;
        compare(path, format, &notes);
        return if format == Format::Ods {
            let (ods, sheets) = ods::open(package, deadline)?;
            Ok(tables(format, sheets, Reader::Ods(Box::new(ods)), notes))
        } else {
            let (excel, sheets) = excel::open(package, format == Format::Xlsb, formulas, path, deadline)?;
            Ok(tables(format, sheets, Reader::Excel(Box::new(excel)), notes))
        };
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        let (xls, sheets) = xls::open(path, &limits, deadline)?;
        compare(path, Format::Xls, &notes);
        return Ok(tables(Format::Xls, sheets, Reader::Xls(Box::new(xls)), notes));
    }
    if let Some(refused) = foreign(&head) {
        return Err(refused);
    }
    let written = text::recognise(&head);
    let sample = text::sample(&head, written);
    let begin = sample.trim_start();
    if let Some(refused) = markup(begin) {
        return Err(refused);
    }
    if begin.starts_with(['{', '[']) {
        compare(path, Format::Json, &notes);
        let text = json::load(&mut Text::open(path, written, deadline, &notes)?, &limits)?;
        let (value, several) = json::read(&text)?;
        if several {
            notes.add("the file holds several JSON values; they are read as one array".to_owned());
        }
        return Ok(Document::Json(Json { notes, value }));
    }
    if list::looks_like(&sample) {
        compare(path, Format::List, &notes);
        let objects = list::read(&mut Text::open(path, written, deadline, &notes)?, &limits)?;
        return Ok(Document::Objects(Objects { notes, objects }));
    }
    compare(path, Format::Csv, &notes);
    // A zero byte near the beginning is better said now than with the first row.
    Text::open(path, written, deadline, &notes)?.peek()?;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let sheets = vec![Sheet { index: 0, name, hidden: false }];
    let reader = Reader::Csv { path: path.to_owned(), written, layout: delimited::layout(&sample), deadline };
    Ok(tables(Format::Csv, sheets, reader, notes))
}

/// Formats that begin with known bytes and are not read.
fn foreign(head: &[u8]) -> Option<Refused> {
    if head.starts_with(b"%PDF-") {
        return Some(Refused::unknown(
            "the file is a PDF; tables cannot be read from it reliably".to_owned(),
            "export the same report as CSV, JSON or xlsx from the admin centre",
        ));
    }
    let known: [(&[u8], &str); 14] = [
        (b"\x89PNG", "a picture (PNG)"),
        (b"\xFF\xD8\xFF", "a picture (JPEG)"),
        (b"GIF8", "a picture (GIF)"),
        (b"BM\x00", "a picture (BMP)"),
        (b"II*\x00", "a picture (TIFF)"),
        (b"MM\x00*", "a picture (TIFF)"),
        (b"{\\rtf", "an RTF text"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"PK\x07\x08", "a part of a zip archive"),
        (b"SQLite format 3\x00", "a database (SQLite)"),
        (b"PAR1", "a Parquet file"),
        (b"\x7FELF", "a program"),
    ];
    known.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, what)| {
        let help = if what.ends_with("archive") {
            "unpack it and name the files in it one by one"
        } else {
            "name a CSV, JSON or text export, or a workbook"
        };
        Refused::unknown(format!("the file is {what}"), help)
    })
}

/// Text that is HTML or XML: old web reports are saved so with the ending .xls.
fn markup(begin: &str) -> Option<Refused> {
    if !begin.starts_with('<') {
        return None;
    }
    let start: String = begin.chars().take(4096).collect::<String>().to_ascii_lowercase();
    let what = if start.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        "a workbook in the XML of Excel 2003"
    } else if start.contains("<html") || start.contains("<!doctype html") || start.contains("<table") {
        "a web page (HTML)"
    } else {
        "XML"
    };
    Some(Refused::unknown(format!("the file is {what}"), "open it in Excel and save it as xlsx, or export the table as CSV"))
}

/// Adds a remark if the ending of the file promises something else.
fn compare(path: &Path, format: Format, notes: &Notes) {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let fits = match ending.as_str() {
        "xlsx" | "xlsm" | "xltx" | "xltm" | "xlam" => format == Format::Xlsx,
        "xlsb" => format == Format::Xlsb,
        "xls" | "xlt" => format == Format::Xls,
        "ods" | "ots" => format == Format::Ods,
        "csv" | "tsv" | "tab" => format == Format::Csv,
        "json" | "jsonl" | "ndjson" => format == Format::Json,
        "txt" | "log" | "text" => matches!(format, Format::Csv | Format::List | Format::Json),
        "pdf" | "doc" | "docx" | "htm" | "html" | "xml" | "zip" => false,
        _ => true,
    };
    if !fits {
        notes.add(format!("the file ends in .{ending}, but it is {format} and is read as such"));
    }
}
