"""What every door talks to: the mart of the data that is served now.

current(settings) -> Mart -> audience, size, charts, explanations of a segment
"""

from duckmart.mart.facade import Audience, Mart, Size
from duckmart.mart.registry import NO_DATA, current, engine, obstacle
from duckmart.mart.saved_specs import library
from duckmart.mart.verification import verify

__all__ = [
    "NO_DATA",
    "Audience",
    "Mart",
    "Size",
    "current",
    "engine",
    "library",
    "obstacle",
    "verify",
]
