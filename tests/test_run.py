"""Running: interrupts, progress, threads, processes."""

import datetime
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import icsflow as ics
import pytest


def interrupt_after(seconds: float) -> list[float]:
    """Sends Ctrl-C to this process; the list gets the time at which."""
    sent: list[float] = []

    def send() -> None:
        time.sleep(seconds)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=send, daemon=True).start()
    return sent


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_a_run_at_once(long, clinic, threads):
    sent = interrupt_after(0.5)
    with pytest.raises(ics.Interrupted) as caught:
        long.run(threads=threads)
    assert time.perf_counter() - sent[0] < 0.2
    assert isinstance(caught.value, KeyboardInterrupt)
    assert clinic.run(replications=2, until="30d").interrupted is False


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_an_interrupted_run_gives_what_was_complete(clinic):
    interrupt_after(0.8)
    with pytest.raises(ics.Interrupted) as caught:
        clinic.run(replications=50_000, until="1y", threads=1, seed=5)
    r = caught.value.results
    assert r is not None
    assert r.interrupted
    assert r.plan["replications"] == 50_000
    few = r.values("mean_wait", "Clinic")
    assert 0 < len(few) < 50_000
    n = min(len(few), 20)
    assert clinic.run(replications=n, until="1y", seed=5).values("mean_wait", "Clinic") == few[:n]
    assert "interrupted" in repr(r)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_ctrl_c_stops_the_making_of_a_table():
    m = ics.Model("Many", time_unit="hours").arrivals("A", to="Ward 0", rate=4)
    for i in range(60):
        m.beds(f"Ward {i}", 9, stay=ics.Exponential(1), sector=f"s{i % 9}")
    r = m.run(replications=600, until="2d", threads=2)
    began = time.perf_counter()
    _ = r.replications
    took = time.perf_counter() - began
    if took < 0.3:
        pytest.skip(f"the table is made in {took:.2f} s: too quick to be interrupted")
    del r.__dict__["replications"]
    sent = interrupt_after(0.05)
    with pytest.raises(KeyboardInterrupt):
        _ = r.replications
    assert time.perf_counter() - sent[0] < 0.2
    assert len(r.audit) == 3000


def test_other_threads_run_meanwhile(long):
    ticks, over = 0, threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not over.is_set():
            ticks += 1
            time.sleep(0.002)

    ticker = threading.Thread(target=tick)
    ticker.start()
    began = time.perf_counter()
    long.run(replications=1, until="2y", threads=1)
    took = time.perf_counter() - began
    over.set()
    ticker.join()
    assert ticks > 20 * took


def test_progress_is_told(clinic):
    told: list[tuple[int, int]] = []
    clinic.run(replications=40, until="1y", progress=lambda *now: told.append(now))
    assert told[-1] == (40, 40)
    assert told == sorted(set(told))


def test_an_exception_of_the_progress_function_ends_the_run(long):
    class EnoughError(Exception):
        pass

    def enough(done: int, total: int) -> None:
        raise EnoughError

    began = time.perf_counter()
    with pytest.raises(EnoughError):
        long.run(progress=enough)
    assert time.perf_counter() - began < 1


def test_a_bar_is_shown(clinic, capsys):
    pytest.importorskip("tqdm")
    clinic.run(replications=3, until="30d", progress=True)
    assert "3/3" in capsys.readouterr().err


def test_a_line_is_shown_without_tqdm(clinic, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    clinic.run(replications=3, until="30d", progress=True)
    assert "3 of 3 replications" in capsys.readouterr().err


def test_results_do_not_depend_on_threads(step_down):
    options = {"replications": 5, "warm_up": "30d", "until": "60d", "seed": 3, "stays": True}
    one, two = (step_down.run(threads=threads, **options) for threads in (1, 2))
    for name in (
        "replications",
        "occupancy",
        "levels",
        "waits",
        "queues",
        "lists",
        "list_weeks",
        "delays",
        "deadlocks",
        "flows",
        "stays",
    ):
        assert repr(getattr(one, name).to_dict()) == repr(getattr(two, name).to_dict()), name


def test_the_plan_is_what_was_given_then_the_model_then_the_default(clinic):
    clinic.plan(replications=2, until="30d").plan(seed=9)
    r = clinic.run(seed=4)
    assert (r.plan["replications"], r.plan["until"], r.plan["seed"]) == (2, "30d", 4)
    assert r.plan["confidence"] == 0.95
    assert r.events > 0
    assert r.seconds > 0


def mean_wait(model: ics.Model) -> list[float]:
    return model.run(replications=2, until="60d", threads=1).values("mean_wait", "Clinic")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_forked_processes_run_models(clinic):
    expected = mean_wait(clinic)
    clinic.run(replications=4, until="60d", threads=2)
    with ProcessPoolExecutor(2) as pool:
        assert list(pool.map(mean_wait, [clinic] * 3)) == [expected] * 3


def test_threads_of_python_run_models(clinic):
    expected = mean_wait(clinic)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(mean_wait, [clinic] * 6)) == [expected] * 6


def test_importing_asks_for_no_other_library():
    code = """
import sys, icsflow
bad = {"numpy", "pandas", "polars", "pyarrow", "plotly", "tqdm"} & sys.modules.keys()
assert not bad, bad
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_people_are_told_apart_by_an_attribute():
    pathway = ics.Category({"P0": None, "P1": 0.25})
    m = ics.Model("Ward").cohort("referred", attributes={"pathway": pathway})
    m = m.arrivals("GP", to="Ward", rate=8, cohort="referred")
    m = m.unlimited("Ward", stay=ics.Exponential(4))
    r = m.run(replications=2, until="200d", by_attribute="pathway")
    table = r.summary.to_pandas().query("scope == 'Ward' and metric == 'joined'")
    assert list(table["pathway"]) == ["all", "P0", "P1", "none"]
    all_, p0, p1, none = table["mean"]
    assert p0 + p1 == pytest.approx(all_)
    assert none == 0
    assert p0 > 2 * p1 > 0
    with pytest.raises(ics.ModelError, match='Did you mean "pathway"'):
        m.run(replications=1, by_attribute="pathways")


def test_a_run_may_end_at_a_date(clinic):
    start = datetime.date.fromisoformat(clinic.to_dict()["start"])
    ends = start + datetime.timedelta(30)
    dated, long = (clinic.run(replications=2, until=until) for until in (ends, "30d"))
    assert dated.summary.to_pandas().equals(long.summary.to_pandas())
    assert f"2 replications, until {ends}, " in repr(dated)
    assert f"2 replications until {ends} " in clinic.plan(replications=2, until=ends).describe()
    for too_early in (start, "2020-01-01", "00:00"):
        with pytest.raises(
            ics.ModelError, match=f"run.until: .* an instant after the start, {start}"
        ):
            clinic.run(until=too_early)
