//! What is measured.
//!
//! A mean over time is a sum: minus the instant at entry, plus the instant at exit. Measuring starts at
//! instant 0, where every sum is set to 0, so that whoever is already there counts from 0 on; at the end
//! the last instant is added for whoever is still there. Sums are whole microseconds and so exact.

use serde::{Deserialize, Serialize};

use super::caseload::Staffed;
use super::clocks::ClockRecord;
use super::histogram::Histogram;
use super::known::{Known, Unknown};
use super::patients::{History, Patient, Status};
use crate::ids::{SourceId, StratumId};
use crate::network::network::Network;
use crate::time::{DAY, HOUR, Sum, Time, WEEK};

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The share of time at each level.
    pub levels: bool,
    /// Who is told apart.
    pub told: Told,
    /// One row for each visit.
    pub stays: bool,
    /// Departures by weekday and hour, and days after *ready*.
    pub departures: bool,
    /// Time of the first census, and the time from one to the next.
    pub census: (Time, Time),
}

/// Who is told apart in what is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// Nobody.
    #[default]
    Together,
    /// Cohorts.
    ByCohort,
    /// Those with each label that an attribute has when they come, and those without any.
    ByAttribute {
        /// Its position among a patient's attributes.
        position: u32,
        /// Its labels.
        labels: u16,
    },
}

impl Told {
    /// How many strata are measured, 0 if none are: for each label in turn, the cohorts.
    pub fn strata(self, network: &Network) -> usize {
        let labels = match self {
            Told::Together => 0,
            Told::ByCohort => 1,
            Told::ByAttribute { labels, .. } => usize::from(labels) + 1,
        };
        labels * network.cohorts.len()
    }
}

/// Numbers of people at a node that are measured over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// In a place: in stay, in process, blocked or waiting for a window.
    Occupied,
    /// Waiting in the queue or the waiting room.
    Waiting,
    /// Blocked in a place.
    Blocked,
    /// Occupied and waiting together.
    Present,
}

/// Levels measured.
pub const LEVELS: usize = 4;

/// A number of people over time.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Trail {
    /// How many now.
    pub now: u32,
    since: Time,
    /// Microseconds spent at each number.
    pub time_at: Vec<i64>,
}

impl Trail {
    #[inline(always)]
    fn move_to(&mut self, level: u32, now: Time) {
        let elapsed = now - self.since;
        match self.time_at.get_mut(self.now as usize) {
            Some(time) => *time += elapsed,
            None => self.reach(elapsed),
        }
        (self.now, self.since) = (level, now);
    }

    /// A level not reached before.
    #[cold]
    #[inline(never)]
    fn reach(&mut self, elapsed: i64) {
        self.time_at.resize(self.now as usize + 8, 0);
        self.time_at[self.now as usize] = elapsed;
    }
}

/// Lengths of time of visits that have ended: their sum and their distribution.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Lengths {
    /// Sum in microseconds.
    pub sum: Sum,
    /// Distribution; it also tells how many there are.
    pub histogram: Histogram,
}

impl Lengths {
    #[inline(always)]
    pub(super) fn add(&mut self, length: i64) {
        self.sum += length;
        self.histogram.add(length);
    }

    #[inline(always)]
    fn add_zero(&mut self) {
        self.histogram.add_zero();
    }

    pub(super) fn clear(&mut self) {
        self.sum = Sum::default();
        self.histogram.clear();
    }
}

/// What is measured of a node, or of a stratum at a node.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Cell {
    /// People who joined its line or came to it, arrivals and transfers.
    pub joined: u64,
    /// Visits that ended, by how; see [`Ending`].
    pub endings: [u64; ENDINGS],
    /// Person-microseconds in places.
    pub occupied: Sum,
    /// Person-microseconds in the queue and the waiting room.
    pub waiting: Sum,
    /// Person-microseconds blocked.
    pub blocked: Sum,
    /// Person-microseconds in delays by process.
    pub process: Sum,
    /// Person-microseconds waiting for a window.
    pub window: Sum,
    /// People who had to wait for a window.
    pub window_people: u64,
    /// Person-microseconds on the way from here, and of these holding a place here.
    pub transfer: [Sum; 2],
    /// People who set out so.
    pub transfer_people: u64,
    /// Place-microseconds kept free for people who wait for a window elsewhere or are on the way.
    pub reserved: Sum,
    /// Waits of those who started: from joining the line to the start.
    pub wait: Lengths,
    /// Lengths of stay of those who left: from the start to leaving, delays included.
    pub length: Lengths,
}

