"""A spec while it is being built: rows with stable ids, some of them unfinished, and pure edits of them.

Segment -> opened -> Draft -> add, say, move, ... -> Draft -> built -> spec JSON

A row says what its condition says in the JSON, with None where something is still to be said. So whatever the
language knows can be a row, and comes back as it was. While something is missing, a row also keeps what it
said when it was last complete, and that counts: an edit that is half done changes no audience.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, assert_never

from duckmart.spec import windows
from duckmart.spec.json_text import Json
from duckmart.spec.kinds import Kind
from duckmart.spec.measures import MEASURES, Gives
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS, Operator, Takes
from duckmart.spec.paths import Path
from duckmart.spec.segment import CHILD_KEYS, Group, Segment

Said = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A condition; `key` is the spec's list that it belongs to. A muted one is kept, but not counted.

    `last` is what an unfinished row said when it was last complete; None for rows that are or never were.
    """

    id: str
    key: str
    said: Said
    muted: bool = False
    last: Said | None = None

    @property
    def complete(self) -> Said | None:
        """The condition that counts while the row is not muted; None if it was never complete."""
        return self.last if _has_hole(self.said) else self.said


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Rows joined by all, any or at least some; its children stand in the order of the spec."""

    id: str
    children: "tuple[Row, ...]" = ()
    logic_operator: Literal["AND", "OR", "AT_LEAST"] = "AND"
    at_least: int | None = None
    negate: bool = False
    muted: bool = False

    @property
    def key(self) -> str:
        return "groups"


Row = ConditionRow | GroupRow

ROOT = "root"
DELIVERY = ("limit", "as_of", "timezone", "sample")
_ORDER = list(CHILD_KEYS)


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment being built; `delivery` holds what the spec says beside its conditions, `made` counts ids."""

    root: GroupRow = GroupRow(ROOT)
    delivery: Said = field(default_factory=dict)
    made: int = 0


@dataclass(frozen=True, slots=True)
class Built:
    """What of a draft can run: the spec, where each row went in it, the unfinished and the muted rows.

    `waits` if nothing can be counted before a row is finished: the spec alone would be everyone.
    """

    spec: dict[str, Json]
    rows: Mapping[Path, str]
    unfinished: tuple[str, ...]
    muted: tuple[str, ...]
    waits: bool = False

    def path(self, row: str) -> Path | None:
        """Where a row went in the spec; None for one that is not in it."""
        return next((path for path, found in self.rows.items() if found == row), None)


# What an empty row says.
BLANK: dict[str, Said] = {
    "user_filters": {"field": None, "operator": "in", "value": None},
    "event_filters": {"event_name": None, "operator": "gte", "count": 1},
    "sequence_filters": {"steps": ({"event_name": None}, {"event_name": None}), "within_days": 7},
    "segment_filters": {"segment": None, "operator": "in"},
}
BLANK_PROPERTY: Said = {"field": None, "operator": "in", "value": None}
BLANK_STEP: Said = {"event_name": None}


def opened(segment: Segment) -> Draft:
    """A segment as rows."""
    ids = (f"n{number}" for number in range(1, 1_000_000))
    root = replace(_group_row(segment, ids), id=ROOT)
    given = segment.as_dict()
    delivery: dict[str, Json] = {key: given[key] for key in DELIVERY if key in given}
    return Draft(root, delivery, made=sum(1 for _ in rows(root)) + 1)


def built(draft: Draft) -> Built:
    """The spec of the rows that count; an unfinished row counts as it was when it was last complete."""
    places: dict[Path, str] = {}
    spec = _spec(draft.root, (), places)
    unfinished = tuple(row.id for row in _heard(draft.root) if not is_finished(row))
    muted = tuple(row.id for row in rows(draft.root) if row.muted)
    waits = bool(unfinished) and not _counts(draft.root)
    return Built({**spec, **draft.delivery}, places, unfinished, muted, waits)


def as_dict(draft: Draft) -> dict[str, Json]:
    """The whole draft as plain JSON values, unfinished and muted rows included."""
    return {"root": _kept(draft.root), "delivery": _plain(draft.delivery), "made": draft.made}


def restored(raw: Json) -> Draft:
    """The draft that `as_dict` wrote. Raises `ValueError` for anything else."""
    try:
        root = _brought_back(raw["root"])
        return Draft(_group(root), _frozen(raw["delivery"]), int(raw["made"]))
    except (KeyError, TypeError, AttributeError, AssertionError) as error:
        raise ValueError("not a draft") from error


