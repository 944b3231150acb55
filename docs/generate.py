"""Writes the pages of docs/ that follow from the code; with --check it only says which are out of date.

python docs/generate.py [--check]
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from pydantic.fields import FieldInfo

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from duckmart.cli import cli
from duckmart.data.generate import generate_club
from duckmart.errors import SpecError
from duckmart.first_load import load_first, prepare
from duckmart.instants import stamp
from duckmart.mart import Mart, current
from duckmart.settings import Settings
from duckmart.spec.describe import sentence
from duckmart.spec.examples import Example, examples_for
from duckmart.spec.json_text import Json, to_json
from duckmart.spec.kinds import KINDS, Kinds
from duckmart.spec.measures import MEASURES, MeasureRow
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS, OperatorRow, Takes
from duckmart.spec.segment import Segment
from duckmart.spec.values import MAX_YEARLY_DAYS

PROGRAM = "python -m duckmart"
WIDTH = 100
IDS_SHOWN = 10
# The segments of spec.source.md: ones that run, ones that are saved under a name, ones that are refused.
SEGMENT = re.compile(r"^```json (segment|saved|refused)(?: ([\w-]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VALUES = {
    Takes.ONE: "one value",
    Takes.PAIR: "`[low, high]`, both included",
    Takes.LIST: "a list",
    Takes.PATTERN: "a pattern: `%` any run, `_` one letter, letter case as written",
    Takes.FRAGMENT: 'a text, in any letter case; `"case_sensitive": true` for as written',
    Takes.DAYS: "a number of days",
    Takes.RANK: "a number of users, ranked among all who have a value",
    Takes.PERCENT: "a percentage of all users who have a value, up to 100",
    Takes.NOTHING: "none",
}
# What a window is, and how to write it.
WINDOWS = {
    "the last N days": '`"time_range_days": 30`',
    "the last N hours": '`"time_range_hours": 6`',
    "between two times, one of which may be left out": (
        '`"time_range": {"from": "2026-10-01", "to": "2026-10-31"}`'
    ),
    "between days ago": '`"time_range": {"from_days_ago": 60, "to_days_ago": 30}`',
    "days from the user's own date on": '`"time_range": {"within_days_of": "signup_date", "days": 7}`',
}


def pages(mart: Mart, club: Mart) -> dict[str, str]:
    """File name -> content; `mart` holds the default demo data, and `club` the other."""
    return {
        "cli.md": cli_page(),
        "examples.md": examples_page(mart, club),
        "operators.md": operators_page(),
        "segment.schema.json": to_json(Segment.model_json_schema()) + "\n",
        "settings.md": settings_page(),
        "spec.md": spec_page(mart, club),
    }


def examples_page(mart: Mart, club: Mart) -> str:
    catalog = mart.catalog
    as_of = stamp(mart.as_of(Segment()))
    intro = (
        f"`{PROGRAM} examples ID` prints the JSON of one, with `--run` it runs. The results here are those "
        f"of the demo data as it comes: {catalog.users:,} users and {catalog.event_total:,} events. Windows "
        f"count back from `as_of`, here the newest event: {as_of}."
    )
    other = (
        f"The last ones are for the other demo data, those of a sports club: {club.catalog.users:,} members "
        f"and {club.catalog.event_total:,} events, made by `{PROGRAM} generate --demo club`."
    )
    return page("Examples", intro, other, *theme_parts(mart), *theme_parts(club))


def theme_parts(mart: Mart) -> Iterator[str]:
    for theme, members in groupby(examples_for(mart.catalog.events), lambda one: one.theme):
        yield f"## {theme}"
        yield from (example_part(one, mart) for one in members)


def example_part(one: Example, mart: Mart) -> str:
    asked, _ = mart.accept(one.spec)
    ids = mart.audience(asked).ids.to_pylist()
    spec = (HERE.parent / "duckmart" / "spec" / "examples" / f"{one.id}.json").read_text("utf-8")
    first = ", ".join(map(str, ids[:IDS_SHOWN]))
    return "\n\n".join(
        [
            f"### {one.title}\n\n`{one.id}`: {one.question}",
            fenced("json", spec),
            f"> {sentence(asked)}",
            folded("Its SQL", fenced("sql", mart.members(asked).sql())),
            f"**{len(ids):,} users** ({len(ids) / mart.catalog.users:.1%}), the first of them {first}",
        ]
    )


def spec_page(mart: Mart, club: Mart) -> str:
    """`spec.source.md` with each of its segments run: its sentence, its SQL, its users or its problems."""
    saved: dict[str, Json] = {}
    mart = Mart(mart.engine, mart.settings, saved)
    title, _, source = (HERE / "spec.source.md").read_text("utf-8").partition("\n")

    def shown(block: re.Match[str]) -> str:
        kind, name, text = block.groups()
        if kind == "refused":
            return refused(text, mart)
        if kind == "saved":
            saved[name] = json.loads(text)
            return f"Saved as `{name}`:\n\n" + answered(text, mart)
        return answered(text, club if name == "club" else mart)

    return page(title.removeprefix("# "), SEGMENT.sub(shown, source).strip())


def answered(text: str, mart: Mart) -> str:
    asked, warnings = mart.read(text)
    parts = [
        fenced("json", text),
        f"> {sentence(asked)}",
        folded("Its SQL", fenced("sql", mart.members(asked).sql())),
        result(asked, mart),
        *(f"⚠ `{one.path}`: {one.message}; {one.hint}" for one in warnings),
    ]
    return "\n\n".join(parts)


def result(asked: Segment, mart: Mart) -> str:
    """How many users, how many of each arm, which ids of a cut list."""
    total = f"**{mart.size(asked).total:,} users**"
    rows = mart.engine.run(mart.members(asked))
    if "variant" in rows.column_names:
        arms = sorted(Counter(rows.column("variant").to_pylist()).items())
        return f"{total}: " + ", ".join(f"{count:,} {arm}" for arm, count in arms)
    if asked.limit:
        return f"{total}; the ids returned are {', '.join(map(str, rows.column('user_id').to_pylist()))}"
    return total


def refused(text: str, mart: Mart) -> str:
    try:
        mart.read(text)
    except SpecError as error:
        found = (f"- ✗ `{one.path}`: {one.message}; {one.hint}" for one in error.problems)
        return fenced("json", text) + "\n\n" + "\n".join(found)
    raise click.ClickException(f"spec.source.md says that this is refused, but it runs:\n{text}")


def cli_page() -> str:
    whole = click.Context(cli, info_name=PROGRAM, terminal_width=WIDTH)
    return page("The command line", fenced("text", whole.get_help()), *command_parts(cli, whole, "##"))


def command_parts(group: click.Group, above: click.Context, level: str) -> Iterator[str]:
    """The help of each command, then that of the words below it."""
    for name, command in group.commands.items():
        context = click.Context(command, above, name, terminal_width=WIDTH)
        title = context.command_path.removeprefix(PROGRAM).strip()
        yield f"{level} {title}\n\n" + fenced("text", context.get_help())
        if isinstance(command, click.Group):
            yield from command_parts(command, context, f"{level}#")


def settings_page() -> str:
    rows = (
        (f"`DUCKMART_{name.upper()}`", f"`{field.default}`", bounds(field), field.description)
        for name, field in Settings.model_fields.items()
    )
    intro = "Environment variables; a value that does not fit is refused with words. `None` means not set."
    return page("Settings", intro, table(("variable", "default", "allowed", "meaning"), rows))


def bounds(field: FieldInfo) -> str:
    ends = {type(bound).__name__: bound for bound in field.metadata}
    if "Ge" not in ends or "Le" not in ends:
        return ""
    return f"{ends['Ge'].ge:,} to {ends['Le'].le:,}"


def operators_page() -> str:
    of_users = table(
        ("operator", "in the builder", "in a sentence", "fields", "value", "users without a value"),
        (user_operator(row) for row in USER_OPERATORS.values()),
    )
    of_events = table(
        ("operator", "a number is", "a date is"),
        ((f"`{row.operator}`", row.label, row.date_words or row.label) for row in COUNT_OPERATORS.values()),
    )
    of_measures = table(
        ("measure", "what it is", "properties", "compared with", "users who never did it"),
        map(measure, MEASURES.values()),
    )
    return page(
        "Operators",
        "## Of user filters",
        "`{field, operator, value}`; which suit a field depends on what its column holds. Those of event "
        "properties (`where`) are the same.",
        of_users,
        "## Of event filters",
        "`{event_name, operator, count}`, or `{event_name, measure, operator, value}` for other measures; "
        "`first` and `last` take the operators of user filters.",
        of_events,
        "### Measures",
        of_measures,
        "### Windows",
        "At most one for each condition, none with `days_since_last` and `days_since_first`; of a sequence "
        "it bounds the first step.",
        table(("when", "how"), WINDOWS.items()),
    )


def measure(row: MeasureRow) -> tuple[str, ...]:
    name = f'`{{"{row.measure}": "amount"}}`' if row.kinds else f'`"{row.measure}"`'
    unknown = "have 0" if row.with_zero else "have no value"
    compared_with = "`count`" if row.measure == "count" else "`value`"
    return name, row.label, fields(row.kinds) if row.kinds else "none", compared_with, unknown


def user_operator(row: OperatorRow) -> tuple[str, ...]:
    words = f"{row.words}; dates: {row.date_words}" if row.date_words else row.words
    unknown = "match" if row.holds_for_unknown else "do not match"
    takes = f"{VALUES[row.takes]}, 0 to {MAX_YEARLY_DAYS}" if row.yearly else VALUES[row.takes]
    return f"`{row.operator}`", row.label, words, fields(row.kinds), takes, unknown


def fields(kinds: Kinds) -> str:
    suited = [name for name, kind in KINDS.items() if kind in kinds]
    return "all" if len(suited) == len(KINDS) else ", ".join(suited)


def page(title: str, *parts: str) -> str:
    note = "<!-- Written by docs/generate.py; edit what it reads instead. -->"
    return "\n\n".join([f"# {title}", note, *parts]) + "\n"


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.strip()}\n```"


def folded(title: str, content: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{content}\n\n</details>"


def table(head: Iterable[str], rows: Iterable[Iterable[str | None]]) -> str:
    lines = [list(head), *rows]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def stale(mart: Mart, club: Mart) -> list[str]:
    """The pages that are missing or differ from what the code says."""
    return [
        name
        for name, content in pages(mart, club).items()
        if not (HERE / name).is_file() or (HERE / name).read_text("utf-8") != content
    ]


def club_mart(folder: Path) -> Mart:
    settings = Settings(data=folder, as_of="data")
    files = generate_club(folder)
    load_first(settings, files.users, files.events, lambda what, share: None)
    return current(settings)


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail if a page is out of date.")
def main(check: bool) -> None:
    """Write the generated pages of docs/."""
    with TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), as_of="data")
        prepare(settings, lambda what, share: None)
        mart = current(settings)
        club = club_mart(Path(folder) / "club")
        outdated = stale(mart, club)
        if check and outdated:
            raise click.ClickException(f"out of date, run python docs/generate.py: {', '.join(outdated)}")
        if not check:
            made = pages(mart, club) if outdated else {}
            for name in outdated:
                (HERE / name).write_text(made[name], "utf-8")
    click.echo(f"written: {', '.join(outdated)}" if outdated else "all pages are current")


if __name__ == "__main__":
    main()
