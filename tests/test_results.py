"""Tables, and the libraries that read them."""

import datetime
import gc
import math
import pickle

import icsflow as ics
import pytest

TABLES = [
    "summary",
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
    "audit",
    "published",
]


def same(a: object, b: object) -> bool:
    """Equal, where missing numbers are NaN on one side and None or NaN on the other."""
    missing = [x is None or (isinstance(x, float) and math.isnan(x)) for x in (a, b)]
    return all(missing) if any(missing) else a == b


@pytest.mark.parametrize("name", TABLES)
def test_every_library_reads_the_same(results, name):
    pyarrow, duckdb = map(pytest.importorskip, ("pyarrow", "duckdb"))
    table = getattr(results, name)
    columns = table.to_dict()
    assert len(table) == len(next(iter(columns.values())))
    assert name in ("deadlocks", "list_weeks", "published", "queues") or len(table) > 0
    arrow = pyarrow.table(table)
    arrow.validate(full=True)
    assert arrow.num_rows == len(table)
    assert arrow.schema.metadata == {b"name": name.encode()}
    pandas, polars = table.to_pandas(), table.to_polars()
    assert pandas.attrs["units"] == table.units
    told = table  # noqa: F841 (the SQL reads it)
    duck = duckdb.sql("from told").fetchall()
    for i, (column, values) in enumerate(columns.items()):
        field = arrow.schema.field(column)
        assert (field.metadata or {}).get(b"unit", b"").decode() == table.units.get(column, "")
        for other in (
            arrow[column].to_pylist(),
            polars[column].to_list(),
            pandas[column].tolist(),
            [row[i] for row in duck],
        ):
            assert len(other) == len(values)
            assert all(map(same, values, other)), column


def test_types_are_those_that_libraries_want(results):
    pyarrow = pytest.importorskip("pyarrow")
    types = {field.name: field.type for field in pyarrow.table(results.occupancy).schema}
    assert types["node"] == pyarrow.dictionary(pyarrow.int32(), pyarrow.utf8())
    assert types["date"] == pyarrow.timestamp("us")
    assert types["mean"] == pyarrow.float64()
    assert pyarrow.table(results.audit).schema.field("left_side").type == pyarrow.int64()
    assert pyarrow.table(results.stays)["left"].null_count > 0
    assert isinstance(results.occupancy["date"][0], datetime.datetime)


def test_a_stream_may_be_dropped_unread_and_read_again(results):
    pyarrow = pytest.importorskip("pyarrow")
    for _ in range(50):
        results.stays.__arrow_c_stream__()
        reader = pyarrow.RecordBatchReader.from_stream(results.stays)
        batch = reader.read_next_batch()
        del reader
        gc.collect()
        assert batch.num_rows == len(results.stays)


def test_an_array_outlives_its_results():
    pyarrow = pytest.importorskip("pyarrow")
    m = ics.Model("M").arrivals("A", to="W", rate=9).beds("W", 3, stay=ics.Exponential(0.2))
    column = pyarrow.table(m.run(replications=2, until="50d").replications)["value"]
    gc.collect()
    assert column.to_pylist() == column.combine_chunks().to_pylist()


def test_rows_and_values_agree(results):
    (row,) = results.summary.rows(scope="Acute", metric="occupancy", cohort="all")
    values = results.values("occupancy", "Acute")
    assert len(values) == 3
    assert row["mean"] == pytest.approx(sum(values) / 3)
    assert row["unit"] == "share"
    assert results.values("entered", "Step-down")
    assert results.scopes["acute"] == "sector"
    assert len(results.summary.rows()) == len(results.summary)


