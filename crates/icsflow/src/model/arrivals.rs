//! Arrivals: who comes, to which node, and when.

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::case::Share;
use super::census::{Given, check_given, check_mix};
use super::check::{Names, check_moment_here, is_below};
use super::distribution::{Distribution, Meaning};
use super::targets::Targets;
use crate::doc::{Doc, Read, Reader, Value, read_table, read_word};
use crate::expr::Expression;
use crate::time::{ClockTime, Date, Moment, Quantity, Weekday};

/// A stream of arrivals. Its times follow exactly one of `rate`, `interarrival`, `timetable` and `replay`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Arrivals {
    /// Its name, unique among arrivals; the key of its random streams.
    pub name: String,
    /// The node or list they come to.
    pub to: String,
    /// The cohort they belong to, or the shares of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohort: Option<Mix>,
    /// The group to which they belong, for routes to the nodes of their own place; that of the first node
    /// where they are if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Poisson arrivals: mean number per time unit of the model, before the factors below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Factor of the rate by weekday, Monday first; used as given, not normalised.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weekly: Vec<f64>,
    /// Factor of the rate by hour: 24 of a day or 168 of a week from Monday 00:00; used as given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hourly: Vec<f64>,
    /// Factor of the rate by date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curve: Option<Curve>,
    /// Renewal arrivals: time from one to the next; the first comes one such time after the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interarrival: Option<Distribution>,
    /// Arrivals at set times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timetable: Option<Timetable>,
    /// Arrivals as they were recorded: when each person comes, and what is known of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
    /// The share of those who would come who do: a number from 0 to 1 over attributes, clock and the
    /// state of nodes, asked of each on coming; what the process above says is then the most that may
    /// come. A value beyond 0 and 1 ends the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept: Option<Expression>,
    /// Where those go who do not come; `suppressed` if not given. Who goes to a way out has never been in
    /// the system, but is told among the flows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Targets>,
    /// People who come together at each arrival; one if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<Distribution>,
    /// Where each figure comes from, by key.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub evidence: IndexMap<String, String>,
}

read_table!(Arrivals, "arrivals", {
    name, to, cohort, group, rate, weekly, hourly, curve, interarrival, timetable, replay, accept, otherwise, batch,
    evidence,
});

/// The cohorts of a stream of arrivals.
#[derive(Clone, Debug, PartialEq)]
pub struct Mix(pub IndexMap<String, Share>);

impl From<&str> for Mix {
    fn from(cohort: &str) -> Self {
        Mix(IndexMap::from([(cohort.to_owned(), Share::Rest)]))
    }
}

impl<const N: usize> From<[(&str, Share); N]> for Mix {
    fn from(cohorts: [(&str, Share); N]) -> Self {
        Mix(cohorts.into_iter().map(|(cohort, share)| (cohort.to_owned(), share)).collect())
    }
}

impl Serialize for Mix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.get_index(0) {
            Some((name, Share::Rest)) if self.0.len() == 1 => serializer.serialize_str(name),
            _ => self.0.serialize(serializer),
        }
    }
}

impl JsonSchema for Mix {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Mix".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let shares = generator.subschema_for::<IndexMap<String, Share>>();
        json_schema!({
            "description": "A cohort, or the shares of several.",
            "anyOf": [{ "type": "string" }, shares]
        })
    }
}

impl Read for Mix {
    fn read(doc: &Doc, at: &mut Reader) -> Self {
        match &doc.value {
            Value::Text(name) => name.as_str().into(),
            Value::Table(_) => Mix(Read::read(doc, at)),
            _ => {
                at.fault(doc.show(), "a cohort's name, or a table of names and shares");
                Self::broken()
            }
        }
    }

    fn broken() -> Self {
        Mix(IndexMap::new())
    }
}

