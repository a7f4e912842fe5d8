"""Stories about who comes and what becomes of them, each with what would be without the measure."""

import icsflow as ics
import numpy as np


def flow(results, origin, to):
    """People in a replication who went a way, on average."""
    table = results.flows
    ways = zip(table["from"], table["to"], table["mean"], strict=True)
    return sum(mean for a, b, mean in ways if (a, b) == (origin, to))


def test_mass_discharge_takes_up_the_places_of_the_communities():
    """Those who are ready in hospital are all offered a place at a date; who finds none waits."""

    def system(event):
        m = ics.Model("Winter", start="2026-01-05")
        m.cohort("patients", attributes={"readmitted": ics.Flag(0)})
        m.arrivals("Emergencies", to="Acute", rate=110)
        m.beds(
            "Acute",
            900,
            stay=ics.LogNormal(mean=5.5, sd=6),
            process_delay={"assessment": ics.Exponential(2)},
        )
        m.beds("Home care", 420, stay=ics.LogNormal(mean=18, median=9))
        m.beds("Community beds", 165, stay=ics.LogNormal(mean=28, median=22))
        m.route("Acute", {"Home care": 0.14, "Community beds": 0.04, ics.HOME: None})
        if event:
            to = {"Home care": 0.45, "Community beds": 0.05, ics.HOME: None}
            m.event("Mass discharge", "2026-03-01", "Acute", state=["ready"], to=to)
        return m.run(replications=6, warm_up="90d", until="80d", seed=3, levels=False)

    with_it, without = system(True), system(False)
    concerned = with_it.decisions["people"]
    assert len(concerned) == 6
    assert min(concerned) > 100

    def occupied(results, node, day):
        table = results.occupancy
        rows = zip(table["node"], table["level"], table["time"], table["mean"], strict=True)
        return next(x for n, level, t, x in rows if (n, level, t) == (node, "occupied", day))

    # Before the date nothing differs; the day after, hospital is emptier and home care fuller.
    assert occupied(with_it, "Acute", 50) == occupied(without, "Acute", 50)
    assert occupied(with_it, "Acute", 56) < occupied(without, "Acute", 56) - 80
    assert occupied(with_it, "Home care", 56) > occupied(without, "Home care", 56)
    assert set(with_it.audit["holds"]) == {"yes"}


def test_advice_thins_one_class_and_touches_no_other():
    """An app keeps 22 % of the young with a need of advice only away, and nobody else."""

    def system(share):
        m = ics.Model("App", time_unit="days")
        m.cohort("child", attributes={"advice": ics.Flag(0.5)})
        m.cohort("adult")
        m.arrivals(
            "Children", to="A&E", rate=1386, cohort="child", accept=f"if(advice, {1 - share}, 1)"
        )
        m.arrivals("Adults", to="A&E", rate=2000, cohort="adult")
        m.unlimited("A&E", stay=ics.LogNormal(mean="3h", sd="2h"))
        return m.run(replications=4, until="2d", seed=5, stays=True, levels=False)

    before, after = system(0), system(0.224)

    def visits(results, source):
        t = results.stays
        rows = zip(t["source"], t["replication"], t["patient"], t["joined"], t["left"], strict=True)
        return {row[1:4] for row in rows if row[0] == source}

    assert visits(before, "Adults") == visits(after, "Adults")
    assert visits(after, "Children") < visits(before, "Children")
    away = flow(after, "Children", "suppressed") / 2
    # Half of 1,386 a day need advice only: 693, of whom 538 still come.
    assert abs(away - (693 - 538)) < 4 * np.sqrt(155 / 8)


def test_avoided_demand_returns_or_is_lost():
    """For 40 days a part of demand stays away; a share of it returns later, sicker."""

    def system(fear):
        m = ics.Model("Avoided", start="2026-03-02")
        m.cohort("p", attributes={"acuity": ics.Discrete([1, 2, 3], [0.5, 0.3, 0.2])})
        share = "if(day >= 20 and day < 60 and acuity < 3, 0.43, 1)" if fear else "1"
        m.arrivals(
            "Front door",
            to="A&E",
            rate=200,
            accept=share,
            otherwise={"At home": 0.6, "suppressed": None},
        )
        m.unlimited(
            "At home",
            stay=ics.Exponential("30d"),
            set=[ics.SetAttribute("ready", "acuity", "min(acuity + 1, 3)")],
        )
        m.route("At home", "A&E")
        admitted = [ics.case("acuity >= 3", ics.Exponential("1d")), ics.Exponential("4h")]
        m.unlimited("A&E", stay=admitted)
        return m.run(replications=4, until="365d", seed=2, levels=False)

    with_fear, without = system(True), system(False)
    kept = flow(with_fear, "Front door", "A&E")
    at_home = flow(with_fear, "Front door", "At home")
    lost = flow(with_fear, "Front door", "suppressed")
    returned = flow(with_fear, "At home", "A&E")
    # Nobody who would have come is forgotten: the same people as without fear, one by one.
    assert kept + at_home + lost == flow(without, "Front door", "A&E")
    assert flow(without, "At home", "A&E") == 0
    assert abs(at_home / (at_home + lost) - 0.6) < 0.02
    # All but a few are back within the year, and sicker: longer stays on average.
    assert 0.99 * at_home < returned <= at_home
    longer = np.mean(with_fear.values("mean_length_of_stay", "A&E"))
    assert longer > np.mean(without.values("mean_length_of_stay", "A&E"))


def test_missed_contacts_of_the_shielded_bring_them_to_the_emergency_department():
    """Each month a contact is due; who finds no one free in a day misses it, and attends more often."""

    def attendances(callers):
        m = ics.Model("Shielding", start="2020-04-06")
        m.cohort("shielded", attributes={"missed": ics.Number(ics.Deterministic(0))})
        m.population(
            "Shielded",
            45_000,
            attends=[
                ics.Attends("Contact", every=30),
                ics.Attends("A&E", hazard="0.001 * (1 + missed)"),
            ],
        )
        m.beds(
            "Contact",
            callers,
            stay="2h",
            queue=ics.Queue(patience=1),
            set=[
                ics.SetAttribute("join", "missed", "missed + 1"),
                ics.SetAttribute("start", "missed", 0.0),
            ],
        )
        m.unlimited("A&E", stay=ics.Exponential("4h"))
        r = m.run(replications=3, until="180d", seed=4, levels=False)
        return np.mean(r.values("joined", "A&E")), np.mean(r.values("reneged_share", "Contact"))

    told = [attendances(callers) for callers in (140, 80, 40)]
    came, missed = zip(*told, strict=True)
    assert missed[0] < 0.01 < missed[1] < missed[2]
    assert came[0] < came[1] < came[2]
    # With nobody missed, 45,000 people at 0.001 a day, but for the few who are inside.
    assert abs(came[0] - 45) < 4 * np.sqrt(45 / 540)
