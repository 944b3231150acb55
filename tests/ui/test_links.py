"""Links that open a segment: as it was when it was shared, or a saved one in its latest version."""

import shutil
import zlib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import simplejson

from duckmart.errors import SpecError
from duckmart.library.library import Library
from duckmart.library.saved import Details
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec import draft_json
from duckmart.spec.draft import ConditionRow
from duckmart.spec.examples import Example, examples
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment
from duckmart.ui.library import links
from tests.ui.conftest import Open
from tests.ui.page import Page, size

TEXAS = {"user_filters": [{"field": "location", "operator": "eq", "value": "Texas"}]}
OHIO = {"user_filters": [{"field": "location", "operator": "eq", "value": "Ohio"}]}
LOGIN = {"event_name": "LOGIN", "operator": "gte", "count": 1}
FOREIGN = {"user_filters": [{"field": "shoe_size", "operator": "eq", "value": 9}]}
NOW = datetime.now(UTC).replace(tzinfo=None)


def packed(spec: Any) -> str:
    return links.pack(parse(spec, Settings()))


def pressed(content: bytes) -> str:
    return urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


def shown(page: Page) -> list[dict[str, str]]:
    """What each link in the dialog asks."""
    addresses = [str(code.value) for code in page.app.code if "://" in str(code.value)]
    queries = [parse_qs(urlsplit(address).query) for address in addresses if "?" in address]
    return [{key: value for key, [value] in one.items()} for one in queries]


def asked(page: Page) -> dict[str, Any]:
    """What the address says of segments."""
    return {key: value for key, value in page.app.query_params.items() if key in (links.SEGMENT, links.SAVED)}


@pytest.mark.parametrize(
    "spec",
    [
        {"event_filters": [{**LOGIN, "time_range": {"from_days_ago": 60}}]},
        {"event_filters": [{**LOGIN, "time_range": {"to_days_ago": 60}}]},
        {"sequence_filters": [{"steps": [], "within_days": 7}]},
        {"sample": {"seed": "x"}},
        {"user_filters": [TEXAS["user_filters"][0]], "logic_operator": "AT_LEAST", "at_least": 2**60},
    ],
    ids=str,
)
def test_a_spec_that_says_too_little_or_too_much_is_rows_to_mend(
    open_page: Open, demo: Path, spec: dict[str, Any]
) -> None:
    page = open_page(demo, segment=packed(spec))
    page.app.session_state["options"] = True
    page.run()
    assert page.draft == draft_json.draft_of(parse(spec, Settings()))
    assert any(
        words in page.words
        for words in ("Fix the highlighted rows", "Finish or remove", "sample", "cannot hold")
    )
    if page.has("Add step to filter 1"):
        page.press("Add step to filter 1")
        [row] = page.draft.root.rows()
        assert isinstance(row, ConditionRow)
        assert len(row.condition["steps"]) == 2


def test_a_measured_property_that_is_gone_is_mended_with_one_click(open_page: Open, demo: Path) -> None:
    row = {"event_name": "PURCHASE_MADE", "measure": {"sum": "amount"}, "operator": "gte", "value": 3}
    page = open_page(demo, segment=packed({"event_filters": [{**row, "measure": {"sum": "amuont"}}]}))
    assert page.press("Use amount").spec == {"event_filters": [row]}
    assert page.count > 0


def test_a_limit_beyond_a_browsers_numbers_stays(open_page: Open, demo: Path) -> None:
    page = open_page(demo, segment=packed({**TEXAS, "limit": 2**60}))
    page.app.session_state["options"] = True
    assert page.run().spec == {**TEXAS, "limit": 2**60}


@pytest.mark.parametrize("one", examples(), ids=lambda one: one.id)
def test_every_example_is_the_same_through_a_link(open_page: Open, demo: Path, demo_mart: Mart, one: Example):
    page = open_page(demo, segment=packed(one.spec))

    assert page.spec == simplejson.loads(Segment.model_validate(one.spec).as_json(), use_decimal=True)
    assert page.count == size(demo_mart, one.spec)
    assert asked(page) == {}
    page.press("Share")
    assert asked(page) == {"segment": packed(one.spec)}
    assert shown(page) == [asked(page)]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"negate": True, "limit": 3, "timezone": "Asia/Tokyo", "as_of": "2026-11-01"},
        {
            "user_filters": [
                {"field": "näme", "operator": "in", "value": ["O'Neil", '"\n\\', "🦆", "50%&a=b"]}
            ]
        },
        {"user_filters": [{"field": "age", "operator": "lt", "value": Decimal("30.123456789012345678")}]},
        {"sample": {"split": {"a": 50, "b": 50}, "seed": "spring"}},
    ],
)
def test_a_segment_is_packed_into_letters_that_an_address_may_hold(spec: Any):
    text = packed(spec)

    assert all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in text)
    assert links.unpack(text, Settings()) == parse(spec, Settings())


