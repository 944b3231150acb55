"""Three data sets of other people load with a mapping, and answer segments as pandas does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from duckmart.cli import cli
from tests.data import foreign

Ids = set[str]


class Door:
    """The command line on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: object, given: Any = None) -> Result:
        text = json.dumps(given) if given else None
        done = CliRunner().invoke(cli, [*map(str, words), "--data", str(self.folder)], input=text)
        assert done.exit_code == 0, done.output
        return done

    def members(self, spec: dict[str, Any]) -> Ids:
        found = self("segment", "-", given=spec).stdout.split()
        assert len(set(found)) == len(found)
        return set(found)


def user(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def did(name: str, operator: str, count: int, days: int | None = None) -> dict[str, Any]:
    window = {"time_range_days": days} if days else {}
    return {"event_name": name, "operator": operator, "count": count} | window


def times(events: pd.DataFrame, users: pd.DataFrame, name: str, days: int | None = None) -> pd.Series:
    """How often each user did it, 0 included, in the days up to the newest event."""
    end = events["at"].max()
    rows = events[
        (events["name"] == name) & ((events["at"] > end - pd.Timedelta(days=days)) if days else True)
    ]
    return rows.groupby("user").size().reindex(users["user"], fill_value=0).set_axis(users.index)


def ids(users: pd.DataFrame, mask: pd.Series) -> Ids:
    return set(users.loc[mask, "user"].astype(str))


Frames = tuple[pd.DataFrame, pd.DataFrame]
Cases = list[tuple[dict[str, Any], Callable[[pd.DataFrame, pd.DataFrame], pd.Series]]]


def compare(door: Door, frames: Frames, cases: Cases) -> None:
    users, events = frames
    for spec, mask in cases:
        expected = ids(users, mask(users, events))
        assert 0 < len(expected) < len(users)
        assert door.members(spec) == expected, spec


def test_a_german_shop(tmp_path: Path):
    files = foreign.shop(tmp_path)
    door = Door(tmp_path / "data")
    names = ["user_id=Kundennr", "event_name=Vorgang", "timestamp=Zeitpunkt", "plan=Größe"]
    maps = [word for name in names for word in ("--map", name)]
    report = json.loads(
        door("load", "--users", files.users, "--events", files.events, *maps, "--json").stdout
    )

    assert report["users"]["columns"] == {
        "user_id": "INTEGER",
        "Vorname": "VARCHAR",
        "Wohnort": "VARCHAR",
        "Umsatz gesamt": "DECIMAL(6,2)",
        "Kunde seit": "DATE",
        "plan": "VARCHAR",
        "Bemerkung": "VARCHAR",
    }
    assert {one["encoding"] for kind in ("users", "events") for one in report[kind]["inputs"]} == {
        "Windows-1252"
    }
    assert (report["users"]["loaded"], report["events"]["loaded"]) == (800, 9000)
    how: dict[str, Any] = {"sep": ";", "encoding": "cp1252", "decimal": ",", "thousands": "."}
    how["dtype"] = {"Kunde seit": str, "Zeitpunkt": str}
    users = pd.read_csv(files.users, **how).rename(columns={"Kundennr": "user"})
    users["since"] = pd.to_datetime(users["Kunde seit"], format="%d.%m.%Y")
    events = pd.read_csv(files.events, **how).rename(columns={"Kundennr": "user", "Vorgang": "name"})
    events["at"] = pd.to_datetime(events["Zeitpunkt"], format="%d.%m.%Y %H:%M:%S")

    compare(
        door,
        (users, events),
        [
            (
                {
                    "user_filters": [
                        user("Wohnort", "in", ["München", "Köln"]),
                        user("Umsatz gesamt", "gte", 1234.56),
                    ]
                },
                lambda u, e: u["Wohnort"].isin(["München", "Köln"]) & (u["Umsatz gesamt"] >= 1234.56),
            ),
            (
                {"event_filters": [did("Bestellung", "gte", 2, 60), did("Rückgabe", "eq", 0)]},
                lambda u, e: (times(e, u, "Bestellung", 60) >= 2) & (times(e, u, "Rückgabe") == 0),
            ),
            (
                {
                    "logic_operator": "OR",
                    "user_filters": [user("Kunde seit", "gte", "2026-09-01"), user("plan", "like", "%L")],
                    "event_filters": [did("Warenkorb", "gte", 9, 90)],
                },
                lambda u, e: (
                    (u["since"] >= "2026-09-01")
                    | u["Größe"].str.endswith("L").eq(True)
                    | (times(e, u, "Warenkorb", 90) >= 9)
                ),
            ),
        ],
    )


def test_accounts_and_page_views_of_a_product(tmp_path: Path):
    files = foreign.product(tmp_path)
    door = Door(tmp_path / "data")
    names = ["users.user_id=Account ID", "events.user_id=account", "event_name=path", "timestamp=at"]
    maps = [word for name in names for word in ("--map", name)]
    report = json.loads(
        door("load", "--users", files.users, "--events", files.events, *maps, "--json").stdout
    )

    assert report["users"]["columns"] == {
        "user_id": "VARCHAR",
        "company": "VARCHAR",
        "plan": "VARCHAR",
        "seats": "INTEGER",
        "MRR": "DECIMAL(5,2)",
        "created at": "TIMESTAMP",
        "trial": "BOOLEAN",
    }
    assert (report["users"]["loaded"], report["events"]["loaded"]) == (600, 12_000)
    users = pd.read_csv(files.users, sep="\t").rename(columns={"Account ID": "user"})
    users["created"] = pd.to_datetime(users["created at"], utc=True)
    events = pd.read_csv(files.events, sep="\t").rename(columns={"account": "user", "path": "name"})
    events["at"] = pd.to_datetime(events["at"], utc=True)

    compare(
        door,
        (users, events),
        [
            (
                {
                    "user_filters": [user("seats", "gte", 10)],
                    "event_filters": [did("/billing", "gte", 1, 30)],
                },
                lambda u, e: (u["seats"] >= 10) & (times(e, u, "/billing", 30) >= 1),
            ),
            (
                {"user_filters": [user("trial", "eq", True)], "event_filters": [did("/docs/start", "eq", 0)]},
                lambda u, e: u["trial"] & (times(e, u, "/docs/start") == 0),
            ),
            (
                {
                    "user_filters": [
                        user("company", "ne", "O'Neil & Sons"),
                        user("seats", "not_in", [7, 8, 9]),
                    ]
                },
                lambda u, e: (u["company"] != "O'Neil & Sons") & ~u["seats"].isin([7, 8, 9]),
            ),
            (
                {
                    "user_filters": [
                        user("created at", "lt", "2026-06-01T00:00:00Z"),
                        user("MRR", "gt", 450.5),
                    ]
                },
                lambda u, e: (u["created"] < pd.Timestamp("2026-06-01", tz="UTC")) & (u["MRR"] > 450.5),
            ),
        ],
    )


def test_households_and_baskets_of_a_loyalty_card(tmp_path: Path):
    files = foreign.loyalty(tmp_path)
    door = Door(tmp_path / "data")
    saved = {
        "users": {"user_id": "n° de carte", "age": "tranche d'âge"},
        "events": {"user_id": "n° de carte", "event_name": "rayon", "timestamp": "date d'achat"},
    }
    mapping = foreign.written(tmp_path / "mapping.json", json.dumps(saved).encode())
    loaded = door("load", "--users", files.users, "--events", files.events, "--map", mapping, "--json")
    report = json.loads(loaded.stdout)

    assert report["users"]["columns"] == {
        "user_id": "BIGINT",
        "age": "VARCHAR",
        "enfants": "INTEGER",
        "revenu": "DECIMAL(6,2)",
        "adhésion": "DATE",
        "courriel": "BOOLEAN",
    }
    assert report["events"]["columns"]["montant"] == "DECIMAL(5,2)"
    assert (report["users"]["loaded"], report["events"]["loaded"]) == (500, 8000)
    users = pd.read_parquet(files.users).rename(columns={"n° de carte": "user"})
    renamed = {"n° de carte": "user", "rayon": "name", "date d'achat": "at"}
    events = pd.read_parquet(files.events).rename(columns=renamed)

    compare(
        door,
        (users, events),
        [
            (
                {
                    "user_filters": [user("age", "eq", "25-34")],
                    "event_filters": [did("Épicerie", "gte", 3, 45)],
                },
                lambda u, e: (u["tranche d'âge"] == "25-34") & (times(e, u, "Épicerie", 45) >= 3),
            ),
            (
                {"user_filters": [user("enfants", "gte", 1)], "event_filters": [did("Hygiène", "lt", 2)]},
                lambda u, e: (u["enfants"] >= 1) & (times(e, u, "Hygiène") < 2),
            ),
            (
                {"user_filters": [user("courriel", "ne", False), user("revenu", "lte", 4000.5)]},
                lambda u, e: (u["courriel"] != False) & (u["revenu"].astype(float) <= 4000.5),  # noqa: E712
            ),
        ],
    )


@pytest.mark.parametrize("make", [foreign.shop, foreign.product, foreign.loyalty])
def test_the_data_sets_are_the_same_each_time(tmp_path: Path, make: Callable[[Path], foreign.Files]):
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    first, second = (make(folder) for folder in folders)
    assert first.users.read_bytes() == second.users.read_bytes()
    assert first.events.read_bytes() == second.events.read_bytes()
