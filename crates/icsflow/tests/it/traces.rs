//! Runs worked out on paper: every instant of every visit, exact to the microsecond. [`hand`](crate::hand)
//! tells how to read them.

use icsflow::rng::{Purpose, SourceKey};
use icsflow::time::{DAY, HOUR, hours};
use icsflow::{
    Arrivals, Case, Cases, Cohort, Experiment, HourProfile, Limit, Model, Node, ProcessDelay,
    Queue, Route, Sessions, Timetable, Weekday, Window,
};

use crate::hand::{
    arrivals, at_most, clock, differs, everyone_to, first, fixed, instant, is, listed, model, open,
    run, trace, visits, when,
};
use crate::tables::{cell, lines, number};

// ---- the traces of the shared cases (P31) ----------------------------------------------------------

const ARRIVALS: [f64; 8] = [0.5, 1.0, 2.0, 2.5, 3.0, 7.0, 7.5, 12.0];
const SERVICES: [f64; 8] = [4.0, 2.0, 3.0, 1.0, 2.0, 5.0, 1.0, 2.0];

#[test]
fn two_places_first_come() {
    let of = |beds| {
        model().arrivals(arrivals("P", "N", &ARRIVALS)).node(Node::beds(
            "N",
            beds,
            listed(&SERVICES),
        ))
    };
    is(
        &of(2),
        24.0,
        "P 0 N 0.5 0.5 0.5 4.5 4.5 4.5 4.5 home left
         P 1 N 1   1   1   3   3   3   3   home left
         P 2 N 2   2   3   6   6   6   6   home left
         P 3 N 2.5 2.5 4.5 5.5 5.5 5.5 5.5 home left
         P 4 N 3   3   5.5 7.5 7.5 7.5 7.5 home left
         P 5 N 7   7   7   12  12  12  12  home left
         P 6 N 7.5 7.5 7.5 8.5 8.5 8.5 8.5 home left
         P 7 N 12  12  12  14  14  14  14  home left",
    );
    assert_ne!(trace(&of(3), 24.0), trace(&of(2), 24.0));
}

#[test]
fn a_full_queue_turns_away() {
    let of = |limit| {
        model()
            .arrivals(arrivals("P", "N", &ARRIVALS))
            .node(Node::beds("N", 1, listed(&SERVICES)).queue(at_most(limit)))
    };
    is(
        &of(1),
        24.0,
        "P 0 N 0.5 0.5 0.5 4.5 4.5 4.5 4.5 home left
         P 1 N 1   1   4.5 6.5 6.5 6.5 6.5 home left
         P 2 N 2   2   -   -   -   -   2   lost lost
         P 3 N 2.5 2.5 -   -   -   -   2.5 lost lost
         P 4 N 3   3   -   -   -   -   3   lost lost
         P 5 N 7   7   7   10  10  10  10  home left
         P 6 N 7.5 7.5 10  11  11  11  11  home left
         P 7 N 12  12  12  14  14  14  14  home left",
    );
    assert_ne!(trace(&of(2), 24.0), trace(&of(1), 24.0));
}

#[test]
fn a_better_class_goes_first_and_interrupts_nobody() {
    let of = |queue: Queue| {
        model()
            .cohort(Cohort::new("H"))
            .cohort(Cohort::new("L"))
            .arrivals(arrivals("H", "N", &[2.0, 6.0, 6.5]).cohort("H"))
            .arrivals(arrivals("L", "N", &[0.5, 1.0, 5.5, 9.0]).cohort("L"))
            .node(
                Node::beds(
                    "N",
                    1,
                    Cases(vec![
                        when("cohort == 'H'", listed(&[2.0, 1.0, 2.0])),
                        Case { when: None, then: listed(&[3.0, 4.0, 1.0, 2.0]) },
                    ]),
                )
                .queue(queue),
            )
    };
    let model = of(first(&["cohort == 'H'"]));
    is(
        &model,
        24.0,
        "H 0 N 2   2   3.5  5.5  5.5  5.5  5.5  home left
         H 1 N 6   6   9.5  10.5 10.5 10.5 10.5 home left
         H 2 N 6.5 6.5 10.5 12.5 12.5 12.5 12.5 home left
         L 0 N 0.5 0.5 0.5  3.5  3.5  3.5  3.5  home left
         L 1 N 1   1   5.5  9.5  9.5  9.5  9.5  home left
         L 2 N 5.5 5.5 12.5 13.5 13.5 13.5 13.5 home left
         L 3 N 9   9   13.5 15.5 15.5 15.5 15.5 home left",
    );
    assert_ne!(trace(&of(first(&["cohort == 'L'"])), 24.0), trace(&model, 24.0));
}

