"""Models as they are built, written and read."""

import copy
import datetime
import json
import pickle
import re
from pathlib import Path

import icsflow as ics
import pytest

ROOT = Path(__file__).parent.parent
D = ics.Deterministic
DISTRIBUTIONS = [
    ics.Exponential(3),
    ics.Exponential(rate=0.5),
    ics.Exponential(median="2d"),
    ics.LogNormal(mean=6.9, sd=8),
    ics.LogNormal(mean="6.9d", median="4d"),
    ics.LogNormal(median=4, p95=20),
    ics.LogNormal(mu=1.2, sigma=0.9),
    ics.LogNormal(quantiles=[(0.5, "4d"), (0.95, "20d")]),
    ics.Gamma(shape=2, scale=3),
    ics.Gamma(shape=2, rate=0.3),
    ics.Gamma(mean=9, sd=8),
    ics.Weibull(shape=0.8, scale="6d"),
    ics.Erlang(shape=3, mean="45 min"),
    ics.Hyperexponential(probs=[0.7, 0.3], means=["1d", "12d"]),
    ics.Coxian(rates=[0.5, 0.1], continue_probs=[0.3]),
    ics.Uniform("10 min", "30 min"),
    ics.Triangular(1, 2, 6),
    ics.Normal(mean=5, sd=2, low=0),
    ics.Normal(mean=5, sd=2, low=0, method="clip"),
    ics.Deterministic("2d"),
    ics.Discrete([1, 2], [0.9, 0.1]),
    ics.Empirical([1.2, 3.5, 0.4, 12.0]),
    ics.Mixture([(0.6, ics.Exponential("8h")), (0.4, "3d")]),
    ics.Geometric(mean=1.4),
    ics.Hazard(["0d", "7d"], [0, 0.05]),
    ics.DailyHazard([0, 0.1, 0.2]),
    ics.Poisson(mean=3.2),
    ics.Listed(["2d", "5d", "1d"]),
]


def everything() -> ics.Model:
    """A model with every word of the vocabulary."""
    m = ics.Model(
        "Everything",
        start=datetime.datetime(2026, 1, 5, 6),
        time_unit="hours",
        description="For tests.",
        exits=["hospice"],
        evidence={"all": "assumed: a test"},
    )
    m.bank_holidays([datetime.date(2026, 4, 3), "2026-04-06"], like="Sat")
    m.group("System", kind="system", population=2_400_000, evidence={"population": "ONS"})
    m.group("Trust", kind="provider", part_of="System")
    m.cohort(
        "medical",
        attributes={
            "age": ics.Normal(mean=70, sd=18, low=0),
            "frail": [ics.case("age >= 80", ics.Flag(0.4)), ics.Flag(0.1)],
            "lives": ics.Category({"alone": 0.4, "with others": None}),
            "score": ics.Number(3),
        },
    )
    m.cohort("surgical")
    m.arrivals(
        "Emergency",
        to="Acute",
        rate=2,
        weekly=[1.1, 1, 1, 1, 1, 0.9, 0.9],
        hourly=range(1, 25),
        curve=ics.Curve({"2026-01-05": 1, datetime.date(2026, 2, 1): 1.2}, shape="linear"),
        cohort={"medical": 0.7, "surgical": None},
        batch=ics.Discrete([1, 2], [0.9, 0.1]),
        evidence={"rate": "assumed"},
    )
    m.arrivals("Transfers", to="Acute", interarrival=ics.Erlang(shape=2, mean=9), cohort="medical")
    m.arrivals(
        "Lists",
        to="Acute",
        timetable=ics.Timetable(
            times=[3, "2d", datetime.timedelta(hours=5)],
            weekly=[ics.At("09:00", datetime.time(13, 30), days=["Mon", "Thu"])],
        ),
        cohort="surgical",
    )
    m.beds(
        "Acute",
        400,
        sector="acute",
        group="Trust",
        stay=[ics.case("age >= 75", ics.LogNormal(mean="9d", sd="8d")), "2d"],
        process_delay={
            "assessment": ics.Exponential(7),
            "transport": ics.ProcessDelay(ics.Uniform(1, 4), share=0.4),
            "placement": [ics.case("frail", ics.ProcessDelay(ics.Exponential(30), share=0.2))],
        },
        leave=[ics.Open("08:00", "12:00"), ics.Open("13:00", "20:00", days=["Mon", "Tue"])],
        queue=ics.Queue(discipline="class", classes=["frail", "age >= 65"], limit=200),
        evidence={"beds": "KH03"},
    )
    m.beds(
        "Community",
        60,
        sector="community",
        group="Trust",
        stay=ics.Gamma(mean="20d", sd="15d"),
        leave=ics.HourProfile([0] * 10 + [1] * 8 + [0] * 6, weekdays=[1, 1, 1, 1, 1, 0.5, 0.4]),
        waiting_room=4,
    )
    m.unlimited(
        "At home with care",
        stay=ics.Weibull(shape=0.9, scale="3w"),
        sector="social",
        leave=ics.At("11:00", "15:00"),
    )
    m.route(
        "Acute", {"Community": 0.3, ics.DIED: 0.05, "hospice": 0.01, ics.HOME: None}, when="frail"
    )
    m.route("Acute", {"At home with care": 1}, cohort="surgical")
    m.route("Acute", {"At home with care": 0.2, ics.EXIT: None})
    m.published("Occupancy", 0.93, metric="occupancy", scope="Acute", source="KH03")
    m.published(
        "Per head",
        2.0,
        metric="started",
        scope="Acute",
        per="started",
        per_scope="Community",
        source="assumed",
    )
    m.plan(
        replications=3,
        warm_up="30d",
        until="60d",
        seed=7,
        census="08:00",
        confidence=0.9,
        levels=True,
        by_cohort=True,
        stays=True,
    )
    return m


