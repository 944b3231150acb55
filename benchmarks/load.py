"""How long a load takes beside a bare CREATE TABLE AS SELECT ... ORDER BY of the same files, and its memory.

python -m benchmarks.load [--users 1000000] [--events 50000000] [--files FOLDER] [--memory 4GB]

Demo files are made as Parquet, and written once more as CSV; `--files` keeps and reuses them. Each
measurement runs in a process of its own, and its peak is the largest resident memory of that process.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import duckdb

from duckmart.data.generate import generate
from duckmart.data.generations import Generations
from duckmart.data.load import load
from duckmart.settings import Settings

ROOT = Path(__file__).parents[1]
NAMES = ("user_attributes", "user_events")
BARE = {
    "csv": (
        "CREATE TABLE user_attributes AS SELECT * FROM read_csv($users) ORDER BY user_id",
        "CREATE TABLE user_events AS SELECT * FROM read_csv($events) ORDER BY event_name, user_id, timestamp",
    ),
    "parquet": (
        "CREATE TABLE user_attributes AS SELECT * FROM read_parquet($users) ORDER BY user_id",
        "CREATE TABLE user_events AS SELECT * FROM read_parquet($events)"
        " ORDER BY event_name, user_id, timestamp",
    ),
}


def bare(files: Path, kind: str, data: Path, memory: str) -> Path:
    path = data / "bare.duckdb"
    with duckdb.connect(str(path), config={"memory_limit": memory}) as con:
        con.execute(BARE[kind][0], {"users": str(files / f"user_attributes.{kind}")})
        con.execute(BARE[kind][1], {"events": str(files / f"user_events.{kind}")})
    return path


def loaded(files: Path, kind: str, data: Path, memory: str) -> Path:
    users, events = (files / f"{name}.{kind}" for name in NAMES)
    settings = Settings(data=data, memory=memory)
    start = perf_counter()

    def tell(what: str, share: float) -> None:
        print(f"{perf_counter() - start:8.1f} s {share:4.0%} {what}", file=sys.stderr)

    generations = Generations(data)
    now = datetime.now(UTC)
    report = load(users, events, generations, now=now, settings=settings, progress=tell)
    return generations.generation(report.generation).path


WAYS: dict[str, Callable[[Path, str, Path, str], Path]] = {"bare": bare, "load": loaded}


def measure_here(way: str, files: str, kind: str, memory: str) -> None:
    with TemporaryDirectory(prefix="bench-", dir=files) as data:
        start = perf_counter()
        path = WAYS[way](Path(files), kind, Path(data), memory)
        seconds = perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "peak": peak, "bytes": path.stat().st_size}))


def measured(way: str, files: Path, kind: str, memory: str) -> dict[str, float]:
    words = ["--measure", way, "--files", str(files.absolute()), "--kind", kind, "--memory", memory]
    program = [sys.executable, "-m", "benchmarks.load"]
    done = subprocess.run([*program, *words], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def make_files(files: Path, users: int, events: int) -> None:
    if not (files / "user_events.parquet").exists():
        generate(files, users=users, events=events, format="parquet")
    for name in NAMES:
        if not (files / f"{name}.csv").exists():
            duckdb.read_parquet(str(files / f"{name}.parquet")).write_csv(str(files / f"{name}.csv"))


def compare(files: Path, users: int, events: int, memory: str, kinds: list[str]) -> None:
    make_files(files, users, events)
    print(f"{'':8}{'':6}{'seconds':>9}{'ratio':>7}{'peak GB':>9}{'MB':>9}")
    for kind in kinds:
        base = measured("bare", files, kind, memory)
        for way, found in (("bare", base), ("load", measured("load", files, kind, memory))):
            ratio = found["seconds"] / base["seconds"]
            size, peak = found["bytes"] / 1e6, found["peak"] / 1e9
            print(f"{kind:8}{way:6}{found['seconds']:9.1f}{ratio:7.2f}{peak:9.2f}{size:9.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=50_000_000)
    parser.add_argument("--files", type=Path)
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--kind", choices=["csv", "parquet"])
    parser.add_argument("--measure", choices=list(WAYS), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        measure_here(asked.measure, asked.files, asked.kind, asked.memory)
        return
    kinds = [asked.kind] if asked.kind else ["csv", "parquet"]
    with TemporaryDirectory(prefix="bench-") as folder:
        files = asked.files or Path(folder)
        files.mkdir(parents=True, exist_ok=True)
        compare(files, asked.users, asked.events, asked.memory, kinds)


if __name__ == "__main__":
    main()
