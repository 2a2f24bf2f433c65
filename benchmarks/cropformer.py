"""CropFormer on images: seconds, memory, where they go, and the published model written plainly beside it.

    python -m benchmarks.cropformer [--json] [--sizes 800x1088 9000x12000] [--models starter swin-t]
                                    [--threads 1] [--no-plain]
    python -m benchmarks.cropformer --device cuda [--models swin-t swin-l]    # see cropformer_gpu.py

Every case runs in a process of its own, so that peak memory is that of the case, the image's decoding
counted. Weights are made from the tensors' names: they cost the same arithmetic as trained ones, but
masks lie over each other everywhere, which is the worst case for the painting. The plain model (the first
size only; it needs some 9 GB) has the same weights; ``pixels_differing`` counts pixels that another query
owns.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
import torch
from numpy.typing import NDArray

from annotation_server.segmentation.scenes import make_scene
from benchmarks import cropformer_gpu, machine
from benchmarks.cropformer_models import ours, plain, plain_owners
from benchmarks.cropformer_parts import parts_of
from ml_worker.image_crop import as_rgb

MODELS = ("starter", "swin-t")
SIZES = ("800x1088", "9000x12000")
PLAIN = "plain swin-t"

# Image [H, W, 3] → a label map, and the query of each of its numbers.
Predict = Callable[[NDArray[np.uint8]], tuple[NDArray[np.uint16], list[int]]]


def paint(size: str, path: Path) -> None:
    """A generated scene as a file: height x width in px."""
    height, width = (int(side) for side in size.split("x"))
    rgb, _ = make_scene(7, height, width, entities=max(20, height * width // 400_000))
    pyvips.Image.new_from_array(rgb).jpegsave(str(path), Q=95)


def read(path: Path) -> NDArray[np.uint8]:
    """RGB bytes, as the worker reads them."""
    return np.asarray(as_rgb(pyvips.Image.new_from_file(str(path), access="sequential")).numpy())


def measure(model: str, image: Path, threads: int) -> dict[str, Any]:
    """One prediction in this process; which query owns each pixel is left beside the image."""
    torch.set_num_threads(threads)
    predict = _plain_prediction() if model == PLAIN else _prediction(model)
    ready = machine.rss_mb([os.getpid()])
    wall, cpu = time.monotonic(), time.process_time()
    label_map, queries = predict(read(image))
    seconds, cpu_seconds = time.monotonic() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    np.save(
        _owners_file(image, model), np.array([0, *(query + 1 for query in queries)], np.uint16)[label_map]
    )
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "peak_rss_mb": round(peak),
        "beyond_weights_mb": round(peak - ready),
        "masks": len(np.unique(label_map)) - 1,
        "covered": round(float((label_map > 0).mean()), 4),
    }


def _prediction(model: str) -> Predict:
    predictor = ours(model, parity=model != "starter")

    def predict(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint16], list[int]]:
        prediction = predictor.predict(rgb)
        return prediction.label_map, prediction.queries

    return predict


def _plain_prediction() -> Predict:
    network = plain(PLAIN.split()[1])
    everyone = list(range(len(network.tensors["sem_seg_head.predictor.query_feat.weight"])))
    return lambda rgb: (plain_owners(network, rgb), everyone)


def measure_parts(model: str, image: Path, threads: int) -> dict[str, float]:
    """CPU-seconds by part of one prediction in this process."""
    torch.set_num_threads(threads)
    return parts_of(ours(model, parity=model != "starter"), read(image))


def run_case(mode: str, model: str, image: Path, threads: int) -> dict[str, Any]:
    """``measure`` or ``measure_parts`` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.cropformer", f"--{mode}", model, str(image)]
    answer = subprocess.run(
        [*command, "--threads", str(threads)],
        env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return dict(json.loads(answer.stdout))


def compared(plainly: dict[str, Any], quick: dict[str, Any], image: Path) -> dict[str, Any]:
    """How often ours fits into the plain model, and how many pixels differ."""
    owners = [np.load(_owners_file(image, model)) for model in (PLAIN, "swin-t")]
    differing = int((owners[0] != owners[1]).sum())
    return {
        "cpu_ratio": round(plainly["cpu_seconds"] / quick["cpu_seconds"], 2),
        "memory_ratio": round(plainly["peak_rss_mb"] / quick["peak_rss_mb"], 2),
        "pixels_differing": differing,
        "share_differing": round(differing / owners[0].size, 7),
    }


def _owners_file(image: Path, model: str) -> Path:
    return image.with_suffix(f".{model.replace(' ', '-')}.npy")


def cpu_report(arguments: argparse.Namespace) -> dict[str, Any]:
    report: dict[str, Any] = {"results": []}

    def tell(title: str, figures: dict[str, Any]) -> None:
        if not arguments.json:
            print(title, "  ".join(f"{key} {value}" for key, value in figures.items()), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        for place, size in enumerate(arguments.sizes):
            image = Path(folder) / f"{size}.jpg"
            paint(size, image)
            for model in arguments.models:
                figures = run_case("measure", model, image, arguments.threads)
                report["results"].append({"model": model, "height_x_width": size, **figures})
                tell(f"{model} {size}:", figures)
            if place == 0 and "swin-t" in arguments.models:
                report["parts_cpu_seconds"] = run_case("parts", "swin-t", image, arguments.threads)
                tell(f"swin-t {size}, parts:", report["parts_cpu_seconds"])
                if not arguments.no_plain:
                    figures = run_case("measure", PLAIN, image, arguments.threads)
                    report["results"].append({"model": PLAIN, "height_x_width": size, **figures})
                    tell(f"{PLAIN} {size}:", figures)
                    quick = next(row for row in report["results"] if row["model"] == "swin-t")
                    report["beside_plain"] = compared(figures, quick, image)
                    tell("swin-t beside plain:", report["beside_plain"])
            image.unlink()
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--sizes", nargs="+", default=SIZES, help="height x width in px")
    parser.add_argument("--models", nargs="+", help="starter, nano, swin-t, swin-l")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-plain", action="store_true", help="leave the plain model out")
    parser.add_argument("--measure", nargs=2, metavar=("MODEL", "IMAGE"), help=argparse.SUPPRESS)
    parser.add_argument("--parts", nargs=2, metavar=("MODEL", "IMAGE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for mode, work in (("measure", measure), ("parts", measure_parts)):
        if wanted := getattr(arguments, mode):
            print(json.dumps(work(wanted[0], Path(wanted[1]), arguments.threads)))
            return
    if arguments.device == "cpu":
        arguments.models = arguments.models or list(MODELS)
        report = cpu_report(arguments)
    else:
        report = cropformer_gpu.report(arguments.models or ["swin-t", "swin-l"], arguments.device)
    print(
        json.dumps(
            {"machine": machine.description(), "threads": arguments.threads, **report},
            indent=None if arguments.json else 2,
        )
    )


if __name__ == "__main__":
    main()
