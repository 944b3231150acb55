"""The command line: what is asked for on stdout, words on stderr, an exit code that tells."""

import csv
import io
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click import Context
from click.testing import CliRunner

from duckmart.cli import cli
from duckmart.cli.root import MODULES
from duckmart.errors import Timeout
from duckmart.mart import Mart
from duckmart.settings import Settings
from duckmart.spec.examples import example, examples
from tests.cli.conftest import Door

ROOT = Path(__file__).parents[2]
# Each of these takes long to import, and finding members of a spec needs none.
NOT_NEEDED = {
    "alembic",
    "duckmart.data.generate",
    "duckmart.data.load",
    "duckmart.insight.activity",
    "duckmart.insight.explain",
    "duckmart.library.library",
    "faker",
    "fastapi",
    "filelock",
    "pandas",
    "plotly",
    "pyarrow.compute",
    "pyarrow.parquet",
    "scipy",
    "sqlalchemy",
    "streamlit",
    "uvicorn",
}
CALIFORNIA = {"user_filters": [{"field": "location", "operator": "eq", "value": "California"}]}


def test_without_a_command_there_is_help():
    shown = CliRunner().invoke(cli, [])

    assert shown.exit_code == 0
    assert {line.split()[0] for line in shown.stdout.split("Commands:")[1].strip().splitlines()} == set(
        cli.commands
    )


def test_ids_are_one_a_line_and_words_stay_on_stderr(door: Door, demo_mart: Mart):
    segment, _ = demo_mart.accept(CALIFORNIA)

    done = door("segment", "-", given=CALIFORNIA)

    assert [int(line) for line in done.stdout.splitlines()] == demo_mart.audience(segment).ids.to_pylist()
    assert done.stderr.startswith(f"{len(done.stdout.splitlines()):,} users in ")


def test_a_spec_is_read_from_a_file_even_with_a_byte_order_mark(door: Door, tmp_path: Path):
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(CALIFORNIA), "utf-8-sig")

    assert door("segment", spec).stdout == door("segment", "-", given=CALIFORNIA).stdout


def test_a_table_has_the_ids_and_the_named_columns(door: Door):
    done = door(
        "segment", "-", "--format", "csv", "--columns", "name, location,signup_date", given=CALIFORNIA
    )

    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == ["user_id", "name", "location", "signup_date"]
    assert [row["user_id"] for row in rows] == door("segment", "-", given=CALIFORNIA).stdout.splitlines()
    assert {row["location"] for row in rows} == {"California"}


def test_a_table_without_columns_is_the_ids_with_a_header(door: Door):
    done = door("segment", "-", "--format", "csv", given=CALIFORNIA)

    assert done.stdout == "user_id\n" + door("segment", "-", given=CALIFORNIA).stdout


def test_parquet_and_ndjson_hold_the_same_table_with_its_types(door: Door, demo: Path, tmp_path: Path):
    users = pd.read_csv(demo / "user_attributes.csv")
    californians = users[users.location == "California"].sort_values("user_id").astype({"age": "Int64"})
    columns = ("--columns", "age,signup_date,name")
    out = tmp_path / "members.parquet"

    door("segment", "-", "--format", "parquet", *columns, "--out", out, given=CALIFORNIA)
    lines = door("segment", "-", "--format", "ndjson", *columns, given=CALIFORNIA).stdout.splitlines()

    table = pq.read_table(out)
    assert table.column("user_id").to_pylist() == californians.user_id.to_list()
    assert table.column("age").to_pylist() == [None if pd.isna(age) else age for age in californians.age]
    assert table.schema.field("signup_date").type == pa.date32()
    rows = [json.loads(line) for line in lines]
    assert rows == [
        row | {"signup_date": row["signup_date"] and row["signup_date"].isoformat()}
        for row in table.to_pylist()
    ]


def test_a_parquet_file_can_be_piped(demo: Path):
    command = [sys.executable, "-m", "duckmart", "segment", "-", "--format", "parquet", "--data", str(demo)]
    piped = subprocess.run(command, input=b'{"limit": 3}', capture_output=True, check=True, timeout=60)

    assert pq.read_table(io.BytesIO(piped.stdout)).to_pydict() == {"user_id": [1, 2, 3]}


