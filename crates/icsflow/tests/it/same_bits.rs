//! Properties of any model: the same bits whoever asks, and nobody lost.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{LazyLock, OnceLock};

use icsflow::engine::patients::{Reserved, Status};
use icsflow::engine::record::{Ending, StayRow};
use icsflow::experiment::replication::{CellSums, LengthSums, Replication};
use icsflow::ids::NOWHERE;
use icsflow::ids::{NodeId, SourceId, StratumId};
use icsflow::model::distribution::Meaning;
use icsflow::network::network::{Network, Place};
use icsflow::network::sampler::Sampler;
use icsflow::network::ways::{Hold, Transfer};
use icsflow::rng::{Mirror, Purpose, SourceKey};
use icsflow::time::{DAY, Sum, days};
use icsflow::{
    Again, Arrivals, Attribute, Choose, Cohort, Cut, Distribution, Error, Experiment, Limit, Model,
    Need, Node, NodeQueue, Plan, Preempt, Results, Table, Targets,
};

use crate::generate::{MEDDLING, Made, WORDS, made, meddling, on_the_hour};
use crate::sweep::{Decided, sweep};
use crate::tables::{cell, lines, same};

/// How many models each property is tried on; the slower ones take every so-manieth, a number without a
/// divisor in common with those by which models differ (every fourth is plain, every third lively).
static MODELS: LazyLock<u64> = LazyLock::new(|| if nightly() { 4000 } else { 320 });
/// The number from which on models are those of lower numbers by the hour.
pub(crate) const BY_THE_HOUR: u64 = 1_000_000;
/// How many models are only made, to count their words.
const COUNTED: u64 = 1200;
/// Visits of a run beyond which the tables of a model are too long for all these tests.
const LONG: usize = 40_000;

fn nightly() -> bool {
    std::env::var_os("ICSFLOW_NIGHTLY").is_some()
}

fn models(every: u64) -> impl Iterator<Item = (u64, Made)> {
    (0..*MODELS).filter(move |seed| seed % every == 0).map(|seed| (seed, made(seed)))
}

/// A model that ran to its end, with everything recorded.
pub(crate) struct Ran {
    pub(crate) seed: u64,
    pub(crate) model: Model,
    pub(crate) results: Results,
}

impl Ran {
    /// Without warm-up no visit is forgotten: a patient's visits join end to end.
    fn whole(&self) -> bool {
        self.results.plan().warm_up.amount == 0.0
    }

    /// Nobody comes again from outside, or is in two places at once.
    fn comes_once(&self) -> bool {
        let again = |node: &Node| !node.readmission.is_empty();
        self.model.populations.is_empty()
            && !self.with_legs()
            && !self.model.nodes.iter().any(again)
    }

    /// Some node has legs.
    fn with_legs(&self) -> bool {
        self.model.nodes.iter().any(|node| node.legs.is_some())
    }

    /// The run begins with nobody inside; all who are ever there come once, and all that is known of them
    /// is drawn then and stays so.
    fn known_by_draws(&self) -> bool {
        let model = &self.model;
        let drawn = |arrivals: &Arrivals| {
            arrivals.replay.as_ref().is_none_or(|replay| replay.attributes.is_empty())
        };
        model.census.is_empty()
            && self.comes_once()
            && model.events.is_empty()
            && model.arrivals.iter().all(drawn)
            && model.nodes.iter().all(|node| node.set.is_empty() && node.death.is_empty())
    }

    /// So are the times at which they come: nobody is left out, or comes by a record.
    fn told_by_draws(&self) -> bool {
        let drawn = |arrivals: &Arrivals| arrivals.replay.is_none() && arrivals.accept.is_none();
        self.known_by_draws() && self.model.arrivals.iter().all(drawn)
    }

    /// Some node gives slots.
    fn by_slots(&self) -> bool {
        self.model.nodes.iter().any(|node| node.slots.is_some())
    }

    /// No node has rules beyond the plain ones.
    fn plain(&self) -> bool {
        !self.results.network().has_extras()
    }
}

/// All models, run once for all tests. A list of given values may come to its end in a few.
pub(crate) fn ran() -> &'static [Ran] {
    static RAN: OnceLock<Vec<Ran>> = OnceLock::new();
    RAN.get_or_init(|| {
        let mut ran: Vec<Ran> =
            models(1).filter_map(|(seed, made)| run(seed, made.model)).collect();
        assert!(ran.len() * 100 >= *MODELS as usize * 94, "{} of {}", ran.len(), *MODELS);
        ran.extend(models(5).filter_map(|(seed, made)| by_the_hour(seed, made)));
        ran
    })
}

/// A model, run to its end, if it does not end in words and its tables are not too long.
fn run(seed: u64, model: Model) -> Option<Ran> {
    let results = match recorded(&model).run() {
        Ok(results) => results,
        Err(Error::Run { .. }) => return None,
        Err(error) => panic!("model {seed}: {error}"),
    };
    let short = results.replications().iter().all(|replication| replication.rows.len() <= LONG);
    short.then_some(Ran { seed, model, results })
}

fn by_the_hour(seed: u64, made: Made) -> Option<Ran> {
    run(BY_THE_HOUR + seed, on_the_hour(made.model, seed % 2 == 1))
}

pub(crate) fn recorded(model: &Model) -> Experiment<'_> {
    Experiment::new(model).levels(true).stays(true).by_cohort(true).threads(1)
}

/// Every table of a run.
pub(crate) fn tables(results: &Results) -> Vec<Table> {
    vec![
        results.replication_table(),
        results.summary(),
        results.occupancy(),
        results.levels(),
        results.waits(),
        results.delays(),
        results.flows(),
        results.stays(),
        results.audit(),
        results.published(),
        results.queues(),
        results.lists(),
        results.list_weeks(),
        results.events_on_people(),
        results.clocks(),
        results.costs(),
        results.ends(),
        results.caseloads(),
    ]
}

