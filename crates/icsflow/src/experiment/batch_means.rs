//! Batch means: an interval from one long run.

use super::results::Results;
use super::tables::{CENSUS_NAMES, Estimate, Estimates, numbers, wholes, words};
use crate::error::{Fault, Faults};
use crate::table::{Table, Words};

/// One row for each replication, node and level of the census: the mean of the censuses with the interval
/// of the means of so many batches one after the other.
///
/// What is left over when the censuses are shared out is the first of them. The correlation of each batch
/// with the next (lag 1) tells whether batches are long enough: well above 0, the interval is too narrow.
///
/// # Errors
/// If there are too few censuses for so many batches of two at least, or fewer than two batches.
pub(super) fn batch_means(results: &Results, batches: u32) -> Result<Table, Faults> {
    let network = &results.network;
    let censuses = results.replications.first().map_or(0, |first| first.censuses(network));
    let count = batches as usize;
    if count < 2 || censuses / count < 2 {
        return Err(Faults(vec![Fault {
            path: "batches".into(),
            line: None,
            found: batches.to_string(),
            expected: format!(
                "from 2 to {}: of {censuses} censuses two each",
                (censuses / 2).max(2)
            ),
            nearest: None,
        }]));
    }
    let size = censuses / count;
    let [mut nodes, mut levels] = std::array::from_fn(|_| Words::default());
    let (mut of_replication, mut estimates) = (Vec::new(), Estimates::default());
    let (mut sizes, mut correlations) = (Vec::new(), Vec::new());
    for replication in &results.replications {
        for (node, name, levels_of) in super::tables::shown_census(network) {
            for level in levels_of {
                let series = replication.census(network, node, level).skip(censuses % count);
                let series: Vec<f64> = series.map(f64::from).collect();
                let mean = |batch: &[f64]| batch.iter().sum::<f64>() / size as f64;
                let means: Vec<f64> = series.chunks_exact(size).map(mean).collect();
                of_replication.push(i64::from(replication.number));
                nodes.push(name);
                levels.push(CENSUS_NAMES[level]);
                correlations.push(lag_1(&means));
                estimates.push(Estimate::of(means, results.plan.confidence));
                sizes.push(size as i64);
            }
        }
    }
    let mut columns =
        vec![wholes("replication", of_replication), words("node", nodes), words("level", levels)];
    columns.extend(estimates.columns(Some("people")));
    columns.push(wholes("censuses_each", sizes));
    columns.push(numbers("correlation", None, correlations));
    Ok(Table { name: "batch_means", columns })
}

/// The correlation of each value with the next.
fn lag_1(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let off = |value: &f64| value - mean;
    let products: f64 = values.windows(2).map(|two| off(&two[0]) * off(&two[1])).sum();
    products / values.iter().map(|value| off(value).powi(2)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::lag_1;

    #[test]
    fn correlations_by_hand() {
        // Of −1, 0, 1: −1·0 + 0·1 over 1 + 0 + 1; of 1, −1, 1, −1: −3 over 4.
        assert_eq!(lag_1(&[4.0, 5.0, 6.0]), 0.0);
        assert_eq!(lag_1(&[3.0, 1.0, 3.0, 1.0]), -0.75);
    }
}
