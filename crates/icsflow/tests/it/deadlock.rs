//! People who wait for one another's places: told at the instant, or exchanged (R21).

use icsflow::time::days;
use icsflow::{
    Act, Arrivals, Capacity, Cohort, Deadlock, Death, Distribution, Edit, Event, Experiment, Limit,
    Model, Node, On, Queue, Results, Route, Share, State, WaitingRoom,
};

use crate::hand::{arrivals, everyone_to, fixed, is, listed, model, run, trace, visits};
use crate::tables::lines;

fn knots(results: &Results) -> Vec<String> {
    lines(&results.deadlocks(), &["time", "holder", "awaited", "people"])
}

fn status(results: &Results) -> &'static str {
    results.replications()[0].status()
}

/// P goes from A to B, Q from B to A; each node has so many places.
fn crossing(beds_of_a: u32, beds_of_b: u32) -> Model {
    model()
        .cohort(Cohort::new("p"))
        .cohort(Cohort::new("q"))
        .arrivals(arrivals("P", "A", &[0.0, 1.0]).cohort("p"))
        .arrivals(arrivals("Q", "B", &[0.0, 1.5]).cohort("q"))
        .node(Node::beds("A", beds_of_a, listed(&[2.0, 1.0, 4.0, 1.0])))
        .node(Node::beds("B", beds_of_b, listed(&[3.0, 5.0, 1.0, 2.0])))
        .route(Route::new("A", everyone_to("B")).cohort("p"))
        .route(Route::new("B", everyone_to("A")).cohort("q"))
}

#[test]
fn two_who_wait_for_each_other_are_told_when_the_circle_closes() {
    // P0 is ready at 2 and awaits B, where Q0 is until 3 and then awaits A.
    let report = run(&crossing(1, 1), 24.0);
    assert_eq!(status(&report), "deadlocked");
    assert_eq!(knots(&report), ["3 A B 1", "3 B A 1"]);
    assert_eq!(report.values("deadlocked", "Trace"), Some(vec![1.0]));
    assert_eq!(report.values("time_to_deadlock", "Trace"), Some(vec![3.0]));
    // The others wait for ever.
    is(
        &crossing(1, 1),
        24.0,
        "P 0 A 0   0   0 2 2 - - - blocked
         P 1 A 1   1   - - - - - - waiting
         Q 0 B 0   0   0 3 3 - - - blocked
         Q 1 B 1.5 1.5 - - - - - - waiting",
    );
    // Two more places, and nobody waits for ever.
    let more = run(&crossing(3, 1), 24.0);
    assert_eq!((status(&more), knots(&more).len()), ("complete", 0));
    assert_eq!(more.values("deadlocked", "Trace"), Some(vec![0.0]));
}

#[test]
fn two_who_wait_for_each_other_exchange_their_places() {
    // At 3 P0 and Q0 exchange. P0 leaves B at 8 (5 there), Q0 leaves A at 4 (1 there). Then P1 is at A
    // from 4 to 8 and goes to B, which P0 leaves at that instant; but Q1 came there before and starts.
    is(
        &crossing(1, 1).deadlock(Deadlock::Swap),
        24.0,
        "P 0 A 0   0   0 2  2  3  3  B    left
         P 0 B 2   3   3 8  8  8  8  home left
         P 1 A 1   1   4 8  8  9  9  B    left
         P 1 B 8   9   9 11 11 11 11 home left
         Q 0 B 0   0   0 3  3  3  3  A    left
         Q 0 A 3   3   3 4  4  4  4  home left
         Q 1 B 1.5 1.5 8 9  9  9  9  A    left
         Q 1 A 9   9   9 10 10 10 10 home left",
    );
    // They exchanged at 3, and again at 9.
    let swapped = run(&crossing(1, 1).deadlock(Deadlock::Swap), 24.0);
    assert_eq!(swapped.values("exchanged", "Trace"), Some(vec![4.0 / 24.0]));
    assert_eq!(swapped.values("deadlocked", "Trace"), None);
    assert_ne!(
        trace(&crossing(2, 1).deadlock(Deadlock::Swap), 24.0),
        trace(&crossing(1, 1).deadlock(Deadlock::Swap), 24.0)
    );
}

