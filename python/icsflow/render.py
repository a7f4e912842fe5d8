"""Rows of cells as text and as HTML, for terminals and notebooks."""

from __future__ import annotations

import html as _html
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from icsflow import _core

__all__ = ["Cell", "Shown", "cut", "estimate", "html", "paragraph", "short", "text", "width"]

# Colours are those of the notebook's theme, light or dark; only weight and opacity are ours.
_CELL = "padding:.15em .6em;border:0;vertical-align:top;background:none;"
_TABLE = (
    "border-collapse:collapse;border:0;font-size:.92em;line-height:1.35;"
    "font-variant-numeric:tabular-nums;margin:.3em 0;width:auto;"
)
_RULE = "border-bottom:1px solid rgba(128,128,128,.45);"


@dataclass(frozen=True)
class Cell:
    """A text, with a side note in a smaller voice, set right if it is a number."""

    text: str
    note: str = ""
    right: bool = False

    def __str__(self) -> str:
        return f"{self.text} {self.note}".strip()


def short(number: float) -> str:
    """A number to four significant digits, with thousands apart; nothing if there is none."""
    if number != number:
        return ""
    if abs(number) >= 10_000:
        return f"{number:,.0f}"
    return _core.show(number)


def estimate(mean: float, half: float, decimals: int = 3) -> Cell:
    """`842 ±3`: as many digits as the interval bears, four at most, and so many decimals."""
    if mean != mean:
        return Cell("", right=True)
    if half != half or half <= 0:
        return Cell(short(mean), right=True)
    digits = min(3 - math.floor(math.log10(abs(mean) or 1)), 1 - math.floor(math.log10(half)))
    digits = max(0, min(digits, decimals))
    least = 10.0**-digits
    if 0 < mean < least / 2:
        return Cell(f"<{least:.{digits}f}", right=True)
    return Cell(f"{mean:,.{digits}f}", f"±{half:,.{digits}f}", right=True)


def cut(words: str, most: int) -> str:
    """A text cut to a width."""
    return words if len(words) <= most else words[: most - 1] + "…"


def width(words: str) -> int:
    """The length of the longest line."""
    return max(map(len, words.splitlines()), default=0)


def text(head: Sequence[Cell], rows: Sequence[Sequence[Cell]]) -> str:
    """Columns side by side; the notes of the head stand under it. A cell may have several lines."""
    table = [[cell.text for cell in head]]
    if any(cell.note for cell in head):
        table.append([cell.note for cell in head])
    under = len(table)
    for row in rows:
        cells = [str(cell).split("\n") for cell in row]
        table += [list(line) for line in zip_longest(*cells, fillvalue="")]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    right = [any(line[i].right for line in (head, *rows)) for i in range(len(head))]
    told = []
    for line in table:
        padded = (
            word.rjust(width) if to_right else word.ljust(width)
            for word, width, to_right in zip(line, widths, right, strict=True)
        )
        told.append("  ".join(padded).rstrip())
    told.insert(under, "─" * max(map(len, told)))
    return "\n".join(told)


def html(head: Sequence[Cell], rows: Sequence[Sequence[Cell]]) -> str:
    """The same as an HTML table."""

    def cells(tag: str, row: Sequence[Cell], style: str, between: str) -> str:
        told = []
        for cell in row:
            side = "right" if cell.right else "left"
            note = f'{between}<span style="opacity:.6;font-size:.86em;font-weight:normal">'
            note = f"{note}{_html.escape(cell.note)}</span>" if cell.note else ""
            words = _html.escape(cell.text).replace("\n", "<br>")
            # Numbers stay on one line; words have room for a few of them.
            room = min(max(map(len, cell.text.splitlines()), default=0), 26)
            wrap = "white-space:nowrap;" if cell.right else f"min-width:{room}ch;"
            told.append(
                f'<{tag} style="{_CELL}{wrap}text-align:{side};{style}">{words}{note}</{tag}>'
            )
        return f"<tr>{''.join(told)}</tr>"

    body = "".join(cells("td", row, "", " ") for row in rows)
    top = cells("th", head, _RULE, "<br>")
    return f'<table style="{_TABLE}"><thead>{top}</thead><tbody>{body}</tbody></table>'


def paragraph(words: str, *, strong: str = "") -> str:
    """A line of HTML above or below a table."""
    bold = f"<b>{_html.escape(strong)}</b> " if strong else ""
    return f'<div style="margin:.2em 0">{bold}{_html.escape(words)}</div>'


class Shown(ABC):
    """What is shown as rows with a line beneath, in a terminal and in a notebook."""

    @abstractmethod
    def _lines(self) -> tuple[list[Cell], list[list[Cell]], str]:
        """The head, the rows, and the line."""

    def __repr__(self) -> str:
        head, rows, line = self._lines()
        return f"{text(head, rows)}\n{line}"

    def _repr_html_(self) -> str:
        head, rows, line = self._lines()
        return html(head, rows) + paragraph(line)
