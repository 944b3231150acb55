"""The engine is closed to everything but its file, gives each caller its own rows, and ends when told to."""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter, sleep

import pytest
from sqlglot import exp

from duckmart.compile.query import BoundQuery, Query, value
from duckmart.engines import Stop, stored_catalog
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.errors import Cancelled, EngineError, Failed, Overloaded, Timeout, Unavailable
from duckmart.settings import Settings
from duckmart.spec.kinds import Kind
from tests.tiny import AS_OF, LOADED_AT, WITHOUT_EVENTS
from tests.world import COLUMNS, MICROSECOND


@dataclass(frozen=True)
class Written:
    """SQL as somebody who got past the compiler would write it."""

    text: str
    tree: exp.Query = field(default_factory=exp.Select)

    def bind(self) -> BoundQuery:
        return BoundQuery(self.text, [])


ENDLESS = Written("SELECT count(*) FROM range(100000000) a(x), range(1000000) b(y) WHERE x * y % 7 = 3")


@pytest.fixture(scope="module")
def engine(tiny: Path) -> DuckDBEngine:
    return DuckDBEngine(tiny, Settings())


@pytest.fixture
def own(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the file, because one process opens a file with one configuration only."""
    return Path(shutil.copy(tiny, tmp_path))


# Hardened


@pytest.mark.parametrize(
    "hostile",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('http://localhost/users.parquet')",
        "SELECT * FROM read_duckdb('/tmp/other.duckdb')",
        "SELECT getenv('HOME')",
        "ATTACH '/tmp/other.duckdb'",
        "ATTACH ':memory:' AS other",
        "COPY user_attributes TO '/tmp/stolen.csv'",
        "COPY user_attributes FROM '/etc/passwd'",
        "EXPORT DATABASE '/tmp/stolen'",
        "IMPORT DATABASE '/tmp/other'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "LOAD '/tmp/evil.duckdb_extension'",
        "SET enable_external_access = true",
        "RESET enable_external_access",
        "SET lock_configuration = false",
        "SET allowed_configs = ['memory_limit']",
        "RESET allowed_configs",
        "SET memory_limit = '1TB'",
        "SET threads = 64",
        "SET max_execution_time = 0",
        "PRAGMA max_execution_time = 0",
        "SET GLOBAL python_enable_replacements = true",
        "CALL enable_logging()",
        "CREATE SECRET s (TYPE S3)",
        "CREATE TABLE mine (x INTEGER)",
        "CREATE MACRO f(x) AS x",
        "DROP TABLE user_events",
        "DELETE FROM user_events",
        "UPDATE user_attributes SET age = 1",
        "INSERT INTO user_events SELECT * FROM user_events",
        # Variables of this very module.
        "SELECT * FROM ENDLESS",
        "SELECT * FROM settings",
    ],
)
def test_hostile_sql_is_refused(engine: DuckDBEngine, hostile: str) -> None:
    with pytest.raises(Failed):
        engine.run(Written(hostile))

    assert engine.run(Written("SELECT count(*) AS users FROM user_attributes")).to_pylist() == [{"users": 8}]


def test_a_query_over_the_memory_limit_fails_with_the_setting_to_change(own: Path) -> None:
    engine = DuckDBEngine(own, Settings(memory="50MB"))

    with pytest.raises(Failed, match="DUCKMART_MEMORY"):
        engine.run(Written("SELECT list(x || 'some more text to hold') FROM range(30000000) r(x)"))


# Ended


def test_a_query_that_takes_too_long_is_a_timeout_that_says_how_long(own: Path) -> None:
    engine = DuckDBEngine(own, Settings(timeout=0.3))
    start = perf_counter()

    with pytest.raises(Timeout, match=r"longer than 0.3 seconds"):
        engine.run(ENDLESS)

    assert perf_counter() - start < 10
    assert engine.run(Written("SELECT 1 AS x")).to_pylist() == [{"x": 1}]


def test_a_query_stopped_before_it_starts_never_runs(engine: DuckDBEngine) -> None:
    stop = Stop()
    stop.pull()

    with pytest.raises(Cancelled):
        engine.run(ENDLESS, stop)


def test_a_running_query_ends_when_stopped(engine: DuckDBEngine) -> None:
    stop = Stop()
    start = perf_counter()

    with timer(0.3, stop.pull), pytest.raises(Cancelled):
        engine.run(ENDLESS, stop)

    assert perf_counter() - start < 10


def test_a_query_ends_when_stopped_while_it_is_being_planned(own: Path) -> None:
    engine = DuckDBEngine(own, Settings(timeout=20))
    start = perf_counter()

    for place in range(20):
        stop = Stop()
        with timer(place / 10_000, stop.pull), pytest.raises(Cancelled):
            engine.run(ENDLESS, stop)

    assert perf_counter() - start < 15


def test_stopping_one_query_leaves_others_running(engine: DuckDBEngine) -> None:
    stop = Stop()
    slow = Written("SELECT sum(x * x % 7) AS y FROM range(30000000) r(x)")

    with ThreadPoolExecutor(2) as threads:
        kept = threads.submit(engine.run, slow)
        with timer(0.1, stop.pull), pytest.raises(Cancelled):
            engine.run(ENDLESS, stop)
        assert kept.result().num_rows == 1


def test_stopping_after_the_end_changes_nothing(engine: DuckDBEngine) -> None:
    stop = Stop()
    rows = engine.run(Written("SELECT 1 AS x"), stop)

    stop.pull()

    assert rows.to_pylist() == [{"x": 1}]


@contextmanager
def full(engine: DuckDBEngine) -> Iterator[None]:
    """All of the engine's slots are taken."""
    with ThreadPoolExecutor(1) as threads:
        stop = Stop()
        running = threads.submit(engine.run, ENDLESS, stop)
        while engine._slots.free._value:
            sleep(0.01)
        try:
            yield
        finally:
            stop.pull()
            assert isinstance(running.exception(), Cancelled)


def test_more_callers_than_slots_are_turned_away_after_a_while(own: Path) -> None:
    engine = DuckDBEngine(own, Settings(max_queries=1, timeout=20))

    with full(engine), pytest.raises(Overloaded):
        engine.run(Written("SELECT 1 AS x"), Stop.after(0.5))

    assert engine.run(Written("SELECT 1 AS x")).num_rows == 1


def test_who_waits_for_a_slot_in_vain_can_leave(own: Path) -> None:
    engine = DuckDBEngine(own, Settings(max_queries=1, timeout=20))
    stop = Stop()
    start = perf_counter()

    with full(engine), timer(0.2, stop.pull), pytest.raises(Cancelled):
        engine.run(Written("SELECT 1 AS x"), stop)

    assert perf_counter() - start < 10


def test_the_catalog_waits_for_no_slot(own: Path) -> None:
    engine = DuckDBEngine(own, Settings(max_queries=1, timeout=20))

    with full(engine):
        assert engine.catalog().users


def test_the_queries_of_one_question_share_its_time(engine: DuckDBEngine) -> None:
    stop = Stop.after(0.3)

    with pytest.raises(Timeout):
        engine.run(ENDLESS, stop)
    with pytest.raises(Timeout):
        engine.run(Written("SELECT 1 AS x"), stop)


@pytest.mark.parametrize(("seconds", "error"), [(0.3, Timeout), (60, Cancelled)])
def test_a_caller_waits_no_longer_while_duckdb_hears_no_interrupt(
    own: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, error: type[EngineError]
) -> None:
    engine, stop, planned = DuckDBEngine(own, Settings(max_queries=1)), Stop.after(seconds), threading.Event()
    monkeypatch.setattr(engine, "_fetch", lambda *_: planned.wait(30))

    pulling = timer(0.2, stop.pull) if error is Cancelled else nullcontext()
    with pulling, pytest.raises(error):
        engine.run(Written("SELECT 1 AS x"), stop)

    with pytest.raises(Overloaded):  # it keeps its slot as long as it works
        engine.run(Written("SELECT 1 AS x"), Stop.after(0.3))
    planned.set()
    assert engine.run(Written("SELECT 1 AS x"))


def test_many_threads_get_their_own_rows(engine: DuckDBEngine) -> None:
    def echo(number: int) -> bool:
        query = Query(exp.select(exp.alias_(value(number), "x"), "y").from_("range(2000) AS r(y)"))
        rows = engine.run(query)
        return set(rows.column("x").to_pylist()) == {number} and rows.num_rows == 2000

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(echo, range(400)))