def test_json_is_the_answer_of_the_api(door: Door):
    answer = json.loads(door("segment", "-", "--format", "json", given=CALIFORNIA | {"limit": 3}).stdout)

    assert list(answer) == ["user_ids", "total_count", "filters_applied", "as_of", "warnings"]
    assert len(answer["user_ids"]) == 3
    assert answer["total_count"] == len(door("segment", "-", given=CALIFORNIA).stdout.splitlines())
    assert answer["filters_applied"] == CALIFORNIA | {
        "event_filters": [],
        "logic_operator": "AND",
        "limit": 3,
    }
    assert answer["as_of"] == "2026-11-22T23:59:59Z"
    assert answer["warnings"] == []


@pytest.mark.parametrize("form", ["ids", "csv", "json", "ndjson"])
def test_a_limit_cuts_every_format_and_the_words_say_so(door: Door, form: str):
    done = door("segment", "-", "--format", form, given={"limit": 7})

    found = json.loads(done.stdout)["user_ids"] if form == "json" else done.stdout.split()
    assert len(found) - (form == "csv") == 7
    assert done.stderr.startswith("7 users (cut at the limit of 7)")


def test_everyone_is_found_without_a_limit(door: Door):
    assert len(door("segment", "-", given="{}").stdout.splitlines()) == 10_000


def test_a_file_appears_whole_or_not_at_all(door: Door, tmp_path: Path):
    out = tmp_path / "ids.txt"

    assert door("segment", "-", "--out", out, given=CALIFORNIA).stdout == ""
    assert out.read_text() == door("segment", "-", given=CALIFORNIA).stdout

    assert (
        door("segment", "-", "--out", out, "--format", "csv", "--columns", "agee", given="{}").exit_code == 2
    )
    assert out.read_text() == door("segment", "-", given=CALIFORNIA).stdout
    assert [path.name for path in tmp_path.iterdir()] == ["ids.txt"]


def test_a_device_is_written_to_and_stays_a_device(door: Door):
    assert door("segment", "-", "--out", os.devnull, given=CALIFORNIA).exit_code == 0
    assert not Path(os.devnull).is_file()


def test_a_folder_that_is_not_there_is_said_in_words(door: Door, tmp_path: Path):
    done = door("segment", "-", "--out", tmp_path / "no" / "ids.txt", given=CALIFORNIA)

    assert done.exit_code == 1
    assert "No such file or directory" in done.stderr


def test_a_warning_is_on_stderr_and_the_segment_still_runs(door: Door):
    done = door(
        "segment", "-", given={"event_filters": [{"event_name": "LOGN", "operator": "eq", "count": 0}]}
    )

    assert done.exit_code == 0
    assert done.stderr.startswith("Warning: event_filters.0.event_name: ")
    assert "LOGIN" in done.stderr
    assert len(done.stdout.splitlines()) == 10_000


def test_columns_without_a_table_are_refused(door: Door):
    done = door("segment", "-", "--columns", "age", given="{}")

    assert done.exit_code == 2
    assert "--columns goes with --format csv, parquet, ndjson" in done.stderr


def test_every_problem_of_a_spec_is_named_and_the_exit_code_is_2(door: Door):
    spec = {"user_filtrs": [], "user_filters": [{"field": "agee", "operator": "eq", "value": 1}]}
    for command in ("segment", "sql", "check"):
        done = door(command, "-", given=spec)

        assert done.exit_code == 2
        assert done.stdout == ""
        assert "user_filtrs: unknown key" in done.stderr
        assert "user_filters.0.field: unknown field" in done.stderr


@pytest.mark.parametrize("text", ["", "{", "[1, 2", b"\xff\xfe", "NaN", "null", '{"limit": 1, "limit": 2}'])
def test_what_is_no_spec_is_said_in_words(door: Door, text: str | bytes):
    done = door("segment", "-", given=text)

    assert done.exit_code == 2
    assert done.stderr.startswith("Error: ")


