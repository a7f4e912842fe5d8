//! Visits: a ledger of what is spoken for on each day to come, and who may start by it.
//!
//! A patient's need is never stored day by day: the day of the start, the length of the stay and the
//! case say what it is on each day, so that what is given back is exactly what was booked. Days in the
//! past are dropped. Nobody who has started is turned away: what goes beyond a day's budget, because
//! the budget was cut or because people whose stay is over have nowhere to go, is overrun.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::patients::Status;
use super::simulation::Simulation;
use crate::ids::{NOWHERE, NodeId};
use crate::network::network::NO_LIST;
use crate::network::visits::{Visits, whole_days};
use crate::rng::Draw;
use crate::time::{Duration, Time};

/// How far ahead days are booked: who finds no start until then asks again every day.
const MOST_AHEAD: i64 = 1_000;

/// The days of a node, from the present one on, and what was made of those before.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Ledger {
    today: i64,
    /// Parts of visits spoken for, and the budget as foreseen; nothing is booked on later days.
    days: VecDeque<Day>,
    /// People who were given visits and have not come yet.
    coming: Vec<u32>,
    /// People whose stay is over and who are still here.
    over: Vec<Over>,
    least_first: i64,
    /// Of every whole day measured, in order.
    pub made: Vec<Day>,
    /// Parts of visits made to those who have left since measuring began, and how many they are.
    pub left: (i64, u64),
}

/// Parts of visits of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Spoken for; made, once the day is over.
    pub booked: i64,
    /// Those that the day has.
    pub budget: i64,
}

impl Day {
    /// Made beyond the budget.
    pub fn overrun(self) -> i64 {
        (self.booked - self.budget).max(0)
    }
}

/// Somebody whose stay is over, and who goes on using visits at the rate of the last day.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Over {
    slot: u32,
    rate: i64,
    /// Parts of visits made within the stay.
    made: i64,
    /// The last day that was charged, and how many were.
    charged: i64,
    days: i64,
}

/// The visits of one patient at a node: days `start` to `start + days − 1`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Booking {
    node: NodeId,
    case: u32,
    start: i64,
    days: i64,
    /// Given to the patient, who may still have to come; else booked ahead.
    given: bool,
}

const NO_BOOKING: Booking = Booking { node: NOWHERE, case: 0, start: 0, days: 0, given: false };

impl Ledger {
    /// Parts of visits that are left on a day, from the present one on.
    fn left(&self, day: i64, visits: &Visits) -> i64 {
        match self.days.get((day - self.today) as usize) {
            Some(day) => day.budget - day.booked,
            None => visits.budget(day, self.today),
        }
    }

    fn at(&mut self, day: i64, visits: &Visits) -> &mut Day {
        let at = (day - self.today).max(0) as usize;
        while self.days.len() <= at {
            let day = self.today + self.days.len() as i64;
            self.days.push_back(Day { booked: 0, budget: visits.budget(day, self.today) });
        }
        &mut self.days[at]
    }

    /// The day of a stay, from 1 on, whose need does not fit if it starts on this day.
    fn in_the_way(&self, start: i64, case: u32, days: i64, visits: &Visits) -> Option<i64> {
        let known = self.today + self.days.len() as i64;
        for of_stay in 1..=days {
            let (day, need) = (start + of_stay - 1, visits.need(case, of_stay, days));
            if need > 0 && need > self.left(day, visits) {
                return Some(of_stay);
            }
            // Behind what is booked every day has the same budget, and the need only falls.
            if day >= known && visits.level && visits.needs[case as usize].falls {
                break;
            }
        }
        None
    }

    /// The first day from which on a need fits.
    fn first_fit(&self, from: i64, case: u32, days: i64, visits: &Visits) -> Option<i64> {
        let known = self.today + self.days.len() as i64;
        let mut start = from;
        while start - from < MOST_AHEAD {
            match self.in_the_way(start, case, days, visits) {
                None => return Some(start),
                // Behind what is booked one day is like the next.
                Some(_) if start >= known && visits.level => return None,
                // A need that only falls fits this day no better if it starts before it.
                Some(of_stay) if visits.needs[case as usize].falls => start += of_stay,
                Some(_) => start += 1,
            }
        }
        None
    }

