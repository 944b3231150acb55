"""Spec to English: one sentence for a segment, one line per condition; the same spec reads the same."""

from decimal import Decimal
from typing import assert_never

from duckmart.operators import COUNT_OPERATORS, USER_OPERATORS, Kind, Operator, Takes
from duckmart.segment import Child, EventFilter, Group, Segment, UserFilter

# A list longer than this is cut in a sentence, with how many more there are.
LIST_SHOWN = 5


def sentence(segment: Segment) -> str:
    """The whole segment, as a sentence with its as-of moment and limit where the spec has them."""
    return f"{_who(segment)}{_delivery(segment)}."


def line(node: Child) -> str:
    """One condition as a label: `age is at least 25`, `LOGIN at least once in the last 30 days`."""
    match node:
        case UserFilter():
            return f"{_field(node.field)} {_comparison(node)}"
        case EventFilter():
            return f"{node.event_name} {_times(node)}{_window(node)}"
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
                return f"who never did {node.event_name}{_window(node)}"
            return f"who did {line(node)}"
        case Group():
            inner = _joined(node, [_clause(child) for child in node.children])
            return f"not ({inner})" if node.negate else f"({inner})"
        case _:
            assert_never(node)


def _joined(group: Group, parts: list[str]) -> str:
    return f" {group.logic_operator.lower()} ".join(parts)


def _comparison(node: UserFilter) -> str:
    row = USER_OPERATORS[node.operator]
    if row.takes is Takes.LIST:
        return f"{row.words} {_listed(node.value)}"
    # Only dates and times are texts that can be ordered, so the value tells how the operator reads.
    kind = Kind.DATE if isinstance(node.value, str) else Kind.NUMBER
    return f"{row.reads(kind)} {_value(node.value)}"


def _listed(values: object) -> str:
    shown = [_value(value) for value in values] if isinstance(values, tuple) else [_value(values)]
    if len(shown) > LIST_SHOWN:
        shown = [*shown[:LIST_SHOWN], f"{len(shown) - LIST_SHOWN:,} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


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


def _is_never(node: EventFilter) -> bool:
    never = {(Operator.EQ, 0), (Operator.LTE, 0), (Operator.LT, 1)}
    return (node.operator, node.count) in never


def _times(node: EventFilter) -> str:
    if _is_never(node):
        return "never"
    words = COUNT_OPERATORS[node.operator].words
    often = {1: "once", 2: "twice"}.get(node.count, f"{node.count:,} times")
    return f"{words} {often}"


def _window(node: EventFilter) -> str:
    if node.time_range_days is None:
        return ""
    days = node.time_range_days
    return " in the last day" if days == 1 else f" in the last {days:,} days"


def _delivery(segment: Segment) -> str:
    as_of = f", as of {segment.as_of}" if segment.as_of else ""
    zone = f" ({segment.timezone} days)" if segment.timezone != "UTC" else ""
    limit = f", the first {segment.limit:,} by user id" if segment.limit else ""
    return f"{as_of}{zone}{limit}"
