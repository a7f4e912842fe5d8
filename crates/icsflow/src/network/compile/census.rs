//! The census from which a run begins: names become positions.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Compiler;
use crate::ids::{CohortId, NodeId, SourceId};
use crate::model;
use crate::model::arrivals::Mix;
use crate::model::case::cumulative;
use crate::model::census::{Elapsed, Given, Known, Remaining};
use crate::model::distribution::Meaning;
use crate::network::census::{Census, Passed, Values};
use crate::network::network::{CLOCK_NAMES, Node, StayCase};
use crate::network::sampler::Residual;
use crate::network::visits::more_than;
use crate::rng::Purpose;
use crate::time::Duration;

impl Compiler<'_> {
    /// The census, and the names of its sources, whose numbers follow `sources` others.
    pub(super) fn census(
        &mut self,
        nodes: &[Node],
        sources: usize,
    ) -> (Box<[Census]>, Vec<String>) {
        let mut found: IndexMap<String, u64> = IndexMap::new();
        let mut all = Vec::new();
        for census in &self.model.census {
            let name = format!("census of {}", census.node);
            let entry = found.entry(name);
            let source = SourceId((sources + entry.index()) as u32);
            let first = entry.or_insert(0);
            let begins = *first;
            *first += u64::from(census.in_places()) + u64::from(census.in_queue());
            all.push(self.one_census(census, nodes, source, begins));
        }
        (all.into(), found.into_keys().collect())
    }

    fn one_census(
        &mut self,
        census: &model::census::Census,
        nodes: &[Node],
        source: SourceId,
        first: u64,
    ) -> Census {
        let node = self.nodes.get(census.node.as_str()).copied().unwrap_or(NodeId(0));
        let named = |purpose: &str| Purpose::named(&census.node, purpose);
        let stays = census.in_places() > 0 && !census.over();
        let rule = census.rule();
        let spec = &nodes[node.index()];
        let residual = |case: &StayCase| match spec.has_visits() {
            false => self.samplers.residual(&case.sampler),
            true => Arc::new(Residual::in_days(|days| case.sampler.survival(more_than(days)))),
        };
        let reasons = self.model.nodes.get(node.index()).map(|node| &node.process_delay);
        let position = |reason: &String| reasons?.get_index_of(reason);
        let in_process = census.in_process.as_ref().and_then(position);
        let delay = in_process.and_then(|step| spec.delays.get(step));
        let residuals = match (delay, rule) {
            (Some(delay), _) if census.waited.is_none() => {
                delay.cases.iter().map(|case| self.samplers.residual(&case.sampler)).collect()
            }
            (None, Remaining::Stationary) if stays => spec.stays.iter().map(residual).collect(),
            _ => Box::default(),
        };
        Census {
            node,
            source,
            first,
            people: census.in_places(),
            queue: census.in_queue(),
            spent: census.spent.as_ref().map(|spent| self.passed(spent)),
            spent_purpose: named("stay so far"),
            waited: census.waited.as_ref().map(|waited| self.passed(waited)),
            waited_purpose: named("wait so far"),
            rule,
            residuals,
            rest_purpose: named("rest of the stay"),
            awaiting: census.awaiting.as_ref().map(|name| self.target(node, name)),
            in_process,
            mix: self.mix(&census.cohort),
            cohort_purpose: named("cohort"),
            attributes: self.given(&census.attributes),
        }
    }

    fn passed(&self, elapsed: &Elapsed) -> Passed {
        let unit = self.model.time_unit;
        match elapsed {
            Elapsed::Each(each) => Passed::Each(
                each.iter().map(|time| time.micros(unit).round() as Duration).collect(),
            ),
            Elapsed::Drawn(drawn) => {
                Passed::Drawn(self.samplers.sampler(drawn, Meaning::Duration(unit)))
            }
        }
    }

    /// Cumulative shares of cohorts.
    pub(super) fn mix(&self, mix: &Option<Mix>) -> Box<[(f64, CohortId)]> {
        let find = |name: &String| {
            CohortId(self.cohorts.iter().position(|c| c.name == *name).unwrap_or(0) as u16)
        };
        match mix {
            None => [(1.0, CohortId(0))].into(),
            Some(mix) => cumulative(&mix.0).into_iter().zip(mix.0.keys().map(find)).collect(),
        }
    }

    /// Values of attributes by their positions.
    pub(super) fn given(&self, given: &IndexMap<String, Given>) -> Box<[(u32, Values)]> {
        let values = |(name, given): (&String, &Given)| {
            let (number, kind) = self.scope.find(name)?;
            let number_of = |known: &Known| known.number(kind).unwrap_or(f64::NAN);
            let values = match given {
                Given::All(known) => Values::All(number_of(known)),
                Given::Each(each) => Values::Each(each.iter().map(number_of).collect()),
            };
            Some((u32::from(number) - CLOCK_NAMES as u32, values))
        };
        given.iter().filter_map(values).collect()
    }
}
