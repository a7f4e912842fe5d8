"""Visits and group sessions from Python: the builders, the words, the tables."""

import icsflow as ics
import pytest


def home_care(**given):
    m = ics.Model("Step-down", start="2026-01-05").cohort("frail").cohort("others")
    m.arrivals("Referrals", to="Home care", rate=8, cohort={"frail": 0.3, "others": None})
    need = [
        ics.case("cohort == 'frail'", ics.Profile([4, 3.5, 1])),
        ics.case("cohort == 'nobody'", 2) if given.pop("wrong", False) else ics.Taper(3, 1),
        ics.Profile(days=[1, 0, 1]),
    ]
    need = need[:2]
    return m.visits("Home care", 200, need=need, stay=ics.LogNormal(mean=10, median=7), **given)


@pytest.mark.parametrize("given", [{}, {"mode": "line", "scan": "strict", "whole": True}])
def test_visits_go_to_a_file_and_back(given, tmp_path):
    m = home_care(**given)
    m.check()
    for name in ("m.toml", "m.json"):
        m.save(tmp_path / name)
        again = ics.Model.from_file(tmp_path / name)
        assert again == m


def test_what_is_told_of_visits():
    text = home_care(mode="line").describe()
    assert "200 visits a day" in text
    assert "needs 4, 3.5, 1 over the stay if cohort == 'frail'" in text
    assert "needs 3 a day falling to 1" in text
    assert "given in line, first fit" in text


def test_visits_day_by_day():
    r = home_care().run(replications=3, warm_up=30, until=60, seed=1)
    visits = r.visits.to_pandas()
    assert list(visits["time"]) == list(range(60))
    assert (visits["visits"] <= visits["budget"]).all()
    made = sum(r.values("visits", "Home care")) / 3
    assert visits["visits"].mean() == pytest.approx(made)


def test_a_wrong_need_is_told_with_its_place():
    with pytest.raises(ics.ModelError) as error:
        home_care(wrong=True).check()
    assert "Home care" in str(error.value)
    assert "need" in str(error.value)


def test_group_sessions_go_to_a_file_and_back(tmp_path):
    m = ics.Model("Groups", start="2026-01-05").arrivals("Referrals", to="Course", rate=2)
    weekly = ics.At("10:00", days=["Mon", "Thu"])
    m.beds("Course", 8, stay="2h", together=ics.Together(least=5, at=[weekly]))
    m.save(tmp_path / "m.toml")
    assert ics.Model.from_file(tmp_path / "m.toml") == m
    told = "start together: as soon as 5 have gathered, or at 10:00 on Mon, Thu"
    assert told in m.describe()
    r = m.run(replications=4, until="200d", seed=1, stays=True)
    rows = r.stays.to_pandas().dropna(subset="started")
    sessions = rows.groupby(["replication", "started"]).size()
    assert sessions.max() <= 8
    # Fewer than five only at the set times.
    few = sessions[sessions < 5].reset_index().started
    assert len(few) > 0
    assert set((few % 7 * 24).round(6)) <= {10, 3 * 24 + 10}
    assert r.values("group_size", "Course")[0] == sessions.loc[0].mean()
