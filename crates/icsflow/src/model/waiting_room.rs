//! Waiting rooms: places without care, for people moved from elsewhere.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::queue::Limit;
use crate::doc::{Doc, Read, Reader, Value};

/// Where people moved from elsewhere may wait: so many places of their own, `"unlimited"`, or those of
/// the `"queue"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitingRoom {
    /// In places of their own.
    Own(Limit),
    /// In the queue, beside those who come from outside, as long as it is not full.
    Queue,
}

impl From<Limit> for WaitingRoom {
    fn from(places: Limit) -> Self {
        WaitingRoom::Own(places)
    }
}

impl Serialize for WaitingRoom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            WaitingRoom::Own(places) => places.serialize(serializer),
            WaitingRoom::Queue => serializer.serialize_str("queue"),
        }
    }
}

impl JsonSchema for WaitingRoom {
    fn schema_name() -> Cow<'static, str> {
        "WaitingRoom".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let places = generator.subschema_for::<Limit>();
        json_schema!({
            "description": "A number of places, \"unlimited\", or \"queue\": those of the queue.",
            "anyOf": [places, { "const": "queue" }]
        })
    }
}

impl Read for WaitingRoom {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(word) if word == "queue" => return WaitingRoom::Queue,
            Value::Text(word) if word == "unlimited" => {
                return WaitingRoom::Own(Limit::Unlimited);
            }
            Value::Whole(_) | Value::Number(_) => {
                return WaitingRoom::Own(Limit::Of(Read::read(doc, at)));
            }
            _ => at.fault(doc.show(), "a whole number, \"unlimited\" or \"queue\""),
        }
        Self::broken()
    }

    fn broken() -> Self {
        WaitingRoom::Own(Limit::Unlimited)
    }
}