def test_lists_are_scopes_and_lines_are_told_by_class():
    queue = ics.Queue(classes=["cohort == 'urgent'"], change_class=[ics.ChangeClass(2, 1, "2h")])
    m = ics.Model("Paper", time_unit="hours").cohort("urgent").cohort("routine")
    m.arrivals("In", to="List", timetable=ics.Timetable(times=[1, 2]), cohort="routine")
    m.queue("List", queue).beds("Desk", 1, stay="4h", queue="List")
    r = m.run(replications=1, until="20h")
    assert r.scopes == {"Desk": "node", "List": "list", "Paper": "system"}
    told = [(row["class"], row["mean"], row["joined"], row["changed"]) for row in r.queues.rows()]
    assert told == [(1, 0.05, 0.05, 0.05), (2, 0.1, 0.05, 0)]
    assert "List" in repr(r)
    with pytest.raises(ValueError, match='does not apply to "List"'):
        r.values("places", "List")


def test_the_census_has_dates_and_hours(clinic):
    r = clinic.run(replications=1, until="3d", census="08:00")
    assert r.occupancy["date"][:3] == [datetime.datetime(2026, 1, day, 8) for day in (5, 6, 7)]


def test_nobody_is_lost(results):
    assert set(results.audit["holds"]) == {"yes"}


def test_results_are_kept_whole(results, tmp_path):
    # What else stands there is left alone.
    (tmp_path / "kept.part").write_text("mine")
    results.save(tmp_path / "kept")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "kept.part"]
    assert (tmp_path / "kept.part").read_text() == "mine"
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        results.save(tmp_path / "folder")
    assert not list(tmp_path.glob(".*"))
    for again in (ics.Results.load(tmp_path / "kept"), pickle.loads(pickle.dumps(results))):
        for name in TABLES:
            assert str(getattr(again, name).to_dict()) == str(getattr(results, name).to_dict())
        assert again.plan == results.plan
        assert repr(again).splitlines()[1:] == repr(results).splitlines()[1:]
    assert pickle.loads(pickle.dumps(results)).seconds == results.seconds
    whole = (tmp_path / "kept").read_bytes()
    (tmp_path / "half").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(OSError, match="half: holds no whole results"):
        ics.Results.load(tmp_path / "half")
    with pytest.raises(FileNotFoundError):
        ics.Results.load(tmp_path / "none")


def test_reprs_read_well(results):
    shown = repr(results)
    assert shown.startswith("Step-down: 3 replications, 120d each, after 60d of warm-up, seed 1")
    assert "Home care" in shown
    assert max(map(len, shown.splitlines())) < 160
    html = results._repr_html_()
    assert html.count("<tr>") == 1 + 3  # the head and the nodes: each sector has one node only
    for name in TABLES:
        table = getattr(results, name)
        assert repr(table).startswith(f"{name}: {len(table):,} row")
        assert table._repr_html_().count("<tr>") == min(20, len(table)) + 1


def test_published_figures_stand_beside_results(clinic):
    clinic.published("Load", 0.8, metric="occupancy", scope="Clinic", source="theory")
    r = clinic.run(replications=4, warm_up="100d", until="1000d")
    (row,) = r.published.rows()
    assert (row["figure"], row["published"], row["source"]) == ("Load", 0.8, "theory")
    assert row["mean"] == pytest.approx(0.8, abs=0.05)


def test_a_figure_of_occupancy(results):
    go = pytest.importorskip("plotly.graph_objects")
    figure = results.plot.occupancy("Acute")
    assert isinstance(figure, go.Figure)
    assert [trace.name for trace in figure.data] == [
        "95% of replications",
        "half of replications",
        "mean",
        "places (90)",
    ]
    assert len(figure.data[2].x) == 120
    assert len(results.plot.occupancy("Acute", level="blocked").data) == 3
    with pytest.raises(ValueError, match="the nodes are Acute"):
        results.plot.occupancy("Acuet")


@pytest.mark.parametrize(
    ("module", "use", "extra"),
    [
        ("pandas", lambda r: r.summary.to_pandas(), "pandas"),
        ("pyarrow", lambda r: r.summary.to_pandas(), "pandas"),
        ("polars", lambda r: r.summary.to_polars(), "polars"),
        ("plotly.graph_objects", lambda r: r.plot.occupancy("Acute"), "plot"),
    ],
)
def test_a_missing_library_is_named_with_its_extra(results, monkeypatch, module, use, extra):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(ImportError, match=rf"icsflow\[{extra}\]"):
        use(results)
