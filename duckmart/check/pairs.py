"""Problems and warnings of a condition that compares one measure with another."""

from collections.abc import Iterator

from duckmart.check.kinds import CheckContext
from duckmart.compile import measure_pairs
from duckmart.compile.wide_sums import DIGITS
from duckmart.errors import Problem, phrase
from duckmart.spec.measures import Gives
from duckmart.spec.paths import Path, problem
from duckmart.spec.segment import EventFilter


def problems(path: Path, node: EventFilter, context: CheckContext) -> Iterator[Problem]:
    """Why two measures of known properties cannot be compared, if they cannot."""
    properties, are_numbers = context.catalog.properties, True
    for step, side in node.sides:
        column = properties.get(side.measure.property or "")
        if side.row.gives is Gives.VALUE and column is not None and not column.kind.is_number:
            are_numbers = False
            message = phrase(
                "{measure} of {name!r}, a {kind} property, is no number",
                measure=side.row,
                name=column.name,
                kind=column.kind,
            )
            hint = "compare measures that are numbers"
            yield problem((*path, *step, "measure"), "unsuited_measure", message, hint)
    if are_numbers and (digits := measure_pairs.most_digits(node, context.catalog)) > DIGITS:
        message = f"takes up to {digits} digits with this data, and {DIGITS} are exact"
        hint = "compare sums instead of averages, or load the properties with fewer decimals"
        yield problem((*path, "than"), "too_many_digits", message, hint)


def warnings(path: Path, node: EventFilter, context: CheckContext) -> Iterator[Problem]:
    """What is suspicious about two measures."""
    if node.than is not None and measure_pairs.is_floating(node, context.catalog):
        message = "compares binary fractions: who is right at the limit may fall on either side"
        yield problem((*path, "than"), "inexact", message, "load the column with at most 18 decimals")
