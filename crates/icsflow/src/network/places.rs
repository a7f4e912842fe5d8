//! Places over time: shifts, cycles and dated changes as one function of time.

use super::week::Week;
use crate::model::capacity::{Capacity, Cycle, Edit, PlacesChange, Shift};
use crate::model::ramp::{Ramp, RampShape};
use crate::time::{DAY, Duration, Time, TimeUnit, WEEK};

/// Places as a function of time.
#[derive(Clone, Debug)]
pub struct Places {
    profile: Profile,
    changes: Box<[Dated]>,
}

impl Places {
    /// Of a capacity that has been checked.
    pub fn new(capacity: &Capacity, week: &Week, unit: TimeUnit) -> Self {
        let start = week.start();
        let profile = match &capacity.cycle {
            Some(cycle) => Profile::by_cycle(capacity.places, cycle, unit),
            None => Profile::by_week(capacity.places, &capacity.weekly, week.clone()),
        };
        let dated = |edit: &Edit| Dated {
            from: edit.at.time(start, unit),
            ramp: Ramp {
                length: edit.ramp.map_or(0, |ramp| ramp.micros(unit).round() as Duration).max(0),
                shape: edit.shape.unwrap_or(RampShape::Linear),
            },
            change: edit.change,
            over: edit.until.map_or(Time::MAX, |until| until.time(start, unit)),
        };
        Places { profile, changes: capacity.dates.iter().map(dated).collect() }
    }

    /// Places at an instant: a change at that very instant counts.
    pub fn at(&self, time: Time) -> u32 {
        let profile = self.profile.at(time);
        self.changes.iter().fold(profile, |places, change| change.of(places, time))
    }

    /// Places at an instant to come, as far as they can be foreseen from another: the profile is known,
    /// of changes at dates only what has happened by then.
    pub fn foreseen(&self, time: Time, from: Time) -> u32 {
        let profile = self.profile.at(time);
        self.changes.iter().fold(profile, |places, change| change.of(places, from))
    }

    /// Whether it is the same at all times between changes at dates.
    pub fn is_level(&self) -> bool {
        self.profile.steps.len() <= 1
    }

    /// Whether a change at a date begins or goes on after one instant and up to another.
    pub fn moves(&self, after: Time, until: Time) -> bool {
        let moves = |change: &Dated| change.from <= until && after < change.until();
        self.changes.iter().any(moves)
    }

    /// The next instant after another at which the number changes, and the number from then on.
    pub fn next(&self, after: Time) -> Option<(Time, u32)> {
        let before = self.at(after);
        let mut time = after;
        // Once no ramp runs, what a whole round of the profile does not change is not changed by it
        // until a change begins: without this bound, a search might never end.
        let mut round = time + self.profile.length;
        loop {
            let bounds =
                self.changes.iter().flat_map(|change| [change.from, change.until(), change.over]);
            let bounds = bounds.filter(|bound| *bound < Time::MAX).chain(self.profile.jumps());
            let bound = bounds.filter(|bound| *bound > time).min();
            let on_ramp = self.next_on_ramp(time);
            let running = self.changes.iter().any(|change| change.runs(time));
            let profile = self.profile.next(time).filter(|next| running || *next <= round);
            let next = [bound, on_ramp, profile].into_iter().flatten().min()?;
            if bound == Some(next) || running {
                round = next + self.profile.length;
            }
            time = next;
            let places = self.at(time);
            if places != before {
                return Some((time, places));
            }
        }
    }

    /// The most places that there are from an instant on.
    pub fn most_from(&self, now: Time) -> u32 {
        // After the last change at a date, or of the week, one round tells all.
        let bounds = self.changes.iter().map(Dated::until).chain(self.profile.jumps());
        let settled = bounds.fold(now, Time::max);
        let end = settled.saturating_add(self.profile.length);
        let mut most = self.at(now);
        let mut next = self.next(now);
        while let Some((time, places)) = next.filter(|(time, _)| *time <= end) {
            most = most.max(places);
            next = self.next(time);
        }
        most
    }

