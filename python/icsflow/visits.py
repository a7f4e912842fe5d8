"""What people need of visits on each day of a stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from icsflow.case import Case, Cases
from icsflow.plain import Data, compact, plain

__all__ = ["Need", "Profile", "Taper", "needs"]


@dataclass(frozen=True)
class Taper:
    """A need that falls (or rises) in a straight line from the first day of the stay to the last.

    >>> import icsflow as ics
    >>> need = ics.Taper(4, 1)
    """

    first: float
    """Visits on the first day."""
    last: float
    """Visits on the last day."""

    def plain(self) -> Data:
        """The need as it stands in a model file."""
        return compact(first=self.first, last=self.last)


@dataclass(frozen=True)
class Profile:
    """A need of any shape: at equal steps over the stay, or day by day.

    >>> import icsflow as ics
    >>> slowly_then_fast = ics.Profile([4, 3.5, 1])
    >>> first_week_daily = ics.Profile(days=[2, 2, 2, 2, 1, 1, 1, 0.5])
    """

    points: Sequence[float] | None = None
    """Visits on the first day, at equal steps between, and on the last; straight lines between."""
    days: Sequence[float] | None = None
    """Visits on the first day, the second …; the last number holds for all days after."""

    def plain(self) -> Data:
        """The need as it stands in a model file."""
        return compact(points=self.points, days=self.days)


Need: TypeAlias = float | Taper | Profile
"""Visits needed on each day of a stay; a number is the same on every day."""


def needs(value: Cases[Need]) -> Data:
    """One need or a list of cases, as it stands in a model file."""

    def table(need: object) -> Data:
        data = plain(need)
        return data if isinstance(data, dict) else {"visits": data}

    if isinstance(value, list | tuple):
        return [
            {"when": case.when, **table(case.then)} if isinstance(case, Case) else table(case)
            for case in value
        ]
    return plain(value)
