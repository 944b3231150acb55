"""Demo data is made only in a folder where nothing ever was; what is a user's own is never replaced by it."""

import json
import multiprocessing
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from duckmart import first_load
from duckmart.cli import cli
from duckmart.data import preparation
from duckmart.data.generate import Demo, generate
from duckmart.data.generations import Generations
from duckmart.data.load import load
from duckmart.errors import LoadError, Preparing, Unavailable
from duckmart.first_load import prepare
from duckmart.mart import current
from duckmart.settings import Settings

NOW = datetime(2026, 11, 22)
OWN_USERS = "user_id,plan\n1,pro\n2,free\n3,pro\n"
EVENTS = "user_id,event_name,timestamp\n1,LOGIN,2026-11-01\n"


@pytest.fixture(scope="module")
def own_twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two generations of the user's own: 2 users, then 3."""
    folder = tmp_path_factory.mktemp("own")
    load_own(folder / "data", OWN_USERS.removesuffix("3,pro\n"))
    load_own(folder / "data", OWN_USERS)
    return folder / "data"


@pytest.fixture
def own(own_twice: Path, tmp_path: Path) -> Settings:
    shutil.copytree(own_twice, tmp_path / "data")
    return Settings(data=tmp_path / "data", keep_generations=1)


@pytest.fixture(autouse=True)
def small_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    def few(folder: Path, progress: Callable[[str, float], None]) -> Demo:
        return generate(folder, users=200, events=1000, progress=progress)

    monkeypatch.setattr(first_load, "generate", few)


def load_own(data: Path, users: str) -> None:
    files = data.parent / "users.csv", data.parent / "events.csv"
    files[0].write_text(users)
    files[1].write_text(EVENTS)
    load(*files, Generations(data), now=NOW, settings=Settings(data=data))


def make(settings: Settings) -> None:
    prepare(settings, lambda _what, _share: None)


