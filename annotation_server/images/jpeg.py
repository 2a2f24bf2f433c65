"""The segments of a JPEG file: whether it was cut short, and its copy without metadata.

A JPEG is a row of segments FF marker length payload; after a start-of-scan segment comes coded data, in
which FF is always followed by 00 (a data byte), D0–D7 (restart) or FF (fill). ITU T.81, annex B.
"""

import mmap
import re
from collections.abc import Iterator
from typing import BinaryIO

Buffer = bytes | mmap.mmap

_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
# APP0 holds the JFIF density and APP14 (Adobe) says how colours are coded; the other APPn and COM hold
# EXIF, GPS, thumbnails, profiles and comments.
_METADATA = (set(range(0xE1, 0xF0)) - {0xEE}) | {0xFE}


class CutShort(ValueError):
    """The data ends before the JPEG does."""


def parts(data: Buffer) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of every part up to the end of the image; coded data belongs to its scan.

    Raises CutShort when the data ends earlier.
    """
    position = 2
    while position + 2 <= len(data):
        if data[position] != 0xFF:
            raise CutShort(f"There is no marker at byte {position:,}.")
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker == _END_OF_IMAGE:
            yield marker, position, position + 2
            return
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if marker == _START_OF_SCAN:
            following = _NEXT_MARKER.search(data, end)
            if following is None:
                raise CutShort("The coded data never ends.")
            end = following.start()
        yield marker, position, end
        position = end
    raise CutShort("The end-of-image marker is missing.")


def is_cut_short(data: Buffer) -> bool:
    """Whether the file ends before its picture does."""
    try:
        for _ in parts(data):
            pass
    except CutShort:
        return True
    return False


def write_without_metadata(data: Buffer, target: BinaryIO) -> None:
    """Copy the picture bit by bit, without metadata and without whatever follows its end."""
    target.write(data[:2])
    for marker, start, end in parts(data):
        if marker not in _METADATA:
            target.write(data[start:end])
