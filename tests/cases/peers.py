"""The plans of the cases from published studies and reference runs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import icsflow as ics
import numpy as np
from accept import Array, Verdict
from measures import Measure, at_node, column, one, values
from plans import (
    Case,
    Plan,
    empty,
    expected_of,
    group_of,
    measures_at,
    plans,
    system_name,
    with_node,
)
from reader import distribution, model, queue_of

__all__: list[str] = []


@plans("P04")
def nurses(case: Case) -> Plan:
    plan = Plan()
    scopes = dict.fromkeys(expected["scope"] for expected in case["expected"])
    for scope in scopes:
        found = re.findall(r"\d+", scope)
        gap, servers = (4, int(found[0])) if scope.startswith("base") else map(int, found)
        varied: Any = with_node(case, servers=servers)
        varied["model"]["sources"][0]["arrivals"]["interarrival"]["mean"] = float(gap)
        measures = measures_at(case, scope, "nurse")
        # As the notes advise: the published runs are too short for the half-widths asked.
        run = {"replications": 20, "warm_up": 2000, "length": 1_000_000}
        plan.groups.append(group_of(case, scope, model(varied), measures, run=run))
        for number, expected in expected_of(case, scope):
            if expected["metric"] == "mean_arrivals":
                base = case["run"]["base"]
                scale = float(base["length"])
                count: dict[Any, Measure] = {
                    (number, ""): values(("entered", system_name(case)), scale=scale)
                }
                plan.groups.append(group_of(case, "arrivals", model(varied), count, run=base))
    return plan


@plans("P31")
def traces(case: Case) -> Plan:
    """Exact records, from the rows of visits."""
    plan = Plan()
    for number, expected in expected_of(case):
        scope = expected["scope"]

        def judged(scope: str = scope, expected: Any = expected) -> Verdict:
            built = _trace_model(case, scope)
            results = built.run(replications=1, until=100, stays=True, seed=1)
            return _same_records(expected, _records(results, expected["records"]))

        plan.direct[number, ""] = judged
    return plan


_PREEMPT: dict[str, Any] = {"preemptive_resume": "resume", "preemptive_restart": "restart"}


def _trace_model(case: Case, scope: str) -> ics.Model:
    data, built = case["model"][scope], empty(case, time_unit="day")

    def stream(name: str, to: str, times: Sequence[float], cohort: str | None = None) -> None:
        built.arrivals(name, to=to, timetable=ics.Timetable(times=times), cohort=cohort)

    def node(name: str, data: Any, services: Sequence[float]) -> None:
        queue = queue_of(data.get("waiting_places", math.inf))
        if "patience" in data:
            queue = ics.Queue(patience=ics.Deterministic(data["patience"]))
        built.beds(name, _places(data), stay=ics.Listed(services), queue=queue)

    if scope == "bas_fifo_shared_downstream":
        for name in ("X", "Y"):
            node(name, data[name], data[name]["services"])
            stream(name, name, data[name]["arrivals"])
            built.route(name, {"Z": 1})
        node("Z", data["Z"], data["Z"]["services_in_order_of_entry"])
    elif "H" in data:
        stay: list[Any] = [
            ics.case('cohort == "H"', ics.Listed(data["H"]["services"])),
            ics.Listed(data["L"]["services"]),
        ]
        queue = ics.Queue(classes=['cohort == "H"'], preempt=_PREEMPT.get(scope))
        built.beds("1", data["servers"], stay=stay, queue=queue)
        for name in ("H", "L"):
            built.cohort(name)
            stream(name, "1", data[name]["arrivals"], name)
    elif "slots" in data:
        sessions = [
            ics.Session(at=at, repeat=data["cycle"], slots=slots) for at, slots in data["slots"]
        ]
        built.slots("1", ics.Slots(sessions=sessions), stay=data["service"])
        stream("arrivals", "1", data["arrivals"])
    else:
        node("1", data, data["services"])
        stream("arrivals", "1", data["arrivals"])
    return built


def _places(data: Any) -> int | ics.Capacity:
    """The places of a node, by a calendar if it has one."""
    if "capacity_calendar" not in data:
        return int(data["servers"])
    steps = {begins: places for begins, _, places in data["capacity_calendar"]}
    return ics.Capacity(steps[0], cycle=ics.Cycle(data["cycle"], steps))


def _records(r: ics.Results, like: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows of visits in the words of the case, with patients numbered by arrival."""
    names = [
        "source",
        "patient",
        "cohort",
        "node",
        "arrived",
        "started",
        "ready",
        "left",
        "outcome",
    ]
    columns = {name: column(r, "stays", name) for name in names}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    rows.sort(key=lambda row: row["arrived"])
    numbers: dict[Any, int] = {}
    # When those came whose stay was interrupted.
    came: dict[Any, float] = {}
    classes = any("class" in record for record in like)
    records = []
    for row in rows:
        who, served = (row["source"], row["patient"]), row["outcome"] == "left"
        record = {
            "patient": numbers.setdefault(who, len(numbers) + 1),
            "node": str(row["node"]),
            "type": "served" if served else str(row["outcome"]),
            "arrival": came.pop(who, row["arrived"]),
            "exit": row["left"],
        }
        if record["type"] == "interrupted":
            came[who] = record["arrival"]
        if classes:
            record["class"] = row["cohort"]
        if served or record["type"] == "interrupted":
            record["start"] = row["started"]
        if served:
            record["service_end"] = row["ready"]
            if row["left"] > row["ready"]:
                record["blocked"] = row["left"] - row["ready"]
        records.append(record)
    return sorted(records, key=lambda record: (record["patient"], record["exit"]))


