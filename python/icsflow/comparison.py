"""Comparisons: scenarios beside the model that they change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from icsflow import _core
from icsflow.render import Cell, cut, estimate, html, paragraph, short, text
from icsflow.table import Table

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["Comparison", "Difference"]

# Those that matter, of nodes, lists and clocks; what does not differ is not shown.
_TOLD = (
    "occupancy",
    "waiting",
    "mean_wait",
    "lost_share",
    "balked_share",
    "reneged_share",
    "blocked",
    "delayed",
    "visits_utilisation",
    "slot_utilisation",
    "session_utilisation",
    "clock_within",
    "cost",
)
_MOST = 30


class Difference(NamedTuple):
    """What a scenario does, less what the base does, paired by replication."""

    mean: float
    """Mean of the differences."""
    lower: float
    """Lower end of their t-interval."""
    upper: float
    """Upper end of their t-interval."""
    replications: int
    """How many pairs there are."""

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return (self.upper - self.lower) / 2


class Comparison:
    """Scenarios beside the base: the same patients with the same draws come to all of them.

    So each replication of a scenario is compared with that of the base of the same number, and what
    is random in both is taken out. ``table()`` has every metric with its difference and interval.

    >>> import icsflow as ics
    >>> m = ics.Model("Ward").arrivals("Patients", to="Ward", rate=2)
    >>> m = m.beds("Ward", 12, stay=ics.Exponential(5))
    >>> m = m.scenario("Two more", ics.change("Ward.beds", add=2))
    >>> c = m.compare(replications=5, until="200d")
    >>> c.difference("Two more", "occupancy", "Ward").upper < 0
    True
    """

    def __init__(self, comparison: _core.Comparison) -> None:
        self._core = comparison

    @cached_property
    def scenarios(self) -> list[str]:
        """The names of the scenarios."""
        return [name for name in self._core.cases if name != "base"]

    @property
    def scopes(self) -> dict[str, str]:
        """The scopes over which metrics are told, each with its kind."""
        return dict(self._core.scopes)

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped before all replications were complete."""
        return self._core.interrupted

    def table(
        self, metrics: Sequence[str] | str | None = None, scopes: Sequence[str] | str | None = None
    ) -> Table:
        """One row for each scenario, scope and metric: means of base and scenario, their difference
        with its interval, the shares of replications in which the scenario has less and more, and by
        how many times the variance of the difference is less than that of independent runs.

        `metrics` and `scopes` keep it to those named.
        """
        return Table(self._core.table(_names(metrics), _names(scopes)))

    def values(self, scenario: str, metric: str, scope: str) -> list[float]:
        """The values of a metric, one for each replication; ``"base"`` is the model itself."""
        return self._core.values(scenario, metric, scope)

    def difference(self, scenario: str, metric: str, scope: str) -> Difference:
        """A scenario less the base, paired by replication."""
        return Difference(*self._core.difference(scenario, metric, scope, None))

    def difference_in_differences(
        self, scenario: str, metric: str, scope: str, other: str
    ) -> Difference:
        """What a scenario does to `scope` less what it does to `other`, in the same replications: the
        difference of two differences, between systems, groups or nodes of one model."""
        return Difference(*self._core.difference(scenario, metric, scope, other))

    def plot(self, metric: str, scope: str) -> Figure:
        """The differences of all scenarios from the base, with their intervals. Needs plotly."""
        from icsflow.plot import differences

        return differences(self, metric, scope)

    def _overview(self) -> tuple[list[Cell], list[list[Cell]], str]:
        table = self.table(list(_TOLD))
        rows = [row for row in table.rows() if row["kind"] in ("node", "list", "clock")]

        def weight(row: dict[str, float]) -> float:
            # How many of its own half-widths a difference is away from none.
            half = row["upper"] - row["difference"]
            return abs(row["difference"]) / half if half > 0 else 0.0

        moved = [row for row in rows if weight(row) > 1]
        shown = sorted(moved, key=weight, reverse=True)[:_MOST]
        shown.sort(key=lambda row: self.scenarios.index(row["scenario"]))
        head = [
            Cell("scenario"),
            Cell("scope"),
            Cell("metric"),
            Cell("base", right=True),
            Cell("scenario", right=True),
            Cell("difference", right=True),
            Cell("lower in", "of replications", right=True),
            Cell("unit"),
        ]
        cells = []
        for row in shown:
            half = row["upper"] - row["difference"]
            less = math.copysign(1, row["difference"])
            told = estimate(abs(row["difference"]), half)
            cells.append(
                [
                    Cell(cut(row["scenario"], 40)),
                    Cell(cut(row["scope"], 32)),
                    Cell(row["metric"]),
                    Cell(short(row["base"]), right=True),
                    Cell(short(row["value"]), right=True),
                    Cell(("−" if less < 0 else "+") + told.text, told.note, right=True),
                    Cell(f"{100 * row['share_lower']:.0f}%", right=True),
                    Cell(row["unit"]),
                ]
            )
        more = len(moved) - len(shown)
        same = len(rows) - len(moved)
        tail = f"{more} more in .table(); " if more > 0 else ""
        return head, cells, f"{tail}{same} others do not differ by more than their interval"

    def _headline(self) -> str:
        count = len(self.scenarios)
        done = len(self.values_of_base())
        cut_off = ", interrupted" if self.interrupted else ""
        return (
            f"{count} scenario{'' if count == 1 else 's'} beside the base, "
            f"{done} replications each, paired{cut_off}"
        )

    def values_of_base(self) -> list[int]:
        """The numbers of the replications of the base that are complete."""
        return self._core.replications("base")

    def __repr__(self) -> str:
        head, rows, line = self._overview()
        return f"{self._headline()}\n\n{text(head, rows)}\n{line}"

    def _repr_html_(self) -> str:
        head, rows, line = self._overview()
        return paragraph(self._headline()) + html(head, rows) + paragraph(line)

    def __reduce__(self) -> tuple[object, tuple[bytes]]:
        return _unpickled, (self._core.to_bytes(),)


def _unpickled(data: bytes) -> Comparison:
    return Comparison(_core.Comparison.from_bytes(data))


def _names(given: Sequence[str] | str | None) -> list[str] | None:
    if given is None:
        return None
    return [given] if isinstance(given, str) else list(given)
