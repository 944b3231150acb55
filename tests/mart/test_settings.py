"""Settings: a value that makes no sense is refused with words that say what would."""

from pathlib import Path

import pytest

from duckmart.errors import SettingsError
from duckmart.settings import Settings, settings


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    yield
    settings.cache_clear()


REFUSED = [
    ("THREADS", "99999999", "less than or equal to 1024"),
    ("THREADS", "0", "greater than or equal to 1"),
    ("THREADS", "-1", "greater than or equal to 1"),
    ("THREADS", "1.5", "valid integer"),
    ("THREADS", "", "valid integer"),
    ("TIMEOUT", "inf", "finite number"),
    ("TIMEOUT", "-inf", "finite number"),
    ("TIMEOUT", "nan", "finite number"),
    ("TIMEOUT", "1e300", "less than or equal to 86400"),
    ("TIMEOUT", "0", "greater than or equal to 0.001"),
    ("TIMEOUT", "-5", "greater than or equal to 0.001"),
    ("MEMORY", "1KB", "from 50MB to 64TB"),
    ("MEMORY", "0GB", "from 50MB to 64TB"),
    ("MEMORY", "999999TB", "from 50MB to 64TB"),
    ("MEMORY", "99999999999999999999999TB", "from 50MB to 64TB"),
    ("MEMORY", f"{'9' * 400}TB", "from 50MB to 64TB"),
    ("MEMORY", "-4GB", "such as 500MB"),
    ("MEMORY", "٤GB", "such as 500MB"),
    ("MEMORY", "4", "such as 500MB"),
    ("MEMORY", "80%", "such as 500MB"),
    ("MAX_LIMIT", "0", "greater than or equal to 1"),
    ("MAX_LIMIT", "99999999999", "less than or equal to 10000000"),
    ("DEFAULT_LIMIT", "-1", "greater than or equal to 1"),
    ("MAX_DEPTH", "5000", "less than or equal to 100"),
    ("MAX_CONDITIONS", "1000000", "less than or equal to 2000"),
    ("MAX_LIST_VALUES", "999999999999", "less than or equal to 10000000"),
    ("MAX_COMBINED", "999999", "less than or equal to 2000"),
    ("MAX_BODY", "99999999999999", "less than or equal to 1000000000"),
    ("MAX_BODY", "0", "greater than or equal to 1"),
    ("MAX_QUERIES", "1000000", "less than or equal to 1000"),
    ("KEEP_GENERATIONS", "0", "greater than or equal to 1"),
    ("KEEP_GENERATIONS", "1000000", "less than or equal to 1000"),
    ("KEEP_RUNS", "-1", "greater than or equal to 1"),
    ("KEEP_RUNS", "99999999999", "less than or equal to 100000"),
    ("AS_OF", "yesterday", "write data, now, or a date or time"),
    ("AS_OF", "", "write data, now, or a date or time"),
    ("AS_OF", "2026-02-30", "write data, now, or a date or time"),
    ("DATA", "", "name a folder"),
    ("DATA", "  ", "name a folder"),
]


@pytest.mark.parametrize(("name", "text", "words"), REFUSED)
def test_a_value_without_sense_is_refused_with_words(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, words: str
):
    monkeypatch.setenv(f"DUCKMART_{name}", text)

    with pytest.raises(SettingsError) as refused:
        settings()

    assert str(refused.value).startswith(f"DUCKMART_{name} is '{text}': ")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("   ", "write a database URL"),
        ("library.sqlite", "write a database URL"),
        ("/srv/library.sqlite", "write a database URL"),
        ("user:secret@host/marts", "write a database URL"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
    ],
)
def test_a_library_that_cannot_be_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, text: str, words: str
):
    monkeypatch.setenv("DUCKMART_LIBRARY", text)

    with pytest.raises(SettingsError, match=f"^DUCKMART_LIBRARY: .*{words}") as refused:
        settings()

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("text", ["mysql://duck:secret@db/shop", "db.example.com", "postgresql://"])
def test_an_engine_that_cannot_be_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv("DUCKMART_ENGINE", text)

    with pytest.raises(SettingsError, match=r"^DUCKMART_ENGINE: write the URL") as refused:
        settings()

    assert "secret" not in str(refused.value)


def test_the_data_folder_cannot_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "data.csv").write_text("user_id\n")
    monkeypatch.setenv("DUCKMART_DATA", "data.csv")

    with pytest.raises(SettingsError, match="this is a file; name a folder"):
        settings()


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUCKMART_THREADS", "0")
    monkeypatch.setenv("DUCKMART_TIMEOUT", "nan")

    with pytest.raises(SettingsError) as refused:
        settings()

    assert [line.split(" is ")[0] for line in str(refused.value).splitlines()] == [
        "DUCKMART_TIMEOUT",
        "DUCKMART_THREADS",
    ]


def test_a_default_limit_above_the_largest_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUCKMART_DEFAULT_LIMIT", "500")
    monkeypatch.setenv("DUCKMART_MAX_LIMIT", "100")

    with pytest.raises(SettingsError, match="DUCKMART_DEFAULT_LIMIT is 500, more than DUCKMART_MAX_LIMIT"):
        settings()


def test_a_lower_largest_limit_lowers_the_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUCKMART_MAX_LIMIT", "100")

    assert settings().ids_by_default == 100


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("THREADS", "64"),
        ("TIMEOUT", "0.5"),
        ("TIMEOUT", "3600"),
        ("MEMORY", "50MB"),
        ("MEMORY", "1.5 tib"),
        ("MAX_LIMIT", "1000000"),
        ("MAX_DEPTH", "100"),
        ("LIBRARY", ""),
        ("LIBRARY", "postgresql+psycopg://duck@db/marts"),
        ("LIBRARY", "sqlite:////srv/library.sqlite"),
        ("DATA", "a folder that is not there yet"),
    ],
)
def test_a_value_with_sense_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, text: str):
    monkeypatch.setenv(f"DUCKMART_{name}", text)

    assert str(getattr(settings(), name.lower())).lower().startswith(text.lower())


def test_every_number_has_two_ends():
    """An absurd number is refused for settings added later too."""
    ends = {
        name: {type(bound).__name__ for bound in field.metadata} & {"Ge", "Le"}
        for name, field in Settings.model_fields.items()
        if field.annotation in (int, float, int | None)
    }
    assert all(bounds == {"Ge", "Le"} for bounds in ends.values()), ends
