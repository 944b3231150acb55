"""Many clients ask at once, and half of them go away before they are answered.

python -m benchmarks.abandoned [--data FOLDER] [--clients 64] [--seconds 60] [--users 200000]
                               [--events 1000000] [--memory 2GB] [--timeout 20]

Ends with 1 if an answer is wrong, a status is none of 200, 503 and 504, `/health` takes a second or more, or
the server's memory exceeds the setting by more than 1 GB. Everything is on this machine, and ends with it.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch
from urllib.error import HTTPError
from urllib.request import urlopen

from duckmart import export
from duckmart.data.generate import generate
from duckmart.data.generations import Generations
from duckmart.data.load import load
from duckmart.mart import Mart, current
from duckmart.settings import Settings
from duckmart.spec.examples import examples
from tests.browser.conftest import Server, serving

MOST_CLIENTS, MOST_SECONDS = 256, 600
GIGABYTE = 1 << 30
UNITS = {"K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}
HEALTH_WITHIN = 1.0
# What the documentation promises of a server that has too much to do.
DESIGNED = {200, 503, 504}
# Clients that wait this long in vain have found a fault: the server may take `--timeout`.
PATIENCE = 120
SEED = 20261122


@dataclass(frozen=True)
class Question:
    """A spec as JSON, and the answer that a mart with nothing else to do gives."""

    spec: bytes
    user_ids: list[Any]
    total: int


@dataclass
class Record:
    """What the clients and the watchers saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    abandoned: int = 0
    wrong: list[str] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    health: list[float] = field(default_factory=list)
    memory: int = 0

    def faults(self, limit: int, health_within: float) -> list[str]:
        """What does not hold, in words; `limit` is the memory that the server may have, in bytes."""
        undesigned = {status: count for status, count in self.statuses.items() if status not in DESIGNED}
        slowest = max(self.health, default=float("inf"))
        checks = {
            f"{len(self.wrong)} answers were wrong, such as {self.wrong[:1]}": self.wrong,
            f"answers with an undesigned status: {undesigned}": undesigned,
            f"requests without an answer: {dict(self.failures)}": self.failures,
            "nothing was answered with 200": not self.statuses[200],
            f"/health took {slowest:.2f} s": slowest >= health_within,
            f"the server took {self.memory / GIGABYTE:.2f} GB": self.memory > limit,
        }
        return [words for words, holds in checks.items() if holds]


# Questions


def questions(mart: Mart, heavy: bool) -> list[Question]:
    """The examples, specs whose conditions are not in the cache yet, and some near the deadline."""
    specs = [example.spec for example in examples()]
    specs += [_fresh(number) for number in range(40)]
    specs += [_heavy(number) for number in range(4)] if heavy else []
    return [_question(mart, spec) for spec in specs]


def _fresh(number: int) -> dict[str, Any]:
    return {
        "user_filters": [{"field": "age", "operator": "gte", "value": 18 + number}],
        "event_filters": [
            {
                "event_name": "LOGIN",
                "operator": "gte",
                "count": 1 + number % 3,
                "time_range_days": 30 + number,
            },
            {"event_name": "*", "operator": "lte", "count": 20, "time_range_days": 200 + number},
        ],
    }


def _heavy(number: int) -> dict[str, Any]:
    counted = [
        {"event_name": "*", "operator": "gte", "count": 1 + day % 2, "time_range_days": 1 + number + 3 * day}
        for day in range(40)
    ]
    return {"event_filters": counted, "logic_operator": "OR"}


def _question(mart: Mart, spec: Any) -> Question:
    segment, warnings = mart.read(json.dumps(spec))
    limit = min(segment.limit or 1000, 1000)
    answer = export.answer(mart.audience(segment.model_copy(update={"limit": limit})), segment, warnings)
    return Question(json.dumps(spec).encode(), list(answer["user_ids"]), int(answer["total_count"]))


# Clients


async def clients(
    server: Server, asked: Sequence[Question], record: Record, count: int, seconds: float
) -> None:
    port = int(server.url.rpartition(":")[2])
    ends = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(client(port, asked, record, random.Random(SEED + number), ends))


async def client(
    port: int, asked: Sequence[Question], record: Record, chance: random.Random, ends: float
) -> None:
    while time.monotonic() < ends:
        question = chance.choice(asked)
        try:
            if chance.random() < 0.5:
                await abandon(port, question, chance.uniform(0, 0.5))
                record.abandoned += 1
            else:
                judge(question, *await asyncio.wait_for(ask(port, question), PATIENCE), record)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            record.failures[type(error).__name__] += 1


async def abandon(port: int, question: Question, after: float) -> None:
    """Asks, and closes the connection before there can be an answer."""
    _, writer = await _sent(port, question)
    await asyncio.sleep(after)
    writer.close()


async def ask(port: int, question: Question) -> tuple[int, dict[str, str], bytes]:
    reader, writer = await _sent(port, question)
    try:
        head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        return int(head.split()[1]), headers, body
    finally:
        writer.close()


