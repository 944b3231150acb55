"""Whether a generation on disk is as it was loaded, before it is served again."""

from duckmart.catalog import Catalog
from duckmart.data.generation import Generation, digest
from duckmart.data.generations import Generations
from duckmart.errors import EngineError, LoadError
from duckmart.mart.registry import engine
from duckmart.settings import Settings


def verify(generation: Generation, settings: Settings) -> Catalog:
    """What a generation holds, if its file is as it was loaded. Raises `LoadError` that says what is not."""
    if damage := Generations(settings.data).damage(generation):
        raise LoadError(damage, file=generation.path)
    facts = generation.facts()
    if digest(generation.path) != facts.sha256:
        raise LoadError("is damaged: its checksum is not that of the load", file=generation.path)
    try:
        catalog = engine(generation, settings).catalog_of_tables()
    except EngineError as error:
        raise LoadError(str(error), file=generation.path) from error
    # The checksum is in the report too: the counts show whether the report belongs to this file.
    if (catalog.users, catalog.event_total) != (facts.users, facts.events):
        raise LoadError("does not hold the users and events of its report", file=generation.path)
    return catalog
