"""Pure edits of a draft: each takes a draft and returns one. Editing a row that is gone changes nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from duckmart.spec.condition_json import with_key
from duckmart.spec.draft import BLANK, ROOT, ConditionRow, Draft, GroupRow, Row, has_gap
from duckmart.spec.json_text import Json, JsonObject
from duckmart.spec.paths import Path
from duckmart.spec.segment import CHILD_KEYS

_ORDER = list(CHILD_KEYS)


def add(draft: Draft, group: str, key: str, condition: JsonObject | None = None) -> Draft:
    """A new row at the end of its kind in a group: a blank one unless its condition is given."""
    draft = replace(draft, id_count=draft.id_count + 1)
    row_id = f"n{draft.id_count}"
    if key == "groups":
        return _insert(draft, group, GroupRow(row_id))
    return _insert(draft, group, ConditionRow(row_id, key, BLANK[key] if condition is None else condition))


def remove(draft: Draft, row: str) -> Draft:
    """The draft without a row; a group that asked for all n of its rows asks for all that are left."""
    parent = draft.parent_of(row)
    smaller = _edit(draft, row, lambda _: ())
    if parent is None or parent.at_least is None:
        return smaller
    fewer = max(min(parent.at_least, len(parent.children) - 1), 1)
    return change_group(smaller, parent.id, at_least=fewer)


def duplicate(draft: Draft, row: str) -> Draft:
    """The same row again, right below it, with ids of its own."""
    original = draft.find(row)
    if original is None or row == ROOT:
        return draft
    # The rows below it get ids too; their number is known only once they have them.
    numbers = iter(range(draft.id_count + 1, draft.id_count + 1_000_000))
    copy = _with_ids(original, (f"n{number}" for number in numbers))
    return replace(_edit(draft, row, lambda _: (original, copy)), id_count=next(numbers) - 1)


def mute(draft: Draft, row: str, *, muted: bool) -> Draft:
    """A row that stays, but is left out of the spec; or one that counts again."""
    return _edit(draft, row, lambda target: (replace(target, muted=muted),))


def shift(draft: Draft, row: str, by: int) -> Draft:
    """A row moved up (-1) or down (1) among its kind in its group; at the end it stays."""
    parent = draft.parent_of(row)
    if parent is None:
        return draft
    children = list(parent.children)
    here = next(place for place, child in enumerate(children) if child.id == row)
    there = here + by
    if 0 <= there < len(children) and children[there].key == children[here].key:
        children[here], children[there] = children[there], children[here]
    return change_group(draft, parent.id, children=tuple(children))


def move(draft: Draft, row: str, group: str) -> Draft:
    """A row at the end of its kind in another group; a group never goes into itself."""
    source, target = draft.find(row), draft.find(group)
    if source is None or target is None or row == ROOT:
        return draft
    if target == source or (isinstance(source, GroupRow) and target in source.rows()):
        return draft
    return _insert(remove(draft, row), group, source)


def change_group(draft: Draft, group: str, **changes: Any) -> Draft:
    """A group with some of its fields replaced."""
    return _edit(draft, group, lambda target: (replace(target, **changes),))


def change_joiner(draft: Draft, group: str, joiner: str) -> Draft:
    """A group that asks for all, any, or at least one of its conditions."""
    return change_group(draft, group, logic_operator=joiner, at_least=1 if joiner == "AT_LEAST" else None)


def deliver(draft: Draft, key: str, value: Json | None) -> Draft:
    """One of the spec's keys beside its conditions; None takes it out."""
    return replace(draft, delivery=with_key(draft.delivery, key, value))


def set_value(draft: Draft, row: str, path: Path, value: Json) -> Draft:
    """A condition with one of its parts replaced; `path` leads to it: `("where", 0, "value")`."""
    return change(draft, row, path[:-1], lambda part: _with_part(part, path[-1], value))


def remove_value(draft: Draft, row: str, path: Path) -> Draft:
    """A condition without one of its parts; a list that becomes empty is removed with its last element."""

    def without(part: Json) -> Json:
        if isinstance(part, Mapping):
            return {key: cell for key, cell in part.items() if key != path[-1]}
        return tuple(cell for place, cell in enumerate(part) if place != path[-1])

    target = draft.find(row)
    # Without its last property a condition has no `where`, just as before its first one.
    if isinstance(target, ConditionRow) and len(path) > 1 and len(_at(target.condition, path[:-1])) == 1:
        return remove_value(draft, row, path[:-1])
    return change(draft, row, path[:-1], without)


