"""A segment while it is being built: rows with stable ids, some of which may be incomplete.

Segment -> draft_of -> Draft -> add, set_value, move, ... -> Draft -> build -> spec JSON

A row holds its condition as in the JSON, with None where something is still missing. So whatever the language
allows can be a row and comes back unchanged. While something is missing, the row also keeps its last complete
condition, and that one counts: a half-done edit changes no audience.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from duckmart.spec.json_text import Json, JsonObject

ROOT = "root"

# The conditions of rows just added, by the lists of the spec that they belong to.
BLANK: dict[str, JsonObject] = {
    "user_filters": {"field": None, "operator": "in", "value": None},
    "event_filters": {"event_name": None, "operator": "gte", "count": 1},
    "sequence_filters": {"steps": ({"event_name": None}, {"event_name": None}), "within_days": 7},
    "segment_filters": {"segment": None, "operator": "in"},
}
BLANK_PROPERTY: JsonObject = {"field": None, "operator": "in", "value": None}
BLANK_STEP: JsonObject = {"event_name": None}


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A condition; `key` is the spec's list that it belongs to. A muted row is left out of the spec.

    `last` is the last complete condition of an incomplete row; None if the row is complete or never was.
    """

    id: str
    key: str
    condition: JsonObject
    muted: bool = False
    last: JsonObject | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the condition has all that it needs."""
        return not has_gap(self.condition)

    @property
    def complete(self) -> JsonObject | None:
        """The condition that counts while the row is not muted; None if it was never complete."""
        return self.condition if self.is_complete else self.last

    @property
    def counts(self) -> bool:
        """Whether the row is part of the spec."""
        return not self.muted and self.complete is not None

    @property
    def waits(self) -> bool:
        """Whether the row is left out of the spec because it is incomplete."""
        return not self.muted and self.complete is None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Rows joined by all, any or at least some; its children stand in the order of the spec."""

    id: str
    children: tuple[Row, ...] = ()
    logic_operator: Literal["AND", "OR", "AT_LEAST"] = "AND"
    at_least: int | None = None
    negate: bool = False
    muted: bool = False

    @property
    def key(self) -> str:
        return "groups"

    @property
    def is_complete(self) -> bool:
        """Whether there is anything in the group."""
        return bool(self.children)

    @property
    def counts(self) -> bool:
        """Whether the group is part of the spec; "at least 2" waits for incomplete rows while one counts."""
        if self.muted:
            return False
        count = sum(child.counts for child in self.children)
        return count > 0 and not (
            count < (self.at_least or 0) and any(child.waits for child in self.children)
        )

    @property
    def waits(self) -> bool:
        """Whether the group is left out of the spec because something in it is incomplete."""
        if self.muted or self.counts:
            return False
        return not self.is_complete or any(child.waits for child in self.children)

    @property
    def required(self) -> int | None:
        """How many rows must match. If all n of n must and some are muted, all the others must.

        A number larger than the group stays as it is, so that the check can report it.
        """
        if self.at_least is None or self.at_least > len(self.children):
            return self.at_least
        return max(min(self.at_least, sum(child.counts or child.waits for child in self.children)), 1)

    def rows(self) -> Iterator[Row]:
        """Every row below the group, parents first."""
        for child in self.children:
            yield child
            if isinstance(child, GroupRow):
                yield from child.rows()

    def active_rows(self) -> Iterator[Row]:
        """Every row below the group that is neither muted nor in a muted group."""
        for child in self.children:
            if child.muted:
                continue
            yield child
            if isinstance(child, GroupRow):
                yield from child.active_rows()

    def numbers(self, prefix: str = "") -> dict[str, str]:
        """The number that the page gives each row below the group, by the row's id: 1, 2, 2.1."""
        numbers: dict[str, str] = {}
        for position, child in enumerate(self.children, 1):
            numbers[child.id] = number = f"{prefix}.{position}".lstrip(".")
            if isinstance(child, GroupRow):
                numbers |= child.numbers(number)
        return numbers


Row = ConditionRow | GroupRow


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment being built; `delivery` holds the spec's keys beside its conditions.

    `id_count` is how many ids rows have had so far, those since removed too: no id is used twice.
    """

    root: GroupRow = GroupRow(ROOT)
    delivery: Mapping[str, Json] = field(default_factory=dict)
    id_count: int = 0

    def find(self, row_id: str) -> Row | None:
        """The row with this id, the root included; None if it is gone."""
        return next((row for row in (self.root, *self.root.rows()) if row.id == row_id), None)

    def parent_of(self, row_id: str) -> GroupRow | None:
        """The group that a row is in; None for the root and for rows that are gone."""
        groups = (self.root, *(row for row in self.root.rows() if isinstance(row, GroupRow)))
        return next((group for group in groups if any(child.id == row_id for child in group.children)), None)


def has_gap(condition: Json) -> bool:
    """Whether something is missing in a condition or in a part of one."""
    # Not by truth: 0 and False are values.
    match condition:
        case None | "" | ():
            return True
        case Mapping():
            return not condition or any(map(has_gap, condition.values()))
        case list() | tuple():
            return any(map(has_gap, condition))
        case _:
            return False
