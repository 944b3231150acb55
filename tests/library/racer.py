"""Processes that change the same library at once.

python -m tests.library.racer PLACE ROLE=WORD ...

add=TIMES     add 1 to the count of the segment "counted", so often, whoever else does
first=NAME    save a segment into a library that may not be there yet
use=NAME      save a segment that refers to the segment "target"
delete=       delete the segment "target"

Each role is a process; all begin together. Each says at its end how it went, on a line in the roles' order.
"""

import os
import random
import sys
import time
import traceback
from datetime import datetime
from pathlib import Path

from duckmart.errors import InUse, SpecError, Stale
from duckmart.library.library import Library
from duckmart.settings import Settings
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment

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
                time.sleep(random.uniform(0, 0.02))
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


def begin(library: Library, runner: str, gate: tuple[int, int]) -> tuple[int, int]:
    """A process in this role that waits until nobody holds the gate open; its id, and where it speaks."""
    ear, mouth = os.pipe()
    process = os.fork()
    if process:
        os.close(mouth)
        return process, ear
    code = 1
    try:
        os.close(gate[1])
        os.read(gate[0], 1)
        role, word = runner.split("=")
        os.write(mouth, ROLES[role](library, word).encode())
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)


def main(place: str, *runners: str) -> None:
    library = Library(place if "://" in place else Path(place))
    gate = os.pipe()
    started = [begin(library, runner, gate) for runner in runners]
    os.close(gate[1])
    for process, ear in started:
        print(os.read(ear, 1000).decode())
        assert os.waitpid(process, 0)[1] == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
