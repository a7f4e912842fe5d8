"""A model in words. Works on the data of a model, also of one with faults."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from icsflow.plain import Data
from icsflow.render import Cell, paragraph, short
from icsflow.render import html as html_table

__all__ = ["describe", "headline", "html"]

_SINGULAR = {"seconds": "second", "minutes": "minute", "hours": "hour", "weeks": "week"}
_TIMES = {
    "mean",
    "sd",
    "median",
    "p95",
    "scale",
    "low",
    "mode",
    "high",
    "value",
    "means",
    "values",
    "from",
}


def _list(data: Mapping[str, Data], key: str) -> list[Mapping[str, Any]]:
    """The tables under a key, whatever stands there."""
    found = data.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _dict(data: Mapping[str, Data], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def _unit(data: Mapping[str, Data]) -> str:
    return str(data.get("time_unit", "days"))


def _per(unit: str) -> str:
    return f"per {_SINGULAR.get(unit, 'day')}"


def number(value: Data) -> str:
    """A number as people write it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return short(float(value))


def quantity(value: Data, unit: str) -> str:
    """A length of time: a bare number gets the model's unit."""
    if isinstance(value, list):
        if len(value) > 4:
            return f"{len(value)} values"
        return " / ".join(quantity(item, unit) for item in value)
    bare = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{number(value)} {unit}".strip() if bare else str(value)


def distribution(data: Data, unit: str) -> str:
    """A distribution: `lognormal, mean 6.9 days, sd 8 days`."""
    if not isinstance(data, dict):
        return quantity(data, unit)
    family = next((key for key in data if key not in ("when", "share", "weight")), "")
    given = data.get(family)
    if not isinstance(given, dict):
        return quantity(given, unit)
    if family == "deterministic":
        return f"always {quantity(given.get('value'), unit)}"
    if family == "mixture":
        parts = _list(given, "of")
        told = (f"{number(part.get('weight'))} × ({distribution(part, unit)})" for part in parts)
        return "mixture of " + " + ".join(told)

    def parameter(key: str, value: Data) -> str:
        if key == "quantiles" and isinstance(value, list):
            return ", ".join(
                f"p{number(100 * point[0])} {quantity(point[1], unit)}"
                for point in value
                if isinstance(point, list) and len(point) == 2 and isinstance(point[0], int | float)
            )
        if key in _TIMES:
            return f"{key} {quantity(value, unit)}"
        if key in ("rate", "rates"):
            return f"{key} {quantity(value, '').strip()} {_per(unit)}"
        return f"{key} {quantity(value, '')}"

    named = family.replace("_", " ")
    return ", ".join([named, *(parameter(key, value) for key, value in given.items())])


def by_case(data: Data, unit: str) -> list[tuple[str, str]]:
    """Conditions and what then holds; no condition for everyone (else)."""
    items = data if isinstance(data, list) else [data]
    told = []
    for item in items:
        when = str(item.get("when", "")) if isinstance(item, dict) else ""
        words = distribution(item, unit)
        if isinstance(item, dict) and "share" in item:
            words = f"{share(item['share'])} of people, {words}"
        told.append((when, words))
    return told


