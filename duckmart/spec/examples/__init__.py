"""The example segments of the gallery, `GET /examples`, the docs and the tests."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from duckmart.spec.json_text import Json


@dataclass(frozen=True, slots=True)
class Example:
    """A question that marketers ask, and the spec that answers it as plain JSON values."""

    id: str
    # The heading under which a gallery groups it; the examples of a theme are neighbours.
    theme: str
    title: str
    question: str
    spec: dict[str, Json]


@cache
def examples() -> tuple[Example, ...]:
    """All examples, in the order to show them."""
    return tuple(Example(**entry, spec=_read(f"{entry['id']}.json")) for entry in _read("index.json"))


def example(id: str) -> Example:  # noqa: A002
    """The example with this id. Raises `KeyError` if there is none."""
    return {one.id: one for one in examples()}[id]


def _read(name: str) -> Json:
    return json.loads(files(__package__).joinpath(name).read_text("utf-8"))
