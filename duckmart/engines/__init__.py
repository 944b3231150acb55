"""What an engine is: it knows what its data holds, and answers compiled queries."""

import threading
from collections.abc import Callable, Mapping
from math import inf
from time import monotonic, sleep
from types import MappingProxyType
from typing import Protocol

import pyarrow as pa

from duckmart.catalog import Catalog
from duckmart.query import Query

# By the names that a query calls them.
Tables = Mapping[str, pa.Table]
NO_TABLES: Tables = MappingProxyType({})


class Stop:
    """Ends the queries of one question, when another thread pulls it or at a deadline.

    One `Stop` goes with a question through all of its queries, so that they share the time it may take.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._interrupt: Callable[[], None] | None = None
        self._deadline: float | None = None
        self.pulled = False
        self.expired = False

    @classmethod
    def after(cls, seconds: float) -> "Stop":
        stop = cls()
        stop.limit(seconds)
        return stop

    def limit(self, seconds: float) -> None:
        """Set the deadline, in seconds from now, unless there is one already."""
        if self._deadline is None:
            self._deadline = monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds until the deadline, never negative; infinite where there is none."""
        return inf if self._deadline is None else max(0.0, self._deadline - monotonic())

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for an answer any more."""
        return self.pulled or self.expired

    def pull(self) -> None:
        self.pulled = True
        self._end()

    def expire(self) -> None:
        """End what runs, because its time is over."""
        self.expired = True
        self._end()

    def _end(self) -> None:
        threading.Thread(target=self._insist, daemon=True).start()

    def attach(self, interrupt: Callable[[], None] | None) -> None:
        """Names what ends the query that starts now; None when it has ended."""
        with self._lock:
            self._interrupt = interrupt

    def _insist(self) -> None:
        # A query that is still being planned forgets an interrupt.
        while self._interrupted():
            sleep(0.01)

    def _interrupted(self) -> bool:
        """Whether there was still something to interrupt."""
        with self._lock:
            if self._interrupt is None:
                return False
            self._interrupt()
            return True


class Engine(Protocol):
    """Where compiled queries run."""

    def catalog(self) -> Catalog:
        """What the data holds."""

    def run(self, query: Query, stop: Stop | None = None, tables: Tables = NO_TABLES) -> pa.Table:
        """The rows of a query, which may read `tables` beside the data.

        Raises `Timeout`, `Cancelled` (when `stop` was pulled), `Overloaded` or `Failed`. A `stop` without a
        deadline gets one that is as far off as the setting says.
        """
