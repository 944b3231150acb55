"""The library of a process, and the specs in it, which are looked up only where a segment refers to one."""

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from duckmart.settings import Settings
from duckmart.spec.json_text import Json

if TYPE_CHECKING:
    from duckmart.library.library import Library


class SavedSpecs(Mapping[str, Json]):
    """The specs of the saved segments by their ids; the library is opened at the first look."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __getitem__(self, segment_id: str) -> Json:
        return library(self._settings).specs[segment_id]

    def __iter__(self) -> Iterator[str]:
        return iter(library(self._settings).specs)

    def __len__(self) -> int:
        return len(library(self._settings).specs)


@cache
def library(settings: Settings) -> "Library":
    """The saved segments; one object for all marts, so that they share a database's connections."""
    # SQLAlchemy takes as long to import as DuckDB; most specs refer to no saved segment.
    from duckmart.library.library import Library  # noqa: PLC0415

    place = settings.library_place
    if isinstance(place, Path):
        return Library(place)
    # Which libraries were ever made is known beside the data: a mount that is gone takes all else with it.
    name = sha256(place.encode()).hexdigest()[:12]
    return Library(place, made=settings.data / f"library-{name}.made")
