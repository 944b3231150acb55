"""The window of a condition: read from the keys of its JSON, checked, and written back."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from duckmart.errors import Key, phrase
from duckmart.spec.json_text import JsonObject
from duckmart.spec.lengths import Length
from duckmart.spec.windows import (
    KEYS,
    LAST_KEYS,
    TIME_RANGE,
    TIME_RANGES,
    Window,
    WindowProblem,
    up_to_now,
)


def read(condition: JsonObject) -> Window:
    """The window of a condition; without any of the `KEYS` it is all history."""
    return next(read_all(condition), up_to_now(None))


def read_all(condition: JsonObject) -> Iterator[Window]:
    """The windows of a condition: several if it is wrong and has more than one of the `KEYS`."""
    for unit, key in LAST_KEYS.items():
        if condition.get(key) is not None:
            yield up_to_now(Length(condition[key], unit))
    form = form_of(condition)
    if form is not None:
        yield form(*map(condition[TIME_RANGE].get, form.keys))


def form_of(condition: JsonObject) -> type[Window] | None:
    """The form of a condition's `TIME_RANGE`, which may be incomplete; None where it has none."""
    keys = condition.get(TIME_RANGE)
    if keys is None:
        return None
    # Between times is the form whose ends may both be open, so an empty `TIME_RANGE` is one of these.
    return next((form for form in reversed(TIME_RANGES) if _has_any(form, keys)), TIME_RANGES[0])


def problems(window: JsonObject, zone: ZoneInfo) -> Iterator[WindowProblem]:
    """What is wrong with a condition's window, given those of the `KEYS` that the condition has."""
    if len(window) > 1:
        yield WindowProblem(([*window][-1],), "two_windows", _TWO_WINDOWS, "keep one of them")
    if TIME_RANGE in window:
        yield from _time_range_problems(window[TIME_RANGE], zone)


def _time_range_problems(keys: JsonObject, zone: ZoneInfo) -> Iterator[WindowProblem]:
    forms = [form for form in TIME_RANGES if _has_any(form, keys)]
    if len(forms) != 1:
        message = "has no end" if not forms else "mixes two kinds of window"
        yield WindowProblem((TIME_RANGE,), "wrong_window", message, _write_one_form())
        return
    form = forms[0]
    for key in form.keys:
        if key not in keys and not form.one_is_enough:
            hint = phrase("add {key!r}", key=Key(key))
            yield WindowProblem((TIME_RANGE, key), "missing", "is required", hint)
    yield from form(*map(keys.get, form.keys)).problems(zone)


_TWO_WINDOWS = f"a condition has one window, {', '.join(KEYS[:-1])} or {KEYS[-1]}"


def _write_one_form() -> str:
    *others, last = (form.asks_for for form in TIME_RANGES)
    return f"write {'; '.join(others)}; or {last}"


def key_names() -> dict[str, str]:
    """What the page calls the keys of windows."""
    of_forms = {key: name for form in TIME_RANGES for key, name in form.key_names.items()}
    return dict.fromkeys(KEYS, "window") | of_forms


def page_hints() -> dict[str, str]:
    """What the page says instead of the messages and hints here that talk of JSON."""
    of_forms = {hint: words for form in TIME_RANGES for hint, words in form.page_hints.items()}
    return {_TWO_WINDOWS: "a filter has one window, not two", _write_one_form(): "choose it again"} | of_forms


def _has_any(form: type[Window], keys: JsonObject) -> bool:
    return any(key in keys for key in form.keys)


def blank(form: type[Window], own_date: str | None) -> dict[str, Any]:
    """The window that a condition gets when the user of the builder picks a form."""
    return {TIME_RANGE: {**form.blank, **dict.fromkeys(form.own_date_keys()[1:], own_date)}}


def changes(window: Window) -> tuple[tuple[str, Any], ...]:
    """What to set each of the `KEYS` of a condition to, for it to have this window; None removes a key."""
    return tuple((key, window.json.get(key)) for key in KEYS)
