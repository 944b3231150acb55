"""Counts read off the bits of condition columns, which are in memory: no query, no sort, no join.

A condition is two sets of users: those for whom it is TRUE, and those for whom it is FALSE; for others it is
NULL. A set of a million users is 125 kB, and AND, OR and NOT are instructions on its bytes.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlglot import exp

from duckmart.compile import CountQuestion

Bits = npt.NDArray[np.uint8]
"""One bit per user, eight to a byte, the first user in the lowest; those after the last user are 0."""

Combination = tuple[bool, ...]

# Sets are intersected faster than users are numbered while there are few combinations.
_FEW_FLAGS = 6
# So many combinations are numbered before those that no user has are left out.
_NUMBERED = 1 << 15


class ConditionBits:
    """The columns of a table of one row per user as bits."""

    def __init__(self, table: pa.Table) -> None:
        self._table, self._users = table, table.num_rows
        self._everyone: Bits = _packed(np.ones(self._users, dtype=np.bool_))
        self._nobody: Bits = np.zeros_like(self._everyone)

    def rows(self, question: CountQuestion) -> list[dict[str, Any]]:
        """The rows that the question's query would have, in no order.

        What is counted beside the combinations is in the first row, as 0 in the others: rows are added up.
        """
        totals = {name: _count(self._is_true(condition)) for name, condition in question.counts.items()}
        if not question.flags:
            return [{"users": self._users} | totals]
        flags = [self._is_true(condition) for condition in question.flags.values()]
        rows = [
            {**dict(zip(question.flags, combination, strict=True)), "users": users}
            for combination, users in self._combinations(flags)
        ]
        return [row | (totals if place == 0 else dict.fromkeys(totals, 0)) for place, row in enumerate(rows)]

    def _combinations(self, flags: Sequence[Bits]) -> list[tuple[Combination, int]]:
        """How many users have each combination of the flags that some user has."""
        return self._intersected(flags) if len(flags) <= _FEW_FLAGS else self._numbered(flags)

    def _intersected(self, flags: Iterable[Bits]) -> list[tuple[Combination, int]]:
        sets: list[tuple[Combination, Bits]] = [((), self._everyone)]
        for bits in flags:
            sides = ((False, self._others(bits)), (True, bits))
            sets = [((*one, flag), users & side) for one, users in sets for flag, side in sides]
        counts = [(combination, _count(users)) for combination, users in sets]
        return [(combination, users) for combination, users in counts if users]

    def _numbered(self, flags: Iterable[Bits]) -> list[tuple[Combination, int]]:
        combinations: list[Combination] = [()]
        numbers = np.zeros(self._users, dtype=np.uint16)
        for bits in flags:
            np.left_shift(numbers, 1, out=numbers)
            np.bitwise_or(numbers, self._unpacked(bits), out=numbers)
            combinations = [(*one, flag) for one in combinations for flag in (False, True)]
            if len(combinations) > _NUMBERED:
                numbers, combinations = _renumbered(numbers, combinations)
        users = np.bincount(numbers, minlength=len(combinations))
        return [(combinations[number], int(users[number])) for number in np.flatnonzero(users)]

    def _is_true(self, condition: exp.Expr) -> Bits:
        return self._truths(condition)[0]

    def _truths(self, condition: exp.Expr) -> tuple[Bits, Bits]:
        """For whom a condition is TRUE, and for whom it is FALSE, by the logic of SQL."""
        match condition:
            case exp.Column():
                return self._column(condition.name)
            case exp.Boolean():
                truths = self._everyone, self._nobody
                return truths if condition.this else truths[::-1]
            case exp.Paren():
                return self._truths(condition.this)
            case exp.Not():
                true, false = self._truths(condition.this)
                return false, true
            case exp.And():
                parts = [self._truths(part) for part in condition.flatten()]
                return _all([true for true, _ in parts]), _any([false for _, false in parts])
            case exp.Or():
                parts = [self._truths(part) for part in condition.flatten()]
                return _any([true for true, _ in parts]), _all([false for _, false in parts])
            case exp.Coalesce(expressions=[exp.Boolean(this=False)]):
                true = self._is_true(condition.this)
                return true, self._others(true)
            case exp.GTE(expression=exp.Literal()):
                true = _packed(self._number(condition.this) >= int(condition.expression.name))
                return true, self._others(true)
        raise NotImplementedError(f"no bits for {condition!r}")

    def _number(self, total: exp.Expr) -> npt.NDArray[np.uint16]:
        """How many of the conditions of a sum of ones are TRUE, for each user."""
        number = np.zeros(self._users, dtype=np.uint16)
        for one in total.flatten() if isinstance(total, exp.Add) else [total]:
            assert isinstance(one, exp.Case)  # noqa: S101 - see `at_least` in compile/statement.py
            number += self._unpacked(self._is_true(one.args["ifs"][0].this))
        return number

    def _column(self, name: str) -> tuple[Bits, Bits]:
        column = self._table.column(name).combine_chunks()
        if column.offset:
            # A slice may begin within a byte.
            column = pa.array(column.to_pylist(), pa.bool_())
        validity, values = (
            None if buffer is None else np.frombuffer(buffer, np.uint8, len(self._everyone))
            for buffer in column.buffers()
        )
        if values is None:
            return self._nobody, self._nobody
        # What Arrow has in the bits of NULLs and after the last user is undefined.
        valid = self._everyone if validity is None else self._everyone & validity
        return valid & values, valid & ~values

    def _others(self, bits: Bits) -> Bits:
        return self._everyone & ~bits

    def _unpacked(self, bits: Bits) -> npt.NDArray[np.uint8]:
        return np.unpackbits(bits, count=self._users, bitorder="little")


def _packed(flags: npt.NDArray[np.bool_]) -> Bits:
    return np.packbits(flags, bitorder="little")


def _count(bits: Bits) -> int:
    # Eight bytes at once, and those after them.
    words, rest = np.split(bits, [len(bits) // 8 * 8])
    return int(np.bitwise_count(words.view(np.uint64)).sum() + np.bitwise_count(rest).sum())


def _all(several: Sequence[Bits]) -> Bits:
    return reduce(np.bitwise_and, several)


def _any(several: Sequence[Bits]) -> Bits:
    return reduce(np.bitwise_or, several)


def _renumbered(
    numbers: npt.NDArray[np.uint16], combinations: Sequence[Combination]
) -> tuple[npt.NDArray[np.uint16], list[Combination]]:
    """The numbers of users without gaps, and the combinations that they stand for."""
    present = np.unique(numbers)
    return np.searchsorted(present, numbers).astype(np.uint16), [combinations[one] for one in present]
