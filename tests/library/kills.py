"""Kills processes that save segments with -9, and looks at what is left: every confirmed version, none torn.

python -m tests.library.kills [--runs 40]

The kills are spread over the first saves of a process, some of them before its first one is done.
"""

import argparse
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from duckmart.errors import NotFound
from duckmart.library.library import Library
from duckmart.library.saved import Action, plain
from tests.library.doomed import NOW, content

ROOT = Path(__file__).parents[2]
LONGEST = 0.4
COMES_GOES_COMES_BACK = [Action.CREATED, Action.DELETED, Action.RESTORED]


class Victim:
    """A library that processes die over."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.library = Library(file)
        self.library.save("kept", content(1), now=NOW)
        self.checked = 0

    def kill(self, seconds: float) -> int:
        """The current version after a kill. Raises if a confirmed save is missing, or anything is torn."""
        command = [sys.executable, "-m", "tests.library.doomed", str(self.file)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        time.sleep(seconds)
        process.kill()
        told, _ = process.communicate()
        assert process.returncode == -9
        confirmed = [int(line) for line in told.splitlines() if line.isdecimal()]
        return self.check(confirmed)

    def check(self, confirmed: list[int]) -> int:
        with closing(sqlite3.connect(self.file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        current = self.library.get("kept").version
        # One more may be done than was told.
        assert confirmed[-1:] in ([], [current], [current - 1]), (confirmed, current)
        history = self.library.history("kept")
        assert [one.saved.version for one in history] == list(range(1, current + 1))
        for revision in history[self.checked :]:
            assert revision.saved.spec == plain(content(revision.saved.version))
        self.checked = len(history)
        for version in confirmed:
            assert self.other(version) == COMES_GOES_COMES_BACK
        assert self.other(current) in [COMES_GOES_COMES_BACK[:steps] for steps in range(4)]
        return current

    def other(self, version: int) -> list[Action]:
        try:
            return [one.action for one in self.library.history(f"other-{version}")]
        except NotFound:
            return []


def kills(folder: Path, runs: int) -> int:
    """How many versions the processes made between them."""
    victim = Victim(folder / "library.sqlite")
    current = 1
    for place in range(runs):
        before, seconds = current, LONGEST * (place + 0.5) / runs
        current = victim.kill(seconds)
        assert current >= before
        print(f"after {seconds:.2f} s: {current - before} versions, all whole", file=sys.stderr)
    victim.library.save("kept", content(current + 1), version=current, now=NOW)
    return current - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="kills-") as folder:
        made = kills(Path(folder), asked.runs)
    print(f"{asked.runs} kills over {made} versions: none missing, none torn")


if __name__ == "__main__":
    main()
