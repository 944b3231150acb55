"""Clients that go away, for a short time; `python -m benchmarks.abandoned` takes more, for longer."""

import shutil
from pathlib import Path

import pytest

from benchmarks.abandoned import limit_of, measured


@pytest.mark.slow
def test_abandoned_requests_harm_nobody(demo: Path, tmp_path: Path) -> None:
    # One process opens a file with one configuration only, and the other tests have the demo data open.
    data = shutil.copytree(demo, tmp_path / "data")

    record = measured(data, tmp_path / "log.txt", count=16, seconds=8, memory="1GB", timeout=20, heavy=False)

    # The other tests want the cores too; on a machine of its own, the benchmark holds /health to a second.
    assert record.faults(limit_of("1GB"), health_within=5) == []
    assert record.abandoned > 20
    assert "Traceback" not in (tmp_path / "log.txt").read_text()


@pytest.mark.parametrize(
    ("memory", "gigabytes"), [("4GB", 4 * 0.931), ("512MB", 0.477), ("2GiB", 2 * 0.931), ("1.5 TB", 1396.98)]
)
def test_the_limit_is_the_setting_and_one_gigabyte(memory: str, gigabytes: float) -> None:
    assert limit_of(memory) / (1 << 30) == pytest.approx(gigabytes + 1, abs=0.01)
