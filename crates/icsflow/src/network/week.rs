//! The week of the calendar, and times that come back every week.

use std::sync::Arc;

use crate::time::{DAY, Date, Duration, MONDAY, Time, WEEK};

/// Where in the week every instant lies. A week runs on like a clock, but for bank holidays: each counts as
/// another day of the week, from midnight to midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Week {
    start: Date,
    /// From when on, in order, what is to be added to an instant to count it from a Monday 00:00. The first
    /// reaches back for ever.
    runs: Arc<[(Time, Duration)]>,
}

impl Week {
    /// For a run that starts measuring at a date, with these bank holidays: the midnight at which each begins,
    /// and how much later in the week it counts as lying.
    pub fn new(start: Date, holidays: &[(Time, Duration)]) -> Self {
        let origin = start.of_week();
        let mut runs = vec![(Time::MIN, origin)];
        for &(midnight, later) in holidays {
            // The end of one may be the beginning of the next: of both the last is found.
            runs.extend([(midnight, origin + later), (midnight + DAY, origin)]);
        }
        Week { start, runs: runs.into() }
    }

    /// One without bank holidays; the run starts measuring on a Monday.
    pub fn plain() -> Self {
        Week::new(MONDAY, &[])
    }

    /// The date at which measuring starts.
    pub fn start(&self) -> Date {
        self.start
    }

    /// How far that lies in its week.
    pub fn origin(&self) -> Duration {
        self.runs[0].1
    }

    /// The stretch of time around an instant in which the week runs on: what is to be added to count from a
    /// Monday 00:00, and when the stretch ends.
    pub fn stretch(&self, time: Time) -> (Duration, Time) {
        let after = self.runs.partition_point(|(from, _)| *from <= time);
        let until = self.runs.get(after).map_or(Time::MAX, |(from, _)| *from);
        (self.runs[after - 1].1, until)
    }

    /// Time since Monday 00:00.
    pub fn of_week(&self, time: Time) -> Duration {
        (time + self.stretch(time).0).rem_euclid(WEEK)
    }

    /// Where the week does not run on.
    pub fn jumps(&self) -> impl Iterator<Item = Time> {
        self.runs[1..].iter().map(|(from, _)| *from)
    }

    /// The first instant at another or later, by what finds it where the week runs on.
    fn first(&self, mut from: Time, find: impl Fn(Time, Duration) -> Time) -> Time {
        loop {
            let (origin, until) = self.stretch(from);
            let found = find(from, origin);
            if found < until {
                return found;
            }
            from = until;
        }
    }
}

/// The Monday 00:00 before an instant.
fn monday(time: Time, origin: Duration) -> Time {
    (time + origin).div_euclid(WEEK) * WEEK - origin
}

/// Instants of the week, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instants {
    of_week: Box<[Duration]>,
    week: Week,
}

impl Instants {
    /// Instants given from Monday 00:00.
    pub fn new(mut of_week: Vec<Duration>, week: Week) -> Self {
        for time in &mut of_week {
            *time = time.rem_euclid(WEEK);
        }
        of_week.sort_unstable();
        of_week.dedup();
        Instants { of_week: of_week.into(), week }
    }

    /// The first instant at `from` or later.
    pub fn at_or_after(&self, from: Time) -> Time {
        self.week.first(from, |from, origin| {
            let week = monday(from, origin);
            let next = self.of_week.partition_point(|time| week + time < from);
            match self.of_week.get(next) {
                Some(time) => week + time,
                None => week + WEEK + self.of_week[0],
            }
        })
    }
}

/// Intervals of the week, in order and apart; those that touch have been joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervals {
    of_week: Box<[(Duration, Duration)]>,
    week: Week,
}

