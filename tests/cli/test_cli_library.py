"""Saved segments on the command line, and who entered and left them since a kept run."""

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from duckmart.settings import settings
from tests.cli.conftest import Door

BUYERS = {"event_filters": [{"event_name": "BUY", "operator": "gte", "count": 1}]}
GROWN = {"user_filters": [{"field": "age", "operator": "gte", "value": 18}]}
USERS = "user_id,name,age\n1,Ann,30\n2,Bo,17\n3,Cy,40\n4,O'Neil,50\n"
EVENTS = "user_id,event_name,timestamp\n1,BUY,2026-11-01 10:00:00\n2,BUY,2026-11-02 10:00:00\n"


class Shop(Door):
    """The command line on four users, of whom 1 and 2 bought."""

    def load(self, events: str = EVENTS, users: str = USERS) -> None:
        given = {"--users": users, "--events": events}
        files = [self.folder.parent / f"{option.strip('-')}.csv" for option in given]
        for file, content in zip(files, given.values(), strict=True):
            file.write_text(content)
        self.right("load", "--users", files[0], "--events", files[1])

    def append(self, events: str) -> None:
        file = self.folder.parent / "more.csv"
        file.write_text(f"user_id,event_name,timestamp\n{events}\n")
        self.right("append", "--events", file)

    def right(self, *words: object, given: Any = None) -> str:
        """The output of a command that must succeed."""
        done = self(*words, given=given)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    def json(self, *words: object) -> Any:
        return json.loads(self.right(*words))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path / "data")
    shop.load()
    return shop


def test_a_saved_segment_is_listed_shown_and_run(shop: Shop):
    words = ["--name", "Who bought", "--tag", "b", "--tag", "a", "--owner", "Ann", "--description", "All"]
    done = shop("save", "buyers", "-", *words, given=BUYERS)

    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "saved 'buyers', version 1\n")
    head, row = shop.right("segments", "list").splitlines()
    assert head.split()[:2] == ["id", "version"]
    assert row.split()[:2] == ["buyers", "1"]
    assert row.endswith("Ann    b, a  Who bought")
    [listed] = shop.json("segments", "list", "--json")
    assert listed["tags"] == ["b", "a"]
    assert listed["spec"] == BUYERS
    shown = shop("segments", "show", "buyers")
    assert json.loads(shown.stdout) == BUYERS
    assert "Who bought: version 1" in shown.stderr
    assert "did BUY" in shown.stderr
    assert shop.json("segments", "show", "buyers", "--json") == listed | {"used_by": []}
    assert shop.right("segment", "--saved", "buyers") == "1\n2\n"


def test_a_spec_that_cannot_run_is_not_saved_and_every_problem_is_named(shop: Shop):
    done = shop(
        "save", "bad", "-", given={"limit": 0, "user_filters": [{"field": "agee", "operator": "is_null"}]}
    )

    assert (done.exit_code, done.stdout) == (2, "")
    assert "limit: " in done.stderr
    assert "user_filters.0.field: unknown field" in done.stderr
    assert shop.json("segments", "list", "--json") == []


def test_a_warning_is_told_and_the_segment_is_saved(shop: Shop):
    misspelt = {"event_filters": [{"event_name": "BYU", "operator": "gte", "count": 1}]}

    done = shop("save", "buyers", "-", given=misspelt)

    assert done.exit_code == 0
    assert done.stderr.startswith("Warning: event_filters.0.event_name: ")


def test_words_that_cannot_be_end_with_2(shop: Shop):
    done = shop("save", "no spaces", "-", "--name", "", given=GROWN)

    assert done.exit_code == 2
    assert "id: " in done.stderr
    assert "name: " in done.stderr


def test_a_taken_id_is_refused_with_how_to_change_it(shop: Shop):
    shop.right("save", "grown", "-", given=GROWN)

    done = shop("save", "grown", "-", given=BUYERS)
    assert done.exit_code == 1
    assert "--version 1" in done.stderr

    assert shop("save", "grown", "-", "--version", 1, given=BUYERS).stderr == "saved 'grown', version 2\n"
    stale = shop("save", "grown", "-", "--version", 1, given=GROWN)
    assert stale.exit_code == 1
    assert "at version 2 now" in stale.stderr


def test_an_older_version_can_be_taken_back(shop: Shop):
    shop.right("save", "grown", "-", given=GROWN)
    shop.right("save", "grown", "-", "--version", 1, given=BUYERS)

    spec = shop.right("segments", "show", "grown", "--revision", 1)
    shop.right("save", "grown", "-", "--version", 2, given=spec)

    assert shop.json("segments", "show", "grown") == GROWN
    assert shop("segments", "show", "grown", "--revision", 4).exit_code == 1


