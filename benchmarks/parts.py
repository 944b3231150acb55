"""How long parsing, checking, compiling and rendering a spec take, without running it.

python -m benchmarks.parts [--data FOLDER]

Two specs: two filters as a first payload has them, and 50 conditions of every kind. Medians of many runs.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from duckmart import compile as compiler
from duckmart.check import CheckContext, check
from duckmart.mart import Mart, current
from duckmart.settings import Settings
from duckmart.spec.json_text import to_json
from duckmart.spec.parser import parse
from duckmart.spec.tree import walk

RUNS = 200

TWO: dict[str, Any] = {
    "user_filters": [{"field": "location", "operator": "eq", "value": "California"}],
    "event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1, "time_range_days": 30}],
}
SEVERAL: dict[str, Any] = {
    "user_filters": [
        {"field": "age", "operator": "between", "value": [25, 34]},
        {"field": "location", "operator": "not_in", "value": ["California", "Texas"]},
        {"field": "name", "operator": "contains", "value": "an"},
        {"field": "signup_date", "operator": "in_last_days", "value": 365},
    ],
    "event_filters": [
        {"event_name": "LOGIN", "operator": "gte", "measure": "active_days", "value": 3},
        {"event_name": "PURCHASE_MADE", "operator": "gt", "measure": {"sum": "amount"}, "value": 50},
        {"event_name": ["SEARCH", "PAGE_VIEW"], "operator": "gte", "count": 2, "time_range_days": 30},
        {"event_name": "*", "operator": "lte", "measure": "days_since_last", "value": 14},
        {
            "event_name": "PURCHASE_MADE",
            "operator": "gte",
            "count": 1,
            "where": [{"field": "category", "operator": "eq", "value": "books"}],
        },
    ],
    "sequence_filters": [
        {"steps": [{"event_name": "ADDED_TO_CART"}, {"event_name": "PURCHASE_MADE"}], "within_days": 7}
    ],
}
FIFTY: dict[str, Any] = {"logic_operator": "OR", "groups": [SEVERAL] * 5}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, default=Path("data"))
    mart = current(Settings(data=arguments.parse_args().data))
    print(f"{'milliseconds':14s}{'parse':>8s}{'check':>8s}{'compile':>9s}{'bind':>8s}{'show':>8s}{'all':>8s}")
    for name, spec in (("two filters", TWO), ("50 conditions", FIFTY)):
        parts = [seconds * 1000 for seconds in measured(mart, spec)]
        print(f"{name:14s}" + "".join(f"{part:8.2f}" for part in (*parts, sum(parts))))


def measured(mart: Mart, spec: dict[str, Any]) -> list[float]:
    """The medians of parsing, checking, compiling, and writing the bound and the literal SQL, in seconds."""
    text = to_json(spec)
    segment, _ = mart.read(text)
    as_of = mart.as_of(segment)
    against = CheckContext(mart.catalog, segment.zone, as_of)
    query = compiler.members(segment, mart.catalog, as_of)
    return [
        timed(lambda: parse(spec, mart.settings)),
        timed(lambda: check(walk(segment), against)),
        timed(lambda: compiler.members(segment, mart.catalog, as_of)),
        timed(query.bind),
        timed(query.sql),
    ]


def timed(work: Callable[[], object]) -> float:
    def once() -> float:
        start = perf_counter()
        work()
        return perf_counter() - start

    once()
    return median(once() for _ in range(RUNS))


if __name__ == "__main__":
    main()
