"""What differs between a true label map and a found one: which entities pair, and what every pixel is."""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from annotation_server.segmentation.average_precision import IOU_THRESHOLDS
from annotation_server.segmentation.image_figures import ImageFigures
from annotation_server.segmentation.tiles import MAX_NUMBER, VOID, Pixels

Lookup = npt.NDArray[np.int64]
# Pairs with a lower IoU than this have a border that is worth a look.
GOOD_BORDER = 0.9


class Verdict(IntEnum):
    """What a pixel of the picture of errors is."""

    UNKNOWN = 0
    RIGHT = 1
    BORDER = 2
    NAME = 3
    MISSING = 4
    EXTRA = 5


class Pairing(NamedTuple):
    """``found_of[g]`` is the found number of true number g, ``true_of[d]`` the reverse, 0 for none: [65001].

    ``wrong_name[g]``: the pair of g bears two different names; ``forgiven[d]``: lies in VOID, so no error.
    """

    found_of: Lookup
    true_of: Lookup
    wrong_name: npt.NDArray[np.bool_]
    forgiven: npt.NDArray[np.bool_]


def pairs_of(figures: ImageFigures) -> list[dict[str, Any]]:
    """Every entity of both sides, once: pairs with their IoU, true ones alone, found ones alone.

    The pair with the highest IoU first, each entity once, down to an IoU of .5. ``kind`` is "right",
    "border" (an IoU below GOOD_BORDER), "name" (both bear names, which differ), "missing", "extra", or
    "in_void": found alone, mostly where nobody said what is there, which counts neither for nor against.
    """
    assert figures.numbers is not None
    assert figures.true_numbers is not None
    numbers, true_numbers = figures.numbers.tolist(), figures.true_numbers.tolist()
    terms = _listed(figures.terms, len(numbers))
    true_terms = _listed(figures.true_terms, len(true_numbers))
    rows, taken_d, taken_g = [], set(), set()
    overlap = figures.masks
    order = np.lexsort((overlap.d, overlap.g, -overlap.iou))
    for place in order.tolist():
        d, g, iou = int(overlap.d[place]), int(overlap.g[place]), float(overlap.iou[place])
        if d in taken_d or g in taken_g:
            continue
        taken_d.add(d)
        taken_g.add(g)
        kind = "right" if iou >= GOOD_BORDER else "border"
        if true_terms[g] and terms[d] and true_terms[g] != terms[d]:
            kind = "name"
        rows.append(_row(kind, true_numbers[g], numbers[d], iou, true_terms[g], terms[d], figures.scores[d]))
    rows += [
        _row("missing", number, None, None, true_terms[g], 0, None)
        for g, number in enumerate(true_numbers)
        if g not in taken_g
    ]
    rows += [
        _row(_alone(overlap.in_void[d]), None, number, None, 0, terms[d], figures.scores[d])
        for d, number in enumerate(numbers)
        if d not in taken_d
    ]
    return rows


def pairing(rows: list[dict[str, Any]]) -> Pairing:
    """The rows of ``pairs_of`` as tables by number."""
    found_of, true_of = np.zeros((2, MAX_NUMBER + 1), np.int64)
    wrong_name, forgiven = np.zeros((2, MAX_NUMBER + 1), np.bool_)
    for row in rows:
        if row["kind"] == "in_void":
            forgiven[row["found"]] = True
        if row["true"] and row["found"]:
            found_of[row["true"]] = row["found"]
            true_of[row["found"]] = row["true"]
            wrong_name[row["true"]] = row["kind"] == "name"
    return Pairing(found_of, true_of, wrong_name, forgiven)


def verdicts(truth: Pixels, found: Pixels, paired: Pairing) -> tuple[Pixels, npt.NDArray[np.bool_]]:
    """What every pixel [h, w] is (Verdict), and which missing pixels are also of an extra entity.

    VOID of the truth is UNKNOWN, but for an extra entity that lies on it.
    """
    in_truth, in_found = truth != VOID, found != VOID
    missing = in_truth & (paired.found_of[truth] == 0)
    extra = in_found & (paired.true_of[found] == 0) & ~paired.forgiven[found]
    is_pair = in_truth & in_found & (paired.found_of[truth] == found)
    wrong_name = is_pair & paired.wrong_name[truth]
    known = in_truth | (paired.true_of[found] != 0)
    told = np.select(
        [missing, extra, wrong_name, is_pair, known],
        [Verdict.MISSING, Verdict.EXTRA, Verdict.NAME, Verdict.RIGHT, Verdict.BORDER],
        Verdict.UNKNOWN,
    )
    return told.astype(np.uint16), missing & extra


def _alone(in_void: float) -> str:
    return "in_void" if in_void >= IOU_THRESHOLDS[0] else "extra"


def _row(
    kind: str,
    true: int | None,
    found: int | None,
    iou: float | None,
    true_term: int,
    term: int,
    score: Any,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "true": true,
        "found": found,
        "iou": iou,
        "true_term": true_term or None,
        "found_term": term or None,
        "score": None if score is None else float(score),
    }


def _listed(terms: Any, count: int) -> list[int]:
    return [0] * count if terms is None else [int(term) for term in terms]
