//! Ways that take time, and windows at their ends, worked out on paper; [`hand`](crate::hand) tells how
//! to read the lines.

use icsflow::{
    Arrivals, Attribute, Cohort, Deadlock, Distribution, Hold, Limit, Model, Node, Preempt, Queue,
    Results, Route, Share, TimeUnit, Transfer, WaitingRoom,
};

use crate::hand::{
    arrivals, differs, everyone_to, fixed, instant, is, listed, model, open, run, trace, when,
};
use crate::tables::lines;

/// Two at once go from a ward of two beds to one rehabilitation bed, by a way that takes 2 hours.
fn to_rehab(hold: Hold) -> Model {
    model()
        .arrivals(arrivals("P", "Ward", &[0.0, 0.0, 1.0]))
        .node(Node::beds("Ward", 2, listed(&[3.0, 5.0, 1.0])))
        .node(Node::beds("Rehab", 1, listed(&[4.0, 1.0, 1.0])))
        .route(Route::new("Ward", everyone_to("Rehab")))
        .transfer(Transfer::new("Ward", "Rehab", fixed(2.0)).hold_origin(hold))
}

fn value(results: &Results, metric: &str, scope: &str) -> f64 {
    results.values(metric, scope).unwrap()[0]
}

#[test]
fn a_place_is_reserved_while_somebody_is_on_the_way() {
    // P0 leaves the ward at 3 and starts at 5; its bed goes to P2 at 3. P1 and P2 await the bed, which is
    // free at 9: P2 sought it at 4, P1 at 5. P2 starts at 11, then P1, assigned at 12, at 14.
    let free = to_rehab(Hold::No);
    is(
        &free,
        24.0,
        "P 0 Ward  0 0  0  3  3  3  3  Rehab left
         P 0 Rehab 3 5  5  9  9  9  9  home  left
         P 1 Ward  0 0  0  5  5  12 12 Rehab left
         P 1 Rehab 5 14 14 15 15 15 15 home  left
         P 2 Ward  1 1  3  4  4  9  9  Rehab left
         P 2 Rehab 4 11 11 12 12 12 12 home  left",
    );
    let results = run(&free, 24.0);
    // On the way: three times 2 hours; the bed kept free for as long.
    assert_eq!(value(&results, "in_transfer", "Ward"), 6.0 / 24.0);
    assert_eq!(value(&results, "reserved", "Rehab"), 6.0 / 24.0);
    assert_eq!(value(&results, "occupied", "Ward"), (3.0 + 12.0 + 6.0) / 24.0);
    // Blocked 7 (P1) and 5 (P2); no bed is held on the way.
    assert_eq!(value(&results, "delayed", "Ward"), 12.0 / 24.0);
    assert!(trace(&to_rehab(Hold::UntilArrival), 24.0) != trace(&free, 24.0));
    // Seen an hour after P0 left: on the way still, in no bed, one kept free.
    let midway = run(&free, 4.0);
    assert_eq!(value(&midway, "in_transfer", "Ward"), 1.0 / 4.0);
    assert_eq!(value(&midway, "reserved", "Rehab"), 1.0 / 4.0);
    assert_eq!(midway.replications()[0].inside.at_end, [0, 1, 0, 1, 0, 0, 1]);
}

#[test]
fn both_places_are_held_until_arrival() {
    // P0 holds its bed until 5: P2 starts then and is ready at 6, after P1.
    let held = to_rehab(Hold::UntilArrival);
    is(
        &held,
        24.0,
        "P 0 Ward  0 0  0  3  3  3  5  Rehab left
         P 0 Rehab 3 5  5  9  9  9  9  home  left
         P 1 Ward  0 0  0  5  5  9  11 Rehab left
         P 1 Rehab 5 11 11 12 12 12 12 home  left
         P 2 Ward  1 1  5  6  6  12 14 Rehab left
         P 2 Rehab 6 14 14 15 15 15 15 home  left",
    );
    let results = run(&held, 24.0);
    assert_eq!(value(&results, "in_transfer", "Ward"), 6.0 / 24.0);
    assert_eq!(value(&results, "reserved", "Rehab"), 6.0 / 24.0);
    // Blocked 4 (P1) and 6 (P2), and 6 on the way.
    assert_eq!(value(&results, "delayed", "Ward"), 16.0 / 24.0);
    let delays = lines(&results.delays(), &["holder", "cause", "awaited", "mean"]);
    assert_eq!(delays.len(), 2);
    assert!(delays[1].starts_with("Ward transfer"), "{delays:?}");
}

