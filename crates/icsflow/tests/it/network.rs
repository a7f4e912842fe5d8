//! What a network holds of the words of queues and capacity.

use icsflow::ids::{NOWHERE, NodeId};
use icsflow::network::extras::{ChangeKind, Cut, Extras, Lengths, Onward, Order, Preemption};
use icsflow::network::network::{Flow, NO_LIST, Network, Place};
use icsflow::rng::{Draw, Purpose, SourceKey};
use icsflow::time::{DAY, HOUR, WEEK};
use icsflow::{
    Arrivals, Capacity, Choose, Distribution, Edit, Model, Node, Outage, Queue, Route, Share,
};

use crate::vocabulary::model;

fn network(model: &Model) -> Network {
    Network::new(model).unwrap_or_else(|faults| panic!("{faults}"))
}

fn id(network: &Network, name: &str) -> NodeId {
    NodeId(network.node_names.iter().position(|known| known == name).expect(name) as u32)
}

fn node<'n>(network: &'n Network, name: &str) -> &'n icsflow::network::network::Node {
    &network.nodes[id(network, name).index()]
}

fn extras<'n>(network: &'n Network, name: &str) -> &'n Extras {
    node(network, name).extras.as_deref().expect(name)
}

fn draw() -> Draw {
    SourceKey::new(1, 0, "Door").patient(1).draw(Purpose::named("", ""), 0)
}

/// The names at the ends of a flow.
fn way(network: &Network, flow: u32) -> (&str, &str) {
    let Flow { from, to } = network.flows[flow as usize];
    let name = |place| match place {
        Place::Source(source) => &network.source_names[source as usize],
        Place::Node(node) => &network.node_names[node.index()],
        Place::Exit(exit) => &network.exits[exit as usize],
    };
    (name(from), name(to))
}

#[track_caller]
fn leads(network: &Network, onward: &Onward, purpose: Purpose, to: (&str, &str)) {
    let target = onward.targets.only().expect("one target");
    assert_eq!(way(network, target.flow), to);
    assert_eq!(onward.purpose, purpose);
    let node = network.node_names.iter().position(|name| name == to.1);
    assert_eq!(target.node, node.map_or(NOWHERE, |node| NodeId(node as u32)));
}

/// How long everyone lasts.
fn constant(lengths: &Option<Lengths>) -> i64 {
    lengths.as_ref().unwrap().cases[0].sampler.duration(draw())
}

#[test]
fn nodes_come_first_then_lists_then_lines() {
    let network = network(&model());
    let names = [
        "Emergency",
        "Next door",
        "Theatre A",
        "Theatre B",
        "Ward A",
        "Ward B",
        "Elective list",
        "first free of Ward A, Ward B",
    ];
    assert_eq!(*network.node_names, names);
    assert_eq!((network.nodes.len(), network.shown), (8, 7));
    let only_lines: Vec<bool> = network.nodes.iter().map(|node| node.line_only).collect();
    assert_eq!(only_lines, [false, false, false, false, false, false, true, true]);
    // The last has one class: a line of those who wait, and one of those in places.
    assert_eq!(network.nodes[7].first_line + 2, network.lines as u32);
    for (node, name) in network.nodes.iter().zip(names).skip(6) {
        assert_eq!(node.places, Some(0), "{name}");
    }
    assert_eq!(network.exits[3..], ["lost", "balked", "removed", "reneged"]);
}