impl Cell {
    fn clear(&mut self) {
        (self.joined, self.endings) = (0, [0; ENDINGS]);
        (self.occupied, self.waiting, self.blocked) = Default::default();
        (self.process, self.window, self.window_people) = Default::default();
        (self.transfer, self.transfer_people, self.reserved) = Default::default();
        self.wait.clear();
        self.length.clear();
    }
}

/// What is measured of everyone, or of a stratum.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Whole {
    /// People who came in.
    pub entered: u64,
    /// Person-microseconds inside.
    pub inside: Sum,
    /// Time inside of those who went out.
    pub time: Lengths,
}

impl Whole {
    fn clear(&mut self) {
        (self.entered, self.inside) = Default::default();
        self.time.clear();
    }
}

/// One for everyone, or one for each stratum.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Strata<T> {
    everyone: T,
    apart: Vec<T>,
}

impl<T: Default> Strata<T> {
    fn resize(&mut self, strata: usize) {
        self.apart.resize_with(strata, T::default);
    }

    /// Where a patient of a stratum counts.
    #[inline(always)]
    fn of(&mut self, stratum: StratumId) -> &mut T {
        self.of_any::<Unknown>(stratum)
    }

    /// The same where it may be known beforehand that nobody is told apart.
    #[inline(always)]
    fn of_any<K: Known>(&mut self, stratum: StratumId) -> &mut T {
        if K::ALIKE || self.apart.is_empty() {
            &mut self.everyone
        } else {
            self.of_stratum(stratum)
        }
    }

    #[inline(never)]
    fn of_stratum(&mut self, stratum: StratumId) -> &mut T {
        &mut self.apart[stratum.index()]
    }

    fn all(&mut self) -> &mut [T] {
        if self.apart.is_empty() {
            std::slice::from_mut(&mut self.everyone)
        } else {
            &mut self.apart
        }
    }

    /// The strata measured, in order.
    pub fn measured(&self) -> &[T] {
        if self.apart.is_empty() { std::slice::from_ref(&self.everyone) } else { &self.apart }
    }
}

/// What is measured of the places of a node with more than plain rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceTime {
    /// Places open.
    Open,
    /// Of those, out of use after a patient, or away.
    OutOfUse,
    /// People in places beside the beds.
    Corridor,
    /// 1 while any place is open.
    AnyOpen,
    /// 1 while any place is open and all of them are occupied.
    Full,
    /// Places open in which nobody is.
    Idle,
}

/// Numbers of places measured.
pub const PLACE_TIMES: usize = 6;

/// What is measured of a node.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct NodeRecord {
    /// Sums and distributions.
    pub cells: Strata<Cell>,
    /// By level, if measured.
    pub trails: Vec<Trail>,
    /// Of those in line.
    pub list: ListRecord,
    /// Of slots, where there are any.
    pub slots: Option<Box<SlotRecord>>,
    /// Of those who go out of the system from here, where some come again.
    pub returns: Option<Box<ReturnRecord>>,
    /// Of legs, where people have any.
    pub legs: Option<Box<LegRecord>>,
    /// By class, where places and queues have more than plain rules.
    pub classes: Vec<ClassRecord>,
    /// Over time, in microseconds: see [`PlaceTime`].
    pub place_time: [Sum; PLACE_TIMES],
    /// Departures by weekday and hour, if measured.
    pub departures: Option<Box<Departures>>,
    /// People in a delay by process now.
    pub in_process: u32,
    place_numbers: [u32; PLACE_TIMES],
    since: Time,
}

