"""Progress within a long step."""

import duckdb
import pytest

from duckmart.cli.console import percent_done, time_left
from duckmart.data.load import pace
from duckmart.data.load.pace import LoadStep, run_step

STEP = LoadStep("counting", 0.2, 0.6, 10_000)
SLOW = "SELECT max(place) FROM (SELECT row_number() OVER (ORDER BY h) AS place FROM numbers)"


def numbers() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("CREATE TABLE numbers AS SELECT hash(range) AS h FROM range(3_000_000)")
    return con


def test_a_long_step_tells_rows_a_second_and_a_share_that_grows_within_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pace, "EVERY", 0.02)
    said: list[tuple[str, float]] = []
    with numbers() as con:
        answer = run_step(STEP, con, lambda *words: said.append(words), lambda: con.execute(SLOW).fetchall())
    assert answer[0][0] > 0
    assert said[0] == ("counting", 0.2)
    assert all(0.2 <= share <= 0.6 for _, share in said)
    assert [share for _, share in said] == sorted(share for _, share in said)
    assert any(words.endswith("rows a second") for words, _ in said)


def test_what_fails_in_a_step_fails_outside():
    with duckdb.connect() as con, pytest.raises(duckdb.CatalogException):
        run_step(STEP, con, lambda *_: None, lambda: con.execute("FROM nothing"))


def test_who_stops_listening_stops_the_step(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pace, "EVERY", 0.02)

    def stop(what: str, _: float) -> None:
        if what != STEP.what:
            raise KeyboardInterrupt

    with numbers() as con, pytest.raises(KeyboardInterrupt):
        run_step(STEP, con, stop, lambda: con.execute(SLOW).fetchall())


@pytest.mark.parametrize(
    ("seconds", "share", "words"),
    [
        (1, 0.5, ""),
        (10, 0.01, ""),
        (10, 0.5, ", about 10 s left"),
        (300, 0.5, ", about 5 min left"),
        (9, 1.0, ""),
    ],
)
def test_the_time_left_is_guessed_from_what_is_done(seconds: float, share: float, words: str):
    assert time_left(seconds, share) == words


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0%"), (0.004, "0%"), (0.5, "50%"), (0.9999, "99%"), (1, "100%"), (1.01, "100%")]
)
def test_a_load_is_all_done_only_at_its_end(share: float, words: str):
    assert percent_done(share) == words
