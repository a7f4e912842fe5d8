//! Slots by calendar, worked out on paper. [`hand`](crate::hand) tells how to read the traces.

use icsflow::time::days;
use icsflow::{
    Again, Booking, Cohort, Edit, Experiment, Model, Node, Queue, Route, Session, SessionStart,
    Slots, Weekday,
};

use crate::hand::{arrivals, clock, differs, everyone_to, fixed, is, listed, model, run};

/// Slots at 9:00, 9:15, … of every day.
fn mornings(slots: u32) -> Session {
    Session::at_clock(clock("09:00"), slots).every("15 min")
}

/// A quarter of an hour for each contact.
fn clinic(slots: Slots) -> Model {
    model().node(Node::slots("C", slots, fixed(0.25)))
}

// ---- the trace of the shared cases (P31) -----------------------------------------------------------

#[test]
fn a_slot_takes_the_first_who_wait_and_has_no_other_limit() {
    let of = |second: u32| {
        let slots = Slots::new([
            Session::at("1.5h", 2).repeat("4h"),
            Session::at("2.5h", second).repeat("4h"),
            Session::at("4h", 2).repeat("4h"),
        ]);
        clinic(slots).arrivals(arrivals("P", "C", &[0.5, 0.7, 1.2, 3.1, 3.2, 3.3, 7.0]))
    };
    is(
        &of(1),
        24.0,
        "P 0 C 0.5 0.5 1.5 1.75 1.75 1.75 1.75 home left
         P 1 C 0.7 0.7 1.5 1.75 1.75 1.75 1.75 home left
         P 2 C 1.2 1.2 2.5 2.75 2.75 2.75 2.75 home left
         P 3 C 3.1 3.1 4   4.25 4.25 4.25 4.25 home left
         P 4 C 3.2 3.2 4   4.25 4.25 4.25 4.25 home left
         P 5 C 3.3 3.3 5.5 5.75 5.75 5.75 5.75 home left
         P 6 C 7   7   8   8.25 8.25 8.25 8.25 home left",
    );
    differs(&of(0), &of(1), 24.0, &["P 2", "P 4"]);
}

// ---- walking in ------------------------------------------------------------------------------------

#[test]
fn who_walks_in_at_the_very_instant_is_too_late_but_not_at_the_end_of_the_day() {
    // The last microsecond of the day.
    let end = 24.0 - 1.0 / 3.6e9;
    let of = |slots| clinic(slots).arrivals(arrivals("P", "C", &[9.0, 9.125]));
    is(
        &of(Slots::new([mornings(2)])),
        48.0,
        "P 0 C 9     9     9.25 9.5   9.5   9.5   9.5   home left
         P 1 C 9.125 9.125 33   33.25 33.25 33.25 33.25 home left",
    );
    let late = clinic(Slots::per_day(1)).arrivals(arrivals("P", "C", &[end, 24.0]));
    let results = run(&late, 72.0);
    let mut waits = results.values("mean_wait", "C").unwrap();
    // Nothing, and a day less a microsecond.
    assert!((waits.pop().unwrap() - (24.0 - 1.0 / 3.6e9) / 2.0).abs() < 1e-9);
}

#[test]
fn a_slot_goes_by_the_rule_of_the_queue() {
    let of = |queue: Queue| {
        let slots = Slots::new([Session::at_clock(clock("09:00"), 1)]);
        model()
            .cohort(Cohort::new("U"))
            .cohort(Cohort::new("R"))
            .arrivals(arrivals("R", "C", &[1.0, 2.0]).cohort("R"))
            .arrivals(arrivals("U", "C", &[3.0]).cohort("U"))
            .node(Node::slots("C", slots, fixed(0.0)).queue(queue))
    };
    let model = of(Queue::by_class(["cohort == 'U'"]).patience(fixed(40.0)));
    is(
        &model,
        96.0,
        "R 0 C 1 1 33 33 33 33 33 home left
         R 1 C 2 2 -  -  -  -  42 reneged reneged
         U 0 C 3 3 9  9  9  9  9  home left",
    );
    differs(&of(Queue::new().patience(fixed(40.0))), &model, 96.0, &["R 0", "R 1", "U 0"]);
}

