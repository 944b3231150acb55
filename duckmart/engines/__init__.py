"""What an engine is: it knows what its data holds, and answers compiled queries."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from math import inf
from time import monotonic, sleep
from types import MappingProxyType
from typing import Any, Protocol

import pyarrow as pa

from duckmart.catalog import Catalog
from duckmart.compile.query import Query

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
        self._awake: threading.Event | None = None
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
        with self._lock:
            if self._awake is not None:
                self._awake.set()

    def wait(self, running: Future[Any]) -> None:
        """Wait for a query to end, for the deadline, or for the pull, whichever comes first."""
        # One event for all three: a thread cannot wait for a future and a pull at once.
        awake = threading.Event()
        with self._lock:
            self._awake = awake
        running.add_done_callback(lambda _: awake.set())
        if not self.pulled:
            awake.wait(self.remaining)
        if not (running.done() or self.pulled):
            self.expired = True

    def attach(self, interrupt: Callable[[], None] | None) -> None:
        """Set what interrupts the running query; None once it has ended."""
        with self._lock:
            self._interrupt = interrupt

    def interrupt(self, running: Future[Any], seconds: float) -> None:
        """Interrupt a query again and again until it ends, for at most so many seconds.

        Once is not enough: DuckDB forgets an interrupt that comes while it plans.
        """
        until = monotonic() + seconds
        while not running.done() and monotonic() < until:
            with self._lock:
                if self._interrupt is not None:
                    self._interrupt()
            sleep(0.01)


class Engine(Protocol):
    """Where compiled queries run."""

    @property
    def is_live(self) -> bool:
        """Whether the data may change while it is served, so that no earlier result may be used again."""

    def catalog(self) -> Catalog:
        """What the data holds; its `generation` names the version of the data."""

    def run(self, query: Query, stop: Stop | None = None, tables: Tables = NO_TABLES) -> pa.Table:
        """The rows of a query, which may read `tables` beside the data.

        Raises `Timeout`, `Cancelled` (when `stop` was pulled), `Overloaded` or `Failed`. A `stop` without a
        deadline gets one that is as far off as the setting says.
        """
