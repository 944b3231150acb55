"""Random specs of the whole language on the page: their widgets show them, and change nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import simplejson
from hypothesis import given
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test

from duckmart import mart
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.mart import Mart
from duckmart.settings import Settings, settings
from duckmart.spec import draft_json
from duckmart.spec.parser import parse
from duckmart.ui.session import state
from tests.strategies import SAVED, segments, spec_runs
from tests.ui.conftest import APP, Pages
from tests.ui.page import Page
from tests.world import WHOLE_IDS


@pytest.fixture(scope="module")
def world_page(club_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The builder on the world that random specs are about."""
    folder = tmp_path_factory.mktemp("any_spec")
    shutil.copytree(club_folder, folder / "data")
    chosen = Settings(data=folder / "data", max_combined=200)
    world = Mart(DuckDBEngine(WHOLE_IDS.write(folder), chosen), chosen, saved=SAVED)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DUCKMART_DATA", str(chosen.data))
        patched.setattr(mart, "current", lambda _: world)
        patched.setattr(app_test, "PagesManager", Pages)
        patched.setattr(PagesManager, "uses_pages_directory", False)
        settings.cache_clear()
        yield Page(AppTest.from_file(APP, default_timeout=120)).run()
    settings.cache_clear()


@spec_runs(0.015)
@given(segments(WHOLE_IDS))
def test_the_widgets_of_any_spec_leave_it_as_it_is(world_page: Page, spec: Any) -> None:
    segment = parse(spec, Settings())
    world_page.app.session_state[state.SESSION] = state.SessionState(
        state.Work(state.HistoryEntry(draft_json.draft_of(segment), None))
    )
    canonical = simplejson.loads(segment.as_json(), use_decimal=True)
    # A widget that would answer differently from what it was told does so in the run after.
    for _ in range(2):
        world_page.run()
        assert world_page.spec == canonical
        assert "finish this row" not in world_page.words
    assert world_page.count == mart.current(settings()).size(mart.current(settings()).accept(spec)[0]).total
