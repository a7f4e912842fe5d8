//! Routes to the nodes of a patient's own place, or of where they came from; and roles.

use icsflow::{Choose, Group, Model, Node, Readmission, Results, Route};

use crate::hand::{arrivals, everyone_to, fixed, model, run, trace};

/// Two places of one system, each with a department and a ward; a centre of neither.
fn system() -> Model {
    let node = |name: &str, group: &str, role: &str| {
        Node::beds(name, 9, fixed(1.0)).group(group).role(role)
    };
    model()
        .group(Group::new("System"))
        .group(Group::new("East").part_of("System"))
        .group(Group::new("West").part_of("System"))
        .group(Group::new("West site").part_of("West"))
        .arrivals(arrivals("E", "Triage", &[0.0]).group("East"))
        .arrivals(arrivals("W", "Triage", &[0.0]).group("West site"))
        .arrivals(arrivals("X", "Triage", &[0.0]))
        .node(Node::unlimited("Triage", fixed(0.5)))
        .node(node("ED East", "East", "emergency department"))
        .node(node("ED West", "West", "emergency department"))
        .node(node("Centre", "System", "surgery"))
        .node(node("Rehab East", "East", "rehabilitation"))
        .node(node("Rehab West", "West site", "rehabilitation"))
        .route(Route::choose("Triage", Choose::OwnPlace, ["emergency department"]))
        .route(Route::new("ED East", everyone_to("Centre")))
        .route(Route::new("ED West", everyone_to("Centre")))
        .route(Route::choose("Centre", Choose::CameFrom, ["rehabilitation"]))
}

fn nodes(results: &Results, who: &str) -> Vec<String> {
    let of = crate::tables::lines(&results.stays(), &["source", "node"]);
    let of = of.iter().filter_map(|line| line.strip_prefix(&format!("{who} ")));
    of.map(str::to_owned).collect()
}

#[test]
fn people_go_to_their_own_place_and_back_to_where_they_came_from() {
    let results = run(&system(), 24.0);
    assert_eq!(nodes(&results, "E"), ["Triage", "ED East", "Centre", "Rehab East"]);
    assert_eq!(nodes(&results, "W"), ["Triage", "ED West", "Centre", "Rehab West"]);
    // Who is of no place goes to the first named, and back to where that is.
    assert_eq!(nodes(&results, "X"), ["Triage", "ED East", "Centre", "Rehab East"]);
    // A role stands for its nodes.
    let mut named = system();
    named.routes[0] = Route::choose("Triage", Choose::OwnPlace, ["ED East", "ED West"]);
    named.routes[3] = Route::choose("Centre", Choose::CameFrom, ["Rehab East", "Rehab West"]);
    assert_eq!(trace(&named, 24.0), trace(&system(), 24.0));
    // Any other way to choose does as well: nobody waits at either, so the first is taken.
    let mut least = system();
    least.arrivals.retain(|arrivals| arrivals.name == "W");
    least.routes[0] = Route::choose("Triage", Choose::ShortestQueue, ["emergency department"]);
    assert_eq!(nodes(&run(&least, 24.0), "W")[1], "ED East");
}

#[test]
fn who_came_from_one_of_the_nodes_goes_back_to_that_very_one() {
    // Both are in the east; from the second to the centre, and back.
    let mut back = system();
    back.nodes.push(Node::beds("ED East 2", 9, fixed(1.0)).group("East"));
    back.arrivals = vec![arrivals("Q", "ED East 2", &[0.0])];
    back.routes.push(Route::new("ED East 2", everyone_to("Centre")).when("day < 0.05"));
    back.routes[3] = Route::choose("Centre", Choose::CameFrom, ["ED East", "ED East 2"]);
    back.nodes[5].stay = fixed(0.5).into();
    let ways = nodes(&run(&back, 24.0), "Q");
    assert_eq!(ways, ["ED East 2", "Centre", "ED East 2"]);
    // By place alone the first named would do.
    back.routes[3] = Route::choose("Centre", Choose::OwnPlace, ["ED East", "ED East 2"]);
    assert_eq!(nodes(&run(&back, 24.0), "Q")[2], "ED East");
}

#[test]
fn who_comes_again_belongs_where_they_did() {
    let mut again = system();
    let ward = again.nodes[5].clone();
    again.nodes[5] = ward.readmission(Readmission::new(1.0, fixed(5.0), "Triage").when("hour < 5"));
    let ways = ["Triage", "ED West", "Centre", "Rehab West"].repeat(2);
    assert_eq!(nodes(&run(&again, 24.0), "W"), ways);
}