/// Two crews; on the scene 1 hour, half an hour on the way, two cubicles with 3 hours each.
fn ambulances(hold: Hold) -> Model {
    model()
        .cohort(Cohort::new("major"))
        .cohort(Cohort::new("minor"))
        .arrivals(arrivals("999", "Ambulance", &[0.0, 0.25, 0.5]).cohort("major"))
        .arrivals(arrivals("Door", "ED", &[1.0, 1.25]).cohort("minor"))
        .node(Node::beds("Ambulance", 2, fixed(1.0)))
        .node(Node::beds("ED", 2, fixed(3.0)).queue(Queue::by_class(["cohort == 'major'"])))
        .route(Route::new("Ambulance", everyone_to("ED")))
        .transfer(Transfer::new("Ambulance", "ED", fixed(0.5)).hold_origin(hold))
}

#[test]
fn a_crew_waits_at_the_door_until_the_handover() {
    // Both cubicles are taken by those who walked in, until 4 and 4.25. 999/0 is at the door at 1.5 and
    // handed over at 4: its crew goes to 999/2, who has waited for it since 0.5.
    let crews = ambulances(Hold::UntilStart);
    is(
        &crews,
        24.0,
        "999 0 Ambulance 0    0    0    1    1.5  4    4    ED   left
         999 0 ED        1.5  4    4    7    7    7    7    home left
         999 1 Ambulance 0.25 0.25 0.25 1.25 1.75 4.25 4.25 ED   left
         999 1 ED        1.75 4.25 4.25 7.25 7.25 7.25 7.25 home left
         999 2 Ambulance 0.5  0.5  4    5    5.5  7    7    ED   left
         999 2 ED        5.5  7    7    10   10   10   10   home left
         Door 0 ED       1    1    1    4    4    4    4    home left
         Door 1 ED       1.25 1.25 1.25 4.25 4.25 4.25 4.25 home left",
    );
    let results = run(&crews, 24.0);
    // Handover delay: 2.5, 2.5 and 1.5 hours of a crew; half an hour on the way each.
    assert_eq!(value(&results, "blocked", "Ambulance"), 6.5 / 24.0);
    assert_eq!(value(&results, "in_transfer", "Ambulance"), 1.5 / 24.0);
    assert_eq!(value(&results, "delayed", "Ambulance"), 8.0 / 24.0);
    // If a cubicle has to be free before a crew sets out, it is kept free on the way.
    let first = run(&ambulances(Hold::UntilArrival), 24.0);
    assert_eq!(value(&first, "reserved", "ED"), 1.5 / 24.0);
    assert_eq!(value(&results, "reserved", "ED"), 0.0);
    differs(&ambulances(Hold::UntilArrival), &crews, 24.0, &["999", "Door"]);
}

#[test]
fn who_is_at_the_door_may_wait_in_a_room_and_the_crew_goes() {
    let mut crews = ambulances(Hold::UntilStart);
    crews.nodes[1] = crews.nodes[1].clone().waiting_room(Limit::Of(1));
    let results = run(&crews, 24.0);
    // 999/0 goes to the room at 1.5 and its crew to 999/2, who is at the door at 3; 999/1 waits there
    // from 1.75 on, until the room is free at 4; 999/2 then until 4.25.
    assert_eq!(value(&results, "blocked", "Ambulance"), (4.0 - 1.75 + 4.25 - 3.0) / 24.0);
    assert_eq!(value(&results, "reserved", "ED"), 0.0);
    // A room on the way to which a place falls free: from then on the place is kept free instead. Q0
    // comes to the door at 3, is bound for the room from then on by a way of 4 hours; the cubicle is
    // free at 5.
    let room = |way: f64| {
        let model = model()
            .arrivals(arrivals("X", "Clinic", &[0.0]))
            .arrivals(arrivals("Q", "Ward", &[1.0]))
            .node(Node::beds("Ward", 1, fixed(2.0)))
            .node(Node::beds("Clinic", 1, fixed(5.0)).waiting_room(Limit::Of(1)))
            .route(Route::new("Ward", everyone_to("Clinic")))
            .transfer(Transfer::new("Ward", "Clinic", fixed(way)));
        value(&run(&model, 20.0), "reserved", "Clinic")
    };
    assert_eq!((room(4.0), room(1.0)), (2.0 / 20.0, 0.0));
    assert_ne!(trace(&crews, 24.0), trace(&ambulances(Hold::UntilStart), 24.0));
}

