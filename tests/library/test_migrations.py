"""A library of an older version opens with all that it holds, on SQLite and on PostgreSQL; see `older.py`."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, select

from duckmart.errors import LibraryError
from duckmart.library import migrations, tables
from duckmart.library.library import Library
from duckmart.library.tables import metadata
from duckmart.spec.segment import Segment
from tests.library import older
from tests.library.future import tomorrow

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 27)
LATER_TABLES = ("segment_rows", "segment_drafts")


@pytest.fixture
def place(library_place: str | Path) -> Iterator[str | Path]:
    """As `library_place`, which does not know the table that `future.py` adds."""
    drop_notes(library_place)
    yield library_place
    drop_notes(library_place)


def drop_notes(place: str | Path) -> None:
    if isinstance(place, str):
        engine = create_engine(place)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS segment_notes")
        engine.dispose()


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    return tmp_path / "scripts"


def url_of(place: str | Path) -> str:
    return f"sqlite:///{place}" if isinstance(place, Path) else place


def names_of_tables(place: str | Path) -> set[str]:
    engine = create_engine(url_of(place))
    with closing(engine.connect()) as connection:
        names = {name for name in inspect(connection).get_table_names() if "segment" in name}
    engine.dispose()
    return names


def runs_of_the_script(scripts: Path) -> int:
    ran = scripts / "ran"
    return len(ran.read_text().splitlines()) if ran.exists() else 0


def race_of_tomorrow(
    scripts: Path, place: str | Path, *roles: str, **variables: str
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.library.future", str(scripts), str(place), *roles],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    )


@pytest.mark.parametrize("without", [(), LATER_TABLES[:1], LATER_TABLES])
def test_a_library_of_the_first_version_opens_with_all_it_holds(place: str | Path, without: tuple[str, ...]):
    older.put(place, without)
    there = {"rows": "segment_rows" not in without, "drafts": "segment_drafts" not in without}

    with closing(Library(place)) as library:
        older.check(library, **there)
        library.save("another", Segment(), now=NOW)
        library.delete("another", now=NOW)
        history = library.history("another")
        library.keep_draft("new", "{}", now=NOW)

    assert len(history) == 2
    assert names_of_tables(place) == set(older.TABLES)


@pytest.mark.parametrize("without", [(), LATER_TABLES])
def test_an_older_library_is_read_as_it_is_and_migrated_by_the_first_write(
    place: str | Path, scripts: Path, without: tuple[str, ...]
):
    older.put(place, without)
    before = names_of_tables(place)

    with tomorrow(scripts) as notes, closing(Library(place)) as library:
        older.check(library, rows=not without, drafts=not without)
        assert (names_of_tables(place), runs_of_the_script(scripts)) == (before, 0)

        library.save("another", Segment(), now=NOW)

        library.delete("another", now=NOW)
        assert runs_of_the_script(scripts) == 1
        assert library.history("adults")[-1].saved.version == 3
        with library._database.reading(notes) as read:
            assert len(read(select(notes))) == 4
        assert names_of_tables(place) == {*older.TABLES, "segment_notes"}


def test_a_write_that_is_refused_leaves_an_older_library_whole(place: str | Path, scripts: Path):
    older.put(place)

    with tomorrow(scripts), closing(Library(place)) as library:
        with pytest.raises(LibraryError, match="saved already"):
            library.save("adults", Segment(), now=NOW)
        older.check(library)


def test_a_step_that_fails_leaves_the_old_library(place: str | Path, scripts: Path):
    older.put(place)

    with tomorrow(scripts), closing(Library(place)) as library:
        script = scripts / "v0002_notes.py"
        script.write_text(script.read_text() + '    op.execute("INSERT INTO nowhere VALUES (1)")\n')
        with pytest.raises(LibraryError):
            library.save("another", Segment(), now=NOW)

    assert names_of_tables(place) == set(older.TABLES)
    with closing(Library(place)) as library:
        older.check(library)
        assert library.save("another", Segment(), now=NOW).version == 1


def test_of_8_that_write_first_one_migrates(place: str | Path, scripts: Path):
    older.put(place)
    names = [f"segment-{number}" for number in range(8)]

    race = race_of_tomorrow(scripts, place, *(f"first={name}" for name in names))
    said, _ = race.communicate(timeout=120)

    assert (race.returncode, said.splitlines()) == (0, ["version 1"] * 8)
    assert runs_of_the_script(scripts) == 1
    with tomorrow(scripts), closing(Library(place)) as library:
        assert {one.id for one in library.listed()} == {*names, "adults", "vip", "back"}
        assert len(library.history("adults")) == 3


def test_a_kill_in_a_migration_leaves_the_old_library(place: str | Path, scripts: Path):
    older.put(place)
    # Without a child of its own, so that the one that is killed is the one that migrates.
    killed = subprocess.Popen(
        [sys.executable, "-c", SAVES_TOMORROW, str(scripts), url_of(place)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PAUSE": "1"},
    )
    assert killed.stdout is not None
    assert killed.stdout.readline() == "in the middle\n"
    killed.kill()
    killed.communicate()

    until = time.monotonic() + 30
    while names_of_tables(place) != set(older.TABLES) and time.monotonic() < until:
        time.sleep(0.1)
    with closing(Library(place)) as library:
        older.check(library)
    with tomorrow(scripts), closing(Library(place)) as library:
        library.save("another", Segment(), now=NOW)
        library.delete("another", now=NOW)
        assert len(library.history("adults")) == 3
    assert runs_of_the_script(scripts) == 1


SAVES_TOMORROW = """
import sys
from datetime import datetime
from pathlib import Path
from duckmart.library.library import Library
from duckmart.spec.segment import Segment
from tests.library.future import tomorrow

