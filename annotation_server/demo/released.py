"""Reading a downloaded release as a stranger would: with pycocotools and a PNG decoder, never our writer."""

import contextlib
import hashlib
import io
import json
import struct
import tarfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from annotation_server.segmentation.tiled_map import TiledMap

MANIFEST = "MANIFEST.json"
DENSE_LIMIT_PX = 20_000_000
SAMPLE_OF_LARGE = 12


def check(archive: Path, merkle_root: str, maps: Mapping[str, TiledMap], counts: Counter[str]) -> None:
    """Hashes of the manifest, then every mask and panoptic pixel against the label maps (by file name).

    Raises AssertionError at the first difference. Of images above 20 megapixels the masks with the
    smallest and largest numbers are decoded and the rest compared by area; panoptic PNGs always whole.
    """
    folder = archive.with_suffix("")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    counts["release_files"] = check_manifest(folder, merkle_root)
    counts["coco_masks"] = sum(check_coco(file, maps) for file in coco_files(folder))
    counts["panoptic_images"] = sum(check_panoptic(file, maps) for file in panoptic_files(folder))
    if not counts["coco_masks"] or counts["panoptic_images"] != len(maps):
        raise AssertionError(f"The release holds {dict(counts)}, but {len(maps)} images were accepted.")


def check_manifest(folder: Path, merkle_root: str) -> int:
    """Every file is listed with size and SHA-256, nothing else is there, the root is right; how many."""
    manifest_file = next(folder.rglob(MANIFEST))
    root = manifest_file.parent
    rows = json.loads(manifest_file.read_text(encoding="utf-8"))["files"]
    _check_merkle_root(rows, merkle_root)
    listed = {row["path"]: row for row in rows}
    found = {
        str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path != manifest_file
    }
    if found != set(listed):
        raise AssertionError(f"Manifest and archive differ in {sorted(found ^ set(listed))[:5]}.")
    for path, row in listed.items():
        content = (root / path).read_bytes()
        if len(content) != row["bytes"] or hashlib.sha256(content).hexdigest() != row["sha256"]:
            raise AssertionError(f"{path} is not what the manifest says.")
    return len(listed)


def _check_merkle_root(rows: list[dict[str, Any]], root: str) -> None:
    """RFC 6962 over the files sorted by path, computed here from its definition."""
    leaves = []
    for row in sorted(rows, key=lambda row: row["path"]):
        data = row["path"].encode() + b"\0" + struct.pack(">Q", row["bytes"]) + bytes.fromhex(row["sha256"])
        leaves.append(hashlib.sha256(b"\0" + data).digest())
    if _tree_hash(leaves).hex() != root:
        raise AssertionError("The Merkle root is not that of the files.")


def _tree_hash(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + _tree_hash(leaves[:half]) + _tree_hash(leaves[half:])).digest()


def check_same_bytes(one: Path, other: Path) -> None:
    """Two builds are the same file, byte for byte."""
    digests = []
    for path in (one, other):
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    if digests[0] != digests[1]:
        raise AssertionError(f"{one.name} and {other.name} differ: {digests}.")


def coco_files(folder: Path) -> list[Path]:
    """The entity sets; the reduced copies (`*_lr.json`) have other pixels and are not compared."""
    files = folder.rglob("annotations/entity_segmentation/entityv2_*_entity_*.json")
    combined = [path for path in files if not path.stem.endswith("_lr")]
    longest = max((len(path.stem.split("_")[1]) for path in combined), default=0)
    return [path for path in combined if len(path.stem.split("_")[1]) == longest]


def check_coco(file: Path, maps: Mapping[str, TiledMap]) -> int:
    """Masks of one COCO file that pycocotools reads back as they were drawn; how many."""
    with redirect_stdout(io.StringIO()):
        coco = COCO(str(file))
    for image_id, image in coco.imgs.items():
        label_map = _map_of(image["file_name"], image["width"], image["height"], maps)
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=[image_id]))
        if label_map.width * label_map.height <= DENSE_LIMIT_PX:
            _compare_all(coco, annotations, label_map.pixels())
        else:
            _compare_some(coco, annotations, label_map.pixels())
    return len(coco.anns)


