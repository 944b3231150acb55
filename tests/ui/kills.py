"""Kills the app with -9 while a page saves, and looks at what is left: all that the page said was saved.

python -m tests.ui.kills [--runs 20]

The kills are spread over the first rounds of saves: amid edits, while drafts are written, amid saves.
Then the app starts again on the same folder. What the page said was saved is there in every version, nothing
is torn, and the draft that the page kept is there too.
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
from duckmart.first_load import prepare
from duckmart.library.library import Library
from duckmart.settings import Settings
from duckmart.spec import draft_json
from duckmart.ui.library.drafts import from_text

ROOT = Path(__file__).parents[2]
LINES, LONGEST = 6, 1.5
"""How many things the app tells at most before it is killed, and how many seconds later at most that is."""
PYTHON = (sys.executable, "-m", "tests.ui.doomed")


class Victim:
    """A data folder over which apps die."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.file = data / "library.sqlite"
        self.rounds = 0
        self.saved: set[tuple[str, int]] = set()

    def kill(self, lines: int, seconds: float) -> int:
        """Kill the app some seconds after it told so many things; gives how many saves the page confirmed.

        Raises if anything is missing or torn.
        """
        command = [*PYTHON, str(self.data), str(self.rounds)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        before = [process.stdout.readline() for _ in range(lines)]
        time.sleep(seconds)
        process.kill()
        told = "".join(before) + process.communicate()[0]
        assert process.returncode == -9, "the page itself failed"
        words_told = [line.split() for line in told.splitlines()]
        confirmed = {(words[1], int(words[2])) for words in words_told if words[0] == "saved"}
        kept = [(words[1], int(words[2])) for words in words_told if words[0] == "kept"]
        self.saved |= confirmed
        self.check(kept[-1:])
        self.rounds += 1 + max((int(name.split("-")[1]) for name, _ in confirmed), default=self.rounds)
        return len(confirmed)

    def check(self, kept: list[tuple[str, int]]) -> None:
        if not self.file.exists():
            assert not self.saved
            return
        with closing(sqlite3.connect(self.file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        library = Library(self.file)
        for segment_id, version in self.saved:
            history = library.history(segment_id)
            # One more may be done than the page had time to say.
            assert version <= len(history) <= 2, (segment_id, version)
            number = int(segment_id.split("-")[1])
            for revision in history:
                saved = revision.saved
                assert saved.spec == spec(2 * number + saved.version - 1)
        for draft_id, value in kept:
            draft = library.draft(draft_id)
            assert draft is not None, f"the draft {draft_id} is lost"
            assert newest(draft.document) in (value, value + 1, None), draft.document
        tidy(library)


def spec(age: int) -> dict[str, object]:
    return {"user_filters": [{"field": "age", "operator": "gte", "value": age}]}


def newest(document: str) -> int | None:
    """The age that a draft asks for; None of one that was cleared after it was told of."""
    rows = draft_json.build(from_text(document).here.draft).spec.get("user_filters")
    return rows[0]["value"] if rows else None


def tidy(library: Library) -> None:
    for one in library.listed():
        try:
            assert library.history(one.id)
        except NotFound:
            raise AssertionError(f"{one.id} is listed and not there") from None


def victim(folder: Path) -> Victim:
    prepare(Settings(data=folder / "data"), lambda what, share: None)
    return Victim(folder / "data")


def kills(folder: Path, runs: int) -> int:
    """How many saves the pages confirmed between them."""
    dying = victim(folder)
    total = 0
    for place in range(runs):
        lines, seconds = place % (LINES + 1), LONGEST * (place + 0.5) / runs
        confirmed = dying.kill(lines, seconds)
        total += confirmed
        print(
            f"after {lines} things told and {seconds:.2f} s: {confirmed} saves confirmed, all there",
            file=sys.stderr,
        )
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="kills-") as folder:
        total = kills(Path(folder), asked.runs)
    print(f"{asked.runs} kills over {total} confirmed saves: none missing, none torn")


if __name__ == "__main__":
    main()
