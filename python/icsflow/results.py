"""What a run gives back."""

from __future__ import annotations

import json
import math
import os
from functools import cached_property
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from icsflow import _core
from icsflow.plain import Data
from icsflow.render import Cell, cut, estimate, html, paragraph, short, text, width
from icsflow.table import Table
from icsflow.words import counted, is_dated, quantity

if TYPE_CHECKING:
    from icsflow.plot import Plots
    from icsflow.warmup import WarmUp

__all__ = ["Results"]

# What the overview tells of each scope: metric, heading, scale, unit ("" is filled in per model).
_TOLD = (
    ("places", "places", 1, ""),
    ("occupied", "occupied", 1, "people"),
    ("occupancy", "occupancy", 100, "%"),
    ("waiting", "waiting", 1, "people"),
    ("mean_wait", "mean wait", 1, "time"),
    ("lost_share", "turned away", 100, "%"),
    ("balked_share", "balked", 100, "%"),
    ("reneged_share", "gave up", 100, "%"),
    ("visits_utilisation", "visits used", 100, "%"),
    ("slot_utilisation", "slots used", 100, "%"),
    ("session_utilisation", "sessions used", 100, "%"),
    ("mean_length_of_stay", "stay", 1, "time"),
    ("blocked", "blocked", 1, "people"),
    ("in_process", "in process", 1, "people"),
    ("at_window", "at window", 1, "people"),
    ("departures", "departures", 1, "rate"),
)
_MOST = 40