def _same_records(expected: Any, found: list[dict[str, Any]]) -> Verdict:
    wanted = [{**record, "node": str(record["node"])} for record in expected["records"]]
    tolerance = expected["accept"]["tol"]
    if len(wanted) != len(found):
        return Verdict("failed", note=f"{len(found)} records instead of {len(wanted)}")
    for want, have in zip(wanted, found, strict=True):
        same = want.keys() == have.keys() and all(
            abs(have[key] - value) <= tolerance if isinstance(value, float) else have[key] == value
            for key, value in want.items()
        )
        if not same:
            return Verdict("failed", note=f"found {have}, expected {want}")
    return Verdict("passed", note=f"{len(found)} records equal")


@plans("P14")
def bank(case: Case) -> Plan:
    plan = Plan()
    for servers in (3, 4):
        data, name = case["model"]["bank"], f"{servers} servers"
        built = empty(case).beds("bank", servers, stay=distribution(data["service"]))
        built.arrivals("source", to="bank", rate=data["arrivals"]["rate"])
        plan.groups.append(group_of(case, name, built, measures_at(case, name, "bank")))
    # The first condition that holds counts.
    balk = [ics.Balk("present() >= 7"), ics.Balk("present() >= 3", share=0.5)]
    name = "reneging after 6 time units"
    patience = distribution(case["model"][name]["patience"])
    queues = {
        "baulking": ("balked_share", ics.Queue(balk=balk)),
        name: ("reneged_share", ics.Queue(patience=patience)),
    }
    for name, (share, queue) in queues.items():
        data = case["model"][name]
        built = empty(case).beds(
            "desk", data["servers"], stay=distribution(data["service"]), queue=queue
        )
        built.arrivals("source", to="desk", rate=data["arrivals"]["rate"])
        measures: dict[Any, Measure] = {}
        for number, expected in expected_of(case):
            if expected["scope"].startswith(name):
                found = at_node(expected, "desk", system_name(case))
                measures[number, ""] = found or values((share, "desk"))
        plan.groups.append(group_of(case, name, built, measures))
    return plan


