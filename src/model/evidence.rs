//! Evidence: kinds of exports that the catalogue knows, and what was read from the files of a description.

use super::{Given, Scope, Tag, Text, Value};
use crate::diagnostic::Place;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// A kind of file that a tenant exports, and what it shows. Which words mean what is data; a [`Reader`] only knows the roles of columns.
#[derive(Clone, Debug)]
pub struct EvidenceKind {
    pub id: String,
    pub reader: Reader,
    pub label: Text,
    /// What the file speaks for, as a noun phrase.
    pub covers: Text,
    /// Whether what is not in the file is shown to be absent.
    pub complete: bool,
    /// Rows are about persons: only counts and settings are taken.
    pub persons: bool,
    /// How an administrator gets it.
    pub obtain: Text,
    pub command: Option<String>,
    /// The least privileged role that can read it, by Microsoft's English name.
    pub role: Option<String>,
    /// What to delete before the file is shared.
    pub remove: Option<Text>,
    pub sources: Vec<String>,
    /// How well the shape of the file is known.
    pub tag: Tag,
    pub last_seen: Date,
    /// A file is of this kind if all headings of one of these lists are there.
    pub headings: Vec<Vec<String>>,
    /// The only sheet of a workbook that is read.
    pub sheet: Option<String>,
    /// Other spellings of a heading, by the heading.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Headings of each role of a column, in order of preference.
    pub columns: BTreeMap<String, Vec<String>>,
    /// Words of a role's cells in the words that the reader knows; the former in lower case.
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// Names of policies that hold for everybody without one of their own.
    pub base: Vec<String>,
    /// Policies that every tenant has, assigned or not.
    pub built_in: Vec<String>,
    /// The list of records that a file about apps fills.
    pub list: Option<String>,
    /// Owner tenants that are Microsoft itself.
    pub microsoft_tenants: Vec<String>,
    /// Kinds of permission of which the file lists all: `application`, `delegated`.
    pub speaks_for: Vec<String>,
    /// Where a JSON file has its list, and other paths.
    pub json: BTreeMap<String, Vec<String>>,
    /// Former ids of checks, with the present one.
    pub renamed: BTreeMap<String, String>,
    pub rules: Vec<EvidenceRule>,
    pub place: Place,
}

/// Which reader understands a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    Settings,
    Policies,
    Checks,
    Usage,
    Licences,
    Count,
    Assignments,
    Apps,
    Retention,
    SubProcessors,
    Questionnaire,
    ActionPlan,
}

impl Reader {
    /// All readers with the words used in files.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Settings, "settings"),
        (Self::Policies, "policies"),
        (Self::Checks, "checks"),
        (Self::Usage, "usage"),
        (Self::Licences, "licences"),
        (Self::Count, "count"),
        (Self::Assignments, "assignments"),
        (Self::Apps, "apps"),
        (Self::Retention, "retention"),
        (Self::SubProcessors, "sub-processors"),
        (Self::Questionnaire, "questionnaire"),
        (Self::ActionPlan, "action-plan"),
    ];
}

/// What a cell shows about a fact.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Is(Value),
    /// Nobody configured it: Microsoft's default holds.
    NotConfigured,
    /// One of several values, not more.
    OneOf(Vec<Value>),
    /// A set holds at least these.
    Includes(BTreeSet<String>),
}

/// Texts of cells in lower case, each with what it shows; `*` stands for any other text.
pub type Words = Vec<(String, Shown)>;

