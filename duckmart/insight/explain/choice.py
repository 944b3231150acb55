"""One choice of events that fits the steps of a sequence, to show it. Whether a user did it, SQL decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from duckmart import instants
from duckmart.spec.segment import SequenceFilter


@dataclass(frozen=True, slots=True)
class UserEvent:
    """An event of a user: when (naive UTC), and its name."""

    time: datetime
    name: str

    def as_dict(self) -> dict[str, Any]:
        return {"time": instants.stamp(self.time), "name": self.name}


def choice(
    node: SequenceFilter, steps: Sequence[Sequence[UserEvent]], as_of: datetime
) -> tuple[UserEvent, ...]:
    """One event for each step that must happen, in order; empty if no choice of events fits."""
    present = steps[: len(node.present)]
    for start in present[0]:
        deadline = instants.after(start.time, node.within.span)
        events = _way(start, present[1:], deadline, latest=node.absent is not None)
        if events is None:
            continue
        if node.absent is None or _stays_absent(events[-1], steps[-1], deadline, as_of):
            return events
    return ()


def shortest(node: SequenceFilter, steps: Sequence[Sequence[UserEvent]]) -> timedelta | None:
    """The shortest time in which the steps that happen follow one another; None if they never do."""
    first, *later = steps[: len(node.present)]
    ways = (_way(start, later, datetime.max, latest=False) for start in first)
    return min((way[-1].time - way[0].time for way in ways if way is not None), default=None)


def _way(
    start: UserEvent, steps: Sequence[Sequence[UserEvent]], deadline: datetime, *, latest: bool
) -> tuple[UserEvent, ...] | None:
    """The earliest events that follow one another; with `latest`, the last is as late as possible."""
    events = [start]
    for place, step in enumerate(steps, 1):
        fitting = [event for event in step if events[-1].time < event.time <= deadline]
        if not fitting:
            return None
        events.append(fitting[-1 if latest and place == len(steps) else 0])
    return tuple(events)


def _stays_absent(last: UserEvent, absent: Sequence[UserEvent], deadline: datetime, as_of: datetime) -> bool:
    """Whether no such event follows in time, and the time is over."""
    return deadline <= as_of and not any(last.time < event.time <= deadline for event in absent)
