"""A small picture of a label map: every entity in its colour, VOID transparent."""

import io
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image as Picture

from annotation_server.segmentation.matching import iou_pairs, joint_histogram_dense
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import MAX_NUMBER, TILE, TILE_PX, VOID, Pixels, flat_runs

LONGEST_SIDE = 320
PAINT = 0.5  # share of an entity's colour where it lies over a picture
BRIGHT = 128
Colours = npt.NDArray[np.uint8]
# The editor's 24 colours (annotate/palette.js), RGB; fixtures/golden/palette.json holds both to it.
PALETTE: Colours = np.array(
    [
        (253, 190, 197), (253, 196, 145), (207, 219, 114), (114, 236, 189), (125, 226, 252), (191, 208, 254),
        (241, 186, 254), (232, 100, 148), (236, 109, 61), (206, 137, 0), (140, 166, 0), (0, 183, 115),
        (0, 181, 193), (0, 162, 245), (134, 136, 254), (197, 113, 216), (175, 41, 56), (161, 69, 0),
        (107, 104, 0), (0, 125, 51), (0, 124, 137), (0, 103, 188), (102, 74, 187), (154, 50, 137),
    ],
    np.uint8,
)  # fmt: skip


def overlay_png(label_map: TiledMap, colours: Mapping[int, int], *, longest: int = LONGEST_SIDE) -> bytes:
    """PNG of at most ``longest`` px a side; ``colours`` are places in PALETTE by entity number."""
    by_number = np.zeros((MAX_NUMBER + 1, 4), np.uint8)
    for number, place in colours.items():
        by_number[number] = (*PALETTE[place % len(PALETTE)], 255)
    by_number[VOID] = 0
    file = io.BytesIO()
    Picture.fromarray(by_number[sampled(label_map, longest)]).save(file, "PNG")
    return file.getvalue()


def painted_over(picture: Colours, numbers: Pixels) -> Colours:
    """A picture uint8 [h, w, 3] with every number [h, w] in its colour over it; VOID shows the bare picture.

    Entities are parted by a line, white on what is dark and black on what is bright.
    """
    colours = PALETTE[numbers % len(PALETTE)]
    mixed = ((1 - PAINT) * picture + PAINT * colours).astype(np.uint8)
    painted = np.where((numbers == VOID)[..., None], picture, mixed)
    is_bright = painted.mean(axis=2, keepdims=True) > BRIGHT
    line = np.where(is_bright, np.uint8(0), np.uint8(255))
    return np.where(_borders(numbers)[..., None], line, painted).astype(np.uint8)


def numbered_like(numbers: Pixels, model: Pixels) -> Pixels:
    """``numbers`` [h, w] renamed so that an entity bears the number of its like in ``model`` [h, w].

    The pair with the highest IoU first, each number once; entities without a like get numbers after the
    model's. Colours then tell what is the same in two pictures.
    """
    renamed = np.zeros(int(numbers.max()) + 1, np.int64)
    taken: set[int] = set()
    for pair in sorted(iou_pairs(joint_histogram_dense(numbers, model)), key=lambda pair: -pair.iou):
        if not renamed[pair.a] and pair.b not in taken:
            renamed[pair.a] = pair.b
            taken.add(pair.b)
    alone = np.flatnonzero(renamed == 0)[1:]
    renamed[alone] = int(model.max()) + 1 + np.arange(alone.size)
    return renamed[numbers].astype(np.uint16)


def _borders(numbers: Pixels) -> npt.NDArray[np.bool_]:
    """Pixels whose right or lower neighbour bears another number."""
    found = np.zeros(numbers.shape, np.bool_)
    found[:, :-1] |= numbers[:, :-1] != numbers[:, 1:]
    found[:-1] |= numbers[:-1] != numbers[1:]
    return found


def sampled(label_map: TiledMap, longest: int) -> Pixels:
    """Every so-many-th pixel, uint16 [h, w], the longer side at most ``longest``; read from the runs."""
    share = min(1.0, longest / max(label_map.width, label_map.height))
    xs = _places(label_map.width, max(1, round(label_map.width * share)))
    ys = _places(label_map.height, max(1, round(label_map.height * share)))
    picture = np.zeros((ys.size, xs.size), np.uint16)
    for row in np.unique(ys // TILE):
        inside = np.flatnonzero(ys // TILE == row)
        first = int(row) * label_map.columns
        tiles = label_map.tiles[first : first + label_map.columns]
        runs = flat_runs(tiles, [(TILE, TILE)] * len(tiles))
        in_tile = (ys[inside] % TILE * TILE)[:, None] + (xs // TILE * TILE_PX + xs % TILE)[None, :]
        picture[inside] = runs.numbers[np.searchsorted(runs.ends, in_tile, side="right")]
    return picture


def _places(length: int, count: int) -> npt.NDArray[np.int64]:
    """The middles of ``count`` equal parts of ``length`` pixels."""
    return ((np.arange(count) + 0.5) * length / count).astype(np.int64)
