"""What a load or append would lose: a yes is needed before it is switched to."""

from collections.abc import Iterator, Mapping
from itertools import islice

from duckmart.data.generation import GenerationFacts
from duckmart.data.generations import Generations
from duckmart.data.load.report import FileReport, InputReport
from duckmart.errors import LoadError

REASONS = 3


def served_facts(generations: Generations) -> GenerationFacts | None:
    """What the data served so far holds, if it is anybody's and its report can be read."""
    if not generations.listed():
        return None
    try:
        facts = generations.served().facts()
    except LoadError:
        return None
    # Nobody misses the demo data.
    return None if facts.demo else facts


def losses(
    files: Mapping[str, FileReport], holds: Mapping[str, int], served: GenerationFacts | None
) -> list[str]:
    """What would be lost, in words; `holds` are the rows of the database that was built."""
    before = {"users": served.users if served else 0, "events": served.events if served else 0}
    lost = [words for kind, file in files.items() for words in of_kind(kind, file, holds[kind], before[kind])]
    if 0 < 2 * holds["users"] < before["users"]:
        lost.append(f"{holds['users']:,} users would be left of the {before['users']:,} that are served")
    return lost


def of_kind(kind: str, file: FileReport, remaining: int, before: int) -> Iterator[str]:
    if file.rows and not file.loaded:
        yield f"not one of the {file.rows:,} rows of {kind} can be used: {reasons(file)}"
    elif before and not remaining:
        yield f"no {kind} would be left of the {before:,} that are served"
    if file.loaded:
        for one in filter(mostly_refused, file.inputs):
            why = reasons(file) if len(file.inputs) == 1 else "see its reasons with --strict"
            yield f"{one.refused:,} of the {one.rows:,} rows of {one.file} are refused: {why}"


def mostly_refused(one: InputReport) -> bool:
    return 2 * one.refused > one.rows


def reasons(file: FileReport) -> str:
    """The most frequent reasons of refused rows."""
    most = islice(file.refused_by.items(), REASONS)
    return ", ".join(f"{reason} ({count:,})" for reason, count in most)