impl NodeRecord {
    pub(super) fn clear(&mut self, strata: usize, recording: Recording, start: Time) {
        self.cells.resize(strata);
        (self.place_numbers, self.since, self.in_process) = ([0; PLACE_TIMES], start, 0);
        self.departures = recording.departures.then(Box::default);
        self.trails.resize_with(if recording.levels { LEVELS } else { 0 }, Trail::default);
        for trail in &mut self.trails {
            trail.now = 0;
        }
        (self.slots, self.legs, self.returns) = (None, None, None);
        // Sums and distributions stay as they are until measuring begins.
        self.begin(start);
    }

    /// Forgets what was measured until now, but not who is where: measuring begins.
    pub(super) fn restart(&mut self, now: Time) {
        self.forget();
        self.begin(now);
    }

    /// Forgets sums and distributions.
    pub(super) fn forget(&mut self) {
        self.cells.all().iter_mut().for_each(Cell::clear);
    }

    fn begin(&mut self, now: Time) {
        self.classes.fill(ClassRecord::default());
        self.list.clear();
        if let Some(slots) = &mut self.slots {
            **slots = SlotRecord::default();
        }
        if let Some(returns) = &mut self.returns {
            **returns = ReturnRecord::default();
        }
        if let Some(legs) = &mut self.legs {
            **legs = LegRecord::default();
        }
        (self.place_time, self.since) = (Default::default(), now);
        if let Some(departures) = &mut self.departures {
            **departures = Departures::default();
        }
        for trail in &mut self.trails {
            trail.since = now;
            trail.time_at.fill(0);
        }
    }

    /// Numbers of people change by one.
    #[inline(always)]
    fn step<const N: usize>(&mut self, levels: [Level; N], up: bool, now: Time) {
        self.step_any::<Unknown, N>(levels, up, now);
    }

    /// The same where it may be known beforehand that they are not measured.
    #[inline(always)]
    fn step_any<K: Known, const N: usize>(&mut self, levels: [Level; N], up: bool, now: Time) {
        if !K::LEVELS {
            return;
        }
        if let Ok(trails) = <&mut [Trail; LEVELS]>::try_from(&mut self.trails[..]) {
            for level in levels {
                let trail = &mut trails[level as usize];
                trail.move_to(if up { trail.now + 1 } else { trail.now - 1 }, now);
            }
        }
    }

    /// A patient joins the line from elsewhere.
    #[inline(always)]
    pub fn joined(&mut self, stratum: StratumId) {
        self.cells.of(stratum).joined += 1;
    }

    /// A patient comes and waits.
    #[inline(always)]
    pub fn joined_and_waits<K: Known>(&mut self, stratum: StratumId, now: Time) {
        let cell = self.cells.of_any::<K>(stratum);
        cell.joined += 1;
        cell.waiting -= now;
        self.step_any::<K, 2>([Level::Waiting, Level::Present], true, now);
    }

    /// A patient begins to wait here in person.
    #[inline(always)]
    pub fn waits(&mut self, stratum: StratumId, now: Time) {
        self.cells.of(stratum).waiting -= now;
        self.step([Level::Waiting, Level::Present], true, now);
    }

    /// A patient who waited here waits no longer, and does not start either.
    pub fn waited(&mut self, stratum: StratumId, now: Time) {
        self.cells.of(stratum).waiting += now;
        self.step([Level::Waiting, Level::Present], false, now);
    }

    /// A patient comes and takes a place at once.
    #[inline(always)]
    pub fn joined_and_started<K: Known>(&mut self, stratum: StratumId, _: Time, now: Time) {
        let cell = self.cells.of_any::<K>(stratum);
        cell.joined += 1;
        cell.occupied -= now;
        cell.wait.add_zero();
        self.step_any::<K, 2>([Level::Occupied, Level::Present], true, now);
    }

    /// A patient who waited here takes a place.
    #[inline(always)]
    pub fn waited_and_started(&mut self, stratum: StratumId, joined: Time, now: Time) {
        let cell = self.cells.of(stratum);
        cell.waiting += now;
        cell.occupied -= now;
        cell.wait.add(now - joined);
        self.step([Level::Waiting], false, now);
        self.step([Level::Occupied], true, now);
    }

