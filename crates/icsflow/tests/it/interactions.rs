//! Two rules at once, worked out on paper: queues, capacity and choices where they meet.
//! [`hand`](crate::hand) tells how to read them.
//!
//! A patient brings along the hours of stay needed, the attribute `need`, so that the order in which
//! people start decides nothing else; a cohort is named like the source that it comes from.

use icsflow::time::hours;
use icsflow::{
    Attribute, Capacity, Case, Cases, Choose, Cohort, Cut, Discipline, Distribution, Edit,
    Experiment, Model, Node, Outage, Preempt, Queue, Review, Route, Shift, Weekday, Window,
};

use crate::hand::{
    arrivals, at_most, clock, differs, everyone_to, first, fixed, is, listed, model, open, run,
    trace, when,
};
use crate::tables::lines;

/// A source: its name, where to, and the time and the need of each patient.
type People<'a> = (&'a str, &'a str, &'a [(f64, f64)]);

fn patients(sources: &[People]) -> Model {
    sources.iter().fold(model(), |model, (name, to, people)| {
        let times: Vec<f64> = people.iter().map(|(time, _)| *time).collect();
        // Who comes before the next one does.
        let case = |(i, (_, need)): (usize, &(f64, f64))| Case {
            when: times.get(i + 1).map(|next| format!("24 * day < {} - 0.1", next).as_str().into()),
            then: Attribute::Number(fixed(*need)),
        };
        let needs = Cases(people.iter().enumerate().map(case).collect());
        model
            .cohort(Cohort::new(*name).attribute("need", needs))
            .arrivals(arrivals(name, to, &times).cohort(*name))
    })
}

/// A stay of so many hours as the patient needs, in quarters up to 24.
fn needed() -> Cases<Distribution> {
    let quarters = (0..96).map(|quarter| f64::from(quarter) / 4.0);
    let case = |need: f64| when(&format!("need == {need}"), fixed(need));
    Cases(quarters.map(case).chain([Case { when: None, then: fixed(24.0) }]).collect())
}

/// So many places; from each of these times on, so many.
fn places(at_first: u32, then: &[(f64, u32)]) -> Capacity {
    let edit =
        |capacity: Capacity, (at, places): &(f64, u32)| capacity.edit(Edit::to(*at, *places));
    then.iter().fold(Capacity::new(at_first), edit)
}

/// Urgent patients, the cohort U, first.
fn urgent_first() -> Queue {
    first(&["cohort == 'U'"])
}

fn preempt(how: Option<Preempt>) -> Queue {
    Queue { preempt: how, ..urgent_first() }
}

// ---- a place is taken from somebody ----------------------------------------------------------------

#[test]
fn pre_emption_with_resumption_where_people_are_blocked() {
    // S0 has Step until 10. R0 is blocked in Ward from 2, R1 started last. U0 at 4 takes the place of R1,
    // who has 5 h to go. U1 at 5 finds a blocked patient and an urgent one: nobody can be put out. R1 is
    // at the head, before R2, and goes on from 7 to 12. At 10 R0 goes to Step and R2 starts, whose place
    // U2 takes at 11: started last. U3 at 13 finds R1 blocked since 12 and U2. At 16 U3 and R0 are over:
    // R1 goes to Step, R2 goes on, R3 starts.
    let of = |how| {
        patients(&[
            ("R", "Ward", &[(0.0, 2.0), (1.0, 8.0), (3.0, 3.0), (11.5, 1.0)]),
            ("U", "Ward", &[(4.0, 2.0), (5.0, 1.0), (11.0, 4.0), (13.0, 1.0)]),
            ("S", "Step", &[(0.0, 0.0)]),
        ])
        .node(Node::beds("Ward", 2, needed()).queue(preempt(how)))
        .node(Node::beds("Step", 1, listed(&[10.0, 6.0, 3.0, 1.0, 1.0])))
        .route(Route::new("Ward", everyone_to("Step")).cohort("R"))
    };
    let model = of(Some(Preempt::Resume));
    is(
        &model,
        48.0,
        "R 0 Ward 0    0    0    2  2  10 10 Step left
         R 0 Step 2    10   10   16 16 16 16 home left
         R 1 Ward 1    1    1    -  -  -  4  -    interrupted
         R 1 Ward 4    4    7    12 12 16 16 Step left
         R 1 Step 12   16   16   19 19 19 19 home left
         R 2 Ward 3    3    10   -  -  -  11 -    interrupted
         R 2 Ward 11   11   16   18 18 20 20 Step left
         R 2 Step 18   20   20   21 21 21 21 home left
         R 3 Ward 11.5 11.5 16   17 17 19 19 Step left
         R 3 Step 17   19   19   20 20 20 20 home left
         S 0 Step 0    0    0    10 10 10 10 home left
         U 0 Ward 4    4    4    6  6  6  6  home left
         U 1 Ward 5    5    6    7  7  7  7  home left
         U 2 Ward 11   11   11   15 15 15 15 home left
         U 3 Ward 13   13   15   16 16 16 16 home left",
    );
    // Nobody is put out: R1 is ready at 9.
    let others = ["R 1", "R 2", "R 3", "U 0", "U 1", "U 2", "U 3"];
    differs(&of(None), &model, 48.0, &others);
}

#[test]
fn the_end_of_a_stay_that_was_interrupted_is_forgotten() {
    // R0 would have been over at 10, when U0 has had the place since 1 and U1 waits since 2. Nothing
    // happens then: R0 is of the second class for 100 h yet, and goes on after U1.
    let of = |how| {
        let queue = preempt(how).change_class(2, 1, fixed(100.0));
        patients(&[("R", "Ward", &[(0.0, 10.0)]), ("U", "Ward", &[(1.0, 15.0), (2.0, 2.0)])])
            .node(Node::beds("Ward", 1, needed()).queue(queue))
    };
    let model = of(Some(Preempt::Resume));
    is(
        &model,
        48.0,
        "R 0 Ward 0 0 0  -  -  -  1  -    interrupted
         R 0 Ward 1 1 18 27 27 27 27 home left
         U 0 Ward 1 1 1  16 16 16 16 home left
         U 1 Ward 2 2 16 18 18 18 18 home left",
    );
    differs(&of(None), &model, 48.0, &["R 0", "U 0", "U 1"]);
}

#[test]
fn pre_emption_with_a_new_beginning_where_people_give_up() {
    // Patience is 4 h, until the first start: R0, put out at 2, still waits at 6 and begins anew at 7,
    // again at 12. R1 gives up at 5, R2 at 8, R3 at 10.5. R4 starts at 15, half an hour before giving up.
    // Not said elsewhere: who has been in a place once gives up no more.
    let of = |how| {
        patients(&[
            ("R", "N", &[(0.0, 3.0), (1.0, 2.0), (4.0, 1.0), (6.5, 2.0), (11.5, 2.0)]),
            ("U", "N", &[(2.0, 5.0), (9.0, 1.0), (9.5, 2.0)]),
        ])
        .node(Node::beds("N", 1, needed()).queue(preempt(Some(how)).patience(fixed(4.0))))
    };
    let model = of(Preempt::Restart);
    is(
        &model,
        48.0,
        "R 0 N 0    0    0   -  -  -  2    -       interrupted
         R 0 N 2    2    7   -  -  -  9    -       interrupted
         R 0 N 9    9    12  15 15 15 15   home    left
         R 1 N 1    1    -   -  -  -  5    reneged reneged
         R 2 N 4    4    -   -  -  -  8    reneged reneged
         R 3 N 6.5  6.5  -   -  -  -  10.5 reneged reneged
         R 4 N 11.5 11.5 15  17 17 17 17   home    left
         U 0 N 2    2    2   7  7  7  7    home    left
         U 1 N 9    9    9   10 10 10 10   home    left
         U 2 N 9.5  9.5  10  12 12 12 12   home    left",
    );
    // Resumed, R0 has 1 h to go and leaves at 8, the instant at which R2 would give up. R3 starts at 9
    // and is put out in the same instant.
    differs(&of(Preempt::Resume), &model, 48.0, &["R 0", "R 2", "R 3", "R 4"]);
}

#[test]
fn displacement_and_a_finite_queue() {
    // Two places, one may wait. R2 waits, R3 is lost. U0 at 4 displaces R1, who started last, U1 at 5
    // displaces R0; neither needs the queue, which is full. U2 at 6 finds two urgent patients, nobody to
    // displace, and R2 in the queue: lost. R2 starts at 7 and is displaced at 8.5 by U3.
    let of = |to: &str| {
        let needs_of_r = [(0.0, 10.0), (1.0, 8.0), (2.0, 3.0), (3.0, 2.0), (8.0, 1.0), (9.5, 1.0)];
        patients(&[
            ("R", "ICU", &needs_of_r),
            ("U", "ICU", &[(4.0, 3.0), (5.0, 4.0), (6.0, 1.0), (8.5, 2.0)]),
        ])
        .node(
            Node::beds("ICU", 2, needed())
                .queue(preempt(Some(Preempt::Displace(to.into()))).limit(1)),
        )
        .node(Node::beds("Ward", 9, fixed(1.0)))
    };
    let model = of("displaced");
    is(
        &model,
        48.0,
        "R 0 ICU 0   0   0   -    -    -    5    displaced displaced
         R 1 ICU 1   1   1   -    -    -    4    displaced displaced
         R 2 ICU 2   2   7   -    -    -    8.5  displaced displaced
         R 3 ICU 3   3   -   -    -    -    3    lost      lost
         R 4 ICU 8   8   9   10   10   10   10   home      left
         R 5 ICU 9.5 9.5 10  11   11   11   11   home      left
         U 0 ICU 4   4   4   7    7    7    7    home      left
         U 1 ICU 5   5   5   9    9    9    9    home      left
         U 2 ICU 6   6   -   -    -    -    6    lost      lost
         U 3 ICU 8.5 8.5 8.5 10.5 10.5 10.5 10.5 home      left",
    );
    let twin = of("Ward");
    differs(&twin, &model, 48.0, &["R 0", "R 1", "R 2"]);
    assert_eq!(
        trace(&twin, 48.0)[..2],
        ["R 0 ICU 0 0 0 - - - 5 Ward displaced", "R 0 Ward 5 5 5 6 6 6 6 home left"]
    );
}

