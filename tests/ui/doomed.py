"""The app in a process of its own, saving from the page until it is killed; it tells what the page confirmed.

python -m tests.ui.doomed DATA

Each round builds a row, saves it as a segment of its own, changes the row and saves again: two versions. Told
are the draft's address, `saved ID VERSION` once the page says so, and `kept VALUE` once the draft is kept.
"""

import os
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test

from duckmart.ui.library import drafts
from duckmart.ui.session import query_runner
from tests.ui.page import Page

APP = Path(__file__).parents[2] / "app.py"


class Pages(PagesManager):
    """Takes what AppTest sets before each run, so that the frame is drawn every time."""


def main(data: str, first: str) -> None:
    os.environ["DUCKMART_DATA"] = data
    app_test.PagesManager = Pages  # type: ignore[misc]
    PagesManager.uses_pages_directory = False
    query_runner.REST = query_runner.FIRST_PAINT = query_runner.PAINT = 0
    page = Page(AppTest.from_file(APP, default_timeout=60)).run()
    page.press("Add attribute").choose("Filter 1 attribute", "age").choose("Filter 1 operator", "gte")
    tell("started")
    for number in count(int(first)):
        change(page, 2 * number)
        page.press("Save")
        if not page.has("Save segment"):  # the segment of the round before is open: save it as another
            page.press("Save as")
        page.find("Name").set_value(f"Kept {number}")
        page.find("Id").set_value(f"kept-{number}")
        page.press("Save segment")
        confirmed(page, f"kept-{number}", 1)
        change(page, 2 * number + 1)
        page.press("Save")
        confirmed(page, f"kept-{number}", 2)
        page.press("Clear").press("Add attribute")
        page.choose("Filter 1 attribute", "age").choose("Filter 1 operator", "gte")


def change(page: Page, value: int) -> None:
    page.choose("Filter 1 value", value)
    place: Any = page.app.session_state[drafts._PLACE]
    deadline = time.monotonic() + 30
    while place.writing is not None and time.monotonic() < deadline:
        time.sleep(0.01)
        page.run()
    if place.id is not None and place.step is not None and place.writing is None:
        tell(f"kept {place.id} {value}")


def confirmed(page: Page, segment_id: str, version: int) -> None:
    assert f"`{segment_id}` · version {version} · saved" in page.words, page.words
    tell(f"saved {segment_id} {version}")


def tell(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
