"""COCO instances and results, checked record by record before anything is measured.

All that is wrong is collected, so that a file is put right in one go; nothing is dropped in silence.
"""

import contextlib
import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotation_server.segmentation.average_precision import Bools, Floats
from annotation_server.segmentation.rle import BadRle, Ints, counts_of, counts_of_all

Record = Mapping[str, Any]
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
    """One image: counts of G true masks and D predictions, in their order in the files.

    ``true_areas`` are those the truth states; ``categories`` [D] and ``true_categories`` [G] are ids.
    """

    image: Hashable
    height: int
    width: int
    true: list[Ints]
    true_areas: Floats
    crowd: Bools
    true_categories: list[Any]
    found: list[Ints]
    scores: Floats
    categories: list[Any]


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
    read = [
        _instances(images[key], true_of[key], found_of[key], problems) for key in sorted(images, key=_sorting)
    ]
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
) -> dict[Hashable, list[tuple[str, Record]]]:
    """The records of every image, each with what it is called in a sentence."""
    grouped: dict[Hashable, list[tuple[str, Record]]] = defaultdict(list)
    unknown: Counter[str] = Counter()
    for record in records:
        image = record.get("image_id")
        if not isinstance(image, int | str) or image not in images:
            unknown[repr(image)] += 1
            continue
        mine = grouped[image]
        name = f"{what} {record['id']}" if what == "annotation" and "id" in record else f"{what} {len(mine)}"
        mine.append((name, record))
    problems += [
        f"{many} {what}{'s are' if many > 1 else ' is'} of image {image}, which the truth does not have."
        for image, many in unknown.items()
    ]
    return grouped


def _duplicates(annotations: Sequence[Record]) -> list[str]:
    ids = Counter(repr(record["id"]) for record in annotations if "id" in record)
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


def _instances(
    image: Record, true: list[tuple[str, Record]], found: list[tuple[str, Record]], problems: list[str]
) -> Instances | None:
    height, width = int(image["height"]), int(image["width"])
    before = len(problems)
    masks, guesses = (_all_counts(side, height, width, problems) for side in (true, found))
    scores = [_score(record, name, problems) for name, record in found]
    areas = [_area(record, name, mask, problems) for (name, record), mask in zip(true, masks, strict=True)]
    if len(problems) > before:
        return None
    return Instances(
        image=image["id"],
        height=height,
        width=width,
        true=masks,
        true_areas=np.array(areas, np.float64),
        crowd=np.array([bool(record.get("iscrowd", 0)) for _, record in true], np.bool_),
        true_categories=[record.get("category_id") for _, record in true],
        found=guesses,
        scores=np.array(scores, np.float64),
        categories=[record.get("category_id") for _, record in found],
    )


def _all_counts(
    records: list[tuple[str, Record]], height: int, width: int, problems: list[str]
) -> list[Ints]:
    """All at once, which is quick; one by one where any is broken, so that it is named."""
    rles: list[Any] = [record.get("segmentation") for _, record in records]
    if all(isinstance(rle, dict) and rle.get("size") == [height, width] for rle in rles):
        with contextlib.suppress(BadRle, KeyError, TypeError, ValueError, OverflowError):
            return counts_of_all(rles)
    return [_counts(record, height, width, name, problems) for name, record in records]


def _counts(record: Record, height: int, width: int, name: str, problems: list[str]) -> Ints:
    what = f"{name} of image {record['image_id']}"
    rle = record.get("segmentation")
    if not isinstance(rle, dict) or not {"size", "counts"} <= rle.keys():
        problems.append(f"The segmentation of {what} is not an RLE.")
    elif not isinstance(rle["size"], list) or rle["size"] != [height, width]:
        problems.append(f"The mask of {what} is of size {rle['size']}, the image of {[height, width]}.")
    else:
        try:
            return counts_of(rle)
        except (BadRle, TypeError, ValueError, OverflowError) as error:
            problems.append(f"The mask of {what} is broken: {error}")
    return np.zeros(1, np.int64)


def _score(record: Record, name: str, problems: list[str]) -> float:
    score = record.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float) or not _is_finite(score):
        problems.append(f"{name.capitalize()} of image {record['image_id']} has no finite score: {score!r}.")
        return 0.0
    return float(score)


def _area(record: Record, name: str, mask: Ints, problems: list[str]) -> float:
    """The area that the record states, else the mask's."""
    stated = record.get("area", int(mask[1::2].sum()))
    if isinstance(stated, bool) or not isinstance(stated, int | float) or not _is_finite(stated):
        problems.append(f"{name.capitalize()} of image {record['image_id']} has no area but {stated!r}.")
        return 0.0
    return float(stated)


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
