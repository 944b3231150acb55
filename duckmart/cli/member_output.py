"""Members as the command line prints them: the form asked for, and what writes it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import pyarrow as pa

from duckmart.cli.console import say
from duckmart.compile import KEY
from duckmart.errors import Problem
from duckmart.export import TABLE_FORMATS, Write, ids_writer, json_writer
from duckmart.mart import Audience, Mart
from duckmart.spec.segment import Segment


@dataclass(frozen=True)
class Form:
    """How members are printed, with which attributes beside them, and where."""

    kind: str
    columns: tuple[str, ...]
    bom: bool
    out: Path | None


@dataclass(frozen=True)
class MemberTable:
    """The members, and a table of them with the attributes asked for."""

    audience: Audience
    table: pa.Table

    def first(self, limit: int | None) -> "MemberTable":
        return MemberTable(replace(self.audience, ids=self.audience.ids[:limit]), self.table[:limit])


def find(mart: Mart, segment: Segment, form: Form) -> MemberTable:
    start = perf_counter()
    if form.kind in TABLE_FORMATS:
        table = mart.table(segment, form.columns)
        seconds = perf_counter() - start
        return MemberTable(Audience(table.column(KEY), len(table), mart.as_of(segment), seconds), table)
    audience = mart.audience(segment)
    return MemberTable(audience, pa.table({KEY: audience.ids}))


def writer(members: MemberTable, form: Form, segment: Segment, warnings: Iterable[Problem]) -> Write:
    match form.kind:
        case "ids":
            return ids_writer(members.audience)
        case "json":
            return json_writer(members.audience, segment, warnings)
        case _:
            return table_writer(members.table, form)


def table_writer(table: pa.Table, form: Form) -> Write:
    # What Arrow needs for tables, ids and JSON do without.
    from duckmart.export_tables import TABLES, excel_writer  # noqa: PLC0415

    return excel_writer(table) if form.bom else TABLES[form.kind](table)


def say_found(members: MemberTable, segment: Segment) -> None:
    count = len(members.audience.ids)
    limit_note = f" (cut at the limit of {segment.limit:,})" if count == segment.limit else ""
    say(f"{count:,} users{limit_note} in {members.audience.seconds:.2f} s")
