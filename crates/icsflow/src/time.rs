//! Time: whole microseconds, a calendar of 24-hour days, and the words people write for both.
//!
//! The clock of a run counts microseconds from its *start*, the instant at which measuring begins:
//! warm-up is negative time. Whole numbers give exact ties and exact sums; a duration is rounded once,
//! where it is drawn. Every day has 24 hours: there is no summer time (R20).

use std::borrow::Cow;
use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};

use jiff::civil;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};

use crate::doc::{Doc, Read, Reader, Value, read_word};

/// An instant: microseconds since the start of measuring.
pub type Time = i64;
/// A length of time in microseconds.
pub type Duration = i64;

/// A sum of instants or lengths over many people: a waiting list of hundreds of thousands leaves 64 bits
/// within a year. In 128 bits, of which those in front are hardly ever touched: with plain numbers of 128
/// bits an event takes 5 % more instructions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    low: i64,
    /// How often 2^64 is to be added.
    high: i64,
}

impl Sum {
    /// In microseconds, rounded.
    pub fn as_f64(self) -> f64 {
        self.whole() as f64
    }

    fn whole(self) -> i128 {
        (i128::from(self.high) << 64) + i128::from(self.low)
    }

    fn of(whole: i128) -> Self {
        let low = whole as i64;
        Sum { low, high: ((whole - i128::from(low)) >> 64) as i64 }
    }

    #[cold]
    #[inline(never)]
    fn carry(&mut self, by: i64) {
        self.high += by;
    }
}

impl From<i64> for Sum {
    fn from(micros: i64) -> Self {
        Sum { low: micros, high: 0 }
    }
}

impl AddAssign<i64> for Sum {
    #[inline(always)]
    fn add_assign(&mut self, micros: i64) {
        let (low, beyond) = self.low.overflowing_add(micros);
        self.low = low;
        if beyond {
            self.carry(micros.signum());
        }
    }
}

impl SubAssign<i64> for Sum {
    #[inline(always)]
    fn sub_assign(&mut self, micros: i64) {
        let (low, beyond) = self.low.overflowing_sub(micros);
        self.low = low;
        if beyond {
            self.carry(-micros.signum());
        }
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Sum) {
        *self = *self + other;
    }
}

impl<T> std::iter::Sum<T> for Sum
where
    Sum: From<T>,
{
    fn sum<I: Iterator<Item = T>>(parts: I) -> Sum {
        parts.map(Sum::from).fold(Sum::default(), Add::add)
    }
}

impl Add for Sum {
    type Output = Sum;

    fn add(self, other: Sum) -> Sum {
        Sum::of(self.whole() + other.whole())
    }
}

impl Sub for Sum {
    type Output = Sum;

    fn sub(self, other: Sum) -> Sum {
        Sum::of(self.whole() - other.whole())
    }
}

/// Microseconds in a second.
pub const SECOND: Duration = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE: Duration = 60 * SECOND;
/// Microseconds in an hour.
pub const HOUR: Duration = 60 * MINUTE;
/// Microseconds in a day.
pub const DAY: Duration = 24 * HOUR;
/// Microseconds in a week.
pub const WEEK: Duration = 7 * DAY;
/// Microseconds in a year of 365 days.
pub const YEAR: Duration = 365 * DAY;

/// A length of time of so many days.
pub fn days(n: f64) -> Duration {
    micros(n, TimeUnit::Days)
}

/// A length of time of so many hours.
pub fn hours(n: f64) -> Duration {
    micros(n, TimeUnit::Hours)
}

/// A length of time of so many years of 365 days.
pub fn years(n: f64) -> Duration {
    (n * YEAR as f64).round() as Duration
}

/// Rounds an amount of a unit to microseconds; saturates at the ends of time.
pub fn micros(amount: f64, unit: TimeUnit) -> Duration {
    (amount * unit.micros() as f64).round() as Duration
}

/// The unit in which a model writes bare numbers and in which its results are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days of 24 hours.
    #[default]
    Days,
    /// Weeks of 7 days.
    Weeks,
}

