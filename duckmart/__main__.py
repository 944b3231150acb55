"""`python -m duckmart`, which starts and ends without work that no command needs."""

import atexit
import gc
import os
import sys

# NumPy's linear algebra, which no command uses, starts threads on import that spin for longer than a small
# question takes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Imports make 60,000 objects that stay; Python would look for garbage among them 150 times.
gc.set_threshold(100_000)

exit_code: object = None


# The first handler to be registered is the last to be called.
@atexit.register
def leave() -> None:
    """End the process at once: to take all objects apart takes Python as long as a small question."""
    if isinstance(exit_code, int):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)


from duckmart.cli import cli  # noqa: E402 - after what must be set before NumPy is imported

try:
    cli(prog_name="python -m duckmart")
except SystemExit as end:
    exit_code = end.code
    raise
