//! JSON: counted first, then read as a whole.

use std::fmt::Write as _;
use std::io::BufRead;
use std::sync::Arc;

use serde_json::{Deserializer, Value};

use super::list::WEIGHT;
use super::text::{Text, carried};
use super::{Field, Limits, Object, Place, Refused};

/// What an object weighs besides its values: its tables take that much memory.
const OBJECT: u64 = 4;
/// The depth that serde_json reads to.
const DEPTH: u32 = 127;
/// The longest text.
const LONGEST: u64 = 16 << 20;

/// Counts the values of JSON text before memory is spent on them.
pub(super) fn count(text: &mut Text, limits: &Limits) -> Result<(), Refused> {
    let (mut weight, mut length, mut depth, mut line) = (0u64, 0u64, 0u32, 1u64);
    let (mut quoted, mut escaped) = (false, false);
    loop {
        let piece = text.fill_buf().map_err(carried)?;
        if piece.is_empty() {
            return Ok(());
        }
        for &byte in piece {
            if quoted {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => {
                        quoted = false;
                        weight += length / WEIGHT;
                    }
                    _ => {}
                }
                length += 1;
                continue;
            }
            match byte {
                b'"' => (quoted, length) = (true, 0),
                // Every value but the first of an array or object follows one of these.
                b',' | b':' => weight += 1,
                b'{' | b'[' => {
                    weight += if byte == b'{' { OBJECT } else { 1 };
                    depth += 1;
                    if depth > DEPTH {
                        return Err(Refused::broken(format!("the JSON is nested deeper than {DEPTH} levels on line {line}")));
                    }
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'\n' => line += 1,
                _ => {}
            }
        }
        if length > LONGEST {
            return Err(Refused::broken(format!("a text of more than {} MB on line {line}; is its quotation mark closed?", LONGEST >> 20)));
        }
        if weight > limits.values {
            return Err(Refused::too_large("values", limits.values, weight));
        }
        let n = piece.len();
        text.consume(n);
    }
}

/// Reads JSON; several values one after the other (JSON lines) become an array.
pub(super) fn read(text: Text) -> Result<(Value, bool), Refused> {
    let mut values = Vec::new();
    for value in Deserializer::from_reader(text).into_iter::<Value>() {
        match value {
            Ok(value) => values.push(value),
            Err(error) if error.is_io() => return Err(carried(error.into())),
            Err(error) => {
                let message = error.to_string();
                let what = message.split(" at line ").next().unwrap_or_default();
                let what = if error.is_eof() { "the text ends in the middle of a value" } else { what };
                return Err(Refused::broken(format!(
                    "bad JSON on line {}, column {}: {}",
                    error.line(),
                    error.column(),
                    super::excel::tidy(what)
                )));
            }
        }
    }
    match values.len() {
        0 => Err(Refused::broken("the file holds no JSON value".to_owned())),
        1 => Ok((values.remove(0), false)),
        _ => Ok((Value::Array(values), true)),
    }
}

/// The objects of a JSON value: an array of objects, an object with an array `value`, or one object.
pub(super) fn objects(value: &Value) -> impl Iterator<Item = Object> + '_ {
    let (base, list) = match value {
        Value::Array(list) => ("", list.as_slice()),
        Value::Object(map) => match map.get("value") {
            Some(Value::Array(list)) => ("/value", list.as_slice()),
            _ => (".", std::slice::from_ref(value)),
        },
        _ => ("", &[][..]),
    };
    list.iter().enumerate().filter_map(move |(index, item)| {
        let place = if base == "." { String::new() } else { format!("{base}/{index}") };
        let Value::Object(map) = item else { return None };
        let fields = map
            .iter()
            .map(|(name, value)| {
                let mut pointer = place.clone();
                let _ = write!(pointer, "/{}", name.replace('~', "~0").replace('/', "~1"));
                Field { name: Arc::from(name.as_str()), value: plain(value), place: Place::Pointer(pointer) }
            })
            .collect();
        Some(Object { place: Place::Pointer(place), fields })
    })
}

/// A value as text; arrays and objects stay JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