impl TimeUnit {
    /// Microseconds in one unit.
    pub const fn micros(self) -> Duration {
        match self {
            TimeUnit::Seconds => SECOND,
            TimeUnit::Minutes => MINUTE,
            TimeUnit::Hours => HOUR,
            TimeUnit::Days => DAY,
            TimeUnit::Weeks => WEEK,
        }
    }

    /// `days`, for a table's unit.
    pub const fn name(self) -> &'static str {
        match self {
            TimeUnit::Seconds => "seconds",
            TimeUnit::Minutes => "minutes",
            TimeUnit::Hours => "hours",
            TimeUnit::Days => "days",
            TimeUnit::Weeks => "weeks",
        }
    }

    /// `day`, for a rate per unit.
    pub const fn singular(self) -> &'static str {
        match self {
            TimeUnit::Seconds => "second",
            TimeUnit::Minutes => "minute",
            TimeUnit::Hours => "hour",
            TimeUnit::Days => "day",
            TimeUnit::Weeks => "week",
        }
    }

    const fn letter(self) -> &'static str {
        match self {
            TimeUnit::Seconds => "s",
            TimeUnit::Minutes => "min",
            TimeUnit::Hours => "h",
            TimeUnit::Days => "d",
            TimeUnit::Weeks => "w",
        }
    }

    /// The unit of a word; no letter stands for months, which are not all alike.
    fn parse(word: &str) -> Option<(TimeUnit, f64)> {
        let word = if word.len() > 1 { word.to_ascii_lowercase() } else { word.to_owned() };
        Some(match word.as_str() {
            "s" | "sec" | "secs" | "second" | "seconds" => (TimeUnit::Seconds, 1.0),
            "m" | "min" | "mins" | "minute" | "minutes" => (TimeUnit::Minutes, 1.0),
            "h" | "hr" | "hrs" | "hour" | "hours" => (TimeUnit::Hours, 1.0),
            "d" | "day" | "days" => (TimeUnit::Days, 1.0),
            "w" | "wk" | "wks" | "week" | "weeks" => (TimeUnit::Weeks, 1.0),
            "y" | "yr" | "yrs" | "year" | "years" => (TimeUnit::Days, 365.0),
            _ => return None,
        })
    }
}

read_word!(TimeUnit, "a unit of time", {
    "days" => Days, "hours" => Hours, "minutes" => Minutes, "seconds" => Seconds, "weeks" => Weeks,
});

/// A number, or a length of time with its unit: `6.9`, `"6.9d"`, `"20 min"`, `"1y"`.
///
/// A bare number counts in the model's time unit where a length of time is meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// How many.
    pub amount: f64,
    /// Of what; the model's unit if none is written.
    pub unit: Option<TimeUnit>,
}

impl Quantity {
    /// A length of time in microseconds, not rounded.
    pub fn micros(self, model_unit: TimeUnit) -> f64 {
        self.amount * self.unit.unwrap_or(model_unit).micros() as f64
    }

    /// Reads `"6.9d"`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let split = text.find(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'E');
        let (number, word) = text.split_at(split?);
        let (unit, scale) = TimeUnit::parse(word.trim())?;
        let amount: f64 = number.trim().parse().ok()?;
        amount.is_finite().then_some(Quantity { amount: amount * scale, unit: Some(unit) })
    }
}

impl From<f64> for Quantity {
    fn from(amount: f64) -> Self {
        Quantity { amount, unit: None }
    }
}

/// A text such as `"6.9d"`. What is no length of time becomes NaN, which a model's check reports.
impl From<&str> for Quantity {
    fn from(text: &str) -> Self {
        Quantity::parse(text).unwrap_or(Quantity { amount: f64::NAN, unit: None })
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.unit.map_or("", TimeUnit::letter))
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.unit {
            None => serializer.serialize_f64(self.amount),
            Some(_) => serializer.collect_str(self),
        }
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, or a length of time with its unit: 6.9, \"6.9d\", \"20 min\", \"1y\". \
                            A bare number counts in the model's time unit where a length of time is meant.",
            "type": ["number", "string"],
            "pattern": "^[-+0-9.eE ]+[a-z]+$"
        })
    }
}