#[test]
fn a_slot_is_no_place() {
    // Whoever comes out of a bed waits for the slot at home; whoever waits for a bed after the contact
    // holds no slot.
    let of = |beds: u32| {
        model()
            .arrivals(arrivals("P", "W", &[1.0, 2.0, 3.0]))
            .node(Node::beds("W", 1, fixed(2.0)))
            .node(Node::slots("C", Slots::new([mornings(4)]), fixed(0.25)))
            .node(Node::beds("Z", beds, fixed(5.0)))
            .route(Route::new("W", everyone_to("C")))
            .route(Route::new("C", everyone_to("Z")))
    };
    is(
        &of(1),
        48.0,
        "P 0 W 1    1    1     3     3     3     3     C    left
         P 0 C 3    3    9     9.25  9.25  9.25  9.25  Z    left
         P 0 Z 9.25 9.25 9.25  14.25 14.25 14.25 14.25 home left
         P 1 W 2    2    3     5     5     5     5     C    left
         P 1 C 5    5    9.25  9.5   9.5   9.5   9.5   Z    left
         P 1 Z 9.5  9.5  14.25 19.25 19.25 19.25 19.25 home left
         P 2 W 3    3    5     7     7     7     7     C    left
         P 2 C 7    7    9.5   9.75  9.75  9.75  9.75  Z    left
         P 2 Z 9.75 9.75 19.25 24.25 24.25 24.25 24.25 home left",
    );
    differs(&of(2), &of(1), 48.0, &["P 1 Z", "P 2 Z"]);
}

#[test]
fn a_list_is_served_by_several_clinics() {
    let of = |tuesday| {
        let day = |day, at: &str| Slots::new([Session::at_clock(clock(at), 1).days([day])]);
        model()
            .arrivals(arrivals("P", "L", &[1.0, 2.0, 3.0]))
            .queue(Queue::new().named("L"))
            .node(Node::slots("A", day(Weekday::Mon, "09:00"), fixed(1.0)).queue("L"))
            .node(Node::slots("B", day(tuesday, "10:00"), fixed(1.0)).queue("L"))
    };
    is(
        &of(Weekday::Tue),
        200.0,
        "P 0 A 1 1 9   10  10  10  10  home left
         P 1 B 2 2 34  35  35  35  35  home left
         P 2 A 3 3 177 178 178 178 178 home left",
    );
    differs(&of(Weekday::Mon), &of(Weekday::Tue), 200.0, &["P 1"]);
}

// ---- booking ---------------------------------------------------------------------------------------

#[test]
fn the_earliest_slot_after_joining_is_booked() {
    let of = |booking| {
        clinic(Slots::new([mornings(3)]).booking(booking)).arrivals(arrivals(
            "P",
            "C",
            &[9.0, 9.1, 9.2, 9.3],
        ))
    };
    let model = of(Booking::new());
    is(
        &model,
        96.0,
        "P 0 C 9   9   9.25  9.5   9.5   9.5   9.5   home left
         P 1 C 9.1 9.1 9.5   9.75  9.75  9.75  9.75  home left
         P 2 C 9.2 9.2 33    33.25 33.25 33.25 33.25 home left
         P 3 C 9.3 9.3 33.25 33.5  33.5  33.5  33.5  home left",
    );
    // With notice of a day, the morning after is too near for all but the first.
    is(
        &of(Booking::new().lead("24.3h")),
        96.0,
        "P 0 C 9   9   33.5  33.75 33.75 33.75 33.75 home left
         P 1 C 9.1 9.1 57    57.25 57.25 57.25 57.25 home left
         P 2 C 9.2 9.2 57.25 57.5  57.5  57.5  57.5  home left
         P 3 C 9.3 9.3 57.5  57.75 57.75 57.75 57.75 home left",
    );
}

