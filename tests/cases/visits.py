"""Cases of visits: a daily budget that people share whose need changes over the stay."""

from __future__ import annotations

import math
from typing import Any

import icsflow as ics
import numpy as np
from accept import Array, Estimate, Verdict, judge
from measures import Measure, column, level_variance, values
from plans import Case, Plan, empty, expected_of, group_of, plans

ENOUGH = 100_000
"""More visits a day than are ever needed."""


def root(mean: Array) -> float:
    """Standard deviation from first and second moment."""
    return math.sqrt(mean[1] - mean[0] ** 2)


@plans("T33")
def unlimited(case: Case) -> Plan:
    node, source = case["model"]["nodes"][0], case["model"]["sources"][0]
    built = empty(case).visits(
        "home_care", ENOUGH, need=ics.Taper(4, 1), stay=ics.Deterministic(node["stay_days"])
    )
    size = ics.Poisson(source["arrivals"]["rate"])
    built.arrivals("source", to="home_care", interarrival=ics.Deterministic("1d"), batch=size)
    people = level_variance("home_care", "occupied")
    measures: dict[str, Measure] = {
        "mean_daily_requirement": values(("visits", "home_care")),
        "sd_daily_requirement": Measure(_moments_of_days, root),
        "mean_caseload": values(("occupied", "home_care")),
        "sd_caseload": Measure(people.take, root),
        "mean_visits_per_patient": values(("visits_per_person", "home_care")),
    }
    asked = {(number, ""): measures[each["metric"]] for number, each in expected_of(case)}
    return Plan([group_of(case, "", built, asked, together=False)])


def _moments_of_days(results: ics.Results) -> Array:
    """First and second moment of the visits of a day."""
    made = column(results, "visits", "visits", node="home_care")
    return np.array([[made.mean(), (made**2).mean()]])


@plans("T35")
def reserved(case: Case) -> Plan:
    model = case["model"]
    everyone = list(enumerate(model["patients_in_order"], 1))
    built = empty(case)
    for number, patient in everyone:
        # Day 1 of the case is the first day of the run.
        at = ics.Timetable(times=[patient["arrival_day"] - 1])
        built.cohort(f"{number}")
        built.arrivals(f"{number}", to="care", timetable=at, cohort=f"{number}")
    needs: list[Any] = [
        ics.case(f"cohort == '{number}'", ics.Profile(days=patient["visits_per_day"]))
        for number, patient in everyone
    ]
    stays: list[Any] = [
        ics.case(f"cohort == '{number}'", ics.Deterministic(len(patient["visits_per_day"])))
        for number, patient in everyone
    ]
    per_day, everyone_else = int(model["capacity_per_day"]), ics.Deterministic(1)
    built.visits("care", per_day, need=[*needs, 1], stay=[*stays, everyone_else])
    plan = Plan()
    for number, expected in expected_of(case):
        plan.direct[number, ""] = lambda expected=expected: _judged(built, expected)
    return plan


def _judged(built: ics.Model, expected: dict[str, Any]) -> Verdict:
    # The census a second before midnight is that of the end of the day.
    results = built.run(replications=1, until=10, census="23:59", stays=True, seed=1)
    if "records" in expected:
        wanted = {record["patient"]: record["start_day"] for record in expected["records"]}
        who = column(results, "stays", "source")
        started = column(results, "stays", "started")
        found = {int(name): int(day) + 1 for name, day in zip(who, started, strict=True)}
    elif expected["metric"] == "visits_used":
        wanted = {int(day): visits for day, visits in expected["by_day"].items()}
        found = dict(enumerate(column(results, "visits", "visits", node="care"), 1))
    else:
        wanted = {int(day): people for day, people in expected["by_day"].items()}
        waiting = column(results, "occupancy", "mean", node="care", level="waiting")
        found = dict(enumerate(waiting, 1))
    wrong = [key for key, value in wanted.items() if found[key] != value]
    return judge({**expected, "value": 0}, Estimate(float(len(wrong))))
