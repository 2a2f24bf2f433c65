"""Is this file a picture we take? Answered from its header, before anything is decoded."""

import mmap
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pyvips

from annotation_server.errors import Refused
from annotation_server.images.hevc import decodes_hevc
from annotation_server.images.jpeg import is_cut_short

pyvips.block_untrusted_set(True)

MIN_SIDE = 16
# JPEG, PNG and TIFF are read in strips; decoders of WebP, HEIF and AVIF, and of progressive JPEG and
# interlaced PNG, hold the whole picture in memory: up to about 900 MB at this size.
MAX_PIXELS_DECODED_WHOLE = 100_000_000
TAKEN = "JPEG, PNG, WebP, TIFF and AVIF"


class BadPicture(Refused):
    """The file is not a picture this project takes; the sentence names the file and the remedy."""

    code = "bad_picture"


@dataclass(frozen=True)
class Limits:
    """The largest picture taken: side in px, width × height in px, file in bytes."""

    max_side: int
    max_pixels: int
    max_bytes: int


@dataclass(frozen=True)
class Picture:
    """What the header says: format, and the size (px) after EXIF orientation."""

    format: str
    width: int
    height: int


@dataclass(frozen=True)
class _Format:
    name: str
    matches: Callable[[bytes], bool]
    loader: str


_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif", b"hevc", b"msf1", b"avis", b"hevx"}
_MOVING_BRANDS = {b"hevc", b"msf1", b"avis", b"hevx"}
FORMATS = {
    known.name: known
    for known in (
        _Format("jpeg", lambda head: head.startswith(b"\xff\xd8\xff"), "jpegload"),
        _Format("png", lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), "pngload"),
        _Format("webp", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", "webpload"),
        _Format("tiff", lambda head: head[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}, "tiffload"),
        _Format("heif", lambda head: head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS, "heifload"),
    )
}


def check_picture(name: str, source: Path | bytes, limits: Limits) -> Picture:
    """Format and oriented size of a picture we take; raises BadPicture for every other file.

    ``name`` is only for the sentence: the content decides what a file is, not its extension.
    """
    file_size = source.stat().st_size if isinstance(source, Path) else len(source)
    if file_size == 0:
        _refuse(f"{name} is empty: 0 bytes arrived. Upload it again.", "empty")
    if file_size > limits.max_bytes:
        _refuse(
            f"{name} has {file_size:,} bytes and this server takes at most {limits.max_bytes:,}. "
            "Save it with more compression.",
            "too_large",
        )
    head = _head(source)
    kind = next((known for known in FORMATS.values() if known.matches(head)), None)
    if kind is None:
        _refuse_foreign(name, head)
    image = open_header(name, source, kind)
    _refuse_moving(name, kind, head, source, image)
    _refuse_undecodable(name, image)
    picture = Picture(kind.name, *oriented_size(image))
    _refuse_size(name, picture, image, limits)
    _refuse_samples(name, image)
    _refuse_cut_short(name, kind.name, source)
    return picture


def loader_of(kind: str) -> str:
    """Name of the libvips loader of a checked picture, so that no other loader is ever tried."""
    return FORMATS[kind].loader


def open_header(name: str, source: Path | bytes, kind: _Format) -> Any:
    """A lazy pyvips image: only the header is read; raises BadPicture if even that is damaged."""
    try:
        if isinstance(source, Path):
            return pyvips.Operation.call(kind.loader, str(source), access="sequential")
        return pyvips.Operation.call(f"{kind.loader}_buffer", source, access="sequential")
    except pyvips.Error:
        _refuse_cut_short(name, kind.name, source)
        _refuse(
            f"{name} begins like a {kind.name.upper()} but its header is damaged. "
            "Open it in an image editor and save it again.",
            "damaged",
        )


def oriented_size(image: Any) -> tuple[int, int]:
    """(width, height) once the EXIF orientation is applied."""
    turned = image.get_typeof("orientation") and image.get("orientation") in {5, 6, 7, 8}
    return (image.height, image.width) if turned else (image.width, image.height)


def _refuse(sentence: str, code: str) -> NoReturn:
    raise BadPicture(sentence, code=code)


def _head(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:4096]
    with source.open("rb") as file:
        return file.read(4096)


def _refuse_foreign(name: str, head: bytes) -> NoReturn:
    if head[:6] in {b"GIF87a", b"GIF89a"}:
        what = "is a GIF, and GIFs (animated or still) are not taken: export the frame you want as PNG"
    elif re.search(rb"<svg[\s>]", head, re.IGNORECASE):
        what = "is an SVG drawing, which may run scripts: export it as PNG"
    elif _is_text(head):
        what = "is text, not a picture, whatever its name says: choose the picture itself"
    else:
        what = f"is not a picture format taken here ({TAKEN}): save it as one of these"
    _refuse(f"{name} {what}.", "format")


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return False
        text = head[: error.start].decode("utf-8")
    return all(character.isprintable() or character in "\r\n\t\ufeff" for character in text)


