//! What a run gives back.

use std::borrow::Cow;

use super::experiment::told;
use super::metrics::{Measure, Scope};
use super::replication::{Replication, Stratum};
use super::tables::Estimate;
use super::{caseloads, clocks, costs, departures, ends, lists, tables, warnings};
use crate::engine::record::Told;
use crate::error::Faults;
use crate::model::metric::Metric;
use crate::model::model::{ClockScope, Model};
use crate::model::plan::Plan;
use crate::model::scenario::Scenario;
use crate::network::network::{Category, Network};
use crate::table::Table;
use crate::time::Duration;

/// The results of a run: replications, and tables made from them when asked for.
#[derive(Debug)]
pub struct Results {
    pub(super) model: Model,
    pub(super) plan: Plan,
    pub(super) network: Network,
    pub(super) replications: Vec<Replication>,
    /// The model and the scenario of it that ran, if not the model itself.
    pub(super) origin: Option<(Model, Scenario)>,
    /// Warnings about changes that come too late.
    pub(super) late: Vec<String>,
}

impl Results {
    pub(super) fn new(
        model: Model,
        origin: Option<(Model, Scenario)>,
        plan: Plan,
        network: Network,
        replications: Vec<Replication>,
    ) -> Self {
        let late = origin.as_ref().map(|(_, what)| warnings::late(what, &model, &plan));
        let late = late.unwrap_or_default();
        Results { model, plan, network, replications, origin, late }
    }

    /// The model that ran.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The plan by which it ran.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The network that ran.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The replications, by number.
    pub fn replications(&self) -> &[Replication] {
        &self.replications
    }

    /// Whether the run was stopped before all replications were complete.
    pub fn interrupted(&self) -> bool {
        self.replications.len() < self.plan.replications as usize
    }

    /// Events of all replications, warm-up included.
    pub fn events(&self) -> u64 {
        self.replications.iter().map(|replication| replication.events).sum()
    }

    /// What is worth knowing of the run though nothing was wrong: more people at the start than places,
    /// stays so far that are longer than any of the model.
    pub fn warnings(&self) -> Vec<String> {
        warnings::of(self)
    }

    /// The time measured, in microseconds.
    pub fn until(&self) -> Duration {
        self.plan.until(self.model.start, self.model.time_unit)
    }

    /// Microseconds in the unit of the results.
    pub(super) fn unit(&self) -> f64 {
        self.model.time_unit.micros() as f64
    }

