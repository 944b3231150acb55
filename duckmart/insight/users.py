"""Queries over the users: which are members, what attributes they have, which values exist."""

from collections.abc import Iterable, Sequence

from sqlglot import exp

from duckmart.catalog import Catalog
from duckmart.compile import KEY, USERS, VARIANT, key_in_order
from duckmart.compile.events import same_user
from duckmart.compile.names import fresh
from duckmart.compile.plan import USER
from duckmart.compile.query import Plain, Query, aliased, any_of, column, identifier

MEMBERS = "members"
MEMBERSHIP = "flagged"
IS_MEMBER = exp.column("is_member", MEMBERSHIP)


def with_membership(
    query: exp.Query, members: Query, columns: Sequence[exp.Expr], is_member: str = IS_MEMBER.name
) -> Query:
    """The query with a CTE `MEMBERSHIP` to read: `columns` of each user, and whether the user is a member.

    Events whose user is unknown count for nobody once they are joined to it.
    """
    # `members` may be any query of ids; a LEFT JOIN to it keeps everyone else.
    flag = column(KEY, MEMBERS).is_(exp.null()).not_()
    users = (
        exp.select(*columns, exp.alias_(flag, is_member))
        .from_(aliased(USERS, USER))
        .join(MEMBERS, on=same_user(MEMBERS, USER), join_type="left")
    )
    return Query(query.with_(MEMBERS, as_=members.tree).with_(MEMBERSHIP, as_=users))


def with_attributes(
    members: Query, columns: Sequence[str], catalog: Catalog, *, split: bool = False
) -> Query:
    """The members with some of their attributes, ordered by user id; of a split segment also their arm.

    The arm's column is `variant`, or numbered if that is one of the attributes.
    """
    names = list(dict.fromkeys((KEY, *columns)))
    projections = [exp.alias_(column(name, USER), identifier(name)) for name in names]
    if split:
        projections.append(exp.alias_(column(VARIANT, MEMBERS), column_beside(VARIANT, names)))
    query = (
        exp.select(*projections)
        .from_(aliased(USERS, USER))
        .join(MEMBERS, on=same_user(MEMBERS, USER))
        .order_by(key_in_order(column(KEY, USER), catalog))
        .with_(MEMBERS, as_=members.tree)
    )
    return Query(query)


def known_values(attribute: str, values: Sequence[Plain]) -> Query:
    """Rows of `value`: those of the values that some user has."""
    operand = exp.column(identifier(attribute))
    query = exp.select(exp.alias_(operand, "value")).distinct().from_(identifier(USERS))
    return Query(query.where(any_of(operand.copy(), values)))


def column_beside(name: str, attributes: Iterable[str]) -> str:
    """A name for a column beside these; engines do not tell upper from lower case in names."""
    return fresh(name, {attribute.casefold() for attribute in attributes})