def test_words_change_without_the_spec(shop: Shop):
    shop.right("save", "grown", "-", "--tag", "x", given=GROWN)
    shop.right("segments", "edit", "grown", "--version", 1, "--name", "Grown\nups")

    shown = shop.json("segments", "show", "grown", "--json")
    assert (shown["id"], shown["name"], shown["tags"], shown["spec"]) == ("grown", "Grown\nups", ["x"], GROWN)
    assert len(shop.right("segments", "list").splitlines()) == 2


def test_deletion_is_undone_and_the_history_tells(shop: Shop):
    shop.right("save", "grown", "-", given=GROWN)
    assert shop("segments", "delete", "grown", "--version", 2).exit_code == 1

    assert "segments restore grown" in shop("segments", "delete", "grown", "--version", 1).stderr
    assert shop.json("segments", "list", "--json") == []
    assert [one["id"] for one in shop.json("segments", "list", "--deleted", "--json")] == ["grown"]
    gone = shop("segment", "--saved", "grown")
    assert (gone.exit_code, gone.stdout) == (1, "")
    assert "was deleted" in gone.stderr

    shop.right("segments", "restore", "grown")
    assert shop.right("segment", "--saved", "grown") == "1\n3\n4\n"
    rows = shop.right("segments", "history", "grown").splitlines()[1:]
    assert [row.split()[3] for row in rows] == ["created", "deleted", "restored"]
    assert [one["version"] for one in shop.json("segments", "history", "grown", "--json")] == [1, 2, 3]


def test_an_unknown_id_ends_with_1_and_the_nearest(shop: Shop):
    shop.right("save", "grown", "-", given=GROWN)
    words = ["show", "history", "delete", "restore", "runs"]

    for command in [*(["segments", word, "gron"] for word in words), ["segment", "--saved", "gron"]]:
        done = shop(*command)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "did you mean 'grown'" in done.stderr


def test_segments_move_to_another_library(shop: Shop, tmp_path: Path):
    shop.right("save", "grown", "-", "--name", "Erwachsene ü", given=GROWN)
    shop.right("save", "buyers", "-", given=BUYERS)
    other, document = Door(tmp_path / "other"), tmp_path / "library.json"

    shop.right("segments", "export", "--out", document)
    done = other("segments", "import", document)

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith("added: buyers, grown\n")
    assert other("segments", "export").stdout.count('"spec"') == 2
    shop.right("save", "grown", "-", "--version", 1, given=BUYERS)
    refused = other("segments", "import", "-", given=shop.right("segments", "export"))
    assert refused.exit_code == 1
    assert "'grown'" in refused.stderr
    replaced = other("segments", "import", "-", "--replace", given=shop.right("segments", "export"))
    assert "replaced: grown\nthe same: buyers\n" in replaced.stderr
    assert json.loads(other("segments", "show", "grown").stdout) == BUYERS
    assert other("segments", "import", "-", given="{}").exit_code == 2


def test_a_broken_library_ends_with_1_and_words_and_specs_still_run(shop: Shop):
    (shop.folder / "library.sqlite").write_bytes(b"no library at all " * 100)

    for words in (["segments", "list"], ["save", "a", "-"], ["segment", "--saved", "a"]):
        done = shop(*words, given=GROWN)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr.startswith("Error: the library at sqlite:///")
        assert "put a backup in its place" in done.stderr
    assert shop.right("segment", "-", given=GROWN) == "1\n3\n4\n"


