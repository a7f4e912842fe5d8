"""The command line, as a user meets it."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import icsflow as ics
import pytest


def icsflow(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "icsflow", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture
def file(tmp_path, step_down):
    step_down.plan(replications=3, warm_up="30d", until="60d")
    step_down.published("Occupancy", 0.93, metric="occupancy", scope="Acute", source="KH03")
    return step_down.save(tmp_path / "step-down.toml")


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text('nam = "M"\n[[node]]\nname = "Ward"\nbeds = -3\nstay = "2 dayz"\n')
    return path


def test_run_prints_a_summary_and_what_is_published(file):
    done = icsflow("run", file, "--seed", 4)
    assert done.returncode == 0, done.stderr
    assert "3 of 3 replications" in done.stderr
    assert "3 replications, 60d each, after 30d of warm-up, seed 4" in done.stdout
    assert "published figure" in done.stdout
    assert "KH03" in done.stdout


def test_run_writes_tables(file, tmp_path):
    out = tmp_path / "deep" / "out"
    done = icsflow("run", file, "--out", out, "--replications", 2, "--until", 30, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    names = {path.name for path in out.iterdir()}
    assert {"summary.csv", "occupancy.csv", "published.csv", "model.toml", "run.json"} <= names
    assert "stays.csv" not in names
    with (out / "summary.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    r = ics.Model.from_file(file).run(replications=2, until=30)
    assert [float(row["mean"] or "nan") for row in rows] == pytest.approx(
        r.summary["mean"], nan_ok=True
    )
    assert json.loads((out / "run.json").read_text())["plan"]["until"] == 30
    again = icsflow("run", file, "--out", out)
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert sorted(path.name for path in out.parent.iterdir()) == ["out"]


def test_run_writes_parquet(file, tmp_path):
    polars = pytest.importorskip("polars")
    done = icsflow("run", file, "--out", tmp_path / "out", "--format", "parquet", "--quiet")
    assert done.returncode == 0, done.stderr
    frame = polars.read_parquet(tmp_path / "out" / "occupancy.parquet")
    assert len(frame) == 3 * 5 * 60


def test_faults_are_told_one_a_line(broken):
    for command in ("run", "validate", "show"):
        done = icsflow(command, broken)
        assert (done.returncode, done.stdout) == (1, "")
        lines = done.stderr.splitlines()
        assert lines[-1] == "3 faults"
        assert f'{broken}:4: node["Ward"].beds: found -3; expected' in done.stderr
        assert len(lines) == 4


def test_validate_and_show(file):
    done = icsflow("validate", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith('no fault in Model("Step-down": 3 nodes')
    done = icsflow("show", file)
    assert done.returncode == 0
    for words in ("Acute: 90 places, acute", "11 per day, Poisson", "9% Home care", "KH03"):
        assert words in done.stdout


def test_diff_tells_in_words_and_by_its_status_whether_models_differ(file, step_down, tmp_path):
    other = step_down.copy().scenario("Ten more", ics.change("Acute.beds", add=10))
    other.scenario("Shorter", ics.change("Acute.stay.mean", set="4d", at="2026-03-01"))
    shorter = 'from 2026-03-01, node["Acute"].stay.lognormal.mean is "4d" instead of 6.9'
    other.plan(replications=9).save(tmp_path / "other.json")
    same = icsflow("diff", file, tmp_path / "other.json")
    assert (same.returncode, same.stdout, same.stderr) == (0, "no difference\n", "")
    for arguments, words in [
        (("Ten more",), ['node["Acute"].beds is 100 instead of 90']),
        (("Ten more", "Shorter"), ['node["Acute"].beds is 90 instead of 100', shorter]),
    ]:
        done = icsflow("diff", tmp_path / "other.json", *arguments)
        assert (done.returncode, done.stdout.splitlines(), done.stderr) == (1, words, "")
    shipped = icsflow("diff", file, ics.shipped()[0])
    assert (shipped.returncode, shipped.stderr) == (1, "")
    assert len(shipped.stdout.splitlines()) > 3


def test_faults_of_a_diff_are_no_difference(file, broken):
    for files in ((file, broken), (broken, file)):
        done = icsflow("diff", *files)
        assert (done.returncode, done.stdout) == (2, "")
        assert f'{broken}:4: node["Ward"].beds: found -3; expected' in done.stderr
        assert done.stderr.splitlines()[-1] == "3 faults"
    for arguments, words in [
        ((file, "Atlantis"), "a model that comes with the library"),
        ((file, "none.toml"), "No such file"),
        ((file, "Ten more", "Later"), "Ten more"),
        ((file,), "OTHER"),
    ]:
        done = icsflow("diff", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_replications_in_pairs(file, tmp_path):
    def run(*arguments: object) -> tuple[str, object]:
        out = tmp_path / "-".join(["out", *map(str, arguments)])
        done = icsflow("run", file, "--replications", 4, "--quiet", "--out", out, *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        plan = json.loads((out / "run.json").read_text())["plan"]
        return (out / "summary.csv").read_text(), plan.get("antithetic", False)

    model = ics.Model.from_file(file)
    alone, pairs = run(), run("--antithetic")
    assert (alone[1], pairs[1]) == (False, True)
    assert alone[0] != pairs[0]
    # Also where the model says otherwise, and up to a checkpoint.
    model.plan(antithetic=True).save(file)
    assert run("--seed", 1) == pairs
    assert run("--no-antithetic") == alone
    half = tmp_path / "half"
    plan = ("--replications", 4, "--no-antithetic", "--at", "20d", "--quiet", "--out", half)
    assert icsflow("checkpoint", file, *plan).returncode == 0
    assert run("--no-antithetic", "--start-from", half) == alone


def test_schema_is_json():
    assert json.loads(icsflow("schema").stdout)["title"] == "Model"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "required"),
        (("run",), 2, "MODEL"),
        (("run", "Atlantis"), 1, "a model that comes with the library"),
        (("run", "none.toml"), 1, "No such file"),
        (("run", "."), 2, "is a folder"),
        (("run", "Atlantis", "--seed", "x"), 2, "invalid int"),
    ],
)
def test_wrong_usage(arguments, code, words, tmp_path):
    done = icsflow(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_options_are_faults(file):
    done = icsflow("run", file, "--until", "soon", "--replications", 0)
    assert done.returncode == 1
    assert "run.until" in done.stderr
    assert "run.replications" in done.stderr


def test_every_shipped_model_is_sound():
    for name in ics.shipped():
        assert icsflow("validate", name).returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_ctrl_c_tells_and_writes_what_was_complete(tmp_path, long):
    file = long.plan(replications=20_000, until="1d").save(tmp_path / "long.toml")
    command = [sys.executable, "-m", "icsflow", "run", str(file), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        assert process.stderr is not None
        assert "of 20000 replications" in process.stderr.readline()
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 130, err
    assert "of 20000, interrupted" in out
    assert "Traceback" not in err
    # Nothing is lost, and nothing is there by halves.
    assert sorted(os.listdir(tmp_path)) == ["long.toml", "out"]
    told = json.loads((tmp_path / "out" / "run.json").read_text())
    assert 0 < told["replications_complete"] < 20_000
    assert f"{told['replications_complete']} replications of 20000, interrupted" in out
    with (tmp_path / "out" / "replications.csv").open(encoding="utf-8") as lines:
        seen = {row["replication"] for row in csv.DictReader(lines)}
    assert len(seen) == told["replications_complete"]


def test_a_reader_that_has_seen_enough(file):
    show = f"{sys.executable} -m icsflow schema | head -1"
    done = subprocess.run(show, shell=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "{"
    assert done.stderr == ""
