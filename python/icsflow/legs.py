"""Legs: several services of one patient during a stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from icsflow.plain import Data, compact

__all__ = ["Leg", "Legs"]


@dataclass(frozen=True)
class Leg:
    """A leg that only some have.

    >>> import icsflow as ics
    >>> therapy = ics.Leg("Therapy", when="age >= 75", share=0.5)
    """

    node: str
    """The node or list."""
    when: str | None = None
    """Of whom: a condition when the stay starts; of everyone if not given."""
    share: float | None = None
    """Probability of it; 1 if not given."""

    def plain(self) -> Data:
        """The leg as it stands in a model file."""
        if self.when is None and self.share is None:
            return self.node
        return compact(node=self.node, when=self.when, share=self.share)


@dataclass(frozen=True)
class Legs:
    """What a patient has done elsewhere during a stay, which lasts at least until that is done.

    A bare list of nodes is legs to all of them at once, all of which must be over. Each leg waits and
    stays at its node, and goes on from there, as anybody does; it is over when a route leads it out of
    the system. Who dies on a leg is dead, and an attribute that changes on one changes of the patient.

    >>> import icsflow as ics
    >>> m = ics.Model("Same-day emergency care", time_unit="hours")
    >>> m = m.arrivals("Referrals", to="Work-up", rate=2)
    >>> m = m.beds("Work-up", 12, stay="30 min", legs=["Imaging", "Bloods"])
    >>> m = m.beds("Imaging", 1, stay=ics.Exponential("20 min"))
    >>> m = m.beds("Bloods", 2, stay=ics.Exponential("15 min"))
    >>> r = m.run(replications=3, until="2w", seed=1)
    >>> len(r.values("mean_time_to_join", "Work-up"))
    3
    >>> first = ics.Legs(["GP", "Pharmacist", "Nurse"], join="any")
    >>> visit = ics.Legs(["Bloods", "ECG", ics.Leg("X-ray", share=0.4)], order="shortest queue")
    """

    to: Sequence[str | Leg]
    """The nodes or lists."""
    order: Literal["together", "as listed", "shortest queue"] | None = None
    """All at once ("together", if not given), or one after the other: as listed, or next where the
    fewest people are in line."""
    join: Literal["all", "any"] | int | None = None
    """How many must be over; all if not given."""
    others: Literal["stop", "go on"] | None = None
    """What becomes of the others then: they stop, if not given, or go on and nobody waits for them."""
    failed: Literal["not counted", "ends"] | None = None
    """What a leg does that ends otherwise than after a stay (it gives up waiting, say): it is not
    counted, if not given, or ends the join."""

    def plain(self) -> Data:
        """The legs as they stand in a model file."""
        return compact(
            to=self.to, order=self.order, join=self.join, others=self.others, failed=self.failed
        )
