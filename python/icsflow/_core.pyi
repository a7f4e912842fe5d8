"""
The compiled core of icsflow: model text in, tables out.
"""

from typing import Any, Final, SupportsFloat, SupportsIndex, final

__all__ = ["__version__", "Results", "Table", "from_json", "from_toml", "metrics", "open_shipped", "run", "sample", "schema", "shipped", "show", "to_toml"]

__version__: Final[str]
"""
Version of the library.
"""

@final
class Results:
    """
    The results of a run; tables are made when asked for.
    """
    @property
    def complete(self, /) -> int:
        """
        How many replications are complete.
        """
    @property
    def events(self, /) -> int:
        """
        Events of all replications, warm-up included.
        """
    @property
    def interrupted(self, /) -> bool:
        """
        Whether the run was stopped before all replications were complete.
        """
    def model(self, /) -> str:
        """
        The model that ran as JSON text.
        """
    def plan(self, /) -> str:
        """
        The plan of the run as JSON text.
        """
    def scopes(self, /) -> list[tuple[str, str]]:
        """
        The scopes over which metrics are told: name and kind.
        """
    def table(self, /, name: str) -> Table:
        """
        A table by its name. Raises ValueError if there is no such table.
        """
    def values(self, /, metric: str, scope: str) -> list[float]:
        """
        The values of a metric for a scope, replication by replication. Raises ValueError if there is
        no such metric or scope.
        """
    def warnings(self, /) -> list[str]:
        """
        What is worth knowing of the run though nothing was wrong.
        """

@final
class Table:
    """
    A table of results: named columns of equal length.
    """
    def __arrow_c_stream__(self, /, requested_schema: "object | None" = None) -> "object":
        """
        An Arrow C stream of the whole table, as the Arrow PyCapsule interface wants it. The requested
        schema is not heeded, as the interface allows.
        """
    def __len__(self, /) -> int: ...
    @property
    def columns(self, /) -> list[str]:
        """
        The names of its columns.
        """
    @property
    def kinds(self, /) -> list[tuple[str, str]]:
        """
        What the values of each column are: "whole", "number", "word" or "instant".
        """
    @property
    def name(self, /) -> str:
        """
        Its name.
        """
    @property
    def units(self, /) -> list[tuple[str, str]]:
        """
        The units of the columns that have one.
        """
    def values(self, /, column: "str") -> "list[Any]":
        """
        The values of a column: whole numbers, numbers (NaN where missing), texts, or microseconds
        since 1970. Raises ValueError if there is no such column.
        """

def from_json(text: str) -> str:
    """
    Judges a model given as JSON text and returns it in full as JSON text.

    Raises ModelError with every fault of the model.
    """

def from_toml(text: str) -> str:
    """
    Judges a model given as TOML text and returns it in full as JSON text.

    Raises ModelError with every fault of the model and the lines on which they stand.
    """

def metrics() -> list[tuple[str, str, str]]:
    """
    Every metric: name, unit ("time" stands for the model's time unit), definition.
    """

def open_shipped(name: str) -> str:
    """
    The JSON text of a model that comes with the library.
    """

def run(model: str, options: str, progress: Any | None = None) -> Results:
    """
    Runs a model given as JSON text. `options` is a JSON object with keys of the run plan, which go
    before those of the model, and `threads`: 0, or none, is one for each processor. `progress` is
    called with the number of complete replications and of all.

    Raises ModelError with every fault of the model and of the options, RunError when a replication
    fails, Interrupted on Ctrl-C.
    """

def sample(request: str) -> list[float]:
    """
    Draws values from a distribution. `request` is a JSON object with `distribution`, `n`, `seed` and
    `time_unit`; without a time unit values are plain numbers, or days if the parameters are lengths of
    time with their units.

    Raises ModelError with every fault of the request.
    """

def schema() -> str:
    """
    The JSON Schema of model files.
    """

def shipped() -> list[str]:
    """
    The names of the models that come with the library.
    """

def show(number: SupportsFloat | SupportsIndex) -> str:
    """
    A number as tables show it: four significant digits.
    """

def to_toml(text: str) -> str:
    """
    The TOML text of a model given as JSON text.
    """