// ---- a fall of capacity ----------------------------------------------------------------------------

#[test]
fn a_cut_interrupts_the_lowest_class() {
    // At 6 one place of three is left: R1 goes, who started last of the routine, then R0; U0 stays
    // though started after R0. Both are before R2, R0 at the head, who was put back last. At 10 two
    // places, just when U0 is over: U1 and U2 start. R0 goes on from 11, R1 from 12.
    let of = |queue: Queue| {
        patients(&[
            ("R", "N", &[(1.0, 7.0), (3.0, 6.0), (4.0, 1.0), (13.5, 2.0), (14.5, 1.0)]),
            ("U", "N", &[(2.0, 8.0), (5.0, 2.0), (8.0, 1.0)]),
        ])
        .node(
            Node::beds("N", places(3, &[(6.0, 1), (10.0, 2), (14.0, 3)]), needed())
                .cut(Cut::Interrupt)
                .queue(queue),
        )
    };
    let model = of(urgent_first());
    is(
        &model,
        48.0,
        "R 0 N 1    1    1    -    -    -    6    -    interrupted
         R 0 N 6    6    11   13   13   13   13   home left
         R 1 N 3    3    3    -    -    -    6    -    interrupted
         R 1 N 6    6    12   15   15   15   15   home left
         R 2 N 4    4    13   14   14   14   14   home left
         R 3 N 13.5 13.5 14   16   16   16   16   home left
         R 4 N 14.5 14.5 14.5 15.5 15.5 15.5 15.5 home left
         U 0 N 2    2    2    10   10   10   10   home left
         U 1 N 5    5    10   12   12   12   12   home left
         U 2 N 8    8    10   11   11   11   11   home left",
    );
    // Without classes R1 and U0 started last.
    differs(&of(Queue::new()), &model, 48.0, &["R 0", "R 1", "R 2", "U 0", "U 1", "U 2"]);
}

#[test]
fn a_reserved_place_outlives_a_cut() {
    // S1 leaves Step at 5: its place is W0's, blocked since 4, who may leave Ward at 8. At 6 Step has
    // one place for S0, in it, and W0, to whom a place is promised: W0 comes at 8, two are in one place.
    // W1, blocked since 5.5, starts only when both have left, at 15. D0 starts when there are two places,
    // at 18. W2 is ready at 21, too late to leave: the place is reserved through the cut at 24 until 32,
    // and D2, who comes at 25, finds none.
    let of = |window: Window| {
        let step = Cases(vec![
            when("cohort == 'W'", fixed(4.0)),
            when("cohort == 'D' and need == 1", fixed(1.0)),
            when("cohort == 'D'", fixed(2.0)),
            when("need == 4.5", fixed(4.5)),
            Case { when: None, then: fixed(15.0) },
        ]);
        patients(&[
            ("W", "Ward", &[(1.0, 3.0), (2.0, 3.5), (3.0, 18.0)]),
            ("S", "Step", &[(0.0, 15.0), (0.5, 4.5)]),
            ("D", "Step", &[(9.0, 2.0), (16.0, 1.0), (25.0, 2.0)]),
        ])
        .node(Node::beds("Ward", 3, needed()).leave(window))
        .node(Node::beds("Step", places(2, &[(6.0, 1), (18.0, 2), (24.0, 1)]), step).cut(Cut::Wait))
        .route(Route::new("Ward", everyone_to("Step")))
    };
    let model = of(open("08:00", "20:00"));
    is(
        &model,
        48.0,
        "D 0 Step 9   9  18 20  20  20 20 home left
         D 1 Step 16  16 19 20  20  20 20 home left
         D 2 Step 25  25 36 38  38  38 38 home left
         S 0 Step 0   0  0  15  15  15 15 home left
         S 1 Step 0.5 0.5 0.5 5 5   5  5  home left
         W 0 Ward 1   1  1  4   4   5  8  Step left
         W 0 Step 4   8  8  12  12  12 12 home left
         W 1 Ward 2   2  2  5.5 5.5 15 15 Step left
         W 1 Step 5.5 15 15 19  19  19 19 home left
         W 2 Ward 3   3  3  21  21  21 32 Step left
         W 2 Step 21  32 32 36  36  36 36 home left",
    );
    // Free to leave at any time, W0 comes at 5 and W2 at 21.
    let twin = of(open("00:00", "24:00"));
    differs(&twin, &model, 48.0, &["D 2", "W 0", "W 2"]);
}

#[test]
fn a_cut_ends_stays_early_but_frees_nobody_who_is_blocked() {
    // At 6 one place of three is left. On0 is blocked since 4 and stays. H0 is ready at once and goes
    // home; On1 is ready at once and blocked: two people in one place. On0 goes to Step at 10: one in
    // one, nobody starts. H1 starts at 11, with two places.
    let of = |cut: Cut| {
        patients(&[
            ("On", "Ward", &[(0.0, 4.0), (1.0, 12.0), (14.5, 1.0)]),
            ("H", "Ward", &[(2.0, 9.0), (3.0, 2.0), (7.0, 1.0), (12.0, 4.0)]),
            ("S", "Step", &[(0.0, 0.0)]),
        ])
        .node(Node::beds("Ward", places(3, &[(6.0, 1), (11.0, 2), (15.0, 3)]), needed()).cut(cut))
        .node(Node::beds("Step", 1, listed(&[10.0, 3.0, 3.0, 3.0])))
        .route(Route::new("Ward", everyone_to("Step")).cohort("On"))
    };
    let model = of(Cut::EarlyEnd);
    is(
        &model,
        48.0,
        "H  0 Ward 2    2    2    6    6    6  6  home left
         H  1 Ward 3    3    11   13   13   13 13 home left
         H  2 Ward 7    7    13   14   14   14 14 home left
         H  3 Ward 12   12   13   17   17   17 17 home left
         On 0 Ward 0    0    0    4    4    10 10 Step left
         On 0 Step 4    10   10   13   13   13 13 home left
         On 1 Ward 1    1    1    6    6    13 13 Step left
         On 1 Step 6    13   13   16   16   16 16 home left
         On 2 Ward 14.5 14.5 14.5 15.5 15.5 16 16 Step left
         On 2 Step 15.5 16   16   19   19   19 19 home left
         S  0 Step 0    0    0    10   10   10 10 home left",
    );
    differs(&of(Cut::Wait), &model, 48.0, &["H 0", "On 1"]);
}

#[test]
fn a_cut_sends_people_on_to_where_the_queue_is_full() {
    // At 6 A has no place left: its three go to B, the latest started first. P2 takes the one place
    // there, P1 the one place in the queue, P0 finds it full and goes on to C. Q1 finds P1 in the queue.
    // The outcome of who finds a queue full is `lost`, wherever they go then.
    let of = |cut: Cut, if_full: &str| {
        let b = Cases(vec![
            when("cohort == 'P'", fixed(3.0)),
            when("need == 1", fixed(1.0)),
            Case { when: None, then: fixed(2.0) },
        ]);
        patients(&[
            ("P", "A", &[(0.0, 10.0), (1.0, 9.0), (2.0, 8.0), (3.0, 2.0), (8.0, 1.0)]),
            ("Q", "B", &[(4.0, 1.0), (7.0, 2.0), (10.0, 2.0)]),
        ])
        .node(Node::beds("A", places(3, &[(6.0, 0), (12.0, 2)]), needed()).cut(cut))
        .node(Node::beds("B", 1, b).queue(at_most(1).if_full(if_full)))
        .node(Node::unlimited("C", fixed(5.0)))
    };
    let to_b = || Cut::Transfer("B".into());
    let model = of(to_b(), "C");
    is(
        &model,
        48.0,
        "P 0 A 0  0  0  -  -  -  6  B    transferred
         P 0 B 6  6  -  -  -  -  6  C    lost
         P 0 C 6  6  6  11 11 11 11 home left
         P 1 A 1  1  1  -  -  -  6  B    transferred
         P 1 B 6  6  9  12 12 12 12 home left
         P 2 A 2  2  2  -  -  -  6  B    transferred
         P 2 B 6  6  6  9  9  9  9  home left
         P 3 A 3  3  12 14 14 14 14 home left
         P 4 A 8  8  12 13 13 13 13 home left
         Q 0 B 4  4  4  5  5  5  5  home left
         Q 1 B 7  7  -  -  -  -  7  C    lost
         Q 1 C 7  7  7  12 12 12 12 home left
         Q 2 B 10 10 12 14 14 14 14 home left",
    );
    differs(&of(to_b(), "lost"), &model, 48.0, &["P 0", "Q 1"]);
    // Ended early, they go home, and B is free for Q1 from 7 to 9.
    let twin = of(Cut::EarlyEnd, "C");
    differs(&twin, &model, 48.0, &["P 0", "P 1", "P 2", "Q 1", "Q 2"]);
}

