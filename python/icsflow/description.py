"""A model in words: all of it, in one line, or as a table for a notebook."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from icsflow.plain import Data
from icsflow.render import Cell, paragraph
from icsflow.render import html as html_table
from icsflow.words import (
    attribute,
    by_case,
    capacity,
    changed,
    coming,
    counted,
    destinations,
    distribution,
    few,
    in_case,
    is_dated,
    known,
    legs,
    moment,
    number,
    places,
    plain,
    quantity,
    queue,
    several,
    share,
    slots,
    table,
    tables,
    unit_of,
    varying,
    visits,
    window,
)

__all__ = ["describe", "headline", "html"]

# What a run tells if it is asked to, by the keys of its plan.
_KEPT = {
    "levels": "time at each level",
    "by_cohort": "by cohort",
    "stays": "every visit",
    "departures": "departures by hour",
}


def headline(data: Mapping[str, Data]) -> str:
    """The model in one line."""
    parts = [
        counted(len(tables(data, "node")), "node"),
        counted(len(tables(data, "arrivals")), "stream of arrivals", "streams of arrivals"),
        counted(len(tables(data, "route")), "route"),
    ]
    start = f"from {data['start']}, " if "start" in data else ""
    return f'Model("{data.get("name")}": {", ".join(parts)}; {start}in {unit_of(data)})'


def _evidence(part: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, source in table(part, "evidence").items():
        yield from _wrap(f"{key}: {source}", f"{indent}· ", indent + "    ")


def _wrap(words: str, first: str, more: str) -> list[str]:
    return textwrap.wrap(
        words, 100, initial_indent=first, subsequent_indent=more, break_long_words=False
    )


def describe(data: Mapping[str, Data]) -> str:
    """The model in words: nodes, places, arrivals, routes, and the sources of the figures (·)."""
    return "\n".join(_described(data))


def _described(data: Mapping[str, Data]) -> Iterator[str]:
    unit = unit_of(data)
    start = f"starts {data['start']}, " if "start" in data else ""
    yield f"{data.get('name')} ({start}counts in {unit})"
    if data.get("description"):
        for line in str(data["description"]).strip().splitlines():
            yield from _wrap(line, "  ", "  ") or [""]
    holidays = table(data, "bank_holidays")
    if isinstance(holidays.get("dates"), list):
        dates = ", ".join(map(str, holidays["dates"]))
        yield from _wrap(f"as on a {holidays.get('like', 'Sun')}: {dates}", "  ", "    ")
    if data.get("exits"):
        yield from _wrap(f"further ways out: {', '.join(several(data['exits']))}", "  ", "    ")
    if data.get("deadlock") == "swap":
        yield "  people who hold the places for which others of them wait exchange them"
    yield from _evidence(data, "  ")
    yield from _section(data, "group", "Groups", _group)
    yield from _section(data, "cohort", "Kinds of patient", _cohort)
    yield from ("", "Who comes")
    for arrivals in tables(data, "arrivals"):
        yield f"  {arrivals.get('name')} → {arrivals.get('to')}"
        for rule in (coming(arrivals, unit), *varying(arrivals)):
            yield from _wrap(rule, "      ", "          ")
        yield from _evidence(arrivals, "      ")
    for people in tables(data, "population"):
        cohort = people.get("cohort")
        of = f"; {destinations(people, 'cohort')}" if cohort else ""
        yield f"  {people.get('name')}: {people.get('size')} people who come again{of}"
        for rule in known(table(people, "attributes")):
            yield from _wrap(rule, "      ", "          ")
        for reason in tables(people, "attends"):
            when = reason.get("hazard") or "; ".join(
                words + (f" if {when}" if when else "")
                for when, words in by_case(reason.get("every"), unit)
            )
            yield f"      to {reason.get('to')}: {when}"
        yield from _evidence(people, "      ")
    yield from _section(data, "census", "Who is there at the start", _census)
    yield from ("", "Where care happens")
    for node in tables(data, "node"):
        yield from _node(node, data)
        yield from _evidence(node, "      ")
    yield from _section(data, "queue", "Lists", _list)
    yield from _section(data, "event", "What happens to people", _event)
    yield from _section(data, "clock", "What is timed", _clock)
    yield from _section(data, "cost", "What it costs", _cost)
    yield from _section(data, "published", "What is published", _published)
    yield from _section(data, "scenario", "What if", _scenario)
    yield from _run(data)


def _section(
    data: Mapping[str, Data],
    key: str,
    title: str,
    tell: Callable[[Mapping[str, Any], Mapping[str, Data]], Iterator[str]],
) -> Iterator[str]:
    """All of one kind under a title, each with its evidence; nothing if there are none."""
    parts = tables(data, key)
    if parts:
        yield from ("", title)
    for part in parts:
        yield from tell(part, data)
        yield from _evidence(part, "      ")


def _census(entry: Mapping[str, Any], data: Mapping[str, Data]) -> Iterator[str]:
    told = []
    awaiting, process = entry.get("awaiting"), entry.get("in_process")
    over = f", awaiting {awaiting}" if awaiting else f", in process: {process}" if process else ""
    waited = _length(entry, "waited")
    if people := entry.get("people") or _length(entry, "spent") or (waited if over else 0):
        told.append(f"{people} in places{over}")
    if waiting := entry.get("queue") or (0 if over else waited):
        told.append(f"{waiting} in the queue")
    cohort = entry.get("cohort")
    if isinstance(cohort, dict):
        cohort = destinations({"to": cohort})
    of = f"; {cohort}" if cohort else ""
    yield f"  {entry.get('node')}: {', '.join(told)}{of}"
    for rule in _so_far(entry, unit_of(data)):
        yield from _wrap(rule, "      ", "          ")


def _so_far(entry: Mapping[str, Any], unit: str) -> Iterator[str]:
    """What is known of those in a census, a line for each."""
    for key, words in (("spent", "in their stay for"), ("waited", "waiting for")):
        passed = entry.get(key)
        if isinstance(passed, list):
            yield f"{words} {few([quantity(time, unit) for time in passed])}"
        elif passed is not None:
            yield f"{words} {distribution(passed, unit)}"
    if "remaining" in entry:
        yield f"the rest of the stay: {entry['remaining']}"
    yield from known(table(entry, "attributes"))


def _length(entry: Mapping[str, Any], key: str) -> int:
    each = entry.get(key)
    return len(each) if isinstance(each, list) else 0


def _group(group: Mapping[str, Any], _: Mapping[str, Data]) -> Iterator[str]:
    told = [str(group[key]) for key in ("kind",) if key in group]
    if "part_of" in group:
        told.append(f"part of {group['part_of']}")
    if "population" in group:
        told.append(f"{number(group['population'])} people")
    yield f"  {group.get('name')}" + (f": {', '.join(told)}" if told else "")


def _cohort(cohort: Mapping[str, Any], _: Mapping[str, Data]) -> Iterator[str]:
    yield f"  {cohort.get('name')}"
    for name, how in table(cohort, "attributes").items():
        for item in how if isinstance(how, list) else [how]:
            if isinstance(item, dict):
                yield f"      {name}: {attribute(item)}{in_case(item)}"


def _node(node: Mapping[str, Any], data: Mapping[str, Data]) -> Iterator[str]:
    unit = unit_of(data)
    limit = places(node) + (
        " of places" if node.get("unlimited") else "" if "visits" in node else " places"
    )
    limit = "slots by calendar" if "slots" in node else limit
    limit = "caseload of a team" if "caseload" in node else limit
    told = [limit, *(str(node[key]) for key in ("sector", "role", "group") if key in node)]
    yield f"  {node.get('name')}: {', '.join(told)}"

    def lines(label: str, told: Sequence[tuple[str, str]]) -> Iterator[str]:
        for i, (when, words) in enumerate(told):
            condition = f" if {when}" if when else (" for others" if i else "")
            yield from _wrap(f"{label}: {words}{condition}", "      ", "          ")

    yield from lines("stays", by_case(node.get("stay"), unit))
    for name, end in table(node, "ends").items():
        if isinstance(end, dict):
            to = f"{name}, to {destinations(end)}" if "to" in end else name
            yield from lines(f"or ends by {to}, after", by_case(end.get("after"), unit))
    for reason, delay in table(node, "process_delay").items():
        yield from lines(f"then {reason}", by_case(delay, unit))
    for key, since in {"after_start": "after the start", "before_end": "before the end"}.items():
        if key in (early := table(node, "referral")):
            place_held = ", a place held" if early.get("hold") else ""
            label = f"referred on{place_held}, {since} of the stay"
            yield from lines(label, by_case(early[key], unit))
    if "leave" in node:
        yield from lines("may leave", [("", window(table(node, "leave")))])
    for rule in visits(table(node, "visits")) if "visits" in node else ():
        yield from _wrap(rule, "      ", "          ")
    if "receive" in node:
        yield from lines("may set out to come here", [("", window(table(node, "receive")))])
    for rule in (*slots(node, unit), *capacity(node, unit)):
        yield from _wrap(rule, "      ", "          ")
    for rule in queue(node["queue"], unit) if "queue" in node else ():
        yield from _wrap(rule, "      ", "          ")
    for item in tables(node, "set"):
        some = f" for {share(item['share'])}" if "share" in item else ""
        to = plain(item.get("to"))
        rule = f"on {item.get('on')}: {item.get('attribute')} becomes {to}{some}{in_case(item)}"
        yield from _wrap(rule, "      ", "          ")
    for death in tables(node, "death"):
        yield from lines(f"may die, from {death.get('on')} on", by_case(death.get("after"), unit))
    if "legs" in node:
        yield from _wrap(legs(node["legs"]), "      ", "          ")
    for again in tables(node, "readmission"):
        when = f" if {again['when']}" if "when" in again else ""
        gap = "; ".join(told for _, told in by_case(again.get("after"), unit))
        to = destinations(again)
        rule = (
            f"of those who go out{when}, {share(again.get('share'))} come again: {to}, after {gap}"
        )
        yield from _wrap(rule, "      ", "          ")
    if "waiting_room" in node:
        yield f"      waiting room: {node['waiting_room']}"
    routes = [route for route in tables(data, "route") if route.get("from") == node.get("name")]
    for route in routes:
        fits = [str(route[key]) for key in ("cohort", "when") if key in route]
        condition = f" if {' and '.join(fits)}" if fits else ""
        yield from _wrap(f"next{condition}: {destinations(route)}", "      ", "          ")
        yield from _evidence(route, "      ")
    if not routes:
        yield "      next: home"
    ways = [way for way in tables(data, "transfer") if way.get("from") == node.get("name")]
    for way in ways:
        held = str(way.get("hold_origin"))
        place = {"True": ", the place held", "until start": ", the place held until the start"}
        yield from lines(
            f"on the way to {way.get('to')}",
            [(when, told + place.get(held, "")) for when, told in by_case(way.get("time"), unit)],
        )
        yield from _evidence(way, "      ")


def _list(waiting: Mapping[str, Any], data: Mapping[str, Data]) -> Iterator[str]:
    served = [n.get("name") for n in tables(data, "node") if n.get("queue") == waiting.get("name")]
    yield f"  {waiting.get('name')}: served by {', '.join(map(str, served))}"
    for rule in queue(waiting, unit_of(data)):
        yield from _wrap(rule, "      ", "          ")


def _event(event: Mapping[str, Any], _: Mapping[str, Data]) -> Iterator[str]:
    every = f", every {event['every']}" if "every" in event else ""
    nodes = ", ".join(several(event.get("nodes")))
    told = [f"if {event['if']}"] if "if" in event else []
    if "state" in event:
        told.append(f"those {' or '.join(several(event['state']))}")
    told += [f"{key} {event[key]}" for key in ("whom", "most", "share") if key in event]
    if "score" in event:
        told.append(f"the highest first of {event['score']}")
    told += [f"{name} becomes {plain(to)}" for name, to in table(event, "set").items()]
    if "to" in event:
        told.append(f"to {destinations(event)}")
    told += [str(event["do"])] if "do" in event else []
    told += [f"closed for {event['close']}"] if "close" in event else []
    words = f"{event.get('name')}: {event.get('at')}{every}, at {nodes}: {'; '.join(told)}"
    yield from _wrap(words, "  ", "      ")


def _clock(clock: Mapping[str, Any], data: Mapping[str, Data]) -> Iterator[str]:
    told = f"from {moment(clock.get('start'))} to {moment(clock.get('stop'))}"
    for pause in tables(clock, "pauses"):
        told += f", without {moment(pause.get('from'))} to {moment(pause.get('to'))}"
    if "when" in clock:
        told += f", if {clock['when']}"
    if "target" in clock:
        given = clock["target"]
        each = given if isinstance(given, list) else [given]
        told += f"; within {', '.join(quantity(target, unit_of(data)) for target in each)}"
    yield from _wrap(f"{clock.get('name')}: {told}", "  ", "      ")


def _cost(cost: Mapping[str, Any], _: Mapping[str, Data]) -> Iterator[str]:
    where = ", ".join(several(cost.get("at")))
    items = {key: price for key, price in cost.items() if key.startswith("per_")}
    told = [f"{price} {key.replace('_', ' ')}" for key, price in items.items()]
    if "fixed" in cost:
        told.append(f"{cost['fixed']} a day, fixed")
    payer = f", paid by {cost['payer']}" if "payer" in cost else ""
    yield from _wrap(f"{cost.get('name')}, at {where}: {'; '.join(told)}{payer}", "  ", "      ")


def _published(figure: Mapping[str, Any], _: Mapping[str, Data]) -> Iterator[str]:
    words = f"{figure.get('name')}: {number(figure.get('value'))} ({figure.get('source')})"
    yield from _wrap(words, "  ", "      ")
    yield from _wrap(f"measured as {_metric(figure)}", "      ", "          ")


def _metric(figure: Mapping[str, Any]) -> str:
    """Which metric of the summary a published figure is: *occupied of G&A per open of G&A*."""
    scope = figure.get("scope", "the whole system")
    told = f"{figure.get('metric')} of {scope}"
    return told + (
        f" per {figure['per']} of {figure.get('per_scope', scope)}" if "per" in figure else ""
    )


def _scenario(scenario: Mapping[str, Any], _: Mapping[str, Data]) -> Iterator[str]:
    yield f"  {scenario.get('name')}"
    for change in tables(scenario, "change"):
        yield from _wrap(changed(change), "      ", "        ")


def _run(data: Mapping[str, Data]) -> Iterator[str]:
    plan = table(data, "run")
    if plan:
        yield from ("", "How it is run")
        until = plan.get("until", "1y")
        yield (
            f"  {plan.get('replications', 30)} replications {'until' if is_dated(until) else 'of'} "
            f"{quantity(until, unit_of(data))} after "
            f"{quantity(plan.get('warm_up', '0d'), unit_of(data))} of warm-up, "
            f"seed {plan.get('seed', 1)}"
        )
        told = [f"census at {plan['census']}"] if "census" in plan else []
        if "confidence" in plan:
            told.append(f"intervals at {share(plan['confidence'])}")
        if plan.get("antithetic"):
            told.append("antithetic pairs")
        kept = [words for key, words in _KEPT.items() if plan.get(key)]
        kept += [f"by {plan['by_attribute']}"] if "by_attribute" in plan else []
        told += [f"also told: {', '.join(kept)}"] if kept else []
        if told:
            yield from _wrap("; ".join(told), "  ", "      ")


def html(data: Mapping[str, Data]) -> str:
    """The model as a compact table of nodes, for a notebook."""
    unit, routes = unit_of(data), tables(data, "route")
    comes: dict[str, list[str]] = {}
    for arrivals in tables(data, "arrivals"):
        told = f"{arrivals.get('name')}: {coming(arrivals, unit)}"
        comes.setdefault(str(arrivals.get("to")), []).append(told)
    rows = []
    for node in tables(data, "node"):
        name = str(node.get("name"))
        stays = [
            f"{words} if {when}" if when else words
            for when, words in by_case(node.get("stay"), unit)
        ]
        delays = [
            f"then {reason}: {words}{f' if {when}' if when else ''}"
            for reason, delay in table(node, "process_delay").items()
            for when, words in by_case(delay, unit)
        ]
        if len(delays) > 3:
            delays = [f"then delays by process, for {len(table(node, 'process_delay'))} reasons"]
        following = []
        for route in routes:
            if route.get("from") == node.get("name"):
                fits = [str(route[key]) for key in ("cohort", "when") if key in route]
                condition = f"if {' and '.join(fits)}: " if fits else ""
                following.append(condition + destinations(route))
        where = ", ".join(str(node[key]) for key in ("sector", "role", "group") if key in node)
        rows.append(
            [
                Cell(name, where),
                Cell(places(node), right=True),
                Cell("\n".join(comes.get(name, []))),
                Cell("\n".join([*stays, *delays])),
                Cell("\n".join(following or ["home"])),
            ]
        )
    head = [
        Cell("node"),
        Cell("places", right=True),
        Cell("arrivals"),
        Cell("length of stay"),
        Cell("next"),
    ]
    start = f"starts {data['start']}, " if "start" in data else ""
    title = paragraph(f"{start}counts in {unit}", strong=str(data.get("name")))
    return title + (html_table(head, rows) if rows else paragraph("no node yet"))
