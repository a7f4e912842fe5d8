"""Parts of a model in words. Works on data, also of a model with faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from icsflow.plain import Data
from icsflow.render import short

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
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


def tables(data: Mapping[str, Data], key: str) -> list[Mapping[str, Any]]:
    """The tables under a key, whatever stands there."""
    found = data.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def table(data: Mapping[str, Data], key: str) -> Mapping[str, Any]:
    """The table under a key, whatever stands there."""
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def unit_of(data: Mapping[str, Data]) -> str:
    """The time unit of a model."""
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


def is_dated(moment: Data) -> bool:
    """Whether an instant is a date or a time of day, not a length of time after the start."""
    return isinstance(moment, str) and (moment.count("-") == 2 or ":" in moment)


def few(items: Sequence[str], most: int = 6) -> str:
    """The first few of many."""
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def known(attributes: Mapping[str, Any]) -> Iterator[str]:
    """What is known of attributes: one value for all, or how often each of those of a list."""
    for name, value in attributes.items():
        if isinstance(value, list):
            each = Counter(plain(item) for item in value)
            yield f"{name}: {few([f'{many} × {item}' for item, many in each.most_common()])}"
        else:
            yield f"{name}: {plain(value)}"


def plain(value: Data) -> str:
    """A value as a file has it: `true`, `3`, `P1`."""
    return str(value).lower() if isinstance(value, bool) else number(value)


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
        parts = tables(given, "of")
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
    to = table(route, key)
    if list(to.values()) in (["rest"], [1], [1.0]):
        return next(iter(to))
    return ", ".join(f"{share(part)} {name}" for name, part in to.items())


def window(data: Mapping[str, Any]) -> str:
    """When people may leave."""
    if "profile" in data:
        return _profile(table(data, "profile"))
    told = [
        f"{item.get('from')} to {item.get('to')}{_on_days(item)}" for item in tables(data, "open")
    ]
    return "; ".join([*told, *map(_session, tables(data, "at"))])


def _on_days(item: Mapping[str, Any]) -> str:
    named = item.get("days")
    return f" on {', '.join(map(str, named))}" if isinstance(named, list) and named else ""


def _session(item: Mapping[str, Any]) -> str:
    """Times of day, on some weekdays."""
    return f"at {', '.join(several(item.get('at')))}{_on_days(item)}"


def _profile(data: Mapping[str, Any]) -> str:
    """An hour profile, by its busiest hour and the chance of each weekday."""
    told = "by an hour profile"
    given, weekdays = data.get("hours"), data.get("weekdays")
    hours = [x for x in given if isinstance(x, int | float)] if isinstance(given, list) else []
    if sum(hours) > 0:
        most = hours.index(max(hours))
        told += f", most from {most:02}:00 to {most + 1:02}:00 ({share(hours[most] / sum(hours))})"
    if weekdays and isinstance(weekdays, list):
        each = (f"{day} {share(part)}" for day, part in zip(_DAYS, weekdays, strict=False))
        told += f"; chance on a day: {', '.join(each)}"
    return told


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
    for change in tables(data, "change_class"):
        after = distribution(change.get("after"), unit)
        yield f"class {change.get('from')} becomes {change.get('to')} after: {after}"
    for review in tables(data, "review"):
        when = f" of those with {review['when']}" if "when" in review else ""
        removed = [f"{share(review['remove'])} are taken off"] if "remove" in review else []
        if "to" in review:
            removed.append(f"to {destinations(review)}")
        changed = [f"class becomes {review['class']}"] if "class" in review else []
        every = quantity(review.get("every"), unit)
        since = f", counted from {quantity(review['at'], unit)}" if "at" in review else ""
        yield f"reviewed every {every}{since}{when}: {', '.join(removed + changed)}"
    for switch in tables(data, "switch"):
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
    found = table(node, "visits").get("per_day", "?") if given else node.get("beds", "?")
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
    rules = table(node, "slots")
    if "per_day" in rules:
        yield f"{rules['per_day']} slots at the end of every day"
    for session in tables(rules, "sessions"):
        begins = session.get("from") or quantity(session.get("at"), unit)
        every = f", one every {quantity(session['every'], unit)}" if "every" in session else ""
        again = f", again every {quantity(session['repeat'], unit)}" if "repeat" in session else ""
        on = _on_days(session)
        many = (
            f"{session['minutes']} minutes"
            if "minutes" in session
            else f"{session.get('slots')} slots"
        )
        yield f"{many} from {begins}{on}{every}{again}"
    for edit in tables(rules, "dates"):
        yield f"slots from {_edit(edit, unit)}"
    if "booking" in rules:
        yield from _booking(table(rules, "booking"), unit)
    for name, carved in table(rules, "carve_out").items():
        if isinstance(carved, dict):
            until = f", until {carved['release']} before it" if "release" in carved else ""
            kept = f"keeps {carved.get('slots')} slots of a session for {name}"
            yield f"{kept}: {carved.get('when')}{until}"
    for key in ("fill", "overrun", "needs"):
        if key in rules:
            rule = rules[key]
            told_of = rule.get("node") if isinstance(rule, dict) else rule
            yield f"{key}: {quantity(told_of, unit) if key == 'overrun' else told_of}{in_case(rule)}"
    for when, words in by_case(rules["estimate"], unit) if "estimate" in rules else ():
        yield f"expected to take: {words}{f' if {when}' if when else ''}"
    for case in _cases(rules, "missed"):
        yield f"{_share_of(case)} of slots are missed{in_case(case)}; {_again(rules, 'if_missed')}"
    if "called_off" in rules:
        off = table(rules, "called_off")
        notice = f", {quantity(off['notice'], unit)} before" if "notice" in off else ""
        yield f"{_share_of(off)} of sessions are called off{notice}"
    for case in _cases(rules, "remote"):
        lasts = f"× {number(case.get('factor', '?'))}" if isinstance(case, dict) else "?"
        yield f"{_share_of(case)} of contacts are remote and last {lasts}{in_case(case)}"


def _booking(rules: Mapping[str, Any], unit: str) -> Iterator[str]:
    """How people are given a slot ahead, a line for each rule."""
    told = [f"{key} {quantity(rules[key], unit)}" for key in ("lead", "horizon") if key in rules]
    if "overbook" in rules:
        told.append(f"{share(rules['overbook'])} of a session booked twice")
    yield ", ".join([f"books the earliest slot{in_case(rules)}", *told])
    for case in _cases(rules, "cancel"):
        back = f"{_share_of(case)} of slots are given back {_after(case, 'notice', unit)} before"
        back += in_case(case)
        yield f"{back}; {_again(rules, 'if_cancelled')}"
    for case in _cases(rules, "follow_up"):
        after = _after(case, "after", unit)
        yield f"{_share_of(case)} of contacts are followed up after {after}{in_case(case)}"


def _after(case: Data, key: str, unit: str) -> str:
    """A length of time within a sentence."""
    drawn = case.get(key) if isinstance(case, dict) else None
    return distribution(drawn, unit).removeprefix("always ")


def _again(rules: Mapping[str, Any], key: str) -> str:
    """What becomes of those who were not seen."""
    if key not in rules:
        return "they go out by missed" if key == "if_missed" else "they are booked again"
    rebooked = rules[key] == "rebook"
    return "they are booked again" if rebooked else f"they go to {destinations(rules, key)}"


def _cases(rules: Mapping[str, Any], key: str) -> list[Any]:
    given = rules.get(key, [])
    return given if isinstance(given, list) else [given]


def _share_of(case: Data) -> str:
    return share(case.get("share", 1) if isinstance(case, dict) else case)


def in_case(case: Data) -> str:
    """` if frail`; nothing if it holds for everyone."""
    return f" if {case['when']}" if isinstance(case, dict) and "when" in case else ""


def together(data: Data) -> str:
    """When people start together."""
    least = [f"as soon as {data['least']} have gathered"] if "least" in data else []
    return ", or ".join([*least, *([window(data)] if "at" in data else [])])


def _edit(edit: Mapping[str, Any], unit: str) -> str:
    """A change at a date: `2026-02-01: add -2 over 14d`."""
    change = ", ".join(f"{key} {edit[key]}" for key in ("to", "add", "times") if key in edit)
    ramp = f" over {quantity(edit['ramp'], unit)}" if "ramp" in edit else ""
    until = f", until {quantity(edit['until'], unit)}" if "until" in edit else ""
    return f"{quantity(edit.get('at'), unit)}: {change}{ramp}{ramp_shape(edit)}{until}"


def capacity(node: Mapping[str, Any], unit: str) -> Iterator[str]:
    """How places come and go, a line for each rule."""
    for name, one in table(node, "caseload").items():
        if isinstance(one, dict):
            units = table(one, "units").get("places") or one.get("units", "?")
            yield f"{name}: {number(units)} units, {number(one.get('each', '?'))} for each person"
            yield from capacity({"beds": one.get("units")}, unit)
    if "together" in node:
        yield f"start together: {together(table(node, 'together'))}"
    beds = table(node, "beds") or table(table(node, "visits"), "per_day")
    for shift in tables(beds, "weekly"):
        yield (
            f"{shift.get('places')} places from {shift.get('from')} to {shift.get('to')}"
            f"{_on_days(shift)}"
        )
    if "cycle" in beds:
        cycle = table(beds, "cycle")
        steps = (
            f"{step.get('places')} from {quantity(step.get('at'), unit)}"
            for step in tables(cycle, "steps")
        )
        yield f"every {quantity(cycle.get('length'), unit)}: {', '.join(steps)}"
    for edit in tables(beds, "dates"):
        yield f"from {_edit(edit, unit)}"
    if "cut" in node:
        how = node["cut"]
        moved = isinstance(how, dict) and f"transfer to {destinations(how, 'transfer')}"
        yield f"when places fall: {moved or how}"
    for cause, outage in table(node, "outage").items():
        if isinstance(outage, dict):
            every, lasts = (distribution(outage.get(key), unit) for key in ("every", "lasts"))
            yield f"{cause}: {outage.get('places', 'all')} fail, in use {every}, out {lasts}"
    for when, words in by_case(node["turnaround"], unit) if "turnaround" in node else ():
        yield f"turnaround: {words}{f' if {when}' if when else ''}"
    if "vacation" in node:
        yield f"idle places are away: {distribution(node['vacation'], unit)}"
    if "admit" in node:
        yield f"admits: {node['admit']}"
    for name, fence in table(node, "ring_fence").items():
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
        told = timetable(table(arrivals, "timetable"), unit)
    elif "replay" in arrivals:
        times = table(arrivals, "replay").get("times")
        at = [quantity(time, unit) for time in times] if isinstance(times, list) else []
        told = f"as recorded: {counted(len(at), 'person', 'people')}, at {few(at, 3)}"
    else:
        told = "never"
    if "batch" in arrivals:
        told += f", in batches ({distribution(arrivals['batch'], '')})"
    cohort = arrivals.get("cohort")
    if isinstance(cohort, dict):
        told += "; " + destinations({"to": cohort})
    elif cohort is not None:
        told += f"; {cohort}"
    if "group" in arrivals:
        told += f"; of {arrivals['group']}"
    return told


def timetable(data: Mapping[str, Any], unit: str) -> str:
    """Set times, the first few of them."""
    given = data.get("times")
    times = given if isinstance(given, list) else []
    once = "after " + few([quantity(time, unit) for time in times]) if times else ""
    weekly = "; ".join(map(_session, tables(data, "weekly")))
    every = f"every week {weekly}" if weekly else ""
    return ", and ".join(filter(None, (once, every))) or "never"


def varying(arrivals: Mapping[str, Any]) -> Iterator[str]:
    """What else is known of arrivals, a line for each.

    How the rate goes by date, who of those who would come does, and of recorded ones where to and
    who they are.
    """
    curve = table(arrivals, "curve")
    if points := tables(curve, "points"):
        how = "straight between" if curve.get("shape") == "linear" else "each until the next"
        told = ", ".join(f"× {number(p.get('factor'))} at {p.get('date')}" for p in points)
        yield f"by date ({how}): {told}"
    if "accept" in arrivals:
        others = destinations(arrivals, "otherwise") if "otherwise" in arrivals else "suppressed"
        yield f"the share who do come: {arrivals['accept']}; the others: {others}"
    replay = table(arrivals, "replay")
    for key in ("to", "cohort"):
        if isinstance(replay.get(key), list):
            yield from known({key: replay[key]})
    yield from known(table(replay, "attributes"))


def counted(n: int, one: str, many: str | None = None) -> str:
    """`1 node`, `2 nodes`."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def attribute(item: Mapping[str, Any]) -> str:
    """How an attribute is drawn."""
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


def several(given: Data) -> list[str]:
    """One name or several."""
    return [str(item) for item in (given if isinstance(given, list) else [given])]


def moment(mark: Data) -> str:
    """A moment in words: *arrive at A&E*."""
    if not isinstance(mark, Mapping):
        return {"arrival": "coming in", "exit": "going out"}.get(str(mark), str(mark))
    return f"{mark.get('on')} at {' or '.join(several(mark.get('at')))}"


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
