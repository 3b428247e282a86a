//! ods workbooks, event by event: calamine would lay a whole sheet out in memory, with every repeated row and cell.

use std::collections::BTreeSet;
use std::io::BufReader;
use std::sync::Arc;

use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::read::ZipFile;

use super::cells::{COLUMNS, Kind, ROWS, push_clock, push_iso, push_number};
use super::excel::tidy;
use super::guard::{Deadline, Fuse, Meter, STEP, Source, guarded, stepped};
use super::package::{Package, attribute};
use super::{Limits, Refused, Row, Rows, Sheet, cell_name};

/// The part that holds all sheets.
const CONTENT: &str = "content.xml";

/// An open workbook.
pub(super) struct Ods {
    package: Package,
    deadline: Deadline,
}

/// Opens a scanned package, and passes over its sheets once for their names.
pub(super) fn open(mut package: Package, deadline: Deadline) -> Result<(Ods, Vec<Sheet>), Refused> {
    let fuse = package.fuse.clone();
    let mut sheets: Vec<Sheet> = Vec::new();
    guarded(|| {
        let part = package.part(CONTENT)?;
        let mut xml = Xml::new(part, fuse.clone());
        let mut hidden_styles = BTreeSet::new();
        let mut style = None;
        let mut events = 0u64;
        loop {
            events += 1;
            if events.is_multiple_of(4096) {
                fuse.check()?;
            }
            match xml.next()? {
                Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                    "style" => style = attribute(&element, "name"),
                    "table-properties" if attribute(&element, "display").as_deref() == Some("false") => {
                        hidden_styles.extend(style.clone());
                    }
                    "table" => {
                        let name = attribute(&element, "name").unwrap_or_default();
                        let hidden = attribute(&element, "style-name").is_some_and(|style| hidden_styles.contains(&style));
                        sheets.push(Sheet { index: sheets.len(), name, hidden });
                        if sheets.len() > 10_000 {
                            return Err(Refused::broken("the workbook has more than 10000 sheets".to_owned()));
                        }
                        xml.skip("table")?;
                    }
                    "tracked-changes" => xml.skip("tracked-changes")?,
                    _ => {}
                },
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    })?;
    Ok((Ods { package, deadline }, sheets))
}

impl Ods {
    pub fn rows<'a>(&'a mut self, sheet: &Sheet, limits: &Limits) -> Result<Box<dyn Rows + 'a>, Refused> {
        let fuse = self.package.fuse.clone();
        let part = self.package.part(CONTENT)?;
        let mut xml = Xml::new(part, fuse.clone());
        guarded(|| {
            let mut index = 0;
            loop {
                match xml.next()? {
                    Event::Start(element) => match element.local_name().as_ref() {
                        "table" if index == sheet.index => return Ok(()),
                        "table" => {
                            index += 1;
                            xml.skip("table")?;
                        }
                        "tracked-changes" => xml.skip("tracked-changes")?,
                        _ => {}
                    },
                    Event::Eof => return Err(Refused::broken("the sheet is missing".to_owned())),
                    _ => {}
                }
            }
        })
        .map_err(|refused| refused.at(Some(&sheet.name), None))?;
        Ok(Box::new(OdsRows {
            xml,
            row: Row::default(),
            next: 1,
            again: 0,
            text: String::new(),
            meter: Meter::new(limits, self.deadline),
            fuse,
            sheet: sheet.name.clone(),
            column: 0,
            over: false,
        }))
    }
}

/// The XML of the content, with empty elements as a start and an end.
struct Xml<'a> {
    reader: Reader<BufReader<ZipFile<'a, Source>>>,
    buf: Vec<u8>,
    spare: Vec<u8>,
    fuse: Arc<Fuse>,
}

impl<'a> Xml<'a> {
    fn new(part: ZipFile<'a, Source>, fuse: Arc<Fuse>) -> Xml<'a> {
        let mut reader = Reader::from_reader(BufReader::with_capacity(32 * 1024, part));
        let config = reader.config_mut();
        config.check_end_names = false;
        config.expand_empty_elements = true;
        Xml { reader, buf: Vec::new(), spare: Vec::new(), fuse }
    }

    fn next(&mut self) -> Result<Event<'_>, Refused> {
        self.buf.clear();
        self.fuse.allow(STEP);
        match self.reader.read_event_into(&mut self.buf) {
            Ok(Event::DocType(_)) => Err(Refused::entities()),
            Ok(event) => Ok(event),
            Err(error) => {
                Err(self.fuse.cause().unwrap_or_else(|| Refused::broken(format!("the sheets are damaged: {}", tidy(&error.to_string())))))
            }
        }
    }

