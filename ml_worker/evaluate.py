"""Measure a model on images with label maps: ``python -m ml_worker.evaluate --scenes 50`` or ``--folder …``.

Predictions are label maps, so they never overlap: the average precision here is the papers' APᵉ (stock COCO
AP, one class).
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from annotation_server.segmentation.evaluate import evaluate as evaluate_records
from annotation_server.segmentation.matching import iou_pairs, joint_histogram_dense
from annotation_server.segmentation.rle import label_map_rles, rle_area, rle_bbox
from annotation_server.segmentation.scenes import make_scene
from ml_worker.architectures import EntityPredictor, load_predictor
from ml_worker.dataset import Example, LabelMapFolder


def evaluate(predictor: EntityPredictor, examples: Iterator[Example]) -> dict[str, float]:
    """Figures over all examples: mean best IoU of entities, coverage by predictions, APᵉ and its parts."""
    truth: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    images: list[dict[str, Any]] = []
    best: list[float] = []
    covered: list[float] = []
    started = time.monotonic()
    for image_id, example in enumerate(examples, start=1):
        prediction = predictor.predict(example.rgb)
        height, width = example.label_map.shape
        images.append({"id": image_id, "height": height, "width": width})
        best += _best_ious(example.label_map, prediction.label_map)
        annotated = example.label_map > 0
        covered.append(float((prediction.label_map[annotated] > 0).mean()))
        truth += _records(image_id, label_map_rles(example.label_map), first_id=len(truth) + 1)
        shown = label_map_rles(prediction.label_map)
        for record, number in zip(_records(image_id, shown, first_id=len(found) + 1), shown, strict=True):
            found.append(record | {"score": prediction.scores[number - 1]})
    return {
        "images": len(images),
        "entities": len(truth),
        "predicted": len(found),
        "mean_best_iou": float(np.mean(best)),
        "coverage": float(np.mean(covered)),
        **evaluate_records({"images": images, "annotations": truth}, found),
        "seconds_per_image": (time.monotonic() - started) / max(1, len(images)),
    }


def held_out_scenes(count: int, side: int, seed: int = 900_000_000) -> Iterator[Example]:
    """Scenes that no training configuration of ours draws from."""
    for index in range(count):
        yield Example(*make_scene(seed + index, side, side))


def chosen_images(folder: LabelMapFolder, *, only: set[str], without: set[str]) -> list[int]:
    """Places of the images named in ``only`` (empty: all) and not in ``without``; names have no ending.

    Raises ``ValueError`` for a name that the folder does not have.
    """
    places = {image.stem: index for index, (image, _) in enumerate(folder.pairs)}
    if unknown := sorted((only | without) - set(places)):
        raise ValueError(f"There is no image {unknown[0]} in the folder.")
    return [index for name, index in places.items() if (not only or name in only) and name not in without]


def _best_ious(truth: NDArray[np.uint16], predicted: NDArray[np.uint16]) -> list[float]:
    """For every true entity the IoU of its best prediction, 0 if none touches it; VOID truth is ignored."""
    histogram = joint_histogram_dense(truth, np.where(truth > 0, predicted, np.uint16(0)))
    best = {number: 0.0 for number in histogram.areas_a() if number}
    for pair in iou_pairs(histogram):
        best[pair.a] = max(best[pair.a], pair.iou)
    return list(best.values())


def _records(image_id: int, rles: dict[int, Any], *, first_id: int) -> list[dict[str, Any]]:
    return [
        {
            "id": first_id + index,
            "image_id": image_id,
            "category_id": 1,
            "iscrowd": 0,
            "segmentation": rle,
            "area": rle_area(rle),
            "bbox": rle_bbox(rle),
        }
        for index, rle in enumerate(rles.values())
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--architecture", default="cropformer", help="or classical: no weights")
    parser.add_argument("--checkpoint", type=Path, help="default: the starter")
    parser.add_argument("--scenes", type=int, default=0, help="this many held-out generated scenes")
    parser.add_argument("--side", type=int, default=192, help="side of a scene in px")
    parser.add_argument("--folder", type=Path, help="images/ and labels/ of the same names")
    parser.add_argument("--suffix", default="", help="ending of the label files' names, such as _a1")
    parser.add_argument("--only", nargs="*", default=[], help="names of the folder's images, without ending")
    parser.add_argument("--exclude", nargs="*", default=[], help="of the folder's images; all others count")
    parser.add_argument("--short-side", type=int)
    parser.add_argument("--score-threshold", type=float)
    parser.add_argument("--min-area", type=int)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    given = {name: getattr(arguments, name) for name in ("short_side", "score_threshold", "min_area")}
    options = {name: value for name, value in given.items() if value is not None}
    predictor = load_predictor(arguments.architecture, arguments.checkpoint, **options)
    examples: Iterator[Example]
    if arguments.folder:
        folder = LabelMapFolder(arguments.folder, suffix=arguments.suffix)
        chosen = chosen_images(folder, only=set(arguments.only), without=set(arguments.exclude))
        examples = (folder[index] for index in chosen)
    else:
        examples = held_out_scenes(arguments.scenes, arguments.side)
    print(json.dumps({key: round(value, 4) for key, value in evaluate(predictor, examples).items()}))


if __name__ == "__main__":
    main()
