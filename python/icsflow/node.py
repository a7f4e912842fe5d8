"""Parts of a node: what ends the stay, and what delays people after it."""

from __future__ import annotations

from dataclasses import dataclass

from icsflow.capacity import Capacity
from icsflow.case import Cases, cases
from icsflow.cohort import shares
from icsflow.distribution import AnyDistribution
from icsflow.plain import Data, compact, plain, table
from icsflow.queue import Targets

__all__ = ["ProcessDelay", "Profession", "StayEnd"]


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


@dataclass(frozen=True)
class StayEnd:
    """What may end a stay before its length has passed: the first of all clocks ends it.

    Of equal ones the length of the stay comes first, then the first named. Who goes where an end says
    meets none of the delays by process of the node, and waits for no window of leaving.

    >>> import icsflow as ics
    >>> m = ics.Model("Monitoring").beds(
    ...     "Virtual ward", 40, stay=ics.Exponential("10d"),
    ...     ends={"deterioration": ics.StayEnd(ics.Weibull(shape=0.8, scale="40d"), to="Acute"),
    ...           "death": ics.StayEnd(ics.Exponential("400d"), to="died")},
    ... )
    >>> m = m.beds("Acute", 20, stay=ics.Exponential("6d"))
    >>> m = m.arrivals("Referrals", to="Virtual ward", rate=3)
    >>> r = m.run(replications=2, until="30d", seed=1)
    >>> r.ends.to_dict()["end"][:3]
    ['stay', 'deterioration', 'death']
    """

    after: Cases[AnyDistribution]
    """When, counted from the start of the stay; never for whom no case holds."""
    to: Targets | None = None
    """Where the patient then goes; where the routes of the node lead if not given."""

    def plain(self) -> Data:
        """The end as it stands in a model file."""
        return compact(after=cases(self.after), to=None if self.to is None else shares(self.to))


@dataclass(frozen=True)
class Profession:
    """One profession of the team that holds a caseload: see :meth:`icsflow.Model.caseload`.

    >>> import icsflow as ics
    >>> nurses = ics.Profession(ics.Capacity(6, dates=[ics.Edit("2026-03-01", add=2)]), each=0.05)
    """

    units: int | Capacity
    """Units that there are, a whole number that may vary in time: members of staff, or sessions."""
    each: float
    """Units that each person takes from the start until they leave: 0.05 where one holds twenty."""

    def plain(self) -> Data:
        """The profession as it stands in a model file."""
        return compact(units=plain(self.units), each=self.each)
