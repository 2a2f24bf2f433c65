"""Tiles by content: each is stored once, named by its digest, and never changes."""

import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterable
from functools import lru_cache

from annotation_server.annotation.models import Tile as StoredTile
from annotation_server.segmentation.tiles import Tile

ROWS_AT_ONCE = 400
CACHE_BYTES = 32 << 20


def store_tiles(new: Iterable[Tile]) -> list[bytes]:
    """Keep every tile that is not kept yet; returns the digests in the order given."""
    digests = []
    contents: dict[bytes, Tile] = {}
    for tile in new:
        digest = _digest_of(tile)
        digests.append(digest)
        contents[digest] = tile
    # Sorted, so that two saves that store the same tiles lock their rows in the same order.
    rows = [
        StoredTile(digest=digest, data=zlib.compress(contents[digest].canonical_runs, 1))
        for digest in sorted(contents)
    ]
    StoredTile.objects.bulk_create(rows, ignore_conflicts=True, batch_size=ROWS_AT_ONCE)
    return digests


def load_tiles(digests: Iterable[bytes]) -> dict[bytes, Tile]:
    """The tiles of these digests, from memory where this process has seen them."""
    found, missing = _cache.get_many(digests)
    for start in range(0, len(missing), ROWS_AT_ONCE):
        rows = StoredTile.objects.filter(digest__in=missing[start : start + ROWS_AT_ONCE])
        for digest, data in rows.values_list("digest", "data"):
            found[bytes(digest)] = Tile.from_runs(zlib.decompress(data))
    if len(found) < len(set(missing) | found.keys()):
        raise LookupError("The tile store lacks a tile that a label map names: restore it from a backup.")
    _cache.put_many({digest: found[digest] for digest in missing})
    return found


@lru_cache(maxsize=1024)
def _digest_of_uniform(number: int) -> bytes:
    return Tile(number).digest()


def _digest_of(tile: Tile) -> bytes:
    return tile.digest() if tile.uni < 0 else _digest_of_uniform(tile.uni)


class _TileCache:
    """The tiles used last, up to a number of bytes; content never changes, so nothing goes stale."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._size = 0
        self._tiles: OrderedDict[bytes, Tile] = OrderedDict()
        self._lock = threading.Lock()

    def get_many(self, digests: Iterable[bytes]) -> tuple[dict[bytes, Tile], list[bytes]]:
        """What is here, and what is not."""
        found: dict[bytes, Tile] = {}
        missing: dict[bytes, None] = {}
        with self._lock:
            for digest in digests:
                tile = self._tiles.get(digest)
                if tile is None:
                    missing[digest] = None
                else:
                    found[digest] = tile
                    self._tiles.move_to_end(digest)
        return found, list(missing)

    def put_many(self, new: dict[bytes, Tile]) -> None:
        with self._lock:
            for digest, tile in new.items():
                if digest not in self._tiles:
                    self._tiles[digest] = tile
                    self._size += self._cost(tile)
            while self._size > self._capacity:
                self._size -= self._cost(self._tiles.popitem(last=False)[1])

    @staticmethod
    def _cost(tile: Tile) -> int:
        return len(tile.runs) + 200


_cache = _TileCache(CACHE_BYTES)
