"""
The compiled core of icsflow: model text in, tables out.
"""

from _typeshed import SupportsGetItem
from os import PathLike
from typing import Any, Final, SupportsFloat, SupportsIndex, final

__all__ = ["__version__", "Checkpoint", "Comparison", "Results", "Table", "changed", "checkpoint", "compare", "content_hash", "diff", "diff_scenarios", "from_json", "from_toml", "metrics", "open_shipped", "prepare", "run", "run_block", "sample", "schema", "shipped", "show", "to_toml"]

__version__: Final[str]
"""
Version of the library.
"""

@final
class Checkpoint:
    """
    Where every replication of a run stands at an instant.
    """
    @property
    def at(self, /) -> str:
        """
        The instant, as it was asked for.
        """
    @staticmethod
    def from_bytes(bytes: bytes) -> Checkpoint:
        """
        From bytes; raises as `read` does.
        """
    @property
    def name(self, /) -> str:
        """
        The name of the model that ran.
        """
    def part(self, /, first: SupportsIndex, count: SupportsIndex) -> bytes:
        """
        A checkpoint of so many of its replications, from a number on, as bytes.
        """
    @staticmethod
    def read(path: str | PathLike[str]) -> Checkpoint:
        """
        Reads it from a file. Raises OSError if there is no whole checkpoint, ModelError if it is one of
        another version.
        """
    @property
    def replications(self, /) -> int:
        """
        How many replications it holds.
        """
    @property
    def scenario(self, /) -> str | None:
        """
        The name of the scenario that ran, if not the model itself.
        """
    def to_bytes(self, /) -> bytes:
        """
        As bytes.
        """
    def write(self, /, path: str | PathLike[str]) -> None:
        """
        Writes it to a file, whole or not at all.
        """

@final
class Comparison:
    """
    Scenarios beside the model that they change.
    """
    def add(self, /, block: bytes, folder: str | PathLike[str] | None = None) -> bool:
        """
        Adds a block given as bytes, and keeps it in a folder if there is one. False if it is not whole.
        """
    @property
    def cases(self, /) -> list[str]:
        """
        The names of the cases, `base` first.
        """
    @property
    def complete(self, /) -> int:
        """
        How many replications of all cases are complete.
        """
    def cut(self, /, until: SupportsIndex) -> None:
        """
        Keeps the replications below a number: so many were wanted.
        """
    def difference(self, /, scenario: str, metric: str, scope: str, other: str | None) -> tuple[float, float, float, int]:
        """
        A scenario less the base, or that at a scope less the same at another: mean, lower and upper end
        of its interval, number of pairs. Raises ValueError if there are no values.
        """
    @staticmethod
    def from_bytes(bytes: bytes) -> Comparison:
        """
        From bytes. Raises ValueError if they are not those of a comparison.
        """
    @property
    def interrupted(self, /) -> bool:
        """
        Whether some that were wanted are missing.
        """
    @property
    def job(self, /) -> str:
        """
        The job as text.
        """
    def missing(self, /, until: SupportsIndex, most: SupportsIndex) -> list[tuple[int, int, int]]:
        """
        Blocks of at most so many replications that are missing below a number: case, first, count.
        """
    @property
    def most(self, /) -> int:
        """
        The most replications of each case.
        """
    def reached(self, /, until: SupportsIndex) -> bool:
        """
        Whether the wanted precision is reached by the replications below a number.
        """
    def replications(self, /, case: str) -> list[int]:
        """
        The numbers of the replications of a case that are complete.
        """
    @property
    def scopes(self, /) -> list[tuple[str, str]]:
        """
        The scopes over which metrics are told: name and kind.
        """
    def table(self, /, metrics: SupportsGetItem[int, str] | None, scopes: SupportsGetItem[int, str] | None) -> Table:
        """
        The comparison as a table; of all metrics and scopes, or of those named.
        """
    def to_bytes(self, /) -> bytes:
        """
        As bytes, to be pickled.
        """
    def values(self, /, case: str, metric: str, scope: str) -> list[float]:
        """
        The values of a metric, replication by replication. Raises ValueError if there are none.
        """

