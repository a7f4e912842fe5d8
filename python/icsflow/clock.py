"""Clocks: the moments between which they measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from icsflow.plain import Data, compact

__all__ = ["Mark"]


@dataclass(frozen=True)
class Mark:
    """A moment of a patient's visit to a node, for :meth:`Model.clock`.

    >>> import icsflow as ics
    >>> decision_to_admit = ics.Mark("A&E", "ready")
    >>> treated = ics.Mark(["Theatre 1", "Theatre 2"], "start")
    """

    at: str | Sequence[str]
    """A node, a list, a sector or a group; or several."""
    on: Literal["join", "arrive", "start", "ready", "leave"]
    """The moment: *join* stands in line, wherever from, or comes if that is first; *arrive* comes in
    person; *start* takes the place; *ready* the stay is over; *leave* leaves for good, the place or the
    queue."""

    def plain(self) -> Data:
        """The moment as it stands in a model file."""
        return compact(at=self.at, on=self.on)
