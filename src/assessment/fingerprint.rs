//! Fingerprints: what a confirmation, an advice or a decision saw.

use super::findings::Finding;
use crate::catalog::hex;
use sha2::{Digest, Sha256};

/// Twelve hexadecimal digits over a finding's facts, levels and measures; not over wording, language or place in a file.
pub fn finding(finding: &Finding) -> String {
    let mut lines = vec![finding.id.clone(), format!("{:?}", finding.state)];
    for (name, stage) in [("gross", finding.gross), ("current", finding.current), ("expected", finding.expected)] {
        lines.push(format!("{name} {:?} {:?}", stage.rated, stage.range));
    }
    let mut reasons: Vec<String> = finding
        .paths
        .iter()
        .flat_map(|p| p.reasons.iter().chain(&p.rating_reasons))
        .chain(finding.measures.iter().flat_map(|m| &m.reasons))
        .map(|r| {
            let value = r.value.as_ref().map(crate::model::Value::to_json);
            format!("{} {:?} {value:?} {} {}", r.fact, r.scope, r.wanted, r.holds.id())
        })
        .collect();
    reasons.extend(finding.measures.iter().map(|m| format!("{} {} {}", m.id, m.status.id(), m.committed)));
    reasons.sort();
    reasons.dedup();
    lines.extend(reasons);
    short(&lines)
}

/// A fingerprint over the fingerprints of all findings.
pub fn all(findings: &[Finding]) -> String {
    let mut lines: Vec<String> = findings.iter().map(|f| format!("{} {}", f.id, f.fingerprint)).collect();
    lines.sort();
    short(&lines)
}

fn short(lines: &[String]) -> String {
    hex(&Sha256::digest(lines.join("\n").as_bytes()))[..12].to_owned()
}
