//! Stays that end by the first of several clocks.

use super::calendar::Calendar;
use super::simulation::Simulation;
use crate::ids::{NOWHERE, NodeId};
use crate::network::clocks::Stage;
use crate::network::extras::{End, Ends};
use crate::network::network::Target;
use crate::time::Duration;

/// The length of the stay itself is over first.
pub(super) const BY_LENGTH: u32 = u32::MAX;
/// The stay is over, and what ended it says where to.
const SENT_ON: u32 = u32::MAX - 1;

impl<'n, C: Calendar> Simulation<'n, C> {
    /// How long a stay that begins lasts: until the first of its clocks. Each has a draw of its own, made
    /// anew for a stay that begins anew.
    pub(super) fn first_end(&mut self, slot: u32, ends: &'n Ends, stay: Duration) -> Duration {
        self.first_of(slot, ends, stay, |simulation, end, at, draw| {
            let case = &end.after.cases[at];
            simulation.length(&case.sampler, case.list, draw)
        })
    }

    /// The same of what is left of a stay of which so much has passed.
    pub(super) fn first_end_left(
        &mut self,
        slot: u32,
        ends: &'n Ends,
        rest: Duration,
        passed: Duration,
    ) -> Duration {
        self.first_of(slot, ends, rest, |simulation, end, at, draw| {
            let case = &end.after.cases[at];
            Some(simulation.left_of(&case.sampler, case.list, draw, passed))
        })
    }

    fn first_of(
        &mut self,
        slot: u32,
        ends: &'n Ends,
        stay: Duration,
        length: impl Fn(&mut Self, &'n End, usize, crate::rng::Draw) -> Option<Duration>,
    ) -> Duration {
        let (node, segment) = (self.patients[slot].node, self.patients.turn(slot).segment);
        let (mut first, mut by) = (stay, BY_LENGTH);
        for (index, end) in (0u32..).zip(&ends.clocks) {
            let mut cases = end.after.cases.iter();
            let Some(at) = cases.position(|case| self.holds(&case.when, slot)) else { continue };
            let purpose = end.after.purpose;
            let purpose = if segment == 0 { purpose } else { purpose.at(u64::from(segment)) };
            let draw = self.draw_at(slot, node, purpose);
            let Some(length) = length(self, end, at, draw) else { break };
            if length < first {
                (first, by) = (length, index);
            }
        }
        self.patients.turn_mut(slot).ended_by = by;
        first
    }

    /// A stay is over: what ended it is counted, and says where to, if it does.
    pub(super) fn ended_by(&mut self, slot: u32, node: NodeId, ends: &'n Ends) -> Option<Target> {
        let turn = self.patients.turn_mut(slot);
        let by = std::mem::replace(&mut turn.ended_by, BY_LENGTH);
        // Who was interrupted elsewhere has no clock here.
        let end = ends.clocks.get(by as usize);
        if self.now < turn.ends {
            // Cut short from outside: no clock was over.
            return None;
        }
        let earlier = turn.earlier;
        let at = ends.first + if end.is_some() { by + 1 } else { 0 };
        let (people, time) = &mut self.recorder.ends[at as usize];
        *people += 1;
        *time += self.now - self.patients[slot].started + earlier;
        let to = end?.to.as_ref()?;
        self.patients.turn_mut(slot).ended_by = SENT_ON;
        Some(match to.targets.only() {
            Some(only) => only,
            None => to.targets.pick(self.draw_at(slot, node, to.purpose)),
        })
    }

    /// Goes where the end of the stay says: delays by process and windows are for those who leave by the
    /// routes of the node.
    pub(super) fn go_where_sent(&mut self, slot: u32, node: NodeId, to: Target) {
        let now = self.now;
        let patient = &mut self.patients[slot];
        (patient.next, patient.flow) = (to.node, to.flow);
        self.note_stage(slot, Stage::Ready, |history| history.ready = now);
        if to.node == NOWHERE {
            self.note(slot, |history| (history.sought, history.cleared) = (now, now));
            return self.go_out(slot, node, to.flow);
        }
        self.set_out_or_seek(slot);
    }

    /// Whether a patient waits for no window of leaving.
    pub(super) fn waits_for_no_window(&self, slot: u32, node: NodeId) -> bool {
        let by_clocks = self.extras(node).is_some_and(|extras| extras.ends.is_some());
        by_clocks && self.patients.turn(slot).ended_by == SENT_ON
    }
}