#[test]
fn beyond_the_horizon_nobody_is_booked_and_the_line_keeps_its_order() {
    // Nobody is booked more than 20 hours ahead, so the urgent one who comes later is booked first.
    let of = |horizon: &str| {
        let slots = Slots::new([Session::at_clock(clock("09:00"), 1)]);
        let slots = slots.booking(Booking::new().horizon(horizon));
        model()
            .cohort(Cohort::new("U"))
            .cohort(Cohort::new("R"))
            .arrivals(arrivals("R", "C", &[1.0, 2.0]).cohort("R"))
            .arrivals(arrivals("U", "C", &[3.0]).cohort("U"))
            .node(Node::slots("C", slots, fixed(0.0)).queue(Queue::by_class(["cohort == 'U'"])))
    };
    is(
        &of("20h"),
        96.0,
        "R 0 C 1 1 9  9  9  9  9  home left
         R 1 C 2 2 57 57 57 57 57 home left
         U 0 C 3 3 33 33 33 33 33 home left",
    );
    differs(&of("30d"), &of("20h"), 96.0, &["R 1", "U 0"]);
}

#[test]
fn slots_are_kept_for_some_until_they_are_released() {
    let of = |release: Option<&str>| {
        let slots = Slots::new([mornings(3)]).booking(Booking::new()).carve_out(
            "urgent",
            1,
            "cohort == 'U'",
            release.map(Into::into),
        );
        model()
            .cohort(Cohort::new("U"))
            .cohort(Cohort::new("R"))
            .arrivals(arrivals("R", "C", &[1.0, 2.0, 3.0, 25.0, 26.0, 27.0]).cohort("R"))
            .arrivals(arrivals("U", "C", &[4.0]).cohort("U"))
            .node(Node::slots("C", slots, fixed(0.25)))
    };
    is(
        &of(None),
        96.0,
        "R 0 C 1  1  9     9.25  9.25  9.25  9.25  home left
         R 1 C 2  2  9.25  9.5   9.5   9.5   9.5   home left
         R 2 C 3  3  33    33.25 33.25 33.25 33.25 home left
         R 3 C 25 25 33.25 33.5  33.5  33.5  33.5  home left
         R 4 C 26 26 57    57.25 57.25 57.25 57.25 home left
         R 5 C 27 27 57.25 57.5  57.5  57.5  57.5  home left
         U 0 C 4  4  9.5   9.75  9.75  9.75  9.75  home left",
    );
    // From 2:00 on whoever books next has it.
    differs(&of(Some("7h")), &of(None), 96.0, &["R 2", "R 4", "R 5", "U 0"]);
}

#[test]
fn who_does_not_come_uses_the_slot() {
    let of = |again: Option<Again>| {
        let slots = Slots {
            missed: Some(icsflow::Cases(vec![crate::hand::when(
                "cohort == 'M' and day < 1",
                icsflow::Chance { share: 1.0 },
            )])),
            if_missed: again,
            ..Slots::new([mornings(2)]).booking(Booking::new())
        };
        model()
            .cohort(Cohort::new("M"))
            .cohort(Cohort::new("R"))
            .arrivals(arrivals("M", "C", &[1.0]).cohort("M"))
            .arrivals(arrivals("R", "C", &[2.0, 9.0]).cohort("R"))
            .node(Node::slots("C", slots, fixed(0.25)))
    };
    is(
        &of(None),
        96.0,
        "M 0 C 1 1 -    -    -    -    9    missed missed
         R 0 C 2 2 9.25 9.5  9.5  9.5  9.5  home   left
         R 1 C 9 9 33   33.25 33.25 33.25 33.25 home left",
    );
    // Whoever is booked again keeps the clock; whoever comes again begins a new one.
    is(
        &of(Some(Again::Rebook)),
        96.0,
        "M 0 C 1 1 33   33.25 33.25 33.25 33.25 home left
         R 0 C 2 2 9.25 9.5   9.5   9.5   9.5   home left
         R 1 C 9 9 33.25 33.5 33.5  33.5  33.5  home left",
    );
    is(
        &of(Some("C".into())),
        96.0,
        "M 0 C 1 1 -    -     -     -     9     C    missed
         M 0 C 9 9 33   33.25 33.25 33.25 33.25 home left
         R 0 C 2 2 9.25 9.5   9.5   9.5   9.5   home left
         R 1 C 9 9 33.25 33.5 33.5  33.5  33.5  home left",
    );
    let results = run(&of(None), 24.0);
    let per_hour = |metric| results.values(metric, "C").unwrap()[0] * 24.0;
    let told = ["slots_offered", "slots_booked", "slots_used", "slots_missed", "slots_unused"];
    assert_eq!(told.map(|metric| per_hour(metric).round() as u32), [2, 2, 1, 1, 0]);
    assert_eq!(results.values("missed_share", "C").unwrap(), [0.5]);
    assert_eq!(results.values("slot_utilisation", "C").unwrap(), [0.5]);
}