def queues_and_capacity() -> ics.Model:
    """Every word of queues and capacity: the model of the file of this name."""
    m = ics.Model("Words", start="2026-01-05", time_unit="hours")
    m.cohort("patients", attributes={"urgent": ics.Flag(0.2), "age": ics.Uniform(18, 90)})
    m.arrivals("Door", to="Emergency", rate=2)
    m.arrivals("Referrals", to="Elective list", rate=1)
    m.beds(
        "Emergency",
        ics.Capacity(
            10,
            weekly=[
                ics.Shift("20:00", "08:00", 6),
                ics.Shift(datetime.time(8), "20:00", 8, days=["Sat", "Sun"]),
            ],
            dates=[
                ics.Edit(datetime.date(2026, 2, 1), add=-2, ramp="14d", shape={"steps": 2}),
                ics.Edit("60d", times=1.5),
                ics.Edit("2026-06-01T06:00", to=12),
            ],
        ),
        stay="4h",
        cut="interrupt",
        outage={
            "power": ics.Outage(ics.Exponential("90d"), "2h"),
            "staff": ics.Outage(ics.Exponential("9d"), "8h", places=2),
        },
        turnaround=[ics.case("urgent", D("1h")), ics.Exponential("20 min")],
        admit="urgent or free() > 1",
        ring_fence={"urgent": ics.RingFence(2, when="urgent")},
        corridor=3,
        queue=ics.Queue(
            classes=["urgent", "age >= 75"],
            limit=20,
            if_full="Next door",
            patience=[ics.case("age < 75", ics.Exponential("6h"))],
            renege={ics.HOME: 0.9, ics.DIED: None},
            balk="queue() > 15 and not urgent",
            balk_to=ics.EXIT,
            change_class=[ics.ChangeClass(3, 2, after="4h")],
            review=[
                ics.Review(
                    "1d", at="08:00", when="waited > 12", remove=0.1, to=ics.HOME, new_class=1
                )
            ],
            switch={"Next door": "free('Next door') > 3 and queue() > 5"},
            preempt=ics.Displace("Next door"),
        ),
    )
    m.beds(
        "Next door",
        ics.Capacity(2, cycle=ics.Cycle("20h", {0: 2, "12h": 0})),
        stay="4h",
        cut=ics.Transfer({"Emergency": 1}),
        vacation=ics.Exponential("1h"),
        queue=ics.Queue(discipline="last come", balk=[ics.Balk("inside() > 100", share=0.5)]),
    )
    m.beds("Theatre A", 1, stay="2h", queue="Elective list")
    m.beds("Theatre B", 1, stay="2h", queue="Elective list", cut="early end")
    m.beds("Ward A", 4, stay="3d", queue=ics.Queue(discipline="random"))
    urgent = ics.Queue(classes=["urgent"], preempt="resample", limit="unlimited")
    m.beds("Ward B", 4, stay="3d", queue=urgent)
    m.queue(
        "Elective list",
        ics.Queue(
            score="10 * urgent + waited",
            patience="18w",
            review=[ics.Review("30d", remove=0.02)],
        ),
        evidence={"patience": "assumed: eighteen weeks"},
    )
    m.route("Theatre A", ["Ward A", "Ward B"], choose="first free")
    m.route("Theatre B", ["Ward B", "Ward A"], choose="least load", when="free('Ward A') > 0")
    m.route("Emergency", {"Elective list": 0.2, ics.HOME: None})
    m.route("Next door", ics.HOME)
    return m