impl Read for Quantity {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        let quantity = match &doc.value {
            Value::Whole(n) => Some((*n as f64).into()),
            Value::Number(x) if x.is_finite() => Some((*x).into()),
            Value::Text(text) => Quantity::parse(text),
            _ => None,
        };
        quantity.unwrap_or_else(|| {
            let units = "of s, min, h, d, w, y";
            at.fault(
                doc.show(),
                format!("a number, or text such as \"6.9d\", \"20 min\", \"8h\" ({units})"),
            );
            Self::broken()
        })
    }

    fn broken() -> Self {
        f64::NAN.into()
    }
}

/// A day of the calendar, `"2026-01-05"`, or an instant of it, `"2026-01-05T06:00"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub civil::DateTime);

/// A Monday: where models start that do not say when.
pub const MONDAY: Date = Date(civil::DateTime::constant(2024, 1, 1, 0, 0, 0, 0));

impl Date {
    /// A day from year, month and day of the month, if there is such a day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Some(Date(civil::Date::new(year, month, day).ok()?.to_datetime(civil::Time::midnight())))
    }

    /// Microseconds from another instant to this one.
    pub fn since(self, origin: Date) -> Duration {
        let days =
            i64::from(self.0.date().since(origin.0.date()).map_or(0, |span| span.get_days()));
        days * DAY + time_of_day(self.0.time()) - time_of_day(origin.0.time())
    }

    /// The instant so many microseconds later; `None` beyond the year 9999.
    pub fn after(self, elapsed: Duration) -> Option<Self> {
        let of_day = time_of_day(self.0.time()) + elapsed;
        let date = self
            .0
            .date()
            .checked_add(jiff::Span::new().try_days(of_day.div_euclid(DAY)).ok()?)
            .ok()?;
        let rest = of_day.rem_euclid(DAY);
        let time = civil::Time::new(
            (rest / HOUR) as i8,
            (rest % HOUR / MINUTE) as i8,
            (rest % MINUTE / SECOND) as i8,
            (rest % SECOND) as i32 * 1000,
        );
        Some(Date(date.to_datetime(time.ok()?)))
    }

    /// Microseconds from Monday 00:00 of its week.
    pub fn of_week(self) -> Duration {
        let weekday = i64::from(self.0.date().weekday().to_monday_zero_offset());
        weekday * DAY + time_of_day(self.0.time())
    }
}

fn time_of_day(time: civil::Time) -> Duration {
    i64::from(time.hour()) * HOUR
        + i64::from(time.minute()) * MINUTE
        + i64::from(time.second()) * SECOND
        + i64::from(time.subsec_nanosecond()) / 1000
}

impl std::str::FromStr for Date {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let at_midnight = |date: civil::Date| date.to_datetime(civil::Time::midnight());
        text.parse::<civil::DateTime>()
            .or_else(|_| text.parse::<civil::Date>().map(at_midnight))
            .map(Date)
            .map_err(|_| ())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.time() == civil::Time::midnight() { self.0.date().fmt(f) } else { self.0.fmt(f) }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Date {
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A day, \"2026-01-05\", or an instant of it, \"2026-01-05T06:00\".",
            "type": "string"
        })
    }
}

impl Read for Date {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        if let Value::Text(text) = &doc.value
            && let Ok(date) = text.parse()
        {
            return date;
        }
        at.fault(doc.show(), "a date such as \"2026-01-05\" or \"2026-01-05T06:00\"");
        Self::broken()
    }

    fn broken() -> Self {
        MONDAY
    }
}

/// A time of day, `"08:00"` or `"16:30:15"`; `"24:00"` is the end of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClockTime(pub Duration);

