"""The builder on the demo data, and on a small data set of one's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test

from duckmart.settings import settings
from duckmart.ui.session import query_runner
from tests.ui import club
from tests.ui.page import Page

APP = Path(__file__).parents[2] / "app.py"

Open = Callable[..., Page]


class Pages(PagesManager):
    """Takes what AppTest sets before each run, so that the real one keeps what app.py sets for a server."""


@pytest.fixture(autouse=True)
def framed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run draws the frame and in it the page; else all but the first would draw the page bare."""
    monkeypatch.setattr(app_test, "PagesManager", Pages)
    monkeypatch.setattr(PagesManager, "uses_pages_directory", False)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for a browser to paint, nor for edits to rest."""
    for seconds in ("REST", "FIRST_PAINT", "PAINT"):
        monkeypatch.setattr(query_runner, seconds, 0)


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Draws the app for the first time in a new session, on a data folder; `address` is what the URL asks."""

    def opened(folder: Path, **address: str) -> Page:
        monkeypatch.setenv("DUCKMART_DATA", str(folder))
        settings.cache_clear()
        app = AppTest.from_file(APP, default_timeout=60)
        app.query_params.update(address)
        return Page(app).run()

    yield opened
    settings.cache_clear()


@pytest.fixture
def page(open_page: Open, demo: Path) -> Page:
    return open_page(demo)


@pytest.fixture(scope="session")
def club_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return club.make(tmp_path_factory.mktemp("club"))


@pytest.fixture
def club_page(open_page: Open, club_folder: Path) -> Page:
    return open_page(club_folder)


@pytest.fixture(scope="session")
def users(demo: Path) -> pd.DataFrame:
    """The demo users as the file has them: a reading of the data without the product."""
    return pd.read_csv(demo / "user_attributes.csv", parse_dates=["signup_date"])


@pytest.fixture(scope="session")
def events(demo: Path) -> pd.DataFrame:
    return pd.read_csv(demo / "user_events.csv", parse_dates=["timestamp"])
