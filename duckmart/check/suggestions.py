"""The known names like an unknown one: first those that differ only by case, spaces or Unicode form."""

from functools import lru_cache
from heapq import nlargest
from unicodedata import normalize

from duckmart.errors import did_you_mean, nearest

NAMES = 3
# Comparing two names letter by letter is slow; only so many are, those that share the most pairs of letters.
COMPARED = 10


@lru_cache(4096)
def hint(name: str, known: frozenset[str]) -> str:
    """What to write instead of a name that the data does not have."""
    twins = _twins(known).get(_plain(name), ())
    if not twins:
        return did_you_mean(name, _candidates(name, known)) or "pick one from the data"
    names = " or ".join(map(repr, twins[:NAMES]))
    return f"did you mean {names}? it differs only in {_difference(name, twins[0])}"


@lru_cache(4096)
def alike(name: str, known: frozenset[str]) -> tuple[str, ...]:
    """The names that the hint offers."""
    twins = _twins(known).get(_plain(name), ())
    return tuple(twins[:NAMES]) or nearest(name, _candidates(name, known))


@lru_cache(256)
def _twins(known: frozenset[str]) -> dict[str, list[str]]:
    """The known names by what is left of them without case, spaces and Unicode form."""
    made: dict[str, list[str]] = {}
    for name in sorted(known):
        made.setdefault(_plain(name), []).append(name)
    return made


def _candidates(name: str, known: frozenset[str]) -> list[str]:
    wanted = _pairs(name)
    likest = nlargest(COMPARED, _known_pairs(known), key=lambda row: len(wanted & row[1]))
    return [candidate for candidate, _ in likest]


@lru_cache(256)
def _known_pairs(known: frozenset[str]) -> list[tuple[str, frozenset[str]]]:
    return [(name, _pairs(name)) for name in sorted(known)]


def _pairs(name: str) -> frozenset[str]:
    """Each two letters beside each other, the edges included."""
    edged = f" {_plain(name)} "
    return frozenset(edged[place : place + 2] for place in range(len(edged) - 1))


def _plain(name: str) -> str:
    return normalize("NFKC", " ".join(normalize("NFKC", name).casefold().split()))


def _difference(name: str, twin: str) -> str:
    if normalize("NFC", name) == normalize("NFC", twin):
        return "how its letters are encoded: copy it from the data"
    if name.casefold() == twin.casefold():
        return "letter case"
    return "spaces" if name.split() == twin.split() else "letter case, spaces or Unicode form"
