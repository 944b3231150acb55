"""The command line as a test calls it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from duckmart.cli import cli
from duckmart.settings import settings


@pytest.fixture(autouse=True)
def plain_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting comes from outside, none stays behind."""
    for name in [name for name in os.environ if name.startswith("DUCKMART_")]:
        monkeypatch.delenv(name)
    settings.cache_clear()
    yield
    settings.cache_clear()


class Door:
    """The command line on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: object, given: Any = None) -> Result:
        text = given if isinstance(given, str | bytes | None) else json.dumps(given)
        return CliRunner().invoke(cli, [*map(str, words), "--data", str(self.folder)], input=text)


@pytest.fixture
def door(demo: Path) -> Door:
    return Door(demo)


@pytest.fixture
def empty(tmp_path: Path) -> Door:
    return Door(tmp_path / "nothing")
