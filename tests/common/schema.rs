//! JSON Schema, as far as ours goes.

use serde_json::Value as Json;

/// Whether a value fulfils a schema, as far as the keywords go that ours uses; patterns are taken to match.
pub fn fulfils(value: &Json, schema: &Json) -> bool {
    let Some(keywords) = schema.as_object() else { return schema.as_bool().expect("a schema is a table or a flag") };
    keywords.iter().all(|(keyword, wanted)| match (keyword.as_str(), value) {
        ("$schema" | "title" | "description" | "format" | "pattern", _) => true,
        ("properties", _) => properties(value, schema),
        ("type", _) => match wanted.as_str() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => value.is_i64(),
            other => panic!("type {other:?}"),
        },
        ("const", _) => value == wanted,
        ("enum", _) => wanted.as_array().is_some_and(|all| all.contains(value)),
        ("anyOf", _) => wanted.as_array().is_some_and(|all| all.iter().any(|s| fulfils(value, s))),
        ("items", Json::Array(items)) => items.iter().all(|item| fulfils(item, wanted)),
        ("minimum", Json::Number(number)) => number.as_i64() >= wanted.as_i64(),
        ("maximum", Json::Number(number)) => number.as_i64() <= wanted.as_i64(),
        ("minLength", Json::String(text)) => Some(text.len() as u64) >= wanted.as_u64(),
        ("required", Json::Object(object)) => {
            wanted.as_array().is_some_and(|keys| keys.iter().all(|k| k.as_str().is_some_and(|k| object.contains_key(k))))
        }
        ("additionalProperties", Json::Object(object)) => {
            object.iter().all(|(key, v)| schema["properties"].get(key).is_some() || fulfils(v, wanted))
        }
        ("items" | "minimum" | "maximum" | "minLength" | "required" | "additionalProperties", _) => true,
        (keyword, _) => panic!("keyword {keyword}"),
    })
}

fn properties(value: &Json, schema: &Json) -> bool {
    let Json::Object(object) = value else { return true };
    object.iter().all(|(key, v)| schema["properties"].get(key).is_none_or(|s| fulfils(v, s)))
}
