//! Running: replications in parallel, in a private pool of threads.
//!
//! A replication is a task; a thread keeps its simulation, and so its buffers, from one to the next.
//! Results are collected by number, so that they do not depend on the number of threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rayon::prelude::*;

use super::checkpoint::{Checkpoint, bytes_of};
use super::replication::Replication;
use super::results::Results;
use crate::doc::{Doc, Read, Reader};
use crate::engine::calendar::{Calendar, Heap, Wheel};
use crate::engine::record::{Recording, Told};
use crate::engine::simulation::{Run, Simulation, Stop};
use crate::error::Error;
use crate::model::model::Model;
use crate::model::plan::Plan;
use crate::model::scenario::{Scenario, Variant};
use crate::network::network::{Category, Network};
use crate::time::{ClockTime, DAY, Duration, Moment, Quantity, Time, TimeUnit};

/// Watches a run from another thread, and stops it.
#[derive(Debug, Default)]
pub struct Control {
    stop: AtomicBool,
    done: AtomicU32,
    total: AtomicU32,
}

impl Control {
    /// Nothing done, nothing stopped.
    pub fn new() -> Self {
        Control::default()
    }

    /// Tells the run to stop. It does within a few milliseconds; replications that are complete are kept.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// How many replications there are to be, once that is known.
    pub fn total(&self) -> u32 {
        self.total.load(Ordering::Relaxed)
    }

    /// Says how many replications there are to be, and how many are complete already.
    pub(super) fn begin(&self, done: u32, total: u32) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// How many replications are complete.
    pub fn done(&self) -> u32 {
        self.done.load(Ordering::Relaxed)
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// A model and the plan by which it is run.
///
/// ```
/// use icsflow::{Arrivals, Distribution, Experiment, Model, Node, time::days};
///
/// let model = Model::new("Clinic")
///     .arrivals(Arrivals::poisson("Patients", "Clinic", 8.0))
///     .node(Node::beds("Clinic", 1, Distribution::exponential("0.1d")));
/// let results = Experiment::new(&model).replications(5).until(days(200.0)).seed(1).run()?;
/// println!("{}", results.summary());
/// # Ok::<(), icsflow::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Experiment<'m> {
    model: &'m Model,
    scenario: Option<Scenario>,
    plan: Plan,
    start: Option<&'m Checkpoint>,
    threads: usize,
    oracle: bool,
    first: u32,
    sequence: u32,
}

impl<'m> Experiment<'m> {
    /// By the plan that the model carries, or the default one.
    pub fn new(model: &'m Model) -> Self {
        let plan = model.run.clone().unwrap_or_default();
        Experiment {
            model,
            scenario: None,
            plan,
            start: None,
            threads: 0,
            oracle: false,
            first: 0,
            sequence: 0,
        }
    }

    /// Runs a scenario of the model instead of the model itself: the same patients come, with the same
    /// draws, wherever the scenario leaves them as they are.
    ///
    /// ```
    /// use icsflow::{Arrivals, Change, Distribution, Experiment, Model, Node, Scenario, time::days};
    ///
    /// let model = Model::new("Ward")
    ///     .arrivals(Arrivals::poisson("Patients", "Ward", 2.0))
    ///     .node(Node::beds("Ward", 12, Distribution::exponential("5d")));
    /// let more = Scenario::new("Two more beds").change(Change::add("Ward.beds", 2.0));
    /// let run = Experiment::new(&model).replications(4).until(days(400.0));
    /// let (base, more) = (run.clone().run()?, run.scenario(more).run()?);
    /// let mean = |values: Vec<f64>| values.iter().sum::<f64>() / 4.0;
    /// let wait = |results: &icsflow::Results| mean(results.values("mean_wait", "Ward").unwrap());
    /// assert!(wait(&more) < wait(&base));
    /// # Ok::<(), icsflow::Error>(())
    /// ```
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.scenario = Some(scenario);
        self
    }