# The nodes that people come to from outside, the last line of a visit, and the exits.
_STAGES = {
    "triage": "triage",
    "registration": "registration",
    "examination": "exam",
    "treatment_non_trauma": "cubicle_1",
    "trauma": "trauma_room",
    "treatment_trauma": "cubicle_2",
}


@plans("P02")
def treatment_centre(case: Case) -> Plan:
    """Everything is taken from the rows of visits, by the rules of the case.

    The stays of those who are being seen at the end count in full, so the run goes on for two days
    more; whoever comes then changes nothing before, as every stage is first come, first served.
    """
    plan = Plan()
    closes = float(case["run"]["length"])
    for scenario, changed in case["model"]["scenarios"].items():
        measures: dict[Any, Measure] = {}
        for number, expected in expected_of(case):
            exact = expected["metric"] == "mean_arrivals_exact" and scenario == "default"
            if expected["scope"] == scenario or exact:
                places = {**case["model"]["resources"], **changed}
                measures[number, ""] = Measure(_treated(expected["metric"], places, closes))
        built = _treatment_model(case, changed)
        run = {"length": closes + 2880}
        group = group_of(case, scenario, built, measures, run=run, together=False, stays=True)
        plan.groups.append(group)
    return plan


def _treatment_model(case: Case, changed: Any) -> ics.Model:
    data = case["model"]
    places = {key.partition("(")[0]: n for key, n in {**data["resources"], **changed}.items()}
    lengths = {
        key: distribution(value) for key, value in data["durations_min"].items() if key != "exam"
    }
    lengths["exam"] = distribution(
        {k: v for k, v in data["durations_min"]["exam"].items() if k != "rule"}
    )
    stays = {
        "triage": lengths["triage"],
        "registration": lengths["registration"],
        "exam": lengths["exam"],
        "trauma_room": lengths["trauma_stabilisation"],
        "cubicle_1": lengths["non_trauma_treatment"],
        "cubicle_2": lengths["trauma_treatment"],
    }
    built = ics.Model(system_name(case), start="2026-01-05T06:00", time_unit="minutes")
    for name, stay in stays.items():
        built.beds(name, places[name], stay=stay, waiting_room="unlimited")
    # 18 hours from 06:00, then the first again; closed until the next morning.
    rates = [rate / 60 for rate in data["arrival_rate_per_hour"]]
    hourly = [rates[0], *[0.0] * 5, *rates]
    for name in data["classes"]:
        built.cohort(name)
    built.arrivals("patients", to="triage", rate=1.0, hourly=hourly, cohort=data["classes"])
    built.route("triage", {"trauma_room": 1}, cohort="trauma").route("triage", {"registration": 1})
    built.route("trauma_room", {"cubicle_2": 1}).route("registration", {"exam": 1})
    return built.route("exam", {"cubicle_1": 0.6, ics.HOME: None})


def _treated(metric: str, places: Any, closes: float) -> Callable[[ics.Results], Array]:
    """A statistic of the day until it closes."""
    counts = {key.partition("(")[0]: n for key, n in places.items()}

    def take(r: ics.Results) -> Array:
        rows = {name: column(r, "stays", name) for name in _VISIT}
        first = rows["node"] == "triage"
        gone = (rows["next"] == "home") & (rows["left"] <= closes)
        if metric in ("arrivals", "mean_arrivals_exact"):
            return one((rows["arrived"][first] <= closes).sum())
        if metric == "throughput":
            return one(gone.sum())
        if metric.startswith("total_time"):
            cohort = metric.removeprefix("total_time_").replace("-", "_")
            came = np.full(rows["patient"].max() + 1, np.nan)
            came[rows["patient"][first]] = rows["arrived"][first]
            mine = gone & (rows["cohort"] == cohort)
            return one(_mean(rows["left"][mine] - came[rows["patient"][mine]]))
        stage = _STAGES[metric.replace("_wait", "").replace("_util", "")]
        mine = (rows["node"] == stage) & (rows["started"] <= closes)
        if "_wait" in metric:
            return one(_mean(rows["started"][mine] - rows["arrived"][mine]))
        return one((rows["ready"][mine] - rows["started"][mine]).sum() / closes / counts[stage])

    return take


