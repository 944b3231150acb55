"""The segment spec as models: what the JSON may say, every problem with its path, and the canonical form."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import simplejson
from pydantic import BaseModel, ConfigDict, Discriminator, Tag, model_validator
from pydantic import ValidationError as ShapeError

from duckmart import instants
from duckmart.errors import Problem, SpecError, TooLarge, did_you_mean
from duckmart.operators import COUNT_OPERATORS, Operator
from duckmart.settings import Settings
from duckmart.values import Count, Days, Flag, Limit, Scalar, Scalars, Text, Time, Timezone, shown

Json = Any
Path = tuple[str | int, ...]

PROBLEMS_PER_LIST = 20

# Tags of a value's two shapes; pydantic puts them into its paths, `_path` takes them out.
_ONE, _MANY = "<one>", "<many>"
Value = Annotated[
    Annotated[Scalar, Tag(_ONE)] | Annotated[Scalars, Tag(_MANY)],
    Discriminator(lambda value: _MANY if isinstance(value, list | tuple) else _ONE),
]


class Node(BaseModel):
    """A part of a spec. Unknown keys are refused; null for an optional key is the same as leaving it out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, raw: Json) -> Json:
        if not isinstance(raw, dict):
            return raw
        fields = cls.model_fields
        return {
            key: cell
            for key, cell in raw.items()
            if cell is not None or key not in fields or fields[key].is_required()
        }


class UserFilter(Node):
    """Who a user is: a column of the users table, compared."""

    field: Text
    operator: Operator
    value: Value


class EventFilter(Node):
    """What a user did: how many events of a name, in the last N days or ever, compared."""

    event_name: Text
    operator: Literal[Operator.EQ, Operator.NE, Operator.GT, Operator.GTE, Operator.LT, Operator.LTE]
    count: Count
    time_range_days: Days | None = None


class Group(Node):
    """Conditions joined by AND or OR; `negate` turns the group into everyone else."""

    user_filters: tuple[UserFilter, ...] = ()
    event_filters: tuple[EventFilter, ...] = ()
    groups: tuple[Group, ...] = ()
    logic_operator: Literal["AND", "OR"] = "AND"
    negate: Flag = False

    @property
    def children(self) -> tuple[Child, ...]:
        """The direct children in the order of the spec: user filters, event filters, groups."""
        return self.user_filters + self.event_filters + self.groups

    def children_with_paths(self) -> Iterator[tuple[Path, Child]]:
        for key in CHILD_KEYS:
            for position, child in enumerate(getattr(self, key)):
                yield (key, position), child


class Segment(Group):
    """The root group plus how to deliver the answer."""

    limit: Limit | None = None
    as_of: Time | None = None
    timezone: Timezone = "UTC"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def pinned(self) -> datetime | None:
        """The spec's own `as_of` as naive UTC; None leaves it to the data."""
        return instants.moment(self.as_of, self.zone) if self.as_of else None

    @property
    def unlimited(self) -> Segment:
        return self.model_copy(update={"limit": None})

    def as_dict(self) -> dict[str, Json]:
        """The canonical form: defaults left out, numbers exact (`int` or `Decimal`)."""
        return self.model_dump(exclude_defaults=True)

    def as_applied(self) -> dict[str, Json]:
        """The canonical form as an answer repeats it: with the three keys of the simplest payload, always."""
        always = {"user_filters": (), "event_filters": (), "logic_operator": self.logic_operator}
        return always | self.as_dict()

    def as_json(self) -> str:
        return to_json(self.as_dict())


Condition = UserFilter | EventFilter
Child = Condition | Group
# The kinds of children, in the spec's order.
CHILD_KEYS: dict[str, type[Node]] = {
    "user_filters": UserFilter,
    "event_filters": EventFilter,
    "groups": Group,
}


def walk(group: Group, path: Path = ()) -> Iterator[tuple[Path, Child]]:
    """Every node below `group` with its path, parents first, in the spec's order."""
    for step, child in group.children_with_paths():
        yield path + step, child
        if isinstance(child, Group):
            yield from walk(child, path + step)


def to_json(data: Json) -> str:
    return simplejson.dumps(data, use_decimal=True, indent=2, ensure_ascii=False)


