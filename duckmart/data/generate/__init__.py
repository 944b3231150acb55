"""Believable dummy data: users and their visits to the shop; the same arguments give the same bytes.

    users -> activity -> visits (who, how deep, when) -> events (each visit walks down STORY) -> files

Users are drawn at once, events for a range of users at a time, so that memory does not grow with the events.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from duckmart.data.generate import club
from duckmart.data.generate.drawing import EVENTS_SCHEMA, USERS_SCHEMA, draw_events, draw_users
from duckmart.data.generated import is_generated, record
from duckmart.data.progress import Progress
from duckmart.errors import LoadError
from duckmart.files import make_folder, protect

Format = Literal["csv", "parquet"]

DEFAULT_USERS = 10_000
DEFAULT_EVENTS = 50_000
DEFAULT_SEED = 42
DEFAULT_END = date(2026, 11, 22)


@dataclass(frozen=True)
class Demo:
    """The files written, and how many rows each holds."""

    users: Path
    events: Path
    user_count: int
    event_count: int


def generate(
    out: Path,
    *,
    users: int = DEFAULT_USERS,
    events: int = DEFAULT_EVENTS,
    seed: int = DEFAULT_SEED,
    end: date = DEFAULT_END,
    format: Format = "csv",  # noqa: A002
    progress: Progress | None = None,
) -> Demo:
    """Write `user_attributes` and `user_events` to the folder `out`; a file appears when it is complete.

    Event times are UTC, from the day a user signed up to the last second of `end`. Raises `LoadError` for
    sizes that cannot be, and for a file in the way that is not an earlier one of ours.
    """
    refuse_impossible(users, events, seed)
    report = progress or (lambda what, share: None)
    users_file, events_file = files_in(out, format)
    with replacing(users_file) as users_draft, replacing(events_file) as events_draft:
        report("users", 0.0)
        people, activity = draw_users(users, seed, epoch_day(end))
        write(users_draft, USERS_SCHEMA, [people])
        parts = draw_events(activity, events, seed, epoch_day(end))
        write(events_draft, EVENTS_SCHEMA, reported(parts, events, report))
    report("events", 1.0)
    return Demo(users_file, events_file, users, events)


def generate_club(
    out: Path,
    *,
    seed: int = DEFAULT_SEED,
    end: date = DEFAULT_END,
    format: Format = "csv",  # noqa: A002
) -> Demo:
    """As `generate`, for the sports club of `club.py`, whose sizes are its own."""
    refuse_impossible(0, 0, seed)
    users_file, events_file = files_in(out, format)
    members = club.draw_members(seed, end)
    events = [*club.draw_club_events(members, seed, end)]
    with replacing(users_file) as users_draft, replacing(events_file) as events_draft:
        write(users_draft, club.USERS_SCHEMA, [members])
        write(events_draft, club.EVENTS_SCHEMA, events)
    return Demo(users_file, events_file, len(members), sum(map(len, events)))


def files_in(out: Path, format: Format) -> tuple[Path, Path]:  # noqa: A002
    """The files to write, neither of which is one of the user's own. Raises `LoadError`."""
    files = out / f"user_attributes.{format}", out / f"user_events.{format}"
    for file in files:
        refuse_own(file)
    return files


def refuse_impossible(users: int, events: int, seed: int) -> None:
    for what, number in (("users", users), ("events", events), ("seed", seed)):
        if number < 0:
            raise LoadError(f"cannot generate data: {what} is {number}, give 0 or more")
    if events and not users:
        raise LoadError(f"cannot generate {events} events without users: give 1 user or more")


def refuse_own(path: Path) -> None:
    if path.is_file() and not is_generated(path):
        words = "is there already, and is not demo data as it was generated: move it away, or use --out"
        raise LoadError(words, file=path)


def epoch_day(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A draft to write; it takes the place of `path` at the end, unless something failed."""
    draft = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        make_folder(path.parent)
        yield draft
        refuse_own(path)
        record(path, draft)
        protect(draft)
        draft.replace(path)
    except OSError as problem:
        raise LoadError(f"cannot write the demo data: {problem}", file=path) from problem
    finally:
        with suppress(OSError):
            draft.unlink()


def write(path: Path, schema: pa.Schema, parts: Iterable[pa.Table]) -> None:
    with writer(path, schema) as file:
        for part in parts:
            file.write_table(part)


def writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter | pa_csv.CSVWriter:
    if path.suffix == ".csv":
        # Of the shop no value holds a comma or a quote. Arrow would put every text in quotes to be safe.
        quoting = "needed" if schema in (club.USERS_SCHEMA, club.EVENTS_SCHEMA) else "none"
        plain = pa_csv.WriteOptions(quoting_style=quoting, quoting_header="none")
        return pa_csv.CSVWriter(path, schema, write_options=plain)
    return pq.ParquetWriter(path, schema, compression="zstd", compression_level=3, coerce_timestamps="us")


def reported(parts: Iterable[pa.Table], count: int, report: Progress) -> Iterator[pa.Table]:
    """The same parts; `report` hears which share of `count` rows came before each."""
    before = 0
    for part in parts:
        report("events", before / count)
        yield part
        before += len(part)
