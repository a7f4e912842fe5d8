//! What the tables tell of queues and capacity, on runs short enough to be worked out on paper.
//!
//! Time is in hours; every run measures 20 of them, so that an hour of one person or place is 0.05.

use icsflow::time::hours;
use icsflow::{
    Arrivals, Capacity, Case, Cases, Change, Cohort, Cost, Cut, Distribution, Edit, Event,
    Experiment, Group, Model, Node, Preempt, Quantity, Queue, Replay, Results, Route, Scenario,
    Sessions, Share, TimeUnit, Timetable, Window,
};

use crate::tables::lines;

fn model() -> Model {
    Model::new("Paper").time_unit(TimeUnit::Hours)
}

fn arrivals(name: &str, to: &str, times: &[f64]) -> Arrivals {
    let times = times.iter().map(|time| Quantity::from(*time)).collect();
    Arrivals::timetable(name, to, Timetable { times, weekly: vec![] })
}

fn listed(hours: &[f64]) -> Distribution {
    Distribution::listed(hours.iter().copied())
}

fn fixed(hours: f64) -> Distribution {
    hours.into()
}

fn run(model: &Model) -> Results {
    Experiment::new(model).replications(2).until(hours(20.0)).run().unwrap()
}

#[track_caller]
fn tells(results: &Results, scope: &str, told: &[(&str, f64)]) {
    for (metric, value) in told {
        let values = results.values(metric, scope).unwrap_or_default();
        let near = values.iter().all(|found| (found - value).abs() < 1e-12);
        assert!(values.len() == 2 && near, "{metric} of {scope}: {values:?}, not {value}");
    }
}

#[track_caller]
fn tells_nothing(results: &Results, scope: &str, metrics: &[&str]) {
    for metric in metrics {
        assert_eq!(results.values(metric, scope), None, "{metric} of {scope}");
    }
}

#[test]
fn places_are_the_time_average_where_they_vary() {
    // In places: 1 to 7, 2 to the end, 8 to 10. At 10 one of two places closes: the last goes on.
    let model = model()
        .node(
            Node::beds(
                "Ward",
                Capacity::new(2).edit(Edit::to("10h", 1)),
                listed(&[6.0, 20.0, 20.0]),
            )
            .cut(Cut::Transfer("Annexe".into())),
        )
        .node(Node::unlimited("Annexe", fixed(1.0)))
        .arrivals(arrivals("In", "Ward", &[1.0, 2.0, 8.0]));
    let results = run(&model);
    tells(&results, "Ward", &[("places", 1.5), ("occupied", 1.3), ("occupancy", 26.0 / 30.0)]);
    tells(&results, "Ward", &[("transferred", 0.05), ("departures", 0.05)]);
    tells(&results, "Annexe", &[("joined", 0.05), ("occupied", 0.05)]);
    // Full from 2 to 7, and from 8 on: two places until 10, one from then on.
    tells(&results, "Ward", &[("full", 17.0 / 20.0)]);
    tells_nothing(&results, "Ward", &["interrupted", "corridor"]);
    tells_nothing(&results, "Annexe", &["transferred", "places"]);
}

#[test]
fn people_give_up_and_turn_away_and_places_are_cleaned() {
    // First 1 to 5; cleaning to 6; second 6 to 10; cleaning to 11. The third gives up at 7:30; the
    // fourth finds two waiting.
    let queue = Queue::new().patience(fixed(4.5)).balk("queue() >= 2", 1.0);
    let desk = Node::beds("Desk", 1, fixed(4.0)).turnaround(fixed(1.0)).queue(queue);
    let model = model().node(desk).arrivals(arrivals("In", "Desk", &[1.0, 2.0, 3.0, 3.5]));
    let results = run(&model);
    let told = [("joined", 0.2), ("started", 0.1), ("balked", 0.05), ("reneged", 0.05)];
    tells(&results, "Desk", &told);
    tells(&results, "Desk", &[("balked_share", 0.25), ("reneged_share", 0.25), ("lost", 0.0)]);
    tells(&results, "Desk", &[("out_of_use", 0.1), ("places", 1.0), ("waiting", 8.5 / 20.0)]);
    tells_nothing(&results, "Desk", &["removed", "displaced", "switched"]);
}

