"""Commands that ask about a spec: sql, describe, check, examples, schema."""

from typing import BinaryIO

import click

from duckmart.cli.console import spec_argument, text, warn
from duckmart.cli.root import cli
from duckmart.compile.query import DIALECTS
from duckmart.errors import Problem, SpecError
from duckmart.mart import Mart, current
from duckmart.settings import Settings
from duckmart.spec.describe import sentence
from duckmart.spec.examples import DEMOS, SHOP, Example, all_examples, example, examples
from duckmart.spec.json_text import read_json, to_json
from duckmart.spec.parser import parse
from duckmart.spec.segment import Segment


@cli.command()
@spec_argument
@click.option("--dialect", type=click.Choice(DIALECTS), default="duckdb", show_default=True)
@click.option("--plan", is_flag=True, help="Print instead what the SQL is made from.")
@click.pass_obj
def sql(settings: Settings, spec: BinaryIO, dialect: str, plan: bool) -> None:
    """Print the SQL of a segment, values in place, to read or to run elsewhere."""
    mart = current(settings)
    segment, warnings = mart.read(text(spec, settings))
    warn(warnings)
    click.echo(mart.plan(segment) if plan else mart.members(segment).sql(dialect))


@cli.command()
@spec_argument
@click.pass_obj
def describe(settings: Settings, spec: BinaryIO) -> None:
    """Say a segment as an English sentence."""
    click.echo(sentence(parse(read_json(text(spec, settings), settings), settings)))


@cli.command()
@spec_argument
@click.option("--json", "as_json", is_flag=True, help="Print problems and warnings as JSON on stdout.")
@click.pass_context
def check(context: click.Context, spec: BinaryIO, as_json: bool) -> None:
    """Check a spec against the data; ends with 2 if it cannot run."""
    settings: Settings = context.obj
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    try:
        _, warnings = current(settings).read(text(spec, settings))
    except SpecError as error:
        if not as_json:
            raise
        problems = error.problems
    if as_json:
        findings = {"problems": problems, "warnings": warnings}
        click.echo(to_json({what: [one.as_dict() for one in some] for what, some in findings.items()}))
        context.exit(SpecError.exit_code if problems else 0)
    warn(warnings)
    click.echo("the spec is fine, with warnings" if warnings else "the spec is fine")


@cli.command(name="examples")
@click.argument("id", type=click.Choice([one.id for one in all_examples()]), required=False, metavar="[ID]")
@click.option(
    "--demo",
    type=click.Choice(DEMOS),
    default=SHOP,
    show_default=True,
    help="The demo data that they are for.",
)
@click.option("--run", is_flag=True, help="Run them, and print how many users each has and the time it took.")
@click.pass_obj
def list_examples(settings: Settings, id: str | None, demo: str, run: bool) -> None:  # noqa: A002
    """List the example segments, or print the spec of one."""
    selection = [example(id)] if id else examples(demo)
    if run:
        mart = current(settings)
        for one in selection:
            click.echo(run_example(one, mart))
    elif id:
        click.echo(to_json(selection[0].spec))
    else:
        for one in selection:
            click.echo(f"{one.id:<24}{one.question}")


def run_example(one: Example, mart: Mart) -> str:
    segment, _ = mart.accept(one.spec)
    size = mart.size(segment)
    return f"{one.id:<24}{size.total:>9,} users{size.seconds:9.3f} s"


@cli.command()
def schema() -> None:
    """Print the JSON Schema of a spec."""
    click.echo(to_json(Segment.model_json_schema()))
