"""What each defect of the published inference costs or gains, measured with one checkpoint.

    python -m benchmarks.published_defects --scenes 50
    python -m benchmarks.published_defects --folder ../shared/data/coco_panoptic

Prints a line of JSON for every setting: the figures of ml_worker.evaluate.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from annotation_server.segmentation.model_figures import model_figures
from ml_worker.checkpoints import STARTER, load_checkpoint
from ml_worker.dataset import Example, ExampleSource
from ml_worker.dataset_sources import open_source
from ml_worker.evaluate import HeldOutScenes, measure
from ml_worker.predict import Predictor

EVERYTHING: dict[str, Any] = {"min_area": 0, "min_share": 0.0}
SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "slivers kept": EVERYTHING,
    "slivers and empties kept, second sigmoid (parity)": {"parity": True},
    "painted by class x mask quality": {"painting_order": "mask_score"},
    "painted smallest first": {"painting_order": "smallest_first"},
}
SHOWN = ("predicted", "AP", "AP50", "AR100", "mean_best_iou")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=STARTER)
    parser.add_argument("--scenes", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--most", type=int, default=1000, help="look at no more images than so many")
    given = parser.parse_args()
    torch.set_num_threads(1)
    source: ExampleSource = (
        open_source({"folder": str(given.folder)}) if given.folder else HeldOutScenes(given.scenes, 192)
    )
    count = min(given.most, len(source))
    for name, predictor in _predictors(given.checkpoint):
        examples: Iterator[Example] = (source[index] for index in range(count))
        figures = model_figures([measure(predictor, example, image=i) for i, example in enumerate(examples)])
        told = {key: round(value, 5) for key, value in figures.items() if key in SHOWN}
        print(json.dumps({"setting": name, "images": count, **told}), flush=True)


def _predictors(path: Path) -> Iterator[tuple[str, Predictor]]:
    """Every setting beside the name it is told under; masks are not split, so that one query is one mask."""
    checkpoint = load_checkpoint(path)
    own = {**checkpoint.settings, "split": False, "snap": False}
    plain = replace(checkpoint, settings=own)
    for name, options in SETTINGS.items():
        yield name, Predictor(plain, **options)
    angles = replace(plain.arch.variant, view_angles="as_trained")
    turned = replace(plain, arch=replace(plain.arch, variant=angles))
    yield "view positions as in training", Predictor(turned)


if __name__ == "__main__":
    main()
