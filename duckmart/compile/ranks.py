"""Ranks of users by an attribute or a measure: a CTE with their places, and the condition on a place.

amount  9  7  7  4        the top 2 are three users, as who ties with the last is in
place   1  2  2  4
"""

from decimal import Decimal

from sqlglot import exp

from duckmart.catalog import Catalog
from duckmart.compile.comparison import or_zero
from duckmart.compile.dialects.calls import call
from duckmart.compile.events import same_user, value_of
from duckmart.compile.plan import KEY, USER, USERS, Aggregate, EventCte, RankCte
from duckmart.compile.planner import compared_aggregate
from duckmart.compile.query import aliased, column, comment, identifier, value
from duckmart.compile.volumes import events_of
from duckmart.compile.wide_sums import WIDEST, decimals, digits
from duckmart.compile.wide_sums import size as size_of
from duckmart.spec.measures import Gives
from duckmart.spec.operators import USER_OPERATORS, Takes
from duckmart.spec.segment import EventFilter, UserFilter, event_names

PLACE, RANKED = "place", "ranked"


def condition(node: UserFilter | EventFilter, rank: str) -> exp.Expr:
    """Whether a user's place is among those asked for; NULL for users without one."""
    assert isinstance(node.value, int | Decimal)  # noqa: S101 - checked
    place, size = column(PLACE, rank), value(node.value)
    if USER_OPERATORS[node.operator].takes is Takes.RANK:
        return exp.LTE(this=place, expression=size)
    # place <= ceil(ranked * percent / 100), without the division
    before = exp.paren(exp.Sub(this=place, expression=exp.Literal.number(1)))
    hundredfold = exp.Mul(this=before, expression=exp.Literal.number(100))
    return exp.LT(this=hundredfold, expression=exp.Mul(this=size, expression=column(RANKED, rank)))


def ranked(cte: RankCte, events: EventCte | None, catalog: Catalog) -> exp.Select:
    """The place of every user who has a value, the first being 1; with a percentage, how many have one."""
    query = exp.select(exp.alias_(column(KEY, USER), KEY)).from_(aliased(USERS, USER), copy=False)
    if events is not None:
        table = exp.Table(this=identifier(events.name))
        query = query.join(table, on=same_user(events.name, USER), copy=False)
    key, known = _key(cte, events, catalog)
    # The earlier a time is, the more days ago.
    is_age = isinstance(cte.node, EventFilter) and cte.node.row.gives is Gives.AGE
    order = exp.Order(expressions=[exp.Ordered(this=key, desc=cte.ranking.from_top != is_age)])
    places = [exp.alias_(exp.Window(this=call("RANK"), order=order), PLACE)]
    if cte.ranking.by_percent:
        places.append(exp.alias_(exp.Window(this=exp.Count(this=exp.Star())), RANKED))
    query = query.select(*places, copy=False)
    if known is not None:
        query = query.where(exp.not_(known.is_(exp.null()), copy=False), copy=False)
    query.add_comments([comment(cte.caption)])
    return query


def _key(cte: RankCte, events: EventCte | None, catalog: Catalog) -> tuple[exp.Expr, exp.Expr | None]:
    """What users are ordered by, and what is known of those who have a rank; None where all of them do."""
    node = cte.node
    if isinstance(node, UserFilter):
        return column(node.field, USER), column(node.field, USER)
    assert events is not None  # noqa: S101 - the planner puts them before the ranks
    number = value_of(compared_aggregate(node, cte.moment, catalog), events)
    if node.row.with_zero:
        # A sum of nothing but unknown values is 0; a count is there for every user who did it.
        return (or_zero(number) if node.row.is_added_up else number), None
    if not node.row.is_divided:
        return number, number.copy()
    known = value_of(Aggregate("known", node.measure.property), events)
    of = catalog.properties[node.measure.property or ""]
    if of.floating:
        return exp.Div(this=number, expression=known), number.copy()
    scaled = exp.Mul(this=number, expression=exp.Literal.number(_scale(node, catalog)))
    return exp.IntDiv(this=exp.cast(scaled, WIDEST), expression=exp.cast(known, WIDEST)), number.copy()


def _scale(node: EventFilter, catalog: Catalog) -> int:
    """What averages are multiplied with so that any two differ by 2, and may be cut to whole numbers."""
    of = catalog.properties[node.measure.property or ""]
    # Of n events each, two averages differ by at least 1 / n², in units of the last decimal.
    exponent = digits(2 * events_of(event_names(node.event_name), catalog) ** 2)
    scale: int = 10 ** (exponent + max(decimals(of.low), decimals(of.high)))
    return scale


def most_digits(node: EventFilter, catalog: Catalog) -> int:
    """The digits that ranking a sum or an average may take with this data; 0 where none may be too many."""
    of = catalog.properties.get(node.measure.property or "")
    if of is None or of.floating or not node.row.is_added_up:
        return 0
    total = max(size_of(of.low), size_of(of.high)) * events_of(event_names(node.event_name), catalog)
    scale = _scale(node, catalog) if node.row.is_divided else 1
    return digits(total * scale) + max(decimals(of.low), decimals(of.high))
