"""COCO's figures of a results list against an instances file, as a whole and image by image."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from annotation_server.segmentation.average_precision import (
    MAX_DETECTIONS,
    Category,
    Curves,
    ImagePairs,
    Limits,
    curves,
    summary,
)
from annotation_server.segmentation.by_term import NamedFigures, pairs_by_term
from annotation_server.segmentation.coco_input import BadInput, Instances, read_instances
from annotation_server.segmentation.instance_pairs import all_pairs
from annotation_server.segmentation.masks import masks_from_counts
from annotation_server.segmentation.non_overlap import resolve_rles
from annotation_server.segmentation.open_vocabulary import open_average_precision
from annotation_server.segmentation.overlaps import shared_pixels
from annotation_server.segmentation.rle import label_map_counts
from annotation_server.segmentation.similarity import (
    Similarity,
    renumbered,
    unknown_note,
)
from annotation_server.segmentation.tiles import MAX_NUMBER
from annotation_server.segmentation.touching import Overlap

OVERLAP_RULES = ("allow", "resolve", "refuse")
VOID_RULES = ("background", "crowd")


def evaluate(
    truth: Any,
    found: Any,
    *,
    overlap: str = "allow",
    boundary: bool = False,
    classes: bool = False,
    limits: Limits = MAX_DETECTIONS,
    void: str = "background",
    similarity: Similarity | None = None,
) -> dict[str, Any]:
    """COCO's figures of a results list against an instances file.

    Args:
        truth: ``images`` and ``annotations`` with RLE ``segmentation``, ``area`` and ``iscrowd``.
        found: records with ``image_id``, ``score`` and RLE ``segmentation``.
        overlap: one of OVERLAP_RULES.
        boundary: IoU becomes the smaller of mask IoU and boundary IoU.
        classes: the mean over categories instead of one category for all.
        limits: the best detections of an image that count; AP is that of the last.
        void: whether pixels of no true mask are ``background``, as in COCO, or a ``crowd``.
        similarity: of category ids: adds Open AP, as "open".

    Raises BadInput, naming image and record, for anything it cannot take as it is.
    """
    return Evaluation(
        truth, found, overlap=overlap, boundary=boundary, classes=classes, limits=limits, void=void
    ).figures(similarity)


class Evaluation:
    """Both files read and matched once; the arguments are those of ``evaluate``."""

    def __init__(
        self,
        truth: Any,
        found: Any,
        *,
        overlap: str = "allow",
        boundary: bool = False,
        classes: bool = False,
        limits: Limits = MAX_DETECTIONS,
        void: str = "background",
    ) -> None:
        for name, choice, choices in (("overlap", overlap, OVERLAP_RULES), ("void", void, VOID_RULES)):
            if choice not in choices:
                raise BadInput([f"“{name}” is one of {', '.join(choices)}, not {choice}."])
        given = read_instances(truth, found, classes=classes)
        if overlap == "refuse":
            _refuse_overlaps(given.images)
        images = [_disjoint(image) for image in given.images] if overlap == "resolve" else given.images
        self.notes = given.notes + _notes(given.images, images, overlap)
        self._categories = given.categories if classes else None
        self._limits = limits
        self._images = images
        self._pairs = all_pairs(images, boundary=boundary, void=void)
        place = {category: at for at, category in enumerate(given.categories, start=1)}
        self._named = [
            _named(image, pairs, place) for image, pairs in zip(images, self._pairs, strict=True) if classes
        ]

    def curves(self) -> Curves:
        """Precision and recall, of every category by ascending id or of all as one."""
        by_class: list[Category] = [self._pairs]
        if self._categories is not None:
            by_class = list(pairs_by_term(self._named).values())
        return curves(by_class, self._limits)

    def figures(self, similarity: Similarity | None = None) -> dict[str, Any]:
        """COCO's figures, and Open AP for a similarity of category ids."""
        figures: dict[str, Any] = summary(self.curves(), self._limits)
        if similarity is not None:
            if self._categories is None:
                raise BadInput(["Open-vocabulary figures need categories: ask for them by class."])
            if not all(isinstance(category, int) for category in self._categories):
                raise BadInput(["Open-vocabulary figures need whole numbers as category ids."])
            self.notes += unknown_note(similarity, self._categories)
            alike = renumbered(similarity, self._categories)
            precision = open_average_precision(self._named, alike, self._limits[-1])
            figures["open"] = {"similarity": similarity.name, "AP": precision.ap(), "AP50": precision.ap(0)}
        return figures

    def per_image(self) -> list[dict[str, Any]]:
        """AP and recall of every image alone, masks of all categories together; -1: no true mask."""
        rows = []
        for image, pairs in zip(self._images, self._pairs, strict=True):
            found = summary(curves([[pairs]], self._limits[-1:]), self._limits[-1:])
            recall = next(value for name, value in found.items() if name.startswith("AR@"))
            true, masks = int((~image.crowd).sum()), len(image.found)
            rows.append(
                {
                    "image": image.image,
                    **{name: found[name] for name in ("AP", "AP50", "AP75")},
                    "AR": recall,
                    "true": true,
                    "found": masks,
                }
            )
        return rows


