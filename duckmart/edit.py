"""A spec while it is being built: rows with stable ids, some of them unfinished, and pure edits of them.

Segment -> opened -> Draft -> add, change, remove, ... -> Draft -> built -> spec JSON
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, assert_never

from duckmart.operators import USER_OPERATORS, Kind, Operator, Takes
from duckmart.segment import (
    CHILD_KEYS,
    Child,
    Condition,
    EventFilter,
    Group,
    Json,
    Path,
    Segment,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
)


@dataclass(frozen=True, slots=True)
class UserRow:
    """A condition on an attribute; unfinished while the field or the value is None."""

    id: str
    field: str | None = None
    operator: Operator = Operator.IN
    value: Any = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """A condition on how often an event happened; unfinished while the name or the count is None."""

    id: str
    event_name: str | None = None
    operator: Operator = Operator.GTE
    count: int | None = 1
    days: int | None = None


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A condition on being in a saved segment; unfinished while none is chosen."""

    id: str
    segment: str | None = None
    operator: Operator = Operator.IN


@dataclass(frozen=True, slots=True)
class LockedRow:
    """A condition that the rows cannot show in full: it reads as a sentence and stays as it is."""

    id: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Rows joined by all, any or at least some; its children stand in the order of the spec."""

    id: str
    children: "tuple[Row, ...]" = ()
    logic_operator: Literal["AND", "OR", "AT_LEAST"] = "AND"
    at_least: int | None = None
    negate: bool = False


Row = UserRow | EventRow | SegmentRow | LockedRow | GroupRow

ROOT = "root"
DELIVERY = ("limit", "as_of", "timezone", "sample")


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment being built; `delivery` holds what the spec says beside its conditions, `made` counts ids."""

    root: GroupRow = GroupRow(ROOT)
    delivery: Mapping[str, Json] = field(default_factory=dict)
    made: int = 0


@dataclass(frozen=True, slots=True)
class Built:
    """What of a draft can run: the spec, where each row went in it, and the rows that are not counted yet."""

    spec: dict[str, Json]
    rows: Mapping[Path, str]
    unfinished: tuple[str, ...]


def opened(segment: Segment, editable: Callable[[Condition], bool]) -> Draft:
    """A segment as rows; conditions that are not `editable` become locked rows."""
    ids = (f"n{number}" for number in range(1, 1_000_000))
    root = replace(_group_row(segment, ids, editable), id=ROOT)
    given = segment.as_dict()
    delivery: dict[str, Json] = {key: given[key] for key in DELIVERY if key in given}
    return Draft(root, delivery, made=sum(1 for _ in rows(root)) + 1)


def built(draft: Draft) -> Built:
    """The spec of the finished rows. A group without any is unfinished itself."""
    places: dict[Path, str] = {}
    spec = _spec(draft.root, (), places)
    unfinished = tuple(row.id for row in rows(draft.root) if not is_finished(row))
    return Built({**spec, **draft.delivery}, places, unfinished)


def rows(group: GroupRow) -> Iterator[Row]:
    """Every row below a group, parents first."""
    for child in group.children:
        yield child
        if isinstance(child, GroupRow):
            yield from rows(child)


def is_finished(row: Row) -> bool:
    match row:
        case UserRow():
            takes = USER_OPERATORS[row.operator].takes
            return row.field is not None and (takes is Takes.NOTHING or row.value not in (None, "", ()))
        case EventRow():
            return row.event_name is not None and row.count is not None
        case SegmentRow():
            return row.segment is not None
        case LockedRow():
            return True
        case GroupRow():
            return any(is_finished(child) for child in row.children)
        case _:
            assert_never(row)


def add(draft: Draft, group: str, kind: type[Row]) -> Draft:
    """An empty row of a kind at the end of its kind in a group."""
    return _insert(replace(draft, made=draft.made + 1), group, kind(f"n{draft.made + 1}"))  # type: ignore[call-arg]


def remove(draft: Draft, row: str) -> Draft:
    return _edited(draft, row, lambda _: ())


def change(draft: Draft, row: str, **changes: Any) -> Draft:
    """A row with some of its parts replaced."""
    return _edited(draft, row, lambda found: (replace(found, **changes),))


def change_field(draft: Draft, row: str, name: str, kind: Kind) -> Draft:
    """A user row about another attribute; an operator that does not suit it becomes one that does."""

    def changed(found: Row) -> tuple[Row, ...]:
        assert isinstance(found, UserRow)  # noqa: S101 - only user rows have a field
        suited = kind in USER_OPERATORS[found.operator].kinds and found.field is not None
        operator = found.operator if suited else DEFAULT_OPERATOR[kind]
        return (replace(found, field=name, operator=operator, value=None),)

    return _edited(draft, row, changed)