def share(value: Data) -> str:
    """A share in per cent."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{short(100 * value)}%"
    return "the rest" if value == "rest" else str(value)


def destinations(route: Mapping[str, Any], key: str = "to") -> str:
    """`9% Home care, the rest home`."""
    if isinstance(route.get(key), str):
        return str(route[key])
    if isinstance(route.get(key), list):
        return f"{', '.join(map(str, route[key]))} ({route.get('choose', '?')})"
    to = _dict(route, key)
    if list(to.values()) in (["rest"], [1], [1.0]):
        return next(iter(to))
    return ", ".join(f"{share(part)} {name}" for name, part in to.items())


def window(data: Mapping[str, Any]) -> str:
    """When people may leave."""

    def days(item: Mapping[str, Any]) -> str:
        named = item.get("days")
        return f" on {', '.join(map(str, named))}" if isinstance(named, list) and named else ""

    if "profile" in data:
        weekdays = _dict(data, "profile").get("weekdays")
        return "by an hour profile" + (" with weekday shares" if weekdays else "")
    told = [f"{item.get('from')} to {item.get('to')}{days(item)}" for item in _list(data, "open")]
    for item in _list(data, "at"):
        times = item.get("at")
        told.append(f"at {', '.join(map(str, times or []))}{days(item)}")
    return "; ".join(told)


_ORDERS = {"first come": "first come, first served", "last come": "last come, first served"}


def queue(data: Data, unit: str) -> Iterator[str]:
    """How people wait, a line for each rule."""
    if not isinstance(data, dict):
        yield f"waits: in the list {data}"
        return
    classes, order = data.get("classes"), str(data.get("discipline", "first come"))
    if isinstance(classes, list) and classes:
        told = f"by class: {'; '.join(map(str, classes))}; then the others"
    elif "score" in data:
        told = f"the highest first of {data['score']}"
    else:
        told = _ORDERS.get(order, order)
    if data.get("limit") not in (None, "unlimited"):
        others = f"go to {destinations(data, 'if_full')}" if "if_full" in data else "are lost"
        told += f", at most {data['limit']} wait, others {others}"
    yield f"waits: {told}"
    for when, words in by_case(data["patience"], unit) if "patience" in data else ():
        to = f", then {destinations(data, 'renege')}" if "renege" in data else ""
        yield f"gives up after: {words}{f' if {when}' if when else ''}{to}"
    balk = data.get("balk")
    for item in balk if isinstance(balk, list) else [] if balk is None else [balk]:
        condition = item.get("when") if isinstance(item, dict) else item
        part = f"{share(item['share'])} " if isinstance(item, dict) and "share" in item else ""
        to = f", to {destinations(data, 'balk_to')}" if "balk_to" in data else ""
        yield f"{part}turn away if {condition}{to}"
    for change in _list(data, "change_class"):
        after = distribution(change.get("after"), unit)
        yield f"class {change.get('from')} becomes {change.get('to')} after: {after}"
    for review in _list(data, "review"):
        when = f" of those with {review['when']}" if "when" in review else ""
        removed = [f"{share(review['remove'])} are taken off"] if "remove" in review else []
        if "to" in review:
            removed.append(f"to {destinations(review)}")
        changed = [f"class becomes {review['class']}"] if "class" in review else []
        every = quantity(review.get("every"), unit)
        yield f"reviewed every {every}{when}: {', '.join(removed + changed)}"
    for switch in _list(data, "switch"):
        yield f"goes over to {switch.get('to')} if {switch.get('when')}"
    if "preempt" in data:
        how = data["preempt"]
        displaced = isinstance(how, dict) and f"displace to {destinations(how, 'displace')}"
        yield f"preempts: {displaced or how}"


def places(node: Mapping[str, Any]) -> str:
    """How many places."""
    if node.get("unlimited"):
        return "no limit"
    if "slots" in node:
        return "slots"
    if "caseload" in node:
        return "caseload"
    given = "visits" in node
    found = _dict(node, "visits").get("per_day", "?") if given else node.get("beds", "?")
    told = number(found.get("places", "?") if isinstance(found, dict) else found)
    return f"{told} visits a day" if given else told


def needed(data: Data) -> str:
    """What somebody needs on each day of a stay."""
    if not isinstance(data, dict):
        return f"{number(data)} a day"
    if "first" in data:
        return f"{number(data['first'])} a day falling to {number(data.get('last', '?'))}"
    for key, words in (("visits", "a day"), ("days", "day by day"), ("points", "over the stay")):
        if key in data:
            found = data[key]
            listed = found if isinstance(found, list) else [found]
            return f"{', '.join(map(number, listed))} {words}"
    return "?"


def visits(data: Mapping[str, Any]) -> Iterator[str]:
    """How visits are shared, a line for each rule."""
    need = data.get("need")
    for case in need if isinstance(need, list) else [need]:
        when = case.get("when") if isinstance(case, dict) else None
        yield f"needs {needed(case)}{f' if {when}' if when else ''}"
    rule = "whole visits, " if data.get("whole") else ""
    if data.get("mode", "book") == "book":
        yield f"{rule}booked on joining"
    else:
        yield f"{rule}given in line, {data.get('scan', 'first fit')}"


def slots(node: Mapping[str, Any], unit: str) -> Iterator[str]:
    """When there are slots, and who has them, a line for each rule."""
    rules = _dict(node, "slots")
    if "per_day" in rules:
        yield f"{rules['per_day']} slots at the end of every day"
    for session in _list(rules, "sessions"):
        begins = session.get("from") or quantity(session.get("at"), unit)
        every = f", one every {quantity(session['every'], unit)}" if "every" in session else ""
        again = f", again every {quantity(session['repeat'], unit)}" if "repeat" in session else ""
        days = session.get("days")
        on = f" on {', '.join(map(str, days))}" if isinstance(days, list) and days else ""
        many = (
            f"{session['minutes']} minutes"
            if "minutes" in session
            else f"{session.get('slots')} slots"
        )
        yield f"{many} from {begins}{on}{every}{again}"
    for edit in _list(rules, "dates"):
        change = ", ".join(f"{key} {edit[key]}" for key in ("to", "add", "times") if key in edit)
        yield f"slots from {quantity(edit.get('at'), unit)}: {change}"
    if "booking" in rules:
        booking = _dict(rules, "booking")
        told = (
            f"{key} {quantity(booking[key], unit)}" for key in ("lead", "horizon") if key in booking
        )
        others = (key.replace("_", " ") for key in booking if key not in ("lead", "horizon"))
        yield ", ".join(["books the earliest slot", *told, *others])
    for name, carved in _dict(rules, "carve_out").items():
        if isinstance(carved, dict):
            yield f"keeps {carved.get('slots')} slots of a session for {name}: {carved.get('when')}"
    for key in ("fill", "overrun", "needs"):
        if key in rules:
            told_of = rules[key].get("node") if isinstance(rules[key], dict) else rules[key]
            yield f"{key}: {quantity(told_of, unit) if key == 'overrun' else told_of}"
    also = ("missed", "called_off", "remote")
    if possible := ", ".join(key.replace("_", " ") for key in also if key in rules):
        yield f"slots may be {possible}"


def together(data: Data) -> str:
    """When people start together."""
    least = [f"as soon as {data['least']} have gathered"] if "least" in data else []
    return ", or ".join([*least, *([window(data)] if "at" in data else [])])


def capacity(node: Mapping[str, Any], unit: str) -> Iterator[str]:
    """How places come and go, a line for each rule."""
    for name, one in _dict(node, "caseload").items():
        if isinstance(one, dict):
            units = _dict(one, "units").get("places") or one.get("units", "?")
            yield f"{name}: {number(units)} units, {number(one.get('each', '?'))} for each person"
            yield from capacity({"beds": one.get("units")}, unit)
    if "together" in node:
        yield f"start together: {together(_dict(node, 'together'))}"
    beds = _dict(node, "beds") or _dict(_dict(node, "visits"), "per_day")
    for shift in _list(beds, "weekly"):
        days = shift.get("days")
        on = f" on {', '.join(map(str, days))}" if isinstance(days, list) and days else ""
        yield f"{shift.get('places')} places from {shift.get('from')} to {shift.get('to')}{on}"
    if "cycle" in beds:
        cycle = _dict(beds, "cycle")
        steps = (
            f"{step.get('places')} from {quantity(step.get('at'), unit)}"
            for step in _list(cycle, "steps")
        )
        yield f"every {quantity(cycle.get('length'), unit)}: {', '.join(steps)}"
    for edit in _list(beds, "dates"):
        change = ", ".join(f"{key} {edit[key]}" for key in ("to", "add", "times") if key in edit)
        ramp = f" over {quantity(edit['ramp'], unit)}" if "ramp" in edit else ""
        yield f"from {quantity(edit.get('at'), unit)}: {change}{ramp}{ramp_shape(edit)}"
    if "cut" in node:
        how = node["cut"]
        moved = isinstance(how, dict) and f"transfer to {destinations(how, 'transfer')}"
        yield f"when places fall: {moved or how}"
    for cause, outage in _dict(node, "outage").items():
        if isinstance(outage, dict):
            every, lasts = (distribution(outage.get(key), unit) for key in ("every", "lasts"))
            yield f"{cause}: {outage.get('places', 'all')} fail, in use {every}, out {lasts}"
    for when, words in by_case(node["turnaround"], unit) if "turnaround" in node else ():
        yield f"turnaround: {words}{f' if {when}' if when else ''}"
    if "vacation" in node:
        yield f"idle places are away: {distribution(node['vacation'], unit)}"
    if "admit" in node:
        yield f"admits: {node['admit']}"
    for name, fence in _dict(node, "ring_fence").items():
        if isinstance(fence, dict):
            yield f"{fence.get('places')} places kept for {name}: {fence.get('when')}"
    if "corridor" in node:
        yield f"corridor: {node['corridor']} places"


def coming(arrivals: Mapping[str, Any], unit: str) -> str:
    """When people come."""
    if "rate" in arrivals:
        rate = arrivals["rate"]
        profiles = [key for key in ("weekly", "hourly") if isinstance(arrivals.get(key), list)]
        if isinstance(rate, int | float):
            for key in profiles:
                factors = [x for x in arrivals[key] if isinstance(x, int | float)]
                rate *= sum(factors) / len(factors) if factors else 1
        names = {"weekly": "weekday", "hourly": "hour"}
        varied = [names[key] for key in profiles] + (["date"] if "curve" in arrivals else [])
        how = f", Poisson, by {' and '.join(varied)}" if varied else ", Poisson"
        told = f"{number(rate)} {_per(unit)}{how}"
    elif "interarrival" in arrivals:
        told = f"one after another, {distribution(arrivals['interarrival'], unit)}"
    elif "timetable" in arrivals:
        told = "at set times"
    else:
        told = "never"
    if "batch" in arrivals:
        told += f", in batches ({distribution(arrivals['batch'], '')})"
    cohort = arrivals.get("cohort")
    if isinstance(cohort, dict):
        told += "; " + destinations({"to": cohort})
    elif cohort is not None:
        told += f"; {cohort}"
    return told


def counted(n: int, one: str, many: str | None = None) -> str:
    """`1 node`, `2 nodes`."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def headline(data: Mapping[str, Data]) -> str:
    """The model in one line."""
    parts = [
        counted(len(_list(data, "node")), "node"),
        counted(len(_list(data, "arrivals")), "stream of arrivals", "streams of arrivals"),
        counted(len(_list(data, "route")), "route"),
    ]
    start = f"from {data['start']}, " if "start" in data else ""
    return f'Model("{data.get("name")}": {", ".join(parts)}; {start}in {_unit(data)})'


