"""Label maps: all COCO RLEs in one pass beside pycocotools per entity; every operation at 15,000² px.

python -m benchmarks.segmentation [--json] [--full-size-only] [--repeat 5]
"""

import argparse
import io
import json
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np
from pycocotools import mask as reference

from annotation_server.segmentation.bundle import compress_bundle, decode_bundle, encode_bundle
from annotation_server.segmentation.components import components, gaps
from annotation_server.segmentation.image_figures import compare_maps
from annotation_server.segmentation.label_map import extents
from annotation_server.segmentation.label_map_png import read_label_map_png, write_label_map_png
from annotation_server.segmentation.matching import joint_histogram
from annotation_server.segmentation.panoptic import write_panoptic_png
from annotation_server.segmentation.rle import label_map_from_rles, label_map_rles
from annotation_server.segmentation.shape import shapes
from annotation_server.segmentation.tiled_map import TiledMap, pack_strips
from annotation_server.segmentation.tiles import TILE, Pixels

Answer = TypeVar("Answer")
_COARSE = 15  # px of the map per cell of the drawing it is warped from


def synthetic_map(width: int, height: int, entities: int, seed: int = 1) -> TiledMap:
    """Warped cells with ragged borders and a lattice of thin VOID lines; every number 1..entities occurs."""
    drawing = _drawing(width // _COARSE + 1, height // _COARSE + 1, entities, seed)
    return pack_strips(width, height, _warped_strips(drawing, width, height, seed))


def _drawing(width: int, height: int, entities: int, seed: int) -> Pixels:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = y + 8 * np.sin(x / 11), x + 8 * np.cos(y / 9)
    columns = int(np.ceil(np.sqrt(entities)))
    cell = np.arange(entities)
    centres = np.stack((cell // columns, cell % columns), 1) + rng.uniform(0.1, 0.9, (entities, 2))
    centres *= (height / (cell[-1] // columns + 1), width / columns)
    best, drawing = np.full((height, width), np.inf, np.float32), np.zeros((height, width), np.uint16)
    for number, (cy, cx) in enumerate(centres.astype(np.float32), 1):
        distance = (y - cy) ** 2 + (x - cx) ** 2
        closer = distance < best
        best[closer], drawing[closer] = distance[closer], number
    drawing[np.abs(1.3 * y - 0.7 * x) % 60 < 1] = 0
    return drawing


def _warped_strips(drawing: Pixels, width: int, height: int, seed: int) -> Iterator[Pixels]:
    rng = np.random.default_rng(seed)
    x = np.arange(width, dtype=np.int32)
    for top in range(0, height, TILE):
        y = np.arange(top, min(top + TILE, height))
        shift = (12 * np.sin(y / 29) + rng.integers(-1, 2, y.size)).astype(np.int32)
        rows = np.clip((y + 6 * np.sin(y / 7)).astype(np.int32) // _COARSE, 0, drawing.shape[0] - 1)
        columns = np.clip((x + shift[:, None]) // _COARSE, 0, drawing.shape[1] - 1)
        yield drawing[rows[:, None], columns]


def rles_beside_pycocotools(repeat: int, width: int, height: int, entities: int) -> dict[str, Any]:
    """CPU seconds of both, interleaved, on one map; the strings must be the same.

    pycocotools is timed as it is used (a copy in Fortran order for every entity) and at its best (the map
    brought into Fortran order once).
    """
    tiled = synthetic_map(width, height, entities)
    label_map = tiled.pixels()
    ours: list[float] = []
    usual: list[float] = []
    best: list[float] = []
    for _ in range(repeat):
        seconds, rles = _timed(lambda: label_map_rles(tiled))
        ours.append(seconds)
        seconds, expected = _timed(lambda: _pycocotools_rles(label_map))
        usual.append(seconds)
        seconds, _ = _timed(lambda: _pycocotools_rles(np.asfortranarray(label_map)))
        best.append(seconds)
        assert {number: rle["counts"] for number, rle in rles.items()} == expected
    return {
        "width": width,
        "height": height,
        "entities": len(expected),
        "repeat": repeat,
        "ours_cpu_seconds": statistics.median(ours),
        "pycocotools_cpu_seconds": statistics.median(usual),
        "pycocotools_best_cpu_seconds": statistics.median(best),
        "ratio": statistics.median(b / a for a, b in zip(ours, usual, strict=True)),
        "ratio_to_best": statistics.median(b / a for a, b in zip(ours, best, strict=True)),
    }


def _pycocotools_rles(label_map: Pixels) -> dict[int, str]:
    numbers = [int(number) for number in np.unique(label_map) if number]
    masks = ((number, np.asfortranarray(label_map == number)) for number in numbers)
    return {number: reference.encode(mask)["counts"].decode() for number, mask in masks}


def full_size(side: int = 15_000, entities: int = 240) -> dict[str, Any]:
    """CPU seconds of every operation on one large map, and the process's peak memory."""
    seconds: dict[str, float] = {}

    def take(name: str, work: Callable[[], Answer]) -> Answer:
        seconds[name], answer = _timed(work)
        return answer

    tiled = take("make and pack", lambda: synthetic_map(side, side, entities))
    other = take("make and pack another", lambda: synthetic_map(side, side, entities, seed=2))
    bundle = take("encode bundle", lambda: encode_bundle(tiled))
    packed = take("gzip bundle", lambda: compress_bundle(bundle))
    take("decode and check bundle", lambda: decode_bundle(bundle))
    found = take("areas and boxes", lambda: extents(tiled))
    take("gaps", lambda: gaps(tiled))
    take("components", lambda: components(tiled))
    take("joint histogram", lambda: joint_histogram(tiled, other))
    scores = dict.fromkeys(range(1, entities + 1), 1.0)
    take("all figures of a prediction, borders too", lambda: compare_maps(tiled, other, scores))
    take("shapes", lambda: shapes(tiled))
    rles = take("all COCO RLEs", lambda: label_map_rles(tiled))
    from_rles = take("from COCO RLEs", lambda: label_map_from_rles(side, side, rles))
    png = io.BytesIO()
    take("16-bit PNG", lambda: write_label_map_png(png, tiled))
    png.seek(0)
    from_png = take("from 16-bit PNG", lambda: read_label_map_png(png))
    take("panoptic PNG", lambda: write_panoptic_png(io.BytesIO(), tiled))
    return {
        "width": side,
        "height": side,
        "entities": len(found) - (0 in found),
        "runs": sum(max(1, len(tile.runs) // 4) for tile in tiled.tiles),
        "bundle_bytes": len(bundle),
        "bundle_gz_bytes": len(packed),
        "cpu_seconds": {name: round(value, 3) for name, value in seconds.items()},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "map_sha256": tiled.sha256(),
        "map_sha256_from_rles": from_rles.sha256(),
        "map_sha256_from_png": from_png.sha256(),
    }


def _timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    begin = time.process_time()
    answer = work()
    return time.process_time() - begin, answer


def markdown(figures: dict[str, Any]) -> str:
    """The figures as rows for benchmarks/README.md."""
    lines = []
    if row := figures.get("rles"):
        lines += [
            "| label map → all COCO RLEs | ours, CPU s | pycocotools per entity (map in Fortran order once) "
            "| ratio |",
            "|---|---|---|---|",
            f"| {row['width']} × {row['height']}, {row['entities']} entities | {row['ours_cpu_seconds']:.3f} "
            f"| {row['pycocotools_cpu_seconds']:.2f} ({row['pycocotools_best_cpu_seconds']:.2f}) "
            f"| {row['ratio']:.0f}× ({row['ratio_to_best']:.0f}×) |",
            "",
        ]
    full = figures["full_size"]
    lines += [f"| {full['width']} × {full['height']}, {full['entities']} entities | CPU s |", "|---|---|"]
    lines += [f"| {name} | {value:.2f} |" for name, value in full["cpu_seconds"].items()]
    return "\n".join([*lines, f"| peak memory of the whole run | {full['peak_mb']} MB |"])


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", action="store_true", help="print JSON only")
    arguments.add_argument("--full-size-only", action="store_true")
    arguments.add_argument("--repeat", type=int, default=5)
    chosen = arguments.parse_args()
    figures: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "numpy": np.__version__},
        "full_size": full_size(),
    }
    if not chosen.full_size_only:
        figures["rles"] = rles_beside_pycocotools(chosen.repeat, 6000, 4000, 200)
    print(json.dumps(figures, indent=1) if chosen.json else markdown(figures))


if __name__ == "__main__":
    main()
