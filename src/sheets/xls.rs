//! xls workbooks (Excel 97 to 2003), record by record: calamine would lay all sheets out in memory before the first row.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use calamine::{ExcelDateTime, ExcelDateTimeType};
use cfb::{CompoundFile, Stream};

use super::cells::{COLUMNS, Kind, builtin_format, date_format, push_date, push_number};
use super::guard::{Deadline, Fuse, Meter, Source, guarded, stepped};
use super::{Limits, Refused, Row, Rows, Sheet, cell_name};

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;
const CONTINUE: u16 = 0x003C;
const STRING: u16 = 0x0207;
/// Sheets of one workbook; Excel allows as many as the memory holds, nobody has this many.
const SHEETS: usize = 4096;
/// Cell formats of one workbook; Excel allows 4,050.
const FORMATS: usize = 65_536;

/// An open workbook.
pub(super) struct Xls {
    container: CompoundFile<Source>,
    stream: &'static str,
    fuse: Arc<Fuse>,
    deadline: Deadline,
    globals: Globals,
    starts: Vec<u64>,
}

#[derive(Default)]
struct Globals {
    strings: Strings,
    /// How the cells of each format show numbers.
    formats: Vec<Option<ExcelDateTimeType>>,
    epoch_1904: bool,
}

/// All shared strings in one text.
#[derive(Default)]
struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        self.text.get(start..end)
    }
}

fn damaged(what: &str) -> Refused {
    Refused::broken(format!("the xls workbook is damaged: {what}"))
}

/// Opens an OLE container: an xls workbook, or something else that is named in the refusal.
pub(super) fn open(path: &Path, limits: &Limits, deadline: Deadline) -> Result<(Xls, Vec<Sheet>), Refused> {
    let fuse = Fuse::new(deadline);
    let file = File::open(path).map_err(super::text::carried)?;
    guarded(|| {
        let source = Source::new(file, fuse.clone());
        let container = CompoundFile::open(source)
            .map_err(|_| fuse.cause().unwrap_or_else(|| damaged("its container cannot be read; it may be cut off")))?;
        if container.exists("/EncryptedPackage") || container.exists("/EncryptionInfo") {
            return Err(Refused::encrypted());
        }
        let stream = if container.exists("/Workbook") {
            "/Workbook"
        } else if container.exists("/Book") {
            return Err(Refused::unknown("the workbook is of Excel 95 or older".to_owned(), "open it in Excel and save it as xlsx"));
        } else {
            let what = if container.exists("/WordDocument") {
                "a Word document of the old kind (.doc)"
            } else if container.exists("/PowerPoint Document") {
                "a PowerPoint file of the old kind (.ppt)"
            } else if container.exists("/__properties_version1.0") {
                "an Outlook message (.msg)"
            } else {
                "an OLE container without a workbook"
            };
            return Err(Refused::unknown(format!("the file is {what}"), "export the table as CSV or xlsx"));
        };
        let mut book = Xls { container, stream, fuse, deadline, globals: Globals::default(), starts: Vec::new() };
        let sheets = book.globals(limits)?;
        Ok((book, sheets))
    })
}

/// The records of the workbook's stream from some place on.
struct Records {
    stream: BufReader<Stream<Source>>,
    kind: u16,
    data: Vec<u8>,
    fuse: Arc<Fuse>,
    count: u64,
}

impl Records {
    /// Reads the next record; `false` at the end.
    fn next(&mut self) -> Result<bool, Refused> {
        self.count += 1;
        if self.count.is_multiple_of(1024) {
            self.fuse.check()?;
        }
        let mut head = [0u8; 4];
        if self.stream.read_exact(&mut head).is_err() {
            return match self.fuse.cause() {
                Some(refused) => Err(refused),
                None => Ok(false),
            };
        }
        self.kind = u16::from_le_bytes([head[0], head[1]]);
        self.data.resize(usize::from(u16::from_le_bytes([head[2], head[3]])), 0);
        self.stream
            .read_exact(&mut self.data)
            .map_err(|_| self.fuse.cause().unwrap_or_else(|| damaged("it ends in the middle of a record")))?;
        Ok(true)
    }

    fn u16(&self, at: usize) -> Result<u16, Refused> {
        match self.data.get(at..at + 2) {
            Some(bytes) => Ok(u16::from_le_bytes([bytes[0], bytes[1]])),
            None => Err(damaged("a record is too short")),
        }
    }

