"""The forms of a window of time: each a class with its JSON, span, words, check, parameter and widgets.

    nothing                                                   all history
    "time_range_days": 30                                     the last days
    "time_range_hours": 6                                     the last hours
    "time_range": {"from": "2026-10-01", "to": ...}           between two times
    "time_range": {"from_days_ago": 60, "to_days_ago": 30}    between days ago
    "time_range": {"within_days_of": "signup_date", ...}      days from a user's own date

A new form of `time_range` is a class here and an entry in `TIME_RANGES`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from duckmart import instants
from duckmart.spec.lengths import DAYS, HOURS, Length, Unit
from duckmart.spec.spans import Anchor, Moment, Span
from duckmart.spec.values import MAX_DAYS, Days, DaysAgo, Name, Time
from duckmart.spec.words import MISSING, readable_name
from duckmart.spec.words import days as days_in_words

Keys = tuple[str, ...]

TIME_RANGE = "time_range"
# The key of a window that lasts up to now, by the unit of its length.
LAST_KEYS: dict[Unit, str] = {DAYS: "time_range_days", HOURS: "time_range_hours"}
# A condition gives its window with one of these keys.
KEYS = (*LAST_KEYS.values(), TIME_RANGE)

REVERSED = ("reversed", "begins after its end", "put the lower bound first")


@dataclass(frozen=True, slots=True)
class WindowProblem:
    """What is wrong with a window; `keys` lead to it from the condition."""

    keys: Keys
    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A length of time in a window that a chart can vary; `keys` lead to its number from the condition."""

    keys: Keys
    words: str
    length: Length


class Asks(StrEnum):
    """What a widget of a window asks for."""

    DAYS = "days"
    MOMENT = "moment"  # cleared, that end of the window is open
    OWN_DATE = "own date"


@dataclass(frozen=True, slots=True)
class Control:
    """A widget of the builder: the key of `time_range` that it sets, its label, and the word before it."""

    key: str
    asks: Asks
    label: str
    width: int = 96
    joiner: str = ""


@dataclass(frozen=True)
class Window(ABC):
    """What every form has.

    `keys` are those of its `time_range`, in the order of the fields, with their types; `asks_for` names them
    in words. With `one_is_enough`, some may be left out.

    In the builder, the menu shows `label`; `blank` is the `time_range` of a form just picked, and `controls`
    are the widgets that change it. `key_names` are the page's words for its keys, `page_hints` those for its
    hints.
    """

    keys: ClassVar[dict[str, Any]] = {}
    asks_for: ClassVar[str] = ""
    one_is_enough: ClassVar[bool] = False
    label: ClassVar[str] = ""
    blank: ClassVar[dict[str, Any]] = {}
    controls: ClassVar[tuple[Control, ...]] = ()
    key_names: ClassVar[dict[str, str]] = {}
    page_hints: ClassVar[dict[str, str]] = {}

    @property
    def json(self) -> dict[str, Any]:
        """This window as keys of a condition."""
        cells = zip(self.keys, astuple(self), strict=True)
        return {TIME_RANGE: {key: cell for key, cell in cells if cell is not None}}

    @abstractmethod
    def span(self, moment: Moment) -> Span:
        """When its events are; none are later than the moment."""

    @abstractmethod
    def words(self) -> str:
        """What follows an event's name in a sentence."""

    def problems(self, zone: ZoneInfo) -> Iterator[WindowProblem]:
        """How its keys contradict each other; called only when all the keys that it needs are there."""
        yield from ()

    @property
    def parameter(self) -> Parameter | None:
        """The length of time that can be varied, if it has one."""
        return None

    @property
    def last(self) -> Length | None:
        """How much time up to now it covers; None for any other form."""
        return None

    @property
    def before(self) -> Window | None:
        """The window of the same length that ends where it begins; None for other forms than last days."""
        return None

    @property
    def own_date(self) -> str | None:
        """The attribute of the user that it counts from; None where it counts from none."""
        return None

    def until(self, end: str) -> Window | None:
        """The same window with another end; None where its ends are no times."""
        return None

    @classmethod
    def own_date_keys(cls) -> Keys:
        """The keys that lead to the name of that attribute; empty where it counts from none."""
        keys = (control.key for control in cls.controls if control.asks is Asks.OWN_DATE)
        return tuple(step for key in keys for step in (TIME_RANGE, key))


@dataclass(frozen=True)
class AllHistory(Window):
    @property
    def json(self) -> dict[str, Any]:
        return {}

    def span(self, moment: Moment) -> Span:
        return Span(moment.as_of)

    def words(self) -> str:
        return ""


@dataclass(frozen=True)
class LastTime(Window):
    length: Length

    @property
    def json(self) -> dict[str, Any]:
        return {LAST_KEYS[self.length.unit]: self.length.number}

    def span(self, moment: Moment) -> Span:
        # After, not since: an event exactly 30 days ago is not in the last 30 days.
        return Span(moment.as_of, after=instants.before(moment.as_of, self.length.span))

    def words(self) -> str:
        return f"in the last {self.length.words_after_last}"

    @property
    def parameter(self) -> Parameter:
        unit = self.length.unit
        return Parameter((LAST_KEYS[unit],), f"number of {unit.noun}s", self.length)

    @property
    def last(self) -> Length:
        return self.length

    @property
    def before(self) -> Window | None:
        days = self.length.number if self.length.unit is DAYS else None
        return starts_between(2 * days, days) if days else None


