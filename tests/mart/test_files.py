"""Files are their owner's alone, unless a setting lets others in."""

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from duckmart import mart
from duckmart.cli import cli
from duckmart.library.library import Library
from duckmart.settings import settings
from duckmart.spec.segment import Segment

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")

SPEC = '{"user_filters": [{"field": "user_id", "operator": "gte", "value": 1}]}'
USERS = "user_id,plan\n1,pro\n2,free\n,none\n"
EVENTS = "user_id,event_name,timestamp\n1,LOGIN,2026-11-01\n9,LOGIN,2026-11-01\n"


@pytest.fixture(params=[0o022, 0o077], ids=["umask 022", "umask 077"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def everything(folder: Path, monkeypatch: pytest.MonkeyPatch, mode: str | None = None) -> dict[str, int]:
    """The permissions of all that a load, an append, saves, runs and exports make."""
    data, inbox = folder / "marts" / "data", folder / "inbox"
    inbox.mkdir()
    (inbox / "users.csv").write_text(USERS)
    (inbox / "events.csv").write_text(EVENTS)
    monkeypatch.setenv("DUCKMART_DATA", str(data))
    if mode:
        monkeypatch.setenv("DUCKMART_FILE_MODE", mode)
    settings.cache_clear()
    mart.library.cache_clear()
    for line in (
        f"load --users {inbox}/users.csv --events {inbox}/events.csv",
        "save all -",
        f"segment --saved all --out {data}/ids.txt",
        f"segment - --format csv --bom --out {data}/members.csv",
        f"segments export --out {data}/library.json",
        f"generate --users 20 --events 60 --out {data}/demo",
    ):
        done = CliRunner().invoke(cli, line.split(), input=SPEC)
        assert done.exit_code == 0, done.output
    Library(data / "library.sqlite").keep_draft("draft", "x", now=datetime(2026, 11, 22))
    settings.cache_clear()
    top = folder / "marts"
    return {str(path.relative_to(folder)): permissions(path) for path in (top, *top.rglob("*"))}


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(
    ("mode", "files", "folders"), [(None, 0o600, 0o700), ("640", 0o640, 0o750), ("660", 0o660, 0o770)]
)
def test_all_files_and_folders_have_the_permissions_of_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str | None, files: int, folders: int
):
    made = everything(tmp_path, monkeypatch, mode)

    assert len(made) > 15
    wrong = {
        name: oct(mode)
        for name, mode in made.items()
        if mode != (folders if (tmp_path / name).is_dir() else files)
    }
    assert wrong == {}


def test_a_folder_that_is_there_keeps_its_permissions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "marts").mkdir()
    (tmp_path / "marts").chmod(0o751)

    assert everything(tmp_path, monkeypatch)["marts"] == 0o751


def test_a_folder_hands_its_group_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "marts").mkdir()
    (tmp_path / "marts").chmod(0o2770)

    made = everything(tmp_path, monkeypatch, "660")

    assert made["marts/data"] == made["marts/data/generations"] == 0o2770


def test_a_library_that_is_there_keeps_its_permissions(tmp_path: Path):
    file = tmp_path / "library.sqlite"
    Library(file).save("a", Segment(), now=datetime(2026, 11, 22))
    file.chmod(0o644)
    Library(file).save("b", Segment(), now=datetime(2026, 11, 22))

    assert permissions(file) == 0o644


@pytest.mark.parametrize("mode", ["000", "777", "666", "200", "0x180", "6000", "rw"])
def test_a_mode_without_sense_is_refused(monkeypatch: pytest.MonkeyPatch, mode: str):
    monkeypatch.setenv("DUCKMART_FILE_MODE", mode)
    settings.cache_clear()

    done = CliRunner().invoke(cli, ["segments", "list"])

    settings.cache_clear()
    assert done.exit_code == 1
    assert f"DUCKMART_FILE_MODE is '{mode}'" in done.stderr
