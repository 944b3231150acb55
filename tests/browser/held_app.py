"""The app, where what should take no time takes as long as there is a file of its name in the data folder.

`count` holds the answer of how many are aged 33 and more; `edit` holds each edit, which makes `edit.begun`.
"""

import os
import sys
from pathlib import Path
from time import sleep
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from duckmart.mart import Mart, Size
from duckmart.spec.draft import Draft
from duckmart.spec.segment import Segment
from duckmart.ui import frame
from duckmart.ui.session import state

DATA = Path(os.environ["DUCKMART_DATA"])


def size(self: Mart, segment: Segment, *given: Any) -> Size:
    found = answered(self, segment, *given)
    while any(row.value == 33 for row in segment.user_filters) and (DATA / "count").exists():
        sleep(0.01)
    return found


def commit(changed: Draft) -> None:
    while (DATA / "edit").exists():
        (DATA / "edit.begun").touch()
        sleep(0.01)
    committed(changed)


# Each run executes this file, and the modules stay.
if not hasattr(Mart, "answered"):
    Mart.answered, Mart.size = Mart.size, size
    state.committed, state.commit = state.commit, commit
answered, committed = Mart.answered, state.committed
frame.show()
