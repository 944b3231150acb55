"""All that is wrong with a spec against the data, at once, and what runs but is suspicious."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import assert_never

from duckmart.check import keys, lint
from duckmart.check.kinds import CheckContext, compared, known_column
from duckmart.check.lint import delivery
from duckmart.errors import Problem, phrase
from duckmart.spec import window_json
from duckmart.spec.kinds import KINDS
from duckmart.spec.measures import MEASURES
from duckmart.spec.operators import USER_OPERATORS
from duckmart.spec.paths import Path, problem
from duckmart.spec.segment import (
    Child,
    ColumnFilter,
    EventFilter,
    Group,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
    Windowed,
)
from duckmart.spec.values import shown

__all__ = ["CheckContext", "Findings", "check", "delivery"]

# More than anyone reads, and looking for the nearest names takes time.
WARNINGS = 100


@dataclass(frozen=True, slots=True)
class Findings:
    """`problems` keep a spec from running; `warnings` do not."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check(nodes: Iterable[tuple[Path, Child]], against: CheckContext) -> Findings:
    """What is wrong with these conditions, each with its path in the spec, in the spec's order.

    The root, if it is among them, has the empty path. Saved segments are not looked up here.
    """
    problems: list[Problem] = []
    sound: dict[Path, Child] = {}
    for path, node in nodes:
        found = list(_problems(path, node, against))
        problems += found
        if not found:
            sound[path] = node
    warnings = islice(lint.warnings(sound, against), WARNINGS)
    return Findings(tuple(problems), tuple(warnings))


def _problems(path: Path, node: Child, against: CheckContext) -> Iterator[Problem]:
    yield from keys.problems(path, node, against.zone)
    match node:
        case UserFilter():
            yield from _column_filter(path, node, against, of_users=True)
        case EventFilter():
            yield from _event_filter(path, node, against)
        case SequenceFilter():
            yield from _own_dates(path, node, against)
            for place, step in enumerate(node.steps):
                yield from _where((*path, "steps", place), step.where, against)
        case SegmentFilter() | Group():
            return
        case _:
            assert_never(node)


def _column_filter(
    path: Path, node: ColumnFilter, against: CheckContext, *, of_users: bool
) -> Iterator[Problem]:
    columns = against.catalog.attributes if of_users else against.catalog.properties
    column = columns.get(node.field)
    if column is None:
        yield known_column((*path, "field"), node.field, columns, "field" if of_users else "property")
        return
    yield from compared(path, node, column, USER_OPERATORS, against.zone)


def _event_filter(path: Path, node: EventFilter, against: CheckContext) -> Iterator[Problem]:
    yield from _own_dates(path, node, against)
    yield from _where(path, node.where, against)
    row = MEASURES[node.measure.measure]
    column = keys.counted(node.measure)
    if node.measure.property is not None:
        properties = against.catalog.properties
        found = properties.get(node.measure.property)
        if found is None:
            yield known_column((*path, "measure"), node.measure.property, properties, "property")
            return
        if not row.suits(found.kind):
            suited = " or ".join(name for name, kind in KINDS.items() if row.suits(kind))
            message = phrase(
                "{measure} does not suit {name!r}, a {kind} property",
                measure=row,
                name=found.name,
                kind=found.kind,
            )
            yield problem((*path, "measure"), "unsuited_measure", message, f"pick a {suited} property")
            return
        column = column or found
    if column is not None and node.operator in row.operators:
        yield from compared(path, node, column, row.operators, against.zone)


def _where(path: Path, rows: Iterable[ColumnFilter], against: CheckContext) -> Iterator[Problem]:
    for place, row in enumerate(rows):
        yield from _column_filter((*path, "where", place), row, against, of_users=False)


def _own_dates(path: Path, node: Windowed, against: CheckContext) -> Iterator[Problem]:
    """A window that counts from a user's own date needs such an attribute."""
    for window in window_json.read_all(node.window_said):
        if window.own_date is not None:
            yield from _own_date((*path, *window.own_date_keys()), window.own_date, against)


def _own_date(here: Path, name: str, against: CheckContext) -> Iterator[Problem]:
    dates = {found: column for found, column in against.catalog.attributes.items() if column.kind.is_dated}
    if name in against.catalog.attributes and name not in dates:
        kind = against.catalog.attributes[name].kind
        message = f"{shown(name)} is a {kind} field, windows count from dates and times"
        yield problem(here, "unsuited_field", message, f"one of: {', '.join(dates)}")
    elif name not in dates:
        yield known_column(here, name, dates, "field")
