"""HTTP requests answered in threads: with a deadline, and ended when the client leaves."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request

from duckmart.engines import Stop
from duckmart.errors import Overloaded, Unavailable

Answer = TypeVar("Answer")

# Threads that wait for or work on questions; further requests wait without one.
_QUESTIONS = CapacityLimiter(64)
# Threads of their own for what must be told while all questions wait.
_STATUS = CapacityLimiter(4)
# Seconds after which a status is told without what takes longer to know.
_PATIENCE = 0.8


async def question(request: Request, seconds: float, work: Callable[[Stop], Answer]) -> Answer:
    """What `work` returns. It is stopped after `seconds` from now, and when the client goes away.

    The request's body must have been read. Raises what the work raises.
    """
    stop = Stop.after(seconds)
    leaving = asyncio.create_task(_stop_when_gone(request, stop))
    try:
        return await to_thread.run_sync(partial(_in_time, work, stop), limiter=_QUESTIONS)
    finally:
        leaving.cancel()


async def status(look: Callable[[], Answer]) -> Answer:
    """What `look` returns at once. Raises `Unavailable` when it takes longer than a status should."""
    looking = asyncio.ensure_future(to_thread.run_sync(look, limiter=_STATUS))
    try:
        return await asyncio.wait_for(asyncio.shield(looking), _PATIENCE)
    except TimeoutError:
        looking.add_done_callback(_end)
        raise Unavailable("the data is being opened; ask again in a moment") from None


def _in_time(work: Callable[[Stop], Answer], stop: Stop) -> Answer:
    if not stop.remaining:
        raise Overloaded("too many questions are waiting; try again in a moment")
    return work(stop)


async def _stop_when_gone(request: Request, stop: Stop) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    stop.pull()


def _end(looking: asyncio.Future[Answer]) -> None:
    """Look at the error of a status that nobody waits for any more, which asyncio would log otherwise."""
    if not looking.cancelled():
        looking.exception()
