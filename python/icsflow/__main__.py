"""The command line: ``python -m icsflow COMMAND``, which is run, checkpoint, calibrate, validate, show,
diff or schema."""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import fill
from typing import overload

from icsflow import _core
from icsflow.calibration import calibrate_file
from icsflow.checkpoint import Checkpoint
from icsflow.description import headline
from icsflow.errors import Interrupted, ModelError, RunError
from icsflow.model import Model, schema
from icsflow.progress import line
from icsflow.render import Cell, estimate, short, text
from icsflow.results import Results
from icsflow.table import Table, needed

__all__ = ["main"]

TABLES = (
    "summary",
    "replications",
    "occupancy",
    "levels",
    "visits",
    "waits",
    "queues",
    "clocks",
    "costs",
    "departures",
    "ready_days",
    "lists",
    "list_weeks",
    "delays",
    "deadlocks",
    "decisions",
    "ends",
    "caseloads",
    "flows",
    "stays",
    "audit",
    "published",
)

# Written only if there is something in them.
_IF_ANY = ("clocks", "costs", "decisions", "departures", "published", "ready_days", "stays")


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the arguments say; returns 0, 1 for a fault, 2 for wrong usage, 130 after Ctrl-C.

    `diff` returns 1 for a difference, and 2 for a fault.
    """
    options = parser().parse_args(arguments)
    fault: int = options.fault
    try:
        code: int = options.do(options)
        sys.stdout.flush()
        return code
    except ModelError as error:
        faults(error, getattr(options, "model", None))
        return fault
    except UsageError as error:
        print(f"icsflow: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read the output has seen enough. Python would complain once more at its end.
        sys.stdout = None
        return 0
    except OSError as error:
        file = f"{error.filename}: " if error.filename is not None and error.strerror else ""
        print(f"icsflow: {file}{error.strerror or error}", file=sys.stderr)
        return fault
    except (RunError, ImportError) as error:
        print(f"icsflow: {error}", file=sys.stderr)
        return fault
    except KeyboardInterrupt:
        print("icsflow: stopped", file=sys.stderr)
        return 130


class UsageError(Exception):
    """The arguments are wrong."""


def faults(error: ModelError, model: str | None) -> None:
    """Prints every fault on a line of its own, for people and for editors that jump to lines."""
    for fault in error.faults:
        file = f"{model}:" if model is not None and Path(model).is_file() else ""
        place = f"{file}{fault.line}: " if file and fault.line is not None else f"{file} ".lstrip()
        print(f"{place}{fault._replace(line=None) if file else fault}", file=sys.stderr)
    count = len(error.faults)
    print(f"{count} fault{'' if count == 1 else 's'}", file=sys.stderr)


def parser() -> argparse.ArgumentParser:
    """The commands and their arguments."""
    named = "a TOML or JSON file, or the name of a model that comes with the library"
    shipped = _core.shipped()
    top = argparse.ArgumentParser(
        prog="python -m icsflow",
        description="Simulates how people flow through an integrated care system.",
        epilog=f"Models that come with the library: {', '.join(shipped)}." if shipped else None,
    )
    top.add_argument("--version", action="version", version=f"icsflow {_core.__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def planned(sub: _Parser) -> None:
        sub.add_argument("model", metavar="MODEL", help=named)
        sub.add_argument("--replications", type=int, metavar="N", help="independent repetitions")
        sub.add_argument("--warm-up", metavar="TIME", help='time before measuring, such as "180d"')
        sub.add_argument("--until", metavar="TIME", help='time measured, such as "1y", or a date')
        sub.add_argument("--seed", type=int, metavar="N", help="seed of all random draws")
        sub.add_argument("--threads", type=int, metavar="N", help="replications that run at a time")
        sub.add_argument(
            "--antithetic",
            action=argparse.BooleanOptionalAction,
            help="replications in pairs, the second with every draw at the opposite quantile",
        )

    def command(name: str, do: Callable[[argparse.Namespace], int], about: str) -> _Parser:
        sub = commands.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        sub.set_defaults(do=do, fault=1)
        return sub

    sub = command("run", run, "run a model, print a summary, and write the tables if asked to")
    planned(sub)
    sub.add_argument(
        "--scenario",
        metavar="NAME",
        help="a scenario of the model to run instead of the model itself",
    )
    sub.add_argument(
        "--start-from", type=Path, metavar="FILE", help="a checkpoint to go on from, by its plan"
    )
    sub.add_argument("--out", type=Path, metavar="DIR", help="a new folder for the tables")
    sub.add_argument(
        "--format", choices=("csv", "parquet"), default="csv", help="of the tables (csv)"
    )
    sub.add_argument("--quiet", action="store_true", help="show no progress")
    sub = command(
        "checkpoint", checkpoint, "run a model up to an instant, and keep where it stands there"
    )
    planned(sub)
    sub.add_argument(
        "--at", required=True, metavar="TIME", help='a date, or a time after the start, as "30d"'
    )
    sub.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="where to write the checkpoint"
    )
    sub.add_argument("--quiet", action="store_true", help="show no progress")
    sub = command(
        "calibrate", calibrate, "move parameters until what comes out is what is published"
    )
    sub.add_argument("file", metavar="FILE", help="a TOML file with model, levers and targets")
    sub.add_argument("--seed", type=int, metavar="N", help="seed of the search")
    sub.add_argument("--most-runs", type=int, metavar="N", help="runs after which the search ends")
    sub.add_argument("--confirm", type=int, metavar="N", help="replications of the last run")
    sub.add_argument("--confirm-seed", type=int, metavar="N", help="its seed")
    sub.add_argument(
        "--out", type=Path, metavar="MODEL", help="where to write the calibrated model"
    )
    sub.add_argument("--quiet", action="store_true", help="show no progress")
    sub = command("validate", validate, "find every fault of a model")
    sub.add_argument("model", metavar="MODEL", help=named)
    sub = command("show", show, "tell a model in words")
    sub.add_argument("model", metavar="MODEL", help=named)
    sub = command("diff", diff, "tell where two models differ, or what scenarios make of a model")
    sub.add_argument("model", metavar="MODEL", help=named)
    sub.add_argument(
        "other", metavar="OTHER", help="another such model, or a scenario of the first"
    )
    sub.add_argument(
        "second", metavar="SCENARIO", nargs="?", help="a scenario to compare with the first one"
    )
    # As others that tell differences: 1 is for one.
    sub.set_defaults(fault=2)
    command("schema", print_schema, "print the JSON Schema of model files")
    return top


_Parser = argparse.ArgumentParser


def found(model: str) -> Model:
    """The model of a file or, if there is no such file, the shipped one of this name."""
    path = Path(model)
    if path.is_dir():
        raise UsageError(f"{model} is a folder, not a model")
    named = path.suffix.lower() not in (".toml", ".json") and path.name == model
    return Model.open(model) if named and not path.exists() else Model.from_file(path)


@overload
def number(value: str) -> float | str: ...
@overload
def number(value: None) -> None: ...
def number(value: str | None) -> float | str | None:
    """A length of time: a bare number counts in the model's time unit."""
    try:
        return value if value is None else float(value)
    except ValueError:
        return value


