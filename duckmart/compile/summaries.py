"""Event filters that a stored summary answers: for each user how often they did an event, and when.

A summary has the number of a user's events, the time of the first, and those of the latest few. So it tells
counts and times over all history, and small counts of a window that lasts until the newest event: there are
three events in it if the third latest is. Everything else is asked of the events.
"""

from collections.abc import Callable
from decimal import Decimal
from math import ceil, floor
from typing import TypeGuard

from sqlglot import exp

from duckmart.catalog import Catalog
from duckmart.compile.plan import EventSummary
from duckmart.compile.query import column, value
from duckmart.spec.operators import Operator
from duckmart.spec.segment import ANY_EVENT, EventFilter, EventMeasure, event_names
from duckmart.spec.spans import Moment, Span

TIMES, FIRST, LAST = "times", "first_time", "last_time"
"""The aggregates that a summary has; NULL for users who never did the event."""

LATEST = 5
"""A summary has so many of a user's latest times, `latest_1` being the last of all."""

# The counts that a comparison must know from the ones below them, to hold for the right users.
_STEPS: dict[Operator, Callable[[int | Decimal], tuple[int, ...]]] = {
    Operator.GTE: lambda threshold: (ceil(threshold),),
    Operator.LT: lambda threshold: (ceil(threshold),),
    Operator.GT: lambda threshold: (floor(threshold) + 1,),
    Operator.LTE: lambda threshold: (floor(threshold) + 1,),
    Operator.EQ: lambda threshold: (ceil(threshold), floor(threshold) + 1),
    Operator.NE: lambda threshold: (ceil(threshold), floor(threshold) + 1),
}


def answers(node: EventMeasure, moment: Moment, catalog: Catalog) -> bool:
    """Whether the summary of its event, if there is one, has all that a measure is compared by."""
    names = event_names(node.event_name)
    if node.where or len(names) != 1 or names[0] == ANY_EVENT or names[0] not in catalog.summaries:
        return False
    span = node.window.span(moment)
    # A summary has all events, so those later than the span's end too.
    if span.anchor is not None or catalog.newest_event is None or span.until < catalog.newest_event:
        return False
    if isinstance(node, EventFilter) and node.ranks:
        return False  # ranks are of a table of their own
    if _is_all_history(span):
        return node.row.aggregate in (TIMES, FIRST, LAST)
    # Beside another measure a count must be known in full, and here it is known up to the steps.
    if node.row.aggregate != TIMES or not _has_steps(node):
        return False
    return max(_steps(node), default=0) <= LATEST


def _has_steps(node: EventMeasure) -> TypeGuard[EventFilter]:
    return isinstance(node, EventFilter) and node.than is None and node.operator in _STEPS


def _is_all_history(span: Span) -> bool:
    return span.after is None and span.since is None


def _steps(node: EventFilter) -> list[int]:
    """The counts from which on a comparison may give something else than for 0, the largest first."""
    return sorted({count for count in _STEPS[node.operator](node.compared_with) if count > 0}, reverse=True)


def value_of(node: EventMeasure, summary: EventSummary) -> exp.Expr:
    """What a measure is, where the summary is joined; NULL if there was no event.

    In a window a count is the largest of those that the comparison tells apart and that is reached.
    """
    if _is_all_history(summary.span):
        aggregate = node.row.aggregate
        if aggregate == TIMES:
            return column(TIMES, summary.name)
        return _time(_latest(1) if aggregate == LAST else FIRST, summary)
    case = exp.Case()
    for count in _steps(node) if _has_steps(node) else ():
        case = case.when(_is_reached(count, summary), exp.Literal.number(count), copy=False)
    return case if case.args.get("ifs") else exp.null()


def _is_reached(count: int, summary: EventSummary) -> exp.Expr:
    """Whether so many of a user's events are in the window: the earliest of them is."""
    time = _time(_latest(count), summary)
    span = summary.span
    starts: list[exp.Expr] = []
    if span.after is not None:
        starts.append(exp.GT(this=time, expression=value(span.after)))
    if span.since is not None:
        starts.append(exp.GTE(this=time.copy(), expression=value(span.since)))
    return exp.and_(*starts, copy=False)


def _time(name: str, summary: EventSummary) -> exp.Expr:
    # Times that are all whole seconds are stored as such.
    return exp.cast(column(name, summary.name), "TIMESTAMP")


def _latest(place: int) -> str:
    return f"latest_{place}"