#[test]
fn a_circle_with_a_way_out_is_no_deadlock() {
    // Of the two places at B one is held by Q0, who awaits A; the other by X, who leaves at 5. Then P0
    // goes there, and both move on.
    let mut two = crossing(1, 2).cohort(Cohort::new("x"));
    two.arrivals = vec![
        arrivals("P", "A", &[0.0]).cohort("p"),
        arrivals("Q", "B", &[0.0]).cohort("q"),
        arrivals("X", "B", &[0.0]).cohort("x"),
    ];
    let results = run(&two, 24.0);
    assert_eq!(status(&results), "complete");
    assert!(results.values("blocked", "A").unwrap()[0] > 0.0);
    // Three in a circle of three nodes are a deadlock of three.
    let three = model()
        .arrivals(arrivals("P", "A", &[0.0]))
        .arrivals(arrivals("Q", "B", &[0.0]))
        .arrivals(arrivals("R", "C", &[0.0]))
        .arrivals(arrivals("S", "D", &[0.0]))
        .node(Node::beds("A", 1, fixed(1.0)))
        .node(Node::beds("B", 1, fixed(2.0)))
        .node(Node::beds("C", 1, fixed(4.0)))
        .node(Node::beds("D", 1, fixed(3.0)))
        .route(Route::new("A", everyone_to("B")))
        .route(Route::new("B", everyone_to("C")))
        .route(Route::new("C", everyone_to("A")))
        .route(Route::new("D", everyone_to("A")));
    let results = run(&three, 24.0);
    // S at D waits behind them and is not of it.
    assert_eq!(knots(&results), ["4 A B 1", "4 B C 1", "4 C A 1"]);
    let swapped = run(&three.clone().deadlock(Deadlock::Swap), 4.5);
    assert_eq!(swapped.values("exchanged", "Trace"), Some(vec![3.0 / 4.5]));
}

#[test]
fn places_that_open_by_plan_are_a_way_out_and_places_that_close_take_it_away() {
    let with = |beds: Capacity| {
        let mut crossing = crossing(1, 1);
        crossing.nodes[1].beds = Some(beds);
        run(&crossing, 24.0)
    };
    let opens = with(Capacity::new(1).edit(Edit::to("20h", 2)));
    assert_eq!(status(&opens), "complete");
    // A second place at B opens at 10 and goes to X, who came before P0 sought it; at 12 it closes again,
    // for ever: though X leaves at 15, from 12 on nobody will ever have a place at B.
    let mut closes = crossing(1, 1).cohort(Cohort::new("x"));
    closes.nodes[1].beds = Some(Capacity::new(1).edit(Edit::to("10h", 2)).edit(Edit::to("12h", 1)));
    closes.arrivals[1] = arrivals("Q", "B", &[0.0]).cohort("q");
    closes.arrivals.push(arrivals("X", "B", &[0.5]).cohort("x"));
    assert_eq!(knots(&run(&closes, 48.0)), ["12 A B 1", "12 B A 1"]);
    // If it stays open, P0 goes there when X leaves.
    closes.nodes[1].beds = Some(Capacity::new(1).edit(Edit::to("10h", 2)));
    assert_eq!(status(&run(&closes, 48.0)), "complete");
}

#[test]
fn who_dies_or_will_be_moved_is_in_no_closed_set() {
    let dies = |node: usize, after: f64| {
        let mut crossing = crossing(1, 1);
        crossing.nodes[node].death.push(Death::new(On::Start, fixed(after)));
        run(&crossing, 48.0)
    };
    // P0 dies at 10 and makes way for P1, who came to A before Q0 sought it; P1 dies at 20, and Q0 goes
    // there.
    let first = dies(0, 10.0);
    assert_eq!(status(&first), "complete");
    assert!(visits(&first).contains(&"Q 0 A 3 20 20 24 24 24 24 home left".to_owned()));
    assert_eq!(status(&dies(1, 30.0)), "complete");
    // Of an event to come that may move one of them the same is true; of one that is over, elsewhere,
    // or of others it is not. The one at 10 concerns nobody: it is known then that nobody ever moves.
    let with = |event: Event| knots(&run(&crossing(1, 1).event(event), 48.0));
    let to_home = |at: &str, node: &str| Event::at("E", at, [node]).to("home");
    assert_eq!(with(to_home("20h", "A")), [""; 0]);
    let known_at_3 = ["3 A B 1", "3 B A 1"];
    assert_eq!(with(to_home("1h", "A").whom("cohort == \"q\"")), known_at_3);
    assert_eq!(with(to_home("20h", "A").of([State::InStay])), known_at_3);
    assert_eq!(with(Event::at("E", "20h", ["A"]).act(Act::End)), known_at_3);
    let nobody = to_home("10h", "A").whom("cohort == \"q\"");
    assert_eq!(with(nobody), ["10 A B 1", "10 B A 1"]);
    // Whom an event sends back the way closes the circle as a route does.
    let mut one_way = crossing(1, 1).event(Event::at("E", "3h", ["B"]).to("A"));
    one_way.routes.pop();
    assert_eq!(knots(&run(&one_way, 48.0)), known_at_3);
}