def test_a_spec_that_is_too_large_is_not_read_to_its_end(door: Door, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUCKMART_MAX_BODY", "10")

    done = door("segment", "-", given=CALIFORNIA)

    assert done.exit_code == 2
    assert "larger than 10 bytes" in done.stderr


def test_a_spec_that_is_not_there_is_a_wrong_argument(door: Door):
    assert door("segment", "nowhere.json").exit_code == 2


def test_without_data_the_exit_code_is_3_and_none_is_made(empty: Door):
    for words in (["segment", "-"], ["sql", "-"], ["check", "-"], ["examples", "--run"]):
        done = empty(*words, given="{}")

        assert done.exit_code == 3
        assert "no data is loaded yet" in done.stderr
    assert not empty.folder.exists()


def test_an_engine_that_does_not_answer_ends_with_3(door: Door, monkeypatch: pytest.MonkeyPatch):
    def slow(*_: object) -> None:
        raise Timeout("the query took longer than 60 seconds and was stopped")

    monkeypatch.setattr("duckmart.engines.duckdb.DuckDBEngine.run", slow)

    done = door("segment", "-", given=CALIFORNIA)

    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr == "Error: the query took longer than 60 seconds and was stopped\n"


def test_a_csv_for_excel_begins_with_the_mark_of_utf_8(door: Door, tmp_path: Path):
    plain, marked = tmp_path / "plain.csv", tmp_path / "marked.csv"
    for out, more in ((plain, []), (marked, ["--bom"])):
        door("segment", "-", "--format", "csv", *more, "--out", out, given=CALIFORNIA)

    assert marked.read_bytes() == b"\xef\xbb\xbf" + plain.read_bytes()
    assert plain.read_bytes().startswith(b"user_id\n")


@pytest.mark.parametrize("kind", ["ids", "json", "parquet", "ndjson"])
def test_the_mark_of_utf_8_goes_with_csv_alone(door: Door, kind: str):
    done = door("segment", "-", "--format", kind, "--bom", given=CALIFORNIA)

    assert (done.exit_code, done.stdout) == (2, "")
    assert "--bom goes with --format csv" in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("DUCKMART_THREADS", "many", "valid integer"),
        ("DUCKMART_AS_OF", "yesterday", "write data, now, or a date or time"),
        ("DUCKMART_MEMORY", "lots", "write an amount such as 500MB"),
        ("DUCKMART_TIMEOUT", "0", "greater than or equal to 0.001"),
    ],
)
def test_a_setting_that_does_not_fit_ends_with_1_and_is_named(
    door: Door, monkeypatch: pytest.MonkeyPatch, name: str, text: str, words: str
):
    monkeypatch.setenv(name, text)

    done = door("segment", "-", given="{}")

    assert done.exit_code == 1
    assert f"Error: {name} is '{text}': " in done.stderr
    assert words in done.stderr


@pytest.mark.parametrize("as_of", ["data", "now", "2026-11-22", "2026-11-22T09:30:00+01:00"])
@pytest.mark.parametrize("memory", ["4GB", "500 MiB", "1.5gb"])
def test_settings_that_fit_are_taken(as_of: str, memory: str):
    assert Settings(as_of=as_of, memory=memory).memory == memory


