"""Measure predictions against a truth: ``python -m annotation_server.segmentation.evaluate GT.json DT.json``.

GT is a COCO instances file and DT a COCO results list, masks as RLE; or, with --panoptic, both are COCO
panoptic files with a folder of PNGs each. Prints one JSON object. Categories are put together into one, as
EntitySeg does, unless --classes asks for the mean over categories. ``--overlap`` says what becomes of
predictions that overlap: ``allow`` evaluates them as they are, ``resolve`` gives each pixel to the best score
first (APᵉ), ``refuse`` names the images and masks. What is wrong with a file is said in one sentence a line
on stderr, with exit code 2.
"""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from annotation_server.segmentation.average_precision import (
    MAX_DETECTIONS,
    Limits,
)
from annotation_server.segmentation.coco_input import BadInput
from annotation_server.segmentation.instance_evaluation import OVERLAP_RULES, VOID_RULES, Evaluation
from annotation_server.segmentation.json_file import BadJson, read_json
from annotation_server.segmentation.similarity import (
    BadSimilarity,
    identity,
    read_similarity,
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    given = parser.parse_args(arguments)
    if lost := _without_meaning(given):
        parser.error(lost)
    if given.per_image and not given.per_image.parent.is_dir():
        parser.error(f"--per-image: there is no folder {given.per_image.parent}")
    try:
        figures, rows, notes = _measured(given)
        if given.per_image:
            _write_rows(given.per_image, rows)
    except (OSError, BadJson, BadSimilarity, BadInput) as error:
        print(f"Not evaluated: {error}", file=sys.stderr)
        return 2
    for note in notes:
        print(f"Note: {note}", file=sys.stderr)
    print(json.dumps(figures))
    return 0


def _without_meaning(given: argparse.Namespace) -> str | None:
    """What an option that would be overlooked is told."""
    for_instances = {
        "--overlap": given.overlap != "allow",
        "--boundary": given.boundary,
        "--classes": given.classes,
        "--max-dets": given.max_dets is not MAX_DETECTIONS,
    }
    for_panoptic = {"--truth-pngs": given.truth_pngs, "--found-pngs": given.found_pngs}
    lost = [
        name for name, is_given in (for_instances if given.panoptic else for_panoptic).items() if is_given
    ]
    if not lost:
        return None
    return f"{', '.join(lost)} {'cannot be combined with' if given.panoptic else 'needs'} --panoptic"


def _measured(given: argparse.Namespace) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """Figures, rows by image and notes, as the arguments ask for them."""
    similarity = None
    if given.similarity is not None:
        chosen = given.similarity
        similarity = identity() if chosen == "identity" else read_similarity(Path(chosen))
    truth, found = read_json(given.truth), read_json(given.found)
    if given.panoptic:
        # What reads PNGs takes as long to load as a small file of masks to evaluate.
        from annotation_server.segmentation.panoptic_evaluation import evaluate_panoptic

        folders = [
            folder or path.with_suffix("")
            for folder, path in ((given.truth_pngs, given.truth), (given.found_pngs, given.found))
        ]
        return evaluate_panoptic(truth, found, *folders, void=given.void or "crowd", similarity=similarity)
    evaluation = Evaluation(
        truth,
        found,
        overlap=given.overlap,
        boundary=given.boundary,
        classes=given.classes or similarity is not None,
        limits=given.max_dets,
        void=given.void or "background",
    )
    rows = evaluation.per_image() if given.per_image else []
    figures = evaluation.figures(similarity)
    return figures, rows, evaluation.notes


def _write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["image"])
        writer.writeheader()
        writer.writerows(rows)


def _limits(text: str) -> Limits:
    """ "1,10,100", or with "none" as the last one."""
    try:
        limits = [None if part.strip() == "none" else int(part) for part in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError("numbers with commas between, “none” for no limit") from error
    numbers = [sys.maxsize if limit is None else limit for limit in limits]
    if numbers[0] < 1 or any(b <= a for a, b in pairwise(numbers)):
        raise argparse.ArgumentTypeError("limits ascend from 1 or more")
    return limits


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("truth", type=Path, metavar="GT.json")
    parser.add_argument("found", type=Path, metavar="DT.json")
    parser.add_argument("--overlap", choices=OVERLAP_RULES, default="allow")
    parser.add_argument("--boundary", action="store_true", help="boundary AP")
    parser.add_argument("--classes", action="store_true", help="the mean over categories")
    parser.add_argument("--max-dets", type=_limits, default=MAX_DETECTIONS, metavar="1,10,100|none")
    parser.add_argument("--void", choices=VOID_RULES, help="what pixels are that no true mask covers")
    parser.add_argument(
        "--similarity", metavar="FILE.csv|identity", help="open-vocabulary figures; rows and columns are ids"
    )
    parser.add_argument("--per-image", type=Path, metavar="FILE.csv", help="write a row for every image")
    parser.add_argument("--panoptic", action="store_true", help="COCO panoptic files: PQ, SQ, RQ and mIoU")
    parser.add_argument("--truth-pngs", type=Path, metavar="FOLDER", help="default: GT without .json")
    parser.add_argument("--found-pngs", type=Path, metavar="FOLDER", help="default: DT without .json")
    return parser


if __name__ == "__main__":
    sys.exit(main())
