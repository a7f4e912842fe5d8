"""Elective waiting lists of an integrated care system at its real size (catalogue: s10, s11).

Humber and North Yorkshire starts 50,600 pathways a month (referral to treatment, 2024-25), in four
trusts. Shares of the trusts and of urgency are assumed.
"""

import icsflow as ics
import pytest

TRUSTS = {
    "Hull": 0.34,
    "York and Scarborough": 0.30,
    "N Lincolnshire and Goole": 0.23,
    "Harrogate": 0.13,
}
NEW_PER_DAY = 50_600 * 12 / 365
URGENCY = {"urgent": 0.2, "soon": 0.3, "routine": None}
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri"]
BY_NEED = ['cohort == "urgent"', 'cohort == "soon"']
YEAR = {"replications": 1, "until": "1y", "seed": 11, "by_cohort": True}


def lists(
    classes: list[str] | None = None,
    *,
    shared: bool = False,
    validated: float | None = None,
    capacity: float = 0.97,
    dates: list[ics.Edit] | None = None,
    exits: list[str] | None = None,
) -> ics.Model:
    """Four trusts, each with clinics and theatres on weekdays for a share of what comes.

    The smaller trusts are the tighter ones.
    """
    m = ics.Model("Elective lists", start="2026-01-05", exits=exits)
    for urgency in URGENCY:
        m.cohort(urgency)
    review = [ics.Review("4w", when="waited > 84", remove=validated)] if validated else None
    queue = ics.Queue(classes=classes, review=review)
    if shared:
        m.queue("Common list", queue)
    for tightness, (trust, share) in zip((1.0, 0.99, 0.97, 0.9), TRUSTS.items(), strict=True):
        slots = round(NEW_PER_DAY * share * 7 / 5 * capacity * tightness)
        sessions = [ics.Session(begins="09:00", days=WEEKDAYS, slots=slots)]
        m.slots(
            trust,
            ics.Slots(sessions=sessions, dates=dates),
            stay=0,
            queue="Common list" if shared else queue,
        )
        m.arrivals(f"Referrals to {trust}", to=trust, rate=NEW_PER_DAY * share, cohort=URGENCY)
    return m


def mean_wait(r: ics.Results, trust: str, cohort: str = "all") -> float:
    return r.summary.rows(metric="mean_wait", scope=trust, cohort=cohort)[0]["mean"]


def total(r: ics.Results, metric: str) -> float:
    return sum(r.values(metric, trust)[0] for trust in TRUSTS)


@pytest.fixture(scope="module")
def first_come():
    return lists().run(**YEAR)


@pytest.fixture(scope="module")
def by_need():
    return lists(BY_NEED).run(**YEAR)


def test_clinical_need_first_helps_the_urgent_and_conserves_the_list(first_come, by_need):
    for trust in TRUSTS:
        assert mean_wait(by_need, trust, "urgent") < 0.5 * mean_wait(first_come, trust, "urgent")
        assert mean_wait(by_need, trust, "routine") > mean_wait(first_come, trust, "routine")
        # A slot takes whoever is first, and one as much as another: the list is as long at every
        # instant, whoever stands on it. Exact, since the same people come at the same times.
        assert by_need.values("waiting", trust) == first_come.values("waiting", trust)
        assert by_need.values("started", trust) == first_come.values("started", trust)


def test_stock_and_flow_agree_exactly(by_need):
    assert {row["holds"] for row in by_need.audit.rows()} == {"yes"}
    for row in by_need.lists.rows():
        left = row["at_start"] + row["joined"] + row["put_back"]
        assert left == row["started"] + row["removed"] + row["at_end"]
    weeks = sum(row["mean"] for row in by_need.list_weeks.rows())
    assert weeks == sum(row["at_end"] for row in by_need.lists.rows())


def test_a_common_list_shares_the_wait(first_come):
    shared = lists(shared=True).run(**YEAR)

    def spread(r: ics.Results) -> float:
        waits = [mean_wait(r, trust) for trust in TRUSTS]
        return max(waits) - min(waits)

    assert spread(shared) < 0.1 * spread(first_come)
    assert [row["list"] for row in shared.lists.rows()] == ["Common list"]


def test_validation_removes_without_treating(by_need):
    validated = lists(BY_NEED, validated=0.1).run(**YEAR)
    removed = sum(row["removed"] for row in validated.lists.rows())
    at_end = [sum(row["at_end"] for row in r.lists.rows()) for r in (by_need, validated)]
    assert removed > 0
    # As many are treated while anybody waits, so the list is shorter by just those removed.
    assert total(validated, "started") == total(by_need, "started")
    assert at_end[0] - at_end[1] == removed
    assert sum(row["removed"] for row in by_need.lists.rows()) == 0


# The phases of 2020-21: from 40 % of usual activity back to all of it.
PHASES = [
    ics.Edit("0d", times=0.4),
    ics.Edit("90d", times=1.75),
    ics.Edit("180d", times=9 / 7),
    ics.Edit("270d", times=10 / 9),
]


def restoration(dates: list[ics.Edit] | None) -> ics.Results:
    """Demand that stays away for ninety days; four of five come back half a year later."""
    m = lists(BY_NEED, capacity=1.1, dates=dates, exits=["lost to follow-up"])
    m.unlimited("Stays away", stay=ics.Uniform("90d", "180d"))
    m.route("Stays away", {"York and Scarborough": 0.8, "lost to follow-up": None})
    points = {"2026-01-05": 1.0, "2026-04-05": 0.0}
    away = NEW_PER_DAY * 0.3
    m.arrivals("Suppressed", to="Stays away", rate=away, curve=ics.Curve(points), cohort=URGENCY)
    return m.run(**YEAR)


def test_phased_restoration_leaves_a_list_that_the_identity_explains():
    phased, never_cut = restoration(PHASES), restoration(None)
    for r in (phased, never_cut):
        assert {row["holds"] for row in r.audit.rows()} == {"yes"}
        flows = {(row["from"], row["to"]): row["mean"] for row in r.flows.rows()}
        suppressed = flows["Suppressed", "Stays away"]
        returned = flows["Stays away", "York and Scarborough"]
        lost = flows["Stays away", "lost to follow-up"]
        assert suppressed == returned + lost
        assert abs(returned / suppressed - 0.8) < 0.02
    at_end = [sum(row["at_end"] for row in r.lists.rows()) for r in (phased, never_cut)]
    assert at_end[0] > 4 * at_end[1]
    # Need decides: the urgent hardly notice, the routine wait.
    trust = "York and Scarborough"
    assert mean_wait(phased, trust, "urgent") < 0.2 * mean_wait(phased, trust, "routine")
