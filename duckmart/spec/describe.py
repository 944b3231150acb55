"""Spec to English: one sentence for a segment, one line per condition; equal specs have equal sentences.

A spec with problems is described as far as possible, with `?` for what is missing.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import assert_never

from duckmart.spec.measures import MEASURES
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS, Operator, OperatorRow, Takes
from duckmart.spec.segment import (
    ANY_EVENT,
    Child,
    ColumnFilter,
    EventFilter,
    EventMeasure,
    Group,
    PropertyFilter,
    Sample,
    Segment,
    SegmentFilter,
    SequenceFilter,
    Step,
    Than,
    UserFilter,
)
from duckmart.spec.words import MISSING, enumeration, last_days, readable_name

# A sentence quotes so many values of a list, and says how many more there are.
LONGEST_LIST = 5


def sentence(segment: Segment) -> str:
    """The whole segment, as a sentence with its sample, as-of moment and limit where the spec has them."""
    return f"{_who(segment)}{_delivery(segment)}."


def line(node: Child | PropertyFilter) -> str:
    """One condition as a label: `age is at least 25`, `LOGIN at least once in the last 30 days`."""
    match node:
        case UserFilter() | PropertyFilter():
            if node.other_field is not None:
                words = USER_OPERATORS[node.operator].words
                return f"{readable_name(node.field)} {words} {readable_name(node.other_field)}"
            return f"{readable_name(node.field)} {_comparison(node)}"
        case EventFilter():
            return _measurement(node)
        case SequenceFilter():
            return f"not ({_sequence(node)})" if node.operator == "did_not" else _sequence(node)
        case SegmentFilter():
            return f"{'not ' if node.operator is Operator.NOT_IN else ''}in the segment “{node.segment}”"
        case Group():
            labels = _join(node, map(line, node.children))
            return f"not ({labels})" if node.negate else _enclosed(node, labels)
        case _:
            assert_never(node)


def _who(segment: Segment) -> str:
    if not segment.children:
        return "Nobody: all users are excluded" if segment.negate else "All users"
    return f"All users except those {_clauses(segment)}" if segment.negate else f"Users {_clauses(segment)}"


def _clauses(group: Group) -> str:
    """A group's conditions, before its `negate`, as they follow "Users"."""
    if _is_counted(group):
        return f"who match {_join(group, map(line, group.children))}"
    return _join(group, map(_clause, group.children))


def _clause(node: Child) -> str:
    """A condition as it follows "Users"."""
    match node:
        case UserFilter():
            return f"whose {line(node)}"
        case EventFilter():
            return _did(node)
        case SequenceFilter():
            did_not = node.operator == "did_not"
            return f"who did not do ({_sequence(node)})" if did_not else f"who did {_sequence(node)}"
        case SegmentFilter():
            return f"who are {line(node)}"
        case Group():
            clauses = _clauses(node)
            return f"who are not among those ({clauses})" if node.negate else _enclosed(node, clauses)
        case _:
            assert_never(node)


def _is_counted(group: Group) -> bool:
    """Whether it asks for some of its conditions, so that a sentence lists them."""
    return group.logic_operator == "AT_LEAST" and len(group.children) != 1


def _join(group: Group, parts: Iterable[str]) -> str:
    if _is_counted(group):
        size = len(group.children)
        return f"at least {group.at_least or MISSING} of these {size} ({'; '.join(parts)})"
    return f" {group.logic_operator.lower()} ".join(parts)


def _enclosed(group: Group, words: str) -> str:
    """A nested group in parentheses, so that what follows it does not read as a part of it."""
    return words if len(group.children) == 1 or _is_counted(group) else f"({words})"


def _comparison(node: ColumnFilter | EventFilter) -> str:
    """An operator of user filters and its value: `is at least 25`."""
    row = USER_OPERATORS[node.operator]
    match row.takes:
        case Takes.NOTHING:
            return row.words
        case Takes.LIST:
            return f"{row.words} {_list(node.value, row.joiner)}"
        case Takes.PAIR:
            return f"{row.words} {_list(node.value, 'and')}"
        case Takes.DAYS if row.yearly and node.value == 0:
            return "has an anniversary today"
        case Takes.DAYS:
            return f"{row.words} {last_days(node.value)}"
        case Takes.RANK | Takes.PERCENT:
            return _rank(row, node.value, "have a value")
    # The catalog is not at hand here. Of texts, only dates and times can be ordered, so a text is a date.
    exact = " (case-sensitive)" if node.case_sensitive else ""
    return f"{row.words_for(is_date=_is_text(node.value))} {_list(node.value, 'or')}{exact}"


def _rank(row: OperatorRow, value: object, among: str) -> str:
    """`is in the top 10 % of all users who did it`."""
    size = f"{value:,}" if isinstance(value, int) else _value(value)
    percent = " %" if row.takes is Takes.PERCENT else ""
    return f"{row.words} {size}{percent} of all users who {among}"


def _is_text(value: object) -> bool:
    return isinstance(value[0] if isinstance(value, tuple) else value, str)


def _list(values: object, joiner: str) -> str:
    parts = [_value(value) for value in values] if isinstance(values, tuple) else [_value(values)]
    if len(parts) > LONGEST_LIST:
        parts = [*parts[:LONGEST_LIST], f"{len(parts) - LONGEST_LIST:,} more"]
    return enumeration(parts, joiner)


def _value(value: object) -> str:
    match value:
        case None:
            return MISSING
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return f"{value:,f}" if isinstance(value, Decimal) else f"{value}"
        case _:
            return f"“{value}”"


def _names(names: str | tuple[str, ...], any_event: str) -> str:
    if names == ANY_EVENT:
        return any_event
    return names if isinstance(names, str) else enumeration(names, "or")


