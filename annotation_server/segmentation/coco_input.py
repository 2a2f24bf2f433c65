"""COCO instances and results, checked record by record before anything is measured.

All that is wrong is collected, so that a file is put right in one go; nothing is dropped in silence.
"""

import contextlib
import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotation_server.segmentation.average_precision import Bools, Floats
from annotation_server.segmentation.coco_masks import ImageMasks, ImageRecords, Record, called, image_masks
from annotation_server.segmentation.masks import Masks
from annotation_server.segmentation.rle import Ints

MOST_NAMED = 20


class BadInput(ValueError):
    """Files cannot be evaluated; ``problems`` has one sentence for each record and what is wrong with it."""

    def __init__(self, problems: Sequence[str]) -> None:
        named = list(problems[:MOST_NAMED])
        if len(problems) > MOST_NAMED:
            named.append(f"… and {len(problems) - MOST_NAMED} more problems like these.")
        super().__init__("\n".join(named))
        self.problems = list(problems)


@dataclass(frozen=True, eq=False)
class Instances:
    """One image: G true masks and D predictions, in their order in the files.

    They are at the places ``true`` and ``found`` of ``masks``, which images of one size may share.
    ``true_areas`` are those the truth states; ``categories`` [D] and ``true_categories`` [G] are ids.
    """

    image: Hashable
    masks: Masks
    true: range
    found: range
    true_areas: Floats
    crowd: Bools
    true_categories: list[Any]
    scores: Floats
    categories: list[Any]

    def counts(self, places: range) -> list[Ints]:
        """The RLE counts of the masks at these places."""
        return [self.masks.counts(place) for place in places]


@dataclass
class CocoInput:
    """Images by ascending id, the ids of the truth's categories, and what a reader should know about them."""

    images: list[Instances]
    categories: list[Any]
    notes: list[str] = field(default_factory=list)


def read_instances(truth: Any, found: Any, *, classes: bool = False) -> CocoInput:
    """Check an instances file and a results list against each other; raises BadInput with every problem.

    Args:
        truth: ``images`` and ``annotations`` with RLE ``segmentation``, ``area`` and ``iscrowd``.
        found: records with ``image_id``, ``score`` and RLE ``segmentation``.
        classes: also require known categories on both sides.
    """
    _refuse_other_layouts(truth, found)
    problems: list[str] = []
    images = _images(truth["images"], problems)
    true_of = _by_image(truth["annotations"], images, "annotation", problems)
    found_of = _by_image(found, images, "prediction", problems)
    problems += _duplicates(truth["annotations"])
    categories = _categories(truth, found, problems) if classes else []
    records = {key: ImageRecords(image, true_of[key], found_of[key]) for key, image in images.items()}
    masks = image_masks(records)
    read = [_instances(records[key], masks[key], problems) for key in sorted(images, key=_sorting)]
    if problems:
        raise BadInput(problems)
    return CocoInput([image for image in read if image is not None], categories, _notes(truth, found))


def _refuse_other_layouts(truth: Any, found: Any) -> None:
    keys = ("images", "annotations")
    if not isinstance(truth, dict) or not all(isinstance(truth.get(key), list) for key in keys):
        raise BadInput(
            ["The truth is no COCO instances file: it needs the lists “images” and “annotations”."]
        )
    if not isinstance(found, list):
        raise BadInput(["The predictions are no COCO results: a JSON list of records is expected."])
    for records, what in (
        (truth["images"], "Image"),
        (truth["annotations"], "Annotation"),
        (found, "Prediction"),
    ):
        if set(map(type, records)) <= {dict}:
            continue
        for place, record in enumerate(records):
            if not isinstance(record, dict):
                raise BadInput([f"{what} {place} of its list is {record!r}, not a JSON object."])


def _images(records: Sequence[Record], problems: list[str]) -> dict[Hashable, Record]:
    images: dict[Hashable, Record] = {}
    for place, record in enumerate(records):
        key = record.get("id")
        size = [record.get(side) for side in ("height", "width")]
        if not isinstance(key, int | str):
            problems.append(f"Image {place} of the list has no id but {key!r}.")
        elif key in images:
            problems.append(f"The image id {key} occurs twice.")
        elif not all(isinstance(side, int) and side > 0 for side in size):
            problems.append(f"Image {key} has no height and width of at least 1 px but {size}.")
        else:
            images[key] = record
    return images


