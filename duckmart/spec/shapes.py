"""What the models take as one plain value or as a list of them: names of events, counts, values."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Field, Tag

from duckmart.spec.values import Count, Counts, Name, Scalar, Scalars

# Tags of the two shapes of a value. Pydantic puts them into the paths of its errors.
SHAPE_TAGS = _ONE, _MANY = "<one>", "<many>"


def _one_or_many(one: Any, many: Any) -> Any:
    """A plain value or a list of them."""
    # A plain union would report the errors of both shapes: the discriminator picks one of them first.
    tagged = Annotated[one, Tag(_ONE)] | Annotated[many, Tag(_MANY)]
    return Annotated[tagged, Discriminator(lambda value: _MANY if isinstance(value, list | tuple) else _ONE)]


# Type checkers see plain types; pydantic sees annotated ones, which check and convert the values.
if TYPE_CHECKING:
    EventNames = str | tuple[str, ...]
    CountOrPair = int | tuple[int, ...]
    Value = str | int | Decimal | bool | tuple[str | int | Decimal | bool, ...]
else:
    EventNames = _one_or_many(Name, Annotated[tuple[Name, ...], Field(min_length=1)])
    CountOrPair = _one_or_many(Count, Counts)
    Value = _one_or_many(Scalar, Scalars)
