"""A measure, a window and a kind that the product does not have, added as rows; a plugin of pytest.

As a plugin it comes before every test and conftest, so the tables are complete when the product reads them.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from sqlglot import exp

from duckmart import instants
from duckmart.spec import windows
from duckmart.spec.kinds import KINDS, NUMBERS, Bars, Input, Kind
from duckmart.spec.lengths import Length, Unit
from duckmart.spec.measures import MEASURES, Gives, MeasureRow
from duckmart.spec.spans import Moment, Span
from duckmart.spec.values import Days

PERCENT = Kind(
    "percent",
    cells=(int, Decimal),
    advice="write a percentage, such as 12.5",
    operator="lte",
    input=Input.NUMBER,
    bars=Bars.WIDTHS,
    is_ordered=True,
    is_number=True,
)

SPREAD = MeasureRow(
    "spread",
    "spread",
    Gives.NUMBER,
    "spread",
    "spread of {of} over {all_events}{window} {comparison}",
    "spread of {of} over",
    NUMBERS,
)


WEEKS = Unit("week", timedelta(weeks=1), 5_000, (1, 2, 3, 4, 8, 13, 26, 52), within="within_weeks")


@dataclass(frozen=True)
class WeekAgo(windows.Window):
    """The week that ended so many weeks ago."""

    weeks: int | None

    keys: ClassVar[dict[str, Any]] = {"weeks_ago": Days}
    asks_for = "weeks_ago"
    label = "a week, weeks ago"
    blank: ClassVar[dict[str, Any]] = {"weeks_ago": 1}
    controls = (windows.Control("weeks_ago", windows.Asks.DAYS, "weeks ago"),)
    key_names: ClassVar[dict[str, str]] = {"weeks_ago": "week"}

    def span(self, moment: Moment) -> Span:
        days = 7 * (self.weeks or 0)
        until = instants.days_before(moment.as_of, days)
        return Span(until, after=instants.days_before(moment.as_of, days + 7))

    def words(self) -> str:
        return f"in the week {self.weeks} weeks ago"

    @property
    def parameter(self) -> windows.Parameter | None:
        keys = (windows.TIME_RANGE, "weeks_ago")
        return windows.Parameter(keys, "number of weeks ago of the week", Length(self.weeks, WEEKS))


KINDS[PERCENT.name] = PERCENT
MEASURES["spread"] = SPREAD
windows.TIME_RANGES.append(WeekAgo)


def pytest_configure() -> None:
    """What stands above the language: the aggregate in SQL, and the type of an engine that is of the kind."""
    from duckmart.compile import events  # noqa: PLC0415 - it reads the tables
    from duckmart.engines import generation_catalog  # noqa: PLC0415

    events._AGGREGATES["spread"] = lambda x: exp.Sub(this=exp.Max(this=x), expression=exp.Min(this=x.copy()))
    generation_catalog.KINDS["DECIMAL"] = PERCENT
