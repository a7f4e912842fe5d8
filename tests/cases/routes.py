"""The plans of the cases of routes: people who block one another."""

from __future__ import annotations

from typing import Any

import icsflow as ics
import numpy as np
from accept import Array
from measures import Measure
from plans import Case, Plan, empty, expected_of, group_of, plans, system_name

# So many times the expected time, after which next to nobody has not come to a deadlock.
_LONG = 40


@plans("T30")
def self_blocking(case: Case) -> Plan:
    """One node; its waiting places serve those who come from outside and those who come back."""
    plan, node = Plan(), case["model"]["nodes"][0]
    for number, expected in expected_of(case):
        told = dict(part.split("=") for part in expected["scope"].split(","))
        rate, service, back = (float(told[name]) for name in ("lambda", "mu", "p"))
        built = empty(case, deadlock="report")
        built.beds(
            "node",
            node["servers"],
            stay=ics.Exponential(rate=service),
            queue=ics.Queue(limit=int(told["places"]) - node["servers"]),
            waiting_room="queue",
        )
        built.arrivals("people", to="node", rate=rate)
        built.route("node", {"node": back, ics.HOME: None})
        measures = {(number, ""): Measure(_time_to_deadlock(system_name(case)))}
        run = {"length": _LONG * expected["value"]}
        plan.groups.append(group_of(case, expected["scope"], built, measures, run=run))
    return plan


def _time_to_deadlock(system: str) -> Any:
    def take(r: ics.Results) -> Array:
        times = np.array(r.values("time_to_deadlock", system))
        assert not np.isnan(times).any(), "a run that was too short for its deadlock"
        return times[:, None]

    return take
