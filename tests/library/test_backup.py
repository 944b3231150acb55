"""Backups of the library and the kept runs: whole, of one moment, and back as it was; on both databases."""

import json
import random
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import create_engine

from duckmart.errors import DuckMartError, LibraryError
from duckmart.library.archive import MANIFEST, open_writer
from duckmart.library.backup import back_up, restore
from duckmart.library.library import Library
from duckmart.library.runs import RunFacts, Runs
from duckmart.library.saved import Details
from duckmart.library.tables import metadata
from duckmart.settings import Settings
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment
from tests.library import older
from tests.library.future import tomorrow
from tests.library.racer import counting

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 27, 10, 30)
DRAFTS = ("draft-1", "draft-2", "d0", "d1")


@pytest.fixture
def library(library_place: str | Path) -> Iterator[Library]:
    with closing(Library(library_place)) as library:
        yield library


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.zip"


def everything(library: Library, data: Path) -> Any:
    """All that a library and the runs below a folder hold."""
    segments = [*library.listed(), *library.deleted()]
    histories = {one.id: library.history(one.id) for one in segments}
    return {
        "live": library.listed(),
        "deleted": library.deleted(),
        "histories": histories,
        "users": {one.id: library.used_by(one.id) for one in library.listed()},
        "rows": [library.kept_rows(one, left.saved.version) for one in histories for left in histories[one]],
        "drafts": [library.draft(one) for one in DRAFTS],
        "export": library.export(),
        "runs": {
            str(path.relative_to(data)): path.read_bytes() for path in sorted(data.glob("runs/*/*.parquet"))
        },
    }


def keep_run(data: Path, segment: str, members: list[int], version: int = 1) -> None:
    Runs(data, segment).keep(pa.chunked_array([members]), RunFacts(version, "000001", NOW, NOW), 30)


def segment(**spec: Any) -> Segment:
    return parse(spec, Settings())


def fill(library: Library, data: Path) -> None:
    library.save("adults", counting(5), Details("Ann's \n 🦆", "x", ("a", "b"), "O'Neil"), now=NOW, kept="[]")
    library.save("adults", counting(6), version=1, now=NOW + timedelta(microseconds=7))
    library.save("Adults", segment(segment_filters=[{"segment": "adults", "operator": "in"}]), now=NOW)
    library.save("gone", Segment(), now=NOW)
    library.delete("gone", now=NOW)
    library.keep_draft("d0", '{"name": "🦆"}', now=NOW)
    keep_run(data, "adults", [1, 2, 3])
    keep_run(data, "adults", [2, 3])
    keep_run(data, "Adults", [7])


def other_library(tmp_path: Path) -> tuple[Library, Path]:
    return Library(tmp_path / "other" / "library.sqlite"), tmp_path / "other"


def test_a_restored_library_is_as_it_was(library: Library, data: Path, file: Path, tmp_path: Path):
    fill(library, data)
    there, its_data = other_library(tmp_path)

    contents = back_up(library.database, data, file, now=NOW)
    done = restore(there.database, its_data, file, now=NOW)

    assert str(contents) == "3 segments (1 deleted) in 5 versions, 1 draft, 3 kept runs"
    assert (done.contents, done.before) == (contents, ())
    assert everything(there, its_data) == everything(library, data)
    assert Runs(its_data, "adults").get("last").members().to_pylist() == [2, 3]
    assert there.save("adults", counting(7), version=2, now=NOW).version == 3
    assert sorted(path.name for path in its_data.iterdir()) == [
        *("library.sqlite", "library.sqlite.made", "restore.lock", "runs")
    ]


def test_a_backup_goes_from_a_file_into_any_database(
    library: Library, data: Path, file: Path, tmp_path: Path
):
    there, its_data = other_library(tmp_path)
    fill(there, its_data)

    back_up(there.database, its_data, file, now=NOW)
    restore(library.database, data, file, now=NOW)

    assert everything(library, data) == everything(there, its_data)
    assert library.save("new", Segment(), now=NOW).version == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_whatever_happened_in_a_library_comes_back(tmp_path: Path, file: Path, seed: int):
    library, data = Library(tmp_path / "data" / "library.sqlite"), tmp_path / "data"
    there, its_data = other_library(tmp_path)
    live_through(library, data, random.Random(seed))

    back_up(library.database, data, file, now=NOW)
    restore(there.database, its_data, file, now=NOW)

    assert everything(there, its_data) == everything(library, data)