/// All tables, or the words of the error.
pub(crate) fn outcome(experiment: &Experiment<'_>) -> Result<Vec<Table>, String> {
    match experiment.run() {
        Ok(results) => Ok(tables(&results)),
        Err(error @ Error::Run { .. }) => Err(error.to_string()),
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
pub(crate) fn same_tables(
    seed: u64,
    a: &Result<Vec<Table>, String>,
    b: &Result<Vec<Table>, String>,
) {
    match (a, b) {
        (Ok(a), Ok(b)) => {
            for (a, b) in a.iter().zip(b) {
                assert!(same(a, b), "model {seed}, {}:\n{a}\n{b}", a.name);
            }
        }
        (a, b) => assert_eq!(a, b, "model {seed}"),
    }
}

#[test]
fn the_models_use_every_word() {
    let mut uses: BTreeMap<&str, usize> = WORDS.iter().map(|word| (*word, 0)).collect();
    let mut pairs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for seed in 0..COUNTED {
        let made = made(seed);
        made.words.iter().for_each(|word| *uses.get_mut(word).unwrap() += 1);
        let mut met: HashSet<(&str, &str)> = HashSet::new();
        let mut any: BTreeSet<&str> = BTreeSet::new();
        for node in &made.model.nodes {
            let words = meddling(&made.model, node);
            met.extend(
                words.iter().flat_map(|a| words.iter().filter(move |b| a < *b).map(|b| (*a, *b))),
            );
            any.extend(&words);
        }
        // These two never stand at one queue: only at two nodes of a model.
        if any.contains("preempt") && any.contains("score") {
            met.insert(("preempt", "score"));
        }
        met.into_iter().for_each(|pair| *pairs.entry(pair).or_default() += 1);
    }
    let rare: Vec<_> = uses.iter().filter(|(_, n)| **n * 20 < COUNTED as usize).collect();
    let few = |pair: &(&str, &str)| pairs.get(pair).copied().unwrap_or(0) < 20;
    let of = |(i, a): (usize, &'static str)| MEDDLING[i + 1..].iter().map(move |b| (a, *b));
    let all: Vec<_> = MEDDLING.into_iter().enumerate().flat_map(of).collect();
    println!(
        "of {COUNTED} models: {} words, each in {} or more; {} pairs at one node, each in {} or more",
        uses.len(),
        uses.values().min().unwrap(),
        all.len(),
        all.iter().map(|pair| pairs.get(pair).copied().unwrap_or(0)).min().unwrap(),
    );
    assert!(rare.is_empty(), "rarer than 5 %: {rare:?}");
    let few: Vec<_> = all.into_iter().filter(few).map(|pair| (pair, pairs.get(&pair))).collect();
    assert!(few.is_empty(), "in fewer than 20 models: {few:?}");
}

#[test]
fn threads_and_calendars_change_nothing() {
    let mut visits = 0;
    for Ran { seed, model, results, .. } in ran() {
        let one = Ok(tables(results));
        let base = recorded(model);
        let other = if seed % 2 == 0 { base.oracle() } else { base.threads(2) };
        same_tables(*seed, &one, &outcome(&other));
        visits += results.stays().rows();
    }
    assert!(visits > 100_000, "{visits}");
}

#[test]
fn sequences_that_run_out_are_given_anew() {
    // Sequences start so near 2^31 that they are given anew once, at the first look at the clock.
    for (seed, made) in models(19) {
        let experiment = recorded(&made.model).replications(1).until(days(700.0));
        let plain = outcome(&experiment);
        for before in [1, 5000, 12_345] {
            let late = experiment.clone().sequence((1 << 31) - before);
            same_tables(seed, &plain, &outcome(&late));
            same_tables(seed, &plain, &outcome(&late.oracle()));
        }
    }
}

#[test]
fn a_replication_is_the_same_alone_and_after_others() {
    for Ran { seed, model, results, .. } in ran().iter().step_by(5) {
        let after = tables(results);
        let Ok(alone) = outcome(&recorded(model).replications(1).first(1)) else { continue };
        for table in [0, 7, 8] {
            let rows = |table: &Table| {
                let names: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
                let mut lines = lines(table, &names);
                lines.retain(|line| {
                    let number = names.iter().position(|name| *name == "replication").unwrap();
                    line.split(' ').nth(number) == Some("1")
                });
                lines
            };
            assert_eq!(rows(&after[table]), rows(&alone[table]), "model {seed}");
            assert!(!rows(&alone[table]).is_empty() || table == 7);
        }
    }
}

#[test]
fn what_is_recorded_changes_nothing_else() {
    let mut told_apart = 0;
    // Wherever nodes are simple, and some others.
    let simple = |ran: &Ran| ran.results.network().nodes.iter().any(|node| node.simple.is_some());
    let mut number = 0;
    let chosen = |(at, ran): &(usize, &Ran)| at % 5 == 0 || simple(ran);
    for (_, Ran { seed, model, results, .. }) in ran().iter().enumerate().filter(chosen) {
        number += 1;
        let all = tables(results);
        // Without rows of visits simple nodes are treated as such, people told apart or not.
        for apart in [false, true] {
            let few = Experiment::new(model).levels(false).by_cohort(apart).threads(1);
            let few = tables(&few.run().unwrap());
            let values = |table: &Table| -> Vec<String> {
                let rows = lines(table, &["cohort", "scope", "metric", "replication", "value"]);
                rows.into_iter().filter(|row| apart || row.starts_with("all ")).collect()
            };
            let full = values(&all[0]);
            let common = values(&few[0]);
            assert!(common.len() * 2 > full.len());
            let full: HashSet<String> = full.into_iter().collect();
            for row in common {
                assert!(full.contains(&row), "model {seed}: {row}");
                told_apart += u32::from(!row.starts_with("all "));
            }
            for table in [2, 5, 6, 8, 9] {
                assert!(same(&all[table], &few[table]), "model {seed}: {}", all[table].name);
            }
            assert_eq!((few[3].rows(), few[7].rows()), (0, 0));
        }
    }
    println!("{number} models, {told_apart} values of cohorts");
    assert!(told_apart > 1000, "{told_apart}");
}

#[test]
fn what_nobody_uses_moves_nothing() {
    for Ran { seed, model, results, .. } in ran().iter().step_by(7) {
        let base = tables(results);
        let mut twins = Vec::new();
        for at in [0, model.nodes.len() / 2, model.nodes.len()] {
            let mut twin = model.clone();
            let spare = Node::beds("Spare", 3, Distribution::exponential("2d"));
            twin.nodes.insert(at, spare.waiting_room(Limit::Of(1)));
            twins.push(twin);
        }
        let mut twin = model.clone();
        if twin.cohorts.is_empty() {
            twin.cohorts.push(Cohort::new("patients"));
        }
        for cohort in &mut twin.cohorts {
            let spare = Attribute::Number(Distribution::normal(1.0, 2.0)).into();
            cohort.attributes.shift_insert(0, "spare".into(), spare);
        }
        twins.push(twin);
        let mut twin = model.clone();
        if let Some(first) = twin.cohorts.first().map(|cohort| cohort.name.clone()) {
            // With a second cohort every stream must say whom it brings.
            for arrivals in &mut twin.arrivals {
                arrivals.cohort.get_or_insert_with(|| first.as_str().into());
            }
            for census in &mut twin.census {
                census.cohort.get_or_insert_with(|| first.as_str().into());
            }
            for population in &mut twin.populations {
                population.cohort.get_or_insert_with(|| first.as_str().into());
            }
            twin.cohorts.push(Cohort::new("nobody"));
        }
        twins.push(twin);
        for twin in &twins {
            let Ok(tables) = outcome(&recorded(twin)) else { panic!("model {seed}") };
            let told = |tables: &[Table]| -> Vec<String> {
                let mut all =
                    lines(&tables[0], &["cohort", "scope", "metric", "replication", "value"]);
                all.retain(|row| !row.contains(" Spare ") && !row.starts_with("nobody "));
                for table in [2, 3, 5, 6, 7, 8] {
                    let names: Vec<&str> = tables[table].columns.iter().map(|c| &*c.name).collect();
                    let rows = lines(&tables[table], &names);
                    all.extend(rows.into_iter().filter(|row| !row.starts_with("Spare ")));
                }
                all
            };
            for (row, other) in told(&base).iter().zip(&told(&tables)) {
                assert_eq!(row, other, "model {seed}");
            }
            assert_eq!(told(&tables).len(), told(&base).len(), "model {seed}");
        }
    }
}

#[test]
fn every_door_leads_to_the_same_model_and_the_same_bits() {
    for (seed, made) in models(1) {
        let model = &made.model;
        let toml = Model::from_toml(&model.to_toml()).unwrap_or_else(|f| panic!("{seed}: {f}"));
        assert_eq!(&toml, model, "model {seed}");
        let json = Model::from_json(&toml.to_json()).unwrap_or_else(|f| panic!("{seed}: {f}"));
        assert_eq!(&json, model, "model {seed}");
        assert_eq!(json.to_toml(), model.to_toml());
    }
    for Ran { seed, model, results, .. } in ran().iter().step_by(5) {
        let built = Ok(tables(results));
        let (toml, json) = (model.to_toml(), model.to_json());
        same_tables(*seed, &built, &outcome(&recorded(&Model::from_toml(&toml).unwrap())));
        same_tables(*seed, &built, &outcome(&recorded(&Model::from_json(&json).unwrap())));
    }
}

// ---- nobody is lost --------------------------------------------------------------------------------

#[test]
fn people_in_are_people_out_and_people_inside() {
    let mut checks = 0;
    for Ran { seed, results, .. } in ran() {
        let audit = results.audit();
        for row in 0..audit.rows() {
            assert_eq!(
                cell(&audit, "left_side", row),
                cell(&audit, "right_side", row),
                "{seed}\n{audit}"
            );
            assert_eq!(cell(&audit, "holds", row), "yes");
            checks += 1;
        }
    }
    assert!(checks > 2 * 4 * 300, "{checks}");
}

/// When a visit left, or the end of the run.
fn until(row: &StayRow, end: i64) -> i64 {
    row.left.unwrap_or(end)
}

/// A visit as a test wants to see it: the patient and the history in one.
struct Seen {
    entered: i64,
    joined: i64,
    came: i64,
    started: i64,
    ready: i64,
    sought: i64,
    cleared: i64,
    node: NodeId,
    next: Option<NodeId>,
    flow: u32,
    source: SourceId,
    number: u64,
    stratum: StratumId,
    status: Status,
    assigned: bool,
    room: bool,
}

fn seen(row: &StayRow) -> Seen {
    let (patient, history) = (&row.patient, &row.history);
    let waiting = patient.status == Status::Waiting;
    Seen {
        entered: patient.entered,
        joined: if waiting { patient.joined } else { history.joined },
        came: history.came,
        started: patient.started,
        ready: history.ready,
        sought: history.sought,
        cleared: history.cleared,
        node: patient.node,
        next: Some(patient.next).filter(|next| *next != NOWHERE),
        flow: patient.flow,
        source: history.source,
        number: history.number,
        stratum: patient.stratum,
        status: patient.status,
        assigned: patient.reserved == Reserved::Place,
        room: patient.reserved == Reserved::Room,
    }
}

/// Whether the stay of the visit had begun.
fn began(row: &StayRow) -> bool {
    match row.left {
        Some(_) => row.ending.in_place(),
        None => seen(row).status != Status::Waiting,
    }
}

/// The way on which a visit ends, if it takes time.
fn transfer<'n>(network: &'n Network, row: &StayRow) -> Option<&'n Transfer> {
    network.ways(row.patient.node.index())?.transfer(row.patient.flow)
}

/// The instants that the visit has reached, in order; what has not come is left out.
fn instants(network: &Network, row: &StayRow) -> Vec<i64> {
    let p = seen(row);
    // Who is on the way before a place is sought has not sought it yet.
    let before = transfer(network, row).is_some_and(|way| way.hold == Hold::UntilStart);
    let all = [p.joined, p.came, p.started, p.ready, p.sought, p.cleared];
    let reached = match (row.left, row.ending, p.status) {
        (Some(_), Ending::Left, _) | (None, _, Status::Outside) => 6,
        (Some(_), ending, _) if !ending.in_place() => 2,
        (None, _, Status::Waiting) => 2,
        (Some(_), ..) | (None, _, Status::InStay) => 3,
        (None, _, Status::InProcess) => 4,
        (None, _, Status::Transfer | Status::Window) if before => 4,
        (None, _, Status::Blocked) => 5,
        (None, _, Status::Window | Status::Transfer) => 6,
    };
    all[..reached].iter().copied().chain(row.left).collect()
}

/// How many of the instants, leaving aside.
fn reached_by(network: &Network, row: &StayRow) -> usize {
    instants(network, row).len() - usize::from(row.left.is_some())
}

/// The nodes and lists where the next visit may be, by name, and whether the way may lead out.
fn ways<'m>(model: &'m Model, network: &'m Network, row: &'m StayRow) -> (Vec<&'m str>, bool) {
    let p = seen(row);
    let here = network.node_names[p.node.index()].as_str();
    let node = model.nodes.iter().find(|node| node.name == here);
    let named = |list: &str| model.queues.iter().find(|q| q.name.as_deref() == Some(list));
    let list = match node.and_then(|node| node.queue.as_ref()) {
        Some(NodeQueue::List(list)) => Some(list.as_str()),
        _ => None,
    };
    let own = match node.and_then(|node| node.queue.as_ref()) {
        Some(NodeQueue::Own(queue)) => Some(&**queue),
        _ => None,
    };
    // Who is of the list stands in rows as of the list, or, put back or displaced, of the node.
    let queue = own.or_else(|| named(list.unwrap_or(here)));
    let of = |targets: Option<&'m Targets>, default: &'static str| match targets {
        None => vec![default],
        Some(targets) => targets.0.keys().map(String::as_str).collect(),
    };
    let mut to = match row.ending {
        Ending::Left => match p.next {
            None => Vec::new(),
            Some(next) if next.index() >= network.shown => {
                let extras = network.nodes[next.index()].extras.as_ref().unwrap();
                let served_by = extras.served_by.iter();
                served_by.map(|node| network.node_names[node.index()].as_str()).collect()
            }
            Some(next) => vec![network.node_names[next.index()].as_str()],
        },
        Ending::Lost => of(queue.and_then(|q| q.if_full.as_ref()), "lost"),
        Ending::Balked => of(queue.and_then(|q| q.balk_to.as_ref()), "balked"),
        Ending::Reneged => of(queue.and_then(|q| q.renege.as_ref()), "reneged"),
        Ending::Removed => {
            let reviews = queue.iter().flat_map(|queue| &queue.review);
            let mut to: Vec<_> =
                reviews.flat_map(|review| of(review.to.as_ref(), "removed")).collect();
            let at =
                |event: &&icsflow::Event| event.nodes.iter().any(|n| n == here || list == Some(n));
            for event in model.events.iter().filter(at) {
                to.extend(of(event.to.as_ref(), "died"));
            }
            // Clocks of death go on wherever people are.
            let mortal = model.nodes.iter().any(|node| !node.death.is_empty());
            to.extend(mortal.then_some("died"));
            to
        }
        Ending::Switched => queue.unwrap().switch.iter().map(|s| s.to.as_str()).collect(),
        Ending::Displaced => match &queue.unwrap().preempt {
            Some(Preempt::Displace(to)) => of(Some(to), ""),
            _ => Vec::new(),
        },
        Ending::Transferred => match &node.unwrap().cut {
            Some(Cut::Transfer(to)) => of(Some(to), ""),
            _ => Vec::new(),
        },
        Ending::Interrupted => [Some(here), list].into_iter().flatten().collect(),
        Ending::Missed | Ending::Cancelled => {
            let slots = node.unwrap().slots.as_ref().unwrap();
            let again = match row.ending {
                Ending::Missed => slots.if_missed.as_ref(),
                _ => slots.booking.as_ref().unwrap().if_cancelled.as_ref(),
            };
            match again {
                Some(Again::To(to)) => of(Some(to), ""),
                _ => vec!["missed"],
            }
        }
    };
    let places = |name: &&str| network.node_names.iter().any(|node| node == name);
    let out = match row.ending {
        Ending::Left => p.next.is_none(),
        // Sent round a circle of full nodes.
        Ending::Lost => true,
        _ => to.iter().any(|name| !places(name)),
    };
    to.retain(places);
    // Who is served from a list stands in rows as of the node that serves.
    let lists: Vec<&str> = to.iter().copied().filter(|name| named(name).is_some()).collect();
    let serving =
        |node: &&Node| lists.iter().any(|list| node.queue == Some(NodeQueue::from(*list)));
    to.extend(model.nodes.iter().filter(serving).map(|node| node.name.as_str()));
    (to, out)
}

