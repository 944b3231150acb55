"""Python's sleep under Debian's faketime, which takes the moment that it sleeps until for one of the faked clock."""

import select
import time


def sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select((), (), (), seconds)


time.sleep = sleep
