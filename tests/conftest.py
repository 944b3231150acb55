"""Says in the report's header which random specs a run draws, and makes the demo data once for all tests."""

from pathlib import Path

import pytest

from duckmart.mart import Mart, current, prepare
from duckmart.settings import Settings
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