#[test]
fn every_visit_is_a_walk_forward_through_its_instants() {
    let mut endings = BTreeSet::new();
    let mut referred = 0;
    for Ran { seed, model, results } in ran().iter().filter(|ran| ran.whole() && ran.comes_once()) {
        let (network, end) = (results.network(), results.until());
        for replication in results.replications() {
            let mut of_patient: HashMap<(u32, u64), Vec<&StayRow>> = HashMap::new();
            for row in &replication.rows {
                let times = instants(network, row);
                assert!(times.is_sorted() && times.iter().all(|t| *t <= end), "{seed}: {row:?}");
                of_patient.entry((seen(row).source.0, seen(row).number)).or_default().push(row);
            }
            for visits in of_patient.values() {
                let first = seen(visits[0]);
                assert_eq!((first.joined, first.came), (first.entered, first.entered));
                for (at, pair) in visits.windows(2).enumerate() {
                    let (a, b) = (seen(pair[0]), seen(pair[1]));
                    // Who holds the place until arrival leaves it then.
                    let way = transfer(network, pair[0]).filter(|way| way.hold == Hold::No);
                    let on_the_way = pair[0].ending == Ending::Left && way.is_some();
                    let left = pair[0].left.unwrap();
                    assert!(left == b.came || (on_the_way && left < b.came), "{seed}: {pair:?}");
                    let (to, _) = ways(model, network, pair[0]);
                    let next = network.node_names[b.node.index()].as_str();
                    // Who is sent to a node that serves a list joins the list.
                    let list_of = |name: &str| {
                        let node = model.nodes.iter().find(|node| node.name == name)?;
                        match &node.queue {
                            Some(NodeQueue::List(list)) => Some(list.as_str()),
                            _ => None,
                        }
                    };
                    // There, rows bear the name of the list or of the node that gives the place.
                    let served = |list: &str| list == next || list_of(next) == Some(list);
                    let listed = to.iter().filter_map(|name| list_of(name)).any(served);
                    assert!(listed || to.contains(&next), "{seed}: {to:?}, not {next}: {pair:?}");
                    let (from, to) = (a.node.index(), b.node.index());
                    let in_line = [from, to].iter().all(|n| network.nodes[*n].places.is_some())
                        && !network.nodes[to].by_slots;
                    // An event that puts people back keeps their clocks.
                    let kept = b.joined == a.joined;
                    let put_back =
                        |event: &icsflow::Event| event.act == Some(icsflow::Act::Requeue);
                    let joined = match pair[0].ending {
                        Ending::Left if in_line => a.sought,
                        // Where a place was kept, that of the ward, people join it on leaving.
                        Ending::Left
                            if model.nodes[from].slots.as_ref().is_some_and(|slots| {
                                slots.needs.as_ref().is_some_and(|needs| needs.node == next)
                            }) && transfer(network, pair[0]).is_some()
                                && b.joined < b.came =>
                        {
                            pair[0].left.unwrap()
                        }
                        Ending::Interrupted if kept && model.events.iter().any(put_back) => {
                            a.joined
                        }
                        _ => b.came,
                    };
                    // Who was referred before being ready joined then.
                    let referral = model.nodes.get(from).and_then(|node| node.referral.as_ref());
                    if referral.is_some() && pair[0].ending == Ending::Left {
                        assert!((a.entered..=joined).contains(&b.joined), "{seed}: {pair:?}");
                        referred += u32::from(b.joined < joined);
                    } else {
                        assert_eq!(b.joined, joined, "{seed}: {pair:?}");
                    }
                    if network.nodes[to].line_only {
                        continue;
                    }
                    // An interrupted stay goes on in the same visit.
                    let before = visits[..=at]
                        .iter()
                        .filter(|v| seen(v).node == b.node && v.ending != Ending::Interrupted);
                    assert_eq!(pair[1].visit as usize, before.count(), "{seed}: {pair:?}");
                    endings.insert(pair[0].ending.name());
                }
                let (last, others) = visits.split_last().unwrap();
                assert!(others.iter().all(|row| row.left.is_some()));
                let on_the_way = transfer(network, last).is_some();
                let out = on_the_way || ways(model, network, last).1;
                assert!(last.left.is_none() || out, "{seed}: {last:?}");
            }
        }
    }
    assert_eq!(endings.len(), Ending::ALL.len(), "{endings:?}");
    assert!(referred > 300, "{referred}");
}

