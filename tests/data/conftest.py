"""A folder to load files from, as a user would."""

import csv
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from duckmart.data.generation import Generation
from duckmart.data.generations import Generations
from duckmart.data.load import LoadReport, Options, load, read_pairs
from duckmart.settings import Settings

NOW = datetime(2026, 11, 22, 12)
USERS = "user_id,name\n1,Ann\n2,Bo\n"
EVENTS = "user_id,event_name,timestamp\n1,LOGIN,2026-11-01 10:00:00\n2,LOGIN,2026-11-02 10:00:00\n"


class Shop:
    """A folder with input files, and the generations they are loaded into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generations = Generations(folder / "data")

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(
        self,
        users: str | bytes | Path | list[Path] = USERS,
        events: str | bytes | Path | list[Path] = EVENTS,
        names: Iterable[str] = (),
        strict: bool = False,
    ) -> LoadReport:
        """Texts are written to users.csv and events.csv first."""
        if isinstance(users, str | bytes):
            users = self.file("users.csv", users)
        if isinstance(events, str | bytes):
            events = self.file("events.csv", events)
        return load(
            users,
            events,
            self.generations,
            now=NOW,
            settings=Settings(memory="500MB", threads=2),
            options=Options(read_pairs(names), strict, accept_loss=True),
        )

    @property
    def current(self) -> Generation:
        generation = self.generations.current()
        assert generation is not None
        return generation

    def query(self, sql: str) -> list[Any]:
        with duckdb.connect(str(self.current.path), read_only=True) as con:
            return con.execute(sql).fetchall()

    def users(self) -> list[Any]:
        return self.query("FROM user_attributes")

    def events(self) -> list[Any]:
        return self.query("FROM user_events")

    def report(self) -> dict[str, Any]:
        return json.loads(self.current.report.read_text("utf-8"))

    def rejects(self) -> list[dict[str, str]]:
        with self.current.rejects.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)