def _refuse_moving(name: str, kind: _Format, head: bytes, source: Path | bytes, image: Any) -> None:
    if kind.name == "tiff":
        pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
        if pages > 1 and not _is_pyramid(name, source, image):
            _refuse(f"{name} has {pages} pages. Save the page you want as a file of its own.", "pages")
        return
    pages = image.get("n-pages") if image.get_typeof("n-pages") else 1
    moves = {
        "webp": pages > 1,
        "png": b"acTL" in head.partition(b"IDAT")[0],
        "heif": head[8:12] in _MOVING_BRANDS,
    }
    if moves.get(kind.name):
        _refuse(f"{name} is animated. Export the frame you want as PNG.", "animated")


def _refuse_undecodable(name: str, image: Any) -> None:
    coding = image.get("heif-compression") if image.get_typeof("heif-compression") else ""
    if coding == "hevc" and not decodes_hevc():
        _refuse(
            f"{name} is a HEIC coded with HEVC, which this server's libvips cannot decode. "
            "Save it as JPEG or PNG (iPhones do so with Settings, Camera, Formats, Most Compatible).",
            "format",
        )


def _is_pyramid(name: str, source: Path | bytes, image: Any) -> bool:
    """Whether page 2 is a reduced copy of page 1, as scanners and slide converters write them."""
    options = {"page": 1, "access": "sequential"}
    try:
        if isinstance(source, Path):
            second = pyvips.Operation.call("tiffload", str(source), **options)
        else:
            second = pyvips.Operation.call("tiffload_buffer", source, **options)
    except pyvips.Error:
        return False
    return second.width * 2 <= image.width + 1 and second.height * 2 <= image.height + 1


def _refuse_size(name: str, picture: Picture, image: Any, limits: Limits) -> None:
    width, height = picture.width, picture.height
    if min(width, height) < MIN_SIDE:
        _refuse(
            f"{name} is {width} × {height} px and the shortest side taken is {MIN_SIDE} px. "
            "Upload the picture itself, not an icon or a tracking pixel.",
            "too_small",
        )
    if max(width, height) > limits.max_side:
        _refuse(
            f"{name} is {width:,} × {height:,} px and this project takes sides up to {limits.max_side:,} px. "
            "Make it smaller, cut it, or ask a project admin to raise the limit.",
            "too_large",
        )
    if width * height > limits.max_pixels:
        _refuse(
            f"{name} has {width * height:,} pixels and this project takes up to {limits.max_pixels:,}. "
            "Make it smaller, cut it, or ask a project admin to raise the limit.",
            "too_large",
        )
    is_progressive = image.get_typeof("interlaced") != 0
    if width * height > MAX_PIXELS_DECODED_WHOLE and (is_progressive or picture.format in {"webp", "heif"}):
        _refuse(
            f"{name} has {width * height:,} pixels, too many for "
            f"{'a progressive ' if is_progressive else ''}{picture.format.upper()}, which can only be "
            f"decoded whole (up to {MAX_PIXELS_DECODED_WHOLE:,}). Save it as an ordinary JPEG or PNG.",
            "too_large",
        )


def _refuse_samples(name: str, image: Any) -> None:
    if image.format not in {"uchar", "ushort"}:
        _refuse(
            f"{name} holds {image.format} samples; 8 and 16 bits per channel are taken. "
            "Convert it to 8 or 16 bits.",
            "samples",
        )
    if image.bands > 5 or (image.bands == 5 and image.interpretation != "cmyk"):
        _refuse(
            f"{name} has {image.bands} channels; grey, RGB and CMYK pictures are taken, with or without "
            "transparency. Export the channels you want as RGB.",
            "samples",
        )


def _refuse_cut_short(name: str, kind: str, source: Path | bytes) -> None:
    ends = {
        "jpeg": lambda data: not is_cut_short(data),
        "png": lambda data: data.find(b"IEND\xaeB`\x82") > 0,
        "webp": lambda data: len(data) >= 8 + int.from_bytes(data[4:8], "little"),
    }
    if kind in ends and not _with_content(source, ends[kind]):
        _refuse(f"{name} is cut short: its end is missing. Copy or download it again.", "truncated")


def _with_content(source: Path | bytes, question: Callable[[Any], bool]) -> bool:
    if isinstance(source, bytes):
        return question(source)
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return question(data)