def change_operator(draft: Draft, row: str, operator: Operator) -> Draft:
    """A user row with another operator; one value becomes a list of one, a list its first value.

    A value that the operator cannot take is gone: a number of days is no date.
    """

    def changed(found: Row) -> tuple[Row, ...]:
        assert isinstance(found, UserRow)  # noqa: S101 - count operators change without the value
        before, after = USER_OPERATORS[found.operator].takes, USER_OPERATORS[operator].takes
        value = found.value if before is after or {before, after} <= _VALUES else None
        if after is Takes.LIST and value is not None and not isinstance(value, tuple):
            value = (value,)
        elif after is not Takes.LIST and isinstance(value, tuple):
            value = value[0] if value else None
        return (replace(found, operator=operator, value=value),)

    return _edited(draft, row, changed)


# What takes values of the attribute itself, or parts of them.
_VALUES = {Takes.ONE, Takes.LIST, Takes.PATTERN, Takes.FRAGMENT}


def change_joiner(draft: Draft, group: str, joiner: str) -> Draft:
    """A group that asks for all, any, or at least one of its conditions."""
    return change(draft, group, logic_operator=joiner, at_least=1 if joiner == "AT_LEAST" else None)


DEFAULT_OPERATOR: dict[Kind, Operator] = {
    Kind.TEXT: Operator.IN,
    Kind.NUMBER: Operator.GTE,
    Kind.DATE: Operator.GTE,
    Kind.TIMESTAMP: Operator.GTE,
    Kind.BOOLEAN: Operator.EQ,
}


def _group_row(group: Group, ids: Iterator[str], editable: Callable[[Condition], bool]) -> GroupRow:
    made = next(ids)
    children = tuple(_row(child, ids, editable) for child in group.children)
    return GroupRow(made, children, group.logic_operator, group.at_least, group.negate)


def _row(node: Child, ids: Iterator[str], editable: Callable[[Condition], bool]) -> Row:
    match node:
        case Group():
            return _group_row(node, ids, editable)
        case UserFilter(case_sensitive=False) if editable(node):
            return UserRow(next(ids), node.field, node.operator, node.value)
        # Any other key of the spec has no place in a row and would be lost.
        case EventFilter(event_name=str() as name, count=int() as count, time_range=None, where=()) if (
            editable(node)
        ):
            return EventRow(next(ids), name, node.operator, count, node.time_range_days)
        case SegmentFilter():
            return SegmentRow(next(ids), node.segment, node.operator)
        case UserFilter() | EventFilter() | SequenceFilter():
            return LockedRow(next(ids), node)
        case _:
            assert_never(node)


def _spec(group: GroupRow, path: Path, places: dict[Path, str]) -> dict[str, Json]:
    spec: dict[str, Any] = {}
    for row in filter(is_finished, group.children):
        key = _key(row)
        siblings = spec.setdefault(key, [])
        here = (*path, key, len(siblings))
        places[here] = row.id
        siblings.append(_spec(row, here, places) if isinstance(row, GroupRow) else _json(row))
    if group.logic_operator != "AND":
        spec["logic_operator"] = group.logic_operator
    if group.at_least is not None:
        spec["at_least"] = group.at_least
    if group.negate:
        spec["negate"] = True
    return spec


def _json(row: UserRow | EventRow | SegmentRow | LockedRow) -> Json:
    match row:
        case UserRow():
            compared = {"field": row.field, "operator": row.operator}
            value = list(row.value) if isinstance(row.value, tuple) else row.value
            return compared if value is None else {**compared, "value": value}
        case EventRow():
            counted = {"event_name": row.event_name, "operator": row.operator, "count": row.count}
            return counted if row.days is None else {**counted, "time_range_days": row.days}
        case SegmentRow():
            return {"segment": row.segment, "operator": row.operator}
        case LockedRow():
            return row.condition.model_dump(exclude_defaults=True)
        case _:
            assert_never(row)


def _key(row: Row) -> str:
    """The spec's list that a row belongs to."""
    match row:
        case UserRow():
            return "user_filters"
        case EventRow():
            return "event_filters"
        case SegmentRow():
            return "segment_filters"
        case LockedRow():
            return next(key for key, kind in CHILD_KEYS.items() if isinstance(row.condition, kind))
        case GroupRow():
            return "groups"
        case _:
            assert_never(row)


def _insert(draft: Draft, group: str, row: Row) -> Draft:
    """`row` after the last of its kind: rows on screen keep the order of the spec."""

    def inserted(found: Row) -> tuple[Row, ...]:
        assert isinstance(found, GroupRow)  # noqa: S101 - rows are added to groups
        order = list(CHILD_KEYS)
        children = sorted((*found.children, row), key=lambda child: order.index(_key(child)))
        return (replace(found, children=tuple(children)),)

    return _edited(draft, group, inserted)


def _edited(draft: Draft, row: str, edit: Callable[[Row], tuple[Row, ...]]) -> Draft:
    """The draft with one row replaced by what `edit` makes of it; a row that is gone changes nothing."""

    def walk(found: Row) -> tuple[Row, ...]:
        if found.id == row:
            return edit(found)
        if isinstance(found, GroupRow):
            return (replace(found, children=tuple(made for child in found.children for made in walk(child))),)
        return (found,)

    (root,) = walk(draft.root) or (GroupRow(ROOT),)
    assert isinstance(root, GroupRow)  # noqa: S101 - the root stays a group
    return replace(draft, root=root)
