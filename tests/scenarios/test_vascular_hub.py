"""A vascular network: operations at one centre, recovery at the site that people come from.

Five sites diagnose. In the old way each operates too, in beds of its own; in the network all go to the
centre, which has as many beds as the five together, and are repatriated when a bed at home is free.
"""

from __future__ import annotations

import icsflow as ics
import pytest

SITES = ["Centre's own", "Hub North", "Hub East", "Hub South", "Hub West"]
# Operations a day at each, beds for them, beds for recovery: assumed. Length of stay after a vascular
# operation, a non-elective one: gamma, mean 8.9 days (../shared/mission/figures.md, [5]).
RATE, BEDS, RECOVERY = 0.42, 5, 7
STAY = ics.Gamma(shape=0.572, rate=0.0642)
REPATRIATED = 0.6


def vascular(*, network: bool, recovery: int = RECOVERY) -> ics.Model:
    m = ics.Model("Vascular network", start="2026-01-05", time_unit="days")
    m.group("Herts and West Essex", kind="system")
    if network:
        beds = BEDS * len(SITES)
        m.beds("Centre", beds, stay=STAY, sector="surgery", group="Herts and West Essex")
    for site in SITES:
        m.group(site, kind="site", part_of="Herts and West Essex")
        m.cohort(site)
        m.arrivals(f"To {site}", to=f"Diagnosis, {site}", rate=RATE, cohort=site)
        m.unlimited(f"Diagnosis, {site}", stay=ics.Exponential("8h"), group=site)
        surgery = "Centre" if network else f"Surgery, {site}"
        if not network:
            m.beds(surgery, BEDS, stay=STAY, sector="surgery", group=site)
        m.route(f"Diagnosis, {site}", surgery)
        m.beds(
            f"Recovery, {site}",
            recovery,
            stay=ics.LogNormal(mean="14d", sd="9d"),
            sector="recovery",
            group=site,
            receive=ics.Open("09:00", "18:00"),
        )
        back = {f"Recovery, {site}": REPATRIATED, ics.HOME: None}
        m.route(surgery, back, cohort=site)
        if network and site != "Centre's own":
            m.transfer(f"Diagnosis, {site}", "Centre", ics.LogNormal(mean="90 min", sd="30 min"))
            m.transfer("Centre", f"Recovery, {site}", ics.LogNormal(mean="2h", sd="30 min"))
    return m


def run(m: ics.Model) -> ics.Results:
    return m.run(replications=10, warm_up="180d", until="2y", seed=18, levels=False)


def mean(r: ics.Results, metric: str, scope: str) -> float:
    return float(r.summary.rows(metric=metric, scope=scope)[0]["mean"])


@pytest.fixture(scope="module")
def old() -> ics.Results:
    return run(vascular(network=False))


@pytest.fixture(scope="module")
def new() -> ics.Results:
    return run(vascular(network=True))


def test_all_are_operated_on_at_the_centre(new):
    flows = new.flows.to_dict()
    ways = zip(flows["from"], flows["to"], flows["mean"], strict=True)
    after = {to: n for origin, to, n in ways if origin.startswith("Diagnosis") and n > 0}
    assert set(after) == {"Centre"}
    assert mean(new, "joined", "Centre") == pytest.approx(len(SITES) * RATE, rel=0.05)


def test_the_wait_for_an_operation_falls_at_the_same_number_of_beds(old, new):
    assert mean(old, "places", "surgery") == mean(new, "places", "surgery") == 25
    # Ninety minutes on the way included.
    before, after = mean(old, "mean_wait", "surgery"), mean(new, "mean_wait", "surgery") + 1.5 / 24
    assert after < 0.6 * before


def test_repatriations_that_wait_are_told_with_whom_they_await(new):
    rows = new.delays.rows(holder="Centre", cause="capacity")
    assert {row["awaited"] for row in rows} == {f"Recovery, {site}" for site in SITES}
    assert sum(row["mean"] for row in rows) / 730 == pytest.approx(
        mean(new, "blocked", "Centre"), rel=1e-9
    )
    # Nobody sets out at night: a bed is kept free meanwhile, and on the way.
    assert mean(new, "reserved", "recovery") > 0
    assert mean(new, "at_window", "Centre") > 0


def test_it_is_the_beds_at_home_that_hold_people_at_the_centre(new):
    # Ablation: with beds enough at home nobody is held, and the centre has room for operations.
    enough = run(vascular(network=True, recovery=60))
    assert mean(new, "blocked", "Centre") > 0.2
    assert mean(enough, "blocked", "Centre") == 0
    assert mean(enough, "mean_wait", "surgery") < mean(new, "mean_wait", "surgery")


def test_everybody_comes_back_to_where_they_came_from(new):
    r = vascular(network=True).run(replications=1, until="1y", seed=18, stays=True)
    rows = r.stays.to_dict()
    back = {
        (cohort, node)
        for cohort, node in zip(rows["cohort"], rows["node"], strict=True)
        if node.startswith("Recovery")
    }
    assert back == {(site, f"Recovery, {site}") for site in SITES}
