"""`python -m duckmart`."""

from duckmart.cli import cli

cli(prog_name="python -m duckmart")
