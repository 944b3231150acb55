"""What all tests share: random specs, the demo data, the tiny world of `tiny.py`, a PostgreSQL server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from duckmart.data.generate import generate
from duckmart.data.generations import Generations
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.first_load import prepare
from duckmart.library.tables import metadata
from duckmart.mart import Mart, current
from duckmart.settings import Settings
from tests.postgres import ACCOUNT, Server, server
from tests.strategies import SEED, SPECS
from tests.tiny import WORLD, Row, spec

Ids = Callable[..., set[Any]]


# What takes minutes in all: the README's command leaves it out, .ci/run goes through it.
SLOW_FILES = (
    *("tests/browser/", "tests/differential/", "tests/insight/test_chance", "tests/library/test_races"),
    *("tests/library/test_kills", "tests/cli/test_cli_library"),
    *(
        f"tests/data/test_{name}"
        for name in ("append", "dirt", "everyday", "exports", "formats", "generations_")
    ),
    *(
        f"tests/data/test_{name}"
        for name in ("kinds", "list_columns", "loss", "mapping", "names_and", "quotes", "spelling")
    ),
    *(f"tests/data/test_{name}" for name in ("foreign", "pace", "report", "strict", "tops_and")),
)
SLOW_FIXTURES = {"open_page"}
"""Each test that opens a page draws all of it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        cases_in_postgres = item.nodeid.startswith("tests/conformance/") and "[postgres-" in item.nodeid
        is_slow = item.nodeid.startswith(SLOW_FILES) or cases_in_postgres or fixtures
        if is_slow or item.get_closest_marker("long"):
            item.add_marker("slow")


def pytest_report_header() -> str:
    return f"random specs: {SPECS} a test; DUCKMART_SPECS={SPECS} DUCKMART_SEED={SEED} repeats them"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the default demo files, loaded; not to be written to."""
    folder = tmp_path_factory.mktemp("demo")
    prepare(Settings(data=folder), lambda what, share: None)
    return folder


@pytest.fixture(scope="session")
def demo_settings(demo: Path) -> Settings:
    return Settings(data=demo, as_of="data")


@pytest.fixture(scope="session")
def demo_mart(demo_settings: Settings) -> Mart:
    return current(demo_settings)


@pytest.fixture(scope="session")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a demo of few users, loaded; not to be written to."""
    folder = tmp_path_factory.mktemp("small")
    generate(folder, users=1_500, events=30_000)
    prepare(Settings(data=folder), lambda what, share: None)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    yield from server()


@pytest.fixture(scope="session")
def postgres_demo(postgres: Server, small_demo: Path) -> Iterator[str]:
    """The address of the small demo in PostgreSQL."""
    file = Generations(small_demo).current()
    assert file is not None
    with postgres.session() as session:
        session.load_file(file.path, "demo")
        yield postgres.url(schema=session.schema)


@pytest.fixture(params=["sqlite", "postgres"])
def library_place(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where a library may be, with nothing there yet."""
    if request.param == "sqlite":
        return tmp_path / "data" / "library.sqlite"
    server: Server = request.getfixturevalue("postgres")
    url = f"postgresql+psycopg://{ACCOUNT}@/postgres?host={server.folder}"
    engine = create_engine(url)
    metadata.drop_all(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the tiny world."""
    return WORLD.write(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def mart(tiny: Path) -> Mart:
    settings = Settings(as_of="data")
    return Mart(DuckDBEngine(tiny, settings), settings)


@pytest.fixture(scope="session")
def ids(mart: Mart) -> Ids:
    """The ids of those who match all these conditions; keywords go to the segment."""

    def members(*rows: Row, **rest: Any) -> set[Any]:
        segment, _ = mart.accept(spec(*rows, **rest))
        return set(mart.audience(segment).ids.to_pylist())

    return members
