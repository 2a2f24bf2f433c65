"""CropFormer on a GPU: time per image, share of the card's peak, memory, and training.

The network alone is timed on views that lie in the card's memory already, warm, median of ten, beside the
plain model; a whole prediction adds resizing on the CPU, copying and painting. The peak is measured: a
product of large matrices in the same precision.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from annotation_server.segmentation.scenes import make_scene
from benchmarks.cropformer_models import SIZES, ours, plain, plain_pass
from ml_worker.predict import Predictor

VIEWS, SIDE = 5, (800, 1088)
BATCHES = (1, 8)
PRECISIONS = ("float32", "bfloat16")
ROUNDS = 10
STEPS, BATCH = 30, 8


def report(models: list[str], device: str) -> dict[str, Any]:
    """Every figure for the models on ``device``, with the device's name."""
    name = torch.cuda.get_device_name(device) if device.startswith("cuda") else device
    rows = [row for model in models for batch in BATCHES for row in inference(model, batch, device)]
    return {
        "device": name,
        "peak_tflops": {precision: round(peak_tflops(precision, device), 1) for precision in PRECISIONS},
        "inference": rows,
        "training": [training(model, device) for model in models],
    }


def inference(model: str, batch: int, device: str, side: tuple[int, int] = SIDE) -> list[dict[str, Any]]:
    """Rows of ours in both precisions, and of the plain model, for ``batch`` images of five views."""
    pixels = torch.randn(batch * VIEWS, 3, *side, generator=torch.Generator().manual_seed(1)).to(device)
    images = [make_scene(seed, *side)[0] for seed in range(batch)]
    case = {"model": model, "batch": batch}
    rows = [case | row for p in PRECISIONS for row in _of_ours(model, p, pixels, images, device)]
    network = plain(model, device)
    with torch.device(device):
        rows.append(case | _row("plain, float32", lambda: plain_pass(network, pixels, batch), batch, device))
    return rows


def _of_ours(
    model: str, precision: str, pixels: Tensor, images: list[NDArray[np.uint8]], device: str
) -> list[dict[str, Any]]:
    """The network as it is and compiled, and whole predictions."""
    predictor = ours(model, device=device, precision=precision)
    predictor.model.requires_grad_(False)  # the counter asks for it
    with FlopCounterMode(display=False) as counter:
        network_pass(predictor, pixels)
    peak = peak_tflops(precision, device)
    count, rows = len(images), []
    for what, of_kind in (("ours", predictor), ("ours, compiled", _compiled(predictor, precision))):
        row = _row(f"{what}, {precision}", partial(network_pass, of_kind, pixels), count, device)
        tflops = counter.get_total_flops() / (row["ms_per_image"] * count / 1000) / 1e12
        rows.append(row | {"tflops": round(tflops, 1), "share_of_peak": round(tflops / peak, 3)})
    whole = _row(
        f"whole prediction, {precision}",
        lambda: list(predictor.predict_many(images, batch=count)),
        count,
        device,
    )
    return [*rows, whole]


def _compiled(predictor: Predictor, precision: str) -> Predictor:
    return predictor.with_options(precision=precision, compile=True)


@torch.no_grad()
def network_pass(predictor: Predictor, pixels: Tensor) -> Tensor:
    """Ours without resizing and painting: mask logits [B, Q, T, h, w]."""
    with predictor.encoder.autocast():
        features = predictor.encoder.pass_views(pixels)
        output = predictor.model.decode(features, VIEWS)
    assert output.joint is not None
    return output.joint.mask_logits()


def _row(what: str, work: Callable[[], object], images: int, device: str) -> dict[str, Any]:
    row: dict[str, Any] = {"what": what, "ms_per_image": round(1000 * timed(work, device) / images, 2)}
    if device.startswith("cuda"):
        torch.cuda.reset_peak_memory_stats(device)
        work()
        row["peak_memory_mb"] = round(torch.cuda.max_memory_allocated(device) / 2**20)
    return row


def timed(work: Callable[[], Any], device: str) -> float:
    """Median seconds of a call, after three that do not count."""
    for _ in range(3):
        work()
    seconds = []
    for _ in range(ROUNDS):
        _wait(device)
        start = time.perf_counter()
        work()
        _wait(device)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def peak_tflops(precision: str, device: str, side: int = 8192) -> float:
    """What the device reaches in a product of large matrices."""
    side = side if device.startswith("cuda") else 512
    one = torch.randn(side, side, device=device, dtype=getattr(torch, precision))
    return 2 * side**3 / timed(lambda: one @ one, device) / 1e12


def training(model: str, device: str) -> dict[str, Any]:
    """Images a second of a real run on generated scenes, the first half of its steps not counted."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.json"
        config.write_text(json.dumps(_training_config(model)))
        command = [
            "-m",
            "ml_worker.train",
            "--config",
            str(config),
            "--out",
            f"{folder}/run",
            "--device",
            device,
            "--workers",
            "8",
        ]
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        rows = [
            json.loads(line) for line in (Path(folder) / "run" / "metrics.jsonl").read_text().splitlines()
        ]
    seconds = {row["step"]: row["step"] * row["seconds_per_step"] for row in rows}  # since the run began
    late = seconds[STEPS] - seconds[STEPS // 2]
    images_per_second = round(BATCH * (STEPS - STEPS // 2) / late, 2)
    return {"model": model, "batch": BATCH, "images_per_second": images_per_second}


def _training_config(model: str) -> dict[str, Any]:
    return {
        "architecture": SIZES[model].to_dict(),
        "data": {"scenes": {"count": 32, "side": 800, "seed": 1}},
        "steps": STEPS,
        "batch": BATCH,
        "log_every": 1,
        "precision": "bfloat16",
    }


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