    pub(super) fn measure(&self) -> Measure<'_> {
        let strata = self.cells();
        let warm_up = self.plan.warm_up(self.model.time_unit);
        Measure { network: &self.network, until: self.until(), warm_up, strata }
    }

    /// The mean of one value a replication, in their order; over pairs if these are antithetic.
    pub(super) fn estimate(&self, values: impl IntoIterator<Item = f64>) -> Estimate {
        let numbers = self.replications.iter().map(|replication| replication.number);
        Estimate::by_plan(numbers.zip(values), &self.plan)
    }

    /// Cells kept of each node.
    pub(super) fn cells(&self) -> usize {
        told(&self.plan, &self.network).strata(&self.network).max(1)
    }

    /// By what people are told apart: `cohort`, or the name of an attribute.
    pub(super) fn told_by(&self) -> Cow<'static, str> {
        self.plan.by_attribute.clone().map_or("cohort".into(), Cow::Owned)
    }

    /// Who is told apart: everyone, then the cohorts or those with each label of the attribute.
    pub(super) fn strata(&self) -> Vec<(Option<Stratum>, &str)> {
        let network = &self.network;
        let (names, cells): (Vec<&str>, _) = match told(&self.plan, network) {
            Told::Together => (Vec::new(), 1),
            Told::ByCohort => (network.cohort_names.iter().map(String::as_str).collect(), 1),
            Told::ByAttribute { .. } => {
                let told = |of: &&Category| Some(&of.name) == self.plan.by_attribute.as_ref();
                let labels = network.categories.iter().find(told).map_or(&[][..], |of| &of.labels);
                let names = labels.iter().map(String::as_str).chain(["none"]).collect();
                (names, network.cohorts.len())
            }
        };
        let stratum = |i| Some(Stratum { first: i * cells, cells });
        let apart = names.into_iter().enumerate().map(|(i, name)| (stratum(i), name));
        std::iter::once((None, "all")).chain(apart).collect()
    }

    /// The scopes over which metrics are told: nodes, lists, sectors, groups, sectors within groups, and
    /// the whole system and clocks.
    pub fn scopes(&self) -> Vec<Scope> {
        scopes_of(&self.model)
    }

    /// The values of one metric, replication by replication; `None` if there is no such metric or scope.
    /// The whole system goes by the name of the model, or by `"whole system"` where something else has that.
    pub fn values(&self, metric: &str, scope: &str) -> Option<Vec<f64>> {
        let scopes = self.scopes();
        let scope = scopes.iter().find(|known| known.name == scope)?;
        let metric = Metric::find(metric)?.name;
        let measure = self.measure();
        let values = |replication| measure.values(replication, scope, None);
        let by_replication: Vec<_> = self.replications.iter().map(values).collect();
        tables::told(&by_replication, metric)
    }

    /// One value for each metric, scope and replication.
    pub fn replication_table(&self) -> Table {
        tables::replications(self)
    }

    /// One row for each metric and scope: mean over the replications, standard deviation, t-interval,
    /// unit and definition.
    pub fn summary(&self) -> Table {
        tables::summary(self)
    }

    /// People at each node at each census: mean, and the 2.5, 25, 50, 75 and 97.5 % points of the
    /// replications.
    pub fn occupancy(&self) -> Table {
        tables::occupancy(self)
    }

    /// People at each node at the censuses of each replication: their mean, with the interval that so many
    /// batches give, one after the other, and the correlation of each batch with the next. So a single long
    /// run has an interval (Law, *Simulation Modeling and Analysis*, 5th edition, §9.5.3, with the number
    /// of batches given).
    ///
    /// Batches must be long beside the time in which the system forgets: then their correlation is near 0,
    /// and the interval covers as often as it says. Censuses left over are the first.
    ///
    /// ```
    /// use icsflow::{Arrivals, Distribution, Experiment, Model, Node, time::days};
    ///
    /// let model = Model::new("Ward")
    ///     .arrivals(Arrivals::poisson("Patients", "Ward", 2.0))
    ///     .node(Node::beds("Ward", 12, Distribution::exponential("5d")));
    /// let run = Experiment::new(&model).replications(1).warm_up(days(100.0)).until(days(4000.0));
    /// let table = run.run()?.batch_means(20)?;
    /// assert_eq!(table.numbers("lower").unwrap().len(), 5);
    /// # Ok::<(), icsflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there are too few censuses for so many batches, two for each at least, or fewer than two batches.
    pub fn batch_means(&self, batches: u32) -> Result<Table, Faults> {
        super::batch_means::batch_means(self, batches)
    }

    /// Visits made on each day at the nodes that have a number of them a day: mean of the replications,
    /// with their 2.5 and 97.5 % points, the budget, and what went beyond it.
    pub fn visits(&self) -> Table {
        tables::visits(self)
    }

    /// Share of time at each number of people.
    pub fn levels(&self) -> Table {
        tables::levels(self)
    }

    /// Waits, lengths of stay and times in the system, with their quantiles, of all replications
    /// together.
    pub fn waits(&self) -> Table {
        tables::waits(self)
    }

    /// People in line by class, of the nodes and lists that tell classes apart: how many wait, how many
    /// come to wait in the class in a unit of time, those served at once left out, and how many of these
    /// by a change of class.
    pub fn queues(&self) -> Table {
        tables::queues(self)
    }

    /// Waiting lists: people in line at the start and at the end of measuring, those who joined, started
    /// or were removed meanwhile, and how long those who are left have waited. Nodes for which people
    /// wait together are one list. Means over the replications.
    pub fn lists(&self) -> Table {
        lists::lists(self)
    }

    /// People on each waiting list at the end, by whole weeks since they joined.
    pub fn list_weeks(&self) -> Table {
        lists::list_weeks(self)
    }

    /// Delayed person-time: who held the place, what was awaited, why, and where the root lies.
    pub fn delays(&self) -> Table {
        tables::delays(self)
    }

    /// Deadlocks: when a closed set of people could never move again, and who waited for whom.
    pub fn deadlocks(&self) -> Table {
        tables::deadlocks(self)
    }

    /// Clocks by where they start, with a row for each target: started, stopped, their lengths, the
    /// share within the target, and those that run at the census.
    pub fn clocks(&self) -> Table {
        clocks::clocks(self)
    }

    /// What care costs over the time measured: by cost, node and item, then by payer, then all of it.
    pub fn costs(&self) -> Table {
        costs::costs(self)
    }

    /// Departures by weekday and hour, if the run told them.
    pub fn departures(&self) -> Table {
        departures::departures(self)
    }

    /// Departures by days of the calendar from *ready* to leaving, if the run told them.
    pub fn ready_days(&self) -> Table {
        departures::ready_days(self)
    }

    /// What ended stays, at nodes where more than their length may: people, their share, and the mean
    /// time in the stay until then.
    pub fn ends(&self) -> Table {
        ends::ends(self)
    }

    /// The professions of caseloads: their units, the people whom these can hold, the share of the units
    /// that is held, and how long each was the one that allowed the fewest.
    pub fn caseloads(&self) -> Table {
        caseloads::caseloads(self)
    }

    /// People who went each way.
    pub fn flows(&self) -> Table {
        tables::flows(self)
    }

    /// One row for each visit, if they were kept.
    pub fn stays(&self) -> Table {
        tables::stays(self)
    }

    /// What the model's events on people did: when, and how many people it concerned.
    pub fn events_on_people(&self) -> Table {
        tables::events(self)
    }

    /// Conservation: nobody is lost, nobody is counted twice.
    pub fn audit(&self) -> Table {
        tables::audit(self)
    }

    /// What came out beside what is published, for the published figures of the model.
    pub fn published(&self) -> Table {
        tables::published(self)
    }
}

