"""What COCO's matching needs of COCO instances: the IoU of the masks that may match, many images at once."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from annotation_server.segmentation.alike_masks import Pairs, may_share, outline, shared_px
from annotation_server.segmentation.boundary import band_width, mask_bands
from annotation_server.segmentation.coco_input import Instances
from annotation_server.segmentation.detection_matching import IOU_THRESHOLDS, Bools, Floats, ImagePairs
from annotation_server.segmentation.mask_figures import inverted, union
from annotation_server.segmentation.masks import Ints, Masks, masks_from_counts


def all_pairs(images: Sequence[Instances], *, boundary: bool, void: str) -> list[ImagePairs]:
    """All masks of every image in one category, and its pairs of IoU .5 or more: no other can match.

    The last true mask of each is VOID as a crowd, empty if it is none.
    """
    together: dict[int, list[int]] = defaultdict(list)
    for place, image in enumerate(images):
        together[id(image.masks)].append(place)
    found: dict[int, ImagePairs] = {}
    for places in together.values():
        pairs = _pairs_of_some([images[place] for place in places], boundary, void)
        found |= zip(places, pairs, strict=True)
    return [found[place] for place in range(len(images))]


def _pairs_of_some(images: Sequence[Instances], boundary: bool, void: str) -> list[ImagePairs]:
    """The pairs of images that share their masks."""
    found = images[0].masks
    true, true_of = _with_void(images) if void == "crowd" else (found, [image.true for image in images])
    crowd = np.ones(len(true), np.bool_)
    for image, places in zip(images, true_of, strict=True):
        crowd[places.start : places.start + image.crowd.size] = image.crowd
    of_image, pairs = _everything(true_of, [image.found for image in images])
    near = _may_match(true, found, pairs, crowd)
    of_image, pairs = of_image[near], pairs.only(near)
    iou = _ious(true, found, pairs, crowd)
    near = iou >= IOU_THRESHOLDS[0]
    of_image, pairs, iou = of_image[near], pairs.only(near), iou[near]
    if boundary and iou.size:
        iou = np.minimum(iou, _band_ious(true, found, pairs, crowd))
    cuts = np.searchsorted(of_image, np.arange(len(images) + 1)).tolist()
    parts = [slice(a, b) for a, b in pairwise(cuts)]
    void_px = [int(true.areas[places[-1]]) if void == "crowd" else 0 for places in true_of]
    return [
        ImagePairs(
            scores=image.scores,
            areas=found.areas[image.found.start : image.found.stop].astype(np.float64),
            true_areas=np.append(image.true_areas, void_px[k]),
            crowd=np.append(image.crowd, True),
            d=pairs.b[parts[k]] - image.found.start,
            g=pairs.a[parts[k]] - true_of[k].start,
            iou=iou[parts[k]],
        )
        for k, image in enumerate(images)
    ]


def _with_void(images: Sequence[Instances]) -> tuple[Masks, list[range]]:
    """The true masks of every image and what they leave, and where each image's are."""
    height, width = images[0].masks.height, images[0].masks.width
    counts: list[Ints] = []
    places = []
    for image in images:
        true = image.counts(image.true)
        places.append(range(len(counts), len(counts) + len(true) + 1))
        counts += [*true, inverted(union(true, height * width))]
    return masks_from_counts(counts, height, width), places


def _everything(true: Sequence[range], found: Sequence[range]) -> tuple[Ints, Pairs]:
    """Every true mask with every prediction of its image: the images, ascending, and the pairs."""
    sizes = np.array([[len(a), len(b)] for a, b in zip(true, found, strict=True)], np.int64)
    first = np.array([[a.start, b.start] for a, b in zip(true, found, strict=True)], np.int64)
    many = sizes.prod(axis=1)
    of_image = np.repeat(np.arange(many.size), many)
    place = np.arange(of_image.size) - np.repeat(np.cumsum(many) - many, many)
    a, b = np.divmod(place, sizes[of_image, 1])
    return of_image, Pairs(a + first[of_image, 0], b + first[of_image, 1])


def _may_match(true: Masks, found: Masks, pairs: Pairs, crowd: Bools) -> Ints:
    """The places of the pairs whose IoU may be .5, or half of the prediction in a crowd."""
    areas, true_areas = found.areas[pairs.b], true.areas[pairs.a]
    least = np.where(crowd[pairs.a], (areas + 1) // 2, (areas + true_areas + 2) // 3)
    near = np.flatnonzero((least <= np.minimum(areas, true_areas)) & (least > 0))
    outlines = outline(found)
    true_outlines = outlines if true is found else outline(true)
    return near[may_share(true_outlines, outlines, pairs.only(near), least[near])]


def _ious(true: Masks, found: Masks, pairs: Pairs, crowd: Bools) -> Floats:
    """IoU [P], or the share of the prediction that lies in a crowd."""
    shared = shared_px(true, found, pairs)
    areas = found.areas[pairs.b]
    return shared / np.where(crowd[pairs.a], areas, areas + true.areas[pairs.a] - shared)


def _band_ious(true: Masks, found: Masks, pairs: Pairs, crowd: Bools) -> Floats:
    """The same of the bands along the masks' borders."""
    true_places, a = np.unique(pairs.a, return_inverse=True)
    places, b = np.unique(pairs.b, return_inverse=True)
    return _ious(_bands(true, true_places), _bands(found, places), Pairs(a, b), crowd[true_places])


def _bands(masks: Masks, places: Ints) -> Masks:
    height, width = masks.height, masks.width
    counts = [masks.counts(place) for place in places.tolist()]
    return masks_from_counts(mask_bands(counts, height, width, band_width(height, width)), height, width)
