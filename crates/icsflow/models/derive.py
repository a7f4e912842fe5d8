"""Derives the models of whole systems from public tables, and shows every step.

    python3 derive.py [DATA]                      prints the workings of west-yorkshire
    python3 derive.py [DATA] --system dorset      those of another system
    python3 derive.py [DATA] --write              writes SYSTEM.toml as well
    python3 derive.py [DATA] --write --unfitted   the same before calibration, as SYSTEM.toml
    python3 derive.py [DATA] --write --places     the same with pathway 1 as places instead of visits

DATA is the folder of the tables; `../shared/data` beside the project if not given. Only the standard
library is needed. Every step is arithmetic on published figures, an assumption that is named as one, or
one of the factors of FITTED. These were found by `icsflow calibrate SYSTEM.calibration.toml --confirm 40`.
In Dorset two were then moved by what the confirming run said: visits of pathway 1 from 0.978, and places
of pathway 3, which are so few that the search could not tell one number from the next, from 0.967.
"""

import csv
import json
import math
import sys
from pathlib import Path
from statistics import NormalDist, fmean

HERE = Path(__file__).resolve().parent
YEAR = "2023"
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

# Of each system: ODS code of the board, name, and its trusts: ODS code, name, short name, the place
# whose services its patients use.
SYSTEMS = {
    "west-yorkshire": ("QWO", "West Yorkshire", [
        ("RR8", "Leeds Teaching Hospitals (RR8)", "Leeds", "Leeds"),
        ("RXF", "Mid Yorkshire Teaching (RXF)", "Mid Yorkshire", "Wakefield and North Kirklees"),
        ("RWY", "Calderdale and Huddersfield (RWY)", "Calderdale and Huddersfield",
         "Calderdale and Greater Huddersfield"),
        ("RAE", "Bradford Teaching Hospitals (RAE)", "Bradford", "Bradford District and Craven"),
        ("RCF", "Airedale (RCF)", "Airedale", "Bradford District and Craven"),
    ]),
    "dorset": ("QVV", "Dorset", [
        ("R0D", "University Hospitals Dorset (R0D)", "University Hospitals Dorset",
         "Bournemouth, Christchurch and Poole"),
        ("RBD", "Dorset County Hospital (RBD)", "Dorset County", "West Dorset"),
    ]),
}
SYSTEM = sys.argv[sys.argv.index("--system") + 1] if "--system" in sys.argv else "west-yorkshire"
ICB, NAME, TRUSTS = SYSTEMS[SYSTEM]
PLACES = list(dict.fromkeys(trust[3] for trust in TRUSTS))

# Factors that the calibration found: clinical stay, share of patients with a delay by process, the places
# of pathways 1 to 3, and planned admissions asked for.
UNFITTED = {"stay": 1.0, "process": 1.0, "1": 1.0, "2": 1.0, "3": 1.0, "elective": 1.0}
FITTED = {
    "west-yorkshire": {"stay": 0.9768, "process": 1.809, "1": 0.9646, "2": 0.9612, "3": 0.9467,
                       "elective": 1.03},
    "dorset": {"stay": 1.334, "process": 1.485, "1": 0.980, "2": 0.959, "3": 0.957, "elective": 1.012},
}
# The same, where a place stands for the visits of one person.
PLACES_AT_HOME = {"west-yorkshire": {"stay": 0.977, "process": 1.812, "1": 0.972, "2": 0.957, "3": 0.9445,
                                     "elective": 1.015}}
VISITS = "--places" not in sys.argv
FACTOR = UNFITTED if "--unfitted" in sys.argv else FITTED.get(SYSTEM, UNFITTED)
if not VISITS and FACTOR is not UNFITTED:
    FACTOR = FACTOR | PLACES_AT_HOME.get(SYSTEM, {})

# Published figures that are in no table of the data folder.
LOS_EMERGENCY, LOS_ELECTIVE, LOS_ALL = 9.1, 5.1, 8.3  # days, overnight stays, England 2022
ZERO_DAY = 1 / 3  # of emergency admissions, England 2015/16, "around a third"
SIGMA_EMERGENCY = 1.35  # lognormal shape from mean 9.1 d and 16 % above 14 d
SIGMA_ELECTIVE = 0.805  # lognormal shape of elective trauma and orthopaedics
VISITS_FIRST, VISITS_LAST = 4, 1  # visits of one person on the first and the last day of pathway 1
VISITS_EACH = (VISITS_FIRST + VISITS_LAST) / 2  # a day, over the stay
CRITICAL_PERIODS, CRITICAL_DAYS = 238_248, 366  # critical care periods in England, 2011/12
CRITICAL_MEDIAN = 1.7  # days, survivors, 1995-2003
DELAY_EACH = 6.1  # days for each delayed patient, England 2024-25
BY_1700 = 0.602  # of all discharges, England, April 2022 - May 2023
MEDIAN_IN_AE = 144  # minutes, England, April 2017
# Intermediate care in Bristol, North Somerset and South Gloucestershire: mean and median stay in
# days, arrivals a week, for each of its three areas.
INTERMEDIATE = {
    "1": [(18.1, 9, 54.1), (18.7, 5, 32.0), (12.1, 5, 46.5)],
    "2": [(42.8, 34, 21.8), (38.3, 33, 15.0), (34.1, 30, 14.8)],
    "3": [(59.2, 50, 13.2), (44.9, 39, 8.1), (32.2, 29, 15.6)],
}

# Sources, as they are cited in the model.
AE = f"NHS England, A&E attendances and emergency admissions, {YEAR}, {NAME} ICB"
AE_TRUST = ("NHS England, A&E attendances and emergency admissions by provider, "
            "April-December 2025")
AE_HOUR = ("NHS England, Hospital Accident & Emergency Activity 2024-25, attendances by time of "
           "day, England")
BEDS = f"NHS England, urgent and emergency care daily situation report, beds by trust, mean of {YEAR}"
SITREP = (f"NHS England, acute daily discharge situation report, {YEAR}, {NAME} ICB")
REASONS = (f"NHS England, acute daily discharge situation report, reasons for delay, {YEAR}, "
           f"{NAME} ICB")
LOS = ("Health Foundation, Longer hospital stays and fewer admissions (overnight stays, England, "
       "2022)")
ZERO = ("Health Foundation, Emergency hospital admissions in England (2018): around a third "
        "without an overnight stay, 2015/16")
DELAYED = ("NHS England, discharge delays, April 2024 - September 2025, as analysed by the Health "
           "Foundation (2025)")
IPACS = ("NHS Bristol, North Somerset and South Gloucestershire ICB, inputs of the intermediate "
         "care model IPACS (2023), doi 10.5281/zenodo.7845908")
PATHSIM = "NHS Bristol, North Somerset and South Gloucestershire ICB, fits shipped with PathSimR"
POPULATION = "NHS England, allocations 2025/26, registered population, sum over practices"


