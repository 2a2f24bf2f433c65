"""Propose masks for picture files: ``python -m ml_worker.predict_files PICTURE… --out FOLDER``.

Of each picture the folder gets NAME.png, the label map as 16-bit grey PNG (0 where no mask shows), and
NAME.json: width, height and the score and area of every number, best class score first. Prints a line of JSON
a picture. Pixels are taken as they lie in the file, whatever its EXIF says of turning them. Pictures that
cannot be read are named on stderr; the exit code is then 1.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from annotation_server.segmentation.label_map_png import write_label_map_png
from annotation_server.segmentation.tiled_map import pack_map
from ml_worker.architectures import EntityPredictor, load_predictor
from ml_worker.arguments import usable_device
from ml_worker.dataset import BadExample, read_rgb
from ml_worker.tensor_files import BadCheckpoint


def predict_file(predictor: EntityPredictor, picture: Path, out: Path) -> dict[str, Any]:
    """Write the two files of a picture; what NAME.json tells, its scores and areas counted only.

    Raises ``BadExample`` for a file that cannot be read and ``ValueError`` for a picture that is too small.
    """
    prediction = predictor.predict(read_rgb(picture, picture.name))
    height, width = prediction.label_map.shape
    with (out / f"{picture.stem}.png").open("wb") as file:
        write_label_map_png(file, pack_map(prediction.label_map))
    size = {"picture": picture.name, "width": width, "height": height}
    masks = [
        {"number": number, "score": score, "area": area}
        for number, (score, area) in enumerate(zip(prediction.scores, prediction.areas, strict=True), start=1)
    ]
    (out / f"{picture.stem}.json").write_text(json.dumps({**size, "masks": masks}) + "\n", encoding="utf-8")
    return {**size, "masks": len(masks)}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    given = parser.parse_args(arguments)
    if doubled := _doubled(given.pictures):
        parser.error(f"two pictures would both write {doubled}.png: give them folders of their own")
    torch.set_num_threads(1)
    options = {name: getattr(given, name) for name in ("device", "short_side") if getattr(given, name)}
    failed = 0
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        predictor = load_predictor(given.architecture, given.checkpoint, **options)
        for picture in given.pictures:
            try:
                print(json.dumps(predict_file(predictor, picture, given.out)), flush=True)
            except (BadExample, FileNotFoundError, ValueError) as error:
                print(f"Left out: {error}", file=sys.stderr)
                failed = 1
    except (OSError, BadCheckpoint, ValueError) as error:
        print(f"Not predicted: {error}", file=sys.stderr)
        return 2
    return failed


def _doubled(pictures: Sequence[Path]) -> str | None:
    stems = [picture.stem for picture in pictures]
    return next((stem for stem in stems if stems.count(stem) > 1), None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ml_worker.predict_files",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("pictures", type=Path, nargs="+", metavar="PICTURE")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--architecture", default="cropformer", help="or mask2former, classical")
    parser.add_argument("--checkpoint", type=Path, help="default: the starter")
    parser.add_argument("--device", type=usable_device, help="cpu, cuda, cuda:1 …")
    parser.add_argument("--short-side", type=int, help="of a view, px")
    return parser


if __name__ == "__main__":
    sys.exit(main())
