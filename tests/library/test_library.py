"""Saved segments: ids, versions, history, deletion, references, moving them; on SQLite and on PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import simplejson
from sqlalchemy import create_engine

from duckmart.errors import Exists, InUse, LibraryError, NotFound, SpecError, Stale
from duckmart.library.drafts import StoredDraft
from duckmart.library.library import Library
from duckmart.library.saved import Action, Details
from duckmart.settings import Settings
from duckmart.spec.json_text import to_json
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment

NOW = datetime(2026, 11, 22, 9, 30)
LATER = NOW + timedelta(hours=1, microseconds=5)


@pytest.fixture
def library(library_place: str | Path) -> Iterator[Library]:
    with closing(Library(library_place)) as library:
        yield library


def segment(**spec: Any) -> Segment:
    return parse(spec, Settings())


def adults(age: Any = 18) -> Segment:
    return segment(user_filters=[{"field": "age", "operator": "gte", "value": age}])


def members_of(*ids: str, operator: str = "in") -> Segment:
    return segment(segment_filters=[{"segment": one, "operator": operator} for one in ids])


def problems(error: pytest.ExceptionInfo[SpecError]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in error.value.problems]


def test_a_saved_segment_is_what_it_was(library: Library):
    details = Details("Adults", "All of 18 and more", ("age", "core"), "Ann")

    saved = library.save("adults", adults(), details, now=NOW)

    assert library.get("adults") == saved
    assert (saved.id, saved.name, saved.description, saved.tags, saved.owner, saved.version) == (
        *("adults", "Adults", "All of 18 and more", ("age", "core"), "Ann", 1),
    )
    assert saved.created == saved.updated == NOW
    assert saved.spec == {"user_filters": [{"field": "age", "operator": "gte", "value": 18}]}


def test_the_name_is_the_id_where_none_is_given(library: Library):
    saved = library.save("adults", adults(), now=NOW)

    assert (saved.name, saved.description, saved.tags, saved.owner) == ("adults", "", (), "")


def test_numbers_keep_every_digit(library: Library):
    exact = Decimal("12345678901234567.123456789012345678")
    library.save("exact", adults(exact), now=NOW)

    assert library.get("exact").spec["user_filters"][0]["value"] == exact
    assert library.specs["exact"] == library.get("exact").spec


def test_letters_of_every_script_are_kept(library: Library):
    text = "ñ 日本 🦆 O'Neil 50% \\ \" \n"
    spec = segment(user_filters=[{"field": "name", "operator": "eq", "value": text}])
    library.save("letters", spec, Details(text.strip(), text, (text.strip(),), text.strip()), now=NOW)

    saved = library.get("letters")
    assert saved.spec["user_filters"][0]["value"] == text
    assert (saved.name, saved.description, saved.tags) == (text.strip(), text, (text.strip(),))


def test_the_spec_is_kept_in_its_canonical_form(library: Library):
    library.save("everyone", segment(user_filters=[], logic_operator="AND", limit=None), now=NOW)

    assert library.get("everyone").spec == {}


def test_ids_that_differ_by_case_are_two(library: Library):
    library.save("Plan", adults(1), now=NOW)
    library.save("plan", adults(2), now=NOW)

    assert [one.id for one in library.listed()] == ["Plan", "plan"]
    assert library.get("Plan").spec["user_filters"][0]["value"] == 1


@pytest.mark.parametrize("bad", ["", "a b", "ü", "a/b", "../a", "a\n", "x" * 65, "a.b"])
def test_an_id_that_cannot_be_is_refused(library: Library, bad: str):
    with pytest.raises(SpecError) as error:
        library.save(bad, adults(), now=NOW)

    assert problems(error) == [("id", "bad_id")]


def test_an_id_may_be_as_long_as_64(library: Library):
    assert library.save("-_" + "Z" * 62, adults(), now=NOW).version == 1


def test_everything_wrong_with_the_details_is_named_at_once(library: Library):
    details = Details("", "x" * 10_001, ("fine", "", "y" * 65), "\ud800")

    with pytest.raises(SpecError) as error:
        library.save("no!", adults(), details, now=NOW)

    paths = ["id", "name", "description", "owner", "tags.1", "tags.2"]
    assert [path for path, _ in problems(error)] == paths


def test_a_tag_that_is_given_twice_is_one(library: Library):
    assert library.save("a", adults(), Details(tags=("x", "y", "x")), now=NOW).tags == ("x", "y")


def test_a_change_with_the_current_version_is_the_next_version(library: Library):
    library.save("adults", adults(), Details("Adults", owner="Ann"), now=NOW)

    changed = library.save("adults", adults(21), version=1, now=LATER)

    assert library.get("adults") == changed
    assert (changed.version, changed.created, changed.updated) == (2, NOW, LATER)
    assert (changed.name, changed.owner) == ("Adults", "Ann")
    assert changed.spec["user_filters"][0]["value"] == 21


@pytest.mark.parametrize("seen", [0, 1, 3])
def test_a_change_of_another_version_is_refused_with_the_current_one(library: Library, seen: int):
    library.save("adults", adults(), now=NOW)
    library.save("adults", adults(21), version=1, now=NOW)

    for change in (
        lambda: library.save("adults", adults(30), version=seen, now=NOW),
        lambda: library.describe("adults", Details("x"), version=seen, now=NOW),
        lambda: library.delete("adults", version=seen, now=NOW),
    ):
        with pytest.raises(Stale, match="at version 2 now") as error:
            change()
        assert (error.value.current, error.value.status, error.value.exit_code) == (2, 412, 1)
    assert library.get("adults").version == 2


def test_an_id_that_is_taken_is_refused_without_a_version(library: Library):
    library.save("adults", adults(), now=NOW)

    with pytest.raises(Exists, match="name its version: --version 1") as error:
        library.save("adults", adults(21), now=NOW)

    assert (error.value.ids, error.value.status) == (("adults",), 409)
    assert library.get("adults").version == 1


def test_an_unknown_id_is_said_with_the_nearest(library: Library):
    library.save("adults", adults(), now=NOW)

    for ask in (
        lambda: library.get("adlts"),
        lambda: library.history("adlts"),
        lambda: library.used_by("adlts"),
        lambda: library.save("adlts", adults(), version=1, now=NOW),
        lambda: library.describe("adlts", Details(), version=1, now=NOW),
        lambda: library.delete("adlts", now=NOW),
        lambda: library.restore("adlts", now=NOW),
    ):
        with pytest.raises(NotFound, match="did you mean 'adults'") as error:
            ask()
        assert error.value.status == 404


def test_new_words_are_a_version_with_the_same_id_and_spec(library: Library):
    before = library.save("adults", adults(), Details("Adults", "18+", ("age",), "Ann"), now=NOW)

    renamed = library.describe("adults", Details("Grown-ups", tags=()), version=1, now=LATER)

    assert (renamed.id, renamed.name, renamed.description, renamed.tags, renamed.owner) == (
        *("adults", "Grown-ups", "18+", (), "Ann"),
    )
    assert (renamed.version, renamed.spec) == (2, before.spec)


def test_the_history_has_every_version_and_what_made_it(library: Library):
    first = library.save("adults", adults(), now=NOW)
    second = library.save("adults", adults(21), version=1, now=NOW)
    third = library.describe("adults", Details("Grown-ups"), version=2, now=LATER)
    fourth = library.delete("adults", now=LATER)
    fifth = library.restore("adults", now=LATER)

    history = library.history("adults")

    assert [revision.saved for revision in history] == [first, second, third, fourth, fifth]
    assert [revision.action for revision in history] == [
        *(Action.CREATED, Action.SAVED, Action.DESCRIBED, Action.DELETED, Action.RESTORED),
    ]
    assert [revision.saved.version for revision in history] == [1, 2, 3, 4, 5]


def test_a_deleted_segment_is_gone_but_for_its_history(library: Library):
    library.save("adults", adults(), now=NOW)
    library.save("teens", adults(13), now=NOW)

    library.delete("adults", version=1, now=LATER)

    assert [one.id for one in library.listed()] == list(library.specs) == ["teens"]
    assert [one.id for one in library.deleted()] == ["adults"]
    assert "adults" not in library.specs
    for ask in (lambda: library.get("adults"), lambda: library.delete("adults", now=NOW)):
        with pytest.raises(NotFound, match="was deleted"):
            ask()
    with pytest.raises(Exists, match="restore it first"):
        library.save("adults", adults(), now=NOW)
    assert len(library.history("adults")) == 2


def test_a_restored_segment_is_as_it_was(library: Library):
    before = library.save("adults", adults(), Details("Adults", "18+", ("age",), "Ann"), now=NOW)
    library.delete("adults", now=NOW)

    restored = library.restore("adults", now=LATER)

    assert library.get("adults") == restored
    assert (restored.name, restored.spec, restored.tags) == (before.name, before.spec, before.tags)
    assert restored.version == 3
    with pytest.raises(Exists, match="is not deleted"):
        library.restore("adults", now=NOW)


def test_the_specs_are_seen_as_they_are_when_asked(library_place: str | Path, library: Library):
    specs = library.specs
    assert (dict(specs), len(specs)) == ({}, 0)

    with closing(Library(library_place)) as other:
        other.save("adults", adults(), now=NOW)

    assert dict(specs) == {"adults": library.get("adults").spec}
    assert len(specs) == 1
    assert specs.get("nobody") is None


def test_a_segment_that_others_use_stays(library: Library):
    library.save("adults", adults(), now=NOW)
    library.save("vip", members_of("adults"), now=NOW)
    library.save("rest", segment(groups=[members_of("adults", operator="not_in").as_dict()]), now=NOW)

    assert library.used_by("adults") == ("rest", "vip")
    with pytest.raises(InUse, match="'rest', 'vip'") as error:
        library.delete("adults", now=NOW)
    assert (error.value.users, error.value.status) == (("rest", "vip"), 409)

    library.delete("rest", now=NOW)
    library.save("vip", adults(99), version=1, now=NOW)
    assert library.used_by("adults") == ()
    assert library.delete("adults", now=NOW).version == 2


def test_a_reference_to_nothing_is_refused_where_it_stands(library: Library):
    library.save("adults", adults(), now=NOW)
    library.save("gone", adults(), now=NOW)
    library.delete("gone", now=NOW)

    for spec, path in (
        (members_of("adults", "adlts"), "segment_filters.1.segment"),
        (members_of("gone"), "segment_filters.0.segment"),
        (segment(groups=[{"groups": [members_of("nope").as_dict()]}]), "groups.0.groups.0."),
    ):
        with pytest.raises(SpecError) as error:
            library.save("vip", spec, now=NOW)
        assert [code for _, code in problems(error)] == ["unknown_segment"]
        assert problems(error)[0][0].startswith(path)
    with pytest.raises(NotFound):
        library.get("vip")


def test_a_segment_is_not_restored_before_those_it_refers_to(library: Library):
    library.save("adults", adults(), now=NOW)
    library.save("vip", members_of("adults"), now=NOW)
    library.delete("vip", now=NOW)
    library.delete("adults", now=NOW)

    with pytest.raises(SpecError, match="no saved segment 'adults'"):
        library.restore("vip", now=NOW)

    library.restore("adults", now=NOW)
    library.restore("vip", now=NOW)
    assert library.used_by("adults") == ("vip",)


def test_a_circle_is_refused_and_named(library: Library):
    library.save("a", adults(), now=NOW)
    library.save("b", members_of("a"), now=NOW)
    library.save("c", members_of("a", "b"), now=NOW)

    with pytest.raises(SpecError, match="a → c → a"):
        library.save("a", members_of("c"), version=1, now=NOW)
    with pytest.raises(SpecError, match="b → b"):
        library.save("b", members_of("b"), version=1, now=NOW)
    with pytest.raises(SpecError, match="d → d"):
        library.save("d", members_of("d"), now=NOW)
    assert [library.get(one).version for one in "abc"] == [1, 1, 1]


def test_an_export_makes_the_same_library_elsewhere(library: Library, tmp_path: Path):
    exact = Decimal("0.123456789012345678")
    # Their order in the document is not that of who refers to whom.
    library.save("z", adults(exact), Details("Z", "last", ("x", "ü"), "Ann"), now=NOW)
    library.save("a", members_of("z"), now=NOW)
    library.save("gone", adults(), now=NOW)
    library.delete("gone", now=NOW)
    other = Library(tmp_path / "other.sqlite")

    done = other.import_(library.export(), settings=Settings(), now=LATER)

    assert done.created == ("a", "z")
    assert [(one.id, one.spec, one.name, one.tags) for one in other.listed()] == [
        (one.id, one.spec, one.name, one.tags) for one in library.listed()
    ]
    assert other.used_by("z") == ("a",)
    assert [revision.action for revision in other.history("z")] == [Action.IMPORTED]
    assert (
        simplejson.loads(library.export(), use_decimal=True)["segments"][1]["spec"]["user_filters"][0][
            "value"
        ]
        == exact
    )


def test_an_import_overwrites_nothing_unless_told_to(library: Library):
    library.save("same", adults(), now=NOW)
    library.save("mine", adults(), now=NOW)
    library.save("gone", adults(), now=NOW)
    text = library.export()
    library.save("mine", adults(30), version=1, now=NOW)
    library.delete("gone", now=NOW)

    with pytest.raises(Exists) as error:
        library.import_(text, settings=Settings(), now=LATER)
    assert error.value.ids == ("gone", "mine")
    assert library.get("mine").version == 2

    done = library.import_(text, settings=Settings(), now=LATER, replacing=True)

    assert (done.created, done.replaced, done.unchanged) == ((), ("gone", "mine"), ("same",))
    assert (library.get("mine").version, library.get("mine").spec) == (3, library.get("same").spec)
    assert library.get("gone").version == 3
    assert library.get("same").version == 1
    assert len(library.history("mine")) == 3


def test_an_import_is_all_or_nothing_and_every_problem_has_its_place(library: Library):
    rows = [
        {"id": "fine", "spec": {}},
        {"id": "b!", "spec": {}},
        {"id": "c", "spec": {"limit": 0, "user_filtrs": []}},
        {"id": "d"},
        {"id": "e", "spec": {}, "tags": "x"},
        "f",
        {"id": "fine", "spec": {}},
    ]

    with pytest.raises(SpecError) as error:
        library.import_(to_json({"duckmart_library": 1, "segments": rows}), settings=Settings(), now=NOW)

    assert {path for path, _ in problems(error)} == {
        *("segments.1.id", "segments.2.spec.limit", "segments.2.spec.user_filtrs"),
        *("segments.3.spec", "segments.4.tags", "segments.5", "segments"),
    }
    assert library.listed() == ()


def test_an_import_refuses_references_to_nothing_and_circles(library: Library):
    def text(**specs: Segment) -> str:
        rows = [{"id": key, "spec": spec.as_dict()} for key, spec in specs.items()]
        return to_json({"duckmart_library": 1, "segments": rows})

    for given, words in (
        (text(a=members_of("b")), "no saved segment 'b'"),
        (text(a=members_of("b"), b=members_of("a")), "a → b → a"),
    ):
        with pytest.raises(SpecError, match=words):
            library.import_(given, settings=Settings(), now=NOW)
    assert library.listed() == ()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"duckmart_library": 2}', '{"duckmart_library": 1}', "\xff"]
)
def test_what_is_no_export_is_said_in_words(library: Library, text: str):
    with pytest.raises(SpecError):
        library.import_(text, settings=Settings(), now=NOW)


def test_reading_makes_no_library(tmp_path: Path):
    library = Library(tmp_path / "none" / "library.sqlite")

    assert library.listed() == ()
    assert list(library.specs) == []
    with pytest.raises(NotFound):
        library.get("adults")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_empty_is_an_empty_library(tmp_path: Path):
    file = tmp_path / "library.sqlite"
    file.touch()

    assert Library(file).listed() == ()
    assert Library(file).save("a", adults(), now=NOW).version == 1


def test_a_file_that_is_no_library_is_said_in_words_and_stays(tmp_path: Path):
    file = tmp_path / "library.sqlite"
    file.write_bytes(b"What you need is a duck.\n" * 1000)

    for ask in (lambda: Library(file).listed(), lambda: Library(file).save("a", adults(), now=NOW)):
        with pytest.raises(
            LibraryError, match=r"library\.sqlite: the file is no library, or damaged"
        ) as error:
            ask()
        assert (error.value.code, error.value.status, error.value.exit_code) == ("library", 503, 1)
    assert file.read_bytes().startswith(b"What you need")


def test_a_file_that_is_cut_short_is_said_in_words(tmp_path: Path):
    file = tmp_path / "library.sqlite"
    library = Library(file)
    for number in range(40):
        library.save(f"s{number}", adults(number), Details(description="x" * 4000), now=NOW)
    file.write_bytes(file.read_bytes()[:20_000])

    with pytest.raises(LibraryError, match="damaged"):
        library.listed()


def test_a_library_that_may_only_be_read_is_read_and_says_so_at_a_save(tmp_path: Path):
    file = tmp_path / "library.sqlite"
    Library(file).save("a", adults(), now=NOW)
    library = Library(f"sqlite:///file:{file}?mode=ro&uri=true")

    assert [one.id for one in library.listed()] == ["a"]
    with pytest.raises(LibraryError, match="may only be read"):
        library.save("b", adults(), now=NOW)


def test_a_folder_in_the_place_of_the_file_is_said_in_words(tmp_path: Path):
    with pytest.raises(LibraryError, match="cannot be opened"):
        Library(tmp_path).listed()


def test_a_file_in_the_place_of_the_folder_is_said_in_words(tmp_path: Path):
    (tmp_path / "data").touch()

    with pytest.raises(LibraryError, match=r"File exists|Not a directory"):
        Library(tmp_path / "data" / "library.sqlite").save("a", adults(), now=NOW)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "no database URL"),
        ("cobol://user:secret@host/name", "unknown kind of database"),
        ("oracle://user:secret@host/name", "needs a driver"),
        ("sqlite://", "name a file"),
    ],
)
def test_a_url_that_leads_nowhere_is_said_without_its_password(url: str, words: str):
    with pytest.raises(LibraryError, match=words) as error:
        Library(url).listed()

    assert "secret" not in str(error.value)


def test_tables_of_another_version_are_left_alone(tmp_path: Path):
    file = tmp_path / "library.sqlite"
    Library(file).save("a", adults(), now=NOW)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE segment_library SET schema_version = 99")
    connection.close()

    for ask in (lambda: Library(file).listed(), lambda: Library(file).save("b", adults(), now=NOW)):
        with pytest.raises(LibraryError, match="are of version 99, this DuckMart knows version 1"):
            ask()


def test_a_file_in_a_folder_of_any_name_is_found(tmp_path: Path):
    file = tmp_path / "50% #off? & more" / "library.sqlite"

    Library(file).save("a", adults(), now=NOW)

    assert file.exists()
    assert Library(file).get("a").version == 1


# What the builder keeps


ROWS = '{"rows": ["O\'Neil", "50% ñ 🦆", null]}'


def test_a_version_comes_back_with_the_rows_that_it_was_saved_with(library: Library):
    library.save("adults", adults(), now=NOW, kept=ROWS)
    library.save("adults", adults(), now=NOW, version=1, kept="{}")
    library.save("adults", adults(), now=NOW, version=2)

    assert [library.kept_rows("adults", version) for version in (1, 2, 3, 4)] == [ROWS, "{}", None, None]
    assert library.kept_rows("nobody", 1) is None


def test_new_words_a_deletion_and_a_restore_leave_the_rows_as_they_are(library: Library):
    library.save("teens", adults(13), now=NOW, kept="{}")
    library.save("adults", adults(), now=NOW, kept=ROWS)
    library.describe("adults", Details("Grown-ups"), version=1, now=NOW)
    library.delete("adults", now=NOW)
    library.restore("adults", now=NOW)
    library.save("adults", adults(21), now=NOW, version=4)
    library.describe("adults", Details("Adults"), version=5, now=NOW)

    assert [library.kept_rows("adults", version) for version in range(1, 7)] == [ROWS] * 4 + [None] * 2


def test_an_export_has_the_specs_and_not_the_rows(library: Library, tmp_path: Path):
    library.save("adults", adults(), now=NOW, kept=ROWS)
    other = Library(tmp_path / "other.sqlite")

    other.import_(library.export(), settings=Settings(), now=NOW)

    assert "rows" not in library.export()
    assert other.kept_rows("adults", 1) is None


def test_what_is_refused_keeps_no_rows(library: Library):
    library.save("adults", adults(), now=NOW)

    with pytest.raises(Stale):
        library.save("adults", adults(21), now=NOW, version=7, kept=ROWS)

    assert library.kept_rows("adults", 2) is None


def test_a_draft_is_kept_as_it_was_last(library_place: str | Path, library: Library):
    assert library.draft("d") is None
    assert library.keep_draft("d", "one", now=NOW) == 1
    assert library.keep_draft("d", ROWS, now=LATER, edition=1) == 2
    library.keep_draft("other", "other", now=NOW)

    with closing(Library(library_place)) as another:
        assert another.draft("d") == StoredDraft(ROWS, 2)
    assert library.listed() == ()


def test_of_two_who_edit_one_draft_the_second_is_told_and_overwrites_nothing(
    library_place: str | Path, library: Library
):
    library.keep_draft("d", "one", now=NOW)
    with closing(Library(library_place)) as another:
        another.keep_draft("d", "theirs", now=NOW, edition=1)

    with pytest.raises(Stale):
        library.keep_draft("d", "mine", now=NOW, edition=1)
    with pytest.raises(LibraryError):
        library.keep_draft("d", "mine", now=NOW)
    with pytest.raises(Stale):
        library.keep_draft("never", "mine", now=NOW, edition=1)

    assert library.draft("d") == StoredDraft("theirs", 2)


def test_drafts_that_nobody_touched_for_thirty_days_go_when_another_begins(library: Library):
    library.keep_draft("touched", "x", now=NOW)
    library.keep_draft("left", "x", now=NOW)
    library.keep_draft("touched", "y", now=NOW + timedelta(days=20), edition=1)

    library.keep_draft("new", "x", now=NOW + timedelta(days=30))
    assert library.draft("left") is not None
    library.keep_draft("newer", "x", now=NOW + timedelta(days=30, seconds=1))

    assert library.draft("left") is None
    assert library.draft("touched") == StoredDraft("y", 2)


def test_a_library_made_before_there_were_drafts_is_read_and_gets_them(library_place: str | Path):
    with closing(Library(library_place)) as library:
        library.save("adults", adults(), now=NOW)
    url = f"sqlite:///{library_place}" if isinstance(library_place, Path) else library_place
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in ("segment_rows", "segment_drafts"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
    engine.dispose()

    with closing(Library(library_place)) as old:
        assert (old.draft("d"), old.kept_rows("adults", 1)) == (None, None)
        assert [one.id for one in old.listed()] == ["adults"]
        assert old.keep_draft("d", "x", now=NOW) == 1
        old.save("adults", adults(21), now=NOW, version=1, kept=ROWS)
        assert (old.draft("d"), old.kept_rows("adults", 2)) == (StoredDraft("x", 1), ROWS)