    /// A patient who was in line from elsewhere takes a place.
    #[inline(always)]
    pub fn started(&mut self, stratum: StratumId, joined: Time, now: Time) {
        let cell = self.cells.of(stratum);
        cell.occupied -= now;
        cell.wait.add(now - joined);
        self.step([Level::Occupied, Level::Present], true, now);
    }

    /// A visit ends otherwise than by leaving a place after the stay.
    pub fn ended(&mut self, stratum: StratumId, how: Ending) {
        self.cells.of(stratum).endings[how as usize] += 1;
    }

    /// A patient who has to give the place up before the stay is over is in it no more.
    pub fn put_out(&mut self, stratum: StratumId, now: Time) {
        self.cells.of(stratum).occupied += now;
        self.step([Level::Occupied, Level::Present], false, now);
    }

    /// A patient is in a place when the run begins.
    pub fn put_in(&mut self, stratum: StratumId, now: Time) {
        self.cells.of(stratum).occupied -= now;
        self.step([Level::Occupied, Level::Present], true, now);
    }

    /// Somebody of a class begins to wait in person.
    pub fn waits_in_class(&mut self, class: u32, now: Time) {
        if let Some(record) = self.classes.get_mut(class as usize) {
            record.waiting -= now;
            record.joined += 1;
        }
    }

    /// Somebody of a class, who joined the line at `joined`, waits in it in person no longer.
    pub fn waited_in_class(&mut self, class: u32, joined: Time, now: Time) {
        if let Some(record) = self.classes.get_mut(class as usize) {
            record.waiting += now;
            // Who is served at once has not waited.
            // Nor was whoever the census found on the point of starting counted as coming.
            record.joined = record.joined.saturating_sub(u64::from(joined == now));
        }
    }

    /// Somebody who waits comes into a class by a change.
    pub fn changes_class(&mut self, to: u32) {
        if let Some(record) = self.classes.get_mut(to as usize) {
            record.changed += 1;
        }
    }

    /// The numbers of places change: see [`PlaceTime`].
    pub fn places(&mut self, now: Time, numbers: [u32; PLACE_TIMES]) {
        let elapsed = now - self.since;
        for (sum, number) in self.place_time.iter_mut().zip(self.place_numbers) {
            *sum += elapsed * i64::from(number);
        }
        (self.since, self.place_numbers) = (now, numbers);
    }

    /// A patient begins to wait for a window, or waits no longer.
    pub fn window(&mut self, stratum: StratumId, begins: bool, now: Time) {
        let cell = self.cells.of(stratum);
        cell.window += if begins { -now } else { now };
        cell.window_people += u64::from(begins);
    }

    /// A patient sets out on a way that takes time, or is there.
    pub fn transfer(&mut self, stratum: StratumId, begins: bool, held: bool, now: Time) {
        let cell = self.cells.of(stratum);
        let sign = if begins { -now } else { now };
        cell.transfer[0] += sign;
        cell.transfer[1] += if held { sign } else { 0 };
        cell.transfer_people += u64::from(begins);
    }

    /// A place is kept free for somebody who waits for a window or is on the way, or no longer.
    pub fn reserved(&mut self, stratum: StratumId, begins: bool, now: Time) {
        self.cells.of(stratum).reserved += if begins { -now } else { now };
    }

    /// A patient leaves a place, taken at `started`.
    #[inline(always)]
    pub fn left<K: Known>(&mut self, stratum: StratumId, started: Time, now: Time) {
        let cell = self.cells.of_any::<K>(stratum);
        cell.occupied += now;
        cell.length.add(now - started);
        self.step_any::<K, 2>([Level::Occupied, Level::Present], false, now);
    }