class Results:
    """The results of a run: tables, made when first asked for.

    In a notebook it shows the metrics that matter, node by node; ``summary`` has all of them, with
    their definitions. Every table is a :class:`Table`, which pandas, polars and others read.

    >>> import icsflow as ics
    >>> m = ics.Model("Clinic").arrivals("Referrals", to="Clinic", rate=8)
    >>> m = m.beds("Clinic", 1, stay=ics.Exponential(0.1))
    >>> r = m.run(replications=4, warm_up="50d", until="400d", seed=1)
    >>> r.summary.columns
    ['scope', 'kind', 'cohort', 'metric', 'mean', 'sd', 'lower', 'upper', 'replications', 'unit', \
'definition']
    >>> r.interrupted
    False
    """

    def __init__(self, results: _core.Results, *, seconds: float = math.nan) -> None:
        self._results = results
        self.seconds = seconds
        """How long the run took, in seconds; NaN where that is not known."""

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Results:
        """Results from a file that :meth:`save` wrote.

        Raises OSError if it holds no whole results, :class:`ModelError` if it holds those of another
        version of the library.
        """
        return Results(_core.Results.read(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes them to a file, whole or not at all, with all that they tell.

        They can be pickled as well. It is for the same version of the library; what is to last is
        better kept as tables: ``r.summary.to_polars().write_parquet("summary.parquet")``.

        >>> import tempfile
        >>> import icsflow as ics
        >>> m = ics.Model("Clinic").arrivals("Referrals", to="Clinic", rate=8)
        >>> m = m.beds("Clinic", 1, stay=ics.Exponential(0.1))
        >>> r = m.run(replications=4, until="90d", seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     r.save(f"{folder}/clinic.results")
        ...     again = ics.Results.load(f"{folder}/clinic.results")
        >>> again.values("mean_wait", "Clinic") == r.values("mean_wait", "Clinic")
        True
        """
        self._results.write(path)

    def _table(self, name: str) -> Table:
        return Table(self._results.table(name))

    @cached_property
    def summary(self) -> Table:
        """One row for each metric and scope: mean over the replications, sd, t-interval (`lower`,
        `upper`), unit and definition."""
        return self._table("summary")

    @cached_property
    def replications(self) -> Table:
        """One value for each metric, scope and replication."""
        return self._table("replications")

    @cached_property
    def occupancy(self) -> Table:
        """Numbers at each node at each census: mean over the replications, and their 2.5, 25, 50, 75
        and 97.5 % points. `level` is *occupied* (people in places), *waiting*, *blocked*, *ready* (in a
        delay by process, or blocked: no criteria to reside), *places* (open) or *reserved*."""
        return self._table("occupancy")

    @cached_property
    def levels(self) -> Table:
        """Share of time at each number of people, by node. `p_delay` is P(N = n) ÷ P(N ≤ n): the
        share of people who would find no place if there were n (of a node without limit, level
        *occupied*)."""
        return self._table("levels")

    @cached_property
    def visits(self) -> Table:
        """Visits made on each day at the nodes that have a number of them a day: mean over the
        replications and their 2.5 and 97.5 % points, the budget, and what went beyond it."""
        return self._table("visits")

    @cached_property
    def waits(self) -> Table:
        """Waits, lengths of stay and times in the system, with their quantiles, of all replications
        together."""
        return self._table("waits")

    @cached_property
    def queues(self) -> Table:
        """People in line by class, of the nodes and lists whose queue has classes: how many wait, how
        many come to wait in the class in a unit of time, those served at once left out, and how many
        of these by a change of class."""
        return self._table("queues")

    @cached_property
    def clocks(self) -> Table:
        """Clocks, as a whole (scope ``"all"``) and by where they start, a row for each target: people
        started, stopped and gone before they stopped (`dropped`), the lengths of those stopped, the
        share within the target with its interval, and those that run at the census (`running`)."""
        return self._table("clocks")

    @cached_property
    def costs(self) -> Table:
        """What care costs over the time measured: for each cost, node and item its price, how much
        there was of it (mean over the replications) and what that comes to, with its interval; then,
        with ``"all"`` as node and item, what each payer pays, and all of it."""
        return self._table("costs")

    @cached_property
    def departures(self) -> Table:
        """Departures by weekday and hour, node by node, if the run told them (`departures=True`)."""
        return self._table("departures")

    @cached_property
    def ready_days(self) -> Table:
        """Departures by days of the calendar from *ready* to leaving, node by node, if the run told
        them (`departures=True`)."""
        return self._table("ready_days")

    @cached_property
    def lists(self) -> Table:
        """Waiting lists: people in line at the start and at the end, those who joined, started or were
        removed meanwhile, and who of those waiting at the end has waited 18 and 52 weeks.

        Means over the replications; nodes for which people wait together are one list."""
        return self._table("lists")

    @cached_property
    def list_weeks(self) -> Table:
        """People on each waiting list at the end, by whole weeks since they joined."""
        return self._table("list_weeks")

    @cached_property
    def delays(self) -> Table:
        """Bed-days of delay in a replication: who held the place, the cause (capacity, process,
        window), who was awaited, and where the root of the chain lies."""
        return self._table("delays")

    @cached_property
    def deadlocks(self) -> Table:
        """Deadlocks: when a closed set of people could never move again, and how many of them held a
        place where (`holder`) and waited for which node (`awaited`). The replication's status is then
        ``deadlocked``; see ``time_to_deadlock`` in the summary."""
        return self._table("deadlocks")

    @cached_property
    def ends(self) -> Table:
        """What ended stays, at nodes where more than their length may (`ends`): people in a
        replication, their share, and the mean time in the stay until then."""
        return self._table("ends")

    @cached_property
    def caseloads(self) -> Table:
        """The professions of caseloads: mean `units`, `people` whom these can hold, `utilisation` of
        the units, and the share of time in which each allowed the `least`, and in which it was
        `binding`: as many people were held."""
        return self._table("caseloads")

    @cached_property
    def flows(self) -> Table:
        """People in a replication who went each way, from arrivals and nodes to nodes and ways out."""
        return self._table("flows")

    @cached_property
    def stays(self) -> Table:
        """One row for each visit, if the run kept them (`stays=True`); times in the model's unit since
        the start of measuring, NaN for what had not happened by the end."""
        return self._table("stays")

    @cached_property
    def decisions(self) -> Table:
        """What the model's events on people did: when, and how many people it concerned."""
        return self._table("decisions")

    @cached_property
    def audit(self) -> Table:
        """Conservation, replication by replication: nobody is lost, nobody is counted twice."""
        return self._table("audit")

    @cached_property
    def published(self) -> Table:
        """What came out beside what is published, for the published figures of the model."""
        return self._table("published")

    def values(self, metric: str, scope: str) -> list[float]:
        """The values of a metric for a scope, one for each replication, in their order.

        A scope is a node, a list, a sector, a group, ``"group / sector"``, or the name of the model
        for the whole system (``"whole system"`` where a node or group has that name); metrics are
        those of `summary`. Raises ValueError, with the valid names, if there is no such metric or
        scope.
        """
        return self._results.values(metric, scope)

    @property
    def warnings(self) -> list[str]:
        """What is worth knowing of the run though nothing was wrong: more people at the start than
        places, say."""
        return self._results.warnings()

    @property
    def scopes(self) -> dict[str, str]:
        """The scopes over which metrics are told, each with its kind."""
        return dict(self._results.scopes())

    def batch_means(self, batches: int = 20) -> Table:
        """People at each node at the censuses of each replication: their mean, with the interval that
        so many batches give, one after the other, and the correlation of each batch with the next. So
        a single long run has an interval (Law, *Simulation Modeling and Analysis*, 5th edition,
        §9.5.3, with the number of batches given).

        Batches must be long beside the time in which the system forgets: then their correlation is
        near 0, and the interval covers as often as it says. Censuses left over are the first. Raises
        :class:`ModelError` if there are too few censuses, two for each batch at least.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").arrivals("Patients", to="Ward", rate=2)
        >>> m = m.beds("Ward", 12, stay=ics.Exponential(5))
        >>> r = m.run(replications=1, warm_up="100d", until="4000d")
        >>> row = r.batch_means(20).rows(level="occupied")[0]
        >>> row["lower"] < r.values("occupied", "Ward")[0] < row["upper"]
        True
        """
        return Table(self._results.batch_means(batches))

    def warm_up(self) -> WarmUp:
        """How long a warm-up should be, from the daily census of this run: of one without warm-up,
        and long enough. It says so where there is none to be found.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").arrivals("Patients", to="Ward", rate=4)
        >>> m = m.unlimited("Ward", stay=ics.Exponential("10d"))
        >>> r = m.run(replications=20, until="400d", seed=1)
        >>> 15 < r.warm_up().days < 100
        True
        """
        from icsflow.warmup import warm_up

        return warm_up(self)

    @property
    def plot(self) -> Plots:
        """Figures: ``r.plot.occupancy("Acute")``. They need plotly (the extra `plot`)."""
        from icsflow.plot import Plots

        return Plots(self)

    @property
    def interrupted(self) -> bool:
        """Whether the run was stopped before all replications were complete."""
        return self._results.interrupted

    @property
    def complete(self) -> int:
        """How many replications are complete: all of the plan, unless the run was interrupted."""
        return self._results.complete

    @property
    def events(self) -> int:
        """Events of all replications, warm-up included."""
        return self._results.events

    @cached_property
    def plan(self) -> dict[str, Any]:
        """The plan by which the model ran: replications, warm-up, time measured, seed, and so on."""
        plan: dict[str, Any] = json.loads(self._results.plan())
        return plan

    @cached_property
    def _model(self) -> dict[str, Data]:
        model: dict[str, Data] = json.loads(self._results.model())
        return model

    def _headline(self) -> str:
        plan, unit = self.plan, self._model["time_unit"]
        done, asked, until = self.complete, plan["replications"], plan["until"]
        told = [
            counted(done, "replication") + (f" of {asked}, interrupted" if done < asked else ""),
            f"until {until}" if is_dated(until) else f"{quantity(until, unit)} each",
        ]
        warm_up = quantity(plan["warm_up"], unit)
        if not warm_up.startswith("0"):
            told.append(f"after {warm_up} of warm-up")
        told.append(f"seed {plan['seed']}")
        stuck = self.summary.rows(kind="system", cohort="all", metric="deadlocked")
        if stuck and stuck[0]["mean"] > 0:
            told.append(f"{100 * stuck[0]['mean']:.3g}% of replications deadlocked")
        if self.seconds == self.seconds:
            told.append(f"{short(self.events)} events in {self.seconds:.2g} s")
        return ", ".join(told)

    def _overview(self) -> tuple[list[Cell], list[list[Cell]], str]:
        """The metrics that matter, a row a scope; and the line about the whole system."""
        unit = self._model["time_unit"]
        means: dict[tuple[str, str], dict[str, tuple[float, float]]] = {}
        for told in self.summary.rows(cohort="all"):
            scope = means.setdefault((told["kind"], told["scope"]), {})
            scope[told["metric"]] = (told["mean"], told["upper"] - told["mean"])
        units = {"time": unit, "rate": f"per {unit.removesuffix('s')}"}
        # A sum over one node, or over the same nodes as another, tells nothing new.
        scopes: dict[tuple[str, str], dict[str, tuple[float, float]]] = {}
        for (kind, name), values in means.items():
            if kind in ("node", "list") or (
                kind in ("sector", "group")
                and not any(_alike(values, others) for others in scopes.values())
            ):
                scopes[kind, name] = values
        # What is zero everywhere is not worth a column.
        columns = [
            column
            for column in _TOLD
            if any(values.get(column[0], (0.0, 0.0))[0] > 0 for values in scopes.values())
        ]
        head = [Cell("")] + [
            Cell(heading, units.get(unit, unit), right=True) for _, heading, _, unit in columns
        ]
        rows = []
        for (kind, name), values in list(scopes.items())[:_MOST]:
            row = [Cell(name, "" if kind == "node" else kind)]
            for metric, _, scale, _ in columns:
                mean, half = values.get(metric, (math.nan, math.nan))
                half = math.nan if metric == "places" else half
                row.append(estimate(mean * scale, half * scale))
            rows.append(row)
        system = next((values for (kind, _), values in means.items() if kind == "system"), {})
        whole = (
            ("entered", f"came in {units['rate']}"),
            ("inside", "inside on average"),
            ("mean_time_in_system", f"{unit} from coming in to going out"),
        )
        line = "; ".join(
            f"{estimate(*system[metric])} {words}" for metric, words in whole if metric in system
        )
        for (kind, name), values in means.items():
            if kind == "clock" and "clock_within" in values:
                mean, half = values["clock_within"]
                line += f"; {estimate(100 * mean, 100 * half)}% of {name} within its target"
        hidden = len(scopes) - len(rows)
        return (
            head,
            rows,
            f"{line}{f'; {hidden} more scopes in the table summary' if hidden > 0 else ''}",
        )

    def __reduce__(self) -> tuple[object, ...]:
        return _unpickled, (self._results.to_bytes(), self.seconds)

    def __repr__(self) -> str:
        head, rows, line = self._overview()
        rows = [[Cell(cut(row[0].text, 44), row[0].note), *row[1:]] for row in rows]
        told = text(head, rows)
        if width(told) > max(120, get_terminal_size().columns):
            # Too wide for the intervals.
            plain = [[row[0], *(Cell(cell.text, right=True) for cell in row[1:])] for row in rows]
            told = text(head, plain)
            line += ". Means over replications; intervals in the table summary"
        return f"{self._model['name']}: {self._headline()}\n\n{told}\n{line}"

    def _repr_html_(self) -> str:
        head, rows, line = self._overview()
        title = paragraph(self._headline(), strong=str(self._model["name"]))
        level = f"{100 * self.plan['confidence']:g}%"
        foot = f"{line}. Means over replications, ± half the {level} interval."
        return title + html(head, rows) + paragraph(foot)


def _unpickled(data: bytes, seconds: float) -> Results:
    return Results(_core.Results.from_bytes(data), seconds=seconds)


def _alike(sums: dict[str, tuple[float, float]], node: dict[str, tuple[float, float]]) -> bool:
    return all(sums.get(metric) == node.get(metric) for metric in ("occupied", "joined", "started"))