#[test]
fn two_nodes_blocked_by_one_enter_it_in_the_order_of_seeking() {
    let of = |beds_of_y| {
        model()
            .arrivals(arrivals("X", "X", &[1.0, 2.0, 9.0]))
            .arrivals(arrivals("Y", "Y", &[1.5, 3.0, 4.0]))
            .node(Node::beds("X", 1, listed(&[3.0, 2.0, 1.0])))
            .node(Node::beds("Y", beds_of_y, listed(&[1.0, 2.0, 1.25])))
            .node(Node::beds("Z", 1, listed(&[6.0, 4.0, 2.0, 3.0, 1.0, 5.0])))
            .route(Route::new("X", everyone_to("Z")))
            .route(Route::new("Y", everyone_to("Z")))
            .route(Route::new("Z", everyone_to("exit")))
    };
    is(
        &of(2),
        24.0,
        "X 0 X 1    1    1    4    4    8.5  8.5  Z    left
         X 0 Z 4    8.5  8.5  12.5 12.5 12.5 12.5 exit left
         X 1 X 2    2    8.5  10.5 10.5 17.5 17.5 Z    left
         X 1 Z 10.5 17.5 17.5 18.5 18.5 18.5 18.5 exit left
         X 2 X 9    9    17.5 18.5 18.5 18.5 18.5 Z    left
         X 2 Z 18.5 18.5 18.5 23.5 23.5 23.5 23.5 exit left
         Y 0 Y 1.5  1.5  1.5  2.5  2.5  2.5  2.5  Z    left
         Y 0 Z 2.5  2.5  2.5  8.5  8.5  8.5  8.5  exit left
         Y 1 Y 3    3    3    5    5    12.5 12.5 Z    left
         Y 1 Z 5    12.5 12.5 14.5 14.5 14.5 14.5 exit left
         Y 2 Y 4    4    4    5.25 5.25 14.5 14.5 Z    left
         Y 2 Z 5.25 14.5 14.5 17.5 17.5 17.5 17.5 exit left",
    );
    assert_ne!(trace(&of(1), 24.0), trace(&of(2), 24.0));
}

// ---- windows ---------------------------------------------------------------------------------------

#[test]
fn a_window_of_an_interval() {
    // P0 ready 4, before it opens: leaves at 8. P1 ready 9, inside: leaves at once. P2 ready 20, the
    // very instant of closing: still leaves. P3 finds the place that P0 leaves at 8, ready 20.5: too
    // late, leaves at 8 of the next day, which is 32.
    let of = |closes: &str| {
        model().arrivals(arrivals("P", "Ward", &[1.0, 2.0, 3.0, 8.0])).node(
            Node::beds("Ward", 3, listed(&[3.0, 7.0, 17.0, 12.5]))
                .queue(at_most(0))
                .leave(open("08:00", closes)),
        )
    };
    is(
        &of("20:00"),
        48.0,
        "P 0 Ward 1 1 1 4    4    4    8  home left
         P 1 Ward 2 2 2 9    9    9    9  home left
         P 2 Ward 3 3 3 20   20   20   20 home left
         P 3 Ward 8 8 8 20.5 20.5 20.5 32 home left",
    );
    differs(&of("19:59:59"), &of("20:00"), 48.0, &["P 2"]);
    differs(&of("20:30"), &of("20:00"), 48.0, &["P 3"]);
}

#[test]
fn a_window_of_an_instant() {
    // Step is taken by S from 0 to 10. Out is ready at 10, the very instant, and needs nobody: leaves.
    // On is ready at 5, gets Step at 10 when S leaves; windows open before places are assigned, so that
    // On is too late and leaves at 10 of the next day, 34, for a place reserved since 10. D, who came to
    // Step at 12, waits behind the reservation until On has left at 38.
    let of = |stay_of_s| {
        model()
            .cohort(Cohort::new("out"))
            .cohort(Cohort::new("on"))
            .arrivals(arrivals("S", "Step", &[0.0]).cohort("out"))
            .arrivals(arrivals("Out", "Ward", &[1.0]).cohort("out"))
            .arrivals(arrivals("On", "Ward", &[2.0]).cohort("on"))
            .arrivals(arrivals("D", "Step", &[12.0]).cohort("out"))
            .node(Node::beds("Ward", 2, listed(&[9.0, 3.0])).leave(instant("10:00")))
            .node(Node::beds("Step", 1, listed(&[stay_of_s, 4.0, 1.0])))
            .route(Route::new("Ward", everyone_to("Step")).cohort("on"))
    };
    is(
        &of(10.0),
        48.0,
        "D   0 Step 12 12 38 39 39 39 39 home left
         On  0 Ward 2  2  2  5  5  10 34 Step left
         On  0 Step 5  34 34 38 38 38 38 home left
         Out 0 Ward 1  1  1  10 10 10 10 home left
         S   0 Step 0  0  0  10 10 10 10 home left",
    );
    differs(&of(9.75), &of(10.0), 48.0, &["D", "On", "S"]);
    assert!(trace(&of(9.75), 48.0).contains(&"On 0 Ward 2 2 2 5 5 9.75 10 Step left".to_owned()));
    let sooner = {
        let mut twin = of(10.0);
        twin.nodes[0].leave = Some(instant("09:30"));
        twin
    };
    differs(&sooner, &of(10.0), 48.0, &["D", "On", "Out"]);
}

