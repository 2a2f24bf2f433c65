"""The log of a training, as the trainer writes it: one JSON object a line."""

import json
import math
from typing import Any

from botocore.exceptions import ClientError

from annotation_server import media
from annotation_server.training.models import TrainingRun

MOST_ROWS = 1000


def metrics_of(run: TrainingRun) -> list[dict[str, float]]:
    """At most MOST_ROWS rows by ascending step, the last one among them; none before the first is written."""
    try:
        content = media.read(f"{run.folder}/metrics.jsonl")
    except (FileNotFoundError, ClientError):
        return []
    by_step: dict[float, dict[str, float]] = {}
    for line in content.splitlines():
        row = _row(line)
        if "step" in row:
            by_step[row["step"]] = row  # a run that went on says some steps again
    rows = [by_step[step] for step in sorted(by_step)]
    stride = math.ceil(len(rows) / MOST_ROWS) or 1
    return rows[::-1][::stride][::-1]


def _row(line: bytes) -> dict[str, float]:
    """The finite numbers of a line; none for one that is cut short."""
    try:
        told: Any = json.loads(line)
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    numbers = (int, float)
    return {
        name: value for name, value in told.items() if isinstance(value, numbers) and math.isfinite(value)
    }
