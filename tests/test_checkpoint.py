"""Checkpoints: a run that stops, and goes on in this process or another, in one way or several."""

import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import icsflow as ics
import pytest

PLAN = {"replications": 3, "warm_up": "40d", "until": "120d", "stays": True}
TABLES = ("replications", "summary", "occupancy", "levels", "waits", "delays", "flows", "stays")


def tables(results):
    return {name: getattr(results, name).rows() for name in TABLES}


def same(a, b):
    return all(repr(list(a[name])) == repr(list(b[name])) for name in TABLES)


def more(at):
    changes = [
        ics.change("Community.beds", add=5, at=at),
        ics.change("Emergency.rate", multiply=1.1, at=at),
    ]
    return ics.Scenario("More", changes)


def test_a_run_goes_on_in_another_process(step_down, tmp_path):
    model, kept = tmp_path / "model.toml", tmp_path / "half.checkpoint"
    step_down.save(model)
    step_down.checkpoint("60d", **PLAN).save(kept)
    code = (
        "import sys, icsflow as ics\n"
        "r = ics.Model.from_file(sys.argv[1]).run(start_from=ics.Checkpoint.load(sys.argv[2]))\n"
        f"print(repr([list(getattr(r, name).rows()) for name in {TABLES!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(model), str(kept)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    whole = tables(step_down.run(**PLAN))
    assert done.stdout.strip() == repr([list(whole[name]) for name in TABLES])


@pytest.mark.parametrize("at", ["-20d", "0d", "33.3d"])
def test_scenarios_branch_from_one_warm_up(step_down, at):
    half = step_down.checkpoint(at, **PLAN)
    when = "0d" if at.startswith("-") else at
    branch = step_down.run(start_from=half, scenario=more(when))
    assert same(tables(branch), tables(step_down.run(scenario=more(when), **PLAN)))
    base = step_down.run(start_from=half)
    assert same(tables(base), tables(step_down.run(**PLAN)))
    assert base.values("occupied", "Community") != branch.values("occupied", "Community")
    assert base.plan["warm_up"] == "40d"


def branched(model, half, at):
    return (
        ics.Model.from_json(model)
        .run(start_from=half, scenario=more(at))
        .values("mean_wait", "Community")
    )


def test_branches_run_in_processes(step_down):
    half = step_down.checkpoint("30d", **PLAN)
    assert repr(pickle.loads(pickle.dumps(half))) == repr(half)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        told = [pool.submit(branched, step_down.to_json(), half, at) for at in ("30d", "50d")]
        told = [one.result() for one in told]
    for values, at in zip(told, ("30d", "50d"), strict=True):
        assert values == step_down.run(scenario=more(at), **PLAN).values("mean_wait", "Community")


def test_what_would_not_go_on_to_the_same_bits_is_refused(step_down, clinic, tmp_path):
    half = step_down.checkpoint("30d", **PLAN)
    assert repr(half) == "<Checkpoint of 'Step-down' at 30d, 3 replications>"

    def fault(model, **options):
        with pytest.raises(ics.ModelError) as caught:
            model.run(start_from=half, **options)
        return caught.value.faults[0]

    assert fault(clinic).path == "model"
    told = fault(step_down, seed=2)
    assert (told.path, told.found) == ("run.seed", "2")
    assert fault(step_down, replications=4).expected == "at most 3: as many as the checkpoint has"
    assert fault(step_down, until="30d").path == "run.until"
    early = fault(step_down, scenario=more("29d"))
    assert early.path == 'scenario["More"].change[0].at'
    assert early.expected == "30d or later: the time of the checkpoint"
    with pytest.raises(ics.ModelError, match="an instant within the run, after -40 and before 120"):
        step_down.checkpoint("2y", **PLAN)
    broken = tmp_path / "half.checkpoint"
    half.save(broken)
    broken.write_bytes(broken.read_bytes()[:-7])
    with pytest.raises(OSError, match="holds no whole checkpoint"):
        ics.Checkpoint.load(broken)
    with pytest.raises(FileNotFoundError):
        ics.Checkpoint.load(tmp_path / "none")


def test_the_command_line_stops_and_goes_on(step_down, tmp_path):
    model, kept = tmp_path / "model.toml", tmp_path / "half.checkpoint"
    step_down.plan(replications=2, warm_up="10d", until="40d").save(model)

    def icsflow(*arguments):
        command = [sys.executable, "-m", "icsflow", *map(str, arguments), "--quiet"]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    done = icsflow("checkpoint", model, "--at", "20d", "--out", kept)
    assert done.returncode == 0, done.stderr
    assert "at 20d, 2 replications" in done.stdout
    whole, rest = icsflow("run", model), icsflow("run", model, "--start-from", kept)
    assert rest.returncode == 0, rest.stderr
    # The first line tells how long it took.
    assert rest.stdout.splitlines()[1:] == whole.stdout.splitlines()[1:]
    other = icsflow("run", model, "--start-from", kept, "--seed", 7)
    assert other.returncode == 1
    assert "run.seed: found 7; expected 1, as in the checkpoint" in other.stderr