#[test]
fn who_may_leave_a_waiting_room_lets_others_move() {
    // X0 has the one place at B for ever, blocked for A; X1 waits in the room of B; P0 holds A and
    // stands before the room. Only if X1 dies there, P0 goes into it and A falls free for X0.
    let with = |dies: bool| {
        let mut b = Node::beds("B", 1, fixed(1.0)).waiting_room(Limit::Of(1));
        if dies {
            b = b.death(Death::new(On::Join, listed(&[90.0, 9.0, 90.0])));
        }
        model()
            .cohort(Cohort::new("p"))
            .cohort(Cohort::new("x"))
            .arrivals(arrivals("X", "Hall", &[0.0, 1.0]).cohort("x"))
            .arrivals(arrivals("P", "A", &[0.0]).cohort("p"))
            .node(Node::beds("Hall", 2, fixed(1.0)))
            .node(Node::beds("A", 1, fixed(3.0)))
            .node(b)
            .route(Route::new("Hall", everyone_to("B")))
            .route(Route::new("A", everyone_to("B")).cohort("p"))
            .route(Route::new("B", everyone_to("A")).cohort("x"))
    };
    let stuck = run(&with(false), 48.0);
    assert_eq!(knots(&stuck), ["3 A B 1", "3 B A 1"]);
    let freed = run(&with(true), 48.0);
    assert_eq!(status(&freed), "complete");
    // X1 came at 2 and died at 11: P0 leaves A then, and X0 goes there.
    let visits = visits(&freed);
    assert!(visits.contains(&"X 0 A 2 11 11 14 14 14 14 home left".to_owned()), "{visits:#?}");
}

#[test]
fn who_waits_for_a_node_that_is_closed_for_ever_is_in_no_circle() {
    let model = model()
        .arrivals(arrivals("P", "A", &[0.0]))
        .node(Node::beds("A", 1, fixed(1.0)))
        .node(Node::beds("B", 0, fixed(5.0)))
        .route(Route::new("A", everyone_to("B")))
        .route(Route::new("B", everyone_to("A")));
    assert_eq!(status(&run(&model, 24.0)), "complete");
}

#[test]
fn the_mean_time_until_a_patient_blocks_itself() {
    // T30: a patient who is sent back to its own full node. From the absorbing chain: 2 days.
    let of = |deadlock| {
        Model::new("Self-blocking")
            .arrivals(Arrivals::poisson("People", "N", 5.0))
            .node(
                Node::beds("N", 1, Distribution::exponential("0.1d"))
                    .queue(Queue::new().limit(Limit::Of(2)))
                    .waiting_room(WaitingRoom::Queue),
            )
            .route(Route::new("N", [("N", Share::Of(0.5)), ("home", Share::Rest)]))
            .deadlock(deadlock)
    };
    let run = |model: &Model| {
        Experiment::new(model).replications(1500).until(days(60.0)).seed(30).run().unwrap()
    };
    let report = run(&of(Deadlock::Report));
    let times = report.values("time_to_deadlock", "Self-blocking").unwrap();
    let n = times.len() as f64;
    let mean = times.iter().sum::<f64>() / n;
    let sd = (times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    assert!((mean - 2.0).abs() < 4.0 * sd / n.sqrt(), "{mean} ± {}", sd / n.sqrt());
    // Exchanged with itself, a patient enters its own place again: nobody is ever blocked.
    let swap = run(&of(Deadlock::Swap));
    let blocked = swap.values("blocked", "N").unwrap();
    assert!(blocked.iter().all(|blocked| *blocked == 0.0));
    assert!(swap.replications().iter().all(|r| r.status() == "complete" && r.exchanged > 0));
}
