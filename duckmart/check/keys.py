"""Problems between the keys of one condition, whatever the data holds."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from duckmart.catalog import Column
from duckmart.errors import Key, Problem, phrase
from duckmart.spec import window_json
from duckmart.spec.lengths import WITHIN_KEYS
from duckmart.spec.measures import MEASURES, Gives, MeasureName
from duckmart.spec.operators import COUNT_OPERATORS, Takes
from duckmart.spec.paths import PROBLEMS_PER_LIST, Path, problem
from duckmart.spec.segment import (
    ANY_EVENT,
    Child,
    EventFilter,
    EventMeasure,
    Group,
    Segment,
    SegmentFilter,
    SequenceFilter,
    UserFilter,
    Windowed,
)
from duckmart.spec.values import MAX_DAYS, MeasureRef, quote
from duckmart.spec.windows import REVERSED

# Fewest and most steps of a sequence.
STEPS = (2, 10)


def problems(path: Path, node: Child, zone: ZoneInfo) -> Iterator[Problem]:
    """What is wrong with a condition's keys, without looking at the data."""
    match node:
        case UserFilter() | SegmentFilter():
            return
        case EventFilter():
            for step, side in node.sides:
                yield from _names((*path, *step, "event_name"), side.event_name)
                yield from _window((*path, *step), side, zone)
            yield from _measure(path, node)
        case SequenceFilter():
            yield from _steps((*path, "steps"), node)
            yield from _within(path, node)
            yield from _window(path, node, zone)
        case Group():
            yield from _group(path, node)
        case _:
            assert_never(node)


def measure_column(measure: MeasureRef) -> Column | None:
    """A measure as a column of numbers, so that values are checked alike.

    None for the plain count, which has its own key, and for measures that return a value of a property.
    """
    row = MEASURES[measure.measure]
    if row.is_plain_count or row.gives is Gives.VALUE:
        return None
    return Column.of_measure(row, MeasureName(measure.measure))


def _names(path: Path, names: str | tuple[str, ...]) -> Iterator[Problem]:
    if isinstance(names, str):
        return
    yield from islice(_bad_names(path, names), PROBLEMS_PER_LIST)


def _bad_names(path: Path, names: tuple[str, ...]) -> Iterator[Problem]:
    earlier: set[str] = set()
    for place, name in enumerate(names):
        here = (*path, place)
        if name == ANY_EVENT:
            yield problem(here, "wrong_value", '"*" is any event already', 'write "*" alone, without a list')
        elif name in earlier:
            yield problem(here, "duplicate_value", f"{quote(name)} is named twice", "keep one of the two")
        earlier.add(name)


def _measure(path: Path, node: EventFilter) -> Iterator[Problem]:
    """The measure's operator, and the key that it is compared with."""
    operators = node.operators
    if node.operator not in operators:
        template = "{operator} does not compare the measure {measure}"
        if node.than is not None:
            template += " with another measure"
        message = phrase(template, operator=node.operator, measure=node.row)
        hint = phrase("one of: {operators}", operators=tuple(operators))
        yield problem((*path, "operator"), "unsuited_operator", message, hint)
        return
    if node.than is not None:
        yield from _only_than(path, node)
        return
    if node.times != 1:
        hint = "add than, the measure that it is times of, or remove it"
        yield problem((*path, "times"), "wrong_key", "times is of than alone", hint)
    yield from _own_key(path, node)
    if node.row.gives is Gives.AGE and not node.ranks:
        yield from _ages((*path, "value"), node.value)


def _own_key(path: Path, node: EventFilter) -> Iterator[Problem]:
    """A count is compared with `count`, any other measure with `value`."""
    if node.ranks:
        if node.count is not None:
            message = phrase("{operator} takes a rank", operator=node.operator)
            yield problem((*path, "count"), "wrong_key", message, "write value instead of count")
    elif node.row.is_plain_count:
        yield from _count(path, node)
        if node.value is not None:
            hint = "write count instead of value"
            yield problem((*path, "value"), "wrong_key", "a count is compared with count", hint)
        if node.case_sensitive:
            yield problem((*path, "case_sensitive"), "wrong_key", "a count has no letters", "remove it")
    elif node.count is not None:
        message = phrase("the measure {measure} is compared with value", measure=node.row)
        yield problem((*path, "count"), "wrong_key", message, "write value instead of count")


def _ages(path: Path, value: Any) -> Iterator[Problem]:
    # Values of another type are left to the check of kinds, which reports them.
    for limit in value if isinstance(value, tuple) else (value,):
        if not isinstance(limit, str | bool | None) and not 0 <= limit <= MAX_DAYS:
            hint = f"write days from 0 to {MAX_DAYS:,}"
            yield problem(path, "out_of_range", f"{limit} is out of range", hint)


