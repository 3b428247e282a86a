//! Rows, cells, and how values become text.

use std::fmt::Write as _;

use calamine::{ExcelDateTime, ExcelDateTimeType};

use super::Refused;

/// Columns of a spreadsheet; also kept to by CSV, so that a row stays small.
pub(super) const COLUMNS: u32 = 16_384;
/// Rows of a spreadsheet.
pub(super) const ROWS: u32 = 1_048_576;
/// Bytes of text that one row may hold.
pub(super) const ROW_BYTES: usize = 16 << 20;
/// A text buffer larger than this is given back rather than kept for the next row.
const KEEP: usize = 1 << 20;

/// What kind of value a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text as it stands. All cells of CSV text are of this kind.
    Text,
    /// A number in its shortest form: `12`, `0.5`.
    Number,
    /// `True` or `False`.
    Flag,
    /// A date (`2026-10-30`), with a time if it has one (`2026-10-30T12:00:00`); a time of day or a duration alone is `12:00:00`.
    Date,
    /// A formula whose result is not in the file; the text is the formula, with its `=`.
    Formula,
    /// An error value such as `#N/A`.
    Error,
}

/// One cell that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The column, from 0.
    pub column: u32,
    /// What kind of value it is.
    pub kind: Kind,
    /// The value as text; never empty.
    pub text: &'a str,
}

/// Where the text of a cell lies in its row.
#[derive(Clone, Copy, Debug)]
struct Span {
    column: u32,
    start: u32,
    end: u32,
    kind: Kind,
}

/// One row that has at least one cell.
///
/// All its texts lie in one buffer, which is used again for the next row: a cell costs no allocation.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub(super) number: u32,
    pub(super) line: u64,
    text: String,
    spans: Vec<Span>,
    unordered: bool,
}

impl Row {
    /// The number of the row as a spreadsheet shows it, from 1. In CSV text empty lines count, line breaks within quotes do not.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// In CSV text the line on which the row begins, from 1; in a workbook 0.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// How many cells are not empty; at least one.
    #[allow(clippy::len_without_is_empty, reason = "no row is empty")]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// The cells that are not empty, in ascending order of their column.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = Cell<'_>> + DoubleEndedIterator {
        self.spans.iter().map(|span| self.cell(span))
    }

    /// The cell in this column (from 0), if it is not empty.
    pub fn get(&self, column: u32) -> Option<Cell<'_>> {
        self.spans.binary_search_by_key(&column, |span| span.column).ok().map(|at| self.cell(&self.spans[at]))
    }

    /// The text in this column (from 0); empty if the cell is.
    pub fn text(&self, column: u32) -> &str {
        self.get(column).map_or("", |cell| cell.text)
    }

    fn cell(&self, span: &Span) -> Cell<'_> {
        Cell { column: span.column, kind: span.kind, text: &self.text[span.start as usize..span.end as usize] }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.text.len() as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.spans.clear();
        self.unordered = false;
        if self.text.capacity() > KEEP {
            self.text = String::new();
        }
    }

    /// Adds a cell whose text `fill` writes; a cell that stays empty is not added.
    #[inline]
    pub(super) fn push(&mut self, column: u32, fill: impl FnOnce(&mut String) -> Kind) -> Result<(), Refused> {
        let start = self.text.len();
        let kind = fill(&mut self.text);
        self.span(column, kind, start)
    }

    /// Adds a cell whose text is what the buffer holds from `start` on.
    #[inline]
    fn span(&mut self, column: u32, kind: Kind, start: usize) -> Result<(), Refused> {
        let end = self.text.len();
        if end == start {
            return Ok(());
        }
        if column >= COLUMNS {
            return Err(self.too_wide());
        }
        if end > ROW_BYTES {
            return Err(Refused::expands(format!("row {} holds more than {} MB of text", self.number, ROW_BYTES >> 20)));
        }
        self.unordered |= self.spans.last().is_some_and(|last| last.column >= column);
        self.spans.push(Span { column, start: start as u32, end: end as u32, kind });
        Ok(())
    }

    /// Makes the row of the fields of CSV text, which lie one after the other.
    pub(super) fn fields(&mut self, text: &str, lengths: impl Iterator<Item = usize>) -> Result<(), Refused> {
        self.clear();
        self.text.push_str(text);
        let mut start = 0;
        for (column, length) in (0u32..).zip(lengths) {
            let end = start + length as u32;
            if length > 0 {
                if column >= COLUMNS {
                    return Err(self.too_wide());
                }
                self.spans.push(Span { column, start, end, kind: Kind::Text });
            }
            start = end;
        }
        Ok(())
    }

    #[cold]
    fn too_wide(&self) -> Refused {
        Refused::new(
            "sheet-too-large",
            format!("row {} has more than {COLUMNS} columns, the most a spreadsheet can have", self.number),
            "delete the columns that are not needed; if this is CSV text, check its separators",
        )
    }

    /// Brings the cells in order; of two cells at one place the later counts.
    pub(super) fn finish(&mut self) {
        if self.unordered {
            self.spans.reverse();
            self.spans.sort_by_key(|span| span.column);
            self.spans.dedup_by_key(|span| span.column);
        }
    }
}

