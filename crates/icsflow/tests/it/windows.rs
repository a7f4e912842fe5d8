//! Who is counted as delayed by a leaving window: those who had to wait for it, not all who left.

use icsflow::time::days;
use icsflow::{Data, Experiment, Model, Results};

/// Two patients come at 00:00 of a Monday. The window opens at 08:00 and closes at 20:00. One is ready at
/// 06:00 and waits two hours; the other is ready at 10:00 and leaves at once.
fn run(opens: &str) -> Results {
    let model = Model::from_toml(&format!(
        r#"
        name = "Ward round"
        [[arrivals]]
        name = "Patients"
        to = "Ward"
        timetable = {{ times = [0, 0] }}
        [[node]]
        name = "Ward"
        beds = 2
        stay = {{ listed = {{ values = ["6h", "10h"] }} }}
        leave = {{ open = [{{ from = "{opens}", to = "20:00" }}] }}
        "#
    ))
    .unwrap();
    Experiment::new(&model).replications(1).until(days(2.0)).run().unwrap()
}

fn window(results: &Results) -> (f64, f64) {
    let table = results.delays();
    let Data::Word { codes, words } = &table.column("cause").unwrap().data else { panic!() };
    let row = codes.iter().position(|code| words[*code as usize] == "window").unwrap();
    (table.numbers("people").unwrap()[row], table.numbers("mean").unwrap()[row])
}

#[test]
fn only_who_waits_for_the_window_is_counted() {
    assert_eq!(window(&run("08:00")), (1.0, 2.0 / 24.0));
    // The twin: a window that opens at noon holds both, for six hours and for two.
    assert_eq!(window(&run("12:00")), (2.0, 8.0 / 24.0));
}
