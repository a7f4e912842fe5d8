//! A batch: the scenarios of a model, all replications in parallel, restartable from a folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use super::checkpoint::Checkpoint;
use super::comparison::Comparison;
use super::experiment::Control;
use super::job::{Block, Job};
use super::sealed;
use crate::doc::read_table;
use crate::error::{Error, Fault, Faults};
use crate::model::model::Model;
use crate::model::plan::Plan;
use crate::model::scenario::Scenario;

/// Replications after which a batch looks whether it has enough: always as many, so that the answer
/// does not depend on how they are shared out.
pub const LOOK_EVERY: u32 = 5;
/// Most replications of a block.
const BLOCK: u32 = 5;

/// The scenarios of a model beside the model itself.
///
/// ```
/// use icsflow::{Arrivals, Batch, Change, Distribution, Model, Node, Plan, Scenario};
///
/// let model = Model::new("Ward")
///     .arrivals(Arrivals::poisson("Patients", "Ward", 2.0))
///     .node(Node::beds("Ward", 12, Distribution::exponential("5d")))
///     .scenario(Scenario::new("Two more").change(Change::add("Ward.beds", 2.0)));
/// let plan = Plan { replications: 10, until: "200d".into(), ..Plan::default() };
/// let told = Batch::new(&model).plan(plan).run()?;
/// let difference = told.difference("Two more", "occupancy", "Ward").unwrap();
/// assert!(difference.estimate.upper() < 0.0);
/// println!("{}", told.table(Some(&["occupancy"]), None));
/// # Ok::<(), icsflow::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batch {
    model: Model,
    plan: Plan,
    threads: usize,
    folder: Option<PathBuf>,
    enough: Option<Enough>,
    start: Option<Checkpoint>,
}

/// When a batch has enough replications.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Enough {
    /// The metric that is looked at.
    pub metric: String,
    /// Of which scope.
    pub scope: String,
    /// Half the width of its interval, that every case must reach: of the difference from the base for
    /// scenarios, else of the value itself.
    pub half_width: f64,
    /// Whether `half_width` is a share of the mean of the base.
    pub relative: bool,
}

read_table!(Enough, "a precision", { metric, scope, half_width, relative = false });

impl Batch {
    /// Of a model with its scenarios, by the plan that it carries or the default one.
    pub fn new(model: &Model) -> Self {
        let plan = model.run.clone().unwrap_or_default();
        Batch { model: model.clone(), plan, threads: 0, folder: None, enough: None, start: None }
    }

    /// Runs these scenarios instead of those that the model carries.
    pub fn scenarios(mut self, scenarios: impl IntoIterator<Item = Scenario>) -> Self {
        self.model.scenarios = scenarios.into_iter().collect();
        self
    }

    /// Sets the plan. Its replications are the most of each case.
    pub fn plan(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self
    }

    /// Sets the number of threads; 0 is one for each processor. Results do not depend on it.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Keeps every block in a folder as it comes. A batch that was cut off goes on from there.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Ends as soon as there are enough replications: looked at after each [`LOOK_EVERY`] of all cases.
    pub fn enough(mut self, enough: Enough) -> Self {
        self.enough = Some(enough);
        self
    }

    /// Goes on from a checkpoint instead of the beginning: one warm-up serves all scenarios. Their changes all
    /// begin at the checkpoint or later; what comes out is what they give from the beginning.
    ///
    /// ```
    /// use icsflow::{
    ///     Arrivals, Batch, Change, Distribution, Experiment, Model, Node, Scenario, time::days,
    /// };
    ///
    /// let model = Model::new("Ward")
    ///     .arrivals(Arrivals::poisson("Patients", "Ward", 2.0))
    ///     .node(Node::beds("Ward", 12, Distribution::exponential("5d")))
    ///     .scenario(Scenario::new("Two more").change(Change::add("Ward.beds", 2.0).at("30d")));
    /// let run = Experiment::new(&model).replications(4).warm_up(days(200.0)).until(days(90.0));
    /// let checkpoint = run.checkpoint("30d")?;
    /// let plan = checkpoint.plan().clone();
    /// let whole = Batch::new(&model).plan(plan.clone()).run()?;
    /// let branched = Batch::new(&model).plan(plan).start_from(checkpoint).run()?;
    /// let waits = |told: &icsflow::Comparison| told.values("Two more", "mean_wait", "Ward");
    /// assert_eq!(waits(&branched), waits(&whole));
    /// # Ok::<(), icsflow::Error>(())
    /// ```
    pub fn start_from(mut self, start: Checkpoint) -> Self {
        self.start = Some(start);
        self
    }

    /// When it has enough replications, if that is said.
    pub fn precision(&self) -> Option<&Enough> {
        self.enough.as_ref()
    }

    /// The job that it runs.
    ///
    /// # Errors
    /// Every fault of the model, its scenarios and the plan; else what cannot go on from the checkpoint.
    pub fn job(&self) -> Result<Job, Faults> {
        let job = Job::new(&self.model, self.plan.clone(), true)?;
        match &self.start {
            Some(start) => job.start_from(start),
            None => Ok(job),
        }
    }

