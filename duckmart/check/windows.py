"""Windows in which no event can count, or only few of those they name, and what to write instead.

start of window      due                   as_of
|--- starts count ---|--- too late to tell ---|     due = as_of - within, where the last step is absent
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never

from duckmart.check.claims import holds_for_never
from duckmart.check.kinds import CheckContext
from duckmart.errors import Key, Problem, Repair, phrase
from duckmart.instants import DAY, MICROSECOND, before, day_start, days_after, shifted, stamp
from duckmart.spec.paths import Path, problem
from duckmart.spec.segment import EventFilter, SequenceFilter, Windowed
from duckmart.spec.spans import Anchor, Moment, Span
from duckmart.spec.window_json import changes
from duckmart.spec.windows import starts_between


@dataclass(frozen=True, slots=True)
class Reach:
    """The first and the last moment of a window, as far as the data can fill it; None where nothing can."""

    first: datetime | None
    last: datetime


def warnings(path: Path, node: EventFilter | SequenceFilter, context: CheckContext) -> Iterator[Problem]:
    """Warnings about a window without events or without time for its steps, or one that excludes no event."""
    oldest, newest = context.catalog.oldest_event, context.catalog.newest_event
    if oldest is None or newest is None or context.as_of < oldest:
        return  # then `as_of` is wrong, or there are no events: each has a warning of its own
    if isinstance(node, EventFilter):
        for step, side in node.sides:
            yield from _of_window((*path, *step), side, node, context, (oldest, newest))
        return
    problems = list(_of_window(path, node, node, context, (oldest, newest)))
    yield from problems
    if not problems or problems[0].code != "empty_window":
        span = node.window.span(Moment(context.as_of, context.zone))
        yield from _of_sequence(path, node, span, context, oldest)


def _key(node: Windowed) -> str | None:
    return next(iter(node.window_json), None)


def _of_window(
    path: Path,
    windowed: Windowed,
    node: EventFilter | SequenceFilter,
    context: CheckContext,
    data: tuple[datetime, datetime],
) -> Iterator[Problem]:
    """Warnings about a window of a condition, which may have two."""
    key = _key(windowed)
    if key is None:
        return
    path, span = (*path, key), windowed.window.span(Moment(context.as_of, context.zone))
    oldest, newest = data
    reach = _reach(span, context)
    if reach is None:
        assert span.anchor is not None  # noqa: S101 - only an anchor can be unknown for everyone
        words = f"nobody has a value for {span.anchor.field}"
    elif reach.first is not None and reach.first > context.as_of:
        words = f"begins after the moment counted from, {stamp(context.as_of)}"
    elif reach.last < oldest:
        words = f"ends before the oldest event, {stamp(oldest)}"
    elif reach.first is not None and reach.first > newest:
        words = f"begins after the newest event, {stamp(newest)}"
    elif span.anchor is None and reach.first is not None and days_after(reach.first, 1) <= oldest:
        message = f"begins before the oldest event, {stamp(oldest)}"
        history = ": this is all of history" if span.until >= min(newest, context.as_of) else ""
        yield problem(path, "long_window", message + history, "leave it out, or make it shorter")
        return
    else:
        return
    message = f"{words}: it is empty{_consequence(node, context)}"
    yield problem(path, "empty_window", message, "pick a window with events")


def _consequence(node: EventFilter | SequenceFilter, context: CheckContext) -> str:
    """What an empty window means for a condition; beside another measure it decides nothing alone."""
    if isinstance(node, EventFilter) and node.than is not None:
        return ""
    return f", so this holds for {_whom(node, context)}"


def _whom(node: EventFilter | SequenceFilter, context: CheckContext) -> str:
    match node:
        case SequenceFilter():
            everyone = node.operator == "did_not"
        case EventFilter():
            everyone = holds_for_never(node, context)
        case _:
            assert_never(node)
    return "everyone" if everyone else "nobody"


def _reach(span: Span, context: CheckContext) -> Reach | None:
    """When a window's events can be; with users' own dates, from the first user's to the last user's."""
    if span.anchor is None:
        return Reach(span.after or span.since, span.until)
    column = context.catalog.attributes[span.anchor.field]
    if not isinstance(column.low, date) or not isinstance(column.high, date):
        return None
    first, last = _begins(column.low, 0, span.anchor), _begins(column.high, span.anchor.days, span.anchor)
    return Reach(first, min(last - MICROSECOND, span.until))


def _begins(cell: date, days: int, anchor: Anchor) -> datetime:
    """So many days after a user's own date or time."""
    if isinstance(cell, datetime):
        return days_after(cell, days)
    return day_start(shifted(cell, days), anchor.zone)


