"""Breaks the core on purpose, one mutation at a time, and fails if the tests do not notice.

    python -m tests.mutations              every row of `rows.py`
    python -m tests.mutations count edge   those whose names hold one of these words

The work tree is copied, once for each worker, so nothing here is changed. A mutation whose old text is not
there exactly once, or that breaks the code so that tests cannot even start, is a failure too; so is a test
that noticed a mutation and fails without any as well.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from json import dumps
from pathlib import Path
from queue import SimpleQueue
from select import select
from signal import SIGKILL
from subprocess import PIPE
from time import perf_counter, time

from tests.mutations.rows import MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]
WORKERS = 2
# Seconds for one run of the tests; a mutation that makes them endless has not been noticed by any.
PATIENCE = 300

# The quick tests. Those of the changed room go first; the compiler's are the conformance tests.
QUICK = [
    "tests/conformance",
    *(f"tests/compile/test_{name}.py" for name in ("compile", "query", "days")),
    *(f"tests/check/test_{name}.py" for name in ("check", "lint")),
    *(f"tests/spec/test_{name}.py" for name in ("references", "segment", "values", "describe", "edit")),
    *(f"tests/insight/test_{name}.py" for name in ("truth_table", "explain", "findings", "activity")),
    "tests/insight/test_sensitivity.py",
    *(f"tests/library/test_{name}.py" for name in ("library", "runs")),
    "tests/engines/test_condition_cache.py",
]
NEAREST = {
    "compile": "tests/conformance",
    "conditions": "tests/engines/test_condition_cache.py",
    "condition_bits": "tests/engines/test_condition_bits.py",
    "key_order": "tests/engines/test_key_order.py",
    "duckdb": "tests/compile/test_query.py",
    "planner": "tests/compile/test_compile.py",
    "spans": "tests/compile/test_compile.py",
    "changes": "tests/library/test_runs.py",
    "draft": "tests/spec/test_edit.py",
    "caps": "tests/spec/test_segment.py",
    "claims": "tests/check/test_lint.py",
    "summaries": "tests/compile/test_summaries.py",
    "replay": "tests/differential/test_replay.py",
}
# Without those that need a server, and without those of the oracle, which nothing here breaks.
WITHOUT = ("-k", "not postgres and not oracle")
# The process that forks has imported them, so pytest cannot rewrite the asserts in them.
IMPORTED = ("-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning")
# Of random specs the first that fails is enough.
FIRST_FAILURE = ("-p", "tests.mutations.first_failure")
# The differential tests on few specs, without those that look at the specs themselves, without those that
# compare the product with itself on another engine, which what is broken here would break alike, and without
# those of what nothing here breaks.
DIFFERENTIAL = [
    *("tests/differential", "-k", "not random_specs", *FIRST_FAILURE),
    *(f"--ignore=tests/differential/test_{room}.py" for room in ("postgres", "activity", "sizes")),
]
SPECS = {"DUCKMART_SPECS": "20", "DUCKMART_SEED": "1"}

PASSED, FAILED, ENDLESS = 0, 1, -1


@dataclass(frozen=True)
class Verdict:
    """What became of a mutation: the test that noticed it, or why none did."""

    mutation: str
    killer: str
    why_alive: str
    seconds: float

    def __str__(self) -> str:
        fate = f"killed  {self.mutation}  by {self.killer}" if self.killer else f"ALIVE   {self.mutation}"
        return "  ".join(filter(None, (fate, self.why_alive, f"({self.seconds:.0f} s)")))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__.splitlines()[0])
    parser.add_argument(
        "words", nargs="*", help="parts of the names of the mutations to try; all without any"
    )
    parser.add_argument("--list", action="store_true", help="name the mutations and end")
    options = parser.parse_args()
    chosen = named(options.words)
    if not chosen:
        parser.error(f"no mutation is called {' or '.join(options.words)}; --list names them")
    if options.list:
        print("\n".join(mutation.name for mutation in chosen))
        return 0
    return run(chosen)


def named(words: list[str]) -> list[Mutation]:
    return [one for one in MUTATIONS if not words or any(word in one.name for word in words)]


def run(chosen: list[Mutation]) -> int:
    start = perf_counter()
    with copies(min(WORKERS, len(chosen))) as trees:
        every = list(verdicts(chosen, trees))
        killed = [verdict for verdict in every if verdict.killer]
        complaint = failing_anyway(trees, killed)
    print(f"{len(killed)} of {len(every)} killed in {perf_counter() - start:.0f} s")
    if complaint:
        print(f"these tests fail without any mutation:\n{complaint}")
    return 1 if complaint or len(killed) < len(every) else 0


class Tree:
    """A copy of the work tree, and a process in it that runs tests; see `warm.py`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._output = folder, folder.with_suffix(".txt")
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "tests.mutations.warm"]
        self._process = subprocess.Popen(
            command, cwd=self.folder, env=apart() | SPECS, stdin=PIPE, stdout=PIPE, text=True, process_group=0
        )

    def run(self, arguments: list[str]) -> tuple[int, str]:
        """The exit code and the words of a run of pytest."""
        assert self._process.stdin
        assert self._process.stdout
        order = dumps({"arguments": arguments, "output": str(self._output)})
        print(order, file=self._process.stdin, flush=True)
        ready, _, _ = select([self._process.stdout], [], [], PATIENCE)
        if not ready:
            self.close()
            self._start()
            return ENDLESS, f"no end within {PATIENCE} s"
        return int(self._process.stdout.readline()), self._output.read_text("utf-8", errors="replace")

    def close(self) -> None:
        for child in Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split():
            os.killpg(int(child), SIGKILL)
        self._process.kill()
        self._process.wait()


