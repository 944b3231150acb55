"""A library that was there once and is gone or empty now is told, and nothing is written over it."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine
from starlette.testclient import TestClient

from duckmart import mart
from duckmart.api.app import api
from duckmart.cli import cli
from duckmart.errors import LibraryError
from duckmart.library.library import Library
from duckmart.library.tables import metadata
from duckmart.settings import settings
from duckmart.spec.segment import Segment
from tests.postgres import ACCOUNT

NOW = datetime(2026, 11, 22)
TABLES = ("segment_library", "saved_segments", "segment_revisions", "segment_references")

Lose = Callable[[Path], None]


def gone(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def another_database(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")


def without(*tables: str) -> Lose:
    def lose(file: Path) -> None:
        with closing(sqlite3.connect(file)) as connection:
            for table in tables:
                connection.execute(f"DROP TABLE {table}")

    return lose


def without_its_version(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM segment_library")


LOSSES = [
    pytest.param(gone, id="gone"),
    pytest.param(empty, id="empty"),
    pytest.param(another_database, id="another database"),
    *(pytest.param(without(table), id=f"without {table}") for table in TABLES),
    pytest.param(without(*TABLES, "segment_rows", "segment_drafts"), id="without any table"),
    pytest.param(without_its_version, id="without its version"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "data" / "library.sqlite"
    Library(file).save("adults", Segment(), now=NOW)
    return file


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("restarted", [True, False], ids=["after a restart", "meanwhile"])
def test_a_lost_library_is_told_and_nothing_is_written(file: Path, lose: Lose, restarted: bool):
    library = Library(file)
    assert [one.id for one in library.listed()] == ["adults"]
    lose(file)
    left = file.read_bytes() if file.exists() else None
    library = Library(file) if restarted else library

    for ask in (
        library.listed,
        library.deleted,
        library.export,
        lambda: list(library.specs),
        lambda: library.get("adults"),
        lambda: library.save("other", Segment(), now=NOW),
        lambda: library.keep_draft("draft", "x", now=NOW),
        lambda: library.draft("draft"),
    ):
        with pytest.raises(LibraryError, match="put a backup in its place"):
            ask()
    assert (file.read_bytes() if file.exists() else None) == left


def test_a_mount_that_is_gone_is_told_and_no_library_made_below_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    mount = tmp_path / "mount"
    monkeypatch.setenv("DUCKMART_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DUCKMART_LIBRARY", f"sqlite:///{mount}/library.sqlite")
    settings.cache_clear()
    run = CliRunner().invoke
    mart.library(settings()).save("adults", Segment(), now=NOW)
    mart.library.cache_clear()
    mount.rename(tmp_path / "elsewhere")

    listed, saved = run(cli, ["segments", "list"]), run(cli, ["segments", "export"])

    settings.cache_clear()
    for done in (listed, saved):
        assert (done.exit_code, done.stdout) == (1, "")
        assert "is gone, and segments were saved there" in done.stderr
    assert not mount.exists()


def test_a_library_from_before_is_known_once_it_is_read(file: Path):
    (file.parent / "library.sqlite.made").unlink()
    assert Library(file).listed()
    file.unlink()

    with pytest.raises(LibraryError, match="is gone"):
        Library(file).listed()


def test_a_library_put_back_is_there_again(file: Path):
    library, content = Library(file), file.read_bytes()
    file.unlink()
    with pytest.raises(LibraryError):
        library.listed()
    file.write_bytes(content)

    assert [one.id for one in library.listed()] == ["adults"]


def test_who_removes_the_mark_too_begins_anew(file: Path):
    file.unlink()
    (file.parent / "library.sqlite.made").unlink()

    assert Library(file).listed() == ()
    assert Library(file).save("adults", Segment(), now=NOW).version == 1


def test_a_shared_database_that_lost_its_tables_is_told(postgres_url: str, tmp_path: Path):
    library = Library(postgres_url, made=tmp_path / "library.made")
    library.save("adults", Segment(), now=NOW)
    engine = create_engine(postgres_url)
    metadata.drop_all(engine)
    engine.dispose()

    for shelf in (library, Library(postgres_url, made=tmp_path / "library.made")):
        with pytest.raises(LibraryError):
            shelf.listed()
        with pytest.raises(LibraryError):
            shelf.save("other", Segment(), now=NOW)
        shelf.close()


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> str:
    request.getfixturevalue("postgres")
    url = f"postgresql+psycopg://{ACCOUNT}@/postgres?host={request.getfixturevalue('postgres').folder}"
    engine = create_engine(url)
    metadata.drop_all(engine)
    engine.dispose()
    return url


def test_the_api_and_the_command_line_say_so_too(demo: Path, file: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("manifest.json", "generations"):
        (file.parent / name).symlink_to(demo / name)
    monkeypatch.setenv("DUCKMART_DATA", str(file.parent))
    settings.cache_clear()
    file.write_bytes(b"")

    spec = {"segment_filters": [{"segment": "adults", "operator": "in"}]}
    answer = TestClient(api, base_url="http://localhost", raise_server_exceptions=False).post(
        "/segment", json=spec
    )
    runs = [CliRunner().invoke(cli, words, input=json.dumps({})) for words in WORDS]

    settings.cache_clear()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "library")
    assert "is empty, and segments were saved there" in answer.json()["error"]["message"]
    for run in runs:
        assert (run.exit_code, run.stdout) == (1, "")
        assert "is empty, and segments were saved there" in run.stderr
    assert file.read_bytes() == b""


WORDS = (
    ["segments", "list"],
    ["segment", "--saved", "adults"],
    ["save", "other", "-"],
    ["segments", "export"],
)