    /// Passes over the rest of an element that was just begun.
    fn skip(&mut self, name: &str) -> Result<(), Refused> {
        let mut depth = 1;
        let mut events = 0u64;
        while depth > 0 {
            events += 1;
            if events.is_multiple_of(4096) {
                self.fuse.check()?;
            }
            self.spare.clear();
            self.fuse.allow(STEP);
            match self.reader.read_event_into(&mut self.spare) {
                Ok(Event::Start(element)) if element.local_name().as_ref() == name => depth += 1,
                Ok(Event::End(element)) if element.local_name().as_ref() == name => depth -= 1,
                Ok(Event::DocType(_)) => return Err(Refused::entities()),
                Ok(Event::Eof) => return Err(Refused::broken("the sheets end in the middle".to_owned())),
                Ok(_) => {}
                Err(error) => {
                    return Err(self
                        .fuse
                        .cause()
                        .unwrap_or_else(|| Refused::broken(format!("the sheets are damaged: {}", tidy(&error.to_string())))));
                }
            }
        }
        Ok(())
    }
}

struct OdsRows<'a> {
    xml: Xml<'a>,
    row: Row,
    /// The number of the next row, from 1.
    next: u64,
    /// How often the current row comes again.
    again: u64,
    text: String,
    meter: Meter,
    fuse: Arc<Fuse>,
    sheet: String,
    column: u64,
    over: bool,
}

impl Rows for OdsRows<'_> {
    fn next_row(&mut self) -> Result<Option<&Row>, Refused> {
        if self.over {
            return Ok(None);
        }
        let filled = guarded(|| self.fill());
        let cell = || u32::try_from(self.next).ok().map(|row| cell_name(u32::try_from(self.column).unwrap_or(0), row));
        let there = stepped(&mut self.over, filled, |refused| refused.at(Some(&self.sheet), cell()))?;
        Ok(there.then_some(&self.row))
    }
}

/// How often an element stands for itself, at least once.
fn repeated(element: &BytesStart<'_>, name: &str) -> u64 {
    attribute(element, name).and_then(|count| count.trim().parse().ok()).unwrap_or(1).max(1)
}

/// What the attributes of a cell say.
#[derive(Default)]
struct Value {
    kind: String,
    value: Option<String>,
    formula: Option<String>,
    error: bool,
}

fn value(element: &BytesStart<'_>) -> Value {
    let mut found = Value::default();
    for attribute in element.attributes().with_checks(false).flatten() {
        let text = || attribute.normalized_value(XmlVersion::Implicit1_0).map(|value| value.into_owned()).unwrap_or_default();
        let key = attribute.key.as_ref();
        match attribute.key.local_name().as_ref() {
            "value-type" if key.starts_with("calcext") => found.error = text() == "error",
            "value-type" => found.kind = text(),
            "value" | "date-value" | "time-value" | "boolean-value" | "string-value" => found.value = Some(text()),
            "formula" => found.formula = Some(text()),
            _ => {}
        }
    }
    found
}

/// `PT12H30M00S` as hours, minutes and seconds.
fn push_duration(out: &mut String, iso: &str) {
    let mut seconds = 0.0;
    let mut number = String::new();
    for c in iso.chars() {
        match c {
            '0'..='9' | '.' => number.push(c),
            _ => {
                let n: f64 = number.parse().unwrap_or(0.0);
                number.clear();
                seconds += match c {
                    'D' => n * 86_400.0,
                    'H' => n * 3600.0,
                    'M' => n * 60.0,
                    'S' => n,
                    _ => 0.0,
                };
            }
        }
    }
    if (0.0..1e12).contains(&seconds) {
        push_clock(out, seconds.round() as u64);
    } else {
        out.push_str(iso);
    }
}

