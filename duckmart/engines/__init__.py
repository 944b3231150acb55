"""What an engine is: it knows what its data holds, and answers compiled queries."""

import threading
from collections.abc import Callable, Mapping
from time import sleep
from types import MappingProxyType
from typing import Protocol

import pyarrow as pa

from duckmart.catalog import Catalog
from duckmart.query import Query

# By the names that a query calls them.
Tables = Mapping[str, pa.Table]
NO_TABLES: Tables = MappingProxyType({})


class Stop:
    """A way for another thread to end a running query, or one that is yet to start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._interrupt: Callable[[], None] | None = None
        self.pulled = False

    def pull(self) -> None:
        self.pulled = True
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

        Raises `Timeout`, `Cancelled` (when `stop` was pulled), `Overloaded` or `Failed`.
        """