#[test]
fn a_window_by_hour_profile_draws_one_uniform_a_day() {
    // The rule by hand: on each day on which one could leave, u below the weekday's share decides that
    // one leaves, and u / share, laid on the cumulated hours, when; an hour already past means the next
    // day. Nobody of 400 may differ by a microsecond.
    let mut hours_of_day = vec![0.0; 24];
    (hours_of_day[8], hours_of_day[12], hours_of_day[17]) = (1.0, 2.0, 1.0);
    let weekdays = vec![1.0, 0.75, 1.0, 1.0, 0.5, 0.25, 0.0];
    let profile = HourProfile { hours: hours_of_day, weekdays: weekdays.clone() };
    let times: Vec<f64> = (0..400).map(|i| 1.0 + f64::from(i) * 1.25).collect();
    let of = |profile: HourProfile| {
        model()
            .arrivals(arrivals("P", "Ward", &times))
            .node(Node::unlimited("Ward", fixed(0.5)).leave(Window::Profile(profile)))
    };
    let results = Experiment::new(&of(profile.clone()))
        .replications(1)
        .until(hours(1000.0))
        .seed(7)
        .stays(true)
        .run()
        .unwrap();
    let stays = results.stays();
    assert_eq!(stays.rows(), 400);
    let expected = |number: u64, ready: i64| -> i64 {
        let patient = SourceKey::new(7, 0, "P").patient(number);
        for day in ready / DAY.. {
            let purpose = Purpose::named("Ward", "leave").at(day as u64);
            let (u, share) = (patient.draw(purpose, 0).uniform(), weekdays[(day % 7) as usize]);
            if u >= share {
                continue;
            }
            // Cumulated: a quarter by 9, nothing until 12, three quarters by 13, all from 17 to 18.
            let u = u / share;
            let hour = match u {
                u if u < 0.25 => 8.0 + u / 0.25,
                u if u < 0.75 => 12.0 + (u - 0.25) / 0.5,
                u => 17.0 + (u - 0.75) / 0.25,
            };
            let leaves = day * DAY + (hour * HOUR as f64) as i64;
            if leaves >= ready {
                return leaves;
            }
        }
        unreachable!("somebody leaves on Mondays");
    };
    let (mut later, mut same_day) = (0, 0);
    for row in 0..stays.rows() {
        let number: u64 = cell(&stays, "patient", row).parse().unwrap();
        let ready = hours(times[number as usize] + 0.5);
        let left = (self::number(&stays, "left", row) * HOUR as f64).round() as i64;
        // A sum of fractions of an hour may round the other way: one microsecond.
        assert!((left - expected(number, ready)).abs() <= 1, "patient {number}");
        if left / DAY > ready / DAY { later += 1 } else { same_day += 1 }
    }
    assert!(later > 50 && same_day > 50);
    let twin = HourProfile { weekdays: vec![1.0; 7], ..profile };
    assert_ne!(
        trace(&of(twin.clone()), 1000.0),
        trace(&of(HourProfile { weekdays, ..twin }), 1000.0)
    );
}

// ---- delays ----------------------------------------------------------------------------------------

#[test]
fn delays_by_process_run_one_after_the_other() {
    // Old is ready at 3: assessment takes the first listed value, 2, until 5; medicines 3, until 8;
    // transport 0.5: seeks at 8.5. Young is ready at 4: assessment takes the second, 1, until 5; no
    // medicines; transport: seeks at 5.5 and takes the one place of Step, until 10.5. Old is blocked
    // from 8.5 to 10.5. Hours by process: 3 + 3 + 1; by capacity: 2.
    let of = |reasons: [&str; 4]| {
        let delay = |reason: &str| -> Cases<ProcessDelay> {
            match reason {
                "assessment" => listed(&[2.0, 1.0]).into(),
                "never" => ProcessDelay { share: Some(0.0), delay: 50.0.into() }.into(),
                "medicines" => Cases(vec![when("cohort == 'old'", fixed(3.0).into())]),
                _ => ProcessDelay { share: Some(1.0), delay: 0.5.into() }.into(),
            }
        };
        let ward = Node::beds(
            "Ward",
            2,
            Cases(vec![when("cohort == 'old'", fixed(2.0)), Case { when: None, then: 4.0.into() }]),
        );
        let ward =
            reasons.iter().fold(ward, |ward, reason| ward.process_delay(*reason, delay(reason)));
        model()
            .cohort(Cohort::new("young"))
            .cohort(Cohort::new("old"))
            .arrivals(arrivals("Young", "Ward", &[0.0]).cohort("young"))
            .arrivals(arrivals("Old", "Ward", &[1.0]).cohort("old"))
            .node(ward)
            .node(Node::beds("Step", 1, fixed(5.0)))
            .route(Route::new("Ward", everyone_to("Step")))
    };
    let model = of(["assessment", "never", "medicines", "transport"]);
    is(
        &model,
        24.0,
        "Old   0 Ward 1   1    1    3    8.5  10.5 10.5 Step left
         Old   0 Step 8.5 10.5 10.5 15.5 15.5 15.5 15.5 home left
         Young 0 Ward 0   0    0    4    5.5  5.5  5.5  Step left
         Young 0 Step 5.5 5.5  5.5  10.5 10.5 10.5 10.5 home left",
    );
    let delays = run(&model, 24.0).delays();
    let hours_of = |row| number(&delays, "mean", row) * 24.0;
    let told: Vec<String> =
        lines(&delays, &["holder", "cause", "reason", "awaited", "root", "people"])
            .into_iter()
            .enumerate()
            .map(|(row, line)| format!("{line} {}", (hours_of(row) * 1e6).round() / 1e6))
            .collect();
    assert_eq!(
        told,
        [
            "Ward capacity - Step Step 1 2",
            "Ward process assessment - Ward 2 3",
            "Ward process medicines - Ward 1 3",
            "Ward process transport - Ward 2 1",
        ]
    );
    // Medicines first: Old is assessed only at 6, by the second value, Young at 4 by the first.
    differs(
        &of(["medicines", "assessment", "never", "transport"]),
        &model,
        24.0,
        &["Old", "Young"],
    );
}