impl OdsRows<'_> {
    fn fill(&mut self) -> Result<bool, Refused> {
        if self.again > 0 {
            self.again -= 1;
            return self.deliver();
        }
        let mut events = 0u64;
        loop {
            events += 1;
            if events.is_multiple_of(1024) {
                self.fuse.check()?;
            }
            match self.xml.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "table-row" => {
                        let times = repeated(&element, "number-rows-repeated");
                        self.row.clear();
                        self.row.number = u32::try_from(self.next).unwrap_or(u32::MAX);
                        self.cells()?;
                        if self.row.is_empty() {
                            self.next = self.next.saturating_add(times);
                            continue;
                        }
                        self.again = times - 1;
                        return self.deliver();
                    }
                    name @ ("shapes" | "table" | "forms") => {
                        let name = name.to_owned();
                        self.xml.skip(&name)?;
                    }
                    _ => {}
                },
                Event::End(element) if element.local_name().as_ref() == "table" => return Ok(false),
                Event::Eof => return Err(Refused::broken("the sheet ends in the middle".to_owned())),
                _ => {}
            }
        }
    }

    fn deliver(&mut self) -> Result<bool, Refused> {
        if self.next > u64::from(ROWS) {
            return Err(Refused::broken("the sheet has more rows than a spreadsheet can have".to_owned()));
        }
        self.row.number = self.next as u32;
        self.next += 1;
        self.meter.row(&self.row)?;
        Ok(true)
    }

    /// Reads the cells of a row that was just begun.
    fn cells(&mut self) -> Result<(), Refused> {
        self.column = 0;
        loop {
            match self.xml.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "table-cell" => {
                        let times = repeated(&element, "number-columns-repeated");
                        let value = value(&element);
                        self.paragraphs("table-cell")?;
                        self.put(&value, times)?;
                    }
                    // Covered by a merged cell: only the cell at the top left has the value.
                    "covered-table-cell" => {
                        let times = repeated(&element, "number-columns-repeated");
                        self.xml.skip("covered-table-cell")?;
                        self.column = self.column.saturating_add(times);
                    }
                    _ => {}
                },
                Event::End(element) if element.local_name().as_ref() == "table-row" => return Ok(()),
                Event::Eof => return Err(Refused::broken("the sheet ends in the middle of a row".to_owned())),
                _ => {}
            }
        }
    }

    /// Reads the paragraphs of a cell into `text`, without its comments and drawings.
    fn paragraphs(&mut self, end: &str) -> Result<(), Refused> {
        self.text.clear();
        let mut paragraphs = 0;
        let mut depth = 0;
        loop {
            if self.text.len() > super::cells::ROW_BYTES {
                return Err(Refused::expands("the text of one cell is larger than any real one".to_owned()));
            }
            match self.xml.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "p" | "h" => {
                        if paragraphs > 0 {
                            self.text.push('\n');
                        }
                        paragraphs += 1;
                        depth += 1;
                    }
                    "s" => {
                        let times = repeated(&element, "c").min(1024);
                        self.text.extend(std::iter::repeat_n(' ', times as usize));
                    }
                    "tab" => self.text.push('\t'),
                    "line-break" => self.text.push('\n'),
                    name @ ("annotation" | "frame" | "table" | "custom-shape" | "g") => {
                        let name = name.to_owned();
                        self.xml.skip(&name)?;
                    }
                    _ => {}
                },
                Event::Text(text) if depth > 0 => {
                    let text = text.xml10_content().into_owned();
                    self.text.push_str(&text);
                }
                Event::CData(text) if depth > 0 => {
                    let text = text.xml10_content().into_owned();
                    self.text.push_str(&text);
                }
                Event::GeneralRef(entity) if depth > 0 => {
                    let name: &str = &entity;
                    let text = match resolve_predefined_entity(name) {
                        Some(text) => text.to_owned(),
                        // A number; any other entity would need a DOCTYPE, which is refused.
                        None => unescape(&format!("&{name};")).map_err(|_| Refused::entities())?.into_owned(),
                    };
                    self.text.push_str(&text);
                }
                Event::End(element) => match element.local_name().as_ref() {
                    "p" | "h" => depth -= 1,
                    name if name == end => return Ok(()),
                    _ => {}
                },
                Event::Eof => return Err(Refused::broken("the sheet ends in the middle of a cell".to_owned())),
                _ => {}
            }
        }
    }

    /// Writes a cell into the row, as often as it is repeated.
    fn put(&mut self, value: &Value, times: u64) -> Result<(), Refused> {
        let filled = !self.text.is_empty() || value.value.as_ref().is_some_and(|value| !value.is_empty()) || value.formula.is_some();
        if !filled {
            self.column = self.column.saturating_add(times);
            return Ok(());
        }
        for _ in 0..times {
            let column = u32::try_from(self.column).unwrap_or(COLUMNS);
            let shown = &self.text;
            self.row.push(column, |text| {
                let given = value.value.as_deref();
                match (value.kind.as_str(), given) {
                    _ if value.error => {
                        text.push_str(shown);
                        Kind::Error
                    }
                    ("float" | "percentage" | "currency", Some(given)) => {
                        match given.trim().parse() {
                            Ok(number) => push_number(text, number),
                            Err(_) => text.push_str(given),
                        }
                        Kind::Number
                    }
                    ("date", Some(given)) => push_iso(text, given),
                    ("time", Some(given)) => {
                        push_duration(text, given);
                        Kind::Date
                    }
                    ("boolean", Some(given)) => {
                        text.push_str(if given == "true" { "True" } else { "False" });
                        Kind::Flag
                    }
                    (_, given) if !shown.is_empty() || given.is_some_and(|given| !given.is_empty()) => {
                        text.push_str(if shown.is_empty() { given.unwrap_or_default() } else { shown });
                        Kind::Text
                    }
                    ("", _) => match &value.formula {
                        Some(formula) => {
                            text.push('=');
                            text.push_str(formula.strip_prefix("of:").unwrap_or(formula).trim_start_matches('='));
                            Kind::Formula
                        }
                        None => Kind::Text,
                    },
                    _ => Kind::Text,
                }
            })?;
            self.column += 1;
        }
        Ok(())
    }
}
