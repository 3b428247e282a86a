//! JSON: counted first, then read as a whole.

use std::fmt::Write as _;
use std::io::BufRead;
use std::sync::Arc;

use memchr::memchr2;
use serde_json::{Deserializer, Value};

use super::text::{Text, carried};
use super::{Field, Limits, Object, Place, Refused};

/// What an array or object weighs besides its values: a value takes 72 bytes, and room is made for four.
const ARRAY: u64 = 4;
const OBJECT: u64 = 6;
/// Bytes of text that weigh as much as a value; they are held twice for a while.
const WEIGHT: u64 = 64;
/// The depth that serde_json reads to.
const DEPTH: u32 = 127;

/// Loads JSON text without its indentation. Its values are counted on the way, before memory is spent on them.
pub(super) fn load(text: &mut Text, limits: &Limits) -> Result<Vec<u8>, Refused> {
    let mut out: Vec<u8> = Vec::new();
    let (mut weight, mut depth, mut line) = (1u64, 0u32, 1u64);
    let (mut quoted, mut escaped) = (false, false);
    loop {
        let piece = text.fill_buf().map_err(carried)?;
        if piece.is_empty() {
            return Ok(out);
        }
        let mut at = 0;
        while at < piece.len() {
            if quoted {
                if escaped {
                    escaped = false;
                    out.push(piece[at]);
                    at += 1;
                    continue;
                }
                let rest = &piece[at..];
                match memchr2(b'"', b'\\', rest) {
                    Some(end) => {
                        quoted = rest[end] == b'\\';
                        escaped = quoted;
                        out.extend_from_slice(&rest[..=end]);
                        at += end + 1;
                    }
                    None => {
                        out.extend_from_slice(rest);
                        at = piece.len();
                    }
                }
                continue;
            }
            let byte = piece[at];
            at += 1;
            match byte {
                b' ' | b'\t' | b'\r' => {
                    // A blank between two words is an error, and must stay one.
                    if !matches!(out.last(), None | Some(b' ' | b'\n' | b',' | b':' | b'{' | b'[')) {
                        out.push(b' ');
                    }
                    continue;
                }
                b'"' => quoted = true,
                // Every value but the first of an array or object follows a comma; an object's name and value count as one.
                b',' => weight += 1,
                b'[' => (weight, depth) = (weight + ARRAY + 1, depth + 1),
                b'{' => (weight, depth) = (weight + OBJECT + 1, depth + 1),
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'\n' => {
                    line += 1;
                }
                _ => {}
            }
            if depth > DEPTH {
                return Err(Refused::broken(format!("the JSON is nested deeper than {DEPTH} levels on line {line}")));
            }
            out.push(byte);
        }
        let weight = weight + out.len() as u64 / WEIGHT;
        if weight > limits.values {
            return Err(Refused::too_large("values", limits.values, weight));
        }
        let n = piece.len();
        text.consume(n);
    }
}

/// Reads JSON; several values one after the other (JSON lines) become an array.
pub(super) fn read(text: &[u8]) -> Result<(Value, bool), Refused> {
    let mut values = Vec::new();
    for value in Deserializer::from_slice(text).into_iter::<Value>() {
        match value {
            Ok(value) => values.push(value),
            Err(error) => {
                let message = error.to_string();
                let what = message.split(" at line ").next().unwrap_or_default();
                let what = if error.is_eof() { "the text ends in the middle of a value" } else { what };
                return Err(Refused::broken(format!("bad JSON on line {}: {}", error.line(), super::excel::tidy(what))));
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
