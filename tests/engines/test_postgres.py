"""PostgreSQL as an engine: it answers as DuckDB does, its data is live, and what goes wrong is said."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from sqlglot import exp

from duckmart.cli import cli
from duckmart.compile.query import Query
from duckmart.engines import Stop
from duckmart.engines.postgres import PostgresEngine
from duckmart.engines.postgres.relations import Address
from duckmart.errors import Cancelled, EngineError, Failed, Timeout, Unavailable
from duckmart.insight import activity, replay, sensitivity
from duckmart.mart import Mart, current
from duckmart.mart.registry import live_engine
from duckmart.settings import Settings
from duckmart.spec.examples import Example, examples
from duckmart.spec.kinds import Kind
from duckmart.spec.segment import Segment
from tests.postgres import Server, Session
from tests.tiny import EVERYONE, WORLD, attribute, event, spec

SLEEP = Query(exp.select(exp.Anonymous(this="PG_SLEEP", expressions=[exp.Literal.number(30)])))


@pytest.fixture(scope="session")
def duck(small_demo: Path) -> Mart:
    return current(Settings(data=small_demo))


@pytest.fixture(scope="session")
def served(postgres_demo: str, tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return current(Settings(data=tmp_path_factory.mktemp("none"), engine=postgres_demo))


@pytest.fixture
def session(postgres: Server) -> Iterator[Session]:
    """A session with the tiny world in it."""
    with postgres.loaded(WORLD) as session:
        yield session


@pytest.fixture
def settings(postgres: Server, session: Session, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, engine=postgres.url(schema=session.schema))


@pytest.fixture
def engine(settings: Settings) -> PostgresEngine:
    return PostgresEngine(settings)


# Answers


@pytest.mark.parametrize("one", examples(), ids=lambda one: one.id)
def test_every_example_is_answered_as_by_duckdb(one: Example, duck: Mart, served: Mart) -> None:
    expected, answer = (answers(mart, one) for mart in (duck, served))

    for question in expected:
        assert answer[question] == expected[question], question


def answers(mart: Mart, one: Example) -> dict[str, Any]:
    """What the builder's page shows of a segment, and what is delivered."""
    segment, warnings = mart.accept(one.spec)
    size, audience = mart.size(segment), mart.audience(segment)
    people = activity.AudienceSize(size.total, mart.catalog.users)
    ids = [*audience.ids.to_pylist()[:4], *range(1, 9), 10**12]
    as_of = mart.as_of(segment)
    steps = activity.Steps.of(mart.catalog, as_of)
    return {
        "warnings": warnings,
        "ids": (audience.ids, audience.total),
        "combinations": size.table,
        "file": mart.table(segment, [*mart.catalog.attributes]),
        "breakdowns": mart.breakdowns(segment),
        "over time": mart.over_time(segment, steps),
        "hours": mart.hours(segment),
        "habits": mart.habits(segment, people),
        "explanations": mart.explain(segment, ids),
        "timeline": mart.timeline(segment, ids[0]),
        "sensitivity": mart.sizes(moved(segment, mart)),
        "replay": mart.sizes([replayed(segment, mart)]),
    }


def moved(segment: Segment, mart: Mart) -> list[Segment]:
    levers = sensitivity.varied_parameters(segment, mart.catalog, mart.as_of(segment))
    return [lever.at(segment, point) for lever in levers for point in lever.points[:5]] or [segment]


def replayed(segment: Segment, mart: Mart) -> Segment:
    return replay.at(
        segment, replay.moments(mart.catalog, mart.as_of(segment))[0], replay.signup(mart.catalog)
    )


def test_values_are_looked_up(duck: Mart, served: Mart) -> None:
    values = ["California", "Nowhere", *(f"Town {number}" for number in range(200))]

    assert served.known_values("location", values) == duck.known_values("location", values) == {"California"}


def test_a_table_is_handed_over_for_one_query(engine: PostgresEngine) -> None:
    table = pa.table(
        {
            "id": pa.array([1, 2, None]),
            "on": pa.array([True, None, False]),
            "word": ["a", "tab\there", None],
            "time": pa.array([datetime(2026, 1, 2, 3, 4, 5, 6), None, None], pa.timestamp("us")),
        }
    )
    query = Query(exp.select("*").from_("handed"))

    assert engine.run(query, tables={"handed": table}).equals(table)
    with pytest.raises(EngineError, match="handed"):
        engine.run(query)


# Live data


def test_new_rows_count_at_once_and_are_in_the_catalog_after_a_while(
    settings: Settings, session: Session
) -> None:
    mart = current(settings)
    adults = mart.accept(spec(attribute("age", "gte", 18)))[0]
    before = mart.size(adults).total

    session.connection.execute("INSERT INTO user_attributes (user_id, age) VALUES (777, 40)")

    assert mart.size(adults).total == before + 1
    assert current(settings) is mart
    expire(settings, session)
    assert current(settings).catalog.users == mart.catalog.users + 1
    assert current(settings).catalog.generation != mart.catalog.generation
    latest = current(settings)
    expire(settings, session)
    assert current(settings) is latest


def test_a_new_column_is_in_the_catalog_after_a_while(settings: Settings, session: Session) -> None:
    assert "shoe_size" not in current(settings).catalog.attributes

    session.connection.execute("ALTER TABLE user_attributes ADD COLUMN shoe_size int")
    expire(settings, session)

    assert current(settings).catalog.attributes["shoe_size"].kind is Kind.NUMBER


