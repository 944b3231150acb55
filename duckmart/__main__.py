"""`python -m duckmart`."""

import os

# NumPy's linear algebra, which nothing here uses, starts threads on import that spin for longer than a small
# question takes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from duckmart.cli import cli

cli(prog_name="python -m duckmart")