/// The scopes over which the metrics of a model are told.
pub(super) fn scopes_of(model: &Model) -> Vec<Scope> {
    let sectors = model.nodes.iter().filter_map(|node| node.sector.as_deref());
    let sectors: Vec<&str> = sectors.collect();
    let named = model.nodes.iter().map(|node| Some(node.name.as_str()));
    let lists = model.queues.iter().map(|list| list.name.as_deref());
    let named: Vec<Option<&str>> = named.chain(lists).collect();
    let kind = |name: &str, nodes: &[usize]| {
        let own = |node: &usize| named[*node] == Some(name);
        if nodes.len() == 1 && own(&nodes[0]) {
            if nodes[0] < model.nodes.len() { "node" } else { "list" }
        } else if sectors.contains(&name) {
            "sector"
        } else if model.groups.iter().any(|group| group.name == name) {
            "group"
        } else {
            "group and sector"
        }
    };
    let population = |name: &str, kind: &str| {
        let of_sector = |sector: &&str| name.strip_suffix(sector)?.strip_suffix(" / ");
        let group = match kind {
            "group" => Some(name),
            "group and sector" => sectors.iter().find_map(of_sector),
            _ => None,
        }?;
        model.groups.iter().find(|known| known.name == group)?.population
    };
    let scope = |name: String, kind: &'static str, nodes, clock| {
        let population = population(&name, kind);
        Scope { name, kind, nodes, clock, population }
    };
    let named = model.scopes().into_iter();
    let mut scopes: Vec<Scope> = named
        .map(|(name, nodes)| {
            let kind = kind(&name, &nodes);
            scope(name, kind, nodes, None)
        })
        .collect();
    let all = (0..model.nodes.len()).collect();
    scopes.push(scope(model.whole(), "system", all, None));
    let clock = |of: ClockScope| {
        let kind = if of.whole { "clock" } else { "clock at" };
        scope(of.name, kind, of.nodes, Some(of.clock))
    };
    scopes.extend(model.clock_scopes().into_iter().map(clock));
    scopes
}
