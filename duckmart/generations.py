"""Loaded databases on disk: one immutable file per load, and a manifest that says which one is served.

    DATA/manifest.json                  which one is served, which are kept, how large they are
    DATA/generations/000002.duckdb      the database, never written again
    DATA/generations/000002.json        its load report
    DATA/generations/000002.rejects.csv what the load refused or cleared
    DATA/generations/building/          the load that runs now, or what a killed one left
    DATA/load.lock                      held by the load that runs now

Readers take no lock. They read the manifest, open the file it names and may keep reading it after a switch; a
reader that finds the file gone (removed by later loads) asks for `current()` again. DuckDB checks each block
that it reads, but may not notice that blocks are gone; so every reader compares the size of the file.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import TypeVar

from filelock import FileLock, Timeout

from duckmart.errors import LoadError, Unavailable

Made = TypeVar("Made")

PATIENCE = 3600.0
"""Seconds a load waits for another one to end."""

WAITING = "waiting for another load to end"


@dataclass(frozen=True)
class Facts:
    """What the report says of its database; `loaded_at` is UTC."""

    loaded_at: datetime
    users: int
    events: int
    sha256: str


@dataclass(frozen=True)
class Generation:
    """One loaded database with its report and rejects; immutable once it is listed in the manifest."""

    id: str
    path: Path

    @property
    def report(self) -> Path:
        return self.path.with_suffix(".json")

    @property
    def rejects(self) -> Path:
        return self.path.with_suffix(".rejects.csv")

    @property
    def files(self) -> tuple[Path, ...]:
        """All its files, the database last: where that one is in place, the others are."""
        return self.rejects, self.report, self.path

    def facts(self) -> Facts:
        """Raises `LoadError` when the report cannot be read."""
        try:
            report = json.loads(self.report.read_text("utf-8"))
            holds = report.get("holds", {})
            counts = {kind: holds.get(kind, report[kind]["loaded"]) for kind in ("users", "events")}
            return Facts(datetime.fromisoformat(report["loaded_at"]), **counts, sha256=report["sha256"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise LoadError(f"this report cannot be read ({error!r})", file=self.report) from error


@dataclass(frozen=True)
class Manifest:
    """`bytes` are the sizes of the databases; `newest` is the highest number ever given, gone or not."""

    current: str
    generations: tuple[str, ...]
    newest: str
    bytes: Mapping[str, int] = field(default_factory=dict)


class Generations:
    """The generations below one data folder, which need not exist before the first load."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = folder / "manifest.json"

    def current(self) -> Generation | None:
        """The generation to serve, None when nothing was ever loaded; costs one small file read.

        Raises `Unavailable` when the manifest cannot be read, or the file it names is gone or cut short.
        """
        try:
            manifest = read_manifest(self.manifest)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            way_out = self.way_out("")
            raise Unavailable(f"{self.manifest} cannot be read ({error}); {way_out}") from error
        generation = self.generation(manifest.current)
        words = damage(generation, manifest)
        if words and self._known().current != generation.id:
            # Removed by loads that switched after the manifest was read.
            return self.current()
        if words:
            raise Unavailable(f"{generation.path} {words}; {self.way_out(generation.id)}")
        return generation

    def listed(self) -> list[Generation]:
        """The generations kept, oldest first. Without a readable manifest: every complete one on disk."""
        return [self.generation(number) for number in self._known().generations]

    def generation(self, number: str) -> Generation:
        return Generation(number, self._home / f"{number}.duckdb")

    def served(self) -> Generation:
        """The generation that is current, whether or not it can be read."""
        return self.generation(self._known().current)

    def damage(self, generation: Generation) -> str:
        """What a look from outside finds wrong with the database, in words; empty if nothing."""
        return damage(generation, self._known())

    def way_out(self, broken: str) -> str:
        """What to do about a generation that cannot be read."""
        manifest = self._known()
        whole = [one for one in self.listed() if one.id != broken and not damage(one, manifest)]
        if not whole:
            return "load the data again"
        other = whole[-1].id
        command = f"python -m duckmart data use {other} --data {quote(str(self.folder))}"
        return f"generation {other} is still there, `{command}` serves it; or load the data again"

    def use(
        self,
        number: str,
        check: Callable[[Generation], object],
        waiting: Callable[[], None] | None = None,
        patience: float = PATIENCE,
    ) -> Generation:
        """Serve this generation, unless `check` raises. Raises `LoadError` if it is not there."""
        with words_for_disk(self.folder), self._lock(waiting, patience):
            manifest = self._known()
            generation = self._kept(number, manifest)
            check(generation)
            write_manifest(self.manifest, replace(manifest, current=generation.id))
        return generation

    def prune(
        self, keep: int, waiting: Callable[[], None] | None = None, patience: float = PATIENCE
    ) -> list[Generation]:
        """Keep the current generation and the newest others, `keep` in all; gives those removed."""
        with words_for_disk(self.folder), self._lock(waiting, patience):
            manifest = self._known()
            before = self.listed()
            kept = in_order([*before, self._kept(manifest.current, manifest)], keep)
            write_manifest(self.manifest, replace(manifest, generations=tuple(one.id for one in kept)))
            self._remove_all_but(kept)
        return [one for one in before if one not in kept]

    def _kept(self, number: str, manifest: Manifest) -> Generation:
        if number not in manifest.generations:
            there = ", ".join(manifest.generations) or "none"
            raise LoadError(f"there is no generation {number}; there are: {there}", file=self.folder)
        return self.generation(number)

    def _known(self) -> Manifest:
        """The manifest; where it cannot be read, one of what is on disk, with the newest as current."""
        try:
            return read_manifest(self.manifest)
        except (OSError, ValueError):
            on_disk = (path.stem for path in self._home.glob("*.duckdb") if path.stem.isdecimal())
            numbers = tuple(sorted(on_disk, key=int))
            newest = numbers[-1] if numbers else "000000"
            return Manifest(newest, numbers, newest)

    def add(
        self,
        build: Callable[[Generation], Made],
        keep: int,
        waiting: Callable[[], None] | None = None,
        patience: float = PATIENCE,
    ) -> tuple[Generation, Made]:
        """Build the next generation aside, then serve it; keeps the newest `keep`, it included.

        `build` gets a draft: a generation whose three files it must write, closed and verified, in a folder
        of their own (which it may also use for temporary files). If it raises, nothing changes. While another
        process builds, `waiting` is called once and up to `patience` seconds are waited.

        Raises `LoadError` when the wait or the disk ends, when a file is missing, or a log is left.
        """
        with words_for_disk(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._lock(waiting, patience):
                return self._add(build, keep)

    def _add(self, build: Callable[[Generation], Made], keep: int) -> tuple[Generation, Made]:
        before, older = self._known(), self.listed()
        self._remove_all_but(older)
        number = f"{int(before.newest) + 1:06}"
        draft = Generation(number, self._building / f"{number}.duckdb")
        self._building.mkdir(parents=True)
        try:
            made = build(draft)
            check_complete(draft)
            generation = self._put_in_place(draft)
        finally:
            # What the disk will not remove now, the next load removes.
            shutil.rmtree(self._building, ignore_errors=True)
        # What is damaged goes first, what was served goes last.
        whole = [one for one in [*older, self.generation(before.current)] if not damage(one, before)]
        kept = in_order([*whole, generation], keep)
        sizes = {**before.bytes, generation.id: generation.path.stat().st_size}
        manifest = Manifest(generation.id, tuple(one.id for one in kept), generation.id, sizes)
        write_manifest(self.manifest, manifest)
        self._remove_all_but(kept)
        return generation, made

    def _put_in_place(self, draft: Generation) -> Generation:
        generation = self.generation(draft.id)
        for made, final in zip(draft.files, generation.files, strict=True):
            sync(made)
            made.replace(final)
        sync(self._home)
        return generation

    def _remove_all_but(self, kept: list[Generation]) -> None:
        """Delete the files of other generations and of builds that died; a reader's open file lives on."""
        shutil.rmtree(self._building, ignore_errors=True)
        wanted = {file for generation in kept for file in generation.files}
        for file in self._home.glob("*"):
            # What cannot be deleted now (on Windows: an open file), a later load deletes.
            with suppress(OSError):
                if file not in wanted and file.is_file():
                    file.unlink()

    @contextmanager
    def _lock(self, waiting: Callable[[], None] | None, patience: float) -> Iterator[None]:
        lock = FileLock(self.folder / "load.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if waiting:
                waiting()
            try:
                lock.acquire(timeout=patience)
            except Timeout as error:
                message = f"another load still runs after {patience:g} seconds of waiting"
                raise LoadError(message, file=self.folder) from error
        try:
            yield
        finally:
            lock.release()

    @property
    def _home(self) -> Path:
        return self.folder / "generations"

    @property
    def _building(self) -> Path:
        return self._home / "building"


def in_order(generations: Sequence[Generation], keep: int) -> list[Generation]:
    """The last `keep` that are named, oldest first; a later mention counts."""
    last_first = list(dict.fromkeys(reversed(generations)))[:keep]
    return sorted(last_first, key=lambda one: int(one.id))


def damage(generation: Generation, manifest: Manifest) -> str:
    try:
        size = generation.path.stat().st_size
    except OSError as error:
        return f"is not there or out of reach ({error.strerror})"
    meant = manifest.bytes.get(generation.id, size)
    return "" if size == meant else f"is damaged: it has {size:,} bytes, not {meant:,}"


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(path: Path) -> Manifest:
    """Raises `FileNotFoundError`, another `OSError`, or `ValueError` when the content is not a manifest."""
    content = json.loads(path.read_text("utf-8"))
    try:
        kept = tuple(content["generations"])
        newest = content.get("newest") or max(kept, key=int)
        manifest = Manifest(content["current"], kept, newest, dict(content.get("bytes", {})))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"it is no manifest: {error!r}") from error
    numbers = (manifest.current, manifest.newest, *manifest.generations)
    if not all(isinstance(number, str) and number.isdecimal() for number in numbers):
        raise ValueError("it is no manifest: an id is not a number")
    if manifest.current not in manifest.generations:
        raise ValueError("it is no manifest: the current generation is not among those kept")
    return manifest


def write_manifest(path: Path, manifest: Manifest) -> None:
    """The switch: readers see the old manifest or the whole new one."""
    aside = path.with_suffix(".json.new")
    sizes = {number: size for number, size in manifest.bytes.items() if number in manifest.generations}
    aside.write_text(json.dumps(asdict(replace(manifest, bytes=sizes))) + "\n", "utf-8")
    sync(aside)
    aside.replace(path)
    sync(path.parent)


def check_complete(draft: Generation) -> None:
    missing = [file.name for file in draft.files if not file.is_file()]
    if missing:
        raise LoadError(f"the build ended without {', '.join(missing)}")
    if draft.path.with_name(f"{draft.path.name}.wal").exists():
        # A database is served as one file; what is only in its log would be lost.
        raise LoadError(f"{draft.path.name} was left with an unwritten log")


def sync(path: Path) -> None:
    """Have the disk hold what was written to this file or folder."""
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def words_for_disk(folder: Path) -> Iterator[None]:
    """An `OSError` inside becomes a `LoadError` that says what is wrong with the data folder."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "the disk is full" if full else error.strerror or str(error)
        place = error.filename or folder
        raise LoadError(f"{what}; the data served so far is untouched", file=place) from error
