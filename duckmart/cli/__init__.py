"""The command line: what was asked for on stdout, words about it on stderr, and an exit code that tells.

0 fine    1 files, data, settings, saved segments    2 the spec, or how it was given    3 the engine
"""

from duckmart.cli.root import cli

__all__ = ["cli"]
