"""A value that depends on the patient: a list of cases, the first that holds is taken."""

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