def rows(group: GroupRow) -> Iterator[Row]:
    """Every row below a group, parents first."""
    for child in group.children:
        yield child
        if isinstance(child, GroupRow):
            yield from rows(child)


def numbers(group: GroupRow, above: str = "") -> dict[str, str]:
    """What people call each row below a group, by its id: 1, 2, 2.1."""
    found: dict[str, str] = {}
    for position, child in enumerate(group.children, 1):
        found[child.id] = number = f"{above}.{position}".lstrip(".")
        if isinstance(child, GroupRow):
            found |= numbers(child, number)
    return found


def find(draft: Draft, row: str) -> Row | None:
    """The row of an id, the root included; None if it is gone."""
    return next((found for found in (draft.root, *rows(draft.root)) if found.id == row), None)


def at_least(group: GroupRow) -> int | None:
    """How many of the rows have to hold: where all n of n had to and some are muted, all the others.

    A number beyond the group's rows stays, for the check to name.
    """
    if group.at_least is None or group.at_least > len(group.children):
        return group.at_least
    return max(min(group.at_least, sum(_counts(row) or _waits(row) for row in group.children)), 1)


def is_finished(row: Row) -> bool:
    """Whether everything is said that the condition needs; of a group, whether there is anything in it."""
    match row:
        case ConditionRow():
            return not _has_hole(row.said)
        case GroupRow():
            return bool(row.children)
        case _:
            assert_never(row)


def add(draft: Draft, group: str, key: str, said: Said | None = None) -> Draft:
    """A row at the end of its kind in a group: an empty one, or one that says something already."""
    made = replace(draft, made=draft.made + 1)
    row_id = f"n{made.made}"
    if key == "groups":
        return _insert(made, group, GroupRow(row_id))
    return _insert(made, group, ConditionRow(row_id, key, BLANK[key] if said is None else said))


def remove(draft: Draft, row: str) -> Draft:
    """The draft without a row; a group that asked for all n of its rows asks for all that are left."""
    parent = parent_of(draft, row)
    removed = _edited(draft, row, lambda _: ())
    if parent is None or parent.at_least is None:
        return removed
    fewer = max(min(parent.at_least, len(parent.children) - 1), 1)
    return change_group(removed, parent.id, at_least=fewer)


def duplicate(draft: Draft, row: str) -> Draft:
    """The same row again, right below it, with ids of its own."""
    found = find(draft, row)
    if found is None or row == ROOT:
        return draft
    ids = iter(range(draft.made + 1, draft.made + 1_000_000))
    again = _renamed(found, (f"n{number}" for number in ids))
    return replace(_edited(draft, row, lambda one: (one, again)), made=next(ids) - 1)


def mute(draft: Draft, row: str, *, muted: bool) -> Draft:
    """A row that is kept, but left out of the spec; or one that counts again."""
    return _edited(draft, row, lambda found: (replace(found, muted=muted),))


def shift(draft: Draft, row: str, by: int) -> Draft:
    """A row moved up (-1) or down (1) among its kind in its group; at the end it stays."""

    def moved(group: GroupRow) -> GroupRow:
        children = list(group.children)
        here = next(place for place, child in enumerate(children) if child.id == row)
        there = here + by
        if 0 <= there < len(children) and children[there].key == children[here].key:
            children[here], children[there] = children[there], children[here]
        return replace(group, children=tuple(children))

    parent = parent_of(draft, row)
    return draft if parent is None else _edited(draft, parent.id, lambda found: (moved(_group(found)),))


def move(draft: Draft, row: str, group: str) -> Draft:
    """A row at the end of its kind in another group; a group never goes into itself."""
    found, target = find(draft, row), find(draft, group)
    if found is None or target is None or row == ROOT:
        return draft
    if target == found or (isinstance(found, GroupRow) and target in rows(found)):
        return draft
    return _insert(remove(draft, row), group, found)


def parent_of(draft: Draft, row: str) -> GroupRow | None:
    """The group that a row is in; None for the root and for rows that are gone."""
    groups = (draft.root, *(found for found in rows(draft.root) if isinstance(found, GroupRow)))
    return next((group for group in groups if any(child.id == row for child in group.children)), None)


def change_group(draft: Draft, group: str, **changes: Any) -> Draft:
    """A group with some of its parts replaced."""
    return _edited(draft, group, lambda found: (replace(found, **changes),))


