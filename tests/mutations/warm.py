"""Runs pytest again and again without importing the libraries each time: it imports them once and forks.

    echo '{"arguments": ["-q", "tests/spec"], "output": "/tmp/out.txt"}' | python -m tests.mutations.warm

Each line of stdin is a run; each line of stdout is the exit code of one. Nothing of the project itself is
imported before the fork, so a run sees the files as they are.
"""

import json
import os
import sys
from importlib import import_module
from traceback import print_exc

# What the tests of the core import anyway, which takes longer than many of the tests.
LIBRARIES = """
    anyio.pytest_plugin duckdb faker faker.providers hypothesis hypothesis.strategies
    numpy pandas psycopg pyarrow pyarrow.compute pyarrow.parquet pydantic pytest
    scipy.stats simplejson sqlalchemy sqlglot sqlglot.dialects.duckdb sqlglot.optimizer
""".split()


def main() -> None:
    for library in LIBRARIES:
        import_module(library)
    for line in sys.stdin:
        run = json.loads(line)
        print(forked(run["arguments"], run["output"]), flush=True)


def forked(arguments: list[str], output: str) -> int:
    """The exit code of one run of pytest in a process of its own, whose words go to the file `output`."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setsid()
            words = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(words, stream)
            code = int(import_module("pytest").main(arguments))
        except BaseException:  # noqa: BLE001 - the run has failed, and its words say why
            print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
