"""icsflow simulates how people flow through an integrated care system.

>>> import icsflow as ics
>>> m = ics.Model("Step-down", start="2026-01-05", time_unit="days")
>>> m = m.arrivals("Emergency admissions", to="Acute", rate=20)
>>> m = m.beds("Acute", 160, sector="acute", stay=ics.LogNormal(mean=6.9, sd=8.0))
>>> m = m.beds("Community", 30, sector="community", stay=ics.Exponential("20d"))
>>> m = m.route("Acute", {"Community": 0.07, ics.HOME: None})
>>> r = m.run(replications=5, warm_up="60d", until="1y", seed=1)
>>> r.occupancy.columns[:5]
['node', 'level', 'time', 'date', 'mean']
"""

from icsflow._core import __version__
from icsflow.arrivals import Curve, Timetable
from icsflow.calibration import Calibration, Lever, Target, calibrate, calibrate_file
from icsflow.capacity import Capacity, Cycle, Edit, Outage, RingFence, Shift, Transfer
from icsflow.case import Case, case
from icsflow.checkpoint import Checkpoint
from icsflow.choose import least, select
from icsflow.clock import Mark
from icsflow.cohort import Category, Flag, Number
from icsflow.comparison import Comparison, Difference
from icsflow.diff import Delta, Diff
from icsflow.distribution import (
    Coxian,
    DailyHazard,
    Deterministic,
    Discrete,
    Distribution,
    Empirical,
    Erlang,
    Exponential,
    Gamma,
    Geometric,
    Hazard,
    Hyperexponential,
    Listed,
    LogNormal,
    Mixture,
    Normal,
    Poisson,
    Triangular,
    Uniform,
    Weibull,
)
from icsflow.errors import Fault, Interrupted, ModelError, RunError
from icsflow.executor import Precision
from icsflow.legs import Leg, Legs
from icsflow.model import DIED, EXIT, HOME, Model, schema, shipped
from icsflow.node import ProcessDelay, Profession, StayEnd, Together
from icsflow.optimum import Optimum, optimise
from icsflow.people import Attends, Death, SetAttribute
from icsflow.queue import Balk, ChangeClass, Displace, Queue, Review
from icsflow.readmission import Readmission
from icsflow.referral import Referral
from icsflow.results import Results
from icsflow.scenario import Change, Scenario, change, product
from icsflow.sensitivity import Sensitivity, sensitivity
from icsflow.slots import (
    Booking,
    CalledOff,
    Cancel,
    CarveOut,
    FollowUp,
    Needs,
    Remote,
    Session,
    Slots,
)
from icsflow.table import Table
from icsflow.uncertainty import Input, Uncertainty, uncertainty
from icsflow.visits import Profile, Taper
from icsflow.window import At, HourProfile, Open

# Opens a model that comes with the library; not in __all__, for the sake of Python's own `open`.
open = Model.open

__all__ = [
    "DIED",
    "EXIT",
    "HOME",
    "At",
    "Attends",
    "Balk",
    "Booking",
    "Calibration",
    "CalledOff",
    "Cancel",
    "Capacity",
    "CarveOut",
    "Case",
    "Category",
    "Change",
    "ChangeClass",
    "Checkpoint",
    "Comparison",
    "Coxian",
    "Curve",
    "Cycle",
    "DailyHazard",
    "Death",
    "Delta",
    "Deterministic",
    "Diff",
    "Difference",
    "Discrete",
    "Displace",
    "Distribution",
    "Edit",
    "Empirical",
    "Erlang",
    "Exponential",
    "Fault",
    "Flag",
    "FollowUp",
    "Gamma",
    "Geometric",
    "Hazard",
    "HourProfile",
    "Hyperexponential",
    "Input",
    "Interrupted",
    "Leg",
    "Legs",
    "Lever",
    "Listed",
    "LogNormal",
    "Mark",
    "Mixture",
    "Model",
    "ModelError",
    "Needs",
    "Normal",
    "Number",
    "Open",
    "Optimum",
    "Outage",
    "Poisson",
    "Precision",
    "ProcessDelay",
    "Profession",
    "Profile",
    "Queue",
    "Readmission",
    "Referral",
    "Remote",
    "Results",
    "Review",
    "RingFence",
    "RunError",
    "Scenario",
    "Sensitivity",
    "Session",
    "SetAttribute",
    "Shift",
    "Slots",
    "StayEnd",
    "Table",
    "Taper",
    "Target",
    "Timetable",
    "Together",
    "Transfer",
    "Triangular",
    "Uncertainty",
    "Uniform",
    "Weibull",
    "__version__",
    "calibrate",
    "calibrate_file",
    "case",
    "change",
    "least",
    "optimise",
    "product",
    "schema",
    "select",
    "sensitivity",
    "shipped",
    "uncertainty",
]
