"""A mask of the project that shows what a term means, cut out for people to look at."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Q, QuerySet

from annotation_server.annotation.access import blind_images, visible_annotations
from annotation_server.annotation.label_maps import current_manifest
from annotation_server.annotation.models import Annotation, Assignment, Mask
from annotation_server.annotation.tile_store import load_tiles
from annotation_server.images.models import Image
from annotation_server.segmentation.rle import label_map_counts
from annotation_server.segmentation.tiles import TILE, Pixels, Tile, unpack_tile
from annotation_server.vocabulary.models import Term

LOOKED_AT = 200
BEST_SHARE = 0.05
ROOM = 0.2
LONGEST_SIDE = 256


@dataclass(frozen=True)
class Example:
    """A mask, the window (x, y, width, height) of its image to show, and its pixels there.

    ``rle`` is COCO's, uncompressed, of every ``step``-th pixel of the window.
    """

    mask: Mask
    window: tuple[int, int, int, int]
    step: int
    rle: dict[str, Any]


def example_of(user: Any, term: Term, *, not_image: int | None = None) -> Example | None:
    """The clearest of the newest masks that bear a term, among those the person may see.

    That is their own work, whatever is accepted, and for reviewers all; never blind work of a study, nor
    anything of an image they work on blind. ``not_image`` leaves out the image one is looking at.
    """
    masks = Mask.objects.filter(term=term, deleted=False, area__gt=0, annotation__in=_shown_to(user, term))
    if not_image is not None:
        masks = masks.exclude(annotation__image_id=not_image)
    newest = masks.select_related("annotation__image").order_by("-annotation_id", "number")[:LOOKED_AT]
    best = max(newest, key=_clearness, default=None)
    return None if best is None else _cut_out(best)


def _shown_to(user: Any, term: Term) -> QuerySet[Annotation]:
    finished = Annotation.objects.filter(state=Annotation.State.ACCEPTED)
    of_project = Q(image__project_id=term.project_id, image__state=Image.State.READY)
    shown = Q(pk__in=visible_annotations(user).values("pk")) | Q(pk__in=finished.values("pk"))
    others = Annotation.objects.filter(of_project & shown).exclude(assignment__round__in=Assignment.HIDDEN)
    return others.exclude(image__in=blind_images(user))


def _clearness(mask: Mask) -> float:
    """Accepted, neither tiny nor everything, in one piece, and not cut off by the image's border."""
    image = mask.annotation.image
    share = mask.area / (image.width * image.height)
    is_cut = mask.x == 0 or mask.y == 0
    is_cut = is_cut or mask.x + mask.width == image.width or mask.y + mask.height == image.height
    return (
        2.0 * (mask.annotation.state == Annotation.State.ACCEPTED)
        - abs(math.log10(share / BEST_SHARE))
        + 2.0 * mask.area / (mask.width * mask.height)
        - 0.5 * is_cut
    )


def _cut_out(mask: Mask) -> Example:
    image = mask.annotation.image
    room = math.ceil(ROOM * max(mask.width, mask.height)) + 4
    step = 1
    while max(mask.width, mask.height) + 2 * room > LONGEST_SIDE * step:
        step *= 2
    # On the grid of the reduced image, so that its pixels and those of the pyramid's level are the same.
    x0, y0 = (max(0, start - room) // step * step for start in (mask.x, mask.y))
    x1 = min(image.width, mask.x + mask.width + room)
    y1 = min(image.height, mask.y + mask.height + room)
    sampled = _sampled(mask.annotation_id, (x0, y0, x1, y1), step)
    inside = (sampled == mask.number).astype(np.uint16)
    counts = label_map_counts(inside).get(1, np.array([inside.size]))
    rle = {"size": list(inside.shape), "counts": counts.tolist()}
    return Example(mask, (x0, y0, x1 - x0, y1 - y0), step, rle)


def _sampled(annotation_id: int, box: tuple[int, int, int, int], step: int) -> Pixels:
    """Every ``step``-th pixel of a box (x0, y0, x1, y1) of a label map, from the tiles it touches."""
    manifest = current_manifest(annotation_id)
    x0, y0, x1, y1 = box
    columns = -(-manifest.width // TILE)
    wanted = [
        (row, column)
        for row in range(y0 // TILE, (y1 - 1) // TILE + 1)
        for column in range(x0 // TILE, (x1 - 1) // TILE + 1)
    ]
    tiles = load_tiles(manifest.digests[row * columns + column] for row, column in wanted)
    ys, xs = np.arange(y0, y1, step), np.arange(x0, x1, step)
    sampled = np.zeros((len(ys), len(xs)), np.uint16)
    for row, column in wanted:
        pixels = _pixels(tiles[manifest.digests[row * columns + column]])
        down, across = ys // TILE == row, xs // TILE == column
        sampled[np.ix_(down, across)] = pixels[np.ix_(ys[down] - row * TILE, xs[across] - column * TILE)]
    return sampled


def _pixels(tile: Tile) -> Pixels:
    return np.full((TILE, TILE), tile.uni, np.uint16) if tile.uni >= 0 else unpack_tile(tile)
