"""Kills loads with -9 and looks what is left: the data served is whole, and the next load works.

python -m tests.data.kills [--runs 50] [--events 1000000] [--users 20000]

Half of the kills come just before a step on the disk (see doomed.py; the switch is one of them), the others
are spread evenly over the time that a load takes.
"""

import argparse
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from duckmart.data.generate import generate
from duckmart.data.generations import Generations
from duckmart.data.load import Options, load
from duckmart.mart import current, verify
from duckmart.settings import Settings

ROOT = Path(__file__).parents[2]
PYTHON = (sys.executable, "-m", "tests.data.doomed")


@dataclass(frozen=True)
class Kill:
    """Before a step on the disk, or some seconds after the start of the load."""

    step: int = 0
    seconds: float = 0.0


class Victim:
    """A data folder with loads that die over it; `large` are the files that they load."""

    def __init__(self, folder: Path, users: int, events: int) -> None:
        self.folder = folder
        self.settings = Settings(data=folder / "data")
        self.large = generate(folder / "large", users=users, events=events)
        self.loads = 0
        self.load_small()

    def load_small(self) -> None:
        """Load users and events whose number nothing else has."""
        self.loads += 1
        users, events = self.folder / "users.csv", self.folder / "events.csv"
        users.write_text("user_id\n" + "".join(f"{one}\n" for one in range(self.loads)))
        events.write_text("user_id,event_name,timestamp\n" + "0,LOGIN,2026-11-01\n" * (2 * self.loads))
        generations = Generations(self.settings.data)
        load(
            users,
            events,
            generations,
            now=datetime(2026, 11, 22),
            settings=self.settings,
            options=Options(accept_loss=True),
        )

    def start(self, step: int = 0) -> subprocess.Popen[str]:
        files = (self.large.users, self.large.events, self.settings.data)
        words = [*PYTHON, *map(str, files), str(step)]
        started = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert started.stdout is not None
        assert started.stdout.readline() == "started\n"
        return started

    def whole_load(self) -> tuple[float, list[str]]:
        """The seconds that a load takes, and its steps on the disk."""
        process = self.start()
        start = time.monotonic()
        steps, _ = process.communicate()
        seconds = time.monotonic() - start
        assert process.returncode == 0
        self.load_small()
        return seconds, steps.splitlines()

    def kill(self, how: Kill) -> str:
        """Kill a load; what is served then, `before` or `after` the switch. Raises if anything is lost."""
        process = self.start(how.step)
        if not how.step:
            time.sleep(how.seconds)
            process.kill()
        process.communicate()
        served = self.check_whole()
        self.load_small()
        self.check_tidy()
        assert self.held() == (self.loads, 2 * self.loads)
        return served

    def check_whole(self) -> str:
        small, large = (self.loads, 2 * self.loads), (self.large.user_count, self.large.event_count)
        found = self.held()
        assert found in (small, large), f"neither the old nor the new data is served: {found}"
        for generation in Generations(self.settings.data).listed():
            verify(generation, self.settings)
        return "before" if found == small else "after"

    def held(self) -> tuple[int, int]:
        catalog = current(self.settings).catalog
        return catalog.users, catalog.event_total

    def check_tidy(self) -> None:
        generations = Generations(self.settings.data)
        wanted = {file for generation in generations.listed() for file in generation.files}
        assert set((self.settings.data / "generations").iterdir()) == wanted
        there = {path.name for path in self.settings.data.iterdir()}
        assert there == {"manifest.json", "generations", "load.lock"}


def plan(runs: int, seconds: float, steps: int) -> list[Kill]:
    """Half before a step, the last steps first; the others at the middle of equal parts of the time."""
    planted = [Kill(step=steps - place % steps) for place in range(runs // 2)]
    timed = runs - len(planted)
    return planted + [Kill(seconds=seconds * (place + 0.5) / timed) for place in range(timed)]


def kills(folder: Path, runs: int, users: int, events: int) -> Counter[str]:
    """How many kills left the old data served, and how many the new."""
    victim = Victim(folder, users, events)
    seconds, steps = victim.whole_load()
    switch = steps.index("os.rename manifest.json.new") + 1
    served: Counter[str] = Counter()
    for how in plan(runs, seconds, len(steps)):
        side = victim.kill(how)
        if how.step:
            # A kill before the switch itself is the last that leaves the old data.
            assert side == ("before" if how.step <= switch else "after"), (how, side)
        served[side] += 1
        print(f"{how}: {side} the switch, whole", file=sys.stderr)
    return served


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=20_000)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="kills-") as folder:
        served = kills(Path(folder), asked.runs, asked.users, asked.events)
    print(f"{asked.runs} kills: {served['before']} left the old data served, {served['after']} the new")


if __name__ == "__main__":
    main()