#[test]
fn a_slot_given_back_goes_to_the_next_who_books() {
    let of = |notice: f64| {
        let cancel = icsflow::Cases(vec![crate::hand::when(
            "cohort == 'M' and day < 0.5",
            icsflow::Cancel { share: 1.0, notice: notice.into() },
        )]);
        let booking = Booking { cancel: Some(cancel), ..Booking::new() };
        model()
            .cohort(Cohort::new("M"))
            .cohort(Cohort::new("R"))
            .arrivals(arrivals("M", "C", &[1.0]).cohort("M"))
            .arrivals(arrivals("R", "C", &[2.0, 7.5]).cohort("R"))
            .node(Node::slots("C", Slots::new([mornings(2)]).booking(booking), fixed(0.25)))
    };
    // Given back at 7:00; at 7:30 somebody books it. So is the next one, at 31.
    is(
        &of(2.0),
        96.0,
        "M 0 C 1   1   33.25 33.5 33.5 33.5 33.5 home left
         R 0 C 2   2   9.25  9.5  9.5  9.5  9.5  home left
         R 1 C 7.5 7.5 9     9.25 9.25 9.25 9.25 home left",
    );
    // Too late for that.
    differs(&of(1.0), &of(2.0), 96.0, &["M 0", "R 1"]);
}

#[test]
fn a_session_called_off_sends_all_back_to_the_line() {
    let of = |share: f64| {
        let slots = Slots::new([mornings(2)]).booking(Booking::new());
        let slots = if share > 0.0 { slots.called_off(share, "1h") } else { slots };
        clinic(slots).arrivals(arrivals("P", "C", &[1.0, 2.0]))
    };
    is(
        &of(0.0),
        96.0,
        "P 0 C 1 1 9    9.25 9.25 9.25 9.25 home left
         P 1 C 2 2 9.25 9.5  9.5  9.5  9.5  home left",
    );
    let results = run(&of(1.0), 96.0);
    let per_hour = |metric| results.values(metric, "C").unwrap()[0] * 96.0;
    assert_eq!(
        ["slots_offered", "slots_called_off", "slots_used"].map(per_hour).map(f64::round),
        [0.0, 8.0, 0.0]
    );
    // Half of them: whoever is sent back is seen first when one takes place.
    let half = run(&of(0.5), 24.0 * 30.0);
    let started = crate::tables::lines(&half.stays(), &["patient", "started", "outcome"]);
    assert_eq!(started.len(), 2, "{started:?}");
    assert!(started.iter().all(|line| line.ends_with("left")), "{started:?}");
}

#[test]
fn a_full_session_is_booked_twice() {
    let of = |share: f64| {
        clinic(Slots::new([mornings(2)]).booking(Booking::new().overbook(share)))
            .arrivals(arrivals("P", "C", &[1.0, 2.0, 3.0, 4.0]))
    };
    is(
        &of(0.5),
        96.0,
        "P 0 C 1 1 9    9.25  9.25  9.25  9.25  home left
         P 1 C 2 2 9.25 9.5   9.5   9.5   9.5   home left
         P 2 C 3 3 9    9.25  9.25  9.25  9.25  home left
         P 3 C 4 4 33   33.25 33.25 33.25 33.25 home left",
    );
    differs(&of(0.0), &of(0.5), 96.0, &["P 2", "P 3"]);
}

#[test]
fn a_follow_up_is_booked_when_the_contact_is_over() {
    // 25 hours after 9:15 is 10:15 of the day after, past its last slot: the day after that.
    let of = |after: f64| {
        let again = icsflow::Cases(vec![crate::hand::when(
            "day < 1",
            icsflow::FollowUp { share: 1.0, after: after.into() },
        )]);
        let booking = Booking { follow_up: Some(again), ..Booking::new() };
        clinic(Slots::new([mornings(2)]).booking(booking)).arrivals(arrivals("P", "C", &[1.0]))
    };
    is(
        &of(25.0),
        96.0,
        "P 0 C 1    1    9  9.25  9.25  9.25  9.25  C    left
         P 0 C 9.25 9.25 57 57.25 57.25 57.25 57.25 home left",
    );
    differs(&of(23.0), &of(25.0), 96.0, &["P 0"]);
    let results = run(&of(25.0), 96.0);
    assert_eq!(results.values("follow_ups_per_first", "C").unwrap(), [1.0]);
}

