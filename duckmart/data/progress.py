"""How long work reports its progress."""

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with what is being done, and the share (0 to 1) that is done before it."""
