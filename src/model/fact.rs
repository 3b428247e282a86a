use super::{Condition, Lang, Text, Value};
use crate::diagnostic::Place;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Every fact that a condition may ask about, by id.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    pub facts: BTreeMap<String, FactDef>,
    /// Members of the dimension `platform`, in printing order.
    pub platforms: Vec<String>,
    /// The `choices` fact that says which platforms are in use.
    pub platforms_in_use: String,
    /// Privacy class of each known permission, 1 (harmless) to 4.
    pub permission_classes: BTreeMap<String, u8>,
    /// Permissions by `<type>:<GUID in lower case>`, since some exports give nothing else.
    pub permission_guids: BTreeMap<String, String>,
    /// Permissions that open more together than each of them alone.
    pub combinations: Vec<Combination>,
}

impl Vocabulary {
    /// The definition of a fact.
    pub fn get(&self, id: &str) -> Option<&FactDef> {
        self.facts.get(id)
    }
}

/// Permissions that open more together than each of them alone.
#[derive(Clone, Debug)]
pub struct Combination {
    pub id: String,
    /// One permission of each inner list makes the combination.
    pub all: Vec<Vec<String>>,
    /// Privacy class, 1 to 4.
    pub class: u8,
    pub label: Text,
    pub because: Text,
}

impl Combination {
    /// Whether a set of permissions holds one of each list.
    pub fn is_in(&self, held: &BTreeSet<String>) -> bool {
        self.all.iter().all(|any| any.iter().any(|p| held.contains(p)))
    }
}

/// One question about the deployment, or one statement about Microsoft, with its type.
#[derive(Clone, Debug)]
pub struct FactDef {
    pub id: String,
    pub kind: FactKind,
    pub ty: Type,
    /// May be answered by platform.
    pub per_platform: bool,
    /// May be answered by group of people.
    pub per_population: bool,
    /// `administrator`, `hr`, `dpo`, `contract-manager` or `management`; empty for vendor and derived facts.
    pub asked_of: String,
    /// Where an administrator sees the answer.
    pub control: Option<String>,
    pub label: Text,
    pub question: Text,
    /// Microsoft's default where nobody configured it.
    pub defaults: Vec<DefaultRow>,
    /// What holds where the control does not reach, whatever was configured.
    pub out_of_reach: Vec<DefaultRow>,
    /// No condition asks it: it only describes the deployment.
    pub only_describes: bool,
    pub place: Place,
}

impl FactDef {
    /// Answered by the organisation under its own name in a description.
    pub fn is_asked(&self) -> bool {
        matches!(self.kind, FactKind::Asked) && !self.follows_from_block()
    }

    /// Read from the block `[organisation]`, so that nobody is asked twice.
    pub fn follows_from_block(&self) -> bool {
        self.id.starts_with("organisation.")
    }
}

/// A default row is a dated row.
pub type DefaultRow = Row;

#[derive(Clone, Debug)]
pub enum FactKind {
    /// Answered by the organisation.
    Asked,
    /// What Microsoft does, as dated rows.
    Vendor { rows: Vec<Row> },
    /// A named condition: any of the paths.
    Derived { paths: Vec<Condition> },
}

/// A dated statement with its sources.
#[derive(Clone, Debug)]
pub struct Row {
    /// Inclusive; `None`: since ever.
    pub from: Option<Date>,
    /// Exclusive; `None`: still so when last seen.
    pub until: Option<Date>,
    /// What the row depends on besides the date.
    pub when: Condition,
    pub value: Value,
    pub sources: Vec<String>,
    pub tag: Tag,
    pub last_seen: Date,
    pub note: Option<Text>,
    pub place: Place,
}

/// How well a statement is supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tag {
    Verified,
    Secondary,
    Recalled,
}

impl Tag {
    /// The word used in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Secondary => "secondary",
            Self::Recalled => "recalled",
        }
    }

    /// All tags in order of strength.
    pub const ALL: [Self; 3] = [Self::Verified, Self::Secondary, Self::Recalled];
}

