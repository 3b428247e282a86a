//! xlsx and xlsb workbooks, cell by cell through calamine.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use calamine::{
    DataRef, Reader, SheetType, SheetVisible, Xlsb, XlsbError, Xlsx, XlsxCellReader, XlsxError, XlsxFormulaMetadata, expand_shared_formula,
};

use super::cells::{COLUMNS, Kind, ROWS, push_date, push_integer, push_iso, push_number};
use super::guard::{Deadline, Fuse, Meter, STEP, Source, guarded, stepped};
use super::package::Package;
use super::{Limits, Refused, Row, Rows, Sheet, cell_name};

/// Shared formulas whose text is kept, for cells that refer to it.
const SHARED: usize = 1024;
/// Positions that are looked up at once after an error value that calamine does not know.
const POSITIONS: usize = 1 << 20;

/// An open workbook.
pub(super) struct Excel {
    book: Book,
    /// Whether there may be formulas.
    formulas: bool,
    path: PathBuf,
    fuse: Arc<Fuse>,
    deadline: Deadline,
}

enum Book {
    Xlsx(Xlsx<Source>),
    Xlsb(Xlsb<Source>),
}

/// Opens a scanned package.
pub(super) fn open(
    package: Package,
    binary: bool,
    formulas: bool,
    path: &Path,
    deadline: Deadline,
) -> Result<(Excel, Vec<Sheet>), Refused> {
    let fuse = package.fuse.clone();
    let source = package.archive.into_inner();
    let failed = |error: String| fuse.cause().unwrap_or_else(|| Refused::broken(format!("the workbook is damaged: {}", tidy(&error))));
    let (book, found) = guarded(|| {
        if binary {
            let book: Xlsb<Source> = Xlsb::new(source).map_err(|error| failed(error.to_string()))?;
            let found = book.sheets_metadata().to_vec();
            Ok((Book::Xlsb(book), found))
        } else {
            let book: Xlsx<Source> = Xlsx::new(source).map_err(|error| match error {
                XlsxError::Password => Refused::encrypted(),
                error => failed(error.to_string()),
            })?;
            let found = book.sheets_metadata().to_vec();
            Ok((Book::Xlsx(book), found))
        }
    })?;
    let sheets = found
        .into_iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .enumerate()
        .map(|(index, sheet)| Sheet { index, name: sheet.name, hidden: sheet.visible != SheetVisible::Visible })
        .collect();
    Ok((Excel { book, formulas, path: path.to_owned(), fuse, deadline }, sheets))
}

impl Excel {
    pub fn rows<'a>(&'a mut self, sheet: &Sheet, limits: &Limits) -> Result<Box<dyn Rows + 'a>, Refused> {
        let name = sheet.name.clone();
        let fuse = self.fuse.clone();
        fuse.allow(u64::MAX);
        let failed = |error: String| {
            fuse.cause().unwrap_or_else(|| Refused::broken(format!("the sheet cannot be read: {}", tidy(&error)))).at(Some(&name), None)
        };
        let book = &mut self.book;
        let cells = guarded(|| match book {
            Book::Xlsx(book) => book.worksheet_cells_reader(&name).map(Cells::Xlsx).map_err(|error| failed(error.to_string())),
            Book::Xlsb(book) => {
                let mut cells = book.worksheet_cells_reader(&name).map_err(|error| failed(error.to_string()))?;
                Ok(Cells::Xlsb(Box::new(move || cells.next_cell())))
            }
        })
        .map_err(|refused| refused.at(Some(&name), None))?;
        Ok(Box::new(ExcelRows {
            cells,
            formulas: self.formulas,
            pending: None,
            row: Row::default(),
            meter: Meter::new(limits, self.deadline),
            fuse: self.fuse.clone(),
            path: &self.path,
            deadline: self.deadline,
            sheet: name,
            read: 0,
            last: None,
            shared: BTreeMap::new(),
            positions: VecDeque::new(),
            positions_from: 0,
            ended: false,
            over: false,
        }))
    }
}

/// calamine does not export the type of its xlsb reader, so that one is held as a closure.
type Binary<'a> = Box<dyn FnMut() -> Result<Option<calamine::Cell<DataRef<'a>>>, XlsbError> + 'a>;

#[allow(clippy::large_enum_variant, reason = "there is one for a whole sheet")]
enum Cells<'a> {
    Xlsx(XlsxCellReader<'a, Source>),
    Xlsb(Binary<'a>),
}

/// One cell: row and column from 0, and what it holds.
struct Item<'a> {
    row: u32,
    column: u32,
    value: Value<'a>,
    /// What kind of value a text is, if it is more than that.
    special: Option<Kind>,
}

