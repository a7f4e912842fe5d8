//! Files: one schema, in TOML and in JSON.

use std::path::Path;

use schemars::generate::SchemaSettings;

use super::model::Model;
use super::plan::Plan;
use crate::doc::{Doc, Read, Reader};
use crate::error::{Error, Fault, Faults};

impl Model {
    /// Reads a model from TOML text.
    ///
    /// # Errors
    /// Every fault of the text and of the model, with its line.
    pub fn from_toml(text: &str) -> Result<Self, Faults> {
        Model::from_doc(&Doc::from_toml(text)?)
    }

    /// Reads a model from JSON text.
    ///
    /// # Errors
    /// Every fault of the text and of the model.
    pub fn from_json(text: &str) -> Result<Self, Faults> {
        let json = serde_json::from_str(text).map_err(|e| {
            Faults(vec![Fault {
                path: "(JSON)".into(),
                line: Some(e.line() as u32),
                found: format!("text that is not JSON: {e}"),
                expected: "JSON".into(),
                nearest: None,
            }])
        })?;
        Model::from_doc(&Doc::from_json(json))
    }

    fn from_doc(doc: &Doc) -> Result<Self, Faults> {
        let mut at = Reader::new();
        let model = Model::read(doc, &mut at);
        at.end_of_text();
        model.report(&mut at);
        at.finish(doc)?;
        Ok(model)
    }

    /// Reads a model from a file whose name ends in `.toml` or `.json`.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be read, [`Error::Faults`] with every fault of the model.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)
            .map_err(|cause| Error::File { path: path.display().to_string(), cause })?;
        let json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        Ok(if json { Model::from_json(&text)? } else { Model::from_toml(&text)? })
    }

    /// The model as JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The model as TOML text.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// The schema of model files, as JSON Schema (draft 2020-12).
    pub fn schema() -> serde_json::Value {
        // Keys that are left out where nothing is to be said are those that need not be there.
        let settings = SchemaSettings::draft2020_12().for_serialize();
        let mut schema = settings.into_generator().into_root_schema_for::<Model>().to_value();
        // These are always written, but have a value where they are left out.
        for (part, with_default) in [
            ("", &["start", "time_unit"][..]),
            ("/$defs/Curve", &["shape"]),
            ("/$defs/Plan", &Plan::KEYS),
        ] {
            let required = schema.pointer_mut(&format!("{part}/required"));
            if let Some(required) = required.and_then(serde_json::Value::as_array_mut) {
                required.retain(|key| !with_default.iter().any(|known| key == known));
            }
        }
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_requires_what_the_reader_requires() {
        let schema = Model::schema();
        assert_eq!(schema["required"], serde_json::json!(["name"]));
        let required = |part: &str| schema["$defs"][part]["required"].to_string();
        assert_eq!(required("Node"), r#"["name","stay"]"#);
        assert_eq!(required("Queue"), "null");
        assert_eq!(required("Curve"), r#"["points"]"#);
        assert_eq!(required("Plan"), "[]");
    }
}