#[test]
fn people_beside_the_beds_are_in_places() {
    // 1 to 5 in the bed; 2 to 5 beside it, then in it to 6.
    let ward = Node::beds("Ward", 1, fixed(4.0)).corridor(1);
    let results = run(&model().node(ward).arrivals(arrivals("In", "Ward", &[1.0, 2.0])));
    tells(&results, "Ward", &[("corridor", 0.15), ("occupied", 0.4), ("occupancy", 0.4)]);
}

#[test]
fn lines_are_told_by_class_and_lists_as_scopes() {
    // Both are routine. The second waits from 2, is urgent from 4 and starts at 5.
    let list = Queue::by_class(["cohort == \"urgent\""]).change_class(2, 1, fixed(2.0));
    let model = model()
        .cohort(Cohort::new("urgent"))
        .cohort(Cohort::new("routine"))
        .queue(list.named("List"))
        .node(Node::beds("Desk", 1, fixed(4.0)).queue("List"))
        .arrivals(arrivals("In", "List", &[1.0, 2.0]).cohort("routine"));
    let results = run(&model);
    let columns = ["queue", "class", "condition", "mean", "joined", "changed"];
    let rows = lines(&results.queues(), &columns);
    let told = ["List 1 cohort == \"urgent\" 0.05 0.05 0.05", "List 2 everyone else 0.1 0.05 0"];
    assert_eq!(rows, told);
    tells(&results, "List", &[("joined", 0.1), ("waiting", 0.15)]);
    tells(&results, "Desk", &[("joined", 0.1), ("waiting", 0.0), ("mean_wait", 1.5)]);
    tells_nothing(&results, "List", &["places", "occupied", "mean_wait"]);
    let kinds: Vec<_> = results.scopes().iter().map(|scope| scope.kind).collect();
    assert_eq!(kinds, ["node", "list", "system"]);
}

#[test]
fn a_plain_queue_tells_its_classes_too() {
    // Routine at 1 is served at once, to 5; urgent at 3 waits to 5, routine at 2 to 9.
    let desk = Node::beds("Desk", 1, fixed(4.0)).queue(Queue::by_class(["cohort == \"urgent\""]));
    let model = model()
        .cohort(Cohort::new("urgent"))
        .cohort(Cohort::new("routine"))
        .node(desk)
        .arrivals(arrivals("R", "Desk", &[1.0, 2.0]).cohort("routine"))
        .arrivals(arrivals("U", "Desk", &[3.0, 19.5]).cohort("urgent"));
    let results = run(&model);
    let columns = ["queue", "class", "mean", "joined", "changed"];
    let told = ["Desk 1 0.1 0.05 0", "Desk 2 0.35 0.05 0"];
    assert_eq!(lines(&results.queues(), &columns), told);
    tells(&results, "Desk", &[("waiting", 0.45), ("mean_wait", 9.0 / 4.0)]);
}

#[test]
fn the_parts_of_an_interrupted_stay_are_one_length() {
    // Routine 1 to 3, urgent 3 to 5, routine again 5 to 9: six hours in the bed and two.
    let queue = Queue { preempt: Some(Preempt::Resume), ..Queue::by_class(["cohort == \"U\""]) };
    let mut stays = Cases::from(fixed(6.0));
    let urgent = Case { when: Some("cohort == \"U\"".into()), then: fixed(2.0) };
    stays.0.insert(0, urgent);
    let model = model()
        .cohort(Cohort::new("U"))
        .cohort(Cohort::new("R"))
        .node(Node::beds("Ward", 1, stays).queue(queue))
        .arrivals(arrivals("R", "Ward", &[1.0]).cohort("R"))
        .arrivals(arrivals("U", "Ward", &[3.0]).cohort("U"));
    let results = run(&model);
    let lengths = [("mean_length_of_stay", 4.0), ("departures", 0.1), ("interrupted", 0.05)];
    tells(&results, "Ward", &lengths);
    tells(&results, "Ward", &[("occupied", 0.4), ("started", 0.15), ("mean_wait", 2.0 / 3.0)]);
}

