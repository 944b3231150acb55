"""The segment spec as models: what the JSON may say, and its canonical form."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr, create_model

from duckmart import instants
from duckmart.spec import lengths, window_json, windows
from duckmart.spec.json_text import Json, to_json
from duckmart.spec.measures import MEASURES, Measure, MeasureRow
from duckmart.spec.nodes import Node, Rankable
from duckmart.spec.operators import THAN_OPERATORS, Operator, OperatorRow
from duckmart.spec.paths import Path
from duckmart.spec.shapes import CountOrPair, EventNames, Value
from duckmart.spec.values import (
    AtLeast,
    Days,
    Factor,
    Flag,
    Hours,
    Limit,
    MeasureRef,
    Measures,
    Name,
    Percent,
    Seed,
    SegmentId,
    Split,
    Time,
    Timezone,
)

ANY_EVENT = "*"


class ColumnFilter(Node):
    """A column compared with a value, or with another column of the same table."""

    field: Name
    operator: Operator
    value: Value | None = None
    other_field: Name | None = None
    case_sensitive: Flag = False


class UserFilter(ColumnFilter, Rankable):
    """Who a user is: a column of the users table compared with a value."""


class PropertyFilter(ColumnFilter):
    """What an event was: a property, which is a further column of the events table, compared with a value."""


def _key(name: str, type_: Any) -> tuple[str, Any]:
    """An optional key as a field of a model."""
    # `from` is a keyword of Python, so its field is `from_` with an alias.
    if keyword.iskeyword(name):
        return f"{name}_", (type_ | None, Field(None, alias=name))
    return name, (type_ | None, None)


# Made from the keys of the forms, so that a new form of window needs no line here.
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
    """A condition on events in a window, given by one of the keys `windows.KEYS`."""

    @property
    def window_json(self) -> dict[str, Json]:
        """The keys of its window that it has, as plain JSON values."""
        window = {key: getattr(self, key) for key in windows.KEYS}
        return {key: _plain(cell) for key, cell in window.items() if cell is not None}

    @property
    def window(self) -> windows.Window:
        return window_json.read(self.window_json)


def _plain(cell: Any) -> Json:
    return cell.model_dump(exclude_none=True) if isinstance(cell, Node) else cell


def event_names(names: str | tuple[str, ...]) -> tuple[str, ...]:
    """The names in an `event_name`, which is one name or several."""
    return (names,) if isinstance(names, str) else names


class EventMeasure(Windowed):
    """What is measured of a user's events that match a name, a window and properties."""

    # Models have their fields in an order of their own, which is that of the JSON.
    if TYPE_CHECKING:
        event_name: EventNames
        measure: MeasureRef
        where: tuple[PropertyFilter, ...]

    @property
    def row(self) -> MeasureRow:
        """The facts of its measure."""
        return MEASURES[self.measure.measure]


class Than(EventMeasure):
    """The measure on the right of a comparison of two measures."""

    event_name: EventNames
    measure: Measures = MeasureRef(Measure.COUNT)
    time_range_days: Days | None = None
    time_range_hours: Hours | None = None
    time_range: TimeRange | None = None
    where: tuple[PropertyFilter, ...] = ()


class EventFilter(EventMeasure, Rankable):
    """What a user did: a measure of the events that match a name, a window and properties.

    The measure `count` is compared with the key `count`, every other measure with the key `value`; instead of
    either, any measure that is a number may be compared with `times` as much as another: `than`.
    """

    event_name: EventNames
    operator: Operator
    measure: Measures = MeasureRef(Measure.COUNT)
    count: CountOrPair | None = None
    value: Value | None = None
    case_sensitive: Flag = False
    time_range_days: Days | None = None
    time_range_hours: Hours | None = None
    time_range: TimeRange | None = None
    where: tuple[PropertyFilter, ...] = ()
    than: Than | None = None
    times: Factor = 1

    @property
    def operators(self) -> Mapping[Operator, OperatorRow]:
        """The operators that compare what it compares."""
        return self.row.operators if self.than is None else THAN_OPERATORS

    @property
    def key(self) -> str:
        """The key of what it compares with, where that is no other measure."""
        return "value" if self.ranks else self.row.key

    @property
    def compared_with(self) -> Any:
        """The number or value of the spec that it compares with; None beside `than`."""
        return getattr(self, self.key)

    @property
    def sides(self) -> tuple[tuple[Path, EventMeasure], ...]:
        """The measures that it reads, by their paths in the condition: its own, and that of `than`."""
        return (((), self),) if self.than is None else (((), self), (("than",), self.than))


