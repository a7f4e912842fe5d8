"""A value that depends on the patient: a list of cases, the first that holds is taken.

The condition of a case is an expression: a short text over attributes, clock and, where it is asked at
an instant of a run, the state of the system. Scores (`queue`, `accept`, `set`) are expressions with a
number as their value; there true counts 1 and false 0.

======================================  =====================================================
``and``, ``or``, ``not``                conditions together
``==``, ``!=``, ``<``, ``<=`` ...       of two numbers; ``==`` and ``!=`` of labels as well
``triage in ["red", "amber"]``          one of several labels, or numbers
``+``, ``-``, ``*``, ``/``, brackets    arithmetic
``min(a, b, ..)``, ``max(a, b, ..)``    the least, the greatest
``abs(a)``, ``floor(a)``                without its sign; the whole number at or below
``if(condition, a, b)``                 ``a`` where the condition holds, else ``b``
``cohort``                              the patient's cohort, a label
``hour``                                hours since midnight, 0 to 24, with fractions
``weekday``                             a label: "Mon" to "Sun"
``day``                                 days since the start; negative in warm-up
``waited``                              time in the present line, in the model's time unit
``beds("Acute")``                       places of a node now
``occupied("Acute")``                   people who hold one of them
``free("Acute")``                       places neither occupied nor reserved nor out of use
``queue("Acute")``                      people in its queue, in person
``waiting("Acute")``                    people in its queue and its waiting room
``blocked("Acute")``                    people in its places who wait for a place elsewhere
``awaiting("Acute")``                   people with a place elsewhere who wait for one here
``present("Acute")``                    occupied and waiting
``inside()``                            everyone in the system
======================================  =====================================================

Without a name, ``free()`` and its like ask the node at which the expression stands. Of a node with
visits a day, ``beds`` and ``free`` count those whom today's visits would serve, at the need of a first
day. Who waits for the first free of several nodes is in the queue of the one named first.

The state may be asked in `admit`, `balk`, `switch`, scores, reviews, routes and `accept`; ``waited`` in
scores, reviews, `set` and events. `admit` and `switch` may not ask the clock: nothing happens when it
turns, so nobody would be asked again. A patient whose cohort does not declare an attribute has no value
for it: every comparison with it is false, ``!=`` and ``in`` included.

>>> import icsflow as ics
>>> m = ics.Model("Ward", time_unit="days")
>>> m = m.cohort("medical", attributes={"age": ics.Uniform(18, 95), "urgent": ics.Flag(0.2)})
>>> m = m.arrivals("GP", to="Ward", rate=4)
>>> m = m.beds(
...     "Ward", 24, stay=ics.Exponential(6),
...     admit="urgent or free() > 2",
...     queue=ics.Queue(score="10 * urgent + min(waited, 7) + if(hour < 12, 1, 0)",
...                     balk=[ics.Balk("queue() >= 12 or inside() > 60")]),
... )
>>> m.check()
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from icsflow.plain import Data, plain, table

__all__ = ["Case", "case", "cases"]

T = TypeVar("T")


@dataclass(frozen=True)
class Case(Generic[T]):
    """A value and the condition under which it is taken; made by :func:`case`."""

    when: str
    """The condition, an expression over attributes, ``cohort``, ``hour``, ``weekday``, ``day``."""
    then: T
    """The value."""

    def plain(self) -> Data:
        """The case as it stands in a model file."""
        return {"when": plain(self.when), **table(self.then)}


Cases: TypeAlias = T | Sequence[Case[T] | T]
"""One value for everyone, or cases of which the first that holds is taken; the last is bare."""


def case(when: str, then: T) -> Case[T]:
    """The value `then` for the patients who meet the condition `when`.

    >>> import icsflow as ics
    >>> m = ics.Model("Ward")
    >>> m = m.cohort("medical", attributes={"age": ics.Normal(mean=70, sd=18, low=0)})
    >>> m = m.beds("Ward", 24, stay=[
    ...     ics.case("age >= 75", ics.Exponential("9d")),
    ...     ics.Exponential("4d"),
    ... ])
    """
    return Case(when, then)


def cases(value: object) -> Data:
    """One value or a list of cases, as it stands in a model file."""
    if isinstance(value, list | tuple):
        return [table(item) for item in value]
    return plain(value)