#[test]
fn the_root_of_a_delay_lies_behind_the_awaited_node() {
    // C0 has the one place of C until 24. B has two places: B0 is blocked for C from 6, B1 from 12. A0
    // is blocked for B from 3, Z0 for A (whose one place A0 holds) from 4. At 24 B0 goes to C until 36,
    // so that A0 gets B and Z0 gets A, all in that instant. The run ends at 26.
    // A0 awaits B: 3 to 6 none of its two places is blocked: root B. 6 to 12 one of two: 3 h B, 3 h C.
    // 12 to 24 both: 12 h C. In all B 6, C 15.
    // Z0 awaits A from 4: its one place is blocked by A0, so all is passed to B and on by the same
    // shares: 4 to 6 B 2; 6 to 12 B 3, C 3; 12 to 24 C 12. In all A 0, B 5, C 15.
    // B0 and B1 await C: 18 + 14 = 32, root C.
    let of = |places_of_b, others: &[f64]| {
        let mut stays = vec![6.0, 12.0];
        stays.extend(others);
        model()
            .arrivals(arrivals("B", "B", &[0.0, 0.0]))
            .arrivals(arrivals("C", "C", &[0.0]))
            .arrivals(arrivals("A", "A", &[0.0]))
            .arrivals(arrivals("Z", "Z", &[0.0]))
            .node(Node::beds("Z", 1, fixed(4.0)))
            .node(Node::beds("A", 1, fixed(3.0)))
            .node(Node::beds("B", places_of_b, listed(&stays)))
            .node(Node::beds("C", 1, listed(&[24.0, 12.0])))
            .route(Route::new("Z", everyone_to("A")))
            .route(Route::new("A", everyone_to("B")))
            .route(Route::new("B", everyone_to("C")))
    };
    let shares = |model: &Model| {
        let delays = run(model, 26.0).delays();
        lines(&delays, &["holder", "awaited", "root"])
            .into_iter()
            .enumerate()
            .map(|(row, line)| {
                format!("{line} {}", (number(&delays, "mean", row) * 24e6).round() / 1e6)
            })
            .collect::<Vec<_>>()
    };
    let model = of(2, &[100.0, 100.0]);
    assert_eq!(
        shares(&model),
        ["Z A A 0", "Z A B 5", "Z A C 15", "A B B 6", "A B C 15", "B C C 32"]
    );
    // With a third place in B that somebody uses all the time, A0 still waits from 3, but only a third
    // and two thirds are passed on: 6 to 12 C 2, 12 to 24 C 8.
    let mut twin = of(3, &[100.0, 100.0]);
    twin.arrivals[0] = arrivals("B", "B", &[0.0, 0.0, 0.0]);
    assert_eq!(
        shares(&twin),
        ["Z A A 0", "Z A B 10", "Z A C 10", "A B B 11", "A B C 10", "B C C 32"]
    );
}

// ---- waiting ---------------------------------------------------------------------------------------