/// One rule of a kind.
#[derive(Clone, Debug)]
pub struct EvidenceRule {
    pub what: RuleKind,
    pub sources: Vec<String>,
    /// How well it is known that the cell means this.
    pub tag: Tag,
    pub note: Option<Text>,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub enum RuleKind {
    /// One parameter, one fact.
    Setting {
        parameter: String,
        fact: String,
        values: Words,
        number: bool,
        steps: Vec<(Option<i64>, Shown)>,
    },
    /// Several parameters together.
    Together {
        when: Vec<(String, Vec<String>)>,
        fact: String,
        shown: Shown,
    },
    /// The name of a policy anywhere in a row, its state beside it.
    Policy {
        names: Vec<String>,
        fact: String,
        values: Words,
    },
    /// The result of a check.
    Check {
        id: String,
        fact: String,
        pass: Option<Shown>,
        fail: Option<Shown>,
    },
    /// A cell of one of the columns shows use.
    Shows {
        columns: Vec<String>,
        fact: String,
        shown: Shown,
    },
    /// All persons' names are concealed, or none.
    Concealed {
        fact: String,
    },
    Licence {
        products: Vec<String>,
        fact: String,
        shown: Shown,
        none: Option<Shown>,
    },
    Count {
        column: String,
        values: Vec<String>,
        fact: String,
        some: Option<Shown>,
        none: Option<Shown>,
        all: Option<Shown>,
        number: bool,
    },
    /// The largest number of a column.
    Largest {
        column: String,
        fact: String,
    },
    /// A column that names each person's policy of another kind.
    Assigned {
        column: String,
        kind: String,
    },
    /// Grants of a kind of consent are there, or not.
    Grants {
        consent: String,
        fact: String,
        some: Option<Shown>,
        none: Option<Shown>,
    },
    /// A field of a record.
    Field {
        column: String,
        field: String,
        values: Words,
    },
    /// Where a retention policy holds.
    Location {
        column: String,
        words: Vec<String>,
        workload: String,
    },
    /// What the retention rules of a workload show: by actions joined with `+`, or `none`.
    Workload {
        id: String,
        fact: String,
        values: Words,
    },
    /// Objects inside a JSON file that are of another kind.
    Embedded {
        path: String,
        kind: String,
    },
}

/// A file of the description's `[[evidence]]`, after reading. Nothing in it is about a single person.
#[derive(Clone, Debug, Default)]
pub struct EvidenceFile {
    /// Path from the folder of the description.
    pub file: String,
    pub kind: Option<String>,
    /// The day of the export, as stated or as the file says.
    pub as_of: Option<Date>,
    /// What it says does not grow old, such as the state of a plan.
    pub lasting: bool,
    /// The file itself gave the day.
    pub dated_by_file: bool,
    /// The kind speaks for all that it is about.
    pub complete: bool,
    pub sha256: String,
    pub bytes: u64,
    /// Rows, objects or results read.
    pub rows: u64,
    /// Columns that no reader takes.
    pub ignored_columns: usize,
    /// Columns that a rule would read and that are not there.
    pub missing: Vec<String>,
    /// How many facts were taken from it.
    pub facts: usize,
    /// Policies that every tenant has, taken to be assigned to nobody because no file shows to whom they are.
    pub assumed_unassigned: usize,
    /// Counts that say nothing about a single person: what is counted, and its numbers.
    pub tallies: Vec<(String, BTreeMap<String, u64>)>,
    /// Who answered a questionnaire: role and function.
    pub respondent: Option<String>,
    /// Sub-processors or other parties listed: name, service, location.
    pub parties: Vec<[String; 3]>,
    /// Retention rules, one a row.
    pub retention: Vec<RetentionRow>,
    pub place: Option<Place>,
}

/// One retention rule of the tenant, without the name of its policy, which may name a person.
#[derive(Clone, Debug, PartialEq)]
pub struct RetentionRow {
    pub workloads: Vec<String>,
    /// `Keep`, `Delete`, `KeepAndDelete` in lower case with hyphens.
    pub action: String,
    /// In days; `None`: without end.
    pub days: Option<i64>,
    /// Whether it covers every place of its workloads.
    pub everywhere: bool,
    pub place: Place,
}

/// How much a value that was read can bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The file speaks for all that the fact is about.
    Complete,
    /// It proves what it shows, and nothing of what it does not show.
    Presence,
    /// It speaks for a part only, or nobody knows for which.
    Partial,
    /// A person's answer, with name of the function and date.
    Statement,
}

/// One fact read from a cell.
#[derive(Clone, Debug)]
pub struct Observation {
    pub fact: String,
    pub scope: Scope,
    pub shown: Shown,
    pub place: Place,
    /// Index into the deployment's evidence.
    pub evidence: usize,
    /// Other files that it rests on as well.
    pub needs: Vec<usize>,
    /// Files that show that it is about nobody: it counts only where none of them is of the right date.
    pub unless_fresh: Vec<usize>,
    pub weight: Weight,
}

/// A record of a list, e.g. one app, as files show it.
#[derive(Clone, Debug)]
pub struct Sighting {
    pub list: String,
    /// Identifier in the tenant, e.g. the app id; empty if no file has it.
    pub app_id: String,
    pub name: String,
    /// Fields with what was read, each with its place.
    pub fields: Vec<(String, Value, Place)>,
    pub place: Place,
    pub evidence: usize,
    /// Files that show that it is none of this list: it counts only where none of them is of the right date.
    pub unless_fresh: Vec<usize>,
    pub weight: Weight,
    /// Whether the permissions read are all that it has of the kinds that the file speaks for.
    pub all_permissions: bool,
    /// Kinds of permission that the file speaks for: `application`, `delegated`.
    pub speaks_for: Vec<String>,
}

/// `[[resolution]]`: who decided between values that contradict each other.
#[derive(Clone, Debug)]
pub struct Resolution {
    pub fact: String,
    pub scope: Scope,
    /// Key of the record, where the fact is a field of one.
    pub record: Option<String>,
    pub given: Given,
    pub function: String,
    pub date: Option<Date>,
    pub how: String,
    pub place: Place,
}

impl RuleKind {
    /// The fact that the rule can show, if it is one.
    pub fn fact(&self) -> Option<&str> {
        match self {
            Self::Setting { fact, .. }
            | Self::Together { fact, .. }
            | Self::Policy { fact, .. }
            | Self::Check { fact, .. }
            | Self::Shows { fact, .. }
            | Self::Concealed { fact }
            | Self::Licence { fact, .. }
            | Self::Count { fact, .. }
            | Self::Largest { fact, .. }
            | Self::Grants { fact, .. }
            | Self::Workload { fact, .. } => Some(fact),
            Self::Assigned { .. } | Self::Field { .. } | Self::Location { .. } | Self::Embedded { .. } => None,
        }
    }
}