def live_through(library: Library, data: Path, chance: random.Random) -> None:
    """Forty steps of which some are refused."""
    library.save("s0", counting(1), now=NOW)
    for number in range(40):
        with suppress(DuckMartError):
            step(library, data, number, chance)


def step(library: Library, data: Path, number: int, chance: random.Random) -> None:
    one, other = (f"s{chance.randrange(5)}" for _ in range(2))
    now = NOW + timedelta(seconds=number, microseconds=chance.randrange(10**6))
    uses = segment(segment_filters=[{"segment": other, "operator": "in"}])
    version, rows = chance.choice([None, 1, 2, 3]), chance.choice([None, "é"])
    steps = [
        lambda: library.save(one, counting(number + 1), now=now, version=version, kept=rows),
        lambda: library.save(one, uses, now=now, version=version),
        lambda: library.describe(one, Details(f"ñ {number}", tags=("t",)), now=now, version=version or 1),
        lambda: library.delete(one, now=now),
        lambda: library.restore(one, now=now),
        lambda: library.keep_draft(f"d{number % 2}", f"{number}", now=now, edition=chance.randrange(3)),
        lambda: keep_run(data, one, [number]),
    ]
    chance.choice(steps)()


def test_a_backup_is_a_zip_with_a_manifest_for_its_owner_alone(library: Library, data: Path, file: Path):
    fill(library, data)

    back_up(library.database, data, file, now=NOW)

    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read(MANIFEST))
        assert set(archive.namelist()) == {MANIFEST, *manifest["members"]}
    assert (manifest["format"], manifest["duckmart"], manifest["tables"]) == (1, "0.1.0", 1)
    assert manifest["contents"] == {"segments": 3, "deleted": 1, "versions": 5, "drafts": 1, "runs": 3}
    assert [path.name for path in file.parent.iterdir() if path.name.startswith(".")] == []


def test_nothing_is_no_backup(library: Library, data: Path, file: Path):
    with pytest.raises(LibraryError, match="nothing is saved"):
        back_up(library.database, data, file, now=NOW)

    assert list(file.parent.glob("*")) == []


def test_a_backup_that_fails_leaves_the_one_before(library: Library, data: Path, file: Path):
    fill(library, data)
    back_up(library.database, data, file, now=NOW)
    before = file.read_bytes()
    broken = data / "runs" / "adults" / "000003.parquet"
    broken.mkdir()

    with pytest.raises(LibraryError, match="cannot be written"):
        back_up(library.database, data, file, now=NOW)

    assert file.read_bytes() == before
    assert [path.name for path in file.parent.glob(".*")] == []


