"""Progress within one long step: how much of it DuckDB has done, and how many rows a second that makes."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

from duckdb import DuckDBPyConnection

from duckmart.data.progress import Progress

Result = TypeVar("Result")

EVERY = 0.5
"""Seconds between two words on the same step."""

COUNT_PROGRESS = "SET enable_progress_bar = true; SET enable_progress_bar_print = false"


@dataclass(frozen=True)
class LoadStep:
    """A part of a load that takes a while: what it does, the shares it begins and ends with, its rows."""

    what: str
    begin: float
    end: float
    rows: int


def run_step(step: LoadStep, con: DuckDBPyConnection, say: Progress, work: Callable[[], Result]) -> Result:
    """Do the work in a thread of its own, and tell from this one how far it is."""
    say(step.what, step.begin)
    con.execute(COUNT_PROGRESS)
    start, furthest = perf_counter(), 0.0
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work)
        try:
            while not is_done(running):
                # DuckDB counts within a statement, and a step may have several: what is done stays done.
                furthest = max(furthest, con.query_progress() / 100)
                if furthest > 0 and step.rows:
                    pace = step.rows * furthest / (perf_counter() - start)
                    share = step.begin + furthest * (step.end - step.begin)
                    say(f"{step.what}, {pace:,.0f} rows a second", share)
        except BaseException:
            con.interrupt()
            raise
    return running.result()


def is_done(running: "Future[Result]") -> bool:
    return bool(wait([running], timeout=EVERY).done)
