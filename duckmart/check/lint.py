"""Warnings about conditions that run but are hardly meant; `_RULES` lists the rules by kind of condition."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any
from unicodedata import is_normalized, normalize

from duckmart.catalog import Cell, Column
from duckmart.check import contradictions, pairs, windows
from duckmart.check.claims import Claim, claim, holds_for_never
from duckmart.check.contradictions import Sibling
from duckmart.check.kinds import CheckContext
from duckmart.check.suggestions import alike, hint
from duckmart.errors import Problem, phrase
from duckmart.instants import days_after, stamp
from duckmart.spec.operators import USER_OPERATORS, Operator, Takes
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
    event_names,
)
from duckmart.spec.tree import walk
from duckmart.spec.values import quote

Node = Child | PropertyFilter
Problems = Iterator[Problem]
Rows = list[tuple[Path, Node]]


def warnings(sound: Mapping[Path, Child], context: CheckContext) -> Problems:
    """What is suspicious about conditions without problems, given by their paths."""
    clean: dict[Path, Sibling] = {}
    for path, node in _each(sound):
        row = Sibling(path, node, claim(node, context))
        problems = list(_alone(row, context))
        yield from problems
        if not problems:
            clean[path] = row
    for path, node in sound.items():
        for rows, operator, whose in _sets(path, node, sound):
            # A condition that never holds by itself would contradict all others.
            rest = [clean[place] for place, _ in rows if place in clean]
            yield from contradictions.warnings(rest, operator, whose)


def delivery(segment: Segment, context: CheckContext) -> Problems:
    """What is suspicious about the moment that a whole spec counts back from."""
    yield from _as_of(segment, context)
    yield from _replay(segment, context)


def _each(sound: Mapping[Path, Child]) -> Iterator[tuple[Path, Node]]:
    """The conditions, each followed by those on its events."""
    for path, node in sound.items():
        yield path, node
        if isinstance(node, EventFilter | SequenceFilter):
            yield from (row for rows, *_ in _sets(path, node, sound) for row in rows)


def _sets(path: Path, node: Child, sound: Mapping[Path, Child]) -> Iterator[tuple[Rows, str, str]]:
    """Conditions right below a node, the operator that joins them, and whose they are: a user or an event."""
    match node:
        case Group():
            rows: Rows = [(path + step, child) for step, child in node.children_with_paths()]
            yield [row for row in rows if row[0] in sound], contradictions.effective_operator(node), "user"
        case EventFilter():
            for within, side in node.sides:
                yield _where((*path, *within), side.where), "AND", "event"
        case SequenceFilter():
            for place, step in enumerate(node.steps):
                yield _where((*path, "steps", place), step.where), "AND", "event"


def _where(path: Path, rows: Iterable[PropertyFilter]) -> Rows:
    return [((*path, "where", place), row) for place, row in enumerate(rows)]


def _alone(row: Sibling, context: CheckContext) -> Problems:
    """What is suspicious about a condition by itself.

    That it always or never holds is reported only if no rule already gives the cause.
    """
    problems = [one for rule in _RULES[type(row.node)] for one in rule(row.path, row.node, context)]
    yield from problems or _always(row.path, row.node, row.claim, context)


def _always(path: Path, node: Node, own: Claim | None, context: CheckContext) -> Problems:
    if own is None or not (own.always_holds or own.never_holds):
        return
    whom = _EVENTS if isinstance(node, PropertyFilter) else _USERS
    code = "always_true" if own.always_holds else "always_false"
    yield problem(path, code, f"holds for {whom[own.always_holds]}", _range(_column(node, context)))


# By whether a condition holds: for none of them, or for all.
_USERS = ("nobody", "everyone")
_EVENTS = ("no event", "every event")


def _range(column: Column | None) -> str:
    if column is None or column.low is None:
        return "change or remove it"
    return f"{column.name} goes from {_cell_text(column.low)} to {_cell_text(column.high)}"


def _column(node: Node, context: CheckContext) -> Column | None:
    """The column that a condition is about, if it is about one."""
    match node:
        case UserFilter():
            return context.catalog.attributes[node.field]
        case PropertyFilter():
            return context.catalog.properties[node.field]
        case EventFilter() if node.measure.property is not None and node.than is None:
            return context.catalog.properties[node.measure.property]
        case _:
            return None


def _cell_text(cell: Cell | None) -> str:
    return f"{cell:,}" if isinstance(cell, int | float) else str(cell)


def _absent_values(path: Path, node: ColumnFilter, context: CheckContext) -> Problems:
    column = _column(node, context)  # type: ignore[arg-type]
    whose = "no event's" if isinstance(node, PropertyFilter) else "nobody's"
    if column is not None:
        yield from _absent((*path, "value"), node, column, whose)


def _absent_end(path: Path, node: EventFilter, context: CheckContext) -> Problems:
    """The first or last value of a property, compared with one that it never has."""
    column = _column(node, context)
    if column is not None and node.row.is_own_value:
        yield from _absent((*path, "value"), node, column, "no event's")


def _absent(path: Path, node: ColumnFilter | EventFilter, column: Column, whose: str) -> Problems:
    if not _is_listed(node, column) or node.value is None:
        return
    texts = _texts(column)
    many = isinstance(node.value, tuple)
    cells = enumerate(node.value if isinstance(node.value, tuple) else (node.value,))
    absent = ((place, str(cell)) for place, cell in cells if cell not in texts)
    for place, cell in islice(absent, PROBLEMS_PER_LIST):
        where = (*path, place) if many else path
        verb = "is" if column.kind.element is None else "holds"
        words = f"{whose} {column.name} {verb} {quote(cell)}"
        yield problem(where, "absent_value", words, hint(cell, texts), alike(cell, texts))


def _is_listed(node: ColumnFilter | EventFilter, column: Column) -> bool:
    """Whether a condition compares complete texts, and the catalog lists all texts of the column."""
    exact = USER_OPERATORS[node.operator].matches_whole_values
    return exact and column.complete and column.elements.kind.is_text


def _other_form(path: Path, node: ColumnFilter | EventFilter, context: CheckContext) -> Problems:
    """Texts in another Unicode form than loaded data, unless `_absent` reports them as absent."""
    column = _column(node, context)  # type: ignore[arg-type]
    if column is None or not column.elements.kind.is_text or _is_listed(node, column):
        return
    if not _is_normal(column):
        return  # another program loaded the column, so the form of its texts is unknown
    many = isinstance(node.value, tuple)
    cells = enumerate(node.value if isinstance(node.value, tuple) else (node.value,))
    unlike = (
        (place, cell) for place, cell in cells if isinstance(cell, str) and not is_normalized("NFC", cell)
    )
    for place, cell in islice(unlike, PROBLEMS_PER_LIST):
        where = (*path, "value", place) if many else (*path, "value")
        words = f"{quote(cell)} is in another Unicode form than loaded data, so it misses what looks the same"
        yield problem(where, "unicode_form", words, "write it in the form NFC", (normalize("NFC", cell),))


@lru_cache(1024)
def _is_normal(column: Column) -> bool:
    return all(is_normalized("NFC", str(value)) for value, _ in column.values)


@lru_cache(1024)
def _texts(column: Column) -> frozenset[str]:
    return frozenset(str(value) for value, _ in column.values)


def _unknown_events(path: Path, node: EventFilter, context: CheckContext) -> Problems:
    outcome = ": everyone did it 0 times"
    if node.than is None:
        outcome = f"{outcome}, so this holds for {_USERS[holds_for_never(node, context)]}"
    for step, side in node.sides:
        yield from _unknown((*path, *step, "event_name"), side.event_name, context, outcome)


def _unknown_steps(path: Path, node: SequenceFilter, context: CheckContext) -> Problems:
    whom = _USERS[node.operator == "did_not"]
    for place, step in enumerate(node.steps):
        outcome = ", so it is always absent" if step.absent else f", so this holds for {whom}"
        yield from _unknown((*path, "steps", place, "event_name"), step.event_name, context, outcome)


def _unknown(path: Path, names: str | tuple[str, ...], context: CheckContext, outcome: str) -> Problems:
    """Events that the data does not have; the outcome is certain only if it has none of those named."""
    all_names = _event_names(tuple(context.catalog.events))
    unknown = {name for name in event_names(names) if name not in all_names and names != ANY_EVENT}
    so = outcome if len(unknown) == len(event_names(names)) else ""
    absent = ((place, name) for place, name in enumerate(event_names(names)) if name in unknown)
    for place, name in islice(absent, PROBLEMS_PER_LIST):
        here = path if isinstance(names, str) else (*path, place)
        words = f"no event is called {quote(name)}{so}"
        yield problem(here, "unknown_event", words, hint(name, all_names), alike(name, all_names))


# A frozenset is hashed once per object, so the caches of suggestions find it fast.
@lru_cache(16)
def _event_names(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


def _inexact(path: Path, node: EventFilter, context: CheckContext) -> Problems:
    column = _column(node, context)
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


def _all_ranks(path: Path, node: UserFilter | EventFilter, context: CheckContext) -> Problems:
    """A rank that takes in all users who have one."""
    row = USER_OPERATORS[node.operator]
    if not row.is_ranked or not isinstance(node.value, int | Decimal):
        return
    most = 100 if row.takes is Takes.PERCENT else context.catalog.users
    if node.value >= most:
        message = "takes in all users who have a rank"
        yield problem((*path, "value"), "all_ranks", message, "take fewer, or use another comparison")


def _sample(path: Path, node: Segment, context: CheckContext) -> Problems:
    if node.sample is not None and node.sample.percent == 100:
        yield problem((*path, "sample", "percent"), "always_true", "keeps everyone", "remove the sample")


def _as_floats(path: Path, node: ColumnFilter, context: CheckContext) -> Problems:
    """Binary fractions compared with decimals, which are brought to such fractions first."""
    columns = context.catalog.properties if isinstance(node, PropertyFilter) else context.catalog.attributes
    if node.other_field is None:
        return
    pair = columns[node.field], columns[node.other_field]
    for floating, exact in (pair, pair[::-1]):
        if floating.floating and not (exact.floating or exact.whole):
            words = f"{floating.name} holds binary fractions, so both are compared to some 15 digits"
            hint = "load both with at most 18 decimals to compare them exactly"
            yield problem((*path, "other_field"), "inexact", words, hint)


Rule = Callable[[Path, Any, CheckContext], Problems]
_RULES: Mapping[type, tuple[Rule, ...]] = {
    UserFilter: (_absent_values, _other_form, _as_floats, _all_ranks),
    PropertyFilter: (_absent_values, _other_form, _as_floats),
    EventFilter: (
        _unknown_events,
        _absent_end,
        _other_form,
        windows.warnings,
        _inexact,
        pairs.warnings,
        _all_ranks,
    ),
    SequenceFilter: (_unknown_steps, windows.warnings),
    SegmentFilter: (),
    Group: (),
    Segment: (_sample,),
}


def _as_of(segment: Segment, context: CheckContext) -> Problems:
    """A moment outside the time that the data covers."""
    oldest, newest = context.catalog.oldest_event, context.catalog.newest_event
    counts_back = any(isinstance(node, EventFilter | SequenceFilter) for _, node in walk(segment))
    if oldest is None or newest is None or not (segment.as_of or counts_back):
        return
    if context.as_of < oldest:
        message = f"{stamp(context.as_of)} is before the oldest event, {stamp(oldest)}, so no event counts"
        yield problem(("as_of",), "outside_data", message, "pick a later moment")
    # A day of grace: data that is loaded every night ends some hours ago.
    elif context.as_of > days_after(newest, 1):
        message = f"{stamp(context.as_of)} is more than a day after the newest event, {stamp(newest)}"
        yield problem(("as_of",), "outside_data", message, "load newer data, or leave as_of out")


def _replay(segment: Segment, context: CheckContext) -> Problems:
    newest, as_of = context.catalog.newest_event, segment.as_of_utc
    if newest is None or as_of is None or days_after(as_of, 1) > newest:
        return
    if any(isinstance(node, UserFilter) for _, node in walk(segment)):
        message = f"events are those until {stamp(as_of)}, but users are as they are today"
        yield problem(("as_of",), "replay", message, "leave as_of out to look at both as of today")
