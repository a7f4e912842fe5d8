"""The plans of the cases of exact theory; the regular ones through the general reader."""

from __future__ import annotations

import copy
import math
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import icsflow as ics
import numpy as np
import yaml
from accept import Array
from invariants import INVARIANTS, from_rust, same_seed
from measures import (
    Measure,
    at_node,
    cohort_values,
    column,
    of_network,
    one,
    ratio,
    values,
    variance,
    weekly,
)
from plans import (
    Case,
    Group,
    Plan,
    empty,
    expected_of,
    group_of,
    measures_at,
    plans,
    system_name,
    with_node,
)
from queues import overflow_model, shifts_model, threshold_model
from reader import add_arrivals, add_node, distribution, model

__all__: list[str] = []


@plans("T01", "T02", "T04")
def one_node(case: Case) -> Plan:
    node = case["model"]["nodes"][0]["name"]
    return Plan([group_of(case, "", model(case), measures_at(case, None, node))])


@plans("T03", "T11", "T20")
def variants_of_a_node(case: Case) -> Plan:
    plan = Plan()
    for variant in case["model"]["variants"]:
        varied: Any = with_node(case, service=variant["service"])
        node = varied["model"]["nodes"][0]["name"]
        if "arrivals" in variant:
            varied["model"]["sources"] = [{"to": node, "arrivals": variant["arrivals"]}]
        name = variant["name"]
        plan.groups.append(group_of(case, name, model(varied), measures_at(case, name, node)))
    return plan


@plans("T05")
def loss(case: Case) -> Plan:
    """Every length of stay must give the same values, so each is judged alone."""
    plan = Plan()
    for variant in case["model"]["variants"]:
        for service in case["model"]["service_variants"]:
            varied: Any = with_node(case, servers=variant["servers"], service=service)
            varied["model"]["sources"][0]["arrivals"]["rate"] = variant["arrival_rate"]
            name, label = variant["name"], service["dist"]
            measures = measures_at(case, name, "ward", label)
            plan.groups.append(group_of(case, f"{name} {label}", model(varied), measures))
    return plan


@plans("T08")
def priority(case: Case) -> Plan:
    built, section = empty(case), case["model"]
    sources = sorted(section["sources"], key=lambda source: source["priority"])
    stay: list[Any] = [
        ics.case(f'cohort == "{s["class"]}"', distribution(s["service"])) for s in sources[:-1]
    ]
    stay.append(distribution(sources[-1]["service"]))
    classes = [f'cohort == "{source["class"]}"' for source in sources]
    built.beds("doctor", 1, stay=stay, queue=ics.Queue(discipline="class", classes=classes))
    for source in sources:
        built.cohort(source["class"])
        add_arrivals(built, source["class"], source, cohort=source["class"])
    measures = measures_at(case, None, "doctor")
    names = {"mean_wait_in_queue": "mean_wait", "mean_queue_length": "waiting"}
    for number, expected in expected_of(case):
        cohort, metric = expected.get("scope"), expected["metric"]
        if metric in names:
            measures[number, ""] = cohort_values((names[metric], "doctor", cohort))
        elif metric == "mean_time_in_system":
            measures[number, ""] = cohort_values((metric, system_name(case), cohort))
    return Plan([group_of(case, "", built, measures, by_cohort=True)])