def test_ways_are_the_same_in_python_and_in_files():
    m = ics.Model("Ways", start="2026-01-05", time_unit="hours", deadlock="swap")
    m.cohort("patients", attributes={"frail": ics.Flag(0.3)})
    m.arrivals("999", to="Ambulance", rate=2)
    m.beds("Ambulance", 6, stay=D(1))
    m.beds("ED", 9, stay=D(4), queue=ics.Queue(limit=20), waiting_room="queue")
    m.beds("Ward", 30, stay="3d", receive=ics.Open("08:00", "20:00"))
    m.route("Ambulance", "ED")
    m.route("ED", {"Ward": 0.25, ics.HOME: None})
    m.route("Ward", {"ED": 0.05, ics.HOME: None})
    m.transfer("Ambulance", "ED", ics.Exponential("25 min"), hold_origin="until start")
    m.transfer("ED", "Ward", "20 min")
    to_go = [ics.case("frail", ics.Exponential("2h"))]
    m.transfer("Ward", ics.HOME, to_go, hold_origin=True)
    m.check()
    path = ROOT / "crates/icsflow/tests/ways.toml"
    assert json.loads(m.to_json()) == json.loads(ics.Model.from_file(path).to_json())
    assert ics.Model.from_toml(m.to_toml()) == m
    described = m.describe()
    assert "on the way to ED: exponential, mean 25min, the place held until the start" in described
    assert "may set out to come here" in described


def test_queues_and_capacity_are_the_same_in_python_and_in_files():
    m = queues_and_capacity().check()
    path = ROOT / "crates/icsflow/tests/queues_and_capacity.toml"
    assert json.loads(m.to_json()) == json.loads(ics.Model.from_file(path).to_json())
    assert ics.Model.from_json(m.to_json()) == m
    assert ics.Model.from_toml(m.to_toml()) == m
    described = m.describe()
    for words in (
        "6 places from 20:00 to 08:00",
        "from 2026-02-01: add -2 over 14d",
        "every 20h: 2 from 0 hours, 0 from 12h",
        "staff: 2 fail",
        "gives up after: exponential, mean 6h if age < 75, then 90% home, the rest died",
        "50% turn away if inside() > 100",
        "preempts: displace to Next door",
        "transfer to Emergency",
        "Elective list: served by Theatre A, Theatre B",
        "next: Ward A, Ward B (first free)",
    ):
        assert words in described, described
    assert "Emergency" in m._repr_html_()


def test_every_word_of_the_vocabulary_goes_round_all_formats():
    m = everything().check()
    assert ics.Model.from_json(m.to_json()) == m
    assert ics.Model.from_toml(m.to_toml()) == m
    assert ics.Model.from_toml(ics.Model.from_json(m.to_json()).to_toml()).to_json() == m.to_json()
    assert "At home with care" in m.describe()
    assert m.nodes == ["Acute", "Community", "At home with care"]


