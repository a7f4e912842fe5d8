"""Choosing: the best of many scenarios within a budget, and the least capacity that meets a target."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from icsflow import _core
from icsflow.executor import _block
from icsflow.plain import compact
from icsflow.render import Cell, Shown, cut, short
from icsflow.scenario import Scenario, change, several

if TYPE_CHECKING:
    from icsflow.model import Model

__all__ = ["Least", "Selection", "least", "pool", "select"]


@dataclass(frozen=True, repr=False)
class Selection(Shown):
    """Which of the scenarios is best, and what it took to tell."""

    best: str
    """Its name; ``"base"`` is the model itself."""
    metric: str
    scope: str
    means: Mapping[str, float]
    """The mean of each."""
    replications: Mapping[str, int]
    """How many replications each had."""
    left: Sequence[str]
    """Those that could not be told from the best."""
    how: str
    """What was done, in words."""

    def _lines(self) -> tuple[list[Cell], list[list[Cell]], str]:
        head = [Cell("scenario"), Cell("mean", right=True), Cell("replications", right=True)]
        order = sorted(
            self.means,
            key=lambda name: (name != self.best, name not in self.left, self.means[name]),
        )
        rows = [
            [
                Cell(cut(name, 60), "best" if name == self.best else ""),
                Cell(short(self.means[name]), right=True),
                Cell(str(self.replications[name]), right=True),
            ]
            for name in order
        ]
        return head, rows, self.how


class _Runner:
    """Replications of the cases of a job, each as many as asked."""

    def __init__(
        self, model: Model, scenarios: Sequence[Scenario | str], plan: Mapping[str, Any]
    ) -> None:
        given = several(scenarios) or None
        self.options = compact(**plan, scenarios=given)
        self.told = _core.prepare(model._text(), json.dumps(self.options))
        self.cases = self.told.cases
        self.done = dict.fromkeys(self.cases, 0)

    def run(self, wanted: Mapping[str, int], pool: Executor) -> None:
        """Sees that each case has so many replications."""
        job, blocks = self.told.job, []
        for number, case in enumerate(self.cases):
            for first in range(self.done[case], wanted.get(case, 0)):
                blocks.append(pool.submit(_block, job, number, first, 1))
            self.done[case] = max(self.done[case], wanted.get(case, 0))
        try:
            for block in blocks:
                self.told.add(block.result())
        except BaseException:
            for block in blocks:
                block.cancel()
            raise

    def values(self, case: str, metric: str, scope: str) -> list[float]:
        return self.told.values(case, metric, scope)


@contextmanager
def pool(executor: Executor | None, threads: int | None) -> Iterator[Executor]:
    """An executor that is given, or one of threads here."""
    if executor is not None:
        yield executor
        return
    workers = ThreadPoolExecutor(threads or os.cpu_count())
    try:
        yield workers
    finally:
        # After Ctrl-C nobody waits for what is under way: a replication, at most.
        workers.shutdown(wait=False, cancel_futures=True)


def select(
    model: Model,
    *scenarios: Scenario | str,
    metric: str,
    scope: str,
    best: Literal["lowest", "highest"] = "lowest",
    method: Literal["ocba", "kn"] = "ocba",
    budget: int = 500,
    first: int = 10,
    indifference: float | None = None,
    confidence: float = 0.95,
    executor: Executor | None = None,
    threads: int | None = None,
    **plan: Any,
) -> Selection:
    """Finds the best of a model and its scenarios, by the mean of a metric: those given, some of the
    model's by their names, or else all of the model's.

    * ``"ocba"`` spends a `budget` of replications, all cases together, where they tell most: on the
      best and on those near it (Chen and others, *Simulation budget allocation for further enhancing
      the efficiency of ordinal optimization*, Discrete Event Dynamic Systems 10, 2000);
    * ``"kn"`` goes on until all others are known to be worse, with probability `confidence`, where
      they are worse by at least `indifference` (Kim and Nelson, *A fully sequential procedure for
      indifference-zone selection in simulation*, ACM TOMACS 11(3), 2001), or until the budget is
      spent. It makes use of the pairing.

    Each case has at least `first` replications; `plan` is that of :meth:`Model.run`.

    >>> import icsflow as ics
    >>> m = ics.Model("Ward").arrivals("Patients", to="Ward", rate=2)
    >>> m = m.beds("Ward", 10, stay=ics.Exponential(5))
    >>> more = {f"+{n}": ics.change("Ward.beds", add=n) for n in range(1, 4)}
    >>> s = ics.select(m, *ics.product({"beds": more}), metric="mean_wait", scope="Ward",
    ...                method="kn", indifference=0.05, budget=200, until="100d")
    >>> s.best
    'beds +3'
    """
    sign = 1.0 if best == "lowest" else -1.0
    if method == "kn" and not (indifference and indifference > 0):
        raise ValueError("kn needs an indifference above 0: the least difference that matters")
    if first < 2:
        raise ValueError("first must be at least 2: a spread is to be estimated")
    runner = _Runner(model, scenarios, {**plan, "replications": budget})
    with pool(executor, threads) as workers:
        runner.run(dict.fromkeys(runner.cases, first), workers)

        def costs(case: str) -> list[float]:
            return [sign * value for value in runner.values(case, metric, scope)]

        if method == "kn":
            left = _kn(runner, workers, costs, first, indifference or 0.0, confidence, budget)
        else:
            left = _ocba(runner, workers, costs, budget)
    means = {case: _mean(runner.values(case, metric, scope)) for case in runner.cases}
    winner = min(left, key=lambda case: sign * means[case])
    used = sum(runner.done.values())
    told = "OCBA" if method == "ocba" else "KN"
    rest = len(left) - 1
    how = f"{told}: {winner} has the {best} {metric} of {scope}; {used} replications in all"
    if method == "kn" and rest:
        how += f"; {rest} more could not be told from it within the budget"
    return Selection(winner, metric, scope, means, dict(runner.done), left, how)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    mean = _mean(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _ocba(runner: _Runner, pool: Executor, costs: Any, budget: int) -> list[str]:
    """Spends the budget by rounds; all cases stay in."""
    cases = runner.cases
    step = max(len(cases) // 2, 10)
    while (used := sum(runner.done.values())) < budget and len(cases) > 1:
        values = {case: costs(case) for case in cases}
        means = {case: _mean(values[case]) for case in cases}
        spread = {case: max(_variance(values[case]), 1e-300) for case in cases}
        leader = min(cases, key=means.__getitem__)
        others = [case for case in cases if case != leader]
        least = 1e-9 * (abs(means[leader]) + math.sqrt(spread[leader]) + 1e-300)
        weight = {
            case: spread[case] / max(means[case] - means[leader], least) ** 2 for case in others
        }
        weight[leader] = math.sqrt(
            spread[leader] * sum(weight[case] ** 2 / spread[case] for case in others)
        )
        total = min(used + step, budget)
        all_weights = sum(weight.values())
        wanted = {case: total * weight[case] / all_weights for case in cases}
        # What falls short of its share gets the next replications, the furthest behind first.
        more = dict(runner.done)
        for _ in range(total - used):
            behind = max(cases, key=lambda case: wanted[case] - more[case])
            more[behind] += 1
        runner.run(more, pool)
    return list(cases)


def _kn(
    runner: _Runner,
    pool: Executor,
    costs: Any,
    first: int,
    delta: float,
    confidence: float,
    budget: int,
) -> list[str]:
    """Replication by replication, drops whoever is clearly worse than another."""
    cases = runner.cases
    left = list(cases)
    if len(cases) == 1:
        return left
    alpha = 1 - confidence
    eta = 0.5 * ((2 * alpha / (len(cases) - 1)) ** (-2 / (first - 1)) - 1)
    height = 2 * eta * (first - 1)
    start = {case: costs(case) for case in cases}
    spread = {
        (a, b): _variance([x - y for x, y in zip(start[a], start[b], strict=True)])
        for a in cases
        for b in cases
        if a != b
    }
    number = first
    while len(left) > 1:
        means = {case: _mean(costs(case)[:number]) for case in left}

        def clearly_worse(case: str, means: dict[str, float] = means, n: int = number) -> bool:
            return any(
                means[case]
                > means[other]
                + max(0.0, delta / (2 * n) * (height * spread[case, other] / delta**2 - n))
                for other in means
                if other != case
            )

        left = [case for case in left if not clearly_worse(case)]
        if len(left) == 1 or sum(runner.done.values()) + len(left) > budget:
            break
        number += 1
        runner.run(dict.fromkeys(left, number), pool)
    return left


@dataclass(frozen=True, repr=False)
class Least(Shown):
    """The least capacity that meets a target, and what was tried."""

    value: int | None
    """The least that meets it; None if not even the most tried does."""
    path: str
    target: str
    """The target in words."""
    tried: Mapping[int, tuple[float, float, float]]
    """Mean, lower and upper end of its interval, by what was tried."""
    met: Mapping[int, bool]

    def _lines(self) -> tuple[list[Cell], list[list[Cell]], str]:
        head = [Cell(self.path, right=True)]
        head += [Cell(name, right=True) for name in ("mean", "lower", "upper")] + [Cell("meets it")]
        rows = [
            [Cell(str(n), right=True)]
            + [Cell(short(value), right=True) for value in self.tried[n]]
            + [Cell("yes" if self.met[n] else "no")]
            for n in sorted(self.tried)
        ]
        found = (
            f"{self.value} is the least" if self.value is not None else "none of these is enough"
        )
        return head, rows, f"{self.target}: {found}"


def least(
    model: Model,
    path: str,
    low: int,
    high: int,
    *,
    metric: str,
    scope: str,
    at_most: float | None = None,
    at_least: float | None = None,
    replications: int = 20,
    **plan: Any,
) -> Least:
    """Finds the least whole number for a parameter, from `low` to `high`, with which a metric is at
    most, or at least, a target: with its whole interval, so that luck does not meet it.

    More must not make it worse: the search halves the range. All that is tried is paired.

    >>> import icsflow as ics
    >>> m = ics.Model("Ward").arrivals("Patients", to="Ward", rate=2)
    >>> m = m.beds("Ward", 10, stay=ics.Exponential(5))
    >>> found = ics.least(m, "Ward.beds", 10, 30, metric="mean_wait", scope="Ward", at_most=0.1,
    ...                   replications=10, warm_up="50d", until="300d")
    >>> 12 < found.value < 20
    True
    """
    if (at_most is None) == (at_least is None):
        raise ValueError("give exactly one of at_most and at_least")
    if low > high:
        raise ValueError(f"low must not be above high: {low} is above {high}")
    tried: dict[int, tuple[float, float, float]] = {}
    met: dict[int, bool] = {}

    def meets(number: int) -> bool:
        what = Scenario(f"{path} = {number}", [change(path, set=number)])
        results = model.run(scenario=what, replications=replications, **plan)
        row = results.summary.rows(scope=scope, metric=metric, cohort="all")
        if not row:
            results.values(metric, scope)  # says what is wrong with the names
        tried[number] = (row[0]["mean"], row[0]["lower"], row[0]["upper"])
        _, lower, upper = tried[number]
        enough = upper <= at_most if at_most is not None else lower >= (at_least or 0.0)
        met[number] = bool(enough)
        return met[number]

    bottom, top = low, high
    found = high if meets(high) else None
    while found is not None and bottom < top:
        middle = (bottom + top) // 2
        if meets(middle):
            found = top = middle
        else:
            bottom = middle + 1
    sign = f"at most {at_most:g}" if at_most is not None else f"at least {at_least:g}"
    return Least(found, path, f"{metric} of {scope} {sign}", tried, met)
