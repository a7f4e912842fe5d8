"""Referrals: people who join the line of the next node before their stay is over."""

from __future__ import annotations

from dataclasses import dataclass

from icsflow.case import Cases, cases
from icsflow.distribution import AnyDistribution
from icsflow.plain import Data, compact

__all__ = ["Referral"]


@dataclass(frozen=True)
class Referral:
    """Early referral: people are referred to the next node during their stay, not only when ready.

    At the referral the route is drawn, and the patient joins the line of the node to which it leads.
    The wait counts from the referral, the delay from *ready*.

    If nothing else is said, nothing is given before the patient is ready and every delay by process is
    over: until then what falls free passes them by, and they count on the list of the node
    (``Results.lists``), but neither among those who wait nor in its queue. From then on they stand in
    front of who joined later. So a referral takes nobody's place, and makes none: it says who is first.
    With `hold` a place that comes before the patient is ready is kept empty for them (`reserved`).

    ``before_end=0`` refers when ready: delays by process then run beside the search for a place, and no
    longer before it.

    One of the two says when; who meets no case of it is referred when ready, and so is whoever is ready
    before. It needs next nodes that give their places in line: beds, caseloads, visits in line.

    >>> import icsflow as ics
    >>> m = ics.Model("Discharge").arrivals("Admissions", to="Ward", rate=3)
    >>> m = m.beds("Ward", 24, stay=ics.LogNormal(mean="6d", sd="5d"),
    ...            referral=ics.Referral(before_end="2d"))
    >>> m = m.beds("Community hospital", 20, stay=ics.Exponential("20d"))
    >>> m = m.route("Ward", {"Community hospital": 0.2, ics.HOME: None})
    >>> r = m.run(replications=2, until="90d", seed=1)
    >>> set(r.audit["holds"])
    {'yes'}
    """

    before_end: Cases[AnyDistribution] | None = None
    """Time from the referral to the end of the length of the stay; on admission if that is shorter."""
    after_start: Cases[AnyDistribution] | None = None
    """Time from the start of the stay to the referral; 0 is on admission."""
    hold: bool = False
    """Whether a place that falls free before the patient is ready is held for them."""

    def plain(self) -> Data:
        """The referral as it stands in a model file."""
        return compact(
            after_start=cases(self.after_start),
            before_end=cases(self.before_end),
            hold=self.hold or None,
        )
