"""Appending gives what a load of all files together gives, without the older files."""

import json
import random
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from duckmart.cli import cli
from duckmart.data.load import Options, cells, read_pairs
from duckmart.data.load.append import AppendReport, append
from duckmart.data.load.measured import Measurement, measure_columns
from duckmart.data.load.merged import as_measured
from duckmart.errors import LoadError
from duckmart.mart import current, verify
from duckmart.settings import Settings
from tests.data.conftest import EVENTS, NOW, Shop

HEADER = "user_id,event_name,timestamp\n"
MORE = HEADER + "1,PURCHASE,2026-11-03\n"


def onto(
    shop: Shop,
    events: str | Path = MORE,
    users: str | None = None,
    names: Iterable[str] = (),
    strict: bool = False,
    force: bool = False,
) -> AppendReport:
    """Texts are written to files first."""
    files = {"events": shop.file("more_events.csv", events) if isinstance(events, str) else events}
    if users is not None:
        files["users"] = shop.file("more_users.csv", users)
    return append(
        files,
        shop.generations,
        now=NOW,
        settings=Settings(data=shop.generations.folder, memory="500MB", threads=2),
        options=Options(read_pairs(names), strict, accept_loss=True),
        force=force,
    )


def test_new_events_are_served_beside_the_old_ones_in_order(shop: Shop):
    shop.load()
    report = onto(shop, HEADER + "2,ADDED,2026-11-03\n1,LOGIN,2026-10-01\n")
    assert shop.query("SELECT event_name::VARCHAR, user_id, timestamp FROM user_events") == [
        ("ADDED", 2, datetime(2026, 11, 3)),
        ("LOGIN", 1, datetime(2026, 10, 1)),
        ("LOGIN", 1, datetime(2026, 11, 1, 10)),
        ("LOGIN", 2, datetime(2026, 11, 2, 10)),
    ]
    assert report.holds == {"users": 2, "events": 4}
    assert (report.onto, report.generation) == ("000001", "000002")
    assert "Generation 000002 is 000001 with these files: 2 users, 4 events" in str(report)


def test_the_older_files_are_not_needed(shop: Shop):
    shop.load()
    (shop.folder / "users.csv").unlink()
    (shop.folder / "events.csv").unlink()
    assert onto(shop).holds == {"users": 2, "events": 3}


def test_without_data_there_is_nothing_to_append_to(shop: Shop):
    with pytest.raises(LoadError, match="load these files instead"):
        onto(shop)


def test_a_changed_user_replaces_the_old_row_and_keeps_what_the_file_lacks(shop: Shop):
    shop.load("user_id,name,age\n1,Ann,31\n2,Bo,40\n3,Cy,50\n")
    report = onto(shop, users="user_id,age\n2,41\n4,20\n3,\n")
    assert shop.users() == [(1, "Ann", 31), (2, "Bo", 41), (3, "Cy", None), (4, None, 20)]
    assert (report.replaced, report.holds["users"], report.users.loaded) == (2, 4, 3)
    assert "2 users replaced by their new rows" in str(report)


def test_events_may_belong_to_old_and_to_new_users(shop: Shop):
    shop.load()
    report = onto(
        shop, HEADER + "1,LOGIN,2026-11-03\n9,LOGIN,2026-11-03\n8,LOGIN,2026-11-03\n", "user_id\n9\n"
    )
    assert report.events.refused_by == {"no such user": 1}
    assert shop.rejects()[0]["line"] == "4"
    assert report.holds == {"users": 3, "events": 4}


def test_dirt_is_refused_and_accounted_for_as_in_a_load(shop: Shop):
    shop.load("user_id,age\n1,30\n2,40\n")
    ages = "".join(f"{one},{one % 80}\n" for one in range(10, 60))
    report = onto(
        shop,
        HEADER + "1,LOGIN,2026-11-03\n1,,2026-11-03\n1,LOGIN,2026-12-03\n1,LOGIN,soon\n",
        "user_id,age\n" + ages + "7,200\n10,5\n,6\n8,old\n",
    )
    assert report.events.refused_by == {"in the future": 1, "missing event_name": 1, "not a time": 1}
    assert report.users.refused_by == {
        "duplicate user_id, the first is kept": 1,
        "missing user_id": 1,
    }
    assert report.users.cleared_by == {"age: not between 0 and 130": 1, "age: not a number": 1}
    assert report.users.reconciles()
    assert report.events.reconciles()
    assert shop.query("SELECT age FROM user_attributes WHERE user_id IN (7, 8, 10) ORDER BY 1") == [
        (10,),
        (None,),
        (None,),
    ]


