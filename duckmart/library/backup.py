"""A backup of everything that people made: the library with its whole history, drafts, and kept runs.

`restore` first builds a library from the file in a folder of its own, which checks every row and migrates
those of an older version. Only then does it take the writers' turn, keep a backup of what is there, and put
the rows of the new library in its place, in one transaction.
"""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED

from filelock import FileLock
from sqlalchemy.exc import SQLAlchemyError

from duckmart import __version__
from duckmart.data.manifest import sync
from duckmart.errors import DamagedLibrary, LibraryError
from duckmart.files import lock_mode, make_file, make_folder, protect
from duckmart.instants import stamp
from duckmart.library import migrations, records, tables
from duckmart.library.archive import Reader, Writer, open_reader, open_writer
from duckmart.library.database import Database
from duckmart.library.records import Records
from duckmart.spec.words import quantity

ROWS = re.compile(r"library/(\w+)\.jsonl")
RUN = re.compile(r"runs/([A-Za-z0-9_~-]+/\d+\.parquet)")


@dataclass(frozen=True, slots=True)
class Contents:
    """How much a backup, or a library with its runs, holds."""

    segments: int
    deleted: int
    versions: int
    drafts: int
    runs: int

    def __bool__(self) -> bool:
        return any((self.versions, self.drafts, self.runs))

    def __str__(self) -> str:
        deleted = f" ({self.deleted:,} deleted)" if self.deleted else ""
        segments = f"{quantity(self.segments, 'segment')}{deleted} in {quantity(self.versions, 'version')}"
        return f"{segments}, {quantity(self.drafts, 'draft')}, {quantity(self.runs, 'kept run')}"


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """What was restored, and the files that what was there before is in."""

    contents: Contents
    before: tuple[Path, ...]


def back_up(database: Database, data: Path, file: Path, *, now: datetime) -> Contents:
    """Write the library and the runs below the data folder to a file. Raises `LibraryError`.

    The library is as it is at one moment, whoever writes meanwhile. A run removed meanwhile is left out.
    """
    with open_writer(file) as archive:
        # Runs first: each is then of a segment that the library holds.
        runs = _add_runs(archive, data)
        with database.snapshot() as connection:
            version = tables.known_version(connection) if connection else tables.SCHEMA_VERSION
            rows = records.read(connection) if connection else {}
        contents = _contents(rows, runs)
        if not contents:
            raise LibraryError(
                f"nothing is saved in {database.words}, and no run is kept in {data}; "
                "name the data folder with --data"
            )
        _finish(archive, rows, contents, version, now)
    return contents


def restore(
    database: Database, data: Path, file: Path, *, now: datetime, replacing: bool = False
) -> RestoreResult:
    """Put what a backup holds in the place of the library and the runs: all of it, or nothing.

    `replacing` allows that something is there; it is kept as a backup beside it. Raises `LibraryError`.
    """
    with open_reader(file) as archive, _workplace(data) as folder:
        rows = _prepared(archive, folder, file)
        runs = _unpack_runs(archive, folder)
        contents = _contents(rows, runs)
        with (
            _set_aside_if_damaged(database, now, replacing) as damaged,
            _Runs(data, folder) as new_runs,
            database.replacing() as connection,
        ):
            before = _keep(records.read(connection), database, data, now, replacing)
            records.replace(connection, rows)
            new_runs.put_in_place()
    return RestoreResult(contents, tuple(path for path in (damaged, before) if path))


def _keep(there: Records, database: Database, data: Path, now: datetime, replacing: bool) -> Path | None:
    """A backup of what is about to be replaced. Raises `LibraryError` if it may not be replaced."""
    contents = _contents(there, len(_run_files(data)))
    if not contents:
        return None
    if not replacing:
        raise LibraryError(
            f"{database.words} and {data / 'runs'} hold {contents}; --replace puts the backup in their "
            "place, and keeps what is there in a backup beside it. Nothing was changed"
        )
    file = _unused(data / f"before-restore-{now:%Y%m%d-%H%M%S}.zip")
    with open_writer(file) as archive:
        _add_runs(archive, data)
        _finish(archive, there, contents, tables.SCHEMA_VERSION, now)
    return file


def _finish(archive: Writer, rows: Records, contents: Contents, version: int, now: datetime) -> None:
    for table, some in rows.items():
        lines = (f"{json.dumps(row, ensure_ascii=False)}\n".encode() for row in some)
        archive.add(f"library/{table}.jsonl", lines, compression=ZIP_DEFLATED)
    about = {"duckmart": __version__, "made": stamp(now), "tables": version}
    archive.finish({**about, "contents": asdict(contents)})


def _add_runs(archive: Writer, data: Path) -> int:
    """Add all kept runs; gives how many."""
    count = 0
    for path in _run_files(data):
        # Runs are removed as newer ones are kept.
        with suppress(FileNotFoundError), path.open("rb") as file:
            archive.add_file(f"runs/{path.parent.name}/{path.name}", file)
            count += 1
    return count