#[test]
fn a_stay_that_ends_at_the_instant_of_a_cut_is_over() {
    // Four places, two from 6 on. At 6 P0 is over and leaves, On0 is ready and blocked: not interrupted,
    // but it counts. Of P1 and P2 the latter started last. At 10, with one place, P1 and P2 are over and
    // P3 starts; at 12, with none, P3 is over.
    let of = |need_of_p0| {
        patients(&[
            ("On", "Ward", &[(0.0, 6.0)]),
            (
                "P",
                "Ward",
                &[(1.0, need_of_p0), (2.0, 8.0), (3.0, 4.0), (4.0, 2.0), (6.0, 1.0), (13.0, 1.0)],
            ),
            ("S", "Step", &[(0.0, 0.0)]),
        ])
        .node(
            Node::beds("Ward", places(4, &[(6.0, 2), (10.0, 1), (12.0, 0), (14.0, 2)]), needed())
                .cut(Cut::Interrupt),
        )
        .node(Node::beds("Step", 1, listed(&[9.0, 2.0])))
        .route(Route::new("Ward", everyone_to("Step")).cohort("On"))
    };
    let model = of(5.0);
    is(
        &model,
        48.0,
        "On 0 Ward 0  0  0  6  6  9  9  Step left
         On 0 Step 6  9  9  11 11 11 11 home left
         P  0 Ward 1  1  1  6  6  6  6  home left
         P  1 Ward 2  2  2  10 10 10 10 home left
         P  2 Ward 3  3  3  -  -  -  6  -    interrupted
         P  2 Ward 6  6  9  10 10 10 10 home left
         P  3 Ward 4  4  10 12 12 12 12 home left
         P  4 Ward 6  6  14 15 15 15 15 home left
         P  5 Ward 13 13 14 15 15 15 15 home left
         S  0 Step 0  0  0  9  9  9  9  home left",
    );
    // A quarter of an hour later P0 is still there at 6: P1 is interrupted too, and later P3.
    differs(&of(5.25), &model, 48.0, &["P 0", "P 1", "P 3", "P 5"]);
}

#[test]
fn a_cut_leaves_fenced_places_fenced() {
    // Of three places one is kept for the frail. O2 waits though it is free at 2; F0 takes it at 3, F1
    // at 5, before O2. From 6 on there is one place, and it is the fenced one: O2 does not start when O0
    // and O1 have left, nor between 12 and 13 when it is free. Not said elsewhere: open places go first.
    let of = |fence: bool| {
        let ward = Node::beds("Ward", places(3, &[(6.0, 1), (16.0, 3)]), needed());
        patients(&[
            ("F", "Ward", &[(3.0, 2.0), (4.0, 6.0), (9.0, 1.0), (13.0, 1.0)]),
            ("O", "Ward", &[(0.0, 8.0), (1.0, 6.0), (2.0, 2.0), (14.5, 1.0)]),
        ])
        .node(if fence { ward.ring_fence("frail", 1, "cohort == 'F'") } else { ward })
    };
    let model = of(true);
    is(
        &model,
        48.0,
        "F 0 Ward 3    3    3  5  5  5  5  home left
         F 1 Ward 4    4    5  11 11 11 11 home left
         F 2 Ward 9    9    11 12 12 12 12 home left
         F 3 Ward 13   13   13 14 14 14 14 home left
         O 0 Ward 0    0    0  8  8  8  8  home left
         O 1 Ward 1    1    1  7  7  7  7  home left
         O 2 Ward 2    2    16 18 18 18 18 home left
         O 3 Ward 14.5 14.5 16 17 17 17 17 home left",
    );
    differs(&of(false), &model, 48.0, &["F 0", "F 1", "F 2", "F 3", "O 2"]);
}

#[test]
fn a_fenced_place_that_was_cut_counts_against_the_corridor() {
    // U0 in the place kept for the urgent, R0 in the other, R1 in the corridor, which has two places. At 4
    // both beds close, and who is in them stays. U1 at 5 would displace R0 or R1, but the place of either
    // is gone: with U1 there were three where two may be. At 9 U0 leaves, and U1 has the place of R1.
    let of = |corridor: u32| {
        let ward = Node::beds("Ward", places(2, &[(4.0, 0)]), needed())
            .ring_fence("urgent", 1, "cohort == 'U'")
            .corridor(corridor)
            .queue(preempt(Some(Preempt::Displace("displaced".into()))));
        patients(&[
            ("U", "Ward", &[(1.0, 8.0), (5.0, 3.0)]),
            ("R", "Ward", &[(2.0, 20.0), (3.0, 20.0)]),
        ])
        .node(ward)
    };
    let model = of(2);
    is(
        &model,
        48.0,
        "R 0 Ward 2 2 2 22 22 22 22 home      left
         R 1 Ward 3 3 3 -  -  -  9  displaced displaced
         U 0 Ward 1 1 1 9  9  9  9  home      left
         U 1 Ward 5 5 9 12 12 12 12 home      left",
    );
    // A third place in the corridor, and nobody has to wait or to go at 9.
    differs(&of(4), &model, 48.0, &["R 1", "U 1"]);
}

#[test]
fn a_night_shift_lets_work_in_hand_finish() {
    // Two places by day, one from 20:00 to 06:00: at the start it is still the night of Sunday. P2 and
    // P3 are both there at 20 and stay; at 21 P2 has left, but P3 has the one place until 22. P7 has it
    // at 30, when the second opens.
    let of = |days: Vec<Weekday>, cut: Cut| {
        let times = [0.0, 1.0, 5.0, 10.0, 20.5, 23.0, 25.0, 28.0, 29.0];
        let needs = [3.0, 4.0, 15.0, 12.0, 2.0, 3.0, 1.0, 4.0, 1.0];
        let people: Vec<(f64, f64)> = times.into_iter().zip(needs).collect();
        let night = Shift { from: clock("20:00"), to: clock("06:00"), days, places: 1 };
        patients(&[("P", "N", &people)])
            .node(Node::beds("N", Capacity::new(2).weekly(night), needed()).cut(cut))
    };
    let model = of(vec![], Cut::Wait);
    is(
        &model,
        48.0,
        "P 0 N 0    0    0  3  3  3  3  home left
         P 1 N 1    1    3  7  7  7  7  home left
         P 2 N 5    5    6  21 21 21 21 home left
         P 3 N 10   10   10 22 22 22 22 home left
         P 4 N 20.5 20.5 22 24 24 24 24 home left
         P 5 N 23   23   24 27 27 27 27 home left
         P 6 N 25   25   27 28 28 28 28 home left
         P 7 N 28   28   28 32 32 32 32 home left
         P 8 N 29   29   30 31 31 31 31 home left",
    );
    // The night of Monday alone; and P3, started last, interrupted at 20.
    differs(&of(vec![Weekday::Mon], Cut::Wait), &model, 48.0, &["P 1", "P 2"]);
    let twin = of(vec![], Cut::Interrupt);
    differs(&twin, &model, 48.0, &["P 3", "P 4", "P 5", "P 6", "P 7"]);
}

#[test]
fn an_outage_interrupts_whom_it_finds_in_stay_and_not_whom_it_finds_blocked() {
    // Out of use from 6 to 10 and from 16 to 20. At 6 On0 is blocked and stays, P0 is interrupted with
    // 3 h to go and goes on at 10. P3, interrupted at 16, has half an hour to go.
    let of = |outage: Outage| {
        patients(&[
            ("On", "Ward", &[(0.0, 4.0), (12.0, 1.0)]),
            ("P", "Ward", &[(1.0, 8.0), (2.0, 1.0), (7.0, 2.0), (13.5, 3.0), (17.0, 1.0)]),
            ("S", "Step", &[(0.0, 0.0)]),
        ])
        .node(Node::beds("Ward", 2, needed()).cut(Cut::Interrupt).outage("water", outage))
        .node(Node::beds("Step", 1, listed(&[8.0, 2.0, 2.0])))
        .route(Route::new("Ward", everyone_to("Step")).cohort("On"))
    };
    let water = || Outage::new(fixed(6.0), fixed(4.0));
    let model = of(water());
    is(
        &model,
        24.0,
        "On 0 Ward 0    0    0    4    4    8    8    Step left
         On 0 Step 4    8    8    10   10   10   10   home left
         On 1 Ward 12   12   13   14   14   14   14   Step left
         On 1 Step 14   14   14   16   16   16   16   home left
         P  0 Ward 1    1    1    -    -    -    6    -    interrupted
         P  0 Ward 6    6    10   13   13   13   13   home left
         P  1 Ward 2    2    10   11   11   11   11   home left
         P  2 Ward 7    7    11   13   13   13   13   home left
         P  3 Ward 13.5 13.5 13.5 -    -    -    16   -    interrupted
         P  3 Ward 16   16   20   20.5 20.5 20.5 20.5 home left
         P  4 Ward 17   17   20   21   21   21   21   home left
         S  0 Step 0    0    0    8    8    8    8    home left",
    );
    // One of the two places: P0 goes on when On0 has left, and P3 has the other at 16.
    differs(&of(water().places(1)), &model, 24.0, &["On 1", "P 0", "P 3", "P 4"]);
}

// ---- places that are free, but not for everyone or not yet -----------------------------------------

#[test]
fn a_threshold_lets_later_ones_pass() {
    // Three places; an elective patient takes one only of two free. El2, first in line from 2 on, sees
    // Em0 and Em1 pass, and waits at 6 though a place is free. At 7 three are free: El2 and El3 start,
    // and Em2 takes the last. El4 waits at 8, when one is free, until 9.
    let of = |threshold: u32| {
        patients(&[
            ("El", "Ward", &[(0.0, 6.0), (1.0, 4.0), (2.0, 3.0), (6.5, 1.0), (7.5, 1.0)]),
            ("Em", "Ward", &[(3.0, 4.0), (4.0, 2.0), (7.0, 2.0)]),
        ])
        .node(
            Node::beds("Ward", 3, needed())
                .admit(format!("cohort == 'Em' or free() > {threshold}").as_str()),
        )
    };
    let model = of(1);
    is(
        &model,
        48.0,
        "El 0 Ward 0   0   0 6  6  6  6  home left
         El 1 Ward 1   1   1 5  5  5  5  home left
         El 2 Ward 2   2   7 10 10 10 10 home left
         El 3 Ward 6.5 6.5 7 8  8  8  8  home left
         El 4 Ward 7.5 7.5 9 10 10 10 10 home left
         Em 0 Ward 3   3   3 7  7  7  7  home left
         Em 1 Ward 4   4   5 7  7  7  7  home left
         Em 2 Ward 7   7   7 9  9  9  9  home left",
    );
    differs(&of(0), &model, 48.0, &["El 2", "El 3", "El 4", "Em 0"]);
}

