"""Distributions: a family and its parameters, in one of the forms that the field uses.

A parameter that is a length of time is a number in the model's time unit, text with a unit such as
``"6.9d"``, or a timedelta. Rates are numbers per model time unit; ``mu`` and ``sigma`` belong to the
logarithm of the value in the model's time unit. Where a distribution is asked for, a bare value
stands for :class:`Deterministic`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import ClassVar, Literal, TypeAlias

from icsflow import _core
from icsflow.plain import Data, Duration, compact, plain, table

__all__ = [
    "Coxian",
    "DailyHazard",
    "Deterministic",
    "Discrete",
    "Distribution",
    "Empirical",
    "Erlang",
    "Exponential",
    "Gamma",
    "Geometric",
    "Hazard",
    "Hyperexponential",
    "Listed",
    "LogNormal",
    "Mixture",
    "Normal",
    "Poisson",
    "Triangular",
    "Uniform",
    "Weibull",
]


@dataclass(frozen=True)
class Distribution:
    """A family with its parameters."""

    family: ClassVar[str] = ""

    def plain(self) -> Data:
        """The distribution as it stands in a model file.

        >>> import icsflow as ics
        >>> ics.LogNormal(mean="6.9d", sd="8d").plain()
        {'lognormal': {'mean': '6.9d', 'sd': '8d'}}
        """
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        return {self.family: compact(**given)}

    def sample(self, n: int, seed: int = 1, *, time_unit: str | None = None) -> list[float]:
        """Draws `n` values; the same seed gives the same values on every machine.

        Values are plain numbers or, if parameters are lengths of time with their units, days; with
        `time_unit` ("seconds" to "weeks") they are lengths of time in that unit, and so are bare
        parameters. Raises :class:`ModelError` with every fault of the parameters.

        >>> import icsflow as ics
        >>> stays = ics.Exponential(mean="36h").sample(10_000, seed=1)
        >>> round(sum(stays) / len(stays), 1)  # days
        1.5
        """
        request = compact(distribution=self, n=n, seed=seed, time_unit=time_unit)
        return _core.sample(json.dumps(request))

    def __repr__(self) -> str:
        given = ((item.name, getattr(self, item.name)) for item in fields(self))
        shown = ", ".join(f"{key}={value!r}" for key, value in given if value is not None)
        return f"{type(self).__name__}({shown})"


AnyDistribution: TypeAlias = Distribution | Duration
"""A distribution, or a bare value that stands for a fixed one."""

Points: TypeAlias = Sequence[tuple[float, Duration]]
"""Probabilities and the values below which they lie."""


@dataclass(frozen=True, repr=False)
class Exponential(Distribution):
    """Exponential: `mean`, `rate` or `median`.

    >>> import icsflow as ics
    >>> ics.Exponential("7.2h")
    Exponential(mean='7.2h')
    """

    family: ClassVar[str] = "exponential"
    mean: Duration | None = None
    """Mean."""
    rate: float | None = field(default=None, kw_only=True)
    """Per model time unit: 1 / mean."""
    median: Duration | None = field(default=None, kw_only=True)
    """Median."""


@dataclass(frozen=True, repr=False, kw_only=True)
class LogNormal(Distribution):
    """Lognormal: `mean` + `sd`, `mean` + `median`, `median` + `p95`, `mu` + `sigma`, or `quantiles`.

    >>> import icsflow as ics
    >>> stay = ics.LogNormal(mean=18, median=9)
    """

    family: ClassVar[str] = "lognormal"
    mean: Duration | None = None
    """Mean of the values."""
    sd: Duration | None = None
    """Standard deviation of the values."""
    median: Duration | None = None
    """Median of the values."""
    p95: Duration | None = None
    """95th percentile of the values."""
    mu: float | None = None
    """Mean of the logarithm of the value in the model's time unit."""
    sigma: float | None = None
    """Standard deviation of the logarithm."""
    quantiles: Points | None = None
    """Two points: ``[(0.5, "4d"), (0.95, "20d")]``."""


@dataclass(frozen=True, repr=False, kw_only=True)
class Gamma(Distribution):
    """Gamma: `shape` + one of `scale`, `rate`, `mean`; or `mean` + `sd`, `median` + `p95`, `quantiles`.

    >>> import icsflow as ics
    >>> stay = ics.Gamma(mean="9d", sd="8d")
    """

    family: ClassVar[str] = "gamma"
    shape: float | None = None
    """Shape."""
    scale: Duration | None = None
    """Scale: mean / shape."""
    rate: float | None = None
    """Per model time unit: 1 / scale."""
    mean: Duration | None = None
    """Mean."""
    sd: Duration | None = None
    """Standard deviation."""
    median: Duration | None = None
    """Median."""
    p95: Duration | None = None
    """95th percentile."""
    quantiles: Points | None = None
    """Two points: ``[(0.5, "4d"), (0.95, "20d")]``."""


