"""One of several processes that change the same library at once.

python -m tests.library.racer PLACE add TIMES     add 1 to the count of a segment, so often, whoever else does
python -m tests.library.racer PLACE first NAME    save a segment into a library that may not be there yet
python -m tests.library.racer PLACE use NAME      save a segment that refers to the segment "target"
python -m tests.library.racer PLACE delete NAME   delete the segment "target"

It begins when its stdin ends, so that all begin together.
"""

import sys
from datetime import datetime
from pathlib import Path

from duckmart.errors import InUse, SpecError, Stale
from duckmart.library import Library
from duckmart.segment import Segment, parse
from duckmart.settings import Settings

NOW = datetime(2026, 11, 22)


def counting(count: int) -> Segment:
    return parse({"limit": count}, Settings())


def add(library: Library, times: str) -> str:
    stale = 0
    for _ in range(int(times)):
        while True:
            saved = library.get("counted")
            try:
                library.save("counted", counting(saved.spec["limit"] + 1), version=saved.version, now=NOW)
                break
            except Stale:
                stale += 1
    return f"{stale} times too late"


def first(library: Library, name: str) -> str:
    return f"version {library.save(name, parse({}, Settings()), now=NOW).version}"


def use(library: Library, name: str) -> str:
    spec = {"segment_filters": [{"segment": "target", "operator": "in"}]}
    try:
        library.save(name, parse(spec, Settings()), now=NOW)
    except SpecError:
        return "refused"
    return "saved"


def delete(library: Library, _: str) -> str:
    try:
        library.delete("target", now=NOW)
    except InUse:
        return "refused"
    return "deleted"


ROLES = {"add": add, "first": first, "use": use, "delete": delete}


def main(place: str, role: str, word: str) -> None:
    library = Library(place if "://" in place else Path(place))
    print("ready", flush=True)
    sys.stdin.read()
    print(ROLES[role](library, word), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
