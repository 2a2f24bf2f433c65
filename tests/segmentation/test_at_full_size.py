"""Everything the product does to a label map, at 15,000 × 15,000 px with 240 entities, in bounded memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_SECONDS, MOST_MB = 150, 1500  # 12 s and 590 MB on an idle machine


@pytest.fixture(scope="module")
def figures() -> dict:
    command = [sys.executable, "-m", "benchmarks.segmentation", "--full-size-only", "--json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    return json.loads(run.stdout)["full_size"]


def test_the_map_is_of_full_size(figures):
    assert figures["width"] == figures["height"] == 15_000
    assert figures["entities"] == 240
    assert figures["runs"] > 500_000


def test_memory_stays_bounded(figures):
    assert figures["peak_mb"] < MOST_MB


def test_it_takes_seconds(figures):
    assert sum(figures["cpu_seconds"].values()) < MOST_SECONDS


def test_rles_gave_back_the_same_map(figures):
    assert figures["map_sha256"] == figures["map_sha256_from_rles"] == figures["map_sha256_from_png"]
