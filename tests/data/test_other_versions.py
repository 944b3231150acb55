"""A generation that another version of DuckMart made is served, or the error says how to make it again."""

import json

import duckdb
import pytest
from click.testing import CliRunner

from duckmart.cli import cli
from duckmart.data import generation
from duckmart.data.generations import Generations
from duckmart.data.load.append import append
from duckmart.data.load.options import Options
from duckmart.errors import LoadError, Unavailable
from duckmart.mart import current, verify
from duckmart.settings import Settings
from tests.data.conftest import NOW, Shop

AGAIN = "python -m duckmart load --users USERS --events EVENTS"
OLDER = [
    ("DROP TABLE load_info", r"lacks load_info\.loaded_at"),
    ("ALTER TABLE load_info RENAME loaded_at TO moment", r"lacks load_info\.loaded_at"),
    ("ALTER TABLE user_events RENAME event_name TO event", r"lacks user_events\.event_name"),
    ("ALTER TABLE user_events RENAME TO events", r"lacks user_events\.user_id, user_events\.event_name"),
    ("ALTER TABLE user_events ALTER timestamp TYPE VARCHAR", r"has user_events\.timestamp as VARCHAR"),
]


def change(shop: Shop, statement: str) -> Settings:
    """Load, and make the database and its manifest as another version would have."""
    shop.load()
    with duckdb.connect(str(shop.current.path)) as con:
        con.execute(statement)
    manifest = shop.generations.manifest
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({key: content[key] for key in ("current", "generations")}))
    return Settings(data=shop.generations.folder)


def append_to(shop: Shop, settings: Settings) -> None:
    file = shop.file("more.csv", "user_id,event_name,timestamp\n1,BUY,2026-11-03 10:00:00\n")
    append({"events": [file]}, shop.generations, now=NOW, settings=settings, options=Options())


@pytest.mark.parametrize(("statement", "words"), OLDER)
def test_a_database_with_other_tables_says_how_to_make_it_again(shop: Shop, statement: str, words: str):
    settings = change(shop, statement)

    with pytest.raises(Unavailable, match=f"another version of DuckMart and {words}.*{AGAIN}"):
        _ = current(settings).catalog
    with pytest.raises(LoadError, match=f"{words}.*{AGAIN}"):
        append_to(shop, settings)

    shop.load()
    assert current(settings).catalog.event_total == 2


def test_a_database_with_tables_that_this_version_does_not_know_is_served(shop: Shop):
    settings = change(shop, "CREATE TABLE of_tomorrow (x INTEGER)")

    assert current(settings).catalog.event_total == 2
    append_to(shop, settings)
    assert current(settings).catalog.event_total == 3


@pytest.mark.parametrize("key", ["sha256", "loaded_at", "users"])
def test_a_report_that_lacks_something_is_said_with_what_to_do(shop: Shop, key: str):
    shop.load()
    report = shop.report()
    del report[key]
    shop.current.report.write_text(json.dumps(report))

    with pytest.raises(LoadError, match="another version of DuckMart wrote it; load again"):
        verify(shop.current, Settings(data=shop.generations.folder))
    assert current(Settings(data=shop.generations.folder)).catalog.users == 2


def test_a_report_without_what_later_versions_add_is_read(shop: Shop):
    shop.load()
    report = {key: shop.report()[key] for key in ("loaded_at", "sha256")}
    counts = {kind: {"loaded": shop.report()[kind]["loaded"]} for kind in ("users", "events")}
    shop.current.report.write_text(json.dumps(report | counts))

    assert verify(shop.current, Settings(data=shop.generations.folder)).users == 2
    assert Generations(shop.generations.folder).listed() == [shop.current]


def test_data_of_an_older_version_says_how_it_is_made_faster_and_an_append_makes_it_so(shop: Shop):
    shop.load()
    report = shop.report()
    del report["format"]
    shop.current.report.write_text(json.dumps(report))

    def listing() -> str:
        return (
            CliRunner().invoke(cli, ["data", "--data", str(shop.generations.folder)]).stdout.splitlines()[-1]
        )

    assert generation.OLDER in listing()
    append_to(shop, Settings(data=shop.generations.folder))
    assert listing().endswith("ok")


def test_a_catalog_that_a_load_wrote_is_that_of_the_tables(shop: Shop):
    shop.load()
    settings = Settings(data=shop.generations.folder)
    for step in (lambda: None, lambda: append_to(shop, settings)):
        step()
        engine = current(settings).engine
        assert engine.catalog() == engine.catalog_of_tables()


@pytest.mark.parametrize(
    "statement",
    ["DROP TABLE catalog", """UPDATE catalog SET document = '{"format": 0}'"""],
)
def test_a_catalog_that_is_missing_or_of_another_form_is_worked_out(shop: Shop, statement: str):
    settings = change(shop, statement)

    mart = current(settings)
    assert mart.stored_catalog == mart.engine.catalog_of_tables()
    append_to(shop, settings)
    assert current(settings).catalog.event_total == 3