async def _sent(port: int, question: Question) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /segment HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(question.spec)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + question.spec)
    await writer.drain()
    return reader, writer


def judge(question: Question, status: int, headers: dict[str, str], body: bytes, record: Record) -> None:
    record.statuses[status] += 1
    content = json.loads(body)
    if status == 200:
        if (content["user_ids"], content["total_count"]) != (question.user_ids, question.total):
            record.wrong.append(f"{question.spec!r}: {content['total_count']} for {question.total}")
    elif list(content) != ["error"] or (status == 503 and "retry-after" not in headers):
        record.wrong.append(f"{status}: {body[:200]!r}")


# Watchers


@contextmanager
def watched(server: Server, record: Record) -> Iterator[None]:
    """Asks for `/health` and looks at the server's memory until the block ends."""
    stop = threading.Event()
    watchers = [
        threading.Thread(target=_watch_health, args=(server, record, stop)),
        threading.Thread(target=_watch_memory, args=(server, record, stop)),
    ]
    for watcher in watchers:
        watcher.start()
    try:
        yield
    finally:
        stop.set()
        for watcher in watchers:
            watcher.join()


def _watch_health(server: Server, record: Record, stop: threading.Event) -> None:
    port = int(server.url.rpartition(":")[2])
    while not stop.wait(0.1):
        began = time.perf_counter()
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/health")
            status = connection.getresponse().status
            connection.close()
        except (OSError, HTTPException) as error:
            record.failures[f"/health {type(error).__name__}"] += 1
            continue
        record.health.append(time.perf_counter() - began)
        # 503 within its second is the designed answer of a server that cannot look at its data just now.
        if status not in (200, 503):
            record.failures[f"/health {status}"] += 1


def _watch_memory(server: Server, record: Record, stop: threading.Event) -> None:
    while not stop.wait(0.05):
        with suppress(FileNotFoundError, ProcessLookupError):
            record.memory = max(record.memory, resident(server.process.pid))


def resident(process: int) -> int:
    """The bytes of memory that a process has now."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


# The whole


def measured(
    data: Path, log: Path, *, count: int, seconds: float, memory: str, timeout: float, heavy: bool
) -> Record:
    """What a server of this data answers to so many clients."""
    asked = questions(current(Settings(data=data, memory=memory, timeout=300, as_of="data")), heavy)
    record = Record()
    environment = {"DUCKMART_MEMORY": memory, "DUCKMART_TIMEOUT": str(timeout), "DUCKMART_AS_OF": "data"}
    with patch.dict(os.environ, environment), serving(data, log) as server:
        _await_data(server)
        with watched(server, record):
            asyncio.run(clients(server, asked, record, count, seconds))
    return record


def _await_data(server: Server) -> None:
    """Returns once the server has opened its data, which it says of itself until then."""
    for _ in range(100):
        with suppress(HTTPError), urlopen(f"{server.url}/health", timeout=10):
            return
        time.sleep(0.2)
    raise RuntimeError(f"{server.url} has no data after a while")


def limit_of(memory: str) -> int:
    """The bytes that the server may have: the setting, and 1 GB for all that is not DuckDB's."""
    amount = memory.upper().replace("I", "").removesuffix("B").strip()
    return int(float(amount[:-1]) * UNITS[amount[-1]]) + GIGABYTE


def demo_data(folder: Path, users: int, events: int, memory: str) -> Path:
    """The folder, with this much demo data loaded."""
    files = generate(folder, users=users, events=events, format="parquet")
    settings = Settings(data=folder, memory=memory)
    load(files.users, files.events, Generations(folder), now=datetime.now(UTC), settings=settings)
    return folder


def told(record: Record, limit: int) -> str:
    health = sorted(record.health)
    return (
        f"answers {dict(record.statuses)}, abandoned {record.abandoned}; /health p50 {median(health):.3f} s, "
        f"slowest {health[-1]:.3f} s of {len(health)}; memory {record.memory / GIGABYTE:.2f} GB of "
        f"{limit / GIGABYTE:.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="a data folder; else demo data is made for the time")
    parser.add_argument("--clients", type=int, default=64, choices=range(1, MOST_CLIENTS + 1), metavar="N")
    parser.add_argument("--seconds", type=int, default=60, choices=range(1, MOST_SECONDS + 1), metavar="N")
    parser.add_argument("--users", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--timeout", type=float, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        data = options.data or demo_data(folder / "data", options.users, options.events, options.memory)
        record = measured(
            data,
            folder / "log.txt",
            count=options.clients,
            seconds=options.seconds,
            memory=options.memory,
            timeout=options.timeout,
            heavy=True,
        )
    limit = limit_of(options.memory)
    print(told(record, limit))
    faults = record.faults(limit, HEALTH_WITHIN)
    print("\n".join(faults), file=sys.stderr)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
