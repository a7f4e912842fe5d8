"""Calibration: parameters moved until what comes out is what is published."""

from __future__ import annotations

import fnmatch
import json
import math
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from icsflow.model import Model
from icsflow.plain import Data, Duration, Moment
from icsflow.render import Cell, html, paragraph, short, text
from icsflow.results import Results
from icsflow.scenario import change
from icsflow.table import needed

__all__ = [
    "Calibration",
    "Lever",
    "Moved",
    "Target",
    "calibrate",
    "calibrate_file",
    "moved",
    "whole",
]


@dataclass(frozen=True)
class Target:
    """A published figure of the model that is to be met.

    >>> import icsflow as ics
    >>> occupancy = ics.Target("G&A beds occupied, share of beds open", tolerance=0.01)
    """

    figure: str
    """The name of the published figure (:meth:`Model.published`)."""
    tolerance: float = 0.05
    """How far off is as bad as one: a share of the published value, such as half the width of the
    interval in which it is known."""
    interval: tuple[float, float] | None = None
    """The interval in which the published value is known, instead of the tolerance."""
    weight: float = 1.0
    """How much it counts in the score."""


@dataclass(frozen=True)
class Lever:
    """A parameter that the calibration may move, within a range.

    `paths` lead to numbers of the model as those of :func:`icsflow.change` do: ``"Acute.beds"``,
    ``"Acute.stay.mean"``, ``"Acute.route.home"``, in the model's time unit where they are set; or as
    faults tell them: ``node["Acute"].stay.lognormal.mean``, ``route[3].to.home``, in the unit that is
    written there; what has no name goes by its node, as ``census["Acute"].people``. There ``*`` in a
    name stands for anything, and ``[*]`` for every item, so that one lever may move many numbers
    together.

    >>> import icsflow as ics
    >>> stays = ics.Lever("stay on wards", 'node["G&A beds, *"].stay[*].lognormal.mean', 0.8, 1.2,
    ...                   how="times")
    """

    name: str
    """Its name."""
    paths: str | Sequence[str]
    """Where the numbers stand."""
    low: float
    """The least value, or factor."""
    high: float
    """The greatest."""
    how: Literal["to", "times"] = "to"
    """Whether each number is set to the lever's value, or is the model's own times it."""
    start: float | None = None
    """Where the search begins; 1 for a factor if the range holds it, else the middle."""

    def begin(self) -> float:
        """Where the search begins."""
        if self.start is not None:
            return self.start
        middle = (self.low + self.high) / 2
        return 1.0 if self.how == "times" and self.low < 1 < self.high else middle


_STEP = re.compile(r"""\.?([A-Za-z_][\w ]*|\*)|\[(?:"((?:[^"\\]|\\.)*)"|(\d+|\*))\]""")
# What is counted in whole places, visits, slots or people.
_WHOLE = {
    "beds",
    "corridor",
    "limit",
    "most",
    "people",
    "per_day",
    "places",
    "queue",
    "size",
    "slots",
    "units",
}
_NUMBER = re.compile(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)(.*)", re.DOTALL)


def _steps(path: str) -> list[tuple[str, str]]:
    """A path as steps: ("key", name), ("name", pattern) or ("item", number or *)."""
    steps, at = [], 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise ValueError(f"a path that ends at {path[at:]!r}: {path!r}")
        key, name, item = found.groups()
        if key is not None:
            steps.append(("key", key))
        elif name is not None:
            steps.append(("name", json.loads(f'"{name}"')))
        else:
            steps.append(("item", item))
        at = found.end()
    return steps


