"""Bundles: a label map, or some of its tiles, as one run of bytes (docs/label_map_format.md, "Bundle")."""

import gzip
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import (
    MAGIC,
    TILE,
    BadTile,
    Tile,
    are_canonical,
    check_tile,
    known_lookup,
)

_HEADER = struct.Struct("<4s4I")
_ANY_NUMBER = known_lookup(range(65001))
MAX_BUNDLE_BYTES = 1 << 30


class BadBundle(ValueError):
    """The bytes are no bundle; the sentence says why."""


class VersionedTile(NamedTuple):
    """A tile and its version: the revision that last changed it."""

    tile: Tile
    version: int


def encode_bundle(label_map: TiledMap, versions: Sequence[int] | None = None) -> bytes:
    """The whole map as ELM1 bytes, uncompressed; ``versions`` are the tiles' (all 0 when left out)."""
    count = len(label_map.tiles)
    versions = [0] * count if versions is None else versions
    head = _HEADER.pack(MAGIC, label_map.width, label_map.height, TILE, count)
    return b"".join((head, *_columns(label_map.tiles, versions), *(tile.runs for tile in label_map.tiles)))


def decode_bundle(data: bytes) -> tuple[TiledMap, list[int]]:
    """The map and the per-tile versions of a bundle; raises BadBundle. Every tile is checked."""
    width, height, count = _read_header(data)
    expected = -(-width // TILE) * -(-height // TILE)
    if count != expected:
        raise BadBundle(f"A map of {width} × {height} has {expected} tiles; the bundle has {count}.")
    (uni, lengths, versions), body = _read_columns(data, count)
    label_map = TiledMap(width, height, tuple(_read_tiles(uni, lengths, data, body)))
    are_sound = _are_sound(data, body, lengths)
    for t, tile in enumerate(label_map.tiles):
        size = label_map.valid_size(t)
        if tile.uni >= 0 or size != (TILE, TILE) or not are_sound:
            _check(t, tile, size)
    return label_map, versions.tolist()


def encode_tiles(width: int, height: int, tiles: Mapping[int, VersionedTile]) -> bytes:
    """Some tiles of a map, by index: the answer to "give me the current state of these tiles"."""
    chosen = sorted(tiles)
    head = _HEADER.pack(MAGIC, width, height, TILE, len(chosen))
    columns = _columns([tiles[t].tile for t in chosen], [tiles[t].version for t in chosen])
    indices = np.array(chosen, "<u4").tobytes()
    return b"".join((head, *columns, indices, *(tiles[t].tile.runs for t in chosen)))


def compress_bundle(bundle: bytes) -> bytes:
    """Gzip as ``.elm.gz`` files are stored and sent; the same bundle gives the same bytes."""
    return gzip.compress(bundle, compresslevel=1, mtime=0)


def decompress_bundle(data: bytes, max_bytes: int = MAX_BUNDLE_BYTES) -> bytes:
    """Undo :func:`compress_bundle`; raises BadBundle for damaged bytes or more than ``max_bytes``."""
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        bundle = inflate.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise BadBundle("The compressed bundle is damaged.") from error
    if len(bundle) > max_bytes:
        raise BadBundle(f"The bundle is larger than {max_bytes} bytes.")
    if not inflate.eof:
        raise BadBundle("The compressed bundle is cut short.")
    return bundle


def _columns(tiles: Sequence[Tile], versions: Sequence[int]) -> tuple[bytes, bytes, bytes]:
    uni = np.array([tile.uni for tile in tiles], "<i4")
    lengths = np.array([len(tile.runs) // 2 for tile in tiles], "<u4")
    return uni.tobytes(), lengths.tobytes(), np.array(versions, "<u4").tobytes()


def _read_header(data: bytes) -> tuple[int, int, int]:
    if len(data) < _HEADER.size:
        raise BadBundle("The bundle is shorter than its header.")
    magic, width, height, tile, count = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise BadBundle("The bytes do not begin with ELM1, so they are no bundle.")
    if tile != TILE:
        raise BadBundle(f"Tiles of {tile} px are not supported; they are {TILE} px.")
    if not (width and height):
        raise BadBundle("The bundle's map has no pixels.")
    return width, height, count


def _read_columns(data: bytes, count: int) -> tuple[list[npt.NDArray[np.integer]], int]:
    body = _HEADER.size + 4 * 3 * count
    if len(data) < body:
        raise BadBundle("The bundle is shorter than its table of tiles.")
    table = np.frombuffer(data, "<u4", 3 * count, _HEADER.size).reshape(3, count)
    return [table[0].view("<i4"), *table[1:]], body


def _read_tiles(
    uni: npt.NDArray[np.integer], lengths: npt.NDArray[np.integer], data: bytes, body: int
) -> list[Tile]:
    ends = body + 2 * np.cumsum(lengths, dtype=np.int64)
    if len(data) != (int(ends[-1]) if len(ends) else body):
        raise BadBundle("The bundle's runs are not as long as its table of tiles says.")
    starts = ends - 2 * lengths.astype(np.int64)
    rows = zip(uni.tolist(), starts.tolist(), ends.tolist(), strict=True)
    return [Tile(number, data[start:end]) for number, start, end in rows]


def _are_sound(data: bytes, body: int, lengths: npt.NDArray[np.integer]) -> bool:
    """Whether all tiles with runs are canonical, whatever their padding: quick, as most are."""
    sizes = lengths[lengths > 0].astype(np.int64)
    if not sizes.size or (sizes % 2).any():
        return False
    return are_canonical(np.frombuffer(data, "<u4", offset=body), sizes // 2, _ANY_NUMBER)


def _check(t: int, tile: Tile, size: tuple[int, int]) -> None:
    try:
        check_tile(tile, _ANY_NUMBER, *size)
    except BadTile as error:
        raise BadBundle(f"Tile {t}: {error}") from error