#[test]
fn a_waiting_room_takes_people_but_keeps_their_turn() {
    // Clinic is taken by E0 until 10. W0 seeks at 2 and gets the one place of the waiting room. E1 comes
    // to the queue at 3. W1 seeks at 3.5: the room is full, keeps the bed. At 10 W0 starts, which frees
    // the room: W1 moves into it at once. Turns go by the time of joining: E1 at 11, W1 at 13.
    let of = |room| {
        model()
            .arrivals(arrivals("W", "Ward", &[0.0, 0.5]))
            .arrivals(arrivals("E", "Clinic", &[0.0, 3.0]))
            .node(Node::beds("Ward", 3, listed(&[2.0, 3.0])))
            .node(Node::beds("Clinic", 1, listed(&[10.0, 1.0, 2.0, 1.0])).waiting_room(room))
            .route(Route::new("Ward", everyone_to("Clinic")))
    };
    is(
        &of(Limit::Of(1)),
        24.0,
        "E 0 Clinic 0   0   0  10  10  10 10  home   left
         E 1 Clinic 3   3   11 13  13  13 13  home   left
         W 0 Ward   0   0   0  2   2   2  2   Clinic left
         W 0 Clinic 2   2   10 11  11  11 11  home   left
         W 1 Ward   0.5 0.5 0.5 3.5 3.5 10 10 Clinic left
         W 1 Clinic 3.5 10  13 14  14  14 14  home   left",
    );
    differs(&of(Limit::Of(2)), &of(Limit::Of(1)), 24.0, &["W 1"]);
    differs(&of(Limit::Unlimited), &of(Limit::Of(1)), 24.0, &["W 1"]);
    differs(&of(Limit::Of(0)), &of(Limit::Of(1)), 24.0, &["W"]);
    let results = run(&of(Limit::Of(1)), 24.0);
    // In person in the queue or the room: W0 from 2 to 10, E1 from 3 to 11, W1 from 10 to 13.
    assert_eq!(results.values("waiting", "Clinic"), Some(vec![19.0 / 24.0]));
    assert_eq!(results.values("blocked", "Ward"), Some(vec![6.5 / 24.0]));
}

#[test]
fn a_full_queue_turns_away_the_last_to_come_of_whatever_class() {
    // G0 has the place until 10. G1 and R0 wait: the queue is full, R1 at 3 is turned away though red.
    // R0 goes first, at 10. G2 joins at 11; with G1 the queue is full again: R2 at 12 is turned away.
    let of = |queue: Queue| {
        model()
            .cohort(Cohort::new("red"))
            .cohort(Cohort::new("green"))
            .arrivals(arrivals("G", "Clinic", &[0.0, 1.0, 11.0]).cohort("green"))
            .arrivals(arrivals("R", "Clinic", &[2.0, 3.0, 12.0]).cohort("red"))
            .node(Node::beds("Clinic", 1, listed(&[10.0, 4.0, 1.0, 1.0, 1.0, 1.0])).queue(queue))
    };
    let red_first = first(&["cohort == 'red'"]).limit(2);
    let model = of(red_first.clone());
    is(
        &model,
        24.0,
        "G 0 Clinic 0  0  0  10 10 10 10 home left
         G 1 Clinic 1  1  14 15 15 15 15 home left
         G 2 Clinic 11 11 15 16 16 16 16 home left
         R 0 Clinic 2  2  10 14 14 14 14 home left
         R 1 Clinic 3  3  -  -  -  -  3  lost lost
         R 2 Clinic 12 12 -  -  -  -  12 lost lost",
    );
    differs(&of(at_most(2)), &model, 24.0, &["G 1", "R 0"]);
    differs(&of(Queue { limit: None, ..red_first }), &model, 24.0, &["G 1", "G 2", "R 1", "R 2"]);
}

#[test]
fn who_comes_from_a_node_that_holds_nobody_stands_in_the_queue() {
    // V0 joins Ward at 1 and has its place until 11; V1 joins at 2 and waits; V2 at 3 finds the queue
    // full. Had they come from beds, V2 would have kept that bed.
    let of = |before: Node| {
        model()
            .arrivals(arrivals("V", "Before", &[0.0, 0.5, 1.0]))
            .node(before)
            .node(Node::beds("Ward", 1, listed(&[10.0, 1.0, 1.0])).queue(at_most(1)))
            .route(Route::new("Before", everyone_to("Ward")))
    };
    let stay = || listed(&[1.0, 1.5, 2.0]);
    let model = of(Node::unlimited("Before", stay()));
    is(
        &model,
        24.0,
        "V 0 Before 0   0   0   1  1  1  1  Ward left
         V 0 Ward   1   1   1   11 11 11 11 home left
         V 1 Before 0.5 0.5 0.5 2  2  2  2  Ward left
         V 1 Ward   2   2   11  12 12 12 12 home left
         V 2 Before 1   1   1   3  3  3  3  Ward left
         V 2 Ward   3   3   -   -  -  -  3  lost lost",
    );
    differs(&of(Node::beds("Before", 5, stay())), &model, 24.0, &["V 1", "V 2"]);
}

// ---- within one instant ----------------------------------------------------------------------------

