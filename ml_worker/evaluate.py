"""Measure a model on images with label maps, or compare two that were measured.

    python -m ml_worker.evaluate --release archive.tar --split val --per-image champion.jsonl
    python -m ml_worker.evaluate --compare champion.jsonl candidate.jsonl

Predictions are label maps, so they never overlap: the average precision here is the papers' APᵉ (stock COCO
AP, one class). What of the truth is VOID counts neither for nor against (segmentation/image_figures.py).
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch

from annotation_server.segmentation.image_figures import ImageFigures, compare_maps
from annotation_server.segmentation.model_figures import model_figures
from annotation_server.segmentation.scenes import make_scene
from annotation_server.segmentation.tiled_map import pack_map
from ml_worker.architectures import EntityPredictor, load_predictor
from ml_worker.arguments import at_least, usable_device
from ml_worker.checkpoints import BadCheckpoint
from ml_worker.compare_results import compare_results, write_line
from ml_worker.dataset import BadExample, Example, ExampleSource
from ml_worker.dataset_sources import open_source

HELD_OUT_SEED = 900_000_000


def evaluate(predictor: EntityPredictor, examples: Iterable[Example]) -> dict[str, float]:
    """Figures over all examples (``model_figures``) and seconds an image."""
    started = time.monotonic()
    figures = [measure(predictor, example) for example in examples]
    seconds = (time.monotonic() - started) / max(1, len(figures))
    return {**model_figures(figures), "seconds_per_image": seconds}


def measure(predictor: EntityPredictor, example: Example, *, image: int = 0) -> ImageFigures:
    """Predict one example and compare with its label map."""
    prediction = predictor.predict(example.rgb)
    scores = dict(enumerate(prediction.scores, start=1))
    truth, found = pack_map(example.label_map), pack_map(prediction.label_map)
    return compare_maps(truth, found, scores, image=image)


def held_out_scenes(count: int, side: int, seed: int = HELD_OUT_SEED) -> Iterator[Example]:
    """Scenes that no training configuration of ours draws from."""
    scenes = HeldOutScenes(count, side, seed)
    return (scenes[index] for index in range(count))


class HeldOutScenes:
    """The same scenes as a source, each painted when asked for."""

    left_out: Mapping[str, str] = {}

    def __init__(self, count: int, side: int, seed: int = HELD_OUT_SEED) -> None:
        self.count, self.side, self.seed = count, side, seed

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Example:
        return Example(*make_scene(self.seed + index, self.side, self.side))

    def name(self, index: int) -> str:
        return f"scene {self.seed + index}"


def chosen_images(source: ExampleSource, *, only: set[str], without: set[str]) -> list[int]:
    """Places of the images named in ``only`` (empty: all) and not in ``without``; with or without ending.

    Raises ``ValueError`` for a name that the source does not have, and where it has none.
    """
    if not len(source):
        raise ValueError("There is no image here.")
    names = [{source.name(index), Path(source.name(index)).stem} for index in range(len(source))]
    if unknown := sorted((only | without) - set().union(*names)):
        raise ValueError(f"There is no image {unknown[0]} here.")
    return [index for index, own in enumerate(names) if (not only or own & only) and not own & without]


def evaluate_source(
    predictor: EntityPredictor, source: ExampleSource, chosen: list[int], *, per_image: Path | None = None
) -> dict[str, Any]:
    """Figures over the chosen images; what cannot be read is left out and counted by reason.

    ``per_image`` gets a line of JSON an image as it is done: its name and its figures.
    """
    figures: list[ImageFigures] = []
    skipped: Counter[str] = Counter(source.left_out.values())
    started = time.monotonic()
    with per_image.open("w") if per_image else nullcontext() as lines:
        for index in chosen:
            try:
                one = measure(predictor, source[index], image=index)
            except BadExample as error:
                print(f"Left out: {error}", file=sys.stderr)
                skipped[error.reason] += 1
                continue
            figures.append(one)
            if lines is not None:
                write_line(lines, source.name(index), one)
    seconds = (time.monotonic() - started) / max(1, len(figures))
    return {**model_figures(figures), "seconds_per_image": seconds, "skipped": dict(skipped)}


def main() -> int:
    parser = _parser()
    given = parser.parse_args()
    torch.set_num_threads(1)
    try:
        told = compare_results(*given.compare, seed=given.seed) if given.compare else _evaluate(given)
    except (OSError, ValueError, BadCheckpoint) as error:
        print(f"Not evaluated: {error}", file=sys.stderr)
        return 1
    print(json.dumps(_rounded(told)))
    return 0


def _evaluate(given: argparse.Namespace) -> dict[str, Any]:
    names = ("short_side", "score_threshold", "min_area", "device")
    options = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    source = _source(given)
    chosen = chosen_images(source, only=set(given.only), without=set(given.exclude))
    architecture = "classical" if given.classical else given.architecture
    predictor = load_predictor(architecture, given.checkpoint, **options)
    return evaluate_source(predictor, source, chosen, per_image=given.per_image)


def _source(given: argparse.Namespace) -> ExampleSource:
    if given.scenes:
        return HeldOutScenes(given.scenes, given.side)
    if given.folder:
        return open_source({"folder": str(given.folder), "suffix": given.suffix})
    if given.release:
        return open_source({"release": str(given.release), "split": given.split})
    folders = {"maps": given.maps, "images": given.images}
    places = {name: str(path) for name, path in folders.items() if path is not None}
    return open_source({"coco_panoptic": str(given.coco_panoptic), **places})


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(inside) for name, inside in value.items()}
    if isinstance(value, list):
        return [_rounded(inside) for inside in value]
    return round(value, 4) if isinstance(value, float) else value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, fromfile_prefix_chars="@"
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--scenes", type=at_least(1), help="this many held-out generated scenes")
    what.add_argument("--folder", type=Path, help="images/ and labels/ of the same names")
    what.add_argument("--release", type=Path, help="a release: its archive.tar, or its folder")
    what.add_argument("--coco-panoptic", type=Path, help="a JSON file of COCO's panoptic format")
    what.add_argument(
        "--compare", nargs=2, type=Path, metavar=("A", "B"), help="two files written by --per-image"
    )
    parser.add_argument("--side", type=int, default=192, help="side of a scene in px")
    parser.add_argument("--suffix", default="", help="ending of the label files' names, such as _a1")
    parser.add_argument("--split", default="val", help="of the release")
    parser.add_argument("--maps", type=Path, help="folder of the panoptic PNGs")
    parser.add_argument("--images", type=Path, help="folder of the panoptic file's pictures")
    parser.add_argument("--only", nargs="*", default=[], help="names of images (@FILE: one a line)")
    parser.add_argument("--exclude", nargs="*", default=[], help="names of images to leave out")
    parser.add_argument("--architecture", default="cropformer", help="or mask2former, classical")
    parser.add_argument("--classical", action="store_true", help="the classical baseline; no weights")
    parser.add_argument("--checkpoint", type=Path, help="default: the starter")
    parser.add_argument("--device", type=usable_device, help="cpu, cuda, cuda:1 …")
    parser.add_argument("--short-side", type=int)
    parser.add_argument("--score-threshold", type=float)
    parser.add_argument("--min-area", type=int)
    parser.add_argument("--per-image", type=Path, help="write a line of JSON for every image")
    parser.add_argument("--seed", type=int, default=0, help="of the comparison's resamples")
    return parser


if __name__ == "__main__":
    sys.exit(main())
