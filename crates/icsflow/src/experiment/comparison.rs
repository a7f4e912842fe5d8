//! Comparisons: scenarios beside the model that they change, replication by replication.

use super::batch::Enough;
use super::job::{BASE, Block, Job, Row};
use super::metrics::Scope;
use super::sealed::part;
use super::tables::{Estimate, means_of_pairs, numbers, unit_of, wholes, words};
use crate::error::{Fault, Faults, nearest};
use crate::model::metric::METRICS;
use crate::table::{Table, Words};

/// The values of the cases of a job, by replication.
#[derive(Clone, Debug)]
pub struct Comparison {
    job: Job,
    scopes: Vec<Scope>,
    cases: Vec<Case>,
    /// So many replications of each case were wanted in the end.
    wanted: u32,
}

#[derive(Clone, Debug, Default)]
struct Case {
    cells: Vec<(u32, u32)>,
    /// By number of the replication; none where it is missing.
    rows: Vec<Option<Row>>,
}

/// A scenario less the base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Mean of the base.
    pub base: f64,
    /// Mean of the scenario.
    pub value: f64,
    /// Of the differences, replication by replication.
    pub estimate: Estimate,
    /// Share of the replications in which the scenario has less.
    pub lower: f64,
    /// Share of the replications in which the scenario has more.
    pub higher: f64,
    /// The variance that the difference would have, were the two run with draws of their own, by the
    /// one that it has.
    pub gain: f64,
}

impl Difference {
    fn of(pairs: &[(f64, f64)], confidence: f64) -> Self {
        let all = |of: fn(&(f64, f64)) -> f64| Estimate::of(pairs.iter().map(of), confidence);
        let (base, value) = (all(|pair| pair.0), all(|pair| pair.1));
        let estimate = all(|pair| pair.1 - pair.0);
        let share = |fits: fn(&&(f64, f64)) -> bool| {
            pairs.iter().filter(fits).count() as f64 / pairs.len() as f64
        };
        Difference {
            base: base.mean,
            value: value.mean,
            estimate,
            lower: share(|pair| pair.1 < pair.0),
            higher: share(|pair| pair.1 > pair.0),
            gain: match estimate.sd > 0.0 {
                true => (base.sd.powi(2) + value.sd.powi(2)) / estimate.sd.powi(2),
                false => f64::NAN,
            },
        }
    }
}

impl Comparison {
    /// Of a job of which nothing has run.
    pub fn new(job: Job) -> Self {
        let cases = vec![Case::default(); job.cases().len()];
        Comparison { scopes: job.scopes(), cases, wanted: job.plan.replications, job }
    }

    /// The job.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Adds what a block gave. One of no case of the job is passed over.
    pub fn add(&mut self, block: Block) {
        let Some(case) = self.cases.get_mut(block.case as usize) else { return };
        if case.cells.is_empty() {
            case.cells.clone_from(&block.cells);
        }
        let same = case.cells == block.cells;
        for (number, row) in (block.first as usize..).zip(block.rows) {
            if case.rows.len() <= number {
                case.rows.resize(number + 1, None);
            }
            // A replication in which something did not happen may lack its metrics.
            let value = |cell| Some(row[block.cells.iter().position(|known| known == cell)?]);
            let aligned = || case.cells.iter().map(|cell| value(cell).unwrap_or(f64::NAN));
            case.rows[number] = Some(if same { row } else { aligned().collect() });
        }
    }

    /// Blocks of at most so many replications that are missing below a number: case, first, count.
    pub fn missing(&self, until: u32, most: u32) -> Vec<(u32, u32, u32)> {
        let mut blocks: Vec<(u32, u32, u32)> = Vec::new();
        // Replication by replication over all cases: what is cut off early is a comparison all the same.
        let mut first = 0;
        while first < until {
            let end = (first + most.max(1)).min(until);
            for (number, case) in (0u32..).zip(&self.cases) {
                let here = |n: u32| case.rows.get(n as usize).is_some_and(Option::is_some);
                let mut next = first;
                while next < end {
                    if here(next) {
                        next += 1;
                        continue;
                    }
                    let stop = (next..end).find(|n| here(*n)).unwrap_or(end);
                    blocks.push((number, next, stop - next));
                    next = stop;
                }
            }
            first = end;
        }
        blocks
    }

    /// Whether some replications that were wanted are missing.
    pub fn interrupted(&self) -> bool {
        self.complete() < self.wanted as usize * self.cases.len()
    }

    /// Keeps the replications below a number: so many were wanted.
    pub fn cut(&mut self, until: u32) {
        self.wanted = until;
        self.cases.iter_mut().for_each(|case| case.rows.truncate(until as usize));
    }