    /// Goes on from a checkpoint instead of the beginning. What comes out is what a run without a break
    /// gives, bit for bit. With a scenario whose changes all begin at the checkpoint or later, it is what
    /// that scenario gives from the beginning: one warm-up serves many what-ifs. The measured time may be
    /// another than that of the run that made the checkpoint, and replications may be fewer.
    ///
    /// ```
    /// use icsflow::{Arrivals, Change, Distribution, Experiment, Model, Node, Scenario, time::days};
    ///
    /// let model = Model::new("Ward")
    ///     .arrivals(Arrivals::poisson("Patients", "Ward", 2.0))
    ///     .node(Node::beds("Ward", 12, Distribution::exponential("5d")));
    /// let run = Experiment::new(&model).replications(4).warm_up(days(200.0)).until(days(100.0));
    /// let checkpoint = run.checkpoint("60d")?;
    /// let more = Scenario::new("Two more beds").change(Change::add("Ward.beds", 2.0).at("60d"));
    /// let branch = run.clone().scenario(more.clone()).start_from(&checkpoint).run()?;
    /// let whole = run.scenario(more).run()?;
    /// assert_eq!(branch.values("mean_wait", "Ward"), whole.values("mean_wait", "Ward"));
    /// # Ok::<(), icsflow::Error>(())
    /// ```
    pub fn start_from(mut self, checkpoint: &'m Checkpoint) -> Self {
        self.start = Some(checkpoint);
        self
    }

    /// Sets the whole plan.
    pub fn plan(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self
    }

    /// Sets the number of independent repetitions.
    pub fn replications(mut self, replications: u32) -> Self {
        self.plan.replications = replications;
        self
    }

    /// Sets the time simulated before measuring begins.
    pub fn warm_up(mut self, warm_up: Duration) -> Self {
        self.plan.warm_up = seconds(warm_up);
        self
    }

    /// Sets the time measured.
    pub fn until(mut self, until: Duration) -> Self {
        self.plan.until = seconds(until).into();
        self
    }

    /// Sets the seed of all draws.
    pub fn seed(mut self, seed: u64) -> Self {
        self.plan.seed = seed;
        self
    }

    /// Sets the time of day of the census.
    pub fn census(mut self, time: ClockTime) -> Self {
        self.plan.census = time;
        self
    }

    /// Sets whether to measure the share of time at each level.
    pub fn levels(mut self, levels: bool) -> Self {
        self.plan.levels = levels;
        self
    }

    /// Sets whether waits and stays are told by cohort as well.
    pub fn by_cohort(mut self, by_cohort: bool) -> Self {
        self.plan.by_cohort = by_cohort;
        self
    }

    /// Sets the category or flag by which waits and stays are told as well: people with each label that
    /// it has when they come, and those without any.
    ///
    /// ```
    /// use icsflow::time::days;
    /// use icsflow::{Arrivals, Attribute, Cohort, Distribution, Experiment, Model, Node, Share};
    ///
    /// let pathway = Attribute::category([("P0", Share::Rest), ("P1", Share::Of(0.2))]);
    /// let referred = Cohort::new("referred").attribute("pathway", pathway);
    /// let model = Model::new("Ward")
    ///     .cohort(referred)
    ///     .arrivals(Arrivals::poisson("GP", "Ward", 5.0).cohort("referred"))
    ///     .node(Node::beds("Ward", 30, Distribution::exponential("4d")));
    /// let experiment = Experiment::new(&model).replications(2).until(days(60.0));
    /// let results = experiment.by_attribute("pathway").run()?;
    /// # let summary = results.summary();
    /// # assert!(summary.column("pathway").is_some());
    /// # Ok::<(), icsflow::Error>(())
    /// ```
    pub fn by_attribute(mut self, attribute: impl Into<String>) -> Self {
        self.plan.by_attribute = Some(attribute.into());
        self
    }

    /// Sets whether to keep one row for each visit.
    pub fn stays(mut self, stays: bool) -> Self {
        self.plan.stays = stays;
        self
    }

    /// Sets whether to tell departures by weekday and hour, and days after *ready*.
    pub fn departures(mut self, departures: bool) -> Self {
        self.plan.departures = departures;
        self
    }