@plans("T10")
def sinusoid(case: Case) -> Plan:
    """The rate is set hour by hour to the mean of the sinusoid over the hour.

    That leaves the counts of whole hours exact; within an hour the rate differs by 1 % at most.
    """
    plan = Plan()
    a, b, cycle = (case["model"]["sources"][0]["arrivals"][key] for key in ("a", "b", "T"))
    # From -cos, the integral of the sinusoid; factors of the mean rate.
    edge = [-math.cos(2 * math.pi * h / 24 / cycle) * cycle / (2 * math.pi) for h in range(169)]
    hourly = [1 + b / a * 24 * (edge[h + 1] - edge[h]) for h in range(168)]
    for variant in case["model"]["variants"]:
        name = variant["name"]
        built = empty(case).unlimited("virtual_ward", stay=distribution(variant["service"]))
        built.arrivals("source", to="virtual_ward", rate=a, hourly=hourly)
        daily: dict[Any, Measure] = {}
        for number, expected in expected_of(case, name):
            phase = expected["t_phase"]
            if expected["metric"] == "mean_occupancy_at":
                daily[number, ""] = weekly("virtual_ward", phase)
                daily[number, "variance"] = weekly("virtual_ward", phase, moment=2)
            else:
                seconds = round(phase % 1 * 86400)
                clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
                peak: dict[Any, Measure] = {(number, ""): weekly("virtual_ward", int(phase))}
                group = group_of(case, f"{name} peak", built, peak, together=False, census=clock)
                plan.groups.append(group)
        plan.groups.append(group_of(case, name, built, daily, together=False))
    source: dict[Any, Measure] = {}
    for number, expected in expected_of(case, "source"):
        source[number, ""] = Measure(_arrivals_on(expected["interval"][0]))
    plan.groups.append(group_of(case, "source", built, source, together=False, stays=True))
    return plan


def _arrivals_on(day: int) -> Callable[[ics.Results], Array]:
    def take(r: ics.Results) -> Array:
        days = np.floor(_arrived(r)).astype(int)
        return one(np.bincount(days, minlength=350)[day::7].mean())

    return take


def _arrived(r: ics.Results, **where: object) -> Array:
    """Times of arrival since measuring began; the rows of visits include those already there."""
    arrived = np.sort(column(r, "stays", "arrived", **where))
    return arrived[arrived >= 0]


@plans("T12")
def batches(case: Case) -> Plan:
    plan, section = Plan(), case["model"]
    for number, _ in expected_of(case):
        scope = case["expected"][number]["scope"]
        if scope in (group.name for group in plan.groups):
            continue
        kind, batch = scope.split("/")
        servers = 1 if kind == "single_server" else math.inf
        service = section["nodes"][0]["service"][kind]
        varied: Any = with_node(case, servers=servers, service=service)
        arrivals = varied["model"]["sources"][0]["arrivals"]
        arrivals["batch_size"] = arrivals["batch_size"][batch]
        plan.groups.append(group_of(case, scope, model(varied), measures_at(case, scope, "node")))
    return plan


@plans("T13")
def open_network(case: Case) -> Plan:
    """Those who enter at the emergency department are a cohort, for their visits to be told."""
    cohorts = {"ED": "ED entrants", "acute": "direct"}
    built = empty(case)
    for node in case["model"]["nodes"]:
        add_node(built, node)
    for source in case["model"]["sources"]:
        name = cohorts[source["to"]]
        built.cohort(name)
        add_arrivals(built, name, source, cohort=name)
    for origin, ways in case["model"]["routing"].items():
        built.route(origin, dict(ways))
    measures: dict[Any, Measure] = {}
    for number, expected in expected_of(case):
        scope = expected["scope"]
        if expected["metric"] == "mean_visits":
            node = scope.rpartition(" ")[2]
            measures[number, ""] = cohort_values(
                ("started", node, "ED entrants"),
                ("entered", system_name(case), "ED entrants"),
                of=ratio,
            )
            continue
        network = scope == "network"
        found = of_network(expected, system_name(case)) if network else None
        found = found or at_node(expected, scope, system_name(case))
        assert found is not None
        measures[number, ""] = found
    return Plan([group_of(case, "", built, measures, by_cohort=True)])


@plans("T14")
def tandem(case: Case) -> Plan:
    measures: dict[Any, Measure] = {}
    saturated: dict[Any, Measure] = {}
    for number, expected in expected_of(case):
        scope = expected["scope"]
        if scope == "saturated":
            saturated[number, ""] = values(("departures", "station2"))
            continue
        network = of_network(expected, system_name(case)) if scope == "network" else None
        found = network or at_node(expected, scope.split()[0], system_name(case))
        assert found is not None
        measures[number, ""] = found
    default: Any = copy.deepcopy(dict(case))
    default["model"]["sources"] = [s for s in default["model"]["sources"] if "to" in s][:1]
    plan = Plan([group_of(case, "default", model(default), measures)])
    # A million people at time 0, which is when measuring begins: the warm-up would be empty.
    crowd: Any = copy.deepcopy(default)
    crowd["model"]["sources"] = []
    flood = model(crowd).arrivals(
        "crowd", to="station1", timetable=ics.Timetable(times=[0]), batch=1_000_000
    )
    run = {"warm_up": 0}
    plan.groups.append(group_of(case, "saturated", flood, saturated, run=run, levels=False))
    return plan


