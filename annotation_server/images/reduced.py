"""A whole image at a small size; of a large one a few tiles of its pyramid are read, not the whole file."""

import io

import numpy as np
import numpy.typing as npt
import pyvips
from PIL import Image as Picture

from annotation_server import media
from annotation_server.images.models import Image
from annotation_server.images.pyramid import OVERLAP, TILE
from annotation_server.images.szi import read_tile, tile_places

SMALL_PX = 1 << 21


def reduced_image(image: Image, width: int, height: int) -> npt.NDArray[np.uint8]:
    """RGB uint8 [height, width, 3] of a ready image, which is no smaller than that."""
    is_small = image.width * image.height <= SMALL_PX
    picture = _from_file(image, width, height) if is_small else _level(image, max(width, height))
    return np.asarray(picture.convert("RGB").resize((width, height), Picture.Resampling.BOX))


def _level(image: Image, longest: int) -> Picture.Image:
    """The pyramid's smallest level that is no smaller than wanted, its tiles put together."""
    halvings = 0
    while max(image.width, image.height) >> (halvings + 1) >= longest:
        halvings += 1
    level = (max(image.width, image.height) - 1).bit_length() - halvings
    size = (-(-image.width // (1 << halvings)), -(-image.height // (1 << halvings)))
    whole = Picture.new("RGB", size)
    for at, column, row in tile_places(image.pyramid_key):
        if at == level and (tile := read_tile(image.pyramid_key, level, column, row)):
            corner = (max(0, column * TILE - OVERLAP), max(0, row * TILE - OVERLAP))
            whole.paste(Picture.open(io.BytesIO(tile)), corner)
    return whole


def _from_file(image: Image, width: int, height: int) -> Picture.Image:
    with media.local_path(image.file_key) as path:
        small = pyvips.Image.thumbnail(str(path), width, height=height, size="force", fail_on="error")
        return Picture.fromarray(np.asarray(small.colourspace("srgb")[:3].numpy()))
