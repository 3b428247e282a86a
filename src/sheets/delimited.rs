//! CSV text: comma, semicolon or tab.

use memchr::memchr_iter;

use super::cells::ROW_BYTES;
use super::guard::{Meter, guarded, stepped};
use super::text::{Text, carried};
use super::{Refused, Row, Rows, cell_name};

/// What the first lines say about CSV text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    separator: u8,
    /// Lines before the header: `sep=;` of Excel, `#TYPE …` of PowerShell.
    skip: u64,
}

/// Recognises the separator. `sample` is the beginning of the text.
pub(super) fn layout(sample: &str) -> Layout {
    let mut rest = sample;
    let mut skip = 0;
    let mut told = None;
    loop {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let line = line.trim_end_matches('\r');
        let bare = line.trim_matches('"');
        let separator = if bare.len() == 5 && bare.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep=")) {
            bare.bytes().last().filter(|c| c.is_ascii() && !matches!(c, b'"' | b'\r' | b'\n'))
        } else {
            None
        };
        if separator.is_some() {
            told = separator;
        } else if !bare.starts_with("#TYPE ") {
            break;
        }
        skip += 1;
        rest = after;
        if skip == 2 || rest.is_empty() {
            break;
        }
    }
    Layout { separator: told.unwrap_or_else(|| guess(rest)), skip }
}

/// The separator that the first record with any has most of, outside quotation marks.
fn guess(text: &str) -> u8 {
    let mut counts = [(b',', 0u32), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted && counts.iter().any(|&(_, count)| count > 0) => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(separator, _)| *separator == byte).for_each(|(_, count)| *count += 1),
        }
    }
    // Of equal counts the earlier one.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |&(separator, _)| separator)
}

/// The rows of CSV text.
pub(super) struct TextRows {
    reader: csv::Reader<Text>,
    record: csv::ByteRecord,
    row: Row,
    meter: Meter,
    skip: u64,
    /// Line breaks within quotation marks so far: lines that are not rows.
    inner: u64,
    /// The line that the csv crate counted last.
    end: u64,
    /// The byte after the record that was read last.
    bytes: u64,
    over: bool,
}

impl TextRows {
    pub fn new(text: Text, layout: Layout, meter: Meter) -> TextRows {
        let reader = csv::ReaderBuilder::new()
            .delimiter(layout.separator)
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(super::text::PIECE)
            .from_reader(text);
        TextRows {
            reader,
            record: csv::ByteRecord::new(),
            row: Row::default(),
            meter,
            skip: layout.skip,
            inner: 0,
            end: 1,
            bytes: 0,
            over: false,
        }
    }

    fn fill(&mut self) -> Result<bool, Refused> {
        loop {
            self.reader.get_mut().allow(ROW_BYTES as u64);
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => {
                    return Err(match error.into_kind() {
                        csv::ErrorKind::Io(error) => carried(error),
                        _ => Refused::broken("the CSV text cannot be read".to_owned()),
                    });
                }
            }
            // The csv crate passes over empty lines, so the line is counted back from the end of the record. A carriage return ends a
            // record before its line feed is counted, and the last record may have no end.
            let end = self.reader.position();
            let raw = end.byte().saturating_sub(std::mem::replace(&mut self.bytes, end.byte()));
            let counted = u64::from(self.reader.get_ref().byte_before(end.byte()) == Some(b'\n'));
            let most = end.line().saturating_sub(self.end + counted);
            let inner = if most == 0 { 0 } else { memchr_iter(b'\n', self.record.as_slice()).count() as u64 };
            self.end = end.line();
            let line = self.end.saturating_sub(inner + counted).max(1);
            let number = u32::try_from(line - self.inner.min(line - 1)).unwrap_or(u32::MAX);
            // Old Macintosh files end their lines with a carriage return only, which does not count as a line.
            self.row.number = number.max(self.row.number.saturating_add(1));
            self.row.line = line;
            self.inner += inner;
            if self.skip >= line {
                continue;
            }
            // The text was decoded, and separators are ASCII, so this never fails.
            let text = std::str::from_utf8(self.record.as_slice()).map_err(|_| Refused::broken("a row is not text".to_owned()))?;
            self.row.fields(text, self.record.iter().map(<[u8]>::len))?;
            // A row whose empty cells are in quotes was written on purpose, one for each object; `,,,` is what a spreadsheet leaves behind.
            let fields = self.record.len() as u64;
            let quoted = fields > 1 && raw >= 3 * fields - 1;
            if !self.row.is_empty() || quoted {
                self.meter.row(&self.row)?;
                return Ok(true);
            }
        }
    }
}

impl Rows for TextRows {
    fn next_row(&mut self) -> Result<Option<&Row>, Refused> {
        if self.over {
            return Ok(None);
        }
        let filled = guarded(|| self.fill());
        let cell = || (self.row.number > 0).then(|| cell_name(0, self.row.number));
        let there = stepped(&mut self.over, filled, |refused| refused.at(None, cell()))?;
        Ok(there.then_some(&self.row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators() {
        let found = |text| {
            let layout = layout(text);
            (layout.separator as char, layout.skip)
        };
        assert_eq!(found("a,b\n1,2"), (',', 0));
        assert_eq!(found("a;\"b,c,d\";e\n"), (';', 0));
        assert_eq!(found("a\tb, c\td\n"), ('\t', 0));
        assert_eq!(found("sep=;\na,b,c;d"), (';', 1));
        assert_eq!(found("#TYPE System.X\r\n\"a\",\"b\"\r\n"), (',', 1));
        assert_eq!(found("alone\nx;y"), (';', 0));
        assert_eq!(found(""), (',', 0));
    }
}
