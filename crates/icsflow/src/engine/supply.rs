//! Places that come and go: plans, outages, cleaning, vacations.

use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Event, Rank};
use super::caseload::Units;
use super::simulation::{Run, Simulation};
use super::sources::next_value;
use super::together::Gathering;
use super::visits::Ledger;
use crate::ids::NodeId;
use crate::network::extras::ChangeKind;
use crate::network::sampler::Sampler;
use crate::rng::{Purpose, SourceKey};
use crate::time::{Duration, Time};

/// A place that is kept for nobody in particular.
pub(super) const OPEN: u32 = u32::MAX;
/// A place beside the beds.
pub(super) const CORRIDOR: u32 = u32::MAX - 1;

/// What moves about the places of a node with extra rules.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Supply {
    /// Places by plan.
    pub planned: u32,
    /// Places that outages take, each by itself.
    pub down: u32,
    /// Outages that take all places.
    pub closed: u32,
    /// Events that close it to admissions.
    pub shut: u32,
    /// Places out of use after a patient, or away.
    pub out: u32,
    /// Places of each fence that are taken or reserved.
    pub fenced: Vec<u32>,
    /// Who is beside the beds, as they came there.
    pub corridor: Vec<u32>,
    /// People in the queue who were put back there from a place: no limit turns them or others away.
    pub returned: u32,
    /// People on its list by a referral who are not ready yet, or on their way to its line.
    pub referred: u32,
    /// Places kept for people who are seen elsewhere first.
    pub kept: u32,
    /// Selections from its lines so far.
    pub selections: u64,
    /// Places that have fallen free, or are back, since places were last given.
    pub fallen_free: u32,
    /// Times a place went away so far.
    pub departures: u64,
    /// What its team has.
    pub team: Units,
    /// What is spoken for of its visits.
    pub ledger: Ledger,
    /// Its group sessions.
    pub gathering: Gathering,
    /// Root of the draws of the node itself.
    pub key: SourceKey,
}

/// What changes the places of a node by itself, over and over.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Changing {
    /// Root of its draws.
    pub key: SourceKey,
    /// How often it has happened.
    pub times: u64,
    /// The next, which stands in the calendar; at the end of time, and not there, if there is none.
    pub next: Event,
}

impl<'n, C: Calendar> Simulation<'n, C> {
    /// At the beginning: places as planned, the first change of each, the first review of each.
    pub(super) fn open_places(&mut self, run: &Run) {
        let network = self.network;
        for (i, spec) in network.nodes.iter().enumerate() {
            let node = &mut self.nodes[i];
            if !spec.classes.is_empty() {
                node.record.classes.resize(spec.classes.len() + 1, Default::default());
            }
            let Some(extras) = spec.extras.as_deref() else { continue };
            node.supply = Supply {
                planned: node.places,
                fenced: vec![0; extras.fences.len()],
                key: run.key(&network.node_names[i]),
                ..Supply::default()
            };
            node.record.classes.resize(spec.classes.len() + 1, Default::default());
            self.open_ledger(NodeId(i as u32));
            if let Some(team) = &extras.team {
                self.open_caseload(NodeId(i as u32), team);
            }
        }
        self.changes.clear();
        for (index, change) in (0u32..).zip(&network.changes) {
            let key = match &change.kind {
                ChangeKind::Outage { stream, .. } => run.key(stream),
                ChangeKind::Plan(places) => {
                    self.nodes[change.node.index()].supply.planned = places.at(self.now);
                    SourceKey::default()
                }
                ChangeKind::Units(_) | ChangeKind::Day | ChangeKind::Session => {
                    SourceKey::default()
                }
            };
            self.changes.push(Changing { key, times: 0, next: Event::NEVER });
            self.expect_change(index);
        }
        for i in 0..self.nodes.len() as u32 {
            if self.nodes[i as usize].spec.extras.is_some() {
                self.count_places(NodeId(i));
            }
        }
        self.open_diaries();
        self.reviews.clear();
        for (i, spec) in (0u32..).zip(&network.nodes) {
            let reviews = spec.extras.as_ref().map_or(0, |extras| extras.reviews.len() as u32);
            self.reviews.extend((0..reviews).map(|at| (NodeId(i), at)));
        }
        for index in 0..self.reviews.len() as u32 {
            self.expect_review(index);
        }
    }

    /// Puts the next change of places into the calendar.
    fn expect_change(&mut self, index: u32) {
        let network = self.network;
        let Changing { key, times, .. } = self.changes[index as usize];
        let at = match &network.changes[index as usize].kind {
            ChangeKind::Plan(_) | ChangeKind::Units(_) => self.planned_after(index, self.now),
            ChangeKind::Day => self.next_day(network.changes[index as usize].node),
            // The first may be at the very beginning.
            ChangeKind::Session => {
                let extras = self.extras(network.changes[index as usize].node);
                let at = extras.and_then(|extras| extras.together.as_ref()?.at.as_ref());
                at.map(|at| at.at_or_after(self.now + i64::from(times > 0)))
            }
            // Even spells are in use, odd ones out of use.
            ChangeKind::Outage { every, lasts, .. } => {
                let ((sampler, list), name) =
                    if times.is_multiple_of(2) { (every, "in use") } else { (lasts, "out of use") };
                let draw = key.patient(times / 2).draw(Purpose::named("", name), 0);
                match next_value(sampler, *list, draw, &mut self.lists) {
                    Ok(length) => Some(self.now.saturating_add(length.max(0.0).round() as Time)),
                    Err(_) => None,
                }
            }
        };
        let seq = self.next_seq();
        let next = Event::new(at.unwrap_or(Time::MAX), Rank::Capacity, index, seq);
        self.changes[index as usize].next = next;
        if at.is_some() {
            self.calendar.push(next);
        }
    }

