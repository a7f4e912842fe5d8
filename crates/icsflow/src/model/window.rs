//! Windows: when people may leave.

use schemars::JsonSchema;
use serde::Serialize;

use super::arrivals::Sessions;
use super::check::is_below;
use crate::doc::{Doc, Read, Reader, open, read_table};
use crate::time::{ClockTime, DAY, Duration, HOUR, Weekday};

/// When a patient who is free to go may leave a node (R4).
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// Within intervals of the day: at once if one is open, else when the next opens.
    Open(Vec<Interval>),
    /// At instants: everyone who is free to go leaves then.
    At(Vec<Sessions>),
    /// By an hour profile: each patient draws an hour on each day.
    Profile(HourProfile),
}

/// From one time of day to another, on some weekdays.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Interval {
    /// Opens.
    pub from: ClockTime,
    /// Closes; people may still leave at this very instant.
    pub to: ClockTime,
    /// Weekdays; every day if none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
}

read_table!(Interval, "an interval of the day", { from, to, days });

/// When in the day, and on which days, people leave.
///
/// On each day on which a patient is free to go, one uniform draw decides: with the day's weekday share
/// it gives an hour by the hour shares, else no leaving that day. If the hour lies before the patient
/// was free to go, the next day decides anew.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HourProfile {
    /// Shares of leaving by hour, 24 numbers; scaled to sum to 1. Within an hour, evenly.
    pub hours: Vec<f64>,
    /// Chance of leaving at all on a day on which one could, Monday first; 1 if not given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<f64>,
}

read_table!(HourProfile, "an hour profile", { hours, weekdays });

impl Read for Window {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        let known = ["open", "at", "profile"];
        let Some(table) = open(doc, "a window", &known, at) else { return Self::broken() };
        let given = table.keys().filter(|key| known.contains(&key.as_str())).count();
        if given > 1 || table.is_empty() {
            at.fault(doc.show(), "exactly one of open, at, profile");
        }
        if let Some(doc) = table.get("open") {
            Window::Open(at.within("open", |at| Read::read(doc, at)))
        } else if let Some(doc) = table.get("at") {
            Window::At(at.within("at", |at| Read::read(doc, at)))
        } else if let Some(doc) = table.get("profile") {
            Window::Profile(at.within("profile", |at| Read::read(doc, at)))
        } else {
            Self::broken()
        }
    }

    fn broken() -> Self {
        Window::Profile(HourProfile { hours: vec![1.0; 24], weekdays: Vec::new() })
    }
}

impl Interval {
    /// The intervals within a week from Monday 00:00.
    pub fn of_week(&self) -> Vec<(Duration, Duration)> {
        let opens = Sessions { at: vec![self.from], days: self.days.clone() };
        let length = self.to.0 - self.from.0;
        opens.of_week().into_iter().map(|open| (open, open + length)).collect()
    }
}

impl Window {
    /// When it is open in a week, from Monday 00:00, ends included.
    fn of_week(&self) -> Vec<(Duration, Duration)> {
        match self {
            Window::Open(intervals) => intervals.iter().flat_map(Interval::of_week).collect(),
            Window::At(sessions) => {
                sessions.iter().flat_map(Sessions::of_week).map(|time| (time, time)).collect()
            }
            Window::Profile(profile) => {
                let weekday = |day: &i64| profile.weekdays.get(*day as usize) != Some(&0.0);
                let hour = |hour: &i64| profile.hours.get(*hour as usize).is_some_and(|s| *s > 0.0);
                let hours =
                    |day: i64| (0..24).filter(hour).map(move |hour| day * DAY + hour * HOUR);
                (0..7).filter(weekday).flat_map(hours).map(|from| (from, from + HOUR)).collect()
            }
        }
    }

    /// Whether both are open at some instant. Nobody ever hits an instant by an hour profile.
    pub(super) fn meets(&self, other: &Window) -> bool {
        let (ours, theirs) = (self.of_week(), other.of_week());
        let by_chance = matches!(self, Window::Profile(_));
        let broken = ours.is_empty() || theirs.is_empty();
        broken
            || ours.iter().any(|(from, to)| {
                let over = |(open, close): &&(Duration, Duration)| {
                    (open <= to && from <= close) && !(by_chance && open == close)
                };
                theirs.iter().any(|window| over(&window))
            })
    }

    pub(super) fn check(&self, at: &mut Reader) {
        match self {
            Window::Open(intervals) => {
                if intervals.is_empty() {
                    at.within("open", |at| at.fault("no interval", "at least one interval"));
                }
                at.each("open", intervals, |at, interval| {
                    if interval.to <= interval.from {
                        at.within("to", |at| {
                            at.fault(
                                interval.to.to_string(),
                                format!("a time after {}", interval.from),
                            );
                        });
                    }
                });
            }
            Window::At(instants) => {
                if instants.is_empty() {
                    at.within("at", |at| at.fault("no instant", "at least one instant"));
                }
                at.each("at", instants, |at, sessions| sessions.check(at));
            }
            Window::Profile(profile) => at.within("profile", |at| {
                shares(at, "hours", &profile.hours, 24, f64::INFINITY);
                if !profile.weekdays.is_empty() {
                    shares(at, "weekdays", &profile.weekdays, 7, 1.0);
                }
            }),
        }
    }
}

/// The least share of people who leave on a day, of that on which most do.
const LEAST_SHARE: f64 = 0.001;

fn shares(at: &mut Reader, key: &str, shares: &[f64], length: usize, most: f64) {
    at.within(key, |at| {
        if shares.len() != length {
            at.fault(format!("{} shares", shares.len()), format!("{length} shares"));
        }
        for (i, share) in shares.iter().enumerate() {
            if is_below(*share, 0.0, at) || *share > most {
                let expected =
                    if most == 1.0 { "a share from 0 to 1" } else { "a share of 0 or more" };
                at.item(i, |at| at.fault(share.to_string(), expected));
            }
        }
        if !shares.is_empty() && shares.iter().all(|share| *share == 0.0) {
            at.fault("only zeros", "a share above 0: nobody could ever leave");
        } else if most == 1.0 && shares.iter().all(|share| *share < LEAST_SHARE) {
            let expected = format!("a share of {LEAST_SHARE} on some day: nobody would ever leave");
            at.fault(
                format!("none above {}", shares.iter().copied().fold(0.0, f64::max)),
                expected,
            );
        }
    });
}
