"""Which tiles of an image's pyramid show a part of it at a wanted size."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from annotation_server.images.models import Image
from annotation_server.images.pyramid import OVERLAP, TILE
from annotation_server.images.szi import tile_places


@dataclass(frozen=True)
class PyramidPart:
    """``view`` is [x, y, width, height] in image px, its x and y multiples of ``scale``.

    ``tiles`` are [x, y, first byte, bytes]: the corner in px of the image reduced by ``scale``, and the place
    in the pyramid's file; none where the image has no pyramid.
    """

    view: list[int]
    scale: int
    tiles: list[list[int]]


def part_of(image: Image, box: tuple[int, int, int, int], longest: int) -> PyramidPart:
    """The part of an image that holds ``box`` (x, y, width, height), with no side above ``longest`` px."""
    scale = 1
    while max(box[2], box[3]) > scale * longest:
        scale *= 2
    view = _snapped(image, box, scale)
    try:
        places = tile_places(image.pyramid_key)
    except (FileNotFoundError, ClientError):
        return PyramidPart(view, scale, [])
    level = max(key[0] for key in places) - (scale.bit_length() - 1)
    x0, y0, x1, y1 = view[0] // scale, view[1] // scale, view[0] + view[2], view[1] + view[3]
    columns = range(x0 // TILE, (-(-x1 // scale) - 1) // TILE + 1)
    rows = range(y0 // TILE, (-(-y1 // scale) - 1) // TILE + 1)
    tiles = [
        [_corner(column), _corner(row), *places[level, column, row]] for row in rows for column in columns
    ]
    return PyramidPart(view, scale, tiles)


def _corner(index: int) -> int:
    """Where a tile begins; all but the first share a border with the one before."""
    return max(0, index * TILE - OVERLAP)


def _snapped(image: Image, box: tuple[int, int, int, int], scale: int) -> list[int]:
    x, y, width, height = box
    x0, y0 = max(0, x) // scale * scale, max(0, y) // scale * scale
    x1, y1 = min(image.width, x + width), min(image.height, y + height)
    return [x0, y0, x1 - x0, y1 - y0]
