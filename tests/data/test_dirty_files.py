"""Random dirty files: what is loaded, refused and cleared is what plain Python says, row by row."""

import csv
import gzip
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.conftest import NOW, Shop
from tests.data.reader import AGES, DATES, TIMES, Judged, judge_events, judge_users

USERS = ["user_id", "name", "age", "joined"]
EVENTS = ["timestamp", "user_id", "event_name", "note"]
GOOD_USERS = [[str(number), f"Ann {number}", "30", "2026-01-31"] for number in range(1, 31)]
GOOD_EVENTS = [["2026-11-01", str(number), "BUY", ""] for number in range(1, 4)]

texts = st.text(alphabet="aBé,;\t|\"' \nß", max_size=5)
ids = st.sampled_from([*map(str, range(28, 36)), " 31 ", "31\u00a0", "", "  "])
spaced = st.sampled_from(["", " "])


def around(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda before, value, after: before + value + after, spaced, values, spaced)


user = st.tuples(
    ids, texts, around(st.sampled_from([*AGES, "NaN", ""])), around(st.sampled_from([*DATES, ""]))
).map(list)
event = st.tuples(
    around(st.sampled_from([*TIMES, ""])), ids, st.sampled_from(["BUY", " ", "Größe"]), texts
).map(list)


def with_broken(rows: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[list[str]]]:
    """Rows of which some have a cell too many, or miss one; and blank lines, as rows without cells."""
    dirty = st.one_of(
        rows, rows, rows.map(lambda row: [*row, "x"]), rows.map(lambda row: row[:-1]), st.just([])
    )
    return st.lists(dirty, max_size=12)


@st.composite
def files(
    draw: st.DrawFn, header: list[str], good: list[list[str]], dirty: list[list[str]]
) -> tuple[str, str]:
    """The text of a file and its delimiter; the clean rows stand before, between or after the others."""
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    cut = draw(st.integers(0, len(dirty)))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerows([header, *dirty[:cut], *good, *dirty[cut:]])
    text = out.getvalue()
    return text.rstrip("\r\n") if draw(st.booleans()) and not text.endswith("\n\n") else text, delimiter


user_files = with_broken(user).flatmap(lambda dirty: files(USERS, GOOD_USERS, dirty))
event_files = with_broken(event).flatmap(lambda dirty: files(EVENTS, GOOD_EVENTS, dirty))
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(user_files, event_files, encodings, st.booleans())
def test_rows_in_are_rows_loaded_and_refused(
    users: tuple[str, str], events: tuple[str, str], encoding: str, packed: bool
):
    judged_users = judge_users(*users)
    judged_events = judge_events(*events, judged_users, NOW)
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        content = users[0].encode(encoding)
        path = (
            shop.file("users.csv.gz", gzip.compress(content)) if packed else shop.file("users.csv", content)
        )
        report = shop.load(path, events[0].encode(encoding))
        for table, judged, name in (
            (report.users, judged_users, path.name),
            (report.events, judged_events, "events.csv"),
        ):
            assert (table.rows, table.loaded) == (judged.rows, len(judged.loaded))
            assert table.refused_by == judged.refused_by
            assert told(shop, name) == judged.rejects
        assert sorted(str(row[0]) for row in shop.users()) == sorted(ids_of(judged_users))
        assert sorted(str(row[0]) for row in shop.events()) == sorted(ids_of(judged_events))


def told(shop: Shop, name: str) -> list[tuple[int, str, str]]:
    entries = [entry for entry in shop.rejects() if entry["file"].endswith(name)]
    return sorted((int(entry["line"]), entry["column"], entry["reason"]) for entry in entries)


def ids_of(judged: Judged) -> list[str]:
    return [cells["user_id"] for _, cells in judged.loaded]
