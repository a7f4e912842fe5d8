//! Models that come with the library and are opened by name.

use super::model::Model;
use crate::error::{Fault, Faults, nearest};

const SHIPPED: [(&str, &str); 2] = [
    ("west-yorkshire", include_str!("../../models/west-yorkshire.toml")),
    ("dorset", include_str!("../../models/dorset.toml")),
];

impl Model {
    /// The names of the models that come with the library.
    pub fn shipped() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// The TOML text of a model that comes with the library.
    ///
    /// # Errors
    /// One fault with the nearest name if there is no such model.
    pub fn shipped_text(name: &str) -> Result<&'static str, Faults> {
        let found = SHIPPED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, text)| *text).ok_or_else(|| {
            Faults(vec![Fault {
                path: "model".into(),
                line: None,
                found: format!("{name:?}"),
                expected: format!(
                    "a model that comes with the library: one of {}",
                    Model::shipped().collect::<Vec<_>>().join(", ")
                ),
                nearest: nearest(name, Model::shipped()),
            }])
        })
    }

    /// Opens a model that comes with the library, by its name: `"west-yorkshire"`.
    ///
    /// # Errors
    /// As [`Model::shipped_text`].
    pub fn open(name: &str) -> Result<Self, Faults> {
        Model::from_toml(Model::shipped_text(name)?)
    }
}
