"""Pictures of a study: an image under one person's map, and under what two people disagree on."""

import io

import numpy as np
from PIL import Image as Picture

from annotation_server.consistency.figures import Key, disagreements_of, drawn_maps, map_of
from annotation_server.consistency.models import FIRST_PLACE, StudyImage
from annotation_server.images.reduced import reduced_image
from annotation_server.segmentation.disagreement import Disagreement, Kind
from annotation_server.segmentation.overlay import Colours, numbered_like, painted_over, sampled
from annotation_server.segmentation.tiles import MAX_NUMBER, Pixels

LONGEST_SIDE = 1024
PAINT = 0.65
# Apart for people who see colours in other ways: Okabe and Ito's palette.
KIND_COLOURS: dict[Kind, str] = {
    "missing": "#d55e00",
    "extra": "#e69f00",
    "granularity": "#cc79a7",
    "boundary": "#0072b2",
    "name": "#009e73",
}


def place_picture(one: StudyImage, place: int) -> bytes:
    """PNG of at most 1024 px a side; entities have the colours of the first's that are most like them."""
    drawn = drawn_maps(one)
    numbers = sampled(map_of(one, drawn[place]), LONGEST_SIDE)
    if place != FIRST_PLACE:
        numbers = numbered_like(numbers, sampled(map_of(one, drawn[FIRST_PLACE]), LONGEST_SIDE))
    return _png(painted_over(_picture(one, numbers), numbers))


def disagreement_picture(one: StudyImage, key: Key) -> bytes:
    """PNG of at most 1024 px a side: the grey image with what two people disagree on, coloured by kind."""
    drawn = drawn_maps(one)
    a, b = (sampled(map_of(one, drawn[place]), LONGEST_SIDE) for place in key)
    grey = _picture(one, a).mean(axis=2, keepdims=True).repeat(3, axis=2)
    painted = grey.copy()
    for found in reversed(disagreements_of(one, key)):
        where = _disputed(found, a, b)
        colour = np.frombuffer(bytes.fromhex(KIND_COLOURS[found.kind][1:]), np.uint8)
        painted[where] = (1 - PAINT) * grey[where] + PAINT * colour
    return _png(painted.astype(np.uint8))


def _disputed(found: Disagreement, a: Pixels, b: Pixels) -> np.ndarray:
    """The pixels, bool [h, w], that a disagreement is about."""
    in_a, in_b = _among(a, found.a), _among(b, found.b)
    whole: np.ndarray = in_a | in_b if found.kind in ("granularity", "name") else in_a ^ in_b
    return whole


def _among(numbers: Pixels, wanted: tuple[int, ...]) -> np.ndarray:
    table = np.zeros(MAX_NUMBER + 1, np.bool_)
    table[list(wanted)] = True
    found: np.ndarray = table[numbers]
    return found


def _picture(one: StudyImage, numbers: Pixels) -> Colours:
    height, width = numbers.shape
    return reduced_image(one.image, width, height)


def _png(pixels: Colours) -> bytes:
    file = io.BytesIO()
    Picture.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
