"""Runs the validation cases and lists every metric as passed, failed or not yet, with its z.

    python tests/cases/run.py [--case T01 --case T05] [--cases ../shared/cases] [--out table.csv]

The exit code is 0 if nothing failed. See the README beside the case files for the rules.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

# Beside this file, also when it is imported from elsewhere.
sys.path.insert(0, str(Path(__file__).parent))

import calendar_slots  # noqa: F401  its plans
import peers  # noqa: F401  its plans
import queues  # noqa: F401  its plans
import theory  # noqa: F401  its plans
from accept import Array, Estimate, Status, Verdict, estimate, judge
from plans import NOT_YET, Case, Group, Key, plan_of, seed_of

BASE_SEED = 20260105
"""Fixed once, never tuned: all seeds come from it."""
SECOND_SEED = 20260106
"""For the one rerun that a lone |z| between 4 and 5 allows."""
MOST_LONGER = 30
"""The half-width may ask for so many times the replications suggested."""
CASES = Path(__file__).parents[2] / ".." / "shared" / "cases"
KOLMOGOROV_MEAN = math.sqrt(math.pi / 2) * math.log(2)
"""Mean of the Kolmogorov statistic times the root of the count, if the distribution is right. The
mean of the replications is tested against it at 0.001."""


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    case: str
    metric: str
    scope: str
    at: str
    value: float
    verdict: Verdict


def load(folder: Path, asked: list[str]) -> list[Case]:
    """The case files, all or those whose names begin so."""
    cases: list[Case] = []
    for path in sorted(folder.glob("*.yaml")):
        if not asked or any(path.stem.startswith(name) for name in asked):
            case = yaml.safe_load(path.read_text(encoding="utf-8"))
            # Some cases speak of others.
            cases.append({**case, "folder": str(folder)})
    return cases


def measured(case: Case, group: Group, base: int) -> dict[Key, Verdict]:
    """Runs a group until every half-width is narrow enough, and judges what came out."""
    samples: dict[Key, list[Array]] = {key: [] for key in group.measures}
    most = MOST_LONGER * group.replications
    done = 0

    def block(number: int, replications: int) -> dict[Key, Array]:
        seed = seed_of(base, case["id"], group.name, number)
        results = group.run(seed, replications)
        return {key: measure.take(results) for key, measure in group.measures.items()}

    def grow(more: int) -> None:
        nonlocal done
        if group.together:
            found: list[dict[Key, Array]] = [block(done, more)]
        else:
            with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
                found = list(pool.map(block, range(done, done + more), [1] * more))
        done += more
        for part in found:
            for key, rows in part.items():
                samples[key].append(rows)

    def judged() -> dict[Key, Verdict]:
        verdicts = {}
        for (number, label), rows in samples.items():
            expected = _asked(case["expected"][number], label)
            found = estimate(np.concatenate(rows), group.measures[number, label].of)
            verdicts[number, label] = judge(expected, found)
        return verdicts

    grow(group.replications)
    verdicts = judged()
    while done < most:
        needed = max(verdict.needed for verdict in verdicts.values())
        if needed == 0:
            break
        # A little more than asked, as the half-width is itself an estimate.
        grow(min(math.ceil(1.15 * needed * done), most) - done)
        verdicts = judged()
    return verdicts


def _asked(expected: Any, label: str) -> Any:
    """What is expected of a labelled part of a metric."""
    if label == "variance":
        # The theory says so, but the case sets no tolerance.
        return {"value": expected["variance_also"], "accept": {"rule": "none"}}
    if label.startswith("KS"):
        return {
            "value": KOLMOGOROV_MEAN,
            "accept": {"rule": "z", "max_abs_z": 3.29, "rel_half_width": 0.3},
        }
    return expected


def verdicts_of(case: Case, base: int) -> dict[Key, Verdict]:
    """All verdicts of a case."""
    plan = plan_of(case)
    found: dict[Key, Verdict] = {}
    for (number, label), why in plan.missing.items():
        rule = case["expected"][number]["accept"]["rule"]
        status: Status = "information" if rule == "none" else "not yet"
        found[number, label] = Verdict(status, note="" if rule == "none" else why)
    for key, direct in plan.direct.items():
        found[key] = direct()
    for group in plan.groups:
        found |= measured(case, group, base)
    return dict(sorted(found.items()))


def judged(case: Case) -> list[Row]:
    """The lines of a case, after a rerun where the rules allow one."""
    found = verdicts_of(case, BASE_SEED)
    failed = [key for key, verdict in found.items() if verdict.status == "failed"]
    if len(failed) == 1 and found[failed[0]].lone:
        first = found[failed[0]].z
        found = verdicts_of(case, SECOND_SEED)
        again = found[failed[0]]
        note = f"rerun with base seed {SECOND_SEED} after z = {first:+.2f}; {again.note}"
        found[failed[0]] = Verdict(again.status, again.estimate, again.z, note.rstrip("; "))
    rows = []
    for (number, label), verdict in found.items():
        expected = case["expected"][number]
        metric = expected.get("metric") or expected["invariant"]
        scope = " / ".join(filter(None, (expected.get("scope", ""), label)))
        value = _asked(expected, label).get("value", math.nan)
        rows.append(Row(case["id"], metric, scope, _at(expected), value, verdict))
    return rows


def _at(expected: Any) -> str:
    """What a metric is asked at: a quantile, a time, a number of people."""
    told = [
        "p",
        "n",
        "t",
        "k",
        "t_phase",
        "t_clock_hour",
        "interval",
        "slot_hours",
        "beds",
        "day",
        "pooled",
        "value_of",
    ]
    return ", ".join(f"{key}={expected[key]}" for key in told if key in expected)


_COLUMNS = (
    "case", "metric", "scope", "at", "status", "value", "estimate", "standard_error",
    "half_width", "z", "replications", "note",
)  # fmt: skip


def cells(row: Row) -> list[Any]:
    """A line of the CSV."""
    verdict = row.verdict
    found = verdict.estimate or Estimate(math.nan, math.nan, 0)
    numbers = (row.value, found.value, found.se, found.half_width, verdict.z)
    value, *told = ("" if math.isnan(x) else f"{x:.8g}" for x in numbers)
    said = [found.replications or "", verdict.note]
    return [row.case, row.metric, row.scope, row.at, verdict.status, value, *told, *said]


def line(row: Row) -> str:
    """A line of the list."""
    verdict = row.verdict
    scope = f"[{row.scope}]" if row.scope else ""
    name = " ".join(filter(None, (row.metric[:60], scope, row.at)))
    text = f"{verdict.status:8}  {row.case.split('_')[0]}  {name:70}"
    if verdict.estimate is not None:
        found = verdict.estimate
        text += f"  {found.value:12.6g} ± {found.half_width:<9.3g} expected {row.value:<11.8g}"
    if not math.isnan(verdict.z):
        text += f"  z {verdict.z:+6.2f}"
    return text + (f"  {verdict.note}" if verdict.note else "")


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--case", action="append", default=[], help="only cases that begin so")
    parser.add_argument("--cases", type=Path, default=CASES, help="folder of the case files")
    parser.add_argument("--out", type=Path, help="write the list as CSV too")
    asked = parser.parse_args(arguments)
    began = time.perf_counter()
    rows: list[Row] = []
    print(f"base seed {BASE_SEED}")
    cases = load(asked.cases, asked.case)
    for case in cases:
        start = time.perf_counter()
        found = judged(case)
        for row in found:
            print(line(row))
        print(f"          {case['id']}: {time.perf_counter() - start:.1f} s", flush=True)
        rows += found
    if asked.out:
        with asked.out.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            writer.writerows(cells(row) for row in rows)
    counts = Counter(row.verdict.status for row in rows)
    worst = max(_tested(rows), key=lambda row: abs(row.verdict.z), default=None)
    print()
    states: Counter[Status] = Counter()
    for case in cases:
        state, why = state_of(case, [row for row in rows if row.case == case["id"]])
        states[state] += 1
        print(f"{state:8}  {case['id']}{f': {why}' if why else ''}")
    print(f"cases: {_told(states)}")
    print(f"metrics: {_told(counts)}; {time.perf_counter() - began:.0f} s")
    if worst is not None:
        print(f"largest |z|: {line(worst)}")
    return 1 if counts["failed"] else 0


def state_of(case: Case, rows: list[Row]) -> tuple[Status, str]:
    """A case has passed only if every metric has and nothing that it requires is missing."""
    counts = Counter(row.verdict.status for row in rows)
    missing = ", ".join(f for f in case["features_required"] if f in NOT_YET)
    if counts["failed"]:
        return "failed", _told(counts)
    if counts["not yet"] or missing:
        notes = (row.verdict.note for row in rows if row.verdict.status == "not yet")
        return "not yet", f"{_told(counts)}; wants {missing or '; '.join(dict.fromkeys(notes))}"
    return "passed", ""


def _told(counts: Counter[Status]) -> str:
    told: tuple[Status, ...] = ("passed", "failed", "not yet", "information")
    return ", ".join(f"{counts[status]} {status}" for status in told if counts[status])


def _tested(rows: list[Row]) -> Iterator[Row]:
    return (row for row in rows if not math.isnan(row.verdict.z))


if __name__ == "__main__":
    sys.exit(main())
