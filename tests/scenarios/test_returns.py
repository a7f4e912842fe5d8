"""Who comes back: mass discharge with readmissions tracked, and proactive care of two localities."""

from __future__ import annotations

import icsflow as ics
import numpy as np

# ---- mass discharge at the size of a system of 2.4 million ------------------------------------------

# Assumed: admissions a day, how long they stay, how many are delayed by process and how long, where
# they go, and how many come again: 15 % within about a month, a sixth more of those sent out early.
ADMISSIONS, SHARE_DELAYED, READMITTED = 520, 0.3, 0.15
EARLY = READMITTED * 7 / 6


def winter(*, event: bool, risk: float = EARLY) -> ics.Results:
    m = ics.Model("Winter", start="2026-01-05")
    m.cohort("patients", attributes={"early": ics.Flag(0)})
    m.arrivals("Emergencies", to="Acute", rate=ADMISSIONS)
    gap = ics.Gamma(mean="14d", sd="11d")
    again = [
        ics.Readmission(risk, gap, "Acute", when="early"),
        ics.Readmission(READMITTED, gap, "Acute"),
    ]
    held = ics.ProcessDelay(ics.Exponential("10d"), share=SHARE_DELAYED)
    m.beds(
        "Acute",
        6000,
        stay=ics.LogNormal(mean="5d", sd="6d"),
        process_delay={"assessment and arranging": held},
        readmission=again,
    )
    m.beds(
        "Intermediate care", 1500, stay=ics.LogNormal(mean="21d", median="16d"), readmission=again
    )
    m.route("Acute", {"Intermediate care": 0.08, ics.DIED: 0.03, ics.HOME: None})
    if event:
        to = {"Intermediate care": 0.3, ics.HOME: None}
        m.event(
            "Mass discharge", "2026-02-01", "Acute", state=["ready"], to=to, set={"early": True}
        )
    return m.run(replications=4, warm_up="120d", until="90d", seed=2, levels=False)


def test_mass_discharge_is_tracked_by_who_comes_again():
    with_it, without = winter(event=True), winter(event=False)
    assert min(with_it.decisions["people"]) >= 1400
    assert set(with_it.audit["holds"]) == {"yes"}

    def readmitted(results: ics.Results) -> float:
        return float(np.mean(results.values("readmitted_30_days", "Acute")))

    def rate(results: ics.Results) -> float:
        return float(np.mean(results.values("readmissions", "Acute")))

    # By the gamma distribution 91.5 % of those who come again do so within 30 days.
    assert abs(readmitted(without) - READMITTED * 0.915) < 0.004
    # Some hundred more people in three months come again: those discharged early, a sixth more often.
    assert rate(with_it) > rate(without)
    assert readmitted(with_it) < readmitted(without) + 0.01
    # Ablation: it is the risk of those sent out early that brings them back, not the event.
    riskier = winter(event=True, risk=3 * READMITTED)
    assert readmitted(riskier) > readmitted(with_it)
    assert rate(riskier) > rate(with_it)


# ---- proactive care of two localities ---------------------------------------------------------------

LOCALITIES = {"Poole": 3900, "Bournemouth": 4100, "West Dorset": 4000}
# Emergency attendances a day of frail people, enrolled and not: assumed, with the effect.
HAZARD, EFFECT = 0.0042, 0.72


def dorset(*treated: str) -> ics.Results:
    m = ics.Model("Proactive care", start="2026-01-05")
    for place, people in LOCALITIES.items():
        m.group(place, kind="place")
        m.cohort(place, attributes={"enrolled": ics.Flag(0)})
        attends = [
            ics.Attends(f"Hospital, {place}", hazard=f"{HAZARD} * if(enrolled, {EFFECT}, 1)")
        ]
        if place in treated:
            # Everyone is reached within 18 months, half of them in the first five.
            attends.append(ics.Attends(f"Team, {place}", hazard="if(enrolled, 0, 0.0046)"))
        m.population(f"Frail, {place}", people, cohort=place, attends=attends)
        m.beds(f"Hospital, {place}", 160, stay=ics.LogNormal(mean="7d", sd="9d"), group=place)
        m.unlimited(
            f"Team, {place}",
            stay="2h",
            group=place,
            set=[ics.SetAttribute("start", "enrolled", True)],
        )
    return m.run(replications=4, until="548d", seed=24, levels=False)


def test_the_hospital_of_the_treated_has_the_fewest_and_the_others_are_unchanged():
    none, two = dorset(), dorset("Poole", "Bournemouth")

    def came(results: ics.Results, place: str) -> list[float]:
        return results.values("joined", f"Hospital, {place}")

    per_person = {place: np.mean(came(two, place)) / n for place, n in LOCALITIES.items()}
    assert max(per_person["Poole"], per_person["Bournemouth"]) < 0.9 * per_person["West Dorset"]
    # Nobody of the third locality is touched, to the last bit.
    assert came(two, "West Dorset") == came(none, "West Dorset")
    for place in ("Poole", "Bournemouth"):
        assert all(a < b for a, b in zip(came(two, place), came(none, place), strict=True))
    # Ablation: with one locality treated the other of the two is as without.
    one = dorset("Poole")
    assert came(one, "Bournemouth") == came(none, "Bournemouth")
    assert came(one, "Poole") == came(two, "Poole")
