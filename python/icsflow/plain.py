"""From Python values to the data of a model file.

Nothing is judged here: what is not fit for a model goes on as it is, and the core says what is wrong
with it, together with everything else.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

__all__ = ["Data", "Duration", "Moment", "Part", "RampShape", "compact", "plain", "table"]

Data: TypeAlias = Any
"""What JSON can hold."""

Duration: TypeAlias = float | str | datetime.timedelta
"""A length of time: a number in the model's time unit, text with a unit (``"6.9d"``, ``"20 min"``),
or a timedelta."""

Moment: TypeAlias = Duration | datetime.date | datetime.time
"""A date (``"2026-03-01"``), a length of time after the start (``"30d"``), or a time of day
(``"08:00"``: the first one at or after the start)."""

RampShape: TypeAlias = Literal["linear", "s-curve"] | Mapping[Literal["steps"], int]
"""How much of a change has come about after the part x of its ramp: x, 3x² − 2x³, or n equal steps."""

# What pandas has where a value is missing; neither is worth its import.
_MISSING = ("NAType", "NaTType")


@runtime_checkable
class Part(Protocol):
    """A part of a model that knows its data."""

    def plain(self) -> Data:
        """The part as it stands in a model file."""


def plain(value: object) -> Data:
    """Turns a value into data."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if type(value).__name__ in _MISSING:
        return None
    if isinstance(value, float):
        # JSON has no such numbers; as text they are reported with their path.
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Part):
        return value.plain()
    if isinstance(value, datetime.timedelta):
        return f"{value / datetime.timedelta(microseconds=1) / 1e6!r}s"
    if isinstance(value, datetime.datetime):
        whole_day = value.time() == datetime.time()
        return (value.date() if whole_day else value.replace(tzinfo=None)).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return value.isoformat("seconds" if value.second else "minutes")
    if isinstance(value, Mapping):
        return {str(plain(key)): _under(key, item) for key, item in value.items()}
    # Scalars and arrays of numpy, series of pandas and polars.
    for method in ("tolist", "to_list"):
        if hasattr(value, method):
            return plain(getattr(value, method)())
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    try:
        return plain(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise TypeError(f"a model cannot hold {value!r}, of type {type(value).__name__}") from None


def _under(key: object, value: object) -> Data:
    """A value made plain; an error says under which key it stands."""
    try:
        return plain(value)
    except TypeError as error:
        raise TypeError(f"{key}: {error}") from None


def compact(**fields: object) -> dict[str, Data]:
    """A table of what was given; a trailing underscore keeps a key apart from a word of Python."""
    return {
        key.rstrip("_"): _under(key.rstrip("_"), value)
        for key, value in fields.items()
        if value is not None
    }


def table(value: object) -> dict[str, Data]:
    """A distribution as a table, also where a bare value was written."""
    data = plain(value)
    return data if isinstance(data, dict) else {"deterministic": {"value": data}}