impl Intervals {
    /// Intervals given from Monday 00:00.
    pub fn new(mut of_week: Vec<(Duration, Duration)>, week: Week) -> Self {
        of_week.sort_unstable();
        let mut joined: Vec<(Duration, Duration)> = Vec::new();
        for (from, to) in of_week {
            match joined.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                _ => joined.push((from, to)),
            }
        }
        Intervals { of_week: joined.into(), week }
    }

    /// The first instant at `from` or later that lies in an interval, its ends included. (The midnight at
    /// which a bank holiday begins or ends is that of the day that begins.)
    pub fn at_or_after(&self, from: Time) -> Time {
        self.week.first(from, |from, origin| {
            let week = monday(from, origin);
            // Sunday may end at 24:00, which is Monday 00:00 of the week after.
            if from == week && self.of_week.last().is_some_and(|(_, to)| *to == WEEK) {
                return from;
            }
            let next = self.of_week.partition_point(|(_, to)| week + to < from);
            match self.of_week.get(next) {
                Some((open, _)) => from.max(week + open),
                None => week + WEEK + self.of_week[0].0,
            }
        })
    }
}

/// Times of the week taken in turn; equal ones are taken one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rota {
    of_week: Box<[Duration]>,
    week: Week,
}

/// Which time of a [`Rota`] is next: the Monday 00:00 before it, and its position in the week.
pub type Turn = (Time, usize);

impl Rota {
    /// Times given from Monday 00:00.
    pub fn new(mut of_week: Vec<Duration>, week: Week) -> Self {
        of_week.sort_unstable();
        Rota { of_week: of_week.into(), week }
    }

    /// How many there are in a week.
    pub fn each_week(&self) -> usize {
        self.of_week.len()
    }

    /// The first at `from` or later.
    pub fn first(&self, from: Time) -> Turn {
        let (origin, until) = self.week.stretch(from);
        let week = monday(from, origin);
        self.before((week, self.of_week.partition_point(|time| week + time < from)), until)
    }

    /// When a turn comes; [`Time::MAX`] if there are no times.
    pub fn time(&self, (week, at): Turn) -> Time {
        self.of_week.get(at).map_or(Time::MAX, |time| week + time)
    }

    /// The one behind it.
    pub fn behind(&self, turn: Turn) -> Turn {
        let (_, until) = self.week.stretch(self.time(turn));
        self.before((turn.0, turn.1 + 1), until)
    }

