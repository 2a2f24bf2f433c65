"""One evaluator of COCO files as its users call it; runs in an environment of its own, knows nothing of ours.

python benchmarks/evaluation_peers.py LIBRARY: each line of standard input names a folder with ``truth.json``
and ``found_1.json`` …; answered by one line of JSON with CPU seconds (``total``: files to figures,
``evaluate``: without reading), ``peak_mb`` and where the arrays of precision and recall were saved.
"""

import contextlib
import io
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

LIMITS = [1, 10, 300]
FOUND = (1, 2, 3)
Arrays = dict[str, Any]
Answer = tuple[float | None, list[Arrays]]


class CocoLike(NamedTuple):
    """Where a library with the interface of pycocotools has its two classes, and how results are loaded."""

    api: str
    evaluator: str
    load: str = "loadRes"


COCO_LIKE = {
    "pycocotools": CocoLike("pycocotools.coco:COCO", "pycocotools.cocoeval:COCOeval"),
    "faster-coco-eval": CocoLike("faster_coco_eval:COCO", "faster_coco_eval:COCOeval_faster"),
    "hotcoco": CocoLike("hotcoco:COCO", "hotcoco:COCOeval", "load_res"),
    "ultrafast-pycocotools": CocoLike("ultrafast_pycocotools:COCO", "ultrafast_pycocotools:COCOeval"),
    "vernier": CocoLike("pycocotools.coco:COCO", "vernier:COCOeval"),
}


def coco_like(library: CocoLike) -> Callable[[Path], Answer]:
    api, evaluator = _imported(library.api), _imported(library.evaluator)

    def run(folder: Path) -> Answer:
        seconds, arrays = 0.0, []
        truth = api(str(folder / "truth.json"))
        for k in FOUND:
            found = getattr(truth, library.load)(str(folder / f"found_{k}.json"))
            if library.evaluator.startswith("vernier"):  # it refuses the arrays that pycocotools makes
                for annotation in found.dataset["annotations"]:
                    annotation["bbox"] = list(annotation["bbox"])
            begin = time.process_time()
            evaluation = evaluator(truth, found, "segm")
            evaluation.params.maxDets = LIMITS
            evaluation.evaluate()
            evaluation.accumulate()
            with contextlib.suppress(Exception):
                evaluation.summarize()
            seconds += time.process_time() - begin
            arrays.append({name: np.asarray(evaluation.eval[name]) for name in ("precision", "recall")})
        return seconds, arrays

    return run


def _imported(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def vernier_native() -> Callable[[Path], Answer]:
    vernier = import_module("vernier.instance")
    evaluator = vernier.Evaluator(iou=vernier.Segm(), parity_mode="strict", max_dets=tuple(LIMITS))

    def run(folder: Path) -> Answer:
        truth = vernier.CocoDataset.from_json((folder / "truth.json").read_bytes())
        for k in FOUND:  # its detections need boxes
            evaluator.evaluate(truth, (folder / f"found_with_boxes_{k}.json").read_bytes(), num_threads=1)
        return None, []

    return run


def hotcoco_panoptic() -> Callable[[Path], Answer]:
    pq_compute = _imported("hotcoco.panoptic:pq_compute")

    def run(folder: Path) -> Answer:
        files = [str(folder / f"panoptic_{k}.json") for k in (0, 1)]
        found = pq_compute(*files, *[file.removesuffix(".json") for file in files])
        return None, [{"pq": [float(found["All"][name]) for name in ("pq", "sq", "rq")]}]

    return run


def library(name: str) -> Callable[[Path], Answer]:
    """The evaluator of that name, called as its documentation says."""
    own = {"vernier, own interface": vernier_native, "hotcoco, panoptic": hotcoco_panoptic}
    return own[name]() if name in own else coco_like(COCO_LIKE[name])


def peak_mb() -> float:
    """The process's highest resident memory; getrusage would count what started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    answers, sys.stdout = sys.stdout, io.StringIO()  # the libraries print what they do
    run = library(sys.argv[1])
    for line in sys.stdin:
        folder = Path(line.strip())
        begin = time.process_time()
        evaluate, arrays = run(folder)
        total = time.process_time() - begin
        saved = folder / f"{sys.argv[1].replace(' ', '_')}.npz"
        np.savez(
            saved, **{f"{name}_{k}": array for k, row in enumerate(arrays, 1) for name, array in row.items()}
        )
        answer = {"total": total, "evaluate": evaluate, "peak_mb": peak_mb(), "arrays": str(saved)}
        if arrays and "pq" in arrays[0]:
            answer["pq"] = arrays[0]["pq"]
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