    /// A patient leaves a place, taken at `started`, and another who has waited since `joined` takes it.
    /// Nobody is told apart.
    #[inline(always)]
    pub fn handed_over<K: Known>(&mut self, started: Time, joined: Time, now: Time) {
        self.cells.everyone.waiting += now;
        self.taken_over(started, joined, now);
        self.step_any::<K, 2>([Level::Waiting, Level::Present], false, now);
    }

    /// The same where the other was in line from elsewhere.
    #[inline(always)]
    pub fn taken_over(&mut self, started: Time, joined: Time, now: Time) {
        let cell = &mut self.cells.everyone;
        cell.length.add(now - started);
        cell.wait.add(now - joined);
    }

    /// Somebody goes out of the system from here, alive and after a stay.
    pub fn goes_out(&mut self) {
        self.returns.get_or_insert_default().went_out += 1;
    }

    /// Somebody who has gone out from here comes again, so long after.
    pub fn comes_again(&mut self, gap: Time) {
        let returns = self.returns.get_or_insert_default();
        returns.came_again += 1;
        returns.within_30_days += u64::from(gap <= 30 * DAY);
    }

    /// A leg begins of a stay here.
    pub fn leg_started(&mut self) {
        self.legs.get_or_insert_default().started += 1;
    }

    /// A leg is over that somebody waits for.
    pub fn leg_over(&mut self, failed: bool) {
        let legs = self.legs.get_or_insert_default();
        *(if failed { &mut legs.failed } else { &mut legs.over }) += 1;
    }

    /// Enough legs are over, so long after they began.
    pub fn legs_joined(&mut self, took: Time) {
        let legs = self.legs.get_or_insert_default();
        (legs.joined, legs.time) = (legs.joined + 1, legs.time + took.into());
    }

    /// Ends the measuring of levels.
    pub(super) fn finish(&mut self, end: Time) {
        self.places(end, self.place_numbers);
        for trail in &mut self.trails {
            trail.move_to(trail.now, end);
        }
    }
}

/// How a visit ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Ending {
    /// The patient leaves the place after the stay, or has not left yet.
    Left,
    /// Turned away: the queue was full.
    Lost,
    /// Turned away on coming.
    Balked,
    /// Gave up waiting.
    Reneged,
    /// Taken off the queue by a review.
    Removed,
    /// Went over to another node while waiting.
    Switched,
    /// A better class took the place, and the patient goes elsewhere.
    Displaced,
    /// Sent on because there are fewer places.
    Transferred,
    /// The stay is interrupted; the patient waits for it to go on, in a visit of its own.
    Interrupted,
    /// Did not attend.
    Missed,
    /// Gave a slot back.
    Cancelled,
}

/// Ways in which a visit may end.
pub const ENDINGS: usize = 11;

impl Ending {
    /// All of them.
    pub const ALL: [Ending; ENDINGS] = [
        Ending::Left,
        Ending::Lost,
        Ending::Balked,
        Ending::Reneged,
        Ending::Removed,
        Ending::Switched,
        Ending::Displaced,
        Ending::Transferred,
        Ending::Interrupted,
        Ending::Missed,
        Ending::Cancelled,
    ];

    /// The word for it in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Ending::Left => "left",
            Ending::Lost => "lost",
            Ending::Balked => "balked",
            Ending::Reneged => "reneged",
            Ending::Removed => "removed",
            Ending::Switched => "switched",
            Ending::Displaced => "displaced",
            Ending::Transferred => "transferred",
            Ending::Interrupted => "interrupted",
            Ending::Missed => "missed",
            Ending::Cancelled => "cancelled",
        }
    }

    /// Whether the patient held a place until then.
    pub const fn in_place(self) -> bool {
        matches!(self, Ending::Left | Ending::Displaced | Ending::Transferred | Ending::Interrupted)
    }
}

/// When people leave a node after their stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departures {
    /// By hour of the week, from Monday 00:00.
    pub by_hour: Vec<u64>,
    /// By days of the calendar from *ready* to leaving.
    pub by_days: Vec<u64>,
}

impl Default for Departures {
    fn default() -> Self {
        Departures { by_hour: vec![0; 168], by_days: Vec::new() }
    }
}

