"""The two queries that the product was asked for, against pandas on the same CSV files.

What is expected comes from the files alone: nothing of the core computes what the core is compared with.
"""

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from starlette.testclient import TestClient

from duckmart.api.app import api
from duckmart.settings import Settings

ROOT = Path(__file__).parents[2]

AGES_25_TO_34 = """{
    "user_filters": [
        {"field": "age", "operator": "gte", "value": 25},
        {"field": "age", "operator": "lte", "value": 34}
    ]
}"""
CALIFORNIA_AND_LOGIN = """{
    "user_filters": [{"field": "location", "operator": "eq", "value": "California"}],
    "event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1}],
    "logic_operator": "AND"
}"""


def aged_25_to_34(users: pd.DataFrame, _: pd.DataFrame) -> pd.DataFrame:
    return users[(users["age"] >= 25) & (users["age"] <= 34)]


def in_california_and_logged_in(users: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    logged_in = events[events["event_name"] == "LOGIN"]["user_id"]
    return users[(users["location"] == "California") & users["user_id"].isin(logged_in)]


both_queries = pytest.mark.parametrize(
    ("spec", "wanted"),
    [(AGES_25_TO_34, aged_25_to_34), (CALIFORNIA_AND_LOGIN, in_california_and_logged_in)],
    ids=["ages 25 to 34", "California and LOGIN"],
)
Wanted = Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def edited(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo files after someone worked on them by hand, loaded by the command line."""
    folder = tmp_path_factory.mktemp("edited")
    users, events = rows(demo / "user_attributes.csv"), rows(demo / "user_events.csv")
    members = [user["user_id"] for user in users if user["location"] == "California"]
    for user in users[:40]:
        user["location"] = "California"
    for user in users[40:400]:
        user["location"] = "Texas" if user["location"] == "California" else user["location"]
    for user, age in zip(users[500:540], ["24", "25", "34", "35", ""] * 8, strict=True):
        user["age"] = age
    quiet = set(members[-50:])
    events = [event for event in events if event["event_name"] != "LOGIN" or event["user_id"] not in quiet]
    newcomers = {
        "20001": "California",
        "20002": "California",
        "20003": "california",
        "20004": "Baja California",
    }
    for user_id, location in newcomers.items():
        users.append(users[0] | {"user_id": user_id, "location": location, "age": "30"})
    for user_id in ("20001", "20003", "20004"):
        events.append(events[0] | {"user_id": user_id, "event_name": "LOGIN", "amount": "", "category": ""})
    write(folder / "user_attributes.csv", users)
    write(folder / "user_events.csv", events)
    duckmart("load", "--data", folder)
    return folder


@pytest.fixture(params=["as it comes", "edited by hand"])
def folder(request: pytest.FixtureRequest, demo: Path) -> Path:
    return demo if request.param == "as it comes" else request.getfixturevalue("edited")


@both_queries
def test_the_command_line_finds_whom_pandas_finds(folder: Path, spec: str, wanted: Wanted):
    found = duckmart("segment", "-", "--data", folder, given=spec)

    assert [int(line) for line in found.splitlines()] == expected(folder, wanted)


@both_queries
def test_post_segment_finds_whom_pandas_finds(
    folder: Path, spec: str, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("duckmart.api.app.settings", lambda: Settings(data=folder, max_limit=5000))
    ids = expected(folder, wanted)

    client = TestClient(api, base_url="http://localhost", headers={"Content-Type": "application/json"})
    first = client.post("/segment", content=spec).json()
    everyone = client.post("/segment", content=f'{{"limit": 5000, {spec.lstrip("{ ")}').json()

    assert (first["user_ids"], first["total_count"]) == (ids[:1000], len(ids))
    assert (everyone["user_ids"], everyone["total_count"]) == (ids, len(ids))


@both_queries
def test_editing_the_files_changes_who_is_found(demo: Path, edited: Path, spec: str, wanted: Wanted):
    assert expected(demo, wanted) != expected(edited, wanted)


def test_only_the_exact_name_of_a_place_is_that_place(edited: Path):
    found = expected(edited, in_california_and_logged_in)
    assert {20001, 20002, 20003, 20004} & set(found) == {20001}


def expected(folder: Path, wanted: Wanted) -> list[int]:
    users = pd.read_csv(folder / "user_attributes.csv")
    events = pd.read_csv(folder / "user_events.csv")
    return sorted(wanted(users, events)["user_id"].tolist())


def duckmart(*words: object, given: str = "") -> str:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("DUCKMART_")}
    done = subprocess.run(
        [sys.executable, "-m", "duckmart", *map(str, words)],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=clean,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, content: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, content[0])
        writer.writeheader()
        writer.writerows(content)
