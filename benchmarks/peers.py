"""DuckMart beside ClickHouse, plain SQL and a bare scan: the same questions and data, answers compared.

python -m benchmarks.peers [--users 1000000] [--events 50000000] [--rounds 5] [--folder FOLDER]

`pip install -r benchmarks/requirements.txt` brings ClickHouse, in this process as DuckDB is; without it its
column stays empty. Every contender has as many threads. Times are medians in milliseconds, from a spec or a
text to a Python value, contenders in turn; nothing of an earlier answer is kept. Ends with 1 if two answers
differ.

- ids: the members' ids in order. count: what the builder asks at each edit, which is more than a number.
- readable: our SQL to copy, over our file. card: plain SQL, over tables as they come.
- ClickHouse: the fastest of its texts, over tables sorted by (event, user) and by (event, time).
- floor: a scan of the columns that are needed, over our file.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Protocol

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from benchmarks.questions import QUESTIONS, READINGS, Question, Reading
from duckmart.data.generate import generate
from duckmart.data.generations import Generations
from duckmart.data.load import load
from duckmart.mart import Mart, current
from duckmart.settings import Settings
from duckmart.spec.json_text import to_json

try:
    from chdb import session as clickhouse_session
except ImportError:
    clickhouse_session = None

Ids = npt.NDArray[np.int64]


class Contender(Protocol):
    """Answers questions in its own way; what it returns is compared with the others' answers."""

    def ids(self, question: Question) -> Ids: ...

    def count(self, question: Question) -> int: ...


class Ours:
    """The mart, which has answered nothing before."""

    def __init__(self, mart: Mart) -> None:
        self.mart = mart

    def fresh(self) -> Mart:
        return Mart(self.mart.engine, self.mart.settings, catalog=self.mart.stored_catalog)

    def ids(self, question: Question) -> Ids:
        mart = self.fresh()
        segment, _ = mart.read(to_json(dict(question.spec)))
        return _numbers(mart.audience(segment).ids)

    def count(self, question: Question) -> int:
        mart = self.fresh()
        segment, _ = mart.read(to_json(dict(question.spec)))
        return mart.size(segment).total


class DuckDBTables:
    """SQL over tables in a DuckDB file."""

    def __init__(self, path: Path, threads: int, text: Callable[[Question], str]) -> None:
        # The engine's own connection to the file has other settings, which a second one may not.
        self._connection = duckdb.connect(config={"threads": threads})
        self._connection.execute(f"ATTACH '{path}' AS peer (READ_ONLY); USE peer")
        self._text = text

    def ids(self, question: Question) -> Ids:
        sql = f"SELECT user_id FROM ({self._text(question)}) ORDER BY user_id"
        return _numbers(self._connection.sql(sql).to_arrow_table().column(0))

    def count(self, question: Question) -> int:
        return int(self.row(f"SELECT count(*) FROM ({self._text(question)})")[0])

    def row(self, sql: str) -> Sequence[Any]:
        [row] = self._connection.execute(sql).fetchall()
        return row


class ClickHouse:
    """Texts over one sort order of ClickHouse's tables."""

    def __init__(self, session: Any, database: str, threads: int, as_of: str) -> None:
        self._session, self._database, self._threads, self._as_of = session, database, threads, as_of

    def table(self, text: str) -> pa.Table:
        sql = text.format(as_of=self._as_of)
        for name in ("user_attributes", "user_events"):
            sql = sql.replace(f"FROM {name}", f"FROM {self._database}.{name}")
        return self._session.query(f"{sql} SETTINGS max_threads = {self._threads}", "ArrowTable")

    def ids(self, text: str) -> Ids:
        return _numbers(self.table(f"SELECT user_id FROM ({text}) ORDER BY user_id").column(0))

    def count(self, text: str) -> int:
        return int(self.numbers(f"SELECT count() FROM ({text})")[0])

    def numbers(self, text: str) -> list[int]:
        """The one row of a text, its lists in place."""
        cells = [column[0].as_py() for column in self.table(text).columns]
        return [int(number) for cell in cells for number in (cell if isinstance(cell, list) else [cell])]