#[test]
fn some_book_and_the_others_walk_in() {
    let of = |when: &str| {
        let slots = Slots::new([mornings(2)]).booking(Booking::new().when(when));
        model()
            .cohort(Cohort::new("B"))
            .cohort(Cohort::new("W"))
            .arrivals(arrivals("B", "C", &[3.0]).cohort("B"))
            .arrivals(arrivals("W", "C", &[1.0, 2.0]).cohort("W"))
            .node(Node::slots("C", slots, fixed(0.25)))
    };
    // Whoever books has the first slot, though two came before: they are there for what is left.
    is(
        &of("cohort == 'B'"),
        96.0,
        "B 0 C 3 3 9    9.25  9.25  9.25  9.25  home left
         W 0 C 1 1 9.25 9.5   9.5   9.5   9.5   home left
         W 1 C 2 2 33   33.25 33.25 33.25 33.25 home left",
    );
    differs(&of("cohort == 'W'"), &of("cohort == 'B'"), 96.0, &["B 0", "W 0", "W 1"]);
}

#[test]
fn a_contact_from_afar_is_shorter() {
    let of = |factor| {
        clinic(Slots::new([mornings(1)]).remote(1.0, factor)).arrivals(arrivals("P", "C", &[1.0]))
    };
    is(&of(0.5), 24.0, "P 0 C 1 1 9 9.125 9.125 9.125 9.125 home left");
    differs(&of(1.0), &of(0.5), 24.0, &["P 0"]);
}

#[test]
fn slots_change_at_dates_and_by_weekday() {
    // Forty per cent from the second week on: four of ten.
    let slots =
        Slots::new([Session::at_clock(clock("09:00"), 10).days([Weekday::Mon, Weekday::Thu])])
            .edit(Edit::times("7d", 0.4));
    let model = clinic(slots);
    let results = Experiment::new(&model).replications(1).until(days(21.0)).run().unwrap();
    let offered = results.values("slots_offered", "C").unwrap()[0] * 21.0 * 24.0;
    assert_eq!(offered.round(), 2.0 * 10.0 + 4.0 * 4.0);
}

#[test]
fn a_queue_with_slots_turns_away_and_is_reviewed() {
    // Two may wait for a slot, booked or not.
    let slots = Slots::new([Session::at_clock(clock("09:00"), 1)]).booking(Booking::new());
    let of = |queue: Queue| {
        model()
            .arrivals(arrivals("P", "C", &[1.0, 2.0, 3.0, 10.0]))
            .node(Node::slots("C", slots.clone(), listed(&[0.0; 4])).queue(queue))
    };
    is(
        &of(Queue::new().limit(2)),
        96.0,
        "P 0 C 1  1  9  9  9  9  9  home left
         P 1 C 2  2  33 33 33 33 33 home left
         P 2 C 3  3  -  -  -  -  3  lost lost
         P 3 C 10 10 57 57 57 57 57 home left",
    );
    differs(&of(Queue::new().limit(3)), &of(Queue::new().limit(2)), 96.0, &["P 2", "P 3"]);
}

#[test]
fn sessions_may_begin_at_the_end_of_the_day_in_words() {
    let model = Model::from_toml(
        "name = 'Clinic'
         [[node]]
         name = 'C'
         stay = 0
         slots = { sessions = [{ from = 'end of day', days = ['Mon'], slots = 3 }], missed = 0.1 }",
    )
    .unwrap();
    let slots = model.nodes[0].slots.as_ref().unwrap();
    assert_eq!(slots.sessions[0].from, Some(SessionStart::EndOfDay));
    assert_eq!(Model::from_toml(&model.to_toml()).unwrap(), model);
}

// ---- sessions with minutes -------------------------------------------------------------------------