@pytest.mark.slow
def test_a_backup_while_others_save_is_of_one_moment(library: Library, library_place: str | Path, file: Path):
    data = file.parent / "data"
    library.save("counted", counting(1), now=NOW)
    racers = subprocess.Popen(
        [sys.executable, "-m", "tests.library.racer", str(library_place), *["add=15"] * 2],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    there, its_data = other_library(file.parent)
    backups = 0
    while racers.poll() is None or not backups:
        back_up(library.database, data, file, now=NOW)
        restore(there.database, its_data, file, now=NOW, replacing=True)
        backups += 1
        history = there.history("counted")
        assert there.get("counted") == history[-1].saved
        assert [one.saved.spec["limit"] for one in history] == list(range(1, len(history) + 1))
    racers.communicate()
    assert racers.returncode == 0


# What is there already


def test_what_is_there_is_replaced_only_if_told_and_kept_beside(
    library: Library, data: Path, file: Path, tmp_path: Path
):
    fill(library, data)
    back_up(library.database, data, file, now=NOW)
    as_backed_up = everything(library, data)
    library.save("mine", counting(9), now=NOW)
    keep_run(data, "mine", [9])
    mine = everything(library, data)

    with pytest.raises(LibraryError, match=r"hold 4 segments \(1 deleted\).*, 4 kept runs; --replace"):
        restore(library.database, data, file, now=NOW)
    assert everything(library, data) == mine

    done = restore(library.database, data, file, now=NOW, replacing=True)

    assert everything(library, data) == as_backed_up
    (beside,) = done.before
    assert beside == data / "before-restore-20261127-103000.zip"
    assert beside.stat().st_mode & 0o777 == 0o600
    there, its_data = other_library(tmp_path)
    restore(there.database, its_data, beside, now=NOW)
    assert everything(there, its_data) == mine
    again = restore(library.database, data, beside, now=NOW, replacing=True)
    assert everything(library, data) == mine
    assert again.before == (data / "before-restore-20261127-103000-2.zip",)


def test_a_draft_or_a_run_alone_is_not_replaced_unasked(
    library: Library, data: Path, file: Path, tmp_path: Path
):
    there, its_data = other_library(tmp_path)
    fill(there, its_data)
    back_up(there.database, its_data, file, now=NOW)
    keep_run(data, "x", [1])
    with pytest.raises(LibraryError, match="1 kept run;"):
        restore(library.database, data, file, now=NOW)

    library.keep_draft("d1", "{}", now=NOW)

    with pytest.raises(LibraryError, match="1 draft, 1 kept run;"):
        restore(library.database, data, file, now=NOW)
    assert library.listed() == ()


def gone(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("lose", [gone, empty])
def test_a_library_that_is_lost_is_restored(tmp_path: Path, file: Path, lose: Any):
    data = tmp_path / "data"
    library = Library(data / "library.sqlite")
    fill(library, data)
    before = everything(library, data)
    back_up(library.database, data, file, now=NOW)
    lose(data / "library.sqlite")

    with pytest.raises(LibraryError, match=r"restore FILE"):
        library.listed()
    with pytest.raises(LibraryError, match="was"):
        back_up(library.database, data, tmp_path / "second.zip", now=NOW)
    with pytest.raises(LibraryError, match="3 kept runs; --replace"):
        restore(library.database, data, file, now=NOW)
    with pytest.raises(LibraryError, match=r"restore FILE"):
        library.listed()
    restore(library.database, data, file, now=NOW, replacing=True)

    assert everything(library, data) == before
    assert not (tmp_path / "second.zip").exists()


def no_library(file: Path) -> None:
    file.write_bytes(b"What you need is a duck.\n" * 1000)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:20_000])


