"""Commands to copy, run as they are by a shell and by Python against a started API."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from duckmart.api.app import api
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.examples import Example, examples
from duckmart.spec.json_text import to_json
from duckmart.spec.segment import Segment
from duckmart.ui.results import snippets

ROOT = Path(__file__).parents[2]
CHEATING = ["O'Neil", 'say "hi"', '"""', "'''", "$HOME `id` $(id)", "back\\slash\\", "two\nlines", "JSON",
            "\nJSON\nid\n", "\x7f\u202e\u0085", "🦆\U000e0001", "%s {x} %(y)s"]  # fmt: skip


@pytest.fixture(scope="module")
def server(demo: Path) -> Iterator[str]:
    """The API on a free loopback port, on the demo data."""
    settings = Settings(data=demo, as_of="data")
    config = uvicorn.Config(api, host="127.0.0.1", port=0, log_level="error", ws="none")
    started = uvicorn.Server(config)
    thread = threading.Thread(target=started.run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("duckmart.api.app.settings", lambda: settings)
        thread.start()
        deadline = time.monotonic() + 30
        while not started.started and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{started.servers[0].sockets[0].getsockname()[1]}"
        started.should_exit = True
        thread.join(30)


def run(*command: str, given: str = "", **more: str) -> str:
    done = subprocess.run(
        command,
        check=False,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | more,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def spec_of(one: Example) -> str:
    return Segment.model_validate(one.spec).as_json()


@pytest.fixture(params=examples()[::9], ids=lambda one: one.id)
def one(request: pytest.FixtureRequest) -> Example:
    return request.param


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")


@needs_curl
def test_curl_as_pasted_into_a_shell_gets_the_members(server: str, demo_mart: Mart, one: Example):
    answer = json.loads(run("sh", given=snippets.curl(spec_of(one), server)))

    assert answer["total_count"] == demo_mart.audience(demo_mart.accept(one.spec)[0]).total


def test_python_gets_the_members(server: str, demo_mart: Mart, one: Example):
    head, *ids = run(sys.executable, "-", given=snippets.python(spec_of(one), server)).splitlines()

    members = demo_mart.audience(demo_mart.accept(one.spec)[0])
    assert head == f"{members.total} users as of 2026-11-22T23:59:59Z"
    assert ids == [str(user_id) for user_id in members.ids.to_pylist()[:1000]]


def test_python_with_this_package_gets_every_member(demo: Path):
    spec = spec_of(examples()[0])
    text = snippets.duckmart(spec)
    head, *ids = run(
        sys.executable, "-", given=text, DUCKMART_DATA=str(demo), PYTHONPATH=str(ROOT)
    ).splitlines()

    by_command = run(sys.executable, "-m", "duckmart", "segment", "-", "--data", str(demo), given=spec)
    assert head.startswith(f"{len(ids)} users as of 2026-11-22")
    assert "\n".join(ids) + "\n" == by_command


def cheating() -> dict[str, Any]:
    return {"user_filters": [{"field": "name", "operator": "in", "value": CHEATING}]}


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_no_text_gets_out_of_the_shell_command(shell: str, tmp_path: Path):
    """A `curl` that writes down what it is given takes the place of the real one."""
    stub = tmp_path / "curl"
    stub.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/words\ncat > {tmp_path}/body\n')
    stub.chmod(0o755)
    address = "http://host/it's $(id)"
    path = f"{tmp_path}:{os.environ['PATH']}"

    assert run(shell, given=snippets.curl(to_json(cheating()), address), PATH=path) == ""

    assert json.loads((tmp_path / "body").read_text("utf-8")) == cheating()
    assert f"{address}/segment" in (tmp_path / "words").read_text("utf-8").splitlines()


@pytest.mark.parametrize("made", [lambda spec: snippets.python(spec, "http://h'\"\\"), snippets.duckmart])
def test_no_text_gets_out_of_the_python_snippets(made: Any):
    text = made(to_json(cheating()))
    upto = text.index("\n\n", text.index("SPEC = "))
    held: dict[str, Any] = {}
    exec(text[text.index("SPEC = ") : upto], held)

    compile(text, "snippet", "exec")
    assert json.loads(held["SPEC"]) == cheating()


def test_every_letter_of_a_snippet_can_be_seen():
    spec = to_json(cheating())

    for text in (snippets.curl(spec, "http://h"), snippets.python(spec, "http://h"), snippets.duckmart(spec)):
        assert all(letter.isprintable() or letter == "\n" for letter in text)


@needs_curl
def test_a_spec_of_a_hundred_thousand_ids_is_not_too_long_for_a_shell(server: str):
    spec = to_json(
        {"user_filters": [{"field": "user_id", "operator": "in", "value": list(range(1, 100_001))}]}
    )

    assert json.loads(run("sh", given=snippets.curl(spec, server)))["total_count"] == 10_000
