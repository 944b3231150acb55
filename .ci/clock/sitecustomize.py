"""Python's sleep under Debian's faketime, which cannot sleep until a moment of the unfaked clock."""

import select
import time


def sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select((), (), (), seconds)


time.sleep = sleep
