"""The reference of the segment spec: it runs an example of every part of the language and of every ruling."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import docs.generate
from docs.generate import SEGMENT
from duckmart.spec.measures import MEASURES
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS
from duckmart.spec.segment import (
    CHILD_KEYS,
    EventFilter,
    Group,
    Segment,
    SequenceFilter,
    Step,
    Than,
    TimeRange,
)

SOURCE = (Path(docs.generate.__file__).with_name("spec.source.md")).read_text("utf-8")
EXAMPLES = [json.loads(text) for kind, _, text in SEGMENT.findall(SOURCE) if kind != "refused"]
RULINGS = range(1, 16)


@pytest.mark.parametrize("number", RULINGS)
def test_each_ruling_stands_under_its_number_with_an_example(number: int) -> None:
    heading = re.search(rf"^### {number}\. [^\n]+\n(.*?)^##", SOURCE, re.MULTILINE | re.DOTALL)
    assert heading
    assert SEGMENT.search(heading[1])


@pytest.mark.parametrize("operator", USER_OPERATORS)
def test_each_operator_of_user_filters_has_an_example(operator: str) -> None:
    assert operator in {row["operator"] for row in rows("user_filters")}


@pytest.mark.parametrize("operator", COUNT_OPERATORS)
def test_each_operator_of_event_filters_has_an_example(operator: str) -> None:
    assert operator in {row["operator"] for row in rows("event_filters")}


@pytest.mark.parametrize("measure", MEASURES)
def test_each_measure_has_an_example(measure: str) -> None:
    used = [row.get("measure", "count") for row in rows("event_filters")]
    assert measure in {name for one in used for name in (one if isinstance(one, dict) else [one])}


@pytest.mark.parametrize("node", [Segment, Group, EventFilter, Than, SequenceFilter, Step, TimeRange])
def test_each_key_has_an_example(node: Any) -> None:
    keys = {field.alias or name for name, field in node.model_fields.items()}
    # Of the values of `first` and `last` alone; shown with user filters.
    assert keys - {"case_sensitive"} <= {key for one in EXAMPLES for key in named(one)}


def rows(kind: str) -> list[dict[str, Any]]:
    return [row for one in EXAMPLES for row in below(one, kind)]


def below(group: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    assert kind in CHILD_KEYS
    yield from group.get(kind, ())
    for nested in group.get("groups", ()):
        yield from below(nested, kind)


def named(spec: Any) -> Iterator[str]:
    match spec:
        case dict():
            yield from spec
            for cell in spec.values():
                yield from named(cell)
        case list():
            for cell in spec:
                yield from named(cell)
