"""What a load did to every row and cell: for programs (`as_dict`) and for people (`str`)."""

from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any


@dataclass(frozen=True)
class InputReport:
    """One input file.

    A row of a CSV file is one record: a quoted value may hold line breaks, blank lines are no rows.
    """

    file: str
    bytes: int
    sha256: str
    rows: int
    encoding: str


@dataclass(frozen=True)
class FileReport:
    """The files of users, or of events.

    `rows == loaded + refused`, and the reasons add up to `refused` and `cleared`.
    """

    inputs: list[InputReport]
    loaded: int
    refused: int
    cleared: int
    refused_by: dict[str, int]
    cleared_by: dict[str, int]
    columns: dict[str, str]
    renamed: dict[str, str]

    @property
    def file(self) -> str:
        """What to call the files in a sentence."""
        first, *more = self.inputs
        return f"{first.file} and {len(more)} more" if more else first.file

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.inputs)

    @property
    def sha256(self) -> str:
        """The digest of the one file; of several, that of their digests, one a line."""
        digests = [one.sha256 for one in self.inputs]
        return digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        size = sum(one.bytes for one in self.inputs)
        return {"file": self.file, "bytes": size, "sha256": self.sha256, "rows": self.rows} | asdict(self)

    def reconciles(self) -> bool:
        return (
            self.rows == self.loaded + self.refused
            and self.refused == sum(self.refused_by.values())
            and self.cleared == sum(self.cleared_by.values())
        )

    def __str__(self) -> str:
        lines = [f"{self.file}: {self.rows:,} rows, {self.loaded:,} loaded, {self.refused:,} refused"]
        lines += [f"  {count:,} refused: {reason}" for reason, count in self.refused_by.items()]
        lines += [f"  {count:,} cells cleared: {reason}" for reason, count in self.cleared_by.items()]
        lines += [f"  column {found!r} is read as {name!r}" for found, name in self.renamed.items()]
        lines += ["  " + ", ".join(f"{name} {kind}" for name, kind in self.columns.items())]
        return "\n".join(lines)


@dataclass(frozen=True)
class LoadReport:
    """One load; `loaded_at` is UTC without an offset, `sha256` is that of the database file."""

    generation: str
    loaded_at: datetime
    users: FileReport
    events: FileReport
    sha256: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {
            "loaded_at": self.loaded_at.isoformat(),
            "users": self.users.as_dict(),
            "events": self.events.as_dict(),
        }

    def __str__(self) -> str:
        title = f"Generation {self.generation}, loaded {self.loaded_at:%Y-%m-%d %H:%M:%S} UTC"
        return "\n".join([title, str(self.users), str(self.events)])
