"""HTTP requests answered in threads: with a deadline, and ended when the client leaves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import inf
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request

from duckmart.engines import Stop
from duckmart.errors import Cancelled, Overloaded, Preparing
from duckmart.settings import Settings

Answer = TypeVar("Answer")

# Questions that are worked on. More at once would wait for the engine's slots all the same, and the more
# threads there are, the longer the server's own has to wait for Python.
_QUESTIONS = CapacityLimiter(1)
_BESIDE_QUERIES = 2
_ANY_NUMBER = CapacityLimiter(inf)
# Threads of their own for what must be told while all questions wait.
_STATUS = CapacityLimiter(4)
# Seconds after which a status is told without what takes longer to know.
_PATIENCE = 0.8


async def question(request: Request, settings: Settings, work: Callable[[Stop], Answer]) -> Answer:
    """What `work` returns. It is stopped at the settings' deadline, and when the client goes away.

    The request's body must have been read. Raises what the work raises, and `Overloaded` when the deadline
    passes before it begins.
    """
    stop = Stop.after(settings.timeout)
    leaving = asyncio.create_task(_stop_when_gone(request, stop))
    try:
        async with _place(settings):
            if stop.pulled:
                raise Cancelled("the client went away")
            return await to_thread.run_sync(work, stop, limiter=_ANY_NUMBER)
    finally:
        leaving.cancel()


@asynccontextmanager
async def _place(settings: Settings) -> AsyncIterator[None]:
    """A place among the questions that are worked on."""
    _QUESTIONS.total_tokens = settings.max_queries + _BESIDE_QUERIES
    borrower = object()
    try:
        async with asyncio.timeout(settings.timeout):
            await _QUESTIONS.acquire_on_behalf_of(borrower)
    except TimeoutError:
        raise Overloaded("too many questions are waiting; try again in a moment") from None
    try:
        yield
    finally:
        _QUESTIONS.release_on_behalf_of(borrower)


async def status(look: Callable[[], Answer]) -> Answer:
    """What `look` returns. Raises `Preparing` if that takes longer than a status should."""
    looking = asyncio.ensure_future(to_thread.run_sync(look, limiter=_STATUS))
    try:
        return await asyncio.wait_for(asyncio.shield(looking), _PATIENCE)
    except TimeoutError:
        looking.add_done_callback(_end)
        raise Preparing("the data is being opened; ask again in a moment") from None


async def _stop_when_gone(request: Request, stop: Stop) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    stop.pull()


def _end(looking: asyncio.Future[Answer]) -> None:
    """Look at the error of a status that nobody waits for: asyncio would log it otherwise."""
    if not looking.cancelled():
        looking.exception()