def contents(folder: Path) -> dict[str, bytes]:
    """All files but locks."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def run(settings: Settings, *words: str):
    return CliRunner().invoke(cli, [*words, "--data", str(settings.data)])


UNREADABLE = {
    "empty": b"",
    "torn": b'{"current": "0000',
    "a list": b"[]",
    "nothing": b"null",
    "text": b'"000002"',
    "not UTF-8": b"\xff\xfe",
    "nested": b"[" * 100_000,
    "of a later version": b'{"version": 2, "serves": "000002"}',
    "of a later version, else alike": b'{"version": 2, "current": "000002", "generations": ["000002"]}',
    "sizes that are text": b'{"current": "000002", "generations": ["000002"], "bytes": {"000002": "big"}}',
    "a size of nothing": b'{"current": "000002", "generations": ["000002"], "bytes": {"000002": null}}',
    "no mapping of sizes": b'{"current": "000002", "generations": ["000002"], "bytes": 5}',
    "a path": b'{"current": "../000002", "generations": ["../000002"]}',
    "a strange digit": '{"current": "00000٢", "generations": ["00000٢"]}'.encode(),
    "an endless number": b'{"current": "000002", "generations": ["000002"], "newest": "'
    + b"9" * 9999
    + b'"}',
    "a number for an id": b'{"current": 2, "generations": [2]}',
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_manifest_that_cannot_be_read_keeps_the_demo_away_and_names_the_way_out(
    own: Settings, content: bytes
) -> None:
    (own.data / "manifest.json").write_bytes(content)
    before = contents(own.data)
    for ask in (current, make):
        with pytest.raises(Unavailable, match=r"manifest\.json cannot be read.*data use 000002"):
            ask(own)
    assert contents(own.data) == before
    assert run(own, "data").exit_code == 0
    assert run(own, "data", "use", "000001").exit_code == 0
    assert current(own).catalog.users == 2
    assert (own.data / "manifest.json.unreadable").read_bytes() == content


def test_a_manifest_that_is_missing_keeps_the_demo_away_and_names_the_way_out(own: Settings) -> None:
    (own.data / "manifest.json").unlink()
    before = contents(own.data)
    for ask in (current, make):
        with pytest.raises(Unavailable, match=r"000001, 000002.*data use 000002"):
            ask(own)
    assert contents(own.data) == before
    listed = run(own, "data")
    assert "*" not in listed.stdout
    assert "data use" in listed.stderr
    assert run(own, "data", "use", "000002").exit_code == 0
    assert current(own).catalog.users == 3


def test_a_manifest_that_is_a_link_to_nothing_is_one_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").symlink_to(tmp_path / "not mounted" / "manifest.json")
    with pytest.raises(Unavailable, match="a link to nothing"):
        make(Settings(data=tmp_path))
    assert not (tmp_path / "generations").exists()


def test_a_generation_that_is_gone_keeps_the_demo_away(own: Settings) -> None:
    (own.data / "generations" / "000002.duckdb").rename(own.data / "elsewhere")
    (own.data / "generations" / "000001.duckdb").unlink(missing_ok=True)
    for ask in (current, make):
        with pytest.raises(Unavailable, match=r"000002\.duckdb is not there"):
            ask(own)
    assert not (own.data / "user_attributes.csv").exists()


@pytest.mark.parametrize("suffix", ["json", "rejects.csv"])
def test_reports_without_their_databases_keep_the_demo_away(own: Settings, suffix: str) -> None:
    (own.data / "manifest.json").unlink()
    for path in own.data.glob("generations/*"):
        if not path.name.endswith(f".{suffix}"):
            path.unlink()
    before = contents(own.data)
    with pytest.raises(Unavailable, match="000001, 000002"):
        make(own)
    assert contents(own.data) == before


@pytest.mark.parametrize("name", ["user_attributes.csv", "user_events.csv", "user_events.parquet"])
def test_files_of_the_users_own_are_never_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    settings = Settings(data=tmp_path)
    for ask in (current, make):
        with pytest.raises(Unavailable, match=name):
            ask(settings)
    kind = Path(name).suffix[1:]
    done = run(settings, "generate", "--users", "5", "--events", "5", "--format", kind)
    assert done.exit_code == 1
    assert "move it away" in done.stderr
    assert contents(tmp_path) == {name: b"mine"}


def test_demo_data_can_be_made_beside_files_of_the_users_own(tmp_path: Path) -> None:
    (tmp_path / "user_attributes.csv").write_text("mine")
    settings = Settings(data=tmp_path)
    first_load.make_demo(settings, lambda _what, _share: None)
    assert current(settings).catalog.users == 200
    assert (tmp_path / "user_attributes.csv").read_text() == "mine"


def test_generated_files_may_be_generated_again_until_somebody_changes_them(tmp_path: Path) -> None:
    generate(tmp_path, users=5, events=5)
    demo = generate(tmp_path, users=6, events=5)
    assert demo.users.read_text().count("\n") == 7
    demo.users.write_text("mine")
    with pytest.raises(LoadError, match=r"user_attributes\.csv"):
        generate(tmp_path, users=5, events=5)
    assert demo.users.read_text() == "mine"


def test_files_that_were_generated_are_loaded_as_they_are(tmp_path: Path) -> None:
    generate(tmp_path, users=7, events=9)
    make(Settings(data=tmp_path))
    assert current(Settings(data=tmp_path)).catalog.users == 7


@pytest.mark.parametrize("name", ["library.sqlite", "runs/vips/000001.parquet", "manifest.json.unreadable"])
def test_what_else_was_made_in_the_folder_keeps_the_demo_away(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(Unavailable, match="no demo data is made"):
        make(Settings(data=tmp_path))
    assert contents(tmp_path) == {name: b"mine"}


def test_data_loaded_while_the_demo_is_being_made_stays(tmp_path: Path, monkeypatch) -> None:
    data = tmp_path / "data"

    def slowly(folder: Path, progress: Callable[[str, float], None]) -> Demo:
        load_own(data, OWN_USERS)
        return generate(folder, users=200, events=1000)

    monkeypatch.setattr(first_load, "generate", slowly)
    settings = Settings(data=data, keep_generations=1)
    make(settings)
    assert current(settings).catalog.users == 3
    assert [one.id for one in Generations(data).listed()] == ["000001"]


def test_data_that_vanishes_under_a_server_is_not_replaced(own: Settings) -> None:
    assert current(own).catalog.users == 3
    own.data.rename(own.data.with_name("unmounted"))
    for ask in (current, make):
        with pytest.raises(Unavailable, match="mounted"):
            ask(own)
    own.data.with_name("unmounted").rename(own.data)
    assert current(own).catalog.users == 3


def test_a_demo_that_was_killed_is_made_again(tmp_path: Path) -> None:
    home = tmp_path / "generations"
    (home / "building").mkdir(parents=True)
    (home / "building" / "number").write_text("000001")
    (home / "building" / "000001.duckdb").write_text("half")
    (home / "000001.json").write_text("{}")
    generate(tmp_path, users=200, events=1000)
    (tmp_path / "user_events.csv").unlink()
    make(Settings(data=tmp_path))
    assert current(Settings(data=tmp_path)).catalog.users == 200


def test_a_load_where_the_manifest_is_lost_removes_nothing(own: Settings) -> None:
    (own.data / "manifest.json").unlink()
    before = contents(own.data / "generations")
    load_own(own.data, OWN_USERS)
    after = contents(own.data / "generations")
    assert {name: after.get(name) for name in before} == before
    assert [one.id for one in Generations(own.data).listed()] == ["000001", "000002", "000003"]


def test_nothing_is_pruned_while_nobody_knows_what_is_served(own: Settings) -> None:
    (own.data / "manifest.json").unlink()
    done = run(own, "data", "prune", "--keep", "1")
    assert done.exit_code == 1
    assert "nothing is removed" in done.stderr
    assert len(Generations(own.data).listed()) == 2


def test_nothing_is_pruned_while_the_generation_served_is_damaged(own: Settings) -> None:
    (own.data / "generations" / "000002.duckdb").write_text("cut short")
    assert run(own, "data", "prune", "--keep", "1").exit_code == 1
    assert (own.data / "generations" / "000001.duckdb").exists()


def test_generations_that_an_older_manifest_does_not_know_stay_and_can_be_served(own: Settings) -> None:
    """Half a backup: the manifest of the first load, the files of the second."""
    manifest = json.loads((own.data / "manifest.json").read_text())
    kept = {"current": "000001", "generations": ["000001"], "newest": "000001"}
    (own.data / "manifest.json").write_text(json.dumps(manifest | kept))
    second = (own.data / "generations" / "000002.duckdb").read_bytes()
    assert "data use 000002" in run(own, "data").stdout

    load_own(own.data, OWN_USERS)

    assert Generations(own.data).current().id == "000003"
    assert (own.data / "generations" / "000002.duckdb").read_bytes() == second
    assert run(own, "data", "use", "000002").exit_code == 0
    assert Generations(own.data).current().id == "000002"


def test_two_processes_that_start_at_once_make_one_generation(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    starts = [context.Process(target=make_small, args=(tmp_path,)) for _ in range(2)]
    for process in starts:
        process.start()
    for process in starts:
        process.join(120)
    assert [process.exitcode for process in starts] == [0, 0]
    assert [one.id for one in Generations(tmp_path).listed()] == ["000001"]


def make_small(folder: Path) -> None:
    first_load.generate = lambda out, progress: generate(out, users=200, events=1000)
    make(Settings(data=folder))


def test_whoever_asks_while_the_demo_is_being_made_is_told_to_wait(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    asked: list[Exception] = []

    def ask_meanwhile(_what: str, _share: float) -> None:
        try:
            current(settings)
        except Unavailable as error:
            asked.append(error)

    preparation.start(settings, lambda chosen, _progress: prepare(chosen, ask_meanwhile)).thread.join(60)
    assert asked
    assert all(isinstance(error, Preparing) for error in asked)
    assert current(settings).catalog.users == 200


def test_data_that_is_there_by_the_time_a_refusal_is_worded_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_after_all_is_made(settings: Settings, _otherwise: Callable[[], str]) -> Unavailable:
        make(settings)
        return Unavailable("no data is loaded yet")

    monkeypatch.setattr(preparation, "refusal", refuse_after_all_is_made)
    assert current(Settings(data=tmp_path)).catalog.users == 200


def test_a_demo_that_could_not_be_made_is_told_to_whoever_asks(tmp_path: Path) -> None:
    (tmp_path / "user_attributes.csv").mkdir()
    settings = Settings(data=tmp_path)
    preparation.start(settings, prepare).thread.join(60)
    with pytest.raises(Unavailable, match=r"the demo data could not be made: .*user_attributes"):
        current(settings)
