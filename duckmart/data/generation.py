"""One loaded database on disk: its three files, what its report says, and whether it is whole."""

import errno
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from duckmart.data.manifest import Manifest
from duckmart.errors import LoadError

FORMAT = 2
"""What a database has beside its two tables: 1 nothing, 2 its catalog and summaries of frequent events."""
OLDER = (
    "an older version of DuckMart made it; its answers come sooner after its files are loaded again, or more "
    "are appended"
)


@dataclass(frozen=True)
class GenerationFacts:
    """What the report says of its database; `loaded_at` is UTC."""

    loaded_at: datetime
    users: int
    events: int
    sha256: str
    demo: bool = False
    format: int = 1

    @property
    def is_older(self) -> bool:
        """Whether a load of today would make more of the same files, see `FORMAT`."""
        return self.format < FORMAT


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
    def is_complete(self) -> bool:
        """Whether it can be served: the rejects are only for people to read."""
        return self.path.is_file() and self.report.is_file()

    @property
    def files(self) -> tuple[Path, ...]:
        """All its files, the database last: where that one is in place, the others are."""
        return self.rejects, self.report, self.path

    def facts(self) -> GenerationFacts:
        """Raises `LoadError` when the report cannot be read."""
        try:
            report = json.loads(self.report.read_text("utf-8"))
            holds = report.get("holds", {})
            counts = {kind: holds.get(kind, report[kind]["loaded"]) for kind in ("users", "events")}
            return GenerationFacts(
                datetime.fromisoformat(report["loaded_at"]),
                **counts,
                sha256=report["sha256"],
                demo=report.get("demo") is True,
                format=int(report.get("format", 1)),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            words = (
                f"this report cannot be read ({error!r}), or another version of DuckMart wrote it; load again"
            )
            raise LoadError(words, file=self.report) from error


def in_order(generations: Sequence[Generation], keep: int) -> list[Generation]:
    """The last `keep` that are named, oldest first; a later mention counts."""
    last_first = list(dict.fromkeys(reversed(generations)))[:keep]
    return sorted(last_first, key=lambda one: int(one.id))


def damage(generation: Generation, manifest: Manifest) -> str:
    try:
        size = generation.path.stat().st_size
    except OSError as error:
        return f"is not there or out of reach ({error.strerror})"
    expected_size = manifest.bytes.get(generation.id, size)
    return "" if size == expected_size else f"is damaged: it has {size:,} bytes, not {expected_size:,}"


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_complete(draft: Generation) -> None:
    missing = [file.name for file in draft.files if not file.is_file()]
    if missing:
        raise LoadError(f"the build ended without {', '.join(missing)}")
    if draft.path.with_name(f"{draft.path.name}.wal").exists():
        # A database is served as one file; what is only in its log would be lost.
        raise LoadError(f"{draft.path.name} was left with an unwritten log")


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
