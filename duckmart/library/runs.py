"""Kept runs of saved segments: who the members were, so that a later run can tell who entered and who left.

    DATA/runs/<segment>/000007.parquet   all members of one run, in order; what else is known in its metadata
    DATA/runs/<segment>/.lock            held while a run is kept

A run appears whole under its number or not at all, and is never written again.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from duckmart.compile import KEY
from duckmart.data.manifest import sync
from duckmart.errors import LibraryError, NotFound
from duckmart.files import lock_mode, make_folder, protect
from duckmart.instants import stamp
from duckmart.spec.json_text import Json

METADATA = b"duckmart"
LAST = "last"
PATIENCE = 60.0
"""Seconds to wait for another run of the same segment to be kept."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What was run: the segment's version, the data, the moment counted back from. Times are naive UTC."""

    version: int
    generation: str
    as_of: datetime
    kept: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """A kept run; `total` is how many members it has."""

    id: str
    segment: str
    facts: RunFacts
    total: int
    path: Path

    def as_dict(self) -> dict[str, Json]:
        facts = self.facts
        return {
            "run": self.id,
            "segment": self.segment,
            "version": facts.version,
            "generation": facts.generation,
            "as_of": stamp(facts.as_of),
            "kept": stamp(facts.kept),
            "total": self.total,
        }

    def members(self) -> pa.ChunkedArray:
        """Raises `LibraryError` when the file cannot be read."""
        with _words(self.path):
            return pq.read_table(self.path, columns=[KEY]).column(KEY)


class Runs:
    """The kept runs of one saved segment, below a data folder."""

    def __init__(self, folder: Path, segment: str) -> None:
        self.segment = segment
        self.folder = folder / "runs" / folder_name(segment)

    def listed(self) -> tuple[Run, ...]:
        """Oldest first. Raises `LibraryError` when one cannot be read."""
        return tuple(self._read(path) for path in self._paths())

    def get(self, run: str) -> Run:
        """A run by its number, or the `last` one. Raises `NotFound` if it is not kept, and `LibraryError`."""
        paths = {path.stem: path for path in self._paths()}
        if not paths:
            words = (
                f"no run of {self.segment!r} is kept yet; the first one is kept when it runs without --since"
            )
            raise NotFound(words)
        number = max(paths, key=int) if run == LAST else run.zfill(6)
        if number not in paths:
            there = ", ".join(paths)
            raise NotFound(f"no run {run} of {self.segment!r} is kept; there are: {there}, and {LAST!r}")
        return self._read(paths[number])

    def keep(self, members: pa.ChunkedArray, facts: RunFacts, most: int) -> Run:
        """Keep a run, and of the older ones so many that there are `most`. Raises `LibraryError`."""
        with _words(self.folder):
            make_folder(self.folder)
            with FileLock(self.folder / ".lock", timeout=PATIENCE, mode=lock_mode()):
                before = self._paths()
                number = f"{int(before[-1].stem) + 1 if before else 1:06}"
                run = Run(number, self.segment, facts, len(members), self.folder / f"{number}.parquet")
                self._write(run, members)
                self._remove([*before, run.path][:-most])
        return run

    def _write(self, run: Run, members: pa.ChunkedArray) -> None:
        # A killed run leaves this file, and the next one writes over it.
        draft = self.folder / ".draft"
        facts = json.dumps(run.as_dict()).encode()
        schema = pa.schema([(KEY, members.type)], metadata={METADATA: facts})
        pq.write_table(pa.table([members], schema=schema), draft, compression="zstd")
        protect(draft)
        sync(draft)
        draft.replace(run.path)
        sync(self.folder)

    def _remove(self, paths: list[Path]) -> None:
        for path in paths:
            # What cannot be deleted now (on Windows: an open file), a later run deletes.
            with suppress(OSError):
                path.unlink()

    def _paths(self) -> list[Path]:
        """Of the kept runs, oldest first."""
        numbered = (path for path in self.folder.glob("*.parquet") if path.stem.isdecimal())
        return sorted(numbered, key=lambda path: int(path.stem))

    def _read(self, path: Path) -> Run:
        with _words(path):
            content = json.loads(pq.read_schema(path).metadata[METADATA])
            moments = {
                key: datetime.fromisoformat(content[key].removesuffix("Z")) for key in ("as_of", "kept")
            }
            facts = RunFacts(content["version"], content["generation"], **moments)
            return Run(path.stem, content["segment"], facts, content["total"], path)


def folder_name(segment: str) -> str:
    """Ids that differ by letter case only get different folders also where the disk ignores case."""
    return segment if segment == segment.lower() else f"{segment}~{sha256(segment.encode()).hexdigest()[:8]}"


@contextmanager
def _words(place: Path) -> Iterator[None]:
    try:
        yield
    except Timeout as error:
        raise LibraryError(f"{place}: another run of this segment is still being kept; try again") from error
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        words = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else f"{error}"
        raise LibraryError(f"{place}: the kept run cannot be read or written ({words})") from error
