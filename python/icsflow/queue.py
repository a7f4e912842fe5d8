"""How people wait: for a node, or in a list that several nodes serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from icsflow.case import Cases, cases
from icsflow.cohort import shares
from icsflow.distribution import AnyDistribution
from icsflow.plain import Data, Duration, Moment, compact

__all__ = ["Balk", "ChangeClass", "Displace", "Queue", "Review", "Targets"]

Targets: TypeAlias = str | Mapping[str, float | None]
"""A node, a list or a way out; or several with their probabilities, where None means the rest."""


@dataclass(frozen=True)
class Balk:
    """A condition under which people turn away on coming.

    >>> import icsflow as ics
    >>> long_queue = ics.Balk("queue() > 10 and not urgent", share=0.3)
    """

    when: str
    """The condition, over attributes, the clock and the state of nodes."""
    share: float | None = None
    """Probability of turning away then; 1 if not given."""

    def plain(self) -> Data:
        """The condition as it stands in a model file."""
        return compact(when=self.when, share=self.share)


@dataclass(frozen=True)
class ChangeClass:
    """People come into another class after some time in theirs.

    >>> import icsflow as ics
    >>> from_routine_to_urgent = ics.ChangeClass(2, 1, after="12w")
    """

    old: int
    """Number of the class, from 1 in the order of `classes`; the last is that of who meets none."""
    new: int
    """Number of the new class."""
    after: AnyDistribution
    """Time in the class."""

    def plain(self) -> Data:
        """The change as it stands in a model file."""
        return compact(from_=self.old, to=self.new, after=self.after)


@dataclass(frozen=True)
class Review:
    """A look at those who wait, at set times: some are taken off, the others may get another class.

    >>> import icsflow as ics
    >>> validation = ics.Review("4w", when="waited > 84", remove=0.05)
    """

    every: Duration
    """From one review to the next."""
    at: Moment | None = None
    """One of the reviews: a date, a time after the start, or a time of day; the start if not given."""
    when: str | None = None
    """Whom it concerns: a condition, which may read ``waited`` as well; everyone if not given."""
    remove: float | None = None
    """Probability of being taken off; 0 if not given."""
    to: Targets | None = None
    """Where those go who are taken off; the way out ``removed`` if not given."""
    new_class: int | None = None
    """Number of the class of the others from then on."""

    def plain(self) -> Data:
        """The review as it stands in a model file."""
        return compact(
            every=self.every,
            at=self.at,
            when=self.when,
            remove=self.remove,
            to=shares(self.to),
            class_=self.new_class,
        )


@dataclass(frozen=True)
class Displace:
    """Preemption that ends the stay: whose place a better class takes goes elsewhere.

    >>> import icsflow as ics
    >>> preempt = ics.Displace({"Step-down": 0.8, ics.HOME: None})
    """

    to: Targets
    """Where they go."""

    def plain(self) -> Data:
        """The rule as it stands in a model file."""
        return {"displace": shares(self.to)}


@dataclass(frozen=True, kw_only=True)
class Queue:
    """How people wait: the queue of a node, or a list for :meth:`Model.queue`.

    >>> import icsflow as ics
    >>> urgent_first = ics.Queue(classes=["urgent", "age >= 75"], preempt="resume")
    >>> at_most_ten = ics.Queue(limit=10, if_full="Elsewhere")
    >>> impatient = ics.Queue(patience=ics.Exponential("2h"), renege={ics.HOME: 0.9, "A&E": None})
    >>> ageing = ics.Queue(score="10 * urgent + waited", balk="queue() > 20")
    """

    discipline: Literal["first come", "last come", "random", "class", "score"] | None = None
    """Who goes first; by class or score if these are given, else first come, first served."""
    classes: Sequence[str] | None = None
    """Conditions in order of priority; who meets none comes last."""
    score: str | None = None
    """A number over attributes, ``waited`` and the state of nodes; the highest goes first."""
    limit: int | Literal["unlimited"] | None = None
    """Most people who may wait."""
    if_full: Targets | None = None
    """Where those go who find so many waiting; the way out ``lost`` if not given."""
    patience: Cases[AnyDistribution] | None = None
    """How long people wait before they give up."""
    renege: Targets | None = None
    """Where those go who give up; the way out ``reneged`` if not given."""
    balk: str | Balk | Sequence[str | Balk] | None = None
    """Who turns away on coming, before joining; the first condition that holds counts."""
    balk_to: Targets | None = None
    """Where those go who turn away; the way out ``balked`` if not given."""
    change_class: Sequence[ChangeClass] | None = None
    """Who comes into another class while waiting."""
    review: Sequence[Review] | None = None
    """Looks at those who wait, at set times."""
    switch: Mapping[str, str] | None = None
    """Nodes to which people go over while they wait, each with the condition."""
    preempt: Literal["resume", "restart", "resample", "displace"] | Displace | None = None
    """Whether who finds no place takes that of the lowest class below, and what becomes of that stay:
    it goes on, begins anew with the same or with a new length, or is over."""

    def plain(self) -> Data:
        """The queue as it stands in a model file."""
        switch: Data = self.switch
        if isinstance(switch, Mapping):
            switch = [{"to": to, "when": when} for to, when in switch.items()]
        return compact(
            discipline=self.discipline,
            classes=self.classes,
            score=self.score,
            limit=self.limit,
            if_full=shares(self.if_full),
            patience=cases(self.patience),
            renege=shares(self.renege),
            balk=self.balk,
            balk_to=shares(self.balk_to),
            change_class=self.change_class,
            review=self.review,
            switch=switch,
            preempt=self.preempt,
        )