    /// Sets whether replications 2k and 2k + 1 are antithetic pairs: the second takes every draw of the first
    /// at the opposite quantile, so that what is high in one by chance is low in the other. Intervals are
    /// then those of the means of pairs (Hammersley and Morton, *A new Monte Carlo technique: antithetic
    /// variates*, Mathematical Proceedings of the Cambridge Philosophical Society 52, 1956).
    ///
    /// ```
    /// use icsflow::{Arrivals, Distribution, Experiment, Model, Node, time::days};
    ///
    /// let model = Model::new("Ward")
    ///     .arrivals(Arrivals::poisson("Patients", "Ward", 2.0))
    ///     .node(Node::beds("Ward", 12, Distribution::exponential("5d")));
    /// let run = Experiment::new(&model).replications(20).until(days(100.0));
    /// let (alone, pairs) = (run.clone().run()?, run.antithetic(true).run()?);
    /// // Every second replication is as it was: the first of each pair.
    /// let values = |results: &icsflow::Results| results.values("occupied", "Ward").unwrap();
    /// assert_eq!(values(&alone)[3], values(&pairs)[6]);
    /// assert_ne!(values(&alone)[7], values(&pairs)[7]);
    /// # Ok::<(), icsflow::Error>(())
    /// ```
    pub fn antithetic(mut self, antithetic: bool) -> Self {
        self.plan.antithetic = antithetic;
        self
    }

    /// Sets the number of threads; 0, as by default, is one for each processor. Results do not depend
    /// on it.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Runs on the calendar that the fast one is tested against, and by the general rules at every node;
    /// the results are the same, bit for bit.
    #[doc(hidden)]
    pub fn oracle(mut self) -> Self {
        self.oracle = true;
        self
    }

    /// Begins with this replication instead of number 0: a replication is the same alone and after
    /// others.
    #[doc(hidden)]
    pub fn first(mut self, replication: u32) -> Self {
        self.first = replication;
        self
    }

    /// Begins with this sequence of events instead of 0: what happens when sequences run out is seen
    /// without two thousand million events.
    #[doc(hidden)]
    pub fn sequence(mut self, sequence: u32) -> Self {
        self.sequence = sequence;
        self
    }

    /// Runs.
    ///
    /// # Errors
    /// [`Error::Faults`] with every fault of the model or the plan; [`Error::Run`] if a replication met
    /// a state that the model forbids.
    pub fn run(&self) -> Result<Results, Error> {
        self.run_with(&Control::new())
    }

    /// Runs, watched and stoppable from another thread. A run that was stopped gives the results of the
    /// replications that were complete; [`Results::interrupted`] tells.
    ///
    /// # Errors
    /// As [`run`](Experiment::run).
    pub fn run_with(&self, control: &Control) -> Result<Results, Error> {
        let variant = self.variant()?;
        self.judge_plan()?;
        let network = match &variant {
            None => Network::new(self.model)?,
            Some(variant) => Network::of_variant(variant),
        };
        let general = self.start.map(|_| self.in_general(variant.as_ref()));
        let runs = general.as_ref().unwrap_or(&network);
        let replications = if self.oracle {
            self.replicate::<Heap, _>(runs, Time::MAX, control, Replication::of)
        } else {
            self.replicate::<Wheel, _>(runs, Time::MAX, control, Replication::of)
        }?;
        let model = variant.map_or_else(|| self.model.clone(), |variant| variant.model);
        let origin = self.scenario.clone().map(|scenario| (self.model.clone(), scenario));
        Ok(Results::new(model, origin, self.plan.clone(), network, replications))
    }

    /// Runs every replication up to an instant, and keeps where it stands there before anything of that
    /// instant happens: to [go on](Experiment::start_from) later, in another process, or in several ways.
    ///
    /// The instant lies within the run, the time before measuring included: a date, a length of time
    /// after the start, such as `"30d"`, or one before it, such as `"-10d"`.
    ///
    /// All that a scenario could change at a date is followed from the beginning, and so no node is treated
    /// as a plain one, neither before nor after the checkpoint: where most are, a run takes several times
    /// as long as one without a break.
    ///
    /// ```
    /// use icsflow::{Arrivals, Checkpoint, Distribution, Experiment, Model, Node, time::days};
    ///
    /// let model = Model::new("Ward")
    ///     .arrivals(Arrivals::poisson("Patients", "Ward", 2.0))
    ///     .node(Node::beds("Ward", 12, Distribution::exponential("5d")));
    /// let run = Experiment::new(&model).replications(4).until(days(400.0));
    /// let kept = run.checkpoint("100d")?.to_bytes();
    /// let checkpoint = Checkpoint::from_bytes(&kept)?;
    /// let (whole, rest) = (run.clone().run()?, run.start_from(&checkpoint).run()?);
    /// assert_eq!(rest.summary(), whole.summary());
    /// # Ok::<(), icsflow::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`run`](Experiment::run); and if the instant does not lie within the run.
    pub fn checkpoint(&self, at: impl Into<Moment>) -> Result<Checkpoint, Error> {
        self.checkpoint_with(at, &Control::new())
    }

