"""Slots: care by calendar, in appointments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from icsflow.capacity import Edit
from icsflow.case import Cases, cases
from icsflow.cohort import shares
from icsflow.distribution import AnyDistribution
from icsflow.plain import Data, Duration, Moment, compact, plain
from icsflow.queue import Targets
from icsflow.window import ClockTime, Weekday

__all__ = [
    "Booking",
    "CalledOff",
    "Cancel",
    "CarveOut",
    "FollowUp",
    "Needs",
    "Remote",
    "Session",
    "Slots",
]


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session: when it begins, by `begins` or by `at`, and its slots.

    >>> import icsflow as ics
    >>> mornings = ics.Session(begins="09:00", days=["Mon", "Thu"], slots=12, every="15 min")
    >>> at_the_end_of_the_day = ics.Session(begins="end of day", slots=20)
    >>> theatre_list = ics.Session(begins="08:30", days=["Tue"], minutes=240)
    >>> on_a_saturday = ics.Session(at="2026-03-07", slots=40)
    """

    slots: int | None = None
    """How many slots."""
    minutes: int | None = None
    """Instead of slots: how many minutes there are for patients, one after the other."""
    begins: ClockTime | Literal["end of day"] | None = None
    """Every week from this time of day on; the end of the day comes after its last arrivals."""
    days: Sequence[Weekday] | None = None
    """Weekdays for `begins`; every day if none is named."""
    at: Moment | None = None
    """Once, at a date or so long after the start."""
    repeat: Duration | None = None
    """With `at`: again and again after so long, counted back and forth."""
    every: Duration | None = None
    """From one slot to the next; all at the beginning of the session if not given."""

    def plain(self) -> Data:
        """The session as it stands in a model file."""
        return compact(
            from_=self.begins,
            days=self.days,
            at=self.at,
            repeat=self.repeat,
            slots=self.slots,
            minutes=self.minutes,
            every=self.every,
        )


@dataclass(frozen=True)
class Cancel:
    """Giving a booked slot back.

    >>> import icsflow as ics
    >>> at_short_notice = ics.Cancel(0.05, notice=ics.Exponential("1d"))
    """

    share: float
    """Probability for each slot that is booked."""
    notice: AnyDistribution
    """How long before the slot; at once if the slot is nearer."""

    def plain(self) -> Data:
        """The rule as it stands in a model file."""
        return compact(share=self.share, notice=self.notice)


@dataclass(frozen=True)
class FollowUp:
    """Coming again after a contact.

    >>> import icsflow as ics
    >>> in_six_weeks = ics.FollowUp(0.6, after="6w")
    """

    share: float
    """Probability after each contact, follow-ups included."""
    after: AnyDistribution
    """From the end of the contact to the earliest next one."""

    def plain(self) -> Data:
        """The rule as it stands in a model file."""
        return compact(share=self.share, after=self.after)


@dataclass(frozen=True)
class Remote:
    """Contacts from afar, by telephone or video.

    >>> import icsflow as ics
    >>> half_of_them = ics.Remote(0.5, factor=0.7)
    """

    share: float
    """Probability for each contact."""
    factor: float
    """Their length as a part of that of a contact face to face."""

    def plain(self) -> Data:
        """The rule as it stands in a model file."""
        return compact(share=self.share, factor=self.factor)


@dataclass(frozen=True)
class CalledOff:
    """Sessions that are called off; who was booked keeps the clock and is booked again.

    >>> import icsflow as ics
    >>> sickness = ics.CalledOff(0.02, notice="1d")
    """

    share: float
    """Probability for each session."""
    notice: Duration | None = None
    """How long before its beginning it becomes known; none if not given."""

    def plain(self) -> Data:
        """The rule as it stands in a model file."""
        return compact(share=self.share, notice=self.notice)


@dataclass(frozen=True)
class CarveOut:
    """Slots of each session that are kept for some.

    >>> import icsflow as ics
    >>> urgent = ics.CarveOut(2, when="cohort == 'urgent'", release="2d")
    """

    slots: int
    """How many slots of each session."""
    when: str
    """For whom: a condition over attributes and the cohort."""
    release: Duration | None = None
    """How long before the session what is unused of them is there for all; never if not given."""

    def plain(self) -> Data:
        """The rule as it stands in a model file."""
        return compact(slots=self.slots, when=self.when, release=self.release)


@dataclass(frozen=True)
class Needs:
    """A node where a place must be free when a patient is started; a bare name is for everyone.

    >>> import icsflow as ics
    >>> not_for_day_cases = ics.Needs("Ward", when="cohort == 'inpatient'")
    """

    node: str
    """The node."""
    when: str | None = None
    """Who needs it: a condition over attributes and the cohort; everyone if not given."""

    def plain(self) -> Data:
        """The rule as it stands in a model file."""
        return compact(node=self.node, when=self.when)