#[test]
fn a_census_is_measured_against_the_places_open_then() {
    // Four places, two of them from 24:00 to 48:00; three people from 1:00 on. Censuses at 0:00, of
    // days 1 and 2: 3 of 2 and 3 of 4.
    let ward = Capacity::new(4).edit(Edit::to("1d", 2)).edit(Edit::to("2d", 4));
    let model = model().node(Node::beds("Ward", ward, fixed(200.0))).arrivals(arrivals(
        "In",
        "Ward",
        &[1.0, 2.0, 3.0],
    ));
    let results = Experiment::new(&model).replications(2).until(hours(72.0)).run().unwrap();
    tells(&results, "Ward", &[("census_occupied", 2.0), ("census_occupancy", 6.0 / 10.0)]);
    tells(&results, "Ward", &[("full", 24.0 / 72.0), ("places", 10.0 / 3.0)]);
    let rows = lines(&results.occupancy(), &["node", "level", "time", "mean"]);
    let places: Vec<_> = rows.iter().filter(|row| row.contains("places")).collect();
    assert_eq!(places, ["Ward places 0 4", "Ward places 24 2", "Ward places 48 4"]);
}

#[test]
fn who_is_ready_at_the_census_and_when_people_leave() {
    // Ward: 1, 2, 3 to 4, 7, 33, ready; 20 hours of assessment, to 24, 27, 53; out at 18:00, at 42, 42
    // and 66, each on the day after being ready. Midnight of the second day finds all three, one of them
    // being assessed (for the first it is just over); that of the third finds the last, being assessed.
    let daily =
        |time: &str| Window::At(vec![Sessions { at: vec![time.parse().unwrap()], days: vec![] }]);
    let of = |time: &str| {
        model()
            .node(
                Node::beds("Ward", 3, listed(&[3.0, 5.0, 30.0]))
                    .process_delay("assessment", fixed(20.0))
                    .leave(daily(time)),
            )
            .node(Node::beds("Day unit", 3, fixed(2.0)))
            .arrivals(arrivals("In", "Ward", &[1.0, 2.0, 3.0]))
            .arrivals(arrivals("Day", "Day unit", &[10.0, 14.5, 15.5]))
    };
    let run = |model: &Model| {
        Experiment::new(model).replications(2).until(hours(72.0)).departures(true).run().unwrap()
    };
    let results = run(&of("18:00"));
    tells(&results, "Ward", &[("no_criteria_to_reside", 2.0 / 3.0), ("in_process", 60.0 / 72.0)]);
    tells(&results, "Ward", &[("census_occupied", 4.0 / 3.0), ("census_occupancy", 4.0 / 9.0)]);
    let told = [("left_by_17", 0.0), ("left_on_ready_day", 0.0), ("days_after_ready", 1.0)];
    tells(&results, "Ward", &told);
    // Out at 12:00, 16:30 and 17:30.
    tells(&results, "Day unit", &[("left_by_17", 2.0 / 3.0), ("left_on_ready_day", 1.0)]);
    let rows = lines(&results.departures(), &["node", "weekday", "hour", "people"]);
    let told: Vec<_> = rows.iter().filter(|row| !row.ends_with(" 0")).collect();
    assert_eq!(
        told,
        [
            "Ward Tue 18 2",
            "Ward Wed 18 1",
            "Day unit Mon 12 1",
            "Day unit Mon 16 1",
            "Day unit Mon 17 1"
        ]
    );
    let rows = lines(&results.ready_days(), &["node", "days", "people", "share"]);
    assert_eq!(rows, ["Ward 1 3 1", "Day unit 0 3 1"]);
    // Out at 06:00 the first is out at 30, the second too, the last at 54.
    let results = run(&of("06:00"));
    tells(&results, "Ward", &[("left_by_17", 1.0), ("census_occupied", 4.0 / 3.0)]);
    // Not told unless asked for; the census is.
    let results = Experiment::new(&of("18:00")).replications(2).until(hours(72.0)).run().unwrap();
    tells_nothing(&results, "Ward", &["left_by_17", "left_on_ready_day", "days_after_ready"]);
    tells(&results, "Ward", &[("no_criteria_to_reside", 2.0 / 3.0)]);
    assert_eq!(results.departures().rows(), 0);
}

