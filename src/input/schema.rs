use super::facts::{NOT_CONFIGURED, UNKNOWN, area_of};
use super::names::CatalogueNames;
use super::shape::{Field, ROOT, Shape};
use crate::model::{FactDef, Lang, Text, Type, Vocabulary};
use crate::source::PREFIXES;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// JSON Schema (draft 2020-12) of a description, from the same shapes and vocabulary that [`load`](super::load) checks against.
///
/// It serves editors, which see TOML as JSON and dates as strings. A main file fulfils it whole; of the files that it includes, only all together
/// do. What holds between values, such as references, is checked by `load` alone.
pub fn schema(names: &CatalogueNames, vocabulary: &Vocabulary) -> Value {
    let schema = Schema { names, vocabulary };
    let mut object = schema.object(ROOT);
    let mut properties = schema.areas(|_| true, |def| schema.fact(def));
    if let Some(Value::Object(prose)) = object.remove("properties") {
        // Prose blocks first, in the order in which the documentation shows them.
        let areas = std::mem::replace(&mut properties, prose);
        properties.extend(areas);
    }
    let mut root = Map::new();
    root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("title".to_owned(), json!("Description of a Microsoft 365 deployment for dpia365"));
    root.extend(object);
    root.insert("properties".to_owned(), Value::Object(properties));
    Value::Object(root)
}

struct Schema<'a> {
    names: &'a CatalogueNames,
    vocabulary: &'a Vocabulary,
}

impl Schema<'_> {
    // ---- Prose blocks

    fn object(&self, fields: &[Field]) -> Map<String, Value> {
        let properties = fields.iter().map(|f| (f.key.to_owned(), self.field(f))).collect::<Map<_, _>>();
        let required = fields.iter().filter(|f| f.required).map(|f| f.key).collect::<Vec<_>>();
        let mut object = Map::new();
        object.insert("type".to_owned(), json!("object"));
        object.insert("additionalProperties".to_owned(), json!(false));
        if !required.is_empty() {
            object.insert("required".to_owned(), json!(required));
        }
        object.insert("properties".to_owned(), Value::Object(properties));
        object
    }

    fn field(&self, field: &Field) -> Value {
        let schema = match field.shape {
            // A required text must say something; elsewhere an empty one counts as missing.
            Shape::Text | Shape::Prose if field.required => json!({ "type": "string", "minLength": 1 }),
            Shape::Text | Shape::Prose => json!({ "type": "string" }),
            Shape::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Shape::Date => json!({ "type": "string", "format": "date" }),
            Shape::Flag => json!({ "type": "boolean" }),
            Shape::Number(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
            Shape::Id => json!({ "type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$" }),
            Shape::Country => json!({ "type": "string", "pattern": "^[A-Z]{2}$" }),
            Shape::Regime => json!({ "const": "gdpr" }),
            Shape::Word(words) => json!({ "enum": words }),
            Shape::From(list) => one_of(self.names.list(list)),
            Shape::AllFrom(list) => json!({ "type": "array", "items": one_of(self.names.list(list)) }),
            Shape::Table(fields) => Value::Object(self.object(fields)),
            Shape::Tables(fields) => json!({ "type": "array", "items": self.object(fields) }),
            Shape::Facts => json!({
                "type": "object",
                "additionalProperties": false,
                "properties": self.areas(|def| def.per_population, |def| self.fact_of_group(def)),
            }),
            Shape::Names => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
            Shape::Value => json!({}),
            Shape::Risks => json!({ "type": "array", "items": { "type": "object", "required": ["id"] } }),
        };
        described(schema, None, field.doc)
    }

    // ---- Facts

    /// The facts that `choose` admits, by area; a list of records stands on its own.
    fn areas(&self, choose: impl Fn(&FactDef) -> bool, schema: impl Fn(&FactDef) -> Value) -> Map<String, Value> {
        let mut areas: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        let mut properties = Map::new();
        for def in self.vocabulary.facts.values().filter(|d| d.is_asked() && choose(d)) {
            match def.id.split_once('.') {
                Some((_, name)) => {
                    areas.entry(area_of(&def.id)).or_default().insert(name.to_owned(), schema(def));
                }
                None => {
                    properties.insert(def.id.clone(), schema(def));
                }
            }
        }
        for (area, facts) in areas {
            properties.insert(area.to_owned(), json!({ "type": "object", "additionalProperties": false, "properties": facts }));
        }
        properties.sort_keys();
        properties
    }

    fn fact(&self, def: &FactDef) -> Value {
        let mut forms = single(&def.ty, !def.defaults.is_empty());
        match (def.per_platform, def.per_population) {
            (false, false) => {}
            (true, false) => forms.push(self.by_platform(def)),
            (by_platform, true) => {
                let mut of_group = single(&def.ty, !def.defaults.is_empty());
                let mut platforms = json!({});
                if by_platform {
                    of_group.push(self.by_platform(def));
                    platforms = self.platforms(def);
                }
                forms.push(json!({ "type": "object", "properties": platforms, "additionalProperties": any_of(of_group) }));
            }
        }
        asked(any_of(forms), def)
    }

    fn fact_of_group(&self, def: &FactDef) -> Value {
        let mut forms = single(&def.ty, !def.defaults.is_empty());
        if def.per_platform {
            forms.push(self.by_platform(def));
        }
        asked(any_of(forms), def)
    }

    fn by_platform(&self, def: &FactDef) -> Value {
        json!({ "type": "object", "additionalProperties": false, "properties": self.platforms(def) })
    }

    fn platforms(&self, def: &FactDef) -> Value {
        let each = any_of(single(&def.ty, !def.defaults.is_empty()));
        Value::Object(self.vocabulary.platforms.iter().map(|p| (p.clone(), each.clone())).collect())
    }
}

