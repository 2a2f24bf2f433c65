"""Turn a trained checkpoint into the starter that ships: half precision, its settings readable beside it.

``python -m ml_worker.make_starter --checkpoint out/model.safetensors --short-side 256``
"""

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from ml_worker.checkpoints import STARTER, load_checkpoint, save_weights
from ml_worker.predictor_options import PAINTING_ORDERS
from ml_worker.tensor_files import BadCheckpoint

LARGEST_BYTES = 25_000_000
RECORDED = ("steps", "augmentation", "batch", "learning_rate", "weight_decay", "points", "ema_decay", "seed")


def make_starter(checkpoint_path: Path, inference: dict[str, Any], target: Path = STARTER) -> None:
    """Write ``target`` (float16) and ``config.json`` beside it, with ``inference`` as its settings."""
    checkpoint = load_checkpoint(checkpoint_path)
    settings = {"step": checkpoint.settings.get("step"), **inference}
    save_weights(target, checkpoint.build(), settings, dtype=torch.float16)
    if target.stat().st_size > LARGEST_BYTES:
        raise ValueError(
            f"{target.name} has {target.stat().st_size} bytes; the starter may have {LARGEST_BYTES}."
        )
    training = checkpoint.settings.get("training", {})
    readable = {
        "architecture": checkpoint.arch.to_dict(),
        "parameters": sum(weights.numel() for weights in checkpoint.weights.values()),
        "inference": inference,
        "training": {key: value for key, value in training.items() if key in RECORDED},
        "photographs": training.get("data", {}).get("collage", {}).get("photographs", []),
        "sha256": load_checkpoint(target).sha256,
    }
    target.with_name("config.json").write_text(json.dumps(readable, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--short-side", type=int, default=256)
    parser.add_argument("--long-side", type=int, default=512)
    parser.add_argument("--score-threshold", type=float, default=0.1)
    parser.add_argument("--min-area", type=int, default=64)
    parser.add_argument("--min-share", type=float, default=0.0005, help="of the image, below which VOID")
    parser.add_argument("--split", action="store_true", help="number parts that lie apart one by one")
    parser.add_argument("--snap", action="store_true", help="let masks end where regions of one look end")
    parser.add_argument("--full-image-only", action="store_true", help="one view of the image, no crops")
    parser.add_argument("--painting-order", choices=PAINTING_ORDERS, default="class_score")
    arguments = parser.parse_args()
    inference = {
        "short_side": arguments.short_side,
        "long_side": arguments.long_side,
        "score_threshold": arguments.score_threshold,
        "min_area": arguments.min_area,
        "min_share": arguments.min_share,
        "split": arguments.split,
        "snap": arguments.snap,
        "full_image_only": arguments.full_image_only,
        "painting_order": arguments.painting_order,
    }
    try:
        make_starter(arguments.checkpoint, inference)
    except (BadCheckpoint, OSError, ValueError) as error:
        raise SystemExit(f"{error}") from error


if __name__ == "__main__":
    main()
