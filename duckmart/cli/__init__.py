"""The command line: what was asked for on stdout, words about it on stderr, and an exit code that tells.

0 fine    1 files, data, settings, saved segments    2 the spec, or how it was given    3 the engine
"""

# Each topic adds its commands; help and docs have them in this order.
from duckmart.cli import loading, generations, members, explaining, asking, saving, backups, serving  # noqa: F401, I001
from duckmart.cli.root import cli

__all__ = ["cli"]
