"""Problems in the page's terms: rows by number, operators by label, no keys or paths of the JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from duckmart.errors import ConditionPlace, DuckMartError, Key, Phrase, Problem, SavedId, SpecError
from duckmart.spec import window_json
from duckmart.spec.lengths import UNITS
from duckmart.spec.measures import MEASURES, MeasureName, MeasureRow
from duckmart.spec.operators import COUNT_OPERATORS, USER_OPERATORS, Operator, OperatorRow
from duckmart.spec.segment import CHILD_KEYS

# What the page calls a key of the JSON.
KEYS = {
    "AND": "Match all",
    "OR": "Match any",
    "AT_LEAST": "Match at least",
    "user_filters": "list of attributes",
    "event_filters": "list of events",
    "sequence_filters": "list of sequences",
    "segment_filters": "list of saved segments",
    "groups": "list of groups",
    "logic_operator": "way to match",
    "at_least": "number of conditions that must hold",
    "negate": "Exclude switch",
    "field": "attribute",
    "operator": "comparison",
    "value": "value",
    "other_field": "other attribute or property",
    "case_sensitive": "choice of letter case",
    "event_name": "event",
    "count": "number of times",
    "measure": "measure",
    "where": "list of properties",
    "than": "other measure",
    "times": "number of times the other measure",
    **window_json.key_names(),
    "steps": "list of steps",
    "absent": "choice of “but then no”",
    **{unit.within: f"number of {unit.noun}s for all steps" for unit in UNITS},
    "segment": "saved segment",
    "sample": "sample",
    "seed": "seed of the sample",
    "percent": "percentage of the sample",
    "split": "split",
    "as_of": "as-of moment",
    "timezone": "time zone",
    "limit": "limit",
    # What is saved beside a segment.
    "id": "id",
    "name": "name",
    "description": "description",
    "owner": "owner",
    "tags": "tag",
}

# Messages that speak of JSON, and what the page says instead; both have the same terms to fill in.
REPHRASED = {
    "change one of them, or join them with {operator}": "change one of them, or choose {operator}",
    "one of: {operators}": "choose one of: {operators}",
    "remove it; it suits {operators}": "it can be chosen for {operators}",
    "write [{value}]": "choose from the list of values",
    "write [low, high]": "enter a low and a high value",
    "[low, high]": "enter a low and a high value",
    "write one value, or use {one} or {other}": "enter one value, or choose {one} or {other}",
    "write the number without quotes": "enter a number",
    'write it in double quotes: "{value}"': "enter a text",
    "write it in double quotes": "enter a text",
    "write true or false, without quotes": "choose true or false",
    "write a whole number, without quotes": "enter a whole number",
    'write a date in double quotes: "2026-11-22"': "choose a date",
    "write 2026-11-22 or 2026-11-22T09:30:00Z": "choose a date, or type a time such as 2026-11-22 09:30",
    "write 2026-11-22 or 2026-11-22T09:30:00Z, no finer than a microsecond": "choose a date",
    '"*" is any event already': "“any event” includes the other events",
    'write "*" alone, without a list': "choose any event alone, or leave it out",
    "a count is compared with count": "a number of times is not compared with a value",
    "write count instead of value": "enter how many times",
    "the measure {measure} is compared with value": "{measure} is not compared with a number of times",
    "write value instead of count": "enter its value",
    "times is of than alone": "a number of times needs another measure",
    "add than, the measure that it is times of, or remove it": "choose to compare with another measure",
    "{key!r} and than are two things to compare with": "this compares with a value and another measure",
    "add count": "enter how many times",
    "add count: [low, high]": "enter how many times, from and to",
    "{operator} takes two counts": "{operator} takes two numbers of times",
    "{operator} needs a count": "{operator} needs a number of times",
    "{operator} takes one count": "{operator} takes one number of times",
    "move it to the end, or remove absent": "move it to the end, or choose “then” for it",
    **window_json.page_hints(),
    "has no end": "has no start and no end",
    "begins after its end": "the first bound is beyond the second",
    "a field is compared with a value or with another field, not with both": (
        "it is compared with a value or with another attribute, not with both"
    ),
    "is the same field twice": "is the same twice",
    "pick another field": "choose another one",
    "is required": "is missing",
    "add {key!r}": "add it",
    "AT_LEAST needs at_least": "“Match at least” needs a number",
    "at_least is of AT_LEAST alone, not of {operator}": "only “Match at least” has a number, not {operator}",
    'write "logic_operator": "AT_LEAST", or remove at_least': "choose “Match at least”, or remove the number",
    "needs exactly one of percent and split": "needs exactly one of a percentage and a split",
    "load newer data, or leave as_of out": "load newer data, or clear the as-of moment",
    "leave as_of out to look at both as of today": "clear the as-of moment to look at both as of today",
    "make {key} less than {length}": "allow less than {length} for all steps",
    "a sequence has one length, {keys}": "a sequence has one length, in days or in hours",
    "set it in this spec": "set it for this segment",
    "refers to itself: {way}": "a segment cannot be a part of itself: {way}",
    "break the circle in one of them": "choose another segment here, or remove this row",
    "{measure} is of a property": "{measure} needs a property",
    'write {{"{measure}": "amount"}}': "choose a property",
    "{value} is not AND, OR or AT_LEAST": "{value} is no way to match conditions",
    'write "AND", "OR" or "AT_LEAST"': "choose “Match all”, “Match any” or “Match at least”",
}

# What only somebody who edits the JSON can fix.
FIX_JSON = "fix it in the segment's JSON"
JSON_HINTS = {
    "write a list: [ ... ]": FIX_JSON,
    "write an object: { ... }": FIX_JSON,
}
JSON_CODES = {
    "unknown_key": "the segment's JSON has a key that DuckMart does not know",
    "duplicate_key": "the segment's JSON has the same key twice",
    "unknown_operator": "this comparison is unknown",
    "unknown_measure": "this measure is unknown",
    "bad_json": "this is not the JSON of a segment",
}

# A message that begins with one of these words lacks its subject: the part at the problem's path.
_PREDICATES = tuple("is are has holds keeps begins ends mixes needs leaves".split())


@dataclass(frozen=True, slots=True)
class Wording:
    """Words problems in the page's terms.

    `rows` are the page's names of rows by their paths, "filter 1.2"; `saved` are the names of saved segments
    by their ids.
    """

    rows: Mapping[str, str] = field(default_factory=dict)
    saved: Mapping[str, str] = field(default_factory=dict)

    def sentence(self, problem: Problem) -> str:
        """What is wrong and what to do."""
        hint = self.hint(problem)
        return f"{self.message(problem)} ({hint})" if hint else self.message(problem)

    def message(self, problem: Problem) -> str:
        words = self._words(problem.message, problem.path)
        if _is_of_json(problem):
            words = JSON_CODES[problem.code]
        _, part = _split(problem.path)
        key = KEYS.get(_key(problem.path))
        if words.partition(" ")[0] in _PREDICATES:
            words = f"the {key} {words}" if key else f"this {words}"
        return f"{part}: {words}" if part else words

    def hint(self, problem: Problem) -> str:
        if _is_of_json(problem):
            return FIX_JSON
        return JSON_HINTS.get(problem.hint) or self._words(problem.hint, problem.path)

    def error(self, error: DuckMartError) -> str:
        """An error in one text; all the problems of a spec, a line each."""
        if isinstance(error, SpecError):
            return "\n".join(map(self.sentence, error.problems))
        return str(error)

    def _words(self, text: str, path: str) -> str:
        if not isinstance(text, Phrase):
            return REPHRASED.get(text, text)
        terms = {name: self._term(term, path) for name, term in text.terms.items()}
        return REPHRASED.get(text.template, text.template).format(**terms)

    def _term(self, term: object, path: str) -> str:
        match term:
            case ConditionPlace():
                return f"{self._place(term.path)} ({term.words})"
            case Operator():
                return _Label(f"“{_operators(path)[term].label}”")
            case MeasureRow():
                return _Label(f"“{term.label}”")
            case MeasureName():
                return _Label(f"“{MEASURES[term].label}”")
            case Key():
                return _Label(f"“{KEYS[term]}”") if term.isupper() else KEYS[term]
            case SavedId():
                return self.saved.get(term, term)
            case Problem():
                return Wording(saved=self.saved).sentence(term)
            case Phrase():
                return self._words(term, path)
            case tuple():
                separator = {ConditionPlace: " and ", SavedId: " → "}.get(type(term[0]), ", ") if term else ""
                return separator.join(self._term(one, path) for one in term)
            case _:
                return REPHRASED.get(str(term), str(term))

    def _place(self, path: str) -> str:
        """What the page calls a condition: its row, or a step or property of it."""
        row, part = _split(path)
        return f"{self.rows.get(row, 'the condition')} {part}".rstrip()


def _is_of_json(problem: Problem) -> bool:
    """Whether the problem is one of the JSON alone, which no row can have.

    One with a cause is about the JSON of a saved segment, and its message already names that segment.
    """
    return problem.code in JSON_CODES and "cause" not in getattr(problem.message, "terms", {})


class _Label(str):
    """A label of the page, in its quotation marks; templates that quote a term leave it as it is."""

    def __repr__(self) -> str:
        return str(self)


def _split(path: str) -> tuple[str, str]:
    """The path of the row that a path leads into, and what the page calls the part of that row."""
    steps = path.split(".")
    inner = next((place for place, step in enumerate(steps) if step in _PARTS), len(steps))
    pairs = pairwise(steps[inner:])
    parts = [
        f"{_PARTS[step]} {int(number) + 1}" if number.isdecimal() else _PARTS[step]
        for step, number in pairs
        if step in _PARTS
    ]
    return ".".join(steps[:inner]), " ".join(parts)


_PARTS = {"steps": "step", "where": "property", "than": "other measure"}


def _key(path: str) -> str:
    """The key at the end of a path, or of the list that the path ends in; empty for a path of a row."""
    if path.startswith("sample.split"):
        return "split"
    *_, above, last = ("", *path.split("."))
    if not last.isdecimal():
        return last
    return "" if above in {*CHILD_KEYS, *_PARTS} else above


def _operators(path: str) -> Mapping[Operator, OperatorRow]:
    """The operators that the menu at a path offers."""
    row, part = _split(path)
    return USER_OPERATORS | COUNT_OPERATORS if "event_filters" in row and not part else USER_OPERATORS