def test_strict_refuses_all_of_an_append_for_one_reject(shop: Shop):
    shop.load()
    with pytest.raises(LoadError, match="no such user"):
        onto(shop, HEADER + "77,LOGIN,2026-11-03\n", strict=True)
    assert shop.current.id == "000001"


def test_a_mapping_works_as_in_a_load(shop: Shop):
    shop.load()
    report = onto(shop, "who,event_name,timestamp\n1,LOGIN,2026-11-03\n", names=["events.user_id=who"])
    assert report.events.loaded == 1


def test_new_columns_are_added_and_old_rows_have_no_value(shop: Shop):
    shop.load()
    report = onto(
        shop, "user_id,event_name,timestamp,amount\n1,BUY,2026-11-03,9.50\n", "user_id,plan\n2,gold\n"
    )
    assert shop.users() == [(1, "Ann", None), (2, "Bo", "gold")]
    assert [row[3] for row in shop.events()] == [pytest.approx(9.5), None, None]
    assert [str(change) for change in report.changes] == [
        "column 'plan' of the users is new (VARCHAR); older rows have no value",
        "column 'amount' of the events is new (DECIMAL(3,2)); older rows have no value",
    ]
    assert shop.report()["changes"][0]["column"] == "plan"


@pytest.mark.parametrize(
    ("old", "new", "type_", "values"),
    [
        ("7", "8", "INTEGER", [7, 8]),
        ("7", "3000000000", "BIGINT", [7, 3000000000]),
        ("7", "1.25", "DECIMAL(3,2)", ["7.00", "1.25"]),
        ("1.5", "10", "DECIMAL(3,1)", ["1.5", "10.0"]),
        ("3000000000", "1", "BIGINT", [3000000000, 1]),
        ("7", "007", "VARCHAR", ["7", "007"]),
        ("7", "seven", "VARCHAR", ["7", "seven"]),
        ("3000000000", "1e300", "VARCHAR", ["3000000000", "1e300"]),
        ("2026-01-31", "2026-01-31 10:30", "TIMESTAMP", ["2026-01-31 00:00:00", "2026-01-31 10:30:00"]),
        ("2026-01-31 10:30", "2026-01-31", "TIMESTAMP", ["2026-01-31 10:30:00", "2026-01-31 00:00:00"]),
        ("2026-01-31", "31.01.2026", "DATE", ["2026-01-31", "2026-01-31"]),
        ("1.5", "2,25", "DECIMAL(3,2)", ["1.50", "2.25"]),
        ("true", "perhaps", "VARCHAR", ["true", "perhaps"]),
        ("text", "7", "VARCHAR", ["text", "7"]),
        ("", "7", "INTEGER", [None, 7]),
        ("7", "", "INTEGER", [7, None]),
    ],
)
def test_a_column_gets_the_type_that_holds_old_and_new_values(
    shop: Shop, old: str, new: str, type_: str, values: list[Any]
):
    shop.load(f'user_id,x\n1,"{old}"\n')
    report = onto(shop, HEADER, f'user_id,x\n2,"{new}"\n')
    assert report.users.columns["x"] == type_
    found = [x for (x,) in shop.query("SELECT x FROM user_attributes ORDER BY user_id")]
    assert [x if isinstance(x, int | None) else str(x) for x in found] == values
    before = json.loads(shop.generations.generation("000001").report.read_text())["users"]["columns"]["x"]
    assert bool(report.changes) == (before != type_)


def test_few_values_that_do_not_fit_are_cleared_as_in_a_load(shop: Shop):
    shop.load("user_id,x\n" + "".join(f"{one},{one}\n" for one in range(100)))
    report = onto(shop, HEADER, "user_id,x\n200,abc\n")
    assert report.users.columns["x"] == "INTEGER"
    assert report.users.cleared_by == {"x: not a number": 1}


