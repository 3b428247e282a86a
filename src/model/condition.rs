use super::{Value, Version};
use crate::diagnostic::Place;
use jiff::civil::Date;

/// Lines that must all hold. Empty: always holds.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    pub lines: Vec<Line>,
}

/// One line `fact = expected`.
#[derive(Clone, Debug)]
pub struct Line {
    pub fact: FactRef,
    pub test: Test,
    /// The expectation as written, for readers.
    pub wanted: String,
    pub place: Place,
}

/// What a line asks about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactRef {
    Fact(String),
    /// A field of the record at hand, in a risk with `for-each`.
    Field(String),
    /// The platform for which a value is looked up, in dated rows.
    Platform,
}

impl FactRef {
    /// The name as written.
    pub fn name(&self) -> String {
        match self {
            Self::Fact(id) => id.clone(),
            Self::Field(field) => format!("record.{field}"),
            Self::Platform => "platform".to_owned(),
        }
    }
}

/// The closed set of operators. Each is total over its type and open on an open fact.
#[derive(Clone, Debug)]
pub enum Test {
    Equals(Value),
    OneOf(Vec<Value>),
    IncludesAny(Vec<String>),
    IncludesAll(Vec<String>),
    AtLeast(i64),
    AtMost(i64),
    /// Position in the value list of a choice.
    ChoiceAtLeast(usize, Vec<String>),
    ChoiceAtMost(usize, Vec<String>),
    Before(Date),
    After(Date),
    OlderThan(VersionRef),
    ClassAtLeast(u8),
    IsSet(bool),
    Not(Box<Test>),
    /// Several operators in one table.
    All(Vec<Test>),
    /// Some record fulfils all lines.
    Any(Vec<FieldTest>),
    /// Every record fulfils all lines.
    Every(Vec<FieldTest>),
}

/// A version to compare with.
#[derive(Clone, Debug)]
pub enum VersionRef {
    Literal(Version),
    /// A vendor fact of type `version`.
    Fact(String),
}

/// A test on a field of a record.
#[derive(Clone, Debug)]
pub struct FieldTest {
    pub field: String,
    pub test: Test,
}