def _events(node: EventMeasure | Step, any_event: str = "any event") -> str:
    """Events with their properties: `LOGIN or VISIT (amount is at least 5)`."""
    names = _names(node.event_name, any_event)
    return f"{names} ({' and '.join(map(line, node.where))})" if node.where else names


def _did(node: EventFilter) -> str:
    """An event filter as it follows "Users"."""
    row = MEASURES[node.measure.measure]
    if node.than is not None or node.ranks:
        return f"whose {line(node)}"
    # "Who did LOGIN never" is no English.
    if row.is_plain_count and _is_never(node):
        return f"who never did {_events(node)}{_window(node)}"
    return f"{row.opening} {line(node)}"


def _measurement(node: EventFilter) -> str:
    """A measure of events and what it is compared with: `total amount of PURCHASE is at least 5`."""
    row = MEASURES[node.measure.measure]
    if node.than is not None:
        return _beside(node, node.than)
    if node.ranks:
        among = "did it" if node.row.with_zero else "have a value"
        return f"{measured(node)} {_rank(USER_OPERATORS[node.operator], node.value, among)}"
    sentence = row.sentence
    if row.date_label and _is_text(node.value):
        sentence = sentence.replace(row.label, row.date_label)
    return sentence.format_map(_Parts(node))


def _beside(node: EventFilter, than: Than) -> str:
    """`number of VIEW is more than twice the number of PURCHASE in the last 30 days`."""
    words = COUNT_OPERATORS[node.operator].words.replace("fewer", "less")
    often = "the" if node.times == 1 else f"{_value(node.times)} times the"
    often = "twice the" if node.times == 2 else often
    return f"{measured(node)} is {words} {often} {measured(than)}"


def measured(node: EventMeasure) -> str:
    """What a measure is of: `total amount of PURCHASE in the last 30 days`."""
    noun = node.row.parameter.format(of=readable_name(node.measure.property or ""))
    return f"{noun} {_events(node, 'event' if node.row.end else 'all events')}{_window(node)}"


class _Parts(dict[str, str]):
    """The names in braces in the sentence of a measure; only those that the sentence has are written."""

    def __init__(self, node: EventFilter) -> None:
        super().__init__()
        self._node = node

    def __missing__(self, name: str) -> str:
        return _PARTS[name](self._node)


def _different_days(node: EventFilter) -> str:
    return "day" if node.value == 1 else "different days"


def _age(node: EventFilter) -> str:
    return f"{_number(node).replace('fewer', 'less')} {'day' if node.value == 1 else 'days'}"


def _number(node: EventFilter) -> str:
    return f"{COUNT_OPERATORS[node.operator].words} {_list(node.value, 'and')}"


def _is_never(node: EventFilter) -> bool:
    return (node.operator, node.count) in {(Operator.EQ, 0), (Operator.LTE, 0), (Operator.LT, 1)}


def _is_ever(node: EventFilter) -> bool:
    return (node.operator, node.count) in {(Operator.NE, 0), (Operator.GT, 0), (Operator.GTE, 1)}


def _times(node: EventFilter) -> str:
    """How often; several event names are counted together, not each."""
    if _is_never(node):
        return "never"
    if _is_ever(node):
        return "at least once"
    words, count = COUNT_OPERATORS[node.operator].words, node.count
    together = "" if isinstance(node.event_name, str) else " in all"
    if isinstance(count, tuple):
        return f"{words} {enumeration([f'{end:,}' for end in count], 'and')} times{together}"
    # "Fewer than twice" is harder to read than "fewer than 2 times".
    often = {1: "once", 2: "twice"} if node.operator is not Operator.LT else {}
    times = f"{MISSING if count is None else f'{count:,}'} times"
    return f"{words} {often.get(count or 0, times)}{together}"


def _window(node: EventMeasure | SequenceFilter) -> str:
    words = node.window.words()
    return f" {words}" if words else ""


def _sequence(node: SequenceFilter) -> str:
    """`A, then B, but then no C, within 7 days of the first`; the window is about the first event."""
    parts = [_events(step) if place == 0 else _then(step) for place, step in enumerate(node.steps)]
    first = f"{parts[0] if parts else MISSING}{_window(node)}"
    of_first = ", within {} of the first" if len(parts) > 2 else " within {}"
    return ", ".join([first, *parts[1:]]) + of_first.format(node.within.words)


def _then(step: Step) -> str:
    return f"but then no {_events(step, 'event')}" if step.absent else f"then {_events(step)}"


def _delivery(segment: Segment) -> str:
    sample = f", {_sample(segment.sample)}" if segment.sample else ""
    as_of = f", as of {segment.as_of}" if segment.as_of else ""
    zone = f", in {segment.timezone} time" if segment.timezone != "UTC" else ""
    limit = f", the first {segment.limit:,} by user id" if segment.limit else ""
    return f"{sample}{as_of}{zone}{limit}"


def _sample(sample: Sample) -> str:
    if sample.split is None:
        return f"a sample of {_value(sample.percent)} % (seed “{sample.seed}”)"
    arms = [f"{weight} % “{arm}”" for arm, weight in sorted(sample.split.items())]
    return f"split into {enumeration(arms, 'and')} (seed “{sample.seed}”)"


# At the end of the file, below the functions that it names.
_PARTS: dict[str, Callable[[EventFilter], str]] = {
    "events": _events,
    "event": lambda node: _events(node, "event"),
    "all_events": lambda node: _events(node, "all events"),
    "of": lambda node: readable_name(node.measure.property or ""),
    "times": _times,
    "number": _number,
    "different_days": _different_days,
    "age": _age,
    "window": _window,
    "comparison": _comparison,
}
