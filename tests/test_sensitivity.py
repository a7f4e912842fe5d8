"""Sensitivity, uncertain inputs and optimisation, where the answer is known in closed form."""

import math

import icsflow as ics
import pytest

RATE = ics.Lever("rate", 'arrivals["Referrals"].rate', 4, 6)
STAY = ics.Lever("stay", 'node["Ward"].stay.exponential.mean', 2, 6)


def ward() -> ics.Model:
    """In M/M/∞ the mean number inside is λ·E[S]."""
    m = ics.Model("Ward").arrivals("Referrals", to="Ward", rate=5)
    return m.unlimited("Ward", stay=ics.Exponential(4))


OCCUPIED = {"metric": "occupied", "scope": "Ward", "warm_up": "60d"}


def test_sobol_indices_of_a_product_are_known():
    # Of X·Y with independent X and Y: Var(X)·E[Y]², E[X]²·Var(Y), and Var(X)·Var(Y) of both together.
    of_rate, of_stay = 2**2 / 12 * 4**2, 5**2 * 4**2 / 12
    both = 2**2 / 12 * 4**2 / 12
    whole = of_rate + of_stay + both
    s = ics.sensitivity(
        ward(), [RATE, STAY], method="sobol", samples=256, replications=2, until="4y", **OCCUPIED
    )
    assert len(s.values) == 256 * 4
    assert [row["lever"] for row in s.levers] == ["stay", "rate"]
    for row, alone in zip(s.levers, (of_stay, of_rate), strict=True):
        assert row["first"] == pytest.approx(alone / whole, abs=row["first_half_width"])
        assert row["total"] == pytest.approx((alone + both) / whole, abs=row["total_half_width"])
        assert row["total_half_width"] < 0.25
    assert "Sobol: occupied of Ward, 1024 runs" in repr(s)
    assert "<table" in s._repr_html_()


def test_the_elementary_effects_of_a_product_are_known():
    # Over its range X moves X·Y by 2·Y, which is 8 in the mean; Y by 4·X, 20 in the mean.
    s = ics.sensitivity(ward(), [RATE, STAY], samples=30, replications=2, until="4y", **OCCUPIED)
    assert len(s.values) == 30 * 3
    stay, rate = s.levers
    assert stay["mu_star"] == pytest.approx(20, abs=3 * stay["sigma"] / math.sqrt(30) + 0.5)
    assert rate["mu_star"] == pytest.approx(8, abs=3 * rate["sigma"] / math.sqrt(30) + 0.5)
    # Each depends on the other: on X from 4 to 6 and on Y from 2 to 6, in levels a third apart.
    assert stay["sigma"] > 1
    assert rate["sigma"] > 1


def test_what_moves_nothing_has_no_effect():
    m = ward().beds("Idle", 5, stay=ics.Exponential(1))
    idle = ics.Lever("idle", 'node["Idle"].beds', 3, 9)
    s = ics.sensitivity(m, [STAY, idle], samples=4, replications=2, until="60d", **OCCUPIED)
    assert [row["lever"] for row in s.levers] == ["stay", "idle"]
    assert s.levers[1]["mu_star"] == 0


def test_the_variance_of_an_uncertain_input_is_known():
    # Var(λ)·E[S]² of λ uniform from 4 to 6; within, of a mean over T of M/M/∞ in its steady state:
    # 2·λ·E[S]²/T · (1 − E[S]/T·(1 − exp(−T/E[S]))).
    u = ics.uncertainty(
        ward(),
        [ics.Input("rate", 'arrivals["Referrals"].rate', ics.Uniform(4, 6))],
        draws=400,
        replications=5,
        until="100d",
        **OCCUPIED,
    )
    of_input = 2**2 / 12 * 4**2
    within = 2 * 5 * 4**2 / 100 * (1 - 4 / 100 * (1 - math.exp(-25)))
    # Variance of a variance: (kurtosis − 1)/n, 0.8 of a uniform, and 2 of a normal.
    noise = within / 5
    error = math.sqrt((0.8 * of_input**2 + 4 * of_input * noise + 2 * noise**2) / 400)
    assert u.input_variance == pytest.approx(of_input, abs=3.5 * error)
    assert u.simulation_variance == pytest.approx(within, rel=3.5 * math.sqrt(2 / 1600))
    assert u.lower < 20 < u.upper
    assert u.draws == 400
    assert u.input_share == pytest.approx(of_input / (of_input + within), abs=0.06)
    assert "due to rate; 400 draws of 5 replications" in repr(u)
    assert "<table" in u._repr_html_()


