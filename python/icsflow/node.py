"""Parts of a node: what ends the stay, what delays people after it, and who starts together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from icsflow.capacity import Capacity
from icsflow.case import Cases, cases
from icsflow.cohort import shares
from icsflow.distribution import AnyDistribution
from icsflow.plain import Data, compact, plain, table
from icsflow.queue import Targets
from icsflow.window import At

__all__ = ["ProcessDelay", "Profession", "StayEnd", "Together"]


@dataclass(frozen=True)
class ProcessDelay:
    """A delay by process after *ready*, and how many patients it meets.

    A bare distribution is a delay that everyone meets. The search for the next place begins when all
    delays are over, or beside them with ``referral=ics.Referral(before_end=0)``.

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


@dataclass(frozen=True)
class Together:
    """When people start together in the places of a node: a group, a course, a bus.

    A session begins as soon as so many have gathered, or at a set time with anybody who is there, and
    takes as many as there are beds. Nobody else starts before all of them have left. All stay equally
    long: one draw is for all.

    >>> import icsflow as ics
    >>> m = ics.Model("Rehabilitation").arrivals("Referrals", to="Course", rate=1)
    >>> weekly = ics.At("10:00", days=["Mon"])
    >>> m = m.beds("Course", 12, stay="2h", together=ics.Together(least=6, at=[weekly]))
    >>> r = m.run(replications=2, until="90d", seed=1)
    >>> all(1 <= size <= 12 for size in r.values("group_size", "Course"))
    True
    """

    least: int | None = None
    """People with whom a session begins; at set times alone if not given."""
    at: Sequence[At] = ()
    """Times of the week at which one begins with anybody who is there."""

    def plain(self) -> Data:
        """The rule as it stands in a model file."""
        at = [instants.session() for instants in self.at]
        return compact(least=self.least, at=at or None)
