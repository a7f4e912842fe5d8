//! The words of queues and capacity: files, builders and their twins say the same.

use icsflow::{
    Arrivals, Capacity, Case, Cases, Choose, Cohort, Cut, Cycle, CycleStep, Discipline,
    Distribution, Edit, Model, Node, Outage, Preempt, Queue, RampShape, Review, Route, Share,
    Shift, TimeUnit, Weekday,
};

const TEXT: &str = include_str!("../queues_and_capacity.toml");

/// A model with every word of queues and capacity.
pub(crate) fn model() -> Model {
    let mean = |mean: &str| Distribution::exponential(mean);
    let when = |condition: &str, then: Distribution| Case { when: Some(condition.into()), then };
    let clock = |text: &str| text.parse().unwrap();
    let beds = Capacity::new(10)
        .shift(clock("20:00"), clock("08:00"), 6)
        .weekly(Shift {
            from: clock("08:00"),
            to: clock("20:00"),
            days: vec![Weekday::Sat, Weekday::Sun],
            places: 8,
        })
        .edit(Edit::add("2026-02-01", -2).ramp("14d").shape(RampShape::Steps(2)))
        .edit(Edit::times("60d", 1.5))
        .edit(Edit::to("2026-06-01T06:00", 12));
    let mut queue = Queue::by_class(["urgent", "age >= 75"])
        .limit(20)
        .if_full("Next door")
        .patience(Cases(vec![when("age < 75", mean("6h"))]))
        .renege([("home", Share::Of(0.9)), ("died", Share::Rest)])
        .balk_to("exit")
        .change_class(3, 2, "4h")
        .switch("Next door", "free('Next door') > 3 and queue() > 5")
        .preempt(Preempt::Displace("Next door".into()))
        .review(
            Review::every("1d").at("08:00").when("waited > 12").remove(0.1).to("home").class(1),
        );
    queue.balk.0.push("queue() > 15 and not urgent".into());
    let mut list = Queue::by_score("10 * urgent + waited")
        .named("Elective list")
        .patience(Distribution::from("18w"))
        .review(Review::every("30d").remove(0.02));
    list.evidence.insert("patience".into(), "assumed: eighteen weeks".into());
    let mut alternating = Capacity::new(2);
    alternating.cycle = Some(Cycle {
        length: "20h".into(),
        steps: vec![
            CycleStep { at: 0.0.into(), places: 2 },
            CycleStep { at: "12h".into(), places: 0 },
        ],
    });
    let ward_b =
        Queue::by_class(["urgent"]).preempt(Preempt::Resample).limit(icsflow::Limit::Unlimited);
    let stay = || Distribution::from("2h");
    Model::new("Words")
        .start("2026-01-05".parse().unwrap())
        .time_unit(TimeUnit::Hours)
        .cohort(
            Cohort::new("patients")
                .attribute("urgent", icsflow::Attribute::Flag(0.2))
                .attribute("age", icsflow::Attribute::Number(Distribution::uniform(18.0, 90.0))),
        )
        .arrivals(Arrivals::poisson("Door", "Emergency", 2.0))
        .arrivals(Arrivals::poisson("Referrals", "Elective list", 1.0))
        .node(
            Node::beds("Emergency", beds, Distribution::from("4h"))
                .cut(Cut::Interrupt)
                .outage("power", Outage::new(mean("90d"), "2h"))
                .outage("staff", Outage::new(mean("9d"), "8h").places(2))
                .turnaround(Cases(vec![
                    when("urgent", "1h".into()),
                    Case { when: None, then: mean("20 min") },
                ]))
                .admit("urgent or free() > 1")
                .ring_fence("urgent", 2, "urgent")
                .corridor(3)
                .queue(queue),
        )
        .node(
            Node::beds("Next door", alternating, Distribution::from("4h"))
                .cut(Cut::Transfer([("Emergency", 1.0)].into()))
                .vacation(mean("1h"))
                .queue(Queue::by(Discipline::LastCome).balk("inside() > 100", 0.5)),
        )
        .node(Node::beds("Theatre A", 1, stay()).queue("Elective list"))
        .node(Node::beds("Theatre B", 1, stay()).queue("Elective list").cut(Cut::EarlyEnd))
        .node(
            Node::beds("Ward A", 4, Distribution::from("3d")).queue(Queue::by(Discipline::Random)),
        )
        .node(Node::beds("Ward B", 4, Distribution::from("3d")).queue(ward_b))
        .queue(list)
        .route(Route::choose("Theatre A", Choose::FirstFree, ["Ward A", "Ward B"]))
        .route(
            Route::choose("Theatre B", Choose::LeastLoad, ["Ward B", "Ward A"])
                .when("free('Ward A') > 0"),
        )
        .route(Route::new("Emergency", [("Elective list", Share::Of(0.2)), ("home", Share::Rest)]))
        .route(Route::new("Next door", [("home", Share::Rest)]))
}

#[test]
fn the_text_says_what_the_builders_say() {
    let read = Model::from_toml(TEXT).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(read, model());
}

#[test]
fn what_is_written_is_read_again() {
    let model = model();
    assert_eq!(Model::from_toml(&model.to_toml()).as_ref(), Ok(&model));
    assert_eq!(Model::from_json(&model.to_json()).as_ref(), Ok(&model));
    let json = model.to_json();
    for short in ["\"beds\": 4", "\"queue\": \"Elective list\"", "\"cut\": \"early end\""] {
        assert!(json.contains(short), "{short}");
    }
}