def expire(settings: Settings, session: Session) -> None:
    """As if nobody had asked for long, with what the session wrote meanwhile counted."""
    session.connection.execute("SELECT pg_stat_force_next_flush()")
    session.connection.execute("SELECT 1")
    engine: Any = live_engine(settings)
    engine._looks.expire()


def test_views_of_other_names_and_types_are_served(
    postgres: Server, session: Session, tmp_path: Path
) -> None:
    session.connection.execute(
        """
        CREATE TYPE kind AS ENUM ('LOGIN', 'PURCHASE_MADE', 'OTHER');
        CREATE TABLE log AS SELECT user_id, timestamp AT TIME ZONE 'UTC' AS timestamp,
            (CASE WHEN event_name IN ('LOGIN', 'PURCHASE_MADE') THEN event_name ELSE 'OTHER' END)::kind
                AS event_name FROM user_events;
        CREATE VIEW "The people" AS SELECT user_id, age, gender::char(12) AS gender,
            gen_random_uuid() AS token, ARRAY[1.5::real] AS more FROM user_attributes;
        """
    )
    url = postgres.url(schema=session.schema, users="The people", events=f"{session.schema}.log")
    mart = current(Settings(data=tmp_path, engine=url))
    plain = current(Settings(data=tmp_path, engine=postgres.url(schema=session.schema)))
    rows = spec(event("LOGIN", "gte", 1, 30), attribute("age", "gte", 18))

    assert mart.catalog.left_out == ("more",)
    assert mart.catalog.newest_event == plain.catalog.newest_event
    assert mart.catalog.attributes["gender"].values == plain.catalog.attributes["gender"].values
    one, other = (each.size(each.accept(rows)[0]).table for each in (mart, plain))
    assert (one.total, one.combinations) == (other.total, other.combinations)
    segment = mart.accept(rows)[0]
    assert mart.explain(segment, [*EVERYONE]) == plain.explain(plain.accept(rows)[0], [*EVERYONE])


# What goes wrong


def test_a_query_ends_at_the_deadline_and_the_next_one_runs(engine: PostgresEngine) -> None:
    engine.catalog()

    with pytest.raises(Timeout, match="DUCKMART_TIMEOUT"):
        engine.run(SLEEP, Stop.after(0.2))

    assert engine.run(Query(exp.select("1 AS x"))).to_pylist() == [{"x": 1}]


def test_a_query_that_nobody_waits_for_ends_on_the_server(engine: PostgresEngine, session: Session) -> None:
    engine.catalog()
    stop = Stop()
    threading.Timer(0.3, stop.pull).start()

    with pytest.raises(Cancelled):
        engine.run(SLEEP, stop)

    running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT PG_SLEEP%' AND state = 'active'"
    assert session.rows(running) == [(0,)]


def test_no_query_can_write(engine: PostgresEngine, session: Session) -> None:
    session.connection.execute("CREATE SEQUENCE numbers")
    sequence = exp.Literal.string(f"{session.schema}.numbers")

    with pytest.raises(Failed, match="read-only"):
        engine.run(Query(exp.select(exp.Anonymous(this="NEXTVAL", expressions=[sequence]))))


def test_a_connection_that_the_server_closed_is_replaced(engine: PostgresEngine, session: Session) -> None:
    engine.catalog()
    session.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'duckmart'")

    assert engine.run(Query(exp.select("1 AS x"))).num_rows == 1


def test_a_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="PostgreSQL does not answer") as refused:
        current(Settings(data=tmp_path, engine=f"postgresql://duck:s3cret@/shop?host={tmp_path}"))

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DROP TABLE user_events", "no table .*user_events"),
        ("ALTER TABLE user_events DROP COLUMN timestamp", "needs a timestamp column timestamp"),
        ("ALTER TABLE user_attributes DROP COLUMN user_id", "needs a column user_id"),
        ("INSERT INTO user_attributes (user_id) VALUES (1)", "each row needs one of its own"),
        ("INSERT INTO user_attributes (user_id) VALUES (NULL)", "each row needs one of its own"),
    ],
)
def test_tables_that_do_not_fit_are_refused(
    settings: Settings, session: Session, change: str, words: str
) -> None:
    session.connection.execute(change)

    with pytest.raises(Unavailable, match=words):
        current(settings)


def test_without_its_driver_it_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "duckmart.engines.postgres")
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(Unavailable, match="pip install 'psycopg"):
        current(settings)


@pytest.mark.parametrize("command", [["load"], ["append", "--events", __file__]])
def test_files_are_not_loaded_beside_it(command: list[str], settings: Settings) -> None:
    environment = {"DUCKMART_ENGINE": settings.engine, "DUCKMART_DATA": str(settings.data)}

    with fresh_settings():
        done = CliRunner().invoke(cli, command, env=environment)

    assert done.exit_code == 1
    assert "lies in PostgreSQL" in done.stderr


@contextmanager
def fresh_settings() -> Iterator[None]:
    from duckmart.settings import settings  # noqa: PLC0415 - the fixture has its name

    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize(
    ("url", "database"),
    [
        ("postgresql://ann:secret@db.example.com:5433/shop?schema=analytics", "shop on db.example.com:5433"),
        ("postgresql://ann:se%40cret@/our%20shop?host=/run/pg&password=secret", "our shop on /run/pg"),
        ("postgresql://one,two/shop", "shop on one,two"),
        ("postgresql:///", ""),
    ],
)
def test_a_database_is_named_without_user_and_password(url: str, database: str) -> None:
    assert Address.of(url).database == database