def _compare_all(coco: Any, annotations: list[dict[str, Any]], pixels: np.ndarray) -> None:
    """The masks are disjoint, cover what is drawn, and each is exactly one entity."""
    covered = np.zeros(pixels.shape, bool)
    for annotation in annotations:
        mask = coco.annToMask(annotation).astype(bool)
        if (covered & mask).any():
            raise AssertionError(f"Mask {annotation['id']} overlaps another one.")
        covered |= mask
        _compare(annotation, mask, pixels)
    if not np.array_equal(covered, pixels != 0):
        raise AssertionError("The masks together are not what is drawn.")


def _compare_some(coco: Any, annotations: list[dict[str, Any]], pixels: np.ndarray) -> None:
    areas = Counter(dict(zip(*np.unique(pixels, return_counts=True), strict=True)))
    areas.pop(0, None)
    if sorted(areas.values()) != sorted(annotation["area"] for annotation in annotations):
        raise AssertionError("The masks' areas are not those of the drawn entities.")
    by_area = sorted(annotations, key=lambda annotation: annotation["area"])
    for annotation in by_area[:SAMPLE_OF_LARGE] + by_area[-2:]:
        _compare(annotation, coco.annToMask(annotation).astype(bool), pixels)


def _compare(annotation: dict[str, Any], mask: np.ndarray, pixels: np.ndarray) -> None:
    numbers = np.unique(pixels[mask])
    if len(numbers) != 1 or numbers[0] == 0:
        raise AssertionError(f"Mask {annotation['id']} lies on entities {numbers[:5]}.")
    area = int(mask.sum())
    if area != annotation["area"] or area != int(np.count_nonzero(pixels == numbers[0])):
        raise AssertionError(f"Mask {annotation['id']} has {area} px, its entity another area.")
    if coco_mask.toBbox(annotation["segmentation"]).astype(int).tolist() != list(annotation["bbox"]):
        raise AssertionError(f"Mask {annotation['id']} has another box than {annotation['bbox']}.")


def panoptic_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("annotations/panoptic_segmentation/*_panoptic_*.json"))


def check_panoptic(file: Path, maps: Mapping[str, TiledMap]) -> int:
    """Panoptic PNGs whose regions are exactly the drawn entities; how many."""
    content = json.loads(file.read_text(encoding="utf-8"))
    images = {image["id"]: image for image in content["images"]}
    by_name = defaultdict(list)
    for path in file.parent.rglob("*.png"):
        by_name[path.name].append(path)
    for annotation in content["annotations"]:
        image = images[annotation["image_id"]]
        label_map = _map_of(image["file_name"], image["width"], image["height"], maps)
        (path,) = [path for path in by_name[Path(annotation["file_name"]).name] if _belongs(path, file)]
        _compare_panoptic(path, annotation["segments_info"], label_map)
    return len(content["annotations"])


def _belongs(png: Path, file: Path) -> bool:
    """Are this PNG and this JSON of the same split?"""
    return png.parent.name.rpartition("_")[2] == file.stem.rpartition("_")[2]


def _compare_panoptic(path: Path, segments: list[dict[str, Any]], label_map: TiledMap) -> None:
    rgb = pyvips.Image.new_from_file(str(path), access="sequential").numpy()
    ids = (
        rgb[..., 0].astype(np.uint32)
        | rgb[..., 1].astype(np.uint32) << 8
        | rgb[..., 2].astype(np.uint32) << 16
    )
    pixels = label_map.pixels()
    if ids.shape != pixels.shape:
        raise AssertionError(f"{path.name} is {ids.shape}, its label map {pixels.shape}.")
    pairs = np.unique(ids.ravel().astype(np.uint64) << 16 | pixels.ravel())
    left, right = pairs >> 16, pairs & 0xFFFF
    if len(set(left.tolist())) != len(pairs) or len(set(right.tolist())) != len(pairs):
        raise AssertionError(f"{path.name} draws other regions than its label map.")
    if {int(i) for i in left} - {0} != {segment["id"] for segment in segments}:
        raise AssertionError(f"{path.name} and its segments_info name other ids.")


def _map_of(file_name: str, width: int, height: int, maps: Mapping[str, TiledMap]) -> TiledMap:
    """The label map of a released image; its name there is made from ids, so sizes tell them apart."""
    with contextlib.suppress(KeyError):
        return maps[file_name]
    same_size = [
        label_map for label_map in maps.values() if (label_map.width, label_map.height) == (width, height)
    ]
    if len(same_size) != 1:
        raise AssertionError(f"{len(same_size)} accepted images are {width} × {height} like {file_name}.")
    return same_size[0]