/// A factor that changes by date. Before its first point it has the first value, after its last the
/// last: a warm-up sees the first value.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Curve {
    /// Whether the factor jumps at each point (`step`) or runs straight between them (`linear`).
    pub shape: CurveShape,
    /// The points, in order of their dates.
    pub points: Vec<CurvePoint>,
}

read_table!(Curve, "a curve", { shape = CurveShape::Step, points });

/// How a curve runs between its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CurveShape {
    /// Each point's factor holds until the next.
    Step,
    /// Straight from point to point.
    Linear,
}

read_word!(CurveShape, "the shape of a curve", { "step" => Step, "linear" => Linear });

/// A point of a curve.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CurvePoint {
    /// When.
    pub date: Date,
    /// The factor then.
    pub factor: f64,
}

read_table!(CurvePoint, "a point of a curve", { date, factor });

/// Set times of arrival.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Timetable {
    /// Times after the start, each once; equal times give one arrival each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub times: Vec<Quantity>,
    /// Times of day, on some weekdays, every week, warm-up included.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weekly: Vec<Sessions>,
}

read_table!(Timetable, "a timetable", { times, weekly });

/// Arrivals as they were recorded, in columns: a value for each person, in the order of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Replay {
    /// When each person comes: a date, or a time after the start. Who came before the run begins is
    /// left out.
    pub times: Vec<Moment>,
    /// The node or list to which each comes; that of the stream if not given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// The cohort of each; that of the stream if not given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cohort: Vec<String>,
    /// What is known of their attributes: one value for all, or a list with one for each. The others are
    /// drawn.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub attributes: IndexMap<String, Given>,
}

read_table!(Replay, "recorded arrivals", { times, to, cohort, attributes });

/// Times of day on some weekdays.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Sessions {
    /// Times of day.
    pub at: Vec<ClockTime>,
    /// Weekdays; every day if none is named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Weekday>,
}

read_table!(Sessions, "times of day", { at, days });

impl Sessions {
    /// The times within a week from Monday 00:00, in order.
    pub fn of_week(&self) -> Vec<i64> {
        let every = [
            Weekday::Mon,
            Weekday::Tue,
            Weekday::Wed,
            Weekday::Thu,
            Weekday::Fri,
            Weekday::Sat,
            Weekday::Sun,
        ];
        let days = if self.days.is_empty() { &every[..] } else { &self.days };
        let mut times: Vec<i64> = days
            .iter()
            .flat_map(|day| self.at.iter().map(move |at| *day as i64 * crate::time::DAY + at.0))
            .collect();
        times.sort_unstable();
        times
    }

    pub(super) fn check(&self, at: &mut Reader) {
        if self.at.is_empty() {
            at.within("at", |at| at.fault("no time", "at least one time of day"));
        }
    }
}

impl Arrivals {
    fn new(name: impl Into<String>, to: impl Into<String>) -> Self {
        Arrivals {
            name: name.into(),
            to: to.into(),
            cohort: None,
            group: None,
            rate: None,
            weekly: Vec::new(),
            hourly: Vec::new(),
            curve: None,
            interarrival: None,
            timetable: None,
            replay: None,
            accept: None,
            otherwise: None,
            batch: None,
            evidence: IndexMap::new(),
        }
    }

    /// Poisson arrivals at this rate per time unit of the model.
    pub fn poisson(name: impl Into<String>, to: impl Into<String>, rate: f64) -> Self {
        Arrivals { rate: Some(rate), ..Arrivals::new(name, to) }
    }

    /// Renewal arrivals with this time between one and the next.
    pub fn renewal(name: impl Into<String>, to: impl Into<String>, gap: Distribution) -> Self {
        Arrivals { interarrival: Some(gap), ..Arrivals::new(name, to) }
    }

    /// Arrivals at set times.
    pub fn timetable(name: impl Into<String>, to: impl Into<String>, times: Timetable) -> Self {
        Arrivals { timetable: Some(times), ..Arrivals::new(name, to) }
    }

