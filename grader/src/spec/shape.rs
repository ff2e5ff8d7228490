//! Unknown fields, missing fields, wrong types: a file against its schema.
//!
//! Reads just the part of JSON Schema that [`super::schema`] produces. The
//! schema comes from the types, so this knows every field and its description
//! without naming one.

use serde_json::Value as Json;
use serde_yaml::{Mapping, Value};

use super::excerpt::quoted;
use super::nearest::nearest;
use super::path::FieldPath;
use super::problem::Problem;

/// Checks `value` against `schema`; gives the first thing that is wrong.
pub fn check(schema: &Json, value: &Value) -> Result<(), Problem> {
    Checker { root: schema }.check(schema, value, &FieldPath::top())
}

struct Checker<'a> {
    root: &'a Json,
}

impl<'a> Checker<'a> {
    fn check(&self, schema: &'a Json, value: &Value, path: &FieldPath) -> Result<(), Problem> {
        let schema = self.resolve(schema);
        if let Some(choices) = schema["oneOf"].as_array() {
            return check_choice(choices, value, path);
        }
        match (schema["type"].as_str(), value) {
            (Some("object"), Value::Mapping(fields)) => self.check_fields(schema, fields, path),
            (Some("array"), Value::Sequence(entries)) => self.check_entries(schema, entries, path),
            (Some("integer"), _) => check_integer(schema, value, path),
            (Some("string"), Value::String(_)) | (Some("boolean"), Value::Bool(_)) => Ok(()),
            (kind, _) => Err(wrong_type(kind.unwrap_or_default(), value, path)),
        }
    }

    /// Follows `$ref` to its definition.
    fn resolve(&self, schema: &'a Json) -> &'a Json {
        schema["$ref"]
            .as_str()
            .and_then(|reference| self.root.pointer(reference.trim_start_matches('#')))
            .unwrap_or(schema)
    }

    fn check_fields(
        &self,
        schema: &'a Json,
        fields: &Mapping,
        path: &FieldPath,
    ) -> Result<(), Problem> {
        let known = &schema["properties"];
        let names = || {
            known
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.as_str())
        };
        for (key, value) in fields {
            let name = key_text(key);
            let field = path.field(&name);
            let Some(field_schema) = known.get(&name) else {
                let mut all: Vec<_> = names().collect();
                all.sort_unstable();
                let all = all.join(", ");
                let help = match nearest(&name, names()) {
                    Some(near) => format!("did you mean `{near}`? the fields here are: {all}"),
                    None => format!("the fields here are: {all}"),
                };
                return Err(Problem::name(&field, "unknown field", help));
            };
            self.check(field_schema, value, &field)?;
        }
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Json::as_str) {
            if !fields.contains_key(name) {
                let purpose = known[name]["description"].as_str().unwrap_or_default();
                return Err(Problem::value(
                    path,
                    format!("field `{name}` is missing"),
                    format!("add `{name}:` ({})", purpose.trim_end_matches('.')),
                ));
            }
        }
        Ok(())
    }

    fn check_entries(
        &self,
        schema: &'a Json,
        entries: &[Value],
        path: &FieldPath,
    ) -> Result<(), Problem> {
        let least = schema["minItems"].as_u64().unwrap_or(0);
        if (entries.len() as u64) < least {
            return Err(Problem::value(
                path,
                "the list is empty",
                format!("add at least {least} entry, one `- ` a line"),
            ));
        }
        for (index, entry) in entries.iter().enumerate() {
            self.check(&schema["items"], entry, &path.entry(index))?;
        }
        Ok(())
    }
}

/// One of several words.
fn check_choice(choices: &[Json], value: &Value, path: &FieldPath) -> Result<(), Problem> {
    let words: Vec<&str> = choices
        .iter()
        .filter_map(|choice| choice["const"].as_str())
        .collect();
    let given = value.as_str();
    if given.is_some_and(|word| words.contains(&word)) {
        return Ok(());
    }
    let all = words.join(", ");
    let help = match given.and_then(|word| nearest(word, words.iter().copied())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write {} as one of these words", path.innermost()),
    };
    Err(Problem::value(
        path,
        format!("expected one of {all}, got {}", got(value)),
        help,
    ))
}

fn check_integer(schema: &Json, value: &Value, path: &FieldPath) -> Result<(), Problem> {
    let least = schema["minimum"].as_u64().unwrap_or(0);
    let most = schema["maximum"]
        .as_u64()
        .unwrap_or(match schema["format"].as_str() {
            Some("uint32") => u64::from(u32::MAX),
            _ => u64::MAX,
        });
    if value
        .as_u64()
        .is_some_and(|number| (least..=most).contains(&number))
    {
        return Ok(());
    }
    let range = match (value.as_u64(), most) {
        (Some(number), _) if number > most => format!("from {least} to {most}"),
        (_, most) if most <= 255 => format!("from {least} to {most}"),
        _ => format!("of {least} or more"),
    };
    let name = path.innermost();
    let help = match value.as_str().map(str::parse::<u64>) {
        Some(Ok(number)) => format!("leave the quotes out: {name}: {number}"),
        _ => format!("write {name} as a number, such as {}", 5.clamp(least, most)),
    };
    Err(Problem::value(
        path,
        format!("expected a whole number {range}, got {}", got(value)),
        help,
    ))
}

fn wrong_type(expected: &str, value: &Value, path: &FieldPath) -> Problem {
    let name = path.innermost();
    let (expected, help) = match expected {
        "string" => (
            "a text",
            format!("write {name} as text, in quotes if it looks like a number: \"5\""),
        ),
        "boolean" => (
            "true or false",
            format!("write {name} as true or false, without quotes"),
        ),
        "array" => (
            "a list",
            format!("write the entries of {name} one a line, each behind `- `"),
        ),
        _ => (
            "fields",
            format!("write what belongs to {name} as `field: value`, one a line"),
        ),
    };
    Problem::value(
        path,
        format!("expected {expected}, got {}", got(value)),
        help,
    )
}

/// A value in words.
fn got(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "fields".to_owned(),
        Value::Tagged(_) => "a tag".to_owned(),
    }
}

/// A field's name as it was written.
fn key_text(key: &Value) -> String {
    match key {
        Value::String(text) => text.clone(),
        other => got(other),
    }
}