def _places(data: Data, path: str) -> Iterator[tuple[Data, str | int]]:
    """Where the numbers of a path stand: their table or list, and the key or position there."""
    here: list[tuple[Data, str | int]] = [({"": data}, "")]
    for kind, step in _steps(path):
        there: list[tuple[Data, str | int]] = []
        for holder, key in here:
            part = holder[key]
            if kind == "item" and isinstance(part, list):
                chosen = range(len(part)) if step == "*" else [int(step)]
                there += [(part, i) for i in chosen if i < len(part)]
            elif kind == "name" and isinstance(part, list):
                there += [(part, i) for i, item in enumerate(part) if _fits(_called(item), step)]
            elif isinstance(part, dict):
                there += [(part, known) for known in part if _fits(known, step)]
        here = there
    yield from here


def _called(item: Data) -> str:
    """The name of an item of a list; the node of one that has none, such as a census."""
    return str(item.get("name", item.get("node", ""))) if isinstance(item, dict) else ""


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


class Moved(Protocol):
    """What may be moved: a lever, or an input that is drawn."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def paths(self) -> str | Sequence[str]:
        """Where the numbers stand."""

    @property
    def how(self) -> Literal["to", "times"]:
        """Whether each is set, or multiplied."""


def moved(model: Model, levers: Sequence[Moved], values: Sequence[float]) -> Model:
    """The model with its levers at some values."""
    data = json.loads(model.to_json())
    changes = [
        change(path, multiply=value)
        if lever.how == "times"
        else change(path, set=round(value) if _counts(path) else float(value))
        for lever, value in zip(levers, values, strict=True)
        for path in _paths(lever)
        if _is_change(path, data)
    ]
    if changes:
        model = model.changed(*changes)
        data = json.loads(model.to_json())
    for lever, value in zip(levers, values, strict=True):
        for path in _paths(lever):
            if _is_change(path, data):
                continue
            places = list(_places(data, path))
            if not places:
                raise ValueError(f"the lever {lever.name!r} leads nowhere: {path}")
            for holder, key in places:
                holder[key] = _set(holder[key], lever, value, path)
    return Model._of(data)


def _paths(lever: Moved) -> Sequence[str]:
    return [lever.paths] if isinstance(lever.paths, str) else lever.paths


def _is_change(path: str, data: dict[str, Data]) -> bool:
    """Whether a path begins with what has a name, as that of a change, and not with a section."""
    return re.split(r"[.\[]", path, maxsplit=1)[0] not in data


def _set(old: Data, lever: Moved, value: float, path: str) -> Data:
    value = float(value)  # a plain one, also in text
    if isinstance(old, str) and (found := _NUMBER.match(old)):
        number, unit = float(found[1]), found[2]
        return f"{number * value if lever.how == 'times' else value!r}{unit}"
    if isinstance(old, bool) or not isinstance(old, int | float):
        raise ValueError(f"the lever {lever.name!r} leads to {old!r}, which is no number: {path}")
    new = old * value if lever.how == "times" else value
    return round(new) if _is_whole(old, path) else new


def _is_whole(old: Data, path: str) -> bool:
    """Whether a number counts places, visits, slots or people."""
    return isinstance(old, int) and _counts(path)


def _counts(path: str) -> bool:
    return path.rpartition(".")[2] in _WHOLE


def whole(model: Model, lever: Lever) -> bool:
    """Whether only whole values of a lever differ: it is set, and counts people or places."""
    data = json.loads(model.to_json())
    told = []
    for path in _paths(lever):
        if _is_change(path, data):
            told.append(_counts(path))
        else:
            told += [_is_whole(holder[key], path) for holder, key in _places(data, path)]
    return lever.how == "to" and bool(told) and all(told)


@dataclass
class Calibration:
    """What a calibration found.

    In a notebook it shows the levers and the figures, fitted ones apart from those held out.
    """

    model: Model
    """The model with its levers where the search ended."""
    levers: list[dict[str, Any]]
    """A row for each lever: its value, range, standard error, and whether it is identifiable."""
    figures: list[dict[str, Any]]
    """A row for each published figure: fitted or held out, published, what comes out with its
    interval, the difference, from runs with a seed that the search has not seen."""
    score: float
    """Root of the weighted mean of the squared differences, each in units of its tolerance."""
    condition: float
    """Condition number of the sensitivities: how much worse the least known combination of levers is
    known than the best known. Infinite where a combination moves nothing."""
    weakest: dict[str, float]
    """The least known combination: the weight of each lever in it."""
    runs: int
    """Models run by the search."""
    results: Results = field(repr=False)
    """The results of the confirming run."""

    @property
    def identifiable(self) -> bool:
        """Whether the targets tell the value of every lever."""
        return all(row["identifiable"] for row in self.levers)

    def _tables(self) -> list[tuple[str, list[Cell], list[list[Cell]]]]:
        head = ["lever", "value", "standard error", "from", "to", "identifiable"]
        levers = [
            [
                Cell(row["lever"]),
                *(_number(row[key]) for key in ("value", "standard_error", "low", "high")),
                Cell("yes" if row["identifiable"] else "no"),
            ]
            for row in self.levers
        ]
        told = [("Levers", [Cell(words) for words in head], levers)]
        head = ["figure", "published", "comes out", "lower", "upper", "difference", "inside"]
        for role in ("fitted", "held out"):
            rows = [
                [
                    Cell(row["figure"]),
                    *(_number(row[key]) for key in ("published", "mean", "lower", "upper")),
                    Cell(f"{row['relative_difference']:+z.1%}", right=True),
                    Cell("yes" if row["inside"] else "no"),
                ]
                for row in self.figures
                if row["role"] == role
            ]
            if rows:
                told.append((role.capitalize(), [Cell(words) for words in head], rows))
        return told

    def _line(self) -> str:
        told = f"score {short(self.score)} after {self.runs} runs"
        told += f"; condition number {short(self.condition)}"
        if not self.identifiable:
            weak = sorted(self.weakest.items(), key=lambda item: -abs(item[1]))
            names = ", ".join(
                f"{name} ({weight:+.2f})" for name, weight in weak if abs(weight) > 0.2
            )
            told += f"; the targets do not tell apart: {names}"
        return told

    def __repr__(self) -> str:
        parts = [f"{title}\n{text(head, rows)}" for title, head, rows in self._tables()]
        return "\n\n".join([self._line(), *parts])

    def _repr_html_(self) -> str:
        parts = [
            paragraph("", strong=title) + html(head, rows) for title, head, rows in self._tables()
        ]
        return paragraph(self._line()) + "".join(parts)


def _number(value: float) -> Cell:
    return Cell(short(value), right=True)


def calibrate(
    model: Model,
    *,
    levers: Sequence[Lever],
    targets: Sequence[Target] | Mapping[str, float],
    replications: int | None = None,
    warm_up: Duration | None = None,
    until: Moment | None = None,
    seed: int | None = None,
    threads: int | None = None,
    most_runs: int = 200,
    confirm: int | None = None,
    confirm_seed: int | None = None,
    progress: Callable[[int, float], object] | None = None,
) -> Calibration:
    """Moves the levers until the targets are met, and shows the published figures not aimed at.

    * `levers`: the parameters that may move, each within its range;
    * `targets`: published figures of the model to be met, or a mapping of their names to tolerances;
      the other published figures are held out;
    * `replications`, `warm_up`, `until`, `seed`: of each run of the search, as in :meth:`Model.run`.
      Every run has the same seed: common random numbers, so that only the levers move what comes out;
    * `most_runs`: runs after which the search ends;
    * `confirm`, `confirm_seed`: replications (four times those of the search) and seed (another one) of
      the run after the search from which the figures are told;
    * `progress`: called with the number of runs and the score after each.

    The search is that of `scipy.optimize.least_squares` (trust region reflective): least squares of the
    differences, each divided by its tolerance. The sensitivities at its end tell how well the targets
    determine each lever: one whose standard error is more than a quarter of its range, or that stands
    at an end of it, is not identifiable. Needs scipy (the extra `calibrate`).

    >>> import icsflow as ics
    >>> m = ics.Model("Ward").arrivals("Referrals", to="Ward", rate=4)
    >>> m = m.beds("Ward", 40, stay=ics.Exponential(5))
    >>> m = m.published("Beds occupied", 24, metric="occupied", scope="Ward", source="made up")
    >>> found = ics.calibrate(
    ...     m, levers=[ics.Lever("stay", 'node["Ward"].stay.exponential.mean', 3, 9)],
    ...     targets={"Beds occupied": 0.01}, replications=4, until="1y", warm_up="60d")
    >>> 5.7 < found.levers[0]["value"] < 6.3
    True
    """
    optimize = needed("scipy.optimize", "calibrate", "calibrate()")
    linalg = needed("numpy", "calibrate", "calibrate()").linalg
    if isinstance(targets, Mapping):
        targets = [Target(name, tolerance) for name, tolerance in targets.items()]
    plan = json.loads(model.to_json()).get("run", {})
    seed = int(plan.get("seed", 1)) if seed is None else seed
    replications = int(plan.get("replications", 30)) if replications is None else replications
    scales = [_scale(model, target) for target in targets]
    runs, best = 0, math.inf

    def run(values: Sequence[float], replications: int, seed: int) -> tuple[Model, Results]:
        at = moved(model, levers, values)
        return at, at.run(
            replications=replications,
            warm_up=warm_up,
            until=until,
            seed=seed,
            threads=threads,
            levels=False,
        )

    def values(places: Sequence[float]) -> list[float]:
        # Levers run from 1 to 2, so that the steps of all are alike.
        return [
            lever.low + (place - 1) * (lever.high - lever.low)
            for lever, place in zip(levers, places, strict=True)
        ]

    def residuals(places: Sequence[float]) -> list[float]:
        nonlocal runs, best
        told = _figures(run(values(places), replications, seed)[1])
        runs += 1
        found = [
            (told[target.figure]["mean"] - value) / scale * math.sqrt(target.weight)
            for target, (value, scale) in zip(targets, scales, strict=True)
        ]
        # What nothing came out for is far off.
        found = [1e3 if math.isnan(x) else x for x in found]
        best = min(best, _score(found, targets))
        if progress is not None:
            progress(runs, best)
        return found

    start = [1 + (lever.begin() - lever.low) / (lever.high - lever.low) for lever in levers]
    found = optimize.least_squares(
        residuals,
        [min(max(place, 1.001), 1.999) for place in start],
        bounds=([1.0] * len(levers), [2.0] * len(levers)),
        # Places are whole: a step must move some of them.
        diff_step=0.06,
        xtol=1e-3,
        ftol=1e-3,
        gtol=1e-4,
        max_nfev=max(1, most_runs // (len(levers) + 1)),
    )
    _, singular, directions = linalg.svd(found.jac, full_matrices=len(levers) > len(targets))
    singular = [*map(float, singular), *[0.0] * (len(levers) - len(singular))]
    errors = _errors(singular, directions)
    told = values(found.x)
    rows = []
    for lever, value, place, error in zip(levers, told, found.x, errors, strict=True):
        at_end = not 1.005 < place < 1.995
        rows.append(
            {
                "lever": lever.name,
                "value": float(value),
                "standard_error": error * (lever.high - lever.low),
                "low": lever.low,
                "high": lever.high,
                "how": lever.how,
                "at_an_end": at_end,
                "identifiable": error < 0.25 and not at_end,
            }
        )
    again = seed + 1_000_003 if confirm_seed is None else confirm_seed
    calibrated, results = run(told, confirm or 4 * replications, again)
    least = min(singular)
    return Calibration(
        model=calibrated,
        levers=rows,
        figures=_beside(results, targets),
        score=_score(list(map(float, found.fun)), targets),
        condition=max(singular) / least if least > 0 else math.inf,
        weakest={lever.name: float(x) for lever, x in zip(levers, directions[-1], strict=True)},
        runs=runs,
        results=results,
    )


def _scale(model: Model, target: Target) -> tuple[float, float]:
    """The published value of a target, and what is as bad as one."""
    figures = {
        row["name"]: row["value"] for row in json.loads(model.to_json()).get("published", [])
    }
    if target.figure not in figures:
        known = ", ".join(map(repr, figures)) or "there is none"
        raise ValueError(f"no published figure {target.figure!r}: {known}")
    value = float(figures[target.figure])
    if target.interval is not None:
        low, high = target.interval
        return value, max((high - low) / 2, 1e-12)
    return value, max(abs(value) * target.tolerance, 1e-12)


def _score(found: Sequence[float], targets: Sequence[Target]) -> float:
    return math.sqrt(sum(x * x for x in found) / sum(target.weight for target in targets))


def _errors(singular: Sequence[float], directions: Any) -> list[float]:
    """The standard error of each lever, as a share of its range, if each target is known to within its
    tolerance (one standard deviation)."""
    errors = []
    for lever in range(len(singular)):
        parts = [
            (float(direction[lever]) / max(value, 1e-9)) ** 2
            for value, direction in zip(singular, directions, strict=True)
        ]
        errors.append(math.sqrt(sum(parts)))
    return errors


def _figures(results: Results) -> dict[str, dict[str, Any]]:
    return {row["figure"]: row for row in results.published.rows()}


def _beside(results: Results, targets: Sequence[Target]) -> list[dict[str, Any]]:
    fitted = {target.figure for target in targets}
    rows = []
    for name, row in _figures(results).items():
        half = (row["upper"] - row["lower"]) / 2
        rows.append(
            {
                "figure": name,
                "role": "fitted" if name in fitted else "held out",
                "published": row["published"],
                "mean": row["mean"],
                "lower": row["lower"],
                "upper": row["upper"],
                "relative_half_width": abs(half / row["mean"]) if row["mean"] else math.nan,
                "relative_difference": row["relative_difference"],
                "inside": row["lower"] <= row["published"] <= row["upper"],
                "unit": row["unit"],
                "source": row["source"],
            }
        )
    return sorted(rows, key=lambda row: str(row["role"]))


def calibrate_file(
    path: str | os.PathLike[str],
    *,
    progress: Callable[[int, float], object] | None = None,
    **options: Any,
) -> Calibration:
    """Calibrates as a TOML file says: `model` (a file beside it, or a shipped one), tables `[[lever]]`
    and `[[target]]` with the keys of :class:`Lever` and :class:`Target`, and `[search]` with the other
    arguments of :func:`calibrate`.

    Raises ValueError with what is wrong in the file.
    """
    path = Path(path)
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    _known(told, {"model", "lever", "target", "search"}, str(path))
    beside = path.parent / str(told.get("model", ""))
    model = Model.from_file(beside) if beside.is_file() else Model.open(str(told.get("model", "")))
    levers = [_made(Lever, row, "lever") for row in told.get("lever", [])]
    targets = [_made(Target, row, "target") for row in told.get("target", [])]
    if not levers or not targets:
        raise ValueError(f"{path}: at least one [[lever]] and one [[target]]")
    search = {**told.get("search", {}), **options}
    try:
        return calibrate(model, levers=levers, targets=targets, progress=progress, **search)
    except TypeError as error:
        raise ValueError(f"{path}: [search]: {error}") from None


def _known(table: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = ", ".join(sorted(set(table) - known))
    if unknown:
        raise ValueError(f"{where}: unknown {unknown}; expected {', '.join(sorted(known))}")


def _made(kind: Any, row: Mapping[str, Any], what: str) -> Any:
    _known(
        row, set(kind.__dataclass_fields__), f"{what} {row.get('name', row.get('figure', ''))!r}"
    )
    try:
        return kind(**row)
    except TypeError as error:
        raise ValueError(f"{what}: {error}") from None
