"""The tiny world of `rows.py` behind a mart, and a way to ask it for ids."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from duckmart.engines.duckdb import DuckDBEngine
from duckmart.mart import Mart
from duckmart.settings import Settings
from tests.unit.rows import WORLD, Row, spec

Ids = Callable[..., set[Any]]


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