@plans("T15")
def acute_community(case: Case) -> Plan:
    measures: dict[Any, Measure] = {}
    for number, expected in expected_of(case):
        if expected["metric"] == "mean_blocked_time_per_transfer":
            found: Measure | None = values(("blocked", "acute"), ("started", "community"), of=ratio)
        else:
            found = at_node(expected, expected["scope"].split()[0], system_name(case))
        assert found is not None
        measures[number, ""] = found
    return Plan([group_of(case, "", model(case), measures)])


@plans("T18")
def streams(case: Case) -> Plan:
    plan = Plan()

    def sink(unit: str) -> ics.Model:
        # A stay of next to nothing: only the times of arrival count.
        return empty(case, time_unit=unit).unlimited("sink", stay="1s")

    length = 20_000
    split = sink("day").cohort("A").cohort("B")
    split.arrivals("split", to="sink", rate=12.0, cohort={"A": 0.35, "B": None})
    measures: dict[Any, Measure] = {}
    for number, expected in expected_of(case):
        scope, metric = expected["scope"], expected["metric"]
        stream = scope.removeprefix("stream ")[:1]
        match metric:
            case "mean_count_per_day" if scope.startswith("stream"):
                measures[number, ""] = Measure(_counts(1, length, cohort=stream))
            case "variance_count_per_day" if scope.startswith("stream"):
                measures[number, ""] = Measure(_counts(2, length, cohort=stream), variance)
            case "correlation_of_daily_counts":
                measures[number, ""] = Measure(_both(length), _correlation)
            case "interarrival_mean":
                measures[number, ""] = Measure(_between(1))
                measures[number, "KS against Exp(4.2)"] = Measure(_kolmogorov(4.2), _ks)
            case "interarrival_cv":
                measures[number, ""] = Measure(
                    _between(2), lambda m: math.sqrt(variance(m)) / float(m[0])
                )
    run = {"length": length}
    plan.groups.append(
        group_of(case, "split", split, measures, run=run, together=False, stays=True)
    )

    both = sink("day").arrivals("first", to="sink", rate=3.5)
    both.arrivals("second", to="sink", rate=1.25)
    measures = {}
    for number, expected in expected_of(case):
        if expected["scope"].startswith("superposition"):
            moments = 2 if expected["metric"].startswith("variance") else 1
            of = variance if moments == 2 else None
            measures[number, ""] = Measure(_counts(moments, length), of)
    plan.groups.append(group_of(case, "sum", both, measures, run=run, together=False, stays=True))

    nhpp = sink("hour")
    pieces = case["model"]["sources"][2]["arrivals"]["piecewise_constant_rate_per_hour"]
    hourly = [float(p["rate"]) for p in pieces for _ in range(p["from"], p["to"])]
    nhpp.arrivals("nhpp", to="sink", rate=1.0, hourly=hourly)
    measures, days = {}, 5_000
    for number, expected in expected_of(case, "nhpp"):
        first, last = expected.get("slot_hours", (0, 24))
        if expected["metric"] == "mean_arrival_clock_time":
            measures[number, ""] = Measure(lambda r: one(float(np.mean(_arrived(r) % 24))))
        else:
            measures[number, ""] = Measure(_in_slot(first, last, days))
    run = {"length": 24 * days}
    plan.groups.append(group_of(case, "nhpp", nhpp, measures, run=run, together=False, stays=True))
    return plan


def _daily(r: ics.Results, length: int, **where: object) -> Array:
    days = np.floor(_arrived(r, **where)).astype(int)
    return np.bincount(days, minlength=length)[:length].astype(float)


def _counts(moments: int, length: int, **where: object) -> Callable[[ics.Results], Array]:
    def take(r: ics.Results) -> Array:
        counts = _daily(r, length, **where)
        return one(*((counts**k).mean() for k in range(1, moments + 1)))

    return take


