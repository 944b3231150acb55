"""The `data` command, and what a reader is told about a generation that is damaged."""

import json
import multiprocessing
import random
import shutil
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result
from filelock import FileLock

from duckmart.cli import cli
from duckmart.data.generations import WAITING, Generations
from duckmart.errors import LoadError, Unavailable
from duckmart.mart import Mart, current, engine, verify
from duckmart.settings import Settings
from tests.data.conftest import EVENTS, USERS, Shop

MORE_EVENTS = EVENTS + "2,LOGIN,2026-11-03 10:00:00\n"
USER_COUNT = 5000
WIDE_USERS = "user_id,code\n" + "".join(f"{one},{one * 7919 % 100003:x}\n" for one in range(USER_COUNT))


@pytest.fixture(scope="module")
def twice_loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.load(USERS, EVENTS)
    shop.load(USERS, MORE_EVENTS)
    return shop.folder


@pytest.fixture
def loaded(twice_loaded: Path, shop: Shop) -> Shop:
    """Generation 000001 has two events, 000002 three."""
    shutil.copytree(twice_loaded, shop.folder, dirs_exist_ok=True)
    return shop


def run(shop: Shop, *words: str) -> Result:
    return CliRunner().invoke(cli, ["data", *words, "--data", str(shop.generations.folder)])


def mart(shop: Shop) -> Mart:
    return current(Settings(data=shop.generations.folder))


def events(shop: Shop) -> int:
    return mart(shop).catalog.event_total


def cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 100)


def flip(path: Path, place: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1]))


def delete(path: Path) -> None:
    path.unlink()


def fill_with_text(path: Path) -> None:
    path.write_bytes(b"x" * path.stat().st_size)


def test_generations_are_listed_with_what_they_hold_and_the_current_one_marked(loaded: Shop):
    _, first, second = run(loaded).stdout.splitlines()
    assert first.split() == ["000001", "2026-11-22", "12:00:00", "2", "2", first.split()[5], "ok"]
    assert second.split()[:6] == ["*", "000002", "2026-11-22", "12:00:00", "2", "3"]


def test_without_data_there_is_nothing_to_list_verify_use_or_print(shop: Shop):
    assert run(shop).exit_code == 3
    assert run(shop, "path").exit_code == 3
    for words in (["verify"], ["use", "000001"], ["prune"]):
        assert run(shop, *words).exit_code == 1


def test_the_path_of_the_current_generation_is_printed(loaded: Shop):
    assert Path(run(loaded, "path").stdout.strip()) == loaded.current.path


def test_the_data_folder_may_be_named_before_or_after_the_word(loaded: Shop):
    folder = str(loaded.generations.folder)
    before = CliRunner().invoke(cli, ["data", "--data", folder, "path"])
    assert before.stdout == run(loaded, "path").stdout


def test_an_older_generation_can_be_served_again(loaded: Shop):
    assert events(loaded) == 3
    done = run(loaded, "use", "000001")
    assert done.stderr == "generation 000001 is served now\n"
    assert events(loaded) == 2
    assert run(loaded).stdout.splitlines()[1].startswith("* 000001")


def test_an_unknown_generation_cannot_be_served(loaded: Shop):
    done = run(loaded, "use", "000009")
    assert done.exit_code == 1
    assert "there is no generation 000009; there are: 000001, 000002" in done.stderr
    assert events(loaded) == 3


def test_a_damaged_generation_cannot_be_served(loaded: Shop):
    flip(loaded.generations.generation("000001").path, 20_000)
    done = run(loaded, "use", "000001")
    assert done.exit_code == 1
    assert "damaged" in done.stderr
    assert events(loaded) == 3


def test_verify_reads_every_generation(loaded: Shop):
    done = run(loaded, "verify")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "000001  ok: 2 users, 2 events",
        "000002  ok: 2 users, 3 events",
    ]


@pytest.mark.parametrize("harm", [cut_short, delete, fill_with_text, lambda path: flip(path, 20_000)])
def test_verify_finds_what_is_broken_and_says_what_to_do(loaded: Shop, harm: Any):
    harm(loaded.current.path)
    done = run(loaded, "verify")
    assert done.exit_code == 1
    assert done.stdout.startswith("000001  ok")
    assert "broken: 000002" in done.stderr
    assert "data use 000001" in done.stderr
    assert run(loaded, "verify", "000001").exit_code == 0


def test_verify_finds_a_database_that_is_not_that_of_its_report(loaded: Shop):
    report = json.loads(loaded.current.report.read_text())
    report["events"]["loaded"] = 4
    loaded.current.report.write_text(json.dumps(report))
    with pytest.raises(LoadError, match="does not hold"):
        verify(loaded.current, Settings(data=loaded.generations.folder))