#[test]
fn places_are_assigned_when_every_stay_that_ends_then_is_over() {
    // Green ends at 5 in X, before Red, who ends at 5 in Y; both seek Z, whose own stay ends at 5 last
    // of all. Assigned at once, Green would get it; after all ends, Red's class decides. An arrival at 5
    // comes later still.
    let of = |queue: Queue| {
        model()
            .cohort(Cohort::new("red"))
            .cohort(Cohort::new("green"))
            .arrivals(arrivals("Green", "X", &[0.0]).cohort("green"))
            .arrivals(arrivals("Red", "Y", &[1.0]).cohort("red"))
            .arrivals(arrivals("Z", "Z", &[2.0, 5.0]).cohort("red"))
            .node(Node::beds("X", 1, fixed(5.0)))
            .node(Node::beds("Y", 1, fixed(4.0)))
            .node(Node::beds("Z", 1, listed(&[3.0, 2.0, 2.0, 2.0])).queue(queue))
            .route(Route::new("X", everyone_to("Z")))
            .route(Route::new("Y", everyone_to("Z")))
    };
    let model = of(first(&["cohort == 'red'"]));
    is(
        &model,
        24.0,
        "Green 0 X 0 0 0  5  5  9  9  Z left
         Green 0 Z 5 9 9  11 11 11 11 home left
         Red 0 Y   1 1 1  5  5  5  5  Z left
         Red 0 Z   5 5 5  7  7  7  7  home left
         Z 0 Z     2 2 2  5  5  5  5  home left
         Z 1 Z     5 5 7  9  9  9  9  home left",
    );
    let twin = of(Queue::new());
    differs(&twin, &model, 24.0, &["Green", "Red", "Z 1"]);
}

#[test]
fn an_end_and_a_seeker_at_one_instant_do_not_race() {
    // The same without a patient in Z: X's end comes first and finds Z free, but Y's end is still to
    // come at this instant.
    let of = |ends_of_green: f64| {
        model()
            .cohort(Cohort::new("red"))
            .cohort(Cohort::new("green"))
            .arrivals(arrivals("Green", "X", &[0.0]).cohort("green"))
            .arrivals(arrivals("Red", "Y", &[1.0]).cohort("red"))
            .node(Node::beds("X", 1, fixed(ends_of_green)))
            .node(Node::beds("Y", 1, fixed(4.0)))
            .node(Node::beds("Z", 1, fixed(2.0)).queue(first(&["cohort == 'red'"])))
            .route(Route::new("X", everyone_to("Z")))
            .route(Route::new("Y", everyone_to("Z")))
    };
    is(
        &of(5.0),
        24.0,
        "Green 0 X 0 0 0 5 5 7 7 Z left
         Green 0 Z 5 7 7 9 9 9 9 home left
         Red 0 Y   1 1 1 5 5 5 5 Z left
         Red 0 Z   5 5 5 7 7 7 7 home left",
    );
    differs(&of(4.5), &of(5.0), 24.0, &["Green", "Red"]);
}

#[test]
fn an_arrival_at_the_instant_of_an_end_finds_the_place_free() {
    // No queue. P1 comes at 5, when P0's stay ends: starts. P2 at 7 finds P1: lost. P3 comes at 8 when
    // P1 ends, with P4 in the same instant, one place: P3 starts, P4 is lost.
    let of = |second| {
        model()
            .arrivals(arrivals("P", "N", &[0.0, second, 7.0, 8.0, 8.0]))
            .node(Node::beds("N", 1, listed(&[5.0, 3.0, 1.0, 1.0])).queue(at_most(0)))
    };
    is(
        &of(5.0),
        24.0,
        "P 0 N 0 0 0 5 5 5 5 home left
         P 1 N 5 5 5 8 8 8 8 home left
         P 2 N 7 7 - - - - 7 lost lost
         P 3 N 8 8 8 9 9 9 9 home left
         P 4 N 8 8 - - - - 8 lost lost",
    );
    differs(&of(4.75), &of(5.0), 24.0, &["P 1", "P 2", "P 3"]);
}

#[test]
fn a_batch_larger_than_the_places() {
    // Four at 1, two places, one may wait: P2 waits, P3 is lost. P1 ends at 3: P2 starts, ends at 4.
    let of = |limit| {
        model()
            .arrivals(arrivals("P", "N", &[1.0]).batch(4.0.into()))
            .node(Node::beds("N", 2, listed(&[3.0, 2.0, 1.0, 1.0])).queue(at_most(limit)))
    };
    is(
        &of(1),
        24.0,
        "P 0 N 1 1 1 4 4 4 4 home left
         P 1 N 1 1 1 3 3 3 3 home left
         P 2 N 1 1 3 4 4 4 4 home left
         P 3 N 1 1 - - - - 1 lost lost",
    );
    differs(&of(2), &of(1), 24.0, &["P 3"]);
}

#[test]
fn a_patient_sent_back_to_the_same_node_needs_a_second_place() {
    // Whoever is ready before 6 comes again. P0 is ready at 3, takes the free second place, ready at 7.
    // P1 came at 4, is ready at 5: both places are taken, one by P1: blocked by oneself and P0 until 7.
    let of = |beds, second| {
        model()
            .arrivals(arrivals("P", "N", &[0.0, second]))
            .node(Node::beds("N", beds, listed(&[3.0, 4.0, 1.0, 1.0])))
            .route(Route::new("N", everyone_to("N")).when("day < 0.25"))
    };
    is(
        &of(2, 4.0),
        24.0,
        "P 0 N 0 0 0 3 3 3 3 N left
         P 0 N 3 3 3 7 7 7 7 home left
         P 1 N 4 4 4 5 5 7 7 N left
         P 1 N 5 7 7 8 8 8 8 home left",
    );
    let table = run(&of(2, 4.0), 24.0).stays();
    let mut numbered = lines(&table, &["patient", "visit", "started"]);
    numbered.sort();
    assert_eq!(numbered, ["0 0 0", "0 1 3", "1 0 4", "1 1 7"]);
    differs(&of(3, 4.0), &of(2, 4.0), 24.0, &["P 1"]);
    // Come at 1, P1 has the second place when P0 seeks it: each waits for the other, for ever.
    is(
        &of(2, 1.0),
        24.0,
        "P 0 N 0 0 0 3 3 - - - blocked
         P 1 N 1 1 1 5 5 - - - blocked",
    );
}

