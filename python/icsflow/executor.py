"""Batches that run elsewhere: on the processes of this machine, or on others."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Any, NamedTuple

from icsflow import _core
from icsflow.errors import Interrupted

__all__ = ["Precision", "spread", "wanted"]

_LOOK_EVERY = 5  # as the core does, so that both stop after the same replications
_BLOCK = 5


class Precision(NamedTuple):
    """When there are enough replications: as soon as half the width of an interval is this small.

    It is the interval of the difference from the base, of every scenario; of the value itself where
    there is none. It is looked at after every five replications, whoever ran them. With `relative` the
    width is a share of the mean of the base.

    >>> import icsflow as ics
    >>> m = ics.Model("Clinic").arrivals("Referrals", to="Clinic", rate=8)
    >>> m = m.beds("Clinic", 1, stay=ics.Exponential(0.1))
    >>> p = ics.Precision("mean_wait", "Clinic", 0.05, relative=True)
    >>> c = m.compare(precision=p, replications=200, warm_up="50d", until="400d")
    >>> 5 < len(c.values("base", "mean_wait", "Clinic")) < 200
    True
    """

    metric: str
    scope: str
    half_width: float
    relative: bool = False


def wanted(precision: Precision) -> dict[str, Any]:
    """What the core is to reach."""
    if not isinstance(precision, Precision):
        raise TypeError(f"expected an ics.Precision, found {precision!r}")
    return precision._asdict()


def _block(job: str, case: int, first: int, count: int, start: bytes | None = None) -> bytes:
    """What a worker does: a model as text in, values out."""
    return _core.run_block(job, case, first, count, start)


def spread(
    model: str,
    options: dict[str, Any],
    executor: Executor | Callable[[], Executor],
    tell: Callable[[int, int], object] | None,
    start: _core.Checkpoint | None = None,
) -> _core.Comparison:
    """Runs a batch in blocks on an executor."""
    if not (callable(executor) or hasattr(executor, "submit")):
        raise TypeError(f"expected an executor, or a function that makes one, found {executor!r}")
    folder = options.get("folder")
    told = _core.prepare(model, json.dumps(options), start)
    job, most = told.job, told.most
    step = _LOOK_EVERY if options.get("precision") else most
    make = executor if callable(executor) else None
    current: Executor | None = executor() if callable(executor) else executor
    until = min(step, most)
    try:
        while True:
            while blocks := told.missing(until, _BLOCK):
                current = _round(told, job, blocks, current, make, folder, tell, most, start)
            if until == most or (options.get("precision") and told.reached(until)):
                told.cut(until)
                return told
            until = min(until + step, most)
    except KeyboardInterrupt:
        told.cut(until)
        raise Interrupted(told) from None
    finally:
        if make is not None and current is not None:
            current.shutdown(wait=False, cancel_futures=True)


def _round(
    told: _core.Comparison,
    job: str,
    blocks: list[tuple[int, int, int]],
    current: Executor | None,
    make: Callable[[], Executor] | None,
    folder: str | None,
    tell: Callable[[int, int], object] | None,
    most: int,
    start: _core.Checkpoint | None,
) -> Executor | None:
    """Runs blocks; those of workers that were lost are left missing. The executor to go on with."""

    def begin(block: tuple[int, int, int]) -> bytes | None:
        # A block takes with it only the replications that it goes on with.
        return None if start is None else start.part(*block[1:])

    if current is None:
        for block in blocks:
            told.add(_block(job, *block, begin(block)), folder)
        return None
    pending: set[Future[bytes]] = set()
    try:
        pending = {current.submit(_block, job, *block, begin(block)) for block in blocks}
        while pending:
            done, pending = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                told.add(future.result(), folder)
            if tell is not None and done:
                tell(told.complete, most * len(told.cases))
    except BrokenExecutor:
        # All its workers are gone, and with them what they were doing.
        return make() if make is not None else None
    except BaseException:
        for future in pending:
            future.cancel()
        raise
    return current