HOSTILE = {
    "empty": "",
    "words": "hello",
    "not base64": "%%%%",
    "not ascii": "é",
    "with blanks": f"{packed(TEXAS)[:10]} {packed(TEXAS)[10:]}",
    "cut off": packed(TEXAS)[:-12],
    "changed": packed(TEXAS)[:20] + "AAAA" + packed(TEXAS)[24:],
    "not compressed": urlsafe_b64encode(b"{}").decode(),
    "no JSON": pressed(b"not json"),
    "no spec": pressed(b"[1, 2]"),
    "unknown key": pressed(b'{"user_filtrs": []}'),
    "no text": pressed(b"\xff\xfe"),
    "deep": pressed(b"[" * 100_000),
    "too long": "A" * (links.LONGEST + 1),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_link_is_refused_in_words_and_nothing_is_opened(open_page: Open, demo: Path, text: str):
    page = open_page(demo, segment=text)

    [error] = page.app.error
    assert error.value.startswith("The link cannot be opened")
    assert (page.count, page.spec) == (10_000, {})
    assert asked(page) == {}
    assert not page.run().app.error


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch):
    unpacked: list[int] = []
    bomb = pressed(b" " * 5_500_000)
    assert len(bomb) < links.LONGEST
    real = zlib.decompressobj

    class Watched:
        def __init__(self) -> None:
            self.real = real()

        def decompress(self, data: bytes, most: int) -> bytes:
            made = self.real.decompress(data, most)
            unpacked.append(len(made))
            return made

    monkeypatch.setattr(zlib, "decompressobj", Watched)
    with pytest.raises(SpecError, match="larger than 1,000 bytes"):
        links.unpack(bomb, Settings(max_body=1000))
    assert unpacked == [1001]


def test_a_link_from_other_data_opens_as_rows_to_mend(open_page: Open, demo: Path):
    page = open_page(demo, segment=packed(FOREIGN))

    assert "shoe" in page.words
    assert asked(page) == {}


def test_a_link_is_opened_once_and_later_edits_stay(open_page: Open, demo: Path, demo_mart: Mart):
    page = open_page(demo, segment=packed(TEXAS))
    page.choose("Filter 1 value", "Ohio")
    assert page.count == size(demo_mart, OHIO)
    page.app.query_params["segment"] = packed(TEXAS)
    page.run()
    assert page.count == size(demo_mart, OHIO)
    assert asked(page) == {}
    page.press("Undo", "Undo")
    assert page.count == 10_000


def test_nothing_is_written_into_the_address_before_it_is_shared_and_an_edit_takes_it_out(
    open_page: Open, demo: Path
):
    page = open_page(demo)
    page.add_attribute("location", "eq", "Texas", "1")
    assert asked(page) == {}
    page.press("Share")
    assert asked(page) == {"segment": packed(TEXAS)}
    page.run()
    assert asked(page) == {"segment": packed(TEXAS)}
    page.choose("Filter 1 value", "Ohio")
    assert asked(page) == {}


def test_a_problem_in_the_rows_is_not_shared(open_page: Open, demo: Path):
    assert open_page(demo, segment=packed(FOREIGN)).find("Share").disabled


def test_rows_that_are_not_counted_are_not_in_the_link_and_the_page_says_so(open_page: Open, demo: Path):
    page = open_page(demo, segment=packed({**TEXAS, "event_filters": [LOGIN]}))
    page.choose("More for filter 2", "Mute").press("Share")
    assert shown(page) == [{"segment": packed(TEXAS)}]
    assert "Not in the link: 1 muted row." in page.words


# Saved segments


@pytest.fixture
def folder(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "data"))


@pytest.fixture
def library(folder: Path) -> Library:
    return Library(folder / "library.sqlite")


def save(library: Library, spec: Any, version: int | None = None) -> None:
    library.save("state", parse(spec, Settings()), Details(name="A *state*"), now=NOW, version=version)


def test_a_link_to_a_saved_segment_opens_its_latest_version(
    open_page: Open, folder: Path, library: Library, demo_mart: Mart
):
    save(library, TEXAS)
    page = open_page(folder, saved="state")
    assert page.count == size(demo_mart, TEXAS)
    assert "`state` · version 1 · saved" in page.words
    assert asked(page) == {}
    page.press("Share")
    assert shown(page) == [{"segment": packed(TEXAS)}, {"saved": "state"}]
    assert r"**A \*state\***, always in the latest version" in page.words

    save(library, OHIO, version=1)
    assert open_page(folder, saved="state").count == size(demo_mart, OHIO)


def test_edits_that_are_not_saved_are_not_behind_the_link_to_the_saved_segment(
    open_page: Open, folder: Path, library: Library
):
    save(library, TEXAS)
    page = open_page(folder, saved="state").choose("Filter 1 value", "Ohio").press("Share")
    assert shown(page) == [{"segment": packed(OHIO)}]


@pytest.mark.parametrize("name", ["nobody", "", "../x", "a" * 10_000])
def test_an_unknown_saved_segment_is_said_in_words(open_page: Open, folder: Path, name: str):
    page = open_page(folder, saved=name)
    assert [error.value[:25] for error in page.app.error] == ["The link cannot be opened"]
    assert page.count == 10_000


def test_what_is_too_long_for_a_link_is_shared_once_it_is_saved(
    open_page: Open, folder: Path, library: Library
):
    ids = [number * 7919 % 9973 for number in range(1, 5000)]
    spec = {"user_filters": [{"field": "user_id", "operator": "in", "value": ids}]}
    page = open_page(folder).paste(spec).press("Share")
    assert shown(page) == []
    assert "too long for a link" in page.words
    assert "Save it, then share" in page.words
    assert asked(page) == {}

    save(library, spec)
    page = open_page(folder, saved="state").press("Share")
    assert shown(page) == [{"saved": "state"}]
    assert asked(page) == {"saved": "state"}