#[test]
fn a_node_with_every_word() {
    let network = network(&model());
    let (emergency, next_door) = (id(&network, "Emergency"), id(&network, "Next door"));
    let spec = node(&network, "Emergency");
    assert!(spec.only_stay.is_none() && !spec.leaves_freely);
    // Measuring starts at midnight, within the night shift.
    assert_eq!((spec.places, spec.queue_limit, spec.classes.len()), (Some(6), 20, 2));
    assert_eq!(spec.charged, emergency);
    let extras = extras(&network, "Emergency");
    assert!(matches!(extras.order, Order::FirstCome));
    let [own] = &extras.serves[..] else { panic!("{:?}", extras.serves) };
    assert_eq!((own.line, own.flow), (emergency, u32::MAX));
    assert_eq!(*extras.served_by, [emergency]);
    // Who may start there depends on the state there.
    assert_eq!(*extras.watchers, [emergency]);
    let purpose = |purpose| Purpose::named("Emergency", purpose);
    let to = |name| ("Emergency", name);
    leads(&network, &extras.if_full, purpose("if full"), to("Next door"));
    let patience = extras.patience.as_ref().unwrap();
    assert!(patience.cases[0].when.is_some() && patience.cases.len() == 1);
    assert_eq!(patience.purpose, purpose("patience"));
    assert_eq!((extras.renege.targets.only(), extras.renege.purpose), (None, purpose("renege")));
    assert_eq!((extras.balk.len(), extras.balk[0].1), (1, 1.0));
    assert_eq!(extras.balk[0].0.state().len(), 1);
    leads(&network, &extras.balk_to, purpose("balk to"), to("exit"));
    let change = &extras.class_changes[0];
    assert_eq!((change.from, change.to, change.list), (2, 1, NO_LIST));
    assert_eq!(change.after.duration(draw()), 4 * HOUR);
    let review = &extras.reviews[0];
    assert_eq!((review.every, review.at, review.remove), (DAY, 8 * HOUR, 0.1));
    assert_eq!((review.class, review.purpose), (Some(0), purpose("review 1")));
    assert!(review.when.is_some());
    leads(&network, &review.to, purpose("review 1: to"), to("home"));
    let switch = &extras.switches[0];
    assert_eq!((switch.to.node, way(&network, switch.to.flow)), (next_door, to("Next door")));
    assert_eq!(switch.when.state().iter().map(|(_, node)| *node).max(), Some(next_door.0));
    let Some(Preemption::Displace(onward)) = &extras.preempt else { panic!() };
    leads(&network, onward, purpose("displace"), to("Next door"));
    assert!(matches!(extras.cut, Cut::Interrupt));
    assert_eq!(extras.turnaround.as_ref().unwrap().cases.len(), 2);
    assert!(extras.vacation.is_none());
    assert!(extras.admit.is_some());
    assert_eq!((extras.fences.len(), extras.fences[0].places, extras.corridor), (1, 2, 3));
}

#[test]
fn the_other_nodes() {
    let network = network(&model());
    let next_door = extras(&network, "Next door");
    assert!(matches!(next_door.order, Order::LastCome));
    assert_eq!(*next_door.watchers, [id(&network, "Emergency")]);
    assert_eq!(next_door.balk[0].1, 0.5);
    let purpose = |purpose| Purpose::named("Next door", purpose);
    leads(&network, &next_door.balk_to, purpose("balk to"), ("Next door", "balked"));
    let Cut::Transfer(onward) = &next_door.cut else { panic!() };
    leads(&network, onward, purpose("transfer"), ("Next door", "Emergency"));
    assert_eq!(next_door.vacation.as_ref().unwrap().2, purpose("vacation"));

    let list = id(&network, "Elective list");
    for theatre in ["Theatre A", "Theatre B"] {
        let extras = extras(&network, theatre);
        assert!(extras.served_by.is_empty());
        let [serving] = &extras.serves[..] else { panic!("{:?}", extras.serves) };
        assert_eq!(serving.line, list);
        assert_eq!(way(&network, serving.flow), ("Elective list", theatre));
    }
    assert!(matches!(extras(&network, "Theatre B").cut, Cut::EarlyEnd));
    let theatres = [id(&network, "Theatre A"), id(&network, "Theatre B")];
    let of_list = extras(&network, "Elective list");
    assert_eq!(*of_list.served_by, theatres);
    assert!(of_list.serves.is_empty());
    assert!(matches!(of_list.order, Order::Score { slope: Some(1.0), .. }));
    assert_eq!(constant(&of_list.patience), 18 * WEEK);
    let to = |exit| ("Elective list", exit);
    leads(&network, &of_list.renege, Purpose::named("Elective list", "renege"), to("reneged"));
    let removed = Purpose::named("Elective list", "review 1: to");
    leads(&network, &of_list.reviews[0].to, removed, to("removed"));
    assert_eq!(of_list.reviews[0].at, 0);

    let ward_b = extras(&network, "Ward B");
    assert!(matches!(ward_b.preempt, Some(Preemption::Resample)));
    assert!(matches!(extras(&network, "Ward A").order, Order::Random));
    let sources: Vec<_> = network.sources.iter().map(|source| source.to).collect();
    assert_eq!(sources, [id(&network, "Emergency"), list]);
}

