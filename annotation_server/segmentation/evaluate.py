"""AP, APᵉ and boundary AP of COCO files: ``python -m annotation_server.segmentation.evaluate GT DT``.

GT is a COCO instances file, DT a COCO results list; masks are RLE. Categories are put together into one, as
EntitySeg does. ``--overlap`` says what becomes of predictions that overlap: ``allow`` evaluates them as they
are, ``resolve`` gives each pixel to the best score first (APᵉ), ``refuse`` names the image and the two masks.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from annotation_server.segmentation.average_precision import Bools, Floats, ImagePairs, curves, summary
from annotation_server.segmentation.boundary import band_width, mask_bands
from annotation_server.segmentation.non_overlap import resolve_rles
from annotation_server.segmentation.overlaps import Shared, disjoint_layers, shared_pixels
from annotation_server.segmentation.rle import BadRle, Ints, counts_of, label_map_counts

OVERLAP_RULES = ("allow", "resolve", "refuse")
Record = Mapping[str, Any]


class BadInput(ValueError):
    """A file cannot be evaluated; the message names the record and what is wrong with it."""


def evaluate(
    truth: Mapping[str, Any], found: Sequence[Record], *, overlap: str = "allow", boundary: bool = False
) -> dict[str, float]:
    """The twelve COCO figures of a results list against an instances file, one category for all.

    Args:
        truth: ``images`` and ``annotations`` with RLE ``segmentation``, ``area`` and ``iscrowd``.
        found: records with ``image_id``, ``score`` and RLE ``segmentation``.
        overlap: one of OVERLAP_RULES.
        boundary: IoU becomes the smaller of mask IoU and boundary IoU.

    Raises BadInput, naming image and record, for anything it cannot take as it is.
    """
    if overlap not in OVERLAP_RULES:
        raise BadInput(f"“overlap” is one of {', '.join(OVERLAP_RULES)}, not {overlap}.")
    images = {image["id"]: image for image in truth["images"]}
    true_of, found_of = _by_image(truth["annotations"], images), _by_image(found, images)
    pairs = [
        _image_pairs(images[i], true_of[i], found_of[i], overlap=overlap, boundary=boundary)
        for i in sorted(images)
    ]
    return summary(curves([pairs]))


def _by_image(records: Sequence[Record], images: Mapping[Any, Any]) -> dict[Any, list[Record]]:
    grouped: dict[Any, list[Record]] = defaultdict(list)
    for place, record in enumerate(records):
        if record.get("image_id") not in images:
            raise BadInput(
                f"Record {place} is of image {record.get('image_id')}, which the truth does not have."
            )
        grouped[record["image_id"]].append(record)
    return grouped


def _image_pairs(
    image: Record, true: list[Record], found: list[Record], *, overlap: str, boundary: bool
) -> ImagePairs:
    height, width = int(image["height"]), int(image["width"])
    masks = [_counts(record, height, width, f"annotation {record.get('id')}") for record in true]
    guesses = [_counts(record, height, width, f"prediction {n}") for n, record in enumerate(found)]
    scores = np.array([_score(record, n, image) for n, record in enumerate(found)], np.float64)
    if overlap != "allow":
        guesses, scores = _disjoint(guesses, scores, image, overlap)
    crowd = np.array([bool(record.get("iscrowd", 0)) for record in true], np.bool_)
    shared, iou = _ious(guesses, masks, crowd)
    if boundary:
        distance = band_width(height, width)
        bands = [mask_bands(side, height, width, distance) for side in (guesses, masks)]
        iou = np.minimum(iou, _looked_up(shared, *_ious(bands[0], bands[1], crowd)))
    return ImagePairs(
        scores=scores,
        areas=_areas(guesses).astype(np.float64),
        true_areas=np.array([record.get("area", 0) for record in true], np.float64),
        crowd=crowd,
        d=shared.a,
        g=shared.b,
        iou=iou,
    )


def _counts(record: Record, height: int, width: int, what: str) -> Ints:
    rle = record.get("segmentation")
    if not isinstance(rle, dict) or not {"size", "counts"} <= rle.keys():
        raise BadInput(f"The segmentation of {what} in image {record.get('image_id')} is not an RLE.")
    if list(rle["size"]) != [height, width]:
        raise BadInput(
            f"The mask of {what} in image {record['image_id']} is of size {rle['size']}, "
            f"the image of {[height, width]}."
        )
    try:
        return counts_of(rle)
    except BadRle as error:
        raise BadInput(f"The mask of {what} in image {record['image_id']}: {error}") from error


def _score(record: Record, place: int, image: Record) -> float:
    score = record.get("score")
    if not isinstance(score, int | float) or not np.isfinite(score):
        raise BadInput(f"Prediction {place} of image {image['id']} has no finite score but {score!r}.")
    return float(score)


def _disjoint(guesses: list[Ints], scores: Floats, image: Record, overlap: str) -> tuple[list[Ints], Floats]:
    """The predictions without overlap; what nothing is left of is dropped."""
    if len(disjoint_layers(guesses)) < 2:
        return guesses, scores
    if overlap == "refuse":
        shared = shared_pixels(guesses, guesses)
        clash = int(np.flatnonzero(shared.a < shared.b)[0])
        raise BadInput(
            f"Predictions {shared.a[clash]} and {shared.b[clash]} of image {image['id']} share "
            f"{shared.pixels[clash]} px. APᵉ is defined for masks without overlap: choose --overlap resolve."
        )
    size = [int(image["height"]), int(image["width"])]
    rles = {n: {"size": size, "counts": counts} for n, counts in enumerate(guesses, start=1)}
    label_map, _ = resolve_rles(size[1], size[0], rles, dict(enumerate(scores.tolist(), start=1)))
    left = label_map_counts(label_map)
    return list(left.values()), scores[[number - 1 for number in left]]


def _ious(guesses: list[Ints], masks: list[Ints], crowd: Bools) -> tuple[Shared, Floats]:
    """IoU of every pair that touches; for a crowd the share of the prediction that lies in it."""
    shared = shared_pixels(guesses, masks)
    areas, true_areas = _areas(guesses), _areas(masks)
    union = areas[shared.a] + np.where(crowd[shared.b], 0, true_areas[shared.b] - shared.pixels)
    return shared, shared.pixels / union


def _looked_up(wanted: Shared, shared: Shared, iou: Floats) -> Floats:
    """The IoU of the wanted pairs, 0 for those that share nothing."""
    if not shared.a.size:
        return np.zeros(wanted.a.size)
    width = int(max(wanted.b.max(initial=0), shared.b.max())) + 1
    keys = shared.a * width + shared.b
    place = np.searchsorted(keys, wanted.a * width + wanted.b).clip(max=keys.size - 1)
    return np.where(keys[place] == wanted.a * width + wanted.b, iou[place], 0.0)


def _areas(masks: list[Ints]) -> Ints:
    return np.array([int(counts[1::2].sum()) for counts in masks], np.int64)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("truth", type=Path, metavar="GT.json")
    parser.add_argument("found", type=Path, metavar="DT.json")
    parser.add_argument("--overlap", choices=OVERLAP_RULES, default="allow")
    parser.add_argument("--boundary", action="store_true", help="boundary AP")
    given = parser.parse_args()
    try:
        truth, found = (json.loads(path.read_bytes()) for path in (given.truth, given.found))
        print(json.dumps(evaluate(truth, found, overlap=given.overlap, boundary=given.boundary)))
    except (OSError, json.JSONDecodeError, BadInput) as error:
        print(f"Not evaluated: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
