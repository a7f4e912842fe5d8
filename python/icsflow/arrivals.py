"""When people come: curves and timetables."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from icsflow.plain import Data, Duration, compact, plain
from icsflow.window import At

__all__ = ["Curve", "Timetable"]


@dataclass(frozen=True)
class Curve:
    """A factor that changes by date.

    Before its first point it has the first value, after its last the last; a warm-up sees the first.

    >>> import icsflow as ics
    >>> winter = ics.Curve({"2026-01-01": 1.1, "2026-04-01": 1.0, "2026-12-01": 1.1})
    """

    points: Mapping[str | datetime.date, float]
    """Factors by date, in order."""
    shape: Literal["step", "linear"] = "step"
    """Whether the factor jumps at each point or runs straight between them."""

    def plain(self) -> Data:
        """The curve as it stands in a model file."""
        points = [compact(date=date, factor=factor) for date, factor in self.points.items()]
        return {"shape": plain(self.shape), "points": points}


@dataclass(frozen=True)
class Timetable:
    """Set times of arrival.

    >>> import icsflow as ics
    >>> clinic = ics.Timetable(weekly=[ics.At("09:00", "09:20", "09:40", days=["Mon", "Thu"])])
    """

    times: Sequence[Duration] = ()
    """Times after the start, each once; equal times give one arrival each."""
    weekly: Sequence[At] = ()
    """Times of day on some weekdays, every week, warm-up included."""

    def plain(self) -> Data:
        """The timetable as it stands in a model file."""
        weekly = [session.session() for session in self.weekly]
        return compact(times=list(self.times) or None, weekly=weekly or None)
