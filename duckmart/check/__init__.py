"""All that is wrong with a spec against the data, at once, and what runs but is suspicious."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import assert_never

from duckmart import instants
from duckmart.catalog import Catalog, Column
from duckmart.errors import Problem, did_you_mean
from duckmart.operators import USER_OPERATORS, Kind, Operator, Takes
from duckmart.segment import PROBLEMS_PER_LIST, Child, EventFilter, Group, Path, UserFilter, dotted
from duckmart.values import shown


@dataclass(frozen=True, slots=True)
class Findings:
    """`problems` keep a spec from running; `warnings` do not."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check(nodes: Iterable[tuple[Path, Child]], catalog: Catalog) -> Findings:
    """What is wrong with these conditions, each with its path in the spec, in the spec's order."""
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for path, node in nodes:
        found = list(_problems(path, node, catalog))
        problems += found
        if not found:
            warnings += _warnings(path, node, catalog)
    return Findings(tuple(problems), tuple(warnings))


def _problems(path: Path, node: Child, catalog: Catalog) -> Iterator[Problem]:
    match node:
        case UserFilter():
            yield from _user_filter(path, node, catalog)
        case EventFilter():
            return
        case Group():
            if not node.children:
                yield _problem(
                    path, "empty_group", "a nested group without conditions", "add one, or remove the group"
                )
        case _:
            assert_never(node)


def _user_filter(path: Path, node: UserFilter, catalog: Catalog) -> Iterator[Problem]:
    attribute = catalog.attributes.get(node.field)
    if attribute is None:
        hint = (
            did_you_mean(node.field, catalog.attributes) or f"known fields: {', '.join(catalog.attributes)}"
        )
        yield _problem((*path, "field"), "unknown_field", f"unknown field {shown(node.field)}", hint)
        return
    row = USER_OPERATORS[node.operator]
    if attribute.kind not in row.kinds:
        suited = ", ".join(other for other, facts in USER_OPERATORS.items() if attribute.kind in facts.kinds)
        message = f"{node.operator!s} does not suit {node.field!r}, a {attribute.kind} field"
        yield _problem((*path, "operator"), "unsuited_operator", message, f"one of: {suited}")
        return
    yield from _values((*path, "value"), node, attribute)


def _values(path: Path, node: UserFilter, attribute: Column) -> Iterator[Problem]:
    takes_list = USER_OPERATORS[node.operator].takes is Takes.LIST
    match node.value:
        case tuple() as cells if takes_list:
            bad = (_value((*path, place), cell, node.operator, attribute) for place, cell in enumerate(cells))
            yield from islice(filter(None, bad), PROBLEMS_PER_LIST)
        case tuple():
            hint = "write one value, or use in or not_in"
            yield _problem(path, "wrong_value", f"{node.operator!s} takes one value", hint)
        case cell if takes_list:
            yield _problem(path, "wrong_value", f"{node.operator!s} takes a list", f"write [{shown(cell)}]")
        case cell:
            yield from filter(None, [_value(path, cell, node.operator, attribute)])


def _value(path: Path, cell: object, operator: Operator, attribute: Column) -> Problem | None:
    """What keeps a value from being compared with the attribute."""
    name, kind = attribute.name, attribute.kind
    match kind, cell:
        case (Kind.BOOLEAN, bool()):
            return None
        case (Kind.NUMBER, int() | Decimal()) if not isinstance(cell, bool):
            if attribute.whole and isinstance(cell, Decimal) and not USER_OPERATORS[operator].orders:
                hint = "write a whole number, or use gt, gte, lt or lte"
                return _problem(path, "wrong_value", f"{name!r} holds whole numbers, {cell} is none", hint)
            return None
        case (Kind.TEXT, str()):
            return None
        case (Kind.DATE | Kind.TIMESTAMP, str()):
            return _date(path, cell, attribute)
        case _:
            message = f"{name!r} is a {kind} field, {shown(cell)} is not a {kind}"
            return _problem(path, "wrong_type", message, _advice(kind, cell))


def _advice(kind: Kind, cell: object) -> str:
    match kind:
        case Kind.NUMBER if isinstance(cell, str):
            return "write the number without quotes"
        case Kind.TEXT:
            return f'write it in double quotes: "{shown(cell)}"'
        case Kind.BOOLEAN:
            return "write true or false, without quotes"
        case Kind.NUMBER:
            return "write a number"
        case _:
            return 'write a date in double quotes: "2026-11-22"'


def _date(path: Path, cell: str, attribute: Column) -> Problem | None:
    try:
        parsed = instants.parse(cell)
    except ValueError:
        hint = "write 2026-11-22" + ("" if attribute.kind is Kind.DATE else " or 2026-11-22T09:30:00Z")
        return _problem(
            path, "wrong_value", f"{shown(cell)} is not a date that {attribute.name!r} could hold", hint
        )
    if attribute.kind is Kind.DATE and isinstance(parsed, datetime):
        return _problem(
            path,
            "wrong_value",
            f"{attribute.name!r} holds dates, {shown(cell)} is a time",
            "write the date alone",
        )
    return None


def _warnings(path: Path, node: Child, catalog: Catalog) -> Iterator[Problem]:
    match node:
        case UserFilter():
            yield from _absent_values((*path, "value"), node, catalog.attributes[node.field])
        case EventFilter() if node.event_name not in catalog.events:
            hint = did_you_mean(node.event_name, catalog.events) or "pick one from the data"
            message = f"no event is called {shown(node.event_name)}, so everyone did it 0 times"
            yield _problem((*path, "event_name"), "unknown_event", message, hint)
        case EventFilter() | Group():
            return
        case _:
            assert_never(node)


def _absent_values(path: Path, node: UserFilter, attribute: Column) -> Iterator[Problem]:
    exact = USER_OPERATORS[node.operator].matches_whole_values
    if not (exact and attribute.complete and attribute.kind is Kind.TEXT):
        return
    known = {str(value): rows for value, rows in attribute.values}
    values = node.value if isinstance(node.value, tuple) else (node.value,)
    for place, cell in enumerate(values[:PROBLEMS_PER_LIST]):
        if str(cell) not in known:
            where = (*path, place) if isinstance(node.value, tuple) else path
            hint = did_you_mean(str(cell), known) or "pick one from the data"
            yield _problem(where, "absent_value", f"no user's {attribute.name} is {shown(cell)}", hint)


def _problem(path: Path, code: str, message: str, hint: str) -> Problem:
    return Problem(dotted(path), code, message, hint)
