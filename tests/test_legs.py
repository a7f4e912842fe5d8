"""Legs, readmissions, and routes by whose place a node is, from Python."""

import icsflow as ics
import pytest


def system() -> ics.Model:
    m = ics.Model("Two places", start="2026-01-05", time_unit="hours")
    for place in ("East", "West"):
        m.group(place, kind="place")
        m.arrivals(f"People of {place}", to="999", rate=1, group=place)
        m.beds(
            f"ED {place}",
            30,
            stay="1h",
            role="emergency department",
            group=place,
            legs=ics.Legs(["Imaging", ics.Leg("Bloods", share=0.5)], join="all", others="go on"),
            readmission=[ics.Readmission(0.1, "3d", f"ED {place}", when="hour < 12")],
        )
    m.unlimited("999", stay="20 min")
    m.beds("Imaging", 2, stay=ics.Exponential("20 min"))
    m.unlimited("Bloods", stay=ics.Exponential("10 min"))
    return m.route("999", ["emergency department"], choose="own place")


def test_they_are_the_same_in_a_file_and_run(tmp_path):
    m = system()
    m.save(tmp_path / "model.toml")
    assert ics.Model.from_file(tmp_path / "model.toml") == m
    r = m.run(replications=2, until="3w", seed=1, stays=True)
    assert set(r.audit["holds"]) == {"yes"}
    t = r.stays
    rows = zip(t["source"], t["node"], strict=True)
    east = {node for source, node in rows if source == "People of East"}
    assert east == {"999", "ED East", "Imaging", "Bloods"}
    assert max(t["spell"]) >= 1
    assert min(r.values("mean_time_to_join", "ED East")) > 0
    assert min(r.values("readmissions", "ED West")) > 0


def test_a_model_in_words_tells_of_them():
    told = system().describe()
    assert "during the stay, at once: Imaging, Bloods for 50%" in told
    assert "until all are over, the others go on" in told
    assert "come again" in told
    assert "emergency department" in told


def test_a_leg_that_leads_back_is_a_fault():
    m = system().beds("Hall", 2, stay=0, legs=["Lift"]).beds("Lift", 1, stay="1 min")
    m.route("Lift", "Hall")
    with pytest.raises(ics.ModelError) as error:
        m.check()
    assert [fault.path for fault in error.value.faults] == ['node["Hall"].legs.to[0]']
    assert "does not lead back" in error.value.faults[0].expected
