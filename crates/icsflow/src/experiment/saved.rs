//! Results as bytes: to be kept, or to go from one process to another.

use std::path::Path;

use serde::Serialize;

use super::replication::Replication;
use super::results::Results;
use super::sealed::{self, Kind};
use crate::doc::read_table;
use crate::error::Error;
use crate::model::model::Model;
use crate::model::plan::Plan;
use crate::model::scenario::Scenario;
use crate::network::network::Network;

const KIND: Kind = Kind { magic: b"icsflow results 1\n", name: "results" };

/// What ran.
#[derive(Serialize)]
struct Head {
    model: Model,
    /// The scenario that ran, if not the model itself.
    scenario: Option<Scenario>,
    plan: Plan,
}

read_table!(Head, "results", { model, scenario, plan });

impl Results {
    /// Writes them to a file, whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        sealed::write(path.as_ref(), &self.to_bytes())
    }

    /// Reads them from a file.
    ///
    /// # Errors
    /// If the file cannot be read, holds no whole results, or those of another version of the library.
    ///
    /// ```
    /// # use icsflow::{Arrivals, Distribution, Experiment, Model, Node, Results};
    /// # let model = Model::new("Ward")
    /// #     .arrivals(Arrivals::poisson("Patients", "Ward", 2.0))
    /// #     .node(Node::beds("Ward", 12, Distribution::exponential(5.0)));
    /// let results = Experiment::new(&model).replications(3).run()?;
    /// let file = std::env::temp_dir().join("ward.results");
    /// results.write(&file)?;
    /// let kept = Results::read(&file)?;
    /// assert_eq!(kept.values("occupied", "Ward"), results.values("occupied", "Ward"));
    /// # std::fs::remove_file(file)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        sealed::read(path.as_ref(), Results::from_bytes)
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (model, scenario) = match &self.origin {
            Some((base, scenario)) => (base, Some(scenario.clone())),
            None => (&self.model, None),
        };
        let head = Head { model: model.clone(), scenario, plan: self.plan.clone() };
        // They are of numbers and lists of them alone: nothing can go wrong.
        KIND.seal(&head, &postcard::to_allocvec(&self.replications).unwrap_or_default())
    }

    /// From bytes.
    ///
    /// # Errors
    /// If they are no whole results, or those of another version of the library.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (Head { model, scenario, plan }, body) = KIND.open(bytes)?;
        let replications: Vec<Replication> = match postcard::take_from_bytes(body) {
            Ok((replications, [])) => replications,
            _ => return Err(KIND.not_whole()),
        };
        let Some(scenario) = scenario else {
            let network = Network::new(&model)?;
            return Ok(Results::new(model, None, plan, network, replications));
        };
        let variant = scenario.of(&model)?;
        let network = Network::of_variant(&variant);
        Ok(Results::new(variant.model, Some((model, scenario)), plan, network, replications))
    }
}