#[test]
fn a_freed_place_runs_up_a_chain_in_one_instant() {
    // P0 goes through A, B and C, where it stays until 12. P1: A from 1 to 3, B from 3, ready at 5,
    // blocked. P2: A from 3, ready at 6, blocked. P3 waits for A from 4. At 12 all move up by one.
    let of = |beds_of_c| {
        model()
            .arrivals(arrivals("P", "A", &[0.0, 0.5, 2.0, 4.0]))
            .node(Node::beds("A", 1, listed(&[1.0, 2.0, 3.0, 1.0])))
            .node(Node::beds("B", 1, listed(&[1.0, 2.0, 0.5, 1.0])))
            .node(Node::beds("C", beds_of_c, listed(&[10.0, 2.0, 2.0, 2.0])))
            .route(Route::new("A", everyone_to("B")))
            .route(Route::new("B", everyone_to("C")))
    };
    is(
        &of(1),
        24.0,
        "P 0 A 0    0    0    1    1    1    1    B    left
         P 0 B 1    1    1    2    2    2    2    C    left
         P 0 C 2    2    2    12   12   12   12   home left
         P 1 A 0.5  0.5  1    3    3    3    3    B    left
         P 1 B 3    3    3    5    5    12   12   C    left
         P 1 C 5    12   12   14   14   14   14   home left
         P 2 A 2    2    3    6    6    12   12   B    left
         P 2 B 6    12   12   12.5 12.5 14   14   C    left
         P 2 C 12.5 14   14   16   16   16   16   home left
         P 3 A 4    4    12   13   13   14   14   B    left
         P 3 B 13   14   14   15   15   16   16   C    left
         P 3 C 15   16   16   18   18   18   18   home left",
    );
    differs(&of(2), &of(1), 24.0, &["P 1", "P 2", "P 3"]);
}

// ---- measuring -------------------------------------------------------------------------------------

#[test]
fn the_census_comes_after_everything_at_its_instant() {
    // At 6 P0 leaves and P1, who waited, starts and stays until 8: one in, none waiting. At 30 P2 comes
    // and counts.
    // A census that falls on the end of the run is not taken.
    let model = model().arrivals(arrivals("P", "N", &[0.0, 5.0, 30.0])).node(Node::beds(
        "N",
        1,
        listed(&[6.0, 2.0, 1.0]),
    ));
    let census = |time: &str| {
        let experiment = Experiment::new(&model).replications(1).until(hours(54.0));
        let table = experiment.census(clock(time)).run().unwrap().occupancy();
        lines(&table, &["level", "time", "mean"])
    };
    assert_eq!(
        census("06:00"),
        [
            "occupied 6 1",
            "occupied 30 1",
            "waiting 6 0",
            "waiting 30 0",
            "blocked 6 0",
            "blocked 30 0",
            "ready 6 0",
            "ready 30 0",
            "places 6 1",
            "places 30 1"
        ]
    );
    // A second before: P0 is still in, P1 still waits; nobody is there on the second day.
    let before = census("05:59:59");
    assert!(before[0].ends_with(" 1") && before[1].ends_with(" 0") && before[3].ends_with(" 1"));
    assert_eq!(before.len(), 15, "the third day's census lies before 54");
}

