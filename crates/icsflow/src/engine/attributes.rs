//! Attributes that change on what happens to a patient.

use super::calendar::Calendar;
use super::simulation::Simulation;
use crate::ids::NodeId;
use crate::network::extras::{Extras, On, SetAttribute, Value};

impl<C: Calendar> Simulation<'_, C> {
    /// Something happens to a patient at a node: the attributes that it changes, one after the other.
    #[inline]
    pub(super) fn change_on(&mut self, slot: u32, node: NodeId, extras: &Extras, on: On) {
        for set in &extras.sets[on as usize] {
            self.set(slot, node, set);
        }
        if !extras.deaths[on as usize].is_empty() {
            self.start_deaths(slot, node, on);
        }
    }

    /// Changes an attribute, if that is the patient's lot.
    pub(super) fn set(&mut self, slot: u32, node: NodeId, set: &SetAttribute) {
        if !self.holds(&set.when, slot) {
            return;
        }
        if set.share < 1.0 && self.draw_at(slot, node, set.purpose).uniform() >= set.share {
            return;
        }
        let value = match &set.to {
            Value::Known(value) => *value,
            Value::Of(program) => self.value(program, slot),
        };
        self.set_of_patient(slot, set.position as usize, value);
    }
}