impl Departures {
    /// Counts a departure; both instants are counted from a Monday 00:00.
    pub(super) fn add(&mut self, ready: Time, left: Time) {
        self.by_hour[(left.rem_euclid(WEEK) / HOUR) as usize] += 1;
        let days = (left.div_euclid(DAY) - ready.div_euclid(DAY)) as usize;
        if self.by_days.len() <= days {
            self.by_days.resize(days + 1, 0);
        }
        self.by_days[days] += 1;
    }
}

/// What is known of those in line for a node or list when measuring begins and when it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRecord {
    /// People in line at the start, those who hold a place elsewhere or are on their way included.
    pub at_start: u64,
    /// The same at the end.
    pub at_end: u64,
    /// People who came from a list, or from the line of another node: they had joined before.
    pub moved: u64,
    /// People who held a place elsewhere and went from the line, or from a place reserved here, for good:
    /// they died, or an event took them.
    pub withdrawn: u64,
    /// People who wait in person at the end, by whole weeks since joining.
    pub weeks: Vec<u32>,
}

impl ListRecord {
    fn clear(&mut self) {
        (self.at_start, self.at_end) = (0, 0);
        (self.moved, self.withdrawn) = (0, 0);
        self.weeks.clear();
    }

    /// Somebody waits in person at the end, after so long.
    pub fn still_waits(&mut self, waited: Time) {
        let weeks = (waited / WEEK) as usize;
        if self.weeks.len() <= weeks {
            self.weeks.resize(weeks + 1, 0);
        }
        self.weeks[weeks] += 1;
    }
}

/// What is measured of the slots of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotRecord {
    /// Slots whose instant came.
    pub offered: u64,
    /// Of those, how many bookings there were.
    pub booked: u64,
    /// Contacts that began.
    pub used: u64,
    /// Patients who did not attend.
    pub missed: u64,
    /// Slots offered that nobody had.
    pub unused: u64,
    /// Slots of sessions that were called off.
    pub called_off: u64,
    /// Slots that patients gave back.
    pub cancelled: u64,
    /// Contacts from afar.
    pub remote: u64,
    /// Contacts that followed another.
    pub follow_ups: u64,
    /// Patients sent away on the day: no time left, or no place elsewhere.
    pub cancelled_on_day: u64,
    /// Microseconds of sessions that began.
    pub minutes_offered: i64,
    /// Microseconds for which patients were seen in them.
    pub minutes_used: i64,
    /// Of those, after the end of the session.
    pub minutes_over: i64,
    /// Microseconds of sessions that were called off.
    pub minutes_called_off: i64,
}

impl SlotRecord {
    /// Adds another.
    pub fn add(&mut self, other: &SlotRecord) {
        self.offered += other.offered;
        self.booked += other.booked;
        self.used += other.used;
        self.missed += other.missed;
        self.unused += other.unused;
        self.called_off += other.called_off;
        self.cancelled += other.cancelled;
        self.remote += other.remote;
        self.follow_ups += other.follow_ups;
        self.cancelled_on_day += other.cancelled_on_day;
        self.minutes_offered += other.minutes_offered;
        self.minutes_used += other.minutes_used;
        self.minutes_over += other.minutes_over;
        self.minutes_called_off += other.minutes_called_off;
    }
}

/// What is measured of those who go out of the system from a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnRecord {
    /// People who went out alive and after a stay.
    pub went_out: u64,
    /// People who came again.
    pub came_again: u64,
    /// Of those, how many within 30 days.
    pub within_30_days: u64,
}

impl ReturnRecord {
    /// Adds another.
    pub fn add(&mut self, other: &ReturnRecord) {
        self.went_out += other.went_out;
        self.came_again += other.came_again;
        self.within_30_days += other.within_30_days;
    }
}

/// What is measured of the legs of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegRecord {
    /// Legs that began.
    pub started: u64,
    /// Legs that were over after a stay while somebody waited for them.
    pub over: u64,
    /// Legs that ended otherwise while somebody waited for them.
    pub failed: u64,
    /// Stays whose legs were joined.
    pub joined: u64,
    /// Microseconds from the start to that, all together.
    pub time: Sum,
}

