"""Saves that go on until the process is killed; each one is told once it is confirmed.

python -m tests.library.doomed FILE

The segment "kept" gets version after version. Between them a segment of its own comes, goes, and comes back.
"""

import sys
from datetime import datetime
from itertools import count
from pathlib import Path

from duckmart.library.library import Library
from duckmart.settings import Settings
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment

NOW = datetime(2026, 11, 22)
VALUES = 2_000


def content(version: int) -> Segment:
    """A spec of many pages on the disk, every value of which tells the version."""
    values = [f"{version}-{place}" for place in range(VALUES)]
    spec = {"user_filters": [{"field": "name", "operator": "in", "value": values}], "limit": version}
    return parse(spec, Settings())


def main(file: str) -> None:
    library = Library(Path(file))
    begun = library.get("kept").version
    print("started", flush=True)
    for version in count(begun):
        library.save("kept", content(version + 1), version=version, now=NOW)
        other = f"other-{version + 1}"
        library.save(other, content(1), now=NOW)
        library.delete(other, version=1, now=NOW)
        library.restore(other, now=NOW)
        print(version + 1, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
