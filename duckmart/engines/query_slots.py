"""How many queries run at once, and how one that nobody waits for any more is ended."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from math import inf

import pyarrow as pa

from duckmart.engines import Stop
from duckmart.errors import Cancelled, Overloaded, Timeout
from duckmart.settings import Settings

# Seconds that an interrupted query has to end before its caller is told without it.
_GRACE = 0.5
# Seconds between two looks at whether a waiting question is still wanted.
_LOOK_UP = 0.1


class QuerySlots:
    """Places for the queries of one engine, each with a thread of its own; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.free = threading.BoundedSemaphore(settings.max_queries)
        self._workers = ThreadPoolExecutor(settings.max_queries, thread_name_prefix="query")

    def run(self, fetch: Callable[[], pa.Table], stop: Stop) -> pa.Table:
        """What `fetch` returns or raises; `Overloaded`, `Timeout` or `Cancelled` if it does not end in time.

        A `stop` without a deadline gets one that is as far off as the setting says. `fetch` attaches to the
        stop what interrupts it.
        """
        stop.limit(self._settings.timeout)
        self._take(stop)
        # From here on the worker gives the place back, unless there is no worker.
        try:
            running = self._workers.submit(self._run_in_slot, fetch)
        except BaseException:
            self.free.release()
            raise
        return self._result(running, stop)

    def _run_in_slot(self, fetch: Callable[[], pa.Table]) -> pa.Table:
        try:
            return fetch()
        finally:
            self.free.release()

    def _result(self, running: Future[pa.Table], stop: Stop) -> pa.Table:
        """What the query returns. Raises soon after the deadline or the pull, even where the engine goes on.

        DuckDB hears no interrupt while it plans. Such a query keeps its slot until it ends by itself.
        """
        try:
            stop.wait(running)
        except KeyboardInterrupt:
            stop.pull()
            raise
        if stop.is_over:
            stop.interrupt(running, _GRACE)
        if not running.done():
            # Nobody waits for it, but it should not run on once it is planned.
            threading.Thread(target=stop.interrupt, args=(running, inf), daemon=True).start()
            raise self.end_reason(stop)
        return running.result()

    def _take(self, stop: Stop) -> None:
        """Wait for a place among the queries that may run at once, while the answer is wanted."""
        while not self.free.acquire(timeout=min(_LOOK_UP, stop.remaining)):
            if stop.pulled:
                raise Cancelled("the query was cancelled")
            if not stop.remaining:
                raise Overloaded("too many queries are running; try again in a moment")

    def check(self, stop: Stop) -> None:
        """Raise if nobody waits for the query any more."""
        if stop.is_over:
            raise self.end_reason(stop)

    def end_reason(self, stop: Stop) -> Cancelled | Timeout:
        """Why a query that was interrupted has no answer."""
        if stop.pulled:
            return Cancelled("the query was cancelled")
        return Timeout(
            f"the query took longer than {self._settings.timeout:g} seconds and was stopped: "
            "ask for less at once, or raise DUCKMART_TIMEOUT"
        )
