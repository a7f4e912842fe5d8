"""Urgent community response beside an ambulance service at the size of North West London.

A call that a rapid response team could answer goes to a team if one is free, else to an ambulance, as
all others do. The place of the ambulance node is a crew: it is held on the scene, on the way, at the
door of the emergency department until the handover, and while it is made ready.
"""

from __future__ import annotations

from typing import Literal

import icsflow as ics
import pytest

# 731,000 incidents in England in August 2024, of whom 50.8 % were taken to hospital and 29.6 % seen and
# treated (../shared/mission/figures.md, P [32]). The share of North West London is taken as that of its
# registered people: 2.9 of 63 million.
CALLS = 731_000 / (31 * 24) * 2.9 / 63
CONVEYED, SEEN = 0.508, 0.296
# Arrivals by ambulance by hour, per cent of the day (figures.md, 5.1).
HOURS = [
    3.74, 3.39, 2.41, 2.41, 2.57, 2.80, 1.56, 1.85, 3.15, 4.10, 4.71, 5.34,
    5.41, 5.44, 5.20, 5.59, 5.68, 6.19, 4.79, 4.32, 5.35, 5.09, 4.62, 4.30,
]  # fmt: skip
# Assumed: the share of calls that a team could answer, crews, cubicles, times.
SUITABLE, CREWS, CUBICLES = 0.12, 66, 262


def region(
    teams: int,
    *,
    room: Literal["unlimited"] | None = None,
    suitable: str = "suitable",
    calls: ics.Curve | None = None,
) -> ics.Model:
    m = ics.Model("Rapid response", start="2026-01-05", time_unit="hours", exits=["by telephone"])
    rest = 1 - CONVEYED - SEEN
    m.cohort(
        "callers",
        attributes={
            "suitable": ics.Flag(SUITABLE),
            "needs": ics.Category({"hospital": CONVEYED, "crew": SEEN, "advice": rest}),
        },
    )
    m.cohort("walk-in")
    hourly = [24 * share / sum(HOURS) for share in HOURS]
    m.arrivals("999", to="Triage", rate=CALLS, hourly=hourly, cohort="callers", curve=calls)
    # 17.4 % of attendances come by ambulance; here those who walk in to the same cubicles.
    m.arrivals("Door", to="Emergency departments", rate=1.8 * CALLS * CONVEYED, cohort="walk-in")
    m.unlimited("Triage", stay="5 min")
    m.route("Triage", "by telephone", when="needs == 'advice'")
    m.route("Triage", "Rapid response", when=f"{suitable} and free('Rapid response') > 0")
    m.route("Triage", "Ambulance")
    m.beds("Rapid response", teams, stay=ics.LogNormal(mean="2h", sd="40 min"))
    m.beds("Ambulance", CREWS, stay=ics.LogNormal(mean="55 min", sd="25 min"), turnaround="15 min")
    m.route("Ambulance", "Emergency departments", when="needs == 'hospital'")
    m.transfer(
        "Ambulance",
        "Emergency departments",
        ics.LogNormal(mean="25 min", sd="10 min"),
        hold_origin="until start",
    )
    stay = ics.LogNormal(mean="4h", sd="3h")
    m.beds("Emergency departments", CUBICLES, stay=stay, waiting_room=room)
    return m


def run(m: ics.Model) -> ics.Results:
    return m.run(replications=6, warm_up="3d", until="14d", seed=16, levels=False)


def mean(r: ics.Results, metric: str, scope: str) -> float:
    return float(r.summary.rows(metric=metric, scope=scope)[0]["mean"])


def went(r: ics.Results, origin: str, to: str) -> float:
    rows = r.flows.to_dict()
    named = zip(rows["from"], rows["to"], rows["mean"], strict=True)
    return float(sum(mean for a, b, mean in named if (a, b) == (origin, to)))


@pytest.fixture(scope="module")
def by_teams() -> dict[int, ics.Results]:
    return {teams: run(region(teams)) for teams in (0, 4, 8)}


def test_every_call_that_a_team_answers_is_one_ambulance_job_less(by_teams):
    none = by_teams[0]
    for teams in (4, 8):
        some = by_teams[teams]
        served = went(some, "Triage", "Rapid response")
        assert served > 0
        # The same people call: to the last one.
        fewer = went(none, "Triage", "Ambulance") - went(some, "Triage", "Ambulance")
        assert fewer == pytest.approx(served, abs=1e-9)
        conveyed = [went(r, "Ambulance", "Emergency departments") for r in (none, some)]
        assert conveyed[0] - conveyed[1] == pytest.approx(
            served * CONVEYED / (CONVEYED + SEEN), rel=0.1
        )


def test_conveyances_fall_by_the_number_that_the_teams_serve():
    # Teams for those who would be taken to hospital. Of the calls of ten days all are answered, and the
    # patients handed over, by the end of the thirteenth: so to the last one, in every replication.
    calls = ics.Curve({"2026-01-05": 1.0, "2026-01-15": 0.0})

    def told(teams: int) -> tuple[list[float], float, float, float]:
        m = region(teams, suitable="suitable and needs == 'hospital'", calls=calls)
        r = m.run(replications=4, until="13d", seed=16, levels=False)
        jobs = [round(rate * 13 * 24, 6) for rate in r.values("departures", "Ambulance")]
        conveyed = went(r, "Ambulance", "Emergency departments")
        return jobs, conveyed, went(r, "Triage", "Rapid response"), mean(r, "blocked", "Ambulance")

    jobs, conveyed, served, handover = told(0)
    assert served == 0 < handover
    for teams in (4, 8, 40):
        fewer, still, answered, delay = told(teams)
        assert conveyed - still == pytest.approx(answered, abs=1e-9)
        assert answered > served
        assert delay < handover
        assert all(some < none for some, none in zip(fewer, jobs, strict=True))
        served, handover = answered, delay


def test_handover_delay_and_the_wait_for_a_crew_fall(by_teams):
    handover = [mean(r, "blocked", "Ambulance") for r in by_teams.values()]
    assert handover[0] > handover[1] > handover[2] > 0
    # Those who go on waiting for a crew get it earlier.
    waits = [mean(r, "mean_wait", "Ambulance") for r in by_teams.values()]
    assert waits[0] > waits[1] > waits[2]
    rows = by_teams[0].delays.rows(holder="Ambulance", cause="capacity")
    assert [row["awaited"] for row in rows] == ["Emergency departments"]


def test_it_is_the_crews_held_at_the_door_that_make_calls_wait(by_teams):
    # Ablation: where patients may be left in a waiting room at once, the departments are as full and
    # their patients wait as long, but no crew does, and no call waits for one.
    left = run(region(0, room="unlimited"))
    held = by_teams[0]
    assert mean(left, "blocked", "Ambulance") == 0
    assert mean(left, "mean_wait", "Ambulance") < 0.25 * mean(held, "mean_wait", "Ambulance")
    departments = "Emergency departments"
    assert mean(left, "occupancy", departments) > 0.95 < mean(held, "occupancy", departments)
    assert mean(left, "mean_wait", departments) > 0.9 * mean(held, "mean_wait", departments)
