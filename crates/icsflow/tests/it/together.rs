//! Group sessions: people who start together, and stay as long as one another.

use std::collections::BTreeMap;

use icsflow::{Distribution, Experiment, Model, Node, Queue, Results, Sessions, Together};

use crate::hand::{arrivals, clock, differs, everyone_to, fixed, instant, is, listed, model, run};
use crate::tables::number;
use crate::theory::metric;

fn noon() -> Sessions {
    Sessions { at: vec![clock("12:00")], days: vec![] }
}

fn course(places: u32, stay: impl Into<Distribution>, together: Together) -> Node {
    Node::beds("Course", places, stay.into()).together(together)
}

#[test]
fn a_session_begins_when_enough_have_gathered_or_at_a_set_time() {
    // Three places, two to begin with, four hours; at noon with anybody. At 2 the second has come. Of
    // four who come meanwhile three start when all have left; the last waits until noon. Who comes at
    // noon sharp is too late for that session, and starts with another at 16. The last waits for noon of
    // the next day.
    let of = |least: u32| {
        let times = [1.0, 2.0, 3.0, 4.0, 5.0, 5.5, 12.0, 13.0, 20.0];
        let together = Together::of_least(least).at(noon());
        model().arrivals(arrivals("In", "Course", &times)).node(course(3, 4.0, together))
    };
    let two = of(2);
    is(
        &two,
        48.0,
        "In 0 Course 1   1   2  6  6  6  6  home left
         In 1 Course 2   2   2  6  6  6  6  home left
         In 2 Course 3   3   6  10 10 10 10 home left
         In 3 Course 4   4   6  10 10 10 10 home left
         In 4 Course 5   5   6  10 10 10 10 home left
         In 5 Course 5.5 5.5 12 16 16 16 16 home left
         In 6 Course 12  12  16 20 20 20 20 home left
         In 7 Course 13  13  16 20 20 20 20 home left
         In 8 Course 20  20  36 40 40 40 40 home left",
    );
    let results = run(&two, 48.0);
    let rate = results.values("group_sessions", "Course").unwrap()[0];
    assert!((rate - 5.0 / 48.0).abs() < 1e-12);
    assert_eq!(results.values("group_size", "Course").unwrap(), [9.0 / 5.0]);
    // Three to begin with: at 3, at 7, at noon and on the next day.
    differs(&of(3), &two, 48.0, &["In"]);
    is(
        &of(3),
        19.0,
        "In 0 Course 1   1   3  7  7  7  7  home left
         In 1 Course 2   2   3  7  7  7  7  home left
         In 2 Course 3   3   3  7  7  7  7  home left
         In 3 Course 4   4   7  11 11 11 11 home left
         In 4 Course 5   5   7  11 11 11 11 home left
         In 5 Course 5.5 5.5 7  11 11 11 11 home left
         In 6 Course 12  12  -  - - - - - waiting
         In 7 Course 13  13  -  - - - - - waiting",
    );
}

#[test]
fn who_comes_at_once_starts_at_once_as_long_as_there_are_places() {
    // Five at the same instant, three to begin with, four places.
    let times = [1.0; 5];
    let of = |least: u32| {
        model().arrivals(arrivals("In", "Course", &times)).node(course(
            4,
            2.0,
            Together::of_least(least),
        ))
    };
    is(
        &of(3),
        12.0,
        "In 0 Course 1 1 1 3 3 3 3 home left
         In 1 Course 1 1 1 3 3 3 3 home left
         In 2 Course 1 1 1 3 3 3 3 home left
         In 3 Course 1 1 1 3 3 3 3 home left
         In 4 Course 1 1 - - - - - - waiting",
    );
    differs(&of(1), &of(3), 12.0, &["In 4"]);
}

#[test]
fn a_session_that_takes_no_time_is_over_before_the_next() {
    // Seven at the same instant, two places and two to begin with: three sessions, one after the other,
    // and nobody with whom the last could start.
    let together = Together::of_least(2);
    let model =
        model().arrivals(arrivals("In", "Course", &[1.0; 7])).node(course(2, 0.0, together));
    is(
        &model,
        12.0,
        "In 0 Course 1 1 1 1 1 1 1 home left
         In 1 Course 1 1 1 1 1 1 1 home left
         In 2 Course 1 1 1 1 1 1 1 home left
         In 3 Course 1 1 1 1 1 1 1 home left
         In 4 Course 1 1 1 1 1 1 1 home left
         In 5 Course 1 1 1 1 1 1 1 home left
         In 6 Course 1 1 - - - - - - waiting",
    );
    let results = run(&model, 12.0);
    assert_eq!(results.values("group_sessions", "Course").unwrap(), [3.0 / 12.0]);
    assert_eq!(results.values("group_size", "Course").unwrap(), [2.0]);
}

