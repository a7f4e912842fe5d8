"""Every fault at once, each told so that it can be mended."""

import math
import pickle

import icsflow as ics
import pytest


def faults(model: ics.Model, **options: object) -> list[ics.Fault]:
    with pytest.raises(ics.ModelError) as caught:
        model.run(**options) if options else model.check()
    return caught.value.faults


def test_all_faults_come_at_once():
    m = ics.Model("Broken", start="5 January", time_unit="fortnights")
    m.arrivals("Emergency", to="Acutte", rate=-3, weekly=[1, 1])
    m.beds("Acute", -1, stay=ics.LogNormal(mean=9), process_delay={"x": ics.Exponential("9 foo")})
    m.route("Acute", {"Comunity": 0.5, ics.HOME: 0.7})
    m.beds("Community", 3, stay=ics.Exponential(math.nan), group="Nobody")
    found = faults(m)
    paths = [fault.path for fault in found]
    for path in (
        "start",
        "time_unit",
        'arrivals["Emergency"].to',
        'arrivals["Emergency"].rate',
        'arrivals["Emergency"].weekly',
        'node["Acute"].beds',
        'node["Acute"].stay.lognormal',
        'node["Acute"].process_delay.x.exponential.mean',
        'node["Community"].stay.exponential.mean',
        'node["Community"].group',
        "route[0].to.Comunity",
        "route[0].to",
    ):
        assert path in paths, paths
    nearest = {fault.path: fault.nearest for fault in found}
    assert nearest['arrivals["Emergency"].to'] == "Acute"
    assert nearest["route[0].to.Comunity"] == "Community"


def test_a_fault_reads_as_a_sentence():
    m = ics.Model("M").beds("Acute", 3, stay=1).route("Acute", {"Acutte": 1})
    (fault,) = faults(m)
    assert str(fault) == (
        'route[0].to.Acutte: found "Acutte"; expected a node, a list or a way out: one of Acute, '
        'home, died, exit. Did you mean "Acute"?'
    )
    with pytest.raises(ics.ModelError) as caught:
        m.check()
    assert str(caught.value) == f"1 fault:\n  {fault}"
    assert isinstance(caught.value, ValueError)


def test_faults_of_toml_have_lines():
    text = 'name = "M"\n\n[[node]]\nname = "Ward"\nbeds = 3\nstay = "2 dayz"\n'
    with pytest.raises(ics.ModelError) as caught:
        ics.Model.from_toml(text)
    (fault,) = caught.value.faults
    assert (fault.path, fault.line) == ('node["Ward"].stay', 6)
    with pytest.raises(ics.ModelError, match="not TOML"):
        ics.Model.from_toml("name = ")
    with pytest.raises(ics.ModelError, match="not JSON"):
        ics.Model.from_json("{")
    with pytest.raises(ics.ModelError):
        ics.Model.from_json("[" * 100_000)


def test_faults_of_options_are_told_in_the_same_way(clinic):
    found = faults(
        clinic, replications=0, warm_up="-3d", until="soon", confidence=2, census="25:00"
    )
    assert {fault.path for fault in found} == {
        "run.replications",
        "run.warm_up",
        "run.until",
        "run.confidence",
        "run.census",
    }
    assert [fault.path for fault in faults(clinic, seed=-1, threads=-1)] == ["run.seed", "threads"]
    with pytest.raises(ics.ModelError) as caught:
        ics.Exponential(1).sample(-3, seed=-1)
    assert [fault.path for fault in caught.value.faults] == ["n", "seed"]


def test_shapes_that_are_not_meant_are_told_too():
    m = ics.Model("M").beds("Ward", 3, stay=1, process_delay=[3])
    m.cohort("c", attributes={"age": 3, "sex": {"m": 0.5}, "x": [ics.case("age > 3", 2)]})
    m.route("Ward", 3).arrivals("A", to="Ward", rate=1, cohort=["c"])
    paths = {fault.path for fault in faults(m)}
    assert paths >= {
        'node["Ward"].process_delay',
        'cohort["c"].attributes.age',
        "route[0].to",
        'arrivals["A"].cohort',
    }
    assert any(path.startswith('cohort["c"].attributes.sex') for path in paths)


def test_what_cannot_be_data_is_a_type_error():
    with pytest.raises(TypeError, match="a model cannot hold"):
        ics.Model("M").beds("Ward", 3, stay=object())
    with pytest.raises(TypeError, match="exponential: mean: a model cannot hold"):
        ics.Model("M").beds("Ward", 3, stay={"exponential": {"mean": object()}})
    with pytest.raises(TypeError, match="by their names"):
        ics.Model("M").beds("Ward", 3, stay=1, process_delay=ics.Exponential(2))
    with pytest.raises(TypeError):
        ics.Model("M").beds("Ward", 3, stey=1)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError):
        ics.Model.from_file(tmp_path / "none.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes('name = "Château"'.encode("latin-1"))
    with pytest.raises(ics.ModelError, match="UTF-8"):
        ics.Model.from_file(latin)


def test_a_list_that_runs_out_stops_the_run():
    m = ics.Model("M").arrivals("A", to="Ward", rate=1).beds("Ward", 3, stay=ics.Listed([1, 2]))
    with pytest.raises(ics.RunError, match=r"Ward.*come to its end"):
        m.run(replications=2, until="100d")


def test_results_tell_what_they_know(results):
    with pytest.raises(ValueError, match='Did you mean "mean_wait"'):
        results.values("mean_wiat", "Acute")
    with pytest.raises(ValueError, match='Did you mean "Acute"'):
        results.values("mean_wait", "Acuet")
    with pytest.raises(ValueError, match="does not apply"):
        results.values("inside", "Acute")
    with pytest.raises(KeyError, match="there is no column"):
        results.summary["men"]


def test_errors_travel_between_processes():
    (fault,) = faults(ics.Model("M"))
    error = pickle.loads(pickle.dumps(ics.ModelError([fault])))
    assert error.faults == [fault]
    assert isinstance(error.faults[0], ics.Fault)
