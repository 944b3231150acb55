"""The weeks or days of a chart that the segment itself asks about, and what to say of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from duckmart.insight.activity import Steps
from duckmart.insight.event_windows import EventWindow, event_windows
from duckmart.mart import Mart
from duckmart.spec import words
from duckmart.spec.segment import ANY_EVENT, Segment
from duckmart.ui import formatting

_MOST_NAMES = 4


@dataclass(frozen=True, slots=True)
class Shading:
    """What the segment asks about in a chart's steps.

    `labels` has the names of the events for each step, oldest first, as plain text; empty where the segment
    asks about none.
    """

    windows: tuple[EventWindow, ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, segment: Segment, mart: Mart, steps: Steps) -> "Shading":
        windows = [
            window
            for window in event_windows(segment, mart.catalog, mart.as_of(segment))
            if window.overlaps(steps.after, steps.until)
        ]
        ends = [steps.end(step) for step in reversed(range(steps.number))]
        labels = (
            enumeration(_names(window for window in windows if window.overlaps(end - steps.length, end)))
            for end in ends
        )
        return cls(tuple(windows), tuple(labels))

    @property
    def steps(self) -> frozenset[int]:
        return frozenset(place for place, label in enumerate(self.labels) if label)

    def words(self, unit: str) -> str:
        """The caveat that what the segment asks for is no news; empty if nothing is shaded."""
        if not self.steps:
            return ""
        names = _names(self.windows)
        is_more = all(window.more for window in self.windows)
        asks, more = ("asks for", "more") if is_more else ("asks about", "more or less")
        it = "it" if len(names) == 1 and ANY_EVENT not in self.windows[0].names else "them"
        units = unit if len(self.steps) == 1 else f"{unit}s"
        return (
            f"The segment itself {asks} {formatting.markdown(enumeration(names))} in the shaded {units}, "
            f"so {more} of {it} there is no news."
        )


def _names(windows: Iterable[EventWindow]) -> list[str]:
    names = list(dict.fromkeys(name for window in windows for name in window.names))
    return ["any event"] if ANY_EVENT in names else names


def enumeration(names: list[str]) -> str:
    """A few names as a sentence has them: `LOGIN, VISIT and 3 more`."""
    if len(names) > _MOST_NAMES:
        names = [*names[: _MOST_NAMES - 1], f"{len(names) - _MOST_NAMES + 1:,} more"]
    return words.enumeration(names)