def run(options: argparse.Namespace) -> int:
    """Runs a model."""
    model = found(options.model)
    out: Path | None = options.out
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there already: name a new folder, or remove it")
    if out is not None and options.format == "parquet":
        needed("polars", "polars", "--format parquet")
    code = 0
    start = None if options.start_from is None else Checkpoint.load(options.start_from)
    with line() as tell:
        try:
            results = model.run(
                replications=options.replications,
                warm_up=number(options.warm_up),
                until=number(options.until),
                seed=options.seed,
                threads=options.threads,
                antithetic=options.antithetic,
                scenario=options.scenario,
                start_from=start,
                progress=None if options.quiet else tell,
            )
        except Interrupted as interrupted:
            if interrupted.results is None:
                raise
            results, code = interrupted.results, 130
    print(results)
    if len(results.published) > 0:
        print(f"\n{beside(results.published)}")
    if out is not None:
        write(model, results, out, options.format)
        print(f"\nThe tables are in {out}")
    return code


def checkpoint(options: argparse.Namespace) -> int:
    """Runs a model up to an instant."""
    with line() as tell:
        at: str = options.at
        kept = found(options.model).checkpoint(
            number(at),
            replications=options.replications,
            warm_up=number(options.warm_up),
            until=number(options.until),
            seed=options.seed,
            threads=options.threads,
            antithetic=options.antithetic,
            progress=None if options.quiet else tell,
        )
    kept.save(options.out)
    print(f"{kept!r} is in {options.out}")
    return 0


