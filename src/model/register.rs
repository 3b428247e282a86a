//! Registers of the catalogue: what a deployment creates, sends, and owes to people, entry by entry.

use super::{Condition, Tag, Text};
use crate::diagnostic::Place;

/// A provision that gives staff representatives a say.
#[derive(Clone, Debug)]
pub struct StaffLaw {
    pub id: String,
    /// ISO 3166 alpha-2; empty: everywhere.
    pub countries: Vec<String>,
    /// As it is cited there.
    pub law: String,
    /// `consent`, `co-determination`, `advice` or `information`.
    pub right: String,
    pub text: Text,
    pub sources: Vec<String>,
    pub tag: Tag,
    pub when: Vec<Condition>,
    pub place: Place,
}

/// A kind of data that the services create, and how long it stays.
#[derive(Clone, Debug)]
pub struct RetentionKind {
    pub id: String,
    /// Taxonomy: data.
    pub data: String,
    /// Values of `services.in-use`; empty: all.
    pub services: Vec<String>,
    /// `organisation`, `microsoft` or `both`.
    pub controlled_by: String,
    /// A vendor fact: Microsoft's period.
    pub default: Option<String>,
    /// The fact that holds the organisation's own setting.
    pub configured: Option<String>,
    /// Values of the setting under which nothing is ever deleted.
    pub endless: Vec<String>,
    pub label: Text,
    pub note: Text,
    pub sources: Vec<String>,
    pub measures: Vec<String>,
    pub when: Vec<Condition>,
    pub place: Place,
}

/// A flow that leaves the European Economic Area, or may: the six steps of EDPB Recommendations 01/2020.
#[derive(Clone, Debug)]
pub struct Flow {
    pub id: String,
    pub data: Vec<String>,
    /// Values of `services.in-use`; empty: all.
    pub services: Vec<String>,
    pub subjects: Vec<String>,
    pub label: Text,
    pub recipient: Text,
    pub what: Text,
    /// A vendor fact: the transfer tool.
    pub tool: String,
    pub law: Text,
    pub measures: Vec<String>,
    pub procedure: Text,
    pub residual: Text,
    pub triggers: Text,
    pub sources: Vec<String>,
    pub when: Vec<Condition>,
    pub place: Place,
}

/// Who is controller and who processor for a purpose.
#[derive(Clone, Debug)]
pub struct Role {
    pub id: String,
    pub data: Vec<String>,
    pub purpose: Text,
    /// A vendor fact: Microsoft's role.
    pub role: String,
    pub text: Text,
    pub sources: Vec<String>,
    pub when: Vec<Condition>,
    pub place: Place,
}

/// How a right is exercised for a group of data, and what cannot be done.
#[derive(Clone, Debug)]
pub struct Right {
    pub id: String,
    /// GDPR article.
    pub article: String,
    /// `customer-data`, `system-generated-logs` or `controller-data`.
    pub group: String,
    pub how: Text,
    pub cannot: Text,
    pub sources: Vec<String>,
    pub tag: Tag,
    pub measures: Vec<String>,
    pub when: Vec<Condition>,
    pub place: Place,
}