#[test]
fn who_may_start_is_asked_again_when_the_own_queue_is_shorter() {
    // Of B and C nobody starts while two or more wait. C0 and B1 wait when a bed falls free at 5; C0 gives
    // up at 7, and B1 starts. C1 and B2 wait at 9 and 10; A1 passes them at 11, C1 gives up at 13.
    let of = |few: &str| {
        let impatient = Cases(vec![when("cohort == 'C'", fixed(5.0))]);
        patients(&[
            ("A", "N", &[(0.0, 10.0), (11.0, 3.0)]),
            ("B", "N", &[(1.0, 4.0), (3.0, 2.0), (8.5, 1.0), (13.5, 1.0)]),
            ("C", "N", &[(2.0, 1.0), (8.0, 1.0)]),
        ])
        .node(
            Node::beds("N", 2, needed())
                .admit(format!("cohort == 'A' or queue() < {few}").as_str())
                .queue(Queue::new().patience(impatient)),
        )
    };
    let model = of("2");
    is(
        &model,
        48.0,
        "A 0 N 0    0    0  10 10 10 10 home    left
         A 1 N 11   11   11 14 14 14 14 home    left
         B 0 N 1    1    1  5  5  5  5  home    left
         B 1 N 3    3    7  9  9  9  9  home    left
         B 2 N 8.5  8.5  13 14 14 14 14 home    left
         B 3 N 13.5 13.5 14 15 15 15 15 home    left
         C 0 N 2    2    -  -  -  -  7  reneged reneged
         C 1 N 8    8    -  -  -  -  13 reneged reneged",
    );
    differs(&of("3"), &model, 48.0, &["B 1", "B 2", "B 3", "C"]);
}

#[test]
fn a_place_is_cleaned_while_a_better_class_comes() {
    // After a routine patient a place is out of use for an hour. R0's is back at 4: by then U0 has come
    // and goes before R2. R1's is back at 6, just when U0 leaves, whose place needs no cleaning: U1 and
    // R2 start. Both are cleaned from 8 to 9: U2 before R4, who came first. U3 comes at 9, too late.
    let of = |cleaning: Option<f64>| {
        let ward = Node::beds("Ward", 2, needed()).queue(urgent_first());
        let by_case = |time| Cases(vec![when("cohort == 'R'", fixed(time))]);
        patients(&[
            ("R", "Ward", &[(0.0, 3.0), (1.0, 4.0), (2.0, 2.0), (6.0, 1.0), (8.25, 1.0)]),
            ("U", "Ward", &[(3.5, 2.0), (5.5, 1.0), (8.5, 1.0), (9.0, 1.0)]),
        ])
        .node(match cleaning {
            Some(time) => ward.turnaround(by_case(time)),
            None => ward,
        })
    };
    let model = of(Some(1.0));
    is(
        &model,
        48.0,
        "R 0 Ward 0    0    0  3  3  3  3  home left
         R 1 Ward 1    1    1  5  5  5  5  home left
         R 2 Ward 2    2    6  8  8  8  8  home left
         R 3 Ward 6    6    7  8  8  8  8  home left
         R 4 Ward 8.25 8.25 9  10 10 10 10 home left
         U 0 Ward 3.5  3.5  4  6  6  6  6  home left
         U 1 Ward 5.5  5.5  6  7  7  7  7  home left
         U 2 Ward 8.5  8.5  9  10 10 10 10 home left
         U 3 Ward 9    9    10 11 11 11 11 home left",
    );
    differs(&of(None), &model, 48.0, &["R 2", "R 3", "R 4", "U 0", "U 1", "U 2", "U 3"]);
}

#[test]
fn who_comes_at_the_return_from_a_vacation_comes_too_late() {
    // Away for 2 h from 1, when P0 leaves. P1 comes at 3, just when the place is back and goes away
    // again. It stays at 6, for P2 waits. P4 comes at 10 when P3 leaves, P6 at the return at 16.
    let of = |second| {
        let times = [0.0, second, 5.5, 8.0, 10.0, 12.5, 16.0, 17.0];
        let needs = [1.0, 1.0, 1.5, 0.5, 1.0, 1.0, 1.0, 1.0];
        let people: Vec<(f64, f64)> = times.into_iter().zip(needs).collect();
        patients(&[("P", "N", &people)]).node(Node::beds("N", 1, needed()).vacation(fixed(2.0)))
    };
    is(
        &of(3.0),
        48.0,
        "P 0 N 0    0    0   1   1   1   1   home left
         P 1 N 3    3    5   6   6   6   6   home left
         P 2 N 5.5  5.5  6   7.5 7.5 7.5 7.5 home left
         P 3 N 8    8    9.5 10  10  10  10  home left
         P 4 N 10   10   12  13  13  13  13  home left
         P 5 N 12.5 12.5 13  14  14  14  14  home left
         P 6 N 16   16   18  19  19  19  19  home left
         P 7 N 17   17   19  20  20  20  20  home left",
    );
    differs(&of(2.75), &of(3.0), 48.0, &["P 1"]);
}

#[test]
fn the_first_of_the_corridor_moves_into_the_bed_that_falls_free() {
    // Two beds, each cleaned for an hour, and one place in the corridor. P2 starts there at 2 and has
    // P1's bed from 5 on, before W0, who is blocked in Up and first in line, and who must have a bed: P3
    // passes by, into the corridor. So do P4 at 7 and P5 at 9. At 11 both beds are back: P5 moves, W0
    // has the other, P6 the corridor.
    let of = |cleaning: f64, corridor: u32| {
        let times = [0.0, 1.0, 2.0, 3.0, 5.5, 8.5, 10.5, 11.5, 16.0];
        let needs = [6.0, 3.0, 6.0, 5.0, 3.0, 3.0, 3.0, 1.0, 1.0];
        let people: Vec<(f64, f64)> = times.into_iter().zip(needs).collect();
        let mut stay = needed();
        stay.0.insert(0, when("cohort == 'W'", fixed(4.0)));
        patients(&[("P", "Ward", &people), ("W", "Up", &[(1.0, 1.5)])])
            .node(Node::beds("Up", 1, needed()))
            .node(Node::beds("Ward", 2, stay).corridor(corridor).turnaround(fixed(cleaning)))
            .route(Route::new("Up", everyone_to("Ward")))
    };
    let model = of(1.0, 1);
    is(
        &model,
        48.0,
        "P 0 Ward 0    0    0    6    6    6    6    home left
         P 1 Ward 1    1    1    4    4    4    4    home left
         P 2 Ward 2    2    2    8    8    8    8    home left
         P 3 Ward 3    3    5    10   10   10   10   home left
         P 4 Ward 5.5  5.5  7    10   10   10   10   home left
         P 5 Ward 8.5  8.5  9    12   12   12   12   home left
         P 6 Ward 10.5 10.5 11   14   14   14   14   home left
         P 7 Ward 11.5 11.5 13   14   14   14   14   home left
         P 8 Ward 16   16   16   17   17   17   17   home left
         W 0 Up   1    1    1    2.5  2.5  11   11   Ward left
         W 0 Ward 2.5  11   11   15   15   15   15   home left",
    );
    let named = ["P 3", "P 4", "P 5", "P 6", "P 7", "W 0"];
    differs(&of(0.0, 1), &model, 48.0, &named);
    let named = ["P 2", "P 3", "P 4", "P 5", "P 6", "P 7", "P 8", "W 0"];
    differs(&of(1.0, 0), &model, 48.0, &named);
}

// ---- leaving the queue -----------------------------------------------------------------------------

