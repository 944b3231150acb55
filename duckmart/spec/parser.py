"""Plain JSON values to models: a whole segment, or what can be read of one with mistakes."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError as ShapeError

from duckmart.errors import SpecError, TooLarge
from duckmart.settings import Settings
from duckmart.spec.caps import over_caps
from duckmart.spec.json_text import Json
from duckmart.spec.nodes import Node
from duckmart.spec.paths import Path
from duckmart.spec.segment import CHILD_KEYS, Child, Group, Segment
from duckmart.spec.shape_problems import shape_problems


def parse(raw: Json, settings: Settings) -> Segment:
    """The segment of a spec, given as plain JSON values.

    Raises `TooLarge` for a spec over a cap, else `SpecError` with all problems of shape.
    """
    over = over_caps(raw, settings)
    if over:
        raise TooLarge(over)
    try:
        return Segment.model_validate(raw)
    except ShapeError as error:
        raise SpecError(shape_problems(error)) from None


def readable(raw: Json, path: Path = ()) -> Iterator[tuple[Path, Child]]:
    """The conditions and empty groups that are well-formed by themselves, whatever is wrong around them.

    The builder checks these, so that one mistake does not hide the problems of all other rows.
    """
    if not isinstance(raw, dict):
        return
    for key, kind in CHILD_KEYS.items():
        rows = raw.get(key)
        for position, row in enumerate(rows if isinstance(rows, list) else []):
            here = (*path, key, position)
            if kind is Group:
                yield from readable(row, here)
                if (group := _alone(Group, row)) is not None and not group.children:
                    yield here, group
            elif (condition := _alone(kind, row)) is not None:
                yield here, condition


def _alone(kind: type[Node], row: Json) -> Any:
    try:
        return kind.model_validate(row)
    except ShapeError:
        return None
