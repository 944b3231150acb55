"""What one engine calls its functions stands with the dialects and the engines, nowhere else."""

from pathlib import Path

import pytest

PRODUCT = Path(__file__).parents[2] / "duckmart"
# `data` makes what DuckDB serves.
ALLOWED = ("engines", "data", "compile/dialects/")
# How sqlglot names a function that it does not know, and structs, which engines do not share.
ENGINE_WORDS = ("exp.Anonymous", "exp.Struct", "import duckdb", "import psycopg")

FILES = [
    path
    for path in sorted(PRODUCT.rglob("*.py"))
    if not path.relative_to(PRODUCT).as_posix().startswith(ALLOWED)
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PRODUCT).as_posix())
def test_no_function_of_one_engine_is_named(path: Path) -> None:
    text = path.read_text("utf-8")

    assert [word for word in ENGINE_WORDS if word in text] == []
