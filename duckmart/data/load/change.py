"""Columns that a load or append changes, and what that does to saved segments."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json import loads

from duckmart.data.generations import Generations
from duckmart.engines.generation_catalog import KINDS
from duckmart.engines.generation_tables import family

Columns = Mapping[str, str]
"""Name -> type."""


@dataclass(frozen=True)
class ColumnChange:
    """A column that is not as it was: its type before and now, empty where there was or is no such column."""

    kind: str
    column: str
    before: str
    now: str

    @property
    def changes_kind(self) -> bool:
        """Whether conditions on the column mean something else now, or cannot run."""
        return bool(self.before) and kind_of(self.before) != kind_of(self.now)

    def __str__(self) -> str:
        if not self.before:
            return f"column {self.column!r} of the {self.kind} is new ({self.now}); older rows have no value"
        if not self.now:
            return f"column {self.column!r} of the {self.kind} is gone; it was {self.before}"
        return f"column {self.column!r} of the {self.kind} is {self.now} now; it was {self.before}"


@dataclass(frozen=True)
class SegmentChange:
    """What the new data does to a saved segment; `runs` is whether it still can."""

    segment: str
    runs: bool
    message: str

    def __str__(self) -> str:
        what = "may mean something else" if self.runs else "no longer runs"
        return f"saved segment {self.segment!r} {what}: {self.message}"


def kind_of(type_: str) -> str:
    """The kind of a type of the database, as far as conditions tell kinds apart; nothing for no column."""
    name = family(type_)
    return KINDS[name].name if name in KINDS else name.lower()


def served_columns(generations: Generations) -> dict[str, Columns]:
    """The columns of users and of events that are served so far, as their report has them."""
    if not generations.listed():
        return {}
    try:
        report = loads(generations.served().report.read_text("utf-8"))
        return {kind: dict(report[kind]["columns"]) for kind in ("users", "events")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def changed_columns(before: Mapping[str, Columns], now: Mapping[str, Columns]) -> Iterator[ColumnChange]:
    """Columns that are gone or of another kind."""
    for kind, columns in before.items():
        for name, type_ in columns.items():
            change = ColumnChange(kind, name, type_, now[kind].get(name, ""))
            if change.changes_kind:
                yield change
