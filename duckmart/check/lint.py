"""What runs but is hardly meant; each rule is a function, and the tables say what it is about."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any
from unicodedata import is_normalized, normalize

from duckmart.catalog import Cell, Column
from duckmart.check import contradictions, windows
from duckmart.check.contradictions import Sibling
from duckmart.check.intervals import Claim, claim, holds_for_never
from duckmart.check.kinds import CheckContext
from duckmart.check.suggestions import alike, hint
from duckmart.compile.plan import event_names
from duckmart.errors import Problem, phrase
from duckmart.instants import days_after, stamp
from duckmart.spec.operators import USER_OPERATORS, Operator
from duckmart.spec.paths import PROBLEMS_PER_LIST, Path, problem
from duckmart.spec.segment import (
    ANY_EVENT,
    Child,
    ColumnFilter,
    EventFilter,
    Group,
    PropertyFilter,
    Segment,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
)
from duckmart.spec.tree import walk
from duckmart.spec.values import shown

Node = Child | PropertyFilter
Found = Iterator[Problem]
Rows = list[tuple[Path, Node]]


def warnings(sound: Mapping[Path, Child], against: CheckContext) -> Found:
    """What is suspicious about conditions without problems, by their paths."""
    undoubted: dict[Path, Sibling] = {}
    for path, node in _each(sound):
        row = Sibling(path, node, claim(node, against))
        found = list(_alone(row, against))
        yield from found
        if not found:
            undoubted[path] = row
    for path, node in sound.items():
        for rows, joined, whose in _sets(path, node, sound):
            rest = [undoubted[place] for place, _ in rows if place in undoubted]
            yield from contradictions.warnings(rest, joined, whose)


def delivery(segment: Segment, against: CheckContext) -> Found:
    """What is suspicious about the moment that a whole spec counts back from."""
    yield from _as_of(segment, against)
    yield from _replay(segment, against)


def _each(sound: Mapping[Path, Child]) -> Iterator[tuple[Path, Node]]:
    """The conditions, each followed by those on its events."""
    for path, node in sound.items():
        yield path, node
        if isinstance(node, EventFilter | SequenceFilter):
            yield from (row for rows, *_ in _sets(path, node, sound) for row in rows)


def _sets(path: Path, node: Child, sound: Mapping[Path, Child]) -> Iterator[tuple[Rows, str, str]]:
    """The conditions right below a node, how they are joined, and of what they hold."""
    match node:
        case Group():
            rows: Rows = [(path + step, child) for step, child in node.children_with_paths()]
            yield [row for row in rows if row[0] in sound], contradictions.joined_by(node), "user"
        case EventFilter():
            yield _where(path, node.where), "AND", "event"
        case SequenceFilter():
            for place, step in enumerate(node.steps):
                yield _where((*path, "steps", place), step.where), "AND", "event"


def _where(path: Path, rows: Iterable[PropertyFilter]) -> Rows:
    return [((*path, "where", place), row) for place, row in enumerate(rows)]


def _alone(row: Sibling, against: CheckContext) -> Found:
    """What is suspicious about a condition by itself; a cause is not followed by its effect."""
    found = [one for rule in _RULES[type(row.node)] for one in rule(row.path, row.node, against)]
    yield from found or _always(row.path, row.node, row.claim, against)


def _always(path: Path, node: Node, made: Claim | None, against: CheckContext) -> Found:
    if made is None or not (made.always_holds or made.never_holds):
        return
    whom = _EVENTS if isinstance(node, PropertyFilter) else _USERS
    code = "always_true" if made.always_holds else "always_false"
    yield problem(path, code, f"holds for {whom[made.always_holds]}", _range(_column(node, against)))


# No one, and each one.
_USERS = ("nobody", "everyone")
_EVENTS = ("no event", "every event")


def _range(column: Column | None) -> str:
    if column is None or column.low is None:
        return "change or remove it"
    return f"{column.name} goes from {_told(column.low)} to {_told(column.high)}"


def _column(node: Node, against: CheckContext) -> Column | None:
    """The column that a condition is about, if it is about one."""
    match node:
        case UserFilter():
            return against.catalog.attributes[node.field]
        case PropertyFilter():
            return against.catalog.properties[node.field]
        case EventFilter() if node.measure.property is not None:
            return against.catalog.properties[node.measure.property]
        case _:
            return None


def _told(cell: Cell | None) -> str:
    return f"{cell:,}" if isinstance(cell, int | float) else str(cell)


def _absent_values(path: Path, node: ColumnFilter, against: CheckContext) -> Found:
    column = _column(node, against)  # type: ignore[arg-type]
    whose = "no event's" if isinstance(node, PropertyFilter) else "nobody's"
    if column is not None:
        yield from _absent((*path, "value"), node, column, whose)


def _absent_end(path: Path, node: EventFilter, against: CheckContext) -> Found:
    """The first or last value of a property, compared with one that it never has."""
    column = _column(node, against)
    if column is not None and node.row.is_own_value:
        yield from _absent((*path, "value"), node, column, "no event's")


def _absent(path: Path, node: ColumnFilter | EventFilter, column: Column, whose: str) -> Found:
    if not _is_listed(node, column) or node.value is None:
        return
    known = _known(column)
    many = isinstance(node.value, tuple)
    cells = enumerate(node.value if isinstance(node.value, tuple) else (node.value,))
    absent = ((place, str(cell)) for place, cell in cells if cell not in known)
    for place, cell in islice(absent, PROBLEMS_PER_LIST):
        where = (*path, place) if many else path
        words = f"{whose} {column.name} is {shown(cell)}"
        yield problem(where, "absent_value", words, hint(cell, known), alike(cell, known))


def _is_listed(node: ColumnFilter | EventFilter, column: Column) -> bool:
    """Whether a condition asks for whole texts of a column all of whose texts are known."""
    exact = USER_OPERATORS[node.operator].matches_whole_values
    return exact and column.complete and column.kind.is_text


def _other_form(path: Path, node: ColumnFilter | EventFilter, against: CheckContext) -> Found:
    """Texts in another Unicode form than loaded data; absent values of a known list are told as those."""
    column = _column(node, against)  # type: ignore[arg-type]
    if column is None or not column.kind.is_text or _is_listed(node, column):
        return
    if not _is_normal(column):
        return  # it was not loaded here: nobody knows in which form its texts are
    many = isinstance(node.value, tuple)
    cells = enumerate(node.value if isinstance(node.value, tuple) else (node.value,))
    unlike = (
        (place, cell) for place, cell in cells if isinstance(cell, str) and not is_normalized("NFC", cell)
    )
    for place, cell in islice(unlike, PROBLEMS_PER_LIST):
        where = (*path, "value", place) if many else (*path, "value")
        words = f"{shown(cell)} is in another Unicode form than loaded data, so it misses what looks the same"
        yield problem(where, "unicode_form", words, "write it in the form NFC", (normalize("NFC", cell),))


@lru_cache(1024)
def _is_normal(column: Column) -> bool:
    return all(is_normalized("NFC", str(value)) for value, _ in column.values)


@lru_cache(1024)
def _known(column: Column) -> frozenset[str]:
    return frozenset(str(value) for value, _ in column.values)


def _unknown_events(path: Path, node: EventFilter, against: CheckContext) -> Found:
    whom = _USERS[holds_for_never(node, against)]
    outcome = f": everyone did it 0 times, so this holds for {whom}"
    yield from _unknown((*path, "event_name"), node.event_name, against, outcome)


def _unknown_steps(path: Path, node: SequenceFilter, against: CheckContext) -> Found:
    whom = _USERS[node.operator == "did_not"]
    for place, step in enumerate(node.steps):
        outcome = ", so it is always absent" if step.absent else f", so this holds for {whom}"
        yield from _unknown((*path, "steps", place, "event_name"), step.event_name, against, outcome)


def _unknown(path: Path, names: str | tuple[str, ...], against: CheckContext, outcome: str) -> Found:
    """Events that the data does not have; the outcome is certain only where it has none of them."""
    known = _event_names(tuple(against.catalog.events))
    unknown = {name for name in event_names(names) if name not in known and names != ANY_EVENT}
    so = outcome if len(unknown) == len(event_names(names)) else ""
    absent = ((place, name) for place, name in enumerate(event_names(names)) if name in unknown)
    for place, name in islice(absent, PROBLEMS_PER_LIST):
        here = path if isinstance(names, str) else (*path, place)
        words = f"no event is called {shown(name)}{so}"
        yield problem(here, "unknown_event", words, hint(name, known), alike(name, known))


@lru_cache(16)
def _event_names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


def _inexact(path: Path, node: EventFilter, against: CheckContext) -> Found:
    column = _column(node, against)
    if not node.row.is_added_up or column is None or not column.floating:
        return
    message = phrase(
        "{name} holds binary fractions, whose {measure} may miss by a hair",
        name=column.name,
        measure=node.row,
    )
    if node.operator in (Operator.EQ, Operator.NE):
        yield problem((*path, "operator"), "inexact", message, _BOUNDS_INSTEAD)
        return
    message = phrase("{cause}: who is right at the limit may fall on either side", cause=message)
    hint = "put the limit between two amounts, or load the column with at most 18 decimals"
    yield problem((*path, "operator"), "inexact", message, hint)


_BOUNDS_INSTEAD = phrase(
    "use {between}, {gte} or {lte}", between=Operator.BETWEEN, gte=Operator.GTE, lte=Operator.LTE
)


def _sample(path: Path, node: Segment, against: CheckContext) -> Found:
    if node.sample is not None and node.sample.percent == 100:
        yield problem((*path, "sample", "percent"), "always_true", "keeps everyone", "remove the sample")


Rule = Callable[[Path, Any, CheckContext], Found]
_RULES: Mapping[type, tuple[Rule, ...]] = {
    UserFilter: (_absent_values, _other_form),
    PropertyFilter: (_absent_values, _other_form),
    EventFilter: (_unknown_events, _absent_end, _other_form, windows.warnings, _inexact),
    SequenceFilter: (_unknown_steps, windows.warnings),
    SegmentFilter: (),
    Group: (),
    Segment: (_sample,),
}


def _as_of(segment: Segment, against: CheckContext) -> Found:
    """A moment that the data know nothing of."""
    oldest, newest = against.catalog.oldest_event, against.catalog.newest_event
    counts_back = any(isinstance(node, EventFilter | SequenceFilter) for _, node in walk(segment))
    if oldest is None or newest is None or not (segment.as_of or counts_back):
        return
    if against.as_of < oldest:
        message = f"{stamp(against.as_of)} is before the oldest event, {stamp(oldest)}, so no event counts"
        yield problem(("as_of",), "outside_data", message, "pick a later moment")
    elif against.as_of > days_after(newest, 1):
        message = f"{stamp(against.as_of)} is more than a day after the newest event, {stamp(newest)}"
        yield problem(("as_of",), "outside_data", message, "load newer data, or leave as_of out")


def _replay(segment: Segment, against: CheckContext) -> Found:
    newest, pinned = against.catalog.newest_event, segment.pinned
    if newest is None or pinned is None or days_after(pinned, 1) > newest:
        return
    if any(isinstance(node, UserFilter) for _, node in walk(segment)):
        message = f"events are those until {stamp(pinned)}, but users are as they are today"
        yield problem(("as_of",), "replay", message, "leave as_of out to look at both as of today")
