"""From the regular part of a case file's `model` section to an icsflow model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import icsflow as ics

__all__ = ["add_arrivals", "add_node", "distribution", "model", "queue_of", "unit_of"]

Data = Mapping[str, Any]

# A Monday, so that the phase of a weekly cycle is 0 when measuring begins.
MONDAY = "2026-01-05"


def unit_of(name: str) -> Any:
    """The unit of time by its name in the case files."""
    return f"{name}s"


def distribution(data: Data) -> ics.Distribution:
    """A distribution as the case files write it."""
    family = data["dist"]
    have = {key: value for key, value in data.items() if key not in ("dist", "name")}
    if "variance" in have:
        have["sd"] = math.sqrt(have.pop("variance"))
    match family:
        case "exponential":
            return ics.Exponential(**have)
        case "lognormal":
            return ics.LogNormal(**have)
        case "erlang":
            return ics.Erlang(**have)
        case "gamma":
            return ics.Gamma(**have)
        case "weibull":
            return ics.Weibull(**have)
        case "uniform":
            return ics.Uniform(**have)
        case "triangular":
            return ics.Triangular(**have)
        case "deterministic":
            return ics.Deterministic(**have)
        case "discrete":
            return ics.Discrete(**have)
        case "hyperexponential":
            return ics.Hyperexponential(**have)
        case "coxian":
            return ics.Coxian(**have)
        case "poisson":
            return ics.Poisson(**have)
        case "geometric":
            return ics.Geometric(mean=1 / have["p"])
        case "normal":
            limits: dict[str, Any] = {}
            if "truncate_low" in have:
                limits = {"low": have["truncate_low"], "method": "truncate"}
            if "minimum" in have:
                limits = {"low": have["minimum"], "method": "clip"}
            return ics.Normal(mean=have["mean"], sd=have["sd"], **limits)
    raise ValueError(f"unknown distribution {family!r}")


def queue_of(capacity: float) -> ics.Queue | None:
    """The queue for waiting places only; None without limit."""
    return None if math.isinf(capacity) else ics.Queue(limit=int(capacity))


def add_node(to: ics.Model, node: Data, stay: Any = None) -> None:
    """Adds a node; `stay` where it is not the node's own `service`."""
    stay = distribution(node["service"]) if stay is None else stay
    servers = float(node["servers"])
    if math.isinf(servers):
        to.unlimited(node["name"], stay=stay)
        return
    capacity = float(node.get("queue_capacity", math.inf))
    # Waiting places serve those who come from other nodes as well as those from outside; where
    # there are none, a patient keeps the place before.
    room: Any = "unlimited" if math.isinf(capacity) else "queue"
    to.beds(node["name"], int(servers), stay=stay, queue=queue_of(capacity), waiting_room=room)


def add_arrivals(to: ics.Model, name: str, source: Data, cohort: str | None = None) -> None:
    """Adds a stream of arrivals."""
    arrivals = source["arrivals"]
    batch = arrivals.get("batch_size")
    given: dict[str, Any] = {"batch": None if batch is None else distribution(batch)}
    if arrivals["process"] == "poisson":
        given["rate"] = arrivals["rate"]
    elif arrivals["process"] == "renewal":
        given["interarrival"] = distribution(arrivals["interarrival"])
    else:
        raise ValueError(f"unknown process {arrivals['process']!r}")
    to.arrivals(name, to=source["to"], cohort=cohort, **given)


def model(case: Data) -> ics.Model:
    """The model of a case whose `model` section is regular throughout."""
    built = ics.Model(f"{case['id']}: system", start=MONDAY, time_unit=unit_of(case["time_unit"]))
    section = case["model"]
    for node in section["nodes"]:
        add_node(built, node)
    for number, source in enumerate(section["sources"], 1):
        add_arrivals(built, f"source {number}", source)
    for origin, ways in section.get("routing", {}).items():
        # The last way is the rest, so that written probabilities need not sum to 1 to the last bit.
        last = list(ways)[-1]
        built.route(origin, {way: None if way == last else share for way, share in ways.items()})
    return built