/// The name of a cell: column from 0, row from 1 — `cell_name(1, 12)` is `B12`.
pub fn cell_name(column: u32, row: u32) -> String {
    let mut letters = [0u8; 8];
    let mut at = letters.len();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        at -= 1;
        letters[at] = b'A' + (rest % 26) as u8;
        rest /= 26;
    }
    let mut name: String = letters[at..].iter().map(|&letter| char::from(letter)).collect();
    push_integer(&mut name, i64::from(row));
    name
}

/// Appends a whole number; `fmt` is several times slower, and a sheet has millions.
pub(super) fn push_integer(out: &mut String, value: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push('-');
    }
    out.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

/// Appends a number in its shortest form.
pub(super) fn push_number(out: &mut String, value: f64) {
    let size = value.abs();
    if size < 1e15 && value.trunc() == value {
        push_integer(out, value as i64);
        return;
    }
    // Up to four decimals: a decimal of at most 15 digits is the only one for its value, so it is also the shortest.
    let tenthousandths = (size * 1e4).round();
    if tenthousandths < 1e15 && tenthousandths / 1e4 == size {
        if value < 0.0 {
            out.push('-');
        }
        let (whole, mut rest) = (tenthousandths as i64 / 10_000, tenthousandths as i64 % 10_000);
        push_integer(out, whole);
        out.push('.');
        while rest > 0 {
            out.push(char::from(b'0' + (rest / 1000) as u8));
            rest = rest % 1000 * 10;
        }
    } else if !(1e-7..1e21).contains(&size) {
        let _ = write!(out, "{value:e}");
    } else {
        let _ = write!(out, "{value}");
    }
}

/// Appends a serial date of Excel as ISO text. A number that no date has stays a number.
pub(super) fn push_date(out: &mut String, date: &ExcelDateTime) -> Kind {
    let value = date.as_f64();
    if date.is_duration() && (0.0..1e6).contains(&value) {
        push_clock(out, (value * 86_400.0).round() as u64);
        return Kind::Date;
    }
    if !(0.0..2_958_466.0).contains(&value) {
        push_number(out, value);
        return Kind::Number;
    }
    if value < 1.0 {
        push_clock(out, (value * 86_400.0).round() as u64);
        return Kind::Date;
    }
    let (year, month, day, hour, minute, second, milli) = date.to_ymd_hms_milli();
    let _ = write!(out, "{year:04}-{month:02}-{day:02}");
    if (hour, minute, second, milli) != (0, 0, 0, 0) {
        let _ = write!(out, "T{hour:02}:{minute:02}:{second:02}");
        if milli != 0 {
            let _ = write!(out, ".{milli:03}");
        }
    }
    Kind::Date
}

/// Appends `hours:minutes:seconds`.
pub(super) fn push_clock(out: &mut String, seconds: u64) {
    let _ = write!(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/// Appends ISO text of a date; a time of midnight is left away, since writers add it to plain dates.
pub(super) fn push_iso(out: &mut String, text: &str) -> Kind {
    let text = text.trim();
    match text.split_once('T') {
        Some((day, time)) if time.trim_end_matches('Z').bytes().all(|c| matches!(c, b'0' | b':' | b'.')) => out.push_str(day),
        _ => out.push_str(text),
    }
    Kind::Date
}

/// How a number format shows a number: as a date or time, as a duration, or as a number. For xls; calamine does this for xlsx.
pub(super) fn date_format(format: &str) -> Option<ExcelDateTimeType> {
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' | '_' | '*' => {
                chars.next();
            }
            '"' => {
                chars.find(|&c| c == '"');
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|&c| c != ']').collect();
                // [h], [mm], [ss] count on beyond a day; [Red], [$-407], [>100] are no times.
                if !inside.is_empty() && inside.chars().all(|c| matches!(c, 'h' | 'H' | 'm' | 'M' | 's' | 'S')) {
                    return Some(ExcelDateTimeType::TimeDelta);
                }
            }
            ';' => return None,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' => return Some(ExcelDateTimeType::DateTime),
            // "General" and "E+00" hold no letter of the row above.
            _ => {}
        }
    }
    None
}

/// The number formats that a workbook does not spell out.
pub(super) fn builtin_format(id: u16) -> Option<ExcelDateTimeType> {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Some(ExcelDateTimeType::DateTime),
        46 => Some(ExcelDateTimeType::TimeDelta),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let text = |value| {
            let mut out = String::new();
            push_number(&mut out, value);
            out
        };
        for value in
            [0.0, 12.0, -12.0, 0.5, -0.5, 0.1, 1.25, 1234.5678, 0.0001, 0.1 + 0.2, 1.0 / 3.0, 99_999_999_999.5, 1e14 + 0.5, 123456789.123]
        {
            assert_eq!(text(value), value.to_string());
        }
        let mut value = 0.0001;
        while value < 1e12 {
            value = value * 1.37 + 0.0003;
            let rounded = (value * 100.0_f64).round() / 100.0;
            assert_eq!(text(value), value.to_string());
            assert_eq!(text(-rounded - 0.01), (-rounded - 0.01).to_string());
        }
        assert_eq!(text(1e300), "1e300");
        assert_eq!(text(1e-9), "1e-9");
        assert_eq!(text(f64::NAN), "NaN");
    }
}
