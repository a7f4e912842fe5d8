//! Rates of arrival that vary in time, inverted exactly.
//!
//! The rate at an instant is the product of a weekly pattern, constant within each hour, and a dated
//! curve, constant or straight between its points. The next arrival after `t` is where the rate,
//! integrated from `t`, reaches a standard exponential draw (Çinlar's inversion): no thinning, no bias
//! where the rate jumps.

use super::sampler::after;
use super::week::Week;
use crate::time::{DAY, Duration, HOUR, Time, WEEK};

/// Hours in a week.
const HOURS: usize = 168;
/// In so many weeks, a hundred thousand years, nobody comes who has not come before.
const FOR_EVER: f64 = 5e6;

/// A piece of the dated curve: from `start` until the next piece.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// When it begins.
    pub start: Time,
    /// The factor at its beginning.
    pub factor: f64,
    /// Change of the factor per microsecond.
    pub slope: f64,
}

impl Piece {
    /// The factor at an instant of it; below 0 where a straight line has gone beyond.
    fn at(&self, time: Time) -> f64 {
        // The first piece reaches back for ever, and is flat.
        if self.slope == 0.0 {
            self.factor
        } else {
            self.factor + self.slope * (time - self.start) as f64
        }
    }
}

/// Makes two pieces of the one in which an instant lies.
fn divide(curve: &mut Vec<Piece>, at: Time) {
    let behind = curve.partition_point(|piece| piece.start < at);
    let begins = curve.get(behind).is_some_and(|piece| piece.start == at);
    if !begins {
        let piece = curve[behind - 1];
        curve.insert(behind, Piece { start: at, factor: piece.at(at), slope: piece.slope });
    }
}

/// A part of time in which the factor is one piece of the curve and the week runs on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Part {
    piece: Piece,
    /// What is to be added to an instant to count it from a Monday 00:00.
    origin: Duration,
}

/// A rate of arrival over all time.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// Arrivals per microsecond in each hour of the week.
    hourly: Box<[f64; HOURS]>,
    /// Arrivals expected from Monday 00:00 to the beginning of each hour, and to the week's end.
    before: Box<[f64; HOURS + 1]>,
    /// The dated curve in its parts; the first reaches back for ever.
    parts: Box<[Part]>,
    /// Mean time between arrivals, if the rate is one at all times; infinite if nobody comes.
    gap: Option<f64>,
}

impl Rate {
    /// A rate from arrivals per microsecond in each hour of the week and a dated curve.
    pub fn new(hourly: [f64; HOURS], week: &Week, mut curve: Vec<Piece>) -> Self {
        if curve.is_empty() {
            curve.push(Piece { start: Time::MIN, factor: 1.0, slope: 0.0 });
        }
        let mut before = [0.0; HOURS + 1];
        for hour in 0..HOURS {
            before[hour + 1] = before[hour] + hourly[hour] * HOUR as f64;
        }
        // Where every hour is as any other, it is all the same on which day it lies.
        let level = hourly.iter().all(|rate| *rate == hourly[0]);
        if !level {
            week.jumps().for_each(|jump| divide(&mut curve, jump));
        }
        let flat = level && curve.len() == 1;
        let part = |piece: &Piece| Part { piece: *piece, origin: week.stretch(piece.start).0 };
        Rate {
            hourly: Box::new(hourly),
            before: Box::new(before),
            gap: flat.then(|| 1.0 / (hourly[0] * curve[0].factor)),
            parts: curve.iter().map(part).collect(),
        }
    }

    /// Mean arrivals per microsecond over a week at the curve's first factor: a measure of how busy.
    pub fn typical(&self) -> f64 {
        self.before[HOURS] / WEEK as f64 * self.parts[0].piece.factor
    }

    /// The rate at an instant, per microsecond.
    pub fn at(&self, time: Time) -> f64 {
        let hour = (time + self.parts[self.part(time)].origin).rem_euclid(WEEK) / HOUR;
        self.hourly[hour as usize] * self.factor(time)
    }

    /// The position of the part in which an instant lies.
    fn part(&self, time: Time) -> usize {
        self.parts.partition_point(|part| part.piece.start <= time).max(1) - 1
    }

