//! Bank holidays, worked out on paper: Easter 2026, with Friday 3 and Monday 6 April.
//!
//! The run starts on Thursday 2 April; time is in hours. Midnights: Friday 24, Saturday 48, Sunday 72, Monday
//! 96, Tuesday 120, Wednesday 144, Thursday 168, Friday 192.

use icsflow::time::{days, hours};
use icsflow::{Experiment, Model};

use crate::tables::lines;

/// People come to a ward of one bed on weekdays at 9, and leave it between 12 and 13 on weekdays. Others come
/// to a door on Friday, Sunday and Tuesday at 10, stay for an hour, and are seen elsewhere on Sundays.
fn easter(holidays: &str) -> Model {
    Model::from_toml(&format!(
        r#"
        name = "Easter"
        start = "2026-04-02"
        time_unit = "hours"
        {holidays}
        [[arrivals]]
        name = "Clinic"
        to = "Ward"
        timetable = {{ weekly = [{{ at = ["09:00"], days = ["Mon", "Tue", "Wed", "Thu", "Fri"] }}] }}
        [[arrivals]]
        name = "Walk-ins"
        to = "Door"
        timetable = {{ times = [34, 82, 130] }}
        [[node]]
        name = "Ward"
        beds = 1
        stay = {{ listed = {{ values = [5, 1, 30, 1, 1, 1, 1] }} }}
        [node.leave]
        open = [{{ from = "12:00", to = "13:00", days = ["Mon", "Tue", "Wed", "Thu", "Fri"] }}]
        [[node]]
        name = "Door"
        unlimited = true
        stay = 1
        [[node]]
        name = "Weekend"
        unlimited = true
        stay = 1
        [[route]]
        from = "Door"
        when = 'weekday == "Sun"'
        to = {{ Weekend = "rest" }}
        "#
    ))
    .unwrap()
}

fn visits(model: &Model, until: f64) -> Vec<String> {
    let run = Experiment::new(model).replications(1).until(hours(until)).stays(true);
    lines(&run.run().unwrap().stays(), &["source", "patient", "node", "joined", "started", "left"])
}

const EASTER: &str = r#"bank_holidays = { dates = ["2026-04-06", "2026-04-03"] }"#;

#[test]
fn everything_goes_as_on_a_sunday() {
    let expected = [
        // Comes on Thursday, is ready at 14, and leaves on the next day of work: Tuesday.
        "Clinic 0 Ward 9 9 132",
        "Walk-ins 0 Door 34 34 35",
        "Walk-ins 0 Weekend 35 35 36",
        "Walk-ins 1 Door 82 82 83",
        "Walk-ins 1 Weekend 83 83 84",
        // Nobody comes on Friday or Monday. The one of Tuesday is ready as the window closes.
        "Clinic 1 Ward 129 132 133",
        "Walk-ins 2 Door 130 130 131",
        "Clinic 2 Ward 153 153 204",
        "Clinic 3 Ward 177 204 205",
        "Clinic 4 Ward 201 205 -",
    ];
    let told = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(told(visits(&easter(EASTER), 205.5)), expected);
    // The twins: days like any other, and days that count as Saturdays, on which nobody is seen elsewhere.
    let plain = told(visits(&easter(""), 205.5));
    assert!(plain.contains(&"Clinic 0 Ward 9 9 36".to_owned()), "{plain:?}");
    let saturdays = r#"bank_holidays = { dates = ["2026-04-03", "2026-04-06"], like = "Sat" }"#;
    let saturdays = told(visits(&easter(saturdays), 205.5));
    expected.retain(|line| line != "Walk-ins 0 Weekend 35 35 36");
    assert_eq!(saturdays, expected);
}

/// Mean places open over the fortnight from a Monday on.
fn open(holidays: &str) -> f64 {
    let model = Model::from_toml(&format!(
        r#"
        name = "Unit"
        start = "2026-03-30"
        {holidays}
        [[node]]
        name = "Unit"
        stay = 1
        [node.beds]
        places = 10
        weekly = [{{ from = "00:00", to = "24:00", days = ["Sat", "Sun"], places = 3 }}]
        "#
    ))
    .unwrap();
    let run = Experiment::new(&model).replications(1).until(days(14.0)).run().unwrap();
    run.values("places", "Unit").unwrap()[0]
}

#[test]
fn places_are_those_of_a_sunday() {
    // Ten days of ten places and four of three; with two bank holidays eight and six.
    assert_eq!((open("") * 14.0).round(), 112.0);
    assert_eq!((open(EASTER) * 14.0).round(), 98.0);
}

#[test]
fn a_timetable_may_begin_late_in_the_week() {
    // The run starts on a Saturday: the times of that week are over, and those of the next still come.
    let model = easter("").start("2026-04-04".parse().unwrap());
    let comes = |line: &&String| line.starts_with("Clinic");
    assert_eq!(visits(&model, 60.0).iter().filter(comes).count(), 1);
}