#[test]
fn measuring_begins_with_people_inside() {
    // From ten hours before: arrivals at -9, -7 and 13. P0 has the place from -9 to 3; P1 waits from -7,
    // starts at 3, leaves at 7; P2 starts at 13 and is still there at 16, the end.
    // Within [0, 16]: occupied 7 + 3 h, waiting 3 h; waits that ended: 10 and 0; stays that ended: 12
    // and 4; came in: 1; went out: 2; inside 2 people for 3 h, 1 for 4, 1 for 3.
    let model = model()
        .arrivals(Arrivals::renewal("P", "N", listed(&[1.0, 2.0, 20.0])))
        .node(Node::beds("N", 1, listed(&[12.0, 4.0, 6.0])));
    let of = |warm_up| {
        let experiment = Experiment::new(&model).replications(1).until(hours(16.0));
        experiment.warm_up(hours(warm_up)).stays(true).levels(true).run().unwrap()
    };
    let results = of(10.0);
    assert_eq!(
        visits(&results),
        [
            "P 0 N -9 -9 -9 3 3 3 3 home left",
            "P 1 N -7 -7 3 7 7 7 7 home left",
            "P 2 N 13 13 13 - - - - - in stay"
        ]
    );
    let value = |metric: &str, scope: &str| results.values(metric, scope).unwrap()[0];
    let expected = [
        ("occupied", "N", 10.0 / 16.0),
        ("full", "N", 10.0 / 16.0),
        ("waiting", "N", 3.0 / 16.0),
        ("mean_wait", "N", 5.0),
        ("share_waiting", "N", 0.5),
        ("mean_length_of_stay", "N", 8.0),
        ("joined", "N", 1.0 / 16.0),
        ("started", "N", 2.0 / 16.0),
        ("departures", "N", 2.0 / 16.0),
        ("entered", "Trace", 1.0 / 16.0),
        ("departures", "Trace", 2.0 / 16.0),
        ("inside", "Trace", (6.0 + 4.0 + 3.0) / 16.0),
        ("mean_time_in_system", "Trace", (12.0 + 14.0) / 2.0),
    ];
    for (metric, scope, expected) in expected {
        assert_eq!(value(metric, scope), expected, "{metric}");
    }
    let audit = results.audit();
    assert_eq!(
        (cell(&audit, "left_side", 0), cell(&audit, "right_side", 0)),
        ("3".into(), "3".into())
    );
    let levels = results.levels();
    assert_eq!(
        lines(&levels, &["level", "people", "mean"]),
        [
            "occupied 0 0.375",
            "occupied 1 0.625",
            "waiting 0 0.8125",
            "waiting 1 0.1875",
            "blocked 0 1",
            "present 0 0.375",
            "present 1 0.4375",
            "present 2 0.1875"
        ]
    );
    assert_ne!(visits(&of(9.0)), visits(&results));
}

#[test]
fn people_still_inside_keep_their_status() {
    // At the end, 10: F0 has the place of Full, F1 waits for it; one is blocked since 3, one free to go
    // since 3 but only at 20:00, one in process since 4, one in the stay itself. What has not happened
    // has no instant.
    let of = |closes: &str| {
        let names = ["stay", "process", "blocked", "window"];
        let mut model = model();
        for name in names {
            model = model
                .cohort(Cohort::new(name))
                .arrivals(arrivals(name, "Ward", &[1.0]).cohort(name));
        }
        let ward = Node::beds(
            "Ward",
            5,
            Cases(vec![
                when("cohort == 'stay'", fixed(100.0)),
                when("cohort == 'process'", 3.0.into()),
                Case { when: None, then: 2.0.into() },
            ]),
        );
        let long = Cases(vec![when("cohort == 'process'", fixed(100.0).into())]);
        model
            .arrivals(arrivals("F", "Full", &[0.0, 4.0]).cohort("stay"))
            .node(ward.process_delay("assessment", long).leave(instant(closes)))
            .node(Node::beds("Full", 1, fixed(15.0)))
            .route(Route::new("Ward", everyone_to("Full")).cohort("blocked"))
    };
    let model = of("20:00");
    is(
        &model,
        10.0,
        "F 0 Full 0 0 0 - - - - - in stay
         F 1 Full 4 4 - - - - - - waiting
         blocked 0 Ward 1 1 1 3 3 - - - blocked
         process 0 Ward 1 1 1 4 - - - - in process
         stay 0 Ward    1 1 1 - - - - - in stay
         window 0 Ward  1 1 1 3 3 3 - - window",
    );
    let results = run(&model, 10.0);
    let value = |metric: &str, scope: &str| results.values(metric, scope).unwrap()[0] * 10.0;
    // Person-hours until the end: four beds since 1; blocked and window since 3, process since 4.
    assert_eq!(value("occupied", "Ward"), 36.0);
    assert_eq!(value("blocked", "Ward"), 7.0);
    assert_eq!(value("at_window", "Ward"), 7.0);
    assert_eq!(value("in_process", "Ward"), 6.0);
    assert_eq!(value("delayed", "Ward"), 20.0);
    assert_eq!(value("waiting", "Full"), 6.0);
    differs(&of("09:00"), &model, 10.0, &["window"]);
}

#[test]
fn a_timetable_of_the_week_comes_back() {
    // Mondays and Thursdays at 9 and 17: two weeks give 0 + 9, 17, 72 + 9, 17 and again 168 later.
    let of = |days: Vec<Weekday>| {
        let weekly = vec![Sessions { at: vec![clock("17:00"), clock("09:00")], days }];
        model()
            .arrivals(Arrivals::timetable("P", "N", Timetable { times: vec![10.0.into()], weekly }))
            .node(Node::unlimited("N", fixed(1.0)))
    };
    let came = |model: &Model| -> Vec<f64> {
        run(model, 336.0).stays().numbers("arrived").unwrap().to_vec()
    };
    assert_eq!(
        came(&of(vec![Weekday::Thu, Weekday::Mon])),
        [9.0, 10.0, 17.0, 81.0, 89.0, 177.0, 185.0, 249.0, 257.0]
    );
    assert_eq!(came(&of(vec![])).len(), 29);
}
