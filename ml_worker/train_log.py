"""The figures of a run as they come: a line of JSON each, and events for TensorBoard."""

import json
import logging
from pathlib import Path
from typing import Any

from tensorboardX import SummaryWriter

logger = logging.getLogger(__name__)

METRICS, EVENTS = "metrics.jsonl", "events"


class MetricsLog:
    """``metrics.jsonl`` and ``events/`` under a folder; what comes after ``step`` is from a run cut off."""

    def __init__(self, out: Path, step: int) -> None:
        self._path = out / METRICS
        _cut_after(self._path, step)
        self._events = SummaryWriter(str(out / EVENTS), purge_step=step + 1 if step else None)

    def add(self, row: dict[str, Any]) -> None:
        """Write a row; its numbers become curves."""
        logger.info("step %(step)d: loss %(loss).3f, %(seconds_per_step).3f s a step", row)
        with self._path.open("a") as stream:
            stream.write(json.dumps(row) + "\n")
        for name, value in row.items():
            if name != "step":
                self._events.add_scalar(name, value, row["step"])
        self._events.flush()

    def close(self) -> None:
        self._events.close()


def _cut_after(path: Path, step: int) -> None:
    """Leave out rows of later steps, and one that a kill cut short: they come again."""
    if not path.exists():
        return
    kept = []
    for line in path.read_text().splitlines(keepends=True):
        if not line.endswith("\n") or json.loads(line)["step"] > step:
            break
        kept.append(line)
    path.write_text("".join(kept))
