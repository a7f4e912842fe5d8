"""Models in words: nothing that a model says is left out."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import icsflow as ics
import pytest
from icsflow.description import describe, headline, html
from test_model import everything, queues_and_capacity

# The words that neither of the two models of `test_model.py` has.
REST = """
name = "Rest"
start = "2026-01-05"

[[cohort]]
name = "patient"
[cohort.attributes]
frail = { flag = 0.3 }
band = { category = { low = 0.5, high = 0.5 } }

[[arrivals]]
name = "Recorded"
to = "Clinic"
[arrivals.replay]
times = ["2026-01-06", "2026-01-07"]
to = ["Clinic", "Ward"]
cohort = ["patient", "patient"]
[arrivals.replay.attributes]
frail = [true, false]

[[arrivals]]
name = "Referrals"
to = "Clinic"
rate = 2
accept = "if(occupied(\\"Ward\\") > 4, 0.5, 1)"
otherwise = "home"
[arrivals.curve]
shape = "linear"
points = [{ date = "2026-01-05", factor = 1 }, { date = "2026-03-01", factor = 2 }]

[[population]]
name = "Frequent"
size = 20
cohort = "patient"
attributes = { band = "low" }
[[population.attends]]
to = "Ward"
hazard = "0.01 * (1 + frail)"

[[census]]
node = "Ward"
spent = ["2d", "9d"]
remaining = "conditional"
cohort = "patient"
attributes = { frail = [true, false], band = "low" }

[[census]]
node = "Ward"
people = 1
awaiting = "Home care"
waited = { exponential = { mean = 2 } }

[[node]]
name = "Ward"
beds = { places = 8, dates = [{ at = "2026-02-01", add = -2, ramp = "5d", until = "2026-03-01" }] }
stay = { exponential = { mean = 4 } }
set = [{ on = "ready", when = "frail", share = 0.4, attribute = "band", to = "high" }]
death = [{ on = "start", after = [{ when = "frail", exponential = { mean = 30 } }] }]
[node.leave.profile]
hours = [0,0,0,0,0,0,0,0,0,0,1,3,2,0,0,0,0,0,0,0,0,0,0,0]
weekdays = [1, 1, 1, 1, 1, 0.5, 0.4]
[[node.queue.review]]
every = "7d"
at = "2026-01-07"
when = "waited > 3"
remove = 0.2
to = "home"

[[node]]
name = "Home care"
beds = 6
stay = 9

[[node]]
name = "Clinic"
stay = "20min"
[node.slots]
missed = [{ when = "frail", share = 0.1 }]
if_missed = "rebook"
called_off = { share = 0.02, notice = "1d" }
remote = [{ when = "frail", share = 0.3, factor = 0.5 }]
[[node.slots.sessions]]
from = "09:00"
days = ["Mon"]
slots = 12
every = "15min"
[node.slots.booking]
when = "band == \\"low\\""
lead = "1d"
horizon = "6w"
overbook = 0.05
cancel = { share = 0.1, notice = "2d" }
if_cancelled = "home"
follow_up = [{ when = "frail", share = 0.3, after = { deterministic = { value = "14d" } } }]
[node.slots.carve_out.urgent]
slots = 2
when = "frail"
release = "2d"

[[route]]
from = "Ward"
to = { "Home care" = 0.5, home = "rest" }

[[event]]
name = "Mass discharge"
at = "2026-02-01"
nodes = ["Ward"]
state = ["ready"]
score = "frail"
set = { frail = false }
to = "home"

[[published]]
name = "Beds taken"
value = 7
metric = "occupied"
scope = "Ward"
per = "places"
per_scope = "Home care"
source = "a table"

[run]
replications = 4
until = "60d"
census = "08:00"
confidence = 0.9
levels = true
by_attribute = "band"
stays = true
departures = true
antithetic = true
"""


def rest() -> ics.Model:
    """The model above."""
    return ics.Model.from_toml(REST)


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*path, key))
    else:
        yield path


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    return value * 7 + 3 if isinstance(value, int | float) else f"{value} or other"


@pytest.mark.parametrize("model", [everything, queues_and_capacity, rest])
def test_whatever_a_model_says_is_told(model):
    data = json.loads(model().check().to_json())
    told, untold = describe(data), []
    for path in leaves(data):
        changed = copy.deepcopy(data)
        at = changed
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = other(at[path[-1]])
        if describe(changed) == told:
            untold.append(path)
    # Classes are a discipline by themselves, and who has no route goes home.
    understood = [("node", 0, "queue", "discipline"), ("route", 3, "from")]
    assert [path for path in untold if path not in understood] == []


def everywhere(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value, tables and lists included."""
    if path:
        yield path
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from everywhere(value, (*path, key))


@pytest.mark.parametrize("model", [everything, queues_and_capacity, rest])
def test_what_makes_no_sense_is_told_all_the_same(model):
    data = model().to_dict()
    for path in everywhere(data):
        for wrong in (None, 3, "x", [[1]], [{"a": 1}], {"a": [1]}):
            changed = copy.deepcopy(data)
            at = changed
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = wrong
            for tell in (describe, html, headline):
                assert tell(changed), path