    /// The next instant at which a ramp changes what it is given now.
    fn next_on_ramp(&self, after: Time) -> Option<Time> {
        let mut places = self.profile.at(after);
        let next = |change: &Dated| {
            let next = change.next(places, after);
            places = change.of(places, after);
            next
        };
        self.changes.iter().filter_map(next).min()
    }
}

/// Numbers that come over and over again.
#[derive(Clone, Debug)]
struct Profile {
    length: Duration,
    /// Where in a round an instant lies.
    week: Week,
    /// From when in a round on, how many; the first from its beginning, each other than the one before.
    steps: Box<[(Duration, u32)]>,
}

impl Profile {
    fn new(length: Duration, week: Week, mut steps: Vec<(Duration, u32)>) -> Self {
        steps.dedup_by_key(|(_, places)| *places);
        Profile { length, week, steps: steps.into() }
    }

    fn by_week(base: u32, shifts: &[Shift], week: Week) -> Self {
        let mut shift_of_week = Vec::new();
        for shift in shifts {
            let length = (shift.to.0 - shift.from.0 - 1).rem_euclid(DAY) + 1;
            for day in 0..7 {
                if shift.days.is_empty() || shift.days.iter().any(|known| *known as i64 == day) {
                    shift_of_week.push((day * DAY + shift.from.0, length, shift.places));
                }
            }
        }
        let bounds = shift_of_week.iter().flat_map(|(from, length, _)| [*from, from + length]);
        let mut bounds: Vec<Time> = bounds.map(|bound| bound % WEEK).chain([0]).collect();
        bounds.sort_unstable();
        let places = |time: Time| {
            let fits = |(from, length, _): &&(Time, Duration, u32)| {
                (time - from).rem_euclid(WEEK) < *length
            };
            shift_of_week.iter().rev().find(fits).map_or(base, |(.., places)| *places)
        };
        let steps = bounds.into_iter().map(|time| (time, places(time))).collect();
        Profile::new(WEEK, week, steps)
    }

    fn by_cycle(base: u32, cycle: &Cycle, unit: TimeUnit) -> Self {
        let length = (cycle.length.micros(unit).round() as Duration).max(1);
        let mut steps = vec![(0, base)];
        for step in &cycle.steps {
            let at = step.at.micros(unit).round() as Duration;
            steps.retain(|(known, _)| *known < at);
            steps.push((at, step.places));
        }
        steps.retain(|(at, _)| *at < length);
        Profile::new(length, Week::plain(), steps)
    }

    fn at(&self, time: Time) -> u32 {
        self.steps[self.passed(self.of_round(time)) - 1].1
    }

    /// The next instant after another at which the number may change, as long as rounds run on.
    fn next(&self, after: Time) -> Option<Time> {
        let of_round = self.of_round(after);
        let next = self.steps.get(self.passed(of_round)).map_or(self.length, |(at, _)| *at);
        (self.steps.len() > 1).then_some(after - of_round + next)
    }

    /// Where a round does not run on, if that may change the number.
    fn jumps(&self) -> impl Iterator<Item = Time> {
        self.week.jumps().filter(|_| self.steps.len() > 1)
    }

    fn of_round(&self, time: Time) -> Duration {
        (time + self.week.stretch(time).0).rem_euclid(self.length)
    }

    fn passed(&self, of_round: Duration) -> usize {
        self.steps.partition_point(|(at, _)| *at <= of_round)
    }
}

/// A change at a date, of whatever places there are.
#[derive(Clone, Debug)]
struct Dated {
    from: Time,
    ramp: Ramp,
    change: PlacesChange,
    /// When it is over.
    over: Time,
}

/// Parts of a place in which the end of a ramp is counted, so that its line is exact.
const PARTS: i128 = 1_000_000_000;

impl Dated {
    fn until(&self) -> Time {
        (self.from + self.ramp.length).min(self.over)
    }

