"""Panoptic quality of COCO panoptic files, with the numbers and the refusals of panopticapi.

Source: panopticapi ``evaluation.py``: VOID of the truth lies in no union, a crowd is never a miss, and what
lies for more than half in VOID and its category's crowd is no false alarm. With ``void="background"`` VOID of
the truth is like any other wrong place. Segments are counted from the PNGs alone; an ``area`` in the JSON
that says otherwise is noted.
"""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from annotation_server.segmentation.average_precision import ImagePairs
from annotation_server.segmentation.by_term import NamedFigures, panoptic_by_term
from annotation_server.segmentation.coco_input import BadInput, Record
from annotation_server.segmentation.image_figures import UNNAMED
from annotation_server.segmentation.label_map import areas
from annotation_server.segmentation.label_map_png import BadPng
from annotation_server.segmentation.matching import JointHistogram, joint_histogram
from annotation_server.segmentation.panoptic import read_panoptic_png
from annotation_server.segmentation.panoptic_quality import Quality
from annotation_server.segmentation.rle import Ints
from annotation_server.segmentation.semantic_segmentation import (
    Confusion,
    confusion,
    open_semantic_quality,
    semantic_quality,
)
from annotation_server.segmentation.similarity import Similarity, renumbered, unknown_note
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import VOID
from annotation_server.segmentation.touching import touching_entities

Figures = tuple[dict[str, Any], list[dict[str, Any]], list[str]]


class _Segment(NamedTuple):
    """What an entity of a label map is."""

    category: int
    crowd: bool


class _Side(NamedTuple):
    """One image of one file: its map and what its numbers are."""

    label_map: TiledMap
    segments: dict[int, _Segment]


class _Image(NamedTuple):
    """One image compared: its segments, and rows of true category, found category and px."""

    image: Hashable
    named: NamedFigures
    semantic: Ints
    true: int
    found: int


def evaluate_panoptic(
    truth: Any,
    found: Any,
    truth_pngs: Path,
    found_pngs: Path,
    *,
    void: str = "crowd",
    similarity: Similarity | None = None,
) -> Figures:
    """Figures, rows by image and notes of two COCO panoptic files, of which the first has the categories.

    Raises BadInput with a sentence for every image or segment that does not fit.
    """
    problems: list[str] = []
    kinds = _kinds(truth, problems)
    records, predictions = _annotations(truth, "truth", problems), _annotations(found, "prediction", problems)
    problems += [f"There is no prediction for image {key}." for key in records if key not in predictions]
    problems += [
        f"There is a prediction for image {key}, which the truth does not have."
        for key in predictions
        if key not in records
    ]
    notes: list[str] = []
    place = {category: at for at, category in enumerate(sorted(kinds), start=1)}
    images = []
    for key in records.keys() & predictions.keys() if problems else records:
        sides = [
            _side(record, folder, place, what, problems, notes)
            for record, folder, what in (
                (records[key], truth_pngs, "truth"),
                (predictions[key], found_pngs, "prediction"),
            )
        ]
        if sides[0] is not None and sides[1] is not None:
            image = _compared(key, sides[0], sides[1], void, problems)
            if image is not None and not problems:
                images.append(image)
    if problems:
        raise BadInput(problems)
    numbered = {place[category]: kind for category, kind in kinds.items()}
    figures = _figures(images, numbered)
    if similarity is not None:
        notes += unknown_note(similarity, kinds)
        figures["open"] = _open(images, renumbered(similarity, sorted(kinds)), similarity.name, numbered)
    return figures, [_row(image) for image in images], notes


def _kinds(truth: Any, problems: list[str]) -> dict[int, str]:
    """thing or stuff by category."""
    stated = truth.get("categories") if isinstance(truth, dict) else None
    if not isinstance(stated, list):
        raise BadInput(["The truth is no COCO panoptic file: it needs the list “categories”."])
    kinds: dict[int, str] = {}
    for row in stated:
        category = row.get("id") if isinstance(row, dict) else None
        if not isinstance(category, int) or "isthing" not in row:
            problems.append(f"A category has no id or no “isthing”: {row!r}.")
        elif category in kinds:
            problems.append(f"The category id {category} occurs twice.")
        else:
            kinds[category] = "thing" if row["isthing"] else "stuff"
    return kinds


def _annotations(data: Any, what: str, problems: list[str]) -> dict[Hashable, Record]:
    rows = data.get("annotations") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise BadInput([f"The {what} is no COCO panoptic file: it needs the list “annotations”."])
    records: dict[Hashable, Record] = {}
    for place, row in enumerate(rows):
        fit = isinstance(row, dict) and {"image_id", "file_name", "segments_info"} <= row.keys()
        fit = fit and isinstance(row["image_id"], int | str) and isinstance(row["segments_info"], list)
        if not fit:
            problems.append(f"Annotation {place} of the {what} lacks image_id, file_name or segments_info.")
        elif row["image_id"] in records:
            problems.append(f"The {what} has image {row['image_id']} twice.")
        else:
            records[row["image_id"]] = row
    return records