# The file


def test_a_missing_file_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"nothing\.duckdb"):
        DuckDBEngine(tmp_path / "nothing.duckdb", Settings())

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no database", b"no database" * 10_000])
def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.duckdb"
    path.write_bytes(content)

    with pytest.raises(Unavailable):
        DuckDBEngine(path, Settings()).catalog()


def test_a_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        DuckDBEngine(tmp_path, Settings())


def test_a_damaged_file_is_an_error_and_never_other_rows(tiny: Path, tmp_path: Path) -> None:
    sound = tiny.read_bytes()
    for place in range(0, len(sound), len(sound) // 8):
        path = tmp_path / f"damaged_{place}.duckdb"
        path.write_bytes(sound[:place] + b"\xa5" * 5000 + sound[place + 5000 :])
        try:
            catalog = DuckDBEngine(path, Settings()).catalog()
        except EngineError:
            continue
        assert (catalog.users, catalog.event_total) == (8, 13)


def test_the_file_is_not_written(tiny: Path, engine: DuckDBEngine) -> None:
    before = tiny.stat().st_mtime_ns

    engine.catalog()

    assert tiny.stat().st_mtime_ns == before
    assert [path.name for path in tiny.parent.iterdir()] == [tiny.name]


# The catalog


def test_the_catalog_tells_each_columns_kind(engine: DuckDBEngine) -> None:
    attributes = engine.catalog().attributes

    assert {name: str(column.kind) for name, column in attributes.items()} == {
        "user_id": "number",
        **{name: kind for name, (kind, _) in COLUMNS.items()},
    }
    assert {name for name, column in attributes.items() if column.whole} == {
        "user_id",
        "age",
        "points",
        "order",
        "times",
    }


def test_the_catalog_tells_values_ranges_and_what_is_missing(engine: DuckDBEngine) -> None:
    attributes = engine.catalog().attributes
    location, age = attributes["location"], attributes["age"]

    assert location.values[:2] == (("California", 3), ("New York", 2))
    assert (location.missing, location.complete) == (1, True)
    assert (age.low, age.high, age.missing) == (0, 99, 1)
    assert attributes["newsletter"].counts == {True: 2, False: 2}


def test_the_catalog_tells_events_and_their_span(engine: DuckDBEngine) -> None:
    catalog = engine.catalog()

    assert next(iter(catalog.events.items())) == ("LOGIN", 7)
    assert (catalog.users, catalog.event_total) == (8, 13)
    assert catalog.oldest_event == AS_OF - timedelta(days=400)
    assert catalog.newest == catalog.newest_event == AS_OF + MICROSECOND
    assert {name: column.kind for name, column in catalog.properties.items()} == {
        "amount": Kind.NUMBER,
        "category": Kind.TEXT,
    }


def test_a_catalog_is_the_same_after_it_was_written_as_text(engine: DuckDBEngine) -> None:
    catalog = engine.catalog()

    assert stored_catalog.from_text(stored_catalog.to_text(catalog), catalog.generation) == catalog


def test_without_events_the_newest_moment_is_that_of_the_load(tmp_path: Path) -> None:
    catalog = DuckDBEngine(WITHOUT_EVENTS.write(tmp_path), Settings()).catalog()

    assert (catalog.events, catalog.newest_event) == ({}, None)
    assert catalog.newest == LOADED_AT


def test_columns_without_any_value_are_in_the_catalog_too(tmp_path: Path) -> None:
    world = replace(WITHOUT_EVENTS, name="unknown", users=[{"user_id": 1} | dict.fromkeys(COLUMNS)])

    catalog = DuckDBEngine(world.write(tmp_path), Settings()).catalog()

    assert catalog.attributes["age"].low is None
    assert catalog.attributes["location"].values == ()


@contextmanager
def timer(seconds: float, call: Callable[[], None]) -> Iterator[None]:
    """Calls from another thread after a while, and is over before the test is."""
    running = threading.Timer(seconds, call)
    running.start()
    try:
        yield
    finally:
        running.cancel()
        running.join()


# Groups


def test_only_a_query_that_groups_few_events_does_so_without_a_table_of_users(engine: DuckDBEngine):
    largest = exp.select(exp.alias_(exp.maybe_parse("current_setting('perfect_ht_threshold')"), "bits"))

    bits = [engine.run(Query(largest, few)).to_pylist() for few in (False, True, False)]

    assert bits == [[{"bits": 24}], [{"bits": 12}], [{"bits": 24}]]