def _of_sequence(
    path: Path, node: SequenceFilter, span: Span, context: CheckContext, oldest: datetime
) -> Iterator[Problem]:
    """A sequence that cannot end in time, or can only for a small part of the starts in its window."""
    due = _due(node, context)
    reach = _reach(span, context)
    if reach is None:
        return
    first = max(reach.first or oldest, oldest)
    here = (*path, _key(node) or node.within.unit.within)
    is_late = span.after is not None and span.after >= due
    if first > due or is_late:
        yield _never_over(here, node, span, context)
    # More than half of the starts are too late to count: fewer are normal, as the newest always are.
    elif node.absent and span.anchor is None and due < reach.last and 2 * (due - first) <= reach.last - first:
        yield _partly_over(here, node, span, context)


def _due(node: SequenceFilter, context: CheckContext) -> datetime:
    """The latest start that leaves time for all steps, or for an absent step to be known as absent."""
    if node.absent is not None:
        return before(context.as_of, node.within.span)
    # Steps come one after another, at the earliest a microsecond apart, the resolution of times.
    return context.as_of - (len(node.steps) - 1) * MICROSECOND


def _days(node: SequenceFilter) -> int:
    """How long it may take in whole days, rounded up, as a window of days ago can only say those."""
    return -(-node.within.span // DAY)


def _never_over(path: Path, node: SequenceFilter, span: Span, context: CheckContext) -> Problem:
    length, key = node.within.words, node.within.unit.within
    words = "leaves no time for the steps after the first"
    if node.absent is not None and path[-1] == key:
        words = (
            f"the data does not reach {length} back, and whether a step is absent shows only after {length}"
        )
    elif node.absent is not None:
        words = f"whether the last step is absent shows only after {length}, and all these starts are later"
    message = f"{words}: this holds for {_whom(node, context)}"
    shift = _window_repairs(node, span, context, shift=_days(node))
    hint = phrase("make {key} less than {length}", key=Key(key), length=length)
    return _with_repairs(path, "empty_window", message, hint, shift)


def _partly_over(path: Path, node: SequenceFilter, span: Span, context: CheckContext) -> Problem:
    message = (
        f"only starts until {stamp(_due(node, context))} count: whether the last step is absent shows only "
        f"after {node.within.words}, and most of these starts are later"
    )
    trim = _window_repairs(node, span, context, shift=0)
    return _with_repairs(path, "short_window", message, "begin the window earlier", trim)


def _with_repairs(path: Path, code: str, message: str, hint: str, repairs: tuple[Repair, ...]) -> Problem:
    if repairs:
        label = repairs[0].label
        hint = phrase("{repair}, or {hint}", repair=f"{label[0].lower()}{label[1:]}", hint=hint)
    return replace(problem(path, code, message, hint), repairs=repairs)


def _window_repairs(
    node: SequenceFilter, span: Span, context: CheckContext, *, shift: int
) -> tuple[Repair, ...]:
    """The window cut to end at the latest start that can count; with `shift`, moved back by so many days."""
    start, to = span.after or span.since, _days(node)
    oldest = context.catalog.oldest_event
    if node.absent is None or span.anchor is not None or start is None or oldest is None:
        return ()
    due = _due(node, context)
    trimmed = None if shift else node.window.until(stamp(due))
    if trimmed is not None:
        return (Repair(f"Look at starts until {due:%d %b %Y}", changes(trimmed)),)
    # Rounded up to whole days, as a window of days ago can only say those.
    width = -(-((span.until if shift else context.as_of) - start) // DAY)
    back = width + shift
    window = starts_between(back, to)
    if window is None or due <= oldest:
        return ()
    return (Repair(f"Look at starts from {back:,} to {to:,} days ago", changes(window)),)
