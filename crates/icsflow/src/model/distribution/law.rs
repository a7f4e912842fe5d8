//! What a distribution means once the form in which it is written is behind it.

/// A distribution with its forms resolved: microseconds where lengths of time are meant, else the
/// numbers themselves. What the parameters of a checked distribution promise holds here.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Law {
    Constant(f64),
    Exponential {
        mean: f64,
    },
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    Gamma {
        shape: f64,
        scale: f64,
    },
    Weibull {
        shape: f64,
        scale: f64,
    },
    Hyperexponential {
        probs: Vec<f64>,
        means: Vec<f64>,
    },
    Coxian {
        rates: Vec<f64>,
        go_on: Vec<f64>,
    },
    Uniform {
        low: f64,
        high: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    Truncated {
        mean: f64,
        sd: f64,
        low: f64,
        high: f64,
    },
    Clipped {
        mean: f64,
        sd: f64,
        low: f64,
        high: f64,
    },
    Discrete {
        values: Vec<f64>,
        probs: Vec<f64>,
    },
    Empirical(Vec<f64>),
    Mixture {
        weights: Vec<f64>,
        parts: Vec<Law>,
    },
    Geometric {
        mean: f64,
        unit: f64,
    },
    Poisson {
        mean: f64,
        unit: f64,
    },
    Listed(Vec<f64>),
    /// Rates of ending from each time on, and the cumulative hazard reached at each.
    Hazard {
        from: Vec<f64>,
        rates: Vec<f64>,
        reached: Vec<f64>,
    },
    /// Chances of ending on each day, the last going on, and the cumulative hazard after each number of
    /// days from 0.
    DailyHazard {
        shares: Vec<f64>,
        reached: Vec<f64>,
        day: f64,
    },
}
