"""The validation cases, as `tests/cases/run.py` runs them: some minutes."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "cases"))

import run
from accept import Estimate, estimate, judge, t_975

NAMES = sorted(path.stem.partition("_")[0] for path in run.CASES.glob("*.yaml"))

needs_cases = pytest.mark.skipif(not NAMES, reason="the case files are not here")


@needs_cases
# T31 builds an example program, unless `cargo test` has done so before.
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_fails(name):
    (case,) = run.load(run.CASES, [name])
    rows = run.judged(case)
    if all(row.verdict.status == "not yet" for row in rows):
        pytest.skip(f"not yet: {case['title']}")
    assert any(row.verdict.status == "passed" for row in rows)
    assert [run.line(row) for row in rows if row.verdict.status == "failed"] == []


@needs_cases
def test_every_metric_of_every_case_is_listed():
    for case in run.load(run.CASES, []):
        plan = run.plan_of(case)
        said = {number for group in plan.groups for number, _ in group.measures}
        said |= {number for number, _ in [*plan.direct, *plan.missing]}
        assert said == set(range(len(case["expected"]))), case["id"]


def test_jackknife_is_the_standard_error_of_a_mean():
    samples = np.array([[1.0], [2.0], [4.0], [9.0]])
    found = estimate(samples)
    assert found.value == 4.0
    assert math.isclose(found.se, samples.std(ddof=1) / 2)


def test_variance_is_pooled_before_it_is_formed():
    # Two runs, each without spread, at 0 and at 2.
    moments = np.array([[0.0, 0.0], [2.0, 4.0]])
    assert estimate(moments, lambda mean: mean[1] - mean[0] ** 2).value == 1.0


@pytest.mark.parametrize(("df", "point"), [(9, 2.2622), (19, 2.0930), (499, 1.9647)])
def test_student(df, point):
    assert abs(t_975(df) - point) < 1e-4


Z = {"rule": "z", "max_abs_z": 4, "rel_half_width": 0.1}


@pytest.mark.parametrize(
    ("found", "status", "lone"),
    [
        (Estimate(10.1, 0.1, 20), "passed", False),
        (Estimate(10.45, 0.1, 20), "failed", True),
        (Estimate(10.6, 0.1, 20), "failed", False),
        (Estimate(10.0, 1.0, 20), "failed", False),
        (Estimate(math.nan, math.nan, 0), "failed", False),
    ],
)
def test_z(found, status, lone):
    verdict = judge({"value": 10.0, "accept": Z}, found)
    assert (verdict.status, verdict.lone) == (status, lone)
    assert (verdict.needed > 0) == (found.se == 1.0)


def test_an_exact_value_without_spread():
    expected = {"value": 0.0, "accept": Z}
    assert judge(expected, Estimate(0.0, 0.0, 20)).status == "passed"
    assert judge(expected, Estimate(0.1, 0.0, 20)).status == "failed"


@pytest.mark.parametrize(("value", "status"), [(10.85, "passed"), (10.95, "failed")])
def test_two_samples(value, status):
    rule = {"rule": "two_sample_z", "max_abs_z": 4, "extra_abs": 0.5}
    expected = {"value": 10.0, "ci95_half_width": 0.196, "accept": rule}
    assert judge(expected, Estimate(value, 0.0, 20)).status == status
