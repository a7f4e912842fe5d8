"""Models that several tests run."""

import icsflow as ics
import pytest


def build_clinic() -> ics.Model:
    """M/M/1 at 80 % load: small and quick."""
    return (
        ics.Model("Clinic", start="2026-01-05")
        .arrivals("Referrals", to="Clinic", rate=8)
        .beds("Clinic", 1, stay=ics.Exponential(0.1))
    )


def build_step_down() -> ics.Model:
    """Acute beds with two ways of stepping down, both tight."""
    m = ics.Model("Step-down", start="2026-01-05", time_unit="days")
    m.arrivals("Emergency", to="Acute", rate=11, weekly=[1.04, 1.02, 1, 1, 1.02, 0.97, 0.95])
    m.beds(
        "Acute",
        90,
        sector="acute",
        stay=ics.LogNormal(mean=6.9, sd=8.0),
        process_delay={"assessment": ics.Exponential(0.3)},
    )
    m.beds("Home care", 18, sector="social", stay=ics.LogNormal(mean=18, median=9))
    m.beds("Community", 16, sector="community", stay=ics.LogNormal(mean=38, median=33))
    m.route("Acute", {"Home care": 0.09, "Community": 0.035, ics.HOME: None})
    return m


def build_long() -> ics.Model:
    """A run of many minutes, for what interrupts it."""
    return (
        ics.Model("Long", time_unit="minutes")
        .arrivals("Calls", to="Desk", rate=9)
        .beds("Desk", 10, stay=ics.Exponential(1))
        .plan(replications=400, until="20y")
    )


@pytest.fixture
def clinic() -> ics.Model:
    return build_clinic()


@pytest.fixture
def step_down() -> ics.Model:
    return build_step_down()


@pytest.fixture
def long() -> ics.Model:
    return build_long()


@pytest.fixture(scope="session")
def results() -> ics.Results:
    return build_step_down().run(
        replications=3, warm_up="60d", until="120d", seed=1, stays=True, by_cohort=True
    )
