"""Figures of images taken apart by the terms of their entities: average precision and panoptic quality."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from annotation_server.segmentation.average_precision import IOU_THRESHOLDS, Bools, Floats, ImagePairs
from annotation_server.segmentation.detection_matching import PairColumns, as_columns
from annotation_server.segmentation.image_figures import UNNAMED, ImageFigures
from annotation_server.segmentation.panoptic_quality import MOST_FORGIVEN, Quality
from annotation_server.segmentation.rle import Ints
from annotation_server.segmentation.similarity import Similarity, identity, known_terms
from annotation_server.segmentation.touching import Overlap


@dataclass(frozen=True, eq=False)
class NamedFigures:
    """One image's masks with their terms: ``terms`` [D], ``true_terms`` [G]; what is UNNAMED counts not.

    ``pairs``: what class-agnostic matching of named masks needs, its last true mask, a crowd, being VOID and
    the unnamed ones; ``segments``: the pairs of panoptic quality.
    """

    terms: Ints
    true_terms: Ints
    pairs: ImagePairs
    segments: Overlap


def have_terms(images: Sequence[ImageFigures]) -> bool:
    """Whether the masks of both sides bear terms in every image, of which there is one at least."""
    return bool(images) and all(
        image.terms is not None and image.true_terms is not None and image.named_segments is not None
        for image in images
    )


def named(image: ImageFigures, ordered: ImagePairs | None = None) -> NamedFigures:
    """The image with unnamed true masks made VOID; raises ValueError for an image without terms.

    ``ordered`` are its pairs with other scores, where equal ones were put in an order.
    """
    if image.terms is None or image.true_terms is None or image.named_segments is None:
        raise ValueError(f"The masks of image {image.image} bear no terms.")
    whole = ordered or image.pairs()
    in_void = image.named_segments.in_void
    own = image.true_terms[image.masks.g] != UNNAMED
    forgiven = np.flatnonzero(in_void >= IOU_THRESHOLDS[0])
    crowd = image.true_areas.size
    pairs = replace(
        whole,
        true_areas=np.append(image.true_areas, 0).astype(np.float64),
        crowd=np.append(image.true_terms == UNNAMED, True),
        d=np.concatenate((image.masks.d[own], forgiven)),
        g=np.concatenate((image.masks.g[own], np.full(forgiven.size, crowd))),
        iou=np.concatenate((image.masks.iou[own], in_void[forgiven])),
    )
    return NamedFigures(image.terms, image.true_terms, pairs, image.named_segments)


def pairs_by_term(images: Sequence[NamedFigures]) -> dict[int, PairColumns]:
    """Term → what class-aware average precision needs of all images, ascending terms.

    Crowds without a term forgive detections of every term.
    """
    columns = as_columns([image.pairs for image in images])
    none = [np.empty(0, np.int64)]
    found = np.concatenate([*none, *(image.terms for image in images)])
    true = np.concatenate([*none, *(_with_void(image) for image in images)])
    own = true[columns.g] == found[columns.d]
    anybody = columns.crowd[columns.g] & (true[columns.g] == UNNAMED)
    pairs = np.flatnonzero(own | anybody)
    terms = known_terms(found, true)
    parts = [grouped(side, terms) for side in (found, true, found[columns.d[pairs]])]
    return {
        term: _of_term(columns, detections, masks, pairs[chosen])
        for term, detections, masks, chosen in zip(terms, *parts, strict=True)
    }


def _with_void(image: NamedFigures) -> Ints:
    """The terms of all true masks of the image's pairs, of which VOID, the last, has none."""
    return np.append(image.true_terms, np.full(image.pairs.crowd.size - image.true_terms.size, UNNAMED))


def grouped(values: Ints, wanted: Sequence[int] | Ints) -> list[Ints]:
    """The places of every wanted value (ascending), each ascending."""
    order = np.argsort(values, kind="stable")
    first, last = (np.searchsorted(values[order], wanted, side) for side in ("left", "right"))
    return [order[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True)]


def _of_term(columns: PairColumns, detections: Ints, masks: Ints, pairs: Ints) -> PairColumns:
    true = np.union1d(masks, columns.g[pairs])
    return PairColumns(
        images=columns.images,
        image=columns.image[detections],
        scores=columns.scores[detections],
        areas=columns.areas[detections],
        true_image=columns.true_image[true],
        true_areas=columns.true_areas[true],
        crowd=columns.crowd[true],
        d=np.searchsorted(detections, columns.d[pairs]),
        g=np.searchsorted(true, columns.g[pairs]),
        iou=columns.iou[pairs],
    )


