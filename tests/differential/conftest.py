"""The hand-made worlds, loaded: behind a mart, and beside it in a plain session for SQL that was copied."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import simplejson

from duckmart.compile import members
from duckmart.compile.query import Query
from duckmart.data.load import summaries
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.engines.generation_catalog import GenerationReader
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.segment import Segment
from tests.strategies import SAVED, Spec
from tests.world import TEXT_IDS, WHOLE_IDS, World


class Loaded:
    """A world behind a mart; `plain` is an ordinary DuckDB session on a copy of its file."""

    # Not a dataclass: each failing spec would be shown with every row of the world.
    def __init__(self, world: World, mart: Mart, plain: duckdb.DuckDBPyConnection) -> None:
        self.world, self.mart, self.plain = world, mart, plain

    def segment(self, spec: Spec) -> Segment:
        """The segment as it comes through the front door: from JSON text, checked against the data."""
        return self.mart.read(simplejson.dumps(spec, use_decimal=True))[0]

    def ids(self, spec: Spec) -> list[object]:
        return self.rows(self.mart.members(self.segment(spec)))

    def stored(self, spec: Spec) -> list[tuple[object, ...]]:
        """The members as they are found in answers: with summaries, where they tell."""
        segment = self.segment(spec)
        return self.answers(members(segment, self.mart.stored_catalog, self.mart.as_of(segment)))

    def rows(self, query: Query) -> list[object]:
        return self.mart.engine.run(query).column(0).to_pylist()

    def answers(self, query: Query) -> list[tuple[object, ...]]:
        """All columns: with a split, the arm too."""
        return [tuple(row.values()) for row in self.mart.engine.run(query).to_pylist()]

    def copied(self, query: Query) -> list[tuple[object, ...]]:
        """The rows for who copies the SQL with its values in place and runs it elsewhere."""
        return self.plain.execute(query.sql()).fetchall()

    def copied_table(self, query: Query) -> list[dict[str, object]]:
        """The same, by the names of the columns."""
        answer = self.plain.execute(query.sql())
        names = [column[0] for column in answer.description]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


# So many events, the most frequent ones, have summaries; the others are beyond the cap.
SUMMARIES = 4


def summarised(path: Path) -> dict[str, str]:
    """Writes summaries into a world's database, as a load does for frequent events; their tables by event."""
    with duckdb.connect(str(path)) as con, pytest.MonkeyPatch.context() as patch:
        patch.setattr(summaries, "FEWEST_EVENTS", 1)
        patch.setattr(summaries, "MOST_SUMMARIES", SUMMARIES)

        def look(query: Query) -> pa.Table:
            bound = query.bind()
            return con.sql(bound.sql, params=bound.parameters).to_arrow_table()

        return summaries.write_summaries(con, GenerationReader(look).catalog(path.stem))


def load(world: World, folder: Path) -> Iterator[Loaded]:
    path = world.write(folder)
    tables = summarised(path)
    # One process cannot open a file both locked down and plainly.
    copy = shutil.copy(path, folder / f"{world.name}_plain.duckdb")
    settings = Settings(as_of="data", threads=1, max_combined=200)
    with closing(duckdb.connect(copy, read_only=True, config={"threads": 1})) as plain:
        engine = DuckDBEngine(path, settings)
        catalog = replace(engine.catalog(), summaries=tables)
        yield Loaded(world, Mart(engine, settings, saved=SAVED, catalog=catalog), plain)


@pytest.fixture(scope="session")
def whole_ids(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    yield from load(WHOLE_IDS, tmp_path_factory.mktemp("whole_ids"))


@pytest.fixture(scope="session")
def text_ids(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    yield from load(TEXT_IDS, tmp_path_factory.mktemp("text_ids"))