with tomorrow(Path(sys.argv[1])):
    Library(sys.argv[2]).save("doomed", Segment(), now=datetime(2026, 11, 27))
"""


def test_a_library_of_a_newer_version_is_refused_unchanged_with_what_to_do(place: str | Path, scripts: Path):
    older.put(place)
    with tomorrow(scripts), closing(Library(place)) as library:
        saved = library.save("another", Segment(), now=NOW)

    with closing(Library(place)) as library:
        for ask in (
            library.listed,
            lambda: library.draft("draft-1"),
            lambda: library.save("x", Segment(), now=NOW),
        ):
            with pytest.raises(
                LibraryError, match=r"version 2.* install a newer DuckMart.* nothing was changed"
            ):
                ask()
    with tomorrow(scripts), closing(Library(place)) as library:
        assert library.get("another") == saved


def test_the_scripts_make_the_tables_of_today(place: str | Path):
    if isinstance(place, Path):
        place.parent.mkdir()
    engine = create_engine(url_of(place))
    with engine.begin() as connection:
        migrations.migrate(connection, 0, tables.SCHEMA_VERSION)
        there = set(inspect(connection).get_table_names())
        ours = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables},
        )
        assert compare_metadata(ours, metadata) == []
    engine.dispose()
    assert there >= metadata.tables.keys()


# SQLite's own


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "library.sqlite"
    older.put(file)
    return file


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def test_a_copy_of_a_file_is_kept_beside_it_for_its_owner_alone(file: Path, scripts: Path):
    before = dump(file)

    with tomorrow(scripts):
        Library(file).save("one", Segment(), now=NOW)
        Library(file).save("two", Segment(), now=NOW)

    (copy,) = file.parent.glob("*.before-*")
    assert copy.name == "library.sqlite.before-0002"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert dump(copy) == before
    older.check(Library(copy))


def test_a_copy_is_kept_of_a_library_that_is_named_by_a_url_too(file: Path, scripts: Path):
    with tomorrow(scripts):
        Library(f"sqlite:///file:{file}?mode=rw&uri=true").save("one", Segment(), now=NOW)

    older.check(Library(file.with_name("library.sqlite.before-0002")))


def test_todays_library_is_neither_copied_nor_migrated(file: Path):
    Library(file).save("one", Segment(), now=NOW)

    assert list(file.parent.glob("*.before-*")) == []


def test_where_no_copy_can_be_kept_the_library_stays_as_it_is(file: Path, scripts: Path):
    file.with_name("library.sqlite.before-0002").mkdir()
    before = dump(file)

    with tomorrow(scripts), pytest.raises(LibraryError, match=r"before-0002|directory"):
        Library(file).save("one", Segment(), now=NOW)

    assert dump(file) == before
    older.check(Library(file))


def test_an_older_library_on_a_disk_that_takes_no_writing_is_read(file: Path, scripts: Path):
    before = file.read_bytes()

    with tomorrow(scripts):
        library = Library(f"sqlite:///file:{file}?mode=ro&uri=true")
        older.check(library)
        with pytest.raises(LibraryError, match="may only be read"):
            library.save("one", Segment(), now=NOW)

    assert file.read_bytes() == before


def test_alembic_is_not_imported_where_there_is_nothing_to_migrate(tmp_path: Path):
    program = (
        "import sys, datetime, pathlib\n"
        "from duckmart.library.library import Library\n"
        "from duckmart.spec.segment import Segment\n"
        "library = Library(pathlib.Path(sys.argv[1]))\n"
        "library.save('s', Segment(), now=datetime.datetime(2026, 1, 1))\n"
        "library.listed()\n"
        "print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "library.sqlite")]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
