"""Pictures of what was true and what a model saw: label maps laid over their image."""

import io

from botocore.exceptions import ClientError
from django.utils.translation import gettext as _
from PIL import Image as Picture

from annotation_server import media
from annotation_server.errors import NotFound
from annotation_server.images.models import Image
from annotation_server.images.reduced import reduced_image
from annotation_server.segmentation.bundle import BadBundle, decode_bundle, decompress_bundle
from annotation_server.segmentation.overlay import numbered_like, painted_over, sampled
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import Pixels

LONGEST_SIDE = 1024


def overlay_picture(image: Image, bundle_key: str, picture_key: str, *, true_key: str = "") -> bytes:
    """PNG of an image under the label map of a bundle, at most 1024 px a side.

    With ``true_key``, the bundle of what is true, an entity has the colour of the true one most like it.
    Painted once and kept under ``picture_key``: neither image nor bundle ever changes. Raises NotFound where
    there is no such map of the image.
    """
    try:
        return media.read(picture_key)
    except (FileNotFoundError, ClientError):
        content = _painted(image, _numbers(image, bundle_key, true_key))
        media.write(picture_key, content)
        return content


def _numbers(image: Image, bundle_key: str, true_key: str) -> Pixels:
    numbers = sampled(_read_map(image, bundle_key), LONGEST_SIDE)
    if true_key in ("", bundle_key):
        return numbers
    return numbered_like(numbers, sampled(_read_map(image, true_key), LONGEST_SIDE))


def _painted(image: Image, numbers: Pixels) -> bytes:
    height, width = numbers.shape
    file = io.BytesIO()
    Picture.fromarray(painted_over(reduced_image(image, width, height), numbers)).save(file, "PNG")
    return file.getvalue()


def _read_map(image: Image, bundle_key: str) -> TiledMap:
    try:
        label_map, _versions = decode_bundle(decompress_bundle(media.read(bundle_key)))
    except (FileNotFoundError, ClientError, BadBundle) as error:
        raise NotFound(_("There is no picture of this image: its label map is gone.")) from error
    if (label_map.width, label_map.height) != (image.width, image.height):
        raise NotFound(_("There is no picture of this image: it was replaced since."))
    return label_map
