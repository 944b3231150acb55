"""Specs made to take all memory or all time: each is answered, refused, or stopped in time.

python -m benchmarks.hostile [--data FOLDER] [--users 200000] [--events 1000000] [--memory 4GB] [--timeout 20]

Ends with 1 if one takes five seconds longer than it may, ends with an error of no design, or if the process
takes more memory than the setting and 1 GB.
"""

import argparse
import json
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from duckmart.data.generate import generate
from duckmart.data.generations import Generations
from duckmart.data.load import load
from duckmart.errors import Overloaded, SpecError, Timeout
from duckmart.mart import Mart, current
from duckmart.settings import Settings

GIGABYTE = 1 << 30
# Seconds beyond the deadline: what DuckDB and the checks need to end.
GRACE = 5.0
LONG = "s" * 4_900_000

ANY = {"event_name": "*", "operator": "gte", "count": 1}
DISTINCT = {"event_name": "*", "operator": "gte", "value": 1, "measure": {"distinct": "category"}}


def specs() -> Iterator[tuple[str, Any]]:
    """Each with what it is."""
    days = range(1, 201)
    yield "a seed of five million letters", {"sample": {"percent": 10, "seed": LONG}}
    yield "a split's seed of as many", {"sample": {"split": {"a": 50, "b": 50}, "seed": LONG}}
    yield "a value of as many", filters([{"field": "name", "operator": "contains", "value": LONG}])
    yield "a field of as many", filters([{"field": LONG, "operator": "eq", "value": 1}])
    yield "an event of as many", {"event_filters": [ANY | {"event_name": LONG}]}
    yield "200 windows of any event", {"event_filters": [ANY | {"time_range_days": day} for day in days]}
    yield (
        "200 windows of distinct values",
        {"event_filters": [DISTINCT | {"time_range_days": day} for day in days]},
    )
    steps = [{"event_name": "*"}] * 10
    yield (
        "18 sequences of 10 steps",
        {"sequence_filters": [{"steps": steps, "within_days": day} for day in range(1, 19)]},
    )
    yield (
        "200 patterns of 500 wildcards",
        filters([{"field": "name", "operator": "like", "value": f"{'%_' * 500}{day}"} for day in days]),
    )
    yield (
        "200 long texts to find in names",
        filters([{"field": "name", "operator": "not_contains", "value": "é" * (3800 + day)} for day in days]),
    )
    yield "100,000 ids", filters([{"field": "user_id", "operator": "in", "value": [*range(100_000)]}])
    names = [f"N{number}" for number in range(100_000)]
    yield "100,000 unknown plans", filters([{"field": "subscription_plan", "operator": "in", "value": names}])
    yield "100,000 unknown events", {"event_filters": [ANY | {"event_name": names}]}
    yield "200 unknown fields", filters([{"field": f"aeg{n}", "operator": "eq", "value": n} for n in days])
    yield "a hundred thousand groups", {"groups": [{} for _ in range(100_000)]}
    yield "nested three hundred deep", nested(300)


def filters(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"user_filters": rows, "logic_operator": "OR"}


def nested(depth: int) -> dict[str, Any]:
    spec: dict[str, Any] = filters([{"field": "age", "operator": "gt", "value": 1}])
    for _ in range(depth):
        spec = {"groups": [spec]}
    return spec


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--users", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--timeout", type=float, default=20.0)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        data = options.data or Path(folder)
        settings = Settings(data=data, memory=options.memory, timeout=options.timeout, as_of="data")
        if options.data is None:
            demo = generate(data, users=options.users, events=options.events)
            load(demo.users, demo.events, Generations(data), now=datetime.now(UTC), settings=settings)
        faults = list(tried(current(settings)))
    print("\n".join(faults) or "all as designed")
    return 1 if faults else 0


def tried(mart: Mart) -> Iterator[str]:
    """What is wrong with how each spec ends."""
    units = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
    amount, unit = mart.settings.memory[:-2], mart.settings.memory[-2].upper()
    most = float(amount) * units[unit] + GIGABYTE
    for name, spec in specs():
        start = perf_counter()
        fate, is_designed = asked(mart, json.dumps(spec))
        seconds = perf_counter() - start
        print(f"{name:34}{seconds:7.2f} s{peak() / GIGABYTE:7.2f} GB  {fate}", flush=True)
        if not is_designed:
            yield f"{name}: {fate}"
        if seconds > mart.settings.timeout + GRACE:
            yield f"{name}: took {seconds:.1f} s"
    if peak() > most:
        yield f"took {peak() / GIGABYTE:.2f} GB"


def asked(mart: Mart, text: str) -> tuple[str, bool]:
    """How a spec ends, in a few words, and whether that is by design."""
    try:
        segment, _ = mart.read(text)
        audience = mart.audience(segment.model_copy(update={"limit": 1000}))
    except SpecError as error:
        return f"refused: {error.problems[0].code}", True
    except (Timeout, Overloaded) as error:
        return f"stopped: {error.code}", True
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        return f"{type(error).__name__}: {str(error)[:120]}", False
    return f"{audience.total:,} users", True


def peak() -> int:
    """The most resident memory that the process had so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    sys.exit(main())