def _by_image(
    records: Sequence[Record], images: Mapping[Hashable, Record], what: str, problems: list[str]
) -> dict[Hashable, list[Record]]:
    """The records of every image."""
    grouped: dict[Hashable, list[Record]] = {key: [] for key in images}
    unknown: Counter[str] = Counter()
    for record in records:
        image = record.get("image_id")
        if isinstance(image, int | str) and image in grouped:
            grouped[image].append(record)
        else:
            unknown[repr(image)] += 1
    problems += [
        f"{many} {what}{'s are' if many > 1 else ' is'} of image {image}, which the truth does not have."
        for image, many in unknown.items()
    ]
    return grouped


def _duplicates(annotations: Sequence[Record]) -> list[str]:
    given = [record["id"] for record in annotations if "id" in record]
    if set(map(type, given)) <= {int} and len(set(given)) == len(given):
        return []
    ids = Counter(map(repr, given))
    return [f"The annotation id {key} occurs {many} times." for key, many in ids.items() if many > 1]


def _categories(truth: Record, found: Sequence[Record], problems: list[str]) -> list[Any]:
    stated = truth.get("categories")
    if not isinstance(stated, list) or not all(
        isinstance(row, dict) and isinstance(row.get("id"), int | str) for row in stated
    ):
        problems.append("The truth has no list “categories” with ids, which measures by class need.")
        return []
    known = Counter(row["id"] for row in stated)
    problems += [f"The category id {key} occurs {many} times." for key, many in known.items() if many > 1]
    for records, what in ((truth["annotations"], "annotation"), (found, "prediction")):
        given = [record.get("category_id") for record in records]
        unknown = Counter(repr(key) for key in given if not isinstance(key, int | str) or key not in known)
        problems += [
            f"{many} {what}{'s are' if many > 1 else ' is'} of category {key}, which the truth does not list."
            for key, many in unknown.items()
        ]
    return sorted(known, key=_sorting)


def _instances(records: ImageRecords, read: ImageMasks, problems: list[str]) -> Instances | None:
    before = len(problems)
    problems += read.problems
    masks, true, found = read.masks, records.true, records.found
    own = masks.areas[read.true.start : read.true.stop].tolist() if masks else [0] * len(true)
    areas = [record.get("area", area) for record, area in zip(true, own, strict=True)]
    scores = [record.get("score") for record in found]
    problems += [
        f"{called(found[k], 'prediction', k).capitalize()} has no finite score: {scores[k]!r}."
        for k in _not_finite(scores)
    ]
    problems += [
        f"{called(true[k], 'annotation', k).capitalize()} has no area but {areas[k]!r}."
        for k in _not_finite(areas)
    ]
    if masks is None or len(problems) > before:
        return None
    return Instances(
        image=records.image["id"],
        masks=masks,
        true=read.true,
        found=read.found,
        true_areas=np.array(areas, np.float64),
        crowd=np.array([bool(record.get("iscrowd", 0)) for record in true], np.bool_),
        true_categories=[record.get("category_id") for record in true],
        scores=np.array(scores, np.float64),
        categories=[record.get("category_id") for record in found],
    )


def _not_finite(values: Sequence[Any]) -> list[int]:
    """The places of what is no finite number."""
    with contextlib.suppress(OverflowError):
        if set(map(type, values)) <= {int, float} and all(map(math.isfinite, values)):
            return []
    return [
        place
        for place, value in enumerate(values)
        if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value)
    ]


def _is_finite(number: float) -> bool:
    """Also for whole numbers larger than any float."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _sorting(key: Hashable) -> tuple[bool, Any]:
    return isinstance(key, str), key


def _notes(truth: Record, found: Sequence[Record]) -> list[str]:
    """What is measured as it is, though other programs do not."""
    notes = []
    zero = sum(record.get("id") == 0 for record in truth["annotations"])
    if zero:
        notes.append("An annotation has the id 0, which pycocotools takes for unmatched; here it counts.")
    if not truth["annotations"]:
        notes.append("The truth has no annotation: figures of which there is nothing are -1.")
    if not found:
        notes.append("There is no prediction.")
    return notes
