"""Label maps between the database's rows and the tiles of `segmentation`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotation_server.annotation.models import LabelMap
from annotation_server.annotation.tile_store import load_tiles, store_tiles
from annotation_server.segmentation.bundle import VersionedTile, encode_bundle, encode_tiles
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import map_sha256

DIGEST_BYTES = 32
Versions = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Manifest:
    """One state of a label map: ``digests`` and ``versions`` of its tiles, row-major."""

    width: int
    height: int
    digests: tuple[bytes, ...]
    versions: Versions

    def sha256(self) -> str:
        """Hex digest that names this label map."""
        return map_sha256(self.width, self.height, self.digests)

    def read(self) -> TiledMap:
        """Its tiles, from the store."""
        contents = load_tiles(self.digests)
        return TiledMap(self.width, self.height, tuple(contents[digest] for digest in self.digests))

    def bundle(self) -> bytes:
        """ELM1 bytes of the whole map, uncompressed."""
        return encode_bundle(self.read(), self.versions.tolist())

    def some_tiles(self, chosen: Iterable[int]) -> bytes:
        """ELM1 bytes of the tiles ``chosen``; those outside the map are left out."""
        inside = [t for t in chosen if 0 <= t < len(self.digests)]
        contents = load_tiles(self.digests[t] for t in inside)
        return encode_tiles(
            self.width,
            self.height,
            {t: VersionedTile(contents[self.digests[t]], int(self.versions[t])) for t in inside},
        )


def manifest_of(row: LabelMap) -> Manifest:
    """The manifest that a row holds."""
    return Manifest(
        row.width,
        row.height,
        split_digests(bytes(row.tile_digests)),
        np.frombuffer(bytes(row.tile_versions), "<u4"),
    )


def current_manifest(annotation_id: int) -> Manifest:
    """The manifest of an annotation as it is now."""
    return manifest_of(LabelMap.objects.get(pk=annotation_id))


def read_map(annotation_id: int) -> TiledMap:
    """The label map of an annotation as it is now."""
    return current_manifest(annotation_id).read()


def create_label_map(annotation_id: int, label_map: TiledMap, *, version: int) -> Manifest:
    """Store a label map as an annotation's first state."""
    digests = tuple(store_tiles(label_map.tiles))
    versions = np.full(len(digests), version, "<u4")
    manifest = Manifest(label_map.width, label_map.height, digests, versions)
    create_row(annotation_id, manifest)
    return manifest


def create_row(annotation_id: int, manifest: Manifest) -> None:
    """Store a manifest whose tiles are stored already."""
    LabelMap.objects.create(
        annotation_id=annotation_id,
        width=manifest.width,
        height=manifest.height,
        tile_digests=b"".join(manifest.digests),
        tile_versions=version_bytes(manifest.versions),
    )


def split_digests(joined: bytes) -> tuple[bytes, ...]:
    """The digests of a row's bytes."""
    return tuple(joined[at : at + DIGEST_BYTES] for at in range(0, len(joined), DIGEST_BYTES))


def version_bytes(versions: Sequence[int] | Versions) -> bytes:
    """Versions as a row keeps them: u32, little-endian."""
    return np.asarray(versions, "<u4").tobytes()
