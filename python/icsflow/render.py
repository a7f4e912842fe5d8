"""Rows of cells as text and as HTML, for terminals and notebooks."""

from __future__ import annotations

import html as _html
from collections.abc import Sequence
from dataclasses import dataclass

from icsflow import _core

__all__ = ["Cell", "html", "short", "text"]

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


def cut(words: str, most: int) -> str:
    """A text cut to a width."""
    return words if len(words) <= most else words[: most - 1] + "…"


def text(head: Sequence[Cell], rows: Sequence[Sequence[Cell]]) -> str:
    """Columns side by side; the notes of the head stand under it."""
    lines = [head, *rows]
    notes = any(cell.note for cell in head)
    table = [[cell.text for cell in head]]
    if notes:
        table.append([cell.note for cell in head])
    table += [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in table) for i in range(len(head))]
    right = [any(line[i].right for line in lines) for i in range(len(head))]
    told = []
    for line in table:
        cells = (
            word.rjust(width) if to_right else word.ljust(width)
            for word, width, to_right in zip(line, widths, right, strict=True)
        )
        told.append("  ".join(cells).rstrip())
    rule = 2 if notes else 1
    told.insert(rule, "─" * max(len(line) for line in told))
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
            wrap = "white-space:nowrap;" if cell.right else ""
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
