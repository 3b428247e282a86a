use std::cmp::Ordering;
use std::fmt;

/// A dotted version such as `16.0.12228.20260` or `1416/1.0.0.2020080601`. Missing parts count as zero.
#[derive(Clone, Debug, Eq)]
pub struct Version {
    written: String,
    parts: Vec<u64>,
}

impl Version {
    /// Reads dotted numbers; `None` where a part is not a number. A store number before a slash is left out of the comparison.
    pub fn parse(written: &str) -> Option<Self> {
        let dotted = written.rsplit('/').next()?;
        let parts = dotted.split('.').map(|p| p.parse().ok()).collect::<Option<Vec<_>>>()?;
        Some(Self { written: written.to_owned(), parts })
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.parts.len().max(other.parts.len());
        let part = |v: &Self, i: usize| v.parts.get(i).copied().unwrap_or(0);
        (0..length).map(|i| part(self, i).cmp(&part(other, i))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}
