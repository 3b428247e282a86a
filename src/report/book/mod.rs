//! Workbooks as plain data: what is on their sheets, never how it looks.
//!
//! `register` is the report as tables to work with, `questionnaire` the open questions to be answered by somebody who knows no TOML.

mod questionnaire;
mod register;

pub use questionnaire::questionnaire;
pub use register::register;

/// Year, month and day.
pub type Date = [i32; 3];

/// A workbook, as it is written into one file.
#[derive(Debug, Clone, Default)]
pub struct Workbook {
    /// The title in the document properties.
    pub title: String,
    /// The subject in the document properties.
    pub subject: String,
    /// The organisation that answers for the contents.
    pub author: String,
    /// The language of the contents, as in `de` or `pt-PT`. Where it is written from right to left, so are the sheets.
    pub language: String,
    /// The date of the document properties, which must not come from the clock.
    pub date: Date,
    /// The name of the hidden sheet with the answers of long drop-down lists. Empty: `Lists`.
    pub lists: String,
    /// The sheets in their order. The first one that is not hidden is shown on opening.
    pub sheets: Vec<Sheet>,
}

/// One sheet: a heading, some lines and what follows them.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// The name on the tab. What the format forbids is replaced, and a name used before gets a number.
    pub name: String,
    /// The heading in the first cell, where a screen reader begins. Empty: none.
    pub heading: String,
    /// Lines above the body. Long ones go on over several rows, for cells are never merged.
    pub intro: Vec<String>,
    /// What the sheet is about.
    pub body: Body,
    /// Only cells to be filled in can be changed; a guard against slips, without a password. Rows cannot be added then.
    pub protected: bool,
    /// The sheet is there for programs, not for people.
    pub hidden: bool,
}

/// What is on a sheet below its intro.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// Nothing more.
    #[default]
    Nothing,
    /// A label and its value on each line, as on a cover.
    Pairs(Vec<(String, Value)>),
    /// A table with a row of headings.
    Table(Table),
}

/// A table that can be sorted and filtered.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// The name by which programs find the table. Made valid and unique.
    pub name: String,
    /// What the table holds, for those who cannot see it. Empty: nothing is said.
    pub description: String,
    /// The columns from left to right.
    pub columns: Vec<Column>,
    /// How many columns at the left stay in sight.
    pub frozen: u16,
    /// The rows, each with at most as many values as there are columns. A shorter row, even an empty one, is filled up with
    /// empty cells that can be filled in where their column says so.
    pub rows: Vec<Vec<Value>>,
}

/// A column of a table.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// The heading. A heading used before gets a number.
    pub heading: String,
    /// The width in characters. Zero: as wide as the heading needs.
    pub width: f64,
    /// The column is there for programs, such as one with keys.
    pub hidden: bool,
    /// The cells of the column are to be filled in, and with what.
    pub entry: Option<Entry>,
}

/// What may be entered into a cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// Any text; it stays text, whatever it looks like.
    Text,
    /// One of these texts, from a drop-down list.
    OneOf(Vec<String>),
    /// One of these texts, from a drop-down list, or any other.
    Suggested(Vec<String>),
    /// A level of risk, from a drop-down list of these words; the cell takes the fill of the level chosen.
    Level(Vec<(Level, String)>),
    /// A date in this century or later.
    Date,
    /// A whole number from the first to the second.
    Whole(i32, i32),
}

/// A level of risk, with its fill, which is light enough for the word on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Green.
    Low,
    /// Yellow.
    Medium,
    /// Orange.
    High,
    /// Red.
    VeryHigh,
}

/// What is in a cell.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// Nothing.
    #[default]
    Empty,
    /// A text, never a formula, and never a link of its own accord.
    Text(String),
    /// A number.
    Number(f64),
    /// A date.
    Date(Date),
    /// Yes or no, in the words of the reader's program.
    Flag(bool),
    /// A text that leads to a web address. Where the address is not one for the web, or the sheet is full of links, both are
    /// written as text.
    Link {
        /// What is shown. Empty: the address.
        text: String,
        /// The address, with `http` or `https`.
        url: String,
    },
    /// A level of risk: the word that says it, on a light fill.
    Level(Level, String),
    /// A cell to be filled in, whatever its column says, with what is in it so far.
    Input(Box<Value>, Entry),
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// A cell to be filled in, with what has been answered so far.
    pub fn input(given: Option<&str>, entry: Entry) -> Value {
        Value::Input(Box::new(given.map_or(Value::Empty, Value::text)), entry)
    }
}
