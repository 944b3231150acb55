"""What the API says of an error names no place on the server's machine; the log does."""

import json
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from starlette.testclient import TestClient

from duckmart.api.app import api
from duckmart.api.redaction import without_places
from duckmart.errors import (
    Cancelled,
    DuckMartError,
    Exists,
    Failed,
    LibraryError,
    LoadError,
    NotFound,
    Overloaded,
    Timeout,
    Unavailable,
)
from duckmart.settings import Settings, settings

SECRET = "hush hush-42"

Damage = Callable[[Path], None]


@pytest.fixture
def folder(demo: Path, tmp_path: Path) -> Path:
    copytree(demo, tmp_path / SECRET / SECRET)
    return tmp_path / SECRET / SECRET


def answers(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[str]:
    monkeypatch.setattr("duckmart.api.app.settings", lambda: settings)
    client = TestClient(api, base_url="http://localhost", raise_server_exceptions=False)
    spec = {"segment_filters": [{"segment": "saved", "operator": "in"}]}
    return [client.get("/health").text, client.post("/segment", json=spec).text]


def cut_manifest(data: Path) -> None:
    (data / "manifest.json").write_text("{")


def folder_as_manifest(data: Path) -> None:
    (data / "manifest.json").unlink()
    (data / "manifest.json").mkdir()


def remove_database(data: Path) -> None:
    (data / "generations" / "000001.duckdb").unlink()


def cut_database(data: Path) -> None:
    (data / "generations" / "000001.duckdb").write_bytes(b"cut")


def break_database(data: Path) -> None:
    file = data / "generations" / "000001.duckdb"
    file.write_bytes(b"x" * file.stat().st_size)


def break_library(data: Path) -> None:
    (data / "library.sqlite").write_bytes(b"no library at all " * 100)


def library_of_another_version(data: Path) -> None:
    with sqlite3.connect(data / "library.sqlite") as connection:
        connection.execute("CREATE TABLE segment_library (row INTEGER, schema_version INTEGER)")
        connection.execute("INSERT INTO segment_library VALUES (1, 99)")


def folder_as_library(data: Path) -> None:
    (data / "library.sqlite").mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        cut_manifest,
        folder_as_manifest,
        remove_database,
        cut_database,
        break_database,
        break_library,
        library_of_another_version,
        folder_as_library,
    ],
)
def test_no_damage_tells_where_the_data_is(folder: Path, monkeypatch: pytest.MonkeyPatch, damage: Damage):
    damage(folder)

    texts = answers(monkeypatch, Settings(data=folder))

    for text in texts:
        assert "hush" not in text
        assert str(folder.parent.parent) not in text
    assert any('"error"' in text for text in texts)


@pytest.mark.parametrize(
    "kind", [Unavailable, LibraryError, Failed, Timeout, Overloaded, Cancelled, NotFound]
)
@pytest.mark.parametrize(
    "words",
    [
        "{data}/manifest.json cannot be read; `python -m duckmart data use 000001 --data '{data}'` serves it",
        "the library at sqlite:///{data}/library.sqlite: it is locked",
        "[Errno 2] No such file or directory: '/srv/hush/x.duckdb'",
        'IO Error: Cannot open file "/srv/hush/deep/x.duckdb": gone',
        "C:\\hush\\data\\x.duckdb is gone",
        "the library at postgresql+psycopg://me:***@hush:5432/db?host=/run/hush: no",
    ],
)
def test_no_kind_of_error_names_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[DuckMartError], words: str
):
    data = tmp_path / "hush hush"

    def fails(_: Settings) -> None:
        raise kind(words.format(data=data))

    monkeypatch.setattr("duckmart.api.app.current", fails)

    for text in answers(monkeypatch, Settings(data=data)):
        assert json.loads(text)["error"]["code"] == kind.code
        assert "hush" not in text
        assert str(tmp_path) not in text


def test_errors_with_more_to_them_name_no_place_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for raised in (LoadError("cut", file=tmp_path / "hush.csv"), Exists(f"{tmp_path} has it", ["a"])):

        def fails(_: Settings, raised: DuckMartError = raised) -> None:
            raise raised

        monkeypatch.setattr("duckmart.api.app.current", fails)
        assert str(tmp_path) not in "".join(answers(monkeypatch, Settings(data=tmp_path)))


def test_a_wrong_setting_is_for_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "hush").write_text("")
    monkeypatch.setenv("DUCKMART_DATA", str(tmp_path / "hush"))
    settings.cache_clear()

    answer = TestClient(api, base_url="http://localhost", raise_server_exceptions=False).get("/health")

    settings.cache_clear()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "settings")
    assert "hush" not in answer.text
    assert "hush': this is a file" in caplog.text


def test_the_log_has_the_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    cut_manifest(folder)

    with caplog.at_level(logging.WARNING, "duckmart.api"):
        answers(monkeypatch, Settings(data=folder))

    assert str(folder / "manifest.json") in caplog.text


def test_what_to_do_stays_in_the_words(folder: Path):
    words = f"{folder}/manifest.json cannot be read; `duckmart data use 000001 --data '{folder}'` serves it"

    assert without_places(words, Settings(data=folder)) == (
        "DATA/manifest.json cannot be read; `duckmart data use 000001 --data DATA` serves it"
    )


@pytest.mark.parametrize(
    "words",
    [
        "no data is loaded yet; open the app once, or run `python -m duckmart load`",
        "the query took longer than 60 seconds and was stopped; ask for less, and/or raise DUCKMART_TIMEOUT",
        "read https://example.org/docs/page",
        "write 3/4/2024",
    ],
)
def test_words_without_places_stay_as_they_are(words: str):
    assert without_places(words, Settings(data=Path("data"))) == words


def test_a_relative_data_folder_is_not_named_either():
    settings = Settings(data=Path("../hush"))

    assert without_places("../hush/manifest.json is cut", settings) == "DATA/manifest.json is cut"
    assert (
        without_places("run `data use 1 --data ../hush` now", settings) == "run `data use 1 --data DATA` now"
    )
