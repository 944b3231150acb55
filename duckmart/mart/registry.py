"""What all requests of a process share: the mart of the data that is served now, and its engine."""

import threading
from collections.abc import Callable, Hashable
from functools import cache
from typing import NamedTuple

from duckmart.data import first_data, preparation
from duckmart.data.generation import Generation
from duckmart.data.generations import Generations
from duckmart.engines import Engine
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.errors import Unavailable
from duckmart.mart.facade import Mart
from duckmart.mart.saved_specs import SavedSpecs
from duckmart.settings import Settings

NO_DATA = "no data is loaded yet: run `python -m duckmart generate` and `load`, or start the app once"


class _Version(NamedTuple):
    """A mart, and the version of the data that it answers from."""

    version: Hashable
    mart: Mart


# The newest mart of each settings. Requests that began on an older one hold it; nobody else needs it.
_newest: dict[Settings, _Version] = {}
_lock = threading.Lock()


def current(settings: Settings) -> Mart:
    """The mart of the data that is served now; the same object until the data changes.

    That is the generation that the manifest names, or what lies in the database of `settings.engine`. Raises
    `Unavailable` when nothing is loaded yet or the data cannot be opened.
    """
    if settings.engine:
        return _live(settings)
    generations = Generations(settings.data)
    generation = generations.current()
    if generation is None:
        refusal = preparation.refusal(settings, lambda: obstacle(settings) or NO_DATA)
        if generations.current() is None:
            raise refusal
        # Loaded by another thread or process after the manifest was looked for.
        return current(settings)
    try:
        return _of_generation(generation, settings)
    except Unavailable:
        if generations.current() == generation:
            raise
        # Removed by loads that switched after the manifest was read.
        return current(settings)


def _of_generation(generation: Generation, settings: Settings) -> Mart:
    """The mart of one generation."""
    return _of_version(
        generation, settings, lambda: Mart(engine(generation, settings), settings, SavedSpecs(settings))
    )


def _live(settings: Settings) -> Mart:
    """The mart of a database that others write to."""
    live = live_engine(settings)
    # Outside the lock: a catalog that takes long to read must not hold requests that need none.
    catalog = live.catalog()
    return _of_version(
        catalog.generation, settings, lambda: Mart(live, settings, SavedSpecs(settings), catalog)
    )


def _of_version(version: Hashable, settings: Settings, make: Callable[[], Mart]) -> Mart:
    """The mart of this version of the data: the newest one if it is of that version, else one from `make`."""
    with _lock:
        newest = _newest.get(settings)
        if newest is None or newest.version != version:
            newest = _newest[settings] = _Version(version, make())
        return newest.mart


@cache
def live_engine(settings: Settings) -> Engine:
    """The engine over the database that the setting names; one for all marts, which share its connections."""
    try:
        # Its driver is not installed where it is not used.
        from duckmart.engines.postgres import PostgresEngine  # noqa: PLC0415
    except ImportError as error:
        raise Unavailable(
            f"DUCKMART_ENGINE names PostgreSQL, whose driver cannot be imported ({error}): "
            "run `pip install 'psycopg[binary]'`"
        ) from error
    return PostgresEngine(settings)


def engine(generation: Generation, settings: Settings) -> DuckDBEngine:
    """A new engine over one generation's file."""
    generations = Generations(settings.data)
    return DuckDBEngine(generation.path, settings, lambda: generations.way_out(generation.id))


def obstacle(settings: Settings) -> str:
    """Why no demo data is made in a folder that serves nothing; empty if it may be made."""
    return _vanished(settings) or first_data.traces(settings)


def _vanished(settings: Settings) -> str:
    """What to say where this process served data that is gone altogether."""
    if settings not in _newest:
        return ""
    return (
        f"{settings.data} was served until now and is empty: is its disk mounted? "
        "Put it back, or load the data again and restart"
    )
