"""A load or append that would lose data, or change what saved segments mean, says so before the switch."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from duckmart.cli import cli
from duckmart.data.generations import Generations
from duckmart.data.load import Options, load
from duckmart.data.load.append import append
from duckmart.errors import LossError
from duckmart.library.library import Library
from duckmart.settings import Settings
from duckmart.spec.parser import parse

NOW = datetime(2026, 11, 22)
HEADER = "user_id,event_name,timestamp\n"


def users(count: int, plan: str = "pro") -> str:
    return "user_id,plan,age\n" + "".join(f"{one},{plan},{20 + one % 50}\n" for one in range(1, count + 1))


def events(count: int, name: str = "LOGIN") -> str:
    return HEADER + "".join(f"{1 + one % 5},{name},2026-11-01\n" for one in range(count))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten users with twenty events are served."""
    put(tmp_path, users(10), events(20))
    return tmp_path


def put(folder: Path, users: str, events: str, **options: Any) -> Any:
    files = folder / "users.csv", folder / "events.csv"
    files[0].write_text(users)
    files[1].write_text(events)
    settings = Settings(data=folder / "data")
    how = Options(**options)
    return load(*files, Generations(settings.data), now=NOW, settings=settings, options=how)


def add(folder: Path, events: str, users: str = "", **options: Any) -> Any:
    files = {"events": folder / "more_events.csv"} | ({"users": folder / "more_users.csv"} if users else {})
    files["events"].write_text(events)
    if users:
        files["users"].write_text(users)
    settings = Settings(data=folder / "data")
    return append(files, Generations(settings.data), now=NOW, settings=settings, options=Options(**options))


def served(folder: Path) -> str:
    return Generations(folder / "data").current().id


def run(folder: Path, *words: str, **more: Any) -> Result:
    return CliRunner().invoke(cli, [*map(str, words), "--data", str(folder / "data")], **more)


LOSSES = {
    "no user can be read": (
        "user_id,plan,country\n1,pro,DE,0\n2,pro,FR,0\n",
        HEADER,
        "not one of the 2 rows",
    ),
    "no event is a user's": (users(10), HEADER + "77,LOGIN,2026-11-01\n", "not one of the 1 rows of events"),
    "over half of the users are refused": (users(10) + "1,a,1\n" * 11, events(9), "11 of the 21 rows"),
    "over half of the events are refused": (
        users(10),
        events(9) + "77,LOGIN,2026-11-01\n" * 10,
        r"10 of the 19 rows .*no such user \(10\)",
    ),
    "fewer than half of the users": (users(4), events(9), "4 users would be left of the 10"),
    "no users": ("user_id,plan\n", HEADER, "no users would be left of the 10"),
    "no events": (users(10), HEADER, "no events would be left of the 20"),
}


@pytest.mark.parametrize(("new_users", "new_events", "words"), LOSSES.values(), ids=LOSSES.keys())
def test_a_load_that_loses_data_needs_a_yes(folder: Path, new_users: str, new_events: str, words: str):
    with pytest.raises(LossError, match=rf"(?s){words}.*--accept-loss"):
        put(folder, new_users, new_events)
    assert served(folder) == "000001"
    assert [path.stem for path in (folder / "data" / "generations").glob("*.duckdb")] == ["000001"]

    report = put(folder, new_users, new_events, accept_loss=True)
    assert served(folder) == "000002"
    assert report.losses
    saved = json.loads((folder / "data" / "generations" / "000002.json").read_text())
    assert saved["losses"] == report.losses
    assert f"loses data: {report.losses[0]}" in str(report)


KEPT = {
    "half of the users": (users(5), events(9)),
    "half of the rows refused": (users(10) + "1,a,1\n" * 10, events(9)),
    "half of the events of nobody": (users(10), events(9) + "77,LOGIN,2026-11-01\n" * 9),
}


@pytest.mark.parametrize(("new_users", "new_events"), KEPT.values(), ids=KEPT.keys())
def test_a_load_that_keeps_half_needs_none(folder: Path, new_users: str, new_events: str):
    assert put(folder, new_users, new_events).losses == []


def test_few_users_of_ones_own_take_the_place_of_the_demo_data(folder: Path):
    put(folder, users(100), events(20), demo=True)

    assert put(folder, users(3), HEADER).losses == []
    with pytest.raises(LossError):
        put(folder, users(1), HEADER)


def test_a_first_load_needs_a_yes_too(tmp_path: Path):
    with pytest.raises(LossError, match="not one of the 1 rows of users"):
        put(tmp_path, "user_id,plan\n1,pro,DE,0\n", HEADER)
    assert Generations(tmp_path / "data").current() is None
    assert put(tmp_path, users(3), HEADER).losses == []


def test_one_bad_file_among_good_ones_is_told(folder: Path):
    good, bad = folder / "a.csv", folder / "b.csv"
    good.write_text(events(50))
    bad.write_text(HEADER + "77,LOGIN,2026-11-01\n" * 3 + "1,LOGIN,2026-11-01\n")
    settings = Settings(data=folder / "data")
    with pytest.raises(LossError, match=r"3 of the 4 rows of .*b\.csv"):
        load(folder / "users.csv", [good, bad], Generations(settings.data), now=NOW, settings=settings)


def test_an_append_that_loses_its_rows_needs_a_yes(folder: Path):
    bad = HEADER + "77,LOGIN,2026-11-01\n" * 3 + "1,LOGIN,2026-11-02\n"
    for content, words in ((bad, "3 of the 4 rows"), (HEADER + "77,A,2026-11-01\n", "not one of the 1 rows")):
        with pytest.raises(LossError, match=words):
            add(folder, content)
    assert served(folder) == "000001"
    assert add(folder, bad, accept_loss=True).holds == {"users": 10, "events": 21}


