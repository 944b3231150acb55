"""A new measure, window or kind is a row: invented ones work everywhere, and few files name the others."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from duckmart.spec import windows
from duckmart.spec.kinds import Kind

TOP = Path(__file__).parents[2]
PRODUCT = TOP / "duckmart"


def test_an_invented_measure_window_and_kind_work_from_json_to_the_builder() -> None:
    """In a process of its own: models and menus are made of the tables once."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.harness.invented"]
    drive = Path(__file__).with_name("drive_invented.py")
    run = subprocess.run([*command, str(drive)], cwd=TOP, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


FORMS = (windows.AllHistory, windows.LastTime, *windows.TIME_RANGES)
# `to`, `from` and `days` are words of English and of much else.
FORM_KEYS = [key for form in windows.TIME_RANGES for key in form.keys if "_" in key]


@pytest.mark.parametrize(
    ("names", "most"),
    [
        (r"\bMeasure\.[A-Z]", 3),
        (r"\bKind\.[A-Z]", 4),
        (rf"\b({'|'.join(form.__name__ for form in FORMS)})\b", 2),
        (rf"\b({'|'.join((*windows.KEYS, *FORM_KEYS))})\b", 2),
    ],
    ids=["measures", "kinds", "forms of windows", "keys of windows"],
)
def test_few_files_name_the_rows(names: str, most: int) -> None:
    """The adapters of engines aside: only they know which types are of which kind."""
    files = [file for file in PRODUCT.rglob("*.py") if PRODUCT / "engines" not in file.parents]
    naming = [str(file.relative_to(TOP)) for file in files if re.search(names, file.read_text("utf-8"))]
    assert 0 < len(naming) <= most, naming


def test_a_kind_says_what_each_asks_of_it() -> None:
    """Nothing asks for a kind by its name where a property of the kind would do."""
    by_name = re.compile(r"\bis (not )?Kind\.|\bcase Kind\.")
    named = [path for path in PRODUCT.rglob("*.py") if by_name.search(path.read_text("utf-8"))]
    assert not named
    assert Kind.TIMESTAMP.is_dated
    assert Kind.TIMESTAMP.has_time
