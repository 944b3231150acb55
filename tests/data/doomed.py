"""A load that kills itself before one of its steps on the disk, or tells how many it takes.

python -m tests.data.doomed USERS EVENTS DATA [STEP]

Steps are the moves, removals and new folders of Python in the data folder, in order from 1. Python tells an
audit hook of each before it happens, so the load itself knows nothing of this.
"""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from duckmart.data.generations import Generations
from duckmart.data.load import Options, load
from duckmart.settings import Settings

STEPS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}


class Countdown:
    def __init__(self, folder: str, last: int) -> None:
        self.folder, self.last, self.taken = folder, last, []

    def __call__(self, event: str, details: tuple[Any, ...]) -> None:
        if event not in STEPS or not str(details[0]).startswith(self.folder):
            return
        self.taken.append(f"{event} {Path(str(details[0])).name}")
        if len(self.taken) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def main(users: str, events: str, data: str, step: str = "0") -> None:
    settings = Settings(data=Path(data), memory="1GB")
    countdown = Countdown(data, int(step))
    sys.addaudithook(countdown)
    print("started", flush=True)
    options = Options(accept_loss=True)
    load(
        Path(users),
        Path(events),
        Generations(settings.data),
        now=datetime(2026, 11, 22),
        settings=settings,
        options=options,
    )
    print("\n".join(countdown.taken), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
