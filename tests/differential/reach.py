"""What a spec uses of the language, so that tests can say that random specs use all of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests import oracle
from tests.strategies import CASELESS, RANKS, Spec
from tests.world import World

Reached = Iterator[tuple[object, ...]]


def reached(spec: Spec, world: World) -> Reached:
    """Names of what the spec uses, and of the windows on whose very edges events lie."""
    moment = oracle.as_of(spec, world.events)
    yield ("zone", spec.get("timezone"))
    yield ("limit",) if spec.get("limit") else ()
    yield from (("sample", key) for key in spec.get("sample") or ())
    for depth, group in nested(spec):
        joiner = group.get("logic_operator") or "AND"
        yield from (("depth", depth), ("joined", joiner))
        yield ("negate", joiner) if group.get("negate") else ()
        yield from of_group(group, world, moment)


def of_group(group: Spec, world: World, moment: datetime) -> Reached:
    for row in group.get("user_filters") or ():
        yield from of_filter("user", row, world.attributes.kinds[row["field"]])
    for row in group.get("event_filters") or ():
        yield from of_event_filter(row, world)
        yield from of_edges(row, world, moment)
    for row in group.get("sequence_filters") or ():
        yield from of_sequence(row, world)
    for row in group.get("segment_filters") or ():
        yield ("segment", row["segment"], row["operator"])


def of_filter(place: str, row: Spec, kind: str) -> Reached:
    if row.get("other_field"):
        yield ("two fields", place, kind, row["operator"])
        return
    yield (place, kind, row["operator"])
    if row["operator"] in CASELESS:
        yield ("cased", row["operator"], bool(row.get("case_sensitive")))


def of_event_filter(row: Spec, world: World) -> Reached:
    if (than := row.get("than")) is not None:
        yield from (("than", row["operator"]), ("than", "left", measure_of(row)))
        yield from (("than", "right", measure_of(than)), ("than", "times", bool(row.get("times"))))
        yield from of_events(than, world)
        return
    yield (measure_of(row), row["operator"])
    yield ("ranked", measure_of(row)) if row["operator"] in RANKS else ()
    yield from (("event", form_of(row)), ("days", row.get("time_range_days")))
    yield from of_events(row, world)


def measure_of(row: Spec) -> str:
    measure = row.get("measure") or "count"
    return measure if isinstance(measure, str) else next(iter(measure))


def of_events(row: Spec, world: World) -> Reached:
    name = row["event_name"]
    yield ("names", "any" if name == "*" else "one" if isinstance(name, str) else "many")
    for where in row.get("where") or ():
        yield from of_filter("where", where, world.properties.kinds[where["field"]])


def of_sequence(row: Spec, world: World) -> Reached:
    *_, last = steps = row["steps"]
    yield from (("did", row.get("operator") or "did"), ("sequence", form_of(row)))
    yield ("did", "hours") if row.get("within_hours") else ()
    yield ("did", "long") if len(steps) > 4 else ()
    yield ("did", "where") if any(step.get("where") for step in steps) else ()
    if last.get("absent"):
        yield from (("did", "absent"), ("did", "absent where") if last.get("where") else ())
    for step in steps:
        yield from of_events(step, world)


def form_of(row: Spec) -> str:
    """Which of the forms the row's window has."""
    for key, form in (("time_range_days", "days"), ("time_range_hours", "hours")):
        if row.get(key):
            return form
    ends = {key for key, value in (row.get("time_range") or {}).items() if value is not None}
    forms = {"from_days_ago": "days_ago", "within_days_of": "within_days_of"}
    return next((form for key, form in forms.items() if key in ends), "_".join(sorted(ends)) or "ever")


def of_edges(row: Spec, world: World, moment: datetime) -> Reached:
    """The ends of the row's window, in days before `as_of`, on which one of its events lies."""
    days = row.get("time_range_days")
    ages = (moment - event["timestamp"] for event in world.events if event["event_name"] == row["event_name"])
    yield from (("edge", age.days) for age in ages if age in (timedelta(0), timedelta(days=days or 0)))


def nested(group: Spec, depth: int = 1) -> Iterator[tuple[int, Spec]]:
    yield depth, group
    for child in group.get("groups") or ():
        yield from nested(child, depth + 1)