/// A theatre where the long take two hours and the short one, unless told otherwise.
fn theatre(slots: Slots, actual: Option<&[f64]>) -> Model {
    let expected = icsflow::Cases(vec![
        crate::hand::when("cohort == 'long'", fixed(2.0)),
        icsflow::Case { when: None, then: fixed(1.0) },
    ]);
    let node = match actual {
        None => Node::slots("T", slots, expected),
        Some(actual) => {
            let slots = Slots { estimate: Some(expected), ..slots };
            Node::slots("T", slots, listed(actual))
        }
    };
    model().cohort(Cohort::new("long")).cohort(Cohort::new("short")).node(node)
}

#[test]
fn a_session_takes_who_fits_one_after_the_other() {
    let of = |fill| {
        let slots = Slots { fill, ..Slots::new([Session::minutes(clock("09:00"), 180)]) };
        theatre(slots, None)
            .arrivals(arrivals("L", "T", &[1.0, 2.0]).cohort("long"))
            .arrivals(arrivals("S", "T", &[3.0, 4.0]).cohort("short"))
    };
    // The second long one does not fit in the hour that is left; a short one does.
    is(
        &of(None),
        96.0,
        "L 0 T 1 1 9  11 11 11 11 home left
         L 1 T 2 2 33 35 35 35 35 home left
         S 0 T 3 3 11 12 12 12 12 home left
         S 1 T 4 4 35 36 36 36 36 home left",
    );
    differs(&of(Some(icsflow::Fill::Strict)), &of(None), 96.0, &["S 0", "S 1"]);
}

#[test]
fn who_would_last_past_the_end_is_cancelled_on_the_day_and_keeps_the_clock() {
    let of = |overrun: &str| {
        let slots = Slots::new([Session::minutes(clock("09:00"), 180)]);
        let slots = Slots { overrun: Some(icsflow::Quantity::parse(overrun).unwrap()), ..slots };
        // The first takes half an hour more than expected.
        theatre(slots, Some(&[2.5, 1.0, 1.0]))
            .arrivals(arrivals("L", "T", &[1.0]).cohort("long"))
            .arrivals(arrivals("S", "T", &[3.0, 10.0]).cohort("short"))
    };
    is(
        &of("15min"),
        96.0,
        "L 0 T 1  1  9    11.5 11.5 11.5 11.5 home left
         S 0 T 3  3  33   34   34   34   34   home left
         S 1 T 10 10 34   35   35   35   35   home left",
    );
    differs(&of("30min"), &of("15min"), 96.0, &["S 0", "S 1"]);
    let results = run(&of("15min"), 24.0);
    let told = |metric| results.values(metric, "T").unwrap()[0] * 24.0;
    assert_eq!(told("cancelled_on_day").round(), 1.0);
    assert_eq!(told("session_minutes_offered").round(), 180.0);
    assert_eq!(told("session_minutes_used").round(), 150.0);
    let results = run(&of("30min"), 24.0);
    assert_eq!((results.values("session_minutes_over", "T").unwrap()[0] * 24.0).round(), 30.0);
}

#[test]
fn minutes_are_booked_ahead() {
    let of = |lead: &str| {
        let slots = Slots::new([Session::minutes(clock("09:00"), 180)]);
        theatre(slots.booking(Booking::new().lead(lead)), None)
            .arrivals(arrivals("L", "T", &[1.0, 2.0]).cohort("long"))
            .arrivals(arrivals("S", "T", &[3.0]).cohort("short"))
    };
    is(
        &of("1h"),
        96.0,
        "L 0 T 1 1 9  11 11 11 11 home left
         L 1 T 2 2 33 35 35 35 35 home left
         S 0 T 3 3 11 12 12 12 12 home left",
    );
    differs(&of("7h"), &of("1h"), 96.0, &["S 0"]);
}