#[derive(Clone, Debug)]
pub enum Type {
    Flag,
    /// One of the values, in order from least to most, with the printed word of each.
    Choice(Vec<(String, Text)>),
    /// A set of the values.
    Choices(Vec<(String, Text)>),
    Number {
        unit: Text,
        min: Option<i64>,
        max: Option<i64>,
    },
    Date,
    Version,
    Text,
    Permissions,
    /// A list of records; `key` names a record in ids, `name` names it to readers.
    Records {
        key: String,
        name: String,
        fields: Vec<FieldDef>,
    },
}

impl Type {
    /// The word used in files.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Choice(_) => "choice",
            Self::Choices(_) => "choices",
            Self::Number { .. } => "number",
            Self::Date => "date",
            Self::Version => "version",
            Self::Text => "text",
            Self::Permissions => "permissions",
            Self::Records { .. } => "records",
        }
    }

    /// The values of a choice or a set.
    pub fn values(&self) -> &[(String, Text)] {
        match self {
            Self::Choice(v) | Self::Choices(v) => v,
            _ => &[],
        }
    }

    /// The printed word of a value of a choice.
    pub fn word<'a>(&'a self, value: &'a str, lang: Lang) -> &'a str {
        self.values().iter().find(|(id, _)| id == value).map_or(value, |(_, t)| t.get(lang))
    }
}

/// A field of a record.
#[derive(Clone, Debug)]
pub struct FieldDef {
    pub id: String,
    pub ty: Type,
    /// May be missing: then it is known not to be set.
    pub optional: bool,
    /// No condition asks it: it only describes the record.
    pub only_describes: bool,
    pub label: Text,
    pub question: Text,
}

/// What the description says about one fact.
#[derive(Clone, Debug)]
pub struct Answer {
    pub slots: Vec<Slot>,
}

/// One value of an answer, for all or for a platform or a group of people.
#[derive(Clone, Debug)]
pub struct Slot {
    pub scope: Scope,
    pub given: Given,
    pub place: Place,
}

/// For what an answer holds; `None` stands for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    pub platform: Option<String>,
    pub population: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    Value(Value),
    /// Nobody configured it: Microsoft's default holds.
    NotConfigured,
    /// Said openly that it is not known.
    Unknown,
    /// Several places say different things, and nobody has decided between them.
    Disputed(Vec<(Value, Place)>),
}

/// A record of a list, e.g. one third-party app.
#[derive(Clone, Debug)]
pub struct Record {
    /// Id of the fact that lists it.
    pub list: String,
    pub key: String,
    pub fields: BTreeMap<String, (Given, Place)>,
    pub place: Place,
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
            && self.fields.len() == other.fields.len()
            && self.fields.iter().zip(&other.fields).all(|((a, (x, _)), (b, (y, _)))| a == b && x == y)
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// The description says so, or an answer to a questionnaire.
    Declared(Place),
    /// A file exported from the tenant shows it.
    Observed(Place),
    /// Values contradicted each other, and somebody decided.
    Resolved(Place),
    /// Microsoft's default, because the description says that nobody configured it (`place`).
    Default { row: RowRef, place: Place },
    /// The control does not reach this platform: what holds there, whatever the description says (`place`, if it says anything).
    OutOfReach { row: RowRef, place: Option<Place> },
    /// A row of a vendor fact.
    Vendor { row: RowRef },
    /// Follows from other facts.
    Derived,
    /// Nobody said.
    Nobody,
}

/// What the report needs to know of a dated row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowRef {
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub sources: Vec<String>,
    pub tag: Tag,
    pub last_seen: Date,
    pub note: Option<Text>,
}

impl From<&Row> for RowRef {
    fn from(row: &Row) -> Self {
        Self {
            from: row.from,
            until: row.until,
            sources: row.sources.clone(),
            tag: row.tag,
            last_seen: row.last_seen,
            note: row.note.clone(),
        }
    }
}
