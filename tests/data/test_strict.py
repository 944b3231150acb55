"""`--strict`: one reject, and nothing is loaded."""

import pytest

from duckmart.errors import LoadError
from tests.data.conftest import EVENTS, USERS, Shop


@pytest.mark.parametrize(
    ("users", "events", "words"),
    [
        (
            USERS + "1,twice\n2,too\n",
            EVENTS,
            r"users\.csv, line 4, column 'user_id': '1' .*duplicate.*\(1 more\)",
        ),
        (USERS + "3,x,y\n", EVENTS, r"users\.csv, line 4: '3,x,y' is refused: too many fields"),
        (USERS, EVENTS + "1,LOGIN,then\n", r"events\.csv, line 4, column 'timestamp': 'then' .*: not a time"),
        (
            USERS,
            EVENTS + "9,LOGIN,2026-11-01\n",
            r"events\.csv, line 4, column 'user_id': '9' .*: no such user",
        ),
    ],
)
def test_the_first_reject_refuses_the_load(shop: Shop, users: str, events: str, words: str):
    with pytest.raises(LoadError, match=words):
        shop.load(users, events, strict=True)
    assert shop.generations.current() is None


def test_a_cell_that_would_be_cleared_refuses_the_load(shop: Shop):
    rows = "".join(f"{number},30\n" for number in range(1, 40))
    with pytest.raises(LoadError, match=r"line 41, column 'age': '200' is refused: not between 0 and 130"):
        shop.load("user_id,age\n" + rows + "41,200\n", strict=True)


def test_clean_files_load_under_strict(shop: Shop):
    assert shop.load(strict=True).events.loaded == 2


def test_the_first_reject_is_that_of_the_first_file(shop: Shop):
    files = [shop.file("b.csv", USERS + "\n\n1,again\n"), shop.file("a.csv", "user_id,name\n2,again\n")]
    with pytest.raises(LoadError, match=r"b\.csv, line 6"):
        shop.load(files, strict=True)
