"""What a load did to every row and cell: for programs (`as_dict`) and for people (`str`)."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class FileReport:
    """One input file; `rows == loaded + refused`, and the reasons add up to `refused` and `cleared`.

    A row of a CSV file is one record: a quoted value may hold line breaks, blank lines are no rows.
    """

    file: str
    bytes: int
    sha256: str
    rows: int
    loaded: int
    refused: int
    cleared: int
    refused_by: dict[str, int]
    cleared_by: dict[str, int]
    columns: dict[str, str]
    renamed: dict[str, str]

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
        return asdict(self) | {"loaded_at": self.loaded_at.isoformat()}

    def __str__(self) -> str:
        title = f"Generation {self.generation}, loaded {self.loaded_at:%Y-%m-%d %H:%M:%S} UTC"
        return "\n".join([title, str(self.users), str(self.events)])
