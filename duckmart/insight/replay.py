"""A segment as of an earlier moment, without users who signed up later."""

from datetime import datetime

from duckmart.catalog import Catalog, Column
from duckmart.instants import days_before, local_day, stamp
from duckmart.spec.operators import Operator
from duckmart.spec.segment import Group, Segment, UserFilter

WEEKS = 12

# Usual names of a column with the time of signup, the surest first.
_SIGNUP_NAMES = (
    "signup_date signup_at signup_time signup_timestamp signup sign_up_date signed_up_at signed_up_on "
    "signed_up registered_at registered_on registration_date registration_time registered date_registered "
    "joined_at joined_on join_date date_joined joined created_at created_on creation_date date_created "
    "created customer_since member_since user_since"
).split()


def signup(catalog: Catalog) -> Column | None:
    """The attribute that tells when a user signed up, known by its name; None where no name says so."""
    by_name = {name.lower(): row for name, row in catalog.attributes.items() if row.kind.is_dated}
    return next((by_name[name] for name in _SIGNUP_NAMES if name in by_name), None)


def moments(catalog: Catalog, as_of: datetime) -> list[datetime]:
    """The moments to replay, a week apart, oldest first; none from before the first event."""
    back = [days_before(as_of, 7 * weeks) for weeks in range(WEEKS, 0, -1)]
    oldest = catalog.oldest_event
    return [*(moment for moment in back if oldest is not None and moment >= oldest), as_of]


def at(segment: Segment, moment: datetime, signup: Column | None) -> Segment:
    """The segment as of `moment`, of those who had signed up by then.

    Users without a known signup are kept: nothing says that they came later.
    """
    if segment.negate and not segment.children:
        # Nobody is in the opposite of everyone, at any moment.
        return _as_of(segment, moment)
    own = {name: getattr(segment, name) for name in Group.model_fields}
    # The parts are models already, so there is nothing to validate.
    groups = (Group.model_construct(**own),) if segment.children else ()
    return _as_of(segment, moment, (*groups, *_signed_up(segment, moment, signup)))


def everyone_at(segment: Segment, moment: datetime, signup: Column | None) -> Segment:
    """Everyone who had signed up by `moment`, by the clocks of the segment."""
    everyone = Segment(timezone=segment.timezone)
    return _as_of(everyone, moment, _signed_up(segment, moment, signup))


def _signed_up(segment: Segment, moment: datetime, signup: Column | None) -> tuple[Group, ...]:
    if signup is None:
        return ()
    latest = stamp(moment) if signup.kind.has_time else local_day(moment, segment.zone).isoformat()
    rows = (
        UserFilter(field=signup.name, operator=Operator.LTE, value=latest),
        UserFilter(field=signup.name, operator=Operator.IS_NULL),
    )
    return (Group(user_filters=rows, logic_operator="OR"),)


def _as_of(segment: Segment, moment: datetime, groups: tuple[Group, ...] = ()) -> Segment:
    """A segment of these groups alone, as of the moment, with the time zone and sample of the original."""
    replayed = Segment(
        groups=groups,
        negate=segment.negate and not groups,
        as_of=stamp(moment),
        timezone=segment.timezone,
        sample=segment.sample,
    )
    return replayed.with_saved(segment.saved)