#[test]
fn nobody_is_operated_on_without_a_bed() {
    let of = |needs: Option<icsflow::Needs>| {
        let slots = Slots { needs, ..Slots::new([Session::minutes(clock("09:00"), 180)]) };
        theatre(slots, None)
            .arrivals(arrivals("S", "T", &[3.0, 4.0]).cohort("short"))
            .arrivals(arrivals("W", "W", &[9.5]).cohort("long"))
            .node(Node::beds("W", 1, fixed(20.0)))
            .route(Route::new("T", everyone_to("W")))
    };
    // The bed is kept for the first while she is in theatre; the second finds none on that day, nor on
    // the next, when somebody who came to the ward at 9:30 has it.
    is(
        &of(Some("W".into())),
        120.0,
        "S 0 T 3   3   9  10 10 10 10 W    left
         S 0 W 10  10  10 30 30 30 30 home left
         S 1 T 4   4   57 58 58 58 58 W    left
         S 1 W 58  58  58 78 78 78 78 home left
         W 0 W 9.5 9.5 30 50 50 50 50 home left",
    );
    let results = run(&of(Some("W".into())), 48.0);
    assert_eq!((results.values("cancelled_on_day", "T").unwrap()[0] * 48.0).round(), 2.0);
    differs(&of(None), &of(Some("W".into())), 120.0, &["S 0", "S 1", "W 0"]);
}

// ---- what comes within reach -----------------------------------------------------------------------

fn weekly() -> Session {
    Session::at_clock(clock("09:00"), 1).days([Weekday::Mon])
}

#[test]
fn the_earliest_slot_is_booked_whichever_session_it_belongs_to() {
    // The first at 8, and before 10 and 12 the three at 9.
    let of = |second: u32| {
        let first = Session::at_clock(clock("08:00"), 3).every("2h");
        let slots = Slots::new([first, Session::at_clock(clock("09:00"), second)]);
        clinic(slots.booking(Booking::new())).arrivals(arrivals("P", "C", &[1.0, 2.0, 3.0, 4.0]))
    };
    is(
        &of(3),
        24.0,
        "P 0 C 1 1 8 8.25 8.25 8.25 8.25 home left
         P 1 C 2 2 9 9.25 9.25 9.25 9.25 home left
         P 2 C 3 3 9 9.25 9.25 9.25 9.25 home left
         P 3 C 4 4 9 9.25 9.25 9.25 9.25 home left",
    );
    differs(&of(1), &of(3), 24.0, &["P 2", "P 3"]);
}

#[test]
fn a_slot_is_booked_as_soon_as_it_comes_within_the_horizon() {
    // W walks in, and has waited for longer; at 9:00 on Friday B is booked for Monday, three days ahead, although
    // nobody comes then.
    let of = |who: &str| {
        let booking = Booking::new().when(who).horizon("3d");
        model()
            .cohort(Cohort::new("W"))
            .cohort(Cohort::new("B"))
            .arrivals(arrivals("W", "C", &[50.0]).cohort("W"))
            .arrivals(arrivals("B", "C", &[80.0]).cohort("B"))
            .node(Node::slots("C", Slots::new([weekly()]).booking(booking), fixed(0.25)))
    };
    is(
        &of("cohort == 'B'"),
        400.0,
        "B 0 C 80 80 177 177.25 177.25 177.25 177.25 home left
         W 0 C 50 50 345 345.25 345.25 345.25 345.25 home left",
    );
    differs(&of("cohort == 'W'"), &of("cohort == 'B'"), 400.0, &["W 0", "B 0"]);
}

#[test]
fn a_slot_is_booked_as_soon_as_it_is_released() {
    // On Sunday at 9:00 what is kept for U on Monday is there for all.
    let of = |release: &str| {
        let slots =
            Slots::new([weekly()]).booking(Booking::new().when("cohort != 'W'").horizon("8d"));
        let slots = slots.carve_out("urgent", 1, "cohort == 'U'", Some(release.into()));
        model()
            .cohort(Cohort::new("W"))
            .cohort(Cohort::new("R"))
            .cohort(Cohort::new("U"))
            .arrivals(arrivals("W", "C", &[10.0]).cohort("W"))
            .arrivals(arrivals("R", "C", &[20.0]).cohort("R"))
            .arrivals(arrivals("U", "C", &[160.0]).cohort("U"))
            .node(Node::slots("C", slots, fixed(0.25)))
    };
    is(
        &of("1d"),
        600.0,
        "R 0 C 20  20  177 177.25 177.25 177.25 177.25 home left
         U 0 C 160 160 345 345.25 345.25 345.25 345.25 home left
         W 0 C 10  10  513 513.25 513.25 513.25 513.25 home left",
    );
    // Not released before U comes, it is U's; R has the next, a day before which nobody else comes.
    differs(&of("6h"), &of("1d"), 600.0, &["R 0", "U 0"]);
}

