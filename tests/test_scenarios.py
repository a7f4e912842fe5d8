"""Changes, scenarios and comparisons from Python."""

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import icsflow as ics
import pytest


def model() -> ics.Model:
    m = ics.Model("Ward").arrivals("Patients", to="Ward", rate=4)
    m = m.beds("Ward", 22, sector="acute", stay=ics.Exponential(5))
    m = m.beds("P1", 12, stay=ics.Exponential(10))
    m = m.route("Ward", {"P1": 0.25, ics.HOME: None})
    m = m.scenario("Eight more", ics.change("P1.beds", add=8))
    return m.scenario("Winter", ics.change("Patients.rate", multiply=1.1, at="2024-02-01"))


PLAN = {"replications": 8, "until": "120d", "seed": 2}


def same(a: ics.Comparison, b: ics.Comparison) -> None:
    assert str(a.table().to_dict()) == str(b.table().to_dict())


def test_a_model_keeps_its_scenarios(tmp_path):
    m = model()
    for name in ("model.toml", "model.json"):
        assert ics.Model.from_file(m.save(tmp_path / name)) == m
    assert "[[scenario.change]]" in m.to_toml()
    assert pickle.loads(pickle.dumps(m)) == m


def test_a_comparison_shows_what_moves():
    c = model().compare(**PLAN)
    assert c.scenarios == ["Eight more", "Winter"]
    difference = c.difference("Eight more", "blocked", "Ward")
    assert difference.mean < 0
    assert difference.replications == 8
    assert c.difference("Eight more", "occupancy", "P1").upper < 0
    assert "2 scenarios beside the base, 8 replications each, paired" in repr(c)
    assert "<table" in c._repr_html_()
    table = c.table("blocked", "Ward")
    assert table["scenario"] == ["Eight more", "Winter"]
    assert table["difference"][0] == pytest.approx(difference.mean)
    assert "Eight more" in str(c.plot("blocked", "Ward"))
    assert c.values("base", "blocked", "Ward") == model().run(**PLAN).values("blocked", "Ward")
    more = model().run(scenario="Eight more", **PLAN)
    assert c.values("Eight more", "blocked", "Ward") == more.values("blocked", "Ward")
    same(c, pickle.loads(pickle.dumps(c)))


def test_what_is_wrong_is_said_with_its_place():
    with pytest.raises(ics.ModelError) as told:
        model().scenario("Wrong", ics.change("P2.beds", add=1)).compare(**PLAN)
    assert told.value.faults[0].path == 'scenario["Wrong"].change[0].path'
    assert told.value.faults[0].nearest == "P1"
    with pytest.raises(ics.ModelError, match="Eight moer"):
        model().run(scenario="Eight moer", **PLAN)
    c = model().compare(**PLAN)
    with pytest.raises(ValueError, match="Did you mean"):
        c.values("Eight more", "bloked", "Ward")
    with pytest.raises(ValueError, match="there is no scope"):
        c.table(scopes="Wardd")


def test_executors_give_the_same_to_the_last_bit():
    m = model()
    here = m.compare(**PLAN)
    with ThreadPoolExecutor(2) as threads:
        same(here, m.compare(executor=threads, **PLAN))
    with ProcessPoolExecutor(2) as processes:
        same(here, m.compare(executor=processes, **PLAN))
    precision = ics.Precision("blocked", "Ward", 0.3, relative=True)
    plan = {**PLAN, "replications": 60}
    with ThreadPoolExecutor(2) as threads:
        same(
            m.compare(precision=precision, **plan),
            m.compare(precision=precision, executor=threads, **plan),
        )


