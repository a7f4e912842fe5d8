"""Discharge to assess in Bristol, North Somerset and South Gloucestershire, as one network.

The example of IPACS v1.0 (Harper and others, doi 10.5281/zenodo.7845908), which simulates each of its
nine nodes alone: inputs from ``../shared/mission/figures.md`` (section 6.3), of beds as in
``../shared/cases`` (P06). Below it each known defect of that program (``../shared/mission/peers.md``,
section 2.1) is a test.
"""

import time

import icsflow as ics
import pytest

DAYS = 181

HOME = {  # people at once, mean and median stay; referrals a day from Monday on; people waiting
    "P1_B": (92, 18.1, 9, [7.2, 9.9, 7.9, 11.0, 11.0, 4.0, 3.1], 39),
    "P1_NS": (71, 18.7, 5, [4.9, 7.1, 6.7, 5.7, 5.1, 1.8, 0.7], 48),
    "P1_SG": (71, 12.1, 5, [5.6, 8.0, 8.0, 9.7, 8.3, 3.3, 1.6], 42),
}
BEDS = {  # beds, mean and median stay; referrals a day from Monday on; people waiting, and in beds
    "P2_B": (
        *(102, 42.79, 34),
        [1.880952, 2.581395, 4.190476, 3.119047, 3.744186, 4.465116, 1.534883],
        *(31, 97),
    ),
    "P2_NS": (
        *(28, 38.28, 33),
        [0.238095, 2.093023, 3.785714, 3.119047, 3.139534, 3.119047, 0.928571],
        *(15, 24),
    ),
    "P2_SG": (
        *(61, 34.06, 30),
        [0.45238, 1.279069, 3.0, 2.45238, 3.232558, 3.488372, 1.116279],
        *(12, 68),
    ),
    "P3_B": (
        *(72, 59.15, 50),
        [0.738095, 1.279069, 1.928571, 1.904761, 2.627906, 3.0, 2.186046],
        *(43, 77),
    ),
    "P3_NS": (
        *(39, 44.91, 39),
        [0.023809, 1.44186, 1.547619, 1.547619, 1.604651, 1.428571, 0.071428],
        *(12, 28),
    ),
    "P3_SG": (
        *(37, 32.18, 29),
        [0.761904, 1.744186, 3.119047, 2.809523, 3.139534, 3.255813, 1.418604],
        *(11, 33),
    ),
}
NODES = [*HOME, *BEDS]
AWAITED = {"P2_B": 64.2, "P2_NS": 152.7, "P2_SG": 38.4, "P3_B": 98.6, "P3_NS": 20.9, "P3_SG": 110.0}
"""People who wait for beds, mean of 181 days, in the reference run (P06; 2,000 replications)."""


def ipacs(beds: int = 100_000, others: float = 0.0) -> ics.Model:
    """All nine behind one hospital with so many beds, and so many admissions a day of other people.

    Who is referred comes to the hospital as ready to leave and holds a bed there until the visits or
    the bed begin. In the example there are always enough of those.
    """
    m = ics.Model("Discharge to assess", start="2023-01-01")
    stay = [ics.case("cohort == 'others'", ics.LogNormal(mean=8.6, median=3.5)), 0]
    m.beds("Hospital", beds, sector="acute", stay=stay)
    m.cohort("others")
    if others:
        m.arrivals("Admissions", to="Hospital", rate=others, cohort="others")
        m.census("Hospital", people=round(8.6 * others), cohort="others")
    for name, (people, mean, median, weekly, waiting, *there) in (HOME | BEDS).items():
        m.cohort(name).arrivals(name, to="Hospital", rate=1, weekly=weekly, cohort=name)
        m.route("Hospital", name, cohort=name)
        m.census("Hospital", people=waiting, awaiting=name, cohort=name)
        los = ics.LogNormal(mean=mean, median=median)
        if name in HOME:
            # From 4 visits a day to 1: 2.5 a day for each of those who can be cared for at once.
            m.visits(name, round(2.5 * people), need=ics.Taper(4, 1), stay=los)
            m.census(name, people=people, cohort=name)
        else:
            m.beds(name, people, stay=los)
            m.census(name, people=there[0], remaining="uniform", cohort=name)
    return m


