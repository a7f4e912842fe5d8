"""Windows: when people may leave."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from icsflow.plain import Data, compact, plain

__all__ = ["At", "HourProfile", "Open", "Weekday", "Window", "windows"]

Weekday: TypeAlias = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
ClockTime: TypeAlias = str | datetime.time
"""A time of day, ``"08:00"``; ``"24:00"`` is the end of the day."""


@dataclass(frozen=True)
class Open:
    """Leaving within an interval of the day: at once if it is open, else when it next opens.

    >>> import icsflow as ics
    >>> leave = [ics.Open("08:00", "20:00"), ics.Open("06:00", "08:00", days=["Mon"])]
    """

    opens: ClockTime
    """Opens."""
    closes: ClockTime
    """Closes; people may still leave at this very instant."""
    days: Sequence[Weekday] | None = None
    """Weekdays; every day if none is named."""

    def plain(self) -> Data:
        """The window as it stands in a model file."""
        return {"open": [compact(from_=self.opens, to=self.closes, days=self.days)]}


@dataclass(frozen=True, init=False)
class At:
    """Leaving at instants: everyone who is free to go leaves then.

    >>> import icsflow as ics
    >>> leave = ics.At("11:00", "15:00", days=["Mon", "Tue", "Wed", "Thu", "Fri"])
    """

    times: tuple[ClockTime, ...]
    """Times of day."""
    days: Sequence[Weekday] | None = None
    """Weekdays; every day if none is named."""

    def __init__(self, *times: ClockTime, days: Sequence[Weekday] | None = None) -> None:
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "days", days)

    def session(self) -> Data:
        """The times and days alone."""
        return compact(at=self.times, days=self.days)

    def plain(self) -> Data:
        """The window as it stands in a model file."""
        return {"at": [self.session()]}


@dataclass(frozen=True)
class HourProfile:
    """Leaving by an hour profile.

    On each day on which a patient is free to go, one draw decides: with the day's weekday share it
    gives an hour by the hour shares, else no leaving that day.

    >>> import icsflow as ics
    >>> leave = ics.HourProfile([0] * 9 + [1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1] + [0] * 3)
    """

    hours: Sequence[float]
    """Shares of leaving by hour, 24 numbers; scaled to sum to 1."""
    weekdays: Sequence[float] | None = None
    """Chance of leaving at all on a day on which one could, Monday first; 1 if not given."""

    def plain(self) -> Data:
        """The window as it stands in a model file."""
        return {"profile": compact(hours=self.hours, weekdays=self.weekdays)}


Window: TypeAlias = Open | At | HourProfile


def windows(value: Window | Sequence[Window] | None) -> Data:
    """One window, or several of a kind together, as they stand in a model file."""
    if not isinstance(value, list | tuple):
        return plain(value)
    together: dict[str, Data] = {}
    for window in value:
        for key, data in plain(window).items():
            if isinstance(data, list):
                together.setdefault(key, []).extend(data)
            else:
                together[key] = data
    return together
