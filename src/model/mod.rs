//! Plain types that every layer shares: languages, dates, levels, facts, conditions, the deployment. Knows no files.

mod condition;
mod deployment;
mod evidence;
mod fact;
mod level;
mod register;
mod risk;
mod text;
mod value;
mod version;

pub use condition::{Condition, FactRef, FieldTest, Line, Test, VersionRef};
pub use deployment::*;
pub use evidence::*;
pub use fact::{
    Answer, Combination, DefaultRow, FactDef, FactKind, FieldDef, Given, Origin, Record, Row, RowRef, Scope, Slot, Tag, Type, Vocabulary,
};
pub use level::{Level, Range};
pub use register::*;
pub use risk::*;
pub use text::{Lang, Text};
pub use value::Value;
pub use version::Version;
