"""The app, where a count of users aged 33 and more is kept waiting until the file `held` is gone."""

import os
import sys
from pathlib import Path
from time import sleep
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from duckmart.mart import Mart, Size
from duckmart.segment import Segment
from duckmart.ui import frame

HELD = Path(os.environ["DUCKMART_DATA"]) / "held"


def held(self: Mart, segment: Segment, *given: Any) -> Size:
    found = answered(self, segment, *given)
    while any(row.value == 33 for row in segment.user_filters) and HELD.exists():
        sleep(0.01)
    return found


if not hasattr(Mart, "answered"):
    Mart.answered = Mart.size
    Mart.size = held
answered = Mart.answered
frame.show()
