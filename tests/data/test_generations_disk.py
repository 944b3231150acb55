"""A disk that is full or takes no writing: clear words, the old data served, nothing left lying about."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from duckmart.data.generations import Generations
from duckmart.errors import LoadError
from duckmart.mart import current
from duckmart.settings import Settings
from tests.data.conftest import EVENTS, USERS, Shop

MANY_USERS = "user_id,note\n" + "".join(f"{one},{one * 2654435761 % 2**32:x}\n" for one in range(50_000))


def mount(folder: Path, options: str) -> None:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        pytest.skip(f"needs the right to mount: {done.stderr.strip()}")


@pytest.fixture
def small_disk(shop: Shop) -> Iterator[Shop]:
    """The data folder is a disk of 4 MB, with two events loaded."""
    folder = shop.generations.folder
    folder.mkdir()
    mount(folder, "size=4m")
    try:
        shop.load(USERS, EVENTS)
        yield shop
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def events(shop: Shop) -> int:
    return current(Settings(data=shop.generations.folder)).catalog.event_total


def files(shop: Shop) -> set[str]:
    return {path.name for path in (shop.generations.folder / "generations").iterdir()}


def test_a_full_disk_is_said_and_the_old_data_served(small_disk: Shop):
    before = files(small_disk)
    with pytest.raises(LoadError, match=r"(?i)disk|space"):
        small_disk.load(MANY_USERS, EVENTS)
    assert events(small_disk) == 2
    assert files(small_disk) == before
    assert small_disk.load(USERS, EVENTS + "1,LOGIN,2026-11-03\n").generation == "000002"
    assert events(small_disk) == 3


def test_a_disk_that_is_full_at_the_switch_leaves_the_old_data_served(small_disk: Shop):
    """The build leaves not a byte for the manifest."""
    generations = small_disk.generations
    path = small_disk.current.path

    def build(draft):
        for file, old in zip(draft.files, small_disk.current.files, strict=True):
            file.write_bytes(old.read_bytes())
        fill(draft.path)

    with pytest.raises(LoadError, match="the disk is full; the data served so far is untouched"):
        generations.add(build, keep=2)
    assert small_disk.current.path == path
    assert events(small_disk) == 2
    small_disk.load(USERS, EVENTS + "1,LOGIN,2026-11-03\n")
    assert {name[:6] for name in files(small_disk)} == {one.id for one in generations.listed()}
    assert events(small_disk) == 3


def fill(path: Path) -> None:
    with path.open("ab", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


def test_a_folder_that_takes_no_writing_is_said_and_the_old_data_served(small_disk: Shop):
    folder = small_disk.generations.folder
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    assert not os.access(folder, os.W_OK)
    with pytest.raises(LoadError, match=r"[Rr]ead-only.*the data served so far is untouched"):
        small_disk.load(USERS, EVENTS)
    with pytest.raises(LoadError, match=r"[Rr]ead-only"):
        small_disk.generations.use("000001", lambda one: None)
    assert events(small_disk) == 2
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
    small_disk.load(USERS, EVENTS)
    assert events(small_disk) == 2


@pytest.mark.parametrize("place", ["file", "file/data"])
def test_a_data_folder_that_is_a_file_or_lies_below_one_is_said(tmp_path: Path, place: str):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LoadError, match="untouched"):
        Generations(tmp_path / place).add(lambda draft: None, keep=2)
