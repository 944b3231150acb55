"""The known names like an unknown one: first those that differ only by case, spaces or Unicode form."""

from functools import lru_cache
from unicodedata import normalize

from duckmart.errors import did_you_mean

NAMES = 3


@lru_cache(4096)
def hint(name: str, known: frozenset[str]) -> str:
    """What to write instead of a name that the data does not have."""
    twins = _twins(known).get(_plain(name), ())
    if not twins:
        return did_you_mean(name, sorted(known)) or "pick one from the data"
    names = " or ".join(map(repr, twins[:NAMES]))
    return f"did you mean {names}? it differs only in {_difference(name, twins[0])}"


@lru_cache(256)
def _twins(known: frozenset[str]) -> dict[str, list[str]]:
    """The known names by what is left of them without case, spaces and Unicode form."""
    made: dict[str, list[str]] = {}
    for name in sorted(known):
        made.setdefault(_plain(name), []).append(name)
    return made


def _plain(name: str) -> str:
    return normalize("NFKC", " ".join(normalize("NFKC", name).casefold().split()))


def _difference(name: str, twin: str) -> str:
    if normalize("NFC", name) == normalize("NFC", twin):
        return "how its letters are encoded: copy it from the data"
    if name.casefold() == twin.casefold():
        return "letter case"
    return "spaces" if name.split() == twin.split() else "letter case, spaces or Unicode form"