#[test]
fn a_stay_is_the_draw_of_its_patient_node_and_visit() {
    let (mut checked, mut revisits, mut in_parts, mut opposite) = (0, 0, 0, 0);
    for Ran { seed, model, results, .. } in
        ran().iter().filter(|ran| ran.whole() && ran.told_by_draws())
    {
        let samplers: Vec<Option<Sampler>> = (model.nodes.iter())
            .map(|node| match &node.stay.0[..] {
                // Contacts from afar are shorter.
                _ if node.slots.as_ref().is_some_and(|slots| slots.remote.is_some()) => None,
                // One draw is for all who start together.
                _ if node.together.is_some() => None,
                [only] if !matches!(only.then, Distribution::Listed(_)) => {
                    Some(Sampler::new(&only.then, Meaning::Duration(model.time_unit)))
                }
                _ => None,
            })
            .collect();
        for replication in results.replications() {
            let mut of_patient: HashMap<(u32, u64), Vec<&StayRow>> = HashMap::new();
            for row in replication.rows.iter() {
                of_patient.entry((seen(row).source.0, seen(row).number)).or_default().push(row);
            }
            for visits in of_patient.values() {
                let more = |a: &&StayRow, _: &&StayRow| a.ending == Ending::Interrupted;
                for stay in visits.chunk_by(more).filter(|stay| began(stay[0])) {
                    let p = seen(stay[0]);
                    let Some(sampler) = &samplers[p.node.index()] else { continue };
                    let source = &model.arrivals[p.source.index()].name;
                    let key = key(results.plan(), replication.number, source);
                    let purpose = Purpose::named(&model.nodes[p.node.index()].name, "stay");
                    let draw = |purpose| {
                        sampler.duration(key.patient(p.number).draw(purpose, stay[0].visit))
                    };
                    let place = format!("model {seed}: {stay:?}");
                    check_stay(
                        model,
                        results,
                        stay,
                        &|segment| match segment {
                            0 => draw(purpose),
                            segment => draw(purpose.at(segment)),
                        },
                        &place,
                    );
                    checked += 1;
                    revisits += u32::from(stay[0].visit > 0);
                    in_parts += u32::from(stay.len() > 1);
                    let mirror = mirror(results.plan(), replication.number);
                    opposite += u32::from(mirror == Mirror::OPPOSITE);
                }
            }
        }
    }
    assert!(checked > 10_000 && revisits > 50 && in_parts > 100, "{checked} {revisits} {in_parts}");
    assert!(opposite > 500, "{opposite}");
}

