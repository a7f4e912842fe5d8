"""Parts of a node: what delays people in it."""

from __future__ import annotations

from dataclasses import dataclass

from icsflow.distribution import AnyDistribution
from icsflow.plain import Data, plain, table

__all__ = ["ProcessDelay"]


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