@dataclass(frozen=True, repr=False, kw_only=True)
class Weibull(Distribution):
    """Weibull: `shape` + `scale`, `mean` + `sd`, `median` + `p95`, or `quantiles`.

    >>> import icsflow as ics
    >>> stay = ics.Weibull(shape=0.8, scale="6d")
    """

    family: ClassVar[str] = "weibull"
    shape: float | None = None
    """Shape: below 1 the hazard falls with time, above 1 it rises."""
    scale: Duration | None = None
    """Scale: the 63.2nd percentile."""
    mean: Duration | None = None
    """Mean."""
    sd: Duration | None = None
    """Standard deviation."""
    median: Duration | None = None
    """Median."""
    p95: Duration | None = None
    """95th percentile."""
    quantiles: Points | None = None
    """Two points: ``[(0.5, "4d"), (0.95, "20d")]``."""


@dataclass(frozen=True, repr=False, kw_only=True)
class Erlang(Distribution):
    """Erlang, the sum of equal exponential phases.

    `shape` + `mean`, `shape` + `rate`, or `mean` + `sd` where these give a whole number of phases.

    >>> import icsflow as ics
    >>> visit = ics.Erlang(shape=3, mean="45 min")
    """

    family: ClassVar[str] = "erlang"
    shape: int | None = None
    """Number of phases."""
    mean: Duration | None = None
    """Mean of the sum."""
    rate: float | None = None
    """Rate of one phase, per model time unit."""
    sd: Duration | None = None
    """Standard deviation of the sum."""


@dataclass(frozen=True, repr=False, kw_only=True)
class Hyperexponential(Distribution):
    """Hyperexponential, one of several exponentials: `probs` + `means` or `probs` + `rates`.

    >>> import icsflow as ics
    >>> stay = ics.Hyperexponential(probs=[0.7, 0.3], means=["1d", "12d"])
    """

    family: ClassVar[str] = "hyperexponential"
    probs: Sequence[float] | None = None
    """Probability of each exponential; they sum to 1."""
    means: Sequence[Duration] | None = None
    """Mean of each exponential."""
    rates: Sequence[float] | None = None
    """Rate of each exponential, per model time unit."""


@dataclass(frozen=True, repr=False, kw_only=True)
class Coxian(Distribution):
    """Coxian: exponential phases in a row, each of which may be the last.

    >>> import icsflow as ics
    >>> stay = ics.Coxian(rates=[0.5, 0.1], continue_probs=[0.3])
    """

    family: ClassVar[str] = "coxian"
    rates: Sequence[float] | None = None
    """Rate of each phase, per model time unit."""
    continue_probs: Sequence[float] | None = None
    """Probability of going on after each phase but the last."""


@dataclass(frozen=True, repr=False)
class Uniform(Distribution):
    """Uniform between `low` and `high`.

    >>> import icsflow as ics
    >>> triage = ics.Uniform("10 min", "30 min")
    """

    family: ClassVar[str] = "uniform"
    low: Duration | None = None
    """Least value."""
    high: Duration | None = None
    """Greatest value."""


@dataclass(frozen=True, repr=False)
class Triangular(Distribution):
    """Triangular between `low` and `high`, most likely at `mode`.

    >>> import icsflow as ics
    >>> assessment = ics.Triangular(low="1h", mode="2h", high="6h")
    """

    family: ClassVar[str] = "triangular"
    low: Duration | None = None
    """Least value."""
    mode: Duration | None = None
    """Most likely value."""
    high: Duration | None = None
    """Greatest value."""


@dataclass(frozen=True, repr=False, kw_only=True)
class Normal(Distribution):
    """Normal: `mean` + `sd`, `median` + `p95`, or `quantiles`, all of the distribution without limits.

    `low`, `high` and `method` are optional; a length of time needs `low` of at least 0.

    >>> import icsflow as ics
    >>> age = ics.Normal(mean=74, sd=15, low=18, high=105)
    """

    family: ClassVar[str] = "normal"
    mean: Duration | None = None
    """Mean, before limits."""
    sd: Duration | None = None
    """Standard deviation, before limits."""
    median: Duration | None = None
    """Median, before limits."""
    p95: Duration | None = None
    """95th percentile, before limits."""
    quantiles: Points | None = None
    """Two points, before limits: ``[(0.5, "4d"), (0.95, "20d")]``."""
    low: Duration | None = None
    """Least value."""
    high: Duration | None = None
    """Greatest value."""
    method: Literal["truncate", "clip"] | None = None
    """At the limits: "truncate" (the default: values beyond do not occur), or "clip" (they become
    the limit)."""


