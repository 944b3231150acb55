"""Whatever ends a load, the data served before it is whole and the next load works."""

from pathlib import Path

import pytest

from tests.data.kills import kills


@pytest.mark.slow
def test_a_load_killed_anywhere_leaves_one_whole_generation(tmp_path: Path):
    # The long run, of 1 M events: python -m tests.data.kills --runs 50
    served = kills(tmp_path, runs=10, users=500, events=10_000)
    assert served["before"] + served["after"] == 10
    assert served["after"] >= 1