def test_an_input_that_is_known_causes_nothing():
    stay = ics.Input("stay", 'node["Ward"].stay.exponential.mean', ics.Deterministic(1), "times")
    u = ics.uncertainty(ward(), [stay], draws=40, until="100d", **OCCUPIED)
    assert u.input_variance < 0.4 * u.simulation_variance
    assert u.points[0] == [1.0]


def test_the_best_rate_of_a_server_is_known():
    # c·μ + h·L in M/M/1 is least at μ = λ + √(λ·h/c): with λ = 8 and h = 2·c at 12.
    m = ics.Model("Clinic").arrivals("Referrals", to="Clinic", rate=8)
    m = m.beds("Clinic", 1, stay=ics.Exponential(0.1))

    def cost(results, at):
        waiting, occupied = (results.values(name, "Clinic") for name in ("waiting", "occupied"))
        return [1 / at["stay"] + 2 * (w + o) for w, o in zip(waiting, occupied, strict=True)]

    found = ics.optimise(
        m,
        [ics.Lever("stay", 'node["Clinic"].stay.exponential.mean', 0.05, 0.12)],
        cost,
        replications=8,
        warm_up="20d",
        until="1y",
        most_runs=120,
    )
    # The cost is flat there: within 1 % of the least from 10.9 to 13.4.
    assert 1 / found.values["stay"] == pytest.approx(12, rel=0.1)
    assert found.lower < 12 + 2 * 8 / (12 - 8) + 0.2
    assert found.upper > 12 + 2 * 8 / (12 - 8) - 0.2
    assert found.model.to_dict()["node"][0]["stay"]["exponential"]["mean"] == found.values["stay"]
    assert "<table" in found._repr_html_()


def test_the_most_of_a_metric_is_at_the_end_of_a_range():
    found = ics.optimise(
        ward(), [STAY], ("occupied", "Ward"), best="highest", replications=2, until="60d",
        most_runs=60,
    )  # fmt: skip
    assert found.values["stay"] > 5.8
    assert found.best > 20


def test_what_is_wrong_is_said():
    with pytest.raises(ValueError, match="leads nowhere"):
        ics.sensitivity(ward(), [ics.Lever("x", 'node["Wrad"].beds', 1, 2)], **OCCUPIED)
    with pytest.raises(ValueError, match="has no range: 2 to 2"):
        ics.sensitivity(ward(), [ics.Lever("x", "name", 2, 2)], **OCCUPIED)
    with pytest.raises(ValueError, match="at least one lever"):
        ics.sensitivity(ward(), [], **OCCUPIED)
    with pytest.raises(ValueError, match="at least one lever"):
        ics.optimise(ward(), [], ("occupied", "Ward"))
    with pytest.raises(ValueError, match="at least one input"):
        ics.uncertainty(ward(), [], **OCCUPIED)
    with pytest.raises(ValueError, match="there is no metric"):
        ics.sensitivity(ward(), [STAY], metric="ocupied", scope="Ward", samples=2)
    with pytest.raises(ics.ModelError, match="exponential"):
        ics.sensitivity(
            ward(), [ics.Lever("stay", STAY.paths, -2, -1)], samples=2, **OCCUPIED
        )  # fmt: skip
    m = ics.Model("Nobody").beds("Ward", 1, stay=ics.Exponential(1))
    with pytest.raises(ValueError, match=r"mean_wait of Ward has no value where beds = "):
        ics.sensitivity(
            m, [ics.Lever("beds", 'node["Ward"].beds', 1, 9)], metric="mean_wait", scope="Ward",
            samples=2,
        )  # fmt: skip