/// Whether a replication takes its draws at the opposite quantiles.
pub(crate) fn mirror(plan: &Plan, replication: u32) -> Mirror {
    if plan.antithetic && replication % 2 == 1 { Mirror::OPPOSITE } else { Mirror::NONE }
}

/// The key of a source, or of places out of use, in a replication: that of its pair, if it is of one.
pub(crate) fn key(plan: &Plan, replication: u32, name: &str) -> SourceKey {
    let of = if plan.antithetic { replication / 2 } else { replication };
    SourceKey::new(plan.seed, of, name).mirrored(mirror(plan, replication))
}

/// A stay, in parts if it was interrupted, is as long as it was drawn, by what its nodes say.
fn check_stay(
    model: &Model,
    results: &Results,
    stay: &[&StayRow],
    draw: &dyn Fn(u64) -> i64,
    place: &str,
) {
    let nodes: Vec<&Node> = (stay.iter())
        .filter(|row| !results.network().nodes[row.patient.node.index()].line_only)
        .map(|row| &model.nodes[row.patient.node.index()])
        .collect();
    let cut = |cut: Cut| nodes.iter().any(|node| node.cut.as_ref() == Some(&cut));
    let preempt = |node: &&Node| match &node.queue {
        Some(NodeQueue::Own(queue)) => queue.preempt.clone(),
        Some(NodeQueue::List(list)) => {
            let list = model.queues.iter().find(|queue| queue.name.as_ref() == Some(list));
            list.unwrap().preempt.clone()
        }
        None => None,
    };
    let anew: Vec<Preempt> = nodes.iter().filter_map(preempt).collect();
    let length = |row: &&StayRow| {
        let p = seen(row);
        match (row.left, row.ending) {
            _ if !began(row) => 0,
            (Some(_), Ending::Left) => p.ready - p.started,
            (None, _) if p.status != Status::InStay => p.ready - p.started,
            (left, _) => left.unwrap_or(results.until()) - p.started,
        }
    };
    let lengths: Vec<i64> = stay.iter().map(length).collect();
    let last = stay[stay.len() - 1];
    // Early ends and the end of the run leave a part of it.
    let over = began(last)
        && (last.ending == Ending::Left && last.left.is_some()
            || seen(last).status != Status::InStay)
        && !matches!(last.ending, Ending::Displaced | Ending::Transferred)
        && !cut(Cut::EarlyEnd)
        // Another clock may have been over first.
        && nodes.iter().all(|node| node.ends.is_empty());
    let check = |told: i64, drawn: i64| {
        // Visits are for whole days, to the midnight after the last.
        let drawn = match nodes.last() {
            Some(node) if node.visits.is_some() => {
                let (started, origin) = (seen(last).started, model.start.of_week());
                let days = ((drawn + DAY / 2) / DAY).max(1);
                ((started + origin).div_euclid(DAY) + days) * DAY - origin - started
            }
            _ => drawn,
        };
        assert!(if over { told == drawn } else { told <= drawn }, "{told} of {drawn}: {place}");
    };
    if stay.len() == 1 {
        check(lengths[0], draw(0));
    } else if anew.iter().all(|how| matches!(how, Preempt::Resume | Preempt::Displace(_))) {
        check(lengths.iter().sum(), draw(0));
    } else if !cut(Cut::Interrupt) && began(last) {
        match &anew[0] {
            Preempt::Restart if anew.iter().all(|how| *how == Preempt::Restart) => {
                check(lengths[lengths.len() - 1], draw(0));
            }
            Preempt::Resample if nodes.iter().all(|node| node.name == nodes[0].name) => {
                check(lengths[lengths.len() - 1], draw(stay.len() as u64 - 1));
            }
            _ => {}
        }
    }
}