def without_history(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TABLE segment_revisions")


@pytest.mark.parametrize("damage", [no_library, cut_short, without_history])
def test_a_damaged_file_is_moved_aside_if_told(tmp_path: Path, file: Path, damage: Any):
    data = tmp_path / "data"
    library = Library(data / "library.sqlite")
    fill(library, data)
    before = everything(library, data)
    back_up(library.database, data, file, now=NOW)
    damage(data / "library.sqlite")
    left = (data / "library.sqlite").read_bytes()

    with pytest.raises(LibraryError, match="--replace moves the damaged file aside"):
        restore(library.database, data, file, now=NOW)
    assert (data / "library.sqlite").read_bytes() == left
    done = restore(library.database, data, file, now=NOW, replacing=True)

    assert everything(library, data) == before
    aside = data / "library.sqlite.damaged-20261127-103000"
    assert aside.read_bytes() == left
    assert done.before == (aside, data / "before-restore-20261127-103000.zip")


def test_a_newer_library_is_not_replaced(tmp_path: Path, file: Path):
    data = tmp_path / "data"
    library = Library(data / "library.sqlite")
    fill(library, data)
    back_up(library.database, data, file, now=NOW)
    with closing(sqlite3.connect(data / "library.sqlite")) as connection, connection:
        connection.execute("UPDATE segment_library SET schema_version = 99")
    left = (data / "library.sqlite").read_bytes()

    for ask in (
        lambda: back_up(library.database, data, tmp_path / "second.zip", now=NOW),
        lambda: restore(library.database, data, file, now=NOW, replacing=True),
    ):
        with pytest.raises(LibraryError, match="install a newer DuckMart"):
            ask()
    assert (data / "library.sqlite").read_bytes() == left


# Versions


def test_a_backup_of_an_older_version_is_migrated(library_place: str | Path, file: Path, tmp_path: Path):
    older.put(library_place)
    data = tmp_path / "data"
    with closing(Library(library_place)) as library:
        back_up(library.database, data, file, now=NOW)

    with tomorrow(tmp_path / "scripts") as notes:
        there, its_data = other_library(tmp_path)
        restore(there.database, its_data, file, now=NOW)
        older.check(there)
        there.save("new", Segment(), now=NOW)
        with there.database.snapshot() as connection:
            assert connection is not None
            assert len(connection.execute(notes.select()).all()) == 4
        newer = tmp_path / "newer.zip"
        back_up(there.database, its_data, newer, now=NOW)
    with closing(Library(library_place)) as library:
        with pytest.raises(LibraryError, match=r"version 2.*install a newer DuckMart"):
            restore(library.database, data, newer, now=NOW, replacing=True)
        older.check(library)


def test_an_older_library_is_backed_up_as_it_is(library_place: str | Path, file: Path, tmp_path: Path):
    older.put(library_place, without=("segment_drafts",))

    with tomorrow(tmp_path / "scripts"), closing(Library(library_place)) as library:
        back_up(library.database, tmp_path, file, now=NOW)
        there, its_data = other_library(tmp_path)
        restore(there.database, its_data, file, now=NOW)
        older.check(there, drafts=False)
    with closing(Library(library_place)) as library:
        older.check(library, drafts=False)


# Damage


@pytest.fixture
def backup(tmp_path: Path, file: Path) -> Path:
    there, its_data = other_library(tmp_path)
    fill(there, its_data)
    back_up(there.database, its_data, file, now=NOW)
    return file


def refused(backup: Path, words: str) -> None:
    """A refused backup changes nothing, in an empty folder or in one that is in use."""
    data = backup.parent / "data"
    library = Library(data / "library.sqlite")
    with pytest.raises(LibraryError, match=words):
        restore(library.database, data, backup, now=NOW)
    assert not (data / "library.sqlite").exists()
    assert not (data / "runs").exists()
    there, its_data = other_library(backup.parent)
    before = everything(there, its_data)
    with pytest.raises(LibraryError, match=words):
        restore(there.database, its_data, backup, now=NOW, replacing=True)
    assert everything(there, its_data) == before
    assert list(its_data.glob("before-*")) == []


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.9, 0.999])
def test_a_backup_that_is_cut_short_is_refused(backup: Path, share: float):
    content = backup.read_bytes()
    backup.write_bytes(content[: int(len(content) * share)])

    refused(backup, "is no backup, or damaged")


def test_a_backup_with_any_byte_flipped_is_refused(backup: Path, tmp_path: Path):
    content = backup.read_bytes()
    library, data = Library(tmp_path / "new" / "library.sqlite"), tmp_path / "new"
    for place in [
        *random.Random(1).sample(range(len(content)), 300),
        *range(len(content) - 90, len(content)),
    ]:
        flipped = bytearray(content)
        flipped[place] ^= 1 << (place % 8)
        backup.write_bytes(flipped)
        with pytest.raises(LibraryError, match=r"nothing was changed"):
            restore(library.database, data, backup, now=NOW)
    assert not (data / "library.sqlite").exists()


def repacked(backup: Path, change: Any) -> None:
    """The same archive with other members, sealed as DuckMart does."""
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop(MANIFEST))
    about = {key: value for key, value in manifest.items() if key not in ("format", "members")}
    change(members, about)
    with open_writer(backup) as archive:
        for name, content in members.items():
            archive.add(name, [content])
        archive.finish(about)


def test_a_member_that_is_missing_is_named(backup: Path):
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    del members["runs/adults/000001.parquet"]
    with zipfile.ZipFile(backup, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)

    refused(backup, "runs/adults/000001.parquet is missing")


def test_a_newer_format_is_refused_with_what_to_do(backup: Path):
    repacked(backup, lambda members, about: about.update(format=2, duckmart="0.9.0"))

    refused(backup, r"format 2, made by DuckMart 0\.9\.0.*Install a newer DuckMart")


