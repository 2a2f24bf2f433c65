"""What predicted masks are worth against true ones where masks of one side may overlap.

The figures are those of image_figures.py, from RLEs instead of label maps. Masks that overlap have neither
panoptic quality nor pixel classes; sides that do not overlap are better read as label maps.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from annotation_server.segmentation.boundary import band_width, mask_bands
from annotation_server.segmentation.image_figures import (
    ImageFigures,
    TieBreak,
    VoidRule,
    figures_of,
    terms_of,
)
from annotation_server.segmentation.overlaps import disjoint_layers, shared_pixels
from annotation_server.segmentation.rle import BadRle, Ints, Rle, counts_of, mask_runs
from annotation_server.segmentation.touching import Touching


def compare_masks(
    truth: Mapping[int, Rle],
    found: Mapping[int, Rle],
    scores: Mapping[int, float],
    *,
    width: int,
    height: int,
    image: int = 0,
    crowds: Sequence[Rle] = (),
    terms: Mapping[int, int] | None = None,
    true_terms: Mapping[int, int] | None = None,
    void: VoidRule = "background",
    order: TieBreak = "number",
    boundary: bool = True,
) -> ImageFigures:
    """The figures of masks by number with ``scores``; numbers are free here, ascending ones decide ties.

    Args:
        crowds: regions in which any number of entities may lie; together they are one crowd.
        void: whether what no true mask covers belongs to that crowd, or is background.

    Raises BadRle, naming the mask, for an RLE that is none or of another size, and KeyError for a mask
    without a score.
    """
    true_numbers, numbers = (np.array(sorted(side), np.int64) for side in (truth, found))
    true_counts = [_counts(truth[n], width, height, f"True mask {n}") for n in true_numbers.tolist()]
    counts = [_counts(found[n], width, height, f"Predicted mask {n}") for n in numbers.tolist()]
    crowd = union([_counts(rle, width, height, "A crowd") for rle in crowds], width * height)
    annotated = without(union(true_counts, width * height), crowd)
    forgiving = crowd if void == "background" else inverted(annotated)
    bands = None
    if boundary:
        distance = band_width(height, width)
        sides = (true_counts, counts, [forgiving])
        bands = touching_masks(*(mask_bands(side, height, width, distance) for side in sides))
    return figures_of(
        touching_masks(true_counts, counts, [forgiving]),
        bands,
        image=image,
        width=width,
        height=height,
        scores=np.array([scores[number] for number in numbers.tolist()], np.float64),
        annotated=area(annotated),
        covered=area(annotated) - area(without(annotated, union(counts, width * height))),
        numbers=numbers,
        true_numbers=true_numbers,
        terms=terms_of(numbers, terms),
        true_terms=terms_of(true_numbers, true_terms),
        void=void,
        order=order,
        is_disjoint=all(len(disjoint_layers(side)) < 2 for side in (true_counts, counts)),
    )


def touching_masks(true: Sequence[Ints], found: Sequence[Ints], forgiving: Sequence[Ints] = ()) -> Touching:
    """Which masks touch, by their RLE counts; what lies in ``forgiving`` regions counts as VOID."""
    shared, lost = shared_pixels(true, found), shared_pixels(forgiving, found)
    void = np.bincount(lost.b, lost.pixels, minlength=len(found)).astype(np.int64)
    areas, true_areas = (np.array([area(one) for one in side], np.int64) for side in (found, true))
    return Touching(shared.a, shared.b, shared.pixels, areas, true_areas, void)


def union(masks: Sequence[Ints], pixels: int) -> Ints:
    """The RLE counts of what at least one of the masks covers, on ``pixels`` px."""
    runs = [mask_runs(counts) for counts in masks]
    starts = np.sort(np.concatenate([np.empty(0, np.int64), *(start for start, _ in runs)]))
    ends = np.sort(np.concatenate([np.empty(0, np.int64), *(end for _, end in runs)]))
    if not starts.size:
        return np.array([pixels], np.int64)
    # Sorted, the k-th start lies at or after the (k-1)-th end exactly where nothing is covered between them.
    apart = starts[1:] > ends[:-1]
    first, last = np.concatenate(([True], apart)), np.concatenate((apart, [True]))
    bounds = np.column_stack((starts[first], ends[last])).ravel()
    return np.diff(np.concatenate(([0], bounds, [pixels])))


def inverted(counts: Ints) -> Ints:
    """The RLE counts of what a mask leaves."""
    return counts[1:] if counts[0] == 0 else np.concatenate(([0], counts))


def without(counts: Ints, other: Ints) -> Ints:
    """The RLE counts of a mask less another."""
    return inverted(union([inverted(counts), other], int(counts.sum())))


def area(counts: Ints) -> int:
    """The px of a mask."""
    return int(counts[1::2].sum())


def _counts(rle: Rle, width: int, height: int, what: str) -> Ints:
    if list(rle["size"]) != [height, width]:
        raise BadRle(f"{what} is of size {rle['size']}, the image of {[height, width]}.")
    try:
        return counts_of(rle)
    except BadRle as error:
        raise BadRle(f"{what}: {error}") from error