def test_an_append_of_little_or_nothing_loses_nothing(folder: Path):
    assert add(folder, HEADER).losses == []
    assert add(folder, events(1, "BUY")).losses == []


def command(folder: Path, new_users: str, new_events: str) -> list[Any]:
    (folder / "u.csv").write_text(new_users)
    (folder / "e.csv").write_text(new_events)
    return ["load", "--users", folder / "u.csv", "--events", folder / "e.csv"]


def test_without_a_terminal_a_loss_ends_with_1_and_says_what_would_be_lost(folder: Path):
    done = run(folder, *command(folder, users(4), events(9)))
    assert done.exit_code == 1
    assert "4 users would be left of the 10 that are served" in done.stderr
    assert "--accept-loss" in done.stderr
    assert served(folder) == "000001"
    assert run(folder, *command(folder, users(4), events(9)), "--accept-loss").exit_code == 0
    assert served(folder) == "000002"


@pytest.mark.parametrize(("answer", "exit_code", "current"), [("y\n", 0, "000002"), ("n\n", 1, "000001")])
def test_a_terminal_asks(folder: Path, monkeypatch, answer: str, exit_code: int, current: str):
    monkeypatch.setattr("duckmart.cli.loading.can_answer", lambda: True)
    done = run(folder, *command(folder, users(4), events(9)), input=answer)
    assert (done.exit_code, served(folder)) == (exit_code, current)
    assert done.stderr.index("4 users would be left") < done.stderr.index("Switch to it all the same?")


def test_a_dry_run_says_all_and_switches_nothing(folder: Path):
    before = sorted(path.name for path in (folder / "data").rglob("*"))
    done = run(folder, *command(folder, users(4).replace("plan", "tier"), events(9)), "--dry-run", "--json")
    assert done.exit_code == 0
    for words in ("4 users would be left", "column 'plan' of the users is gone", "nothing is switched"):
        assert words in done.stderr
    assert json.loads(done.stdout)["users"]["loaded"] == 4
    (folder / "e.csv").write_text(HEADER + "77,LOGIN,2026-11-01\n")
    done = run(folder, "append", "--events", folder / "e.csv", "--dry-run")
    assert (done.exit_code, served(folder)) == (0, "000001")
    assert "not one of the 1 rows of events" in done.stderr
    assert sorted(path.name for path in (folder / "data").rglob("*")) == before


def save(folder: Path, name: str, **spec: Any) -> None:
    settings = Settings(data=folder / "data")
    Library(settings.library_place).save(name, parse(spec, settings), now=NOW)


@pytest.fixture
def segments(folder: Path) -> Path:
    """Saved segments on the plan, on the age, on an event, on nothing, and one that refers to another."""
    save(folder, "pros", user_filters=[{"field": "plan", "operator": "eq", "value": "pro"}])
    save(folder, "grown", user_filters=[{"field": "age", "operator": "gt", "value": 30}])
    save(folder, "aged", user_filters=[{"field": "age", "operator": "is_not_null"}])
    save(folder, "buyers", event_filters=[{"event_name": "LOGIN", "operator": "gte", "count": 1}])
    save(folder, "all")
    save(folder, "not-pros", segment_filters=[{"segment": "pros", "operator": "not_in"}])
    return folder


def told(done: Result) -> dict[str, bool]:
    return {one["segment"]: one["runs"] for one in json.loads(done.stdout)["segments"]}


def test_segments_on_a_column_that_is_gone_are_named_before_the_switch(segments: Path):
    words = command(segments, users(10).replace("plan", "tier"), events(20))
    done = run(segments, *words, "--json", "--dry-run")
    assert told(done) == {"not-pros": False, "pros": False}
    assert "saved segment 'pros' no longer runs: " in done.stderr
    assert told(run(segments, *words, "--json")) == {"not-pros": False, "pros": False}
    report = json.loads((segments / "data" / "generations" / "000002.json").read_text())
    assert {one["segment"] for one in report["segments"]} == {"not-pros", "pros"}
    assert report["changes"] == [{"kind": "users", "column": "plan", "before": "VARCHAR", "now": ""}]
    # What did not run before is not told again.
    assert told(run(segments, *words, "--json")) == {}


def test_segments_on_a_column_of_another_kind_are_named(segments: Path):
    texts = users(10).replace(",2", ",x2")
    done = run(segments, *command(segments, texts, events(20)), "--json", "--dry-run")
    assert "column 'age' of the users is VARCHAR now; it was INTEGER" in done.stderr
    assert told(done) == {"aged": True, "grown": False}


def test_segments_on_an_event_that_is_gone_are_named(segments: Path):
    done = run(segments, *command(segments, users(10), events(20, "BUY")), "--json", "--dry-run")
    assert told(done) == {"buyers": True}


def test_an_append_names_the_segments_on_a_column_that_becomes_text(segments: Path):
    (segments / "e.csv").write_text(events(3))
    (segments / "u.csv").write_text("user_id,age\n1,x\n2,y\n3,z\n")
    words = ["append", "--events", segments / "e.csv", "--users", segments / "u.csv", "--json"]
    assert told(run(segments, *words, "--dry-run")) == {"aged": True, "grown": False}
    assert served(segments) == "000001"
    assert told(run(segments, *words)) == {"aged": True, "grown": False}


def test_a_load_that_changes_nothing_says_nothing_of_segments(segments: Path):
    done = run(segments, *command(segments, users(11), events(21)), "--json")
    assert told(done) == {}
    assert json.loads(done.stdout)["changes"] == []