def _run_files(data: Path) -> list[Path]:
    paths = sorted((data / "runs").glob("*/*.parquet"))
    return [path for path in paths if RUN.fullmatch(f"runs/{path.parent.name}/{path.name}")]


def _contents(rows: Records, runs: int) -> Contents:
    segments, versions, drafts = (
        rows.get(name, ()) for name in ("saved_segments", "segment_revisions", "segment_drafts")
    )
    deleted = sum(bool(row["deleted"]) for row in segments)
    return Contents(len(segments), deleted, len(versions), len(drafts), runs)


def _prepared(archive: Reader, folder: Path, file: Path) -> Records:
    """The backup's rows as today's tables have them."""
    version = archive.manifest.get("tables")
    if type(version) is not int or not migrations.FIRST <= version <= tables.SCHEMA_VERSION:
        raise LibraryError(
            f"{file} holds tables of version {version}, this DuckMart knows version {tables.SCHEMA_VERSION}; "
            "install a newer DuckMart; nothing was changed"
        )
    scratch = folder / "library.sqlite"
    make_file(scratch)
    try:
        return Database(scratch).fill(version, _rows(archive))
    except (SQLAlchemyError, ValueError, KeyError, TypeError, AttributeError) as error:
        words = str(error).partition("\n")[0]
        raise LibraryError(f"{file} holds rows that are no library: {words}; nothing was changed") from error


def _rows(archive: Reader) -> Records:
    rows = {}
    for name in archive.names:
        if match := ROWS.fullmatch(name):
            with archive.open(name) as member:
                rows[match[1]] = [json.loads(line) for line in member]
        elif not RUN.fullmatch(name):
            raise ValueError(f"nobody knows what {name} is")
    return rows


def _unpack_runs(archive: Reader, folder: Path) -> int:
    """Write the runs to the folder; gives how many."""
    names = [match for name in archive.names if (match := RUN.fullmatch(name))]
    for match in names:
        path = folder / "runs" / match[1]
        make_folder(path.parent)
        make_file(path)
        with archive.open(match[0]) as member, path.open("wb") as file:
            shutil.copyfileobj(member, file)
        protect(path)
        sync(path)
        sync(path.parent)
    return len(names)


class _Runs:
    """Swaps the folder of the runs, and swaps it back if what follows fails."""

    def __init__(self, data: Path, folder: Path) -> None:
        self._there, self._new, self._old = data / "runs", folder / "runs", folder / "runs.before"
        self._moved: list[tuple[Path, Path]] = []

    def __enter__(self) -> "_Runs":
        return self

    def put_in_place(self) -> None:
        for source, target in ((self._there, self._old), (self._new, self._there)):
            if source.exists():
                source.rename(target)
                self._moved.append((source, target))
        sync(self._there.parent)

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            for source, target in reversed(self._moved):
                target.rename(source)


@contextmanager
def _workplace(data: Path) -> Iterator[Path]:
    """A folder for one restore at a time, beside the runs; gone afterwards."""
    folder = data / "restoring"
    try:
        make_folder(data)
        with FileLock(data / "restore.lock", mode=lock_mode()):
            shutil.rmtree(folder, ignore_errors=True)
            make_folder(folder)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise LibraryError(f"{data}: the backup cannot be restored ({error.strerror or error})") from error


@contextmanager
def _set_aside_if_damaged(database: Database, now: datetime, replacing: bool) -> Iterator[Path | None]:
    """Move a file that is no readable library away while the block puts another one there."""
    new_places: dict[Path, Path] = {}
    try:
        with database.snapshot() as connection:
            # Damage shows where it is read.
            if connection:
                records.read(connection)
    except DamagedLibrary as error:
        if not database.file:
            words = f"{error}. To restore a backup, remove what is left of its tables first"
            raise LibraryError(words) from error
        if not replacing:
            raise LibraryError(f"{error}. --replace moves the damaged file aside") from error
        new_places = _aside(database.file, now)
    except LibraryError:
        # What else is wrong with it, `replacing` tells, unless the library is only gone.
        pass
    try:
        yield next(iter(new_places.values()), None)
    except BaseException:
        for file, aside in new_places.items():
            aside.replace(file)
        raise


def _aside(file: Path, now: datetime) -> dict[Path, Path]:
    """Where the file was moved, with SQLite's own beside it, which belong to no other."""
    aside = _unused(file.with_name(f"{file.name}.damaged-{now:%Y%m%d-%H%M%S}"))
    new_places = {}
    for ending in ("", "-journal", "-wal", "-shm"):
        source = file.with_name(f"{file.name}{ending}")
        if source.exists():
            new_places[source] = source.replace(aside.with_name(f"{aside.name}{ending}"))
    return new_places


def _unused(path: Path) -> Path:
    number = 2
    free = path
    while free.exists():
        free, number = path.with_name(f"{path.stem}-{number}{path.suffix}"), number + 1
    return free
