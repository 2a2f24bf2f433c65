"""Reads the answer to "give me these tiles", as docs/label_map_format.md has it."""

import struct

from annotation_server.segmentation.bundle import VersionedTile
from annotation_server.segmentation.tiles import Tile


def decode_tiles(data: bytes) -> dict[int, VersionedTile]:
    """The tiles by index."""
    magic, _width, _height, tile, count = struct.unpack_from("<4s4I", data)
    assert (magic, tile) == (b"ELM1", 512)
    columns = [
        struct.unpack_from(f"<{count}{kind}", data, 20 + 4 * count * k) for k, kind in enumerate("iIII")
    ]
    begin = 20 + 4 * count * 4
    tiles = {}
    for uni, length, version, index in zip(*columns, strict=True):
        tiles[index] = VersionedTile(Tile(uni, data[begin : begin + 2 * length]), version)
        begin += 2 * length
    assert begin == len(data)
    return tiles
