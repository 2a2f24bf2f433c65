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
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyvips
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from annotation_server.segmentation.tiled_map import TiledMap

MANIFEST = "MANIFEST.json"
DENSE_LIMIT_PX = 20_000_000
SAMPLE_OF_LARGE = 8


def check(archive: Path, merkle_root: str, maps: Mapping[str, TiledMap], counts: Counter[str]) -> None:
    """Hashes of the manifest, then every mask and panoptic pixel against the label maps (by file name).

    Raises AssertionError at the first difference. Of images above 20 megapixels the smallest and the two
    largest masks are decoded and the others compared by area; panoptic PNGs are always compared whole.
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
        pixels = np.ascontiguousarray(label_map.pixels().T)  # column-major, as pycocotools decodes
        areas = np.bincount(pixels.ravel(), minlength=1)
        annotations = sorted(coco.loadAnns(coco.getAnnIds(imgIds=[image_id])), key=itemgetter("area"))
        if sorted(areas[1:][areas[1:] > 0].tolist()) != [annotation["area"] for annotation in annotations]:
            raise AssertionError(f"{image['file_name']}: the masks' areas are not those of the entities.")
        if pixels.size > DENSE_LIMIT_PX:
            annotations = annotations[:SAMPLE_OF_LARGE] + annotations[-2:]
        numbers = [_number_of(coco, annotation, pixels, areas) for annotation in annotations]
        if len(set(numbers)) != len(numbers):
            raise AssertionError(f"{image['file_name']}: two masks lie on one entity.")
    return len(coco.anns)


def _number_of(coco: Any, annotation: dict[str, Any], pixels: np.ndarray, areas: np.ndarray) -> int:
    """The entity that is exactly this mask in `pixels` [W, H]."""
    under = pixels[coco.annToMask(annotation).T.view(bool)]
    number = int(under[0])
    if number == 0 or (under != number).any() or under.size != areas[number]:
        raise AssertionError(f"Mask {annotation['id']} is not entity {number}.")
    if coco_mask.toBbox(annotation["segmentation"]).astype(int).tolist() != list(annotation["bbox"]):
        raise AssertionError(f"Mask {annotation['id']} has another box than {annotation['bbox']}.")
    return number


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
    """The PNG's ids and the label map's numbers name each other, one to one, in every pixel."""
    rgb = pyvips.Image.new_from_file(str(path), access="sequential").numpy()
    if rgb.shape[:2] != (label_map.height, label_map.width):
        raise AssertionError(f"{path.name} is {rgb.shape[:2]}, its label map another size.")
    pairs: set[tuple[int, int]] = set()
    top = 0
    for strip in label_map.row_strips():
        pairs |= _id_and_number(rgb[top : top + len(strip)], strip)
        top += len(strip)
    if len({one for one, _ in pairs}) != len(pairs) or len({other for _, other in pairs}) != len(pairs):
        raise AssertionError(f"{path.name} draws other regions than its label map.")
    if {one for one, _ in pairs} - {0} != {segment["id"] for segment in segments}:
        raise AssertionError(f"{path.name} and its segments_info name other ids.")


def _id_and_number(rgb: np.ndarray, numbers: np.ndarray) -> set[tuple[int, int]]:
    """Pairs (panoptic id, number) that occur in a strip; only where a run begins can a pair be new."""
    ids = rgb[..., 0] | rgb[..., 1].astype(np.uint32) << 8 | rgb[..., 2].astype(np.uint32) << 16
    flat, under = ids.ravel(), numbers.ravel()
    starts = np.concatenate(([0], np.flatnonzero((flat[1:] != flat[:-1]) | (under[1:] != under[:-1])) + 1))
    return set(zip(flat[starts].tolist(), under[starts].tolist(), strict=True))


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
