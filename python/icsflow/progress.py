"""Progress of a run: a bar where there is a place for one, else a line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

__all__ = ["shown"]

Tell = Callable[[int, int], object]


@contextmanager
def shown(progress: bool | Tell | None) -> Iterator[Tell | None]:
    """The function to call with (done, all) replications, for the length of a run."""
    if progress is None or progress is False:
        yield None
    elif progress is True:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            with line() as tell:
                yield tell
        else:
            with tqdm(unit="replication") as bar:

                def tell(done: int, total: int) -> None:
                    bar.total = total
                    bar.update(done - bar.n)

                yield tell
    else:
        yield progress


@contextmanager
def line() -> Iterator[Tell]:
    """One line on standard error: rewritten on a terminal, else every tenth of the run."""
    began, terminal, told = perf_counter(), sys.stderr.isatty(), -1

    def tell(done: int, total: int) -> None:
        nonlocal told
        tenth = 10 * done // total
        text = f"{done} of {total} replications, {perf_counter() - began:.0f} s"
        if terminal:
            print(f"\r{text} ", end="", file=sys.stderr, flush=True)
        elif tenth != told:
            print(text, file=sys.stderr, flush=True)
        told = tenth

    try:
        yield tell
    finally:
        if terminal and told >= 0:
            print(file=sys.stderr)
