"""The segment spec as models: what the JSON may say, every problem with its path, and the canonical form."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, Literal, assert_never
from zoneinfo import ZoneInfo

import simplejson
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    create_model,
    model_validator,
)
from pydantic import ValidationError as ShapeError

from duckmart import instants
from duckmart.errors import Key, Problem, SpecError, TooLarge, did_you_mean, phrase
from duckmart.settings import Settings
from duckmart.spec import windows
from duckmart.spec.operators import (
    COUNT_OPERATORS,
    MEASURES,
    USER_OPERATORS,
    Measure,
    MeasureRow,
    Operator,
)
from duckmart.spec.values import (
    LONGEST_NAME,
    AtLeast,
    Count,
    Counts,
    Days,
    Flag,
    Limit,
    Measured,
    Measures,
    Name,
    Percent,
    Scalar,
    Scalars,
    Seed,
    SegmentId,
    Split,
    Time,
    Timezone,
    shown,
)

Json = Any
Path = tuple[str | int, ...]

PROBLEMS_PER_LIST = 20
_GROUPS_COUNTED = 200_000
ANY_EVENT = "*"

# Tags of the two shapes of a value; pydantic puts them into its paths, `_problems` takes them out.
_ONE, _MANY = "<one>", "<many>"


def _one_or_many(one: Any, many: Any) -> Any:
    """A plain value or a list of them, told apart by their shape alone."""
    tagged = Annotated[one, Tag(_ONE)] | Annotated[many, Tag(_MANY)]
    return Annotated[tagged, Discriminator(lambda value: _MANY if isinstance(value, list | tuple) else _ONE)]


if TYPE_CHECKING:
    EventNames = str | tuple[str, ...]
    CountOrPair = int | tuple[int, ...]
    Value = str | int | Decimal | bool | tuple[str | int | Decimal | bool, ...]
else:
    EventNames = _one_or_many(Name, Annotated[tuple[Name, ...], Field(min_length=1)])
    CountOrPair = _one_or_many(Count, Counts)
    Value = _one_or_many(Scalar, Scalars)


class Node(BaseModel):
    """A part of a spec. Unknown keys are refused; null for an optional key is the same as leaving it out."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

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


class ColumnFilter(Node):
    """A column compared with a value."""

    field: Name
    operator: Operator
    value: Value | None = None
    case_sensitive: Flag = False


class UserFilter(ColumnFilter):
    """Who a user is: a column of the users table, compared."""


class PropertyFilter(ColumnFilter):
    """What an event was: a further column of the events table, compared."""


def _key(name: str, type_: Any) -> tuple[str, Any]:
    """A key that may be left out, as a field of a model; Python has its own use for some words."""
    if keyword.iskeyword(name):
        return f"{name}_", (type_ | None, Field(None, alias=name))
    return name, (type_ | None, None)


if TYPE_CHECKING:
    TimeRange = Node
else:
    TimeRange = create_model(
        "TimeRange",
        __base__=Node,
        __module__=__name__,
        __doc__="A window in one of its forms: between times, between days ago, or days counted from a "
        "user's date.",
        **dict(_key(*key) for form in windows.TIME_RANGES for key in form.keys.items()),
    )


class Windowed(Node):
    """A condition on events in a window, which it says in one of the keys `windows.KEYS`."""

    @property
    def window_said(self) -> dict[str, Json]:
        """Those of the keys that it has."""
        said = {key: getattr(self, key) for key in windows.KEYS}
        return {key: _plain(cell) for key, cell in said.items() if cell is not None}

    @property
    def window(self) -> windows.Window:
        return windows.read(self.window_said)


def _plain(cell: Any) -> Json:
    return cell.model_dump(exclude_none=True) if isinstance(cell, Node) else cell


class EventFilter(Windowed):
    """What a user did: a measure of the events that match a name, a window and properties, compared.

    The measure `count` is compared with `count`, every other one with `value`.
    """

    event_name: EventNames
    operator: Operator
    measure: Measures = Measured(Measure.COUNT)
    count: CountOrPair | None = None
    value: Value | None = None
    case_sensitive: Flag = False
    time_range_days: Days | None = None
    time_range: TimeRange | None = None
    where: tuple[PropertyFilter, ...] = ()

    @property
    def row(self) -> MeasureRow:
        """The facts of its measure."""
        return MEASURES[self.measure.measure]

    @property
    def compared_with(self) -> Any:
        return getattr(self, self.row.key)


class Step(Node):
    """One event of a sequence; `absent` on the last one: it did not happen."""

    event_name: EventNames
    where: tuple[PropertyFilter, ...] = ()
    absent: Flag = False


class SequenceFilter(Windowed):
    """Events one after another, all within some days of the first, which the window bounds."""

    steps: tuple[Step, ...]
    within_days: Days
    operator: Literal["did", "did_not"] = "did"
    time_range_days: Days | None = None
    time_range: TimeRange | None = None

    @property
    def present(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if not step.absent)

    @property
    def absent(self) -> Step | None:
        return self.steps[-1] if self.steps[-1].absent else None


