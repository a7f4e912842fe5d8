"""What can go wrong, told so that it can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from icsflow import _core
    from icsflow.comparison import Comparison
    from icsflow.results import Results

__all__ = ["Fault", "Interrupted", "ModelError", "RunError"]


class Fault(NamedTuple):
    """One fault of a model or of the options of a run."""

    path: str
    """Where: ``node["Acute"].stay.lognormal.mean``."""
    line: int | None
    """Line of the TOML text, from 1, where the text has lines."""
    found: str
    """What stands there."""
    expected: str
    """What would be right there."""
    nearest: str | None
    """The valid name nearest to the one found."""

    def __str__(self) -> str:
        line = "" if self.line is None else f" (line {self.line})"
        meant = "" if self.nearest is None else f'. Did you mean "{self.nearest}"?'
        return f"{self.path}{line}: found {self.found}; expected {self.expected}{meant}"


class ModelError(ValueError):
    """The model, or the options of the run, cannot be run as written.

    Every fault is in :attr:`faults`, not only the first.

    >>> import icsflow as ics
    >>> m = ics.Model("Ward").beds("Ward", 12, stay=ics.Exponential(mean=-3))
    >>> try:
    ...     m.arrivals("Referrals", to="Wrad", rate=2).check()
    ... except ics.ModelError as error:
    ...     print(len(error.faults), error.faults[0].nearest)
    2 Ward
    """

    faults: list[Fault]

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        count = len(self.faults)
        head = "1 fault:" if count == 1 else f"{count} faults:"
        return "\n  ".join([head, *map(str, self.faults)])


class RunError(RuntimeError):
    """A replication met a state that the model forbids, such as a list of stays that ran out.

    The message says in which replication, and what to do about it. No result is given.
    """


class Interrupted(KeyboardInterrupt):
    """The run was stopped by Ctrl-C.

    What was complete by then is in :attr:`results`, or :attr:`comparison` where scenarios ran.
    """

    results: Results | None
    """The results of the complete replications; None if not one was complete."""
    comparison: Comparison | None
    """The same of scenarios."""

    def __init__(self, results: _core.Results | _core.Comparison | None = None) -> None:
        from icsflow import _core
        from icsflow.comparison import Comparison
        from icsflow.results import Results

        done = results.complete if results is not None else 0
        self.results = self.comparison = None
        if isinstance(results, _core.Results) and done > 0:
            self.results = Results(results)
        elif isinstance(results, _core.Comparison) and done > 0:
            self.comparison = Comparison(results)
        super().__init__(f"stopped; {done} replications were complete")