#[test]
fn who_finds_no_slot_to_book_keeps_nobody_from_one() {
    // Two sessions in all, of two slots and of one, and one of each for U and W. R0 books the first; R1, for whom
    // nothing is left, is passed by U, who books the second, and by W, who walks into the third.
    let of = |kept: &str| {
        let slots = Slots::new([Session::at("48h", 2), Session::at("216h", 1)]);
        let slots = slots.booking(Booking::new().when("cohort != 'W'"));
        let slots = slots.carve_out("kept", 1, kept, None);
        model()
            .cohort(Cohort::new("W"))
            .cohort(Cohort::new("R"))
            .cohort(Cohort::new("U"))
            .arrivals(arrivals("R", "C", &[0.0, 1.0]).cohort("R"))
            .arrivals(arrivals("W", "C", &[2.0]).cohort("W"))
            .arrivals(arrivals("U", "C", &[3.0]).cohort("U"))
            .node(Node::slots("C", slots, fixed(1.0)))
    };
    is(
        &of("cohort in ['U', 'W']"),
        300.0,
        "R 0 C 0 0 48  49  49  49  49  home left
         R 1 C 1 1 -   -   -   -   -   -    waiting
         U 0 C 3 3 48  49  49  49  49  home left
         W 0 C 2 2 216 217 217 217 217 home left",
    );
    differs(&of("cohort == 'W'"), &of("cohort in ['U', 'W']"), 300.0, &["W 0", "U 0"]);
}

#[test]
fn what_nobody_used_is_not_there_to_be_booked() {
    // At 8 nobody is there. R, at 9, may book what is not kept: two are, of the two that are left today.
    let of = |kept: u32| {
        let slots = Slots::new([Session::at_clock(clock("08:00"), 3).every("2h")]);
        let slots = slots.booking(Booking::new());
        let slots = slots.carve_out("urgent", kept, "cohort == 'U'", None);
        model()
            .cohort(Cohort::new("U"))
            .cohort(Cohort::new("R"))
            .arrivals(arrivals("R", "C", &[9.0]).cohort("R"))
            .arrivals(arrivals("U", "C", &[9.25, 9.5]).cohort("U"))
            .node(Node::slots("C", slots, fixed(1.0)))
    };
    is(
        &of(2),
        48.0,
        "R 0 C 9    9    32 33 33 33 33 home left
         U 0 C 9.25 9.25 10 11 11 11 11 home left
         U 1 C 9.5  9.5  12 13 13 13 13 home left",
    );
    differs(&of(1), &of(2), 48.0, &["R 0", "U 0", "U 1"]);
}

#[test]
fn whoever_comes_again_beyond_the_horizon_is_booked_at_once() {
    // One slot a day, up to three days ahead. P's follow-up of day 10 is booked on day 0, before Q, who is
    // urgent and would have it: more than three days ahead nobody else may.
    let of = |after: f64| {
        let booking = Booking::new().horizon("3d").follow_up(1.0, fixed(after));
        let slots = Slots::new([Session::at_clock(clock("09:00"), 1)]).booking(booking);
        model()
            .cohort(Cohort::new("P"))
            .cohort(Cohort::new("Q"))
            .arrivals(arrivals("P", "C", &[1.0]).cohort("P"))
            .arrivals(arrivals("Q", "C", &[24.0 * 6.0 + 10.0; 5]).cohort("Q"))
            .node(Node::slots("C", slots, fixed(0.0)).queue(Queue::by_class(["cohort == 'Q'"])))
    };
    let starts = |after: f64, of_whom: &str| -> Vec<String> {
        let all = crate::hand::trace(&of(after), 24.0 * 13.0);
        let own = all.iter().filter(|line| line.starts_with(of_whom));
        own.map(|line| line.split(' ').nth(5).unwrap().to_owned()).collect()
    };
    assert_eq!(starts(240.0, "P 0")[..2], ["9", "249"]);
    let all = |after: f64| ["Q 0", "Q 1", "Q 2", "Q 3", "Q 4"].map(|q| starts(after, q)[0].clone());
    assert_eq!(all(240.0), ["177", "201", "225", "273", "297"]);
    assert_eq!(all(1000.0), ["177", "201", "225", "249", "273"]);
}