@dataclass(frozen=True, eq=False)
class PanopticByTerm:
    """Columns [K] by ascending ``terms``: IoU of the hits summed, hits, false alarms and misses.

    With a similarity that is not the identity a wrong name is a hit in part, so they are no whole numbers.
    """

    terms: Ints
    iou: Floats
    hits: Floats
    false_alarms: Floats
    misses: Floats

    def quality(self, chosen: Bools | None = None) -> Quality:
        """PQ, SQ and RQ, the means over the (chosen) terms that occur; zeros where none does."""
        of = self._occurring(chosen)
        count = int(of.sum())
        if not count:
            return Quality(0.0, 0.0, 0.0, 0)
        half = self.hits[of] + 0.5 * self.false_alarms[of] + 0.5 * self.misses[of]
        hits, iou = self.hits[of], self.iou[of]
        sq = np.divide(iou, hits, out=np.zeros(count), where=hits > 0)
        pq, rq = iou / half, hits / half
        return Quality(sum(pq.tolist()) / count, sum(sq.tolist()) / count, sum(rq.tolist()) / count, count)

    def by_term(self) -> dict[int, float]:
        """PQ of every term that occurs."""
        of = self._occurring(None)
        half = self.hits[of] + 0.5 * self.false_alarms[of] + 0.5 * self.misses[of]
        return dict(zip(self.terms[of].tolist(), (self.iou[of] / half).tolist(), strict=True))

    def totals(self, chosen: Bools | None = None) -> tuple[float, float, float]:
        """Hits, false alarms and misses of the (chosen) terms summed."""
        of = self._occurring(chosen)
        return tuple(float(column[of].sum()) for column in (self.hits, self.false_alarms, self.misses))  # type: ignore[return-value]

    def _occurring(self, chosen: Bools | None) -> Bools:
        occurs: Bools = (self.hits + self.false_alarms + self.misses) > 0
        return occurs if chosen is None else occurs & chosen


def panoptic_by_term(
    images: Sequence[NamedFigures],
    similarity: Similarity | None = None,
    kinds: Mapping[int, str] | None = None,
) -> PanopticByTerm:
    """Panoptic quality by term, or Open PQ with a similarity that is not the identity.

    A pair of unlike names with similarity s > 0 and of one kind (thing, stuff) is a hit of the true term for
    s · IoU and s, and a miss of it and a false alarm of the found term for 1 - s; other pairs are none. The
    similarity is read as [true, found]. Without ``kinds`` all terms are of one kind.
    """
    alike = similarity or identity()
    terms = np.array(known_terms(*(side for image in images for side in (image.terms, image.true_terms))))
    columns = [np.zeros(terms.size) for _ in range(4)]
    for image in images:
        _count_image(image, alike, kinds or {}, terms.astype(np.int64), columns)
    return PanopticByTerm(terms.astype(np.int64), *columns)


def _count_image(
    image: NamedFigures, alike: Similarity, kinds: Mapping[int, str], terms: Ints, columns: list[Floats]
) -> None:
    iou, hits, alarms, misses = columns
    segments = image.segments
    true, found = image.true_terms[segments.g], image.terms[segments.d]
    s = np.where(found == UNNAMED, 0.0, alike.of(true, found))
    if kinds:
        s[[kinds.get(int(a)) != kinds.get(int(b)) for a, b in zip(true, found, strict=True)]] = 0.0
    near = s > 0
    s, of_true, of_found = s[near], np.searchsorted(terms, true[near]), np.searchsorted(terms, found[near])
    np.add.at(iou, of_true, s * segments.iou[near])
    np.add.at(hits, of_true, s)
    np.add.at(misses, of_true, 1.0 - s)
    np.add.at(alarms, of_found, 1.0 - s)
    missed, alone = image.true_terms != UNNAMED, image.terms != UNNAMED
    missed[segments.g[near]] = False
    alone[segments.d[near]] = False
    alone &= segments.in_void <= MOST_FORGIVEN
    np.add.at(misses, np.searchsorted(terms, image.true_terms[missed]), 1.0)
    np.add.at(alarms, np.searchsorted(terms, image.terms[alone]), 1.0)