def rows(data, name):
    with open(data / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def show(what, value, how=""):
    text = f"{value:,.4g}" if isinstance(value, float) and abs(value) < 1000 else f"{value:,}"
    if isinstance(value, float) and abs(value) >= 1000:
        text = f"{value:,.1f}"
    print(f"  {what:<66}{text:>12}   {how}")


def title(text):
    print(f"\n{text}")


class Figures:
    """Everything that the model is made of."""


def derive(data):
    f = Figures()
    codes = [trust[0] for trust in TRUSTS]

    title("Population (registered)")
    icbs = rows(data, "icb.csv")
    people = {row["icb_ods"]: int(row["registered_population"]) for row in icbs}
    home = next(row for row in icbs if row["icb_ods"] == ICB)
    f.system = people[ICB]
    f.region_name = home["nhs_region"]
    f.region = sum(people[r["icb_ods"]] for r in icbs if r["nhs_region"] == f.region_name)
    f.nation = sum(people.values())
    for name, value in [(NAME, f.system), (f.region_name, f.region),
                        ("England", f.nation)]:
        show(name, value)

    title(f"A&E, all types, and emergency admissions, {YEAR}")
    months = [r for r in rows(data, "ae_icb_monthly.csv")
              if r["icb_ods"] == ICB and r["month"].startswith(YEAR)]
    assert len(months) == 12
    f.attendances = sum(int(r["total_attendances"]) for r in months) / 365
    f.emergency = sum(int(r["total_emergency_admissions"]) for r in months) / 365
    show("attendances a day", f.attendances, "12 months / 365")
    show("emergency admissions a day", f.emergency, "12 months / 365")

    title("Split over the trusts, April-December 2025")
    of_trust = {code: {} for code in codes}
    for row in rows(data, "ae_provider_monthly_2025.csv"):
        if row["org_code"] in of_trust:
            for key, value in row.items():
                if key not in ("month", "org_code", "org_name"):
                    sums = of_trust[row["org_code"]]
                    sums[key] = sums.get(key, 0) + int(value or 0)
    total = {}
    for sums in of_trust.values():
        sums["attendances"] = sums["att_t1"] + sums["att_t2"] + sums["att_other"]
        sums["via"] = sums["em_adm_t1"] + sums["em_adm_t2"] + sums["em_adm_other"]
        sums["admissions"] = sums["via"] + sums["em_adm_direct"]
        sums["over4h"] = sums["over4h_t1"] + sums["over4h_t2"] + sums["over4h_other"]
        for key, value in sums.items():
            total[key] = total.get(key, 0) + value
    f.attendance_share = {c: of_trust[c]["attendances"] / total["attendances"] for c in codes}
    f.admission_share = {c: of_trust[c]["admissions"] / total["admissions"] for c in codes}
    f.direct_share = {c: of_trust[c]["em_adm_direct"] / of_trust[c]["admissions"] for c in codes}
    for c in codes:
        show(f"{c}: share of attendances", f.attendance_share[c])
        show(f"{c}: share of emergency admissions", f.admission_share[c])
        show(f"{c}: of its emergency admissions not through A&E", f.direct_share[c])
    show("all five: not through A&E", total["em_adm_direct"] / total["admissions"])

    title(f"Beds, mean of {YEAR}")
    f.open, f.occupied, f.cc_open, f.cc_occupied = {}, {}, {}, {}
    england_cc = []
    for row in rows(data, "beds_trust_monthly.csv"):
        if row["month"].startswith(YEAR):
            england_cc.append((row["month"], float(row["adult_cc_occ"] or 0)))
            if row["trust"] in codes:
                for into, key in [(f.open, "ga_open"), (f.occupied, "ga_occ"),
                                  (f.cc_open, "adult_cc_open"), (f.cc_occupied, "adult_cc_occ")]:
                    into.setdefault(row["trust"], []).append(float(row[key]))
    for into in (f.open, f.occupied, f.cc_open, f.cc_occupied):
        for c in codes:
            assert len(into[c]) == 12
            into[c] = fmean(into[c])
    all_open, all_occupied = sum(f.open.values()), sum(f.occupied.values())
    f.ga_occupancy = all_occupied / all_open
    f.bed_share = {c: f.open[c] / all_open for c in codes}
    for c in codes:
        show(f"{c}: G&A open", f.open[c], f"occupied {f.occupied[c]:,.1f}; critical care open "
             f"{f.cc_open[c]:.1f}, occupied {f.cc_occupied[c]:.1f}")
    show("G&A open", all_open, f"occupied {all_occupied:,.1f}: {f.ga_occupancy:.1%}")
    show("critical care open", sum(f.cc_open.values()),
         f"occupied {sum(f.cc_occupied.values()):.1f}")

    title(f"Discharges and pathways, {YEAR}")
    months = [r for r in rows(data, "discharge_pathway_icb_monthly.csv")
              if r["icb_ods"] == ICB and r["month"].startswith(YEAR)]
    assert len(months) == 12 and sum(int(r["days"]) for r in months) == 365
    by_pathway = {k: sum(float(r[f"p{k}"]) for r in months) / 365 for k in "0123"}
    f.discharges = sum(by_pathway.values())
    f.pathway = {k: by_pathway[k] / f.discharges for k in "0123"}
    f.nctr = sum(float(r["nctr_remaining_daily_mean"]) * int(r["days"]) for r in months) / 365
    f.nctr_per_discharge = f.nctr / f.discharges
    show("discharges a day", f.discharges, "sum of the four pathways / 365")
    for k in "0123":
        show(f"pathway {k}: share", f.pathway[k], f"{by_pathway[k]:.1f} a day")
    show("no criteria to reside, remaining at the end of the day", f.nctr)
    show("days of delay for each discharge", f.nctr_per_discharge, "Little: remaining / discharges")

    title("Overnight stays: the balance")
    national = 1_268_571 / 365 * f.system / f.nation
    cost = "National Cost Collection 2024/25, England, by share of registered people"
    f.zero_day, f.zero_note = ZERO_DAY, f"one third zero-day ({ZERO})"
    f.elective = f.discharges - f.emergency * (1 - ZERO_DAY)
    how = "discharges - overnight emergencies"
    if f.elective < 0:
        # More emergencies would stay overnight than people leave: more of them go on the same day here.
        f.elective, how = national, "elective episodes by population"
        f.zero_day = 1 - (f.discharges - national) / f.emergency
        f.zero_note = (f"{f.zero_day:.4f} zero-day: those whom the discharges ({SITREP}: {f.discharges:.1f} a "
                       f"day) leave no room for beside {national:.1f} electives ({cost}); a third, as in "
                       f"England ({ZERO}), would be more overnight emergencies than discharges")
    f.overnight_emergency = f.emergency * (1 - f.zero_day)
    f.elective_note = (f"{SITREP}: {f.discharges:.1f} discharges a day, less the overnight emergency "
                       f"admissions ({f.overnight_emergency:.1f} a day), = {f.elective:.1f} a day")
    if f.zero_day != ZERO_DAY:
        f.elective_note = f"{cost}: 1,268,571 elective episodes / 365 = {f.elective:.1f} a day"
    show("emergency admissions a day, zero-day", f.emergency * f.zero_day, f"{f.zero_day:.4f}")
    show("emergency admissions a day, overnight", f.overnight_emergency)
    show("overnight electives a day", f.elective, how)
    show("  for comparison: elective episodes by population", national, cost)
    f.em = {c: f.overnight_emergency * f.admission_share[c] for c in codes}
    f.el = {c: f.elective * f.bed_share[c] for c in codes}
    f.stays = {c: f.em[c] + f.el[c] for c in codes}
    days = f.overnight_emergency * LOS_EMERGENCY + f.elective * LOS_ELECTIVE
    show("bed days a day at the published length of stay", days,
         f"{f.overnight_emergency:.1f} x {LOS_EMERGENCY} + {f.elective:.1f} x {LOS_ELECTIVE}")
    cc = sum(f.cc_occupied.values())
    show("of these in G&A beds", days - cc, f"less critical care {cc:.1f}: "
         f"{(days - cc) / all_open:.1%} of the beds open; published {f.ga_occupancy:.1%}")

    title("Leaving window of the wards")
    weights = [0.0] * 24
    for hour in range(8, 17):
        weights[hour] = BY_1700 * (hour - 7) / 45
    for hour in range(17, 24):
        weights[hour] = (1 - BY_1700) * (24 - hour) / 28
    f.leave_hours = weights
    show("leave by 17:00", sum(weights[:17]))
    daily = [r for r in rows(data, "discharge_icb_daily.csv")
             if r["icb_ods"] == ICB and r["date"].startswith(YEAR)]
    assert len(daily) == 365
    by_day = [[] for _ in range(7)]
    for i, row in enumerate(sorted(daily, key=lambda r: r["date"])):
        by_day[(i + 6) % 7].append(float(row["discharged_total"]))  # 1 January 2023: a Sunday
    f.weekday_discharges = [fmean(of_day) for of_day in by_day]
    level = fmean(f.weekday_discharges)
    relative = [x / level for x in f.weekday_discharges]
    backlog = [0.0]
    for x in relative:
        backlog.append(backlog[-1] + 1 - x)
    least = min(backlog[1:])
    f.leave_weekdays = []
    for day, x in enumerate(relative):
        before = backlog[day] - least if day else backlog[7] - least
        f.leave_weekdays.append(x / (before + 1))
    for day, name in enumerate(WEEKDAYS):
        show(f"{name}: discharges relative to the mean day", relative[day],
             f"chance to leave on the day {f.leave_weekdays[day]:.3f}")
    f.window = window_wait(f.leave_hours, f.leave_weekdays)
    show("mean wait for the window, days", f.window,
         "exact for people who become free to go evenly over the week")

    title("Clinical length of stay on the wards")
    taken = {c: f.occupied[c] + f.cc_occupied[c] for c in codes}
    f.taken_share = {c: taken[c] / sum(taken.values()) for c in codes}
    f.factor = {c: (days * f.taken_share[c] - f.el[c] * LOS_ELECTIVE) / (f.em[c] * LOS_EMERGENCY)
                for c in codes}
    f.clinical, f.cc_days = {}, {}
    for c in codes:
        f.cc_days[c] = f.cc_occupied[c] / f.em[c]
        f.clinical[c] = (LOS_EMERGENCY * f.factor[c] - f.cc_days[c] - f.nctr_per_discharge
                         - f.window)
        show(f"{c}: emergency, days", f.clinical[c],
             f"{LOS_EMERGENCY} x {f.factor[c]:.3f} - critical care {f.cc_days[c]:.2f} - delay "
             f"{f.nctr_per_discharge:.2f} - window {f.window:.2f}")
    f.clinical_elective = LOS_ELECTIVE - f.nctr_per_discharge - f.window
    show("all: elective, days", f.clinical_elective,
         f"{LOS_ELECTIVE} - delay {f.nctr_per_discharge:.2f} - window {f.window:.2f}")

    title("Critical care")
    by_month = {}
    for month, occupied in england_cc:
        by_month[month] = by_month.get(month, 0) + occupied
    england = fmean(by_month.values())
    f.cc_stay = england / (CRITICAL_PERIODS / CRITICAL_DAYS)
    show("occupied, England", england)
    show("mean stay, days", f.cc_stay, f"Little: occupied / ({CRITICAL_PERIODS:,} / 366 a day)")
    f.via = {c: f.emergency * f.admission_share[c] * (1 - f.direct_share[c]) for c in codes}
    f.direct = {c: f.emergency * f.admission_share[c] * f.direct_share[c] for c in codes}
    f.att = {c: f.attendances * f.attendance_share[c] for c in codes}
    f.to_critical = {}
    for c in codes:
        f.to_critical[c] = f.cc_occupied[c] / f.cc_stay / (f.via[c] * (1 - f.zero_day))
        show(f"{c}: share of overnight admissions through A&E", f.to_critical[c],
             "occupied / stay / admissions")

    title("Delays by process")
    names = {r["reason_id"]: r["reason"] for r in rows(data, "delay_reason_key.csv")}
    waiting = {}
    for row in rows(data, "delay_reason_icb_monthly.csv"):
        if row["icb_ods"] == ICB and row["month"].startswith(YEAR):
            waiting.setdefault(row["reason_id"], []).append(float(row["patients_per_day"] or 0))
    waiting = {reason: sum(values) / 12 for reason, values in waiting.items()}
    named = sum(waiting.values())
    f.named, f.scale = named, f.nctr / named
    show("people with a reason (length of stay 14 days and more)", named)
    show("scale to all people remaining", f.scale, "the shares are assumed to hold for all")
    to_pathways = 1 - f.pathway["0"]
    applies = {"4": ("P1 to P3", 'pathway != "P0"', to_pathways),
               "6": ("P1 to P3", 'pathway != "P0"', to_pathways),
               "3": ("P1", 'pathway == "P1"', f.pathway["1"])}
    f.process, f.capacity_people, f.capacity_wait = [], {}, {}
    for reason in sorted(waiting, key=lambda r: -waiting[r]):
        count = waiting[reason]
        if reason in ("13", "14", "15"):
            k = {"13": "1", "14": "2", "15": "3"}[reason]
            f.capacity_people[k] = count
            f.capacity_wait[k] = count / by_pathway[k]
            show(f"pathway {k}: people waiting", count,
                 f"/ {by_pathway[k]:.1f} leavers a day = {f.capacity_wait[k]:.2f} days; capacity, "
                 "not process: comes out of the model")
            continue
        whom, when, part = applies.get(reason, ("all", None, 1.0))
        each = count * f.scale / (f.discharges * part)
        share = each / DELAY_EACH
        f.process.append((names[reason], when, whom, count, each, share))
        show(names[reason][:64], share, f"{count:.1f} people; {each:.4f} days for each of {whom}")
    f.capacity_nctr = sum(f.capacity_people.values()) * f.scale
    f.process_nctr = f.nctr - f.capacity_nctr
    f.rest_nctr = f.nctr - sum(f.capacity_people.values())
    show("remaining who are not published as waiting for a pathway", f.rest_nctr)
    show("remaining for want of capacity, scaled", f.capacity_nctr)
    show("remaining for reasons of process, scaled", f.process_nctr)

    title("Pathways 1 to 3")
    f.care, f.places = {}, {}
    f.utilisation = f.ga_occupancy
    f.flow = {place: sum(f.stays[t[0]] for t in TRUSTS if t[3] == place) for place in PLACES}
    for k, areas in INTERMEDIATE.items():
        weight = sum(a[2] for a in areas)
        mean = sum(a[0] * a[2] for a in areas) / weight
        median = sum(a[1] * a[2] for a in areas) / weight
        f.care[k] = (mean, median)
        show(f"pathway {k}: mean stay, days", mean, f"median {median:.1f}; weighted by arrivals")
        for place in PLACES:
            flow = f.flow[place] * f.pathway[k]
            f.places[k, place] = round(FACTOR[k] * flow * (mean + f.window) / f.utilisation)
            show(f"pathway {k}, {place}: places", f.places[k, place],
                 f"{flow:.2f} a day x ({mean:.1f} + {f.window:.2f}) / {f.utilisation:.3f} x {FACTOR[k]:.4g}")
    f.visits = {place: round(f.places["1", place] * VISITS_EACH) for place in PLACES}
    for place, visits in f.visits.items():
        show(f"pathway 1, {place}: visits a day", visits,
             f"places x {VISITS_EACH} = ({VISITS_FIRST} + {VISITS_LAST}) / 2 visits")

    title("Time in A&E")
    f.over4h = total["over4h"] / total["attendances"]
    waits = [1 - (total["dta_4_12h"] + total["dta_12h_plus"]) / total["via"],
             1 - total["dta_12h_plus"] / total["via"]]
    f.dta_within = waits
    z = [NormalDist().inv_cdf(p) for p in waits]
    sigma = (math.log(12) - math.log(4)) / (z[1] - z[0])
    mu = math.log(4) - sigma * z[0]
    f.bed_wait = math.exp(mu + sigma * sigma / 2) / 24
    show("decision to admit to bed: within 4 h, within 12 h", waits[0], f"{waits[1]:.3f}; mean "
         f"{f.bed_wait * 24:.2f} h by the lognormal through both")
    show("over 4 h, all attendances", f.over4h)
    admitted = total["via"] / total["attendances"]
    late = f.over4h
    for _ in range(60):
        spread = math.log(240 / MEDIAN_IN_AE) / NormalDist().inv_cdf(1 - late)
        grid = [(i + 0.5) / 400 for i in range(400)]
        ts = [MEDIAN_IN_AE / 60 * math.exp(spread * NormalDist().inv_cdf(u)) for u in grid]
        over = fmean(1.0 if t >= 4 else 1 - NormalDist(mu, sigma).cdf(math.log(4 - t)) for t in ts)
        late += 0.5 * (max((f.over4h - admitted * over) / (1 - admitted), 0.01) - late)
    f.ae_within = round(1 - late, 3)
    spread = math.log(240 / MEDIAN_IN_AE) / NormalDist().inv_cdf(f.ae_within)
    f.ae_mean = MEDIAN_IN_AE / 1440 * math.exp(spread * spread / 2)
    show("to decision or discharge within 4 h", f.ae_within,
         f"so that with the wait for a bed (admitted: {over:.1%} over 4 h) all attendances give "
         "the published share")
    show("mean to decision or discharge, minutes", f.ae_mean * 1440)

    title("Arrivals by hour and weekday, 2024/25")
    table = rows(data, "ae_arrivals_hour_weekday_2024_25.csv")
    count = {(r["weekday"], int(r["hour"])): (int(r["attendances"]), int(r["by_ambulance"]))
             for r in table}
    week = [count[day, hour] for day in WEEKDAYS for hour in range(24)]
    everyone, ambulance = sum(w[0] for w in week), sum(w[1] for w in week)
    f.ambulance = ambulance / everyone
    show("by ambulance", f.ambulance)
    factors = lambda counts: [round(168 * n / sum(counts), 3) for n in counts]
    f.hourly = {"walk-in": factors([w[0] - w[1] for w in week]),
                "ambulance": factors([w[1] for w in week]),
                "all": factors([w[0] for w in week])}
    f.peak = max(f.hourly["all"])
    show("busiest hour of the week relative to the mean", f.peak)

    title("Places in A&E")
    f.ae_places = {}
    for c in codes:
        inside = f.att[c] * f.ae_mean + f.via[c] * f.bed_wait
        f.ae_places[c] = math.ceil(inside * f.peak)
        show(f"{c}: places", f.ae_places[c], f"{inside:.1f} inside on average x {f.peak}")
    return f


def window_wait(hours, weekdays):
    """Mean wait for a leaving window, in days, of people who become free to go evenly over the week."""
    steps = 24 * 12
    density = [hours[i // 12] / 12 for i in range(steps)]
    middle = sum(d * (i + 0.5) for i, d in enumerate(density)) / steps
    from_midnight = [1.0] * 7
    for _ in range(500):
        from_midnight = [weekdays[d] * middle + (1 - weekdays[d]) * (1 + from_midnight[(d + 1) % 7])
                         for d in range(7)]
    total = 0.0
    for day in range(7):
        later, moment = 0.0, 0.0  # share of leaving after this step, and its first moment
        for i in reversed(range(steps)):
            ready = (i + 0.5) / steps
            within = weekdays[day] * (moment - later * ready)
            next_day = (1 - weekdays[day] * later) * (1 - ready + from_midnight[(day + 1) % 7])
            total += within + next_day
            later += density[i]
            moment += density[i] * (i + 0.5) / steps
    return total / steps / 7


# ---- the model ----------------------------------------------------------------------------------


def spread(people, shares):
    """So many labels in proportion to their shares, the largest remainders first."""
    exact = {name: people * share / sum(shares.values()) for name, share in shares.items()}
    number = {name: int(x) for name, x in exact.items()}
    for name in sorted(exact, key=lambda name: number[name] - exact[name]):
        number[name] += sum(number.values()) < people
    return [name for name, n in number.items() for _ in range(n)]


def text(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def number(value, digits=4):
    rounded = round(value, digits)
    return str(int(rounded)) if rounded == int(rounded) else repr(rounded)


def numbers(values, digits=3):
    return "[" + ", ".join(number(v, digits) for v in values) + "]"


def model(f):
    out = []

    def noun(kind, lines, evidence=None):
        out.append(f"[[{kind}]]")
        out.extend(f"{key} = {value}" for key, value in lines if value is not None)
        if evidence:
            out.append(f"[{kind}.evidence]")
            out.extend(f"{key} = {text(value)}" for key, value in evidence.items())
        out.append("")

    def section(name):
        out.extend([f"# ---- {name} " + "-" * (94 - len(name)), ""])

    elective_note = f.elective_note
    codes = [trust[0] for trust in TRUSTS]
    high, low = max(codes, key=f.factor.get), min(codes, key=f.factor.get)
    short = {trust[0]: trust[2] for trust in TRUSTS}
    fitted = ", ".join(f"{what} x {FACTOR[key]:.4g}" for key, what in [
        ("stay", "clinical stay"), ("process", "share of patients with a delay by process"),
        ("1", "places of pathway 1"), ("2", "of pathway 2"), ("3", "of pathway 3"),
        ("elective", "planned admissions asked for")])
    out.append(f'''# {NAME}: written by derive.py in this folder, which shows every step of the arithmetic.
# Do not edit by hand.

name = "{NAME} integrated care system"
description = """
One year of the {NAME} integrated care system (ODS code {ICB}), from the front door of A&E \\
through general and acute beds to discharge pathways 0 to 3. Every figure is published, computed from \\
published figures, marked as assumed, or one of six factors that were fitted.

Structure. {len(TRUSTS)} acute trusts in {len(PLACES)} places. In each trust: walk-in and ambulance arrivals at A&E by \\
hour of the week; same-day emergency care (zero-day emergency admissions) apart from overnight stays; \\
emergency admissions that do not pass through A&E; overnight electives; general and acute (G&A) beds; \\
adult critical care beds. In each place: home-based support (pathway 1, {"home visits that fall over the stay" if VISITS else "a place for the visits of one person"}), community beds \\
(pathway 2), care home places (pathway 3). Day cases are left out: they hold no \\
bed overnight, and the bed count is that of overnight beds.

Balance (Little's law). A day brings {f.overnight_emergency:.1f} overnight emergency and {f.elective:.1f} \\
overnight elective admissions. At the published lengths of stay, {LOS_EMERGENCY} and {LOS_ELECTIVE} days, these fill \\
{f.overnight_emergency * LOS_EMERGENCY + f.elective * LOS_ELECTIVE:,.0f} beds, {sum(f.cc_occupied.values()):.0f} of them in critical care: \\
{(f.overnight_emergency * LOS_EMERGENCY + f.elective * LOS_ELECTIVE - sum(f.cc_occupied.values())) / sum(f.open.values()):.1%} of the {sum(f.open.values()):,.0f} G&A beds open, where {f.ga_occupancy:.1%} are published. The \\
published length of stay contains the delay, so the clinical stay is shorter by the published delay of \\
each discharge ({f.nctr_per_discharge:.2f} days = {f.nctr:.0f} people without criteria to reside at the end of the day \\
/ {f.discharges:.1f} discharges a day) and by the mean wait for a leaving hour ({f.window:.2f} days, which follows from the \\
leaving window): in the counts, a patient who could have gone in the night has not been reviewed yet.

Fitted: {fitted}. Of the people without criteria to reside, {sum(f.capacity_people.values()):.0f} are \\
published as waiting for pathways 1 to 3 (length of stay of 14 days and more); the rest is taken as \\
process, {f.rest_nctr:.0f} people, spread over the published reasons in their proportions. Process and stay \\
first, capacity last: the places of pathways 1 to 3, which are not published, are those at which as many \\
people wait for each.

Beginning. A run starts from the mean census of the year: beds and critical care as occupied, people \\
waiting for each pathway, and its places full. There is no \\
warm-up: a line for care home places, each of which turns over in 7 weeks, forgets its start only over \\
years, and no system is left to itself so long.

Trusts. Length of stay is published for England only, and the beds of the trusts do not go with their \\
emergency admissions: {short[high]} has {f.taken_share[high]:.0%} of the beds taken and {f.admission_share[high]:.0%} of the admissions, {short[low]} {f.taken_share[low]:.0%} and {f.admission_share[low]:.0%} \\
(specialised care; what is counted as an admission). The mean emergency stay of each trust is therefore \\
that at which its admissions fill its share of the beds taken (Little's law); the mean over all \\
admissions stays {LOS_EMERGENCY} days.

Weak. Critical care has no way to give way when it is full (surge beds, postponed operations, another \\
unit), so its waits come out too long. A stay that should last a night may end before midnight.

Left out: season; deaths; transfers between trusts; moves from wards into critical care; readmission; \\
maternity; people under 18 as a group of their own; bank holidays; the effect of the ambulance on who is \\
admitted.
"""
start = "2023-01-01"
time_unit = "days"

[evidence]
start = "the reference year of the published figures, 1 January to 31 December 2023; all tables overlap there"
run = "assumed: 20 replications for intervals of a few per cent; one year, as in the published counts, from the census below; census at midnight, as in the national count of overnight beds (NHS England, KH03, 2023)"

[run]
replications = 20
until = "1y"
seed = 1
census = "00:00"
departures = true
''')

    section("groups")
    noun("group", [("name", text("England")), ("kind", text("nation")),
                   ("population", f.nation)], {"population": f"{POPULATION}, 42 ICBs"})
    noun("group", [("name", text(f.region_name)), ("kind", text("region")),
                   ("part_of", text("England")), ("population", f.region)],
         {"population": f"{POPULATION}, ICBs of the region"})
    noun("group", [("name", text(NAME)), ("kind", text("system")),
                   ("part_of", text(f.region_name)), ("population", f.system)],
         {"population": f"{POPULATION}, {ICB}"})
    for place in PLACES:
        noun("group", [("name", text(place)), ("kind", text("place")),
                       ("part_of", text(NAME))])
    for code, name, _, place in TRUSTS:
        noun("group", [("name", text(name)), ("kind", text("provider")),
                       ("part_of", text(place))])

    section("cohorts")
    noun("cohort", [("name", text("A&E, not admitted"))])
    noun("cohort", [("name", text("emergency, same day"))])
    pathway = ("{ category = { P0 = \"rest\", "
               + ", ".join(f"P{k} = {number(f.pathway[k], 5)}" for k in "123") + " } }")
    for cohort in ("emergency, overnight", "elective, overnight"):
        noun("cohort", [("name", text(cohort)), ("attributes.pathway", pathway)],
             {"attributes": f"{SITREP}: share of discharges by pathway; assumed the same for "
              "emergency and elective stays and for all trusts, because it is published for the "
              "whole system only"})

    section("arrivals")
    mixes = {}
    for code, _, short, _ in TRUSTS:
        att, via, direct = f.att[code], f.via[code], f.direct[code]
        mix = (f'{{ "emergency, overnight" = {number(via * (1 - f.zero_day) / att, 5)}, '
               f'"emergency, same day" = {number(via * f.zero_day / att, 5)}, '
               '"A&E, not admitted" = "rest" }')
        mixes[code] = mix
        mixed = (f"emergency admissions through A&E / attendances: {AE}, {f.emergency:.1f} a day x "
                 f"{f.admission_share[code]:.4f} (the trust's share) x {1 - f.direct_share[code]:.4f} "
                 f"(through A&E), the shares from {AE_TRUST}; {f.zero_note}. Assumed "
                 "the same for walk-in and ambulance: not published together with the outcome")
        for way, share in (("walk-in", 1 - f.ambulance), ("ambulance", f.ambulance)):
            noun("arrivals", [
                ("name", text(f"A&E {way}, {short}")), ("to", text(f"A&E, {short}")),
                ("cohort", mix), ("rate", number(att * share)),
                ("hourly", numbers(f.hourly[way])),
            ], {
                "cohort": mixed,
                "rate": f"{AE}: {f.attendances:.1f} attendances a day x "
                f"{f.attendance_share[code]:.4f}, the trust's share of the five trusts ({AE_TRUST})"
                f" x {share:.4f} {way} ({AE_HOUR})",
                "hourly": f"{AE_HOUR}: {'all less those by ambulance' if way == 'walk-in' else 'by ambulance'}"
                ", each hour of the week relative to the mean",
            })
        profile = (f"assumed: as all arrivals at A&E ({AE_HOUR}); the hours of direct admission are "
                   "not published")
        for cohort, to, part, what in (
            ("emergency, overnight", "G&A beds", 1 - f.zero_day, f"{1 - f.zero_day:.3g} overnight"),
            ("emergency, same day", "Same-day emergency care", f.zero_day, f"{f.zero_day:.3g} on the same day"),
        ):
            noun("arrivals", [
                ("name", text(f"Direct {cohort}, {short}")), ("to", text(f"{to}, {short}")),
                ("cohort", text(cohort)), ("rate", number(direct * part)),
                ("hourly", numbers(f.hourly["all"])),
            ], {
                "rate": f"{AE}: {f.emergency:.1f} emergency admissions a day x "
                f"{f.admission_share[code]:.4f} (the trust's share) x {f.direct_share[code]:.4f} "
                f"(not through A&E), the shares from {AE_TRUST}; {what}: {f.zero_note}",
                "hourly": profile,
            })
        noun("arrivals", [
            ("name", text(f"Elective, {short}")), ("to", text(f"G&A beds, {short}")),
            ("cohort", text("elective, overnight")), ("rate", number(f.el[code] * FACTOR["elective"])),
            ("weekly", f"[{', '.join([number(365 / 260)] * 5)}, 0, 0]"),
            ("hourly", "[" + ", ".join("4" if 7 <= h < 13 else "0" for h in range(24)) + "]"),
        ], {
            "rate": f"{elective_note}; x {f.bed_share[code]:.4f}, the trust's share of G&A beds "
            f"open ({BEDS}); assumed: overnight electives by trust are not in the tables used. All x "
            f"{FACTOR['elective']:.4g}, fitted to the discharges: who comes onto the list is as many as are "
            "admitted and as many as it grows",
            "weekly": "assumed: planned lists run on five days, evenly (260 of the 365 days of 2023); not published",
            "hourly": "assumed: admission between 07:00 and 13:00, evenly; not published",
        })

    section("trusts")
    stay_ae = f'{{ lognormal = {{ quantiles = [[0.5, "{MEDIAN_IN_AE}min"], [{f.ae_within}, "4h"]] }} }}'
    process = []
    for name, when, _, _, _, share in f.process:
        case = f'share = {number(share * FACTOR["process"], 5)}, exponential = {{ mean = "{DELAY_EACH}d" }}'
        case = f"[{{ when = '{when}', {case} }}]" if when else f"{{ {case} }}"
        process.append((name, case))
    process_note = (
        f"{REASONS}: people per day with a length of stay of 14 days and more: "
        + "; ".join(f"{name[0].lower() + name[1:]} {count:.1f}" for name, _, _, count, _, _ in f.process)
        + f". Assumed: times {f.scale:.4f}, because {f.nctr:.1f} people of any length of stay remain "
        f"and {f.named:.1f} have a reason. Divided by the leavers a day whom it may meet (all; pathways "
        "1 to 3 for the community hub and the single point of access; pathway 1 for equipment), which "
        f"gives days for each leaver (Little), and by {DELAY_EACH} days for each delayed patient ({DELAYED}), "
        "which gives the share delayed; assumed: the same length for every reason, exponential. The "
        "three reasons that wait for a place on pathway 1, 2 or 3 are not process: they come out of "
        f"the capacity of these pathways. All shares x {FACTOR['process']:.4g}, fitted to the people who "
        "remain and are not published as waiting for a pathway")
    leave_note = (
        "hours: 60.2 % leave by 17:00 (NHS England, acute daily discharge situation report, England, "
        "April 2022 - May 2023); assumed: nobody before 08:00, rising evenly to 17:00 and falling "
        f"evenly to midnight. Weekdays: {SITREP}, discharges by weekday; the chance to leave on a day "
        "= discharges of the day / (one day's newly ready + those left over from the days before); "
        "assumed: people become ready evenly over the week, and on the busiest day nobody who could "
        "leave is left over")
    for code, name, short, place in TRUSTS:
        noun("node", [
            ("name", text(f"A&E, {short}")), ("sector", text("A&E")), ("group", text(name)),
            ("beds", f.ae_places[code]), ("stay", stay_ae),
        ], {
            "beds": f"assumed: every place to be in the department, waiting room and corridor "
            f"included; not published. {f.att[code]:.0f} attendances a day x {f.ae_mean * 24:.2f} h + "
            f"{f.via[code]:.0f} admitted x {f.bed_wait * 24:.2f} h for a bed ({AE_TRUST}), x "
            f"{f.peak}, the busiest hour of the week ({AE_HOUR})",
            "stay": "to the decision to admit, or to leaving for home; the wait for a bed comes on "
            "top, out of the model. Median 144 minutes of all attendances (NHS Digital, A&E quality "
            f"indicators, England, April 2017); {f.ae_within:.1%} within 4 h, so that together with "
            "the published waits from the decision to admit the published share of attendances over "
            f"4 h results ({AE_TRUST}, the five trusts, all types: {f.over4h:.1%}). Assumed: the same "
            "for every outcome and trust, lognormal; not published by outcome",
        })
        noun("node", [
            ("name", text(f"Same-day emergency care, {short}")),
            ("sector", text("same-day emergency care")), ("group", text(name)),
            ("unlimited", "true"), ("stay", '{ lognormal = { mean = "5h", sd = "2.5h" } }'),
        ], {
            "unlimited": "assumed: places are not published, and zero-day stays are not counted in "
            "overnight beds (2023)",
            "stay": "assumed: half a working day; published is only that no night is spent",
        })
        def lognormal(mean, sigma):
            mean *= FACTOR["stay"]
            sd = mean * math.sqrt(math.exp(sigma**2) - 1)
            return f"lognormal = {{ mean = {number(mean)}, sd = {number(sd)} }}"

        out.append("[[node]]")
        out.append(f"name = {text(f'G&A beds, {short}')}")
        out.append('sector = "general and acute"')
        out.append(f"group = {text(name)}")
        out.append(f"beds = {round(f.open[code])}")
        out.append("stay = [")
        out.append(f"  {{ when = 'cohort == \"elective, overnight\"', {lognormal(f.clinical_elective, SIGMA_ELECTIVE)} }},")
        out.append(f"  {{ {lognormal(f.clinical[code], SIGMA_EMERGENCY)} }},")
        out.append("]")
        out.append("queue = { discipline = \"class\", classes = ['cohort == \"emergency, overnight\"'] }")
        out.append("[node.process_delay]")
        out.extend(f"{text(reason)} = {case}" for reason, case in process)
        out.append("[node.leave.profile]")
        out.append(f"hours = {numbers(f.leave_hours, 4)}")
        out.append(f"weekdays = {numbers(f.leave_weekdays, 4)}")
        out.append("[node.evidence]")
        for key, value in {
            "beds": f"{BEDS}: G&A beds open, {f.open[code]:.1f}",
            "stay": f"to the end of criteria to reside. Emergency: mean {f.clinical[code]:.2f} days = "
            f"{LOS_EMERGENCY} ({LOS}) x {f.factor[code]:.4f} (assumed: so that the trust's admissions fill its "
            f"share of all beds taken, {f.taken_share[code]:.4f}; {BEDS}; {AE_TRUST}) - {f.cc_days[code]:.2f} in critical care "
            f"(occupied beds / overnight emergency admissions) - {f.nctr_per_discharge:.2f} of delay ({SITREP}: "
            f"{f.nctr:.1f} people remaining / {f.discharges:.1f} discharges a day) - {f.window:.2f} of "
            f"wait for the leaving window; sigma {SIGMA_EMERGENCY} from 16 % above 14 days ({LOS}). "
            f"Elective: mean {f.clinical_elective:.2f} days = {LOS_ELECTIVE} ({LOS}) - "
            f"{f.nctr_per_discharge:.2f} - {f.window:.2f}; assumed: sigma {SIGMA_ELECTIVE} as in "
            f"elective trauma and orthopaedics ({PATHSIM}). Both x {FACTOR['stay']:.4g}, fitted to the beds "
            "occupied",
            "queue": "assumed: emergencies before electives, each in order of joining (2023 practice)",
            "process_delay": process_note,
            "leave": leave_note,
        }.items():
            out.append(f"{key} = {text(value)}")
        out.append("")
        noun("node", [
            ("name", text(f"Critical care, {short}")), ("sector", text("adult critical care")),
            ("group", text(name)), ("beds", round(f.cc_open[code])),
            ("stay", f'{{ lognormal = {{ mean = "{number(f.cc_stay, 2)}d", median = "{CRITICAL_MEDIAN}d" }} }}'),
            ("waiting_room", text("unlimited")),
        ], {
            "beds": f"{BEDS}: adult critical care beds open, {f.cc_open[code]:.1f}",
            "stay": f"mean: occupied beds in England ({BEDS}) / critical care periods a day (Health "
            f"and Social Care Information Centre, Adult Critical Care Data in England, 2011/12: "
            f"{CRITICAL_PERIODS:,} periods); assumed: as many in 2023. Median 1.7 days of survivors "
            "(ICNARC Case Mix Programme, 1995-2003, Crit Care 2004; 8: R99)",
            "waiting_room": "assumed: whoever finds the unit full is looked after in theatre recovery, not in "
            "A&E; postponing operations, surge beds and moves to another unit come later",
        })
        noun("route", [
            ("from", text(f"A&E, {short}")), ("cohort", text("emergency, overnight")),
            ("to", f'{{ "Critical care, {short}" = {number(f.to_critical[code], 5)}, '
             f'"G&A beds, {short}" = "rest" }}'),
        ], {"to": f"{BEDS}: critical care occupied, {f.cc_occupied[code]:.1f} / mean stay "
            f"{f.cc_stay:.2f} days / overnight admissions through A&E "
            f"{f.via[code] * (1 - f.zero_day):.1f} a day; assumed: all critical care begins there, because "
            "its origin is not published by trust"})
        noun("route", [
            ("from", text(f"A&E, {short}")), ("cohort", text("emergency, same day")),
            ("to", f'{{ "Same-day emergency care, {short}" = "rest" }}')])
        noun("route", [("from", text(f"A&E, {short}")), ("to", '{ home = "rest" }')])
        noun("route", [("from", text(f"Same-day emergency care, {short}")),
                       ("to", '{ home = "rest" }')])
        noun("route", [("from", text(f"Critical care, {short}")),
                       ("to", f'{{ "G&A beds, {short}" = "rest" }}')])
        for k, service in SERVICES.items():
            noun("route", [("from", text(f"G&A beds, {short}")),
                           ("when", f"'pathway == \"P{k}\"'"),
                           ("to", f'{{ "{service}, {place}" = "rest" }}')])
        noun("route", [("from", text(f"G&A beds, {short}")), ("to", '{ home = "rest" }')])

    section("places")
    for place in PLACES:
        for k, service in SERVICES.items():
            mean, median = f.care[k]
            flow, visits = f.flow[place] * f.pathway[k], VISITS and k == "1"
            noun("node", [
                ("name", text(f"{service}, {place}")), ("sector", text(f"pathway {k}")),
                ("group", text(place)), ("beds", None if visits else f.places[k, place]),
                ("visits", f"{{ per_day = {f.visits[place]}, need = {{ first = {VISITS_FIRST}, "
                 f'last = {VISITS_LAST} }}, mode = "line" }}' if visits else None),
                ("stay", f'{{ lognormal = {{ mean = "{number(mean, 1)}d", median = "{number(median, 1)}d" }} }}'),
            ], {
                "visits" if visits else "beds": f"assumed: the capacity is not published. {flow:.2f} discharges a day to "
                f"pathway {k} ({SITREP}; split over the places by overnight admissions of their "
                f"trusts) x ({mean:.1f} days + {f.window:.2f} days for which a place is kept until "
                f"the patient may leave the ward) / {f.utilisation:.3f}, as full as the hospital beds "
                f"that wait for it, x {FACTOR[k]:.4g}, fitted to the people who wait for it"
                + (f"; x {VISITS_EACH} visits a day for each person, from {VISITS_FIRST} on the first day to "
                   f"{VISITS_LAST} on the last ({IPACS}); assumed: who waits starts as soon as their visits "
                   "fit, the longest wait first" if visits
                   else "; a place stands for the home visits of one person" if k == "1" else ""),
                "stay": f"{IPACS}: mean and median of pathway {k} in its three areas, weighted by "
                f"their arrivals; assumed: as in {NAME}, where it is not published",
            })
            noun("route", [("from", text(f"{service}, {place}")), ("to", '{ home = "rest" }')])

    section("the census from which a run begins")
    days = {c: (f.em[c] * f.clinical[c], f.el[c] * f.clinical_elective) for c in codes}
    all_stays = sum(f.stays.values())
    reasons = sum(count for _, _, _, count, _, _ in f.process)
    for code, _, short, place in TRUSTS:
        emergency = number(days[code][0] / sum(days[code]), 4)
        mix = f'{{ "emergency, overnight" = {emergency}, "elective, overnight" = "rest" }}'
        mixed = "assumed: by their bed days, overnight admissions x clinical stay"
        part = f.stays[code] / all_stays
        waiting = {k: round(f.capacity_people[k] * part) for k in SERVICES}
        delayed = {name: (round(f.rest_nctr * count / reasons * part), whom)
                   for name, _, whom, count, _, _ in f.process}
        over = sum(waiting.values()) + sum(people for people, _ in delayed.values())
        noun("census", [
            ("node", text(f"G&A beds, {short}")),
            ("people", round(f.occupied[code]) - over), ("cohort", mix),
        ], {
            "people": f"{BEDS}: {f.occupied[code]:.1f} G&A beds occupied, less the people without "
            "criteria to reside",
            "cohort": mixed,
        })
        for reason, (people, whom) in delayed.items():
            if people:
                pathways = [f"P{k}" for k in SERVICES] if whom != "all" else []
                noun("census", [
                    ("node", text(f"G&A beds, {short}")), ("people", people),
                    ("in_process", text(reason)), ("cohort", mix),
                    ("attributes.pathway", whom == "P1" and text("P1") or pathways and json.dumps(
                        spread(people, {f"P{k}": f.pathway[k] for k in SERVICES})) or None),
                ], {
                    "people": f"{REASONS}: the share of the reason x {f.rest_nctr:.1f} people who are "
                    "not published as waiting for a pathway; split over the trusts by overnight "
                    "admissions",
                    "cohort": mixed,
                } | ({"attributes": "assumed: only those whom the delay may meet, in the shares of "
                      "their pathways among discharges"} if pathways else {}))
        for k, service in SERVICES.items():
            noun("census", [
                ("node", text(f"G&A beds, {short}")), ("people", waiting[k]),
                ("awaiting", text(f"{service}, {place}")),
                ("waited", f'{{ exponential = {{ mean = "{number(f.capacity_wait[k], 2)}d" }} }}'),
                ("cohort", mix), ("attributes.pathway", text(f"P{k}")),
            ], {
                "people": f"{REASONS}: {f.capacity_people[k]:.1f} people with a length of stay of 14 "
                "days and more; split over the trusts by overnight admissions",
                "waited": f"{REASONS}: {f.capacity_people[k]:.1f} people / discharges a day to it "
                "(Little); assumed: exponential",
                "cohort": mixed,
            })
        inside = f.att[code] * f.ae_mean + f.via[code] * f.bed_wait
        at_midnight = fmean(f.hourly["all"][day * 24] for day in range(7))
        noun("census", [
            ("node", text(f"A&E, {short}")), ("people", round(inside * at_midnight)),
            ("cohort", mixes[code]),
        ], {
            "people": f"{inside:.1f} inside on average, as for its places, x {at_midnight:.2f}, arrivals "
            f"at midnight relative to the mean hour ({AE_HOUR})",
            "cohort": "assumed: in the shares in which they arrive",
        })
        noun("census", [("node", text(f"Critical care, {short}")),
                        ("people", round(f.cc_occupied[code])),
                        ("cohort", text("emergency, overnight"))],
             {"people": f"{BEDS}: adult critical care beds occupied, {f.cc_occupied[code]:.1f}"})
    for place in PLACES:
        for k, service in SERVICES.items():
            noun("census", [("node", text(f"{service}, {place}")),
                            ("people", f.places[k, place]), ("cohort", text("emergency, overnight")),
                            ("attributes.pathway", text(f"P{k}"))],
                 {"people": "assumed: all places are taken, as people wait for them"
                  + (f"; {f.visits[place]} visits a day / {VISITS_EACH}" if VISITS and k == "1" else "")})

    section("clocks")
    standard = "NHS England, A&E attendances and emergency admissions, collection guidance, 2023"
    noun("clock", [("name", text("4-hour standard")), ("start", '{ at = "A&E", on = "arrive" }'),
                   ("stop", '{ at = "A&E", on = "leave" }'), ("target", text("4h"))],
         {"target": f"{standard}: arrival to admission, transfer or discharge"})
    for hours in (4, 12):
        noun("clock", [
            ("name", text(f"decision to admit to bed, {hours} hours")),
            ("start", '{ at = "A&E", on = "ready" }'), ("stop", '{ at = "A&E", on = "leave" }'),
            ("when", "'cohort == \"emergency, overnight\" or cohort == \"emergency, same day\"'"),
            ("target", text(f"{hours}h")),
        ], {"target": f"{standard}: decision to admit to admission"})

    section("published figures, to lay beside what comes out")
    ga = f"{NAME} / general and acute"

    def published(name, value, metric, scope, source, per=None, per_scope=None, digits=4):
        noun("published", [
            ("name", text(name)), ("value", number(value, digits)), ("metric", text(metric)),
            ("scope", text(scope)), ("per", per and text(per)),
            ("per_scope", per_scope and text(per_scope)), ("source", text(source))])

    given = " (given in the model: shows only that the flow adds up)"
    published("A&E attendances a day" + given, f.attendances, "joined", "A&E", AE, digits=1)
    published("Zero-day emergency admissions a day" + given, f.emergency * f.zero_day, "started",
              "same-day emergency care", f"{AE}; {f.zero_note}", digits=1)
    published("Discharges from overnight beds a day" + given, f.discharges, "departures", ga,
              SITREP, digits=1)
    for k in "123":
        published(f"Share of discharges to pathway {k}" + given, f.pathway[k], "joined",
                  f"pathway {k}", SITREP, "departures", ga, digits=4)
    published("G&A beds occupied, share of beds open", f.ga_occupancy, "census_occupancy", ga, BEDS)
    for code, _, short, _ in TRUSTS:
        published(f"G&A beds occupied, {short}", f.occupied[code], "census_occupied",
                  f"G&A beds, {short}", BEDS, digits=1)
    published("Adult critical care beds occupied", sum(f.cc_occupied.values()), "census_occupied",
              "adult critical care", BEDS, digits=1)
    published("Adult critical care beds occupied, share of beds open",
              sum(f.cc_occupied.values()) / sum(f.cc_open.values()), "census_occupancy",
              "adult critical care", BEDS)
    published("Mean length of stay in overnight beds, days (England 2022)", LOS_ALL,
              "mean_length_of_stay", ga, LOS)
    published("G&A beds occupied / discharges a day, days", sum(f.occupied.values()) / f.discharges,
              "mean_length_of_stay", ga, f"{BEDS}; {SITREP}", digits=2)
    published("No criteria to reside, remaining at the end of the day", f.nctr,
              "no_criteria_to_reside", ga, SITREP, digits=1)
    published("No criteria to reside, remaining for other reasons than a place on pathways 1 to 3",
              f.rest_nctr, "in_process", ga, f"{SITREP}; {REASONS}: people remaining less those who "
              "wait for a pathway with a length of stay of 14 days and more", digits=1)
    for k in "123":
        published(f"No criteria to reside, waiting for a place on pathway {k}",
                  f.capacity_people[k], "awaited", f"pathway {k}",
                  f"{REASONS}: people with a length of stay of 14 days and more", digits=1)
    for k in "123":
        published(f"Wait for pathway {k}, days for each leaver", f.capacity_wait[k], "awaited",
                  f"pathway {k}", f"{REASONS}: {f.capacity_people[k]:.1f} people waiting / discharges "
                  "a day to the pathway", "joined", f"pathway {k}", digits=2)
    published("Left by 17:00, share of discharges (England)", BY_1700, "left_by_17", ga,
              "NHS England, acute daily discharge situation report, England, April 2022 - May 2023",
              digits=3)
    published("Left on the day of being ready, share of discharges (seven trusts)", 0.8435,
              "left_on_ready_day", ga, DELAYED)
    published("Days after being ready, of those who left later (England)", DELAY_EACH,
              "days_after_ready", ga, DELAYED)
    published("A&E attendances within 4 hours, share", 1 - f.over4h, "clock_within",
              "4-hour standard", AE_TRUST)
    published("Admitted within 4 hours of the decision to admit, share", f.dta_within[0],
              "clock_within", "decision to admit to bed, 4 hours", AE_TRUST)
    published("Admitted within 12 hours of the decision to admit, share", f.dta_within[1],
              "clock_within", "decision to admit to bed, 12 hours", AE_TRUST)
    return "\n".join(out).rstrip() + "\n"


SERVICES = {"1": "Home-based support (P1)", "2": "Community beds (P2)", "3": "Care home (P3)"}


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--") and a not in SYSTEMS]
    data = Path(arguments[0]) if arguments else HERE.parents[3] / "shared" / "data"
    figures = derive(data)
    toml = model(figures)
    if "--write" in sys.argv:
        (HERE / f"{SYSTEM}.toml").write_text(toml, encoding="utf-8")
        print(f"\nwritten: {SYSTEM}.toml")


if __name__ == "__main__":
    main()
