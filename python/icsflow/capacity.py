"""How many places a node has, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from icsflow.cohort import shares
from icsflow.distribution import AnyDistribution
from icsflow.plain import Data, Duration, Moment, RampShape, compact
from icsflow.queue import Targets
from icsflow.window import ClockTime, Weekday

__all__ = ["Capacity", "Cycle", "Edit", "Outage", "RingFence", "Shift", "Transfer"]


@dataclass(frozen=True)
class Shift:
    """Places in some hours of the week.

    >>> import icsflow as ics
    >>> nights = ics.Shift("20:00", "08:00", 6, days=["Sat", "Sun"])
    """

    begins: ClockTime
    """From this time of day."""
    ends: ClockTime
    """To this time of day: of the next day if not after `begins`."""
    places: int
    """Places meanwhile."""
    days: Sequence[Weekday] | None = None
    """Weekdays on which it begins; every day if none is named."""

    def plain(self) -> Data:
        """The shift as it stands in a model file."""
        return compact(from_=self.begins, to=self.ends, days=self.days, places=self.places)


@dataclass(frozen=True)
class Cycle:
    """Places by steps that come over and over again, counted from the start of measuring.

    >>> import icsflow as ics
    >>> on_and_off = ics.Cycle("20h", {"0h": 2, "12h": 0})
    """

    length: Duration
    """After so long it begins anew."""
    steps: Mapping[Duration, int]
    """Places from each time of the cycle on, in order."""

    def plain(self) -> Data:
        """The cycle as it stands in a model file."""
        steps = [compact(at=at, places=places) for at, places in self.steps.items()]
        return compact(length=self.length, steps=steps)


@dataclass(frozen=True)
class Edit:
    """A change of places at a date: exactly one of `to`, `add` and `times`.

    >>> import icsflow as ics
    >>> winter = ics.Edit("2026-12-01", add=12, ramp="14d")
    >>> closing = ics.Edit("60d", to=0)
    """

    at: Moment
    """When it begins: a date, or a time after the start."""
    to: int | None = None
    """From then on so many places."""
    add: int | None = None
    """From then on so many more; fewer if negative."""
    times: float | None = None
    """From then on so many times as many."""
    ramp: Duration | None = None
    """How long it takes; at once if not given."""
    shape: RampShape | None = None
    """How it goes on meanwhile: see :func:`change`."""
    until: Moment | None = None
    """When it is over, at once; never if not given."""

    def plain(self) -> Data:
        """The change as it stands in a model file."""
        return compact(
            at=self.at,
            to=self.to,
            add=self.add,
            times=self.times,
            ramp=self.ramp,
            shape=self.shape,
            until=self.until,
        )


@dataclass(frozen=True)
class Capacity:
    """Places over time: by hours of the week or by a cycle, and changed at dates.

    >>> import icsflow as ics
    >>> by_day = ics.Capacity(10, weekly=[ics.Shift("20:00", "08:00", 6)])
    >>> growing = ics.Capacity(160, dates=[ics.Edit("2026-12-01", add=12, ramp="14d")])
    >>> on_and_off = ics.Capacity(2, cycle=ics.Cycle("20h", {"0h": 2, "12h": 0}))
    """

    places: int
    """Places wherever neither a shift nor a step of the cycle says otherwise."""
    weekly: Sequence[Shift] | None = None
    """Places by hours of the week; of several shifts that fit, the last holds."""
    cycle: Cycle | None = None
    """Places by a cycle of any length; not together with `weekly`."""
    dates: Sequence[Edit] | None = None
    """Changes at dates, one after the other, of what the above says."""

    def plain(self) -> Data:
        """The capacity as it stands in a model file."""
        return compact(places=self.places, weekly=self.weekly, cycle=self.cycle, dates=self.dates)


@dataclass(frozen=True)
class Transfer:
    """What a fall of capacity does: the latest started are sent on.

    >>> import icsflow as ics
    >>> cut = ics.Transfer("Step-down")
    """

    to: Targets
    """Where they go."""

    def plain(self) -> Data:
        """The rule as it stands in a model file."""
        return {"transfer": shares(self.to)}


@dataclass(frozen=True)
class Outage:
    """Places that are in use for a time, then out of use for a time, over and over.

    >>> import icsflow as ics
    >>> scanner = ics.Outage(every=ics.Exponential("90d"), lasts=ics.Exponential("6h"), places=1)
    """

    every: AnyDistribution
    """Time in use, from the end of one outage to the next; in use at the start of the run."""
    lasts: AnyDistribution
    """Time out of use."""
    places: int | Literal["all"] | None = None
    """How many of the places; all if not given."""

    def plain(self) -> Data:
        """The outage as it stands in a model file."""
        return compact(every=self.every, lasts=self.lasts, places=self.places)


@dataclass(frozen=True)
class RingFence:
    """Places that are kept for some: they take these first and then the others.

    >>> import icsflow as ics
    >>> fence = {"elective": ics.RingFence(8, when="cohort == 'elective'")}
    """

    places: int
    """How many of the places."""
    when: str
    """For whom: a condition over attributes and the cohort."""

    def plain(self) -> Data:
        """The fence as it stands in a model file."""
        return compact(places=self.places, when=self.when)
