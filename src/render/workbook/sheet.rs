//! One sheet.

use rust_xlsxwriter::{IgnoreError, ProtectionOptions, TableColumn, TableStyle, Url, Worksheet, XlsxError};

use super::drop_downs::{self, Inputs, Lists};
use super::looks::{Kind, Look, Looks, Role};
use super::text::{self, Names};
use crate::report::book::{Body, Column, Entry, Sheet, Table, Value};

/// Links on one sheet.
const MOST_LINKS: usize = 65_530;
/// The length of an address; the format has room for 2,080 with what has to be escaped.
const LONGEST_ADDRESS: usize = 2_000;
/// Rows that stay in sight. More of them would leave no room for the others on a small screen.
const MOST_FROZEN: u32 = 12;
/// What a table without rows has.
const EMPTY_ROW: &[Vec<Value>] = &[Vec::new()];
/// The paper size A4.
const A4: u8 = 9;
/// The height of the row with the heading in points: some air below it.
const TITLE_HEIGHT: f64 = 24.0;
/// The columns of pairs.
const LABEL_WIDTH: f64 = 30.0;
const VALUE_WIDTH: f64 = 75.0;
/// The width of a line of intro on a sheet with nothing else.
const PAGE_WIDTH: f64 = 105.0;

/// Writes one sheet.
pub fn write(sheet: &Sheet, page: &mut Worksheet, looks: &mut Looks, lists: &mut Lists, tables: &mut Names) -> Result<(), String> {
    let mut writer = Writer { page, looks, inputs: Inputs::new(), links: 0, row: 0 };
    writer.sheet(sheet, tables).map_err(|error| error.0)?;
    let Writer { page, inputs, .. } = writer;
    drop_downs::apply(page, lists, inputs)?;
    if sheet.protected {
        page.protect_with_options(&ProtectionOptions {
            // What helps reading stays allowed.
            format_columns: true,
            format_rows: true,
            sort: true,
            use_autofilter: true,
            ..ProtectionOptions::new()
        });
    }
    Ok(())
}

/// What went wrong, from the library or from here.
struct Failure(String);

impl From<XlsxError> for Failure {
    fn from(error: XlsxError) -> Failure {
        Failure(error.to_string())
    }
}

struct Writer<'a, 'b> {
    page: &'b mut Worksheet,
    looks: &'b mut Looks,
    inputs: Inputs<'a>,
    links: usize,
    /// The next row to be written.
    row: u32,
}