@dataclass(frozen=True, kw_only=True)
class Booking:
    """How people are given a slot ahead: the earliest that is not booked.

    >>> import icsflow as ics
    >>> booking = ics.Booking(lead="2d", horizon="6w", overbook=0.1)
    >>> booking = ics.Booking(follow_up=ics.FollowUp(0.6, after="6w"))
    """

    when: str | None = None
    """Who books: a condition over attributes and the cohort; the others wait for slots that nobody has
    booked. Everyone if not given."""
    lead: Duration | None = None
    """Least time from joining to the slot; none if not given."""
    horizon: Duration | None = None
    """How far ahead slots are booked; five years if not given."""
    overbook: float | None = None
    """Share of each session's slots that may be booked twice once the session is full."""
    cancel: Cases[Cancel] | None = None
    """Who gives a booked slot back, and how long before."""
    if_cancelled: Literal["rebook"] | Targets | None = None
    """What becomes of them; they are booked again, for a later slot, if not given."""
    follow_up: Cases[FollowUp] | None = None
    """Who comes again after a contact; the slot is booked at once."""

    def plain(self) -> Data:
        """The rule as it stands in a model file."""
        return compact(
            when=self.when,
            lead=self.lead,
            horizon=self.horizon,
            overbook=self.overbook,
            cancel=cases(self.cancel),
            if_cancelled=shares(self.if_cancelled),
            follow_up=cases(self.follow_up),
        )


@dataclass(frozen=True, kw_only=True)
class Slots:
    """When people are seen, and who is: for :meth:`Model.slots`.

    Without `booking` a slot takes at its instant the first who waits: a clinic that people walk into,
    or a list from which they are called. With `booking`, people are given a slot when they join.

    >>> import icsflow as ics
    >>> daily = ics.Slots(per_day=20)
    >>> theatre = ics.Slots(sessions=[ics.Session(begins="08:30", minutes=240)],
    ...     estimate=ics.LogNormal(mean="80 min", sd="30 min"), overrun="30 min", needs="Ward")
    >>> clinic = ics.Slots(
    ...     sessions=[ics.Session(begins="09:00", slots=12, every="15 min")],
    ...     booking=ics.Booking(horizon="6w"), missed=0.08, if_missed="rebook",
    ...     carve_out={"urgent": ics.CarveOut(2, when="cohort == 'urgent'", release="2d")},
    ... )
    """

    sessions: Sequence[Session] | None = None
    """The sessions."""
    per_day: int | None = None
    """So many slots at the end of every day, at which all who came on the day may be seen."""
    dates: Sequence[Edit] | None = None
    """Changes at dates of the number of slots of every session that begins then."""
    booking: Booking | None = None
    """How people are given a slot ahead; not at all if not given."""
    carve_out: Mapping[str, CarveOut] | None = None
    """Slots of each session that are kept for some, by name."""
    missed: Cases[float] | None = None
    """Probability that a patient does not attend; the slot is used."""
    if_missed: Literal["rebook"] | Targets | None = None
    """What becomes of those who do not attend: "rebook" keeps the clock; the way out ``missed`` if not
    given."""
    called_off: CalledOff | None = None
    """Sessions that are called off."""
    estimate: Cases[AnyDistribution] | None = None
    """For sessions with minutes: how long a patient is expected to take, known on joining; the stay
    itself if not given."""
    fill: Literal["first fit", "strict"] | None = None
    """For sessions with minutes: who is taken when the first in line does not fit in what is left: the
    first who does, or nobody."""
    overrun: Duration | None = None
    """For sessions with minutes: how far past the end a patient may be expected to last when started;
    who would last longer is cancelled on the day, and keeps the clock."""
    needs: str | Needs | None = None
    """A node where a place must be free, and is reserved, when a patient is started; who finds none is
    cancelled on the day, and keeps the clock."""
    remote: Cases[Remote] | None = None
    """Contacts from afar, and how much of the length of one face to face they take."""

    def plain(self) -> Data:
        """The slots as they stand in a model file."""
        missed: Data = self.missed
        if isinstance(missed, list | tuple):
            missed = [_chance(case) for case in missed]
        return compact(
            sessions=self.sessions,
            per_day=self.per_day,
            dates=self.dates,
            booking=self.booking,
            carve_out=self.carve_out,
            missed=missed,
            if_missed=shares(self.if_missed),
            called_off=self.called_off,
            estimate=cases(self.estimate),
            fill=self.fill,
            overrun=self.overrun,
            needs=self.needs,
            remote=cases(self.remote),
        )


def _chance(case: object) -> Data:
    """A case of a bare probability."""
    when = getattr(case, "when", None)
    return compact(when=when, share=plain(getattr(case, "then", case)))