    fn factor(&self, time: Time) -> f64 {
        self.parts[self.part(time)].piece.at(time).max(0.0)
    }

    /// The most times as high as another rate that this is at any time; infinite if it is above 0 where
    /// the other is 0.
    pub fn most_times(&self, other: &Rate) -> f64 {
        let ratio = |a: f64, b: f64| match (a > 0.0, b > 0.0) {
            (false, _) => 0.0,
            (true, true) => a / b,
            (true, false) => f64::INFINITY,
        };
        let hours = self.hourly.iter().zip(other.hourly.iter());
        let of_hours = hours.map(|(a, b)| ratio(*a, *b)).fold(0.0, f64::max);
        // The ratio of two straight lines is greatest at an end of them.
        let parts = self.parts.iter().chain(other.parts.iter());
        let starts = parts.map(|part| part.piece.start);
        let ends = starts.flat_map(|start| [start, start.saturating_sub(1)]);
        let ends = ends.filter(|end| *end > Time::MIN).chain([0, Time::MAX / 2]);
        let of_curve =
            ends.map(|end| ratio(self.factor(end), other.factor(end))).fold(0.0, f64::max);
        if of_hours == 0.0 { 0.0 } else { of_hours * of_curve }
    }

    /// The instant after `from` by which `draw` (standard exponential) arrivals were to be expected;
    /// [`Time::MAX`] if there will never be so many.
    #[inline(always)]
    pub fn next(&self, from: Time, draw: f64) -> Time {
        match self.gap {
            Some(gap) => after(from, draw * gap),
            None => self.next_varying(from, draw).unwrap_or(Time::MAX),
        }
    }

    #[inline(never)]
    fn next_varying(&self, mut from: Time, mut draw: f64) -> Option<Time> {
        let mut at = self.part(from);
        loop {
            let part = &self.parts[at];
            let end = self.parts.get(at + 1).map(|next| next.piece.start);
            let found = if part.piece.slope == 0.0 {
                self.within_flat(part, from, end, &mut draw)
            } else {
                self.within_slope(part, from, end, &mut draw)
            };
            if found.is_some() {
                return found;
            }
            from = end?;
            at += 1;
        }
    }

    /// Within a piece of constant factor: whole weeks at once, then the hour.
    fn within_flat(
        &self,
        part: &Part,
        from: Time,
        end: Option<Time>,
        draw: &mut f64,
    ) -> Option<Time> {
        let (factor, origin) = (part.piece.factor, part.origin);
        let week_total = self.before[HOURS];
        if factor * week_total <= 0.0 {
            return None;
        }
        let week = (from + origin).div_euclid(WEEK) * WEEK - origin;
        let done = self.until(from - week);
        let wanted = done + *draw / factor;
        // The next arrival is nearly always of this week.
        let weeks = wanted / week_total;
        let weeks = if weeks < 1.0 { 0.0 } else { weeks.floor() };
        let mut rest = wanted - weeks * week_total;
        let mut hour = if weeks == 0.0 { ((from - week) / HOUR) as usize } else { 0 };
        // The next arrival is nearly always near: look ahead hour by hour first.
        if hour + 2 < HOURS && self.before[hour + 2] <= rest {
            hour = self.before.partition_point(|before| *before <= rest).clamp(1, HOURS) - 1;
        }
        while hour + 1 < HOURS && (self.before[hour + 1] <= rest || self.hourly[hour] == 0.0) {
            hour += 1;
        }
        if self.hourly[hour] == 0.0 {
            // Rounding has put the arrival behind the last busy hour: it comes at that hour's end.
            hour = self.hourly.iter().rposition(|rate| *rate > 0.0)?;
            rest = self.before[hour + 1];
        }
        let in_hour = ((rest - self.before[hour]) / self.hourly[hour]).clamp(0.0, HOUR as f64);
        let time = if weeks < FOR_EVER {
            week + weeks as i64 * WEEK + hour as i64 * HOUR + nearest(in_hour)
        } else {
            Time::MAX
        };
        match end {
            Some(end) if time >= end => {
                *draw -= factor * self.between(from + origin, end + origin);
                *draw = draw.max(0.0);
                None
            }
            _ => Some(time.max(from)),
        }
    }

