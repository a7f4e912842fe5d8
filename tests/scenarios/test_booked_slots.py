"""Direct booking into urgent care by telephone (catalogue: V9): random arrivals become scheduled.

An emergency department with 100 patients of low acuity a day, most of them in the late morning and in
the evening; the shape of the day is assumed.
"""

import icsflow as ics
import pytest

HOURLY = [0.2] * 7 + [
    0.6,
    1.2,
    2.0,
    2.2,
    1.9,
    1.4,
    1.1,
    1.0,
    1.1,
    1.3,
    1.7,
    1.9,
    1.7,
    1.3,
    0.9,
    0.6,
    0.3,
]
"""Relative rate of coming by hour."""
SESSIONS = {"07:00": 2, "13:00": 4, "20:00": 4}
"""Booked slots, where few walk in: from when, and for how many hours."""


def department(booked: float, *, missed: float = 0.0) -> ics.Model:
    """Of those of low acuity, this share rings first and is booked into a slot."""
    scale = 24 / sum(HOURLY)
    m = ics.Model("Urgent care", start="2026-01-05", time_unit="hours")
    m.beds("Minors", 7, stay=ics.LogNormal(mean="50min", sd="25min"))
    m.arrivals(
        "Walk in", to="Minors", rate=100 * (1 - booked) / 24, hourly=[h * scale for h in HOURLY]
    )
    if booked:
        hours = sum(SESSIONS.values())
        # As many an hour as come to be booked, and a tenth more.
        each = round(60 * hours / (100 * booked * 1.1), 2)
        sessions = [
            ics.Session(begins=begins, slots=int(60 * length / each), every=f"{each} min")
            for begins, length in SESSIONS.items()
        ]
        m.slots(
            "111",
            ics.Slots(
                sessions=sessions,
                booking=ics.Booking(horizon="3d"),
                missed=missed,
            ),
            stay=0,
        )
        m.arrivals(
            "Rings 111", to="111", rate=100 * booked / 24, hourly=[h * scale for h in HOURLY]
        )
        m.route("111", "Minors")
    return m


def run(booked: float, **given: float) -> ics.Results:
    return department(booked, **given).run(
        replications=5, warm_up="7d", until="26w", seed=9, stays=True
    )


def peak_wait(r: ics.Results) -> float:
    """The mean wait in minors of those who come in the worst hour of the day, in minutes."""
    sums: dict[int, list[float]] = {}
    for row in r.stays.rows(node="Minors"):
        if row["started"] is not None and row["joined"] >= 0:
            sums.setdefault(int(row["joined"] % 24), []).append(row["started"] - row["joined"])
    return max(60 * sum(waits) / len(waits) for waits in sums.values() if len(waits) > 200)


@pytest.fixture(scope="module")
def nobody():
    return run(0.0)


@pytest.fixture(scope="module")
def half():
    return run(0.4)


def mean(r: ics.Results, metric: str, scope: str) -> float:
    return r.summary.rows(metric=metric, scope=scope)[0]["mean"]


def test_booking_lowers_the_peak_at_the_same_volume(nobody, half):
    assert abs(mean(half, "started", "Minors") / mean(nobody, "started", "Minors") - 1) < 0.02
    assert peak_wait(half) < 0.75 * peak_wait(nobody)
    assert mean(half, "slot_utilisation", "111") > 0.85
    assert mean(half, "wait_p95", "Minors") < 0.8 * mean(nobody, "wait_p95", "Minors")


def test_nothing_booked_nothing_changes(nobody):
    """The effect is that of booking: without it there is none."""
    again = run(0.0)
    assert peak_wait(again) == peak_wait(nobody)


def test_who_does_not_come_leaves_a_slot_unused(half):
    missed = run(0.4, missed=0.1)
    assert abs(mean(missed, "missed_share", "111") - 0.1) < 0.01
    lost = mean(half, "started", "Minors") - mean(missed, "started", "Minors")
    assert lost > 0.9 * mean(missed, "slots_missed", "111")