@contextmanager
def copies(number: int) -> Iterator[list[Tree]]:
    """Copies of the work tree as it stands: what git knows, and what it would if it were added."""
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        listed = output("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
        for place in range(number):
            for name in filter(None, listed.split("\0")):
                if (ROOT / name).is_file():
                    copy = Path(folder, str(place), name)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / name, copy)
        trees = [Tree(Path(folder, str(place))) for place in range(number)]
        try:
            yield trees
        finally:
            for tree in trees:
                tree.close()


def failing_anyway(trees: list[Tree], killed: Iterable[Verdict]) -> str:
    """What is said by those tests that noticed a mutation, with all their cases, if they fail without any."""
    killers = sorted({verdict.killer.partition("[")[0] for verdict in killed})
    parts = [part for place, _ in enumerate(trees) if (part := killers[place :: len(trees)])]
    with ThreadPoolExecutor(len(trees)) as threads:
        runs = threads.map(lambda tree, part: tested(tree, [*part, *FIRST_FAILURE]), trees, parts)
        return "\n".join(end(text) for code, text in runs if code != PASSED)


def verdicts(chosen: Iterable[Mutation], trees: list[Tree]) -> Iterator[Verdict]:
    """The verdict on each mutation, as they come, in the order of the rows."""
    idle: SimpleQueue[Tree] = SimpleQueue()
    for tree in trees:
        idle.put(tree)

    def judged(mutation: Mutation) -> Verdict:
        tree = idle.get()
        try:
            return judge(mutation, tree)
        finally:
            idle.put(tree)

    with ThreadPoolExecutor(len(trees)) as threads:
        for verdict in threads.map(judged, chosen):
            print(verdict, flush=True)
            yield verdict


def judge(mutation: Mutation, tree: Tree) -> Verdict:
    start = perf_counter()
    file = tree.folder / mutation.file
    code = file.read_text("utf-8")
    if code.count(mutation.old) != 1:
        why = f"its old text is {code.count(mutation.old)} times in {mutation.file}"
        return Verdict(mutation.name, "", why, perf_counter() - start)
    written(file, code.replace(mutation.old, mutation.new))
    try:
        killer, why = noticed(tree, suites(mutation))
    finally:
        written(file, code)
    return Verdict(mutation.name, killer, why, perf_counter() - start)


SECONDS = count(int(time()))
"""A time for each change of a file: byte code is told from its source by size and second alone."""


def written(file: Path, code: str) -> None:
    second = next(SECONDS)
    file.write_text(code, "utf-8")
    os.utime(file, (second, second))


def noticed(tree: Tree, chosen: Iterable[list[str]]) -> tuple[str, str]:
    """Which test fails, or why that cannot be said of any."""
    for suite in chosen:
        code, text = tested(tree, suite)
        if code == FAILED:
            return failed(text), ""
        if code != PASSED:
            return "", f"breaks the tests themselves:\n{end(text)}"
    return "", "no test noticed"


def suites(mutation: Mutation) -> list[list[str]]:
    """The quick tests of the changed room, then the others, then the differential ones."""
    rooms = Path(mutation.file).with_suffix("").parts[1:]
    own = [NEAREST.get(name, f"tests/{rooms[0]}/test_{name}.py") for name in reversed(rooms)]
    near = [name for name in own if (ROOT / name).exists()]
    rest = [name for name in QUICK if name not in near]
    return [[*tests, *WITHOUT] for tests in (near, rest) if tests] + [DIFFERENTIAL]


def tested(tree: Tree, suite: list[str]) -> tuple[int, str]:
    return tree.run(["-x", "-q", "--no-header", "-p", "no:cacheprovider", *IMPORTED, *suite])


def failed(text: str) -> str:
    """The first test that a report names as failed."""
    summary = r"^=+ short test summary info =+\n(?:FAILED|ERROR) (.+?)(?: - .*)?$"
    found = re.search(summary, text, re.MULTILINE)
    if not found:
        raise ValueError(f"a report of failed tests that names none:\n{end(text)}")
    return found[1]


def end(text: str) -> str:
    """What a report says last, which is enough to show."""
    return text[-2000:]


def apart() -> dict[str, str]:
    """The environment for the copies: git must not take a repository around them for theirs."""
    # Byte code is kept: nearly all files of a copy are the same in each run.
    return {**os.environ, "GIT_CEILING_DIRECTORIES": tempfile.gettempdir(), "PYTHONDONTWRITEBYTECODE": ""}


def output(*command: str, cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True, env=apart()).stdout


if __name__ == "__main__":
    sys.exit(main())