impl LegRecord {
    /// Adds another.
    pub fn add(&mut self, other: &LegRecord) {
        self.started += other.started;
        self.over += other.over;
        self.failed += other.failed;
        self.joined += other.joined;
        self.time += other.time;
    }
}

/// What is measured of a class of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassRecord {
    /// Person-microseconds waiting in person in this class.
    pub waiting: Sum,
    /// People who came to wait in it, by joining, by a change of class or put back, and were not served
    /// at once.
    pub joined: u64,
    /// Of those, by a change of class.
    pub changed: u64,
}

/// One row of a visit.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct StayRow {
    /// The patient as at the end of the visit.
    pub patient: Patient,
    /// The instants of the visit.
    pub history: History,
    /// Which visit of this patient to this node, from 0.
    pub visit: u32,
    /// When the patient left; `None` if still there at the end of the run.
    pub left: Option<Time>,
    /// How it ended.
    pub ending: Ending,
}

/// Numbers in a census of a node: people in places, waiting, blocked, ready (in a delay by process, or
/// blocked); places open (0 without limit); places reserved.
pub const CENSUS_LEVELS: usize = 6;

/// Everything measured in a replication, but for what is measured of each node.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Recorder {
    stays: bool,
    follows: bool,
    /// What is measured of clocks.
    pub clocks: ClockRecord,
    /// Sums and distributions over all nodes.
    pub whole: Strata<Whole>,
    /// People who went each way.
    pub flows: Vec<u64>,
    /// Person-microseconds blocked, and people whose being blocked ended, by flow.
    pub blocked: Vec<(Sum, u64)>,
    /// Person-microseconds in each delay by process, and people in it.
    pub processes: Vec<(Sum, u64)>,
    /// Stays that ended by each of several clocks, and their time.
    pub ends: Vec<(u64, i64)>,
    /// Of the professions of caseloads.
    pub staffed: Vec<Staffed>,
    /// Census after census: node by node, level by level.
    pub census: Vec<u32>,
    /// Rows of visits.
    pub rows: Vec<StayRow>,
    /// People inside when measuring began.
    pub inside_at_start: u64,
    /// Events on people: which, when, and how many it concerned.
    pub events: Vec<(u32, Time, u32)>,
    /// People of the census who have stayed longer than any stay of the model: theirs ended at once.
    pub longer_than_known: u64,
}

impl Recorder {
    /// Begins a replication.
    pub fn clear(&mut self, network: &Network, recording: Recording) {
        self.stays = recording.stays;
        self.follows = recording.stays || recording.departures || !network.clocks.is_empty();
        let strata = recording.told.strata(network);
        self.clocks.clear(network, strata);
        self.whole.resize(strata);
        self.flows.resize(network.flows.len(), 0);
        self.blocked.resize(network.flows.len(), Default::default());
        self.processes.resize(network.processes.len(), Default::default());
        self.ends.resize(network.ends.len(), Default::default());
        self.staffed.resize(network.professions.len(), Staffed::default());
        self.census.clear();
        self.longer_than_known = 0;
        self.restart(network);
    }

    /// Forgets what was measured until now, but not who is where: measuring begins.
    pub fn restart(&mut self, network: &Network) {
        self.clocks.restart(network);
        self.whole.all().iter_mut().for_each(Whole::clear);
        self.flows.fill(0);
        self.blocked.fill(Default::default());
        self.processes.fill(Default::default());
        self.ends.fill((0, 0));
        self.staffed.fill(Staffed::default());
        self.rows.clear();
        self.events.clear();
    }

