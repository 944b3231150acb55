"""The demo data: exact in number, repeatable to the byte, and believable."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from duckmart.data.generate import DEFAULT_EVENTS, DEFAULT_USERS, generate, generate_club
from duckmart.data.generations import Generations
from duckmart.data.load import load
from duckmart.errors import LoadError
from duckmart.settings import Settings

Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The default demo data, as the tables `users` and `events`."""
    written = generate(tmp_path_factory.mktemp("demo"))
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE users AS FROM read_csv($file)", {"file": str(written.users)})
        connection.execute("CREATE TABLE events AS FROM read_csv($file)", {"file": str(written.events)})
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    return connection.execute(sql).fetchall()


def value(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    [[answer]] = rows(connection, sql)
    return answer


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_there_are_exactly_as_many_users_and_events_as_asked_for(demo):
    assert value(demo, "SELECT count(*) FROM users") == DEFAULT_USERS
    assert value(demo, "SELECT count(*) FROM events") == DEFAULT_EVENTS
    assert rows(demo, "SELECT min(user_id), max(user_id), count(DISTINCT user_id) FROM users") == [
        (1, DEFAULT_USERS, DEFAULT_USERS)
    ]


def test_the_columns_are_those_of_the_two_tables(demo):
    assert [name for name, *_ in rows(demo, "DESCRIBE users")] == [
        "user_id",
        "name",
        "age",
        "gender",
        "location",
        "signup_date",
        "subscription_plan",
        "device_type",
    ]
    assert [name for name, *_ in rows(demo, "DESCRIBE events")] == [
        "user_id",
        "event_name",
        "timestamp",
        "amount",
        "category",
    ]


def test_a_csv_file_holds_plain_text_with_empty_cells_for_what_is_missing(tmp_path):
    demo = generate(tmp_path, users=50, events=400)
    header, *lines = demo.events.read_text().splitlines()
    assert header == "user_id,event_name,timestamp,amount,category"
    browsing = next(line for line in lines if "PAGE_VIEW" in line)
    assert browsing.endswith(",,")
    buying = next(line for line in lines if "PURCHASE_MADE" in line)
    _, _, timestamp, amount, _ = buying.split(",")
    assert len(timestamp) == len("2026-11-22 00:00:00")
    assert amount[-3] == "."
    assert '"' not in demo.users.read_text()


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_the_same_arguments_write_the_same_bytes(tmp_path, format):
    for folder in ("one", "two"):
        generate(tmp_path / folder, users=300, events=2_000, format=format)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_another_seed_writes_other_data(tmp_path):
    generate(tmp_path / "one", users=300, events=2_000, seed=1)
    generate(tmp_path / "two", users=300, events=2_000, seed=2)
    one, two = files(tmp_path / "one"), files(tmp_path / "two")
    assert one.keys() == two.keys()
    assert all(one[name] != two[name] for name in one)


def test_csv_and_parquet_hold_the_same_rows(tmp_path):
    as_csv = generate(tmp_path, users=300, events=2_000, format="csv")
    as_parquet = generate(tmp_path, users=300, events=2_000, format="parquet")
    with duckdb.connect() as connection:
        for csv, parquet in ((as_csv.users, as_parquet.users), (as_csv.events, as_parquet.events)):
            typed = connection.read_parquet(str(parquet))
            types = dict(zip(typed.columns, map(str, typed.types), strict=True))
            text = connection.read_csv(str(csv), dtype=types)
            assert text.fetchall() == typed.fetchall()


def test_parquet_columns_have_proper_types(tmp_path):
    demo = generate(tmp_path, users=10, events=10, format="parquet")
    with duckdb.connect() as connection:
        users = connection.read_parquet(str(demo.users))
        events = connection.read_parquet(str(demo.events))
        assert [str(kind) for kind in users.types] == [
            "INTEGER",
            "VARCHAR",
            "INTEGER",
            "VARCHAR",
            "VARCHAR",
            "DATE",
            "VARCHAR",
            "VARCHAR",
        ]
        assert [str(kind) for kind in events.types] == [
            "INTEGER",
            "VARCHAR",
            "TIMESTAMP",
            "DECIMAL(10,2)",
            "VARCHAR",
        ]


@pytest.mark.parametrize(
    ("condition", "least", "most"),
    [
        ("age BETWEEN 25 AND 34", 0.17, 0.25),
        ("location = 'California'", 0.10, 0.14),
        ("location IN ('Wyoming', 'Vermont', 'Alaska')", 0.002, 0.012),
        ("gender = 'Female'", 0.43, 0.53),
        ("subscription_plan = 'free'", 0.45, 0.65),
        ("subscription_plan = 'enterprise'", 0.02, 0.08),
        ("device_type = 'mobile'", 0.45, 0.65),
        ("signup_date >= DATE '2025-11-23'", 0.38, 0.52),
        ("age IS NULL", 0.02, 0.04),
        ("gender IS NULL", 0.03, 0.05),
        ("location IS NULL", 0.01, 0.03),
        ("user_id NOT IN (SELECT user_id FROM events)", 0.06, 0.10),
        (
            "location = 'California' AND user_id IN (SELECT user_id FROM events WHERE event_name = 'LOGIN')",
            0.03,
            0.1,
        ),
    ],
)
def test_a_believable_share_of_users(demo, condition, least, most):
    assert least <= value(demo, f"SELECT count(*) FILTER ({condition}) / count(*) FROM users") <= most


def test_ages_are_those_of_adults(demo):
    assert rows(demo, "SELECT min(age), max(age) FROM users") == [(18, 69)]


def test_paying_plans_shrink_with_their_price(demo):
    plans = rows(demo, "SELECT subscription_plan FROM users GROUP BY 1 ORDER BY count(*) DESC")
    assert plans == [("free",), ("basic",), ("premium",), ("enterprise",)]


def test_many_users_filled_a_cart_and_never_bought(demo):
    abandoned = """
        SELECT count(DISTINCT user_id) FROM events WHERE event_name = 'ADDED_TO_CART'
        AND user_id NOT IN (SELECT user_id FROM events WHERE event_name = 'PURCHASE_MADE')"""
    assert 500 < value(demo, abandoned) < 4_000


def test_some_premium_users_bought_in_the_last_30_days(demo):
    recent = """
        SELECT count(DISTINCT user_id) FROM events JOIN users USING (user_id)
        WHERE subscription_plan = 'premium' AND event_name = 'PURCHASE_MADE' AND timestamp >= '2026-10-24'"""
    assert 30 < value(demo, recent) < 500


def test_premium_users_buy_more_often_than_free_users(demo):
    buyers = """
        WITH buyers AS (SELECT DISTINCT user_id FROM events WHERE event_name = 'PURCHASE_MADE')
        SELECT count(buyers.user_id) / count(*) FROM users LEFT JOIN buyers USING (user_id)
        WHERE subscription_plan = """
    assert value(demo, buyers + "'premium'") > 2 * value(demo, buyers + "'free'")


def test_no_event_is_before_its_user_signed_up_or_after_the_end(demo):
    outside = """
        SELECT count(*) FROM events JOIN users USING (user_id)
        WHERE timestamp < signup_date OR timestamp >= '2026-11-23' OR signup_date > '2026-11-22'"""
    assert value(demo, outside) == 0


def test_every_event_belongs_to_a_user(demo):
    assert value(demo, "SELECT count(*) FROM events ANTI JOIN users USING (user_id)") == 0


def test_a_good_part_of_the_events_is_recent(demo):
    assert 0.25 < value(demo, "SELECT avg((timestamp >= '2026-08-24')::INT) FROM events") < 0.6


def test_evenings_and_weekends_are_busier_than_nights_and_working_days(demo):
    share = "SELECT avg(({})::INT) FROM events"
    assert value(demo, share.format("hour(timestamp) BETWEEN 18 AND 22")) > 0.25
    assert value(demo, share.format("hour(timestamp) BETWEEN 1 AND 5")) < 0.08
    assert value(demo, share.format("isodow(timestamp) > 5")) > 0.3


def test_a_few_users_are_far_busier_than_most(demo):
    [(median, most)] = rows(
        demo, "SELECT median(n), max(n) FROM (SELECT count(*) AS n FROM events GROUP BY user_id)"
    )
    assert most > 10 * median


def test_amount_and_category_stand_only_where_they_mean_something(demo):
    filled = """
        SELECT event_name, count(*) = count(amount), count(amount) = 0,
               count(*) = count(category), count(category) = 0
        FROM events GROUP BY 1"""
    always, never = (True, False), (False, True)
    assert {name: ((a, b), (c, d)) for name, a, b, c, d in rows(demo, filled)} == {
        "LOGIN": (never, never),
        "PAGE_VIEW": (never, never),
        "SEARCH": (never, never),
        "PRODUCT_VIEWED": (never, always),
        "ADDED_TO_CART": (always, always),
        "REMOVED_FROM_CART": (never, always),
        "CHECKOUT_STARTED": (always, always),
        "PURCHASE_MADE": (always, always),
        "REVIEW_POSTED": (never, always),
        "SUBSCRIPTION_CANCELLED": (never, never),
    }
    assert value(demo, "SELECT min(amount) FROM events") > 0


def test_each_step_of_the_funnel_is_taken_less_often_than_the_one_before(demo):
    counts = dict(rows(demo, "SELECT event_name, count(*) FROM events GROUP BY 1"))
    funnel = ["PRODUCT_VIEWED", "ADDED_TO_CART", "CHECKOUT_STARTED", "PURCHASE_MADE", "REVIEW_POSTED"]
    assert sorted(funnel, key=counts.__getitem__, reverse=True) == funnel


def test_who_buys_has_put_something_in_the_cart_and_started_a_checkout_before(demo):
    unprepared = """
        WITH firsts AS (
            SELECT min(timestamp) FILTER (event_name = 'ADDED_TO_CART') AS added,
                   min(timestamp) FILTER (event_name = 'CHECKOUT_STARTED') AS checkout,
                   min(timestamp) FILTER (event_name = 'PURCHASE_MADE') AS bought
            FROM events GROUP BY user_id)
        SELECT count(*) FROM firsts
        WHERE bought IS NOT NULL AND (added < checkout AND checkout < bought) IS NOT TRUE"""
    assert value(demo, unprepared) == 0


def test_a_cancellation_is_the_last_event_of_a_paying_user(demo):
    cancelled = """
        WITH lasts AS (SELECT user_id, max(timestamp) AS last FROM events GROUP BY 1)
        SELECT count(*), count(*) FILTER (subscription_plan = 'free' OR timestamp < last)
        FROM events JOIN users USING (user_id) JOIN lasts USING (user_id)
        WHERE event_name = 'SUBSCRIPTION_CANCELLED'"""
    [(count, odd)] = rows(demo, cancelled)
    assert count > 50
    assert odd == 0


@pytest.mark.parametrize(("users", "events"), [(0, 0), (1, 0), (1, 1), (1, 7), (2, 500), (30, 3), (3, 1_000)])
@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_small_sizes_are_exact_too(tmp_path, users, events, format):
    demo = generate(tmp_path, users=users, events=events, format=format)
    read = f"read_{format}"
    with duckdb.connect() as connection:
        assert value(connection, f"SELECT count(*) FROM {read}('{demo.users}')") == users
        assert value(connection, f"SELECT count(*) FROM {read}('{demo.events}')") == events
    assert (demo.user_count, demo.event_count) == (users, events)


@pytest.mark.parametrize("seed", range(8))
def test_a_handful_of_users_can_do_all_events_within_their_days(tmp_path, seed):
    demo = generate(tmp_path, users=2, events=300, seed=seed, end=date(2024, 2, 29))
    with duckdb.connect() as connection:
        outside = f"""
            SELECT count(*) FILTER (timestamp < signup_date OR timestamp >= '2024-03-01'), count(*)
            FROM read_csv('{demo.events}') JOIN read_csv('{demo.users}') USING (user_id)"""
        assert rows(connection, outside) == [(0, 300)]


def test_events_in_several_parts_are_exact_and_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr("duckmart.data.generate.drawing.EVENTS_AT_A_TIME", 500)
    demo = generate(tmp_path, users=400, events=5_001, format="parquet")
    with duckdb.connect() as connection:
        events = connection.read_parquet(str(demo.events)).project("user_id, timestamp").fetchall()
    assert len(events) == 5_001
    assert events == sorted(events)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"users": -1}, "users is -1"),
        ({"events": -5}, "events is -5"),
        ({"seed": -2}, "seed is -2"),
        ({"users": 0, "events": 5}, "5 events without users"),
    ],
)
def test_impossible_sizes_are_refused_and_nothing_is_written(tmp_path, sizes, words):
    with pytest.raises(LoadError, match=words):
        generate(tmp_path / "out", **sizes)
    assert not (tmp_path / "out").exists()


