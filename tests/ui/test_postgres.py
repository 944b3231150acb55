"""The builder on tables that lie in PostgreSQL shows of each example what it shows on DuckDB."""

from pathlib import Path

import pytest

from duckmart.spec.examples import Example, examples
from tests.ui.conftest import Open


@pytest.mark.slow
@pytest.mark.parametrize("one", examples(), ids=lambda one: one.id)
def test_the_builder_counts_an_example_as_on_duckdb(
    one: Example,
    open_page: Open,
    small_demo: Path,
    postgres_demo: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = open_page(small_demo).paste(one.spec)
    monkeypatch.setenv("DUCKMART_ENGINE", postgres_demo)

    page = open_page(tmp_path).paste(one.spec)

    assert page.count == expected.count
    assert page.sentence == expected.sentence
    assert page.sql == expected.sql
