"""Judging a candidate: seconds of the paired bootstrap, and how far its interval can be trusted.

python -m benchmarks.judging [--json] [--trials 400]
"""

import argparse
import json
import time
from typing import Any

import numpy as np

from annotation_server.segmentation.average_precision import ImagePairs, Matches, match_all
from annotation_server.segmentation.resampled_precision import paired_bootstrap
from annotation_server.training.compare import Promote, compare
from benchmarks import machine
from benchmarks.simulated_figures import difficulties, figures_of

IMAGES, MASKS, RESAMPLES = 1000, 50, 2000
NULL_IMAGES = (5, 8, 10, 15, 20, 30, 50, 100)
GAINS = (0.01, 0.02, 0.04)
GAIN_IMAGES = (20, 50, 100)


def bootstrap_seconds() -> dict[str, float]:
    """CPU-seconds of matching two models on 1,000 images of 50 masks, and of 2,000 resamples."""
    started = time.process_time()
    models = [_model(seed) for seed in (1, 2)]
    matched = time.process_time()
    paired_bootstrap(*models, seed=1, resamples=RESAMPLES)
    return {"matching": matched - started, "bootstrap": time.process_time() - matched}


def _model(seed: int) -> Matches:
    random = np.random.default_rng(seed)
    return match_all([_image(random) for _ in range(IMAGES)])


def _image(random: np.random.Generator) -> ImagePairs:
    iou = random.normal(0.6, 0.2, MASKS).clip(0, 1)
    near = np.flatnonzero(iou >= 0.5)
    return ImagePairs(
        scores=(0.5 * iou + 0.5 * random.random(MASKS)).clip(0, 1),
        areas=np.full(MASKS, 5000.0),
        true_areas=np.full(MASKS, 5000.0),
        crowd=np.zeros(MASKS, np.bool_),
        d=near,
        g=random.permutation(MASKS)[: near.size],
        iou=iou[near],
    )


def simulated(images: int, gain: float, trials: int) -> dict[str, float]:
    """Pairs of models that differ by ``gain`` in mean IoU: how often the better is promoted."""
    verdicts = []
    for trial in range(trials):
        hard = difficulties(images, seed=trial)
        champion = figures_of(hard, quality=0.8, seed=10_000 + trial)
        candidate = figures_of(hard, quality=0.8 + gain, seed=20_000 + trial)
        verdicts.append(compare(champion, candidate, seed=trial, resamples=400, least_images=1))
    return {
        "images": images,
        "gain_in_iou": gain,
        "gain_in_ap": float(np.mean([verdict.difference for verdict in verdicts])),
        "promoted": float(np.mean([isinstance(verdict, Promote) for verdict in verdicts])),
        "holds_0": float(np.mean([verdict.low <= 0 <= verdict.high for verdict in verdicts])),
    }


def measure(trials: int) -> dict[str, Any]:
    """Everything that docs/nightly.md tells of judging."""
    cases = [(images, 0.0) for images in NULL_IMAGES]
    cases += [(images, gain) for images in GAIN_IMAGES for gain in GAINS]
    return {
        "machine": machine.description(),
        "seconds": bootstrap_seconds(),
        "simulated": [simulated(images, gain, trials) for images, gain in cases],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--trials", type=int, default=400)
    given = parser.parse_args()
    found = measure(given.trials)
    if given.json:
        print(json.dumps(found))
        return
    print("; ".join(f"{name} {seconds:.2f} CPU-s" for name, seconds in found["seconds"].items()))
    for row in found["simulated"]:
        told = ", ".join(f"{name} {row[name]:.3f}" for name in ("gain_in_ap", "promoted", "holds_0"))
        print(f"{row['images']} images, IoU +{row['gain_in_iou']}: {told}")


if __name__ == "__main__":
    main()