class SegmentFilter(Node):
    """Whether a user is in a saved segment."""

    segment: SegmentId
    operator: Literal[Operator.IN, Operator.NOT_IN]


class Sample(Node):
    """A part of the members, the same on every engine and every day: a percentage, or arms with weights."""

    seed: Seed
    percent: Percent | None = None
    split: Split | None = None


class Group(Node):
    """Conditions joined by AND, OR or AT_LEAST; `negate` turns the group into everyone else."""

    user_filters: tuple[UserFilter, ...] = ()
    event_filters: tuple[EventFilter, ...] = ()
    sequence_filters: tuple[SequenceFilter, ...] = ()
    segment_filters: tuple[SegmentFilter, ...] = ()
    groups: tuple[Group, ...] = ()
    logic_operator: Literal["AND", "OR", "AT_LEAST"] = "AND"
    at_least: AtLeast | None = None
    negate: Flag = False

    @property
    def children(self) -> tuple[Child, ...]:
        """The direct children in the order of the spec: users, events, sequences, segments, groups."""
        return tuple(child for _, child in self.children_with_paths())

    def children_with_paths(self) -> Iterator[tuple[Path, Child]]:
        for key in CHILD_KEYS:
            for position, child in enumerate(getattr(self, key)):
                yield (key, position), child


class Segment(Group):
    """The root group plus how to deliver the answer."""

    limit: Limit | None = None
    as_of: Time | None = None
    timezone: Timezone = "UTC"
    sample: Sample | None = None

    # The saved segments that this one refers to, at any depth, by their ids.
    _saved: dict[str, Segment] = PrivateAttr(default_factory=dict)
    # The moment that a request counts back from, naive UTC, where the spec names none.
    _moment: datetime | None = PrivateAttr(None)

    def __eq__(self, other: object) -> bool:
        """Equal segments say the same and refer to the same, whenever they were asked."""
        if not isinstance(other, Segment):
            return NotImplemented
        return self.__dict__ == other.__dict__ and self._saved == other._saved

    __hash__ = Group.__hash__

    @property
    def saved(self) -> Mapping[str, Segment]:
        return self._saved

    def resolved(self, saved: Mapping[str, Segment]) -> Segment:
        """The segment with the saved segments that it refers to."""
        made = self.model_copy()
        made._saved = dict(saved)
        return made

    def bound(self, moment: datetime) -> Segment:
        """The segment with the moment (naive UTC) of the request that asks for it.

        The spec stays as it is: its own `as_of`, if it has one, goes first.
        """
        copy = self.model_copy()
        copy._moment = moment
        return copy

    @property
    def moment(self) -> datetime | None:
        """The moment to count back from: the spec's own, else the request's; None if there is neither yet."""
        return self.pinned or self._moment

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

    def at(self, moment: datetime) -> Segment:
        """The segment counted back from a moment, naive UTC."""
        return self.model_copy(update={"as_of": instants.stamp(moment)})

    def as_dict(self) -> dict[str, Json]:
        """The canonical form: defaults left out, numbers exact (`int` or `Decimal`)."""
        return self.model_dump(exclude_defaults=True)

    def as_applied(self) -> dict[str, Json]:
        """The canonical form as an answer repeats it: with the three keys of the simplest payload, always."""
        always = {"user_filters": (), "event_filters": (), "logic_operator": self.logic_operator}
        return always | self.as_dict()

    def as_json(self) -> str:
        return to_json(self.as_dict())

    @property
    def meaning(self) -> str:
        """What two segments share if they mean the same, the saved ones they refer to too: a digest in hex.

        It is kept beside every answer, and a spec may name a hundred thousand users.
        """
        text = to_json(
            {"": self.as_dict(), **{name: self.saved[name].as_dict() for name in sorted(self.saved)}}
        )
        return sha256(text.encode()).hexdigest()


Condition = UserFilter | EventFilter | SequenceFilter | SegmentFilter
Child = Condition | Group
# The kinds of children, in the spec's order.
CHILD_KEYS: dict[str, type[Node]] = {
    "user_filters": UserFilter,
    "event_filters": EventFilter,
    "sequence_filters": SequenceFilter,
    "segment_filters": SegmentFilter,
    "groups": Group,
}
# What else has keys of its own.
_PART_KEYS: dict[str, type[Node]] = {
    "where": PropertyFilter,
    "steps": Step,
    "time_range": TimeRange,
    "sample": Sample,
}


def walk(group: Group, path: Path = ()) -> Iterator[tuple[Path, Child]]:
    """Every node below `group` with its path, parents first, in the spec's order."""
    for step, child in group.children_with_paths():
        yield path + step, child
        if isinstance(child, Group):
            yield from walk(child, path + step)


def references(group: Group) -> frozenset[str]:
    """The ids of the saved segments that `group` names itself."""
    return frozenset(node.segment for _, node in walk(group) if isinstance(node, SegmentFilter))


def conditions(group: Group) -> int:
    """How many conditions a group holds: filters, those on properties included, and steps."""
    return sum(_size(node) for _, node in walk(group))