    /// The same, watched and stoppable from another thread. If it was stopped, the checkpoint holds the
    /// replications that had come there.
    ///
    /// # Errors
    /// As [`checkpoint`](Experiment::checkpoint).
    pub fn checkpoint_with(
        &self,
        at: impl Into<Moment>,
        control: &Control,
    ) -> Result<Checkpoint, Error> {
        let at = at.into();
        let variant = self.variant()?;
        if variant.is_none() {
            self.model.check()?;
        }
        self.judge_plan()?;
        let time = self.judge_instant(at)?;
        let network = self.in_general(variant.as_ref());
        let states = if self.oracle {
            self.replicate::<Heap, _>(&network, time, control, kept)
        } else {
            self.replicate::<Wheel, _>(&network, time, control, kept)
        }?;
        Ok(Checkpoint::new(self.model, self.scenario.as_ref(), &self.plan, at, states))
    }

    /// What the model becomes by the scenario, if there is one.
    fn variant(&self) -> Result<Option<Variant>, Error> {
        let variant = self.scenario.as_ref().map(|scenario| scenario.of(self.model));
        Ok(variant.transpose()?)
    }

    fn in_general(&self, variant: Option<&Variant>) -> Network {
        let model = variant.map_or(self.model, |variant| &variant.model);
        Network::in_general(model, variant)
    }

    fn judge_plan(&self) -> Result<(), Error> {
        let mut at = Reader::new();
        at.within("run", |at| self.model.report_plan(&self.plan, at));
        at.finish(&Doc::from_json(serde_json::json!({ "run": &self.plan })))?;
        if let Some(start) = self.start {
            start.judge(self.model, self.scenario.as_ref(), &self.plan)?;
        }
        Ok(())
    }

    /// An instant at which a checkpoint may be taken.
    fn judge_instant(&self, at: Moment) -> Result<Time, Error> {
        let (plan, unit) = (&self.plan, self.model.time_unit);
        let mut reader = Reader::new();
        let moment = reader
            .within("at", |reader| Moment::read(&Doc::from_json(serde_json::json!(at)), reader));
        let time = moment.time(self.model.start, unit);
        let begins = self.start.map_or(-plan.warm_up(unit), Checkpoint::time);
        if reader.count() == 0 && !(begins < time && time < plan.until(self.model.start, unit)) {
            let of_unit = |time: Time| time as f64 / unit.micros() as f64;
            let expected = format!(
                "an instant within the run, after {} and before {} {}",
                of_unit(begins),
                of_unit(plan.until(self.model.start, unit)),
                unit.name()
            );
            reader.within("at", |reader| reader.fault(at.to_string(), expected));
        }
        reader.finish(&Doc::from_json(serde_json::json!({ "at": at })))?;
        Ok(time)
    }

