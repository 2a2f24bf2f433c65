"""CropFormer on one image: seconds and peak memory, with the starter and with a Swin-T of random weights.

python -m benchmarks.cropformer [--json] [--sizes 800x1088 9000x12000] [--models starter swin-t] [--threads 1]

Every case runs in a process of its own, so that peak memory is that of the case. Random weights cost the same
arithmetic as trained ones, but show more masks than a trained model would.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from annotation_server.segmentation.scenes import make_scene
from benchmarks import machine
from ml_worker.checkpoints import Checkpoint
from ml_worker.cropformer.architecture import SWIN_TINY
from ml_worker.cropformer.model import CropFormer
from ml_worker.predict import Predictor

MODELS = ("starter", "swin-t")
SIZES = ("800x1088", "9000x12000")


def predictor_of(model: str) -> Predictor:
    if model == "starter":
        return Predictor.from_checkpoint()
    torch.manual_seed(0)
    weights = CropFormer(SWIN_TINY).state_dict()
    return Predictor(Checkpoint(SWIN_TINY, weights, "random"))


def paint(size: str, path: Path) -> None:
    """A generated scene as an array on disk: height x width in px."""
    height, width = (int(side) for side in size.split("x"))
    rgb, _ = make_scene(7, height, width, entities=max(20, height * width // 400_000))
    np.save(path, rgb)


def measure(model: str, image: Path, threads: int) -> dict[str, Any]:
    """One prediction in this process."""
    torch.set_num_threads(threads)
    predictor = predictor_of(model)
    rgb = np.load(image)
    ready = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.monotonic(), time.process_time()
    prediction = predictor.predict(rgb)
    return {
        "seconds": round(time.monotonic() - wall, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "rss_before_mb": round(ready / 1024),
        "masks": len(prediction.scores),
        "covered": round(float((prediction.label_map > 0).mean()), 4),
    }


def run_case(model: str, size: str, image: Path, threads: int) -> dict[str, Any]:
    """``measure`` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.cropformer", "--measure", model, str(image)]
    answer = subprocess.run(
        [*command, "--threads", str(threads)],
        env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return {"model": model, "height_x_width": size, **json.loads(answer.stdout)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--sizes", nargs="+", default=SIZES, help="height x width in px")
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--measure", nargs=2, metavar=("MODEL", "IMAGE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure[0], Path(arguments.measure[1]), arguments.threads)))
        return
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for size in arguments.sizes:
            image = Path(folder) / f"{size}.npy"
            paint(size, image)
            for model in arguments.models:
                results.append(run_case(model, size, image, arguments.threads))
                if not arguments.json:
                    print("  ".join(f"{key} {value}" for key, value in results[-1].items()), flush=True)
            image.unlink()
    report = {"machine": machine.description(), "threads": arguments.threads, "results": results}
    print(json.dumps(report, indent=None if arguments.json else 2))


if __name__ == "__main__":
    main()
