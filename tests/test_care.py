"""Caseloads and stays with several ends from Python: builders, round trip, words, tables."""

import icsflow as ics
import pytest


def virtual_ward(**given):
    m = ics.Model("Hospital at home", start="2026-01-05")
    m.arrivals("Referrals", to="Virtual ward", rate=6)
    m.caseload(
        "Virtual ward",
        {
            "nurses": ics.Profession(
                ics.Capacity(2, dates=[ics.Edit("2026-02-02", to=4)]), each=0.05
            ),
            "consultants": ics.Profession(1, each=0.02),
        },
        stay=ics.Exponential("8d"),
        ends={
            "deterioration": ics.StayEnd(
                [ics.case("hour < 12", ics.Exponential("30d")), ics.Weibull(shape=2, scale="40d")],
                to={"Acute": 0.9, ics.HOME: None},
            ),
            "death": ics.StayEnd("400d", to=ics.DIED),
        },
        **given,
    )
    return m.beds("Acute", 5, stay=ics.Exponential("4d"))


def test_a_caseload_goes_to_a_file_and_back(tmp_path):
    m = virtual_ward(queue=ics.Queue(limit=30))
    m.check()
    for name in ("m.toml", "m.json"):
        m.save(tmp_path / name)
        assert ics.Model.from_file(tmp_path / name) == m


def test_what_is_told_of_a_caseload():
    text = virtual_ward().describe()
    assert "Virtual ward: caseload of a team" in text
    assert "nurses: 2 units, 0.05 for each person" in text
    assert "from 2026-02-02: to 4" in text
    assert "or ends by death, to died, after: always 400d" in text
    assert "or ends by deterioration, to 90% Acute, the rest home, after" in text


def test_the_binding_profession_changes_at_the_date():
    r = virtual_ward().run(replications=2, until="56d", seed=1)
    told = r.caseloads.to_dict()
    assert told["profession"] == ["nurses", "consultants"]
    assert told["people"] == pytest.approx([60, 50])
    assert told["least"] == pytest.approx([0.5, 0.5])
    ends = r.ends.to_dict()
    assert ends["end"] == ["stay", "deterioration", "death"]
    assert sum(ends["share"]) == pytest.approx(1)


def test_a_wrong_unit_is_told_with_its_place():
    m = ics.Model("Team").caseload("Ward", {"nurses": ics.Profession(3, each=0)}, stay=1)
    with pytest.raises(ics.ModelError) as error:
        m.check()
    assert 'node["Ward"].caseload.nurses.each' in str(error.value)
