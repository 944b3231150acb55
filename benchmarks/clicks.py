"""How long it takes from a click in the builder to the new count on the screen, in a real Chromium.

python -m benchmarks.clicks [--data FOLDER] [--clicks 40]

Two segments, of 5 rows and of 25. Each click raises an age by a year, to a segment not asked before.
The whole is measured in the browser, from the press of the button to the frame that shows the new count. Of
it `query` is what the page says the database took, `server` the rest from the browser's message to the answer
that brings the count, and `browser` all before and after.
"""

import argparse
import json
import os
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.builder import matching, press
from tests.browser.conftest import CHROMIUM, DESKTOP, FLAGS, PATIENCE, serving

EVENTS = ("LOGIN", "SEARCH", "PAGE_VIEW", "ADDED_TO_CART", "PURCHASE_MADE")
STEPPED = "Filter 1 value"
# Milliseconds that somebody looks at a count before the next click.
PAUSE = 300

# Notes when the page sends and receives what.
WIRE = """
window.wire = [];
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (event) => window.wire.push([performance.now(), event.data]));
  }
  send(data) {
    window.wire.push([performance.now(), null]);
    super.send(data);
  }
};
"""

# How long it took in all, and from the first message sent to the one that brought the count; the headline.
CLICK = """([label, patience]) => new Promise((done, failed) => {
  const input = document.querySelector(`input[aria-label="${label}"]`);
  const box = input.closest('[data-testid="stNumberInputContainer"]');
  const button = box.querySelector('[data-testid="stNumberInputStepUp"]');
  const headline = document.querySelector(".st-key-headline");
  const total = () => headline.querySelector('[data-testid="stMetricValue"]').innerText;
  const words = () => headline.querySelector('[data-testid="stCaptionContainer"]').innerText;
  const before = [total(), words()];
  const timer = setTimeout(() => failed(new Error("no new count")), patience);
  const watch = new MutationObserver(() => {
    if (total() === before[0] || words() === before[1]) return;
    watch.disconnect();
    clearTimeout(timer);
    requestAnimationFrame(() => setTimeout(() => {
      const whole = performance.now() - start;
      const [sent] = window.wire.find(([at, data]) => at >= start && data === null);
      const [came] = window.wire.find(
        ([at, data]) => at > sent && data && new TextDecoder().decode(data).includes(total()));
      done([whole, came - sent, words()]);
    }));
  });
  watch.observe(headline, {subtree: true, childList: true, characterData: true});
  const start = performance.now();
  button.click();
})"""


def spec(rows: int) -> dict[str, Any]:
    """An OR of attributes and counts, so that each click changes the answer."""
    others = [
        {
            "event_name": EVENTS[place % len(EVENTS)],
            "operator": "gte",
            "count": 3 + place,
            "time_range_days": 90,
        }
        for place in range(rows - 2)
    ]
    return {
        "logic_operator": "OR",
        "user_filters": [
            {"field": "age", "operator": "gte", "value": 19},
            {"field": "location", "operator": "in", "value": ["California", "Texas"]},
        ],
        "event_filters": others,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--clicks", type=int, default=40, help="at most 50: ages end")
    options = parser.parse_args()
    log = Path("/dev/null")
    with serving(options.data.resolve(), log) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(viewport=DESKTOP)
        context.set_default_timeout(2 * PATIENCE)
        context.add_init_script(WIRE)
        for name in ("first page of a server", "warm page"):
            page = context.new_page()
            first, count = painted(page, server.url)
            print(f"{name:24s}{first:8.0f} ms to the first paint,{count:8.0f} ms to the count", flush=True)
            page.close()
        print(f"\n{'milliseconds':14s}{'p50':>8s}{'p95':>8s}{'query':>10s}{'server':>10s}{'browser':>10s}")
        for rows in (5, 25):
            page = context.new_page()
            page.goto(server.url)
            measure(page, rows, options.clicks)
            page.close()
        print(f"load of the machine: {', '.join(f'{load:.1f}' for load in os.getloadavg())}")


def painted(page: Page, url: str) -> tuple[float, float]:
    """Until anything is painted, and until the count of everyone is."""
    start = perf_counter()
    page.goto(url)
    expect(matching(page)).to_be_visible(timeout=2 * PATIENCE)
    count = (perf_counter() - start) * 1000
    return page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"), count


def measure(page: Page, rows: int, clicks: int) -> None:
    paste(page, spec(rows))
    times: list[float] = []
    parts: dict[str, list[float]] = {"query": [], "server": [], "browser": []}
    for _ in range(clicks):
        took, answered, words = page.evaluate(CLICK, [STEPPED, 2 * PATIENCE])
        query = float(words.rpartition("· ")[2].removesuffix(" ms").replace(",", ""))
        times.append(took)
        parts["query"].append(query)
        parts["server"].append(answered - query)
        parts["browser"].append(took - answered)
        # People look before they click again; a click into a run that still draws waits for the browser.
        page.wait_for_timeout(PAUSE)
    cells = [(at(times, 50), 8), (at(times, 95), 8), *((at(each, 50), 10) for each in parts.values())]
    print(f"{f'{rows} rows':14s}" + "".join(f"{cell:{width}.0f}" for cell, width in cells), flush=True)


def at(times: list[float], percent: int) -> float:
    return quantiles(times, n=100, method="inclusive")[percent - 1]


def paste(page: Page, made: dict[str, Any]) -> None:
    expect(matching(page)).to_be_visible()
    press(page, "Paste JSON")
    page.get_by_label("Segment JSON").fill(json.dumps(made))
    page.get_by_label("Segment JSON").press("Control+Enter")
    press(page, "Build rows")
    expect(page.get_by_label(STEPPED, exact=True)).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_timeout(1500)


if __name__ == "__main__":
    main()