class Step(Node):
    """One event of a sequence; the last one may be `absent`, which means that it did not happen."""

    event_name: EventNames
    where: tuple[PropertyFilter, ...] = ()
    absent: Flag = False


class SequenceFilter(Windowed):
    """Events one after another, all within some days or hours of the first; the window is about the first."""

    steps: tuple[Step, ...]
    within_days: Days | None = None
    within_hours: Hours | None = None
    operator: Literal["did", "did_not"] = "did"
    time_range_days: Days | None = None
    time_range_hours: Hours | None = None
    time_range: TimeRange | None = None

    @property
    def within_json(self) -> dict[str, int]:
        """The keys of its length that it has: one, unless it is wrong."""
        cells = {key: getattr(self, key) for key in lengths.WITHIN_KEYS}
        return {key: cell for key, cell in cells.items() if cell is not None}

    @property
    def within(self) -> lengths.Length:
        """How long it may take from the first event to the last."""
        return lengths.within(self.within_json)

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
    """A part of the members, the same on every engine and every day: a percentage, or a split into arms."""

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
    # The moment of the request, naive UTC: windows count back from it where the spec has no `as_of`.
    _moment: datetime | None = PrivateAttr(None)

    def __eq__(self, other: object) -> bool:
        """Equal segments have the same spec and the same saved segments; their moments may differ."""
        if not isinstance(other, Segment):
            return NotImplemented
        return self.__dict__ == other.__dict__ and self._saved == other._saved

    __hash__ = Group.__hash__

    @property
    def saved(self) -> Mapping[str, Segment]:
        return self._saved

    def with_saved(self, saved: Mapping[str, Segment]) -> Segment:
        """A copy with the saved segments that it refers to, by their ids."""
        segment = self.model_copy()
        segment._saved = dict(saved)
        return segment

    def with_moment(self, moment: datetime) -> Segment:
        """A copy with the moment of its request, naive UTC.

        The spec stays the same: its own `as_of`, if it has one, takes precedence.
        """
        segment = self.model_copy()
        segment._moment = moment
        return segment

    @property
    def moment(self) -> datetime | None:
        """The moment to count back from: the spec's own, else the request's; None without either."""
        return self.as_of_utc or self._moment

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def as_of_utc(self) -> datetime | None:
        """The spec's own `as_of` as naive UTC; None if it has none."""
        return instants.moment(self.as_of, self.zone) if self.as_of else None

    @property
    def unlimited(self) -> Segment:
        return self.model_copy(update={"limit": None})

    def at(self, moment: datetime) -> Segment:
        """A copy whose `as_of` is this moment, naive UTC."""
        return self.model_copy(update={"as_of": instants.stamp(moment)})

    def as_dict(self) -> dict[str, Json]:
        """The canonical form: defaults left out, numbers exact (`int` or `Decimal`)."""
        return self.model_dump(exclude_defaults=True)

    def as_applied(self) -> dict[str, Json]:
        """The canonical form as an answer repeats it: always with the three keys of the simplest spec."""
        always = {"user_filters": (), "event_filters": (), "logic_operator": self.logic_operator}
        return always | self.as_dict()

    def as_json(self) -> str:
        return to_json(self.as_dict())

    @property
    def meaning(self) -> str:
        """A digest in hex, equal for segments that mean the same, with the saved ones that they refer to."""
        # A digest and not the text: it is stored with every answer, and a spec may name 100,000 users.
        text = to_json(
            {"": self.as_dict(), **{name: self.saved[name].as_dict() for name in sorted(self.saved)}}
        )
        return sha256(text.encode()).hexdigest()


Condition = UserFilter | EventFilter | SequenceFilter | SegmentFilter
Child = Condition | Group
# The lists of children, in the order in which they are compiled, described and shown.
CHILD_KEYS: dict[str, type[Node]] = {
    "user_filters": UserFilter,
    "event_filters": EventFilter,
    "sequence_filters": SequenceFilter,
    "segment_filters": SegmentFilter,
    "groups": Group,
}
