"""Measure the physical layout of `user_events`: `python benchmarks/layout.py --events 10000000`.

Every layout holds the same events. A query runs on all layouts in turn, seven times over; its fastest time
counts, as a ratio to the chosen layout: seconds differ between computers, and other work disturbs them.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

SOURCE = """
CREATE TABLE source AS
SELECT
    1 + CAST(floor(random() * $users) AS INTEGER) AS user_id,
    -- The first names are the most frequent, as page views are.
    ['PAGE_VIEW', 'LOGIN', 'SEARCH', 'PRODUCT_VIEWED', 'ADDED_TO_CART', 'CHECKOUT_STARTED', 'PURCHASE_MADE',
     'REVIEW_POSTED', 'REMOVED_FROM_CART', 'SUBSCRIPTION_CANCELLED'
    ][1 + CAST(floor(10 * random() ** 3) AS INTEGER)] AS event_name,
    TIMESTAMP '2025-01-01' + to_microseconds(CAST(floor(random() * 365 * 86400000000) AS BIGINT)) AS timestamp
FROM range($events)
"""

USERS = "CREATE TABLE users AS SELECT CAST(range AS INTEGER) AS user_id FROM range(1, $users + 1)"

LAYOUTS = {
    "sorted, ENUM (chosen)": """
        CREATE TYPE event AS ENUM (SELECT DISTINCT event_name FROM source ORDER BY 1);
        CREATE TABLE chosen AS
        SELECT user_id, CAST(event_name AS event) AS event_name, timestamp FROM source
        ORDER BY event_name, user_id, timestamp
    """,
    "by (name, time), ENUM": "CREATE TABLE by_time AS FROM chosen ORDER BY event_name, timestamp",
    "sorted, VARCHAR": """
        CREATE TABLE sorted_text AS FROM source ORDER BY event_name, user_id, timestamp
    """,
    "unsorted, VARCHAR": "CREATE TABLE unsorted AS FROM source",
    "unsorted, ART index on event_name": """
        CREATE TABLE indexed AS FROM source;
        CREATE INDEX indexed_event_name ON indexed (event_name)
    """,
}
TABLES = dict(zip(LAYOUTS, ("chosen", "by_time", "sorted_text", "unsorted", "indexed"), strict=True))

# Each query reads the layout through a view of one name, so that all layouts get the same text.
QUERIES = {
    "ever bought (count >= 1)": """
        SELECT count(*) FROM users SEMI JOIN
        (SELECT user_id FROM events WHERE event_name = 'PURCHASE_MADE') USING (user_id)
    """,
    "3 or more logins (group by)": """
        SELECT count(*) FROM (
            SELECT user_id FROM events WHERE event_name = 'LOGIN' GROUP BY user_id HAVING count(*) >= 3
        )
    """,
    "login in 30 days": """
        SELECT count(DISTINCT user_id) FROM events WHERE event_name = 'LOGIN'
        AND timestamp > TIMESTAMP '2025-12-01' AND timestamp <= TIMESTAMP '2025-12-31'
    """,
    "cart without purchase": """
        SELECT count(*) FROM users
        SEMI JOIN (SELECT user_id FROM events WHERE event_name = 'ADDED_TO_CART') USING (user_id)
        ANTI JOIN (SELECT user_id FROM events WHERE event_name = 'PURCHASE_MADE') USING (user_id)
    """,
    "cancelled (3 % of events)": """
        SELECT count(DISTINCT user_id) FROM events WHERE event_name = 'SUBSCRIPTION_CANCELLED'
    """,
}

LOADS = {
    "primary key only": "CREATE TABLE keyed (user_id INTEGER, event_name VARCHAR, timestamp TIMESTAMP)",
    "primary and foreign key": """
        CREATE TABLE keyed (
            user_id INTEGER, event_name VARCHAR, timestamp TIMESTAMP,
            FOREIGN KEY (user_id) REFERENCES users (user_id)
        )
    """,
}
ORPHANS = "SELECT count(*) FROM keyed ANTI JOIN users USING (user_id)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--users", type=int, default=0, help="a fiftieth of the events when left out")
    options = parser.parse_args()
    users = options.users or max(options.events // 50, 1)
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "layout.duckdb"))
        con.execute("SELECT setseed(0.5)")
        con.execute(SOURCE, {"users": users, "events": options.events})
        con.execute(USERS, {"users": users})
        con.execute("ALTER TABLE users ADD PRIMARY KEY (user_id)")
        print(f"{options.events:,} events, {users:,} users, DuckDB {duckdb.__version__}\n")
        measure_layouts(con)
        measure_keys(con)


def measure_layouts(con: duckdb.DuckDBPyConnection) -> None:
    for layout, sql in LAYOUTS.items():
        written = seconds(lambda sql=sql: con.execute(sql).execute("CHECKPOINT"))
        print(f"write {layout:36}{written:7.1f} s")
    print("\n" + f"{'':30}" + "".join(f"{layout:>36}" for layout in LAYOUTS))
    for name, query in QUERIES.items():
        times = query_times(con, query)
        best = times["sorted, ENUM (chosen)"]
        cells = (f"{1000 * own:.1f} ms {own / best:6.1f}x" for own in times.values())
        print(f"{name:30}" + "".join(f"{cell:>36}" for cell in cells))


def query_times(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, float]:
    times = dict.fromkeys(LAYOUTS, float("inf"))
    for _ in range(7):
        for layout, table in TABLES.items():
            con.table(table).create_view("events", replace=True)
            times[layout] = min(times[layout], seconds(lambda: con.execute(query).fetchall()))
    return times


def measure_keys(con: duckdb.DuckDBPyConnection) -> None:
    """What a foreign key costs a load, beside one anti-join that finds the same faults."""
    print()
    for name, table in LOADS.items():
        con.execute(table)
        print(f"load with {name:24}{seconds(lambda: con.execute('INSERT INTO keyed FROM source')):7.1f} s")
        print(f"  orphans by anti-join{'':13}{seconds(lambda: con.execute(ORPHANS).fetchall()):7.1f} s")
        con.execute("DROP TABLE keyed")


def seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
