"""Optimisation: the values of some parameters with which a result is best."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from icsflow.calibration import Lever, moved, whole
from icsflow.model import Model
from icsflow.render import Cell, Shown, short
from icsflow.results import Results
from icsflow.table import needed

__all__ = ["Optimum", "optimise"]


@dataclass(repr=False)
class Optimum(Shown):
    """What a search for the best found."""

    values: dict[str, float]
    """The value of each lever."""
    best: float
    """What comes out with them, by the runs of the search."""
    lower: float
    """From replications that the search has not seen: lower end of the t-interval."""
    upper: float
    """Upper end."""
    runs: int
    """Models run by the search."""
    model: Model = field(repr=False)
    """The model with its levers there."""
    results: Results = field(repr=False)
    """The results of the confirming run."""

    def _lines(self) -> tuple[list[Cell], list[list[Cell]], str]:
        head = [Cell("lever"), Cell("value", right=True)]
        rows = [[Cell(name), Cell(short(value), right=True)] for name, value in self.values.items()]
        line = (
            f"{short(self.best)} after {self.runs} runs; "
            f"{short(self.lower)} to {short(self.upper)} with another seed"
        )
        return head, rows, line


def optimise(
    model: Model,
    levers: Sequence[Lever],
    objective: Callable[[Results, Mapping[str, float]], Sequence[float]] | tuple[str, str],
    *,
    best: Literal["lowest", "highest"] = "lowest",
    replications: int = 10,
    seed: int = 1,
    most_runs: int = 300,
    confirm: int | None = None,
    progress: Callable[[int, float], object] | None = None,
    **plan: Any,
) -> Optimum:
    """Moves the levers until a result is best.

    * `objective`: a metric and its scope, ``("cost", "Ward")``, or a function of the results and of the
      levers' values by name, which gives a number for each replication;
    * `replications`, `seed` and `plan`: of each run of the search, as in :meth:`Model.run`. Every run
      has the same seed, so that only the levers move what comes out;
    * `most_runs`: runs after which the search ends, the first population included;
    * `confirm`: replications of the run with another seed after the search; four times as many, if not
      given.

    The search is that of `scipy.optimize.differential_evolution` (Storn and Price, *Differential
    evolution*, Journal of Global Optimization 11, 1997), in which places and people are whole numbers.
    Needs scipy (the extra `calibrate`). Where the choice is among a few scenarios, :func:`select` says
    how sure it is; to one whole number, :func:`least` is quicker.

    >>> import icsflow as ics
    >>> m = ics.Model("Clinic").arrivals("Referrals", to="Clinic", rate=8)
    >>> m = m.beds("Clinic", 1, stay=ics.Exponential(0.1))
    >>> found = ics.optimise(
    ...     m, [ics.Lever("clerks", "Clinic.beds", 1, 6)],
    ...     lambda r, at: [w + 2 * at["clerks"] for w in r.values("waiting", "Clinic")],
    ...     replications=4, until="100d", most_runs=30)
    >>> found.values
    {'clerks': 2.0}
    """
    optimize = needed("scipy.optimize", "calibrate", "optimise()")
    stats = needed("scipy.stats", "calibrate", "optimise()")
    if not levers:
        raise ValueError("optimise needs at least one lever")
    sign = 1.0 if best == "lowest" else -1.0
    runs = 0
    seen: dict[tuple[float, ...], float] = {}

    def outcome(
        values: Sequence[float], replications: int, seed: int
    ) -> tuple[Model, Results, list[float]]:
        at = moved(model, levers, values)
        results = at.run(replications=replications, seed=seed, levels=False, **plan)
        if isinstance(objective, tuple):
            return at, results, results.values(*objective)
        named = {lever.name: float(x) for lever, x in zip(levers, values, strict=True)}
        return at, results, [float(value) for value in objective(results, named)]

    def score(values: Sequence[float]) -> float:
        nonlocal runs
        point = tuple(float(x) for x in values)
        if point not in seen:
            told = outcome(point, replications, seed)[2]
            mean = sum(told) / len(told)
            # What has no value is not best.
            seen[point] = math.inf if math.isnan(mean) else sign * mean
            runs += 1
            if progress is not None:
                progress(runs, sign * min(seen.values()))
        return seen[point]

    people = max(5, min(15 * len(levers), most_runs // 4))
    found = optimize.differential_evolution(
        score,
        [(lever.low, lever.high) for lever in levers],
        integrality=[whole(model, lever) for lever in levers],
        popsize=max(1, people // len(levers)),
        maxiter=max(1, most_runs // people - 1),
        rng=seed,
        polish=False,
        tol=1e-3,
    )
    values = [float(x) for x in found.x]
    count = confirm or 4 * replications
    at, results, told = outcome(values, count, seed + 1_000_003)
    mean = sum(told) / count
    spread = math.sqrt(sum((value - mean) ** 2 for value in told) / max(count - 1, 1))
    half = (
        float(stats.t.ppf(0.975, count - 1)) * spread / math.sqrt(count) if count > 1 else math.inf
    )
    return Optimum(
        values={lever.name: value for lever, value in zip(levers, values, strict=True)},
        best=sign * float(found.fun),
        lower=mean - half,
        upper=mean + half,
        runs=runs,
        model=at,
        results=results,
    )
