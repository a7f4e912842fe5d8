//! Visits as compiled: what somebody needs on each day of a stay, in fixed-point thousandths.

use super::places::Places;
use crate::expr::Program;
use crate::time::{DAY, Duration, Time};

/// Parts of a visit.
pub const PARTS: i64 = 1000;

/// Most days of a stay that count.
const MOST_DAYS: i64 = 36_500;

/// A stay in whole days, at least one.
pub fn whole_days(length: Duration) -> i64 {
    (length.saturating_add(DAY / 2) / DAY).clamp(1, MOST_DAYS)
}

/// The length of stay beyond which [`whole_days`] are more than so many.
pub fn more_than(days: i64) -> f64 {
    if days < 1 { -1.0 } else { (days.min(MOST_DAYS) * DAY + DAY / 2) as f64 - 0.5 }
}

/// The visits of a node.
#[derive(Debug)]
pub struct Visits {
    /// Visits a day over time.
    pub per_day: Places,
    /// Needs by case; the last holds for all.
    pub needs: Box<[NeedCase]>,
    /// What the need of a day is rounded to, in parts of a visit.
    pub grain: i64,
    /// Whether starts are booked on joining.
    pub books: bool,
    /// Whether nobody may pass the first in line.
    pub strict: bool,
    /// Whether every day has the same budget, as far as can be foreseen.
    pub level: bool,
    /// Where in its day the start of measuring lies.
    pub origin: Duration,
}

/// What somebody needs and whom it is for.
#[derive(Debug)]
pub struct NeedCase {
    /// Condition; none means everyone.
    pub when: Option<Program>,
    /// The need.
    pub need: Need,
    /// Whether it never rises from a day to the next.
    pub falls: bool,
}

/// Visits needed on each day of a stay.
#[derive(Clone, Debug)]
pub enum Need {
    /// Day by day; the last for all days after.
    Days(Box<[f64]>),
    /// At equal steps over the stay, in straight lines between.
    Points(Box<[f64]>),
}

impl Visits {
    /// The calendar day of an instant, counted from that of the start of measuring.
    #[inline]
    pub fn day(&self, time: Time) -> i64 {
        (time + self.origin).div_euclid(DAY)
    }

    /// The midnight at which a day begins.
    #[inline]
    pub fn midnight(&self, day: i64) -> Time {
        day.saturating_mul(DAY).saturating_sub(self.origin)
    }

    /// Parts of visits that can be made on a day, as far as is known on another: the number at noon.
    pub fn budget(&self, day: i64, seen_from: i64) -> i64 {
        let noon = |day| self.midnight(day) + DAY / 2;
        i64::from(self.per_day.foreseen(noon(day), noon(seen_from))) * PARTS
    }

    /// Whether what is foreseen changes from a day to the next.
    pub fn replanned(&self, day: i64) -> bool {
        let noon = self.midnight(day) + DAY / 2;
        self.per_day.moves(noon - DAY, noon)
    }

    /// Parts of visits needed on a day of a stay of so many days, both from 1 on, by case.
    pub fn need(&self, case: u32, day: i64, days: i64) -> i64 {
        let visits = match &self.needs[case as usize].need {
            Need::Days(list) => list[(day as usize).clamp(1, list.len()) - 1],
            Need::Points(points) => {
                let steps = points.len() as i64 - 1;
                if days <= 1 {
                    points[0]
                } else {
                    // The point lies at (day − 1) ÷ (days − 1) of the stay; whole steps are exact.
                    let (at, of) = ((day - 1) * steps, days - 1);
                    let below = at / of;
                    let rest = (at % of) as f64 / of as f64;
                    let from = points[below as usize];
                    let to = points[(below + 1).min(steps) as usize];
                    from + (to - from) * rest
                }
            }
        };
        (visits * (PARTS / self.grain) as f64 + 0.5).floor() as i64 * self.grain
    }

    /// The least that anybody needs on the first day.
    pub fn least_first(&self) -> i64 {
        let first = |case| self.need(case, 1, 2);
        (0..self.needs.len() as u32).map(first).min().unwrap_or(0)
    }
}

impl NeedCase {
    /// Of a need.
    pub fn new(when: Option<Program>, need: Need) -> Self {
        let (Need::Days(list) | Need::Points(list)) = &need;
        let falls = list.windows(2).all(|pair| pair[0] >= pair[1]);
        NeedCase { when, need, falls }
    }
}
