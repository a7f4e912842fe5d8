"""The plans of the cases of queues and capacity: who waits, gives up, is sent on or put back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import icsflow as ics
import numpy as np
from accept import Array
from measures import Measure, at_node, cohort_values, column, one, ratio, values, variance
from plans import Case, Plan, empty, expected_of, group_of, measures_at, plans, system_name
from reader import add_arrivals, distribution

__all__ = ["overflow_model", "shifts_model", "threshold_model"]

Measures = dict[Any, Measure]
Metrics = Mapping[str, str]


def _by_class(sources: Sequence[Any], to: str, built: ics.Model) -> ics.Model:
    """Adds a cohort and a stream of arrivals for each class."""
    for source in sources:
        built.cohort(source["class"])
        add_arrivals(built, source["class"], {"to": to, **source}, cohort=source["class"])
    return built


def _stays(sources: Sequence[Any]) -> list[Any]:
    """Stays by class, for classes of which the last is everyone else."""
    lengths = [distribution(source["service"]) for source in sources]
    named = zip(sources[:-1], lengths, strict=False)
    return [*(ics.case(_is(source), length) for source, length in named), lengths[-1]]


def _is(source: Any) -> str:
    return f'cohort == "{source["class"]}"'


def _of_cohorts(case: Case, node: str, system: Metrics, own: Metrics) -> Measures:
    """The metrics that are asked of a class: of the whole system, and of the node."""
    measures: Measures = {}
    for number, expected in expected_of(case):
        metric, cohort = expected["metric"], expected.get("scope", "")
        for names, scope in ((system, system_name(case)), (own, node)):
            if metric in names:
                measures[number, ""] = cohort_values((names[metric], scope, cohort))
    return measures


@plans("T07")
def impatience(case: Case) -> Plan:
    node = case["model"]["nodes"][0]
    queue = ics.Queue(patience=distribution(node["patience"]))
    built = empty(case).beds(
        "clinic", node["servers"], stay=distribution(node["service"]), queue=queue
    )
    add_arrivals(built, "source", case["model"]["sources"][0])
    measures = measures_at(case, None, "clinic")
    for number, expected in expected_of(case):
        match expected["metric"]:
            case "probability_renege":
                measures[number, ""] = values(("reneged_share", "clinic"))
            case "probability_wait_positive":
                # Of all who come: those who waited and started, and those who gave up.
                names = ("share_waiting", "started", "reneged", "joined")
                measures[number, ""] = values(
                    *((name, "clinic") for name in names),
                    of=lambda m: float((m[0] * m[1] + m[2]) / m[3]),
                )
            case "mean_time_in_queue":
                measures[number, ""] = values(("waiting", "clinic"), ("joined", "clinic"), of=ratio)
    return Plan([group_of(case, "", built, measures)])


@plans("T09")
def preemption(case: Case) -> Plan:
    sources = sorted(case["model"]["sources"], key=lambda source: source["priority"])
    queue = ics.Queue(classes=[_is(sources[0])], preempt="resume")
    built = empty(case).beds("theatre", 1, stay=_stays(sources), queue=queue)
    _by_class(sources, "theatre", built)
    system = {"mean_time_in_system": "mean_time_in_system", "mean_number_in_system": "inside"}
    measures = _of_cohorts(case, "theatre", system, {})
    measures |= {(i, ""): values(("occupancy", "theatre")) for i, e in expected_of(case) if _use(e)}
    return Plan([group_of(case, "", built, measures, by_cohort=True)])


def _use(expected: Any) -> bool:
    return bool(expected["metric"] == "utilisation")


def shifts_model(case: Case) -> ics.Model:
    """T16: more places by day."""
    node = case["model"]["nodes"][0]
    day, night = node["servers"]["calendar"]
    begins, ends = (f"{day[key]:02}:00" for key in ("from", "to"))
    places = ics.Capacity(night["value"], weekly=[ics.Shift(begins, ends, day["value"])])
    built = empty(case).beds("unit", places, stay=distribution(node["service"]), cut="interrupt")
    add_arrivals(built, "source", case["model"]["sources"][0])
    return built


@plans("T16")
def shifts(case: Case) -> Plan:
    """The census is taken once a day, so each of its hours has runs of its own."""
    built = shifts_model(case)
    plan = Plan([group_of(case, "", built, measures_at(case, None, "unit"))])
    for number, expected in expected_of(case):
        if expected["metric"] == "mean_number_in_system_at":
            hour = expected["t_clock_hour"]
            census = ("census_occupied", "unit"), ("census_waiting", "unit")
            at = {(number, ""): values(*census, of=lambda m: float(m.sum()))}
            plan.groups.append(group_of(case, f"{hour}:00", built, at, census=f"{hour:02}:00"))
    return plan


@plans("T21")
def vacations(case: Case) -> Plan:
    plan, node = Plan(), case["model"]["nodes"][0]
    for away in node["vacation"]["variants"]:
        built = empty(case).beds(
            "clinician", 1, stay=distribution(node["service"]), vacation=distribution(away)
        )
        add_arrivals(built, "source", case["model"]["sources"][0])
        measures: Measures = {}
        for number, expected in expected_of(case):
            # What they serve does not depend on when they are away.
            if _use(expected):
                measures[number, away["dist"]] = values(("occupancy", "clinician"))
            elif away["dist"] in expected["scope"]:
                found = at_node(expected, "clinician", system_name(case))
                assert found is not None
                measures[number, ""] = found
        plan.groups.append(group_of(case, away["dist"], built, measures))
    return plan


def threshold_model(case: Case) -> ics.Model:
    """T25: some places are only for some."""
    node, sources = case["model"]["nodes"][0], case["model"]["sources"]
    rules = ((s, node["admission"][s["class"]].split(" < ")[1]) for s in sources)
    admit = " or ".join(f"({_is(source)} and occupied() < {below})" for source, below in rules)
    built = empty(case).beds(
        "ward",
        node["servers"],
        stay=distribution(node["service"]),
        admit=admit,
        queue=ics.Queue(limit=0),
    )
    return _by_class(sources, "ward", built)


@plans("T25")
def threshold(case: Case) -> Plan:
    measures = measures_at(case, None, "ward")
    measures |= _of_cohorts(case, "ward", {}, {"probability_rejected": "lost_share"})
    options = {"by_cohort": True, "together": False}
    return Plan([group_of(case, "", threshold_model(case), measures, **options)])


def overflow_model(case: Case) -> ics.Model:
    """T26: who finds no place at A goes to B."""
    built = empty(case)
    for node, if_full in zip(case["model"]["nodes"], ("B", None), strict=True):
        queue = ics.Queue(limit=0, if_full=if_full)
        built.beds(node["name"], node["servers"], stay=distribution(node["service"]), queue=queue)
    for source in case["model"]["sources"]:
        _by_class([source], source["to"], built)
    return built


@plans("T26")
def overflow(case: Case) -> Plan:
    measures: Measures = {}
    for number, expected in expected_of(case):
        scope = expected["scope"]
        match expected["metric"]:
            case "probability_overflow":
                measures[number, ""] = values(("lost_share", "A"))
            case "probability_rejected":
                # Whoever is lost in the end is lost at B.
                lost, came = ("lost", "B", scope), ("joined", scope, scope)
                measures[number, ""] = cohort_values(lost, came, of=ratio)
            case "mean_occupied_beds":
                measures[number, ""] = values(("occupied", scope[-1]))
    return Plan([group_of(case, "", overflow_model(case), measures, by_cohort=True)])


@plans("T28")
def disciplines(case: Case) -> Plan:
    plan, node = Plan(), case["model"]["nodes"][0]
    words: dict[str, Any] = {
        "fifo": "first come",
        "lifo_non_preemptive": "last come",
        "random": "random",
    }
    for scope, discipline in words.items():
        queue = ics.Queue(discipline=discipline)
        built = empty(case).beds("clinic", 1, stay=distribution(node["service"]), queue=queue)
        add_arrivals(built, "source", case["model"]["sources"][0])
        plan.groups.append(group_of(case, scope, built, measures_at(case, scope, "clinic")))
    return plan


@plans("T32")
def escalation(case: Case) -> Plan:
    node, sources = case["model"]["nodes"][0], case["model"]["sources"]
    after = distribution(node["escalation"]["after_waiting"])
    queue = ics.Queue(classes=[_is(sources[0])], change_class=[ics.ChangeClass(2, 1, after)])
    built = empty(case).beds("clinic", 1, stay=distribution(node["service"]), queue=queue)
    _by_class(sources, "clinic", built)
    # Some are served at once, so that not all arrivals join the line.
    rate = sources[1]["arrivals"]["rate"]

    def per_arrival(mean: Array) -> float:
        return float(mean[0] / rate)

    measures: Measures = {}
    for number, expected in expected_of(case):
        scope = expected.get("scope", "")
        match expected["metric"]:
            case "mean_queue_length" if scope == "total":
                measures[number, ""] = values(("waiting", "clinic"))
            case "mean_queue_length":
                measures[number, ""] = _in_class(("mean", 1 if "urgent" in scope else 2))
            case "upgrade_rate":
                measures[number, ""] = _in_class(("changed", 1))
            case "fraction_of_routine_arrivals_upgraded":
                measures[number, ""] = _in_class(("changed", 1), of=per_arrival)
    return Plan([group_of(case, "", built, measures, together=False)])


def _in_class(*asked: tuple[str, int], of: Callable[[Array], float] | None = None) -> Measure:
    """Columns of the table of lines by class, each with a class."""

    def take(r: ics.Results) -> Array:
        return one(*(column(r, "queues", name, **{"class": n})[0] for name, n in asked))

    return Measure(take, of)


# Days by which everybody has given up.
_LONGEST = 60


@plans("T36")
def hill(case: Case) -> Plan:
    """People join at noon and give up so many whole days later, just before others join.

    The second service takes them at once instead of the day after, for as many days.
    """
    closed = case["model"]["nodes"]["closed clinic"]
    a, b, c, d = closed["renege_hill_params"]
    daily = [d + (a - d) / (1 + (x / c) ** b) for x in range(1, _LONGEST + 1)]
    onward = {ics.EXIT if to == "exit" else to: p for to, p in closed["renege_routing"].items()}
    queue = ics.Queue(patience=ics.DailyHazard(daily), renege=onward)
    days = case["model"]["nodes"]["second service"]["service_days"]
    built = empty(case).beds("closed clinic", closed["capacity"], stay="1d", queue=queue)
    built.unlimited("second service", stay=ics.Deterministic(days))
    built.arrivals(
        "referrals",
        to="closed clinic",
        timetable=ics.Timetable(weekly=[ics.At("12:00")]),
        batch=distribution(closed["external_arrivals_per_day"]),
    )
    measures: Measures = {}
    for number, expected in expected_of(case):
        match expected["metric"]:
            case "mean_queue_at_end_of_day":
                measures[number, ""] = Measure(_at_census(1))
            case "variance_queue_at_end_of_day":
                measures[number, ""] = Measure(_at_census(2), variance)
            case "mean_days_before_reneging":
                measures[number, ""] = Measure(_days_before_reneging)
            case "throughput":
                measures[number, ""] = values(("joined", "second service"))
            case "mean_occupied":
                measures[number, ""] = values(("occupied", "second service"))
    options = {"together": False, "stays": True, "census": "13:00"}
    return Plan([group_of(case, "", built, measures, **options)])


def _at_census(moments: int) -> Callable[[ics.Results], Array]:
    def take(r: ics.Results) -> Array:
        people = column(r, "occupancy", "mean", node="closed clinic", level="waiting")
        return one(*((people**k).mean() for k in range(1, moments + 1)))

    return take


def _days_before_reneging(r: ics.Results) -> Array:
    reneged = {"node": "closed clinic", "outcome": "reneged"}
    waited = column(r, "stays", "left", **reneged) - column(r, "stays", "arrived", **reneged)
    assert np.allclose(waited, np.round(waited))
    return one(waited.mean())


@plans("T37")
def displacement(case: Case) -> Plan:
    node, sources = case["model"]["nodes"][0], case["model"]["sources"]
    queue = ics.Queue(limit=0, classes=[_is(sources[0])], preempt="displace")
    built = empty(case).beds(
        "ICU", node["servers"], stay=distribution(node["service"]), queue=queue
    )
    _by_class(sources, "ICU", built)
    measures = _of_cohorts(case, "ICU", {}, {"mean_occupied_beds": "occupied"})
    for number, expected in expected_of(case):
        cohort = expected.get("scope", "").partition(" ")[0]
        match expected["metric"]:
            case "probability_rejected":
                measures[number, ""] = cohort_values(("lost_share", "ICU", cohort))
            case "displacements_per_day":
                measures[number, ""] = values(("displaced", "ICU"))
            case "fraction_of_low_completed":
                went, came = ("departures", "ICU", cohort), ("joined", "ICU", cohort)
                measures[number, ""] = cohort_values(went, came, of=ratio)
    return Plan([group_of(case, "", built, measures, by_cohort=True)])