    fn runs(&self, time: Time) -> bool {
        self.from <= time && time < self.until()
    }

    /// How many parts of a place a change at once would make of so many places.
    fn aim(&self, places: u32) -> i128 {
        (self.change.of(places.into()) * PARTS as f64).round() as i128
    }

    /// What it makes of so many places at an instant.
    fn of(&self, places: u32, time: Time) -> u32 {
        let (begin, aim) = (i128::from(places) * PARTS, self.aim(places));
        let (parts, of) = if time < self.from || self.over <= time {
            (begin, 1)
        } else if self.runs(time) {
            let (gone, of) = self.ramp.parts(time - self.from);
            (begin * of + (aim - begin) * gone, of)
        } else {
            (aim, 1)
        };
        // Halves are rounded up: there are never fewer than no places.
        (parts + of * PARTS / 2).div_euclid(of * PARTS).try_into().unwrap_or(u32::MAX)
    }

    /// The next instant on its ramp at which it makes another number of so many places.
    fn next(&self, places: u32, after: Time) -> Option<Time> {
        if !self.runs(after) {
            return None;
        }
        if self.ramp.shape != RampShape::Linear {
            return self.search(places, after);
        }
        let (begin, aim) = (i128::from(places) * PARTS, self.aim(places));
        let (slope, ramp) = (aim - begin, i128::from(self.ramp.length));
        let now = i128::from(self.of(places, after)) * PARTS;
        // Upwards the next number begins where the line reaches the half, downwards after it.
        let elapsed = match slope.signum() {
            1 => {
                let rise = (now + PARTS / 2 - begin) * ramp;
                (rise + slope - 1).div_euclid(slope)
            }
            -1 => {
                let fall = (begin - now + PARTS / 2) * ramp;
                fall.div_euclid(-slope) + 1
            }
            _ => return None,
        };
        let next = self.from + elapsed as Duration;
        (elapsed <= ramp && next < self.over).then_some(next)
    }

