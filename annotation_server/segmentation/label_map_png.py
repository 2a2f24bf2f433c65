"""Label maps as 16-bit grey PNG: value = number, 0 = VOID."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from annotation_server.segmentation.png import GREY, write_png
from annotation_server.segmentation.tiled_map import TiledMap, pack_strips
from annotation_server.segmentation.tiles import MAX_NUMBER, TILE, Pixels

MAX_PIXELS = 300_000_000


class BadPng(ValueError):
    """The file is not the PNG that is expected; the sentence says why."""


def write_label_map_png(file: BinaryIO, label_map: TiledMap) -> None:
    """Write a label map as 16-bit grey PNG."""
    big_endian = (strip.astype(">u2").view(np.uint8) for strip in label_map.row_strips())
    size = (label_map.width, label_map.height)
    write_png(file, size, bit_depth=16, colour_type=GREY, strips=big_endian)


def read_label_map_png(file: BinaryIO | Path, max_pixels: int = MAX_PIXELS) -> TiledMap:
    """Read a grey PNG of 8 or 16 bits; raises BadPng."""
    with opened_png(file, max_pixels, ("L", "I;16", "I")) as image:
        return pack_strips(image.width, image.height, map(_numbers, row_strips(image)))


@contextmanager
def opened_png(file: BinaryIO | Path, max_pixels: int, modes: tuple[str, ...]) -> Iterator[Image.Image]:
    """A PNG whose header has been judged before its pixels are decoded; raises BadPng.

    Not through ``Image.open``: its fixed limit (179 MP) is below our largest maps; ``max_pixels`` is ours.
    """
    try:
        image = PngImageFile(file)
    except (SyntaxError, OSError, ValueError) as error:
        raise BadPng("The file is no PNG.") from error
    with image:
        if image.width * image.height > max_pixels:
            raise BadPng(f"{image.width} × {image.height} px is more than the limit of {max_pixels} px.")
        if image.mode not in modes:
            raise BadPng(f"The PNG is of mode {image.mode}; expected {' or '.join(modes)}.")
        try:
            image.load()
        except (OSError, SyntaxError) as error:
            raise BadPng("The PNG is damaged.") from error
        yield image


def _numbers(strip: Image.Image) -> Pixels:
    values = np.asarray(strip)
    if int(values.max()) > MAX_NUMBER:
        raise BadPng(f"The label map has numbers above {MAX_NUMBER}.")
    return values.astype(np.uint16, copy=False)


def row_strips(image: Image.Image) -> Iterator[Image.Image]:
    """The picture in pieces of 512 rows from the top."""
    for y in range(0, image.height, TILE):
        yield image.crop((0, y, image.width, min(y + TILE, image.height)))
