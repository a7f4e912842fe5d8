"""The model: who comes, where care happens, where people go next, and how it is run."""

from __future__ import annotations

import copy
import datetime
import json
import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from time import perf_counter
from typing import Any, Literal, TypeAlias

from icsflow import _core
from icsflow.arrivals import Curve, Timetable
from icsflow.capacity import Capacity, Outage, RingFence, Transfer
from icsflow.case import Case, Cases, cases
from icsflow.checkpoint import Checkpoint, taken_up
from icsflow.clock import Mark
from icsflow.cohort import Attribute, shares
from icsflow.comparison import Comparison
from icsflow.description import describe, headline, html
from icsflow.diff import Diff
from icsflow.distribution import AnyDistribution, Distribution
from icsflow.errors import Fault, ModelError
from icsflow.executor import Precision, spread, wanted
from icsflow.legs import Leg, Legs
from icsflow.node import ProcessDelay, Profession, StayEnd, Together
from icsflow.people import Attends, Death, People, SetAttribute, found, replayed, values
from icsflow.plain import Data, Duration, Moment, compact, plain
from icsflow.progress import shown
from icsflow.queue import Queue, Targets
from icsflow.readmission import Readmission
from icsflow.referral import Referral
from icsflow.results import Results
from icsflow.scenario import Change, Scenario, flat, several
from icsflow.slots import Slots
from icsflow.visits import Need, needs
from icsflow.window import ClockTime, Weekday, Window, windows

__all__ = ["DIED", "EXIT", "HOME", "Model", "schema", "shipped"]

HOME = "home"
"""The way out that leads home."""
DIED = "died"
"""The way out of those who died."""
EXIT = "exit"
"""Any other way out."""

Evidence: TypeAlias = Mapping[str, str]
"""Where each figure comes from, by its key; the word *assumed* with the reason where it is assumed."""

Choose: TypeAlias = Literal[
    "first free",
    "shortest queue",
    "least load",
    "most free",
    "round robin",
    "own place",
    "came from",
]
"""How one of several nodes is chosen when a patient is ready; ties go to the first named.

"first free": the first with a place free; if none has, whichever has one first: who waits so does it by
the queue of the node named first (limit, balking, patience). "least load": the smallest share of places
taken. "most free": the most places free. "round robin": one after the other. "own place": the one of
the patient's own place, which is the group of the arrivals, or else of the first node where they were.
"came from": the one from which they came into the group of this node, or else the nearest to it.
"""

Unit: TypeAlias = Literal["seconds", "minutes", "hours", "days", "weeks"]


