//! Group sessions: people who start together, and stay as long as one another.

use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Rank};
use super::simulation::Simulation;
use crate::ids::NodeId;
use crate::network::extras::{Extras, Together};
use crate::rng::{Draw, Purpose};
use crate::time::Time;

/// The sessions of a node.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Gathering {
    /// When the last one began, and how many have started in it.
    began: (Time, u32),
    /// The last set time at which one should begin.
    called: Time,
    /// Sessions so far, and those since measuring began.
    number: u64,
    measured: u64,
}

impl Default for Gathering {
    fn default() -> Self {
        Gathering { began: (Time::MIN, 0), called: Time::MIN, number: 0, measured: 0 }
    }
}

impl<'n, C: Calendar> Simulation<'n, C> {
    /// Sessions begun at each node since measuring began.
    pub fn sessions(&self) -> impl Iterator<Item = u64> {
        self.nodes.iter().map(|node| node.supply.gathering.measured)
    }

    /// A set time has come.
    #[cold]
    pub(super) fn call_together(&mut self, node: NodeId) {
        self.nodes[node.index()].supply.gathering.called = self.now;
        self.comes_up(node);
    }

    /// Whether people may start: in a session that begins at this instant, or because one can.
    pub(super) fn may_start_together(
        &self,
        node: NodeId,
        extras: &'n Extras,
        together: &Together,
    ) -> bool {
        let state = &self.nodes[node.index()];
        let Gathering { began: (at, started), called, .. } = state.supply.gathering;
        // Who comes at the very instant of a set time comes after places were given.
        let called = called == self.now;
        let in_time = !called || self.rank <= Rank::Assignment as u32;
        if at == self.now && started < state.places {
            return in_time;
        }
        if state.occupied + state.reserved + state.supply.out > 0 {
            return false;
        }
        match together.least {
            _ if called && in_time => self.have_gathered(node, extras, 1),
            u32::MAX => false,
            least => self.have_gathered(node, extras, least),
        }
    }

    /// Whether so many stand in line who may have a place.
    fn have_gathered(&self, node: NodeId, extras: &'n Extras, least: u32) -> bool {
        let lines = extras.serves.iter().flat_map(|serving| {
            let spec = self.nodes[serving.line.index()].spec;
            spec.first_line..=spec.first_line + spec.classes.len() as u32
        });
        let people = lines.flat_map(|line| self.in_line(line));
        let gathered = people.filter(|slot| self.place_for(*slot, node, extras).is_some());
        gathered.take(least as usize).count() == least as usize
    }

    /// Somebody starts, or has a place reserved, in the session of this instant: the first begins it.
    pub(super) fn joins_session(&mut self, node: NodeId) {
        let (now, state) = (self.now, &mut self.nodes[node.index()]);
        let places = state.places;
        let gathering = &mut state.supply.gathering;
        let (at, started) = &mut gathering.began;
        if *at != now || *started >= places {
            (*at, *started) = (now, 0);
            gathering.number += 1;
            gathering.measured += u64::from(now >= 0);
        }
        *started += 1;
    }

    /// The draw of the length of the session.
    pub(super) fn draw_of_session(&self, node: NodeId, purpose: Purpose) -> Draw {
        let supply = &self.nodes[node.index()].supply;
        supply.key.patient(supply.gathering.number).draw(purpose, 0)
    }
}
