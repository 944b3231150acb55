"""Headers of other names: `--map ours=theirs` and mapping files."""

import json

import pytest

from duckmart.errors import LoadError
from tests.data.conftest import EVENTS, USERS, Shop

CUSTOMERS = "customer_no,plan type,signed\n1,gold,2026-01-01\n2,free,2026-02-01\n"
ORDERS = "no,buyer,what,when,customer_no\n9,1,BUY,2026-11-01,x\n8,2,BUY,2026-11-02,y\n"
NAMES = ["users.user_id=customer_no", "events.user_id=buyer", "event_name=what", "timestamp=when"]


def test_headers_are_read_under_the_names_they_are_mapped_to(shop: Shop):
    report = shop.load(CUSTOMERS, ORDERS, [*NAMES, "subscription_plan=plan type"])
    assert list(report.users.columns) == ["user_id", "subscription_plan", "signed"]
    assert list(report.events.columns) == ["user_id", "event_name", "timestamp", "no", "customer_no"]
    assert report.users.renamed == {"customer_no": "user_id", "plan type": "subscription_plan"}
    assert report.events.loaded == 2


def test_a_pair_without_a_kind_holds_wherever_the_header_is(shop: Shop):
    shop.load(USERS.replace("user_id", "Kunde"), EVENTS.replace("user_id", "Kunde"), ["user_id=Kunde"])
    assert len(shop.events()) == 2
    shop.load(USERS.replace("user_id", "Kunde"), EVENTS, ["user_id=Kunde"])
    assert len(shop.events()) == 2


def test_the_name_and_time_of_events_are_not_looked_for_in_users(shop: Shop):
    events = EVENTS.replace("timestamp", "created")
    shop.load("user_id,created\n1,2026-01-01\n2,2026-01-01\n", events, ["timestamp=created"])
    assert [name for name, *_ in shop.query("DESCRIBE user_attributes")] == ["user_id", "created"]


def test_a_pair_for_one_kind_comes_before_a_pair_for_both(shop: Shop):
    users, events = USERS.replace("user_id", "id"), "id,buyer,event_name,timestamp\n77,1,BUY,2026-11-01\n"
    shop.load(users, events, ["user_id=id", "events.user_id=buyer"])
    assert [row[:1] for row in shop.events()] == [(1,)]


def test_headers_may_change_places_and_be_written_in_another_case(shop: Shop):
    shop.load("user_id,uid\nx,1\ny,2\n", EVENTS, ["users.user_id=UID", "users.code=user_id"])
    assert shop.query("SELECT user_id, code FROM user_attributes") == [(1, "x"), (2, "y")]


def test_a_mapping_is_saved_in_a_file(shop: Shop):
    saved = {
        "users": {"user_id": "customer_no"},
        "events": {"user_id": "buyer", "event_name": "what", "timestamp": "when"},
    }
    file = shop.file("mapping.json", json.dumps(saved))
    shop.load(CUSTOMERS, ORDERS, [str(file), "plan=plan type"])
    assert shop.query("SELECT user_id, plan FROM user_attributes") == [(1, "gold"), (2, "free")]


def test_a_mapping_holds_for_all_files_of_a_kind(shop: Shop):
    files = [shop.file("a.csv", "who\n1\n"), shop.file("b.csv", "who\n2\n")]
    shop.load(files, EVENTS, ["user_id=who"])
    assert len(shop.users()) == 2


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (
            ["user_id=custmer_no"],
            r"no column of the users or events is .*did you mean 'customer_no'",
        ),
        (
            ["users.user_id=buyer"],
            r"of the users is called 'buyer' \(found: customer_no, plan type",
        ),
        (
            ["users.userid=customer_no"],
            r"'user_id'.*missing.*Is the 'userid' of the mapping",
        ),
        (["user.user_id=customer_no"], r"user_id.*missing"),
        (["users.user_id=customer_no", "users.user_id=signed"], r"both users\.user_id=customer_no and users"),
        (["users.user_id=signed", "users.other=signed"], "both users.user_id=signed and users.other=signed"),
        (
            ["users.user_id=customer_no", "users.signed=plan type"],
            "both 'plan type' and 'signed' are 'signed'.*--map",
        ),
        (["customer_no"], "customer_no: a mapping is written ours=theirs, or is a file"),
        (["=customer_no"], "needs a name on both sides"),
        (["user_id="], "needs a name on both sides"),
        ([], r"'user_id'.*missing; found: customer_no, plan type, signed.*--map user_id="),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_with_words(shop: Shop, names: list[str], words: str):
    with pytest.raises(LoadError, match=words):
        shop.load(CUSTOMERS, ORDERS, names)
    assert shop.generations.current() is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "cannot be read"),
        ("[]", "a mapping file holds"),
        ('{"users": "x"}', "a mapping file holds"),
        ('{"user": {}}', "unknown part 'user'.*did you mean 'users'"),
        ('{"users": {"user_id": "a", "user_id": "b"}}', "'user_id' is there twice"),
        ('{"users": {"user_id": ""}}', "needs a name on both sides"),
    ],
)
def test_a_mapping_file_that_cannot_be_meant_is_refused(shop: Shop, content: str, words: str):
    with pytest.raises(LoadError, match=rf"mapping\.json.*{words}"):
        shop.load(CUSTOMERS, ORDERS, [str(shop.file("mapping.json", content))])


def test_a_column_that_would_share_its_name_with_a_mapped_one_needs_another(shop: Shop):
    with pytest.raises(LoadError, match=r"both 'row' and 'user_id' are .*; give .* 'user_id' another"):
        shop.load("row,user_id\n1,a\n2,b\n", EVENTS, ["users.user_id=row"])
