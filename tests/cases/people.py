"""The plans of the cases that begin with people inside, or whose people come again."""

from __future__ import annotations

from typing import Any

import icsflow as ics
import numpy as np
from accept import Array
from measures import Measure, at_node, column, one, values, variance
from plans import Case, Plan, empty, expected_of, group_of, plans, system_name
from reader import add_arrivals, add_node, distribution

__all__: list[str] = []

_INSIDE = "inside at end = people counted in places and queues"


@plans("T17")
def transient(case: Case) -> Plan:
    """For each time a run that ends then; the audit tells how many are inside."""
    section = case["model"]
    built = empty(case)
    for node in section["nodes"]:
        add_node(built, node)
    for number, source in enumerate(section["sources"], 1):
        add_arrivals(built, f"source {number}", source)
    for node in section["nodes"]:
        there, places = section["initial"][node["name"]]["in_system"], node["servers"]
        built.census(node["name"], people=min(there, places), queue=max(there - places, 0))

    def inside(of: Any) -> Measure:
        def take(r: ics.Results) -> Array:
            people = column(r, "audit", "left_side", check=_INSIDE).astype(float)
            return np.column_stack([part(people) for part in of])

        return Measure(take, variance if len(of) == 2 else None)

    ways: dict[str, Any] = {
        "mean_number_in_system_at": [lambda n: n],
        "probability_empty_at": [lambda n: (n == 0).astype(float)],
        "variance_number_in_system_at": [lambda n: n, lambda n: n**2],
    }
    plan = Plan()
    for t in dict.fromkeys(expected["t"] for expected in case["expected"]):
        measures: dict[Any, Measure] = {
            (number, ""): inside(ways[expected["metric"]])
            for number, expected in expected_of(case)
            if expected["t"] == t
        }
        run = {"replications": case["run"]["suggested"]["replications"], "length": t}
        plan.groups.append(
            group_of(case, f"t {t}", built, measures, run=run, together=True, levels=False)
        )
    return plan


@plans("T27")
def closed(case: Case) -> Plan:
    """Home is outside: everyone comes again after a time there."""
    built, section = empty(case), case["model"]
    home, unit = section["nodes"]
    add_node(built, unit)
    built.population(
        "population",
        section["initial"]["home"]["in_system"],
        attends=ics.Attends(unit["name"], every=distribution(home["service"])),
    )
    measures: dict[Any, Measure] = {}
    for number, expected in expected_of(case):
        measure = at_node(expected, unit["name"], system_name(case))
        if expected["metric"] == "mean_number_in_system":
            measure = values(
                ("occupied", unit["name"]), ("waiting", unit["name"]), of=lambda m: float(m.sum())
            )
        if measure is not None:
            measures[number, ""] = measure
    return Plan([group_of(case, "", built, measures)])


@plans("P06")
def discharge_to_assess(case: Case) -> Plan:
    """Six nodes that start loaded; the census at the start of day d is taken at time d.

    People wait for each in beds of a hospital, as many as there need be, where a day costs more.
    """
    built = ics.Model(f"{case['id']}: system", start="2023-01-01")
    prices = case["model"]["costs_per_day"]
    for name, node in case["model"]["nodes"].items():
        daily = node["daily_poisson_mean"]
        weekly = [daily[day] for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")]
        built.beds(name, node["beds"], stay=distribution(node["los"]))
        built.cost(f"care in {name}", name, per_day=prices[f"{name[:2]} bed in use"])
        before = f"hospital before {name}"
        built.beds(before, 10_000, stay=0).route(before, name)
        built.cost(f"delay in {before}", before, per_delayed_day=prices["patient waiting in acute"])
        built.arrivals(f"to {name}", to=before, rate=1, weekly=weekly)
        built.census(name, people=node["occupied_at_start"], remaining="uniform")
        built.census(before, people=node["waiting_at_start"], awaiting=name)

    def at(node: str, level: str, day: int) -> Measure:
        return Measure(lambda r: one(column(r, "occupancy", "mean", node=node, level=level)[day]))

    measures: dict[Any, Measure] = {}
    for number, expected in expected_of(case):
        node = expected["scope"].split(" ")[0]
        match expected["metric"]:
            case "mean_waiting_at":
                measures[number, ""] = at(f"hospital before {node}", "blocked", expected["day"])
            case "mean_occupied_at":
                measures[number, ""] = at(node, "occupied", expected["day"])
            case "mean_waiting":
                measures[number, ""] = values(("awaited", node))
    return Plan([group_of(case, "", built, measures, together=False)])
