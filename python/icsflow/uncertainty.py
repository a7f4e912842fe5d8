"""Uncertainty of inputs: how much of that of a result is due to what is not known of the parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Literal

from icsflow.distribution import Distribution
from icsflow.model import Model
from icsflow.render import Cell, Shown, short
from icsflow.sensitivity import outcomes
from icsflow.table import needed

__all__ = ["Input", "Uncertainty", "uncertainty"]


@dataclass(frozen=True)
class Input:
    """A parameter that is not known but for its distribution: that of an estimate from data, or what
    experts hold possible.

    >>> import icsflow as ics
    >>> rate = ics.Input("rate", "Referrals.rate", ics.Normal(mean=5, sd=0.4, low=0))
    """

    name: str
    """Its name."""
    paths: str | Sequence[str]
    """Where the numbers stand, as of a :class:`Lever`."""
    distribution: Distribution
    """What it may be: plain numbers, in the units of the model."""
    how: Literal["to", "times"] = "to"
    """Whether each number is set to what is drawn, or is the model's own times it."""


@dataclass(repr=False)
class Uncertainty(Shown):
    """A result whose inputs are uncertain.

    The two parts are those of a one-way analysis of variance with random effects, draws being the
    groups: with `r` replications a draw, the mean square within draws estimates the variance of a
    replication, and that between draws the same plus `r` times the variance that the inputs cause.
    """

    metric: str
    scope: str
    mean: float
    """Mean over the draws."""
    lower: float
    """Lower end of the t-interval of the mean: `draws` − 1 degrees of freedom."""
    upper: float
    """Upper end."""
    input_variance: float
    """Variance of the expected result that the inputs cause; 0 where the estimate is below."""
    simulation_variance: float
    """Variance of the result of one replication with its inputs fixed."""
    replications: int
    """Replications of each draw."""
    points: list[list[float]] = field(repr=False)
    """What was drawn: a row for each draw, the inputs in their order."""
    values: list[list[float]] = field(repr=False)
    """What came out: the replications of each draw."""
    inputs: list[str] = field(default_factory=list)

    @property
    def input_share(self) -> float:
        """The share of the inputs in the variance of one replication."""
        whole = self.input_variance + self.simulation_variance
        return self.input_variance / whole if whole > 0 else 0.0

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.values)

    def _lines(self) -> tuple[list[Cell], list[list[Cell]], str]:
        head = [Cell("part"), Cell("variance", right=True), Cell("standard deviation", right=True)]
        parts = {"inputs": self.input_variance, "simulation": self.simulation_variance}
        rows = [
            [Cell(name), Cell(short(part), right=True), Cell(short(math.sqrt(part)), right=True)]
            for name, part in parts.items()
        ]
        line = (
            f"{self.metric} of {self.scope}: mean {short(self.mean)} ({short(self.lower)} to "
            f"{short(self.upper)}), {100 * self.input_share:.0f}% of the variance of a replication due "
            f"to {', '.join(self.inputs)}; {self.draws} draws of {self.replications} replications"
        )
        return head, rows, line


def uncertainty(
    model: Model,
    inputs: Sequence[Input],
    *,
    metric: str,
    scope: str,
    draws: int = 50,
    replications: int = 5,
    seed: int = 1,
    confidence: float = 0.95,
    executor: Executor | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int, int], object] | None = None,
    **plan: Any,
) -> Uncertainty:
    """Runs the model with its uncertain inputs drawn anew, `draws` times, and splits the variance of a
    metric into what the inputs cause and what chance within a run does (Ankenman and Nelson, *A quick
    assessment of input uncertainty*, Winter Simulation Conference 2012; the mean squares as in Searle,
    Casella and McCulloch, *Variance Components*, 1992, §3.6).

    Inputs are drawn independently of each other. Draw number k runs with seed `seed` + k, so that
    chance within runs is independent between draws. `plan` is that of :meth:`Model.run`. Needs scipy
    (the extra `calibrate`).

    >>> import icsflow as ics
    >>> m = ics.Model("Ward").arrivals("Referrals", to="Ward", rate=5)
    >>> m = m.unlimited("Ward", stay=ics.Exponential(4))
    >>> rate = ics.Input("rate", "Referrals.rate", ics.Uniform(4, 6))
    >>> u = ics.uncertainty(m, [rate], metric="occupied", scope="Ward", draws=20, warm_up="40d",
    ...                     until="1y")
    >>> u.input_share > 0.5
    True
    """
    if not inputs:
        raise ValueError("uncertainty needs at least one input")
    if draws < 2 or replications < 2:
        raise ValueError("uncertainty needs at least 2 draws of at least 2 replications")
    stats = needed("scipy.stats", "calibrate", "uncertainty()")
    columns = [
        one.distribution.sample(draws, seed=seed * 1_000 + number)
        for number, one in enumerate(inputs)
    ]
    points = [list(point) for point in zip(*columns, strict=True)]
    told = outcomes(
        model,
        inputs,
        points,
        metric=metric,
        scope=scope,
        seeds=range(seed, seed + draws),
        plan={**plan, "replications": replications},
        executor=executor,
        threads=threads,
        progress=progress,
    )
    means = [sum(values) / replications for values in told]
    mean = sum(means) / draws
    within = sum(
        sum((value - own) ** 2 for value in values) for values, own in zip(told, means, strict=True)
    ) / (draws * (replications - 1))
    of_means = sum((own - mean) ** 2 for own in means) / (draws - 1)
    half = float(stats.t.ppf((1 + confidence) / 2, draws - 1)) * math.sqrt(of_means / draws)
    return Uncertainty(
        metric=metric,
        scope=scope,
        mean=mean,
        lower=mean - half,
        upper=mean + half,
        input_variance=max(0.0, of_means - within / replications),
        simulation_variance=within,
        replications=replications,
        points=points,
        values=told,
        inputs=[one.name for one in inputs],
    )