/// A value as calamine hands it out; its own cell does not let go of the value, and a copy would cost an allocation.
enum Value<'a> {
    Own(DataRef<'a>),
    Cell(calamine::Cell<DataRef<'a>>),
}

impl<'a> Value<'a> {
    fn get(&self) -> &DataRef<'a> {
        match self {
            Value::Own(value) => value,
            Value::Cell(cell) => cell.get_value(),
        }
    }
}

struct ExcelRows<'a> {
    cells: Cells<'a>,
    formulas: bool,
    /// The first cell of the next row, which shows that a row is complete.
    pending: Option<Item<'a>>,
    row: Row,
    meter: Meter,
    fuse: Arc<Fuse>,
    path: &'a Path,
    deadline: Deadline,
    sheet: String,
    /// Cells that were read, and the place of the last one.
    read: u64,
    last: Option<(u32, u32)>,
    shared: BTreeMap<usize, (String, (u32, u32))>,
    /// Places of cells from the cell `positions_from` on; see [`ExcelRows::position`].
    positions: VecDeque<(u32, u32)>,
    positions_from: u64,
    ended: bool,
    over: bool,
}

impl Rows for ExcelRows<'_> {
    fn next_row(&mut self) -> Result<Option<&Row>, Refused> {
        if self.over {
            return Ok(None);
        }
        // One net for a whole row: it costs nothing per cell.
        let filled = guarded(|| self.fill());
        let cell = || self.last.map(|(row, column)| cell_name(column, row + 1));
        let there = stepped(&mut self.over, filled, |refused| refused.at(Some(&self.sheet), cell()))?;
        Ok(there.then_some(&self.row))
    }
}

impl<'a> ExcelRows<'a> {
    /// Fills `row` with the next row that is not empty.
    fn fill(&mut self) -> Result<bool, Refused> {
        loop {
            self.row.clear();
            let mut number = None;
            loop {
                let item = match self.pending.take() {
                    Some(item) => item,
                    // calamine must not be asked again after its end.
                    None if self.ended => break,
                    None => match self.next_item()? {
                        Some(item) => item,
                        None => {
                            self.ended = true;
                            break;
                        }
                    },
                };
                match number {
                    None => {
                        if item.row < self.row.number {
                            return Err(Refused::broken("the rows of the sheet are not in ascending order".to_owned()));
                        }
                        number = Some(item.row);
                        self.row.number = item.row + 1;
                    }
                    Some(number) if number != item.row => {
                        self.pending = Some(item);
                        break;
                    }
                    Some(_) => {}
                }
                self.put(item)?;
            }
            if number.is_none() {
                return Ok(false);
            }
            if !self.row.is_empty() {
                self.row.finish();
                self.meter.row(&self.row)?;
                return Ok(true);
            }
        }
    }