def test_every_door_gives_the_same_numbers():
    m = everything()
    runs = [x.run(replications=2) for x in (m, ics.Model.from_toml(m.to_toml()))]
    first, second = (run.replications.to_dict() for run in runs)
    assert repr(first) == repr(second)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda d: d.family)
def test_a_distribution_keeps_its_parameters(distribution):
    m = ics.Model("M").beds("Ward", 1, stay=distribution).check()
    data = json.loads(m.to_json())["node"][0]["stay"]
    assert list(data) == [distribution.family]
    assert list(data[distribution.family]) == list(distribution.plain()[distribution.family])
    assert ics.Model.from_toml(m.to_toml()) == m


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda d: d.family)
def test_a_distribution_gives_samples(distribution):
    values = distribution.sample(200, seed=3)
    assert len(values) == 200
    assert values == distribution.sample(200, seed=3)
    assert all(value >= 0 for value in values)
    if distribution.family not in ("deterministic", "listed"):
        assert values != distribution.sample(200, seed=4)
        assert len(set(values)) > 1


def test_samples_have_the_unit_that_was_asked_for():
    assert D("36h").sample(1) == [1.5]
    assert D("36h").sample(1, time_unit="hours") == [36]
    assert D(36).sample(1) == [36]
    assert D(-36).sample(1) == [-36]
    assert ics.Listed([3, 1]).sample(3) == [3, 1, 3]
    with pytest.raises(ics.ModelError, match="a unit of time"):
        D(1).sample(1, time_unit="fortnights")


def test_models_are_data():
    m = everything()
    for other in (pickle.loads(pickle.dumps(m)), copy.copy(m), copy.deepcopy(m), m.copy()):
        assert other == m
        assert other is not m
        assert other.beds("More", 1, stay=1) != m
    assert m != "Everything"
    m.to_dict()["name"] = "Other"
    assert m.name == "Everything"
    assert m.start == "2026-01-05T06:00:00"
    assert m.time_unit == "hours"


def test_equal_is_what_means_the_same():
    spelt = ics.Model("M", time_unit="days").beds("Ward", 3, stay=ics.Deterministic("2d"))
    assert spelt == ics.Model("M").beds("Ward", 3, stay="2d")
    assert spelt != ics.Model("M").beds("Ward", 3, stay="3d")


def test_values_of_other_libraries_are_taken():
    numpy, pandas, polars = map(pytest.importorskip, ("numpy", "pandas", "polars"))
    plain = ics.Model("M").beds("Ward", 3, stay=ics.Empirical([1.0, 2.0, 4.0]))
    for values in (
        numpy.array([1.0, 2.0, 4.0]),
        pandas.Series([1.0, 2.0, 4.0]),
        polars.Series([1.0, 2.0, 4.0]),
        (x for x in (1.0, 2.0, 4.0)),
    ):
        assert ics.Model("M").beds("Ward", numpy.int64(3), stay=ics.Empirical(values)) == plain


def test_models_are_saved_whole(tmp_path, clinic):
    for name in ("m.toml", "m.json", "m.JSON"):
        path = clinic.save(tmp_path / name)
        assert ics.Model.from_file(path) == clinic
        assert ics.Model.from_file(str(path)) == clinic
    with pytest.raises(ics.ModelError):
        ics.Model("Nothing").save(tmp_path / "nothing.toml")
    with pytest.raises(FileNotFoundError):
        clinic.save(tmp_path / "no" / "such" / "folder.toml")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.JSON", "m.json", "m.toml"]


def test_shipped_models_open_by_name():
    for name in ics.shipped():
        assert ics.open(name) == ics.Model.open(name.upper())
        assert ics.open(name).nodes
    with pytest.raises(ics.ModelError, match="a model that comes with the library"):
        ics.open("Atlantis")


def test_schema_knows_every_key():
    sections = ics.schema()["properties"]
    data = json.loads(everything().to_json())
    assert data.keys() <= sections.keys()