#[test]
fn who_is_awaited_and_the_chance_of_delay() {
    // Ready at 2, 3 and 6; the ward takes them at 2, 22 and 42: 0, 19 and 36 hours.
    let model = model()
        .node(Node::beds("A&E", 9, fixed(2.0)))
        .node(Node::beds("Ward", 1, fixed(20.0)))
        .arrivals(arrivals("In", "A&E", &[0.0, 1.0, 4.0]))
        .route(Route::new("A&E", [("Ward", Share::Rest)]));
    let results = Experiment::new(&model).replications(2).until(hours(72.0)).run().unwrap();
    tells(&results, "Ward", &[("awaited", 55.0 / 72.0), ("waiting", 0.0)]);
    tells(&results, "A&E", &[("awaited", 0.0), ("blocked", 55.0 / 72.0)]);
    // One person from 1 to 2 and from 3 to 4, two from 2 to 3, of 20 hours.
    let model = Model::new("Paper")
        .time_unit(TimeUnit::Hours)
        .node(Node::unlimited("Ward", fixed(2.0)))
        .arrivals(arrivals("In", "Ward", &[1.0, 2.0]));
    let levels = run(&model).levels();
    let found =
        (0..levels.rows()).filter(|row| crate::tables::cell(&levels, "level", *row) == "occupied");
    let found: Vec<_> = found.map(|row| crate::tables::number(&levels, "p_delay", row)).collect();
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(near(found[1], 0.1 / 0.95) && near(found[2], 0.05), "{found:?}");
}

#[test]
fn weeks_in_a_row_and_rates_of_a_population() {
    // In days: one person from 0.5 to 8.5, another from 3.5 to 5.5. At the midnights from 0 to 9 there are
    // 0, 1, 1, 1, 2, 2, 1, 1, 1, 0: over 7 in a row 8, 9, 9 and 8.
    let of = |days: f64| {
        let model = Model::new("Paper")
            .group(Group::new("Place").population(500.0))
            .arrivals(arrivals("P", "Ward", &[0.5, 3.5]))
            .node(Node::beds("Ward", 4, listed(&[8.0, 2.0])).group("Place").sector("acute"));
        let run = Experiment::new(&model).replications(2).census("00:00".parse().unwrap());
        run.until(icsflow::time::days(days)).run().unwrap()
    };
    let results = of(10.0);
    for scope in ["Ward", "Place", "Place / acute"] {
        let told = [("least_7_day_occupancy", 8.0 / 28.0), ("most_7_day_occupancy", 9.0 / 28.0)];
        tells(&results, scope, &told);
    }
    // Eight days and two; nobody waits for anything when ready.
    tells(&results, "Ward", &[("bed_days", 10.0), ("delayed_bed_days", 0.0)]);
    for scope in ["Place", "Place / acute"] {
        tells(&results, scope, &[("started_per_1000", 146.0), ("occupied_per_1000", 2.0)]);
    }
    tells_nothing(&results, "Ward", &["started_per_1000", "occupied_per_1000"]);
    tells_nothing(&of(6.0), "Ward", &["least_7_day_occupancy", "most_7_day_occupancy"]);
}

#[test]
fn a_list_of_hundreds_of_thousands_over_a_year_adds_up() {
    // Person-microseconds beyond 64 bits: 300,000 people come together, one is served for longer than the
    // run, the others wait for 400 days.
    let together = arrivals("Backlog", "Clinic", &[0.0]).batch(Distribution::from(300_000.0));
    let model =
        Model::new("Paper").arrivals(together).node(Node::beds("Clinic", 1, listed(&[500.0])));
    let run = Experiment::new(&model).replications(2).until(icsflow::time::days(400.0));
    let results = run.levels(false).run().unwrap();
    tells(&results, "Clinic", &[("waiting", 299_999.0), ("occupied", 1.0), ("bed_days", 400.0)]);
}

