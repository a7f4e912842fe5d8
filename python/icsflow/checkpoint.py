"""Where a run stands, to go on from there."""

from __future__ import annotations

import os

from icsflow import _core

__all__ = ["Checkpoint", "taken_up"]


class Checkpoint:
    """Where every replication of a run stands at an instant: see :meth:`Model.checkpoint`.

    It can be saved and pickled. It goes on with the same model, plan and version of the library;
    whatever would give other bits than a run without a break is refused.

    >>> import icsflow as ics
    >>> m = ics.Model("Clinic").arrivals("Referrals", to="Clinic", rate=8)
    >>> m = m.beds("Clinic", 1, stay=ics.Exponential(0.1))
    >>> m.checkpoint("60d", replications=4, until="90d")
    <Checkpoint of 'Clinic' at 60d, 4 replications>
    """

    def __init__(self, core: _core.Checkpoint) -> None:
        self._core = core

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Checkpoint:
        """A checkpoint from a file.

        Raises OSError if the file is no whole checkpoint, :class:`ModelError` if it is one of another
        version of the library.
        """
        return Checkpoint(_core.Checkpoint.read(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes it to a file, whole or not at all."""
        self._core.write(path)

    @property
    def at(self) -> str:
        """The instant, as it was asked for."""
        return self._core.at

    @property
    def replications(self) -> int:
        """How many replications it holds."""
        return self._core.replications

    @property
    def scenario(self) -> str | None:
        """The name of the scenario that ran, if not the model itself."""
        return self._core.scenario

    def __repr__(self) -> str:
        what = repr(self._core.name)
        if self.scenario is not None:
            what += f", scenario {self.scenario!r},"
        return f"<Checkpoint of {what} at {self.at}, {self.replications} replications>"

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (self._core.to_bytes(),)


def taken_up(given: Checkpoint | str | os.PathLike[str] | None) -> _core.Checkpoint | None:
    """What the core goes on from: a checkpoint, or the one in a file."""
    if given is None:
        return None
    if isinstance(given, Checkpoint):
        return given._core
    if isinstance(given, str | os.PathLike):
        return Checkpoint.load(given)._core
    raise TypeError(f"expected a checkpoint or the path of its file, found {given!r}")


def _restored(data: bytes) -> Checkpoint:
    return Checkpoint(_core.Checkpoint.from_bytes(data))