def _named(image: Instances, pairs: ImagePairs, place: dict[Any, int]) -> NamedFigures:
    """The same with categories, numbered from 1."""
    terms, true_terms = (
        np.array([place[category] for category in side], np.int64)
        for side in (image.categories, image.true_categories)
    )
    none = np.empty(0, np.int64)
    no_segments = Overlap(none, none, np.empty(0), np.zeros(terms.size))
    return NamedFigures(terms, true_terms, pairs, no_segments)


def _refuse_overlaps(images: Sequence[Instances]) -> None:
    """Name every pair of predictions that shares pixels."""
    problems = []
    for image in images:
        if not image.masks.are_disjoint(image.found):
            found = image.counts(image.found)
            shared = shared_pixels(found, found)
            problems += [
                f"Predictions {shared.a[clash]} and {shared.b[clash]} of image {image.image} share "
                f"{shared.pixels[clash]} px. APᵉ is defined for masks without overlap: choose "
                "--overlap resolve."
                for clash in np.flatnonzero(shared.a < shared.b)
            ]
    if problems:
        raise BadInput(problems)


def _notes(given: Sequence[Instances], images: Sequence[Instances], overlap: str) -> list[str]:
    """What is measured as it is though it may not be meant."""
    notes = []
    empty = sum(int((image.masks.areas[image.found.start : image.found.stop] == 0).sum()) for image in images)
    if empty:
        notes.append(f"{empty} predictions have no pixel; they count as false alarms.")
    hidden = sum(len(before.found) - len(after.found) for before, after in zip(given, images, strict=True))
    if hidden:
        notes.append(
            f"{hidden} predictions have no pixel left that is not of a better one; they are left out."
        )
    if overlap != "allow":
        several = sum(not image.masks.are_disjoint(image.true) for image in given)
        if several:
            notes.append(f"True masks overlap in {several} images; they are measured as they are.")
    return notes


def _disjoint(image: Instances) -> Instances:
    """The predictions without overlap, those left out of which no pixel remains; raises BadInput."""
    if image.masks.are_disjoint(image.found):
        return image
    if len(image.found) > MAX_NUMBER:
        raise BadInput(
            [
                f"Image {image.image} has {len(image.found)} predictions that overlap; "
                f"at most {MAX_NUMBER} can be resolved."
            ]
        )
    height, width = image.masks.height, image.masks.width
    rles = {
        n: {"size": [height, width], "counts": counts}
        for n, counts in enumerate(image.counts(image.found), start=1)
    }
    scores = dict(enumerate(image.scores.tolist(), start=1))
    left = label_map_counts(resolve_rles(width, height, rles, scores)[0])
    places = [number - 1 for number in left]
    true = image.counts(image.true)
    return replace(
        image,
        masks=masks_from_counts([*true, *left.values()], height, width),
        true=range(len(true)),
        found=range(len(true), len(true) + len(left)),
        scores=image.scores[places],
        categories=[image.categories[place] for place in places],
    )
