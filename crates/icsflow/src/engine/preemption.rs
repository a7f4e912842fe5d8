//! Taking places away: a better class that takes one, and cuts of capacity.

use super::calendar::Calendar;
use super::known::Unknown;
use super::patients::Status;
use super::record::Ending;
use super::simulation::Simulation;
use super::supply::{CORRIDOR, OPEN};
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
    fn latest_first(&self, node: NodeId, class: u32) -> impl Iterator<Item = u32> {
        self.in_line_from_behind(self.nodes[node.index()].spec.in_places(class))
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
        let stratum = self.patients[slot].stratum;
        self.nodes[node.index()].record.ended(stratum, Ending::Interrupted);
        // Back to the line from which the node gives its places first: its own, or that of its list.
        let line_of = self.line_joined(node);
        let started = self.patients[slot].started;
        let turn = self.patients.turn_mut(slot);
        turn.earlier += now - started;
        match how {
            None | Some(Preemption::Resume) => turn.work = Some((turn.ends - now).max(0)),
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
    pub(super) fn put_out(&mut self, slot: u32, node: NodeId) {
        if self.stands_ahead(slot) {
            self.take_referral_back(slot);
        }
        self.leave_tended(slot);
        self.cancel_timer(slot);
        let (patient, state) = (&self.patients[slot], &mut self.nodes[node.index()]);
        state.occupied -= 1;
        state.record.put_out(patient.stratum, self.now);
        if let Some(Extras { visits: Some(visits), .. }) = self.extras(node) {
            self.visits_over(slot, node, visits);
            self.visits_left(slot, node, visits);
        }
        self.free_place(slot, node);
        self.count_places(node);
        self.comes_up(node);
    }

    /// There are fewer places than people in them: what becomes of the latest started of the lowest
    /// class whose place may go, as the node says (R9). Who is ready already stays; what fences keep
    /// is kept. The last of them who find room beside the beds go there.
    pub(super) fn cut(&mut self, node: NodeId, extras: &'n Extras) {
        if matches!(extras.cut, Cut::Wait) {
            return;
        }
        let beside = extras.corridor - self.nodes[node.index()].supply.corridor.len() as u32;
        let mut victims = self.in_cut_places(node, extras);
        let moved = victims.split_off(victims.len().saturating_sub(beside as usize));
        for slot in moved {
            self.free_place(slot, node);
            self.patients.turn_mut(slot).fence = CORRIDOR;
            self.take_kind(slot, node, CORRIDOR);
            self.note(slot, |history| history.bed = Time::MAX);
        }
        self.count_places(node);
        for slot in victims {
            // A leg may have been stopped by what became of another.
            let patient = &self.patients[slot];
            if patient.status != Status::InStay || patient.node != node {
                continue;
            }
            match &extras.cut {
                Cut::Wait => {}
                Cut::Interrupt => {
                    let again = |how: &&Preemption| !matches!(how, Preemption::Displace(_));
                    self.interrupt(slot, node, extras.preempt.as_ref().filter(again));
                }
                Cut::EarlyEnd => {
                    self.stop_legs(slot);
                    self.cancel_timer(slot);
                    self.stay_over::<Unknown>(slot);
                }
                Cut::Transfer(to) => {
                    self.put_out(slot, node);
                    self.send_on(slot, node, Ending::Transferred, to);
                }
            }
        }
    }

    /// Those whose stay goes on in beds that are no more, as they have to go.
    fn in_cut_places(&self, node: NodeId, extras: &'n Extras) -> Vec<u32> {
        let state = &self.nodes[node.index()];
        // What is reserved goes last, so those in places make room for it.
        let taken = self.beds_taken(node) - state.supply.out;
        let mut too_many = taken.saturating_sub(state.places);
        // The first fences keep theirs.
        let (mut rest, mut open) = (state.places, taken);
        let mut over = Vec::with_capacity(extras.fences.len());
        for (fence, fenced) in extras.fences.iter().zip(&state.supply.fenced) {
            let kept = fence.places.min(rest);
            (rest, open) = (rest - kept, open - fenced);
            over.push(fenced.saturating_sub(kept));
        }
        let mut over_open = open.saturating_sub(rest);
        let classes = state.spec.classes.len() as u32;
        let tended = (0..=classes).rev().flat_map(|class| self.latest_first(node, class));
        let goes = |slot: &u32| {
            let over = match self.patients.turn(*slot).fence {
                CORRIDOR => return false,
                OPEN => &mut over_open,
                fence => &mut over[fence as usize],
            };
            let goes = too_many > 0 && *over > 0;
            if goes {
                (too_many, *over) = (too_many - 1, *over - 1);
            }
            goes
        };
        tended.filter(goes).collect()
    }
}
