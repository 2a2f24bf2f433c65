"""Reading single tiles out of an image's pyramid: one uncompressed zip in the storage, read by range.

One object per image instead of hundreds keeps S3 quick and a million images countable. The file is an
ordinary .szi: any zip program opens it.
"""

import io
import re
import struct
import zipfile
from collections.abc import Mapping
from functools import lru_cache

from annotation_server import media

Place = tuple[int, int]  # first byte and number of bytes
_ENTRY = re.compile(r"_files/(\d+)/(\d+)_(\d+)\.jpg$")
_LOCAL_HEADER = 30
_END_RECORD = struct.Struct("<4s4H2LH")
_TAIL = 65_536


@lru_cache(maxsize=128)
def tile_places(key: str) -> Mapping[tuple[int, int, int], Place]:
    """(level, column, row) → where that JPEG lies in the file ``key``.

    Kept in memory per process: a pyramid is never changed once its key is known.
    """
    size = media.size(key)
    tail = media.read_range(key, max(0, size - _TAIL), min(size, _TAIL))
    directory = _directory_start(tail)
    if directory < size - len(tail):
        tail = media.read_range(key, directory, size - directory)
    before_tail = size - len(tail)
    places = {}
    with zipfile.ZipFile(io.BytesIO(tail)) as archive:
        for entry in archive.infolist():
            if found := _ENTRY.search(entry.filename):
                level, column, row = map(int, found.groups())
                # zipfile counts from the first byte it was given.
                start = before_tail + entry.header_offset + _LOCAL_HEADER + len(entry.filename)
                places[level, column, row] = (start, entry.file_size)
    return places


def _directory_start(tail: bytes) -> int:
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise zipfile.BadZipFile("The pyramid's directory is missing.")
    return int(_END_RECORD.unpack_from(tail, at)[6])


def read_tile(key: str, level: int, column: int, row: int) -> bytes | None:
    """The JPEG of one tile, or None where the pyramid has none."""
    place = tile_places(key).get((level, column, row))
    return media.read_range(key, *place) if place else None
