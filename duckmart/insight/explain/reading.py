"""The rows of the query as explanations: the outcome of each condition for each user."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from duckmart import instants
from duckmart.catalog import Catalog, Cell, Value
from duckmart.compile import KEY, VARIANT
from duckmart.insight.explain import words
from duckmart.insight.explain.changes import About, Figures, change
from duckmart.insight.explain.choice import UserEvent, choice
from duckmart.insight.explain.columns import EVENT_PARTS
from duckmart.insight.explain.reasons import Explanation, Reason
from duckmart.spec import describe
from duckmart.spec.measures import Gives
from duckmart.spec.paths import Path
from duckmart.spec.segment import (
    Child,
    EventFilter,
    EventMeasure,
    Group,
    Segment,
    SequenceFilter,
    UserFilter,
)
from duckmart.spec.tree import walk
from duckmart.spec.values import MAX_WHOLE

Row = Mapping[str, Any]

_DAY = instants.DAY // instants.MICROSECOND
# Quotients are shown with this many decimals.
_DECIMALS = 6


def user_ids(ids: Sequence[str | int], catalog: Catalog) -> list[str | int]:
    """The ids in the type of the data: "42" becomes 42 if ids are numbers; other ids stay as they are."""
    if not catalog.attributes[KEY].kind.is_number:
        return [str(user_id) for user_id in ids]
    return [
        int(user_id)
        if isinstance(user_id, str) and re.fullmatch(r"[+-]?\d{1,19}", user_id, re.ASCII)
        else user_id
        for user_id in ids
    ]


def can_be_asked(user_id: str | int, catalog: Catalog) -> bool:
    """Whether the data could hold the id at all."""
    if isinstance(user_id, int):
        return catalog.attributes[KEY].kind.is_number and abs(user_id) <= MAX_WHOLE
    # Shells pass on bytes that are not UTF-8 as surrogates, which no data contains.
    half = any("\ud800" <= letter <= "\udfff" for letter in user_id)
    return catalog.attributes[KEY].kind.is_text and not half


def read(
    segment: Segment, users: Sequence[str | int], rows: Sequence[Row], catalog: Catalog, as_of: datetime
) -> list[Explanation]:
    """An explanation for each of `users`, in their order, from the rows of `query`."""
    reading = _Reading(segment, About(catalog, segment.zone, as_of))
    by_user = {row[KEY]: row for row in rows}
    return [
        reading.explanation(user_id, by_user[user_id])
        if user_id in by_user
        else Explanation(user_id, known=False)
        for user_id in users
    ]


@dataclass(frozen=True)
class _Reading:
    """Reads the rows of one query."""

    segment: Segment
    about: About

    @cached_property
    def conditions(self) -> list[tuple[int, Path, Child, str]]:
        """The conditions with their numbers, paths and words."""
        numbered = enumerate(walk(self.segment), 1)
        return [(number, path, node, describe.line(node)) for number, (path, node) in numbered]

    @cached_property
    def numbers(self) -> dict[Path, int]:
        return {path: number for number, path, _, _ in self.conditions}

    def explanation(self, user_id: str | int, row: Row) -> Explanation:
        held, sampled = row["held"], row.get("sampled")
        member = held and sampled is not False
        return Explanation(
            user_id,
            known=True,
            member=member,
            held=held,
            sampled=sampled,
            variant=row.get(VARIANT) if member else None,
            conditions=tuple(self.reasons(row)),
        )

    def reasons(self, row: Row) -> Iterator[Reason]:
        for number, path, node, line in self.conditions:
            holds = row[f"held_{number}"]
            figures = _figures(row, number, node)
            value = (
                self.children_that_hold(path, node, row)
                if isinstance(node, Group)
                else self.value(node, figures)
            )
            events = figures.events
            if isinstance(node, SequenceFilter):
                events = choice(node, figures.steps, self.about.as_of)
            than, said = None, words.actual_value(node, value)
            if isinstance(node, EventFilter) and node.than is not None:
                than = self.measure_value(node.than, figures.than, figures.than_count)
                said = words.two_values(node, value, than)
            if isinstance(node, UserFilter) and node.other_field is not None:
                than = _tidy(figures.than)
                said = words.two_fields(node, value, than)
            said += words.place(figures.place, figures.ranked)
            remedy = None if holds else change(path, node, figures, value, self.about)
            yield Reason(path, line, holds, value, said, events, remedy, than)

    def children_that_hold(self, path: Path, group: Group, row: Row) -> int:
        return sum(row[f"held_{self.numbers[path + step]}"] for step, _ in group.children_with_paths())

    def value(self, node: Child, figures: Figures) -> Value:
        match node:
            case UserFilter() if isinstance(figures.value, list):
                return [cell for cell in map(_tidy, figures.value) if cell is not None]
            case UserFilter():
                return _tidy(figures.value)
            case EventFilter():
                return self.measure_value(node, figures.value, figures.count)
            case _:
                return None

    def measure_value(self, node: EventMeasure, cell: Any, count: Any) -> Cell | None:
        row = node.row
        if cell is None:
            return 0 if row.with_zero else None
        if row.gives is Gives.AGE:
            return _quotient(Fraction((self.about.as_of - cell) // instants.MICROSECOND, _DAY))
        if row.is_divided:
            return float(cell / count) if isinstance(cell, float) else _quotient(Fraction(cell) / count)
        if isinstance(cell, Decimal) and row.lies_between:
            # A median's column has one decimal more than the property; most medians do not need it.
            return int(cell) if cell == int(cell) else cell.normalize(_EXACT)
        return _tidy(cell)


# Enough digits for any sum of whole parts with the 18 decimals of a fraction.
_EXACT = Context(prec=80)


def _figures(row: Row, number: int, node: Child) -> Figures:
    """The columns of one condition. Infinity, NaN and empty text count as no value."""
    names = ("value", "known", "more", "fewer", "than", "than_known", "place", "ranked")
    value, count, more, fewer, than, *others = (row.get(f"{name}_{number}") for name in names)
    if value is not None and (fraction := row.get(f"fraction_{number}")) is not None:
        value = _EXACT.add(value, fraction)
    value, than = (None if _is_no_value(cell) else cell for cell in (value, than))
    places = range(1, len(node.steps) + 1) if isinstance(node, SequenceFilter) else ()
    steps = tuple(_happened(row, f"step_{number}_{place}") for place in places)
    happened = _happened(row, f"events_{number}")
    return Figures(value, count, more, fewer, happened, steps, than, *others)


def _is_no_value(cell: Any) -> bool:
    return cell == "" or (isinstance(cell, float) and not math.isfinite(cell))


def _happened(row: Row, events: str) -> tuple[UserEvent, ...]:
    times, names = (row.get(f"{events}_{part}") or () for part in EVENT_PARTS)
    return tuple(UserEvent(time, name) for time, name in zip(times, names, strict=True))


def _tidy(cell: Any) -> Cell | None:
    """An int for a Decimal without decimals: engines differ in the type of whole numbers."""
    if isinstance(cell, Decimal) and cell.as_tuple().exponent == 0:
        return int(cell)
    plain: Cell | None = cell
    return plain


def _quotient(exact: Fraction) -> int | Decimal:
    number = round(exact, _DECIMALS)
    return int(number) if number.denominator == 1 else Decimal(number.numerator) / number.denominator