    /// Runs.
    ///
    /// # Errors
    /// Faults of the model, its scenarios, the plan, or a folder of another job; a replication that
    /// failed; a file that could not be written.
    pub fn run(&self) -> Result<Comparison, Error> {
        self.run_with(&Control::new())
    }

    /// Runs, watched and stoppable from another thread. What was complete by then is in the comparison.
    ///
    /// # Errors
    /// As [`run`](Batch::run).
    pub fn run_with(&self, control: &Control) -> Result<Comparison, Error> {
        let job = self.job()?;
        let mut told = Comparison::new(job);
        if let Some(enough) = &self.enough {
            told.scope_and_metric(&enough.metric, &enough.scope)?;
        }
        if let Some(folder) = &self.folder {
            for block in open_folder(folder, told.job())? {
                told.add(block);
            }
        }
        let threads = match self.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let failed = |e: rayon::ThreadPoolBuildError| Error::Run {
            replication: 0,
            message: format!("the threads could not be started: {e}"),
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(failed)?;
        let all = self.plan.replications;
        let step = if self.enough.is_some() { LOOK_EVERY } else { all };
        let mut until = step.min(all);
        control.begin(told.complete() as u32, all.saturating_mul(told.cases().len() as u32));
        loop {
            let blocks = told.missing(until, block_size(&told, until, threads));
            let ran: Vec<Block> = pool.install(|| {
                let run = |(case, first, count): (u32, u32, u32)| {
                    // Those that were not begun are left out at once: each would make its model ready.
                    if control.stopped() {
                        return None;
                    }
                    let block = told.job().run(case, first, count, self.start.as_ref(), control);
                    let block = block.transpose()?;
                    Some(block.and_then(|block| {
                        if let Some(folder) = &self.folder {
                            keep(folder, &block)?;
                        }
                        Ok(block)
                    }))
                };
                blocks.into_par_iter().filter_map(run).collect::<Result<_, Error>>()
            })?;
            ran.into_iter().for_each(|block| told.add(block));
            let enough = self.enough.as_ref().is_none_or(|enough| told.reached(enough, until));
            if control.stopped() || until == all || (enough && self.enough.is_some()) {
                told.cut(until);
                return Ok(told);
            }
            until = (until + step).min(all);
        }
    }
}

/// Smaller blocks where there are few, so that every thread has work.
fn block_size(told: &Comparison, until: u32, threads: usize) -> u32 {
    let missing: usize = told.missing(until, 1).len();
    let each = missing.div_ceil(4 * threads.max(1));
    (each as u32).clamp(1, BLOCK)
}

/// Opens or makes the folder of a job; the blocks that are there.
///
/// # Errors
/// If it is the folder of another job, or cannot be read or written.
pub fn open_folder(folder: &Path, job: &Job) -> Result<Vec<Block>, Error> {
    let file = |cause| Error::File { path: folder.display().to_string(), cause };
    std::fs::create_dir_all(folder).map_err(file)?;
    let (path, text) = (folder.join("job.json"), job.text());
    match std::fs::read_to_string(&path) {
        Ok(known) if known == text => {}
        Ok(known) => {
            return Err(Error::Faults(Faults(vec![Fault {
                path: folder.display().to_string(),
                line: None,
                found: format!("the folder of another experiment: {}", differs(&known, job)),
                expected: "a new folder, or that of the same model, scenarios and plan".into(),
                nearest: None,
            }])));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if std::fs::read_dir(folder).map_err(file)?.next().is_some() {
                let cause =
                    std::io::Error::other("holds files, but no experiment: name a new folder");
                return Err(file(cause));
            }
            sealed::write(&path, text.as_bytes())?;
        }
        Err(error) => return Err(file(error)),
    }
    let mut blocks = Vec::new();
    let mut names: BTreeSet<PathBuf> = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(file)? {
        names.insert(entry.map_err(file)?.path());
    }
    for path in names.iter().filter(|path| path.extension().is_some_and(|end| end == "block")) {
        // A block that is not whole is run again.
        blocks.extend(std::fs::read(path).ok().and_then(|bytes| Block::from_bytes(&bytes)));
    }
    Ok(blocks)
}

/// In which part a job is another.
fn differs(known: &str, job: &Job) -> String {
    match Job::from_text(known) {
        Err(_) => "one of another version".into(),
        Ok(known) if known.plan != job.plan => "its plan differs".into(),
        Ok(known) if known.start != job.start => "its checkpoint differs".into(),
        Ok(known) if known.model.scenarios != job.model.scenarios => "its scenarios differ".into(),
        Ok(known) if known.model != job.model => {
            format!("its model {:?} differs", known.model.name)
        }
        Ok(_) => "one of another version".into(),
    }
}

/// Keeps a block in a folder, whole or not at all.
///
/// # Errors
/// If it cannot be written.
pub fn keep(folder: &Path, block: &Block) -> Result<(), Error> {
    let name = format!("{:05}-{:07}-{}.block", block.case, block.first, block.rows.len());
    sealed::write(&folder.join(name), &block.to_bytes())
}
