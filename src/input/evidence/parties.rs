//! Lists of sub-processors: names of companies, what they do, and where.

use super::kit::{Kit, Reads};
use super::lines::{Head, Line};

/// The longest text that is kept.
const LONGEST: usize = 300;
/// So many entries a list may have; the longest known has some hundred.
const MOST: usize = 2_000;

/// The reader for lists of sub-processors.
#[derive(Default)]
pub(super) struct Parties {
    columns: [Option<u32>; 3],
}

const ROLES: [&str; 3] = ["name", "service", "location"];

impl Reads for Parties {
    fn start(&mut self, head: &Head, kit: &mut Kit<'_>) {
        let kind = kit.kind;
        self.columns = ROLES.map(|role| {
            let given = kit.given_columns.iter().find(|(r, _)| r == role).and_then(|(_, heading)| head.column(kind, heading));
            given.or_else(|| head.role(kind, role))
        });
        let missing = ROLES.iter().zip(self.columns).filter(|(_, c)| c.is_none()).map(|(r, _)| (*r).to_owned()).collect();
        kit.columns(head.len(), self.columns.iter().flatten().count(), missing);
    }

    fn line(&mut self, line: &Line<'_>, kit: &mut Kit<'_>) {
        let [name, service, location] = self.columns.map(|c| line.text(c).chars().take(LONGEST).collect::<String>());
        if !name.is_empty() && kit.file.parties.len() < MOST {
            kit.file.parties.push([name, service, location]);
        }
    }

    fn finish(&mut self, _: &mut Kit<'_>) {}
}