def _numbers(ids: pa.ChunkedArray) -> Ids:
    return ids.to_numpy().astype(np.int64)


def files(folder: Path, users: int, events: int) -> tuple[Path, Path]:
    made = folder / "user_attributes.parquet", folder / "user_events.parquet"
    if not made[1].exists():
        print(f"making {users:,} users and {events:,} events", file=sys.stderr)
        generate(folder, users=users, events=events, format="parquet")
    return made


def loaded(folder: Path, users: Path, events: Path, threads: int) -> Mart:
    settings = Settings(data=folder / "ours", threads=threads)
    generations = Generations(settings.data)
    if generations.current() is None:
        print("loading them here", file=sys.stderr)
        load(users, events, generations, now=datetime.now(UTC), settings=settings)
    return current(settings)


def plain(folder: Path, users: Path, events: Path) -> Path:
    """Tables as the files have them, ids and times typed, rows in no order."""
    path = folder / "plain.duckdb"
    if not path.exists():
        with duckdb.connect(str(path)) as connection:
            for name, file in (("user_attributes", users), ("user_events", events)):
                connection.execute(
                    f"CREATE TABLE {name} AS SELECT * FROM read_parquet($file)", {"file": str(file)}
                )
    return path


# Both keys begin with the event; the first reads a user's events together, the second those of a time.
ORDERS = {"by_user": "event_name, user_id, timestamp", "by_time": "event_name, timestamp, user_id"}


def clickhouse(folder: Path, users: Path, events: Path) -> Any:
    """A session with a database for each sort order; None where ClickHouse is not installed."""
    if clickhouse_session is None:
        return None
    place = folder / "clickhouse"
    is_there = place.exists()
    session = clickhouse_session.Session(str(place))
    for database, order in () if is_there else ORDERS.items():
        print(f"loading them into ClickHouse, {order}", file=sys.stderr)
        session.query(f"CREATE DATABASE {database}")
        session.query(
            f"CREATE TABLE {database}.user_attributes ENGINE = MergeTree ORDER BY user_id AS"
            " SELECT * REPLACE (toUInt32(assumeNotNull(user_id)) AS user_id,"
            " toLowCardinality(location) AS location,"
            " toLowCardinality(subscription_plan) AS subscription_plan)"
            f" FROM file('{users}', Parquet) SETTINGS schema_inference_make_columns_nullable = 'auto'"
        )
        session.query(
            f"CREATE TABLE {database}.user_events ENGINE = MergeTree ORDER BY ({order}) AS"
            " SELECT * REPLACE (toUInt32(assumeNotNull(user_id)) AS user_id,"
            " toLowCardinality(assumeNotNull(event_name)) AS event_name,"
            " toDateTime64(assumeNotNull(timestamp), 6, 'UTC') AS timestamp)"
            f" FROM file('{events}', Parquet)"
            f" WHERE user_id IN (SELECT user_id FROM {database}.user_attributes)"
        )
        session.query(f"OPTIMIZE TABLE {database}.user_events FINAL")
    return session


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = perf_counter()
    answer = work()
    return answer, 1000 * (perf_counter() - start)


def in_turn(works: Mapping[str, Callable[[], Any]], rounds: int) -> tuple[dict[str, Any], dict[str, float]]:
    """The answers, and the medians of all rounds in milliseconds; a first round is not timed."""
    answers = {name: work() for name, work in works.items()}
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(timed(work)[1])
    return answers, {name: median(each) for name, each in times.items()}


