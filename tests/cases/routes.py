"""The plans of the cases of routes: ways that take time, people who block one another."""

from __future__ import annotations

from typing import Any

import icsflow as ics
import numpy as np
from accept import Array
from measures import Measure, at_node, column, one, values, variance
from plans import Case, Plan, empty, expected_of, group_of, plans, system_name
from reader import add_arrivals, distribution

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


# So many places that nobody ever waits for one: they are as good as without limit, and can be held.
_MANY = 1000


@plans("T34")
def transport(case: Case) -> Plan:
    plan = Plan()
    loss = case["model"]["loss ward, exit delay"]
    ward = empty(case).beds(
        "ward", loss["beds"], stay=distribution(loss["service"]), queue=ics.Queue(limit=0)
    )
    ward.route("ward", ics.HOME)
    delay = distribution(loss["transition_delay_to_exit"])
    ward.transfer("ward", ics.HOME, delay, hold_origin=True)
    add_arrivals(ward, "source", {"to": "ward", "arrivals": loss["arrivals"]})
    units = case["model"]["two units"]
    two = empty(case).beds("acute", _MANY, stay=distribution(units["acute_service"]))
    two.beds("rehab", _MANY, stay=distribution(units["rehab_service"]))
    two.route("acute", {"rehab": units["to_rehab"], ics.HOME: None})
    delay = distribution(units["transition_delay_acute_to_rehab"])
    two.transfer("acute", "rehab", delay, hold_origin=True)
    add_arrivals(two, "source", {"to": "acute", "arrivals": units["arrivals_to_acute"]})
    measures: dict[str, dict[Any, Measure]] = {"loss": {}, "two": {}, "census": {}}
    for number, expected in expected_of(case):
        metric, scope = expected["metric"], expected["scope"]
        part = "loss" if scope.startswith("loss") else "two"
        node = "ward" if part == "loss" else scope.split(", ")[1].split(" ")[0]
        taken = ("occupied", node), ("reserved", node)
        match metric:
            case "mean_in_transition_delay":
                found: Any = values(("in_transfer", node))
            case "mean_reserved_beds":
                found = values(("reserved", node))
            case "mean_occupied_or_reserved_beds":
                found = values(*taken, of=lambda m: float(m.sum()))
            case "variance_occupied_or_reserved":
                part, found = "census", Measure(_taken(node), variance)
            case _:
                found = at_node(expected, node, system_name(case))
        measures[part][number, ""] = found
    plan.groups.append(group_of(case, "loss ward", ward, measures["loss"]))
    plan.groups.append(group_of(case, "two units", two, measures["two"]))
    census = measures["census"]
    plan.groups.append(group_of(case, "variance", two, census, together=False))
    return plan


def _taken(node: str) -> Any:
    """The mean and the mean square of the places taken or reserved at the census."""

    def take(r: ics.Results) -> Array:
        # Places are reserved, and that is told, only where some way takes time.
        levels = [column(r, "occupancy", "mean", node=node, level=name) for name in _TAKEN]
        taken = sum(level for level in levels if len(level))
        return one(taken.mean(), (taken**2).mean())

    return take


_TAKEN = ("occupied", "reserved")
