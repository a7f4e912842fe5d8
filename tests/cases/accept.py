"""Estimates from independent replications, and the acceptance rules of the case files."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Estimate", "Status", "Verdict", "estimate", "judge", "t_975"]

Array = NDArray[np.float64]
Status = Literal["passed", "failed", "not yet", "information"]


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error over replications (0 where there is no sampling error)."""

    value: float
    se: float = 0.0
    replications: int = 1

    @property
    def half_width(self) -> float:
        """Half the 95 % t-interval."""
        if self.se == 0 or self.replications < 2:
            return 0.0
        return t_975(self.replications - 1) * self.se


def t_975(df: int) -> float:
    """The 97.5 % point of Student's t, by the expansion in 1/df about the normal (Fisher, 1941).

    Right to 0.001 from 6 degrees of freedom on; a case has more replications than that.
    """
    x = 1.959963984540054
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return x + sum(term / df**power for power, term in enumerate(terms, 1))


def estimate(samples: Array, of: Callable[[Array], float] | None = None) -> Estimate:
    """The value `of` the mean of the replications' statistics, a row each, with jackknife error.

    For a plain mean this is the usual mean and standard error. For what is formed from pooled
    statistics (a variance from first and second moments, a ratio) it pools before it forms, as a
    variance formed inside each run would be biased low.
    """
    samples = samples[~np.isnan(samples).any(axis=1)]
    n = len(samples)
    if n == 0:
        return Estimate(math.nan, math.nan, 0)
    of = of or (lambda mean: float(mean[0]))
    total = samples.sum(axis=0)
    value = of(total / n)
    if n < 2:
        return Estimate(value, math.nan, n)
    left_out = np.array([of((total - row) / (n - 1)) for row in samples])
    se = math.sqrt((n - 1) / n * float(((left_out - left_out.mean()) ** 2).sum()))
    return Estimate(value, se, n)


@dataclass(frozen=True)
class Verdict:
    """What became of one expected metric."""

    status: Status
    estimate: Estimate | None = None
    z: float = math.nan
    note: str = ""
    lone: bool = False
    """Failed by no more than chance allows once: |z| up to 5."""
    needed: float = 0.0
    """How many times as many replications the half-width asks for; 0 if it is narrow enough."""


def judge(expected: Mapping[str, Any], found: Estimate) -> Verdict:
    """Applies the acceptance rule of an expected metric."""
    rule, value = expected["accept"], float(expected["value"])
    error = found.value - value
    name = rule["rule"]
    if name == "none":
        return Verdict("information", found)
    if math.isnan(found.value):
        return Verdict("failed", found, note="no value")
    if name in ("abs", "rel", "exact"):
        room = {"abs": rule.get("tol", 0.0), "rel": rule.get("tol", 0.0) * abs(value), "exact": 0.0}
        return Verdict("passed" if abs(error) <= room[name] else "failed", found)
    most = float(rule["max_abs_z"])
    if name == "two_sample_z":
        se = math.hypot(found.se, float(expected["ci95_half_width"]) / 1.96)
        # What is allowed on top raises the limit; z is told as it is.
        return _by_z(found, error / se, most + float(rule["extra_abs"]) / se)
    if name != "z":
        raise ValueError(f"unknown acceptance rule {name!r}")
    asked = float(rule["rel_half_width"]) * abs(value)
    if found.half_width > asked:
        needed = (found.half_width / asked) ** 2 if asked else math.inf
        note = f"half-width {found.half_width:.3g} exceeds {asked:.3g}"
        return Verdict("failed", found, note=note, needed=needed)
    z = error / found.se if found.se else (0.0 if error == 0 else math.copysign(math.inf, error))
    return _by_z(found, z, most)


def _by_z(found: Estimate, z: float, most: float) -> Verdict:
    if abs(z) <= most:
        return Verdict("passed", found, z)
    return Verdict("failed", found, z, lone=abs(z) <= most + 1)
