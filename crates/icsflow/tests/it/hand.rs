//! Tools of traces worked out on paper.
//!
//! Each line of a trace is a visit: patient (source and number), node, then the instants joined,
//! arrived, started, ready, sought, cleared, left; where next; outcome. Time is in hours from Monday
//! 00:00. Each model has a twin with one rule or figure changed, whose trace must differ: so the trace
//! is known to depend on the rule that it is here for.

use icsflow::time::hours;
use icsflow::{
    Arrivals, Case, ClockTime, Distribution, Experiment, Interval, Model, Quantity, Queue, Results,
    Sessions, Share, TimeUnit, Timetable, Window,
};

use crate::tables::{cell, lines, number};

pub(crate) fn model() -> Model {
    Model::new("Trace").time_unit(TimeUnit::Hours)
}

pub(crate) fn at(times: &[f64]) -> Timetable {
    Timetable { times: times.iter().map(|time| Quantity::from(*time)).collect(), weekly: vec![] }
}

pub(crate) fn listed(values: &[f64]) -> Distribution {
    Distribution::listed(values.iter().copied())
}

pub(crate) fn fixed(hours: f64) -> Distribution {
    hours.into()
}

pub(crate) fn arrivals(name: &str, to: &str, times: &[f64]) -> Arrivals {
    Arrivals::timetable(name, to, at(times))
}

pub(crate) fn everyone_to(to: &str) -> [(&str, Share); 1] {
    [(to, Share::Rest)]
}

pub(crate) fn clock(time: &str) -> ClockTime {
    time.parse().unwrap()
}

pub(crate) fn open(from: &str, to: &str) -> Window {
    Window::Open(vec![Interval { from: clock(from), to: clock(to), days: vec![] }])
}

pub(crate) fn instant(time: &str) -> Window {
    Window::At(vec![Sessions { at: vec![clock(time)], days: vec![] }])
}

pub(crate) fn first(conditions: &[&str]) -> Queue {
    Queue::by_class(conditions.iter().copied())
}

pub(crate) fn at_most(limit: u32) -> Queue {
    Queue::new().limit(limit)
}

pub(crate) fn when<T>(condition: &str, then: T) -> Case<T> {
    Case { when: Some(condition.into()), then }
}

pub(crate) fn run(model: &Model, until: f64) -> Results {
    let experiment = Experiment::new(model).replications(1).until(hours(until)).stays(true);
    let results = experiment.run().unwrap();
    // Both calendars must tell the same story.
    let oracle = experiment.oracle().run().unwrap();
    assert_eq!(visits(&results), visits(&oracle));
    results
}

pub(crate) fn visits(results: &Results) -> Vec<String> {
    let table = results.stays();
    let all = lines(
        &table,
        &[
            "source", "patient", "node", "joined", "arrived", "started", "ready", "sought",
            "cleared", "left", "next", "outcome",
        ],
    );
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|a, b| {
        let key = |row: usize| (cell(&table, "source", row), cell(&table, "patient", row));
        let came = |row: usize| number(&table, "arrived", row);
        key(*a).cmp(&key(*b)).then(came(*a).total_cmp(&came(*b)))
    });
    order.into_iter().map(|row| all[row].clone()).collect()
}

pub(crate) fn trace(model: &Model, until: f64) -> Vec<String> {
    visits(&run(model, until))
}

#[track_caller]
pub(crate) fn is(model: &Model, until: f64, expected: &str) {
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected: Vec<String> = expected.lines().map(squeezed).filter(|l| !l.is_empty()).collect();
    assert_eq!(trace(model, until), expected);
}

/// The twin's trace differs in the visits named, and only there.
#[track_caller]
pub(crate) fn differs(twin: &Model, model: &Model, until: f64, whose: &[&str]) {
    let (a, b) = (trace(twin, until), trace(model, until));
    let of = |all: &[String], who: &str| -> Vec<String> {
        all.iter().filter(|line| line.starts_with(who)).cloned().collect()
    };
    for who in whose {
        assert_ne!(of(&a, who), of(&b, who), "the twin should change {who}");
    }
    let bystanders = |all: &[String]| -> Vec<String> {
        all.iter().filter(|line| !whose.iter().any(|who| line.starts_with(who))).cloned().collect()
    };
    assert_eq!(bystanders(&a), bystanders(&b));
}