_VISIT = ("patient", "cohort", "node", "arrived", "started", "ready", "left", "next")


def _mean(values: Array) -> float:
    """NaN of nobody."""
    return float(values.mean()) if len(values) else math.nan


@plans("P10")
def obstetrics(case: Case) -> Plan:
    built = empty(case)
    for name, node in case["model"]["nodes"].items():
        if "lognormal_mu_sigma" in node:
            mu, sigma = node["lognormal_mu_sigma"]
            stay: ics.Distribution = ics.LogNormal(mu=mu, sigma=sigma)
        elif "gamma_shape_rate" in node:
            shape, rate = node["gamma_shape_rate"]
            stay = ics.Gamma(shape=shape, rate=rate)
        else:
            stay = ics.Uniform(*node["uniform"])
        queue = queue_of(node.get("external_queue", math.inf))
        built.beds(name, node["beds"], stay=stay, queue=queue)
        if "arrivals_per_hour" in node:
            built.arrivals(f"to {name}", to=name, rate=node["arrivals_per_hour"])
    for origin, ways in case["model"]["routing"].items():
        # What is written may fall short of 1 by rounding: the rest goes home.
        ways = {way: share for way, share in ways.items() if way != "Home"}
        short = 1 - sum(ways.values())
        built.route(origin, {**ways, **({ics.HOME: None} if short > 1e-9 else {})})
    measures: dict[Any, Measure] = {}
    for number, expected in expected_of(case):
        scope, metric = expected["scope"], expected["metric"]
        if metric == "mean_wait_in_queue":
            measures[number, ""] = Measure(_wait_outside(scope))
        elif metric == "mean_blocked_time":
            measures[number, ""] = Measure(_blocked(scope))
        elif metric == "mean_time_in_system":
            measures[number, ""] = Measure(_in_system("only" in scope))
        else:
            found = at_node(expected, scope, system_name(case))
            assert found is not None
            measures[number, ""] = found
    return Plan([group_of(case, "", built, measures, together=False, stays=True, levels=False)])


def _wait_outside(node: str) -> Callable[[ics.Results], Array]:
    """Who is moved in waits where he was, and counts as 0."""

    def take(r: ics.Results) -> Array:
        started = column(r, "stays", "started", node=node)
        waited = (started - column(r, "stays", "arrived", node=node))[started >= 0]
        return one(_mean(waited))

    return take


def _blocked(node: str) -> Callable[[ics.Results], Array]:
    def take(r: ics.Results) -> Array:
        served = {"node": node, "outcome": "left"}
        blocked = column(r, "stays", "left", **served) - column(r, "stays", "ready", **served)
        return one(_mean(blocked))

    return take


def _in_system(came_within: bool) -> Callable[[ics.Results], Array]:
    """Of those who leave in the window: all, or who came in it too."""

    def take(r: ics.Results) -> Array:
        if not came_within:
            return one(*r.values("mean_time_in_system", r._model["name"]))
        names = ("source", "patient", "node", "visit", "arrived", "left", "next", "outcome")
        rows = {name: column(r, "stays", name) for name in names}
        keys = np.unique(rows["source"], return_inverse=True)[1] * (1 << 40) + rows["patient"]
        people, where = np.unique(keys, return_inverse=True)
        entry = np.char.add("to ", rows["node"].astype(str)) == rows["source"].astype(str)
        entry &= (rows["visit"] == 0) & (rows["arrived"] >= 0)
        came = np.full(len(people), np.nan)
        came[where[entry]] = rows["arrived"][entry]
        out = (rows["next"] == "home") & (rows["outcome"] == "left")
        lengths = rows["left"][out] - came[where[out]]
        return one(_mean(lengths[~np.isnan(lengths)]))

    return take
