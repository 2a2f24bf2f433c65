"""From an upload to what the platform shows: a normalised picture, a deep-zoom pyramid, a thumbnail.

libvips streams pictures in strips, so memory follows the width of a picture, not its area.
"""

import io
import mmap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyvips
from PIL import ImageCms

from annotation_server.errors import Refused
from annotation_server.images.check import loader_of
from annotation_server.images.jpeg import CutShort, write_without_metadata

TILE = 512
OVERLAP = 1
TILE_QUALITY = 85
PICTURE_QUALITY = 95
THUMBNAIL = 512

# Nothing is asked for twice, so libvips' operation cache would only hold memory.
pyvips.cache_set_max(0)

Progress = Callable[[float], bool]


class Unreadable(Refused):
    """The picture's data is damaged beyond its header."""

    code = "damaged"


class Stopped(Exception):
    """The work was called off while the picture was being read."""


@dataclass(frozen=True)
class Prepared:
    """Files made from an upload, and the size (px) of the picture they show."""

    picture: Path
    pyramid: Path
    thumbnail: Path
    width: int
    height: int


class _Going:
    """A progress callback that remembers having been told to stop."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.stopped = False

    def __call__(self, share: float) -> bool:
        self.stopped = self.stopped or not self.progress(share)
        return not self.stopped


def prepare(upload: Path, kind: str, folder: Path, *, progress: Progress) -> Prepared:
    """Make the three files of ``upload`` (checked, of format ``kind``) in ``folder``.

    ``progress`` hears the share done, 0 to 1, and answers whether to go on. Raises Unreadable when the
    picture's data is damaged and Stopped when ``progress`` said no.
    """
    going = _Going(progress)
    try:
        picture = normalise(upload, kind, folder, progress=lambda share: going(share / 2))
        pyramid = folder / "pyramid.szi"
        width, height = build_pyramid(picture, pyramid, progress=lambda share: going(0.5 + share / 2))
        thumbnail = folder / "thumbnail.jpg"
        make_thumbnail(picture, thumbnail)
    except (pyvips.Error, CutShort) as error:
        if going.stopped:
            raise Stopped from None
        raise Unreadable(_what_is_wrong(error)) from error
    return Prepared(picture, pyramid, thumbnail, width, height)


def normalise(upload: Path, kind: str, folder: Path, *, progress: Progress) -> Path:
    """The picture upright, sRGB, 8 bits a channel, without alpha and metadata.

    A JPEG that is so already keeps its coded pixels bit by bit; any other JPEG becomes JPEG at quality 95
    without chroma subsampling; every other format becomes PNG, without loss.
    """
    image = _open(upload, kind)
    if kind == "jpeg" and _is_normal(image):
        picture = folder / "picture.jpg"
        with (
            upload.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
            picture.open("wb") as target,
        ):
            write_without_metadata(data, target)
        return picture
    upright = _to_srgb(_upright(image, progress))
    if kind == "jpeg":
        picture = folder / "picture.jpg"
        _heard(upright, progress).jpegsave(str(picture), Q=PICTURE_QUALITY, subsample_mode="off", keep="none")
    else:
        picture = folder / "picture.png"
        _heard(upright, progress).pngsave(str(picture), compression=3, filter="sub", keep="none")
    return picture


def build_pyramid(picture: Path, target: Path, *, progress: Progress) -> tuple[int, int]:
    """Write the deep-zoom tiles of a normalised picture into one uncompressed zip; returns its size in px."""
    image = _open(picture, "jpeg" if picture.suffix == ".jpg" else "png")
    _heard(image, progress).dzsave(
        str(target),
        container="szi",
        compression=0,
        imagename="image",
        tile_size=TILE,
        overlap=OVERLAP,
        depth="onepixel",
        suffix=f".jpg[Q={TILE_QUALITY}]",
        keep="none",
    )
    return image.width, image.height


def make_thumbnail(picture: Path, target: Path) -> None:
    """Write a JPEG that fits into 512 × 512 px."""
    small = pyvips.Image.thumbnail(str(picture), THUMBNAIL, height=THUMBNAIL, size="down", fail_on="error")
    small.jpegsave(str(target), Q=TILE_QUALITY, keep="none")


def _open(path: Path, kind: str) -> Any:
    return pyvips.Operation.call(loader_of(kind), str(path), access="sequential", fail_on="error")


def _is_normal(image: Any) -> bool:
    """Whether nothing about the pixels has to change."""
    upright = not image.get_typeof("orientation") or image.get("orientation") in {0, 1}
    plain = image.interpretation in {"srgb", "b-w"} and image.format == "uchar"
    return upright and plain and _profile_is_srgb(image)


def _profile_is_srgb(image: Any) -> bool:
    if not image.get_typeof("icc-profile-data"):
        return True
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.get("icc-profile-data")))
        return "srgb" in ImageCms.getProfileDescription(profile).lower()
    except (ImageCms.PyCMSError, OSError):
        return False


def _upright(image: Any, progress: Progress) -> Any:
    """Apply the EXIF orientation, through a temporary file where rows must be read out of order."""
    if not image.get_typeof("orientation") or image.get("orientation") in {0, 1, 2}:
        return image.autorot()
    pixels = pyvips.Image.new_temp_file("%s.v")
    _heard(image, progress).write(pixels)
    return pixels.autorot()


def _to_srgb(image: Any) -> Any:
    """sRGB or grey, 8 bits, opaque: through the embedded profile where there is a usable one."""
    if image.hasalpha():
        image = image.flatten(background=_white(image))
    if image.get_typeof("icc-profile-data") and not _profile_is_srgb(image):
        try:
            return image.icc_transform("srgb", embedded=True, intent="relative", depth=8)
        except pyvips.Error:
            image = image.copy()
            image.remove("icc-profile-data")
    grey = image.interpretation in {"b-w", "grey16"}
    return image.colourspace("b-w" if grey else "srgb").cast("uchar")


def _white(image: Any) -> list[int]:
    if image.interpretation == "cmyk":
        return [0]
    return [65535 if image.format == "ushort" else 255]


def _heard(image: Any, progress: Progress) -> Any:
    """The image, telling ``progress`` about each percent and stopping when it says no."""
    image = image.copy()
    image.set_progress(True)
    last = [-1]

    def on_eval(_image: Any, state: Any) -> None:
        if state.percent != last[0]:
            last[0] = state.percent
            if not progress(state.percent / 100):
                image.set_kill(True)

    image.signal_connect("eval", on_eval)
    return image


def _what_is_wrong(error: Exception) -> str:
    told = error.detail if isinstance(error, pyvips.Error) else str(error)
    if "byte limit" in told:
        return (
            "The TIFF is stored in pieces too large to be read in little memory. Delete this image, save it "
            "with smaller strips or tiles, or as PNG, and upload that."
        )
    return (
        f"The picture's data is damaged or cut short ({' '.join(told.split())[:160]}). "
        "Delete this image and upload an intact file."
    )
