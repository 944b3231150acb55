"""Drafts from and to JSON: opened from a segment, built into a spec, and stored with all their rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from duckmart.spec.draft import BLANK, ROOT, ConditionRow, Draft, GroupRow, Row
from duckmart.spec.json_text import Json, JsonObject
from duckmart.spec.paths import Path
from duckmart.spec.segment import Group, Segment

# The spec's keys beside its conditions.
DELIVERY = ("limit", "as_of", "timezone", "sample")


@dataclass(frozen=True, slots=True)
class DraftSpec:
    """The part of a draft that can run: its spec, and the id of the row at each path of the spec.

    `incomplete` and `muted` are ids of rows. `waits` if nothing can run before a row is completed: the spec
    alone would be everyone.
    """

    spec: dict[str, Json]
    rows: Mapping[Path, str]
    incomplete: tuple[str, ...]
    muted: tuple[str, ...]
    waits: bool = False

    def path(self, row_id: str) -> Path | None:
        """The path of a row in the spec; None for one that is not in it."""
        return next((path for path, there in self.rows.items() if there == row_id), None)


def draft_of(segment: Segment) -> Draft:
    """A segment as rows."""
    ids = (f"n{number}" for number in range(1, 1_000_000))
    root = replace(_group_row(segment, ids), id=ROOT)
    spec = segment.as_dict()
    delivery: dict[str, Json] = {key: spec[key] for key in DELIVERY if key in spec}
    return Draft(root, delivery, id_count=sum(1 for _ in root.rows()) + 1)


def build(draft: Draft) -> DraftSpec:
    """The spec of the rows that count; an incomplete row counts with its last complete condition."""
    row_ids: dict[Path, str] = {}
    spec = _spec(draft.root, (), row_ids)
    # In a muted group nothing waits to be completed, but each muted row is still one.
    incomplete = tuple(row.id for row in draft.root.active_rows() if not row.is_complete)
    muted = tuple(row.id for row in draft.root.rows() if row.muted)
    waits = bool(incomplete) and not draft.root.counts
    return DraftSpec({**spec, **draft.delivery}, row_ids, incomplete, muted, waits)


def dump(draft: Draft) -> dict[str, Json]:
    """The whole draft as plain JSON values, incomplete and muted rows included."""
    # Stored drafts and the rows of saved segments have these keys: renaming one needs a migration.
    return {"root": _dump_row(draft.root), "delivery": _lists(draft.delivery), "made": draft.id_count}


def load(raw: Json) -> Draft:
    """The draft that `dump` wrote. Raises `ValueError` for anything else."""
    try:
        return Draft(_load_group(raw["root"]), _tuples(raw["delivery"]), int(raw["made"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a draft") from error


def _group_row(group: Group, ids: Iterator[str]) -> GroupRow:
    row_id = next(ids)
    children = tuple(
        _group_row(child, ids)
        if isinstance(child, Group)
        else ConditionRow(next(ids), str(path[0]), child.model_dump(exclude_defaults=True))
        for path, child in group.children_with_paths()
    )
    return GroupRow(row_id, children, group.logic_operator, group.at_least, group.negate)


def _spec(group: GroupRow, path: Path, row_ids: dict[Path, str]) -> dict[str, Json]:
    spec: dict[str, Any] = {}
    for row in group.children:
        if not row.counts:
            continue
        siblings = spec.setdefault(row.key, [])
        here = (*path, row.key, len(siblings))
        row_ids[here] = row.id
        siblings.append(_spec(row, here, row_ids) if isinstance(row, GroupRow) else _lists(row.complete))
    spec |= _logic(group)
    if group.negate:
        spec["negate"] = True
    return spec


def _logic(group: GroupRow) -> dict[str, Json]:
    """How the rows that count are joined. AT_LEAST is left out where no row counts, as none could match."""
    if group.logic_operator == "AND":
        return {}
    if group.logic_operator == "AT_LEAST" and not any(child.counts for child in group.children):
        return {}
    at_least = {} if group.at_least is None else {"at_least": group.required}
    return {"logic_operator": group.logic_operator, **at_least}


def _lists(value: Json) -> Json:
    """A part of a row as JSON has it, with lists."""
    match value:
        case Mapping():
            return {key: _lists(part) for key, part in value.items()}
        case list() | tuple():
            return [_lists(part) for part in value]
        case _:
            return value


def _tuples(value: Json) -> Json:
    """Plain JSON values as rows hold them, with tuples: rows are compared and must not change."""
    match value:
        case Mapping():
            return {str(key): _tuples(part) for key, part in value.items()}
        case list() | tuple():
            return tuple(map(_tuples, value))
        case _:
            return value


def _dump_row(row: Row) -> dict[str, Json]:
    identity: dict[str, Json] = {"id": row.id, "muted": row.muted}
    if isinstance(row, ConditionRow):
        last = {} if row.last is None else {"last": _lists(row.last)}
        return {**identity, "key": row.key, "said": _lists(row.condition), **last}
    group = {"logic_operator": row.logic_operator, "at_least": row.at_least, "negate": row.negate}
    return {**identity, **group, "children": [_dump_row(child) for child in row.children]}


def _load_row(raw: Json) -> Row:
    return _load_group(raw) if "children" in raw else _load_condition(raw)


def _load_condition(raw: Json) -> ConditionRow:
    if raw["key"] not in BLANK:
        raise KeyError(raw["key"])
    last: JsonObject | None = {**_tuples(raw["last"])} if "last" in raw else None
    return ConditionRow(str(raw["id"]), raw["key"], {**_tuples(raw["said"])}, bool(raw["muted"]), last)


def _load_group(raw: Json) -> GroupRow:
    children = tuple(map(_load_row, raw["children"]))
    logic = {key: raw[key] for key in ("logic_operator", "at_least", "negate", "muted")}
    return GroupRow(str(raw["id"]), children, **logic)