#[test]
fn nobody_starts_before_every_place_is_in_use_again() {
    // The two places of the first session are cleaned until 6 and until 8.
    let of = |cleaned: [f64; 3]| {
        let node = course(2, 5.0, Together::of_least(1)).turnaround(listed(&cleaned));
        model().arrivals(arrivals("In", "Course", &[0.0, 0.0, 4.0])).node(node)
    };
    is(
        &of([1.0, 3.0, 0.0]),
        24.0,
        "In 0 Course 0 0 0 5  5  5  5  home left
         In 1 Course 0 0 0 5  5  5  5  home left
         In 2 Course 4 4 8 13 13 13 13 home left",
    );
    differs(&of([1.0, 1.0, 0.0]), &of([1.0, 3.0, 0.0]), 24.0, &["In 2"]);
}

#[test]
fn people_who_hold_beds_gather_as_well() {
    // Two to begin with, for two hours. The first two of the ward, the second of whom is ready at 1.5;
    // the third waits in bed from 3 until the fourth is ready at 7.
    let of = |least: u32| {
        model()
            .arrivals(arrivals("P", "Ward", &[0.0, 0.5, 2.0, 6.0]))
            .node(Node::beds("Ward", 2, fixed(1.0)))
            .node(course(2, 2.0, Together::of_least(least)))
            .route(icsflow::Route::new("Ward", everyone_to("Course")))
    };
    is(
        &of(2),
        24.0,
        "P 0 Ward   0   0   0   1   1   1.5 1.5 Course left
         P 0 Course 1   1.5 1.5 3.5 3.5 3.5 3.5 home   left
         P 1 Ward   0.5 0.5 0.5 1.5 1.5 1.5 1.5 Course left
         P 1 Course 1.5 1.5 1.5 3.5 3.5 3.5 3.5 home   left
         P 2 Ward   2   2   2   3   3   7   7   Course left
         P 2 Course 3   7   7   9   9   9   9   home   left
         P 3 Ward   6   6   6   7   7   7   7   Course left
         P 3 Course 7   7   7   9   9   9   9   home   left",
    );
    differs(&of(1), &of(2), 24.0, &["P 0", "P 1", "P 2"]);
}

#[test]
fn nobody_starts_before_all_of_a_session_have_come_and_gone() {
    // W is ready at noon and may leave the ward at 18:00 only. With A, who comes at 13, that makes two:
    // A stays from 13 to 15, W from 18 to 20. B and C, who come in between, start when both have gone.
    let of = |leave: &str| {
        model()
            .arrivals(arrivals("A", "Course", &[13.0]))
            .arrivals(arrivals("B", "Course", &[14.0, 14.5]))
            .arrivals(arrivals("W", "Ward", &[6.0]))
            .node(Node::beds("Ward", 1, fixed(6.0)).leave(instant(leave)))
            .node(course(9, 2.0, Together::of_least(2)))
            .route(icsflow::Route::new("Ward", everyone_to("Course")))
    };
    is(
        &of("18:00"),
        24.0,
        "A 0 Course 13   13   13 15 15 15 15 home left
         B 0 Course 14   14   20 22 22 22 22 home left
         B 1 Course 14.5 14.5 20 22 22 22 22 home left
         W 0 Ward   6    6    6  12 12 13 18 Course left
         W 0 Course 12   18   18 20 20 20 20 home left",
    );
    differs(&of("14:00"), &of("18:00"), 24.0, &["B 0", "B 1", "W 0"]);
}

#[test]
fn the_best_of_the_queue_start_and_a_list_gathers_too() {
    // Two rooms of two places take from one list, three minutes after each other as they can.
    let room =
        |name: &str| Node::beds(name, 2, fixed(3.0)).together(Together::of_least(2)).queue("List");
    let model = model()
        .arrivals(arrivals("In", "List", &[1.0, 2.0, 3.0, 4.0, 5.0]))
        .node(room("One"))
        .node(room("Two"))
        .queue(Queue::new().named("List"));
    let at: Vec<String> = crate::hand::trace(&model, 24.0)
        .iter()
        .map(|line| line.split(' ').take(6).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        at,
        ["In 0 One 1 1 2", "In 1 One 2 2 2", "In 2 Two 3 3 4", "In 3 Two 4 4 4", "In 4 List 5 5 -"]
    );
}

