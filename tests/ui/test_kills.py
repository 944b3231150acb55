"""Whatever ends the app, all that a page said was saved is there."""

from pathlib import Path

from tests.ui import kills


def test_a_killed_app_loses_nothing_that_the_page_confirmed(tmp_path: Path):
    # The long run: python -m tests.ui.kills --runs 20
    victim = kills.victim(tmp_path)

    assert victim.kill(2, 0.0) >= 1
    assert victim.kill(1, 0.3) >= 0
    assert victim.kill(4, 0.1) >= 2