    /// A turn, or that of the week after, if it comes before the week no longer runs on; else the first then.
    fn before(&self, (week, at): Turn, until: Time) -> Turn {
        if self.of_week.is_empty() {
            return (0, 0);
        }
        let turn = if at < self.of_week.len() { (week, at) } else { (week + WEEK, 0) };
        if self.time(turn) < until { turn } else { self.first(until) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    /// Of a run that starts at a date, with bank holidays so many days after it that count as Sundays.
    fn week(start: &str, holidays: &[i64]) -> Week {
        let start: Date = start.parse().unwrap();
        let midnight = |day: &i64| day * DAY - start.of_week() % DAY;
        let later = |midnight: Time| 6 * DAY - (midnight + start.of_week()).rem_euclid(WEEK);
        let holidays = holidays.iter().map(midnight).map(|midnight| (midnight, later(midnight)));
        Week::new(start, &holidays.collect::<Vec<_>>())
    }

    #[test]
    fn instants_come_back_every_week() {
        // The run starts on a Wednesday at noon.
        let instants =
            Instants::new(vec![10 * HOUR, 2 * DAY + 16 * HOUR], week("2026-01-07T12:00", &[]));
        assert_eq!(instants.at_or_after(0), 4 * HOUR);
        assert_eq!(instants.at_or_after(4 * HOUR), 4 * HOUR);
        assert_eq!(instants.at_or_after(4 * HOUR + 1), 5 * DAY - 2 * HOUR);
        assert_eq!(instants.at_or_after(-WEEK), -WEEK + 4 * HOUR);
    }

    #[test]
    fn intervals_include_their_ends() {
        let day = (8 * HOUR, 20 * HOUR);
        let intervals = Intervals::new(vec![day, (DAY + 8 * HOUR, DAY + 20 * HOUR)], Week::plain());
        assert_eq!(intervals.at_or_after(7 * HOUR), 8 * HOUR);
        assert_eq!(intervals.at_or_after(9 * HOUR), 9 * HOUR);
        assert_eq!(intervals.at_or_after(20 * HOUR), 20 * HOUR);
        assert_eq!(intervals.at_or_after(20 * HOUR + 1), DAY + 8 * HOUR);
        assert_eq!(intervals.at_or_after(3 * DAY), WEEK + 8 * HOUR);
        let whole =
            Intervals::new((0..7).map(|d| (d * DAY, (d + 1) * DAY)).collect(), Week::plain());
        for t in [-1, 0, 1, WEEK - 1, WEEK, WEEK + 1] {
            assert_eq!(whole.at_or_after(t), t);
        }
    }
    #[test]
    fn a_bank_holiday_counts_as_another_day() {
        // Friday and Monday of Easter 2026; the run starts on the Wednesday before, at noon.
        let easter = week("2026-04-01T12:00", &[2, 5]);
        let noon = 12 * HOUR;
        let days = [(1, 3), (2, 6), (3, 5), (4, 6), (5, 6), (6, 1), (7, 2)];
        for (after, day) in days {
            assert_eq!(easter.of_week(after * DAY), day * DAY + noon, "{after}");
        }
        assert_eq!(easter.of_week(2 * DAY - noon), 6 * DAY);
        assert_eq!(easter.of_week(2 * DAY - noon - 1), 4 * DAY - 1);
        assert_eq!(easter.jumps().collect::<Vec<_>>(), [2, 3, 5, 6].map(|day| day * DAY - noon));
        // On weekdays at 9, on Sundays at 11: on Thursday at 9, then at 11 on Friday, Sunday and Monday.
        let nine = (0..5).map(|day| day * DAY + 9 * HOUR);
        let instants = Instants::new(nine.chain([6 * DAY + 11 * HOUR]).collect(), easter.clone());
        let hour = |day: i64, hour: i64| day * DAY - noon + hour * HOUR;
        let expected = [hour(1, 9), hour(2, 11), hour(4, 11), hour(5, 11), hour(6, 9)];
        let mut from = 0;
        for at in expected {
            assert_eq!(instants.at_or_after(from), at);
            assert_eq!(instants.at_or_after(at), at);
            from = at + 1;
        }
        // Open 8 to 20 on weekdays: closed from Thursday evening to Tuesday.
        let open = (0..5).map(|day| (day * DAY + 8 * HOUR, day * DAY + 20 * HOUR)).collect();
        let open = Intervals::new(open, easter.clone());
        assert_eq!(open.at_or_after(hour(1, 20)), hour(1, 20));
        assert_eq!(open.at_or_after(hour(1, 20) + 1), hour(6, 8));
        assert_eq!(open.at_or_after(hour(5, 10)), hour(6, 8));
        // Two at 9 on Thursdays and Fridays, one at 10 on Sundays.
        let times = [3, 3, 4, 4].map(|day| day * DAY + 9 * HOUR);
        let rota = Rota::new([&times[..], &[6 * DAY + 10 * HOUR]].concat(), easter);
        let mut turn = rota.first(0);
        let mut taken = Vec::new();
        for _ in 0..8 {
            taken.push(rota.time(turn));
            turn = rota.behind(turn);
        }
        let of_easter = [(1, 9), (1, 9), (2, 10), (4, 10), (5, 10), (8, 9), (8, 9), (9, 9)];
        assert_eq!(taken, of_easter.map(|(day, at)| hour(day, at)));
    }

    #[test]
    fn a_rota_may_begin_at_any_time_of_the_week() {
        let mondays = Rota::new(vec![9 * HOUR], week("2026-01-06", &[]));
        assert_eq!(mondays.time(mondays.first(0)), 6 * DAY + 9 * HOUR);
        assert_eq!(mondays.time(mondays.first(-DAY)), -DAY + 9 * HOUR);
        let none = Rota::new(Vec::new(), week("2026-01-06", &[1]));
        assert_eq!(none.time(none.behind(none.first(0))), Time::MAX);
    }
}
