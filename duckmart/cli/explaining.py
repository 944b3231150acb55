"""The command that tells why users are in a segment or not."""

from collections.abc import Iterator
from typing import BinaryIO

import click

from duckmart.cli.console import say, spec_argument, text, warn
from duckmart.cli.root import cli
from duckmart.insight.explain import Explanation, Reason
from duckmart.instants import stamp
from duckmart.mart import current
from duckmart.settings import Settings
from duckmart.spec.json_text import to_json


@cli.command()
@spec_argument
@click.argument("users", metavar="USER_ID...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the explanations as JSON on stdout.")
@click.pass_obj
def explain(settings: Settings, spec: BinaryIO, users: tuple[str, ...], *, as_json: bool) -> None:
    """Say why users are members of a segment or not.

    For each condition: whether it holds, on which value, the first events that counted, and for one that
    does not hold the one change that would turn it. Users that the data does not know are named as such.
    """
    mart = current(settings)
    segment, warnings = mart.read(text(spec, settings))
    warn(warnings)
    explanations, as_of = mart.explain(segment, users), stamp(mart.as_of(segment))
    if as_json:
        click.echo(to_json({"as_of": as_of, "users": [one.as_dict() for one in explanations]}))
        return
    for one in explanations:
        for line in lines_of(one):
            # A value may hold line ends.
            click.echo(" ".join(line.splitlines()))
    say(f"as of {as_of}")


def lines_of(one: Explanation) -> Iterator[str]:
    yield f"{one.user_id} {verdict(one)}"
    for reason in one.conditions:
        yield from conditions(reason)


def verdict(one: Explanation) -> str:
    if not one.known:
        return "is not in the data"
    if one.member:
        return f"is a member, in the variant {one.variant}" if one.variant else "is a member"
    return "is not a member: the sample leaves it out" if one.held else "is not a member"


def conditions(reason: Reason) -> Iterator[str]:
    """A line for the condition, indented as it is nested, and one for each event."""
    indent = "  " * (len(reason.path) // 2)
    value = f": {reason.words}" if reason.words else ""
    change = f", {reason.change.words}" if reason.change else ""
    yield f"{indent}{'yes' if reason.held else 'no':<5}{reason.line}{value}{change}"
    for event in reason.events:
        yield f"{indent}     {stamp(event.time)} {event.name}"