#[test]
fn a_place_that_falls_free_at_the_end_of_patience_is_taken() {
    // Patience is 3 h. P1's ends at 4, P3's at 6, P5's at 9, P8's at 11, each just when a place falls
    // free. P6 came together with P5 and has no such luck.
    let of = |patience: f64, to: &str| {
        let times = [0.0, 1.0, 2.5, 3.0, 3.5, 6.0, 6.0, 7.5, 8.0];
        let needs = [4.0, 2.0, 1.0, 3.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        let people: Vec<(f64, f64)> = times.into_iter().zip(needs).collect();
        patients(&[("P", "N", &people)])
            .node(
                Node::beds("N", 1, needed())
                    .queue(Queue::new().patience(fixed(patience)).renege(to)),
            )
            .node(Node::unlimited("Elsewhere", fixed(1.0)))
    };
    let model = of(3.0, "reneged");
    is(
        &model,
        48.0,
        "P 0 N 0   0   0  4  4  4  4   home    left
         P 1 N 1   1   4  6  6  6  6   home    left
         P 2 N 2.5 2.5 -  -  -  -  5.5 reneged reneged
         P 3 N 3   3   6  9  9  9  9   home    left
         P 4 N 3.5 3.5 -  -  -  -  6.5 reneged reneged
         P 5 N 6   6   9  10 10 10 10  home    left
         P 6 N 6   6   -  -  -  -  9   reneged reneged
         P 7 N 7.5 7.5 10 11 11 11 11  home    left
         P 8 N 8   8   11 12 12 12 12  home    left",
    );
    let all_but_the_first = ["P 1", "P 2", "P 3", "P 4", "P 5", "P 6", "P 7", "P 8"];
    differs(&of(2.75, "reneged"), &model, 48.0, &all_but_the_first);
    differs(&of(3.0, "Elsewhere"), &model, 48.0, &["P 2", "P 4", "P 6"]);
}

#[test]
fn a_change_of_class_leaves_patience_alone() {
    // After 3 h a routine patient is urgent; patience is 5 h from joining. R1 is urgent at 4 and, having
    // joined first, before U0; it starts at 6, the very end of its patience, as does R2 at 7. R3 is
    // urgent at 6 and gives up at 8, R4 at 10. R5 is not yet urgent at 11, U1 is; at 12 it goes before U2.
    let of = |after: Option<f64>| {
        let queue = urgent_first().patience(fixed(5.0));
        let needs_of_r = [(0.0, 6.0), (1.0, 1.0), (2.0, 2.0), (3.0, 1.0), (5.0, 1.0), (8.5, 1.0)];
        patients(&[("R", "N", &needs_of_r), ("U", "N", &[(4.5, 2.0), (9.5, 1.0), (11.25, 1.0)])])
            .node(Node::beds("N", 1, needed()).queue(match after {
                Some(time) => queue.change_class(2, 1, fixed(time)),
                None => queue,
            }))
    };
    let model = of(Some(3.0));
    is(
        &model,
        48.0,
        "R 0 N 0     0     0  6  6  6  6  home    left
         R 1 N 1     1     6  7  7  7  7  home    left
         R 2 N 2     2     7  9  9  9  9  home    left
         R 3 N 3     3     -  -  -  -  8  reneged reneged
         R 4 N 5     5     -  -  -  -  10 reneged reneged
         R 5 N 8.5   8.5   12 13 13 13 13 home    left
         U 0 N 4.5   4.5   9  11 11 11 11 home    left
         U 1 N 9.5   9.5   11 12 12 12 12 home    left
         U 2 N 11.25 11.25 13 14 14 14 14 home    left",
    );
    // After 3 h and three quarters R5 is not urgent at 12.
    differs(&of(Some(3.75)), &model, 48.0, &["R 5", "U 2"]);
    let all_but_the_first = ["R 1", "R 2", "R 3", "R 4", "R 5", "U 0", "U 1", "U 2"];
    differs(&of(None), &model, 48.0, &all_but_the_first);
}

#[test]
fn a_batch_turns_away_one_after_the_other() {
    // Four at once: each sees those before. At 1 P0 starts, P1 and P2 wait, P3 turns away. At 5 P2
    // starts before the batch comes: P4 and P5 wait. At 6 P4 starts, P8 waits.
    let of = |most: u32| {
        let mut model = patients(&[("P", "N", &[(1.0, 2.0), (5.0, 2.0), (6.0, 1.0)])]);
        model.arrivals = vec![arrivals("P", "N", &[1.0, 5.0, 6.0]).batch(4.0.into())];
        let stays = listed(&[2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        model.cohorts.clear();
        model.node(
            Node::beds("N", 1, stays)
                .queue(Queue::new().balk(format!("queue() >= {most}").as_str(), 1.0)),
        )
    };
    let model = of(2);
    is(
        &model,
        48.0,
        "P 0  N 1 1 1 3 3 3 3 home   left
         P 1  N 1 1 3 5 5 5 5 home   left
         P 10 N 6 6 - - - - 6 balked balked
         P 11 N 6 6 - - - - 6 balked balked
         P 2  N 1 1 5 6 6 6 6 home   left
         P 3  N 1 1 - - - - 1 balked balked
         P 4  N 5 5 6 7 7 7 7 home   left
         P 5  N 5 5 7 8 8 8 8 home   left
         P 6  N 5 5 - - - - 5 balked balked
         P 7  N 5 5 - - - - 5 balked balked
         P 8  N 6 6 8 9 9 9 9 home   left
         P 9  N 6 6 - - - - 6 balked balked",
    );
    differs(&of(3), &model, 48.0, &["P 3", "P 4", "P 5", "P 8"]);
}

#[test]
fn a_review_takes_off_who_has_waited_too_long() {
    // Reviews at 6 and at 12. At 6 P1, P2 and P3, to the hour, have waited 3 h. At 12 P4 leaves: P5
    // starts, before the review, P6 is taken off, P7 has waited 2 h and three quarters, and P8 comes
    // after the review.
    let of = |condition: &str| {
        let times = [0.0, 1.0, 2.5, 3.0, 5.0, 7.5, 8.0, 9.25, 12.0];
        let needs = [7.0, 1.0, 1.0, 1.0, 5.0, 1.0, 1.0, 1.0, 1.0];
        let people: Vec<(f64, f64)> = times.into_iter().zip(needs).collect();
        let review = Review::every(6.0).when(condition).remove(1.0);
        patients(&[("P", "N", &people)])
            .node(Node::beds("N", 1, needed()).queue(Queue::new().review(review)))
    };
    let model = of("waited >= 3");
    is(
        &model,
        48.0,
        "P 0 N 0    0    0  7  7  7  7  home    left
         P 1 N 1    1    -  -  -  -  6  removed removed
         P 2 N 2.5  2.5  -  -  -  -  6  removed removed
         P 3 N 3    3    -  -  -  -  6  removed removed
         P 4 N 5    5    7  12 12 12 12 home    left
         P 5 N 7.5  7.5  12 13 13 13 13 home    left
         P 6 N 8    8    -  -  -  -  12 removed removed
         P 7 N 9.25 9.25 13 14 14 14 14 home    left
         P 8 N 12   12   14 15 15 15 15 home    left",
    );
    differs(&of("waited > 3"), &model, 48.0, &["P 3", "P 4", "P 5"]);
}

// ---- who goes first --------------------------------------------------------------------------------

#[test]
fn a_score_that_ages_overtakes() {
    // Ten points for who is urgent, one an hour. At 12 U0 has 11.5, R1 11. At 14 R1 has 13, U1 11.5. At
    // 15 U1 has 12.5, R2 and U2 12. At 17 R2 and U2 are equal still, and R2 joined first. U3 at 18.5
    // overtakes R3, who joined at 14.
    let of = |score: &str| {
        let mut model = patients(&[
            ("R", "N", &[(0.0, 12.0), (1.0, 1.0), (3.0, 1.0), (14.0, 1.0)]),
            ("U", "N", &[(10.5, 2.0), (12.5, 2.0), (13.0, 1.0), (18.5, 1.0)]),
        ]);
        for cohort in &mut model.cohorts {
            let urgent = Attribute::Flag(if cohort.name == "U" { 1.0 } else { 0.0 });
            cohort.attributes.insert("urgent".into(), urgent.into());
        }
        model.node(Node::beds("N", 1, needed()).queue(Queue::by_score(score)))
    };
    let expected = "R 0 N 0    0    0  12 12 12 12 home left
                    R 1 N 1    1    14 15 15 15 15 home left
                    R 2 N 3    3    17 18 18 18 18 home left
                    R 3 N 14   14   20 21 21 21 21 home left
                    U 0 N 10.5 10.5 12 14 14 14 14 home left
                    U 1 N 12.5 12.5 15 17 17 17 17 home left
                    U 2 N 13   13   18 19 19 19 19 home left
                    U 3 N 18.5 18.5 19 20 20 20 20 home left";
    let model = of("10 * urgent + waited");
    is(&model, 48.0, expected);
    // The same by a scan at every selection: neither is a line in `waited`.
    is(&of("10 * urgent + max(waited, 0)"), 48.0, expected);
    is(&of("10 * urgent + waited + 0 * queue()"), 48.0, expected);
    differs(&of("12 * urgent + waited"), &model, 48.0, &["R 1", "R 2", "U 1", "U 2"]);
}

#[test]
fn who_was_interrupted_is_first_whatever_the_score() {
    // The bed is closed from 5 to 8: R0 is interrupted, and goes on before U0, who is urgent.
    let of = |score: &str, cut: Cut| {
        let mut model = patients(&[("R", "N", &[(0.0, 12.0)]), ("U", "N", &[(6.0, 2.0)])]);
        for cohort in &mut model.cohorts {
            let urgent = Attribute::Flag(if cohort.name == "U" { 1.0 } else { 0.0 });
            cohort.attributes.insert("urgent".into(), urgent.into());
        }
        let beds = Capacity::new(1).edit(Edit::to("5h", 0)).edit(Edit::to("8h", 1));
        model.node(Node::beds("N", beds, needed()).cut(cut).queue(Queue::by_score(score)))
    };
    for score in ["10 * urgent + waited", "10 * urgent + max(waited, 0)"] {
        let model = of(score, Cut::Interrupt);
        is(
            &model,
            48.0,
            "R 0 N 0 0 0  -  -  -  5  -    interrupted
             R 0 N 5 5 8  15 15 15 15 home left
             U 0 N 6 6 15 17 17 17 17 home left",
        );
        differs(&of(score, Cut::Wait), &model, 48.0, &["R 0", "U 0"]);
    }
}

#[test]
fn last_come_goes_first_among_the_blocked_as_well() {
    // Step is taken until 8. In its line by then: W0, blocked since 2, D0 of 3, W1, blocked since 5, D1
    // of 6. D1 starts at 8, W1 at 9, W2, blocked since 10, at 11, D2 of 11.5 at 13, then D0 and W0, who
    // came first. W3 has the bed that W1 leaves at 9.
    let of = |discipline| {
        patients(&[
            ("W", "Ward", &[(0.0, 2.0), (1.0, 4.0), (4.0, 6.0), (8.5, 7.0)]),
            ("S", "Step", &[(0.0, 0.0)]),
            ("D", "Step", &[(3.0, 0.0), (6.0, 0.0), (11.5, 0.0)]),
        ])
        .node(Node::beds("Ward", 3, needed()))
        .node(
            Node::beds(
                "Step",
                1,
                Cases(vec![
                    when("cohort == 'S'", fixed(8.0)),
                    when("cohort == 'D'", fixed(1.0)),
                    Case { when: None, then: fixed(2.0) },
                ]),
            )
            .queue(Queue::by(discipline)),
        )
        .route(Route::new("Ward", everyone_to("Step")))
    };
    let model = of(Discipline::LastCome);
    is(
        &model,
        48.0,
        "D 0 Step 3    3    14 15 15 15 15 home left
         D 1 Step 6    6    8  9  9  9  9  home left
         D 2 Step 11.5 11.5 13 14 14 14 14 home left
         S 0 Step 0    0    0  8  8  8  8  home left
         W 0 Ward 0    0    0  2  2  15 15 Step left
         W 0 Step 2    15   15 17 17 17 17 home left
         W 1 Ward 1    1    1  5  5  9  9  Step left
         W 1 Step 5    9    9  11 11 11 11 home left
         W 2 Ward 4    4    4  10 10 11 11 Step left
         W 2 Step 10   11   11 13 13 13 13 home left
         W 3 Ward 8.5  8.5  9  16 16 17 17 Step left
         W 3 Step 16   17   17 19 19 19 19 home left",
    );
    let all = ["D 0", "D 1", "D 2", "W 0", "W 1", "W 2", "W 3"];
    differs(&of(Discipline::FirstCome), &model, 48.0, &all);
}

// ---- several nodes at once -------------------------------------------------------------------------

/// A route from a node to whichever of A and B this chooses.
fn a_or_b(from: &str, choose: Choose) -> Route {
    Route::choose(from, choose, ["A", "B"])
}

#[test]
fn one_ticket_stands_in_two_lines() {
    // W0 is ready at 2, A and B are taken: a ticket in both lines. B falls free at 4, and DA1, who came
    // to A at 3, is W0's successor there no more. At 6 both fall free: DA0, who came to A at 1, and W1,
    // who has waited in B's line too since 3.5. W2 is ready at 7; at 8 B goes to DB0, who came at 5. At
    // 9 both fall free and nobody else is in line: the first named. W3 finds B free at 10.
    let of = |route: Route| {
        patients(&[
            ("W", "Ward", &[(0.0, 2.0), (1.0, 2.5), (2.0, 5.0), (8.0, 2.0)]),
            ("SA", "A", &[(0.0, 6.0)]),
            ("SB", "B", &[(0.0, 4.0)]),
            ("DA", "A", &[(1.0, 1.0), (3.0, 2.0)]),
            ("DB", "B", &[(5.0, 1.0)]),
        ])
        .node(Node::beds("Ward", 3, needed()))
        .node(Node::beds("B", 1, two_for_w()))
        .node(Node::beds("A", 1, two_for_w()))
        .route(route)
    };
    let model = of(a_or_b("Ward", Choose::FirstFree));
    is(
        &model,
        48.0,
        "DA 0 A    1   1  6  7   7   7  7  home left
         DA 1 A    3   3  7  9   9   9  9  home left
         DB 0 B    5   5  8  9   9   9  9  home left
         SA 0 A    0   0  0  6   6   6  6  home left
         SB 0 B    0   0  0  4   4   4  4  home left
         W  0 Ward 0   0  0  2   2   4  4  B    left
         W  0 B    2   4  4  6   6   6  6  home left
         W  1 Ward 1   1  1  3.5 3.5 6  6  B    left
         W  1 B    3.5 6  6  8   8   8  8  home left
         W  2 Ward 2   2  2  7   7   9  9  A    left
         W  2 A    7   9  9  11  11  11 11 home left
         W  3 Ward 8   8  8  10  10  10 10 B    left
         W  3 B    10  10 10 12  12  12 12 home left",
    );
    let named = ["DA 1", "DB 0", "W 0", "W 1", "W 2", "W 3"];
    differs(&of(Route::new("Ward", everyone_to("A"))), &model, 48.0, &named);
    // Decided once: at 10 both queues are empty, so W3 waits for A until 11.
    differs(&of(a_or_b("Ward", Choose::ShortestQueue)), &model, 48.0, &["W 3"]);
}

#[test]
fn a_ticket_waits_by_the_rules_of_the_node_first_named() {
    // At most two wait for A, 4 h each at most, and those who wait for A or B are among them. T0 has
    // waited since 2: DA1 is one too many at 3, and so is T1. At 6 B falls free, and T0 has it, whose
    // patience ends that instant; T2 has it at 9. DA0 gives up at 5. T3, who came before DA2, has A at 10,
    // T4 B at 13. T5 has waited since 13 and gives up at 17; T6 has A at 18, at the end of patience.
    let of = |a: Queue, among: [&str; 2]| {
        let tickets: [(f64, f64); 7] =
            [(1.0, 3.0), (2.5, 1.0), (4.5, 4.0), (6.0, 8.0), (9.0, 6.0), (12.0, 1.0), (13.0, 1.0)];
        patients(&[
            ("SA", "A", &[(0.0, 10.0)]),
            ("SB", "B", &[(0.0, 6.0)]),
            ("DA", "A", &[(1.0, 1.0), (3.0, 1.0), (9.5, 1.0)]),
            ("T", "Desk", &tickets),
        ])
        .node(Node::unlimited("Desk", fixed(1.0)))
        .node(Node::beds("B", 1, needed()))
        .node(Node::beds("A", 1, needed()).queue(a))
        .node(Node::unlimited("C", fixed(1.0)))
        .route(Route::choose("Desk", Choose::FirstFree, among))
    };
    let rules = || at_most(2).patience(fixed(4.0)).renege("C");
    let model = of(rules(), ["A", "B"]);
    is(
        &model,
        48.0,
        "DA 0 A    1    1    -    -    -    -    5    C    reneged
         DA 0 C    5    5    5    6    6    6    6    home left
         DA 1 A    3    3    -    -    -    -    3    lost lost
         DA 2 A    9.5  9.5  -    -    -    -    13.5 C    reneged
         DA 2 C    13.5 13.5 13.5 14.5 14.5 14.5 14.5 home left
         SA 0 A    0    0    0    10   10   10   10   home left
         SB 0 B    0    0    0    6    6    6    6    home left
         T  0 Desk 1    1    1    2    2    2    2    A    left
         T  0 B    2    2    6    9    9    9    9    home left
         T  1 Desk 2.5  2.5  2.5  3.5  3.5  3.5  3.5  A    left
         T  1 A    3.5  3.5  -    -    -    -    3.5  lost lost
         T  2 Desk 4.5  4.5  4.5  5.5  5.5  5.5  5.5  A    left
         T  2 B    5.5  5.5  9    13   13   13   13   home left
         T  3 Desk 6    6    6    7    7    7    7    A    left
         T  3 A    7    7    10   18   18   18   18   home left
         T  4 Desk 9    9    9    10   10   10   10   A    left
         T  4 B    10   10   13   19   19   19   19   home left
         T  5 Desk 12   12   12   13   13   13   13   A    left
         T  5 A    13   13   -    -    -    -    17   C    reneged
         T  5 C    17   17   17   18   18   18   18   home left
         T  6 Desk 13   13   13   14   14   14   14   A    left
         T  6 A    14   14   18   19   19   19   19   home left",
    );
    let named = ["DA 0", "DA 2", "T 2", "T 3", "T 4", "T 5"];
    differs(&of(at_most(2), ["A", "B"]), &model, 48.0, &named);
    // With B first, tickets wait without limit, for ever, and beside the queue of A.
    differs(&of(rules(), ["B", "A"]), &model, 48.0, &["DA 1", "T"]);
}

/// Two hours for cohort W, for others what they need.
fn two_for_w() -> Cases<Distribution> {
    let mut cases = needed();
    cases.0.insert(0, when("cohort == 'W'", fixed(2.0)));
    cases
}

#[test]
fn a_choice_is_made_once_when_people_are_ready() {
    // A has two places, B four. Shares taken before each: 0 0 (A), 1/2 0 (B), 1/2 1/4 (B), 1/2 1/2 (A),
    // 1 1/2 (B), 1 3/4 (B), 1 1 (A), 1 1 (A), and at 12 1 3/4 (B). P6 waits for A until 11, P7 until 14,
    // though B has a place free from 11.5 on.
    let of = |choose| {
        patients(&[(
            "P",
            "Desk",
            &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 11.0].map(|time| (time, 1.0)),
        )])
        .node(Node::unlimited("Desk", fixed(1.0)))
        .node(Node::beds("A", 2, fixed(10.0)))
        .node(Node::beds("B", 4, fixed(9.5)))
        .route(a_or_b("Desk", choose))
    };
    let model = of(Choose::LeastLoad);
    is(
        &model,
        48.0,
        "P 0 Desk 0  0  0  1    1    1    1    A    left
         P 0 A    1  1  1  11   11   11   11   home left
         P 1 Desk 1  1  1  2    2    2    2    B    left
         P 1 B    2  2  2  11.5 11.5 11.5 11.5 home left
         P 2 Desk 2  2  2  3    3    3    3    B    left
         P 2 B    3  3  3  12.5 12.5 12.5 12.5 home left
         P 3 Desk 3  3  3  4    4    4    4    A    left
         P 3 A    4  4  4  14   14   14   14   home left
         P 4 Desk 4  4  4  5    5    5    5    B    left
         P 4 B    5  5  5  14.5 14.5 14.5 14.5 home left
         P 5 Desk 5  5  5  6    6    6    6    B    left
         P 5 B    6  6  6  15.5 15.5 15.5 15.5 home left
         P 6 Desk 6  6  6  7    7    7    7    A    left
         P 6 A    7  7  11 21   21   21   21   home left
         P 7 Desk 7  7  7  8    8    8    8    A    left
         P 7 A    8  8  14 24   24   24   24   home left
         P 8 Desk 11 11 11 12   12   12   12   B    left
         P 8 B    12 12 12 21.5 21.5 21.5 21.5 home left",
    );
    // Most free: B B A B A B A A B. Round robin: A B A B A B A B A. Shortest queue: A A A B B B B B A.
    let named = ["P 0", "P 2", "P 3", "P 4", "P 6", "P 7"];
    differs(&of(Choose::MostFree), &model, 48.0, &named);
    let named = ["P 2", "P 3", "P 4", "P 6", "P 7", "P 8"];
    differs(&of(Choose::RoundRobin), &model, 48.0, &named);
    let named = ["P 1", "P 2", "P 3", "P 6", "P 7", "P 8"];
    differs(&of(Choose::ShortestQueue), &model, 48.0, &named);
}

#[test]
fn two_nodes_serve_one_list() {
    // A takes 2 h, B 3 h; both take the first of the list, at most three in it. P0 finds both free: the
    // node that comes first. P8 finds P5, P6 and P7 in the list.
    let of = |list: Queue| {
        let times = [0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 4.0, 5.0, 5.5];
        model()
            .arrivals(arrivals("P", "List", &times))
            .queue(list.named("List"))
            .node(Node::beds("A", 1, fixed(2.0)).queue("List"))
            .node(Node::beds("B", 1, fixed(3.0)).queue("List"))
    };
    let model = of(at_most(3));
    is(
        &model,
        48.0,
        "P 0 A    0   0   0   2   2   2   2   home left
         P 1 B    0.5 0.5 0.5 3.5 3.5 3.5 3.5 home left
         P 2 A    1   1   2   4   4   4   4   home left
         P 3 B    1.5 1.5 3.5 6.5 6.5 6.5 6.5 home left
         P 4 A    2.5 2.5 4   6   6   6   6   home left
         P 5 A    3   3   6   8   8   8   8   home left
         P 6 B    4   4   6.5 9.5 9.5 9.5 9.5 home left
         P 7 A    5   5   8   10  10  10  10  home left
         P 8 List 5.5 5.5 -   -   -   -   5.5 lost lost",
    );
    differs(&of(at_most(2)), &model, 48.0, &["P 5", "P 6", "P 7"]);
    let last_come = Queue::by(Discipline::LastCome).limit(3);
    differs(&of(last_come), &model, 48.0, &["P 2", "P 3", "P 5", "P 7"]);
}

#[test]
fn who_waits_goes_over_to_a_place_that_nobody_else_takes() {
    // At 4 B falls free and PB1, who waits there, takes it: nobody goes over. At 6 nobody waits: PA1, the
    // first at A, goes over, and PA2 stays. PB2 comes at 8 when PA2 has gone over. At 10 A and B fall
    // free: PA3 takes the place at A, so that PA4 goes over.
    let of = |goes_over: bool| {
        let a = Node::beds("A", 1, needed());
        let queue = Queue::new().switch("B", "free('B') > 0");
        patients(&[
            (
                "PA",
                "A",
                &[(0.0, 10.0), (1.0, 2.0), (2.0, 1.0), (3.0, 2.0), (9.5, 1.0), (10.5, 1.0)],
            ),
            ("PB", "B", &[(0.0, 4.0), (2.5, 2.0), (8.0, 1.0)]),
        ])
        .node(if goes_over { a.queue(queue) } else { a })
        .node(Node::beds("B", 1, needed()))
    };
    let model = of(true);
    is(
        &model,
        48.0,
        "PA 0 A 0    0    0  10 10 10 10 home left
         PA 1 A 1    1    -  -  -  -  6  B    switched
         PA 1 B 6    6    6  8  8  8  8  home left
         PA 2 A 2    2    -  -  -  -  8  B    switched
         PA 2 B 8    8    8  9  9  9  9  home left
         PA 3 A 3    3    10 12 12 12 12 home left
         PA 4 A 9.5  9.5  -  -  -  -  10 B    switched
         PA 4 B 10   10   10 11 11 11 11 home left
         PA 5 A 10.5 10.5 -  -  -  -  11 B    switched
         PA 5 B 11   11   11 12 12 12 12 home left
         PB 0 B 0    0    0  4  4  4  4  home left
         PB 1 B 2.5  2.5  4  6  6  6  6  home left
         PB 2 B 8    8    9  10 10 10 10 home left",
    );
    let named = ["PA 1", "PA 2", "PA 3", "PA 4", "PA 5", "PB 2"];
    differs(&of(false), &model, 48.0, &named);
}

// ---- small ones, on which the engine and the rulings disagree --------------------------------------

#[test]
fn a_cut_takes_reserved_places_last() {
    // At 6 one place of two is left, S0 is in the one, the other is reserved for W0 until 8. Reserved
    // places go last (R9): S0 is interrupted, with 9 h to go, and goes on when W0 leaves.
    let of = |cut: Cut| {
        patients(&[("W", "Ward", &[(1.0, 3.0)]), ("S", "Step", &[(0.0, 15.0), (0.5, 4.5)])])
            .node(Node::beds("Ward", 3, needed()).leave(open("08:00", "20:00")))
            .node(Node::beds("Step", places(2, &[(6.0, 1)]), needed()).cut(cut))
            .route(Route::new("Ward", everyone_to("Step")))
    };
    let model = of(Cut::Interrupt);
    is(
        &model,
        48.0,
        "S 0 Step 0   0   0   -  -  -  6  -    interrupted
         S 0 Step 6   6   11  20 20 20 20 home left
         S 1 Step 0.5 0.5 0.5 5  5  5  5  home left
         W 0 Ward 1   1   1   4  4  5  8  Step left
         W 0 Step 4   8   8   11 11 11 11 home left",
    );
    differs(&of(Cut::Wait), &model, 48.0, &["S 0"]);
}

#[test]
fn who_is_interrupted_is_first_whatever_the_order() {
    // No place from 3 to 4. P0 goes back to the head (R9), before P2, who came last.
    let of = |order| {
        patients(&[("P", "N", &[(0.0, 6.0), (1.0, 1.0), (2.0, 1.0)])]).node(
            Node::beds("N", places(1, &[(3.0, 0), (4.0, 1)]), needed())
                .cut(Cut::Interrupt)
                .queue(Queue::by(order)),
        )
    };
    let model = of(Discipline::LastCome);
    is(
        &model,
        48.0,
        "P 0 N 0 0 0 - - - 3 -    interrupted
         P 0 N 3 3 4 7 7 7 7 home left
         P 1 N 1 1 8 9 9 9 9 home left
         P 2 N 2 2 7 8 8 8 8 home left",
    );
    differs(&of(Discipline::FirstCome), &model, 48.0, &["P 1", "P 2"]);
    let at_random = trace(&of(Discipline::Random), 48.0);
    assert_eq!(at_random[1], "P 0 N 3 3 4 7 7 7 7 home left");
}

#[test]
fn a_score_means_the_same_however_it_is_written() {
    let of = |score: &str| {
        patients(&[("P", "N", &[(0.0, 6.0), (1.0, 7.0), (2.0, 1.0)])]).node(
            Node::beds("N", places(1, &[(3.0, 0), (4.0, 1)]), needed())
                .cut(Cut::Interrupt)
                .queue(Queue::by_score(score)),
        )
    };
    assert_eq!(trace(&of("waited"), 48.0), trace(&of("max(waited, 0)"), 48.0));
    assert_eq!(trace(&of("0 - waited"), 48.0), trace(&of("0 - max(waited, 0)"), 48.0));
}

#[test]
fn a_place_that_nobody_has_left_does_not_go_away() {
    // The second place has not fallen free: P1 finds it.
    let model = patients(&[("P", "N", &[(0.0, 5.0), (1.0, 1.0)])])
        .node(Node::beds("N", 2, needed()).vacation(fixed(2.0)));
    is(
        &model,
        48.0,
        "P 0 N 0 0 0 5 5 5 5 home left
         P 1 N 1 1 1 2 2 2 2 home left",
    );
}

#[test]
fn a_review_begins_the_time_in_the_new_class() {
    // From the third class to the second after 5 h, from there to the first after 20. The review at 4
    // puts C1 and C2 into the second class, where they are until 24: A0 goes first at 8, A1 at 16.
    let of = |reviewed: &str| {
        let queue = first(&["cohort == 'A'", "cohort == 'B'"])
            .change_class(3, 2, fixed(5.0))
            .change_class(2, 1, fixed(20.0))
            .review(Review::every(100.0).at(4.0).when(reviewed).class(2));
        patients(&[
            ("A", "N", &[(6.5, 1.0), (13.5, 1.0)]),
            ("B", "N", &[(40.0, 1.0)]),
            ("C", "N", &[(0.0, 8.0), (1.0, 7.0), (2.0, 1.0)]),
        ])
        .node(Node::beds("N", 1, needed()).queue(queue))
    };
    let model = of("waited >= 0");
    is(
        &model,
        48.0,
        "A 0 N 6.5  6.5  8  9  9  9  9  home left
         A 1 N 13.5 13.5 16 17 17 17 17 home left
         B 0 N 40   40   40 41 41 41 41 home left
         C 0 N 0    0    0  8  8  8  8  home left
         C 1 N 1    1    9  16 16 16 16 home left
         C 2 N 2    2    17 18 18 18 18 home left",
    );
    // Put down a class at 4, U1 is urgent again after 3 h there, at 7, and goes before U2.
    let queue = urgent_first()
        .change_class(2, 1, fixed(3.0))
        .review(Review::every(100.0).at(4.0).when("waited > 2").class(2));
    let model =
        patients(&[("U", "N", &[(0.0, 10.0), (1.0, 1.0), (2.0, 1.0)]), ("R", "N", &[(9.0, 1.0)])])
            .node(Node::beds("N", 1, needed()).queue(queue));
    is(
        &model,
        48.0,
        "R 0 N 9 9 12 13 13 13 13 home left
         U 0 N 0 0 0  10 10 10 10 home left
         U 1 N 1 1 10 11 11 11 11 home left
         U 2 N 2 2 11 12 12 12 12 home left",
    );
}

#[test]
fn a_ticket_in_two_lines_has_its_class_in_each() {
    // R0 has waited for A or B since 4, and is routine at A: U0, who came at 5, goes first at 10.
    let of = |queue: Queue| {
        patients(&[
            ("R", "Ward", &[(0.0, 4.0)]),
            ("QA", "A", &[(0.0, 10.0)]),
            ("QB", "B", &[(0.0, 20.0)]),
            ("U", "A", &[(5.0, 1.0)]),
        ])
        .node(Node::beds("Ward", 1, needed()))
        .node(Node::beds("A", 1, needed()).queue(queue))
        .node(Node::beds("B", 1, needed()))
        .route(a_or_b("Ward", Choose::FirstFree))
    };
    let model = of(urgent_first());
    is(
        &model,
        48.0,
        "QA 0 A    0 0  0  10 10 10 10 home left
         QB 0 B    0 0  0  20 20 20 20 home left
         R  0 Ward 0 0  0  4  4  11 11 A    left
         R  0 A    4 11 11 15 15 15 15 home left
         U  0 A    5 5  10 11 11 11 11 home left",
    );
    differs(&of(Queue::new()), &model, 48.0, &["R 0", "U 0"]);
    // Nor does R0 take the place of QA0, who is routine as well: only U0 does.
    assert_eq!(
        trace(&of(preempt(Some(Preempt::Resume))), 48.0)[..2],
        ["QA 0 A 0 0 0 - - - 5 - interrupted", "QA 0 A 5 5 6 11 11 11 11 home left"]
    );
}

#[test]
fn who_must_have_a_bed_does_not_take_the_corridor_from_somebody_for_ever() {
    // U0, blocked and urgent, needs a bed; R1, who started last, is in the corridor.
    let model = patients(&[("U", "Ward", &[(0.0, 3.0)]), ("R", "N", &[(0.0, 9.0), (1.0, 9.0)])])
        .node(Node::beds("Ward", 1, needed()))
        .node(Node::beds("N", 1, needed()).corridor(1).queue(preempt(Some(Preempt::Resume))))
        .route(Route::new("Ward", everyone_to("N")));
    assert!(trace(&model, 48.0).len() < 10);
}

#[test]
fn who_is_admitted_no_more_once_a_place_is_taken_takes_none() {
    // If R1 were put out for U0, one place would be occupied and U0 not be admitted: R1 would be back.
    let model = patients(&[("U", "N", &[(2.0, 3.0)]), ("R", "N", &[(0.0, 9.0), (1.0, 9.0)])]).node(
        Node::beds("N", 2, needed())
            .admit("cohort == 'R' or occupied() >= 2")
            .queue(preempt(Some(Preempt::Resume))),
    );
    assert!(trace(&model, 48.0).len() < 10);
}

#[test]
fn an_attribute_is_drawn_and_not_taken_from_a_list() {
    let values = Attribute::Number(listed(&[1.0, 2.0]));
    let model = model()
        .cohort(Cohort::new("P").attribute("need", values))
        .arrivals(arrivals("P", "N", &[0.0, 0.0]))
        .node(Node::beds("N", 2, needed()));
    let faults = model.check().unwrap_err().to_string();
    assert!(faults.contains("listed values"), "{faults}");
}

#[test]
fn who_leaves_from_beside_the_beds_leaves_nothing_to_clear() {
    // One bed, cleaned for an hour, and one place in the corridor. P1 leaves it at 3, and P2 has it at
    // once, and the bed from 7 on: P3 starts in the corridor, has the bed from 9 on, and P4 starts. It
    // leaves at 10, and so P5 starts in the corridor while the bed of P3 is being cleaned.
    let of = |cleaning: f64, corridor: u32| {
        let people = [
            (0.0, 6.0),
            (1.0, 2.0),
            (2.0, 5.0),
            (2.5, 3.0),
            (4.0, 1.0),
            (5.0, 4.0),
            (12.0, 1.0),
            (13.0, 2.0),
            (15.0, 1.0),
        ];
        let ward = Node::beds("Ward", 1, needed()).corridor(corridor).turnaround(fixed(cleaning));
        patients(&[("P", "Ward", &people)]).node(ward)
    };
    let model = of(1.0, 1);
    is(
        &model,
        48.0,
        "P 0 Ward 0   0   0  6  6  6  6  home left
         P 1 Ward 1   1   1  3  3  3  3  home left
         P 2 Ward 2   2   3  8  8  8  8  home left
         P 3 Ward 2.5 2.5 7  10 10 10 10 home left
         P 4 Ward 4   4   9  10 10 10 10 home left
         P 5 Ward 5   5   10 14 14 14 14 home left
         P 6 Ward 12  12  12 13 13 13 13 home left
         P 7 Ward 13  13  13 15 15 15 15 home left
         P 8 Ward 15  15  15 16 16 16 16 home left",
    );
    let stays = run(&model, 48.0).stays();
    let beds = [(0, 0.0), (2, 7.0), (3, 9.0), (5, 11.0), (8, 15.0)];
    let mut found = lines(&stays, &["patient", "bed"]);
    found.retain(|row| !row.ends_with('-'));
    assert_eq!(found, beds.map(|(patient, hour)| format!("{patient} {hour}")));
    differs(&of(0.5, 1), &model, 48.0, &["P 3", "P 4", "P 5"]);
    differs(&of(1.0, 2), &model, 48.0, &["P 2", "P 3", "P 4", "P 5"]);
}

#[test]
fn a_cut_interrupts_whose_place_may_go() {
    // Of four places one is kept for the frail. At 6 two close: not the fenced one, so F0 stays, who
    // started last, and O2 and O1 are interrupted. O1 goes on at 9, O2 at 12 with the others.
    let of = |fence: bool, how: Option<Preempt>| {
        let people: [(f64, f64); 5] = [(0.0, 9.0), (1.0, 8.0), (2.0, 6.0), (8.0, 4.0), (13.0, 1.0)];
        let ward = Node::beds("Ward", places(4, &[(6.0, 2), (12.0, 4)]), needed())
            .cut(Cut::Interrupt)
            .queue(Queue { preempt: how, ..first(&["need < 0"]) });
        patients(&[("F", "Ward", &[(3.0, 10.0), (7.0, 2.0), (15.0, 1.0)]), ("O", "Ward", &people)])
            .node(if fence { ward.ring_fence("frail", 1, "cohort == 'F'") } else { ward })
    };
    let model = of(true, None);
    is(
        &model,
        48.0,
        "F 0 Ward 3  3  3  13 13 13 13 home left
         F 1 Ward 7  7  12 14 14 14 14 home left
         F 2 Ward 15 15 15 16 16 16 16 home left
         O 0 Ward 0  0  0  9  9  9  9  home left
         O 1 Ward 1  1  1  -  -  -  6  -    interrupted
         O 1 Ward 6  6  9  12 12 12 12 home left
         O 2 Ward 2  2  2  -  -  -  6  -    interrupted
         O 2 Ward 6  6  12 14 14 14 14 home left
         O 3 Ward 8  8  12 16 16 16 16 home left
         O 4 Ward 13 13 14 15 15 15 15 home left",
    );
    differs(&of(false, None), &model, 48.0, &["F 0", "F 1", "O 1", "O 2", "O 4"]);
    // Where stays that are interrupted begin anew, they do so after a cut as well.
    let model = of(true, Some(Preempt::Restart));
    let o1 = ["O 1 Ward 1 1 1 - - - 6 - interrupted", "O 1 Ward 6 6 9 17 17 17 17 home left"];
    let told = trace(&model, 48.0);
    assert_eq!(
        told.iter().filter(|row| row.starts_with("O 1")).collect::<Vec<_>>(),
        o1.iter().collect::<Vec<_>>()
    );
}

#[test]
fn a_cut_moves_people_beside_the_beds() {
    // Two beds and a place in the corridor. At 4 one bed closes: P1, who started last, moves out into the
    // corridor, and P2 waits. Two beds are open again from 10 on: P1 is in one of them, and P2 starts.
    let of = |corridor: u32, cut: Cut| {
        let ward = Node::beds("Ward", places(2, &[(4.0, 1), (10.0, 2)]), needed()).cut(cut);
        patients(&[("P", "Ward", &[(0.0, 12.0), (1.0, 11.5), (5.0, 2.0), (9.0, 1.0)])])
            .node(ward.corridor(corridor))
    };
    let model = of(1, Cut::Interrupt);
    is(
        &model,
        48.0,
        "P 0 Ward 0 0 0  12   12   12   12   home left
         P 1 Ward 1 1 1  12.5 12.5 12.5 12.5 home left
         P 2 Ward 5 5 10 12   12   12   12   home left
         P 3 Ward 9 9 12 13   13   13   13   home left",
    );
    differs(&of(0, Cut::Interrupt), &model, 48.0, &["P 1", "P 2", "P 3"]);
    differs(&of(2, Cut::Interrupt), &model, 48.0, &["P 2", "P 3"]);
}

#[test]
fn stays_of_no_time_in_a_circle_end_the_run() {
    // Who comes at 3 goes from A to B and back, and no time goes on.
    let model = patients(&[("P", "A", &[(3.0, 0.0)])])
        .node(Node::unlimited("A", needed()))
        .node(Node::unlimited("B", needed()))
        .route(Route::new("A", everyone_to("B")))
        .route(Route::new("B", everyone_to("A")));
    let error = Experiment::new(&model).replications(1).until(hours(9.0)).run().unwrap_err();
    let told = error.to_string();
    assert!(told.contains("at one instant, 3 hours after the start"), "{told}");
    assert!(told.contains("\"A\"") || told.contains("\"B\""), "{told}");
}
