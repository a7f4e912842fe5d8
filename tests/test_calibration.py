"""Calibration: known parameters come back, and what cannot be known is said."""

import math

import icsflow as ics
import pytest
from icsflow.calibration import moved, whole

pytest.importorskip("scipy")

RUN = {"replications": 4, "warm_up": "60d", "until": "1y"}


def ward(stay=6.0, beds=40, rate=5.0):
    m = ics.Model("Ward").arrivals("Referrals", to="Ward", rate=rate)
    return m.beds("Ward", beds, stay=ics.Exponential(stay))


def publish(m, truth, figures, seed=77):
    """Lays what comes out of the truth beside a model, as if it had been published."""
    r = truth.run(replications=12, warm_up="60d", until="2y", seed=seed)
    for metric, scope in figures:
        values = r.values(metric, scope)
        value = sum(values) / len(values)
        m.published(f"{metric} of {scope}", value, metric=metric, scope=scope, source="generated")
    return m


def test_a_length_of_stay_comes_back():
    m = publish(ward(stay=4.0), ward(stay=6.0), [("occupied", "Ward"), ("departures", "Ward")])
    found = ics.calibrate(
        m,
        levers=[ics.Lever("stay", 'node["Ward"].stay.exponential.mean', 3, 9)],
        targets={"occupied of Ward": 0.02},
        **RUN,
    )
    assert found.levers[0]["value"] == pytest.approx(6.0, rel=0.03)
    assert found.identifiable
    assert found.score < 1
    roles = {row["figure"]: row["role"] for row in found.figures}
    assert roles == {"occupied of Ward": "fitted", "departures of Ward": "held out"}
    # The model is the calibrated one, and it is what was run.
    stay = found.model.to_dict()["node"][0]["stay"]["exponential"]["mean"]
    assert stay == pytest.approx(found.levers[0]["value"])
    assert "Held out" in repr(found)
    assert "<table" in found._repr_html_()


def downstream(stay=6.0, beds=12, share=0.3):
    m = ward(stay=stay, beds=60).beds("Community", beds, stay=ics.Exponential(8))
    return m.route("Ward", {"Community": share, ics.HOME: None})


def test_a_capacity_that_is_awaited_comes_back():
    truth = downstream(beds=14)
    m = publish(downstream(beds=20), truth, [("awaited", "Community"), ("occupied", "Ward")])
    found = ics.calibrate(
        m,
        levers=[ics.Lever("places", 'node["Community"].beds', 10, 24)],
        targets={"awaited of Community": 0.2},
        **RUN,
    )
    assert found.levers[0]["value"] == pytest.approx(14, abs=1.0)


def test_two_parameters_come_back_together():
    truth = downstream(stay=7.0, beds=20, share=0.25)
    m = publish(
        downstream(stay=5.0, beds=20, share=0.4), truth,
        [("occupied", "Ward"), ("occupied", "Community")],
    )  # fmt: skip
    found = ics.calibrate(
        m,
        levers=[
            ics.Lever("stay", 'node["Wa*"].stay.exponential.mean', 0.5, 2, how="times"),
            ics.Lever("share", "route[0].to.Community", 0.1, 0.5),
        ],
        targets={"occupied of Ward": 0.02, "occupied of Community": 0.02},
        **RUN,
    )
    stay, share = (row["value"] for row in found.levers)
    assert 5 * stay == pytest.approx(7.0, rel=0.04)
    assert share == pytest.approx(0.25, rel=0.06)
    assert found.identifiable


def test_levers_that_the_targets_do_not_tell_apart_are_named():
    # Occupied = rate × stay: one figure, two levers.
    m = publish(ward(), ward(), [("occupied", "Ward")])
    found = ics.calibrate(
        m,
        levers=[
            ics.Lever("rate", 'arrivals["Referrals"].rate', 3, 7),
            ics.Lever("stay", 'node["Ward"].stay.exponential.mean', 3, 9),
        ],
        targets={"occupied of Ward": 0.02},
        **RUN,
    )
    assert not found.identifiable
    assert found.condition > 1e6 or math.isinf(found.condition)
    assert "do not tell apart: " in repr(found)
    assert all(abs(weight) > 0.3 for weight in found.weakest.values())


def test_what_is_wrong_is_said():
    m = publish(ward(), ward(), [("occupied", "Ward")])
    target = {"occupied of Ward": 0.02}
    with pytest.raises(ValueError, match="leads nowhere"):
        ics.calibrate(m, levers=[ics.Lever("x", 'node["Wards"].beds', 1, 2)], targets=target)
    with pytest.raises(ValueError, match="no number"):
        ics.calibrate(m, levers=[ics.Lever("x", 'node["Ward"].name', 1, 2)], targets=target)
    with pytest.raises(ValueError, match="'occupied of Ward'"):
        ics.calibrate(
            m, levers=[ics.Lever("x", 'node["Ward"].beds', 1, 2)], targets={"occupied": 1}
        )


def test_a_file_says_it_all(tmp_path, capsys):
    from icsflow.__main__ import main

    m = publish(ward(stay=4.0), ward(stay=6.0), [("occupied", "Ward")])
    m.save(tmp_path / "ward.toml")
    file = tmp_path / "calibration.toml"
    file.write_text(
        """
        model = "ward.toml"
        [[lever]]
        name = "stay"
        paths = 'node["Ward"].stay.exponential.mean'
        low = 3
        high = 9
        [[target]]
        figure = "occupied of Ward"
        tolerance = 0.02
        [search]
        replications = 4
        warm_up = "60d"
        until = "1y"
        """,
        encoding="utf-8",
    )
    assert main(["calibrate", str(file), "--quiet", "--out", str(tmp_path / "found.toml")]) == 0
    assert "Fitted" in capsys.readouterr().out
    stay = ics.Model.from_file(tmp_path / "found.toml").to_dict()["node"][0]["stay"]
    assert stay["exponential"]["mean"] == pytest.approx(6.0, rel=0.05)
    file.write_text(file.read_text(encoding="utf-8").replace("low", "lo"), encoding="utf-8")
    assert main(["calibrate", str(file), "--quiet"]) == 2
    assert "unknown lo" in capsys.readouterr().err


def test_paths_are_those_of_changes_too():
    m = downstream().scenario("More", ics.change("Community.beds", add=2))
    long = [
        ics.Lever("beds", 'node["Community"].beds', 5, 20),
        ics.Lever("stay", 'node["Ward"].stay.exponential.mean', 0.5, 2, how="times"),
        ics.Lever("share", "route[0].to.Community", 0, 1),
    ]
    short = [
        ics.Lever("beds", "Community.beds", 5, 20),
        ics.Lever("stay", "Ward.stay.mean", 0.5, 2, how="times"),
        ics.Lever("share", "Ward.route.Community", 0, 1),
    ]
    at = [9.7, 1.25, 0.4]
    assert moved(m, short, at) == moved(m, long, at)
    assert [whole(m, lever) for lever in short] == [True, False, False]
    assert len(moved(m, short, at).to_dict()["scenario"]) == 1
    with pytest.raises(ics.ModelError) as told:
        moved(m, [ics.Lever("beds", "Comunity.beds", 5, 20)], [6])
    assert told.value.faults[0].nearest == "Community"