def killing(flag):
    """A worker that kills itself once."""
    if not os.path.exists(flag):
        with open(flag, "w"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("again", [False, True])
def test_the_blocks_of_a_lost_worker_run_again(tmp_path, again):
    m = model()
    here = m.compare(**PLAN)
    flag = str(tmp_path / "killed")

    def pool():
        return ProcessPoolExecutor(2, initializer=killing, initargs=(flag,))

    if again:
        same(here, m.compare(executor=pool, **PLAN))
    else:
        with pool() as executor:
            same(here, m.compare(executor=executor, **PLAN))
    assert os.path.exists(flag)


def test_a_batch_that_was_killed_goes_on(tmp_path):
    m = model()
    path = m.save(tmp_path / "model.toml")
    folder = tmp_path / "batch"
    plan = {"replications": 40, "until": "300d", "seed": 2}
    script = textwrap.dedent(f"""
        import icsflow as ics
        ics.Model.from_file({str(path)!r}).compare(folder={str(folder)!r}, threads=1, **{plan!r})
    """)
    for blocks in (1, 3, 6):
        process = subprocess.Popen([sys.executable, "-c", script])
        while process.poll() is None and len(list(folder.glob("*.block"))) < blocks:
            time.sleep(0.002)
        process.kill()
        process.wait()
    assert 0 < len(list(folder.glob("*.block"))) < 24
    same(m.compare(**plan), m.compare(folder=folder, **plan))
    with pytest.raises(ics.ModelError, match="another experiment"):
        m.compare(folder=folder, **{**plan, "seed": 3})


def test_ctrl_c_keeps_what_is_complete():
    def stop(done, total):
        assert total == 3 * 400
        if done > 10:
            raise KeyboardInterrupt

    with pytest.raises(ics.Interrupted) as told:
        model().compare(replications=400, until="300d", threads=1, progress=stop)
    c = told.value.comparison
    assert c is not None
    assert c.interrupted
    assert len(c.values("base", "blocked", "Ward")) > 1


def test_models_and_scenarios_are_told_apart_in_words():
    m = model()
    told = m.diff("Eight more")
    assert [tuple(delta) for delta in told] == [
        ('node["P1"].beds', None, 12, 20, 'node["P1"].beds is 20 instead of 12')
    ]
    winter = m.diff("Winter")
    assert str(winter[0]) == 'from 2024-02-01, arrivals["Patients"].rate is 4.4 instead of 4'
    assert winter[0].at == "2024-02-01"
    both = m.diff("Eight more", "Winter")
    assert [delta.path for delta in both] == ['node["P1"].beds', 'arrivals["Patients"].rate']
    assert "before" in repr(both)
    assert "<table" in both._repr_html_()
    assert repr(m.diff(m)) == "no difference"
    assert len(m.diff("Winter", "Winter")) == 0
    more = m.copy().beds("P4", 3, stay=ics.Exponential(1))
    (new,) = m.diff(more)
    assert (new.path, new.before, new.after["beds"]) == ('node["P4"]', None, 3)
    with pytest.raises(ics.ModelError, match="Wintre"):
        m.diff("Wintre")
    with pytest.raises(TypeError, match="another model, or one or two scenarios"):
        m.diff(more, "Winter")


def test_a_hash_is_that_of_the_content():
    m = model()
    assert m.content_hash() == ics.Model.from_toml(m.to_toml()).content_hash()
    eight = ics.Scenario("Otherwise named", [ics.change("P1.beds", add=8)])
    assert m.content_hash(eight) == m.content_hash("Eight more") != m.content_hash()
    assert m.content_hash(ics.Scenario("As it is")) == m.content_hash()
    with pytest.raises(ics.ModelError, match="P9"):
        m.content_hash(ics.Scenario("Wrong", [ics.change("P9.beds", add=8)]))


def test_ramps_have_shapes():
    m = model().scenario(
        "Phased",
        ics.change("P1.beds", add=12, at="30d", ramp="30d", shape={"steps": 3}),
        ics.change("Patients.rate", multiply=1.2, at="10d", ramp="60d", shape="s-curve"),
    )
    told = m.describe()
    assert "P1.beds + 12 from 30d over 30d in 3 steps" in told
    assert "Patients.rate × 1.2 from 10d over 60d in an S-curve" in told
    r = m.run(scenario="Phased", replications=2, until="100d")
    places = {row["time"]: row["mean"] for row in r.occupancy.rows(node="P1", level="places")}
    assert [places[day] for day in (29, 30, 44, 45, 59, 60)] == [12, 16, 16, 20, 20, 24]
    edit = ics.Edit("30d", add=12, ramp="30d", shape={"steps": 3}, until="90d")
    by_edit = ics.Model("Ward").beds("P1", ics.Capacity(12, dates=[edit]), stay=ics.Exponential(1))
    told = by_edit.run(replications=1, until="100d").occupancy.rows(node="P1", level="places")
    assert [told[day]["mean"] for day in (29, 30, 59, 60, 90)] == [12, 16, 20, 24, 12]
    assert "over 30d in 3 steps" in by_edit.describe()
    with pytest.raises(ics.ModelError, match="Did you mean"):
        ics.Model("x").beds(
            "P1", ics.Capacity(1, dates=[ics.Edit(1, add=1, ramp=2, shape="s-cruve")]), stay=1
        ).check()


def test_antithetic_pairs_are_of_one_number():
    m = model()
    alone = m.run(replications=4, until="60d")
    pairs = m.run(replications=8, until="60d", antithetic=True)
    values = pairs.values("occupied", "Ward")
    assert values[::2] == alone.values("occupied", "Ward")
    row = pairs.summary.rows(scope="Ward", metric="occupied", cohort="all")[0]
    assert row["replications"] == 4
    assert row["mean"] == pytest.approx(sum(values) / 8)
    c = m.compare(replications=8, until="60d", antithetic=True)
    assert c.difference("Eight more", "blocked", "Ward").replications == 4
    assert len(c.values("base", "blocked", "Ward")) == 8
    with ProcessPoolExecutor(2) as processes:
        same(c, m.compare(executor=processes, replications=8, until="60d", antithetic=True))


def test_a_comparison_goes_on_from_a_checkpoint(tmp_path):
    m = model()
    plan = {"replications": 7, "warm_up": "100d", "until": "90d", "seed": 3}
    half = m.checkpoint("31d", **plan)
    changes = [
        ics.Scenario("Eight more", [ics.change("P1.beds", add=8, at="31d")]),
        ics.Scenario("Busier", [ics.change("Patients.rate", multiply=1.2, at="40d", ramp="20d")]),
    ]
    whole = m.compare(*changes, **plan)
    same(whole, m.compare(*changes, start_from=half))
    with ProcessPoolExecutor(2) as processes:
        same(whole, m.compare(*changes, start_from=half, executor=processes))
    folder = tmp_path / "batch"
    m.compare(*changes, start_from=half, folder=folder)
    for block in list(folder.glob("*.block"))[::2]:
        block.unlink()
    same(whole, m.compare(*changes, start_from=half, folder=folder))
    with pytest.raises(ics.ModelError, match="its checkpoint differs"):
        m.compare(*changes, start_from=m.checkpoint("30d", **plan), folder=folder)
    with pytest.raises(ics.ModelError) as told:
        m.compare(start_from=half)  # changes of the model's own scenarios begin before
    assert [fault.path for fault in told.value.faults] == ['scenario["Eight more"].change[0].at']
    with pytest.raises(ics.ModelError, match="at most 7"):
        m.compare(*changes, start_from=half, replications=9)


def test_one_long_run_has_an_interval_by_batches():
    m = ics.Model("Clinic").arrivals("Referrals", to="Clinic", rate=5)
    m = m.beds("Clinic", 1, stay=ics.Exponential(0.1))
    r = m.run(replications=1, warm_up="30d", until="6000d")
    (row,) = r.batch_means(20).rows(node="Clinic", level="waiting")
    assert row["lower"] < 0.5 < row["upper"]  # ρ²/(1 − ρ)
    assert row["censuses_each"] == 300
    assert abs(row["correlation"]) < 0.5
    with pytest.raises(ics.ModelError, match=r"batches: found 1; expected from 2 to 3000"):
        r.batch_means(1)


def test_scenarios_go_by_name_and_changes_alone_or_together():
    more, longer = ics.change("P1.beds", add=8), ics.change("P1.stay.mean", multiply=1.1)
    assert ics.Scenario("one", more).plain() == ics.Scenario("one", [more]).plain()
    together = ics.Model("M").scenario("s", [more, longer]).to_dict()["scenario"]
    assert together == ics.Model("M").scenario("s", more, longer).to_dict()["scenario"]
    with pytest.raises(TypeError, match=r"expected what ics.change\(\) makes, found 'P1.beds'"):
        ics.Model("M").scenario("s", "P1.beds")
    m = model()
    c = m.compare("Winter", ics.Scenario("Longer", longer), **PLAN)
    assert c.scenarios == ["Winter", "Longer"]
    by_hand = m.run(scenario="Winter", **PLAN).values("occupied", "Ward")
    assert c.values("Winter", "occupied", "Ward") == by_hand
    assert m.compare(["Eight more"], **PLAN).scenarios == ["Eight more"]
    with pytest.raises(ics.ModelError) as told:
        m.compare("Wintre", **PLAN)
    assert [fault.nearest for fault in told.value.faults] == ["Winter"]
    chosen = ics.select(m, "Eight more", metric="blocked", scope="Ward", budget=30, until="60d")
    assert set(chosen.means) == {"base", "Eight more"}


def test_wrong_kinds_are_told_before_anything_runs(tmp_path):
    m = model()
    for words, options in [
        ("an ics.Precision", {"precision": ("occupied", "Ward", 1.0)}),
        ("an executor", {"executor": 4}),
        ("a checkpoint", {"start_from": 30}),
    ]:
        with pytest.raises(TypeError, match=f"expected {words}"):
            m.compare(**PLAN, **options)
    with pytest.raises(TypeError, match="found 3"):
        m.compare(3, **PLAN)
    # A checkpoint may be told by its file.
    kept = m.checkpoint("60d", **PLAN)
    kept.save(tmp_path / "kept")
    one, two = m.run(start_from=tmp_path / "kept"), m.run(**PLAN)
    assert one.values("occupied", "Ward") == two.values("occupied", "Ward")
    with pytest.raises(FileNotFoundError) as told:
        m.run(start_from=tmp_path / "none")
    assert told.value.filename == str(tmp_path / "none")
    assert "os error" not in str(told.value)


def test_a_scenario_becomes_a_model():
    m = model()
    more = m.changed("Eight more")
    assert more.to_dict()["node"][1]["beds"] == 20
    assert m.to_dict()["node"][1]["beds"] == 12
    assert len(more.to_dict()["scenario"]) == 2
    by_scenario = m.run(scenario="Eight more", **PLAN)
    assert more.run(**PLAN).values("blocked", "Ward") == by_scenario.values("blocked", "Ward")
    both = m.changed(ics.change("P1.beds", add=8), ics.change("Ward.route.P1", set=0.3))
    assert both.to_dict()["route"][0]["to"]["P1"] == 0.3
    later = m.changed(ics.change("P1.beds", add=8, at="2024-03-01"))
    assert later.to_dict()["node"][1]["beds"]["dates"] == [{"at": "2024-03-01", "add": 8}]
    for held_by_none in ("Winter", ics.change("Patients.rate", multiply=0.5, where="waited > 1")):
        with pytest.raises(ics.ModelError, match="scenario"):
            m.changed(held_by_none)
