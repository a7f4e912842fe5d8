"""Attributes of patients, drawn once, at arrival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from icsflow.distribution import AnyDistribution, Distribution
from icsflow.plain import Data, plain

__all__ = ["Attribute", "Category", "Flag", "Number", "shares"]


def shares(values: object) -> Data:
    """Names with their probabilities; None means the rest. What is no mapping goes on as it is."""
    if not isinstance(values, Mapping):
        return plain(values)
    return {name: "rest" if share is None else plain(share) for name, share in values.items()}


@dataclass(frozen=True)
class Number:
    """A number, such as an age.

    >>> import icsflow as ics
    >>> age = ics.Number(ics.Normal(mean=70, sd=18, low=0))
    """

    distribution: AnyDistribution
    """How it is drawn; a bare number is the same for everyone."""

    def plain(self) -> Data:
        """The attribute as it stands in a model file."""
        return {"number": plain(self.distribution)}


@dataclass(frozen=True)
class Category:
    """One of some labels, with their probabilities; None means the rest.

    >>> import icsflow as ics
    >>> lives = ics.Category({"alone": 0.4, "with others": 0.5, "care home": None})
    """

    labels: Mapping[str, float | str | None]
    """Labels with their probabilities."""

    def plain(self) -> Data:
        """The attribute as it stands in a model file."""
        return {"category": shares(self.labels)}


@dataclass(frozen=True)
class Flag:
    """True with this probability.

    >>> import icsflow as ics
    >>> frail = ics.Flag(0.2)
    """

    probability: float
    """From 0 to 1."""

    def plain(self) -> Data:
        """The attribute as it stands in a model file."""
        return {"flag": plain(self.probability)}


Attribute: TypeAlias = Number | Category | Flag | Distribution
"""How an attribute is drawn; a bare distribution is that of a number."""