    fn u32(&self, at: usize) -> Result<u32, Refused> {
        match self.data.get(at..at + 4) {
            Some(bytes) => Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])),
            None => Err(damaged("a record is too short")),
        }
    }

    fn f64(&self, at: usize) -> Result<f64, Refused> {
        match self.data.get(at..at + 8).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok()) {
            Some(bytes) => Ok(f64::from_le_bytes(bytes)),
            None => Err(damaged("a record is too short")),
        }
    }

    /// The text whose characters begin at `at`, after a flag that says how wide they are.
    fn text(&self, at: usize, count: usize, out: &mut String) -> Result<(), Refused> {
        let flags = *self.data.get(at).ok_or_else(|| damaged("a text is too short"))?;
        let rest = self.data.get(at + 1..).unwrap_or_default();
        characters(rest, count, flags & 1 != 0, out);
        Ok(())
    }
}

/// Appends up to `count` characters and returns how many there were.
fn characters(bytes: &[u8], count: usize, wide: bool, out: &mut String) -> usize {
    if wide {
        let n = count.min(bytes.len() / 2);
        let units = bytes[..2 * n].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        n
    } else {
        // Narrow characters are the first 256 of Unicode.
        let n = count.min(bytes.len());
        out.extend(bytes[..n].iter().map(|&byte| char::from(byte)));
        n
    }
}

impl Xls {
    fn records(&mut self, start: u64) -> Result<Records, Refused> {
        let mut stream = self.container.open_stream(self.stream).map_err(|_| damaged("its stream cannot be opened"))?;
        stream.seek(SeekFrom::Start(start)).map_err(|_| damaged("a sheet lies beyond its end"))?;
        Ok(Records { stream: BufReader::with_capacity(32 * 1024, stream), kind: 0, data: Vec::new(), fuse: self.fuse.clone(), count: 0 })
    }

    /// Reads what belongs to the workbook as a whole.
    fn globals(&mut self, limits: &Limits) -> Result<Vec<Sheet>, Refused> {
        let mut records = self.records(0)?;
        let mut sheets = Vec::new();
        let mut custom = std::collections::BTreeMap::new();
        let mut formats = Vec::new();
        if !records.next()? || records.kind != BOF {
            return Err(damaged("it does not begin as a workbook"));
        }
        if records.u16(0)? != 0x0600 {
            return Err(Refused::unknown("the workbook is of Excel 95 or older".to_owned(), "open it in Excel and save it as xlsx"));
        }
        let mut again = false;
        loop {
            if !again && !records.next()? {
                return Err(damaged("it ends before its sheets"));
            }
            again = false;
            match records.kind {
                EOF => break,
                0x002F => return Err(Refused::encrypted()),
                0x0022 => self.globals.epoch_1904 = records.u16(0)? == 1,
                0x041E => {
                    let mut format = String::new();
                    let (id, length) = (records.u16(0)?, records.u16(2)?);
                    records.text(4, usize::from(length), &mut format)?;
                    custom.insert(id, date_format(&format));
                }
                0x00E0 => {
                    formats.push(records.u16(2)?);
                    if formats.len() > FORMATS {
                        return Err(damaged("it has too many cell formats"));
                    }
                }
                0x0085 => {
                    let (start, state) = (records.u32(0)?, records.u16(4)?);
                    // Charts, macros and modules are no sheets of cells.
                    if state >> 8 == 0 {
                        let mut name = String::new();
                        let length = *records.data.get(6).ok_or_else(|| damaged("a record is too short"))?;
                        records.text(7, usize::from(length), &mut name)?;
                        if sheets.len() == SHEETS {
                            return Err(damaged("it has too many sheets"));
                        }
                        sheets.push(Sheet { index: sheets.len(), name, hidden: state & 3 != 0 });
                        self.starts.push(u64::from(start));
                    }
                }
                0x00FC => {
                    let mut table = Table { bytes: std::mem::take(&mut records.data), seams: Vec::new() };
                    while records.next()? && records.kind == CONTINUE {
                        table.seams.push(table.bytes.len());
                        table.bytes.extend_from_slice(&records.data);
                        if table.bytes.len() as u64 > limits.strings / 2 {
                            return Err(Refused::expands(format!(
                                "the shared texts of the workbook take more than {} MB",
                                limits.strings >> 21
                            )));
                        }
                    }
                    again = true;
                    self.globals.strings = table.read(&self.deadline)?;
                }
                _ => {}
            }
        }
        self.globals.formats = formats.into_iter().map(|id| custom.get(&id).copied().unwrap_or_else(|| builtin_format(id))).collect();
        Ok(sheets)
    }

