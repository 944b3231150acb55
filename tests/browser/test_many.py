"""Several browsers at once, for a short time; `python -m benchmarks.browsers` takes more, for longer."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.browsers import edited, failures
from tests.browser.conftest import serving

pytestmark = pytest.mark.browser


def test_browsers_at_once_are_shown_the_numbers_of_the_api(
    chromium: Browser, demo: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log.txt"
    with serving(demo, log) as server:
        work = edited(server, browsers=3, seconds=12)
    assert work.wrong == []
    assert work.stuck == []
    assert work.errors == []
    assert failures(log) == []
    assert work.checked >= 3
