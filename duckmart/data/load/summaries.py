"""Summaries of frequent events: for each user how often and when first they did one, and the latest times.

They are what `compile/summaries.py` reads instead of the events. A summary has a row for every user, in the
order of users, and no user id: it is joined by position.
"""

from duckdb import DuckDBPyConnection
from sqlglot import exp

from duckmart.catalog import Catalog

# A rarer event is read as fast from the events, which are sorted by name.
FEWEST_EVENTS = 100_000
# Every summary takes time and room at a load, whether it is ever asked for or not.
MOST_SUMMARIES = 100

# Whole seconds, as most times are, need half the room.
_UNITS = """
SELECT
    event_name,
    CASE WHEN bool_and(timestamp = date_trunc('second', timestamp)) THEN 'TIMESTAMP_S' ELSE 'TIMESTAMP' END
FROM user_events
GROUP BY event_name
"""
_ROWS = """
SELECT
    done.times,
    CAST(done.first_time AS {unit}) AS first_time,
    CAST(done.latest[1] AS {unit}) AS latest_1,
    CAST(done.latest[2] AS {unit}) AS latest_2,
    CAST(done.latest[3] AS {unit}) AS latest_3,
    CAST(done.latest[4] AS {unit}) AS latest_4,
    CAST(done.latest[5] AS {unit}) AS latest_5
FROM (SELECT user_id, row_number() OVER () AS place FROM user_attributes) AS users
LEFT JOIN (
    SELECT
        user_id,
        CAST(count(*) AS UINTEGER) AS times,
        min(timestamp) AS first_time,
        max(timestamp, 5) AS latest
    FROM user_events
    WHERE event_name = $name
    GROUP BY user_id
) AS done ON done.user_id = users.user_id
ORDER BY users.place
"""


def write_summaries(con: DuckDBPyConnection, catalog: Catalog) -> dict[str, str]:
    """Write a table for each of the frequent events; gives their names by the events'."""
    frequent = [name for name, events in catalog.events.items() if events >= FEWEST_EVENTS]
    tables = {name: f"event_summary_{number}" for number, name in enumerate(frequent[:MOST_SUMMARIES], 1)}
    units = dict(con.execute(_UNITS).fetchall()) if tables else {}
    for name, table in tables.items():
        rows: exp.Expr = exp.maybe_parse(_ROWS.replace("{unit}", units[name]), dialect="duckdb")
        create = exp.Create(this=exp.to_table(table), kind="TABLE", expression=rows)
        con.execute(create.sql("duckdb"), {"name": name})
    return tables