    /// Arrivals as they were recorded.
    pub fn replay(name: impl Into<String>, to: impl Into<String>, replay: Replay) -> Self {
        Arrivals { replay: Some(replay), ..Arrivals::new(name, to) }
    }

    /// Sets the share of those who would come who do, and where the others go.
    pub fn accept(mut self, share: impl Into<Expression>, otherwise: impl Into<Targets>) -> Self {
        self.accept = Some(share.into());
        self.otherwise = Some(otherwise.into());
        self
    }

    /// Sets the cohort, or the shares of several.
    pub fn cohort(mut self, cohort: impl Into<Mix>) -> Self {
        self.cohort = Some(cohort.into());
        self
    }

    /// Sets the group to which they belong.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Sets the factors by weekday, Monday first.
    pub fn weekly(mut self, factors: impl Into<Vec<f64>>) -> Self {
        self.weekly = factors.into();
        self
    }

    /// Sets the factors by hour: 24 or 168.
    pub fn hourly(mut self, factors: impl Into<Vec<f64>>) -> Self {
        self.hourly = factors.into();
        self
    }

    /// Sets the number of people who come together.
    pub fn batch(mut self, size: Distribution) -> Self {
        self.batch = Some(size);
        self
    }

    pub(super) fn check(&self, names: &Names, at: &mut Reader) {
        let unit = names.unit;
        at.within("to", |at| {
            if !self.to.is_empty() && !names.places().any(|place| place == self.to) {
                at.unknown(&self.to, "a node or a list", names.places());
            }
        });
        let each = self.replay.as_ref().is_some_and(|replay| !replay.cohort.is_empty());
        if !each {
            check_mix(&self.cohort, names, at);
        } else if self.cohort.is_some() {
            at.within("cohort", |at| at.fault("a cohort", "none beside those of the replay"));
        }
        if let Some(group) = &self.group
            && !names.groups.contains(&group.as_str())
        {
            at.within("group", |at| at.unknown(group, "a group", names.groups.iter().copied()));
        }
        self.check_who_comes(names, at);
        let ways = [
            self.rate.is_some(),
            self.interarrival.is_some(),
            self.timetable.is_some(),
            self.replay.is_some(),
        ];
        if ways.iter().filter(|way| **way).count() != 1 {
            let names = ["rate", "interarrival", "timetable", "replay"];
            let found: Vec<_> =
                names.iter().zip(ways).filter(|(_, way)| *way).map(|(n, _)| *n).collect();
            let expected = "exactly one of rate, interarrival, timetable, replay";
            match found.is_empty() {
                true => at.missing(&names, "none of them", expected),
                false => at.fault(found.join(" and "), expected),
            }
        }
        let factors = |at: &mut Reader, key: &str, factors: &[f64], lengths: &[usize]| {
            at.within(key, |at| {
                if !factors.is_empty() && !lengths.contains(&factors.len()) {
                    let lengths: Vec<_> = lengths.iter().map(usize::to_string).collect();
                    at.fault(
                        format!("{} factors", factors.len()),
                        format!("{} factors", lengths.join(" or ")),
                    );
                }
                for (i, factor) in factors.iter().enumerate() {
                    if is_below(*factor, 0.0, at) {
                        at.item(i, |at| at.fault(factor.to_string(), "a factor of 0 or more"));
                    }
                }
                if !factors.is_empty() && factors.iter().all(|f| *f == 0.0) {
                    at.fault("only zeros", "a factor above 0");
                }
                if self.rate.is_none() && !factors.is_empty() {
                    at.fault("factors without a rate", "a rate: factors apply to Poisson arrivals");
                }
            });
        };
        factors(at, "weekly", &self.weekly, &[7]);
        factors(at, "hourly", &self.hourly, &[24, 168]);
        if let Some(rate) = self.rate
            && is_below(rate, 0.0, at)
        {
            at.within("rate", |at| at.fault(rate.to_string(), "a rate of 0 or more"));
        }
        if let Some(curve) = &self.curve {
            at.within("curve", |at| curve.check(self.rate.is_some(), at));
        }
        if let Some(gap) = &self.interarrival {
            at.within("interarrival", |at| {
                gap.check(at, Meaning::Duration(unit));
                if gap.is_zero() {
                    at.fault("0: people without end at one instant", "a time above 0");
                }
            });
        }
        if let Some(size) = &self.batch {
            at.within("batch", |at| size.check(at, Meaning::Count));
        }
        if let Some(timetable) = &self.timetable {
            at.within("timetable", |at| {
                if timetable.times.is_empty() && timetable.weekly.is_empty() {
                    at.missing(&["times", "weekly"], "no time", "times, or weekly sessions");
                }
                at.each("times", &timetable.times, |at, time| {
                    if is_below(time.amount, 0.0, at) {
                        at.fault(time.to_string(), "a time of 0 or more after the start");
                    }
                });
                at.each("weekly", &timetable.weekly, |at, sessions| sessions.check(at));
            });
        }
    }
}

