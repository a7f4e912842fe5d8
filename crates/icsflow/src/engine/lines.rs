//! Waiting lines: one for each class of each node, linked through the patients themselves, so that
//! joining, leaving from the middle and taking the first cost the same and need no memory.
//!
//! In a line that a score orders, whoever joins may belong anywhere, and lists of hundreds of thousands are
//! ordered so: who stands there is also known by rank.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::patients::{NOBODY, Patients};
use crate::network::extras::Order;
use crate::network::network::Network;

/// All lines of a network.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Lines {
    ends: Vec<Line>,
    /// Of each line that a score orders, who stands in it; nothing if there is no such line.
    #[serde(skip)]
    by_score: Vec<Option<BTreeMap<Place, u32>>>,
}

/// A place in a line: behind every better key or, if equal, earlier ticket.
type Place = (Reverse<u64>, u64);

/// The place of a patient, by what the rules know of the turn.
fn place(slot: u32, patients: &Patients) -> Place {
    let turn = patients.turn(slot);
    // Of floats as whole numbers: the greater number is the greater key. 0 is no other than -0.
    let bits = (turn.key + 0.0).to_bits();
    let in_order = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
    (Reverse(in_order), turn.ticket)
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Line {
    first: u32,
    last: u32,
}

impl Lines {
    /// The lines of a network, empty.
    pub fn clear(&mut self, network: &Network) {
        self.ends.clear();
        self.ends.resize(network.lines, Line { first: NOBODY, last: NOBODY });
        self.clear_places(network);
    }

    fn clear_places(&mut self, network: &Network) {
        self.by_score.clear();
        for node in &network.nodes {
            let order = node.extras.as_ref().map(|extras| &extras.order);
            if matches!(order, Some(Order::Score { slope: Some(_), .. })) {
                self.by_score.resize(network.lines, None);
                for line in node.first_line..=node.first_line + node.classes.len() as u32 {
                    self.by_score[line as usize] = Some(BTreeMap::new());
                }
            }
        }
    }

    /// Finds the places of those who stand in lines that were kept without them.
    pub fn find_places(&mut self, network: &Network, patients: &Patients) {
        self.clear_places(network);
        for (ends, places) in self.ends.iter().zip(&mut self.by_score) {
            let Some(places) = places else { continue };
            let mut slot = ends.first;
            while slot != NOBODY {
                places.insert(place(slot, patients), slot);
                slot = patients[slot].behind;
            }
        }
    }

    /// Whether a score orders a line, so that whoever joined last may stand anywhere.
    pub fn has_places(&self, line: u32) -> bool {
        self.by_score.get(line as usize).is_some_and(Option::is_some)
    }

    /// The first of a line.
    #[inline]
    pub fn first(&self, line: u32) -> Option<u32> {
        Some(self.ends[line as usize].first).filter(|first| *first != NOBODY)
    }

    /// The last of a line.
    #[inline]
    pub fn last(&self, line: u32) -> Option<u32> {
        Some(self.ends[line as usize].last).filter(|last| *last != NOBODY)
    }

    /// Stands a patient at the end of a line.
    #[inline(always)]
    pub fn join(&mut self, line: u32, slot: u32, patients: &mut Patients) {
        let ends = &mut self.ends[line as usize];
        let patient = &mut patients[slot];
        (patient.line, patient.ahead, patient.behind) = (line, ends.last, NOBODY);
        match std::mem::replace(&mut ends.last, slot) {
            NOBODY => ends.first = slot,
            last => patients[last].behind = slot,
        }
    }

    /// Stands a patient in a line by key and ticket.
    pub fn join_by_rank(&mut self, line: u32, slot: u32, patients: &mut Patients) {
        let own = place(slot, patients);
        let ahead = if let Some(Some(places)) = self.by_score.get_mut(line as usize) {
            let ahead = places.range(..own).next_back().map(|(_, slot)| *slot);
            places.insert(own, slot);
            ahead
        } else {
            // Nearly always behind all the others.
            let mut ahead = self.last(line);
            while let Some(other) = ahead.filter(|other| place(*other, patients) > own) {
                ahead = Some(patients[other].ahead).filter(|other| *other != NOBODY);
            }
            ahead
        };
        self.join_behind(line, slot, ahead, patients);
    }

    /// Stands a patient in a line behind another; in front of all if there is none.
    fn join_behind(&mut self, line: u32, slot: u32, ahead: Option<u32>, patients: &mut Patients) {
        let ends = &mut self.ends[line as usize];
        let behind = match ahead {
            None => std::mem::replace(&mut ends.first, slot),
            Some(ahead) => std::mem::replace(&mut patients[ahead].behind, slot),
        };
        match behind {
            NOBODY => ends.last = slot,
            behind => patients[behind].ahead = slot,
        }
        let patient = &mut patients[slot];
        (patient.line, patient.ahead, patient.behind) = (line, ahead.unwrap_or(NOBODY), behind);
    }

    /// Takes the first of a line out of it.
    #[inline(always)]
    pub fn take_first(&mut self, line: u32, patients: &mut Patients) -> Option<u32> {
        let ends = &mut self.ends[line as usize];
        let first = ends.first;
        if first == NOBODY {
            return None;
        }
        ends.first = patients[first].behind;
        match ends.first {
            NOBODY => ends.last = NOBODY,
            next => patients[next].ahead = NOBODY,
        }
        if !self.by_score.is_empty() {
            self.give_place_up(line, first, patients);
        }
        Some(first)
    }

    /// Takes a patient out of a line, wherever in it.
    #[inline]
    pub fn leave(&mut self, slot: u32, patients: &mut Patients) {
        let (line, ahead, behind) =
            (patients[slot].line, patients[slot].ahead, patients[slot].behind);
        match ahead {
            NOBODY => self.ends[line as usize].first = behind,
            ahead => patients[ahead].behind = behind,
        }
        match behind {
            NOBODY => self.ends[line as usize].last = ahead,
            behind => patients[behind].ahead = ahead,
        }
        if !self.by_score.is_empty() {
            self.give_place_up(line, slot, patients);
        }
    }

    #[cold]
    fn give_place_up(&mut self, line: u32, slot: u32, patients: &Patients) {
        if let Some(places) = &mut self.by_score[line as usize] {
            places.remove(&place(slot, patients));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{NOWHERE, StratumId};
    use crate::model::distribution::Distribution;
    use crate::model::model::Model;
    use crate::model::node::Node;
    use crate::model::queue::Queue;
    use crate::rng::{Purpose, SourceKey};

    /// Who stands in a line, from the first on and from the last on.
    fn both_ways(lines: &Lines, patients: &Patients) -> [Vec<u32>; 2] {
        let known = |slot: u32| Some(slot).filter(|slot| *slot != NOBODY);
        let from = |first, next: fn(&crate::engine::patients::Patient) -> u32| {
            std::iter::successors(first, |slot: &u32| known(next(&patients[*slot]))).collect()
        };
        let mut back: Vec<u32> = from(lines.last(0), |patient| patient.ahead);
        back.reverse();
        [from(lines.first(0), |patient| patient.behind), back]
    }

    #[test]
    fn a_score_puts_everybody_where_the_rank_says() {
        let queue = Queue::by_score("2 * waited");
        for by_score in [true, false] {
            let queue = if by_score { queue.clone() } else { Queue::new().limit(1000) };
            let ward = Node::beds("Ward", 1, Distribution::from(1.0)).queue(queue);
            // A turnaround makes it a node with more than plain rules.
            let network = Network::new(&Model::new("L").node(ward.turnaround("1h"))).unwrap();
            let (mut lines, mut patients) = (Lines::default(), Patients::default());
            lines.clear(&network);
            patients.clear(&network);
            assert_eq!(lines.has_places(0), by_score);
            let key = SourceKey::new(1, 0, "lines");
            let mut draw = key.patient(0).draw(Purpose::named("", "lines"), 0);
            let mut below = |n: u64| (draw.uniform() * n as f64) as u64;
            let mut inside: Vec<u32> = Vec::new();
            for ticket in 0..4000 {
                if below(3) > 0 || inside.is_empty() {
                    let (slot, patient) = patients.admit().unwrap();
                    let root = key.patient(ticket);
                    *patient =
                        crate::engine::patients::Patient::new(root, NOWHERE, 0, StratumId(0), 0);
                    let turn = patients.turn_mut(slot);
                    // Few keys, so that tickets decide too; -0 is 0.
                    let keys = [-1.5, -0.0, 0.0, 2.0, f64::NEG_INFINITY];
                    turn.key = if by_score { keys[below(5) as usize] } else { 0.0 };
                    turn.ticket = if below(4) == 0 {
                        below(ticket + 1) * 5000 + ticket
                    } else {
                        ticket * 5000
                    };
                    lines.join_by_rank(0, slot, &mut patients);
                    let rank = |slot: u32| {
                        let turn = patients.turn(slot);
                        (-turn.key, turn.ticket)
                    };
                    let at = inside.partition_point(|other| rank(*other) < rank(slot));
                    inside.insert(at, slot);
                } else if below(2) == 0 {
                    assert_eq!(lines.take_first(0, &mut patients), Some(inside.remove(0)));
                } else {
                    let slot = inside.remove(below(inside.len() as u64) as usize);
                    lines.leave(slot, &mut patients);
                }
                if ticket % 500 == 499 {
                    // Kept and read again.
                    let kept = serde_json::to_string(&lines).unwrap();
                    lines = serde_json::from_str(&kept).unwrap();
                    lines.find_places(&network, &patients);
                }
                assert_eq!(both_ways(&lines, &patients), [inside.clone(), inside.clone()]);
            }
            assert!(inside.len() > 500);
        }
    }
}
