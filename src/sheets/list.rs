//! `Name : Value` text, as PowerShell's Format-List writes it.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::Arc;

use super::text::{Text, carried};
use super::{Field, Limits, Object, Place, Refused};

/// Bytes of text that count as one more value, so that the limit on values also bounds the memory.
const WEIGHT: u64 = 64;
/// A longer line is none that a person or PowerShell wrote.
const LINE: u64 = 4 << 20;

/// Splits `Name : Value`. The blank before the colon is what tells it from a time of day or an address.
fn split(line: &str) -> Option<(&str, &str)> {
    if line.starts_with([' ', '\t', '"', '\'']) {
        return None;
    }
    let at = line.find(" :")?;
    let (name, value) = (line[..at].trim_end(), &line[at + 2..]);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '(' | ')' | '@' | '#' | '/' | '[' | ']');
    let fits = !name.is_empty() && name.len() <= 100 && name.chars().all(plain) && (value.is_empty() || value.starts_with(' '));
    fits.then(|| (name, value.trim()))
}

/// Whether most lines of the text look like `Name : Value`.
pub(super) fn looks_like(sample: &str) -> bool {
    let mut lines = sample.lines().filter(|line| !line.trim().is_empty()).take(400);
    let Some(first) = lines.next() else { return false };
    if split(first.trim_end()).is_none() {
        return false;
    }
    let (mut good, mut all) = (1, 1);
    for line in lines {
        all += 1;
        good += u32::from(split(line.trim_end()).is_some() || line.starts_with([' ', '\t']));
    }
    good * 10 >= all * 6
}

/// Reads all objects.
pub(super) fn read(text: &mut Text, limits: &Limits) -> Result<Vec<Object>, Refused> {
    let mut names: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut objects: Vec<Object> = Vec::new();
    let mut fields: Vec<Field> = Vec::new();
    let mut line = Vec::new();
    let (mut number, mut weight, mut blank) = (0u64, 0u64, true);
    loop {
        line.clear();
        text.allow(LINE);
        if text.read_until(b'\n', &mut line).map_err(carried)? == 0 {
            break;
        }
        number += 1;
        let content = String::from_utf8_lossy(&line);
        let content = content.trim_end();
        if content.is_empty() {
            blank = true;
            continue;
        }
        weight += 1 + content.len() as u64 / WEIGHT;
        if weight > limits.values {
            return Err(Refused::too_large("values", limits.values, weight));
        }
        match split(content) {
            Some((name, value)) => {
                if blank && !fields.is_empty() {
                    objects.push(Object { place: fields[0].place.clone(), fields: std::mem::take(&mut fields) });
                }
                let name: Arc<str> = match names.get(name) {
                    Some(known) => known.clone(),
                    None => {
                        let new: Arc<str> = Arc::from(name);
                        names.insert(new.clone());
                        new
                    }
                };
                fields.push(Field { name, value: value.to_owned(), place: Place::Line(number) });
            }
            // The value goes on; also after an empty line, since values may hold some.
            None => match fields.last_mut() {
                Some(field) => {
                    if !field.value.is_empty() {
                        field.value.push('\n');
                    }
                    field.value.push_str(content.trim_start());
                }
                None => {
                    return Err(Refused::broken(format!("line {number} is not of the form \"Name : Value\"")));
                }
            },
        }
        blank = false;
    }
    if !fields.is_empty() {
        objects.push(Object { place: fields[0].place.clone(), fields });
    }
    Ok(objects)
}
