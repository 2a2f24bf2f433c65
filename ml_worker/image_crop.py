"""The pixels of a part of an image: from tiles of its pyramid, or, where it has none, from its file."""

import io

import numpy as np
import pyvips
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from annotation_server.segmentation.jobs import CandidatesWanted
from annotation_server.segmentation.worker_sentences import Sentence
from ml_worker.refusals import JobRefused
from ml_worker.storage import NoSuchFile, Storage


def read_crop(wanted: CandidatesWanted, storage: Storage) -> NDArray[np.uint8]:
    """RGB [h, w, 3] of the view wanted, reduced by its ``scale``; raises JobRefused."""
    try:
        return _from_tiles(wanted, storage) if wanted.tiles else _from_file(wanted, storage)
    except NoSuchFile as error:
        raise JobRefused(Sentence.IMAGE_GONE.about(why=error)) from error
    except (pyvips.Error, UnidentifiedImageError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise JobRefused(Sentence.IMAGE_UNREADABLE.about(error=reason)) from error


def _from_tiles(wanted: CandidatesWanted, storage: Storage) -> NDArray[np.uint8]:
    """Each tile is [x, y, first byte, bytes]: its corner at this scale, and its place in the file."""
    x0, y0, width, height = _reduced(wanted)
    crop = np.zeros((height, width, 3), np.uint8)
    for x, y, start, length in wanted.tiles:
        data = storage.read_range(wanted.pyramid_key, start, length)
        tile = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        left, top = max(x, x0), max(y, y0)
        right, bottom = min(x + tile.shape[1], x0 + width), min(y + tile.shape[0], y0 + height)
        if right > left and bottom > top:
            inside = tile[top - y : bottom - y, left - x : right - x]
            crop[top - y0 : bottom - y0, left - x0 : right - x0] = inside
    return crop


def _from_file(wanted: CandidatesWanted, storage: Storage) -> NDArray[np.uint8]:
    x, y, width, height = wanted.view
    with storage.local_copy(wanted.image_key) as path:
        image = as_rgb(pyvips.Image.new_from_file(str(path)).crop(x, y, width, height))
        if wanted.scale > 1:
            image = image.shrink(wanted.scale, wanted.scale, ceil=True)
        return np.asarray(image.numpy())


def _reduced(wanted: CandidatesWanted) -> tuple[int, int, int, int]:
    """The view (x, y, width, height) in px of its scale."""
    x, y, width, height = wanted.view
    scale = wanted.scale
    right, bottom = -(-(x + width) // scale), -(-(y + height) // scale)
    return x // scale, y // scale, right - x // scale, bottom - y // scale


def as_rgb(image: pyvips.Image) -> pyvips.Image:
    """Three bands of bytes, whatever the file held: 16 bits scaled to 8, and what is transparent on white.

    The pictures people see are made the same way (annotation_server/images/pyramid.py).
    """
    if image.hasalpha():
        image = image.flatten(background=_white(image))
    image = image.colourspace("srgb")
    if image.bands == 1:
        image = image.bandjoin([image, image])
    return image.cast("uchar")


def _white(image: pyvips.Image) -> list[int]:
    if image.interpretation == "cmyk":
        return [0]
    return [65535 if image.format == "ushort" else 255]
