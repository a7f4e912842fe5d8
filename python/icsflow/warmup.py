"""How long to warm up: when what is measured has settled, and whether it ever does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from icsflow.render import Cell, Shown, cut, short
from icsflow.table import needed

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from icsflow.results import Results

__all__ = ["Settling", "WarmUp", "mser", "warm_up"]

_BATCH = 5  # observations a batch, as the rule MSER-5 has it
_LEVELS = ("occupied", "waiting")
# Student's t for 8 degrees of freedom at 1 % on both sides: a line through ten batches.
_T = 3.355


def mser(series: Sequence[float], batch: int = _BATCH) -> int | None:
    """How many observations to leave out at the beginning, by the rule MSER-5; None if the series is
    too short to tell.

    Of all cuts in the first half it takes that with the least standard error of the mean of what is
    left (White, *An effective truncation heuristic for bias reduction in simulation output*,
    Simulation 69(6), 1997). Where the least is at the end of that half, the series has not settled.

    >>> import icsflow.warmup as w
    >>> w.mser([20.0 - day if day < 20 else day * 7 % 5 for day in range(200)])
    20
    >>> w.mser([float(day) for day in range(200)]) is None
    True
    """
    count = len(series) // batch
    means = [sum(series[batch * i : batch * (i + 1)]) / batch for i in range(count)]
    if count < 10:
        return None
    best, least = 0, math.inf
    total = squares = 0.0
    errors = [0.0] * count
    for first in reversed(range(count)):
        total += means[first]
        squares += means[first] ** 2
        left = count - first
        errors[first] = max(0.0, squares - total * total / left) / left**2
    for first in range(count // 2 + 1):
        if errors[first] < least:
            best, least = first, errors[first]
    return None if best >= count // 2 else best * batch


def _drift(series: Sequence[float]) -> float:
    """The slope of a line through ten batches, in its standard errors."""
    size = len(series) // 10
    if size == 0:
        return 0.0
    means = [sum(series[size * i : size * (i + 1)]) / size for i in range(10)]
    mean = sum(means) / 10
    slope = sum((i - 4.5) * value for i, value in enumerate(means)) / 82.5
    rest = sum((value - mean - slope * (i - 4.5)) ** 2 for i, value in enumerate(means))
    error = math.sqrt(rest / 8 / 82.5)
    return slope / error if error > 0 else 0.0 if slope == 0 else math.inf


@dataclass(frozen=True)
class Settling:
    """When one series of daily counts has settled."""

    node: str
    level: str
    days: int | None
    """Days to leave out; None if it has not settled."""
    drift: float
    """The slope of what is left, in its standard errors; beyond 3.4 it still rises or falls."""
    mean: float
    """The mean of what is left."""

    @property
    def settled(self) -> bool:
        """Whether there is a cut behind which it neither rises nor falls."""
        return self.days is not None and abs(self.drift) <= _T


class WarmUp(Shown):
    """How long to warm up, node by node: see ``Results.warm_up``."""

    def __init__(self, series: dict[tuple[str, str], list[float]], days: float) -> None:
        self._series = series
        self.all: list[Settling] = []
        """Every series that was looked at."""
        for (node, level), values in series.items():
            cut_at = mser(values)
            rest = values[cut_at or 0 :]
            mean = sum(rest) / len(rest)
            self.all.append(Settling(node, level, cut_at, _drift(rest), mean))
        self.simulated = days
        """Days that were looked at."""

    @property
    def days(self) -> int | None:
        """Days of warm-up that do for every node; None if some have not settled: run longer, or a
        queue grows without end."""
        if not all(one.settled for one in self.all):
            return None
        return max((one.days or 0 for one in self.all), default=0)

    def _lines(self) -> tuple[list[Cell], list[list[Cell]], str]:
        head = [
            Cell("node"),
            Cell("level"),
            Cell("leave out", "days", right=True),
            Cell("drift after", "standard errors", right=True),
            Cell("mean after", right=True),
        ]
        rows = [
            [
                Cell(cut(one.node, 40)),
                Cell(one.level),
                Cell("not settled" if not one.settled else str(one.days), right=True),
                Cell(f"{one.drift:+.1f}", right=True),
                Cell(short(one.mean), right=True),
            ]
            for one in sorted(self.all, key=lambda one: (one.settled, -(one.days or 0)))
        ]
        moving = [one for one in self.all if not one.settled]
        if moving:
            names = ", ".join(dict.fromkeys(one.node for one in moving))
            line = (
                f"No warm-up to be found in {self.simulated:g} days: {names} still moves. Run longer; "
                "where demand is more than can be served, the queue grows without end."
            )
        else:
            line = f"A warm-up of {self.days} days does for every node (MSER-5)."
        return head, rows, line

    def plot(self, node: str, level: str = "occupied", *, window: int = 15) -> Figure:
        """Welch's figure: the mean of the replications day by day, its moving average over
        2 × `window` + 1 days, and where MSER-5 cuts. Needs plotly.
        """
        go = needed("plotly.graph_objects", "plot", ".plot")
        if (node, level) not in self._series:
            known = ", ".join(dict.fromkeys(one.node for one in self.all))
            raise ValueError(f"there is no {level!r} at {node!r}; the nodes are {known}")
        values = self._series[node, level]
        smooth = []
        for day in range(len(values) - window):
            half = min(day, window)
            around = values[day - half : day + half + 1]
            smooth.append(sum(around) / len(around))
        figure = go.Figure()
        figure.add_trace(
            go.Scatter(y=values, line={"color": "rgba(0, 94, 184, .3)", "width": 1}, name="mean")
        )
        figure.add_trace(
            go.Scatter(
                y=smooth, line={"color": "rgb(0, 94, 184)", "width": 2}, name="moving average"
            )
        )
        one = next(one for one in self.all if (one.node, one.level) == (node, level))
        if one.settled and one.days is not None:
            figure.add_vline(x=one.days, line={"color": "rgb(174, 37, 115)", "dash": "dash"})
        figure.update_layout(
            template="plotly_white",
            title={"text": f"{node}: people {level}, settling", "x": 0, "xref": "paper"},
            xaxis={"title": "days since the start"},
            yaxis={"title": "people"},
            height=380,
        )
        return figure


def warm_up(results: Results) -> WarmUp:
    """What the daily census of a run says of how long to warm up."""
    series: dict[tuple[str, str], list[float]] = {}
    table = results.occupancy
    columns = (table[name] for name in ("node", "level", "mean"))
    for node, level, mean in zip(*columns, strict=True):
        if level in _LEVELS:
            series.setdefault((node, level), []).append(mean)
    # A level at which nobody ever is has settled, and tells nothing.
    series = {key: values for key, values in series.items() if any(values)}
    days = max((len(values) for values in series.values()), default=0)
    return WarmUp(series, days)