def _size(node: Child) -> int:
    match node:
        case Group():
            return 0
        case EventFilter():
            return 1 + len(node.where)
        case SequenceFilter():
            return 1 + sum(1 + len(step.where) for step in node.steps)
        case UserFilter() | SegmentFilter():
            return 1
        case _:
            assert_never(node)


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
    except (ValueError, ArithmeticError) as error:  # a number of too many digits
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


def problem(path: Path, code: str, message: str, hint: str = "", instead: tuple[str, ...] = ()) -> Problem:
    return Problem(dotted(path), code, message, hint, instead)


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
    longest = 2 * settings.max_depth  # a path grows no further: that many in a row would fill the memory
    queue: list[tuple[int, Path, Json]] = [(1, (), raw)]
    # A spec that holds itself would never end, and a long one takes seconds to the end.
    while queue and groups <= _GROUPS_COUNTED:
        level, path, group = queue.pop()
        groups += 1
        if not isinstance(group, dict):
            continue
        if level > depth:
            depth, deepest = level, path
        for key in CHILD_KEYS:
            rows = group.get(key)
            rows = rows if isinstance(rows, list) else []
            if key == "groups":
                rows = rows[: _GROUPS_COUNTED + 1]
                queue += [(level + 1, (*path, key, place)[:longest], row) for place, row in enumerate(rows)]
                continue
            # What is no object is no condition either, but a problem of its own all the same.
            conditions += len(rows)
            for row in filter(_is_object, rows):
                steps = _rows(row, "steps")
                below = [*_rows(row, "where"), *steps]
                below += [within for step in steps for within in _rows(step, "where")]
                conditions += len(below)
                parts = [row, *filter(_is_object, below)]
                values += sum(len(part.get(name) or ()) for part in parts for name in _list_keys(part))
    # A group is of use only around a condition.
    most_groups = settings.max_depth * settings.max_conditions
    found = (
        (deepest, "too_deep", "groups nest {} deep", depth, settings.max_depth),
        ((), "too_many_conditions", "the spec holds {} conditions", conditions, settings.max_conditions),
        ((), "too_many_groups", "the spec holds {} groups", groups, most_groups),
        ((), "too_many_values", "the spec's lists hold {} values", values, settings.max_list_values),
    )
    return [
        Problem(dotted(path), code, words.format(f"{size:,}"), f"at most {most:,} are allowed")
        for path, code, words, size, most in found
        if size > most
    ]


def _is_object(row: Json) -> bool:
    return isinstance(row, dict)


def _rows(row: Json, key: str) -> list[Json]:
    rows = row.get(key) if _is_object(row) else None
    return rows if isinstance(rows, list) else []


def _list_keys(row: dict[str, Json]) -> list[str]:
    """The keys of a row that hold a list of values."""
    return [key for key, cell in row.items() if isinstance(cell, list) and key not in ("where", "steps")]


def _problems(error: ShapeError) -> list[Problem]:
    problems: list[Problem] = []
    per_list: dict[str, int] = {}
    for detail in error.errors(include_url=False):
        path = tuple(_cut(step) for step in detail["loc"] if step not in (_ONE, _MANY))
        if detail["type"] == "too_short" and detail["input"]:
            continue  # a list whose values are all refused is not also an empty one
        parent = dotted(path[:-1])
        per_list[parent] = per_list.get(parent, 0) + 1
        if per_list[parent] > PROBLEMS_PER_LIST:
            continue
        problems.append(_problem(path, detail))
    return problems


def _cut(step: str | int) -> str | int:
    """A step of a path, without the end of a key that is far too long for any that is known."""
    return f"{step[:LONGEST_NAME]}..." if isinstance(step, str) and len(step) > LONGEST_NAME else step


def _problem(path: Path, detail: Any) -> Problem:
    """One of pydantic's findings in our words."""
    where, code, found = dotted(path), detail["type"], detail["input"]
    context = detail.get("ctx", {})
    match code:
        case "missing":
            return Problem(where, "missing", "is required", phrase("add {key!r}", key=Key(str(path[-1]))))
        case "extra_forbidden":
            fields = _node_at(path[:-1]).model_fields
            known = [field.alias or name for name, field in fields.items()]
            hint = did_you_mean(str(path[-1]), known) or f"known keys: {', '.join(known)}"
            return Problem(where, "unknown_key", phrase("unknown key {key}", key=shown(path[-1])), hint)
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
            return Problem(where, code, context.get("message", detail["msg"]), context.get("hint", ""))


def _not_one_of(path: Path, found: Json) -> Problem:
    """A word that is not among those that fit its place."""
    where = dotted(path)
    if path[-1] == "logic_operator":
        message = phrase("{value} is not AND, OR or AT_LEAST", value=shown(found))
        return Problem(where, "wrong_value", message, 'write "AND", "OR" or "AT_LEAST"')
    known = _known_operators(path)
    hint = did_you_mean(found, known) if isinstance(found, str) else ""
    return Problem(
        where, "unknown_operator", f"unknown operator {shown(found)}", hint or f"one of: {', '.join(known)}"
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
    known = CHILD_KEYS | _PART_KEYS
    keys = [step for step in path if isinstance(step, str) and step in known]
    return known[keys[-1]] if keys else Segment
