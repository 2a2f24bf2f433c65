"""Getting the vectors of an annotation's masks: they are there, another map has them, or one asks."""

import base64
import binascii
import logging
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.annotation.label_maps import current_manifest
from annotation_server.annotation.models import Annotation
from annotation_server.annotation.term_vectors import count_names, recount
from annotation_server.annotation.turn import one_save_at_a_time
from annotation_server.annotation.vector_models import MaskVectors
from annotation_server.errors import NotReady
from annotation_server.images.models import Image
from annotation_server.images.pyramid import OVERLAP, TILE
from annotation_server.images.szi import tile_places
from annotation_server.model_registry.models import ModelVersion
from annotation_server.model_registry.register import comparing_model_of
from annotation_server.requests.models import Question
from annotation_server.requests.questions import Answer, ask, when_answered
from annotation_server.segmentation.bundle import compress_bundle
from annotation_server.segmentation.jobs import VectorsWanted

log = logging.getLogger(__name__)

TASK = "ml.embed"
# The picture is sent no smaller than this on its short side, if it is larger: models look at 800 px or less.
SHORT_SIDE = 1024
LARGEST_DIM = 4096


def prepare(user: Any, annotation: Annotation) -> Question | None:
    """See to it that an annotation has vectors of its masks as they are now; None where it has them already.

    Its names count from now on. Raises NotReady where there is no model.
    """
    version = comparing_model_of(annotation.image.project_id)
    if version is None:
        raise NotReady(_("There is no model that could compare entities. Register one first."))
    wanted = (annotation.map_sha256, version.checkpoint_sha256)
    kept = MaskVectors.objects.filter(pk=annotation.pk).values_list("map_sha256", "model_sha256").first()
    if kept == wanted or _taken_over(annotation, *wanted):
        count_names(annotation.pk)
        return None
    message = vectors_wanted(annotation, version, _map_key(annotation.pk))
    return ask(user, annotation.image.project_id, TASK, message.to_dict())


def vectors_wanted(annotation: Annotation, version: ModelVersion, map_key: str) -> VectorsWanted:
    """What the worker must know to look at an annotation's masks; its label map is put under ``map_key``."""
    media.write(map_key, compress_bundle(current_manifest(annotation.pk).bundle()))
    return VectorsWanted(
        annotation=annotation.pk,
        map_key=map_key,
        **version.as_asked(),
        **_picture(annotation.image),
    )


def _taken_over(annotation: Annotation, map_sha256: str, model_sha256: str) -> bool:
    """Whether another annotation of the image has the same label map, as a prediction and its copy do."""
    same = MaskVectors.objects.filter(
        annotation__image_id=annotation.image_id, map_sha256=map_sha256, model_sha256=model_sha256
    ).exclude(pk=annotation.pk)
    other = same.first()
    if other is None:
        return False
    store(annotation.pk, map_sha256, model_sha256, bytes(other.numbers), bytes(other.vectors))
    return True


@when_answered(TASK)
def _take_in(question: Question, answer: Answer) -> None:
    """Keep what the worker says, if it is what was asked for."""
    media.delete(question.payload["map_key"])
    keep_answer(question.payload["annotation"], answer)


def keep_answer(annotation_id: int, answer: Answer) -> bool:
    """Keep the vectors of an annotation's masks as the worker told them; False where they cannot be kept."""
    if not Annotation.objects.filter(pk=annotation_id).exists():
        return False
    try:
        numbers, vectors = _checked(answer)
        digests = str(answer["map_sha256"])[:64], str(answer["model_sha256"])[:64]
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        log.warning("The vectors of annotation %s were refused: %r.", annotation_id, error)
        return False
    store(annotation_id, *digests, numbers, vectors)
    return True


def _checked(answer: Answer) -> tuple[bytes, bytes]:
    """Numbers and vectors as a row holds them; raises ValueError and its like for anything else."""
    numbers = np.array(answer["numbers"], np.int64)
    if numbers.size and (numbers.min() < 1 or numbers.max() > 65_000 or (np.diff(numbers) <= 0).any()):
        raise ValueError("numbers")
    vectors = base64.b64decode(answer["vectors"], validate=True)
    dim = int(answer["dim"])
    if not 0 < dim <= LARGEST_DIM or len(vectors) != 2 * dim * numbers.size:
        raise ValueError("dim")
    if not np.isfinite(np.frombuffer(vectors, "<f2")).all():
        raise ValueError("not finite")
    return numbers.astype("<u2").tobytes(), vectors


def store(annotation_id: int, map_sha256: str, model_sha256: str, numbers: bytes, vectors: bytes) -> None:
    """Keep vectors in place of older ones; what those had added to the project's sums is exchanged."""
    with one_save_at_a_time(), transaction.atomic():
        older = MaskVectors.objects.select_for_update().filter(pk=annotation_id).first()
        if older is not None:
            recount(older, {})
        MaskVectors.objects.update_or_create(
            annotation_id=annotation_id,
            defaults={
                "map_sha256": map_sha256,
                "model_sha256": model_sha256,
                "numbers": numbers,
                "vectors": vectors,
                "counted": {},
            },
        )
    count_names(annotation_id)


def _map_key(annotation_id: int) -> str:
    """One file an annotation, so that a question that is lost leaves no more than that."""
    return f"questions/map-of-annotation-{annotation_id}.elm.gz"


def _picture(image: Image) -> dict[str, Any]:
    """Where the worker reads the whole image: of a large one, a level of its pyramid."""
    halvings = 0
    while min(image.width, image.height) >> (halvings + 1) >= SHORT_SIDE:
        halvings += 1
    whole = {"image_key": image.file_key, "view": [0, 0, image.width, image.height], "scale": 1 << halvings}
    if not halvings:
        return whole
    level = (max(image.width, image.height) - 1).bit_length() - halvings
    tiles = [
        [max(0, column * TILE - OVERLAP), max(0, row * TILE - OVERLAP), *place]
        for (at, column, row), place in tile_places(image.pyramid_key).items()
        if at == level
    ]
    return {**whole, "pyramid_key": image.pyramid_key, "tiles": tiles}