def _side(
    record: Record, folder: Path, place: Mapping[int, int], what: str, problems: list[str], notes: list[str]
) -> _Side | None:
    image = record["image_id"]
    path = folder / Path(str(record["file_name"])).with_suffix(".png").name
    try:
        with path.open("rb") as file:
            label_map, ids = read_panoptic_png(file)
    except (OSError, BadPng) as error:
        problems.append(f"The {what} of image {image} cannot be read from {path.name}: {error}")
        return None
    before = len(problems)
    infos = _infos(record, what, problems)
    problems += [
        f"Segment {key} of the {what} of image {image} is of category {info.get('category_id')!r}, "
        "which the truth does not list."
        for key, info in infos.items()
        if not isinstance(info.get("category_id"), int) or info["category_id"] not in place
    ]
    known = set(ids.values())
    problems += [
        f"Segment {key} of the {what} of image {image} has no pixel in {path.name}."
        for key in infos
        if key not in known
    ]
    problems += [
        f"{path.name} has pixels of segment {key}, which the {what} of image {image} does not list."
        for key in sorted(known - infos.keys())
    ]
    if len(problems) > before:
        return None
    pixels = areas(label_map)
    other = sum(infos[key].get("area", pixels[number]) != pixels[number] for number, key in ids.items())
    if other:
        notes.append(f"{other} areas in the {what} of image {image} are not those of its PNG, which counts.")
    segments = {
        number: _Segment(place[infos[key]["category_id"]], bool(infos[key].get("iscrowd", 0)))
        for number, key in ids.items()
    }
    return _Side(label_map, segments)


def _infos(record: Record, what: str, problems: list[str]) -> dict[int, Record]:
    infos: dict[int, Record] = {}
    for info in record["segments_info"]:
        key = info.get("id") if isinstance(info, dict) else None
        if not isinstance(key, int) or key == VOID:
            problems.append(
                f"A segment of the {what} of image {record['image_id']} has the id {key!r}; "
                "ids are whole numbers from 1 on, 0 is VOID."
            )
        elif key in infos:
            problems.append(f"The {what} of image {record['image_id']} has segment {key} twice.")
        else:
            infos[key] = info
    return infos


def _compared(image: Hashable, truth: _Side, found: _Side, void: str, problems: list[str]) -> _Image | None:
    try:
        histogram = joint_histogram(truth.label_map, found.label_map)
    except ValueError as error:
        problems.append(f"Image {image}: {error}")
        return None
    true = truth.segments
    crowds = sum(segment.crowd for segment in true.values())
    return _Image(
        image=image,
        named=_named(histogram, true, found.segments, void),
        semantic=_semantic(histogram, true, found.segments, void),
        true=len(true) - crowds,
        found=len(found.segments),
    )


def _named(
    histogram: JointHistogram, true: Mapping[int, _Segment], found: Mapping[int, _Segment], void: str
) -> NamedFigures:
    """Segments with categories; crowds are no partners, and forgive detections of their own category."""
    true_numbers, numbers = (np.array(sorted(side), np.int64) for side in (true, found))
    touching = touching_entities(histogram, true_numbers, numbers)
    if void == "background":
        touching = touching._replace(void=np.zeros_like(touching.void))
    crowd = np.array([true[number].crowd for number in true_numbers.tolist()], np.bool_)
    terms, true_terms = (
        np.array([side[number].category for number in of.tolist()], np.int64)
        for side, of in ((found, numbers), (true, true_numbers))
    )
    forgiven = touching.void.copy()
    for term in np.unique(true_terms[crowd]):
        last = np.flatnonzero(crowd & (true_terms == term))[-1]
        inside = (touching.g == last) & (terms[touching.d] == term)
        forgiven[touching.d[inside]] += touching.pixels[inside]
    segments = touching.without(crowd)[0].segments(touching.void)
    segments = segments._replace(in_void=forgiven / np.maximum(touching.areas, 1))
    none, empty = np.empty(0, np.int64), np.empty(0)
    pairs = ImagePairs(empty, empty, empty, np.empty(0, np.bool_), none, none, empty)
    return NamedFigures(terms, np.where(crowd, UNNAMED, true_terms), pairs, segments)


def _semantic(
    histogram: JointHistogram, true: Mapping[int, _Segment], found: Mapping[int, _Segment], void: str
) -> Ints:
    """Rows of true category, found category and px; crowds bear their category too."""
    rows = [
        (true[a].category if a != VOID else UNNAMED, found[b].category if b != VOID else UNNAMED, px)
        for a, b, px in zip(
            histogram.a.tolist(), histogram.b.tolist(), histogram.pixels.tolist(), strict=True
        )
        if a != VOID or void == "background"
    ]
    return np.array(rows, np.int64).reshape(-1, 3)


def _figures(images: Sequence[_Image], kinds: Mapping[int, str]) -> dict[str, Any]:
    found = panoptic_by_term([image.named for image in images])
    of_kind = [kinds[term] for term in found.terms.tolist()]
    things = np.array([kind == "thing" for kind in of_kind], np.bool_)
    parts = {"all": np.ones(things.size, np.bool_), "things": things, "stuff": ~things}
    semantic = semantic_quality(_pixels(images))
    return {
        "images": len(images),
        **{name: _quality_row(found.quality(of)) for name, of in parts.items()},
        "miou": _known(semantic.miou),
        "frequency_weighted_iou": _known(semantic.frequency_weighted_iou),
        "pixel_accuracy": _known(semantic.pixel_accuracy),
    }


def _open(
    images: Sequence[_Image], similarity: Similarity, name: str, kinds: Mapping[int, str]
) -> dict[str, Any]:
    found = panoptic_by_term([image.named for image in images], similarity, kinds).quality()
    return {
        "similarity": name,
        **_quality_row(found),
        "miou": _known(open_semantic_quality(_pixels(images), similarity).miou),
    }


def _pixels(images: Sequence[_Image]) -> Confusion:
    return confusion([image.semantic for image in images])


def _quality_row(found: Quality) -> dict[str, Any]:
    return {"pq": found.pq, "sq": found.sq, "rq": found.rq, "n": found.categories}


def _row(image: _Image) -> dict[str, Any]:
    found = panoptic_by_term([image.named]).quality()
    return {
        "image": image.image,
        "PQ": found.pq,
        "SQ": found.sq,
        "RQ": found.rq,
        "true": image.true,
        "found": image.found,
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