def test_reprs_read_well_and_never_fail(step_down):
    shown = repr(step_down)
    assert (
        shown
        == 'Model("Step-down": 3 nodes, 1 stream of arrivals, 1 route; from 2026-01-05, in days)'
    )
    html = step_down._repr_html_()
    assert "lognormal, mean 18 days, median 9 days" in html
    assert "3.5% Community" in html
    assert "&lt;b&gt;" in ics.Model("<b>")._repr_html_()
    broken = ics.Model("Broken").beds(
        "Ward", "many", stay=[None, {"x": []}], process_delay={"a": 3}
    )
    broken.route("Ward", {"a": "b"}).arrivals("A", to="B", rate="x", weekly=["y"])
    broken.beds("Unit", {"weekly": 3, "dates": [None]}, stay=1, queue=4, cut=[], outage=[2])
    broken.queue("List", ics.Queue(balk=3, review=["x"], patience={})).route("Unit", 3, choose=4)
    broken.published("P", "x", metric="m", source="s").cohort("c", attributes={"a": "b"})
    for told in (repr(broken), broken._repr_html_(), broken.describe()):
        assert "Broken" in told
    for told in (everything().describe(), everything()._repr_html_()):
        assert "frail" in told
    assert "as on a Sat: 2026-04-03, 2026-04-06" in everything().describe()


def test_a_bank_holiday_may_be_alone():
    def dated(dates):
        return ics.Model("Ward").bank_holidays(dates).beds("Ward", 2, stay=1)

    one = dated(["2026-12-25"])
    assert dated("2026-12-25") == dated(datetime.date(2026, 12, 25)) == one
    assert dated({datetime.date(2026, 12, 25): "Christmas Day"}) == one
    with pytest.raises(ics.ModelError, match=r'dates\[0\]: found "Christmas"'):
        dated("Christmas").check()


def test_a_census_from_a_table_knows_who_is_in_process():
    m = ics.Model("From today").beds(
        "Ward", 9, stay="4d", process_delay={"papers": ics.Exponential("2d")}
    )
    m.census_from(
        {
            "node": ["Ward"] * 4,
            "in_process": ["papers", None, "papers", None],
            "waited": ["3d", None, "1d", "2h"],
            "spent": ["9d", "1d", "6d", None],
        }
    )
    told = [(c.get("in_process"), c.get("people"), c.get("queue")) for c in m.to_dict()["census"]]
    assert told == [("papers", 2, None), (None, 1, None), (None, None, 1)]
    assert "2 in places, in process: papers" in m.describe()
    # The three are there from the start, two of them in process: the fourth has a bed at once.
    r = m.run(replications=2, until="30d", seed=1)
    assert next(row["mean"] for row in r.occupancy.rows(level="ready")) == 2


def test_a_census_may_come_as_rows_or_with_gaps(tmp_path):
    rows = [{"node": "Ward", "spent": 3}, {"node": "Ward", "spent": 2.5}, {"node": "P1"}]
    told = ics.Model("M").census_from(rows).to_dict()["census"]
    assert told == [{"node": "Ward", "people": 2, "spent": [3, 2.5]}, {"node": "P1", "people": 1}]
    pandas = pytest.importorskip("pandas")
    gaps = pandas.DataFrame(
        {"node": ["Ward"] * 2, "spent": pandas.array([3, pandas.NA], dtype="Int64")}
    )
    told = ics.Model("M").census_from(gaps).to_dict()["census"]
    assert [entry.get("spent") for entry in told] == [[3], None]
    for wrong, words in [
        (3, "found 3"),
        ([3], "rows as mappings"),
        ({"node": "Ward"}, "its column 'node' is 'Ward'"),
    ]:
        with pytest.raises(TypeError, match=re.escape(words)):
            ics.Model("M").census_from(wrong)
    with pytest.raises(ValueError, match="found 3 in 'node', 2 in 'spent'"):
        ics.Model("M").census_from({"node": ["Ward"] * 3, "spent": [1, 2]})