def _evidence(part: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, source in _dict(part, "evidence").items():
        yield from _wrap(f"{key}: {source}", f"{indent}· ", indent + "    ")


def _wrap(words: str, first: str, more: str) -> list[str]:
    return textwrap.wrap(
        words, 100, initial_indent=first, subsequent_indent=more, break_long_words=False
    )


def describe(data: Mapping[str, Data]) -> str:
    """The model in words: nodes, places, arrivals, routes, and the sources of the figures (·)."""
    return "\n".join(_described(data))


def _described(data: Mapping[str, Data]) -> Iterator[str]:
    unit = _unit(data)
    start = f"starts {data['start']}, " if "start" in data else ""
    yield f"{data.get('name')} ({start}counts in {unit})"
    if data.get("description"):
        for line in str(data["description"]).strip().splitlines():
            yield from _wrap(line, "  ", "  ") or [""]
    holidays = _dict(data, "bank_holidays")
    if isinstance(holidays.get("dates"), list):
        dates = ", ".join(map(str, holidays["dates"]))
        yield from _wrap(f"as on a {holidays.get('like', 'Sun')}: {dates}", "  ", "    ")
    if data.get("exits"):
        yield from _wrap(f"further ways out: {', '.join(data['exits'])}", "  ", "    ")
    if data.get("deadlock") == "swap":
        yield "  people who hold the places for which others of them wait exchange them"
    yield from _evidence(data, "  ")
    yield from _groups(data)
    yield from _cohorts(data)
    yield from ("", "Who comes")
    for arrivals in _list(data, "arrivals"):
        yield f"  {arrivals.get('name')} → {arrivals.get('to')}"
        yield f"      {coming(arrivals, unit)}"
        yield from _evidence(arrivals, "      ")
    for people in _list(data, "population"):
        yield f"  {people.get('name')}: {people.get('size')} people who come again"
        for reason in _list(people, "attends"):
            when = reason.get("hazard") or "; ".join(
                words + (f" if {when}" if when else "")
                for when, words in by_case(reason.get("every"), unit)
            )
            yield f"      to {reason.get('to')}: {when}"
        yield from _evidence(people, "      ")
    yield from _census(data)
    yield from ("", "Where care happens")
    for node in _list(data, "node"):
        yield from _node(node, data)
    yield from _lists(data)
    yield from _events(data)
    yield from _clocks(data)
    yield from _costs(data)
    yield from _published(data)
    yield from _scenarios(data)
    yield from _run(data)


def _census(data: Mapping[str, Data]) -> Iterator[str]:
    census = _list(data, "census")
    if census:
        yield from ("", "Who is there at the start")
    for entry in census:
        told = []
        awaiting, process = entry.get("awaiting"), entry.get("in_process")
        over = (
            f", awaiting {awaiting}" if awaiting else f", in process: {process}" if process else ""
        )
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
        yield from _evidence(entry, "      ")


def _length(entry: Mapping[str, Any], key: str) -> int:
    each = entry.get(key)
    return len(each) if isinstance(each, list) else 0


def _groups(data: Mapping[str, Data]) -> Iterator[str]:
    groups = _list(data, "group")
    if groups:
        yield from ("", "Groups")
    for group in groups:
        told = [str(group[key]) for key in ("kind",) if key in group]
        if "part_of" in group:
            told.append(f"part of {group['part_of']}")
        if "population" in group:
            told.append(f"{number(group['population'])} people")
        yield f"  {group.get('name')}" + (f": {', '.join(told)}" if told else "")
        yield from _evidence(group, "      ")


def _cohorts(data: Mapping[str, Data]) -> Iterator[str]:
    cohorts = _list(data, "cohort")
    if cohorts:
        yield from ("", "Kinds of patient")
    for cohort in cohorts:
        yield f"  {cohort.get('name')}"
        for name, how in _dict(cohort, "attributes").items():
            for item in how if isinstance(how, list) else [how]:
                if isinstance(item, dict):
                    when = f" if {item['when']}" if "when" in item else ""
                    yield f"      {name}: {_attribute(item)}{when}"
        yield from _evidence(cohort, "      ")


def _attribute(item: Mapping[str, Any]) -> str:
    if "flag" in item:
        return f"true for {share(item['flag'])}"
    if "category" in item:
        return destinations({"to": item["category"]})
    return distribution(item.get("number"), "")


def legs(given: Data) -> str:
    """What is done elsewhere during a stay, in words."""
    how = given if isinstance(given, dict) else {"to": given}
    to = []
    for leg in how["to"] if isinstance(how.get("to"), list) else []:
        known = leg if isinstance(leg, dict) else {"node": leg}
        when = f" if {known['when']}" if "when" in known else ""
        some = f" for {share(known['share'])}" if "share" in known else ""
        to.append(f"{known.get('node')}{when}{some}")
    order = how.get("order", "together")
    turn = {
        "together": "at once",
        "as listed": "in this order",
        "shortest queue": "shortest queue first",
    }
    join = how.get("join", "all")
    others = ", the others go on" if how.get("others") == "go on" else ""
    ends = ", or until one fails" if how.get("failed") == "ends" else ""
    until = f"until {join} {'is' if join in ('any', 1) else 'are'} over{others}{ends}"
    return f"during the stay, {turn.get(order, order)}: {', '.join(to)}; {until}"


def _node(node: Mapping[str, Any], data: Mapping[str, Data]) -> Iterator[str]:
    unit = _unit(data)
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
    for name, end in _dict(node, "ends").items():
        if isinstance(end, dict):
            to = f"{name}, to {destinations(end)}" if "to" in end else name
            yield from lines(f"or ends by {to}, after", by_case(end.get("after"), unit))
    for reason, delay in _dict(node, "process_delay").items():
        yield from lines(f"then {reason}", by_case(delay, unit))
    for key, since in {"after_start": "after the start", "before_end": "before the end"}.items():
        if key in (early := _dict(node, "referral")):
            place_held = ", a place held" if early.get("hold") else ""
            label = f"referred on{place_held}, {since} of the stay"
            yield from lines(label, by_case(early[key], unit))
    if "leave" in node:
        yield f"      may leave: {window(_dict(node, 'leave'))}"
    for rule in visits(_dict(node, "visits")) if "visits" in node else ():
        yield from _wrap(rule, "      ", "          ")
    if "receive" in node:
        yield f"      may set out to come here: {window(_dict(node, 'receive'))}"
    for rule in (*slots(node, unit), *capacity(node, unit)):
        yield from _wrap(rule, "      ", "          ")
    for rule in queue(node["queue"], unit) if "queue" in node else ():
        yield from _wrap(rule, "      ", "          ")
    if "legs" in node:
        yield from _wrap(legs(node["legs"]), "      ", "          ")
    for again in _list(node, "readmission"):
        when = f" if {again['when']}" if "when" in again else ""
        gap = "; ".join(told for _, told in by_case(again.get("after"), unit))
        to = destinations(again)
        rule = (
            f"of those who go out{when}, {share(again.get('share'))} come again: {to}, after {gap}"
        )
        yield from _wrap(rule, "      ", "          ")
    if "waiting_room" in node:
        yield f"      waiting room: {node['waiting_room']}"
    routes = [route for route in _list(data, "route") if route.get("from") == node.get("name")]
    for route in routes:
        fits = [str(route[key]) for key in ("cohort", "when") if key in route]
        condition = f" if {' and '.join(fits)}" if fits else ""
        yield from _wrap(f"next{condition}: {destinations(route)}", "      ", "          ")
        yield from _evidence(route, "      ")
    if not routes:
        yield "      next: home"
    ways = [way for way in _list(data, "transfer") if way.get("from") == node.get("name")]
    for way in ways:
        held = way.get("hold_origin")
        place = {True: ", the place held", "until start": ", the place held until the start"}
        yield from lines(
            f"on the way to {way.get('to')}",
            [(when, told + place.get(held, "")) for when, told in by_case(way.get("time"), unit)],
        )
        yield from _evidence(way, "      ")
    yield from _evidence(node, "      ")


def _lists(data: Mapping[str, Data]) -> Iterator[str]:
    lists = _list(data, "queue")
    if lists:
        yield from ("", "Lists")
    for waiting in lists:
        served = [
            n.get("name") for n in _list(data, "node") if n.get("queue") == waiting.get("name")
        ]
        yield f"  {waiting.get('name')}: served by {', '.join(map(str, served))}"
        for rule in queue(waiting, _unit(data)):
            yield from _wrap(rule, "      ", "          ")
        yield from _evidence(waiting, "      ")


def _events(data: Mapping[str, Data]) -> Iterator[str]:
    events = _list(data, "event")
    if events:
        yield from ("", "What happens to people")
    for event in events:
        every = f", every {event['every']}" if "every" in event else ""
        nodes = ", ".join(map(str, event.get("nodes", [])))
        told = [f"{key} {event[key]}" for key in ("if", "whom", "most", "share") if key in event]
        if "to" in event:
            told.append(f"to {destinations(event)}")
        told += [str(event["do"])] if "do" in event else []
        told += [f"closed for {event['close']}"] if "close" in event else []
        words = f"{event.get('name')}: {event.get('at')}{every}, at {nodes}: {'; '.join(told)}"
        yield from _wrap(words, "  ", "      ")


def _clocks(data: Mapping[str, Data]) -> Iterator[str]:
    clocks = _list(data, "clock")
    if clocks:
        yield from ("", "What is timed")
    for clock in clocks:
        told = f"from {_moment(clock.get('start'))} to {_moment(clock.get('stop'))}"
        for pause in clock.get("pauses", []):
            told += f", without {_moment(pause.get('from'))} to {_moment(pause.get('to'))}"
        if "when" in clock:
            told += f", if {clock['when']}"
        if "target" in clock:
            target = clock["target"]
            several = target if isinstance(target, list) else [target]
            told += f"; within {', '.join(quantity(each, _unit(data)) for each in several)}"
        yield from _wrap(f"{clock.get('name')}: {told}", "  ", "      ")
        yield from _evidence(clock, "      ")


def _costs(data: Mapping[str, Data]) -> Iterator[str]:
    costs = _list(data, "cost")
    if costs:
        yield from ("", "What it costs")
    for cost in costs:
        at = cost.get("at")
        where = ", ".join(at) if isinstance(at, list) else str(at)
        items = {key: price for key, price in cost.items() if key.startswith("per_")}
        told = [f"{price} {key.replace('_', ' ')}" for key, price in items.items()]
        if "fixed" in cost:
            told.append(f"{cost['fixed']} a day, fixed")
        payer = f", paid by {cost['payer']}" if "payer" in cost else ""
        yield from _wrap(
            f"{cost.get('name')}, at {where}: {'; '.join(told)}{payer}", "  ", "      "
        )
        yield from _evidence(cost, "      ")


def _moment(mark: Data) -> str:
    """A moment in words: *arrive at A&E*."""
    if not isinstance(mark, Mapping):
        return {"arrival": "coming in", "exit": "going out"}.get(mark, str(mark))
    at = mark.get("at")
    return f"{mark.get('on')} at {' or '.join(at) if isinstance(at, list) else at}"


def _published(data: Mapping[str, Data]) -> Iterator[str]:
    published = _list(data, "published")
    if published:
        yield from ("", "What is published")
    for figure in published:
        words = f"{figure.get('name')}: {number(figure.get('value'))} ({figure.get('source')})"
        yield from _wrap(words, "  ", "      ")


def _scenarios(data: Mapping[str, Data]) -> Iterator[str]:
    scenarios = _list(data, "scenario")
    if scenarios:
        yield from ("", "What if")
    for scenario in scenarios:
        yield f"  {scenario.get('name')}"
        for change in _list(scenario, "change"):
            yield from _wrap(changed(change), "      ", "        ")


def ramp_shape(change: Mapping[str, Data]) -> str:
    """How a change goes on during its ramp: ` in 4 steps`; nothing if that is not said."""
    shape = change.get("shape")
    if isinstance(shape, dict):
        return f" in {shape.get('steps', '?')} steps"
    told = {"linear": " in a straight line", "s-curve": " in an S-curve"}
    return told.get(str(shape), "")


def changed(change: Mapping[str, Data]) -> str:
    """A change in words: `Home care (P1).beds + 20 from 2026-03-01 over 4w`."""
    told = str(change.get("path"))
    for key, words in (
        ("set", " = {}"),
        ("add", " + {}"),
        ("multiply", " × {}"),
        ("convert", ": {}"),
        ("into", " into {}"),
        ("ratio", ", {} for each"),
        ("at", " from {}"),
        ("ramp", " over {}"),
        ("until", " until {}"),
        ("where", ", only where {}"),
        ("to", ", who come to {} instead"),
    ):
        value = change.get(key)
        if value is not None:
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            told += words.format(shown)
        if key == "ramp":
            told += ramp_shape(change)
    return told.replace("+ -", "− ")


def _run(data: Mapping[str, Data]) -> Iterator[str]:
    plan = _dict(data, "run")
    if plan:
        yield from ("", "How it is run")
        yield (
            f"  {plan.get('replications', 30)} replications of "
            f"{quantity(plan.get('until', '1y'), _unit(data))} after "
            f"{quantity(plan.get('warm_up', '0d'), _unit(data))} of warm-up, "
            f"seed {plan.get('seed', 1)}"
        )


def html(data: Mapping[str, Data]) -> str:
    """The model as a compact table of nodes, for a notebook."""
    unit, routes = _unit(data), _list(data, "route")
    comes: dict[str, list[str]] = {}
    for arrivals in _list(data, "arrivals"):
        told = f"{arrivals.get('name')}: {coming(arrivals, unit)}"
        comes.setdefault(str(arrivals.get("to")), []).append(told)
    rows = []
    for node in _list(data, "node"):
        name = str(node.get("name"))
        stays = [
            f"{words} if {when}" if when else words
            for when, words in by_case(node.get("stay"), unit)
        ]
        delays = [
            f"then {reason}: {words}{f' if {when}' if when else ''}"
            for reason, delay in _dict(node, "process_delay").items()
            for when, words in by_case(delay, unit)
        ]
        if len(delays) > 3:
            delays = [f"then delays by process, for {len(_dict(node, 'process_delay'))} reasons"]
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