#[test]
fn one_draw_is_for_all_of_a_session() {
    let model = model().arrivals(icsflow::Arrivals::poisson("In", "Course", 2.0)).node(course(
        5,
        Distribution::exponential(3.0),
        Together::of_least(3),
    ));
    let results = run(&model, 200.0);
    let table = results.stays();
    let mut sessions: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for row in 0..table.rows() {
        let (started, left) = (number(&table, "started", row), number(&table, "left", row));
        if left.is_finite() {
            sessions.entry((started * 1e6) as i64).or_default().push(left - started);
        }
    }
    assert!(sessions.len() > 30);
    for stays in sessions.values() {
        assert!((3..=5).contains(&stays.len()), "{stays:?}");
        assert!(stays.iter().all(|stay| (stay - stays[0]).abs() < 1e-9), "{stays:?}");
    }
    let lengths: Vec<f64> = sessions.values().map(|stays| stays[0]).collect();
    assert!(lengths.windows(2).all(|pair| pair[0] != pair[1]));
}

fn long(model: &Model) -> Results {
    let time = icsflow::time::hours;
    let run = Experiment::new(model).replications(40).warm_up(time(300.0)).until(time(12_000.0));
    run.run().unwrap()
}

/// Sessions of exponential length begin with `least` and take up to `most`: the bulk queue
/// M/M(a,b)/1 (Neuts, *A general class of bulk queues with Poisson input*, Ann. Math. Stat. 38, 1967),
/// from the balance of its chain: n gathered while none goes on, n waiting while one does.
fn bulk_in_balance(rate: f64, mu: f64, least: usize, most: usize) -> [f64; 2] {
    const LIMIT: usize = 300;
    let mut idle = vec![0.1; least];
    let mut busy: Vec<f64> = (0..=LIMIT).map(|n| 0.8_f64.powi(n as i32)).collect();
    for _ in 0..20_000 {
        for n in 0..least {
            let before = if n > 0 { rate * idle[n - 1] } else { 0.0 };
            idle[n] = (before + mu * busy[n]) / rate;
        }
        for n in 0..=LIMIT {
            let begun = match n {
                0 => rate * idle[least - 1] + mu * busy[least..=most].iter().sum::<f64>(),
                _ => rate * busy[n - 1] + mu * busy.get(n + most).copied().unwrap_or(0.0),
            };
            busy[n] = begun / (mu + if n < LIMIT { rate } else { 0.0 });
        }
        let sum: f64 = idle.iter().chain(&busy).sum();
        idle.iter_mut().chain(&mut busy).for_each(|p| *p /= sum);
    }
    let waiting = |p: &[f64]| p.iter().enumerate().map(|(n, p)| n as f64 * p).sum::<f64>();
    [waiting(&idle) + waiting(&busy), busy.iter().sum()]
}

#[test]
fn sessions_of_random_length_keep_to_the_bulk_queue() {
    let (rate, mu) = (3.0, 1.0);
    for (least, most) in [(1, 4), (2, 4), (4, 4), (3, 8)] {
        let [waiting, busy] = bulk_in_balance(rate, mu, least, most);
        let together = Together::of_least(least as u32);
        let node = course(most as u32, Distribution::exponential(1.0 / mu), together);
        let results =
            long(&model().arrivals(icsflow::Arrivals::poisson("In", "Course", rate)).node(node));
        metric(&results, "waiting", "Course", waiting, 0.03);
        metric(&results, "mean_wait", "Course", waiting / rate, 0.03);
        metric(&results, "group_sessions", "Course", mu * busy, 0.02);
        if least == most {
            let sizes = results.values("group_size", "Course").unwrap();
            assert!(sizes.iter().all(|size| (size - 4.0).abs() < 0.01), "{sizes:?}");
        } else {
            metric(&results, "group_size", "Course", rate / (mu * busy), 0.02);
        }
        metric(&results, "occupied", "Course", rate / mu, 0.02);
    }
    // One at a time is M/M/1.
    let [waiting, busy] = bulk_in_balance(0.5, 1.0, 1, 1);
    assert!((waiting - 0.5).abs() < 1e-6 && (busy - 0.5).abs() < 1e-9, "{waiting} {busy}");
}

#[test]
fn gathering_alone_is_waited_for_exactly_so_long() {
    // The first of five waits for four others, the last for nobody: twice the mean gap. Once a day:
    // half a day.
    let of = |together: Together| {
        let node = course(1_000, 0.001, together);
        long(&model().arrivals(icsflow::Arrivals::poisson("In", "Course", 2.0)).node(node))
    };
    metric(&of(Together::of_least(5)), "mean_wait", "Course", 2.0 * 0.5, 0.02);
    metric(&of(Together::default().at(noon())), "mean_wait", "Course", 12.0, 0.02);
}
