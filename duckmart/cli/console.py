"""What commands read and write: a spec, words on stderr, progress, and a file that is whole or not there."""

import os
import sys
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import floor
from pathlib import Path
from time import perf_counter
from typing import IO, BinaryIO

import click

from duckmart.data.generations import WAITING
from duckmart.data.progress import Progress
from duckmart.errors import Problem
from duckmart.files import opener
from duckmart.settings import Settings

spec_argument = click.argument("spec", type=click.File("rb"), metavar="SPEC.json")
out_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write. [default: stdout]"
)


def text(spec: BinaryIO, settings: Settings) -> bytes:
    """The spec's JSON; of one that is too large, enough to tell."""
    return spec.read(settings.max_body + len(BOM_UTF8) + 1).removeprefix(BOM_UTF8)


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for people, every column as wide as its widest cell."""
    # A name may hold line ends, a table's row may not.
    lines = [[" ".join(cell.split()) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def say(words: str) -> None:
    click.echo(words, err=True)


def say_waiting() -> None:
    say(f"{WAITING} ...")


def warn(warnings: Iterable[Problem]) -> None:
    for warning in warnings:
        say(f"Warning: {warning}")


@contextmanager
def progress() -> Iterator[Progress]:
    """What is under way, on one line of stderr that is gone at the end; where nobody watches, only a wait."""
    if not sys.stderr.isatty():
        yield lambda what, share: say_waiting() if what == WAITING else None
        return
    start = perf_counter()

    def tell(what: str, share: float) -> None:
        click.echo(
            f"\r\033[K{percent_done(share):>4} {what}{time_left(perf_counter() - start, share)}",
            nl=False,
            err=True,
        )

    try:
        yield tell
    finally:
        click.echo("\r\033[K", nl=False, err=True)


def clear_progress() -> None:
    """Make room for words of more than a line, where progress is shown."""
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)


def percent_done(share: float) -> str:
    """Whole percent, rounded down: 100% is said only at the end."""
    return f"{floor(min(share, 1) * 100)}%"


def time_left(seconds: float, share: float) -> str:
    """A guess from the time that the share took; nothing while there is too little to guess from."""
    if seconds < 3 or not 0.05 < share < 1:
        return ""
    remaining = seconds * (1 - share) / share
    return f", about {remaining / 60:.0f} min left" if remaining > 90 else f", about {remaining:.0f} s left"


@contextmanager
def output(path: Path | None) -> Iterator[IO[bytes]]:
    """Stdout, or a file that appears under its name only when it is complete."""
    if path is None:
        yield sys.stdout.buffer
        return
    target = path.resolve()
    # A device or a pipe is written to, never replaced.
    regular = target.is_file() or not target.exists()
    draft = target.with_name(f".{target.name}.{os.getpid()}") if regular else target
    try:
        with open(draft, "wb", opener=opener) as file:
            yield file
        if regular:
            draft.replace(target)
    except OSError as error:
        raise click.FileError(str(path), error.strerror) from error
    finally:
        if regular:
            draft.unlink(missing_ok=True)
