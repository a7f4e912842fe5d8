"""Readmissions: people who have gone out of the system and come again."""

from __future__ import annotations

from dataclasses import dataclass

from icsflow.case import Cases, cases
from icsflow.cohort import shares
from icsflow.distribution import AnyDistribution
from icsflow.plain import Data, compact
from icsflow.queue import Targets

__all__ = ["Readmission"]


@dataclass(frozen=True)
class Readmission:
    """Of those who leave a place at a node and go out of the system alive, a share comes again.

    It is the same patient, with the same attributes: in ``Results.stays`` the number of the patient
    links the readmission with the index stay, and `spell` tells them apart. Of several the first whose
    condition holds counts.

    >>> import icsflow as ics
    >>> m = ics.Model("Ward").arrivals("Admissions", to="Ward", rate=3)
    >>> m = m.beds("Ward", 24, stay=ics.Exponential("6d"), readmission=[
    ...     ics.Readmission(0.12, ics.Exponential("15d"), "Ward"),
    ... ])
    >>> r = m.run(replications=2, until="90d", seed=1)
    >>> len(r.values("readmitted_30_days", "Ward"))
    2
    """

    share: float
    """Probability that they come again."""
    after: Cases[AnyDistribution]
    """Time from going out to that."""
    to: Targets
    """Where they come: a node or list, or several with their probabilities."""
    when: str | None = None
    """Of whom, when they go out; of everyone if not given."""

    def plain(self) -> Data:
        """The readmission as it stands in a model file."""
        return compact(
            when=self.when, share=self.share, after=cases(self.after), to=shares(self.to)
        )
