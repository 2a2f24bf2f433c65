"""AP of folders of label maps: ``python -m annotation_server.segmentation.evaluate_maps TRUTH FOUND``.

Both folders hold a map for each image under one name: bundles (``.elm``, ``.elm.gz``) or 16-bit grey PNGs.
VOID of the truth is background. Memory is bounded by the largest image.
"""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from annotation_server.segmentation.average_precision import MAX_DETECTIONS, Limits, curves, summary
from annotation_server.segmentation.bundle import BadBundle, decode_bundle, decompress_bundle
from annotation_server.segmentation.detection_matching import PairColumns, one_after_the_other
from annotation_server.segmentation.json_file import BadJson, read_json
from annotation_server.segmentation.label_map_png import BadPng, read_label_map_png
from annotation_server.segmentation.label_map_precision import Scores, label_map_pairs
from annotation_server.segmentation.tiled_map import TiledMap
from annotation_server.segmentation.tiles import VOID

SUFFIXES = (".elm", ".elm.gz", ".png")


class BadFolders(ValueError):
    """The folders cannot be evaluated; the sentence says why, with the names of images."""


class _Unscored(dict[int, float]):
    """The score of every number where nobody gave any."""

    def __missing__(self, number: int) -> float:
        return 1.0


def evaluate_maps(
    truth: Path,
    found: Path,
    scores: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    limits: Limits = MAX_DETECTIONS,
    processes: int = 1,
) -> dict[str, float]:
    """COCO's class-agnostic figures of the maps in folder ``found`` against those in ``truth``.

    Args:
        truth: a folder of label maps; a file's name without its suffix names the image.
        found: the same of the maps to be judged.
        scores: by image the score of each number, numbers as strings (JSON); None: all are equal.
        limits: detections an image that count.
        processes: so many share the images; the digits are the same.

    Raises BadFolders, naming images, for names of one folder only, files that are no label maps, maps of
    different sizes, and scores that are missing or no finite number.
    """
    true_files, found_files = _files(truth), _files(found)
    if lonely := sorted(true_files.keys() ^ found_files.keys()):
        raise BadFolders(f"Images in one folder only ({len(lonely)}): {', '.join(lonely[:20])}.")
    if not true_files:
        raise BadFolders(f"There is no label map in the folders: files end in {', '.join(SUFFIXES)}.")
    images = [
        _Image(name, path, found_files[name], None if scores is None else scores.get(name, {}))
        for name, path in sorted(true_files.items())
    ]
    shares = [
        images[n * len(images) // processes : (n + 1) * len(images) // processes] for n in range(processes)
    ]
    if processes == 1:
        return summary(curves([_pairs(images)], limits), limits)
    with ProcessPoolExecutor(processes) as pool:
        return summary(curves([one_after_the_other(list(pool.map(_pairs, shares)))], limits), limits)


class _Image(NamedTuple):
    name: str
    truth: Path
    found: Path
    scores: Mapping[str, Any] | None


def _pairs(images: Sequence[_Image]) -> PairColumns:
    return label_map_pairs(map(_read_image, images))


def _files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise BadFolders(f"{folder} is no folder.")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        name = next((path.name.removesuffix(end) for end in SUFFIXES if path.name.endswith(end)), None)
        if name is not None and found.setdefault(name, path) != path:
            raise BadFolders(f"The image {name} is twice in {folder}: {found[name].name} and {path.name}.")
    return found


def _read_image(image: _Image) -> tuple[TiledMap, TiledMap, Scores]:
    maps = _read(image.truth), _read(image.found)
    sizes = [f"{one.width} × {one.height}" for one in maps]
    if sizes[0] != sizes[1]:
        raise BadFolders(f"The maps of image {image.name} are of different sizes: {' and '.join(sizes)}.")
    if image.scores is None:
        return *maps, _Unscored()
    numbers = {tile.uni for tile in maps[1].tiles if tile.uni >= 0}
    numbers.update(*(set(tile.pairs[0::2].tolist()) for tile in maps[1].tiles if tile.uni < 0))
    return *maps, _scores(image.name, image.scores, numbers - {VOID})


def _scores(name: str, given: Mapping[str, Any], numbers: set[int]) -> Scores:
    scores = {number: given.get(str(number)) for number in sorted(numbers)}
    for number, score in scores.items():
        if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
            raise BadFolders(f"Number {number} of image {name} has no finite score: {score!r}.")
    return {number: float(score) for number, score in scores.items() if score is not None}


def _scores_by_image(path: Path) -> dict[str, dict[str, Any]]:
    scores = read_json(path)
    if not isinstance(scores, dict) or not all(isinstance(image, dict) for image in scores.values()):
        raise BadFolders(f'{path} holds no scores: {{"image": {{"number": score, …}}, …}} is expected.')
    return scores


def _read(path: Path) -> TiledMap:
    try:
        if path.suffix == ".png":
            return read_label_map_png(path)
        data = path.read_bytes()
        return decode_bundle(decompress_bundle(data) if path.suffix == ".gz" else data)[0]
    except (BadBundle, BadPng, OSError) as error:
        raise BadFolders(f"{path} is no label map: {error}") from error


def _processes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 64):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 64")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("truth", type=Path, metavar="TRUTH")
    parser.add_argument("found", type=Path, metavar="FOUND")
    parser.add_argument("--scores", type=Path, help='JSON: {"image": {"number": score, …}, …}')
    parser.add_argument(
        "--processes", type=_processes, default=1, metavar="N", help="1 to 64 share the images"
    )
    given = parser.parse_args(arguments)
    try:
        scores = _scores_by_image(given.scores) if given.scores else None
        print(json.dumps(evaluate_maps(given.truth, given.found, scores, processes=given.processes)))
    except (OSError, BadJson, BadFolders) as error:
        print(f"Not evaluated: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