@pytest.fixture(scope="module")
def example():
    begun = time.perf_counter()
    r = ipacs().run(replications=50, until=DAYS, seed=1)
    took = time.perf_counter() - begun
    # IPACS needs 6 min 8 s for 3 runs of its 12 scenarios: 10 s for one of one.
    print(f"\n50 replications of {DAYS} days of nine nodes as one network: {took:.2f} s")
    assert took < 60
    return r


def mean(results: ics.Results, metric: str, scope: str) -> float:
    return results.summary.rows(metric=metric, scope=scope, cohort="all")[0]["mean"]


def test_one_network_meets_the_nine_models(example):
    """People wait for beds as in the reference run, whatever else is in the network."""
    for name, expected in AWAITED.items():
        found = example.summary.rows(metric="awaited", scope=name, cohort="all")[0]
        # Twice the half-width of the interval at 95 %, and that of the reference.
        within = found["upper"] - found["lower"] + 0.7
        assert abs(found["mean"] - expected) < within, name
    assert mean(example, "blocked", "Hospital") == pytest.approx(
        sum(mean(example, "awaited", name) for name in NODES)
    )


def test_home_visits_are_spent_to_the_last(example):
    for name, (people, _, _, weekly, *_) in HOME.items():
        budget = round(2.5 * people)
        assert mean(example, "visits_budget", name) == budget
        # Far more are referred than can be cared for: nearly every visit is made, and no more than that
        # but while those who were there at the start are still many.
        assert mean(example, "visits_utilisation", name) > 0.93, name
        assert mean(example, "visits_overrun", name) < 0.01 * budget
        assert mean(example, "started", name) < sum(weekly) / 7


def test_what_no_node_alone_can_tell():
    """In a hospital of real size those who wait for the nine nodes keep others out of its beds."""
    # 1,916 beds; 207 leave a day, 88.1 % of them straight home (figures.md, section 3).
    hospital = {"beds": 1_916, "others": 207 * 0.881}
    plan = {"replications": 4, "until": DAYS, "seed": 1}
    r = ipacs(**hospital).run(**plan)
    assert mean(r, "mean_wait", "Hospital") > 1
    assert mean(r, "blocked", "Hospital") > 500
    # With three times the capacity behind it nobody is kept out.
    more = {f"{n}.per_day": round(7.5 * people) for n, (people, *_) in HOME.items()}
    more |= {f"{n}.beds": 3 * people for n, (people, *_) in BEDS.items()}
    m = ipacs(**hospital).scenario("more", *(ics.change(at, set=to) for at, to in more.items()))
    r = m.run(scenario="more", **plan)
    assert mean(r, "mean_wait", "Hospital") < 0.01


# ---- what went wrong in IPACS v1.0 ----


def test_1_people_who_wait_at_the_start_are_people():
    """There a counter: freed beds went to later arrivals, and nine stayed delayed for ever."""
    m = ics.Model("Loaded start").arrivals("Referrals", to="Beds", rate=0.2)
    m.beds("Beds", 10, stay=ics.LogNormal(mean=5, median=4))
    empty = m.run(replications=200, until=400, seed=2)
    loaded = m.census("Beds", people=10, queue=20)
    r = loaded.run(replications=200, until=400, seed=2, stays=True)
    rows = r.stays.to_pandas()
    first = rows[rows.source == "census of Beds"]
    # All twenty start, each once, none after those who came later.
    assert len(first) == 200 * 30
    assert (first.outcome == "left").all()
    assert first.started.max() < 40
    later = rows[rows.source == "Referrals"].dropna(subset="started")
    waited = rows[(rows.source == "census of Beds") & (rows.started >= 0)]
    for run, own in later.groupby("replication"):
        begun = waited[waited.replication == run].started
        assert (own.started.min() >= begun.max()) or (own.joined.min() > begun.max())
    # Long after, nobody waits, and as many beds are taken as without the start.
    late = r.occupancy.to_pandas()
    late = late[(late.node == "Beds") & (late.time >= 200)]
    assert late[late.level == "waiting"]["mean"].max() < 0.05
    alone = empty.occupancy.to_pandas()
    alone = alone[(alone.node == "Beds") & (alone.time >= 200) & (alone.level == "occupied")]
    beds = late[late.level == "occupied"]["mean"].mean()
    assert beds == pytest.approx(alone["mean"].mean(), abs=1e-9)
    assert beds == pytest.approx(1.0, abs=0.1)
    assert set(r.audit["holds"]) == {"yes"}


