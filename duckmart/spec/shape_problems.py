"""What pydantic refuses about a spec's shape, in our words: what is wrong, and what to write instead."""

from typing import Any

from pydantic import ValidationError as ShapeError

from duckmart.errors import Key, Problem, did_you_mean, phrase
from duckmart.spec import windows
from duckmart.spec.json_text import Json
from duckmart.spec.nodes import Node
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS, Operator
from duckmart.spec.paths import PROBLEMS_PER_LIST, Path, dotted
from duckmart.spec.segment import (
    CHILD_KEYS,
    EventFilter,
    PropertyFilter,
    Sample,
    Segment,
    SegmentFilter,
    SequenceFilter,
    Step,
    Than,
    TimeRange,
)
from duckmart.spec.shapes import SHAPE_TAGS
from duckmart.spec.values import LONGEST_NAME, quote

# The models of other keys, to name the keys that such an object may have.
_PART_KEYS: dict[str, type[Node]] = {
    "where": PropertyFilter,
    "steps": Step,
    windows.TIME_RANGE: TimeRange,
    "sample": Sample,
    "than": Than,
}


def shape_problems(error: ShapeError) -> list[Problem]:
    """Every problem of shape, with at most `PROBLEMS_PER_LIST` of them in one list."""
    problems: list[Problem] = []
    per_list: dict[str, int] = {}
    for detail in error.errors(include_url=False):
        path = tuple(_shorten(step) for step in detail["loc"] if step not in SHAPE_TAGS)
        if detail["type"] == "too_short" and detail["input"]:
            continue  # every value of the list is wrong and reported: the list is not also empty
        parent = dotted(path[:-1])
        per_list[parent] = per_list.get(parent, 0) + 1
        if per_list[parent] > PROBLEMS_PER_LIST:
            continue
        problems.append(_problem(path, detail))
    return problems


def _shorten(step: str | int) -> str | int:
    """A step of a path; a key far longer than any that exists is cut."""
    return f"{step[:LONGEST_NAME]}..." if isinstance(step, str) and len(step) > LONGEST_NAME else step


def _problem(path: Path, detail: Any) -> Problem:
    """One of pydantic's errors in our words."""
    place, code, value = dotted(path), detail["type"], detail["input"]
    context = detail.get("ctx", {})
    match code:
        case "missing":
            return Problem(place, "missing", "is required", phrase("add {key!r}", key=Key(str(path[-1]))))
        case "extra_forbidden":
            fields = _node_at(path[:-1]).model_fields
            keys = [field.alias or name for name, field in fields.items()]
            hint = did_you_mean(str(path[-1]), keys) or f"known keys: {', '.join(keys)}"
            return Problem(place, "unknown_key", phrase("unknown key {key}", key=quote(path[-1])), hint)
        case "enum" | "literal_error":
            return _not_one_of(path, value)
        case "tuple_type" | "list_type":
            return Problem(place, "wrong_type", f"{quote(value)} is not a list", "write a list: [ ... ]")
        case "too_short":
            return Problem(
                place, "empty", "is an empty list", "write at least one value, or remove the condition"
            )
        case "model_type" | "model_attributes_type" | "dict_type":
            return Problem(
                place, "wrong_type", f"{quote(value)} is not an object", "write an object: { ... }"
            )
        case _:
            return Problem(place, code, context.get("message", detail["msg"]), context.get("hint", ""))


def _not_one_of(path: Path, value: Json) -> Problem:
    """A word that is not among those allowed at its place."""
    place = dotted(path)
    if path[-1] == "logic_operator":
        message = phrase("{value} is not AND, OR or AT_LEAST", value=quote(value))
        return Problem(place, "wrong_value", message, 'write "AND", "OR" or "AT_LEAST"')
    operators = _known_operators(path)
    hint = did_you_mean(value, operators) if isinstance(value, str) else ""
    return Problem(
        place,
        "unknown_operator",
        f"unknown operator {quote(value)}",
        hint or f"one of: {', '.join(operators)}",
    )


def _known_operators(path: Path) -> list[str]:
    match _node_at(path):
        case node if node is SequenceFilter:
            return ["did", "did_not"]
        case node if node is SegmentFilter:
            return [Operator.IN, Operator.NOT_IN]
        case node if node is EventFilter:
            return [*COUNT_OPERATORS]
        case _:
            return [*USER_OPERATORS]


def _node_at(path: Path) -> type[Node]:
    """The model that a path leads to."""
    # The last key that has a model: after it come only positions and keys of that model.
    models = CHILD_KEYS | _PART_KEYS
    steps = [step for step in path if isinstance(step, str) and step in models]
    return models[steps[-1]] if steps else Segment
