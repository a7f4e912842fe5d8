"""Where models and scenarios differ."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple, overload

from icsflow.plain import Data
from icsflow.render import Cell, cut, html, paragraph, text

__all__ = ["Delta", "Diff"]


class Delta(NamedTuple):
    """One place at which the second differs from the first; as text, a sentence."""

    path: str
    """Where, as faults tell it: ``node["Ward"].stay.exponential.mean``."""
    at: str | None
    """The date from which on; None if it holds all the time."""
    before: Data
    """What stands there in the first; None if it has no such place."""
    after: Data
    """What stands there in the second."""
    words: str
    """All of it in words."""

    def __str__(self) -> str:
        return self.words


class Diff(Sequence[Delta]):
    """Every place at which two models or scenarios differ, one after the other: see
    :meth:`Model.diff`."""

    def __init__(self, told: Iterable[tuple[str, str | None, str | None, str | None, str]]) -> None:
        self._deltas = [
            Delta(path, at, _value(before), _value(after), words)
            for path, at, before, after, words in told
        ]

    @overload
    def __getitem__(self, index: int) -> Delta: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Delta]: ...
    def __getitem__(self, index: int | slice) -> Delta | Sequence[Delta]:
        return self._deltas[index]

    def __len__(self) -> int:
        return len(self._deltas)

    def _rows(self) -> tuple[list[Cell], list[list[Cell]]]:
        head = [Cell(name) for name in ("where", "from", "before", "after")]
        rows = [
            [Cell(cut(told, 60)) for told in (delta.path, delta.at or "", *map(_text, delta[2:4]))]
            for delta in self
        ]
        return head, rows

    def __repr__(self) -> str:
        return text(*self._rows()) if self else "no difference"

    def _repr_html_(self) -> str:
        return html(*self._rows()) if self else paragraph("no difference")


def _value(told: str | None) -> Data:
    return None if told is None else json.loads(told)


def _text(value: Data) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)