def test_the_library_may_be_elsewhere(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "shared" / "segments.sqlite"
    monkeypatch.setenv("DUCKMART_LIBRARY", f"sqlite:///{file}")
    settings.cache_clear()

    shop.right("save", "grown", "-", given=GROWN)

    assert not (shop.folder / "library.sqlite").exists()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT id FROM saved_segments").fetchall() == [("grown",)]


def test_either_a_spec_or_a_saved_segment(shop: Shop):
    for words in (["segment"], ["segment", "-", "--saved", "a"], ["segment", "-", "--since", "last"]):
        done = shop(*words, given=GROWN)
        assert done.exit_code == 2


@pytest.fixture
def changed(shop: Shop) -> Shop:
    """A run of those who bought is kept; since then 1 is gone from the data, and 3 and 4 bought."""
    shop.right("save", "buyers", "-", given=BUYERS)
    assert "kept as run 000001 of 'buyers', version 1" in shop("segment", "--saved", "buyers").stderr
    shop.load(
        users="user_id,name,age\n2,Bo,17\n3,Cy,40\n4,O'Neil,50\n",
        events="user_id,event_name,timestamp\n"
        + "".join(f"{user},BUY,2026-11-0{user} 10:00:00\n" for user in (2, 3, 4)),
    )
    return shop


def test_ids_since_a_run_have_a_second_column(changed: Shop):
    done = changed("segment", "--saved", "buyers", "--since", "last")

    assert done.stdout == "2\tstayed\n3\tentered\n4\tentered\n1\tleft\n"
    assert "2 entered and 1 left since run 000001: version 1, as of 2026-11-02T10:00:00Z" in done.stderr
    assert "kept as run 000002" in done.stderr


def test_a_csv_since_a_run_has_a_column_change(changed: Shop):
    table = changed.right(
        *("segment", "--saved", "buyers", "--since", 1, "--format", "csv", "--columns", "name,age")
    )

    assert list(csv.reader(io.StringIO(table))) == [
        ["user_id", "change", "name", "age"],
        ["2", "stayed", "Bo", "17"],
        ["3", "entered", "Cy", "40"],
        ["4", "entered", "O'Neil", "50"],
        ["1", "left", "", ""],
    ]


def test_an_ndjson_table_since_a_run_has_it_too(changed: Shop):
    lines = changed.right("segment", "--saved", "buyers", "--since", 1, "--format", "ndjson")

    assert [json.loads(line) for line in lines.splitlines()] == [
        {"user_id": 2, "change": "stayed"},
        {"user_id": 3, "change": "entered"},
        {"user_id": 4, "change": "entered"},
        {"user_id": 1, "change": "left"},
    ]


def test_json_since_a_run_has_three_lists(changed: Shop):
    answer = changed.json("segment", "--saved", "buyers", "--since", "000001", "--format", "json")

    assert (answer["user_ids"], answer["entered"], answer["left"]) == ([2, 3, 4], [3, 4], [1])
    assert (answer["total_count"], answer["as_of"]) == (3, "2026-11-04T10:00:00Z")
    assert answer["filters_applied"]["event_filters"] == BUYERS["event_filters"]


@pytest.mark.parametrize("form", ["ids", "csv", "json"])
def test_without_since_a_saved_segment_prints_as_its_spec_does(changed: Shop, form: str):
    spec = changed.right("segment", "-", "--format", form, given=BUYERS | {"limit": 2})
    changed.right("save", "some", "-", given=BUYERS | {"limit": 2})

    done = changed("segment", "--saved", "some", "--format", form)

    assert done.stdout == spec
    assert done.stderr.startswith("2 users (cut at the limit of 2) in ")


def test_a_limit_cuts_who_is_printed_never_who_entered_or_left(shop: Shop):
    shop.right("save", "some", "-", given=BUYERS | {"limit": 1})
    assert shop.right("segment", "--saved", "some") == "1\n"
    shop.append("4,BUY,2026-11-03 10:00:00")

    done = shop.right("segment", "--saved", "some", "--since", "last")

    assert done == "1\tstayed\n4\tentered\n"
    assert [run["total"] for run in shop.json("segments", "runs", "some", "--json")] == [2, 3]
    again = shop.json("segment", "--saved", "some", "--since", "last", "--format", "json")
    assert (again["user_ids"], again["entered"], again["left"], again["total_count"]) == ([1], [], [], 3)


def test_a_new_version_changes_who_is_in_it(shop: Shop):
    shop.right("save", "some", "-", given=BUYERS)
    shop.right("segment", "--saved", "some")
    shop.right("save", "some", "-", "--version", 1, given=GROWN)

    done = shop("segment", "--saved", "some", "--since", "last")

    assert done.stdout == "1\tstayed\n3\tentered\n4\tentered\n2\tleft\n"
    assert [run["version"] for run in shop.json("segments", "runs", "some", "--json")] == [1, 2]


def test_runs_are_listed_with_what_they_were_of(changed: Shop):
    changed.right("segment", "--saved", "buyers")

    rows = changed.right("segments", "runs", "buyers").splitlines()
    listed = changed.json("segments", "runs", "buyers", "--json")

    assert [row.split()[0] for row in rows] == ["run", "000001", "000002"]
    assert [(run["run"], run["generation"], run["total"]) for run in listed] == [
        ("000001", "000001", 2),
        ("000002", "000002", 3),
    ]
    assert [run["as_of"] for run in listed] == ["2026-11-02T10:00:00Z", "2026-11-04T10:00:00Z"]


def test_a_run_that_is_not_kept_is_said_before_anything_runs(shop: Shop):
    shop.right("save", "buyers", "-", given=BUYERS)

    first = shop("segment", "--saved", "buyers", "--since", "last")
    assert (first.exit_code, first.stdout) == (1, "")
    assert "no run of 'buyers' is kept yet" in first.stderr

    shop.right("segment", "--saved", "buyers")
    for wanted in ("7", "yesterday", "../1"):
        other = shop("segment", "--saved", "buyers", "--since", wanted)
        assert other.exit_code == 1
        assert "there are: 000001, and 'last'" in other.stderr
    assert len(shop.json("segments", "runs", "buyers", "--json")) == 1


def test_a_run_is_not_kept_when_its_output_could_not_be_written(shop: Shop, tmp_path: Path):
    shop.right("save", "buyers", "-", given=BUYERS)

    assert shop("segment", "--saved", "buyers", "--out", tmp_path / "no" / "ids.txt").exit_code == 1

    assert "no run of 'buyers' is kept yet" in shop("segments", "runs", "buyers").stderr


def test_the_newest_runs_are_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUCKMART_KEEP_RUNS", "2")
    settings.cache_clear()
    shop.right("save", "buyers", "-", given=BUYERS)
    for _ in range(4):
        shop.right("segment", "--saved", "buyers")

    assert [run["run"] for run in shop.json("segments", "runs", "buyers", "--json")] == ["000003", "000004"]


def test_a_saved_segment_may_refer_to_another(shop: Shop):
    shop.right("save", "buyers", "-", given=BUYERS)
    shop.right("save", "rest", "-", given={"segment_filters": [{"segment": "buyers", "operator": "not_in"}]})

    assert shop.right("segment", "--saved", "rest") == "3\n4\n"
    refused = shop("segments", "delete", "buyers")
    assert refused.exit_code == 1
    assert "'buyers' is used by 'rest'" in refused.stderr
    assert "used by: rest" in shop("segments", "show", "buyers").stderr
    unknown = shop("save", "no", "-", given={"segment_filters": [{"segment": "buyer", "operator": "in"}]})
    assert unknown.exit_code == 2
    assert "segment_filters.0.segment: " in unknown.stderr
    assert "did you mean 'buyers'" in unknown.stderr
    circle = {"segment_filters": [{"segment": "rest", "operator": "in"}]}
    assert shop("save", "buyers", "-", "--version", 1, given=circle).exit_code == 2


def test_what_people_made_is_backed_up_and_restored(shop: Shop, tmp_path: Path):
    shop.right("save", "buyers", "-", given=BUYERS)
    shop.right("save", "grown", "-", given=GROWN)
    shop.right("segments", "delete", "grown")
    shop.right("segment", "--saved", "buyers")
    file = tmp_path / "backup.zip"

    done = shop("backup", file)

    assert (done.exit_code, done.stdout) == (0, "")
    holds = "2 segments (1 deleted) in 3 versions, 0 drafts, 1 kept run"
    assert done.stderr == f"backed up to {file}: {holds}\n"
    again = shop("backup", file)
    assert (again.exit_code, "write over it with --force" in again.stderr) == (1, True)
    shop.right("backup", file, "--force")
    history = shop.right("segments", "history", "grown", "--json")

    other = Shop(tmp_path / "other")
    done = other("restore", file)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"restored from {file}: {holds}\n"
    assert other.right("segments", "history", "grown", "--json") == history
    assert other.json("segments", "runs", "buyers", "--json") == shop.json(
        "segments", "runs", "buyers", "--json"
    )

    refused = other("restore", file)
    assert (refused.exit_code, f"hold {holds}; --replace" in refused.stderr) == (1, True)
    replaced = other("restore", file, "--replace")
    assert replaced.exit_code == 0
    (beside,) = other.folder.glob("before-restore-*.zip")
    assert replaced.stderr.splitlines()[1] == f"what was here before is in {beside}"


def test_no_backup_is_made_of_nothing_or_restored_from_nothing(empty: Door, tmp_path: Path):
    backed_up, restored = empty("backup", tmp_path / "b.zip"), empty("restore", tmp_path / "none.zip")

    assert (backed_up.exit_code, "nothing is saved" in backed_up.stderr) == (1, True)
    assert (restored.exit_code, "No such file" in restored.stderr) == (1, True)
    assert not empty.folder.exists()
    assert not (tmp_path / "b.zip").exists()
    assert empty("backup", tmp_path / "no" / "b.zip").exit_code == 1
    assert empty("restore").exit_code == 2
