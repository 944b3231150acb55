"""What leaves the builder: files of all members, and SQL, JSON and commands to copy."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
import streamlit as st

from duckmart.library.library import Library
from duckmart.library.saved import Details
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment
from duckmart.ui.library import links
from duckmart.ui.results import delivery
from tests.ui import club
from tests.ui.conftest import Open
from tests.ui.page import Page

TEXAS = {"field": "location", "operator": "eq", "value": "Texas"}
LONG_LIST = {"user_filters": [{"field": "user_id", "operator": "in", "value": list(range(3, 9000))}]}


@dataclass
class Files:
    """The files that the page offers as it was last drawn: made only when they are asked for."""

    offered: dict[str, tuple[str, Callable[[], bytes]]] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    def get(self, label: str) -> bytes:
        return self.offered[label][1]()

    def name(self, label: str) -> str:
        return self.offered[label][0]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    found = Files()
    real = st.download_button

    def button(label: str, data: Callable[[], bytes], file_name: str, **more: Any) -> bool:
        def made() -> bytes:
            found.made.append(label)
            return data()

        found.offered[label] = (file_name, made)
        return real(label, data=made, file_name=file_name, **more)

    with monkeypatch.context() as patch:
        patch.setattr(st, "download_button", button)
        yield found


def with_formats(page: Page, *columns: str) -> Page:
    """Opens the panel of formats and chooses attributes."""
    page.app.session_state["formats"] = True
    page.run()
    return page.choose("Attributes beside the ids", list(columns)) if columns else page


def with_tab(page: Page, tab: str) -> Page:
    page.app.session_state["delivery.tab"] = tab
    return page.run()


def code(page: Page) -> str:
    [shown] = page.app.code
    return str(shown.value)


# Files


def test_every_format_has_all_members_whatever_the_limit(page: Page, files: Files, users: pd.DataFrame):
    page.paste({"user_filters": [TEXAS], "limit": 5})
    with_formats(page, "age", "signup_date")
    texans = users[users.location == "Texas"].sort_values("user_id")
    ages = [None if pd.isna(age) else int(age) for age in texans.age]
    days = [None if pd.isna(day) else day.date() for day in texans.signup_date]
    rows = list(zip(texans.user_id, ages, days, strict=True))

    table = pq.read_table(io.BytesIO(files.get("Parquet")))
    lines = [json.loads(line) for line in files.get("NDJSON").splitlines()]
    cells = list(csv.reader(io.StringIO(files.get("CSV").decode(), newline="")))
    ids = list(csv.reader(io.StringIO(files.get("Download user ids").decode(), newline="")))

    assert len(rows) > 900
    assert [tuple(row.values()) for row in table.to_pylist()] == rows
    assert lines == [
        {"user_id": user, "age": age, "signup_date": day and day.isoformat()} for user, age, day in rows
    ]
    assert cells == [
        ["user_id", "age", "signup_date"],
        *([str(user), str(age or ""), str(day or "")] for user, age, day in rows),
    ]
    assert ids == [["user_id"], *([str(user)] for user in texans.user_id)]
    assert [
        name for label in ("Download user ids", "CSV", "Parquet", "NDJSON") if (name := files.name(label))
    ] == [
        "segment_2026-11-22.csv",
        "segment_2026-11-22.csv",
        "segment_2026-11-22.parquet",
        "segment_2026-11-22.ndjson",
    ]
    assert f"**All {len(rows):,} members** as of 22 Nov 2026, 23:59 UTC" in page.words


def test_cells_of_every_kind_are_exact(club_page: Page, files: Files):
    with_formats(club_page, "spent", "last_seen", "newsletter", "joined", 'Plan "x"')

    rows = [json.loads(line, parse_float=str) for line in files.get("NDJSON").splitlines()]

    assert rows == [
        {
            "user_id": user["user_id"],
            "spent": user["spent"] or None,
            "last_seen": user["last_seen"] and f"{user['last_seen'].isoformat()}Z",
            "newsletter": user["newsletter"],
            "joined": user["joined"].isoformat(),
            'Plan "x"': user['Plan "x"'] or None,
        }
        for user in club.USERS
    ]
    table = pq.read_table(io.BytesIO(files.get("Parquet")))
    assert [str(cell) for cell in table.column("spent").to_pylist()] == [
        row["spent"] or "None" for row in rows
    ]
    assert table.column("last_seen").to_pylist() == [user["last_seen"] for user in club.USERS]


def test_members_of_a_split_have_their_variant_in_every_format(page: Page, files: Files):
    page.paste({"sample": {"split": {"treatment": 90, "control": 10}, "seed": "spring"}})
    with_formats(page)
    below = f"{10 * 2**32 // 100:08x}"
    arms = {
        user: "control" if md5(f"spring:arm:{user}".encode()).hexdigest()[:8] < below else "treatment"
        for user in range(1, 10_001)
    }

    table = pq.read_table(io.BytesIO(files.get("Parquet")))
    lines = [json.loads(line) for line in files.get("NDJSON").splitlines()]

    assert dict(zip(table["user_id"].to_pylist(), table["variant"].to_pylist(), strict=True)) == arms
    assert {row["user_id"]: row["variant"] for row in lines} == arms
    for label in ("CSV", "Download user ids"):
        cells = csv.DictReader(io.StringIO(files.get(label).decode(), newline=""))
        assert {int(row["user_id"]): row["variant"] for row in cells} == arms
    assert "each with its `variant`" in page.words


def test_no_file_is_made_before_it_is_asked_for(page: Page, files: Files):
    page.run()
    assert set(files.offered) == {"Download user ids"}
    assert not page.has("Attributes beside the ids")
    with_formats(page, "age")
    assert set(files.offered) == {"Download user ids", "CSV", "CSV for Excel", "Parquet", "NDJSON"}
    assert files.made == []


@pytest.fixture
def open_saved(open_page: Open, demo: Path, tmp_path: Path) -> Callable[[str, str], Page]:
    """Draws the page on everyone, saved under an id and a name."""
    folder = shutil.copytree(demo, tmp_path / "data")

    def opened(segment_id: str, name: str) -> Page:
        library = Library(folder / "library.sqlite")
        library.save(segment_id, Segment(), Details(name=name), now=datetime(2026, 11, 23))
        library.close()
        return open_page(folder, saved=segment_id)

    return opened


@pytest.mark.parametrize(
    ("name", "file"),
    [("Our V.I.P. club", "our-v-i-p-club_2026-11-22.csv"), ("顧客", "vip-2_2026-11-22.csv")],
)
def test_a_file_is_called_after_the_saved_segment(
    open_saved: Callable[[str, str], Page], files: Files, name: str, file: str
):
    open_saved("vip-2", name)

    assert files.name("Download user ids") == file


def test_a_file_holds_who_was_counted_however_late_it_is_made(
    page: Page, files: Files, users: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
):
    """Where `now` is the moment to count from, it goes on while one thinks."""
    recent = {"field": "signup_date", "operator": "in_last_days", "value": 365}
    page.paste({"user_filters": [recent]})
    counted = page.count
    monkeypatch.setattr(Mart, "as_of", lambda mart, segment: segment.as_of_utc or pd.Timestamp("2030-01-01"))

    assert len(files.get("Download user ids").splitlines()) - 1 == counted > 0


def test_nobody_is_not_a_file(page: Page):
    page.choose("Exclude", True)
    assert page.count == 0
    assert all(button.proto.disabled for button in page.app.download_button)
    assert "More formats" not in page.words


def test_how_many_rows_a_large_file_has_is_said_beside_it(page: Page, monkeypatch: pytest.MonkeyPatch):
    with_formats(page)
    assert "to prepare" not in page.words
    monkeypatch.setattr(delivery, "MANY", 9_999)
    page.run()
    assert "10,000 rows take some seconds to prepare" in page.words


# Texts


def test_only_the_text_of_the_open_tab_is_there(page: Page):
    assert code(page).startswith("SELECT")
    assert code(with_tab(page, "JSON")) == "{}"
    assert code(with_tab(page, "API")).startswith("curl ")


def test_sql_as_a_view_says_which_moment_it_stays_at(page: Page):
    page.choose("As a view", True)

    assert code(page).startswith("CREATE VIEW segment AS\nSELECT")
    assert "The view stays at 22 Nov 2026, 23:59 UTC" in page.words


@pytest.mark.parametrize(("segment_id", "name"), [("vip-2", "vip_2"), ("select", "`select`")])
def test_a_view_is_called_after_the_saved_segment(
    open_saved: Callable[[str, str], Page], segment_id: str, name: str
):
    page = open_saved(segment_id, "VIP").choose("As a view", True).choose("SQL dialect", "bigquery")

    assert code(page).startswith(f"CREATE VIEW {name} AS\n")


def test_choices_stay_while_another_tab_or_a_problem_is_shown(open_page: Open, demo: Path):
    unknown = {"user_filters": [{"field": "shoe_size", "operator": "eq", "value": 9}]}
    page = open_page(demo, segment=links.pack(parse(unknown, Settings()))).press("Clear")
    page.choose("SQL dialect", "snowflake").choose("As a view", True)
    with_formats(page, "age")
    with_tab(page, "JSON")
    page.app.session_state["formats"] = False
    page.press("Undo")
    assert len(page.app.code) == 0
    page.press("Redo")
    assert code(page) == "{}"
    with_tab(page, "SQL")
    with_formats(page)
    assert (page.find("SQL dialect").value, page.find("As a view").value) == ("snowflake", True)
    assert page.find("Attributes beside the ids").value == ["age"]


def test_commands_ask_this_server_for_this_segment(page: Page):
    page.paste({"user_filters": [TEXAS], "limit": 5})
    with_tab(page, "API")
    assert "http://localhost:8501/segment" in code(page)
    assert '"value": "Texas"' in code(page)
    for snippet, start in (("Python", "import json"), ("Python on the server", "from duckmart.mart")):
        text = code(page.choose("Snippet", snippet))
        assert text.startswith(start)
        compile(text, snippet, "exec")


@pytest.mark.parametrize(
    ("tab", "ending", "begins"),
    [("SQL", "sql", "SELECT"), ("JSON", "json", '{\n  "user_filters"'), ("API", "sh", "curl")],
)
def test_a_text_that_is_too_long_to_read_is_a_file(
    page: Page, files: Files, demo_mart: Mart, tab: str, ending: str, begins: str
):
    page.paste(LONG_LIST)
    with_tab(page, tab)
    whole = files.get(f"Download all of it (.{ending})").decode()

    assert code(page).startswith(begins)
    assert code(page).count("\n") < delivery.FIRST_LINES
    assert whole.startswith(code(page))
    assert f"{len(whole):,} characters are too many to read here" in page.words
    assert files.name(f"Download all of it (.{ending})") == f"segment_2026-11-22.{ending}"
    assert "8999" in whole
    assert sum(len(shown.value) for shown in page.app.code) < delivery.LONGEST


def test_a_long_line_is_cut_too():
    beginning = delivery.Beginning.of("x" * 100_000)

    assert (len(beginning.text), beginning.characters) == (delivery.LONGEST, 100_000)


def test_the_csv_for_excel_is_the_csv_with_the_mark_of_utf_8(page: Page, files: Files) -> None:
    with_formats(page.add_attribute("location", "eq", "California", "1"))

    assert files.get("CSV for Excel") == b"\xef\xbb\xbf" + files.get("CSV")
    assert files.name("CSV for Excel") == files.name("CSV")
