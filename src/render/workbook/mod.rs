//! Excel workbooks from plain data.
//!
//! A [`Workbook`] says what is on its sheets, never how it looks: the look, the print set-up and the rules of the format are the
//! business of this module alone. What is text stays text, whatever it begins with; the same data give the same bytes.

mod drop_downs;
mod looks;
mod package;
mod sheet;
mod text;

use crate::report::book::{Date, Workbook};
use rust_xlsxwriter::{DocProperties, ExcelDateTime};

/// Writes a workbook in the format of Excel (Office Open XML).
///
/// # Errors
///
/// There is no sheet to show, a table has no columns or a row longer than its headings, or something goes beyond what the format
/// can hold. Nothing that a text says leads to an error.
pub fn write(workbook: &Workbook) -> Result<Vec<u8>, String> {
    if workbook.sheets.iter().all(|sheet| sheet.hidden) {
        return Err("a workbook needs a sheet that is shown".to_owned());
    }
    let mut names = text::Names::default();
    let mut tables = text::Names::default();
    let mut looks = looks::Looks::default();
    let sheet_names: Vec<String> = workbook.sheets.iter().map(|sheet| names.sheet(&sheet.name)).collect();
    let mut lists = drop_downs::Lists::new(names.sheet(if workbook.lists.is_empty() { "Lists" } else { &workbook.lists }));
    let right_to_left = text::is_right_to_left(&workbook.language);

    let mut file = rust_xlsxwriter::Workbook::new();
    file.set_properties(&properties(workbook)?);
    let mut shown = false;
    for (sheet, name) in workbook.sheets.iter().zip(&sheet_names) {
        let page = file.add_worksheet();
        page.set_right_to_left(right_to_left);
        if sheet.hidden {
            page.set_hidden(true);
        } else if !shown {
            // Without this the first sheet would be opened even where it is hidden.
            page.set_active(true).set_first_tab(true);
            shown = true;
        }
        page.set_name(name)
            .map_err(|error| error.to_string())
            .and_then(|page| sheet::write(sheet, page, &mut looks, &mut lists, &mut tables))
            .map_err(|error| format!("sheet \"{name}\": {error}"))?;
    }
    lists.write(&mut file, &mut looks).map_err(|error| error.to_string())?;
    let bytes = file.save_to_buffer().map_err(|error| error.to_string())?;
    package::with_language(bytes, &workbook.language)
}

fn properties(workbook: &Workbook) -> Result<DocProperties, String> {
    let [year, month, day] = workbook.date;
    let date = date(workbook.date).ok_or_else(|| format!("{year:04}-{month:02}-{day:02} is no date for a workbook"))?;
    let author = text::line(&workbook.author);
    Ok(DocProperties::new()
        .set_title(text::line(&workbook.title))
        .set_subject(text::line(&workbook.subject))
        .set_author(author.clone())
        .set_company(author)
        .set_creation_datetime(&date))
}

/// The date as Excel has it, where Excel has it.
fn date([year, month, day]: Date) -> Option<ExcelDateTime> {
    ExcelDateTime::from_ymd(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}