def change_joiner(draft: Draft, group: str, joiner: str) -> Draft:
    """A group that asks for all, any, or at least one of its conditions."""
    return change_group(draft, group, logic_operator=joiner, at_least=1 if joiner == "AT_LEAST" else None)


def deliver(draft: Draft, key: str, value: Json | None) -> Draft:
    """What the spec says beside its conditions; None takes it out."""
    return replace(draft, delivery=with_key(draft.delivery, key, value))


def say(draft: Draft, row: str, path: Path, value: Json) -> Draft:
    """A condition with one of its parts replaced; `path` leads to it: `("where", 0, "value")`."""
    return change(draft, row, path[:-1], lambda part: _with(part, path[-1], value))


def unsay(draft: Draft, row: str, path: Path) -> Draft:
    """A condition without one of its parts; a list that becomes empty goes with its last element."""

    def without(part: Json) -> Json:
        if isinstance(part, Mapping):
            return {key: said for key, said in part.items() if key != path[-1]}
        return tuple(said for place, said in enumerate(part) if place != path[-1])

    found = find(draft, row)
    if isinstance(found, ConditionRow) and len(path) > 1 and len(_at(found.said, path[:-1])) == 1:
        return unsay(draft, row, path[:-1])
    return change(draft, row, path[:-1], without)


def append(draft: Draft, row: str, path: Path, value: Json) -> Draft:
    """A condition with one element more in one of its lists, which is made if it is not there."""
    return change(draft, row, path[:-1], lambda part: _with(part, path[-1], (*part.get(path[-1], ()), value)))


def change(draft: Draft, row: str, path: Path, edit: Callable[[Json], Json]) -> Draft:
    """A condition with the part at `path` replaced by what `edit` makes of it."""

    def changed(found: Row) -> tuple[Row, ...]:
        assert isinstance(found, ConditionRow)  # noqa: S101 - groups say nothing
        return (_retold(found, _replaced(found.said, path, edit)),)

    return _edited(draft, row, changed)


def change_counted(draft: Draft, row: str, path: Path, edit: Callable[[Json], Json]) -> Draft:
    """The condition that counts with the part at `path` replaced.

    What an unfinished row says changes with it where it says the same there; the rest of it stays.
    """

    def changed(found: Row) -> tuple[Row, ...]:
        assert isinstance(found, ConditionRow)  # noqa: S101 - groups say nothing
        if found.last is None:
            return (_retold(found, _replaced(found.said, path, edit)),)
        said = found.said
        if _part(said, path) == _at(found.last, path):
            said = _replaced(said, path, edit)
        return (replace(found, said=said, last=_replaced(found.last, path, edit)),)

    return _edited(draft, row, changed)


def with_key(said: Said, key: str, value: Json | None) -> Said:
    """What is said with a key that may be left out; None leaves it out."""
    if value is None:
        return {name: part for name, part in said.items() if name != key}
    return {**said, key: value}


def with_field(said: Said, name: str | None, kind: Kind | None) -> Said:
    """A filter about another column; an operator that does not suit it becomes one that does."""
    if name is None or kind is None:
        return {**said, "field": None, "value": None}
    suited = said["field"] is not None and kind in USER_OPERATORS[Operator(said["operator"])].kinds
    operator = said["operator"] if suited else kind.operator
    return with_operator({"field": name, "operator": operator, "value": None}, operator)


def with_operator(said: Said, operator: str) -> Said:
    """A comparison by another operator; one value becomes a list of one, a list its first value.

    A value that the operator cannot take is gone: a number of days is no date.
    """
    before = USER_OPERATORS[Operator(said["operator"])].takes
    after = USER_OPERATORS[Operator(operator)].takes
    others = {key: part for key, part in said.items() if key not in ("value", "case_sensitive")}
    made = {**others, "operator": operator}
    if after is Takes.NOTHING:
        return made
    if after is before is Takes.FRAGMENT and "case_sensitive" in said:
        made["case_sensitive"] = said["case_sensitive"]
    value = said.get("value") if before is after or {before, after} <= _VALUES else None
    return {**made, "value": _shaped(value, after)}


def with_count_operator(said: Said, operator: str) -> Said:
    """An event filter by another operator; a bound is kept as far as it fits."""
    key = "count" if "count" in said else "value"
    return {**said, "operator": operator, key: _shaped(said[key], COUNT_OPERATORS[Operator(operator)].takes)}


