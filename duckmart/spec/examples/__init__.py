"""The example segments of the gallery, `GET /examples`, the docs and the tests."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from duckmart.spec.json_text import Json

# The demo data; an example that names none is for the shop's.
SHOP, CLUB = "shop", "club"
# Events by which the other demo data are told from the shop's.
_EVENTS_OF = {CLUB: {"CLASS_BOOKED", "SHOP_ORDER"}}
DEMOS = (SHOP, *_EVENTS_OF)


@dataclass(frozen=True, slots=True)
class Example:
    """A question that marketers ask, and the spec that answers it as plain JSON values."""

    id: str
    # The heading under which a gallery groups it; the examples of a theme are neighbours.
    theme: str
    title: str
    question: str
    spec: dict[str, Json]
    # The demo data whose columns and events it names.
    demo: str = SHOP


@cache
def all_examples() -> tuple[Example, ...]:
    """Those of all demo data, in the order to show them."""
    return tuple(Example(**entry, spec=_read(f"{entry['id']}.json")) for entry in _read("index.json"))


@cache
def examples(demo: str = SHOP) -> tuple[Example, ...]:
    """Those that demo data answer, in the order to show them."""
    return tuple(one for one in all_examples() if one.demo == demo)


def examples_for(events: Collection[str]) -> tuple[Example, ...]:
    """Those for data with these events: of the demo data that they are of, else the shop's."""
    return examples(next((demo for demo, own in _EVENTS_OF.items() if own <= {*events}), SHOP))


def example(id: str) -> Example:  # noqa: A002
    """The example with this id. Raises `KeyError` if there is none."""
    return {one.id: one for one in all_examples()}[id]


def _read(name: str) -> Json:
    return json.loads(files(__package__).joinpath(name).read_text("utf-8"))