@pytest.mark.parametrize(("people", "queue"), [(0, 3), (3, 0), (0, 1), (1, 0), (0, 0)])
def test_2_nobody_at_the_start_is_nobody(people, queue):
    """There a start value of 0 made two patients, because a loop ran over 1 and 0."""
    m = ics.Model("Start").visits("Home", 30, need=ics.Taper(4, 1), stay="9d")
    m.arrivals("Referrals", to="Home", rate=0)
    if people + queue:
        m.census("Home", people=people, queue=queue)
    r = m.run(replications=3, until=30, seed=1, stays=True)
    assert len(r.stays) == 3 * (people + queue)
    with pytest.raises(ics.ModelError, match="nobody"):
        m.census("Home", people=0, queue=0).check()


def test_3_averages_weigh_by_time_and_not_by_when_it_was():
    """There a day's mean weighed its parts by the time since the run began."""
    m = ics.Model("Half a day", start="2023-01-01", time_unit="days")
    m.arrivals("One a day", to="Bed", timetable=ics.Timetable(weekly=[ics.At("06:00")]))
    m.beds("Bed", 1, stay="12h")
    for days in (1, 10, 100, 400):
        r = m.run(replications=1, until=days, seed=1)
        assert mean(r, "occupied", "Bed") == pytest.approx(0.5, abs=1e-12)
        # Of the last day alone, too: what is measured may begin there.
        last = m.run(replications=1, warm_up=days, until=1, seed=1)
        assert mean(last, "occupied", "Bed") == pytest.approx(0.5, abs=1e-12)


def test_4_each_place_has_its_own_prices():
    """There every delay was priced as in one place, and care as in one place of each pathway."""
    delay, care = {"B": 346.0, "NS": 100.0}, {"B": 150.0, "NS": 40.0}
    m = ics.Model("Prices")
    for place in delay:
        m.arrivals(f"Referrals {place}", to=f"Ward {place}", rate=1)
        m.beds(f"Ward {place}", 500, stay=0).route(f"Ward {place}", f"P3_{place}")
        m.beds(f"P3_{place}", 12, stay=ics.LogNormal(mean=20, median=15))
        m.cost(f"Delay in {place}", f"Ward {place}", per_delayed_day=delay[place])
        m.cost(f"Care in {place}", f"P3_{place}", per_day=care[place])
    r = m.run(replications=3, until=100, seed=1)
    for place in delay:
        assert mean(r, "blocked", f"Ward {place}") > 1
        bill = delay[place] * mean(r, "blocked", f"Ward {place}")
        assert mean(r, "cost", f"Ward {place}") == pytest.approx(bill)
        bill = care[place] * mean(r, "occupied", f"P3_{place}")
        assert mean(r, "cost", f"P3_{place}") == pytest.approx(bill)


