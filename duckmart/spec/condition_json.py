"""The JSON of one condition with another column, operator, measure or window; the rest stays if it fits."""

from duckmart.spec import window_json, windows
from duckmart.spec.json_text import Json, JsonObject
from duckmart.spec.kinds import Kind
from duckmart.spec.lengths import WITHIN_KEYS, Unit, within
from duckmart.spec.measures import MEASURES, Gives
from duckmart.spec.operators import COUNT_OPERATORS, THAN_OPERATORS, USER_OPERATORS, Operator, Takes

# What the operators that take no value of the attribute start with.
_USUAL: dict[Takes, Json] = {Takes.RANK: 100, Takes.PERCENT: 10}
_MEASURE_KEYS = ("measure", "count", "value", "operator", "case_sensitive")

# The operators that take values of the attribute itself, or parts of them.
_VALUES = {Takes.ONE, Takes.PAIR, Takes.LIST, Takes.PATTERN, Takes.FRAGMENT}


def with_key(condition: JsonObject, key: str, value: Json | None) -> JsonObject:
    """A condition with one of its optional keys; None leaves the key out."""
    if value is None:
        return _without(condition, (key,))
    return {**condition, key: value}


def with_field(condition: JsonObject, name: str | None, kind: Kind | None) -> JsonObject:
    """A filter about another column; an operator that does not suit the column becomes one that does."""
    if name is None or kind is None:
        return {**condition, "field": None, "value": None}
    suits = condition["field"] is not None and kind in USER_OPERATORS[Operator(condition["operator"])].kinds
    operator = condition["operator"] if suits else kind.operator
    return with_operator({"field": name, "operator": operator, "value": None}, operator)


def with_other_field(condition: JsonObject) -> JsonObject:
    """A filter that compares with another column, yet to be picked; or with a value, if it did so before."""
    if "other_field" in condition:
        takes = USER_OPERATORS[Operator(condition["operator"])].takes
        return {**_without(condition, ("other_field",)), "value": _shape(None, takes)}
    suits = USER_OPERATORS[Operator(condition["operator"])].compares_fields
    operator = condition["operator"] if suits else str(Operator.EQ)
    return {**_without(condition, ("value", "case_sensitive")), "operator": operator, "other_field": None}


def with_operator(condition: JsonObject, operator: str) -> JsonObject:
    """A comparison by another operator; one value becomes a list of one, a list its first value.

    A value that the operator cannot take is dropped: a number of days is no date.
    """
    before = USER_OPERATORS[Operator(condition["operator"])].takes
    after = USER_OPERATORS[Operator(operator)].takes
    if "other_field" in condition and USER_OPERATORS[Operator(operator)].compares_fields:
        return {**condition, "operator": operator}
    comparison = {**_without(condition, ("value", "other_field", "case_sensitive")), "operator": operator}
    if after is Takes.NOTHING:
        return comparison
    if after is before is Takes.FRAGMENT and "case_sensitive" in condition:
        comparison["case_sensitive"] = condition["case_sensitive"]
    value = condition.get("value") if before is after or {before, after} <= _VALUES else _USUAL.get(after)
    return {**comparison, "value": _shape(value, after)}


def with_count_operator(condition: JsonObject, operator: str) -> JsonObject:
    """An event filter by another operator; its bounds stay as far as they fit."""
    if "than" in condition:
        return {**condition, "operator": operator}
    before, after = (COUNT_OPERATORS[Operator(name)] for name in (condition["operator"], operator))
    measure, _ = measure_of(condition)
    key = key_of(measure, operator)
    value = condition["count" if "count" in condition else "value"]
    if after.is_ranked and after.takes is not before.takes:
        value = _USUAL[after.takes]
    elif before.is_ranked and not after.is_ranked:
        value = 1 if key == "count" else None
    rest = _without(condition, ("count", "value"))
    return {**rest, "operator": operator, key: _shape(value, after.takes)}