def test_text_ids_turn_number_ids_into_text(shop: Shop):
    shop.load()
    report = onto(shop, HEADER + "1,LOGIN,2026-11-03\nA7,LOGIN,2026-11-04\n", "user_id,name\nA7,Al\n")
    assert shop.users() == [("1", "Ann"), ("2", "Bo"), ("A7", "Al")]
    assert shop.query("SELECT user_id FROM user_events ORDER BY timestamp") == [
        ("1",),
        ("2",),
        ("1",),
        ("A7",),
    ]
    assert [change.column for change in report.changes] == ["user_id", "user_id"]


def test_number_ids_stay_text_where_the_old_ids_are(shop: Shop):
    shop.load("user_id\nA1\n17.0\n", HEADER + "A1,LOGIN,2026-11-01\n")
    report = onto(shop, HEADER + "17.0,LOGIN,2026-11-03\n17,LOGIN,2026-11-03\n")
    assert report.events.refused_by == {"no such user": 1}


def test_the_same_file_twice_is_refused_unless_forced(shop: Shop):
    shop.load()
    onto(shop)
    onto(shop, HEADER + "2,LOGIN,2026-11-05\n")
    for again in (MORE, EVENTS):
        with pytest.raises(LoadError, match=r"more_events\.csv: this file is loaded already; --force"):
            onto(shop, again)
    assert shop.current.id == "000003"
    assert onto(shop, force=True).holds["events"] == 5


def test_files_that_no_longer_count_can_be_appended_again(shop: Shop):
    shop.load()
    onto(shop)
    shop.load()
    assert onto(shop).holds["events"] == 3


def test_a_file_that_fails_leaves_the_old_data_served(shop: Shop):
    shop.load()
    with pytest.raises(LoadError, match="missing"):
        onto(shop, "user_id,what\n1,LOGIN\n")
    assert shop.current.id == "000001"
    assert onto(shop).generation == "000002"


def test_an_append_to_damaged_data_is_refused(shop: Shop):
    shop.load()
    path = shop.current.path
    content = bytearray(path.read_bytes())
    for place in range(12_288, len(content), 1_000):
        content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(LoadError, match=r"damaged.*data verify"):
        onto(shop)


def test_an_appended_generation_verifies_and_answers_beside_an_open_reader(shop: Shop):
    chosen = Settings(data=shop.generations.folder)
    shop.load()
    before = current(chosen)
    onto(shop, users="user_id,name\n3,Cy\n")
    assert verify(shop.current, chosen).event_total == 3
    assert (before.catalog.event_total, current(chosen).catalog.event_total) == (2, 3)


def test_the_command_line_appends_and_lists_what_is_held(shop: Shop):
    shop.load()
    folder = ["--data", str(shop.generations.folder)]
    events = shop.file("more.csv", MORE)
    done = CliRunner().invoke(cli, ["append", "--events", str(events), "--json", *folder])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["holds"] == {"users": 2, "events": 3}
    again = CliRunner().invoke(cli, ["append", "--events", str(events), *folder])
    assert (again.exit_code, "--force" in again.stderr) == (1, True)
    listed = CliRunner().invoke(cli, ["data", *folder]).stdout
    assert listed.splitlines()[-1].split()[4:6] == ["2", "3"]
    assert CliRunner().invoke(cli, ["data", "verify", *folder]).exit_code == 0


# Kinds of cells whose values are written as their column gives them back, and what may stand with them.
KINDS = {
    "small": lambda rng: str(rng.randrange(-99, 99)),
    "large": lambda rng: str(rng.randrange(2**40)),
    "decimal": lambda rng: f"{rng.randrange(1000)}.{rng.randrange(10, 99) * 10 + 1}",
    "code": lambda rng: f"0{rng.randrange(1, 99)}",
    "word": lambda rng: rng.choice(["Ann", "O'Neil", "50% off", "Zoë", "a,b"]),
    "flag": lambda rng: rng.choice(["true", "false"]),
    "day": lambda rng: f"2026-0{rng.randrange(1, 9)}-1{rng.randrange(9)}",
    "time": lambda rng: f"2026-0{rng.randrange(1, 9)}-1{rng.randrange(9)} 10:3{rng.randrange(9)}:07",
    "none": lambda rng: "",
}
MIXES = [
    ("small", "large", "decimal", "none"),
    ("small", "large", "code", "word", "none"),
    ("flag", "word", "none"),
    ("day", "time", "none"),
    ("day", "small", "word", "none"),
]


