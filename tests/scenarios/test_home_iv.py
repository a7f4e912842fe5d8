"""Intravenous treatment at home by community nurses, at the size of North West London (catalogue: s15).

Of 202,900 emergency admissions a year (``../shared/mission/figures.md``, section 3) one in thirty needs
a drip and is otherwise fit: assumed, as are stays, visits and the chance that it fails at home. Prices
are those of an acute bed day and of a contact of a district nurse (the same, section 8).
"""

from itertools import pairwise

import icsflow as ics
import pytest

EACH_DAY = 202_900 / 365 / 30
STAY = 5.0
VISITS, DAYS, FAILS = 2, 4, 0.03
"""Visits a day, days at home, and the share for whom it fails on each of them but the last."""
BACK = 1 - (1 - FAILS) ** (DAYS - 1)
PLAN = {"replications": 4, "warm_up": "30d", "until": "360d", "seed": 15}


def system(visits: int | None) -> ics.Results:
    """With so many visits a day for treatment at home; None without any such pathway."""
    m = ics.Model("Home IV", start="2021-12-06")
    m.arrivals("Needs a drip", to="Emergency department", rate=EACH_DAY)
    m.unlimited("Emergency department", stay="3h")
    m.unlimited("Acute", stay=ics.LogNormal(mean=STAY, sd=4))
    m.cost("Bed days", "Acute", payer="Trust", per_day=346)
    if visits is not None:
        # Every night but the last: whoever is worse by the morning goes to hospital.
        worse = ics.DailyHazard([FAILS])
        m.visits(
            "Nurses",
            visits,
            need=VISITS,
            stay=ics.Deterministic(DAYS),
            ends={"failed at home": ics.StayEnd(worse, to="Acute")},
        )
        m.cost("Contacts", "Nurses", payer="Community trust", per_contact=60)
        m.route("Emergency department", "Nurses", when='free("Nurses") > 0')
    m.route("Emergency department", "Acute")
    return m.run(**PLAN)


def mean(r: ics.Results, metric: str, scope: str) -> float:
    values = r.values(metric, scope)
    return sum(values) / len(values)


@pytest.fixture(scope="module")
def by_visits():
    return {visits: system(visits) for visits in (0, 40, 80, 120, 160, 400, 800)}


def test_what_is_saved_saturates(by_visits):
    beds = {visits: mean(r, "occupied", "Acute") for visits, r in by_visits.items()}
    saved = [beds[0] - each for each in beds.values()]
    gains = [b - a for a, b in pairwise(saved)]
    # Each of the first lots of forty visits saves much the same, the last ones less and less.
    assert min(gains[:2]) > 15
    assert gains[3] < gains[1]
    assert gains[4] < 0.5 * gains[1]
    # More than are ever needed save no more, to the last bit.
    assert by_visits[400].values("occupied", "Acute") == by_visits[800].values("occupied", "Acute")
    # With enough, only those are in hospital for whom it failed at home.
    assert beds[0] == pytest.approx(EACH_DAY * STAY, rel=0.03)
    assert beds[800] == pytest.approx(EACH_DAY * BACK * STAY, rel=0.06)
    assert mean(by_visits[800], "visits_utilisation", "Nurses") < 0.25


def test_without_nurses_nothing_is_saved(by_visits):
    without = system(None)
    for metric in ("occupied", "started", "mean_length_of_stay", "cost"):
        assert by_visits[0].values(metric, "Acute") == without.values(metric, "Acute")
    assert mean(by_visits[0], "started", "Nurses") == 0


def test_no_visit_is_made_that_there_is_not(by_visits):
    for visits, r in by_visits.items():
        assert max(r.visits["visits"]) <= visits
        assert max(r.visits["overrun"]) == 0
        ended = {row["end"]: row["share"] for row in r.ends.rows()}
        if visits:
            assert ended["failed at home"] == pytest.approx(BACK, abs=0.02)
            assert mean(r, "visits_per_person", "Nurses") > VISITS * DAYS * (1 - BACK)


def test_it_pays_while_a_day_in_hospital_costs_more_than_the_visits(by_visits):
    """The same people: a bed day is £346, a day of two visits £120."""
    cost = {visits: mean(r, "cost", "Home IV") for visits, r in by_visits.items()}
    assert cost[40] < cost[0]
    assert cost[160] < cost[80] < cost[40]
    bill = 346 * mean(by_visits[80], "occupied", "Acute") + 60 * mean(
        by_visits[80], "visits", "Nurses"
    )
    assert cost[80] == pytest.approx(bill)
