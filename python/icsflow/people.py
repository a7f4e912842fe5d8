"""People one by one: from tables to the data of a model."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from icsflow.case import Cases, cases
from icsflow.distribution import AnyDistribution
from icsflow.plain import Data, compact, plain

__all__ = ["Attends", "Death", "People", "SetAttribute", "columns", "found", "replayed", "values"]

People: TypeAlias = Any
"""A table with a row for each person: a data frame of pandas or polars, an Arrow table, a mapping from
the names of columns to their values, or the path of a CSV file."""


On: TypeAlias = Literal["join", "start", "ready", "leave"]
"""What happens to a patient at a node: joins the line, starts, is ready, leaves the place."""


@dataclass(frozen=True)
class Attends:
    """Why somebody of a population attends: one of `every` and `hazard`. Only time outside counts.

    >>> import icsflow as ics
    >>> frequent = ics.Attends("A&E", every=ics.Exponential("20d"))
    >>> frail = ics.Attends("A&E", hazard="0.002 * (1 + missed)")
    """

    to: str
    """The node or list; or a way out, by which the person leaves for good."""
    every: Cases[AnyDistribution] | None = None
    """Time outside from one to the next."""
    hazard: str | None = None
    """Rate per time unit of the model, over attributes and the cohort."""

    def plain(self) -> Data:
        """The reason as it stands in a model file."""
        every = None if self.every is None else cases(self.every)
        return compact(to=self.to, every=every, hazard=self.hazard)


@dataclass(frozen=True)
class SetAttribute:
    """An attribute that changes on what happens to a patient at a node.

    >>> import icsflow as ics
    >>> weaker = ics.SetAttribute("leave", "frail", True, when="waited > 7")
    >>> worse = ics.SetAttribute("start", "severity", "severity + 1", share=0.1)
    """

    on: On
    """On what."""
    attribute: str
    """The attribute."""
    to: float | bool | str
    """Its new value: a value, an expression, or the label of a category."""
    when: str | None = None
    """Of whom; `waited` is the time in the present line."""
    share: float | None = None
    """Probability that it changes; 1 if not given."""

    def plain(self) -> Data:
        """The change as it stands in a model file."""
        return compact(
            on=self.on, when=self.when, share=self.share, attribute=self.attribute, to=self.to
        )


@dataclass(frozen=True)
class Death:
    """A clock that ends in death, wherever the patient is in the system by then.

    >>> import icsflow as ics
    >>> death = ics.Death("start", ics.Exponential("300d"))
    """

    on: On
    """What starts it."""
    after: Cases[AnyDistribution]
    """Time until death, for everyone or by cases."""

    def plain(self) -> Data:
        """The clock as it stands in a model file."""
        return compact(on=self.on, after=cases(self.after))


_WANTED = (
    "expected a table with a row for each person: a data frame, columns by name, rows as mappings, or "
    "the path of a CSV file"
)


def columns(table: People) -> dict[str, list[Any]]:
    """The columns of a table by name; what is missing is None."""
    if isinstance(table, str | os.PathLike):
        with Path(table).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        names = list(rows[0]) if rows else []
        return {name: [_read(row[name]) for row in rows] for name in names}
    if isinstance(table, Mapping):
        names = list(table)
    elif isinstance(table, Sequence) and all(isinstance(row, Mapping) for row in table):
        names = list(dict.fromkeys(name for row in table for name in row))
        table = {name: [row.get(name) for row in table] for name in names}
    else:
        named = getattr(table, "column_names", getattr(table, "columns", None))
        if named is None:
            raise TypeError(f"{_WANTED}, found {table!r}")
        names = list(named)
    given = {str(name): plain(table[name]) for name in names}
    for name, column in given.items():
        if not isinstance(column, list):
            raise TypeError(f"{_WANTED}; its column {name!r} is {column!r}")
    sizes = {name: len(column) for name, column in given.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{size} in {name!r}" for name, size in sizes.items())
        raise ValueError(f"the columns of a table have as many rows each, found {told}")
    return {name: [_known(value) for value in column] for name, column in given.items()}


def _read(text: str | None) -> Any:
    """A cell of a CSV file: a number or a truth where it looks like one."""
    text = (text or "").strip()
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return _known(float(text))
    except ValueError:
        return text or None


def _known(value: Any) -> Any:
    """None for what is missing: a data frame says NaN, or the text of it."""
    if value in ("", "nan", "NaT") or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


def values(given: Mapping[str, Any] | None) -> dict[str, Data] | None:
    """Values of attributes: one for all, or one for each."""
    return None if given is None else {name: plain(value) for name, value in given.items()}


_KIND = ("node", "awaiting", "in_process", "cohort", "remaining")
_OWN = (*_KIND, "spent", "waited")


def found(table: People) -> list[dict[str, Data]]:
    """A census from a table with a row for each person, those alike in one entry."""
    given = columns(table)
    count = max((len(column) for column in given.values()), default=0)
    attributes = [name for name in given if name not in _OWN]
    alike: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for at in range(count):
        row = {name: column[at] for name, column in given.items() if column[at] is not None}
        known = tuple(sorted(row))
        kind = tuple(row.get(name) for name in _KIND)
        alike.setdefault((*kind, known), []).append(row)
    return [_entry(rows, attributes) for rows in alike.values()]


def replayed(table: People) -> dict[str, Data]:
    """Recorded arrivals from a table: `time`, and perhaps `to`, `cohort` and attributes."""
    given = columns(table)
    attributes = {name: given[name] for name in given if name not in ("time", "to", "cohort")}
    return compact(
        times=given.get("time", []),
        to=given.get("to"),
        cohort=given.get("cohort"),
        attributes=attributes or None,
    )


def _entry(rows: Sequence[dict[str, Any]], attributes: Sequence[str]) -> dict[str, Data]:
    first = rows[0]
    waits = "waited" in first and "awaiting" not in first and "in_process" not in first
    each = {name: [row[name] for row in rows] for name in attributes if name in first}
    return compact(
        node=first.get("node"),
        people=None if waits else len(rows),
        spent=[row["spent"] for row in rows] if "spent" in first else None,
        remaining=first.get("remaining"),
        awaiting=first.get("awaiting"),
        in_process=first.get("in_process"),
        queue=len(rows) if waits else None,
        waited=[row["waited"] for row in rows] if "waited" in first else None,
        cohort=first.get("cohort"),
        attributes=each or None,
    )
