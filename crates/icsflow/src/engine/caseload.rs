//! Caseloads: places that are as many as the scarcest profession of a team can hold.

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::simulation::Simulation;
use crate::ids::NodeId;
use crate::network::caseload::Team;
use crate::time::Time;

/// What the team of a node has now.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Units {
    /// Units of each profession.
    of: Vec<u32>,
    /// The profession that can hold the fewest people.
    least: u32,
    /// Whether as many are held.
    full: bool,
    since: Time,
}

/// What is measured of a profession: sums over time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staffed {
    /// Units.
    pub units: i128,
    /// People whom they can hold.
    pub people: i128,
    /// Time in which no other profession can hold fewer.
    pub least: i64,
    /// Of that, the time in which as many people are held.
    pub binding: i64,
}

impl<'n, C: Calendar> Simulation<'n, C> {
    /// At the beginning: the units that each profession has.
    pub(super) fn open_caseload(&mut self, node: NodeId, team: &Team) {
        let now = self.now;
        let of: Vec<u32> = team.professions.iter().map(|one| one.units.at(now)).collect();
        let (people, least) = team.least(&of);
        let supply = &mut self.nodes[node.index()].supply;
        supply.planned = people;
        supply.team = Units { of, least, full: false, since: now };
    }

    /// The units of a profession change.
    pub(super) fn change_units(&mut self, node: NodeId, profession: u32) {
        let Some(team) = self.extras(node).and_then(|extras| extras.team.as_ref()) else { return };
        self.measure_caseload(node, team);
        let supply = &mut self.nodes[node.index()].supply;
        let at = profession as usize;
        supply.team.of[at] = team.professions[at].units.at(self.now);
        (supply.planned, supply.team.least) = team.least(&supply.team.of);
    }

    /// The caseload is full from now on, or no longer.
    pub(super) fn caseload_full(&mut self, node: NodeId, team: &Team, full: bool) {
        if self.nodes[node.index()].supply.team.full != full {
            self.measure_caseload(node, team);
            self.nodes[node.index()].supply.team.full = full;
        }
    }

    /// Adds up what has been since it changed last. Measuring begins at 0.
    pub(super) fn measure_caseload(&mut self, node: NodeId, team: &Team) {
        let units = &mut self.nodes[node.index()].supply.team;
        let since = std::mem::replace(&mut units.since, self.now);
        let since = if self.now < 0 { since } else { since.max(0) };
        let elapsed = self.now - since;
        let sums = &mut self.recorder.staffed[team.first as usize..];
        for ((sum, one), units) in sums.iter_mut().zip(&team.professions).zip(&units.of) {
            sum.units += i128::from(elapsed) * i128::from(*units);
            sum.people += i128::from(elapsed) * i128::from(one.people(*units));
        }
        let least = &mut sums[units.least as usize];
        least.least += elapsed;
        least.binding += if units.full { elapsed } else { 0 };
    }
}