class Model:
    """A system of care, as data.

    Every method that adds something returns the model, so that calls may be chained or written line by
    line. Nothing is judged while a model is built: :meth:`check` and :meth:`run` report every fault
    at once. Names tie the parts together, so the order of the parts does not matter, except that of
    several routes from one node the first that fits a patient is taken.

    >>> import icsflow as ics
    >>> m = ics.Model("Step-down", start="2026-01-05")
    >>> m = m.arrivals("Emergency admissions", to="Acute", rate=20)
    >>> m = m.beds("Acute", 160, sector="acute", stay=ics.LogNormal(mean=6.9, sd=8.0))
    >>> m = m.beds("Community", 30, sector="community", stay=ics.Exponential(20))
    >>> m = m.route("Acute", {"Community": 0.07, ics.HOME: None})
    >>> m.check()
    Model("Step-down": 2 nodes, 1 stream of arrivals, 1 route; from 2026-01-05, in days)
    """

    _data: dict[str, Data]

    def __init__(
        self,
        name: str,
        *,
        start: str | datetime.date | None = None,
        time_unit: Unit = "days",
        description: str | None = None,
        exits: Sequence[str] | None = None,
        deadlock: Literal["report", "swap"] | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        """An empty model.

        `start` is the date at which measuring begins (a Monday if not given), `time_unit` the unit of
        bare lengths of time, of rates and of the results, `exits` are further ways out beside
        ``ics.HOME``, ``ics.DIED`` and ``ics.EXIT``. `deadlock` says what is done about people who hold
        the places for which others of them wait: it is told in ``Results.deadlocks`` ("report", if not
        given), or they exchange their places as soon as the circle closes ("swap").
        """
        self._data = compact(
            name=name,
            description=description,
            start=start,
            time_unit=time_unit,
            exits=exits,
            deadlock=deadlock,
            evidence=evidence,
        )

    def bank_holidays(
        self,
        dates: str | datetime.date | Iterable[str | datetime.date],
        *,
        like: Weekday | None = None,
    ) -> Model:
        """Sets the date or dates that count as Sundays, or as another day of the week.

        From midnight to midnight of such a date, whatever the model says by the day of the week is as
        on that other day: factors of arrivals, timetables, shifts, windows, sessions, and `weekday` in
        conditions. What lasts from one day to the next, as a shift by night does, is cut there: the
        first hours of a bank holiday are those of a Sunday. What comes at a date, or again after so
        much time, is not moved; the results know the days of the calendar only.

        The dates of a country are known to the package ``holidays``:
        ``holidays.country_holidays("GB", subdiv="ENG", years=2026)`` can be given as it is.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward", start="2025-12-01")
        >>> m = m.bank_holidays(["2025-12-25", "2025-12-26", "2026-01-01"])
        """
        if isinstance(dates, str | datetime.date):
            dates = [dates]
        self._data["bank_holidays"] = compact(dates=list(dates), like=like)
        return self

    def _add(self, section: str, **fields: object) -> Model:
        self._data.setdefault(section, []).append(compact(**fields))
        return self

    def group(
        self,
        name: str,
        *,
        kind: Literal["nation", "region", "system", "place", "provider", "site"] | None = None,
        part_of: str | None = None,
        population: float | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds an organisation or area; results are summed over all that it contains.

        `part_of` is the group that contains it, `population` the number of people it serves.

        >>> import icsflow as ics
        >>> m = ics.Model("ICS").group("West", kind="system").group("Leeds", part_of="West")
        """
        return self._add(
            "group", name=name, kind=kind, part_of=part_of, population=population, evidence=evidence
        )

    def cohort(
        self,
        name: str,
        *,
        attributes: Mapping[str, Cases[Attribute]] | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds a kind of patient, with attributes that are drawn once, at arrival.

        An attribute is a :class:`Number` (or a bare distribution), a :class:`Category`, a
        :class:`Flag`, or cases of these by :func:`case`, which may ask for other attributes.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").cohort("medical", attributes={
        ...     "age": ics.Normal(mean=70, sd=18, low=0),
        ...     "frail": [ics.case("age >= 80", ics.Flag(0.4)), ics.Flag(0.1)],
        ... })
        """
        drawn = _each(attributes, _attribute)
        return self._add("cohort", name=name, attributes=drawn, evidence=evidence)

    def arrivals(
        self,
        name: str,
        *,
        to: str,
        rate: float | None = None,
        interarrival: AnyDistribution | None = None,
        timetable: Timetable | None = None,
        weekly: Sequence[float] | None = None,
        hourly: Sequence[float] | None = None,
        curve: Curve | None = None,
        cohort: str | Mapping[str, float | None] | None = None,
        group: str | None = None,
        batch: AnyDistribution | None = None,
        replay: People | None = None,
        accept: str | None = None,
        otherwise: Targets | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds a stream of people who come to the node or list `to`.

        Exactly one of these says when:

        * `rate`: Poisson arrivals, mean number per time unit, times the factors `weekly` (7, Monday
          first), `hourly` (24 of a day or 168 of a week) and `curve` (by date), all used as given;
        * `interarrival`: renewal arrivals, the time from one to the next;
        * `timetable`: set times;
        * `replay`: a table (a data frame, columns by name, or the path of a CSV file) with a row for
          each person: `time` (a date, or after the start), and perhaps `to`, `cohort` and attributes.

        `accept` is the share of those who would come who do, a number from 0 to 1 over attributes,
        clock and state; the others go where `otherwise` says, or stay away ("suppressed"). `cohort`
        names the kind of patient, or the shares of several (None means the rest); `group` is where they
        belong, for routes to their own place; `batch` is the number of people who come together, one if
        not given.

        >>> import icsflow as ics
        >>> m = ics.Model("A&E", time_unit="hours").unlimited("A&E", stay=ics.Exponential(3))
        >>> m = m.arrivals("Walk-in", to="A&E", rate=8, hourly=[0.4] * 8 + [1.3] * 16)
        >>> m = m.arrivals("Ambulance", to="A&E", interarrival=ics.Exponential("20 min"))
        """
        return self._add(
            "arrivals",
            name=name,
            to=to,
            cohort=None if cohort is None else shares(cohort),
            group=group,
            rate=rate,
            weekly=weekly,
            hourly=hourly,
            curve=curve,
            interarrival=interarrival,
            timetable=timetable,
            batch=batch,
            replay=None if replay is None else replayed(replay),
            accept=accept,
            otherwise=None if otherwise is None else shares(otherwise),
            evidence=evidence,
        )

    def population(
        self,
        name: str,
        size: int,
        *,
        attends: Attends | Sequence[Attends],
        cohort: str | Mapping[str, float | None] | None = None,
        attributes: Mapping[str, Any] | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds so many people who come again and again, each with attributes that are kept.

        They are outside until they attend (:class:`Attends`; of several reasons the first that is due
        counts) and outside again once they leave the system; who leaves by ``ics.DIED`` does not come
        again.

        >>> import icsflow as ics
        >>> m = ics.Model("Frequent users").beds("A&E", 12, stay=ics.Exponential("4h"))
        >>> m = m.population("Frequent users", 300, attends=ics.Attends("A&E", ics.Exponential("20d")))
        """
        reasons = [attends] if isinstance(attends, Attends) else attends
        return self._add(
            "population",
            name=name,
            size=size,
            cohort=None if cohort is None else shares(cohort),
            attributes=values(attributes),
            attends=reasons,
            evidence=evidence,
        )

    def event(
        self,
        name: str,
        at: Moment,
        nodes: str | Sequence[str],
        *,
        every: Duration | None = None,
        if_: str | None = None,
        state: Sequence[Literal["waiting", "in stay", "ready"]] | None = None,
        whom: str | None = None,
        score: str | None = None,
        share: float | None = None,
        most: int | None = None,
        set: Mapping[str, float | bool | str] | None = None,
        to: Targets | None = None,
        do: Literal["end", "requeue", "die"] | None = None,
        close: Duration | None = None,
    ) -> Model:
        """Adds a dated act on people: some of those at some nodes are sent on, put back or changed.

        * `at`, `every`, `if_`: when, how often, and under which condition over clock and state;
        * `state`: of those in the queue, in a stay that goes on, or ready to leave; all if not given;
        * `whom`, `score`, `share`, `most`: for whom a condition holds, the highest score first (the
          longest there if not given), each with a probability, and at most so many;
        * `set`: attributes that change;
        * `to`: where they go: the stay of those in places is over, and they keep the place until one is
          free for them; those in the queue go at once;
        * `do`: the stay ends now, they go back to the queue with their clock, or they die;
        * `close`: so long nobody starts at these nodes.

        >>> import icsflow as ics
        >>> m = ics.Model("Winter", start="2026-01-05").beds("Acute", 20, stay=ics.Exponential("6d"))
        >>> m = m.beds("Home care", 9, stay=ics.Exponential("18d"))
        >>> m = m.event("Mass discharge", "2026-03-01", "Acute", state=["ready"],
        ...     to={"Home care": 0.3, ics.HOME: None})
        """
        return self._add(
            "event",
            name=name,
            at=at,
            nodes=[nodes] if isinstance(nodes, str) else nodes,
            every=every,
            if_=if_,
            state=state,
            whom=whom,
            score=score,
            share=share,
            most=most,
            set=set,
            to=None if to is None else shares(to),
            do=do,
            close=close,
        )

    def census(
        self,
        node: str,
        *,
        people: int | None = None,
        spent: Sequence[Duration] | Distribution | None = None,
        remaining: Literal["conditional", "stationary", "fresh", "uniform"] | None = None,
        awaiting: str | None = None,
        in_process: str | None = None,
        queue: int | None = None,
        waited: Sequence[Duration] | Distribution | None = None,
        cohort: str | Mapping[str, float | None] | None = None,
        attributes: Mapping[str, Any] | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds people who are at a node or list when the run begins; there is no warm-up then.

        * `people`: how many are in its places; more than there are places drain first;
        * `spent`: time since each of them started, a list or a distribution; at a node with visits
          they go on with the rest of their profile, the day of the start being its first;
        * `remaining`: how what is left of a stay is drawn: given the stay so far ("conditional", where
          `spent` is given), as at any moment of a long time ("stationary", where it is not), a whole
          stay ("fresh"), or evenly between 1 day and a whole stay ("uniform");
        * `awaiting`: their stay is over, and they wait in their places for one at this node;
        * `in_process`: their stay is over, and this delay by process of the node goes on;
        * `queue`: how many are in the queue; `waited`: time since each of them joined it; with
          `awaiting`, since each has waited for the next place; with `in_process`, since the delay
          began: if it is not given, what is left of it is that at any moment;
        * `cohort`: their kind, or the shares of several;
        * `attributes`: what is known of them, one value for all or a list; the rest is drawn.

        >>> import icsflow as ics
        >>> m = ics.Model("From today").beds("Ward", 24, stay=ics.LogNormal(mean=6.9, sd=8))
        >>> m = m.census("Ward", spent=[0.5, 2, 2, 9, 31], waited=["2h", "30 min"])
        >>> r = m.run(replications=20, until="14d", seed=1)
        """
        return self._add(
            "census",
            node=node,
            people=people,
            spent=spent,
            remaining=remaining,
            awaiting=awaiting,
            in_process=in_process,
            queue=queue,
            waited=waited,
            cohort=None if cohort is None else shares(cohort),
            attributes=values(attributes),
            evidence=evidence,
        )

    def census_from(self, table: People) -> Model:
        """Adds people who are there when the run begins, from a table with a row for each.

        Its columns are `node`; `spent`, the time since the person started, or `waited`, the time since
        joining the queue; `awaiting` for those whose stay is over, who await a place there since
        `waited`; `in_process` for those whom this delay holds since `waited`; `cohort`; and any
        attributes of the cohorts. What is missing is drawn.

        >>> import icsflow as ics
        >>> m = ics.Model("From today").beds("Ward", 2, stay=ics.Exponential(4))
        >>> m = m.census_from(
        ...     {"node": ["Ward"] * 3, "spent": [2, 9, None], "waited": [None, None, 0.1]})
        >>> len(m.to_dict()["census"])
        2
        """
        for entry in found(table):
            self._data.setdefault("census", []).append(entry)
        return self

    def beds(
        self,
        name: str,
        beds: int | Capacity,
        *,
        stay: Cases[AnyDistribution],
        sector: str | None = None,
        role: str | None = None,
        group: str | None = None,
        together: Together | None = None,
        ends: Mapping[str, StayEnd] | None = None,
        process_delay: Mapping[str, Cases[AnyDistribution | ProcessDelay]] | None = None,
        referral: Referral | None = None,
        leave: Window | Sequence[Window] | None = None,
        receive: Window | Sequence[Window] | None = None,
        queue: Queue | str | None = None,
        waiting_room: int | Literal["unlimited", "queue"] | None = None,
        admit: str | None = None,
        cut: Literal["wait", "interrupt", "early end"] | Transfer | None = None,
        outage: Mapping[str, Outage] | None = None,
        turnaround: Cases[AnyDistribution] | None = None,
        vacation: AnyDistribution | None = None,
        ring_fence: Mapping[str, RingFence] | None = None,
        corridor: int | None = None,
        legs: Sequence[str | Leg] | Legs | None = None,
        set: Sequence[SetAttribute] | None = None,
        death: Sequence[Death] | None = None,
        readmission: Sequence[Readmission] | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds a node with so many places, each held for the whole stay and while delayed.

        * `beds`: the places, a number or :class:`Capacity` over time;
        * `stay`: length of stay until *ready*, for everyone or by cases; delays come on top;
        * `sector`, `group`: the kind of care and the group that runs it, for sums in the results;
        * `together`: when people start together (:class:`Together`); each by itself if not given;
        * `ends`: what may end the stay before its length has passed (:class:`StayEnd`), by name;
        * `role`: what it is among nodes that are alike, by which a route may name them all;
        * `process_delay`: delays after *ready*, by reason, one after the other;
        * `referral`: when people join the line of the next node, if before they are ready
          (:class:`Referral`);
        * `leave`: windows in which people may leave; at any time if not given;
        * `receive`: windows in which people may set out to come here from a place elsewhere;
        * `queue`: how people wait, or the name of the list that the node serves; first come, first
          served, without limit if not given;
        * `waiting_room`: places in which people moved from elsewhere may wait. None if not given:
          they keep their bed there until a place is free here, which is a delayed discharge;
          "queue": the places of the queue, whose limit then holds for all who wait;
        * `admit`: who may take a place: a condition over attributes and the state of nodes;
        * `cut`: what a fall of capacity does to people in places: they stay until they leave ("wait",
          if not given), go back to the head of the queue ("interrupt"), are ready at once ("early
          end"), or are sent on (:class:`Transfer`);
        * `outage`: places that fail at random, by cause;
        * `turnaround`: how long a place stays out of use after a patient has left it;
        * `vacation`: how long a place is away that falls free while nobody waits;
        * `ring_fence`: places that are kept for some, by name;
        * `corridor`: places beside the beds in which people start who find no bed;
        * `legs`: nodes to which people go during their stay, all at once or one after the other, while
          they keep their place; the stay lasts at least until that is done (:class:`Legs`);
        * `set`, `death`: attributes that change and clocks of death that start on what happens here;
        * `readmission`: who comes again after going out of the system from here.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").beds(
        ...     "Ward", 24, sector="acute", stay=ics.LogNormal(mean="6.9d", sd="8d"),
        ...     process_delay={"assessment": ics.Exponential("7h")},
        ...     leave=ics.Open("09:00", "20:00"),
        ... )
        >>> m = m.beds(
        ...     "Unit", ics.Capacity(10, weekly=[ics.Shift("20:00", "08:00", 6)]), stay="5h",
        ...     queue=ics.Queue(limit=20, if_full="Ward"), cut="interrupt", turnaround="20 min",
        ... )
        """
        return self._node(
            name,
            beds=beds,
            together=together,
            stay=stay,
            sector=sector,
            role=role,
            group=group,
            ends=ends,
            process_delay=process_delay,
            referral=referral,
            leave=leave,
            receive=receive,
            queue=queue,
            waiting_room=waiting_room,
            admit=admit,
            cut=cut,
            outage=outage,
            turnaround=turnaround,
            vacation=vacation,
            ring_fence=ring_fence,
            corridor=corridor,
            legs=legs,
            set=set,
            death=death,
            readmission=readmission,
            evidence=evidence,
        )

    def caseload(
        self,
        name: str,
        team: Mapping[str, Profession],
        *,
        stay: Cases[AnyDistribution],
        sector: str | None = None,
        role: str | None = None,
        group: str | None = None,
        ends: Mapping[str, StayEnd] | None = None,
        process_delay: Mapping[str, Cases[AnyDistribution | ProcessDelay]] | None = None,
        referral: Referral | None = None,
        leave: Window | Sequence[Window] | None = None,
        receive: Window | Sequence[Window] | None = None,
        queue: Queue | str | None = None,
        waiting_room: int | Literal["unlimited", "queue"] | None = None,
        admit: str | None = None,
        cut: Literal["wait", "interrupt", "early end"] | Transfer | None = None,
        ring_fence: Mapping[str, RingFence] | None = None,
        legs: Sequence[str | Leg] | Legs | None = None,
        set: Sequence[SetAttribute] | None = None,
        death: Sequence[Death] | None = None,
        readmission: Sequence[Readmission] | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds a node where a team holds people, as many at once as its scarcest profession allows.

        `team` says of each profession how many units there are and how many each person takes; the
        least of units ÷ units for each person, rounded down, is the number of places. Which profession
        that is, and for how long, is told in ``Results.caseloads``. The other arguments are those of
        :meth:`beds`.

        >>> import icsflow as ics
        >>> m = ics.Model("Hospital at home").caseload(
        ...     "Virtual ward",
        ...     {"nurses": ics.Profession(6, each=0.05), "consultants": ics.Profession(1, each=0.01)},
        ...     stay=ics.Exponential("8d"),
        ... )
        >>> m = m.arrivals("Referrals", to="Virtual ward", rate=12)
        >>> r = m.run(replications=2, until="60d", seed=1)
        >>> r.caseloads.to_dict()["people"]
        [120.0, 100.0]
        """
        return self._node(
            name,
            caseload=team,
            stay=stay,
            sector=sector,
            role=role,
            group=group,
            ends=ends,
            process_delay=process_delay,
            referral=referral,
            leave=leave,
            receive=receive,
            queue=queue,
            waiting_room=waiting_room,
            admit=admit,
            cut=cut,
            ring_fence=ring_fence,
            legs=legs,
            set=set,
            death=death,
            readmission=readmission,
            evidence=evidence,
        )

    def slots(
        self,
        name: str,
        slots: Slots,
        *,
        stay: Cases[AnyDistribution],
        sector: str | None = None,
        role: str | None = None,
        group: str | None = None,
        process_delay: Mapping[str, Cases[AnyDistribution | ProcessDelay]] | None = None,
        leave: Window | Sequence[Window] | None = None,
        queue: Queue | str | None = None,
        admit: str | None = None,
        readmission: Sequence[Readmission] | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds a node where people are seen in slots by calendar.

        `slots` says when, and who has which; `stay` is the length of the contact, which may be 0. Who
        comes from a bed waits for the slot without holding the bed, and who waits for a bed after the
        contact holds no slot. The other arguments are those of :meth:`beds`.

        >>> import icsflow as ics
        >>> m = ics.Model("Outpatients").slots(
        ...     "Clinic",
        ...     ics.Slots(
        ...         sessions=[ics.Session(begins="09:00", slots=12, every="15 min")],
        ...         booking=ics.Booking(horizon="6w"), missed=0.08, if_missed="rebook"),
        ...     stay="15 min",
        ... )
        >>> m = m.arrivals("Referrals", to="Clinic", rate=10)
        >>> r = m.run(replications=2, until="4w", seed=1)
        """
        return self._node(
            name,
            slots=slots,
            stay=stay,
            sector=sector,
            role=role,
            group=group,
            process_delay=process_delay,
            leave=leave,
            queue=queue,
            admit=admit,
            readmission=readmission,
            evidence=evidence,
        )

    def visits(
        self,
        name: str,
        per_day: int | Capacity,
        *,
        need: Cases[Need],
        stay: Cases[AnyDistribution],
        mode: Literal["book", "line"] | None = None,
        scan: Literal["first fit", "strict"] | None = None,
        whole: bool | None = None,
        sector: str | None = None,
        role: str | None = None,
        group: str | None = None,
        ends: Mapping[str, StayEnd] | None = None,
        process_delay: Mapping[str, Cases[AnyDistribution | ProcessDelay]] | None = None,
        referral: Referral | None = None,
        leave: Window | Sequence[Window] | None = None,
        receive: Window | Sequence[Window] | None = None,
        queue: Queue | str | None = None,
        waiting_room: int | Literal["unlimited"] | None = None,
        admit: str | None = None,
        set: Sequence[SetAttribute] | None = None,
        death: Sequence[Death] | None = None,
        readmission: Sequence[Readmission] | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds a node with so many visits a day, shared by people whose need changes over their stay.

        The day of the start is the first of the stay; a stay has a whole number of days, rounded, at
        least 1, and is over at the midnight after the last. It is known when a start is looked for,
        and somebody starts only if the need of every day of it fits in what is left.

        * `per_day`: the visits, a number or :class:`Capacity` over time; the number at noon counts;
        * `need`: visits on each day of the stay, for everyone or by cases: a number,
          :class:`Taper` or :class:`Profile`;
        * `mode`: "book" (if not given): on joining, the first day is booked from which on the need
          fits, and never moved; "line": people stand in line, and the first whose need fits starts;
        * `scan`: for "line", whether those behind may pass somebody whose need does not fit ("first
          fit", if not given) or not ("strict");
        * `whole`: round the need of each day to whole visits; to thousandths if not.

        Who has started keeps the visits. What goes beyond the number of a day, because it was cut or
        because people whose stay is over have nowhere to go, is told as overrun. ``free("…")`` is the
        number of people who could start today with the least need of a first day. The other arguments
        are those of :meth:`beds`.

        >>> import icsflow as ics
        >>> m = ics.Model("Step-down").visits(
        ...     "Home care (P1)", per_day=500, sector="social", need=ics.Taper(4, 1),
        ...     stay=ics.LogNormal(mean="18d", median="9d"),
        ... )
        """
        return self._node(
            name,
            visits=compact(per_day=per_day, need=needs(need), mode=mode, scan=scan, whole=whole),
            stay=stay,
            sector=sector,
            role=role,
            group=group,
            ends=ends,
            process_delay=process_delay,
            referral=referral,
            leave=leave,
            receive=receive,
            queue=queue,
            waiting_room=waiting_room,
            admit=admit,
            set=set,
            death=death,
            readmission=readmission,
            evidence=evidence,
        )

    def unlimited(
        self,
        name: str,
        *,
        stay: Cases[AnyDistribution],
        sector: str | None = None,
        role: str | None = None,
        group: str | None = None,
        ends: Mapping[str, StayEnd] | None = None,
        process_delay: Mapping[str, Cases[AnyDistribution | ProcessDelay]] | None = None,
        referral: Referral | None = None,
        leave: Window | Sequence[Window] | None = None,
        receive: Window | Sequence[Window] | None = None,
        legs: Sequence[str | Leg] | Legs | None = None,
        set: Sequence[SetAttribute] | None = None,
        death: Sequence[Death] | None = None,
        readmission: Sequence[Readmission] | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds a node without limit of places: nobody waits for it.

        The arguments are those of :meth:`beds`.

        >>> import icsflow as ics
        >>> m = ics.Model("Recovery").unlimited("At home with care", stay=ics.Exponential("3w"))
        """
        return self._node(
            name,
            unlimited=True,
            stay=stay,
            sector=sector,
            role=role,
            group=group,
            ends=ends,
            process_delay=process_delay,
            referral=referral,
            leave=leave,
            receive=receive,
            legs=legs,
            set=set,
            death=death,
            readmission=readmission,
            evidence=evidence,
        )

    def _node(
        self,
        name: str,
        *,
        stay: object,
        process_delay: Mapping[str, Any] | None,
        leave: Window | Sequence[Window] | None,
        sector: str | None,
        role: str | None,
        group: str | None,
        evidence: Evidence | None,
        receive: Window | Sequence[Window] | None = None,
        turnaround: object = None,
        **given: object,
    ) -> Model:
        delays = _each(process_delay, cases)
        return self._add(
            "node",
            name=name,
            sector=sector,
            role=role,
            group=group,
            stay=cases(stay),
            process_delay=delays,
            leave=windows(leave),
            receive=windows(receive),
            turnaround=cases(turnaround),
            **given,
            evidence=evidence,
        )

    def queue(
        self, name: str, how: Queue | None = None, *, evidence: Evidence | None = None
    ) -> Model:
        """Adds a list of people who wait, which any number of nodes serve: ``queue="Elective list"``.

        Arrivals and routes may lead to it; whichever of the nodes has a place takes the first in line.

        >>> import icsflow as ics
        >>> m = ics.Model("Theatres").queue("Elective list", ics.Queue(score="10 * urgent + waited"))
        >>> m = m.beds("Theatre 1", 1, stay="2h", queue="Elective list")
        >>> m = m.beds("Theatre 2", 1, stay="2h", queue="Elective list")
        >>> m = m.arrivals("Referrals", to="Elective list", rate=5)
        """
        return self._add("queue", name=name, **plain(how or Queue()), evidence=evidence)

    def route(
        self,
        from_: str,
        to: Targets | Sequence[str],
        *,
        choose: Choose | None = None,
        cohort: str | None = None,
        when: str | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds a route: where the patients of a node go when their stay is over.

        `to` maps nodes, lists and ways out to probabilities, where None means the rest; or it is one of
        their names; or a list of nodes of which `choose` says how one is chosen; in the list a role
        stands for all nodes that have it. Of several routes from one node the first whose `cohort` and
        condition `when` fit the patient is taken; who fits none goes home.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").route("Ward", {"Community": 0.3, ics.DIED: 0.05, ics.HOME: None})
        >>> m = m.route("Community", ["Home care", "Care home"], choose="first free")
        >>> m = m.route("Triage", ["emergency department"], choose="own place")
        >>> m = m.route("Vascular centre", ["rehabilitation"], choose="came from")
        """
        return self._add(
            "route",
            from_=from_,
            cohort=cohort,
            when=when,
            to=shares(to),
            choose=choose,
            evidence=evidence,
        )

    def transfer(
        self,
        from_: str,
        to: str,
        time: Cases[AnyDistribution],
        *,
        hold_origin: bool | Literal["until start"] | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Says how long a way takes that a route leads; one of which nothing is said takes no time.

        `time` is for everyone or by cases (no time for whom no case holds). It begins when the patient
        leaves: with a place reserved at the other end, and when both windows are open.
        `hold_origin=True` keeps the place left behind until the patient arrives. With "until start"
        people set out before a place is reserved, and the place behind them is held until they start:
        the crew of an ambulance, whose place is the patient's, waits at the door until the handover.

        >>> import icsflow as ics
        >>> m = ics.Model("999", time_unit="hours").beds("Ambulance", 20, stay=ics.Exponential("1h"))
        >>> m = m.beds("ED", 30, stay=ics.Exponential("4h")).route("Ambulance", "ED")
        >>> m = m.transfer("Ambulance", "ED", ics.Exponential("25 min"), hold_origin="until start")
        """
        return self._add(
            "transfer",
            from_=from_,
            to=to,
            time=cases(time),
            hold_origin=hold_origin,
            evidence=evidence,
        )

    def cost(
        self,
        name: str,
        at: str | Sequence[str],
        *,
        payer: str | None = None,
        per_day: float | None = None,
        per_delayed_day: float | None = None,
        per_contact: float | None = None,
        per_start: float | None = None,
        per_idle_place: float | None = None,
        fixed: float | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds prices of what happens at a node, sector or group, or at several, and who pays.

        Costs are counted from what was measured and change nothing that happens. Several at one node
        add up. Prices of days are for a day, whatever the model's unit of time:

        * `per_day`: a day of a person in a place; `per_delayed_day`: besides, a day there after the
          stay is over (a delay by process, blocked, waiting for a window);
        * `per_contact`: a contact in a slot or a visit made; `per_start`: a start of a stay;
        * `per_idle_place`: a day of a place that is open and that nobody is in;
        * `fixed`: a day of each of the nodes, whatever happens.

        Results are in ``Results.costs``, and in the summary as ``cost``, per unit of time.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").arrivals("Patients", to="Ward", rate=2)
        >>> m = m.beds("Ward", 12, stay=ics.Exponential(5))
        >>> m = m.cost("Bed days", "Ward", payer="Trust", per_day=346)
        >>> r = m.run(replications=3, until="90d", seed=1)
        >>> bool(abs(r.values("cost", "Ward")[0] - 346 * r.values("occupied", "Ward")[0]) < 1e-6)
        True
        """
        return self._add(
            "cost",
            name=name,
            at=at,
            payer=payer,
            per_day=per_day,
            per_delayed_day=per_delayed_day,
            per_contact=per_contact,
            per_start=per_start,
            per_idle_place=per_idle_place,
            fixed=fixed,
            evidence=evidence,
        )

    def scenario(
        self,
        name: str | Scenario,
        *changes: Change | Sequence[Change],
        description: str | None = None,
    ) -> Model:
        """Adds a what-if: the model with changes, one after the other (see :func:`change`).

        Instead of a name and changes it may be a :class:`Scenario`, as :func:`product` makes them.
        :meth:`run` runs one of them, :meth:`compare` all beside the model itself.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").arrivals("Patients", to="Ward", rate=2)
        >>> m = m.beds("Ward", 12, stay=ics.Exponential(5))
        >>> m = m.scenario("Two more from March", ics.change("Ward.beds", add=2, at="2024-03-01"))
        """
        if isinstance(name, Scenario):
            data = plain(name)
        else:
            data = plain(Scenario(name, flat(changes), description))
        self._data.setdefault("scenario", []).append(data)
        return self

    def clock(
        self,
        name: str,
        *,
        start: Mark | Literal["arrival"],
        stop: Mark | Literal["exit"],
        target: Duration | Sequence[Duration] | None = None,
        pauses: Sequence[tuple[Mark, Mark]] | None = None,
        when: str | None = None,
        evidence: Evidence | None = None,
    ) -> Model:
        """Adds a measured interval of each patient, from one moment of the pathway to another.

        * `start`, `stop`: a :class:`Mark`, ``"arrival"`` (coming into the system) or ``"exit"`` (going
          out of it). The clock runs on through whatever happens between, a cancellation included, and
          may start anew once it has stopped;
        * `target`: the length of time within which it ought to stop, or several; the first is that of
          the metrics ``clock_within``, ``clock_breaches`` and ``clock_running_within``;
        * `pauses`: pairs of moments between which it stands still;
        * `when`: only for patients who meet this condition at the starting moment.

        Results are in ``Results.clocks``, and in the summary with the clock's name as scope, or
        ``"clock / scope"`` for what of it starts at a node, sector or group.

        >>> import icsflow as ics
        >>> m = ics.Model("A&E", time_unit="hours").beds("A&E", 14, stay=ics.Exponential(2))
        >>> m = m.arrivals("Walk-in", to="A&E", rate=5)
        >>> m = m.clock("4-hour", start=ics.Mark("A&E", "arrive"), stop=ics.Mark("A&E", "leave"),
        ...             target="4h")
        >>> r = m.run(replications=3, until="30d", seed=1)
        >>> 0.5 < r.values("clock_within", "4-hour")[0] < 1
        True
        """
        return self._add(
            "clock",
            name=name,
            start=start,
            stop=stop,
            pauses=None
            if pauses is None
            else [{"from": plain(a), "to": plain(b)} for a, b in pauses],
            target=target,
            when=when,
            evidence=evidence,
        )

    def published(
        self,
        name: str,
        value: float,
        *,
        metric: str,
        source: str,
        scope: str | None = None,
        per: str | None = None,
        per_scope: str | None = None,
    ) -> Model:
        """Adds a published figure, to lay beside what comes out: see ``Results.published``.

        `metric` and `scope` name the value of the summary that answers to it (the whole system if no
        scope is given); `per` and `per_scope` another by which it is divided, for a ratio.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").published(
        ...     "Occupancy, January 2026", 0.93, metric="occupancy", scope="Ward", source="KH03")
        """
        return self._add(
            "published",
            name=name,
            value=value,
            metric=metric,
            scope=scope,
            per=per,
            per_scope=per_scope,
            source=source,
        )

    def plan(
        self,
        *,
        replications: int | None = None,
        warm_up: Duration | None = None,
        until: Moment | None = None,
        seed: int | None = None,
        census: ClockTime | None = None,
        confidence: float | None = None,
        levels: bool | None = None,
        by_cohort: bool | None = None,
        by_attribute: str | None = None,
        stays: bool | None = None,
        departures: bool | None = None,
        antithetic: bool | None = None,
    ) -> Model:
        """Says how the model is run if the caller of :meth:`run` does not; the arguments are the same.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").plan(replications=50, warm_up="180d", until="1y")
        """
        given = compact(
            replications=replications,
            warm_up=warm_up,
            until=until,
            seed=seed,
            census=census,
            confidence=confidence,
            levels=levels,
            by_cohort=by_cohort,
            by_attribute=by_attribute,
            stays=stays,
            departures=departures,
            antithetic=antithetic,
        )
        self._data["run"] = {**self._data.get("run", {}), **given}
        return self

    def check(self) -> Model:
        """Judges the model, and returns it. Raises :class:`ModelError` with every fault.

        >>> import icsflow as ics
        >>> ics.Model("Nothing").check()
        Traceback (most recent call last):
        ...
        icsflow.errors.ModelError: 1 fault:
          node: found no node; expected at least one node
        """
        self._judged()
        return self

    def run(
        self,
        *,
        replications: int | None = None,
        warm_up: Duration | None = None,
        until: Moment | None = None,
        seed: int | None = None,
        threads: int | None = None,
        census: ClockTime | None = None,
        confidence: float | None = None,
        levels: bool | None = None,
        by_cohort: bool | None = None,
        by_attribute: str | None = None,
        stays: bool | None = None,
        scenario: str | Scenario | None = None,
        departures: bool | None = None,
        antithetic: bool | None = None,
        start_from: Checkpoint | str | os.PathLike[str] | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> Results:
        """Runs the model; what is not given is as the model's plan says, or as in brackets.

        * `replications`: independent repetitions (30);
        * `warm_up`: time simulated before measuring begins (0);
        * `until`: time measured (a year), or the date at which measuring ends;
        * `seed`: seed of all random draws (1); the same seed gives the same results, on any machine;
        * `threads`: how many run at a time (one for each processor); results do not depend on it;
        * `census`: time of day of the daily census (midnight);
        * `confidence`: level of the intervals of the summary (0.95);
        * `levels`: measure the share of time at each number of people (yes);
        * `by_cohort`: tell waits and stays by cohort as well (no);
        * `by_attribute`: tell them by a category or flag as well, by the label that people have when
          they come (none); the column of the tables has its name, and its labels are ``none`` where
          somebody has none, ``no`` and ``yes`` for a flag;
        * `stays`: keep one row for each visit (no);
        * `scenario`: one of the model by its name, or any other, to run instead of the model itself;
        * `departures`: tell departures by weekday and hour, and days after *ready* (no);
        * `antithetic`: replications 2k and 2k + 1 are a pair, the second with every draw of the first
          at the opposite quantile; intervals are then those of the means of pairs, and one without
          its other does not count in them (no);
        * `start_from`: go on from a checkpoint, or from that in a file, by its plan and scenario where
          none are given, instead of from the beginning: see :meth:`checkpoint`;
        * `progress`: True shows a bar; a function is called with (done, all) replications.

        Raises :class:`ModelError` with every fault of the model and the options, :class:`RunError` if
        a replication fails, and :class:`Interrupted`, with the results of the complete replications,
        on Ctrl-C. Other Python threads run meanwhile.

        >>> import icsflow as ics
        >>> m = ics.Model("Clinic").arrivals("Referrals", to="Clinic", rate=8)
        >>> m = m.beds("Clinic", 1, stay=ics.Exponential(0.1))
        >>> r = m.run(replications=4, warm_up="50d", until="200d", seed=1)
        >>> len(r.values("mean_wait", "Clinic"))
        4
        """
        options = compact(
            replications=replications,
            warm_up=warm_up,
            until=until,
            seed=seed,
            census=census,
            confidence=confidence,
            levels=levels,
            by_cohort=by_cohort,
            by_attribute=by_attribute,
            stays=stays,
            departures=departures,
            antithetic=antithetic,
            threads=threads,
            scenario=scenario,
        )
        began = perf_counter()
        with shown(progress) as tell:
            core = taken_up(start_from)
            results = _core.run(self._text(), json.dumps(options), tell, core)
        for told in results.warnings():
            warnings.warn(told, stacklevel=2)
        return Results(results, seconds=perf_counter() - began)

    def checkpoint(
        self,
        at: Moment,
        *,
        replications: int | None = None,
        warm_up: Duration | None = None,
        until: Moment | None = None,
        seed: int | None = None,
        threads: int | None = None,
        census: ClockTime | None = None,
        levels: bool | None = None,
        by_cohort: bool | None = None,
        by_attribute: str | None = None,
        stays: bool | None = None,
        scenario: str | Scenario | None = None,
        departures: bool | None = None,
        antithetic: bool | None = None,
        start_from: Checkpoint | str | os.PathLike[str] | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> Checkpoint:
        """Runs the model up to an instant, and keeps where every replication stands there.

        `at` lies within the run, the time before measuring included: a date, or a length of time after
        the start (``"30d"``) or before it (``"-10d"``). Nothing of that very instant has happened yet.
        The other arguments are those of :meth:`run`.

        A run that starts from the checkpoint gives what a run without a break gives, to the last bit;
        `until` may be later, `replications` fewer. A scenario may start from it whose changes all
        begin there or later, and gives what it gives from the beginning: one warm-up serves many
        what-ifs. The checkpoint can be saved, and be taken up by another process.

        Raises as :meth:`run` does; KeyboardInterrupt on Ctrl-C.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").arrivals("Patients", to="Ward", rate=2)
        >>> m = m.beds("Ward", 12, stay=ics.Exponential("5d"))
        >>> half = m.checkpoint("30d", replications=4, warm_up="200d", until="60d")
        >>> m.run(start_from=half).values("occupied", "Ward") == m.run(
        ...     replications=4, warm_up="200d", until="60d"
        ... ).values("occupied", "Ward")
        True
        >>> more = ics.Scenario("Two more", [ics.change("Ward.beds", add=2, at="30d")])
        >>> m.run(start_from=half, scenario=more).values("mean_wait", "Ward") == m.run(
        ...     scenario=more, replications=4, warm_up="200d", until="60d"
        ... ).values("mean_wait", "Ward")
        True
        """
        options = compact(
            replications=replications,
            warm_up=warm_up,
            until=until,
            seed=seed,
            census=census,
            levels=levels,
            by_cohort=by_cohort,
            by_attribute=by_attribute,
            stays=stays,
            departures=departures,
            antithetic=antithetic,
            threads=threads,
            scenario=scenario,
        )
        core = taken_up(start_from)
        with shown(progress) as tell:
            return Checkpoint(
                _core.checkpoint(
                    self._text(), json.dumps(options), json.dumps(plain(at)), tell, core
                )
            )

    def compare(
        self,
        *scenarios: Scenario | str | Iterable[Scenario | str],
        replications: int | None = None,
        warm_up: Duration | None = None,
        until: Moment | None = None,
        seed: int | None = None,
        threads: int | None = None,
        census: ClockTime | None = None,
        confidence: float | None = None,
        levels: bool | None = None,
        antithetic: bool | None = None,
        start_from: Checkpoint | str | os.PathLike[str] | None = None,
        precision: Precision | None = None,
        folder: str | os.PathLike[str] | None = None,
        executor: Executor | Callable[[], Executor] | None = None,
        progress: bool | Callable[[int, int], object] | None = None,
    ) -> Comparison:
        """Runs scenarios beside the model itself, paired by replication.

        The scenarios are those given, some of the model's by their names, or else all of the
        model's. Further arguments are those of
        :meth:`run`, and:

        * `start_from`: a checkpoint from which all go on, so that one warm-up serves all scenarios:
          their changes begin there or later (see :meth:`checkpoint`);
        * `precision`: stop as soon as an interval is narrow enough; `replications` is then the most;
        * `folder`: keep what is complete in this folder, and go on from what it holds: so a call that
          was cut off goes on where it was. One of another model, other scenarios or another plan is an
          error;
        * `executor`: where blocks of replications run, instead of threads here: any executor of
          `concurrent.futures`, or what Dask gives by ``client.get_executor()``: blocks go out as text
          and come back as values, and Dask itself runs those of a lost worker again. Ray has no such
          executor of its own; one whose `submit` turns the reference of a task into a future will do
          (``ray.remote(f).remote(*args).future()``). What comes out is the same to the last bit. A
          function that makes an executor is called again should all its
          workers be lost; of an executor itself what is lost runs here.

        Raises as :meth:`run` does; :class:`Interrupted` has the comparison of what was complete.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").arrivals("Patients", to="Ward", rate=2)
        >>> m = m.beds("Ward", 12, stay=ics.Exponential(5))
        >>> levers = {"beds": {"12": [], "14": ics.change("Ward.beds", add=2)}}
        >>> c = m.compare(*ics.product(levers), replications=5, until="100d")
        >>> c.scenarios
        ['beds 12', 'beds 14']
        """
        options = compact(
            replications=replications,
            warm_up=warm_up,
            until=until,
            seed=seed,
            census=census,
            confidence=confidence,
            levels=levels,
            antithetic=antithetic,
            threads=threads,
            precision=None if precision is None else wanted(precision),
            folder=folder and os.fspath(folder),
            scenarios=several(scenarios) or None,
        )
        core = taken_up(start_from)
        with shown(progress) as tell:
            if executor is None:
                return Comparison(_core.compare(self._text(), json.dumps(options), tell, core))
            return Comparison(spread(self._text(), options, executor, tell, core))

    @classmethod
    def open(cls, name: str) -> Model:
        """Opens a model that comes with the library, by its name: see :func:`shipped`.

        Raises :class:`ModelError` with the nearest name if there is none of this name.
        """
        return cls.from_json(_core.open_shipped(name))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Model:
        """Reads a model from plain data, as :meth:`to_dict` gives it.

        Raises :class:`ModelError` with every fault.

        >>> import icsflow as ics
        >>> data = ics.Model.open("west-yorkshire").to_dict()
        >>> data["node"] = [n | {"beds": 90} if n["name"] == "A&E, Leeds" else n for n in data["node"]]
        >>> m = ics.Model.from_dict(data)
        """
        return cls.from_json(json.dumps(data))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Model:
        """Reads a model from a file; one whose name ends in ``.json`` as JSON, any other as TOML.

        Raises OSError if the file cannot be read, :class:`ModelError` with every fault of the model
        and, for TOML, the lines on which they stand.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            found = f"a byte {error.object[error.start]:#x} at position {error.start}"
            raise ModelError([Fault(os.fspath(path), None, found, "text in UTF-8", None)]) from None
        return cls.from_json(text) if Path(path).suffix.lower() == ".json" else cls.from_toml(text)

    @classmethod
    def from_toml(cls, text: str) -> Model:
        """Reads a model from TOML text. Raises :class:`ModelError` with every fault and its line."""
        return cls._of(json.loads(_core.from_toml(text)))

    @classmethod
    def from_json(cls, text: str) -> Model:
        """Reads a model from JSON text. Raises :class:`ModelError` with every fault."""
        return cls._of(json.loads(_core.from_json(text)))

    @classmethod
    def _of(cls, data: dict[str, Data]) -> Model:
        model = cls.__new__(cls)
        model._data = data
        return model

    def to_toml(self) -> str:
        """The model as TOML text. Raises :class:`ModelError` with every fault."""
        return _core.to_toml(self._text())

    def to_json(self) -> str:
        """The model as JSON text. Raises :class:`ModelError` with every fault."""
        return _core.from_json(self._text())

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the model to a file, as JSON if its name ends in ``.json``, else as TOML.

        The file is there whole or not at all. Raises :class:`ModelError` with every fault, OSError if
        it cannot be written. Returns the path.
        """
        path = Path(path)
        text = self.to_json() + "\n" if path.suffix.lower() == ".json" else self.to_toml()
        part = path.with_name(f".{path.name}.part")
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path

    def to_dict(self) -> dict[str, Data]:
        """The model as data, as written; a copy."""
        return copy.deepcopy(self._data)

    def copy(self) -> Model:
        """A copy, to be changed apart from this model."""
        return self._of(self.to_dict())

    def changed(self, *what: Change | Scenario | str) -> Model:
        """A model of its own that is this one with changes made, or with those of a scenario.

        The changes hold in the whole run and for everyone; of those from a date on, only changes of
        places can be held by a model. It keeps its scenarios.

        Raises :class:`ModelError` with every fault of the model and of the changes.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").beds("Ward", 22, stay=ics.Exponential("5d"))
        >>> m.changed(ics.change("Ward.stay.mean", multiply=0.8)).to_dict()["node"][0]["stay"]
        {'exponential': {'mean': '4d'}}
        """
        one = what[0] if len(what) == 1 else None
        scenario = one if isinstance(one, Scenario | str) else Scenario("changes", flat(what))
        options = json.dumps(compact(scenario=scenario))
        data = json.loads(_core.changed(self._text(), options))
        if "scenario" in self._data:
            data["scenario"] = copy.deepcopy(self._data["scenario"])
        return self._of(data)

    def content_hash(self, scenario: str | Scenario | None = None) -> str:
        """A hash of what the model says of the system, or of a scenario of it: SHA-256, in 64
        hexadecimal digits.

        It is the same for models that give the same results by the same plan, whichever format they
        came from and whatever was left out for its default: descriptions, evidence, published figures,
        scenarios and the plan do not count, nor does the name of a scenario. The order of what is
        listed counts: routes, destinations, changes.

        Raises :class:`ModelError` with every fault of the model and of the scenario.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").beds("Ward", 22, stay=ics.Exponential(5))
        >>> m.content_hash() == ics.Model.from_toml(m.to_toml()).content_hash()
        True
        >>> m.content_hash(ics.Scenario("Two more", [ics.change("Ward.beds", add=2)]))[:8]
        '2951f1db'
        """
        return _core.content_hash(self._text(), json.dumps(compact(scenario=scenario)))

    def diff(self, other: Model | str | Scenario, second: str | Scenario | None = None) -> Diff:
        """Where another model, or what a scenario makes of this one, differs from it; with a `second`,
        where what that scenario makes of this model differs from what the first makes of it.

        First comes what holds in the whole run, then what differs from a date on: a ramp is told at its
        beginning, with its end. Items of lists are matched by their names, routes by where they are
        from. Descriptions, evidence, published figures, scenarios and plans are passed over.

        Raises :class:`ModelError` with every fault of the models and of the scenarios.

        >>> import icsflow as ics
        >>> m = ics.Model("Ward").beds("Ward", 22, stay=ics.Exponential("5d"))
        >>> m = m.scenario("Two more", ics.change("Ward.beds", add=2))
        >>> m = m.scenario("Shorter", ics.change("Ward.stay.mean", set="4d", at="2024-03-01"))
        >>> m.diff("Two more")[0].words
        'node["Ward"].beds is 24 instead of 22'
        >>> for delta in m.diff("Two more", "Shorter"):
        ...     print(delta)
        node["Ward"].beds is 22 instead of 24
        from 2024-03-01, node["Ward"].stay.exponential.mean is "4d" instead of "5d"
        """
        if isinstance(other, Model):
            if second is not None:
                raise TypeError("diff takes another model, or one or two scenarios of this one")
            return Diff(_core.diff(self._text(), other._text()))
        one, two = (None, other) if second is None else (other, second)
        options = (json.dumps(compact(scenario=scenario)) for scenario in (one, two))
        return Diff(_core.diff_scenarios(self._text(), *options))

    def describe(self) -> str:
        """The model in words: what comes, where it goes, and where the figures are from."""
        return describe(self._shown())

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._data["name"])

    @property
    def start(self) -> str:
        """The date at which measuring begins."""
        return str(self._shown().get("start", ""))

    @property
    def time_unit(self) -> str:
        """The unit of bare lengths of time, of rates and of the results."""
        return str(self._data.get("time_unit", "days"))

    @property
    def nodes(self) -> list[str]:
        """The names of the nodes."""
        return [node["name"] for node in self._data.get("node", ())]

    def _text(self) -> str:
        return json.dumps(self._data)

    def _judged(self) -> dict[str, Data]:
        data: dict[str, Data] = json.loads(_core.from_json(self._text()))
        return data

    def _shown(self) -> dict[str, Data]:
        """In full where the model is sound, else as written."""
        try:
            return self._judged()
        except ModelError:
            return self._data

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model):
            return NotImplemented
        return self._data == other._data or self._shown() == other._shown()

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Callable[[str], Model], tuple[str]]:
        return _unpickled, (self._text(),)

    def __copy__(self) -> Model:
        return self.copy()

    def __deepcopy__(self, _: dict[int, Any]) -> Model:
        return self.copy()

    def __repr__(self) -> str:
        return headline(self._shown())

    def _repr_html_(self) -> str:
        return html(self._shown())


def _unpickled(text: str) -> Model:
    return Model._of(json.loads(text))


def _attribute(value: object) -> Data:
    """A bare distribution is that of a number."""
    if isinstance(value, list | tuple):
        return [_attribute(item) for item in value]
    if isinstance(value, Case):
        then = _attribute(value.then)
        return {"when": value.when, **(then if isinstance(then, dict) else {"number": then})}
    return {"number": plain(value)} if isinstance(value, Distribution) else plain(value)


def _each(values: object, plainly: Callable[[object], Data]) -> Data:
    """The values of a mapping, each made plain; what is no mapping goes on as it is."""
    if isinstance(values, Distribution | ProcessDelay):
        raise TypeError(f'expected values by their names, as {{"transport": …}}, found {values!r}')
    if not isinstance(values, Mapping):
        return plain(values)
    return {name: plainly(value) for name, value in values.items()} or None


def shipped() -> list[str]:
    """The names of the models that come with the library.

    >>> import icsflow as ics
    >>> for name in ics.shipped():
    ...     m = ics.open(name)
    """
    return _core.shipped()


def schema() -> dict[str, Data]:
    """The JSON Schema of model files (draft 2020-12), for editors and other programs.

    >>> import icsflow as ics
    >>> ics.schema()["title"]
    'Model'
    """
    data: dict[str, Data] = json.loads(_core.schema())
    return data
