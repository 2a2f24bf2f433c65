"""Our evaluation of the same images, in a process of its own as the peers: see ``evaluation_peers``.

python -m benchmarks.evaluation_ours WAY: from bundles of label maps, or from COCO files.
"""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse  # noqa: F401 - what label maps load when first compared is loaded before the clock starts

from annotation_server.segmentation.average_precision import Curves, curves, summary
from annotation_server.segmentation.bundle import decode_bundle
from annotation_server.segmentation.detection_matching import PairColumns, one_after_the_other
from annotation_server.segmentation.image_figures import compare_maps
from annotation_server.segmentation.instance_evaluation import Evaluation
from annotation_server.segmentation.json_file import read_json
from annotation_server.segmentation.label_map_precision import label_map_pairs
from annotation_server.segmentation.panoptic_quality import Counts, quality
from annotation_server.segmentation.tiled_map import TiledMap
from benchmarks.evaluation_panoptic import pq_by_pixels
from benchmarks.evaluation_peers import peak_mb
from benchmarks.evaluation_sets import PANOPTIC_IMAGES

LIMITS = (1, 10, 300)
FOUND = (1, 2, 3)
ALL = slice(None)


class Maps(NamedTuple):
    """The views of all images [N][views], the truth first, and the scores [N][4] of their numbers."""

    views: list[list[TiledMap]]
    scores: list[list[dict[int, float]]]


def read_maps(folder: Path, views: tuple[int, ...] = (0, *FOUND), images: slice = ALL) -> Maps:
    given = json.loads((folder / "scores.json").read_bytes())
    chosen = range(len(given))[images]
    scores = [[{int(n): score for n, score in view.items()} for view in given[i]] for i in chosen]
    names = (folder / "maps" / f"{i:04}_{k}.elm" for i in chosen for k in views)
    maps = [decode_bundle(name.read_bytes())[0] for name in names]
    return Maps([maps[n : n + len(views)] for n in range(0, len(maps), len(views))], scores)


def all_figures(maps: Maps) -> tuple[list[dict[str, float]], list[Curves]]:
    """The figures of every annotator, and the curves they are of."""
    return _figures([all_pairs(maps)])


def all_pairs(maps: Maps) -> list[PairColumns]:
    """What every annotator's AP is computed from."""
    rows = list(zip(maps.views, maps.scores, strict=True))
    return [label_map_pairs((views[0], views[k], scores[k]) for views, scores in rows) for k in FOUND]


def _figures(parts: list[list[PairColumns]]) -> tuple[list[dict[str, float]], list[Curves]]:
    found = [curves([one_after_the_other(pairs)], LIMITS) for pairs in zip(*parts, strict=True)]
    return [summary(one, LIMITS) for one in found], found


def from_maps(folder: Path) -> dict[str, Any]:
    begin = time.process_time()
    maps = read_maps(folder)
    read = time.process_time()
    _, found = all_figures(maps)
    end = time.process_time()
    return {"total": end - begin, "evaluate": end - read, "arrays": _saved(found, folder / "ours.npz")}


def in_processes(folder: Path) -> dict[str, Any]:
    """Seconds by the clock from bundles to all figures; each process reads and merges its share of images."""
    seconds = {}
    images = len(json.loads((folder / "scores.json").read_bytes()))
    for name, processes in (("one", 1), ("two", 2)):
        with ProcessPoolExecutor(processes) as pool:
            list(pool.map(abs, range(processes)))  # they are started before the clock is
            begin = time.perf_counter()
            bounds = [images * n // processes for n in range(processes + 1)]
            parts = pool.map(
                _pairs_of_share, *zip(*((folder, *share) for share in pairwise(bounds)), strict=True)
            )
            _figures(list(parts))
            seconds[name] = time.perf_counter() - begin
    return seconds


def _pairs_of_share(folder: Path, first: int, last: int) -> list[PairColumns]:
    return all_pairs(read_maps(folder, images=slice(first, last)))


def panoptic(folder: Path) -> dict[str, Any]:
    """PQ of the first annotator, from bundles; every number is a thing of one category."""
    begin = time.process_time()
    maps = read_maps(folder, views=(0, 1), images=slice(PANOPTIC_IMAGES))
    read = time.process_time()
    counts = Counts()
    for (truth, found), scores in zip(maps.views, maps.scores, strict=True):
        counts.add(compare_maps(truth, found, scores[1], boundary=False).panoptic)
    found_quality = quality({1: counts}, [1])
    end = time.process_time()
    return {"total": end - begin, "evaluate": end - read, "pq": list(found_quality[:3])}


def panoptic_by_pixels(folder: Path) -> dict[str, Any]:
    begin = time.process_time()
    found = pq_by_pixels(folder)
    return {"total": time.process_time() - begin, "pq": found}


def from_rle(folder: Path) -> dict[str, Any]:
    begin = time.process_time()
    truth = read_json(folder / "truth.json")
    reading = time.process_time() - begin
    found = []
    for k in FOUND:
        start = time.process_time()
        records = read_json(folder / f"found_{k}.json")
        reading += time.process_time() - start
        found.append(Evaluation(truth, records, limits=LIMITS).curves())
        summary(found[-1], LIMITS)
    total = time.process_time() - begin
    return {"total": total, "evaluate": total - reading, "arrays": _saved(found, folder / "ours_rle.npz")}


def _saved(found: list[Curves], path: Path) -> str:
    """Where the arrays of precision and recall are, named as the peers' are."""
    np.savez(
        path, **{f"{name}_{k}": array for k, one in enumerate(found, 1) for name, array in vars(one).items()}
    )
    return str(path)


WAYS = {
    "maps": from_maps,
    "rle": from_rle,
    "processes": in_processes,
    "panoptic": panoptic,
    "panoptic_by_pixels": panoptic_by_pixels,
}


def main() -> None:
    run = WAYS[sys.argv[1]]
    for line in sys.stdin:
        answer = run(Path(line.strip()))
        answer["peak_mb"] = peak_mb()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
