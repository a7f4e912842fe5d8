"""Changes and scenarios: what if."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product as _product
from typing import Any

from icsflow.plain import Data, Duration, Moment, RampShape, compact, plain

__all__ = ["Change", "Scenario", "change", "flat", "product", "several"]


@dataclass(frozen=True)
class Change:
    """One edit of a parameter: see :func:`change`."""

    data: Mapping[str, Data]

    def plain(self) -> Data:
        """The change as it stands in a model file."""
        return dict(self.data)


@dataclass(frozen=True)
class Scenario:
    """A name and an ordered list of changes.

    >>> import icsflow as ics
    >>> ics.Scenario("Two more", [ics.change("Ward.beds", add=2)]).name
    'Two more'
    """

    name: str
    changes: Change | Sequence[Change] = ()
    description: str | None = None

    def plain(self) -> Data:
        """The scenario as it stands in a model file."""
        changes = [plain(change) for change in flat(self.changes)]
        return compact(name=self.name, description=self.description, change=changes or None)


def change(
    path: str,
    *,
    set: object = None,
    add: Duration | None = None,
    multiply: float | None = None,
    convert: float | None = None,
    into: str | None = None,
    ratio: float | None = None,
    at: Moment | None = None,
    ramp: Duration | None = None,
    shape: RampShape | None = None,
    until: Moment | None = None,
    where: str | None = None,
    to: str | None = None,
) -> Change:
    """One edit of a parameter, which `path` names: what has it, then its key.

    ``"Home care (P1).beds"``, ``"Acute.stay"`` (a whole distribution), ``"Acute.stay.mean"``,
    ``"A&E.rate"``, ``"Acute.route.Home care (P1)"`` (a share). Exactly one of these says what is
    made of it:

    * `set`: a new value, as the builder of the model takes it;
    * `add`: so much more, or less if negative;
    * `multiply`: so many times as much; a distribution keeps its shape;
    * `convert`: so much is taken away and given to `into`, each one as `ratio`.

    It holds in the whole run, or from `at` on, complete after `ramp`, until `until`. Places, rates,
    stays and shares of routes may change at a date. `shape` says how much of the change has come about
    after the part x of the ramp: ``"linear"`` (x, if not given), ``"s-curve"`` (3x² − 2x³: slow, fast,
    slow) or ``{"steps": n}`` (n equal steps, the first at the beginning, the last at the end). `where`
    keeps it to patients who meet a condition: of a rate (`multiply` only), where those who are kept
    away come to the node `to`, or not at all; of a stay and whatever else has cases; of a route.

    >>> import icsflow as ics
    >>> c = ics.change("Home care (P1).beds", add=20, at="2026-03-01", ramp="4w")
    >>> c = ics.change("P2.beds", add=12, at="2026-03-01", ramp="12w", shape={"steps": 4})
    >>> c = ics.change("A&E.rate", multiply=0.8, where="age >= 75", to="Virtual ward")
    >>> c = ics.change("G&A.beds", convert=12, into="Critical care.beds", ratio=1 / 3)
    """
    return Change(
        compact(
            path=path,
            set=set,
            add=add,
            multiply=multiply,
            convert=convert,
            into=into,
            ratio=ratio,
            at=at,
            ramp=ramp,
            shape=shape,
            until=until,
            where=where,
            to=to,
        )
    )


def product(
    levers: Mapping[str, Mapping[str, Change | Iterable[Change]]], *, name: str = "{}"
) -> list[Scenario]:
    """Every combination of the settings of some levers, as scenarios.

    A lever is a mapping from the names of its settings to a change, or several, or none for the
    model as it is.

    >>> import icsflow as ics
    >>> beds = {"as now": [], "+20": ics.change("P1.beds", add=20)}
    >>> stay = {"as now": [], "10% shorter": ics.change("P1.stay", multiply=0.9)}
    >>> [s.name for s in ics.product({"beds": beds, "stay": stay})]
    ['beds as now, stay as now', 'beds as now, stay 10% shorter', 'beds +20, stay as now', \
'beds +20, stay 10% shorter']
    """
    settings = [[(lever, *setting) for setting in of.items()] for lever, of in levers.items()]
    scenarios = []
    for chosen in _product(*settings):
        told = ", ".join(f"{lever} {setting}" for lever, setting, _ in chosen)
        changes = [one for _, _, given in chosen for one in flat(given)]
        scenarios.append(Scenario(name.format(told), changes))
    return scenarios


def several(given: Iterable[Any]) -> list[Data]:
    """Scenarios and names of scenarios, however they were put together, as data."""
    told = []
    for one in given:
        if isinstance(one, Scenario | Mapping | str):
            told.append(plain(one))
        elif isinstance(one, Iterable):
            told += several(one)
        else:
            raise TypeError(f"expected an ics.Scenario, or the name of one, found {one!r}")
    return told


def flat(given: Any) -> list[Any]:
    """A change, or several however they were put together, as a list."""
    if isinstance(given, Change | Mapping):
        return [given]
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(f"expected what ics.change() makes, found {given!r}")
    return [one for part in given for one in flat(part)]
