"""Where in the results of a run the metrics of the case files stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import icsflow as ics
import numpy as np
import pyarrow as pa
from accept import Array

__all__ = [
    "Measure",
    "at_node",
    "cohort_values",
    "column",
    "of_network",
    "ratio",
    "values",
    "weekly",
]

Expected = Mapping[str, Any]


@dataclass(frozen=True)
class Measure:
    """What to take from a run, a row a replication; and the value that their mean stands for."""

    take: Callable[[Any], Array]
    of: Callable[[Array], float] | None = None


@lru_cache(maxsize=4)
def _frame(results: ics.Results, name: str) -> dict[str, Array]:
    table = pa.table(getattr(results, name))
    columns = {}
    for key in table.column_names:
        whole = table[key].combine_chunks()
        if pa.types.is_dictionary(whole.type):
            columns[key] = np.asarray(whole.dictionary)[whole.indices.to_numpy()]
        else:
            columns[key] = whole.to_numpy(zero_copy_only=False)
    return columns


def column(results: ics.Results, table: str, name: str, **where: object) -> Array:
    """A column of a table of results, in the rows in which other columns have these values."""
    frame = _frame(results, table)
    kept = np.ones(len(frame[name]), dtype=bool)
    for key, value in where.items():
        kept &= frame[key] == value
    return frame[name][kept]


def values(
    *asked: tuple[str, str], of: Callable[[Array], float] | None = None, scale: float = 1.0
) -> Measure:
    """Metrics of the summary, each with its scope, replication by replication."""
    return Measure(lambda r: scale * np.column_stack([r.values(*name) for name in asked]), of)


def cohort_values(
    *asked: tuple[str, str, str], of: Callable[[Array], float] | None = None
) -> Measure:
    """Metrics of the summary, each with its scope and cohort."""

    def take(r: ics.Results) -> Array:
        found = [
            column(r, "replications", "value", metric=metric, scope=scope, cohort=cohort)
            for metric, scope, cohort in asked
        ]
        return np.column_stack(found)

    return Measure(take, of)


def ratio(mean: Array) -> float:
    """First by second."""
    return float(mean[0] / mean[1])


def variance(mean: Array) -> float:
    """From first and second moment."""
    return float(mean[1] - mean[0] ** 2)


def one(*row: float) -> Array:
    """The statistics of a run of one replication."""
    return np.array([row], dtype=float)


def _level(
    node: str, level: str, of: Callable[[Array, Array], Sequence[float]]
) -> Callable[..., Array]:
    """From numbers of people at a node and the shares of time with so many."""

    def take(r: ics.Results) -> Array:
        where = {"node": node, "level": level}
        people = column(r, "levels", "people", **where)
        return one(*of(people, column(r, "levels", "mean", **where)))

    return take


def share_at(node: str, n: int, level: str = "present") -> Measure:
    """Share of time with `n` people."""
    return Measure(_level(node, level, lambda people, shares: [shares[people == n].sum()]))


def level_variance(node: str, level: str) -> Measure:
    """Variance over time of the number of people."""
    moments = _level(node, level, lambda p, shares: [(p * shares).sum(), (p * p * shares).sum()])
    return Measure(moments, variance)


def quantile(scope: str, length: str, p: float) -> Measure:
    """Quantile of waits or times in the system."""

    def take(r: ics.Results) -> Array:
        name = f"p{round(100 * p)}"
        return one(*column(r, "waits", name, scope=scope, length=length, cohort="all"))

    return Measure(take)


def wait_variance(node: str) -> Measure:
    """Variance of the wait over patients."""

    def take(r: ics.Results) -> Array:
        where = {"scope": node, "length": "wait", "cohort": "all"}
        mean = column(r, "waits", "mean", **where)[0]
        return one(mean, column(r, "waits", "sd", **where)[0] ** 2 + mean**2)

    return Measure(take, variance)


def wait_cdf(node: str, t: float) -> Measure:
    """Share of those who started who had waited `t` or less; from the rows of visits."""

    def take(r: ics.Results) -> Array:
        started = column(r, "stays", "started", node=node)
        wait = started - column(r, "stays", "joined", node=node)
        # Time is kept in whole microseconds; half of one is lost in numbers of days.
        return one((wait[started >= 0] <= t + 1e-11).mean())

    return Measure(take)


def interdeparture_cv(node: str) -> Measure:
    """Coefficient of variation of the times between departures; from the rows of visits."""

    def take(r: ics.Results) -> Array:
        left = column(r, "stays", "left", node=node)
        between = np.diff(np.sort(left[~np.isnan(left)]))
        return one(between.mean(), (between**2).mean())

    return Measure(take, lambda m: math.sqrt(variance(m)) / float(m[0]))


def weekly(node: str, phase: int, *, moment: int = 1) -> Measure:
    """People at the census on one day of the week, the days of a run together."""

    def take(r: ics.Results) -> Array:
        people = column(r, "occupancy", "mean", node=node, level="occupied")[phase::7]
        return one(*((people**k).mean() for k in range(1, moment + 1)))

    return Measure(take, variance if moment == 2 else None)


def at_node(expected: Expected, node: str, system: str) -> Measure | None:
    """The measure of a metric of one node, or of the whole system where it has but this node."""
    match expected["metric"]:
        case "mean_number_in_system":
            return values(("occupied", node), ("waiting", node), of=lambda m: float(m.sum()))
        case "mean_queue_length":
            return values(("waiting", node))
        case "mean_wait_in_queue":
            return values(("mean_wait", node))
        case "mean_wait_of_those_who_wait":
            return values(("mean_wait", node), ("share_waiting", node), of=ratio)
        case "mean_time_in_system":
            return values(("mean_time_in_system", system))
        case "probability_wait_positive":
            return values(("share_waiting", node))
        case "utilisation":
            return values(("occupancy", node))
        case "mean_occupied_beds" | "mean_occupancy" | "mean_occupied":
            return values(("occupied", node))
        case "probability_blocked":
            return values(("lost_share", node))
        case "time_fraction_full":
            return values(("full", node))
        case "mean_blocked_patients":
            return values(("blocked", node))
        case "time_fraction_any_blocked" | "time_fraction_blocked":
            return values(("any_blocked", node))
        case "mean_blocked_time_per_patient":
            return values(("blocked", node), ("departures", node), of=ratio)
        case "throughput" | "departure_rate" | "max_throughput":
            return values(("departures", node))
        case "variance_number_in_system":
            return level_variance(node, "present")
        case "variance_occupancy":
            return level_variance(node, "occupied")
        case "time_fraction_in_state":
            return share_at(node, expected["n"])
        case "wait_quantile":
            return quantile(node, "wait", expected["p"])
        case "time_in_system_quantile":
            return quantile(system, "time in system", expected["p"])
        case "variance_wait_in_queue":
            return wait_variance(node)
        case "wait_cdf":
            return wait_cdf(node, expected["t"])
        case "interdeparture_cv":
            return interdeparture_cv(node)
    return None


def of_network(expected: Expected, system: str) -> Measure | None:
    """The measure of a metric of the whole system."""
    match expected["metric"]:
        case "mean_number_in_system":
            return values(("inside", system))
        case "mean_time_in_system":
            return values(("mean_time_in_system", system))
    return None
