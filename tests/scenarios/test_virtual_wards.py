"""Care at home in place of hospital: virtual wards and oximetry, each with and without its effect."""

import icsflow as ics
import pytest

# Assumed, at the size of a place: frail people a day who need a hospital or what replaces it, and days.
FRAIL, STAY, EARLY, AT_HOME, WORSE = 12.0, 8.0, 5.0, 10.0, 40.0
ESCALATED = (1 / WORSE) / (1 / WORSE + 1 / AT_HOME)
"""Of those in the virtual ward, the share whose clock of getting worse is over first."""


def virtual_ward(*, up: float, down: float, nurses: int, consultants: int = 9) -> ics.Results:
    """Step-up of a share at the front door, step-down of a share of inpatients (catalogue: V5)."""
    m = ics.Model("Hospital at home", start="2026-01-05")
    m.cohort("frail", attributes={"early": ics.Flag(down)})
    m.arrivals("Frail people", to="Front door", rate=FRAIL)
    m.unlimited("Front door", stay="2h")
    m.unlimited(
        "Acute",
        stay=[
            ics.case("early", ics.LogNormal(mean=EARLY, sd=EARLY)),
            ics.LogNormal(mean=STAY, sd=STAY),
        ],
    )
    m.caseload(
        "Virtual ward",
        {
            "nurses": ics.Profession(nurses, each=0.05),
            "consultants": ics.Profession(consultants, each=0.02),
        },
        stay=ics.Exponential(AT_HOME),
        ends={"deterioration": ics.StayEnd(ics.Exponential(WORSE), to="Acute")},
    )
    m.route("Front door", {"Virtual ward": up, "Acute": None}, when='free("Virtual ward") > 0')
    m.route("Front door", {"Acute": None})
    m.route("Acute", {"Virtual ward": None}, when="early")
    return m.run(replications=8, warm_up="90d", until="360d", seed=4)


def mean(results: ics.Results, metric: str, scope: str) -> float:
    values = results.values(metric, scope)
    return sum(values) / len(values)


def test_beds_saved_by_step_up_and_step_down_less_escalations():
    up, down = 0.25, 0.3
    r = virtual_ward(up=up, down=down, nurses=12)
    # Admissions for each who comes, those sent on by the virtual ward among them.
    first = 1 - up + up * ESCALATED
    beds = FRAIL * first * ((1 - down) * STAY + down / (1 - ESCALATED) * EARLY)
    assert mean(r, "occupied", "Acute") == pytest.approx(beds, rel=0.03)
    ends = dict(zip(r.ends["end"], r.ends["share"], strict=True))
    assert ends["deterioration"] == pytest.approx(ESCALATED, abs=0.01)
    # Without either all is hospital.
    nothing = virtual_ward(up=0, down=0, nurses=12)
    assert mean(nothing, "occupied", "Acute") == pytest.approx(FRAIL * STAY, rel=0.03)
    assert mean(nothing, "occupied", "Virtual ward") == 0


def test_what_is_saved_saturates_and_is_nothing_without_a_team():
    """The least of two professions is the limit; beyond the demand more of them save nothing."""
    nothing = virtual_ward(up=0, down=0, nurses=12)
    team = {n: virtual_ward(up=0.3, down=0, nurses=n) for n in (0, 1, 6, 12)}
    beds = {n: mean(r, "occupied", "Acute") for n, r in team.items()}
    # Nobody's path differs where there is nobody to care.
    assert team[0].values("occupied", "Acute") == nothing.values("occupied", "Acute")
    assert beds[0] - beds[1] > 8
    assert beds[1] - beds[6] > 4
    assert team[6].values("occupied", "Acute") == team[12].values("occupied", "Acute")
    binding = dict(zip(team[1].caseloads["profession"], team[1].caseloads["binding"], strict=True))
    # Whoever finds all twenty held goes to hospital: Erlang's loss formula.
    held = 1.0
    load = 0.3 * FRAIL / (1 / AT_HOME + 1 / WORSE)
    for n in range(1, 21):
        held = load * held / (n + load * held)
    assert binding["nurses"] == pytest.approx(held, abs=0.03)
    assert binding["consultants"] == 0
    scarce = virtual_ward(up=0.3, down=0, nurses=12, consultants=0)
    assert scarce.values("occupied", "Acute") == nothing.values("occupied", "Acute")


def oximetry(*, effect: float, kits: int = 600) -> ics.Results:
    """Readings at home, with a kit out and back, that bring some to hospital earlier (s25)."""
    m = ics.Model("Oximetry at home", start="2020-11-02")
    m.cohort("positive", attributes={"monitored": ics.Flag(0.6)})
    m.arrivals("Positive tests", to="At home", rate=40)
    m.caseload(
        "At home",
        {"oximeters": ics.Profession(kits, each=1)},
        stay=ics.Exponential(12),
        ends={
            "low reading": ics.StayEnd(ics.Weibull(shape=1.5, scale="60d"), to="Acute"),
            "death": ics.StayEnd(ics.Exponential(2000), to="died"),
        },
    )
    late = ics.LogNormal(mean=9, sd=9)
    early = ics.LogNormal(mean=9 * (1 - effect), sd=9 * (1 - effect))
    m.unlimited("Acute", stay=[ics.case("monitored", early), late])
    return m.run(replications=6, warm_up="60d", until="180d", seed=9)


def test_oximetry_without_effect_changes_nothing_and_with_one_it_does():
    null, some = oximetry(effect=0), oximetry(effect=0.3)
    plain = mean(null, "occupied", "Acute")
    # Six in ten stay 30 % shorter.
    assert mean(some, "occupied", "Acute") == pytest.approx(plain * (1 - 0.6 * 0.3), rel=0.05)
    assert max(null.values("mean_wait", "At home")) == 0
    # What happens at home is the same, bit for bit.
    assert some.values("occupied", "At home") == null.values("occupied", "At home")
    assert some.ends.to_dict() == null.ends.to_dict()
    # With too few kits people wait for one, and the kits are what they wait for.
    few = oximetry(effect=0.3, kits=300)
    assert mean(few, "mean_wait", "At home") > 1
    assert few.caseloads["binding"][0] > 0.9