def _both(length: int) -> Callable[[ics.Results], Array]:
    def take(r: ics.Results) -> Array:
        a, b = _daily(r, length, cohort="A"), _daily(r, length, cohort="B")
        return one(a.mean(), b.mean(), (a * a).mean(), (b * b).mean(), (a * b).mean())

    return take


def _correlation(m: Array) -> float:
    spread = (m[2] - m[0] ** 2) * (m[3] - m[1] ** 2)
    return float((m[4] - m[0] * m[1]) / math.sqrt(spread))


def _between(moments: int) -> Callable[[ics.Results], Array]:
    def take(r: ics.Results) -> Array:
        between = np.diff(_arrived(r, cohort="A"))
        return one(*((between**k).mean() for k in range(1, moments + 1)))

    return take


def _kolmogorov(rate: float) -> Callable[[ics.Results], Array]:
    """The greatest distance from the exponential, times the root of the count."""

    def take(r: ics.Results) -> Array:
        between = np.sort(np.diff(_arrived(r, cohort="A")))
        n = len(between)
        cdf = -np.expm1(-rate * between)
        above, below = np.arange(1, n + 1) / n - cdf, cdf - np.arange(n) / n
        return one(float(max(above.max(), below.max())) * math.sqrt(n))

    return take


def _ks(mean: Array) -> float:
    return float(mean[0])


def _in_slot(first: int, last: int, days: int) -> Callable[[ics.Results], Array]:
    def take(r: ics.Results) -> Array:
        clock = _arrived(r) % 24
        return one(((clock >= first) & (clock < last)).sum() / days)

    return take


@plans("T23")
def samplers(case: Case) -> Plan:
    """A million values in 20 samples with seeds of their own."""
    plan, each = Plan(), 50_000
    for sampler in case["model"]["samplers"]:
        data = {key: value for key, value in sampler.items() if key not in ("name", "method")}
        drawn = distribution(data)
        measures: dict[Any, Measure] = {}
        for number, expected in expected_of(case, sampler["name"]):
            measures[number, ""] = _of_sample(expected)

        def draw(seed: int, _: int, drawn: ics.Distribution = drawn) -> Array:
            return np.array(drawn.sample(each, seed))

        plan.groups.append(Group(sampler["name"], draw, 20, measures))
    return plan


def _of_sample(expected: Any) -> Measure:
    match expected["metric"]:
        case "mean":
            return Measure(lambda sample: one(sample.mean()))
        case "sd":
            moments = lambda sample: one(sample.mean(), (sample**2).mean())  # noqa: E731
            return Measure(moments, lambda m: math.sqrt(variance(m)))
        case "quantile":
            return Measure(lambda sample: one(np.quantile(sample, expected["p"])))
        case "probability_of_value":
            return Measure(lambda sample: one((sample == expected["value_of"]).mean()))
    raise ValueError(expected["metric"])


@plans("T24")
def audits(case: Case) -> Plan:
    """The destination is an attribute, drawn on arrival, on which the stay and the route depend."""
    built = empty(case)
    acute: list[Any] = []
    rehab: list[Any] = []
    for name in ("A", "B"):
        source = next(s for s in case["model"]["sources"] if s["class"] == name)
        share = source["destination_sampled_on_arrival"]["rehab"]
        built.cohort(name, attributes={"onward": ics.Category({"rehab": share, "exit": None})})
        for onward, stay in source["acute_los_by_destination"].items():
            when = f'cohort == "{name}" and onward == "{onward}"'
            acute.append(ics.case(when, distribution(stay)))
        rehab.append(ics.case(f'cohort == "{name}"', distribution(source["rehab_los"])))
    # The last of the cases is for everyone else, of whom there is nobody.
    built.unlimited("acute", stay=[*acute[:-1], acute[-1].then])
    built.unlimited("rehab", stay=[*rehab[:-1], rehab[-1].then])
    for number, source in enumerate(case["model"]["sources"], 1):
        add_arrivals(built, f"source {number}", source, cohort=source["class"])
    built.route("acute", {"rehab": 1}, when='onward == "rehab"')
    measures = {(i, ""): _audit(expected) for i, expected in expected_of(case)}
    return Plan([group_of(case, "", built, measures, together=False, levels=False)])


