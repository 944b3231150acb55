"""Spec to English: one sentence for a segment, one line per condition; the same spec reads the same."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, assert_never

from duckmart.operators import COUNT_OPERATORS, USER_OPERATORS, Kind, Measure, Operator, Row, Takes
from duckmart.segment import (
    ANY_EVENT,
    Child,
    ColumnFilter,
    EventFilter,
    Group,
    PropertyFilter,
    Sample,
    Segment,
    SegmentFilter,
    SequenceFilter,
    Step,
    TimeRange,
    UserFilter,
)

# A list longer than this is cut in a sentence, with how many more there are.
LIST_SHOWN = 5


def sentence(segment: Segment) -> str:
    """The whole segment, as a sentence with its sample, as-of moment and limit where the spec has them."""
    return f"{_who(segment)}{_delivery(segment)}."


def line(node: Child | PropertyFilter) -> str:
    """One condition as a label: `age is at least 25`, `LOGIN at least once in the last 30 days`."""
    match node:
        case UserFilter() | PropertyFilter():
            return f"{_field(node.field)} {_comparison(node, USER_OPERATORS[node.operator])}"
        case EventFilter():
            return f"{_measured(node)}{_window(node)}"
        case SequenceFilter():
            return f"{'not ' if node.operator == 'did_not' else ''}{_sequence(node)}"
        case SegmentFilter():
            return f"{'not ' if node.operator is Operator.NOT_IN else ''}in the segment “{node.segment}”"
        case Group():
            inner = _joined(node, [line(child) for child in node.children])
            return f"not ({inner})" if node.negate else f"({inner})"
        case _:
            assert_never(node)


def _who(segment: Segment) -> str:
    if not segment.children:
        return "Nobody: all users are excluded" if segment.negate else "All users"
    clauses = _joined(segment, [_clause(child) for child in segment.children])
    return f"All users except those {clauses}" if segment.negate else f"Users {clauses}"


def _clause(node: Child) -> str:
    """A condition as it follows "Users"."""
    match node:
        case UserFilter():
            return f"whose {line(node)}"
        case EventFilter():
            if _is_never(node):
                return f"who never did {_events(node.event_name, node.where)}{_window(node)}"
            return f"who did {line(node)}" if node.measure.measure is Measure.COUNT else f"whose {line(node)}"
        case SequenceFilter():
            did = "did not do" if node.operator == "did_not" else "did"
            return f"who {did} {_sequence(node)}"
        case SegmentFilter():
            return f"who are {line(node)}"
        case Group():
            inner = _joined(node, [_clause(child) for child in node.children])
            return f"not ({inner})" if node.negate else f"({inner})"
        case _:
            assert_never(node)


def _joined(group: Group, parts: list[str]) -> str:
    if group.logic_operator == "AT_LEAST":
        return f"at least {group.at_least} of: {'; '.join(parts)}"
    return f" {group.logic_operator.lower()} ".join(parts)


def _comparison(node: ColumnFilter | EventFilter, row: Row) -> str:
    exact = ", letter case as written" if node.case_sensitive else ""
    # Only dates and times are texts that can be ordered, so the value tells how the operator reads.
    kind = Kind.DATE if _is_text(node.value) else Kind.NUMBER
    match row.takes:
        case Takes.NOTHING:
            return row.words
        case Takes.LIST:
            return f"{row.words} {_listed(node.value, 'or')}"
        case Takes.PAIR:
            return f"{row.words} {_listed(node.value, 'and')}"
        case Takes.DAYS:
            return f"{row.words} {_days(node.value)}"
        case _:
            return f"{row.reads(kind)} {_value(node.value)}{exact}"


def _is_text(value: object) -> bool:
    return isinstance(value[0] if isinstance(value, tuple) else value, str)


def _listed(values: object, joiner: str) -> str:
    shown = [_value(value) for value in values] if isinstance(values, tuple) else [_value(values)]
    if len(shown) > LIST_SHOWN:
        shown = [*shown[:LIST_SHOWN], f"{len(shown) - LIST_SHOWN:,} more"]
    return _enumerated(shown, joiner)


def _enumerated(parts: Sequence[str], joiner: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {joiner} {parts[-1]}"


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return f"{value:,f}" if isinstance(value, Decimal) else f"{value}"
        case _:
            return f"“{value}”"


def _field(name: str) -> str:
    return name.replace("_", " ")


def _days(days: object) -> str:
    return "1 day" if days == 1 else f"{days:,} days"


def _events(names: str | tuple[str, ...], where: Sequence[PropertyFilter]) -> str:
    shown = (
        "any event"
        if names == ANY_EVENT
        else _enumerated((names,) if isinstance(names, str) else names, "or")
    )
    return f"{shown} with {' and '.join(map(line, where))}" if where else shown


def _is_never(node: EventFilter) -> bool:
    never = {(Operator.EQ, 0), (Operator.LTE, 0), (Operator.LT, 1)}
    return node.measure.measure is Measure.COUNT and (node.operator, node.count) in never


def _measured(node: EventFilter) -> str:
    """What is measured of which events, and compared with what."""
    events = _events(node.event_name, node.where)
    measure, name = node.measure.measure, _field(node.measure.property or "")
    match measure:
        case Measure.COUNT:
            return f"{events} {_times(node)}"
        case Measure.ACTIVE_DAYS:
            return f"{events} on {_number(node, 'different day')}"
        case Measure.DAYS_SINCE_LAST | Measure.DAYS_SINCE_FIRST:
            which = "last" if measure is Measure.DAYS_SINCE_LAST else "first"
            return f"{which} {events} was {_number(node, 'day')} ago"
        case Measure.DISTINCT:
            return f"number of different {name} of {events} is {_number(node, '')}"
        case Measure.FIRST | Measure.LAST:
            return f"{measure} {name} of {events} {_comparison(node, USER_OPERATORS[node.operator])}"
        case _:
            what = {
                Measure.SUM: "total",
                Measure.AVG: "average",
                Measure.MIN: "smallest",
                Measure.MAX: "largest",
            }
            return f"{what[measure]} {name} of {events} is {_number(node, '')}"


def _number(node: EventFilter, unit: str) -> str:
    row, value = COUNT_OPERATORS[node.operator], node.value
    words = row.reads(Kind.DATE if _is_text(value) else Kind.NUMBER)
    shown = _listed(value, "and")
    if not unit:
        return f"{words} {shown}"
    return f"{words} {shown} {unit if value == 1 else f'{unit}s'}"


def _times(node: EventFilter) -> str:
    if _is_never(node):
        return "never"
    words = COUNT_OPERATORS[node.operator].words
    if isinstance(node.count, tuple):
        return f"{words} {node.count[0]:,} and {node.count[1]:,} times"
    often = {1: "once", 2: "twice"}.get(node.count or 0, f"{node.count or 0:,} times")
    return f"{words} {often}"


def _window(node: EventFilter | SequenceFilter) -> str:
    if node.time_range_days is not None:
        days = node.time_range_days
        return " in the last day" if days == 1 else f" in the last {days:,} days"
    return f" {_range(node.time_range)}" if node.time_range is not None else ""


def _range(window: TimeRange) -> str:
    if window.within_days_of is not None:
        return f"within {_days(window.days)} of {_field(window.within_days_of)}"
    if window.from_days_ago is not None:
        return f"from {window.from_days_ago:,} to {window.to_days_ago or 0:,} days ago"
    if window.from_ is None:
        return f"until {window.to}"
    return f"from {window.from_} to {window.to}" if window.to else f"since {window.from_}"


def _sequence(node: SequenceFilter) -> str:
    """`A, then B, and then not C within 7 days`."""
    first, *others = node.steps
    parts = [f"{_events(first.event_name, first.where)}{_window(node)}", *map(_then, others)]
    return f"{', '.join(parts)}, within {_days(node.within_days)}"


def _then(step: Step) -> str:
    return f"then {'no ' if step.absent else ''}{_events(step.event_name, step.where)}"


def _delivery(segment: Segment) -> str:
    sample = f", {_sample(segment.sample)}" if segment.sample else ""
    as_of = f", as of {segment.as_of}" if segment.as_of else ""
    zone = f" ({segment.timezone} days)" if segment.timezone != "UTC" else ""
    limit = f", the first {segment.limit:,} by user id" if segment.limit else ""
    return f"{sample}{as_of}{zone}{limit}"


def _sample(sample: Sample) -> str:
    if sample.split is None:
        return f"a sample of {_value(sample.percent)} % (seed “{sample.seed}”)"
    arms: list[Any] = [f"{weight} % {arm}" for arm, weight in sorted(sample.split.items())]
    return f"split into {_enumerated(arms, 'and')} (seed “{sample.seed}”)"