impl std::str::FromStr for ClockTime {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let parts: Vec<i64> = text
            .split(':')
            .map(|part| part.parse::<u8>().map(i64::from))
            .collect::<Result<_, _>>()
            .map_err(|_| ())?;
        let (h, m, s) = match parts[..] {
            [h, m] => (h, m, 0),
            [h, m, s] => (h, m, s),
            _ => return Err(()),
        };
        let of_day = h * HOUR + m * MINUTE + s * SECOND;
        if m < 60 && s < 60 && of_day <= DAY { Ok(ClockTime(of_day)) } else { Err(()) }
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (h, m, s) = (self.0 / HOUR, self.0 % HOUR / MINUTE, self.0 % MINUTE / SECOND);
        write!(f, "{h:02}:{m:02}")?;
        if s > 0 { write!(f, ":{s:02}") } else { Ok(()) }
    }
}

impl Serialize for ClockTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for ClockTime {
    fn schema_name() -> Cow<'static, str> {
        "ClockTime".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A time of day, \"08:00\" or \"16:30:15\"; \"24:00\" is the end of the day.",
            "type": "string",
            "pattern": "^[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?$"
        })
    }
}

impl Read for ClockTime {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        if let Value::Text(text) = &doc.value
            && let Ok(time) = text.parse()
        {
            return time;
        }
        at.fault(doc.show(), "a time of day from \"00:00\" to \"24:00\"");
        Self::broken()
    }

    fn broken() -> Self {
        ClockTime(0)
    }
}

/// An instant of a run, as people write it: a date (`"2026-03-01"`, `"2026-03-01T06:00"`), a length of
/// time after the start of measuring (`"30d"`, or a number in the model's time unit; before it if
/// negative), or a time of day (`"08:00"`: the first one at or after the start).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// A date.
    Date(Date),
    /// So long after the start.
    After(Quantity),
    /// The first such time of day at or after the start.
    Clock(ClockTime),
}

impl Moment {
    /// The instant on the clock of a run that starts at this date.
    pub fn time(self, start: Date, model_unit: TimeUnit) -> Time {
        match self {
            Moment::Date(date) => date.since(start),
            Moment::After(elapsed) => elapsed.micros(model_unit).round() as Time,
            Moment::Clock(time) => (time.0 - start.of_week()).rem_euclid(DAY),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        text.parse().map(Moment::Date).ok().or_else(|| {
            let clock = text.parse().map(Moment::Clock).ok();
            clock.or_else(|| Quantity::parse(text).map(Moment::After))
        })
    }
}

impl From<Date> for Moment {
    fn from(date: Date) -> Self {
        Moment::Date(date)
    }
}

impl From<Quantity> for Moment {
    fn from(elapsed: Quantity) -> Self {
        Moment::After(elapsed)
    }
}

impl From<f64> for Moment {
    fn from(elapsed: f64) -> Self {
        Moment::After(elapsed.into())
    }
}

/// A text such as `"2026-03-01"`, `"30d"` or `"08:00"`. What is none of them becomes NaN, which a
/// model's check reports.
impl From<&str> for Moment {
    fn from(text: &str) -> Self {
        Moment::parse(text).unwrap_or_else(Self::broken)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::Date(date) => date.fmt(f),
            Moment::After(elapsed) => elapsed.fmt(f),
            Moment::Clock(time) => time.fmt(f),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Moment::Date(date) => date.serialize(serializer),
            Moment::After(elapsed) => elapsed.serialize(serializer),
            Moment::Clock(time) => time.serialize(serializer),
        }
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An instant: a date, \"2026-03-01\"; a length of time after the start, \"30d\" or \
                            a number in the model's time unit; or a time of day, \"08:00\", the first one at \
                            or after the start.",
            "type": ["number", "string"]
        })
    }
}

