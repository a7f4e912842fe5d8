"""Sensitivity: which parameters move a result, and by how much."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Literal

from icsflow.calibration import Lever, Moved, moved
from icsflow.choose import pool
from icsflow.model import Model
from icsflow.plain import compact
from icsflow.progress import shown
from icsflow.render import Cell, Shown, short
from icsflow.table import needed

__all__ = ["Sensitivity", "outcomes", "sensitivity"]

_HEADS = {
    "morris": ("mu_star", "mu_star_half_width", "mu", "sigma"),
    "sobol": ("first", "first_half_width", "total", "total_half_width"),
}


@dataclass(repr=False)
class Sensitivity(Shown):
    """What parameters do to a result, over their ranges."""

    method: Literal["morris", "sobol"]
    metric: str
    scope: str
    levers: list[dict[str, Any]]
    """A row for each lever, the strongest first. Of Morris: `mu_star` (mean of the absolute elementary
    effects, with half the width of its interval), `mu` (their mean) and `sigma` (their standard
    deviation: large where the effect bends, or depends on other levers), in units of the metric for the
    whole range. Of Sobol: `first` and `total`, shares of the variance of the metric, with half the
    widths of their intervals."""
    points: list[list[float]] = field(repr=False)
    """The values of the levers, run by run."""
    values: list[float] = field(repr=False)
    """What came out: means over the replications."""

    def _lines(self) -> tuple[list[Cell], list[list[Cell]], str]:
        names = _HEADS[self.method]
        head = [Cell("lever"), *(Cell(name.replace("_", " "), right=True) for name in names)]
        rows = [
            [Cell(row["lever"]), *(Cell(short(row[name]), right=True) for name in names)]
            for row in self.levers
        ]
        line = f"{self.method.capitalize()}: {self.metric} of {self.scope}, {len(self.values)} runs"
        return head, rows, line


def sensitivity(
    model: Model,
    levers: Sequence[Lever],
    *,
    metric: str,
    scope: str,
    method: Literal["morris", "sobol"] = "morris",
    samples: int | None = None,
    replications: int = 5,
    seed: int = 1,
    executor: Executor | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int, int], object] | None = None,
    **plan: Any,
) -> Sensitivity:
    """Tells how much each lever moves a metric over the ranges of all of them.

    * ``"morris"`` screens many levers cheaply, by elementary effects along `samples` trajectories
      (Morris, *Factorial sampling plans for preliminary computational experiments*, Technometrics
      33(2), 1991; `mu_star` by Campolongo and others, Environmental Modelling & Software 22, 2007):
      `samples` × (levers + 1) runs, `samples` being 10 if not given;
    * ``"sobol"`` splits the variance that the ranges cause, as if each lever were uniform in its own
      (Saltelli and others, Computer Physics Communications 181, 2010): `samples` × (levers + 2) runs,
      `samples` being a power of 2, 64 if not given. `first` is the share of a lever by itself, `total`
      with what it does together with others.

    The design and the estimators are those of SALib (the extra `sensitivity`). Each run has as many
    `replications` with the same `seed`: common random numbers, so that what differs is due to the
    levers. `plan` is that of :meth:`Model.run`; runs go to an `executor`, or to threads here.

    >>> import icsflow as ics
    >>> m = ics.Model("Ward").arrivals("Referrals", to="Ward", rate=5)
    >>> m = m.unlimited("Ward", stay=ics.Exponential(4))
    >>> s = ics.sensitivity(m, [
    ...     ics.Lever("rate", "Referrals.rate", 4, 6),
    ...     ics.Lever("stay", "Ward.stay.mean", 2, 6),
    ... ], metric="occupied", scope="Ward", warm_up="30d", until="100d")
    >>> [row["lever"] for row in s.levers]
    ['stay', 'rate']
    """
    sample = needed(f"SALib.sample.{method}", "sensitivity", "sensitivity()")
    analyze = needed(f"SALib.analyze.{method}", "sensitivity", "sensitivity()")
    numpy = needed("numpy", "sensitivity", "sensitivity()")
    if not levers:
        raise ValueError("sensitivity needs at least one lever")
    for lever in levers:
        if not lever.low < lever.high:
            raise ValueError(f"the lever {lever.name!r} has no range: {lever.low} to {lever.high}")
    problem = {
        "num_vars": len(levers),
        "names": [lever.name for lever in levers],
        "bounds": [[lever.low, lever.high] for lever in levers],
    }
    if method == "morris":
        points = sample.sample(problem, samples or 10, num_levels=4, seed=seed)
    else:
        points = sample.sample(problem, samples or 64, calc_second_order=False, seed=seed)
    told = outcomes(
        model,
        levers,
        [[float(x) for x in point] for point in points],
        metric=metric,
        scope=scope,
        seeds=[seed],
        plan={**plan, "replications": replications},
        executor=executor,
        threads=threads,
        progress=progress,
    )
    values = [sum(of) / len(of) for of in told]
    if method == "morris":
        found = analyze.analyze(problem, points, numpy.array(values), num_levels=4, seed=seed)
        keys = ("mu_star", "mu_star_conf", "mu", "sigma")
    else:
        found = analyze.analyze(problem, numpy.array(values), calc_second_order=False, seed=seed)
        keys = ("S1", "S1_conf", "ST", "ST_conf")
    rows: list[dict[str, Any]] = [
        {
            "lever": lever.name,
            **{
                name: float(found[key][number])
                for name, key in zip(_HEADS[method], keys, strict=True)
            },
        }
        for number, lever in enumerate(levers)
    ]
    strength = "mu_star" if method == "morris" else "total"
    rows.sort(key=lambda row: row[strength], reverse=True)
    return Sensitivity(
        method=method,
        metric=metric,
        scope=scope,
        levers=rows,
        points=[[float(x) for x in point] for point in points],
        values=values,
    )


def _one(model: str, options: str, metric: str, scope: str) -> list[float]:
    """What a worker does: a model as text in, the values of a metric out."""
    ran = Model.from_json(model).run(**json.loads(options))
    return ran.values(metric, scope)


def outcomes(
    model: Model,
    levers: Sequence[Moved],
    points: Sequence[Sequence[float]],
    *,
    metric: str,
    scope: str,
    seeds: Sequence[int],
    plan: Mapping[str, Any],
    executor: Executor | None = None,
    threads: int | None = None,
    progress: bool | Callable[[int, int], object] | None = None,
) -> list[list[float]]:
    """The values of a metric, replication by replication, with the levers at each of some points; each
    point with the next of the seeds, over and over.

    Raises ValueError where a point has no value.
    """
    told: list[list[float]] = []
    with pool(executor, threads) as workers, shown(progress) as tell:
        pending = []
        for number, point in enumerate(points):
            text = moved(model, levers, point).to_json()
            options = compact(**plan, seed=seeds[number % len(seeds)], threads=1, levels=False)
            pending.append(workers.submit(_one, text, json.dumps(options), metric, scope))
        try:
            for point, future in zip(points, pending, strict=True):
                values = future.result()
                if any(math.isnan(value) for value in values):
                    at = ", ".join(
                        f"{lever.name} = {value:g}"
                        for lever, value in zip(levers, point, strict=True)
                    )
                    raise ValueError(f"{metric} of {scope} has no value where {at}")
                told.append(values)
                if tell is not None:
                    tell(len(told), len(points))
        except BaseException:
            for future in pending:
                future.cancel()
            raise
    return told
