"""What a load did to every row and cell, and what it found: for programs (`as_dict`), for people (`str`)."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from duckmart.data.generation import FORMAT
from duckmart.data.load.change import ColumnChange, SegmentChange
from duckmart.spec.words import quantity

RANGED = (int, float, Decimal, date)
TOP = 10
"""Event names and suspicions that the words name; the report for programs has more."""


@dataclass(frozen=True)
class Suspicion:
    """Something that loads, but may not be meant; `code` says what for programs."""

    code: str
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.column}: {self.message}" if self.column else self.message


@dataclass(frozen=True)
class ValuesReport:
    """What a loaded column holds: its type, how many values are missing, the lowest and the highest."""

    type: str
    missing: int
    low: Any
    high: Any

    @property
    def is_range(self) -> bool:
        return isinstance(self.low, RANGED) and not isinstance(self.low, bool)

    @staticmethod
    def shown(value: object) -> str:
        """As JSON and people get it: dates as ISO, decimals with all their digits."""
        return value.isoformat() if isinstance(value, date) else str(value)

    def as_dict(self) -> dict[str, Any]:
        plain = {"type": self.type, "missing": self.missing}
        if not self.is_range:
            return plain
        ends = (self.low, self.high)
        return plain | {"range": [end if isinstance(end, int) else self.shown(end) for end in ends]}

    def __str__(self) -> str:
        ends = f" {self.shown(self.low)} to {self.shown(self.high)}" if self.is_range else ""
        return f"{self.type}{ends}{f' ({self.missing:,} missing)' if self.missing else ''}"


@dataclass(frozen=True)
class ActivityReport:
    """The loaded events by name and by UTC day, and the longest runs of days without one.

    Of very many, the most frequent names and the last days.
    """

    first: datetime | None
    last: datetime | None
    names: int
    days: int
    by_name: dict[str, int]
    by_day: dict[str, int]
    gaps: list[tuple[str, str]]

    def as_dict(self) -> dict[str, Any]:
        ends = {"first": self.first, "last": self.last}
        return asdict(self) | {name: end and end.isoformat() for name, end in ends.items()}

    def __str__(self) -> str:
        if self.first is None or self.last is None:
            return "  no events"
        top = [f"{name} {times:,}" for name, times in list(self.by_name.items())[:TOP]]
        more = [f"{self.names - TOP:,} more names"] if self.names > TOP else []
        span = f"  {self.first} to {self.last}, on {quantity(self.days, 'day')}"
        return "\n".join([span, "  " + ", ".join([*top, *more])])


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
    refused: int


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
    cut_by: dict[str, int]
    values: dict[str, ValuesReport]
    renamed: dict[str, str]
    left_out: dict[str, str]
    suspicious: list[Suspicion]

    @property
    def file(self) -> str:
        """What to call the files in a sentence."""
        if not self.inputs:
            return "no file"
        first, *more = self.inputs
        return f"{first.file} and {len(more)} more" if more else first.file

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.inputs)

    @property
    def columns(self) -> dict[str, str]:
        return {name: one.type for name, one in self.values.items()}

    @property
    def sha256(self) -> str:
        """The digest of the one file; of several, that of their digests, one a line."""
        digests = [one.sha256 for one in self.inputs]
        return digests[0] if len(digests) == 1 else sha256("\n".join(digests).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        size = sum(one.bytes for one in self.inputs)
        totals = {"file": self.file, "bytes": size, "sha256": self.sha256, "rows": self.rows}
        details = {
            "columns": self.columns,
            "values": {name: one.as_dict() for name, one in self.values.items()},
        }
        return totals | asdict(self) | details

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
        lines += [f"  {quantity(count, 'cell')} cut: {reason}" for reason, count in self.cut_by.items()]
        lines += [f"  column {header!r} is read as {name!r}" for header, name in self.renamed.items()]
        lines += [
            f"  column {name!r} is left out: it holds {words}, which no segment can ask about"
            for name, words in self.left_out.items()
        ]
        lines += ["  " + ", ".join(f"{name} {one}" for name, one in self.values.items())]
        lines += [f"  suspicious: {one}" for one in self.suspicious[:TOP]]
        more = len(self.suspicious) - TOP
        lines += [f"  suspicious: {more:,} more, see the report"] if more > 0 else []
        return "\n".join(lines)


@dataclass(frozen=True)
class LoadReport:
    """One load; `loaded_at` is UTC without an offset, `sha256` is that of the database file."""

    generation: str
    loaded_at: datetime
    users: FileReport
    events: FileReport
    activity: ActivityReport
    sha256: str
    demo: bool = field(default=False, kw_only=True)
    """Whether this is the demo data that a server makes for itself."""
    losses: list[str] = field(default_factory=list, kw_only=True)
    """What the load lost, which somebody said is meant."""
    changes: list[ColumnChange] = field(default_factory=list, kw_only=True)
    segments: list[SegmentChange] = field(default_factory=list, kw_only=True)

    @property
    def holds(self) -> dict[str, int]:
        """The rows of the database."""
        return {"users": self.users.loaded, "events": self.events.loaded}

    @property
    def notes(self) -> list[str]:
        """What differs from the data served before, for people."""
        losses = [f"loses data: {words}" for words in self.losses]
        return [*losses, *map(str, self.changes), *map(str, self.segments)]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {
            "format": FORMAT,
            "loaded_at": self.loaded_at.isoformat(),
            "users": self.users.as_dict(),
            "events": self.events.as_dict(),
            "activity": self.activity.as_dict(),
        }

    def __str__(self) -> str:
        title = f"Generation {self.generation}, loaded {self.loaded_at:%Y-%m-%d %H:%M:%S} UTC"
        return "\n".join([title, *self.notes, str(self.users), str(self.events), str(self.activity)])
