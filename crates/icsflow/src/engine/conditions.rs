//! The value of an expression for a patient now.

use super::calendar::Calendar;
use super::simulation::Simulation;
use crate::expr::{Program, StateFn, WAITED};
use crate::ids::NodeId;
use crate::network::network::{CLOCK_NAMES, Node, StayCase};
use crate::time::{DAY, HOUR};

impl<'n, C: Calendar> Simulation<'n, C> {
    #[inline(never)]
    pub(super) fn class_of(&self, slot: u32, spec: &Node) -> u32 {
        let holds = |class: &Program| self.condition(class, slot);
        spec.classes.iter().position(holds).unwrap_or(spec.classes.len()) as u32
    }

    #[inline]
    pub(super) fn holds(&self, when: &Option<Program>, slot: u32) -> bool {
        when.as_ref().is_none_or(|when| self.condition(when, slot))
    }

    /// The case of a stay that holds for a patient, and its position: the last holds for all.
    pub(super) fn case_of(&self, cases: &'n [StayCase], slot: u32) -> (usize, &'n StayCase) {
        let holds = |case: &StayCase| self.holds(&case.when, slot);
        let case = cases.iter().position(holds).unwrap_or(cases.len() - 1);
        (case, &cases[case])
    }

    /// Whether a condition holds for a patient now.
    pub(super) fn condition(&self, program: &Program, slot: u32) -> bool {
        self.value(program, slot) == 1.0
    }

    /// Whether a condition holds that asks nothing of any patient.
    pub(super) fn holds_anywhere(&self, program: &Program) -> bool {
        self.condition(program, 0)
    }

    /// The value of an expression for a patient now.
    pub(super) fn value(&self, program: &Program, slot: u32) -> f64 {
        let of_week = || self.network.week.of_week(self.now);
        let named = |name| match name {
            0 => f64::from(self.network.cohort(self.patients[slot].stratum).0),
            1 => (of_week() % DAY) as f64 / HOUR as f64,
            2 => (of_week() / DAY) as f64,
            3 => self.now as f64 / DAY as f64,
            WAITED => {
                (self.now - self.patients[slot].joined) as f64 / self.network.unit.micros() as f64
            }
            name => self.patients.attribute(slot, usize::from(name) - CLOCK_NAMES),
        };
        program.value((named, |what, node| self.state(what, node)))
    }

    /// The state of a node, for expressions.
    fn state(&self, what: StateFn, node: u32) -> f64 {
        let state = &self.nodes[node as usize];
        let taken = state.occupied + state.reserved + state.supply.out;
        let people = match what {
            StateFn::Beds | StateFn::Free if state.spec.places.is_none() => return f64::INFINITY,
            StateFn::Beds | StateFn::Free if state.spec.has_visits() => {
                let visits = state.spec.extras.as_ref().and_then(|extras| extras.visits.as_ref());
                let free = visits.map(|visits| self.visits_free(NodeId(node), visits));
                let (free, all) = free.unwrap_or_default();
                if what == StateFn::Free { free } else { all }
            }
            StateFn::Beds => state.places,
            StateFn::Free => state.places.saturating_sub(taken),
            StateFn::Occupied => state.occupied,
            StateFn::Queue => state.queue + self.tickets(NodeId(node)),
            StateFn::Waiting => state.waiting + self.tickets(NodeId(node)),
            StateFn::Blocked => state.blocked,
            StateFn::Awaiting => state.holding,
            StateFn::Present => state.occupied + state.waiting + self.tickets(NodeId(node)),
            StateFn::Inside => return self.present() as f64,
        };
        f64::from(people)
    }
}