impl Arrivals {
    /// Checks who of those who would come do, and what was recorded of them.
    fn check_who_comes(&self, names: &Names, at: &mut Reader) {
        at.within("accept", |at| {
            if let Some(accept) = &self.accept {
                names.share_now(accept, at);
            }
        });
        at.within("otherwise", |at| {
            if let Some(otherwise) = &self.otherwise {
                otherwise.check(names, at);
                if self.accept.is_none() {
                    at.fault(
                        "a place for those who do not come",
                        "none: all come without `accept`",
                    );
                }
            }
        });
        if let Some(replay) = &self.replay {
            at.within("replay", |at| replay.check(names, at));
            if self.batch.is_some() {
                at.within("batch", |at| at.fault("a batch", "none: each person has a row"));
            }
        }
    }
}

impl Replay {
    fn check(&self, names: &Names, at: &mut Reader) {
        let people = self.times.len();
        at.within("times", |at| {
            if people == 0 {
                at.fault("no time", "at least one");
            }
            for (i, time) in self.times.iter().enumerate() {
                at.item(i, |at| check_moment_here(at, *time, names.unit));
            }
        });
        let each = |at: &mut Reader, count: usize| {
            if count != 0 && count != people {
                at.fault(format!("{count} values"), format!("one for each of {people} people"));
            }
        };
        at.within("to", |at| {
            for (i, to) in self.to.iter().enumerate() {
                if !names.places().any(|place| place == to) {
                    at.item(i, |at| at.unknown(to, "a node or a list", names.places()));
                }
            }
            each(at, self.to.len());
        });
        at.within("cohort", |at| {
            let cohorts = &names.cohorts;
            for (i, cohort) in self.cohort.iter().enumerate() {
                if !cohorts.contains(&cohort.as_str()) {
                    at.item(i, |at| at.unknown(cohort, "a cohort", cohorts.iter().copied()));
                }
            }
            each(at, self.cohort.len());
        });
        check_given(&self.attributes, people, names, at);
    }
}

impl Curve {
    fn check(&self, has_rate: bool, at: &mut Reader) {
        if !has_rate {
            at.fault("a curve without a rate", "a rate: the curve applies to Poisson arrivals");
        }
        at.within("points", |at| {
            if self.points.is_empty() {
                at.fault("no point", "at least one point");
            }
            for (i, point) in self.points.iter().enumerate() {
                at.item(i, |at| {
                    if is_below(point.factor, 0.0, at) {
                        at.within("factor", |at| {
                            at.fault(point.factor.to_string(), "a factor of 0 or more");
                        });
                    }
                    if i > 0 && point.date <= self.points[i - 1].date {
                        at.within("date", |at| {
                            at.fault(
                                point.date.to_string(),
                                "a date after that of the point before",
                            );
                        });
                    }
                });
            }
        });
    }
}
