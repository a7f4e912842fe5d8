//! Arrivals: what was recorded of people one by one, and where those go who stay away.

use super::Compiler;
use crate::ids::{CohortId, NOWHERE};
use crate::model;
use crate::model::arrivals::Replay;
use crate::model::case::cumulative;
use crate::network::census::Values;
use crate::network::extras::Onward;
use crate::network::network::{Place, Recorded, Target, Targets};
use crate::rng::Purpose;
use crate::time::Time;

impl Compiler<'_> {
    /// The times of recorded arrivals in order, each with its row.
    pub(super) fn in_order(&self, replay: &Replay) -> Vec<(Time, usize)> {
        let (start, unit) = (self.model.start, self.model.time_unit);
        let times = replay.times.iter().map(|time| time.time(start, unit));
        let mut rows: Vec<(Time, usize)> = times.zip(0..).collect();
        rows.sort_unstable();
        rows
    }

    /// What was recorded of each person, in the order of their coming.
    pub(super) fn recorded(&mut self, source: u32, replay: &Replay) -> Recorded {
        let order: Vec<usize> = self.in_order(replay).into_iter().map(|(_, row)| row).collect();
        let rows = |count: usize| order.iter().copied().filter(move |row| *row < count);
        let to = rows(replay.to.len()).map(|row| self.target_of_source(source, &replay.to[row]));
        let to = to.collect();
        let cohort = |row: usize| {
            let name = &replay.cohort[row];
            CohortId(self.cohorts.iter().position(|c| c.name == *name).unwrap_or(0) as u16)
        };
        let given = self.given(&replay.attributes).into_iter().map(|(position, values)| {
            let values = match values {
                Values::All(value) => Values::All(value),
                Values::Each(each) => Values::Each(rows(each.len()).map(|row| each[row]).collect()),
            };
            (position, values)
        });
        Recorded {
            to,
            cohort: rows(replay.cohort.len()).map(cohort).collect(),
            attributes: given.collect(),
        }
    }

    /// Where a name leads from a source. People who are sent to a node that serves a list join the list.
    pub(super) fn target_of_source(&mut self, source: u32, name: &str) -> Target {
        let node = self.nodes.get(name).copied();
        let list = node.and_then(|node| self.model.nodes.get(node.index()));
        let node = list.and_then(|node| self.list_of(node)).or(node);
        let to = match node {
            Some(node) => Place::Node(node),
            None => Place::Exit(self.exit(name)),
        };
        Target { node: node.unwrap_or(NOWHERE), flow: self.flow(Place::Source(source), to) }
    }

    /// Where those go who would have come and do not.
    pub(super) fn away(
        &mut self,
        source: u32,
        name: &str,
        to: Option<&model::targets::Targets>,
    ) -> Onward {
        let shares = to.map(|to| cumulative(&to.0).into_iter().zip(to.0.keys()));
        let targets = shares.into_iter().flatten();
        let targets =
            targets.map(|(share, to)| (share, self.target_of_source(source, to))).collect();
        Onward { purpose: Purpose::named(name, "otherwise"), targets: Targets::new(targets) }
    }
}
