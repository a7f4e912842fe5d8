"""What is run for each case: models, runs, and the measure of every expected metric."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import icsflow as ics
from accept import Verdict
from measures import Measure, at_node
from reader import MONDAY, unit_of

__all__ = [
    "NOT_YET",
    "Case",
    "Group",
    "Key",
    "Plan",
    "empty",
    "expected_of",
    "group_of",
    "measures_at",
    "plan_of",
    "plans",
    "seed_of",
    "system_name",
    "with_node",
]

Case = Mapping[str, Any]
Key = tuple[int, str]
"""The number of an expected metric in its file; a label where it is asked of several variants."""


@dataclass
class Group:
    """Independent runs of one thing, and what is measured in them.

    A run of a model has one replication, so that tables which pool their replications (levels,
    waits, the census) can be told apart; where only the metrics of the summary are wanted, which
    are told by replication, all run `together`.
    """

    name: str
    run: Callable[[int, int], Any]
    """From a seed and a number of replications to results."""
    replications: int
    measures: dict[Key, Measure] = field(default_factory=dict)
    together: bool = False


@dataclass
class Plan:
    """All that is done for a case; an expected metric of which nothing is said is *not yet*."""

    groups: list[Group] = field(default_factory=list)
    direct: dict[Key, Callable[[], Verdict]] = field(default_factory=dict)
    """Judged apart: exact records, tests without a stated value."""
    missing: dict[Key, str] = field(default_factory=dict)
    """Why an expected metric is not yet there."""


def seed_of(base: int, *names: object) -> int:
    """A seed for each case, group and block, all from the one base seed."""
    text = "/".join(map(str, (base, *names)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def runner(model: ics.Model, *, warm_up: float, until: float, **options: Any) -> Callable[..., Any]:
    """Runs of a model."""
    model.check()

    def run(seed: int, replications: int) -> ics.Results:
        # Several of one replication run beside each other, so each has one thread.
        threads = None if replications > 1 else 1
        return model.run(
            replications=replications,
            warm_up=warm_up,
            until=until,
            seed=seed,
            threads=threads,
            **options,
        )

    return run


# Metrics that the tables pool over replications or that need the rows of visits.
_ALONE = {
    "variance_number_in_system",
    "variance_occupancy",
    "time_fraction_in_state",
    "wait_quantile",
    "time_in_system_quantile",
    "variance_wait_in_queue",
    "wait_cdf",
    "interdeparture_cv",
}
_ROWS = {"wait_cdf", "interdeparture_cv"}

# Features that icsflow does not have yet, as the case files name them.
NOT_YET = {
    "multiple_simultaneous_resources",
    "processor_sharing",
}

Planner = Callable[[Case], Plan]
_PLANNERS: dict[str, Planner] = {}


def plans(*prefixes: str) -> Callable[[Planner], Planner]:
    """Marks what plans the cases of these numbers."""

    def mark(planner: Planner) -> Planner:
        _PLANNERS.update(dict.fromkeys(prefixes, planner))
        return planner

    return mark


def plan_of(case: Case) -> Plan:
    """The plan of a case; what it leaves out is not yet, for want of the features named."""
    planner = _PLANNERS.get(case["id"].split("_")[0])
    plan = planner(case) if planner else Plan()
    said = {number for group in plan.groups for number, _ in group.measures}
    said |= {number for number, _ in [*plan.direct, *plan.missing]}
    wants = ", ".join(f for f in case["features_required"] if f in NOT_YET)
    for number in range(len(case["expected"])):
        if number not in said:
            plan.missing[number, ""] = wants or "the adapter does not read it yet"
    return plan


def system_name(case: Case) -> str:
    return f"{case['id']}: system"


def empty(case: Case, **given: Any) -> ics.Model:
    unit = given.pop("time_unit", case["time_unit"])
    return ics.Model(system_name(case), start=MONDAY, time_unit=unit_of(unit), **given)


def expected_of(case: Case, scope: str | None = None) -> list[tuple[int, Any]]:
    """The expected metrics of a scope, with their numbers; all if none is named."""
    numbered = enumerate(case["expected"])
    return [(i, e) for i, e in numbered if scope is None or e.get("scope") == scope]


def group_of(
    case: Case,
    name: str,
    built: ics.Model,
    measures: dict[tuple[int, str], Measure],
    **given: Any,
) -> Group:
    """Runs as the case suggests, with what the measures need."""
    run = {**case["run"].get("suggested", case["run"]), **given.pop("run", {})}
    metrics = {case["expected"][number]["metric"] for number, _ in measures}
    options = {"stays": True} if metrics & _ROWS else {}
    together = given.pop("together", not metrics & _ALONE)
    warm_up, until = run.get("warm_up", 0), run["length"]
    return Group(
        name,
        runner(built, warm_up=warm_up, until=until, **options, **given),
        run["replications"],
        measures,
        together,
    )


def measures_at(case: Case, scope: str | None, node: str, label: str = "") -> dict[Any, Measure]:
    """The measures of all metrics of a scope that belong to one node."""
    found = {}
    for number, expected in expected_of(case, scope):
        measure = at_node(expected, node, system_name(case))
        if measure is not None:
            found[number, label] = measure
    return found


def with_node(case: Case, **changes: Any) -> Case:
    """A case whose one node is changed."""
    changed = copy.deepcopy(dict(case))
    changed["model"]["nodes"][0].update(changes)
    return changed
