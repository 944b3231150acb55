"""One word means one thing: names of public classes, and of files in a room, are there once."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import duckmart

TOP = Path(duckmart.__file__).parent


def test_no_two_public_classes_have_the_same_name() -> None:
    assert repeated(public_classes(TOP)) == {}


def test_no_two_files_of_a_room_have_the_same_name() -> None:
    assert repeated(files_by_room(TOP)) == {}


def test_a_class_or_file_that_is_there_twice_is_noticed(tmp_path: Path) -> None:
    for file in ("one/a.py", "one/below/a.py", "two/a.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("class Kept: ...\nclass _Hidden: ...\n")

    assert repeated(public_classes(tmp_path)) == {"Kept": ["one/a.py", "one/below/a.py", "two/a.py"]}
    assert repeated(files_by_room(tmp_path)) == {"one a": ["one/a.py", "one/below/a.py"]}


def repeated(names: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    places = defaultdict(list)
    for name, place in names:
        places[name].append(place)
    return {name: sorted(where) for name, where in places.items() if len(where) > 1}


def public_classes(top: Path) -> Iterator[tuple[str, str]]:
    for file in top.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield node.name, file.relative_to(top).as_posix()


def files_by_room(top: Path) -> Iterator[tuple[str, str]]:
    """Files with their rooms, the folders right below the top."""
    for file in top.rglob("*.py"):
        path = file.relative_to(top)
        if file.stem != "__init__":
            room = path.parts[0] if len(path.parts) > 1 else ""
            yield f"{room} {file.stem}", path.as_posix()