#[test]
fn the_whole_system_has_a_name_of_its_own() {
    let of = |name: &str| {
        let model = Model { name: name.into(), ..model() };
        let model = model.arrivals(arrivals("P", "Ward", &[1.0, 2.0]));
        run(&model.node(Node::beds("Ward", 1, fixed(3.0)).sector("acute")))
    };
    tells(&of("Paper"), "Paper", &[("entered", 0.1), ("mean_time_in_system", 4.0)]);
    for name in ["Ward", "acute"] {
        let results = of(name);
        tells(&results, "whole system", &[("entered", 0.1)]);
        assert_eq!(results.values("entered", name), None);
        tells(&results, name, &[("departures", 0.1)]);
    }
}

#[test]
fn theatre_lists_have_minutes_and_no_slots() {
    use icsflow::{Session, Slots};
    let told = |session: Session| {
        let clinic = Node::slots("C", Slots::new([session]), fixed(0.5));
        let results = run(&model().arrivals(arrivals("P", "C", &[1.0])).node(clinic));
        let has = |metric| results.values(metric, "C").is_some();
        (
            has("slot_utilisation"),
            has("slots_offered"),
            has("session_utilisation"),
            has("slots_used"),
        )
    };
    let nine = || "09:00".parse().unwrap();
    assert_eq!(told(Session::at_clock(nine(), 2)), (true, true, false, true));
    assert_eq!(told(Session::minutes(nine(), 120)), (false, false, true, true));
}

#[test]
fn units_are_told_in_that_of_the_model() {
    let model =
        model().arrivals(arrivals("P", "Ward", &[1.0])).node(Node::beds("Ward", 1, fixed(3.0)));
    let summary = run(&model.cost(Cost::new("Beds", "Ward").per_day(10.0))).summary();
    let units = lines(&summary, &["metric", "unit"]).join("\n");
    assert!(units.contains("cost money per hour") && !units.contains("per time"), "{units}");
}

#[test]
fn what_never_comes_to_pass_is_told() {
    let told = |model: &Model, scenario: Option<Scenario>| {
        let run = Experiment::new(model).replications(2).until(hours(200.0));
        let run = if let Some(scenario) = scenario { run.scenario(scenario) } else { run };
        run.run().unwrap().warnings()
    };
    let ward = |rate: f64| {
        model().arrivals(Arrivals::poisson("P", "Ward", rate)).node(Node::beds(
            "Ward",
            5,
            Distribution::exponential(1.0),
        ))
    };
    assert_eq!(told(&ward(3.0), None), [""; 0]);
    let is = |warnings: Vec<String>, part: &str| {
        assert!(warnings.len() == 1 && warnings[0].contains(part), "{warnings:?}");
    };
    is(told(&ward(3.0).node(Node::beds("Empty", 1, 1.0)), None), "nobody comes to \"Empty\"");
    is(told(&ward(30.0), None), "people come to \"Ward\" faster than they can be served");
    let late = Change::add("Ward.beds", 2.0).at("200h");
    is(told(&ward(3.0), Some(Scenario::new("Late").change(late))), "begins when the run is over");
    let event = |at: &str| ward(3.0).event(Event::at("Close", at, ["Ward"]).close("1h"));
    assert_eq!(told(&event("199h"), None), [""; 0]);
    is(told(&event("200h"), None), "the event \"Close\" never happens");
    is(told(&event("-1h"), None), "the event \"Close\" never happens");
    let times = ["-1h", "-2h", "0h"].map(icsflow::Moment::from).into();
    let log = Replay { times, ..Replay::default() };
    let log = ward(3.0).arrivals(Arrivals::replay("Log", "Ward", log));
    is(told(&log, None), "2 people of \"Log\" were recorded before the run begins");
    // Two who hold each other's places, at 1.
    let knot = model()
        .arrivals(arrivals("P", "A", &[0.0]))
        .arrivals(arrivals("Q", "B", &[0.0]))
        .node(Node::beds("A", 1, fixed(1.0)))
        .node(Node::beds("B", 1, fixed(1.0)))
        .route(Route::new("A", [("B", Share::Rest)]))
        .route(Route::new("B", [("A", Share::Rest)]));
    is(told(&knot, None), "2 of 2 replications ended in a deadlock, the first 1.0000 hours");
}