    /// The same on a ramp of any shape: it only rises, or only falls, so that halving the time finds it.
    fn search(&self, places: u32, after: Time) -> Option<Time> {
        let now = self.of(places, after);
        let (mut same, mut other) = (after, self.until());
        if other == self.over {
            // What changes then is not of the ramp.
            other -= 1;
        }
        if self.of(places, other) == now {
            return None;
        }
        while other - same > 1 {
            let middle = same + (other - same) / 2;
            let side = if self.of(places, middle) == now { &mut same } else { &mut other };
            *side = middle;
        }
        Some(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{ClockTime, HOUR, MINUTE, Weekday};

    /// Of a run that starts on Wednesday 7 January 2026 at 06:00.
    fn places(capacity: Capacity) -> Places {
        with_holidays(capacity, &[])
    }

    /// The same, with bank holidays that begin so many days after the midnight before and count so many days
    /// later.
    fn with_holidays(capacity: Capacity, holidays: &[(i64, i64)]) -> Places {
        let start = "2026-01-07T06:00".parse().unwrap();
        let holidays = holidays.iter().map(|(day, later)| (day * DAY - 6 * HOUR, later * DAY));
        let week = Week::new(start, &holidays.collect::<Vec<_>>());
        Places::new(&capacity, &week, TimeUnit::Days)
    }

    fn clock(text: &str) -> ClockTime {
        text.parse().unwrap()
    }

    /// Every change from one instant to another. Just before each there is the number before.
    fn changes(places: &Places, from: Time, to: Time) -> Vec<(Time, u32)> {
        let mut changes = vec![(from, places.at(from))];
        while let Some((time, number)) = places.next(changes.last().unwrap().0) {
            let (last, before) = *changes.last().unwrap();
            assert!(time > last && number != before);
            assert_eq!((places.at(time - 1), places.at(time)), (before, number), "at {time}");
            if time > to {
                break;
            }
            changes.push((time, number));
        }
        changes
    }

    #[test]
    fn a_constant_never_changes() {
        for capacity in [
            Capacity::new(7),
            Capacity::new(7).shift(clock("08:00"), clock("16:00"), 7),
            Capacity::new(3).shift(clock("08:00"), clock("08:00"), 7),
            Capacity::new(3).cycle("20h", [("0h", 7), ("3h", 7)]),
            Capacity::new(3).shift(clock("08:00"), clock("16:00"), 9).edit(Edit::to("-1d", 7)),
            Capacity::new(3).shift(clock("08:00"), clock("16:00"), 9).edit(Edit::times("-1d", 0.0)),
        ] {
            let shown = format!("{capacity:?}");
            let places = places(capacity);
            assert_eq!(places.next(0), None, "{shown}");
            assert_eq!(places.next(DAY), None, "{shown}");
            assert!([0, 7].contains(&places.at(5 * HOUR)), "{shown}");
        }
    }

    #[test]
    fn shifts_run_over_midnight_and_the_last_that_fits_wins() {
        let weekend = Shift {
            from: clock("20:00"),
            to: clock("08:00"),
            days: vec![Weekday::Sat, Weekday::Sun],
            places: 1,
        };
        let places =
            places(Capacity::new(10).shift(clock("20:00"), clock("08:00"), 6).weekly(weekend));
        // The run starts on Wednesday at 06:00, so the warm-up ends within a night.
        assert_eq!(
            changes(&places, -12 * HOUR, DAY),
            [(-12 * HOUR, 10), (-10 * HOUR, 6), (2 * HOUR, 10), (14 * HOUR, 6)]
        );
        let friday_evening = 2 * DAY + 14 * HOUR;
        assert_eq!(
            changes(&places, friday_evening, friday_evening + 3 * DAY + 12 * HOUR)[1..],
            [
                (friday_evening + 12 * HOUR, 10),
                (friday_evening + DAY, 1),
                (friday_evening + DAY + 12 * HOUR, 10),
                (friday_evening + 2 * DAY, 1),
                // Sunday night belongs to Sunday, over the end of the week.
                (friday_evening + 2 * DAY + 12 * HOUR, 10),
                (friday_evening + 3 * DAY, 6),
                (friday_evening + 3 * DAY + 12 * HOUR, 10),
            ]
        );
        for time in [-3 * WEEK + 5, -HOUR, 3 * DAY, 4 * DAY + 14 * HOUR] {
            assert_eq!(places.at(time), places.at(time + WEEK));
        }
    }

    #[test]
    fn a_cycle_is_counted_from_the_start_back_and_forth() {
        let places = places(Capacity::new(9).cycle("20h", [("2h", 2), ("12h", 0)]));
        assert_eq!(
            changes(&places, -20 * HOUR, 22 * HOUR),
            [
                (-20 * HOUR, 9),
                (-18 * HOUR, 2),
                (-8 * HOUR, 0),
                (0, 9),
                (2 * HOUR, 2),
                (12 * HOUR, 0),
                (20 * HOUR, 9),
                (22 * HOUR, 2)
            ]
        );
    }

    #[test]
    fn changes_at_dates_come_one_after_the_other() {
        let places = places(
            Capacity::new(10)
                .edit(Edit::add("-3d", -4))
                .edit(Edit::times("2026-01-08T06:00", 1.25))
                .edit(Edit::add("2d", -100))
                .edit(Edit::add("2d", 3))
                .edit(Edit::to("3d", 5))
                .edit(Edit::to("4d", 5)),
        );
        assert_eq!(
            changes(&places, -4 * DAY, WEEK),
            [(-4 * DAY, 10), (-3 * DAY, 6), (DAY, 8), (2 * DAY, 3), (3 * DAY, 5)]
        );
        assert_eq!(places.next(3 * DAY), None);
    }

    #[test]
    fn ramps_step_where_their_line_passes_a_half() {
        let up = places(Capacity::new(2).edit(Edit::add("1d", 3).ramp("6d")));
        assert_eq!(changes(&up, 0, WEEK), [(0, 2), (2 * DAY, 3), (4 * DAY, 4), (6 * DAY, 5)]);
        // A half is rounded up, so that downwards the next number begins just after it.
        let down = places(Capacity::new(2).edit(Edit::to("-1d", 0).ramp("4d")));
        assert_eq!(changes(&down, -DAY, WEEK), [(-DAY, 2), (1, 1), (2 * DAY + 1, 0)]);
        // A line that ends on a half ends rounded; one that would end below 0 ends at 0.
        let half = places(Capacity::new(3).edit(Edit::times("0d", 1.5).ramp("3d")));
        assert_eq!(changes(&half, 0, WEEK), [(0, 3), (DAY, 4), (3 * DAY, 5)]);
        let under = places(Capacity::new(1).edit(Edit::add("0d", -3).ramp("2d")));
        assert_eq!(changes(&under, 0, WEEK), [(0, 1), (DAY + 1, 0)]);
        // Between microseconds the number changes at the next one.
        let thirds = places(Capacity::new(0).edit(Edit::to("0d", 3).ramp(1e-6 / 86_400.0 * 10.0)));
        assert_eq!(changes(&thirds, 0, WEEK), [(0, 0), (2, 1), (5, 2), (9, 3)]);
        let tenths = places(Capacity::new(10).edit(Edit::times("0d", 1.15)));
        assert_eq!(tenths.at(0), 12);
    }

    #[test]
    fn ramps_of_other_shapes_step_where_these_pass_a_half() {
        // 3, 6, 9 and 12 more, the first at once and the last after 12 days.
        let phased = Edit::add("1d", 12).ramp("12d").shape(RampShape::Steps(4));
        let up = places(Capacity::new(2).edit(phased));
        let days = [(1, 5), (5, 8), (9, 11), (13, 14)].map(|(day, n)| (day * DAY, n));
        assert_eq!(changes(&up, 0, 2 * WEEK), [&[(0, 2)], &days[..]].concat());
        // 1 place less in 2 steps: a half is rounded up, so that it goes with the second.
        let fewer = places(
            Capacity::new(1)
                .edit(Edit::add("0d", -1).ramp("4d").shape(RampShape::Steps(2)).until("6d")),
        );
        assert_eq!(changes(&fewer, -DAY, WEEK), [(-DAY, 1), (4 * DAY, 0), (6 * DAY, 1)]);
        // 3x² − 2x³ passes a half of 1 in the middle, and a quarter of 2, 0.25, at x = 0.32635182233307.
        let s = |more| {
            let edit = Edit::add("0d", more).ramp("10d").shape(RampShape::SCurve);
            changes(&places(Capacity::new(0).edit(edit)), -DAY, WEEK * 2)
        };
        assert_eq!(s(1), [(-DAY, 0), (5 * DAY, 1)]);
        let [(_, 0), (quarter, 1), (three_quarters, 2)] = s(2)[..] else { panic!("{:?}", s(2)) };
        let x = |time: Time| time as f64 / (10 * DAY) as f64;
        assert!((x(quarter) - 0.326_351_822_333_07).abs() < 1e-9, "{}", x(quarter));
        assert!((x(three_quarters) - 0.673_648_177_666_93).abs() < 1e-9);
    }

    #[test]
    fn a_bank_holiday_has_the_places_of_another_day() {
        let all_day = |days: &[Weekday], places| Shift {
            from: clock("00:00"),
            to: clock("24:00"),
            days: days.to_vec(),
            places,
        };
        let fridays = Capacity::new(10).weekly(all_day(&[Weekday::Fri], 12));
        let capacity = fridays.clone().weekly(all_day(&[Weekday::Sat, Weekday::Sun], 8));
        // Midnights, from that before the start on Wednesday.
        let midnight = |day: i64| day * DAY - 6 * HOUR;
        // The first Friday counts as a Sunday, and so does Monday a week later.
        let places = with_holidays(capacity, &[(2, 2), (12, 6)]);
        let expected = [
            (0, 10),
            (midnight(2), 8),
            (midnight(5), 10),
            (midnight(9), 12),
            (midnight(10), 8),
            (midnight(13), 10),
        ];
        assert_eq!(changes(&places, 0, 2 * WEEK), expected);
        assert_eq!((places.most_from(0), places.foreseen(midnight(12), 0)), (12, 8));
        // A week in which nothing changes is not the last word, if a bank holiday lies in it.
        let places = with_holidays(fridays, &[(9, 2)]);
        assert_eq!(places.next(midnight(3)), Some((midnight(16), 12)));
        assert_eq!(places.most_from(midnight(3)), 12);
        // A week all of whose days are alike has none.
        assert_eq!(with_holidays(Capacity::new(10), &[(2, 2)]).next(0), None);
    }

    #[test]
    fn dates_change_what_the_week_says() {
        let night = Capacity::new(10).shift(clock("20:00"), clock("08:00"), 4);
        let more = places(night.clone().edit(Edit::add("12h", 2)));
        assert_eq!(
            changes(&more, 0, DAY + 3 * HOUR),
            [(0, 4), (2 * HOUR, 10), (12 * HOUR, 12), (14 * HOUR, 6), (DAY + 2 * HOUR, 12)]
        );
        // On a ramp by factor each number has a line of its own.
        let half = places(night.clone().edit(Edit::times("0h", 0.5).ramp("20h")));
        assert_eq!(
            changes(&half, 0, DAY + 3 * HOUR),
            [
                (0, 4),
                (2 * HOUR, 10),
                (2 * HOUR + 1, 9),
                (6 * HOUR + 1, 8),
                (10 * HOUR + 1, 7),
                (14 * HOUR, 3),
                (15 * HOUR + 1, 2),
                (DAY + 2 * HOUR, 5)
            ]
        );
        // For five years the week changes nothing; then it does.
        let closed = night.edit(Edit::times("0h", 0.0)).edit(Edit::to("1825d", 3));
        assert_eq!(places(closed).next(0), Some((1825 * DAY, 3)));
    }

    #[test]
    fn the_most_places_from_an_instant_on() {
        let night = Capacity::new(10).shift(clock("20:00"), clock("08:00"), 4);
        let cut = places(night.edit(Edit::add("3d", -3)).edit(Edit::to("20d", 2)));
        assert_eq!(cut.most_from(-DAY), 10);
        assert_eq!(cut.most_from(4 * DAY), 7);
        assert_eq!((cut.most_from(19 * DAY), cut.most_from(19 * DAY + 20 * HOUR)), (7, 2));
        assert_eq!(cut.most_from(20 * DAY), 2);
        let later = places(Capacity::new(0).edit(Edit::to("900d", 5)));
        assert_eq!((later.most_from(0), places(Capacity::new(3)).most_from(0)), (5, 3));
    }

    #[test]
    fn every_change_is_found() {
        let busy = Capacity::new(5)
            .cycle("7h", [("0h", 5), ("90 min", 9), ("4h", 1)])
            .edit(Edit::add("-1d", 7).ramp("2d"))
            .edit(Edit::times("2h", 0.4).ramp("17h"))
            .edit(Edit::add("10h", -3).ramp("1d"))
            .edit(Edit::add("11h", 9).ramp("20h").shape(RampShape::SCurve).until("2d"))
            .edit(Edit::times("12h", 0.3).ramp("15h").shape(RampShape::Steps(4)));
        let places = places(busy);
        let found = changes(&places, -2 * DAY, 3 * DAY);
        let mut next = found.iter().peekable();
        let mut now = 0;
        for minute in -2 * 1440..3 * 1440 {
            let time = minute * MINUTE;
            while let Some((_, number)) = next.next_if(|(at, _)| *at <= time) {
                now = *number;
            }
            assert_eq!(places.at(time), now, "{minute}");
        }
    }
}