def test_the_data_folder_comes_from_the_environment_too(demo: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUCKMART_DATA", str(demo))

    assert CliRunner().invoke(cli, ["sql", "-"], input="{}").exit_code == 0


def test_generate_writes_files_that_load_takes(empty: Door):
    made = empty("generate", "--users", 20, "--events", 60, "--seed", 7, "--end", "2026-01-31")
    loaded = empty("load", "--json")

    assert made.stdout == ""
    assert "20 users in " in made.stderr
    report = json.loads(loaded.stdout)
    assert (report["users"]["loaded"], report["events"]["loaded"]) == (20, 60)
    assert "20 rows, 20 loaded, 0 refused" in loaded.stderr
    answer = json.loads(empty("segment", "-", "--format", "json", given="{}").stdout)
    assert answer["total_count"] == 20
    assert answer["as_of"] <= "2026-01-31T23:59:59Z"


def test_generate_writes_the_club_at_its_own_size(empty: Door):
    assert "600 users" in empty("generate", "--demo", "club").stderr
    refused = empty("generate", "--demo", "club", "--users", "5")
    assert refused.exit_code == 2
    assert "--users is for the shop" in refused.stderr


def test_generate_writes_parquet_where_it_is_told(empty: Door, tmp_path: Path):
    out = tmp_path / "elsewhere"
    empty("generate", "--users", 20, "--events", 60, "--format", "parquet", "--out", out)
    users, events = sorted(out.glob("*.parquet"))

    assert users.name == "user_attributes.parquet"
    assert empty("load", "--users", users, "--events", events).exit_code == 0


def test_what_load_refuses_is_reported_in_words_with_the_file_that_has_it(empty: Door, tmp_path: Path):
    users, events = tmp_path / "users.csv", tmp_path / "events.csv"
    users.write_text("user_id,age\n1,30\n1,31\n2,200\n")
    events.write_text(
        "user_id,event_name,timestamp\n1,LOGIN,2026-01-01 10:00:00\n9,LOGIN,2026-01-01 10:00:00\n"
    )

    done = empty("load", "--users", users, "--events", events)

    assert (done.exit_code, done.stdout) == (0, "")
    rejects = Path(done.stderr.rsplit(": ", 1)[1].strip())
    assert len(rejects.read_text("utf-8").splitlines()) == 1 + 3


def test_load_needs_both_files_or_neither(empty: Door, tmp_path: Path):
    assert empty("load", "--users", tmp_path / "users.csv").exit_code == 2


def test_a_file_that_cannot_be_loaded_ends_with_1(empty: Door):
    done = empty("load")

    assert done.exit_code == 1
    assert "user_attributes.csv" in done.stderr


def test_sql_is_printed_in_any_dialect(door: Door):
    assert "u.location = 'California'" in door("sql", "-", given=CALIFORNIA).stdout
    spec = {"event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1}]}
    assert "AS DATETIME)" in door("sql", "-", "--dialect", "bigquery", given=spec).stdout
    assert door("sql", "-", "--dialect", "cobol", given=spec).exit_code == 2


def test_sql_has_a_limit_only_if_the_spec_has(door: Door):
    assert "LIMIT" not in door("sql", "-", given=CALIFORNIA).stdout
    assert "LIMIT 5" in door("sql", "-", given=CALIFORNIA | {"limit": 5}).stdout


def test_the_plan_of_a_segment_is_printed(door: Door):
    spec = {"event_filters": [{"event_name": "LOGIN", "operator": "gte", "count": 1}]}
    lines = door("sql", "-", "--plan", given=spec).stdout.splitlines()
    assert lines[0].startswith("login: times of LOGIN, until ")
    assert lines[1] == "user_attributes left join login"


def test_describe_says_a_segment_without_any_data(empty: Door):
    assert empty("describe", "-", given=CALIFORNIA).stdout == "Users whose location is “California”.\n"


def test_check_says_whether_a_spec_is_fine(door: Door):
    assert door("check", "-", given=CALIFORNIA).stdout == "the spec is fine\n"


def test_check_has_a_form_for_programs(door: Door):
    bad = door("check", "-", "--json", given={"limit": 0})
    doubtful = door("check", "-", "--json", given=json.dumps(CALIFORNIA).replace("California", "Californa"))

    assert bad.exit_code == 2
    assert [problem["path"] for problem in json.loads(bad.stdout)["problems"]] == ["limit"]
    assert doubtful.exit_code == 0
    assert [one["code"] for one in json.loads(doubtful.stdout)["warnings"]] == ["absent_value"]


def test_examples_are_listed_printed_and_run(door: Door):
    ids = [one.id for one in examples()]

    assert [line.split()[0] for line in door("examples").stdout.splitlines()] == ids
    assert json.loads(door("examples", ids[0]).stdout) == examples()[0].spec
    run = door("examples", "--run").stdout.splitlines()
    assert [line.split()[0] for line in run] == ids
    assert all(line.endswith(" s") for line in run)
    assert len(door("examples", ids[0], "--run").stdout.splitlines()) == 1
    assert door("examples", "nope").exit_code == 2
    assert door("examples", "--demo", "club").stdout.startswith("birthdays ")
    assert json.loads(door("examples", "birthdays").stdout) == example("birthdays").spec


def test_the_schema_of_a_spec_is_printed(door: Door):
    assert {"user_filters", "event_filters", "limit"} <= set(json.loads(door("schema").stdout)["properties"])


def test_a_closed_pipe_is_no_traceback(demo: Path):
    process = subprocess.Popen(
        [sys.executable, "-m", "duckmart", "segment", "-", "--format", "csv", "--data", str(demo)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    process.stdin.write(b"{}")
    process.stdin.close()
    words = process.stderr.read()
    process.stderr.close()
    process.wait()

    assert b"Traceback" not in words
    assert b"Exception ignored" not in words


def test_serve_answers_for_the_app_and_the_api_on_one_port(demo: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["serve", "--port", str(port), "--data", str(demo)]
    server = subprocess.Popen([sys.executable, "-m", "duckmart", *words], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            deadline = time.monotonic() + 60
            while not answers(client, "/health"):  # 503 until the data is open
                assert server.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)

            assert client.get("/health").json()["users"] == 10_000
            assert client.post("/segment", json=CALIFORNIA).json()["total_count"] > 0
            assert client.get("/segment").status_code == 405
            assert client.get("/docs/assets/swagger-ui.css").status_code == 200
            assert "streamlit" in client.get("/").text.lower()
    finally:
        server.terminate()
        server.wait()


def answers(client: httpx2.Client, path: str) -> bool:
    try:
        return client.get(path).is_success
    except httpx2.TransportError:
        return False


def run_main(*words: str, before: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """`python -m duckmart` in a process of its own, after some Python of the test's."""
    program = f"{before}\nimport runpy, sys\nsys.argv = ['duckmart', *sys.argv[1:]]\n"
    program += "runpy.run_module('duckmart', run_name='__main__')"
    options = {"stdout": subprocess.PIPE} | options
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        check=False,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        timeout=60,
        **options,
    )


def test_a_command_ends_with_its_exit_code_all_of_its_output_and_what_others_do_at_exit(demo: Path):
    spec = '{"segment_filters": []}'
    before = (
        "import threading\n"
        "main = threading.main_thread()\n"
        "threading.Thread(target=lambda: main.join() or print('late')).start()"
    )

    done = run_main("segment", "-", "--data", str(demo), before=before, input=spec)
    wrong = run_main("segment", "-", "--data", str(demo), input='{"limit": 0}')
    nowhere = run_main("segment", "no.json", "--data", str(demo))

    assert (done.returncode, wrong.returncode, nowhere.returncode) == (0, 2, 2)
    assert done.stdout.splitlines() == [*map(str, range(1, 10_001)), "late"]
    assert "limit" in wrong.stderr


def test_a_full_disk_is_told_in_words(demo: Path):
    with Path("/dev/full").open("w") as full:
        done = run_main("segment", "-", "--data", str(demo), input="{}", stdout=full)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Error: cannot read or write the output: No space left on device"


def test_only_a_server_loads_web_frameworks():
    loaded = "import sys, duckmart.cli; print({'streamlit', 'fastapi', 'uvicorn'} & set(sys.modules))"

    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )

    assert done.stdout == "set()\n"


def test_each_command_is_defined_by_the_module_that_the_table_names():
    for name, module in MODULES.items():
        command = cli.get_command(Context(cli), name)
        assert command.callback.__module__ == f"duckmart.cli.{module}"
    assert set(cli.commands) == set(MODULES)


def test_a_segment_of_a_spec_imports_only_what_it_needs(demo: Path, tmp_path: Path):
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(CALIFORNIA))
    words = ["segment", str(spec), "--data", str(demo)]
    program = (
        "import sys\n"
        "from duckmart.cli import cli\n"
        f"cli({words!r}, standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert not NOT_NEEDED & set(done.stderr.split())
