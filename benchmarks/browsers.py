"""Many browsers at once edit segments in one app; each count shown is compared with the API's.

python -m benchmarks.browsers [--data FOLDER] [--browsers 10] [--seconds 180]

Ends with 1 if a number was wrong, a console or the log of the server holds an error, or the server's memory
grows; what grows slowly shows in 900 seconds. Everything is on this machine; what is started is ended.
"""

import argparse
import json
import os
import random
import re
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright

from duckmart.settings import Settings
from duckmart.spec import describe
from duckmart.spec.parser import parse
from tests.browser.builder import matching, press
from tests.browser.conftest import CHROMIUM, DESKTOP, FLAGS, Server, serving

MOST_BROWSERS, MOST_SECONDS = 30, 3600
AGES = (18, 69)
LONGEST_WAIT = 60
# Browsers that start at once on few cores take long to draw their first page.
STARTS_WITHIN = 240
# Ten browsers for a quarter of an hour: 0.07.
MOST_GROWTH = 0.1


@dataclass
class Work:
    """What the browsers did and found."""

    checked: int = 0
    wrong: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            with self.lock:
                self.errors.append(message.text)

    @property
    def growth(self) -> float:
        """How much more memory the last quarter took than the second, when all is warm: 0.1 is a tenth."""
        quarter = len(self.memory) // 4
        return mean(self.memory[-quarter:]) / mean(self.memory[quarter : 2 * quarter]) - 1 if quarter else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--browsers", type=int, default=10, choices=range(1, MOST_BROWSERS + 1), metavar="N")
    parser.add_argument("--seconds", type=int, default=180, choices=range(1, MOST_SECONDS + 1), metavar="T")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with serving(options.data.resolve(), log) as server:
            work = edited(server, options.browsers, options.seconds, partial(print, flush=True))
        failed = failures(log)
    print(
        f"{work.checked} counts checked, {len(work.wrong)} wrong, {len(work.stuck)} browsers stuck, ", end=""
    )
    print(f"{len(work.errors)} errors in consoles, {len(failed)} in the log; ", end="")
    print(f"memory grew by {work.growth:.0%}; load of the machine {os.getloadavg()[0]:.1f}")
    found = [*work.wrong, *work.stuck, *work.errors, *failed]
    print("\n".join(found[:20]))
    sys.exit(bool(found) or not work.checked or work.growth > MOST_GROWTH)


def edited(server: Server, browsers: int, seconds: float, say: Any = None) -> Work:
    """Lets browsers edit until the time is up, and tells of the server's memory."""
    work, together = Work(), threading.Barrier(browsers + 1)
    threads = [
        threading.Thread(target=browse, args=(server, seconds, seed, work, together))
        for seed in range(1, browsers + 1)
    ]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):
        together.wait(STARTS_WITHIN)
    start, shown = time.monotonic(), -1
    while any(thread.is_alive() for thread in threads):
        if say:
            work.memory.append(memory(server))
            minute = int((time.monotonic() - start) // 60)
            if minute > shown:
                say(f"after {minute} min: {work.memory[-1]:.0f} MB, {work.checked} counts checked")
                shown = minute
        time.sleep(0.2)
    return work


def browse(server: Server, seconds: float, seed: int, work: Work, together: threading.Barrier) -> None:
    """One browser, of a thread of its own as Playwright wants it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page(viewport=DESKTOP)
            page.set_default_timeout(STARTS_WITHIN * 1000)
            page.on("console", work.heard)
            page.on("pageerror", lambda error: work.errors.append(str(error)))
            page.goto(server.url)
            expect(page.get_by_role("button", name="Add group")).to_be_visible(timeout=STARTS_WITHIN * 1000)
            expect(matching(page)).to_be_visible(timeout=STARTS_WITHIN * 1000)
            together.wait(STARTS_WITHIN)
            edit(page, server, time.monotonic() + seconds, random.Random(seed), work)
        except Exception as error:  # noqa: BLE001 - told at the end, whatever it is
            # What was expected, and what is shown instead.
            work.stuck.append(f"browser {seed}: {' '.join(str(error).splitlines()[:2])}")
            together.abort()
        finally:
            browser.close()


def edit(page: Page, server: Server, until: float, draw: random.Random, work: Work) -> None:
    """Rows of ages and of counts, whose numbers are changed at random; what they mean is known here too."""
    spec = begun(draw)
    press(page, "Paste JSON")
    page.get_by_label("Segment JSON").fill(json.dumps(spec))
    page.get_by_label("Segment JSON").press("Control+Enter")
    press(page, "Build rows")
    check(page, server, spec, work)
    undone: list[dict[str, Any]] = []
    while time.monotonic() < until:
        match draw.choice(("age", "age", "count", "count", "joiner", "undo")):
            case "age":
                undone.append(json.loads(json.dumps(spec)))
                spec["user_filters"][0]["value"] = age = other(draw, AGES, spec["user_filters"][0]["value"])
                enter(page, "Filter 1 value", age)
            case "count":
                undone.append(json.loads(json.dumps(spec)))
                row = spec["event_filters"][0]
                row["count"] = other(draw, (1, 9), row["count"])
                enter(page, "Filter 2 count", row["count"])
            case "joiner":
                undone.append(json.loads(json.dumps(spec)))
                spec["logic_operator"] = "OR" if spec["logic_operator"] == "AND" else "AND"
                words = {"OR": "Match any", "AND": "Match all"}[spec["logic_operator"]]
                page.get_by_role("radio", name=words, exact=True).first.click()
            case "undo":
                if undone:
                    spec = undone.pop()
                    press(page, "Undo")
        check(page, server, spec, work)


def begun(draw: random.Random) -> dict[str, Any]:
    event = draw.choice(("LOGIN", "SEARCH", "PURCHASE_MADE", "PAGE_VIEW"))
    return {
        "user_filters": [{"field": "age", "operator": "gte", "value": draw.randint(*AGES)}],
        "event_filters": [
            {"event_name": event, "operator": "gte", "count": draw.randint(1, 9), "time_range_days": 300}
        ],
        "logic_operator": "AND",
    }


def other(draw: random.Random, span: tuple[int, int], than: int) -> int:
    return draw.choice([number for number in range(span[0], span[1] + 1) if number != than])


def enter(page: Page, label: str, number: int) -> None:
    box = page.get_by_label(label, exact=True).first
    box.fill(str(number))
    box.press("Enter")


def check(page: Page, server: Server, spec: dict[str, Any], work: Work) -> None:
    """Compares what the page shows with what the API says."""
    request = Request(f"{server.url}/segment", json.dumps({**spec, "limit": 1}).encode())
    request.add_header("Content-Type", "application/json")
    with urlopen(request, timeout=LONGEST_WAIT) as answer:
        count = json.load(answer)["total_count"]
    # The count is painted before the sentence, so the number beside a new sentence is no older one.
    sentence = describe.sentence(parse(spec, Settings()))
    expect(page.locator(".sentence")).to_have_text(sentence, timeout=LONGEST_WAIT * 1000)
    shown = matching(page).inner_text()
    if shown != f"{count:,}":
        work.wrong.append(f"{shown} is shown, the API says {count:,} for {json.dumps(spec)}")
    with work.lock:
        work.checked += 1


def memory(server: Server) -> float:
    """The resident memory of the server's process, in MB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else 0.0


def failures(log: Path) -> list[str]:
    """The lines of a log that tell of an exception."""
    words = ("Traceback", "Error:", "ERROR", "Exception")
    return [line for line in log.read_text().splitlines() if any(word in line for word in words)]


if __name__ == "__main__":
    main()
