"""Measures of fine masks, one truth and one prediction each: ``python -m …fine_masks TRUTH FOUND``.

The measures of dichotomous image segmentation (Qin et al. 2022). Both folders hold grey PNGs of the same
names; truth is what is brighter than 128, predictions may be grey: 0 to 255 stands for 0 to 1, stretched over
that range as the field's toolboxes do. Prints one JSON object, or with --table a table. What is wrong with a
folder is said in one sentence a line on stderr, with exit code 2.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.alignment_measures import e_measures, s_measure
from annotation_server.segmentation.correction_effort import correction_effort
from annotation_server.segmentation.f_measures import f_measures, weighted_f_measure
from annotation_server.segmentation.label_map_png import MAX_PIXELS, BadPng, opened_png

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_BRIGHT = 128


class BadFolders(ValueError):
    """The folders cannot be compared; ``problems`` names every file and what is wrong with it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class FineFigures(NamedTuple):
    """One image: ``f`` and ``e`` [256] by threshold from 255 down to 0, the others one number each."""

    f: Floats
    weighted_f: float
    mae: float
    s: float
    e: Floats
    hce: int


def fine_figures(truth: Bools, found: Floats) -> FineFigures:
    """All measures of a prediction [H, W] from 0 to 1 against a mask [H, W].

    Raises ValueError for different sizes, and for values that do not lie between 0 and 1.
    """
    if truth.shape != found.shape or not truth.size:
        raise ValueError(f"A truth of shape {truth.shape} and a prediction of {found.shape} do not fit.")
    if not ((found >= 0) & (found <= 1)).all():
        raise ValueError("A prediction's values lie between 0 and 1.")
    stretched = _stretched(found)
    return FineFigures(
        f=f_measures(truth, stretched),
        weighted_f=weighted_f_measure(truth, stretched),
        mae=float(np.abs(stretched - truth).mean()),
        s=s_measure(truth, stretched),
        e=e_measures(truth, stretched),
        hce=correction_effort(truth, stretched > 0.5),
    )


def fine_report(images: Mapping[str, FineFigures]) -> dict[str, Any]:
    """The means over images, and a row for each; ``max_f`` and ``max_e`` are of the mean curve.

    The best threshold is one for all images, as in the papers; a row's ``max_f`` is the image's own.
    """
    figures = list(images.values())
    if not figures:
        return {"images": 0, "figures": None, "rows": []}
    f, e = (np.mean([getattr(one, name) for one in figures], axis=0) for name in ("f", "e"))
    means = {name: float(np.mean([getattr(one, name) for one in figures])) for name in _SINGLE}
    return {
        "images": len(figures),
        "figures": {
            "max_f": float(f.max()),
            "mean_f": float(f.mean()),
            **means,
            "max_e": float(e.max()),
            "mean_e": float(e.mean()),
        },
        "rows": [
            {
                "image": name,
                "max_f": float(one.f.max()),
                **{single: getattr(one, single) for single in _SINGLE},
                "mean_e": float(one.e.mean()),
            }
            for name, one in images.items()
        ],
    }


_SINGLE = ("weighted_f", "mae", "s", "hce")


def compare_folders(truth: Path, found: Path, done: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """The report of two folders of PNGs; ``done`` hears of every image. Raises BadFolders."""
    problems = [f"{folder} is no folder." for folder in (truth, found) if not folder.is_dir()]
    if problems:
        raise BadFolders(problems)
    names, guesses = ({path.name for path in folder.glob("*.png")} for folder in (truth, found))
    if not names:
        problems.append(f"There is no PNG in {truth}.")
    problems += [f"There is no prediction {name}." for name in sorted(names - guesses)]
    problems += [f"There is no truth for the prediction {name}." for name in sorted(guesses - names)]
    figures = {}
    for name in sorted(names & guesses):
        try:
            sides = _grey(truth / name), _grey(found / name)
            figures[Path(name).stem] = fine_figures(sides[0] > _BRIGHT, sides[1] / 255)
        except (OSError, BadPng, ValueError) as error:
            problems.append(f"{name}: {error}")
        done(name)
    if problems:
        raise BadFolders(problems)
    return fine_report(figures)


def _stretched(found: Floats) -> Floats:
    low, high = float(found.min()), float(found.max())
    return found if low == high else (found - low) / (high - low)


def _grey(path: Path) -> npt.NDArray[np.uint8]:
    with opened_png(path, MAX_PIXELS, ("L", "1")) as image:
        return np.asarray(image.convert("L"))


def _table(report: Mapping[str, Any]) -> str:
    rows = report["rows"]
    names = list(rows[0])
    means = {**report["figures"], "image": f"mean of {report['images']}"}
    lines = [names, *([_cell(row.get(name)) for name in names] for row in [*rows, means])]
    widths = [max(len(line[place]) for line in lines) for place in range(len(names))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("truth", type=Path, metavar="TRUTH_FOLDER")
    parser.add_argument("found", type=Path, metavar="FOUND_FOLDER")
    parser.add_argument("--table", action="store_true", help="a table for people instead of JSON")
    given = parser.parse_args(arguments)
    try:
        report = compare_folders(given.truth, given.found)
    except BadFolders as error:
        print(f"Not measured: {error}", file=sys.stderr)
        return 2
    print(_table(report) if given.table else json.dumps(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