    /// The next cell that holds something.
    fn next_item(&mut self) -> Result<Option<Item<'a>>, Refused> {
        loop {
            self.read += 1;
            if self.read.is_multiple_of(4096) {
                self.fuse.check()?;
            }
            self.fuse.allow(STEP);
            let cell = match &mut self.cells {
                Cells::Xlsx(cells) if self.formulas => match cells.next_cell_with_formula_metadata() {
                    Ok(None) => return Ok(None),
                    Ok(Some(record)) => {
                        let ((row, column), value) = (record.pos, record.value);
                        let formula = match record.formula {
                            Some(formula) => self.formula(formula, record.pos, matches!(value, DataRef::Empty))?,
                            None => None,
                        };
                        Ok(match formula {
                            Some(text) => Item { row, column, value: Value::Own(DataRef::String(text)), special: Some(Kind::Formula) },
                            None => Item { row, column, value: Value::Own(value), special: None },
                        })
                    }
                    Err(error) => Err(error),
                },
                Cells::Xlsx(cells) => match cells.next_cell() {
                    Ok(None) => return Ok(None),
                    Ok(Some(cell)) => {
                        let (row, column) = cell.get_position();
                        Ok(Item { row, column, value: Value::Cell(cell), special: None })
                    }
                    Err(error) => Err(error),
                },
                Cells::Xlsb(next) => match next() {
                    Ok(None) => return Ok(None),
                    Ok(Some(cell)) => {
                        let (row, column) = cell.get_position();
                        Ok(Item { row, column, value: Value::Cell(cell), special: None })
                    }
                    Err(error) => return Err(self.failed(&error.to_string())),
                },
            };
            let item = match cell {
                Ok(item) => item,
                // Excel knows more errors than calamine does (#SPILL!, #CALC!); the reader can go on after one of them.
                Err(XlsxError::CellError(text)) => {
                    let (row, column) = self.position(self.read)?;
                    Item { row, column, value: Value::Own(DataRef::String(text)), special: Some(Kind::Error) }
                }
                Err(error) => return Err(self.failed(&error.to_string())),
            };
            if item.row >= ROWS || item.column >= COLUMNS {
                return Err(Refused::broken("a cell lies beyond the last row or column that a spreadsheet can have".to_owned()));
            }
            self.last = Some((item.row, item.column));
            if !matches!(item.value.get(), DataRef::Empty) {
                return Ok(Some(item));
            }
        }
    }

    /// The text of a formula without a value. Shared formulas stand in the file once, at their first cell.
    fn formula(&mut self, formula: XlsxFormulaMetadata, at: (u32, u32), wanted: bool) -> Result<Option<String>, Refused> {
        let text = match formula {
            XlsxFormulaMetadata::Normal { formula } => formula,
            XlsxFormulaMetadata::Shared { shared_index, formula, .. } => {
                if self.shared.len() < SHARED && formula.len() <= 8192 {
                    self.shared.insert(shared_index, (formula.clone(), at));
                }
                formula
            }
            XlsxFormulaMetadata::SharedDerived { shared_index } if wanted => match self.shared.get(&shared_index) {
                Some((formula, from)) => expand_shared_formula(formula, *from, at).unwrap_or_else(|_| formula.clone()),
                None => "?".to_owned(),
            },
            _ => return Ok(None),
        };
        Ok(if wanted { Some(text) } else { None })
    }

    /// Writes a cell into the row.
    fn put(&mut self, item: Item<'_>) -> Result<(), Refused> {
        self.row.push(item.column, |text| match item.value.get() {
            DataRef::String(value) => {
                if item.special == Some(Kind::Formula) {
                    text.push('=');
                }
                text.push_str(value);
                item.special.unwrap_or(Kind::Text)
            }
            DataRef::SharedString(value) => {
                text.push_str(value);
                Kind::Text
            }
            DataRef::Float(value) => {
                push_number(text, *value);
                Kind::Number
            }
            DataRef::Int(value) => {
                push_integer(text, *value);
                Kind::Number
            }
            DataRef::Bool(value) => {
                text.push_str(if *value { "True" } else { "False" });
                Kind::Flag
            }
            DataRef::DateTime(date) => push_date(text, date),
            DataRef::DateTimeIso(value) => push_iso(text, value),
            DataRef::DurationIso(value) => {
                text.push_str(value);
                Kind::Date
            }
            DataRef::Error(error) => {
                text.push_str(&error.to_string());
                Kind::Error
            }
            DataRef::Empty => Kind::Text,
        })
    }

    /// The place of the `nth` cell of the sheet (from 1), which calamine does not tell with an error. A second reader counts the
    /// cells, and keeps a run of places so that a column full of such errors does not start it anew each time.
    fn position(&mut self, nth: u64) -> Result<(u32, u32), Refused> {
        let kept = |rows: &Self| nth.checked_sub(rows.positions_from).and_then(|at| rows.positions.get(usize::try_from(at).ok()?).copied());
        if let Some(at) = kept(self) {
            return Ok(at);
        }
        let broken = || Refused::broken("an error value cannot be placed".to_owned());
        let file = File::open(self.path).map_err(|_| broken())?;
        let fuse = Fuse::new(self.deadline);
        let mut book: Xlsx<Source> = Xlsx::new(Source::new(file, fuse.clone())).map_err(|_| broken())?;
        let mut cells = book.worksheet_cells_reader(&self.sheet).map_err(|_| broken())?;
        self.positions.clear();
        self.positions_from = nth;
        let mut count = 0;
        while self.positions.len() < POSITIONS {
            fuse.allow(STEP);
            // Values, unlike formulas, may fail; but it goes on after them all the same.
            match cells.next_formula() {
                Ok(Some(cell)) => {
                    count += 1;
                    if count >= nth {
                        self.positions.push_back(cell.get_position());
                    }
                }
                Ok(None) => break,
                Err(_) => break,
            }
        }
        kept(self).ok_or_else(broken)
    }

    fn failed(&self, error: &str) -> Refused {
        self.fuse.cause().unwrap_or_else(|| Refused::broken(format!("the sheet is damaged: {}", tidy(error))))
    }
}

/// A library's message as the end of one of ours: one line, lower case, no full stop.
pub(super) fn tidy(message: &str) -> String {
    let mut text: String = message.chars().map(|c| if c.is_control() { ' ' } else { c }).take(160).collect();
    if let Some(first) = text.get(..1).map(str::to_lowercase) {
        text.replace_range(..1, &first);
    }
    text.trim_end_matches(['.', ' ']).to_owned()
}
