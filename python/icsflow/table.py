"""Tables of results, for any data-frame library."""

from __future__ import annotations

import datetime
import importlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from icsflow import _core
from icsflow.render import Cell, cut, html, paragraph, short, text

if TYPE_CHECKING:
    import pandas
    import polars

__all__ = ["Table"]

Value: TypeAlias = int | float | str | datetime.datetime
_EPOCH = datetime.datetime(1970, 1, 1)
_SHOWN = 20
# What a run keeps only if it is asked to.
_KEPT_BY = {
    "stays": "run(stays=True)",
    "departures": "run(departures=True)",
    "ready_days": "run(departures=True)",
}


class Table:
    """Named columns of equal length, each with its unit.

    Any library that knows the Arrow PyCapsule interface reads it as it is: ``polars.DataFrame(t)``,
    ``pyarrow.table(t)``, ``duckdb.sql("from t")``, ``pandas.DataFrame.from_arrow(t)``. Missing numbers
    are null there and NaN here.

    >>> import icsflow as ics
    >>> m = ics.Model("Clinic").arrivals("Referrals", to="Clinic", rate=8)
    >>> m = m.beds("Clinic", 1, stay=ics.Exponential(0.1))
    >>> t = m.run(replications=2, until="100d", seed=1).flows
    >>> t.columns
    ['from', 'to', 'mean', 'sd', 'lower', 'upper', 'rate']
    >>> t.units["rate"]
    'people per day'
    """

    def __init__(self, table: _core.Table) -> None:
        self._table = table

    @property
    def name(self) -> str:
        """Its name."""
        return self._table.name

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
        return self._table.columns

    @cached_property
    def units(self) -> dict[str, str]:
        """The units of the columns that have one for all rows."""
        return dict(self._table.units)

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return dict(self._table.kinds)

    def __len__(self) -> int:
        return len(self._table)

    def __getitem__(self, column: str) -> list[Any]:
        """The values of a column. Raises KeyError if there is none of this name."""
        try:
            values = self._table.values(column)
        except ValueError as error:
            raise KeyError(str(error)) from None
        if self._kinds[column] == "instant":
            return [_EPOCH + datetime.timedelta(microseconds=value) for value in values]
        return values

    def to_dict(self) -> dict[str, list[Any]]:
        """Lists of values by column: int, float (NaN where missing), str, datetime."""
        return {column: self[column] for column in self.columns}

    def rows(self, **where: Value) -> list[dict[str, Any]]:
        """The rows in which columns have these values, each as a dict; all rows if none is named.

        >>> import icsflow as ics
        >>> m = ics.Model("Clinic").arrivals("Referrals", to="Clinic", rate=8)
        >>> m = m.beds("Clinic", 1, stay=ics.Exponential(0.1))
        >>> r = m.run(replications=2, until="100d", seed=1)
        >>> [row["unit"] for row in r.summary.rows(scope="Clinic", metric="occupancy")]
        ['share']
        """
        wanted = [(self[column], value) for column, value in where.items()]
        found = [i for i in range(len(self)) if all(column[i] == value for column, value in wanted)]
        columns = self.to_dict()
        return [{name: values[i] for name, values in columns.items()} for i in found]

    def to_pandas(self) -> pandas.DataFrame:
        """A pandas frame; words are categories, and ``.attrs["units"]`` tells the units.

        Raises ImportError if pandas or pyarrow is not there.
        """
        pyarrow = needed("pyarrow", "pandas", ".to_pandas()")
        needed("pandas", "pandas", ".to_pandas()")
        frame = pyarrow.table(self).to_pandas()
        frame.attrs["units"] = self.units
        return frame

    def to_polars(self) -> polars.DataFrame:
        """A polars frame; words are categorical. Raises ImportError if polars is not there."""
        return needed("polars", "polars", ".to_polars()").DataFrame(self)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)

    def _cells(self, most: int, width: int) -> tuple[list[Cell], list[list[Cell]]]:
        kinds, units = self._kinds, self.units
        numbers = {"whole", "number"}
        head = [
            Cell(name, units.get(name, ""), right=kinds[name] in numbers) for name in self.columns
        ]
        rows = []
        columns = self.to_dict()
        for i in range(min(most, len(self))):
            row = []
            for name in self.columns:
                value = columns[name][i]
                row.append(Cell(cut(_shown(value), width), right=kinds[name] in numbers))
            rows.append(row)
        return head, rows

    def _size(self) -> str:
        count = len(self)
        hint = f" ({_KEPT_BY[self.name]} keeps them)" if not count and self.name in _KEPT_BY else ""
        return f"{self.name}: {count:,} row{'' if count == 1 else 's'}{hint}"

    def __repr__(self) -> str:
        more = len(self) - _SHOWN
        tail = f"\n… {more:,} more" if more > 0 else ""
        return f"{self._size()}\n{text(*self._cells(_SHOWN, 32))}{tail}"

    def _repr_html_(self) -> str:
        more = len(self) - _SHOWN
        tail = paragraph(f"… {more:,} more rows") if more > 0 else ""
        title = paragraph(self._size().partition(": ")[2], strong=self.name)
        return title + html(*self._cells(_SHOWN, 60)) + tail


def _shown(value: Value) -> str:
    if isinstance(value, float):
        return short(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else str(value)
    return f"{value:,}" if isinstance(value, int) and abs(value) >= 10_000 else str(value)


def needed(module: str, extra: str, what: str) -> Any:
    """A module of another library, or an error that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f'{what} needs {module}, which is not here: python -m pip install "icsflow[{extra}]"'
        ) from error
