"""Round numbers to divide a range by, as people label an axis."""

from decimal import Decimal


def round_width(span: Decimal, steps: int, *, is_whole: bool) -> Decimal:
    """The smallest of 1, 2 and 5 times a power of ten that divides `span` into at most this many steps.

    It is a whole number if `is_whole`, and at least 0.01 otherwise.
    """
    power = Decimal(1) if is_whole else Decimal("0.01")
    while True:
        for digit in (1, 2, 5):
            if span / (digit * power) <= steps:
                return digit * power
        power *= 10
