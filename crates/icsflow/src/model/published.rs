//! Published figures: what is known of the real system, to lay beside what comes out.

use schemars::JsonSchema;
use serde::Serialize;

use super::metric::{METRICS, Metric};
use crate::doc::{Reader, read_table};

/// A published figure and the metric of a run that answers to it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Published {
    /// What the figure is, in the words of its source.
    pub name: String,
    /// The published value, in the unit of the metric.
    pub value: f64,
    /// The metric of the summary.
    pub metric: String,
    /// Its scope: a node, a group, a sector, or `group / sector`; the whole system if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The metric by which it is divided, if the figure is a ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per: Option<String>,
    /// The scope of that metric; the same if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_scope: Option<String>,
    /// Where the value is published.
    pub source: String,
}

read_table!(Published, "a published figure", {
    name, value, metric, scope, per, per_scope, source,
});

impl Published {
    /// Checks the scopes against those that the results will have.
    pub(super) fn check(&self, scopes: &[String], at: &mut Reader) {
        for (key, metric) in [("metric", Some(&self.metric)), ("per", self.per.as_ref())] {
            if let Some(metric) = metric.filter(|metric| Metric::find(metric).is_none()) {
                let names = METRICS.iter().map(|metric| metric.name);
                at.within(key, |at| at.unknown(metric, "a metric", names));
            }
        }
        for (key, scope) in [("scope", &self.scope), ("per_scope", &self.per_scope)] {
            if let Some(scope) = scope
                && !scopes.contains(scope)
            {
                at.within(key, |at| {
                    at.unknown(scope, "a scope of the results", scopes.iter().map(String::as_str));
                });
            }
        }
    }
}
