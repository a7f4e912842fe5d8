"""What holds in every run: T31, checked from the rows of visits against the tables."""

from __future__ import annotations

import csv
import subprocess
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import icsflow as ics
import numpy as np
from accept import Array, Verdict
from measures import column

__all__ = ["INVARIANTS", "from_rust", "same_seed"]

Check = Callable[[ics.Model, float], Verdict]
_COLUMNS = (
    "replication", "source", "patient", "node", "visit", "joined", "arrived", "started", "ready",
    "left", "outcome",
)  # fmt: skip
_TIMES = ("joined", "arrived", "started", "ready", "left")


def _rows(r: ics.Results) -> dict[str, Array]:
    return {name: column(r, "stays", name) for name in _COLUMNS}


def _run(model: ics.Model, until: float, **options: Any) -> ics.Results:
    """From empty, so that every visit is a row."""
    given = {"replications": 1, "seed": 1, "stays": True, **options}
    return model.run(warm_up=0, until=until, **given)


def _verdict(holds: bool, note: str) -> Verdict:
    return Verdict("passed" if holds else "failed", note=note)


# How a visit may end after which none follows.
_GONE = ("left", "lost", "balked", "reneged", "removed", "displaced")


def _nodes(model: ics.Model) -> dict[str, Any]:
    """Nodes, with their places: a number, or by shifts of every day."""
    return {node["name"]: node["beds"] for node in model.to_dict()["node"]}


def _places(beds: Any, clock: Array) -> Array:
    """Places at times of day, in hours."""
    if isinstance(beds, int):
        return np.full(len(clock), beds)
    places = np.full(len(clock), beds["places"])
    for shift in beds["weekly"]:
        begins, ends = (int(shift[key].partition(":")[0]) for key in ("from", "to"))
        within = (clock - begins) % 24 < (ends - begins) % 24
        places[within] = shift["places"]
    return places


def _hours(model: ics.Model, times: Array) -> Array:
    """Instants as times of day."""
    unit: dict[str, float] = {"hours": 1, "days": 24, "weeks": 168}
    return times * unit[str(model.to_dict()["time_unit"])] % 24


def conservation(model: ics.Model, until: float) -> Verdict:
    """Arrivals are departures, losses and people inside, source by source and in all."""
    results = _run(model, until)
    rows = _rows(results)
    in_order = np.lexsort((rows["arrived"], rows["patient"]))
    sources, entered = np.unique(rows["source"]), 0
    for source in sources:
        mine = in_order[rows["source"][in_order] == source]
        last = np.append(np.diff(rows["patient"][mine]) != 0, True)
        outcomes = rows["outcome"][mine][last]
        everyone = len(np.unique(rows["patient"][mine]))
        ended = np.isin(outcomes, _GONE).sum()
        inside = np.isnan(rows["left"][mine][last]).sum()
        if everyone != ended + inside:
            return _verdict(False, f"{source}: {everyone} came, {ended} ended, {inside} inside")
        entered += everyone
    told = round(results.values("entered", model.name)[0] * until)
    audit = bool((column(results, "audit", "holds") == "yes").all())
    return _verdict(told == entered and audit, f"{entered} people, told {told}, audit {audit}")


def capacity(model: ics.Model, until: float) -> Verdict:
    """Never more people in places than there are."""
    rows, most = _rows(_run(model, until)), []
    for node, beds in _nodes(model).items():
        times, occupied = _steps(rows, node, "started", until)
        places = _places(beds, _hours(model, times))
        most.append(f"{node} {occupied.max():.0f} of {places.max()}")
        if (occupied > places).any() or occupied.min() < 0:
            return _verdict(False, most[-1])
    return _verdict(True, ", ".join(most))


def work_conservation(model: ics.Model, until: float) -> Verdict:
    """Nobody waits, in a queue or in a place elsewhere, while a place is free."""
    rows, lasted = _rows(_run(model, until)), 0.0
    for node, beds in _nodes(model).items():
        times, present = _steps(rows, node, "joined", until)
        other, occupied = _steps(rows, node, "started", until)
        every = np.union1d(times, other)
        if not isinstance(beds, int):
            # At full hours places may change, whether or not anything else happens.
            every = np.union1d(every, np.arange(0, until))
        places = _places(beds, _hours(model, every))
        waits = present[np.searchsorted(times, every, "right") - 1]
        taken = occupied[np.searchsorted(other, every, "right") - 1]
        idle = (waits > taken) & (taken < places)
        lasted += float(np.diff(np.append(every, until))[idle].sum())
    return _verdict(lasted == 0, f"{lasted:g} of idle time with people waiting")


def _steps(rows: dict[str, Array], node: str, first: str, until: float) -> tuple[Array, Array]:
    """Instants, and the number of people from each on, counted from `first` to leaving."""
    mine = (rows["node"] == node) & (rows["outcome"] != "lost")
    mine &= ~np.isnan(rows[first])
    came, left = rows[first][mine], rows["left"][mine]
    left = left[~np.isnan(left)]
    times, where = np.unique(np.concatenate([[0.0], came, left]), return_inverse=True)
    change = np.zeros(len(times))
    np.add.at(change, where[1 : len(came) + 1], 1)
    np.add.at(change, where[len(came) + 1 :], -1)
    return times, np.cumsum(change)


