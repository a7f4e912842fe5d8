"""Parts of a node: how people wait for it, and what delays them in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from icsflow.distribution import AnyDistribution
from icsflow.plain import Data, compact, plain, table

__all__ = ["ProcessDelay", "Queue"]


@dataclass(frozen=True, kw_only=True)
class Queue:
    """How people wait for a node.

    >>> import icsflow as ics
    >>> urgent_first = ics.Queue(discipline="class", classes=["urgent", "age >= 75"])
    >>> at_most_ten = ics.Queue(limit=10)
    """

    discipline: Literal["first come", "class"] | None = None
    """Who goes first: whoever joined first, or the better class."""
    classes: Sequence[str] | None = None
    """For "class": conditions in order of priority; who meets none comes last."""
    limit: int | Literal["unlimited"] | None = None
    """Most people who may wait; who finds so many waiting is lost."""

    def plain(self) -> Data:
        """The queue as it stands in a model file."""
        return compact(discipline=self.discipline, classes=self.classes, limit=self.limit)


@dataclass(frozen=True)
class ProcessDelay:
    """A delay by process after *ready*, and how many patients it meets.

    A bare distribution is a delay that everyone meets.

    >>> import icsflow as ics
    >>> transport = ics.ProcessDelay(ics.Exponential("3h"), share=0.4)
    """

    delay: AnyDistribution
    """Its length."""
    share: float | None = None
    """Probability that a patient has it; 1 if not given."""

    def plain(self) -> Data:
        """The delay as it stands in a model file."""
        share = {} if self.share is None else {"share": plain(self.share)}
        return {**share, **table(self.delay)}
