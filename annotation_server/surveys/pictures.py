"""The pictures of a survey: each image bare, under every set's masks, and a map moved out of place.

They are painted once, before anybody is asked, at most 1600 px a side, without names and metadata. The
colours of two sets tell nothing of which is which: entities alike have one colour, and which of the palette
is decided by chance for both.
"""

import io
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as Picture

from annotation_server import media
from annotation_server.annotation.access import require_sight
from annotation_server.annotation.seen import note_seen
from annotation_server.images.models import Image
from annotation_server.images.reduced import reduced_image
from annotation_server.segmentation.overlay import PALETTE, numbered_like, painted_over, sampled
from annotation_server.segmentation.tiles import VOID, Pixels
from annotation_server.surveys.models import Survey
from annotation_server.surveys.sets import read_map

LONGEST_SIDE = 1600
NUMBERS = 1 << 16  # of uint16
QUALITY = 90
# A broken map is moved right and down by this share of the image, what leaves coming in at the other side.
MOVED_BY = 0.2
BARE = "image"
Told = dict[str, Any]


def broken_side(number: int) -> str:
    """What the moved map of a set is called in storage keys."""
    return f"broken-{number}"


def look_at_side(user: Any, survey: Survey, image_id: int, side: str) -> None:
    """A member is about to be shown a picture of a survey: masks that people drew are kept as seen.

    Raises NotAllowed (``blind``) for whoever works on the image blind.
    """
    if side == BARE:
        return
    require_sight(user, image_id)
    if any(told["kind"] != "model" for told in survey.sets):
        note_seen(user, image_id)


def size_of(image: Image) -> tuple[int, int]:
    """Width and height (px) of an image's pictures."""
    share = min(1.0, LONGEST_SIDE / max(image.width, image.height))
    return max(1, round(image.width * share)), max(1, round(image.height * share))


def write_pictures(survey: Survey, image: Image, maps: list[Told], broken: Iterable[int]) -> None:
    """Paint what is missing of an image's pictures; ``broken`` are the sets whose map is moved.

    ``maps`` tell where each set's map lies. Raises Refused when one is not what was chosen.
    """
    wanted = [BARE, *map(str, range(len(maps))), *map(broken_side, broken)]
    missing = [side for side in wanted if not media.exists(survey.picture_key(image.pk, side))]
    if not missing:
        return
    bare = reduced_image(image, *size_of(image))
    numbers = recoloured([sampled(read_map(image, one), LONGEST_SIDE) for one in maps], _seed(survey, image))
    for side in missing:
        media.write(survey.picture_key(image.pk, side), _jpeg(_painted(bare, numbers, side)))


def recoloured(maps: list[Pixels], seed: int) -> list[Pixels]:
    """Maps [h, w] of one picture, renumbered by chance, entities alike with one number.

    Every map uses the whole palette evenly: no colour comes twice before each came once, whatever number of
    entities the others have.
    """
    alike = [maps[0], *(numbered_like(other, maps[0]) for other in maps[1:])]
    there = np.array([np.bincount(numbers.ravel(), minlength=NUMBERS) > 0 for numbers in alike])
    names = _named_by_chance(there, np.random.default_rng(seed))
    return [names[numbers] for numbers in alike]


def _named_by_chance(there: npt.NDArray[np.bool_], chance: np.random.Generator) -> npt.NDArray[np.uint16]:
    """The new number of each number; ``there`` bool [maps, numbers] tells which map has it.

    What most maps have comes first. Each gets one of the colours that are rarest in its maps so far.
    """
    colours = len(PALETTE)
    used = np.zeros((len(there), colours), np.int64)
    names = np.zeros(NUMBERS, np.uint16)
    next_name = np.arange(colours) + colours  # a number's colour is what it leaves; 0 is VOID
    numbers = chance.permutation(np.flatnonzero(there[:, VOID + 1 :].any(axis=0)) + VOID + 1)
    for number in sorted(numbers, key=lambda one: -np.count_nonzero(there[:, one])):
        maps = there[:, number]
        places = chance.permutation(colours)
        colour = places[used[maps].sum(axis=0)[places].argmin()]
        used[maps, colour] += 1
        names[number] = next_name[colour]
        next_name[colour] += colours
    return names


def moved(numbers: Pixels) -> Pixels:
    """A map [h, w] that does not fit its picture any more."""
    height, width = numbers.shape
    return np.roll(numbers, (round(height * MOVED_BY), round(width * MOVED_BY)), axis=(0, 1))


def _painted(bare: npt.NDArray[np.uint8], numbers: list[Pixels], side: str) -> npt.NDArray[np.uint8]:
    if side == BARE:
        return bare
    prefix, _dash, number = side.rpartition("-")
    chosen = numbers[int(number)]
    return painted_over(bare, moved(chosen) if prefix else chosen)


def _jpeg(picture: npt.NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Picture.fromarray(picture).save(file, "JPEG", quality=QUALITY, subsampling=0)
    return file.getvalue()


def _seed(survey: Survey, image: Image) -> int:
    return int(survey.secret[:12], 16) + image.pk