def little(model: ics.Model, until: float) -> Verdict:
    """Time-average queue times observed time is the sum of the waits within it."""
    results = model.run(replications=1, seed=1, stays=True, warm_up=until / 10, until=until)
    rows, worst = _rows(results), 0.0
    for node in _nodes(model):
        mine = (rows["node"] == node) & (rows["outcome"] != "lost")
        # Who came and waits elsewhere, in a place, is in no queue.
        begun = np.maximum(rows["arrived"][mine], 0)
        ended = np.where(np.isnan(rows["started"][mine]), until, rows["started"][mine])
        ended = np.where(np.isnan(begun), np.nan, np.maximum(ended, 0))
        waited = np.nansum(ended - begun)
        told = results.values("waiting", node)[0] * until
        worst = max(worst, abs(waited - told) / max(told, 1e-300) if waited or told else 0.0)
    return _verdict(worst <= 1e-9, f"relative difference {worst:.1e}")


def patient_time(model: ics.Model, until: float) -> Verdict:
    """A patient's waits, stays and blocked times add up to the time from coming to leaving."""
    rows = _rows(_run(model, until))
    # Who never started, or was interrupted, leaves at once.
    parts = [rows["arrived"]]
    for name in ("started", "ready", "left"):
        parts.append(np.where(np.isnan(rows[name]), rows["left"], rows[name]))
    lengths = np.sum([after - before for before, after in pairwise(parts)], axis=0)
    keys = np.unique(rows["source"], return_inverse=True)[1] * (1 << 40) + rows["patient"]
    # Of those whose every visit has ended.
    people, where = np.unique(keys, return_inverse=True)
    whole = np.ones(len(people), dtype=bool)
    whole[where[np.isnan(rows["left"])]] = False
    kept = whole[where]
    total, first, last = (np.zeros(len(people)) for _ in range(3))
    first[:], last[:] = np.inf, -np.inf
    np.add.at(total, where[kept], lengths[kept])
    np.minimum.at(first, where[kept], rows["arrived"][kept])
    np.maximum.at(last, where[kept], rows["left"][kept])
    worst = np.abs(total[whole] - (last - first)[whole]).max()
    return _verdict(worst <= 1e-9, f"{whole.sum()} people, largest difference {worst:.1e}")


def order(model: ics.Model, until: float) -> Verdict:
    """Times run forward, from 0 on."""
    rows = _rows(_run(model, until))
    # Who is blocked elsewhere has joined the line, and arrives when there is a place.
    told = [rows[name] for name in _TIMES]
    forward = all(not (after < before).any() for before, after in pairwise(told))
    low = min(float(np.nanmin(times)) for times in told)
    high = max(float(np.nanmax(times)) for times in told)
    return _verdict(forward and low >= 0 and high <= until, f"from {low:.3g} to {high:.6g}")


def same_seed(model: ics.Model, until: float) -> Verdict:
    """The same seed gives the same rows, on one thread and on several."""
    runs = [_rows(_run(model, until, replications=3, threads=threads)) for threads in (1, 2, 3, 3)]
    same = all(_equal(runs[0], rows) for rows in runs[1:])
    return _verdict(same, f"{len(runs[0]['patient'])} rows, on 1, 2, 3, 3 threads")


def from_rust(model: ics.Model, until: float) -> Verdict:
    """The same seed gives the same rows from a Rust program, which reads the model from a file."""
    plan = {"replications": 3, "seed": 1, "warm_up": 0, "until": until}
    here = _rows(_run(model, until, replications=3))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.toml"
        model.copy().plan(**plan).save(file)
        # The profile in which the tests of the crate are built as well.
        command = ["cargo", "run", "--quiet", "--locked", "--profile", "test", "-p", "icsflow"]
        command += ["--example", "stays", "--", str(file)]
        root = Path(__file__).parents[2]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    lines = list(csv.DictReader(done.stdout.splitlines(), delimiter="\t"))
    there = {
        name: np.array([line[name] for line in lines]).astype(values.dtype)
        for name, values in here.items()
    }
    return _verdict(_equal(here, there), f"{len(lines)} rows, from Python and from Rust")


def more_replications(model: ics.Model, until: float) -> Verdict:
    """The first replications are the same, however many follow."""
    few, many = (_rows(_run(model, until, replications=n)) for n in (3, 5))
    first = {name: values[many["replication"] < 3] for name, values in many.items()}
    return _verdict(_equal(few, first), f"{len(few['patient'])} rows")


def _equal(one: dict[str, Array], other: dict[str, Array]) -> bool:
    return all(
        np.array_equal(one[name], other[name], equal_nan=name in _TIMES) for name in _COLUMNS
    )


INVARIANTS: list[Check] = [
    conservation,
    capacity,
    work_conservation,
    little,
    patient_time,
    order,
    same_seed,
    more_replications,
]
"""In the order of the case file."""