/// The forms of one value: as its type says, and the words that say that it is not known or not configured.
fn single(ty: &Type, configurable: bool) -> Vec<Value> {
    let words = |values: &[(String, Text)]| {
        let each = values.iter().map(|(id, text)| match text.get(Lang::En) {
            "" => json!({ "const": id }),
            title => json!({ "const": id, "title": title }),
        });
        json!({ "anyOf": each.collect::<Vec<_>>() })
    };
    let value = match ty {
        Type::Flag => json!({ "type": "boolean" }),
        Type::Choice(values) => words(values),
        Type::Choices(values) => json!({ "type": "array", "items": words(values) }),
        Type::Number { min, max, .. } => {
            let mut number = json!({ "type": "integer" });
            for (key, limit) in [("minimum", min), ("maximum", max)] {
                if let Some(limit) = limit {
                    number[key] = json!(limit);
                }
            }
            number
        }
        Type::Date => json!({ "type": "string", "format": "date" }),
        Type::Version => json!({ "type": "string", "pattern": "^(.*/)?[0-9]+([.][0-9]+)*$" }),
        Type::Text => json!({ "type": "string", "minLength": 1 }),
        Type::Permissions => {
            json!({ "type": "array", "items": { "type": "string", "pattern": format!("^({}):.+$", PREFIXES.join("|")) } })
        }
        Type::Records { key, fields, .. } => {
            let mut properties = Map::new();
            properties.insert(key.clone(), json!({ "type": "string", "minLength": 1 }));
            for field in fields.iter().filter(|f| f.id != *key) {
                let schema = any_of(single(&field.ty, false));
                properties.insert(field.id.clone(), described(schema, Some(&field.label), field.question.get(Lang::En)));
            }
            let record = json!({ "type": "object", "additionalProperties": false, "required": [key], "properties": properties });
            json!({ "type": "array", "items": record })
        }
    };
    let mut forms = vec![value, json!({ "const": UNKNOWN })];
    if configurable {
        forms.push(json!({ "const": NOT_CONFIGURED, "title": "Nobody configured it: Microsoft's default holds" }));
    }
    forms
}

fn asked(schema: Value, def: &FactDef) -> Value {
    let question = def.question.get(Lang::En);
    let description = match &def.control {
        Some(control) => format!("{question} Where to look: {control}"),
        None => question.to_owned(),
    };
    described(schema, Some(&def.label), &description)
}

/// Puts title and description before the rest.
fn described(schema: Value, title: Option<&Text>, description: &str) -> Value {
    let mut object = Map::new();
    if let Some(title) = title.map(|t| t.get(Lang::En)).filter(|t| !t.is_empty()) {
        object.insert("title".to_owned(), json!(title));
    }
    if !description.trim().is_empty() {
        object.insert("description".to_owned(), json!(description.trim()));
    }
    if let Value::Object(schema) = schema {
        object.extend(schema);
    }
    Value::Object(object)
}

fn any_of(forms: Vec<Value>) -> Value {
    json!({ "anyOf": forms })
}

/// An empty list would refuse everything in words that help nobody; it stands for any text.
fn one_of(values: &[String]) -> Value {
    if values.is_empty() { json!({ "type": "string" }) } else { json!({ "enum": values }) }
}
