"""Breaks the core on purpose, one patch at a time, and fails if the tests do not notice.

    python -m tests.mutations              every patch
    python -m tests.mutations count edge   those whose names hold one of these words

The work tree is copied, once for each worker, so nothing here is changed. A patch that no longer applies, or
breaks the code so that tests cannot even start, is a failure too.
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
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter

ROOT = Path(__file__).parents[2]
PATCHES = Path(__file__).parent
WORKERS = 2
# Seconds for one run of the tests; a mutation that makes them endless has not been noticed by any.
PATIENCE = 300

# The quick tests. Those of the patched room go first; the compiler's are the conformance tests.
QUICK = [
    "tests/conformance",
    *(f"tests/unit/test_{room}.py" for room in ("compile", "metrics", "check", "references", "segment")),
    *(f"tests/unit/test_{room}.py" for room in ("values", "query", "describe", "days", "explain")),
    *(f"tests/unit/test_{room}.py" for room in ("library", "runs", "suspicion", "edit", "kept")),
]
NEAREST = {"compile": "tests/conformance", "admitted": "tests/unit/test_suspicion.py"}
# Without those that need a server, and without those of the oracle, which nothing here breaks.
WITHOUT = ("-k", "not postgres and not oracle")
# The differential tests on few specs, without those that look at the specs themselves, without those that
# compare the product with itself on another engine, which what is broken here would break alike, and without
# those of what nothing here breaks.
DIFFERENTIAL = [
    *("tests/differential", "-k", "not random_specs", "-p", "tests.mutations.first_failure"),
    *(f"--ignore=tests/differential/test_{room}.py" for room in ("postgres", "activity", "sizes")),
]
SPECS = {"DUCKMART_SPECS": "20", "DUCKMART_SEED": "1"}

PASSED, FAILED, ENDLESS = 0, 1, -1


@dataclass(frozen=True)
class Verdict:
    """What became of a mutation; only a killed one is good news."""

    mutation: str
    killed: bool
    words: str
    seconds: float

    def __str__(self) -> str:
        return (
            f"{'killed' if self.killed else 'ALIVE '}  {self.mutation}  {self.words}  ({self.seconds:.0f} s)"
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="parts of the names of the patches to try; all without any")
    parser.add_argument("--list", action="store_true", help="name the patches and end")
    options = parser.parse_args()
    chosen = patches(options.words)
    if not chosen:
        parser.error(f"no patch is called {' or '.join(options.words)}; --list names them")
    if options.list:
        print("\n".join(patch.stem for patch in chosen))
        return 0
    return run(chosen)


def patches(words: list[str]) -> list[Path]:
    every = sorted(PATCHES.glob("*.patch"))
    return [patch for patch in every if not words or any(word in patch.stem for word in words)]


def run(chosen: list[Path]) -> int:
    start = perf_counter()
    with copies(min(WORKERS, len(chosen))) as trees:
        if complaint := unmutated(trees):
            print(complaint)
            return 1
        alive = [verdict for verdict in verdicts(chosen, trees) if not verdict.killed]
    print(f"{len(chosen) - len(alive)} of {len(chosen)} killed in {perf_counter() - start:.0f} s")
    return 1 if alive else 0


@contextmanager
def copies(number: int) -> Iterator[list[Path]]:
    """Copies of the work tree as it stands: what git knows, and what it would if it were added."""
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        trees = [Path(folder, str(place)) for place in range(number)]
        listed = output("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
        for tree in trees:
            for name in filter(None, listed.split("\0")):
                if (ROOT / name).is_file():
                    (tree / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / name, tree / name)
        yield trees


def unmutated(trees: list[Path]) -> str:
    """Why nothing can be said about mutations: tests that fail without any. The suites run side by side."""
    with ThreadPoolExecutor(len(trees)) as threads:
        every = [[*QUICK, *WITHOUT], DIFFERENTIAL]
        runs = list(threads.map(tested, (trees * 2)[: len(every)], every))
    failures = [text for code, text in runs if code != PASSED]
    return "\n".join(["the tests fail without any mutation:", *failures]) if failures else ""


def verdicts(chosen: Iterable[Path], trees: list[Path]) -> Iterator[Verdict]:
    """The verdict on each patch, as they come, in the order of the patches."""
    idle: SimpleQueue[Path] = SimpleQueue()
    for tree in trees:
        idle.put(tree)

    def judged(patch: Path) -> Verdict:
        tree = idle.get()
        try:
            return judge(patch, tree)
        finally:
            idle.put(tree)

    with ThreadPoolExecutor(len(trees)) as threads:
        for verdict in threads.map(judged, chosen):
            print(verdict, flush=True)
            yield verdict


def judge(patch: Path, tree: Path) -> Verdict:
    start = perf_counter()
    applied = subprocess.run(
        ["git", "apply", patch], cwd=tree, capture_output=True, text=True, check=False, env=apart()
    )
    if applied.returncode:
        return Verdict(patch.stem, False, f"does not apply: {applied.stderr.strip()}", perf_counter() - start)
    try:
        killed, words = noticed(tree, suites(patch))
    finally:
        output("git", "apply", "--reverse", str(patch), cwd=tree)
    return Verdict(patch.stem, killed, words, perf_counter() - start)


def noticed(tree: Path, chosen: Iterable[list[str]]) -> tuple[bool, str]:
    """Whether a test fails, and which."""
    for suite in chosen:
        code, text = tested(tree, suite)
        if code == FAILED:
            return True, f"by {killer(text)}"
        if code != PASSED:
            return False, f"breaks the tests themselves:\n{text}"
    return False, "no test noticed"


def suites(patch: Path) -> list[list[str]]:
    """The quick tests of the patched room, then the others, then the differential ones."""
    file = re.search(r"^\+\+\+ b/duckmart/(.+)\.py", patch.read_text("utf-8"), re.MULTILINE)
    rooms = file[1].split("/") if file else []
    own = {NEAREST.get(room, f"tests/unit/test_{room}.py") for room in rooms}
    near = [name for name in QUICK if name in own]
    rest = [name for name in QUICK if name not in own]
    return [[*tests, *WITHOUT] for tests in (near, rest) if tests] + [DIFFERENTIAL]


def tested(tree: Path, suite: list[str]) -> tuple[int, str]:
    # Byte code is told from its source by size and second, which a patch may leave as they were.
    env = apart() | SPECS | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *suite]
    try:
        done = subprocess.run(
            command, cwd=tree, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return ENDLESS, f"no end within {PATIENCE} s"
    return done.returncode, done.stdout[-2000:]


def killer(text: str) -> str:
    found = re.search(r"^(?:FAILED|ERROR) (?:tests/)?(.+?)(?: - .*)?$", text, re.MULTILINE)
    return found[1] if found else "an unnamed test"


def apart() -> dict[str, str]:
    """The environment for the copies: git must not take a repository around them for theirs."""
    return {**os.environ, "GIT_CEILING_DIRECTORIES": tempfile.gettempdir()}


def output(*command: str, cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True, env=apart()).stdout


if __name__ == "__main__":
    sys.exit(main())
