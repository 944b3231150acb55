"""The facade: which moment segments count from, which data is served, and demo data made once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlglot import exp

from duckmart import first_load
from duckmart.compile.query import Query
from duckmart.data.generate import Demo, generate
from duckmart.data.generation import Generation
from duckmart.data.generations import Generations
from duckmart.engines.duckdb import DuckDBEngine
from duckmart.errors import SpecError, Unavailable
from duckmart.first_load import prepare
from duckmart.mart import Mart, current
from duckmart.settings import Settings
from tests.tiny import ANN, AS_OF, BOB, LOADED_AT, WITHOUT_EVENTS, WORLD, event, spec
from tests.world import MICROSECOND, World


def mart_of(path: Path, as_of: str) -> Mart:
    settings = Settings(as_of=as_of)
    return Mart(DuckDBEngine(path, settings), settings)


def as_of(mart: Mart, **rest: Any) -> datetime:
    return mart.as_of(mart.accept(rest)[0])


# As of


def test_by_default_segments_count_back_from_the_newest_event(tiny: Path) -> None:
    assert as_of(mart_of(tiny, "data")) == AS_OF + MICROSECOND


def test_without_events_segments_count_back_from_the_load(tmp_path: Path) -> None:
    mart = mart_of(WITHOUT_EVENTS.write(tmp_path), "data")

    assert as_of(mart) == LOADED_AT
    segment, _ = mart.accept({"event_filters": [event("LOGIN", "eq", 0, 30)]})
    assert mart.size(segment).total == 8


def test_the_setting_may_ask_for_now(tiny: Path) -> None:
    mart = mart_of(tiny, "now")

    before = datetime.now(UTC).replace(tzinfo=None)
    assert before <= as_of(mart) <= datetime.now(UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("setting", "moment"),
    [
        ("2026-11-20", datetime(2026, 11, 20, 23, 59, 59, 999999)),
        ("2026-11-20T10:00:00+02:00", datetime(2026, 11, 20, 8)),
    ],
)
def test_the_setting_may_name_a_moment(tiny: Path, setting: str, moment: datetime) -> None:
    assert as_of(mart_of(tiny, setting)) == moment


@pytest.mark.parametrize("setting", ["data", "now", "2026-11-20"])
def test_a_specs_own_moment_comes_first(tiny: Path, setting: str) -> None:
    mart = mart_of(tiny, setting)

    assert as_of(mart, as_of="2026-11-22T12:00:00Z") == AS_OF
    assert as_of(mart, as_of="2026-11-22", timezone="Asia/Tokyo") == datetime(
        2026, 11, 22, 14, 59, 59, 999999
    )


def test_every_answer_says_which_moment_it_counts_from(mart: Mart) -> None:
    segment, _ = mart.accept(spec(event("LOGIN", "gte", 1, 30)))

    assert mart.audience(segment).as_of == mart.size(segment).as_of == AS_OF
    assert mart.audience(segment).seconds > 0


# Reading


def test_a_spec_is_read_from_json_text_or_bytes_with_its_warnings(mart: Mart) -> None:
    text = '{"event_filters": [{"event_name": "LOGINN", "operator": "gte", "count": 1}]}'

    segment, warnings = mart.read(text)

    assert mart.read(text.encode()) == (segment, warnings)
    assert [warning.code for warning in warnings] == ["unknown_event"]


def test_a_spec_over_a_cap_is_not_looked_at_further(mart: Mart) -> None:
    with pytest.raises(SpecError) as raised:
        mart.accept({"user_filters": [{"field": "nonsense", "operator": "eq", "value": 1}] * 10_000})

    assert [problem.code for problem in raised.value.problems] == ["too_many_conditions"]


SPLIT = {"split": {"control": 50, "treatment": 50}, "seed": "spring"}


@pytest.mark.parametrize(
    "more",
    [{}, {"limit": 2}, {"negate": True}, {"sample": {"percent": 90, "seed": "a"}}, {"sample": SPLIT}],
    ids=lambda more: "".join(more) or "all",
)
def test_a_segment_of_very_many_conditions_is_answered_in_parts(
    mart: Mart, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]
) -> None:
    rows = [event("LOGIN", "gte", 1, days) for days in range(1, 12)]
    segment, _ = mart.accept(spec(*rows) | {"logic_operator": "OR"} | more)
    whole = mart.table(segment, ["age"])
    asked: list[int] = []
    run = mart.engine.run

    def noted(query: Query, *rest: Any) -> pa.Table:
        asked.append(len(list(query.tree.find_all(exp.CTE))))
        return run(query, *rest)

    monkeypatch.setattr(mart.engine, "run", noted)
    for place in ("duckmart.compile.MOST_JOINED", "duckmart.compile.conditions.MOST_JOINED"):
        monkeypatch.setattr(place, 3)
    mart = Mart(mart.engine, mart.settings)
    audience = mart.audience(segment)

    assert audience.ids.to_pylist() == whole.column("user_id").to_pylist()
    assert audience.ids.to_pylist()
    assert mart.table(segment, ["age"]).equals(whole)
    assert max(asked) <= 3
    assert mart.size(segment).total == audience.total


def test_an_audience_knows_its_total_whatever_its_limit(mart: Mart) -> None:
    def told(limit: int | None) -> tuple[list[int], int]:
        audience = mart.audience(mart.accept(spec(event("LOGIN", "gte", 2), limit=limit))[0])
        return audience.ids.to_pylist(), audience.total

    assert told(None) == ([ANN, BOB], 2)
    assert told(1) == ([ANN], 2)
    assert told(2) == ([ANN, BOB], 2)
    assert told(3) == ([ANN, BOB], 2)


# The data that is served


def serve(folder: Path, world: World) -> Generation:
    """Puts the world into the data folder as a load would."""

    def build(draft: Generation) -> None:
        replace(world, name=draft.id).write(draft.path.parent)
        draft.report.write_text("{}")
        draft.rejects.write_text("")

    return Generations(folder).add(build, keep=2)[0]


def test_without_data_the_mart_is_unavailable_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="load"):
        current(Settings(data=tmp_path / "nowhere"))


def test_the_mart_is_the_same_until_the_data_changes(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    serve(tmp_path, WORLD)

    first = current(settings)

    assert current(settings) is first
    assert current(Settings(data=tmp_path)) is first


def test_the_mart_changes_when_the_manifest_does(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    serve(tmp_path, WORLD)
    first = current(settings)
    assert (first.catalog.generation, first.catalog.users) == ("000001", 8)

    serve(tmp_path, replace(WORLD, users=WORLD.users[:3]))
    second = current(settings)

    assert (second.catalog.generation, second.catalog.users) == ("000002", 3)
    # Whoever holds the first one goes on with it.
    assert first.size(first.accept({})[0]).total == 8


def test_many_threads_open_the_data_once(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    serve(tmp_path, WORLD)

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: current(settings), range(32)))

    assert all(one is made[0] for one in made)


def test_a_damaged_manifest_is_unavailable(tmp_path: Path) -> None:
    serve(tmp_path, WORLD)
    (tmp_path / "manifest.json").write_text("{")

    with pytest.raises(Unavailable, match=r"manifest\.json"):
        current(Settings(data=tmp_path))


def test_a_served_file_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    serve(tmp_path, WORLD).path.unlink()

    with pytest.raises(Unavailable):
        current(Settings(data=tmp_path))


# Demo data


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that demo data was made in; it is small here."""
    folders: list[Path] = []

    def few(folder: Path, progress: Callable[[str, float], None]) -> Demo:
        folders.append(folder)
        return generate(folder, users=200, events=1000, progress=progress)

    monkeypatch.setattr(first_load, "generate", few)
    return folders


def test_two_callers_at_once_make_the_demo_once(tmp_path: Path, made: list[Path]) -> None:
    settings = Settings(data=tmp_path / "data")
    together = threading.Barrier(2)

    def first_run() -> int:
        together.wait()
        prepare(settings, lambda _what, _share: None)
        return current(settings).catalog.users

    with ThreadPoolExecutor(2) as threads:
        runs = [threads.submit(first_run) for _ in range(2)]
        assert [run.result() for run in runs] == [200, 200]

    assert made == [tmp_path / "data"]
    assert current(settings).catalog.event_total == 1000


def test_progress_runs_from_nothing_to_done_and_never_back(tmp_path: Path, made: list[Path]) -> None:
    steps: list[tuple[str, float]] = []

    prepare(Settings(data=tmp_path), lambda what, share: steps.append((what, share)))

    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < 0.5 < shares[-1] <= 1
    assert all(what for what, _ in steps)


def test_data_that_is_there_is_never_replaced_by_the_demo(tmp_path: Path, made: list[Path]) -> None:
    serve(tmp_path, WORLD)

    prepare(Settings(data=tmp_path), lambda _what, _share: None)

    assert made == []
    assert current(Settings(data=tmp_path)).catalog.users == 8
