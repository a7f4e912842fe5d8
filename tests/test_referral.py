"""Early referrals from Python: builders, round trip, words, what they change."""

import icsflow as ics
import pytest


def discharge(referral: ics.Referral | None, beds: int = 12) -> ics.Model:
    """A ward from which some go on to a community hospital that is often full, as others do."""
    m = ics.Model("Discharge", start="2026-01-05")
    m.arrivals("Admissions", to="Ward", rate=4)
    m.arrivals("Other admissions", to="Other ward", rate=4)
    m.beds("Ward", 60, stay=ics.LogNormal(mean="6d", sd="5d"), referral=referral)
    m.beds("Other ward", 60, stay=ics.LogNormal(mean="6d", sd="5d"))
    m.beds("Community hospital", beds, stay=ics.Exponential("15d"))
    m.route("Ward", {"Community hospital": 0.1, ics.HOME: None})
    return m.route("Other ward", {"Community hospital": 0.1, ics.HOME: None})


def test_a_referral_goes_to_a_file_and_back(tmp_path):
    by_case = [ics.case("hour < 12", ics.Exponential("2d")), "1d"]
    held = ics.Referral(before_end="2d", hold=True)
    for referral in (ics.Referral(before_end="2d"), ics.Referral(after_start=by_case), held):
        m = discharge(referral)
        m.check()
        for name in ("m.toml", "m.json"):
            m.save(tmp_path / name)
            assert ics.Model.from_file(tmp_path / name) == m


def test_a_model_in_words_tells_of_it():
    told = discharge(ics.Referral(before_end="2d")).describe()
    assert "referred on, before the end of the stay: always 2d" in told
    held = discharge(ics.Referral(before_end="2d", hold=True)).describe()
    assert "referred on, a place held, before the end of the stay" in held
    assert "referred on" not in discharge(None).describe()


def test_who_is_referred_early_waits_less_and_others_more():
    def run(referral: ics.Referral | None) -> ics.Results:
        return discharge(referral).run(replications=4, warm_up="90d", until="2y", seed=3)

    with_, without = run(ics.Referral(after_start=0)), run(None)
    assert set(with_.audit["holds"]) == {"yes"}

    def blocked(results: ics.Results, ward: str) -> float:
        return sum(results.values("blocked", ward))

    assert blocked(with_, "Ward") < 0.9 * blocked(without, "Ward")
    assert blocked(with_, "Other ward") > 1.1 * blocked(without, "Other ward")
    # It makes no bed: all together are blocked as long, but for who comes when.
    all_of = [sum(blocked(r, ward) for ward in ("Ward", "Other ward")) for r in (with_, without)]
    assert all_of[0] == pytest.approx(all_of[1], rel=0.1)


def test_places_that_are_held_stand_empty():
    def run(hold: bool) -> ics.Results:
        m = discharge(ics.Referral(before_end="2d", hold=hold), beds=14)
        return m.run(replications=4, warm_up="90d", until="2y", seed=3)

    held, passed = run(True), run(False)
    assert set(held.audit["holds"]) == {"yes"}
    assert min(held.values("reserved", "Community hospital")) > 0.1
    assert sum(held.values("blocked", "Ward")) < sum(passed.values("blocked", "Ward"))
    assert sum(held.values("blocked", "Other ward")) > sum(passed.values("blocked", "Other ward"))


def test_what_is_booked_is_not_given_in_line():
    m = ics.Model("Clinic").arrivals("Admissions", to="Ward", rate=4)
    m.beds("Ward", 20, stay="4d", referral=ics.Referral(before_end="1d"))
    m.slots("Clinic", ics.Slots(per_day=5), stay="15 min").route("Ward", "Clinic")
    with pytest.raises(ics.ModelError) as error:
        m.check()
    assert [fault.path for fault in error.value.faults] == ['node["Ward"].referral']
    assert "where slots or visits are booked" in str(error.value)