#[test]
fn routes_that_choose() {
    let model = model()
        .route(Route::choose("Ward A", Choose::RoundRobin, ["Theatre A", "Ward B"]))
        .route(Route::choose("Ward B", Choose::RoundRobin, ["Ward A", "Theatre B"]));
    let network = network(&model);
    let wards = [id(&network, "Ward A"), id(&network, "Ward B")];
    let line = id(&network, "first free of Ward A, Ward B");
    let route = &node(&network, "Theatre A").routes[0];
    let choice = route.choice.as_ref().unwrap();
    assert_eq!((choice.how, choice.line), (Choose::FirstFree, line));
    for (target, name) in choice.targets.iter().zip(["Ward A", "Ward B"]) {
        assert_eq!(way(&network, target.flow), ("Theatre A", name));
        assert_eq!(target.node, id(&network, name));
    }
    assert_eq!(route.targets.only(), Some(choice.targets[0]));
    assert!(node(&network, "Theatre A").only_route.is_none());
    assert_eq!(network.nodes[line.index()].charged, wards[0]);
    assert_eq!(*extras(&network, "first free of Ward A, Ward B").served_by, wards);
    for ward in wards {
        let serves = &network.nodes[ward.index()].extras.as_ref().unwrap().serves;
        // Waits count at the first named; from there people go to the other.
        let way = network.flow_between(wards[0], ward).unwrap_or(u32::MAX);
        let serves: Vec<_> = serves.iter().map(|serving| (serving.line, serving.flow)).collect();
        assert_eq!(serves, [(ward, u32::MAX), (line, way)]);
    }
    let by_load = node(&network, "Theatre B").routes[0].choice.as_ref().unwrap();
    assert_eq!((by_load.how, by_load.line), (Choose::LeastLoad, NOWHERE));
    let counter = |name| node(&network, name).routes[0].choice.as_ref().unwrap().counter;
    assert_eq!((counter("Ward A"), counter("Ward B"), network.counters), (0, 1, 2));
    // The hidden line has no ways of its own.
    let hidden = Place::Node(line);
    assert!(network.flows.iter().all(|flow| flow.from != hidden && flow.to != hidden));
}

#[test]
fn what_changes_places() {
    let network = network(&model());
    let changes: Vec<String> = network
        .changes
        .iter()
        .map(|change| {
            let node = &network.node_names[change.node.index()];
            match &change.kind {
                ChangeKind::Plan(places) => format!("{node}: {}", places.at(0)),
                ChangeKind::Units(number) => format!("{node}: units of {number}"),
                ChangeKind::Day => format!("{node}: a day"),
                ChangeKind::Session => format!("{node}: a session"),
                ChangeKind::Outage { stream, places, .. } => format!("{stream} of {places}"),
            }
        })
        .collect();
    let all = u32::MAX;
    let expected = [
        "Emergency: 6",
        &format!("Emergency: outage power of {all}"),
        "Emergency: outage staff of 2",
        "Next door: 2",
    ];
    assert_eq!(changes, expected);
}

#[test]
fn a_plain_node_stays_plain() {
    let plain = |queue: Queue| {
        let node = Node::beds("Acute", 2, Distribution::from("1d")).queue(queue);
        let network = network(&Model::new("Plain").node(node));
        let node = &network.nodes[0];
        assert_eq!(node.extras.is_none(), node.only_stay.is_some() && node.leaves_freely);
        node.extras.is_none()
    };
    assert!(plain(Queue::new()));
    assert!(plain(Queue::new().limit(3)));
    assert!(plain(Queue::by_class(["hour > 3"]).limit(3)));
    assert!(!plain(Queue::by_score("waited")));
    assert!(!plain(Queue::new().limit(3).if_full("home")));
    assert!(!plain(Queue::new().patience(Distribution::from("3d"))));
    assert!(!plain(Queue::new().balk("queue() > 3", 0.5)));
}

#[test]
fn who_is_watched_and_who_comes_back() {
    let stay = || Distribution::from("1d");
    let model = Model::new("Watched")
        .arrivals(Arrivals::poisson("Door", "A", 1.0))
        .node(Node::beds("A", 2, stay()).admit("queue('List') < 3 and inside() > 2"))
        .node(Node::beds("B", 2, stay()).queue("List"))
        .node(Node::unlimited("C", stay()))
        .node(
            Node::beds("D", Capacity::new(2).edit(Edit::to("3d", 1)), stay())
                .outage("cold", Outage::new(Distribution::listed(["1d"]), "1h")),
        )
        .queue(
            Queue::new()
                .named("List")
                .limit(3)
                .if_full("C")
                .switch("A", "free('A') > 0 and free('B') == 0 and queue() > present('C')"),
        )
        .route(Route::new("A", [("B", Share::Rest)]));
    let network = network(&model);
    let ids = |nodes: &[&str]| nodes.iter().map(|name| id(&network, name)).collect::<Vec<_>>();
    assert_eq!(*extras(&network, "List").watchers, *ids(&["A", "List"]));
    for watched in ["A", "B", "C"] {
        assert_eq!(*extras(&network, watched).watchers, *ids(&["List"]));
    }
    assert_eq!(*network.inside_watchers, *ids(&["A"]));
    // From A to B, in the list that it serves, and over to A again.
    let comes_back: Vec<bool> = network.nodes.iter().map(|node| node.revisit.is_some()).collect();
    assert_eq!(comes_back, [true, false, false, false, true]);
    assert_eq!(network.revisited, 2);
    assert_eq!((network.lists, network.lists_of(3)), (1, vec![NO_LIST, 0, NO_LIST]));
}
