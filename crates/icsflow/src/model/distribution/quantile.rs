//! A point of a distribution.

use schemars::JsonSchema;
use serde::Serialize;

use crate::doc::{Doc, Read, Reader, Value};
use crate::time::Quantity;

/// One point of a distribution: the probability of a value up to this one, and the value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct QuantilePoint(pub f64, pub Quantity);

impl Read for QuantilePoint {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::List(pair) if pair.len() == 2 => QuantilePoint(
                at.item(0, |at| Read::read(&pair[0], at)),
                at.item(1, |at| Read::read(&pair[1], at)),
            ),
            _ => {
                at.fault(doc.show(), "a pair of probability and value such as [0.95, \"20d\"]");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        QuantilePoint(f64::NAN, Quantity::broken())
    }
}
