"""The plans of the cases of slots by calendar."""

from __future__ import annotations

from typing import Any

import icsflow as ics
import numpy as np
from accept import Array
from measures import Measure, column, one, ratio, values
from plans import Case, Plan, empty, expected_of, group_of, plans

__all__: list[str] = []


@plans("T22")
def clinic(case: Case) -> Plan:
    """A session at the end of each day; the census at midnight is the list after it."""
    node, source = case["model"]["nodes"][0], case["model"]["sources"][0]
    name = node["name"]
    built = empty(case).slots(name, ics.Slots(per_day=node["slots_per_day"]), stay=0)
    built.arrivals("patients", to=name, rate=source["arrivals"]["rate"])
    measures: dict[Any, Measure] = {}
    for number, expected in expected_of(case):
        measures[number, ""] = _measure(expected, name)
    plan = Plan()
    plan.groups.append(group_of(case, "clinic", built, measures, together=False))
    return plan


def _measure(expected: Any, name: str) -> Measure:
    def after(r: ics.Results) -> Array:
        """Of one replication: the list after each session."""
        return column(r, "occupancy", "mean", node=name, level="waiting")

    match expected["metric"]:
        case "mean_waiting_list_after_session":
            return Measure(lambda r: one(after(r).mean()))
        case "probability_list_cleared":
            return Measure(lambda r: one((after(r) == 0).mean()))
        case "probability_list_exceeds":
            return Measure(lambda r: one((after(r) > expected["k"]).mean()))
        case "list_after_session_quantile":
            return Measure(
                lambda r: one(np.quantile(after(r), expected["p"], method="inverted_cdf"))
            )
        case "mean_whole_days_waited":
            # Each midnight that somebody waits through is a whole day.
            return values(("census_waiting", name), ("started", name), of=ratio)
        case "mean_slots_unused_per_day":
            return values(("slots_unused", name))
        case "slot_utilisation":
            return values(("slot_utilisation", name))
    raise ValueError(expected["metric"])