@dataclass(frozen=True, repr=False)
class Deterministic(Distribution):
    """Always the same value; may be written as the bare value.

    >>> import icsflow as ics
    >>> ics.Deterministic("2d")
    Deterministic(value='2d')
    """

    family: ClassVar[str] = "deterministic"
    value: Duration | None = None
    """The value."""


@dataclass(frozen=True, repr=False)
class Discrete(Distribution):
    """One of several values, with their probabilities.

    >>> import icsflow as ics
    >>> together = ics.Discrete(values=[1, 2], probs=[0.9, 0.1])
    """

    family: ClassVar[str] = "discrete"
    values: Sequence[Duration] | None = None
    """The values."""
    probs: Sequence[float] | None = None
    """Probability of each value; they sum to 1."""


@dataclass(frozen=True, repr=False)
class Empirical(Distribution):
    """One of the observed values, each with equal chance: a list, an array, a column of a frame.

    >>> import icsflow as ics
    >>> stay = ics.Empirical([1.2, 3.5, 0.4, 12.0])
    """

    family: ClassVar[str] = "empirical"
    values: Sequence[Duration] | None = None
    """The observed sample."""


@dataclass(frozen=True, repr=False)
class Mixture(Distribution):
    """One of several distributions, by relative weights.

    >>> import icsflow as ics
    >>> stay = ics.Mixture([(0.6, ics.Exponential("8h")), (0.4, ics.LogNormal(mean="9d", sd="8d"))])
    """

    family: ClassVar[str] = "mixture"
    of: Sequence[tuple[float, AnyDistribution]] = ()
    """Pairs of weight and distribution."""

    def plain(self) -> Data:
        """The mixture as it stands in a model file."""
        parts = [{"weight": plain(weight), **table(part)} for weight, part in self.of]
        return {self.family: {"of": parts}}


@dataclass(frozen=True, repr=False)
class Geometric(Distribution):
    """Geometric on 1, 2, 3, …

    >>> import icsflow as ics
    >>> party = ics.Geometric(mean=1.4)
    """

    family: ClassVar[str] = "geometric"
    mean: Duration | None = None
    """Mean, at least 1. A length of time counts in the unit in which its mean is written."""


@dataclass(frozen=True, repr=False)
class Poisson(Distribution):
    """Poisson on 0, 1, 2, …

    >>> import icsflow as ics
    >>> referrals = ics.Poisson(mean=3.2)
    """

    family: ClassVar[str] = "poisson"
    mean: Duration | None = None
    """Mean. A length of time counts in the unit in which its mean is written."""


@dataclass(frozen=True, repr=False)
class Listed(Distribution):
    """Given values in the order of use; not random.

    >>> import icsflow as ics
    >>> stay = ics.Listed(["2d", "5d", "1d"])
    """

    family: ClassVar[str] = "listed"
    values: Sequence[Duration] | None = None
    """The values. A run that uses more of them raises :class:`RunError`."""


@dataclass(frozen=True, repr=False)
class Hazard(Distribution):
    """By hazard, the rate of ending at each time that has passed: constant from each of some times on.

    >>> import icsflow as ics
    >>> patience = ics.Hazard(["0d", "7d", "30d"], [0, 0.05, 0.2])
    >>> patience.plain()
    {'hazard': {'from': ['0d', '7d', '30d'], 'rate': [0, 0.05, 0.2]}}
    """

    family: ClassVar[str] = "hazard"
    from_: Sequence[Duration] | None = None
    """Times from which the rates hold; the first is 0."""
    rate: Sequence[float] | None = None
    """Rates of ending, per model time unit; the last goes on."""


@dataclass(frozen=True, repr=False)
class DailyHazard(Distribution):
    """By the chance of ending on each day: lengths are whole days.

    >>> import icsflow as ics
    >>> patience = ics.DailyHazard([0, 0.01, 0.02, 0.05])
    """

    family: ClassVar[str] = "daily_hazard"
    shares: Sequence[float] | None = None
    """Chance of ending on day 1, 2, … of those who have come so far; the last goes on."""
