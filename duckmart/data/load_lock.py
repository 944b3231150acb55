"""The lock that one load at a time holds on a data folder, whichever process it runs in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from duckmart.errors import LoadError
from duckmart.files import lock_mode


@contextmanager
def load_lock(folder: Path, waiting: Callable[[], None] | None, patience: float) -> Iterator[None]:
    """Hold the lock; `waiting` is called once if another load has it. Raises `LoadError` after `patience`."""
    lock = FileLock(folder / "load.lock", mode=lock_mode())
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if waiting:
            waiting()
        try:
            lock.acquire(timeout=patience)
        except Timeout as error:
            message = f"another load still runs after {patience:g} seconds of waiting"
            raise LoadError(message, file=folder) from error
    try:
        yield
    finally:
        lock.release()
