"""Files with a line of figures for every image, and the comparison of two models by such files."""

import json
from pathlib import Path
from typing import Any, TextIO

from annotation_server.segmentation.average_precision import match_all
from annotation_server.segmentation.image_figures import BadFigures, ImageFigures
from annotation_server.segmentation.model_figures import model_figures
from annotation_server.segmentation.resampled_precision import paired_bootstrap


def write_line(lines: TextIO, name: str, figures: ImageFigures) -> None:
    """Add an image to a file of results, whole before anything else is written."""
    lines.write(json.dumps({"name": name, **figures.to_dict()}) + "\n")
    lines.flush()


def read_lines(file: Path) -> dict[str, ImageFigures]:
    """The figures of every image by its name; raises ValueError, naming file and line."""
    found = {}
    with file.open() as lines:
        for number, line in enumerate(lines, start=1):
            try:
                record = json.loads(line)
                found[str(record["name"])] = ImageFigures.from_dict(record)
            except (ValueError, KeyError, TypeError, BadFigures) as error:
                raise ValueError(f"{file}, line {number} is no image's figures: {error}") from error
    return found


def compare_results(first: Path, second: Path, *, seed: int = 0) -> dict[str, Any]:
    """Both models' figures and the paired bootstrap of ``second`` against ``first``, over the same images.

    Raises ValueError where the files do not hold the same images.
    """
    one, other = read_lines(first), read_lines(second)
    if missing := sorted(one.keys() ^ other.keys()):
        raise ValueError(f"Only one of the files has {missing[0]}: evaluate both on the same images.")
    names = sorted(one)
    models = [[found[name] for name in names] for found in (one, other)]
    matches = [match_all([image.pairs() for image in images]) for images in models]
    found = paired_bootstrap(*matches, seed=seed)
    return {
        "first": model_figures(models[0]),
        "second": model_figures(models[1]),
        "difference": found.second - found.first,
        "interval": [found.low, found.high],
        "probability": found.probability,
        "resamples": found.resamples,
    }
