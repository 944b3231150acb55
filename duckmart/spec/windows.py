"""When events count: one form of window each, with its JSON, span, words, check, numbers and widgets.

    nothing                                                   all history
    "time_range_days": 30                                     the last days
    "time_range": {"from": "2026-10-01", "to": ...}           between two times
    "time_range": {"from_days_ago": 60, "to_days_ago": 30}    between days ago
    "time_range": {"within_days_of": "signup_date", ...}      days from a user's own date

A new form of `time_range` is a class here, and a line in `TIME_RANGES`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from duckmart import instants
from duckmart.errors import Key, phrase
from duckmart.spec.spans import Anchor, Moment, Span
from duckmart.spec.values import MAX_DAYS, Days, DaysAgo, Name, Time
from duckmart.spec.words import UNSAID, last_days, spoken
from duckmart.spec.words import days as days_in_words

Said = Mapping[str, Any]
Keys = tuple[str, ...]

LAST_DAYS, TIME_RANGE = "time_range_days", "time_range"
KEYS = (LAST_DAYS, TIME_RANGE)
"""The keys of a condition that say its window; it has at most one of them."""

REVERSED = ("reversed", "begins after its end", "put the lower bound first")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What keeps a window from meaning anything; `keys` lead to it from the condition."""

    keys: Keys
    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of days of a window that can be varied; `keys` lead to it from the condition."""

    keys: Keys
    words: str
    days: int


class Asks(StrEnum):
    """What a widget of a window asks for."""

    DAYS = "days"
    MOMENT = "moment"  # cleared, that end of the window is open
    OWN_DATE = "own date"


@dataclass(frozen=True, slots=True)
class Control:
    """A widget of the builder: the key of `time_range` that it says, its name, and what stands before it."""

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

    In the builder, `label` picks it, `blank` is what it says then, and `controls` change it; `called` are its
    keys in the page's words, and `rephrased` what its hints say there.
    """

    keys: ClassVar[dict[str, Any]] = {}
    asks_for: ClassVar[str] = ""
    one_is_enough: ClassVar[bool] = False
    label: ClassVar[str] = ""
    blank: ClassVar[dict[str, Any]] = {}
    controls: ClassVar[tuple[Control, ...]] = ()
    called: ClassVar[dict[str, str]] = {}
    rephrased: ClassVar[dict[str, str]] = {}

    @property
    def said(self) -> dict[str, Any]:
        """The keys of a condition that say it."""
        cells = zip(self.keys, astuple(self), strict=True)
        return {TIME_RANGE: {key: cell for key, cell in cells if cell is not None}}

    @abstractmethod
    def span(self, moment: Moment) -> Span:
        """When its events are; later than the moment are none."""

    @abstractmethod
    def words(self) -> str:
        """As it follows an event in a sentence."""

    def problems(self, zone: ZoneInfo) -> Iterator[Wrong]:
        """What its keys contradict each other in, once all that it needs are there."""
        yield from ()

    @property
    def parameter(self) -> Parameter | None:
        """The number of days that can be varied."""
        return None

    @property
    def last_days(self) -> int | None:
        """Of how many days up to now it is, where it is of so many."""
        return None

    @property
    def own_date(self) -> str | None:
        """The attribute of the user that it counts from."""
        return None

    def until(self, end: str) -> Window | None:
        """The same window with another end, where its ends are times."""
        return None

    @classmethod
    def own_date_keys(cls) -> Keys:
        """The keys that lead to the name of that attribute; none where it counts from none."""
        keys = (control.key for control in cls.controls if control.asks is Asks.OWN_DATE)
        return tuple(step for key in keys for step in (TIME_RANGE, key))


@dataclass(frozen=True)
class AllHistory(Window):
    @property
    def said(self) -> dict[str, Any]:
        return {}

    def span(self, moment: Moment) -> Span:
        return Span(moment.as_of)

    def words(self) -> str:
        return ""


