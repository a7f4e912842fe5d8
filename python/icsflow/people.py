"""People one by one: from tables to the data of a model."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from icsflow.plain import Data, compact, plain

__all__ = ["People", "columns", "found", "values"]

People: TypeAlias = Any
"""A table with a row for each person: a data frame of pandas or polars, an Arrow table, a mapping from
the names of columns to their values, or the path of a CSV file."""


def columns(table: People) -> dict[str, list[Any]]:
    """The columns of a table by name; what is missing is None."""
    if isinstance(table, str | os.PathLike):
        with Path(table).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        names = list(rows[0]) if rows else []
        return {name: [_read(row[name]) for row in rows] for name in names}
    if isinstance(table, Mapping):
        named = table.items()
    else:
        names = getattr(table, "column_names", None) or list(table.columns)
        named = ((str(name), table[name]) for name in names)
    return {str(name): [_known(value) for value in plain(column)] for name, column in named}


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


_OWN = ("node", "spent", "waited", "awaiting", "cohort", "remaining")


def found(table: People) -> list[dict[str, Data]]:
    """A census from a table with a row for each person, those alike in one entry."""
    given = columns(table)
    count = max((len(column) for column in given.values()), default=0)
    attributes = [name for name in given if name not in _OWN]
    alike: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for at in range(count):
        row = {name: column[at] for name, column in given.items() if column[at] is not None}
        known = tuple(sorted(row))
        kind = tuple(row.get(name) for name in ("node", "awaiting", "cohort", "remaining"))
        alike.setdefault((*kind, known), []).append(row)
    return [_entry(rows, attributes) for rows in alike.values()]


def _entry(rows: Sequence[dict[str, Any]], attributes: Sequence[str]) -> dict[str, Data]:
    first = rows[0]
    waits = "waited" in first and "awaiting" not in first
    each = {name: [row[name] for row in rows] for name in attributes if name in first}
    return compact(
        node=first.get("node"),
        people=None if waits else len(rows),
        spent=[row["spent"] for row in rows] if "spent" in first else None,
        remaining=first.get("remaining"),
        awaiting=first.get("awaiting"),
        queue=len(rows) if waits else None,
        waited=[row["waited"] for row in rows] if "waited" in first else None,
        cohort=first.get("cohort"),
        attributes=each or None,
    )