    /// Books some days of a stay, or gives them back.
    fn change(&mut self, booking: &Booking, from: i64, sign: i64, visits: &Visits) {
        for of_stay in (from - booking.start + 1).max(1)..=booking.days {
            let need = visits.need(booking.case, of_stay, booking.days);
            self.at(booking.start + of_stay - 1, visits).booked += sign * need;
        }
    }
}

impl<'n, C: Calendar> Simulation<'n, C> {
    fn visits_at(&self, node: NodeId) -> Option<&'n Visits> {
        self.extras(node)?.visits.as_ref()
    }

    fn ledger(&mut self, node: NodeId) -> &mut Ledger {
        &mut self.nodes[node.index()].supply.ledger
    }

    /// The day of now, and the last day on which somebody who leaves now has used visits.
    fn today(&self, visits: &Visits) -> (i64, i64) {
        (visits.day(self.now), visits.day(self.now - 1))
    }

    /// What was made of the visits of a node.
    pub fn ledgers(&self) -> impl Iterator<Item = &Ledger> {
        self.nodes.iter().map(|node| &node.supply.ledger)
    }

    // ---- days ------------------------------------------------------------------------------------

    /// At the beginning of a run.
    pub(super) fn open_ledger(&mut self, node: NodeId) {
        let Some(visits) = self.visits_at(node) else { return };
        let (today, _) = self.today(visits);
        *self.ledger(node) =
            Ledger { today, least_first: visits.least_first(), ..Ledger::default() };
    }

    /// When the next day begins.
    pub(super) fn next_day(&self, node: NodeId) -> Option<Time> {
        let visits = self.visits_at(node)?;
        Some(visits.midnight(visits.day(self.now) + 1))
    }

    /// A new day begins: that before is closed, and whoever is here beyond the stay is charged.
    pub(super) fn begin_day(&mut self, node: NodeId) {
        let Some(visits) = self.visits_at(node) else { return };
        let (today, _) = self.today(visits);
        self.let_come_later(node, visits);
        if self.nodes[node.index()].supply.shut > 0 {
            self.book_who_found_it_closed(node, visits);
        }
        let ledger = self.ledger(node);
        while ledger.today < today {
            let made = *ledger.at(ledger.today, visits);
            if visits.midnight(ledger.today) >= 0 {
                ledger.made.push(made);
            }
            ledger.days.pop_front();
            ledger.today += 1;
        }
        if visits.replanned(today) {
            for (day, known) in (today..).zip(&mut ledger.days) {
                known.budget = visits.budget(day, today);
            }
        }
        let mut charge = 0;
        for over in &mut ledger.over {
            charge += over.rate;
            (over.charged, over.days) = (today, over.days + 1);
        }
        ledger.at(today, visits).booked += charge;
        if visits.books {
            self.book_who_had_no_day(node, visits);
        }
        self.comes_up(node);
        if let Some(extras) = self.extras(node) {
            self.touched(extras);
        }
    }

    /// Who was given visits and has not come takes them along to the next day, whether they fit or not.
    fn let_come_later(&mut self, node: NodeId, visits: &'n Visits) {
        let (today, _) = self.today(visits);
        for at in 0..self.ledger(node).coming.len() {
            let slot = self.ledger(node).coming[at];
            let mut booking = self.bookings_of(slot)[1];
            let ledger = self.ledger(node);
            ledger.change(&booking, booking.start, -1, visits);
            booking.start = today;
            ledger.change(&booking, today, 1, visits);
            self.bookings_of(slot)[1] = booking;
        }
    }

    /// Who was booked for a day that is over, all of which the node was closed, is booked anew.
    fn book_who_found_it_closed(&mut self, node: NodeId, visits: &'n Visits) {
        let (today, _) = self.today(visits);
        let first_line = self.nodes[node.index()].spec.first_line;
        let late = |slot: &u32| {
            self.ahead(*slot, node).is_some_and(|booking| !booking.given && booking.start < today)
        };
        let late: Vec<u32> = self.in_line(first_line).filter(late).collect();
        for slot in &late {
            let booking = self.bookings_of(*slot)[1];
            self.ledger(node).change(&booking, booking.start, -1, visits);
        }
        for slot in late {
            let booking = self.bookings_of(slot)[1];
            let ledger = self.ledger(node);
            let start = ledger.first_fit(today, booking.case, booking.days, visits);
            let anew = start.map_or(NO_BOOKING, |start| Booking { start, ..booking });
            ledger.change(&anew, anew.start, 1, visits);
            self.bookings_of(slot)[1] = anew;
        }
    }

    // ---- before the start ------------------------------------------------------------------------

    fn case_of_need(&self, slot: u32, visits: &Visits) -> u32 {
        let case = visits.needs.iter().position(|case| self.holds(&case.when, slot));
        case.unwrap_or(visits.needs.len() - 1) as u32
    }

    /// The case of a patient's need, and the days of the stay, as they would be if it began now.
    fn need_of(&self, slot: u32, node: NodeId, visits: &Visits) -> (u32, i64) {
        let spec = self.nodes[node.index()].spec;
        let case = self.case_of_need(slot, visits);
        let (_, stay) = self.case_of(&spec.stays, slot);
        let listed = stay.sampler.listed().filter(|_| stay.list != NO_LIST);
        let length = match (self.patients.turn(slot).work, listed) {
            // The stay was interrupted at another node of the list: so much is left of it.
            (Some(left), _) => left,
            // The next of the list, which is taken when the visits are.
            (None, Some(list)) => {
                let next = list.get(self.lists[stay.list as usize] as usize);
                next.map_or(0, |length| length.round() as Duration)
            }
            (None, None) => stay.length(self.now, self.draw_of_stay(slot, node)),
        };
        (case, whole_days(length))
    }

    /// The draw of a stay to come. Who is still here on a visit before has not been counted for it.
    fn draw_of_stay(&self, slot: u32, node: NodeId) -> Draw {
        let spec = self.nodes[node.index()].spec;
        let patient = &self.patients[slot];
        let here = patient.node == node && patient.status != Status::Waiting;
        let visit = self.patients.visit(slot, spec.revisit) + u32::from(here);
        patient.root.mirrored(self.mirror).draw(spec.stay_purpose, visit)
    }

    /// Takes the next of a list of given stays, if it is one.
    fn take_from_list(&mut self, slot: u32, node: NodeId) {
        let (_, stay) = self.case_of(&self.nodes[node.index()].spec.stays, slot);
        if stay.list != NO_LIST && self.patients.turn(slot).work.is_none() {
            let draw = self.draw_of_stay(slot, node);
            self.length(&stay.sampler, stay.list, draw);
        }
    }

    fn bookings_of(&mut self, slot: u32) -> &mut [Booking; 2] {
        let at = slot as usize;
        if self.bookings.len() <= at {
            self.bookings.resize(at + 1, [NO_BOOKING; 2]);
        }
        &mut self.bookings[at]
    }

    /// What a patient has been booked or given at a node, who is not in its care yet.
    fn ahead(&self, slot: u32, node: NodeId) -> Option<&Booking> {
        let [_, ahead] = self.bookings.get(slot as usize)?;
        Some(ahead).filter(|booking| booking.node == node)
    }

    /// Whether a patient may start today.
    pub(super) fn visits_fit(&self, slot: u32, node: NodeId, visits: &Visits) -> bool {
        let (today, _) = self.today(visits);
        if visits.books && self.patients.turn(slot).line_of == node {
            return self.ahead(slot, node).is_some_and(|booking| booking.start <= today);
        }
        let (case, days) = self.need_of(slot, node, visits);
        self.nodes[node.index()].supply.ledger.in_the_way(today, case, days, visits).is_none()
    }

    /// Whether anybody at all might start today.
    pub(super) fn has_visits(&self, node: NodeId, visits: &Visits) -> bool {
        let ledger = &self.nodes[node.index()].supply.ledger;
        let (today, _) = self.today(visits);
        let least = ledger.least_first;
        visits.books || least == 0 || ledger.left(today, visits) >= least
    }

    /// People who could start today with the least need of a first day, and who could if nobody were
    /// there.
    pub(super) fn visits_free(&self, node: NodeId, visits: &Visits) -> (u32, u32) {
        let ledger = &self.nodes[node.index()].supply.ledger;
        let (today, _) = self.today(visits);
        let people = |parts: i64| {
            let people = parts.max(0).checked_div(ledger.least_first);
            people.map_or(u32::MAX, |people| u32::try_from(people).unwrap_or(u32::MAX))
        };
        let budget = visits.budget(today, today);
        (people(ledger.left(today, visits)), people(budget))
    }

    /// Books a start for a patient who has joined the line of a node that books; at midnight as soon as the day
    /// has begun, whose budget is known then.
    pub(super) fn book_today(&mut self, slot: u32, node: NodeId, visits: &'n Visits) {
        let (today, _) = self.today(visits);
        if self.ledger(node).today == today {
            self.book_ahead(slot, node, visits);
        }
    }

    /// Books a start for a patient who stands in the line of a node that books.
    fn book_ahead(&mut self, slot: u32, node: NodeId, visits: &'n Visits) {
        let (today, _) = self.today(visits);
        let (case, days) = self.need_of(slot, node, visits);
        let ledger = self.ledger(node);
        let Some(start) = ledger.first_fit(today, case, days, visits) else { return };
        let booking = Booking { node, case, start, days, given: false };
        ledger.change(&booking, start, 1, visits);
        self.bookings_of(slot)[1] = booking;
        self.take_from_list(slot, node);
    }

    /// Who found no day within reach asks again.
    fn book_who_had_no_day(&mut self, node: NodeId, visits: &'n Visits) {
        let first_line = self.nodes[node.index()].spec.first_line;
        let waiting = self.in_line(first_line);
        let without: Vec<u32> = waiting.filter(|slot| self.ahead(*slot, node).is_none()).collect();
        for slot in without {
            self.book_ahead(slot, node, visits);
        }
    }

    /// Who stands in line no more, and was not given the visits, gives back what was booked.
    pub(super) fn give_booking_back(&mut self, slot: u32, node: NodeId) {
        let Some(visits) = self.visits_at(node) else { return };
        let Some(booking) = self.ahead(slot, node).copied().filter(|booking| !booking.given) else {
            return;
        };
        self.bookings_of(slot)[1] = NO_BOOKING;
        let (today, _) = self.today(visits);
        self.ledger(node).change(&booking, today, -1, visits);
    }

    /// A patient is given the visits of a stay that begins today, or as was booked.
    pub(super) fn give_visits(&mut self, slot: u32, node: NodeId, visits: &'n Visits) {
        if self.ahead(slot, node).is_none() {
            let (start, _) = self.today(visits);
            let (case, days) = self.need_of(slot, node, visits);
            let booking = Booking { node, case, start, days, given: true };
            self.ledger(node).change(&booking, start, 1, visits);
            self.bookings_of(slot)[1] = booking;
            self.take_from_list(slot, node);
        }
        self.bookings_of(slot)[1].given = true;
        self.ledger(node).coming.push(slot);
    }

    /// Who was given visits and has not come never will: all of them are given back.
    pub(super) fn will_not_come(&mut self, slot: u32, node: NodeId) {
        let Some(visits) = self.visits_at(node) else { return };
        let Some(booking) = self.ahead(slot, node).copied() else { return };
        self.bookings_of(slot)[1] = NO_BOOKING;
        let ledger = self.ledger(node);
        ledger.coming.retain(|other| *other != slot);
        ledger.change(&booking, booking.start, -1, visits);
    }

    // ---- the stay --------------------------------------------------------------------------------

    /// A stay begins; its length, to the midnight after its last day.
    pub(super) fn begin_visits(
        &mut self,
        slot: u32,
        node: NodeId,
        visits: &'n Visits,
    ) -> Option<Duration> {
        if self.stop.is_some() {
            return None;
        }
        let (today, _) = self.today(visits);
        let mut booking = self.ahead(slot, node).copied()?;
        let ledger = self.ledger(node);
        ledger.coming.retain(|other| *other != slot);
        if booking.start != today {
            ledger.change(&booking, booking.start, -1, visits);
            booking.start = today;
            ledger.change(&booking, today, 1, visits);
        }
        *self.bookings_of(slot) = [booking, NO_BOOKING];
        self.count_in_care(node);
        Some(visits.midnight(today + booking.days) - self.now)
    }

    /// A patient whom the census finds in a stay from one instant to another uses what is left of it.
    pub(super) fn found_in_care(
        &mut self,
        slot: u32,
        node: NodeId,
        visits: &'n Visits,
        (since, until): (Time, Time),
    ) {
        let (today, _) = self.today(visits);
        let (start, case) = (visits.day(since), self.case_of_need(slot, visits));
        let booking = Booking { node, case, start, days: visits.day(until) - start, given: true };
        self.ledger(node).change(&booking, today, 1, visits);
        self.bookings_of(slot)[0] = booking;
        self.count_in_care(node);
    }

    /// Whether a patient has the visits of a stay that goes on.
    pub(super) fn is_in_care(&self, slot: u32, node: NodeId) -> bool {
        self.bookings.get(slot as usize).is_some_and(|[here, _]| here.node == node)
    }

    /// A patient whose stay the census finds to be over uses as much as on its last day.
    pub(super) fn found_over(
        &mut self,
        slot: u32,
        node: NodeId,
        visits: &'n Visits,
        (since, over): (Option<Time>, Time),
    ) {
        let (today, _) = self.today(visits);
        let (case, drawn) = self.need_of(slot, node, visits);
        let last = visits.day(over - 1);
        let days = since.map_or(drawn, |since| (last - visits.day(since) + 1).max(1));
        let made = (1..=days).map(|day| visits.need(case, day, days)).sum();
        let rate = visits.need(case, days, days);
        let charged = if last < today { today } else { i64::MIN };
        let ledger = self.ledger(node);
        ledger.at(today, visits).booked += rate;
        ledger.over.push(Over { slot, rate, made, charged, days: today - last });
        self.count_in_care(node);
    }

    /// A stay is over, perhaps early: what is booked behind today is given back. Who stays on uses as
    /// much as today.
    pub(super) fn visits_over(&mut self, slot: u32, node: NodeId, visits: &'n Visits) {
        let (_, last) = self.today(visits);
        let booking = std::mem::replace(&mut self.bookings_of(slot)[0], NO_BOOKING);
        let Booking { case, start, days, .. } = booking;
        let used = (last - start + 1).clamp(1, days);
        let made = (1..=used).map(|day| visits.need(case, day, days)).sum();
        let rate = visits.need(case, used, days);
        let ledger = self.ledger(node);
        ledger.change(&booking, start + used, -1, visits);
        ledger.over.push(Over { slot, rate, made, charged: i64::MIN, days: 0 });
        if used < days {
            // On the days given back there is room for somebody who starts today.
            self.comes_up(node);
        }
    }

    /// A patient is in the care of a node no more. Who leaves at midnight has not used the new day.
    pub(super) fn visits_left(&mut self, slot: u32, node: NodeId, visits: &'n Visits) {
        let (today, last) = self.today(visits);
        let measured = self.now >= 0;
        let ledger = self.ledger(node);
        let Some(at) = ledger.over.iter().position(|over| over.slot == slot) else { return };
        let mut over = ledger.over.swap_remove(at);
        if over.charged == today && last < today {
            ledger.at(today, visits).booked -= over.rate;
            over.days -= 1;
        }
        if measured {
            let (visits, people) = &mut ledger.left;
            (*visits, *people) = (*visits + over.made + over.rate * over.days, *people + 1);
        }
        self.count_in_care(node);
    }
    /// The number of people in care has changed.
    fn count_in_care(&mut self, node: NodeId) {
        let people = self.nodes[node.index()].occupied;
        self.blame.set_places(node, people, self.now);
    }
}