    pub fn rows<'a>(&'a mut self, sheet: &Sheet, limits: &Limits) -> Result<Box<dyn Rows + 'a>, Refused> {
        let start = *self.starts.get(sheet.index).ok_or_else(|| damaged("a sheet is missing"))?;
        let records = guarded(|| {
            let mut records = self.records(start)?;
            if !records.next()? || records.kind != BOF {
                return Err(damaged("a sheet does not begin where it should"));
            }
            Ok(records)
        })
        .map_err(|refused| refused.at(Some(&sheet.name), None))?;
        Ok(Box::new(XlsRows {
            records,
            globals: &self.globals,
            again: false,
            row: Row::default(),
            meter: Meter::new(limits, self.deadline),
            sheet: sheet.name.clone(),
            last: None,
            over: false,
        }))
    }
}

/// The table of shared strings, which goes on over several records.
struct Table {
    bytes: Vec<u8>,
    /// Where a further record begins.
    seams: Vec<usize>,
}

impl Table {
    fn read(&self, deadline: &Deadline) -> Result<Strings, Refused> {
        let mut strings = Strings::default();
        let short = || damaged("its shared texts are cut off");
        let bytes = &self.bytes;
        let byte = |at: usize| bytes.get(at).copied().ok_or_else(short);
        let pair = |at: usize| Ok::<_, Refused>(u16::from_le_bytes([byte(at)?, byte(at + 1)?]));
        let four = |at: usize| Ok::<_, Refused>(usize::from(pair(at)?) | usize::from(pair(at + 2)?) << 16);
        let count = four(4)?;
        let mut at = 8;
        let mut seam = 0;
        while at < bytes.len() && strings.ends.len() < count {
            if strings.ends.len().is_multiple_of(4096) {
                deadline.check()?;
            }
            let mut left = usize::from(pair(at)?);
            let flags = byte(at + 2)?;
            at += 3;
            let mut runs = 0;
            let mut extra = 0;
            if flags & 8 != 0 {
                runs = usize::from(pair(at)?);
                at += 2;
            }
            if flags & 4 != 0 {
                extra = four(at)?;
                at += 4;
            }
            let mut wide = flags & 1 != 0;
            loop {
                while self.seams.get(seam).is_some_and(|&place| place < at) {
                    seam += 1;
                }
                let end = self.seams.get(seam).copied().unwrap_or(bytes.len());
                let n = characters(bytes.get(at..end).unwrap_or_default(), left, wide, &mut strings.text);
                at += if wide { 2 * n } else { n };
                left -= n;
                if left == 0 {
                    break;
                }
                if end == bytes.len() {
                    return Err(short());
                }
                // The further record begins with a flag of its own.
                wide = byte(end)? & 1 != 0;
                at = end + 1;
            }
            at = at.saturating_add(4 * runs).saturating_add(extra);
            strings.ends.push(u32::try_from(strings.text.len()).map_err(|_| short())?);
        }
        Ok(strings)
    }
}

struct XlsRows<'a> {
    records: Records,
    globals: &'a Globals,
    /// The current record belongs to the next row.
    again: bool,
    row: Row,
    meter: Meter,
    sheet: String,
    last: Option<(u32, u32)>,
    over: bool,
}

impl Rows for XlsRows<'_> {
    fn next_row(&mut self) -> Result<Option<&Row>, Refused> {
        if self.over {
            return Ok(None);
        }
        let filled = guarded(|| self.fill());
        let cell = || self.last.map(|(row, column)| cell_name(column, row + 1));
        let there = stepped(&mut self.over, filled, |refused| refused.at(Some(&self.sheet), cell()))?;
        Ok(there.then_some(&self.row))
    }
}

/// The text of an error value.
fn error_text(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        0x2A => "#N/A",
        0x2B => "#GETTING_DATA",
        _ => "#ERROR!",
    }
}

/// A number in the short form of xls.
fn rk(bits: u32) -> f64 {
    let value = if bits & 2 != 0 { f64::from(bits as i32 >> 2) } else { f64::from_bits(u64::from(bits & 0xFFFF_FFFC) << 32) };
    if bits & 1 != 0 { value / 100.0 } else { value }
}

