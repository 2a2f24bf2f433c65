"""What a model saw besides what it painted: every query's mask of a prediction, kept as one file."""

import gzip
import math
import zlib
from typing import Any

import orjson
from botocore.exceptions import ClientError
from django.utils.translation import gettext as _

from annotation_server import media
from annotation_server.annotation.models import Annotation
from annotation_server.errors import NotFound
from annotation_server.segmentation.rle import BadRle, counts_of

LARGEST_FILE = 8 << 20
LARGEST_TEXT = 64 << 20
MOST_CANDIDATES = 1000
LONGEST_SIDE = 2048


class BadAlternatives(ValueError):
    """The worker's file is not what docs/model.md says; the sentence says why."""


def keep(annotation: Annotation, result_key: str) -> None:
    """Keep the alternatives that the worker wrote for a prediction, if it wrote any.

    What cannot be read is left out: the prediction itself is whole without it.
    """
    key = f"{result_key}.alternatives.json.gz"
    try:
        content = media.read(key)
        check(content, annotation.image.width, annotation.image.height)
    except (FileNotFoundError, ClientError, BadAlternatives):
        content = b""
    if content:
        annotation.alternatives_key = f"{annotation.image.folder}/alternatives/{annotation.pk}.json.gz"
        media.write(annotation.alternatives_key, content)
        annotation.save(update_fields=["alternatives_key"])


def read(annotation: Annotation) -> bytes:
    """The gzipped JSON of a prediction's alternatives; raises NotFound (``no_alternatives``)."""
    try:
        if annotation.alternatives_key:
            return media.read(annotation.alternatives_key)
    except (FileNotFoundError, ClientError):
        pass
    raise NotFound(
        _("This prediction was stored without alternatives. Ask the model about the place instead."),
        code="no_alternatives",
    )


def check(content: bytes, width: int, height: int) -> None:
    """Refuse a file that is not the candidates of a whole image of this size; raises BadAlternatives."""
    told = _decoded(content)
    try:
        if told["view"] != [0, 0, width, height] or not isinstance(told["split"], bool):
            raise BadAlternatives("It is about another image.")
        candidates, stride = told["candidates"], int(told["stride"])
        cells = [-(-height // stride), -(-width // stride)] if stride > 0 else []
        if not cells or max(cells) > LONGEST_SIDE:
            raise BadAlternatives(f"Its masks have {cells} cells.")
        if len(candidates) > MOST_CANDIDATES:
            raise BadAlternatives(f"It has {len(candidates)} candidates.")
        for candidate in candidates:
            _check_candidate(candidate, cells)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadAlternatives(f"It cannot be read: {error!r}.") from error


def _check_candidate(candidate: dict[str, Any], cells: list[int]) -> None:
    score, box, rle = candidate["score"], candidate["bbox"], candidate["rle"]
    if not (isinstance(score, int | float) and math.isfinite(score) and 0 <= score <= 1):
        raise BadAlternatives(f"{score!r} is no score.")
    if len(box) != 4 or not all(isinstance(side, int) for side in box):
        raise BadAlternatives(f"{box!r} is no box.")
    if rle["size"] != cells:
        raise BadAlternatives(f"A mask has {rle['size']!r} cells instead of {cells}.")
    if not isinstance(rle["counts"], str):
        raise BadAlternatives("Its counts are no text.")
    try:
        counts_of(rle)
    except BadRle as error:
        raise BadAlternatives(str(error)) from error


def _decoded(content: bytes) -> dict[str, Any]:
    if len(content) > LARGEST_FILE:
        raise BadAlternatives(f"It has {len(content)} bytes.")
    try:
        inflate = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        text = inflate.decompress(content, LARGEST_TEXT)
        if inflate.unconsumed_tail:
            raise BadAlternatives("It inflates to too much.")
        told = orjson.loads(text)
    except (zlib.error, orjson.JSONDecodeError, gzip.BadGzipFile) as error:
        raise BadAlternatives("It is not gzipped JSON.") from error
    if not isinstance(told, dict):
        raise BadAlternatives("It is not an object.")
    return told
