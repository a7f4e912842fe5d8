//! Times that come back every week.

use crate::time::{Duration, Time, WEEK};

/// Instants of the week, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instants {
    of_week: Box<[Duration]>,
    /// Where in its week the start of measuring lies.
    origin: Duration,
}

impl Instants {
    /// Instants given from Monday 00:00, for a run that starts measuring at `origin` of its week.
    pub fn new(mut of_week: Vec<Duration>, origin: Duration) -> Self {
        for time in &mut of_week {
            *time = time.rem_euclid(WEEK);
        }
        of_week.sort_unstable();
        of_week.dedup();
        Instants { of_week: of_week.into(), origin }
    }

    /// The first instant at `from` or later.
    pub fn at_or_after(&self, from: Time) -> Time {
        let week = (from + self.origin).div_euclid(WEEK) * WEEK - self.origin;
        let next = self.of_week.partition_point(|time| week + time < from);
        match self.of_week.get(next) {
            Some(time) => week + time,
            None => week + WEEK + self.of_week[0],
        }
    }
}

/// Intervals of the week, in order and apart; those that touch have been joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervals {
    of_week: Box<[(Duration, Duration)]>,
    origin: Duration,
}

impl Intervals {
    /// Intervals given from Monday 00:00, for a run that starts measuring at `origin` of its week.
    pub fn new(mut of_week: Vec<(Duration, Duration)>, origin: Duration) -> Self {
        of_week.sort_unstable();
        let mut joined: Vec<(Duration, Duration)> = Vec::new();
        for (from, to) in of_week {
            match joined.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                _ => joined.push((from, to)),
            }
        }
        Intervals { of_week: joined.into(), origin }
    }

    /// The first instant at `from` or later that lies in an interval, its ends included.
    pub fn at_or_after(&self, from: Time) -> Time {
        let week = (from + self.origin).div_euclid(WEEK) * WEEK - self.origin;
        // Sunday may end at 24:00, which is Monday 00:00 of the week after.
        if from == week && self.of_week.last().is_some_and(|(_, to)| *to == WEEK) {
            return from;
        }
        let next = self.of_week.partition_point(|(_, to)| week + to < from);
        match self.of_week.get(next) {
            Some((open, _)) => from.max(week + open),
            None => week + WEEK + self.of_week[0].0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY, HOUR};

    #[test]
    fn instants_come_back_every_week() {
        // The run starts on a Wednesday at noon.
        let instants = Instants::new(vec![10 * HOUR, 2 * DAY + 16 * HOUR], 2 * DAY + 12 * HOUR);
        assert_eq!(instants.at_or_after(0), 4 * HOUR);
        assert_eq!(instants.at_or_after(4 * HOUR), 4 * HOUR);
        assert_eq!(instants.at_or_after(4 * HOUR + 1), 5 * DAY - 2 * HOUR);
        assert_eq!(instants.at_or_after(-WEEK), -WEEK + 4 * HOUR);
    }

    #[test]
    fn intervals_include_their_ends() {
        let day = (8 * HOUR, 20 * HOUR);
        let intervals = Intervals::new(vec![day, (DAY + 8 * HOUR, DAY + 20 * HOUR)], 0);
        assert_eq!(intervals.at_or_after(7 * HOUR), 8 * HOUR);
        assert_eq!(intervals.at_or_after(9 * HOUR), 9 * HOUR);
        assert_eq!(intervals.at_or_after(20 * HOUR), 20 * HOUR);
        assert_eq!(intervals.at_or_after(20 * HOUR + 1), DAY + 8 * HOUR);
        assert_eq!(intervals.at_or_after(3 * DAY), WEEK + 8 * HOUR);
        let whole = Intervals::new((0..7).map(|d| (d * DAY, (d + 1) * DAY)).collect(), 0);
        for t in [-1, 0, 1, WEEK - 1, WEEK, WEEK + 1] {
            assert_eq!(whole.at_or_after(t), t);
        }
    }
}