impl<'a> Writer<'a, '_> {
    fn sheet(&mut self, sheet: &'a Sheet, tables: &mut Names) -> Result<(), Failure> {
        self.page.set_paper_size(A4).set_print_fit_to_pages(1, 0).set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
        // The name of the sheet, the page and the number of pages.
        self.page.set_footer("&L&A&R&P / &N");
        match &sheet.body {
            Body::Nothing => {
                self.page.set_portrait();
                self.intro(sheet, 0, PAGE_WIDTH)?;
            }
            Body::Pairs(pairs) => {
                self.page.set_portrait();
                self.intro(sheet, 0, LABEL_WIDTH + VALUE_WIDTH)?;
                self.pairs(pairs)?;
            }
            Body::Table(table) => {
                self.page.set_landscape();
                let shown = table.columns.iter().filter(|column| !column.hidden);
                // A line in a hidden column would not be seen.
                let first = table.columns.iter().position(|column| !column.hidden).unwrap_or(0);
                self.intro(sheet, u16::try_from(first).unwrap_or(0), shown.map(width).sum())?;
                self.table(table, tables)?;
            }
        }
        Ok(())
    }

    /// The lines above the body. There is no room for an empty row: it would only stop those who go through the cells by key.
    fn intro(&mut self, sheet: &Sheet, column: u16, width: f64) -> Result<(), Failure> {
        let heading = text::line(&sheet.heading);
        if !heading.is_empty() {
            self.text(self.row, column, &heading, Look::of(Role::Title, &heading))?;
            self.page.set_row_height(self.row, TITLE_HEIGHT)?;
            self.row += 1;
        }
        for line in &sheet.intro {
            for line in text::wrap(line, width as usize) {
                self.text(self.row, column, &line, Look::of(Role::Intro, &line))?;
                self.row += 1;
            }
        }
        Ok(())
    }

    fn pairs(&mut self, pairs: &'a [(String, Value)]) -> Result<(), Failure> {
        self.page.set_column_width(0, LABEL_WIDTH)?.set_column_width(1, VALUE_WIDTH)?;
        for (label, value) in pairs {
            self.text(self.row, 0, label, Look::of(Role::Label, label))?;
            self.value(self.row, 1, value, None)?;
            self.row += 1;
        }
        Ok(())
    }

    fn table(&mut self, table: &'a Table, tables: &mut Names) -> Result<(), Failure> {
        let last_column = table.columns.len().checked_sub(1).ok_or_else(|| Failure("a table needs columns".to_owned()))?;
        let last_column = u16::try_from(last_column).map_err(|_| Failure("has too many columns".to_owned()))?;
        let rows = u32::try_from(table.rows.len()).map_err(|_| Failure("has too many rows".to_owned()))?;
        // A table without a row cannot be written: it gets an empty one.
        let (head, last) = (self.row, self.row.saturating_add(rows.max(1)));

        let mut names = Names::default();
        let mut heads = Vec::with_capacity(table.columns.len());
        for (place, column) in (0..).zip(&table.columns) {
            self.page.set_column_width(place, width(column))?;
            if column.hidden {
                self.page.set_column_hidden(place)?;
            }
            let heading = names.heading(&column.heading, usize::from(place) + 1);
            let format = self.looks.format(Look::of(Role::Heading, &heading));
            heads.push(TableColumn::new().set_header(heading).set_header_format(format));
        }
        let name = tables.table(&table.name);
        // The looks come from the cells: a style of Excel's would be lost in other programs, with the contrast of the headings.
        let list = rust_xlsxwriter::Table::new().set_name(name).set_columns(&heads).set_style(TableStyle::None);
        let description = text::line(&table.description);
        let list = if description.is_empty() { list } else { list.set_alt_text_title(description) };
        self.page.add_table(head, 0, last, last_column, &list)?;
        // Numbers of questions are text, and meant to be.
        self.page.ignore_error_range(head, 0, last, last_column, IgnoreError::NumberStoredAsText)?;
        self.page.set_repeat_rows(head, head)?;
        if head < MOST_FROZEN {
            self.page.set_freeze_panes(head + 1, table.frozen.min(last_column))?;
        }

        let rows = if table.rows.is_empty() { EMPTY_ROW } else { &table.rows };
        for (row, values) in (head + 1..).zip(rows) {
            if values.len() > table.columns.len() {
                let (has, columns) = (values.len(), table.columns.len());
                return Err(Failure(format!("row {} has {has} values for {columns} columns", row + 1)));
            }
            let mut values = values.iter();
            for (place, column) in (0..).zip(&table.columns) {
                self.value(row, place, values.next().unwrap_or(&Value::Empty), column.entry.as_ref())?;
            }
        }
        self.row = last + 1;
        Ok(())
    }

    fn value(&mut self, row: u32, column: u16, value: &'a Value, entry: Option<&'a Entry>) -> Result<(), Failure> {
        if let Value::Input(given, own) = value {
            return self.value(row, column, given, Some(own));
        }
        let role = match (entry, value) {
            (Some(entry), _) => {
                self.inputs.entry(entry).or_default().push((column, row));
                Role::Input
            }
            (None, Value::Level(level, _)) => Role::Level(*level),
            (None, _) => Role::Fixed,
        };
        let kind = match entry {
            None => Kind::General,
            Some(Entry::Date) => Kind::Date,
            Some(Entry::Whole(..)) => Kind::Whole,
            // So that what is typed stays as it is: 3-4 is no date, and =1 no formula.
            Some(_) => Kind::Text,
        };
        let look = Look { role, kind, quoted: false };
        match value {
            Value::Empty | Value::Input(..) => {
                self.page.write_blank(row, column, self.looks.format(look))?;
            }
            Value::Text(text) | Value::Level(_, text) => self.text(row, column, text, look)?,
            Value::Number(number) if number.is_finite() => {
                self.page.write_number_with_format(row, column, *number, self.looks.format(look))?;
            }
            Value::Number(number) => self.text(row, column, &number.to_string(), look)?,
            Value::Date(date) => match super::date(*date) {
                Some(day) => {
                    let look = Look { kind: Kind::Date, ..look };
                    self.page.write_date_with_format(row, column, day, self.looks.format(look))?;
                }
                None => {
                    let [year, month, day] = date;
                    self.text(row, column, &format!("{year:04}-{month:02}-{day:02}"), look)?;
                }
            },
            Value::Flag(flag) => {
                let look = Look { kind: Kind::General, ..look };
                self.page.write_boolean_with_format(row, column, *flag, self.looks.format(look))?;
            }
            Value::Link { text, url } => self.link(row, column, text, url, look)?,
        }
        Ok(())
    }

    fn link(&mut self, row: u32, column: u16, text: &str, url: &str, look: Look) -> Result<(), Failure> {
        let shown = if text.is_empty() { url } else { text };
        if self.links >= MOST_LINKS || !is_web_address(url) {
            let both = if shown == url { url.to_owned() } else { format!("{shown} ({url})") };
            return self.text(row, column, &both, look);
        }
        self.links += 1;
        let shown = text::cell(shown);
        let role = if look.role == Role::Fixed { Role::Link } else { look.role };
        let look = Look { kind: look.kind, ..Look::of(role, &shown) };
        self.page.write_url_with_format(row, column, Url::new(url).set_text(shown), self.looks.format(look))?;
        Ok(())
    }

    /// Writes text as text. An empty one leaves an empty cell.
    fn text(&mut self, row: u32, column: u16, text: &str, look: Look) -> Result<(), Failure> {
        let text = text::cell(text);
        let as_text = Look::of(look.role, &text);
        let kind = if look.kind == Kind::General { as_text.kind } else { look.kind };
        let format = self.looks.format(Look { kind, ..as_text });
        self.page.write_string_with_format(row, column, text, format)?;
        Ok(())
    }
}

/// An address of the web, of which nothing can be mistaken for something else.
fn is_web_address(url: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| {
        let (start, rest) = url.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && text::length(url) <= LONGEST_ADDRESS
        && !url.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

/// The width of a column in characters.
fn width(column: &Column) -> f64 {
    // Two more for the button of the filter.
    let wanted = if column.width > 0.0 { column.width } else { text::length(&column.heading) as f64 + 3.0 };
    wanted.clamp(4.0, 120.0)
}
