"""Class-agnostic AP, PQ and boundary bands of label maps beside the evaluators that one can install.

python -m benchmarks.evaluation [--json] [--rounds 3] [--images 500] [--peers DIRECTORY]

The others live in an environment of their own, and are left out, with the reason, where it is not there:

    python -m venv DIRECTORY
    DIRECTORY/bin/pip install pycocotools faster-coco-eval hotcoco ultrafast-pycocotools vernier

Every evaluator is a process with one thread on one core. They take turns; medians over the rounds are given.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.evaluation_bands import bands_beside_erosion
from benchmarks.evaluation_sets import SETS, write_set

HERE = Path(__file__).resolve().parent
OURS = {"ours, from label maps": "maps", "ours, from COCO files": "rle"}
PEERS = (
    "pycocotools",
    "faster-coco-eval",
    "hotcoco",
    "ultrafast-pycocotools",
    "vernier",
    "vernier, own interface",
)
REFERENCE = "pycocotools"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Evaluator:
    """A process that evaluates a set each time it is asked."""

    def __init__(self, command: Sequence[str], *, cores: int = 1) -> None:
        usable = sorted(os.sched_getaffinity(0))[-cores:]
        self._process = subprocess.Popen(
            command,
            cwd=HERE.parent,
            env={**os.environ, **ONE_THREAD},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        os.sched_setaffinity(self._process.pid, usable)
        self.answers: list[dict[str, Any]] = []

    def ask(self, folder: Path) -> None:
        assert self._process.stdin and self._process.stdout
        print(folder, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._process.args!r} ended with {self._process.wait()}.")
        self.answers.append(json.loads(line))

    def median(self, name: str) -> float | None:
        values = [answer[name] for answer in self.answers]
        return None if None in values else statistics.median(values)

    def stop(self) -> None:
        self._process.communicate()


def ours(way: str, *, cores: int = 1) -> Evaluator:
    return Evaluator([sys.executable, "-m", "benchmarks.evaluation_ours", way], cores=cores)


def peer(peers: Path, name: str) -> Evaluator:
    return Evaluator([str(peers / "bin/python"), str(HERE / "evaluation_peers.py"), name])


def average_precision(folder: Path, peers: Path | None, rounds: int) -> dict[str, dict[str, Any]]:
    """Seconds of every evaluator on one set, and whether its arrays are those of pycocotools."""
    evaluators = {name: ours(way) for name, way in OURS.items()}
    evaluators |= {name: peer(peers, name) for name in PEERS if peers}
    _take_turns(list(evaluators.values()), folder, rounds)
    best = evaluators["ours, from label maps"]
    arrays = {name: evaluator.answers[-1]["arrays"] for name, evaluator in evaluators.items()}
    return {
        name: {
            "evaluate_cpu_seconds": _shown(evaluator.median("evaluate")),
            "total_cpu_seconds": _shown(evaluator.median("total")),
            "evaluate_x": _shown(_ratio(evaluator, best, "evaluate")),
            "total_x": _shown(_ratio(evaluator, best, "total")),
            "peak_mb": round(evaluator.answers[-1]["peak_mb"]),
            "digits": _digits(arrays[name], arrays.get(REFERENCE)),
        }
        for name, evaluator in evaluators.items()
    }


def panoptic_quality(folder: Path, peers: Path | None, rounds: int) -> dict[str, dict[str, Any]]:
    """Seconds from files to PQ: bundles, or PNGs; what counts pixels is asked once, as it takes long."""
    evaluators = {"ours, from label maps": ours("panoptic")}
    if peers:
        evaluators["hotcoco"] = peer(peers, "hotcoco, panoptic")
    _take_turns(list(evaluators.values()), folder, rounds)
    evaluators["np.unique of the pixels"] = ours("panoptic_by_pixels")
    _take_turns([evaluators["np.unique of the pixels"]], folder, 1)
    best = evaluators["ours, from label maps"]
    return {
        name: {
            "total_cpu_seconds": _shown(evaluator.median("total")),
            "total_x": _shown(_ratio(evaluator, best, "total")),
            "PQ": evaluator.answers[-1]["pq"][0],
            "peak_mb": round(evaluator.answers[-1]["peak_mb"]),
        }
        for name, evaluator in evaluators.items()
    }


def two_processes(folder: Path, rounds: int) -> dict[str, Any]:
    """Seconds by the clock from bundles to AP in one process and in two, on two cores."""
    evaluator = ours("processes", cores=2)
    _take_turns([evaluator], folder, rounds)
    ratio = statistics.median(answer["one"] / answer["two"] for answer in evaluator.answers)
    return {
        "one_process_seconds": _shown(evaluator.median("one")),
        "two_processes_seconds": _shown(evaluator.median("two")),
        "x": _shown(ratio),
    }


def _take_turns(evaluators: list[Evaluator], folder: Path, rounds: int) -> None:
    for _ in range(rounds):
        for evaluator in evaluators:
            evaluator.ask(folder)
    for evaluator in evaluators:
        evaluator.stop()


def _ratio(evaluator: Evaluator, best: Evaluator, name: str) -> float | None:
    """Median over the rounds of how many times the best one's seconds are needed."""
    pairs = [(a[name], b[name]) for a, b in zip(evaluator.answers, best.answers, strict=False)]
    return None if any(None in pair for pair in pairs) else statistics.median(a / b for a, b in pairs)


def _shown(value: float | None) -> float | str:
    return "–" if value is None else round(value, 4)


def _digits(saved: str | None, reference: str | None) -> str:
    """How the arrays of precision and recall differ from pycocotools'."""
    if not saved or not reference:
        return "–"
    ours, theirs = np.load(saved), np.load(reference)
    if not theirs.files or set(ours.files) != set(theirs.files):
        return "–"
    most = max(float(np.abs(ours[name] - theirs[name]).max()) for name in theirs.files)
    return "identical" if most == 0 else f"differ by {most:.1e}"


def measure(rounds: int, images: int, peers: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"rounds": rounds, "sets": {}}
    there = peers if (peers / "bin/python").exists() else None
    if there is None:
        found["peers"] = f"left out: there is no environment {peers.name}; see benchmarks/evaluation.py"
    with tempfile.TemporaryDirectory() as directory:
        folders = {name: Path(directory) / name for name in SETS}
        for seed, (name, size) in enumerate(SETS.items(), 7):
            found["sets"][name] = write_set(
                folders[name], size._replace(images=min(size.images, images)), seed
            )
        for name, folder in folders.items():
            found[f"average_precision_of_{name}"] = average_precision(folder, there, rounds)
        for name, folder in folders.items():
            found[f"panoptic_quality_of_{name}"] = panoptic_quality(folder, there, rounds)
        found["two_processes"] = {name: two_processes(folder, rounds) for name, folder in folders.items()}
        found["boundary_bands"] = bands_beside_erosion(folders["b"])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=int, default=500, help="at most so many of a set")
    parser.add_argument("--peers", type=Path, default=Path(tempfile.gettempdir()) / "evaluation-peers")
    given = parser.parse_args()
    figures = {"machine": machine.description(), **measure(given.rounds, given.images, given.peers)}
    print(json.dumps(figures, indent=None if given.json else 1))


if __name__ == "__main__":
    main()
