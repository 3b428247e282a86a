//! What may be entered into cells, and the hidden sheet with the lists that are too long for a cell.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    ConditionalFormatCell, ConditionalFormatCellRule, DataValidation, DataValidationRule, ExcelDateTime, Format, Formula, Worksheet,
    XlsxError,
};

use super::looks::{Look, Looks, Role, fill};
use super::text;
use crate::report::book::Entry;

/// The length of a list inside a rule, in UTF-16 units with its commas.
const LONGEST_LIST: usize = 255;
/// Ranges in one rule. The format sets no limit, programs do.
const MOST_RANGES: usize = 100;
/// Rules on one sheet.
const MOST_RULES: usize = 65_534;

/// The cells of a sheet that are to be filled in: for each kind of entry their columns and rows.
pub type Inputs<'a> = BTreeMap<&'a Entry, Vec<(u16, u32)>>;

/// The lists that go on the hidden sheet, one below the other.
pub struct Lists {
    sheet: String,
    lines: Vec<String>,
    /// The first and the last row of each list, counted from one.
    places: BTreeMap<Vec<String>, (usize, usize)>,
}

impl Lists {
    /// No list yet, for a sheet of this name.
    pub fn new(sheet: String) -> Lists {
        Lists { sheet, lines: Vec::new(), places: BTreeMap::new() }
    }

    /// Adds the hidden sheet, if there is a list for it.
    pub fn write(self, file: &mut rust_xlsxwriter::Workbook, looks: &mut Looks) -> Result<(), XlsxError> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let page = file.add_worksheet();
        page.set_name(&self.sheet)?.set_hidden(true).protect();
        page.set_column_width(0, 60.0)?;
        for (row, line) in (0..).zip(&self.lines) {
            page.write_string_with_format(row, 0, line, looks.format(Look::of(Role::Fixed, line)))?;
        }
        Ok(())
    }

    /// The rule that allows these texts.
    fn rule(&mut self, allowed: Vec<String>) -> Result<DataValidation, XlsxError> {
        if fits(&allowed) {
            return DataValidation::new().allow_list_strings(&allowed);
        }
        let (first, last) = match self.places.get(&allowed) {
            Some(place) => *place,
            None => {
                let first = self.lines.len() + 1;
                self.lines.extend(allowed.iter().cloned());
                self.places.insert(allowed, (first, self.lines.len()));
                (first, self.lines.len())
            }
        };
        // An apostrophe in the name of a sheet is doubled.
        let sheet = self.sheet.replace('\'', "''");
        Ok(DataValidation::new().allow_list_formula(Formula::new(format!("='{sheet}'!$A${first}:$A${last}"))))
    }
}

/// Whether a list can be written into the rule itself: short, and nothing in it that programs read in different ways.
fn fits(allowed: &[String]) -> bool {
    let length: usize = allowed.iter().map(|item| text::length(item) + 1).sum();
    let simple =
        |item: &String| item.trim() == item && !item.contains([',', '"', '\n', '\t']) && !item.contains("_x") && !text::needs_quote(item);
    length <= LONGEST_LIST + 1 && allowed.iter().all(simple)
}

/// The texts of a list as they go into the file: none of them empty, which would allow anything, and none twice.
fn items<'a>(list: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for item in list {
        let item = text::cell(item);
        if !item.trim().is_empty() && !items.iter().any(|known| *known == item) {
            items.push(item.into_owned());
        }
    }
    items
}

/// Gives the cells of a sheet their rules.
pub fn apply(page: &mut Worksheet, lists: &mut Lists, inputs: Inputs<'_>) -> Result<(), String> {
    let mut rules = 0;
    for (entry, cells) in inputs {
        let Some(rule) = rule(entry, lists).map_err(|error| error.to_string())? else { continue };
        let ranges = ranges(cells);
        for ranges in ranges.chunks(MOST_RANGES) {
            rules += 1;
            add(page, entry, &rule, ranges).map_err(|error| error.to_string())?;
        }
    }
    if rules > MOST_RULES { Err(format!("has {rules} rules for its cells; there can be {MOST_RULES}")) } else { Ok(()) }
}

fn rule(entry: &Entry, lists: &mut Lists) -> Result<Option<DataValidation>, XlsxError> {
    let (allowed, strict) = match entry {
        Entry::Text => return Ok(None),
        Entry::Date => {
            let first = DataValidationRule::GreaterThanOrEqualTo(ExcelDateTime::from_ymd(2000, 1, 1)?);
            return Ok(Some(DataValidation::new().allow_date(first)));
        }
        Entry::Whole(least, most) => {
            return Ok(Some(DataValidation::new().allow_whole_number(DataValidationRule::Between(*least, *most))));
        }
        Entry::OneOf(list) => (items(list), true),
        Entry::Suggested(list) => (items(list), false),
        Entry::Level(words) => (items(words.iter().map(|(_, word)| word)), true),
    };
    // A cell without a choice is one for any text.
    if allowed.is_empty() {
        return Ok(None);
    }
    Ok(Some(lists.rule(allowed)?.show_error_message(strict)))
}

fn add(page: &mut Worksheet, entry: &Entry, rule: &DataValidation, ranges: &[Range]) -> Result<(), XlsxError> {
    let (column, first, last) = ranges[0];
    let all = ranges.iter().map(address).collect::<Vec<_>>().join(" ");
    page.add_data_validation(first, column, last, column, &rule.clone().set_multi_range(&all))?;
    if let Entry::Level(words) = entry {
        for (level, word) in words {
            let look = Format::new().set_background_color(fill(*level));
            let equal = ConditionalFormatCellRule::EqualTo(text::cell(word).into_owned());
            let format = ConditionalFormatCell::new().set_rule(equal).set_format(look).set_multi_range(&all);
            page.add_conditional_format(first, column, last, column, &format)?;
        }
    }
    Ok(())
}

/// A column with the first and the last of its rows.
type Range = (u16, u32, u32);

/// The cells as few ranges.
fn ranges(mut cells: Vec<(u16, u32)>) -> Vec<Range> {
    cells.sort_unstable();
    let mut ranges: Vec<Range> = Vec::new();
    for (column, row) in cells {
        match ranges.last_mut() {
            Some((last_column, _, last)) if *last_column == column && *last + 1 == row => *last = row,
            _ => ranges.push((column, row, row)),
        }
    }
    ranges
}

fn address(&(column, first, last): &Range) -> String {
    rust_xlsxwriter::utility::cell_range(first, column, last, column)
}
