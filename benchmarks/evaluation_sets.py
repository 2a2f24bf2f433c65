"""Images annotated four times, as bundles of label maps and as COCO files: what evaluators are timed on.

A drawing of warped cells, thin bars and VOID is seen four times with shifted and ragged borders, numbers in
another order and some entities merged; the first view is the truth.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from annotation_server.segmentation.bundle import encode_bundle
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.panoptic import write_panoptic_png
from annotation_server.segmentation.rle import label_map_rles
from annotation_server.segmentation.tiled_map import TiledMap, pack_map
from annotation_server.segmentation.tiles import VOID, Pixels

VIEWS = 4
PANOPTIC_VIEWS = (0, 1)  # those that are written as panoptic PNGs too
PANOPTIC_IMAGES = 100  # of so many images: a PNG takes as long as all else


class Size(NamedTuple):
    """How many images of which size, with so many entities; the drawing has a cell for ``scale`` px."""

    images: int
    width: int
    height: int
    entities: int
    scale: int


SETS = {"a": Size(500, 1024, 1024, 18, 4), "b": Size(4, 6000, 4000, 200, 8)}


def write_set(folder: Path, size: Size, seed: int) -> dict[str, Any]:
    """Bundles, scores and COCO files of a set; what it holds."""
    for name in ("maps", "panoptic_0", "panoptic_1"):
        (folder / name).mkdir(parents=True)
    images: list[dict[str, Any]] = []
    files: list[list[dict[str, Any]]] = [[] for _ in range(VIEWS)]
    scores: list[list[dict[int, float]]] = []
    runs = 0
    for i, views in enumerate(_images(size, seed)):
        random = np.random.default_rng((seed, i))
        images.append({"id": i + 1, "width": size.width, "height": size.height, "file_name": f"{i}.png"})
        scores.append([])
        for k, view in enumerate(views):
            (folder / "maps" / f"{i:04}_{k}.elm").write_bytes(encode_bundle(view))
            runs += sum(max(1, len(tile.runs) // 4) for tile in view.tiles)
            if k in PANOPTIC_VIEWS and i < PANOPTIC_IMAGES:
                with (folder / f"panoptic_{k}" / f"{i}.png").open("wb") as file:
                    write_panoptic_png(file, view)
            found = _annotations(view, i + 1, random)
            scores[-1].append({row["number"]: row["score"] for row in found})
            files[k] += found
    _write_coco(folder, images, files)
    for k in PANOPTIC_VIEWS:
        (folder / f"panoptic_{k}.json").write_text(json.dumps(_panoptic(images[:PANOPTIC_IMAGES], files[k])))
    (folder / "scores.json").write_text(json.dumps(scores))
    maps = VIEWS * size.images
    return {
        "images": size.images,
        "images_of_panoptic_quality": min(PANOPTIC_IMAGES, size.images),
        "width": size.width,
        "height": size.height,
        "true_entities": len(files[0]),
        "found_entities": sum(map(len, files[1:])),
        "runs_per_map": round(runs / maps),
    }


def _write_coco(folder: Path, images: list[dict[str, Any]], files: list[list[dict[str, Any]]]) -> None:
    truth = [
        {key: value for key, value in row.items() if key not in ("score", "number")} | {"id": n, "iscrowd": 0}
        for n, row in enumerate(files[0], 1)
    ]
    categories = [{"id": 1, "name": "entity"}]
    whole = {"info": {}, "images": images, "annotations": truth, "categories": categories}
    (folder / "truth.json").write_text(json.dumps(whole))
    for k, rows in enumerate(files[1:], 1):
        keys = ["image_id", "category_id", "segmentation", "score"]
        for name, chosen in (("found", keys), ("found_with_boxes", [*keys, "bbox"])):
            records = [{key: row[key] for key in chosen} for row in rows]
            (folder / f"{name}_{k}.json").write_text(json.dumps(records))


def _panoptic(images: list[dict[str, Any]], rows: list[dict[str, Any]]) -> dict[str, Any]:
    segments: dict[int, list[dict[str, Any]]] = {image["id"]: [] for image in images}
    for row in rows:
        info = {"id": row["number"], "category_id": 1, "area": row["area"], "bbox": row["bbox"], "iscrowd": 0}
        if row["image_id"] in segments:
            segments[row["image_id"]].append(info)
    annotations = [
        {"image_id": image["id"], "file_name": image["file_name"], "segments_info": segments[image["id"]]}
        for image in images
    ]
    categories = [{"id": 1, "name": "entity", "supercategory": "entity", "isthing": 1}]
    return {"images": images, "annotations": annotations, "categories": categories}


def _annotations(view: TiledMap, image: int, random: np.random.Generator) -> list[dict[str, Any]]:
    found = extents(view)
    return [
        {
            "image_id": image,
            "category_id": 1,
            "segmentation": rle,
            "area": found[number].area,
            "bbox": found[number].bbox,
            "number": number,
            "score": round(float(random.random()), 2),  # two digits, so that some are equal
        }
        for number, rle in sorted(label_map_rles(view).items())
    ]


def _images(size: Size, seed: int) -> Iterator[list[TiledMap]]:
    random = np.random.default_rng(seed)
    for _ in range(size.images):
        drawing = _drawing(size, random)
        yield [pack_map(_view(drawing, size, k, random)) for k in range(VIEWS)]


def _drawing(size: Size, random: np.random.Generator) -> Pixels:
    """Cells of nearest centres on a warped plane, a seventh of the entities as thin bars, some VOID."""
    height, width = size.height // size.scale + 2, size.width // size.scale + 2
    y, x = np.mgrid[:height, :width].astype(np.float32)
    warped_y = y + height / 40 * np.sin(17 * x / width + random.uniform(0, 6)).astype(np.float32)
    warped_x = x + width / 40 * np.cos(13 * y / height + random.uniform(0, 6)).astype(np.float32)
    bars = size.entities // 7
    drawing = _nearest(warped_y, warped_x, random.uniform(0, 1, (size.entities - bars, 2)) * (height, width))
    for number in range(size.entities - bars + 1, size.entities + 1):
        angle, offset, along = random.uniform(0, np.pi), random.uniform(-0.3, 0.3), random.uniform(-0.3, 0.3)
        across = np.cos(angle) * (x / width - 0.5) + np.sin(angle) * (y / height - 0.5) - offset
        lengthwise = np.cos(angle) * (y / height - 0.5) - np.sin(angle) * (x / width - 0.5) - along
        drawing[(np.abs(across) < 0.004) & (np.abs(lengthwise) < 0.2)] = number
    drawing[np.sin(9 * x / width + 1) + np.cos(7 * y / height) > 1.8] = VOID
    return drawing


def _nearest(y: np.ndarray, x: np.ndarray, centres: np.ndarray) -> Pixels:
    best, nearest = np.full(y.shape, np.inf, np.float32), np.zeros(y.shape, np.uint16)
    for number, (cy, cx) in enumerate(centres.astype(np.float32), 1):
        distance = (y - cy) ** 2 + (x - cx) ** 2
        closer = distance < best
        best[closer], nearest[closer] = distance[closer], number
    return nearest


def _view(drawing: Pixels, size: Size, k: int, random: np.random.Generator) -> Pixels:
    if k:
        renumbered = np.concatenate(([VOID], random.permutation(size.entities) + 1)).astype(np.uint16)
        merged, into = random.integers(1, size.entities + 1, (2, max(1, size.entities // 10)))
        renumbered[merged] = renumbered[into]
        drawing = renumbered[drawing]
    shift = 3.0 * (k > 0)
    y, x = np.arange(size.height), np.arange(size.width)
    ragged = shift * np.sin(y / random.uniform(40, 90)) + random.uniform(-0.7, 0.7, size.height)
    rows = np.clip((y + shift * np.sin(y / 71)) // size.scale, 0, drawing.shape[0] - 1).astype(np.int32)
    columns = np.clip((x + ragged[:, None].astype(np.int32)) // size.scale, 0, drawing.shape[1] - 1)
    return drawing[rows[:, None], columns]
