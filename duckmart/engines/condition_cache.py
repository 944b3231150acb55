"""For which users each condition holds, kept so that an edit asks the data only for what it changed."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import sha256

import pyarrow as pa

from duckmart.compile import Conditions
from duckmart.engines import Engine, Stop

# 500 conditions of a million users: a column takes two bits per user.
CAPACITY = 128 << 20


class ConditionCache:
    """The columns of the conditions last asked of one generation of data; safe to share between threads."""

    def __init__(self, engine: Engine, capacity: int = CAPACITY) -> None:
        """`capacity` is in bytes; the least recently used columns are dropped beyond it."""
        self._engine, self._capacity = engine, capacity
        self._columns: OrderedDict[bytes, pa.ChunkedArray] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def table(self, conditions: Conditions, stop: Stop | None = None) -> pa.Table:
        """One row per user, in the order of user ids, with a column for each condition.

        Raises as `Engine.run` does.
        """
        # The text is the SQL with its values, so the same key on the same data is the same column.
        keys = {name: sha256(text.encode()).digest() for name, text in conditions.texts().items()}
        columns = self._from_cache(keys.values())
        missing = {key: name for name, key in keys.items() if key not in columns}
        if missing:
            answers = self._from_engine(conditions, missing.values(), stop)
            new_columns = {key: answers[name] for key, name in missing.items()}
            self._store(new_columns)
            columns |= new_columns
        return pa.table({name: columns[key] for name, key in keys.items()})

    def _from_engine(
        self, conditions: Conditions, names: Iterable[str], stop: Stop | None
    ) -> dict[str, pa.ChunkedArray]:
        tables = [self._engine.run(batch, stop) for batch in conditions.batches(names)]
        return {name: table.column(name) for table in tables for name in table.column_names}

    def _from_cache(self, keys: Iterable[bytes]) -> dict[bytes, pa.ChunkedArray]:
        with self._lock:
            columns = {key: self._columns[key] for key in keys if key in self._columns}
            for key in columns:
                self._columns.move_to_end(key)
            return columns

    def _store(self, new: Mapping[bytes, pa.ChunkedArray]) -> None:
        with self._lock:
            for key, column in new.items():
                if key not in self._columns:
                    self._columns[key] = column
                    self._size += column.nbytes
            while self._size > self._capacity:
                _, column = self._columns.popitem(last=False)
                self._size -= column.nbytes
