//! Costs: what care costs by what happens at nodes, and who pays.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use super::case::Many;
use super::model::Model;
use super::node::Node;
use crate::doc::{Reader, read_table};

/// Prices of what happens at some nodes, and who pays.
///
/// Costs are counted from what was measured, warm-up left out: they change nothing that happens. Prices
/// are in whatever money the modeller thinks in; those of days are for a day, whatever the model's unit
/// of time. A day in a place is told apart from the places: a bed costs as it is used, an idle one, if it
/// has a price, as it stands empty. Several costs at one node add up, each with its own payer.
///
/// ```
/// use icsflow::{Arrivals, Cost, Distribution, Experiment, Model, Node};
///
/// let model = Model::new("Ward")
///     .arrivals(Arrivals::poisson("Patients", "Ward", 2.0))
///     .node(Node::beds("Ward", 12, Distribution::exponential(5.0)))
///     .cost(Cost::new("Bed days", "Ward").per_day(346.0).payer("Trust"));
/// let results = Experiment::new(&model).replications(3).until(icsflow::time::days(90.0)).run()?;
/// let (cost, beds) = (results.values("cost", "Ward").unwrap(), results.values("occupied", "Ward").unwrap());
/// assert!((cost[0] - 346.0 * beds[0]).abs() < 1e-6);
/// # Ok::<(), icsflow::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Cost {
    /// Its name, unique among costs.
    pub name: String,
    /// A node, sector or group, or several, at which it arises.
    pub at: Many<String>,
    /// Who pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
    /// For a day of a person in a place, delays included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<f64>,
    /// For a day of a person in a place after the stay is over: in a delay by process, blocked, waiting
    /// for a window, or on the way with the place held. Besides the price of a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_delayed_day: Option<f64>,
    /// For a contact in a slot, or a visit made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_contact: Option<f64>,
    /// For a start of a stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_start: Option<f64>,
    /// For a day of a place that is open and that nobody is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_idle_place: Option<f64>,
    /// For a day of each of the nodes, whatever happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<f64>,
    /// Where each figure comes from, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Cost, "a cost", {
    name, at, payer, per_day, per_delayed_day, per_contact, per_start, per_idle_place, fixed, evidence,
});

/// What a price is for, in the order of [`Cost::prices`].
pub const ITEMS: [&str; 6] = ["day", "delayed day", "contact", "start", "idle place", "fixed"];

impl Cost {
    /// A cost at a node, sector or group, without prices so far.
    pub fn new(name: impl Into<String>, at: impl Into<String>) -> Self {
        Cost {
            name: name.into(),
            at: Many(vec![at.into()]),
            payer: None,
            per_day: None,
            per_delayed_day: None,
            per_contact: None,
            per_start: None,
            per_idle_place: None,
            fixed: None,
            evidence: IndexMap::new(),
        }
    }

    /// Arises at another node, sector or group too.
    pub fn and_at(mut self, at: impl Into<String>) -> Self {
        self.at.0.push(at.into());
        self
    }

    /// Who pays.
    pub fn payer(mut self, payer: impl Into<String>) -> Self {
        self.payer = Some(payer.into());
        self
    }

    /// The price of a day of a person in a place.
    pub fn per_day(mut self, price: f64) -> Self {
        self.per_day = Some(price);
        self
    }

    /// The price of a day of delay, besides that of a day.
    pub fn per_delayed_day(mut self, price: f64) -> Self {
        self.per_delayed_day = Some(price);
        self
    }

    /// The price of a contact in a slot, or of a visit.
    pub fn per_contact(mut self, price: f64) -> Self {
        self.per_contact = Some(price);
        self
    }

    /// The price of a start of a stay.
    pub fn per_start(mut self, price: f64) -> Self {
        self.per_start = Some(price);
        self
    }

    /// The price of a day of a place that nobody is in.
    pub fn per_idle_place(mut self, price: f64) -> Self {
        self.per_idle_place = Some(price);
        self
    }

    /// The price of a day of each of the nodes, whatever happens.
    pub fn fixed(mut self, price: f64) -> Self {
        self.fixed = Some(price);
        self
    }

    /// The prices, in the order of [`ITEMS`].
    pub fn prices(&self) -> [Option<f64>; 6] {
        let Cost {
            per_day, per_delayed_day, per_contact, per_start, per_idle_place, fixed, ..
        } = *self;
        [per_day, per_delayed_day, per_contact, per_start, per_idle_place, fixed]
    }

    pub(super) fn check(&self, model: &Model, at: &mut Reader) {
        let scopes = model.scopes();
        at.within("at", |at| {
            if self.at.0.is_empty() {
                at.fault("no name", "at least one node, sector or group");
            }
            for (i, name) in self.at.0.iter().enumerate() {
                if !scopes.contains_key(name) {
                    let valid = scopes.keys().map(String::as_str);
                    at.item(i, |at| at.unknown(name, "a node, a sector or a group", valid));
                }
            }
        });
        let keys =
            ["per_day", "per_delayed_day", "per_contact", "per_start", "per_idle_place", "fixed"];
        for (key, price) in keys.into_iter().zip(self.prices()) {
            if let Some(price) = price.filter(|price| !price.is_finite()) {
                at.within(key, |at| at.fault(price.to_string(), "an amount of money"));
            }
        }
        if self.prices().iter().all(Option::is_none) {
            at.fault("no price", format!("at least one of {}", keys.join(", ")));
        }
        let nodes = self.at.0.iter().filter_map(|name| scopes.get(name)).flatten();
        let nodes: Vec<_> = nodes.filter_map(|node| model.nodes.get(*node)).collect();
        if nodes.is_empty() {
            return;
        }
        let contacts = |node: &&Node| node.slots.is_some() || node.visits.is_some();
        if self.per_contact.is_some() && !nodes.iter().any(contacts) {
            at.within("per_contact", |at| {
                at.fault("nodes without contacts", "slots or visits there")
            });
        }
        if self.per_idle_place.is_some() && !nodes.iter().any(|node| node.beds.is_some()) {
            at.within("per_idle_place", |at| {
                at.fault("nodes without places", "a number of beds there")
            });
        }
    }
}