def with_measure(condition: JsonObject, measure: str, of: str | None, kind: Kind | None) -> JsonObject:
    """An event filter about another measure, of the property `of` where it needs one."""
    row = MEASURES[measure]
    before, _ = measure_of(condition)
    rest = _without(condition, _MEASURE_KEYS)
    if row.gives is Gives.AGE:
        # The days since an event have no window: they look at all history.
        rest = _without(rest, windows.KEYS)
    operators = row.operators
    operator = condition["operator"] if condition["operator"] in operators else str(Operator.GTE)
    suits = kind is None or kind in operators[Operator(operator)].kinds
    # A kind without a fitting operator, or another measure, starts with the usual operator.
    if kind is not None and (not suits or measure != before):
        operator = kind.operator if operators is USER_OPERATORS else str(Operator.GTE)
    takes = operators[Operator(operator)].takes
    comparison = {**rest, "operator": operator}
    key = key_of(measure, operator)
    if row.is_plain_count:
        return {**comparison, key: _shape(_USUAL.get(takes, 1), takes)}
    comparison |= _measure_json(measure, of)
    if takes is Takes.NOTHING:
        return comparison
    return {**comparison, "value": _shape(_USUAL.get(takes), takes)}


def with_than(condition: JsonObject, *, is_number: bool) -> JsonObject:
    """An event filter that compares with another measure: at first the same, in the days before its window.

    A measure that is no number becomes a count.
    """
    keys = ("event_name", *(("measure",) if is_number else ()), *windows.KEYS)
    side = {key: condition[key] for key in keys if key in condition}
    rest = _without(condition, ("count", "value", "case_sensitive", *(() if is_number else ("measure",))))
    earlier = window_json.read(condition).before
    than = with_window(side, earlier.json) if earlier else {"event_name": None}
    operator = condition["operator"]
    rest["operator"] = operator if operator in THAN_OPERATORS else str(Operator.GTE)
    return {**rest, "than": than}


def without_than(condition: JsonObject, kind: Kind | None) -> JsonObject:
    """An event filter that compares with a number again."""
    measure, of = measure_of(condition)
    return with_measure(_without(condition, ("than", "times")), measure, of, kind)


def with_side(side: JsonObject, measure: str, of: str | None) -> JsonObject:
    """One of two measures that are compared, as another measure."""
    row = MEASURES[measure]
    dropped = ("measure", *(windows.KEYS if row.gives is Gives.AGE else ()))
    return {**_without(side, dropped), **_measure_json(measure, of)}


def _measure_json(measure: str, of: str | None) -> dict[str, Json]:
    row = MEASURES[measure]
    if row.is_plain_count:
        return {}
    return {"measure": {str(measure): of} if row.kinds else str(measure)}


def key_of(measure: str, operator: str) -> str:
    """The key of what a measure is compared with: a rank is a `value`, whatever the measure."""
    return "value" if USER_OPERATORS[Operator(operator)].is_ranked else MEASURES[measure].key


def measure_of(condition: JsonObject) -> tuple[str, str | None]:
    """The measure of an event filter and its property; None for no property, or one not picked yet."""
    measure = condition.get("measure", "count")
    if isinstance(measure, str):
        return measure, None
    ((name, of),) = measure.items()
    return name, of


def with_window(condition: JsonObject, window: JsonObject) -> JsonObject:
    """A condition with another window, given as the keys of `windows.KEYS`; without any it is all history."""
    return {**_without(condition, windows.KEYS), **window}


def with_length(condition: JsonObject, unit: Unit) -> JsonObject:
    """A sequence that may take as many of another unit."""
    number = within(condition).number
    return {**_without(condition, tuple(WITHIN_KEYS)), unit.within: number}


def _without(condition: JsonObject, keys: tuple[str, ...]) -> dict[str, Json]:
    return {key: part for key, part in condition.items() if key not in keys}


def _shape(value: Json, takes: Takes) -> Json:
    """A value as an operator takes it: one, a list, or two bounds; None stands for what is missing."""
    cells = value if isinstance(value, list | tuple) else (value,)
    if takes is Takes.LIST:
        return tuple(cell for cell in cells if cell is not None) or None
    if takes is Takes.PAIR:
        return (cells[0] if cells else None, cells[1] if len(cells) > 1 else None)
    return cells[0] if cells else None
