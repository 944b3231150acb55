"""The last look at tables that others write to, and when they are looked at again.

up to FRESH seconds    the look is used as it is
up to USABLE seconds   a request has the tables looked at in the background, and waits a moment for that;
                       until it is done, requests go on with the last look
later                  requests wait: a job of every night must not count from the newest event of yesterday
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from math import inf
from time import monotonic
from typing import Generic, TypeVar

Look = TypeVar("Look")

FRESH = 60.0
USABLE = 300.0
# Less than `/health` takes for its answer.
_PATIENCE = 0.5


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Look]):
    look: Look
    fresh_until: float
    usable_until: float


class LookCache(Generic[Look]):
    """Keeps the last result of `look`, which gets the one before; safe to share between threads."""

    def __init__(self, look: Callable[[Look | None], Look]) -> None:
        self._look = look
        self._entry: _Entry[Look] | None = None
        self._looking = threading.Lock()

    @property
    def last(self) -> Look | None:
        """The last look, however old."""
        return self._entry.look if self._entry else None

    def recent(self) -> Look:
        """The last look if it is recent, else one now. Raises what `look` raises."""
        entry, now = self._entry, monotonic()
        if entry and now < entry.fresh_until:
            return entry.look
        if entry and now < entry.usable_until:
            return self._in_background(entry)
        with self._looking:
            return self._again()

    def expire(self) -> None:
        """Have the next request wait for a look, as if nobody had asked for long."""
        if self._entry:
            self._entry = replace(self._entry, fresh_until=-inf, usable_until=-inf)

    def forget(self) -> None:
        """Have the next request look at everything anew: the tables are not as they were."""
        self._entry = None

    def _in_background(self, entry: _Entry[Look]) -> Look:
        """What a thread of its own sees, if that comes soon; else the last look."""
        if self._looking.locked():
            return entry.look
        # However long it takes: while somebody looks, the last look is good enough.
        self._entry = replace(entry, usable_until=inf)
        answer: Future[Look] = Future()
        threading.Thread(target=self._answer, args=(answer,), name="catalog", daemon=True).start()
        with suppress(TimeoutError):
            return answer.result(_PATIENCE)
        return entry.look

    def _answer(self, answer: Future[Look]) -> None:
        try:
            with self._looking:
                answer.set_result(self._again())
        except Exception as error:  # noqa: BLE001 - whoever waits is told, whatever it is
            answer.set_exception(error)

    def _again(self) -> Look:
        """Look, unless another thread has just done so."""
        entry = self._entry
        if entry and monotonic() < entry.fresh_until:
            return entry.look
        try:
            look = self._look(entry.look if entry else None)
        except Exception:
            # Else a server that does not answer would pass for healthy as long as its last look is usable.
            self.expire()
            raise
        now = monotonic()
        self._entry = _Entry(look, now + FRESH, now + USABLE)
        return look
