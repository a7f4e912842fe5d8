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
