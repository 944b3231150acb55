"""What the loaded data holds: attributes, events and their properties, with kinds and frequent values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from duckmart.spec.kinds import Kind
from duckmart.spec.measures import Gives, MeasureRow

Cell = str | int | float | bool | Decimal | date | datetime
Value = Cell | list[Cell] | None
"""What a row has in a column."""


@dataclass(frozen=True, slots=True)
class Column:
    """A users or events column that conditions may name.

    `whole` marks whole-number columns, `floating` those of binary fractions, whose sums vary in the last
    digit. `values` are (value, rows) by falling count, at most `VALUES_KEPT`;
    they are all there are when `complete`. `missing` counts rows without a value. Of a column of lists,
    `whole`, `floating` and `values` speak of the elements.
    """

    name: str
    kind: Kind
    whole: bool = False
    floating: bool = False
    missing: int = 0
    low: Cell | None = None
    high: Cell | None = None
    values: tuple[tuple[Cell, int], ...] = ()
    complete: bool = False

    @property
    def counts(self) -> dict[Cell, int]:
        return dict(self.values)

    @property
    def elements(self) -> "Column":
        """What a value of the JSON is compared with: of a column of lists, their elements."""
        return replace(self, kind=self.kind.element) if self.kind.element else self

    @classmethod
    def of_number(cls, name: str) -> "Column":
        """A number of the spec that is in no column, as the column it would be."""
        return cls(name, Kind.NUMBER)

    @classmethod
    def of_measure(cls, row: MeasureRow, name: str) -> "Column":
        """A measure that is a number by itself, as the column it would be."""
        return cls(name, Kind.NUMBER, whole=row.gives is Gives.COUNT)


# Enough for every country, state or product family; beyond it a menu is no longer a menu.
VALUES_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Catalog:
    """One generation of data as the check, the builder and the docs see it.

    `events` are event names with their counts, most frequent first; `left_out` are columns of types that no
    condition can name; times are naive UTC. `summaries` are the tables of event names that have one: a row
    for each user, in the order of users, see `compile/summaries.py`. With `group_frames`, what asks the data
    knows window frames that count groups of simultaneous rows, which not every dialect to copy to does.
    """

    generation: str
    attributes: Mapping[str, Column]
    properties: Mapping[str, Column]
    events: Mapping[str, int]
    users: int
    oldest_event: datetime | None
    newest_event: datetime | None
    loaded_at: datetime
    left_out: tuple[str, ...] = ()
    summaries: Mapping[str, str] = field(default_factory=dict)
    group_frames: bool = False

    @property
    def event_total(self) -> int:
        return sum(self.events.values())

    @property
    def newest(self) -> datetime:
        """The moment the data speaks of: its newest event, or when it was loaded if it has none."""
        return self.newest_event or self.loaded_at