@dataclass(frozen=True)
class LastDays(Window):
    days: int

    @property
    def said(self) -> dict[str, Any]:
        return {LAST_DAYS: self.days}

    def span(self, moment: Moment) -> Span:
        return Span(moment.as_of, after=instants.days_before(moment.as_of, self.days))

    def words(self) -> str:
        return f"in the last {last_days(self.days)}"

    @property
    def parameter(self) -> Parameter:
        return Parameter((LAST_DAYS,), "number of days", self.days)

    @property
    def last_days(self) -> int:
        return self.days


@dataclass(frozen=True)
class BetweenTimes(Window):
    start: str | None
    end: str | None

    keys: ClassVar[dict[str, Any]] = {"from": Time, "to": Time}
    asks_for = "from, to or both"
    one_is_enough = True
    label = "between dates"
    controls = (Control("from", Asks.MOMENT, "from"), Control("to", Asks.MOMENT, "to", joiner="to"))
    called: ClassVar[dict[str, str]] = {"from": "start of the window", "to": "end of the window"}

    def span(self, moment: Moment) -> Span:
        as_of, zone = moment.as_of, moment.zone
        end = instants.moment(self.end, zone) if self.end else as_of
        since = instants.first_moment(self.start, zone) if self.start else None
        return Span(min(end, as_of), since=since)

    def words(self) -> str:
        if self.start is None:
            return f"until {self.end or UNSAID}"
        return f"from {self.start} to {self.end}" if self.end else f"since {self.start}"

    def problems(self, zone: ZoneInfo) -> Iterator[Wrong]:
        if self.start and self.end and instants.is_reversed(self.start, self.end, zone):
            yield Wrong((TIME_RANGE, "from"), *REVERSED)

    def until(self, end: str) -> Window | None:
        return BetweenTimes(self.start, end) if self.start else None


@dataclass(frozen=True)
class BetweenDaysAgo(Window):
    first: int | None
    last: int | None

    keys: ClassVar[dict[str, Any]] = {"from_days_ago": Days, "to_days_ago": DaysAgo}
    asks_for = "from_days_ago and to_days_ago"
    label = "days ago"
    blank: ClassVar[dict[str, Any]] = {"from_days_ago": 60, "to_days_ago": 30}
    controls = (
        Control("from_days_ago", Asks.DAYS, "from days ago", width=84),
        Control("to_days_ago", Asks.DAYS, "to days ago", width=84, joiner="to"),
    )
    called: ClassVar[dict[str, str]] = {
        "from_days_ago": "start of the window",
        "to_days_ago": "end of the window",
    }
    rephrased: ClassVar[dict[str, str]] = {
        "from_days_ago is the larger number": "put the larger number first",
    }

    def span(self, moment: Moment) -> Span:
        until = instants.days_before(moment.as_of, self.last or 0)
        return Span(until, after=instants.days_before(moment.as_of, self.first or 0))

    def words(self) -> str:
        first = UNSAID if self.first is None else f"{self.first:,}"
        return f"from {first} to {self.last or 0:,} days ago"

    def problems(self, zone: ZoneInfo) -> Iterator[Wrong]:
        if self.first is not None and self.last is not None and self.first <= self.last:
            message = f"from {self.first} to {self.last} days ago is no time"
            hint = "from_days_ago is the larger number"
            yield Wrong((TIME_RANGE, "from_days_ago"), "reversed", message, hint)


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
    called: ClassVar[dict[str, str]] = {
        "within_days_of": "date that the window is counted from",
        "days": "number of days",
    }

    def span(self, moment: Moment) -> Span:
        return Span(moment.as_of, anchor=Anchor(self.field or "", self.days or 0, moment.zone))

    def words(self) -> str:
        return f"within {days_in_words(self.days)} from their {spoken(self.field or UNSAID)}"

    @property
    def parameter(self) -> Parameter | None:
        words = f"number of days from {spoken(self.field or '')}"
        return None if self.days is None else Parameter((TIME_RANGE, "days"), words, self.days)

    @property
    def own_date(self) -> str | None:
        return self.field


