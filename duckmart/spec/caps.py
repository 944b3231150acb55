"""Caps on a spec's size, measured before it is parsed: parsing a huge spec would already exhaust memory."""

from collections.abc import Iterator
from itertools import islice

from duckmart.errors import Problem
from duckmart.settings import Settings
from duckmart.spec.json_text import Json
from duckmart.spec.paths import Path, dotted
from duckmart.spec.segment import CHILD_KEYS

# Python objects that contain themselves would never end, and counting millions of groups takes seconds.
_MAX_GROUPS = 200_000


def over_caps(raw: Json, settings: Settings) -> list[Problem]:
    """One problem per cap that the raw JSON is over."""
    depth = groups = conditions = values = 0
    deepest: Path = ()
    for level, path, group in islice(_groups(raw, 2 * settings.max_depth), _MAX_GROUPS + 1):
        groups += 1
        if level > depth and isinstance(group, dict):
            depth, deepest = level, path
        for rows in _condition_lists(group):
            # Rows that are no objects count too: each would become a problem of its own.
            conditions += len(rows)
            values += sum(map(_value_count, _objects(rows)))
    # A group is of use only around a condition.
    max_groups = settings.max_depth * settings.max_conditions
    sizes = (
        (deepest, "too_deep", "groups nest {} deep", depth, settings.max_depth),
        ((), "too_many_conditions", "the spec holds {} conditions", conditions, settings.max_conditions),
        ((), "too_many_groups", "the spec holds {} groups", groups, max_groups),
        ((), "too_many_values", "the spec's lists hold {} values", values, settings.max_list_values),
    )
    return [
        Problem(dotted(path), code, words.format(f"{size:,}"), f"at most {most:,} are allowed")
        for path, code, words, size, most in sizes
        if size > most
    ]


def _groups(raw: Json, longest_path: int) -> Iterator[tuple[int, Path, Json]]:
    """Every group with its depth and its path, cut short: paths of deep nesting fill the memory.

    A stack of its own, because nesting can be deeper than Python's recursion limit.
    """
    stack: list[tuple[int, Path, Json]] = [(1, (), raw)]
    while stack:
        level, path, group = stack.pop()
        yield level, path, group
        rows = _rows(group, "groups")[: _MAX_GROUPS + 1]
        stack += [(level + 1, (*path, "groups", place)[:longest_path], row) for place, row in enumerate(rows)]


def _condition_lists(group: Json) -> Iterator[list[Json]]:
    """The lists of conditions right in a group, and those of steps and properties within the conditions."""
    for key in CHILD_KEYS:
        if key == "groups":
            continue
        rows = _rows(group, key)
        yield rows
        for row in _objects(rows):
            steps = _rows(row, "steps")
            yield _rows(row, "where")
            yield _rows(row.get("than"), "where")
            yield steps
            for step in _objects(steps):
                yield _rows(step, "where")


def _value_count(row: dict[str, Json]) -> int:
    """How many values the lists of a condition hold."""
    lists = (cell for key, cell in row.items() if isinstance(cell, list) and key not in ("where", "steps"))
    than = row.get("than")
    return sum(map(len, lists)) + (_value_count(than) if isinstance(than, dict) else 0)


def _objects(rows: list[Json]) -> list[dict[str, Json]]:
    return [row for row in rows if isinstance(row, dict)]


def _rows(row: Json, key: str) -> list[Json]:
    rows = row.get(key) if isinstance(row, dict) else None
    return rows if isinstance(rows, list) else []