class Bench:
    """All contenders over one folder of data."""

    def __init__(self, folder: Path, users: int, events: int, threads: int, rounds: int) -> None:
        files_of = files(folder, users, events)
        self.rounds, self.is_right = rounds, True
        self.ours = Ours(loaded(folder, *files_of, threads))
        moment = self.ours.mart.moment()
        as_of = f"TIMESTAMP '{moment.isoformat(' ')}'"
        path = self.ours.mart.engine.path  # type: ignore[attr-defined]

        def readable(question: Question) -> str:
            segment, _ = self.ours.mart.read(to_json(dict(question.spec)))
            return self.ours.mart.members(segment).sql()

        our_file = DuckDBTables(path, threads, readable)
        self.duckdb: dict[str, Contender] = {
            "ours": self.ours,
            "readable": our_file,
            "card": DuckDBTables(
                plain(folder, *files_of), threads, lambda question: question.card.format(as_of=as_of)
            ),
        }
        self.floor = lambda scans: [our_file.row(scan.format(as_of=as_of)) for scan in scans]
        session = clickhouse(folder, *files_of)
        when = f"toDateTime64('{moment.isoformat(' ')}', 6, 'UTC')"
        databases = ORDERS if session is not None else ()
        self.clickhouse = [ClickHouse(session, name, threads, when) for name in databases]

    def question(self, question: Question, what: str) -> dict[str, float]:
        works: dict[str, Callable[[], Any]] = {
            name: lambda one=one: getattr(one, what)(question) for name, one in self.duckdb.items()
        }
        works |= self._of_clickhouse(question.clickhouse, what)
        return self._times(f"{question.name}, {what}", works, question.floor, same=np.array_equal)

    def reading(self, reading: Reading) -> dict[str, float]:
        def once() -> tuple[list[int], float]:
            return timed(reading.prepare(self.ours.fresh()))

        answers = [once() for _ in range(self.rounds + 1)][1:]
        works = self._of_clickhouse(reading.clickhouse, "numbers")
        works["ours"] = lambda: answers[-1][0]
        times = self._times(reading.name, works, reading.floor, same=lambda one, other: one == other)
        return times | {"ours": median(milliseconds for _, milliseconds in answers)}

    def _of_clickhouse(self, texts: Sequence[str], what: str) -> dict[str, Callable[[], Any]]:
        return {
            f"ClickHouse {number}": lambda one=one, text=text: getattr(one, what)(text)
            for number, (one, text) in enumerate((one, text) for one in self.clickhouse for text in texts)
        }

    def _times(
        self,
        name: str,
        works: Mapping[str, Callable[[], Any]],
        floor: Sequence[str],
        same: Callable[[Any, Any], bool],
    ) -> dict[str, float]:
        answers, times = in_turn({**works, "floor": lambda: self.floor(floor)}, self.rounds)
        for contender in works:
            if not same(answers["ours"], answers[contender]):
                self.is_right = False
                print(f"{name}: {contender} answers otherwise than ours", file=sys.stderr)
        best = [
            milliseconds for contender, milliseconds in times.items() if contender.startswith("ClickHouse")
        ]
        named = {contender: times[contender] for contender in times if not contender.startswith("ClickHouse")}
        if not floor:
            del named["floor"]
        return named | ({"ClickHouse": min(best)} if best else {})


COLUMNS = ("ours", "readable", "card", "ClickHouse", "floor")


def table(rows: Iterable[tuple[str, Mapping[str, float]]]) -> None:
    """Milliseconds of each contender, with its ratio to ours."""
    heads = "".join(f"{name:>18}" for name in COLUMNS)
    print(f"{'milliseconds (x ours)':44}{heads}")
    for name, times in rows:
        cells = [_cell(times.get(column), times["ours"]) for column in COLUMNS]
        print(f"{name:44}{''.join(cells)}", flush=True)


def _cell(milliseconds: float | None, ours: float) -> str:
    if milliseconds is None:
        return " " * 18
    ratio = f"({milliseconds / ours:.2f})"
    return f"{milliseconds:10.1f}{ratio:>8}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=50_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="keeps the data, and uses what is there")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="peers-") as temporary:
        folder = (given.folder or Path(temporary)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, given.users, given.events, given.threads, given.rounds)
        table(
            (f"{question.name}, {what}", bench.question(question, what))
            for what in ("ids", "count")
            for question in QUESTIONS
        )
        table((reading.name, bench.reading(reading)) for reading in READINGS)
    sys.exit(0 if bench.is_right else 1)


if __name__ == "__main__":
    main()
