"""Picture files of every kind, good and bad, made on the spot."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pyvips
from PIL import Image as Picture


def gradient(width: int, height: int) -> np.ndarray:
    """A picture uint8 [height, width, 3] whose four corners differ: red grows right, green grows down."""
    y, x = np.mgrid[:height, :width]
    blue = np.full_like(x, 40)
    return np.stack((x * 255 // (width - 1), y * 255 // (height - 1), blue), axis=-1).astype(np.uint8)


def encoded(kind: str, pixels: np.ndarray | None = None, **options: Any) -> bytes:
    """A file of format JPEG, PNG, WEBP, TIFF, AVIF or GIF by Pillow."""
    file = io.BytesIO()
    Picture.fromarray(gradient(64, 48) if pixels is None else pixels).save(file, kind, **options)
    return file.getvalue()


def animated(kind: str) -> bytes:
    """Two frames in one file."""
    frames = [Picture.fromarray(gradient(64, 48)), Picture.fromarray(255 - gradient(64, 48))]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    return file.getvalue()


def png_of_header(width: int, height: int, *, data: bytes = b"", interlaced: bool = False) -> bytes:
    """A PNG whose header promises width × height RGB pixels, whatever it holds."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, interlaced)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"IDAT", zlib.compress(data)),
            chunk(b"IEND", b""),
        )
    )


def jpeg_turned(orientation: int) -> bytes:
    """The gradient as a JPEG that says how the camera was held (EXIF orientation 1 to 8)."""
    exif = Picture.Exif()
    exif[0x0112] = orientation
    return encoded("JPEG", quality=95, subsampling=0, exif=exif)


def cmyk_jpeg() -> bytes:
    """Pure cyan ink on the left half, no ink on the right."""
    pixels = np.zeros((48, 64, 4), np.uint8)
    pixels[:, :32, 0] = 255
    file = io.BytesIO()
    Picture.fromarray(pixels, "CMYK").save(file, "JPEG", quality=95)
    return file.getvalue()


def png_16_bit() -> bytes:
    """The gradient with 16 bits a channel: every value times 257."""
    pixels = gradient(64, 48).astype(np.uint16) * 257
    image = pyvips.Image.new_from_array(pixels, interpretation="rgb16")
    return image.pngsave_buffer()


def display_p3_jpeg(colour: tuple[int, int, int]) -> bytes:
    """One colour, its numbers meant in Display P3, as the embedded profile says."""
    pixels = np.full((48, 64, 3), colour, np.uint8)
    image = pyvips.Image.new_from_array(pixels, interpretation="srgb")
    tagged = image.icc_transform("p3", input_profile="p3")
    return tagged.jpegsave_buffer(Q=98, subsample_mode="off")


def noise(width: int, height: int) -> np.ndarray:
    """Pixels that do not compress."""
    return np.random.default_rng(width * height).integers(0, 256, (height, width, 3), np.uint8)