    /// When a plan changes the places of a node next, after an instant; nothing of what is no plan.
    pub(super) fn planned_after(&self, index: u32, now: Time) -> Option<Time> {
        let change = &self.network.changes[index as usize];
        let plan = match &change.kind {
            ChangeKind::Plan(places) => places,
            ChangeKind::Units(profession) => {
                let team = self.extras(change.node)?.team.as_ref()?;
                &team.professions[*profession as usize].units
            }
            ChangeKind::Day | ChangeKind::Session | ChangeKind::Outage { .. } => return None,
        };
        plan.next(now).map(|(at, _)| at)
    }

    /// The places of a node change by themselves.
    #[cold]
    pub(super) fn change_places(&mut self, index: u32) {
        let network = self.network;
        let change = &network.changes[index as usize];
        if matches!(change.kind, ChangeKind::Day) {
            self.expect_change(index);
            return self.begin_day(change.node);
        }
        if matches!(change.kind, ChangeKind::Session) {
            self.changes[index as usize].times += 1;
            self.expect_change(index);
            return self.call_together(change.node);
        }
        if let ChangeKind::Units(profession) = change.kind {
            self.change_units(change.node, profession);
        }
        let supply = &mut self.nodes[change.node.index()].supply;
        match &change.kind {
            ChangeKind::Day | ChangeKind::Session | ChangeKind::Units(_) => {}
            ChangeKind::Plan(places) => supply.planned = places.at(self.now),
            ChangeKind::Outage { places, .. } => {
                let begins = self.changes[index as usize].times.is_multiple_of(2);
                let (sum, by) = if *places == u32::MAX {
                    (&mut supply.closed, 1)
                } else {
                    (&mut supply.down, *places)
                };
                *sum = if begins { *sum + by } else { *sum - by };
                self.changes[index as usize].times += 1;
            }
        }
        self.expect_change(index);
        self.count_places(change.node);
        if let Some(extras) = self.extras(change.node) {
            self.cut(change.node, extras);
            self.comes_up(change.node);
            self.suspect_all();
            self.touched(extras);
        }
    }

    /// Works out how many places there are now, and measures them.
    pub(super) fn count_places(&mut self, node: NodeId) {
        let now = self.now;
        let state = &mut self.nodes[node.index()];
        let Some(extras) = state.spec.extras.as_deref() else { return };
        if extras.visits.is_some() {
            return;
        }
        let supply = &state.supply;
        let open = if supply.closed > 0 { 0 } else { supply.planned.saturating_sub(supply.down) };
        // A node without limit never changes.
        state.places = if state.spec.places.is_some() { open } else { u32::MAX };
        if state.spec.places.is_some() {
            let beside = state.supply.corridor.len() as u32;
            let any = u32::from(open > 0);
            let idle = open.saturating_sub(state.occupied - beside);
            let full = u32::from(open > 0 && idle == 0);
            state.record.places(now, [open, state.supply.out, beside, any, full, idle]);
            if let Some(team) = &extras.team {
                self.caseload_full(node, team, full != 0);
            }
        }
    }

    /// A place is in use again, after a patient or on return.
    #[cold]
    pub(super) fn place_back(&mut self, node: u32) {
        let node = NodeId(node);
        let supply = &mut self.nodes[node.index()].supply;
        supply.out -= 1;
        supply.fallen_free += 1;
        self.count_places(node);
        self.comes_up(node);
        if let Some(extras) = self.extras(node) {
            self.touched(extras);
        }
    }

    /// A place is out of use for a time.
    pub(super) fn place_out(&mut self, node: NodeId, length: Duration) {
        self.nodes[node.index()].supply.out += 1;
        self.count_places(node);
        let (seq, back) = (self.next_seq(), self.now.saturating_add(length));
        self.calendar.push(Event::new(back, Rank::PlaceBack, node.0, seq));
    }

    /// Places that fall free, or are back, while nobody waits go away.
    pub(super) fn send_away(&mut self, node: NodeId, length: &'n (Sampler, u32, Purpose)) {
        let (sampler, list, purpose) = length;
        let state = &mut self.nodes[node.index()];
        let fallen_free = std::mem::take(&mut state.supply.fallen_free);
        if state.has_line() {
            return;
        }
        for _ in 0..fallen_free {
            let state = &mut self.nodes[node.index()];
            if state.occupied + state.reserved + state.supply.out >= state.places {
                return;
            }
            let away = state.supply.departures;
            state.supply.departures += 1;
            let draw = state.supply.key.patient(away).draw(*purpose, 0);
            // Who is back at once has not been away.
            match self.length(sampler, *list, draw) {
                None | Some(0) => return,
                Some(length) => self.place_out(node, length),
            }
        }
    }
}