def test_progress_runs_from_the_users_to_the_last_event(tmp_path, monkeypatch):
    monkeypatch.setattr("duckmart.data.generate.drawing.EVENTS_AT_A_TIME", 500)
    heard: list[tuple[str, float]] = []
    generate(tmp_path, users=400, events=2_000, progress=lambda what, share: heard.append((what, share)))
    assert heard[0] == ("users", 0.0)
    assert heard[-1] == ("events", 1.0)
    shares = [share for what, share in heard if what == "events"]
    assert len(shares) > 3
    assert shares == sorted(shares)


def test_what_fails_half_way_leaves_the_files_as_they_were(tmp_path):
    generate(tmp_path, users=50, events=100)
    before = files(tmp_path)

    def stop(what: str, share: float) -> None:
        if what == "events":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path, users=60, events=200, progress=stop)
    assert files(tmp_path) == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("a file")
    with pytest.raises(LoadError, match="taken"):
        generate(taken, users=1, events=1)


def test_the_club_is_the_same_each_time_and_loads_with_dates_and_lists(tmp_path):
    files = generate_club(tmp_path / "one"), generate_club(tmp_path / "two")
    assert files[0].users.read_bytes() == files[1].users.read_bytes()
    assert files[0].events.read_bytes() == files[1].events.read_bytes()
    generations = Generations(tmp_path / "data")
    report = load(
        files[0].users, files[0].events, generations, now=datetime(2026, 11, 23), settings=Settings()
    )
    assert report.users.columns["birthday"] == report.users.columns["plan_ends"] == "DATE"
    assert (report.users.columns["tags"], report.events.columns["items"]) == ("VARCHAR[]", "VARCHAR[]")
    assert (report.users.loaded, report.events.loaded) == (files[0].user_count, files[0].event_count)


def test_the_club_is_written_as_parquet_too(tmp_path):
    files = generate_club(tmp_path, format="parquet")
    assert pq.read_metadata(files.users).num_rows == files.user_count