    /// Runs every replication up to a pause, and keeps what is told of each.
    fn replicate<C: Calendar + Send, T: Send>(
        &self,
        network: &Network,
        pause: Time,
        control: &Control,
        told: fn(&mut Simulation<'_, C>, u32) -> T,
    ) -> Result<Vec<T>, Error> {
        let run = Run { pause, ..self.first_run(network) };
        let branched = self.start.filter(|start| start.is_branched_by(self.scenario.as_ref()));
        let before = branched.map(|_| Network::in_general(self.model, None));
        let one = |simulation: &mut Simulation<'_, C>, number: u32| {
            if control.stopped() {
                return Ok(None);
            }
            let run = Run { replication: number, ..run };
            let ran = match self.start {
                None => simulation.run(&run, &control.stop),
                Some(start) => {
                    let state = start.state(number, before.as_ref(), network)?;
                    simulation.resume(&run, state, start.time(), &control.stop)
                }
            };
            match ran {
                Ok(()) => {
                    let told = told(simulation, number);
                    control.done.fetch_add(1, Ordering::Relaxed);
                    Ok(Some(told))
                }
                Err(Stop::Interrupted) => Ok(None),
                Err(stop) => {
                    Err(Error::Run { replication: number, message: explain(network, stop) })
                }
            }
        };
        let numbers = self.first..self.first.saturating_add(self.plan.replications);
        let threads = match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        }
        .min(self.plan.replications as usize);
        // Those that were not begun when the run was told to stop are left out at once: there may be a
        // million of them.
        if threads == 1 {
            let mut simulation = Simulation::new(network);
            numbers.filter_map(|number| one(&mut simulation, number).transpose()).collect()
        } else {
            let failed = |e: rayon::ThreadPoolBuildError| Error::Run {
                replication: 0,
                message: format!("the threads could not be started: {e}"),
            };
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(failed)?;
            let kept: Vec<_> = (0..threads).map(|_| Mutex::new(Simulation::new(network))).collect();
            pool.install(|| {
                numbers
                    .into_par_iter()
                    .filter_map(|number| {
                        let thread = rayon::current_thread_index().unwrap_or(0);
                        // Only this thread ever locks it; a panic elsewhere leaves nothing half done
                        // that the next `run` would not begin anew.
                        let mut simulation =
                            kept[thread].lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                        one(&mut simulation, number).transpose()
                    })
                    .collect()
            })
        }
    }

    fn first_run(&self, network: &Network) -> Run {
        let (plan, unit) = (&self.plan, self.model.time_unit);
        let of_day = self.model.start.of_week() % DAY;
        Run {
            seed: plan.seed,
            replication: 0,
            sequence: self.sequence,
            warm_up: plan.warm_up(unit),
            until: plan.until(self.model.start, unit),
            pause: Time::MAX,
            recording: Recording {
                levels: plan.levels,
                told: told(plan, network),
                stays: plan.stays,
                departures: plan.departures,
                census: ((plan.census.0 - of_day).rem_euclid(DAY), DAY),
            },
            antithetic: plan.antithetic,
            by_general_rules: self.oracle,
        }
    }
}

/// Who is told apart by a plan.
pub(super) fn told(plan: &Plan, network: &Network) -> Told {
    let known = network.categories.iter().find(|c| Some(&c.name) == plan.by_attribute.as_ref());
    match known {
        Some(Category { position, labels, .. }) => {
            Told::ByAttribute { position: *position, labels: labels.len() as u16 }
        }
        None if plan.by_cohort => Told::ByCohort,
        None => Told::Together,
    }
}

/// Where a replication stands.
fn kept<C: Calendar>(simulation: &mut Simulation<'_, C>, number: u32) -> (u32, Vec<u8>) {
    (number, bytes_of(&simulation.hand_over()))
}

fn seconds(time: Duration) -> Quantity {
    Quantity { amount: time as f64 / 1e6, unit: Some(TimeUnit::Seconds) }
}

fn explain(network: &Network, stop: Stop) -> String {
    match stop {
        Stop::Interrupted => "interrupted".into(),
        Stop::Crowded => {
            "more people inside at once than there is room for: arrivals outrun what the system can ever \
             serve"
                .into()
        }
        Stop::Share(source, time) => {
            let name = &network.source_names[source as usize];
            let time = time as f64 / network.unit.micros() as f64;
            format!(
                "the share `accept` of the arrivals {name:?} is no number from 0 to 1 at time {time} \
                 ({}): raise the rate, so that a share of it is enough",
                network.unit.name()
            )
        }
        Stop::Endless(instant, nodes) => {
            let at = instant as f64 / network.unit.micros() as f64;
            let nodes = nodes.iter().filter_map(|node| network.node_names.get(node.index()));
            let nodes: Vec<String> = nodes.map(|name| format!("{name:?}")).collect();
            let place = if nodes.is_empty() { "the arrivals".into() } else { nodes.join(", ") };
            let unit = network.unit.name();
            format!(
                "millions of events at one instant, {at} {unit} after the start, and no end: something \
                 at {place} takes no time, over and over"
            )
        }
        Stop::Exhausted(exhausted) => {
            let named =
                (0..network.shown).find(|node| network.lists_of(*node).contains(&exhausted.list));
            let named = named.map(|node| &network.node_names[node]);
            let place = named.map_or("the arrivals".to_owned(), |name| format!("{name:?}"));
            format!("a list of given values at {place} has come to its end: give more values")
        }
    }
}
