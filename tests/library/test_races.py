"""Several processes change one library at the same moment: nothing is lost, nothing is half done."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from duckmart.library.library import Library
from duckmart.settings import Settings
from duckmart.spec.parser import parse
from tests.library.racer import NOW, counting

ROOT = Path(__file__).parents[2]
PROCESSES = 8
# PostgreSQL lets writers in by turns, so of 8 that read at the same moment nearly all come too late.
TIMES = {"sqlite": 50, "postgres": 5}


def race(place: str | Path, runners: Iterable[tuple[str, object]]) -> list[str]:
    """What each of the racers says at its end; all start together."""
    roles = [f"{role}={word}" for role, word in runners]
    done = subprocess.run(
        [sys.executable, "-m", "tests.library.racer", str(place), *roles],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def library(library_place: str | Path) -> Iterator[Library]:
    with closing(Library(library_place)) as library:
        yield library


def test_of_many_updates_by_8_processes_none_is_lost(library: Library, library_place: str | Path):
    times = TIMES["sqlite" if isinstance(library_place, Path) else "postgres"]
    library.save("counted", counting(1), now=NOW)

    race(library_place, [("add", times)] * PROCESSES)

    updates = PROCESSES * times
    saved = library.get("counted")
    assert saved.version == 1 + updates
    assert saved.spec["limit"] == 1 + updates
    history = library.history("counted")
    assert [revision.saved.spec["limit"] for revision in history] == list(range(1, updates + 2))


def test_a_library_that_4_processes_make_at_once_has_the_segments_of_all(
    library: Library, library_place: str | Path
):
    names = [f"segment-{number}" for number in range(4)]

    said = race(library_place, [("first", name) for name in names])

    assert said == ["version 1"] * 4
    assert [one.id for one in library.listed()] == names


@pytest.mark.parametrize("attempt", range(3))
def test_a_segment_is_not_deleted_while_another_comes_to_use_it(
    library: Library, library_place: str | Path, attempt: int
):
    library.save("target", parse({}, Settings()), now=NOW)

    *used, deleted = race(library_place, [("use", "one"), ("use", "two"), ("delete", "target")])

    live = [one.id for one in library.listed()]
    if deleted == "deleted":
        assert (used, live) == (["refused", "refused"], [])
    else:
        assert "saved" in used
        assert "target" in live