#[test]
fn both_windows_are_open_at_departure() {
    // The ward lets go from 10 to 16, the other side receives at 9 and at 14. P0, ready at 5, leaves at
    // 14 and is there at 17, whatever is open then; P1, ready at 14:30, the day after at 14.
    let of = |receive| {
        model()
            .arrivals(arrivals("P", "Ward", &[0.0, 0.0]))
            .node(Node::beds("Ward", 2, listed(&[5.0, 14.5])).leave(open("10:00", "16:00")))
            .node(Node::beds("Rehab", 2, fixed(1.0)).receive(receive))
            .route(Route::new("Ward", everyone_to("Rehab")))
            .transfer(Transfer::new("Ward", "Rehab", fixed(3.0)))
    };
    let twice = of(open("09:00", "09:30"));
    assert!(twice.check().is_err(), "windows that never meet");
    let mut both = instant("09:00");
    if let (icsflow::Window::At(all), icsflow::Window::At(more)) = (&mut both, instant("14:00")) {
        all.extend(more);
    }
    is(
        &of(both),
        72.0,
        "P 0 Ward  0    0  0  5    5    5    14 Rehab left
         P 0 Rehab 5    17 17 18   18   18   18 home  left
         P 1 Ward  0    0  0  14.5 14.5 14.5 38 Rehab left
         P 1 Rehab 14.5 41 41 42   42   42   42 home  left",
    );
    is(
        &of(open("12:00", "20:00")),
        72.0,
        "P 0 Ward  0    0    0    5    5    5    12   Rehab left
         P 0 Rehab 5    15   15   16   16   16   16   home  left
         P 1 Ward  0    0    0    14.5 14.5 14.5 14.5 Rehab left
         P 1 Rehab 14.5 17.5 17.5 18.5 18.5 18.5 18.5 home  left",
    );
}

#[test]
fn whoever_sets_out_to_a_list_is_received_by_the_first_of_those_who_serve_it() {
    // East receives at 9 and West at 14. P0, ready at 5, sets out at 9 and finds a place in the East at
    // 12; P1, ready at 10, sets out at 14 and is there at 17, when the East is taken.
    let of = |west: &str, leave: &str| {
        model()
            .arrivals(arrivals("P", "Crew", &[0.0, 0.0]))
            .node(Node::beds("Crew", 2, listed(&[5.0, 10.0])).leave(open("08:00", leave)))
            .queue(Queue::new().named("Beds"))
            .node(Node::beds("East", 1, fixed(6.0)).queue("Beds").receive(instant("09:00")))
            .node(Node::beds("West", 1, fixed(1.0)).queue("Beds").receive(instant(west)))
            .route(Route::new("Crew", everyone_to("Beds")))
            .transfer(Transfer::new("Crew", "Beds", fixed(3.0)).hold_origin(Hold::UntilStart))
    };
    is(
        &of("14:00", "20:00"),
        72.0,
        "P 0 Crew 0  0  0  5  12 12 12 Beds left
         P 0 East 12 12 12 18 18 18 18 home left
         P 1 Crew 0  0  0  10 17 17 17 Beds left
         P 1 West 17 17 17 18 18 18 18 home left",
    );
    // Who is sent to one of those who serve a list may come to any.
    let mut by_name = of("14:00", "12:00");
    by_name.routes = vec![Route::new("Crew", everyone_to("East"))];
    by_name.transfers.clear();
    for unmet in [of("14:00", "12:00"), by_name] {
        let faults = unmet.check().unwrap_err().to_string();
        let found = "1 fault:\n  route[0]: found windows that never meet: \"Crew\" leaves, \"West\" receives";
        assert!(faults.starts_with(found), "{faults}");
    }
}