# Counts of more people than this do not occur in the audit.
_MOST = 80


def _audit_counts(r: ics.Results) -> Array:
    """Shares of days with 0, 1, 2 … people, of the acute unit and then of rehab."""
    shares = []
    for node in ("acute", "rehab"):
        people = column(r, "occupancy", "mean", node=node, level="occupied").astype(int)
        shares.append(np.bincount(people, minlength=_MOST) / len(people))
    return one(*np.concatenate(shares))


def _audit(expected: Any) -> Measure:
    own = 0 if expected["scope"] == "acute" else 1
    metric = expected["metric"]

    def of(mean: Array) -> float:
        p, other = mean.reshape(2, _MOST)[[own, 1 - own]]
        n = np.arange(_MOST)
        if metric == "mean_occupancy":
            return float(p @ n)
        if metric == "variance_occupancy":
            return float(p @ n**2 - (p @ n) ** 2)
        if metric == "p_delay_pooled":
            mine = expected[("dedicated_acute", "dedicated_rehab")[own]]
            theirs = expected[("dedicated_rehab", "dedicated_acute")[own]]
            top = mine + expected["pooled"]
            shared = sum(p[i] * other[theirs + top - i :].sum() for i in range(mine, top))
            return float(p[top:].sum() + shared)
        beds = expected["beds"]
        at_most = p[: beds + 1].sum()
        return float(p[beds] / at_most if metric == "p_delay" else at_most)

    return Measure(_audit_counts, of)


@plans("T29")
def discharge_round(case: Case) -> Plan:
    """The census is taken once a day, so each of its hours has runs of its own."""
    built = empty(case)
    node, source = case["model"]["nodes"][0], case["model"]["sources"][0]
    built.unlimited(node["name"], stay=distribution(node["service"]), leave=ics.At("12:00"))
    add_arrivals(built, "source", source)
    plan = Plan([group_of(case, "", built, measures_at(case, None, "ward"))])
    for number, expected in expected_of(case):
        match expected["metric"]:
            case "mean_occupancy_at":
                hour = expected["t_clock_hour"]
                at = {(number, ""): values(("census_occupied", "ward"))}
                group = group_of(case, f"{hour}:00", built, at, census=f"{hour:02}:00")
                plan.groups.append(group)
            case "mean_discharge_delay":
                plan.groups[0].measures[number, ""] = values(("mean_delay", "ward"))
            case "sd_discharge_delay":
                spread = {(number, ""): Measure(_delays, lambda m: math.sqrt(variance(m)))}
                group = group_of(case, "sd", built, spread, together=False, stays=True)
                plan.groups.append(group)
    return plan


def _delays(r: ics.Results) -> Array:
    delay = column(r, "stays", "left") - column(r, "stays", "ready")
    delay = delay[~np.isnan(delay)]
    return one(delay.mean(), (delay**2).mean())


@plans("T31")
def invariants(case: Case) -> Plan:
    """In short runs of the networks that can be built."""
    plan = Plan()
    networks: dict[str, tuple[float, Callable[[Case], ics.Model]]] = {
        "T13": (2000.0, model),
        "T14": (5000.0, model),
        "T15": (5000.0, model),
        "T16": (2400.0, shifts_model),
        "T25": (2000.0, threshold_model),
        "T26": (2000.0, overflow_model),
    }
    for name, (until, build) in networks.items():
        path = next(Path(case["folder"]).glob(f"{name}_*.yaml"))
        network = yaml.safe_load(path.read_text(encoding="utf-8"))
        network["model"]["sources"] = [
            s for s in network["model"]["sources"] if "process" in s["arrivals"]
        ]
        built = build(network)
        for number, check in enumerate(INVARIANTS):
            plan.direct[number, name] = partial(check, built, until)
        if shutil.which("cargo"):
            seed = INVARIANTS.index(same_seed)
            plan.direct[seed, f"{name}, from Rust"] = partial(from_rust, built, until)
    if not shutil.which("cargo"):
        plan.missing[INVARIANTS.index(same_seed), "from Rust"] = "cargo, to build a Rust program"
    return plan
