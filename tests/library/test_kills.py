"""Whatever ends a process that saves, the library is whole and has all that was confirmed."""

from pathlib import Path

from tests.library.kills import kills


def test_a_killed_save_is_done_or_not_done(tmp_path: Path):
    # The long run: python -m tests.library.kills --runs 40
    assert kills(tmp_path, runs=10) >= 1