@dataclass(frozen=True)
class BetweenTimes(Window):
    start: str | None
    end: str | None

    keys: ClassVar[dict[str, Any]] = {"from": Time, "to": Time}
    asks_for = "from, to or both"
    one_is_enough = True
    label = "between dates"
    controls = (Control("from", Asks.MOMENT, "from"), Control("to", Asks.MOMENT, "to", joiner="to"))
    key_names: ClassVar[dict[str, str]] = {"from": "start of the window", "to": "end of the window"}

    def span(self, moment: Moment) -> Span:
        as_of, zone = moment.as_of, moment.zone
        # A date stands for its whole day: `from` its first moment, `to` its last.
        end = instants.moment(self.end, zone) if self.end else as_of
        since = instants.first_moment(self.start, zone) if self.start else None
        return Span(min(end, as_of), since=since)

    def words(self) -> str:
        if self.start is None:
            return f"until {self.end or MISSING}"
        return f"from {self.start} to {self.end}" if self.end else f"since {self.start}"

    def problems(self, zone: ZoneInfo) -> Iterator[WindowProblem]:
        if self.start and self.end and instants.is_reversed(self.start, self.end, zone):
            yield WindowProblem((TIME_RANGE, "from"), *REVERSED)

    def until(self, end: str) -> Window | None:
        return BetweenTimes(self.start, end) if self.start else None


@dataclass(frozen=True)
class BetweenDaysAgo(Window):
    first_day: int | None
    last_day: int | None

    keys: ClassVar[dict[str, Any]] = {"from_days_ago": Days, "to_days_ago": DaysAgo}
    asks_for = "from_days_ago and to_days_ago"
    label = "days ago"
    blank: ClassVar[dict[str, Any]] = {"from_days_ago": 60, "to_days_ago": 30}
    controls = (
        Control("from_days_ago", Asks.DAYS, "from days ago", width=84),
        Control("to_days_ago", Asks.DAYS, "to days ago", width=84, joiner="to"),
    )
    key_names: ClassVar[dict[str, str]] = {
        "from_days_ago": "start of the window",
        "to_days_ago": "end of the window",
    }
    page_hints: ClassVar[dict[str, str]] = {
        "from_days_ago is the larger number": "put the larger number first",
    }

    def span(self, moment: Moment) -> Span:
        until = instants.days_before(moment.as_of, self.last_day or 0)
        return Span(until, after=instants.days_before(moment.as_of, self.first_day or 0))

    def words(self) -> str:
        first = MISSING if self.first_day is None else f"{self.first_day:,}"
        return f"from {first} to {self.last_day or 0:,} days ago"

    def problems(self, zone: ZoneInfo) -> Iterator[WindowProblem]:
        first, last = self.first_day, self.last_day
        if first is not None and last is not None and first <= last:
            message = f"from {first} to {last} days ago is no time"
            hint = "from_days_ago is the larger number"
            yield WindowProblem((TIME_RANGE, "from_days_ago"), "reversed", message, hint)


@dataclass(frozen=True)
class FromOwnDate(Window):
    field: str | None
    days: int | None

    keys: ClassVar[dict[str, Any]] = {"within_days_of": Name, "days": Days}
    asks_for = "within_days_of and days"
    label = "days after their own date"
    blank: ClassVar[dict[str, Any]] = {"within_days_of": None, "days": 30}
    controls = (
        Control("days", Asks.DAYS, "days"),
        Control("within_days_of", Asks.OWN_DATE, "date", width=190),
    )
    key_names: ClassVar[dict[str, str]] = {
        "within_days_of": "date that the window is counted from",
        "days": "number of days",
    }

    def span(self, moment: Moment) -> Span:
        return Span(moment.as_of, anchor=Anchor(self.field or "", self.days or 0, moment.zone))

    def words(self) -> str:
        return f"within {days_in_words(self.days)} from their {readable_name(self.field or MISSING)}"

    @property
    def parameter(self) -> Parameter | None:
        words = f"number of days from {readable_name(self.field or '')}"
        return None if self.days is None else Parameter((TIME_RANGE, "days"), words, Length(self.days, DAYS))

    @property
    def own_date(self) -> str | None:
        return self.field


# The forms of `time_range`. A list, so that tests can add one.
TIME_RANGES: list[type[Window]] = [BetweenTimes, BetweenDaysAgo, FromOwnDate]


def up_to_now(length: Length | None) -> Window:
    """The last hours or days; None stands for all history."""
    return LastTime(length) if length else AllHistory()


def starts_between(first: int, last: int) -> Window | None:
    """From `first` to `last` days ago; None where the limits of a spec do not allow it."""
    return BetweenDaysAgo(first, last) if last < first <= MAX_DAYS else None
