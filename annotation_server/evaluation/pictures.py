"""Pictures of a report: an image under its true masks, under what was found, and under what is wrong."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from botocore.exceptions import ClientError
from django.utils.translation import gettext as _
from PIL import Image as Picture

from annotation_server import media
from annotation_server.errors import NotFound
from annotation_server.evaluation.error_map import Verdict, pairing, pairs_of, verdicts
from annotation_server.evaluation.freeze import read_row
from annotation_server.evaluation.measure_images import read_figures
from annotation_server.evaluation.models import EvaluationReport
from annotation_server.evaluation.side_maps import read_side
from annotation_server.images.models import Image
from annotation_server.images.reduced import reduced_image
from annotation_server.segmentation.overlay import numbered_like, painted_over, sampled
from annotation_server.segmentation.tiles import Pixels

LONGEST_SIDE = 1024
PICTURES = ("truth", "found", "errors")
# Colours that people with any kind of colour blindness tell apart (Okabe and Ito 2008).
COLOURS = {
    Verdict.BORDER: (240, 228, 66),
    Verdict.NAME: (204, 121, 167),
    Verdict.MISSING: (213, 94, 0),
    Verdict.EXTRA: (0, 114, 178),
}
PAINT = 0.7
FADED = 0.35
STRIPE_PX = 6

Colours = npt.NDArray[np.uint8]


def report_picture(report: EvaluationReport, image: Image, side: str) -> bytes:
    """PNG of one of PICTURES of an image, at most 1024 px a side; painted once and kept.

    Raises NotFound for an image that the report does not measure or that was replaced since, and Refused
    when its masks are gone.
    """
    key = f"{report.results_folder}/pictures/{image.pk}-{side}.png"
    try:
        return media.read(key)
    except (FileNotFoundError, ClientError):
        file = io.BytesIO()
        Picture.fromarray(_painted(report, image, side)).save(file, "PNG")
        media.write(key, file.getvalue())
        return file.getvalue()


def legend() -> dict[str, str]:
    """The colour of every kind of error in the picture of errors."""
    return {kind.name.lower(): "#{:02x}{:02x}{:02x}".format(*colour) for kind, colour in COLOURS.items()}


def _painted(report: EvaluationReport, image: Image, side: str) -> Colours:
    row = read_row(report, image.pk)
    if (row["width"], row["height"]) != (image.width, image.height):
        raise NotFound(_("There is no picture of this image: it was replaced since."))
    truth = sampled(read_side(row, "truth"), LONGEST_SIDE)
    height, width = truth.shape
    picture = reduced_image(image, width, height)
    if side == "truth":
        return painted_over(picture, truth)
    found = sampled(read_side(row, "found"), LONGEST_SIDE)
    if side == "found":
        return painted_over(picture, numbered_like(found, truth))
    return errors_over(picture, truth, found, pairs_of(read_figures(report, image.pk)))


def errors_over(
    picture: Colours, truth: Pixels, found: Pixels, rows: list[dict[str, Any]]
) -> npt.NDArray[np.uint8]:
    """A picture uint8 [h, w, 3], faded to grey, with every error between both maps [h, w] in its colour.

    Pixels both of a missing and of an extra entity are striped in both colours.
    """
    told, both = verdicts(truth, found, pairing(rows))
    height, width = told.shape
    stripes = (np.add.outer(np.arange(height), np.arange(width)) // STRIPE_PX) % 2 == 1
    told = np.where(both & stripes, np.uint16(Verdict.EXTRA), told)
    grey = picture.mean(axis=2, keepdims=True).repeat(3, axis=2)
    base = 255 - FADED * (255 - grey)
    colours = np.zeros((len(Verdict), 3))
    shares = np.zeros(len(Verdict))
    for kind, colour in COLOURS.items():
        colours[kind], shares[kind] = colour, PAINT
    share = shares[told][..., None]
    return ((1 - share) * base + share * colours[told]).round().astype(np.uint8)
