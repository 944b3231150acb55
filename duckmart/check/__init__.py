"""Every problem of a spec against the data, and warnings about what runs but looks like a mistake."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import assert_never

from duckmart.catalog import Column
from duckmart.check import keys, lint, pairs, two_fields
from duckmart.check.kinds import CheckContext, comparison_problems, unknown_column
from duckmart.check.lint import delivery
from duckmart.compile import ranks
from duckmart.compile.wide_sums import DIGITS
from duckmart.errors import Problem, phrase
from duckmart.spec import window_json
from duckmart.spec.kinds import KINDS
from duckmart.spec.measures import MeasureName
from duckmart.spec.operators import PROPERTY_OPERATORS, USER_OPERATORS
from duckmart.spec.paths import Path, problem
from duckmart.spec.segment import (
    Child,
    ColumnFilter,
    EventFilter,
    EventMeasure,
    Group,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
    Windowed,
)
from duckmart.spec.values import quote

__all__ = ["CheckContext", "Findings", "check", "delivery"]

# Nobody reads more, and searching for similar names takes time.
WARNINGS = 100


@dataclass(frozen=True, slots=True)
class Findings:
    """`problems` keep a spec from running; `warnings` do not."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check(nodes: Iterable[tuple[Path, Child]], context: CheckContext) -> Findings:
    """Check conditions, each given with its path in the spec, in the spec's order.

    The root, if it is among them, has the empty path. Saved segments are not looked up here.
    """
    problems: list[Problem] = []
    # Warnings read columns and values, so they look only at conditions without problems.
    sound: dict[Path, Child] = {}
    for path, node in nodes:
        node_problems = list(_problems(path, node, context))
        problems += node_problems
        if not node_problems:
            sound[path] = node
    # Warnings are found one by one: islice stops the search too.
    warnings = islice(lint.warnings(sound, context), WARNINGS)
    return Findings(tuple(problems), tuple(warnings))


def _problems(path: Path, node: Child, context: CheckContext) -> Iterator[Problem]:
    yield from keys.problems(path, node, context.zone)
    match node:
        case UserFilter():
            yield from _column_filter(path, node, context, of_users=True)
        case EventFilter():
            yield from _event_filter(path, node, context)
        case SequenceFilter():
            yield from _own_dates(path, node, context)
            for place, step in enumerate(node.steps):
                yield from _where((*path, "steps", place), step.where, context)
        case SegmentFilter() | Group():
            return
        case _:
            assert_never(node)


def _column_filter(
    path: Path, node: ColumnFilter, context: CheckContext, *, of_users: bool
) -> Iterator[Problem]:
    columns = context.catalog.attributes if of_users else context.catalog.properties
    what = "field" if of_users else "property"
    column = columns.get(node.field)
    if column is None:
        yield unknown_column((*path, "field"), node.field, columns, what)
        return
    operators = USER_OPERATORS if of_users else PROPERTY_OPERATORS
    if node.operator not in operators:
        message = phrase("{operator} ranks users, not events", operator=node.operator)
        yield problem((*path, "operator"), "unsuited_operator", message, "rank an attribute or a measure")
    elif node.other_field is not None:
        yield from two_fields.problems(path, node, column, columns, what)
    else:
        yield from comparison_problems(path, node, column, operators, context.zone)


def _event_filter(path: Path, node: EventFilter, context: CheckContext) -> Iterator[Problem]:
    problems: list[Problem] = []
    for step, side in node.sides:
        here = (*path, *step)
        yield from _own_dates(here, side, context)
        yield from _where(here, side.where, context)
        problems += _measure(here, side, context)
    yield from problems
    if problems:
        return
    if node.than is not None:
        yield from pairs.problems(path, node, context)
        return
    if node.ranks and (digits := ranks.most_digits(node, context.catalog)) > DIGITS:
        message = f"ranks with up to {digits} digits with this data, and {DIGITS} are exact"
        hint = "rank sums instead of averages, or load the property with fewer decimals"
        yield problem((*path, "measure"), "too_many_digits", message, hint)
        return
    column = keys.measure_column(node.measure)
    if node.ranks and node.row.is_plain_count:
        column = Column.of_measure(node.row, MeasureName(node.measure.measure))
    if node.measure.property is not None:
        # A measure that is a number by itself is compared as a number, whatever the kind of its property.
        column = column or context.catalog.properties[node.measure.property]
    if column is not None and node.operator in node.operators:
        yield from comparison_problems(path, node, column, node.operators, context.zone)


def _measure(path: Path, node: EventMeasure, context: CheckContext) -> Iterator[Problem]:
    """A measure of a property needs such a property, of a kind that suits it."""
    name, row, properties = node.measure.property, node.row, context.catalog.properties
    if name is None:
        return
    column = properties.get(name)
    if column is None:
        yield unknown_column((*path, "measure"), name, properties, "property")
    elif not row.suits(column.kind):
        kinds = " or ".join(kind_name for kind_name, kind in KINDS.items() if row.suits(kind))
        message = phrase(
            "{measure} does not suit {name!r}, a {kind} property",
            measure=row,
            name=column.name,
            kind=column.kind,
        )
        yield problem((*path, "measure"), "unsuited_measure", message, f"pick a {kinds} property")


def _where(path: Path, rows: Iterable[ColumnFilter], context: CheckContext) -> Iterator[Problem]:
    for place, row in enumerate(rows):
        yield from _column_filter((*path, "where", place), row, context, of_users=False)


def _own_dates(path: Path, node: Windowed, context: CheckContext) -> Iterator[Problem]:
    """A window that counts from a user's own date needs such an attribute."""
    for window in window_json.read_all(node.window_json):
        if window.own_date is not None:
            yield from _own_date((*path, *window.own_date_keys()), window.own_date, context)


def _own_date(here: Path, name: str, context: CheckContext) -> Iterator[Problem]:
    dates = {key: column for key, column in context.catalog.attributes.items() if column.kind.is_dated}
    if name in context.catalog.attributes and name not in dates:
        kind = context.catalog.attributes[name].kind
        message = f"{quote(name)} is a {kind} field, windows count from dates and times"
        yield problem(here, "unsuited_field", message, f"one of: {', '.join(dates)}")
    elif name not in dates:
        yield unknown_column(here, name, dates, "field")