    /// Within a piece whose factor runs straight: hour by hour, a quadratic in each.
    fn within_slope(
        &self,
        part: &Part,
        mut from: Time,
        end: Option<Time>,
        draw: &mut f64,
    ) -> Option<Time> {
        let end = end.unwrap_or(Time::MAX);
        while from < end {
            let of_week = (from + part.origin).rem_euclid(WEEK);
            let slice_end = end.min(from - of_week % HOUR + HOUR);
            let rate = self.hourly[(of_week / HOUR) as usize];
            let length = (slice_end - from) as f64;
            let first = rate * part.piece.at(from).max(0.0);
            let last = rate * part.piece.at(slice_end).max(0.0);
            let expected = (first + last) / 2.0 * length;
            if *draw < expected {
                // first·x + (last − first)/(2·length)·x² = draw, in the form that never cancels.
                let bend = (last - first) / length;
                let root = (first * first + 2.0 * bend * *draw).max(0.0).sqrt();
                let x = 2.0 * *draw / (first + root);
                return Some(slice_end.min(after(from, x)));
            }
            *draw -= expected;
            from = slice_end;
        }
        None
    }

    /// Arrivals expected from Monday 00:00 to an instant of the week, at factor 1.
    fn until(&self, of_week: Duration) -> f64 {
        let hour = (of_week / HOUR) as usize;
        self.before[hour] + self.hourly[hour] * (of_week % HOUR) as f64
    }

    /// The same between two instants, both counted from one Monday 00:00.
    fn between(&self, from: Duration, to: Duration) -> f64 {
        let weeks = |t: Duration| t.div_euclid(WEEK);
        let part = |t: Duration| self.until(t.rem_euclid(WEEK));
        (weeks(to) - weeks(from)) as f64 * self.before[HOURS] + part(to) - part(from)
    }
}

/// The nearest whole number to one that is not negative, halves upwards: `round`, without a call.
#[inline(always)]
fn nearest(x: f64) -> i64 {
    let whole = x as i64;
    whole + i64::from(x - whole as f64 >= 0.5)
}