#[test]
fn a_way_out_that_takes_time_holds_the_place_if_said_so() {
    // Those who are cared for at home afterwards wait an hour for transport, in their bed.
    let of = |hold| {
        model()
            .cohort(Cohort::new("frail"))
            .cohort(Cohort::new("fit"))
            .arrivals(arrivals("A", "Ward", &[0.0, 1.0]).cohort("frail"))
            .arrivals(arrivals("B", "Ward", &[0.5]).cohort("fit"))
            .node(Node::beds("Ward", 1, fixed(2.0)))
            .route(Route::new("Ward", everyone_to("home")))
            .transfer(
                Transfer::new(
                    "Ward",
                    "home",
                    icsflow::Cases(vec![when("cohort == 'frail'", fixed(1.0))]),
                )
                .hold_origin(hold),
            )
    };
    is(
        &of(Hold::UntilArrival),
        24.0,
        "A 0 Ward 0   0   0 2 2 2 3 home left
         A 1 Ward 1   1   5 7 7 7 8 home left
         B 0 Ward 0.5 0.5 3 5 5 5 5 home left",
    );
    is(
        &of(Hold::No),
        24.0,
        "A 0 Ward 0   0   0 2 2 2 2 home left
         A 1 Ward 1   1   4 6 6 6 6 home left
         B 0 Ward 0.5 0.5 2 4 4 4 4 home left",
    );
    // Who is on the way home is still inside.
    let results = run(&of(Hold::No), 24.0);
    assert_eq!(value(&results, "inside", "Trace"), (3.0 + 3.5 + 6.0) / 24.0);
    let on_the_way = run(&of(Hold::No), 2.5);
    assert_eq!(on_the_way.replications()[0].inside.at_end, [1, 1, 0, 0, 0, 0, 1]);
}

#[test]
fn an_exchange_passes_over_the_way() {
    let cross = model()
        .cohort(Cohort::new("p"))
        .cohort(Cohort::new("q"))
        .arrivals(arrivals("P", "A", &[0.0]).cohort("p"))
        .arrivals(arrivals("Q", "B", &[0.0]).cohort("q"))
        .node(Node::beds("A", 1, fixed(2.0)))
        .node(Node::beds("B", 1, fixed(3.0)))
        .route(Route::new("A", everyone_to("B")).cohort("p"))
        .route(Route::new("B", everyone_to("A")).cohort("q"))
        .transfer(Transfer::new("A", "B", fixed(5.0)))
        .deadlock(Deadlock::Swap);
    is(
        &cross,
        24.0,
        "P 0 A 0 0 0 2 2 3 3 B    left
         P 0 B 2 3 3 6 6 6 6 home left
         Q 0 B 0 0 0 3 3 3 3 A    left
         Q 0 A 3 3 3 5 5 5 5 home left",
    );
}

#[test]
fn the_time_on_the_way_is_a_draw_of_its_own() {
    // A way that takes time moves no stay.
    let of = |transfer: Option<Distribution>| {
        let mut model = model()
            .arrivals(arrivals("P", "Ward", &[0.0; 20]))
            .node(Node::beds("Ward", 20, Distribution::exponential("5h")))
            .node(Node::beds("Rehab", 20, Distribution::exponential("5h")))
            .route(Route::new("Ward", [("Rehab", Share::Of(0.5)), ("home", Share::Rest)]));
        if let Some(time) = transfer {
            model = model.transfer(Transfer::new("Ward", "Rehab", time));
        }
        run(&model, 1000.0)
    };
    let stays = |results: &Results| -> Vec<i64> {
        let rows = &results.replications()[0].rows;
        let mut stays: Vec<_> =
            rows.iter().map(|row| row.history.ready - row.patient.started).collect();
        stays.sort_unstable();
        stays
    };
    let (without, with) = (of(None), of(Some(Distribution::exponential("3h"))));
    assert_eq!(stays(&without), stays(&with));
    let came = |results: &Results| -> Vec<i64> {
        let rows = results.replications()[0].rows.iter().filter(|row| row.patient.node.0 == 1);
        let mut came: Vec<_> = rows.map(|row| row.history.came).collect();
        came.sort_unstable();
        came
    };
    let (at_once, later) = (came(&without), came(&with));
    assert!(at_once.len() > 4 && at_once.len() == later.len());
    assert!(at_once.iter().zip(&later).all(|(at_once, later)| at_once < later));
}

