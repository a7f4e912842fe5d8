//! Taking places away: a better class that takes one, and cuts of capacity.

use super::calendar::Calendar;
use super::patients::Status;
use super::record::Ending;
use super::simulation::Simulation;
use crate::ids::NodeId;
use crate::network::extras::{Cut, Extras, Preemption};
use crate::time::Time;

impl<'n, C: Calendar> Simulation<'n, C> {
    /// A claimant of a better class who finds no place, and the stay whose place is taken: the lowest
    /// class, the latest start.
    pub(super) fn contest(
        &self,
        node: NodeId,
        extras: &'n Extras,
    ) -> Option<(u32, usize, u32, &'n Preemption)> {
        let how = extras.preempt.as_ref()?;
        let spec = self.nodes[node.index()].spec;
        let classes = spec.classes.len() as u32;
        for class in 0..classes {
            for (serving, line) in extras.serves.iter().enumerate() {
                let of = self.nodes[line.line.index()].spec;
                // In the line of those who wait for the first free of several, all classes stand.
                let mixed = of.charged != line.line;
                if !mixed && class > of.classes.len() as u32 {
                    continue;
                }
                let line_of_class = of.first_line + if mixed { 0 } else { class };
                for claimant in self.in_line(line_of_class) {
                    if mixed && self.rank_at(claimant, line.line, node).0 != class {
                        continue;
                    }
                    if extras.admit.as_ref().is_some_and(|admit| !self.condition(admit, claimant)) {
                        continue;
                    }
                    let usable = |victim: &u32| {
                        self.place_of_kind(claimant, node, extras, Some(*victim)).is_some()
                    };
                    let worse = (class + 1..=classes).rev();
                    let victim =
                        worse.flat_map(|class| self.latest_first(node, class)).find(usable);
                    if let Some(victim) = victim {
                        return Some((claimant, serving, victim, how));
                    }
                }
            }
        }
        None
    }

    /// People of a class whose stay at a node goes on, the latest start first.
    fn latest_first(&self, node: NodeId, class: u32) -> Vec<u32> {
        let spec = self.nodes[node.index()].spec;
        let mut inside: Vec<u32> = self.in_line(spec.in_places(class)).collect();
        inside.reverse();
        inside
    }

    /// Takes the place of a patient whose stay goes on. The stay is resumed, if nothing else is said.
    pub(super) fn interrupt(&mut self, slot: u32, node: NodeId, how: Option<&'n Preemption>) {
        if let Some(Preemption::Displace(to)) = how {
            self.put_out(slot, node);
            return self.send_on(slot, node, Ending::Displaced, to);
        }
        let now = self.now;
        self.put_out(slot, node);
        self.keep_row(slot, Some(now), Ending::Interrupted);
        let cohort = self.patients[slot].cohort;
        self.nodes[node.index()].record.ended(cohort, Ending::Interrupted);
        // Back to the line from which the node gives its places first: its own, or that of its list.
        let line_of = self.line_joined(node);
        let turn = self.patients.turn_mut(slot);
        match how {
            None | Some(Preemption::Resume) => turn.work = Some(turn.ends - now),
            Some(Preemption::Restart) => turn.work = Some(turn.length),
            _ => turn.segment += 1,
        }
        (turn.line_of, turn.returned) = (line_of, true);
        (turn.patience, turn.change) = (Time::MAX, Time::MAX);
        let patient = &mut self.patients[slot];
        (patient.joined, patient.status, patient.node) = (now, Status::Waiting, line_of);
        self.note(slot, |history| history.came = now);
        self.wait_in_person(slot, line_of);
        self.nodes[line_of.index()].supply.returned += 1;
        self.stand_in_front(slot, line_of);
    }

    /// A patient whose stay goes on is in the place no more.
    fn put_out(&mut self, slot: u32, node: NodeId) {
        self.lines.leave(slot, &mut self.patients);
        self.cancel_timer(slot);
        let (patient, state) = (&self.patients[slot], &mut self.nodes[node.index()]);
        state.occupied -= 1;
        state.record.put_out(patient.cohort, self.now);
        self.free_place(slot, node);
        self.count_places(node);
        self.comes_up(node);
    }

    /// There are fewer places than people in them: what becomes of the latest started of the lowest
    /// class, as the node says (R9). Who is ready already stays.
    pub(super) fn cut(&mut self, node: NodeId, extras: &'n Extras) {
        if matches!(extras.cut, Cut::Wait) {
            return;
        }
        let state = &self.nodes[node.index()];
        // What is reserved goes last, so those in places make room for it.
        let taken = state.occupied + state.reserved;
        let too_many = taken.saturating_sub(state.places.saturating_add(extras.corridor));
        let classes = state.spec.classes.len() as u32;
        let victims = (0..=classes).rev().flat_map(|class| self.latest_first(node, class));
        let victims: Vec<u32> = victims.take(too_many as usize).collect();
        for slot in victims {
            match &extras.cut {
                Cut::Wait => {}
                Cut::Interrupt => self.interrupt(slot, node, None),
                Cut::EarlyEnd => {
                    self.cancel_timer(slot);
                    self.stay_over(slot);
                }
                Cut::Transfer(to) => {
                    self.put_out(slot, node);
                    self.send_on(slot, node, Ending::Transferred, to);
                }
            }
        }
    }
}
