"""Where the data comes from: the first run, folders that cannot be used, and the page of what is loaded."""

import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from duckmart.data.generations import Generations
from tests.ui.conftest import Open


def test_the_first_run_makes_demo_data_and_ends_in_the_builder(open_page: Open, tmp_path: Path) -> None:
    page = open_page(tmp_path / "data")
    assert page.count == 10_000
    assert "Welcome" not in page.words
    assert [one.id for one in Generations(tmp_path / "data").listed()] == ["000001"]


def test_demo_data_that_cannot_be_made_is_an_error_in_words_and_can_be_tried_again(
    open_page: Open, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "user_attributes.csv"
    in_the_way.mkdir()
    page = open_page(tmp_path)
    assert "The demo data could not be made" in page.app.error[0].value
    assert "can be written" in page.words
    assert page.has("Try again")
    in_the_way.rmdir()
    assert open_page(tmp_path).count == 10_000


def test_own_data_without_its_manifest_can_be_served_again_with_a_click(
    open_page: Open, club_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(club_folder, tmp_path / "data")
    (folder / "manifest.json").unlink()
    page = open_page(folder)
    assert r"manifest\.json is missing" in page.app.error[0].value
    [button] = page.app.button
    assert button.label.startswith("Serve generation 000001: 60 users, 150 events, loaded")
    button.click()
    assert page.run().count == 60
    assert not (folder / "user_attributes.csv").exists()


def test_own_files_are_offered_and_nothing_is_made_unasked(open_page: Open, tmp_path: Path) -> None:
    users = "user_id,plan\n" + "".join(f"{one},pro\n" for one in range(1, 8))
    (tmp_path / "user_attributes.csv").write_text(users)
    (tmp_path / "user_events.csv").write_text("user_id,event_name,timestamp\n1,LOGIN,2026-11-01\n")
    page = open_page(tmp_path)
    assert "no demo data is made" in page.app.warning[0].value
    labels = [button.label for button in page.app.button]
    assert labels == ["Load these files", "Make demo data", "Make a sports club"]
    assert not (tmp_path / "generations").exists()
    page.app.button[0].click()
    assert page.run().count == 7
    assert (tmp_path / "user_attributes.csv").read_text() == users


def test_saved_segments_without_data_keep_the_demo_away_until_it_is_asked_for(
    open_page: Open, tmp_path: Path
) -> None:
    runs = tmp_path / "runs" / "vips"
    runs.mkdir(parents=True)
    (runs / "000001.parquet").write_text("mine")
    page = open_page(tmp_path)
    assert [button.label for button in page.app.button] == ["Make demo data", "Make a sports club"]
    page.app.button[0].click()
    assert page.run().count == 10_000


def test_the_other_demo_data_can_be_made_and_have_examples_of_their_own(
    open_page: Open, tmp_path: Path
) -> None:
    (tmp_path / "user_attributes.csv").write_text("user_id\n1\n")
    (tmp_path / "user_events.csv").write_text("user_id,event_name,timestamp\n1,LOGIN,2026-11-01\n")
    page = open_page(tmp_path)
    page.find("Make a sports club").click()
    assert page.run().count == 600
    page.find("Examples").click("birthdays")
    page.run()
    assert page.spec["user_filters"][0]["operator"] == "anniversary_in_next_days"
    assert 0 < page.count < 60


def test_a_data_folder_that_is_a_file_is_an_error_in_words(open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    page = open_page(tmp_path / "data")
    assert "this is a file; name a folder" in page.app.error[0].value


def test_a_manifest_that_is_damaged_is_an_error_in_words(open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    page = open_page(tmp_path)
    assert r"manifest\.json cannot be read" in page.app.error[0].value
    assert "load the data again" in page.app.error[0].value


@pytest.mark.parametrize("data", ["demo", "club_folder"])
def test_the_data_page_shows_what_is_loaded(
    open_page: Open, data: str, request: pytest.FixtureRequest
) -> None:
    page = open_page(request.getfixturevalue(data))
    page.app.switch_page("pages/data.py")
    page.run()
    users, events, span = page.app.metric
    attributes, names = (frame.value for frame in page.app.dataframe[:2])
    assert span.value.endswith("22 Nov 2026")
    if data == "demo":
        assert (users.value, events.value) == ("10,000", "50,000")
        assert "subscription_plan" in set(attributes["column"])
        assert names["count"].sum() == 50_000
        assert set(page.app.dataframe[2].value["column"]) == {"amount", "category"}
    else:
        assert (users.value, events.value) == ("60", "150")
        assert {'Plan "x"', "order", "<b>tier</b>"} <= set(attributes["column"])
        assert "no further columns" in page.words


def test_the_data_page_names_the_postgresql_database_and_offers_no_load(
    open_page: Open, postgres_demo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUCKMART_ENGINE", postgres_demo)
    page = open_page(tmp_path)
    page.app.switch_page("pages/data.py")
    page.run()
    schema = parse_qs(urlsplit(postgres_demo).query)["schema"][0].replace("_", r"\_")
    assert "Served from the PostgreSQL database" in page.words
    assert rf"users from **{schema}\.user\_attributes**" in page.words
    assert [one.value for one in page.app.metric[:2]] == ["1,500", "30,000"]
    assert "Generation" not in page.words
    assert not page.app.code
    assert "Load CSV" not in page.words
