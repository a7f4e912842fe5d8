//! Bank holidays: dates that count as another day of the week.

use schemars::JsonSchema;
use serde::Serialize;

use crate::doc::{Reader, read_table};
use crate::time::{DAY, Date, Duration, Time, WEEK, Weekday};

/// Bank holidays: dates on which everything goes as on a Sunday, or another day of the week.
///
/// From midnight to midnight of such a date, whatever a model says by the day of the week is as on that
/// other day: factors of arrivals, timetables, shifts, windows, sessions, and `weekday` in conditions. What
/// lasts from one day to the next, as a shift by night does, is cut there: the first hours of a bank holiday
/// are those of a Sunday. What comes at a date, or again after so much time, is not moved. The results know
/// the days of the calendar only.
///
/// ```
/// use icsflow::{BankHolidays, Date, Model};
///
/// let christmas = [(25, 12), (26, 12)].map(|(day, month)| Date::new(2025, month, day).unwrap());
/// let model = Model::new("Ward").start("2025-12-01".parse().unwrap())
///     .bank_holidays(BankHolidays::new(christmas));
/// assert!(model.bank_holidays.is_some());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct BankHolidays {
    /// The dates, in any order.
    pub dates: Vec<Date>,
    /// The day of the week as which they count: Sunday, if not given.
    #[serde(skip_serializing_if = "is_sunday")]
    pub like: Weekday,
}

read_table!(BankHolidays, "bank holidays", { dates, like = Weekday::Sun });

fn is_sunday(day: &Weekday) -> bool {
    *day == Weekday::Sun
}

impl BankHolidays {
    /// Dates that count as Sundays.
    pub fn new(dates: impl IntoIterator<Item = Date>) -> Self {
        BankHolidays { dates: dates.into_iter().collect(), like: Weekday::Sun }
    }

    /// Counts them as another day of the week.
    pub fn like(mut self, day: Weekday) -> Self {
        self.like = day;
        self
    }

    /// The midnights at which they begin, in order, counted from a start, and how much later in the week each
    /// counts as lying.
    pub fn since(&self, start: Date) -> Vec<(Time, Duration)> {
        let later = |date: &Date| self.like as i64 * DAY - date.of_week().div_euclid(DAY) * DAY;
        let mut all: Vec<_> =
            self.dates.iter().map(|date| (date.since(start), later(date) % WEEK)).collect();
        all.sort_unstable();
        all
    }

    pub(super) fn check(&self, at: &mut Reader) {
        if self.dates.is_empty() {
            at.missing(&["dates"], "no dates", "at least one date");
        }
        at.each("dates", &self.dates, |at, date| {
            if date.of_week() % DAY != 0 {
                at.fault(date.to_string(), "a day, without a time of day");
            } else if self.dates.iter().filter(|other| *other == date).count() > 1 {
                at.fault(format!("{date} more than once"), "each date once");
            }
        });
    }
}