def append(draft: Draft, row: str, path: Path, value: Json) -> Draft:
    """A condition with one more element in one of its lists; a missing list begins with it."""
    return change(
        draft, row, path[:-1], lambda part: _with_part(part, path[-1], (*part.get(path[-1], ()), value))
    )


def change(draft: Draft, row: str, path: Path, edit: Callable[[Json], Json]) -> Draft:
    """A condition with the part at `path` replaced by what `edit` returns for it."""

    def edit_row(target: Row) -> tuple[Row, ...]:
        assert isinstance(target, ConditionRow)  # noqa: S101 - groups have no condition
        return (_with_condition(target, _replace(target.condition, path, edit)),)

    return _edit(draft, row, edit_row)


def change_complete(draft: Draft, row: str, path: Path, edit: Callable[[Json], Json]) -> Draft:
    """The condition that counts with the part at `path` replaced.

    An incomplete condition changes too if it has the same part there; the rest of it stays.
    """

    def edit_row(target: Row) -> tuple[Row, ...]:
        assert isinstance(target, ConditionRow)  # noqa: S101 - groups have no condition
        condition = target.condition
        if target.last is None:
            return (_with_condition(target, _replace(condition, path, edit)),)
        if _find_part(condition, path) == _at(target.last, path):
            condition = _replace(condition, path, edit)
        return (replace(target, condition=condition, last=_replace(target.last, path, edit)),)

    return _edit(draft, row, edit_row)


def _with_condition(row: ConditionRow, condition: JsonObject) -> ConditionRow:
    """A row with another condition; if that is incomplete, the row keeps its last complete one."""
    return replace(row, condition=condition, last=row.complete if has_gap(condition) else None)


def _insert(draft: Draft, group: str, row: Row) -> Draft:
    """`row` after the last of its kind: rows on screen keep the order of the spec."""

    def inserted(target: Row) -> tuple[Row, ...]:
        children = (*_group(target).children, row)
        in_order = tuple(sorted(children, key=lambda child: _ORDER.index(child.key)))
        return (replace(_group(target), children=in_order),)

    return _edit(draft, group, inserted)


def _group(row: Row) -> GroupRow:
    assert isinstance(row, GroupRow)  # noqa: S101 - rows are in groups
    return row


def _with_ids(row: Row, ids: Iterator[str]) -> Row:
    """A row and all rows below it with other ids."""
    row_id = next(ids)
    if isinstance(row, ConditionRow):
        return replace(row, id=row_id)
    return replace(row, id=row_id, children=tuple(_with_ids(child, ids) for child in row.children))


def _edit(draft: Draft, row: str, edit: Callable[[Row], tuple[Row, ...]]) -> Draft:
    """The draft with one row replaced by the rows that `edit` returns for it."""

    def walk(node: Row) -> tuple[Row, ...]:
        if node.id == row:
            return edit(node)
        if isinstance(node, GroupRow):
            return (replace(node, children=tuple(below for child in node.children for below in walk(child))),)
        return (node,)

    (root,) = walk(draft.root) or (GroupRow(ROOT),)
    return replace(draft, root=_group(root))


def _at(condition: Json, path: Path) -> Json:
    for step in path:
        condition = condition[step]
    return condition


def _find_part(condition: Json, path: Path) -> Json | None:
    """The part at `path`; None where there is none."""
    try:
        return _at(condition, path)
    except (KeyError, IndexError, TypeError):
        return None


def _replace(condition: Json, path: Path, edit: Callable[[Json], Json]) -> Json:
    if not path:
        return edit(condition)
    return _with_part(condition, path[0], _replace(condition[path[0]], path[1:], edit))


def _with_part(part: Json, step: str | int, value: Json) -> Json:
    """A mapping or a list with one of its elements replaced."""
    if isinstance(part, Mapping):
        return {**part, step: value}
    return tuple(value if place == step else cell for place, cell in enumerate(part))
