"""Kept runs: whole or not there, numbered without gaps, compared whatever the type of the ids."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from duckmart.errors import LibraryError, NotFound
from duckmart.export_changes import with_changes
from duckmart.library import runs as kept_runs
from duckmart.library.changes import Changes, changes
from duckmart.library.runs import RunFacts, Runs

FACTS = RunFacts(3, "000007", datetime(2026, 11, 22, 23, 59, 59, 5), datetime(2026, 11, 23, 6))


def ids(*values: Any, kind: pa.DataType | None = None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, kind or pa.int64())])


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    runs = Runs(tmp_path, "vip")
    yield runs
    assert not (runs.folder / ".draft").exists()


def test_a_kept_run_is_read_as_it_was(runs: Runs):
    kept = runs.keep(ids(1, 5, 9), FACTS, most=30)

    assert runs.get("last") == runs.get("1") == runs.get("000001") == kept
    assert runs.listed() == (kept,)
    assert kept.members().to_pylist() == [1, 5, 9]
    assert kept.as_dict() == {
        "run": "000001",
        "segment": "vip",
        "version": 3,
        "generation": "000007",
        "as_of": "2026-11-22T23:59:59.000005Z",
        "kept": "2026-11-23T06:00:00Z",
        "total": 3,
    }


@pytest.mark.parametrize(
    "members",
    [
        ids(),
        ids("O'Neil", "50%", "日本", kind=pa.string()),
        ids(1, 2, kind=pa.int32()),
        pa.chunked_array([[1, 2], [3]]),
        pa.chunked_array([pa.array(["a", "b"]).dictionary_encode()]),
    ],
)
def test_ids_of_any_kind_are_kept(runs: Runs, members: pa.ChunkedArray):
    assert runs.keep(members, FACTS, most=30).members().to_pylist() == members.to_pylist()


def test_the_oldest_go_and_their_numbers_are_not_used_again(runs: Runs):
    for _ in range(5):
        runs.keep(ids(1), FACTS, most=2)

    assert [run.id for run in runs.listed()] == ["000004", "000005"]
    assert {path.name for path in runs.folder.iterdir()} == {".lock", "000004.parquet", "000005.parquet"}
    with pytest.raises(NotFound, match="there are: 000004, 000005, and 'last'"):
        runs.get("1")


def test_runs_that_end_at_once_are_all_kept(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda one: Runs(tmp_path, "vip").keep(ids(one), FACTS, most=30), range(16)))

    assert sorted(run.id for run in done) == [f"{number:06}" for number in range(1, 17)]
    assert all(run.members().to_pylist() == [one] for one, run in enumerate(done))


def test_ids_that_differ_by_case_have_folders_of_their_own_on_every_disk(tmp_path: Path):
    folders = {Runs(tmp_path, one).folder.name.lower() for one in ("vip", "VIP", "Vip", "1", "a-B_c")}

    assert len(folders) == 5
    assert Runs(tmp_path, "vip").folder.name == "vip"
    assert Runs(tmp_path, "1").folder.name == "1"


def test_what_a_killed_run_left_is_no_run(runs: Runs):
    runs.folder.mkdir(parents=True)
    (runs.folder / ".draft").write_bytes(b"PAR1 half")

    assert runs.listed() == ()
    assert runs.keep(ids(1), FACTS, most=30).id == "000001"


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"no parquet at all"])
def test_a_run_that_cannot_be_read_is_said_in_words(runs: Runs, damage: bytes):
    runs.keep(ids(1), FACTS, most=30).path.write_bytes(damage)

    for ask in (lambda: runs.get("last"), runs.listed):
        with pytest.raises(LibraryError, match=r"000001\.parquet: the kept run cannot be read"):
            ask()


def test_a_parquet_file_of_somebody_else_is_said_in_words(runs: Runs):
    runs.folder.mkdir(parents=True)
    pq.write_table(pa.table({"user_id": [1]}), runs.folder / "000001.parquet")

    with pytest.raises(LibraryError, match="cannot be read"):
        runs.listed()


def test_a_folder_that_cannot_be_is_said_in_words(tmp_path: Path):
    (tmp_path / "runs").touch()

    with pytest.raises(LibraryError, match=r"File exists|Not a directory"):
        Runs(tmp_path, "vip").keep(ids(1), FACTS, most=30)


def test_a_wait_that_is_too_long_ends_in_words(runs: Runs, monkeypatch: pytest.MonkeyPatch):
    runs.keep(ids(1), FACTS, most=30)
    monkeypatch.setattr(kept_runs, "PATIENCE", 0.01)
    with kept_runs.FileLock(runs.folder / ".lock"), pytest.raises(LibraryError, match="still being kept"):
        Runs(runs.folder.parents[1], "vip").keep(ids(1), FACTS, most=30)


@pytest.mark.parametrize(
    ("now", "before", "entered", "left"),
    [
        (ids(1, 2, 3), ids(2, 4), [1, 3], [4]),
        (ids(), ids(1, 2), [], [1, 2]),
        (ids(1, 2), ids(), [1, 2], []),
        (ids(1, 2, kind=pa.int32()), ids(2, 2**40), [1], [2**40]),
        (ids("1", "x", kind=pa.string()), ids(1, 2), ["x"], [2]),
        (ids(1, 2), ids("2", "x", kind=pa.string()), [1], ["x"]),
    ],
)
def test_who_entered_and_left(now: pa.ChunkedArray, before: pa.ChunkedArray, entered: Any, left: Any):
    found = changes(now, before)

    assert (found.entered.to_pylist(), found.left.to_pylist()) == (entered, left)


def test_a_table_of_changes_keeps_its_columns_and_fits_ids_of_another_type():
    table = pa.table({"user_id": [1, 2, 3], "variant": ["a", "b", "a"]})

    changed = with_changes(table, Changes(ids(3), ids("x", kind=pa.string())), limit=1)

    assert changed.to_pydict() == {
        "user_id": ["1", "3", "x"],
        "change": ["stayed", "entered", "left"],
        "variant": ["a", "a", None],
    }
