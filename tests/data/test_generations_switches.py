"""Readers in other processes never fail, and never see two generations as one, while the data is switched."""

import json
import multiprocessing
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from duckmart.data.generation import Generation, digest
from duckmart.data.generations import Generations
from duckmart.mart import current
from duckmart.settings import Settings

SWITCHES = 50
READERS = 2

# Generation n has n users, who all say so, and ten events each.
CONTENT = """
CREATE TABLE user_attributes AS
SELECT i::INTEGER AS user_id, $number::INTEGER AS number FROM range($number) t(i);
ALTER TABLE user_attributes ADD PRIMARY KEY (user_id);
CREATE TYPE event_name AS ENUM ('LOGIN');
CREATE TABLE user_events AS
SELECT user_id, 'LOGIN'::event_name AS event_name, TIMESTAMP '2026-11-01' + INTERVAL (i) HOUR AS timestamp
FROM user_attributes, range(10) t(i) ORDER BY ALL;
CREATE TABLE load_info AS SELECT TIMESTAMP '2026-11-22' AS loaded_at;
"""
EVERYONE = {"user_filters": [{"field": "number", "operator": "gte", "value": 0}]}
DID_TEN = {"event_filters": [{"event_name": "LOGIN", "operator": "eq", "count": 10}]}


def build(draft: Generation) -> None:
    number = int(draft.id)
    with duckdb.connect(str(draft.path)) as con:
        for statement in CONTENT.strip().split(";\n"):
            con.execute(statement, {"number": number} if "$number" in statement else None)
    loaded = {"users": {"loaded": number}, "events": {"loaded": 10 * number}}
    report = {"loaded_at": "2026-11-22T00:00:00", "sha256": digest(draft.path), **loaded}
    draft.report.write_text(json.dumps(report))
    draft.rejects.write_text("")


def read_on(folder: Path, ready: Any, stop: Any, told: Any) -> None:
    """Read until told to stop; tell how many reads of how many generations there were, and what was wrong."""
    settings = Settings(data=folder, threads=1)
    reads, seen, wrong = 0, set(), []
    while not stop.is_set():
        try:
            mart = current(settings)
            number = int(mart.catalog.generation)
            found = (
                mart.size(mart.accept(EVERYONE)[0]).total,
                mart.size(mart.accept(DID_TEN)[0]).total,
                mart.catalog.users,
                mart.catalog.event_total // 10,
                mart.catalog.attributes["number"].low,
                mart.catalog.attributes["number"].high,
            )
            if set(found) != {number}:
                wrong.append(f"{number}: {found}")
        except Exception as error:  # noqa: BLE001 - whatever fails is told
            wrong.append(repr(error))
        reads += 1
        seen.add(number)
        ready.set()
    told.put((reads, len(seen), wrong))


@pytest.mark.slow
def test_no_read_fails_or_mixes_generations_while_the_data_is_switched(tmp_path: Path):
    generations = Generations(tmp_path)
    generations.add(build, keep=2)
    context = multiprocessing.get_context("spawn")
    stop, told = context.Event(), context.Queue()
    ready = [context.Event() for _ in range(READERS)]
    readers = [context.Process(target=read_on, args=(tmp_path, one, stop, told)) for one in ready]
    for reader in readers:
        reader.start()
    assert all(one.wait(60) for one in ready)
    for _ in range(SWITCHES):
        generations.add(build, keep=2)
        time.sleep(0.02)
    stop.set()
    answers = [told.get(timeout=30) for _ in readers]
    for reader in readers:
        reader.join(30)
    assert [wrong for _, _, wrong in answers] == [[]] * READERS
    assert all(reads >= 10 and seen >= 5 for reads, seen, _ in answers), answers
    assert generations.served().id == f"{SWITCHES + 1:06}"
