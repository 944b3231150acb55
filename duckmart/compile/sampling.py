"""Samples that are the same on every engine and every day, from a hash of the seed and the user's id."""

from decimal import Decimal

from sqlglot import exp

from duckmart.compile.plan import KEY, USER
from duckmart.compile.query import column, value
from duckmart.spec.segment import Sample

VARIANT = "variant"

# As many values as 8 hexadecimal digits have.
_HASHES = 2**32


def is_sampled(sample: Sample | None) -> exp.Expr | None:
    """Whether a user is in the sampled percentage; None where everyone is."""
    if sample is None or sample.percent is None or sample.percent == 100:
        return None
    return exp.LT(this=_hash(f"{sample.seed}:"), expression=value(_digits(sample.percent)))


def variant(sample: Sample) -> exp.Expr:
    """The arm of a split that a user is in. Arms are sorted, so their order in the JSON changes nothing."""
    arms = sorted((sample.split or {}).items())
    case, weights = exp.Case(), 0
    for arm, weight in arms[:-1]:
        weights += weight
        below = exp.LT(this=_hash(f"{sample.seed}:arm:"), expression=value(_digits(weights)))
        case = case.when(below, value(arm), copy=False)
    last = value(arms[-1][0])
    return case.else_(last, copy=False) if len(arms) > 1 else last


def _hash(prefix: str) -> exp.Expr:
    """The first 8 hexadecimal digits of the hash."""
    text = exp.DPipe(this=value(prefix), expression=exp.cast(column(KEY, USER), exp.DType.VARCHAR), safe=True)
    return exp.Substring(this=exp.MD5(this=text), start=exp.Literal.number(1), length=exp.Literal.number(8))


def _digits(percent: int | Decimal) -> str:
    """The hexadecimal digits that this percentage of all hashes are below."""
    numerator, denominator = percent.as_integer_ratio()
    return f"{numerator * _HASHES // (100 * denominator):08x}"