#[test]
fn files_and_builders_say_the_same() {
    let text = include_str!("../ways.toml");
    let built = Model::new("Ways")
        .time_unit(TimeUnit::Hours)
        .start("2026-01-05".parse().unwrap())
        .cohort(Cohort::new("patients").attribute("frail", Attribute::Flag(0.3)))
        .arrivals(Arrivals::poisson("999", "Ambulance", 2.0))
        .node(Node::beds("Ambulance", 6, fixed(1.0)))
        .node(
            Node::beds("ED", 9, fixed(4.0))
                .queue(Queue::new().limit(20))
                .waiting_room(WaitingRoom::Queue),
        )
        .node(Node::beds("Ward", 30, Distribution::from("3d")).receive(open("08:00", "20:00")))
        .route(Route::new("Ambulance", everyone_to("ED")))
        .route(Route::new("ED", [("Ward", Share::Of(0.25)), ("home", Share::Rest)]))
        .route(Route::new("Ward", [("ED", Share::Of(0.05)), ("home", Share::Rest)]))
        .transfer(
            Transfer::new("Ambulance", "ED", Distribution::exponential("25 min"))
                .hold_origin(Hold::UntilStart),
        )
        .transfer(Transfer::new("ED", "Ward", Distribution::from("20 min")))
        .transfer(
            Transfer::new(
                "Ward",
                "home",
                icsflow::Cases(vec![when("frail", Distribution::exponential("2h"))]),
            )
            .hold_origin(Hold::UntilArrival),
        )
        .deadlock(Deadlock::Swap);
    assert_eq!(Model::from_toml(text).unwrap(), built);
    assert_eq!(Model::from_toml(&built.to_toml()).unwrap(), built);
    assert_eq!(Model::from_json(&built.to_json()).unwrap(), built);
}

#[test]
fn whoever_starts_where_a_place_was_reserved_gives_way_to_the_urgent_who_wait() {
    // L has the bed of D reserved from 1 on and comes at 6; U waits since 3 and interrupts then.
    let of = |preempt: Option<Preempt>| {
        let queue = Queue { preempt, ..Queue::by_class(["cohort == 'U'"]) };
        model()
            .cohort(Cohort::new("L"))
            .cohort(Cohort::new("U"))
            .arrivals(arrivals("L", "A", &[0.0]).cohort("L"))
            .arrivals(arrivals("U", "D", &[3.0]).cohort("U"))
            .node(Node::beds("A", 1, fixed(1.0)))
            .node(Node::beds("D", 1, fixed(10.0)).queue(queue))
            .route(Route::new("A", everyone_to("D")))
            .transfer(Transfer::new("A", "D", fixed(5.0)))
    };
    let model = of(Some(Preempt::Resume));
    is(
        &model,
        48.0,
        "L 0 A 0 0 0 1  1  1  1  D    left
         L 0 D 1 6 6 -  -  -  6  -    interrupted
         L 0 D 6 6 16 26 26 26 26 home left
         U 0 D 3 3 6 16 16 16 16 home left",
    );
    differs(&of(None), &model, 48.0, &["L 0", "U 0"]);
}

#[test]
fn whoever_waits_for_a_window_before_being_conveyed_has_sought_no_place_yet() {
    // Ready at 6 and conveyed from 11 on, held until the start at C; seen at 8.
    let of = |hold: Hold| {
        model()
            .arrivals(arrivals("P", "A", &[1.0]))
            .node(Node::beds("A", 1, fixed(2.0)))
            .node(Node::beds("B", 1, fixed(3.0)).leave(instant("11:00")))
            .node(Node::beds("C", 1, fixed(1.0)))
            .route(Route::new("A", everyone_to("B")))
            .route(Route::new("B", everyone_to("C")))
            .transfer(Transfer::new("B", "C", fixed(1.0)).hold_origin(hold))
    };
    is(
        &of(Hold::UntilStart),
        8.0,
        "P 0 A 1 1 1 3 3 3 3 B left
         P 0 B 3 3 3 6 - - - - window",
    );
    is(
        &of(Hold::UntilArrival),
        8.0,
        "P 0 A 1 1 1 3 3 3 3 B left
         P 0 B 3 3 3 6 6 6 - - window",
    );
}
