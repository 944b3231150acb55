"""Kinds of dirt, one by one: what is refused or cleared, every row accounted for by the csv module."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field

import pytest

from tests.data.conftest import Shop

HEADER = "user_id,name,age,joined,active"
GOOD = [f"{number},Ann {number},{20 + number},2026-01-{number % 28 + 1:02},true" for number in range(1, 41)]
PEOPLE = "\n".join([HEADER, *GOOD]) + "\n"
EVENTS = "user_id,event_name,timestamp,amount\n" + "".join(
    f"{number},BUY,2026-11-01 10:00:00,{number}.50\n" for number in range(1, 41)
)


@dataclass(frozen=True)
class Dirt:
    name: str
    users: str | bytes = PEOPLE
    events: str | bytes = EVENTS
    refused: dict[str, int] = field(default_factory=dict)
    cleared: dict[str, int] = field(default_factory=dict)
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    quote: str = '"'


def user(line: str, **more: object) -> Dirt:
    name = str(more.pop("name"))
    return Dirt(name, users=PEOPLE + line + "\n", **more)  # type: ignore[arg-type]


def event(name: str, line: str, reason: str | None) -> Dirt:
    return Dirt(name, events=EVENTS + line + "\n", refused={reason: 1} if reason else {})


DUPLICATE = "duplicate user_id, the first is kept"
DIRT = [
    user(",No Id,30,2026-01-01,true", name="a missing id", refused={"missing user_id": 1}),
    user('"  ",Blank,30,2026-01-01,true', name="an id of spaces", refused={"missing user_id": 1}),
    user("7,Twice,30,2026-01-01,true", name="an id that is there twice", refused={DUPLICATE: 1}),
    user("\u00a07 ,Twice,30,2026-01-01,true", name="one id with odd spaces", refused={DUPLICATE: 1}),
    user("7,a\n7,b\n7,c", name="short rows", refused={"too few fields": 3}),
    user("50,Too,30,2026-01-01,true,more", name="a field too many", refused={"too many fields": 1}),
    user(HEADER, name="the header among users", refused={"the header again": 1}),
    user("   ", name="a line of spaces", refused={"too few fields": 1}),
    user(
        '50,"Bo" Li,30,2026-01-01,true',
        name="text after a quoted value",
        refused={"a quote is not closed where its value ends": 1},
    ),
    user(
        '50,"open,30,2026-01-01,true',
        name="a quote that is never closed",
        refused={"a quote is not closed where its value ends": 1},
    ),
    user('50,5" wide,30,2026-01-01,true', name="a quote inside a plain value"),
    user('50,"say ""hi"", Bo",30,2026-01-01,true', name="quotes and commas in quotes"),
    user('50,"two\nlines",30,2026-01-01,true', name="a line break in quotes"),
    Dirt("a last row that was cut short", users=PEOPLE + "50,Cut", refused={"too few fields": 1}),
    Dirt("a last line without its end", users=PEOPLE + "50,Last,30,2026-01-01,true"),
    Dirt("blank lines", users="\n\n" + PEOPLE.replace("\n", "\n\n") + "\n\n"),
    Dirt("line ends of Windows", users=PEOPLE.replace("\n", "\r\n")),
    Dirt("line ends of old Macs", users=PEOPLE.replace("\n", "\r")),
    Dirt("line ends of both kinds", users=PEOPLE.replace("\n", "\r\n", 9)),
    Dirt("a byte order mark", users="\ufeff" + PEOPLE),
    user("50,Zoë,30,2026-01-01,true", name="letters beyond ASCII"),
    Dirt("UTF-16", users=(PEOPLE + "50,Zoë,30,2026-01-01,true").encode("utf-16"), encoding="utf-16"),
    Dirt("Windows-1252", users=(PEOPLE + "50,Zoë €,30,2026-01-01,true").encode("cp1252"), encoding="cp1252"),
    Dirt(
        "one row in another encoding",
        users=(PEOPLE + "50,Zoë Müller,30,2026-01-01,true\n").encode() + b"51,Zo\xeb,30,2026-01-01,true\n",
        refused={"not UTF-8": 1},
        encoding="latin-1",
    ),
    Dirt("semicolons", users=PEOPLE.replace(",", ";") + "50;a,b;30;2026-01-01;true\n", delimiter=";"),
    Dirt("tabs", users=PEOPLE.replace(",", "\t") + "50\ta,b\t30\t2026-01-01\ttrue\n", delimiter="\t"),
    Dirt("bars", users=PEOPLE.replace(",", "|") + "50|a;b|30|2026-01-01|true\n", delimiter="|"),
    Dirt(
        "single quotes",
        users="\n".join(
            ["'user_id';'name';'age';'joined';'active'", *(line.replace(",", ";") for line in GOOD)]
        )
        + "\n50;'it''s; Bo';30;2026-01-01;true\n",
        delimiter=";",
        quote="'",
    ),
    Dirt("a header with spaces and capitals", users=PEOPLE.replace("user_id,name", ' USER_ID ,"name "')),
    user("50,Old,200,2026-01-01,true", name="an age above 130", cleared={"age: not between 0 and 130": 1}),
    user("50,Unborn,-1,2026-01-01,true", name="an age below 0", cleared={"age: not between 0 and 130": 1}),
    user("50,Words,thirty,2026-01-01,true", name="a word for a number", cleared={"age: not a number": 1}),
    user('50,Comma,"1,200",2026-01-01,true', name="a comma in a number", cleared={"age: not a number": 1}),
    user("50,Unit,30 years,2026-01-01,true", name="a unit after a number", cleared={"age: not a number": 1}),
    user("50,None,NaN,2026-01-01,true\n51,None,-inf,,", name="what software writes for no number"),
    user('50,"","","",""', name="empty values in quotes"),
    user("50, Bo , 30 ,\t2026-01-01 ,true", name="spaces around values"),
    user("50,Leap,30,2026-02-30,true", name="a day that is none", cleared={"joined: not a date": 1}),
    user("50,Odd,30,01/02/2026,true", name="another spelling of a date", cleared={"joined: not a date": 1}),
    user("50,Odd,30,0000-00-00,true", name="a date of zeros", cleared={"joined: not a date": 1}),
    user("50,Odd,30,2026-01-01,yes", name="another word for true", cleared={"active: not true or false": 1}),
    user("50,a\x00b,30,2026-01-01,true", name="a NUL in a value"),
    Dirt(
        "one id in two normal forms",
        users=PEOPLE + "Caf\u00e9,a,30,,\nCafe\u0301,b,30,,\n",
        refused={DUPLICATE: 1},
    ),
    Dirt("ids as floats", events=EVENTS.replace(",BUY", ".0,BUY")),
    event("an event without an id", ",BUY,2026-11-01,1", "missing user_id"),
    event("an event without a name", '1,"  ",2026-11-01,1', "missing event_name"),
    event("an event without a time", "1,BUY,,1", "missing timestamp"),
    event("an event with a time that is none", "1,BUY,soon,1", "not a time"),
    event("an event on a day that is none", "1,BUY,2026-02-30 10:00:00,1", "not a time"),
    event("an event at hour 25", "1,BUY,2026-11-01 25:00:00,1", "not a time"),
    event("a time in seconds among others", "1,BUY,1777629600,1", "not a time"),
    event("a time too fine", "1,BUY,2026-11-01 10:00:00.1234567,1", "finer than a microsecond"),
    event("an event two days ahead", "1,BUY,2026-11-24 12:00:00,1", "in the future"),
    event("an event in another zone, a day ahead", "1,BUY,2026-11-23T13:00:00+02:00,1", None),
    event("an event of nobody", "999,BUY,2026-11-01,1", "no such user"),
    event("an event of an id as float", "1.0,BUY,2026-11-01,1", "no such user"),
    event("the same event again", "1,BUY,2026-11-01 10:00:00,1.50", None),
    event("the header among events", "user_id,event_name,timestamp,amount", "the header again"),
    Dirt(
        "a word for an amount",
        events=EVENTS + "1,BUY,2026-11-01,free\n",
        cleared={"amount: not a number": 1},
    ),
]


def test_there_are_at_least_30_kinds_of_dirt_each_with_its_name():
    assert len({dirt.name for dirt in DIRT}) == len(DIRT) >= 30


@pytest.mark.parametrize("dirt", DIRT, ids=lambda dirt: dirt.name)
def test_every_row_of_a_dirty_file_is_accounted_for(shop: Shop, dirt: Dirt):
    report = shop.load(dirt.users, dirt.events)

    refused: Counter[str] = Counter()
    cleared: Counter[str] = Counter()
    for kind, table, content in (
        ("users", report.users, records(dirt.users, dirt)),
        ("events", report.events, records(dirt.events, Dirt("plain"))),
    ):
        told = [entry for entry in shop.rejects() if entry["file"].endswith(f"{kind}.csv")]
        assert table.rows == len(content)
        assert table.loaded == len(content) - sum(entry["action"] == "refused" for entry in told)
        assert {int(entry["line"]) for entry in told} <= set(content)
        refused.update(entry["reason"] for entry in told if entry["action"] == "refused")
        cleared.update(
            f"{entry['column']}: {entry['reason']}" for entry in told if entry["action"] == "cleared"
        )
    assert refused == dirt.refused == report.users.refused_by | report.events.refused_by
    assert cleared == dirt.cleared == report.users.cleared_by | report.events.cleared_by
    assert len(shop.users()) == report.users.loaded
    assert len(shop.events()) == report.events.loaded


def records(content: str | bytes, dirt: Dirt) -> list[int]:
    """The line each row starts at, as the csv module reads the file."""
    text = content if isinstance(content, str) else content.decode(dirt.encoding)
    file = io.StringIO(text.removeprefix("\ufeff"), newline="")
    reader = csv.reader(file, delimiter=dirt.delimiter, quotechar=dirt.quote)
    lines, line = [], 1
    for cells in reader:
        if cells:
            lines.append(line)
        line = reader.line_num + 1
    return lines[1:]