def test_a_report_that_cannot_be_read_is_listed_as_such(loaded: Shop):
    loaded.current.report.write_text("{")
    assert "cannot be read" in run(loaded).stdout.splitlines()[2]
    assert run(loaded, "verify").exit_code == 1


@pytest.mark.parametrize("harm", [cut_short, delete, fill_with_text])
def test_a_damaged_generation_is_noticed_at_open_and_the_whole_one_offered(loaded: Shop, harm: Any):
    harm(loaded.current.path)
    with pytest.raises(Unavailable, match=r"000002.*generation 000001 is still there, `.* use 000001 --data"):
        mart(loaded)
    assert run(loaded, "use", "000001").exit_code == 0
    assert events(loaded) == 2


def test_a_file_cut_short_under_an_open_reader_is_noticed_by_the_next(loaded: Shop):
    assert events(loaded) == 3
    cut_short(loaded.current.path)
    with pytest.raises(Unavailable, match="damaged: it has"):
        mart(loaded)


def test_the_next_load_replaces_a_damaged_generation_and_keeps_the_whole_one(loaded: Shop):
    cut_short(loaded.current.path)
    loaded.load(USERS, EVENTS)
    assert [one.id for one in loaded.generations.listed()] == ["000001", "000003"]
    assert events(loaded) == 2


def test_one_flipped_bit_is_noticed_or_changes_no_answer(shop: Shop):
    shop.load(WIDE_USERS, EVENTS.splitlines()[0] + "\n")
    path = shop.current.path
    whole = contents(path)
    places = random.Random(1)
    outcomes = set()
    for place in [places.randrange(path.stat().st_size) for _ in range(60)]:
        flip(path, place)
        try:
            assert contents(path) == whole
            outcomes.add("same")
        except duckdb.Error:
            outcomes.add("noticed")
        flip(path, place)
    assert "noticed" in outcomes
    assert contents(path) == whole


def contents(path: Path) -> Any:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute("SELECT count(*), sum(hash(user_id, code)) FROM user_attributes").fetchall()


def test_damage_that_shows_in_a_query_is_said_with_the_way_out(loaded: Shop):
    loaded.load(WIDE_USERS, EVENTS)
    path = loaded.current.path
    said = set()
    for place in range(0, path.stat().st_size, 25_000):
        flip(path, place)
        try:
            verdict = str(Mart(engine(loaded.current, settings(loaded)), settings(loaded)).catalog)
        except Unavailable as error:
            verdict = str(error)
            assert "data use 000002" in verdict
            said.add("noticed")
        flip(path, place)
    assert said == {"noticed"}


def settings(shop: Shop) -> Settings:
    return Settings(data=shop.generations.folder)


def test_prune_keeps_the_newest_and_the_one_that_is_served(loaded: Shop):
    run(loaded, "use", "000001")
    done = run(loaded, "prune", "--keep", "1")
    assert done.stderr == "removed: 000002\n"
    assert {path.name[:6] for path in (loaded.generations.folder / "generations").iterdir()} == {"000001"}
    assert events(loaded) == 2


def test_an_id_never_comes_back_after_the_newest_was_pruned(loaded: Shop):
    run(loaded, "use", "000001")
    run(loaded, "prune", "--keep", "1")
    assert loaded.load(USERS, EVENTS).generation == "000003"


def test_a_load_keeps_the_generation_that_was_served_before_it(loaded: Shop):
    run(loaded, "use", "000001")
    loaded.load(USERS, EVENTS)
    assert [one.id for one in loaded.generations.listed()] == ["000001", "000003"]


def test_a_switch_mends_a_manifest_that_cannot_be_read(loaded: Shop):
    loaded.generations.manifest.write_text("{")
    with pytest.raises(Unavailable, match="data use 000002"):
        mart(loaded)
    assert run(loaded, "use", "000002").exit_code == 0
    assert events(loaded) == 3


def test_whoever_waits_for_another_load_is_told(loaded: Shop):
    lock = FileLock(loaded.generations.folder / "load.lock")
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    with lock:
        waiter = context.Process(target=use_and_tell, args=(loaded.generations.folder, told))
        waiter.start()
        assert told.get(timeout=30) == WAITING
        time.sleep(0.2)
        assert loaded.current.id == "000002"
    waiter.join(30)
    assert waiter.exitcode == 0
    assert loaded.current.id == "000001"


def use_and_tell(folder: Path, told: Any) -> None:
    Generations(folder).use("000001", lambda one: None, waiting=lambda: told.put(WAITING))
