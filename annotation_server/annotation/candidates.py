"""Asking the model what it sees in one place of an image."""

from typing import Any

from django.utils.translation import gettext as _

from annotation_server.annotation.models import Annotation
from annotation_server.errors import NotFound, Refused
from annotation_server.images.models import Image
from annotation_server.images.pyramid_part import part_of
from annotation_server.model_registry.register import champion_of
from annotation_server.requests.models import Question
from annotation_server.requests.questions import ask
from annotation_server.segmentation.jobs import CandidatesWanted

TASK = "ml.candidates"
SMALLEST_SIDE = 16
# As many px as a model looks at; a larger box is read from a coarser level of the pyramid.
LONGEST_CROP = 1400


def ask_for_candidates(user: Any, annotation: Annotation, box: tuple[int, int, int, int]) -> Question:
    """Ask the champion what it sees in ``box`` (x, y, width, height in image px) of an annotation's image.

    Raises Refused for a box that hardly touches the image, and NotFound where there is no model.
    """
    image = annotation.image
    version = champion_of(image.project_id)
    if version is None:
        raise NotFound(_("This project has no model to ask."), code="no_model")
    part = part_of(image, _inside(image, box), LONGEST_CROP)
    wanted = CandidatesWanted(
        image_key=image.file_key,
        view=part.view,
        scale=part.scale,
        pyramid_key=image.pyramid_key,
        tiles=part.tiles,
        **version.as_asked(),
    )
    return ask(user, image.project_id, TASK, wanted.to_dict())


def _inside(image: Image, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    x, y, width, height = box
    x0, y0 = max(0, x), max(0, y)
    width, height = min(image.width, x + width) - x0, min(image.height, y + height) - y0
    if min(width, height) < min(SMALLEST_SIDE, image.width, image.height):
        raise Refused(
            _("The box must cover at least %(n)s px of the image in each direction.") % {"n": SMALLEST_SIDE},
            code="invalid",
        )
    return x0, y0, width, height
