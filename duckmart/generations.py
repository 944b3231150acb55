"""Loaded databases on disk: one immutable file per load, and a manifest that says which one is served.

    DATA/manifest.json                  {"current": "000002", "generations": ["000001", "000002"]}
    DATA/generations/000002.duckdb      the database, never written again
    DATA/generations/000002.json        its load report
    DATA/generations/000002.rejects.csv what the load refused or cleared
    DATA/generations/building/          the load that runs now, or what a killed one left
    DATA/load.lock                      held by the load that runs now

Readers take no lock. They read the manifest, open the file it names and may keep reading it after a switch; a
reader that finds the file gone (removed by later loads) asks for `current()` again.
"""

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from duckmart.errors import LoadError, Unavailable

Made = TypeVar("Made")

PATIENCE = 3600.0
"""Seconds a load waits for another one to end."""


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


@dataclass(frozen=True)
class Manifest:
    current: str
    generations: tuple[str, ...]


class Generations:
    """The generations below one data folder, which need not exist before the first load."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = folder / "manifest.json"

    def current(self) -> Generation | None:
        """The generation to serve, None when nothing was ever loaded; costs one small file read.

        Raises `Unavailable` when the manifest cannot be read or names a file that is not there.
        """
        try:
            manifest = read_manifest(self.manifest)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise Unavailable(f"{self.manifest} cannot be read ({error}); load the data again") from error
        generation = self.generation(manifest.current)
        if not generation.path.is_file():
            raise Unavailable(f"{generation.path} is served but not there; load the data again")
        return generation

    def listed(self) -> list[Generation]:
        """The generations kept, oldest first. Without a readable manifest: every complete one on disk."""
        try:
            numbers = read_manifest(self.manifest).generations
        except (OSError, ValueError):
            on_disk = (path.stem for path in self._home.glob("*.duckdb") if path.stem.isdecimal())
            numbers = tuple(sorted(on_disk, key=int))
        return [self.generation(number) for number in numbers]

    def generation(self, number: str) -> Generation:
        return Generation(number, self._home / f"{number}.duckdb")

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
        older = self.listed()
        self._remove_all_but(older)
        draft = Generation(next_id(older), self._building / f"{next_id(older)}.duckdb")
        self._building.mkdir(parents=True)
        try:
            made = build(draft)
            check_complete(draft)
            generation = self._put_in_place(draft)
        finally:
            # What the disk will not remove now, the next load removes.
            shutil.rmtree(self._building, ignore_errors=True)
        kept = [*older, generation][-keep:]
        write_manifest(self.manifest, Manifest(generation.id, tuple(one.id for one in kept)))
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


def next_id(generations: list[Generation]) -> str:
    """One above the highest number in use, so that an id never means two databases to a reader."""
    return f"{max((int(generation.id) for generation in generations), default=0) + 1:06}"


def read_manifest(path: Path) -> Manifest:
    """Raises `FileNotFoundError`, another `OSError`, or `ValueError` when the content is not a manifest."""
    content = json.loads(path.read_text("utf-8"))
    try:
        manifest = Manifest(content["current"], tuple(content["generations"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is no manifest: {error!r}") from error
    numbers = (manifest.current, *manifest.generations)
    if not all(isinstance(number, str) and number.isdecimal() for number in numbers):
        raise ValueError("it is no manifest: an id is not a number")
    return manifest


def write_manifest(path: Path, manifest: Manifest) -> None:
    """The switch: readers see the old manifest or the whole new one."""
    aside = path.with_suffix(".json.new")
    content = {"current": manifest.current, "generations": manifest.generations}
    aside.write_text(json.dumps(content) + "\n", "utf-8")
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
