"""Says in the report's header which random specs a run draws."""

from tests.strategies import SEED, SPECS


def pytest_report_header() -> str:
    return f"random specs: {SPECS} a test; DUCKMART_SPECS={SPECS} DUCKMART_SEED={SEED} repeats them"