/// The ledger is kept as people come and go; here it is added up anew, day by day, from the rows, where
/// everybody needs the same on every day.
#[test]
fn visits_add_up() {
    let mut checked = 0;
    for Ran { seed, model, results, .. } in ran() {
        let origin = model.start.of_week();
        let day = |time: i64| (time + origin).div_euclid(DAY);
        let first = -(-origin).div_euclid(DAY);
        for (node, spec) in model.nodes.iter().enumerate() {
            let Some(visits) = &spec.visits else { continue };
            let [only] = &visits.need.0[..] else { continue };
            let Need::Constant { visits: need } = only.then else { continue };
            let grain = if visits.whole { 1000.0 } else { 1.0 };
            let need = ((need * 1000.0 / grain + 0.5).floor() * grain) as i64;
            for replication in results.replications() {
                let mut people = vec![0; replication.visits[node].days.len()];
                for row in replication.rows.iter().filter(|row| began(row)) {
                    let p = seen(row);
                    if p.node.index() == node {
                        let last = row.left.map_or(i64::MAX, |left| day(left - 1));
                        for (at, people) in people.iter_mut().enumerate() {
                            let today = first + at as i64;
                            *people += i64::from(day(p.started) <= today && today <= last);
                        }
                    }
                }
                for (at, (people, made)) in
                    people.iter().zip(&replication.visits[node].days).enumerate()
                {
                    assert_eq!(made.booked, people * need, "model {seed}, {}, {at}", spec.name);
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn every_sum_is_that_of_its_visits() {
    // The sums are kept as people come and go; here they are added up anew from the rows of visits.
    for Ran { seed, model, results } in ran().iter().filter(|ran| ran.told_by_draws()) {
        for replication in results.replications() {
            check_sums(*seed, model, results.network(), replication, results.until());
        }
    }
}

/// The part of an interval that lies within the time measured.
fn measured(from: i64, to: i64, end: i64) -> i64 {
    to.min(end) - from.max(0).min(end)
}

/// Nodes and lists that give places to the same people: in rows, who waits stands at the one or the
/// other. Each has the number of its group.
fn groups(model: &Model, network: &Network) -> Vec<usize> {
    let mut group: Vec<usize> = (0..network.nodes.len()).collect();
    let at = |name: &str| network.node_names.iter().position(|node| node == name).unwrap();
    let mut ties = Vec::new();
    for node in &model.nodes {
        if let Some(NodeQueue::List(list)) = &node.queue {
            ties.push((at(&node.name), at(list)));
        }
    }
    for route in model.routes.iter().filter(|route| route.choose == Some(Choose::FirstFree)) {
        let names = route.to.names();
        ties.extend(names.iter().map(|name| (at(names[0]), at(name))));
    }
    let lines = network.nodes.iter().enumerate().skip(network.shown);
    ties.extend(lines.map(|(line, node)| (node.charged.index(), line)));
    for (a, b) in ties {
        let (keep, gone) = (group[a], group[b]);
        group.iter_mut().filter(|group| **group == gone).for_each(|group| *group = keep);
    }
    group
}

/// Nodes and lists to which people are on the way without being anywhere.
pub(crate) fn far(network: &Network) -> Vec<bool> {
    let mut far = vec![false; network.nodes.len()];
    for way in (0..far.len()).filter_map(|node| network.ways(node)).flat_map(|ways| &ways.transfers)
    {
        if let (Hold::No, Place::Node(to)) = (way.hold, network.flows[way.flow as usize].to) {
            far[to.index()] = true;
            let extras = network.nodes[to.index()].extras.as_deref();
            let servers = extras.map_or(&[][..], |extras| &extras.served_by);
            servers.iter().for_each(|server| far[server.index()] = true);
        }
    }
    far
}

/// Nodes and lists that people join while they are in a stay elsewhere.
fn referred_to(model: &Model, network: &Network) -> Vec<bool> {
    let refers = |from: &str| {
        let from = model.nodes.iter().find(|node| node.name == from);
        from.is_some_and(|node| node.referral.is_some())
    };
    let whole = network.node_names.iter().map(|name| {
        let here = |to: &str| {
            let role = model.nodes.iter().find(|node| node.name == *name);
            to == name || role.is_some_and(|node| node.role.as_deref() == Some(to))
        };
        let mut routes = model.routes.iter().filter(|route| refers(&route.from));
        routes.any(|route| route.to.names().into_iter().any(here))
    });
    whole.collect()
}

fn check_sums(seed: u64, model: &Model, network: &Network, replication: &Replication, end: i64) {
    let group = groups(model, network);
    let alone = |node: usize| group.iter().filter(|other| **other == group[node]).count() == 1;
    let far = far(network);
    let referred = referred_to(model, network);
    let strata = network.cohorts.len();
    let mut cells = vec![CellSums::default(); network.nodes.len() * strata];
    let mut waits: Vec<Vec<i64>> = vec![Vec::new(); cells.len()];
    let mut lengths = waits.clone();
    let mut flows: HashMap<u32, u64> = HashMap::new();
    let mut put_back: HashMap<(u32, u64), i64> = HashMap::new();
    let at = |node: NodeId, row: &StayRow| node.index() * strata + seen(row).stratum.index();
    for row in &replication.rows {
        let p = seen(row);
        let own = at(p.node, row);
        let cell = &mut cells[own];
        let left = until(row, end);
        // Who is put back joins nothing.
        let patient = (p.source.0, p.number);
        let earlier = put_back.remove(&patient);
        cell.joined += u64::from(p.joined >= 0 && earlier.is_none());
        let earlier = earlier.unwrap_or(0);
        if row.ending == Ending::Interrupted {
            put_back.insert(patient, earlier + left - p.started);
        }
        if row.ending != Ending::Left {
            cell.endings[row.ending as usize] += 1;
        }
        if row.left.is_some() && row.ending != Ending::Interrupted {
            *flows.entry(p.flow).or_default() += 1;
        }
        if !began(row) {
            cell.waiting += measured(p.came, left, end);
            continue;
        }
        // Who had a place reserved waited for it elsewhere: nothing then, since came is started.
        cell.waiting += if p.started >= 0 { measured(p.came, p.started, end) } else { 0 };
        cell.occupied += measured(p.started, left, end);
        if p.started >= 0 {
            waits[own].push(p.started - p.joined);
        }
        if row.left.is_some() && row.ending == Ending::Left {
            // The parts of a stay that was interrupted are one length.
            lengths[own].push(left - p.started + earlier);
        }
        let reached = reached_by(network, row);
        let part = |from: i64, to: i64, known: bool| {
            let to = if known { to } else { end };
            if to < 0 { 0 } else { measured(from, to, end) }
        };
        if reached >= 4 {
            cell.process += part(p.ready, p.sought, reached > 4);
        }
        if reached >= 5 {
            cell.blocked += part(p.sought, p.cleared, reached > 5);
        }
        if reached >= 6 {
            cell.window += part(p.cleared, left, true);
        }
        // Those still on their way already stand, or stood, in the next line.
        let holds = network.nodes[p.node.index()].places.is_some();
        if let (None, true, Some(next)) = (row.left, reached >= 5 && holds, p.next)
            && network.nodes[next.index()].places.is_some()
            && !network.nodes[next.index()].by_slots
        {
            cells[at(next, row)].joined += u64::from(p.sought >= 0);
        }
    }
    // Of those who wait the group is told, of the rest the node.
    let mut waited: HashMap<(usize, usize), [Sum; 2]> = HashMap::new();
    for (i, (expected, cell)) in cells.iter().zip(&replication.cells).enumerate() {
        let place = format!("model {seed}, cell {i}");
        let (node, stratum) = (i / strata, i % strata);
        // Nor does a row tell of who is on the way there, when they set out from elsewhere, or was referred
        // and is not ready.
        let known = alone(node) && !far[node] && !referred[node];
        let joined = |cell: &CellSums| if known { cell.joined } else { 0 };
        let told = |cell: &CellSums| {
            let mut ready = [cell.process, cell.window, cell.transfer[1]];
            if network.ways(node).is_some() {
                ready = [ready.into_iter().sum(), Sum::default(), Sum::default()];
            }
            (joined(cell), cell.endings, cell.occupied, cell.blocked, ready)
        };
        assert_eq!(told(cell), told(expected), "{place}");
        let waited = waited.entry((group[node], stratum)).or_default();
        waited[0] += cell.waiting;
        waited[1] += expected.waiting;
        check_lengths(&place, &cell.wait, &mut waits[i]);
        // The rows of parts before measuring began are gone.
        if replication.inside.at_start == 0 || network.nodes[node].extras.is_none() {
            check_lengths(&place, &cell.length, &mut lengths[i]);
        }
    }
    for (group, [told, expected]) in waited {
        assert_eq!(told, expected, "model {seed}, group and stratum {group:?}");
    }
    for (i, flow) in network.flows.iter().enumerate() {
        let Place::Node(from) = flow.from else { continue };
        // From a list to the nodes that serve it, and between nodes for which people wait together, no
        // row tells the way.
        if let Place::Node(to) = flow.to
            && (network.nodes[from.index()].line_only || group[from.index()] == group[to.index()])
        {
            continue;
        }
        // Who is on the way out is counted on being there.
        let way = network.ways(from.index()).and_then(|ways| ways.transfer(i as u32));
        if matches!(flow.to, Place::Exit(_)) && way.is_some_and(|way| way.hold == Hold::No) {
            continue;
        }
        let counted = flows.get(&(i as u32)).copied().unwrap_or(0);
        assert_eq!(replication.flows[i], counted, "model {seed}, flow {i}");
    }
}

/// Count, sum, share above 0 and quantiles of lengths of time, from the lengths themselves.
fn check_lengths(place: &str, told: &LengthSums, lengths: &mut [i64]) {
    lengths.sort_unstable();
    assert_eq!(
        (told.count(), told.sum),
        (lengths.len() as u64, lengths.iter().copied().sum()),
        "{place}"
    );
    if lengths.is_empty() {
        return;
    }
    let positive = lengths.iter().filter(|length| **length > 0).count() as f64;
    assert!((told.share_positive() - positive / lengths.len() as f64).abs() < 1e-12, "{place}");
    for p in [0.05, 0.5, 0.9, 0.95] {
        // The quantile lies in the bin of the length that it falls on: no further off than 1/256.
        let rank = (p * lengths.len() as f64).ceil() as usize;
        let exact = lengths[rank.max(1) - 1] as f64;
        let off = (told.quantile(p) - exact).abs();
        assert!(off <= exact / 256.0 + 2048.0, "{place}: p {p}: {} for {exact}", told.quantile(p));
    }
}

#[test]
fn nobody_waits_who_could_start() {
    let (mut waited, mut roomed) = (0, 0);
    for Ran { seed, results, .. } in ran().iter().filter(|ran| ran.plain() && ran.told_by_draws()) {
        for replication in results.replications() {
            let network = results.network();
            for (i, node) in network.nodes.iter().enumerate() {
                let Some(places) = node.places else { continue };
                let here = Some(NodeId(i as u32));
                let inside = || replication.rows.iter().filter(|row| row.left.is_none());
                let count =
                    |of: &dyn Fn(&StayRow) -> bool| inside().filter(|row| of(row)).count() as u32;
                let taken = count(&|row| Some(seen(row).node) == here && began(row));
                let reserved = count(&|row| seen(row).assigned && seen(row).next == here);
                let in_room = count(&|row| {
                    let bound = if began(row) { seen(row).next } else { Some(seen(row).node) };
                    seen(row).room && bound == here
                });
                let queue =
                    count(&|row| Some(seen(row).node) == here && !began(row) && !seen(row).room);
                let blocked =
                    count(&|row| seen(row).status == Status::Blocked && seen(row).next == here);
                let place = format!("model {seed}, node {i}");
                assert!(taken + reserved <= places, "{place}");
                let in_queue = queue + (in_room & node.shares_queue);
                assert!(in_queue <= node.queue_limit, "{place}");
                let in_room = in_room + (queue & node.shares_queue);
                assert!(in_room <= node.waiting_room, "{place}");
                if queue + in_room + blocked > 0 {
                    assert_eq!(taken + reserved, places, "{place}");
                    waited += 1;
                }
                if blocked > 0 {
                    assert_eq!(in_room, node.waiting_room, "{place}");
                    roomed += u32::from(in_room > 0);
                }
            }
        }
    }
    assert!(waited > 30 && roomed > 1, "{waited} {roomed}");
}

#[test]
fn every_leg_is_within_a_stay_of_its_patient() {
    let (mut legs, mut joined) = (0, 0);
    let stops = |model: &Model| {
        let all = model.nodes.iter().filter_map(|node| node.legs.as_ref());
        all.into_iter().all(|legs| legs.others == icsflow::Others::Stop)
    };
    let fit = |ran: &&Ran| ran.with_legs() && ran.whole() && stops(&ran.model);
    for Ran { seed, model, results } in ran().iter().filter(fit) {
        let network = results.network();
        let is_joined = |flow: u32| match network.flows[flow as usize].to {
            Place::Exit(exit) => network.exits[exit as usize] == "joined",
            _ => false,
        };
        let of_legs = |name: &str| {
            let with = model.nodes.iter().filter_map(|node| Some((node, node.legs.as_ref()?)));
            let leads = |legs: &icsflow::Legs| legs.to.iter().any(|leg| leg.node == name);
            with.filter(|(_, legs)| leads(legs))
                .map(|(node, _)| node.name.clone())
                .collect::<Vec<_>>()
        };
        for replication in results.replications() {
            let mut of_patient: HashMap<(u32, u64), Vec<&StayRow>> = HashMap::new();
            for row in &replication.rows {
                of_patient.entry((seen(row).source.0, seen(row).number)).or_default().push(row);
            }
            for rows in of_patient.values() {
                let over = |row: &&&StayRow| row.left.is_some() && is_joined(row.patient.flow);
                for leg in rows.iter().filter(over) {
                    let within = |stay: &&&StayRow| {
                        let here = &network.node_names[stay.patient.node.index()];
                        let has = model.nodes.iter().any(|n| n.name == *here && n.legs.is_some());
                        let left = stay.left.unwrap_or(i64::MAX);
                        // An interrupted stay has begun before.
                        has && leg.left.unwrap() <= left && seen(stay).joined <= leg.left.unwrap()
                    };
                    assert!(rows.iter().any(|row| within(&row)), "{seed}: {leg:?}");
                    joined += 1;
                }
                legs += rows
                    .iter()
                    .filter(|row| {
                        !of_legs(&network.node_names[row.patient.node.index()]).is_empty()
                    })
                    .count();
            }
        }
    }
    assert!(legs > 200 && joined > 100, "{legs} {joined}");
}

/// Whether a visit counts at an instant.
type Counts<'a> = &'a dyn Fn(&StayRow, i64) -> bool;

#[test]
fn a_census_counts_those_who_are_there() {
    let mut people = 0;
    // Whom an event sends on seeks a place anew: the row of the visit tells only of the last time.
    for Ran { seed, model, results } in ran().iter().filter(|ran| ran.model.events.is_empty()) {
        let network = results.network();
        let of_day = model.start.of_week() % DAY;
        let first = (results.plan().census.0 - of_day).rem_euclid(DAY);
        let reached = |row: &StayRow, instant, time| reached(network, row, instant, time);
        let occupied = |row: &StayRow, time| reached(row, 2, time) && !gone(row, time);
        let waiting = |row: &StayRow, time| {
            seen(row).came <= time && !reached(row, 2, time) && !gone(row, time)
        };
        let blocked = |row: &StayRow, time| reached(row, 4, time) && !reached(row, 5, time);
        let levels: [Counts<'_>; 3] = [&occupied, &waiting, &blocked];
        for replication in results.replications() {
            let group = groups(model, network);
            let days = ((results.until() - first + DAY - 1) / DAY) as usize;
            for (level, counts) in levels.iter().enumerate() {
                // Of those who wait the group is told, of the rest the node.
                let of = |node: usize| if level == 1 { group[node] } else { node };
                let mut told = vec![vec![0u32; days]; group.len()];
                let mut present = told.clone();
                for node in 0..group.len() {
                    let taken: Vec<u32> = replication.census(network, node, level).collect();
                    assert_eq!(taken.len(), days, "model {seed}");
                    told[of(node)].iter_mut().zip(taken).for_each(|(sum, more)| *sum += more);
                }
                for row in &replication.rows {
                    let present = &mut present[of(seen(row).node.index())];
                    for (day, present) in present.iter_mut().enumerate() {
                        *present += u32::from(counts(row, first + day as i64 * DAY));
                    }
                }
                assert_eq!(told, present, "model {seed}, level {level}");
                people += present.iter().flatten().sum::<u32>();
            }
        }
    }
    assert!(people > 10_000, "{people}");
}

/// Whether the visit had come so far by then; 2 is the start, 4 the seeking, 5 the freedom to go.
fn reached(network: &Network, row: &StayRow, instant: usize, time: i64) -> bool {
    began(row) && instants(network, row).get(instant).is_some_and(|at| *at <= time)
}

fn gone(row: &StayRow, time: i64) -> bool {
    row.left.is_some_and(|left| left <= time)
}

// ---- slots -------------------------------------------------------------------------------------------

#[test]
fn every_slot_is_used_missed_or_unused() {
    let mut given = 0;
    for Ran { seed, model, results } in ran().iter().filter(|ran| ran.by_slots()) {
        for replication in results.replications() {
            for (at, node) in model.nodes.iter().enumerate() {
                let Some(slots) = &replication.slots[at] else { continue };
                let place = format!("model {seed}, node {at}: {slots:?}");
                if node.slots.as_ref().is_some_and(icsflow::Slots::by_minutes) {
                    let within = slots.minutes_used - slots.minutes_over;
                    assert!(within <= slots.minutes_offered && slots.offered == 0, "{place}");
                    continue;
                }
                let had = slots.used + slots.missed + slots.cancelled_on_day;
                let booking = node.slots.as_ref().unwrap().booking.as_ref();
                if booking.is_some_and(|booking| booking.overbook.is_some()) {
                    assert!(had + slots.unused >= slots.offered, "{place}");
                } else {
                    assert_eq!(had + slots.unused, slots.offered, "{place}");
                    assert!(slots.booked <= had, "{place}");
                }
                let started = |row: &&StayRow| row.patient.node.index() == at && began(row);
                let begun = |row: &&StayRow| row.patient.started >= 0;
                let rows = replication.rows.iter().filter(started).filter(begun).count();
                assert_eq!(slots.used as usize, rows, "{place}");
                given += had;
            }
        }
    }
    assert!(given > 1000, "{given}");
}

// ---- every instant -----------------------------------------------------------------------------------

#[test]
fn at_no_instant_does_anybody_wait_who_could_start() {
    let mut decided = Decided::default();
    // Slots are no places: their own test says who might have had one.
    let fit = |ran: &&Ran| !ran.by_slots() && ran.known_by_draws();
    for Ran { seed, model, results } in ran().iter().filter(fit) {
        sweep(*seed, model, results, &mut decided);
    }
    // Many models say more of people than draws tell: others take their place.
    for seed in *MODELS..*MODELS * 8 / 5 {
        let twins = [run(seed, made(seed).model), by_the_hour(seed, made(seed))];
        for Ran { seed, model, results } in twins.iter().flatten().filter(fit) {
            sweep(*seed, model, results, &mut decided);
        }
    }
    println!("{decided:?}");
    let Decided { could_start, had_place, admitted, fenced, .. } = decided;
    assert!(could_start > 100_000 && had_place > 10_000 && admitted > 1000 && fenced > 500);
    let Decided { was_first, took_place, was_victim, switched, .. } = decided;
    assert!(was_first > 10_000 && took_place > 1000 && was_victim > 100 && switched > 1000);
    let Decided { within_limit, was_full, patient, .. } = decided;
    assert!(within_limit > 10_000 && was_full > 1000 && patient > 1000);
    let Decided { gave_up_in_vain, by_class, changed, .. } = decided;
    assert!(decided.beside > 1000 && decided.moved > 20);
    assert!(gave_up_in_vain > 100 && by_class > 1000 && changed > 20);
    assert!(decided.put_back > 20 && decided.gave_up_at_an_end > 20);
}