def with_measure(said: Said, measure: str, of: str | None, kind: Kind | None) -> Said:
    """An event filter about another measure, of the property `of` where it needs one."""
    row = MEASURES[measure]
    before, _ = measure_of(said)
    others = {key: part for key, part in said.items() if key not in _COMPARED}
    if row.gives is Gives.AGE:
        others = {key: part for key, part in others.items() if key not in windows.KEYS}
    operators = row.operators
    operator = said["operator"] if said["operator"] in operators else str(Operator.GTE)
    suited = kind is None or kind in operators[Operator(operator)].kinds
    if kind is not None and (not suited or measure != before):
        operator = kind.operator if operators is USER_OPERATORS else str(Operator.GTE)
    takes = operators[Operator(operator)].takes
    made = {**others, "operator": operator}
    if row.is_plain_count:
        return {**made, row.key: _shaped(1, takes)}
    made["measure"] = {str(measure): of} if row.kinds else str(measure)
    return made if takes is Takes.NOTHING else {**made, "value": _shaped(None, takes)}


def measure_of(said: Said) -> tuple[str, str | None]:
    """What an event filter measures, and of which property; None: of none, or of one still to be chosen."""
    measure = said.get("measure", "count")
    if isinstance(measure, str):
        return measure, None
    ((name, of),) = measure.items()
    return name, of


def with_window(said: Said, window: Said) -> Said:
    """A condition in another window, said with the keys of `windows.KEYS`; with none in all history."""
    return {**{key: part for key, part in said.items() if key not in windows.KEYS}, **window}


_COMPARED = ("measure", "count", "value", "operator", "case_sensitive")

# What takes values of the attribute itself, or parts of them.
_VALUES = {Takes.ONE, Takes.PAIR, Takes.LIST, Takes.PATTERN, Takes.FRAGMENT}


def _shaped(value: Json, takes: Takes) -> Json:
    """A value as an operator takes it: one, a list, or two bounds; what is missing is a hole."""
    cells = value if isinstance(value, list | tuple) else (value,)
    if takes is Takes.LIST:
        return tuple(cell for cell in cells if cell is not None) or None
    if takes is Takes.PAIR:
        return (cells[0] if cells else None, cells[1] if len(cells) > 1 else None)
    return cells[0] if cells else None


def _has_hole(said: Json) -> bool:
    match said:
        case None | "" | ():
            return True
        case Mapping():
            return not said or any(map(_has_hole, said.values()))
        case list() | tuple():
            return any(map(_has_hole, said))
        case _:
            return False


def _retold(row: ConditionRow, said: Said) -> ConditionRow:
    """A row that says something else; if something is missing now, it keeps what it said before."""
    return replace(row, said=said, last=row.complete if _has_hole(said) else None)


def _counts(row: Row) -> bool:
    """Whether a row is part of the spec; "at least 2" waits for unfinished rows while one is complete."""
    if row.muted:
        return False
    if isinstance(row, ConditionRow):
        return row.complete is not None
    counting = sum(map(_counts, row.children))
    return counting > 0 and not (counting < (row.at_least or 0) and any(map(_waits, row.children)))


def _waits(row: Row) -> bool:
    """Whether a row is no part of the spec because something in it is unfinished."""
    if row.muted or _counts(row):
        return False
    return not is_finished(row) or (isinstance(row, GroupRow) and any(map(_waits, row.children)))


def _heard(group: GroupRow) -> Iterator[Row]:
    """Every row below a group that is not muted, nor in a group that is."""
    for child in group.children:
        if child.muted:
            continue
        yield child
        if isinstance(child, GroupRow):
            yield from _heard(child)


def _group_row(group: Group, ids: Iterator[str]) -> GroupRow:
    made = next(ids)
    children = tuple(
        _group_row(child, ids)
        if isinstance(child, Group)
        else ConditionRow(next(ids), str(path[0]), child.model_dump(exclude_defaults=True))
        for path, child in group.children_with_paths()
    )
    return GroupRow(made, children, group.logic_operator, group.at_least, group.negate)


def _spec(group: GroupRow, path: Path, places: dict[Path, str]) -> dict[str, Json]:
    spec: dict[str, Any] = {}
    for row in filter(_counts, group.children):
        siblings = spec.setdefault(row.key, [])
        here = (*path, row.key, len(siblings))
        places[here] = row.id
        siblings.append(_spec(row, here, places) if isinstance(row, GroupRow) else _plain(row.complete))
    spec |= _joiner(group)
    if group.negate:
        spec["negate"] = True
    return spec


