use super::{Record, Version};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A typed answer to a fact's question.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Flag(bool),
    Choice(String),
    Choices(BTreeSet<String>),
    Number(i64),
    Date(Date),
    Version(Version),
    Text(String),
    /// `application:Mail.Read`, `delegated:Mail.Read`, `role:ApplicationImpersonation`.
    Permissions(BTreeSet<String>),
    Records(Vec<Record>),
}

impl Value {
    /// The value as JSON: records become the list of their keys.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as J;
        match self {
            Self::Flag(b) => J::from(*b),
            Self::Choice(s) | Self::Text(s) => J::from(s.as_str()),
            Self::Choices(set) | Self::Permissions(set) => J::from(set.iter().cloned().collect::<Vec<_>>()),
            Self::Number(n) => J::from(*n),
            Self::Date(d) => J::from(d.to_string()),
            Self::Version(v) => J::from(v.to_string()),
            Self::Records(records) => J::from(records.iter().map(|r| r.key.clone()).collect::<Vec<_>>()),
        }
    }
}
