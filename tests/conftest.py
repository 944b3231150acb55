"""What all tests share: which random specs a run draws, the demo data, a PostgreSQL server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from duckmart.library.database import metadata
from duckmart.mart import Mart, current, prepare
from duckmart.settings import Settings
from tests.postgres import ACCOUNT, Server, server
from tests.strategies import SEED, SPECS


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
def postgres() -> Iterator[Server]:
    yield from server()


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