TIME_RANGES: list[type[Window]] = [BetweenTimes, BetweenDaysAgo, FromOwnDate]
"""The forms of `time_range`."""


def read(said: Said) -> Window:
    """The window of a condition that has these of the `KEYS`."""
    return next(read_all(said), AllHistory())


def read_all(said: Said) -> Iterator[Window]:
    """The windows of a condition that may have more than the one that it should have."""
    if said.get(LAST_DAYS) is not None:
        yield LastDays(said[LAST_DAYS])
    form = form_of(said)
    if form is not None:
        yield form(*map(said[TIME_RANGE].get, form.keys))


def form_of(said: Said) -> type[Window] | None:
    """The form of a condition's `time_range`, which may be unfinished; None where it has none."""
    keys = said.get(TIME_RANGE)
    if keys is None:
        return None
    return next((form for form in reversed(TIME_RANGES) if _has_any(form, keys)), BetweenTimes)


def problems(said: Said, zone: ZoneInfo) -> Iterator[Wrong]:
    """What keeps the window of a condition from meaning anything, by its keys alone."""
    if len(said) > 1:
        yield Wrong((TIME_RANGE,), "two_windows", _TWO_WINDOWS, "keep one of the two")
    if TIME_RANGE in said:
        yield from _of_time_range(said[TIME_RANGE], zone)


def _of_time_range(keys: Said, zone: ZoneInfo) -> Iterator[Wrong]:
    forms = [form for form in TIME_RANGES if _has_any(form, keys)]
    if len(forms) != 1:
        message = "has no end" if not forms else "mixes two kinds of window"
        yield Wrong((TIME_RANGE,), "wrong_window", message, _write_one_form())
        return
    form = forms[0]
    for key in form.keys:
        if key not in keys and not form.one_is_enough:
            yield Wrong((TIME_RANGE, key), "missing", "is required", phrase("add {key!r}", key=Key(key)))
    yield from form(*map(keys.get, form.keys)).problems(zone)


_TWO_WINDOWS = f"a condition has one window, {' or '.join(KEYS)}"


def _write_one_form() -> str:
    *others, last = (form.asks_for for form in TIME_RANGES)
    return f"write {'; '.join(others)}; or {last}"


def called() -> dict[str, str]:
    """What the page calls the keys of windows."""
    of_forms = {key: name for form in TIME_RANGES for key, name in form.called.items()}
    return dict.fromkeys(KEYS, "window") | of_forms


def rephrased() -> dict[str, str]:
    """What the page says instead of texts here that talk of JSON."""
    of_forms = {text: words for form in TIME_RANGES for text, words in form.rephrased.items()}
    return {_TWO_WINDOWS: "a filter has one window, not two", _write_one_form(): "choose it again"} | of_forms


def _has_any(form: type[Window], keys: Said) -> bool:
    return any(key in keys for key in form.keys)


def picked(form: type[Window], own_date: str | None) -> dict[str, Any]:
    """What a condition says of its window when the builder's user has picked a form."""
    return {TIME_RANGE: {**form.blank, **dict.fromkeys(form.own_date_keys()[1:], own_date)}}


def of_days(days: int) -> Window:
    """The last days; of 0 it is all history."""
    return LastDays(days) if days else AllHistory()


def starts_between(first: int, last: int) -> Window | None:
    """From so many to so many days ago; None where no spec can say so."""
    return BetweenDaysAgo(first, last) if last < first <= MAX_DAYS else None


def changes(window: Window) -> tuple[tuple[str, Any], ...]:
    """The keys to set in a condition, and to remove from it, for it to have this window."""
    return tuple((key, window.said.get(key)) for key in KEYS)