impl XlsRows<'_> {
    fn fill(&mut self) -> Result<bool, Refused> {
        loop {
            self.row.clear();
            let mut number = None;
            let mut depth = 0u32;
            let ended = loop {
                if !self.again && !self.records.next()? {
                    // Some writers leave the end of the last sheet away.
                    break true;
                }
                self.again = false;
                match self.records.kind {
                    // A chart within the sheet, whose records look like cells.
                    BOF => depth += 1,
                    EOF if depth > 0 => depth -= 1,
                    EOF => {
                        self.again = true;
                        break true;
                    }
                    0x0203 | 0x0204 | 0x0205 | 0x0006 | 0x027E | 0x00FD | 0x00BD | 0x00D6 if depth == 0 => {
                        let row = u32::from(self.records.u16(0)?);
                        match number {
                            None => {
                                if row < self.row.number {
                                    // The number of a row counts from 1, so `<` also refuses the same row once more.
                                    return Err(Refused::broken("the rows of the sheet are not in ascending order".to_owned()));
                                }
                                number = Some(row);
                                self.row.number = row + 1;
                            }
                            Some(number) if number != row => {
                                self.again = true;
                                break false;
                            }
                            Some(_) => {}
                        }
                        self.cell(row)?;
                    }
                    _ => {}
                }
            };
            if !self.row.is_empty() {
                self.row.finish();
                self.meter.row(&self.row)?;
                return Ok(true);
            }
            if ended {
                return Ok(false);
            }
        }
    }

    /// Adds a number in the format of its cell.
    fn number(&mut self, column: u32, format: u16, value: f64) -> Result<(), Refused> {
        let date = self.globals.formats.get(usize::from(format)).copied().flatten();
        let epoch_1904 = self.globals.epoch_1904;
        self.row.push(column, |text| match date {
            Some(kind) => push_date(text, &ExcelDateTime::new(value, kind, epoch_1904)),
            None => {
                push_number(text, value);
                Kind::Number
            }
        })
    }

    fn literal(&mut self, column: u32, value: &str, kind: Kind) -> Result<(), Refused> {
        self.row.push(column, |text| {
            text.push_str(value);
            kind
        })
    }

    /// Reads the cells of the current record.
    fn cell(&mut self, row: u32) -> Result<(), Refused> {
        let column = u32::from(self.records.u16(2)?);
        let format = self.records.u16(4)?;
        if column >= COLUMNS {
            return Err(damaged("a cell lies beyond the last column"));
        }
        self.last = Some((row, column));
        match self.records.kind {
            0x0203 => self.number(column, format, self.records.f64(6)?),
            0x027E => self.number(column, format, rk(self.records.u32(6)?)),
            0x00BD => {
                let cells = self.records.data.len().saturating_sub(6) / 6;
                for index in 0..cells {
                    let at = 4 + 6 * index;
                    let (format, bits) = (self.records.u16(at)?, self.records.u32(at + 2)?);
                    self.number(column + index as u32, format, rk(bits))?;
                }
                Ok(())
            }
            0x00FD => {
                let index = self.records.u32(6)? as usize;
                let text = self.globals.strings.get(index).ok_or_else(|| damaged("a cell points at a text that is not there"))?;
                self.row.push(column, |out| {
                    out.push_str(text);
                    Kind::Text
                })
            }
            0x0204 | 0x00D6 => {
                let count = usize::from(self.records.u16(6)?);
                let records = &self.records;
                let mut result = Ok(());
                self.row.push(column, |out| {
                    result = records.text(8, count, out);
                    Kind::Text
                })?;
                result
            }
            0x0205 => {
                let value = self.records.u16(6)?;
                self.flag_or_error(column, value as u8, value >> 8 != 0)
            }
            _ => self.formula(column, format),
        }
    }

    fn flag_or_error(&mut self, column: u32, value: u8, error: bool) -> Result<(), Refused> {
        match (error, value) {
            (true, code) => self.literal(column, error_text(code), Kind::Error),
            (false, 0) => self.literal(column, "False", Kind::Flag),
            (false, _) => self.literal(column, "True", Kind::Flag),
        }
    }

    /// The result of a formula; a text follows in a record of its own.
    fn formula(&mut self, column: u32, format: u16) -> Result<(), Refused> {
        if self.records.u16(12)? != 0xFFFF {
            return self.number(column, format, self.records.f64(6)?);
        }
        let (kind, value) = (self.records.u16(6)? as u8, self.records.u16(8)? as u8);
        match kind {
            0 => {
                // The formula's array or shared definition may stand in between.
                for _ in 0..4 {
                    if !self.records.next()? {
                        return Ok(());
                    }
                    match self.records.kind {
                        STRING => {
                            let count = usize::from(self.records.u16(0)?);
                            let records = &self.records;
                            let mut result = Ok(());
                            self.row.push(column, |out| {
                                result = records.text(2, count, out);
                                Kind::Text
                            })?;
                            return result;
                        }
                        0x04BC | 0x0221 | 0x0236 | CONTINUE => {}
                        _ => {
                            self.again = true;
                            return Ok(());
                        }
                    }
                }
                Ok(())
            }
            1 => self.flag_or_error(column, value, false),
            2 => self.flag_or_error(column, value, true),
            _ => Ok(()),
        }
    }
}
