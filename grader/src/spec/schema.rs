//! The format as JSON Schema, made from the types: for editors, for checked-in
//! files under `specs/`, and for [`super::shape`].

use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::types::{Rubric, Scenario};

/// The schema of `T`.
#[must_use]
pub fn of<T: JsonSchema>() -> Value {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<T>();
    RecursiveTransform(plain_options).transform(&mut schema);
    RecursiveTransform(one_line_description).transform(&mut schema);
    schema.to_value()
}

/// The schema files that `specs/` holds: name and content.
#[must_use]
pub fn files() -> [(&'static str, String); 2] {
    [
        ("scenario.schema.json", text::<Scenario>()),
        ("rubric.schema.json", text::<Rubric>()),
    ]
}

/// The schema of `T`, ready to be written to a file.
#[must_use]
pub fn text<T: JsonSchema>() -> String {
    format!("{:#}\n", of::<T>())
}

/// A field that may be left out may not be empty instead: `content:` without a
/// value is more likely forgotten than meant.
fn plain_options(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            object.extend(only);
        }
    }
}

/// Doc comments are wrapped for the source; a tooltip wraps by itself.
fn one_line_description(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
}