def part(rng: random.Random, kinds: list[str], ids: list[int], required: str, users: int = 1) -> str:
    names = [f"x{place}" for place in range(len(kinds))]
    lines = [",".join([required, *names])]
    for one in ids:
        first = (
            f"{one}" if required == "user_id" else f"{one % users},{rng.choice('AB')},2026-10-{10 + one % 20}"
        )
        cells = [KINDS[kind](rng) for kind in kinds]
        lines.append(",".join([first, *(f'"{cell}"' for cell in cells)]))
    return "\n".join(lines) + "\n"


@pytest.mark.slow
@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(seed=st.integers(0, 2**32), sizes=st.tuples(st.integers(1, 8), *[st.integers(0, 8)] * 3))
@example(seed=1, sizes=(3, 2, 0, 4))
def test_an_append_equals_a_load_of_all_files_together(
    tmp_path_factory: pytest.TempPathFactory, seed: int, sizes: tuple[int, int, int, int]
):
    rng = random.Random(seed)
    kinds = [[rng.choice(mix) for mix in MIXES * 2] for _ in range(4)]
    old_users = part(rng, kinds[0], [*range(sizes[0])], "user_id")
    new_users = part(rng, kinds[1], [*range(100, 100 + sizes[1])], "user_id")
    old_events = part(rng, kinds[2], [*range(sizes[2])], HEADER.strip(), sizes[0])
    new_events = part(rng, kinds[3], [*range(sizes[3])], HEADER.strip(), sizes[0])

    step, whole = (Shop(tmp_path_factory.mktemp("shop")) for _ in range(2))
    step.load(old_users, old_events)
    onto(step, new_events, new_users, force=True)
    whole.load(
        [whole.file("u1.csv", old_users), whole.file("u2.csv", new_users)],
        [whole.file("e1.csv", old_events), whole.file("e2.csv", new_events)],
    )
    assert contents(step) == contents(whole)


def contents(shop: Shop) -> dict[str, Any]:
    with duckdb.connect(str(shop.current.path), read_only=True) as con:
        made = {name: con.table(name) for name in ("user_attributes", "user_events")}
        return {
            name: (table.columns, list(map(str, table.types)), sorted(table.fetchall(), key=repr))
            for name, table in made.items()
        }


OLD_CELLS = {
    "BOOLEAN": "true, false, NULL",
    "INTEGER": "1, 20, -300",
    "BIGINT": "1, 3000000000",
    "DECIMAL(6,2)": "1.25, -1000.50",
    "DOUBLE": "1.5e-30, 2.0",
    "DATE": "'2026-01-01', '2026-02-03'",
    "TIMESTAMP": "'2026-01-01 10:00:00', '2026-01-02 11:30:00'",
}
# A macro that reads texts sees digits of a DOUBLE; its type tells only that no exact type holds it.
NOT_TOLD = {"DOUBLE": {"whole", "fraction", "powers", "low", "high"}, "DECIMAL(6,2)": {"low", "high"}}


@pytest.mark.parametrize("type_", list(OLD_CELLS))
def test_an_old_column_is_measured_as_the_macro_measures_its_cells(type_: str) -> None:
    with duckdb.connect() as con:
        con.execute(cells.MACROS)
        con.execute(f"CREATE TABLE old AS SELECT CAST(unnest([{OLD_CELLS[type_]}]) AS {type_}) AS v")
        (by_macro,) = measure_columns(
            con.sql("SELECT CAST(v AS VARCHAR) AS x FROM old"), ["x"], Measurement("measure")
        )
        [(filled, low, high)] = con.execute("SELECT count(v), min(v), max(v) FROM old").fetchall()

    by_type = as_measured(type_, {"filled": filled, "low": low, "high": high})

    assert cells.column_type(by_type) == cells.column_type(by_macro) == type_
    compared = by_type.keys() - NOT_TOLD.get(type_, set())
    assert {name: by_type[name] for name in compared} == {name: by_macro[name] for name in compared}
