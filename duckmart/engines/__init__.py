"""What an engine is: it knows what its data holds, and answers compiled queries."""

import threading
from collections.abc import Callable
from typing import Protocol

import pyarrow as pa

from duckmart.catalog import Catalog
from duckmart.query import Query


class Stop:
    """A way for another thread to end a running query, or one that is yet to start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._interrupt: Callable[[], None] | None = None
        self.pulled = False

    def pull(self) -> None:
        with self._lock:
            self.pulled = True
            if self._interrupt is not None:
                self._interrupt()

    def attach(self, interrupt: Callable[[], None] | None) -> None:
        """Names what ends the query that starts now; None when it has ended."""
        with self._lock:
            self._interrupt = interrupt


class Engine(Protocol):
    """Where compiled queries run."""

    def catalog(self) -> Catalog:
        """What the data holds."""

    def run(self, query: Query, stop: Stop | None = None) -> pa.Table:
        """The rows of a query.

        Raises `Timeout`, `Cancelled` (when `stop` was pulled), `Overloaded` or `Failed`.
        """
