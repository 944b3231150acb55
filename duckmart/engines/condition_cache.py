"""For which users conditions hold, as was found before: an edit asks the data only for what it changed."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import sha256

import pyarrow as pa

from duckmart.compile import Conditions
from duckmart.engines import Engine, Stop

# Of a million users, 500 conditions.
ROOM = 128 << 20


class ConditionCache:
    """The conditions last asked of one generation of data; safe to share between threads."""

    def __init__(self, engine: Engine, room: int = ROOM) -> None:
        """`room` is in bytes; what was not asked for the longest time makes way."""
        self._engine, self._room = engine, room
        self._columns: OrderedDict[bytes, pa.ChunkedArray] = OrderedDict()
        self._taken = 0
        self._lock = threading.Lock()

    def table(self, conditions: Conditions, stop: Stop | None = None) -> pa.Table:
        """One row per user, in the order of user ids, with a column for each condition.

        Raises as `Engine.run` does.
        """
        keys = {name: sha256(text.encode()).digest() for name, text in conditions.texts().items()}
        held = self._held(keys.values())
        missing = {key: name for name, key in keys.items() if key not in held}
        if missing:
            new = self._asked(conditions, missing.values(), stop)
            found = {key: new[name] for key, name in missing.items()}
            self._keep(found)
            held |= found
        return pa.table({name: held[key] for name, key in keys.items()})

    def _asked(
        self, conditions: Conditions, names: Iterable[str], stop: Stop | None
    ) -> dict[str, pa.ChunkedArray]:
        tables = [self._engine.run(batch, stop) for batch in conditions.batches(names)]
        return {name: table.column(name) for table in tables for name in table.column_names}

    def _held(self, keys: Iterable[bytes]) -> dict[bytes, pa.ChunkedArray]:
        with self._lock:
            held = {key: self._columns[key] for key in keys if key in self._columns}
            for key in held:
                self._columns.move_to_end(key)
            return held

    def _keep(self, new: Mapping[bytes, pa.ChunkedArray]) -> None:
        with self._lock:
            for key, column in new.items():
                if key not in self._columns:
                    self._columns[key] = column
                    self._taken += column.nbytes
            while self._taken > self._room:
                _, column = self._columns.popitem(last=False)
                self._taken -= column.nbytes