def strange_name(members: dict[str, bytes], about: dict[str, Any]) -> None:
    members["runs/../../evil.parquet"] = b""


def other_columns(members: dict[str, bytes], about: dict[str, Any]) -> None:
    members["library/segment_drafts.jsonl"] = b'{"id": "x"}\n'


def no_rows(members: dict[str, bytes], about: dict[str, Any]) -> None:
    members["library/segment_drafts.jsonl"] = b"quack\n"


def reference_to_nothing(members: dict[str, bytes], about: dict[str, Any]) -> None:
    members["library/segment_references.jsonl"] = b'{"segment": "nobody", "used": "adults", "path": "x"}\n'


@pytest.mark.parametrize("change", [strange_name, other_columns, no_rows, reference_to_nothing])
def test_rows_that_are_no_library_are_refused(backup: Path, change: Any):
    repacked(backup, change)

    refused(backup, "holds rows that are no library|nobody knows")


def test_what_is_no_zip_is_no_backup(backup: Path):
    backup.write_text('{"segments": []}')
    refused(backup, "is no backup")
    backup.unlink()
    refused(backup, "No such file")
    with zipfile.ZipFile(backup, "w") as archive:
        archive.writestr("x", "y")
    refused(backup, r"has no manifest\.json of a backup")


# All or nothing


def test_a_restore_that_fails_at_the_end_leaves_what_was_there(
    backup: Path, library: Library, data: Path, monkeypatch: pytest.MonkeyPatch
):
    library.save("mine", counting(3), now=NOW)
    keep_run(data, "mine", [3])
    before = everything(library, data)
    moves = Path.rename

    def fails_at_the_second(source: Path, target: Path) -> Path:
        if source == data / "restoring" / "runs":
            raise OSError(28, "No space left on device")
        return moves(source, target)

    monkeypatch.setattr(Path, "rename", fails_at_the_second)
    with pytest.raises(LibraryError, match="No space"):
        restore(library.database, data, backup, now=NOW, replacing=True)
    monkeypatch.undo()

    assert everything(library, data) == before
    assert restore(library.database, data, backup, now=NOW, replacing=True).before


KILLED = """
import os, sys
from datetime import datetime
from pathlib import Path
from duckmart.library.library import Library
from duckmart.library import backup

place, data, file, where = sys.argv[1:]
real = getattr(backup._Runs, "put_in_place")

def dies(runs):
    if where == "after":
        real(runs)
    os.kill(os.getpid(), 9)

backup._Runs.put_in_place = dies
library = Library(place if "://" in place else Path(place))
backup.restore(library.database, Path(data), Path(file), now=datetime(2026, 11, 27), replacing=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["before", "after"])
def test_a_restore_that_is_killed_leaves_the_old_library_and_can_be_repeated(
    backup: Path, library: Library, library_place: str | Path, data: Path, where: str
):
    library.save("mine", counting(3), now=NOW)
    keep_run(data, "mine", [3])
    before = everything(library, data)

    command = [sys.executable, "-c", KILLED, str(library_place), str(data), str(backup), where]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -9

    left = everything(library, data)
    assert {**left, "runs": None} == {**before, "runs": None}
    there, its_data = other_library(backup.parent)
    assert left["runs"] == (before if where == "before" else everything(there, its_data))["runs"]
    restore(library.database, data, backup, now=NOW, replacing=True)
    assert everything(library, data) == everything(there, its_data)
    assert not (data / "restoring").exists()
    assert len(list(data.glob("before-restore-*.zip"))) == 2


def test_the_tables_of_another_application_stay(
    library: Library, library_place: str | Path, data: Path, backup: Path
):
    library.save("mine", counting(3), now=NOW)
    url = f"sqlite:///{library_place}" if isinstance(library_place, Path) else library_place
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS recipes")
        connection.exec_driver_sql("CREATE TABLE recipes (name TEXT)")
        connection.exec_driver_sql("INSERT INTO recipes VALUES ('duck')")

    restore(library.database, data, backup, now=NOW, replacing=True)

    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT name FROM recipes").all() == [("duck",)]
        connection.exec_driver_sql("DROP TABLE recipes")
    engine.dispose()
    assert metadata.tables.keys() >= {"saved_segments"}