    /// As bytes: the job, and blocks of what is complete.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut put = |part: &[u8]| {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part);
        };
        put(self.job.text().as_bytes());
        put(&self.wanted.to_le_bytes());
        for (number, case) in (0u32..).zip(&self.cases) {
            for (first, row) in (0u32..).zip(&case.rows) {
                let Some(row) = row else { continue };
                let (cells, rows) = (case.cells.clone(), vec![row.clone()]);
                put(&Block { case: number, first, cells, rows }.to_bytes());
            }
        }
        bytes
    }

    /// From bytes; nothing if they are not those of a comparison.
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut part = || part(&mut bytes);
        let mut told = Comparison::new(Job::from_text(std::str::from_utf8(part()?).ok()?).ok()?);
        told.wanted = u32::from_le_bytes(part()?.try_into().ok()?);
        while let Some(block) = part() {
            told.add(Block::from_bytes(block)?);
        }
        Some(told)
    }

    /// The names of the cases.
    pub fn cases(&self) -> Vec<&str> {
        self.job.cases()
    }

    /// The names of the scopes.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// How many replications of all cases are complete.
    pub fn complete(&self) -> usize {
        self.cases.iter().map(|case| case.rows.iter().flatten().count()).sum()
    }

    /// The replications of one case that are complete: their numbers.
    pub fn replications(&self, case: &str) -> Option<Vec<u32>> {
        let rows = &self.case(case)?.rows;
        Some((0u32..).zip(rows).filter(|(_, row)| row.is_some()).map(|(n, _)| n).collect())
    }

    fn case(&self, name: &str) -> Option<&Case> {
        self.cases.get(self.job.cases().iter().position(|known| *known == name)?)
    }

    /// Positions of a metric and a scope.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn scope_and_metric(&self, metric: &str, scope: &str) -> Result<(u32, u32), Faults> {
        let scopes = self.scopes.iter().map(|known| known.name.as_str());
        let metrics = METRICS.iter().map(|known| known.name);
        let (at_scope, at_metric) = (
            scopes.clone().position(|known| known == scope),
            metrics.clone().position(|known| known == metric),
        );
        let fault = |path: &str, found: &str, near: Option<String>| Fault {
            path: path.into(),
            line: None,
            found: format!("{found:?}"),
            expected: format!("a {path} of the results"),
            nearest: near,
        };
        let mut faults = Vec::new();
        if at_scope.is_none() {
            faults.push(fault("scope", scope, nearest(scope, scopes)));
        }
        if at_metric.is_none() {
            faults.push(fault("metric", metric, nearest(metric, metrics)));
        }
        match (at_scope, at_metric) {
            (Some(scope), Some(metric)) => Ok((scope as u32, metric as u32)),
            _ => Err(Faults(faults)),
        }
    }

    /// The values of a metric, by number of the replication; none if it does not apply.
    pub fn values(&self, case: &str, metric: &str, scope: &str) -> Option<Vec<(u32, f64)>> {
        let cell = self.scope_and_metric(metric, scope).ok()?;
        self.values_of(self.case(case)?, cell)
    }

    fn values_of(&self, case: &Case, cell: (u32, u32)) -> Option<Vec<(u32, f64)>> {
        let at = case.cells.iter().position(|known| *known == cell)?;
        let rows = (0u32..).zip(&case.rows);
        Some(rows.filter_map(|(n, row)| Some((n, *row.as_ref()?.get(at)?))).collect())
    }

    /// A scenario less the base, replication by replication; none if either does not tell the metric.
    pub fn difference(&self, scenario: &str, metric: &str, scope: &str) -> Option<Difference> {
        let (base, value) =
            (self.values(BASE, metric, scope)?, self.values(scenario, metric, scope)?);
        Some(Difference::of(&self.paired(&base, &value), self.job.plan.confidence))
    }

    /// What a scenario does to one scope less what it does to another, in the same replication: so what
    /// moves both alike is taken out.
    pub fn difference_in_differences(
        &self,
        scenario: &str,
        metric: &str,
        scope: &str,
        other: &str,
    ) -> Option<Estimate> {
        let change = |scope: &str| -> Option<Vec<(u32, f64)>> {
            let (base, value) =
                (self.values(BASE, metric, scope)?, self.values(scenario, metric, scope)?);
            let both = base.iter().filter_map(|(n, base)| {
                let value = value.iter().find(|(m, _)| m == n)?.1;
                Some((*n, value - base))
            });
            Some(both.collect())
        };
        let (here, there) = (change(scope)?, change(other)?);
        let pairs = self.paired(&there, &here);
        Some(Estimate::of(pairs.iter().map(|(there, here)| here - there), self.job.plan.confidence))
    }

    /// Values of the replications that both have; of the pairs that both have if these are antithetic.
    fn paired(&self, a: &[(u32, f64)], b: &[(u32, f64)]) -> Vec<(f64, f64)> {
        match self.job.plan.antithetic {
            true => paired(&means_of_pairs(a), &means_of_pairs(b)),
            false => paired(a, b),
        }
    }

    /// Whether every case has an interval that is narrow enough, of its replications below a number.
    pub fn reached(&self, enough: &Enough, until: u32) -> bool {
        let Ok(cell) = self.scope_and_metric(&enough.metric, &enough.scope) else { return true };
        let values = |case: &Case| {
            let mut values = self.values_of(case, cell).unwrap_or_default();
            values.retain(|(n, _)| *n < until);
            values
        };
        let confidence = self.job.plan.confidence;
        let base = self.cases.first().map(values).unwrap_or_default();
        let of_base = Estimate::by_plan(base.iter().copied(), &self.job.plan);
        let wanted = if enough.relative {
            enough.half_width * of_base.mean.abs()
        } else {
            enough.half_width
        };
        let narrow = |half: f64| half <= wanted;
        if self.cases.len() == 1 {
            return narrow(of_base.half_width);
        }
        self.cases.iter().skip(1).all(|case| {
            narrow(
                Difference::of(&self.paired(&base, &values(case)), confidence).estimate.half_width,
            )
        })
    }

    /// One row for each scenario, scope and metric (of those that are named, or of all): means, and the
    /// difference with its t-interval.
    pub fn table(&self, metrics: Option<&[&str]>, scopes: Option<&[&str]>) -> Table {
        let [mut scenario, mut scope, mut kind, mut metric, mut unit, mut definition] =
            std::array::from_fn(|_| Words::default());
        let mut columns: [Vec<f64>; 8] = Default::default();
        let mut counts = Vec::new();
        let names = self.job.cases();
        let base = self.cases.first().filter(|_| self.job.with_base);
        let confidence = self.job.plan.confidence;
        for (name, case) in names.iter().zip(&self.cases).skip(usize::from(self.job.with_base)) {
            for cell in &case.cells {
                let (of, what) = (&self.scopes[cell.0 as usize], &METRICS[cell.1 as usize]);
                let wanted = metrics.is_none_or(|named| named.contains(&what.name))
                    && scopes.is_none_or(|named| named.contains(&of.name.as_str()));
                if !wanted {
                    continue;
                }
                let of_base = base.and_then(|base| self.values_of(base, *cell)).unwrap_or_default();
                let value = self.values_of(case, *cell).unwrap_or_default();
                let pairs = self.paired(&of_base, &value);
                let Difference { base, value, estimate, lower, higher, gain } =
                    Difference::of(&pairs, confidence);
                let told = [
                    base,
                    value,
                    estimate.mean,
                    estimate.lower(),
                    estimate.upper(),
                    lower,
                    higher,
                    gain,
                ];
                columns.iter_mut().zip(told).for_each(|(column, value)| column.push(value));
                counts.push(estimate.count as i64);
                scenario.push(name);
                scope.push(&of.name);
                kind.push(of.kind);
                metric.push(what.name);
                unit.push(&unit_of(what, self.job.model.time_unit));
                definition.push(what.definition);
            }
        }
        let share = Some("share of replications");
        let [base, value, difference, low, high, lower, higher, gain] = columns;
        Table {
            name: "comparison",
            columns: vec![
                words("scenario", scenario),
                words("scope", scope),
                words("kind", kind),
                words("metric", metric),
                numbers("base", None, base),
                numbers("value", None, value),
                numbers("difference", None, difference),
                numbers("lower", None, low),
                numbers("upper", None, high),
                numbers("share_lower", share, lower),
                numbers("share_higher", share, higher),
                numbers("variance_reduction", Some("times"), gain),
                wholes("replications", counts),
                words("unit", unit),
                words("definition", definition),
            ],
        }
    }
}

/// Values of the replications that both have.
fn paired(a: &[(u32, f64)], b: &[(u32, f64)]) -> Vec<(f64, f64)> {
    let mut other = b.iter().peekable();
    let mut pairs = Vec::new();
    for (n, a) in a {
        while other.next_if(|(m, _)| m < n).is_some() {}
        if let Some((_, b)) = other.next_if(|(m, _)| m == n)
            && !a.is_nan()
            && !b.is_nan()
        {
            pairs.push((*a, *b));
        }
    }
    pairs
}
