"""A library on a disk that is full, takes no writing, or is busy: clear words, and what was saved stays."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from duckmart.errors import LibraryError
from duckmart.library import database
from duckmart.library.library import Library
from duckmart.library.saved import Details, Saved
from duckmart.settings import Settings
from duckmart.spec.parser import parse
from tests.data.test_generations_disk import mount

NOW = datetime(2026, 11, 22)
SPEC = parse({}, Settings())
LONG = Details(description="x" * 10_000)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount(folder, "size=256k")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_said_and_what_was_saved_stays(small_disk: Path):
    library = Library(small_disk / "library.sqlite")
    saved: list[Saved] = []

    with pytest.raises(LibraryError, match="disk is full"):
        saved.extend(library.save(f"s{number:02}", SPEC, LONG, now=NOW) for number in range(100))

    assert len(saved) > 5
    assert library.listed() == tuple(saved)


def test_a_disk_that_takes_no_writing_is_read(small_disk: Path):
    library = Library(small_disk / "library.sqlite")
    saved = library.save("s", SPEC, now=NOW)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    assert library.get("s") == saved
    with pytest.raises(LibraryError, match="may only be read"):
        library.save("t", SPEC, now=NOW)
    with pytest.raises(LibraryError, match=r"Read-only file system|cannot be opened"):
        Library(small_disk / "new" / "library.sqlite").save("t", SPEC, now=NOW)


def test_a_library_that_another_process_does_not_let_go_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    file = tmp_path / "library.sqlite"
    library = Library(file)
    saved = library.save("s", SPEC, now=NOW)

    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match="another process has been writing"):
            library.save("t", SPEC, now=NOW)
        assert library.get("s") == saved

    assert library.save("t", SPEC, now=NOW).version == 1