    /// Flows and sources have other numbers from now on: of the flows those that stand here, of so many.
    pub(super) fn renumber(
        &mut self,
        flows: (&[u32], usize),
        flow: impl Fn(&mut u32),
        source: impl Fn(&mut SourceId),
    ) {
        for row in &mut self.rows {
            flow(&mut row.patient.flow);
            source(&mut row.history.source);
        }
        let (moved, count) = flows;
        let went = std::mem::replace(&mut self.flows, vec![0; count]);
        let blocked = std::mem::replace(&mut self.blocked, vec![Default::default(); count]);
        for ((went, blocked), to) in went.into_iter().zip(blocked).zip(moved) {
            (self.flows[*to as usize], self.blocked[*to as usize]) = (went, blocked);
        }
    }

    /// A patient comes in from outside.
    #[inline(always)]
    pub fn entered<K: Known>(&mut self, stratum: StratumId, flow: u32, now: Time) {
        let whole = self.whole.of_any::<K>(stratum);
        whole.entered += 1;
        self.flows[flow as usize] += 1;
        whole.inside -= now;
    }

    /// A patient goes out.
    #[inline(always)]
    pub fn went_out<K: Known>(&mut self, stratum: StratumId, entered: Time, now: Time) {
        let whole = self.whole.of_any::<K>(stratum);
        whole.inside += now;
        whole.time.add(now - entered);
    }

    /// A patient goes a way.
    #[inline(always)]
    pub fn went(&mut self, flow: u32) {
        self.flows[flow as usize] += 1;
    }

    /// Somebody counted as having gone a way at this instant is on it still.
    pub fn went_not(&mut self, flow: u32) {
        self.flows[flow as usize] -= 1;
    }

    /// A delay by process begins or ends.
    pub fn process(
        &mut self,
        at: &mut NodeRecord,
        patient: &Patient,
        process: u32,
        begins: bool,
        now: Time,
    ) {
        let sign = if begins { -now } else { now };
        at.cells.of(patient.stratum).process += sign;
        at.in_process = if begins { at.in_process + 1 } else { at.in_process - 1 };
        let (time, people) = &mut self.processes[process as usize];
        *time += sign;
        *people += u64::from(begins);
    }

    /// A patient becomes blocked, or is blocked no longer.
    #[inline]
    pub fn blocked(&mut self, at: &mut NodeRecord, patient: &Patient, begins: bool, now: Time) {
        let sign = if begins { -now } else { now };
        at.cells.of(patient.stratum).blocked += sign;
        let (time, people) = &mut self.blocked[patient.flow as usize];
        *time += sign;
        // Who is assigned a place at the very instant of seeking it was not delayed.
        *people += u64::from(!begins && now > patient.joined);
        at.step([Level::Blocked], begins, now);
    }

    /// Whether a row is kept for each visit.
    pub fn keeps_rows(&self) -> bool {
        self.stays
    }

    /// Whether the instants of visits are followed: for rows, or for clocks.
    #[inline(always)]
    pub fn follows(&self) -> bool {
        self.follows
    }

    /// Takes the census of a node.
    pub fn take_census(&mut self, people: [u32; CENSUS_LEVELS]) {
        self.census.extend(people);
    }

    /// Adds the last instant in the system for a patient still inside.
    pub fn inside_until(&mut self, stratum: StratumId, end: Time) {
        self.whole.of(stratum).inside += end;
    }

    /// Adds the last instant at a node for a patient, or a leg, still there.
    pub fn still_there(
        &mut self,
        at: &mut NodeRecord,
        patient: &Patient,
        process: Option<u32>,
        held: bool,
        end: Time,
    ) {
        let cell = at.cells.of(patient.stratum);
        match patient.status {
            Status::Waiting => cell.waiting += end,
            Status::InStay => cell.occupied += end,
            Status::InProcess => {
                cell.occupied += end;
                cell.process += end;
                if let Some(process) = process {
                    self.processes[process as usize].0 += end;
                }
            }
            Status::Blocked => {
                cell.occupied += end;
                cell.blocked += end;
                self.blocked[patient.flow as usize].0 += end;
            }
            Status::Window => {
                cell.occupied += end;
                cell.window += end;
            }
            Status::Outside => {}
            Status::Transfer => {
                cell.transfer[0] += end;
                if held {
                    cell.occupied += end;
                    cell.transfer[1] += end;
                }
            }
        }
    }
}
