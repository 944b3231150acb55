"""What all tests of the API need."""

import pytest


@pytest.fixture(autouse=True)
def patient_status(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets `/health` wait for data that a busy machine is slow to open."""
    monkeypatch.setattr("duckmart.api.request_threads._PATIENCE", 60)
