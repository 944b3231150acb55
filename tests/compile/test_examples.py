"""The examples: each runs as it is written, and its SQL, in every dialect, is a file to be read."""

import os
from itertools import groupby
from pathlib import Path

import pytest

from docs.generate import club_mart, stale
from duckmart.compile.query import DIALECTS
from duckmart.mart import Mart
from duckmart.spec.describe import sentence
from duckmart.spec.examples import Example, all_examples, example, examples, examples_for
from duckmart.spec.segment import Segment
from duckmart.spec.tree import walk

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
PINNED = "2026-11-22T00:00:00Z"

every_example = pytest.mark.parametrize("one", all_examples(), ids=lambda one: one.id)


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Mart:
    return club_mart(tmp_path_factory.mktemp("club"))


@pytest.fixture
def mart(one: Example, demo_mart: Mart, club: Mart) -> Mart:
    """The demo data that an example is for."""
    return demo_mart if one in examples() else club


def test_the_card_s_use_cases_are_among_the_examples():
    ids = {one.id for one in examples()}
    assert ids >= {
        "ages-25-34",
        "california-logged-in",
        "premium-recent-buyers",
        "cart-abandoners",
        "mobile-browsers",
    }


def test_the_gallery_goes_through_what_a_marketer_is_after():
    themes = [theme for theme, _ in groupby(one.theme for one in examples())]

    assert len(themes) == len(set(themes)), "the examples of one theme stand together"
    assert set(themes) >= {
        "Acquisition",
        "Onboarding",
        "Cart recovery",
        "Upsell",
        "High spenders",
        "Loyalty",
        "Retention",
        "Churn risk",
        "Win-back",
    }


def test_an_example_is_found_by_its_id():
    assert example("win-back").title == "Customers to win back"
    with pytest.raises(KeyError):
        example("nope")


def test_one_example_shows_any_of_and_exclude():
    nested = [node for _, node in walk(Segment.model_validate(example("win-back").spec))]
    assert {"OR"} == {node.logic_operator for node in nested if hasattr(node, "groups")}
    assert any(getattr(node, "negate", False) for node in nested)


@every_example
def test_an_example_is_written_in_its_canonical_form(one: Example):
    assert Segment.model_validate(one.spec).model_dump(mode="json", exclude_defaults=True) == one.spec


@every_example
def test_an_example_runs_without_warnings_and_finds_some_users_but_not_all(one: Example, mart: Mart):
    segment, warnings = mart.accept(one.spec)

    size = mart.size(segment)

    assert warnings == ()
    assert 0.005 < size.share < 0.5
    assert size.total == mart.audience(segment).total


@every_example
def test_the_sql_of_an_example_is_as_its_snapshot_shows(one: Example, mart: Mart):
    segment, _ = mart.accept(one.spec | {"as_of": PINNED})
    query = mart.members(segment)
    texts = [f"-- {name}\n\n{query.sql(dialect)};\n" for dialect, name in DIALECTS.items()]
    shown = "\n".join([f"-- {one.question}\n-- {sentence(segment)}\n", *texts])
    snapshot = SNAPSHOTS / f"{one.id}.sql"
    if os.environ.get("DUCKMART_UPDATE_SNAPSHOTS") == "1":
        snapshot.write_text(shown, "utf-8")

    assert shown == snapshot.read_text("utf-8")


def test_every_snapshot_belongs_to_an_example():
    assert {path.name for path in SNAPSHOTS.iterdir()} == {f"{one.id}.sql" for one in all_examples()}


def test_the_gallery_has_what_the_data_can_answer(demo_mart: Mart, club: Mart):
    assert examples_for(demo_mart.catalog.events) == examples_for(["OWN"]) == examples()
    assert {one.demo for one in examples_for(club.catalog.events)} == {"club"}
    assert (*examples(), *examples("club")) == all_examples()


def test_the_generated_pages_of_the_docs_are_current(demo_mart: Mart, club: Mart):
    assert stale(demo_mart, club) == [], "run python docs/generate.py"
