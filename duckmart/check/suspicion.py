"""What runs but is hardly meant: names and values that the data does not have."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from duckmart.catalog import Column
from duckmart.check.kinds import Against
from duckmart.errors import Problem, did_you_mean
from duckmart.operators import USER_OPERATORS, Kind
from duckmart.segment import (
    ANY_EVENT,
    PROBLEMS_PER_LIST,
    Child,
    ColumnFilter,
    EventFilter,
    Group,
    Path,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
    problem,
)
from duckmart.values import shown


def warnings(path: Path, node: Child, against: Against) -> Iterator[Problem]:
    """What is suspicious about a condition that can run."""
    match node:
        case UserFilter():
            yield from _absent_values(path, node, against.catalog.attributes[node.field])
        case EventFilter():
            yield from _unknown_events((*path, "event_name"), node.event_name, against)
            yield from _where(path, node.where, against)
        case SequenceFilter():
            for place, step in enumerate(node.steps):
                here = (*path, "steps", place)
                yield from _unknown_events((*here, "event_name"), step.event_name, against)
                yield from _where(here, step.where, against)
        case SegmentFilter() | Group():
            return
        case _:
            assert_never(node)


def _unknown_events(path: Path, names: str | tuple[str, ...], against: Against) -> Iterator[Problem]:
    known = against.catalog.events
    for place, name in enumerate((names,) if isinstance(names, str) else names):
        if name not in known and names != ANY_EVENT:
            here = path if isinstance(names, str) else (*path, place)
            hint = did_you_mean(name, known) or "pick one from the data"
            message = f"no event is called {shown(name)}, so everyone did it 0 times"
            yield problem(here, "unknown_event", message, hint)


def _where(path: Path, rows: Iterable[ColumnFilter], against: Against) -> Iterator[Problem]:
    for place, row in enumerate(rows):
        yield from _absent_values((*path, "where", place), row, against.catalog.properties[row.field])


def _absent_values(path: Path, node: ColumnFilter, column: Column) -> Iterator[Problem]:
    exact = USER_OPERATORS[node.operator].matches_whole_values
    if not (exact and column.complete and column.kind is Kind.TEXT):
        return
    known = {str(value): rows for value, rows in column.values}
    values = node.value if isinstance(node.value, tuple) else (node.value,)
    for place, cell in enumerate(values[:PROBLEMS_PER_LIST]):
        if str(cell) not in known:
            where = (*path, "value", place) if isinstance(node.value, tuple) else (*path, "value")
            hint = did_you_mean(str(cell), known) or "pick one from the data"
            yield problem(where, "absent_value", f"nobody's {column.name} is {shown(cell)}", hint)
