use std::fmt;

/// A level of risk. `None` means that the risk is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    #[default]
    None,
    Low,
    Medium,
    High,
    VeryHigh,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 5] = [Self::None, Self::Low, Self::Medium, Self::High, Self::VeryHigh];

    /// The stable id, as in files and JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::VeryHigh => "very-high",
        }
    }

    /// The level with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.id() == id)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The levels that a finding could have, whatever the answers to open questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub lowest: Level,
    pub highest: Level,
}

impl Range {
    /// Whether open questions could still change the level.
    pub fn is_open(self) -> bool {
        self.lowest != self.highest
    }

    /// Whether the level lies in the range.
    pub fn contains(self, level: Level) -> bool {
        self.lowest <= level && level <= self.highest
    }
}