def _only_than(path: Path, node: EventFilter) -> Iterator[Problem]:
    """A measure that is compared with another one has no value of its own."""
    for key in ("count", "value"):
        if getattr(node, key) is not None:
            message = phrase("{key!r} and than are two things to compare with", key=Key(key))
            yield problem((*path, key), "wrong_key", message, "keep one of the two")
    if node.case_sensitive:
        yield problem((*path, "case_sensitive"), "wrong_key", "a number has no letters", "remove it")


def _count(path: Path, node: EventFilter) -> Iterator[Problem]:
    here = (*path, "count")
    pair = COUNT_OPERATORS[node.operator].takes is Takes.PAIR
    match node.count:
        case None:
            hint = "add count: [low, high]" if pair else "add count"
            yield problem(here, "missing", phrase("{operator} needs a count", operator=node.operator), hint)
        case (low, high) if pair:
            if low > high:
                yield reversed_bounds(here)
        case _ if pair:
            message = phrase("{operator} takes two counts", operator=node.operator)
            yield problem(here, "wrong_value", message, "write [low, high]")
        case tuple():
            message = phrase("{operator} takes one count", operator=node.operator)
            yield problem(here, "wrong_value", message, "write a whole number")


def reversed_bounds(path: Path) -> Problem:
    return problem(path, *REVERSED)


def _steps(path: Path, node: SequenceFilter) -> Iterator[Problem]:
    fewest, most = STEPS
    if not fewest <= len(node.steps) <= most:
        message = f"a sequence has {fewest} to {most} steps, not {len(node.steps)}"
        yield problem(path, "wrong_length", message, "add or remove steps")
    for place, step in enumerate(node.steps):
        here = (*path, place)
        yield from _names((*here, "event_name"), step.event_name)
        if step.absent and (place == 0 or place < len(node.steps) - 1):
            message = "only the last step, after another, can be absent"
            yield problem((*here, "absent"), "wrong_place", message, "move it to the end, or remove absent")


def _within(path: Path, node: SequenceFilter) -> Iterator[Problem]:
    keys = [*node.within_json]
    if not keys:
        hint = phrase("add {key!r}", key=Key(node.within.unit.within))
        yield problem((*path, node.within.unit.within), "missing", "is required", hint)
    if len(keys) > 1:
        yield problem((*path, keys[-1]), "two_lengths", _TWO_LENGTHS, "keep one of the two")


_TWO_LENGTHS = phrase("a sequence has one length, {keys}", keys=tuple(map(Key, WITHIN_KEYS)))


def _window(path: Path, node: Windowed, zone: ZoneInfo) -> Iterator[Problem]:
    window = node.window_json
    if isinstance(node, EventMeasure) and node.row.gives is Gives.AGE:
        for key in window:
            message = phrase("{measure} looks at all history", measure=node.row)
            yield problem((*path, key), "wrong_key", message, "remove the window")
    for flaw in window_json.problems(window, zone):
        yield problem((*path, *flaw.keys), flaw.code, flaw.message, flaw.hint)


def _group(path: Path, node: Group) -> Iterator[Problem]:
    if path and not node.children:
        yield problem(
            path, "empty_group", "a nested group without conditions", "add one, or remove the group"
        )
    here = (*path, "at_least")
    if node.logic_operator == "AT_LEAST":
        count = len(node.children)
        if node.at_least is None:
            yield problem(here, "missing", "AT_LEAST needs at_least", "add how many conditions must hold")
        elif node.at_least > count:
            message = f"{node.at_least} of {count} conditions cannot hold"
            yield problem(here, "out_of_range", message, f"write a number from 1 to {count}" if count else "")
    elif node.at_least is not None:
        message = phrase(
            "at_least is of AT_LEAST alone, not of {operator}", operator=Key(node.logic_operator)
        )
        hint = 'write "logic_operator": "AT_LEAST", or remove at_least'
        yield problem(here, "wrong_key", message, hint)
    if isinstance(node, Segment) and node.sample is not None:
        yield from _sample(("sample",), node)


def _sample(path: Path, node: Segment) -> Iterator[Problem]:
    sample = node.sample
    if sample is None:
        return
    if (sample.percent is None) == (sample.split is None):
        yield problem(path, "wrong_sample", "needs exactly one of percent and split", "write one of the two")
    if sample.split is not None and sum(sample.split.values()) != 100:
        message = f"the weights add up to {sum(sample.split.values())}"
        yield problem((*path, "split"), "wrong_value", message, "make them add up to 100")