def read_json(text: str | bytes, settings: Settings) -> Json:
    """JSON text as plain values with exact numbers.

    Raises `SpecError` for text that is too long or no JSON, for NaN and Infinity, and for a key given twice.
    """
    size = len(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    if size > settings.max_body:
        raise _unreadable(
            "too_large", f"the spec is larger than {settings.max_body:,} bytes", "shorten its lists"
        )
    try:
        return simplejson.loads(text, use_decimal=True, object_pairs_hook=_distinct_keys)
    except simplejson.JSONDecodeError as error:
        raise _unreadable(
            "bad_json", f"not JSON: {error}", "check commas, quotes and brackets there"
        ) from None
    except UnicodeDecodeError:
        raise _unreadable("bad_json", "not UTF-8 text", "save the file as UTF-8") from None
    except RecursionError:
        raise _unreadable("too_deep", "the JSON nests too deep", "flatten its groups") from None
    except ValueError as error:  # a number of thousands of digits
        raise _unreadable("bad_json", f"not a spec: {error}", "write plain values") from None


def parse(raw: Json, settings: Settings) -> Segment:
    """The segment that plain JSON values describe.

    Raises `TooLarge` for a spec over a cap, else `SpecError` with all problems of shape.
    """
    over = _caps_broken(raw, settings)
    if over:
        raise TooLarge(over)
    try:
        return Segment.model_validate(raw)
    except ShapeError as error:
        raise SpecError(_problems(error)) from None


def readable(raw: Json, path: Path = ()) -> Iterator[tuple[Path, Child]]:
    """The conditions, and empty groups, that are well-formed by themselves, whatever is wrong around them."""
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


def dotted(path: Path) -> str:
    return ".".join(str(step) for step in path)


def _alone(kind: type[Node], row: Json) -> Any:
    try:
        return kind.model_validate(row)
    except ShapeError:
        return None


def _unreadable(code: str, message: str, hint: str) -> SpecError:
    return SpecError([Problem("", code, message, hint)])


def _distinct_keys(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _unreadable(
            "duplicate_key", f"the key {shown(twice)} is given twice in one object", "keep one of the two"
        )
    return made


def _caps_broken(raw: Json, settings: Settings) -> list[Problem]:
    """What is over a cap, measured on the raw JSON without recursion: nothing is overwhelmed first."""
    depth = groups = conditions = values = 0
    deepest: Path = ()
    queue: list[tuple[Path, Json]] = [((), raw)]
    while queue:
        path, group = queue.pop()
        groups += 1
        if not isinstance(group, dict):
            continue
        level = 1 + len(path) // 2
        if level > depth:
            depth, deepest = level, path
        for key in CHILD_KEYS:
            rows = group.get(key)
            rows = rows if isinstance(rows, list) else []
            if key == "groups":
                queue.extend(((*path, key, position), row) for position, row in enumerate(rows))
                continue
            conditions += len(rows)
            lists = [
                cell
                for row in rows
                if isinstance(row, dict)
                for cell in row.values()
                if isinstance(cell, list)
            ]
            values += sum(map(len, lists))
    # A group is of use only around a condition.
    most_groups = settings.max_depth * settings.max_conditions
    found = (
        (deepest, "too_deep", "groups nest {} deep", depth, settings.max_depth),
        ((), "too_many_conditions", "the spec holds {} conditions", conditions, settings.max_conditions),
        ((), "too_many_groups", "the spec holds {} groups", groups, most_groups),
        ((), "too_many_values", "the spec's lists hold {} values", values, settings.max_list_values),
    )
    return [
        Problem(dotted(path[: 2 * most]), code, words.format(f"{size:,}"), f"at most {most:,} are allowed")
        for path, code, words, size, most in found
        if size > most
    ]


def _problems(error: ShapeError) -> list[Problem]:
    problems: list[Problem] = []
    per_list: dict[str, int] = {}
    for detail in error.errors(include_url=False):
        path = tuple(step for step in detail["loc"] if step not in (_ONE, _MANY))
        if detail["type"] == "too_short" and detail["input"]:
            continue  # a list whose values are all refused is not also an empty one
        parent = dotted(path[:-1])
        if path and (isinstance(path[-1], int) or detail["type"] == "extra_forbidden"):
            per_list[parent] = per_list.get(parent, 0) + 1
            if per_list[parent] > PROBLEMS_PER_LIST:
                continue
        problems.append(_problem(path, detail))
    return problems


def _problem(path: Path, detail: Any) -> Problem:
    """One of pydantic's findings in our words."""
    where, code, found = dotted(path), detail["type"], detail["input"]
    context = detail.get("ctx", {})
    match code:
        case "missing":
            return Problem(where, "missing", "is required", f"add {str(path[-1])!r}")
        case "extra_forbidden":
            known = _node_at(path[:-1]).model_fields
            hint = did_you_mean(str(path[-1]), known) or f"known keys: {', '.join(known)}"
            return Problem(where, "unknown_key", f"unknown key {shown(path[-1])}", hint)
        case "enum" | "literal_error":
            return _not_one_of(path, found)
        case "tuple_type" | "list_type":
            return Problem(where, "wrong_type", f"{shown(found)} is not a list", "write a list: [ ... ]")
        case "too_short":
            return Problem(
                where, "empty", "is an empty list", "write at least one value, or remove the condition"
            )
        case "model_type" | "model_attributes_type" | "dict_type":
            return Problem(
                where, "wrong_type", f"{shown(found)} is not an object", "write an object: { ... }"
            )
        case _:
            return Problem(where, code, detail["msg"], context.get("hint", ""))


def _not_one_of(path: Path, found: Json) -> Problem:
    where = dotted(path)
    if path[-1] == "logic_operator":
        return Problem(where, "wrong_value", f"{shown(found)} is neither AND nor OR", 'write "AND" or "OR"')
    known = [str(operator) for operator in (COUNT_OPERATORS if "event_filters" in path else Operator)]
    hint = did_you_mean(found, known) if isinstance(found, str) else ""
    return Problem(
        where, "unknown_operator", f"unknown operator {shown(found)}", hint or f"one of: {', '.join(known)}"
    )


def _node_at(path: Path) -> type[Node]:
    """The model that a path leads to."""
    keys = [step for step in path if isinstance(step, str) and step in CHILD_KEYS]
    return CHILD_KEYS[keys[-1]] if keys else Segment
