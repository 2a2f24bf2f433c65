"""The masks of COCO instances, of a COCO results list and of EntitySeg files, record by record."""

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from pycocotools import mask as coco_mask

from annotation_server.evaluation.matched_images import Place
from annotation_server.evaluation.problems import Problems
from annotation_server.segmentation.rle import BadRle, Ints, counts_of
from annotation_server.segmentation.tiles import MAX_NUMBER

# Categories that say no more than that something is there.
NO_NAMES = {"entity", "object"}


class ReadMask(NamedTuple):
    """One mask of a file: checked RLE counts, score, and the word of its category (empty: none)."""

    counts: Ints
    score: float
    word: str
    is_crowd: bool


class CocoRecords:
    """Reads the records of one file, image by image; what cannot be read is noted and left out."""

    def __init__(
        self,
        places: Mapping[Any, Place],
        words: Mapping[Any, str],
        problems: Problems,
        *,
        must_score: bool,
    ) -> None:
        self._places = places
        self._words = words
        self._problems = problems
        self._must_score = must_score
        self._seen: set[Any] = set()

    def by_image(self, records: Any) -> dict[Any, list[tuple[str, Mapping[str, Any]]]]:
        """The records of every image, each with what it is called in a sentence; other records are noted."""
        grouped: dict[Any, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
        for number, record in enumerate(records):
            if not isinstance(record, Mapping):
                self._problems.note("no_record", f"record {number}")
                continue
            what = f"record {number} (id {record['id']})" if "id" in record else f"record {number}"
            self._note_id(record, what)
            image = record.get("image_id")
            if not isinstance(image, int | str) or image not in self._places:
                self._problems.note("unknown_image_id", f"{what}: image {image}")
                continue
            grouped[image].append((what, record))
        return grouped

    def masks_of(self, image: Any, records: list[tuple[str, Mapping[str, Any]]]) -> list[ReadMask]:
        """The masks of one image, in the file's order."""
        place = self._places[image]
        found: list[ReadMask] = []
        for what, record in records:
            mask = self._mask(place, f"{what} of {place.file_name}", record)
            if mask is not None and len(found) == MAX_NUMBER:
                self._problems.note("too_many_masks", f"{what} of {place.file_name}")
            elif mask is not None:
                found.append(mask)
        return found

    def _note_id(self, record: Mapping[str, Any], what: str) -> None:
        own = record.get("id")
        if own == 0 and not isinstance(own, bool):
            self._problems.note("id_zero", what)
        if isinstance(own, int | str):
            if own in self._seen:
                self._problems.note("double_id", what)
            self._seen.add(own)

    def _mask(self, place: Place, what: str, record: Mapping[str, Any]) -> ReadMask | None:
        counts = self._counts(place, what, record.get("segmentation"))
        score = self._score(what, record)
        if counts is None or score is None:
            return None
        if not int(counts[1::2].sum()):
            self._problems.note("empty_mask", what)
            return None
        is_crowd = bool(record.get("iscrowd"))
        if is_crowd:
            self._problems.note("crowd", what)
        return ReadMask(counts, score, self._word(what, record), is_crowd)

    def _counts(self, place: Place, what: str, segmentation: Any) -> Ints | None:
        try:
            if isinstance(segmentation, list) and segmentation:
                counts = _rasterised(place, segmentation)
                self._problems.note("polygon", what)
                return counts
            if not isinstance(segmentation, Mapping) or not {"size", "counts"} <= segmentation.keys():
                self._problems.note("no_mask", what)
                return None
            if list(segmentation["size"]) != [place.height, place.width]:
                self._problems.note(
                    "other_size", f"{what}: {segmentation['size']}, not {[place.height, place.width]}"
                )
                return None
            return counts_of(dict(segmentation))
        except (BadRle, TypeError, ValueError, OverflowError, IndexError, KeyError) as error:
            self._problems.note("broken_mask", f"{what}: {error}")
            return None

    def _score(self, what: str, record: Mapping[str, Any]) -> float | None:
        if "score" not in record and not self._must_score:
            return 1.0
        score = record.get("score")
        if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
            self._problems.note("bad_score", f"{what}: {score!r}")
            return None
        return float(score)

    def _word(self, what: str, record: Mapping[str, Any]) -> str:
        category = record.get("category_id")
        if not self._words or category is None:
            return ""
        if not isinstance(category, int | str) or category not in self._words:
            self._problems.note("unknown_category", f"{what}: category {category}")
            return ""
        return self._words[category]


def words_of(categories: Any, problems: Problems) -> dict[Any, str]:
    """Word by category id; a single category that says nothing ("entity") is none."""
    found: dict[Any, str] = {}
    for number, category in enumerate(categories if isinstance(categories, list) else []):
        named = isinstance(category, Mapping) and isinstance(category.get("id"), int | str)
        name = category.get("name") if named else None
        if not isinstance(name, str) or not name.strip():
            problems.note("category_without_name", f"categories[{number}]")
            continue
        found[category["id"]] = name.strip()[:100]
    return {} if {name.casefold() for name in found.values()} <= NO_NAMES else found


def _rasterised(place: Place, polygons: list[Any]) -> Ints:
    """COCO's own rasterisation of polygons, put together into one mask."""
    if not all(isinstance(polygon, list) and len(polygon) >= 6 for polygon in polygons):
        raise ValueError("a polygon has at least three points")
    # A point far outside would cost memory in proportion to its distance.
    if not all(_lies_within(polygon, place) for polygon in polygons):
        raise ValueError("a point lies outside the image")
    pieces = coco_mask.frPyObjects(polygons, place.height, place.width)
    return counts_of(coco_mask.merge(pieces))


def _lies_within(polygon: list[Any], place: Place) -> bool:
    xs, ys = polygon[0::2], polygon[1::2]
    return all(-1 <= x <= place.width + 1 for x in xs) and all(-1 <= y <= place.height + 1 for y in ys)