@final
class Results:
    """
    The results of a run; tables are made when asked for.
    """
    def batch_means(self, /, batches: SupportsIndex) -> Table:
        """
        The table of so many batches. Raises ModelError if there are too few censuses for them.
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
    @staticmethod
    def from_bytes(bytes: bytes) -> Results:
        """
        From bytes; raises as `read` does.
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
    @staticmethod
    def read(path: str | PathLike[str]) -> Results:
        """
        Reads them from a file. Raises OSError if it holds no whole results, ModelError if it holds those
        of another version.
        """
    def scopes(self, /) -> list[tuple[str, str]]:
        """
        The scopes over which metrics are told: name and kind.
        """
    def table(self, /, name: str) -> Table:
        """
        A table by its name. Raises ValueError if there is no such table.
        """
    def to_bytes(self, /) -> bytes:
        """
        As bytes.
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
    def write(self, /, path: str | PathLike[str]) -> None:
        """
        Writes them to a file, whole or not at all.
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

def changed(model: str, options: str) -> str:
    """
    What a scenario makes of a model given as JSON text, as JSON text: see `run` for `options`.

    Raises ModelError with every fault of the model and of the scenario, and if it is more than a model can
    hold.
    """

def checkpoint(model: str, options: str, at: str, progress: Any | None = None, start_from: Checkpoint | None = None) -> Checkpoint:
    """
    Runs a model, given as JSON text with options as for `run`, up to an instant given as JSON text, and
    keeps where every replication stands there.

    Raises ModelError with every fault of the model and of the options, RunError when a replication
    fails, KeyboardInterrupt on Ctrl-C.
    """

def compare(model: str, options: str, progress: Any | None = None, start_from: Checkpoint | None = None) -> Comparison:
    """
    Runs the scenarios of a model beside the model itself. `progress` is called with the number of
    complete replications and of all. With `start_from` all go on from a checkpoint.

    Raises ModelError with every fault of the model, its scenarios, the options and the folder, RunError
    when a replication fails, Interrupted on Ctrl-C.
    """

def content_hash(model: str, options: str) -> str:
    """
    The hash of what a model given as JSON text says, or of a scenario of it: see `run` for `options`.

    Raises ModelError with every fault of the model and of the scenario.
    """

def diff(one: str, two: str) -> list[tuple[str, str | None, str | None, str | None, str]]:
    """
    Where the second of two models given as JSON text differs from the first.

    Raises ModelError with every fault of a model.
    """

def diff_scenarios(model: str, one: str, two: str) -> list[tuple[str, str | None, str | None, str | None, str]]:
    """
    Where what a second scenario makes of a model given as JSON text differs from what a first makes of it.
    Each is given by options as of `run`; without a scenario in them it is the model itself.

    Raises ModelError with every fault of the model and of the scenarios.
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

def prepare(model: str, options: str, start_from: Checkpoint | None = None) -> Comparison:
    """
    The same batch as nothing that has run yet, for blocks that run elsewhere; with the blocks that are
    in its folder.
    """

def run(model: str, options: str, progress: Any | None = None, start_from: Checkpoint | None = None) -> Results:
    """
    Runs a model given as JSON text. `options` is a JSON object with keys of the run plan, which go
    before those of the model, `threads`: 0, or none, is one for each processor, and `scenario`: one of
    the model by its name, or a whole one, to run instead of the model itself. `progress` is
    called with the number of complete replications and of all. With `start_from` the run goes on from a
    checkpoint, by its plan and scenario where the options give none.

    Raises ModelError with every fault of the model and of the options, RunError when a replication
    fails, Interrupted on Ctrl-C.
    """

def run_block(job: str, case: SupportsIndex, first: SupportsIndex, count: SupportsIndex, start: bytes | None = None) -> bytes:
    """
    Runs a block of a job given as text: so many replications of a case from a number on; as bytes. `start` is
    the checkpoint of the job as bytes, or the part of it that has these replications.
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
