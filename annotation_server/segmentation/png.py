"""PNG written strip by strip, so that a picture of any size is never held whole."""

import struct
import zlib
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

GREY, RGB = 0, 2  # colour types of the PNG specification
_FILTER_UP = 2
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COMPRESSION_LEVEL = 6


def write_png(
    file: BinaryIO,
    size: tuple[int, int],
    *,
    bit_depth: int,
    colour_type: int,
    strips: Iterable[npt.NDArray[np.uint8]],
) -> None:
    """Write a PNG of ``size`` (width, height); the same pixels give the same bytes.

    ``strips`` are rows of samples as bytes [rows, bytes a row], most significant byte first. Every row is
    stored as its difference to the row above, which suits label maps: most of it is zero.
    """
    width, height = size
    file.write(_SIGNATURE)
    _write_chunk(file, b"IHDR", struct.pack(">2I5B", width, height, bit_depth, colour_type, 0, 0, 0))
    deflate = zlib.compressobj(_COMPRESSION_LEVEL)
    above: npt.NDArray[np.uint8] | None = None
    rows = 0
    for strip in strips:
        first = np.zeros_like(strip[:1]) if above is None else above
        filtered = np.empty((strip.shape[0], strip.shape[1] + 1), np.uint8)
        filtered[:, 0] = _FILTER_UP
        np.subtract(strip, np.concatenate((first, strip[:-1])), out=filtered[:, 1:])
        above, rows = strip[-1:], rows + len(strip)
        if data := deflate.compress(filtered.tobytes()):
            _write_chunk(file, b"IDAT", data)
    if rows != height:
        raise ValueError(f"A PNG of height {height} needs as many rows; got {rows}.")
    _write_chunk(file, b"IDAT", deflate.flush())
    _write_chunk(file, b"IEND", b"")


def _write_chunk(file: BinaryIO, kind: bytes, data: bytes) -> None:
    file.write(struct.pack(">I", len(data)) + kind + data)
    file.write(struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))))
