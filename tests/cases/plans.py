"""What is run for each case: models, runs, and the measure of every expected metric."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import icsflow as ics
from accept import Verdict
from measures import Measure

__all__ = ["Case", "Group", "Key", "Plan", "seed_of"]

Case = Mapping[str, Any]
Key = tuple[int, str]
"""The number of an expected metric in its file; a label where it is asked of several variants."""


@dataclass
class Group:
    """Independent runs of one thing, and what is measured in them.

    A run of a model has one replication, so that tables which pool their replications (levels,
    waits, the census) can be told apart; where only the metrics of the summary are wanted, which
    are told by replication, all run `together`.
    """

    name: str
    run: Callable[[int, int], Any]
    """From a seed and a number of replications to results."""
    replications: int
    measures: dict[Key, Measure] = field(default_factory=dict)
    together: bool = False


@dataclass
class Plan:
    """All that is done for a case; an expected metric of which nothing is said is *not yet*."""

    groups: list[Group] = field(default_factory=list)
    direct: dict[Key, Callable[[], Verdict]] = field(default_factory=dict)
    """Judged apart: exact records, tests without a stated value."""
    missing: dict[int, str] = field(default_factory=dict)
    """Why an expected metric is not yet there."""


def seed_of(base: int, *names: object) -> int:
    """A seed for each case, group and block, all from the one base seed."""
    text = "/".join(map(str, (base, *names)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def runner(model: ics.Model, *, warm_up: float, until: float, **options: Any) -> Callable[..., Any]:
    """Runs of a model."""
    model.check()

    def run(seed: int, replications: int) -> ics.Results:
        # Several of one replication run beside each other, so each has one thread.
        threads = None if replications > 1 else 1
        return model.run(
            replications=replications,
            warm_up=warm_up,
            until=until,
            seed=seed,
            threads=threads,
            **options,
        )

    return run