impl Read for Moment {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        let moment = match &doc.value {
            Value::Whole(n) => Some((*n as f64).into()),
            Value::Number(x) if x.is_finite() => Some((*x).into()),
            Value::Text(text) => Moment::parse(text),
            _ => None,
        };
        moment.unwrap_or_else(|| {
            let expected = "a date such as \"2026-03-01\", a time after the start such as \"30d\", \
                            or a time of day";
            at.fault(doc.show(), expected);
            Self::broken()
        })
    }

    fn broken() -> Self {
        Moment::After(Quantity::broken())
    }
}

/// A day of the week; the week starts on Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[allow(missing_docs)]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

read_word!(Weekday, "a day of the week", {
    "Mon" => Mon, "Tue" => Tue, "Wed" => Wed, "Thu" => Thu, "Fri" => Fri, "Sat" => Sat, "Sun" => Sun,
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_leave_64_bits() {
        let (mut sum, mut exact) = (Sum::default(), 0_i128);
        // Up, down beyond zero, and back, by steps of every size.
        for step in 0..4_000_i64 {
            let size = i64::MAX >> (step % 5);
            let up = step % 1_000 < 500;
            if up {
                sum += size
            } else {
                sum -= size
            }
            exact += if up { i128::from(size) } else { -i128::from(size) };
            assert_eq!(sum.whole(), exact);
            assert_eq!(Sum::of(exact), sum);
            assert_eq!(sum - Sum::from(size) + size.into(), sum);
            let (mut less, mut more) = (sum, sum);
            less -= i64::MIN;
            more += i64::MIN;
            assert_eq!(less.whole() - exact, exact - more.whole());
        }
        let parts = [i64::MAX; 5].into_iter().sum::<Sum>();
        assert_eq!(parts.as_f64(), 5.0 * i64::MAX as f64);
    }

    #[test]
    fn quantities_are_read_as_people_write_them() {
        let quantity = |text: &str| Quantity::parse(text).map(|q| q.micros(TimeUnit::Days));
        assert_eq!(quantity("6.9d"), Some(6.9 * DAY as f64));
        assert_eq!(quantity("20 min"), Some(20.0 * MINUTE as f64));
        for text in ["4 hrs", "4hr", "240 Mins", "4 Hours", "14400s"] {
            assert_eq!(quantity(text), Some(4.0 * HOUR as f64), "{text}");
        }
        for text in ["4M", "6 months", "4 H", "D"] {
            assert_eq!(quantity(text), None, "{text}");
        }
        assert_eq!(quantity("1y"), Some(YEAR as f64));
        assert_eq!(quantity("1e-3 h"), Some(3.6 * SECOND as f64));
        assert_eq!(quantity("ten days"), None);
        assert_eq!(quantity("3 fortnights"), None);
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        let start: Date = "2026-01-05T06:00".parse().unwrap();
        let time = |text: &str| Moment::from(text).time(start, TimeUnit::Hours);
        assert_eq!(time("2026-01-06"), 18 * HOUR);
        assert_eq!(time("2026-01-04T06:00"), -DAY);
        assert_eq!(time("-30d"), -30 * DAY);
        assert_eq!(time("08:00"), 2 * HOUR);
        assert_eq!(time("06:00"), 0);
        assert_eq!(time("05:59"), DAY - MINUTE);
        assert_eq!(Moment::from(2.0).time(start, TimeUnit::Hours), 2 * HOUR);
        for text in ["2026-03-01", "2026-03-01T06:00:00", "30d", "08:00"] {
            assert_eq!(Moment::from(text).to_string(), text);
        }
    }

    #[test]
    fn the_calendar_knows_its_weekdays() {
        let monday: Date = "2026-01-05".parse().unwrap();
        assert_eq!(monday.of_week(), 0);
        let later = monday.after(-DAY + 6 * HOUR).unwrap();
        assert_eq!(later.to_string(), "2026-01-04T06:00:00");
        assert_eq!(later.of_week(), 6 * DAY + 6 * HOUR);
        assert_eq!(later.since(monday), -DAY + 6 * HOUR);
        assert_eq!(
            "2028-03-01".parse::<Date>().unwrap().since("2028-02-28".parse().unwrap()),
            2 * DAY
        );
    }
}