def _joiner(group: GroupRow) -> dict[str, Json]:
    """How the rows that count are joined; without any, at least some of them cannot be asked for."""
    if group.logic_operator == "AND":
        return {}
    if group.logic_operator == "AT_LEAST" and not any(map(_counts, group.children)):
        return {}
    wanted = {} if group.at_least is None else {"at_least": at_least(group)}
    return {"logic_operator": group.logic_operator, **wanted}


def _plain(said: Json) -> Json:
    """What a row says as the spec's JSON has it, where lists are lists."""
    match said:
        case Mapping():
            return {key: _plain(part) for key, part in said.items()}
        case list() | tuple():
            return [_plain(part) for part in said]
        case _:
            return said


def _frozen(said: Json) -> Json:
    """Plain JSON values as rows hold them, where lists are tuples."""
    match said:
        case Mapping():
            return {str(key): _frozen(part) for key, part in said.items()}
        case list() | tuple():
            return tuple(map(_frozen, said))
        case _:
            return said


def _kept(row: Row) -> dict[str, Json]:
    made: dict[str, Json] = {"id": row.id, "muted": row.muted}
    if isinstance(row, ConditionRow):
        last = {} if row.last is None else {"last": _plain(row.last)}
        return {**made, "key": row.key, "said": _plain(row.said), **last}
    group = {"logic_operator": row.logic_operator, "at_least": row.at_least, "negate": row.negate}
    return {**made, **group, "children": [_kept(child) for child in row.children]}


def _brought_back(raw: Json) -> Row:
    if "children" not in raw:
        if raw["key"] not in BLANK:
            raise KeyError(raw["key"])
        last = {**_frozen(raw["last"])} if "last" in raw else None
        return ConditionRow(str(raw["id"]), raw["key"], {**_frozen(raw["said"])}, bool(raw["muted"]), last)
    children = tuple(map(_brought_back, raw["children"]))
    joined = {key: raw[key] for key in ("logic_operator", "at_least", "negate", "muted")}
    return GroupRow(str(raw["id"]), children, **joined)


def _insert(draft: Draft, group: str, row: Row) -> Draft:
    """`row` after the last of its kind: rows on screen keep the order of the spec."""

    def inserted(found: Row) -> tuple[Row, ...]:
        children = (*_group(found).children, row)
        return (replace(_group(found), children=tuple(sorted(children, key=_place))),)

    return _edited(draft, group, inserted)


def _place(row: Row) -> int:
    return _ORDER.index(row.key)


def _group(row: Row) -> GroupRow:
    assert isinstance(row, GroupRow)  # noqa: S101 - rows are in groups
    return row


def _renamed(row: Row, ids: Iterator[str]) -> Row:
    made = next(ids)
    if isinstance(row, ConditionRow):
        return replace(row, id=made)
    return replace(row, id=made, children=tuple(_renamed(child, ids) for child in row.children))


def _edited(draft: Draft, row: str, edit: Callable[[Row], tuple[Row, ...]]) -> Draft:
    """The draft with one row replaced by what `edit` makes of it; a row that is gone changes nothing."""

    def walk(found: Row) -> tuple[Row, ...]:
        if found.id == row:
            return edit(found)
        if isinstance(found, GroupRow):
            return (replace(found, children=tuple(made for child in found.children for made in walk(child))),)
        return (found,)

    (root,) = walk(draft.root) or (GroupRow(ROOT),)
    return replace(draft, root=_group(root))


def _at(said: Json, path: Path) -> Json:
    for step in path:
        said = said[step]
    return said


def _part(said: Json, path: Path) -> Json | None:
    """The part at `path`; None where there is none."""
    try:
        return _at(said, path)
    except (KeyError, IndexError, TypeError):
        return None


def _replaced(said: Json, path: Path, edit: Callable[[Json], Json]) -> Json:
    if not path:
        return edit(said)
    return _with(said, path[0], _replaced(said[path[0]], path[1:], edit))


def _with(part: Json, step: str | int, value: Json) -> Json:
    """A mapping or a list with one of its elements replaced."""
    if isinstance(part, Mapping):
        return {**part, step: value}
    return tuple(value if place == step else said for place, said in enumerate(part))