def beside(published: Table) -> str:
    """What is published, and what comes out."""
    head = [
        Cell("published figure"),
        Cell("published", right=True),
        Cell("simulated", right=True),
        Cell("difference", right=True),
        Cell("unit"),
        Cell("source"),
    ]
    rows = []
    for row in published.rows():
        difference = 100 * row["relative_difference"]
        rows.append(
            [
                Cell(fill(row["figure"], 64)),
                Cell(short(row["published"]), right=True),
                estimate(row["mean"], row["upper"] - row["mean"], decimals=6),
                Cell(f"{difference:+z.1f}%" if difference == difference else "", right=True),
                Cell(row["unit"]),
                Cell(fill(row["source"], 64)),
            ]
        )
    return text(head, rows)


def calibrate(options: argparse.Namespace) -> int:
    """Calibrates the model that a file names."""

    def tell(runs: int, score: float) -> None:
        print(f"\r{runs} runs, score {short(score)}  ", end="", file=sys.stderr, flush=True)

    given = {
        name: getattr(options, name)
        for name in ("seed", "most_runs", "confirm", "confirm_seed")
        if getattr(options, name) is not None
    }
    try:
        found = calibrate_file(options.file, progress=None if options.quiet else tell, **given)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not options.quiet:
        print(file=sys.stderr)
    print(found)
    if options.out is not None:
        found.model.save(options.out)
    return 0


def write(model: Model, results: Results, out: Path, form: str) -> None:
    """Writes the tables, the model and the plan to a new folder, whole or not at all."""
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        for name in TABLES:
            table: Table = getattr(results, name)
            if name not in _IF_ANY or len(table) > 0:
                write_table(table, part / f"{name}.{form}", form)
        model.save(part / "model.toml")
        told = {
            "icsflow": _core.__version__,
            "plan": results.plan,
            "replications_complete": results.complete,
            "events": results.events,
        }
        (part / "run.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        part.chmod(0o755)
        if out.exists():
            out.rmdir()
        part.rename(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_table(table: Table, path: Path, form: str) -> None:
    """Writes a table; its first line in CSV is the names of the columns."""
    if form == "parquet":
        table.to_polars().write_parquet(path)
        return
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        columns = [
            ["" if isinstance(value, float) and value != value else value for value in column]
            for column in table.to_dict().values()
        ]
        writer.writerows(zip(*columns, strict=True))


def validate(options: argparse.Namespace) -> int:
    """Finds every fault of a model."""
    model = found(options.model)
    print(f"no fault in {headline(model.to_dict())}")
    return 0


def show(options: argparse.Namespace) -> int:
    """Tells a model in words."""
    print(found(options.model).describe())
    return 0


def diff(options: argparse.Namespace) -> int:
    """Tells where models differ, or what scenarios make of one."""
    model = found(options.model)
    scenarios = [scenario["name"] for scenario in model.to_dict().get("scenario", [])]
    if options.second is not None or options.other in scenarios:
        told = model.diff(options.other, options.second)
    else:
        # Its faults are told as of its own file.
        options.model = options.other
        told = model.diff(found(options.other))
    print(*told or ["no difference"], sep="\n")
    return 1 if told else 0


def print_schema(_: argparse.Namespace) -> int:
    """Prints the JSON Schema of model files."""
    print(json.dumps(schema(), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