/// Factors of the hours of a week from those of the weekdays and of the hours (24 or 168 of them).
pub fn hours_of_week(weekly: &[f64], hourly: &[f64]) -> [f64; HOURS] {
    std::array::from_fn(|hour| {
        let day = weekly.get(hour / (DAY / HOUR) as usize).copied().unwrap_or(1.0);
        let of_hour = match hourly.len() {
            0 => 1.0,
            24 => hourly[hour % 24],
            _ => hourly[hour],
        };
        day * of_hour
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Date;

    fn per_day(rate: f64) -> f64 {
        rate / DAY as f64
    }

    #[test]
    fn nearest_is_round() {
        let halves = (0..10_000).map(|i| f64::from(i) / 2.0);
        let others = (0..10_000).map(|i| f64::from(i) * 359_999.973_1);
        let edges = [0.499_999_999_999_999_94, 0.5, 3.6e9 - 0.5, 3.6e9];
        for x in halves.chain(others).chain(edges) {
            assert_eq!(nearest(x), x.round() as i64, "{x}");
        }
    }

    /// The integral of the rate, added up in small steps.
    fn expected(hourly: &[f64], week: &Week, curve: &[Piece], from: Time, to: Time) -> f64 {
        let step = HOUR / 60;
        let mut sum = 0.0;
        let mut t = from;
        while t < to {
            let next = to.min(t - t.rem_euclid(step) + step);
            let middle = t + (next - t) / 2;
            let piece = curve.iter().rfind(|piece| piece.start <= middle);
            let factor = piece.map_or(1.0, |Piece { start, factor, slope }| {
                factor + if *slope == 0.0 { 0.0 } else { slope * (middle - start) as f64 }
            });
            sum += hourly[(week.of_week(middle) / HOUR) as usize] * factor * (next - t) as f64;
            t = next;
        }
        sum
    }

    fn check(hourly: [f64; HOURS], week: &Week, curve: Vec<Piece>) {
        let rate = Rate::new(hourly, week, curve.clone());
        for from in [-3 * DAY - 17, -1, 0, 5 * HOUR + 12_345, 6 * DAY + 23 * HOUR, 40 * DAY] {
            for draw in [1e-9, 0.1, 1.0, 7.5, 400.0] {
                let to = rate.next(from, draw);
                assert!(to >= from);
                if to - from < 400 * DAY {
                    let sum = expected(&hourly, week, &curve, from, to);
                    assert!((sum - draw).abs() < 1e-6 * (1.0 + draw), "{from} {draw}: {sum}");
                }
            }
        }
    }

    /// Of a run that starts at a date, without bank holidays and with some: one before the start, two together,
    /// and one later.
    fn weeks(start: &str) -> [Week; 2] {
        let start: Date = start.parse().unwrap();
        let midnight = start.of_week().rem_euclid(DAY);
        let holidays = [(-2, 4), (3, 1), (4, -3), (44, 2)];
        let holidays = holidays.map(|(day, later)| (day * DAY - midnight, later * DAY));
        [Week::new(start, &[]), Week::new(start, &holidays)]
    }

    #[test]
    fn inversion_meets_the_integral() {
        let busy = hours_of_week(
            &[1.2, 1.0, 0.0, 1.1, 0.9, 0.5, 0.3],
            &std::array::from_fn::<f64, 24, _>(|h| if h < 6 { 0.0 } else { h as f64 / 10.0 }),
        );
        let piece = |start: Time, factor: f64, slope: f64| Piece { start, factor, slope };
        for (scale, holidays) in [0.01, 1.0, 300.0].into_iter().flat_map(|s| [(s, 0), (s, 1)]) {
            let week = |start| weeks(start)[holidays].clone();
            let hourly = busy.map(|factor| per_day(scale) * factor);
            check(hourly, &week("2026-01-08T00:30"), vec![]);
            let steps = vec![
                piece(Time::MIN, 1.0, 0.0),
                piece(2 * DAY, 0.0, 0.0),
                piece(9 * DAY + HOUR / 3, 2.5, 0.0),
            ];
            check(hourly, &week("2026-01-05"), steps);
            let ramp = 1.5 / (10 * DAY) as f64;
            let slopes = vec![
                piece(Time::MIN, 0.5, 0.0),
                piece(DAY, 0.5, ramp),
                piece(11 * DAY, 2.0, -ramp / 2.0),
                piece(16 * DAY, 1.625, 0.0),
            ];
            check(hourly, &week("2026-01-10"), slopes);
        }
        for week in weeks("2026-01-05") {
            check([per_day(3.0); HOURS], &week, vec![]);
            assert!(Rate::new([per_day(3.0); HOURS], &week, vec![]).gap.is_some());
        }
    }

    #[test]
    fn who_hardly_ever_comes_does_not_come_by_mistake() {
        let days = hours_of_week(&[1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0], &[]);
        let next = |scale: f64, curve: Vec<Piece>| {
            Rate::new(days.map(|day| per_day(scale) * day), &Week::plain(), curve).next(-DAY, 1.0)
        };
        // Eight days' worth of people a week.
        for scale in [1e-3, 1e-5, 1e-7] {
            let weeks = next(scale, vec![]) as f64 / WEEK as f64;
            assert!((weeks - 0.125 / scale).abs() < 1.0, "{weeks}");
        }
        for scale in [1e-9, 1e-12, 1e-300] {
            assert_eq!(next(scale, vec![]), Time::MAX);
        }
        // Switched off, but for a rest, until a day.
        let piece = |start: Time, factor: f64| Piece { start, factor, slope: 0.0 };
        let opens = next(1.0, vec![piece(Time::MIN, 1e-10), piece(100 * DAY, 1.0)]);
        assert!((100 * DAY..102 * DAY).contains(&opens), "{opens}");
    }

    #[test]
    fn a_rate_that_ends_gives_no_more_arrivals() {
        let ends = vec![
            Piece { start: Time::MIN, factor: 1.0, slope: 0.0 },
            Piece { start: DAY, factor: 0.0, slope: 0.0 },
        ];
        let rate = Rate::new([per_day(10.0); HOURS], &Week::plain(), ends);
        assert_eq!(rate.next(0, 5.0), DAY / 2);
        assert_eq!(rate.next(0, 10.5), Time::MAX);
        assert_eq!(Rate::new([0.0; HOURS], &Week::plain(), vec![]).next(0, 0.1), Time::MAX);
    }
}
