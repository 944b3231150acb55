"""Generations: a reader always finds one whole database, whatever happens to a build."""

import json
import multiprocessing
import time
from pathlib import Path

import pytest
from filelock import FileLock

from duckmart.data.generation import Generation
from duckmart.data.generations import Generations
from duckmart.errors import LoadError, Unavailable


def write(words: str):
    """A build whose database is a text."""

    def build(draft: Generation) -> str:
        for file in draft.files:
            file.write_text(words)
        return words

    return build


def break_half_way(draft: Generation) -> None:
    draft.path.write_text("half")
    raise RuntimeError("killed")


def names(folder: Path) -> set[str]:
    return {path.name for path in (folder / "generations").iterdir()}


@pytest.fixture
def generations(tmp_path: Path) -> Generations:
    return Generations(tmp_path / "data")


def test_without_a_load_nothing_is_current(generations: Generations):
    assert generations.current() is None
    assert not generations.folder.exists()


def test_a_build_becomes_current(generations: Generations):
    generation, made = generations.add(write("one"), keep=2)
    assert made == "one"
    assert generations.current() == generation
    assert generation.path.read_text() == "one"
    assert names(generations.folder) == {"000001.duckdb", "000001.json", "000001.rejects.csv"}


def test_only_the_newest_generations_are_kept(generations: Generations):
    for words in ("one", "two", "three"):
        generations.add(write(words), keep=2)
    assert [one.path.read_text() for one in generations.listed()] == ["two", "three"]
    assert {name[:6] for name in names(generations.folder)} == {"000002", "000003"}


def test_a_reader_keeps_its_open_file_after_the_generation_is_removed(generations: Generations):
    first, _ = generations.add(write("one"), keep=1)
    with first.path.open() as reader:
        generations.add(write("two"), keep=1)
        assert not first.path.exists()
        assert reader.read() == "one"


def test_a_build_that_raises_leaves_the_old_generation_current(generations: Generations):
    first, _ = generations.add(write("one"), keep=2)
    with pytest.raises(RuntimeError, match="killed"):
        generations.add(break_half_way, keep=2)
    assert generations.current() == first
    assert {name[:6] for name in names(generations.folder)} == {"000001"}


def test_leftovers_of_a_dead_build_are_removed_by_the_next(generations: Generations):
    first, _ = generations.add(write("one"), keep=3)
    home = generations.folder / "generations"
    (home / "building").mkdir()
    (home / "building" / "staged.duckdb").write_text("half")
    (home / "000002.json").write_text("a build died before it moved its database")
    assert generations.current() == first
    generations.add(write("two"), keep=3)
    assert {name[:6] for name in names(generations.folder)} == {"000001", "000002"}
    assert (home / "000002.json").read_text() == "two"


def test_a_build_that_died_just_before_the_switch_is_not_served(generations: Generations):
    generations.add(write("one"), keep=2)
    before = generations.manifest.read_text()
    generations.add(write("two"), keep=2)
    generations.manifest.write_text(before)
    assert generations.current() == generations.generation("000001")
    generation, _ = generations.add(write("three"), keep=2)
    assert generation.path.read_text() == "three"


def test_a_build_without_all_its_files_is_not_served(generations: Generations):
    with pytest.raises(LoadError, match=r"000001\.json"):
        generations.add(lambda draft: draft.path.write_text("no report"), keep=2)
    assert generations.current() is None


def test_a_database_with_an_unwritten_log_is_not_served(generations: Generations):
    def build(draft: Generation) -> None:
        write("one")(draft)
        draft.path.with_name("000001.duckdb.wal").write_text("the last rows")

    with pytest.raises(LoadError, match="log"):
        generations.add(build, keep=2)
    assert generations.current() is None


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"current": "../x", "generations": []}', '{"current": "000001"}']
)
def test_a_broken_manifest_is_named_and_the_next_load_repairs_it(generations: Generations, content: str):
    generations.add(write("one"), keep=2)
    generations.manifest.write_text(content)
    with pytest.raises(Unavailable, match=r"manifest\.json"):
        generations.current()
    generation, _ = generations.add(write("two"), keep=2)
    assert generations.current() == generation
    assert [one.path.read_text() for one in generations.listed()] == ["one", "two"]


def test_a_missing_database_is_named(generations: Generations):
    generation, _ = generations.add(write("one"), keep=2)
    generation.path.unlink()
    with pytest.raises(Unavailable, match=r"000001\.duckdb"):
        generations.current()


def test_an_id_never_comes_back(generations: Generations):
    generation, _ = generations.add(write("one"), keep=1)
    generation.path.unlink()
    assert generations.add(write("two"), keep=1)[0].id == "000002"


def test_the_manifest_names_the_current_generation(generations: Generations):
    generations.add(write("one"), keep=2)
    assert json.loads(generations.manifest.read_text())["current"] == "000001"


def test_a_load_that_waited_too_long_says_so(generations: Generations):
    generations.add(write("one"), keep=2)
    told = []
    with (
        FileLock(generations.folder / "load.lock"),
        pytest.raises(LoadError, match="another load still runs"),
    ):
        generations.add(write("two"), keep=2, waiting=lambda: told.append("waiting"), patience=0.1)
    assert told == ["waiting"]


def test_a_data_folder_that_cannot_be_made_is_a_load_error(tmp_path: Path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(LoadError, match="data"):
        Generations(tmp_path / "data").add(write("one"), keep=2)


def test_two_processes_load_one_after_the_other(generations: Generations):
    context = multiprocessing.get_context("spawn")
    loads = [context.Process(target=slow_load, args=(generations.folder, words)) for words in ("one", "two")]
    for process in loads:
        process.start()
    for process in loads:
        process.join(60)
    assert [process.exitcode for process in loads] == [0, 0]
    assert {one.path.read_text() for one in generations.listed()} == {"one", "two"}


def slow_load(folder: Path, words: str) -> None:
    def build(draft: Generation) -> None:
        time.sleep(0.3)
        write(words)(draft)

    Generations(folder).add(build, keep=2)