def test_5_people_in_care_are_counted():
    """There they were visits divided by the mean need, and means were rounded to whole numbers."""
    m = ics.Model("Two people", start="2023-01-01")
    # Ten days from 4 visits to 1; the second comes on day 7 of 14.
    m.arrivals("Referrals", to="Home", timetable=ics.Timetable(times=[0, 7]))
    m.visits("Home", 10, need=ics.Taper(4, 1), stay="10d")
    r = m.run(replications=1, until=14, seed=1, census="12:00")
    people = r.occupancy.rows(node="Home", level="occupied")
    assert [row["mean"] for row in people] == [1] * 7 + [2] * 3 + [1] * 4
    assert mean(r, "occupied", "Home") == pytest.approx(17 / 14, abs=1e-12)
    # What they would be by visits: never 1 or 2, but on average over whole stays.
    visits = list(r.visits["visits"])
    assert visits[0] / 2.5 == pytest.approx(1.6)


def test_6_names_are_only_names():
    """There the report knew its nodes by name, and the first letters of a name chose what it is."""
    plain = {"Home": "P1_X", "Beds": "P2_Y", "Ward": "Acute"}
    odd = {"Home": 'P3_ Ysbyty "Gwynedd"', "Beds": "P1_beds, really", "Ward": "Ward.7 = ∞"}

    def run(names):
        m = ics.Model("Names").arrivals("Referrals", to=names["Ward"], rate=3)
        m.beds(names["Ward"], 9, stay=1)
        m.visits(names["Home"], 20, need=ics.Taper(4, 1), stay="9d")
        m.beds(names["Beds"], 9, stay=7)
        m.route(names["Ward"], {names["Home"]: 0.5, names["Beds"]: None})
        return m.run(replications=2, until=50, seed=1)

    a, b = run(plain), run(odd)
    for key in plain:
        assert odd[key] in set(b.summary["scope"])
        # What each is does not come from its name.
        for metric in ("places", "visits_budget"):
            left = a.summary.rows(metric=metric, scope=plain[key], cohort="all")
            right = b.summary.rows(metric=metric, scope=odd[key], cohort="all")
            assert [row["mean"] for row in left] == [row["mean"] for row in right]
    assert odd["Home"] in set(b.visits["node"])


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (ics.LogNormal(mean=18.1, median=9), {"mean": 18.1, "median": 9.0}),
        (ics.LogNormal(mean=18.1, sd=16), {"mean": 18.1, "sd": 16.0}),
    ],
)
def test_7_a_distribution_is_what_it_is_said_to_be(form, expected):
    """There two ways of giving the same stays gave very different ones: what is given must come out."""
    m = ics.Model("Stays").arrivals("Referrals", to="Home", rate=100)
    m.unlimited("Home", stay=form)
    r = m.run(replications=1, until=1500, seed=3, stays=True)
    rows = r.stays.to_pandas()
    stays = (rows[rows.arrived < 600].ready - rows.started).dropna()
    found = {"mean": stays.mean(), "median": stays.median(), "sd": stays.std()}
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=0.04), name


def test_8_the_seed_rules_all_and_a_warm_up_reaches_behind_the_first_date():
    """There beds did not heed the seed, and a warm-up of visits stopped with an error."""
    m = ics.Model("Seeds", start="2023-01-01").arrivals(
        "Referrals",
        to="Ward",
        rate=1,
        curve=ics.Curve({"2023-01-01": 6, "2023-01-31": 8}),
    )
    m.beds("Ward", 200, stay=2).route("Ward", {"P1_B": 0.5, "P2_B": None})
    m.visits("P1_B", 60, need=ics.Taper(4, 1), stay=ics.LogNormal(mean=18.1, median=9))
    m.beds("P2_B", 100, stay=ics.LogNormal(mean=42.8, median=34))
    one, same, other = (
        m.run(replications=2, warm_up=60, until=60, seed=seed) for seed in (1, 1, 2)
    )
    for node in ("P1_B", "P2_B"):
        assert one.values("occupied", node) == same.values("occupied", node)
        assert one.values("occupied", node) != other.values("occupied", node)
        # A warmed-up start is not empty.
        first = one.occupancy.rows(node=node, level="occupied")[0]
        assert first["mean"] > 20
    # And each replication has its own draws.
    assert len(set(one.values("occupied", "P2_B"))) == 2
